"""A workbook in use put into a new master (升级): every cell its branch wrote, in the row where it stood.

Own columns go to the right of the master's, own sheets behind its last. What the branch left blank stays blank,
whatever the master shows there as an example. Decides nothing about points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.excel.fill.master import fit_rows, show
from xl_jifen.excel.fill.own_sheets import graft_own
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.patch.value import Value
from xl_jifen.excel.read.exports import links_of
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.properties import saved_at
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import Cell, CellError, Grid, Grids, Place, as_text, column_letters, heading_key, is_blank
from xl_jifen.layout import Sheet
from xl_jifen.table import Table

_BEHIND_LINKS = re.compile(rb"<(?:printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|drawing|legacyDrawing)\b")


class Moved(NamedTuple):
    """One sheet of the branch beside the master's: which column goes where, and which are the branch's own."""

    sheet: Sheet
    old: Table
    new: Table
    columns: Mapping[int, int]
    own: Mapping[int, int]


def upgraded(master: bytes, package: Package, grids: Grids, now: datetime) -> tuple[bytes, tuple[str, ...]]:
    """The master filled with what a workbook holds, saved ``now``, and sentences on what could not come along.

    Raises CannotWrite for a cell that has no value to carry, and where rows could not keep their numbers.
    """
    patch = Patch(Package.of(master, package.name))
    tables = [(Table(sheet, page), _table(sheet, grids)) for sheet, page in _pages(patch.package)]
    _ensure_rows_stay(tables)
    for new, old in tables:
        sheet, page = new.sheet, new.grid
        if old is None:
            patch.set_cells(page.name, dict(_emptied(sheet, new)), heading=new.heading_row)
            continue
        if sheet is layout.SETTINGS:
            patch.set_cells(page.name, dict(_settings(old, new)), heading=new.heading_row)
            continue
        moved = _moved(sheet, old, new)
        cells = dict(_cells(moved))
        patch.set_cells(page.name, cells, heading=new.heading_row)
        fit_rows(patch, patch.sheets[page.name], cells)
        if sheet.seldom and any(value is not None for value in cells.values()):
            show(patch, page.name)
        _carry_links(patch, package, moved)
    part, properties = saved_at(patch.package, now)
    if part:
        patch.replace(part, properties)
    left = graft_own(patch, package)
    notes = [f"没有带过来的工作表：{'、'.join(left)}（里面有图表、图片等），请看原文件。"] if left else []
    return patch.to_bytes(), tuple(notes)


def _pages(master: Package) -> Iterator[tuple[Sheet, Grid]]:
    """The sheets of a master and what each is."""
    sheets = {sheet.name: sheet for sheet in layout.SHEETS}
    return ((sheets[page.name], page) for page in read_grids(master))


def _table(sheet: Sheet, grids: Grids) -> Table | None:
    """What the branch has of a sheet; None without the sheet or any of its headings."""
    table = Table(sheet, grid) if (grid := grids.get(sheet.name)) else None
    return table if table and table.columns else None


def _ensure_rows_stay(tables: Sequence[tuple[Table, Table | None]]) -> None:
    """Raise CannotWrite, naming every sheet whose headings stand higher than the master's: its rows would move."""
    short: dict[int, list[str]] = {}
    for new, old in tables:
        if old is None or new.sheet is layout.SETTINGS:
            continue
        if old.heading_row < new.heading_row and any(map(as_text, _below(old))):
            short.setdefault(new.heading_row - old.heading_row, []).append(f"“{old.grid.name}”")
    if short:
        where = "，".join(f"{'、'.join(names)}插入 {rows} 个空行" for rows, names in sorted(short.items()))
        raise CannotWrite(f"列名比新样表的靠上，升级后行号会变；请先在列名上面插入空行，再升级：{where}。")


def _moved(sheet: Sheet, old: Table, new: Table) -> Moved:
    """Columns of the contract go by their headings, all others that hold anything to the right."""
    columns = {old.columns[name]: new.columns[name] for name in old.columns if name in new.columns}
    width = max(map(len, new.grid.rows), default=0)
    width = max(width, *new.columns.values())
    used = [n for n in range(1, max(map(len, old.written.rows), default=0) + 1) if n not in columns]
    filled = [n for n in used if any(not is_blank(old.written.at(r, n)) for r in _rows(old, old.heading_row))]
    return Moved(sheet, old, new, columns, {number: width + at for at, number in enumerate(filled, 1)})


def _rows(table: Table, first: int) -> range:
    return range(first, len(table.written.rows) + 1)


