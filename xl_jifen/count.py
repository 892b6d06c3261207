"""Counting (计分): what each entry earns, as lines of the ledger.

Lines are counted once, month by month; every quarter and year figure is a fold of those same lines (``score``). The
order inside a month is canonical, so that row order changes no total, and nothing posted in a month changes a month
before it. Scoring contract §5. Pure: a checked register in, lines and findings out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from xl_jifen import layout
from xl_jifen.check import Checked
from xl_jifen.finding import Finding
from xl_jifen.grid import Place, squeeze
from xl_jifen.period import Month
from xl_jifen.register import Codes, Entry, Line, Points, Register, Rule, points_text, round_points

Key: TypeAlias = tuple[Hashable, ...]
"""What shares a cap, a 就高, a ladder or a 限次: the rule or group, the member, and the period."""


class Limit(NamedTuple):
    """One bound on what an entry may earn: its key, the most that key may be charged, and what explains it."""

    key: Key
    most: Points
    code: str
    words: str


def count(register: Register, checked: Checked) -> tuple[tuple[Line, ...], list[Finding]]:
    """The lines of all entries, in the order of the register, and findings that explain what was cut (I002–I004)."""
    counter = _Counter(register, checked)
    return counter.run(), counter.findings


class _Counter:
    def __init__(self, register: Register, checked: Checked) -> None:
        self.register = register
        self.checked = checked
        self.findings: list[Finding] = []
        self._lines: dict[Entry, Line] = {}
        self._charged: dict[Key, Points] = defaultdict(int)
        self._places: dict[Key, int] = defaultdict(int)
        self._scorings: dict[Key, int] = defaultdict(int)

    def run(self) -> tuple[Line, ...]:
        posted: dict[Month, list[Entry]] = defaultdict(list)
        for entry in self.register.entries:
            if entry.month and self._eligible(entry):
                posted[entry.month].append(entry)
            else:
                self._lines[entry] = Line(entry, 0, 0, self._why_not(entry))
        for month in sorted(posted):
            for entry in posted[month]:
                if entry.reversal:
                    self._take_back(entry)
            for entry in sorted((e for e in posted[month] if not e.reversal), key=_canonical):
                self._count(entry)
        return tuple(self._lines[entry] for entry in self.register.entries)

    def _eligible(self, entry: Entry) -> bool:
        return entry.status == layout.PASSED and entry not in self.checked.refused

    def _why_not(self, entry: Entry) -> Codes:
        if entry.status == layout.REJECTED:
            return ("I005",)
        codes = self.checked.refused.get(entry, ())
        return (*codes, "I001") if entry.status == layout.PENDING else codes

    def _take_back(self, entry: Entry) -> None:
        """冲销: minus what the named entries counted; from here on they used no cap, 就高, 限次 or 逐次 place."""
        given = 0
        for target in self.checked.taken_back[entry]:
            line = self._lines[target]
            given += line.counted
            if target.rule is None or not self._eligible(target):
                continue
            for limit in _limits(target, target.rule, line.raw):
                self._charged[limit.key] -= line.counted
            key = _rule_key(target, target.rule)
            self._places[key] -= 1
            self._scorings[key] -= line.counted > 0
        self._lines[entry] = Line(entry, -given, -given, ())

    def _count(self, entry: Entry) -> None:
        rule = entry.rule
        if rule is None:
            raise ValueError(f"an eligible entry has a rule: {entry.place}")
        key = _rule_key(entry, rule)
        raw = _raw(entry, rule, self._places[key])
        self._places[key] += 1
        if rule.times is not None and self._scorings[key] >= rule.times:
            words = f"规则 {rule.code} 每{rule.cap_period}限计 {rule.times} 次，次数已满"
            self._post(entry, raw, 0, [("I004", words)] if raw else [])
            return
        limits = list(_limits(entry, rule, raw))
        left = [max(0, limit.most - self._charged[limit.key]) for limit in limits]
        counted = min([raw, *left])
        cuts = [
            (limit.code, limit.words)
            for limit, rest in zip(limits, left, strict=True)
            if counted < raw and rest == counted
        ]
        for limit in limits:
            self._charged[limit.key] += counted
        self._scorings[key] += counted > 0
        self._post(entry, raw, counted, cuts)

    def _post(self, entry: Entry, raw: Points, counted: Points, cuts: list[tuple[str, str]]) -> None:
        """Keep the line, and say in words on its row why it counts less than it claims."""
        why = tuple(sorted({code for code, _ in cuts}))
        self._lines[entry] = Line(entry, raw, counted, why)
        name = f"{entry.member.name}：" if entry.is_attendance and entry.member else ""
        place = Place(entry.place.sheet, entry.place.row, entry.columns.get(entry.attendance or "规则", 0))
        for code in why:
            reasons = "；".join(dict.fromkeys(words for cut, words in cuts if cut == code))
            message = f"{name}原始 {points_text(raw)} 分，计入 {points_text(counted)} 分：{reasons}"
            self.findings.append(Finding(code, place, message, "无需修改"))


def _raw(entry: Entry, rule: Rule, earlier: int) -> Points:
    """What an entry claims before any limit; ``earlier`` eligible entries of its rule came before in the period."""
    if rule.ceiling is not None:
        return entry.claimed or 0
    if rule.ladder:
        return rule.ladder[min(earlier, len(rule.ladder) - 1)]
    quantity = _quantity(entry)
    if quantity < rule.at_least:
        return 0
    units = quantity / rule.per
    if rule.rounding == layout.DOWN:
        units = Fraction(math.floor(units))
    elif rule.rounding == layout.UP:
        units = Fraction(math.ceil(units))
    return round_points(rule.points * units)


def _quantity(entry: Entry) -> Fraction:
    return Fraction(1) if entry.quantity is None else entry.quantity


def _canonical(entry: Entry) -> tuple[object, ...]:
    """The order in which the entries of a month are counted, whatever the order of their rows."""
    rule = entry.rule
    if rule is None or entry.day is None:
        raise ValueError(f"an eligible entry has a rule and a day: {entry.place}")
    matter = squeeze(entry.matter)
    return (
        entry.day,
        rule.order,
        0 if rule.ladder else -_raw(entry, rule, 0),
        -_quantity(entry),
        not matter,
        matter,
        squeeze(entry.reason),
        entry.is_attendance,
        entry.place.row,
    )


def _limits(entry: Entry, rule: Rule, raw: Points) -> Iterator[Limit]:
    """Every bound on an entry: the rule's cap, and each of its groups."""
    if rule.cap is not None:
        words = f"规则 {rule.code} 每{rule.cap_period}最多计 {points_text(rule.cap)} 分"
        yield Limit(_rule_key(entry, rule), rule.cap, "I002", words)
    for group in rule.groups:
        if group.way == layout.CAP and group.cap is not None:
            words = f"计分组“{group.name}”每{group.period}最多计 {points_text(group.cap)} 分"
            yield Limit((group, entry.member, _span(entry, group.period)), group.cap, "I002", words)
        elif group.way == layout.HIGHEST:
            by_matter = group.period == layout.PER_MATTER
            if by_matter and not entry.matter:
                continue
            span = squeeze(entry.matter) if by_matter else _span(entry, group.period)
            within = f"同一事项“{entry.matter}”" if by_matter else f"每{group.period}"
            words = f"计分组“{group.name}”{within}就高不重复，已按高的一项计过"
            yield Limit((group, entry.member, span), raw, "I003", words)


def _rule_key(entry: Entry, rule: Rule) -> Key:
    """What one rule counts together for one member: cap, ladder and 限次 share the 封顶周期."""
    return rule, entry.member, _span(entry, rule.cap_period)


def _span(entry: Entry, period: str) -> Hashable:
    """The period an entry falls in: 日 by its date, the others by its posting month; the year is the cycle."""
    if period == layout.PER_DAY:
        return entry.day
    if period == layout.PER_MONTH or entry.month is None:
        return entry.month
    return entry.month.quarter if period == layout.PER_QUARTER else None
