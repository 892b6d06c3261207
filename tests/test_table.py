"""A row of a sheet: a formula that was never computed."""

from __future__ import annotations

from notation import parse

import xl_jifen
from xl_jifen.grid import CellError, Grid, Grids


def test_a_formula_without_a_result_is_told_from_an_error() -> None:
    plain = parse(
        "标题。\n套用 基本\n## 1月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-01-10 | 张三 | 加1 | 甲 | 通过 |\n"
    ).grids
    rows = [[CellError("未计算的公式") if cell == "甲" else cell for cell in row] for row in plain.sheets[5].rows]
    changed = Grids(tuple(Grid(grid.name, rows) if grid.name == "1月" else grid for grid in plain))
    (found,) = xl_jifen.reckon(changed).findings
    assert (found.code, str(found.place)) == ("E102", "1月!D2")
    assert "还没有计算结果" in found.message
    assert "保存一次" in found.remedy
