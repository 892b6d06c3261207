"""What one cell means: as text, as a number, as a day; and a formula that was never computed."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from notation import parse

import xl_jifen
from xl_jifen.grid import Cell, CellError, Grid, Grids
from xl_jifen.table import as_date, as_number, as_text, is_filler


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 讲党课　", "讲党课"),
        (7, "7"),
        (7.0, "7"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 14, 30), "2026-03-05"),
        (CellError("#N/A"), "#N/A"),
    ],
)
def test_text(cell: Cell, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (7, Fraction(7)),
        (0.1 + 0.2, Fraction(3, 10)),
        (" １２．５ ", Fraction(25, 2)),
        ("−2", Fraction(-2)),
        (".5", Fraction(1, 2)),
        (None, None),
        ("", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("1/3", None),
        ("1e3", None),
        ("1,000", None),
        ("2分", None),
        (date(2026, 3, 5), None),
        (CellError("#N/A"), None),
    ],
)
def test_number(cell: Cell, number: Fraction | None) -> None:
    assert as_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2026, 3, 5), date(2026, 3, 5)),
        (datetime(2026, 3, 5, 14, 30), date(2026, 3, 5)),
        ("2026年3月5号", date(2026, 3, 5)),
        ("２０２６－３－５", date(2026, 3, 5)),
        ("2026-03-05 14:30:00", date(2026, 3, 5)),
        ("2026-02-30", None),
        ("3月5日", None),
        (46086, None),
        (None, None),
    ],
)
def test_day(cell: Cell, day: date | None) -> None:
    assert as_date(cell) == day
    assert type(as_date(cell)) is type(day)


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


@pytest.mark.parametrize("stroke", "/／⁄∕╱⧸\\＼﹨╲⧹-－﹣−‐‑‒–—﹘―─━⸺⸻ー")
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\u2003", "\u202f", "\x85"])
def test_every_stroke_that_stands_alone_says_nothing(stroke: str, before: str) -> None:
    assert is_filler(f"{before}{stroke}")
    assert is_filler(f"{before}{stroke}{stroke}")
    assert not is_filler(f"{before}{stroke}1")
