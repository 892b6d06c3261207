"""What of a cycle is over on a day, and the scores as they stand by then: nothing to come is shown as a fact.

The workbook goes by whole months, so that it says the same on every day until the next one ends; screens and pages go
by the day. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import groupby

from xl_jifen import layout
from xl_jifen.period import Cycle, Month, Period, until
from xl_jifen.register import Ledger, Score
from xl_jifen.score import VETOED, with_periods
from xl_jifen.typed import NamedTuple


class Standing(NamedTuple):
    """A period and its scores: of all of it, or of its months that are over (then ``over`` is false)."""

    period: Period
    months: tuple[Month, ...]
    scores: tuple[Score, ...]
    over: bool


class SoFar(NamedTuple):
    """A cycle on a day: the months begun, the quarters with a month over, the year, and the latest period to publish.

    ``until`` is the last day of the last month that is over, None while none is; then there are no quarters and no
    ``year``. ``latest`` is the last period of 公示周期 that is over, None while none is.
    """

    begun: tuple[Month, ...]
    until: date | None
    quarters: tuple[Standing, ...]
    year: Standing | None
    latest: Standing | None

    @property
    def words(self) -> str:
        """``截至10月31日``."""
        return until(self.until) if self.until else ""


def so_far(ledger: Ledger, day: date) -> SoFar:
    """How the cycle of the ledger stands on that day; nothing has begun where it has none."""
    cycle = ledger.register.settings.cycle
    if cycle is None:
        return SoFar((), None, (), None, None)
    begun = tuple(month for month in cycle.months if max(cycle.start, month.first) <= day)
    over = tuple(month for month in cycle.months if cycle.month_end(month) < day)
    if not over:
        return SoFar(begun, None, (), None, None)
    last = cycle.month_end(over[-1])
    partial = _up_to(ledger, cycle, last)

    def standing(period: Period) -> Standing:
        months = tuple(month for month in cycle.months_of(period) if month in over)
        whole = months == cycle.months_of(period)
        found = with_periods(ledger, [period]).of(period) if whole else partial(period)
        return Standing(period, months, found, whole)

    shown = tuple(quarter for quarter in cycle.quarters if cycle.months_of(quarter)[0] in over)
    ended = [p for p in cycle.periods(ledger.register.settings.notice_period) if cycle.months_of(p)[-1] in over]
    latest = standing(ended[-1]) if ended else None
    return SoFar(begun, last, tuple(map(standing, shown)), standing(cycle.year), latest)


def _up_to(ledger: Ledger, cycle: Cycle, until: date) -> Callable[[Period], tuple[Score, ...]]:
    """The scores of a period as far as the months up to a day go.

    Under 年度累计 they stand as those of the last month; else they are those of a cycle that ends then.
    """
    settings, clipped = ledger.register.settings, Cycle(cycle.start, until)
    register = ledger.register._replace(settings=settings._replace(cycle=clipped))
    shorter = ledger._replace(register=register, scores=())

    def scores(period: Period) -> tuple[Score, ...]:
        period = clipped.year if period.is_year else period
        return with_periods(shorter, [period]).of(period)

    if settings.yearly != layout.RUNNING:
        return scores
    month = Month.of(until).alone
    standing = with_periods(ledger, [month]).of(month)

    def running(period: Period) -> tuple[Score, ...]:
        own = {score.member: score for score in scores(period)}
        return tuple(
            score._replace(bonus=own[score.member].bonus, deduction=own[score.member].deduction)
            for score in standing
            if score.member in own
        )

    return running


def as_it_stands(ledger: Ledger, cycle: Cycle, day: date) -> Ledger:
    """The ledger as it may be told on that day: what is not over, up to its month; what is to come, not.

    A score of a period that is not over has no rank, no grade and no remark but 一票否决.
    """
    if day > cycle.end:
        return ledger
    lines = tuple(line for line in ledger.lines if line.entry.month is None or line.entry.month.first <= day)
    votes = tuple(vote for vote in ledger.votes if vote.ballot.day and Month.of(vote.ballot.day).first <= day)
    if day < cycle.start:
        return ledger._replace(lines=lines, votes=votes, scores=())
    partial, told = _up_to(ledger, cycle, cycle.up_to(day).end), list[Score]()
    for period, scores in groupby(ledger.scores, key=lambda score: score.period):
        first, last = cycle.span(period)
        if last < day:
            told += scores
        elif first <= day:
            left = {score.member: score.balance for score in scores}
            told += (
                score._replace(
                    period=period,
                    rank=None,
                    grade=None,
                    remark=VETOED if score.vetoed else "",
                    balance=left.get(score.member),
                )
                for score in partial(period)
            )
    return ledger._replace(lines=lines, votes=votes, scores=tuple(told))
