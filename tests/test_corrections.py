"""Objections and corrections: whether they answer each other, and what the next publicity sheet lists as 更正."""

from __future__ import annotations

import pytest
from notation import parse

import xl_jifen
from xl_jifen.derive.corrections import corrections, unsettled
from xl_jifen.period import Period
from xl_jifen.register import Ledger, points_text

BOOK = """第一季度公示后有人提出异议。
套用 基本

## 1月
| 序号 | 日期       | 姓名 | 规则 | 数量 | 事由   | 核实人 | 审核状态 |
| 1    | 2026-01-08 | 张三 | 加2  | 4    | 植树   |        | 通过     |
| 2    | 2026-01-21 | 赵六 | 减1  |      | 缺席   | 李四   | 通过     |
| 3    | 2026-01-22 | 王五 | 加1  |      | 讲党课 |        | 通过     |
"""
HEADINGS = "| 序号 | 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 | 冲销 |"
OBJECTIONS = "## 异议处理\n| 提出日期 | 提出人 | 涉及季度 | 涉及事项 | 处理结果 | 办结日期 |"
TAKEN_BACK = "| 1 | 2026-04-12 | 张三 | 加2 | | 数量误记 | 通过 | 1月#1 |"
RIGHT = "| 2 | 2026-01-08 | 张三 | 加2 | 3 | 植树 | 通过 | |"
FORGOTTEN = "| 3 | 2026-02-03 | 李四 | 加1 | | 讲党课 | 通过 | |"
Q1, Q2 = Period.of_quarter(2026, 1), Period.of_quarter(2026, 2)


def ledger(*april: str, objections: tuple[str, ...] = ()) -> Ledger:
    text = "\n".join((BOOK, "\n## 4月", HEADINGS, *april, "", OBJECTIONS, *objections))
    reckoning = xl_jifen.reckon(parse(text).grids)
    assert not [finding for finding in reckoning.findings if finding.code[0] == "E"]
    return reckoning.ledger


def objection(by: str, matter: str, result: str = "更正", day: str = "2026-04-10") -> str:
    return f"| {day} | {by} | 2026Q1 | {matter} | {result} | 2026-04-12 |"


def told(book: Ledger, quarter: Period = Q2) -> list[tuple[str, ...]]:
    rows = corrections(book, quarter)
    return [(c.member.name, str(c.period), c.what, points_text(c.old), points_text(c.new)) for c in rows]


def test_a_wrong_entry_is_listed_with_what_stands_in_its_place() -> None:
    book = ledger(TAKEN_BACK, RIGHT, objections=(objection("张三", "植树只有3小时"),))
    assert told(book) == [("张三", "2026Q1", "1月8日 志愿服务", "4", "3")]
    assert told(book, Q1) == []
    assert unsettled(book, Q2, {}) == ()


def test_a_deduction_taken_back_has_the_sign_of_its_effect() -> None:
    back = "| 1 | 2026-04-12 | 赵六 | 减1 | | 当天请假 | 通过 | 1月#2 |"
    book = ledger(back, objections=(objection("赵六", "当天已请假"),))
    assert told(book) == [("赵六", "2026Q1", "1月21日 无故缺席", "-3", "0")]


def test_a_forgotten_entry_is_a_correction_only_if_an_objection_was_upheld() -> None:
    late = ledger(FORGOTTEN)
    assert told(late) == []
    assert unsettled(late, Q2, {}) == ()
    book = ledger(FORGOTTEN, objections=(objection("李四", "2月3日讲党课没有登记"),))
    assert told(book) == [("李四", "2026Q1", "2月3日 主动讲党课", "0", "2")]
    assert unsettled(book, Q2, {}) == ()


def test_a_point_given_to_the_wrong_person_is_two_corrections() -> None:
    back = "| 1 | 2026-04-12 | 王五 | 加1 | | 误记 | 通过 | 1月#3 |"
    moved = "| 2 | 2026-01-22 | 李四 | 加1 | | 讲党课 | 通过 | |"
    book = ledger(back, moved, FORGOTTEN, objections=(objection("李四", "王五的党课是我讲的"),))
    assert told(book) == [
        ("王五", "2026Q1", "1月22日 主动讲党课", "2", "0"),
        ("李四", "2026Q1", "1月22日 主动讲党课", "0", "2"),
    ]


@pytest.mark.parametrize("result", ["维持", ""])
def test_an_objection_not_upheld_wants_no_correction(result: str) -> None:
    assert unsettled(ledger(objections=(objection("张三", "少计", result),)), Q2, {}) == ()


def test_an_upheld_objection_without_a_correction_is_told() -> None:
    (sentence,) = unsettled(ledger(objections=(objection("张三", "植树只有3小时"),)), Q1, {})
    assert sentence.startswith("异议处理!2：")
    assert "没有对应的冲销或补登" in sentence


@pytest.mark.parametrize("period", ["2026Q4", "2026H2", "2026-12"])
def test_where_no_month_comes_after_nobody_is_told_to_post_a_correction_there(period: str) -> None:
    last = objection("张三", "植树只有3小时").replace("2026Q1", period)
    named = Period.named(period)
    assert named
    (sentence,) = unsettled(ledger(objections=(last,)), named, {})
    assert "请改正登记后重新公示" in sentence
    assert "以后的月份没有对应" not in sentence


