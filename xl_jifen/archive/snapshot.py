"""The archive (归档) of a published period: everything it rests on, as one text that can be proved unchanged.

An archive holds the branch's own cells as they stood, the lines and scores they gave, and the hash of the archive made
before it (``chain``). Pure: grids and a ledger in, text out and back; ``guard`` compares,
``disk/shelf`` keeps the files. Archives of the first schema (quarters, short codes) stay as they were written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from xl_jifen import layout
from xl_jifen.archive.code import canonical, digest, old_short, short
from xl_jifen.archive.shape import fits
from xl_jifen.budget import Budget
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, CellError, Grid, Grids, Place, as_date
from xl_jifen.period import YEAR, Cycle, Month, Period
from xl_jifen.register import Ledger, Line, Score, Vote, points_text
from xl_jifen.roster import NAMING, heads
from xl_jifen.table import Row, Table

OLD_SCHEMA, SCHEMA = 1, 2

DATED = {
    layout.CHANGES.name: layout.IN_FORCE_FROM,
    layout.ACTIVITIES.name: layout.DAY,
    layout.BALLOTS.name: layout.BALLOT_DAY,
}
"""The sheets of which a quarter rests on the rows dated up to its end, and the heading of that date."""

FIGURES = ("member", "base", "bonus", "deduction", "score", "vetoed")
"""What of a score must never change: all but rank and grade, which follow from those of others."""


class Publication(NamedTuple):
    """How the period was published: on which day, until which day objections could be raised, the 校验码 printed.

    ``files`` maps the names of the published files to their SHA-256. ``hash`` is the whole 校验码; "" where a release
    before printed only the short one. ``clock`` is the computer's day where another was given.
    """

    day: date
    until: date
    code: str
    files: Mapping[str, str]
    hash: str = ""
    clock: str = ""


class Circumstances(NamedTuple):
    """When, by which version of the program and from what file an archive was made.

    ``day`` is the day of archiving as given, ``now`` what the clock said then; ``digest`` is the file's
    SHA-256, "" for an open book.
    """

    day: date
    now: datetime
    program: str
    workbook: str
    digest: str


@lru_cache(maxsize=16)
def _cycle(start: str, end: str) -> Cycle:
    """Asked of an archive for every row it is compared with."""
    return Cycle(date.fromisoformat(start), date.fromisoformat(end))


@dataclass(frozen=True, slots=True)
class Archive:
    """One archived period. ``content`` is plain JSON without floats; ``hash`` the SHA-256 of its canonical text.

    Anyone can prove it: ``jq -cjS .content 归档/2026Q3.json | sha256sum``.
    """

    content: Mapping[str, Any]
    hash: str

    @property
    def is_old(self) -> bool:
        """Whether a release before wrote it."""
        return bool(self.content["schema"] == OLD_SCHEMA)

    @property
    def period(self) -> Period:
        """The period archived. Raises ValueError where it names none."""
        name = self.content["quarter" if self.is_old else "period"]
        period = self.cycle.year if name == YEAR else Period.named(name)
        if period is None:
            raise ValueError("an archive names its period")
        return period

    @property
    def cycle(self) -> Cycle:
        """The scoring cycle it lies in."""
        span = self.content["cycle"]
        return _cycle(span["start"], span["end"])

    @property
    def months(self) -> tuple[Month, ...]:
        """The months it rests on: from the cycle's first to its own last."""
        return months_to(self.cycle, self.period)

    @property
    def end(self) -> date:
        """The last day of the period."""
        return self.cycle.span(self.period)[1]

    @property
    def closed(self) -> str:
        """When it was made, in words; where a day was given, what the computer's clock said beside it."""
        day, clock = str(self.content["closed"]), str(self.content.get("clock", "")).replace("T", " ")
        return f"{day}（电脑时间 {clock}）" if clock else day.replace("T", " ")

    @property
    def previous(self) -> str:
        """The hash of the archive made before; "" for the first of the cycle."""
        return str(self.content["previous"])

    @property
    def code(self) -> str:
        """归档码, the short form of the hash as the receipt prints it."""
        return old_short(self.hash) if self.is_old else short(self.hash)

    @property
    def publication(self) -> Publication:
        """How it was published."""
        told = self.content["published"]
        day, until = date.fromisoformat(told["day"]), date.fromisoformat(told["until"])
        return Publication(day, until, told["code"], told["files"], told.get("hash", ""), str(told.get("clock", "")))

    @property
    def found(self) -> list[tuple[Place, str]]:
        """The row and the code of each finding on its entered rows; none where a release before kept none."""
        return [(Place(each["sheet"], each["row"]), each["code"]) for each in self.content.get("findings", ())]


def stem_of(period: Period) -> str:
    """The name of a period's archive, without suffix: ``2026-09``, ``2026Q3``, ``2026H2``, ``2026``."""
    return str(period.year) if period.is_year else str(period)


def months_to(cycle: Cycle, period: Period) -> tuple[Month, ...]:
    """The months of the cycle up to the end of a period."""
    last = cycle.months_of(period)[-1]
    return tuple(month for month in cycle.months if month <= last)


