"""学习任务: the target against the attendance sheet, and entries proposed with what they would earn; none is posted."""

from datetime import date
from fractions import Fraction

import pytest
from yearend_books import AFTER, column, demo, small

from xl_jifen import Reckoning
from xl_jifen.grid import Grids, Place
from xl_jifen.publish.study import StudyRow, contradictions, study, study_page, study_words
from xl_jifen.publish.yearly import presences
from xl_jifen.register import Ledger, Requirement

RULES = (
    "## 积分规则（更改）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 单位 | 每 | 取整 | 封顶分值 |\n"
    "| 加5 | 加分 | 党建活动 | 超额学习 | 1 | 学时 | 4 | | |\n"
    "| 减5 | 减分 | 工作履职 | 学习欠账 | 1 | 学时 | 4 | 向下 | 2 |"
)
LESSONS = (
    "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 学时 | 参加 | 迟到早退 |\n"
    "| 2026-02-03 | 学习 | 二月学习 | 8 | 张三、李四、赵六 | |\n"
    "| 2026-03-03 | 学习 | 三月学习 | 10 | 张三、赵六 | 王五 |\n"
    "| 2026-03-04 | 党课 | 三月党课 | | 全体 | |"
)


def required(reckoning: Reckoning, *targets: tuple[str, int]) -> Ledger:
    """The ledger of a workbook whose 组织生活要求 has these yearly targets, by 对象."""
    rows = tuple(Requirement(Place("组织生活要求", 2), "", "年", None, Fraction(n), whose) for whose, n in targets)
    return reckoning.ledger._replace(register=reckoning.register._replace(requirements=rows))


def rows_of(book: tuple[Grids, Reckoning], target: int = 12) -> dict[str, StudyRow]:
    _, reckoning = book
    rows = study(required(reckoning, ("", target)), presences(reckoning.register))
    return {row.member.name: row for row in rows}


def test_hours_are_those_of_the_lessons_attended() -> None:
    assert {name: row.done for name, row in rows_of(small(RULES, LESSONS)).items()} == {
        "张三": 18,
        "李四": 8,
        "王五": 0,
        "赵六": 18,
    }


def test_what_would_follow_is_reckoned_by_the_branchs_own_rules() -> None:
    rows = rows_of(small(RULES, LESSONS))
    proposed = {name: row.proposal for name, row in rows.items()}
    assert all(proposed.values())
    told = {name: (p.rule.code, p.quantity, p.counted) for name, p in proposed.items() if p}
    assert told == {
        "张三": ("加5", 6, 150),
        "李四": ("减5", 4, 100),
        "王五": ("减5", 12, 200),  # three times four hours, but at most 2 points
        "赵六": ("加5", 6, 150),
    }


def test_too_little_to_count_and_exactly_on_target_propose_nothing() -> None:
    rows = rows_of(small(RULES, LESSONS), 10)
    assert (rows["李四"].proposal, rows["李四"].note) == (None, "按 减5 不足以计分")
    met = rows_of(small(RULES, LESSONS), 18)["张三"]
    assert (met.short, met.proposal, met.note) == (0, None, "")


def test_a_rule_the_attendance_sheet_feeds_is_not_proposed_again() -> None:
    scheme = "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 | 计量 |\n| 学习 | 参加 | 加5 | 学时 |"
    rows = rows_of(small(RULES, LESSONS, scheme))
    assert (rows["张三"].proposal, rows["张三"].note) == (None, "加5 已由活动考勤计入，不再登记")
    assert rows["李四"].proposal is not None


def test_what_is_entered_already_is_not_proposed_again() -> None:
    entered = (
        "## 12月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 | 核实人 |\n"
        "| 2026-12-20 | 李四 | 减5 | 4 | 学习欠账 | 待审 | 张三 |"
    )
    row = rows_of(small(RULES, LESSONS, entered))["李四"]
    assert (row.proposal, row.note) == (None, "减5 已登记在12月，不再建议")


def test_without_a_rule_in_hours_it_only_says_so() -> None:
    assert rows_of(small(LESSONS))["李四"].note == "没有适用的减分项"


def test_nothing_is_posted() -> None:
    grids, reckoning = small(RULES, LESSONS)
    before = [(score.member.name, score.score) for score in reckoning.ledger.scores]
    entries = len(reckoning.register.entries)
    rows_of((grids, reckoning))
    assert [(score.member.name, score.score) for score in reckoning.ledger.scores] == before
    assert len(reckoning.register.entries) == entries


def test_targets_by_category_and_the_page_of_the_example() -> None:
    reckoning = demo().reckoning
    ledger = required(reckoning, ("在职", 40), ("离退休", 10), ("班子成员", 9))
    rows = study(ledger, presences(reckoning.register))
    assert {row.category: row.target for row in rows} == {"在职": 40, "离退休": 10}
    page = study_page(ledger, rows, AFTER)
    assert len(page.rows) == len(rows) == 35
    assert column(page, "差额")[0] == "少16"
    assert "本表不代为登记" in page.words["说明段"]
    assert study_words(rows).startswith("学习任务：在职40学时，离退休10学时")
    proposed = zip(*(column(page, heading) for heading in ("建议登记", "登记数量", "预计计分")), strict=True)
    assert ("减5-2 未完成理论学习计划", "12学时", "−3") in proposed