def test_a_correction_posted_before_the_objection_does_not_answer_it() -> None:
    book = ledger(TAKEN_BACK, objections=(objection("张三", "植树只有3小时", day="2026-05-10"),))
    sentences = unsettled(book, Q2, {})
    assert [sentence.split("：")[0] for sentence in sentences] == ["异议处理!2", "4月!2"]


def test_a_correction_without_an_objection_is_told_from_its_own_quarter_on() -> None:
    (sentence,) = unsettled(ledger(TAKEN_BACK), Q2, {})
    assert sentence.startswith("4月!2：冲销了2026年第一季度已公示的一行（1月#1）")
    assert unsettled(ledger(TAKEN_BACK), Q1, {}) == ()


def test_an_objection_that_names_nobody_is_answered_by_a_free_reversal() -> None:
    assert unsettled(ledger(TAKEN_BACK, objections=(objection("群众", "植树小时数不实"),)), Q2, {}) == ()
    named = objection("张三", "植树只有3小时"), objection("群众", "另一件")
    (sentence,) = unsettled(ledger(TAKEN_BACK, objections=named), Q2, {})
    assert sentence.startswith("异议处理!3：")


def test_a_reversal_inside_an_unpublished_quarter_needs_no_objection() -> None:
    march = "\n## 3月\n" + HEADINGS + "\n| 1 | 2026-03-12 | 张三 | 加2 | | 数量误记 | 通过 | 1月#1 |"
    book = xl_jifen.reckon(parse(BOOK + march).grids).ledger
    assert unsettled(book, Q1, {}) == ()
    assert told(book, Q1) == []


NOTICES = """
## 设置（更改）
| 项目     | 值   |
| 公示周期 | {} |
## 2月
"""


def within_a_quarter(kind: str, *objections: str) -> Ledger:
    """张三's row of January taken back in February and entered right."""
    right = "| 2 | 2026-01-08 | 张三 | 加2 | 3 | 植树 | 通过 | |"
    rows = (HEADINGS, TAKEN_BACK.replace("2026-04", "2026-02"), right, "", OBJECTIONS, *objections)
    return xl_jifen.reckon(parse(BOOK + NOTICES.format(kind) + "\n".join(rows)).grids).ledger


def test_where_months_are_published_a_month_corrects_the_one_before() -> None:
    january, february = (Period.named(f"2026-0{number}") for number in (1, 2))
    assert january
    assert february
    raised = objection("张三", "植树只有3小时", day="2026-02-04").replace("2026Q1", "2026-01")
    book = within_a_quarter("月", raised)
    assert told(book, february) == [("张三", "2026-01", "1月8日 志愿服务", "4", "3")]
    assert told(book, january) == told(book, Q1) == []
    assert unsettled(book, february, {}) == ()
    (sentence,) = unsettled(within_a_quarter("月"), february, {})
    assert sentence.startswith("2月!2：冲销了2026年1月已公示的一行（1月#1）")
    assert unsettled(within_a_quarter("月"), january, {}) == ()


@pytest.mark.parametrize("kind", ["季", "半年", "年"])
def test_within_one_period_that_is_published_there_is_nothing_to_correct(kind: str) -> None:
    book = within_a_quarter(kind)
    for period in ("2026Q1", "2026H1", "year"):
        cycle = book.register.settings.cycle
        assert cycle
        named = cycle.named(period)
        assert isinstance(named, Period)
        assert told(book, named) == []
        assert unsettled(book, named, {}) == ()


def test_where_half_years_are_published_the_second_corrects_the_first() -> None:
    april = (HEADINGS, TAKEN_BACK.replace("2026-04", "2026-08"), RIGHT)
    text = BOOK + NOTICES.replace("2月", "8月").format("半年") + "\n".join(april)
    book = xl_jifen.reckon(parse(text).grids).ledger
    first, second = (Period.named(f"2026H{number}") for number in (1, 2))
    assert first
    assert second
    assert told(book, second) == [("张三", "2026H1", "1月8日 志愿服务", "4", "3")]
    (sentence,) = unsettled(book, second, {})
    assert "冲销了2026年上半年已公示的一行（1月#1）" in sentence


def test_in_a_cycle_over_new_year_the_earlier_correction_is_told_first() -> None:
    text = f"""从七月到次年六月。
套用 基本

## 设置（更改）
| 项目         | 值         |
| 计分周期开始 | 2025-07-01 |
| 计分周期结束 | 2026-06-30 |
## 7月
{HEADINGS}
| 1 | 2025-07-08 | 张三 | 加2 | | 植树 | 通过 | |
| 2 | 2025-07-09 | 李四 | 加2 | | 植树 | 通过 | |
## 1月
{HEADINGS}
| 1 | 2026-01-09 | 李四 | 加2 | | 误记 | 通过 | 7月#2 |
## 12月
{HEADINGS}
| 1 | 2025-12-09 | 张三 | 加2 | | 误记 | 通过 | 7月#1 |
"""
    book = xl_jifen.reckon(parse(text).grids).ledger
    told = [sentence.partition("：")[0] for sentence in unsettled(book, Q1, {})]
    assert told == ["12月!2", "1月!2"]
