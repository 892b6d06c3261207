"""积分台账: the figures scoring found, as far as periods are over, and in a remark what a reader would stumble over."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from owned_branch import (
    EXCHANGED,
    YEAR_OF_ENTRIES,
    book_of,
    column,
    drawn,
    grids,
    heads,
    owned_sheets,
    owned_tables,
    told,
)

from xl_jifen import reckon


@pytest.mark.slow
@pytest.mark.parametrize("settings", [
    {},
    {"年度汇总方式": "季度平均", "一票否决范围": "当季"},
    {"年度汇总方式": "季度求和", "最低分": 95, "最高分": 104.5},
])  # fmt: skip
def test_the_ledger_shows_the_figures_scoring_found(settings: dict[str, Any]) -> None:
    workbook = grids(7, settings=settings)
    ledger = reckon(workbook).ledger
    table = owned_tables(workbook).ledger
    shown = {
        (row.code, quarter.words): figures
        for row in table.rows
        for quarter, figures in zip(table.quarters, row.quarters, strict=True)
    }
    years = {row.code: row for row in table.rows}
    assert len(ledger.scores) > 150
    for score in ledger.scores:
        if score.period.is_year:
            row = years[score.member.code]
            assert row.year
            assert (row.year.score, row.year_rank) == (Decimal(score.score) / 100, score.rank)
        else:
            figures = shown[score.member.code, score.period.short]
            assert figures[:2] == (Decimal(score.bonus) / 100, Decimal(score.deduction) / 100)
            assert figures.score == Decimal(score.score) / 100


def test_what_no_formula_can_say_is_a_value_and_the_remark_says_so() -> None:
    table = owned_tables(grids(1)).ledger
    remarks = {row.name: row.remark for row in table.rows}
    vetoed = [row for row in table.rows if "一票否决" in row.remark]
    assert len(vetoed) == 1
    assert [figures.reckoned for figures in vetoed[0].quarters] == [True, True, False, False]
    assert "第三季度、第四季度积分为核定数" in vetoed[0].remark
    assert any(remark == "第三季度、第四季度不计分" for remark in remarks.values()), "one member left in August"
    assert all(
        figures.reckoned or figures.score is None for row in table.rows if row not in vetoed for figures in row.quarters
    )


def ledger_on(day: str, *settings: str) -> Any:
    """积分台账 as the file has it on that day; 8月 is over on 1 September."""
    text = YEAR_OF_ENTRIES.format(settings="\n".join(f"| {each} |" for each in settings or ("公示周期 | 季",)))
    said = told(text, datetime.fromisoformat(day))
    return book_of(drawn(said), values=True)["积分台账"]


@pytest.mark.slow
def test_nothing_to_come_is_shown_as_a_fact() -> None:
    sheet = ledger_on("2026-09-10")
    assert heads(sheet)[:6] == ["序号", "编号", "姓名", "第二季度积分", "第二季度名次", "第二季度建议等次"]
    assert column(sheet, "第二季度积分") == [101, 102, 100, 100]
    assert column(sheet, "第二季度名次") == [2, 1, 3, 3]
    assert column(sheet, "第三季度积分截至8月31日") == [101, 102, 103, 100], "what was posted in September is not in it"
    assert column(sheet, "年度积分截至8月31日") == [101, 102, 103, 100]
    assert column(sheet, "9月") == [0, 0, 0, 4], "a month begun shows what is posted"
    for heading in ("年度名次", "年度建议等次", "10月", "第四季度加分", "第四季度减分", "第四季度积分"):
        assert column(sheet, heading) == [None] * 4, heading


@pytest.mark.slow
def test_the_year_and_its_ranks_are_told_once_it_is_over() -> None:
    sheet = ledger_on("2027-01-01")
    assert heads(sheet)[3:6] == ["第四季度积分", "第四季度名次", "第四季度建议等次"]
    assert not [heading for heading in heads(sheet) if "截至" in heading]
    assert column(sheet, "年度积分") == column(sheet, "第四季度积分") == [101, 102, 103, 104]
    assert column(sheet, "年度名次") == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("way", "fixed"), [("年度累计", "第三季度、第四季度"), ("季度求和", "第三季度、第四季度、年度")]
)
def test_what_a_veto_has_fixed_is_named_the_year_too_where_it_is_a_sum(way: str, fixed: str) -> None:
    table = told(f"""
