"""Guarding the archived periods of a workbook, as every door does it: what lies beside it against what it says.

What is a change is decided in ``guard``; reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from xl_jifen import Reckoning, layout
from xl_jifen.archive.chain import chain_breaks
from xl_jifen.archive.guard import Guarded, guard
from xl_jifen.archive.recall import Recalled, recalled
from xl_jifen.archive.settled import settle
from xl_jifen.disk import shelf as archives
from xl_jifen.finding import Finding, Findings, in_order
from xl_jifen.grid import Grids, Place
from xl_jifen.period import Cycle
from xl_jifen.register import Ledger

CHANGED: Final = "E901"


class Watched(NamedTuple):
    """A reckoning with E901, the archives it was compared with, and what is to be said of them besides."""

    reckoning: Reckoning
    shelf: archives.Shelf
    notes: tuple[str, ...] = ()


def watched(workbook: Path, grids: Grids, reckoning: Reckoning, shelf: archives.Shelf | None = None) -> Watched:
    """The reckoning with E901 for whatever was changed since in what the archives beside the workbook hold.

    Scores stay as they are. Raises CannotRead if the archives cannot be reached.
    """
    if shelf is None:
        shelf = archives.shelf(workbook.resolve().parent)
    if not shelf:
        return Watched(reckoning, shelf)
    others = [finding for finding in reckoning.findings if finding.code != CHANGED]
    found = with_archives(others, shelf, workbook.name, grids, reckoning.ledger)
    findings = in_order(found.findings, (grid.name for grid in grids))
    return Watched(reckoning._replace(findings=findings), shelf, tuple(found.reread))


def guarded(workbook: Path, grids: Grids, reckoning: Reckoning) -> Reckoning:
    """The reckoning of :func:`watched` alone."""
    return watched(workbook, grids, reckoning).reckoning


def recalled_of(shelf: archives.Shelf) -> list[Recalled]:
    """The sound archives in the order of time, as today's program reads them; each is read once for whoever asks."""
    if shelf.recalled is None:
        shelf.recalled = recalled(shelf.sound)
    return shelf.recalled


def with_archives(
    findings: Sequence[Finding], shelf: archives.Shelf, name: str, grids: Grids, ledger: Ledger
) -> Guarded:
    """The findings of the workbook of that name, some of them settled by its archives, and what those make of it.

    What is broken of the archives stands at 设置!A1. Archives of other cycles belong to other workbooks, unless they
    were made from a workbook of this very name.
    """
    cycle = ledger.register.settings.cycle
    own = [
        recall
        for recall in recalled_of(shelf)
        if (cycle and cycle.holds(recall.archived.period)) or recall.archived.content["workbook"]["name"] == name
    ]
    settled = settle(findings, grids, ledger.register, own)
    broken = [finding for _, finding in breaks(shelf, cycle)] if cycle else []
    found, changed = guard(grids, ledger, own), Findings()
    changed += found.findings
    return found._replace(findings=[*settled, *broken, *changed.told(grid.name for grid in grids)])


def breaks(shelf: archives.Shelf, cycle: Cycle) -> Iterator[tuple[str, Finding]]:
    """What is wrong with the chain of archives of a cycle, by the name of the archive, as E901 at 设置!A1."""
    for stem, sentence in chain_breaks(cycle, shelf.archives, shelf.receipts):
        path = f"{archives.FOLDER}/{stem}.json"
        yield (
            stem,
            Finding(
                CHANGED,
                Place(layout.SETTINGS.name, 1, 1),
                f"{sentence}（{path}）",
                f"请从备份中找回归档时的 {path} 放回原处；重做会改变归档码，凡留有原公示表、回执或校验码的人都能发现",
            ),
        )
