"""Long tables: XlsxWriter draws the head and one model row a look, and the rows that look like them are written here.

A year of a large branch is ten thousand lines; written cell by cell they would take most of a recalculation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from operator import getitem
from typing import NamedTuple

from xl_jifen.excel.patch.markup import escape, quote
from xl_jifen.excel.patch.value import Value, rest_of_cell
from xl_jifen.grid import Place, column_letters

FIRST = 2
"""The row, from 1, where the lists begin, right below their headings."""

_MODEL = re.compile(rb"<row [^>]*>(.*?)</row>")
_CELL = re.compile(rb'<c r="([A-Z]+)[0-9]+"( s="[0-9]+")/>')


class Formula(NamedTuple):
    """A cell whose value is also told as a formula, written without ``=``."""

    text: str
    value: Decimal


class Row(NamedTuple):
    """One row: the model it looks like, from 0; its cells (no truth values); its height in points; its link, if any."""

    look: int
    cells: Sequence[Value | Formula]
    height: float
    link: Place | None = None


class Table(NamedTuple):
    """The rows of a sheet, the row from 1 where they begin, and the column, from 0, of their links."""

    rows: Sequence[Row]
    first: int = FIRST
    link_column: int = 0


def filled(sheet: bytes, table: Table, *, date1904: bool) -> bytes:
    """A sheet of XlsxWriter's with its model rows, which begin where the table does, replaced by the table's rows."""
    start, end = sheet.index(b'<row r="%d"' % table.first), sheet.index(b"</sheetData>")
    heights = _Heights()
    looks = [_columns(heights, model, date1904) for model in _MODEL.findall(sheet, start, end)]
    last = table.first + len(table.rows) - 1
    content = bytearray(re.sub(rb'(<dimension ref="A1:[A-Z]+)[0-9]+', rb"\g<1>%d" % last, sheet[:start]))
    links = []
    letters = column_letters(table.link_column + 1)
    for number, (look, cells, height, link) in enumerate(table.rows, table.first):
        # Its number stands in a row's tag and in each of its cells; what lies between is mostly known already.
        content += (b"%d" % number).join((b'<row r="', *map(getitem, looks[look], (height, *cells))))
        if link is not None:
            links.append(_link(f"{letters}{number}", link))
    rest = sheet[end:]
    content += _behind_filter(rest, f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()) if links else rest
    return bytes(content)


class _Heights(dict[object, bytes]):
    """What stands in a row between its number and that of its first cell, by the height of the row."""

    def __missing__(self, height: object) -> bytes:
        piece = self[height] = f'" ht="{height:g}" customHeight="1"><c r="A'.encode()
        return piece


class _Column(dict[object, bytes]):
    """What stands in a row behind the number of one column's cell, up to the next cell's number, by the value."""

    def __init__(self, style: str, behind: str, date1904: bool) -> None:
        self._style, self._behind, self._date1904 = style, behind, date1904

    def __missing__(self, value: Value | Formula) -> bytes:
        if isinstance(value, Formula):
            rest = f"><f>{escape(value.text)}</f>{rest_of_cell(value.value, self._date1904, '')[1:]}"
        else:
            rest = rest_of_cell(value, self._date1904, "")
        piece = self[value] = f'"{self._style}{rest}{self._behind}'.encode()
        return piece


def _columns(heights: _Heights, model: bytes, date1904: bool) -> list[dict[object, bytes]]:
    """What the rows that look like the model are put together from: their heights, then their columns."""
    cells = [(letters.decode(), style.decode()) for letters, style in _CELL.findall(model)]
    behind = [*(f'<c r="{letters}' for letters, _ in cells[1:]), "</row>"]
    return [heights, *(_Column(style, after, date1904) for (_, style), after in zip(cells, behind, strict=True))]


def _behind_filter(rest: bytes, links: bytes) -> bytes:
    found = re.search(rb"<autoFilter[^>]*/>", rest)
    assert found, "every table with links has a filter"
    return rest[: found.end()] + links + rest[found.end() :]


def _link(cell: str, place: Place) -> str:
    """A link to a place; a whole row links to its first cell."""
    sheet, letters = quote(place.sheet), column_letters(place.column)
    doubled = sheet.replace("'", "''")
    location = f"'{doubled}'!{letters or 'A'}{place.row}"
    return f'<hyperlink ref="{cell}" location="{location}" tooltip="转到 {sheet}!{letters}{place.row}"/>'
