"""Small files beside a workbook that cost much: archives, a roll-up's journal, pages to be verified.

As in :mod:`hostile_parts`, whose workbooks they lie beside.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from branch_parts import parts, zipped
from hostile_parts import KINDS as PARTS
from hostile_parts import Hostile, numbers, zipped_fast

from xl_jifen import reckon
from xl_jifen.archive.code import digest
from xl_jifen.archive.snapshot import Archive, Circumstances, Publication, archive, to_text
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.period import Period

BOOK, DECLARED, ARCHIVED, PAGE, MESSAGE, SHEET, PAPER, KEPT = (
    "积分.xlsx", "申报.csv", "归档/2026Q1.json", "公示.html", "公示.txt", "公示.xlsx", "公示.pdf", "汇总.续算.sqlite",
)  # fmt: skip
COMMANDS = {
    DECLARED: ["import", BOOK, DECLARED, "--out", "结果.xlsx"],
    ARCHIVED: ["check", BOOK],
    **{name: ["verify", name] for name in (PAGE, MESSAGE, SHEET, PAPER)},
}


def archived(rows: int = 2, **changed: object) -> bytes:
    """An archive of the branch's first quarter that proves itself, with so many rows in January, and other members."""
    grids = read_grids(Package.of(zipped(parts()), BOOK))
    ledger = reckon(grids).ledger
    period = Period.of_quarter(2026, 1)
    published = Publication(date(2026, 4, 9), date(2026, 4, 16), "AAAA-BBBB-CCCC", {})
    made = Circumstances(date(2026, 5, 1), datetime(2026, 5, 1), "0", BOOK, "")
    content = dict(archive(grids, ledger, period, None, published, made).content)
    for sheet in content["sheets"]:
        if sheet["sheet"] == "1月":
            cells = [row["cells"] for row in sheet["rows"]]
            sheet["rows"] = [{"row": n + 2, "cells": {**cells[n % 2], "事由": f"第{n}次"}} for n in range(rows)]
    content |= changed
    return to_text(Archive(content, digest(content))).encode()


def attended(names: str, activities: int) -> bytes:
    """An archive with so many activities in which the same people took part."""
    row = {"日期": {"date": "2026-01-10"}, "活动类型": "党员大会", "活动名称": "会", "参加": names}
    rows = [{"row": n + 2, "cells": row} for n in range(activities)]
    columns = {name: n for n, name in enumerate(row, 1)}
    sheet = {"sheet": "活动考勤", "name": "活动考勤", "heading_row": 1, "columns": columns, "rows": rows}
    return archived(sheets=[sheet])


def kept(statements: Iterable[str], values: Iterable[tuple[object, ...]] = ()) -> bytes:
    """A database that is made by these statements, and rows of its table ``done``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / KEPT
        base = sqlite3.connect(path)
        base.execute("PRAGMA synchronous = OFF")
        base.execute("BEGIN")
        for statement in statements:
            base.execute(statement)
        base.executemany("INSERT INTO done VALUES (?, ?, ?, ?, ?, ?)", values)
        base.commit()
        base.close()
        return path.read_bytes()


DONE = (
    "CREATE TABLE done ( url BLOB PRIMARY KEY, digest TEXT NOT NULL, version TEXT NOT NULL, identity TEXT,"
    " result BLOB NOT NULL, seal BLOB )"
)


def deep(levels: int) -> bytes:
    """Nested lists with the hash of what they are."""
    content = b"[" * levels + b"]" * levels
    return b'{"content":%b,"hash":"%b"}' % (content, hashlib.sha256(content).hexdigest().encode())


NAMES = "、".join(f"人{i}" for i in range(5_000))
MB = 1 << 20


def notice(rows: int) -> bytes:
    return zipped_fast(numbers(rows, 15, lambda r, c: r * 15 + c))


def journal_of_views(count: int) -> bytes:
    return kept([DONE, *(f"CREATE VIEW v{n} AS SELECT 1" for n in range(count))])


def journal_of_results(count: int) -> bytes:
    return kept([DONE], ((b"x%d" % n, "", "", "", bytes(MB), b"") for n in range(count)))


FILES = (
    Hostile("an archive of lists in lists", lambda n: b"[" * (30 * MB // n), (2,), ARCHIVED),
    Hostile("an archive of empty lists", lambda n: b"[" + b"[]," * (15 * MB // n), (2,), ARCHIVED),
    Hostile("as many values as it may have", lambda n: archived(more=[0] * (1_900_000 // n)), (0, 1), ARCHIVED),
    Hostile("as many lists as it may have", lambda n: archived(more=[[]] * (900_000 // n)), (0, 1), ARCHIVED),
    Hostile("lists in lists that prove themselves", lambda n: deep(900_000 // n), (0, 1), ARCHIVED),
    Hostile("four bytes a letter", lambda n: archived(more="\U00020000" + "x" * (30 * MB // n)), (0, 1), ARCHIVED),
    Hostile("an archive of 40 MB", lambda n: archived(more="x" * (40 * MB // n)), (2,), ARCHIVED),
    Hostile("as many rows as an archive may have", lambda n: archived(100_000 // n), (0, 1), ARCHIVED),
    Hostile("more rows than an archive may have", lambda n: archived(112_000 // n), (2,), ARCHIVED),
    Hostile("names in an archive", lambda n: attended(NAMES, 300 // n), (2,), ARCHIVED),
    Hostile("as many names as an archive may have", lambda n: attended(NAMES, 29 // n), (0, 1), ARCHIVED),
    Hostile("a page of tags", lambda n: b"<p>" * (5 * MB // n), (2,), PAGE),
    Hostile("as many tags as are read", lambda n: b"<p>x" * (399_000 // n), (1,), PAGE),
    Hostile("as many cells as are read", lambda n: b"<td>1.50</td>" * (199_000 // n), (1,), PAGE),
    Hostile("comments that do not end", lambda n: b"<!--x" * (399_000 // n), (1,), PAGE),
    Hostile("scripts that do not end", lambda n: b"<script>" * (399_000 // n), (1,), PAGE),
    Hostile("styles that end as scripts", lambda n: b"<style></script>" * (199_000 // n), (1,), PAGE),
    Hostile("a page of letters", lambda n: "\U00020000".encode() * (4 * MB // n - 9), (1,), PAGE),
    Hostile("a page of references", lambda n: b"&amp;" * (3 * MB // n), (1,), PAGE),
    Hostile("a page of 40 MB", lambda n: b"x" * (40 * MB // n), (2,), PAGE),
    Hostile("a text of line ends", lambda n: b"\n" * (15 * MB // n), (2,), MESSAGE),
    Hostile("as many lines as are read", lambda n: b"A1B2C-\n" * (399_000 // n), (1,), MESSAGE),
    Hostile("a text of nearly codes", lambda n: b"A1B2C-" * (2 * MB // n), (1,), MESSAGE),
    Hostile("a notice of numbers", lambda n: notice(19_900 // n), (1,), SHEET),
    Hostile("a paper of 50 MB", lambda n: b"%PDF" + b"\0" * (50 * MB // n), (1,), PAPER),
    Hostile("a journal of many views", lambda n: journal_of_views(2_000 // n), (0,), KEPT),
    Hostile("a journal of large results", lambda n: journal_of_results(40 // n), (0,), KEPT),
)
KINDS = (*PARTS, *FILES)
