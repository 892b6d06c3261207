"""Reading: the register says what the sheets say, also what makes no points and only stands on pages."""

from __future__ import annotations

import importlib
from datetime import date
from fractions import Fraction

import pytest
from notation import parse

import xl_jifen
from xl_jifen import layout
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Register
from xl_jifen.roster import names_in

WORKBOOK = """一个支部各张表上写的都照样读进来。
套用 基本

## 设置（更改）
| 项目         | 值           |
| 上级党组织   | 某局机关党委 |
| 公示期天数   | 7            |
| 公示期类型   | 自然日       |
| 公示内容     | 积分及事由   |
| 异议联系人   | 张三         |
| 异议电话     | 0123         |
| 异议地址     | 三楼         |

## 党员名册（更改）
| 编号 | 党小组   | 计分类别 | 表决权 | 个人基础分 |
| 001  | 第一小组 |          |        |            |
| 002  | 第二小组 | 离退休   | 否     | 90         |

## 积分规则（更改）
| 规则编号 | 计分标准 | 单位 | 取整 | 佐证提供 |
| 加1      | 每次计   | 次   |      | 本人       |
| 加2      | 每时计   | 小时 | 向下 | 支委会     |

## 1月
| 序号 | 日期       | 姓名 | 规则 | 数量 | 事由 | 佐证 | 核实人 | 审核状态 | 同一事项 | 冲销 |
| 1    | 2026-01-10 | 张三 | 加1  |      | 党课 | 照片 | 李四   | 通过     | 宣讲     |      |

## 2月
| 序号 | 日期       | 姓名 | 规则 | 事由 | 佐证 | 核实人 | 审核状态 | 同一事项 | 冲销  |
| 8    | 2026-02-10 | 张三 | 加1  | 更正 | 记录 | 李四   | 通过     | 宣讲     | 1月!2 |

## 考勤计分
| 活动类型 | 到会情况 | 规则编号 |
| 主题党日 | 参加     | 加1      |

## 活动考勤
| 日期       | 活动类型 | 活动名称 | 学时 | 参加       | 请假 | 佐证   |
| 2026-02-20 | 主题党日 | 二月党日 | 1.5  | 张三、赵六 | 王五 | 签到表 |
| 2026-03-20 | 组织生活 | 三月会议 |      |            |      |        |

## 表决记录
| 表决日期   | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 | 佐证   |
| 2026-03-10 | 王五 | 否1      | 违纪 | 2    | 2    | 0    | 1    | 1    | 决定书 |

## 异议处理
| 提出日期   | 提出人 | 涉及季度 | 涉及事项 | 处理结果 | 办结日期   |
| 2026-04-08 | 王五   | 2026Ｑ1  | 二月党日 | 维持     | 2026-04-10 |
| 2026-04-09 | 赵六   | 2026q2   | 党课     | 更正     |            |
| 2026-04-09 | 赵六   | 某季度   | 党课     |          |            |
"""


def register(text: str = WORKBOOK) -> Register:
    return xl_jifen.reckon(parse(text).grids).register


def test_settings() -> None:
    settings = register().settings
    assert settings.cycle == Cycle(date(2026, 1, 1), date(2026, 12, 31))
    assert (settings.branch, settings.parent, settings.issuer) == ("第一党支部", "某局机关党委", "第一党支部")
    assert (settings.notice_days, settings.notice_kind, settings.notice_content) == (7, "自然日", "积分及事由")
    assert (settings.contact, settings.phone, settings.address) == ("张三", "0123", "三楼")


def test_settings_left_out_have_their_default() -> None:
    settings = register("标题。\n套用 基本\n## 设置（更改）\n| 项目 | 值 |\n| 落款单位 | 中共某局支部 |\n").settings
    assert (settings.issuer, settings.parent, settings.contact) == ("中共某局支部", "", "")
    assert (settings.notice_days, settings.notice_kind, settings.notice_content) == (5, "工作日", "仅积分")
    assert (settings.floor, settings.ceiling, settings.share) == (None, None, None)


def test_members() -> None:
    first, second, third, fourth = (member.first for member in register().members)
    assert (first.group, first.duty, first.category, first.own_base) == ("第一小组", "书记", "在职", None)
    assert (second.group, second.category, second.may_vote, second.own_base) == ("第二小组", "离退休", False, 9000)
    assert (third.may_vote, third.scored, fourth.kind) == (True, True, "预备党员")


