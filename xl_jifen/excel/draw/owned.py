"""The four sheets the tool owns (校验结果, 计分明细, 积分台账, 看板) as sheets: columns, widths, colours.

``publish/owned`` says what stands on them; nothing is decided about points here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from xl_jifen import layout
from xl_jifen.catalogue import LEVELS
from xl_jifen.excel.draw import board_sheet, ledger_sheet
from xl_jifen.excel.draw.looks import height
from xl_jifen.finding import count_words
from xl_jifen.publish.owned.lines import LineRow
from xl_jifen.publish.sheet import CELL, DAY, HEADING, INK, LINK, LINKED, MUTED, TEXT, Look, Sheet, SheetRow

if TYPE_CHECKING:
    from xl_jifen.finding import Finding
    from xl_jifen.publish.owned.tables import Tables

LEVEL_COLOURS = {"错误": ("#B42318", "#FDE8E6"), "警告": ("#8A5A00", "#FFF3D6"), "提示": ("#1F5FA8", "#E8F1FB")}
"""Ink and fill of a finding's level."""

MOST_LINKS = 5_000
"""Links a sheet: Excel allows 65,530, and opens slowly long before that. The places stay readable without."""

LONGEST = 2_000
"""Characters of a message: one that quotes a whole cell could be longer than a cell can hold."""

FIRST_DAY = date(1904, 1, 1)
"""Days before it are written as text, whichever day the workbook counts from."""

FINDING_WIDTHS = (7.0, 8.0, 15.0, 58.0, 58.0)
LINE_WIDTHS = (7.0, 12.0, 9.0, 11.0, 10.0, 9.0, 22.0, 24.0, 8.0, 8.0, 13.0, 44.0, 10.0)
LONG_WIDTHS = tuple(LINE_WIDTHS[column] for column in (3, 6, 7, 11))
FIRST_LINE = 3
"""The row of the first line of 计分明细."""

TITLE, NOTE = Look(size=16, bold=True), Look(ink=MUTED)
PLACE, SOURCE = 2, LineRow._fields.index("source")
"""The columns of 校验结果 and 计分明细 whose cells are links."""


def sheets(tables: Tables) -> tuple[Sheet, ...]:
    """The four sheets, in the order of ``layout.OWNED_SHEETS``."""
    return (
        findings_sheet(tables.branch, tables.findings),
        lines_sheet(tables.branch, tables.lines),
        ledger_sheet.sheet(tables.ledger, FIRST_LINE, len(tables.lines)),
        board_sheet.sheet(layout.BOARD_SHEET, tables.board),
    )


# -- 校验结果: models are the heads, then the levels, each first with a link, then without; title and counts ----------


def findings_sheet(branch: str, findings: Sequence[Finding]) -> Sheet:
    """校验结果."""
    middle = CELL._replace(align="center")
    models: list[Sequence[Look]] = [[HEADING] * len(FINDING_WIDTHS)]
    for ink, fill in LEVEL_COLOURS.values():
        level = CELL._replace(ink=ink, fill=fill, bold=True, align="center")
        models += [[level, middle, place, CELL, CELL] for place in (LINKED, CELL)]
    settled = sum(finding.is_settled for finding in findings)
    words = count_words(findings) + (f"另有已归档、无需处理的 {settled} 条，列在最后。" if settled else "")
    title, counts = (len(models) + n for n in range(2))
    models += [[TITLE], [NOTE]]
    top = [SheetRow(title, [f"{branch}{layout.FINDINGS_SHEET}"], 28), SheetRow(counts, [words], 20)]
    rows = [*top, SheetRow(0, layout.FINDINGS_HEADINGS, 22), *_finding_rows(findings)]
    return Sheet(layout.FINDINGS_SHEET, FINDING_WIDTHS, models, rows, head=len(top) + 1, filtered=True)


def _finding_rows(findings: Sequence[Finding]) -> Iterator[SheetRow]:
    levels = list(LEVELS)
    for position, finding in enumerate(findings):
        # A sheet that is missing (E811) cannot be the target of a link.
        link = finding.place if position < MOST_LINKS and finding.code != "E811" else None
        cells = (finding.level, finding.code, str(finding.place), _clipped(finding.message), _clipped(finding.remedy))
        look = 1 + 2 * levels.index(finding.level) + (link is None)
        yield SheetRow(look, cells, height(zip(cells, FINDING_WIDTHS, strict=True)), link, PLACE)
    if not findings:
        yield SheetRow(6, (None, None, None, "没有发现问题。", None), 22)


# -- 计分明细: models are the heads, then lines that count and lines that do not, each with a link, then without ------


def lines_sheet(branch: str, lines: Sequence[LineRow]) -> Sheet:
    """计分明细."""
    models: list[Sequence[Look]] = [[HEADING] * len(LINE_WIDTHS)]
    for ink in (INK, MUTED):
        text, points = CELL._replace(ink=ink), CELL._replace(ink=ink, align="right", indent=1)
        # LibreOffice prints the edge of a number in a hidden column: the last one is shown as nothing.
        code, key, day = (CELL._replace(ink=ink, align="center", shown=shown) for shown in (TEXT, ";;;", DAY))
        for source in (CELL._replace(ink=LINK, underlined=True, indent=1), CELL._replace(ink=ink, indent=1)):
            models.append([code, day, code, text, code, code, text, text, points, points, source, text, key])
    models.append([TITLE])
    title = SheetRow(len(models) - 1, [f"{branch}{layout.LINES_SHEET}"], 28)
    rows = [title, SheetRow(0, (*layout.LINES_HEADINGS, layout.ROSTER_POSITION), 22), *_line_rows(lines)]
    return Sheet(
        layout.LINES_SHEET,
        LINE_WIDTHS,
        models,
        rows,
        head=FIRST_LINE - 1,
        still=4,
        filtered=True,
        as_text=("C", "E"),
        hidden=(len(LINE_WIDTHS),),
    )


def _line_rows(lines: Sequence[LineRow]) -> Iterator[SheetRow]:
    heights: dict[tuple[str, ...], float] = {}
    for position, line in enumerate(lines):
        long = line.name, line.block, line.item, line.words
        if long not in heights:
            heights[long] = height(zip(long, LONG_WIDTHS, strict=True))
        link = line.place if position < MOST_LINKS else None
        # A mistyped day (0206-03-05) is before the first one a spreadsheet can show.
        day = str(line.day) if line.day and line.day < FIRST_DAY else line.day
        what = (line.code, line.name, line.rule, line.kind, line.block, line.item, line.raw, line.counted, line.source)
        cells = (line.month, day, *what, _clipped(line.words), line.key)
        yield SheetRow(1 + 2 * (not line.counted) + (link is None), cells, heights[long], link, SOURCE)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
