"""A stand-in for Excel.Application under Wine: an out-of-process COM server, its objects those of members.py.

    python server.py --register              enter it and its type library in the registry
    python server.py READY BOOK.xlsm …       open workbooks, the last one in front; the file READY then names the window
    python server.py -Embedding              as COM starts it for who asks for a new Excel.Application

Cells lie in memory and take typing as Excel does; formulas keep the value they were saved with. What is not imitated
fails with DISP_E_MEMBERNOTFOUND, never in silence. Each call is a line of the file EXCEL_COM_LOG names.
"""

import contextlib
import ctypes
import datetime as dt
import itertools
import json
import os
import re
import sys
import winreg
from decimal import Decimal
from pathlib import Path

import pythoncom
import pywintypes
import win32api
import win32con
import win32gui
import winerror
from win32com.server import policy
from win32com.server.exception import COMException
from win32com.server.util import NewEnum, unwrap, wrap

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import members  # noqa: E402

LIBRARY = os.environ.get("EXCEL_COM_TLB", str(HERE / "excel.tlb"))
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
REFUSED = -2146827284
MANUAL, AUTOMATIC = -4135, -4105
VISIBLE = -1
EPOCH = dt.datetime(1899, 12, 30)
ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}
ERROR_BASE = -2146828288
EDITING = -2146777998
BUSY = {"left": 0, "code": winerror.RPC_E_CALL_REJECTED}
PUTS = {"until refused": -1}
"""How many writes into cells go well yet; below zero all do."""
MISSING = object()
TABLES = {name: {dispid: member for member, dispid, *_ in members.members(name)} for name in members.INTERFACES}
NAMES = {name: {member.lower(): d for d, member in table.items()} for name, table in TABLES.items()}


def refused(words):
    return COMException(desc=words, scode=REFUSED, source="Microsoft Excel")


def log(*entry):
    if path := os.environ.get("EXCEL_COM_LOG"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False, default=repr) + "\n")


class Policy:
    """Answers IDispatch for an object of ours by the table of its interface."""

    def __init__(self, thing):
        self._obj_ = thing

    def _QueryInterface_(self, iid):
        return int(iid == pywintypes.IID(members.guid(members.INTERFACES[self._obj_.interface][0])))

    def _GetTypeInfoCount_(self):
        return 1

    def _GetTypeInfo_(self, index, lcid):
        stem = members.INTERFACES[self._obj_.interface][0]
        return 0, pythoncom.LoadTypeLib(LIBRARY).GetTypeInfoOfGuid(pywintypes.IID(members.guid(stem)))

    def _GetIDsOfNames_(self, names, lcid):
        found = NAMES[self._obj_.interface].get(names[0].lower())
        if found is None:
            log("unknown", self._obj_.interface, names[0])
            raise COMException(scode=winerror.DISP_E_UNKNOWNNAME)
        return (found,)

    def _Invoke_(self, dispid, lcid, flags, args):
        name = TABLES[self._obj_.interface].get(dispid)
        if BUSY["left"] and name not in ("Hwnd", "Application", "Run"):
            BUSY["left"] -= 1
            return BUSY["code"], -1, None
        found = self._answer(name, flags, args)
        return winerror.S_OK, -1, (found,) if isinstance(found, tuple) else found

    def _answer(self, name, flags, args):
        thing = self._obj_
        putting = flags & (pythoncom.DISPATCH_PROPERTYPUT | pythoncom.DISPATCH_PROPERTYPUTREF)
        log("put" if putting else "call", thing.interface, name)
        function = getattr(thing, f"put_{name}" if putting else f"do_{name}", None)
        if function is None:
            log("missing", thing.interface, name)
            raise COMException(scode=winerror.DISP_E_MEMBERNOTFOUND)
        given = [_incoming(arg) for arg in args]
        while given and given[-1] is MISSING:
            given.pop()
        found = function(*given)
        return found.wrapped() if isinstance(found, Thing) else found


def _incoming(value):
    if value is pythoncom.Missing or (type(value) is int and value == winerror.DISP_E_PARAMNOTFOUND):
        return MISSING
    if type(value) in (pythoncom.TypeIIDs[pythoncom.IID_IDispatch], pythoncom.TypeIIDs[pythoncom.IID_IUnknown]):
        return unwrap(value)
    return value


