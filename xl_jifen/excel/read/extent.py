"""How far a sheet reaches (伸展): asked before every cell of it is made."""

from __future__ import annotations

from xl_jifen.excel.read.package import Package
from xl_jifen.grid import range_of


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


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
