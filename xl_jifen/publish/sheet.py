"""A sheet (工作表) as a value: its cells, looks, widths, links, charts and printed page, whoever draws it.

The sheets the tool owns and the workbooks it makes are such values; ``excel/patch`` writes them into a user's file,
``excel/draw/closed`` into a file of ours, ``excel/live`` into the open book. Knows no library and no points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl_jifen.grid import Cell, Place, as_text
from xl_jifen.publish.page import Chart

INK, MUTED, LINK, RULE, HEAD, STRIPE = "#333333", "#8C8C8C", "#1F5FA8", "#D9D9D9", "#8B1A1A", "#FBF1F0"
GENERAL, TEXT, DAY = "General", "@", "yyyy-mm-dd"


class Look(NamedTuple):
    """How a cell looks; colours as ``#RRGGBB``, ``rule`` that of a thin line around it; ``shown``: a number format."""

    size: float = 10
    bold: bool = False
    underlined: bool = False
    ink: str = INK
    fill: str = ""
    rule: str = ""
    align: Literal["", "left", "center", "right"] = ""
    indent: int = 0
    wrap: bool = False
    shrink: bool = False
    shown: str = GENERAL


CELL = Look(rule=RULE, wrap=True)
"""A cell of a table: a thin rule around it, text wrapped."""

HEADING = CELL._replace(bold=True, ink="#FFFFFF", fill=HEAD, align="center")
LINKED = CELL._replace(ink=LINK, underlined=True)


class Formula(NamedTuple):
    """A cell whose value is also told as a formula, written without ``=``."""

    text: str
    value: Decimal


Content: TypeAlias = str | int | float | Decimal | date | Formula | None
"""Text is never a formula; there are no truth values."""


def content_of(cell: Cell) -> Content:
    """A cell of a workbook as the kind it is; what is neither text nor number nor day is told as text."""
    if cell is None or (isinstance(cell, str | int | float | date) and not isinstance(cell, bool)):
        return cell
    return as_text(cell)


class SheetRow(NamedTuple):
    """One row: which of the sheet's models its cells look like, the cells, and its height in points.

    ``link`` is where the cell number ``linked``, from 0, leads: a place of the same workbook, or an address.
    """

    look: int
    cells: Sequence[Content]
    height: float | None = None
    link: Place | str | None = None
    linked: int = 0


class Placed(NamedTuple):
    """A chart on a sheet, over whole cells, counted from 1, both ends included.

    ``names`` and ``values`` are where its numbers stand: the column of labels, its heading row, then a column a series.
    """

    chart: Chart
    top: int
    left: int
    bottom: int
    right: int
    row: int
    column: int


class Sheet(NamedTuple):
    """One sheet. ``rows`` begin in row 1 and leave none out; they may be as many as come, and come once.

    ``widths`` are in characters; ``models`` are the looks of rows, cell by cell, None where there is no cell.
    Down to row ``head`` the sheet stands still and is repeated on every page; the first ``still`` columns stand still
    too. With ``filtered`` the heads get their arrows. It is printed on A4 lying, one page wide, with ``upto`` up to
    that column alone; with a ``banner``, that stands at the head of each page in place of the rows above the heads;
    with ``printed``, rows down to that one alone on one page. The texts of the columns ``as_text``, first and last, may
    look like numbers. Rows that do not tell their height are ``ordinary`` points high.
    """

    name: str
    widths: Sequence[float]
    models: Sequence[Sequence[Look | None]]
    rows: Iterable[SheetRow]
    head: int = 0
    still: int = 0
    filtered: bool = False
    as_text: tuple[str, str] | None = None
    hidden: tuple[int, ...] = ()
    charts: tuple[Placed, ...] = ()
    upto: int = 0
    banner: str = ""
    printed: int = 0
    ordinary: float = 15


def reference(name: str) -> str:
    """A sheet's name as a formula names it: in quotes where it is not one plain word."""
    return name if name.isidentifier() else "'" + name.replace("'", "''") + "'"


class Laid:
    """A sheet being laid out row by row: rows are added with their looks, equal models are kept once."""

    def __init__(self) -> None:
        self.models: list[tuple[Look | None, ...]] = []
        self.rows: list[SheetRow] = []

    def model(self, *looks: Look | None) -> int:
        """The number of that model."""
        if looks not in self.models:
            self.models.append(looks)
        return self.models.index(looks)

    def add(
        self,
        cells: Sequence[Content],
        looks: Sequence[Look | None],
        height: float | None = None,
        link: Place | str | None = None,
        linked: int = 0,
    ) -> None:
        """One more row."""
        blank = (None,) * (len(looks) - len(cells))
        self.rows.append(SheetRow(self.model(*looks), (*cells, *blank), height, link, linked))
