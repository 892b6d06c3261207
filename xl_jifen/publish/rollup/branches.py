"""Branches side by side (支部比较): all branches of one period added up, and the charts that compare them.

The branches themselves are not kept, only those at either end, and how many have which mean. Pure.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from xl_jifen.derive.branch import PeriodSums, spread
from xl_jifen.period import KINDS, Cycle, Period, until, year_words
from xl_jifen.publish.charts import BAND_STEPS, EMPTY, MOST_BANDS
from xl_jifen.publish.figures import decimal
from xl_jifen.publish.page import Chart
from xl_jifen.register import Points, points_text

MOST_BARS = 6
"""Branches at either end of a comparison; up to twice as many are all shown."""


class Bar(NamedTuple):
    """A branch in the comparison, the ``order``-th of all files."""

    mean: Points
    order: int
    label: str
    present: int
    named: int


@dataclass(slots=True)
class Total:
    """All branches in one period; what is said of scores is about those that have submitted.

    ``scores`` and ``means`` count members and branches by points; ``top`` and ``bottom`` are heaps.
    """

    branches: int = 0
    submitted: int = 0
    members: int = 0
    entries: int = 0
    errors: int = 0
    warnings: int = 0
    best: int = 0
    graded: int = 0
    vetoed: int = 0
    present: int = 0
    named: int = 0
    scores: Counter[Points] = field(default_factory=Counter)
    means: Counter[Points] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    top: list[tuple[tuple[int, int], Bar]] = field(default_factory=list)
    bottom: list[tuple[tuple[int, int], Bar]] = field(default_factory=list)

    def add(self, sums: PeriodSums, label: str, order: int) -> None:
        """Add a branch, the ``order``-th of all."""
        self.branches += 1
        self.members += sums.members
        self.entries += sums.entries
        self.errors += sums.errors
        self.warnings += sums.warnings
        self.present += sums.present
        self.named += sums.named
        if not sums.submitted:
            return
        self.submitted += 1
        self.best += sums.best
        self.graded += sums.graded
        self.vetoed += sums.vetoed
        self.grades.update(dict(sums.grades))
        if sums.spread:
            mean = sums.spread.mean
            self.means[mean] += 1
            bar = Bar(mean, order, label, sums.present, sums.named)
            for heap, key in ((self.top, (mean, -order)), (self.bottom, (-mean, order))):
                (heapq.heappush if len(heap) < MOST_BARS else heapq.heappushpop)(heap, (key, bar))

    def bars(self) -> list[Bar]:
        """The branches at both ends, the highest mean first, equal ones in the order of files."""
        return sorted({bar for _, bar in (*self.top, *self.bottom)}, key=lambda bar: (-bar.mean, bar.order))

    def note(self) -> str:
        """How many branches are left out between both ends."""
        left_out = self.means.total() - len(self.bars())
        return f"；居中的 {left_out} 个支部未画" if left_out else ""


class When(NamedTuple):
    """A period of whatever branch's cycle, as the summary tells it; sorts by time, the year of a cycle last."""

    is_year: bool
    last: date
    first: date
    kind: str
    words: str

    @classmethod
    def of(cls, period: str, start: str, end: str) -> When:
        """A period by its JSON name, of the cycle with these days; "" where the cycle is not known."""
        if found := Period.named(period):
            first = date(found.year, found.last.month - found.length + 1, 1)
            return cls(False, found.last.last, first, found.kind, found.words)
        if not start:
            return cls(True, date.max, date.min, KINDS[-1], "周期未定")
        cycle = Cycle(date.fromisoformat(start), date.fromisoformat(end))
        return cls(True, cycle.end, cycle.start, KINDS[-1], year_words(cycle))

    def has_begun(self, day: date) -> bool:
        """Whether anything of it has happened by that day."""
        return self.first <= day

    def is_over(self, day: date) -> bool:
        """Whether it ended before that day."""
        return self.last < day

    def so_far(self, day: date) -> str:
        """``截至8月3日`` while it is not over, else ""."""
        running = self.has_begun(day) and not self.is_over(day) and self.last != date.max
        return until(day) if running else ""


def share(part: int, whole: int) -> Decimal | None:
    """A share with four places; None of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else None


def trend(totals: Sequence[tuple[When, Total]]) -> Chart:
    """The mean of all members, one point a period."""
    lies = [(when, spread(total.scores)) for when, total in totals]
    points = [(when, decimal(lie.mean)) for when, lie in lies if lie][-MOST_BANDS:]
    one_year = len({when.last.year for when, _ in points}) == 1
    labels = tuple(when.words.partition("年")[2] if one_year and not when.is_year else when.words for when, _ in points)
    labels = labels or EMPTY
    means = tuple(mean for _, mean in points) or (Decimal(0),)
    return Chart.of("line", "全部支部平均积分", "分", labels, (("平均积分", means),))


def _short(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels without what all begin with (中共某市某局机关), as long as it does not cut a number apart."""
    if len(labels) < 2:
        return tuple(labels)
    least, most = min(labels), max(labels)
    length = next((i for i, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least))
    length = len(re.sub("第?[0-9一二三四五六七八九十]*$", "", least[:length]))
    return tuple(label[length:] or label for label in labels)


def differences(total: Total) -> Chart | None:
    """Each branch's mean against that of all members; None where there are not two to compare."""
    bars, lie = total.bars(), spread(total.scores)
    title = "各支部平均积分与全部平均之差"
    if len(bars) < 2 or lie is None:
        return None
    gaps = [decimal(bar.mean - lie.mean) for bar in bars]
    above = tuple(max(gap, Decimal(0)) for gap in gaps)
    below = tuple(min(gap, Decimal(0)) for gap in gaps)
    words = f"右（蓝）高于、左（红）低于全部平均 {points_text(lie.mean)} 分{total.note()}"
    return Chart.of(
        "lying", title, "分", _short([bar.label for bar in bars]), (("高于平均", above), ("低于平均", below)), words
    )


def attendance(total: Total) -> Chart | None:
    """The same branches' 到会率, in the same order; None where there are not two to compare."""
    held = [bar for bar in total.bars() if bar.named]
    if len(held) < 2:
        return None
    rates = tuple(100 * (share(bar.present, bar.named) or Decimal(0)) for bar in held)
    labels = _short([bar.label for bar in held])
    series = (("到会率", rates),)
    return Chart.of("lying", "各支部到会率", "%", labels, series, total.note().removeprefix("；"))


def distribution(total: Total) -> Chart:
    """Members of all branches by score, in at most ``MOST_BANDS`` bands."""
    title = "全部党员积分分布"
    if not total.scores:
        return Chart.of("bars", title, "人", EMPTY, (("人数", (Decimal(0),)),))
    least, most = min(total.scores), max(total.scores)
    fitting = (step * 100 for step in BAND_STEPS if most // (step * 100) - least // (step * 100) < MOST_BANDS)
    step = next(fitting, most - least)
    bands = range(least // step, most // step + 1)
    heads: Counter[int] = Counter()
    for points, count in total.scores.items():
        heads[points // step] += count
    labels = tuple(f"{points_text(band * step)}–{points_text((band + 1) * step)}" for band in bands)
    return Chart.of(
        "bars", title, "人", labels, (("人数", tuple(Decimal(heads[b]) for b in bands)),), "每段含下限，不含上限"
    )
