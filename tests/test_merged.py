"""Merged cells: the user sees the date in every row, the file has it in the first; the finding says so."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from branch_parts import ENTRY, SHEETS, parts, reckoned
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


@pytest.mark.slow
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


@pytest.mark.slow
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


DAY = "2026-01-10"
ROWS = [[DAY, "张三", "加1", 1, "讲党课", None, "通过"], ["2026-01-12", "李四", "加2", 5, "植树", "照片", "通过"]]
MEETINGS = ["日期", "活动类型", "活动名称", "参加", "请假"]
HELD = {"考勤计分": [["活动类型", "到会情况", "规则编号"], ["党课", "参加", "加1"]]}


def told(sheet: str, rows: list[list[object]], merged: str, others: dict[str, list[list[object]]]) -> list[str]:
    """The findings of the small branch with such a sheet, of which that range is merged, by code and place."""
    sheets = {**SHEETS, **others, sheet: rows}
    made, part = parts(sheets), f"xl/worksheets/sheet{[*sheets].index(sheet) + 1}.xml"
    ranges = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells></worksheet>'
    made[part] = made[part].replace("</worksheet>", ranges)
    return [f"{each.code} {each.place}" for each in reckoned(made).findings]


@pytest.mark.parametrize(("sheet", "rows", "merged", "code"), [
    ("积分规则", [["规则编号", "类型", "大项", "小项", "分值", "计分组"], ["加1", "加分", "学", "讲课", 2, "甲"],
                ["加2", "加分", "学", "听课", 1, None]], "F2:F3", "E103 积分规则!F3"),
    ("积分规则", [["规则编号", "类型", "大项", "小项", "分值", "适用类别"], ["加1", "加分", "学", "讲课", 2, "退休"],
                ["加2", "加分", "学", "听课", 1, None]], "F2:F3", "E103 积分规则!F3"),
    ("党员名册", [["编号", "姓名", "党员类别", "计分类别"], ["001", "张三", "正式党员", "退休"],
                ["002", "李四", "正式党员", None]], "D2:D3", "E103 党员名册!D3"),
    ("1月", [[*ENTRY, "同一事项"], [*ROWS[0], "某奖"], [*ROWS[1], None]], "H2:H3", "E103 1月!H3"),
    ("活动考勤", [MEETINGS, [DAY, "党课", "一", "全体", "张三"], ["2026-01-20", "党课", "二", "全体", None]],
     "E2:E3", "E103 活动考勤!E3"),
    ("活动考勤", [MEETINGS, [DAY, "党课", "一", "全体", None], ["2026-01-20", "党课", "二", None, "张三"]],
     "D2:D3", "E103 活动考勤!D3"),
    ("人员变动", [["编号", "项目", "生效日期", "新值"], ["001", "党小组", "2026-02-01", "二组"],
                ["002", "党小组", "2026-02-01", None]], "D2:D3", "E103 人员变动!D3"),
    ("设置", [*SHEETS["设置"], ["公示期天数", 3], ["最高分", None]], "B5:B6", "E803 设置!B6"),
    ("设置", [*SHEETS["设置"], ["最高分", 120], [None, 130]], "A5:A6", "E803 设置!A6"),
])  # fmt: skip
def test_a_text_on_which_figures_rest_is_not_read_as_blank_either(
    sheet: str, rows: list[list[object]], merged: str, code: str
) -> None:
    """Else a cap is left out, or somebody on leave counts as present, and nobody is told."""
    groups: dict[str, list[list[object]]] = {"计分组": [["组名", "方式", "周期", "封顶分值"], ["甲", "封顶", "年", 2]]}
    assert code in told(sheet, rows, merged, HELD | groups)


def test_a_remark_merged_over_several_rows_is_let_be() -> None:
    assert told("1月", [[*ENTRY, "备注"], [*ROWS[0], "同去"], [*ROWS[1], None]], "H2:H3", {}) == []


@pytest.mark.parametrize(("merged", "codes"), [
    ("D2:D3", ["E102 1月!D3"]),
    ("A2:A3", ["E101 1月!A3"]),
    ("A3:G3", ["E101 1月!B3", "E101 1月!C3", "E101 1月!E3", "E101 1月!G3"]),
    ("A2:G3", ["E101 1月!B2", "E101 1月!C2", "E101 1月!E2", "E101 1月!G2"]),
])  # fmt: skip
def test_what_a_merged_range_covers_does_not_count(merged: str, codes: list[str]) -> None:
    """Nobody sees it: a painted format merges cells and leaves what stood in them."""
    assert told("1月", [ENTRY, *ROWS], merged, {}) == codes