class Thing:
    """Anything of the object model."""

    interface, parent = "", None

    def wrapped(self):
        return wrap(self, usePolicy=Policy, iid=pythoncom.IID_IDispatch)

    def do_Application(self):
        return APP

    def do_Parent(self):
        return self.parent or APP


def kept(cls, *names):
    """Plain properties of a class, in a dictionary ``state``."""
    for name in names:
        setattr(cls, f"do_{name}", lambda self, name=name: self.state.get(name))
        setattr(cls, f"put_{name}", lambda self, value, name=name: self.state.__setitem__(name, value))


class Application(Thing):
    interface = "_Application"

    def __init__(self):
        self.state = dict.fromkeys(("ScreenUpdating", "DisplayAlerts", "EnableEvents", "Visible"), True)
        self.state["Calculation"] = AUTOMATIC
        self.books, self.window = [], None

    def do_Name(self):
        return "Microsoft Excel"

    do__Default = do_Name

    def do_Version(self):
        return "16.0"

    def do_Ready(self):
        return True

    def do_Hwnd(self):
        return self.window.main

    def do_Workbooks(self):
        return Workbooks()

    def do_Selection(self):
        return Range(self.books[-1].active, SELECTED)

    def do_Calculate(self):
        return None

    def do_GetOpenFilename(self, *asked):
        return os.environ.get("EXCEL_COM_CHOSEN") or False

    def do_InputBox(self, *asked):
        return os.environ.get("EXCEL_COM_TYPED") or False

    def do_Quit(self):
        win32gui.PostQuitMessage(0)

    def do_Run(self, order, *given):
        """For the tests alone: an order of ``Orders``, about the first workbook."""
        return getattr(Orders(self.books[0]), order)(*given)


class Orders:
    """What the tests have done to the stand-in, or ask of it."""

    def __init__(self, book):
        self.book = book

    def busy(self, calls, *editing):
        """So many calls are rejected, as while a dialog is open, or while a cell is being edited."""
        BUSY["left"], BUSY["code"] = int(calls), EDITING if editing else winerror.RPC_E_CALL_REJECTED

    def refuse(self, writes):
        """After so many writes into cells the next one is refused."""
        PUTS["until refused"] = int(writes)

    def state(self):
        sheets = [sheet.name for sheet in self.book.sheets]
        saved = [book.state["Saved"] for book in APP.books]
        return json.dumps({**APP.state, "Saved": saved, "sheets": sheets}, ensure_ascii=False)

    def save(self, path):
        self.book.save(path)

    def protect(self, name):
        self.book.sheet(name).protected = True

    def protect_book(self):
        self.book.protected = True

    def filter(self, name):
        self.book.sheet(name).filtered = True

    def hide(self, name):
        self.book.sheet(name).visible = 2

    def delete(self, name):
        self.book.sheets.remove(self.book.sheet(name))

    def front(self, name, row):
        """A sheet comes to the front, a cell of that row selected."""
        global SELECTED
        self.book.active, SELECTED = self.book.sheet(name), (int(row), 2, int(row), 2)

    def put(self, name, address, shown, value):
        """A cell: its number format, and a number, an error or a text."""
        cell = Cell(number_format=shown)
        cell.value = Error(value) if value in ERRORS else value
        with contextlib.suppress(ValueError):
            cell.value = float(value)
        self.book.sheet(name).cells[_corner(address, 1, 1)] = cell

    def crop(self, name, address):
        """Nothing but one cell is left of a sheet."""
        sheet, place = self.book.sheet(name), _corner(address, 1, 1)
        sheet.cells = {place: sheet.cells[place]}

    def changed(self):
        """The user typed something that is not saved."""
        self.book.state["Saved"] = False

    def new(self):
        """A workbook that was never saved."""
        return APP.do_Workbooks().do_Add().do_Name()

    def end(self):
        win32gui.PostQuitMessage(0)


SELECTED = (1, 1, 1, 1)
kept(Application, "ScreenUpdating", "DisplayAlerts", "EnableEvents", "Visible", "Calculation")


