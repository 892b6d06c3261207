"""The four sheets the tool owns (校验结果, 计分明细, 积分台账, 看板) as plain rows: what they say, not how they look.

``excel/owned`` draws them. Pure: a register, findings and a ledger in, frozen rows out; the file's name and the time
of reckoning are arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.catalogue import CATALOGUE
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.board import Board, board, mean
from xl_jifen.publish.figures import decimal
from xl_jifen.register import Ledger, Line, Member, Points, Register, Score, points_text


class LineRow(NamedTuple):
    """A row of 计分明细, in the order of ``layout.LINES_HEADINGS``; then ``key`` (名册序号) and where the line stands.

    ``key`` is the member's position in the roster, from 1: the one mark of a person no spreadsheet can mistake. As
    criteria, ``7`` and ``007``, or ``a1`` and ``A1``, would be one person to SUMIFS, and names may be shared.
    """

    month: str
    day: date | None
    code: str
    name: str
    rule: str
    kind: str
    block: str
    item: str
    raw: Decimal
    counted: Decimal
    source: str
    words: str
    key: int | None
    place: Place


class QuarterFigures(NamedTuple):
    """A member's quarter. ``score`` is None where the member does not belong to it.

    ``reckoned``: the score is what 基础分 (``base``), bonuses and deductions give by arithmetic, so a formula may say
    it; otherwise it is a plain value and the remark says why.
    """

    bonus: Decimal
    deduction: Decimal
    base: Decimal | None
    score: Decimal | None
    reckoned: bool


class LedgerRow(NamedTuple):
    """A row of 积分台账: ``months`` are net points, in the order of :attr:`LedgerTable.months`."""

    key: int
    code: str
    name: str
    kind: str
    base: Decimal | None
    months: tuple[Decimal, ...]
    quarters: tuple[QuarterFigures, ...]
    year: Decimal | None
    year_reckoned: bool
    rank: int | None
    grade: str
    remark: str


class LedgerTable(NamedTuple):
    """积分台账: its months and quarters in cycle order, how a year is made (``yearly``), the clamps, and the rows."""

    title: str
    months: tuple[str, ...]
    quarters: tuple[tuple[str, tuple[str, ...]], ...]
    yearly: str
    floor: Decimal | None
    ceiling: Decimal | None
    rows: tuple[LedgerRow, ...]


class Tables(NamedTuple):
    """What the four owned sheets say."""

    findings: tuple[Finding, ...]
    lines: tuple[LineRow, ...]
    ledger: LedgerTable
    board: Board


def tables(
    register: Register, findings: Sequence[Finding], ledger: Ledger, *, file_name: str, computed: datetime
) -> Tables:
    """The rows of the four sheets. ``computed`` is local time; quarters not begun by then are left off the trend."""
    return Tables(
        tuple(findings),
        _line_rows(ledger.posted, findings),
        _ledger_table(register, ledger),
        board(register, findings, ledger, file_name, computed),
    )


# -- 计分明细 ------------------------------------------------------------------------------------------------


def _line_rows(lines: Iterable[Line], findings: Iterable[Finding]) -> tuple[LineRow, ...]:
    said: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for finding in findings:
        said[finding.place.sheet, finding.place.row, finding.code].append(finding.message)
    return tuple(_line_row(line, said) for line in lines)


_decimal = cache(decimal)


def _line_row(line: Line, said: Mapping[tuple[str, int, str], Sequence[str]]) -> LineRow:
    entry, member, rule = line.entry, line.entry.member, line.entry.rule
    place = Place(entry.place.sheet, entry.place.row)
    words = [f"冲销 {entry.reversal}"] if entry.reversal else []
    words += [_explained(code, said.get((place.sheet, place.row, code), ()), member) for code in line.why]
    return LineRow(
        month=entry.month.sheet if entry.month else "",
        day=entry.day,
        code=member.code if member else "",
        name=member.name if member else "",
        rule=rule.code if rule else "",
        kind=rule.kind if rule else "",
        block=rule.block if rule else "",
        item=rule.item if rule else "",
        raw=_decimal(line.raw),
        counted=_decimal(line.counted),
        source=str(place),
        words="；".join(dict.fromkeys(words)),
        key=member.order + 1 if member else None,
        place=place,
    )


def _explained(code: str, messages: Sequence[str], member: Member | None) -> str:
    """What the finding of that row says; an attendance row may have one for each of several people."""
    if len(messages) > 1 and member:
        messages = [text for text in messages if member.label in text] or [
            text for text in messages if member.name in text
        ]
    if messages:
        return messages[0].rstrip("。")
    return CATALOGUE[code].title if code in CATALOGUE else code


# -- 积分台账 ------------------------------------------------------------------------------------------------


def _ledger_table(register: Register, ledger: Ledger) -> LedgerTable:
    settings, cycle = register.settings, register.settings.cycle
    span = f"（{cycle.start} 至 {cycle.end}）" if cycle else ""
    sums: dict[tuple[Member, Month, str], Points] = defaultdict(int)
    for line in ledger.lines:
        if line.entry.member and line.entry.rule and line.entry.month:
            sums[line.entry.member, line.entry.month, line.entry.rule.kind] += line.counted
    scores = {(score.member, score.period): score for score in ledger.scores}
    members = [member for member in register.members if member.ever_scored]
    return LedgerTable(
        title=f"{settings.branch}{layout.LEDGER_SHEET}{span}",
        months=tuple(month.sheet for month in cycle.months) if cycle else (),
        quarters=tuple((str(q), tuple(m.sheet for m in cycle.months_of(q))) for q in cycle.quarters) if cycle else (),
        yearly=settings.yearly,
        floor=None if settings.floor is None else decimal(settings.floor),
        ceiling=None if settings.ceiling is None else decimal(settings.ceiling),
        rows=tuple(_ledger_row(register, cycle, member, sums, scores) for member in members) if cycle else (),
    )


def _ledger_row(
    register: Register,
    cycle: Cycle,
    member: Member,
    sums: Mapping[tuple[Member, Month, str], Points],
    scores: Mapping[tuple[Member, Period], Score],
) -> LedgerRow:
    settings = register.settings
    own = {quarter: scores.get((member, quarter)) for quarter in cycle.quarters}
    year = scores.get((member, cycle.year))
    bases = [score.base for score in own.values() if score and score.base is not None]
    base = year.base if year and year.base is not None else bases[-1] if bases else None

    def total(months: Iterable[Month], kind: str) -> Points:
        return sum(sums.get((member, month, kind), 0) for month in months)

    figures, running = [], 0
    for quarter, score in own.items():
        months = cycle.months_of(quarter)
        bonus, deduction = total(months, layout.BONUS), total(months, layout.DEDUCTION)
        running = bonus - deduction + (running if settings.yearly == layout.RUNNING else 0)
        reckoned = (
            score is not None
            and score.base is not None
            and not score.vetoed
            and score.score == _clamped(score.base + running, settings.floor, settings.ceiling)
        )
        figures.append(
            QuarterFigures(
                decimal(bonus),
                decimal(deduction),
                None if score is None or score.base is None else decimal(score.base),
                None if score is None else decimal(score.score),
                reckoned,
            )
        )
    year_reckoned = year is not None and _year_is_reckoned(year, own, settings.yearly)
    return LedgerRow(
        key=member.order + 1,
        code=member.code,
        name=member.name,
        kind=(year.standing if year else member.on(cycle.end)).kind,
        base=None if base is None else decimal(base),
        months=tuple(decimal(total([m], layout.BONUS) - total([m], layout.DEDUCTION)) for m in cycle.months),
        quarters=tuple(figures),
        year=None if year is None else decimal(year.score),
        year_reckoned=year_reckoned,
        rank=year.rank if year else None,
        grade=(year.grade or "") if year else "",
        remark=_remark(member, own, year, base, figures, year_reckoned),
    )


def _clamped(points: Points, floor: Points | None, ceiling: Points | None) -> Points:
    points = points if ceiling is None else min(points, ceiling)
    return points if floor is None else max(points, floor)


def _year_is_reckoned(year: Score, own: Mapping[Period, Score | None], yearly: str) -> bool:
    """Whether the year's score is simply the last quarter's, or the mean or sum of the quarters shown."""
    scores = [score.score for score in own.values() if score]
    if not scores:
        return False
    if yearly == layout.RUNNING:
        return list(own.values())[-1] is not None and year.score == scores[-1]
    if year.vetoed:
        return False
    return year.score == (mean(scores) if yearly == layout.MEAN else sum(scores))


def _remark(
    member: Member,
    own: Mapping[Period, Score | None],
    year: Score | None,
    base: Points | None,
    figures: Sequence[QuarterFigures],
    year_reckoned: bool,
) -> str:
    """The year's remark, and whatever a reader who checks the row would otherwise stumble over."""
    if member.faults:
        return "名册中此行有误，改正后才计分"
    parts = [year.remark] if year and year.remark else []
    vetoed = [str(quarter) for quarter, score in own.items() if score and score.vetoed]
    if vetoed and not (year and year.vetoed):
        parts.append(f"{'、'.join(vetoed)}{layout.VETO}")
    absent = [str(quarter) for quarter, score in own.items() if score is None]
    if absent:
        parts.append(f"{'、'.join(absent)}不计分")
    for quarter, score in own.items():
        if score and score.base is not None and score.base != base:
            parts.append(f"{quarter}基础分{points_text(score.base)}")
    plain = [str(q) for q, figure in zip(own, figures, strict=True) if figure.score is not None and not figure.reckoned]
    if year is not None and not year_reckoned:
        plain.append("年度")
    if plain:
        parts.append(f"{'、'.join(plain)}积分为核定数，不由公式算出")
    return "；".join(parts)
