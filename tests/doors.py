"""The doors of the house (入口), each as a function of a workbook: what it finds, and how it scores.

Command line, closed file, open book, ribbon, worksheet functions, rollup and desk. The open book is the engine in
memory. For test_doors, which puts the same workbooks through all of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import openpyxl
import pytest
from engines import memory
from secretary import run
from test_live import Dialog, Host, opened

from xl_jifen import layout
from xl_jifen.catalogue import LEVELS, level_of
from xl_jifen.doors import functions, ribbon
from xl_jifen.doors.cli.cli import done_of
from xl_jifen.doors.desk.run import runner
from xl_jifen.doors.desk.session import Session
from xl_jifen.doors.desk.web import by_weight
from xl_jifen.excel.live.comvalue import cell_of
from xl_jifen.excel.read.file import read_file
from xl_jifen.finding import NOTHING_TO_DO, SETTLED
from xl_jifen.grid import Place
from xl_jifen.register import points_text
from xl_jifen.verbs import quarter
from xl_jifen.verbs.rollup.rollup import branch

Told = tuple[str, str, str, str, str]
"""A finding as a person reads it: level, code, cell, message, remedy."""


class Desk(NamedTuple):
    """A copy of one workbook's folder, and what stands in for Excel where a button is to be pressed."""

    book: Path
    patch: pytest.MonkeyPatch

    def press(self, button: Callable[[], None], other: Path | None = None) -> tuple[str, Host]:
        """Press a button in the open book; what the box said, and the book afterwards."""
        with self.open() as host:
            self.patch.setattr(memory.App, "api", property(lambda app: _program(other)))
            button()
            (said,) = host.said
            return said[0], host

    @contextmanager
    def open(self) -> Iterator[Host]:
        with opened(memory.Engine(), self.book, self.patch) as host:
            yield host


def _program(other: Path | None) -> Any:
    dialog = Dialog()
    dialog.chosen = str(other) if other else False
    return SimpleNamespace(Ready=True, Name="Microsoft Excel", GetOpenFilename=dialog.open)


# ---- findings ----


def by_json(command: str) -> Callable[[Desk], list[Told]]:
    def told(desk: Desk) -> list[Told]:
        found = json.loads(run(command, desk.book, "--json").out)["findings"]
        return [tuple(finding[key] for key in ("level", "code", "place", "message", "remedy")) for finding in found]

    return told


def by_words(command: str) -> Callable[[Desk], list[Told]]:
    """What stands on the screen. Where nothing is to be done no remedy is said; the roots come first."""

    def told(desk: Desk) -> list[Told]:
        found: list[Told] = []
        for line in run(command, desk.book).out.splitlines():
            if line.startswith("    怎么改："):
                found[-1] = (*found[-1][:4], line.removeprefix("    怎么改："))
            elif line[:2] in LEVELS and line[2] == " ":
                level_and_code, place, message = line.split("  ", 2)
                found.append((*level_and_code.split(" "), place, message, ""))  # type: ignore[arg-type]
        return found

    return told


def by_closed_file(desk: Desk) -> list[Told]:
    found = quarter.open_workbook(desk.book).reckoning.findings
    return [(f.level, f.code, str(f.place), f.message, f.remedy) for f in found]


def by_open_book(desk: Desk) -> list[Told]:
    with desk.open() as host:
        found = ribbon._read(host.book).reckoning.findings
    return [(f.level, f.code, str(f.place), f.message, f.remedy) for f in found]


def by_desk(desk: Desk) -> list[Told]:
    session = Session(desk.book.parent, runner(done_of))
    session.open(desk.book)
    reckoning = session.look().reckoning
    assert reckoning
    found = [finding for _, group in by_weight(reckoning.findings) for finding in group]
    return [(f.level, f.code, str(f.place), f.message, f.remedy) for f in found]


def by_rollup(desk: Desk) -> list[Told]:
    """Of one file by itself: errors and warnings, without what was archived."""
    found = branch(desk.book.read_bytes(), desk.book.name)
    assert not found.error
    assert not found.more
    places = [str(Place(problem.sheet, problem.row, problem.column)) for problem in found.problems]
    return [
        (level_of(problem.code), problem.code, place, problem.message, problem.remedy)
        for problem, place in zip(found.problems, places, strict=True)
    ]


def by_sheet_of_recalc(desk: Desk) -> list[Told]:
    run("recalc", desk.book)
    sheet = openpyxl.load_workbook(desk.book, read_only=True)[layout.FINDINGS_SHEET]
    return _listed([[_shown(cell.value) for cell in row] for row in sheet.iter_rows()])


