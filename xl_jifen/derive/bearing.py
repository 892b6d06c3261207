"""Which errors stand in the way of publishing a period (影响公示的错误). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from xl_jifen import layout
from xl_jifen.finding import Finding, errors
from xl_jifen.grid import squeeze
from xl_jifen.period import Cycle, Period
from xl_jifen.register import Register

_GROUNDS = frozenset(squeeze(sheet.name) for sheet in layout.GROUNDS)
_BESIDE = frozenset(sheet.name for sheet in layout.BESIDE)


def bearing(register: Register, findings: Iterable[Finding], period: Period) -> tuple[Finding, ...]:
    """The error findings that bear on a period: its months and earlier ones, roster, rules, settings and votes."""
    cycle = register.settings.cycle
    dated = {activity.place: activity.day for activity in register.activities}
    dated |= {ballot.place: ballot.day for ballot in register.ballots}
    dated |= {change.place: change.day for change in register.changes}
    later = _later_months(cycle, period)
    end = cycle.span(period)[1] if cycle else None

    def bears(finding: Finding) -> bool:
        if finding.code == "E901":
            return True  # a changed archive undoes what later figures rest on, wherever what was changed stands today
        sheet = squeeze(finding.place.sheet)
        if sheet in _BESIDE or sheet in later:
            return False
        day = dated.get(finding.place._replace(column=0))
        return sheet in _GROUNDS or end is None or day is None or day <= end

    return errors(filter(bears, findings))


def _later_months(cycle: Cycle | None, period: Period) -> frozenset[str]:
    """The month sheets of the cycle after the period."""
    return frozenset(month.sheet for month in cycle.months if month > period.last) if cycle else frozenset()
