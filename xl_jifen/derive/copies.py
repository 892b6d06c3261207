"""Copies (重复): which of several workbooks of one branch and cycle is the one that counts, and why not the others.

The one that agrees with its archive, else the newest by its own time of saving; where neither tells, none, and the
bureau is asked. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from xl_jifen.derive.branch import BranchResult

Why = Literal["copied", "alike", "archived", "empty", "newer", "undecided", "namesake"]


class Copy(NamedTuple):
    """A workbook among others: where it lies, the hash of its content ("" if not known), and what it amounts to.

    ``figures`` is the same for those that amount to the same.
    """

    url: str
    content: str
    result: BranchResult
    figures: object


class Verdict(NamedTuple):
    """Why a workbook does not count: what ``than`` is or has; ``its`` and ``own`` are the results of both.

    ``copied``: the very same content; ``alike``: saved at the same time with the same figures; ``archived``: it agrees
    with its archive; ``empty``: this one has no roster; ``newer``: it was saved later. ``undecided`` and ``namesake``:
    neither counts, for they were saved at the same time, or their rosters begin with another person.
    """

    than: str
    why: Why
    its: BranchResult
    own: BranchResult

    @property
    def asks(self) -> bool:
        """Whether nobody but the bureau can tell."""
        return self.why in ("undecided", "namesake")


def verdicts(copies: Iterable[Copy]) -> dict[str, Verdict]:
    """Those that do not count, by ``url``; the others do."""
    told: dict[str, Verdict] = {}
    single: list[Copy] = []
    for same in _groups(copies, lambda copy: copy.content or copy.url):
        kept = next((copy for copy in same if copy.result.agrees), same[0])
        single.append(kept)
        told |= _all_but(kept, same, "copied")
    for alike in _groups(single, lambda copy: copy.result.identity or copy.url):
        for kin in _of_one_parent(alike):
            told |= _weighed(kin)
    return told


def _of_one_parent(alike: Sequence[Copy]) -> Iterator[list[Copy]]:
    """Branches of one name under several 上级党组织 are several; who names none may be any single one."""
    if len({copy.result.parent for copy in alike} - {""}) < 2:
        yield list(alike)
    else:
        yield from _groups(alike, lambda copy: copy.result.parent)


def _weighed(kin: list[Copy]) -> dict[str, Verdict]:
    """What does not count of one branch's different workbooks."""
    told: dict[str, Verdict] = {}
    for why, speaks in (("archived", _agrees), ("empty", _has_roster)):
        left = [copy for copy in kin if speaks(copy)]
        if left and left != kin:
            for copy in kin:
                if copy not in left:
                    told[copy.url] = Verdict(left[0].url, why, left[0].result, copy.result)  # type: ignore[arg-type]
            kin = left
    if len(kin) == 1:
        return told
    if len({copy.result.first for copy in kin}) > 1:
        return told | _none(kin, "namesake")
    last = max(copy.result.saved for copy in kin)
    newest = [copy for copy in kin if copy.result.saved == last]
    if not all(copy.result.saved for copy in kin) or len({copy.figures for copy in newest}) > 1:
        return told | _none(kin, "undecided")
    told |= _all_but(newest[0], newest, "alike")
    kin = [copy for copy in kin if copy.url not in told]
    told = {url: each._replace(than=newest[0].url, its=newest[0].result) for url, each in told.items()}
    return told | _all_but(newest[0], kin, "newer")


def _agrees(copy: Copy) -> bool:
    return copy.result.agrees


def _has_roster(copy: Copy) -> bool:
    return bool(copy.result.first)


def _all_but(kept: Copy, copies: Iterable[Copy], why: Why) -> dict[str, Verdict]:
    return {copy.url: Verdict(kept.url, why, kept.result, copy.result) for copy in copies if copy.url != kept.url}


def _none(kin: Sequence[Copy], why: Why) -> dict[str, Verdict]:
    """Nobody counts: each is told of the first of the others."""
    others = {copy.url: kin[1] if copy is kin[0] else kin[0] for copy in kin}
    return {copy.url: Verdict(others[copy.url].url, why, others[copy.url].result, copy.result) for copy in kin}


def _groups(copies: Iterable[Copy], key: Callable[[Copy], str]) -> list[list[Copy]]:
    groups: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[key(copy)].append(copy)
    return list(groups.values())
