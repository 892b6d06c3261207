"""Published files as they are read again (公示文件的复读): what a copy shows, and what of it may show otherwise.

Such a file may be anyone's: all it holds is drawn on a budget before it is cut up, and each pattern stops at the next
``<``, or long ones would take for ever. Reads only; whether a copy agrees with an archive is for ``verify`` to say.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import takewhile, zip_longest
from pathlib import Path

from xl_jifen.budget import NOTICE, Budget
from xl_jifen.disk.save import look
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import as_text, column_letters
from xl_jifen.verbs.looks import odd_sheets, shown

Table = list[list[str]]

SHOWN = 40
"""Letters of a cell that are told."""

READABLE = (".xlsx", ".html", ".htm", ".txt")
_ASIDE = re.compile(r"(?i)<!--|<(script|style)\b[^<>]*>").search
_ASIDE_ENDS = {
    "": re.compile("-->").search,
    **{name: re.compile(rf"(?i)</{name}\b[^<>]*>").search for name in ("script", "style")},
}


def suffix_of(path: Path) -> str:
    """The kind of file by its name: ``.html`` for both spellings."""
    suffix = path.suffix.lower()
    return ".html" if suffix == ".htm" else suffix


def tables(path: Path) -> list[Table]:
    """The tables of a published xlsx (a sheet each), html or txt: rows of cells as they are compared.

    Raises CannotRead.
    """
    budget = Budget(path.name, NOTICE)
    if path.suffix.lower() == ".xlsx":
        grids = read_grids(Package.of(look(path, budget)[1], path.name, NOTICE), every=True)
        return [[[shown(as_text(cell)) for cell in row] for row in grid.rows] for grid in grids]
    text = _text(path, budget)
    if path.suffix.lower() == ".txt":
        budget.draw("lines", text.count("\n") + text.count("\r"))
        return [[[line] for line in text.splitlines()]]
    budget.draw("tags", text.count("<"))
    pieces = re.split(r"(?i)</?(?:tr|div|p|body)\b[^<>]*>", "".join(_without_asides(text)))
    cut = (re.split(r"(?i)</t[dh]>", piece) for piece in pieces)
    rows = ([shown(html.unescape(re.sub(r"<[^<>]+>", "", cell))) for cell in cells] for cells in cut)
    return [[row for row in rows if any(row)]]


def differing(original: list[Table], given: list[Table]) -> Iterator[str]:
    """In words, every place where two files show something else: of several tables with its number."""
    for table, (was_table, now_table) in enumerate(zip_longest(original, given, fillvalue=list[list[str]]()), 1):
        where = f"第{table}张表 " if table > 1 else ""
        for number, (was_row, now_row) in enumerate(zip_longest(was_table, now_table, fillvalue=list[str]()), 1):
            for column, (was, now) in enumerate(zip_longest(was_row, now_row, fillvalue=""), 1):
                if was != now:
                    who = f"（{was_row[1]}）" if len(was_row) > 1 and was_row[1] and was_row[1] != was else ""
                    place = f"{where}{column_letters(column)}{number}{who}"
                    yield f"{place}：原件是“{_near(was, now)}”，这里是“{_near(now, was)}”"


def _near(text: str, other: str) -> str:
    """Some letters of a text around the first that the other has not."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))
    first = max(0, min(same - 10, len(text) - SHOWN))
    return f"{'…' if first else ''}{text[first : first + SHOWN]}"


def odd_looks(original: Path, given: Path) -> Iterator[str]:
    """In words, what of a copy hides or shows its values otherwise than the original does; both hold the same."""
    suffix = suffix_of(given)
    if suffix == ".html":
        ours, theirs = (_markup(_text(path, Budget(path.name, NOTICE))) for path in (original, given))
        if ours != theirs:
            yield "网页的标记改动过"
    elif suffix == ".xlsx":
        yield from odd_sheets(*(Package.open(path, NOTICE) for path in (original, given)))


def _text(path: Path, budget: Budget) -> str:
    return look(path, budget, "text")[1].decode("utf-8-sig", errors="replace")


def _without_asides(text: str) -> Iterator[str]:
    """A web page without comments, scripts and styles; one that does not end takes all that follows, as in browsers."""
    at = 0
    while opened := _ASIDE(text, at):
        yield text[at : opened.start()]
        closed = _ASIDE_ENDS[(opened[1] or "").lower()](text, opened.end())
        if closed is None:
            return
        at = closed.end()
    yield text[at:]


def _markup(text: str) -> str:
    """A web page but for the white space that shows nothing."""
    return " ".join(re.sub(r"\s*([<>])\s*", r"\1", text).split())
