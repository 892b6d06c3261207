"""Corrections (更正): how a published period's mistakes are put right, and whether objections and corrections agree.

An archived period is never rewritten: 冲销 takes an entry back in a later month, and what was forgotten is entered
late. Before that an upheld objection is put right where the mistake stands, and the period published anew. Pure: a
ledger in, rows for the next publicity sheet and plain sentences out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.grid import name_key
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Entry, Ledger, Line, Member, Objection, Points

NOT_YET = "但以后的月份没有对应的冲销或补登；请登记更正"
AT_THE_END = (
    "登记没有改正，而本计分周期没有以后的月份可以冲销、补登；还没有归档的，请改正登记后重新公示，"
    "已归档的，请支委会研究后在下一个计分周期登记"
)
"""Of an upheld objection that nothing answers: what to do, and what where its period ends the cycle."""


class Correction(NamedTuple):
    """One published figure put right: whose, what for, and what it adds to the score before and after.

    ``period`` is the published one it belongs to, of the kind of the notice it stands on; ``old`` and ``new`` carry the
    sign of their effect (a deduction of 3 taken back is -300 → 0). ``entry`` put it right.
    """

    member: Member
    period: Period
    what: str
    old: Points
    new: Points
    entry: Entry


class _Mended(NamedTuple):
    """A line that corrects a month before its own: a valid 冲销 with the lines it takes back, or a late entry."""

    line: Line
    month: Month
    taken_back: tuple[Line, ...]

    def between(self, cycle: Cycle, kind: str) -> tuple[Period, Period]:
        """The periods of a kind (公示周期) that it corrects and that it was posted in."""
        assert self.line.entry.month
        corrected, posted = (_holding(cycle, month, kind) for month in (self.month, self.line.entry.month))
        return corrected, posted


def corrections(ledger: Ledger, period: Period) -> tuple[Correction, ...]:
    """The rows 更正 of the publicity sheet of ``period``, in the order they were posted.

    Each 冲销 posted in the period of a row of an earlier one: ``new`` is what the right entries earn (same member,
    rule and date, posted in the same month), else 0. And each late entry of an earlier period that answers an upheld
    objection (``old`` is 0). Late evidence without an objection is no correction.
    """
    cycle = ledger.register.settings.cycle
    if cycle is None:
        return ()
    mended = _mended(ledger)
    answers = {entry for _, entry in _settled(ledger, mended)}
    between = {m.line.entry: m.between(cycle, period.kind) for m in mended}
    posted = [m for m in mended if between[m.line.entry][0] < between[m.line.entry][1] == period]
    instead = {m.line.entry: _instead(m, ledger) for m in posted if m.taken_back}
    replaced = {line.entry for lines in instead.values() for line in lines}
    rows = []
    for each in posted:
        entry = each.line.entry
        if each.taken_back:
            old = sum(_effect(line) for line in each.taken_back)
            new = sum(_effect(line) for line in instead[entry])
        elif entry in answers and entry not in replaced:
            old, new = 0, _effect(each.line)
        else:
            continue
        if entry.member:
            subject = each.taken_back[0].entry if each.taken_back else entry
            rows.append(Correction(entry.member, between[entry][0], _what(subject), old, new, entry))
    return tuple(rows)


def unsettled(ledger: Ledger, period: Period, published: Mapping[Period, date]) -> tuple[str, ...]:
    """Sentences about objections and corrections up to a period that do not answer each other.

    An upheld objection (处理结果 更正) wants a 冲销 of a row of its period, or a late entry dated there for somebody
    it names, posted from the month it was raised on; a 冲销 of a row of an earlier period (of 公示周期) wants an upheld
    objection to that one, raised up to its month.

    ``published`` has the days on which periods were published, for the last time: what was closed (办结) by then was
    put right in the rows themselves.
    """
    mended = _mended(ledger)
    answered = {objection.place for objection, _ in _settled(ledger, mended)}
    answered |= {objection.place for objection in _upheld(ledger) if _before_the_notice(objection, published)}
    cycle = ledger.register.settings.cycle
    if cycle is None:
        return ()
    sentences = [
        f"{objection.place}：异议处理结果是“更正”（{objection.period.words}，{objection.by}），"
        f"{AT_THE_END if objection.period.covers(cycle.months[-1]) else NOT_YET}，或改正处理结果。"
        for objection in _upheld(ledger)
        if objection.place not in answered and objection.period and objection.period <= period
    ]
    for each in mended:
        entry = each.line.entry
        corrected, posted = each.between(cycle, ledger.register.settings.notice_period)
        due = each.taken_back and corrected < posted <= period
        if due and not any(_may_answer(each, objection) for objection in _upheld(ledger)):
            sentences.append(
                f"{entry.place}：冲销了{corrected.words}已公示的一行（{entry.reversal}），"
                "但“异议处理”中没有对应的、处理结果为“更正”的异议；请补记异议和核查情况。"
            )
    return tuple(sentences)


def _mended(ledger: Ledger) -> list[_Mended]:
    """Every valid 冲销 of an earlier month's row, and every counted late entry of an earlier month, as posted."""
    cycle = ledger.register.settings.cycle
    if cycle is None:
        return []
    found = []
    for line in ledger.lines:
        entry = line.entry
        if entry.month is None:
            continue
        month = _month_put_right(entry, line.takes_back, cycle)
        if month and month < entry.month and (line.takes_back or line.counted):
            found.append(_Mended(line, month, line.takes_back))
    return sorted(found, key=lambda m: (m.line.entry.month or Month(0, 0), m.line.entry.place.row))


