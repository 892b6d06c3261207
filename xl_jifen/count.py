"""Counting (计分): what each entry earns, as lines of the ledger.

Lines are counted once, month by month; every quarter and year figure is a fold of those same lines (``score``). The
order inside a month is canonical, so that row order changes no total, and nothing posted in a month changes a month
before it. Scoring §5. Pure: a checked register in, lines and findings out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.catalogue import Code
from xl_jifen.check import Checked
from xl_jifen.finding import NOTHING_TO_DO, Finding, Findings
from xl_jifen.grid import Place, squeeze
from xl_jifen.period import Month
from xl_jifen.register import Codes, Entry, Group, Line, Points, Register, Rule, points_text, round_points
from xl_jifen.typed import NamedTuple, TypeAlias, new_record

Key: TypeAlias = tuple[Hashable, ...]
"""What shares a cap, a 就高, a ladder or a 限次: the rule or group, the member, and the period."""


Spans: TypeAlias = dict[str, Hashable]
"""The periods (日 月 季 年) an entry falls in: the day by its date, the others by its posting month."""


class Bound(NamedTuple):
    """One bound on what the entries of a rule may earn: whose it is, in which period, and how much at most.

    ``most`` is None for 就高, which leaves an entry as much as it claims.
    """

    of: Rule | Group
    period: str
    most: Points | None


def count(register: Register, checked: Checked) -> tuple[tuple[Line, ...], Findings]:
    """The lines of all entries, in the order of the register, and findings that explain what was cut (I002–I004)."""
    counter = _Counter(register, checked)
    return counter.run(), counter.findings


class _Counter:
    def __init__(self, register: Register, checked: Checked) -> None:
        self.register = register
        self.checked = checked
        self.findings = Findings()
        self._lines: dict[Entry, Line] = {}
        self._charged: dict[Key, Points] = defaultdict(int)
        self._places: dict[Key, int] = defaultdict(int)  # asked of rules with 逐次分值 only
        self._amounts: dict[Key, Fraction] = defaultdict(Fraction)  # these two of rules with 累计 only
        self._earned: dict[Key, Points] = defaultdict(int)
        self._scorings: dict[Key, int] = defaultdict(int)  # asked of rules with 限次 only
        self._claims: dict[tuple[Rule, Fraction | None], Points] = {}
        self._bounds = {rule: _bounds(rule) for rule in register.rules}

    def run(self) -> tuple[Line, ...]:
        posted: dict[Month, list[Entry]] = defaultdict(list)
        for entry in self.register.entries:
            if entry.month and self._eligible(entry):
                posted[entry.month].append(entry)
            else:
                self._lines[entry] = Line(entry, 0, 0, self._why_not(entry))
        for month in sorted(posted):
            spans = _spans(None, month)
            for entry in posted[month]:
                if entry.reversal:
                    self._take_back(entry)
            for day, rule, entries in self._in_order(posted[month]):
                spans[layout.PER_DAY] = day
                count = self._count_in_place if rule.by_place else self._count
                for entry in entries:
                    count(entry, rule, spans)
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
        lines = tuple(self._lines[target] for target in self.checked.taken_back[entry])
        for line in lines:
            target = line.entry
            rule, month = target.rule, target.month
            if rule is None or month is None or not self._eligible(target):
                continue
            spans = _spans(target.day, month)
            for limit, _, _ in self._limits(target, rule, spans):
                self._charged[limit] -= line.counted
            key = _rule_key(target, rule, spans)
            self._places[key] -= 1
            self._scorings[key] -= line.counted > 0
            self._amounts[key] -= _quantity(target)
            self._earned[key] -= line.raw
        given = sum(line.counted for line in lines)
        self._lines[entry] = Line(entry, -given, -given, (), lines)

    def _in_order(self, entries: Iterable[Entry]) -> Iterator[tuple[date, Rule, list[Entry]]]:
        """The order in which the entries of a month are counted, whatever the order of their rows: by day and rule.

        Then by what they claim and say; but only among the entries of one member, for others share no limit.
        """
        alike: dict[tuple[date, Rule], list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.rule is None or entry.day is None:
                raise ValueError(f"an eligible entry has a rule and a day: {entry.place}")
            if not entry.reversal:
                alike[entry.day, entry.rule].append(entry)
        for day, rule in sorted(alike, key=lambda key: (key[0], key[1].order)):
            found = alike[day, rule]
            if len({entry.member for entry in found}) < len(found):
                found.sort(key=lambda entry: self._precedence(entry, rule))
            yield day, rule, found

    def _precedence(self, entry: Entry, rule: Rule) -> tuple[object, ...]:
        """What decides between the entries of one day and rule; of rows alike in all of it only one counts (E601)."""
        return (
            -self._claim(entry, rule),
            -1 if entry.quantity is None else -entry.quantity,
            not entry.matter,
            entry.matter,
            entry.reason,
        )

    def _count(self, entry: Entry, rule: Rule, spans: Spans) -> None:
        raw = self._claim(entry, rule)
        self._charge(entry, rule, raw, raw, spans)

    def _count_in_place(self, entry: Entry, rule: Rule, spans: Spans) -> None:
        """逐次分值, 累计 and 限次: what came before decides what an entry claims, or whether it counts at all."""
        key = _rule_key(entry, rule, spans)
        if rule.ladder:
            raw = highest = rule.ladder[min(self._places[key], len(rule.ladder) - 1)]
            self._places[key] += 1
        elif rule.cumulative:
            self._amounts[key] += _quantity(entry)
            highest = _worth(rule, self._amounts[key])
            raw = max(0, highest - self._earned[key])
            self._earned[key] += raw
        else:
            raw = highest = self._claim(entry, rule)
        if rule.times is not None and self._scorings[key] >= rule.times:
            words = f"规则 {rule.code} 每{rule.cap_period}限计 {rule.times} 次，次数已满"
            self._post(entry, raw, 0, [("I004", words)] if raw else [])
            return
        counted = self._charge(entry, rule, raw, highest, spans)
        if rule.times is not None:
            self._scorings[key] += counted > 0

    def _charge(self, entry: Entry, rule: Rule, raw: Points, highest: Points, spans: Spans) -> Points:
        """Count what every bound leaves of ``raw``; ``highest`` is the most 就高 leaves."""
        limits, charged, counted = self._limits(entry, rule, spans), self._charged, raw
        for key, most, _ in limits:
            left = (highest if most is None else most) - charged[key]
            if left < counted:
                counted = max(0, left)
        if counted == raw:
            self._lines[entry] = new_record(Line, (entry, raw, raw, (), ()))
        else:
            known = [(of, highest if most is None else most, charged[key]) for key, most, of in limits]
            cuts = [_cut(of, most, entry) for of, most, used in known if max(0, most - used) == counted]
            self._post(entry, raw, counted, cuts)
        for key, _, _ in limits:
            charged[key] += counted
        return counted

    def _limits(self, entry: Entry, rule: Rule, spans: Spans) -> list[tuple[Key, Points | None, Rule | Group]]:
        """Every bound on an entry: its key, and what :class:`Bound` has."""
        member, matter = entry.member, entry.matter
        return [
            ((of, member, squeeze(matter) if period == layout.PER_MATTER else spans[period]), most, of)
            for of, period, most in self._bounds[rule]
            if matter or period != layout.PER_MATTER
        ]

    def _claim(self, entry: Entry, rule: Rule) -> Points:
        """What an entry claims before any limit; with 逐次分值 and 累计 all claim alike, for their place gives it."""
        if rule.ceiling is not None:
            return entry.claimed or 0
        if rule.cumulative:
            return 0
        key = rule, entry.quantity
        if key not in self._claims:
            self._claims[key] = _worth(rule, _quantity(entry))
        return self._claims[key]

    def _post(self, entry: Entry, raw: Points, counted: Points, cuts: list[tuple[Code, str]]) -> None:
        """Keep the line, and say in words on its row why it counts less than it claims."""
        if not cuts:
            self._lines[entry] = Line(entry, raw, counted, ())
            return
        why = tuple(sorted({code for code, _ in cuts}))
        self._lines[entry] = Line(entry, raw, counted, why)
        name = f"{entry.member.shown}：" if (entry.attendance or entry.shared) and entry.member else ""
        place = Place(entry.place.sheet, entry.place.row, entry.columns.get(entry.attendance or layout.RULE, 0))
        for code in why:
            reasons = "；".join(dict.fromkeys(words for cut, words in cuts if cut == code))
            message = f"{name}原始 {points_text(raw)} 分，计入 {points_text(counted)} 分：{reasons}"
            self.findings.append(Finding(code, place, message, NOTHING_TO_DO))


def _quantity(entry: Entry) -> Fraction:
    return Fraction(1) if entry.quantity is None else entry.quantity


def _worth(rule: Rule, quantity: Fraction) -> Points:
    """f(数量) of §5: the 分档 reached, or 分值 × what is beyond 免计数量 ÷ 每, rounded; 0 below 起算数量."""
    if rule.steps:
        return next((points for threshold, points in reversed(rule.steps) if threshold <= quantity), 0)
    if quantity < rule.at_least:
        return 0
    units = max(quantity - rule.free, Fraction(0)) / rule.per
    if rule.rounding == layout.DOWN:
        units = Fraction(math.floor(units))
    elif rule.rounding == layout.UP:
        units = Fraction(math.ceil(units))
    return round_points(rule.points * units)


def _spans(day: date | None, month: Month) -> Spans:
    return {
        layout.PER_DAY: day,
        layout.PER_MONTH: month,
        layout.PER_QUARTER: month.quarter,
        layout.PER_YEAR: None,  # the year is the cycle
    }


def _rule_key(entry: Entry, rule: Rule, spans: Spans) -> Key:
    """What one rule counts together for one member: cap, ladder and 限次 share the 封顶周期."""
    return rule, entry.member, spans[rule.cap_period]


def _bounds(rule: Rule) -> list[Bound]:
    """The rule's cap, and each of its groups."""
    bounds = [] if rule.cap is None else [Bound(rule, rule.cap_period, rule.cap)]
    return bounds + [Bound(g, g.period, g.cap if g.way == layout.CAP else None) for g in rule.groups]


def _cut(by: Rule | Group, most: Points, entry: Entry) -> tuple[Code, str]:
    """Code and words for an entry that a bound cuts."""
    if isinstance(by, Rule):
        return "I002", f"规则 {by.code} 每{by.cap_period}最多计 {points_text(most)} 分"
    if by.way == layout.CAP:
        return "I002", f"计分组“{by.name}”每{by.period}最多计 {points_text(most)} 分"
    within = f"同一事项“{entry.matter}”" if by.period == layout.PER_MATTER else f"每{by.period}"
    return "I003", f"计分组“{by.name}”{within}就高不重复，已按高的一项计过"
