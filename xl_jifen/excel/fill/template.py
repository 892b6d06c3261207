"""Fills a publication's template (模板) with a page: the sheet a branch drew in Excel, its words and rows put in.

A template holds placeholders such as ``{{标题}}`` anywhere and one model row (示例行) with those of the table, which is
repeated for each row of the page with its look. The result holds values only, and the same input gives the same bytes.
It saves files of our own making; no file of a user's is ever opened here for writing.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xl_jifen.excel.fill import paper
from xl_jifen.excel.fill.reproducible import to_bytes
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.grid import range_of, squeeze
from xl_jifen.publish.page import Page, Value

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

DRAFT = "草稿"

MOST_CELLS = 100_000
"""Of a template's sheet: a page has hundreds."""

REMARK = "备注"
NARROWEST_REMARK = 110.0
"""Points that 备注 keeps."""

FEW, SMALLER = 14, 12.0
"""Of so few members all stand on one page, its running text set in this size if need be."""

SQUEEZE = 1.15
"""A sheet this little longer than one page is printed a little smaller, on one."""

_PLACEHOLDER = re.compile(r"[{｛]{2}([^{}｛｝]+)[}｝]{2}")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""


def fill(template: bytes, page: Page, created: datetime) -> bytes:
    """The template as a finished .xlsx: words, rows, heights, print area and page breaks set.

    ``created`` goes into the file's properties; it is taken as UTC where it names no zone. Raises CannotRead with a
    sentence when the template is no workbook of ours: no model row, an unknown or a lost placeholder, formulas,
    pictures.
    """
    try:
        return _filled(template, page, created)
    except CannotRead as error:
        raise CannotRead(f"模板“{page.template}.xlsx”有误：{error}") from error


def _filled(template: bytes, page: Page, created: datetime) -> bytes:
    book = _open(template)
    sheet, model = _model_row(book, page)
    _check(book, page)
    _arrange(sheet, model, page)
    last_body = _repeat(sheet, model, page)
    for each in book.worksheets:
        for row in each.iter_rows():
            for cell in row:
                if cell.value is not None and not (each is sheet and model <= cell.row <= last_body):
                    _fill_cell(cell, page.words)
        _fill_margins(each, page)
    _set_print(sheet, range(model, last_body + 1))
    title, creator = (_clean(page.words.get(name, "")) for name in ("标题", "落款"))
    return to_bytes(book, created, title=title, creator=creator)


