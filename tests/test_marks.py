"""What the tool writes beside a row that names several people: the sum, and for whom what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from notation import CASES, read

import xl_jifen
from xl_jifen import layout
from xl_jifen.catalogue import Code
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, CellError, Grid, Place
from xl_jifen.publish.owned.marks import Mark, changed, marks
from xl_jifen.table import Table


def beside(name: str, sheet: layout.Sheet, row: int) -> dict[str, Mark]:
    """The owned cells of one row of a case, by heading."""
    case = read(CASES / f"{name}.txt")
    reckoning = xl_jifen.reckon(case.grids)
    grid = case.grids.get(sheet.name)
    assert grid is not None
    marked = marks(case.grids, reckoning.register, reckoning.findings, reckoning.ledger)[sheet.name]
    columns = Table(sheet, grid).columns
    heads = {column: text for (number, column), text in marked.items() if number == 1}
    heads |= {column: heading for heading, column in columns.items()}
    return {str(heads[column]): mark for (number, column), mark in marked.items() if number == row}


def test_the_figure_of_a_row_is_the_sum_of_its_people() -> None:
    january = layout.MONTHS[0]
    assert beside("几人一行", january, 2)[layout.COUNTED] == Decimal(2)
    assert beside("几人一行", january, 7)[layout.COUNTED] == Decimal(1)
    assert beside("几人一行的冲销", layout.MONTHS[1], 2)[layout.COUNTED] == Decimal(-4)


def test_the_hint_says_for_whom_what() -> None:
    hint = str(beside("几人一行", layout.MONTHS[0], 7)[layout.HINT])
    assert "错误：赵六在 2026-01-14 不在册" in hint
    assert "提示：李四：原始 2 分，计入 1 分" in hint
    hint = str(beside("几人一行的冲销", layout.MONTHS[1], 6)[layout.HINT])
    assert "张三：冲销" in hint
    assert "王五：冲销" in hint


def test_what_concerns_all_people_of_a_row_is_said_once() -> None:
    assert str(beside("几人一行", layout.MONTHS[0], 6)[layout.HINT]).count("事由") == 1


def test_errors_are_told_before_warnings_and_these_before_what_is_only_explained() -> None:
    place = Place("1月", 2, 3)
    codes: tuple[Code, ...] = ("I001", "W402", "E201")
    findings = [Finding(code, place, f"{code} 的话", "") for code in codes]
    case = read(CASES / "几人一行.txt")
    reckoning = xl_jifen.reckon(case.grids)
    marked = marks(case.grids, reckoning.register, findings, reckoning.ledger)["1月"]
    assert "错误：E201 的话；警告：W402 的话；提示：I001 的话" in marked.values()


@pytest.mark.parametrize(
    ("cell", "mark", "same"),
    [
        (2, 2.0, True),
        (2.5, 2.5, True),
        (True, 1.0, False),
        ("2", 2.0, False),
        (None, None, True),
        ("", None, False),
        ("一\n二", "一\n二", True),
        ("一", "二", False),
        (CellError("#N/A"), "#N/A", False),
    ],
)
def test_what_a_cell_says_already_is_not_written_again(cell: Cell, mark: Mark, same: bool) -> None:
    assert (changed(Grid("1月", [(None, cell)]), {(1, 2): mark}) == {}) == same


def test_a_hint_has_the_line_breaks_of_cells() -> None:
    case = read(CASES / "几人一行.txt")
    reckoning = xl_jifen.reckon(case.grids)
    quoting = [Finding("E201", Place("1月", 2, 3), "没有“甲\r\n乙\r丙”", "")]
    marked = marks(case.grids, reckoning.register, quoting, reckoning.ledger)["1月"]
    assert "错误：没有“甲\n乙\n丙”" in marked.values()