def _holding(cycle: Cycle, month: Month, kind: str) -> Period:
    """The period of a kind that a month of the cycle lies in."""
    return next(period for period in cycle.periods(kind) if period.covers(month))


def _month_put_right(entry: Entry, targets: tuple[Line, ...], cycle: Cycle) -> Month | None:
    """The month in which the row taken back was posted, or from which a late entry dates."""
    if targets:
        return targets[0].entry.month
    if entry.day is None or entry.reversal or entry.day not in cycle:
        return None
    return Month.of(entry.day)


def _before_the_notice(objection: Objection, published: Mapping[Period, date]) -> bool:
    """Whether an objection was settled before the notice of its period that stands."""
    of, closed = objection.period, objection.closed
    return bool(of and closed and any(each.covers(of.last) and closed <= day for each, day in published.items()))


def _upheld(ledger: Ledger) -> Iterator[Objection]:
    for objection in ledger.register.objections:
        if objection.result == layout.CORRECTED and objection.period:
            yield objection


def _settled(ledger: Ledger, mended: list[_Mended]) -> list[tuple[Objection, Entry]]:
    """Which correction answers which objection: those for whoever it names, else the first 冲销 still free.

    Beside a 冲销 only those late entries are meant that say the same for the right person (rule and date).
    """
    settled: list[tuple[Objection, Entry]] = []
    unnamed = []
    for objection in _upheld(ledger):
        named = [m for m in mended if _may_answer(m, objection) and _names(objection, m.line.entry.member)]
        moved = {(line.entry.rule, line.entry.day) for m in named for line in m.taken_back}
        settled += [
            (objection, m.line.entry)
            for m in named
            if m.taken_back or not moved or (m.line.entry.rule, m.line.entry.day) in moved
        ]
        if not named:
            unnamed.append(objection)
    taken = {entry for _, entry in settled}
    for objection in unnamed:
        free = (m for m in mended if m.taken_back and _may_answer(m, objection) and m.line.entry not in taken)
        if answer := next(free, None):
            taken.add(answer.line.entry)
            settled.append((objection, answer.line.entry))
    return settled


def _may_answer(mended: _Mended, objection: Objection) -> bool:
    month = mended.line.entry.month
    in_time = objection.day is None or (month is not None and month >= Month.of(objection.day))
    return objection.period is not None and objection.period.covers(mended.month) and in_time


def _names(objection: Objection, member: Member | None) -> bool:
    return member is not None and name_key(member.name) in name_key(f"{objection.by} {objection.matter}")


def _instead(mended: _Mended, ledger: Ledger) -> list[Line]:
    """The entries that stand in the place of what a 冲销 took back: same member, rule, date and posting month."""
    entry = mended.line.entry
    days = {line.entry.day for line in mended.taken_back}
    rules = {line.entry.rule for line in mended.taken_back}
    return [
        line
        for line in ledger.lines
        if line.entry.month == entry.month
        and line.entry.member is entry.member
        and line.entry.rule in rules
        and line.entry.day in days
        and not line.entry.reversal
    ]


def _effect(line: Line) -> Points:
    rule = line.entry.rule
    return -line.counted if rule and rule.kind == layout.DEDUCTION else line.counted


def _what(entry: Entry) -> str:
    """``3月10日 主动讲党课``: the day and the rule's item; the reason is not for a public sheet."""
    day = f"{entry.day.month}月{entry.day.day}日 " if entry.day else ""
    return f"{day}{entry.rule.item or entry.rule.code}" if entry.rule else day.strip()
