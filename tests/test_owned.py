"""The four sheets the tool writes: their looks and links, and that a second engine reckons the same from formulas."""

from __future__ import annotations

import io
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from libreoffice import Shown, recomputed, shown
from owned_branch import COMPUTED, EXCHANGED, YEAR_OF_ENTRIES, book_of, drawn, grids, owned_tables, told

from xl_jifen import layout
from xl_jifen.excel.draw.looks import height
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.publish.owned.tables import tables
from xl_jifen.register import Ledger, Register, Settings

ALLOWED = {"SUMIFS", "COUNTIFS", "INDEX", "MATCH", "IFERROR", "SUMPRODUCT", "RANK", "MIN", "MAX", "TEXT", "ROUND"}


# 计分明细


def test_every_line_says_where_it_stands_and_why_it_counts_less() -> None:
    said = told("""
## 2月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
| 2026-02-03 | 李四 | 加1 | 讲党课 | 待审 |
| 2026-02-01 | 李四 | 减1 | 缺席 | 通过 |
## 1月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加1 | 讲党课 | 通过 |
| 2026-01-09 | 查无此人 | 加1 | 讲党课 | 通过 |
""").lines
    assert [(line.source, line.name, line.counted) for line in said] == [
        ("1月!2", "张三", Decimal(2)),
        ("1月!3", "", Decimal(0)),
        ("2月!3", "李四", Decimal(0)),
        ("2月!2", "李四", Decimal(0)),
    ]
    assert said[0].words == ""
    assert "查无此人" in said[1].words
    assert "待审" in said[3].words


def test_an_attendance_row_explains_each_of_its_people_separately() -> None:
    said = told("""
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 |
| 2026-01-09 | 党课 | 第一课 | 张三、赵六 |
## 考勤计分
| 活动类型 | 到会情况 | 规则编号 |
| 党课 | 参加 | 加1 |
## 党员名册（更改）
| 编号 | 转出日期 | 转入日期 |
| 001 | 2026-01-01 | |
| 004 | | 2026-01-31 |
""").lines
    assert [line.name for line in said] == ["张三", "赵六"]
    assert all(line.name in line.words for line in said)


# 积分台账


@pytest.mark.slow
def test_formulas_use_only_functions_every_program_knows() -> None:
    content = drawn(owned_tables(grids(3, settings={"最低分": 90, "最高分": 110})))
    formulas = [cell.value for row in book_of(content)["积分台账"] for cell in row if cell.data_type == "f"]
    used = {name for formula in formulas for name in re.findall(r"([A-Z.]+)\(", formula)}
    assert len(formulas) > 900
    assert {"SUMIFS", "MIN", "MAX"} <= used <= ALLOWED


LEDGERS: list[dict[str, Any]] = [
    {"最低分": 99.99, "最高分": 103.25},
    {"年度汇总方式": "季度平均", "一票否决范围": "当季"},
]
ALIKE = """
## 党员名册
| 编号 | 姓名 | 党员类别 |
| 007 | 张伟 | 正式党员 |
| “7” | 张伟 | 正式党员 |
| * | 李四 | 正式党员 |
| a1 | 王五 | 正式党员 |
| <5 | 赵六 | 正式党员 |
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张伟(007) | 加1 | 1 | 讲党课 | 通过 |
| 2026-01-09 | 张伟(7) | 加1 | 2 | 讲党课 | 通过 |
| 2026-01-09 | 李四 | 加1 | 3 | 讲党课 | 通过 |
| 2026-01-09 | 王五 | 加1 | 4 | 讲党课 | 通过 |
| 2026-01-09 | 赵六 | 加1 | 5 | 讲党课 | 通过 |
"""


SMALL = [("月", "2026-09-10"), ("季", "2026-07-01"), ("半年", "2026-12-01"), ("年", "2027-01-01")]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[bytes, Shown]]:
    """Drawn sheets, those of ALIKE last, and each ledger as LibreOffice reckons it."""
    ours = [drawn(owned_tables(grids(11, entries=400, months=12, settings=settings))) for settings in LEDGERS]
    for period, day in SMALL:
        text = YEAR_OF_ENTRIES.format(settings=f"| 公示周期 | {period} |\n| 最高分 | 102.5 |")
        ours.append(drawn(told(text, datetime.fromisoformat(day))))
    ours += [drawn(told(EXCHANGED, datetime(2026, 9, 10))), drawn(told(ALIKE))]
    theirs = recomputed(ours, tmp_path_factory.mktemp("both"), layout.LEDGER_SHEET)
    return [(content, sheets[layout.LEDGER_SHEET]) for content, sheets in zip(ours, theirs, strict=True)]


