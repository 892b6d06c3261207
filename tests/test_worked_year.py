"""Three members of the example, entry by entry: 示例三名党员.txt says by hand what each earns and why.

The program must find the same lines and figures; the table must add up by itself, as a reader would check it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from yearend_books import demo, named

from xl_jifen import layout
from xl_jifen.period import Month, Period
from xl_jifen.score import with_periods

WORKED = (Path(__file__).parent / "示例三名党员.txt").read_text("utf-8")
NAMES = ("赵犇", "王䶮", "褚晓东")
QUARTERS = {"第一季度": 1, "第二季度": 2, "第三季度": 3, "第四季度": 4}
SUBTOTAL = re.compile(r"加(\S+) 减(\S+)")


class Row(NamedTuple):
    day: str
    sheet: str
    rule: str
    reason: str
    quantity: str
    how: str
    points: str

    @property
    def counted(self) -> Decimal:
        return Decimal(self.points)

    @property
    def quarter(self) -> int:
        """By the month of the sheet; attendance by its day."""
        month = int(self.sheet.removesuffix("月")) if self.sheet.endswith("月") else int(self.day[5:7])
        return (month + 2) // 3


def worked(name: str) -> tuple[list[Row], dict[str, Row]]:
    """The entries of a member, and the sums by the words of their first cell."""
    section = WORKED.split(f"## {name}\n")[1].split("\n## ")[0]
    rows = [Row(*(cell.strip() for cell in line.split("|")[1:-1])) for line in section.splitlines() if line[:2] == "| "]
    entries = [row for row in rows[1:] if row.day[:2] == "20"]
    return entries, {row.day: row for row in rows[1:] if row.day[:2] != "20"}


@pytest.mark.parametrize("name", NAMES)
def test_the_program_counts_each_entry_as_the_table_does(name: str) -> None:
    reckoning = demo().reckoning
    told = [
        (str(e.day), e.place.sheet, f"{e.rule.code} {e.rule.item}", e.reason, Decimal(line.counted) / 100)
        for line in reckoning.ledger.posted
        if (e := line.entry).member is named(reckoning, name) and e.rule
    ]
    assert told == [(*row[:4], row.counted) for row in worked(name)[0]]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_adds_up_and_is_what_the_program_scores(name: str) -> None:
    reckoning = demo().reckoning
    member, (entries, sums) = named(reckoning, name), worked(name)
    earned: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in entries:
        earned[row.quarter, row.rule[0]] += row.counted
    total = Decimal(100)
    for words, quarter in QUARTERS.items():
        told = SUBTOTAL.fullmatch(sums[words].reason)
        assert told
        bonus, deduction = Decimal(told[1]), Decimal(told[2])
        assert (bonus, deduction) == (earned[quarter, "加"], earned[quarter, "减"])
        total += bonus - deduction
        ceiling = Decimal(80) if (name, quarter) == ("褚晓东", 4) else total
        assert sums[words].counted == min(total, ceiling)
        (score,) = [s for s in reckoning.ledger.of(Period.of_quarter(2026, quarter)) if s.member is member]
        assert (score.bonus, score.deduction, score.score) == (100 * bonus, 100 * deduction, 100 * sums[words].counted)
        assert score.vetoed == (ceiling < total)
    spent = Decimal(sums["全年"].reason.removeprefix("兑换"))
    left = sum((row.counted * (1 if row.rule[0] == "加" else -1) for row in entries), -spent)
    year = next(score for score in reckoning.ledger.year if score.member is member)
    assert sums["全年"].counted == left
    assert year.balance == 100 * left
    assert year.score == 100 * sums["第四季度"].counted


@pytest.mark.parametrize("name", NAMES)
def test_a_half_year_is_two_of_its_quarters(name: str) -> None:
    reckoning = demo().reckoning
    member, (_, sums) = named(reckoning, name), worked(name)
    for half, (first, last) in ((Month(2026, 6).half, (1, 2)), (Month(2026, 12).half, (3, 4))):
        (score,) = [s for s in with_periods(reckoning.ledger, [half]).of(half) if s.member is member]
        told = [SUBTOTAL.fullmatch(sums[words].reason) for words, n in QUARTERS.items() if n in (first, last)]
        assert score.bonus == 100 * sum(Decimal(each[1]) for each in told if each)
        assert score.deduction == 100 * sum(Decimal(each[2]) for each in told if each)
        assert score.score == 100 * next(sums[words].counted for words, n in QUARTERS.items() if n == last)


def test_the_example_walks_a_year_with_every_verb() -> None:
    """What the story is made of: a promotion, exchanges, merged rules, vetoes by ballot and decision, 三会一课."""
    register, ledger = demo().reckoning.register, demo().reckoning.ledger
    promoted = named(demo().reckoning, "陶冶")
    before, after = (next(s for s in ledger.of(Period.of_quarter(2026, q)) if s.member is promoted) for q in (2, 3))
    assert (before.standing.kind, after.standing.kind) == (layout.PROBATIONARY, layout.FORMAL)
    assert (before.grade, after.grade) == (None, "合格")
    assert len(register.exchanges) == 3
    merged = {line.entry.rule.code for line in ledger.lines if line.entry.rule and line.entry.rule.merged}
    assert merged == {"加4-2"}
    assert [
        (vote.ballot.rule.code, vote.ballot.is_decided, vote.passed) for vote in ledger.votes if vote.ballot.rule
    ] == [
        ("否2", False, True),
        ("否3", True, True),
    ]
    held = {activity.kind for activity in register.activities}
    assert {"支部党员大会", "支部委员会会议", "党小组会", "党课"} <= held
    promotions = {str(change.day) for change in register.changes if change.item == layout.MEMBER_KIND}
    meetings = {str(activity.day) for activity in register.activities if activity.kind == "支部党员大会"}
    assert len(promotions) == 1
    assert promotions <= meetings, "it is the meeting that promotes"
    assert {str(vote.ballot.day) for vote in ledger.votes if not vote.ballot.is_decided} <= meetings
