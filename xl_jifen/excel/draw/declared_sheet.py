"""Draws the workbook of an import (申报导入): proposed rows as they look on the month sheets, and what became of all.

A new file beside the branch's own, which nobody but a person writes into. Knows columns, widths and colours; decides
nothing about points. The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from xl_jifen import layout
from xl_jifen.declare.propose import DOUBTFUL, NOT_PLACED, REPEATED, PastedRow, Plan, Target
from xl_jifen.excel.draw.closed import Closed
from xl_jifen.excel.draw.looks import height
from xl_jifen.excel.draw.owned import LEVEL_COLOURS
from xl_jifen.excel.read.extent import widths
from xl_jifen.grid import Place
from xl_jifen.publish import declared as words
from xl_jifen.publish.sheet import CELL, HEAD, HEADING, INK, LINKED, MUTED, TEXT, Content, Laid, Look, Sheet, content_of

if TYPE_CHECKING:
    from xl_jifen.excel.read.package import Package

FIRST = 3
"""The row, from 0, where a month's rows begin, as on the master's month sheets."""

LINE, PARCHMENT, GREY, PALE = "#BFBFBF", "#F5E6D3", "#D9D9D9", "#F2F2F2"
PINK, AMBER = "#FFC7CE", "#FFEB9C"
"""The colours of the master's month sheets."""

SHAPES = {"text": "@", "choice": "@", "date": "yyyy-mm-dd", "number": "General"}
WIDTH, HINT_WIDTH, WIDEST = 12.0, 40.0, 60.0
ACCOUNT_WIDTHS = (24.0, 14.0, 12.0, 24.0, 30.0, 10.0, 12.0, 9.0, 62.0)
STATE_LOOKS = {NOT_PLACED: LEVEL_COLOURS["错误"], DOUBTFUL: LEVEL_COLOURS["警告"], REPEATED: (MUTED, "")}


def draw(plan: Plan, package: Package, notes: Sequence[str], created: datetime) -> bytes:
    """对照, then a sheet for each that gets rows, columns in the order and the widths of the branch's own.

    ``package`` is the branch's workbook, ``notes`` sentences about the whole import, which come first.
    """
    book = Closed({"title": "申报导入", "created": created})
    book.add(_account(plan, notes))
    for target in plan.targets:
        rows = [(row, words.hint(row, plan.made_of(row))) for row in plan.rows if row.place.sheet == target.name]
        month = book.add(_month(target, rows, _widths(package, target.name), package.name))
        month.set_selection(FIRST, 0, FIRST + len(rows) - 1, len(target.headings) - 1)
    return book.to_bytes()


def _month(target: Target, rows: Sequence[tuple[PastedRow, str]], widths: Mapping[int, float], workbook: str) -> Sheet:
    """The rows of one month, each with its 提示: in the branch's own column where that stands right."""
    own = len(target.headings)
    known = {target.columns[c.name]: c for c in target.sheet.columns if c.name in target.columns}
    beside = [column for column, what in sorted(known.items()) if what.owned and column > own]
    hint = target.columns.get(layout.HINT, 0) if target.columns.get(layout.HINT, 0) > own else max([own, *beside]) + 1
    headings = dict(enumerate(target.headings, 1)) | {c: known[c].name for c in beside} | {hint: layout.HINT}
    columns = range(1, hint + 1)
    laid = Laid()
    laid.add([f"{target.title}（{len(rows)} 行）"], [Look(size=16, bold=True, ink=HEAD)], 30)
    laid.add([words.pasting(target, FIRST + 1, len(rows), workbook)], [Look(bold=True)], 20)
    looks = [_heading(known.get(c), owned=c > own) if c in headings else None for c in columns]
    laid.add([headings.get(column) for column in columns], looks, 34)
    for row, said in rows:
        warned = AMBER if said else ""
        fill = PINK if said.startswith("错误") else warned
        cells: list[Content] = [said if column == hint else content_of(row.cells.get(column)) for column in columns]
        looks = [_look(known.get(c), fill, owned=c > own) if c in headings else None for c in columns]
        tall = height((_text(cell), _width(widths, c, hint)) for c, cell in zip(columns, cells, strict=True))
        laid.add(cells, looks, tall)
    shown = [_width(widths, column, hint) for column in columns]
    return Sheet(target.sheet.name, shown, laid.models, laid.rows, head=FIRST, still=min(3, own))


def _heading(column: layout.Column | None, *, owned: bool) -> Look:
    look = CELL._replace(bold=True, align="center", rule=LINE, fill=PARCHMENT)
    if owned or (column and column.owned):
        return look._replace(fill=GREY)
    return look._replace(fill=HEAD, ink="#FFFFFF") if column and column.required else look


def _look(column: layout.Column | None, fill: str, *, owned: bool) -> Look:
    kind = column.kind if column else "text"
    look = CELL._replace(shown=SHAPES[kind], rule=LINE, fill=fill or (PALE if owned else ""))
    return look._replace(align="left", indent=1) if kind == "text" else look._replace(align="center")


def _text(cell: Content) -> str:
    return "" if cell is None else str(cell)


def _width(widths: Mapping[int, float], column: int, hint: int) -> float:
    return widths.get(column) or (HINT_WIDTH if column == hint else WIDTH)


def _widths(package: Package, sheet: str) -> dict[int, float]:
    """The widths of the branch's own columns, by number; those that are collapsed there are shown here."""
    own = widths(package, package.sheets[sheet])
    return {column: min(width, WIDEST) if width > 1 else WIDTH for column, width in own.items()}


def _account(plan: Plan, notes: Sequence[str]) -> Sheet:
    """What became of each declaration; a proposed one links to its row in this workbook."""
    targets = {target.name: target for target in plan.targets}
    laid = Laid()
    laid.add(["导入对照"], [Look(size=16, bold=True, ink=HEAD)], 30)
    for note in notes:
        laid.add([note], [Look()])
    if not plan.outcomes:
        return Sheet(words.ACCOUNT_SHEET, ACCOUNT_WIDTHS, laid.models, laid.rows)
    laid.add(words.ACCOUNT_HEADINGS, [HEADING] * len(ACCOUNT_WIDTHS), 24)
    head = len(laid.rows)
    text, middle = CELL._replace(shown=TEXT), CELL._replace(align="center", shown=TEXT)
    for outcome in plan.outcomes:
        place, cells = outcome.place, words.account(outcome)
        ink, fill = LEVEL_COLOURS["错误"] if outcome.has_errors else STATE_LOOKS.get(outcome.state, (INK, ""))
        state = CELL._replace(align="center", bold=True, ink=ink, fill=fill)
        posted, link = middle, None
        if place:
            target = targets[place.sheet]
            posted = LINKED._replace(align="center")
            link = Place(target.sheet.name, FIRST + 1 + place.row - target.row)
        looks = (text, text, middle, text, text, state, posted, middle, text)
        column = words.ACCOUNT_HEADINGS.index(words.POSTED)
        laid.add(cells, looks, height(zip(cells, ACCOUNT_WIDTHS, strict=True)), link, column)
    return Sheet(words.ACCOUNT_SHEET, ACCOUNT_WIDTHS, laid.models, laid.rows, head=head, still=2, filtered=True)
