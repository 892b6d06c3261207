"""Workbooks for the year-end tests: the example branch as a file, and small branches written in the users' notation."""

from __future__ import annotations

import functools
import tempfile
from datetime import date
from pathlib import Path

import notation

from xl_jifen import Reckoning, reckon
from xl_jifen.grid import Grids
from xl_jifen.publish.page import Page, Value
from xl_jifen.register import Member
from xl_jifen.verbs import quarter

AFTER = date(2027, 1, 8)
"""A day after the cycle of all these workbooks."""


@functools.cache
def demo() -> quarter.Opened:
    """The example branch, read from a file of its own."""
    folder = Path(tempfile.mkdtemp(prefix="xl-jifen-test-"))
    return quarter.open_workbook(quarter.example(folder / "示例.xlsx"))


def small(*changes: str) -> tuple[Grids, Reckoning]:
    """The small workbook ``cases/_基本.txt`` with these sections changed, and what it amounts to."""
    grids = notation.parse(
        "\n".join(("一个小支部。", "套用 基本", "", *changes, "", "## 期望", "### 发现", "| 代码 | 位置 |"))
    ).grids
    return grids, reckon(grids)


def named(reckoning: Reckoning, name: str) -> Member:
    """The one member of that name or label."""
    found = [m for m in reckoning.register.members if name in (m.name, m.label)]
    assert len(found) == 1, name
    return found[0]


def column(page: Page, name: str) -> list[Value]:
    """One column of a page, from top to bottom."""
    return [row[page.columns.index(name)] for row in page.rows]


def row_of(page: Page, heading: str, value: Value) -> dict[str, Value]:
    """The one row with that value under the heading, by heading."""
    found = [
        dict(zip(page.columns, row, strict=True)) for row in page.rows if row[page.columns.index(heading)] == value
    ]
    assert len(found) == 1, (heading, value, len(found))
    return found[0]


def all_text(page: Page) -> str:
    """Everything a page says."""
    return "\n".join([*page.words.values(), *(str(cell) for row in page.rows for cell in row)])
