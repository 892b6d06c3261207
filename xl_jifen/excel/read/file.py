"""A closed workbook file becomes plain cells: the sheets the branch fills, anchored at A1. Reads only, decides nothing.

Cells are read sparsely, so that a stray cell or a million formatted rows cost next to nothing. In the plain form that
every office program writes, ordinary rows are matched whole and others cut up cell by cell, and each distinct spelling
of a value is worked out once; any other well-formed XML is first rewritten into that form by expat. Built on
:mod:`xl_jifen.excel.read.package`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from xl_jifen import layout
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.plain import REFERENCES, Odd, plain
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Cell, CellError, Grid, Grids, column_letters, column_number

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


def read_grids(package: Package, *, every: bool = False) -> Grids:
    """The sheets of ``layout.SHEETS`` that a workbook has, and copies of them, in its order; others if ``every``.

    A blank cell is None and white space stays; formulas give their stored value (NOT_COMPUTED if there is none).
    Numbers are int or float, or date, datetime or time where the cell's number format shows one. Raises CannotRead.
    """
    try:
        values = _Values(package)
    except Odd as odd:
        raise package.damaged(str(odd)) from None
    room, rows_left = MOST_CELLS, MOST_ROWS
    grids = []
    for name, part in package.sheets.items():
        if not every and not layout.meant(name):
            continue
        try:
            rows = _any_rows(package.read(part), values, room)
        except Odd as odd:
            raise package.damaged(f"工作表“{name}”{odd}") from None
        except _TooWide:
            raise CannotRead(f"“{package.name}”的工作表“{name}”内容散得太开；请删去数据右侧多余的列后再试。") from None
        room -= sum(map(len, rows))
        rows_left -= sum(map(bool, rows))
        if rows_left < 0:
            raise CannotRead(f"“{package.name}”的登记超过 {MOST_ROWS} 行；请按年度分成几个工作簿后再试。")
        grids.append(Grid(name, rows))
    return Grids(tuple(grids))


class _TooWide(Exception):
    """The rows reach so far to the right that they would fill the memory."""


_BLOCK = 1 << 18  # bytes cut up at a time: the pieces of a whole large sheet would fill the memory
_LARGE, _WIDEST = 1 << 14, 64  # a sheet's bytes and columns for which the expression for its whole rows is worth making
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]{1,3}\d+:)?([A-Z]{1,3})\d+"').search  # a hint only
_REGULAR_CELL = rb'(?:<c r="%s\1("[^<]*+(?:<f[^<]*+</f>)?+(?:<v>[^<]*+</v></c>|<is><t[^<]*+</t></is></c>)?+))?+'
_SPLIT_CELLS = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,9})').split
_TAIL = re.compile(
    rb'"(?: s="(?P<style>\d{1,9})")?(?: t="(?P<type>\w+)")?(?: cm="\d+")?(?P<rich> vm="\d+")?\s*'
    rb"(?:/>|>(?P<formula><f(?:\s[^<>]*)?(?:/>|>[^<]*</f>))?"
    rb"(?:<v(?:\s[^<>]*)?>(?P<value>[^<]*)</v>|<v\s*/>)?"
    rb"(?P<inline><is>(?:<t(?:\s[^<>]*)?>[^<]*</t>|<t/>)</is>)?</c>)\s*(?P<rest></row>|.*)",
    re.DOTALL,
)
_SHARED = re.compile(rb'"(?: s="\d{1,9}")? t="s"><v>(\d{1,9})</v></c>(?:</row>)?').fullmatch  # most of all cells
_STRINGS = re.compile(r"<si><t(?:\s[^<>]*)?>([^<]*+)</t>(?:<phoneticPr\b[^<>]*/>)?</si>").findall
_RUNS = re.compile(r"<t(?:\s[^<>]*)?>([^<]*)</t>").findall
_PHONETIC = re.compile(r"<rPh\b(?:[^<]|<(?!rPh\b))*?</rPh>")  # many that begin and none that ends: not each to the end
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
    dimension = _DIMENSION(xml, 0, begin) if len(xml) > _LARGE else None
    find = _finder(min(_column(dimension[1]), _WIDEST)) if dimension else None
    begin += len(b"<sheetData>")
    found: dict[int, Sequence[Cell]] = {}
    while begin < end:
        stop = xml.find(b"<row ", begin + _BLOCK, end)
        stop = stop if stop > 0 else end
        block = xml[begin:stop]
        rows = _regular_rows(block, find) if find else []
        for number, row in _by_column(rows, values) if rows else _by_cell(block, values):
            if number in found or not 0 < number <= LAST_ROW:
                raise Odd(f"的第 {number} 行重复或超出范围")
            found[number] = row
            room -= len(row)
            if room < 0:
                raise _TooWide
        begin = stop
    rows_by_number: list[Sequence[Cell]] = [()] * max(found, default=0)
    for number, row in found.items():
        rows_by_number[number - 1] = row
    return rows_by_number


@cache
def _finder(width: int) -> Callable[[bytes], list[tuple[bytes, ...]]]:
    """What finds regular rows: nothing unusual about them, the cells in order and in no column beyond ``width``.

    For each its number, and of the cell in each column what follows the reference; nothing where there is no cell.
    """
    cells = [_REGULAR_CELL % column_letters(column).encode() for column in range(1, width + 1)]
    return re.compile(rb'<row r="(\d{1,9})"[^<>]*+>' + b"".join(cells) + b"</row>").findall


def _regular_rows(block: bytes, find: Callable[[bytes], list[tuple[bytes, ...]]]) -> list[tuple[bytes, ...]]:
    """The rows of a block if there is nothing in it but regular ones, one right after the other; else none."""
    count = block.count(b"<row ")
    if count != block.count(b"</row><row ") + 1 or not (block.startswith(b"<row ") and block.endswith(b"</row>")):
        return []
    rows = find(block)
    return rows if len(rows) == count else []


def _by_column(rows: list[tuple[bytes, ...]], values: _Values) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Number and cells of the rows that are not blank, of those a finder found."""
    numbers, *columns = zip(*rows, strict=True)
    cells = [list(map(values.__getitem__, column)) for column in columns]
    while cells and cells[-1].count(None) == len(rows):
        cells.pop()
    for number, row in zip(map(int, numbers), zip(*cells, strict=True), strict=False):  # none if there is no column
        while row and row[-1] is None:
            row = row[:-1]
        if row:
            yield number, row


