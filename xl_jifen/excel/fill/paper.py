"""How a sheet falls on paper (版面估算): the height its wrapped text needs, and where its pages end.

Excel measures merged cells never and LibreOffice wrapped ones not at all, so heights and breaks are written out. All
lengths are points. It works on openpyxl sheets of our own making and decides nothing about their content.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LINE = 1.44
"""Height of a line in font sizes: what the tallest of the usual fonts, Noto, needs; 仿宋 needs 1.25."""

TIGHT_LINE = 1.32
"""The same where lines are drawn closer to save a page, as official documents do."""

PADDING = 5.0
"""Room above and below the text of a cell, together."""

CELL_INSET = 4.0
"""Room left and right of the text of a cell, together."""

LATIN = 0.55
"""Width of a half-width character in font sizes; East Asian wide and ambiguous ones are a whole size."""

SAFETY = 0.985
"""Share of a cell's width that is reckoned with: fonts differ a little between machines."""

MOST_HEIGHT = 409.0
"""Excel's limit for a row."""

PAGE_SHARE = 0.96
"""Share of a page's height that is filled: printers round rows up, and a row too many would spill over."""

PAPERS = {8: (841.9, 1190.6), 9: (595.3, 841.9), 11: (419.5, 595.3)}
"""A3, A4 and A5 by Excel's number."""

KEPT_WITH_TAIL = 1
"""How many rows of the table stay on the page of what follows it, so that a signature never stands alone."""

_CHUNK = re.compile(r"[（《〈“‘【]*(?:[A-Za-z0-9.,+\-−/%:()@&·]+|\S|\s)[，。；：、）》〉”’】！？％…]*")


def text_width(text: str) -> float:
    """The width of a text in font sizes."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else LATIN for char in text)


def line_count(text: str, width: float) -> int:
    """How many lines a wrapped text takes in ``width`` font sizes: Latin words whole, no line begins with 、or 。"""
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        filled = 0.0
        for chunk in _CHUNK.findall(paragraph):
            needed = text_width(chunk)
            if filled and filled + needed > width:
                lines += 1
                filled = 0.0
            if needed > width:  # a word longer than the line is cut
                more = math.ceil(needed / max(width, 1.0)) - 1
                lines, needed = lines + more, needed - more * width
            filled += needed
    return lines


def row_heights(sheet: Worksheet, tight: Container[int] = (), running: float | None = None) -> dict[int, float]:
    """The height of every row: at least the template's own, and what its text needs; in ``tight`` rows no more.

    A hidden row has height 0. A merged cell over several rows stretches the last of them. ``running`` is the size to
    which running text would be set (:func:`smaller`).
    """
    width_of = column_widths(sheet)
    spans = {(span.min_row, span.min_col): span for span in sheet.merged_cells.ranges}
    heights: dict[int, float] = {}
    for row in range(1, sheet.max_row + 1):
        dimension = sheet.row_dimensions[row]
        heights[row] = 0.0 if dimension.hidden else float(dimension.height or sheet.sheet_format.defaultRowHeight or 15)
    started = dict.fromkeys(heights, False)
    for row in heights:
        for column in range(1, sheet.max_column + 1):
            cell = sheet.cell(row, column)
            if cell.value is None or (not heights[row] and not started[row]):
                continue
            if row in tight and not started[row]:
                heights[row], started[row] = 0.0, True
            span = spans.get((row, column))
            last_column, bottom = (span.max_col, span.max_row) if span else (column, row)
            size = smaller(float(cell.font.sz or 11), running)
            width = sum(width_of.get(each, 0.0) for each in range(column, last_column + 1)) - CELL_INSET
            wraps = cell.alignment.wrap_text and not cell.alignment.textRotation
            lines = line_count(str(cell.value), width * SAFETY / size) if wraps else 1
            if (
                lines > 1 or row in tight or not sheet.row_dimensions[row].height
            ):  # a height of the template's own serves one line
                needed = lines * size * (TIGHT_LINE if row in tight else LINE) + PADDING
                heights[bottom] += max(0.0, needed - sum(heights[each] for each in range(row, bottom + 1)))
    return {row: min(math.ceil(height * 4) / 4, MOST_HEIGHT) for row, height in heights.items()}


def smaller(size: float, running: float | None) -> float:
    """The size a text gets where running text (up to 14 points) is made smaller; titles keep theirs."""
    return min(size, running) if running is not None and size <= 14 else size


def column_widths(sheet: Worksheet) -> dict[int, float]:
    """The width of each column in points, by number; hidden ones 0."""
    digit = digit_width(sheet)
    default = sheet.sheet_format.defaultColWidth or (sheet.sheet_format.baseColWidth or 8) + 5 / 8
    widths = dict.fromkeys(range(1, sheet.max_column + 1), default * digit)
    for dimension in sheet.column_dimensions.values():
        first, last = dimension.min or 0, dimension.max or 0
        for column in range(first, min(last, sheet.max_column) + 1):
            widths[column] = 0.0 if dimension.hidden else float(dimension.width) * digit
    return widths


def digit_width(sheet: Worksheet) -> float:
    """What a column's width counts, in points: a digit of the default font, 7 px in Calibri 11, 8 px in 宋体 11."""
    book: Any = sheet.parent
    normal = book._fonts[0]
    return (7 if str(normal.name).isascii() else 8) * float(normal.sz or 11) / 11 * 0.75


