"""Rectangles of an open sheet (区域): addressed, and read as rows of raw values. Each access is a call of COM.

Asks the program; decides nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from xl_jifen.excel.live.painted import Block
from xl_jifen.excel.read.values import under_format
from xl_jifen.grid import column_letters

MOST_AREAS = 12
"""Rectangles of one call; Excel takes 255 characters of an address."""
DAYS = 2_958_466
"""The number behind the last day of Excel, 9999-12-31."""
FIRST_DAYS = 61
"""Numbers below are days before March 1900, which nobody means, or hours; the cell's format tells."""


def range_of(sheet: Any, *areas: Block) -> Any:
    """The COM object of some rectangles of a sheet."""
    return sheet.Range(",".join(map(_address, areas)))


def together(sheet: Any, areas: Sequence[Block]) -> Iterator[Any]:
    """Ranges of several rectangles, as many as an address may name."""
    for start in range(0, len(areas), MOST_AREAS):
        yield range_of(sheet, *areas[start : start + MOST_AREAS])


def _address(block: Block) -> str:
    first = f"{column_letters(block.left)}{block.top}"
    return first if block[:2] == block[2:] else f"{first}:{column_letters(block.right)}{block.bottom}"


def values_of(sheet: Any, block: Block) -> list[list[Any]]:
    """The raw values of a rectangle, as rows: numbers with all their digits; days, times and hours as in a file.

    ``Value`` alone tells dates, and cuts what is shown as currency to four decimals; ``Value2`` gives the number.
    Numbers before the first day and beyond the last are no dates, as in a file, whatever a program makes of them.
    Times of day and hours (``4:00``, ``36:00``) are bare numbers to both: only the cell's format tells them from a
    quantity (xlwings issue 86).
    """
    cells = range_of(sheet, block)
    rows = _matrix(cells.Value2)
    if not any(type(value) is float for row in rows for value in row):
        return rows
    for row, others in zip(rows, _matrix(cells.Value), strict=True):
        for at, told in enumerate(others):
            if isinstance(told, datetime) and FIRST_DAYS <= row[at] < DAYS:
                row[at] = told
    columns = [_numbers(rows, block, column) for column in range(block.left, block.right + 1)]
    areas = [area for area in columns if area]
    for start in range(0, len(areas), MOST_AREAS):
        for area, code in _formats(sheet, areas[start : start + MOST_AREAS]):
            at = area.left - block.left
            for row in rows[area.top - block.top : area.bottom - block.top + 1]:
                if type(row[at]) is float:
                    row[at] = under_format(row[at], code)
    return rows


def _numbers(rows: Sequence[Sequence[Any]], block: Block, column: int) -> Block | None:
    """From the first to the last number of a column."""
    at = column - block.left
    found = [number for number, row in enumerate(rows, block.top) if type(row[at]) is float]
    return Block(found[0], column, found[-1], column) if found else None


def _formats(sheet: Any, areas: Sequence[Block]) -> Iterator[tuple[Block, str]]:
    """The number format of each rectangle of one column; one of several formats falls into pieces that have one."""
    code = range_of(sheet, *areas).NumberFormat
    if isinstance(code, str):
        yield from ((area, code) for area in areas)
    elif len(areas) > 1:
        half = len(areas) // 2
        yield from _formats(sheet, areas[:half])
        yield from _formats(sheet, areas[half:])
    else:
        [area] = areas
        half = (area.top + area.bottom) // 2
        if area.top < area.bottom:
            yield from _formats(sheet, [area._replace(bottom=half)])
            yield from _formats(sheet, [area._replace(top=half + 1)])


def _matrix(raw: Any) -> list[list[Any]]:
    """A range's values as rows; a single cell comes as it is."""
    return [list(row) for row in raw] if isinstance(raw, list | tuple) else [[raw]]
