"""The open book (打开的工作簿), read as grids and written in blocks: the one module here that knows xlwings.

Writes the columns right of ‖ and the sheets the tool owns, nothing else, after a backup; leaves the program's settings
as it found them, and every process alone. Decides nothing: cells come from ``publish/marks`` and ``excel/canvas``.
Over 400 lines, because no other module may know xlwings.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xl_jifen import layout
from xl_jifen.disk import links, save
from xl_jifen.disk.folders import BACKUPS
from xl_jifen.excel.draw.canvas import GENERAL, TEXT, Block, Canvas, blocks
from xl_jifen.excel.live.comvalue import cell_of
from xl_jifen.finding import CannotRead, CannotWrite, JifenError
from xl_jifen.grid import Cell, Grid, Grids, Place, column_letters, squeeze
from xl_jifen.publish.marks import Mark, Marks

if TYPE_CHECKING:
    import xlwings as xw

TITLE = "党员积分"
HOST = "XL_JIFEN_HOST"
"""Set to ``wps``, it attaches to WPS 表格 (``ket.Application``) instead of Excel. Not verified on a real machine."""

NO_EXCEL = (
    "这个按钮要在 Excel 打开的工作簿中使用，现在没有连接到它；"
    "请保存并关闭文件，再运行：xl-jifen recalc 文件名，效果相同。"
)
EDITING = "Excel 正忙：请先按 Enter 或 Esc 结束单元格编辑，并关闭打开着的对话框，再点一次按钮。"
UNSAVED = "这个工作簿还没有保存到本机的文件夹；请先保存（云端的文件请另存到本机），再点一次按钮。"

COM_ATTEMPTS = 2_000
"""How often xlwings repeats a call Excel rejects; by itself it would do so for ever."""
ATTEMPTS, PAUSE = 10, 0.2
"""How often, and how many seconds apart, the first call is tried while a cell is being edited."""
REJECTED = {-2147418111, -2146777998}
"""RPC_E_CALL_REJECTED, and the code Excel gives while a cell is being edited."""

READ_CELLS = 500_000
"""Cells a read: a sheet formatted down to its last row is read in pieces."""
MOST_CELLS = 16_000_000
LONG_TEXT = 8_000
"""Characters from which a text is written by itself: Excel refuses longer ones within a block."""
WORKBOOKS = "工作簿 (*.xlsx;*.xlsm),*.xlsx;*.xlsm"
"""What the dialog that asks for a workbook offers, as Excel takes it: a name and the patterns."""
LONGEST_MESSAGE = 900
"""Characters a message box shows."""

HEAVY = ("pandas", "numpy", "matplotlib", "PIL", "polars", "plotly")
"""What xlwings imports where it is installed, and what nothing here needs."""

# -- the book -----------------------------------------------------------------------------------------------------


def xlwings() -> ModuleType:
    """The library, imported without the heavy ones it only offers to work with. Raises CannotRead if it is missing."""
    blocked = [name for name in HEAVY if name not in sys.modules] if "xlwings" not in sys.modules else []
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        import xlwings as library
    except ImportError as error:
        raise CannotRead("没有安装 xlwings，不能直接操作打开的工作簿；请运行 pip install xlwings==0.37.8。") from error
    finally:
        for name in blocked:
            sys.modules.pop(name, None)
    _tame()
    return library


def _tame() -> None:
    """Let xlwings give up some time, and keep it from ending other people's Excel when Python exits."""
    platform: Any = sys.modules.get("xlwings._xlwindows")
    if platform is not None:
        platform.N_COM_ATTEMPTS = COM_ATTEMPTS
        atexit.unregister(platform.cleanup)


def caller() -> xw.Book:
    """The book whose button was pressed. Raises CannotRead where there is none, with what to do instead."""
    library = xlwings()
    try:
        book: xw.Book = _wps_book(library) if os.environ.get(HOST, "").lower() == "wps" else library.Book.caller()
    except Exception as error:  # xlwings says it with AttributeError, KeyError, bare Exception or com_error
        raise CannotRead(EDITING if _is_busy(error) else NO_EXCEL) from error
    return book


def _wps_book(library: Any) -> xw.Book:
    """The calling book in a running WPS 表格, which xlwings does not look for by itself."""
    from win32com.client import GetActiveObject  # type: ignore[import-untyped]

    platform = library._xlwindows
    running = platform.COMRetryObjectWrapper(GetActiveObject("ket.Application"))
    app = library.App(impl=platform.App(xl=running, add_book=False))
    name = next((arg.partition("=")[2] for arg in sys.argv if arg.startswith("--wb=")), "").strip()
    book: xw.Book = app.books[name] if name else app.books.active
    return book


