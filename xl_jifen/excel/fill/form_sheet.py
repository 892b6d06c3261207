"""One sheet of a form (表样): cells, rows and columns that can be moved and filled, all else as it is written.

It knows a worksheet's XML and its looks; neither files nor pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Self, TypeAlias
from xml.etree import ElementTree

from xl_jifen.excel.patch.markup import escape, quote
from xl_jifen.excel.patch.styles import Styles
from xl_jifen.excel.patch.value import text_xml
from xl_jifen.grid import Range, column_letters, range_of

_OF_SHEET = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "protectedRanges"),
    *("autoFilter", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks"),
    *("printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "ignoredErrors"),
    *("drawing", "legacyDrawingHF", "picture"),
)
"""The elements of a worksheet that are carried over, in the order of the standard (ECMA-376-1 18.3.1.99)."""
KEPT = set(_OF_SHEET) - {"dimension", "cols", "sheetData", "mergeCells", "rowBreaks"}
"""Those that are not written anew."""
TRUE = ("1", "true")
"""How a truth value is written."""
_RANGES = re.compile(r'\b((?:sq)?ref=)"([^"]*)"')
_GONE = re.compile(r'<(\w+)(?=\s)[^<>]*\s(?:sq)?ref=""[^<>]*(?:/>|>.*?</\1>)', re.DOTALL)
_CORNER = re.compile(r"<((?:\w+:)?)col>(\d+)</\1col>(.*?)<\1row>(\d+)</\1row>", re.DOTALL)

Runs: TypeAlias = tuple[tuple[str, str], ...]
"""A text in several fonts (富文本): of each part its font as XML, and the text."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A number, truth value or error of the template: type and value as they are written."""

    kind: str
    text: str


Content: TypeAlias = str | int | Decimal | Runs | Raw | None


class Cell(NamedTuple):
    """A cell: the number of its style, and what it holds."""

    style: int = 0
    value: Content = None

    @property
    def text(self) -> str:
        """What it holds as one text."""
        if isinstance(self.value, Raw):
            return self.value.text
        if isinstance(self.value, tuple):
            return "".join(text for _, text in self.value)
        return "" if self.value is None else str(self.value)


class FormRow(NamedTuple):
    """A row's own height in points, whether it is hidden, and its other attributes as they are written."""

    height: float | None = None
    hidden: bool = False
    rest: str = ""


class Look(NamedTuple):
    """Of a style: the size of its font, whether text wraps, whether numbers show as they come (General), the indent."""

    size: float
    wraps: bool
    general: bool
    indent: int


class Looks(Styles):
    """The styles of a form."""

    def __init__(self, data: bytes, part: str) -> None:
        super().__init__(data, part)
        self._seen: dict[int, Look] = {}

    def copy(self) -> Self:
        """The same styles, to be added to apart from these."""
        other = super().copy()
        other._seen = self._seen.copy()
        return other

    def look(self, style: int) -> Look:
        """What that style looks like."""
        if style not in self._seen:
            self._seen[style] = self._look(style)
        return self._seen[style]

    def _look(self, style: int) -> Look:
        _, own, _, children = self._shapes["cellXfs"][style]
        traits = dict(own)
        aligned = next((dict(child[1]) for child in children if child[0] == "alignment"), {})
        wraps = aligned.get("wrapText") in TRUE and aligned.get("textRotation", "0") == "0"
        number = int(traits.get("numFmtId", "0"))
        general = self._formats.get(number, "" if number else "General") == "General"
        size = float(self.font(int(traits.get("fontId", "0"))).get("sz", "11"))
        return Look(size, wraps, general, int(aligned.get("indent", "0")))

    def font(self, number: int) -> dict[str, str]:
        """Name, size … of a font."""
        return {trait[0]: dict(trait[1]).get("val", "1") for trait in self._shapes["fonts"][number][3]}

    def sized(self, style: int, size: float) -> int:
        """The style that is that one in a font of so many points."""
        font = int(dict(self._shapes["cellXfs"][style][1]).get("fontId", "0"))
        xml = re.sub(rb'(<sz val=)["\'][^"\']*["\']', rb'\1"%g"' % size, self._elements("fonts")[font])
        return self.variant(style, fontId=str(self.add("fonts", xml)), applyFont="1")


