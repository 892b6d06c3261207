"""汇总.xlsx as it is drawn: titles, states in their colours, links to the cells, bars and frozen heads."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from many_branches import NOW, branch, listed, summed

from xl_jifen.derive.branch import BranchResult
from xl_jifen.excel.draw.summary_sheet import draw

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported")  # bars, which openpyxl drops

FILES = listed(
    [branch(), branch("", "第二党支部"), BranchResult("坏.xlsx", error="共享\\坏.xlsx 打不开；请重新保存。")]
)


@pytest.fixture(scope="module")
def book() -> Any:
    summary = summed(FILES)
    rows, problems = ([each(file) for file in FILES] for each in (summary.rows, summary.problem_rows))
    return openpyxl.load_workbook(io.BytesIO(draw(summary, rows, problems, NOW)))


@pytest.mark.parametrize(
    ("name", "title", "note"),
    [
        ("支部汇总", "党员积分支部汇总", "汇总于 2027-01-10 09:00；共 3 个文件"),
        ("规则使用", "党员积分规则使用", "汇总于 2027-01-10 09:00"),
        ("问题清单", "党员积分问题清单", "汇总于 2027-01-10 09:00"),
    ],
)
def test_over_its_heads_a_sheet_says_what_it_is_and_when_it_was_made(
    book: Any, name: str, title: str, note: str
) -> None:
    sheet = book[name]
    assert sheet["A1"].value == title
    assert str(sheet["A2"].value).startswith(note)
    assert (sheet["A1"].font.size, sheet["A1"].font.bold) == (16, True)
    assert (sheet["A2"].font.size, sheet["A2"].font.bold) == (9, False)
    assert sheet["A3"].font.bold, "the heads"
    assert sheet.freeze_panes.endswith("4"), "title, note and heads stay"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert sheet.page_setup.paperSize == 9, "A4"


def test_heads_look_alike_on_every_sheet(book: Any) -> None:
    looks = {(sheet["A3"].fill.fgColor.rgb, sheet["A3"].font.color.rgb) for sheet in book if sheet.title != "支部比较"}
    assert len(looks) == 1
    assert {sheet["A4"].fill.fgColor.rgb for sheet in book if sheet.title != "支部比较"}.isdisjoint(next(iter(looks)))


def test_what_is_missing_stands_out(book: Any) -> None:
    sheet = book["支部汇总"]
    state = [cell.value for cell in sheet[3]].index("状态")
    fills = {(row[0].value, row[state].value): row[state].fill.fgColor.rgb for row in sheet.iter_rows(min_row=4)}
    plain = fills["第一党支部", "已报"]
    assert fills[None, "读不了"] != plain
    assert fills["第二党支部", "未报"] not in (plain, fills[None, "读不了"])


def test_a_problem_links_to_its_cell(book: Any) -> None:
    links = [cell.hyperlink for row in book["问题清单"].iter_rows(min_row=4) for cell in row if cell.hyperlink]
    assert {(link.target, link.location) for link in links} == {
        ("支部/第一党支部.xlsx", "'1月'!C4"),
        ("支部/坏.xlsx", None),
    }


def test_backslashes_in_words_stay(book: Any) -> None:
    assert [row[5].value for row in book["问题清单"].iter_rows(min_row=4)][-1] == "共享\\坏.xlsx 打不开"


def test_rules_have_bars_in_their_columns(book: Any) -> None:
    sheet = book["规则使用"]
    heads = [cell.value for cell in sheet[3]]
    barred = {str(each.sqref) for each in sheet.conditional_formatting}
    last = sheet.max_row
    columns = [sheet.cell(3, heads.index(head) + 1).column_letter for head in ("登记", "封顶")]
    assert barred == {f"{letter}4:{letter}{last}" for letter in columns}
