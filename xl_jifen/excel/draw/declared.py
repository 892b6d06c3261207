"""Draws the workbook of an import (申报导入): proposed rows as they look on the month sheets, and what became of all.

A new file beside the branch's own, which nobody but a person writes into. Knows columns, widths and colours; decides
nothing about points. The same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from xl_jifen import layout
from xl_jifen.declare.propose import DOUBTFUL, NOT_PLACED, REPEATED, Outcome, Plan, Row, Target
from xl_jifen.excel.draw.owned import LEVEL_COLOURS
from xl_jifen.excel.draw.pen import HEAD, INK, LINK, MUTED, Pen, heads, height, page
from xl_jifen.grid import Cell
from xl_jifen.publish import declared as words

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

    from xl_jifen.excel.read.package import Package

FIRST = 3
"""The row, from 0, where a month's rows begin, as on the master's month sheets."""

LINE, PARCHMENT, GREY, PALE = "#BFBFBF", "#F5E6D3", "#D9D9D9", "#F2F2F2"
PINK, AMBER = "#FFC7CE", "#FFEB9C"
"""The colours of the master's month sheets."""

SHAPES = {"text": "@", "choice": "@", "date": "yyyy-mm-dd", "number": "General"}
WIDTH, HINT_WIDTH, WIDEST = 12.0, 40.0, 60.0
ACCOUNT_WIDTHS = (24.0, 14.0, 12.0, 24.0, 30.0, 10.0, 12.0, 9.0, 62.0)
STATE_LOOKS = {NOT_PLACED: LEVEL_COLOURS["错误"], DOUBTFUL: LEVEL_COLOURS["警告"], REPEATED: (MUTED, "")}


def draw(plan: Plan, package: Package, notes: Sequence[str], created: datetime) -> bytes:
    """对照, then a sheet for each that gets rows, columns in the order and the widths of the branch's own.

    ``package`` is the branch's workbook, ``notes`` sentences about the whole import, which come first.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "申报导入", "created": created})
    pen = Pen(book)
    _draw_account(book.add_worksheet(words.ACCOUNT_SHEET), pen, plan, notes)
    for target in plan.targets:
        sheet, widths = book.add_worksheet(target.name), _widths(package, target.name)
        _draw_month(sheet, pen, target, plan.rows_of(target), widths, package.name)
    book.close()
    return stream.getvalue()


def _draw_month(
    sheet: Worksheet,
    pen: Pen,
    target: Target,
    rows: Sequence[tuple[Row, Sequence[Outcome]]],
    widths: Mapping[int, float],
    workbook: str,
) -> None:
    """The rows of one month, already selected; beside them the 提示 of the branch's sheet where it stands right."""
    own = len(target.headings)
    known = {target.columns[c.name]: c for c in target.sheet.columns if c.name in target.columns}
    beside = [column for column, what in sorted(known.items()) if what.owned and column > own]
    hint = target.columns.get(layout.HINT, 0) if target.columns.get(layout.HINT, 0) > own else max([own, *beside]) + 1
    page(sheet, target.name, last_head=FIRST - 1)
    sheet.set_row(0, 30)
    title = f"{target.title}（{len(rows)} 行）"
    sheet.write_string(0, 0, title, pen(font_size=16, bold=True, font_color=HEAD))
    sheet.set_row(1, 20)
    told = words.pasting(target, FIRST + 1, len(rows), workbook)
    sheet.write_string(1, 0, told, pen(bold=True))
    sheet.set_row(2, 34)
    headings = dict(enumerate(target.headings, 1)) | {c: known[c].name for c in beside} | {hint: layout.HINT}
    for column, heading in headings.items():
        sheet.set_column(column - 1, column - 1, _width(widths, column, hint))
        _write(sheet, 2, column - 1, heading, _heading(pen, known.get(column), owned=column > own))
    for number, (row, outcomes) in enumerate(rows, FIRST):
        said = words.hint(outcomes, row.findings)
        fill = PINK if said.startswith("错误") else AMBER if said else ""
        shown = {column: _text(row.cells.get(column)) for column in headings} | {hint: said}
        sheet.set_row(number, height((text, _width(widths, c, hint)) for c, text in shown.items()))
        for column in headings:
            cell = said if column == hint else row.cells.get(column)
            _write(sheet, number, column - 1, cell, _look(pen, known.get(column), fill, owned=column > own))
    sheet.freeze_panes(FIRST, min(3, own))
    sheet.set_selection(FIRST, 0, FIRST + len(rows) - 1, own - 1)


