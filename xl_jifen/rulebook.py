"""Sheets 积分规则 and 计分组: the rules, and finding one by its code. Pure: part of reading.

No rule of a scheme is in code: here is only what a row of the table may say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.finding import Finding
from xl_jifen.grid import squeeze
from xl_jifen.register import Group, Points, Rule
from xl_jifen.table import Row, Table, as_number, as_points


def read_groups(table: Table | None, findings: list[Finding]) -> tuple[Group, ...]:
    """Sheet 计分组."""
    groups: list[Group] = []
    seen: dict[str, int] = {}
    for row in table.rows(findings) if table else ():
        row.look_over()
        name = row.text(layout.GROUP_NAME)
        key = squeeze(name)
        if key and key in seen:
            row.note("E103", layout.GROUP_NAME, f"组名“{name}”与第 {seen[key]} 行重复", "请改用不同的组名，或删去一行")
        seen.setdefault(key, row.number)
        way, period, cap = row.choice(layout.GROUP_WAY), row.choice(layout.GROUP_PERIOD), row.points(layout.CAP_POINTS)
        if way == layout.CAP:
            if period == layout.PER_MATTER:
                row.note("E103", layout.GROUP_PERIOD, "“封顶”的周期不能是“同一事项”", "请填以下之一：日、月、季、年")
            if not row.has(layout.CAP_POINTS):
                row.note("E101", layout.CAP_POINTS, "方式为“封顶”时，“封顶分值”不能空", "请填写“封顶分值”")
        if cap is not None and cap < 0:
            row.note("E804", layout.CAP_POINTS, "封顶分值不能小于 0", "请改为不小于 0 的数")
        groups.append(Group(name, way, period, cap, row.place, row.codes))
    return tuple(groups)


def read_rules(table: Table | None, groups: tuple[Group, ...], findings: list[Finding]) -> tuple[Rule, ...]:
    """Sheet 积分规则. A rule's faults include those of the groups it names."""
    rules: list[Rule] = []
    seen: dict[str, int] = {}
    group_of: dict[str, Group] = {}
    for group in groups:
        group_of.setdefault(squeeze(group.name), group)
    for row in table.rows(findings) if table else ():
        row.look_over()
        code = squeeze(row.text(layout.RULE_CODE))
        if code and code in seen:
            row.note("E802", layout.RULE_CODE, f"规则编号 {code} 与第 {seen[code]} 行重复", "请给这条规则另编一个编号")
        seen.setdefault(code, row.number)
        named = []
        for name in _split(row.text(layout.GROUP_NAMES)):
            if (found := group_of.get(name)) is None:
                row.note(
                    "E805", layout.GROUP_NAMES, f"没有叫“{name}”的计分组", "请改正组名，或在“计分组”表中增加这一组"
                )
            elif found not in named:
                named.append(found)
        numbers = {h: row.number_at(h) for h in (layout.PER, layout.AT_LEAST, layout.TIMES)}
        points = {h: row.points(h) for h in (layout.POINTS, layout.POINTS_CEILING, layout.CAP_POINTS)}
        ladder = _ladder(row)
        start, end = row.date(layout.IN_FORCE_FROM), row.date(layout.IN_FORCE_TO)
        _contradictions(row, numbers, points, ladder, start, end)
        times = numbers[layout.TIMES]
        group_faults = {fault for group in named for fault in group.faults}
        rules.append(
            Rule(
                order=len(rules),
                code=code,
                kind=row.choice(layout.RULE_KIND),
                block=row.text(layout.BLOCK),
                item=row.text(layout.ITEM),
                standard=row.text(layout.STANDARD),
                unit=row.text(layout.UNIT),
                points=points[layout.POINTS] or 0,
                ceiling=points[layout.POINTS_CEILING],
                per=numbers[layout.PER] or Fraction(1),
                rounding=row.choice(layout.ROUNDING, layout.EXACT),
                at_least=numbers[layout.AT_LEAST] or Fraction(0),
                ladder=ladder,
                cap_period=row.choice(layout.CAP_PERIOD, layout.PER_YEAR),
                cap=points[layout.CAP_POINTS],
                times=None if times is None else int(times),
                groups=tuple(named),
                needs_evidence=row.yes(layout.NEEDS_EVIDENCE, False),
                evidence_by=row.text(layout.EVIDENCE_BY),
                categories=frozenset(_split(row.text(layout.CATEGORIES))),
                consequence=row.choice(layout.CONSEQUENCE, layout.TO_ZERO),
                start=start,
                end=end,
                place=row.place,
                faults=tuple(sorted({*row.faults, *group_faults})),
            )
        )
    return tuple(rules)


