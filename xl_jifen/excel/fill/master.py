"""A fresh workbook from the master (新工作簿): settings set, rows filled in from text, looks and dropdowns kept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping

from xl_jifen import layout
from xl_jifen.excel.patch.patched import Patch, Value
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import as_date, as_number, heading_key, is_blank
from xl_jifen.layout import Column, Sheet
from xl_jifen.table import Table

MOST_COLUMNS = 64
LINE_POINTS = 14
CELL_KINDS = {"date": "date", "points": "number", "days": "number"}
"""What a setting of a kind is in its cell; of any other a text."""
"""Height of a line of the master's 10-point text."""


def filled(master: bytes, name: str, settings: Mapping[str, str], texts: Mapping[str, str]) -> bytes:
    """The master with those settings, and with the rows of each sheet in ``texts`` (CSV with headings) below its heads.

    What the master holds in a sheet named in ``texts`` is replaced. ``name`` is the file's, for messages.
    """
    package = Package.of(master, name)
    grids = read_grids(package)
    patch = Patch(package)
    for sheet in layout.SHEETS:
        grid = grids.get(sheet.name)
        if grid is None:
            continue
        table = Table(sheet, grid)
        cells: dict[tuple[int, int], Value] = {}
        if sheet.name in texts:
            cells |= _rows(sheet, table, csv.DictReader(io.StringIO(texts[sheet.name])))
        if sheet is layout.SETTINGS:
            cells |= _settings(table, settings)
        if cells:
            patch.set_cells(grid.name, cells, heading=table.heading_row)
            fit_rows(patch, patch.sheets[grid.name], cells)
        if sheet.seldom and any(value is not None for value in cells.values()):
            show(patch, grid.name)
    return patch.to_bytes()


def show(patch: Patch, name: str) -> None:
    """Show a sheet that the master hides while it is empty."""
    listed = re.compile(rb'(<sheet [^>]*name="%s"[^>]*?) state="hidden"' % name.encode())
    workbook = patch.package.workbook
    patch.replace(workbook, listed.sub(rb"\1", patch.read(workbook)))


def fit_rows(patch: Patch, part: str, cells: Mapping[tuple[int, int], Value]) -> None:
    """Give rows with long texts the height they need: LibreOffice and previewers do not fit them on opening."""
    from xl_jifen.excel.fill.paper import line_count

    xml = patch.read(part)
    widths = {
        number: float(match[3]) / 2.2  # characters of the default font → East Asian ones of the size below
        for match in re.finditer(rb'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', xml)
        for number in range(int(match[1]), min(int(match[2]), MOST_COLUMNS) + 1)
    }
    lines: dict[int, int] = {}
    for (row, column), value in cells.items():
        if isinstance(value, str):
            lines[row] = max(lines.get(row, 1), line_count(value, widths.get(column, 4)))

    def fitted(match: re.Match[bytes]) -> bytes:
        count = lines.get(int(match[1]), 1)
        return match[0] if count == 1 else b'%s ht="%d" customHeight="1"' % (match[0], LINE_POINTS * count + 4)

    patch.replace(part, re.sub(rb'<row r="(\d+)"(?=[^>]*>)(?![^>]*\bht=)', fitted, xml))


def _settings(table: Table, settings: Mapping[str, str]) -> dict[tuple[int, int], Value]:
    """The 值 cells of the settings given."""
    kinds = {setting.key: setting.kind for setting in layout.SETTING_ROWS}
    key, value = table.columns[layout.KEY], table.columns[layout.VALUE]
    cells: dict[tuple[int, int], Value] = {}
    for row in range(table.heading_row + 1, len(table.grid.rows) + 1):
        text = table.grid.at(row, key)
        if isinstance(text, str) and (name := heading_key(text)) in settings:
            cells[row, value] = _value(CELL_KINDS.get(kinds[name], "text"), settings[name])
    return cells


def _rows(sheet: Sheet, table: Table, rows: Iterable[Mapping[str, str]]) -> dict[tuple[int, int], Value]:
    """The cells of the rows, and blanks for what the master holds below them but the numbers of empty lines."""
    columns: list[tuple[Column, int]] = [
        (column, table.columns[column.name]) for column in sheet.columns if column.name in table.columns
    ]
    cells: dict[tuple[int, int], Value] = {}
    row = table.heading_row
    for row, texts in enumerate(rows, table.heading_row + 1):
        for column, number in columns:
            if not column.owned:
                cells[row, number] = _value(column.kind, texts.get(column.name) or "")
            elif not is_blank(table.grid.at(row, number)):
                cells[row, number] = None  # it speaks of the row that stood here
    for below in range(row + 1, len(table.grid.rows) + 1):
        for column, number in columns:
            if column.name != layout.SERIAL and not is_blank(table.grid.at(below, number)):
                cells[below, number] = None
    return cells


def _value(kind: str, text: str) -> Value:
    """A text of the example as the cell a careful person would type; what is no date or number stays as typed."""
    if not text:
        return None
    if kind == "date":
        return as_date(text) or text
    if kind == "number":
        number = as_number(text)
        if number is not None:
            return int(number) if number.denominator == 1 else float(number)
    return text