def _by_cell(block: bytes, values: _Values) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Number and cells of the rows that are not blank, of any rows in the plain form: each cell tells its own row."""
    pieces = block.split(b"<row ")
    before, *cells = _SPLIT_CELLS(b"".join([piece[piece.find(b">") + 1 :] for piece in pieces]))
    letters, numbers, tails = cells[0::3], cells[1::3], cells[2::3]
    if not _only_row_ends(before) or b"" in tails:
        raise Odd("的行写法有误")
    read = list(map(values.__getitem__, tails))
    last = 0
    for digits, same in groupby(numbers):
        first, last = last, last + len(list(same))
        row = read[first:last]
        while row and row[-1] is None:
            row.pop()
        if not row:
            continue
        columns = letters[first : first + len(row)]
        if columns == _LETTERS[: len(row)]:
            yield int(digits), row
        elif order := _order(tuple(columns)):
            yield int(digits), order([*row, None])
        else:
            yield int(digits), _placed(columns, row)


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
        self[b""] = None  # where there is no cell

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
            return _joined(_decoded(cell["inline"]))
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
        return self._strings[number]

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


def _shared_strings(xml: bytes) -> list[str | None]:
    """The texts of the shared strings; blank where there is none. Raises Odd."""
    if not 0 < xml.count(b"<si>") == xml.count(b"<si") or b"<!" in xml or b"&#" in xml:
        xml = plain(xml)
    strings: list[str | None] = []
    begin, end = xml.find(b"<si>"), len(xml)
    while 0 <= begin < end:
        stop = xml.find(b"<si>", begin + _BLOCK)
        stop = stop if stop > 0 else end
        block = _decoded(xml[begin:stop])
        texts = _STRINGS(block)
        if len(texts) < block.count("<si>"):
            strings += map(_joined, block.split("<si>")[1:])
        elif "&" in block or "_x" in block:
            strings += [_resolved(text) or None for text in texts]
        else:
            strings += [text or None for text in texts]
        begin = stop
    return strings


def _joined(xml: str) -> str | None:
    """The text of a string item: its runs joined, without the phonetic ones (拼音); blank if nothing is left."""
    if "<rPh" in xml:
        xml = _PHONETIC.sub("", xml)
    return _resolved("".join(_RUNS(xml))) or None


def _text(raw: bytes) -> str:
    """Character data as text."""
    return _resolved(_decoded(raw))


def _decoded(raw: bytes) -> str:
    """XML as text, with one kind of line end. Raises Odd for characters that may not stand in XML."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Odd("有无法识别的文字") from None
    if text.isprintable():
        return text
    if _CONTROL.search(text):
        raise Odd("有无法识别的文字")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _resolved(text: str) -> str:
    """Text whose references and whose ``_x000D_`` notation of spreadsheets are undone. Raises Odd."""
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
