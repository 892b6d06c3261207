"""Months, quarters and the scoring cycle (计分周期). Values only: no library, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

MOST_MONTHS = 12
"""A cycle touches at most twelve calendar months, so that each month sheet name means one month."""


class Month(NamedTuple):
    """A calendar month; sorts by time and prints as ``2026-03``."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day lies in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, 12, 31) if self.month == 12 else self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    @property
    def quarter(self) -> Quarter:
        """The calendar quarter the month lies in."""
        return Quarter(self.year, (self.month + 2) // 3)

    @property
    def sheet(self) -> str:
        """The name of its entry sheet: ``3月``."""
        return f"{self.month}月"


class Quarter(NamedTuple):
    """A calendar quarter; sorts by time and prints as ``2026Q1``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day lies in."""
        return Month.of(day).quarter

    @property
    def words(self) -> str:
        """``2026年第一季度``, as written on a notice."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"


class Cycle:
    """A scoring cycle (计分周期), first and last day included. Its months and quarters are clipped to it.

    ``months`` and ``quarters`` are those it touches, in order; a short cycle may hold part of one.
    Raises ValueError when the days are in the wrong order or touch more than twelve calendar months.
    """

    __slots__ = ("_months_of", "end", "months", "quarters", "start")

    def __init__(self, start: date, end: date) -> None:
        count = (end.year - start.year) * 12 + end.month - start.month + 1
        if end < start or count > MOST_MONTHS:
            raise ValueError("a cycle has 1 to 12 calendar months, first day before last")
        months = [Month.of(start)]
        while len(months) < count:
            months.append(months[-1].next)
        self.start: Final = start
        self.end: Final = end
        self.months: Final = tuple(months)
        self._months_of: dict[Quarter, tuple[Month, ...]] = {}
        for month in months:
            self._months_of[month.quarter] = (*self._months_of.get(month.quarter, ()), month)
        self.quarters: Final = tuple(self._months_of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cycle) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def words(self) -> str:
        """``2026-01-01 至 2026-12-31``."""
        return f"{self.start} 至 {self.end}"

    def months_of(self, quarter: Quarter) -> tuple[Month, ...]:
        """The cycle's months in a quarter."""
        return self._months_of.get(quarter, ())

    def span(self, quarter: Quarter) -> tuple[date, date]:
        """First and last day of a quarter of the cycle, clipped to it."""
        months = self.months_of(quarter)
        return max(self.start, months[0].first), min(self.end, months[-1].last)

    def month_end(self, month: Month) -> date:
        """The last day of a month of the cycle, clipped to it."""
        return min(self.end, month.last)


def year_words(cycle: Cycle) -> str:
    """``2026年度`` for a calendar year, else its first and last month: ``2026年7月至2027年6月``."""
    first, last = cycle.start, cycle.end
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}年度"
    return f"{first.year}年{first.month}月至{f'{last.year}年' if last.year != first.year else ''}{last.month}月"
