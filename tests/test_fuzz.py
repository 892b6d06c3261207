"""Mutated workbooks: refused in a sentence, or read as an independent reader reads them. A twentieth of tests/fuzz."""

from __future__ import annotations

import csv
import random
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from mutants import KINDS, Outcome, outcome, spoil
from others import READERS
from others import outcome as outcome_of

from xl_jifen.archive import snapshot
from xl_jifen.excel.read import exact, fast
from xl_jifen.excel.read.exports import read_export
from xl_jifen.excel.read.xml import Odd
from xl_jifen.finding import CannotRead
from xl_jifen.verbs import reread
from xl_jifen.verbs.rollup.journal import Journal

pytestmark = pytest.mark.usefixtures("read_anew")


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


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_in_a_sentence_or_reads_as_another_does(reader: str) -> None:
    found = outcome_of(reader, SHARE[reader], seed=7)
    assert not found.wrong, "\n".join(found.wrong)
    formed, read = (sum(found.counts[kind, what] for kind in READERS[reader][1]) for what in ("formed", "read"))
    assert read * 3 >= formed >= SHARE[reader] // 3


SHARE = {"csv": 1_500, "declarations": 400, "archive": 150, "journal": 150, ".html": 1_000, ".txt": 1_500, ".xlsx": 200}
"""What a second or two of each is; the whole is tests/fuzz/others.py."""


@pytest.mark.slow
def test_a_planted_fault_of_each_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What once was so, or might be: a page vouched for by its cells alone, a hash that is not looked at …"""
    monkeypatch.setattr(reread, "odd_looks", lambda *_: ())
    assert any("vouched for" in wrong for wrong in outcome_of(".html", 300, seed=7).wrong)
    monkeypatch.setattr(Journal, "_seal", lambda *_: b"")
    assert any("another result" in wrong for wrong in outcome_of("journal", 60, seed=7).wrong)
    monkeypatch.setattr(csv, "reader", lambda lines, delimiter: [line.split(delimiter) for line in lines])
    assert outcome_of("csv", 100, seed=7).wrong
    monkeypatch.setattr(snapshot, "decoded", lambda _: None)
    assert outcome_of("archive", 60, seed=7).wrong
