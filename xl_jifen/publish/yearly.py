"""What the year-end sheets (年末各表) have in common: words for the cycle, a member's lines, and why one earned less.

Pure: chooses words, reckons nothing that scoring did not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from xl_jifen import layout
from xl_jifen.catalogue import CATALOGUE
from xl_jifen.finding import Finding
from xl_jifen.grid import squeeze
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.figures import figure
from xl_jifen.publish.notice import day_words, span_words
from xl_jifen.register import Activity, Ballot, Ledger, Line, Member, Register, Rule, Settings, Vote

EFFECTS = {layout.TO_ZERO: "积分清零，等次列最低档", layout.UNQUALIFIED: "积分不变，等次列最低档"}
"""What a passed veto does, by 否决后果; a ceiling is put in words by :func:`effect_words`."""

_OWN_WORDS = {
    "I001": "待支委会审核，暂不计入",
    "I005": "审核不通过，不计入",
    "E502": "核实手续不全，暂不计入",  # its message may name the person who verified
}
_FIGURES_FIRST = re.compile(r"^(?:[^：]*：)?原始 \S+ 分，计入 \S+ 分：")
"""What a message about a limit opens with; the columns beside it say the same."""

_NUMERALS = "一二三四"
_CELL = re.compile(r"\s?(\d{1,2}月|活动考勤|表决记录)[!#][A-Z]*\d+\s?")


class Presence(NamedTuple):
    """One member at one activity: 参加, 请假, 无故缺席 or 迟到早退."""

    activity: Activity
    status: str


Presences: TypeAlias = Mapping[Member, Sequence[Presence]]


def presences(register: Register, until: date | None = None) -> Presences:
    """Each scored member's attendance within the cycle, in the order of the sheet; the first column that names them.

    Activities after ``until`` are left out, if it is given: they have not been held yet.
    """
    found: dict[Member, list[Presence]] = defaultdict(list)
    cycle = register.settings.cycle
    for activity in register.activities:
        if cycle is None or activity.day is None or activity.day not in cycle:
            continue
        if until is not None and activity.day > until:
            continue
        named: dict[Member, str] = {}
        for status, members in activity.people.items():
            for member in members:
                named.setdefault(member, status)
        for member, status in named.items():
            found[member].append(Presence(activity, status))
    return found


def hours_of(record: Sequence[Presence], kind: str = "") -> Fraction:
    """学时 of the activities (of one 活动类型) attended: 参加; whoever came late or left early is not credited."""
    wanted = squeeze(kind)
    attended = (
        each.activity.hours
        for each in record
        if each.status == layout.ATTENDED and wanted in ("", squeeze(each.activity.kind))
    )
    return sum((hours for hours in attended if hours is not None), Fraction(0))


def cycle_words(cycle: Cycle) -> str:
    """``2026年1月1日至12月31日``."""
    return span_words(cycle.start, cycle.end)


def short_quarter(cycle: Cycle, quarter: Period) -> str:
    """``一季度``; with its year where the cycle has two."""
    year = "" if cycle.start.year == cycle.end.year else f"{quarter.year}年"
    return f"{year}{_NUMERALS[quarter.number - 1]}季度"


def so_far(cycle: Cycle, day: date) -> str:
    """A sentence for sheets made before the cycle has ended, empty afterwards."""
    if day > cycle.end:
        return ""
    if day < cycle.start:
        return f"计分周期从{day_words(cycle.start)}开始，尚未开始计分。"
    return f"计分周期尚未结束，本表按截至{day_words(day)}的登记编制，积分和名次还会变化。"


def formula(settings: Settings) -> str:
    """How a year's score comes about, in one sentence."""
    words = {
        layout.RUNNING: "年度积分 = 基础分 + 全年加分 − 全年减分",
        layout.MEAN: "季度积分 = 基础分 + 当季加分 − 当季减分，年度积分为各季度积分的平均数",
        layout.SUM: "季度积分 = 基础分 + 当季加分 − 当季减分，年度积分为各季度积分之和",
    }[settings.yearly]
    if settings.floor is not None:
        words += f"；低于{figure(settings.floor)}分的按{figure(settings.floor)}分计"
    if settings.ceiling is not None:
        words += f"；高于{figure(settings.ceiling)}分的按{figure(settings.ceiling)}分计"
    return words + "。"


