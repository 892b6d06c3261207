"""Grounds (依据): what settings, members and rules mean for a quarter, so that what is decided later changes nothing.

A roster and a rule table live on after a quarter is archived: people join and leave, rules end and follow each other.
These functions say as plain values what of them bears on the cycle up to a quarter's end; two states are the same
ground if the values are equal. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.grid import name_key, squeeze
from xl_jifen.register import Group, Member, Rule, Settings
from xl_jifen.rulebook import facts

Facts = Mapping[str, object]
"""What a row means, by heading."""

SETTINGS: Mapping[str, Callable[[Settings], object]] = {
    setting.key: attrgetter(setting.field) for setting in layout.SETTING_ROWS if setting.figures
} | {
    layout.BRANCH: lambda s: squeeze(s.branch),
    layout.CYCLE_START: lambda s: s.cycle and s.cycle.start,
    layout.CYCLE_END: lambda s: s.cycle and s.cycle.end,
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
        """A last day (失效日期): from the quarter's end on as good as never."""
        return None if day is None or day >= self.end else day

    def belonged(self, member: Member) -> bool:
        """Whether a scored member was on the roster on one of the days."""
        joined = member.joined is None or member.joined <= self.end
        return self.scored(member) and joined and (member.left is None or member.left > self.start)

    def scored(self, member: Member) -> bool:
        """Whether a member was scored on one of the days."""
        return member.first.scored or any(then.scored for since, then in member.later if since <= self.end)

    def was_in_force(self, rule: Rule) -> bool:
        """Whether a rule was in force on one of the days."""
        return (rule.start is None or rule.start <= self.end) and (rule.end is None or rule.end >= self.start)


def member_facts(member: Member, span: Span, rules: Iterable[Rule]) -> Facts:
    """What a member's roster row means, given the rules in force; 计分类别 is which of them apply.

    As at the start: what changes later is compared as the rows of 人员变动. 党小组, 表决权 and 备注 make no figure;
    党内职务 only where someone verified a deduction.
    """
    left = member.left
    return {
        layout.CODE: member.code,
        layout.NAME: name_key(member.name),
        layout.MEMBER_KIND: member.first.kind,
        layout.CATEGORY: [rule.code for rule in rules if rule.covers(member.first.category)],
        layout.SCORED: member.first.scored,
        layout.JOINED: span.first(member.joined),
        layout.LEFT: None if left is None or left > span.end else max(left, span.start),
        layout.OWN_BASE: member.first.own_base,
    }


def turned_full(then: Member, now: Member) -> bool:
    """Whether a 预备党员 became a 正式党员 (转正) in the roster, which has no date for it."""
    return (then.first.kind, now.first.kind) == (layout.PROBATIONARY, layout.FORMAL)


def rule_facts(rule: Rule, span: Span) -> Facts:
    """What a rule means, 公示 and 备注 apart, the days in force as far as they lie in the span."""
    days = {layout.IN_FORCE_FROM: span.first(rule.start), layout.IN_FORCE_TO: span.last(rule.end)}
    return facts(rule, ("figures", "words")) | days


def group_facts(group: Group) -> Facts:
    """What a 计分组 means, beside its name."""
    return {
        layout.GROUP_WAY: group.way,
        layout.GROUP_PERIOD: group.period,
        layout.CAP_POINTS: group.cap,
    }
