"""A small branch's year on files, written in the users' notation: published and archived as its secretary would."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
from archives import BOOK, LATER, added, changed
from notation import parse

from xl_jifen.disk.shelf import shelf
from xl_jifen.period import Period
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.close import close
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.guarded import guarded
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish as publishing
from xl_jifen.verbs.verify import verify

NAME = "党员积分.xlsx"
Q1, Q2, Q3 = (Period.of_quarter(2026, number) for number in (1, 2, 3))
TAMPERED = changed("1月", "序号", "3", "数量", "4")
PENDING = added("9月", "日期 姓名 规则 事由 审核状态", "2026-09-10 张三 加2 植树 待审")
PUBLISHED = {Q1: date(2026, 4, 8), Q2: date(2026, 7, 8), Q3: date(2026, 10, 9)}
CLOSED = {Q1: datetime(2026, 4, 20, 9), Q2: datetime(2026, 7, 20, 9), Q3: datetime(2026, 10, 20, 9)}


def publish(home: Path, quarter: Period, *, draft: bool = False, day: date | None = None) -> Done:
    opened = verbs.open_workbook(home / NAME)
    when = day or PUBLISHED[quarter]
    now = datetime.combine(when, time(9))
    return publishing(opened, quarter, now, day=when, draft=draft, style=Style(charts=False))


def shut(home: Path, quarter: Period, now: datetime | None = None) -> Done:
    opened = verbs.open_workbook(home / NAME)
    return close(opened, quarter, now or CLOSED[quarter])


def code_of(home: Path, quarter: Period) -> str:
    """归档码 of a quarter."""
    archived = shelf(home).of(quarter)
    assert archived
    return archived.code


def write(home: Path, *changes: str) -> None:
    """The branch's workbook as a file, after these changes in the users' notation."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse("\n\n".join((BOOK, LATER, *changes))).grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(list(row))
    book.save(home / NAME)


def told(home: Path) -> list[str]:
    opened = verbs.open_workbook(home / NAME)
    before = opened.reckoning
    after = guarded(opened.path, opened.grids, before)
    assert after.ledger is before.ledger, "E901 changes no score"
    assert guarded(opened.path, opened.grids, after).findings == after.findings, "once is enough"
    return [f"{finding.place} {finding.message}" for finding in after.findings if finding.code == "E901"]


def verified(home: Path, target: object) -> Done:
    return verify(str(target), home)


def file_of(home: Path, suffix: str, folder: str = "公示/2026年第一季度") -> Path:
    return home / folder / f"2026年第一季度党员积分公示表{suffix}"
