"""组织生活会对照清单: what was and was not earned, the whole table on request, and the branch without names."""

from datetime import date
from decimal import Decimal

import pytest
from yearend_books import AFTER, all_text, column, demo, named, row_of, small

from xl_jifen import Reckoning
from xl_jifen.grid import Grids
from xl_jifen.publish.meeting import meeting
from xl_jifen.publish.page import Page
from xl_jifen.publish.yearly import presences

YEAR_OF_ZHANG = (
    "## 积分规则（更改）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 适用类别 | 失效日期 | 需佐证 |\n"
    "| 加2 | 加分 | 助人为乐 | 志愿服务 | 1 | | | 是 |\n"
    "| 加3 | 加分 | 助人为乐 | 献血 | 1 | 离退休 | | |\n"
    "| 加4 | 加分 | 助人为乐 | 捐款 | 1 | | 2026-06-30 | |",
    "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 核实人 | 佐证 |\n"
    "| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 | | |\n"
    "| 2026-03-06 | 张三 | 加2 | 社区服务 | 通过 | | |\n"
    "| 2026-03-09 | 张三 | 减1 | 缺席 | 通过 | 李四 | |\n"
    "| 2026-03-09 | 李四 | 加2 | 别人的事 | 通过 | | 有 |",
    "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 参加 | 请假 | 迟到早退 |\n"
    "| 2026-02-03 | 党课 | 二月党课 | 全体 | | |\n"
    "| 2026-03-03 | 党课 | 三月党课 | 全体 | 张三 | 李四 |",
)


def pages(book: tuple[Grids, Reckoning], *, whole: bool = False, day: date = AFTER) -> dict[str, Page]:
    """Pages by name; the overview under an empty one."""
    _, reckoning = book
    records = presences(reckoning.register)
    made = meeting(reckoning.ledger, reckoning.findings, records, (), day, whole=whole)
    return {member.label if member else "": page for member, page in made}


def test_that_standards_are_an_example_is_said_once_a_page_and_only_then() -> None:
    _, reckoning = small()
    for example in (True, False):
        made = meeting(reckoning.ledger, (), presences(reckoning.register), (), AFTER, example=example)
        assert {all_text(page).count("示例") for _, page in made} == {int(example)}


@pytest.mark.slow
def test_the_whole_table_has_a_row_for_every_rule_and_the_usual_one_only_what_there_is() -> None:
    opened = demo()
    expected = {(rule.kind, rule.block, rule.item) for rule in opened.reckoning.register.rules}
    whole, usual = (pages((opened.grids, opened.reckoning), whole=asked) for asked in (True, False))
    assert len(whole) == len(usual) == 1 + len(opened.reckoning.ledger.year)
    for name, page in whole.items():
        rows = list(zip(column(page, "类型"), column(page, "大项"), column(page, "小项"), strict=True))
        assert {
            row for row in rows if not str(row[2]).startswith("其他加分") | str(row[2]).startswith("其他减分")
        } == expected
        assert len(usual[name].rows) < len(rows)
        assert not {"无", "没有加分", "没有人加分"} & set(map(str, column(usual[name], "本年情况")))


MERGED = (
    "## 积分规则（更改）\n| 规则编号 | 公示 |\n| 加2 | 合并 |\n| 减1 | 合并 |",
    "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 核实人 |\n"
    "| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 | |\n"
    "| 2026-03-06 | 张三 | 加2 | 反映线索 | 通过 | |\n"
    "| 2026-03-09 | 张三 | 减1 | 家务事 | 通过 | 李四 |\n"
    "| 2026-03-10 | 王五 | 加2 | 另一线索 | 待审 | |",
)


