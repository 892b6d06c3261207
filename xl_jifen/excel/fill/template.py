"""Fills a publication's template (模板) with a page: the sheet a branch drew in Excel, its words and rows put in.

A template holds placeholders such as ``{{标题}}`` anywhere and one model row (示例行) with those of the table, which is
repeated for each row of the page with its look. The result holds values only, and the same input gives the same bytes.
It saves files of our own making; no file of a user's is ever opened here for writing.

One module, however long: columns, rows and margins of the same sheet are moved and filled.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from xl_jifen.excel.fill import annex, paper
from xl_jifen.excel.fill.blank_form import Form
from xl_jifen.excel.fill.form_sheet import TRUE, Cell, FormRow, FormSheet, Looks, written
from xl_jifen.excel.patch.markup import escape, unescape
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Range, squeeze
from xl_jifen.layout import REMARK
from xl_jifen.publish.page import Page, Value

DRAFT = "草稿"

NARROWEST_REMARK = 110.0
"""Points that 备注 keeps."""

READABLE = 0.84
"""Names and points of 12 points are 10 when a sheet is printed so much smaller."""

LEGIBLE = 9.95
"""Points: names and scores are not printed smaller than 10 to save a page."""

SQUEEZE = 1.15
"""A sheet this little longer than one page is printed a little smaller, on one."""

LESS_ROOM = (0.85, 0.7, 0.6)
"""Shares of a row's height that are left to write in by hand, where that saves a page."""

SMALL_BRANCH = 14
"""So few members stand on one page, with small names squeezed besides if need be."""

_PLACEHOLDER = re.compile(r"[{｛]{2}([^{}｛｝]+)[}｝]{2}")
_MARGINS = [f"{page}{place}" for page in ("odd", "even", "first") for place in ("Header", "Footer")]
_CENTRE = re.compile(r'(?<!&)&C(?:&"[^"]*"|&K\w{6}|&\d+ ?)*')
"""Where the middle of a header begins, behind its font."""
_FONT = re.compile(r'&(?:[LCR]|"[^"]*"|K\w{6}|\d+)')
"""What of a header is no text."""
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
    form = _form(template)
    laid = _laid([sheet.copy() for sheet in form.sheets], form.looks.copy(), page)
    if laid.pages > 1 or not laid.readable:
        laid = _parted(form, page, laid)
    title, creator = (_clean(page.words.get(name, "")) for name in ("标题", "落款"))
    return form.to_bytes(laid.sheets, laid.looks, created, title=title, creator=creator)


class _Laid(NamedTuple):
    """A form filled: its sheets, their looks; whether names are printed as large as READABLE asks, and the pages.

    ``stump``: its last page holds less than a quarter.
    """

    sheets: Sequence[FormSheet]
    looks: Looks
    readable: bool
    pages: int
    stump: bool


def _laid(sheets: Sequence[FormSheet], looks: Looks, page: Page) -> _Laid:
    sheet, model = _model_row(sheets, page)
    _check(sheets, page)
    _arrange(sheet, looks, model, page)
    last_body = _repeat(sheet, looks, model, page)
    for each in sheets:
        for row in {row for row, _ in each.cells}:
            if not (each is sheet and model <= row <= last_body):
                _fill_row(each, looks, row, page.words)
        _fill_margins(each, page)
    return _Laid(sheets, looks, *_set_print(sheet, looks, range(model, last_body + 1)))


def _parted(form: Form, page: Page, whole: _Laid) -> _Laid:
    """The form with 备注 behind its table, where that takes fewer pages than the ``whole``, or can be read at all."""
    pages = annex.parted(page)
    blank = annex.blank(*_model_row(form.sheets, page), {sheet.name for sheet in form.sheets}) if pages else None
    if pages is None or blank is None:
        return whole
    made = _laid([each.copy() for each in form.sheets], form.looks.copy(), pages[0])
    nicer = False
    if pages[1]:
        behind = _laid([blank], made.looks, pages[1])
        nicer = not behind.stump
        made = behind._replace(
            sheets=[*made.sheets, *behind.sheets], readable=made.readable, pages=made.pages + behind.pages
        )
    better = made.pages < whole.pages or (made.pages == whole.pages > 1 and nicer)
    return made if better or (made.readable and not whole.readable) else whole


