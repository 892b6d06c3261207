"""Proposals (拟登记): declarations become rows that a person may paste below a month sheet's last row, for review.

Every declaration has an outcome: proposed, proposed but perhaps a repetition, a repetition, or not placed and why.
Nothing is posted into a closed quarter. Pure: declarations and a branch's cells in, outcomes and rows out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from xl_jifen import layout
from xl_jifen.declare.columns import ITEMS, Declaration
from xl_jifen.declare.meaning import Meaning
from xl_jifen.declare.outcome import NOT_PLACED, REPEATED, Outcome, Plan, Target
from xl_jifen.declare.repeats import Standing, standing
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, Grid, Grids, Place
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Ledger, Register
from xl_jifen.table import Table, as_number, as_text, is_blank


def propose(declarations: Iterable[Declaration], grids: Grids, register: Register, closed: Collection[Period]) -> Plan:
    """What becomes of each declaration; ``closed`` are the archived quarters. The register must have a cycle."""
    cycle = register.settings.cycle
    assert cycle is not None
    return _Proposer(grids, register, cycle, closed).plan(declarations)


def as_if_passed(grids: Grids, plan: Plan) -> Grids:
    """The workbook with the proposed rows pasted and 通过: what the core then says is what they will come to."""
    added: dict[str, dict[int, Mapping[int, Cell]]] = defaultdict(dict)
    status = {target.name: target.columns.get(layout.STATUS, 0) for target in plan.targets}
    for outcome in plan.outcomes:
        if outcome.place:
            sheet, row, _ = outcome.place
            added[sheet][row] = {**outcome.cells, status[sheet]: layout.PASSED}
    return Grids(tuple(_with_rows(grid, added[grid.name]) if grid.name in added else grid for grid in grids))


def judged(plan: Plan, findings: Iterable[Finding], ledger: Ledger) -> Plan:
    """The plan with what the core says of its rows (see :func:`as_if_passed`), less what is said already."""
    at: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.place.sheet, finding.place.row].append(finding)
    lines = {line.entry.place: line for line in ledger.lines if not line.entry.is_attendance}
    headings = {(target.name, column): heading for target in plan.targets for heading, column in target.columns.items()}
    outcomes = []
    for outcome in plan.outcomes:
        if place := outcome.place:
            new = tuple(
                finding
                for finding in at[place.sheet, place.row]
                if (finding.code, headings.get((place.sheet, finding.place.column), "")) not in outcome.said
            )
            line = lines.get(place)
            notes = outcome.notes
            if line and not line.raw and not line.why:
                notes += (f"按“{layout.QUANTITY}”现在的填法计 0 分，请核对",)
            outcome = replace(outcome, notes=notes, findings=new, line=line)
        outcomes.append(outcome)
    return Plan(tuple(outcomes), plan.targets)


def _with_rows(grid: Grid, rows: Mapping[int, Mapping[int, Cell]]) -> Grid:
    cells = list(grid.rows) + [()] * (max(rows) - len(grid.rows))
    for number, values in rows.items():
        row = [*cells[number - 1], *[None] * (max(values) - len(cells[number - 1]))]
        for column, value in values.items():
            row[column - 1] = value
        cells[number - 1] = row
    return Grid(grid.name, cells)


class _Proposer:
    def __init__(self, grids: Grids, register: Register, cycle: Cycle, closed: Collection[Period]) -> None:
        self.cycle = cycle
        self.meaning = Meaning(register)
        done = [quarter for quarter in closed if quarter in cycle.quarters]
        self.last_closed = max(done, default=None)
        self.tables = {sheet.name: Table(sheet, grid) for sheet in layout.MONTHS if (grid := grids.get(sheet.name))}
        self.claims = standing(register, self.tables.values(), self.meaning)

    def plan(self, declarations: Iterable[Declaration]) -> Plan:
        outcomes = [self._outcome(declaration) for declaration in declarations]
        targets: list[Target] = []
        for month in self.cycle.months:
            waiting = [
                (outcome.claim.day or date.min, order)
                for order, outcome in enumerate(outcomes)
                if outcome.place and outcome.place.sheet == month.sheet
            ]
            if not waiting:
                continue
            target = _target(self.tables[month.sheet], month)
            targets.append(target)
            for number, (_, order) in enumerate(sorted(waiting)):
                outcomes[order] = _placed(outcomes[order], target, number)
        return Plan(tuple(outcomes), tuple(targets))

    def _outcome(self, declaration: Declaration) -> Outcome:
        """What becomes of a declaration; its place names the month sheet alone, rows are dealt out at the end."""
        claim = self.meaning.of(declaration)
        if claim.day is None:
            return Outcome(claim, NOT_PLACED, (_undated(declaration), *claim.notes))
        if claim.day not in self.cycle:
            return Outcome(claim, NOT_PLACED, (f"{claim.day} 不在计分周期 {self.cycle.words} 之内", *claim.notes))
        mine = Standing.of(claim)
        state, note = self.claims.repeated(claim.day, mine)
        if state == REPEATED:
            return Outcome(claim, REPEATED, (note,))
        month = self._posting(Month.of(claim.day))
        if month is None:
            words = f"计分周期内已没有未归档的月份，{claim.day} 的事项不能再登记"
            return Outcome(claim, NOT_PLACED, (words, *claim.notes))
        table = self.tables.get(month.sheet)
        if table is None or table.missing:
            lack = f"缺少列名“{'、'.join(table.missing)}”" if table else "不见了"
            return Outcome(claim, NOT_PLACED, (f"工作表“{month.sheet}”{lack}，请先恢复再导入", *claim.notes))
        said, notes = claim.said, [note, *claim.notes]
        if note:
            said |= {("W601", layout.RULE)}
        if month != Month.of(claim.day):
            notes.append(f"{claim.day} 所在的季度已归档，补登在{month.sheet}")
            said |= {("W402", layout.DAY)}
        self.claims.add(claim.day, mine)
        return Outcome(claim, state, tuple(filter(None, notes)), said, Place(month.sheet, 0))

    def _posting(self, month: Month) -> Month | None:
        """The month that an event of ``month`` is posted in: its own, or the first that is not closed yet."""
        if self.last_closed is None or month.quarter > self.last_closed:
            return month
        return next((open_ for open_ in self.cycle.months if open_.quarter > self.last_closed), None)


def _undated(declaration: Declaration) -> str:
    cell = declaration.cells.get(layout.DAY)
    if is_blank(cell):
        return "没有日期，不知道该列入哪个月"
    return f"日期“{as_text(cell)[:40]}”看不懂；请连年份写全，如 2026-03-05"


def _target(table: Table, month: Month) -> Target:
    """A month sheet and its first free row, below the last one with content."""
    filled = [(number, cells) for number, cells in table.below() if table.has_content(cells)]
    row = filled[-1][0] + 1 if filled else table.heading_row + 1
    owned = {column.name for column in table.sheet.columns if column.owned}
    last = max(column for heading, column in table.columns.items() if heading not in owned)
    shown = tuple(as_text(table.grid.at(table.heading_row, column)) for column in range(1, last + 1))
    return Target(table.grid.name, month, shown, table.columns, row, _serial(table, filled))


def _serial(table: Table, filled: Sequence[tuple[int, Sequence[Cell]]]) -> int | None:
    """The number after the highest of the rows with content; None where they, or the sheet, have none."""
    column = table.columns.get(layout.SERIAL)
    if column is None:
        return None
    numbers = [as_number(cells[column - 1]) for _, cells in filled if column <= len(cells)]
    whole = [int(number) for number in numbers if number is not None and number.denominator == 1]
    return max(whole) + 1 if whole else None if filled else 1


def _placed(outcome: Outcome, target: Target, number: int) -> Outcome:
    """The outcome with its row in the month sheet: the ``number``-th new one, from 0."""
    values = {item: outcome.claim.cells[item] for item in ITEMS}
    values[layout.STATUS] = layout.PENDING
    if target.serial is not None:
        values[layout.SERIAL] = target.serial + number
    left = {item: cell for item, cell in values.items() if item not in target.columns and not is_blank(cell)}
    notes = list(outcome.notes)
    if left:
        told = "；".join(f"{item}：{as_text(cell)}" for item, cell in left.items())
        if layout.REMARK in target.columns:
            values[layout.REMARK] = "；".join(filter(None, (as_text(values[layout.REMARK]), told)))
        where = "记在备注" if layout.REMARK in target.columns else "没有带上"
        notes.append(f"工作表“{target.name}”没有“{'、'.join(left)}”一列，{where}：{told}")
    cells = {target.columns[item]: cell for item, cell in values.items() if item in target.columns}
    blanked = {column: None if is_blank(cell) else cell for column, cell in cells.items()}
    return replace(outcome, notes=tuple(notes), place=Place(target.name, target.row + number), cells=blanked)
