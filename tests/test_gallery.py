"""The gallery of findings (tests/findings): for each code the smallest case that raises it alone, and its words.

The places are argued by hand under ``## 期望``; the words stand in ``## 文字``, which ``pytest --update`` rewrites.
Where a code has other words too, a case of tests/cases has a ``## 文字`` of its own.
E901 compares a workbook with an archive beside it and is tested with the archive.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from notation import CASES, GALLERY, Case, read
from test_cases import compare_findings

import xl_jifen
from xl_jifen.catalogue import CATALOGUE, Code
from xl_jifen.finding import Finding

FILES = sorted(GALLERY.glob("*.txt"))
NEEDS_AN_ARCHIVE = {"E901"}
TO_COME: set[str] = set()
WORDING = "\n## 文字\n"
SPOKEN = sorted(path for path in CASES.glob("*.txt") if WORDING in path.read_text(encoding="utf-8"))


def wording(finding: Finding) -> str:
    """``级别 代码 位置 问题 怎么改``, as one line."""
    return f"{finding.level} {finding.code} {finding.place} {finding.message} {finding.remedy}\n"


def test_the_gallery_has_every_code_of_the_catalogue() -> None:
    assert {path.stem for path in FILES} == set(CATALOGUE) - NEEDS_AN_ARCHIVE - TO_COME


def test_the_catalogue_has_every_code() -> None:
    assert list(CATALOGUE) == list(get_args(Code))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_finding(path: Path, update: bool) -> None:
    case = read(path)
    reckoning = xl_jifen.reckon(case.grids)
    assert {found.code for found in reckoning.findings} == {path.stem}
    compare_findings(case, reckoning)
    compare_words(path, case, reckoning, update)


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
def test_words_of_a_case(path: Path, update: bool) -> None:
    case = read(path)
    compare_words(path, case, xl_jifen.reckon(case.grids), update)


def compare_words(path: Path, case: Case, reckoning: xl_jifen.Reckoning, update: bool) -> None:
    """The words of all findings are those of the file; or become so, where asked."""
    words = "".join(wording(found) for found in reckoning.findings)
    if update:
        kept = path.read_text(encoding="utf-8").split(WORDING)[0].rstrip("\n")
        path.write_text(f"{kept}\n{WORDING}{words}", encoding="utf-8")
    else:
        assert case.text == words
