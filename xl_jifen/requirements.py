"""Requirements (组织生活要求): how often an activity must be held in each period, and how many hours a member owes.

What a period lacks goes by the dates that stand in the workbook, never by a clock (W801). Pure: part of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from xl_jifen import layout
from xl_jifen.finding import Finding
from xl_jifen.grid import Nearest, squeeze
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Activity, Register, Requirement, Standing
from xl_jifen.table import Table


def read_requirements(table: Table | None, findings: list[Finding]) -> Iterator[Requirement]:
    """Sheet 组织生活要求."""
    for row in table.rows(findings) if table else ():
        row.look_over()
        often, hours = row.number_at(layout.HOW_OFTEN), row.number_at(layout.HOURS)
        if often is not None and (often < 1 or often.denominator != 1):
            row.note("E103", layout.HOW_OFTEN, "“次数”应为不小于 1 的整数", "“次数”请填整数，不要求次数的请留空")
        if hours is not None and hours <= 0:
            row.note("E103", layout.HOURS, "“学时”应大于 0", "请改正学时，没有学时目标的请留空")
        yield Requirement(
            place=row.table.place(row.number, layout.HOW_OFTEN),
            activity=row.text(layout.ACTIVITY_KIND),
            kind=row.choice(layout.GROUP_PERIOD),
            times=None if often is None else int(often),
            hours=hours,
            whose=row.key(layout.WHOSE),
            faults=row.codes,
        )


def fits(requirement: Requirement, standing: Standing) -> bool:
    """Whether 对象 names a member: 全体 (or blank) every scored one, 班子成员 those with 党内职务, else a 计分类别."""
    if requirement.whose in ("", layout.EVERYONE):
        return standing.scored
    if requirement.whose == layout.COMMITTEE:
        return standing.scored and bool(standing.duty)
    return standing.scored and standing.category == requirement.whose


def target_of(register: Register, standing: Standing, kind: str) -> Requirement | None:
    """What a member owes in 学时 each 月, 季, 半年 or 年: of the requirements that fit the largest."""
    fitting = [r for r in register.requirements if r.kind == kind and r.hours and not r.faults and fits(r, standing)]
    return max(fitting, key=lambda requirement: requirement.hours or 0, default=None)


def held(requirement: Requirement, activities: Iterable[Activity], days: tuple[date, date]) -> int:
    """How often a required activity was held from the first to the last of these days; any, if none is named."""
    wanted = squeeze(requirement.activity)
    return sum(
        1
        for activity in activities
        if activity.day and days[0] <= activity.day <= days[1] and wanted in ("", squeeze(activity.kind))
    )


def lacking(register: Register, requirement: Requirement, periods: Iterable[Period]) -> list[tuple[Period, int]]:
    """The periods among these in which an activity was held too seldom, and how often it was."""
    cycle, times = register.settings.cycle, requirement.times
    if cycle is None or times is None or requirement.faults:
        return []
    counts = [(period, held(requirement, register.activities, cycle.span(period))) for period in periods]
    return [(period, count) for period, count in counts if count < times]


def shortfalls(register: Register, scheme: Iterable[str] = ()) -> Iterator[Finding]:
    """W801: a 次数 that was not reached in a period that has ended, one finding a row.

    An 活动类型 that neither 活动考勤 nor the ``scheme`` (考勤计分) has is asked for by the nearest name.
    """
    cycle = register.settings.cycle
    latest = _latest(register, cycle) if cycle and register.requirements else None
    if cycle is None or latest is None:
        return
    kinds = {squeeze(kind): kind for kind in (*scheme, *(activity.kind for activity in register.activities))}
    for requirement in register.requirements:
        if requirement.times is None or requirement.faults:
            continue
        ended = [period for period in cycle.periods(requirement.kind) if _has_ended(cycle, period, latest)]
        if missed := lacking(register, requirement, ended):
            what = f"“{requirement.activity}”" if requirement.activity else "组织生活"
            periods = "、".join(f"{period.words} {count} 次" for period, count in missed)
            message = f"{what}每{requirement.kind}应不少于 {requirement.times} 次：{periods}"
            asked = "" if squeeze(requirement.activity) in ("", *kinds) else Nearest(kinds).asked(requirement.activity)
            meant = f"{asked}是的请改“{layout.ACTIVITY_KIND}”；" if asked else ""
            remedy = "漏记的请补记在“活动考勤”，已归档的时段不必补记；没有开展的请尽快补开"
            yield Finding("W801", requirement.place, message, meant + remedy)


def _has_ended(cycle: Cycle, period: Period, latest: date) -> bool:
    """Whether the workbook has a date after a period; of one that ends with the cycle, in the cycle's last month."""
    end = cycle.span(period)[1]
    return latest > end or (end == cycle.end and Month.of(latest) == cycle.months[-1])


def _latest(register: Register, cycle: Cycle) -> date | None:
    """The latest date of the cycle in month sheets, 活动考勤 and 表决记录."""
    days = {entry.day for entry in register.entries}
    days |= {activity.day for activity in register.activities}
    days |= {ballot.day for ballot in register.ballots}
    return max((day for day in days if day and day in cycle), default=None)
