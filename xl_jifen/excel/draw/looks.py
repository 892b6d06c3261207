"""How texts fit the cells of our sheets: the width of a line, the height of a row. Knows nothing of points."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

TALLEST_ROW = 409.0
"""Points a row of Excel can be high."""


def width(text: str) -> float:
    """The columns a line of 10-point text takes: a Chinese character is not quite two."""
    return sum(map(_width, text))


@cache
def _width(char: str) -> float:
    return 1.92 if unicodedata.east_asian_width(char) in "WFA" else 1.05


def height(cells: Iterable[tuple[str, float]]) -> float:
    """The height in points a row needs for its wrapped texts, each with the width of its column."""
    return min(TALLEST_ROW, 7 + 15.0 * max((_lines(text, columns) for text, columns in cells), default=1))


@lru_cache(maxsize=4096)
def _lines(text: str, columns: float) -> int:
    if len(text) * 2 <= columns - 1 and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(width(part) / (columns - 1))) for part in text.split("\n"))