def _split(text: str) -> Iterator[str]:
    """The parts of a ``;``-separated text, in comparable form."""
    return filter(None, squeeze(text).split(";"))


def _ladder(row: Row) -> tuple[Points, ...]:
    """逐次分值: ``3;2;5;0`` as points; a part that is no number is E102, one with more than two decimals E405."""
    ladder: list[Points] = []
    for part in _split(row.text(layout.LADDER)):
        number = as_number(part)
        if number is None:
            row.note("E102", layout.LADDER, f"“逐次分值”中的“{part}”不是数字", "请用 ; 隔开各次的分值，如 3;2;0")
        elif (points := as_points(number)) is None:
            row.note("E405", layout.LADDER, f"“逐次分值”中的 {part} 超过两位小数", "积分最多两位小数，请改正")
        else:
            ladder.append(points)
    return tuple(ladder)


def _contradictions(
    row: Row,
    numbers: dict[str, Fraction | None],
    points: dict[str, Points | None],
    ladder: tuple[Points, ...],
    start: date | None,
    end: date | None,
) -> None:
    """E804: what a rule row says cannot all be true."""
    for heading in (layout.POINTS, layout.POINTS_CEILING, layout.CAP_POINTS):
        if (value := points[heading]) is not None and value < 0:
            row.note("E804", heading, f"“{heading}”不能小于 0", "请填正数；加分还是减分由“类型”决定")
    low, high = points[layout.POINTS], points[layout.POINTS_CEILING]
    if low is not None and high is not None and high < low:
        row.note("E804", layout.POINTS_CEILING, "分值上限低于分值", "分值上限应不低于分值；不按区间计分的请留空")
    if high is not None and row.has(layout.LADDER):
        row.note("E804", layout.LADDER, "既有分值上限，又有逐次分值", "区间计分和逐次计分只能用一种，请清空其中一项")
    if any(value < 0 for value in ladder):
        row.note("E804", layout.LADDER, "逐次分值不能小于 0", "请填正数；加分还是减分由“类型”决定")
    per, at_least, times = numbers[layout.PER], numbers[layout.AT_LEAST], numbers[layout.TIMES]
    if per is not None and per <= 0:
        row.note("E804", layout.PER, "“每”应大于 0", "请填大于 0 的数，留空即 1")
    if at_least is not None and at_least < 0:
        row.note("E804", layout.AT_LEAST, "起算数量不能小于 0", "请填不小于 0 的数，或留空")
    if times is not None and (times < 1 or times.denominator != 1):
        row.note("E804", layout.TIMES, "限次应为不小于 1 的整数", "请填整数，不限次的请留空")
    if start and end and end < start:
        row.note("E804", layout.IN_FORCE_TO, "失效日期早于生效日期", "请改正生效日期或失效日期")


class RuleBook:
    """The rule table as an index. The code may be followed by words; a repeated code means the first row."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_code: dict[str, Rule] = {}
        self._answers: dict[str, Rule | None] = {}
        for rule in rules:
            if rule.code:
                self._by_code.setdefault(rule.code, rule)
        self._most_words = max(map(len, self._by_code), default=0) + 1  # of text before the first sign perhaps none

    def find(self, text: str) -> Rule | None:
        """The rule meant by a non-blank text: the longest run of its first words that is a code, or None."""
        if text not in self._answers:
            self._answers[text] = self._look_up(text)
        return self._answers[text]

    def _look_up(self, text: str) -> Rule | None:
        words = re.split(r"[\s:：、，,]+", text, maxsplit=self._most_words)[: self._most_words]
        for count in range(len(words), 0, -1):
            if rule := self._by_code.get(squeeze("".join(words[:count]))):
                return rule
        return None


def resolve_rule(row: Row, heading: str, book: RuleBook) -> Rule | None:
    """The rule a row names; E301 if there is none."""
    text = row.text(heading)
    if not text:
        return None
    rule = book.find(text)
    if rule is None:
        remedy = "请从下拉列表中选择规则（编号和名称之间空一格），或先在“积分规则”中增加"
        row.note("E301", heading, f"积分规则表中没有“{text}”", remedy)
    return rule
