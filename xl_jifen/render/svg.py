"""The small charts of a page as SVG, the same on the web page and, set by typst, on the sheet and the picture.

Colours and fonts are the template's, by the classes ``bar``, ``track``, ``axis``, ``course`` and ``spot``.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from xl_jifen.publish.page import Chart
from xl_jifen.render.shown import cell_text

WIDTH, HEIGHT = 340.0, 92.0
"""A drawing's width and the height of its standing part on the web page, in units of which a label is 11 high."""

SHEET, SHEET_GAP, SHEET_HEIGHT = 648.0, 25.0, 82.0
"""On the A4 sheet: all charts side by side, what lies between two, and how high they are."""

PAIRED, ALONE = (212.0, 96.0), (440.0, 65.0)
"""On the phone's picture: two beside each other, one over the whole width."""

_LABEL, _TOP, _FOOT = 11.0, 16.0, 19.0
_MOST_LABELS = 286.0
"""Labels that would take more beside each other stand one below another."""


def spoken(chart: Chart) -> str:
    """The chart for those who cannot see it."""
    points = "，".join(f"{label} {cell_text(value)}{chart.unit}" for label, value in chart.points)
    return f"{title(chart)}：{points}"


def title(chart: Chart) -> str:
    """What stands above it."""
    return f"{chart.title}（{chart.unit}）"


def figure(chart: Chart) -> str:
    """One chart with its title, as a ``<figure>`` that reads itself out."""
    return f"<figure><figcaption>{escape(title(chart))}</figcaption>{svg(chart)}</figure>"


def share(chart: Chart) -> int:
    """How wide it is beside others: many bars and points are wider."""
    return 4 if _lies(chart) else max(3, len(chart.points))


def on_sheet(charts: Sequence[Chart]) -> list[str]:
    """The charts of an A4 sheet, side by side by their shares."""
    room = SHEET - SHEET_GAP * (len(charts) - 1)
    whole = sum(map(share, charts))
    return [svg(chart, room * share(chart) / whole, SHEET_HEIGHT) for chart in charts]


def on_phone(charts: Sequence[Chart]) -> list[str]:
    """The charts of a phone's picture, two in a row and the last alone if need be."""
    paired = len(charts) // 2 * 2
    return [svg(chart, *(PAIRED if number < paired else ALONE)) for number, chart in enumerate(charts)]


def svg(chart: Chart, width: float = WIDTH, height: float = HEIGHT) -> str:
    """One chart without its title, so wide, its standing part so high."""
    bars = _lying if _lies(chart) else _standing
    draw = _course if chart.kind == "line" else bars
    body, tall = draw(chart, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {tall:g}" role="img" '
        f'aria-label="{escape(spoken(chart))}">{body}</svg>'
    )


def _lies(chart: Chart) -> bool:
    """Whether bars are drawn lying: shares of a whole, and labels that would not stand beside each other."""
    if chart.kind == "lying" or chart.unit == "%":
        return True
    widest = max(_wide(label) for label, _ in chart.points)
    return chart.kind == "bars" and len(chart.points) * widest * _LABEL > _MOST_LABELS


def _standing(chart: Chart, width: float, height: float) -> tuple[str, float]:
    most = max(1.0, *(float(value) for _, value in chart.points))
    step = width / len(chart.points)
    bar = min(step * 0.6, 30.0)
    parts = []
    for number, (_, value) in enumerate(chart.points):
        middle, tall = step * (number + 0.5), (height - _TOP) * float(value) / most
        parts.append(_rect("bar", middle - bar / 2, height - tall, bar, tall))
        parts.append(_text(middle, height - tall - 4, cell_text(value)))
    return "".join([*parts, _foot(chart, width, height)]), height + _FOOT


def _course(chart: Chart, width: float, height: float) -> tuple[str, float]:
    values = [float(value) for _, value in chart.points]
    low, span = min(values), max(max(values) - min(values), 1.0)
    step = width / len(values)
    spots = [(step * (n + 0.5), height - 22 - (height - 44) * (value - low) / span) for n, value in enumerate(values)]
    course = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts = [f'<polyline class="course" points="{course}"/>']
    for number, ((x, y), (_, value)) in enumerate(zip(spots, chart.points, strict=True)):
        aside, down = _beside(values, number)
        parts.append(f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>')
        parts.append(_text(x + aside, y + down, cell_text(value)))
    return "".join([*parts, _foot(chart, width, height)]), height + _FOOT


def _beside(values: list[float], number: int) -> tuple[float, float]:
    """Where a point's figure stands clear of the course: left of a rise, right of a fall, below a valley."""
    here = values[number]
    before, after = values[max(0, number - 1)], values[min(number + 1, len(values) - 1)]
    if before > here and after > here:
        return 0.0, 16.0
    if after > here:
        return -14.0, -8.0
    return (14.0 if before > here else 0.0), -8.0


def _lying(chart: Chart, width: float, height: float) -> tuple[str, float]:
    percent = chart.unit == "%"
    line = min(_LABEL + 9, max(_LABEL + 2, (height + _FOOT) / len(chart.points)))
    start = max(_wide(label) for label, _ in chart.points) * _LABEL + 6
    room = width - start - (42 if percent else 24)
    full = max(100.0 if percent else 1.0, *(float(value) for _, value in chart.points))
    parts = []
    for number, (label, value) in enumerate(chart.points):
        top = number * line
        parts.append(_text(start - 6, top + _LABEL, label, "end"))
        if percent:
            parts.append(_rect("track", start, top + 2, room, _LABEL))
        parts.append(_rect("bar", start, top + 2, room * float(value) / full, _LABEL))
        parts.append(_text(width, top + _LABEL, cell_text(value) + (chart.unit if percent else ""), "end"))
    return "".join(parts), line * len(chart.points)


def _foot(chart: Chart, width: float, height: float) -> str:
    """The axis and the labels below it, smaller where they would touch."""
    step = width / len(chart.points)
    widest = max(_wide(label) for label, _ in chart.points) * _LABEL
    size = _LABEL * min(1.0, (step - 2) / widest) if widest else _LABEL
    labels = (
        _text(step * (number + 0.5), height + _LABEL + 3, label, size=size)
        for number, (label, _) in enumerate(chart.points)
    )
    return f'<path class="axis" d="M0 {height:g}H{width:g}"/>{"".join(labels)}'


def _wide(label: str) -> float:
    """The width of a label in its own height: Chinese characters are square, others a good half."""
    return sum(0.58 if ord(char) < 0x2E80 else 1.0 for char in label)


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str = "middle", size: float = _LABEL) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
