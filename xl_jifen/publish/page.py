"""A page (版面): what a published sheet says, as plain words and rows, before anyone chooses a font or a file format.

Every renderer (xlsx, PDF, picture, HTML, message) draws the same page, so no two of them can disagree. Values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Value: TypeAlias = str | int | Decimal | None
"""A cell of a page: words, a whole number, points (at most two decimals), or nothing."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart: ``bars`` (counts or shares) or a ``line`` (a course over time). ``unit`` is 人, 分 or %."""

    kind: Literal["bars", "line"]
    title: str
    unit: str
    points: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One publication.

    ``template`` is the stem of its template files; ``words`` fill the placeholders of that template (``{{标题}}`` takes
    ``words["标题"]``); ``columns`` head the table and ``rows`` fill it, one a member (a row of a single cell heads
    those below it); ``draft`` marks every page 草稿. ``silent`` are columns its template may have that say nothing
    here.
    """

    template: str
    words: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    charts: tuple[Chart, ...] = ()
    draft: bool = False
    silent: tuple[str, ...] = ()
