"""How the code is written (CONTRIBUTING, Habits): what a reader would stumble over, wherever our Python lies."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = [
    file
    for folder in ("xl_jifen", "workbook", "templates", ".github")
    for file in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_conditional_expression_stands_inside_another(file: Path) -> None:
    found = [
        outer.lineno
        for outer in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(outer, ast.IfExp)
        and any(isinstance(inner, ast.IfExp) for inner in ast.walk(outer) if inner is not outer)
    ]
    assert found == []


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(ROOT)))
def test_whatever_ruff_is_told_to_overlook_has_its_reason(file: Path) -> None:
    lines = enumerate(file.read_text("utf-8").splitlines(), 1)
    assert [number for number, line in lines if re.search(r"# noqa(: *\w+(, *\w+)*)? *$", line)] == []
