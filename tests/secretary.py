"""A secretary (支部书记) at work on a branch's folder: types into the workbook, moves rows, and runs the commands.

What a person does by hand is done to the cells of the file and to nothing else in it; the clock stands where each
command is told. For the tests that follow a branch over time.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from openpyxl.utils.cell import coordinate_to_tuple

from xl_jifen.doors.cli.cli import main
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.patch.value import Value
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Cell, Grids

Rows = list[list[Cell]]
"""The cells of a sheet; row and column 1 come first."""


class Run(NamedTuple):
    """What one command gave back."""

    code: int
    out: str
    err: str


def run(*arguments: object) -> Run:
    """One command of ``xl-jifen``."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Run(code, out.getvalue(), err.getvalue())


def edit(path: Path, cells: Mapping[str, Value]) -> None:
    """Cells of a workbook by their place, ``3月!B7``, as a person fills them in and saves."""
    patch = Patch(Package.open(path))
    sheets: defaultdict[str, dict[tuple[int, int], Value]] = defaultdict(dict)
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        sheets[sheet][coordinate_to_tuple(cell)] = value
    for sheet, values in sheets.items():
        patch.set_cells(sheet, values)
    path.write_bytes(patch.to_bytes())


@functools.lru_cache(maxsize=2)
def grids_in(content: bytes) -> Grids:
    """A workbook as it reads; its rows are everybody's."""
    return read_grids(Package.of(content, "积分.xlsx"))


def grids_of(path: Path) -> Grids:
    """A workbook as it reads; looked at again, unchanged, it is not read again."""
    return grids_in(path.read_bytes())


def rows_of(path: Path, sheet: str) -> Rows:
    """A sheet as it reads."""
    grid = grids_of(path).get(sheet)
    assert grid, sheet
    return [list(row) for row in grid.rows]


def rearrange(path: Path, sheet: str, change: Callable[[Rows], Rows]) -> None:
    """A sheet after ``change``: rows sorted or deleted, columns inserted."""
    rearrange_all(path, {sheet: change})


def rearrange_all(path: Path, changes: Mapping[str, Callable[[Rows], Rows]]) -> None:
    """Several sheets, in one go."""
    before = {sheet: rows_of(path, sheet) for sheet in changes}
    put(path, {sheet: (rows, changes[sheet]([list(row) for row in rows])) for sheet, rows in before.items()})


def put(path: Path, sheets: Mapping[str, tuple[Rows, Rows]]) -> None:
    """Sheets as they were and as they shall be; only cells that differ are written."""
    patch = Patch(Package.open(path))
    for sheet, (before, after) in sheets.items():
        cells: dict[tuple[int, int], Any] = {}
        for number, (old_row, new_row) in enumerate(zip_longest(before, after), 1):
            for column, (old, new) in enumerate(zip_longest(old_row or [], new_row or []), 1):
                if old != new:
                    cells[number, column] = new
        patch.set_cells(sheet, cells)
    path.write_bytes(patch.to_bytes())


def rename_sheet(path: Path, old: str, new: str) -> None:
    """Another name on the tab."""
    package = Package.open(path)
    patch = Patch(package)
    part = patch.read(package.workbook)
    assert part.count(f'name="{old}"'.encode()) == 1
    patch.replace(package.workbook, part.replace(f'name="{old}"'.encode(), f'name="{new}"'.encode()))
    path.write_bytes(patch.to_bytes())


def heading_row(rows: Rows) -> int:
    """The index of the row with the headings: of the first five the fullest."""
    return max(range(min(5, len(rows))), key=lambda number: sum(cell is not None for cell in rows[number]))


class Said(NamedTuple):
    """What ``score --json`` says of a workbook."""

    findings: list[dict[str, str]]
    scores: Mapping[str, Mapping[str, str]]

    @property
    def places(self) -> list[tuple[str, str]]:
        """Code and cell of every finding."""
        return [(finding["code"], finding["place"]) for finding in self.findings]


def reckoned(path: Path) -> Said:
    """Errors and warnings in order, and everyone's score by period and name (namesakes: with the number)."""
    done = run("score", path, "--json")
    assert done.code in (0, 1), done
    said = json.loads(done.out)
    findings = [finding for finding in said["findings"] if finding["level"] != "提示"]
    assert done.code == any(finding["level"] == "错误" for finding in findings)
    names = {score["member"]: score["name"] for score in said["scores"]}
    scores: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for score in said["scores"]:
        alone = list(names.values()).count(score["name"]) == 1
        scores[score["period"]][score["name"] if alone else f"{score['name']}({score['member']})"] = score["score"]
    return Said(findings, scores)


def heed_zone() -> None:
    """Take note of the variable TZ, where the system can; also when it is as it was again."""
    if hasattr(time, "tzset"):
        time.tzset()


def clock(monkeypatch: pytest.MonkeyPatch, moment: float, zone: str, *modules: ModuleType) -> None:
    """A machine in that time zone whose clock stands at ``moment``, seconds since 1970 in UTC, for the modules."""
    monkeypatch.setenv("TZ", zone)
    heed_zone()

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Standing:
            return cls.fromtimestamp(moment, tz)

    for module in modules:
        monkeypatch.setattr(module, "datetime", Standing)
