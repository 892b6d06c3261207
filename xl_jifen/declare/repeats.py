"""Repetitions (重复): whether a declaration says again what a row of the workbook, or an earlier one, says already.

The same as E601 and W601 ask of rows that are 通过, here of all rows: what waits for review, or was refused, need not
be entered again. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.check import check
from xl_jifen.declare.meaning import UNCLEAR, Claim, Meaning
from xl_jifen.declare.outcome import DOUBTFUL, PROPOSED, REPEATED, State
from xl_jifen.grid import Cell, name_key, squeeze
from xl_jifen.register import Member, Register, Rule
from xl_jifen.table import Table, as_date, as_text, is_blank


class Standing(NamedTuple):
    """What is claimed: where, by whom, by what rule, and why; texts are squeezed.

    ``words`` are those of a rule that is not clear. What a 冲销 took back is ``gone`` and may be claimed anew.
    """

    where: str
    member: Member | None
    name: str
    rule: Rule | None
    words: str
    reason: str
    gone: bool = False

    @classmethod
    def of(cls, claim: Claim) -> Standing:
        """A declaration."""
        return cls(
            claim.declaration.place,
            claim.member,
            name_key(as_text(claim.cells[layout.NAME])),
            claim.rule,
            _words(claim.cells[layout.REMARK]),
            squeeze(as_text(claim.cells[layout.REASON])),
        )


class Claims:
    """What is claimed so far, by day and name."""

    def __init__(self) -> None:
        self._found: dict[tuple[date, str], list[Standing]] = defaultdict(list)

    def add(self, day: date, claim: Standing) -> None:
        """One claim more."""
        self._found[day, _bare(claim.name)].append(claim)

    def repeated(self, day: date, claim: Standing) -> tuple[State, str]:
        """Whether one of them says the same: REPEATED, DOUBTFUL or else PROPOSED; and a sentence."""
        doubt: tuple[State, str] = PROPOSED, ""
        for other in self._found.get((day, _bare(claim.name)), ()):
            found = _compared(claim, other)
            if found[0] == REPEATED:
                return found
            if doubt[0] == PROPOSED:
                doubt = found
        return doubt


def standing(register: Register, tables: Iterable[Table], meaning: Meaning) -> Claims:
    """Every claim of the workbook: rows of the month sheets, whatever their 审核状态, and attendance."""
    taken = {(entry.place, entry.member) for targets in check(register).taken_back.values() for entry in targets}
    found = Claims()
    for table in tables:
        pick = table.picker(layout.DAY, layout.NAME, layout.RULE, layout.REASON, layout.REVERSAL, layout.REMARK)
        for number, cells in table.below():
            on, who, which, why, reversal, remark = pick(cells)
            day, place, code = as_date(on), table.place(number), as_text(which)
            if day is None or not is_blank(reversal):
                continue
            member, name = meaning.member(as_text(who))
            rule = meaning.book.find(code) if code else None
            row = str(place), member, name_key(name), rule, _words(remark), squeeze(as_text(why))
            found.add(day, Standing(*row, gone=(place, member) in taken))
    for entry in register.entries:
        if entry.is_attendance and entry.member and entry.day:
            name = name_key(meaning.member(entry.member.label)[1])
            line = str(entry.place), entry.member, name, entry.rule, "", squeeze(entry.reason)
            found.add(entry.day, Standing(*line, gone=(entry.place, entry.member) in taken))
    return found


def _compared(mine: Standing, other: Standing) -> tuple[State, str]:
    """Whether a claim repeats another one of its day and name, as :meth:`Claims.repeated` says.

    All alike is REPEATED (E601), only the reason different DOUBTFUL (W601). Where a member or rule is not clear its
    words decide, and what has been made clear since may be the same.
    """
    if mine.member and other.member:
        person = surely = mine.member is other.member
    else:
        person, surely = True, mine.name == other.name  # 张伟 may be 张伟(007)
    who = "人" if surely else "姓名"
    both = mine.rule is not None and other.rule is not None
    reason = mine.reason == other.reason
    if not person or (mine.rule is not other.rule if both else not reason):
        return PROPOSED, ""
    if not both:
        surely = surely and mine.rule is None and mine.words == other.words and bool(mine.words or not other.rule)
    if other.gone:
        return DOUBTFUL, f"与 {other.where} 相同或相近，那一行已被冲销，请核对"
    if surely and reason:
        return REPEATED, f"与 {other.where} 的人、规则、日期、事由都相同，不再列入"
    same = "、".join((who, "日期", "规则" if both else "事由"))
    return DOUBTFUL, f"与 {other.where} 的{same}都相同，请核对是否重复"


def _words(remark: Cell) -> str:
    """The words of an unclear rule that a remark keeps."""
    return squeeze(as_text(remark)).partition(squeeze(UNCLEAR))[2]


def _bare(name: str) -> str:
    """A squeezed name without a number behind it."""
    return name.partition("(")[0]
