"""Sheets and shared texts in the plain form that nearly every program writes, cut up as bytes: the fast way.

It reads only what it can prove to be that form (one data area where it belongs, nothing in it but rows of cells, no
prefix, comment or other element) and then finds the cells that :mod:`xl_jifen.excel.read.exact` finds; else it is Odd.
In long sheets whole rows are matched at once; each distinct spelling of a value is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import filterfalse
from operator import itemgetter
from xml.parsers import expat

from xl_jifen.budget import Budget
from xl_jifen.excel.read.values import Values, text_of
from xl_jifen.excel.read.xml import Elements, Odd, parse
from xl_jifen.grid import LAST_ROW, LONGEST_TEXT, Cell, column_letters, column_number
from xl_jifen.typed import TypeAlias

_Find: TypeAlias = Callable[[bytes], list[tuple[bytes, ...]]]

_BLOCK = 1 << 18  # bytes cut up at a time: the pieces of a whole large sheet would fill the memory
LONG, _WIDEST = 1 << 17, 64  # a sheet's bytes and columns for which the expression for its whole rows is worth making
_PREFIXED_ROOT = rb"(?:\xef\xbb\xbf)?(?:<\?[^<>]*\?>\s*)?<([A-Za-z]\w{0,9}):(?:worksheet|sst)[\s>]"
_DIMENSION = rb'<dimension ref="(?:[A-Z]{1,3}\d+:)?([A-Z]{1,3})\d+"'  # a hint only; such as are texts are seldom used
_CONTENT = rb'(?: xml:space="preserve")?>'  # of a text or value; nothing else is said of it
_REGULAR_CELL = rb'(?:<c r="%s\1("[^<]*+(?:<f[^<]*+</f>)?+(?:<v>[^<]*+</v></c>|<is><t[^<]*+</t></is></c>)?+))?+'
_SPLIT_CELLS = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,9})').split
_ROW = re.compile(rb'r="\d{1,9}"').match
_BLANK_ROW = re.compile(rb'r="\d{1,9}"[^<>]*+(?<!/)>(?:<c r="[A-Z]{1,3}\d{1,9}"(?: s="\d{0,9}")?/>)*+</row>').fullmatch
_PLACE_LATER = rb'<c ((?:\w+="[^"<>]*" )+)r="([A-Z]{1,3}\d{1,9})"'
_TAIL = (  # of few cells; compiled when first asked
    rb'"(?P<said>(?: (?:s|t|cm|vm)="[^"<>&]*")*)\s*'
    rb"(?:/>|>(?P<formula><f(?:\s[^<>]*)?(?:/>|>[^<]*</f>))?"
    rb"(?:<v" + _CONTENT + rb"(?P<value>[^<]*)</v>|(?P<empty><v\s*/>))?"
    rb"(?P<inline><is>(?:<t" + _CONTENT + rb"[^<]*</t>|<t/>)</is>)?</c>)"
)
_SAID = rb' (\w+)="([^"]*)"'
_SHARED = re.compile(rb'"(?: s="\d{0,9}")? t="s"><v>(\d{1,9})</v></c>').fullmatch  # most of all cells
_INLINE_TEXT = rb'"(?: s="\d{0,9}")? t="inlineStr"><is><t' + _CONTENT + rb"([^<]*+)</t></is></c>"
_INLINE, _INLINES = re.compile(_INLINE_TEXT).fullmatch, rb"\0" + _INLINE_TEXT
_NUMBER = re.compile(rb'"(?: s="(\d{0,9})")?><v>([0-9.Ee+-]+)</v></c>').fullmatch
_TEXT = r'<t(?: xml:space="preserve")?>'
_ITEMS = re.compile(
    rf"<si>(?:{_TEXT}([^<]*+)</t>|<t/>)?(?:<rPh(?: \w+=\"[^\"<>&]*\")*>{_TEXT}[^<]*+</t></rPh>)*+"
    r"(?:<phoneticPr(?: \w+=\"[^\"<>&]*\")*/>)?</si>"
).findall
_RUN = rf'<r>(?:<rPr>(?:<\w+(?: \w+="[^"<>&]*")*/>)*</rPr>|<rPr/>)?{_TEXT}'
_NEXT_RUN, _FIRST_RUN, _LAST_RUN = "</t></r>" + _RUN, "<si>" + _RUN, "</t></r>(?=<rPh |<phoneticPr )"
_LETTERS = [column_letters(column).encode() for column in range(1, 65)]
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_OTHER_REFERENCE = "&(?!amp;|lt;|gt;|quot;|apos;)"
_NUMBERED = re.compile("&#([0-9]{1,7}|x[0-9A-Fa-f]{1,6});").split
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])


def rows(xml: bytes, spellings: Spellings) -> dict[int, Sequence[Cell]]:
    """The cells of each row of a worksheet that is not blank, up to its last filled one. Raises Odd."""
    xml = _unprefixed(xml)
    begin, end = xml.find(b"<sheetData>"), xml.rfind(b"</sheetData>")
    if not 0 <= begin < end or xml.count(b"sheetData") != 2:
        raise Odd("没有数据区")
    budget = spellings.meaning.budget
    _prove(xml, begin, end + len(b"</sheetData>"), "worksheet/sheetData", budget)
    dimension = re.search(_DIMENSION, xml[:begin]) if end - begin > LONG else None
    find = _finder(min(_column(dimension[1]), _WIDEST)) if dimension else None
    begin += len(b"<sheetData>")
    spellings.within(xml[:begin])
    found: dict[int, Sequence[Cell]] = {}
    while begin < end:
        stop = xml.find(b"<row ", begin + _BLOCK, end)
        stop = stop if stop > 0 else end
        read = _read(xml[begin:stop], spellings, find)
        count, of_block = len(found) + len(read), dict(read)
        found.update(of_block)
        if len(found) < count or not 0 < min(of_block, default=1) <= max(of_block, default=1) <= LAST_ROW:
            raise Odd("的行重复或超出范围")
        budget.draw("places", sum(len(row) for _, row in read))
        begin = stop
    return found


def _read(block: bytes, spellings: Spellings, find: _Find | None) -> list[tuple[int, Sequence[Cell]]]:
    """Number and cells of the rows of a block that are not blank."""
    regular = _regular_rows(block, find) if find else []
    if regular:
        return list(_by_column(regular, spellings))
    try:
        return list(_by_cell(block, spellings))
    except Odd:
        usual = re.sub(_PLACE_LATER, rb'<c r="\2" \1', block)
        if usual == block:
            raise
        return list(_by_cell(usual, spellings))


def strings(xml: bytes, budget: Budget) -> list[str | None]:
    """The shared texts; None for an empty one. Raises Odd."""
    xml = _unprefixed(xml)
    begin, end = xml.find(b"<si>"), xml.rfind(b"</si>") + len(b"</si>")
    if not 0 <= begin < end:
        raise Odd("没有文字")
    _prove(xml, begin, end, "sst/si", budget)
    budget.draw("strings", xml.count(b"<si>"))
    found: list[str | None] = []
    while begin < end:
        stop = xml.find(b"<si>", begin + _BLOCK)
        stop = stop if stop > 0 else end
        block = _decoded(xml[begin:stop])
        if "</r>" in block:  # runs, which LibreOffice makes of Chinese and Latin letters, too
            block = re.sub(_FIRST_RUN, "<si><t>", re.sub(_NEXT_RUN, "", block)).replace("</t></r></si>", "</t></si>")
            if "</r>" in block:
                block = re.sub(_LAST_RUN, "</t>", block)
        texts = _ITEMS(block)
        if not len(texts) == block.count("<si>") == block.count("</si><si>") + 1 or not block.endswith("</si>"):
            raise Odd("有无法识别的文字")
        if "&" in block:
            texts = list(map(_resolved, texts))
        found += _texts(texts, budget)
        begin = stop
    return found


def _texts(texts: list[str], budget: Budget) -> list[str | None]:
    """The texts that these stand for, as :func:`text_of` has them; None for an empty one."""
    if "_x" in "".join(texts) or len(max(texts, key=len)) > LONGEST_TEXT:
        texts = [text_of(text, budget) for text in texts]
    else:
        budget.draw("letters", sum(map(len, texts)))
    return [text or None for text in texts]


def _unprefixed(xml: bytes) -> bytes:
    """A part all of whose elements have one and the same prefix, as the libraries of .NET write it, without that.

    Any other part as it is: an element without a prefix would come into the namespace, and another prefix might too.
    """
    if not (root := re.match(_PREFIXED_ROOT, xml)):
        return xml
    prefix = root[1]
    tags, declared = (b"<%b:" % prefix, b"</%b:" % prefix), b" xmlns:%b=" % prefix
    others = xml.count(b"<?") if xml.startswith(b"<?") or xml.startswith(b"\xef\xbb\xbf<?") else 0
    if sum(map(xml.count, tags)) + others != xml.count(b"<") or xml.count(declared) != 1 or b"xmlns=" in xml:
        return xml
    return xml.replace(tags[0], b"<").replace(tags[1], b"</").replace(declared, b" xmlns=")


def _prove(xml: bytes, begin: int, end: int, stands: str, budget: Budget) -> None:
    """Raises Odd unless an element that stood for all from begin to end would stand there, and no namespace in it."""
    element = b"<%s/>" % stands.rpartition("/")[2].encode()
    found = Elements((stands,), budget).of(xml[:begin] + element + xml[end:])
    encoding = re.search(rb"^[^>]*\sencoding\s*=\s*[\"']([^\"']*)", xml[:200])
    if encoding and encoding[1].lower() not in (b"utf-8", b"utf8"):
        raise Odd("不是 UTF-8")
    named = xml.find(b"x", begin, end) >= 0 and xml.find(b"xmlns", begin, end) >= 0  # one sign is found much faster
    if len(found) != 1 or named:
        raise Odd("数据区不在它的地方")


@cache
def _finder(width: int) -> _Find:
    """What finds regular rows: nothing unusual about them, the cells in order and in no column beyond ``width``.

    For each its number, what else is said of it, and of the cell in each column what follows the reference; nothing
    where there is no cell.
    """
    cells = [_REGULAR_CELL % column_letters(column).encode() for column in range(1, width + 1)]
    return re.compile(rb'<row r="(\d{1,9})"([^<>]*+)(?<!/)>' + b"".join(cells) + b"</row>").findall


def _regular_rows(block: bytes, find: _Find) -> list[tuple[bytes, ...]]:
    """The rows of a block if there is nothing in it but regular ones, one right after the other; else none."""
    count = block.count(b"<row ")
    if count != block.count(b"</row><row ") + 1 or not (block.startswith(b"<row ") and block.endswith(b"</row>")):
        return []
    found = find(block)
    return found if len(found) == count else []


def _by_column(found: list[tuple[bytes, ...]], spellings: Spellings) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Number and cells of the rows that are not blank, of those a finder found."""
    numbers, heads, *columns = zip(*found, strict=True)
    spellings.prove(b'<row r="1"', heads)
    for column in columns if not spellings.shared else ():
        spellings.learn(column)
    cells = [list(map(spellings.__getitem__, column)) for column in columns]
    blank = [column.count(None) for column in cells]
    spellings.meaning.budget.draw("cells", len(found) * len(cells) - sum(blank))
    while cells and blank.pop() == len(found):
        cells.pop()
    for number, row in zip(map(int, numbers), zip(*cells, strict=True), strict=False):  # none if there is no column
        while row and row[-1] is None:
            row = row[:-1]
        if row:
            yield number, row