def test_rules() -> None:
    bonus, service = register().rules[1:3]
    assert (bonus.block, bonus.item, bonus.standard, bonus.unit) == ("党建活动", "主动讲党课", "每次计", "次")
    assert (bonus.rounding, service.rounding) == ("不取整", "向下")
    assert (bonus.evidence_by, service.evidence_by) == ("本人", "支委会")


def test_entries() -> None:
    plain, reversal, *attended = register().entries
    assert (plain.month, plain.day, plain.quantity) == (Month(2026, 1), date(2026, 1, 10), None)
    for entry, serial, reason, evidence, taken_back in (
        (plain, "1", "党课", "照片", ""),
        (reversal, "8", "更正", "记录", "1月!2"),
    ):
        assert (entry.serial, entry.reason, entry.evidence, entry.reversal) == (serial, reason, evidence, taken_back)
        assert (entry.verifier, entry.status, entry.matter) == ("李四", "通过", "宣讲")
    assert [entry.member.name for entry in attended if entry.member] == ["张三", "赵六"]
    for entry in attended:
        assert (entry.reason, entry.evidence, entry.quantity) == ("二月党日", "签到表", 1)
        assert (entry.attendance, entry.verifier, entry.matter, entry.reversal, entry.serial) == (
            "参加",
            "",
            "",
            "",
            "",
        )


def test_plain_rows_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """一年可能有十万行。
套用 基本
## 1月
| 日期       | 姓名 | 规则 | 数量 | 申报分值 | 事由 | 审核状态 | 冲销 |
| 2026-01-10 | 张三 | 加1  | 2    |          | 甲   | 通过     |      |
| 2026-01-11 | 李四 | 加2  |      | 1.5      | 乙   | 待审     |      |
"""
    monkeypatch.delattr(importlib.import_module("xl_jifen.read"), "_entry")
    first, second = register(text).entries
    assert (first.quantity, first.claimed, first.reason, first.status) == (2, None, "甲", "通过")
    assert (second.quantity, second.claimed, second.reason, second.status) == (None, 150, "乙", "待审")


def test_activities() -> None:
    party_day, meeting = register().activities
    assert (party_day.day, party_day.kind, party_day.name) == (date(2026, 2, 20), "主题党日", "二月党日")
    assert (party_day.hours, party_day.heads) == (Fraction(3, 2), {"参加": 2, "请假": 1})
    assert (meeting.name, meeting.hours, meeting.heads) == ("三月会议", None, {})


def test_ballots() -> None:
    (ballot,) = register().ballots
    assert (ballot.day, ballot.reason, ballot.evidence) == (date(2026, 3, 10), "违纪", "决定书")
    assert (ballot.entitled, ballot.present, ballot.ayes, ballot.noes, ballot.abstentions) == (2, 2, 0, 1, 1)


def test_objections() -> None:
    first, second, third = register().objections
    assert (first.day, first.by, first.matter) == (date(2026, 4, 8), "王五", "二月党日")
    assert (first.period, first.result, first.closed) == (Period.of_quarter(2026, 1), "维持", date(2026, 4, 10))
    assert (second.period, second.result, second.closed) == (Period.of_quarter(2026, 2), "更正", None)
    assert (third.period, third.result) == (None, "")


def test_without_a_cycle_an_objection_is_about_no_quarter() -> None:
    text = WORKBOOK.replace("| 公示期天数   | 7            |", "| 计分周期开始 |              |")
    assert [objection.period for objection in register(text).objections] == [None, None, None]


@pytest.mark.parametrize("sign", "、，,；;､﹑﹐﹔\n\r\u2028\u2029")
def test_whatever_looks_like_a_separator_stands_between_names(sign: str) -> None:
    assert names_in(f"张三{sign}李四{sign}") == ("张三", "李四")


@pytest.mark.parametrize(
    "copied", ["1月 (2)", "1月_2", "1月份", "1月-副本", "1月_副本", "1月──副本", "1月―表", "１月－副本(2)"]
)
def test_a_sheet_named_like_a_copy_is_known_for_one(copied: str) -> None:
    assert layout.meant(copied) == "1月"
