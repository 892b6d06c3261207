"""Draws 积分台账: every sum as a live formula over 计分明细, with the value it has been given.

Reckons no points. A formula only says where a figure comes from; ``publish/tables`` decides which figures are plain
arithmetic and may be said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from xl_jifen import layout
from xl_jifen.excel.pen import MUTED, STRIPE, Pen, heads, height, page, plain, width
from xl_jifen.grid import column_letters
from xl_jifen.publish.tables import LedgerRow, LedgerTable, LineRow, QuarterFigures

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

NET_FORMAT = 'General;-General;"–"'
"""Points as they are, no zeros in the way."""

HEAD_ROW = 2
"""The row of headings, counted from 0; the title and a note stand above it."""


def _lines_column(field: str, count: int) -> str:
    """The cells of a column of 计分明细, by the field of its rows, as a formula names them."""
    letters = column_letters(LineRow._fields.index(field) + 1)
    return f"{layout.LINES_SHEET}!${letters}$2:${letters}${max(2, count + 1)}"


class _Formulas:
    """The formulas of 积分台账: words for figures already reckoned. ``row`` counts from 1, columns from 0."""

    def __init__(self, table: LedgerTable, lines: int) -> None:
        self.table, self.lines = table, lines
        self.first_month = len(layout.LEDGER_HEADINGS)
        self.first_quarter = self.first_month + len(table.months)
        self.year = self.first_quarter + 3 * len(table.quarters)

    def cell(self, column: int, row: int) -> str:
        return f"{column_letters(column + 1)}{row}"

    def sum_of(self, row: int, month: str, kind: str) -> str:
        """What one member got of one kind in one month: by roster number, which no criterion can misread."""
        column = column_letters(self.first_month + self.table.months.index(month) + 1)
        pairs = (
            (_lines_column("key", self.lines), f"$A{row}"),
            (_lines_column("month", self.lines), f"{column}${HEAD_ROW + 1}"),
            (_lines_column("kind", self.lines), f'"{kind}"'),
        )
        return f"SUMIFS({_lines_column('counted', self.lines)},{','.join(f'{where},{what}' for where, what in pairs)})"

    def month(self, row: int, month: str) -> str:
        return f"=ROUND({self.sum_of(row, month, layout.BONUS)}-{self.sum_of(row, month, layout.DEDUCTION)},2)"

    def quarter_sum(self, row: int, months: Sequence[str], kind: str) -> str:
        return f"=ROUND({'+'.join(self.sum_of(row, month, kind) for month in months)},2)"

    def score(self, row: int, position: int, entry: LedgerRow, figures: QuarterFigures) -> str:
        """Base plus bonuses minus deductions, of all quarters so far or of this one alone, then the clamps."""
        base = f"$E{row}" if figures.base == entry.base else f"{figures.base or 0:f}"
        since = 0 if self.table.yearly == layout.RUNNING else position
        columns = (self.first_quarter + 3 * quarter for quarter in range(since, position + 1))
        terms = "".join(f"+{self.cell(column, row)}-{self.cell(column + 1, row)}" for column in columns)
        formula = f"ROUND({base}{terms},2)"
        if self.table.ceiling is not None:
            formula = f"MIN({plain(self.table.ceiling)},{formula})"
        if self.table.floor is not None:
            formula = f"MAX({plain(self.table.floor)},{formula})"
        return f"={formula}"

    def year_score(self, row: int, entry: LedgerRow) -> str:
        own = [
            self.cell(self.first_quarter + 3 * position + 2, row)
            for position, figures in enumerate(entry.quarters)
            if figures.score is not None
        ]
        if self.table.yearly == layout.RUNNING:
            return f"={own[-1]}"
        total = "+".join(own)
        return f"=ROUND(({total})/{len(own)},2)" if self.table.yearly == layout.MEAN else f"=ROUND({total},2)"


def draw(sheet: Worksheet, pen: Pen, table: LedgerTable, lines: int) -> None:
    """Draw the table on an empty sheet of the scratch workbook; 计分明细 has so many ``lines``."""
    formulas = _Formulas(table, lines)
    quarters = [f"{name}\n{heading}" for name, _ in table.quarters for heading in layout.QUARTER_HEADINGS]
    headings = (*layout.LEDGER_HEADINGS, *table.months, *quarters, *layout.CLOSING_HEADINGS)
    names = max([6, *(width(row.name) for row in table.rows)])
    codes = max([5, *(width(row.code) for row in table.rows)])
    remark = 26.0
    opening = (5.5, min(codes, 14) + 1.5, min(names, 16) + 2.0, 9.5, 7.0)
    widths = (*opening, *[6.2] * len(table.months), *[7.6, 7.6, 8.0] * len(table.quarters), 8.0, 5.5, 8.0, remark)
    page(sheet, layout.LEDGER_SHEET, last_head=HEAD_ROW)
    sheet.write_string(0, 0, table.title, pen(bold=True, font_size=16))
    note = f"各月为当月净分（加分－减分），计入登记所在的月份；各数取自“{layout.LINES_SHEET}”，点开单元格可见公式。"
    sheet.write_string(1, 0, note, pen(font_color=MUTED))
    heads(sheet, pen, HEAD_ROW, headings, widths)
    for row, points in enumerate((28, 20, 36)):
        sheet.set_row(row, points)
    sheet.freeze_panes(HEAD_ROW + 1, 3)
    for index, entry in enumerate(table.rows, HEAD_ROW + 1):
        _draw_member(sheet, pen, formulas, index, entry)
        sheet.set_row(index, max(22.0, height([(entry.remark, remark), (entry.name, opening[2])])))
    if table.rows:
        sheet.ignore_errors({"number_stored_as_text": f"B{HEAD_ROW + 2}:B{HEAD_ROW + 1 + len(table.rows)}"})


def _draw_member(sheet: Worksheet, pen: Pen, formulas: _Formulas, index: int, entry: LedgerRow) -> None:
    row, table = index + 1, formulas.table
    middle, number = pen.cell(align="center"), pen.cell(align="right")
    net = pen.cell(align="right", num_format=NET_FORMAT)
    score = pen.cell(align="right", bg_color=STRIPE)
    total = pen.cell(align="right", bg_color=STRIPE, bold=True)

    def put(column: int, value: Decimal | None, form: Format, formula: str = "") -> None:
        if value is None:
            sheet.write_blank(index, column, None, form)
        elif formula:
            sheet.write_formula(index, column, formula, form, plain(value))
        else:
            sheet.write_number(index, column, plain(value), form)

    sheet.write_number(index, 0, entry.key, pen.cell(align="center", font_color=MUTED))
    sheet.write_string(index, 1, entry.code, pen.cell(align="center", num_format="@"))
    sheet.write_string(index, 2, entry.name, pen.cell())
    sheet.write_string(index, 3, entry.kind, middle)
    put(4, entry.base, number)
    for column, (month, value) in enumerate(zip(table.months, entry.months, strict=True), formulas.first_month):
        put(column, value, net, formulas.month(row, month))
    for position, ((_, months), figures) in enumerate(zip(table.quarters, entry.quarters, strict=True)):
        column = formulas.first_quarter + 3 * position
        put(column, figures.bonus, net, formulas.quarter_sum(row, months, layout.BONUS))
        put(column + 1, figures.deduction, net, formulas.quarter_sum(row, months, layout.DEDUCTION))
        put(column + 2, figures.score, score, formulas.score(row, position, entry, figures) if figures.reckoned else "")
    put(formulas.year, entry.year, total, formulas.year_score(row, entry) if entry.year_reckoned else "")
    put(formulas.year + 1, None if entry.rank is None else Decimal(entry.rank), middle)
    for column, text, form in ((2, entry.grade, middle), (3, entry.remark, pen.cell(font_size=9))):
        if text:
            sheet.write_string(index, formulas.year + column, text, form)
        else:
            sheet.write_blank(index, formulas.year + column, None, form)
