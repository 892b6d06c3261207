"""The table of 规则对照.md: each way of scoring has a case, and what carries it there carries it indeed.

A carrier is a column (``积分规则!累计``) or a setting (``设置!最低分``): without it the case must turn red.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from notation import CASES, Case, read
from test_cases import test_case as judge
from test_cases import with_those_asked

import xl_jifen
from xl_jifen.grid import Grid, Grids

TABLE = Path(xl_jifen.__file__).parent / "docs" / "规则对照.md"


def rows() -> Iterator[tuple[str, list[str], list[str]]]:
    """What each row of the table says: the way, its cases, what carries it."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    for line in lines[1:]:
        way, _, cases, carriers = (cell.strip() for cell in line.strip("|").split("|"))
        yield way, cases.split("、"), carriers.split("、")


CARRIED = sorted({(case, carrier) for _, cases, carriers in rows() for case in cases for carrier in carriers})


def without(case: Case, carrier: str) -> Grids:
    """The workbook of a case with that column or setting emptied; its own where there is none."""
    sheet, _, name = carrier.partition("!")

    def emptied(grid: Grid) -> Grid:
        if grid.name != sheet:
            return grid
        if sheet == "设置":
            return Grid(sheet, [row for row in grid.rows if row[0] != name])
        column = list(grid.rows[0]).index(name) if name in grid.rows[0] else len(grid.rows[0])
        return Grid(sheet, [grid.rows[0], *([*row[:column], None, *row[column + 1 :]] for row in grid.rows[1:])])

    return Grids(tuple(map(emptied, case.grids)))


def test_every_way_has_its_cases() -> None:
    assert [case for _, cases, _ in rows() for case in cases if not (CASES / f"{case}.txt").exists()] == []
    assert len({way for way, *_ in rows()}) == len(list(rows())) > 40


@pytest.mark.parametrize("case", sorted({case for _, cases, _ in rows() for case in cases}))
def test_a_scheme_has_members_and_entries_and_is_reckoned_by_hand(case: str) -> None:
    found = read(CASES / f"{case}.txt")
    register = xl_jifen.reckon(found.grids).register
    assert len(register.members) >= 2
    assert len(register.entries) + len(register.ballots) >= 3
    assert len(re.findall(r"\d+", "".join(found.argument))) >= 2, "figures, reckoned by hand"


@pytest.mark.parametrize(("name", "carrier"), CARRIED)
def test_without_what_carries_it_the_case_turns_red(name: str, carrier: str) -> None:
    case = read(CASES / f"{name}.txt")
    if not any(carries(grid, carrier) for grid in case.grids):
        assert any(name in cases and len(cases) > 1 for _, cases, carriers in rows() if carrier in carriers)
        return  # another case of that way has it
    broken = replace(case, grids=without(case, carrier))
    reckoning = xl_jifen.reckon(broken.grids)
    with pytest.raises(AssertionError):
        judge(broken, with_those_asked(broken, reckoning))


def carries(grid: Grid, carrier: str) -> bool:
    """Whether a sheet has the column or setting at all."""
    sheet, _, name = carrier.partition("!")
    heads = [row[0] for row in grid.rows] if sheet == "设置" else grid.rows[0]
    return grid.name == sheet and name in heads
