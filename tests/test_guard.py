"""The guard (E901): what is a change of an archived row, and what is none.

The workbook of a small branch is written in the users' notation; what was done to it afterwards is a section or two
added to the same text.

One module, however long: a change is a section of text, and all sections share one branch.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from archives import CIRCUMSTANCES, LATER, PUBLICATION, Q1, Q2, Q4, added, book, changed, closed
from hypothesis import given
from hypothesis import strategies as st
from test_properties import MONTHS, Book, books, properties
from test_properties import grids as grids_of_book

import xl_jifen
from xl_jifen import layout
from xl_jifen.archive.guard import guard
from xl_jifen.archive.meaning import State
from xl_jifen.archive.recall import recalled
from xl_jifen.archive.snapshot import (
    Archive,
    archive,
    grids_of,
    table_rows,
    tables,
)
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, Grid, Grids, Place


@pytest.fixture(scope="module")
def first_quarter() -> Archive:
    return closed(book())


def found(grids: Grids, *archives: Archive) -> list[Finding]:
    findings = guard(grids, xl_jifen.reckon(grids).ledger, recalled(archives)).findings
    assert all(finding.code == "E901" and finding.message and finding.remedy for finding in findings)
    return findings


def told(grids: Grids, *archives: Archive) -> list[tuple[str, str]]:
    return [(str(finding.place), finding.message) for finding in found(grids, *archives)]


# -- what is a change ------------------------------------------------------------------------------------------------


def test_the_book_is_sound() -> None:
    codes = {finding.code for finding in xl_jifen.reckon(book(LATER)).findings}
    assert not {code for code in codes if code[0] == "E"}


CHANGES = [
    (changed("1月", "序号", "3", "数量", "4"), "1月!E4", "归档时是“3”，现在是“4”"),
    (changed("1月", "序号", "1", "姓名", "王五"), "1月!C2", "归档时是“张三”，现在是“王五”"),
    (changed("1月", "序号", "2", "审核状态", "不通过"), "1月!J3", "归档时是“通过”，现在是“不通过”"),
    (changed("1月", "序号", "1", "佐证", ""), "1月!H2", "归档时是“照片”，现在是空白"),
    (changed("3月", "序号", "2", "审核状态", "通过"), "3月!G3", "归档时是“不通过”，现在是“通过”"),
    (changed("3月", "序号", "3", "冲销", "1月#1"), "3月!H4", "归档时是“1月#2”，现在是“1月#1”"),
    (
        added("2月", "日期 姓名 规则 事由 审核状态", "2026-02-03 李四 加2 补记 通过"),
        "2月!2",
        "增加了一行：2026-02-03 李四 加2 补记",
    ),
    (added("活动考勤", "日期 活动类型 活动名称 参加", "2026-03-30 座谈 补记 张三"), "活动考勤!5", "增加了一行"),
    (
        changed("活动考勤", "日期", "2026-02-15", "参加", "张三、李四、赵六"),
        "活动考勤!E3",
        "归档时是“张三、李四”，现在是“张三、李四、赵六”",
    ),
    (
        changed("活动考勤", "活动名称", "二月党日", "日期", "2026-04-15"),
        "活动考勤!A3",
        "归档时是“2026-02-15”，现在是“2026-04-15”",
    ),
    (changed("表决记录", "姓名", "钱七", "赞成", "2"), "表决记录!G2", "归档时是“3”，现在是“2”"),
    (
        added("表决记录", "表决日期 姓名 规则编号 事由 应到 实到 赞成 反对 弃权", "2026-03-21 王五 否1 补记 4 4 4 0 0"),
        "表决记录!3",
        "增加了一行",
    ),
    (changed("党员名册", "编号", "005", "个人基础分", "96"), "党员名册!H6", "归档时是“95”，现在是“96”"),
    (
        changed("党员名册", "编号", "003", "转入日期", "2026-03-01"),
        "党员名册!F4",
        "归档时是“2026-02-01”，现在是“2026-03-01”",
    ),
    (changed("党员名册", "编号", "001", "转出日期", "2026-03-31"), "党员名册!G2", "归档时是空白，现在是“2026-03-31”"),
    (changed("党员名册", "编号", "001", "计分类别", "离退休"), "党员名册!D2", "归档时是空白，现在是“离退休”"),
    (changed("党员名册", "编号", "001", "党员类别", "预备党员"), "党员名册!C2", "归档时是“正式党员”，现在是“预备党员”"),
    (changed("党员名册", "编号", "002", "党内职务", ""), "党员名册!E3", "归档时是“组织委员”，现在是空白"),
    (changed("党员名册", "编号", "004", "是否计分", "否"), "党员名册!K5", "归档时是空白，现在是“否”"),
    (changed("党员名册", "姓名", "钱七", "编号", "006"), "党员名册!A6", "归档时是“005”，现在是“006”"),
    ("## 党员名册（更改）\n| 编号 | 编号 | 姓名 |\n| 005 | 006 | 钱　七 |", "党员名册!A6", "现在是“006”"),
    (changed("党员名册", "编号", "005", "姓名", "钱八"), "党员名册!B6", "归档时是“钱七”，现在是“钱八”"),
    ("## 积分规则（更改）\n| 规则编号 | 规则编号 | 小项 |\n| 减1 | 减5 | 无故　缺席 |", "积分规则!A5", "现在是“减5”"),
    (added("积分规则", "规则编号 类型 大项 小项 分值", "基2 基础分 四讲 合格党员 5"), "积分规则!J8", "增加了一行：基2"),
    (added("党员名册", "编号 姓名 党员类别", "009 钱七 正式党员"), "党员名册!F7", "增加了一行：009 钱七"),
    (changed("积分规则", "小项", "合格党员", "规则编号", "基9"), "积分规则!A2", "归档时是“基1”，现在是“基9”"),
    (added("党员名册", "编号 姓名 党员类别", "009 孙八 正式党员"), "党员名册!F7", "增加了一行：009 孙八"),
    (changed("积分规则", "规则编号", "加1", "分值", "3"), "积分规则!E3", "归档时是“2”，现在是“3”"),
    (changed("积分规则", "规则编号", "加2", "计分组", "合计"), "积分规则!H4", "归档时是空白，现在是“合计”"),
    (
        changed("积分规则", "规则编号", "加2", "失效日期", "2026-02-28"),
        "积分规则!K4",
        "归档时是空白，现在是“2026-02-28”",
    ),
    (changed("积分规则", "小项", "无故缺席", "规则编号", "减5"), "积分规则!A5", "归档时是“减1”，现在是“减5”"),
    (added("积分规则", "规则编号 类型 大项 小项 分值", "基2 基础分 四讲四有 另加 5"), "积分规则!J8", "增加了一行：基2"),
    (changed("计分组", "组名", "合计", "封顶分值", "10"), "计分组!D2", "归档时是“20”，现在是“10”"),
    (changed("考勤计分", "规则编号", "加2", "计量", "学时"), "考勤计分!D2", "归档时是空白，现在是“学时”"),
    (added("考勤计分", "活动类型 到会情况 规则编号", "座谈 参加 加1"), "考勤计分!5", "增加了一行：座谈 参加 加1"),
    (changed("等次标准", "等次", "优秀", "最低积分", "105"), "等次标准!B2", "归档时是“110”，现在是“105”"),
    (
        changed("设置", "项目", "年度汇总方式", "值", "季度平均"),
        "设置!B5",
        "“设置”中的“年度汇总方式”在归档后被改动：2026年第一季度归档时是空白，现在是“季度平均”",
    ),
    (changed("设置", "项目", "支部名称", "值", "第二党支部"), "设置!B2", "归档时是“第一党支部”，现在是“第二党支部”"),
    (
        changed("设置", "项目", "计分周期开始", "值", "2026-02-01"),
        "设置!B3",
        "归档时是“2026-01-01”，现在是“2026-02-01”",
    ),
]


@pytest.mark.parametrize(("change", "place", "words"), CHANGES, ids=lambda value: str(value).replace("\n", " ")[:40])
def test_a_change_is_told_at_its_cell_with_the_old_and_the_new_value(
    first_quarter: Archive, change: str, place: str, words: str
) -> None:
    said = told(book(LATER, change), first_quarter)
    assert [where for where, _ in said] == [place]
    assert words in said[0][1]


RULE_CELLS = {
    "规则编号": "加5",
    "类型": "减分",
    "大项": "别的",
    "小项": "别的",
    "计分标准": "每次",
    "单位": "次",
    "分值": "3",
    "分值上限": "5",
    "每": "2",
    "取整": "向下",
    "起算数量": "2",
    "免计数量": "1",
    "分档": "1:2;5:3",
    "累计": "是",
    "逐次分值": "2;1",
    "封顶周期": "月",
    "封顶分值": "7",
    "限次": "9",
    "计分组": "闲置",
    "需佐证": "是",
    "佐证提供": "本人",
    "适用类别": "在职",
    "否决后果": "不超过",
    "否决方式": "认定",
    "生效日期": "2026-01-02",
    "失效日期": "2026-03-30",
}


@pytest.mark.parametrize(("heading", "new"), RULE_CELLS.items(), ids=RULE_CELLS.keys())
def test_every_cell_of_a_rule_in_force_is_watched(first_quarter: Archive, heading: str, new: str) -> None:
    grids = book(changed("积分规则", "小项", "讲党课", heading, new))
    headings = grids.get("积分规则").rows[0]  # type: ignore[union-attr]
    assert [place for place, _ in told(grids, first_quarter)] == [
        str(Place("积分规则", 3, list(headings).index(heading) + 1))
    ]


def test_no_column_of_the_rules_is_forgotten() -> None:
    assert {column.name for column in layout.RULES.columns} == RULE_CELLS.keys() | NOT_WATCHED


NOT_WATCHED = {"公示", "备注", "工具如何计"}


@pytest.mark.parametrize("heading", sorted(NOT_WATCHED))
def test_what_notices_tell_and_remarks_may_change(first_quarter: Archive, heading: str) -> None:
    new = "合并" if heading == "公示" else "别的"
    assert told(book(changed("积分规则", "小项", "讲党课", heading, new)), first_quarter) == []


SETTINGS_CHANGED = {
    "年度汇总方式": "季度求和",
    "在册口径": "季首",
    "中途转入基础分": "按月折算",
    "最低分": "10",
    "最高分": "200",
    "一票否决范围": "当季",
    "名次方式": "并列不跳号",
    "优秀比例上限": "1/2",
    "优秀比例基数": "全体党员",
    "预备党员评等次": "是",
}


@pytest.mark.parametrize(("key", "new"), SETTINGS_CHANGED.items(), ids=SETTINGS_CHANGED.keys())
def test_every_setting_that_makes_figures_is_watched(first_quarter: Archive, key: str, new: str) -> None:
    written = changed("设置", "项目", key, "值", new)
    (one,) = found(book(written), first_quarter)
    assert (str(one.place), f"“{key}”" in one.message, f"现在是“{new}”" in one.message) == ("设置!B5", True, True)
    (one,) = found(book(), closed(book(written)))
    assert str(one.place) == "设置!B1", "the row is gone: told at the heading"
    assert (f"归档时是“{new}”" in one.message, "现在是空白" in one.message) == (True, True)


@pytest.mark.parametrize(
    ("key", "new"), [("支部名称", "第二党支部"), ("计分周期开始", "2026-02-01"), ("计分周期结束", "2026-11-30")]
)
def test_of_another_branch_or_cycle_only_that_is_told(first_quarter: Archive, key: str, new: str) -> None:
    other = f"{changed('设置', '项目', key, '值', new)}\n| 名次方式 | 并列不跳号 |"
    (one,) = found(book(other, changed("1月", "序号", "3", "数量", "4")), first_quarter)
    assert one.place.sheet == "设置"
    assert "另一个支部或另一周期" in one.remedy


@pytest.mark.parametrize(("heading", "new"), [("方式", "就高"), ("周期", "季"), ("封顶分值", "19")])
def test_every_cell_of_a_group_in_use_is_watched(first_quarter: Archive, heading: str, new: str) -> None:
    grids = book(changed("计分组", "组名", "合计", heading, new))
    column = ["组名", "方式", "周期", "封顶分值"].index(heading) + 1
    assert [place for place, _ in told(grids, first_quarter)] == [str(Place("计分组", 2, column))]


@pytest.mark.parametrize(
    ("sheet", "rows"), [("等次标准", 4), ("党员名册", 5), ("计分组", 1), ("考勤计分", 2), ("活动考勤", 1)]
)
def test_what_is_gone_with_its_sheet_is_told_at_a1(first_quarter: Archive, sheet: str, rows: int) -> None:
    said = told(book(f"## {sheet}（删除）"), first_quarter)
    assert [place for place, _ in said] == [f"{sheet}!A1"] * rows


EDGES = {
    "归档那天以前转入": (("党员名册", "转入日期", "2026-03-31"), True),
    "归档以后转入": (("党员名册", "转入日期", "2026-04-01"), False),
    "第一天就转出": (("党员名册", "转出日期", "2026-01-01"), False),
    "第二天转出": (("党员名册", "转出日期", "2026-01-02"), True),
}


@pytest.mark.parametrize(("cell", "belonged"), EDGES.values(), ids=EDGES.keys())
def test_a_member_belongs_to_the_days_from_joining_to_leaving(cell: tuple[str, str, str], belonged: bool) -> None:
    sheet, heading, day = cell
    member = added(sheet, f"编号 姓名 党员类别 {heading}", f"009 孙八 正式党员 {day}")
    assert bool(told(book(member), closed(book()))) == belonged
    assert bool(told(book(), closed(book(member)))) == belonged


@pytest.mark.parametrize(
    ("heading", "then", "now"), [("转出日期", "2025-12-01", "2025-11-01"), ("转入日期", "2026-05-01", "2026-06-01")]
)
def test_of_a_verifier_who_was_never_there_the_days_do_not_matter(heading: str, then: str, now: str) -> None:
    archived = closed(book(changed("党员名册", "编号", "002", heading, then)))
    assert told(book(changed("党员名册", "编号", "002", heading, now)), archived) == []


RULE_EDGES = {
    "归档那天起生效": (("生效日期", "2026-03-31"), True),
    "归档以后生效": (("生效日期", "2026-04-01"), False),
    "第一天失效": (("失效日期", "2026-01-01"), True),
    "周期以前失效": (("失效日期", "2025-12-31"), False),
}


@pytest.mark.parametrize(("cell", "in_force"), RULE_EDGES.values(), ids=RULE_EDGES.keys())
def test_a_rule_is_watched_if_in_force_on_one_of_the_days(cell: tuple[str, str], in_force: bool) -> None:
    rule = added("积分规则", f"规则编号 类型 大项 小项 分值 {cell[0]}", f"加7 加分 其他 其他 1 {cell[1]}")
    archived = closed(book(rule))
    assert bool(told(book(rule, changed("积分规则", "规则编号", "加7", "分值", "2")), archived)) == in_force
    assert bool(told(book(), archived)) == in_force


WRITTEN = """
## 2月（更改）
| 序号 | 日期       | 姓名      | 规则            | 数量 | 事由     | 佐证  | 审核状态 |
| 5    | 2026年2月8日 | 张三(001) | 加1 主动讲党课 | ０.５ | 讲  党课 | #REF! | 通 过    |
| 6    | 上个月     | 钱　八    | 加 8            | 两次 |          |       | 通过     |
"""


def test_a_cell_means_the_same_however_it_is_written() -> None:
    grids = book(WRITTEN)
    state = State(grids, xl_jifen.reckon(grids).register)
    headings = ["日期", "姓名", "规则", "数量", "事由", "佐证", "审核状态"]
    one, other = (state.content(row, headings) for row in state.rows(layout.MONTHS[1]))
    assert (one.row, one.serial, other.row, other.serial) == (2, "5", 3, "6")
    assert list(one.meanings.values()) == ["2026-02-08", "001", "加1", "1/2", "讲 党课", "#REF!", "通过"]
    assert list(other.meanings.values()) == ["上个月", "钱八", "加8", "两次", "", "", "通过"]
    assert list(one.meanings) == list(other.meanings) == headings


def test_the_names_of_an_attendance_row_are_a_set_and_its_other_texts_are_not(first_quarter: Archive) -> None:
    renamed = changed("活动考勤", "日期", "2026-02-15", "活动名称", "植树、党日")
    again = changed("活动考勤", "日期", "2026-02-15", "活动名称", "党日、植树")
    assert [place for place, _ in told(book(again), closed(book(renamed)))] == ["活动考勤!C3"]


def test_a_setting_is_found_whatever_the_spaces_in_its_name(first_quarter: Archive) -> None:
    spaced = "## 设置（更改）\n| 项目 | 项目 | 值 |\n| 支部名称 | 支部 名称 | 第二党支部 |"
    assert [place for place, _ in told(book(spaced), first_quarter)] == ["设置!B2"]
    assert told(book(spaced.replace("第二", "第 一")), first_quarter) == []


def test_without_the_sheet_a_setting_is_told_at_a1(first_quarter: Archive) -> None:
    said = told(book("## 设置（删除）"), first_quarter)
    assert [place for place, _ in said] == ["设置!A1"] * 3
    assert all("现在是空白" in message for _, message in said)


REMEDIES = {
    "登记": (changed("1月", "序号", "3", "数量", "4"), "“数量”请恢复为“3”；确需更正的，在以后的月份用冲销更正"),
    "设置": (
        changed("设置", "项目", "名次方式", "值", "并列不跳号"),
        "“设置”中的“名次方式”请恢复为空白；办法要变动的，请从下一个计分周期起",
    ),
    "等次": (
        changed("等次标准", "等次", "优秀", "最低积分", "105"),
        "“最低积分”请恢复为“110”；办法要变动的，请从下一个计分周期起",
    ),
    "加等次": (added("等次标准", "等次", "另一档"), "请删去这一行；办法要变动的，请从下一个计分周期起"),
    "名册": (
        changed("党员名册", "编号", "005", "个人基础分", "96"),
        "“个人基础分”请恢复为“95”；再在“人员变动”写一行：编号 005、项目 个人基础分、新值 96，"
        "生效日期填变动那一天，须在已归档的时段以后",
    ),
    "职务": (
        changed("党员名册", "编号", "002", "党内职务", ""),
        "“党内职务”请恢复为“组织委员”；再在“人员变动”写一行：编号 002、项目 党内职务、新值 （留空），"
        "生效日期填变动那一天，须在已归档的时段以后",
    ),
    "规则": (
        changed("积分规则", "规则编号", "加1", "分值", "3"),
        "“分值”请恢复为“2”；要改变标准的，请填“失效日期”停用原规则，另用新的规则编号增加一条",
    ),
    "组": (
        changed("计分组", "组名", "合计", "封顶分值", "10"),
        "“封顶分值”请恢复为“20”；要改变标准的，请填“失效日期”停用原规则，另用新的规则编号增加一条",
    ),
    "考勤计分": (
        changed("考勤计分", "规则编号", "加2", "计量", "学时"),
        "“计量”请恢复为空白；要改变标准的，请填“失效日期”停用原规则，另用新的规则编号增加一条",
    ),
    "表决": (changed("表决记录", "姓名", "钱七", "赞成", "2"), "“赞成”请恢复为“3”；表决另有结果的，请另记一行"),
    "补登": (
        added("2月", "日期 姓名 规则 事由 审核状态", "2026-02-03 李四 加2 补记 通过"),
        "请删去这一行，改登在以后的月份表（补登，考勤也是）",
    ),
}


@pytest.mark.parametrize(("change", "remedy"), REMEDIES.values(), ids=REMEDIES.keys())
def test_the_remedy_says_what_to_do_instead(first_quarter: Archive, change: str, remedy: str) -> None:
    assert found(book(change), first_quarter)[0].remedy == remedy


RULE_OF_LATER = added("积分规则", "规则编号 类型 大项 小项 分值 生效日期", "加21 加分 助人 座谈 1 2026-04-01")
FOLLOWED = {
    "漏列的人": (
        added("党员名册", "编号 姓名 党员类别", "009 孙八 正式党员"),
        "漏列了的也只能从归档以后算起，“转入日期”请填已归档的时段以后的日期",
        (added("党员名册", "编号 姓名 党员类别 转入日期", "009 孙八 正式党员 2026-04-01"),),
    ),
    "考勤计分": (
        added("考勤计分", "活动类型 到会情况 规则编号", "座谈 参加 加2"),
        "另增一条“生效日期”在已归档的时段以后的规则，这一行改用它的规则编号",
        (RULE_OF_LATER, added("考勤计分", "活动类型 到会情况 规则编号", "座谈 参加 加21")),
    ),
    "调离": (
        changed("党员名册", "编号", "001", "转出日期", "2026-03-31"),
        "“转出日期”请恢复为空白；调离的，“转出日期”请填已归档的时段以后的日期",
        (changed("党员名册", "编号", "001", "转出日期", "2026-04-30"),),
    ),
    "规则": (
        changed("积分规则", "规则编号", "加2", "分值", "3"),
        "请填“失效日期”停用原规则，另用新的规则编号增加一条",
        (
            changed("积分规则", "规则编号", "加2", "失效日期", "2026-03-31"),
            added("积分规则", "规则编号 类型 大项 小项 分值 生效日期", "加22 加分 助人 志愿服务 3 2026-04-01"),
        ),
    ),
    "名册": (
        changed("党员名册", "编号", "002", "党内职务", ""),
        "再在“人员变动”写一行：编号 002、项目 党内职务",
        ("## 人员变动\n| 编号 | 项目 | 生效日期 | 新值 |\n| 002 | 党内职务 | 2026-04-01 | |",),
    ),
}


@pytest.mark.parametrize(("change", "remedy", "instead"), FOLLOWED.values(), ids=FOLLOWED.keys())
def test_doing_what_is_said_instead_changes_nothing_archived(
    first_quarter: Archive, change: str, remedy: str, instead: tuple[str, ...]
) -> None:
    (one,) = found(book(change), first_quarter)
    assert remedy in one.remedy
    assert found(book(*instead), first_quarter) == []


@pytest.mark.parametrize(("which", "open_still"), [("登记", "在7月起的月份用冲销"), ("补登", "改登在7月起的月份表")])
def test_nobody_is_sent_to_a_month_that_is_archived_too(first_quarter: Archive, which: str, open_still: str) -> None:
    change = REMEDIES[which][0]
    assert open_still in found(book(change), first_quarter, closed(book(), Q2))[0].remedy
    assert "以后的月份" in found(book(change), first_quarter)[0].remedy


def test_what_was_typed_is_told_as_it_was_typed() -> None:
    """Words of ours among it, too: only our own sentence names the months that are open."""
    typed = changed("1月", "序号", "1", "事由", "漏登的在以后的月份补登")
    first, second = closed(book(typed)), closed(book(typed), Q2)
    (one,) = found(book(), first, second)
    assert one.remedy.startswith("“事由”请恢复为“漏登的在以后的月份补登”；")
    assert "在7月起的月份用冲销" in one.remedy


NO_MONTH = "本计分周期各月都已归档，不能再冲销、补登；确需更正的，请支委会研究后在下一个计分周期登记"
NEXT = "办法要变动的，请从下一个计分周期起"
AT_THE_END = {
    "登记": (REMEDIES["登记"][0], f"“数量”请恢复为“3”；{NO_MONTH}"),
    "待审": (changed("3月", "序号", "2", "审核状态", "通过"), f"“审核状态”请恢复为“不通过”；{NO_MONTH}"),
    "补登": (REMEDIES["补登"][0], f"请删去这一行；{NO_MONTH}"),
    "考勤": (
        changed("活动考勤", "日期", "2026-02-15", "参加", "张三"),
        f"“参加”请恢复为“张三、李四”；{NO_MONTH}",
    ),
    "名册": (
        REMEDIES["名册"][0],
        "“个人基础分”请恢复为“95”；调离的请填“转出日期”，其他变动请从下一个计分周期起",
    ),
    "规则": (REMEDIES["规则"][0], f"“分值”请恢复为“2”；{NEXT}"),
    "组": (REMEDIES["组"][0], f"“封顶分值”请恢复为“20”；{NEXT}"),
    "考勤计分": (REMEDIES["考勤计分"][0], f"“计量”请恢复为空白；{NEXT}"),
    "加考勤计分": (added("考勤计分", "活动类型 到会情况 规则编号", "座谈 参加 加2"), f"请删去这一行；{NEXT}"),
    "表决": (REMEDIES["表决"][0], "“赞成”请恢复为“3”；另有表决的，请记入下一个计分周期"),
    "加表决": (
        added("表决记录", "表决日期 姓名 规则编号 事由 应到 实到 赞成 反对 弃权", "2026-03-21 王五 否1 补记 4 4 4 0 0"),
        "请删去这一行；另有表决的，请记入下一个计分周期",
    ),
    "加人": (
        added("党员名册", "编号 姓名 党员类别", "009 孙八 正式党员"),
        "请删去这一行；新来的党员请写进下一个计分周期的工作簿",
    ),
    "调离": (
        changed("党员名册", "编号", "001", "转出日期", "2026-03-31"),
        "“转出日期”请恢复为空白；调离的，“转出日期”请填计分周期以后的日期",
    ),
    "变动": (
        "## 人员变动\n| 编号 | 项目 | 生效日期 | 新值 |\n| 005 | 党小组 | 2026-03-10 | 一组 |",
        "请删去这一行；归档以后的变动，请从下一个计分周期起",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("change", "remedy"), AT_THE_END.values(), ids=AT_THE_END.keys())
def test_where_no_month_is_left_nobody_is_sent_to_a_later_one(change: str, remedy: str) -> None:
    """Of all four quarters archived: an entry in a later month would be E901 again, one of next year E401."""
    first = closed(book())
    chain = [first, *(closed(book(), quarter) for quarter in (Q2, Q4))]
    assert found(book(change), *chain)[0].remedy == remedy
    assert found(book(change), first, closed(book(), Q2))[0].remedy != remedy


CHANGES = """## 人员变动
| 编号 | 项目     | 生效日期   | 新值     |
| 005  | 党小组   | 2026-02-10 | 一组     |
| 002  | 党内职务 | 2026-06-10 |          |
"""


@pytest.mark.parametrize(
    "later",
    [
        "| 004 | 党员类别 | 2026-04-01 | 正式党员 |",
        "| 003 | 党内职务 | 2026-06-10 | 组织委员 |",
        "| 003 | 计分类别 | 2026-05-01 | 在职 |",
        "| 005 | 是否计分 | 2026-04-01 | 否 |",
        "| 005 | 个人基础分 | 2026-04-01 | 90 |",
        "| 003 | 表决权 | 2026-04-01 | 否 |",
        "| 005 | 党小组 | 2026-04-01 | 二组 |",
    ],
)
def test_what_changes_on_a_later_day_changes_nothing_archived(later: str) -> None:
    before = closed(book(CHANGES))
    assert not found(book(CHANGES + later), before)
    assert [row["row"] for row in sheet_of(before, "人员变动")] == [2]


def sheet_of(archived: Archive, name: str) -> list[dict[str, object]]:
    return next((sheet["rows"] for sheet in archived.content["sheets"] if sheet["sheet"] == name), [])


@pytest.mark.slow
def test_a_change_dated_up_to_the_end_is_watched() -> None:
    before = closed(book(CHANGES))

    def places(*changes: str) -> list[str]:
        return [place for place, _ in told(book(*changes), before)]

    assert places(CHANGES.replace("一组", "三组")) == ["人员变动!D2"]
    assert places(CHANGES.replace("2026-02-10", "2026-04-10")) == ["人员变动!C2"]
    assert places(CHANGES.replace("005 ", "5   ")) == []
    assert places() == ["人员变动!A1"]
    (one,) = found(book(CHANGES + "| 004 | 党员类别 | 2026-03-31 | 正式党员 |"), before)
    assert (str(one.place), one.remedy) == (
        "人员变动!4",
        "生效日期已在归档的时段以内的，不能再补；请把这一行的生效日期改到以后",
    )


def test_who_became_a_full_member_is_written_down_with_a_day() -> None:
    typed = book(changed("党员名册", "编号", "004", "党员类别", "正式党员"))
    assert not found(typed, closed(book()))  # of 0.1, which knew no other way
    newer = CIRCUMSTANCES._replace(program="0.2.0")
    (one,) = found(typed, archive(book(), xl_jifen.reckon(book()).ledger, Q1, None, PUBLICATION, newer))
    assert one.remedy == (
        "“党员类别”请恢复为“预备党员”；再在“人员变动”写一行：编号 004、项目 党员类别、新值 正式党员，"
        "生效日期填变动那一天，须在已归档的时段以后"
    )


def test_the_remedy_for_a_row_gone(first_quarter: Archive) -> None:
    (one,) = found(without_row(book(), "1月", 4), first_quarter)
    assert one.remedy == "请恢复这一行；确需更正的，在以后的月份用冲销更正"


@pytest.mark.parametrize(
    ("reason", "shown"), [("一" * 15, "一" * 15 + " 通过"), ("一" * 16, "一" * 16 + " 通…")], ids=["40", "41"]
)
def test_a_row_is_told_by_what_it_says_in_40_characters(first_quarter: Archive, reason: str, shown: str) -> None:
    row = added("2月", "序号 日期 姓名 规则 事由 审核状态", f"7 2026-02-03 李四(002) 加2 {reason} 通过")
    said = told(book(row), first_quarter)
    assert said == [("2月!2", f"2026年第一季度归档后增加了一行：2026-02-03 李四(002) 加2 {shown}")]


def test_every_change_is_told_not_only_the_first(first_quarter: Archive) -> None:
    members = without_row(book(changed("党员名册", "编号", "005", "个人基础分", "96")), "党员名册", 4)
    assert {place for place, _ in told(members, first_quarter)} == {"党员名册!4", "党员名册!H5"}
    used = changed("积分规则", "规则编号", "加2", "计分组", "闲置")
    groups = without_row(book(used, changed("计分组", "组名", "闲置", "封顶分值", "8")), "计分组", 2)
    assert {place for place, _ in told(groups, closed(book(used)))} == {"计分组!2", "计分组!D2"}


RULE = "规则编号 类型 大项 小项 分值"
ANOTHER = {
    "以后转入的同名人": (added("党员名册", "编号 姓名 党员类别 转入日期", "009 钱七 正式党员 2026-05-01"), 6),
    "不同类型的规则": (added("积分规则", RULE, "加7 减分 其他 志愿服务 1"), 4),
    "不同小项的规则": (added("积分规则", RULE, "加7 加分 助人 别的 1"), 4),
    "以后生效的规则": (added("积分规则", f"{RULE} 生效日期", "加7 加分 助人 志愿服务 1 2026-05-01"), 4),
    "两条一样的规则": (
        added("积分规则", RULE, "加7 加分 助人 志愿服务 1") + "\n| 加8 | 加分 | 助人 | 志愿服务 | 1 |",
        4,
    ),
}


@pytest.mark.parametrize(("change", "row"), ANOTHER.values(), ids=ANOTHER.keys())
def test_a_row_gone_is_not_taken_for_a_new_one_that_is_another(first_quarter: Archive, change: str, row: int) -> None:
    sheet = change[3:7]
    assert [place for place, _ in told(without_row(book(change), sheet, row), first_quarter)] == [f"{sheet}!{row}"]


def test_a_row_gone_is_not_taken_for_one_like_it_that_stays() -> None:
    grids = book(added("积分规则", RULE, "加7 加分 助人 志愿服务 1"))
    assert [place for place, _ in told(without_row(grids, "积分规则", 4), closed(grids))] == ["积分规则!4"]


@pytest.mark.slow
def test_a_first_day_moved_across_the_end_of_the_quarter_is_told() -> None:
    inside, outside, later = (
        book(added("党员名册", "编号 姓名 党员类别 转入日期", f"009 孙八 正式党员 {day}"))
        for day in ("2026-03-31", "2026-04-01", "2026-06-01")
    )
    assert [place for place, _ in told(outside, closed(inside))] == ["党员名册!F7"]
    assert [place for place, _ in told(inside, closed(outside))] == ["党员名册!F7"]
    assert told(later, closed(outside)) == []
    then, now = (
        book(added("积分规则", f"{RULE} 生效日期", f"基2 基础分 四讲四有 另加 5 {day}"))
        for day in ("2026-04-01", "2026-01-01")
    )
    assert [place for place, _ in told(now, closed(then))] == ["积分规则!J8"]


def test_of_later_rules_and_members_nothing_is_watched() -> None:
    rule = "## 积分规则（更改）\n| 规则编号 | 计分组 | 适用类别 |\n| 加9 | 闲置 | 困难党员 |"
    member = added("党员名册", "编号 姓名 党员类别 转入日期 个人基础分", "009 孙八 正式党员 2026-05-01 80")
    archived = closed(book(rule, member))
    assert told(book(rule, member, changed("计分组", "组名", "闲置", "封顶分值", "8")), archived) == []
    assert told(book(rule, member.replace("80", "70")), archived) == []
    assert told(book(rule, member, changed("党员名册", "编号", "003", "计分类别", "困难党员")), archived) == []


@pytest.mark.slow
def test_only_verifiers_of_deductions_are_watched_for_their_duty() -> None:
    bonus = "## 1月（更改）\n| 序号 | 核实人 | 规则 |\n| 1 | 张三 | 加1 |\n| 2 | 张三 | 加8 |"
    cleared = changed("党员名册", "编号", "001", "党内职务", "")
    assert told(book(bonus, cleared), closed(book(bonus))) == []
    left = changed("党员名册", "编号", "002", "转出日期", "2025-12-01")
    assert [place for place, _ in told(without_row(book(left), "党员名册", 3), closed(book(left)))] == ["党员名册!3"]
    no_duty = "## 党员名册（更改）\n| 编号 | 转出日期 | 党内职务 |\n| 002 | 2025-12-01 | |"
    assert [place for place, _ in told(book(no_duty), closed(book(left)))] == ["党员名册!E3"]


def test_texts_and_groups_of_a_rule_may_be_written_otherwise() -> None:
    headings = "## 积分规则（更改）\n| 规则编号 | 计分标准 | 单位 | 佐证提供 | 计分组 |\n"
    then, now = (
        book(f"{headings}| 加1 | 每次 | 次数 | 本人 | 合计;闲置 |"),
        book(f"{headings}| 加1 | 每 次 | 次　数 | 本 人 | 闲置；合计 |"),
    )
    assert told(now, closed(then)) == []


def test_of_groups_of_one_name_the_first_counts(first_quarter: Archive) -> None:
    assert told(book(added("计分组", "组名 方式 周期 封顶分值", "合计 就高 季 1")), first_quarter) == []
    spaced = book(changed("计分组", "组名", "合计", "组名", "合 计"))
    assert told(spaced, closed(spaced)) == told(spaced, first_quarter) == []


def test_an_activity_without_a_day_or_with_spaces_in_its_kind() -> None:
    odd = (
        "## 活动考勤（更改）\n| 活动名称 | 日期 | 活动类型 |\n"
        "| 一月党日 | | 主题 党日 |\n| 二月党日 | 2026-02-15 | 主题　党日 |",
        changed("积分规则", "规则编号", "加2", "生效日期", "2026-01-01"),
    )
    then, now = (
        book(*odd, f"## 考勤计分（更改）\n| 规则编号 | 活动类型 | 计量 |\n| 加2 | 主 题党日 | {measure} |")
        for measure in ("", "学时")
    )
    assert told(then, closed(then)) == []
    assert [place for place, _ in told(now, closed(then))] == ["考勤计分!D2"]


def test_what_was_empty_may_go(first_quarter: Archive) -> None:
    assert told(book("## 2月（删除）"), first_quarter) == []
    for sheet, column in (("1月", 6), ("3月", 1)):  # 申报分值, which nobody filled; 序号
        assert told(with_cell(book(), Place(sheet, 1, column), "别的"), first_quarter) == []


def test_a_member_who_lost_the_score_is_told_at_the_roster(first_quarter: Archive) -> None:
    said = told(book(changed("党员名册", "编号", "003", "党小组", "#REF!")), first_quarter)
    assert [place for place, _ in said] == ["党员名册!A1"]
    assert "王五2026年第一季度归档的积分是 100，现在算得 —" in said[0][1]


def test_a_change_told_changes_no_score(first_quarter: Archive) -> None:
    grids = book(changed("1月", "序号", "3", "数量", "4"))
    before = xl_jifen.reckon(grids).ledger
    assert found(grids, first_quarter)
    assert [score.bonus for score in before.of(Q1) if score.member.name == "赵六"] == [500]


HARMLESS = {
    "以后的登记": LATER,
    "转出在归档以后": changed("党员名册", "编号", "001", "转出日期", "2026-04-01"),
    "以后转入的人": added("党员名册", "编号 姓名 党员类别 转入日期", "009 孙八 正式党员 2026-04-01"),
    "不计分的人": added("党员名册", "编号 姓名 党员类别 是否计分", "009 孙八 正式党员 否"),
    "转正": changed("党员名册", "编号", "004", "党员类别", "正式党员"),
    "换党小组、加备注": "## 党员名册（更改）\n| 编号 | 党小组 | 备注 |\n| 001 | 二组 | 已换组 |",
    "换届": "## 党员名册（更改）\n| 编号 | 党内职务 |\n| 002 | 原组织委员 |\n| 003 | 组织委员 |",
    "不影响规则的类别": changed("党员名册", "编号", "003", "计分类别", "困难党员"),
    "默认值写明": "## 党员名册（更改）\n| 编号 | 计分类别 | 是否计分 |\n| 001 | 在职 | 是 |",
    "以后生效的规则": added(
        "积分规则", "规则编号 类型 大项 小项 分值 生效日期", "基2 基础分 四讲四有 另加 5 2026-04-01"
    ),
    "新的加分规则": added("积分规则", "规则编号 类型 大项 小项 分值", "加3 加分 大项 小项 5"),
    "规则停用": changed("积分规则", "规则编号", "加1", "失效日期", "2026-03-31"),
    "还没有生效的规则": changed("积分规则", "规则编号", "加9", "分值", "6"),
    "规则的备注": changed("积分规则", "规则编号", "加1", "备注", "见会议纪要"),
    "没有用到的组": changed("计分组", "组名", "闲置", "封顶分值", "10"),
    "还没有过的活动类型": added("考勤计分", "活动类型 到会情况 规则编号", "党课 参加 加1"),
    "还没有过的活动改规则": changed("考勤计分", "活动类型", "报告会", "规则编号", "加2"),
    "以后的考勤": added("活动考勤", "日期 活动类型 活动名称 参加", "2026-04-15 主题党日 四月 全体"),
    "以后的表决": added(
        "表决记录", "表决日期 姓名 规则编号 事由 应到 实到 赞成 反对 弃权", "2026-04-21 王五 否1 违纪 4 4 4 0 0"
    ),
    "换联系人": "## 设置（更改）\n| 项目 | 值 |\n| 异议联系人 | 李四 |\n| 公示期天数 | 3 |\n| 公示排序 | 按名册 |",
    "年度线": changed("等次标准", "等次", "优秀", "年度最低积分", "120"),
    "写法不同": "## 1月（更改）\n| 序号 | 日期 | 姓名 | 规则 | 数量 |\n"
    "| 1 | 2026年1月8日 | 张三(001) | 加1 主动讲党课 | “１” |",
    "考勤写法不同": changed("活动考勤", "日期", "2026-02-15", "参加", "李四，张　三"),
    "序号重排": "## 1月（更改）\n| 事由 | 序号 |\n| 献血 | 13 |\n| 缺席 | 14 |",
    "空白和默认值": "## 考勤计分（更改）\n| 规则编号 | 计量 |\n| 加2 | 次 |\n\n"
    "## 等次标准（更改）\n| 等次 | 受比例限制 |\n| 优秀 | 否 |",
    "规则后面跟着名称": changed("考勤计分", "规则编号", "加2", "规则编号", "加2 志愿服务")
    + "\n\n"
    + changed("表决记录", "姓名", "钱七", "规则编号", "否1 违纪"),
    "空格和全角": "## 党员名册（更改）\n| 编号 | 姓名 |\n| 001 | 张　三 |"
    "\n\n## 计分组（更改）\n| 组名 | 组名 |\n| 合计 | 合 计 |"
    "\n\n## 积分规则（更改）\n| 规则编号 | 大项 | 小项 | 计分组 |\n| 加1 | 党 建 | 讲　党课 | “合 计” |",
    "选项里的空格": changed("1月", "序号", "1", "审核状态", "通 过"),
    "考勤里多出的分隔": changed("活动考勤", "日期", "2026-02-15", "参加", "张三、 、\\n李四、"),
    "周期以前的日期": "## 党员名册（更改）\n| 编号 | 转入日期 |\n| 001 | 2025-12-31 |\n| 002 | 2026-01-01 |\n\n"
    "## 积分规则（更改）\n| 规则编号 | 生效日期 | 失效日期 |\n| 加1 | 2026-01-01 | 2026-03-31 |",
    "提出异议": "## 异议处理\n| 提出日期 | 提出人 | 涉及季度 | 涉及事项 |\n| 2026-04-10 | 张三 | 2026Q1 | 少计 |",
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_comes_later_or_means_the_same_is_no_change(first_quarter: Archive, change: str) -> None:
    assert told(book(change), first_quarter) == []


def moved(grids: Grids, name: str, order: list[int]) -> Grids:
    """The workbook with the rows of one sheet in another order."""
    return Grids(
        tuple(
            Grid(grid.name, [grid.rows[0], *(grid.rows[row] for row in order)]) if grid.name == name else grid
            for grid in grids
        )
    )


@pytest.mark.parametrize("renumbered", [False, True], ids=["序号不变", "序号重排"])
@pytest.mark.parametrize("name", ["1月", "活动考勤", "党员名册", "积分规则"])
def test_sorting_a_sheet_is_no_change(first_quarter: Archive, name: str, renumbered: bool) -> None:
    grids = book(LATER)
    rows = len(grids.get(name).rows) - 1  # type: ignore[union-attr]
    for seed in range(5):
        order = list(range(1, rows + 1))
        random.Random(seed).shuffle(order)
        shuffled = moved(grids, name, order)
        if renumbered:
            shuffled = Grids(tuple(numbered(grid) if grid.name == name == "1月" else grid for grid in shuffled))
            if order[1] != 2:
                continue  # the 冲销 1月#2 would name another row, and that is a change
        assert told(shuffled, first_quarter) == []


def numbered(grid: Grid) -> Grid:
    return Grid(grid.name, [grid.rows[0], *([number, *row[1:]] for number, row in enumerate(grid.rows[1:], 1))])


def cells(archived: Archive) -> Iterator[tuple[str, int, int, str]]:
    """Every cell of the rows an archive guards cell by cell, filled or not: sheet, row, column, heading."""
    months = archived.months
    for table in tables(grids_of(archived), months):
        if table.sheet.name in ("活动考勤", "表决记录") or table.sheet in layout.MONTHS:
            for row in table_rows(table, months, archived.end):
                for heading, column in table.columns.items():
                    if heading != "序号":
                        yield table.grid.name, row.number, column, heading


@pytest.mark.slow
def test_every_changed_cell_of_an_archived_row_is_found_and_named(first_quarter: Archive) -> None:
    grids = book(LATER)
    count = 0
    for sheet, row, column, heading in cells(first_quarter):
        old = grids.get(sheet).at(row, column)  # type: ignore[union-attr]
        for new in (other_value(old, heading), None):
            if new == old:
                continue
            said = told(with_cell(grids, Place(sheet, row, column), new), first_quarter)
            assert [place for place, _ in said] == [str(Place(sheet, row, column))], (heading, old, new, said)
            assert f"“{heading}”" in said[0][1]
            assert (f"归档时是“{old}”" if old is not None else "归档时是空白") in said[0][1]
            count += 1
    assert count > 150


def other_value(old: Cell, heading: str) -> Cell:
    if isinstance(old, date):
        return date(old.year, old.month, old.day + 1)
    return 7 if isinstance(old, int) else f"别的{old or ''}"


def with_cell(grids: Grids, place: Place, cell: Cell) -> Grids:
    def changed(grid: Grid) -> Grid:
        rows = [list(row) for row in grid.rows]
        rows[place.row - 1][place.column - 1] = cell
        return Grid(grid.name, rows)

    return Grids(tuple(changed(grid) if grid.name == place.sheet else grid for grid in grids))


def without_row(grids: Grids, name: str, row: int) -> Grids:
    return moved(grids, name, [n for n in range(1, len(grids.get(name).rows)) if n != row - 1])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sheet", "row", "summary"),
    [
        ("1月", 3, "李四 加1"),
        ("活动考勤", 3, "二月党日"),
        ("表决记录", 2, "钱七 否1"),
        ("党员名册", 6, "005 钱七"),
        ("积分规则", 4, "加2 加分"),
        ("计分组", 2, "合计"),
        ("考勤计分", 2, "主题党日 参加"),
        ("等次标准", 2, "优秀"),
    ],
)
def test_a_deleted_row_is_told_where_it_stood(first_quarter: Archive, sheet: str, row: int, summary: str) -> None:
    said = told(without_row(book(LATER), sheet, row), first_quarter)
    assert said[0][0] == f"{sheet}!{row}"
    assert "一行不见了" in said[0][1]
    assert summary in said[0][1]
    assert len(said) == 1


def test_a_changed_cell_is_found_in_a_sorted_sheet_with_a_row_deleted(first_quarter: Archive) -> None:
    grids = with_cell(book(), Place("1月", 4, 5), 4)  # 赵六 献血 3 → 4
    said = told(moved(grids, "1月", [4, 3, 2]), first_quarter)  # without 张三, upside down
    assert [place for place, _ in said] == ["1月!E3", "1月!2"]
    assert "归档时是“3”，现在是“4”" in said[0][1]
    assert "张三" in said[1][1]


def test_a_missing_sheet_or_column_is_told_once(first_quarter: Archive) -> None:
    grids = book(LATER)
    assert told(Grids(tuple(grid for grid in grids if grid.name != "1月")), first_quarter) == [
        ("1月!A1", "2026年第一季度归档时的工作表“1月”不见了")
    ]
    renamed = with_cell(grids, Place("1月", 1, 7), "原因")
    assert told(renamed, first_quarter) == [("1月!A1", "2026年第一季度归档时“事由”一列的内容不见了")]


def test_a_reversal_by_row_that_names_another_row_after_sorting_is_told_at_the_reversal() -> None:
    rows = added("1月", "序号 日期 姓名 规则 数量 事由 审核状态", "5 2026-01-25 李四 加1 2 讲课 通过")
    by_row = changed("3月", "序号", "3", "冲销", "1月!3")
    grids = book(rows, by_row)
    said = told(moved(grids, "1月", [1, 5, 3, 4, 2]), closed(grids))
    assert {place for place, _ in said} >= {"3月!4"}
    assert all("而这一行没有改动" in message for _, message in said)


def test_a_new_namesake_makes_names_ambiguous_until_the_number_is_added(first_quarter: Archive) -> None:
    joined = added("党员名册", "编号 姓名 党员类别 转入日期", "009 赵六 正式党员 2026-04-02")
    said = told(book(joined), first_quarter)
    assert {place for place, _ in said} == {"1月!4", "1月!5"}
    assert all("现在算得 0 分" in message for _, message in said)
    mended = "## 1月（更改）\n| 序号 | 姓名 |\n| 3 | 赵六(004) |\n| 4 | 赵六(004) |"
    assert told(book(joined, mended), first_quarter) == []


ELECTED = "## 党员名册（更改）\n| 编号 | 党内职务 |\n| 002 | |", changed("1月", "序号", "4", "核实人", "王五")


def test_a_second_officer_who_makes_an_old_verification_void_is_told_at_the_line() -> None:
    then, now = book(*ELECTED), with_cell(book(*ELECTED), Place("党员名册", 6, 5), "委员")
    assert told(now, closed(then)) == [
        ("1月!5", "这一行2026年第一季度归档时计入 3 分，现在算得 0 分，而这一行没有改动")
    ]


def test_figures_that_differ_without_a_line_are_told_at_the_member(first_quarter: Archive) -> None:
    then, now = book(*ELECTED, LATER), with_cell(book(*ELECTED, LATER), Place("党员名册", 6, 5), "委员")
    said = told(now, closed(then, Q2, first_quarter))  # the first quarter's own archive is lost
    assert [place for place, _ in said] == ["党员名册!5"]
    assert "赵六2026年第二季度归档的积分是" in said[0][1]


# -- several quarters ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_change_is_told_once_by_the_quarter_it_belongs_to(first_quarter: Archive) -> None:
    second = closed(book(LATER), Q2, first_quarter)
    change = changed("1月", "序号", "3", "数量", "4"), changed("4月", "序号", "1", "数量", "5")
    said = told(book(LATER, *change), first_quarter, second)
    assert told(book(LATER, *change), second, first_quarter) == said
    member = changed("党员名册", "编号", "005", "个人基础分", "96")
    assert [place for place, _ in told(book(LATER, member), first_quarter, second)] == ["党员名册!H6"]
    assert [(place, message[: message.index("归档时")][-8:]) for place, message in said] == [
        ("1月!E4", "2026年第一季度"[-8:]),
        ("4月!E2", "2026年第二季度"[-8:]),
    ]


def test_of_the_months_of_an_earlier_archive_a_later_one_says_nothing(first_quarter: Archive) -> None:
    mistaken = closed(book(LATER, changed("1月", "序号", "3", "数量", "4")), Q2, first_quarter)
    assert [place for place, _ in told(book(LATER), first_quarter, mistaken)] == ["党员名册!5"], "only his figure"


def test_a_later_archive_speaks_for_an_earlier_one_that_is_lost(first_quarter: Archive) -> None:
    second = closed(book(LATER), Q2, first_quarter)
    said = told(book(LATER, changed("1月", "序号", "3", "数量", "4")), second)
    assert [place for place, _ in said] == ["1月!E4"]


def test_a_member_who_joins_between_two_archives_is_watched_by_the_second(first_quarter: Archive) -> None:
    joined = added("党员名册", "编号 姓名 党员类别 转入日期", "009 孙八 正式党员 2026-05-01")
    second = closed(book(LATER, joined), Q2, first_quarter)
    assert told(book(LATER, joined), first_quarter, second) == []
    later = book(LATER, joined.replace("2026-05-01", "2026-06-01"))
    assert [place for place, _ in told(later, first_quarter, second)] == ["党员名册!F7"]


def test_the_year_bound_is_watched_once_the_last_quarter_is_archived() -> None:
    last = closed(book(LATER), Q4)
    assert told(book(LATER), last) == []
    change = changed("等次标准", "等次", "优秀", "年度最低积分", "120")
    assert [place for place, _ in told(book(LATER, change), last)] == ["等次标准!C2"]
    assert {score["period"] for score in last.content["scores"]} == {"2026Q4", "year"}


@pytest.mark.slow
@properties
@given(books(), st.sampled_from(range(2, 12, 3)))
def test_whatever_is_posted_later_changes_no_archive(drawn: Book, last: int) -> None:
    month = MONTHS[last]
    then, now = grids_of_book(drawn.up_to(month)), grids_of_book(drawn)
    assert told(now, closed(then, month.quarter)) == []


@pytest.mark.slow
@properties
@given(books(), st.randoms(use_true_random=False))
def test_row_order_changes_no_archive(drawn: Book, shuffle: random.Random) -> None:
    archived = closed(grids_of_book(drawn), MONTHS[-1].quarter)
    rows, meetings = list(drawn.rows), list(drawn.meetings)
    shuffle.shuffle(rows)
    shuffle.shuffle(meetings)
    assert told(grids_of_book(replace(drawn, rows=rows, meetings=meetings)), archived) == []
