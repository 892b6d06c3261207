"""Proposals (拟登记): declarations become rows that a person may paste below a month sheet's last row, for review.

Every declaration has an outcome: proposed, proposed but perhaps a repetition, a repetition, or not placed and why.
Declarations alike but for the person share a row. Nothing is posted into a closed period. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from xl_jifen import layout
from xl_jifen.declare.claims import SHORT_DAY, UNCLEAR, Claim, Meaning, quoted
from xl_jifen.declare.columns import ITEMS, Declaration
from xl_jifen.finding import CannotRead, Finding
from xl_jifen.grid import Cell, Grid, Grids, Place, as_number, as_text, is_blank, squeeze
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Entry, Ledger, Line, Register
from xl_jifen.table import Table

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


class Outcome(NamedTuple):
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


class PastedRow(NamedTuple):
    """A row to be pasted: its cells by column, which outcomes it is made of, and what the core says of it."""

    place: Place
    cells: Mapping[int, Cell]
    outcomes: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


class Plan(NamedTuple):
    """The outcomes in the order of the declarations, the sheets that get rows in the order of months, and the rows."""

    outcomes: tuple[Outcome, ...]
    targets: tuple[Target, ...]
    rows: tuple[PastedRow, ...]

    def made_of(self, row: PastedRow) -> list[Outcome]:
        """The outcomes a row is made of."""
        return [self.outcomes[order] for order in row.outcomes]


MOST_CLAIMS = 12_000
"""Claims of one import: so many take seconds, and a year of a large branch has a thousand."""


def propose(
    declarations: Iterable[Declaration],
    grids: Grids,
    register: Register,
    taken_back: Iterable[Entry],
    closed: Collection[Period],
) -> Plan:
    """What becomes of each declaration; a 冲销 took the entries ``taken_back``, ``closed`` are the archived periods.

    The register must have a cycle. Raises CannotRead for more than MOST_CLAIMS: a row may name many people and rules.
    """
    cycle = register.settings.cycle
    assert cycle is not None
    meaning = Meaning(register)
    seen = _Seen(register, grids, meaning, taken_back)
    tables = {sheet.name: Table(sheet, grid) for sheet in layout.MONTHS if (grid := grids.get(sheet.name))}
    open_from = cycle.open_from([period for period in closed if cycle.holds(period)])
    outcomes = list[Outcome]()
    for declaration in declarations:
        for claim in meaning.of(declaration):
            if len(outcomes) == MOST_CLAIMS:
                raise CannotRead(
                    f"到 {declaration.place} 已有 {MOST_CLAIMS} 笔，一次最多导入这么多；请核对这一行的姓名和规则，"
                    "或把申报表分成几个文件。"
                )
            outcomes.append(_outcome(claim, cycle, tables, seen, open_from))
    targets, rows = [], list[PastedRow]()
    for month in cycle.months:
        orders = [order for order, each in enumerate(outcomes) if each.place and each.place.sheet == month.sheet]
        if orders:
            targets.append(target_of(tables[month.sheet], f"{month.sheet}拟登记的申报"))
            rows += _rows(targets[-1], orders, outcomes)
    return Plan(tuple(outcomes), tuple(targets), tuple(rows))


def as_if_passed(grids: Grids, plan: Plan) -> Grids:
    """The workbook with the proposed rows pasted and 通过: what the core then says is what they will come to."""
    targets = {target.name: target for target in plan.targets}

    def pasted(grid: Grid) -> Grid:
        if (target := targets.get(grid.name)) is None:
            return grid
        passed = {target.columns[layout.STATUS]: layout.PASSED} if layout.STATUS in target.columns else {}
        rows = [{**row.cells, **passed} for row in plan.rows if row.place.sheet == grid.name]
        laid = ([cells.get(column) for column in range(1, max(cells) + 1)] for cells in rows)
        return Grid(grid.name, [*grid.rows[: target.row - 1], *laid])

    return Grids(tuple(map(pasted, grids)))


def judged(plan: Plan, findings: Iterable[Finding], ledger: Ledger) -> Plan:
    """The plan with what the core says of its rows (see :func:`as_if_passed`), less what the notes say better."""
    at: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.place.sheet, finding.place.row].append(finding)
    lines = {(line.entry.place, line.entry.member.code): line for line in ledger.lines if line.entry.member}
    rule_at = {target.name: target.columns.get(layout.RULE) for target in plan.targets}

    outcomes, rows = list(plan.outcomes), list[PastedRow]()
    for row in plan.rows:
        told = at[row.place.sheet, row.place.row]
        if row.outcomes:
            told = [finding for finding in told if finding.code not in NOTED]
        if any(outcome.claim.unclear for outcome in plan.made_of(row)):
            blank = ("E101", rule_at[row.place.sheet])
            told = [finding for finding in told if (finding.code, finding.place.column) != blank]
        rows.append(row._replace(findings=tuple(told)))
        for order in row.outcomes:
            outcome, member = outcomes[order], outcomes[order].claim.member
            line = lines.get((row.place, member.code)) if member else None
            idle = line and not line.raw and not line.why
            notes = (f"按“{layout.QUANTITY}”现在的填法计 0 分，请核对",) if idle else ()
            outcomes[order] = outcome._replace(notes=outcome.notes + notes, findings=tuple(told), line=line)
    return plan._replace(outcomes=tuple(outcomes), rows=tuple(rows))


def target_of(table: Table, title: str) -> Target:
    """A sheet and its first free row, below the last one with content; its number is the highest one's next."""
    filled = [number for number, cells in table.below() if table.has_content(cells)]
    row = filled[-1] + 1 if filled else table.heading_row + 1
    owned = {column.name for column in table.sheet.columns if column.owned}
    last = max(column for heading, column in table.columns.items() if heading not in owned)
    shown = tuple(as_text(table.grid.at(table.heading_row, column)) for column in range(1, last + 1))
    numbers = [as_number(table.grid.at(number, table.columns.get(layout.SERIAL, 0))) for number in filled]
    whole = [int(number) for number in numbers if number is not None and number.denominator == 1]
    serial = max(whole, default=0) + 1 if whole or not filled else None
    return Target(table.sheet, table.grid.name, title, shown, table.columns, row, serial)


