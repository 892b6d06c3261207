"""积分台账 as a sheet: every sum as a live formula over 计分明细, with the value it has been given.

Reckons no points. A formula only says where a figure comes from; ``publish/tables`` decides which figures are plain
arithmetic and may be said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from xl_jifen import layout
from xl_jifen.excel.draw.looks import height, width
from xl_jifen.grid import column_letters
from xl_jifen.publish.sheet import CELL, HEADING, MUTED, STRIPE, TEXT, Content, Formula, Laid, Look, Sheet
from xl_jifen.publish.tables import LedgerRow, LedgerTable, LineRow, QuarterFigures

NET_FORMAT = 'General;-General;"–"'
"""Points as they are, no zeros in the way."""

HEAD_ROW = 2
"""The row of headings, counted from 0; the title and a note stand above it."""

FIRST = HEAD_ROW + 2
"""The row of the first member, counted from 1."""

REMARK_WIDTH = 26.0


def _lines_column(field: str, count: int) -> str:
    """The cells of a column of 计分明细, by the field of its rows, as a formula names them."""
    letters = column_letters(LineRow._fields.index(field) + 1)
    return f"{layout.LINES_SHEET}!${letters}$2:${letters}${max(2, count + 1)}"


class _Formulas:
    """The formulas of 积分台账: words for figures already reckoned. ``row`` counts from 1, columns from 0."""

    def __init__(self, table: LedgerTable, lines: int) -> None:
        self.table = table
        self.first_month = len(layout.LEDGER_HEADINGS)
        self.first_quarter = self.first_month + len(table.months)
        self.year = self.first_quarter + 3 * len(table.quarters)
        points, key, month, kind = (_lines_column(field, lines) for field in ("counted", "key", "month", "kind"))
        self._whose = f"SUMIFS({points},{key},$A"
        self._what = {
            (name, what): f',{month},{column_letters(column + 1)}${HEAD_ROW + 1},{kind},"{what}")'
            for column, name in enumerate(table.months, self.first_month)
            for what in (layout.BONUS, layout.DEDUCTION)
        }

    def cell(self, column: int, row: int) -> str:
        return f"{column_letters(column + 1)}{row}"

    def sum_of(self, row: int, month: str, kind: str) -> str:
        """What one member got of one kind in one month: by roster number, which no criterion can misread."""
        return f"{self._whose}{row}{self._what[month, kind]}"

    def month(self, row: int, month: str) -> str:
        return f"ROUND({self.sum_of(row, month, layout.BONUS)}-{self.sum_of(row, month, layout.DEDUCTION)},2)"

    def quarter_sum(self, row: int, months: Sequence[str], kind: str) -> str:
        return f"ROUND({'+'.join(self.sum_of(row, month, kind) for month in months)},2)"

    def score(self, row: int, position: int, entry: LedgerRow, figures: QuarterFigures) -> str:
        """Base plus bonuses minus deductions, of all quarters so far or of this one alone, then the clamps."""
        base = f"$E{row}" if figures.base == entry.base else f"{figures.base or 0:f}"
        since = 0 if self.table.yearly == layout.RUNNING else position
        columns = (self.first_quarter + 3 * quarter for quarter in range(since, position + 1))
        terms = "".join(f"+{self.cell(column, row)}-{self.cell(column + 1, row)}" for column in columns)
        formula = f"ROUND({base}{terms},2)"
        if self.table.ceiling is not None:
            formula = f"MIN({self.table.ceiling:f},{formula})"
        if self.table.floor is not None:
            formula = f"MAX({self.table.floor:f},{formula})"
        return formula

    def year_score(self, row: int, entry: LedgerRow) -> str:
        own = [
            self.cell(self.first_quarter + 3 * position + 2, row)
            for position, figures in enumerate(entry.quarters)
            if figures.score is not None
        ]
        if self.table.yearly == layout.RUNNING:
            return own[-1]
        total = "+".join(own)
        return f"ROUND(({total})/{len(own)},2)" if self.table.yearly == layout.MEAN else f"ROUND({total},2)"


def sheet(table: LedgerTable, lines: int) -> Sheet:
    """积分台账; 计分明细 has so many ``lines``."""
    quarters = [f"{name}\n{heading}" for name, _ in table.quarters for heading in layout.QUARTER_HEADINGS]
    headings = (*layout.LEDGER_HEADINGS, *table.months, *quarters, *layout.CLOSING_HEADINGS)
    codes = max([5, *(width(row.code) for row in table.rows)])
    opening = (5.5, min(codes, 14) + 1.5, _name_width(table), 9.5, 7.0)
    closing = (8.0, 5.5, 8.0, REMARK_WIDTH)
    widths = (*opening, *[6.2] * len(table.months), *[7.6, 7.6, 8.0] * len(table.quarters), *closing)
    laid = Laid()
    note = f"各月为当月净分（加分－减分），计入登记所在的月份；各数取自“{layout.LINES_SHEET}”，点开单元格可见公式。"
    laid.add([table.title], [Look(size=16, bold=True)], 28)
    laid.add([note], [Look(ink=MUTED)], 20)
    laid.add(headings, [HEADING] * len(widths), 36)
    looks, formulas, names = _looks(table), _Formulas(table, lines), _name_width(table)
    for number, entry in enumerate(table.rows, FIRST):
        high = height([(entry.remark, REMARK_WIDTH), (entry.name, names)])
        laid.add(tuple(_cells(formulas, number, entry)), looks, max(22.0, high))
    return Sheet(layout.LEDGER_SHEET, widths, laid.models, laid.rows, head=HEAD_ROW + 1, still=3, as_text=("B", "B"))


def _name_width(table: LedgerTable) -> float:
    return min(max([6, *(width(row.name) for row in table.rows)]), 16) + 2.0


def _looks(table: LedgerTable) -> list[Look]:
    """The looks of a member's row."""
    key, code = CELL._replace(align="center", ink=MUTED), CELL._replace(align="center", shown=TEXT)
    middle, number = CELL._replace(align="center"), CELL._replace(align="right")
    net, score = number._replace(shown=NET_FORMAT), number._replace(fill=STRIPE)
    figures = [*[net] * len(table.months), *[net, net, score] * len(table.quarters)]
    return [key, code, CELL, middle, number, *figures, score._replace(bold=True), middle, middle, CELL._replace(size=9)]


def _cells(formulas: _Formulas, row: int, entry: LedgerRow) -> Iterator[Content]:
    table = formulas.table
    yield from (entry.key, entry.code, entry.name, entry.kind, entry.base)
    for month, net in zip(table.months, entry.months, strict=True):
        yield Formula(formulas.month(row, month), net)
    for position, ((_, months), figures) in enumerate(zip(table.quarters, entry.quarters, strict=True)):
        yield Formula(formulas.quarter_sum(row, months, layout.BONUS), figures.bonus)
        yield Formula(formulas.quarter_sum(row, months, layout.DEDUCTION), figures.deduction)
        yield _told(figures.score, formulas.score(row, position, entry, figures) if figures.reckoned else "")
    yield _told(entry.year, formulas.year_score(row, entry) if entry.year_reckoned else "")
    yield from (entry.rank, entry.grade, entry.remark)


def _told(value: Decimal | None, formula: str) -> Content:
    return Formula(formula, value) if formula and value is not None else value
