"""Merged cells: the user sees the date in every row, the file has it in the first; the finding says so."""

from __future__ import annotations

import openpyxl
import pytest
from notation import parse

import xl_jifen
from xl_jifen.excel.read.file import read_file

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