def _open(template: bytes) -> Workbook:
    from openpyxl import load_workbook

    try:
        package = Package.of(template, "模板")
        parts = package.parts
        wide = [name for name, part in package.sheets.items() if _extent(package, part) > MOST_CELLS]
        for part in () if wide else parts:
            package.read(part)  # as large as it says, and without entities: openpyxl reads them all
        book = None if wide else load_workbook(io.BytesIO(template), rich_text=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a broken part makes it stumble over
        raise CannotRead("不是能打开的 .xlsx 文件；请用 Excel 或 WPS 重新另存，或换回自带的模板。") from error
    if book is None:
        raise CannotRead(f"工作表“{wide[0]}”的内容散得太开；请删去表格下方和右侧多余的行、列后再试。")
    if any(re.match(r"xl/(drawings/drawing|media/|charts/)", part) for part in parts):
        raise CannotRead("其中有图片、图形或图表，填写时保不住它们；请删除后再试。")
    for sheet in book.worksheets:
        if sheet.tables:
            raise CannotRead(f"工作表“{sheet.title}”套用了表格格式；请在“表设计”中选“转换为区域”后再试。")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    raise CannotRead(f"{sheet.title}!{cell.coordinate} 是公式；公示表只放数值，请改成文字或占位符。")
    return book


def _extent(package: Package, part: str) -> int:
    """The cells of the smallest rectangle from A1 that holds all of a sheet; openpyxl makes each of them."""
    row = bottom = right = 1
    data, merged, linked = "worksheet/sheetData/row", "worksheet/mergeCells/mergeCell", "worksheet/hyperlinks/hyperlink"
    for element, attributes in package.elements(part, data, f"{data}/c", merged, linked):
        if element == "row":
            row = int(attributes.get("r") or row + 1)
        else:
            place = range_of(attributes.get("r" if element == "c" else "ref"))
            bottom, right = max(bottom, place.bottom if place else row), max(right, place.right if place else 1)
    return bottom * right


# ---- placeholders ----


def _names(value: object) -> list[str]:
    """The placeholders a cell's value names, in the form words and columns are compared."""
    return [squeeze(name) for name in _PLACEHOLDER.findall(str(value))] if value is not None else []


def _braced(names: Iterable[str]) -> str:
    return "、".join(f"{{{{{name}}}}}" for name in names)


def _model_row(book: Workbook, page: Page) -> tuple[Worksheet, int]:
    """The sheet and row of the model row; CannotRead if there is none, or more than one."""
    found = [
        (sheet, number)
        for sheet in book.worksheets
        for number, row in enumerate(sheet.iter_rows(), 1)
        if any(name in page.columns for cell in row for name in _names(cell.value))
    ]
    if not found:
        raise CannotRead(
            f"没有示例行；请在表头下面留一行，各格写上 {_braced(page.columns)} 这些占位符，每名党员照它的样子填一行。"
        )
    if len(found) > 1:
        places = "、".join(f"{sheet.title}!{row}" for sheet, row in found)
        raise CannotRead(f"有不止一处示例行（{places}）；请只留一行写 {{{{{page.columns[0]}}}}} 等占位符。")
    return found[0]


def _check(book: Workbook, page: Page) -> None:
    """Refuse placeholders the page does not know, and a column whose heading stands but whose placeholder is gone."""
    used: set[str] = set()
    headings: set[str] = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                headings.add(squeeze(str(cell.value or "")))
                for name in _names(cell.value):
                    used.add(name)
                    _known(name, f"{sheet.title}!{cell.coordinate} ", page)
        for item in _margin_items(sheet, every=True):
            for part in (item.left, item.center, item.right):
                for name in _names(part.text):
                    _known(name, f"工作表“{sheet.title}”页眉页脚", page, row=False)
    lost = [name for name in page.columns if name not in used and name in headings]
    if lost:
        raise CannotRead(f"示例行缺少占位符 {_braced(lost)}；请在“{lost[0]}”一列补上，不要这一列的，连表头一起删除。")


def _known(name: str, where: str, page: Page, row: bool = True) -> None:
    if name not in page.words and not (row and name in (*page.columns, *page.silent)):
        raise CannotRead(f"{where}的占位符 {{{{{name}}}}} 不认识；可以用的有：{_braced(page.words)}。")


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: words[squeeze(match.group(1))], text)


