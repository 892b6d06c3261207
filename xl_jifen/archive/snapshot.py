"""The archive (归档) of a published quarter: everything it rests on, as one text that can be proved unchanged.

An archive holds the branch's own cells as they stood, the lines and scores they gave, and the hash of the quarter
before, so that the quarters of a cycle form a chain. Pure: grids and a ledger in, text out and back; ``guard``
compares, ``disk/shelf`` keeps the files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from xl_jifen import layout
from xl_jifen.archive.shape import fits
from xl_jifen.grid import Cell, CellError, Grid, Grids
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.register import Ledger, Line, Score, Vote, points_text
from xl_jifen.table import Row, Table, as_date

SCHEMA = 1

DATED = {
    layout.CHANGES.name: layout.IN_FORCE_FROM,
    layout.ACTIVITIES.name: layout.DAY,
    layout.BALLOTS.name: layout.BALLOT_DAY,
}
"""The sheets of which a quarter rests on the rows dated up to its end, and the heading of that date."""

FIGURES = ("member", "base", "bonus", "deduction", "score", "vetoed")
"""What of a score must never change: all but rank and grade, which follow from those of others."""

CODE = re.compile(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){2}")
"""校验码 as printed: twelve hexadecimal digits in groups of four."""


class Publication(NamedTuple):
    """How the quarter was published: on which day, until which day objections could be raised, the 校验码 printed.

    ``files`` maps the names of the published files to their SHA-256.
    """

    day: date
    until: date
    code: str
    files: Mapping[str, str]


class Circumstances(NamedTuple):
    """When, by which version of the program and from what file an archive was made.

    ``digest`` is the file's SHA-256; "" for an open book.
    """

    now: datetime
    program: str
    workbook: str
    digest: str


@dataclass(frozen=True, slots=True)
class Archive:
    """One archived quarter. ``content`` is plain JSON without floats; ``hash`` the SHA-256 of its canonical text.

    Anyone can prove it: ``jq -cjS .content 归档/2026Q3.json | sha256sum``.
    """

    content: Mapping[str, Any]
    hash: str

    @property
    def quarter(self) -> Period:
        """The quarter archived."""
        quarter = quarter_named(self.content["quarter"])
        if quarter is None:
            raise ValueError("an archive names its quarter")
        return quarter

    @property
    def cycle(self) -> Cycle:
        """The scoring cycle it lies in."""
        span = self.content["cycle"]
        return Cycle(date.fromisoformat(span["start"]), date.fromisoformat(span["end"]))

    @property
    def months(self) -> tuple[Month, ...]:
        """The months it rests on: from the cycle's first to its own last."""
        return months_to(self.cycle, self.quarter)

    @property
    def end(self) -> date:
        """The last day of the quarter."""
        return self.cycle.span(self.quarter)[1]

    @property
    def previous(self) -> str:
        """The hash of the quarter before; "" for the first of the cycle."""
        return str(self.content["previous"])

    @property
    def code(self) -> str:
        """校验码, the short form of the hash: ``3F9A-07C2-B1D4``."""
        return short(self.hash)

    @property
    def publication(self) -> Publication:
        """How it was published."""
        told = self.content["published"]
        return Publication(
            date.fromisoformat(told["day"]), date.fromisoformat(told["until"]), told["code"], told["files"]
        )


def quarter_named(text: str) -> Period | None:
    """``2026Q3`` as a quarter; None for any other text."""
    period = Period.named(text)
    return period if period and period.length == 3 else None


def short(digest: str) -> str:
    """The short form of a SHA-256, as it is printed."""
    digits = digest[:12].upper()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def months_to(cycle: Cycle, quarter: Period) -> tuple[Month, ...]:
    """The months of the cycle up to the end of a quarter."""
    return tuple(month for month in cycle.months if month.quarter <= quarter)