def test_a_category_without_a_target_is_left_out() -> None:
    reckoning = demo().reckoning
    rows = study(required(reckoning, ("离退休", 4)), presences(reckoning.register))
    assert [row.category for row in rows] == ["离退休"] * 3


SHEET = (
    "## 组织生活要求\n| 活动类型 | 周期 | 次数 | 学时 | 对象 |\n"
    "| | 年 | | 12 | 全体 |\n| 学习 | 年 | | 20 | 班子成员 |\n| | 年 | | 16 | 离退休 |\n| | 季 | | 99 | |"
)


def test_the_largest_target_that_fits_counts_over_its_kind_of_activity() -> None:
    more = (
        "## 活动考勤（追加）\n| 日期 | 活动类型 | 活动名称 | 学时 | 参加 |\n"
        "| 2026-03-05 | 党课 | 党课 | 3 | 张三、王五 |"
    )
    _, reckoning = small(LESSONS, more, SHEET)
    rows = study(reckoning.ledger, presences(reckoning.register))
    told = {row.member.name: (row.target, row.done) for row in rows}
    assert told == {"张三": (20, 18), "李四": (20, 8), "王五": (12, 3), "赵六": (12, 18)}


@pytest.mark.parametrize(
    ("heading", "limit", "words"),
    [
        ("封顶分值", "0", "规则 加5 每年最多计 0 分"),
        ("计分组", "党建活动年封顶", "计分组“党建活动年封顶”每年最多计 0 分"),
    ],
)
def test_which_limit_stands_in_the_way_is_said(heading: str, limit: str, words: str) -> None:
    rules = (
        f"## 积分规则（更改）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 单位 | 每 | {heading} |\n"
        f"| 加5 | 加分 | 党建活动 | 超额学习 | 1 | 学时 | 4 | {limit} |"
    )
    group = "## 计分组\n| 组名 | 方式 | 周期 | 封顶分值 |\n| 党建活动年封顶 | 封顶 | 年 | 0 |"
    assert rows_of(small(rules, group, LESSONS))["张三"].note == f"按 加5 不再计分：{words}，已满"


def test_who_is_below_the_target_and_has_points_for_hours_is_named() -> None:
    scheme = "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 | 计量 |\n| 学习 | 参加 | 加5 | 学时 |"
    _, reckoning = small(RULES, LESSONS, scheme)
    ledger = required(reckoning, ("", 12))
    told = list(contradictions(ledger, study(ledger, presences(reckoning.register))))
    assert told == ["李四任务12学时，完成8学时，少4学时，而按“加5 超额学习”计了 2 分，请核对。"]


def test_in_the_example_nobody_is_below_the_target_and_has_points_for_hours() -> None:
    ledger = demo().reckoning.ledger
    rows = study(ledger, presences(ledger.register))
    assert {row.target for row in rows} == {32, 56}
    assert any(row.short > 0 for row in rows)
    assert not list(contradictions(ledger, rows))


@pytest.mark.parametrize(
    ("heading", "cell"),
    [("分值上限", "5"), ("逐次分值", "1;2"), ("适用类别", "离退休"), ("失效日期", "2026-12-30"), ("生效日期", "元旦")],
)
def test_a_rule_that_fits_nobody_or_leaves_the_figure_open_is_passed_over(heading: str, cell: str) -> None:
    rules = (
        f"## 积分规则（更改）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 单位 | 每 | {heading} |\n"
        f"| 加4 | 加分 | 党建活动 | 另一学习 | 2 | 学时 | 4 | {cell} |\n"
        "| 加5 | 加分 | 党建活动 | 超额学习 | 1 | 学时 | 4 | |"
    )
    proposal = rows_of(small(rules, LESSONS))["张三"].proposal
    assert proposal
    assert proposal.rule.code == "加5"


@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 12, 31)])
def test_before_the_cycle_is_over_no_deduction_is_proposed_for_what_can_still_be_made_up(day: date) -> None:
    _, reckoning = small(RULES, LESSONS)
    ledger = required(reckoning, ("", 12))
    rows = study(ledger, presences(reckoning.register, day))
    page = study_page(ledger, rows, day)
    proposed = zip(column(page, "建议登记"), column(page, "预计计分"), strict=True)
    told = dict(zip(column(page, "姓名"), proposed, strict=True))
    assert told["李四"] == told["王五"] == ("计分周期结束以后再看", "—")
    assert told["张三"] == ("加5 超额学习", "+1.5")
    assert "还没有完成2人" in page.words["说明段"]
    assert "未完成2人" in study_page(ledger, rows, AFTER).words["说明段"]


def test_lessons_to_come_are_not_counted() -> None:
    _, reckoning = small(RULES, LESSONS)
    ledger = required(reckoning, ("", 12))
    done = {row.member.name: row.done for row in study(ledger, presences(reckoning.register, date(2026, 3, 2)))}
    assert done == {"张三": 8, "李四": 8, "王五": 0, "赵六": 8}
