"""Sheets that were read before, for the tests: the same bytes in a workbook of the same texts are not cut up again.

The tests look at the same few workbooks again and again, of which one sheet was changed. What a sheet says belongs to
all that the reader is given (its XML, shared texts, formats, date system), so any other is read anew; so is whatever
was refused. Tests of the reader itself ask for ``read_anew``.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from xl_jifen.budget import Kind
from xl_jifen.excel.read import file
from xl_jifen.excel.read.fast import Spellings
from xl_jifen.grid import Cell

LARGEST, MOST = 1 << 19, 600
"""Bytes of a sheet that is kept, and how many are: a larger one is seldom read twice."""

really = file._rows


class Known(NamedTuple):
    """A sheet that was read: what came of it, the texts in it, and what it cost."""

    rows: list[Sequence[Cell]]
    spelt: bool
    texts: frozenset[str]
    drawn: dict[Kind, int]


class Reader:
    """Stands in for what reads the rows of one worksheet."""

    def __init__(self) -> None:
        self.known: dict[bytes, Known] = {}
        self.workbook: Spellings | None = None
        self.around = sha256()

    def rows(self, xml: bytes, spellings: Spellings) -> tuple[list[Sequence[Cell]], bool]:
        if len(xml) > LARGEST:
            return really(xml, spellings)
        asked = self._digest(xml, spellings)
        budget = spellings.meaning.budget
        if found := self.known.get(asked):
            for kind, amount in found.drawn.items():
                budget.draw(kind, amount)
            spellings._computed |= found.texts
            return found.rows, found.spelt
        before = budget.saved()
        rows, spelt = really(xml, spellings)
        drawn = {kind: amount for kind in before if (amount := before[kind] - budget.left(kind))}
        texts = frozenset(cell for row in rows for cell in row if isinstance(cell, str))
        if len(self.known) >= MOST:
            del self.known[next(iter(self.known))]
        self.known[asked] = Known(rows, spelt, texts, drawn)
        return rows, spelt

    def _digest(self, xml: bytes, spellings: Spellings) -> bytes:
        """All that a sheet is read by; what its workbook adds to it is put together once a workbook."""
        if self.workbook is not spellings:
            meaning = spellings.meaning
            around = (meaning.strings, meaning._formats, meaning._date1904, meaning._linked)
            self.workbook, self.around = spellings, sha256(repr(around).encode("utf-8", "surrogatepass"))
        asked = self.around.copy()
        asked.update(xml)
        return asked.digest()