def test_a_merged_rule_is_one_sum_and_its_row_alike_for_everybody() -> None:
    usual, whole = (pages(small(*MERGED), whole=asked) for asked in (False, True))
    page = usual["张三(001)"]
    assert [row[2:] for row in page.rows if row[0] != "基础分"] == [
        ("其他减分", "", "合计", -3),
        ("主动讲党课", "每次计2分", "3月5日 讲党课（+2）", 2),
        ("其他加分", "", "合计", 1),
    ]
    assert page.words["减分情况"] == "其他减分 −3。"
    assert page.words["加分情况"] == "党建活动 +2（1 个小项中的 1 项）；其他加分 +1。"
    assert usual["王五(003)"].words["加分情况"] == "全年没有加分。"
    assert len({tuple(row_of(each, "小项", "志愿服务").values()) for each in whole.values()}) == 1
    for each in (*usual.values(), *whole.values()):
        for word in ("线索", "家务事"):
            assert word not in all_text(each)
    for each in usual.values():
        assert "志愿服务" not in all_text(each)
    assert usual[""].words["减分情况"] == "其他减分 −3。"


def test_three_bonuses_of_a_rule_are_told_one_by_one_and_four_as_a_number() -> None:
    def told(times: int) -> object:
        rows = "".join(f"\n| 2026-03-0{day} | 张三 | 加1 | 第{day}课 | 通过 |" for day in range(1, times + 1))
        book = small(f"## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |{rows}")
        return row_of(pages(book)["张三(001)"], "小项", "主动讲党课")["本年情况"]

    assert told(3) == "3月1日 第1课（+2）；3月2日 第2课（+2）；3月3日 第3课（+2）"
    assert told(4) == "4 次"


def test_the_points_of_the_rows_are_those_of_the_year() -> None:
    opened = demo()
    made = pages((opened.grids, opened.reckoning))
    for score in opened.reckoning.ledger.year:
        page = made[score.member.label]
        for kind, points in (("加分", score.bonus), ("减分", -score.deduction)):
            shown = [
                cell
                for each, cell in zip(column(page, "类型"), column(page, "计入分"), strict=True)
                if each == kind and isinstance(cell, Decimal)
            ]
            assert sum(shown, Decimal(0)) == Decimal(points) / 100, score.member.label


def test_what_was_earned_missed_refused_expired_and_not_open_to_the_member() -> None:
    page = pages(small(*YEAR_OF_ZHANG), whole=True)["张三(001)"]
    assert row_of(page, "小项", "主动讲党课")["本年情况"] == "3月5日 讲党课（+2）"
    absent = row_of(page, "小项", "无故缺席")
    assert (absent["本年情况"], absent["计入分"]) == ("3月9日 缺席（−3）", -3)
    assert str(row_of(page, "小项", "志愿服务")["本年情况"]).startswith("另有 1 笔未计入：规则 加2 志愿服务 要求佐证")
    assert row_of(page, "小项", "献血")["本年情况"] == "不适用（适用类别：离退休）"
    assert row_of(page, "小项", "捐款")["本年情况"] == "已于 2026-06-30 失效"
    assert row_of(page, "小项", "违纪")["本年情况"] == "无"
    assert row_of(page, "小项", "做合格党员")["计入分"] == 100
    assert page.words["减分情况"] == "工作履职 −3（1 个小项中的 1 项）。"
    assert page.words["加分情况"] == "党建活动 +2（1 个小项中的 1 项）；没有加分的大项：助人为乐。"
    assert [page.words[box] for box in ("栏目一", "栏目二", "栏目三")] == ["自我批评", "他人意见", "整改措施"]
    assert "别人的事" not in all_text(page)


def test_attendance_is_the_members_own() -> None:
    made = pages(small(*YEAR_OF_ZHANG))
    assert made["张三(001)"].words["考勤"] == "登记 2 次：参加 1 次，请假 1 次；请假：3月3日党课。"
    assert made["李四(002)"].words["考勤"] == "登记 2 次：参加 1 次，迟到早退 1 次；迟到早退：3月3日党课。"
    assert made["王五(003)"].words["考勤"] == "登记 2 次：参加 2 次。"


