"""人员变动 and periods for any workbook: what changes later alters nothing before, and months and quarters agree."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import pytest
from drawing import one
from hypothesis import given
from hypothesis import strategies as st
from test_properties import (
    END,
    MEMBERS,
    MONTHS,
    START,
    Book,
    books,
    grids,
    key,
    posted,
    properties,
    score_figures,
    sheet,
)

import xl_jifen
from xl_jifen.grid import Cell, Grids
from xl_jifen.period import KINDS, Cycle, Month, Period
from xl_jifen.register import Ledger, Score
from xl_jifen.score import with_periods

pytestmark = pytest.mark.slow

Cells = dict[str, Cell]
VALUES: dict[str, tuple[Cell, ...]] = {
    "党员类别": ("正式党员", "预备党员", "发展对象"),
    "计分类别": (None, "离退休"),
    "党内职务": (None, "书记", "委员"),
    "表决权": (None, "否"),
    "是否计分": (None, "否", "是"),
    "党小组": ("一组", "二组"),
    "个人基础分": (None, 80, 101.5),
}


@st.composite
def change_rows(draw: st.DrawFn, first: date = START) -> list[Cells]:
    """Rows of 人员变动 from a day on, no two of one member, item and day."""
    days = [first + timedelta(days=number) for number in range((END - first).days + 1)]
    rows: dict[tuple[Cell, str, date], Cells] = {}
    for _ in range(draw(st.integers(1, 6)) if days else 0):
        code, item = one(draw, [row["编号"] for row in MEMBERS]), one(draw, list(VALUES))
        day, value = one(draw, days), one(draw, VALUES[item])
        rows[code, item, day] = {"编号": code, "项目": item, "生效日期": day, "新值": value}
    return list(rows.values())


def reckoned(book: Book, changes: Sequence[Cells]) -> Ledger:
    """The ledger with the scores of every period of every kind."""
    ledger = xl_jifen.reckon(Grids((*grids(book), sheet("人员变动", changes)))).ledger
    return with_periods(ledger, every_period(ledger))


def every_period(ledger: Ledger) -> Iterable[Period]:
    cycle = cycle_of(ledger)
    return [period for kind in KINDS for period in cycle.periods(kind)]


def cycle_of(ledger: Ledger) -> Cycle:
    cycle = ledger.register.settings.cycle
    assert cycle is not None
    return cycle


def up_to(ledger: Ledger, month: Month) -> tuple[object, ...]:
    """All that the months up to one say: lines, and the scores of periods that end there."""
    cycle = cycle_of(ledger)
    lines = {key(line): (line.raw, line.counted, line.why) for line in ledger.lines if posted(line) <= month}
    scores = [score for score in ledger.scores if cycle.months_of(score.period)[-1] <= month]
    return lines, score_figures(scores), [score.standing for score in scores]


@properties
@given(books(), st.sampled_from(MONTHS), st.data())
def test_what_changes_after_a_month_alters_nothing_up_to_it(book: Book, month: Month, data: st.DataObject) -> None:
    before = data.draw(change_rows())
    before = [row for row in before if isinstance(row["生效日期"], date) and row["生效日期"] <= month.last]
    later = data.draw(change_rows(month.last + timedelta(days=1)))
    assert up_to(reckoned(book, [*before, *later]), month) == up_to(reckoned(book, before), month)


@properties
@given(books(), st.sampled_from(MONTHS), change_rows())
def test_what_is_posted_later_changes_no_earlier_period(book: Book, month: Month, changes: list[Cells]) -> None:
    assert up_to(reckoned(book, changes), month) == up_to(reckoned(book.up_to(month), changes), month)


@properties
@given(books(), change_rows(), st.randoms(use_true_random=False))
def test_the_order_of_changes_does_not_matter(book: Book, changes: list[Cells], shuffle: random.Random) -> None:
    shuffled = shuffle.sample(changes, len(changes))
    assert up_to(reckoned(book, shuffled), MONTHS[-1]) == up_to(reckoned(book, changes), MONTHS[-1])


@properties
@given(books(), st.sampled_from(sorted(VALUES)), st.data())
def test_a_change_on_the_first_day_is_what_the_roster_might_have_said(
    book: Book, item: str, data: st.DataObject
) -> None:
    member = data.draw(st.sampled_from([row for row in MEMBERS if not row.get("转入日期")]))
    value = data.draw(st.sampled_from(VALUES[item]))
    changed = reckoned(book, [{"编号": member["编号"], "项目": item, "生效日期": START, "新值": value}])
    roster = sheet("党员名册", [{**row, item: value} if row is member else row for row in MEMBERS])
    typed = xl_jifen.reckon(Grids(tuple(roster if grid.name == roster.name else grid for grid in grids(book)))).ledger
    assert up_to(changed, MONTHS[-1]) == up_to(with_periods(typed, every_period(typed)), MONTHS[-1])


@properties
@given(books(), change_rows())
def test_months_quarters_and_halves_agree(book: Book, changes: list[Cells]) -> None:
    ledger = reckoned(book, changes)
    cycle, settings = cycle_of(ledger), ledger.register.settings
    score_of = {(score.member, score.period): score for score in ledger.scores}
    for whole in (*cycle.quarters, *cycle.halves, cycle.year):
        months = cycle.months_of(whole)
        for score in ledger.of(whole):
            parts = [score_of.get((score.member, month.alone)) for month in months]
            if all(parts):
                assert score.bonus == sum(part.bonus for part in parts if part)
                assert score.deduction == sum(part.deduction for part in parts if part)
        if settings.yearly == "年度累计" and settings.reference == "季末":
            assert without_sums(ledger.of(whole)) == without_sums(ledger.of(months[-1].alone), whole)


def without_sums(scores: Iterable[Score], period: Period | None = None) -> list[Score]:
    """Scores but for their own sums, as if of a period; 等次标准 of these books has no bounds of the year."""
    return [score._replace(bonus=0, deduction=0, period=period or score.period) for score in scores]
