"""The looks of a published workbook (样子): what of a copy hides or shows otherwise what the original holds.

Both hold the same; a copy that another program saved may differ in a hundred small things and still show it. Told is
what covers, hides, strikes out, shrinks, colours or formats a value, and what is said beside it. Reads only.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from xl_jifen.excel.read.extent import extent
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.grid import column_letters, squeeze

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

USUAL_FORMATS = frozenset(("General", "G/通用格式", "@"))
SMALLEST = 2.0
"""Points and letters: rows and columns below are not seen."""
SMALLER = 0.6
"""A letter, a row or a column that is so many times as large as the original's is hard to read, or cut."""
MOST_GROWN = 20
"""So many times as large as the original a copy may be that another program saved."""
_CELLS = 200_000
"""Cells of a sheet whose looks are compared; a notice of a thousand members has 10,000."""
_SIGNS = re.compile(r"(?i)wingdings|webdings|symbol|marlett|dingbats|barcode|blank|mt extra|bookshelf")
"""Fonts that show other signs than the letters they are given."""
_LAID_ON = {
    "conditionalFormatting": "有条件格式",
    "dataValidation": "有下拉列表或输入提示",
    "sparklineGroup": "有迷你图",
}
"""What is laid on cells, in the sheet's own words or in those of an extension."""
_LAID = re.compile(rb"<(?:[^\s<>/:]+:)?(conditionalFormatting|dataValidation|sparklineGroup)[\s/>]").findall
_BESIDE = {
    "comments": "有批注",
    "threadedComment": "有批注",
    "vmlDrawing": "有批注或控件",
    "drawing": "有图片、文本框或图形",
    "image": "有背景图",
    "control": "有控件",
    "ctrlProp": "有控件",
    "oleObject": "嵌入了别的文件",
    "package": "嵌入了别的文件",
    "table": "套了表格样式",
    "pivotTable": "有透视表",
}
"""What may lie on a sheet, by the kind of the relation."""
_HARMLESS = frozenset(("printerSettings", "hyperlink", "customProperty"))
_CODE = re.compile(r'&\[?[A-Za-z]+\]?|&\d+|&"[^"]*"|&K[\w+-]+')
"""What in a header is no text."""


def shown(text: str) -> str:
    """A cell as it is compared: a figure without the zeros that only line up a column."""
    key = squeeze(text).replace("−", "-")
    return key.rstrip("0").rstrip(".") if re.fullmatch(r"-?[0-9]+\.[0-9]+", key) else key


def odd_sheets(original: Package, given: Package) -> Iterator[str]:
    """In words, what of a copy hides or shows its values otherwise than the original does; both hold the same.

    Raises CannotRead.
    """
    if _size(given) > MOST_GROWN * _size(original):
        yield "里面另有许多看不见的内容"
        return
    try:
        yield from list(_odd(original, given))
    except CannotRead:
        raise
    except Exception:  # openpyxl raises whatever a broken part makes it stumble over, some of it late
        raise given.damaged("样式、批注或图片不完好") from None


def _odd(original: Package, given: Package) -> Iterator[str]:
    yield from dict.fromkeys((*_laid_on(original, given), *_lying_beside(original, given)))
    ours, theirs = _loaded(original), _loaded(given)
    if theirs is None or ours is None:
        yield "合并的单元格、链接或格式伸到了很远的地方"
        return
    if any(view.visibility != "visible" for view in theirs.views):
        yield "窗口是隐藏的"
    usual, colours = _Colours(original), _Colours(given)
    inks = {usual.ink(cell) for sheet in ours for row in sheet.iter_rows() for cell in row if cell.value is not None}
    for was, now in zip_longest(ours.worksheets, theirs.worksheets):
        if now is None:
            yield "少了一张工作表"
            return
        if now.sheet_state != "visible":
            yield f"工作表“{now.title}”是隐藏的"
        if was is None:
            continue  # what it holds is told with the values, what lies on it above
        if now.title != was.title:
            yield f"工作表“{was.title}”改名为“{now.title}”"
        yield from _odd_whole(was, now)
        yield from _odd_sizes(was, now)
        yield from _odd_cells(was, now, inks, colours)


# ---- the sheet as a whole ----


def _laid_on(original: Package, given: Package) -> Iterator[str]:
    """What is laid on the cells of a copy's sheets, and not on those of the original."""
    was, now = (
        Counter(_LAID(b"".join(package.xml(part) for part in package.sheets.values()))) for package in (original, given)
    )
    yield from (_LAID_ON[kind.decode()] for kind in now - was)


