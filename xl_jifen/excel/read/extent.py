"""How far a sheet reaches (伸展), asked before every cell of it is made, and how wide its columns are."""

from __future__ import annotations

from contextlib import suppress

from xl_jifen.excel.read.package import Package
from xl_jifen.grid import range_of

MOST_COLUMNS, WIDEST = 256, 255.0
"""The columns whose width is asked for, and the width that Excel allows one."""


def extent(package: Package, part: str) -> int:
    """The cells of the smallest rectangle from A1 that holds all of a sheet.

    Raises CannotRead.
    """
    row = bottom = right = 1
    data, merged, linked = "worksheet/sheetData/row", "worksheet/mergeCells/mergeCell", "worksheet/hyperlinks/hyperlink"
    for element, attributes in package.elements(part, data, f"{data}/c", merged, linked):
        if element == "row":
            row = _number(attributes.get("r"), row + 1)
        else:
            place = range_of(attributes.get("r" if element == "c" else "ref"))
            bottom, right = max(bottom, place.bottom if place else row), max(right, place.right if place else 1)
    return bottom * right


def widths(package: Package, part: str) -> dict[int, float]:
    """The widths that a sheet gives its columns, by number; what no column can be is left out. Raises CannotRead."""
    found: dict[int, float] = {}
    for _, attributes in package.elements(part, "worksheet/cols/col", until="worksheet/sheetData"):
        first, last = _number(attributes.get("min"), MOST_COLUMNS + 1), _number(attributes.get("max"), 0)
        with suppress(ValueError):
            if 0 < (width := float(attributes.get("width", ""))) <= WIDEST:
                found.update(dict.fromkeys(range(first, min(last, MOST_COLUMNS) + 1), width))
    return found


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
