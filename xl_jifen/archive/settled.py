"""Settled findings (已归档的发现): what was so when its period was archived, and need not be mended any more.

A row of a month sheet, of 活动考勤 or 表决记录 is told by what its cells mean, wherever it stands now; a finding is
settled if the archive kept it on a row that says the same. Where an archive kept none (releases before), or the
workbook has one on an archived row that was not kept, the archive's own rows are checked by today's program. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from xl_jifen import layout
from xl_jifen.archive.meaning import State
from xl_jifen.archive.recall import Recalled
from xl_jifen.archive.snapshot import table_rows, tables
from xl_jifen.finding import SETTLED, Finding
from xl_jifen.grid import Grids, Place, squeeze
from xl_jifen.period import Month
from xl_jifen.register import Register
from xl_jifen.table import Row

RowKey: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
"""A row as it is recognised: its sheet, and what its filled cells mean, by heading."""

Told: TypeAlias = tuple[RowKey | None, str]
"""A row and the code of a finding on it."""

_ENTERED = {sheet.name: sheet for sheet in layout.ENTERED}


def settle(
    findings: Sequence[Finding], grids: Grids, register: Register, archives: Sequence[Recalled]
) -> Iterator[Finding]:
    """The findings in their order; those that stood so when their row was archived have the remedy SETTLED."""
    if not any(squeeze(finding.place.sheet) in _ENTERED for finding in findings):
        yield from findings
        return
    today = State(grids, register)
    rows, covered = set[tuple[str, int]](), set[Month]()
    for recall in reversed(archives):  # the later ones hold the rows of the earlier ones too
        if not covered.issuperset(recall.archived.months):
            rows |= _rows(today, recall.archived.months, recall)
            covered.update(recall.archived.months)
    keys = [(_key(today, each.place), each.code) if each.place[:2] in rows else None for each in findings]
    asked = Counter[Told](filter(None, keys))
    stood = Counter[Told]()
    if asked and asked - (stood := _stood(archives, anew=False)):  # an archive kept none, or today's program finds more
        stood |= _stood(archives, anew=True)
    for finding, told in zip(findings, keys, strict=True):
        if told and stood[told]:
            stood[told] -= 1  # of two rows that say the same the later one may be new
            finding = finding._replace(remedy=SETTLED)
        yield finding


def _stood(archives: Iterable[Recalled], *, anew: bool) -> Counter[Told]:
    """How often each archived row has each finding, as the archive kept them or reckoned ``anew`` from its rows.

    A row belongs to the earliest archive that holds it.
    """
    stood: Counter[Told] = Counter()
    covered: set[Month] = set()
    for recall in archives:
        archived, then = recall
        months = [month for month in archived.months if month not in covered]
        rows = _rows(then.state, months, recall)
        found = [(f.place, f.code) for f in then.findings] if anew else archived.found
        stood.update((_key(then.state, place), code) for place, code in found if place[:2] in rows)
        covered.update(archived.months)
    return stood


def _rows(state: State, months: Sequence[Month], recall: Recalled) -> set[tuple[str, int]]:
    """Sheet and row of what was entered in those months, as far as the archive goes."""
    end = recall.archived.end
    return {
        (table.grid.name, row.number)
        for table in tables(state.grids, months)
        if table.sheet in layout.ENTERED
        for row in table_rows(table, months, end)
    }


def _key(state: State, place: Place) -> RowKey | None:
    """The row of a place; None where that is not one of an entry sheet."""
    sheet = _ENTERED.get(squeeze(place.sheet))
    table = state.table(sheet) if sheet else None
    if sheet is None or table is None or not table.heading_row < place.row <= len(table.grid.rows):
        return None
    row = Row(table, place.row, table.grid.rows[place.row - 1], [])
    content = state.content(row, [heading for heading in table.own_headings if heading != layout.SERIAL])
    return sheet.name, frozenset((heading, meaning) for heading, meaning in content.meanings.items() if meaning)
