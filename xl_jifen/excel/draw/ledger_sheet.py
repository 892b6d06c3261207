"""积分台账 as a sheet: every sum as a live formula over 计分明细, with the value it has been given.

Reckons no points. A formula only says where a figure comes from; ``publish/ledger`` decides which figures are plain
arithmetic and may be said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from xl_jifen import layout
from xl_jifen.excel.draw.looks import height, width
from xl_jifen.grid import column_letters
from xl_jifen.publish.owned.lines import LineRow
from xl_jifen.publish.sheet import CELL, HEADING, MUTED, STRIPE, TEXT, Content, Formula, Laid, Look, Sheet

if TYPE_CHECKING:
    from xl_jifen.publish.owned.ledger import Figures, GroupRow, LedgerRow, LedgerTable

NET_FORMAT = 'General;-General;"–"'
"""Points as they are, no zeros in the way."""

HEAD = 3
"""The row of headings; the title and a note stand above it."""

FIRST = HEAD + 1
STILL = 3
"""Columns that stay in sight: 序号, 编号, 姓名."""

ROOM, PADDED = 190.0, 5 / 7
"""Characters that a page holds side by side where what is 10 points high on the screen is printed 8 high, and what a
column adds on its sides."""

LEAST_REMARK, LONGEST_NAME = 9.0, 9.5
ONE_LINE, PLAIN = 22.0, 19.0
"""Points that a row of one line asks for, and what it gets, so that a branch of 38 is two pages."""

LONGEST_FORMULA = 8_000
"""Characters; Excel takes 8,192."""

MIDDLE, NUMBER = CELL._replace(align="center"), CELL._replace(align="right")
NARROW = CELL._replace(wrap=False, shrink=True)
NET, SCORE = NUMBER._replace(shown=NET_FORMAT), NUMBER._replace(fill=STRIPE)
TOTAL = SCORE._replace(bold=True)

Cell: TypeAlias = "Callable[[int, LedgerRow], Content]"


class Column(NamedTuple):
    """A column: its heading, width, look, and what a member has there, by the number of the row."""

    heading: str
    width: float
    look: Look
    cell: Cell


def sheet(table: LedgerTable, first_line: int, lines: int) -> Sheet:
    """积分台账; the rows of 计分明细 begin in row ``first_line`` and are so many."""
    drawn = _Drawn(table, first_line, lines)
    columns = drawn.columns
    widths = [column.width for column in columns]
    headings = [column.heading for column in columns]
    laid = Laid()
    note = "备注右边是各月的净分（加分－减分），计入登记所在的月份，不打印；"
    note += f"各数取自“{layout.LINES_SHEET}”，点开单元格可见公式。"
    if table.until:
        note += f"没有结束的季度和年度{table.until}，不排名次、不评等次。"
    laid.add([table.title], [Look(size=16, bold=True)], 28)
    laid.add([note], [Look(ink=MUTED)], 20)
    laid.add(headings, [HEADING] * len(columns), height(zip(headings, widths, strict=True)))
    looks, remark, names = [column.look for column in columns], drawn.printed - 1, widths[STILL - 1]
    for number, row in enumerate(table.rows, FIRST):
        cells = [column.cell(number, row) for column in columns]
        high = height([(row.remark, widths[remark]), (row.name, names)])
        laid.add(cells, looks, high if high > ONE_LINE else PLAIN)
    if table.groups and table.latest:
        drawn.add_groups(laid, table.latest.words)
    return Sheet(
        layout.LEDGER_SHEET, widths, laid.models, laid.rows, head=HEAD, still=STILL, as_text=("B", "B"),
        upto=drawn.printed, banner=table.title,
    )  # fmt: skip


class _Drawn:
    """The columns of a table and the formulas in them: words for figures already reckoned."""

    def __init__(self, table: LedgerTable, first_line: int, lines: int) -> None:
        self.table = table
        names = min(max([6, *(width(row.name) for row in table.rows)]), LONGEST_NAME) + 2.0
        codes = min(max([4, *(width(row.code) for row in table.rows)]), 8) + 1.5
        self.columns: list[Column] = [
            Column(layout.SERIAL, 5.0, MIDDLE._replace(ink=MUTED), lambda _, row: row.key),
            Column(layout.CODE, codes, MIDDLE._replace(shown=TEXT), lambda _, row: row.code),
            Column(layout.NAME, names, CELL, lambda _, row: row.name),
        ]
        self._lines = {
            field: f"{layout.LINES_SHEET}!${letters}${first_line}:${letters}${max(first_line, first_line + lines - 1)}"
            for field in ("counted", "key", "month", "kind")
            if (letters := column_letters(LineRow._fields.index(field) + 1))
        }
        self._lay_out()

    # -- columns ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """The columns in their order; those a formula names are numbered first. The months stand beyond the page."""
        table, own = self.table, self.columns
        latest = len(layout.SCORE_HEADINGS) if table.latest else 0
        grouped = any(row.group for row in table.rows)
        balances = any(row.balance for row in table.rows)
        base = len(own) + latest + 1 + grouped + 1
        self._base = column_letters(base)
        places = range(base, base + 3 * len(table.names), 3)
        self._sums = [(column_letters(place + 1), column_letters(place + 2)) for place in places]
        self._scores = [column_letters(place + 3) for place in places]
        year = base + 3 * len(table.names) + 1
        self._year = column_letters(year)
        self.printed = year + len(layout.YEAR_HEADINGS) + balances
        self._months = {month: column_letters(self.printed + n) for n, month in enumerate(table.months, 1)}
        if table.latest:
            words, *more = (f"{_narrow(table.latest.words)}\n{_narrow(heading)}" for heading in layout.SCORE_HEADINGS)
            own.append(Column(words, 6.8, TOTAL, self._latest))
            own.append(Column(more[0], 5.6, MIDDLE, lambda _, row: row.rank))
            own.append(Column(more[1], 8.4, MIDDLE, lambda _, row: row.grade))
        own.append(Column(layout.MEMBER_KIND, 8.4, MIDDLE, lambda _, row: row.kind))
        if grouped:
            own.append(Column(layout.PARTY_GROUP, 9.5, MIDDLE, lambda _, row: row.group))
        own.append(Column(layout.BASE, 6.4, NUMBER, lambda _, row: row.base))
        for position, name in enumerate(table.names):
            until = table.quarters[position].until if position < len(table.quarters) else ""
            for part, heading in enumerate(layout.QUARTER_HEADINGS):
                words = f"{_narrow(name)}\n{heading}" + (_until(until) if part == 2 else "")
                wide = (5.2, 5.2, 6.4)[part]
                own.append(Column(words, wide, SCORE if part == 2 else NET, self._quarter(position, part)))
        until = table.until if table.quarters else ""
        heads = [_narrow(heading) for heading in layout.YEAR_HEADINGS]
        own.append(Column(heads[0] + _until(until), 6.8, TOTAL, self._of_year))
        own.append(Column(heads[1], 5.6, MIDDLE, lambda _, row: row.year_rank))
        own.append(Column(heads[2], 8.4, MIDDLE, lambda _, row: row.year_grade))
        if balances:
            own.append(Column(layout.BALANCE_HEADING, 6.4, NUMBER, self._balance))
        taken = sum(column.width + PADDED for column in own)
        own.append(Column(layout.REMARK, max(LEAST_REMARK, ROOM - taken - PADDED), CELL, lambda _, row: row.remark))
        own += [Column(month, 5.4, NET, self._month(n, month)) for n, month in enumerate(table.months)]

    # -- cells --------------------------------------------------------------------------------------------------------

    def _month(self, position: int, month: str) -> Cell:
        def cell(number: int, row: LedgerRow) -> Content:
            if position >= len(row.months):
                return None
            terms = "-".join(self._sum(number, month, kind) for kind in (layout.BONUS, layout.DEDUCTION))
            return Formula(f"ROUND({terms},2)", row.months[position])

        return cell

    def _quarter(self, position: int, part: int) -> Cell:
        def cell(number: int, row: LedgerRow) -> Content:
            if position >= len(row.quarters):
                return None
            figures = row.quarters[position]
            if part == 2:
                return _told(figures, self._of_quarter(number, position, row))
            kind, value = ((layout.BONUS, figures.bonus), (layout.DEDUCTION, figures.deduction))[part]
            sums = "+".join(self._sum(number, month, kind) for month in self.table.quarters[position].months)
            return Formula(f"ROUND({sums},2)", value)

        return cell

    def _sum(self, number: int, month: str, kind: str) -> str:
        """What one member got of one kind in one month: by roster number, which no criterion can misread."""
        points, key, months, kinds = self._lines.values()
        return f'SUMIFS({points},{key},$A{number},{months},{self._months[month]}${HEAD},{kinds},"{kind}")'

    def _of_quarter(self, number: int, position: int, row: LedgerRow) -> str:
        """Base plus bonuses minus deductions, of all quarters so far or of this one alone, then the clamps."""
        since = 0 if self.table.yearly == layout.RUNNING else position
        sums = self._sums[since : position + 1]
        terms = "".join(f"+{bonus}{number}-{deduction}{number}" for bonus, deduction in sums)
        return self._clamped(f"{self._base_of(number, row.quarters[position], row)}{terms}")

    def _base_of(self, number: int, figures: Figures, row: LedgerRow) -> str:
        return f"${self._base}{number}" if figures.base == row.base else f"{figures.base or 0:f}"

    def _clamped(self, sum: str) -> str:
        formula = f"ROUND({sum},2)"
        if self.table.ceiling is not None:
            formula = f"MIN({self.table.ceiling:f},{formula})"
        if self.table.floor is not None:
            formula = f"MAX({self.table.floor:f},{formula})"
        return formula

    def _of_quarters(self, number: int, row: LedgerRow, positions: Sequence[int]) -> str:
        """The last quarter's score, or the mean or sum of those the member belongs to."""
        own = [f"{self._scores[n]}{number}" for n in positions if row.quarters[n].score is not None]
        if self.table.yearly == layout.RUNNING or len(positions) == 1:
            return own[-1]
        total = "+".join(own)
        return f"ROUND(({total})/{len(own)},2)" if self.table.yearly == layout.MEAN else f"ROUND({total},2)"

    def _of_year(self, number: int, row: LedgerRow) -> Content:
        if row.year is None:
            return None
        return _told(row.year, self._of_quarters(number, row, range(len(row.quarters))) if row.year.reckoned else "")

    def _latest(self, number: int, row: LedgerRow) -> Content:
        made, figures = self.table.latest, row.latest
        if made is None or figures is None:
            return None
        if not figures.reckoned:
            return figures.score
        if made.is_year:
            return _told(figures, f"{self._year}{number}")
        if made.quarters:
            return _told(figures, self._of_quarters(number, row, made.quarters))
        months = "".join(f"+{self._months[month]}{number}" for month in made.months)
        return _told(figures, self._clamped(f"{self._base_of(number, figures, row)}{months}"))

    def _balance(self, number: int, row: LedgerRow) -> Content:
        if row.balance is None:
            return None
        points, key, _, kinds = self._lines.values()
        earned = (f'SUMIFS({points},{key},$A{number},{kinds},"{kind}")' for kind in (layout.BONUS, layout.DEDUCTION))
        carried, spent, left, reckoned = row.balance
        formula = f"MAX(0,ROUND({carried:f}+{'-'.join(earned)}-{spent:f},2))"
        return Formula(formula, left) if reckoned else left

    # -- 党小组 -------------------------------------------------------------------------------------------------------

    def add_groups(self, laid: Laid, period: str) -> None:
        """A block below the members, from their names on: sums of the very cells above."""
        skip: list[Content] = [None] * (STILL - 1)
        none: list[Look | None] = [None] * (STILL - 1)
        heads = [_narrow(heading) for heading in layout.GROUP_HEADINGS]
        laid.add((), (), 12)
        laid.add([*skip, f"党小组（{period}）"], [*none, Look(size=12, bold=True)], ONE_LINE)
        laid.add([*skip, *heads], [*none, *[HEADING] * len(heads)], 2 * PLAIN)
        for number, group in enumerate(self.table.groups, len(laid.rows) + 1):
            laid.add([*skip, *_group(number, group)], [*none, NARROW, TOTAL, SCORE, MIDDLE, MIDDLE], PLAIN)


def _group(number: int, group: GroupRow) -> Iterator[Content]:
    """``=D4+D7``: a click shows whose scores they are."""
    sum = "+".join(f"{column_letters(STILL + 1)}{FIRST + position}" for position in group.rows)
    yield group.name
    yield Formula(f"ROUND({sum},2)", group.sum) if len(sum) < LONGEST_FORMULA else group.sum
    yield Formula(f"ROUND({column_letters(STILL + 1)}{number}/{group.members},2)", group.mean)
    yield from (group.rank, group.members)


def _narrow(name: str) -> str:
    """A name in pieces of two characters, ``第一季度`` and ``年度建议等次``, for a column that holds as many."""
    return "\n".join(name[at : at + 2] for at in range(0, len(name), 2)) if len(name) in (4, 6) else name


def _until(words: str) -> str:
    """``截至10月31日``, which takes three lines."""
    return "\n" + words.replace("截至", "截至\n").replace("月", "月\n") if words else ""


def _told(figures: Figures, formula: str) -> Content:
    if not formula or not figures.reckoned or figures.score is None:
        return figures.score
    return Formula(formula, figures.score)
