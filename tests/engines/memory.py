"""An xlwings engine without any spreadsheet program: sheets of cells in memory that take typing as Excel does.

Built on the BSD parts of xlwings (``base_classes``, ``main``). Whatever is not here raises NotImplementedError, so that
no test passes because a call was swallowed. Formulas are kept, never calculated. ``Engine.calls`` logs the traffic.
Over 400 lines, because xlwings asks one engine for all of it: application, books, sheets, ranges, fonts.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

import xlwings as xw
from xlwings import base_classes, utils

from engines import com
from xl_jifen import grid
from xl_jifen.grid import range_of

EPOCH = dt.datetime(1899, 12, 30)
ERRORS = {
    "#DIV/0!": -2146826281,
    "#N/A": -2146826246,
    "#NAME?": -2146826259,
    "#NULL!": -2146826288,
    "#NUM!": -2146826252,
    "#REF!": -2146826265,
    "#VALUE!": -2146826273,
    "#SPILL!": -2146826243,
}
SPELLED = {number: text for text, number in ERRORS.items()}
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")
DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
SHORT_DAY = re.compile(r"(\d{1,2})[-/](\d{1,2})")
BUSY = -2147418111


class ErrorCode(int):
    """An error of a cell, as it comes over COM: an integer."""


class Rejected(Exception):
    """Excel refuses calls, for a cell is being edited."""

    hresult = BUSY


Typed = tuple[Any, str | None, str | None]


def typed(text: str, number_format: str) -> Typed:
    """What Excel makes of a text put into a cell: its value, its formula, and the number format that comes with it."""
    if number_format == "@":
        return text or None, None, None
    if text.startswith("'"):
        return text[1:], None, None
    if text.startswith("=") and len(text) > 1:
        return None, text, None
    bare = text.strip()
    if not bare:
        return text or None, None, None
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", None, None
    if bare.upper() in ERRORS:
        return ErrorCode(ERRORS[bare.upper()]), None, None
    if NUMBER.fullmatch(bare) and any(char.isdigit() for char in bare):
        shown = "0.00E+00" if "e" in bare.lower() else None
        return float(f"{float(bare.replace(',', '')):.15g}"), None, shown
    if bare.endswith("%") and NUMBER.fullmatch(bare[:-1]) and any(char.isdigit() for char in bare):
        return float(bare[:-1].replace(",", "")) / 100, None, "0%"
    if day := _typed_day(bare):
        return (day - EPOCH) / dt.timedelta(days=1), None, "m/d/yyyy"
    return text, None, None


def _typed_day(text: str) -> dt.datetime | None:
    try:
        if match := DAY.fullmatch(text):
            return dt.datetime(int(match[1]), int(match[2]), int(match[3]))
        if match := SHORT_DAY.fullmatch(text):
            return dt.datetime(2026, int(match[1]), int(match[2]))
    except ValueError:
        pass
    return None


def shows_date(number_format: str) -> bool:
    """Whether a number under that format comes back as a date: a time of day comes as a number (xlwings issue 86)."""
    code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format)
    return code != "General" and bool(re.search("[yd]|aaa", code, re.IGNORECASE)) and not re.search("[0#]", code)


class Slot:
    """One cell; what is ``shared`` is that of every opened copy of a file, and is never changed."""

    __slots__ = ("bold", "color", "font_color", "format", "formula", "middle", "shared", "value", "wrap")

    def __init__(self, value: Any = None, formula: str | None = None, shown: str = "General", *, shared: bool = False):
        self.value, self.formula, self.format, self.shared = value, formula, shown, shared
        self.color = self.font_color = self.bold = self.wrap = self.middle = None


BLANK = Slot(shared=True)


class Engine:
    """Registered under the name of Excel's own, which xlwings looks up for worksheet functions.

    ``busy`` calls are rejected as if a cell were being edited; ``limit`` names calls that fail.
    """

    name, type = "excel", "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)
        self.calls: list[tuple[str, ...]] = []
        self.busy = 0
        self.failing: Callable[[tuple[str, ...]], bool] = lambda call: False

    def call(self, *call: str) -> None:
        """Log a call; refuse it if it is told to."""
        if self.busy:
            self.busy -= 1
            raise Rejected
        self.calls.append(call)
        if self.failing(call):
            raise RuntimeError(f"refused: {call}")

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        """A Python value as it can travel over COM, or TypeError."""
        if value is None or (isinstance(value, float) and value != value):
            return ""
        if not isinstance(value, str | bool | int | float | dt.date):
            raise TypeError(f"Objects of type '{type(value).__name__}' can not be converted to a COM VARIANT")
        return value

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        """Raw values as xlwings hands them on; errors it does not know stay numbers, as on Windows."""

        def clean(value: Any) -> Any:
            if value in ("", None):
                return empty_as
            if isinstance(value, dt.datetime):
                parts = value.timetuple()[:6]
                names = ("year", "month", "day", "hour", "minute", "second")
                return datetime_builder(**dict(zip(names, parts, strict=True)), microsecond=0, tzinfo=None)
            if number_builder is not None and isinstance(value, float):
                return number_builder(value)
            if isinstance(value, ErrorCode) and SPELLED[value] != "#SPILL!":
                return SPELLED[value] if err_to_str else None
            return value

        return [[clean(cell) for cell in row] for row in data]


class Apps(base_classes.Apps):
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._apps: list[App] = []
        self._pids = itertools.count(1000)

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def add(self, spec: Any = None, add_book: Any = None, xl: Any = None, visible: Any = None) -> App:
        app = App(self, next(self._pids))
        self._apps.insert(0, app)
        if add_book:
            app.books.add()
        return app

    def __iter__(self) -> Iterator[App]:
        return iter(list(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> App:
        for app in self._apps:
            if app.pid == pid:
                return app
        raise KeyError(pid)


def setting(name: str) -> Any:
    """A property of the program that can be read and set."""

    def get(app: App) -> Any:
        return app.settings[name]

    def put(app: App, value: Any) -> None:
        app.engine.call("set", name, str(value))
        app.settings[name] = value

    return property(get, put)


class App(base_classes.App):
    version, hwnd = "16.0", 0
    visible, screen_updating, display_alerts = setting("visible"), setting("screen_updating"), setting("display_alerts")
    enable_events, calculation = setting("enable_events"), setting("calculation")

    def __init__(self, apps: Apps, pid: int) -> None:
        self.apps, self._pid, self._engine = apps, pid, apps.engine
        names = ("visible", "screen_updating", "display_alerts", "enable_events")
        self.settings: dict[str, Any] = {**dict.fromkeys(names, True), "calculation": "automatic"}
        self._books = Books(self)
        self.alerts: list[tuple[str, str, str]] = []

    pid = property(lambda self: self._pid)
    engine = property(lambda self: self._engine)
    books = property(lambda self: self._books)

    @property
    def api(self) -> Any:
        self.engine.call("ready")
        return SimpleNamespace(Ready=True, Name="Microsoft Excel")

    def activate(self, steal_focus: bool = False) -> None:
        self.apps._apps.remove(self)
        self.apps._apps.insert(0, self)

    def calculate(self) -> None:
        self.engine.call("calculate")

    def quit(self) -> None:
        self.apps._apps.remove(self)

    def alert(self, prompt: str, title: str, buttons: Any, mode: str, callback: Any) -> str:
        self.alerts.append((prompt, title, mode))
        return "ok"


class Books(base_classes.Books):
    def __init__(self, app: App) -> None:
        self.app = app
        self._books: list[Book] = []

    @property
    def active(self) -> Book:
        return self._books[-1]

    def __call__(self, key: int | str) -> Book:
        if isinstance(key, int):
            return self._books[key - 1]
        for book in self._books:
            if book.name.lower() == key.lower():
                return book
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._books)

    def __iter__(self) -> Iterator[Book]:
        return iter(list(self._books))

    def add(self) -> Book:
        return self._keep(Book(self, f"Book{len(self._books) + 1}", None))

    def open(self, fullname: str, *args: Any, **options: Any) -> Book:
        book = Book(self, Path(fullname).name, str(fullname))
        book.load()
        return self._keep(book)

    def _keep(self, book: Book) -> Book:
        self._books.append(book)
        return book


class Book(base_classes.Book):
    def __init__(self, books: Books, name: str, path: str | None) -> None:
        self.books, self._name, self._path = books, name, path
        self._sheets = [Sheet(self, "Sheet1")]
        self._active = self._sheets[0]
        self.saved = 0

    name = property(lambda self: self._name)
    fullname = property(lambda self: self._path or self._name)
    app = property(lambda self: self.books.app)
    sheets = property(lambda self: Sheets(self))

    @property
    def api(self) -> Any:
        return SimpleNamespace(
            SaveCopyAs=self._save_copy, ProtectStructure=False, Date1904=False, Worksheets=com.Worksheets(self)
        )

    def _save_copy(self, path: str) -> None:
        self.app.engine.call("copy", path)
        shutil.copyfile(self.fullname, path)

    def activate(self) -> None:
        self.books._books.remove(self)
        self.books._books.append(self)

    def close(self) -> None:
        self.books._books.remove(self)

    def load(self) -> None:
        """The cells of the file, without their looks."""
        self._sheets = []
        for name, visible, cells, merged in _stored_sheets(Path(self.fullname).read_bytes()):
            sheet = Sheet(self, name)
            sheet.shown_as, sheet.merged, sheet.slots = visible, merged, dict(cells)
            self._sheets.append(sheet)
        self._active = self._sheets[0]


class Stored(NamedTuple):
    """A sheet of a file: its cells by place."""

    name: str
    visible: int
    cells: dict[tuple[int, int], Slot]
    merged: tuple[grid.Range, ...]


Cells = dict[tuple[int, int], Slot]
_read: dict[bytes, tuple[Cells, tuple[grid.Range, ...]]] = {}
"""The cells and merged ranges of sheets, by all that they are read by."""
MOST_READ = 80
"""A month has three thousand cells, most of them blank but formatted: a megabyte."""


def _stored_sheets(data: bytes) -> list[Stored]:
    """What the sheets of a file hold; one that stood before in a workbook of the same texts and looks is not read."""
    from openpyxl.reader import excel

    reader = excel.ExcelReader(io.BytesIO(data))
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    excel.apply_stylesheet(reader.archive, reader.wb)
    common = [name for name in reader.archive.namelist() if name.endswith(("styles.xml", "sharedStrings.xml"))]
    around = sha256(repr(reader.wb.epoch).encode() + b"".join(map(reader.archive.read, sorted(common))))
    sheets = []
    for sheet, relation in reader.parser.find_sheets():
        if "chartsheet" in relation.Type:
            continue
        xml, asked = reader.archive.read(relation.target), around.copy()
        asked.update(xml)
        if asked.digest() not in _read:
            if len(_read) >= MOST_READ:
                del _read[next(iter(_read))]
            page = reader.wb.create_sheet(sheet.name)
            excel.WorksheetReader(page, io.BytesIO(xml), reader.shared_strings, False, False).bind_all()
            merged = tuple(found for each in page.merged_cells.ranges if (found := range_of(each.coord)))
            _read[asked.digest()] = _cells(page), merged
            reader.wb.remove(page)
        visible = {"visible": com.VISIBLE, "hidden": com.HIDDEN}.get(sheet.state, com.VERY_HIDDEN)
        sheets.append(Stored(sheet.name, visible, *_read[asked.digest()]))
    return sheets


def _cells(page: Any) -> Cells:
    cells: Cells = {}
    for row in page.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cells[cell.row, cell.column] = Slot(None, cell.value, cell.number_format, shared=True)
            elif cell.value is not None or cell.number_format != "General":
                value = ErrorCode(ERRORS[cell.value]) if cell.data_type == "e" else _stored(cell.value)
                cells[cell.row, cell.column] = Slot(value, None, cell.number_format, shared=True)
    return cells


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return (value - EPOCH) / dt.timedelta(days=1)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


class Sheets(base_classes.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    active = property(lambda self: self.book._active)

    def __call__(self, key: int | str) -> Sheet:
        if isinstance(key, int):
            return self.book._sheets[key - 1]
        for sheet in self.book._sheets:
            if sheet.name.lower() == key.lower():
                return sheet
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.book._sheets)

    def __iter__(self) -> Iterator[Sheet]:
        return iter(list(self.book._sheets))

    def insert(self, before: Sheet | None) -> Sheet:
        """A new sheet before another, or before the active one."""
        sheets = self.book._sheets
        names = {sheet.name for sheet in sheets}
        sheet = Sheet(self.book, next(name for number in itertools.count(1) if (name := f"Sheet{number}") not in names))
        self.book.app.engine.call("add", sheet.name)
        sheets.insert(sheets.index(before or self.book._active), sheet)
        self.book._active = sheet
        return sheet


class Sheet(base_classes.Sheet):
    def __init__(self, book: Book, name: str) -> None:
        self._book, self._name = book, name
        self.slots: dict[tuple[int, int], Slot] = {}
        self.widths: dict[int, float] = {}
        self.protected = self.filtered = False
        self.merged: tuple[grid.Range, ...] = ()
        self.shown_as, self.chart_count = com.VISIBLE, 0

    name = property(lambda self: self._name)
    book = property(lambda self: self._book)
    index = property(lambda self: self._book._sheets.index(self) + 1)

    @property
    def api(self) -> Any:
        return com.Worksheet(self)

    @property
    def is_protected(self) -> bool:
        return self.protected

    def rename(self, name: str) -> None:
        self._book.app.engine.call("name", name)
        taken = any(other is not self and other.name.lower() == name.lower() for other in self._book._sheets)
        if taken or len(name) > 31 or re.search(r"[\\/?*\[\]:]", name):
            raise com.Refusal("该名称已被使用。请尝试其他名称。")
        self._name = name

    def delete(self) -> None:
        self._book._sheets.remove(self)
        self._book._active = self._book._sheets[0]

    def slot(self, row: int, column: int) -> Slot:
        """A cell that may be changed."""
        slot = self.slots.get((row, column), BLANK)
        if slot.shared:
            slot = self.slots[row, column] = Slot(slot.value, slot.formula, slot.format)
        return slot

    def range(self, first: Any, last: Any = None) -> Range:
        (top, left), (bottom, right) = self._corners(first)
        if last is not None:
            _, (bottom, right) = self._corners(last)
        return Range(self, top, left, bottom - top + 1, right - left + 1)

    @staticmethod
    def _corners(at: Any) -> tuple[tuple[int, int], tuple[int, int]]:
        if isinstance(at, base_classes.Range):
            return (at.row, at.column), (at.row + at.shape[0] - 1, at.column + at.shape[1] - 1)
        if isinstance(at, tuple) and len(at) == 4:
            return (at[0], at[1]), (at[0] + at[2] - 1, at[1] + at[3] - 1)
        if isinstance(at, tuple):
            return at, at
        first, last = utils.a1_to_tuples(at.replace("$", ""))
        return first, last or first

    @property
    def used_range(self) -> Range:
        used = [place for place, slot in self.slots.items() if slot.formula or slot.value is not None] or [(1, 1)]
        rows, columns = [row for row, _ in used], [column for _, column in used]
        top, left = min(rows), min(columns)
        return Range(self, top, left, max(rows) - top + 1, max(columns) - left + 1)

    def activate(self) -> None:
        self._book._active = self

    def clear(self) -> None:
        self._book.app.engine.call("clear", self.name)
        self.slots.clear()


def look(name: str, mixed: Any = None) -> Any:
    """A property of all cells of a range; None when they differ."""

    def get(cells: Range) -> Any:
        slots = cells.sheet.slots
        found = {getattr(slots.get(place, BLANK), name) for place in cells.places()}
        return found.pop() if len(found) == 1 else mixed

    def put(cells: Range, value: Any) -> None:
        cells.log(name)
        for place in cells.places():
            setattr(cells.sheet.slot(*place), name, value)

    return property(get, put)


class Area(base_classes.Range):
    """Where a range lies and what was done to it, whatever holds its cells."""

    max_cells_per_read, max_cells_per_write = 4_000_000, 100_000

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int, columns: int) -> None:
        self.sheet, self._row, self._column, self._shape = sheet, row, column, (rows, columns)
        self.options: dict[str, Any] = {}

    api = property(lambda self: com.Range((self,)))
    row = property(lambda self: self._row)
    column = property(lambda self: self._column)
    shape = property(lambda self: self._shape)
    coords = property(lambda self: (self.sheet, self._row, self._column, *self._shape))

    def __len__(self) -> int:
        return self._shape[0] * self._shape[1]

    def __call__(self, row: int, column: int, rows: int = 1, columns: int = 1) -> Self:
        return type(self)(self.sheet, self._row + row - 1, self._column + column - 1, rows, columns)

    @property
    def address(self) -> str:
        """As Excel spells it, whole columns by their letters."""
        first = f"${utils.col_name(self._column)}${self._row}"
        if self._shape == (1, 1):
            return first
        if (self._row, self._shape[0]) == (1, grid.LAST_ROW):
            return f"${utils.col_name(self._column)}:${utils.col_name(self._column + self._shape[1] - 1)}"
        last = f"${utils.col_name(self._column + self._shape[1] - 1)}${self._row + self._shape[0] - 1}"
        return f"{first}:{last}"

    def log(self, what: str) -> None:
        self.sheet._book.app.engine.call(what, self.sheet.name, self.address)


class Range(Area):
    number_format, color, wrap_text = look("format"), look("color"), look("wrap")

    @property
    def merge_cells(self) -> bool | None:
        if not self.sheet.merged:
            return False
        found = {any(merged.holds(*place) for merged in self.sheet.merged) for place in self.places()}
        return found.pop() if len(found) == 1 else None

    @property
    def merge_area(self) -> Range:
        [place] = self.places()
        [found] = (merged for merged in self.sheet.merged if merged.holds(*place))
        return self.sheet.range(found[:2], found[2:])

    vertical_alignment = look("middle")

    def places(self) -> Iterator[tuple[int, int]]:
        for row in range(self._row, self._row + self._shape[0]):
            for column in range(self._column, self._column + self._shape[1]):
                yield row, column

    def _read(self, of: Callable[[Slot], Any]) -> Any:
        slots, columns = self.sheet.slots, range(self._column, self._column + self._shape[1])
        block = tuple(
            tuple([of(slots.get((row, column), BLANK)) for column in columns])
            for row in range(self._row, self._row + self._shape[0])
        )
        return block[0][0] if self._shape == (1, 1) else block

    @property
    def raw_value(self) -> Any:
        self.log("read")
        return self._read(_raw)

    @property
    def raw_value2(self) -> Any:
        self.log("read")
        return self._read(lambda slot: slot.value)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self.log("write")
        rows = data if isinstance(data, list | tuple) else [[data] * self._shape[1]] * self._shape[0]
        if rows and not isinstance(rows[0], list | tuple):
            rows = [rows]
        for row, column in self.places():
            line = rows[row - self._row] if row - self._row < len(rows) else ()
            inside = column - self._column < len(line)
            _put(self.sheet.slot(row, column), line[column - self._column] if inside else "#N/A")

    @property
    def formula(self) -> Any:
        return self._read(lambda slot: slot.formula or slot.value or "")

    @property
    def font(self) -> Font:
        return Font(self)

    @property
    def column_width(self) -> float | None:
        return self.sheet.widths.get(self._column)

    @column_width.setter
    def column_width(self, width: float) -> None:
        self.log("width")
        for column in range(self._column, self._column + self._shape[1]):
            self.sheet.widths[column] = width

    def autofit(self, axis: str | None = None) -> None:
        self.log("autofit")


def _raw(slot: Slot) -> Any:
    if type(slot.value) is float and shows_date(slot.format) and slot.value < 2_958_466:
        return EPOCH + dt.timedelta(days=slot.value)
    if type(slot.value) is float and "￥" in slot.format:
        return Decimal(f"{slot.value:.4f}")
    return slot.value


def _put(slot: Slot, value: Any) -> None:
    slot.formula = None
    if isinstance(value, str):
        slot.value, slot.formula, implied = typed(value, slot.format)
        if implied and slot.format == "General":
            slot.format = implied
    elif isinstance(value, bool) or value is None:
        slot.value = value
    elif isinstance(value, dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
        slot.value = (moment - EPOCH) / dt.timedelta(days=1)
        if slot.format == "General":
            slot.format = "m/d/yyyy"
    elif slot.format == "@":
        slot.value = f"{value:.15g}"
    else:
        slot.value = float(f"{value:.15g}")


class Font(base_classes.Font):
    def __init__(self, cells: Range) -> None:
        self.cells = cells

    def _put(self, name: str, value: Any) -> None:
        self.cells.log(name)
        for place in self.cells.places():
            setattr(self.cells.sheet.slot(*place), name, value)

    bold = property(lambda self: self.cells.sheet.slot(self.cells.row, self.cells.column).bold)
    color = property(lambda self: self.cells.sheet.slot(self.cells.row, self.cells.column).font_color)

    @bold.setter
    def bold(self, value: bool) -> None:
        self._put("bold", value)

    @color.setter
    def color(self, value: Any) -> None:
        self._put("font_color", value)


def install(engine: Any) -> None:
    """Make an engine the one xlwings speaks to."""
    xw.engines.engines_by_name.pop("excel", None)
    xw.engines.engines[:] = [other for other in xw.engines.engines if other.name != "excel"]
    wrapped = xw.main.Engine(impl=engine)
    xw.engines.add(wrapped)
    xw.engines.active = wrapped


def remove() -> None:
    """Leave xlwings as it is on a machine without Excel."""
    xw.engines.engines_by_name.pop("excel", None)
    xw.engines.engines[:] = [other for other in xw.engines.engines if other.name != "excel"]
    xw.engines.active = None
    if hasattr(xw.Book, "_mock_caller"):
        del xw.Book._mock_caller
