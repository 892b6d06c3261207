"""A chart as Excel's own XML (图表), every element told that programs read differently where it is absent.

In a file that says it was saved by Excel 2007 an absent ``showLegendKey`` or ``smooth`` means no, in a later one yes;
so nothing is left to be guessed. It knows one chart, and the cells its numbers stand in.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from xl_jifen.excel.patch.markup import escape
from xl_jifen.excel.patch.styles import FONT
from xl_jifen.grid import column_letters
from xl_jifen.publish.page import Chart
from xl_jifen.publish.sheet import Placed, Sheet, reference

RED, BLUE, GREY, INK, AXIS, FRAME = "C0392B", "2F6DB5", "E3E3E3", "595959", "BFBFBF", "D9D9D9"
NUMBER_FORMATS = {"%": "0.0%", "人": "0", "分": "General"}
SCALE_FORMATS = {"%": "0%", "人": "0", "分": "General;General"}
LABEL_FORMAT = "General;General;;"
"""Deductions point to the left: they need no sign; and no label where there is nothing."""

MOST_STEPS = 8
SMOOTH = '<c:smooth val="0"/>'
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_NAMES, _SCALE = 50010001, 50010002  # the axes


def chart_xml(sheet: str, placed: Placed) -> bytes:
    """The part of one chart on that sheet."""
    chart = placed.chart
    title = f"{chart.title}（{chart.unit}）" if chart.unit != "%" else chart.title
    lies = chart.kind == "lying"
    series = "".join(_series(sheet, placed, position) for position in range(len(chart.series)))
    axes = f'<c:axId val="{_NAMES}"/><c:axId val="{_SCALE}"/>'
    if chart.kind == "line":
        plot = f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}<c:marker val="1"/>{axes}'
        plot += "</c:lineChart>"
    else:
        plot = f'<c:barChart><c:barDir val="{"bar" if lies else "col"}"/><c:grouping val="clustered"/>'
        plot += f'<c:varyColors val="0"/>{series}<c:gapWidth val="55"/><c:overlap val="100"/>{axes}</c:barChart>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<c:roundedCorners val="0"/><c:chart>{_title(title, 13, bold=True)}<c:autoTitleDeleted val="0"/>'
        f"<c:plotArea><c:layout/>{plot}{_names_axis(chart, lies)}{_scale_axis(chart, lies)}</c:plotArea>"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr>{_fill('FFFFFF')}<a:ln>{_fill(FRAME)}</a:ln></c:spPr></c:chartSpace>"
    ).encode()


def _series(sheet: str, placed: Placed, position: int) -> str:
    chart = placed.chart
    name, values = chart.series[position]
    colour = RED if position or chart.kind == "line" else BLUE
    if chart.kind == "line":
        own = f'<c:spPr><a:ln w="28575">{_fill(colour)}</a:ln></c:spPr><c:marker><c:symbol val="circle"/>'
        own += f'<c:size val="7"/><c:spPr>{_fill(colour)}<a:ln>{_fill("FFFFFF")}</a:ln></c:spPr></c:marker>'
    else:
        own = f'<c:spPr>{_fill(colour)}</c:spPr><c:invertIfNegative val="0"/>'
    first, last, column = placed.row + 1, placed.row + len(values), placed.column + 1 + position
    heading = _texts(_cells(sheet, column, placed.row, placed.row), [name])
    labels = _texts(_cells(sheet, placed.column, first, last), chart.labels)
    numbers = f"<c:formatCode>General</c:formatCode>{_points([f'{float(v):.15g}' for v in chart.shares(values)])}"
    return (
        f'<c:ser><c:idx val="{position}"/><c:order val="{position}"/><c:tx>{heading}</c:tx>{own}{_labels(chart)}'
        f"<c:cat>{labels}</c:cat><c:val><c:numRef>{_cells(sheet, column, first, last)}"
        f"<c:numCache>{numbers}</c:numCache></c:numRef></c:val>{SMOOTH if chart.kind == 'line' else ''}</c:ser>"
    )


def _cells(sheet: str, column: int, first: int, last: int) -> str:
    """A reference to cells of one column."""
    letters = column_letters(column)
    area = f"${letters}${first}" + (f":${letters}${last}" if last > first else "")
    return f"<c:f>{escape(reference(sheet))}!{area}</c:f>"


def _texts(cells: str, texts: Sequence[str]) -> str:
    return f"<c:strRef>{cells}<c:strCache>{_points([escape(text) for text in texts])}</c:strCache></c:strRef>"


def _points(values: Sequence[str]) -> str:
    told = "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))
    return f'<c:ptCount val="{len(values)}"/>{told}'


def _labels(chart: Chart) -> str:
    """The figures at the points; nothing else is written there."""
    full = chart.unit == "%"  # a full bar leaves no room beside it
    at_end = "inEnd" if full else "outEnd"
    place = "t" if chart.kind == "line" else at_end
    code = escape(label_format(chart))
    nothing = "".join(f'<c:show{what} val="0"/>' for what in ("CatName", "SerName", "Percent", "BubbleSize"))
    return (
        f'<c:dLbls><c:numFmt formatCode="{code}" sourceLinked="0"/><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>'
        f'{_text(9, "FFFFFF" if full else INK)}<c:dLblPos val="{place}"/><c:showLegendKey val="0"/><c:showVal val="1"/>'
        f"{nothing}</c:dLbls>"
    )


def label_format(chart: Chart) -> str:
    """How its figures are written, at the points and in the cells they stand in."""
    return LABEL_FORMAT if len(chart.series) > 1 else NUMBER_FORMATS[chart.unit]


def _names_axis(chart: Chart, lies: bool) -> str:
    """The axis of names, reading from the top where it stands upright; the note below it where it does not."""
    return (
        f'<c:catAx><c:axId val="{_NAMES}"/>'
        f'<c:scaling><c:orientation val="{"maxMin" if lies else "minMax"}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{"l" if lies else "b"}"/>{"" if lies else _note(chart)}'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/><c:spPr><a:ln>{_fill(AXIS)}</a:ln></c:spPr>{_text(9)}<c:crossAx val="{_SCALE}"/>'
        '<c:crosses val="autoZero"/><c:auto val="1"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/>'
        '<c:noMultiLvlLbl val="0"/></c:catAx>'
    )


def _scale_axis(chart: Chart, lies: bool) -> str:
    """A light scale; of lying bars at the bottom, though the axis of names is reversed."""
    least, most, step = _span(chart)
    unit = f'<c:majorUnit val="{step:g}"/>' if step else ""
    return (
        f'<c:valAx><c:axId val="{_SCALE}"/><c:scaling><c:orientation val="minMax"/><c:max val="{most:g}"/>'
        f'<c:min val="{least:g}"/></c:scaling><c:delete val="0"/><c:axPos val="{"t" if lies else "l"}"/>'
        f"<c:majorGridlines><c:spPr><a:ln>{_fill(GREY)}</a:ln></c:spPr></c:majorGridlines>"
        f"{_note(chart) if lies else ''}"
        f'<c:numFmt formatCode="{SCALE_FORMATS[chart.unit]}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="{"high" if lies else "nextTo"}"/>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_text(9)}<c:crossAx val="{_NAMES}"/><c:crosses val="autoZero"/>'
        f'<c:crossBetween val="between"/>{unit}</c:valAx>'
    )


def _note(chart: Chart) -> str:
    return _title(chart.note, 8) if chart.note else ""


def _span(chart: Chart) -> tuple[float, float, float]:
    """Where the scale begins and ends, and its step: room for the labels, and no hills made of tenths of a point."""
    if chart.unit == "%":
        return 0, 1, 0
    values = [float(value) for _, series in chart.series for value in series]
    low, high = min(values), max(values)
    low, high = (low - 2, high + 2) if chart.kind == "line" else (min(0, 1.4 * low), max(1, 1.15 * high))
    step = next(s for s in _steps() if (high - low) / s <= MOST_STEPS)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _steps() -> Iterator[int]:
    for power in itertools.count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def _title(words: str, size: int, *, bold: bool = False) -> str:
    run = f'<a:r><a:rPr lang="zh-CN" {_font(size, INK, bold=bold)}</a:rPr><a:t>{escape(words)}</a:t></a:r>'
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr {_font(size, INK, bold=bold)}</a:defRPr>"
        f'</a:pPr>{run}</a:p></c:rich></c:tx><c:layout/><c:overlay val="0"/></c:title>'
    )


def _text(size: int, ink: str = INK) -> str:
    return (
        f"<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr {_font(size, ink)}</a:defRPr></a:pPr>"
        '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _font(size: int, ink: str, *, bold: bool = False) -> str:
    return f'sz="{size}00" b="{int(bold)}">{_fill(ink)}<a:latin typeface="{FONT}"/><a:ea typeface="{FONT}"/>'


def _fill(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


# -- where they stand -------------------------------------------------------------------------------------------------

DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
PIXEL = 9525
"""English metric units."""
_GAP = 6
"""Pixels a chart leaves free on every side."""
_DEEP = 22
"""Pixels the rows under a chart are high."""


def drawing_xml(sheet: Sheet, ids: Sequence[str]) -> bytes:
    """The part that says where the charts of a sheet stand, by their relation ids."""
    placed = enumerate(zip(sheet.charts, ids, strict=True), 1)
    anchors = "".join(_anchor(n, each, id, int(sheet.widths[each.right - 1] * 7 + 0.5) + 5) for n, (each, id) in placed)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
        f' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{anchors}</xdr:wsDr>'
    ).encode()


def _anchor(number: int, placed: Placed, id: str, wide: int) -> str:
    """One chart, which moves and grows with its cells; read out by its title where it cannot be seen."""

    def corner(column: int, right: int, row: int, down: int) -> str:
        return (
            f"<xdr:col>{column - 1}</xdr:col><xdr:colOff>{right * PIXEL}</xdr:colOff>"
            f"<xdr:row>{row - 1}</xdr:row><xdr:rowOff>{down * PIXEL}</xdr:rowOff>"
        )

    chart = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    return (
        f"<xdr:twoCellAnchor><xdr:from>{corner(placed.left, _GAP, placed.top, _GAP)}</xdr:from>"
        f"<xdr:to>{corner(placed.right, wide - _GAP, placed.bottom, _DEEP - _GAP)}</xdr:to>"
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{number + 1}" name="图表 {number}"'
        f' descr="{escape(placed.chart.title)}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        f'<a:graphic><a:graphicData uri="{chart}"><c:chart xmlns:c="{chart}"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        f' r:id="{id}"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>'
    )
