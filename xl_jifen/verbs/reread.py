"""Published files as they are read again (公示文件的复读): what a copy shows, and what of it may show otherwise.

Such a file may be anyone's: all it holds is drawn on a budget before it is cut up, and each pattern stops at the next
``<``, or long ones would take for ever. Reads only; whether a copy agrees with an archive is for ``verify`` to say.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_jifen.budget import NOTICE, Budget
from xl_jifen.disk.save import look
from xl_jifen.excel.read.extent import extent
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.grid import column_letters, squeeze
from xl_jifen.table import as_text

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Table = list[list[str]]

READABLE = (".xlsx", ".html", ".htm", ".txt")
USUAL_FORMATS = frozenset(("General", "G/通用格式", "@"))
SMALLEST = 2.0
"""Points and letters: rows and columns below are not seen."""
_ASIDE = re.compile(r"(?i)<!--|<(script|style)\b[^<>]*>").search
_ASIDE_ENDS = {
    "": re.compile("-->").search,
    **{name: re.compile(rf"(?i)</{name}\b[^<>]*>").search for name in ("script", "style")},
}
MOST_GROWN = 20
"""So many times as large as the original a copy may be that another program saved."""
_CELLS = 200_000
"""Cells of a sheet whose looks are compared; a notice of a thousand members has 10,000."""


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
        return [[[_shown(as_text(cell)) for cell in row] for row in grid.rows] for grid in grids]
    text = _text(path, budget)
    if path.suffix.lower() == ".txt":
        budget.draw("lines", text.count("\n") + text.count("\r"))
        return [[[line] for line in text.splitlines()]]
    budget.draw("tags", text.count("<"))
    pieces = re.split(r"(?i)</?(?:tr|div|p|body)\b[^<>]*>", "".join(_without_asides(text)))
    cut = (re.split(r"(?i)</t[dh]>", piece) for piece in pieces)
    rows = ([_shown(html.unescape(re.sub(r"<[^<>]+>", "", cell))) for cell in cells] for cells in cut)
    return [[row for row in rows if any(row)]]


def differing(original: list[Table], given: list[Table]) -> Iterator[str]:
    """In words, every place where two files show something else."""
    for was_table, now_table in zip_longest(original, given, fillvalue=list[list[str]]()):
        for number, (was_row, now_row) in enumerate(zip_longest(was_table, now_table, fillvalue=list[str]()), 1):
            for column, (was, now) in enumerate(zip_longest(was_row, now_row, fillvalue=""), 1):
                if was != now:
                    who = f"（{was_row[1]}）" if len(was_row) > 1 and was_row[1] and was_row[1] != was else ""
                    place = f"{column_letters(column)}{number}{who}"
                    yield f"{place}：原件是“{was[:40]}”，这里是“{now[:40]}”"


def odd_looks(original: Path, given: Path) -> Iterator[str]:
    """In words, what of a copy hides or shows its values otherwise than the original does; both hold the same."""
    suffix = suffix_of(given)
    if suffix == ".html":
        ours, theirs = (_markup(_text(path, Budget(path.name, NOTICE))) for path in (original, given))
        if ours != theirs:
            yield "网页的标记改动过"
    elif suffix == ".xlsx":
        packages = [Package.open(path, NOTICE) for path in (original, given)]
        if _size(packages[1]) > MOST_GROWN * _size(packages[0]):
            yield "里面另有许多看不见的内容"
            return
        try:
            yield from list(_odd_sheets(*packages))
        except CannotRead:
            raise
        except Exception:  # openpyxl raises whatever a broken part makes it stumble over, some of it late
            raise packages[1].damaged("样式、批注或图片不完好") from None


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


def _shown(text: str) -> str:
    """A cell as it is compared: a figure without the zeros that only line up a column."""
    key = squeeze(text).replace("−", "-")
    return key.rstrip("0").rstrip(".") if re.fullmatch(r"-?[0-9]+\.[0-9]+", key) else key


# ---- the looks of a workbook ----


def _odd_sheets(original: Package, given: Package) -> Iterator[str]:
    if _drawings(original) != _drawings(given):
        yield "图片或图形与原件不同"
    ours, theirs = _loaded(original), _loaded(given)
    if theirs is None or ours is None:
        yield "合并的单元格、链接或格式伸到了很远的地方"
        return
    inks = {_ink(cell) for sheet in ours for row in sheet.iter_rows() for cell in row if cell.value is not None}
    for was, now in zip_longest(ours.worksheets, theirs.worksheets):
        if now is None:
            yield "少了一张工作表"
            return
        if now.sheet_state != "visible":
            yield f"工作表“{now.title}”是隐藏的"
        yield from _odd_sheet(was, now, inks)


def _odd_sheet(was: Worksheet | None, now: Worksheet, inks: set[tuple[str, ...]]) -> Iterator[str]:
    filled = [cell for row in now.iter_rows() for cell in row if cell.value is not None]
    rows, columns = {cell.row for cell in filled}, {cell.column for cell in filled}
    for number, row in now.row_dimensions.items():
        if number in rows and (row.hidden or (row.height is not None and row.height < SMALLEST)):
            yield f"第 {number} 行是隐藏的"
    for name, column in now.column_dimensions.items():
        unseen = column.hidden or (column.customWidth and column.width < SMALLEST / 4)
        if unseen and not columns.isdisjoint(range(column.min or 0, (column.max or 0) + 1)):
            yield f"{name} 列是隐藏的"
    if now.conditional_formatting:
        yield "有条件格式"
    merged = set(map(str, was.merged_cells.ranges)) if was else set()
    yield from (f"{area} 是合并的" for area in map(str, now.merged_cells.ranges) if area not in merged)
    for cell in filled:
        before = was.cell(cell.row, cell.column).value if was else None
        if _shown(str(before)) != _shown(str(cell.value)):  # to openpyxl, though not to us: so it may be to others
            yield f"{cell.coordinate} 在别的程序里显示的可能是“{cell.value}”"
        usual = USUAL_FORMATS | ({was.cell(cell.row, cell.column).number_format} if was else set())
        if cell.number_format not in usual:
            yield f"{cell.coordinate} 的数字格式是“{cell.number_format}”"
        if _ink(cell) not in inks:
            yield f"{cell.coordinate} 的字色或底色与原件不同"


def _ink(cell: Any) -> tuple[str, ...]:
    """The colours of a cell's text and ground as they are compared, and whether a size too small to be read is set."""
    fill = cell.fill
    ground = _colour(fill.fgColor) if fill and fill.fill_type == "solid" else str(fill.fill_type or "")
    size = (cell.font.sz or 11) if cell.font else 11
    return _colour(cell.font.color if cell.font else None), ground, "small" if size < 4 else ""


