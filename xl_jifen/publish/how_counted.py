"""工具如何计: a rule in words made from its columns, to stand beside the branch's own prose (计分标准).

What counts is the columns; a prose that says something else is seen by eye once both stand side by side. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.publish.figures import figure
from xl_jifen.publish.yearly import effect_words
from xl_jifen.register import Group, Points, Rule

WITHIN = {
    layout.PER_DAY: "一天内",
    layout.PER_MONTH: "一个月内",
    layout.PER_QUARTER: "一个季度内",
    layout.PER_YEAR: "全年",
    layout.PER_MATTER: "同一事项",
}
"""封顶周期, and 周期 of a 计分组, as the beginning of a clause."""

MOST = {**WITHIN, layout.PER_DAY: "每天", layout.PER_MONTH: "每月", layout.PER_QUARTER: "每季度"}


EXAMPLE = "示例："
"""What the standards of the shipped scheme began with in older workbooks."""


def how_counted(rule: Rule) -> str:
    """``每满4学时计0.5分，全年最多6分``: what a rule does, by its columns alone."""
    if rule.faults:
        return "此行有误，改正后才能计分"
    clauses = [_main(rule), *_limits(rule)]
    if rule.categories:
        clauses.append(f"只适用于{'、'.join(sorted(rule.categories))}")
    if rule.start or rule.end:
        clauses.append(f"{f'自{rule.start}起' if rule.start else ''}{f'至{rule.end}止' if rule.end else ''}有效")
    if rule.needs_evidence:
        clauses.append("须有佐证")
    if rule.merged:
        clauses.append("公示时只列合计")
    return "，".join(clauses)


def standard_words(rule: Rule) -> str:
    """计分标准 as a form prints it, without 示例 at its head, and below it how the columns count."""
    plain = rule.standard.removeprefix(EXAMPLE)
    return f"{plain}\n计法：{how_counted(rule)}" if plain else how_counted(rule)


def _main(rule: Rule) -> str:
    """What one entry earns before any limit."""
    if rule.kind == layout.BASE:
        return f"基础分{figure(rule.points)}分"
    if rule.kind == layout.VETO:
        decided = "由组织认定，不经表决" if rule.veto_way == layout.BY_DECISION else "经支部党员大会表决通过"
        return f"{decided}，{effect_words(rule)}"
    unit, verb = rule.unit or layout.PER_TIME, _verb(rule)
    if rule.ceiling is not None:
        return f"每{unit}按申报分值{verb}{figure(rule.points)}～{figure(rule.ceiling)}分"
    if rule.ladder:
        return WITHIN[rule.cap_period] + "，".join(_ladder(rule.ladder, verb))
    added_up = f"{WITHIN[rule.cap_period]}累计，" if rule.cumulative else ""
    if rule.steps:
        return added_up + "，".join(_steps(rule, unit, verb))
    start = f"满{_number(rule.at_least)}{unit}起计，" if rule.at_least else ""
    free = f"前{_number(rule.free)}{unit}不计，其余" if rule.free else ""
    return added_up + start + free + _per(rule, unit, verb)


def _steps(rule: Rule, unit: str, verb: str) -> Iterator[str]:
    """``满10次计2分``, ``满20次计5分``, ``不满10次不计`` (分档)."""
    for threshold, points in rule.steps:
        yield f"满{_number(threshold)}{unit}{verb}{figure(points)}分"
    yield f"不满{_number(rule.steps[0][0])}{unit}不{verb}"


def _per(rule: Rule, unit: str, verb: str) -> str:
    """``每满4学时计0.5分``, by 每 and 取整."""
    points = f"{verb}{figure(rule.points)}分"
    several = "" if rule.per == 1 else _number(rule.per)
    if rule.rounding == layout.DOWN:
        return f"每满{_number(rule.per)}{unit}{points}"
    if rule.rounding == layout.UP:
        return f"每{several}{unit}{points}，不满{_number(rule.per)}{unit}的按{_number(rule.per)}{unit}"
    return f"每{several}{unit}{points}" + ("，不满的按比例" if several else "")


def _ladder(ladder: tuple[Points, ...], verb: str) -> Iterator[str]:
    """``第1次计3分``, ``第2次2分``, ``以后每次1分``."""
    for number, points in enumerate(ladder, 1):
        last = number == len(ladder)
        onwards, each = ("起", "每次") if last else ("", "")
        which = "" if last and number == 1 else f"第{number}次{onwards}"
        earns = verb if number == 1 else ""
        yield f"{which}{each}{earns}{figure(points)}分" if points else f"{which}不{verb}分"


def _limits(rule: Rule) -> Iterator[str]:
    """What keeps an entry from earning all that: 封顶分值, 限次, 计分组."""
    verb = "减" if rule.kind == layout.DEDUCTION else ""
    if rule.cap is not None:
        yield f"{MOST[rule.cap_period]}最多{verb}{figure(rule.cap)}分"
    if rule.times is not None:
        yield f"{MOST[rule.cap_period]}最多{_verb(rule)}{rule.times}次"
    for group in rule.groups:
        yield _group(group, verb)


def _group(group: Group, verb: str) -> str:
    if group.way == layout.HIGHEST:
        return f"{WITHIN[group.period]}就高不重复（{group.name}）"
    return f"与同组各项合计{MOST[group.period]}最多{verb}{figure(group.cap or 0)}分（{group.name}）"


def _verb(rule: Rule) -> str:
    return "减" if rule.kind == layout.DEDUCTION else "计"


def _number(number: Fraction) -> str:
    return f"{float(number):.10g}"
