"""Cells of a page as every renderer writes them: a value's text, which columns hold figures, whom a row is about.

Values only.
"""

from __future__ import annotations

from decimal import Decimal

from xl_jifen.publish.page import Page, Value

PERSON, REMARK = "姓名", "备注"
"""Headings of a page that decide its layout: whom a row is about, and the column of long text."""


def cell_text(value: Value) -> str:
    """A value as it is read: points with the decimals the page gives them, nothing as an empty text."""
    if value is None:
        return ""
    return f"{value:f}".replace("-", "−") if isinstance(value, Decimal) else str(value)


def is_heading(row: tuple[Value, ...]) -> bool:
    """Whether a row is a single cell that heads the rows below it."""
    return len(row) == 1


def figures(page: Page) -> tuple[bool, ...]:
    """For each column, whether it holds points (Decimal), which stand under each other by their decimal point."""
    rows = [row for row in page.rows if not is_heading(row)]
    return tuple(any(isinstance(row[number], Decimal) for row in rows) for number in range(len(page.columns)))


def person(page: Page, row: tuple[Value, ...]) -> str:
    """Whom a row is about; empty on a page without people and in a heading."""
    return cell_text(row[page.columns.index(PERSON)]) if PERSON in page.columns and not is_heading(row) else ""