def _colour(colour: Any) -> str:
    """Six digits; what is left to the program is black."""
    if colour is None or colour.type == "auto":
        return "000000"
    if colour.type == "rgb":
        return str(colour.rgb)[-6:].upper()
    if colour.type == "theme" and colour.theme == 1 and not colour.tint:
        return "000000"
    if colour.type == "indexed" and colour.indexed in (8, 64):
        return "000000"
    return f"{colour.type} {colour.value} {colour.tint}"


def _size(package: Package) -> int:
    return sum(info.file_size for info in package.infos)


def _loaded(package: Package) -> Workbook | None:
    """The workbook as openpyxl has it, which makes every cell that anything reaches; None if that is too many."""
    from openpyxl import load_workbook  # whether a cell shows what it holds is asked of a saved copy only

    for part in package.sheets.values():
        if extent(package, part) > _CELLS:
            return None
    for part in package.parts:
        package.read(part)  # without entities: openpyxl reads them all
    return load_workbook(io.BytesIO(package.data))


def _drawings(package: Package) -> int:
    """How many pictures and shapes lie on the sheets."""
    parts = {each.target for part in package.sheets.values() for each in package.relations(part)}
    drawn = [part for part in parts if "drawing" in package.content_type(part) and part in package]
    return sum(package.xml(part).count(b"Anchor>") for part in drawn)
