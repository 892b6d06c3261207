"""Draws the master workbook (空白模板) ``党员积分.xlsx`` from text: the same bytes at every build.

What stands in it is data: ``form/`` (order, widths, dropdowns), ``scheme/`` (the example rules), ``guide.txt``
(使用说明) and the headings of ``xl_jifen.layout``. Run ``python workbook/build.py [FILE]``; it asks no clock.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from form import HERE, Field, Form, Record, read_csv, read_forms
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from xl_jifen import layout, reckon
from xl_jifen.grid import Grid, Grids
from xl_jifen.publish.how_counted import how_counted

MASTER = HERE / "党员积分.xlsx"

TITLE_ROW, NOTE_ROW, HEADING_ROW = 0, 1, 2
FIRST_ROW = HEADING_ROW + 1
"""The first row under the headings, counted from 0 as XlsxWriter does."""
LAST_ROW = 999
"""Dropdowns, checks and colours reach down to here, far below the prepared rows."""

CHOICES = "选项"
"""The hidden sheet that gathers what the dropdowns offer."""
MOST_CHOICES = 300
CYCLE_NAMES = {layout.CYCLE_START: "计分周期首日", layout.CYCLE_END: "计分周期末日"}

LINKS = 12
"""Columns of 使用说明 that links are laid over: the months take one each."""

FONT = "微软雅黑"
INK, MAROON, PARCHMENT, GREY, LINE = "#333333", "#8B1A1A", "#F5E6D3", "#D9D9D9", "#BFBFBF"
LINK = "#0563C1"
PINK, AMBER, PALE = "#FFC7CE", "#FFEB9C", "#F2F2F2"
TABS = {"结果": "#4F6228", "常用": MAROON, "登记": "#C9985A", "备用": "#A6A6A6"}
HEADING_LOOK: dict[str, dict[str, Any]] = {
    "必填": {"bg_color": MAROON, "font_color": "#FFFFFF", "bold": True},
    "选填": {"bg_color": PARCHMENT, "font_color": INK, "bold": True},
    "工具": {"bg_color": GREY, "font_color": INK, "bold": True},
}
ROW_LOOK = {"错误": PINK, "警告": AMBER}
ALIGN: dict[str, dict[str, Any]] = {
    "左": {"align": "left", "indent": 1, "text_wrap": True},
    "中": {"align": "center", "text_wrap": True},
    "提示": {"align": "left", "indent": 1, "text_wrap": True},
}
NUMBERS: dict[str, dict[str, Any]] = {
    "不小于0": {"validate": "decimal", "criteria": ">=", "value": 0},
    "大于0": {"validate": "decimal", "criteria": ">", "value": 0},
    "正整数": {"validate": "integer", "criteria": ">=", "value": 1},
    "非负整数": {"validate": "integer", "criteria": ">=", "value": 0},
    "任意": {"validate": "decimal", "criteria": "between", "minimum": -100000, "maximum": 100000},
}
"""The words of 取值 in ``form/columns.csv``, besides 日期, 周期内 and 不重复."""
ANY_DAY: dict[str, Any] = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(1921, 7, 1),
    "maximum": date(2099, 12, 31),
}
SCHEME = {
    layout.BANDS.name: "bands",
    layout.RULES.name: "rules",
    layout.GROUPS.name: "groups",
    layout.ATTENDANCE_RULES.name: "attendance_rules",
}
"""Which file of ``scheme/`` fills which sheet; 设置 has its own."""


class Painter:
    """The formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self.style = cache(self._style)

    def _style(self, *properties: tuple[str, Any]) -> Format:
        return self._book.add_format({"font_name": FONT, "font_size": 10, "valign": "vcenter", **dict(properties)})

    def make(self, **properties: Any) -> Format:
        """The format with these properties over the house font."""
        return self.style(*sorted(properties.items()))

    def overlay(self, **properties: Any) -> Format:
        """What a conditional format changes."""
        return self._book.add_format(properties)

    def heading(self, look: str) -> Format:
        """A heading cell."""
        return self.make(align="center", text_wrap=True, border=1, border_color=LINE, **HEADING_LOOK[look])

    def cell(self, field: Field, *, ruled: bool = False) -> Format:
        """A cell under a heading: text stays text, dates are dates; with lines around it on a form to fill by hand."""
        shape = {"text": "@", "choice": "@", "date": "yyyy-mm-dd", "number": "General"}[field.column.kind]
        lines = {"border": 1, "border_color": LINE} if ruled else {}
        return self.make(num_format=shape, **ALIGN[field.align], **lines)


