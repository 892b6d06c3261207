"""What one branch's workbook amounts to (支部汇总), as a small record of sums that can travel and be stored.

No entry and no name of a person leaves the workbook this way, except in the words of its findings. Points stay integer
hundredths. Pure.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from xl_jifen import layout
from xl_jifen.catalogue import CATALOGUE, ERROR, WARNING, Level
from xl_jifen.finding import Finding, standing
from xl_jifen.grid import Place, squeeze
from xl_jifen.period import KINDS, YEAR, Month
from xl_jifen.register import Activity, Ledger, Line, Points, Register, Score, Settings, round_points

MOST_PROBLEMS = 200
"""Findings told of one workbook, errors first; the rest is counted. A broken heading can cause thousands."""

LONGEST = 500
"""Characters of a message that are kept; one that quotes a whole cell could be longer."""


class Spread(NamedTuple):
    """How scores lie: mean, median and standard deviation (of the whole, not of a sample) rounded to hundredths."""

    mean: Points
    median: Points
    deviation: Points
    highest: Points
    lowest: Points


class PeriodSums(NamedTuple):
    """One period of the branch's kind (公示周期), such as ``2026Q3``, or ``year``.

    ``submitted``: whether anything at all is registered in it. ``entries`` are rows of month sheets and lines of
    attendance, also refused ones; ``errors`` and ``warnings`` stand on the rows of that period, in the year on any.
    ``grades`` are heads by 等次, the best first, also 0; ``best`` those of the first. ``present`` of ``named`` came
    (到会率).
    """

    period: str
    submitted: bool
    members: int
    entries: int
    errors: int
    warnings: int
    spread: Spread | None
    grades: tuple[tuple[str, int], ...]
    best: int
    vetoed: int
    present: int
    named: int

    @property
    def graded(self) -> int:
        """The members who are given a grade."""
        return sum(heads for _, heads in self.grades)


class MemberScore(NamedTuple):
    """One member's figures in a period, by number (编号) and without the name."""

    member: str
    period: str
    base: Points | None
    bonus: Points
    deduction: Points
    score: Points
    rank: int | None
    grade: str | None
    vetoed: bool


class RuleSums(NamedTuple):
    """The use of one rule in the cycle.

    Of ``entries``, ``scored`` earned something, ``capped`` were cut by a cap (I002), ``highest_only`` by 就高 (I003),
    ``over_times`` by 限次 (I004), and ``refused`` do not count: errors, 待审, 不通过.
    """

    code: str
    kind: str
    block: str
    item: str
    entries: int
    scored: int
    raw: Points
    counted: Points
    capped: int
    highest_only: int
    over_times: int
    refused: int


class Problem(NamedTuple):
    """An error or a warning and where it stands; column 0 means the whole row."""

    code: str
    sheet: str
    row: int
    column: int
    message: str
    remedy: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.sheet, self.row, self.column)


class BranchResult(NamedTuple):
    """One workbook: ``error`` is the sentence why it could not be read ("" if it was), and then nothing else is known.

    ``unread`` is the level of that sentence where nobody even tried to read it, for it is no workbook.
    ``start`` and ``end`` of the cycle are ISO dates, "" without a valid one. ``identity`` is the same for two versions
    of one branch's workbook: 支部名称 and cycle agree ("" if not known); ``first`` stands for the first person of the
    roster ("" without one). ``agrees``: an archive of it lies beside it and holds no other cells; ``saved`` is when, in
    UTC, by the file itself or, with ``by_disk``, by the folder it lies in ("" if neither knows).
    ``kind`` is its 公示周期. ``scheme`` is the same for branches whose rules say the same; ``differs`` is where they
    say something else than the bureau's, with no code. ``more`` counts the problems left out.
    """

    file: str
    error: str = ""
    unread: Level | Literal[""] = ""
    branch: str = ""
    parent: str = ""
    start: str = ""
    end: str = ""
    identity: str = ""
    first: str = ""
    agrees: bool = False
    saved: str = ""
    by_disk: bool = False
    kind: str = layout.PER_QUARTER
    scheme: str = ""
    differs: tuple[Problem, ...] = ()
    periods: tuple[PeriodSums, ...] = ()
    scores: tuple[MemberScore, ...] = ()
    rules: tuple[RuleSums, ...] = ()
    problems: tuple[Problem, ...] = ()
    more: int = 0


