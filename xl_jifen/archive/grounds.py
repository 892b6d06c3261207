"""Grounds (依据): what settings, members and rules mean for a quarter, so that what is decided later changes nothing.

A roster and a rule table live on after a quarter is archived: people join and leave, rules end and follow each other.
These functions say as plain values what of them bears on the cycle up to a quarter's end; two states are the same
ground if the values are equal. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.grid import squeeze
from xl_jifen.register import Group, Member, Rule, Settings

Facts = Mapping[str, object]
"""What a row means, by heading."""

SETTINGS: Mapping[str, Callable[[Settings], object]] = {
    layout.BRANCH: lambda s: squeeze(s.branch),
    layout.CYCLE_START: lambda s: s.cycle and s.cycle.start,
    layout.CYCLE_END: lambda s: s.cycle and s.cycle.end,
    "年度汇总方式": lambda s: s.yearly,
    "在册口径": lambda s: s.reference,
    "中途转入基础分": lambda s: s.joiner_base,
    "最低分": lambda s: s.floor,
    "最高分": lambda s: s.ceiling,
    "一票否决范围": lambda s: s.veto_scope,
    "名次方式": lambda s: s.ties,
    "优秀比例上限": lambda s: s.share,
    "优秀比例基数": lambda s: s.share_of,
    "预备党员评等次": lambda s: s.grade_probationary,
}
"""The settings that make figures. Contact, length of the notice, order of listing and the like may change."""

IDENTITY = (layout.BRANCH, layout.CYCLE_START, layout.CYCLE_END)
"""Where these differ, an archive is of another branch or cycle."""


class Span(NamedTuple):
    """What a quarter rests on: the days from the cycle's first to the quarter's last, both included."""

    start: date
    end: date

    def first(self, day: date | None) -> date | None:
        """A first day (转入日期, 生效日期): always if up to the cycle's start; after the quarter all the same."""
        if day is None or day <= self.start:
            return None
        return day if day <= self.end else date.max

    def last(self, day: date | None) -> date | None:
        """A last day (失效日期, the day before 转出日期): from the quarter's end on as good as never."""
        if day is None or day >= self.end:
            return None
        return day if day >= self.start else date.min

    def belonged(self, member: Member) -> bool:
        """Whether a scored member was on the roster on one of the days."""
        joined = member.joined is None or member.joined <= self.end
        return member.scored and joined and (member.left is None or member.left > self.start)

    def was_in_force(self, rule: Rule) -> bool:
        """Whether a rule was in force on one of the days."""
        return (rule.start is None or rule.start <= self.end) and (rule.end is None or rule.end >= self.start)


def member_facts(member: Member, span: Span, rules: Iterable[Rule]) -> Facts:
    """What a member's roster row means, given the rules in force; 计分类别 is which of them apply.

    党小组, 表决权 and 备注 make no figure; 党内职务 only where someone verified a deduction.
    """
    left = member.left
    return {
        "编号": member.code,
        "姓名": squeeze(member.name),
        "党员类别": member.kind,
        "计分类别": [rule.code for rule in rules if rule.covers(member.category)],
        "是否计分": member.scored,
        "转入日期": span.first(member.joined),
        "转出日期": None if left is None or left > span.end else max(left, span.start),
        "个人基础分": member.own_base,
    }


def turned_full(then: Member, now: Member) -> bool:
    """Whether a 预备党员 became a 正式党员 (转正): the workbook has no date for it, so it counts as done later."""
    return (then.kind, now.kind) == (layout.PROBATIONARY, layout.FORMAL)


def rule_facts(rule: Rule, span: Span) -> Facts:
    """What a rule means: every column but 备注, the days in force as far as they lie in the span."""
    return {
        "规则编号": rule.code,
        "类型": rule.kind,
        "大项": squeeze(rule.block),
        "小项": squeeze(rule.item),
        "计分标准": squeeze(rule.standard),
        "单位": squeeze(rule.unit),
        "分值": rule.points,
        "分值上限": rule.ceiling,
        "每": rule.per,
        "取整": rule.rounding,
        "起算数量": rule.at_least,
        "逐次分值": rule.ladder,
        "封顶周期": rule.cap_period,
        "封顶分值": rule.cap,
        "限次": rule.times,
        "计分组": sorted(squeeze(group.name) for group in rule.groups),
        "需佐证": rule.needs_evidence,
        "佐证提供": squeeze(rule.evidence_by),
        "适用类别": rule.categories,
        "否决后果": rule.consequence,
        "生效日期": span.first(rule.start),
        "失效日期": span.last(rule.end),
    }


def group_facts(group: Group) -> Facts:
    """What a 计分组 means."""
    return {"组名": squeeze(group.name), "方式": group.way, "周期": group.period, "封顶分值": group.cap}
