"""Proposals (拟登记): declarations become rows that a person may paste below a month sheet's last row, for review.

Every declaration has an outcome: proposed, proposed but perhaps a repetition, a repetition, or not placed and why.
Declarations alike but for the person share a row. Nothing is posted into a closed period. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from xl_jifen import layout
from xl_jifen.declare.claims import UNCLEAR, Claim, Meaning
from xl_jifen.declare.columns import ITEMS, Declaration
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, Grid, Grids, Place, squeeze
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Entry, Ledger, Line, Member, Register, Rule
from xl_jifen.table import Table, as_date, as_number, as_text, is_blank

State = Literal["拟登记", "可能重复", "重复", "未列入"]
PROPOSED: State = "拟登记"
DOUBTFUL: State = "可能重复"
REPEATED: State = "重复"
NOT_PLACED: State = "未列入"
"""What became of a declaration; the first two stand on the sheet of a month."""


NOTED = ("W601", "W402")
"""Findings that a note always says better: which row is the like one, why it goes into a later month."""


class Target(NamedTuple):
    """A sheet of the branch as rows for it must look: where each column stands, where its free rows begin.

    ``headings`` are those it shows, by column, down to the last that is the branch's own; ``serial`` is the number of
    the first new row, None where rows are not numbered.
    """

    sheet: layout.Sheet
    name: str
    title: str
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    row: int
    serial: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one declaration. ``place`` is the row it is meant for once it is pasted.

    ``findings`` and ``line`` are what the core says of the row, were it and all others 通过.
    """

    claim: Claim
    state: State
    notes: tuple[str, ...]
    place: Place | None = None
    findings: tuple[Finding, ...] = ()
    line: Line | None = None

    @property
    def declaration(self) -> Declaration:
        """The declaration as it was collected."""
        return self.claim.declaration

    @property
    def has_errors(self) -> bool:
        """Whether it would not count as it stands."""
        unclear = self.place is not None and self.claim.rule is None
        return unclear or self.state == NOT_PLACED or any(finding.is_error for finding in self.findings)


class Row(NamedTuple):
    """A row to be pasted: its cells by column, the declarations it is made of, and findings that concern no one."""

    place: Place
    cells: Mapping[int, Cell]
    outcomes: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


class Plan(NamedTuple):
    """The outcomes in the order of the declarations, the sheets that get rows in the order of months, and the rows."""

    outcomes: tuple[Outcome, ...]
    targets: tuple[Target, ...]
    rows: tuple[Row, ...]

    def rows_of(self, target: Target) -> list[tuple[Row, list[Outcome]]]:
        """The rows for one sheet from the top, each with what it is made of."""
        rows = [row for row in self.rows if row.place.sheet == target.name]
        return [(row, [self.outcomes[order] for order in row.outcomes]) for row in rows]


def propose(
    declarations: Iterable[Declaration],
    grids: Grids,
    register: Register,
    taken_back: Iterable[Entry],
    closed: Collection[Period],
) -> Plan:
    """What becomes of each declaration; a 冲销 took the entries ``taken_back``, ``closed`` are the archived periods.

    The register must have a cycle.
    """
    cycle = register.settings.cycle
    assert cycle is not None
    meaning = Meaning(register)
    claims = [claim for declaration in declarations for claim in meaning.of(declaration)]
    tables = {sheet.name: Table(sheet, grid) for sheet in layout.MONTHS if (grid := grids.get(sheet.name))}
    seen = _Seen(register, tables.values(), meaning, {(entry.place, entry.member) for entry in taken_back})
    done = [period for period in closed if cycle.holds(period)]
    open_from = max(cycle.months_of(period)[-1] for period in done).next if done else cycle.months[0]
    outcomes = [_outcome(claim, cycle, tables, seen, open_from) for claim in claims]
    targets, rows = [], list[Row]()
    for month in cycle.months:
        orders = [order for order, each in enumerate(outcomes) if each.place and each.place.sheet == month.sheet]
        if orders:
            target = target_of(tables[month.sheet], f"{month.sheet}拟登记的申报")
            targets.append(target)
            rows += _rows(target, orders, outcomes)
    return Plan(tuple(outcomes), tuple(targets), tuple(rows))


def as_if_passed(grids: Grids, plan: Plan) -> Grids:
    """The workbook with the proposed rows pasted and 通过: what the core then says is what they will come to."""
    status = {target.name: target.columns[layout.STATUS] for target in plan.targets if layout.STATUS in target.columns}
    added: dict[str, dict[int, Mapping[int, Cell]]] = defaultdict(dict)
    for row in plan.rows:
        passed = {column: layout.PASSED} if (column := status.get(row.place.sheet)) else {}
        added[row.place.sheet][row.place.row] = {**row.cells, **passed}
    return Grids(tuple(with_rows(grid, added[grid.name]) if grid.name in added else grid for grid in grids))