@pytest.mark.office
@pytest.mark.parametrize("number", range(len(LEDGERS) + len(SMALL) + 1))
def test_libreoffice_reckons_the_same_from_the_formulas(both: list[tuple[bytes, Shown]], number: int) -> None:
    content, theirs = both[number]
    ours, cells = (shown(io.BytesIO(content), layout.LEDGER_SHEET, formulas=formulas) for formulas in (False, True))
    formulas = [at for at, text in cells.items() if str(text)[:1] == "="]
    assert len(formulas) > (900 if number < len(LEDGERS) else 60)
    assert [(at, ours.get(at), theirs.get(at)) for at in formulas if ours.get(at) != theirs.get(at)] == []


@pytest.mark.office
def test_numbers_that_look_alike_are_different_people(both: list[tuple[bytes, Shown]]) -> None:
    """007 and 7, and two who share a name, an asterisk for a number, or letters that differ in case only."""
    ledger = both[-1][1]
    [january] = [at[:-1] for at, value in ledger.items() if re.fullmatch("[A-Z]+3", at) and value == "1月"]
    assert [(ledger[f"B{row}"], ledger[f"{january}{row}"]) for row in range(4, 9)] == [
        ("007", 2),
        ("7", 4),
        ("*", 6),
        ("a1", 8),
        ("<5", 10),
    ]
    assert "B9" not in ledger


# 积分台账 on a day


# 校验结果 and the look of it all


@pytest.mark.slow
def test_each_finding_links_to_its_cell_unless_its_sheet_is_missing() -> None:
    findings = (
        Finding("E501", Place("3月", 7, 8), "缺少佐证", "请写明"),
        Finding("W402", Place("小王's表", 4), "补登", "无需修改"),
        Finding("E811", Place("12月", 1, 1), "缺少工作表", "请补上"),
    )
    register = Register(Settings())
    content = drawn(tables(register, findings, Ledger(register, (), (), ()), file_name="a.xlsx", computed=COMPUTED))
    sheet = book_of(content)["校验结果"]
    assert [sheet.cell(3, column).value for column in range(1, 6)] == list(layout.FINDINGS_HEADINGS)
    assert [sheet.cell(row, 1).value for row in (4, 5, 6)] == ["错误", "错误", "警告"]
    assert sheet["A2"].value == "共 2 个错误、1 个警告、0 个提示。"
    links = [cell.hyperlink and cell.hyperlink.location for cell in sheet["C"][3:]]
    assert links == ["'3月'!H7", None, "'小王''s表'!A4"]
    assert sheet.auto_filter.ref == "A3:E6"
    assert sheet["A4"].fill.fgColor.rgb != sheet["A6"].fill.fgColor.rgb


@pytest.mark.slow
def test_a_workbook_nobody_could_read_still_gives_four_sheets() -> None:
    register = Register(Settings())
    content = drawn(tables(register, (), Ledger(register, (), (), ()), file_name="a.xlsx", computed=COMPUTED))
    book = book_of(content)
    assert book.sheetnames[1:] == list(layout.OWNED_SHEETS)
    assert book["校验结果"]["D4"].value == "没有发现问题。"
    assert len(book["看板"]._charts) == 4


@pytest.mark.slow
def test_the_lines_keep_their_types_in_both_date_systems() -> None:
    said = owned_tables(grids(1))
    for date1904 in (False, True):
        sheet = book_of(drawn(said, date1904=date1904))["计分明细"]
        assert sheet.max_row == len(said.lines) + 2
        first = said.lines[0]
        assert sheet.cell(3, 2).value == datetime.combine(first.day, datetime.min.time())
        assert sheet.cell(3, 2).number_format == "yyyy-mm-dd"
        assert sheet.cell(3, 3).value == first.code
        assert sheet.cell(3, 3).number_format == "@"
        assert sheet.cell(3, 10).value == float(first.counted)


@pytest.mark.slow
def test_a_day_no_spreadsheet_can_show_and_an_endless_message_do_not_stop_the_sheets() -> None:
    said = told("""
## 1月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
| 0206-01-09 | 张三 | 加1 | 讲党课 | 通过 |
""")
    endless = Finding("E201", Place("1月", 2, 3), "长" * 40_000, "改")
    content = drawn(said._replace(findings=(endless,)))
    assert book_of(content)["计分明细"]["B3"].value == "0206-01-09"
    assert len(book_of(content)["校验结果"]["D4"].value) == 2_001


@pytest.mark.slow
def test_the_same_tables_give_the_same_bytes() -> None:
    assert drawn(owned_tables(grids(5))) == drawn(owned_tables(grids(5)))


def test_rows_are_as_high_as_their_longest_text_needs() -> None:
    assert height([("短", 20.0)]) < height([("长" * 30, 20.0)]) < height([("长" * 60, 20.0)]) <= 409
    assert height([("一行\n两行", 20.0)]) > height([("一行两行", 20.0)])
