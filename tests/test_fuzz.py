"""Mutated workbooks: refused in a sentence, or read as an independent reader reads them. A tenth of tests/fuzz."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from mutants import KINDS, Outcome, outcome

from xl_jifen.excel.read import exact, fast
from xl_jifen.excel.read.xml import Odd


@pytest.fixture(autouse=True)
def quiet() -> None:
    warnings.simplefilter("ignore")  # openpyxl leaves out what it does not know


def told(found: Outcome) -> str:
    return "\n".join(found.wrong)


@pytest.mark.slow
def test_every_mutant_is_refused_or_read_as_another_reader_reads_it() -> None:
    found = outcome(2_000, seed=7)
    assert not found.wrong, told(found)
    formed, read = (sum(found.counts[kind, what] for kind in KINDS) for what in ("formed", "read"))
    assert formed >= 1_000
    assert read * 3 >= formed
    assert all(found.counts[kind, "read"] for kind in KINDS)


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second value joined to the first, as the reader did once."""

    def joined(self: exact._Sheet) -> None:
        self._parts["v"] = self._parts.get("v", "") + "".join(self.text)

    def element_by_element(*_: object) -> None:
        raise Odd

    monkeypatch.setattr(fast, "rows", element_by_element)
    monkeypatch.setattr(exact._Sheet, "_once", lambda *_: None)
    monkeypatch.setattr(exact._Sheet, "_value_ends", joined)
    assert any("duplicate" in wrong for wrong in outcome(150, seed=7).wrong)
