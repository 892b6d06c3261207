"""The small charts of a page as SVG for the web page. (The PDF and the pictures draw theirs in ``common.typ``.)"""

from __future__ import annotations

from html import escape

from xl_jifen.publish.page import Chart
from xl_jifen.render.shown import cell_text

WIDTH, HEIGHT = 340.0, 92.0
"""The drawing's width and the height of its standing part, in units of which a label is 11 high."""

_LABEL, _TOP = 11.0, 16.0


def svg(chart: Chart) -> str:
    """One chart with its title, as ``<figure>`` around an SVG that reads itself out to those who cannot see it."""
    draw = _course if chart.kind == "line" else _lying if _lies(chart) else _standing
    body, height = draw(chart)
    spoken = "，".join(f"{label} {cell_text(value)}{chart.unit}" for label, value in chart.points)
    title = f"{chart.title}（{chart.unit}）"
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{escape(f"{title}：{spoken}")}">'
        f"{body}</svg></figure>"
    )


def _lies(chart: Chart) -> bool:
    """Whether bars are drawn lying: shares of a whole, and labels that would not stand beside each other."""
    if chart.kind == "lying" or chart.unit == "%":
        return True
    return len(chart.points) * max(_wide(label) for label, _ in chart.points) * _LABEL > WIDTH


def _standing(chart: Chart) -> tuple[str, float]:
    most = max(1.0, *(float(value) for _, value in chart.points))
    step = WIDTH / len(chart.points)
    bar = min(step * 0.6, 34.0)
    parts = []
    for number, (_, value) in enumerate(chart.points):
        middle, tall = step * (number + 0.5), (HEIGHT - _TOP) * float(value) / most
        parts.append(_rect("bar", middle - bar / 2, HEIGHT - tall, bar, tall))
        parts.append(_text(middle, HEIGHT - tall - 4, cell_text(value)))
    return "".join([*parts, _axis(), _labels(chart, step)]), HEIGHT + _LABEL + 8


def _course(chart: Chart) -> tuple[str, float]:
    values = [float(value) for _, value in chart.points]
    low, span = min(values), max(max(values) - min(values), 1.0)
    step = WIDTH / len(values)
    spots = [(step * (n + 0.5), HEIGHT - 22 - (HEIGHT - 44) * (value - low) / span) for n, value in enumerate(values)]
    course = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts = [f'<polyline class="course" points="{course}"/>']
    for number, ((x, y), (_, value)) in enumerate(zip(spots, chart.points, strict=True)):
        aside, down = _beside(values, number)
        parts.append(f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>')
        parts.append(_text(x + aside, y + down, cell_text(value)))
    return "".join([*parts, _axis(), _labels(chart, step)]), HEIGHT + _LABEL + 8


def _beside(values: list[float], number: int) -> tuple[float, float]:
    """Where a point's figure stands clear of the course: left of a rise, right of a fall, below a valley."""
    here = values[number]
    before, after = values[max(0, number - 1)], values[min(number + 1, len(values) - 1)]
    if before > here and after > here:
        return 0.0, 16.0
    return (-14.0 if after > here else 14.0 if before > here else 0.0), -8.0


def _lying(chart: Chart) -> tuple[str, float]:
    percent = chart.unit == "%"
    line = _LABEL + (9 if len(chart.points) < 6 else 5)
    start = max(_wide(label) for label, _ in chart.points) * _LABEL + 6
    room = WIDTH - start - (42 if percent else 24)
    full = max(100.0 if percent else 1.0, *(float(value) for _, value in chart.points))
    parts = []
    for number, (label, value) in enumerate(chart.points):
        top = number * line
        parts.append(_text(start - 6, top + _LABEL, label, "end"))
        if percent:
            parts.append(_rect("track", start, top + 2, room, _LABEL))
        parts.append(_rect("bar", start, top + 2, room * float(value) / full, _LABEL))
        parts.append(_text(WIDTH, top + _LABEL, cell_text(value) + (chart.unit if percent else ""), "end"))
    return "".join(parts), line * len(chart.points)


def _labels(chart: Chart, step: float) -> str:
    widest = max(_wide(label) for label, _ in chart.points) * _LABEL
    size = _LABEL * min(1.0, (step - 2) / widest) if widest else _LABEL
    return "".join(
        _text(step * (number + 0.5), HEIGHT + _LABEL + 3, label, size=size)
        for number, (label, _) in enumerate(chart.points)
    )


def _wide(label: str) -> float:
    """The width of a label in its own height: Chinese characters are square, others a good half."""
    return sum(0.58 if ord(char) < 0x2E80 else 1.0 for char in label)


def _axis() -> str:
    return f'<path class="axis" d="M0 {HEIGHT:g}H{WIDTH:g}"/>'


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str = "middle", size: float = _LABEL) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
