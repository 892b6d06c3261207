"""Who was where (到会情况 of each member): the sheet 活动考勤 read person by person, as the year-end sheets show it.

The register keeps heads and points of an activity; leave (请假) earns neither, so names are read here once more, by
the same roster. Findings about the sheet are made elsewhere; a name nobody has is passed over. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from xl_jifen import layout
from xl_jifen.grid import Grids, squeeze
from xl_jifen.register import Activity, Member, Register
from xl_jifen.roster import RollCall, names_in
from xl_jifen.table import Row, Table


class Presence(NamedTuple):
    """One member at one activity: 参加, 请假, 无故缺席 or 迟到早退."""

    activity: Activity
    status: str


Presences: TypeAlias = Mapping[Member, Sequence[Presence]]


def presences(grids: Grids, register: Register) -> Presences:
    """Each scored member's attendance within the cycle, in the order of the sheet."""
    found: dict[Member, list[Presence]] = defaultdict(list)
    grid, cycle = grids.get(layout.ACTIVITIES.name), register.settings.cycle
    if grid is None or cycle is None:
        return found
    activities = {activity.place.row: activity for activity in register.activities}
    roll = RollCall(register.members)
    for row in Table(layout.ACTIVITIES, grid).rows([]):
        activity = activities.get(row.number)
        if activity is not None and activity.day is not None and activity.day in cycle:
            for member, status in _named(row, roll, activity.day):
                found[member].append(Presence(activity, status))
    return found


def hours_of(record: Sequence[Presence]) -> Fraction:
    """学时 of the activities a member attended (参加; whoever came late or left early is not credited)."""
    attended = (each.activity.hours for each in record if each.status == layout.ATTENDED)
    return sum((hours for hours in attended if hours is not None), Fraction(0))


def _named(row: Row, roll: RollCall, day: date) -> Iterator[tuple[Member, str]]:
    """Every scored member of the row in the first column that names them; 全体 are the others on the roster."""
    named: dict[Member, str] = {}
    everyone = False
    for status in layout.ATTENDANCE:
        for name in names_in(row.text(status)):
            if status == layout.ATTENDED and squeeze(name) == layout.EVERYONE:
                everyone = True
            elif isinstance(member := roll.find(name), Member) and member.scored:
                named.setdefault(member, status)
    yield from named.items()
    if everyone:
        for member in roll.members:
            if member.scored and member.on_roster(day) and member not in named:
                yield member, layout.ATTENDED
