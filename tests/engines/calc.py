"""The same xlwings engine on a live LibreOffice Calc, through UNO: formulas calculate, files open and save.

Where a cell differs from Excel's (``setDataArray`` knows no typing, no booleans, no errors) Excel's way is imitated
with ``memory.typed``. Needs the module ``uno``; see :func:`has_uno`. The office is one of our own and ended by its id.
Over 400 lines for the reason ``memory`` gives.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from xlwings import base_classes, utils

from . import com, memory
from .memory import EPOCH, ERRORS, ErrorCode

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
IS_DATE, IS_TEXT = 2, 256  # com.sun.star.util.NumberFormat
DAYS, ALL_CONTENTS = 2, 1023  # com.sun.star.sheet.CellFlags
FORMULA_FIGURES, FORMULA_ERRORS = 1, 4  # com.sun.star.sheet.FormulaResult
SPELLED = {532: "#DIV/0!", 32767: "#N/A", 525: "#NAME?", 524: "#REF!", 519: "#VALUE!", 503: "#NUM!", 502: "#NUM!"}


def has_uno() -> bool:
    """Whether this Python can load UNO, if need be from where Debian puts it."""
    for _ in range(2):
        try:
            import uno  # noqa: F401
        except ImportError:
            if SYSTEM_PACKAGES in sys.path:
                return False
            sys.path.append(SYSTEM_PACKAGES)
        else:
            return True
    return False


class Office:
    """A LibreOffice of its own, with its own profile, on a pipe."""

    def __init__(self, soffice: str, profile: Path) -> None:
        import uno

        name = f"xljifen{profile.stat().st_ino}"
        command = [soffice, "--headless", "--norestore", "--nodefault", f"-env:UserInstallation={profile.as_uri()}"]
        command.append(f"--accept=pipe,name={name};urp;StarOffice.ComponentContext")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(300):
            with suppress(Exception):
                self.context = resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
                break
            time.sleep(0.1)
        self.desktop = self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)

    def convert(self, file: Path, saved: Path, written: str, options: str = "") -> None:
        """Save a file as that filter of LibreOffice writes it, by its options."""
        document = self.desktop.loadComponentFromURL(_url(file), "_blank", 0, _properties(Hidden=True))
        document.storeToURL(_url(saved), _properties(FilterName=written, FilterOptions=options))
        document.close(True)

    def shown(self, file: Path, sheets: Iterable[str]) -> dict[str, dict[str, object]]:
        """What each of these sheets shows, by the cell's name; errors as they are spelled."""
        document = self.desktop.loadComponentFromURL(_url(file), "_blank", 0, _properties(Hidden=True))
        told = {}
        for name in sheets:
            page = document.Sheets.getByName(name)
            cursor = page.createCursor()
            cursor.gotoEndOfUsedArea(False)
            end = cursor.RangeAddress
            used = page.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
            cells = {
                f"{utils.col_name(column)}{row}": value
                for row, line in enumerate(used.getDataArray(), 1)
                for column, value in enumerate(line, 1)
                if value != ""
            }
            for area in used.queryFormulaCells(FORMULA_ERRORS).RangeAddresses:
                for row in range(area.StartRow, area.EndRow + 1):
                    for column in range(area.StartColumn, area.EndColumn + 1):
                        code = page.getCellByPosition(column, row).getError()
                        cells[f"{utils.col_name(column + 1)}{row + 1}"] = SPELLED.get(code, "#VALUE!")
            told[name] = cells
        document.close(True)
        return told

    def megabytes(self) -> int:
        """What its largest process has in memory; 0 where the system does not say."""
        largest, waiting = 0, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            with suppress(OSError):
                largest = max(largest, int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]))
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (thread / "children").read_text("ascii").split())
        return largest * os.sysconf("SC_PAGE_SIZE") >> 20 if largest else 0

    def stop(self) -> None:
        """End this office and no other."""
        with suppress(Exception):
            self.desktop.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _properties(**values: Any) -> tuple[Any, ...]:
    from com.sun.star.beans import PropertyValue

    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def _url(path: str | Path) -> str:
    return Path(path).resolve().as_uri()