def effect_words(rule: Rule) -> str:
    """What a passed veto by this rule does."""
    return EFFECTS.get(rule.consequence, f"积分不超过{figure(rule.points)}分")


def decision_words(ballot: Ballot) -> str:
    """How a veto came about: ``2026年5月8日支部党员大会举手表决通过``, or by decision of the organisation."""
    day = day_words(ballot.day) if ballot.day else ""
    return day + ("经组织认定" if ballot.is_decided else f"支部党员大会{ballot.method}表决通过")


def without_cells(text: str) -> str:
    """Words in which a row of the workbook (3月!7) is told as one of its sheet's; members see no workbook."""
    return _CELL.sub(lambda match: f"{match[1]}的一笔", text)


def lines_of(ledger: Ledger) -> Mapping[Member, Sequence[Line]]:
    """Each member's lines, in the order of 计分明细."""
    lines: dict[Member, list[Line]] = defaultdict(list)
    for line in ledger.posted:
        if line.entry.member is not None:
            lines[line.entry.member].append(line)
    return lines


def vetoes_of(ledger: Ledger) -> Mapping[Member, Sequence[Vote]]:
    """Each member's passed votes, by date."""
    votes: dict[Member, list[Vote]] = defaultdict(list)
    for vote in sorted(ledger.votes, key=lambda vote: vote.ballot.day or date.max):
        if vote.passed and vote.ballot.member is not None:
            votes[vote.ballot.member].append(vote)
    return votes


class Explanations:
    """Why lines earned less than they claimed, in words that name nobody but the member concerned."""

    def __init__(self, findings: Iterable[Finding], members: Iterable[Member]) -> None:
        self._names = frozenset(member.name for member in members if member.name)
        self._said: dict[tuple[str, int, str], list[str]] = defaultdict(list)
        for finding in findings:
            self._said[finding.place.sheet, finding.place.row, finding.code].append(finding.message)

    def words(self, line: Line) -> str:
        """Why, and what else a reader of the line should know; empty where it simply earned what it claimed."""
        entry, rule = line.entry, line.entry.rule
        parts = [self._told(code, line) for code in line.why]
        if entry.reversal and line.admitted:
            parts.append(f"更正：冲回{entry.reversal}，原计 {figure(-line.counted)} 分")
        elif not line.why and not line.raw and rule is not None:
            short = entry.quantity is not None and entry.quantity < rule.at_least
            free = f"没有超出免计的 {float(rule.free):.10g}{rule.unit}，计 0 分" if rule.free else "按计分标准计 0 分"
            parts.append("数量未达到起算数，计 0 分" if short else free)
        if entry.day and entry.month and not entry.reversal and Month.of(entry.day) < entry.month:
            parts.append(f"{entry.day.month}月的事项，在{entry.month.sheet}补登")
        return without_cells("；".join(dict.fromkeys(parts)))

    def others_named(self, line: Line) -> bool:
        """Whether what was written on the line itself (事由, 佐证) names another member."""
        return self._names_others(line, f"{line.entry.reason} {line.entry.evidence}")

    def _told(self, code: str, line: Line) -> str:
        """The message of the finding, if there is exactly one about this line that names nobody else; else its title.

        An attendance row may have a finding for each of several people, two of whom may share a name.
        """
        place, member = line.entry.place, line.entry.member
        if code in _OWN_WORDS or member is None:
            return _OWN_WORDS.get(code, CATALOGUE[code].title)
        messages = dict.fromkeys(self._said[place.sheet, place.row, code])
        if len(messages) > 1:
            messages = dict.fromkeys(message for message in messages if member.shown in message)
        if len(messages) != 1 or self._names_others(line, next(iter(messages))):
            return CATALOGUE[code].title
        return _FIGURES_FIRST.sub("", next(iter(messages))).removeprefix(f"{member.shown}：")

    def _names_others(self, line: Line, text: str) -> bool:
        own = line.entry.member.name if line.entry.member else ""
        rest = text.replace(own, "") if own else text
        return any(name != own and name in rest for name in self._names)