@functools.lru_cache(maxsize=8)
def _form(template: bytes) -> Form:
    return Form(template)


# ---- placeholders ----


def _names(text: str) -> list[str]:
    """The placeholders a text names, in the form words and columns are compared."""
    return [squeeze(name) for name in _PLACEHOLDER.findall(text)] if text else []


def _braced(names: Iterable[str]) -> str:
    return "、".join(f"{{{{{name}}}}}" for name in names)


def _model_row(sheets: Sequence[FormSheet], page: Page) -> tuple[FormSheet, int]:
    """The sheet and row of the model row; CannotRead if there is none, or more than one."""
    found = [
        (sheet, number)
        for sheet in sheets
        for number in sorted(
            {row for (row, _), cell in sheet.cells.items() for name in _names(cell.text) if name in page.columns}
        )
    ]
    if not found:
        raise CannotRead(
            f"没有示例行；请在表头下面留一行，各格写上 {_braced(page.columns)} 这些占位符，每名党员照它的样子填一行。"
        )
    if len(found) > 1:
        places = "、".join(f"{sheet.name}!{row}" for sheet, row in found)
        raise CannotRead(f"有不止一处示例行（{places}）；请只留一行写 {{{{{page.columns[0]}}}}} 等占位符。")
    return found[0]


def _check(sheets: Sequence[FormSheet], page: Page) -> None:
    """Refuse placeholders the page does not know, and a column whose heading stands but whose placeholder is gone."""
    used: set[str] = set()
    headings: set[str] = set()
    for sheet in sheets:
        for place, cell in sorted(sheet.cells.items(), key=lambda each: each[0]):
            headings.add(squeeze(cell.text))
            for name in _names(cell.text):
                used.add(name)
                _known(name, f"{sheet.place(*place)} ", page)
        for name in _names(unescape(sheet.pieces.get("headerFooter", ""))):
            _known(name, f"工作表“{sheet.name}”页眉页脚", page, row=False)
    lost = [name for name in page.columns if name not in used and name in headings]
    if lost:
        raise CannotRead(f"示例行缺少占位符 {_braced(lost)}；请在“{lost[0]}”一列补上，不要这一列的，连表头一起删除。")


def _known(name: str, where: str, page: Page, row: bool = True) -> None:
    if name not in page.words and not (row and name in (*page.columns, *page.silent)):
        raise CannotRead(f"{where}的占位符 {{{{{name}}}}} 不认识；可以用的有：{_braced(page.words)}。")


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: words[squeeze(match.group(1))], text)


def _with_words(cell: Cell, looks: Looks, words: Mapping[str, str]) -> Cell:
    """A cell with words put in; parts in another font (富文本) keep it, unless a placeholder lies across two."""
    whole = _replaced(cell.text, words)
    if isinstance(cell.value, tuple):
        parts = tuple((font, _clean(_replaced(text, words))) for font, text in cell.value)
        if "".join(text for _, text in parts) == _clean(whole):
            return cell._replace(value=tuple(part for part in parts if part[1]))
    return _holding(cell.style, whole, looks)


def _fill_row(sheet: FormSheet, looks: Looks, row: int, words: Mapping[str, str]) -> None:
    """A row of words. Where cells hold nothing but placeholders, and all of these say nothing, its labels go too."""
    cells = {place: cell for place, cell in sheet.cells.items() if place[0] == row}
    asking = [cell.text for cell in cells.values() if _names(cell.text)]
    gone = bool(asking) and all(_PLACEHOLDER.fullmatch(text) and not words[_names(text)[0]] for text in asking)
    for place, cell in cells.items():
        if gone:
            sheet.cells[place] = cell._replace(value=None)
        elif _names(cell.text):
            sheet.cells[place] = _with_words(cell, looks, words)
    if gone:
        sheet.rows[row] = sheet.rows.get(row, FormRow())._replace(hidden=True)


def _holding(style: int, value: Value, looks: Looks) -> Cell:
    """A cell of that style that holds a value; text stays text whatever it begins with."""
    text = _clean(value) if isinstance(value, str) else ""
    if text and text[0] in "=+-@":
        style = looks.variant(style, quotePrefix="1")
    return Cell(style, (text or None) if isinstance(value, str) else value)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


# ---- columns ----


