"""Draws 看板, the branch at a glance: a title, two sentences and four native charts on one printable page.

The numbers the charts stand on lie below them on the same sheet, outside the printed page.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xl_jifen.excel.draw.pen import A4, FONT, HEAD, MUTED

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

    from xl_jifen.excel.draw.pen import Pen
    from xl_jifen.publish.board import Board, Figure

RED, BLUE, GREY, TEXT = "#C0392B", "#2F6DB5", "#E3E3E3", "#595959"
COLUMNS, COLUMN_PIXELS = 16, 72
CHART_ROWS, ROW_PIXELS = 18, 22
FIRST_CHART_ROW = 4
MOST_STEPS = 8
DATA_ROW = FIRST_CHART_ROW + 2 * CHART_ROWS + 3
"""The first row below the printed page, counted from 0."""

NUMBER_FORMATS = {"%": "0.0%", "人": "0", "分": "General"}
SCALE_FORMATS = {"%": "0%", "人": "0", "分": "General;General"}
LABEL_FORMAT = "General;General;;"
"""Deductions point to the left: they need no sign; and no label where there is nothing."""


def draw(book: Any, sheet: Worksheet, pen: Pen, board: Board) -> None:
    """Draw the board on an empty sheet of the scratch workbook."""
    sheet.set_column_pixels(0, COLUMNS - 1, COLUMN_PIXELS)
    sheet.write_string(0, 0, board.title, pen(bold=True, font_size=18, font_color=HEAD))
    sheet.write_string(1, 0, board.summary, pen(font_size=11))
    sheet.write_string(2, 0, board.computed, pen(font_size=9, font_color=MUTED))
    for row, height in enumerate((34, 22, 18, 8)):
        sheet.set_row(row, height)
    for row in range(FIRST_CHART_ROW, FIRST_CHART_ROW + 2 * CHART_ROWS):
        sheet.set_row_pixels(row, ROW_PIXELS)
    sheet.write_string(DATA_ROW - 1, 0, "图表所用的数字", pen(bold=True, font_size=12))
    for position, (figure, kind) in enumerate(_figures(board)):
        column = position * COLUMNS // 4
        _write_numbers(sheet, pen, column, figure)
        chart = _chart(book, sheet.get_name(), column, figure, kind)
        half_width, height = COLUMNS * COLUMN_PIXELS // 2, CHART_ROWS * ROW_PIXELS
        chart.set_size({"width": half_width - 12, "height": height - 10})
        row = FIRST_CHART_ROW + position // 2 * CHART_ROWS
        sheet.insert_chart(
            row, position % 2 * COLUMNS // 2, chart, {"x_offset": 6, "y_offset": 5, "object_position": 1}
        )
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.print_area(0, 0, DATA_ROW - 3, COLUMNS - 1)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_tab_color(HEAD)


def _figures(board: Board) -> tuple[tuple[Figure, str], ...]:
    return (board.bands, "column"), (board.trend, "line"), (board.blocks, "bar"), (board.attendance, "bar")


def _write_numbers(sheet: Worksheet, pen: Pen, column: int, figure: Figure) -> None:
    """A figure as a small table: labels, then a column a series."""
    sheet.write_string(DATA_ROW, column, figure.title, pen.head())
    for offset, (name, values) in enumerate(figure.series, 1):
        sheet.write_string(DATA_ROW, column + offset, name, pen.head())
        form = pen.cell(align="right", num_format=NUMBER_FORMATS[figure.unit])
        for row, value in enumerate(values, DATA_ROW + 1):
            sheet.write_number(row, column + offset, float(value), form)
    for row, label in enumerate(figure.labels, DATA_ROW + 1):
        sheet.write_string(row, column, label, pen.cell(text_wrap=False, shrink=True))


def _chart(book: Any, sheet: str, column: int, figure: Figure, kind: str) -> Chart:
    """One chart: ``column`` for counts, ``line`` for a course over time, ``bar`` for what has long names."""
    two = len(figure.series) > 1
    chart: Chart = book.add_chart({"type": kind})
    first, last = DATA_ROW + 1, DATA_ROW + len(figure.labels)
    for offset in range(1, len(figure.series) + 1):
        colour = RED if offset == 2 or kind == "line" else BLUE
        labels = {"value": True, "font": _font(9), "num_format": LABEL_FORMAT if two else NUMBER_FORMATS[figure.unit]}
        series: dict[str, Any] = {
            "name": [sheet, DATA_ROW, column + offset],
            "categories": [sheet, first, column, last, column],
            "values": [sheet, first, column + offset, last, column + offset],
            "data_labels": labels,
        }
        if kind == "line":
            labels["position"] = "above"
            series["line"] = {"color": colour, "width": 2.25}
            series["marker"] = {"type": "circle", "size": 7, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}}
        else:
            labels["position"] = "outside_end"
            if figure.unit == "%":  # a full bar leaves no room beside it
                labels |= {"position": "inside_end", "font": {**_font(9), "color": "#FFFFFF"}}
            series["fill"], series["gap"], series["overlap"] = {"color": colour}, 55, 100
        chart.add_series(series)
    title = f"{figure.title}（{figure.unit}）" if figure.unit != "%" else figure.title
    chart.set_title({"name": title, "name_font": _font(13, bold=True)})
    _set_axes(chart, figure, kind)
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}, "fill": {"color": "#FFFFFF"}})
    return chart


def _set_axes(chart: Chart, figure: Figure, kind: str) -> None:
    """Names on one axis, reading from the top where it stands upright; a light scale on the other; the note below."""
    names: dict[str, Any] = {"num_font": _font(9), "line": {"color": "#BFBFBF"}, "label_position": "low"}
    names |= {"major_tick_mark": "none", "major_gridlines": {"visible": False}}
    scale: dict[str, Any] = {"num_font": _font(9), "line": {"none": True}, "major_tick_mark": "none"}
    scale |= {"num_format": SCALE_FORMATS[figure.unit], "major_gridlines": {"visible": True, "line": {"color": GREY}}}
    scale |= _span(figure, kind)
    note = {"name": figure.note, "name_font": _font(8)} if figure.note else {}
    if kind == "bar":  # XlsxWriter's y axis is the upright one here, too; reversed, it would push the scale to the top
        chart.set_y_axis({**names, "reverse": True})
        chart.set_x_axis({**scale, **note, "label_position": "high"})
    else:
        chart.set_x_axis({**names, **note})
        chart.set_y_axis(scale)


def _span(figure: Figure, kind: str) -> dict[str, float]:
    """Where the scale begins and ends: room for the labels, and no hills made of tenths of a point."""
    if figure.unit == "%":
        return {"min": 0, "max": 1}
    values = [float(value) for _, series in figure.series for value in series]
    low, high = min(values), max(values)
    low, high = (low - 2, high + 2) if kind == "line" else (min(0, 1.4 * low), max(1, 1.15 * high))
    step = next(s for s in _steps() if (high - low) / s <= MOST_STEPS)
    return {"min": math.floor(low / step) * step, "max": math.ceil(high / step) * step, "major_unit": step}


def _steps() -> Iterator[int]:
    for power in itertools.count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def _font(size: float, *, bold: bool = False) -> dict[str, Any]:
    return {"name": FONT, "size": size, "bold": bold, "color": TEXT}
