"""How many findings are kept: 20 of a cell and 1,000 of a sheet, errors first; the last one says how many more."""

from __future__ import annotations

import random

import pytest
from notation import parse

import xl_jifen
from xl_jifen.catalogue import Code
from xl_jifen.finding import MOST_OF_A_CELL, MOST_OF_A_SHEET, Finding, Findings
from xl_jifen.grid import Place

MONTH = """一月里有很多行，每一行都缺必填项。
套用 基本

## 1月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
"""


def finding(code: Code, row: int, column: int = 1, sheet: str = "1月") -> Finding:
    return Finding(code, Place(sheet, row, column), "有问题", "请改")


@pytest.mark.slow
@pytest.mark.parametrize("count", [999, 1_000, 1_001, 50_000])
def test_a_sheet_keeps_a_thousand_whatever_the_order(count: int) -> None:
    rows = list(range(1, count + 1))
    random.Random(count).shuffle(rows)
    found = Findings()
    for row in rows:
        found.append(finding("E101", row))
    told = found.told(["1月"])
    assert [each.place.row for each in told] == list(range(1, min(count, MOST_OF_A_SHEET) + 1))
    more = count - MOST_OF_A_SHEET
    assert told[-1].message == ("有问题" if more <= 0 else f"有问题（这张表另有 {more} 个问题，没有逐一列出）")
    assert {each.message for each in told[:-1]} == {"有问题"}
    assert sorted(place for _, place in found.unlisted) == list(range(MOST_OF_A_SHEET + 1, count + 1))


def test_errors_are_kept_before_warnings_before_hints_and_each_sheet_by_itself() -> None:
    found = Findings()
    found += [finding("I002", row) for row in range(1, 900)]
    found += [finding("W601", row) for row in range(900, 1_500)]
    found += [finding("E101", row) for row in range(1_500, 2_000)]
    found += [finding("W402", 7, sheet="2月")]
    told = found.told(["1月", "2月"])
    kinds = [each.code for each in told]
    assert [kinds.count(code) for code in ("E101", "W601", "I002", "W402")] == [500, 500, 0, 1]
    assert told[-2].message == "有问题（这张表另有 999 个问题，没有逐一列出）"
    assert told[-1].message == "有问题"
    assert not found.unlisted


def test_a_cell_keeps_twenty() -> None:
    found = Findings()
    found += [finding("W601", 2) for _ in range(30)]
    found += [finding("E201", 2) for _ in range(5)]
    found += [finding("E201", 3) for _ in range(MOST_OF_A_CELL)]
    told = found.told(["1月"])
    assert [each.code for each in told].count("W601") == 15
    assert told[MOST_OF_A_CELL - 1].message == "有问题（这一格另有 15 个问题，没有逐一列出）"
    assert told[-1].message == "有问题"


@pytest.mark.slow
def test_collections_put_together_count_together() -> None:
    one, other, all_of_it = Findings(), Findings(), Findings()
    one += [finding("E101", row) for row in range(1, 30_001)]
    other += [finding("E102", row, 2) for row in range(1, 30_001)]
    all_of_it += one
    all_of_it += other
    told = all_of_it.told(["1月"])
    assert [(each.place.row, each.place.column) for each in told] == [(r, c) for r in range(1, 501) for c in (1, 2)]
    assert "另有 59000 个问题" in told[-1].message


@pytest.mark.slow
def test_what_is_not_listed_is_refused_all_the_same() -> None:
    """Of 1,500 rows that lack a date, each has its code; 1,000 are listed."""
    case = parse(MONTH + "| | 张三 | 加1 | 讲课 | 通过 |\n" * 1_500 + "\n## 期望\n### 发现\n| 代码 | 位置 |\n")
    found = xl_jifen.reckon(case.grids)
    assert len(found.findings) == MOST_OF_A_SHEET
    assert {line.why for line in found.ledger.lines} == {("E101",)}
    assert len(found.ledger.lines) == 1_500
    assert {each.place.row for each in (*found.findings, *found.unlisted)} == set(range(2, 1_502))


@pytest.mark.slow
def test_what_comes_below_a_full_sheet_is_counted_and_no_more() -> None:
    """In whatever order they come: the same are kept, the same rows are known to have errors."""
    made = [Finding("E101", Place("1月", row, 2), "x", "y") for row in range(2, 9_002)]
    made += [Finding("W103", Place("1月", row, 3), "x", "y") for row in range(2, 9_002)]
    made += [Finding("E102", Place("2月", 5, 1), "x", "y"), Finding("E102", Place("1月", 8_000, 7), "x", "y")]
    backwards, forwards = Findings(), Findings()
    forwards.extend(made)
    backwards.extend(reversed(made))
    assert forwards.told(["1月", "2月"]) == backwards.told(["1月", "2月"])
    assert {*forwards.unlisted} == {*backwards.unlisted}
    assert len(forwards.unlisted) == 8_000
    assert "另有 17001 个问题" in forwards.told(["1月", "2月"])[-2].message