def _arrange(sheet: FormSheet, looks: Looks, model: int, page: Page) -> None:
    """Take out the template's columns that say nothing on this page, and put the others in the page's order.

    Their room goes to 备注, or to all alike; a template that has just the page's columns stays as it is.
    """
    of: dict[int, str] = {}
    for column in range(1, sheet.right + 1):
        text = sheet.cell(model, column).text
        if _PLACEHOLDER.fullmatch(text.strip()):
            of[column] = _names(text)[0]
    silent = [column for column, name in of.items() if name in page.silent and name not in page.columns]
    kept = [column for column in of if column not in silent]
    wanted = [name for name in page.columns if name in of.values()]
    if [of[column] for column in kept] != wanted and len(kept) == len(wanted):
        place = {name: column for column, name in of.items()}
        _reorder(sheet, model, {column: place[name] for column, name in zip(kept, wanted, strict=True)})
    if silent:
        widths = paper.column_widths(sheet, looks)
        _take_out(sheet, silent)
        left = [width for column, width in widths.items() if column not in silent]
        _share_out(sheet, looks, left, wanted, sum(widths.values()))


def _reorder(sheet: FormSheet, model: int, sources: Mapping[int, int]) -> None:
    """Move heading, model cell and width to each column from the one it shall be like."""
    cells, columns = sheet.cells.copy(), sheet.columns.copy()
    for column, source in sources.items():
        for row in (model - 1, model):
            sheet.cells[row, column] = cells.get((row, source), Cell())
        sheet.columns[column] = columns.get(source, {})


def _take_out(sheet: FormSheet, columns: Sequence[int]) -> None:
    """Delete columns; merged ranges shrink and keep what stood in them."""

    def moved(column: int) -> int:
        return column - sum(each < column for each in columns)

    def narrower(span: Range) -> Range:
        return span._replace(left=moved(span.left), right=moved(span.right) - (span.right in columns))

    for span in sheet.merged:
        first = next((each for each in range(span.left, span.right + 1) if each not in columns), span.left)
        sheet.cells[span.top, first] = sheet.cell(span.top, span.left)
    sheet.cells = {(row, moved(each)): cell for (row, each), cell in sheet.cells.items() if each not in columns}
    sheet.columns = {moved(each): traits for each, traits in sheet.columns.items() if each not in columns}
    shrunk = [narrower(span) for span in sheet.merged]
    sheet.merged = [
        each for each in shrunk if each.left < each.right or (each.left == each.right and each.top < each.bottom)
    ]
    sheet.move(narrower)


def _share_out(sheet: FormSheet, looks: Looks, widths: Sequence[float], names: Sequence[str], room: float) -> None:
    """Widths in points for the columns left: 备注 takes what is free, without it all grow, or shrink to fit."""
    room = min(room, paper.page_width(sheet)) if paper.fits_to_page(sheet) else room
    whole = sum(widths)
    if REMARK in names and len(names) == len(widths):
        position = list(names).index(REMARK)
        others = whole - widths[position]
        scale = min(1.0, (room - NARROWEST_REMARK) / others)
        sized = [room - others * scale if number == position else width * scale for number, width in enumerate(widths)]
    else:
        sized = [width * room / whole for width in widths]
    digit = paper.digit_width(looks)
    sheet.columns = {n: {"width": f"{width / digit:.10g}", "customWidth": "1"} for n, width in enumerate(sized, 1)}
    sheet.beyond.clear()


# ---- the table ----


def _repeat(sheet: FormSheet, looks: Looks, model: int, page: Page) -> int:
    """Repeat the model row for every row of the page, moving down what lies below; returns the last row filled.

    A page without rows keeps the model row, blank. A row of a single cell reaches from end to end.
    """
    spans = [span for span in sheet.merged if span.bottom >= model]
    if any(span.top <= model <= span.bottom and span.top != span.bottom for span in spans):
        raise CannotRead(f"工作表“{sheet.name}”第 {model} 行（示例行）有与上下行合并的单元格；请取消合并。")
    rows = page.rows or ((),)
    right, shift = sheet.right, len(rows) - 1
    models = [sheet.cell(model, column) for column in range(1, right + 1)]
    _move_down(sheet, model, shift)
    sheet.rows |= {model + offset: sheet.rows.get(model, FormRow()) for offset in range(len(rows))}
    lengths = _figure_lengths(page)
    first = next(name for cell in models for name in _names(cell.text) if name in page.columns)
    for number, row in enumerate(rows, model):
        heads = len(row) == 1 < len(page.columns)
        if heads:
            row = tuple(row[0] if name == first else "" for name in page.columns)
        named = dict(zip(page.columns, row, strict=False)) or dict.fromkeys(page.columns)
        for column, cell in enumerate(models, 1):
            sheet.cells[number, column] = _told(cell, named, lengths, looks, page.words)
        if heads:
            sheet.merged.append(Range(number, 1, number, right))
    sheet.merged += [
        span._replace(top=n, bottom=n)
        for span in spans
        if span.top == model
        for n in range(model + 1, model + shift + 1)
    ]
    return model + shift


