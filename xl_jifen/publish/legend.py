"""图例: how to read a notice. Only what stands on this very sheet is explained. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from xl_jifen import layout
from xl_jifen.period import Period
from xl_jifen.publish.figures import figure
from xl_jifen.register import Ledger, Points, Rule, Score, Settings

CONSEQUENCES = {layout.TO_ZERO: "积分清零、等次列最低档", layout.UNQUALIFIED: "等次列最低档"}


def legend(
    ledger: Ledger, period: Period, before: Period | None, scores: Sequence[Score], columns: Collection[str]
) -> Iterator[str]:
    """One paragraph each (``词：解释。``) for what a reader sees; ``before`` is the period compared with."""
    register, settings = ledger.register, ledger.register.settings
    if layout.BASE in columns:
        yield f"基础分：{_base(register.rules, scores)}"
    if layout.BONUS in columns and layout.DEDUCTION in columns:
        yield f"加分、减分：{months_words(settings, period)}登记并审核通过的分值。"
    yield f"积分：{_score_words(ledger, period, scores)}"
    if before is not None and "较上期" in columns:
        yield f"较上期：与{before.words}的积分相比；“—”表示{before.short}没有积分。"
    if "名次" in columns:
        yield f"名次：{_rank_words(settings, scores)}"
    if "建议等次" in columns:
        yield f"建议等次：{_bands(ledger, scores)}正式等次由民主评议确定。"
    if any(score.vetoed for score in scores):
        yield _veto_words(register.rules, settings)


def _base(rules: Iterable[Rule], scores: Sequence[Score]) -> str:
    """``按“四讲四有”核定，100分。``, by the 大项 of the base rules."""
    blocks = dict.fromkeys(rule.block for rule in rules if rule.kind == layout.BASE and not rule.faults and rule.block)
    bases = {score.base for score in scores if score.base is not None}
    words = f"按{'、'.join(f'“{block}”' for block in blocks)}核定" if blocks else "计分开始时的起点分"
    return f"{words}，{figure(bases.pop())}分。" if len(bases) == 1 else f"{words}。"


def months_words(settings: Settings, period: Period) -> str:
    """``7月至9月``: the months whose sheets count in the period."""
    months = settings.cycle.months_of(period) if settings.cycle else ()
    if not months:
        return period.words
    first, last = months[0], months[-1]
    return f"{first.month}月" if first == last else f"{first.month}月至{last.month}月"


def _score_words(ledger: Ledger, period: Period, scores: Sequence[Score]) -> str:
    settings = ledger.register.settings
    if settings.yearly == layout.RUNNING:
        first = settings.cycle is None or settings.cycle.span(period)[0] == settings.cycle.start
        words = "基础分 + 加分 − 减分" if first else "基础分加上本计分周期开始以来的全部加分，减去全部减分"
    elif period.length > 3:
        words = f"各季度积分的{'平均数' if settings.yearly == layout.MEAN else '合计'}"
    else:
        words = "基础分 + 加分 − 减分"
    floor, ceiling = settings.floor, settings.ceiling
    if floor is not None and any(score.total < floor for score in scores):
        words += f"；低于{figure(floor)}分的按{figure(floor)}分计"
    if ceiling is not None and any(score.total > ceiling for score in scores):
        words += f"；高于{figure(ceiling)}分的按{figure(ceiling)}分计"
    return words + "。"


def _rank_words(settings: Settings, scores: Sequence[Score]) -> str:
    ranks = [score.rank for score in scores if score.rank is not None]
    words = "按积分从高到低"
    if len(set(ranks)) < len(ranks):
        after = "其后名次顺延" if settings.ties == layout.SKIP_TIES else "其后名次不跳号"
        words += f"，积分相同的名次并列，{after}"
    return words + ("；表内按党员名册排列。" if settings.listing == layout.BY_ROSTER else "。")


def _bands(ledger: Ledger, scores: Sequence[Score]) -> str:
    """``优秀110分及以上、合格80分及以上、不合格80分以下；``."""
    settings, bands = ledger.register.settings, ledger.register.bands
    year = bool(scores) and scores[0].period.is_year
    names, above = [], None
    for band in bands:
        line: Points | None = band.year_floor if year and band.year_floor is not None else band.floor
        if line is not None:
            names.append(f"{band.name}{figure(line)}分及以上")
            above = line
        else:
            names.append(f"{band.name}{figure(above)}分以下" if above is not None else band.name)
    words = "、".join(names) + "；"
    if not settings.grade_probationary and any(
        score.grade is None and score.standing.kind == layout.PROBATIONARY for score in scores
    ):
        words += "预备党员不评等次；"
    return words


def _veto_words(rules: Iterable[Rule], settings: Settings) -> str:
    effects: dict[str, list[str]] = {}
    for rule in rules:
        if rule.kind == layout.VETO and not rule.faults:
            effect = CONSEQUENCES.get(rule.consequence, f"积分不超过{figure(rule.points)}分")
            effects.setdefault(effect, []).append(rule.item or rule.code)
    items = "；".join(f"{'、'.join(dict.fromkeys(items))}的，{effect}" for effect, items in effects.items())
    until = "只在当季有效" if settings.veto_scope == layout.THAT_QUARTER else "至本计分周期结束有效"
    return f"一票否决：{items}，{until}；被否决的不排名次，列于表末。"
