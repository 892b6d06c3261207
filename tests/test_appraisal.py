"""民主评议参考表: the year's points as advice, the one-third check, ties, vetoes, and columns left for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from yearend_books import AFTER, all_text, column, demo, row_of, small

from xl_jifen import Reckoning
from xl_jifen.period import Period
from xl_jifen.publish.appraisal import BY_HAND, appraisal
from xl_jifen.publish.page import Page

LIMIT = (
    "## 设置（更改）\n| 项目 | 值 |\n| 优秀比例上限 | 2/3 |\n## 等次标准（更改）\n| 等次 | 受比例限制 |\n| 优秀 | 是 |"
)


def january(*claims: tuple[str, int]) -> str:
    rows = "\n".join(f"| 2026-01-10 | {name} | 加2 | {hours} | 服务 | 通过 |" for name, hours in claims)
    return f"## 1月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n{rows}"


def of(reckoning: Reckoning, day: date = AFTER) -> Page:
    return appraisal(reckoning.ledger, (), day)


@pytest.mark.slow
def test_the_example_shows_everybody_with_quarters_and_rank() -> None:
    reckoning = demo().reckoning
    page = of(reckoning)
    scores = reckoning.ledger.year
    assert column(page, "积分") == [Decimal(score.score) / 100 for score in scores] + ["—"]
    assert column(page, "名次") == [score.rank or "—" for score in scores] + ["—"]
    for position, heading in enumerate(("季度一", "季度二", "季度三", "季度四"), 1):
        quarter = {s.member: Decimal(s.score) / 100 for s in reckoning.ledger.of(Period.of_quarter(2026, position))}
        assert column(page, heading) == [quarter.get(score.member, "—") for score in scores] + ["—"]
    assert [page.words[f"季度{n}名"] for n in "一二三四"] == ["一季度", "二季度", "三季度", "四季度"]
    assert column(page, "备注")[-1] == "不计分"


def test_the_columns_people_fill_are_empty() -> None:
    page = of(demo().reckoning)
    for heading in BY_HAND:
        assert set(column(page, heading)) == {""}


def test_candidates_are_listed_and_not_graded() -> None:
    page = of(demo().reckoning)
    row = row_of(page, "姓名", "姜一帆")
    assert (row["名次"], row["建议等次"], row["备注"]) == (30, "—", "预备党员，不评等次")
    promoted = row_of(page, "姓名", "陶冶")  # a full member since September
    assert (promoted["建议等次"], promoted["备注"]) == ("合格", "")


def test_who_joined_in_the_cycle_is_told_and_who_joined_before_is_not() -> None:
    roster = "## 党员名册（更改）\n| 编号 | 转入日期 |\n| 001 | 2025-12-31 |\n| 002 | 2026-01-01 |"
    page = of(small(roster)[1])
    assert row_of(page, "姓名", "张三")["备注"] == ""
    assert row_of(page, "姓名", "李四")["备注"] == "2026-01-01 转入"


def test_a_veto_is_told_with_its_vote() -> None:
    row = row_of(of(demo().reckoning), "姓名", "曹金龙")
    assert (row["名次"], row["积分"], row["建议等次"]) == ("—", 60, "基本合格")
    assert row["备注"] == "一票否决：2026年6月18日支部党员大会举手表决通过（违纪），积分不超过60分"


def test_of_vetoes_for_their_own_quarter_those_of_the_last_are_told() -> None:
    """Under 当季 the year has the vetoes of its last quarter; the one of March is over."""
    heads = "| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |"
    votes = (f"| 2026-{day} | 张三 | 否1 | 违纪 | 3 | 3 | 3 | 0 | 0 |" for day in ("03-10", "10-01"))
    scope = "## 设置（更改）\n| 项目 | 值 |\n| 一票否决范围 | 当季 |"
    _, reckoning = small(scope, "\n".join(("## 表决记录", heads, *votes)))
    remarks = [
        row_of(of(reckoning, day), "姓名", "张三")["备注"] for day in (date(2026, 3, 20), date(2026, 6, 20), AFTER)
    ]
    effect = "支部党员大会举手表决通过（违纪），积分清零，等次列最低档"
    assert remarks == [f"一票否决：2026年3月10日{effect}", "", f"一票否决：2026年10月1日{effect}"]


def test_how_was_voted_is_told_as_it_was_recorded() -> None:
    ballot = (
        "## 表决记录\n| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 | 表决方式 |\n"
        "| 2026-06-10 | 王五 | 否1 | 违纪 | 3 | 3 | 2 | 1 | 0 | 无记名投票 |"
    )
    told = row_of(of(small(ballot)[1]), "姓名", "王五")["备注"]
    assert str(told).startswith("一票否决：2026年6月10日支部党员大会无记名投票表决通过")


def test_namesakes_are_told_apart_and_ties_named() -> None:
    page = of(demo().reckoning)
    assert {"张伟(007)", "张伟(023)"} <= set(column(page, "姓名"))
    assert page.words["并列"] == (
        "名次并列：第15名2人（孙喆明(003)、柳玥(011)）；第21名3人（周启航(001)、何堃(004)、阿依古丽·买买提(005)）；"
        "第30名2人（姜一帆(036)、戚雨桐(037)）。"
    )


def test_the_share_within_and_exceeded() -> None:
    inside = of(small(LIMIT, january(("张三", 20), ("李四", 15)))[1])
    assert inside.words["比例核对"] == (
        "“优秀”不超过参评党员3人的2/3，即2人；积分达到“优秀”线的2人，建议“优秀”2人，未超过比例。"
    )
    over = of(small(LIMIT, january(("张三", 20), ("李四", 15), ("王五", 12)))[1])
    assert (
        "即2人；积分达到“优秀”线的3人，建议“优秀”2人，超出比例的1人暂列下一等次，请支委会研究。"
        in over.words["比例核对"]
    )
    assert row_of(over, "姓名", "王五")["备注"] == "超出比例，建议支委会研究"


def test_a_tie_across_the_border_of_the_share_is_shown() -> None:
    page = of(small(LIMIT, january(("张三", 20), ("李四", 15), ("王五", 15)))[1])
    assert "积分并列的2人（李四(002)、王五(003)，115分）超过剩余名额1个，都未列入" in page.words["比例核对"]
    assert column(page, "建议等次") == ["优秀", "合格", "合格", "—"]


def test_it_says_how_figures_came_about_and_that_people_decide() -> None:
    page = of(demo().reckoning)
    notes = page.words["说明"].split("\n")
    assert [note.partition("：")[0] for note in notes] == [
        "积分依据",
        "积分算法",
        "名次",
        "建议等次",
        "一票否决",
        "预备党员",
        "不计分的党员",
        "手填各栏",
        "本表用途",
    ]
    assert "以民主评议的结果为准" in notes[-1]
    assert "只供民主评议参考" in page.words["说明段"]


def test_it_says_nothing_of_what_nobody_has() -> None:
    """Nobody is vetoed or unscored here; 赵六 is a 预备党员, and alone in being one."""
    notes = of(small()[1]).words["说明"]
    assert [note.partition("：")[0] for note in notes.split("\n")] == [
        *("积分依据", "积分算法", "名次", "建议等次", "预备党员", "手填各栏", "本表用途"),
    ]
    assert "否决" not in notes
    assert "预备党员" not in of(small("## 党员名册（更改）\n| 编号 | 党员类别 |\n| 004 | 正式党员 |")[1]).words["说明"]


def test_a_short_cycle_over_two_years_names_its_quarters() -> None:
    cycle = "## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 2026-11-01 |\n| 计分周期结束 | 2027-03-31 |"
    page = of(small(cycle)[1], date(2027, 4, 9))
    assert [page.words[f"季度{n}名"] for n in "一二三四"] == ["2026年四季度", "2027年一季度", "", ""]
    assert page.words["标题"].startswith("2026年11月至2027年3月")
    assert set(column(page, "季度三")) == {""}


def test_before_the_year_is_over_it_says_so() -> None:
    assert "计分周期尚未结束" in all_text(of(demo().reckoning, date(2026, 10, 9)))
    assert "尚未结束" not in all_text(of(demo().reckoning))


def test_counted_ballots_stand_in_their_columns_with_shares() -> None:
    _, reckoning = small(
        "## 测评记录\n| 姓名 | 优秀 | 合格 | 票种 |\n| 张三 | 2 | 1 | 党员互评 |\n| 张三 | 1 | | 党员互评 |\n"
        "| 张三 | 30 | 10 | 群众测评 |\n| 李四 | | 4 | |"
    )
    page = of(reckoning)
    row = row_of(page, "姓名", "张三")
    assert row["党员互评"] == "优秀3（75%）\n合格1（25%）"
    assert row["民主测评"] == "优秀30（75%）\n合格10（25%）"
    assert row["评定等次"] == ""
    assert row_of(page, "姓名", "李四")["民主测评"] == "合格4（100%）"
    assert "不同票种不相加" in page.words["说明"]
    assert "票种" not in of(small()[1]).words["说明"]


def test_of_a_cycle_that_touches_five_quarters_the_first_is_told_in_the_remark() -> None:
    cycle = "## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 2026-02-01 |\n| 计分周期结束 | 2027-01-31 |"
    rows = "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |"
    page = of(small(cycle, rows)[1], date(2027, 3, 1))
    assert row_of(page, "姓名", "张三")["备注"] == "2026年一季度积分 102"
    assert row_of(page, "姓名", "李四")["备注"] == "2026年一季度积分 100"


def test_a_tie_at_the_border_is_that_of_the_highest_who_are_left_out() -> None:
    limit = LIMIT.replace("2/3", "1/3")
    page = of(small(limit, january(("张三", 12), ("李四", 12), ("王五", 11)))[1])
    assert "积分并列的2人（张三(001)、李四(002)，112分）超过剩余名额1个，都未列入；" in all_text(page)
    assert "超出比例的3人暂列下一等次，请支委会研究。" in all_text(page)


MAY = "## 5月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n| 2026-05-10 | 王五 | 加2 | 9 | 服务 | 通过 |"


def test_before_the_cycle_is_over_nobody_has_rank_or_grade_and_quarters_to_come_are_empty() -> None:
    page = of(small(LIMIT, january(("张三", 20), ("李四", 3)), MAY)[1], date(2026, 4, 15))
    assert set(column(page, "名次")) | set(column(page, "建议等次")) == {"—"}
    assert [(row["姓名"], row["积分"]) for row in (row_of(page, "姓名", n) for n in ("张三", "李四", "王五"))] == [
        ("张三", 120),
        ("李四", 103),
        ("王五", 100),  # the nine of May are to come
    ]
    assert column(page, "季度一")[:2] == column(page, "季度二")[:2] == [120, 103]
    assert set(column(page, "季度三")) | set(column(page, "季度四")) == {"—"}
    said = all_text(page)
    assert "截至2026年4月15日" in said
    assert "计分周期结束以后再列" in said
    for fact in ("建议“优秀”", "第1名", "预备党员，不评等次", "未超过比例"):
        assert fact not in said


def test_before_the_cycle_begins_the_names_stand_there_without_figures() -> None:
    page = of(small(january(("张三", 20)))[1], date(2025, 12, 15))
    assert column(page, "姓名") == ["张三", "李四", "王五", "赵六"]
    assert {cell for name in ("名次", "季度一", "积分", "建议等次") for cell in column(page, name)} == {"—"}
    assert set(column(page, "备注")) == {""}


def test_who_joins_or_leaves_later_in_the_year_is_told_by_the_day() -> None:
    roster = "## 党员名册（更改）\n| 编号 | 转入日期 | 转出日期 |\n| 001 | 2026-09-01 | |\n| 002 | | 2026-06-10 |"
    reckoning = small(roster)[1]
    assert column(of(reckoning, date(2026, 4, 15)), "姓名") == ["李四", "王五", "赵六"]
    assert column(of(reckoning), "姓名") == ["张三", "王五", "赵六"]