## 设置（更改）
| 项目 | 值 |
| 年度汇总方式 | {way} |
## 表决记录
| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |
| 2026-08-05 | 王五 | 否1 | 违纪 | 3 | 3 | 3 | 0 | 0 |
""").ledger
    (remark,) = (row.remark for row in table.rows if row.name == "王五")
    assert f"；{fixed}积分为核定数，不由公式算出" in remark


@pytest.mark.slow
@pytest.mark.parametrize(("period", "day", "words"), [
    ("月", "2026-09-01", "8月"), ("季", "2026-09-30", "第二季度"), ("季", "2026-10-01", "第三季度"),
    ("半年", "2026-12-31", "上半年"), ("年", "2027-01-01", "年度"),
])  # fmt: skip
def test_the_last_period_of_its_kind_that_is_over_stands_beside_the_name(period: str, day: str, words: str) -> None:
    assert heads(ledger_on(day, f"公示周期 | {period}"))[3] == f"{words}积分"


@pytest.mark.slow
def test_before_a_period_is_over_there_is_none_beside_the_name() -> None:
    sheet = ledger_on("2026-01-10")
    assert heads(sheet)[3] == "党员类别"
    assert column(sheet, "1月") == [1, 0, 0, 0]
    assert column(sheet, "第一季度积分") == column(sheet, "年度积分") == [None] * 4


@pytest.mark.slow
def test_the_party_groups_stand_below_the_members() -> None:
    sheet = ledger_on("2026-07-01")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=9, min_col=3, max_col=7)]
    assert rows[0][0] == "党小组（第二季度）"
    assert [str(head).replace("\n", "") for head in rows[1]] == ["党小组", "积分合计", "平均积分", "名次", "人数"]
    assert rows[2:] == [["一组", 203, 101.5, 1, 2], ["二组", 100, 100, 2, 1]]


@pytest.mark.slow
def test_what_may_still_be_exchanged_stands_in_a_column_of_its_own() -> None:
    sheet = book_of(drawn(told(EXCHANGED, datetime(2026, 9, 10))), values=True)["积分台账"]
    assert column(sheet, "结余") == [1.5, 5, 0, 4]
    assert "结余" not in heads(ledger_on("2026-09-10"))


@pytest.mark.slow
def test_printed_is_one_page_wide_without_the_months_and_nothing_smaller_than_eight_points() -> None:
    sheet = ledger_on("2027-01-01")
    sizes = [cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None]
    right = range_boundaries(str(sheet.print_area).rpartition("!")[2])[2]
    assert [heads(sheet)[column] for column in (right - 1, right, -1)] == ["备注", "1月", "12月"]
    wide = sum(sheet.column_dimensions[get_column_letter(n)].width * 7 for n in range(1, right + 1)) * 0.75
    room = 841.9 - 72 * (sheet.page_margins.left + sheet.page_margins.right)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert min(sizes) * room / wide >= 8


@pytest.mark.parametrize(("members", "count"), [(14, 1), (36, 2)])
def test_a_small_branch_is_one_page_and_a_large_one_two(members: int, count: int) -> None:
    drawn = next(sheet for sheet in owned_sheets(grids(members=members, entries=60)) if sheet.name == "积分台账")
    heights = [row.height or 15 for row in drawn.rows][2:]
    page = (595.3 - 72 * 1.2) / 0.8 - heights[0]
    assert math.ceil(sum(heights[1:]) / page) == count


def test_between_two_ends_of_months_the_day_changes_nothing() -> None:
    text = YEAR_OF_ENTRIES.format(settings="| 公示周期 | 季 |")
    one, two = (told(text, datetime(2026, 9, day, 8)) for day in (1, 30))
    assert (one.findings, one.lines, one.ledger) == (two.findings, two.lines, two.ledger)
    assert one.board._replace(computed="") == two.board._replace(computed="")
    assert told(text, datetime(2026, 10, 1)).ledger != one.ledger


def test_of_two_halves_of_one_name_the_heading_says_which() -> None:
    table = told("""
## 设置
| 项目 | 值 |
| 支部名称 | 第一党支部 |
| 计分周期开始 | 2025-09-01 |
| 计分周期结束 | 2026-08-31 |
| 公示周期 | 半年 |
""", datetime(2026, 9, 10)).ledger  # fmt: skip
    assert table.latest
    assert table.latest.words == "2026年下半年"
