"""Whether everybody can use a page: what axe-core objects to, of WCAG and of what is usual beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page


def violations(page: Page) -> list[dict[str, Any]]:
    """Each with its id, help and nodes. All rules are tried, and only what breaks one is told, in half the time."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return found
