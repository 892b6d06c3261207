"""The four sheets the tool writes: what they say, and that a second engine reckons the same from their formulas."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from libreoffice import recomputed
from notation import parse
from owned_branch import COMPUTED, book_of, drawn, grids, owned_tables

from xl_jifen import layout, reckon
from xl_jifen.excel.draw.looks import height
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.publish.owned.tables import Tables, tables
from xl_jifen.register import Ledger, Register, Settings

ALLOWED = {"SUMIFS", "COUNTIFS", "INDEX", "MATCH", "IFERROR", "SUMPRODUCT", "RANK", "MIN", "MAX", "TEXT", "ROUND"}


def told(text: str, computed: datetime = COMPUTED) -> Tables:
    reckoned = reckon(parse(f"案例\n套用 基本\n{text}").grids)
    return tables(reckoned.register, reckoned.findings, reckoned.ledger, file_name="a.xlsx", computed=computed)


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


@pytest.mark.parametrize("settings", [
    {},
    {"年度汇总方式": "季度平均", "一票否决范围": "当季"},
    {"年度汇总方式": "季度求和", "最低分": 95, "最高分": 104.5},
])  # fmt: skip
def test_the_ledger_shows_the_figures_scoring_found(settings: dict[str, Any]) -> None:
    workbook = grids(7, settings=settings)
    ledger = reckon(workbook).ledger
    table = owned_tables(workbook).ledger
    shown = {
        (row.code, quarter.words): figures
        for row in table.rows
        for quarter, figures in zip(table.quarters, row.quarters, strict=True)
    }
    years = {row.code: row for row in table.rows}
    assert len(ledger.scores) > 150
    for score in ledger.scores:
        if score.period.is_year:
            row = years[score.member.code]
            assert row.year
            assert (row.year.score, row.year_rank) == (Decimal(score.score) / 100, score.rank)
        else:
            figures = shown[score.member.code, score.period.short]
            assert figures[:2] == (Decimal(score.bonus) / 100, Decimal(score.deduction) / 100)
            assert figures.score == Decimal(score.score) / 100


def test_what_no_formula_can_say_is_a_value_and_the_remark_says_so() -> None:
    table = owned_tables(grids(1)).ledger
    remarks = {row.name: row.remark for row in table.rows}
    vetoed = [row for row in table.rows if "一票否决" in row.remark]
    assert len(vetoed) == 1
    assert [figures.reckoned for figures in vetoed[0].quarters] == [True, True, False, False]
    assert "第三季度、第四季度积分为核定数" in vetoed[0].remark
    assert any(remark == "第三季度、第四季度不计分" for remark in remarks.values()), "one member left in August"
    assert all(
        figures.reckoned or figures.score is None for row in table.rows if row not in vetoed for figures in row.quarters
    )


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


YEAR_OF_ENTRIES = """
## 设置（更改）
| 项目 | 值 |
{settings}
## 党员名册（更改）
| 编号 | 党小组 |
| 001 | 一组 |
| 002 | 一组 |
| 003 | 二组 |
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加2 | 1 | 一 | 通过 |
## 5月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-05-09 | 李四 | 加2 | 2 | 五 | 通过 |
## 8月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-08-09 | 王五 | 加2 | 3 | 八 | 通过 |
## 9月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-09-01 | 赵六 | 加2 | 4 | 九 | 通过 |
"""
EXCHANGED = (
    YEAR_OF_ENTRIES.format(settings="| 公示周期 | 季 |")
    .replace("党小组", "上期结余")
    .replace("一组", "3")
    .replace("二组", "")
    + """
