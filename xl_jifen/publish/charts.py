"""The charts of a publicity sheet: distribution, course of the branch's mean, attendance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from xl_jifen import layout
from xl_jifen.period import Period
from xl_jifen.publish.figures import figure, mean, share
from xl_jifen.publish.page import Chart
from xl_jifen.register import Ledger, Score

BAND_STEPS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_BANDS = 12
EMPTY = ("暂无数据",)
"""The one label of a chart that has nothing to show yet."""
BAR_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
MOST_BARS = 8
FEWEST = 5
"""Of fewer members a distribution tells nothing that the table does not."""


def distribution(scores: Sequence[Score]) -> list[Chart]:
    """How many members in each span of points, in round steps; vetoed members in a bar of their own.

    None for a handful of members, nor where all would stand in one bar.
    """
    points = [score.score for score in scores if not score.vetoed]
    bars = []
    if points:
        low, high = min(points), max(points)
        fitting = (step * 100 for step in BAR_STEPS if high // (step * 100) - low // (step * 100) < MOST_BARS)
        step = next(fitting, high - low)
        smallest = next(unit for unit in (100, 10, 1) if not any(p % unit for p in points))
        for start in range(low // step * step, high + 1, step):
            end = start + step - smallest
            label = figure(start) if start == end else f"{figure(start)}–{figure(end)}"
            bars.append((label, Decimal(sum(start <= p < start + step for p in points))))
    if len(points) < len(scores):
        bars.append((layout.VETO, Decimal(len(scores) - len(points))))
    worth = len(scores) >= FEWEST and len(bars) > 1
    return [Chart("bars", "积分分布", "人", tuple(bars))] if worth else []


def trend(ledger: Ledger, period: Period) -> list[Chart]:
    """The branch's mean score of each period of that kind in the cycle so far, where the ledger has them."""
    cycle = ledger.register.settings.cycle
    if cycle is None:
        return []
    one_year = cycle.start.year == cycle.end.year
    points = []
    for each in cycle.periods(period.kind):
        scores = [score for score in ledger.of(each) if score.standing.is_member]
        if each <= period and scores:
            points.append((each.short if one_year else each.words, mean(scores)))
    return [Chart("line", "支部平均积分", "分", tuple(points))] if len(points) > 1 else []


def attendance_counts(ledger: Ledger, first: date, last: date) -> dict[str, tuple[int, int]]:
    """By activity type: how many attended (late ones too), of how many, over the quarter's activities."""
    counts: dict[str, tuple[int, int]] = {}
    for activity in ledger.register.activities:
        heads = sum(activity.heads.values())
        if heads and activity.day is not None and first <= activity.day <= last:
            attended = sum(activity.heads.get(state, 0) for state in (layout.ATTENDED, layout.LATE))
            before = counts.get(activity.kind, (0, 0))
            counts[activity.kind] = (before[0] + attended, before[1] + heads)
    return counts


def attendance_rates(counts: Mapping[str, tuple[int, int]]) -> list[Chart]:
    """到会率 by activity type; of a single type the total says it already."""
    rates = tuple((kind, share(*attended)) for kind, attended in counts.items())
    return [Chart("bars", "到会率", "%", rates)] if len(rates) > 1 else []
