"""Marks (计入分、提示、表决结果、余额、工具如何计): what the tool writes beside the branch's own rows, as cells. Pure.

Only the owned columns of layout are ever named here; where a sheet lacks one it gets one, right of all headings, but
工具如何计, which a rule table may do without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from xl_jifen import layout
from xl_jifen.catalogue import ERROR, LEVELS
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, Grid, Grids, Place, is_blank
from xl_jifen.publish.figures import decimal
from xl_jifen.publish.how_counted import how_counted
from xl_jifen.register import Ledger, Points, Register
from xl_jifen.table import find_headings

Mark: TypeAlias = str | float | None
Marks: TypeAlias = Mapping[tuple[int, int], Mark]
"""Cells of one sheet: (row, column) from 1 → what it shall hold, with one kind of line break; None clears it."""

Said: TypeAlias = Mapping[int, Mapping[str, Mark]]
"""What a row holds under its owned headings."""

MARKED = (layout.RULES, *layout.MONTHS, layout.ACTIVITIES, layout.BALLOTS, layout.EXCHANGES)
"""The sheets with owned columns."""

MOST_TOLD = 3
"""Findings told on the row itself; an attendance row may have one a member."""

CARRIED, NOT_CARRIED, VOID = "通过", "未通过", "无效"


def marks(grids: Grids, register: Register, findings: Sequence[Finding], ledger: Ledger) -> dict[str, Marks]:
    """The owned cells of every sheet that has some, by the sheet's own name; rows without content are cleared."""
    said: dict[str, dict[int, dict[str, Mark]]] = defaultdict(lambda: defaultdict(dict))
    for rule in register.rules:
        said[rule.place.sheet][rule.place.row] = {layout.HOW_COUNTED: how_counted(rule)}
    counted: dict[Place, Points] = defaultdict(int)
    for line in ledger.lines:
        if not line.entry.attendance:
            counted[line.entry.place] += line.counted
    for place, points in counted.items():
        said[place.sheet][place.row] = {layout.COUNTED: float(decimal(points)), layout.HINT: ""}
    for activity in register.activities:
        said[activity.place.sheet][activity.place.row] = {layout.HINT: ""}
    results = {vote.ballot.place: CARRIED if vote.passed else NOT_CARRIED for vote in ledger.votes}
    in_error = {(finding.place.sheet, finding.place.row) for finding in findings if finding.level == ERROR}
    for ballot in register.ballots:
        place = ballot.place
        result = VOID if (place.sheet, place.row) in in_error else results.get(place, VOID)
        said[place.sheet][place.row] = {layout.BALLOT_RESULT: result, layout.HINT: ""}
    for exchanged in ledger.exchanges:
        place, left = exchanged.exchange.place, exchanged.left
        said[place.sheet][place.row] = {
            layout.LEFT_OVER: None if left is None else float(decimal(left)),
            layout.HINT: "",
        }
    for (name, row), words in _hints(findings).items():
        if row in said[name]:
            said[name][row][layout.HINT] = words
    marked: dict[str, Marks] = {}
    for sheet in MARKED:
        if (grid := grids.get(sheet.name)) is None:
            continue
        heading_row, columns = find_headings(sheet, grid)
        if columns:
            owned = [column.name for column in sheet.columns if column.owned]
            marked[grid.name] = _cells(grid, heading_row, {name: columns.get(name) for name in owned}, said[grid.name])
    return marked


def heading_rows(grids: Grids) -> dict[str, int]:
    """The heading row of every sheet that has columns of the tool's, by the sheet's own name."""
    return {grid.name: find_headings(sheet, grid)[0] for sheet in MARKED if (grid := grids.get(sheet.name))}


def changed(grid: Grid | None, marks: Marks) -> dict[tuple[int, int], Mark]:
    """The marks that a sheet does not show already: text as text, numbers as numbers."""
    return {place: mark for place, mark in marks.items() if grid is None or not _shows(grid.at(*place), mark)}


def _shows(cell: Cell, mark: Mark) -> bool:
    return cell == mark and not isinstance(cell, bool)


def _hints(findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
    """One text a row: what is wrong first, then what to look at, then what is explained; a few, the rest counted."""
    by_row: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_row[finding.place.sheet, finding.place.row].append(finding)
    return {row: _hint(found) for row, found in by_row.items()}


def _hint(findings: Iterable[Finding]) -> str:
    graded = sorted(findings, key=lambda finding: LEVELS.index(finding.level))
    told = list(dict.fromkeys(f"{finding.level}：{finding.message}" for finding in graded))
    if len(told) > MOST_TOLD:
        told[MOST_TOLD:] = [f"共 {len(told)} 条，见“{layout.FINDINGS_SHEET}”"]
    return "；".join(told)


def _cells(
    grid: Grid, heading_row: int, owned: Mapping[str, int | None], said: Mapping[int, Mapping[str, Mark]]
) -> Marks:
    """The owned cells of one sheet, by their headings and columns, and the headings it lacks."""
    heads = grid.rows[heading_row - 1]
    free = max((position for position, cell in enumerate(heads, 1) if not is_blank(cell)), default=0) + 1
    cells: dict[tuple[int, int], Mark] = {}
    for name, number in owned.items():
        if number is None:
            if not said or name == layout.HOW_COUNTED:
                continue
            number, free = free, free + 1
            cells[heading_row, number] = name
        for row, words in said.items():
            mark = words.get(name) or (None if name == layout.HINT else words[name])
            cells[row, number] = mark.replace("\r\n", "\n").replace("\r", "\n") if isinstance(mark, str) else mark
        for row, old in enumerate(grid.rows[heading_row:], heading_row + 1):
            if row not in said and number <= len(old) and not is_blank(old[number - 1]):
                cells[row, number] = None
    return cells