def _lying_beside(original: Package, given: Package) -> Iterator[str]:
    """Pictures, shapes, comments and whatever else the sheets of a copy have more, or fewer, than the original's."""
    was, now = _kinds(original), _kinds(given)
    yield from (_BESIDE.get(kind, f"另有 {kind}") for kind in now - was)
    if was - now or _drawings(original) != _drawings(given):
        yield "图片或图形与原件不同"


def _kinds(package: Package) -> Counter[str]:
    """How many relations of each kind its sheets have, but for those that show nothing."""
    found = (each.type for part in package.sheets.values() for each in package.relations(part))
    return Counter(kind for kind in found if kind not in _HARMLESS)


def _odd_whole(was: Worksheet, now: Worksheet) -> Iterator[str]:
    before, view = was.sheet_view, now.sheet_view
    if view.showZeros is False and before.showZeros is not False:
        yield "不显示零"
    if view.showFormulas and not before.showFormulas:
        yield "显示的是公式，不是结果"
    if view.rightToLeft and not before.rightToLeft:
        yield "从右向左排列"
    if _on_paper(now) != _on_paper(was):
        yield "页眉或页脚的文字与原件不同"
    if _printed(now) != _printed(was):
        yield "打印区域与原件不同"
    merged, now_merged = ({str(area) for area in sheet.merged_cells.ranges} for sheet in (was, now))
    yield from (f"{area} 是合并的" for area in sorted(now_merged - merged))
    yield from (f"{area} 原来是合并的" for area in sorted(merged - now_merged))


def _on_paper(sheet: Worksheet) -> tuple[str, ...]:
    """The words in its headers and footers."""
    sides = ("left", "center", "right")
    parts = (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter, sheet.firstHeader, sheet.firstFooter)
    found = (getattr(part, side).text for part in parts for side in sides)
    return tuple(squeeze(_CODE.sub("", text)) if text else "" for text in found)


def _printed(sheet: Worksheet) -> str:
    return squeeze(re.sub(r"('(?:[^']|'')*'|[^,!]*)!", "", str(sheet.print_area or ""))).replace("$", "")


def _odd_sizes(was: Worksheet, now: Worksheet) -> Iterator[str]:
    """Rows and columns in which values stand, and of which less is seen than in the original."""
    filled = [cell for row in now.iter_rows() for cell in row if cell.value is not None]
    low, default = now.sheet_format.zeroHeight, now.sheet_format.defaultRowHeight or 15
    for number in sorted({cell.row for cell in filled}):
        row = now.row_dimensions.get(number)
        height = row.height if row is not None and row.height is not None else default
        before = was.row_dimensions[number].height if number in was.row_dimensions else None
        if (row.hidden if row is not None else low) or height < SMALLEST:
            yield f"第 {number} 行是隐藏的"
        elif height < SMALLER * (before or default) and (row is not None or height < SMALLER * default):
            yield f"第 {number} 行压得太低"
    widths, before_widths = _widths(was), _widths(now)
    for column in sorted({cell.column for cell in filled}):
        width, before = before_widths.get(column), widths.get(column)
        if width is not None and width < SMALLEST / 4:
            yield f"{column_letters(column)} 列是隐藏的"
        elif width is not None and width < SMALLER * (before or 8):
            yield f"{column_letters(column)} 列压得太窄"


def _widths(sheet: Worksheet) -> Mapping[int, float]:
    """The widths of the columns that have one of their own; 0 for hidden ones."""
    found: dict[int, float] = {}
    for column in sheet.column_dimensions.values():
        if column.hidden or column.customWidth:
            width = 0.0 if column.hidden else column.width
            found |= dict.fromkeys(range(column.min or 0, min(column.max or 0, sheet.max_column) + 1), width)
    return found


# ---- the cells ----


def _odd_cells(was: Worksheet, now: Worksheet, inks: set[tuple[str, ...]], colours: _Colours) -> Iterator[str]:
    for row in now.iter_rows():
        for cell in row:
            before = was[cell.coordinate]
            if cell.hyperlink and not before.hyperlink:
                yield f"{cell.coordinate} 有原件没有的链接"
            if cell.value is not None:
                yield from (f"{cell.coordinate} {words}" for words in _odd_cell(before, cell, inks, colours))


