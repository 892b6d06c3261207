"""A page (版面): what a published sheet says, as plain words and rows, before anyone chooses a font or a file format.

Every renderer (xlsx, PDF, picture, HTML, message) draws the same page, so no two of them can disagree. Values only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

Value: TypeAlias = str | int | Decimal | None
"""A cell of a page: words, a whole number, points (at most two decimals), or nothing."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart: ``bars`` standing (lying where they find no room), ``lying`` ones, or a ``line`` over time.

    ``unit`` is 人, 分 or %; ``points`` are labels and values, and ``second`` the values of a second series drawn in red
    on the same labels. ``names`` are those of the series; ``note`` stands below.
    """

    kind: Literal["bars", "lying", "line"]
    title: str
    unit: str
    points: tuple[tuple[str, Decimal], ...]
    note: str = ""
    names: tuple[str, ...] = ("",)
    second: tuple[Decimal, ...] = ()

    @classmethod
    def of(
        cls,
        kind: Literal["bars", "lying", "line"],
        title: str,
        unit: str,
        labels: Sequence[str],
        series: Sequence[tuple[str, Sequence[Decimal]]],
        note: str = "",
    ) -> Chart:
        """The chart of one or two named series over the same labels."""
        points = tuple(zip(labels, series[0][1], strict=True))
        second = tuple(series[1][1]) if len(series) > 1 else ()
        return cls(kind, title, unit, points, note, tuple(name for name, _ in series), second)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the points."""
        return tuple(label for label, _ in self.points)

    @property
    def series(self) -> tuple[tuple[str, tuple[Decimal, ...]], ...]:
        """Names and values of the series."""
        first = tuple(value for _, value in self.points)
        return tuple(zip(self.names, (first, self.second) if self.second else (first,), strict=True))

    def shares(self, values: Sequence[Decimal]) -> Sequence[Decimal]:
        """The values as a cell holds them: a share of a hundred as a fraction of one."""
        return [value / 100 for value in values] if self.unit == "%" else values


class Board(NamedTuple):
    """看板: ``computed`` says from what and when; it is the only line that differs between two equal reckonings.

    ``held`` says whether what 组织生活要求 asks for was held; empty where nothing is asked.

    A chart that would compare one thing with nothing is left out.
    """

    title: str
    summary: str
    computed: str
    bands: Chart
    trend: Chart
    blocks: Chart | None
    attendance: Chart | None
    held: str = ""


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
