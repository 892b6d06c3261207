"""Matching (配对): which row of a sheet today is which row of the archive, wherever it stands now.

Sorting a sheet, inserting or deleting other rows and renumbering 序号 move rows and change none. Values only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple


class Content(NamedTuple):
    """One row: its number, its 序号, and what each of its cells means, by heading. Blank cells are the empty text."""

    row: int
    serial: str
    meanings: Mapping[str, str]


class Matched(NamedTuple):
    """Pairs of the same row then and now; rows that are gone; rows that have come."""

    pairs: tuple[tuple[Content, Content], ...]
    gone: tuple[Content, ...]
    come: tuple[Content, ...]


def match(then: Sequence[Content], now: Sequence[Content], elsewhere: Iterable[Content] = ()) -> Matched:
    """Pair the rows of two states of one sheet.

    First rows that say the same; then rows that differ in one cell; then, if at least half of their filled cells
    agree, rows of the same 序号 and rows of the same number, the last also among ``elsewhere`` (rows of the sheet that
    no longer belong to the quarter). Among equals the same 序号, then the same number goes first.
    """
    matching = _Matching(then, now)
    headings = list(then[0].meanings) if then else []
    matching.by(lambda row: tuple(row.meanings.values()))
    for heading in headings:
        matching.by(_all_but(heading))
    matching.by(lambda row: row.serial or None, _alike)
    if matching.then:  # seldom: what is elsewhere is not even looked at where every row was found
        matching.now += elsewhere
        matching.by(lambda row: row.row, _alike)
    here = {row.row for row in now}
    return Matched(tuple(matching.pairs), tuple(matching.then), tuple(r for r in matching.now if r.row in here))


class _Matching:
    """What is paired so far, and the rows of both states still left."""

    def __init__(self, then: Sequence[Content], now: Sequence[Content]) -> None:
        self.then, self.now = list(then), list(now)
        self.pairs: list[tuple[Content, Content]] = []

    def by(
        self,
        key: Callable[[Content], Hashable],
        fits: Callable[[Content, Content], bool] = lambda then, now: True,
    ) -> None:
        """Pair the rows left whose keys are equal and not None."""
        if not self.then or not self.now:
            return
        waiting: dict[Hashable, list[Content]] = defaultdict(list)
        for row in self.now:
            waiting[key(row)].append(row)
        left, taken = [], set()
        for row in self.then:
            same = waiting.get(key(row), []) if key(row) is not None else []
            partner = _nearest(row, [other for other in same if fits(row, other)])
            if partner is None:
                left.append(row)
            else:
                same.remove(partner)
                taken.add(partner.row)
                self.pairs.append((row, partner))
        self.then, self.now = left, [row for row in self.now if row.row not in taken]


def _all_but(heading: str) -> Callable[[Content], Hashable]:
    return lambda row: tuple({**row.meanings, heading: ""}.values())


def _nearest(row: Content, others: Sequence[Content]) -> Content | None:
    for other in others:
        if row.serial and other.serial == row.serial:
            return other
    for other in others:
        if other.row == row.row:
            return other
    return others[0] if others else None


def _alike(then: Content, now: Content) -> bool:
    """Whether at least half of the cells filled in either row say the same."""
    filled = [name for name in then.meanings if then.meanings[name] or now.meanings[name]]
    return 2 * sum(then.meanings[name] == now.meanings[name] for name in filled) >= len(filled)
