"""What one branch amounts to in a roll-up: the sums of its periods and rules, and what is wrong with it."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
from closed_year import NAME, write
from many_branches import MONTHS, branch

from xl_jifen.derive.branch import LONGEST
from xl_jifen.verbs.rollup import fleet
from xl_jifen.verbs.rollup.rollup import rollup


def test_the_sums_of_each_period_and_of_the_year() -> None:
    first, second, third, _, year = branch().periods
    assert [each.period for each in branch().periods] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "year"]
    assert [each.submitted for each in (first, second, third, year)] == [True, True, False, True]
    assert [each.entries for each in (first, second, third, year)] == [3, 1, 0, 4]
    assert [each.errors for each in (first, second, third, year)] == [1, 0, 0, 1]
    assert (first.present, first.named) == (3, 4), "who comes late has come"
    assert (second.present, second.named) == (1, 2)
    assert (year.present, year.named) == (4, 6)
    assert (first.members, first.best, first.graded) == (4, 0, 3), "a candidate is given no grade"
    assert dict(year.grades) == {"优秀": 0, "合格": 3, "基本合格": 0, "不合格": 0}
    assert second.spread
    assert second.spread == (10250, 10050, 377, 10900, 10000)


def test_what_stands_on_a_row_with_a_day_belongs_to_its_period_and_the_rest_to_the_year_alone() -> None:
    result = branch("""
## 党员名册（更改）
| 编号 | 党员类别 |
| 003 | 群众 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 |
| 2026-08-10 | 党课 | 第一课 | 查无此人 |
## 表决记录
| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |
| 2026-11-05 | 张三 | 否1 | 违纪 | 3 | 3 | 1 | 1 | 0 |
""")
    assert [each.errors for each in result.periods] == [0, 0, 1, 1, 3]
    assert sorted({problem.sheet for problem in result.problems}) == ["党员名册", "活动考勤", "表决记录"]


def test_rules_that_were_used_in_the_order_of_the_table_merged_ones_as_one_at_the_end() -> None:
    merged = "## 积分规则（更改）\n| 规则编号 | 公示 | 封顶分值 |\n| 加1 | | 3 |\n| 加2 | 合并 | |"
    used = branch(f"{MONTHS}\n{merged}").rules
    assert [(rule.code, rule.item, rule.entries, rule.raw, rule.counted, rule.capped) for rule in used] == [
        ("加1", "主动讲党课", 1, 400, 300, 1),
        ("", "其他加分", 2, 600, 600, 0),
    ]


def test_what_is_wrong_with_a_row_under_a_merged_rule_is_told_without_its_words() -> None:
    merged = "## 积分规则（更改）\n| 规则编号 | 公示 |\n| 加2 | 合并 |"
    row = "## 1月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n| 2026-01-10 | 李四 | 加2 | -1 | 举报某人 | 通过 |"
    (told,) = branch(f"{merged}\n{row}").problems
    (plain,) = branch(row).problems
    assert (told.code, told.sheet, told.row) == (plain.code, plain.sheet, plain.row) == ("E403", "1月", 2)
    assert told.message == "数量不对"
    assert plain.message == "数量应大于 0"


def test_messages_are_cut_where_they_would_quote_a_whole_cell() -> None:
    name = "长" * 3 * LONGEST
    row = f"## 1月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-01-10 | 李四 | {name} | 事由 | 通过 |"
    (problem,) = branch(row).problems
    assert len(problem.message) <= LONGEST


def test_two_versions_of_one_branch_are_known_by_name_and_cycle() -> None:
    one, again, other = branch(name="第一党支部"), branch("", " 第一 党支部"), branch(name="第二党支部")
    assert one.identity == again.identity != other.identity
    assert one.first == again.first != ""
    assert branch("", "").identity == ""


def test_of_more_than_two_hundred_problems_the_number_is_told() -> None:
    rows = "\n".join(f"| 2026-01-10 | 查无此人 | 加1 | 事由{number} | 通过 |" for number in range(203))
    result = branch(f"## 1月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n{rows}")
    assert (len(result.problems), result.more) == (200, 3)


@pytest.mark.parametrize(
    ("yearly", "mean"),
    [("年度累计", 10150), ("季度平均", 10075), ("季度求和", 20150)],  # 100 for each of four, and 4, 1, 1 points
)
def test_what_is_not_over_goes_up_to_the_month_of_the_day(yearly: str, mean: int) -> None:
    """On 15 April the lesson of 10 April was held, and the row of May is to come: neither figure nor grade of it."""
    settings = f"\n## 设置（更改）\n| 项目 | 值 |\n| 年度汇总方式 | {yearly} |"
    entries = "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-04-02 | 王五 | 加2 | 志愿 | 通过 |"
    lessons = "| 2026-06-10 | 党课 | 第三课 | 张三 | | 王五 | |\n"
    result = branch(f"{MONTHS}{lessons}{entries}{settings}", day=date(2026, 4, 15))
    first, second, third, fourth, year = result.periods
    assert (first.entries, first.graded) == (3, 3)
    assert (second.entries, second.graded, second.present, second.named) == (1, 0, 1, 2)
    assert year.spread
    assert (year.entries, year.graded, year.best, year.named, year.spread.mean) == (4, 0, 0, 6, mean)
    assert [each.members for each in (first, second, third, fourth, year)] == [4, 4, 0, 0, 4]
    assert [(rule.code, rule.entries) for rule in result.rules] == [("加1", 1), ("加2", 2)]


@pytest.mark.slow
def test_what_is_known_of_a_cycle_that_runs_holds_for_the_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two branches, whose cycles end on 31 December and on 15 August."""
    monkeypatch.setattr(fleet, "local", lambda work, tasks, workers: ((task, work(task)) for task in tasks))
    home = tmp_path / "支部"
    home.mkdir()
    write(home)
    (home / NAME).rename(home / "一.xlsx")
    write(home, "## 设置（更改）\n| 项目 | 值 |\n| 支部名称 | 第二党支部 |\n| 计分周期结束 | 2026-08-15 |")

    def reckoned(day: str) -> int:
        moment = datetime.combine(date.fromisoformat(day), time(9))
        return rollup([str(home)], tmp_path / "汇总.xlsx", moment, workers=1).reckoned

    assert [reckoned(day) for day in ("2026-08-03", "2026-08-15", "2026-08-16", "2026-08-31")] == [2, 0, 1, 0]
    assert [reckoned(day) for day in ("2026-09-01", "2026-09-30", "2027-01-01", "2027-02-01")] == [1, 0, 1, 0]