class Engine(memory.Engine):
    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.apps = Apps(self)


class Apps(memory.Apps):
    def add(self, spec: Any = None, add_book: Any = None, xl: Any = None, visible: Any = None) -> App:
        app = App(self, next(self._pids))
        self._apps.insert(0, app)
        if add_book:
            app.books.add()
        return app


class App(memory.App):
    def __init__(self, apps: Any, pid: int) -> None:
        super().__init__(apps, pid)
        self._books = Books(self)

    @property
    def calculation(self) -> str:
        return "automatic" if self._books.active.document.isAutomaticCalculationEnabled() else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        self.engine.call("set", "calculation", value)
        for book in self._books:
            book.document.enableAutomaticCalculation(value == "automatic")

    def calculate(self) -> None:
        for book in self._books:
            book.document.calculateAll()

    def quit(self) -> None:
        for book in self._books:
            book.close()
        super().quit()


class Books(memory.Books):
    def _load(self, url: str) -> Any:
        return self.app.engine.office.desktop.loadComponentFromURL(
            url, "_blank", 0, _properties(Hidden=True, MacroExecutionMode=0)
        )

    def add(self) -> Book:
        return self._keep(Book(self, self._load("private:factory/scalc"), f"Book{len(self._books) + 1}", None))

    def open(self, fullname: str, *args: Any, **options: Any) -> Book:
        return self._keep(Book(self, self._load(_url(fullname)), Path(fullname).name, str(fullname)))


class Page(NamedTuple):
    """A sheet of the program's, and the ranges of it that were asked for, by row, column and shape."""

    sheet: Any
    ranges: dict[tuple[int, int, tuple[int, int]], Any]


class Book(base_classes.Book):
    """A document. Each object the program hands over takes it a millisecond, whatever is asked of it: they are kept."""

    def __init__(self, books: Books, document: Any, name: str, path: str | None) -> None:
        self.books, self.document, self._name, self._path = books, document, name, path
        self.listed, self.formats = document.Sheets, document.NumberFormats
        self.active_name = self.listed.ElementNames[0]
        self.pages: dict[str, Page] = {}
        self._types: dict[int, int] = {}
        self._keys: dict[str, int] = {}

    name = property(lambda self: self._name)
    fullname = property(lambda self: self._path or self._name)
    app = property(lambda self: self.books.app)
    sheets = property(lambda self: Sheets(self))

    @property
    def api(self) -> Any:
        return SimpleNamespace(
            SaveCopyAs=self._save_copy,
            ProtectStructure=bool(self.document.isProtected()),
            Date1904=self.day_zero.year == 1904,
            Worksheets=com.Worksheets(self),
        )

    @property
    def day_zero(self) -> dt.datetime:
        day = self.document.NullDate
        return dt.datetime(day.Year, day.Month, day.Day)

    def _save_copy(self, path: str) -> None:
        self.app.engine.call("copy", path)
        if self._path and not self.document.isModified():  # as it lies there
            shutil.copyfile(self._path, path)
            return
        self.document.storeToURL(_url(path), _properties(FilterName="Calc MS Excel 2007 XML"))

    def activate(self) -> None:
        self.books._books.remove(self)
        self.books._books.append(self)

    def close(self) -> None:
        self.books._books.remove(self)
        self.document.close(True)

    def format_key(self, code: str) -> int:
        import uno

        if code not in self._keys:
            english = uno.createUnoStruct("com.sun.star.lang.Locale")
            english.Language, english.Country = "en", "US"
            key = self.formats.queryKey(code, english, False)
            self._keys[code] = int(self.formats.addNew(code, english) if key == -1 else key)
        return self._keys[code]

    def format_type(self, key: int) -> int:
        if key not in self._types:
            self._types[key] = self.formats.getByKey(key).Type
        return self._types[key]