class Workbooks(Thing):
    interface = "Workbooks"

    def do_Item(self, key):
        books = APP.books
        found = [b for n, b in enumerate(books, 1) if key == n or str(key).lower() == b.path.name.lower()]
        if not found:
            raise COMException(scode=winerror.DISP_E_BADINDEX)
        return found[0]

    do__Default = do_Item

    def do_Count(self):
        return len(APP.books)

    def do_Add(self, template=None):
        """Never saved, it has no folder."""
        book = Book(Path(f"工作簿{len(APP.books) + 1}"))
        book.sheets.append(Sheet(book, "Sheet1"))
        APP.books.append(book)
        return book


class Book(Thing):
    interface = "_Workbook"

    def __init__(self, path):
        self.path, self.sheets, self.active, self.state = path, [], None, {"Saved": True, "Date1904": False}
        self.protected = False

    def sheet(self, name):
        return next(sheet for sheet in self.sheets if sheet.name == name)

    def do_Name(self):
        return self.path.name

    def do_FullName(self):
        return str(self.path)

    def do_Path(self):
        return str(self.path.parent) if self.path.is_absolute() else ""

    def do_Worksheets(self):
        return Sheets(self)

    def do_ActiveSheet(self):
        return self.active

    def do_ProtectStructure(self):
        return self.protected

    def do_SaveCopyAs(self, path=None):
        self.save(path)

    def save(self, path):
        """Values, formulas and number formats as a file."""
        import openpyxl

        out = openpyxl.Workbook()
        out.remove(out.active)
        for sheet in self.sheets:
            page = out.create_sheet(sheet.name)
            for (row, column), cell in sheet.cells.items():
                if cell.value is not None or cell.formula is not None:
                    put = page.cell(row, column)
                    put.value = cell.formula or (str(cell.value) if isinstance(cell.value, Error) else cell.value)
                    if isinstance(cell.value, str) and not isinstance(cell.value, Error) and not cell.formula:
                        put.data_type = "s"
                    put.number_format = cell.format
        out.save(path)


kept(Book, "Saved", "Date1904")


class Sheets(Thing):
    interface = "Sheets"

    def __init__(self, book):
        self.book = self.parent = book

    def do_Item(self, key):
        sheets = self.book.sheets
        found = [s for n, s in enumerate(sheets, 1) if key == n or str(key).lower() == s.name.lower()]
        if not found:
            raise COMException(scode=winerror.DISP_E_BADINDEX)
        return found[0]

    do__Default = do_Item

    def do_Count(self):
        return len(self.book.sheets)

    def do__NewEnum(self):
        return NewEnum([sheet.wrapped() for sheet in self.book.sheets], iid=pythoncom.IID_IEnumVARIANT)

    def do_Add(self, before=None, after=None):
        names = {sheet.name for sheet in self.book.sheets}
        sheet = Sheet(self.book, next(name for n in itertools.count(1) if (name := f"Sheet{n}") not in names))
        sheets = self.book.sheets
        at = sheets.index(before) if isinstance(before, Sheet) else sheets.index(self.book.active)
        sheets.insert(at, sheet)
        self.book.active, self.book.state["Saved"] = sheet, False
        return sheet


class Sheet(Thing):
    interface = "_Worksheet"

    def __init__(self, book, name):
        self.book = self.parent = book
        self.name, self.cells, self.visible = name, {}, VISIBLE
        self.filtered = self.protected = False
        self.merged = []
        book.active = book.active or self

    def do_Name(self):
        return self.name

    def put_Name(self, name):
        taken = any(other is not self and other.name.lower() == name.lower() for other in self.book.sheets)
        if taken or not 1 <= len(name) <= 31 or re.search(r"[:\\/?*\[\]]", name):
            raise refused("该名称已被使用。请尝试其他名称。")
        self.name = name

    def do_Index(self):
        return self.book.sheets.index(self) + 1

    def do_Visible(self):
        return self.visible

    def put_Visible(self, state):
        self.visible = state

    def do_Cells(self):
        return Range(self, (1, 1, LAST_ROW, LAST_COLUMN))

    def do_UsedRange(self):
        rows, columns = zip(*(self.cells or {(1, 1): None}), strict=True)
        return Range(self, (min(rows), min(columns), max(rows), max(columns)))

    def do_ProtectContents(self):
        return self.protected

    def do_FilterMode(self):
        return self.filtered

    def do_AutoFilterMode(self):
        return self.filtered

    def put_AutoFilterMode(self, on):
        self.filtered = bool(on)

    def do_ShowAllData(self):
        self.filtered = False

    def do_Hyperlinks(self):
        return Hyperlinks()

    def do_ChartObjects(self, index=None):
        return ChartObjects()

    def do_Activate(self):
        if self.visible != VISIBLE:
            raise refused("Activate method of Worksheet class failed")
        self.book.active = self

    def do_Delete(self):
        self.book.sheets.remove(self)
        self.book.active = self.book.sheets[0]

    def do_Range(self, address, last=None):
        if last is not None or not isinstance(address, str) or len(address) > 255:
            raise refused("Method 'Range' of object '_Worksheet' failed")
        return Range(self, *map(_corners, address.replace("$", "").split(",")))


