"""A sheet of ours as blocks for the open book (成块的表): its values, formulas, number formats and looks.

The open book takes few large writes, so cells that are alike are joined to rectangles. Knows neither xlwings nor Excel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

from xl_jifen.grid import Place, Range
from xl_jifen.publish.sheet import DAY, GENERAL, INK, TEXT, Content, Formula, Look, Sheet

Filling: TypeAlias = str | int | float | date | None
_T = TypeVar("_T")


class Painted:
    """One sheet: ``matrix`` are its cells from A1 on, a formula as its text beginning with ``=``.

    ``table`` is the first row whose texts are wrapped: titles stand above it.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.matrix: list[list[Filling]] = []
        self._looks: list[Sequence[Look | None]] = []
        self._reckoned: set[tuple[int, int]] = set()  # the formulas: a text may begin with = too
        self.table = 0
        for number, row in enumerate(sheet.rows, 1):
            looks = [*sheet.models[row.look], *[None] * len(sheet.widths)][: len(sheet.widths)]
            cells = [*map(_cell, row.cells), *[None] * len(sheet.widths)][: len(sheet.widths)]
            self._reckoned |= {(number, n) for n, cell in enumerate(row.cells, 1) if isinstance(cell, Formula)}
            if isinstance(row.link, Place):
                cells[row.linked] = _link(row.link, str(row.cells[row.linked]))
                self._reckoned.add((number, row.linked + 1))
            if not self.table and any(look and look.wrap for look in looks):
                self.table = number
            self.matrix.append(cells)
            self._looks.append(looks)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.matrix), len(self.sheet.widths)

    @property
    def widths(self) -> list[tuple[int, float]]:
        """The columns' widths by number; one of 0 is hidden."""
        hidden = self.sheet.hidden
        return [(n, 0.0 if n in hidden else width) for n, width in enumerate(self.sheet.widths, 1)]

    def formats(self) -> tuple[dict[str, list[Range]], list[Range]]:
        """Rectangles by the number format they are written under, and those that are General again afterwards.

        As in a file, texts are written under the text format. What is General is left out; a blank cell goes with the
        one above it: fewer rectangles.
        """
        shown: dict[tuple[int, int], tuple[str, str]] = {}
        for column in range(len(self.sheet.widths)):
            above = GENERAL, GENERAL
            for row, (cells, looks) in enumerate(zip(self.matrix, self._looks, strict=True)):
                cell, look = cells[column], looks[column]
                if cell is not None:
                    code = _shown(cell, look, (row + 1, column + 1) in self._reckoned)
                    above = code, GENERAL if code == TEXT and not (look and look.shown == TEXT) else code
                shown[row + 1, column + 1] = above
        found = [(block, codes) for block, codes in blocks(shown) if codes != (GENERAL, GENERAL)]
        loosened = [block for block, (code, afterwards) in found if afterwards != code]
        return _together((block, code) for block, (code, _) in found), loosened

    def looks(self) -> dict[Look, list[Range]]:
        """Rectangles by what a reader sees at once (bold, ink, fill), the ordinary look left out.

        Of long lists only heads and links: a look that changes from row to row would be a call each.
        """
        plain = Look()
        seen = {
            (row, column): plain._replace(bold=look.bold, ink=look.ink, fill=look.fill)
            for row, looks in enumerate(self._looks, 1)
            for column, look in enumerate(looks, 1)
            if look and (look.bold or look.fill or look.ink != INK)
            if row <= self.sheet.head or not self.sheet.filtered or look.underlined
        }
        return _together(blocks(seen))


def _together(found: Iterable[tuple[Range, _T]]) -> dict[_T, list[Range]]:
    """The rectangles of each value."""
    areas: dict[_T, list[Range]] = {}
    for block, value in found:
        areas.setdefault(value, []).append(block)
    return areas


def _shown(cell: Filling, look: Look | None, reckoned: bool) -> str:
    """The number format a value needs: text stays text, whatever it looks like."""
    if isinstance(cell, str) and not reckoned:
        return TEXT
    if isinstance(cell, date):
        return DAY
    return look.shown if look and look.shown != TEXT else GENERAL


def _cell(value: Content) -> Filling:
    if isinstance(value, Formula):
        return f"={value.text}"
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if value == "" else value


def _link(place: Place, text: str) -> str:
    """A formula that leads to a place, so that thousands are one write."""
    quoted = (part.replace('"', '""') for part in (f"#{place.target}", text))
    return '=HYPERLINK("{}","{}")'.format(*quoted)


def blocks(cells: Mapping[tuple[int, int], _T]) -> list[tuple[Range, _T]]:
    """Cells of equal value as rectangles: runs down each column, joined with equal runs of the columns beside it."""
    runs: dict[tuple[int, int, _T], list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        by_column.setdefault(column, []).append(row)
    for column, rows in sorted(by_column.items()):
        start = 0
        for index, row in enumerate(rows, 1):
            value = cells[row, column]
            if index == len(rows) or rows[index] != row + 1 or cells[rows[index], column] != value:
                runs.setdefault((rows[start], row, value), []).append(column)
                start = index
    found = []
    for (top, bottom, value), columns in runs.items():
        left = 0
        for index, column in enumerate(columns, 1):
            if index == len(columns) or columns[index] != column + 1:
                found.append((Range(top, columns[left], bottom, column), value))
                left = index
    return sorted(found, key=lambda pair: pair[0])
