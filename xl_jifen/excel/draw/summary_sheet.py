"""Draws 汇总.xlsx, the summary of many branches: 支部汇总, 规则使用, 支部比较 with native charts, 问题清单.

Rows are written as they come and go to the disk at once where they are many, so memory does not grow with them. Knows
columns, widths and colours; decides nothing about points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

from xl_jifen.catalogue import ERROR, WARNING
from xl_jifen.excel.draw import board_sheet
from xl_jifen.excel.draw.closed import Closed
from xl_jifen.excel.draw.looks import height
from xl_jifen.excel.draw.owned import LEVEL_COLOURS
from xl_jifen.publish.rollup.summary import (
    BRANCHES_SHEET,
    COMPARED_SHEET,
    MISSING,
    NOT_COUNTED,
    PROBLEM_HEADS,
    PROBLEMS_SHEET,
    RULE_HEADS,
    UNREAD,
    UNREADABLE,
    USE_SHEET,
    Head,
    ProblemRow,
    Summary,
)
from xl_jifen.publish.rollup.summary import Row as Line
from xl_jifen.publish.sheet import CELL, HEAD, HEADING, LINKED, MUTED, STRIPE, Look, Sheet, SheetRow

MANY_FILES = 500
"""From here on rows go to the disk as they come; texts then stand in their cells, which small previewers miss."""

MOST_ROWS = 1_000_000
"""Rows of 支部汇总; a sheet of Excel ends at 1,048,576."""

MOST_PROBLEMS, MOST_LINKS, MOST_RULES = 100_000, 5_000, 5_000
"""Rows of 问题清单 (all of them are in findings.parquet), its links (Excel allows 65,530, and opens slowly long before
that), and rows of 规则使用."""

ROW_HEIGHT, HEAD_HEIGHT, TITLE_HEIGHT = 20, 34, 30
HEAD_ROW = 2
"""The row of the heads, counted from 0: a title and a note stand over it."""

TITLE, NOTE = Look(size=16, bold=True, ink=HEAD), Look(size=9, ink=MUTED)
NARROW = CELL._replace(wrap=False, shrink=True)
"""Names are long, and the sums of a province wide: they are made smaller where they do not fit."""

BARS = {"登记": "#A9C6EA", "封顶": "#F2B8B0"}
"""The columns of 规则使用 with a bar in each cell, and its colour."""

NUMBERS = {"count": "#,##0", "points": "#,##0.00", "share": "0.0%"}
STATE_COLOURS = {
    UNREADABLE: LEVEL_COLOURS[ERROR],
    MISSING: LEVEL_COLOURS[WARNING],
    NOT_COUNTED: LEVEL_COLOURS[WARNING],
    UNREAD: LEVEL_COLOURS[WARNING],
}


def draw(
    summary: Summary, rows: Iterable[Iterable[Line]], problems: Iterable[Iterable[ProblemRow]], created: datetime
) -> bytes:
    """The workbook: ``summary`` has seen every file, ``rows`` and ``problems`` are theirs in the same order.

    Same arguments, same bytes.
    """
    book = Closed({"created": created, "title": COMPARED_SHEET}, many=summary.files >= MANY_FILES)
    made = f"汇总于 {created:%Y-%m-%d %H:%M}"
    book.add(_branches(summary, rows))
    if used := list(islice(summary.rule_rows(), MOST_RULES)):
        use = book.add(_use(used, made))
        for column, head in enumerate(RULE_HEADS):
            if head.text in BARS:
                bars = {"type": "data_bar", "bar_color": BARS[head.text], "bar_solid": True, "data_bar_2010": True}
                area = HEAD_ROW + 1, column, HEAD_ROW + len(used), column
                use.conditional_format(*area, {**bars, "min_value": 0, "min_type": "num"})
    if compared := summary.board():
        book.add(board_sheet.sheet(COMPARED_SHEET, compared))
    every = (row for of_file in problems for row in of_file)
    if first := next(every, None):
        book.add(_problems(chain((first,), every), made))
    return book.to_bytes()


def _branches(summary: Summary, rows: Iterable[Iterable[Line]]) -> Sheet:
    """支部汇总: what it is, all branches, then row after row as they come."""
    columns = summary.heads
    state = next(number for number, head in enumerate(columns) if head.text == "状态")
    words = [(number, head.width) for number, head in enumerate(columns) if head.kind == "words"]
    ordinary = _looks(columns)
    models = [[HEADING] * len(columns), _looks(columns, bold=True, fill=STRIPE), ordinary]
    for ink, fill in STATE_COLOURS.values():
        narrow = NARROW._replace(align="center", ink=ink, fill=fill)
        models.append([*ordinary[:state], narrow, *ordinary[state + 1 :]])
    coloured = {name: number for number, name in enumerate(STATE_COLOURS, 3)}

    def drawn() -> Iterator[SheetRow]:
        yield SheetRow(0, [head.text for head in columns], HEAD_HEIGHT)
        yield from (SheetRow(1, row) for row in summary.total_rows())
        every = (row for of_file in rows for row in of_file)
        for row in islice(every, MOST_ROWS):
            tall = height((str(row[n]), width) for n, width in words) if any(row[n] for n, _ in words) else None
            yield SheetRow(coloured.get(str(row[state]), 2), row, tall)
        if next(every, None) is not None:
            yield _alone(2, f"只列出前 {MOST_ROWS} 行，全部内容在 branches.parquet 中。", columns)

    return _sheet(BRANCHES_SHEET, summary.head_lines, columns, models, drawn(), still=4)


def _use(used: Sequence[Line], made: str) -> Sheet:
    rows = [SheetRow(0, [head.text for head in RULE_HEADS], HEAD_HEIGHT), *(SheetRow(1, row) for row in used)]
    told = f"党员积分{USE_SHEET}", f"{made}；登记等为笔，计入分为分，使用支部为个。"
    return _sheet(USE_SHEET, told, RULE_HEADS, [[HEADING] * len(RULE_HEADS), _looks(RULE_HEADS)], rows, still=1)


def _problems(problems: Iterator[ProblemRow], made: str) -> Sheet:
    """问题清单: models are the heads, then each level without a link, with one at the place, with one at the file."""
    place = next(number for number, head in enumerate(PROBLEM_HEADS) if head.text == "位置")
    texts = [number for number, head in enumerate(PROBLEM_HEADS) if head.kind == "text"]
    one_line, middle = height(()), CELL._replace(align="center")
    models: list[list[Look]] = [[HEADING] * len(PROBLEM_HEADS)]
    for ink, fill in LEVEL_COLOURS.values():
        level = CELL._replace(ink=ink, fill=fill, bold=True, align="center")
        looks = [level, middle, *[CELL] * (len(PROBLEM_HEADS) - 2)]
        models += [looks, *([*looks[:column], LINKED, *looks[column + 1 :]] for column in (place, place - 1))]
    first = {level: 1 + 3 * number for number, level in enumerate(LEVEL_COLOURS)}

    def drawn() -> Iterator[SheetRow]:
        yield SheetRow(0, [head.text for head in PROBLEM_HEADS], HEAD_HEIGHT)
        links = 0
        for cells, target, cell in islice(problems, MOST_PROBLEMS):
            tall = height((str(cells[column]), PROBLEM_HEADS[column].width) for column in texts)
            url = _url(target, cell) if links < MOST_LINKS else ""
            links += bool(url)
            linked = 1 if cell else 2
            look = first[str(cells[0])] + (linked if url else 0)
            yield SheetRow(look, cells, tall if tall > one_line else None, url or None, place if cell else place - 1)
        if next(problems, None) is not None:
            words = f"只列出前 {MOST_PROBLEMS} 项，全部问题在 findings.parquet 中（加 --parquet 生成）。"
            yield _alone(first["提示"], words, PROBLEM_HEADS)

    told = f"党员积分{PROBLEMS_SHEET}", f"{made}；点“位置”或“文件”打开那个工作簿。"
    return _sheet(PROBLEMS_SHEET, told, PROBLEM_HEADS, models, drawn())._replace(ordinary=one_line)


def _alone(look: int, words: str, columns: Sequence[Head], column: int = 0) -> SheetRow:
    """A row that says one thing."""
    return SheetRow(look, [words if number == column else None for number in range(len(columns))])


def _sheet(
    name: str,
    told: tuple[str, str],
    columns: Sequence[Head],
    models: Sequence[Sequence[Look]],
    rows: Iterable[SheetRow],
    *,
    still: int = 0,
) -> Sheet:
    """A sheet with two lines over its heads, the last of ``models``."""
    widths = [head.width for head in columns]
    blank = [None] * (len(columns) - 1)
    over = [[TITLE, *blank], [NOTE, *blank]]
    lines = [
        SheetRow(len(models) + number, [line, *blank], tall)
        for number, (line, tall) in enumerate(zip(told, (TITLE_HEIGHT, ROW_HEIGHT), strict=True))
    ]
    above = chain(lines, rows)
    return Sheet(
        name, widths, [*models, *over], above, head=HEAD_ROW + 1, still=still, filtered=True, ordinary=ROW_HEIGHT
    )


def _looks(columns: Sequence[Head], **more: Any) -> list[Look]:
    """The look of each column's cells."""

    def look(kind: str) -> Look:
        if kind == "words":
            return CELL
        if kind in NUMBERS:
            return NARROW._replace(align="right", shown=NUMBERS[kind])
        return NARROW._replace(align="center" if kind == "code" else "left")

    return [look(head.kind)._replace(**more) for head in columns]


def _url(target: str, cell: str) -> str:
    """A link to a cell of a file, as XlsxWriter wants it; "" where Excel could not follow it."""
    if not target or len(target) + len(cell) > 1_000:
        return ""
    if any(special in target for special in "#%"):  # XlsxWriter takes # for the cell, and % for "escaped already"
        for special, escaped in (("%", "%25"), ("#", "%23"), (" ", "%20")):
            target = target.replace(special, escaped)
    scheme = "" if "://" in target else "external:"
    return f"{scheme}{target}#{cell}" if cell and scheme else f"{scheme}{target}"
