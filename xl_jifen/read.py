"""Reading (读取): grids become a register, and what cannot be understood becomes findings.

Understands cells, and links names to members and codes to rules (E1xx, E2xx, E301, E8xx). What needs more than its
own row is left to ``check``. Pure: opens nothing, decides nothing about points.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from xl_jifen import attendance, layout
from xl_jifen.exchange import read_exchanges
from xl_jifen.finding import Finding, Findings
from xl_jifen.grid import Cell, CellError, Grids, Place, Range, as_date, as_number, as_text, seen, squeeze
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Activity, Ballot, Entry, Member, Objection, Opinion, Register, as_points
from xl_jifen.requirements import read_requirements, shortfalls
from xl_jifen.roster import RollCall, read_changes, read_members, resolve_member, resolve_members
from xl_jifen.rulebook import RuleBook, read_groups, read_rules, resolve_rule
from xl_jifen.settings import read_bands, read_settings
from xl_jifen.table import Row, Table
from xl_jifen.typed import new_record


def read(grids: Grids) -> tuple[Register, Findings]:
    """Read one workbook: its register, and findings in no particular order."""
    findings = Findings()
    tables = _tables(grids, findings)

    settings = read_settings(tables.get(layout.SETTINGS.name), findings)
    members = read_members(tables.get(layout.ROSTER.name), findings)
    members, changes = read_changes(tables.get(layout.CHANGES.name), members, settings.cycle, findings)
    groups = read_groups(tables.get(layout.GROUPS.name), findings)
    rules = read_rules(tables.get(layout.RULES.name), groups, findings)
    roll, book = RollCall(members), RuleBook(rules)
    findings += _missing_sheets(tables, settings.cycle)

    scheme = attendance.read_scheme(tables.get(layout.ATTENDANCE_RULES.name), book, findings)
    posting = {month.sheet: month for month in settings.cycle.months} if settings.cycle else {}
    months = {sheet.name for sheet in layout.MONTHS}
    entries: list[Entry] = []
    activities: list[Activity] = []
    for name, table in tables.items():
        if name in months:
            entries += _entries(table, posting.get(name), roll, book, findings)
        elif name == layout.ACTIVITIES.name:
            for activity, lines in attendance.read_activities(table, settings.cycle, scheme, roll, findings):
                activities.append(activity)
                entries += lines
    register = Register(
        settings=settings,
        bands=read_bands(tables.get(layout.BANDS.name), findings),
        members=members,
        rules=rules,
        groups=groups,
        entries=tuple(entries),
        activities=tuple(activities),
        ballots=tuple(_ballots(tables.get(layout.BALLOTS.name), roll, book, findings)),
        objections=tuple(_objections(tables.get(layout.OBJECTIONS.name), settings.cycle, findings)),
        changes=changes,
        requirements=tuple(read_requirements(tables.get(layout.REQUIREMENTS.name), findings)),
        opinions=tuple(_opinions(tables.get(layout.APPRAISALS.name), roll, findings)),
        holidays=tuple(_holidays(tables.get(layout.HOLIDAYS.name), findings)),
        exchanges=tuple(read_exchanges(tables.get(layout.EXCHANGES.name), settings.cycle, roll, findings)),
    )
    findings += shortfalls(register, scheme)
    return register, findings


def of_merged(findings: Iterable[Finding], merged: Mapping[str, Sequence[Range]]) -> Iterator[Finding]:
    """The findings; where a cell is missed that belongs to a merged range, the user sees it filled, and that is said.

    ``merged`` has the merged ranges by the name of the sheet.
    """
    told, within = tuple(findings), dict[Place, Range]()
    for sheet, ranges in merged.items():
        places = sorted(each.place for each in told if each.place.sheet == sheet and each.is_error)
        for one in ranges if places else ():
            at = bisect_left(places, (sheet, one.top))
            while at < len(places) and places[at].row <= one.bottom:
                place = places[at]
                if one.holds(*place[1:]) and place[1:] != one[:2]:
                    within.setdefault(place, one)
                at += 1
    for finding in told:
        if finding.is_error and (found := within.get(finding.place)):
            message = f"{finding.message}：这一格属于合并的 {found}，只有头一格有内容"
            finding = finding._replace(message=message, remedy="请取消合并，逐行填写")
        yield finding


def _tables(grids: Grids, findings: list[Finding]) -> dict[str, Table]:
    """The sheets we know, by name, in the order of the workbook; empty sheets that may be absent count as absent."""
    order = {grid.name: position for position, grid in enumerate(grids)}
    present = [(sheet, grid) for sheet in layout.SHEETS if (grid := grids.get(sheet.name))]
    findings += _passed_over(grids, {sheet.name: grid.name for sheet, grid in present})
    tables = {}
    for sheet, grid in sorted(present, key=lambda pair: order[pair[1].name]):
        table = Table(sheet, grid)
        if table.missing:
            if table.is_empty and not sheet.required:
                continue
            findings += table.missing_headings()
        findings += table.unseen()
        tables[sheet.name] = table
    return tables


def _passed_over(grids: Grids, read: Mapping[str, str]) -> Iterator[Finding]:
    """W811 for sheets named nearly like one the branch fills; ``read``: the names of those that are one."""
    sheet_of = {sheet.name: sheet for sheet in layout.SHEETS}
    for grid in grids:
        name = layout.meant(grid.name)
        if not name or grid.name == read.get(name):
            continue
        rows = sum(1 for _ in Table(sheet_of[name], grid).rows([]))
        what = f"里面的 {rows} 行没有计入" if rows else "里面没有登记的内容"
        move = (
            f"请把内容移到“{read[name]}”（已归档的补登在以后的月份）" if name in read else f"请把它的名称改为“{name}”"
        )
        remedy = f"要计入的，{move}；不要的请删去这张表，或改成不相干的名称"
        yield Finding("W811", Place(grid.name, 1, 1), f"工作表“{seen(grid.name)}”不是“{name}”，没有读，{what}", remedy)


def _missing_sheets(tables: dict[str, Table], cycle: Cycle | None) -> Iterator[Finding]:
    """E811 for required sheets, and for the month sheets of the cycle, that are not there."""
    months = {sheet.name for sheet in layout.MONTHS}
    needed = [sheet.name for sheet in layout.SHEETS if sheet.required and sheet.name not in months]
    needed += [month.sheet for month in cycle.months] if cycle else []
    for name in needed:
        if name not in tables:
            yield Finding(
                "E811",
                Place(name, 1, 1),
                f"缺少工作表“{name}”（或名称被改过）",
                f"改过名称的请改回“{name}”；确实没有的，请从空白模板复制过来，名称保持不变",
            )


def _entries(
    table: Table, month: Month | None, roll: RollCall, book: RuleBook, findings: list[Finding]
) -> Iterator[Entry]:
    """The rows of one month sheet; ``month`` is None when the sheet lies outside the cycle."""
    pick = table.picker(
        *(layout.SERIAL, layout.DAY, layout.NAME, layout.RULE, layout.QUANTITY, layout.CLAIMED, layout.REASON),
        *(layout.EVIDENCE, layout.VERIFIER, layout.STATUS, layout.MATTER, layout.REVERSAL, layout.REMARK),
    )
    for number, cells in table.below():
        place, picked = new_record(Place, (table.grid.name, number, 0)), pick(cells)
        if not table.spread and (entry := _plain_entry(picked, place, month, table.columns, roll, book)):
            yield entry
        elif table.has_content(cells):
            yield from _shares(Row(table, number, cells, findings), picked, month, roll, book)


def _plain_entry(
    cells: tuple[Cell, ...],
    place: Place,
    month: Month | None,
    columns: Mapping[str, int],
    roll: RollCall,
    book: RuleBook,
) -> Entry | None:
    """A row as nearly all are: no 冲销, not rejected, everything there and understood. None if it needs a closer look.

    Says nothing :func:`_entry` would not say; it is there because a branch's year may be 100,000 rows.
    """
    serial, on, name, code, number, claim, reason, evidence, verifier, status, matter, reversal, _ = cells
    if reversal is not None or CellError in map(type, cells):
        return None
    reason = reason.strip() if type(reason) is str else as_text(reason)
    status = status.strip() if type(status) is str else as_text(status)
    if not reason or (status != layout.PASSED and status != layout.PENDING):
        return None
    day = on if type(on) is date else as_date(on)
    member = roll.find(name.strip() if type(name) is str else as_text(name))
    rule = book.find(code.strip() if type(code) is str else as_text(code), day)
    if day is None or not isinstance(member, Member) or rule is None:
        return None
    quantity = claimed = None
    if number is not None and (quantity := as_number(number)) is None:
        return None
    if claim is not None:
        exact = as_number(claim)
        if exact is None or (claimed := as_points(exact)) is None:
            return None
    said = (
        evidence.strip() if type(evidence) is str else as_text(evidence),
        verifier.strip() if type(verifier) is str else as_text(verifier),
        status,
        "" if matter is None else as_text(matter),
        "",
        as_text(serial),
    )
    own = place, month, day, member, rule, quantity, claimed, reason
    return new_record(Entry, (*own, *said, columns, "", (), (), False))


def _shares(row: Row, cells: tuple[Cell, ...], month: Month | None, roll: RollCall, book: RuleBook) -> Iterator[Entry]:
    """Any row of a month sheet: one entry for each of the people it names, alike in everything else."""
    *_, status, _, _, _ = cells
    if squeeze(_said(status)) == layout.REJECTED:
        row.silence()
    people = resolve_members(row, roll)
    entry = _entry(row, cells, month, book)
    if len(people) == 1 and not people[0][1]:
        yield entry._replace(member=people[0][0]) if people[0][0] else entry
        return
    for member, faults in people:
        own = tuple(sorted({*entry.faults, *faults}))
        yield entry._replace(member=member, faults=own, shared=len(people) > 1)


def _said(cell: Cell) -> str:
    """A cell as text; empty for a blank or an error cell."""
    return "" if cell is None or type(cell) is CellError else as_text(cell)


def _entry(row: Row, cells: tuple[Cell, ...], month: Month | None, book: RuleBook) -> Entry:
    """What a row of a month sheet says of nobody in particular, with notes of what is wrong with it."""
    row.look_over()
    serial, *_, reason, evidence, verifier, _, matter, reversing, _ = cells
    reversal = squeeze(as_text(reversing))
    quantity = row.number_at(layout.QUANTITY)
    if reversal:
        claim = row.number_at(layout.CLAIMED)
        claimed = None if claim is None else as_points(claim)
    else:
        claimed = row.points(layout.CLAIMED)
    day = row.date(layout.DAY)
    return Entry(
        place=row.place,
        month=month,
        day=day,
        member=None,
        rule=resolve_rule(row, layout.RULE, book, day),
        quantity=quantity,
        claimed=claimed,
        reason=_said(reason),
        evidence=_said(evidence),
        verifier=_said(verifier),
        status=row.choice(layout.STATUS),
        matter=_said(matter),
        reversal=reversal,
        serial=_said(serial),
        columns=row.table.columns,
        faults=row.codes,
        unread=tuple(row.unread),
    )


def _ballots(table: Table | None, roll: RollCall, book: RuleBook, findings: list[Finding]) -> Iterator[Ballot]:
    """Sheet 表决记录. Where the rule needs no ballot the counts stay blank, and 佐证 and 记录人 are required (§7)."""
    for row in table.rows(findings) if table else ():
        day, member = row.date(layout.BALLOT_DAY), resolve_member(row, roll)
        rule = resolve_rule(row, layout.RULE_CODE, book, day)
        decided = rule is not None and rule.veto_way == layout.BY_DECISION
        asked = rule is not None and not decided
        row.look_over(optional=() if asked else layout.BALLOT_COUNTS)
        entitled, present, ayes, noes, abstentions = (
            None if decided else row.heads(heading) for heading in layout.BALLOT_COUNTS
        )
        if decided:
            _note_decision(row)
        yield Ballot(
            place=row.place,
            day=day,
            member=member,
            rule=rule,
            reason=row.text(layout.REASON),
            entitled=entitled,
            present=present,
            ayes=ayes,
            noes=noes,
            abstentions=abstentions,
            evidence=row.text(layout.EVIDENCE),
            recorder=row.text(layout.RECORDER),
            method=row.text(layout.BALLOT_METHOD) or layout.BY_HANDS,
            columns=row.table.columns,
            faults=row.codes,
        )


def _note_decision(row: Row) -> None:
    """What a decision (认定) must say, and what only a ballot has."""
    for heading in (layout.EVIDENCE, layout.RECORDER):
        if not row.has(heading):
            message = f"由组织认定的一票否决要有“{heading}”，这一格{row.emptiness(heading)}"
            row.note("E101", heading, message, f"请填写“{heading}”")
    for heading in layout.BALLOT_COUNTS:
        if row.has(heading) and not isinstance(row.cell(heading), CellError):
            message = f"由组织认定的一票否决不经表决，“{heading}”应当空着"
            row.note("E701", heading, message, "请清空各项票数；经过表决的，请把规则的“否决方式”改为“表决”")


def _opinions(table: Table | None, roll: RollCall, findings: list[Finding]) -> Iterator[Opinion]:
    """Sheet 测评记录; a blank count is 0."""
    for row in table.rows(findings) if table else ():
        member = resolve_member(row, roll)
        row.look_over()
        yield Opinion(
            place=row.place,
            member=member,
            sort=row.choice(layout.BALLOT_SORT),
            counts={opinion: row.heads(opinion) or 0 for opinion in layout.OPINIONS},
            faults=row.codes,
        )


def _holidays(table: Table | None, findings: list[Finding]) -> Iterator[tuple[date, str]]:
    """Sheet 节假日: 放假 or 上班 by day, of sound rows."""
    for row in table.rows(findings) if table else ():
        row.look_over()
        day, arrangement = row.date(layout.DAY), row.choice(layout.ARRANGEMENT)
        if day and arrangement and not row.faults:
            yield day, arrangement


def _objections(table: Table | None, cycle: Cycle | None, findings: list[Finding]) -> Iterator[Objection]:
    """Sheet 异议处理."""
    for row in table.rows(findings) if table else ():
        row.look_over()
        yield Objection(
            place=row.place,
            day=row.date(layout.RAISED_ON),
            by=row.text(layout.RAISED_BY),
            period=_period(row, cycle) if cycle else None,
            matter=row.text(layout.ABOUT_MATTER),
            result=row.choice(layout.OUTCOME),
            closed=row.date(layout.CLOSED_ON),
        )


def _period(row: Row, cycle: Cycle) -> Period | None:
    """涉及时段 in any spelling; Excel makes a date of ``2026-09``, which then means its month. Else E103."""
    cell = row.cell(layout.ABOUT_PERIOD)
    text = str(Month.of(cell)) if isinstance(cell, date) else row.text(layout.ABOUT_PERIOD)
    if not text:
        return None
    found = cycle.named(text)
    if isinstance(found, str):
        row.note(
            "E103", layout.ABOUT_PERIOD, found.removesuffix("。"), "“涉及时段”请写明是哪一个，如 2026Q3、2026-09、全年"
        )
        return None
    return found
