"""Attendance (活动考勤): turns each row of the sheet into one entry a member, by the table 考勤计分.

An error about one name or one rule refuses only the lines it concerns; one about the date, the kind of activity or the
hours that a rule needs refuses the row. Pure: part of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.catalogue import Code
from xl_jifen.finding import Finding, Problem
from xl_jifen.grid import CellError, Nearest, squeeze
from xl_jifen.period import Cycle, Month
from xl_jifen.register import Activity, Codes, Entry, Member, Rule
from xl_jifen.roster import RollCall, absent, names_in
from xl_jifen.rulebook import RuleBook, resolve_rule, unproved
from xl_jifen.table import Row, Table
from xl_jifen.typed import NamedTuple, TypeAlias

NAMES = "请核对姓名；几个人用顿号隔开，没有人的留空，都到齐的在“参加”只写“全体”"
"""The remedy for an unknown name in a cell of names."""


class SchemeRow(NamedTuple):
    """One row of 考勤计分: the rule that applies to a 到会情况, counted by times or by hours."""

    status: str
    rule: Rule | None
    by_hours: bool
    faults: Codes


Scheme: TypeAlias = Mapping[str, tuple[SchemeRow, ...]]
"""考勤计分 by 活动类型, in comparable form."""


def read_scheme(table: Table | None, book: RuleBook, findings: list[Finding]) -> Scheme:
    """Sheet 考勤计分."""
    scheme: dict[str, tuple[SchemeRow, ...]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for row in table.rows(findings) if table else ():
        row.look_over()
        kind, status = row.key(layout.ACTIVITY_KIND), row.choice(layout.ATTENDANCE_STATUS)
        rule = resolve_rule(row, layout.RULE_CODE, book)
        if rule and rule.kind not in (layout.BONUS, layout.DEDUCTION, ""):
            row.note(
                "E103", layout.RULE_CODE, f"{rule.code} 是{rule.kind}规则，不能用于考勤计分", "请改用加分或减分的规则"
            )
        elif rule and rule.ceiling is not None:
            row.note(
                "E804",
                layout.RULE_CODE,
                f"{rule.code} 按区间计分，须逐笔填写申报分值，不能用于考勤计分",
                "“规则编号”请改用分值固定的规则，或删去这一行",
            )
        key = (kind, status, rule.code if rule else "")
        if all(key) and key in seen:
            row.note("E103", layout.ACTIVITY_KIND, f"与第 {seen[key]} 行重复", "请删去重复的一行")
        seen.setdefault(key, row.number)
        by_hours = row.choice(layout.MEASURE) == layout.PER_HOUR
        scheme[kind] = (*scheme.get(kind, ()), SchemeRow(status, rule, by_hours, row.codes))
    return scheme


def read_activities(
    table: Table, cycle: Cycle | None, scheme: Scheme, roll: RollCall, findings: list[Finding]
) -> Iterator[tuple[Activity, list[Entry]]]:
    """Sheet 活动考勤: each row, and the lines it makes in the order of the columns."""
    nearest = Nearest({kind: kind for kind in scheme})
    for row in table.rows(findings):
        yield _activity(row, cycle, scheme, nearest, roll, findings)


def _activity(
    row: Row, cycle: Cycle | None, scheme: Scheme, nearest: Nearest, roll: RollCall, findings: list[Finding]
) -> tuple[Activity, list[Entry]]:
    row.look_over()
    broken_hours = isinstance(row.cell(layout.HOURS), CellError)
    if broken_hours:
        row.faults.remove("E102")  # it refuses the row only where a rule needs the hours
    day, kind = row.date(layout.DAY), row.text(layout.ACTIVITY_KIND)
    if cycle and day and day not in cycle:
        row.note("E401", layout.DAY, f"{day} 不在计分周期 {cycle.words} 之内", "请核对日期")
    if kind and squeeze(kind) not in scheme:
        asked = nearest.asked(kind)
        row.note(
            "I006",
            layout.ACTIVITY_KIND,
            f"“考勤计分”中没有“{kind}”，这一行只作考勤记录",
            f"{asked}需要计分的，请{'改成它，或' if asked else ''}在“考勤计分”中增加",
        )
    sitting = _Sitting(row, day if cycle and day and day in cycle else None, roll, findings)
    people = sitting.people(day)
    applicable = list(_applicable(scheme.get(squeeze(kind), ()), people, day))
    hours = _hours(row, any(s.by_hours for s, _, _ in applicable), broken_hours)
    activity = Activity(
        place=row.place,
        day=day,
        kind=kind,
        name=row.text(layout.ACTIVITY_NAME),
        hours=hours,
        people={status: tuple(members) for status, members in people.items()},
        columns=row.table.columns,
    )
    month = Month.of(day) if cycle and day and day in cycle else None
    evidence = row.text(layout.EVIDENCE)
    told: dict[tuple[str, Rule], Finding] = {}
    lines = [
        Entry(
            place=activity.place,
            month=month,
            day=day,
            member=member,
            rule=rule,
            quantity=hours if s.by_hours else Fraction(1),
            claimed=None,
            reason=activity.name,
            evidence=evidence,
            verifier="",
            status=layout.PASSED,
            matter="",
            reversal="",
            serial="",
            columns=row.table.columns,
            attendance=s.status,
            faults=tuple(sorted({*row.faults, *s.faults, *sitting.faults(member), *rule_faults})),
        )
        for s, rule, members in applicable
        for rule_faults in [_rule_faults(row, s, rule, hours, told)]
        for member in members
    ]
    lines.sort(key=_place_in_roster)
    findings += told.values()
    return activity, lines


def _place_in_roster(entry: Entry) -> int:
    return entry.member.order if entry.member else 0


def _applicable(
    rows: Iterable[SchemeRow], people: Mapping[str, list[Member]], day: date | None
) -> Iterator[tuple[SchemeRow, Rule, list[Member]]]:
    """The rows of 考勤计分 whose rule is in force that day (if known), with the members it covers, if any."""
    for s in rows:
        if s.rule and (day is None or s.rule.in_force(day)):
            members = [member for member in people.get(s.status, ()) if s.rule.covers(member.on(day).category)]
            if members:
                yield s, s.rule, members


def _hours(row: Row, needed: bool, broken: bool) -> Fraction | None:
    """学时; what is wrong with it refuses the row only where a rule needs it."""
    before = list(row.faults)
    hours = row.number_at(layout.HOURS)
    if not needed:
        row.faults[:] = before
    elif broken:
        row.faults.append("E102")
    elif not row.has(layout.HOURS):
        row.note("E101", layout.HOURS, "该类活动按学时计分，但“学时”是空的", "请填写“学时”")
    elif hours is not None and hours <= 0:
        row.note("E403", layout.HOURS, "学时应大于 0", "请改正学时")
    return hours


def _rule_faults(
    row: Row, s: SchemeRow, rule: Rule, hours: Fraction | None, told: dict[tuple[str, Rule], Finding]
) -> Codes:
    """What refuses all lines of one rule in one row: missing evidence (E501), hours where it goes by times (E403)."""
    problems: list[Problem] = []
    if rule.needs_evidence and not row.has(layout.EVIDENCE):
        problems.append(unproved(rule))
    if s.by_hours and rule.ladder and hours is not None and hours > 0 and hours != 1:
        message = f"规则 {rule.label} 逐次计分，不能按学时计"
        problems.append(Problem("E403", layout.HOURS, message, "请把“考勤计分”中的计量改为“次”"))
    for code, heading, message, remedy in problems:
        told[code, rule] = Finding(code, row.table.place(row.number, heading), message, remedy)
    return tuple(problem.code for problem in problems)


class _Sitting:
    """The people of one attendance row: who is named where, and what refuses a person's lines."""

    def __init__(self, row: Row, day: date | None, roll: RollCall, findings: list[Finding]) -> None:
        self.row, self.day, self.roll, self.findings = row, day, roll, findings
        self._faults: dict[Member, set[Code]] = {}

    def faults(self, member: Member) -> set[Code]:
        """The error codes about this person in this row."""
        return self._faults.get(member, set())

    def people(self, day: date | None) -> dict[str, list[Member]]:
        """Scored members by 到会情况, each once a column; 全体 are those on the roster that day and named nowhere."""
        people: dict[str, list[Member]] = {}
        column_of: dict[Member, str] = {}
        everyone = False
        for status in layout.ATTENDANCE:
            here = people.setdefault(status, [])
            for name in names_in(self.row.text(status)):
                if status == layout.ATTENDED and squeeze(name) == layout.EVERYONE:
                    everyone = True
                elif (member := self._scored(name, status)) and member not in here:
                    here.append(member)
                    self._check(member, status, column_of.setdefault(member, status))
        if everyone and day:
            people[layout.ATTENDED] += [
                member
                for member in self.roll.members
                if (standing := member.on(day)).scored
                and standing.is_member
                and member.on_roster(day)
                and member not in column_of
            ]
        return {status: members for status, members in people.items() if members}

    def _scored(self, name: str, status: str) -> Member | None:
        """The member of that name; None, without a finding, for one who is not scored."""
        member = self.roll.find(name)
        if isinstance(member, Member):
            return member if member.on(self.day).scored else None
        remedy = f"{member.asked}{NAMES}" if member.code == "E201" else member.remedy
        self._tell(member.code, status, member.message, remedy)
        return None

    def _check(self, member: Member, status: str, first: str) -> None:
        """E203 for one not on the roster that day, E103 for one who already stands in another column."""
        if self.day and not member.on_roster(self.day):
            self._faults.setdefault(member, set()).add("E203")
            self._tell(*absent(member, self.day, heading=status))
        if first != status:
            self._faults.setdefault(member, set()).add("E103")
            self._tell(
                "E103",
                status,
                f"{member.shown}已在“{first}”一栏",
                f"一人只能填在一栏，请在“{first}”“{status}”中删去一处",
            )

    def _tell(self, code: Code, status: str, message: str, remedy: str) -> None:
        self.row.tell(code, status, message, remedy)
