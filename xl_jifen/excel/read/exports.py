"""Tables that other tools export (导出的申报表), .xlsx or .csv, as plain cells. Reads only, decides nothing.

They come from outside the branch: sizes are bounded, and what no cell of a workbook may hold is left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from statistics import median

from xl_jifen.budget import DECLARATIONS, Budget
from xl_jifen.declare.columns import Source, shown
from xl_jifen.disk.save import look
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package, foreign
from xl_jifen.excel.read.values import PICTURE, Linked, is_picture
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Cell, Grid, is_blank, range_of, seen

TEXTS = (".csv", ".txt", ".tsv")
SEPARATORS = ",\t;，"
MOST_SEPARATORS = 30_000
"""In one line, quoted ones too: a long answer has commas."""
SAMPLE, LONGEST_SAMPLE = 20, 1 << 20
"""Lines by which the separator is told, and how many letters of them."""

_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"), (b"", "gb18030"))
"""The mark a text begins with, and its encoding: what these tools, Excel and WPS write, tried in this order."""
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def read_export(path: Path) -> tuple[Source, ...]:
    """The tables of a file that hold anything, in order. Raises CannotRead, one sentence."""
    label = shown(path.name)
    if path.suffix.lower() in TEXTS:
        return (_cleaned(Source(label, Grid(path.stem, _texts(path, Budget(label, DECLARATIONS))))),)
    package = Package.open(path, DECLARATIONS)
    grids = [grid for grid in read_grids(package, every=True) if any(not is_blank(c) for row in grid.rows for c in row)]
    if not grids:
        raise CannotRead(f"“{path.name}”是空的；请重新导出一份申报表。")
    single = len(grids) == 1
    sources = [Source(label if single else f"{label}“{shown(grid.name)}”", grid) for grid in grids]
    for source in sources:
        budget = Budget(label if single else source.label, DECLARATIONS)  # each sheet may be as long
        budget.draw("declared", len(source.grid.rows))
        budget.draw("columns", max(map(len, source.grid.rows), default=0))
    return tuple(_cleaned(source)._replace(links=links_of(package, source.grid)) for source in sources)


def _cleaned(source: Source) -> Source:
    rows = [[_plain(cell) if isinstance(cell, str) else cell for cell in row] for row in source.grid.rows]
    return source._replace(grid=source.grid._replace(rows=rows, texts=None))


def _plain(text: str) -> str:
    """A text as the eye has it; where WPS showed a picture, its formula is all that an export has of it."""
    return PICTURE if text[:1] == "=" and is_picture(text[1:]) else seen(str(text))


def links_of(package: Package, grid: Grid) -> dict[tuple[int, int], str]:
    """The external targets of a sheet's links by cell, what follows the ``#`` too; only where there are cells.

    Where a cell has both, a link that was laid on it goes before the one of its formula.
    """
    part = package.sheets[grid.name]
    targets = {link.id: link.target for link in package.relations(part) if link.external and link.type == "hyperlink"}
    width = max(map(len, grid.rows), default=0)
    found = {
        (number, column): cell.target
        for number, row in enumerate(grid.rows, 1)
        for column, cell in enumerate(row, 1)
        if isinstance(cell, Linked)
    }
    for _, attributes in package.elements(part, "worksheet/hyperlinks/hyperlink") if targets else ():
        area, target = range_of(attributes.get("ref")), targets.get(attributes.get("r:id", ""), "")
        if not area or not target:
            continue
        before, _, within = target.partition("#")
        if within := within or attributes.get("location", "").removeprefix("#"):
            target = f"{before}#{within}"
        rows = range(area.top, min(area.bottom, len(grid.rows)) + 1)
        columns = range(area.left, min(area.right, width) + 1)
        package.budget.draw("links", len(rows) * len(columns))
        found.update(dict.fromkeys(product(rows, columns), target))
    return {place: _NO_CHARACTERS.sub("", target) for place, target in found.items()}


def _texts(path: Path, budget: Budget) -> Sequence[Sequence[Cell]]:
    """The cells of a text file, all of them texts; the separator is the one that cuts its first lines most evenly."""
    text = _decoded(path, budget)
    lines = "".join(islice(io.StringIO(text, newline=""), SAMPLE))[:LONGEST_SAMPLE]
    rows: list[list[Cell]] = []
    widest = 0
    try:
        for row in _cut(text, max(SEPARATORS, key=lambda sign: _width(lines, sign, budget)), budget):
            budget.draw("declared")
            budget.draw("columns", max(0, len(row) - widest))
            rows.append(row)
            widest = max(widest, len(row))
    except csv.Error:
        raise CannotRead(
            f"“{path.name}”里有一格太长，或引号没有成对，读不了；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。"
        ) from None
    if not any(map(any, rows)):
        raise CannotRead(f"“{path.name}”是空的；请重新导出一份申报表。")
    return rows


def _width(lines: str, separator: str, budget: Budget) -> float:
    """The columns a separator cuts lines into; 0 where it leaves pieces that are too long."""
    try:
        return median([len(row) for row in _cut(lines, separator, budget)] or [0])
    except csv.Error:
        return 0


def _cut(text: str, separator: str, budget: Budget) -> Iterator[list[Cell]]:
    for row in csv.reader(_lines(text, separator, budget), delimiter=separator):
        yield [cell or None for cell in row]


def _lines(text: str, separator: str, budget: Budget) -> Iterator[str]:
    """The lines, none cut into more pieces than memory should hold."""
    for line in io.StringIO(text, newline=""):
        if (pieces := line.count(separator)) > MOST_SEPARATORS:
            budget.draw("columns", pieces)
        yield line


def _decoded(path: Path, budget: Budget) -> str:
    data = look(path, budget, "text")[1]
    if data.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise CannotRead(f"“{path.name}”是工作簿，只是改了扩展名；请把扩展名改回 .xlsx 再试。")
    marked = any(mark and data.startswith(mark) for mark, _ in _ENCODINGS)
    wide = data.count(0) * 8 > len(data) and not marked  # two bytes a letter, and nobody says in which order
    for mark, encoding in _ENCODINGS if not wide else ():
        if data.startswith(mark):
            try:
                return _NO_CHARACTERS.sub("", data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n"))
            except UnicodeDecodeError:
                continue
    raise CannotRead(
        (not wide and foreign(path.name, data))
        or f"“{path.name}”的文字编码认不出来；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。"
    )