def _odd_cell(was: Any, now: Any, inks: set[tuple[str, ...]], colours: _Colours) -> Iterator[str]:
    """What is odd about a cell that has a value, its place left out."""
    if shown(str(was.value)) != shown(str(now.value)):  # to openpyxl, though not to us: so it may be to others
        yield f"在别的程序里显示的可能是“{now.value}”"
    if now.number_format not in USUAL_FORMATS | {was.number_format}:
        yield f"的数字格式是“{now.number_format}”"
    if colours.ink(now) not in inks:
        yield "的字色或底色与原件不同"
    size = (was.font.sz if was.font else None) or 11
    fonts = [now.font, *(each.font for each in _runs(now.value) if each.font)]
    if any(font.strike for font in fonts if font) and not (was.font and was.font.strike):
        yield "加了删除线"
    if any(font.vertAlign for font in fonts if font) and not (was.font and was.font.vertAlign):
        yield "是上标或下标"
    if any((font.sz or size) < SMALLER * size for font in fonts if font):
        yield "的字号改小了"
    if any(_SIGNS.search(_name(font)) for font in fonts if font) and not _SIGNS.search(_name(was.font)):
        yield f"的字体会显示成别的符号（{next(_name(font) for font in fonts if _SIGNS.search(_name(font)))}）"
    if any(
        (run.font.color and colours.of(run.font.color)) not in {None, colours.ink(now)[0]} for run in _runs(now.value)
    ):
        yield "的一部分换了字色"
    before, laid = was.alignment, now.alignment
    if laid.textRotation != before.textRotation:
        yield "的文字转了方向"
    if laid.horizontal == "fill" and before.horizontal != "fill":
        yield "的文字会重复填充"
    if laid.indent > before.indent + 5:
        yield "的缩进会把文字推出格外"
    crossed = now.border.diagonalUp or now.border.diagonalDown
    if crossed and not (was.border.diagonalUp or was.border.diagonalDown):
        yield "画了斜线"


def _runs(value: Any) -> list[Any]:
    """The pieces of a text that have a look of their own."""
    return [piece for piece in value if hasattr(piece, "font")] if isinstance(value, list) else []


def _name(font: Any) -> str:
    """What a font is called, that of a cell or of a piece of text."""
    return str(getattr(font, "name", None) or getattr(font, "rFont", None) or "")


class _Colours:
    """How the colours of a workbook are compared, whose theme and palette may be of its own making."""

    def __init__(self, package: Package) -> None:
        """Whether what is usually black is so."""
        parts = {each.type: each.target for each in package.relations(package.workbook)}
        theme, styles = (parts.get(kind, "") for kind in ("theme", "styles"))
        xml = package.xml(theme) if theme in package else b""
        dark = re.search(rb"<(?:\w+:)?dk1>(.*?)</(?:\w+:)?dk1>", xml, re.DOTALL)
        self._is_dark = not xml or bool(dark and re.search(rb'(?:lastClr|val)="000000"', dark[1]))
        self._is_usual = not (styles in package and b"indexedColors" in package.xml(styles))

    def ink(self, cell: Any) -> tuple[str, ...]:
        """The colours of a cell's text and ground, and whether it is too small to be read."""
        fill = cell.fill
        ground = self.of(fill.fgColor) if fill and fill.fill_type == "solid" else str(fill.fill_type or "")
        size = (cell.font.sz or 11) if cell.font else 11
        return self.of(cell.font.color if cell.font else None), ground, "small" if size < 4 else ""

    def of(self, colour: Any) -> str:
        """Six digits; what is left to the program is black."""
        if colour is None or colour.type == "auto":
            return "000000"
        if colour.type == "rgb":
            return str(colour.rgb)[-6:].upper()
        if colour.type == "theme" and colour.theme == 1 and not colour.tint and self._is_dark:
            return "000000"
        if colour.type == "indexed" and colour.indexed in (8, 64) and self._is_usual:
            return "000000"
        return f"{colour.type} {colour.value} {colour.tint}"


def _size(package: Package) -> int:
    return sum(info.file_size for info in package.infos)


def _loaded(package: Package) -> Workbook | None:
    """The workbook as openpyxl has it, which makes every cell that anything reaches; None if that is too many."""
    from openpyxl import load_workbook  # whether a cell shows what it holds is asked of a saved copy only

    for part in package.sheets.values():
        if extent(package, part) > _CELLS:
            return None
    for part in package.parts:
        package.read(part)  # without entities: openpyxl reads them all
    return load_workbook(io.BytesIO(package.data), rich_text=True)


def _drawings(package: Package) -> int:
    """How many pictures and shapes lie on the sheets."""
    parts = {each.target for part in package.sheets.values() for each in package.relations(part)}
    drawn = [part for part in parts if "drawing" in package.content_type(part) and part in package]
    return sum(package.xml(part).count(b"Anchor>") for part in drawn)
