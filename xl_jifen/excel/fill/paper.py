"""How a sheet falls on paper (版面估算): the height its wrapped text needs, and where its pages end.

Excel measures merged cells never and LibreOffice wrapped ones not at all, so heights and breaks are written out. All
lengths are points. It decides nothing about a sheet's content.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal

from xl_jifen.excel.fill.form_sheet import TRUE, FormRow, FormSheet, Looks
from xl_jifen.grid import Range

LINE = 1.44
"""Height of a line in font sizes: what the tallest of the usual fonts, Noto, needs; 仿宋 needs 1.25."""

TIGHT_LINE = 1.32
"""The same of a single line where rows are drawn closer to save a page."""

ROOMY = 3.0
"""A row of the template that is so many times as high as its text needs is meant to be written in by hand."""

PADDING, TIGHT_PADDING = 5.0, 3.0
"""Room above and below the text of a cell, together; the second where lines are drawn closer."""

RUNNING, LEAST, SHARE = 14.0, 9.0, 6 / 7
"""Running text, up to the first size, is made a seventh smaller to save a page, but none below the second."""

CELL_INSET = 4.0
"""Room left and right of the text of a cell, together."""

INDENT = 6.75
"""What a step of an indent takes of it, 9 pixels."""

LATIN = 0.6
"""Width of a half-width character in font sizes; East Asian wide and ambiguous ones are a whole size."""

SAFETY = 0.985
"""Share of a cell's width that is reckoned with: fonts differ a little between machines."""

MOST_HEIGHT = 409.0
"""Excel's limit for a row."""

PAGE_SHARE = 0.96
"""Share of a page's height that is filled: printers round rows up, and a row too many would spill over."""

PAPERS = {8: (841.9, 1190.6), 9: (595.3, 841.9), 11: (419.5, 595.3)}
"""A3, A4 and A5 by Excel's number."""

USUAL_MARGINS = {"left": 0.75, "right": 0.75, "top": 1.0, "bottom": 1.0}
"""Inches, where a sheet names none."""

STRETCH = (1.0, 1.04, 1.08, 1.12, 1.16, 1.2)
"""What a page may hold of what is reckoned: programs draw rows a little lower, and sheets whose columns came out wider
by another font are printed smaller."""

QUARTER, MOST = 0.3, 0.6
"""Shares of a page: what the last one holds at least, a little more than the quarter that is seen in the end, and
what one holds before an end that is written down."""

FULL = 0.92
"""Share of the first of several pages from which on it is full."""

HIGHER = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
"""Points by which rows of a table are drawn higher to fill it."""

HAND = 60.0
"""A row at least so high may be one to write in by hand."""

_CHUNK = re.compile(r"[（《〈“‘【]*(?:[A-Za-z0-9.,+\-−/%:()@&·]+|\S|\s)[，。；：、）》〉”’】！？％…]*")


def text_width(text: str) -> float:
    """The width of a text in font sizes."""
    return LATIN * len(text) if text.isascii() else sum(map(_sign_width, text))


@functools.cache
def _sign_width(sign: str) -> float:
    return 1.0 if unicodedata.east_asian_width(sign) in "WFA" else LATIN


@functools.lru_cache(maxsize=4096)
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


