"""Sheets a branch added by itself (自己加的工作表), taken over into another workbook: their values and widths.

Formulas come as what they gave, for columns elsewhere may have moved. A sheet with charts, pictures or a pivot table
is left where it is.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import zip_longest

from xl_jifen import layout
from xl_jifen.excel.patch.graft import graft
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.extent import MOST_COLUMNS, widths
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Grid, squeeze
from xl_jifen.publish.sheet import DAY, Content, Laid, Look, Sheet, content_of

MADE_BY_US = (layout.GUIDE, *layout.OWNED_SHEETS, "选项", "xlwings.conf", "工具文字", "函数示例")
"""Sheets of a master that no branch fills."""
DRAWN = ("drawing", "pivotTable", "oleObject", "control")
"""What a sheet may be related to that cannot come along."""
WIDTH = 12.0
MOMENT = "yyyy-mm-dd hh:mm"


def graft_own(patch: Patch, package: Package) -> list[str]:
    """Put the branch's own sheets behind the last one; the names of those that were left."""
    ours = {squeeze(name) for name in (*MADE_BY_US, *(sheet.name for sheet in layout.SHEETS))}
    own = [grid for grid in read_grids(package, every=True) if squeeze(grid.name) not in ours]
    left = [grid.name for grid in own if _is_drawn(package, grid.name)]
    graft(patch, [_sheet(grid, widths(package, package.sheets[grid.name])) for grid in own if grid.name not in left])
    return left


def _is_drawn(package: Package, name: str) -> bool:
    return any(relation.type in DRAWN for relation in package.relations(package.sheets[name]))


def _sheet(grid: Grid, wide: dict[int, float]) -> Sheet:
    laid = Laid()
    count = min(max(map(len, grid.rows), default=1), MOST_COLUMNS)
    for row in grid.rows:
        cells = [content_of(cell) for cell, _ in zip_longest(row[:count], range(count))]
        laid.add(cells, [None if cell is None else _look(cell) for cell in cells])
    if not laid.rows:
        laid.add([None], [None])
    return Sheet(grid.name, [wide.get(n, WIDTH) for n in range(1, count + 1)], laid.models, laid.rows)


def _look(cell: Content) -> Look:
    if isinstance(cell, datetime):
        return Look(shown=MOMENT)
    return Look(shown=DAY) if isinstance(cell, date) else Look(wrap=True)
