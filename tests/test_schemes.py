"""The table of 规则对照.md: each way of scoring has a case, and what carries it there carries it indeed.

A carrier is a column (``积分规则!累计``) or a setting (``设置!最低分``): without it the case must turn red.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from notation import CASES, Case, read
from secretary import run
from test_cases import test_case as judge
from test_cases import with_those_asked
from test_live_cases import save

import xl_jifen
from xl_jifen.grid import Grid, Grids
from xl_jifen.render import typeset

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


WALKED = {
    "制度_每月满分逐项扣完": "2026-01",
    "制度_八十加二十取平均": "2026Q1",
    "制度_兑换奖品": "全年",
    "制度_党小组排名": "2026-04",
}
"""Four kinds of schemes, each with a period that is published."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "period"), WALKED.items(), ids=WALKED)
def test_a_kind_of_scheme_is_walked_from_check_to_notice(
    name: str, period: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    case, book = read(CASES / f"{name}.txt"), tmp_path / "党员积分.xlsx"
    save(case.grids, book)
    wanted = {row.cells["党员"]: row.cells for row in case.expected["积分"].rows if row.cells["周期"] == period}
    assert wanted

    expected = sorted(row.cells["代码"] for row in case.expected["发现"].rows) if "发现" in case.expected else []
    checked = run("check", book, "--json")
    assert sorted(found["code"] for found in json.loads(checked.out)["findings"]) == expected
    assert checked.code == any(code.startswith("E") for code in expected)

    scored = json.loads(run("score", book, "--json", "--period", period).out)["scores"]
    asked = {
        score["name"]: score for score in scored if score["period"] in (period, "year" if period == "全年" else "")
    }
    for member, cells in wanted.items():
        keys = {"加分": "bonus", "减分": "deduction", "积分": "score", "余额": "balance"}
        figures = {heading: asked[member][key] for heading, key in keys.items() if heading in cells}
        assert figures == {heading: cells[heading] for heading in figures}

    done = run("publish", book, period, "--date", "2027-01-06", "--out", tmp_path / "公示")
    assert done.code == 0, done
    (notice,) = (tmp_path / "公示").glob("*.xlsx")
    sheet = list(openpyxl.load_workbook(notice).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    heads = next([str(cell).replace("\n", "") for cell in row] for row in sheet if "姓名" in row)
    shown = {row[heads.index("姓名")]: row[heads.index("积分")] for row in sheet}
    assert {member: float(shown[member]) for member in wanted} == {m: float(wanted[m]["积分"]) for m in wanted}


def carries(grid: Grid, carrier: str) -> bool:
    """Whether a sheet has the column or setting at all."""
    sheet, _, name = carrier.partition("!")
    heads = [row[0] for row in grid.rows] if sheet == "设置" else grid.rows[0]
    return grid.name == sheet and name in heads
