"""Settled findings (已归档的发现): what was so when its period was archived, and need not be mended any more.

A row of a month sheet, of 活动考勤 or 表决记录 is told by what its cells mean, wherever it stands now; a finding is
settled if the archive's own rows, read by today's program, have it on a row that says the same. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from xl_jifen import layout
from xl_jifen.archive.meaning import State
from xl_jifen.archive.recall import Recalled
from xl_jifen.archive.snapshot import own_headings, table_rows, tables
from xl_jifen.finding import SETTLED, Finding
from xl_jifen.grid import Grids, squeeze
from xl_jifen.period import Month
from xl_jifen.register import Register
from xl_jifen.table import Row

RowKey: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
"""A row as it is recognised: its sheet, and what its filled cells mean, by heading."""

_ENTERED = {sheet.name: sheet for sheet in (*layout.MONTHS, layout.ACTIVITIES, layout.BALLOTS)}


def settle(
    findings: Sequence[Finding], grids: Grids, register: Register, archives: Iterable[Recalled]
) -> Iterator[Finding]:
    """The findings in their order; those that stood so when their row was archived have the remedy SETTLED."""
    if not any(squeeze(finding.place.sheet) in _ENTERED for finding in findings):
        yield from findings
        return
    today, stood = State(grids, register), _stood(archives)
    for finding in findings:
        told = _key(today, finding), finding.code
        if stood[told]:
            stood[told] -= 1  # of two rows that say the same the later one may be new
            finding = finding._replace(remedy=SETTLED)
        yield finding


def _stood(archives: Iterable[Recalled]) -> Counter[tuple[RowKey | None, str]]:
    """How often each archived row has each finding; a row belongs to the earliest archive that holds it."""
    stood: Counter[tuple[RowKey | None, str]] = Counter()
    covered: set[Month] = set()
    for archived, reading in archives:
        months = [month for month in archived.months if month not in covered]
        then, found = reading.state, reading.findings
        rows = {
            (table.grid.name, row.number)
            for table in tables(then.grids, months)
            for row in (table_rows(table, months, archived.end) if table.sheet.name in _ENTERED else ())
        }
        stood.update((_key(then, f), f.code) for f in found if (f.place.sheet, f.place.row) in rows)
        covered.update(archived.months)
    return stood


def _key(state: State, finding: Finding) -> RowKey | None:
    """The row a finding stands on; None where that is not one of an entry sheet."""
    sheet = _ENTERED.get(squeeze(finding.place.sheet))
    table = state.table(sheet) if sheet else None
    if sheet is None or table is None or not table.heading_row < finding.place.row <= len(table.grid.rows):
        return None
    row = Row(table, finding.place.row, table.grid.rows[finding.place.row - 1], [])
    content = state.content(row, [heading for heading in own_headings(table) if heading != layout.SERIAL])
    return sheet.name, frozenset((heading, meaning) for heading, meaning in content.meanings.items() if meaning)
