"""Scores (核算): folds the lines of the ledger into each member's periods, with vetoes, ranks and grades.

Scoring §3, §6–§8. Pure: a checked register in, a ledger and findings out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache, partial
from itertools import groupby

from xl_jifen import layout
from xl_jifen.ballot import carried
from xl_jifen.check import Checked
from xl_jifen.count import count
from xl_jifen.exchange import settle
from xl_jifen.finding import Findings
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import (
    Band,
    Ledger,
    Line,
    Member,
    Points,
    Register,
    Rule,
    Score,
    Settings,
    Standing,
    Vote,
    round_points,
)
from xl_jifen.typed import NamedTuple

VETOED = layout.VETO
OVER_QUOTA = "超出比例，建议支委会研究"


def score(register: Register, checked: Checked) -> tuple[Ledger, Findings]:
    """Count every entry once and fold the scores; the findings explain what was cut or refused (I002–I004, E406)."""
    lines, findings = count(register, checked)
    votes = tuple(
        Vote(ballot, ballot not in checked.refused and carried(ballot))
        for ballot in register.ballots
        if ballot.member and ballot.rule
    )
    exchanges, balances, refusals = settle(register, lines)
    ledger = Ledger(register, lines, votes, (), exchanges)
    cycle = register.settings.cycle
    if cycle:
        ledger = with_periods(ledger, (*cycle.quarters, cycle.year))
    if cycle and balances:
        final = (cycle.quarters[-1], cycle.year)
        scores = (s._replace(balance=balances[s.member]) if s.period in final else s for s in ledger.scores)
        ledger = ledger._replace(scores=tuple(scores))
    findings += refusals
    return ledger, findings


def with_periods(ledger: Ledger, periods: Iterable[Period]) -> Ledger:
    """The ledger with the scores of these periods of its cycle too, by the period's end, the shorter first."""
    cycle = ledger.register.settings.cycle
    wanted = dict.fromkeys(periods).keys() - {score.period for score in ledger.scores}
    if cycle is None or not wanted:
        return ledger
    fold = _Fold(ledger.register, cycle, ledger.lines, ledger.votes)
    more = [score for period in wanted for score in _listing(ledger.register, period, fold.period(period))]
    return ledger._replace(scores=tuple(sorted((*ledger.scores, *more), key=lambda score: score.period)))


def reference_day(settings: Settings, cycle: Cycle, period: Period) -> date:
    """The day that decides who belongs to a period (在册口径); the year's is its last quarter's."""
    first, last = cycle.span(cycle.quarters[-1] if period.is_year else period)
    return last if settings.reference == layout.AT_END else first


class _Figure(NamedTuple):
    """One member's figures in one period, before rank and grade."""

    member: Member
    standing: Standing
    base: Points | None
    bonus: Points
    deduction: Points
    score: Points
    total: Points
    vetoes: tuple[Rule, ...]


