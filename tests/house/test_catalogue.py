"""A finding code is whole: in the type, explained, raised by something, shown in the gallery.

The type checker refuses a mistyped code where a finding is made; codes that travel as plain text are looked for here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from source import tree
from test_gallery import FILES

import xl_jifen
from xl_jifen.catalogue import CATALOGUE, Code, level_of

CODES = get_args(Code)
PACKAGE = Path(xl_jifen.__file__).parent
HOME = PACKAGE / "catalogue.py"


def texts(file: Path) -> Iterator[str]:
    """The string literals of a module that look like a code."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[A-Z]\d{3}", node.value):
            yield node.value


@cache
def written() -> set[tuple[str, str]]:
    """Codes as plain text, each with its module."""
    files = (file for file in PACKAGE.rglob("*.py") if file != HOME)
    return {(text, file.relative_to(PACKAGE).as_posix()) for file in files for text in texts(file)}


def test_the_type_and_the_catalogue_have_the_same_codes_once_each() -> None:
    assert sorted(CODES) == sorted(CATALOGUE)
    assert len({explanation.title for explanation in CATALOGUE.values()}) == len(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_code_says_what_is_wrong_and_how_to_mend_it(code: str) -> None:
    title, meaning, remedy = CATALOGUE[code]
    assert title
    assert meaning.endswith(("。", "）"))
    assert remedy.endswith(("。", "）"))
    assert level_of(code)


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_is_raised_is_shown_and_one_that_is_shown_is_raised(code: str) -> None:
    """One that is neither is missed by the gallery."""
    raised = code in {text for text, _ in written()}
    words = next((file.read_text(encoding="utf-8") for file in FILES if file.stem == code), "").partition("## 文字")[2]
    assert raised == (f" {code} " in words)


def test_no_module_knows_a_code_the_catalogue_does_not() -> None:
    assert [each for each in sorted(written()) if each[0] not in CATALOGUE] == []
