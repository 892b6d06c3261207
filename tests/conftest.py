"""What the text cases need from pytest: ``--update`` rewrites the generated texts (gallery, README)."""

from __future__ import annotations

import signal

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update`` rewrites the blocks ``## 文字`` of tests/findings and the README's generated parts."""
    parser.addoption("--update", action="store_true", help="rewrite generated texts; review the diff")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether the gallery's wording is to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard() -> None:
    """A shell starts what runs in the background with Ctrl+C ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
