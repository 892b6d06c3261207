"""Recalling (重读): archives as today's program reads them, each row read and reckoned at most once.

A later archive of a cycle holds the rows of the earlier ones too. Where it holds them just as they were, the earlier
one is recalled from it, so that a year of archives is read as one; where anything differs each is read by itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from xl_jifen.archive.meaning import State
from xl_jifen.archive.snapshot import DATED, FIGURES, Archive, decoded, figures, grids_of
from xl_jifen.check import check
from xl_jifen.finding import Finding
from xl_jifen.grid import Grids, as_date
from xl_jifen.layout import GROUNDS
from xl_jifen.read import read
from xl_jifen.register import Ledger, Register, Score
from xl_jifen.score import score, with_periods


class Reading:
    """The rows of one archive as today's program reads them; nothing is read before it is asked for."""

    def __init__(self, archived: Archive) -> None:
        self._archived = archived

    @cached_property
    def grids(self) -> Grids:
        """The archived cells where they stood."""
        return grids_of(self._archived)

    @cached_property
    def _read(self) -> tuple[Register, list[Finding]]:
        return read(self.grids)

    @cached_property
    def _reckoned(self) -> tuple[Ledger, list[Finding]]:
        register, unread = self._read
        checked = check(register)
        ledger, cuts = score(register, checked)
        return ledger, [*unread, *checked.findings, *cuts]

    @cached_property
    def state(self) -> State:
        """What they say, to be compared with another state."""
        return State(self.grids, self._read[0])

    @property
    def ledger(self) -> Ledger:
        """What they earn."""
        return self._reckoned[0]

    @property
    def findings(self) -> list[Finding]:
        """What is to be said of them."""
        return self._reckoned[1]


class Changed(NamedTuple):
    """A figure of an archive that today's program reckons otherwise from the archive's own rows (程序的读法变了)."""

    name: str
    old: str
    new: str

    def words(self, period: str) -> str:
        """As it is told once, beside findings: nothing was changed, and nothing need be done."""
        return (
            f"程序的读法变了：{self.name}{period}归档的积分是 {self.old}，按今天的读法是 {self.new}；"
            "这不是改动，公示和归档的仍以归档为准。"
        )


class Recalled(NamedTuple):
    """An archive, and where its rows are read."""

    archived: Archive
    reading: Reading

    @property
    def scores(self) -> Mapping[str, Score]:
        """Its period's scores by the number of the member, as today's program reckons them from its rows."""
        period = self.archived.period
        return {each.member.code: each for each in with_periods(self.reading.ledger, [period]).of(period)}

    def changed(self) -> tuple[Changed, ...]:
        """The figures of its period that today's program reckons otherwise."""
        now, period = self.scores, str(self.archived.period)
        told = []
        for was in self.archived.content["scores"]:
            found = now.get(was["member"])
            if was["period"] == period and (found is None or not agrees(was, found)):
                told.append(Changed(was["name"], was["score"], figures(found)["score"] if found else "—"))
        return tuple(told)


def agrees(was: Mapping[str, Any], now: Score) -> bool:
    """Whether a score has the figures that an archive holds."""
    return figures(now) == {key: was[key] for key in FIGURES}


def recalled(archives: Iterable[Archive]) -> list[Recalled]:
    """Archives in the order of time, those that stand whole in the next one sharing its reading."""
    found: list[Recalled] = []
    for archived in sorted(archives, key=lambda archived: archived.period, reverse=True):
        shared = found and _stands_in(archived, found[-1].archived)
        found.append(Recalled(archived, found[-1].reading if shared else Reading(archived)))
    return found[::-1]


def _stands_in(earlier: Archive, later: Archive) -> bool:
    """Whether the later archive holds, of the sheets and days of the earlier one, just what that holds."""
    if earlier.content["cycle"] != later.content["cycle"]:
        return False
    months = {month.sheet for month in earlier.months}
    own = {sheet["sheet"]: sheet for sheet in earlier.content["sheets"]}
    its = {sheet["sheet"]: sheet for sheet in later.content["sheets"]}
    grounds = {sheet.name for sheet in GROUNDS}
    for name in {*own, *its}:
        if name not in grounds and name not in DATED and name not in months:
            continue
        if name not in own or name not in its:
            return False
        here, there = own[name], its[name]
        if {**here, "rows": []} != {**there, "rows": []}:
            return False
        rows = there["rows"]
        if name in DATED:
            rows = [row for row in rows if _dated(row, DATED[name], earlier.end)]
        if here["rows"] != rows:
            return False
    return True


def _dated(row: Mapping[str, Any], heading: str, end: date) -> bool:
    day = as_date(decoded(row["cells"].get(heading)))
    return day is not None and day <= end
