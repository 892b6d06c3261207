"""Programs that some tests need (LibreOffice, Chromium, poppler): a test without its program is skipped, saying so.

In CI they are installed, and a missing one is a failure rather than a test left out unseen; the jobs that go without
them, on other systems and Pythons, say so by XL_JIFEN_WITHOUT_OFFICE.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

ALL_THERE = bool(os.environ.get("CI")) and not os.environ.get("XL_JIFEN_WITHOUT_OFFICE")
"""Whether every program must be there."""


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
"""The first that is there will do; the one without windows takes a sixth less of the processor."""

OFFICE = ("soffice", *BROWSERS)
running: pytest.Item | None = None
"""The test that runs now."""


def program(*names: str) -> str:
    """The path of the first of these programs that is installed; skips the test, or fails it where it must be.

    What starts one of OFFICE is marked ``office``, so that the tests one runs in between can leave it out.
    """
    if running and not {*names}.isdisjoint(OFFICE):
        assert running.get_closest_marker("office"), "a test that starts this program is marked office"
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or missing(names[0])


def missing(what: str) -> NoReturn:
    """Skip the test for want of something, or fail it where that must be there."""
    if ALL_THERE:
        pytest.fail(f"{what} must be installed where CI runs (.ci/run does)")
    pytest.skip(f"{what} is not installed")
