"""备注 of a notice: what a reader needs beside a member's figures, in the words of an office. Pure.

Which of it is told is the branch's choice (公示内容): nothing of items under 仅积分, each line with its item and reason
under 积分及事由. Lines of a rule whose 公示 is 合并 are told as a sum of all of them and in no other way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.derive.corrections import Correction
from xl_jifen.period import Cycle, Period
from xl_jifen.publish.figures import figure
from xl_jifen.register import Entry, Line, Points, Rule, Score, Settings

LIMITS = {"I002": "封顶", "I003": "就高", "I004": "限次"}
"""Why a line earned less than it claimed, in the remark's words."""

SILENT = frozenset({"I001", "I005"})
"""Lines under review or rejected: nothing of them is published (those with an E code neither)."""

_SIGN = {layout.BONUS: 1, layout.DEDUCTION: -1}


def remark(
    settings: Settings,
    period: Period,
    score: Score,
    lines: Sequence[Line],
    corrected: Mapping[Entry, Correction],
) -> str:
    """The remark of one row; ``lines`` are the member's posted in the period, ``corrected`` says what a 冲销 mended."""
    cycle = settings.cycle
    told = [line for line in lines if _told(line)]
    parts = [layout.VETO] if score.vetoed else []
    if cycle is not None:
        parts += _joined(settings, cycle, period, score)
    if settings.notice_content == layout.WITH_REASONS:
        parts += _clamped(settings, score)
        parts += _items(told)
        parts += _sums(told)
        parts += _corrections(cycle, told, corrected)
    else:
        parts += _net_corrections(cycle, told, corrected)
    return "；".join(parts)


def _told(line: Line) -> bool:
    """Whether a line claimed points that were admitted to counting."""
    rule = line.entry.rule
    return (
        rule is not None
        and rule.kind in _SIGN
        and line.raw != 0
        and not any(code.startswith("E") or code in SILENT for code in line.why)
    )


def _joined(settings: Settings, cycle: Cycle, period: Period, score: Score) -> Iterator[str]:
    """That somebody joined in the period; with 按月折算, whose base is less ever after, anywhere in the cycle."""
    day, (first, last) = score.member.joined, cycle.span(period)
    since = cycle.start if settings.joiner_base == layout.PRO_RATA else first
    if day is not None and since < day <= last:
        yield f"{day.month}月{day.day}日转入"


def _clamped(settings: Settings, score: Score) -> Iterator[str]:
    """That 最低分 or 最高分 made the score differ from what its parts add up to."""
    if score.base is None:
        return
    for limit, name, beyond in (
        (settings.ceiling, layout.HIGHEST_SCORE, settings.ceiling is not None and score.total > settings.ceiling),
        (settings.floor, layout.LOWEST_SCORE, settings.floor is not None and score.total < settings.floor),
    ):
        if limit is not None and beyond:
            yield f"应计{figure(score.total)}分，按{name}{figure(limit)}分计"


# ---- each line, 积分及事由 ----


def _items(told: Sequence[Line]) -> Iterator[str]:
    by_rule: dict[Rule, list[Line]] = defaultdict(list)
    for line in told:
        rule = line.entry.rule
        if rule is not None and not line.entry.reversal and not rule.merged:
            by_rule[rule].append(line)
    for rule in sorted(by_rule, key=lambda rule: (rule.kind != layout.BONUS, rule.order)):
        yield item(rule, by_rule[rule])


def item(rule: Rule, lines: Sequence[Line]) -> str:
    """``一线救灾抢险2次，加8分（应计9分，按封顶计）：抗洪抢险、森林灭火``: what one rule earned, and why."""
    counted, claimed = (sum(points) for points in zip(*((line.counted, line.raw) for line in lines), strict=True))
    limits = [words for code, words in LIMITS.items() if any(code in line.why for line in lines)]
    told = f"{rule.item or rule.code}{_amount(rule, lines)}，{_effect(rule.kind, counted)}"
    if limits and claimed > counted:
        told += f"（应{'计' if rule.kind == layout.BONUS else '减'}{figure(claimed)}分，按{'、'.join(limits)}计）"
    reasons = dict.fromkeys(" ".join(line.entry.reason.split()) for line in lines)
    return told + (f"：{'、'.join(filter(None, reasons))}" if any(reasons) else "")


def _amount(rule: Rule, lines: Sequence[Line]) -> str:
    """``2次``, ``20学时``: how much of it, in the rule's own unit; nothing where it is added up beyond the period."""
    if rule.cumulative:
        return ""
    quantity = sum((line.entry.quantity or Fraction(1) for line in lines), Fraction(0))
    return f"{float(quantity):.10g}{rule.unit or layout.PER_TIME}"


def _effect(kind: str, points: Points) -> str:
    """``加8分``, ``减2分``; ``不加分`` where nothing is left of it; the other way round where it was taken back."""
    bonus = (kind == layout.BONUS) == (points >= 0)
    if not points:
        return "不加分" if kind == layout.BONUS else "不减分"
    return f"{'加' if bonus else '减'}{figure(abs(points))}分"


def _sums(told: Sequence[Line]) -> Iterator[str]:
    """``其他加分2分``: the lines of merged rules, corrections among them."""
    for kind, name in layout.OTHERS.items():
        own = [line for line in told if (rule := line.entry.rule) and rule.merged and rule.kind == kind]
        if own:
            yield f"{name}{figure(sum(line.counted for line in own))}分"


# ---- corrections ----


def _reversals(told: Sequence[Line]) -> Iterator[tuple[Rule, Line]]:
    for line in told:
        if line.entry.rule is not None and line.entry.reversal:
            yield line.entry.rule, line


def _corrections(cycle: Cycle | None, told: Sequence[Line], corrected: Mapping[Entry, Correction]) -> Iterator[str]:
    for rule, line in _reversals(told):
        if rule.merged:
            continue
        which = f"更正：{rule.item or rule.code}"
        found = corrected.get(line.entry)
        if found is None:  # of the same period: nothing of it was published
            yield f"{which}，{_effect(rule.kind, line.counted)}"
        else:
            yield f"{which}（{_short(cycle, found.period)}），原{_plain(found.old)}，现{_plain(found.new)}"


def _net_corrections(cycle: Cycle | None, told: Sequence[Line], corrected: Mapping[Entry, Correction]) -> Iterator[str]:
    """``更正第一季度积分，减2分``: what all corrections of one published period change, without items."""
    net: dict[Period, Points] = defaultdict(int)
    for line in told:
        if found := corrected.get(line.entry):
            net[found.period] += found.new - found.old
    for period, points in sorted(net.items()):
        yield f"更正{_short(cycle, period)}积分，{_plain(points) if points else '加减相抵'}"


def _short(cycle: Cycle | None, period: Period) -> str:
    return cycle.short(period) if cycle else period.short


def _plain(points: Points) -> str:
    if not points:
        return "不计分"
    return f"{'加' if points > 0 else '减'}{figure(abs(points))}分"
