"""A closed workbook file becomes plain cells: the sheets the branch fills, anchored at A1. Reads only, decides nothing.

A part is read the fast way where that is proved to find the same (:mod:`xl_jifen.excel.read.fast`), else element by
element (:mod:`xl_jifen.excel.read.exact`). Cells are read sparsely, so that a stray cell or a million formatted rows
cost next to nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xl_jifen import layout
from xl_jifen.budget import Budget
from xl_jifen.excel.read import exact, fast
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.values import NOT_COMPUTED, PICTURE, Values, formats_of
from xl_jifen.excel.read.xml import Odd
from xl_jifen.grid import Cell, Grid, Grids, Range, range_of
from xl_jifen.roster import NAMING, heads
from xl_jifen.table import find_headings

__all__ = ["NOT_COMPUTED", "PICTURE", "read_file", "read_grids"]


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?\bref="([^"]*)"').findall


def read_file(path: Path) -> Grids:
    """The sheets of the workbook at ``path``; see :func:`read_grids`. Raises CannotRead."""
    return read_grids(Package.open(path))


def read_grids(package: Package, *, every: bool = False) -> Grids:
    """The sheets of ``layout.SHEETS`` that a workbook has, and copies of them, in its order; others if ``every``.

    A blank cell is None and white space stays; formulas give their stored value (NOT_COMPUTED if there is none).
    Numbers are int or float, or date, datetime or time where the cell's number format shows one (a text such as
    ``36:00`` where it shows hours that go on counting). If ``every``, texts of a formula HYPERLINK are
    :class:`~xl_jifen.excel.read.values.Linked`. Raises CannotRead.
    """
    for name in package.broken:
        if every or layout.meant(name):
            raise package.damaged(f"缺少工作表“{name}”的部件")
    values = _values(package, linked=every)
    spellings = fast.Spellings(values)
    grids = []
    for name, part in package.sheets.items():
        if not every and not layout.meant(name):
            continue
        try:
            xml = package.read(part)
            (rows, spelt), merged = _rows(xml, spellings), _merged(xml, package.budget)
            package.budget.draw("covered", sum(max(0, min(r.bottom, len(rows)) - r.top + 1) for r in merged))
            del xml  # large
            package.has_parsed(part)
        except Odd as odd:
            raise package.damaged(f"工作表“{name}”{odd}") from None
        grids.append((Grid(name, rows, merged), spelt))
    texts = spellings.texts()
    read = Grids(tuple(grid._replace(texts=texts) if spelt else grid for grid, spelt in grids))
    _draw_names(read, package.budget)
    return read


def _draw_names(grids: Grids, budget: Budget) -> None:
    """Count the names of the cells that may hold several, before each of them becomes an entry."""
    roster = grids.get(layout.ROSTER.name)
    members = len(roster.rows) if roster else 0
    found = {sheet: find_headings(sheet, grid)[1] for sheet, *_ in NAMING if (grid := grids.get(sheet.name))}
    for sheet, heading, kind in NAMING:
        at = found.get(sheet, {}).get(heading, 0) - 1
        if at < 0 or (grid := grids.get(sheet.name)) is None:
            continue
        everyone = members if sheet is layout.ACTIVITIES else 0
        for text, count in Counter(row[at] for row in grid.rows if at < len(row)).items():
            budget.draw(kind, count * heads(text, everyone))


def _merged(xml: bytes, budget: Budget) -> tuple[Range, ...]:
    """The merged ranges of a worksheet, which stand behind its rows."""
    begin = max(0, xml.rfind(b"sheetData"))
    budget.draw("merged", xml.count(b"mergeCell ", begin))
    refs = _MERGED(xml, begin)
    return tuple(found for ref in refs if (found := range_of(ref.decode("ascii", "ignore"))))


def _values(package: Package, *, linked: bool) -> Values:
    texts, styles = _only(package, "sharedStrings"), _only(package, "styles")
    strings: Sequence[str | None] = []
    if texts in package:
        xml = package.read(texts)
        try:
            strings = _strings(xml, package.budget)
        except Odd as odd:
            raise package.damaged(f"部件 {texts} {odd}") from None
    formats = formats_of(package, styles) if styles in package else []
    return Values(strings, formats, package.date1904, package.budget, linked=linked)


def _only(package: Package, kind: str) -> str:
    """The part of the workbook of that kind; empty if it has none."""
    found = [relation.target for relation in package.relations(package.workbook) if relation.type == kind]
    if len(found) > 1:
        raise package.damaged(f"有两个部件 {kind}")
    return found[0] if found else ""


def _strings(xml: bytes, budget: Budget) -> list[str | None]:
    before = budget.saved()
    try:
        return fast.strings(xml, budget)
    except Odd:
        budget.restore(before)
        return exact.strings(xml, budget)


def _rows(xml: bytes, spellings: fast.Spellings) -> tuple[list[Sequence[Cell]], bool]:
    """The rows of a worksheet from 1 on, each up to its last filled cell, and whether all of it is in the spellings.

    Raises Odd.
    """
    budget = spellings.meaning.budget
    before, spelt = budget.saved(), True
    try:
        found = fast.rows(xml, spellings)
    except Odd:
        budget.restore(before)
        found, spelt = exact.rows(xml, spellings.meaning), False
    budget.draw("rows", len(found))
    anchored: list[Sequence[Cell]] = [()] * max(found, default=0)
    for number, row in found.items():
        anchored[number - 1] = row
    return anchored, spelt
