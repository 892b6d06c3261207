"""Filled templates: what a page's words and rows become in a sheet, in ours and in one a branch restyled.

One module, however long: the same pages fill the same templates in all of it.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import needs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libreoffice import PDF, converted
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.formatting.rule import CellIsRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Pixels
from python_calamine import CalamineWorkbook

from xl_jifen.excel.fill import paper
from xl_jifen.excel.fill.template import fill
from xl_jifen.finding import CannotRead
from xl_jifen.publish.figures import level
from xl_jifen.publish.page import Page, Value

ROOT = Path(__file__).parents[1]
TEMPLATE = (ROOT / "templates" / "publicity.xlsx").read_bytes()
CREATED = datetime(2026, 10, 9, 8, 30, tzinfo=UTC)
ANY = st.characters(exclude_categories=["Cs"])
"""Every letter of UTF-8; asked for by that name, Hypothesis takes 200 MB to find out which they are."""
HEAD_ROW, MODEL_ROW = 5, 6

NAMES = (
    "李䶮",
    "阿不都热依木·阿卜杜拉",
    "=1+1",
    "+86",
    "-王",
    "@赵",
    "<b>钱</b>&",
    "{{姓名}}",
    "欧阳建国",
    "张伟(007)",
)
REMARKS = (
    "",
    "主动讲党课 +2；迟到早退 −1",
    '=HYPERLINK("http://x")',
    "超出比例，建议支委会研究；一线抢险救灾 +5；主动讲党课 +2；积极参加主题党日 +3（3次）；"
    "超额完成理论学习 +0.5（已封顶）；不完成支部安排任务 −2；未按年初目标完成理论学习计划 −1.5；更正：个人评优评先 −5",
)
WORDS = {
    "标题": "2026年第三季度党员积分公示表",
    "支部": "中共临江市应急管理局机关第一支部委员会",
    "时段": "2026年第三季度",
    "期间": "2026年7月1日至9月30日",
    "公式": "党员积分 = 基础分 + 2026年1月1日以来的加分 − 减分；加分、减分栏只列7月至9月的",
    "说明段": "经登记、核实、审核，现将2026年第三季度（2026年7月1日至9月30日）党员的积分情况公示如下，请监督。",
    "图例": "\n".join(f"第{number}栏：这一栏的含义、计算的办法和少计的缘由。" * 2 for number in range(1, 7)),
    "公示期": "2026年10月9日至10月14日（5个工作日）",
    "异议": "对公示内容如有异议，请在公示期内当面或书面向李梅提出，并说明理由。支部将逐项核查、及时答复。",
    "结语": "特此公示。",
    "落款": "中共临江市应急管理局机关第一支部委员会",
    "日期": "2026年10月9日",
    "草稿": "",
    "校验码": "3F9A-07C2-B1D4",
    "人数": "38",
    "平均分": "101.5",
    "到会率": "92.3%",
}
COLUMNS = ("名次", "姓名", "基础分", "加分", "减分", "积分", "较上期", "建议等次", "备注")
SILENT = ("编号", "党小组")


def page(members: int, **words: str) -> Page:
    rows: list[tuple[Value, ...]] = []
    for number in range(1, members + 1):
        name = NAMES[number - 1] if number <= len(NAMES) else f"党员{number:03d}"
        bonus = Decimal(number % 7) / 2
        rows.append(
            ("—" if number == members > 3 else number, name, Decimal(100), bonus, Decimal(0), 100 + bonus,
             f"+{bonus}", "合格", REMARKS[number % len(REMARKS)])
        )  # fmt: skip
    return Page("publicity", {**WORDS, **words}, COLUMNS, tuple(level(rows)), silent=SILENT)


def draft(of: Page) -> Page:
    words = {**of.words, "草稿": "草稿", "标题": of.words["标题"] + "（草稿）"}
    return dataclasses.replace(of, words=words, draft=True)


def opened(data: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def filled(of: Page, template: bytes = TEMPLATE) -> Worksheet:
    return opened(fill(template, of, CREATED))


def restyled(change: Callable[[Worksheet], object]) -> bytes:
    """Our template after someone changed it in a spreadsheet program."""
    book = openpyxl.load_workbook(io.BytesIO(TEMPLATE), rich_text=True)
    assert isinstance(book.active, Worksheet)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


CAPACITY = (297 - 37 - 35) / 25.4 * 72
"""Points between the margins of a page."""


def pages(sheet: Worksheet, stretch: float = 1.0) -> list[list[int]]:
    """The rows of each page as a program prints them, of which a page holds so much more than it should."""
    last = int(re.findall(r"\d+", str(sheet.print_area))[-1])
    if sheet.page_setup.fitToHeight == 1:
        return [list(range(1, last + 1))]
    ends = {int(each.id or 0) for each in sheet.row_breaks.brk}
    printed: list[list[int]] = [[]]
    for row in range(1, last + 1):
        if printed[-1] and (row - 1 in ends or length(sheet, [*printed[-1], row], len(printed)) > CAPACITY * stretch):
            printed.append([])
        printed[-1].append(row)
    return printed


def length(sheet: Worksheet, rows: Iterable[int], number: int) -> float:
    """How long rows are on a page of that number, the heading repeated on the second and later."""
    head = [HEAD_ROW] if number > 1 else []
    return sum(float(sheet.row_dimensions[row].height or 0) for row in [*head, *rows])


# ---- our template ----


def test_the_committed_template_is_the_built_one() -> None:
    spec = importlib.util.spec_from_file_location("build_templates", ROOT / "templates" / "build.py")
    assert spec
    assert spec.loader
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    built = builder.publicity()
    assert built == builder.publicity()

    def parts(data: bytes) -> dict[str, bytes]:  # compressed bytes depend on the machine's zlib
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert parts(built) == parts(TEMPLATE)


@pytest.mark.parametrize("members", [0, 1, 3, 38])
def test_every_row_arrives_as_what_it_is(members: int) -> None:
    wanted = page(members)
    sheet = filled(wanted)
    for offset, row in enumerate(wanted.rows):
        cells = [sheet.cell(MODEL_ROW + offset, column + 1) for column in range(len(row))]
        for cell, value in zip(cells, row, strict=True):
            shown = value.replace("；", "；\n") if isinstance(value, str) else value
            assert cell.value == (shown if shown != "" else None)
            assert cell.data_type == ("n" if isinstance(value, int | Decimal) or value == "" else "s")
    assert sheet.cell(MODEL_ROW + max(members, 1), 1).value == WORDS["图例"]


def test_calamine_reads_the_same_and_finds_no_formula() -> None:
    wanted = page(12)
    data = fill(TEMPLATE, wanted, CREATED)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    read = [tuple(row[: len(COLUMNS)]) for row in rows[MODEL_ROW - 1 : MODEL_ROW - 1 + 12]]
    shown = [tuple(float(v) if isinstance(v, int | Decimal) else str(v) for v in row) for row in wanted.rows]
    assert [(*row[:-1], str(row[-1]).replace("\n", "")) for row in read] == shown
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        cells = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in cells
    assert b"inlineStr" not in cells  # previews on phones look into the shared table only
    sheet = opened(data)
    quoted = {cell.value for row in sheet.iter_rows() for cell in row if cell.quotePrefix}
    assert {"=1+1", "+86", "-王", "@赵"} <= quoted
    assert any(text.startswith(REMARKS[2][:1]) for text in quoted)


def test_words_fill_every_placeholder_wherever_it_stands() -> None:
    sheet = filled(page(2))
    told = "\n".join(texts(sheet))
    assert "{{" not in told.replace("{{姓名}}", "")
    for key in ("标题", "支部", "说明段", "公式", "图例", "公示期", "异议", "落款", "日期", "校验码"):
        assert WORDS[key] in told
    rich = openpyxl.load_workbook(io.BytesIO(fill(TEMPLATE, page(2), CREATED)), rich_text=True).active
    assert isinstance(rich, Worksheet)
    label = rich.cell(MODEL_ROW + 3, 1).value
    assert [type(part).__name__ for part in label] == ["TextBlock"] * 3  # 公示期： keeps its own font
    assert str(label) == f"　　公示期：{WORDS['公示期']}"


def test_without_a_formula_the_unit_stands_alone() -> None:
    assert [text.strip("　") for text in texts(filled(page(2, 公式=""))) if "单位" in text] == ["单位：分"]


def test_every_figure_is_shown_to_its_last_decimal() -> None:
    wanted = page(20)
    sheet = filled(wanted)
    for offset, row in enumerate(wanted.rows):
        for column, value in enumerate(row):
            if isinstance(value, Decimal):
                shown = sheet.cell(MODEL_ROW + offset, column + 1).number_format
                assert len(shown.partition(".")[2]) == len(f"{value:f}".partition(".")[2])


def test_fonts_are_written_as_excel_writes_them() -> None:
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(fill(TEMPLATE, page(3), CREATED))) as archive:
        xml = (archive.read("xl/styles.xml") + archive.read("xl/sharedStrings.xml")).decode()
    fonts = re.findall(r"<(?:font|rPr)>(.*?)</(?:font|rPr)>", xml)
    assert len(fonts) > 5
    for font in fonts:
        traits = re.findall(r"<(\w+)", font)
        wanted = ["b", "sz", "color", "name", "rFont", "family", "charset", "scheme"]
        assert traits == sorted(traits, key=wanted.index)


@pytest.mark.slow
def test_numbers_stand_with_their_points_in_line() -> None:
    sheet = filled(page(10))
    assert [sheet.cell(MODEL_ROW + row, 4).number_format for row in range(3)] == ["0.0"] * 3  # 0.5 1.0 1.5
    assert [sheet.cell(MODEL_ROW + row, 6).number_format for row in range(2)] == ["??0.0"] * 2
    assert sheet.cell(MODEL_ROW, 5).number_format == "0"
    rows = tuple((1, "甲", None, Decimal(figure), *[None] * 5) for figure in ("-1.25", "12", "100.5"))
    sheet = filled(dataclasses.replace(page(0), rows=rows))
    assert sheet.cell(MODEL_ROW, 4).number_format == '??0.00;_0_0"−"0.00'


def test_print_setup_follows_the_table() -> None:
    sheet = filled(page(38))
    assert str(sheet.print_area).endswith("$A$1:$I$50")
    assert sheet.print_title_rows == "$5:$5"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert "&P" in sheet.oddFooter.right.text
    assert "&P" in sheet.evenFooter.left.text
    assert sheet.oddHeader.center.text is None


def test_the_table_looks_like_the_model_row() -> None:
    model, sheet = opened(TEMPLATE), filled(page(3))
    kept = [column for column in range(1, 12) if column not in (2, 4)]  # 编号 and 党小组 say nothing
    for column, drawn in enumerate(kept, 1):
        for row in range(MODEL_ROW, MODEL_ROW + 3):
            cell, source = sheet.cell(row, column), model.cell(MODEL_ROW, drawn)
            for look in ("font", "border", "alignment", "fill"):
                assert repr(getattr(cell, look)) == repr(getattr(source, look))
    merged = {str(span) for span in sheet.merged_cells.ranges}
    assert {"A9:I9", "A10:I10", "C14:I14", "A15:B15", "C15:I15"} <= merged


def test_rows_are_as_high_as_their_text_needs() -> None:
    sheet = filled(page(8))
    heights = {row: sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)}
    assert all(heights.values())
    blank, short, long = (heights[MODEL_ROW + offset] for offset in (3, 0, 2))
    assert blank is not None
    assert 10.5 * 1.25 < blank <= 21 + paper.HIGHER[-1]
    assert short is not None
    assert long is not None
    assert long >= 4 * 9 * 1.25 > short
    legend = heights[MODEL_ROW + 8]
    assert legend is not None
    assert legend >= 6 * 9 * 1.25


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("党员积分", 4, 1),
        ("党员积分公示", 4, 2),
        ("党员\n积分", 4, 2),
        ("党员积分。", 4, 2),  # a full stop takes the character before it along
        ("迟到 +12.5", 3, 2),  # a number is not torn apart
        ("abcdefghijklmnopqrst", 5, 3),  # unless it is longer than the line
        ("", 4, 1),
    ],
)
def test_line_count(text: str, width: float, lines: int) -> None:
    assert paper.line_count(text, width) == lines


@pytest.mark.slow
@pytest.mark.parametrize("stretch", [1.0, 1.1, 1.17])
def test_a_signature_never_stands_alone_nor_on_a_page_hardly_begun(stretch: float) -> None:
    for members in (1, 2, 3, 4, 5, 6, *range(20, 40), 60, 100, 200):
        sheet = filled(page(members))
        last = pages(sheet, stretch)[-1]
        table_end = MODEL_ROW + members - 1
        assert sum(row <= table_end for row in last if row >= MODEL_ROW) >= 1
        assert set(range(table_end + 1, table_end + 8)) <= set(last)
        assert length(sheet, last, 2) >= CAPACITY * stretch / 4


@pytest.mark.slow
def test_pages_are_full_and_the_head_is_never_left_behind() -> None:
    for members in (15, 20, 36, 38, 200):
        sheet = filled(page(members))
        told = pages(sheet)
        assert all(rows[-1] != HEAD_ROW for rows in told)
        for number, rows in enumerate(told[:-1], 1):
            assert length(sheet, rows, number) >= CAPACITY * (0.8 if number == 1 else 0.6), (members, number)


def test_rows_that_fill_a_page_exactly_stay_on_it() -> None:
    heights = dict.fromkeys(range(1, 10), 10.0)
    assert paper.page_ends(heights, 30, [], [*range(1, 10)]) == [3, 6]


def test_what_follows_the_table_takes_a_good_quarter_of_a_page_of_it_along() -> None:
    heights = dict.fromkeys(range(1, 12), 10.0)
    assert paper.page_ends(heights, 100, [], [*range(1, 11)]) == [8]


@pytest.mark.slow
def test_a_sheet_hardly_longer_than_a_page_is_printed_on_one() -> None:
    squeezed = [n for n in range(1, 8) if filled(page(n)).page_setup.fitToHeight == 1]
    assert squeezed
    assert all(not filled(page(n)).row_breaks.brk for n in squeezed)


@pytest.mark.slow
def test_a_draft_says_so_on_every_page() -> None:
    sheet = filled(draft(page(3)))
    assert "草稿" in sheet.oddHeader.center.text
    assert "草稿" in sheet.evenHeader.center.text
    assert sheet["A2"].value == "2026年第三季度党员积分公示表（草稿）"

    def without_headers(sheet: Worksheet) -> None:
        sheet.oddHeader.center.text = None
        sheet.evenHeader.center.text = "内部资料"
        sheet.HeaderFooter.differentFirst = True

    sheet = filled(draft(page(3)), restyled(without_headers))
    headers = (sheet.oddHeader, sheet.evenHeader, sheet.firstHeader)
    assert ["草稿" in str(header.center.text) for header in headers] == [True] * 3
    assert "内部资料" in sheet.evenHeader.center.text


@pytest.mark.slow
def test_the_same_page_gives_the_same_bytes() -> None:
    first = fill(TEMPLATE, page(38), CREATED)
    assert fill(TEMPLATE, page(38), CREATED) == first
    assert fill(TEMPLATE, page(38), CREATED.astimezone(timezone(timedelta(hours=8)))) == first
    assert fill(TEMPLATE, page(38), CREATED.replace(year=2027)) != first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-10-09T08:30:00Z"}
    assert WORDS["标题"] in core


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.text(ANY, min_size=1, max_size=40), st.text(ANY, max_size=200))
def test_any_text_stays_that_text(name: str, remark: str) -> None:
    rows = ((1, f"甲{name}", None, None, None, None, None, None, remark),)
    of = dataclasses.replace(page(0), rows=rows)
    sheet = filled(of)
    kept = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", f"甲{name}".replace("\r\n", "\n"))
    assert sheet.cell(MODEL_ROW, 2).value == kept.replace("\r", "\n")
    assert sheet.cell(MODEL_ROW, 9).data_type in ("s", "n")


# ---- a branch's template ----


@pytest.mark.slow
def test_placeholders_are_found_however_they_are_typed() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A2"] = "关于｛｛时段｝｝积分的公示（共{{ 人数 }}人）"
        sheet["H6"] = "{{积分}}分"
        sheet.oddHeader.left.text = "{{支部}}&{{期间}}"

    sheet = filled(page(2, 支部="甲&乙支部"), restyled(change))
    assert sheet["A2"].value == "关于2026年第三季度积分的公示（共38人）"
    assert sheet["F6"].value == "100.5分"
    assert str(sheet.oddHeader.left.text).startswith("甲&&乙支部")


@pytest.mark.slow
def test_a_restyled_sheet_keeps_its_look_and_its_extra_rows() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.insert_rows(1)
        for span in list(sheet.merged_cells.ranges):
            sheet.merged_cells.remove(span)
        sheet.delete_cols(4)
        sheet.delete_cols(2)
        sheet.merge_cells("I7:J7")
        sheet["I7"].font = Font(name="楷体", size=12)
        sheet["A14"] = "附注"
        sheet["A14"].hyperlink = "https://example.cn"
        sheet.row_dimensions[14].height = 50
        sheet.print_area = "A1:J14"
        sheet.print_title_rows = "6:6"
        sheet.conditional_formatting.add(
            "F7", CellIsRule(operator="lessThan", formula=["80"], font=Font(color="FF0000"))
        )

    sheet = filled(page(4), restyled(change))
    assert [sheet.cell(row, 2).value for row in range(7, 11)] == list(NAMES[:4])
    assert {"I7:J7", "I10:J10"} <= {str(span) for span in sheet.merged_cells.ranges}
    assert sheet["I10"].font.name == "楷体"
    assert sheet["A17"].value == "附注"
    assert sheet["A17"].hyperlink.ref == "A17"
    assert sheet.row_dimensions[17].height == 50
    assert str(sheet.print_area).endswith("$A$1:$J$17")
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["F7:F10"]


@pytest.mark.slow
def test_a_column_may_be_left_out_with_its_heading() -> None:
    sheet = filled(page(3), restyled(lambda sheet: sheet.delete_cols(10)))
    assert "建议等次" not in texts(sheet)
    assert "合格" not in texts(sheet)
    assert str(sheet["H7"].value).replace("\n", "") == REMARKS[2]


def test_columns_come_in_the_order_of_the_page() -> None:
    few = page(3)
    order = ("姓名", "积分", "名次")
    rows = tuple(tuple(row[COLUMNS.index(name)] for name in order) for row in few.rows)
    rest = tuple(name for name in (*COLUMNS, *SILENT) if name not in order)
    sheet = filled(dataclasses.replace(few, columns=order, rows=rows, silent=rest))
    assert [sheet.cell(HEAD_ROW, column).value for column in (1, 2, 3, 4)] == ["姓名", "积分", "名次", None]
    assert [sheet.cell(MODEL_ROW, column).value for column in (1, 2, 3)] == list(rows[0])
    assert {sheet["A1"].value, sheet["A2"].value} == {WORDS["支部"], WORDS["标题"]}


def test_a_row_of_one_cell_heads_those_below_it() -> None:
    few = page(3)
    sheet = filled(dataclasses.replace(few, rows=(*few.rows[:2], ("入党积极分子和发展对象",), few.rows[2])))
    assert sheet.cell(MODEL_ROW + 2, 1).value == "入党积极分子和发展对象"
    assert f"A{MODEL_ROW + 2}:I{MODEL_ROW + 2}" in {str(span) for span in sheet.merged_cells.ranges}
    assert sheet.cell(MODEL_ROW + 3, 2).value == few.rows[2][1]


def usual(members: int) -> Page:
    """The page of a branch that publishes no items."""
    columns = ("名次", "姓名", "基础分", "加分", "减分", "积分", "备注")
    few = page(members)
    rows = tuple((*(row[COLUMNS.index(name)] for name in columns[:-1]), "") for row in few.rows)
    return dataclasses.replace(few, columns=columns, rows=rows, silent=("编号", "党小组", "较上期", "建议等次"))


@pytest.mark.parametrize(("members", "count"), [(3, 1), (4, 1), (10, 1), (11, 1), (14, 1), (36, 2)])
def test_a_small_branch_fits_one_page_and_a_large_one_two(members: int, count: int) -> None:
    sheet = filled(usual(members))
    assert len(pages(sheet)) == count
    printed = length(sheet, range(1, sheet.max_row + 1), 1)
    scale = min(1.0, CAPACITY / printed) if count == 1 else 1.0
    assert all(float(sheet.cell(MODEL_ROW, column).font.sz) * scale >= 10 for column in range(1, 7))


@pytest.mark.slow
def test_a_row_whose_words_are_empty_is_gone_with_its_label() -> None:
    data = (ROOT / "templates" / "meeting.xlsx").read_bytes()
    words = dict.fromkeys(re.findall(r"{{(.*?)}}", "\n".join(texts(opened(data)))), "字") | {"草稿": "", "学习": ""}
    columns = ("类型", "大项", "小项", "计分标准", "本年情况", "计入分")
    sheet = opened(fill(data, Page("meeting", words, columns, (("加分",) * 6,)), CREATED))
    gone = next(row for row in range(1, 20) if sheet.row_dimensions[row].hidden)
    assert [sheet.cell(gone - 1, 1).value, sheet.cell(gone, 1).value] == ["考勤", None]
    told = opened(fill(data, Page("meeting", {**words, "学习": "差8学时。"}, columns, (("加分",) * 6,)), CREATED))
    assert [told.cell(gone, column).value for column in (1, 2)] == ["学习", "差8学时。"]


def test_of_several_pages_the_first_is_filled_with_higher_rows() -> None:
    heights = {1: 30.0, 2: 10.0, 3: 20.0, 4: 20.0, 5: 20.0, 6: 50.0}
    assert paper.page_ends(heights, 100, [2], [3, 4, 5]) == [4]
    higher = paper.fuller(heights, 100, [2], [3, 4, 5])
    assert [higher[row] for row in (1, 2, 6)] == [30, 10, 50]
    assert sum(higher[row] for row in (1, 2, 3, 4)) >= paper.FULL * 100
    assert paper.page_ends(higher, 100, [2], [3, 4, 5]) == [4]
    one = {**heights, 6: 0.0}
    assert paper.fuller(one, 100, [2], [3, 4, 5]) == one  # it is on one page


@pytest.mark.slow
def test_room_to_write_in_by_hand_is_less_where_that_saves_a_page() -> None:
    def heights(members: int) -> list[float]:
        data = (ROOT / "templates" / "meeting.xlsx").read_bytes()
        columns = ("类型", "大项", "小项", "计分标准", "本年情况", "计入分")
        rows = (("加分", "大项", "小项", "标" * 90, "情况", Decimal(1)),) * members
        words = dict.fromkeys(re.findall(r"{{(.*?)}}", "\n".join(texts(opened(data)))), "字")
        sheet = opened(fill(data, Page("meeting", {**words, "草稿": ""}, columns, rows), CREATED))
        end = sheet.max_row
        assert len(sheet.row_breaks.brk) == 0
        return [float(sheet.row_dimensions[end - n].height or 0) for n in (1, 2, 3)]

    assert min(heights(2)) >= 104
    less = [max(heights(members)) for members in range(3, 9)]
    assert 60 <= min(less) < 104


@pytest.mark.slow
def test_room_to_write_in_by_hand_stays() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A14"] = "支委会意见"
        sheet.row_dimensions[14].height = 110
        sheet.print_area = "A1:K14"

    sheet = filled(page(13), restyled(change))
    assert sheet["A26"].value == "支委会意见"
    assert sheet.row_dimensions[26].height == 110


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda sheet: sheet.delete_rows(MODEL_ROW), "没有示例行；.*{{名次}}.*{{备注}}"),
        (lambda sheet: sheet.cell(MODEL_ROW, 3, "姓名"), r"示例行缺少占位符 {{姓名}}"),
        (lambda sheet: sheet.cell(MODEL_ROW, 3, "{{名字}}"), r"公示表!C6 的占位符 {{名字}} 不认识.*{{标题}}"),
        (lambda sheet: sheet.cell(MODEL_ROW + 2, 13, "{{姓名}}"), r"不止一处示例行（公示表!6、公示表!8）"),
        (lambda sheet: sheet.cell(3, 12, "=SUM(A1:A3)"), r"公示表!L3 是公式"),
        (lambda sheet: sheet.merge_cells("M5:M6"), r"第 6 行（示例行）有与上下行合并的单元格"),
        (lambda sheet: setattr(sheet.oddHeader.left, "text", "{{名称}}"), r"页眉页脚的占位符 {{名称}} 不认识"),
    ],
)
def test_a_broken_template_is_one_sentence(change: Callable[[Worksheet], object], sentence: str) -> None:
    with pytest.raises(CannotRead, match=sentence) as raised:
        fill(restyled(change), page(2), CREATED)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html></html>", TEMPLATE[:3000]])
def test_what_is_no_workbook_is_one_sentence(data: bytes) -> None:
    with pytest.raises(CannotRead, match="有误：不是能打开的"):
        fill(data, page(2), CREATED)


def emblem() -> Image:
    out = io.BytesIO()
    Pixels.new("RGB", (60, 40), "red").save(out, "PNG")
    return Image(out)


@pytest.mark.slow
def test_an_emblem_stays_where_it_was_and_as_large() -> None:
    def change(sheet: Worksheet) -> None:
        for cell in ("A1", "A12"):
            sheet.add_image(emblem(), cell)
        corner, across = AnchorMarker(col=8, row=1), AnchorMarker(col=10, row=3)
        picture = emblem()
        picture.anchor = TwoCellAnchor(_from=corner, to=across)
        sheet.add_image(picture)

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(restyled(change))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/drawings/drawing1.xml":  # Excel says how large, openpyxl does not
                part = part.replace(b"<spPr>", b"<spPr>%b" % SIZE)
            new.writestr(name, part)
    pictures = opened(fill(out.getvalue(), page(4), CREATED))._images
    places = {(image.anchor._from.row, image.anchor._from.col) for image in pictures}
    assert places == {(0, 0), (14, 0), (1, 6)}  # three rows more above the second, two columns less before the third
    assert {(image.anchor.ext.width, image.anchor.ext.height) for image in pictures} == {(571500, 381000)}
    assert {image._data()[:4] for image in pictures} == {b"\x89PNG"}


WORDS_IN_A_BOX = '<a:t xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{{标题}}</a:t>'.encode()
SIZE = (
    b'<a:xfrm xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:off x="0" y="0"/>'
    b'<a:ext cx="571500" cy="381000"/></a:xfrm>'
)


def test_what_a_form_does_not_need_is_not_carried_over() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A1"].comment = Comment("给下一任的说明", "李梅")
        assert sheet.parent is not None
        sheet.parent.custom_doc_props.append(StringProperty(name="单位", value="机关"))

    data = fill(restyled(change), page(2), CREATED)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
        assert not any("comment" in name.lower() or "custom" in name or "vml" in name for name in archive.namelist())
    assert "李梅提出" in whole
    assert "给下一任的说明" not in whole
    assert "机关</" not in whole.replace("机关第一支部", "")


@pytest.mark.parametrize("what", ["chart", "elsewhere", "words"])
def test_what_would_be_lost_is_refused_rather_than_stripped(what: str) -> None:
    def change(sheet: Worksheet) -> None:
        if what == "chart":
            sheet.add_chart(BarChart(), "M1")
        else:
            sheet.add_image(emblem(), "A1")

    data, out = restyled(change), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if what == "elsewhere" and name == "xl/drawings/_rels/drawing1.xml.rels":
                part = re.sub(rb'Target="[^"]*"', b'Target="http://192.0.2.1/x.png" TargetMode="External"', part)
            if what == "words" and name == "xl/drawings/drawing1.xml":
                part = re.sub(rb"</(\w+:)?pic>", lambda end: WORDS_IN_A_BOX + end[0], part)
            new.writestr(name, part)
    with pytest.raises(CannotRead, match="写在文本框里" if what == "words" else "有误：其中有图表、控件"):
        fill(out.getvalue(), page(2), CREATED)


@pytest.mark.slow
def test_choices_and_looks_by_condition_follow_their_cells() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.add_data_validation(DataValidation("list", '"甲,乙"', sqref="K6 B6 A9"))
        sheet.conditional_formatting.add(
            "B6", CellIsRule(operator="lessThan", formula=["80"], font=Font(color="FF0000"))
        )
        sheet.conditional_formatting.add("K6:K7", CellIsRule(operator="equal", formula=["1"], font=Font(bold=True)))

    sheet = filled(page(3), restyled(change))
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["I6:I9"]
    assert [str(each.sqref) for each in sheet.data_validations.dataValidation] == ["A11 I6:I8"]


@pytest.mark.slow
def test_a_form_with_prefixed_names_is_read_all_the_same() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(TEMPLATE)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", part).replace(b"xmlns=", b"xmlns:x=")
            new.writestr(name, part)
    assert texts(filled(page(3), out.getvalue())) == texts(filled(page(3)))


@pytest.mark.slow
def test_a_template_without_print_area_prints_all_of_it() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.print_area = ""

    assert str(filled(page(3), restyled(change)).print_area).endswith("$A$1:$I$15")


# ---- on paper ----


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """The text of each page LibreOffice prints, by the number of members."""
    folder = tmp_path_factory.mktemp("printed")
    pdftotext = needs.program("pdftotext")
    counts = (3, 38, 200)
    for members in counts:
        (folder / f"{members}.xlsx").write_bytes(fill(TEMPLATE, draft(page(members)), CREATED))
    texts = {}
    for members, file in zip(counts, converted([folder / f"{members}.xlsx" for members in counts], PDF), strict=True):
        done = subprocess.run([pdftotext, "-layout", file, "-"], check=True, capture_output=True)
        texts[members] = done.stdout.decode().split("\f")[:-1]
    return texts


@pytest.mark.office
@pytest.mark.parametrize("members", [3, 38, 200])
def test_libreoffice_prints_everyone_on_the_pages_reckoned(printed: dict[int, list[str]], members: int) -> None:
    sheets = printed[members]
    assert len(sheets) == len(pages(filled(page(members))))
    told = [re.sub(r"\s", "", text) for text in sheets]
    for row in page(members).rows:
        name = str(row[1])
        assert name in "".join(told) or paper.text_width(name) > 5  # longer names are printed on two lines
    assert all("草稿" in text and "名次" in text for text in told)
    assert all(f"—{number}—" in text for number, text in enumerate(told, 1))
    assert WORDS["落款"] in told[-1]
