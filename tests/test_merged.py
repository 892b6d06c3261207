"""Merged cells: the user sees the date in every row, the file has it in the first; the finding says so."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from notation import parse

import xl_jifen
from xl_jifen.excel.read.file import read_file
from xl_jifen.grid import column_letters

CASE = """合并的单元格。
套用 基本

## 积分规则（更改）
| 规则编号 | 需佐证 |
| 加2      | 是     |

## 1月
| 日期       | 姓名 | 规则 | 事由 | 佐证 | 审核状态 |
| 2026-01-10 | 张三 | 加2  | 植树 | 照片 | 通过     |
|            | 李四 | 加2  | 植树 |      | 通过     |
| 2026-01-11 | 王五 | 加2  |      | 照片 | 通过     |
"""


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> xl_jifen.Reckoning:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse(CASE).grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(list(row))
    book["1月"].merge_cells("A2:A3")
    book["1月"].merge_cells("E2:E3")
    book["设置"].merge_cells("D1:F1")
    path = tmp_path_factory.mktemp("merged") / "党员积分.xlsx"
    book.save(path)
    return xl_jifen.reckon(read_file(path))


def test_a_cell_missed_in_a_merged_range_is_said_to_belong_to_it(merged: xl_jifen.Reckoning) -> None:
    told = {f"{found.code} {found.place}": (found.message, found.remedy) for found in merged.findings}
    message, remedy = told["E101 1月!A3"]
    assert message == "必填项“日期”是空的：这一格属于合并的 A2:A3，只有头一格有内容"
    assert remedy == "请取消合并，逐行填写"
    assert told["E501 1月!E3"][0].endswith("这一格属于合并的 E2:E3，只有头一格有内容")


def test_a_cell_that_is_simply_blank_is_told_as_before(merged: xl_jifen.Reckoning) -> None:
    [found] = [found for found in merged.findings if str(found.place) == "1月!D4"]
    assert (found.message, found.remedy) == ("必填项“事由”是空的", "请填写“事由”")


def test_the_ranges_are_those_of_the_sheet(merged: xl_jifen.Reckoning) -> None:
    assert [line.counted for line in merged.ledger.lines] == [100, 0, 0]


@pytest.mark.parametrize(
    ("sheet", "heading", "value", "code"),
    [
        ("1月", "数量", 3, "E102"),
        ("1月", "申报分值", 2, "E102"),
        ("党员名册", "转出日期", "2026-02-01", "E102"),
        ("党员名册", "是否计分", "否", "E103"),
        ("积分规则", "需佐证", "是", "E103"),
    ],
)
def test_what_is_seen_in_every_row_is_not_read_as_blank(
    tmp_path: Path, sheet: str, heading: str, value: object, code: str
) -> None:
    """The quantity of the second row would be 1 where the sheet shows 3, and nobody would be told."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse("合并。\n套用 基本\n\n" + CASE[CASE.index("## 1月") :]).grids:
        page = book.create_sheet(grid.name)
        for row in grid.rows:
            page.append(list(row))
    page, path = book[sheet], tmp_path / "党员积分.xlsx"
    headings = [cell.value for cell in page[1]]
    page["A3"] = page["A3"].value or page["A2"].value
    letter = column_letters(headings.index(heading) + 1 if heading in headings else len(headings) + 1)
    page[f"{letter}1"], page[f"{letter}2"], page[f"{letter}3"] = heading, value, None
    page.merge_cells(f"{letter}2:{letter}3")
    book.save(path)
    [found] = [each for each in xl_jifen.reckon(read_file(path)).findings if str(each.place) == f"{sheet}!{letter}3"]
    assert (found.code, found.remedy) == (code, "请取消合并，逐行填写")
    assert found.message == f"“{heading}”是空的：这一格属于合并的 {letter}2:{letter}3，只有头一格有内容"
