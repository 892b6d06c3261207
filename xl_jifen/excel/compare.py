"""Whether sheets of two workbooks say the same, whatever program saved them last and however it writes them.

Reads cells with a streaming parser, both sheets side by side, and stops at the first difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING
from xml.parsers import expat

from xl_jifen import layout
from xl_jifen.excel.board import COMPUTED_CELL
from xl_jifen.excel.inline import inlined

if TYPE_CHECKING:
    from xl_jifen.excel.package import Package

_STEP, _BLOCK = 1 << 16, 1 << 20
_STYLE = re.compile(rb'(?<=") s="[0-9]+"')

_Item = tuple[str, str, str, str]
"""Of a cell or a shared string: reference, type, text, formula."""


def same_content(package: Package, source: Package, names: Iterable[str]) -> bool:
    """Whether the workbook's sheets of those names say the same as the source's.

    Compared are values and formulas of all cells, and the number of charts. The line of 看板 that tells when it was
    computed does not count.
    """
    for name in names:
        if name not in package.sheets or _charts(package, name) != _charts(source, name):
            return False
        if _same_but_styles(_cells(package.read(package.sheets[name])), _cells(inlined(source, name))):
            continue  # nobody has saved the file since the sheet was written
        skip = COMPUTED_CELL if name == layout.BOARD_SHEET else None
        pairs = zip_longest(_content(package, name, skip), _content(source, name, skip))
        if any(ours != theirs for ours, theirs in pairs):
            return False
    return True


def _cells(content: bytes) -> bytes:
    return content[content.find(b"<sheetData>") : content.find(b"</sheetData>")]


def _same_but_styles(ours: bytes, theirs: bytes) -> bool:
    """Whether rows differ in style ids at most; a megabyte at a time: all their pieces would fill the memory."""
    begin = other = 0
    while begin < len(ours):
        end, other_end = ours.find(b"<row ", begin + _BLOCK), len(theirs)
        if end < 0:
            end = len(ours)
        elif (other_end := theirs.find(ours[end : ours.find(b'" ', end) + 2], other)) < 0:
            return False
        if _STYLE.sub(b"", ours[begin:end]) != _STYLE.sub(b"", theirs[other:other_end]):
            return False
        begin, other = end, other_end
    return other == len(theirs)


def _charts(package: Package, name: str) -> int:
    drawings = (r.target for r in package.relations(package.sheets[name]) if r.type == "drawing" and not r.external)
    return sum(r.type == "chart" for drawing in drawings for r in package.relations(drawing))


def _content(package: Package, name: str, skip: str | None) -> Iterator[tuple[str, str | float, str]]:
    """Address, value and formula of every cell that has one, in the sheet's order."""
    texts = _texts(package)
    for reference, kind, text, formula in _Items("c").of(package, package.sheets[name]):
        value = _value(kind, text, texts)
        if reference != skip and (value != "" or formula):
            yield reference, value, formula.replace("'", "").replace(" ", "")


def _value(kind: str, text: str, texts: Sequence[str]) -> str | float:
    if kind == "s":
        return texts[int(text)] if text.isdecimal() and int(text) < len(texts) else ""
    if kind in ("", "n"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _texts(package: Package) -> list[str]:
    """The shared strings, those of several fonts as plain text."""
    part = next((r.target for r in package.relations(package.workbook) if r.type == "sharedStrings"), None)
    return [text for _, _, text, _ in _Items("si").of(package, part)] if part is not None and part in package else []


class _Items:
    """Collects the elements of one name: their attributes, and the text within them, phonetic guides left out."""

    def __init__(self, element: str) -> None:
        self._element = element
        self._found: list[_Item] = []
        self._attributes: dict[str, str] = {}
        self._text: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._guide = False

    def of(self, package: Package, part: str) -> Iterator[_Item]:
        """Every such element of the part, in order."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        content = package.read(part)
        for begin in range(0, len(content) + 1, _STEP):
            try:
                parser.Parse(content[begin : begin + _STEP], begin + _STEP > len(content))
            except (expat.ExpatError, ValueError):
                raise package.damaged(f"部件 {part} 不是完好的 XML") from None
            yield from self._found
            self._found.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == self._element:
            self._attributes, self._text, self._formula = attributes, [], []
        elif name in ("v", "t"):
            self._into = None if self._guide else self._text
        elif name == "f":
            self._into = self._formula
        elif name == "rPh":
            self._guide = True

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        self._into = None
        if name == self._element:
            reference, kind = self._attributes.get("r", ""), self._attributes.get("t", "")
            self._found.append((reference, kind, "".join(self._text), "".join(self._formula)))
        elif name == "rPh":
            self._guide = False

    def _characters(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)
