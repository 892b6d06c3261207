"""A workbook of any number of entries, the same at every run: the example scheme, and members, entries made by number.

python tests/bench/branch.py ENTRIES FILE
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from xl_jifen import layout  # noqa: E402

SCHEME = ROOT / "workbook" / "scheme"
YEAR = 2026
SETTINGS = {
    layout.BRANCH: "中共示例市测速支部委员会",
    layout.CYCLE_START: f"{YEAR}-01-01",
    layout.CYCLE_END: f"{YEAR}-12-31",
}
OFFICERS = 5
MONTHLY_RATE = 25
"""Entries a month and member, of which a large branch has enough to reach its caps."""

Row = Sequence[str | float | date | None]


def write(path: Path, entries: int) -> None:
    """A workbook with that many entries, an equal part in each month sheet (the last takes the rest)."""
    chance = random.Random(entries)
    members = max(40, entries // (12 * MONTHLY_RATE))
    names = [f"党员{number:05d}" for number in range(1, members + 1)]
    rules = _scheme("rules")
    with xlsxwriter.Workbook(path) as book:
        _add(book, layout.SETTINGS, [["项目", "值"], *SETTINGS.items()])
        _add(book, layout.BANDS, _scheme("bands"))
        roster = [[f"{n:05d}", name, layout.FORMAL, "委员" if n <= OFFICERS else ""] for n, name in enumerate(names, 1)]
        _add(book, layout.ROSTER, [["编号", "姓名", "党员类别", "党内职务"], *roster])
        _add(book, layout.RULES, rules)
        _add(book, layout.GROUPS, _scheme("groups"))
        for number, sheet in enumerate(layout.MONTHS, 1):
            count = entries // 12 + (entries % 12 if number == 12 else 0)
            _add(book, sheet, _month(chance, number, count, names, rules))
        _add(book, layout.ATTENDANCE_RULES, _scheme("attendance_rules"))


def _scheme(name: str) -> list[Row]:
    """A table of the example scheme, its numbers as numbers."""
    rows = list(csv.reader((SCHEME / f"{name}.csv").read_text("utf-8").splitlines()))
    return [rows[0], *([_number(text) for text in row] for row in rows[1:])]


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _month(chance: random.Random, month: int, count: int, names: Sequence[str], rules: list[Row]) -> Iterable[Row]:
    """The rows of one month sheet: nothing wrong with them, except that some repeat others by accident."""
    columns = {str(heading): position for position, heading in enumerate(rules[0])}
    usable = [rule for rule in rules[1:] if rule[columns["类型"]] in (layout.BONUS, layout.DEDUCTION)]
    yield [column.name for column in layout.ENTRY_COLUMNS]
    for serial in range(1, count + 1):
        name, rule = chance.choice(names), chance.choice(usable)
        day = date(YEAR, month, chance.randint(1, 28))
        claim = rule[columns["分值"]] if rule[columns["分值上限"]] != "" else None
        verifier = names[name == names[0]] if rule[columns["类型"]] == layout.DEDUCTION else None
        reason = f"第{serial}件事情，参加{month}月活动"
        yield [serial, day, name, rule[0], None, claim, reason, "佐证材料", verifier, layout.PASSED]


def _add(book: Workbook, sheet: layout.Sheet, rows: Iterable[Row]) -> None:
    page = book.add_worksheet(sheet.name)
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    for position, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                page.write_datetime(position, column, datetime(cell.year, cell.month, cell.day), dated)
            elif isinstance(cell, str):
                page.write_string(position, column, cell)
            elif cell is not None:
                page.write_number(position, column, cell)


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