## 积分兑换
| 日期 | 姓名 | 分值 | 物品 |
| 2026-09-02 | 张三 | 2.5 | 书 |
| 2026-09-02 | 王五 | 3 | 书 |
"""
)
SMALL = [("月", "2026-09-10"), ("季", "2026-07-01"), ("半年", "2026-12-01"), ("年", "2027-01-01")]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[bytes, Any]]:
    """Drawn sheets, those of ALIKE last, and each as LibreOffice reckons it."""
    ours = [drawn(owned_tables(grids(11, entries=400, months=12, settings=settings))) for settings in LEDGERS]
    for period, day in SMALL:
        text = YEAR_OF_ENTRIES.format(settings=f"| 公示周期 | {period} |\n| 最高分 | 102.5 |")
        ours.append(drawn(told(text, datetime.fromisoformat(day))))
    ours += [drawn(told(EXCHANGED, datetime(2026, 9, 10))), drawn(told(ALIKE))]
    return [*zip(ours, recomputed(ours, tmp_path_factory.mktemp("both")), strict=True)]


@pytest.mark.office
@pytest.mark.parametrize("number", range(len(LEDGERS) + len(SMALL) + 1))
def test_libreoffice_reckons_the_same_from_the_formulas(both: list[tuple[bytes, Any]], number: int) -> None:
    content, recalculated = both[number]
    ours, theirs = book_of(content, values=True)["积分台账"], recalculated["积分台账"]
    formulas = [cell.coordinate for row in book_of(content)["积分台账"] for cell in row if cell.data_type == "f"]
    assert len(formulas) > (900 if number < len(LEDGERS) else 60)
    assert [(at, ours[at].value, theirs[at].value) for at in formulas if ours[at].value != theirs[at].value] == []


@pytest.mark.office
def test_numbers_that_look_alike_are_different_people(both: list[tuple[bytes, Any]]) -> None:
    """007 and 7, and two who share a name, an asterisk for a number, or letters that differ in case only."""
    sheet = both[-1][1]["积分台账"]
    january = heads(sheet).index("1月")
    assert [(row[1].value, row[january].value) for row in sheet.iter_rows(min_row=4)] == [
        ("007", 2),
        ("7", 4),
        ("*", 6),
        ("a1", 8),
        ("<5", 10),
    ]


# 积分台账 on a day


def ledger_on(day: str, *settings: str) -> Any:
    """积分台账 as the file has it on that day; 8月 is over on 1 September."""
    text = YEAR_OF_ENTRIES.format(settings="\n".join(f"| {each} |" for each in settings or ("公示周期 | 季",)))
    said = told(text, datetime.fromisoformat(day))
    return book_of(drawn(said), values=True)["积分台账"]


def heads(sheet: Any) -> list[str]:
    return [str(cell.value).replace("\n", "") for cell in sheet[3]]


def column(sheet: Any, heading: str) -> list[Any]:
    return [sheet.cell(row, heads(sheet).index(heading) + 1).value for row in range(4, 8)]


def test_nothing_to_come_is_shown_as_a_fact() -> None:
    sheet = ledger_on("2026-09-10")
    assert heads(sheet)[:6] == ["序号", "编号", "姓名", "第二季度积分", "第二季度名次", "第二季度建议等次"]
    assert column(sheet, "第二季度积分") == [101, 102, 100, 100]
    assert column(sheet, "第二季度名次") == [2, 1, 3, 3]
    assert column(sheet, "第三季度积分截至8月31日") == [101, 102, 103, 100], "what was posted in September is not in it"
    assert column(sheet, "年度积分截至8月31日") == [101, 102, 103, 100]
    assert column(sheet, "9月") == [0, 0, 0, 4], "a month begun shows what is posted"
    for heading in ("年度名次", "年度建议等次", "10月", "第四季度加分", "第四季度减分", "第四季度积分"):
        assert column(sheet, heading) == [None] * 4, heading


def test_the_year_and_its_ranks_are_told_once_it_is_over() -> None:
    sheet = ledger_on("2027-01-01")
    assert heads(sheet)[3:6] == ["第四季度积分", "第四季度名次", "第四季度建议等次"]
    assert not [heading for heading in heads(sheet) if "截至" in heading]
    assert column(sheet, "年度积分") == column(sheet, "第四季度积分") == [101, 102, 103, 104]
    assert column(sheet, "年度名次") == [4, 3, 2, 1]


@pytest.mark.parametrize(("period", "day", "words"), [
    ("月", "2026-09-01", "8月"), ("季", "2026-09-30", "第二季度"), ("季", "2026-10-01", "第三季度"),
    ("半年", "2026-12-31", "上半年"), ("年", "2027-01-01", "年度"),
])  # fmt: skip
def test_the_last_period_of_its_kind_that_is_over_stands_beside_the_name(period: str, day: str, words: str) -> None:
    assert heads(ledger_on(day, f"公示周期 | {period}"))[3] == f"{words}积分"


def test_before_a_period_is_over_there_is_none_beside_the_name() -> None:
    sheet = ledger_on("2026-01-10")
    assert heads(sheet)[3] == "党员类别"
    assert column(sheet, "1月") == [1, 0, 0, 0]
    assert column(sheet, "第一季度积分") == column(sheet, "年度积分") == [None] * 4


def test_the_party_groups_stand_below_the_members() -> None:
    sheet = ledger_on("2026-07-01")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=9, min_col=2, max_col=8)]
    assert rows[0][2] == "党小组（第二季度）"
    assert rows[1][2:] == ["党小组", "积分合计", "平均积分", "名次", "人数"]
    assert [row[2:] for row in rows[2:]] == [["一组", 203, 101.5, 1, 2], ["二组", 100, 100, 2, 1]]


def test_what_may_still_be_exchanged_stands_in_a_column_of_its_own() -> None:
    sheet = book_of(drawn(told(EXCHANGED, datetime(2026, 9, 10))), values=True)["积分台账"]
    assert column(sheet, "结余") == [1.5, 5, 0, 4]
    assert "结余" not in heads(ledger_on("2026-09-10"))


def test_nothing_of_it_is_printed_smaller_than_eight_points() -> None:
    sheet = ledger_on("2027-01-01")
    sizes = [cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert min(sizes) * sheet.page_setup.scale / 100 >= 8


def test_between_two_ends_of_months_the_day_changes_nothing() -> None:
    text = YEAR_OF_ENTRIES.format(settings="| 公示周期 | 季 |")
    one, two = (told(text, datetime(2026, 9, day, 8)) for day in (1, 30))
    assert (one.findings, one.lines, one.ledger) == (two.findings, two.lines, two.ledger)
    assert one.board._replace(computed="") == two.board._replace(computed="")
    assert told(text, datetime(2026, 10, 1)).ledger != one.ledger


# 看板


def test_the_board_counts_the_branch() -> None:
    board = told("""
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加1 | 10 | 讲党课 | 通过 |
| 2026-01-10 | 李四 | 加2 | 3 | 志愿 | 通过 |
| 2026-01-11 | 王五 | 减1 | 1 | 缺席 | 待审 |
## 4月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 核实人 | 审核状态 |
| 2026-04-11 | 王五 | 减1 | 2 | 缺席 | 张三 | 通过 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 | 请假 | 迟到早退 |
| 2026-01-09 | 党课 | 第一课 | 张三、李四 | 王五 | 赵六 |
| 2026-02-09 | 党课 | 第二课 | 全体 | 王五、赵六 | |
| 2026-02-09 | 座谈会 | 座谈 | 全体 | | |
""").board
    assert dict(zip(board.bands.labels, board.bands.series[0][1], strict=True)) == {
        "90–95": 1, "95–100": 0, "100–105": 2, "105–110": 0, "110–115": 0, "115–120": 0, "120–125": 1,
    }  # fmt: skip
    assert board.trend.labels == ("第一季度", "第二季度", "第三季度", "第四季度")
    assert board.trend.series[0][1] == (Decimal("105.75"), *[Decimal("104.25")] * 3)
    assert board.blocks.labels == ("党建活动", "助人为乐", "工作履职")
    assert board.blocks.series == (("加分", (20, 3, 0)), ("减分", (0, 0, -6)))
    assert board.attendance.labels == ("党课", "座谈会")
    assert board.attendance.series[0][1] == (Decimal("62.5"), Decimal(100))
    assert "计分党员 4 人" in board.summary
    assert board.computed == "根据“a.xlsx”于 2027-01-04 16:42 核算"


HELD = """
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 |
| 2026-01-09 | 党课 | 第一课 | 全体 |
| 2026-01-09 | 支部党员大会 | 第一次大会 | 全体 |
| 2026-02-09 | 主题党日 | 第一次 | 全体 |
## 组织生活要求
| 活动类型 | 周期 | 次数 |
| 支部党员大会 | 季 | 1 |
| 党课 | 季 | 1 |
| 主题党日 | 月 | 1 |
"""


def test_the_board_tells_what_organised_life_lacks_and_only_of_what_is_over() -> None:
    """As 组织生活会 has it (开展情况), on lines of its own above the charts, none of which it covers."""
    assert told(HELD, datetime(2026, 3, 20)).board.held == "开展情况：主题党日每月不少于1次，没有达到的：1月0次。"
    said = told(HELD, datetime(2026, 9, 10))
    missing = "、".join(f"{month}月0次" for month in (1, *range(3, 9)))
    first = "开展情况：支部党员大会每季不少于1次，没有达到的：第二季度0次；党课每季不少于1次，没有达到的：第二季度0次；"
    second = f"主题党日每月不少于1次，没有达到的：{missing}。"
    assert said.board.held == first + second
    sheet = book_of(drawn(said))["看板"]
    assert [sheet.cell(row, 1).value for row in (4, 5, 6)] == [first, second, None]
    assert min(chart.anchor._from.row for chart in sheet._charts) == 6
    assert told("", datetime(2026, 9, 10)).board.held == ""


def test_members_voted_on_have_a_bar_of_their_own() -> None:
    bands = owned_tables(grids(1)).board.bands
    assert dict(zip(bands.labels, bands.series[0][1], strict=True))["一票否决"] == 1
    assert len(bands.labels) < 12, "a score of 0 does not stretch the chart"


# 校验结果 and the look of it all


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


def test_the_same_tables_give_the_same_bytes() -> None:
    assert drawn(owned_tables(grids(5))) == drawn(owned_tables(grids(5)))


def test_rows_are_as_high_as_their_longest_text_needs() -> None:
    assert height([("短", 20.0)]) < height([("长" * 30, 20.0)]) < height([("长" * 60, 20.0)]) <= 409
    assert height([("一行\n两行", 20.0)]) > height([("一行两行", 20.0)])
