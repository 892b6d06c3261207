"""What the year-end sheets have in common: words for the cycle, a member's lines, why one earned less."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from yearend_books import named, small

from xl_jifen.period import Cycle, Period
from xl_jifen.publish.yearly import (
    Explanations,
    cycle_words,
    formula,
    hours_of,
    lines_of,
    presences,
    short_quarter,
    so_far,
    vetoes_of,
    without_cells,
)

YEAR = Cycle(date(2026, 1, 1), date(2026, 12, 31))
SCHOOL_YEAR = Cycle(date(2025, 7, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("年度累计", "年度积分 = 基础分 + 全年加分 − 全年减分"),
        ("季度平均", "季度积分 = 基础分 + 当季加分 − 当季减分，年度积分为各季度积分的平均数"),
        ("季度求和", "季度积分 = 基础分 + 当季加分 − 当季减分，年度积分为各季度积分之和"),
    ],
)
def test_how_a_years_score_comes_about_is_one_sentence(way: str, words: str) -> None:
    def told(bounds: str) -> str:
        _, reckoning = small(f"## 设置（更改）\n| 项目 | 值 |\n| 年度汇总方式 | {way} |\n{bounds}")
        return formula(reckoning.register.settings)

    assert told("| 最低分 | 0 |") == f"{words}；低于0分的按0分计。"
    assert told("| 最低分 | 10 |\n| 最高分 | 120.5 |") == f"{words}；低于10分的按10分计；高于120.5分的按120.5分计。"


def test_the_cycle_in_words_before_while_and_after_it_runs() -> None:
    assert cycle_words(YEAR) == "2026年1月1日至12月31日"
    assert short_quarter(YEAR, Period.of_quarter(2026, 3)) == "三季度"
    assert short_quarter(SCHOOL_YEAR, Period.of_quarter(2025, 4)) == "2025年四季度"
    assert so_far(YEAR, date(2025, 12, 31)) == "计分周期从2026年1月1日开始，尚未开始计分。"
    running = "计分周期尚未结束，本表按截至{}的登记编制，积分和名次还会变化。"
    assert so_far(YEAR, date(2026, 1, 1)) == running.format("2026年1月1日")
    assert so_far(YEAR, date(2026, 12, 31)) == running.format("2026年12月31日")
    assert so_far(YEAR, date(2027, 1, 1)) == ""


ATTENDED = """## 活动考勤
| 日期 | 活动类型 | 活动名称 | 学时 | 参加 | 请假 | 迟到早退 |
| 2026-02-03 | 党课 | 二月党课 | 2 | 全体 | 王五 | 张三 |
| 2026-03-03 | 集中 学习 | 三月学习 | 1.5 | 张三、李四 | | |
| 2027-03-03 | 党课 | 明年党课 | 2 | 张三 | | |
"""


def test_hours_are_those_of_the_cycle_of_whoever_stayed_from_beginning_to_end() -> None:
    _, reckoning = small(ATTENDED)
    records = presences(reckoning.register)
    zhang, li, wang = (records[named(reckoning, name)] for name in ("张三", "李四", "王五"))
    assert [(each.activity.name, each.status) for each in zhang] == [("二月党课", "迟到早退"), ("三月学习", "参加")]
    assert [each.status for each in wang] == ["请假"]
    assert [hours_of(record) for record in (zhang, li, wang)] == [Fraction(3, 2), Fraction(7, 2), 0]
    assert [hours_of(li, kind) for kind in ("党课", "集中学习", "座谈")] == [2, Fraction(3, 2), 0]


LINES = """## 积分规则（更改）
| 规则编号 | 封顶分值 | 封顶周期 | 起算数量 | 免计数量 |
| 加1 | 3 | 季 | | |
| 加2 | | | 2 | |
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 | 核实人 | 冲销 |
| 2026-01-05 | 张三 | 加1 | 2 | 讲党课 | 通过 | | |
| 2026-01-06 | 张三 | 加2 | 1 | 理发 | 通过 | | |
| 2026-01-07 | 张三 | 加2 | 3 | 还在审核 | 待审 | | |
| 2026-01-08 | 张三 | 减1 | 1 | 与王五争执 | 通过 | 李四 | |
## 4月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 | 核实人 | 冲销 |
| 2026-04-05 | 张三 | 减1 | | 误记 | 通过 | 李四 | 1月!5 |
| 2026-03-31 | 张三 | 加2 | 4 | 植树 | 通过 | | |
"""


def test_why_a_line_earned_less_is_told_without_cells_and_others() -> None:
    _, reckoning = small(LINES)
    explained = Explanations(reckoning.findings, reckoning.register.members)
    lines = lines_of(reckoning.ledger)[named(reckoning, "张三")]
    told = {line.entry.reason: explained.words(line) for line in lines}
    assert told == {
        "讲党课": "规则 加1 每季最多计 3 分",
        "理发": "数量未达到起算数，计 0 分",
        "还在审核": "待支委会审核，暂不计入",
        "与王五争执": "",
        "误记": "更正：冲回1月的一笔，原计 3 分",
        "植树": "3月的事项，在4月补登",
    }
    assert [line.entry.reason for line in lines if explained.others_named(line)] == ["与王五争执"]


def test_votes_that_carried_stand_by_their_day() -> None:
    head = "| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |"
    days = (("2026-05-08", 3), ("2026-02-05", 3), ("2026-03-05", 1))
    rows = "\n".join(f"| {day} | 王五 | 否1 | 违纪 | 3 | 3 | {ayes} | {3 - ayes} | 0 |" for day, ayes in days)
    _, reckoning = small(f"## 表决记录\n{head}\n{rows}")
    votes = vetoes_of(reckoning.ledger)[named(reckoning, "王五")]
    assert [str(vote.ballot.day) for vote in votes] == ["2026-02-05", "2026-05-08"]


def test_rows_of_the_workbook_are_told_as_those_of_a_sheet() -> None:
    assert without_cells("与 3月!D7 相同；见 活动考勤#2") == "与3月的一笔相同；见活动考勤的一笔"
