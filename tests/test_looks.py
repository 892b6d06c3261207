"""What a copy of a published workbook shows otherwise than the original, though both hold the same values."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from books import png
from libreoffice import converted
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule, DataBarRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.worksheet.datavalidation import DataValidation

from xl_jifen.verbs import reread

Change = Callable[[Any], object]
P = "C4"
"""The cell in which 102 stands."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notice of three members."""
    path = tmp_path_factory.mktemp("归档") / "公示表.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("公示表",), ("名次", "姓名", "积分"), (1, "李四", 103), (2, "张三", 102), (3, "王五", 100)):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="8B0000")
    for row in sheet["C3:C5"]:
        row[0].number_format = "??0.0"
    for column in "ABC":
        sheet.column_dimensions[column].width = 12
    sheet.row_dimensions[4].height = 20
    sheet.oddFooter.center.text = "第 &P 页"
    sheet.print_area = "A1:C5"
    book.save(path)
    return path


def font(**changed: object) -> Change:
    def change(sheet: Any) -> None:
        new = copy.copy(sheet[P].font)
        kept = {name: getattr(new, name) for name in ("name", "sz", "b", "strike", "color", "vertAlign")}
        sheet[P].font = Font(**kept | changed)

    return change


def to(name: str, value: object, where: Callable[[Any], Any] = lambda sheet: sheet[P]) -> Change:
    return lambda sheet: setattr(where(sheet), name, value)


def rule(made: Any) -> Change:
    return lambda sheet: sheet.conditional_formatting.add(P, made)


def validated(sheet: Any) -> None:
    made = DataValidation(type="whole", operator="greaterThan", formula1="0", showInputMessage=True)
    made.prompt = "此人应为 90 分"
    made.add(P)
    sheet.add_data_validation(made)


def pictured(sheet: Any) -> None:
    sheet.add_image(Image(io.BytesIO(png())), P)


def struck_in_part(sheet: Any) -> None:
    sheet["B4"] = CellRichText(TextBlock(InlineFont(strike=True, sz=11), "张三"))


def pale_in_part(sheet: Any) -> None:
    sheet["B4"] = CellRichText("张", TextBlock(InlineFont(color="FFFFFF", sz=11), "三"))