def build(path: Path = MASTER) -> None:
    """Write the master workbook to path."""
    buffer = io.BytesIO()
    look = {"font_name": FONT, "font_size": 10}
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_format_properties": look, "default_row_height": 26})
    book.set_properties({"title": "党员积分", "subject": "支部党员积分登记与核算", "created": datetime(2026, 1, 1)})
    book.set_tab_ratio(80)
    paint = Painter(book)
    forms = read_forms()
    links = [[*layout.OWNED_SHEETS], *visible_sheets(forms)]
    draw_guide(book.add_worksheet(layout.GUIDE), paint, (HERE / "guide.txt").read_text(encoding="utf-8"), links)
    for name in layout.OWNED_SHEETS:
        draw_promise(book.add_worksheet(name), paint, name)
    for form in forms:
        page = book.add_worksheet(form.sheet.name)
        draw_form(page, paint, form)
        if form.sheet is layout.SETTINGS:
            fill_settings(book, page, paint, form)
        elif form.sheet.name in SCHEME:
            fill_rows(page, paint, form, scheme_rows(form.sheet))
    draw_choices(book, forms)
    book.close()
    path.write_bytes(settle(buffer.getvalue()))


def visible_sheets(forms: Sequence[Form]) -> list[list[str]]:
    """The sheets a reader sees, by tab colour and the months by themselves: a line of links each."""
    names = [form.sheet.name for form in forms if not form.hidden]
    months = [sheet.name for sheet in layout.MONTHS]
    before, behind = names[: names.index(months[0])], names[names.index(months[-1]) + 1 :]
    return [before, months, behind]


def draw_promise(page: Worksheet, paint: Painter, name: str) -> None:
    """A sheet of results before there are any: the tool draws it anew at each recalculation."""
    page.set_tab_color(TABS["结果"])
    page.hide_gridlines(2)
    page.set_column(0, 0, 90)
    page.write_string(0, 0, name, paint.make(font_size=16, bold=True, font_color=MAROON))
    words = "这张表由工具填写：重新计算（在“党员积分”选项卡、桌面图标或 xl-jifen recalc）以后，结果出现在这里。"
    page.write_string(1, 0, words, paint.make(font_size=11, text_wrap=True))


def draw_form(page: Worksheet, paint: Painter, form: Form) -> None:
    """One empty sheet: title, note, headings, columns, checks, colours, print setup."""
    page.set_tab_color(TABS[form.tab])
    page.set_row(TITLE_ROW, 30)
    page.write_string(TITLE_ROW, 0, form.title, paint.make(font_size=16, bold=True, font_color=MAROON))
    page.set_row(NOTE_ROW, 20)
    page.write_string(NOTE_ROW, 0, form.note, paint.make(font_size=9, font_color="#7F7F7F"))
    page.set_row(HEADING_ROW, 34)
    for field in form.fields:
        _draw_column(page, paint, form, field)
        for row in range(FIRST_ROW, FIRST_ROW + form.prepared):
            ruled = row < FIRST_ROW + form.ruled
            if ruled and field.column.name == layout.SERIAL:
                page.write_number(row, field.position, row - FIRST_ROW + 1, paint.cell(field, ruled=True))
            else:
                page.write_blank(row, field.position, None, paint.cell(field, ruled=ruled))
        if check := _check(form, field):
            page.data_validation(FIRST_ROW, field.position, LAST_ROW, field.position, check)
    _colour_rows(page, paint, form)
    page.freeze_panes(FIRST_ROW, form.frozen)
    if form.filtered:
        page.autofilter(HEADING_ROW, 0, FIRST_ROW + form.prepared - 1, len(form.fields) - 1)
    page.set_landscape()
    page.repeat_rows(HEADING_ROW)
    _set_up_print(page)
    if form.hidden:
        page.hide()


