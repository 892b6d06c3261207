"""Sheet 党员名册: the members, and finding one by what users type (张伟, 张伟(007), 007, 7). Pure: part of reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache

from xl_jifen import layout
from xl_jifen.budget import Kind
from xl_jifen.catalogue import Code
from xl_jifen.finding import Finding, Problem
from xl_jifen.grid import Cell, Nearest, name_key, squeeze
from xl_jifen.period import Cycle
from xl_jifen.register import Change, Codes, Member, Standing
from xl_jifen.table import NO_MEANS, Row, Table
from xl_jifen.typed import Any, NamedTuple


def read_members(table: Table | None, findings: list[Finding]) -> tuple[Member, ...]:
    """Sheet 党员名册. A row with an error still serves to recognise the name."""
    members: list[Member] = []
    seen: dict[str, int] = {}
    for row in table.rows(findings) if table else ():
        row.look_over()
        code = row.key(layout.CODE)
        if code and code in seen:
            row.note("E801", layout.CODE, f"编号 {code} 与第 {seen[code]} 行重复", "请给这位党员另编一个不重复的编号")
        seen.setdefault(code, row.number)
        members.append(
            Member(
                order=len(members),
                code=code,
                name=row.text(layout.NAME),
                place=row.place,
                first=Standing(**{field: read(row, heading) for heading, (field, read) in FACTS.items()}),
                joined=row.date(layout.JOINED),
                left=row.date(layout.LEFT),
                carried=row.points(layout.CARRIED) or 0,
                faults=row.codes,
            )
        )
    names = Counter(name_key(member.name) for member in members)
    return tuple(m._replace(shown=m.label if names[name_key(m.name)] > 1 else m.name) for m in members)


MEMBER_KINDS = layout.ROSTER.column(layout.MEMBER_KIND).choices

FACTS: Mapping[str, tuple[str, Callable[[Row, str], Any]]] = {
    layout.MEMBER_KIND: ("kind", lambda row, heading: row.choice(heading, choices=MEMBER_KINDS)),
    layout.CATEGORY: ("category", lambda row, heading: row.key(heading) or layout.ACTIVE_CATEGORY),
    layout.PARTY_GROUP: ("group", Row.text),
    layout.DUTY: ("duty", Row.text),
    layout.MAY_VOTE: ("may_vote", lambda row, heading: row.yes(heading, True)),
    layout.SCORED: ("scored", lambda row, heading: row.yes(heading, True)),
    layout.OWN_BASE: ("own_base", Row.points),
}
"""The columns of the roster that 人员变动 may change: the field of a standing, and how its cell is read."""


def read_changes(
    table: Table | None, members: tuple[Member, ...], cycle: Cycle | None, findings: list[Finding]
) -> tuple[tuple[Member, ...], tuple[Change, ...]]:
    """Sheet 人员变动: the members with what each sound row says of them from its day on (§3), and the rows."""
    if table is None:
        return members, ()
    rows: list[Change] = []
    roll = RollCall(members)
    found: dict[Member, list[tuple[date, str, Any]]] = {}
    seen: dict[tuple[Member, str, date], int] = {}
    for row in table.rows(findings):
        row.look_over()
        member, item, day = (
            resolve_member(row, roll, layout.CODE),
            row.choice(layout.KEY),
            row.date(layout.IN_FORCE_FROM),
        )
        value = _new_value(row, item) if item else None
        if day and cycle and day not in cycle:
            row.note(
                "E103",
                layout.IN_FORCE_FROM,
                f"{day} 不在计分周期 {cycle.words} 之内",
                "“生效日期”请填周期以内的日期；周期开始以前的变动直接写在党员名册",
            )
        elif day and member and not member.on_roster(day):
            row.note(*absent(member, day, "E103", layout.IN_FORCE_FROM))
        if not (member and item and day) or row.faults:
            rows.append(Change(row.place, member, item, day, row.text(layout.NEW_VALUE), False))
            continue
        if (earlier := seen.setdefault((member, item, day), row.number)) != row.number:
            message = f"{member.shown}的“{item}”在 {day} 已有第 {earlier} 行"
            row.note("E103", layout.KEY, message, "一人一项在同一天只能变动一次，请在“人员变动”中删去一行")
            rows.append(Change(row.place, member, item, day, row.text(layout.NEW_VALUE), False))
            continue
        rows.append(Change(row.place, member, item, day, row.text(layout.NEW_VALUE), True))
        found.setdefault(member, []).append((day, FACTS[item][0], value))
    now = {member: _changed(member, changes) for member, changes in found.items()}
    told = (row._replace(member=now.get(row.member, row.member) if row.member else None) for row in rows)
    return tuple(now.get(member, member) for member in members), tuple(told)


def _new_value(row: Row, item: str) -> Any:
    """新值, read as the column of the roster that it changes is read."""
    if item not in NO_MEANS:
        row.take_out_filler(layout.NEW_VALUE)
    if item == layout.MEMBER_KIND and not row.has(layout.NEW_VALUE):
        row.note("E103", layout.NEW_VALUE, f"“{item}”的新值不能空", f"“新值”请填以下之一：{'、'.join(MEMBER_KINDS)}")
    return FACTS[item][1](row, layout.NEW_VALUE)


def _changed(member: Member, changes: Iterable[tuple[date, str, Any]]) -> Member:
    """A member with the standings that follow from changes, by day."""
    standings: dict[date, Standing] = {}
    now = member.first
    for day, field, value in sorted(changes, key=lambda change: change[0]):
        now = now._replace(**{field: value})
        standings[day] = now
    return member._replace(later=tuple(standings.items()))


SEPARATORS = re.compile(r"[、，,；;､﹑﹐﹔\r\n\u2028\u2029]+")
"""What stands between two names in a cell."""


NAMING: tuple[tuple[layout.Sheet, str, Kind], ...] = (
    *((month, layout.NAME, "names") for month in layout.MONTHS),
    *((month, layout.VERIFIER, "verifiers") for month in layout.MONTHS),
    *((layout.ACTIVITIES, heading, "names") for heading in layout.ATTENDANCE),
)
"""The sheets and the headings in them under which a cell may list several people, and as what they are counted."""


def heads(cell: Cell, everyone: int) -> int:
    """How many names such a cell lists, before they are looked at; 全体 counts ``everyone``."""
    if not isinstance(cell, str):
        return 0
    return 1 + len(SEPARATORS.findall(cell)) + (everyone if layout.EVERYONE in cell else 0)


def absent(member: Member, day: date, code: Code = "E203", heading: str = layout.NAME) -> Problem:
    """Somebody is not on the roster that day."""
    return Problem(code, heading, f"{member.shown}在 {day} 不在册", "请核对日期和名册中的转入、转出日期")


@lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """The names in a cell that may list several people."""
    return tuple(name for part in SEPARATORS.split(text) if (name := part.strip()))


class Unresolved(NamedTuple):
    """Why a name means nobody (E201) or more than one person (E202)."""

    code: Code
    message: str
    remedy: str
    asked: str = ""
    """``是不是“张三”？`` where one is near; the remedy begins with it."""


MOST_DIGITS = 20
MOST_STRUNG = 200
_STRUNG = r"[\s、，,；;､﹑﹐﹔/／\\+＋&＆|｜┋。和与及跟]+"
"""What people write between names; all but ``SEPARATORS`` a name may hold, so only a remedy goes by it."""


class RollCall:
    """The roster as an index (点名册): names by their form of comparison. Answers are remembered."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(members)
        self._by_code: dict[str, Member] = {}
        self._by_number: dict[int, list[Member]] = {}
        self._by_name: dict[str, list[Member]] = {}
        self._answers: dict[str, Member | Unresolved] = {}
        self._nearest = Nearest({member.name: member.name for member in self.members})
        for member in self.members:
            if member.code and member.code not in self._by_code:
                self._by_code[member.code] = member
                if _is_number(member.code):
                    self._by_number.setdefault(int(member.code), []).append(member)
            namesakes = self._by_name.setdefault(name_key(member.name), [])
            if member.name and not any(member.code and other.code == member.code for other in namesakes):
                namesakes.append(member)  # the same row twice is one person

    def find(self, text: str) -> Member | Unresolved:
        """The one member meant by a non-blank text, or why there is none."""
        if text not in self._answers:
            self._answers[text] = self._look_up(text)
        return self._answers[text]

    def _look_up(self, text: str) -> Member | Unresolved:
        key = squeeze(text)
        found = self._by_name.get(name_key(text)) or self._numbered(key)
        if not found and key[-1:] == ")" and (match := re.fullmatch(r"(.+)\(([^()]+)\)", key)):
            found = [m for m in self._numbered(match[2]) if name_key(m.name) == name_key(match[1])]
        if len(found) == 1:
            return found[0]
        if not found and key == layout.EVERYONE:
            remedy = "请写出每个人的姓名；都参加的活动请登记在“活动考勤”"
            return Unresolved("E201", f"“{text}”不是姓名", remedy)
        if not found:
            if together := self.together(text):
                return Unresolved("E201", f"“{text}”是几个人", f"姓名请用顿号隔开，写成 {together}")
            asked = self._nearest.asked(text)
            remedy = f"{asked}请核对姓名或编号，或先在“党员名册”中增加此人"
            return Unresolved("E201", f"党员名册中没有“{text}”", remedy, asked)
        codes = "、".join(member.label for member in found)
        return Unresolved("E202", f"“{text}”有几位，分不清是谁", f"请在姓名后加上编号，写成以下之一：{codes}")

    def together(self, text: str) -> str:
        """The members that a text strings together, as several should be written; "" if it names somebody else."""
        if len(text) > MOST_STRUNG or not re.search(_STRUNG, text):
            return ""
        parts = [part for part in re.split(_STRUNG, text) if part]
        if len(parts) > 1 and all(isinstance(self.find(part), Member) for part in parts):
            return "、".join(parts)
        return ""

    def _numbered(self, key: str) -> list[Member]:
        """Members by 编号: the same text, else equal as a number (7 means 007)."""
        if key in self._by_code:
            return [self._by_code[key]]
        return self._by_number.get(int(key), []) if _is_number(key) else []


