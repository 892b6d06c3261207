"""What the text cases need from pytest: the notation module on the path, and ``--update`` for the gallery's wording."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# import-mode=importlib leaves sys.path alone, and test modules share notation.py.
sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update tests/test_gallery.py`` rewrites the blocks ``## 文字`` of tests/findings."""
    parser.addoption("--update", action="store_true", help="rewrite the blocks ## 文字 in tests/findings")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether the gallery's wording is to be rewritten."""
    return bool(request.config.getoption("--update"))