def archive(
    grids: Grids,
    ledger: Ledger,
    period: Period,
    previous: Archive | None,
    publication: Publication,
    circumstances: Circumstances,
    findings: Iterable[Finding] = (),
) -> Archive:
    """The archive of a period of the ledger's cycle, for which that was reckoned; the same input gives the same hash.

    ``findings`` are the workbook's, of which those on archived rows are kept. ``previous`` is the archive made before,
    None for the cycle's first. The archive of the cycle's last quarter, month or half holds the year's figures too.
    Raises ValueError without a cycle.
    """
    settings = ledger.register.settings
    cycle = settings.cycle
    if cycle is None or not cycle.holds(period):
        raise ValueError("only a period of the cycle can be archived")
    months, own, end = months_to(cycle, period), cycle.months_of(period), cycle.span(period)[1]
    periods = dict.fromkeys((period, *([cycle.year] if end == cycle.end else [])))
    sheets = [(table, list(table_rows(table, months, end))) for table in tables(grids, months)]
    entered = {(t.grid.name, row.number) for t, rows in sheets if t.sheet in layout.ENTERED for row in rows}
    content = {
        "schema": SCHEMA,
        "branch": settings.branch,
        "cycle": {"start": str(cycle.start), "end": str(cycle.end)},
        "period": str(period),
        "kind": period.kind,
        "previous": previous.hash if previous else "",
        "closed": str(circumstances.day),
        "clock": circumstances.now.isoformat(timespec="seconds"),
        "program": circumstances.program,
        "workbook": {"name": circumstances.workbook, "sha256": circumstances.digest},
        "published": {
            "day": str(publication.day),
            "until": str(publication.until),
            "code": publication.code,
            "hash": publication.hash,
            "files": dict(publication.files),
            **({"clock": publication.clock} if publication.clock else {}),
        },
        "sheets": [_sheet(table, rows) for table, rows in sheets],
        "lines": [_line(line) for line in ledger.lines if line.entry.month in own],
        "votes": [_vote(vote) for vote in ledger.votes if vote.ballot.day and vote.ballot.day <= end],
        "scores": [_score(score) for period in periods for score in ledger.of(period)],
        "findings": [
            {"sheet": place.sheet, "row": place.row, "code": code}
            for code, place, *_ in findings
            if (place.sheet, place.row) in entered
        ],
    }
    return Archive(content, digest(content))


# ---- which rows a period rests on ----


def tables(grids: Grids, months: Sequence[Month]) -> Iterator[Table]:
    """The sheets a period rests on, in the order of the layout; those of the branch's months among ``months``."""
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


# ---- canonical text ----


def to_text(archived: Archive) -> str:
    """The archive as the text of its file: canonical JSON, one line."""
    return canonical({"content": archived.content, "hash": archived.hash}) + "\n"


_BEFORE, _BETWEEN = b'{"content":', b',"hash":"'


def from_bytes(data: bytes, budget: Budget) -> Archive | None:
    """The archive in the content of a file; None if a single character was changed (line ends and a BOM aside).

    None too for a text that proves itself and is no archive of ours: the file may come from anyone. Raises CannotRead
    for one that holds more than the budget allows.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").strip(b"\r\n ")
    draw(data, budget)
    content, _, rest = data.removeprefix(_BEFORE).rpartition(_BETWEEN)
    proved = hashlib.sha256(content).hexdigest()
    if not data.startswith(_BEFORE) or rest != b'%b"}' % proved.encode():
        return None
    try:
        archived = Archive(json.loads(content, parse_float=str, parse_constant=str), proved)
        if canonical(archived.content).encode() != content or not fits(archived.content):
            return None
        _draw(archived.content, budget)
        return archived if archived.cycle.holds(archived.period) and archived.publication else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def draw(data: bytes, budget: Budget) -> None:
    """Count the bytes of JSON of ours, and the values in it: at least as many as there are. Raises CannotRead."""
    budget.draw("archives", len(data))
    budget.draw("json", sum(map(data.count, (b",", b"[", b"{"))))


def _draw(content: Mapping[str, Any], budget: Budget) -> None:
    """Count its rows and names as those of a workbook."""
    sheets = {sheet["sheet"]: sheet for sheet in content["sheets"]}
    for sheet in sheets.values():
        rows = sheet["rows"]
        budget.draw("rows", len(rows))
        budget.draw("places", max((sheet["heading_row"], *(row["row"] for row in rows))))
        budget.draw("places", max(sheet["columns"].values(), default=0) * (len(rows) + 1))
    members = len(sheets[layout.ROSTER.name]["rows"]) if layout.ROSTER.name in sheets else 0
    for naming, heading, kind in NAMING:
        everyone = members if naming is layout.ACTIVITIES else 0
        for row in sheets[naming.name]["rows"] if naming.name in sheets else ():
            budget.draw(kind, heads(row["cells"].get(heading), everyone))


def _sheet(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    headings = table.own_headings
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


def decoded(value: Any) -> Cell:
    """A cell from the JSON of an archive."""
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
        rows[row["row"] - 1] = placed({name: decoded(value) for name, value in row["cells"].items()})
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
