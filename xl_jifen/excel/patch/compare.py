"""Whether sheets of two workbooks say the same, whatever program saved them last and however it writes them.

Reads cells with a streaming parser, both sheets side by side, and stops at the first difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING
from xml.parsers import expat

from xl_jifen import layout

if TYPE_CHECKING:
    from xl_jifen.excel.read.package import Package
    from xl_jifen.finding import CannotRead

_STEP = 1 << 16

_Item = tuple[str, str, str, str]
"""Of a cell or a shared string: reference, type, text, formula."""


def same_content(package: Package, contents: Mapping[str, bytes], charts: Mapping[str, int]) -> bool:
    """Whether the workbook's sheets of those names say the same as ``contents``, and have as many ``charts``.

    Compared are values and formulas of all cells. The line of 看板 that tells when it was computed does not count.
    ``contents`` have their texts inside the cells.
    """
    for name, theirs in contents.items():
        part = package.sheets.get(name)
        if part is None or _charts(package, name) != charts[name]:
            return False
        ours = package.read(part)
        if _cells(ours) == _cells(theirs):
            continue  # nobody has saved the file since the sheet was written
        skip = layout.COMPUTED_CELL if name == layout.BOARD_SHEET else None
        broken = package.damaged(f"部件 {part} 不是完好的 XML")
        pairs = zip_longest(_content(ours, _texts(package), skip, broken), _content(theirs, (), skip, broken))
        if any(one != other for one, other in pairs):
            return False
    return True


def _cells(content: bytes) -> bytes:
    return content[content.find(b"<sheetData>") : content.find(b"</sheetData>")]


def _charts(package: Package, name: str) -> int:
    """How many charts it has that leave nothing to be guessed; those of old versions do."""
    drawings = (r.target for r in package.relations(package.sheets[name]) if r.type == "drawing" and not r.external)
    charts = (r.target for drawing in drawings for r in package.relations(drawing) if r.type == "chart")
    return sum(b"showLegendKey" in package.read(chart) for chart in charts)


def _content(
    sheet: bytes, texts: Sequence[str], skip: str | None, broken: CannotRead
) -> Iterator[tuple[str, str | float, str]]:
    """Address, value and formula of every cell that has one, in the sheet's order."""
    for reference, kind, text, formula in _Items("c").of(sheet, broken):
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
    if part is None or part not in package:
        return []
    broken = package.damaged(f"部件 {part} 不是完好的 XML")
    return [text for _, _, text, _ in _Items("si").of(package.read(part), broken)]


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

    def of(self, content: bytes, broken: CannotRead) -> Iterator[_Item]:
        """Every such element of a part, in order; raises ``broken`` if it is no XML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        for begin in range(0, len(content) + 1, _STEP):
            try:
                parser.Parse(content[begin : begin + _STEP], begin + _STEP > len(content))
            except (expat.ExpatError, ValueError):
                raise broken from None
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
