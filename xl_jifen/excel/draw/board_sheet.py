"""看板 as a sheet, the branch at a glance: a title, two sentences and four charts on one printable page.

The numbers the charts stand on lie below them on the same sheet, outside the printed page.
"""

from __future__ import annotations

from itertools import zip_longest

from xl_jifen.excel.patch.charted import label_format
from xl_jifen.publish.page import Board, Chart
from xl_jifen.publish.sheet import CELL, HEAD, HEADING, MUTED, Content, Laid, Look, Placed, Sheet

COLUMNS, COLUMN_PIXELS = 16, 72
CHART_ROWS, ROW_POINTS = 18, 16.5
LINE = 84
"""Characters of 10 points that stand in a line across the page."""

NAME = CELL._replace(wrap=False, shrink=True)


def sheet(name: str, board: Board) -> Sheet:
    """The board as the sheet of that name."""
    charts = tuple(filter(None, (board.bands, board.trend, board.blocks, board.attendance)))
    laid = Laid()
    laid.add([board.title], [Look(size=18, bold=True, ink=HEAD)], 34)
    laid.add([board.summary], [Look(size=11)], 22)
    laid.add([board.computed], [Look(size=9, ink=MUTED)], 18)
    for line in _lines(board.held):
        laid.add([line], [Look(size=10)], 16)
    laid.add((), (), 8)
    first = len(laid.rows) + 1
    below = first + 2 * CHART_ROWS + 3  # the headings of the numbers, below the printed page
    for _ in range(2 * CHART_ROWS):
        laid.add((), (), ROW_POINTS)
    laid.add((), ())
    laid.add((), ())
    laid.add(["图表所用的数字"], [Look(size=12, bold=True)])
    _add_numbers(laid, charts)
    half, deep = COLUMNS // 2, CHART_ROWS
    placed = tuple(
        Placed(
            chart,
            top=first + position // 2 * deep,
            left=1 + position % 2 * half,
            bottom=first + (position // 2 + 1) * deep - 1,
            right=half + position % 2 * half,
            row=below,
            column=1 + position * COLUMNS // len(charts),
        )
        for position, chart in enumerate(charts)
    )
    widths = [(COLUMN_PIXELS - 5) / 7] * COLUMNS
    return Sheet(name, widths, laid.models, laid.rows, charts=placed, printed=below - 3)


def _lines(text: str) -> list[str]:
    """A text in lines of the page's width, none broken but after ；: a cell that runs on is never wrapped."""
    lines = [""]
    for piece in text.replace("；", "；\n").splitlines():
        if lines[-1] and len(lines[-1]) + len(piece) > LINE:
            lines.append("")
        lines[-1] += piece
    return [line for line in lines if line]


def _add_numbers(laid: Laid, charts: tuple[Chart, ...]) -> None:
    """The numbers of the charts as small tables beside each other: labels, then a column a series."""
    # openpyxl keeps of a label's format only that of its cell
    figures = [CELL._replace(align="right", shown=label_format(chart)) for chart in charts]
    tables = [
        [(chart.title, *chart.names), *zip(chart.labels, *(chart.shares(v) for _, v in chart.series), strict=True)]
        for chart in charts
    ]
    for number, row in enumerate(zip_longest(*tables, fillvalue=())):
        cells: list[Content] = [None] * COLUMNS
        looks: list[Look | None] = [None] * COLUMNS
        for position, told in enumerate(row):
            at = position * COLUMNS // len(charts)
            like = [NAME, *[figures[position]] * len(told)] if number else [HEADING] * len(told)
            cells[at : at + len(told)] = told
            looks[at : at + len(told)] = like[: len(told)]
        laid.add(cells, looks)