def path_of(book: xw.Book) -> Path:
    """Where the book lies on this machine; its folder leaves Python's search path. Raises CannotWrite if nowhere."""
    try:
        path = Path(book.fullname)
    except Exception as error:
        raise CannotWrite(EDITING if _is_busy(error) else UNSAVED) from error
    if not path.is_absolute() or not path.is_file():
        raise CannotWrite(UNSAVED)
    # A stray json.py beside the workbook must not be what Python imports.
    sys.path[:] = [entry for entry in sys.path if entry and not _is_beside(entry, path)]
    return path


def _is_beside(entry: str, path: Path) -> bool:
    return os.path.normcase(entry) in (os.path.normcase(path.parent), os.path.normcase(path.with_suffix(".zip")))


def show(book: xw.Book, sheet: str) -> None:
    """Bring a sheet before the user's eyes, if the book has it."""
    if sheet in [each.name for each in book.sheets]:
        book.sheets[sheet].activate()


def tell(book: xw.Book, words: str, *, trouble: bool = False) -> None:
    """A message box."""
    shown = words if len(words) <= LONGEST_MESSAGE else f"{words[:LONGEST_MESSAGE]}…"
    book.app.alert(shown, TITLE, mode="critical" if trouble else "info")


def ask_for_workbook(book: xw.Book, title: str) -> Path | None:
    """The workbook the user chooses in the program's own dialog; None if they think better of it."""
    chosen = book.app.api.GetOpenFilename(WORKBOOKS, 1, title)
    return Path(chosen) if isinstance(chosen, str) else None  # a cancelled dialog gives False


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong between us and the program becomes one plain sentence: JifenError."""
    try:
        yield
    except JifenError:
        raise
    except Exception as error:
        if _is_busy(error):
            raise CannotWrite(EDITING) from error
        if type(error).__name__ == "com_error":
            raise CannotWrite(f"Excel 没有照办：{_said(error)}；请保存并关闭文件，再运行 xl-jifen recalc。") from error
        raise


def _is_busy(error: Exception) -> bool:
    details = error.args[2] if type(error).__name__ == "com_error" and len(error.args) > 2 else None
    codes: set[object] = {getattr(error, "hresult", None), details[5] if details else None}
    return bool(codes & REJECTED) or type(error).__name__ == "ExcelBusyError"


def _said(error: Exception) -> str:
    details = error.args[2] if len(error.args) > 2 else None
    return str((details and details[2]) or (error.args[1] if len(error.args) > 1 else error)).strip("。 ")


def _wait_until_ready(book: xw.Book) -> None:
    """Raise CannotWrite if a cell is being edited, and stays so."""
    for attempt in range(ATTEMPTS):
        try:
            if book.app.api.Ready:
                return
        except Exception as error:
            if not _is_busy(error):
                raise
        if attempt < ATTEMPTS - 1:
            time.sleep(PAUSE)
    raise CannotWrite(EDITING)


# -- reading ------------------------------------------------------------------------------------------------------


def read(book: xw.Book) -> Grids:
    """The sheets of ``layout.SHEETS`` in the book's order, unsaved cells and all. Raises JifenError.

    Cells are as :func:`xl_jifen.excel.read.file.read_grids` gives them, but formulas have their value of this moment.
    """
    contract = {squeeze(sheet.name) for sheet in layout.SHEETS}
    with plainly():
        _wait_until_ready(book)
        named = [(sheet.name, sheet) for sheet in book.sheets]
        return Grids(tuple(Grid(name, _rows(sheet, name)) for name, sheet in named if squeeze(name) in contract))


def _rows(sheet: xw.Sheet, name: str) -> list[tuple[Cell, ...]]:
    end = sheet.used_range.last_cell
    last, columns = int(end.row), int(end.column)
    if last * columns > MOST_CELLS:
        raise CannotRead(f"工作表“{name}”的内容散得太开，请删去数据下方和右侧多余的行、列后再试。")
    rows: list[tuple[Cell, ...]] = []
    step = max(1, READ_CELLS // columns)
    for first in range(1, last + 1, step):
        rows += map(_trimmed, _block(sheet, Block(first, 1, min(first + step - 1, last), columns)))
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _block(sheet: xw.Sheet, block: Block) -> Sequence[Sequence[Any]]:
    """The raw values of a rectangle, as rows, by one call."""
    raw = _range(sheet, block).raw_value
    if not isinstance(raw, list | tuple):
        return ((raw,),)
    return raw if raw and isinstance(raw[0], list | tuple) else (raw,)


def _range(sheet: xw.Sheet, block: Block) -> xw.Range:
    return sheet.range(block[:2], block[2:])


def _trimmed(raw: Sequence[Any]) -> tuple[Cell, ...]:
    cells = [cell_of(value) for value in raw]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


# -- writing ------------------------------------------------------------------------------------------------------


def write(book: xw.Book, grids: Grids, marks: Mapping[str, Marks], canvases: Sequence[Canvas], now: datetime) -> Path:
    """Write owned cells (by sheet) and owned sheets into the book, and return the backup. Raises CannotWrite.

    ``grids`` are the book as it was read: cells that hold their mark already are left alone. Nothing is saved: that
    stays with the user. The backup is the book as it is now, in 备份/ beside it, named by ``now``.
    """
    path = path_of(book)
    changes = {name: _changes(grids, name, cells) for name, cells in marks.items()}
    changes = {name: cells for name, cells in changes.items() if cells}
    with plainly():
        _wait_until_ready(book)
        sheets = {sheet.name: sheet for sheet in book.sheets}
        _ensure_open(book, [sheets[name] for name in changes], [sheets.get(canvas.name) for canvas in canvases])
        backup = _back_up(book, path, now)
        with _quietly(book.app):
            for name, cells in changes.items():
                _write_marks(sheets[name], marks[name], cells)
            for canvas in canvases:
                _draw(book, sheets.get(canvas.name), canvas)
    return backup


def _ensure_open(book: xw.Book, marked: Sequence[xw.Sheet], owned: Sequence[xw.Sheet | None]) -> None:
    """Raise CannotWrite, before anything is written, if a sheet or the book is protected."""
    for sheet in (*marked, *filter(None, owned)):
        if sheet.api.ProtectContents:
            raise CannotWrite(f"工作表“{sheet.name}”设了保护，写不进结果；请在“审阅”中撤销工作表保护后再试。")
    if None in owned and book.api.ProtectStructure:
        raise CannotWrite("工作簿的结构设了保护，不能新建结果表；请在“审阅”中撤销工作簿保护后再试。")


def _back_up(book: xw.Book, path: Path, now: datetime) -> Path:
    """The book as it is in the program, unsaved changes and all, where ``excel/save`` puts backups."""
    folder = path.parent / BACKUPS
    links.ensure_writable(folder)
    stamp = f"{path.stem}.{now:%Y%m%d-%H%M%S}"
    target, count = folder / f"{stamp}{path.suffix}", 1
    try:
        folder.mkdir(exist_ok=True)
        while target.exists():
            count += 1
            target = folder / f"{stamp}-{count}{path.suffix}"
        book.api.SaveCopyAs(str(target))
        if not target.stat().st_size:
            raise OSError("empty")
        save.prune(path, save.BACKUPS_KEPT, target)
    except Exception as error:
        if _is_busy(error):
            raise
        raise CannotWrite(f"没能在“{folder}”中备份，所以没有写入；请检查文件夹的权限和磁盘空间。") from error
    return target


@contextmanager
def _quietly(app: xw.App) -> Iterator[None]:
    """No recalculation, redrawing, events or questions meanwhile; afterwards the settings are as they were."""
    calm = {"enable_events": False, "screen_updating": False, "display_alerts": False, "calculation": "manual"}
    before: dict[str, Any] = {}
    try:
        for name, value in calm.items():
            before[name] = getattr(app, name)
            setattr(app, name, value)
        yield
    finally:
        for name, value in reversed(before.items()):
            with suppress(Exception):  # each is restored, whatever became of the others
                setattr(app, name, value)
        if before.get("calculation") == "manual":
            with suppress(Exception):
                app.calculate()


def _changes(grids: Grids, name: str, marks: Marks) -> dict[tuple[int, int], Mark]:
    """The marks that the sheet does not show already."""
    grid = grids.get(name)
    return {place: mark for place, mark in marks.items() if grid is None or not _shows(grid.at(*place), mark)}


def _shows(cell: Cell, mark: Mark) -> bool:
    content = _content(mark)
    if content is None:
        return cell is None
    if isinstance(content, str):
        return cell == content
    return isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell) == content


def _content(mark: Mark) -> str | float | None:
    """A mark as it is handed over: pywin32 would make Currency of a Decimal, and Excel a currency format of that."""
    if isinstance(mark, str):
        return mark.replace("\r\n", "\n").replace("\r", "\n") or None
    return None if mark is None else float(mark)


def _write_marks(sheet: xw.Sheet, marks: Marks, changed: Marks) -> None:
    """One block a run of a column; what the sheet then does not show is written cell by cell, and looked at again.

    Rows hidden by a filter make the outcome of a block uncertain, so that there only single cells are written.
    """
    if sheet.api.FilterMode:
        _write_cells(sheet, changed)
    else:
        _write_runs(sheet, _stretched(marks, changed))
    wrong = _not_shown(sheet, changed)
    if wrong:
        _write_cells(sheet, wrong, reset=True)
        for row, column in _not_shown(sheet, wrong):
            place = Place(sheet.name, row, column)
            raise CannotWrite(f"{place} 没有写成；请检查它是否在合并的单元格或数组公式中，改正后再点一次按钮。")


def _stretched(marks: Marks, changed: Marks) -> Marks:
    """The marks from the first to the last changed one of each run of a column: fewer blocks than the changed alone."""
    wanted: dict[tuple[int, int], Mark] = {}
    for run, _ in blocks(dict.fromkeys(marks, True)):
        for column in range(run.left, run.right + 1):
            rows = [row for row in range(run.top, run.bottom + 1) if (row, column) in changed]
            for row in range(min(rows), max(rows) + 1) if rows else ():
                wanted[row, column] = marks[row, column]
    return wanted


def _write_runs(sheet: xw.Sheet, marks: Marks) -> None:
    """Blocks of text, which stays text whatever it looks like, and of numbers; blank cells go with those above."""
    kinds: dict[tuple[int, int], object] = {}
    for row, column in sorted(marks, key=lambda place: place[::-1]):
        mark, above = marks[row, column], kinds.get((row - 1, column), False)
        if isinstance(mark, str) and len(mark) > LONG_TEXT:
            kinds[row, column] = row, column
        else:
            kinds[row, column] = above if mark in (None, "") else isinstance(mark, str)
    for block, kind in blocks(kinds):
        cells = _range(sheet, block)
        if kind:
            cells.number_format = TEXT
        columns = range(block.left, block.right + 1)
        cells.value = [[_content(marks[row, column]) for column in columns] for row in range(block[0], block[2] + 1)]


def _write_cells(sheet: xw.Sheet, marks: Marks, *, reset: bool = False) -> None:
    """Cell by cell; with ``reset`` numbers lose a format that made something else of them."""
    for (row, column), mark in marks.items():
        cell = sheet.range((row, column))
        if isinstance(mark, str) or reset:
            cell.number_format = TEXT if isinstance(mark, str) else GENERAL
        cell.value = _content(mark)


def _not_shown(sheet: xw.Sheet, marks: Marks) -> dict[tuple[int, int], Mark]:
    rows, columns = [row for row, _ in marks], [column for _, column in marks]
    area = Block(min(rows), min(columns), max(rows), max(columns))
    raw = _block(sheet, area)
    return {
        (row, column): mark
        for (row, column), mark in marks.items()
        if not _shows(cell_of(raw[row - area.top][column - area.left]), mark)
    }


def _draw(book: xw.Book, sheet: xw.Sheet | None, canvas: Canvas) -> None:
    """An owned sheet: all of its cells by one write, then its look. Charts that are there stay as they are."""
    is_new = sheet is None
    if sheet is None:
        sheet = book.sheets.add(canvas.name, after=book.sheets[len(book.sheets) - 1])
    else:
        if sheet.api.FilterMode:
            sheet.api.ShowAllData()
        sheet.api.Hyperlinks.Delete()
        sheet.clear()
    for block, code in canvas.formats():
        _range(sheet, block).number_format = code
    area = _range(sheet, Block(1, 1, *canvas.size))
    area.value = canvas.matrix()
    for block, look in canvas.looks():
        cells = _range(sheet, block)
        if look.bold:
            cells.font.bold = True
        if look.ink:
            cells.font.color = look.ink
        if look.fill:
            cells.color = look.fill
    if canvas.charts and not is_new:
        return  # charts are tied to the cells below them: other widths and heights would bend them
    for width, columns in groupby(sorted(canvas.widths.items()), key=lambda pair: pair[1]):
        numbers = [column for column, _ in columns]
        sheet.range(f"{column_letters(numbers[0])}:{column_letters(numbers[-1])}").column_width = width
    if not canvas.charts:
        table = _range(sheet, Block(canvas.table, 1, *canvas.size))
        table.wrap_text = True
        table.vertical_alignment = "center"
        table.rows.autofit()


# -- the real host, for the doctor --------------------------------------------------------------------------------


@contextmanager
def scratch_book() -> Iterator[xw.Book]:
    """A new book in a program of its own, which is ended afterwards. Raises CannotRead where there is none."""
    library = xlwings()
    try:
        app = library.App(visible=False, add_book=True)
    except Exception as error:
        raise CannotRead("没有连接到 Excel；请在装有 Excel 的 Windows 电脑上运行 xl-jifen doctor --live。") from error
    try:
        yield app.books[0]
    finally:
        with suppress(Exception):
            app.display_alerts = False
        app.quit()