def with_rows(grid: Grid, rows: Mapping[int, Mapping[int, Cell]]) -> Grid:
    """A sheet with cells by row and column put in, both counted from 1."""
    cells = list(grid.rows) + [()] * (max(rows) - len(grid.rows))
    for number, values in rows.items():
        row = [*cells[number - 1], *[None] * (max(values) - len(cells[number - 1]))]
        for column, value in values.items():
            row[column - 1] = value
        cells[number - 1] = row
    return Grid(grid.name, cells)


def judged(plan: Plan, findings: Iterable[Finding], ledger: Ledger) -> Plan:
    """The plan with what the core says of its rows (see :func:`as_if_passed`), less what the notes say better."""
    at: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.place.sheet, finding.place.row].append(finding)
    lines = {(line.entry.place, line.entry.member.code): line for line in ledger.lines if line.entry.member}
    rule_at = {target.name: target.columns[layout.RULE] for target in plan.targets}
    outcomes = []
    for outcome in plan.outcomes:
        if place := outcome.place:
            noted = {("E101", rule_at[place.sheet])} if outcome.claim.unclear else set()
            new = tuple(
                found
                for found in at[place.sheet, place.row]
                if found.code not in NOTED and (found.code, found.place.column) not in noted
            )
            member, notes = outcome.claim.member, outcome.notes
            line = lines.get((place, member.code)) if member else None
            if line and not line.raw and not line.why:
                notes += (f"按“{layout.QUANTITY}”现在的填法计 0 分，请核对",)
            outcome = replace(outcome, notes=notes, findings=new, line=line)
        outcomes.append(outcome)
    return plan._replace(outcomes=tuple(outcomes))


def target_of(table: Table, title: str) -> Target:
    """A sheet and its first free row, below the last one with content."""
    filled = [(number, cells) for number, cells in table.below() if table.has_content(cells)]
    row = filled[-1][0] + 1 if filled else table.heading_row + 1
    owned = {column.name for column in table.sheet.columns if column.owned}
    last = max(column for heading, column in table.columns.items() if heading not in owned)
    shown = tuple(as_text(table.grid.at(table.heading_row, column)) for column in range(1, last + 1))
    return Target(table.sheet, table.grid.name, title, shown, table.columns, row, _serial(table, filled))


def _serial(table: Table, filled: Sequence[tuple[int, Sequence[Cell]]]) -> int | None:
    """The number after the highest of the rows with content; None where they, or the sheet, have none."""
    column = table.columns.get(layout.SERIAL)
    if column is None:
        return None
    numbers = [as_number(cells[column - 1]) for _, cells in filled if column <= len(cells)]
    whole = [int(number) for number in numbers if number is not None and number.denominator == 1]
    if whole:
        return max(whole) + 1
    return None if filled else 1


def _outcome(claim: Claim, cycle: Cycle, tables: Mapping[str, Table], seen: _Seen, open_from: Month) -> Outcome:
    """What becomes of a declaration; its place names the month sheet alone, rows are dealt out at the end."""

    def refused(words: str) -> Outcome:
        return Outcome(claim, NOT_PLACED, (words, *claim.notes))

    if claim.day is None:
        cell = claim.declaration.cells.get(layout.DAY)
        if is_blank(cell):
            return refused("没有日期，不知道该列入哪个月")
        return refused(f"日期“{as_text(cell)[:40]}”看不懂；请连年份写全，如 2026-03-05")
    if claim.day not in cycle:
        return refused(f"{claim.day} 不在计分周期 {cycle.words} 之内")
    state, note = seen.repeated(claim)
    if state == REPEATED:
        return Outcome(claim, REPEATED, (note,))
    own = Month.of(claim.day)
    month = max(own, open_from)
    if month not in cycle.months:
        return refused(f"计分周期内已没有未归档的月份，{claim.day} 的事项不能再登记")
    table = tables.get(month.sheet)
    if table is None or table.missing:
        lack = f"缺少列名“{'、'.join(table.missing)}”" if table else "不见了"
        return refused(f"工作表“{month.sheet}”{lack}，请先恢复再导入")
    late = month != own
    notes = [note, *claim.notes, f"{claim.day} 所在的月份已归档，补登在{month.sheet}" if late else ""]
    seen.add(claim)
    return Outcome(claim, state, tuple(filter(None, notes)), Place(month.sheet, 0))


def _rows(target: Target, orders: Iterable[int], outcomes: list[Outcome]) -> list[Row]:
    """The rows of a sheet by date; declarations alike but for the person, and free of doubt, share one."""
    alike: dict[object, list[int]] = {}
    for order in sorted(orders, key=lambda order: (outcomes[order].claim.day or date.min, order)):
        outcome = outcomes[order]
        rest = tuple(cell for item, cell in outcome.claim.cells.items() if item != layout.NAME)
        clear = outcome.claim.member and outcome.claim.rule and not outcome.notes
        alike.setdefault(rest if clear else order, []).append(order)
    rows = []
    for number, together in enumerate(alike.values()):
        place = Place(target.name, target.row + number)
        first = outcomes[together[0]].claim
        names = dict.fromkeys(as_text(outcomes[order].claim.cells[layout.NAME]) for order in together)
        values = {**first.cells, layout.NAME: "、".join(names), layout.STATUS: layout.PENDING}
        if target.serial is not None:
            values[layout.SERIAL] = target.serial + number
        note = _left_out(target, values)
        for order in together:
            notes = (*outcomes[order].notes, note) if note else outcomes[order].notes
            outcomes[order] = replace(outcomes[order], place=place, notes=notes)
        rows.append(Row(place, cells_of(target, values), tuple(together)))
    return rows


