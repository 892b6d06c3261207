"""Workbooks of our own (新文件): sheets drawn by XlsxWriter, which writes what is many to the disk as it comes.

The charts are ours (``patch/charted``), put in the place of those XlsxWriter reserves, so that every file of the tool
has the same ones. Same sheets, same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xl_jifen.excel.patch.charted import chart_xml
from xl_jifen.excel.patch.written import A4
from xl_jifen.excel.patch.zipped import Archive
from xl_jifen.grid import Place, printable
from xl_jifen.publish.sheet import HEAD, Content, Formula, Look, Placed, Sheet

FONT = "微软雅黑"
CHART = "xl/charts/chart{}.xml"


class Closed:
    """A new workbook. ``many`` rows go to the disk at once, with texts in the cells, which small viewers miss."""

    def __init__(self, properties: Mapping[str, Any], *, many: bool = False) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        self._stream = io.BytesIO()
        options = {"strings_to_formulas": False, "strings_to_urls": False, "use_zip64": True}
        self.book = xlsxwriter.Workbook(self._stream, {**options, "in_memory": not many, "constant_memory": many})
        self.book.set_properties({name: _words(value) for name, value in properties.items()})
        self._looks: dict[Look, Any] = {}
        self._charts: list[tuple[str, Placed]] = []

    def look(self, look: Look) -> Any:
        """XlsxWriter's format of a look."""
        if look not in self._looks:
            told = {
                "font_name": FONT, "font_size": look.size, "font_color": look.ink, "bold": look.bold,
                "underline": int(look.underlined), "valign": "vcenter", "num_format": look.shown, "indent": look.indent,
                "text_wrap": look.wrap, "shrink": look.shrink, "align": look.align,
            }  # fmt: skip
            told |= {"bg_color": look.fill} if look.fill else {}
            told |= {"border": 1, "border_color": look.rule} if look.rule else {}
            self._looks[look] = self.book.add_format(told)
        return self._looks[look]

    def add(self, sheet: Sheet) -> Any:
        """Draw one sheet, its rows as they come; gives XlsxWriter's own for what only one sheet has."""
        drawn = self.book.add_worksheet(sheet.name)
        if sheet.ordinary != Sheet._field_defaults["ordinary"]:
            drawn.set_default_row(sheet.ordinary)  # heights of single rows stay in memory
        for column, width in enumerate(sheet.widths):
            drawn.set_column(column, column, width, None, {"hidden": column + 1 in sheet.hidden})
        models = [[look and self.look(look) for look in looks] for looks in sheet.models]
        number = -1
        for number, row in enumerate(sheet.rows):
            if row.height is not None:
                drawn.set_row(number, row.height)
            for column, (cell, look) in enumerate(zip(row.cells, models[row.look], strict=True)):
                if look is not None and not (row.link and column == row.linked):
                    _write(drawn, number, column, cell, look)
            if row.link:
                look, text = models[row.look][row.linked], printable(str(row.cells[row.linked]))
                drawn.write_url(number, row.linked, _url(row.link), look, text)
        self._place(drawn, sheet)
        _print(drawn, sheet, number)
        if sheet.head or sheet.still:
            drawn.freeze_panes(sheet.head, sheet.still)
        if sheet.filtered:
            drawn.autofilter(sheet.head - 1, 0, max(sheet.head, number), len(sheet.widths) - 1)
        return drawn

    def _place(self, drawn: Any, sheet: Sheet) -> None:
        """Reserve the places of its charts."""
        for placed in sheet.charts:
            chart = self.book.add_chart({"type": "column"})
            chart.add_series({"values": [sheet.name, placed.row, placed.column, placed.row, placed.column]})
            columns = sheet.widths[placed.left - 1 : placed.right]
            wide = sum(int(width * 7 + 0.5) + 5 for width in columns)
            deep = (placed.bottom - placed.top + 1) * 22
            chart.set_size({"width": wide - 12, "height": deep - 12})
            gap = {"x_offset": 6, "y_offset": 6, "object_position": 1}
            drawn.insert_chart(placed.top - 1, placed.left - 1, chart, gap)
            self._charts.append((sheet.name, placed))

    def to_bytes(self) -> bytes:
        """The finished workbook."""
        self.book.close()
        data = self._stream.getvalue()
        changed = {CHART.format(n): chart_xml(name, placed) for n, (name, placed) in enumerate(self._charts, 1)}
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            # XlsxWriter's backslashes in links to files lead astray outside Windows.
            rels = (name for name in file.namelist() if re.fullmatch(r"xl/worksheets/_rels/sheet\d+\.xml\.rels", name))
            for name in rels:
                relations = file.read(name)
                changed |= {name: relations.replace(b"\\", b"/")} if b"\\" in relations else {}
        return Archive(data).rebuilt(changed, []) if changed else data


def _write(drawn: Any, row: int, column: int, cell: Content, look: Any) -> None:
    """A value as the kind it is; text stays text whatever it begins with."""
    if cell is None or cell == "":
        drawn.write_blank(row, column, None, look)
    elif isinstance(cell, str):
        drawn.write_string(row, column, printable(cell), look)
    elif isinstance(cell, Formula):
        drawn.write_formula(row, column, f"={cell.text}", look, plain(cell.value))
    elif isinstance(cell, date):
        drawn.write_datetime(row, column, cell, look)
    else:
        drawn.write_number(row, column, plain(cell) if isinstance(cell, Decimal) else cell, look)


def _words(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


def plain(value: Decimal) -> int | float:
    """A decimal as other libraries take it."""
    return int(value) if value == value.to_integral_value() else float(value)


def _url(link: Place | str) -> str:
    return printable(link) if isinstance(link, str) else f"internal:{link.target}"


def _print(drawn: Any, sheet: Sheet, last: int) -> None:
    """The printed page, down to the ``last`` row; see :class:`Sheet`."""
    edge = 0.5 if sheet.printed else 0.6
    drawn.set_landscape()
    drawn.set_paper(A4)
    drawn.set_margins(left=0.3, right=0.3, top=edge, bottom=edge)
    drawn.center_horizontally()
    drawn.hide_gridlines(2)
    drawn.set_tab_color(HEAD)
    if sheet.head:
        drawn.repeat_rows(sheet.head - 1 if sheet.banner else 0, sheet.head - 1)
    if sheet.banner:
        drawn.set_header(f"&L&14{sheet.banner}")
        drawn.print_area(sheet.head - 1, 0, last, (sheet.upto or len(sheet.widths)) - 1)
    if sheet.printed:
        drawn.print_area(0, 0, sheet.printed - 1, len(sheet.widths) - 1)
    else:
        drawn.set_footer(f"&L{sheet.name}&R第 &P 页，共 &N 页", {"margin": 0.3})
    drawn.fit_to_pages(1, 1 if sheet.printed else 0)