def _draw_column(page: Worksheet, paint: Painter, form: Form, field: Field) -> None:
    """Width, default format, outline, heading and its note."""
    before = form.fields[field.position - 1] if field.position else None
    options: dict[str, Any] = {}
    if field.column.seldom:
        options = {"level": 1, "hidden": True}
    elif before and before.column.seldom:
        options = {"collapsed": True}
    page.set_column(field.position, field.position, field.width, paint.cell(field), options)
    page.write_string(HEADING_ROW, field.position, field.heading, paint.heading(field.look))
    kept = _fixed(f"{field.letters}{HEADING_ROW + 1}", field.column.name, "列名")
    page.data_validation(HEADING_ROW, field.position, HEADING_ROW, field.position, kept)
    if field.column.help:
        size = {"width": 190, "height": 24 + 18 * lines(field.column.help, 26)}
        note = {**size, "author": "", "font_name": FONT, "font_size": 9, "color": "#FFFFF0"}
        page.write_comment(HEADING_ROW, field.position, field.column.help, note)


def _fixed(cell: str, name: str, what: str) -> dict[str, Any]:
    """A cell found by its text: with a slip in it what belongs to it would count as blank, and nobody would notice."""
    same = f'=({cell}="{name}")+({cell}="{name} *")>0'
    message = f"工具按这个名称查找，请保留“{name}”。"
    return {"validate": "custom", "value": same, "error_title": what, "error_message": message}


def _check(form: Form, field: Field) -> dict[str, Any]:
    """The validation of a column; a stop only where the tool accepts nothing else."""
    name = field.column.name
    here = f"{field.letters}{FIRST_ROW + 1}"
    stop: dict[str, Any] = {"error_title": name}
    warn: dict[str, Any] = {"error_title": name, "error_type": "warning"}
    if field.column.owned:
        return {**stop, "validate": "custom", "value": "=1=0", "error_message": "这一列由工具填写，请不要手工改动。"}
    if field.column.choices:
        listed = list(field.column.choices)
        return {**stop, "validate": "list", "source": listed, "error_message": f"请从下拉中选择：{'、'.join(listed)}。"}
    if field.choices:
        message = f"不在下拉列表中。{field.column.help or '请先核对'}。仍要这样填写吗？"
        return {**warn, "validate": "list", "source": f"={field.choices}", "error_message": message}
    if field.check == "周期内":
        start, end = CYCLE_NAMES.values()
        between = {"validate": "date", "criteria": "between", "minimum": f"={start}", "maximum": f"={end}"}
        return {**warn, **between, "error_message": "应为计分周期内的日期，写成 2026-03-05。仍要这样填写吗？"}
    if field.check == "日期":
        return {**warn, **ANY_DAY, "error_message": "应为日期，写成 2026-03-05。仍要这样填写吗？"}
    if field.check == "不重复":
        column = field.letters
        once = f"=COUNTIF(${column}${FIRST_ROW + 1}:${column}${LAST_ROW + 1},{here})=1"
        return {**warn, "validate": "custom", "value": once, "error_message": f"{name}与另一行重复。仍要这样填写吗？"}
    if field.check:
        which = "" if field.check == "任意" else f"（{field.check}）"
        return {**stop, **NUMBERS[field.check], "error_message": f"“{name}”应为数字{which}。"}
    return {}


