"""看板, the branch at a glance: what its sentences and its four charts say, as plain numbers.

``excel/board`` draws it. Pure: the file's name and the time of reckoning are arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.catalogue import LEVELS
from xl_jifen.derive.so_far import SoFar
from xl_jifen.finding import Finding, standing
from xl_jifen.period import Cycle, Month
from xl_jifen.publish.charts import BAND_STEPS, EMPTY, MOST_BANDS
from xl_jifen.publish.figures import counted, decimal
from xl_jifen.publish.held import held_words
from xl_jifen.publish.page import Board, Chart
from xl_jifen.register import Activity, Ledger, Line, Points, Register, points_text, round_points

MOST_BLOCKS = 12


def board(findings: Sequence[Finding], ledger: Ledger, now: SoFar, file_name: str, computed: datetime) -> Board:
    """What 看板 says: the quarters and the year as far as they are over by ``now``."""
    register, cycle = ledger.register, ledger.register.settings.cycle
    lines = [line for line in ledger.lines if line.entry.month in now.begun]
    to_come = {month for month in cycle.months if month not in now.begun} if cycle else set()
    return Board(
        title=f"{register.settings.branch}党员积分{layout.BOARD_SHEET}{f'（{cycle.words}）' if cycle else ''}",
        summary=_summary(findings, lines, now),
        computed=f"根据“{file_name}”于 {computed:%Y-%m-%d %H:%M} 核算",
        bands=_bands(now),
        trend=_trend(now, cycle),
        blocks=_blocks(register, lines),
        attendance=_attendance([a for a in register.activities if not a.day or Month.of(a.day) not in to_come]),
        held=held_words(register, cycle, now.until) if cycle and now.until else "",
    )


def mean(points: Sequence[Points]) -> Points:
    """The mean of points, to two places, half away from zero."""
    return round_points(Fraction(sum(points), len(points)))


def _summary(findings: Sequence[Finding], lines: Sequence[Line], now: SoFar) -> str:
    year = now.year.scores if now.year else ()
    until = "" if now.year is None or now.year.over else now.words
    average = f"，{until}平均积分 {points_text(mean([score.score for score in year]))} 分" if year else ""
    sums = {kind: counted(lines, kind) for kind in (layout.BONUS, layout.DEDUCTION)}
    earned = "，".join(f"累计{kind} {points_text(points)} 分" for kind, points in sums.items())
    levels = [finding.level for finding in standing(findings)]
    found = "，".join(f"{level} {levels.count(level)} 项" for level in LEVELS)
    members = f"计分党员 {len(year)} 人" if year else "还没有一个月结束"
    return f"{members}{average}；{earned}；{layout.FINDINGS_SHEET}：{found}"


def _bands(now: SoFar) -> Chart:
    """Members by score, in bands of 5 points where that fits; vetoed members in a bar of their own."""
    year = now.year.scores if now.year else ()
    points = [score.score for score in year if not score.vetoed]
    vetoed = len(year) - len(points)
    labels: list[str] = []
    counts: list[Decimal] = []
    if points:
        least, most = min(points), max(points)
        fitting = (step * 100 for step in BAND_STEPS if most // (step * 100) - least // (step * 100) < MOST_BANDS)
        step = next(fitting, most - least)
        for band in range(least // step, most // step + 1):
            labels.append(f"{points_text(band * step)}–{points_text((band + 1) * step)}")
            counts.append(Decimal(sum(p // step == band for p in points)))
    if vetoed:
        labels.append(layout.VETO)
        counts.append(Decimal(vetoed))
    return Chart.of(
        "bars",
        "积分分布" if now.year is None or now.year.over else f"积分分布（{now.words}）",
        "人",
        tuple(labels) or EMPTY,
        (("人数", tuple(counts) or (Decimal(0),)),),
        "每段含下限，不含上限",
    )


def _trend(now: SoFar, cycle: Cycle | None) -> Chart:
    """The branch's mean score, one point a quarter that is over or has a month that is."""
    shown = [quarter for quarter in now.quarters if quarter.scores]
    names = [cycle.short(quarter.period) for quarter in shown] if cycle else []
    ends = ["" if quarter.over else f"（{now.words}）" for quarter in shown]
    labels = [name + end for name, end in zip(names, ends, strict=True)]
    means = [decimal(mean([score.score for score in quarter.scores])) for quarter in shown]
    return Chart.of("line", "支部平均积分", "分", labels or EMPTY, (("平均积分", means or (Decimal(0),)),))


def _blocks(register: Register, lines: Sequence[Line]) -> Chart:
    """Points counted by 大项, in the order of the rule table: bonuses to the right, deductions to the left."""
    kinds = (layout.BONUS, layout.DEDUCTION)
    names = list(dict.fromkeys(rule.block for rule in register.rules if rule.kind in kinds))
    sums: dict[tuple[str, str], Points] = defaultdict(int)
    for line in lines:
        if line.entry.rule:
            sums[line.entry.rule.block, line.entry.rule.kind] += line.counted
    note = "右（蓝）为加分，左（红）为减分"
    if len(names) > MOST_BLOCKS:
        heaviest = sorted(names, key=lambda name: -max(abs(sums[name, kind]) for kind in kinds))[:MOST_BLOCKS]
        names = [name for name in names if name in heaviest]
        note += f"；只列分值最多的 {MOST_BLOCKS} 个大项"
    bonus = tuple(decimal(sums[name, layout.BONUS]) for name in names) or (Decimal(0),)
    deduction = tuple(-decimal(sums[name, layout.DEDUCTION]) for name in names) or (Decimal(0),)
    series = ((layout.BONUS, bonus), (layout.DEDUCTION, deduction))
    return Chart.of("lying", "各大项计入分", "分", tuple(names) or EMPTY, series, note)


def _attendance(activities: Sequence[Activity]) -> Chart:
    """到会率 by 活动类型: who came, late ones too, out of everyone named in the rows."""
    present: dict[str, int] = defaultdict(int)
    named: dict[str, int] = defaultdict(int)
    for activity in activities:
        heads = activity.heads
        present[activity.kind] += heads.get(layout.ATTENDED, 0) + heads.get(layout.LATE, 0)
        named[activity.kind] += sum(heads.values())
    kinds = [kind for kind in named if kind and named[kind]]
    rates = tuple(
        (100 * Decimal(present[kind]) / named[kind]).quantize(Decimal("0.01"), ROUND_HALF_UP) for kind in kinds
    )
    return Chart.of(
        "lying",
        "到会率",
        "%",
        tuple(kinds) or EMPTY,
        (("到会率", rates or (Decimal(0),)),),
        "到会率＝参加和迟到早退的人次÷登记的全部人次",
    )
