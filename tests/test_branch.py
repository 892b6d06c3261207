"""What one branch amounts to in a roll-up: the sums of its periods and rules, and what is wrong with it."""

from __future__ import annotations

from many_branches import MONTHS, branch

from xl_jifen.derive.branch import LONGEST


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
