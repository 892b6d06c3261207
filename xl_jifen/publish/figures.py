"""Figures in words (数字的写法): points, means and shares as every publication writes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from xl_jifen import layout
from xl_jifen.publish.page import Value
from xl_jifen.register import Line, Points, Score, points_text

Row: TypeAlias = tuple[Value, ...]

DRAFT = "草稿"
NOTHING = "—"
"""Stands where there is no figure, so that a reader sees it is none and not a forgotten one."""
NO_BRANCH = "（未填写支部名称）"
"""Stands where 设置 names no branch."""

BASE_WORDS = {layout.GRADED: "参评党员", layout.ALL_MEMBERS: "全体计分党员", layout.ALL_FORMAL: "正式党员"}
"""Whom 优秀比例上限 is a share of, by 优秀比例基数."""


def decimal(points: Points) -> Decimal:
    """Points as a number without trailing zeros: ``250`` → ``2.5``, ``10000`` → ``100``."""
    return Decimal(points_text(points))


def figure(points: Points) -> str:
    """Points in running text, with a true minus sign: ``-100`` → ``−1``."""
    return points_text(points).replace("-", "−")


def signed(points: Points, places: int = 0) -> str:
    """Points with their sign: ``+3.5``, ``−2``, ``0``; with at least that many decimals."""
    text = f"+{figure(points)}" if points > 0 else figure(points)
    missing = places - len(text.partition(".")[2])
    return text + ("." if missing == places > 0 else "") + "0" * missing


def mean(scores: Sequence[Score]) -> Decimal:
    """The mean score to one decimal, half away from zero."""
    return tenth(Decimal(sum(score.score for score in scores)) / (100 * len(scores)))


def counted(lines: Iterable[Line], kind: str) -> Points:
    """What lines of rules of one kind (加分, 减分) earned."""
    return sum(line.counted for line in lines if line.entry.rule and line.entry.rule.kind == kind)


def share(part: int, whole: int) -> Decimal:
    """A share in per cent, to one decimal."""
    return tenth(Decimal(100 * part) / whole)


def level(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows in which the points of each column have as many decimals as the longest of them has."""
    places: dict[int, Decimal] = {}
    for row in rows:
        for column, value in enumerate(row):
            if isinstance(value, Decimal):
                step = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0))
                places[column] = min(step, places.get(column, step))
    for row in rows:
        yield tuple(v.quantize(places[c]) if isinstance(v, Decimal) else v for c, v in enumerate(row))


def tenth(value: Decimal) -> Decimal:
    """A number to one decimal, half away from zero, a whole one without."""
    return Decimal(f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP):f}".removesuffix(".0"))