def cells_of(target: Target, values: Mapping[str, Cell]) -> dict[int, Cell]:
    """Values by heading as cells by column, blanks as None."""
    return {
        target.columns[item]: None if is_blank(cell) else cell
        for item, cell in values.items()
        if item in target.columns
    }


def _left_out(target: Target, values: dict[str, Cell]) -> str:
    """A sentence about items the sheet has no column for; they go into 备注 where there is one."""
    left = {item: values[item] for item in ITEMS if item not in target.columns and not is_blank(values[item])}
    if not left:
        return ""
    told = "；".join(f"{item}：{as_text(cell)}" for item, cell in left.items())
    kept = layout.REMARK in target.columns
    if kept:
        values[layout.REMARK] = "；".join(filter(None, (as_text(values[layout.REMARK]), told)))
    where = "记在备注" if kept else "没有带上"
    return f"工作表“{target.name}”没有“{'、'.join(left)}”一列，{where}：{told}"


class _Standing(NamedTuple):
    """What is claimed: where, by what name, and whether a 冲销 took it back, so that it may be claimed anew."""

    where: str
    name: str
    gone: bool = False


class _Seen:
    """What the workbook and earlier declarations claim, whatever their 审核状态: they need not be entered again.

    By day and name without its number: the same matter (rule, or the words of an unclear one) with its reason, the
    same matter, and, where one of the two has no clear rule, the same reason.
    """

    def __init__(
        self,
        register: Register,
        tables: Iterable[Table],
        meaning: Meaning,
        taken: Collection[tuple[Place, Member | None]],
    ) -> None:
        self._found: dict[tuple[object, ...], _Standing] = {}
        for table in tables:
            pick = table.picker(layout.DAY, layout.NAME, layout.RULE, layout.REASON, layout.REVERSAL, layout.REMARK)
            for number, cells in table.below():
                on, who, which, why, reversal, remark = pick(cells)
                day, place = as_date(on), table.place(number)
                if day is None or not is_blank(reversal):
                    continue
                rule = meaning.book.find(as_text(which)) if not is_blank(which) else None
                for member, name in meaning.people(as_text(who)):
                    self._put(_Standing(str(place), squeeze(name), (place, member) in taken), day, rule, remark, why)
        for entry in register.entries:
            if entry.is_attendance and entry.member and entry.day:
                name, gone = squeeze(entry.member.shown), (entry.place, entry.member) in taken
                self._put(_Standing(str(entry.place), name, gone), entry.day, entry.rule, "", entry.reason)

    def add(self, claim: Claim) -> None:
        """One declaration more."""
        cells = claim.cells
        standing = _Standing(claim.declaration.place, squeeze(as_text(cells[layout.NAME])))
        self._put(standing, claim.day, claim.rule, cells[layout.REMARK], cells[layout.REASON])

    def repeated(self, claim: Claim) -> tuple[State, str]:
        """Whether the same is claimed already, REPEATED (E601) or DOUBTFUL (W601), else PROPOSED; and a sentence."""
        name, rule = squeeze(as_text(claim.cells[layout.NAME])), claim.rule
        whole, matter, reason, any_reason = _keys(
            claim.day, name, rule, claim.cells[layout.REMARK], claim.cells[layout.REASON]
        )
        for same, key in (
            (f"{'规则' if rule else '申报事项'}、日期、事由", whole),
            ("规则、日期", matter),
            ("日期、事由", reason if rule else any_reason),
        ):
            other = self._found.get(key)
            if other is None:
                continue
            if other.gone:
                return DOUBTFUL, f"与 {other.where} 相同或相近，那一行已被冲销，请核对"
            if key == whole and other.name == name:
                return REPEATED, f"与 {other.where} 的人、{same}都相同，不再列入"
            return DOUBTFUL, f"与 {other.where} 的姓名、{same}都相同，请核对是否重复"
        return PROPOSED, ""

    def _put(self, standing: _Standing, day: date | None, rule: Rule | None, remark: Cell, why: Cell) -> None:
        whole, matter, reason, any_reason = _keys(day, standing.name, rule, remark, why)
        for key in (whole, any_reason, matter if rule else reason):
            if key not in self._found or self._found[key].gone:
                self._found[key] = standing


def _keys(day: date | None, name: str, rule: Rule | None, remark: Cell, why: Cell) -> tuple[tuple[object, ...], ...]:
    """What a claim may agree with another in: matter and reason, matter, reason of an unclear matter, any's reason."""
    bare, reason = name.partition("(")[0], squeeze(as_text(why))
    matter = rule or squeeze(as_text(remark)).partition(squeeze(UNCLEAR))[2]
    return (day, bare, matter, reason), (day, bare, matter), (day, bare, "不清", reason), (day, bare, "所有", reason)
