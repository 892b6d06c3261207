"""The annex of a notice: what 备注 says on a sheet of its own, and when it is made."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from datetime import datetime

import openpyxl
import pytest
from made_page import ALL_COLUMNS, COLUMNS, made_page, remark_of
from openpyxl.workbook import Workbook

from xl_jifen.disk import assets
from xl_jifen.excel.fill.template import fill
from xl_jifen.publish.page import Page

TEMPLATE = assets.asset("templates/publicity.xlsx")
USUAL = tuple(name for name in COLUMNS if name not in ("较上期", "建议等次"))
ROOM = (210 - 28 - 26) / 25.4 * 72
"""Points between the margins of a page."""


def five_items(members: int, columns: Sequence[str] = USUAL) -> Page:
    """A branch that publishes about five items of everybody, with their reasons."""
    page = made_page(members, columns=columns)
    items = "；".join(f"参加主题党日{n}次，加{n}分：防汛一线主题党日、结对共建活动" for n in range(1, 6))
    return dataclasses.replace(page, rows=tuple((*row[:-1], f"{row[1]}：{items}") for row in page.rows))


def filled(page: Page, template: bytes = TEMPLATE) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(fill(template, page, datetime(2026, 10, 9, 9))))


@pytest.mark.parametrize("members", [3, 10, 14])
def test_a_small_branch_has_its_notice_on_one_page_and_the_items_behind(members: int) -> None:
    page = five_items(members)
    notice, annex = filled(page).worksheets
    assert notice.page_setup.fitToHeight == 1 or not notice.row_breaks.brk
    printed = sum(float(notice.row_dimensions[row].height or 0) for row in range(1, notice.max_row + 1))
    assert printed <= (297 - 37 - 35) / 25.4 * 72 * 1.15
    told = [[cell.value for cell in row] for row in annex.iter_rows()]
    assert told[0][0] == page.words["附页"]
    assert told[1] == ["名次", "姓名", "积分构成"]
    assert [[*row[:2], str(row[2]).replace("\n", "")] for row in told[2:]] == [[*row[:2], row[-1]] for row in page.rows]
    assert annex.print_title_rows == "$2:$2"
    assert "积分构成：" in str([cell.value for cell in notice["A"]])


@pytest.mark.slow
def test_names_are_ten_points_high_and_no_page_is_lost() -> None:
    notice, annex = filled(five_items(36, (*USUAL[:-1], "较上期", "建议等次", "备注"))).worksheets
    for sheet, first in ((notice, 6), (annex, 3)):
        letters = [openpyxl.utils.get_column_letter(n) for n in range(1, sheet.max_column + 1)]
        assert sum(sheet.column_dimensions[letter].width for letter in letters) * 8 * 0.75 <= ROOM + 1
        assert {float(sheet.cell(row, column).font.sz) for row in range(first, first + 36) for column in (1, 2)} <= {
            10,
            12,
        }
    assert len(notice.row_breaks.brk) <= 1


def test_a_year_of_items_is_told_in_several_rows_none_of_which_is_cut() -> None:
    page = five_items(3)
    items = [
        f"参加主题党日1次，加0.5分：{n}月{day}日主题党日、结对共建活动和志愿服务"
        for n in range(1, 13)
        for day in (3, 9)
    ]
    rows = ((*page.rows[0][:-1], "；".join(items)), *page.rows[1:])
    annex = filled(dataclasses.replace(page, rows=rows)).worksheets[1]
    told = [(annex.cell(row, 2).value, str(annex.cell(row, 3).value).split("；\n")) for row in range(3, 9)]
    assert [name for name, _ in told[:3]] == [page.rows[0][1]] * 3
    assert [item for _, some in told[:3] for item in some] == items
    assert max(float(annex.row_dimensions[row].height or 0) for row in range(3, 9)) < 400


def every_column(page: Page) -> Page:
    rows = tuple((row[0], f"{n:03d}", row[1], "第一党小组", *row[2:]) for n, row in enumerate(page.rows, 1))
    return dataclasses.replace(page, columns=ALL_COLUMNS, rows=rows, silent=())


@pytest.mark.slow
def test_what_all_columns_leave_no_room_for_stands_in_the_annex() -> None:
    notice, annex = filled(every_column(made_page(36))).worksheets
    assert [notice.cell(5, column).value for column in range(1, 12)] == [*ALL_COLUMNS[:-1], None]
    assert [annex.cell(2, column).value for column in (1, 2, 3, 4)] == ["名次", "编号", "姓名", "积分构成"]
    told = [annex.cell(row, 4).value for row in range(3, annex.max_row + 1)]
    assert [str(text).replace("\n", "") for text in told] == [remark_of(n) for n in range(36) if remark_of(n)]


@pytest.mark.slow
def test_a_few_words_stand_in_the_legend() -> None:
    page = every_column(made_page(36, 备注段="备注：王五，9月1日转入。"))
    rows = tuple((*row[:-1], "9月1日转入" if row[0] == 3 else "") for row in page.rows)
    (notice,) = filled(dataclasses.replace(page, rows=rows)).worksheets
    assert "备注" not in [cell.value for cell in notice[5]]
    assert any("\n备注：王五，9月1日转入。" in str(cell.value) for cell in notice["A"])


def test_where_it_saves_no_page_the_items_stand_beside_the_names() -> None:
    page = made_page(3, columns=USUAL)
    (notice,) = filled(page).worksheets
    assert [str(notice.cell(row, 7).value or "").replace("\n", "") for row in (6, 7, 8)] == [r[-1] for r in page.rows]


@pytest.mark.slow
def test_a_template_without_remarks_has_no_annex_and_a_name_is_taken_once() -> None:
    book = openpyxl.load_workbook(io.BytesIO(TEMPLATE), rich_text=True)
    book.create_sheet("积分构成")["A1"] = "另页"
    out = io.BytesIO()
    book.save(out)
    assert filled(five_items(14), out.getvalue()).sheetnames == ["公示表", "积分构成", "积分构成续"]
    book.worksheets[0].delete_cols(11)
    out = io.BytesIO()
    book.save(out)
    assert filled(five_items(14), out.getvalue()).sheetnames == ["公示表", "积分构成"]


def test_a_draft_says_so_on_the_annex_too() -> None:
    page = five_items(14)
    draft = dataclasses.replace(page, words={**page.words, "草稿": "草稿"}, draft=True)
    assert ["草稿" in str(sheet.oddHeader.center.text) for sheet in filled(draft).worksheets] == [True, True]