class Sheets(base_classes.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def active(self) -> Sheet:
        return self(self.book.active_name)

    def __call__(self, key: int | str) -> Sheet:
        names, pages = self.book.listed.ElementNames, self.book.pages
        name = names[key - 1] if isinstance(key, int) else key
        if name not in names:
            raise KeyError(key)
        if name not in pages:
            pages[name] = Page(self.book.listed.getByName(name), {})
        return Sheet(self.book, *pages[name])

    def __len__(self) -> int:
        return int(self.book.listed.getCount())

    def __iter__(self) -> Iterator[Sheet]:
        return (self(name) for name in self.book.listed.ElementNames)

    def insert(self, before: Sheet | None) -> Sheet:
        sheets = self.book.listed
        name = next(f"Sheet{number}" for number in itertools.count(1) if not sheets.hasByName(f"Sheet{number}"))
        self.book.app.engine.call("add", name)
        sheets.insertNewByName(name, before.index - 1 if before else 0)
        self.book.active_name = name
        return self(name)


class Sheet(base_classes.Sheet):
    def __init__(self, book: Book, page: Any, ranges: dict[tuple[int, int, tuple[int, int]], Any]) -> None:
        self._book, self.page, self.ranges = book, page, ranges

    name = property(lambda self: self.page.Name)
    book = property(lambda self: self._book)
    index = property(lambda self: self.page.RangeAddress.Sheet + 1)

    @property
    def api(self) -> Any:
        return com.Worksheet(self)

    is_protected = property(lambda self: bool(self.page.isProtected()))
    shown_as = property(
        lambda self: com.VISIBLE if self.page.IsVisible else com.HIDDEN,
        lambda self, state: setattr(self.page, "IsVisible", state == com.VISIBLE),
    )
    chart_count = property(lambda self: self.page.Charts.Count)

    def rename(self, name: str) -> None:
        self._book.app.engine.call("name", name)
        if self._book.active_name == self.name:
            self._book.active_name = name
        self._book.pages.pop(self.name, None)
        self.page.Name = name

    def delete(self) -> None:
        self._book.pages.pop(self.name, None)
        self._book.listed.removeByName(self.name)

    def range(self, first: Any, last: Any = None) -> Range:
        (top, left), (bottom, right) = memory.Sheet._corners(first)
        if last is not None:
            _, (bottom, right) = memory.Sheet._corners(last)
        return Range(self, top, left, bottom - top + 1, right - left + 1)

    @property
    def used_range(self) -> Range:
        cursor = self.page.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return Range(self, 1, 1, end.EndRow + 1, end.EndColumn + 1)

    def activate(self) -> None:
        self._book.active_name = self.name

    def clear(self) -> None:
        self._book.app.engine.call("clear", self.name)
        self.page.clearContents(ALL_CONTENTS)


class Range(memory.Area):
    @property
    def cells(self) -> Any:
        at, known = (self._row, self._column, self._shape), self.sheet.ranges
        if at not in known:
            right, bottom = self._column + self._shape[1] - 2, self._row + self._shape[0] - 2
            known[at] = self.sheet.page.getCellRangeByPosition(
                self._column - 1, self._row - 1, min(right, LAST_COLUMN - 1), min(bottom, LAST_ROW - 1)
            )
        return known[at]

    @property
    def formula(self) -> Any:
        return self.cells.getFormulaArray()

    @property
    def merge_cells(self) -> bool | None:
        """Calc tells of a range whether any is merged."""
        inside = self.merge_area
        if (inside.row, inside.column, *inside.shape) == (self._row, self._column, *self._shape):
            return None if self.cells.IsMerged else False
        return True if self._shape == (1, 1) else None

    @property
    def merge_area(self) -> Range:
        cursor = self.sheet.page.createCursorByRange(self.cells)
        cursor.collapseToMergedArea()
        at = cursor.RangeAddress
        rows, columns = at.EndRow - at.StartRow + 1, at.EndColumn - at.StartColumn + 1
        return type(self)(self.sheet, at.StartRow + 1, at.StartColumn + 1, rows, columns)

    def _within(self, area: Any) -> tuple[range, range]:
        """The rows and columns of an area, from 0 within the range."""
        rows = range(area.StartRow - self._row + 1, area.EndRow - self._row + 2)
        return rows, range(area.StartColumn - self._column + 1, area.EndColumn - self._column + 2)

    def _formats(self) -> Iterator[tuple[int, range, range]]:
        """The key of every number format in the range, with the rows and columns it covers.

        Each of the program's answers takes a while, and a sheet has hundreds of formats: asked in few words.
        """
        if self.cells.getPropertyState("NumberFormat").value != "AMBIGUOUS_VALUE":
            yield self.cells.NumberFormat, range(self._shape[0]), range(self._shape[1])
            return
        each = self.cells.getUniqueCellFormatRanges()
        for index in range(each.Count):
            alike = each.getByIndex(index)
            key = alike.NumberFormat
            for area in alike.RangeAddresses:
                yield key, *self._within(area)

    def _days(self) -> Iterator[tuple[range, range]]:
        """Where figures are shown as days, not as times of day."""
        figures = self.cells.queryContentCells(DAYS), self.cells.queryFormulaCells(FORMULA_FIGURES)
        for area in itertools.chain.from_iterable(found.RangeAddresses for found in figures):
            rows, columns = self._within(area)
            for key, own_rows, own_columns in self(rows[0] + 1, columns[0] + 1, len(rows), len(columns))._formats():
                if self.sheet.book.format_type(key) & IS_DATE:
                    yield rows[own_rows.start : own_rows.stop], columns[own_columns.start : own_columns.stop]

    @property
    def raw_value(self) -> Any:
        return self._read(dates=True)

    @property
    def raw_value2(self) -> Any:
        return self._read(dates=False)

    def _read(self, *, dates: bool) -> Any:
        self.log("read")
        data = [[None if value == "" else value for value in row] for row in self.cells.getDataArray()]
        day_zero = self.sheet.book.day_zero
        for rows, columns in self._days() if dates else ():
            for row in rows:
                for column in columns:
                    if data[row][column] < 2_958_466:
                        data[row][column] = day_zero + dt.timedelta(days=data[row][column])
        for area in self.cells.queryFormulaCells(FORMULA_ERRORS).RangeAddresses:
            for row, column in itertools.product(*self._within(area)):
                cell = self.sheet.page.getCellByPosition(self._column - 1 + column, self._row - 1 + row)
                text = SPELLED.get(cell.getError(), "#VALUE!")
                data[row][column] = ErrorCode(ERRORS[text])
        return data[0][0] if self._shape == (1, 1) else tuple(map(tuple, data))

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self.log("write")
        rows = data if isinstance(data, list | tuple) else [[data] * self._shape[1]] * self._shape[0]
        if rows and not isinstance(rows[0], list | tuple):
            rows = [rows]
        kind_of = self.sheet.book.format_type
        text = {(r, c) for key, rs, cs in self._formats() if kind_of(key) & IS_TEXT for r in rs for c in cs}
        formulas: list[tuple[int, int, str]] = []
        days: dict[str, list[tuple[int, int]]] = {}
        block = []
        for row in range(self._shape[0]):
            line: list[float | str] = []
            for column in range(self._shape[1]):
                value, formula, implied = _handed(rows[row][column], (row, column) in text)
                if formula:
                    formulas.append((row, column, formula))
                if implied:
                    days.setdefault(implied, []).append((row, column))
                line.append("" if value is None else value)
            block.append(tuple(line))
        self.cells.setDataArray(tuple(block))
        for (column, _), run in itertools.groupby(
            sorted(formulas, key=lambda each: (each[1], each[0])), key=_in_a_row(itertools.count())
        ):
            self._put_formulas(column, [(row, formula) for row, _, formula in run])
        for code, places in days.items():
            for row, column in places:
                cell = self.sheet.page.getCellByPosition(self._column - 1 + column, self._row - 1 + row)
                if cell.NumberFormat == 0:
                    cell.NumberFormat = self.sheet.book.format_key(code)

    def _put_formulas(self, column: int, run: list[tuple[int, str]]) -> None:
        at, first, last = self._column - 1 + column, self._row - 1 + run[0][0], self._row - 1 + run[-1][0]
        cells = self.sheet.page.getCellRangeByPosition(at, first, at, last)
        cells.setFormulaArray(tuple((_spelled(formula),) for _, formula in run))

    def _unknown(self) -> None:
        raise NotImplementedError

    def _shown(self) -> str | None:
        keys = {key for key, _, _ in self._formats()}
        if len(keys) != 1:
            return None
        key = keys.pop()
        return str(self.sheet.book.formats.getByKey(key).FormatString) if key else "General"

    def _show(self, code: str) -> None:
        self.log("format")
        self.cells.NumberFormat = self.sheet.book.format_key(code)

    @staticmethod
    def _rgb(color: str) -> int:
        return int(color.lstrip("#"), 16)

    color = property(lambda self: self._unknown(), lambda self, value: self._set("CellBackColor", self._rgb(value)))
    number_format = property(lambda self: self._shown(), lambda self, code: self._show(code))
    wrap_text = property(lambda self: self.cells.IsTextWrapped, lambda self, value: self._set("IsTextWrapped", value))

    vertical_alignment = property(
        lambda self: self._unknown(), lambda self, value: self._set("VertJustify", {"center": 2}[value])
    )

    def _set(self, name: str, value: Any) -> None:
        self.log(name)
        setattr(self.cells, name, value)

    @property
    def font(self) -> Font:
        return Font(self)

    @property
    def column_width(self) -> float:
        return float(self.cells.Columns.getByIndex(0).Width) / 196.85

    @column_width.setter
    def column_width(self, width: float) -> None:
        self.log("width")
        self.cells.Columns.Width = int(width * 196.85)

    def autofit(self, axis: str | None = None) -> None:
        self.log("autofit")
        self.cells.Rows.OptimalHeight = True


def _in_a_row(counter: Iterator[int]) -> Callable[[tuple[int, int, str]], tuple[int, int]]:
    """Groups formulas sorted by column and row into runs down a column."""
    return lambda each: (each[1], each[0] - next(counter))


def _spelled(formula: str) -> str:
    """A formula as Calc's interface spells it: semicolons between arguments, a point behind the sheet's name."""
    parts = re.split(r'("[^"]*")', formula)
    parts[::2] = [re.sub(r"([\w.]+)!", r"$\1.", part.replace(",", ";")) for part in parts[::2]]
    return "".join(parts)


def _handed(value: Any, as_text: bool) -> tuple[float | str | None, str | None, str | None]:
    """What Calc is handed for a value: a float or text, the formula to set afterwards, and the format it implies."""
    if isinstance(value, str):
        value, formula, implied = memory.typed(value, "@" if as_text else "General")
        if isinstance(value, ErrorCode):
            return None, f"={next(text for text, code in ERRORS.items() if code == value)}", None
        return (float(value) if isinstance(value, bool) else value), formula, implied
    if isinstance(value, dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
        return (moment - EPOCH) / dt.timedelta(days=1), None, "m/d/yyyy"
    if value is None:
        return None, None, None
    return (re.sub(r"\.0$", "", f"{value:.15g}") if as_text else float(value)), None, None


class Font(base_classes.Font):
    def __init__(self, cells: Range) -> None:
        self.cells = cells

    bold = property(lambda self: self.cells.cells.CharWeight > 100)
    color = property(lambda self: self.cells.cells.CharColor)

    @bold.setter
    def bold(self, value: bool) -> None:
        for name in ("CharWeight", "CharWeightAsian"):
            self.cells._set(name, 150.0 if value else 100.0)

    @color.setter
    def color(self, value: str) -> None:
        self.cells._set("CharColor", Range._rgb(value))
