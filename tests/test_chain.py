"""The chain of a cycle's archives: what is lost, edited or made anew is told, and a whole one is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from archives import LATER, Q1, Q2, Q3, book, changed, closed

from xl_jifen.archive.chain import chain_breaks, due_before
from xl_jifen.archive.snapshot import (
    Archive,
)
from xl_jifen.period import Cycle, Period


def test_the_chain_says_in_words_what_does_not_fit() -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    first = closed(book())
    later = closed(book(), Q1, first)
    assert list(chain_breaks(cycle, {"2026Q1": first}, {"2026Q1": first.hash})) == []
    assert list(chain_breaks(cycle, {"2026Q1": later}, {})) == [
        ("2026Q1", "2026年第一季度的归档接不上前一次的归档，其中有一份不是原来的")
    ]
    assert list(chain_breaks(cycle, {"2026Q1": first}, {"2026Q1": later.hash})) == [
        ("2026Q1", "2026年第一季度的归档与公示文件夹中的归档回执不一致，不是原来的一份")
    ]


@pytest.mark.slow
def test_the_chain_tells_what_is_lost_edited_or_replaced() -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    first_quarter = closed(book())
    second = closed(book(LATER), Q2, first_quarter)
    third = closed(book(LATER), Q3, second)
    whole = {Q1: first_quarter, Q2: second, Q3: third}
    receipts = {quarter: archived.hash for quarter, archived in whole.items()}

    def named(things: dict[Period, Any]) -> dict[str, Any]:
        return {str(period): thing for period, thing in things.items()}

    def broken(archives: dict[Period, Archive | None], slips: dict[Period, str] = receipts) -> list[str]:
        return [f"{quarter} {sentence}" for quarter, sentence in chain_breaks(cycle, named(archives), named(slips))]

    assert broken({**whole}) == []
    assert broken({**whole}, {}) == []
    assert broken({}, {}) == []
    assert broken({Q1: first_quarter, Q3: third}) == ["2026Q2 2026年第二季度的归档文件不见了"]
    assert broken({**whole, Q2: None}) == ["2026Q2 2026年第二季度的归档文件被改动或损坏，与其校验值不符"]
    assert broken({Q1: first_quarter, Q2: second}) == ["2026Q3 2026年第三季度的归档文件不见了"]
    assert [line[:6] for line in broken({})] == ["2026Q1", "2026Q2", "2026Q3"]
    remade = closed(book(changed("1月", "序号", "3", "数量", "4")))
    assert [line[:6] for line in broken({**whole, Q1: remade}, {})] == ["2026Q2"]
    all_remade = {Q1: remade, Q2: closed(book(LATER), Q2, remade)}
    assert broken({**all_remade}, {}) == []
    assert [line[:6] for line in broken({**all_remade}, {Q1: first_quarter.hash})] == ["2026Q1"]


def test_where_notices_became_yearly_the_year_follows_what_was_archived() -> None:
    """公示周期 was 季 until the second quarter, then 年: nothing of another kind is waited for, and a loss is told."""
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    done = [Q1, Q2]
    assert due_before(cycle, cycle.year, done, "年") == ()
    assert due_before(cycle, cycle.year, done, "季") == cycle.quarters[2:]
    assert due_before(cycle, cycle.year, done, "半年") == cycle.halves[1:]
    assert due_before(cycle, Q2, [cycle.year], "季") == (Q1,), "an archived year stands for none of its quarters"
    first = closed(book())
    second = closed(book(LATER), Q2, first)
    year = closed(book(LATER), cycle.year, second)
    assert list(chain_breaks(cycle, {"2026Q1": first, "2026Q2": second, "2026": year}, {})) == []
    assert {stem for stem, _ in chain_breaks(cycle, {"2026Q1": first, "2026": year}, {})} >= {"2026Q2"}
    assert {stem for stem, _ in chain_breaks(cycle, {"2026Q2": second, "2026": year}, {})} >= {"2026Q1"}
    assert [stem for stem, _ in chain_breaks(cycle, {"2026": year}, {})] == ["2026"]