def page_width(sheet: Worksheet) -> float:
    """The points between the left and right margin of a printed page."""
    return _paper(sheet)[0] - (sheet.page_margins.left + sheet.page_margins.right) * 72


def _paper(sheet: Worksheet) -> tuple[float, float]:
    """Width and height of the paper as it lies."""
    setup = sheet.page_setup
    short, long = PAPERS.get(int(setup.paperSize or 9), PAPERS[9])
    return (long, short) if setup.orientation == "landscape" else (short, long)


def page_height(sheet: Worksheet, columns: Iterable[int]) -> float:
    """How many points of rows fit on one printed page, before scaling to its width; all columns of the print area."""
    margins, width = sheet.page_margins, page_width(sheet)
    height = _paper(sheet)[1] - (margins.top + margins.bottom) * 72
    scale = float(sheet.page_setup.scale or 100) / 100
    if fits_to_page(sheet):
        widths = column_widths(sheet)
        scale = min(1.0, width / max(1.0, sum(widths.get(column, 0.0) for column in columns)))
    return height / scale * PAGE_SHARE


def fits_to_page(sheet: Worksheet) -> bool:
    """Whether the sheet is scaled to a number of pages instead of by a percentage."""
    setup = sheet.sheet_properties.pageSetUpPr
    return bool(setup and setup.fitToPage)


def page_ends(heights: Mapping[int, float], page: float, head: Sequence[int], body: Sequence[int]) -> list[int]:
    """The rows after which a page ends, the last page's end left out.

    ``heights`` are the rows of the print area, ``head`` those repeated on every page, ``body`` the table's. The head
    stays with the first row of the table; what follows the table stays together, with its last rows, where a page
    holds that much.
    """
    rows = sorted(heights)
    repeated = sum(heights.get(row, 0.0) for row in head)
    units: list[list[int]] = []
    tail_from = body[max(0, len(body) - KEPT_WITH_TAIL)] if body else rows[-1] + 1
    if tail_from == (body[0] if body else 0):
        tail_from = min([*head, *body])
    together = [row for row in rows if row >= tail_from]
    if sum(heights[row] for row in together) + repeated > page:
        together = []
    opening = set(range(min(head), body[0] + 1)) if head and body and max(head) < body[0] else set()
    for row in rows:
        if units and ((row in opening and units[-1][-1] in opening) or (row in together and row != together[0])):
            units[-1].append(row)
        else:
            units.append([row])
    ends: list[int] = []
    filled = 0.0
    for unit in units:
        needed = sum(heights[row] for row in unit)
        if filled and filled + needed > page:
            ends.append(unit[0] - 1)
            filled = repeated if head and unit[0] > max(head) else 0.0
        filled += needed
    return ends
