"""Rectangles of an open sheet (区域): addressed, and read as rows of cells. Each access is a call of COM.

Asks the program; decides nothing and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from xl_jifen.excel.live.comvalue import DAYS, cells_in, put_days
from xl_jifen.excel.read.values import FIRST_DAYS, PICTURE, is_picture, under_format
from xl_jifen.finding import CannotRead
from xl_jifen.grid import LAST_COLUMN, LAST_ROW, Cell, CellError, Range, column_number, range_of

MOST_AREAS = 12
"""Rectangles of one call; Excel takes 255 characters of an address."""
MOST_ASKED = 20_000
"""Rectangles asked whether they hold merged cells; a minute or so."""
NUMBERS = frozenset((int, float))
A_DAY_AND_A_HALF = 1.5


def cells_of(sheet: Any, *areas: Range) -> Any:
    """The COM object of some rectangles of a sheet."""
    return sheet.Range(",".join(map(str, areas)))


def together(sheet: Any, areas: Sequence[Range]) -> Iterator[Any]:
    """Ranges of several rectangles, as many as an address may name."""
    for start in range(0, len(areas), MOST_AREAS):
        yield cells_of(sheet, *areas[start : start + MOST_AREAS])


def used_of(sheet: Any) -> tuple[Any, Range]:
    """What a sheet uses: its COM object, and where it lies. Raises CannotRead."""
    used = sheet.UsedRange
    return used, _area_of(str(used.Address))


def _area_of(address: str) -> Range:
    """``$A$1:$O$203``; of whole columns or rows Excel says ``$A:$O``, ``$1:$20``. Raises CannotRead."""
    if found := range_of(address):
        return found
    if whole := re.fullmatch(r"\$([A-Z]+):\$([A-Z]+)", address):
        return Range(1, column_number(whole[1]), LAST_ROW, column_number(whole[2]))
    if whole := re.fullmatch(r"\$(\d+):\$(\d+)", address):
        return Range(int(whole[1]), 1, int(whole[2]), LAST_COLUMN)
    raise CannotRead("读不到工作表的范围；请保存并关闭文件，再运行 xl-jifen recalc。")


def merged_of(sheet: Any, area: Range, cells: Any) -> tuple[Range, ...]:
    """The merged ranges in a rectangle, of which ``cells`` is the COM object. Raises CannotRead if they are too many.

    The whole is asked once; where there is any, halves are asked until each is found.
    """
    found: dict[Range, None] = {}
    asked, parts = 0, [(area, cells)]
    while parts:
        part, cells = parts.pop()
        cells = cells_of(sheet, part) if cells is None else cells
        asked += 1
        if asked > MOST_ASKED:
            raise CannotRead(f"工作表“{sheet.Name}”合并的单元格太多；请取消合并，逐行填写。")
        if any(one.holds(*part[:2]) and one.holds(*part[2:]) for one in found) or cells.MergeCells is False:
            continue
        if part[:2] == part[2:]:
            found[_area_of(str(cells.MergeArea.Address))] = None
        elif part.bottom > part.top:
            half = (part.top + part.bottom) // 2
            parts += [(part._replace(top=half + 1), None), (part._replace(bottom=half), None)]
        else:
            half = (part.left + part.right) // 2
            parts += [(part._replace(left=half + 1), None), (part._replace(right=half), None)]
    return tuple(found)


def values_of(sheet: Any, block: Range, cells: Any = None, *, timed: bool = True) -> list[list[Cell]]:
    """The cells of a rectangle, as rows: numbers with all their digits; days, times and hours as in a file.

    ``cells`` is its COM object, where that is known already; without ``timed`` times are numbers.

    ``Value`` alone tells dates, and cuts what is shown as currency to four decimals; ``Value2`` gives the number.
    Numbers before the first day and beyond the last are no dates, as in a file, whatever a program makes of them.
    Times of day and hours (``4:00``, ``36:00``) are bare numbers to both: only the cell's format tells them from a
    quantity (xlwings issue 86). A picture in a cell is a formula, and an error where the program does not know it.
    """
    cells = cells_of(sheet, block) if cells is None else cells
    rows: list[list[Any]] = cells_in(cells.Value2)
    if any(map(_failed, chain.from_iterable(rows))):
        for row, formulas in zip(rows, cells_in(cells.Formula), strict=True):
            told = zip(row, formulas, strict=True)
            row[:] = [PICTURE if is_picture(str(f)[1:], failed=_failed(value)) else value for value, f in told]
    if any(type(value) in NUMBERS and FIRST_DAYS <= value < DAYS for value in chain.from_iterable(rows)):
        put_days(rows, cells.Value)
    if not timed:
        return rows
    columns = [_numbers(rows, block, column) for column in range(block.left, block.right + 1)]
    areas = [area for area in columns if area]
    for start in range(0, len(areas), MOST_AREAS):
        for area, code in _timed(sheet, areas[start : start + MOST_AREAS]):
            at = area.left - block.left
            for row in rows[area.top - block.top : area.bottom - block.top + 1]:
                if type(row[at]) in NUMBERS:
                    row[at] = under_format(row[at], code)
    return rows


def _failed(value: Cell) -> bool:
    """Whether a formula's value is an error, or the formula as text, as WPS has it where it shows a picture."""
    return isinstance(value, CellError) or (isinstance(value, str) and value[:1] == "=")


def _numbers(rows: Sequence[Sequence[Cell]], block: Range, column: int) -> Range | None:
    """From the first to the last number of a column."""
    at = column - block.left
    found = [number for number, row in enumerate(rows, block.top) if type(row[at]) in NUMBERS]
    return Range(found[0], column, found[-1], column) if found else None


def _timed(sheet: Any, areas: Sequence[Range]) -> Iterator[tuple[Range, str]]:
    """The parts of rectangles of one column each whose format makes times or days of numbers, with that format."""
    code = cells_of(sheet, *areas).NumberFormat
    if isinstance(code, str) and under_format(A_DAY_AND_A_HALF, code) == A_DAY_AND_A_HALF:
        return
    half = len(areas) // 2
    if half:
        yield from _timed(sheet, areas[:half])
        yield from _timed(sheet, areas[half:])
        return
    [area] = areas
    if isinstance(code, str):
        yield area, code
    elif area.top < area.bottom:
        half = (area.top + area.bottom) // 2
        yield from _timed(sheet, [area._replace(bottom=half)])
        yield from _timed(sheet, [area._replace(top=half + 1)])
