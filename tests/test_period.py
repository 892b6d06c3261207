"""Months, quarters and the cycle as values: their days, their words, and when two are the same."""

from __future__ import annotations

from datetime import date

import pytest

from xl_jifen.period import Cycle, Month, Quarter

YEAR = Cycle(date(2026, 1, 1), date(2026, 12, 31))


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
    ("number", "words"),
    [(1, "2026年第一季度"), (2, "2026年第二季度"), (3, "2026年第三季度"), (4, "2026年第四季度")],
)
def test_a_quarter_in_words(number: int, words: str) -> None:
    assert Quarter(2026, number).words == words


def test_a_cycle_is_its_days() -> None:
    assert Cycle(date(2026, 1, 1), date(2026, 12, 31)) == YEAR
    assert hash(Cycle(date(2026, 1, 1), date(2026, 12, 31))) == hash(YEAR)
    others = [Cycle(date(2026, 1, 2), YEAR.end), Cycle(YEAR.start, date(2026, 12, 30)), (YEAR.start, YEAR.end)]
    assert all(other != YEAR for other in others)
    assert len({hash(other) for other in (*others[:2], YEAR)}) == 3


def test_a_quarter_outside_the_cycle_has_no_months() -> None:
    assert YEAR.months_of(Quarter(2027, 1)) == ()
