"""Draws 汇总.xlsx, the summary of many branches: 支部汇总, 规则使用, 支部比较 with native charts, 问题清单.

Rows are written as they come and go to the disk at once where they are many, so memory does not grow with them. Knows
columns, widths and colours; decides nothing about points.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from xl_jifen.catalogue import ERROR, WARNING
from xl_jifen.excel.draw import board
from xl_jifen.excel.draw.owned import LEVEL_COLOURS
from xl_jifen.excel.draw.pen import LINK, STRIPE, Pen, heads, height, page, plain
from xl_jifen.excel.patch.zipped import Archive
from xl_jifen.publish.summary import (
    BRANCHES_SHEET,
    COMPARED_SHEET,
    MISSING,
    NOT_COUNTED,
    PROBLEM_HEADS,
    PROBLEMS_SHEET,
    RULE_HEADS,
    UNREADABLE,
    USE_SHEET,
    Head,
    ProblemRow,
    Row,
    Summary,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

SHEETS = (BRANCHES_SHEET, USE_SHEET, COMPARED_SHEET, PROBLEMS_SHEET)

MANY_FILES = 500
"""From here on rows go to the disk as they come; texts then stand in their cells, which small previewers miss."""

MOST_ROWS = 1_000_000
"""Rows of 支部汇总; a sheet of Excel ends at 1,048,576."""

MOST_PROBLEMS, MOST_LINKS, MOST_RULES = 100_000, 5_000, 5_000
"""Rows of 问题清单 (all of them are in findings.parquet), its links (Excel allows 65,530, and opens slowly long before
that), and rows of 规则使用."""

ROW_HEIGHT = 20
NUMBERS = {"count": "#,##0", "points": "#,##0.00", "share": "0.0%"}
STATE_COLOURS = {
    UNREADABLE: LEVEL_COLOURS[ERROR],
    MISSING: LEVEL_COLOURS[WARNING],
    NOT_COUNTED: LEVEL_COLOURS[WARNING],
}


def draw(
    summary: Summary, rows: Iterable[Iterable[Row]], problems: Iterable[Iterable[ProblemRow]], created: datetime
) -> bytes:
    """The workbook: ``summary`` has seen every file, ``rows`` and ``problems`` are theirs in the same order.

    Same arguments, same bytes.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"constant_memory": summary.files >= MANY_FILES, "strings_to_urls": False, "use_zip64": True}
    )
    book.set_properties({"created": created, "title": COMPARED_SHEET})
    pen = Pen(book)
    branches, use, compared, found = (book.add_worksheet(name) for name in SHEETS)
    _draw_branches(branches, pen, summary, rows)
    _draw_use(use, pen, summary)
    ordered = _InOrder(compared)
    board.draw(book, cast("Worksheet", ordered), pen, summary.board())
    ordered.write()
    _draw_problems(found, pen, problems)
    book.close()
    return _with_slashes(stream.getvalue())


def _with_slashes(data: bytes) -> bytes:
    """The workbook with links to files written with slashes: XlsxWriter's backslashes lead astray outside Windows."""
    name = f"xl/worksheets/_rels/sheet{len(SHEETS)}.xml.rels"
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        if name not in file.namelist():
            return data
        relations = file.read(name)
    return Archive(data).rebuilt({name: relations.replace(b"\\", b"/")}, [])


def _draw_branches(sheet: Worksheet, pen: Pen, summary: Summary, rows: Iterable[Iterable[Row]]) -> None:
    columns = summary.heads
    _begin(sheet, pen, BRANCHES_SHEET, columns, frozen=4)
    plain_looks = _looks(pen, columns)
    bold = _looks(pen, columns, bold=True, bg_color=STRIPE)
    state = next(number for number, head in enumerate(columns) if head.text == "状态")
    words = [(number, head.width) for number, head in enumerate(columns) if head.kind == "words"]
    coloured = {
        name: pen.cell(text_wrap=False, shrink=True, align="center", font_color=ink, bg_color=fill)
        for name, (ink, fill) in STATE_COLOURS.items()
    }
    number = 0
    for number, row in enumerate(summary.total_rows(), 1):
        _write(sheet, number, row, bold)
    every = (row for of_file in rows for row in of_file)
    for number, row in enumerate(islice(every, MOST_ROWS), number + 1):  # noqa: B020, goes on counting
        if any(row[column] for column, _ in words):
            sheet.set_row(number, height((str(row[column]), width) for column, width in words))
        looks = list(plain_looks)
        looks[state] = coloured.get(str(row[state]), plain_looks[state])
        _write(sheet, number, row, looks)
    if next(every, None) is not None:
        sheet.write_string(number + 1, 0, f"只列出前 {MOST_ROWS} 行，全部内容在 branches.parquet 中。", pen())
    sheet.autofilter(0, 0, max(1, number), len(columns) - 1)


