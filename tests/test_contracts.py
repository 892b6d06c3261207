"""The contracts (docs/scoring.md, docs/workbook.md) name every code, sheet and column there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xl_jifen import layout, rulebook
from xl_jifen.catalogue import CATALOGUE

DOCS = Path(__file__).parent.parent / "xl_jifen" / "docs"
SCORING, WORKBOOK = ((DOCS / name).read_text("utf-8") for name in ("scoring.md", "workbook.md"))
ASIDE = re.compile(r"[(（][^()（）]*[)）]")
PROSE = {layout.SETTINGS.name, *(month.name for month in layout.MONTHS[1:])}
"""Told otherwise: the settings by their keys, the other months with the first."""


def cells(text: str, first: str) -> list[list[str]]:
    """The rows of the table whose first heading is that."""
    table = re.search(rf"^\| {first} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table[1].splitlines()]


def test_scoring_tells_every_code() -> None:
    told = [code for row in cells(SCORING, "code") for code in re.findall(r"\b[EWI]\d{3}\b", row[0])]
    assert sorted(told) == sorted(CATALOGUE)


def test_scoring_tells_every_column_of_a_rule() -> None:
    told = [name for row in cells(SCORING, "column") for name in row[0].replace("*", "").split()]
    assert sorted(told) == sorted(field.heading for field in rulebook.FIELDS)


def test_workbook_tells_every_setting() -> None:
    [settings] = [row[1] for row in cells(WORKBOOK, "sheet") if row[0] == layout.SETTINGS.name]
    keys = re.sub(r"\([^()]*\)", "", settings).partition("keys:")[2].split()
    told = [f"{row.key}{'*' if row.required else ''}" for row in layout.SETTING_ROWS]
    assert sorted(keys) == sorted(told)


@pytest.mark.parametrize("sheet", [s for s in layout.SHEETS if s.name not in PROSE], ids=lambda sheet: sheet.name)
def test_workbook_tells_every_column_of_a_sheet(sheet: layout.Sheet) -> None:
    rows = {row[0].split(" … ")[0]: row[1] for row in cells(WORKBOOK, "sheet")}
    headings = ASIDE.sub("", rows[sheet.name]).split(" — ")[0].replace("owned by the tool:", "")
    told = [heading.strip() for heading in re.split("[·‖]", headings)]
    columns = [f"{column.name}{'*' if column.required else ''}" for column in sheet.columns]
    assert sorted(told) == sorted(columns)