def test_attendance_by_person_agrees_with_the_heads_of_every_activity() -> None:
    opened = demo()
    register = opened.reckoning.register
    heads: dict[object, dict[str, int]] = {}
    for record in presences(register).values():
        for each in record:
            counts = heads.setdefault(each.activity, {})
            counts[each.status] = counts.get(each.status, 0) + 1
    assert heads == {activity: dict(activity.heads) for activity in register.activities}


def test_the_overview_tells_items_and_numbers_and_no_names() -> None:
    grids, reckoning = small(*YEAR_OF_ZHANG)
    page = pages((grids, reckoning), whole=True)[""]
    assert not any(member.name in all_text(page) for member in reckoning.register.members)
    assert row_of(page, "小项", "志愿服务")["本年情况"] == "1 人、1 次"
    assert row_of(page, "小项", "捐款")["本年情况"] == "已于 2026-06-30 失效"
    assert row_of(page, "小项", "献血")["本年情况"] == "没有人加分"
    assert "没有人得分的小项：献血、捐款" in page.words["加分情况"]
    assert page.words["考勤"] == "到会人次/登记人次：党课 7/8（87.5%）。"


def test_who_left_before_the_end_has_no_page() -> None:
    opened = demo()
    made = pages((opened.grids, opened.reckoning))
    assert named(opened.reckoning, "蒋志刚").label not in made
    assert named(opened.reckoning, "谢文博").label in made


def test_whether_what_is_required_was_held_is_told() -> None:
    _, reckoning = small(
        *YEAR_OF_ZHANG, "## 组织生活要求\n| 活动类型 | 周期 | 次数 |\n| 党课 | 季 | 1 |\n| 主题党日 | 半年 | 2 |"
    )
    page = pages((Grids(()), reckoning))[""]
    assert page.words["考勤"].endswith(
        "开展情况：党课每季不少于1次，没有达到的：第二季度0次、第三季度0次、第四季度0次；"
        "主题党日每半年不少于2次，没有达到的：上半年0次、下半年0次。"
    )
    opened = demo()
    assert "党小组会每月不少于1次，都达到" in pages((opened.grids, opened.reckoning))[""].words["考勤"]


def test_before_the_cycle_nothing_is_said_to_stand_until_a_day_outside_it() -> None:
    _, reckoning = small()
    records = presences(reckoning.register)
    for day, told in (("2025-12-31", "从2026年1月1日开始"), ("2026-01-01", "截至2026年1月1日"), ("2027-01-01", "")):
        made = meeting(reckoning.ledger, reckoning.findings, records, (), date.fromisoformat(day))
        said = {page.words["说明段"].partition("。")[0] for _, page in made}
        assert all(told in each for each in said)
        assert any("截至" in each for each in said) == told.startswith("截至")


def test_a_rule_that_ends_with_the_cycle_was_open_all_year() -> None:
    def told(end: str) -> object:
        rule = f"## 积分规则（更改）\n| 规则编号 | 失效日期 | 生效日期 |\n| 加1 | {end} | |\n| 加2 | | 2026-03-01 |"
        made = pages(small(rule), whole=True)["张三(001)"]
        assert row_of(made, "小项", "志愿服务")["本年情况"] == "自 2026-03-01 起生效"
        return row_of(made, "小项", "主动讲党课")["本年情况"]

    assert told("2026-12-31") == told("") != ""
    assert told("2026-12-30") == "已于 2026-12-30 失效"


def test_the_span_of_the_branchs_scores_leaves_out_who_was_vetoed() -> None:
    votes = (
        "## 表决记录\n| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |\n"
        "| 2026-05-08 | 王五 | 否1 | 违纪 | 3 | 3 | 3 | 0 | 0 |"
    )
    summary = pages(small(YEAR_OF_ZHANG[1], votes))[""].words["小结"]
    assert summary.startswith("积分 100 至 101 分；")
    assert summary.endswith("；一票否决 1 人。")


