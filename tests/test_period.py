"""Months, periods and the cycle as values: their days, their names and words, and what people mean by a text."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from xl_jifen.period import KINDS, Cycle, Month, Period

YEAR = Cycle(date(2026, 1, 1), date(2026, 12, 31))
SCHOOL = Cycle(date(2025, 7, 1), date(2026, 6, 30))
SHORT = Cycle(date(2026, 5, 10), date(2026, 11, 20))
SHIFTED = Cycle(date(2026, 2, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (Month(2026, 1), date(2026, 1, 31)),
        (Month(2028, 2), date(2028, 2, 29)),
        (Month(2026, 12), date(2026, 12, 31)),
        (Month(9999, 12), date(9999, 12, 31)),
    ],
)
def test_last_day(month: Month, last: date) -> None:
    assert month.last == last


@pytest.mark.parametrize(
    ("period", "name", "kind", "words", "short"),
    [
        (Month(2026, 9).alone, "2026-09", "月", "2026年9月", "9月"),
        (Month(2026, 1).quarter, "2026Q1", "季", "2026年第一季度", "第一季度"),
        (Month(2026, 12).quarter, "2026Q4", "季", "2026年第四季度", "第四季度"),
        (Month(2026, 6).half, "2026H1", "半年", "2026年上半年", "上半年"),
        (Month(2026, 7).half, "2026H2", "半年", "2026年下半年", "下半年"),
        (YEAR.year, "year", "年", "2026年度", "全年"),
        (SCHOOL.year, "year", "年", "2026年度", "全年"),
    ],
)
def test_a_period_in_words(period: Period, name: str, kind: str, words: str, short: str) -> None:
    assert (str(period), period.kind, period.words, period.short) == (name, kind, words, short)
    assert Period.named(name) == (None if name == "year" else period)


@pytest.mark.parametrize(
    "text", ["2026Q5", "2026Q0", "2026q3", "2026-13", "2026-9", "2026H3", "2026Q03", "0000Q1", "", "年"]
)
def test_no_name_of_a_period(text: str) -> None:
    assert Period.named(text) is None


def test_a_cycle_is_its_days() -> None:
    assert Cycle(date(2026, 1, 1), date(2026, 12, 31)) == YEAR
    assert hash(Cycle(date(2026, 1, 1), date(2026, 12, 31))) == hash(YEAR)
    others = [Cycle(date(2026, 1, 2), YEAR.end), Cycle(YEAR.start, date(2026, 12, 30)), (YEAR.start, YEAR.end)]
    assert all(other != YEAR for other in others)
    assert len({hash(other) for other in (*others[:2], YEAR)}) == 3


def test_a_period_outside_the_cycle_has_no_months() -> None:
    for period in (Month(2027, 1).alone, Month(2027, 1).quarter, Month(2027, 1).half, SHIFTED.year, SCHOOL.year):
        assert YEAR.months_of(period) == (YEAR.months if period == YEAR.year else ())
        assert YEAR.holds(period) == (period == YEAR.year)


@pytest.mark.parametrize("cycle", [YEAR, SCHOOL, SHORT, SHIFTED])
def test_every_kind_divides_the_cycle(cycle: Cycle) -> None:
    for kind in KINDS:
        periods = cycle.periods(kind)
        assert [month for period in periods for month in cycle.months_of(period)] == list(cycle.months)
        assert all(period.covers(month) for period in periods for month in cycle.months_of(period))
        spans = [cycle.span(period) for period in periods]
        assert (spans[0][0], spans[-1][1]) == (cycle.start, cycle.end)
        assert all((after[0] - before[1]).days == 1 for before, after in pairwise(spans))
    halves = [cycle.quarters_of(half) for half in cycle.halves]
    assert (
        [quarter for half in halves for quarter in half] == list(cycle.quarters) == list(cycle.quarters_of(cycle.year))
    )


@pytest.mark.parametrize("cycle", [YEAR, SCHOOL, SHORT, SHIFTED])
def test_periods_sort_by_their_last_day_the_shorter_first(cycle: Cycle) -> None:
    periods = [period for kind in KINDS for period in cycle.periods(kind)]

    def end(period: Period) -> tuple[date, int]:
        return cycle.span(period)[1], period.length

    assert sorted(periods) == sorted(periods, key=end)
    assert sorted(periods)[-1] == cycle.year


@pytest.mark.parametrize("cycle", [YEAR, SCHOOL, SHORT, SHIFTED])
def test_every_period_is_found_by_its_names(cycle: Cycle) -> None:
    for kind in KINDS:
        for period in cycle.periods(kind):
            assert cycle.named(str(period)) == period
            assert cycle.named(period.words) == period


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((text, "2026-09") for text in ("2026-09", "2026-9", "9月", "09月", "九月", "2026年9月", "2026.9", "９ 月份")),
        *((text, "2026Q3") for text in ("2026Q3", "2026q3", "Q3", "ｑ3", "第三季度", "三季度", "3季度", "第3季度")),
        *(
            (text, "2026Q3")
            for text in ("三季", "2026年第三季度", "2026年三季度", "2026 年 3 季度", "2026年Q3", "2026-Q3")
        ),
        *((text, "2026H2") for text in ("2026H2", "h2", "下半年", "2026年下半年", "2026下半年")),
        *((text, "year") for text in ("2026", "2026年", "2026年度", "全年", "年度", "YEAR", "year", "2026年全年")),
    ],
)
def test_what_people_mean(text: str, name: str) -> None:
    assert str(YEAR.named(text)) == name


@pytest.mark.parametrize(
    ("cycle", "text", "words"),
    [
        (YEAR, "1", "“1”不知道是月份还是季度，请写成 1月、2026-01 或 2026Q1 这样。"),
        (
            YEAR,
            "2026Q5",
            "没有“2026Q5”这一时段；可以写月份 2026-01 至 2026-12，季度 2026Q1、2026Q2、2026Q3、2026Q4，半年 "
            "2026H1、2026H2，或全年。",
        ),
        (YEAR, "2025", "没有“2025”"),
        (SCHOOL, "2025", "没有“2025”"),
        (SHORT, "第一季度", "季度 2026Q2、2026Q3、2026Q4"),
        (SHIFTED, "Q1", "“Q1”有2026Q1、2027Q1几个，请连年份写全。"),
        (SHIFTED, "上半年", "有2026H1、2027H1几个"),
        (YEAR, "", "没有“”"),
    ],
)
def test_what_nobody_can_mean(cycle: Cycle, text: str, words: str) -> None:
    found = cycle.named(text)
    assert isinstance(found, str)
    assert words in found


def test_the_year_may_be_named_by_the_year_it_ends_in() -> None:
    assert SCHOOL.named("2026") == SCHOOL.year
    assert SHIFTED.named("2027") == SHIFTED.year


def test_a_cycle_names_the_year_where_it_holds_two_of_a_name() -> None:
    """A school's year has one of each; one from September on two third quarters and two second halves."""
    assert {SCHOOL.short(period) == period.short for kind in KINDS[:-1] for period in SCHOOL.periods(kind)} == {True}
    autumn = Cycle(date(2025, 9, 1), date(2026, 8, 31))
    assert [autumn.short(half) for half in autumn.halves] == ["2025年下半年", "上半年", "2026年下半年"]
    assert [autumn.short(quarter) for quarter in autumn.quarters[:2]] == ["2025年第三季度", "第四季度"]
    assert autumn.short(autumn.months[0].alone) == "9月"