class FormSheet:
    """One sheet of a form. ``area`` is what is printed (None: all of it), ``titles`` the rows repeated on each page.

    ``traits`` are the attributes of the elements that say how it is laid out and printed; ``pieces`` are its elements
    as they are written, those made of ``cells``, ``rows``, ``columns`` (attributes by number, of those ``beyond`` the
    used ones in a list) and ``merged`` left out; ``drawing`` is its pictures' part as written.
    """

    def __init__(self, name: str, root: ElementTree.Element, opening: str, pieces: dict[str, str]) -> None:
        self.name, self.pieces, self.drawing = name, pieces, ""
        self.cells: dict[tuple[int, int], Cell] = {}
        self.rows: dict[int, FormRow] = {}
        self.columns: dict[int, dict[str, str]] = {}
        self.beyond: list[dict[str, str]] = []
        self.traits = {local(each.tag): dict(each.attrib) for each in (*root, *root.iterfind("*/{*}pageSetUpPr"))}
        self.merged = [found for each in root.iterfind("*/{*}mergeCell") if (found := range_of(each.get("ref")))]
        self.area: Range | None = None
        self.titles = range(0)
        self.opening = opening

    def copy(self) -> FormSheet:
        """The same sheet, to be filled."""
        other = FormSheet.__new__(FormSheet)
        other.__dict__ = {k: v.copy() if isinstance(v, dict | list) else v for k, v in self.__dict__.items()}
        return other

    @property
    def bottom(self) -> int:
        """The last row that is used."""
        return max([1, *(row for row, _ in self.cells), *(span.bottom for span in self.merged)])

    @property
    def right(self) -> int:
        """The last column that is used."""
        return max([1, *(column for _, column in self.cells), *(span.right for span in self.merged)])

    def cell(self, row: int, column: int) -> Cell:
        """The cell there, a blank one if there is none."""
        return self.cells.get((row, column)) or Cell()

    def place(self, row: int, column: int) -> str:
        """How users name a cell."""
        return f"{self.name}!{column_letters(column)}{row}"

    def set_trait(self, element: str, name: str, value: str) -> None:
        """Set an attribute of an element of which there is one."""
        self.traits[element] = {**self.traits[element], name: value}
        self.pieces[element] = re.sub(rf'(\s{name}=)"[^"]*"', rf'\1"{value}"', self.pieces[element])

    def move(self, moved: Callable[[Range], Range]) -> None:
        """Move what cells have that is not in them: looks by condition, choices, links, pictures, the printed area.

        A range that ends before it begins is gone.
        """

        def ranges(match: re.Match[str]) -> str:
            found = (moved(span) if (span := range_of(each)) else each for each in match[2].split())
            kept = (str(each) for each in found if isinstance(each, str) or each.left <= each.right)
            return f'{match[1]}"{" ".join(kept)}"'

        def corner(match: re.Match[str]) -> str:
            column, row = int(match[2]) + 1, int(match[4]) + 1
            to, prefix = moved(Range(row, column, row, column)), match[1]
            return f"<{prefix}col>{to.left - 1}</{prefix}col>{match[3]}<{prefix}row>{to.top - 1}</{prefix}row>"

        for name, piece in self.pieces.items():
            if name != "sheetViews" and _RANGES.search(piece):
                piece = _GONE.sub("", _RANGES.sub(ranges, piece))
                self.pieces[name] = re.sub(r"^<(\w+)[^<>]*></\1>$", "", piece)
        self.drawing = _CORNER.sub(corner, self.drawing)
        if self.area:
            self.area = moved(self.area)

    def to_bytes(self, texts: Texts) -> bytes:
        """The part, its texts in the shared table."""
        made = {"dimension": f'<dimension ref="A1:{column_letters(self.right)}{self.bottom}"/>'}
        columns = [{**each, "min": str(number), "max": str(number)} for number, each in sorted(self.columns.items())]
        if told := "".join(f"<col{written(each)}/>" for each in (*columns, *self.beyond)):
            made["cols"] = f"<cols>{told}</cols>"
        made["sheetData"] = f"<sheetData>{''.join(self._rows(texts))}</sheetData>"
        if self.merged:
            spans = "".join(f'<mergeCell ref="{span}"/>' for span in self.merged)
            made["mergeCells"] = f'<mergeCells count="{len(self.merged)}">{spans}</mergeCells>'
        return joined(self.opening, _OF_SHEET, self.pieces | made)

    def _rows(self, texts: Texts) -> Iterator[str]:
        letters = [column_letters(column) for column in range(self.right + 1)]
        rows: dict[int, list[str]] = {row: [] for row in self.rows}
        for (row, column), (style, value) in sorted(self.cells.items(), key=lambda cell: cell[0]):
            start = f'<c r="{letters[column]}{row}"' + (f' s="{style}"' if style else "")
            if value is None:
                rest = "/>"
            elif isinstance(value, Raw):
                rest = f' t="{value.kind}"><v>{escape(value.text)}</v></c>'
            elif isinstance(value, str | tuple):
                rest = f' t="s"><v>{texts.number_of(value)}</v></c>'
            else:
                whole = (
                    f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) and value % 1 else f"{value:.0f}"
                )
                rest = f"><v>{whole}</v></c>"
            if style or value is not None:
                rows.setdefault(row, []).append(start + rest)
        for number, cells in sorted(rows.items()):
            height, hidden, more = self.rows.get(number, FormRow())
            tall = "" if height is None else f' ht="{height:.10g}" customHeight="1"'
            unseen = ' hidden="1"' if hidden else ""
            yield f'<row r="{number}"{tall}{unseen}{more}>{"".join(cells)}</row>'


class Texts:
    """The shared table of texts of one file: small previewers look for them nowhere else."""

    def __init__(self) -> None:
        self._numbers: dict[str | Runs, int] = {}
        self._count = 0

    def number_of(self, text: str | Runs) -> int:
        """Its number, a new one if need be."""
        self._count += 1
        return self._numbers.setdefault(text, len(self._numbers))

    def to_bytes(self, main: str) -> bytes:
        """The part, in the namespace ``main``."""
        items = [
            text_xml(each)
            if isinstance(each, str)
            else "".join(f"<r>{font}{text_xml(text)}</r>" for font, text in each)
            for each in self._numbers
        ]
        told = f'<sst xmlns="{main}" count="{self._count}" uniqueCount="{len(items)}">'
        return joined(told, ["si"], {"si": "".join(f"<si>{item}</si>" for item in items)})


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def written(attributes: dict[str, str]) -> str:
    """Attributes as they are written; those of other namespaces are left out."""
    return "".join(f' {name}="{quote(value)}"' for name, value in attributes.items() if "}" not in name)


def joined(opening: str, order: Sequence[str], pieces: dict[str, str]) -> bytes:
    """A part of those pieces, in that order."""
    name = re.match(r"<[^\s/>]+", opening)
    assert name
    body = "".join(pieces.get(each, "") for each in order)
    declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{declared}{opening}{body}</{name[0][1:]}>".encode()
