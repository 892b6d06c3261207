"""Guarding the archived quarters of a workbook, as every door does it: what lies beside it against what it says.

What is a change is decided in ``guard``; reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from xl_jifen import Reckoning, layout
from xl_jifen.archive.snapshot import Archive, chain_breaks
from xl_jifen.disk import shelf as archives
from xl_jifen.finding import Finding, in_order
from xl_jifen.grid import Grids, Place
from xl_jifen.period import Cycle, Period
from xl_jifen.register import Ledger

CHANGED: Final = "E901"


def guarded(workbook: Path, grids: Grids, reckoning: Reckoning) -> Reckoning:
    """The reckoning with E901 for whatever was changed since in what the archives beside the workbook hold.

    Scores stay as they are. Raises CannotRead if the archives cannot be reached.
    """
    home = workbook.resolve().parent
    others = [finding for finding in reckoning.findings if finding.code != CHANGED]
    shelf = archives.shelf(home)
    if not shelf.archives and not shelf.receipts:
        return reckoning
    found = with_archives(others, shelf, workbook.name, grids, reckoning.ledger)
    return reckoning._replace(findings=in_order(found, (grid.name for grid in grids)))


def with_archives(
    findings: Sequence[Finding], shelf: archives.Shelf, name: str, grids: Grids, ledger: Ledger
) -> list[Finding]:
    """The findings of the workbook of that name, some of them settled by its archives, and what those make of it."""
    from xl_jifen.archive.settled import settle

    own = _own(shelf, name, ledger.register.settings.cycle)
    return [*settle(findings, grids, ledger.register, own), *changes(shelf, name, grids, ledger)]


def _own(shelf: archives.Shelf, name: str, cycle: Cycle | None) -> list[Archive]:
    """The sound archives of the cycle, and those that were made from a workbook of this very name."""
    return [
        archived
        for archived in shelf.sound
        if (cycle and archived.quarter in cycle.quarters) or archived.content["workbook"]["name"] == name
    ]


def changes(shelf: archives.Shelf, name: str, grids: Grids, ledger: Ledger) -> list[Finding]:
    """What of the archives is broken, at 设置!A1, and what the workbook of that name no longer has as they hold it.

    Archives of other cycles belong to other workbooks, unless they were made from a workbook of this very name.
    """
    from xl_jifen.archive.guard import guard  # most workbooks have no archive yet

    cycle = ledger.register.settings.cycle
    broken = [finding for _, finding in breaks(shelf, cycle)] if cycle else []
    return broken + guard(grids, ledger, _own(shelf, name, cycle))


def breaks(shelf: archives.Shelf, cycle: Cycle) -> Iterator[tuple[Period, Finding]]:
    """What is wrong with the chain of archives of a cycle, as E901 at 设置!A1."""
    for quarter, sentence in chain_breaks(cycle, shelf.archives, shelf.receipts):
        path = f"{archives.FOLDER}/{quarter}.json"
        yield (
            quarter,
            Finding(
                CHANGED,
                Place(layout.SETTINGS.name, 1, 1),
                f"{sentence}（{path}）",
                f"请从备份中找回归档时的 {path} 放回原处；归档不能修改，也不能重做",
            ),
        )


def code_of(workbook: Path, quarter: Period) -> str:
    """校验码 of an archived quarter, for its publicity sheet; "" if it is not archived. Raises CannotRead."""
    archived = archives.shelf(workbook.resolve().parent).archives.get(quarter)
    return archived.code if archived else ""