def _heading(pen: Pen, column: layout.Column | None, *, owned: bool) -> Format:
    look: dict[str, Any] = {"bg_color": PARCHMENT, "font_color": INK}
    if owned or (column and column.owned):
        look = {"bg_color": GREY, "font_color": INK}
    elif column and column.required:
        look = {"bg_color": HEAD, "font_color": "#FFFFFF"}
    return pen.cell(bold=True, align="center", border_color=LINE, **look)


def _look(pen: Pen, column: layout.Column | None, fill: str, *, owned: bool) -> Format:
    kind = column.kind if column else "text"
    look: dict[str, Any] = {"num_format": SHAPES[kind], "border_color": LINE}
    look |= {"align": "left", "indent": 1} if kind == "text" else {"align": "center"}
    if fill or owned:
        look["bg_color"] = fill or PALE
    return pen.cell(**look)


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, look: Format) -> None:
    """A value as the kind it is; text stays text whatever it begins with."""
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, look)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_string(row, column, str(cell), look)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _width(widths: Mapping[int, float], column: int, hint: int) -> float:
    return widths.get(column) or (HINT_WIDTH if column == hint else WIDTH)


def _widths(package: Package, sheet: str) -> dict[int, float]:
    """The widths of the branch's own columns, by number; those that are collapsed there are shown here."""
    found: dict[int, float] = {}
    for element, attributes in package.elements(package.sheets[sheet]):
        if element == "sheetData":
            break
        if element == "col" and attributes.get("min", "").isdecimal() and attributes.get("max", "").isdecimal():
            first, last = int(attributes["min"]), min(int(attributes["max"]), 256)
            try:
                width = min(float(attributes.get("width", "0")), WIDEST)
            except ValueError:
                continue
            found.update(dict.fromkeys(range(first, last + 1), width if width > 1 else WIDTH))
    return found


def _draw_account(sheet: Worksheet, pen: Pen, plan: Plan, notes: Sequence[str]) -> None:
    """What became of each declaration; a proposed one links to its row in this workbook."""
    targets = {target.name: target for target in plan.targets}
    head = len(notes) + 1
    page(sheet, words.ACCOUNT_SHEET, last_head=head)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, "导入对照", pen(font_size=16, bold=True, font_color=HEAD))
    for number, note in enumerate(notes, 1):
        sheet.write_string(number, 0, note, pen())
    if not plan.outcomes:
        return
    heads(sheet, pen, head, words.ACCOUNT_HEADINGS, ACCOUNT_WIDTHS)
    sheet.set_row(head, 24)
    text, middle = pen.cell(num_format="@"), pen.cell(align="center", num_format="@")
    number = head
    for number, row in enumerate(words.account(plan), head + 1):
        cells = (*row[:6], str(row.place or ""), row.points, row.words)
        sheet.set_row(number, height(zip(cells, ACCOUNT_WIDTHS, strict=True)))
        ink, fill = LEVEL_COLOURS["错误"] if row.errors else STATE_LOOKS.get(row.state, (INK, ""))
        state = pen.cell(align="center", bold=True, font_color=ink, **({"bg_color": fill} if fill else {}))
        looks = (text, text, middle, text, text, state, middle, middle, text)
        for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
            _write(sheet, number, column, cell, look)
        if row.place:
            target = targets[row.place.sheet]
            linked = pen.cell(align="center", font_color=LINK, underline=1)
            link = f"internal:'{target.name}'!A{FIRST + 1 + row.place.row - target.row}"
            sheet.write_url(number, words.ACCOUNT_HEADINGS.index(words.POSTED), link, linked, str(row.place))
    sheet.freeze_panes(head + 1, 2)
    sheet.autofilter(head, 0, max(head + 1, number), len(ACCOUNT_WIDTHS) - 1)