def _corners(address):
    first, _, last = address.partition(":")
    return *_corner(first, 1, 1), *_corner(last or first, LAST_ROW, LAST_COLUMN)


def _corner(text, row, column):
    match = re.fullmatch(r"([A-Z]{0,3})(\d{0,7})", text)
    if not match or not text:
        raise refused("Method 'Range' of object '_Worksheet' failed")
    letters, digits = match.groups()
    if letters:
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
    return int(digits or row), column


def _letters(column):
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


class Error(str):
    """An error value by its spelling."""


class Cell:
    def __init__(self, value=None, formula=None, number_format="General"):
        self.value, self.formula, self.format = value, formula, number_format


DAYS = (re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"), re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"))
SHORT_DAYS = (re.compile(r"(\d{1,2})[-/](\d{1,2})"), re.compile(r"(\d{1,2})月(\d{1,2})日"))


def typed(text, code):
    """What Excel (Simplified Chinese) makes of a text put into a cell: value, formula, the format it brings."""
    if code == "@" or not text.strip():
        return text or None, None, None
    if text[0] == "'":
        return text[1:], None, None
    if text[0] == "=" and len(text) > 1:
        shown = re.fullmatch(r'=HYPERLINK\(.*,"((?:[^"]|"")*)"\)', text)
        return shown[1].replace('""', '"') if shown else 0.0, text, None
    bare = text.strip()
    if bare.upper() in ERRORS:
        return Error(bare.upper()), None, None
    if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", bare):
        return float(bare), None, None
    for pattern in DAYS + SHORT_DAYS:
        if match := pattern.fullmatch(bare):
            numbers = [int(part) for part in match.groups()]
            try:
                day = dt.datetime(*numbers) if len(numbers) == 3 else dt.datetime(2026, *numbers)
            except ValueError:
                break
            return (day - EPOCH) / dt.timedelta(days=1), None, "yyyy/m/d" if len(numbers) == 3 else 'm"月"d"日"'
    return text, None, None


def _within(place, area):
    return area[0] <= place[0] <= area[2] and area[1] <= place[1] <= area[3]


def shows_date(code):
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
    return code != "General" and bool(re.search("[yd]|aaa", plain, re.IGNORECASE)) and not re.search("[0#]", plain)


def handed(cell, *, plain):
    """The VARIANT of a cell; ``plain``, as Value2 gives it: neither dates nor currency."""
    value = cell.value if cell else None
    if value is None:
        return pythoncom.Empty
    if isinstance(value, Error):
        return ERROR_BASE + ERRORS[value]
    if isinstance(value, bool | str):
        return value
    if not plain and shows_date(cell.format) and 0 <= value < 2_958_466:
        return pywintypes.Time((EPOCH + dt.timedelta(days=value)).replace(tzinfo=dt.UTC))
    if not plain and re.search(r"[$¥￥€]", cell.format):
        return Decimal(repr(value)).quantize(Decimal("0.0001"))
    return float(value)


