"""The open book (打开的工作簿), read as grids and written in blocks, a call of COM each: calls are what a press costs.

Writes the columns right of ‖ and the sheets the tool owns, nothing else, after a backup; leaves the program's settings
as it found them. Decides nothing: cells come from ``publish/owned`` and ``excel/draw``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_jifen import layout
from xl_jifen.disk import links, save
from xl_jifen.disk.folders import BACKUPS
from xl_jifen.excel.live.comvalue import handed
from xl_jifen.excel.live.painted import Painted, blocks
from xl_jifen.excel.live.program import is_busy, is_refusal, path_of, plainly, said, wait_until_ready
from xl_jifen.excel.live.ranges import cells_of, merged_of, together, used_of, values_of
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Cell, Grid, Grids, Place, Range, column_letters
from xl_jifen.publish.owned.marks import Mark, Marks, changed
from xl_jifen.publish.sheet import GENERAL, INK, TEXT, Sheet

if TYPE_CHECKING:
    import xlwings as xw

READ_CELLS = 500_000
"""Cells a read: a sheet formatted down to its last row is read in pieces."""
MOST_CELLS = 16_000_000
LONG_TEXT = 8_000
"""Characters from which a text is written by itself: Excel refuses longer ones within a block."""
SET_UP = frozenset(s.name for s in layout.SHEETS) - {s.name for s in (*layout.ENTERED, layout.EXCHANGES)}
"""Rules and people, where nobody types times or merges rows: not asked about, for each question is a call."""
VISIBLE, MIDDLE = -1, -4108
"""xlSheetVisible and xlCenter."""


def sheets_of(book: xw.Book) -> list[tuple[str, Any]]:
    """Name and COM object of every worksheet, in the book's order."""
    listed: Any = book.api.Worksheets
    each = [listed(number) for number in range(1, int(listed.Count) + 1)]
    return [(str(sheet.Name), sheet) for sheet in each]


def sheet_of(book: xw.Book, name: str) -> Any:
    """The COM object of a sheet; None if the book has none of that name."""
    try:
        return book.api.Worksheets(name)
    except Exception as error:
        if is_busy(error):
            raise
        return None


def show(book: xw.Book, name: str) -> None:
    """Bring a sheet before the user's eyes, if the book has it and does not hide it."""
    sheet = sheet_of(book, name) if name else None
    if sheet is not None and sheet.Visible == VISIBLE:
        sheet.Activate()


def charts_of(book: xw.Book, name: str) -> int:
    """How many charts a sheet has."""
    sheet = sheet_of(book, name)
    return 0 if sheet is None else int(sheet.ChartObjects().Count)


# -- reading ------------------------------------------------------------------------------------------------------


def read(book: xw.Book) -> Grids:
    """The sheets of ``layout.SHEETS``, and their copies, in the book's order, unsaved cells and all. Raises JifenError.

    Cells are as :func:`xl_jifen.excel.read.file.read_grids` gives them, but formulas have their value of this moment.
    """
    with plainly():
        wait_until_ready(book)
        return Grids(tuple(_grid(sheet, name) for name, sheet in sheets_of(book) if layout.meant(name)))


