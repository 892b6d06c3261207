"""How the sheets the tool owns look, whatever stands on them: font, colours, heads, row heights, the printed page.

Knows XlsxWriter, and nothing of points.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

FONT = "微软雅黑"
INK, MUTED, LINK, RULE, HEAD, STRIPE = "#333333", "#8C8C8C", "#1F5FA8", "#D9D9D9", "#8B1A1A", "#FBF1F0"
A4 = 9
TALLEST_ROW = 409.0
"""Points a row of Excel can be high."""


class Pen:
    """The formats of one workbook, each made once, on a common ground: font, size, ink."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """The format of these XlsxWriter properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            ground = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self._formats[key] = self._book.add_format({**ground, **properties})
        return self._formats[key]

    def cell(self, **properties: Any) -> Format:
        """A cell of a table: a thin rule around it, text wrapped."""
        return self(**{"border": 1, "border_color": RULE, "text_wrap": True, **properties})

    def head(self) -> Format:
        """A cell of a heading row."""
        return self.cell(bold=True, font_color="#FFFFFF", bg_color=HEAD, align="center")


def width(text: str) -> float:
    """The columns a line of 10-point text takes: a Chinese character is not quite two."""
    return sum(map(_width, text))


@cache
def _width(char: str) -> float:
    return 1.92 if unicodedata.east_asian_width(char) in "WFA" else 1.05


def height(cells: Iterable[tuple[str, float]]) -> float:
    """The height in points a row needs for its wrapped texts, each with the width of its column."""
    return min(TALLEST_ROW, 7 + 15.0 * max((_lines(text, columns) for text, columns in cells), default=1))


@lru_cache(maxsize=4096)
def _lines(text: str, columns: float) -> int:
    if len(text) * 2 <= columns - 1 and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(width(part) / (columns - 1))) for part in text.split("\n"))


def heads(sheet: Worksheet, pen: Pen, row: int, headings: Sequence[str], widths: Sequence[float]) -> None:
    """A heading row, and the widths of its columns."""
    for column, (heading, columns) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(column, column, columns)
        sheet.write_string(row, column, heading, pen.head())


def page(sheet: Worksheet, name: str, *, last_head: int) -> None:
    """A4 landscape, one page wide, the rows down to ``last_head`` on every page, pages numbered."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(0, last_head)
    sheet.set_footer(f"&L{name}&R第 &P 页，共 &N 页", {"margin": 0.3})
    sheet.hide_gridlines(2)
    sheet.set_tab_color(HEAD)


def plain(value: Decimal) -> int | float:
    """A decimal as XlsxWriter takes it."""
    return int(value) if value == value.to_integral_value() else float(value)