def _colour_rows(page: Worksheet, paint: Painter, form: Form) -> None:
    """Red and amber rows by 提示; lines around filled rows only, so that empty ones are not printed.

    Of several rules that hold LibreOffice shows only the first, so each says all it wants, and ranges do not overlap.
    """
    own, row = form.own, FIRST_ROW + 1
    owned = form.fields[len(own) :]
    first = next(field for field in own if field.column.name != layout.SERIAL)
    filled = f"=COUNTA(${first.letters}{row}:${own[-1].letters}{row})>0"
    for fields, fill in ((own, {}), (owned, {"bg_color": PALE})):
        if not fields:
            continue
        looks: dict[str, dict[str, Any]] = {}
        if any(field.column.name == layout.HINT for field in owned):
            hint = form.letters(layout.HINT)
            looks = {f'=COUNTIF(${hint}{row},"{word}*")>0': {"bg_color": bg} for word, bg in ROW_LOOK.items()}
        for criteria, look in {**looks, filled: fill}.items():
            overlay = paint.overlay(border=1, border_color=LINE, **look)
            options = {"type": "formula", "criteria": criteria, "format": overlay}
            page.conditional_format(FIRST_ROW, fields[0].position, LAST_ROW, fields[-1].position, options)


def _set_up_print(page: Worksheet) -> None:
    page.set_paper(9)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.fit_to_pages(1, 0)
    page.center_horizontally()
    page.set_footer("&L&9&A&R&9第 &P 页，共 &N 页")


def scheme_rows(sheet: layout.Sheet) -> list[Record]:
    """The rows of the scheme for a sheet; those of 积分规则 with 工具如何计, as a recalculation writes it."""
    records = read_csv(HERE / "scheme" / f"{SCHEME[sheet.name]}.csv")
    if sheet is not layout.RULES:
        return records
    groups = read_csv(HERE / "scheme" / f"{SCHEME[layout.GROUPS.name]}.csv")
    sheets = ((sheet, records), (layout.GROUPS, groups))
    register = reckon(Grids(tuple(Grid(each.name, _cells(rows)) for each, rows in sheets))).register
    told = {rule.code: how_counted(rule) for rule in register.rules}
    return [{**record, layout.HOW_COUNTED: told[record[layout.RULE_CODE]]} for record in records]


def _cells(records: Sequence[Record]) -> list[tuple[str | None, ...]]:
    return [tuple(records[0]), *(tuple(text or None for text in record.values()) for record in records)]


def fill_rows(page: Worksheet, paint: Painter, form: Form, records: Sequence[Record]) -> None:
    """Rows of the scheme under the headings, numbers as numbers and the rest as text."""
    for row, record in enumerate(records, FIRST_ROW):
        texts = [(field, record.get(field.column.name, "")) for field in form.fields if not field.column.seldom]
        page.set_row(row, row_height(max(lines(text, int(field.width) - 2) for field, text in texts)))
        for field in form.fields:
            text = record.get(field.column.name, "")
            if text and field.column.kind == "number":
                page.write_number(row, field.position, float(text), paint.cell(field))
            elif text and field.column.kind == "date":
                page.write_datetime(row, field.position, datetime.fromisoformat(text), paint.cell(field))
            elif text:
                page.write_string(row, field.position, text, paint.cell(field))


def fill_settings(book: xlsxwriter.Workbook, page: Worksheet, paint: Painter, form: Form) -> None:
    """The items of 设置, each value with the format and the check of its kind."""
    written = {key: rest for key, *rest in (row.values() for row in read_csv(HERE / "scheme" / "settings.csv"))}
    name, _, note = (paint.cell(field) for field in form.fields)
    for row, setting in enumerate(layout.SETTING_ROWS, FIRST_ROW):
        value, explanation = written[setting.key]
        page.write_string(row, 0, f"{setting.key} *" if setting.required else setting.key, name)
        page.data_validation(row, 0, row, 0, _fixed(f"A{row + 1}", setting.key, layout.KEY))
        page.write_string(row, 2, explanation, note)
        page.set_row(row, row_height(lines(explanation, int(form.fields[2].width) - 2)))
        look = ALIGN["左"]
        if setting.kind == "date" and value:
            page.write_datetime(row, 1, datetime.fromisoformat(value), paint.make(num_format="yyyy-mm-dd", **look))
            if setting.key in CYCLE_NAMES:
                book.define_name(CYCLE_NAMES[setting.key], f"='{form.sheet.name}'!$B${row + 1}")
        elif value and setting.kind in ("points", "days"):
            page.write_number(row, 1, float(value), paint.make(num_format="General", **look))
        elif setting.kind == "date" and not value:
            page.write_blank(row, 1, None, paint.make(num_format="yyyy-mm-dd", **look))
        elif setting.kind in ("points", "days"):
            page.write_blank(row, 1, None, paint.make(num_format="General", **look))
        else:
            page.write(row, 1, value or None, paint.make(num_format="@", **look))
        if check := _setting_check(setting):
            page.data_validation(row, 1, row, 1, {"error_title": setting.key, **check})