def _draw_use(sheet: Worksheet, pen: Pen, summary: Summary) -> None:
    _begin(sheet, pen, USE_SHEET, RULE_HEADS, frozen=1)
    looks = _looks(pen, RULE_HEADS)
    number = 0
    for number, row in enumerate(islice(summary.rule_rows(), MOST_RULES), 1):
        _write(sheet, number, row, looks)
    for column, head in enumerate(RULE_HEADS):
        if number and head.text in ("登记", "封顶"):
            colour = "#A9C6EA" if head.text == "登记" else "#F2B8B0"
            bars = {"type": "data_bar", "bar_color": colour, "bar_solid": True, "data_bar_2010": True, "min_value": 0}
            sheet.conditional_format(1, column, number, column, {**bars, "min_type": "num"})
    sheet.autofilter(0, 0, max(1, number), len(RULE_HEADS) - 1)


def _draw_problems(sheet: Worksheet, pen: Pen, problems: Iterable[Iterable[ProblemRow]]) -> None:
    _begin(sheet, pen, PROBLEMS_SHEET, PROBLEM_HEADS, frozen=0)
    one_line = height(())
    sheet.set_default_row(one_line)  # heights of single rows stay in memory
    text, middle, link = pen.cell(), pen.cell(align="center"), pen.cell(font_color=LINK, underline=1)
    levels = {
        level: pen.cell(font_color=ink, bg_color=fill, bold=True, align="center")
        for level, (ink, fill) in LEVEL_COLOURS.items()
    }
    texts = [number for number, head in enumerate(PROBLEM_HEADS) if head.kind == "text"]
    linked = next(number for number, head in enumerate(PROBLEM_HEADS) if head.text == "位置")
    number = links = 0
    every = (row for of_file in problems for row in of_file)
    for number, (cells, target, cell) in enumerate(islice(every, MOST_PROBLEMS), 1):
        tall = height((str(cells[column]), PROBLEM_HEADS[column].width) for column in texts)
        if tall > one_line:
            sheet.set_row(number, tall)
        looks: list[Format] = [levels[str(cells[0])], middle, *[text] * (len(cells) - 2)]
        _write(sheet, number, cells, looks)
        url = _url(target, cell)
        if url and links < MOST_LINKS:
            links += 1
            column = linked if cell else linked - 1
            sheet.write_url(number, column, url, link, str(cells[column]))
    if not number:
        sheet.write_string(1, texts[-2], "没有发现问题。", text)
    elif next(every, None) is not None:
        words = f"只列出前 {MOST_PROBLEMS} 项，全部问题在 findings.parquet 中（加 --parquet 生成）。"
        sheet.write_string(number + 1, 0, words, pen())
    sheet.autofilter(0, 0, max(1, number), len(PROBLEM_HEADS) - 1)


def _begin(sheet: Worksheet, pen: Pen, name: str, columns: Sequence[Head], *, frozen: int) -> None:
    page(sheet, name, last_head=0)
    heads(sheet, pen, 0, [head.text for head in columns], [head.width for head in columns])
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, frozen)
    sheet.set_default_row(ROW_HEIGHT)


def _looks(pen: Pen, columns: Sequence[Head], **more: Any) -> list[Format]:
    """The format of each column's cells."""

    def look(kind: str) -> Format:
        if kind == "words":
            return pen.cell(**more)
        shrunk = {**more, "text_wrap": False, "shrink": True}  # names are long, and the sums of a province wide
        if kind in NUMBERS:
            return pen.cell(align="right", num_format=NUMBERS[kind], **shrunk)
        return pen.cell(align="center" if kind == "code" else "left", **shrunk)

    return [look(head.kind) for head in columns]


def _write(sheet: Worksheet, number: int, row: Row, looks: Sequence[Format]) -> None:
    for column, (value, look) in enumerate(zip(row, looks, strict=True)):
        if value is None or value == "":
            sheet.write_blank(number, column, None, look)
        elif isinstance(value, str):
            sheet.write_string(number, column, value, look)
        else:
            sheet.write_number(number, column, plain(value) if isinstance(value, Decimal) else value, look)


class _InOrder:
    """A sheet whose cells are kept back, to be written row after row as a workbook in constant memory needs them."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._cells: dict[tuple[int, int], tuple[Any, Any, Format]] = {}

    def write_string(self, row: int, column: int, text: str, look: Format) -> None:
        self._cells[row, column] = self._sheet.write_string, text, look

    def write_number(self, row: int, column: int, number: float, look: Format) -> None:
        self._cells[row, column] = self._sheet.write_number, number, look

    def write(self) -> None:
        """Write what was kept back."""
        for (row, column), (write, value, look) in sorted(self._cells.items(), key=lambda cell: cell[0]):
            write(row, column, value, look)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)


def _url(target: str, cell: str) -> str:
    """A link to a cell of a file, as XlsxWriter wants it; "" where Excel could not follow it."""
    if not target or len(target) + len(cell) > 1_000:
        return ""
    if any(special in target for special in "#%"):  # XlsxWriter takes # for the cell, and % for "escaped already"
        for special, escaped in (("%", "%25"), ("#", "%23"), (" ", "%20")):
            target = target.replace(special, escaped)
    scheme = "" if "://" in target else "external:"
    return f"{scheme}{target}#{cell}" if cell and scheme else f"{scheme}{target}"