def row_heights(
    sheet: FormSheet, looks: Looks, tight: Container[int] = (), small: Container[int] = (), room: float = 1.0
) -> dict[int, float]:
    """The height of every row: at least the template's own, and what its text needs; in ``tight`` rows no more.

    A hidden row has height 0. A merged cell over several rows stretches the last of them. In ``small`` rows the text
    is as large as :func:`smaller` would make it. Rows to write in by hand keep ``room``, a share of their height.
    """
    width_of = column_widths(sheet, looks)
    spans = {(span.top, span.left): span for span in sheet.merged}
    usual = number_of(sheet, "sheetFormatPr", "defaultRowHeight", 15)
    own = {row: sheet.rows.get(row, FormRow()) for row in range(1, sheet.bottom + 1)}
    heights = {row: 0.0 if look.hidden else look.height or usual for row, look in own.items()}
    started = dict.fromkeys(heights, False)
    for (row, column), cell in sorted(sheet.cells.items(), key=lambda each: each[0]):
        if cell.value is None or (not heights[row] and not started[row]):
            continue
        if row in tight and not started[row]:
            heights[row], started[row] = 0.0, True
        span = spans.get((row, column)) or Range(row, column, row, column)
        look = looks.look(cell.style)
        size = smaller(look.size) if row in small else look.size
        width = sum(width_of.get(each, 0.0) for each in range(column, span.right + 1)) - CELL_INSET
        width -= INDENT * look.indent
        wraps = look.wraps and not isinstance(cell.value, int | Decimal)  # a number never does
        lines = line_count(cell.text, width * SAFETY / size) if wraps else 1
        if lines > 1 or row in tight or not own[row].height:  # a height of the template's own serves one line
            needed = lines * size * (TIGHT_LINE if row in tight and lines == 1 else LINE)
            needed += TIGHT_PADDING if row in tight else PADDING
            heights[span.bottom] += max(0.0, needed - sum(heights[each] for each in range(row, span.bottom + 1)))
    for row in heights:
        given = own[row].height or 0.0
        if started[row] and given > ROOMY * heights[row]:  # room to write in, which its text does not fill
            heights[row] = max(heights[row], given * room)
    return {row: min(math.ceil(height * 4) / 4, MOST_HEIGHT) for row, height in heights.items()}


def smaller(size: float) -> float:
    """The size a text gets where running text is made smaller; titles keep theirs."""
    return max(LEAST, math.floor(size * SHARE * 2) / 2) if LEAST < size <= RUNNING else size


def column_widths(sheet: FormSheet, looks: Looks) -> dict[int, float]:
    """The width of each column in points, by number; hidden ones 0."""
    digit = digit_width(looks)
    default = number_of(sheet, "sheetFormatPr", "defaultColWidth", 0) or (
        number_of(sheet, "sheetFormatPr", "baseColWidth", 8) + 5 / 8
    )
    widths = dict.fromkeys(range(1, sheet.right + 1), default * digit)
    for column, traits in sheet.columns.items():
        widths[column] = 0.0 if traits.get("hidden") in TRUE else float(traits.get("width", default)) * digit
    return widths


def digit_width(looks: Looks) -> float:
    """What a column's width counts, in points: a digit of the default font, 7 px in Calibri 11, 8 px in 宋体 11."""
    normal = looks.font(0)
    return (7 if normal.get("name", "").isascii() else 8) * float(normal.get("sz", 11)) / 11 * 0.75


def page_width(sheet: FormSheet) -> float:
    """The points between the left and right margin of a printed page."""
    return _paper(sheet)[0] - _margins(sheet, "left", "right")


def _margins(sheet: FormSheet, *sides: str) -> float:
    return sum(72 * number_of(sheet, "pageMargins", side, USUAL_MARGINS[side]) for side in sides)


def _paper(sheet: FormSheet) -> tuple[float, float]:
    """Width and height of the paper as it lies."""
    short, long = PAPERS.get(int(number_of(sheet, "pageSetup", "paperSize", 9)), PAPERS[9])
    lying = sheet.traits.get("pageSetup", {}).get("orientation") == "landscape"
    return (long, short) if lying else (short, long)


def page_height(sheet: FormSheet, looks: Looks, columns: Iterable[int]) -> float:
    """How many points of rows fit on one printed page, before scaling to its width; all columns of the print area."""
    height = _paper(sheet)[1] - _margins(sheet, "top", "bottom")
    return height / page_scale(sheet, looks, columns) * PAGE_SHARE


def page_scale(sheet: FormSheet, looks: Looks, columns: Iterable[int]) -> float:
    """How much smaller than drawn the sheet is printed, so that its columns fit the page."""
    if not fits_to_page(sheet):
        return number_of(sheet, "pageSetup", "scale", 100) / 100
    widths = column_widths(sheet, looks)
    return min(1.0, page_width(sheet) / max(1.0, sum(widths.get(column, 0.0) for column in columns)))