ODD: dict[str, tuple[Change, str]] = {
    "108 shown where 102 stands": (to("number_format", '"108"'), 'C4 的数字格式是“"108"”'),
    "a digit more": (to("number_format", '0"8"'), "C4 的数字格式"),
    "thousands": (to("number_format", "0,"), "C4 的数字格式"),
    "nothing": (to("number_format", ";;;"), "C4 的数字格式"),
    "of a name": (to("number_format", ';;;"王五"', lambda s: s["B4"]), "B4 的数字格式"),
    "struck out": (font(strike=True), "C4 加了删除线"),
    "struck out in part": (struck_in_part, "B4 加了删除线"),
    "raised": (font(vertAlign="superscript"), "C4 是上标或下标"),
    "white": (font(color="FFFFFF"), "C4 的字色或底色"),
    "white of the theme": (font(color=Color(theme=0)), "C4 的字色或底色"),
    "white of the palette": (font(color=Color(indexed=9)), "C4 的字色或底色"),
    "white in part": (pale_in_part, "B4 的一部分换了字色"),
    "on black": (to("fill", PatternFill("solid", fgColor="000000")), "C4 的字色或底色"),
    "on a pattern": (to("fill", PatternFill("darkGray", fgColor="000000")), "C4 的字色或底色"),
    "of one point": (font(sz=1), "C4 的字号改小了"),
    "of five points": (font(sz=5), "C4 的字号改小了"),
    "in signs": (font(name="Wingdings"), "C4 的字体会显示成别的符号（Wingdings）"),
    "upside down": (to("alignment", Alignment(textRotation=180)), "C4 的文字转了方向"),
    "far to the right": (to("alignment", Alignment(horizontal="left", indent=90)), "C4 的缩进"),
    "again and again": (to("alignment", Alignment(horizontal="fill")), "C4 的文字会重复填充"),
    "crossed": (to("border", Border(diagonal=Side("thick"), diagonalUp=True)), "C4 画了斜线"),
    "a comment": (to("comment", Comment("应为 90", "x")), "有批注"),
    "a comment elsewhere": (to("comment", Comment("作废", "x"), lambda s: s["E9"]), "有批注"),
    "a picture": (pictured, "有图片、文本框或图形"),
    "a link": (to("hyperlink", "https://example.org/"), "C4 有原件没有的链接"),
    "a format on condition": (rule(CellIsRule("greaterThan", ["0"], font=Font(color="FFFFFF"))), "有条件格式"),
    "a bar": (rule(DataBarRule("min", 0, "max", 100, "FF0000", showValue=False)), "有条件格式"),
    "a prompt": (validated, "有下拉列表或输入提示"),
    "a hidden row": (to("hidden", True, lambda s: s.row_dimensions[4]), "第 4 行是隐藏的"),
    "a row of no height": (to("height", 0.5, lambda s: s.row_dimensions[4]), "第 4 行是隐藏的"),
    "a low row": (to("height", 4, lambda s: s.row_dimensions[4]), "第 4 行压得太低"),
    "a hidden column": (to("hidden", True, lambda s: s.column_dimensions["C"]), "C 列是隐藏的"),
    "a column of no width": (to("width", 0.3, lambda s: s.column_dimensions["C"]), "C 列是隐藏的"),
    "a narrow column": (to("width", 2, lambda s: s.column_dimensions["C"]), "C 列压得太窄"),
    "a hidden window": (to("visibility", "hidden", lambda s: s.parent.views[0]), "窗口是隐藏的"),
    "another name": (to("title", "作废", lambda s: s), "工作表“Sheet”改名为“作废”"),
    "no zeros": (to("showZeros", False, lambda s: s.sheet_view), "不显示零"),
    "formulas": (to("showFormulas", True, lambda s: s.sheet_view), "显示的是公式，不是结果"),
    "from the right": (to("rightToLeft", True, lambda s: s.sheet_view), "从右向左排列"),
    "merged": (lambda sheet: sheet.merge_cells("C4:D4"), "C4:D4 是合并的"),
    "not merged": (lambda sheet: sheet.unmerge_cells("A1:C1"), "A1:C1 原来是合并的"),
    "a header": (to("text", "作废", lambda s: s.oddHeader.center), "页眉或页脚的文字与原件不同"),
    "a header of the first page": (to("text", "作废", lambda s: s.firstHeader.left), "页眉或页脚的文字"),
    "half of it printed": (to("print_area", "A1:C3", lambda s: s), "打印区域与原件不同"),
}
"""Each way to show something else, and how it is told."""


def told(original: Path, change: Change, folder: Path) -> list[str]:
    given = folder / "收到的.xlsx"
    book = openpyxl.load_workbook(original)
    change(book.active)
    book.save(given)
    assert list(reread.differing(reread.tables(original), reread.tables(given))) == []
    return list(reread.odd_looks(original, given))


@pytest.mark.parametrize("way", ODD)
def test_what_is_shown_otherwise_is_told(way: str, original: Path, tmp_path: Path) -> None:
    change, words = ODD[way]
    assert any(each.startswith(words) for each in told(original, change, tmp_path))


HARMLESS: dict[str, Change] = {
    "nothing": lambda sheet: None,
    "another zoom": to("zoomScale", 80, lambda s: s.sheet_view),
    "a wider column": to("width", 30, lambda s: s.column_dimensions["C"]),
    "a row as high as it was": to("height", 18, lambda s: s.row_dimensions[4]),
    "another font": font(name="宋体"),
    "bold": font(b=True),
    "a tab in colour": to("tabColor", "FF0000", lambda s: s.sheet_properties),
    "protected": lambda sheet: sheet.protection.enable(),
    "left": to("alignment", Alignment(horizontal="left")),
    "general": to("number_format", "General"),
}


@pytest.mark.parametrize("way", HARMLESS)
def test_what_shows_the_same_is_not(way: str, original: Path, tmp_path: Path) -> None:
    assert told(original, HARMLESS[way], tmp_path) == []


def test_a_theme_whose_black_is_white_is_told(original: Path, tmp_path: Path) -> None:
    def whitened(sheet: Any) -> None:
        theme = sheet.parent.loaded_theme
        sheet.parent.loaded_theme = theme.replace(b'lastClr="000000"', b'lastClr="FFFFFF"')

    assert any("的字色或底色与原件不同" in words for words in told(original, whitened, tmp_path))


@pytest.mark.office
def test_a_copy_saved_by_libreoffice_shows_the_same(original: Path) -> None:
    (given,) = converted([original])
    assert list(reread.differing(reread.tables(original), reread.tables(given))) == []
    assert list(reread.odd_looks(original, given)) == []
