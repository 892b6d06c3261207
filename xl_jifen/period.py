"""Months, periods (时段: month, quarter, half-year, year) and the scoring cycle (计分周期). Values only: no clock."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache

from xl_jifen.grid import Nearest, squeeze
from xl_jifen.typed import Final, NamedTuple

MOST_MONTHS = 12
"""A cycle touches at most twelve calendar months, so that each month sheet name means one month."""

YEAR = "year"
"""The JSON name of the cycle as a period."""

KINDS, LENGTHS = ("月", "季", "半年", "年"), (1, 3, 6, MOST_MONTHS)
"""The kinds of periods (公示周期), and how many months each has."""

NUMERALS = (*"一二三四五六七八九十", "十一", "十二")

_JSON_NAME = r"([0-9]{4})([-QH])([0-9]{1,2})"


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
    def alone(self) -> Period:
        """The month as a period."""
        return Period(self, 1)

    @property
    def quarter(self) -> Period:
        """The calendar quarter the month lies in."""
        return Period.of_quarter(self.year, (self.month + 2) // 3)

    @property
    def half(self) -> Period:
        """The calendar half-year the month lies in."""
        return Period(Month(self.year, 6 if self.month <= 6 else 12), 6)

    @property
    def sheet(self) -> str:
        """The name of its entry sheet: ``3月``."""
        return f"{self.month}月"


LAST: Final = Month(9999, 12)
"""After every month of a cycle."""


class Period(NamedTuple):
    """What can be scored and published (时段): a month, quarter, half-year or the year, told by last month and length.

    Sorts by its end, of equal ends the shorter first; prints as its JSON name: ``2026-09``, ``2026Q3``, ``2026H2``,
    ``year``. The year is the cycle's, and its last month that of the calendar half in which the cycle ends.
    """

    last: Month
    length: int

    def __str__(self) -> str:
        year, number = self.last.year, self.number
        return (str(self.last), f"{year}Q{number}", f"{year}H{number}", YEAR)[self._rank]

    @staticmethod
    @cache
    def of_quarter(year: int, number: int) -> Period:
        """The calendar quarter ``number`` (1 to 4) of a year: one value for each, asked for with every entry."""
        return Period(Month(year, number * 3), 3)

    @classmethod
    def named(cls, text: str) -> Period | None:
        """The month, quarter or half-year of that JSON name, of whatever cycle; None for any other text."""
        match = re.fullmatch(_JSON_NAME, text)
        if not match:
            return None
        year, kind, number = int(match[1]), match[2], int(match[3])
        length = {"-": 1, "Q": 3, "H": 6}[kind]
        fits = 1 <= number <= MOST_MONTHS // length and len(match[3]) == (2 if kind == "-" else 1)
        return cls(Month(year, number * length), length) if year and fits else None

    @property
    def _rank(self) -> int:
        return LENGTHS.index(self.length)

    @property
    def kind(self) -> str:
        """月, 季, 半年 or 年."""
        return KINDS[self._rank]

    @property
    def is_year(self) -> bool:
        """Whether it is the whole cycle."""
        return self.length == MOST_MONTHS

    @property
    def year(self) -> int:
        """The number of the year it ends in."""
        return self.last.year

    @property
    def number(self) -> int:
        """Which one of its kind it is in its year: 9 for September, 3 for the third quarter."""
        return self.last.month // self.length

    @property
    def short(self) -> str:
        """``9月``, ``第三季度``, ``下半年``, ``全年``: without the year."""
        number = self.number
        return (f"{number}月", f"第{NUMERALS[number - 1]}季度", f"{'上下'[number > 1]}半年", "全年")[self._rank]

    @property
    def words(self) -> str:
        """``2026年9月``, ``2026年第三季度``, ``2026年下半年``, ``2026年度``, as written on a notice."""
        return f"{self.year}年度" if self.is_year else f"{self.year}年{self.short}"

    def covers(self, month: Month) -> bool:
        """Whether a month of the cycle lies in it."""
        return self.is_year or 0 <= _count(self.last) - _count(month) < self.length

    @property
    def spellings(self) -> tuple[str, ...]:
        """How people write it, in comparable form; those without a year may mean another year's too."""
        year, number = self.year, self.number
        if self.is_year:
            ways = ["全年", "年度", "年"]
            return YEAR.upper(), str(year), *ways, *(f"{year}{way}" for way in ways), f"{year}年全年"
        if self.length == 1:
            months = [f"{n}月{more}" for n in (number, f"{number:02d}", NUMERALS[number - 1]) for more in ("", "份")]
            dated = [f"{year}{sign}{n}" for sign in "-./" for n in (number, f"{number:02d}")]
            return *months, *dated, *(f"{year}年{month}" for month in months)
        if self.length == 3:
            named = [f"{n}季{more}" for n in (number, NUMERALS[number - 1]) for more in ("", "度")]
            ways = [*named, *(f"第{name}" for name in named), f"Q{number}"]
        else:
            ways = [self.short, f"H{number}"]
        return *ways, *(f"{year}{sign}{way}" for sign in ("", "年", "-") for way in ways)