def _grid(sheet: Any, name: str) -> Grid:
    used, area = used_of(sheet)
    if area.bottom * area.right > MOST_CELLS:
        raise CannotRead(f"工作表“{name}”的内容散得太开，请删去数据下方和右侧多余的行、列后再试。")
    rows: list[tuple[Cell, ...]] = [()] * (area.top - 1)
    step = max(1, READ_CELLS // area.right)
    for first in range(area.top, area.bottom + 1, step):
        piece = area._replace(top=first, bottom=min(first + step - 1, area.bottom))
        values = values_of(sheet, piece, used if piece == area else None, timed=name not in SET_UP)
        rows += (_trimmed(row, area.left - 1) for row in values)
    while rows and not rows[-1]:
        rows.pop()
    return Grid(name, rows, () if name in SET_UP else merged_of(sheet, area, used))


def _trimmed(read: list[Cell], blanks: int) -> tuple[Cell, ...]:
    cells = [None] * blanks + read
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


# -- writing ------------------------------------------------------------------------------------------------------


def write(book: xw.Book, grids: Grids, marks: Mapping[str, Marks], sheets: Sequence[Sheet], now: datetime) -> Path:
    """Write owned sheets and then owned cells (by sheet) into the book, and return the backup. Raises CannotWrite.

    ``grids`` are the book as it was read: cells that hold their mark already are left alone. Nothing is saved: that
    stays with the user. The backup is the book as it is now, in 备份/ beside it, named by ``now``. Where the program
    refuses midway, the sentence says what was written, what was not, and where the backup lies.
    """
    path = path_of(book)
    changes = {name: changed(grids.get(name), cells) for name, cells in marks.items()}
    changes = {name: cells for name, cells in changes.items() if cells}
    with plainly():
        wait_until_ready(book)
        there = {name: sheet_of(book, name) for name in (*changes, *(sheet.name for sheet in sheets))}
        _ensure_open(book, {name: there[name] for name in changes}, {s.name: there.get(s.name) for s in sheets})
        backup = _back_up(book, path, now)
        steps = [sheet.name for sheet in sheets] + list(changes)
        with _quietly(book.app), _midway(book, steps, backup) as done:
            for sheet in sheets:
                _draw(book, there.get(sheet.name), Painted(sheet))
                done.append(sheet.name)
            for name, cells in changes.items():
                _write_marks(there[name], name, marks[name], cells)
                done.append(name)
    return backup


@contextmanager
def _midway(book: xw.Book, steps: Sequence[str], backup: Path) -> Iterator[list[str]]:
    """Collects the sheets that are done; a failure on the way becomes a sentence that tells them from the others."""
    done: list[str] = []
    try:
        yield done
    except Exception as error:
        if not (is_refusal(error) or is_busy(error) or isinstance(error, CannotWrite)):
            raise
        why = str(error).rstrip("。") if isinstance(error, CannotWrite) else said(error)
        at, rest = steps[len(done)], steps[len(done) + 1 :]
        words = [f"写“{at}”时 Excel 没有照办：{why}"]
        if done:
            words.append(f"已经写好的有：{'、'.join(done)}")
        if rest:
            words.append(f"没有动的有：{'、'.join(rest)}")
        words.append(
            f"请不要保存，关闭工作簿再打开，就回到写入以前；写入以前的备份在“{backup.parent.name}/{backup.name}”，"
            "也可以关闭文件后运行 xl-jifen recalc"
        )
        raise CannotWrite("；".join(words) + "。") from error


def _ensure_open(book: xw.Book, marked: Mapping[str, Any], owned: Mapping[str, Any]) -> None:
    """Raise CannotWrite, before anything is written, if a sheet or the book is protected."""
    for name, sheet in (*marked.items(), *owned.items()):
        if sheet is not None and sheet.ProtectContents:
            raise CannotWrite(f"工作表“{name}”设了保护，写不进结果；请在“审阅”中撤销工作表保护后再试。")
    if None in owned.values() and book.api.ProtectStructure:
        raise CannotWrite("工作簿的结构设了保护，不能新建结果表；请在“审阅”中撤销工作簿保护后再试。")


def _back_up(book: xw.Book, path: Path, now: datetime) -> Path:
    """The book as it is in the program, unsaved changes and all, where ``disk/save`` puts backups."""
    folder = path.parent / BACKUPS
    links.ensure_writable(folder)
    try:
        folder.mkdir(exist_ok=True)
        target = next(name for name in save.backup_names(path, now) if not name.exists())
        book.api.SaveCopyAs(str(target))
        if not target.stat().st_size:
            raise OSError("empty")
        save.prune(path, save.BACKUPS_KEPT, target)
    except Exception as error:
        if is_busy(error):
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


# -- owned cells --------------------------------------------------------------------------------------------------


def _write_marks(sheet: Any, name: str, marks: Marks, changes: Marks) -> None:
    """One block a run of a column; what the sheet then does not show is written cell by cell, and looked at again.

    Rows hidden by a filter make the outcome of a block uncertain, so that there only single cells are written.
    """
    if sheet.FilterMode:
        _write_cells(sheet, changes)
    else:
        _write_runs(sheet, _stretched(marks, changes))
    wrong = _not_shown(sheet, changes)
    if wrong:
        _write_cells(sheet, wrong, reset=True)
        for row, column in _not_shown(sheet, wrong):
            place = Place(name, row, column)
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


def _write_runs(sheet: Any, marks: Marks) -> None:
    """Blocks of text, which stays text whatever it looks like, and of numbers; blank cells go with those above."""
    kinds: dict[tuple[int, int], object] = {}
    for row, column in sorted(marks, key=lambda place: place[::-1]):
        mark, above = marks[row, column], kinds.get((row - 1, column), False)
        if isinstance(mark, str) and len(mark) > LONG_TEXT:
            kinds[row, column] = row, column
        else:
            kinds[row, column] = above if mark in (None, "") else isinstance(mark, str)
    for block, kind in blocks(kinds):
        rows, columns = range(block.top, block.bottom + 1), range(block.left, block.right + 1)
        content = [[marks[row, column] for column in columns] for row in rows]
        _put(cells_of(sheet, block), content, as_text=bool(kind))


def _write_cells(sheet: Any, marks: Marks, *, reset: bool = False) -> None:
    """Cell by cell; with ``reset`` numbers lose a format that made something else of them."""
    for (row, column), mark in marks.items():
        cell = cells_of(sheet, Range(row, column, row, column))
        if reset and not isinstance(mark, str):
            cell.NumberFormat = GENERAL
        _put(cell, [[mark]], as_text=isinstance(mark, str))


def _put(cells: Any, rows: list[list[Mark]], *, as_text: bool) -> None:
    """Values into a range. A text cell keeps any text as it is; afterwards the cells have the format they had."""
    shown = cells.NumberFormat if as_text else TEXT
    if shown != TEXT:
        cells.NumberFormat = TEXT
    cells.Value2 = rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]
    if isinstance(shown, str) and shown != TEXT:
        cells.NumberFormat = shown


