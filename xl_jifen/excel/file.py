"""A closed workbook file becomes plain cells: the sheets the branch fills, anchored at A1. Reads only, decides nothing.

Cells are read sparsely, so that a stray cell or a million formatted rows cost next to nothing. What every office
program writes is cut up with ``bytes.split`` and each distinct spelling of a value worked out once; any other
well-formed XML is first rewritten into that plain form by expat. Built on :mod:`xl_jifen.excel.package`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from xl_jifen import layout
from xl_jifen.excel.package import Package
from xl_jifen.excel.plain import REFERENCES, Odd, plain
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Cell, CellError, Grid, Grids, column_letters, column_number, squeeze

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The size of a sheet in Excel: nothing can stand beyond row 1048576 and column XFD."""

MOST_CELLS = 16_000_000
"""Places up to the last filled cell of each row, over all sheets. 100,000 entries fill 1.5 million."""

MOST_ROWS = 300_000
"""Filled rows, over all sheets: thrice the largest honest year, and a wrong one may have several findings on each."""

NOT_COMPUTED = CellError("未计算的公式")
"""A formula whose result no program has stored yet: not a blank, and no number either."""

PICTURE = "（图片）"
"""A picture placed inside a cell, which Excel stores as the error #VALUE! with a rich value."""


def read_file(path: Path) -> Grids:
    """The sheets of the workbook at ``path``; see :func:`read_grids`. Raises CannotRead."""
    return read_grids(Package.open(path))


def read_grids(package: Package) -> Grids:
    """The sheets of ``layout.SHEETS`` that a workbook has, in its order; others are left unread.

    A blank cell is None and white space stays; formulas give their stored value (NOT_COMPUTED if there is none).
    Numbers are int or float, or date, datetime or time where the cell's number format shows one. Raises CannotRead.
    """
    contract = {squeeze(sheet.name) for sheet in layout.SHEETS}
    try:
        values = _Values(package)
    except Odd as odd:
        raise package.damaged(str(odd)) from None
    room, rows_left = MOST_CELLS, MOST_ROWS
    grids = []
    for name, part in package.sheets.items():
        if squeeze(name) not in contract:
            continue
        try:
            rows = _any_rows(package.read(part), values, room)
        except Odd as odd:
            raise package.damaged(f"工作表“{name}”{odd}") from None
        except _TooWide:
            raise CannotRead(f"“{package.name}”的工作表“{name}”内容散得太开，请删去数据右侧多余的列后再试。") from None
        room -= sum(map(len, rows))
        rows_left -= sum(map(bool, rows))
        if rows_left < 0:
            raise CannotRead(f"“{package.name}”的登记超过 {MOST_ROWS} 行，请按年度分成几个工作簿后再试。")
        grids.append(Grid(name, rows))
    return Grids(tuple(grids))


class _TooWide(Exception):
    """The rows reach so far to the right that they would fill the memory."""