def no_place(sheet: str, table: Table | None) -> str:
    """Why no row can be pasted into a sheet that is not there, or lacks headings it needs."""
    if table:
        return f"工作表“{sheet}”缺少列名“{'、'.join(table.missing)}”，请先恢复再导入"
    return f"工作簿里没有工作表“{sheet}”，请先恢复，或从空白模板复制过来，再导入"


def _outcome(claim: Claim, cycle: Cycle, tables: Mapping[str, Table], seen: _Seen, open_from: Month) -> Outcome:
    """What becomes of a declaration; its place names the month sheet alone, rows are dealt out at the end."""

    def refused(words: str) -> Outcome:
        return Outcome(claim, NOT_PLACED, (words, *claim.notes))

    if claim.day is None:
        written = as_text(claim.declaration.cells.get(layout.DAY))
        if not written:
            return refused("没有日期，不知道该列入哪个月")
        if SHORT_DAY.fullmatch(squeeze(written)):
            return refused(f"计分周期里没有“{quoted(written)}”这一天；请核对日期")
        return refused(f"日期“{quoted(written)}”看不懂；请连年份写全，如 2026-03-05")
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
        return refused(no_place(month.sheet, table))
    late = f"{claim.day} 所在的月份已归档，补登在{month.sheet}" if month != own else ""
    seen.add(claim)
    return Outcome(claim, state, tuple(filter(None, (note, *claim.notes, late))), Place(month.sheet, 0))


def _rows(target: Target, orders: Iterable[int], outcomes: list[Outcome]) -> Iterator[PastedRow]:
    """The rows of a sheet by date; declarations alike but for the person, and free of doubt, share one."""
    alike: dict[object, list[int]] = {}
    for order in sorted(orders, key=lambda order: outcomes[order].claim.day or date.min):
        claim, notes = outcomes[order].claim, outcomes[order].notes
        rest = tuple(cell for item, cell in claim.cells.items() if item != layout.NAME)
        alike.setdefault(rest if claim.member and claim.rule and not notes else order, []).append(order)
    for number, together in enumerate(alike.values()):
        place = Place(target.name, target.row + number)
        names = dict.fromkeys(as_text(outcomes[order].claim.cells[layout.NAME]) for order in together)
        values = {
            **outcomes[together[0]].claim.cells,
            layout.NAME: "、".join(names),
            layout.STATUS: layout.PENDING,
            layout.SERIAL: None if target.serial is None else target.serial + number,
        }
        left = _left_out(target, values)
        for order in together:
            outcomes[order] = outcomes[order]._replace(place=place, notes=(*outcomes[order].notes, *left))
        yield PastedRow(place, cells_of(target, values), tuple(together))


