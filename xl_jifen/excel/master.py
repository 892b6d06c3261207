"""A fresh workbook from the master (新工作簿): settings set, rows filled in from text, looks and dropdowns kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from xl_jifen import layout
from xl_jifen.excel.file import read_grids
from xl_jifen.excel.package import Package
from xl_jifen.excel.patch import Patch, Value
from xl_jifen.layout import Column, Sheet, heading_key
from xl_jifen.table import Table, as_date, as_number, is_blank


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
    return patch.to_bytes()


def _settings(table: Table, settings: Mapping[str, str]) -> dict[tuple[int, int], Value]:
    """The 值 cells of the settings given."""
    kinds = {setting.key: setting.kind for setting in layout.SETTING_ROWS}
    key, value = table.columns["项目"], table.columns["值"]
    cells: dict[tuple[int, int], Value] = {}
    for row in range(table.heading_row + 1, len(table.grid.rows) + 1):
        text = table.grid.at(row, key)
        if isinstance(text, str) and (name := heading_key(text)) in settings:
            as_number_too = kinds[name] in ("points", "days")
            kind = "date" if kinds[name] == "date" else "number" if as_number_too else "text"
            cells[row, value] = _value(kind, settings[name])
    return cells


def _rows(sheet: Sheet, table: Table, rows: Iterable[Mapping[str, str]]) -> dict[tuple[int, int], Value]:
    """The cells of the rows, and blanks for what the master holds below them."""
    columns: list[tuple[Column, int]] = [
        (column, table.columns[column.name]) for column in sheet.columns if column.name in table.columns
    ]
    cells: dict[tuple[int, int], Value] = {}
    row = table.heading_row
    for row, texts in enumerate(rows, table.heading_row + 1):
        for column, number in columns:
            if not column.owned:
                cells[row, number] = _value(column.kind, texts.get(column.name) or "")
    for below in range(row + 1, len(table.grid.rows) + 1):
        for _, number in columns:
            if not is_blank(table.grid.at(below, number)):
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
        return text if number is None else int(number) if number.denominator == 1 else float(number)
    return text
