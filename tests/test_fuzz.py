"""Mutated workbooks: refused in a sentence, or read as an independent reader reads them. A twentieth of tests/fuzz."""

from __future__ import annotations

import random
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from mutants import KINDS, Outcome, outcome, spoil

from xl_jifen.excel.read import exact, fast
from xl_jifen.excel.read.exports import read_export
from xl_jifen.excel.read.xml import Odd
from xl_jifen.finding import CannotRead


@pytest.fixture(autouse=True)
def quiet() -> None:
    warnings.simplefilter("ignore")  # openpyxl leaves out what it does not know


def told(found: Outcome) -> str:
    return "\n".join(found.wrong)


@pytest.mark.slow
def test_every_mutant_is_refused_or_read_as_another_reader_reads_it() -> None:
    found = outcome(1_000, seed=7)
    assert not found.wrong, told(found)
    formed, read = (sum(found.counts[kind, what] for kind in KINDS) for what in ("formed", "read"))
    assert formed >= 500
    assert read * 3 >= formed
    assert all(found.counts[kind, "read"] for kind in KINDS)


@pytest.mark.slow
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


@pytest.mark.slow
def test_lists_as_text_with_spoilt_bytes_are_read_or_refused(tmp_path: Path) -> None:
    whole = '姓名,规则,日期,数量,事由\n张三,加1 讲党课,2026-01-10,1,"讲课，\n两次"\n李四;x;y\n' * 3
    chance, path = random.Random(7), tmp_path / "申报.csv"
    sentences: list[str] = []
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        for _ in range(150):
            path.write_bytes(spoil(whole.encode(encoding), chance))
            try:
                assert read_export(path)
            except CannotRead as error:
                sentences.append(str(error))
    assert len(sentences) <= 400
    assert all(sentence.endswith("。") for sentence in sentences)