def cells_of(target: Target, values: Mapping[str, Cell]) -> dict[int, Cell]:
    """Values by heading as cells by column, blanks as None."""
    columns = target.columns
    return {columns[item]: None if is_blank(cell) else cell for item, cell in values.items() if item in columns}


def _left_out(target: Target, values: dict[str, Cell]) -> tuple[str, ...]:
    """A sentence about items the sheet has no column for, if any; they go into 备注 where there is one."""
    left = {item: values[item] for item in ITEMS if item not in target.columns and not is_blank(values[item])}
    if not left:
        return ()
    told = "；".join(f"{item}：{as_text(cell)}" for item, cell in left.items())
    kept = layout.REMARK in target.columns
    if kept:
        values[layout.REMARK] = "；".join(filter(None, (as_text(values[layout.REMARK]), told)))
    where = "记在备注" if kept else "没有带上"
    return (f"工作表“{target.name}”没有“{'、'.join(left)}”一列，{where}：{told}",)


Key = tuple[object, ...]


class _Seen:
    """What the workbook and earlier declarations claim, whatever their 审核状态: they need not be entered again.

    By day and name without its number: the same matter (rule, or the words of an unclear one) with its reason, the
    same matter, and, where one of the two has no clear rule, the same reason.
    """

    def __init__(self, register: Register, grids: Grids, meaning: Meaning, taken_back: Iterable[Entry]) -> None:
        self._found: dict[Key, tuple[Claim, bool]] = {}
        taken = frozenset(taken_back)
        for entry in register.entries:
            grid = grids.get(entry.place.sheet)
            if grid is None or entry.day is None or entry.reversal:
                continue
            at = (entry.columns.get(heading, 0) for heading in (layout.NAME, layout.REMARK))
            who, remark = (grid.at(entry.place.row, column) for column in at)
            people = [(entry.member, entry.member.shown)] if entry.member else meaning.people(as_text(who))
            for name in (name for member, name in people if member is entry.member):
                cells: dict[str, Cell] = {layout.NAME: name, layout.REASON: entry.reason, layout.REMARK: remark}
                row = Declaration(str(entry.place), cells)
                self.add(Claim(row, entry.day, entry.member, entry.rule, cells, ()), gone=entry in taken)

    def add(self, claim: Claim, *, gone: bool = False) -> None:
        """One claim more; one that a 冲销 took back is ``gone``, and may be claimed anew."""
        whole, matter, reason, any_reason = _keys(claim)
        for key in (whole, any_reason, matter if claim.rule else reason):
            if key not in self._found or self._found[key][1]:
                self._found[key] = claim, gone

    def repeated(self, claim: Claim) -> tuple[State, str]:
        """Whether the same is claimed already, REPEATED (E601) or DOUBTFUL (W601), else PROPOSED; and a sentence."""
        whole, matter, reason, any_reason = _keys(claim)
        for same, key in (
            (f"{'规则' if claim.rule else '申报事项'}、日期、事由", whole),
            ("规则、日期", matter),
            ("日期、事由", reason if claim.rule else any_reason),
        ):
            if key not in self._found:
                continue
            other, gone = self._found[key]
            where = other.declaration.place
            if gone:
                return DOUBTFUL, f"与 {where} 相同或相近，那一行已被冲销，请核对"
            if key == whole and _name(other) == _name(claim):
                return REPEATED, f"与 {where} 的人、{same}都相同，不再列入"
            return DOUBTFUL, f"与 {where} 的姓名、{same}都相同，请核对是否重复"
        return PROPOSED, ""


def _keys(claim: Claim) -> tuple[Key, ...]:
    """What a claim may agree with another in: matter and reason, matter, reason of an unclear matter, any's reason."""
    words, reason = (squeeze(as_text(claim.cells[item])) for item in (layout.REMARK, layout.REASON))
    who, matter = (claim.day, _name(claim).partition("(")[0]), claim.rule or words.partition(squeeze(UNCLEAR))[2]
    return (*who, matter, reason), (*who, matter), (*who, "不清", reason), (*who, "所有", reason)


def _name(claim: Claim) -> str:
    return squeeze(as_text(claim.cells[layout.NAME]))