def _told(
    cell: Cell, named: Mapping[str, Value], lengths: Mapping[str, int], looks: Looks, words: Mapping[str, str]
) -> Cell:
    """A cell of the model row as it stands in a row of those values."""
    names = _names(cell.text)
    if len(names) == 1 and names[0] in named and _PLACEHOLDER.fullmatch(cell.text.strip()):
        value, style = named[names[0]], cell.style
        if isinstance(value, Decimal) and looks.look(style).general:
            style = looks.formatted(style, _figure_format(value, lengths[names[0]]))
        if isinstance(value, str) and names[0] == REMARK:
            value = value.replace("；", "；\n")  # each of its items on a line of its own
        return _holding(style, value, looks)
    shown = {name: "" if each is None else str(each) for name, each in named.items()}
    return _holding(cell.style, _replaced(cell.text, {**words, **shown}), looks) if names else cell


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


def _move_down(sheet: FormSheet, model: int, shift: int) -> None:
    """Move everything below the model row, and stretch what reaches across it."""

    def moved(span: Range) -> Range:
        top = span.top + (shift if span.top > model else 0)
        return span._replace(top=top, bottom=span.bottom + (shift if span.bottom >= model else 0))

    def down(row: int) -> int:
        return row + (shift if row > model else 0)

    if shift:
        sheet.cells = {(down(row), column): cell for (row, column), cell in sheet.cells.items()}
        sheet.rows = {down(row): look for row, look in sheet.rows.items()}
        sheet.merged = [moved(span) if span.top > model else span for span in sheet.merged]
        sheet.move(moved)


# ---- headers and paper ----


def _fill_margins(sheet: FormSheet, page: Page) -> None:
    """Fill the placeholders of headers and footers; a draft says so in every header, whatever the template has."""
    margins = _margins(sheet.pieces.get("headerFooter", ""))
    words = {name: _clean(text).replace("&", "&&") for name, text in page.words.items()}
    filled = {name: _replaced(text, words) for name, text in margins.items()}
    margins = {name: text for name, text in filled.items() if _FONT.sub("", text).strip()}
    traits = sheet.traits.get("headerFooter", {})
    if page.draft:
        headers = {
            "odd": True,
            "even": traits.get("differentOddEven") in TRUE,
            "first": traits.get("differentFirst") in TRUE,
        }
        for name, text in (
            (f"{each}Header", margins.get(f"{each}Header", "")) for each, used in headers.items() if used
        ):
            if DRAFT not in text:
                centre = _CENTRE.search(text)
                at = centre.end() if centre else len(text)
                margins[name] = f"{text[:at]}{DRAFT}　{text[at:]}".rstrip() if centre else f"{text}&C{DRAFT}"
    told = "".join(f"<{name}>{escape(margins[name])}</{name}>" for name in _MARGINS if margins.get(name))
    if told:
        sheet.pieces["headerFooter"] = f"<headerFooter{written(traits)}>{told}</headerFooter>"


def _margins(piece: str) -> dict[str, str]:
    """The headers and footers of a sheet, as codes with their texts."""
    found = re.findall(r"<((?:odd|even|first)(?:Header|Footer))[^<>]*>([^<]*)<", piece)
    return {name: unescape(text) for name, text in found}


