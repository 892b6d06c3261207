"""Exchange (积分兑换): what members took for their points, and whether they had as many. Scoring §6. Pure.

It touches no score: a balance is 上期结余, what the months gave and took, and what was exchanged before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from xl_jifen import layout
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.period import LAST, Cycle, Month
from xl_jifen.register import Exchange, Exchanged, Line, Member, Points, Register, points_text
from xl_jifen.roster import RollCall, absent, resolve_member
from xl_jifen.table import Row, Table


def read_exchanges(
    table: Table | None, cycle: Cycle | None, roll: RollCall, findings: list[Finding]
) -> Iterator[Exchange]:
    """Sheet 积分兑换; what is wrong with a row by itself. Outside the cycle nothing that asks about the day is said."""
    for row in table.rows(findings) if table else ():
        row.look_over()
        day, member, points = row.date(layout.DAY), resolve_member(row, roll), row.points(layout.POINTS)
        if day and cycle and day not in cycle:
            row.note("E401", layout.DAY, f"{day} 不在计分周期 {cycle.words} 之内", "请核对日期")
        elif member:
            _ensure_scored(row, member, day)
        yield Exchange(
            place=row.place,
            day=day,
            member=member,
            points=points,
            prize=row.text(layout.PRIZE),
            by=row.text(layout.HANDED_OUT_BY),
            columns=row.table.columns,
            faults=row.codes,
        )


def _ensure_scored(row: Row, member: Member, day: date | None) -> None:
    if not member.on(day).scored:
        row.note("E203", layout.NAME, f"{member.shown}不计分，不能兑换", "请核对名册中的“是否计分”")
    elif day and not member.on_roster(day):
        row.note(*absent(member, day))


def settle(
    register: Register, lines: Iterable[Line]
) -> tuple[tuple[Exchanged, ...], Mapping[Member, Points], list[Finding]]:
    """What each row took and left, what each member has left at the end, and E406 for rows that ask for more.

    No balances where there are no rows; without a cycle nobody's points are known, and nothing is asked of a row.
    """
    if not register.exchanges:
        return (), {}, []
    earned: dict[Member, dict[Month, Points]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        entry = line.entry
        if line.counted and entry.member and entry.rule and entry.month:
            sign = -1 if entry.rule.kind == layout.DEDUCTION else 1
            earned[entry.member][entry.month] += sign * line.counted
    cycle = register.settings.cycle
    spent: dict[Member, Points] = defaultdict(int)

    def balance(member: Member, month: Month) -> Points:
        return member.carried + sum(n for m, n in earned[member].items() if m <= month) - spent[member]

    findings: list[Finding] = []
    settled: dict[Exchange, Exchanged] = {}
    for exchange in sorted(register.exchanges, key=lambda each: (each.day or date.max, each.place.row)):
        member, day, asked = exchange.member, exchange.day, exchange.points
        if not cycle or member is None or day is None or asked is None or exchange.faults or member.faults:
            settled[exchange] = Exchanged(exchange, 0, None)
            continue
        there = balance(member, Month.of(day))
        taken = asked if 0 < asked <= there else 0
        if not taken:
            findings.append(_refusal(exchange, asked, max(0, there)))
        spent[member] += taken
        settled[exchange] = Exchanged(exchange, taken, max(0, there - taken))
    left = {member: max(0, balance(member, LAST)) for member in register.members}
    return tuple(settled[exchange] for exchange in register.exchanges), left, findings


def _refusal(exchange: Exchange, asked: Points, there: Points) -> Finding:
    place = Place(exchange.place.sheet, exchange.place.row, exchange.columns.get(layout.POINTS, 0))
    if asked <= 0:
        return Finding("E406", place, "兑换的分值应大于 0", "请改正分值")
    name = exchange.member.shown if exchange.member else ""
    message = f"{name}要兑换 {points_text(asked)} 分，当时只有 {points_text(there)} 分可以兑换"
    return Finding("E406", place, message, "请核对分值和日期；分数不够的，这一次不能兑换")