def _below(table: Table) -> Iterator[Cell]:
    return (cell for row in table.written.rows[table.heading_row :] for cell in row)


def _cells(moved: Moved) -> Iterator[tuple[tuple[int, int], Value]]:
    """What the new sheet's cells below the headings shall hold, and the headings of own columns."""
    sheet, old, new = moved.sheet, moved.old, moved.new
    owned = {new.columns[column.name] for column in sheet.columns if column.owned and column.name in new.columns}
    serial = new.columns.get(layout.SERIAL)
    numbered = old.columns.get(layout.SERIAL)
    taken = {as_text(old.written.at(row, numbered)) for row in _rows(old, old.heading_row + 1)} if numbered else set()
    wanted: dict[tuple[int, int], Value] = {}
    for row in range(new.heading_row + 1, max(len(new.grid.rows), len(old.written.rows)) + 1):
        below = row > old.heading_row
        empty = all(is_blank(old.written.at(row, column)) for column in moved.columns)
        unnumbered = not (numbered or empty)  # a number now might make a 冲销 count that did not
        for column in new.columns.values():
            if column != serial or not below or unnumbered or as_text(new.grid.at(row, column)) in taken:
                wanted[row, column] = None
        if below:
            for column, at in moved.columns.items():
                if at not in owned and not (at == serial and empty):
                    wanted[row, at] = _value(old, row, column)
            wanted |= {(row, at): _text_of(old.written.at(row, column)) for column, at in moved.own.items()}
    heads = {(new.heading_row, at): as_text(old.written.at(old.heading_row, n)) for n, at in moved.own.items()}
    yield from (heads | wanted).items()


def _emptied(sheet: Sheet, new: Table) -> Iterator[tuple[tuple[int, int], Value]]:
    """A sheet the branch has not: without the master's examples; a form keeps the numbers of its lines."""
    for row in range(new.heading_row + 1, len(new.grid.rows) + 1):
        for name, column in new.columns.items():
            keep = (layout.SERIAL,) if sheet is not layout.SETTINGS else (layout.KEY, layout.EXPLANATION)
            if name not in keep and not is_blank(new.grid.at(row, column)):
                yield (row, column), None


def _settings(old: Table, new: Table) -> Iterator[tuple[tuple[int, int], Value]]:
    """The values by their 项目; one the branch had not is blank, one the master has not stands below."""
    key, value = old.columns.get(layout.KEY, 0), old.columns.get(layout.VALUE, 0)
    given = {heading_key(as_text(old.written.at(row, key))): row for row in reversed(_rows(old, old.heading_row + 1))}
    given.pop("", None)
    names, values = new.columns[layout.KEY], new.columns[layout.VALUE]
    for row in _rows(new, new.heading_row + 1):
        name = heading_key(as_text(new.grid.at(row, names)))
        found = given.pop(name, 0)
        yield (row, values), _value(old, found, value) if found else None
    for at, row in enumerate(sorted(given.values()), len(new.grid.rows) + 1):
        yield (at, names), _value(old, row, key)
        yield (at, values), _value(old, row, value)


def _value(table: Table, row: int, column: int) -> Value:
    cell = table.written.at(row, column)
    if isinstance(cell, CellError):
        place = Place(table.written.name, row, column)
        raise CannotWrite(f"{place} 是公式错误，或公式还没有算出的值；请在 Excel 中改正、保存，再升级。")
    return _text_of(cell)


def _text_of(cell: Cell) -> Value:
    return str(cell) if isinstance(cell, time | CellError) else cell


def _carry_links(patch: Patch, package: Package, moved: Moved) -> None:
    """The branch's links to files and pages, at their cells."""
    old: Grid = moved.old.written
    part, elements = patch.sheets[moved.new.grid.name], []
    for (row, column), target in links_of(package, old).items():
        at = moved.columns.get(column) or moved.own.get(column)
        if at and row > moved.old.heading_row:
            id = patch.add_relation(part, "hyperlink", target, external=True)
            elements.append(f'<hyperlink ref="{column_letters(at)}{row}" r:id="{id}"/>')
    if not elements:
        return
    xml = patch.read(part)
    links = f'<hyperlinks xmlns:r="{patch.relations_namespace}">{"".join(elements)}</hyperlinks>'.encode()
    place = _BEHIND_LINKS.search(xml)
    at = place.start() if place else xml.rindex(b"</worksheet>")
    patch.replace(part, xml[:at] + links + xml[at:])