_BLOCK = 1 << 18  # bytes cut up at a time: the pieces of a whole large sheet would fill the memory
_SPLIT_CELLS = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,9})').split
_TAIL = re.compile(
    rb'"(?: s="(?P<style>\d{1,9})")?(?: t="(?P<type>\w+)")?(?: cm="\d+")?(?P<rich> vm="\d+")?\s*'
    rb"(?:/>|>(?P<formula><f(?:\s[^<>]*)?(?:/>|>[^<]*</f>))?"
    rb"(?:<v(?:\s[^<>]*)?>(?P<value>[^<]*)</v>|<v\s*/>)?"
    rb"(?P<inline><is>(?:<t(?:\s[^<>]*)?>[^<]*</t>|<t/>)</is>)?</c>)\s*(?P<rest></row>|.*)",
    re.DOTALL,
)
_SHARED = re.compile(rb'"(?: s="\d{1,9}")? t="s"><v>(\d{1,9})</v></c>(?:</row>)?').fullmatch  # most of all cells
_RUNS = re.compile(rb"<t(?:\s[^<>]*)?>([^<]*)</t>")
_PHONETIC = re.compile(rb"<rPh\b.*?</rPh>", re.DOTALL)
_LETTERS = [column_letters(column).encode() for column in range(1, 65)]
_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRUTH = {b"1": True, b"true": True, b"0": False, b"false": False}
_OTHER_REFERENCE = re.compile("&(?!amp;|lt;|gt;|quot;|apos;|#13;)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]")
_LITERALS = re.compile(r'general|"[^"]*"?|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_DATE_FORMATS = {str(number) for number in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
"""The built-in ones, with those of the Chinese versions (27-36, 50-58)."""


def _any_rows(xml: bytes, values: _Values, room: int) -> list[Sequence[Cell]]:
    try:
        return _rows(xml, values, room)
    except Odd:
        return _rows(plain(xml), values, room)


def _rows(xml: bytes, values: _Values, room: int) -> list[Sequence[Cell]]:
    """The rows of a worksheet in the plain form, each up to its last filled cell. Raises Odd, _TooWide."""
    begin, end = xml.find(b"<sheetData>"), xml.rfind(b"</sheetData>")
    if not 0 <= begin < end or b"<!" in xml[:begin]:
        raise Odd("没有数据区")
    begin += len(b"<sheetData>")
    found: dict[int, Sequence[Cell]] = {}
    while begin < end:
        stop = xml.find(b"<row ", begin + _BLOCK, end)
        stop = stop if stop > 0 else end
        pieces = xml[begin:stop].split(b"<row ")  # a cell's own reference tells its row
        before, *cells = _SPLIT_CELLS(b"".join([piece[piece.find(b">") + 1 :] for piece in pieces]))
        if not _only_row_ends(before):
            raise Odd("的行写法有误")
        letters, numbers = cells[0::3], cells[1::3]
        block = list(map(values.__getitem__, cells[2::3]))
        last = 0
        for digits, same in groupby(numbers):
            first, last = last, last + len(list(same))
            row = block[first:last]
            while row and row[-1] is None:
                row.pop()
            if not row:
                continue
            number = int(digits)
            if number in found or not 0 < number <= LAST_ROW:
                raise Odd(f"的第 {number} 行重复或超出范围")
            columns = letters[first : first + len(row)]
            if columns == _LETTERS[: len(row)]:
                found[number] = row
            elif order := _order(tuple(columns)):
                found[number] = order([*row, None])
            else:
                found[number] = _placed(columns, row)
            room -= len(found[number])
            if room < 0:
                raise _TooWide
        begin = stop
    rows: list[Sequence[Cell]] = [()] * max(found, default=0)
    for number, filled in found.items():
        rows[number - 1] = filled
    return rows


def _only_row_ends(xml: bytes) -> bool:
    return not xml.replace(b"</row>", b"").strip()


@lru_cache(maxsize=256)
def _order(letters: tuple[bytes, ...]) -> Callable[[list[Cell]], tuple[Cell, ...]] | None:
    """What puts the cells of a row that leaves columns out (and one blank more) in their places; None for odd rows."""
    if not set(letters) <= set(_LETTERS):
        return None
    columns = [_column(letter) for letter in letters]
    if columns != sorted(set(columns)):
        return None
    position = {column: number for number, column in enumerate(columns)}
    return itemgetter(*(position.get(column, -1) for column in range(1, columns[-1] + 1)))


def _placed(letters: list[bytes], values: list[Cell]) -> list[Cell]:
    """One row whose cells leave columns out or stand in another order."""
    by_column = dict(zip(map(_column, letters), values, strict=True))
    last = max(column for column, value in by_column.items() if value is not None)
    if len(by_column) < len(values) or last > LAST_COLUMN:
        raise Odd(f"有重复的或超出 XFD 列的单元格({letters[-1].decode()} 列)")
    return [by_column.get(column) for column in range(1, last + 1)]


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


class _Values(dict[bytes, Cell]):
    """What the XML of a cell after its reference means; each spelling that is not a formula is worked out once."""

    def __init__(self, package: Package) -> None:
        parts = {relation.type: relation.target for relation in package.relations(package.workbook)}
        strings, styles = parts.get("sharedStrings", ""), parts.get("styles", "")
        self._strings = _shared_strings(package.read(strings)) if strings in package else []
        self._shows_date = _date_styles(package, styles) if styles in package else []
        self._date1904 = package.date1904

    def __missing__(self, tail: bytes) -> Cell:
        if shared := _SHARED(tail):
            text = self[tail] = self._shared(int(shared[1]))
            return text
        cell = _TAIL.fullmatch(tail)
        if not cell or not _only_row_ends(cell["rest"]):
            raise Odd("有无法识别的单元格")
        value = self._value(cell)
        if not cell["formula"] and len(cell["rest"]) < 10:
            self[tail] = value
        return value

    def _value(self, cell: re.Match[bytes]) -> Cell:
        kind, raw = cell["type"] or b"n", cell["value"] or b""
        if kind not in (b"str", b"inlineStr"):
            raw = raw.strip()
        if cell["inline"]:
            return _joined(cell["inline"])
        if not raw:
            return NOT_COMPUTED if cell["formula"] and kind != b"str" else None  # "str": the formula gave an empty text
        if kind == b"n":
            return self._number(raw, int(cell["style"] or 0))
        if kind == b"s":
            return self._shared(int(raw) if raw.isdigit() and len(raw) < 10 else len(self._strings))
        if kind == b"b" and raw in _TRUTH:
            return _TRUTH[raw]
        if kind == b"e":
            return PICTURE if cell["rich"] and not cell["formula"] else CellError(_text(raw))
        if kind == b"d":
            try:
                return _day_or_moment(datetime.fromisoformat(_text(raw)).replace(tzinfo=None))
            except ValueError:
                return _text(raw)  # for the reader of the sheet to judge
        if kind in (b"str", b"inlineStr"):
            return _text(raw)
        raise Odd("有无法识别的单元格类型")

    def _shared(self, number: int) -> str | None:
        if number >= len(self._strings):
            raise Odd("引用了不存在的文字(共享字符串)")
        return _joined(self._strings[number])

    def _number(self, raw: bytes, style: int) -> Cell:
        number = float(raw) if _NUMBER.fullmatch(raw) else math.nan
        if not math.isfinite(number):
            raise Odd("有无法识别的数字")
        if len(raw) <= 15 and raw.removeprefix(b"-").isdigit():
            number = int(raw)
        if style < len(self._shows_date) and self._shows_date[style]:
            return _moment(number, self._date1904)
        return number


def _moment(serial: float, date1904: bool) -> Cell:
    """What a serial number means under a date format; a number that Excel could only show as ##### stays one."""
    days, part = divmod(serial, 1)
    try:
        rest = timedelta(milliseconds=round(part * 86_400_000))
        if 0 <= serial < 1 and not date1904:
            return (datetime.min + rest).time()
        first = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 31 if days < 60 else 30)  # no 1900-02-29
        moment = first + timedelta(days) + rest
    except OverflowError:
        return serial
    return serial if serial < 0 else _day_or_moment(moment)