class Cycle:
    """A scoring cycle (计分周期), first and last day included. Its months and periods are clipped to it.

    ``months``, ``quarters`` and ``halves`` are those it touches, in order; a short cycle may hold part of one.
    Raises ValueError when the days are in the wrong order or touch more than twelve calendar months.
    """

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
        self.quarters: Final = tuple(dict.fromkeys(month.quarter for month in months))
        self.halves: Final = tuple(dict.fromkeys(month.half for month in months))
        self.year: Final = Period(self.halves[-1].last, MOST_MONTHS)

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

    def periods(self, kind: str) -> tuple[Period, ...]:
        """Those of one kind (月 季 半年 年) that the cycle holds, in order."""
        return (tuple(m.alone for m in self.months), self.quarters, self.halves, (self.year,))[KINDS.index(kind)]

    def holds(self, period: Period) -> bool:
        """Whether a period is one of the cycle's."""
        return period in self.periods(period.kind)

    def months_of(self, period: Period) -> tuple[Month, ...]:
        """The cycle's months in a period; none if it does not hold it."""
        if period.is_year:
            return self.months if period == self.year else ()
        return _covered(period, self.months)

    def quarters_of(self, period: Period) -> tuple[Period, ...]:
        """The cycle's quarters that end in a half-year or the year."""
        months = self.months_of(period)
        return tuple(quarter for quarter in self.quarters if self.months_of(quarter)[-1] in months)

    def span(self, period: Period) -> tuple[date, date]:
        """First and last day of a period of the cycle, clipped to it."""
        months = self.months_of(period)
        return max(self.start, months[0].first), min(self.end, months[-1].last)

    def open_from(self, archived: Collection[Period]) -> Month:
        """The first month in which something may be posted where these periods of the cycle are archived."""
        return max(self.months_of(period)[-1] for period in archived).next if archived else self.months[0]

    def short(self, period: Period) -> str:
        """A period without the year (第三季度), or with it where the cycle holds two of that name."""
        alike = [each for each in self.periods(period.kind) if each.short == period.short]
        return period.short if len(alike) < 2 else period.words

    def up_to(self, day: date) -> Cycle:
        """The cycle as if it ended with the month of a day that lies in it."""
        return Cycle(self.start, self.month_end(Month.of(day)))

    def month_end(self, month: Month) -> date:
        """The last day of a month of the cycle, clipped to it."""
        return min(self.end, month.last)

    def named(self, text: str) -> Period | str:
        """The period that people mean by a text (docs/workbook.md lists spellings), or a sentence why it is none."""
        key = squeeze(text).upper()
        found = self._spelt.get(key, ())
        if len(found) == 1:
            return found[0]
        if found:
            return f"“{text}”有{'、'.join(map(str, found))}几个，请连年份写全。"
        if key.isdecimal() and len(key) <= 2:
            return f"“{text}”不知道是月份还是季度，请写成 1月、2026-01 或 2026Q1 这样。"
        near = Nearest({spelt: found[0].words for spelt, found in self._spelt.items() if len(found) == 1})
        asked = "" if re.fullmatch(r"\d{4}", key) else near.asked(text)  # another year is no slip for a month
        return f"本计分周期（{self.words}）没有“{text}”这一时段；{asked}可以写{self._offered}。"

    @cached_property
    def _spelt(self) -> dict[str, tuple[Period, ...]]:
        """The periods that each spelling may mean."""
        spelt: dict[str, tuple[Period, ...]] = {}
        for kind in KINDS:
            for period in self.periods(kind):
                for spelling in dict.fromkeys(period.spellings):
                    spelt[spelling] = (*spelt.get(spelling, ()), period)
        return spelt

    @property
    def _offered(self) -> str:
        """What there is, in words: ``月份 2026-01 至 2026-12、季度 2026Q1 …、半年 …，或全年 2026``."""
        listed = (
            f"月份 {self.months[0]} 至 {self.months[-1]}" if self.months[1:] else f"月份 {self.months[0]}",
            f"季度 {'、'.join(map(str, self.quarters))}",
            f"半年 {'、'.join(map(str, self.halves))}",
        )
        return f"{'，'.join(listed)}，或全年"


@lru_cache(maxsize=1024)
def _covered(period: Period, months: tuple[Month, ...]) -> tuple[Month, ...]:
    """Asked for with every member, too."""
    return tuple(month for month in months if period.covers(month))


def _count(month: Month) -> int:
    return month.year * 12 + month.month


def until(day: date) -> str:
    """``截至10月31日``."""
    return f"截至{day.month}月{day.day}日"


def year_words(cycle: Cycle) -> str:
    """``2026年度`` for a calendar year, else its first and last month: ``2026年7月至2027年6月``."""
    first, last = cycle.start, cycle.end
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}年度"
    return f"{first.year}年{first.month}月至{f'{last.year}年' if last.year != first.year else ''}{last.month}月"