def archive(
    grids: Grids,
    ledger: Ledger,
    quarter: Period,
    previous: Archive | None,
    publication: Publication,
    circumstances: Circumstances,
) -> Archive:
    """The archive of a quarter of the ledger's cycle; the same input gives the same hash.

    ``previous`` is the archive of the quarter before, None for the cycle's first. Raises ValueError without a cycle.
    """
    settings = ledger.register.settings
    cycle = settings.cycle
    if cycle is None or quarter not in cycle.quarters:
        raise ValueError("only a quarter of the cycle can be archived")
    months, end = months_to(cycle, quarter), cycle.span(quarter)[1]
    periods = [quarter, *([cycle.year] if quarter == cycle.quarters[-1] else [])]
    content = {
        "schema": SCHEMA,
        "branch": settings.branch,
        "cycle": {"start": str(cycle.start), "end": str(cycle.end)},
        "quarter": str(quarter),
        "previous": previous.hash if previous else "",
        "closed": circumstances.now.isoformat(timespec="seconds"),
        "program": circumstances.program,
        "workbook": {"name": circumstances.workbook, "sha256": circumstances.digest},
        "published": {
            "day": str(publication.day),
            "until": str(publication.until),
            "code": publication.code,
            "files": dict(publication.files),
        },
        "sheets": [_sheet(table, list(table_rows(table, months, end))) for table in tables(grids, months)],
        "lines": [_line(line) for line in ledger.lines if line.entry.month and line.entry.month.quarter == quarter],
        "votes": [_vote(vote) for vote in ledger.votes if vote.ballot.day and vote.ballot.day <= end],
        "scores": [_score(score) for period in periods for score in ledger.of(period)],
    }
    return Archive(content, digest(content))


# ---- which rows a quarter rests on ----


def tables(grids: Grids, months: Sequence[Month]) -> Iterator[Table]:
    """The sheets a quarter rests on, in the order of the layout; those of the branch's months among ``months``."""
    names = {month.sheet for month in months}
    for sheet in layout.SHEETS:
        wanted = sheet in layout.GROUNDS or sheet.name in DATED or sheet.name in names
        if wanted and (grid := grids.get(sheet.name)):
            yield Table(sheet, grid)


def table_rows(table: Table, months: Sequence[Month], end: date) -> Iterator[Row]:
    """The rows of one of those sheets that belong to ``months``: all of them, or those dated there up to ``end``."""
    heading = DATED.get(table.sheet.name)
    for row in table.rows([]):
        day = as_date(row.cell(heading)) if heading else None
        if not heading or (day and day <= end and Month.of(day) in months):
            yield row


def own_headings(table: Table) -> dict[str, int]:
    """The headings the branch fills, and the column of each."""
    return {c.name: table.columns[c.name] for c in table.sheet.columns if not c.owned and c.name in table.columns}


# ---- canonical text ----


def to_text(archived: Archive) -> str:
    """The archive as the text of its file: canonical JSON, one line."""
    return _canonical({"content": archived.content, "hash": archived.hash}) + "\n"


def from_text(text: str) -> Archive | None:
    """The archive in the text of a file; None if a single character was changed (line ends and a BOM aside).

    None too for a text that proves itself and is no archive of ours: the file may come from anyone.
    """
    text = text.strip("\ufeff\r\n ")
    try:
        found = json.loads(text, parse_float=str)
        archived = Archive(found["content"], found["hash"])
        whole = to_text(archived).strip() == text
        sound = whole and digest(archived.content) == archived.hash and archived.content["schema"] == SCHEMA
        if not sound or not fits(archived.content) or archived.quarter not in archived.cycle.quarters:
            return None
        grids_of(archived)
        return archived if archived.publication else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a content's canonical text, in hexadecimal."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no white space. There are no floats, so every language writes the same."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sheet(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    headings = own_headings(table)
    return {
        "sheet": table.sheet.name,
        "name": table.grid.name,
        "heading_row": table.heading_row,
        "columns": headings,
        "rows": [
            {
                "row": row.number,
                "cells": {name: _encoded(cell) for name in headings if (cell := row.cell(name)) is not None},
            }
            for row in rows
        ],
    }