def test_a_vote_that_failed_puts_no_rule_on_the_branchs_page() -> None:
    def rules(ayes: int) -> list[object]:
        votes = (
            "## 表决记录\n| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |\n"
            f"| 2026-05-08 | 王五 | 否1 | 违纪 | 3 | 3 | {ayes} | {3 - ayes} | 0 |"
        )
        return list(column(pages(small(YEAR_OF_ZHANG[1], votes))[""], "小项"))

    assert "违纪" in rules(3)
    assert "违纪" not in rules(1)


def test_before_the_cycle_is_over_nothing_is_said_of_the_whole_year_nor_of_what_is_to_come() -> None:
    later = (
        "## 5月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-05-05 | 张三 | 加1 | 五月党课 | 通过 |",
        "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 参加 | 无故缺席 |\n"
        "| 2026-02-03 | 党课 | 二月党课 | 全体 | |\n| 2026-05-03 | 主题党日 | 五月党日 | 全体 | 李四 |",
        "## 组织生活要求\n| 活动类型 | 周期 | 次数 |\n| 党课 | 季 | 2 |",
        "## 表决记录\n| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |\n"
        "| 2026-05-08 | 王五 | 否1 | 违纪 | 3 | 3 | 3 | 0 | 0 |",
    )
    _, reckoning = small(*later)
    for day, time in ((date(2026, 3, 31), "截至3月31日"), (date(2026, 4, 15), "截至4月15日")):
        made = meeting(reckoning.ledger, reckoning.findings, presences(reckoning.register, day), (), day, whole=False)
        told = {member.name if member else "": page for member, page in made}
        said = "\n".join(all_text(page) for page in told.values())
        for fact in ("全年", "五月", "5月", "主题党日", "一票否决", "表决通过", "第 1 名"):
            assert fact not in said.replace("积分和名次还会变化", ""), (fact, day)
        assert told["张三"].words["小结"].startswith(f"{time}积分 100 分；加分 0 分")
        assert told["张三"].words["减分情况"] == f"{time}没有减分。"
        assert told[""].words["加分情况"] == f"{time}没有。"
        assert ("第一季度1次" in told[""].words["考勤"]) == (day.month == 4), "the quarter's last day is not over"


def test_before_the_cycle_begins_there_are_no_points_yet() -> None:
    _, reckoning = small(*YEAR_OF_ZHANG)
    day = date(2025, 12, 31)
    made = list(meeting(reckoning.ledger, reckoning.findings, presences(reckoning.register, day), (), day))
    assert len(made) == 1 + 4
    assert {page.words["小结"] for _, page in made} == {"还没有积分。"}


def test_hours_asked_for_in_shorter_periods_than_the_year_are_told() -> None:
    book = small(
        "## 组织生活要求\n| 活动类型 | 周期 | 学时 | 对象 |\n"
        "| 学习 | 季 | 8 | |\n| | 半年 | 10 | 班子成员 |\n| | 半年 | 9 | |\n| | 年 | 99 | |",
        "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 学时 | 参加 |\n"
        "| 2026-02-03 | 学习 | 二月学习 | 8 | 张三、王五 |\n| 2026-05-12 | 学习 | 五月学习 | 2.5 | 张三 |\n"
        "| 2026-05-13 | 党课 | 五月党课 | 6 | 张三、王五 |",
        "## 人员变动\n| 编号 | 项目 | 生效日期 | 新值 |\n| 003 | 是否计分 | 2026-08-01 | 否 |",
    )
    told = {name: page.words["学习"] for name, page in pages(book).items() if name}
    assert told["张三(001)"] == (
        "学习每季任务8学时，没有达到的：第二季度2.5学时、第三季度0学时、第四季度0学时；"
        "每半年任务10学时，没有达到的：下半年0学时。"
    )
    in_may = {name: page.words["学习"] for name, page in pages(book, day=date(2026, 7, 1)).items() if name}
    assert in_may["王五(003)"] == "学习每季任务8学时，没有达到的：第二季度0学时；每半年任务9学时，都达到。"
    assert {page.words["学习"] for page in pages(book, day=date(2026, 3, 31)).values()} == {""}
