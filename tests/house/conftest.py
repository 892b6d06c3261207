"""What the rules of the house share: the package's modules as trees, which go when the rules are through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from source import tree


@pytest.fixture(autouse=True, scope="package")
def _trees() -> Iterator[None]:
    """Sixty megabytes, if they stayed."""
    yield
    tree.cache_clear()
