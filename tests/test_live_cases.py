"""The open book gives what the closed file gives, for whatever a secretary may write into one.

Each workbook of tests/cases that has a sheet or column which not every branch uses is written to a file; 重新计算 in
the open book must then leave every cell as ``recalc`` leaves it in the closed one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from engines import memory
from notation import CASES, Case, read
from test_live import closed, opened

from xl_jifen import layout
from xl_jifen.doors import ribbon
from xl_jifen.doors.cli.report import json_text
from xl_jifen.excel.live import open_book as live
from xl_jifen.excel.read.file import read_file
from xl_jifen.grid import CellError, Grid, Grids, heading_key
from xl_jifen.register import Register
from xl_jifen.roster import names_in
from xl_jifen.verbs import quarter as verbs

pytestmark = pytest.mark.slow

NEW_SHEETS = ("人员变动", "积分兑换", "测评记录", "组织生活要求", "节假日")
NEW_COLUMNS = ("免计数量", "分档", "累计", "否决方式", "公示")
SEVERAL = "几个人一行"


def columns(grid: Grid) -> list[str]:
    return [heading_key(str(cell)) for cell in grid.rows[0]] if grid.rows else []


def traits(case: Case) -> Iterable[str]:
    """What of a workbook not every branch has."""
    for grid in case.grids:
        filled = [row for row in grid.rows[1:] if any(cell is not None for cell in row)]
        if grid.name in NEW_SHEETS and filled:
            yield grid.name
        for name in NEW_COLUMNS if grid.name == "积分规则" else ():
            at = columns(grid).index(name) if name in columns(grid) else -1
            if any(at < len(row) and row[at] is not None for row in filled if at >= 0):
                yield name
        if grid.name.endswith("月") and "姓名" in columns(grid):
            at = columns(grid).index("姓名")
            if any(len(names_in(str(row[at]))) > 1 for row in filled if at < len(row)):
                yield SEVERAL


def chosen() -> Mapping[str, list[str]]:
    """The cases, each with its traits; of every trait all the cases that have it."""
    found = {}
    for path in sorted(CASES.glob("[!_]*.txt")):
        case = read(path)
        if kinds := sorted(set(traits(case))):
            found[path.stem] = kinds
    return found


CHOSEN = chosen()


def save(grids: Grids, path: Path) -> None:
    """The workbook as a plain file, the rules with the column that the tool words (工具如何计)."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for number, row in enumerate(grid.rows):
            more = [layout.HOW_COUNTED] if grid.name == "积分规则" and not number else []
            sheet.append([cell.text if isinstance(cell, CellError) else cell for cell in (*row, *more)])
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, (date, datetime)):
                    cell.number_format = "yyyy-mm-dd"
                elif isinstance(cell.value, str) and not cell.value.startswith("#"):
                    cell.data_type, cell.number_format = "s", "@"
    book.save(path)


@pytest.mark.parametrize("trait", [*NEW_SHEETS, *NEW_COLUMNS, SEVERAL])
def test_every_trait_has_a_workbook(trait: str) -> None:
    assert any(trait in kinds for kinds in CHOSEN.values())


@pytest.mark.parametrize("name", CHOSEN)
def test_the_open_book_gives_what_the_closed_file_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "党员积分.xlsx"
    save(read(CASES / f"{name}.txt").grids, path)
    shut = Path(shutil.copy(path, tmp_path / "关着.xlsx"))
    done = verbs.open_workbook(shut)
    verbs.recalculate(done, datetime.now())
    with opened(memory.Engine(), path, monkeypatch) as host:
        seen = ribbon._read(host.book).reckoning
        assert [*json_text(seen)] == [*json_text(done.reckoning)]
        assert beside(seen.register) == beside(done.reckoning.register)
        ribbon.recalculate()
        written = read_file(shut)
        for grid in live.read(host.book):
            expected = written.get(grid.name)
            assert expected
            assert filled(grid) == filled(expected), grid.name
        for sheet in layout.OWNED_SHEETS[:3]:
            assert texts(host.cells(sheet)) == closed(shut, sheet, formulas=True), sheet


def beside(register: Register) -> tuple[object, ...]:
    """What no score rests on, and notices and tables do."""
    opinions = [
        (opinion.member.code if opinion.member else "", opinion.sort, dict(opinion.counts), opinion.faults)
        for opinion in register.opinions
    ]
    return register.holidays, opinions, [*map(tuple, register.requirements)], register.objections


def filled(grid: Grid) -> dict[tuple[int, int], Any]:
    return {
        (row, column): cell
        for row, cells in enumerate(grid.rows, 1)
        for column, cell in enumerate(cells, 1)
        if cell is not None
    }


def texts(cells: Mapping[tuple[int, int], Any]) -> dict[tuple[int, int], Any]:
    """What is shown: of a link its text."""
    return {
        place: cell[:-2].rpartition('"')[2] if isinstance(cell, str) and cell.startswith("=HYPERLINK(") else cell
        for place, cell in cells.items()
    }