def _is_number(code: str) -> bool:
    """Whether a code can be compared as a number; Python refuses to make one of thousands of digits."""
    return code.isdecimal() and len(code) <= MOST_DIGITS


ONE_ONLY = "这里一行只写一个人，其余的另起一行"


def resolve_member(row: Row, roll: RollCall, heading: str = layout.NAME, several: str = ONE_ONLY) -> Member | None:
    """The member a row names under a heading; E201 or E202 if there is none or more than one.

    ``several`` is the remedy where it names several, "" for that of a cell that may.
    """
    text = row.text(heading)
    if not text:
        return None
    found = roll.find(text)
    if isinstance(found, Member):
        return found
    remedy = several if several and roll.together(text) else found.remedy
    row.note(found.code, heading, found.message, remedy)
    return None


def resolve_members(row: Row, roll: RollCall) -> list[tuple[Member | None, Codes]]:
    """Everybody a row of a month sheet names (§5), each once, in roster order, with the error about him alone.

    Those nobody knows come last, as None. At least one pair, also for a blank cell.
    """
    text = row.text(layout.NAME)
    if not SEPARATORS.search(text) or not (names := names_in(text)) or isinstance(roll.find(text), Member):
        return [(resolve_member(row, roll, several=""), ())]
    members: set[Member] = set()
    unknown: list[tuple[Member | None, Codes]] = []
    for name in dict.fromkeys(names):
        found = roll.find(name)
        if isinstance(found, Member):
            members.add(found)
        else:
            unknown.append((None, (found.code,)))
            row.tell(found.code, layout.NAME, found.message, found.remedy)
    return [*((member, ()) for member in sorted(members, key=lambda member: member.order)), *unknown]