class Range(Thing):
    interface = "Range"

    def __init__(self, sheet, *areas, lines=""):
        self.sheet = self.parent = sheet
        self.areas, self.lines, self.state = areas, lines, {}

    def _places(self):
        for top, left, bottom, right in self.areas:
            yield from itertools.product(range(top, bottom + 1), range(left, right + 1))

    def _put(self):
        if self.sheet.protected:
            raise refused("您试图更改的单元格或图表位于受保护的工作表中。")
        if PUTS["until refused"] == 0:
            raise refused("内存不足。")
        PUTS["until refused"] -= 1
        self.sheet.book.state["Saved"] = False

    def do_Address(self, *how):
        top, left, bottom, right = self.areas[0]
        if (top, bottom) == (1, LAST_ROW):
            return f"${_letters(left)}:${_letters(right)}"
        first, last = f"${_letters(left)}${top}", f"${_letters(right)}${bottom}"
        return first if first == last else f"{first}:{last}"

    def do_Row(self):
        return self.areas[0][0]

    def do_Column(self):
        return self.areas[0][1]

    def do_Rows(self):
        return Range(self.sheet, *self.areas, lines="rows")

    def do_Columns(self):
        return Range(self.sheet, *self.areas, lines="columns")

    def do_Worksheet(self):
        return self.sheet

    def do_MergeCells(self):
        found = {any(_within(place, area) for area in self.sheet.merged) for place in self._places()}
        return found.pop() if len(found) == 1 else None

    def do_MergeArea(self):
        [place] = self._places()
        return Range(self.sheet, next((area for area in self.sheet.merged if _within(place, area)), self.areas[0]))

    def do_Count(self):
        top, left, bottom, right = self.areas[0]
        rows, columns = bottom - top + 1, right - left + 1
        return {"rows": rows, "columns": columns}.get(self.lines, rows * columns)

    def _values(self, *, plain):
        top, left, bottom, right = self.areas[0]
        cells = self.sheet.cells
        rows = tuple(
            tuple(handed(cells.get((row, column)), plain=plain) for column in range(left, right + 1))
            for row in range(top, bottom + 1)
        )
        return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]

    def do_Value(self, kind=None):
        return self._values(plain=False)

    def do_Formula(self):
        top, left, bottom, right = self.areas[0]
        cells = [[self.sheet.cells.get((r, c)) for c in range(left, right + 1)] for r in range(top, bottom + 1)]
        rows = tuple(tuple((cell.formula or str(cell.value)) if cell else "" for cell in row) for row in cells)
        return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]

    def do_Value2(self):
        return self._values(plain=True)

    def put_Value(self, data, *rest):
        self._put()
        top, left, *_ = self.areas[0]
        rows = data if isinstance(data, tuple | list) else ((data,),)
        for row, column in self._places():
            self._type((row, column), rows[row - top][column - left])

    put_Value2 = put_Value

    def _type(self, place, value):
        cell = self.sheet.cells.setdefault(place, Cell())
        cell.formula = None
        if value is None or value is pythoncom.Empty or value == "":
            cell.value = None
        elif isinstance(value, str):
            if len(value) > 32_767:
                raise refused("")
            cell.value, cell.formula, brought = typed(value, cell.format)
            if brought and cell.format == "General":
                cell.format = brought
        elif isinstance(value, bool):
            cell.value = value
        elif isinstance(value, int | float):
            cell.value = f"{value:.15g}" if cell.format == "@" else float(value)
        else:
            raise COMException(desc=type(value).__name__, scode=winerror.DISP_E_TYPEMISMATCH)

    def do_NumberFormat(self):
        found = {(self.sheet.cells.get(place) or Cell()).format for place in self._places()}
        return found.pop() if len(found) == 1 else None

    def put_NumberFormat(self, code):
        self._put()
        for place in self._places():
            self.sheet.cells.setdefault(place, Cell()).format = code

    def do_Clear(self):
        self._put()
        self.sheet.cells.clear()

    def do_AutoFilter(self, field=None, criteria=None):
        self.sheet.filtered = True
        return True

    def do_AutoFit(self):
        if not self.lines:
            raise refused("AutoFit method of Range class failed")

    def do_Font(self):
        return Font()

    def do_Interior(self):
        return Interior()


kept(Range, "ColumnWidth", "RowHeight", "WrapText", "VerticalAlignment", "HorizontalAlignment")


class Font(Thing):
    """Looks, which are taken and forgotten."""

    interface = "Font"

    def __init__(self):
        self.state = {}


kept(Font, "Bold", "Color", "Size")


class Interior(Font):
    interface = "Interior"


class Hyperlinks(Thing):
    interface = "Hyperlinks"

    def do_Delete(self):
        return None