def _setting_check(setting: layout.Setting) -> dict[str, Any]:
    match setting.kind:
        case "choice":
            message = f"请从下拉中选择：{'、'.join(setting.choices)}。"
            return {"validate": "list", "source": list(setting.choices), "error_message": message}
        case "date":
            return {**ANY_DAY, "error_type": "warning", "error_message": "应为日期，写成 2026-01-01。"}
        case "points":
            return {**NUMBERS["任意"], "error_message": "应为数字；不限的请留空。"}
        case "days":
            return {**NUMBERS["正整数"], "error_message": "应为大于 0 的整数。"}
        case _:
            return {}


def draw_choices(book: xlsxwriter.Workbook, forms: Sequence[Form]) -> None:
    """The hidden sheet behind the dropdowns: three columns a list of ``form/lists.csv``, and a defined name for each.

    The first column is what the table's nth row offers, the second counts the distinct offers so far, the third lists
    them without gaps. Rows are reached by number, so inserting, deleting or sorting rows breaks no reference. The
    formulas keep to Excel 2010, WPS and LibreOffice.
    """
    page = book.add_worksheet(CHOICES)
    form_of = {form.sheet.name: form for form in forms}
    last = MOST_CHOICES + 1
    for row in range(2, last + 1):
        page.write_number(f"A{row}", FIRST_ROW + row - 1)
    for number, choice in enumerate(read_csv(HERE / "form" / "lists.csv")):
        name, sheet, template = choice["名称"], choice["工作表"], choice["公式"]
        offer, count, listed = (xl_col_to_name(1 + 3 * number + step) for step in range(3))
        page.write_string(f"{listed}1", name)
        for row in range(2, last + 1):
            text = _offer_formula(template, form_of[sheet], row)
            before = "0" if row == 2 else f"{count}{row - 1}"
            new = f"IF(COUNTIF({offer}$2:{offer}{row},{offer}{row})=1,{before}+1,{before})"
            found = f"MATCH($A{row}-{FIRST_ROW},{count}$2:{count}${last},0)"
            page.write_formula(f"{offer}{row}", f"={text}", None, "")
            page.write_formula(f"{count}{row}", f'=IF({offer}{row}="",{before},{new})', None, "")
            page.write_formula(f"{listed}{row}", f'=IFERROR(INDEX({offer}$2:{offer}${last},{found}),"")', None, "")
        cells = f"{CHOICES}!${listed}$2:INDEX({CHOICES}!${listed}$2:${listed}${last}"
        book.define_name(name, f"={cells},MAX(1,{CHOICES}!${count}${last}))")
    page.hide()
    page.protect()


def _offer_formula(template: str, form: Form, row: int) -> str:
    """``{姓名}`` is the cell of that heading in the row whose number stands in A, ``{姓名:}`` its whole column."""

    def reference(match: re.Match[str]) -> str:
        letters = form.letters(match[1])
        whole = f"'{form.sheet.name}'!${letters}:${letters}"
        return whole if match[2] else f"INDEX({whole},$A{row})"

    return re.sub(r"\{(\w+)(:?)\}", reference, template)


