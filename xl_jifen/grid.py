"""Plain cells (表格): what every source of a workbook hands over, anchored at A1, and the places findings point at.

A closed file, an open book and a text case all become :class:`Grids`; nothing here knows which it was. This room is
made of values only: it imports no library and opens nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Final, NamedTuple


class CellError(NamedTuple):
    """A formula error (``#DIV/0!``, ``#N/A`` …) as the cell shows it. Never a blank and never a number."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | float | int | bool | datetime | date | time | CellError | None
"""One value: text as typed, a number, a truth value, a date, an error, or ``None`` for a blank cell."""


class Place(NamedTuple):
    """Where something stands: sheet name, row and column, both counted from 1; column 0 means the whole row."""

    sheet: str
    row: int
    column: int = 0

    def __str__(self) -> str:
        """``3月!D7``, or ``3月!7`` for a whole row: the form users see and type."""
        return f"{self.sheet}!{column_letters(self.column)}{self.row}"


class Grid(NamedTuple):
    """One sheet: ``rows[r][c]`` is the cell in row r+1, column c+1. Rows may differ in length; the rest is blank."""

    name: str
    rows: Sequence[Sequence[Cell]]

    def at(self, row: int, column: int) -> Cell:
        """The cell at row and column, both counted from 1; blank outside the grid."""
        if 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return None


class Grids:
    """The sheets of one workbook, in its order; found by name, whatever its full-width forms and spaces."""

    __slots__ = ("_by_key", "sheets")

    def __init__(self, sheets: tuple[Grid, ...]) -> None:
        self.sheets: Final = sheets
        self._by_key: dict[str, Grid] = {}
        for sheet in sheets:
            self._by_key.setdefault(squeeze(sheet.name), sheet)
        self._by_key.update((sheet.name, sheet) for sheet in sheets)

    def __iter__(self) -> Iterator[Grid]:
        return iter(self.sheets)

    def get(self, name: str) -> Grid | None:
        """The sheet of that name, or None."""
        return self._by_key.get(name) or self._by_key.get(squeeze(name))


def column_letters(column: int) -> str:
    """``1`` → ``A``, ``27`` → ``AA``; ``0`` → the empty text."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """``A`` → ``1``, ``AA`` → ``27``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def squeeze(text: str) -> str:
    """The form in which names, codes and headings are compared: NFKC (full-width → half-width), no white space."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


class Range(NamedTuple):
    """A range of cells, both ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in the range."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        """``B2:D9``, or ``B2`` for a single cell."""
        first = f"{column_letters(self.left)}{self.top}"
        return first if self[:2] == self[2:] else f"{first}:{column_letters(self.right)}{self.bottom}"


def range_of(ref: str | None) -> Range | None:
    """``B2:D9`` or ``B2`` as a range; None if it is neither."""
    match = _RANGE.fullmatch(ref or "")
    if match is None:
        return None
    top, left = int(match[2]), column_number(match[1])
    return Range(top, left, int(match[4] or top), column_number(match[3]) if match[3] else left)