def _fill_cell(cell: Cell, words: Mapping[str, str]) -> None:
    """Put words into one cell; parts in another font (富文本) keep it."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    value: Any = cell.value
    if not isinstance(value, str | CellRichText) or not _names(value):
        return
    if isinstance(value, CellRichText):
        parts = [
            TextBlock(part.font, _clean(_replaced(part.text, words)))
            if isinstance(part, TextBlock)
            else _clean(_replaced(part, words))
            for part in value
        ]
        whole = _clean(_replaced(str(value), words))
        if "".join(str(part) for part in parts) == whole:  # else a placeholder lies across two fonts
            cell.value = CellRichText([part for part in parts if str(part)])
            return
        value = whole
    _put(cell, _replaced(value, words))


def _put(cell: Cell, value: Value) -> None:
    """Set a value; text stays text whatever it begins with."""
    if not isinstance(value, str):
        cell.value = value
        return
    text = _clean(value)
    cell.value = text or None
    if text:
        cell.data_type = "s"
        if text[0] in "=+-@":
            cell.quotePrefix = True


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


# ---- columns ----


def _arrange(sheet: Worksheet, model: int, page: Page) -> None:
    """Take out the template's columns that say nothing on this page, and put the others in the page's order.

    Their room goes to 备注, or to all alike; a template that has just the page's columns stays as it is.
    """
    of: dict[int, str] = {}
    for column, cell in enumerate(sheet[model], 1):
        names = _names(cell.value)
        if len(names) == 1 and _PLACEHOLDER.fullmatch(str(cell.value).strip()):
            of[column] = names[0]
    silent = [column for column, name in of.items() if name in page.silent and name not in page.columns]
    kept = [column for column in of if column not in silent]
    wanted = [name for name in page.columns if name in of.values()]
    if [of[column] for column in kept] != wanted and len(kept) == len(wanted):
        _reorder(sheet, model, of, dict(zip(kept, wanted, strict=True)))
    if silent:
        widths = paper.column_widths(sheet)
        room = sum(widths[column] for column in range(1, sheet.max_column + 1))
        _take_out(sheet, silent)
        _share_out(sheet, [widths[column] for column in widths if column not in silent], wanted, room)


def _reorder(sheet: Worksheet, model: int, of: Mapping[int, str], wanted: Mapping[int, str]) -> None:
    """Move heading, model cell and width of each column to where ``wanted`` has its name."""
    from openpyxl.utils import get_column_letter

    place = {name: column for column, name in of.items()}
    rows = [row for row in (model - 1, model) if row]
    cells: dict[tuple[int, int], Any] = {(row, column): sheet.cell(row, column) for row in rows for column in of}
    looks = {key: (cell.value, copy.copy(cell._style)) for key, cell in cells.items()}
    sizes = {column: sheet.column_dimensions[get_column_letter(column)].width for column in of}
    for column, name in wanted.items():
        for row in rows:
            cells[row, column].value, cells[row, column]._style = looks[row, place[name]]
        sheet.column_dimensions[get_column_letter(column)].width = sizes[place[name]]


def _take_out(sheet: Worksheet, columns: Sequence[int]) -> None:
    """Delete columns; merged ranges shrink and keep what stood in them, the print area ends further left."""
    spans = [span.bounds for span in sheet.merged_cells.ranges]
    for span in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(span.coord)
    for left, top, right, _ in spans:
        first = next((column for column in range(left, right + 1) if column not in columns), left)
        if first != left:
            source: Any = sheet.cell(top, left)
            target: Any = sheet.cell(top, first)
            target.value, target._style = source.value, copy.copy(source._style)

    def moved(column: int) -> int:
        return column - len([each for each in columns if each < column])

    area = re.sub(r"('[^']*'|[^!,]*)!", "", sheet.print_area or "")
    for column in sorted(columns, reverse=True):
        sheet.delete_cols(column)
    for left, top, right, bottom in spans:
        kept = [moved(column) for column in range(left, right + 1) if column not in columns]
        if kept and (len(kept) > 1 or bottom > top):
            sheet.merge_cells(None, top, kept[0], bottom, kept[-1])
    if area and "," not in area:
        from openpyxl.utils import get_column_letter, range_boundaries

        left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(area))
        last = moved(right) - (right in columns)
        sheet.print_area = f"{get_column_letter(left)}{top}:{get_column_letter(last)}{bottom}"


def _share_out(sheet: Worksheet, widths: Sequence[float], names: Sequence[str], room: float) -> None:
    """Widths in points for the columns left: 备注 takes what is free, without it all grow, or shrink to fit."""
    from openpyxl.utils import get_column_letter

    across = paper.page_width(sheet)
    room = min(room, across) if paper.fits_to_page(sheet) else room
    whole = sum(widths)
    if REMARK in names and len(names) == len(widths):
        position = list(names).index(REMARK)
        others = whole - widths[position]
        scale = min(1.0, (room - NARROWEST_REMARK) / others)
        sized = [room - others * scale if number == position else width * scale for number, width in enumerate(widths)]
    else:
        sized = [width * room / whole for width in widths]
    sheet.column_dimensions.clear()
    digit = paper.digit_width(sheet)
    for number, width in enumerate(sized, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width, dimension.min, dimension.max = width / digit, number, number


# ---- the table ----


def _repeat(sheet: Worksheet, model: int, page: Page) -> int:
    """Repeat the model row for every row of the page, moving down what lies below; returns the last row filled.

    A page without rows keeps the model row, blank.
    """
    spans = [span for span in sheet.merged_cells.ranges if span.max_row >= model]
    if any(span.min_row <= model <= span.max_row and span.min_row != span.max_row for span in spans):
        raise CannotRead(f"工作表“{sheet.title}”第 {model} 行（示例行）有与上下行合并的单元格；请取消合并。")
    shift = max(len(page.rows), 1) - 1
    boxes = [span.bounds for span in spans]
    for span in spans:
        sheet.unmerge_cells(span.coord)
    _move_down(sheet, model, shift)

    models: tuple[Any, ...] = next(sheet.iter_rows(min_row=model, max_row=model))
    values = [cell.value for cell in models]
    looks = [copy.copy(cell._style) for cell in models]
    height = sheet.row_dimensions[model].height
    lengths = _figure_lengths(page)
    headed: list[int] = []
    for offset, row in enumerate(page.rows or ((),)):
        if len(row) == 1 < len(page.columns):
            headed.append(model + offset)
            row = tuple(row[0] if name == _first_of(values, page) else "" for name in page.columns)
        named = dict(zip(page.columns, row, strict=False)) or dict.fromkeys(page.columns)
        sheet.row_dimensions[model + offset].height = height
        cells: tuple[Any, ...] = next(
            sheet.iter_rows(min_row=model + offset, max_row=model + offset, max_col=len(models))
        )
        for cell, look, value in zip(cells, looks, values, strict=True):
            cell._style = copy.copy(look)
            names = _names(value)
            if len(names) == 1 and names[0] in named and _PLACEHOLDER.fullmatch(str(value).strip()):
                shown_value = named[names[0]]
                _put(cell, _one_a_line(shown_value) if names[0] == REMARK else shown_value)
                if isinstance(cell.value, Decimal) and cell.number_format == "General":
                    cell.number_format = _figure_format(cell.value, lengths[names[0]])
            elif names:
                shown = {name: "" if each is None else str(each) for name, each in named.items()}
                _put(cell, _replaced(str(value), {**page.words, **shown}))
            else:
                cell.value = value
    for row_number in headed:
        sheet.merge_cells(None, row_number, 1, row_number, len(models))
    for left, top, right, bottom in boxes:
        tops = range(model, model + shift + 1) if top == model else [top + shift]
        for each in tops:
            sheet.merge_cells(None, each, left, each + bottom - top, right)
    return model + shift


def _first_of(values: Sequence[object], page: Page) -> str:
    """The column of the page that stands first in the template."""
    return next(name for value in values for name in _names(value) if name in page.columns)


def _one_a_line(value: Value) -> Value:
    """A remark with each of its items on a line of its own."""
    return value.replace("；", "；\n") if isinstance(value, str) else value


def _figure_lengths(page: Page) -> dict[str, int]:
    """By column, the most digits before the point that a figure has."""
    lengths = {}
    for position, name in enumerate(page.columns):
        column = [row[position] for row in page.rows if len(row) > position]
        figures = [len(f"{abs(value):f}".partition(".")[0]) for value in column if isinstance(value, Decimal)]
        lengths[name] = max(figures, default=1)
    return lengths


def _figure_format(figure: Decimal, digits: int) -> str:
    """The number format of one figure in a column of so many digits, for cells the template leaves at General.

    The points stand in line: ``?`` is a blank as wide as a digit, ``_0`` a blank as wide as what follows the low line.
    """
    whole, _, decimals = f"{abs(figure):f}".partition(".")
    plain = "0" + (f".{'0' * len(decimals)}" if decimals else "")
    positive = "?" * (digits - 1) + plain
    return f'{positive};{"_0" * (digits - len(whole))}"−"{plain}' if figure < 0 else positive


def _move_down(sheet: Worksheet, model: int, shift: int) -> None:
    """Move everything below the model row, and stretch what reaches across it."""
    from openpyxl.formatting.formatting import ConditionalFormattingList
    from openpyxl.utils import get_column_letter

    last = sheet.max_row
    if not shift:
        return
    sizes = {row: sheet.row_dimensions[row] for row in range(model + 1, last + 1)}
    looks = {row: (size.height, size.hidden) for row, size in sizes.items()}
    if last > model:
        sheet.move_range(f"A{model + 1}:{get_column_letter(sheet.max_column)}{last}", rows=shift)
    for row in range(model + 1, last + 1):
        sheet.row_dimensions[row].height, sheet.row_dimensions[row].hidden = None, False
    for row, (height, hidden) in looks.items():
        sheet.row_dimensions[row + shift].height, sheet.row_dimensions[row + shift].hidden = height, hidden
    for cells in sheet.iter_rows(min_row=model + 1):
        for cell in cells:
            if cell.hyperlink:
                cell.hyperlink.ref = cell.coordinate

    formats = list(sheet.conditional_formatting)
    sheet.conditional_formatting = ConditionalFormattingList()
    for each in formats:
        for rule in each.rules:
            sheet.conditional_formatting.add(_shifted(str(each.sqref), model, shift), rule)
    if sheet.print_area:
        sheet.print_area = _shifted(re.sub(r"('[^']*'|[^!,]*)!", "", sheet.print_area), model, shift)


def _shifted(ranges: str, model: int, shift: int) -> str:
    """Ranges such as ``A6:I6 A9`` after the model row grew: below it moved, across it stretched."""

    def moved(match: re.Match[str]) -> str:
        top, bottom = int(match[2]), int(match[4] or match[2])
        top += shift if top > model else 0
        bottom += shift if bottom >= model else 0
        return f"{match[1]}{top}:{match[3] or match[1]}{bottom}"

    return re.sub(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?", moved, ranges)


# ---- headers and paper ----


def _margin_items(sheet: Worksheet, every: bool = False) -> list[Any]:
    """The headers in use on some page; with ``every`` the footers and the unused ones too."""
    margins = sheet.HeaderFooter
    headers = [margins.oddHeader]
    headers += [margins.evenHeader] if margins.differentOddEven or every else []
    headers += [margins.firstHeader] if margins.differentFirst or every else []
    return headers + ([margins.oddFooter, margins.evenFooter, margins.firstFooter] if every else [])


def _fill_margins(sheet: Worksheet, page: Page) -> None:
    """Fill the placeholders of headers and footers; a draft says so in every header, whatever the template has."""
    for item in _margin_items(sheet, every=True):
        for part in (item.left, item.center, item.right):
            if part.text and _names(part.text):
                words = {name: _clean(text).replace("&", "&&") for name, text in page.words.items()}
                part.text = _replaced(part.text, words) or None
    if page.draft:
        for item in _margin_items(sheet):
            if not any(DRAFT in (part.text or "") for part in (item.left, item.center, item.right)):
                item.center.text = f"{DRAFT}　{item.center.text or ''}".rstrip()


def _set_print(sheet: Worksheet, body: range) -> None:
    """Heights, print area (all that is used, where the template sets none) and page breaks."""
    from openpyxl.utils import get_column_letter, range_boundaries
    from openpyxl.worksheet.pagebreak import Break, RowBreak

    area = re.sub(r"^('[^']*'|[^!]*)!", "", sheet.print_area or "")
    if not area or "," in area:
        area = f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"
        sheet.print_area = area
    left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(area))
    right, bottom = min(right, sheet.max_column), min(bottom, sheet.max_row)
    titles = [int(row) for row in re.findall(r"\d+", sheet.print_title_rows or "")]
    head = range(titles[0], titles[-1] + 1) if titles else range(0)
    page = paper.page_height(sheet, range(left, right + 1))

    def ends(heights: Mapping[int, float]) -> list[int]:
        return paper.page_ends({row: heights.get(row, 0.0) for row in range(top, bottom + 1)}, page, head, body)

    def length(heights: Mapping[int, float]) -> float:
        return sum(heights.get(row, 0.0) for row in range(top, bottom + 1))

    heights, tight = paper.row_heights(sheet), paper.row_heights(sheet, body)
    if len(ends(tight)) < len(ends(heights)):
        heights = tight
    fits = paper.fits_to_page(sheet)
    if fits and len(body) <= FEW and ends(heights):
        smaller = paper.row_heights(sheet, range(top, bottom + 1), SMALLER)
        if length(smaller) <= page * SQUEEZE:
            heights = smaller
            _set_smaller(sheet, body)
    for row, height in heights.items():
        if height:
            sheet.row_dimensions[row].height = height
    sheet.row_breaks = RowBreak()
    if fits:
        if sheet.page_setup.fitToHeight == 0 and page < length(heights) <= page * SQUEEZE:
            sheet.page_setup.fitToHeight = 1
        if sheet.page_setup.fitToHeight != 0:
            return
    for row in ends(heights):
        sheet.row_breaks.append(Break(id=row))


def _set_smaller(sheet: Worksheet, body: range) -> None:
    """Set the running text around the table as large as official documents may, no larger."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    for row in sheet.iter_rows():
        for cell in row:
            if cell.row in body or cell.value is None:
                continue
            if isinstance(cell.value, CellRichText):
                for part in cell.value:
                    if isinstance(part, TextBlock) and part.font.sz:
                        part.font.sz = paper.smaller(float(part.font.sz), SMALLER)
            font: Any = copy.copy(cell.font)
            font.sz = paper.smaller(float(font.sz or 11), SMALLER)
            cell.font = font