def draw_guide(page: Worksheet, paint: Painter, text: str, links: Sequence[Sequence[str]]) -> None:
    """使用说明 on one printed page: ``# title``, ``## section``, ``label | words``, ``[必填] label | words``.

    ``[去] label`` is a line of links, one line of ``links`` after another, laid over ``LINKS`` narrow columns.
    """
    page.set_tab_color(TABS["常用"])
    page.hide_gridlines(2)
    page.set_column(0, 0, 2)
    page.set_column(1, 1, 15)
    page.set_column(2, 1 + LINKS, 84 / LINKS)
    looks = {**HEADING_LOOK, **{word: {"bg_color": colour} for word, colour in ROW_LOOK.items()}}
    words = paint.make(text_wrap=True, font_size=11, indent=1)
    lines_of_links = iter(links)
    for row, line in enumerate(text.splitlines()):
        label, bar, body = (part.strip() for part in line.partition("|"))
        height = 14.0
        if line.startswith("# "):
            height = 42
            page.write_string(row, 1, line[2:], paint.make(font_size=20, bold=True, font_color=MAROON))
        elif line.startswith("## "):
            height = 28
            under = {"bottom": 1, "bottom_color": MAROON}
            page.write_string(row, 1, line[3:], paint.make(font_size=13, bold=True, font_color=MAROON, **under))
            for column in range(2, 2 + LINKS):
                page.write_blank(row, column, None, paint.make(**under))
        elif line.startswith("[去] "):
            height = 22
            page.write_string(row, 1, line[4:], paint.make(bold=True, font_size=11))
            _draw_links(page, paint, row, next(lines_of_links))
        elif bar:
            height = 8 + 17 * lines(body, 84)
            look: dict[str, Any] = {"bold": True, "font_size": 11}
            if match := re.match(r"\[(\w+)\] ", label):
                label = label[match.end() :]
                look = {"border": 1, "border_color": LINE, "align": "center", **looks[match[1]]}
            page.write_string(row, 1, label, paint.make(**look))
            page.merge_range(row, 2, row, 1 + LINKS, body, words)
        elif line:
            height = 6 + 17 * lines(line, 96)
            page.merge_range(row, 1, row, 1 + LINKS, line, paint.make(text_wrap=True, font_size=11))
        page.set_row(row, height)
    page.set_portrait()
    _set_up_print(page)
    page.fit_to_pages(1, 1)


def _draw_links(page: Worksheet, paint: Painter, row: int, names: Sequence[str]) -> None:
    """Links to sheets, each over as many columns as its name needs."""
    look = paint.make(font_size=11, font_color=LINK, underline=1, align="center")
    column = 2
    for name in names:
        width = 1 if lines(name, 5) == 1 else 2
        if width > 1:
            page.merge_range(row, column, row, column + width - 1, "", look)
        page.write_url(row, column, f"internal:'{name}'!A1", look, name)
        column += width


def row_height(count: int) -> float:
    """The height in points of a row with so many lines of text."""
    return 6 + 13.5 * count


def lines(text: str, width: int) -> int:
    """How many lines a text takes where ``width`` half-width characters fit in one."""
    wide = sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
    return max(1, -(-wide // width))


def settle(book: bytes) -> bytes:
    """The workbook with three things XlsxWriter cannot say.

    A formula whose stored value is empty stores none: then LibreOffice computes it on opening. Heights of rows under
    the headings are measured, not set by hand: then Excel fits them anew when their text changes. And no sheet is
    selected: the first is shown, until a recalculation shows another without touching it.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = re.sub(rb' t="str"><f>([^<]*)</f><v></v>', rb"><f>\1</f>", old.read(info))
            part = part.replace(b' tabSelected="1"', b"")
            if not info.filename.endswith("/sheet1.xml"):
                part = re.sub(rb'(<row r="(?:[4-9]|\d\d+)"[^>]*) customHeight="1"', rb"\1", part)
            new.writestr(info, part)
    return buffer.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else MASTER)
