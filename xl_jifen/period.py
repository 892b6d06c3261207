"""Months, quarters and the scoring cycle (计分周期). Values only: no library, no clock."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

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
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def next(self) -> Month:
        """The month after."""
        return Month.of(self.last + timedelta(days=1))

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


@dataclass(frozen=True)
class Cycle:
    """A scoring cycle (计分周期), first and last day included. Its months and quarters are clipped to it.

    Raises ValueError when the days are in the wrong order or touch more than twelve calendar months.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start or len(self.months) > MOST_MONTHS:
            raise ValueError("a cycle has 1 to 12 calendar months, first day before last")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def words(self) -> str:
        """``2026-01-01 至 2026-12-31``."""
        return f"{self.start} 至 {self.end}"

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months it touches, in order."""
        count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        months = [Month.of(self.start)]
        while len(months) < min(count, MOST_MONTHS + 1):
            months.append(months[-1].next)
        return tuple(months)

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters it touches, in order; a short cycle may hold part of one."""
        return tuple(dict.fromkeys(month.quarter for month in self.months))

    def months_of(self, quarter: Quarter) -> tuple[Month, ...]:
        """The cycle's months in a quarter."""
        return tuple(month for month in self.months if month.quarter == quarter)

    def span(self, quarter: Quarter) -> tuple[date, date]:
        """First and last day of a quarter of the cycle, clipped to it."""
        months = self.months_of(quarter)
        return max(self.start, months[0].first), min(self.end, months[-1].last)

    def month_end(self, month: Month) -> date:
        """The last day of a month of the cycle, clipped to it."""
        return min(self.end, month.last)