def _set_print(sheet: FormSheet, looks: Looks, body: range) -> tuple[bool, int, bool]:
    """Heights, print area (all that is used, where the template sets none) and page breaks.

    Returns whether it is printed as large as :data:`READABLE` asks, on how many pages, and whether the last is a stump.

    Of the ways to set it, the one with the fewest pages is taken, then the one nearest to the template.
    """
    area = sheet.area = sheet.area or Range(1, 1, sheet.bottom, sheet.right)
    rows = range(area.top, min(area.bottom, sheet.bottom) + 1)
    columns = range(area.left, min(area.right, sheet.right) + 1)
    page, readable = paper.page_height(sheet, looks, columns), paper.page_scale(sheet, looks, columns) >= READABLE
    around = [row for row in rows if row not in body and row not in sheet.titles]
    fits = paper.fits_to_page(sheet)
    unlimited = fits and sheet.traits.get("pageSetup", {}).get("fitToHeight") == "0"

    def length(heights: Mapping[int, float]) -> float:
        return sum(heights[row] for row in rows)

    def pages(heights: Mapping[int, float], small: Container[int] = ()) -> tuple[int, bool, bool]:
        """How many, whether names are small, and whether all of it is squeezed into one."""
        names = body[0] in small if body else False
        may = unlimited and (len(body) <= SMALL_BRANCH or not names)
        if may and page < length(heights) <= page * SQUEEZE:
            return 1, names, True
        return len(paper.page_ends({row: heights[row] for row in rows}, page, sheet.titles, body)) + 1, names, False

    ways: list[tuple[Container[int], Sequence[int], float]] = [(body, (), 1.0)]
    if fits:
        by_hand = any((sheet.rows.get(row, FormRow()).height or 0.0) >= paper.HAND for row in around)
        ways += [(body, around, 1.0), (rows, around, 1.0)]
        ways += [(rows, around, room) for room in LESS_ROOM if by_hand]
    names = max((looks.look(cell.style).size for (row, _), cell in sheet.cells.items() if row == body.start), default=0)
    if fits and paper.smaller(names) * paper.page_scale(sheet, looks, columns) >= LEGIBLE:
        ways.append((rows, [*around, *body], LESS_ROOM[-1]))
    heights = paper.row_heights(sheet, looks)
    smaller: Sequence[int] = ()
    for tight, small, room in ways:
        if pages(heights, smaller) == (1, False, False):  # no way is better
            break
        tried = paper.row_heights(sheet, looks, tight, small, room)
        if pages(tried, small) < pages(heights, smaller):
            heights, smaller = tried, small
    _set_smaller(sheet, looks, smaller)
    if pages(heights, smaller)[0] > 1:
        heights = {**heights, **paper.fuller({row: heights[row] for row in rows}, page, sheet.titles, body)}
    for row, height in heights.items():
        if height:
            sheet.rows[row] = sheet.rows.get(row, FormRow())._replace(height=height)
    count, _, squeezed = pages(heights, smaller)
    last = max([0, *paper.page_ends({row: heights[row] for row in rows}, page, sheet.titles, body)])
    stump = not squeezed and sum(heights[row] for row in rows if row > last) < page * paper.QUARTER
    if squeezed:
        sheet.set_trait("pageSetup", "fitToHeight", "1")
    if fits and sheet.traits["pageSetup"].get("fitToHeight") != "0":
        return readable, count, stump
    if found := paper.breaks({row: heights[row] for row in rows}, page, sheet.titles, body):
        told = "".join(f'<brk id="{row}" max="16383" man="1"/>' for row in found)
        sheet.pieces["rowBreaks"] = (
            f'<rowBreaks count="{len(found)}" manualBreakCount="{len(found)}">{told}</rowBreaks>'
        )
    return readable, count, stump


def _set_smaller(sheet: FormSheet, looks: Looks, rows: Container[int]) -> None:
    """Set the running text of these rows smaller (:func:`paper.smaller`)."""

    def smaller(match: re.Match[str]) -> str:
        return f'<sz val="{paper.smaller(float(match[1])):g}"/>'

    for place, (style, value) in sheet.cells.items():
        if place[0] not in rows or value is None:
            continue
        size = looks.look(style).size
        if paper.smaller(size) != size:
            style = looks.sized(style, paper.smaller(size))
        if isinstance(value, tuple):
            value = tuple((re.sub(r'<sz val="([0-9.]+)"/>', smaller, font), text) for font, text in value)
        sheet.cells[place] = Cell(style, value)
