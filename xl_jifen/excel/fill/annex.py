"""The annex of a notice (附页，积分构成): what 备注 says of each member, on a sheet of its own behind the table.

Where a table with its items takes several pages, the table alone stands on the first ones, signature and all, and each
member's items follow on the next. Chooses rows and columns; how many pages either takes is for ``template`` to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from xl_jifen import layout
from xl_jifen.excel.fill.form_sheet import TRUE, Cell, FormSheet
from xl_jifen.grid import squeeze
from xl_jifen.publish.page import Page

MADE_OF = "积分构成"
NARROW = 0.85
"""Share of their width that rank and name get beside so much text."""

MOST_ITEMS = 10
"""Items in a row; who has more stands in the next row again."""
_TITLE = "{{标题}}"
_LAID = ("sheetFormatPr", "printOptions", "pageMargins", "pageSetup", "headerFooter")
"""What the annex takes over of how the notice lies on its paper; the rest is about cells it does not have."""


def parted(page: Page) -> tuple[Page, Page | None] | None:
    """The page without 备注, and the annex that holds it, or none where the legend can tell what it says.

    None where the publication has no annex, or 备注 does not stand last, or says nothing.
    """
    told = [row for row in page.rows if len(row) == len(page.columns) and row[-1]]
    if "附页" not in page.words or page.columns[-1:] != (layout.REMARK,) or layout.NAME not in page.columns or not told:
        return None
    said = page.words.get("备注段", "")
    words = dict(page.words)
    words["图例"] = "\n".join(filter(None, (words.get("图例", ""), said or words.get("附页说明", ""))))
    rows = tuple(row[:-1] if len(row) > 1 else row for row in page.rows)
    table = replace(page, words=words, columns=page.columns[:-1], rows=rows, silent=(*page.silent, layout.REMARK))
    if said:
        return table, None
    named = page.columns.index(layout.NAME) + 1
    columns = (*page.columns[:named], layout.REMARK)
    return table, replace(
        page,
        words={**page.words, "标题": page.words["附页"]},
        columns=columns,
        rows=tuple((*row[:named], items) for row in told for items in _portions(str(row[-1]))),
        silent=tuple(name for name in (*page.silent, *page.columns) if name not in columns),
    )


def _portions(remark: str) -> Iterator[str]:
    """A remark in as many rows as it takes: Excel draws none higher than 409 points."""
    items = remark.split("；")
    for at in range(0, len(items), MOST_ITEMS):
        yield "；".join(items[at : at + MOST_ITEMS])


def blank(sheet: FormSheet, model: int, taken: set[str]) -> FormSheet | None:
    """The annex's sheet, yet to be filled: title, headings and model row of the notice's, whose model row that is.

    Its name is none of those ``taken``. None where the branch's template shows no 备注.
    """
    column = next((c for (row, c), cell in sheet.cells.items() if row == model and _says(cell, "{{备注}}")), 0)
    if not column:
        return None
    titled = next((row for (row, _), cell in sorted(sheet.cells.items()) if row < model and _says(cell, _TITLE)), 0)
    rows = [*([titled] if titled else []), model - 1, model]
    to = {row: number for number, row in enumerate(rows, 1)}
    annex = sheet.copy()
    annex.name = next(name for n in range(len(taken) + 1) if (name := MADE_OF + "续" * n) not in taken)
    annex.cells = {(to[row], c): cell for (row, c), cell in sheet.cells.items() if row in to}
    annex.rows = {to[row]: look for row, look in sheet.rows.items() if row in to}
    annex.merged = [
        span._replace(top=to[span.top], bottom=to[span.top])
        for span in sheet.merged
        if span.top == span.bottom and span.top in to
    ]
    heading = annex.cell(to[model - 1], column)
    annex.cells[to[model - 1], column] = Cell(heading.style, MADE_OF)
    annex.columns = {n: _narrower(traits) for n, traits in sheet.columns.items()}
    annex.area, annex.titles = None, range(to[model - 1], to[model])
    annex.drawing = ""
    annex.pieces = {name: re.sub(r'\s\w+:id="[^"]*"', "", sheet.pieces[name]) for name in _LAID if name in sheet.pieces}
    fitted = sheet.traits.get("pageSetUpPr", {}).get("fitToPage") in TRUE
    annex.pieces["sheetPr"] = f'<sheetPr><pageSetUpPr fitToPage="{int(fitted)}"/></sheetPr>'
    annex.pieces["sheetViews"] = '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
    return annex


def _narrower(traits: dict[str, str]) -> dict[str, str]:
    return {**traits, "width": f"{float(traits['width']) * NARROW:.10g}"} if "width" in traits else traits


def _says(cell: Cell, placeholder: str) -> bool:
    return placeholder in squeeze(cell.text)