def _day_or_moment(moment: datetime) -> date:
    return moment if moment.time() != time.min else moment.date()


def _date_styles(package: Package, part: str) -> list[bool]:
    """For each cell format of styles.xml, whether its number format shows a date or a time."""
    codes: dict[str, str] = {}
    formats: list[str] = []
    within = ""
    for element, attributes in package.elements(part):
        if element in ("cellStyleXfs", "cellXfs"):
            within = element
        elif element == "numFmt":  # later ones belong to conditional formats
            codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif element == "xf" and within == "cellXfs":
            formats.append(attributes.get("numFmtId", ""))
    return [_is_date(codes[number]) if number in codes else number in _DATE_FORMATS for number in formats]


def _is_date(code: str) -> bool:
    """Whether a format code has a letter of dates or times outside quotes, escapes, colours and locales."""
    return bool(re.search("[dmyhs]|aaa|上午", _LITERALS.sub("", code.lower())))


def _shared_strings(xml: bytes) -> list[bytes]:
    """The items of the shared strings, still as XML: only those that a sheet uses are worth decoding."""
    if not 0 < xml.count(b"<si>") == xml.count(b"<si") or re.search(rb"<!|&#", xml):
        xml = plain(xml)
    return xml.split(b"<si>")[1:]


def _joined(xml: bytes) -> str | None:
    """The text of a string item: its runs joined, without the phonetic ones (拼音); blank if nothing is left."""
    plain = xml.removeprefix(b"<t>").removesuffix(b"</t></si>")
    if b"<" not in plain:
        return _text(plain) or None
    if b"<rPh" in xml:
        xml = _PHONETIC.sub(b"", xml)
    return _text(b"".join(_RUNS.findall(xml))) or None


def _text(raw: bytes) -> str:
    """Character data as text: line ends, references, and the ``_x000D_`` notation of spreadsheets undone."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Odd("有无法识别的文字") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable() and _CONTROL.search(text):
        raise Odd("有无法识别的文字")
    if "&" in text:
        if _OTHER_REFERENCE.search(text):
            raise Odd("有无法识别的文字")
        for character, reference in reversed(REFERENCES):
            text = text.replace(reference, character)
    return _ESCAPE.sub(_unescaped, text) if "_x" in text else text


def _unescaped(escape: re.Match[str]) -> str:
    """What ``_x000D_`` stands for; codes that may not stand in XML stay as written, for they can be written nowhere."""
    code = int(escape[1], 16)
    return chr(code) if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else escape[0]
