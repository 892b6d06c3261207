"""Draws the four sheets the tool owns (校验结果, 计分明细, 积分台账, 看板) in a scratch workbook in memory.

``graft`` transplants them into the user's file. Knows columns, widths and colours; decides nothing about points.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from xl_jifen import layout
from xl_jifen.catalogue import LEVELS
from xl_jifen.excel.draw import board, ledger
from xl_jifen.excel.draw.pen import INK, LINK, MUTED, Pen, heads, height, page
from xl_jifen.excel.patch.graft import Scratch
from xl_jifen.excel.patch.rows import FIRST, Row, Table
from xl_jifen.excel.read.package import Package
from xl_jifen.publish.tables import LineRow, Tables

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

    from xl_jifen.finding import Finding

LEVEL_COLOURS = {"错误": ("#B42318", "#FDE8E6"), "警告": ("#8A5A00", "#FFF3D6"), "提示": ("#1F5FA8", "#E8F1FB")}
"""Ink and fill of a finding's level."""

MOST_LINKS = 5_000
"""Links a sheet: Excel allows 65,530, and opens slowly long before that. The places stay readable without."""

LONGEST = 2_000
"""Characters of a message: one that quotes a whole cell could be longer than a cell can hold."""

FIRST_DAY = date(1904, 1, 1)
"""Days before it are written as text, whichever day the workbook counts from."""

FINDING_WIDTHS = (7.0, 8.0, 15.0, 58.0, 58.0)
LINE_WIDTHS = (7.0, 12.0, 9.0, 11.0, 10.0, 9.0, 28.0, 28.0, 9.0, 9.0, 13.0, 50.0, 10.0)
PLACE, SOURCE = 2, LineRow._fields.index("source")
"""The columns of 校验结果 and 计分明细 whose cells are links."""


def draw(tables: Tables) -> Scratch:
    """The four sheets. Same tables, same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2020, 1, 1)})
    pen = Pen(book)
    sheets = [book.add_worksheet(name) for name in layout.OWNED_SHEETS]
    _draw_findings(sheets[0], pen, len(tables.findings))
    _draw_lines(sheets[1], pen, len(tables.lines))
    ledger.draw(sheets[2], pen, tables.ledger)
    board.draw(book, sheets[3], pen, tables.board)
    book.close()
    long = {
        layout.FINDINGS_SHEET: Table(tuple(finding_rows(tables.findings)), link_column=PLACE),
        layout.LINES_SHEET: Table(tuple(line_rows(tables.lines)), link_column=SOURCE),
        layout.LEDGER_SHEET: Table(tuple(ledger.rows(tables.ledger, len(tables.lines))), first=ledger.FIRST),
    }
    return Scratch(Package.of(stream.getvalue(), "scratch.xlsx"), long)


def _draw_models(sheet: Worksheet, looks: Sequence[Sequence[Format]]) -> None:
    for row, forms in enumerate(looks, FIRST - 1):
        for column, form in enumerate(forms):
            sheet.write_blank(row, column, None, form)


# -- 校验结果: looks are the levels, each first with a link, then without ---------------------------------------------


def _draw_findings(sheet: Worksheet, pen: Pen, count: int) -> None:
    page(sheet, layout.FINDINGS_SHEET, last_head=0)
    heads(sheet, pen, 0, layout.FINDINGS_HEADINGS, FINDING_WIDTHS)
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 0)
    text, middle = pen.cell(), pen.cell(align="center")
    looks = []
    for ink, fill in LEVEL_COLOURS.values():
        level = pen.cell(font_color=ink, bg_color=fill, bold=True, align="center")
        looks += [[level, middle, place, text, text] for place in (pen.cell(font_color=LINK, underline=1), text)]
    _draw_models(sheet, looks)
    sheet.autofilter(0, 0, max(1, count), len(FINDING_WIDTHS) - 1)


def finding_rows(findings: Sequence[Finding]) -> Iterator[Row]:
    """The rows of 校验结果 as they are drawn."""
    levels = list(LEVELS)
    for position, finding in enumerate(findings):
        # A sheet that is missing (E811) cannot be the target of a link.
        link = finding.place if position < MOST_LINKS and finding.code != "E811" else None
        cells = (finding.level, finding.code, str(finding.place), _clipped(finding.message), _clipped(finding.remedy))
        look = 2 * levels.index(finding.level) + (link is None)
        yield Row(look, cells, height(zip(cells, FINDING_WIDTHS, strict=True)), link)
    if not findings:
        yield Row(5, (None, None, None, "没有发现问题。", None), 22)


# -- 计分明细: looks are lines that count and lines that do not, each first with a link, then without ------------


def _draw_lines(sheet: Worksheet, pen: Pen, count: int) -> None:
    page(sheet, layout.LINES_SHEET, last_head=0)
    heads(sheet, pen, 0, (*layout.LINES_HEADINGS, layout.ROSTER_POSITION), LINE_WIDTHS)
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 4)
    looks = []
    for ink in (INK, MUTED):
        text, points = pen.cell(font_color=ink), pen.cell(font_color=ink, align="right", indent=1)
        code, key = (pen.cell(font_color=ink, align="center", num_format=code) for code in ("@", "General"))
        day = pen.cell(font_color=ink, align="center", num_format="yyyy-mm-dd")
        for source in (pen.cell(font_color=LINK, underline=1, indent=1), pen.cell(font_color=ink, indent=1)):
            looks.append([code, day, code, text, code, code, text, text, points, points, source, text, key])
    _draw_models(sheet, looks)
    if count:
        sheet.ignore_errors({"number_stored_as_text": f"C2:E{count + 1}"})
    sheet.autofilter(0, 0, max(1, count), len(LINE_WIDTHS) - 1)


def line_rows(lines: Sequence[LineRow]) -> Iterator[Row]:
    """The rows of 计分明细 as they are drawn."""
    heights: dict[tuple[str, ...], float] = {}
    for position, line in enumerate(lines):
        long = line.name, line.block, line.item, line.words
        if long not in heights:
            heights[long] = height(zip(long, (LINE_WIDTHS[column] for column in (3, 6, 7, 11)), strict=True))
        link = line.place if position < MOST_LINKS else None
        # A mistyped day (0206-03-05) is before the first one a spreadsheet can show.
        day = str(line.day) if line.day and line.day < FIRST_DAY else line.day
        what = (line.code, line.name, line.rule, line.kind, line.block, line.item, line.raw, line.counted, line.source)
        cells = (line.month, day, *what, _clipped(line.words), line.key)
        yield Row(2 * (not line.counted) + (link is None), cells, heights[long], link)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