def branch_result(
    register: Register,
    findings: Sequence[Finding],
    ledger: Ledger,
    file: str,
    day: date | None = None,
    then: Ledger | None = None,
) -> BranchResult:
    """The sums of one reckoning that has the scores of 公示周期; ``file`` is the file's name.

    All sums are those of that ``day``, if it is given, and of the ledger as it stands ``then``: what is not over goes
    up to its month, and of what has not begun there is none. Problems are told wherever they stand.
    """
    settings, cycle, then = register.settings, register.settings.cycle, then or ledger
    findings = standing(findings)
    kind = settings.notice_period
    told = [finding for level in (ERROR, WARNING) for finding in findings if finding.level == level]
    return BranchResult(
        file=file,
        branch=settings.branch,
        parent=settings.parent,
        start=str(cycle.start) if cycle else "",
        end=str(cycle.end) if cycle else "",
        identity=_identity(settings),
        first=_digest([register.members[0].name]) if register.members else "",
        kind=kind,
        periods=_periods(register, findings, then, day),
        scores=tuple(_member_score(score) for score in then.scores if score.period.kind in (kind, KINDS[-1])),
        rules=_rules(then.lines),
        problems=_problems(register, told[:MOST_PROBLEMS]),
        more=max(0, len(told) - MOST_PROBLEMS),
    )


def spread(heads: Mapping[Points, int]) -> Spread | None:
    """How scores lie, given how many members have each; None without members. Exact up to the last rounding."""
    number = sum(heads.values())
    if not number:
        return None
    ordered = sorted(points for points, count in heads.items() if count)
    total = sum(points * heads[points] for points in ordered)
    squares = sum(points * points * heads[points] for points in ordered)
    middle: list[Points] = []
    below = 0
    for points in ordered:
        below += heads[points]
        if len(middle) == 0 and 2 * below >= number:
            middle.append(points)
        if 2 * below > number:
            middle.append(points)
            break
    doubled = math.isqrt(4 * (number * squares - total * total)) // number  # twice the deviation, rounded down
    return Spread(
        round_points(Fraction(total, number)),
        round_points(Fraction(sum(middle), 2)),
        (doubled + 1) // 2,
        ordered[-1],
        ordered[0],
    )


def _identity(settings: Settings) -> str:
    if not settings.branch or settings.cycle is None:
        return ""
    return _digest([settings.branch, settings.cycle.words])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(map(squeeze, parts)).encode()).hexdigest()[:16]


