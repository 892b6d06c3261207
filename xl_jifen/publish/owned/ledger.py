"""What 积分台账 says: a row a member with months, quarters and year as far as they are over, and the 党小组.

Decides which figures are plain arithmetic over 计分明细, so that a formula may say them; ``excel/draw/ledger`` writes
the formulas. Pure: the day is an argument.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.derive.so_far import SoFar, Standing
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.figures import decimal
from xl_jifen.register import Ledger, Member, Points, Score, points_text, round_points
from xl_jifen.score import PartyGroup, party_groups


class Figures(NamedTuple):
    """A member's figures in a period; ``score`` is None where the member does not belong to it.

    ``reckoned``: the score is what 基础分 (``base``), bonuses and deductions, or quarters, give by arithmetic, so a
    formula may say it; otherwise it is a plain value and the remark says why.
    """

    bonus: Decimal
    deduction: Decimal
    base: Decimal | None
    score: Decimal | None
    reckoned: bool


class Quarter(NamedTuple):
    """A quarter's columns: its name, ``until`` when if it is not over, and the sheets of its months that are over."""

    words: str
    until: str
    months: tuple[str, ...]


class Latest(NamedTuple):
    """The last period of 公示周期 that is over: its name, and what its score is made of.

    That is the year, or the quarters of these positions, or (there being none) base and these months.
    """

    words: str
    is_year: bool
    quarters: tuple[int, ...]
    months: tuple[str, ...]


class Balance(NamedTuple):
    """What a member may still exchange: ``left`` of what was carried over, earned and not yet spent."""

    carried: Decimal
    spent: Decimal
    left: Decimal
    reckoned: bool


class LedgerRow(NamedTuple):
    """A row of 积分台账: ``months`` are net points of the months begun; ``rank`` and ``grade`` those of the latest."""

    key: int
    code: str
    name: str
    latest: Figures | None
    rank: int | None
    grade: str
    kind: str
    group: str
    base: Decimal | None
    months: tuple[Decimal, ...]
    quarters: tuple[Figures, ...]
    year: Figures | None
    year_rank: int | None
    year_grade: str
    balance: Balance | None
    remark: str


class GroupRow(NamedTuple):
    """A 党小组 in the latest period; ``rows`` are the positions of its members in the table."""

    name: str
    members: int
    sum: Decimal
    mean: Decimal
    rank: int
    rows: tuple[int, ...]


class LedgerTable(NamedTuple):
    """积分台账.

    ``months`` and ``names`` are all of the cycle's months and quarters, of which the first ``len(row.months)`` and
    ``len(quarters)`` have figures; ``until`` is 截至… while the year is not over.
    """

    title: str
    months: tuple[str, ...]
    names: tuple[str, ...]
    quarters: tuple[Quarter, ...]
    latest: Latest | None
    until: str
    yearly: str
    floor: Decimal | None
    ceiling: Decimal | None
    rows: tuple[LedgerRow, ...]
    groups: tuple[GroupRow, ...]


def ledger_table(ledger: Ledger, now: SoFar) -> LedgerTable:
    """积分台账 as it stands by then."""
    settings, cycle = ledger.register.settings, ledger.register.settings.cycle
    title = f"{settings.branch}{layout.LEDGER_SHEET}"
    yearly = settings.yearly
    floor, ceiling = (None if points is None else decimal(points) for points in (settings.floor, settings.ceiling))
    if cycle is None:
        return LedgerTable(title, (), (), (), None, "", yearly, floor, ceiling, (), ())
    told = _Told(ledger, cycle, now)
    members = [member for member in ledger.register.members if member.ever_scored]
    groups = told.groups()
    return LedgerTable(
        title=f"{title}（{cycle.start} 至 {cycle.end}）",
        months=tuple(month.sheet for month in cycle.months),
        names=tuple(told.names.values()),
        quarters=tuple(told.quarter(standing) for standing in told.now.quarters),
        latest=told.latest,
        until="" if told.now.year and told.now.year.over else told.now.words,
        yearly=yearly,
        floor=floor,
        ceiling=ceiling,
        rows=tuple(map(told.row, members)),
        groups=tuple(
            GroupRow(
                group.name,
                group.members,
                decimal(group.sum),
                decimal(group.mean),
                group.rank,
                tuple(n for n, member in enumerate(members) if told.is_counted_in(member, group.name)),
            )
            for group in groups
        ),
    )


