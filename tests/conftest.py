"""What the text cases need from pytest: ``--update`` rewrites the generated texts (gallery, README)."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update`` rewrites the blocks ``## 文字`` of tests/findings and the README's generated parts."""
    parser.addoption("--update", action="store_true", help="rewrite generated texts; review the diff")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether the gallery's wording is to be rewritten."""
    return bool(request.config.getoption("--update"))