def _encoded(cell: Cell) -> object:
    """A cell as JSON that keeps its type: text and truth as they are, the others as an object of one key."""
    if isinstance(cell, (str, bool)) or cell is None:
        return cell
    if isinstance(cell, CellError):
        return {"error": cell.text}
    if isinstance(cell, date):  # a datetime is one too
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    return {"number": f"{cell:.15g}" if isinstance(cell, float) else str(cell)}


def _decoded(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value if isinstance(value, (str, bool)) else None
    (kind, text), *_ = value.items()
    if kind == "number":
        return int(text) if text.lstrip("-").isdigit() else float(text)
    if kind == "date":
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return time.fromisoformat(text) if kind == "time" else CellError(text)


def grids_of(archived: Archive) -> Grids:
    """The archived cells as the sheets they came from, every cell where it stood."""
    return Grids(tuple(_grid(sheet) for sheet in archived.content["sheets"]))


def _grid(sheet: Mapping[str, Any]) -> Grid:
    columns: Mapping[str, int] = sheet["columns"]
    width = max(columns.values(), default=0)
    rows: list[Sequence[Cell]] = [()] * max([sheet["heading_row"], *(row["row"] for row in sheet["rows"])])

    def placed(cells: Mapping[str, Cell]) -> list[Cell]:
        row: list[Cell] = [None] * width
        for name, cell in cells.items():
            row[columns[name] - 1] = cell
        return row

    rows[sheet["heading_row"] - 1] = placed({name: name for name in columns})
    for row in sheet["rows"]:
        rows[row["row"] - 1] = placed({name: _decoded(value) for name, value in row["cells"].items()})
    return Grid(sheet["name"], rows)


# ---- what came of it ----


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "sheet": entry.place.sheet,
        "row": entry.place.row,
        "member": entry.member.code if entry.member else None,
        "rule": entry.rule.code if entry.rule else None,
        "month": str(entry.month),
        "raw": points_text(line.raw),
        "counted": points_text(line.counted),
        "why": list(line.why),
    }


def _vote(vote: Vote) -> dict[str, Any]:
    ballot = vote.ballot
    return {
        "sheet": ballot.place.sheet,
        "row": ballot.place.row,
        "member": ballot.member.code if ballot.member else None,
        "rule": ballot.rule.code if ballot.rule else None,
        "passed": vote.passed,
    }


def _score(score: Score) -> dict[str, Any]:
    return {"period": str(score.period), "name": score.member.name, **figures(score), "rank": score.rank} | {
        "grade": score.grade,
        "remark": score.remark,
    }


def figures(score: Score) -> dict[str, Any]:
    """The :data:`FIGURES` of a score, as an archive holds them."""
    base = None if score.base is None else points_text(score.base)
    points = (points_text(points) for points in (score.bonus, score.deduction, score.score))
    return dict(zip(FIGURES, (score.member.code, base, *points, score.vetoed), strict=True))


# ---- the chain ----


def chain_breaks(
    cycle: Cycle, archives: Mapping[Period, Archive | None], receipts: Mapping[Period, str]
) -> Iterator[tuple[Period, str]]:
    """What is wrong with the chain of a cycle, one sentence a quarter; nothing for a whole one.

    ``archives`` maps the quarters that have a file to what it holds, None if that was edited or damaged; ``receipts``
    the quarters that were archived, as the receipt (归档回执) beside the published sheet says, to their hash.
    """
    known = [quarter for quarter in cycle.quarters if quarter in archives or quarter in receipts]
    before, trusted = "", True
    for quarter in cycle.quarters[: cycle.quarters.index(known[-1]) + 1] if known else ():
        archived = archives.get(quarter)
        if archived is None:
            trusted = False
            yield (
                quarter,
                (
                    f"{quarter.words}的归档文件被改动或损坏，与其校验值不符"
                    if quarter in archives
                    else f"{quarter.words}的归档文件不见了"
                ),
            )
            continue
        if trusted and archived.previous != before:
            yield quarter, f"{quarter.words}的归档接不上前一个季度的归档，其中有一份不是原来的"
        elif receipts.get(quarter, archived.hash) != archived.hash:
            yield quarter, f"{quarter.words}的归档与公示文件夹中的归档回执不一致，不是原来的一份"
        before, trusted = archived.hash, True
