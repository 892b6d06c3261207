"""The package's own modules as trees, each parsed once for all the rules of the house."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(file: Path) -> ast.Module:
    """What a module says, to be looked at and not changed."""
    return ast.parse(file.read_text(encoding="utf-8"))