def fits_to_page(sheet: FormSheet) -> bool:
    """Whether the sheet is scaled to a number of pages instead of by a percentage."""
    return sheet.traits.get("pageSetUpPr", {}).get("fitToPage") in TRUE


def number_of(sheet: FormSheet, element: str, name: str, default: float) -> float:
    """A number among the traits of a sheet."""
    return float(sheet.traits.get(element, {}).get(name, default))


def page_ends(heights: Mapping[int, float], page: float, head: Sequence[int], body: Sequence[int]) -> list[int]:
    """The rows after which a page ends, the last page's end left out.

    ``heights`` are the rows of the print area, ``head`` those repeated on every page, ``body`` the table's. The head
    stays with the first row of the table; what follows the table stays together, with as many of its last rows as
    make a good quarter of a page, where a page holds that much.
    """
    rows = sorted(heights)
    repeated = sum(heights.get(row, 0.0) for row in head)
    units: list[list[int]] = []
    together = _kept(heights, page, head, body)
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


def fuller(heights: Mapping[int, float], page: float, head: Sequence[int], body: Sequence[int]) -> Mapping[int, float]:
    """The heights, rows of the table a little higher where that fills the first of several pages and costs none."""
    ends = page_ends(heights, page, head, body)

    def first(tried: Mapping[int, float], ends: Sequence[int]) -> float:
        return sum(height for row, height in tried.items() if row <= ends[0]) / page

    best = heights
    full = first(heights, ends) if ends else 1.0
    for more in HIGHER:
        if full >= FULL:
            break
        tried = {row: height + more * (row in body) for row, height in heights.items()}
        found = page_ends(tried, page, head, body)
        if len(found) > len(ends):
            break
        if first(tried, found) > full:
            best, full = tried, first(tried, found)
    return best


def _kept(heights: Mapping[int, float], page: float, head: Sequence[int], body: Sequence[int]) -> list[int]:
    """The rows at the end that stay on one page: a signature never stands alone, nor on a page hardly begun."""
    rows = sorted(heights)
    repeated = sum(heights.get(row, 0.0) for row in head)

    def long(first: int) -> float:
        return repeated + sum(heights[row] for row in rows if row >= first)

    if not body:
        return []
    first = body[-1]
    while first > body[0] and long(first) < page * QUARTER and long(first - 1) <= page:
        first -= 1
    if first == body[0]:
        first = min([*head, *body])
    return [row for row in rows if row >= first] if long(first) <= page else []


def breaks(heights: Mapping[int, float], page: float, head: Sequence[int], body: Sequence[int]) -> list[int]:
    """The page ends to be written down: none where pages that end by themselves do so well on whatever machine.

    Then each of them is full. Otherwise as few of the last ones as leave no stump of a page before them.
    """
    rows, found = sorted(heights), page_ends(heights, page, head, body)
    repeated = sum(heights.get(row, 0.0) for row in head)
    if not found or not body:
        return found

    def left(ends: Sequence[int], before: int) -> float:
        """How much stands on the last of those pages, up to a row."""
        return sum(heights[row] for row in rows if (ends[-1] if ends else 0) < row < before) + (repeated if ends else 0)

    def well(before: int) -> bool:
        """Whether pages of what stands before that row end in the table, and the last of them holds enough."""
        part = {row: heights[row] for row in rows if row < before}
        tried = [(page * share, page_ends(part, page * share, head, ())) for share in STRETCH]
        least = MOST if before <= rows[-1] else QUARTER
        return all(left(ends, before) >= held * least and {*ends} <= {*body[:-1]} for held, ends in tried)

    if well(rows[-1] + 1):
        return []
    for first in range(found[-1] + 1, body[0], -1):
        if left([first - 1], rows[-1] + 1) > page:
            break
        if first in body and well(first):
            return [first - 1]
    for number in range(2, len(found)):
        if well(found[-number] + 1):
            return found[-number:]
    return found