class _Told:
    """A ledger on a day, with what its rows ask for by member."""

    def __init__(self, ledger: Ledger, cycle: Cycle, now: SoFar) -> None:
        self._ledger, self._cycle, self.now = ledger, cycle, now
        self._settings = ledger.register.settings
        self._sums: dict[tuple[Member, Month, str], Points] = defaultdict(int)
        for line in ledger.lines:
            if line.entry.member and line.entry.rule and line.entry.month:
                self._sums[line.entry.member, line.entry.month, line.entry.rule.kind] += line.counted
        self._scores = {standing.period: _by_member(standing) for standing in (*now.quarters, now.year) if standing}
        self._latest = _by_member(now.latest) if now.latest else {}
        self._left = {score.member: score.balance for score in ledger.year if score.balance is not None}
        self._spent: dict[Member, Points] = defaultdict(int)
        for each in ledger.exchanges:
            if each.exchange.member:
                self._spent[each.exchange.member] += each.taken
        once = len({quarter.short for quarter in cycle.quarters}) == len(cycle.quarters)
        self.names = {quarter: quarter.short if once else quarter.words for quarter in cycle.quarters}

    def quarter(self, standing: Standing) -> Quarter:
        months = tuple(month.sheet for month in standing.months)
        return Quarter(self.names[standing.period], "" if standing.over else self.now.words, months)

    @cached_property
    def latest(self) -> Latest | None:
        """What the score of the latest period is made of."""
        if self.now.latest is None:
            return None
        period, months = self.now.latest.period, self.now.latest.months
        own = [n for n, quarter in enumerate(self._cycle.quarters) if quarter in self._cycle.quarters_of(period)]
        running = self._settings.yearly == layout.RUNNING
        if period.is_year or period.length == 1:
            own = []
        elif running:
            own = own[-1:] if self._cycle.months_of(self._cycle.quarters[own[-1]])[-1] == months[-1] else []
        if running:
            months = self._cycle.months[: self._cycle.months.index(months[-1]) + 1]
        words = self.names.get(period, "年度" if period.is_year else self._cycle.short(period))
        return Latest(words, period.is_year, tuple(own), tuple(month.sheet for month in months))

    def groups(self) -> tuple[PartyGroup, ...]:
        if self.now.latest is None:
            return ()
        scores = self._ledger._replace(scores=self.now.latest.scores)
        return party_groups(scores, self.now.latest.period)

    def is_counted_in(self, member: Member, group: str) -> bool:
        """Whether the member is one of that 党小组 in the latest period."""
        score = self._latest.get(member)
        return score is not None and score.standing.group == group and score.standing.is_member

    def row(self, member: Member) -> LedgerRow:
        quarters = {standing.period: self._scores[standing.period].get(member) for standing in self.now.quarters}
        year = self._scores[self._cycle.year].get(member) if self.now.year else None
        latest = self._latest.get(member)
        bases = [score.base for score in (*quarters.values(), year) if score and score.base is not None]
        base = bases[-1] if bases else None
        figures = list(self._quarters(member, quarters))
        total = self._year(year, quarters) if year else None
        known = latest or year
        shown = known.standing if known else member.on(self.now.until or self._cycle.start)
        over = self.now.year is not None and self.now.year.over
        return LedgerRow(
            key=member.order + 1,
            code=member.code,
            name=member.name,
            latest=self._of_latest(member, latest, quarters) if latest else None,
            rank=latest.rank if latest else None,
            grade=(latest.grade or "") if latest else "",
            kind=shown.kind,
            group=shown.group,
            base=None if base is None else decimal(base),
            months=tuple(decimal(self._net(member, [month])) for month in self.now.begun),
            quarters=tuple(figures),
            year=total,
            year_rank=year.rank if year and over else None,
            year_grade=(year.grade or "") if year and over else "",
            balance=self._balance(member),
            remark="；".join(self._remarks(member, latest, quarters, year if over else None, base, figures, total)),
        )

    def _balance(self, member: Member) -> Balance | None:
        left = self._left.get(member)
        if left is None:
            return None
        spent = self._spent[member]
        whole = max(0, member.carried + self._net(member, self._cycle.months) - spent)
        return Balance(decimal(member.carried), decimal(spent), decimal(left), left == whole)

    def _sum(self, member: Member, months: Iterable[Month], kind: str) -> Points:
        return sum(self._sums.get((member, month, kind), 0) for month in months)

    def _net(self, member: Member, months: Sequence[Month]) -> Points:
        return self._sum(member, months, layout.BONUS) - self._sum(member, months, layout.DEDUCTION)

    def _quarters(self, member: Member, scores: Mapping[Period, Score | None]) -> Iterator[Figures]:
        running = 0
        for standing in self.now.quarters:
            net = self._net(member, standing.months)
            running = net + (running if self._settings.yearly == layout.RUNNING else 0)
            score = scores[standing.period]
            bonus, deduction = (self._sum(member, standing.months, kind) for kind in (layout.BONUS, layout.DEDUCTION))
            yield _figures(bonus, deduction, score, score is not None and self._is_sum(score, running))

    def _is_sum(self, score: Score, points: Points) -> bool:
        """Whether the score is its base and these points, within 最低分 and 最高分."""
        if score.base is None or score.vetoed:
            return False
        floor, ceiling = self._settings.floor, self._settings.ceiling
        total = score.base + points
        total = total if ceiling is None else min(total, ceiling)
        return score.score == (total if floor is None else max(total, floor))

    def _year(self, year: Score, quarters: Mapping[Period, Score | None]) -> Figures:
        return _figures(year.bonus, year.deduction, year, self._is_made_of(year, list(quarters.values())))

    def _is_made_of(self, score: Score, quarters: Sequence[Score | None]) -> bool:
        """Whether the score is the last quarter's, or the mean or sum of those the member belongs to."""
        own = [quarter.score for quarter in quarters if quarter]
        if not own:
            return False
        if self._settings.yearly == layout.RUNNING or len(quarters) == 1:
            return quarters[-1] is not None and score.score == own[-1]
        whole = round_points(Fraction(sum(own), len(own))) if self._settings.yearly == layout.MEAN else sum(own)
        return not score.vetoed and score.score == whole

    def _of_latest(self, member: Member, score: Score, quarters: Mapping[Period, Score | None]) -> Figures:
        made = self.latest
        assert made is not None, "there is a score of it"
        if made.is_year:
            reckoned = True
        elif made.quarters:
            reckoned = self._is_made_of(score, [quarters[self._cycle.quarters[position]] for position in made.quarters])
        else:
            months = [month for month in self._cycle.months if month.sheet in made.months]
            reckoned = self._is_sum(score, self._net(member, months))
        return _figures(score.bonus, score.deduction, score, reckoned)

    def _remarks(
        self,
        member: Member,
        latest: Score | None,
        quarters: Mapping[Period, Score | None],
        year: Score | None,
        base: Points | None,
        figures: Sequence[Figures],
        total: Figures | None,
    ) -> Iterator[str]:
        """The last remark, and whatever a reader who checks the row would otherwise stumble over."""
        if member.faults:
            yield "名册中此行有误，改正后才计分"
            return
        told = year or latest
        if told and told.remark:
            yield told.remark
        vetoed = [self.names[quarter] for quarter, score in quarters.items() if score and score.vetoed]
        if vetoed and not (told and told.vetoed):
            yield f"{'、'.join(vetoed)}{layout.VETO}"
        absent = [self.names[quarter] for quarter, score in quarters.items() if score is None]
        if absent:
            yield f"{'、'.join(absent)}不计分"
        for quarter, score in quarters.items():
            if score and score.base is not None and score.base != base:
                yield f"{self.names[quarter]}基础分{points_text(score.base)}"
        given = [
            self.names[quarter]
            for quarter, figure in zip(quarters, figures, strict=True)
            if figure.score is not None and not figure.reckoned
        ]
        if total and total.score is not None and not total.reckoned:
            given.append("年度")
        if given:
            yield f"{'、'.join(given)}积分为核定数，不由公式算出"


def _by_member(standing: Standing) -> dict[Member, Score]:
    return {score.member: score for score in standing.scores}


def _figures(bonus: Points, deduction: Points, score: Score | None, reckoned: bool) -> Figures:
    base = score.base if score else None
    return Figures(
        decimal(bonus),
        decimal(deduction),
        None if base is None else decimal(base),
        None if score is None else decimal(score.score),
        reckoned,
    )