class _Fold:
    """Sums of lines by member, kind and month, and what follows from them."""

    def __init__(self, register: Register, cycle: Cycle, lines: Iterable[Line], votes: Iterable[Vote]) -> None:
        self.register, self.settings, self.cycle = register, register.settings, cycle
        self._sums: dict[tuple[Member, str], dict[Month, Points]] = defaultdict(lambda: defaultdict(int))
        for line in lines:
            entry = line.entry
            if line.counted and entry.member and entry.rule and entry.month:
                self._sums[entry.member, entry.rule.kind][entry.month] += line.counted
        self._bases: dict[tuple[str, date], Points] = {}
        self._base_rules = [rule for rule in register.rules if rule.kind == layout.BASE and not rule.faults]
        self._vetoes: dict[Member, list[tuple[date, Rule]]] = defaultdict(list)
        for vote in votes:
            ballot = vote.ballot
            if vote.passed and ballot.member and ballot.rule and ballot.day:
                self._vetoes[ballot.member].append((ballot.day, ballot.rule))
        self._known: dict[tuple[Member, Period], _Figure] = {}
        self._day = cache(partial(reference_day, self.settings, cycle))
        self._months = cache(cycle.months_of)
        self._before = cache(lambda period: tuple(month for month in cycle.months if month < self._months(period)[0]))

    def members(self, period: Period) -> list[Member]:
        """The scored members who belong to a period, in roster order."""
        return [member for member in self.register.members if self._belongs(member, period)]

    def _belongs(self, member: Member, period: Period) -> bool:
        day = self._day(period)
        return not member.faults and member.on_roster(day) and member.on(day).scored

    def period(self, period: Period) -> list[_Figure]:
        """The figures of a period of the cycle, for those who belong to it."""
        running = self.settings.yearly == layout.RUNNING
        figure = self._made_of_quarters if period.length > 3 and not running else self._own_figure
        return [figure(member, period) for member in self.members(period)]

    def _own_figure(self, member: Member, period: Period) -> _Figure:
        """Base and lines: from the cycle's start under 年度累计, of the period itself otherwise (§6)."""
        if (member, period) in self._known:
            return self._known[member, period]
        own = self._months(period)
        bonus, deduction = self._sum(member, layout.BONUS, own), self._sum(member, layout.DEDUCTION, own)
        base = self._base(member, period)
        total = base + bonus - deduction
        if self.settings.yearly == layout.RUNNING:
            before = self._before(period)
            total += self._sum(member, layout.BONUS, before) - self._sum(member, layout.DEDUCTION, before)
        vetoes = self._vetoes_in(member, period)
        standing = member.on(self._day(period))
        figure = _Figure(member, standing, base, bonus, deduction, _vetoed(self._clamped(total), vetoes), total, vetoes)
        self._known[member, period] = figure
        return figure

    def _made_of_quarters(self, member: Member, period: Period) -> _Figure:
        """A half-year or the year under 季度平均 and 季度求和: of the quarters to which the member belongs (§6)."""
        own = self._months(period)
        quarters = self.cycle.quarters_of(period)
        scores = [self._own_figure(member, quarter).score for quarter in quarters if self._belongs(member, quarter)]
        total = sum(scores)
        if self.settings.yearly == layout.MEAN:
            total = round_points(Fraction(total, len(scores)))
        to_end = self.settings.veto_scope == layout.TO_CYCLE_END
        vetoes = self._vetoes_in(member, quarters[-1]) if to_end else ()
        bonus, deduction = self._sum(member, layout.BONUS, own), self._sum(member, layout.DEDUCTION, own)
        standing = member.on(self._day(period))
        return _Figure(member, standing, None, bonus, deduction, _vetoed(total, vetoes), total, vetoes)

    def _sum(self, member: Member, kind: str, months: Iterable[Month]) -> Points:
        sums = self._sums.get((member, kind))
        return sum([sums[month] for month in months if month in sums]) if sums else 0

    def _base(self, member: Member, period: Period) -> Points:
        """个人基础分 as it stands, else the base rules in force that apply, pro rata for joiners where set (§3)."""
        day = self._day(period)
        standing = member.on(day)
        if standing.own_base is not None:
            return standing.own_base
        key = standing.category, day
        if (total := self._bases.get(key)) is None:
            applying = [r for r in self._base_rules if r.in_force(day) and r.covers(standing.category)]
            total = self._bases[key] = sum(rule.points for rule in applying)
        if self.settings.joiner_base == layout.FULL or member.joined is None:
            return total
        running = self.settings.yearly == layout.RUNNING
        months = self.cycle.months if running else self._months(period)
        present = sum(1 for month in months if self.cycle.month_end(month) >= member.joined)
        return round_points(Fraction(total * present, len(months)))

    def _clamped(self, points: Points) -> Points:
        floor, ceiling = self.settings.floor, self.settings.ceiling
        if floor is not None and points < floor:
            return floor
        return ceiling if ceiling is not None and points > ceiling else points

    def _vetoes_in(self, member: Member, period: Period) -> tuple[Rule, ...]:
        """The passed vetoes that act on a period: those up to its end, with 当季 only those of its (last) quarter."""
        if member not in self._vetoes:
            return ()
        to_end = self.settings.veto_scope == layout.TO_CYCLE_END
        last = self._months(period)[-1]
        return tuple(
            rule
            for day, rule in self._vetoes[member]
            if (month := Month.of(day)) <= last and (to_end or month.quarter == last.quarter)
        )


def _vetoed(points: Points, vetoes: Iterable[Rule]) -> Points:
    """A score after its vetoes: 清零 and 不超过 lower it, 不合格 leaves it; all apply (§7)."""
    for rule in vetoes:
        if rule.consequence == layout.TO_ZERO:
            points = min(points, 0)
        elif rule.consequence == layout.CEILING:
            points = min(points, rule.points)
    return points


def _listing(register: Register, period: Period, figures: list[_Figure]) -> list[Score]:
    """The scores of one period with rank, grade and remark, in listing order; the vetoed stand last (§8).

    The figures come in roster order, which is that of ties. 入党积极分子 and 发展对象 follow in a list of their own.
    """
    members = [figure for figure in figures if figure.standing.is_member]
    others = [figure for figure in figures if not figure.standing.is_member]
    grades, over = _grades(register, period, members)
    return [*_listed(register, period, members, grades, over), *_listed(register, period, others, {}, set())]