def _periods(
    register: Register, findings: Iterable[Finding], ledger: Ledger, day: date | None
) -> tuple[PeriodSums, ...]:
    """The periods of the branch's kind, then the year; without a valid cycle the year alone."""
    cycle = register.settings.cycle
    parts = [part for part in cycle.periods(register.settings.notice_period) if not part.is_year] if cycle else []
    holding = {month: str(part) for part in parts if cycle for month in cycle.months_of(part)}
    lines: dict[str, int] = defaultdict(int)
    for month, number in Counter(line.entry.month for line in ledger.lines).items():
        lines[holding.get(month, "") if month else ""] += number
    meetings: dict[str, list[Activity]] = defaultdict(list)
    activities = [each for each in register.activities if not (day and each.day and Month.of(each.day).first > day)]
    for activity in activities:
        if activity.day and cycle and activity.day in cycle:
            meetings[holding.get(Month.of(activity.day), "")].append(activity)
    period_of = _period_of(register, holding)
    levels = Counter((period_of(finding), finding.level) for finding in findings)
    scores: dict[str, list[Score]] = defaultdict(list)
    for score in ledger.scores:
        scores[str(score.period)].append(score)

    def sums(period: str, entries: int, held: Sequence[Activity], errors: int, warnings: int) -> PeriodSums:
        own = scores[period]
        grades = Counter(score.grade for score in own if score.grade is not None)
        names = dict.fromkeys(band.name for band in register.bands)
        return PeriodSums(
            period=period,
            submitted=bool(entries or held),
            members=len(own),
            entries=entries,
            errors=errors,
            warnings=warnings,
            spread=spread(Counter(score.score for score in own)),
            grades=tuple((name, grades[name]) for name in names),
            best=grades[register.bands[0].name] if register.bands else 0,
            vetoed=sum(score.vetoed for score in own),
            present=sum(a.heads.get(state, 0) for a in held for state in (layout.ATTENDED, layout.LATE)),
            named=sum(a.heads.get(state, 0) for a in held for state in layout.ATTENDANCE),
        )

    made = [
        sums(name, lines[name], meetings[name], levels[name, ERROR], levels[name, WARNING]) for name in map(str, parts)
    ]
    everywhere = Counter(finding.level for finding in findings)
    made.append(sums(YEAR, len(ledger.lines), activities, everywhere[ERROR], everywhere[WARNING]))
    return tuple(made)


def _period_of(register: Register, holding: Mapping[Month, str]) -> Callable[[Finding], str]:
    """The period on whose rows a finding stands; "" for roster, rules, settings and rows without a date."""
    sheets = {month.sheet: name for month, name in holding.items()}
    days = {activity.place: activity.day for activity in register.activities}
    days |= {ballot.place: ballot.day for ballot in register.ballots}
    dated = {place: holding.get(Month.of(day), "") for place, day in days.items() if day}

    def period_of(finding: Finding) -> str:
        return sheets.get(squeeze(finding.place.sheet)) or dated.get(finding.place._replace(column=0), "")

    return period_of


def _member_score(score: Score) -> MemberScore:
    return MemberScore(
        score.member.code,
        str(score.period),
        score.base,
        score.bonus,
        score.deduction,
        score.score,
        score.rank,
        score.grade,
        score.vetoed,
    )


def _rules(lines: Iterable[Line]) -> tuple[RuleSums, ...]:
    """The rules that were used, in the order of the rule table; the merged ones (公示 合并) of a kind as one, last."""
    used: dict[int, list[Line]] = defaultdict(list)
    together: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if rule := line.entry.rule:
            (together[rule.kind] if rule.merged else used[rule.order]).append(line)
    return (
        *(_rule_sums(used[order]) for order in sorted(used)),
        *(_rule_sums(together[kind], name) for kind, name in layout.OTHERS.items() if kind in together),
    )


def _rule_sums(lines: Sequence[Line], name: str = "") -> RuleSums:
    rule = lines[0].entry.rule
    assert rule is not None
    codes = Counter(code for line in lines for code in line.why)
    return RuleSums(
        code="" if name else rule.code,
        kind=rule.kind,
        block=name or rule.block,
        item=name or rule.item,
        entries=len(lines),
        scored=sum(line.counted > 0 for line in lines),
        raw=sum(line.raw for line in lines),
        counted=sum(line.counted for line in lines),
        capped=codes["I002"],
        highest_only=codes["I003"],
        over_times=codes["I004"],
        refused=sum(not line.admitted for line in lines),
    )


def _problems(register: Register, findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """The problems as told; of a row under a merged rule only what kind it is, since its words name who and what."""
    ruled = [(row.place, row.rule) for row in register.entries] + [(row.place, row.rule) for row in register.ballots]
    merged = {(place.sheet, place.row) for place, rule in ruled if rule and rule.merged}
    return tuple(_problem(found, (found.place.sheet, found.place.row) in merged) for found in findings)


def _problem(finding: Finding, merged: bool) -> Problem:
    place, message = finding.place, CATALOGUE[finding.code].title if merged else finding.message
    return Problem(finding.code, place.sheet, place.row, place.column, message[:LONGEST], finding.remedy[:LONGEST])
