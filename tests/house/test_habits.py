"""How the code is written (CONTRIBUTING, Habits): what a reader would stumble over, wherever our Python lies."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from source import tree

ROOT = Path(__file__).parents[2]
OURS = [
    file
    for folder in ("xl_jifen", "workbook", "templates", ".github")
    for file in sorted((ROOT / folder).rglob("*.py"))
]


def test_no_conditional_expression_stands_inside_another() -> None:
    found = [
        (str(file.relative_to(ROOT)), outer.lineno)
        for file in OURS
        for outer in ast.walk(tree(file))
        if isinstance(outer, ast.IfExp)
        and any(isinstance(inner, ast.IfExp) for inner in ast.walk(outer) if inner is not outer)
    ]
    assert found == []


def test_whatever_ruff_is_told_to_overlook_has_its_reason() -> None:
    bare = re.compile(r"# noqa(: *\w+(, *\w+)*)? *$", re.MULTILINE)
    assert [str(file.relative_to(ROOT)) for file in OURS if bare.search(file.read_text("utf-8"))] == []