def _listed(
    register: Register, period: Period, figures: list[_Figure], grades: Mapping[Member, str], over: set[Member]
) -> list[Score]:
    settings = register.settings
    ranks = _ranks(settings, [figure.score for figure in figures if not figure.vetoes])
    remarks = dict.fromkeys(over, OVER_QUOTA)
    scores = [
        Score(
            member=figure.member,
            period=period,
            standing=figure.standing,
            base=figure.base,
            bonus=figure.bonus,
            deduction=figure.deduction,
            score=figure.score,
            total=figure.total,
            rank=None if figure.vetoes else ranks[figure.score],
            grade=grades.get(figure.member),
            vetoed=bool(figure.vetoes),
            remark=VETOED if figure.vetoes else remarks.get(figure.member, ""),
        )
        for figure in figures
    ]
    by_score = settings.listing == layout.BY_SCORE
    return sorted(scores, key=lambda s: (s.vetoed, -s.score if by_score else 0))


def _ranks(settings: Settings, points: list[Points]) -> dict[Points, int]:
    """The rank of each score: 1,1,3 (并列跳号) or 1,1,2 (并列不跳号)."""
    descending = sorted(points, reverse=True)
    if settings.ties == layout.DENSE_TIES:
        descending = list(dict.fromkeys(descending))
    ranks: dict[Points, int] = {}
    for rank, value in enumerate(descending, 1):
        ranks.setdefault(value, rank)
    return ranks


def _grades(register: Register, period: Period, figures: list[_Figure]) -> tuple[Mapping[Member, str], set[Member]]:
    """建议等次 of those who get one, and who was moved down because the limited band was full (优秀比例上限)."""
    settings, bands = register.settings, register.bands
    if not bands:
        return {}, set()
    graded = [f for f in figures if settings.grade_probationary or f.standing.kind == layout.FORMAL]
    limited = next((position for position, band in enumerate(bands) if band.limited), None)
    band_of = {figure.member: _band(bands, period, figure, limited) for figure in graded}
    over: set[Member] = set()
    if limited is not None and settings.share is not None:
        places = math.floor(settings.share * _base_number(register, period, len(figures), len(graded)))
        reached = sorted((f for f in graded if band_of[f.member] == limited), key=lambda f: -f.score)
        for _, group in groupby(reached, key=lambda f: f.score):
            tied = [figure.member for figure in group]
            if over or len(tied) > places:
                over.update(tied)
            else:
                places -= len(tied)
        band_of.update((member, min(limited + 1, len(bands) - 1)) for member in over)
    return {member: bands[position].name for member, position in band_of.items()}, over


def _base_number(register: Register, period: Period, belonging: int, graded: int) -> int:
    """Of how many 优秀比例上限 is the share (优秀比例基数, §8)."""
    settings = register.settings
    if settings.share_of == layout.ALL_FORMAL and settings.cycle:
        day = reference_day(settings, settings.cycle, period)
        return sum(1 for m in register.members if m.on_roster(day) and m.on(day).kind == layout.FORMAL)
    return belonging if settings.share_of == layout.ALL_MEMBERS else graded


def base_number(ledger: Ledger, period: Period) -> int:
    """Of how many 优秀比例上限 is the share, in a period whose scores the ledger has."""
    members = [score for score in ledger.of(period) if score.standing.is_member]
    return _base_number(ledger.register, period, len(members), sum(score.grade is not None for score in members))


class PartyGroup(NamedTuple):
    """One 党小组 in a period: how many scored members it has, the sum and mean of their scores, its rank by mean."""

    name: str
    members: int
    sum: Points
    mean: Points
    rank: int


def party_groups(ledger: Ledger, period: Period) -> tuple[PartyGroup, ...]:
    """The 党小组 of a period whose scores the ledger has, by rank (§8): 正式 and 预备党员, vetoed ones too."""
    points: dict[str, list[Points]] = defaultdict(list)
    for score in sorted(ledger.of(period), key=lambda score: score.member.order):
        if score.standing.group and score.standing.is_member:
            points[score.standing.group].append(score.score)
    means = {name: round_points(Fraction(sum(own), len(own))) for name, own in points.items()}
    ranks = _ranks(ledger.register.settings, list(means.values()))
    groups = [PartyGroup(name, len(own), sum(own), means[name], ranks[means[name]]) for name, own in points.items()]
    return tuple(sorted(groups, key=lambda group: group.rank))


def _band(bands: tuple[Band, ...], period: Period, figure: _Figure, limited: int | None) -> int:
    """The position of a member's band before the quota. A vetoed member never gets the limited one."""
    lowest = len(bands) - 1
    if any(rule.consequence in (layout.TO_ZERO, layout.UNQUALIFIED) for rule in figure.vetoes):
        return lowest
    floors = (band.year_floor if period.is_year and band.year_floor is not None else band.floor for band in bands)
    position = next(place for place, floor in enumerate(floors) if floor is None or floor <= figure.score)
    return min(position + 1, lowest) if figure.vetoes and position == limited else position
