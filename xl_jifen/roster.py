"""Sheet 党员名册: the members, and finding one by what users type (张伟, 张伟(007), 007, 7). Pure: part of reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.catalogue import Code
from xl_jifen.finding import Finding
from xl_jifen.grid import name_key, squeeze
from xl_jifen.register import Codes, Member
from xl_jifen.table import Row, Table


def read_members(table: Table | None, findings: list[Finding]) -> tuple[Member, ...]:
    """Sheet 党员名册. A row with an error still serves to recognise the name."""
    members: list[Member] = []
    seen: dict[str, int] = {}
    for row in table.rows(findings) if table else ():
        row.look_over()
        code = squeeze(row.text(layout.CODE))
        if code and code in seen:
            row.note("E801", layout.CODE, f"编号 {code} 与第 {seen[code]} 行重复", "请给这位党员另编一个不重复的编号")
        seen.setdefault(code, row.number)
        members.append(
            Member(
                order=len(members),
                code=code,
                name=row.text(layout.NAME),
                kind=row.choice(layout.MEMBER_KIND),
                category=squeeze(row.text(layout.CATEGORY)) or layout.ACTIVE_CATEGORY,
                group=row.text(layout.PARTY_GROUP),
                duty=row.text(layout.DUTY),
                may_vote=row.yes(layout.MAY_VOTE, True),
                scored=row.yes(layout.SCORED, True),
                joined=row.date(layout.JOINED),
                left=row.date(layout.LEFT),
                own_base=row.points(layout.OWN_BASE),
                place=row.place,
                faults=row.codes,
            )
        )
    return tuple(members)


SEPARATORS = re.compile(r"[、，,；;\r\n]+")
"""What stands between two names in a cell."""


def names_in(text: str) -> list[str]:
    """The names in a cell that may list several people."""
    return [name for part in SEPARATORS.split(text) if (name := part.strip())]


class Unresolved(NamedTuple):
    """Why a name means nobody (E201) or more than one person (E202)."""

    code: Code
    message: str
    remedy: str


MOST_DIGITS = 20


class RollCall:
    """The roster as an index (点名册): names by their form of comparison. Answers are remembered."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(members)
        self._by_code: dict[str, Member] = {}
        self._by_number: dict[int, list[Member]] = {}
        self._by_name: dict[str, list[Member]] = {}
        self._answers: dict[str, Member | Unresolved] = {}
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
        if not found and (match := re.fullmatch(r"(.+)\(([^()]+)\)", key)):
            found = [m for m in self._numbered(match[2]) if name_key(m.name) == name_key(match[1])]
        if len(found) == 1:
            return found[0]
        if not found and key == layout.EVERYONE:
            remedy = "请写出每个人的姓名；都参加的活动请登记在“活动考勤”"
            return Unresolved("E201", f"“{text}”不是姓名", remedy)
        if not found:
            return Unresolved("E201", f"党员名册中没有“{text}”", "请核对姓名或编号，或先在“党员名册”中增加此人")
        codes = "、".join(member.label for member in found)
        return Unresolved("E202", f"“{text}”有几位，分不清是谁", f"请在姓名后加上编号，写成以下之一：{codes}")

    def _numbered(self, key: str) -> list[Member]:
        """Members by 编号: the same text, else equal as a number (7 means 007)."""
        if key in self._by_code:
            return [self._by_code[key]]
        return self._by_number.get(int(key), []) if _is_number(key) else []


def _is_number(code: str) -> bool:
    """Whether a code can be compared as a number; Python refuses to make one of thousands of digits."""
    return code.isdecimal() and len(code) <= MOST_DIGITS


def resolve_member(row: Row, roll: RollCall) -> Member | None:
    """The member a row names under 姓名; E201 or E202 if there is none or more than one."""
    text = row.text(layout.NAME)
    if not text:
        return None
    found = roll.find(text)
    if isinstance(found, Member):
        return found
    row.note(found.code, layout.NAME, found.message, found.remedy)
    return None


def resolve_members(row: Row, roll: RollCall) -> list[tuple[Member | None, Codes]]:
    """Everybody a row of a month sheet names (§5), each once, in roster order, with the error about him alone.

    Those nobody knows come last, as None. At least one pair, also for a blank cell.
    """
    text = row.text(layout.NAME)
    names = names_in(text)
    if not names or isinstance(roll.find(text), Member):
        return [(resolve_member(row, roll), ())]
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