def _not_shown(sheet: Any, marks: Marks) -> dict[tuple[int, int], Mark]:
    rows, columns = [row for row, _ in marks], [column for _, column in marks]
    area = Range(min(rows), min(columns), max(rows), max(columns))
    there = (_trimmed(row, area.left - 1) for row in values_of(sheet, area))
    return changed(Grid("", (*[()] * (area.top - 1), *there)), marks)


# -- owned sheets -------------------------------------------------------------------------------------------------


def _draw(book: xw.Book, sheet: Any, painted: Painted) -> None:
    """An owned sheet: all of its cells by one write, then its look. Charts that are there stay as they are."""
    is_new, said = sheet is None, painted.sheet
    if sheet is None:
        sheet = _added(book)
    try:
        if is_new:
            sheet.Name = said.name
        else:
            _clear(sheet)
        _fill(sheet, painted, from_1904=bool(book.api.Date1904))
        if is_new or not said.charts or not sheet.ChartObjects().Count:
            _measure(sheet, painted)  # charts are tied to the cells below them: other widths and heights bend them
    except Exception:
        if is_new:
            with suppress(Exception):
                sheet.Delete()
        raise


def _added(book: xw.Book) -> Any:
    """A new sheet behind 使用说明 and the results that are there; never moved, for Excel moves no very hidden sheet."""
    front = (layout.GUIDE, *layout.OWNED_SHEETS)
    names = [name for name, _ in sheets_of(book)]
    behind = max((number for number, name in enumerate(names, 1) if name in front), default=0) + 1
    listed: Any = book.api.Worksheets
    return listed.Add(listed(behind)) if behind <= len(names) else listed.Add()


def _clear(sheet: Any) -> None:
    if sheet.FilterMode:
        sheet.ShowAllData()
    sheet.Hyperlinks.Delete()
    sheet.Cells.Clear()


def _fill(sheet: Any, painted: Painted, *, from_1904: bool) -> None:
    """The cells: texts under the text format, so that they stay texts; then each has the format it has in a file."""
    formats, loosened = painted.formats()
    looks, values = painted.looks(), handed(painted.matrix, from_1904=from_1904)
    for code, areas in formats.items():
        for cells in together(sheet, areas):
            cells.NumberFormat = code
    cells_of(sheet, Range(1, 1, *painted.size)).Value2 = values
    for cells in together(sheet, loosened):
        cells.NumberFormat = GENERAL
    for look, areas in looks.items():
        for cells in together(sheet, areas):
            if look.bold or look.ink != INK:
                font = cells.Font
                if look.bold:
                    font.Bold = True
                if look.ink != INK:
                    font.Color = _bgr(look.ink)
            if look.fill:
                cells.Interior.Color = _bgr(look.fill)


def _bgr(color: str) -> int:
    """A colour ``#RRGGBB`` as Excel numbers it."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red + (green << 8) + (blue << 16)


def _measure(sheet: Any, painted: Painted) -> None:
    """Widths of columns; heights of rows whose texts are wrapped."""
    for width, columns in groupby(painted.widths, key=lambda pair: pair[1]):
        numbers = [column for column, _ in columns]
        sheet.Range(f"{column_letters(numbers[0])}:{column_letters(numbers[-1])}").ColumnWidth = width
    if not painted.sheet.charts:
        table = cells_of(sheet, Range(painted.table, 1, *painted.size))
        table.WrapText = True
        table.VerticalAlignment = MIDDLE
        table.Rows.AutoFit()