def by_button(button: Callable[[], None]) -> Callable[[Desk], list[Told]]:
    def told(desk: Desk) -> list[Told]:
        _, host = desk.press(button)
        cells = host.cells(layout.FINDINGS_SHEET)
        bottom, right = (max(place[axis] for place in cells) for axis in (0, 1))
        return _listed(
            [[_shown(cells.get((row, column))) for column in range(1, right + 1)] for row in range(1, bottom + 1)]
        )

    return told


def _shown(value: Any) -> str:
    """What a cell shows; of a link its text."""
    text = "" if value is None else str(cell_of(value))
    return text[:-2].rpartition('"')[2] if text.startswith("=HYPERLINK(") else text


def _listed(rows: list[list[str]]) -> list[Told]:
    top = next(number for number, row in enumerate(rows) if tuple(row[:5]) == layout.FINDINGS_HEADINGS)
    return [tuple(row[:5]) for row in rows[top + 1 :] if row[1]]  # type: ignore[misc]


def without_notes(found: list[Told]) -> list[Told]:
    return [told for told in found if told[1][0] != "I"]


def on_the_screen(found: list[Told]) -> list[Told]:
    """Without what was settled by an archive; where nothing is to be done, no remedy is said."""
    return [(*told[:4], "" if told[4] == NOTHING_TO_DO else told[4]) for told in found if told[4] != SETTLED]


def without_archives(found: list[Told]) -> list[Told]:
    return [told for told in without_notes(found) if told[1] != "E901"]


def everything(found: list[Told]) -> list[Told]:
    return found


class Door(NamedTuple):
    """How findings come out of it, which of them, and in the same order or another (roots first, by level)."""

    told: Callable[[Desk], list[Told]]
    of: Callable[[list[Told]], list[Told]] = everything
    in_order: bool = True


LOOKING: Mapping[str, Door] = {
    "score --json": Door(by_json("score")),
    "check": Door(by_words("check"), on_the_screen, in_order=False),
    "score": Door(by_words("score"), on_the_screen, in_order=False),
    "closed file": Door(by_closed_file),
    "open book": Door(by_open_book),
    "desk": Door(by_desk, in_order=False),
    "rollup": Door(by_rollup, without_archives, in_order=False),
}
WRITING: Mapping[str, Door] = {
    "recalc": Door(by_words("recalc"), on_the_screen, in_order=False),
    "校验结果 of recalc": Door(by_sheet_of_recalc, in_order=False),
    "button 校验": Door(by_button(ribbon.check), in_order=False),
    "button 重新计算": Door(by_button(ribbon.recalculate), in_order=False),
}


# ---- scores ----

Scores = dict[str, tuple[str, ...]]
"""By 编号: 加分, 减分, 积分 as they are written."""


def by_command(desk: Desk) -> dict[str, Scores]:
    found: defaultdict[str, Scores] = defaultdict(dict)
    for score in json.loads(run("score", desk.book, "--json").out)["scores"]:
        found[score["period"]][score["member"]] = (score["bonus"], score["deduction"], score["score"])
    return found


def by_function(desk: Desk) -> dict[str, Scores]:
    """JF_SCORES over the sheets, those of the months stacked below each other."""
    grids = {grid.name: [list(row) for row in grid.rows] for grid in read_file(desk.book)}
    stacked = [["月份", *grids["1月"][2]]]
    for month in layout.MONTHS:
        stacked += [[month.name, *row] for row in grids[month.name][3:]]
    needed = [grids[sheet.name] for sheet in (layout.ROSTER, layout.RULES, layout.SETTINGS)]
    more = (layout.GROUPS, layout.BANDS, layout.ACTIVITIES, layout.ATTENDANCE_RULES, layout.BALLOTS)
    found = {}
    for period in PERIODS:
        asked = "全年" if period == "year" else period
        ask: Any = functions.JF_SCORES
        table = ask(*needed, stacked, asked, *(grids[sheet.name] for sheet in more))
        found[period] = {str(row[1]): tuple(f"{cell:g}" for cell in row[4:7]) for row in table[1:] if row[1]}
    return found


def by_rollup_of_one(desk: Desk) -> dict[str, Scores]:
    found: defaultdict[str, Scores] = defaultdict(dict)
    for score in branch(desk.book.read_bytes(), desk.book.name).scores:
        found[str(score.period)][score.member] = tuple(map(points_text, (score.bonus, score.deduction, score.score)))
    return found


def by_open_book_scores(desk: Desk) -> dict[str, Scores]:
    found: defaultdict[str, Scores] = defaultdict(dict)
    with desk.open() as host:
        for score in ribbon._read(host.book).reckoning.ledger.scores:
            figures = (score.bonus, score.deduction, score.score)
            found[str(score.period)][score.member.code] = tuple(map(points_text, figures))
    return found


PERIODS = ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "year")
SCORING = {"JF_SCORES": by_function, "rollup": by_rollup_of_one, "open book": by_open_book_scores}