def _by_cell(block: bytes, spellings: Spellings) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Number and cells of the rows that are not blank, of any rows: each cell tells its own row."""
    before, *pieces = block.split(b"<row ")
    if before:
        raise Odd("的行写法有误")
    filled = 0
    spellings.prove(b"<row ", [piece[: piece.find(b">")].removesuffix(b"/") for piece in pieces])
    for piece in pieces:
        if _BLANK_ROW(piece):
            continue
        if not _ROW(piece):
            raise Odd("的行没有行号")
        begin = piece.find(b">") + 1
        if piece.endswith(b"/>") and begin == len(piece):
            continue
        if not piece.endswith(b"</row>") or piece.find(b"<") < begin - 1 or piece[begin - 2 : begin] == b"/>":
            raise Odd("的行写法有误")
        before, *cells = _SPLIT_CELLS(piece[begin : -len(b"</row>")])
        if before:
            raise Odd("的行写法有误")
        if not cells:
            continue
        letters, number = cells[0::3], cells[1]
        tails = cells[2::3]
        if cells[1::3].count(number) != len(letters) or b"" in tails:
            raise Odd("的行里有别的行的单元格")
        row = list(map(spellings.__getitem__, tails))
        if letters != _LETTERS[: len(letters)]:
            row = list(_order(tuple(letters))([*row, None]))
        while row and row[-1] is None:
            row.pop()
        if row:
            filled += len(row) - row.count(None)
            yield int(number), row
    spellings.meaning.budget.draw("cells", filled)


@lru_cache(maxsize=256)
def _order(letters: tuple[bytes, ...]) -> Callable[[list[Cell]], tuple[Cell, ...]]:
    """What puts the cells of a row that leaves columns out (and one blank more) in their places. Raises Odd."""
    columns = list(map(_column, letters))
    if columns != sorted(set(columns)) or columns[-1] > len(_LETTERS):
        raise Odd("有重复的、次序不对的或太远的单元格")
    position = {column: number for number, column in enumerate(columns)}
    return itemgetter(*(position.get(column, -1) for column in range(1, columns[-1] + 1)))


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


class Spellings(dict[bytes, Cell]):
    """What the XML of a cell after its reference means in a workbook; each spelling is worked out once."""

    def __init__(self, values: Values) -> None:
        self.meaning, self.shared = values, values.strings
        self._root, self._proved = b"", set[bytes]()
        self._computed = set[str]()
        self[b""] = None  # where there is no cell

    def within(self, head: bytes) -> None:
        """A sheet begins, of which this stands before the rows."""
        root = head[: head.find(b">", head.find(b"<worksheet")) + 1]
        if root != self._root:
            self._root, self._proved = root, set()

    def prove(self, tag: bytes, heads: Iterable[bytes]) -> None:
        """Raises Odd unless each tag that begins so and ends in one of these is well-formed: one tried of a kind."""
        kinds = {head.translate(None, b"0123456789"): head for head in heads}
        for kind in kinds.keys() - self._proved:
            parser = expat.ParserCreate(namespace_separator="}")
            parse(self._root + tag + kinds[kind] + b">", parser, whole=False)
            self._proved.add(kind)

    def learn(self, column: Iterable[bytes]) -> None:
        """Work out the texts among these together; those that stand in their cells are seldom alike."""
        tails = [tail for tail in filterfalse(self.__contains__, set(column)) if tail.endswith(b"</is></c>")]
        found = re.findall(_INLINES, b"\0".join([b"", *tails]))
        if found and len(found) == len(tails):
            self.meaning.budget.draw("values", len(tails))
            text = _resolved(_decoded(b"<".join(found)).replace("<", "\0"))  # no reference means that character
            self.update(zip(tails, _texts(text.split("\0"), self.meaning.budget), strict=True))

    def __missing__(self, tail: bytes) -> Cell:
        if shared := _SHARED(tail):
            number = int(shared[1])
            if number >= len(self.shared):
                raise Odd("引用了不存在的文字")
            text = self[tail] = self.shared[number]
            return text
        self.meaning.budget.draw("values")
        if plain := _NUMBER(tail):
            value = self[tail] = self.meaning.number(plain[2].decode(), plain[1])
            return value
        if inline := _INLINE(tail):
            text = self[tail] = self.meaning.text(_text(inline[1])) or None
            return text
        cell = re.fullmatch(_TAIL, tail)
        if not cell:
            raise Odd("有无法识别的单元格")
        said = re.findall(_SAID, cell["said"])
        attributes = dict(said)
        if len(attributes) != len(said):
            raise Odd("有无法识别的单元格")
        value = self.meaning.of(
            _decoded(attributes.get(b"t", b"n")),
            _decoded(attributes.get(b"s", b"")),
            _text(cell["value"] or b""),
            _text(re.sub(rb"<[^>]*>", b"", cell["inline"])) if cell["inline"] else None,
            formula=_text(re.sub(rb"<[^>]*>", b"", cell["formula"])) if cell["formula"] else None,
            rich=b"vm" in attributes and b"cm" not in attributes,
        )
        if not cell["formula"]:
            self[tail] = value
        elif isinstance(value, str):
            self._computed.add(value)
        return value

    def texts(self) -> frozenset[str]:
        """Every text that was found so far."""
        return frozenset(cell for cell in self.values() if isinstance(cell, str)) | self._computed


def _text(raw: bytes) -> str:
    """Character data as text. Raises Odd."""
    return _resolved(_decoded(raw))


def _decoded(raw: bytes) -> str:
    """XML as text, with one kind of line end. Raises Odd for characters that may not stand in XML."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Odd("有无法识别的文字") from None
    if raw.translate(None, _CONTROLS) != raw or "]]>" in text or "\ufffe" in text or "\uffff" in text:
        raise Odd("有无法识别的文字")
    return text.replace("\r\n", "\n").replace("\r", "\n") if b"\r" in raw else text


def _resolved(text: str) -> str:
    """Text whose references are undone. Raises Odd for one that XML does not know."""
    if "&" not in text:
        return text
    if "&#" in text:
        pieces = _NUMBERED(text)
        pieces[1::2] = map(_CHARACTERS.__getitem__, pieces[1::2])
        text = "".join(pieces)
        if "&" not in text:
            return text
    if re.search(_OTHER_REFERENCE, text):
        raise Odd("有无法识别的文字")
    for reference, character in _REFERENCES:
        text = text.replace(reference, character)
    return text


class _Characters(dict[str, str]):
    """What the number of a reference means; an ampersand stays one for the named references. Raises Odd."""

    def __missing__(self, number: str) -> str:
        code = int(number[1:], 16) if number[0] == "x" else int(number)
        if not (code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000):
            raise Odd("有无法识别的文字")
        character = self[number] = "&amp;" if code == 38 else chr(code)
        return character


_CHARACTERS = _Characters()