class ChartObjects(Thing):
    interface = "ChartObjects"

    def do_Count(self):
        return 0


class Window(Thing):
    interface = "Window"


def load(path):
    """A workbook with the values and formats of its cells."""
    import openpyxl

    book = Book(path)
    values, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    for page in values.worksheets:
        sheet = Sheet(book, page.title)
        sheet.visible = {"visible": VISIBLE, "hidden": 0}.get(page.sheet_state, 2)
        sheet.merged = [(each.min_row, each.min_col, each.max_row, each.max_col) for each in page.merged_cells.ranges]
        for place, found in page._cells.items():
            typed_in = formulas[page.title]._cells[place]
            formula = typed_in.value if typed_in.data_type == "f" and isinstance(typed_in.value, str) else None
            sheet.cells[place] = Cell(_stored(found), formula, found.number_format)
        book.sheets.append(sheet)
    return book


def _stored(found):
    value = found.value
    if found.data_type == "e":
        return Error(value if value in ERRORS else "#VALUE!")
    if isinstance(value, dt.datetime):
        return (value - EPOCH) / dt.timedelta(days=1)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Frame:
    """XLMAIN > XLDESK > EXCEL7, the last of which answers WM_GETOBJECT with a Window of the object model."""

    GET_OBJECT, NATIVE = 0x3D, 0xFFFFFFF0

    def __init__(self):
        instance, parent, self.handles, self.alive = win32api.GetModuleHandle(None), 0, [], []
        for name in ("XLMAIN", "XLDESK", "EXCEL7"):
            made = win32gui.WNDCLASS()
            made.hInstance, made.lpszClassName = instance, name
            made.lpfnWndProc = {self.GET_OBJECT: self._answer}
            win32gui.RegisterClass(made)
            style = win32con.WS_CHILD if parent else win32con.WS_OVERLAPPEDWINDOW
            parent = win32gui.CreateWindow(name, "Microsoft Excel", style, 0, 0, 640, 480, parent, 0, instance, None)
            self.handles.append(parent)
        self.main = self.handles[0]

    def _answer(self, hwnd, message, wparam, lparam):
        if hwnd != self.handles[-1] or lparam & 0xFFFFFFFF != self.NATIVE:
            return win32gui.DefWindowProc(hwnd, message, wparam, lparam)
        window = Window().wrapped()
        self.alive.append(window)
        pointer = int(re.search(r"with obj at (0x[0-9A-Fa-f]+)", repr(window))[1], 16)
        iid = (ctypes.c_byte * 16)(*bytes(pywintypes.IID(str(pythoncom.IID_IDispatch))))
        function = ctypes.windll.oleacc.LresultFromObject
        function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p], ctypes.c_ssize_t
        return function(ctypes.addressof(iid), wparam, pointer)


def register():
    """For all users: Wine 8 does not look at the classes of one."""
    pythoncom.RegisterTypeLib(pythoncom.LoadTypeLib(LIBRARY), LIBRARY)
    keys = {
        r"Excel.Application\CLSID": members.CLSID,
        r"Excel.Application\CurVer": "Excel.Application.16",
        rf"CLSID\{members.CLSID}\LocalServer32": f'"{sys.executable}" "{Path(__file__)}"',
    }
    for key, value in keys.items():
        winreg.SetValue(winreg.HKEY_LOCAL_MACHINE, rf"Software\Classes\{key}", winreg.REG_SZ, value)


APP = Application()


def main(arguments):
    if arguments == ["--register"]:
        register()
        return
    if found := members.problems():
        sys.exit("\n".join(found))
    APP.window = Frame()
    if arguments[0] == "-Embedding":
        policy.CreateInstance = lambda clsid, iid: APP.wrapped()  # what pythoncom's class object calls
        factory = pythoncom.MakePyFactory(members.CLSID)
        where, how = pythoncom.CLSCTX_LOCAL_SERVER, pythoncom.REGCLS_SINGLEUSE
        APP.held = pythoncom.CoRegisterClassObject(pywintypes.IID(members.CLSID), factory, where, how)
    else:
        ready, *paths = map(Path, arguments)
        APP.books += map(load, paths)
        ready.write_text(str(APP.window.main))
    win32gui.PumpMessages()


if __name__ == "__main__":
    main(sys.argv[1:])
