"""The notice for those who see badly or no colours: WCAG AA by axe-core, and the same page in greys."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from accessible import violations
from made_page import CHARTS, made_page
from PIL import Image

from xl_jifen.disk import assets
from xl_jifen.publish.page import Page
from xl_jifen.render.html import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.office

LEGIBLE, SEEN = 4.5, 3.0
"""The contrast that WCAG 2 AA asks for: of text (1.4.3), and of what else must be seen (1.4.11)."""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Tab:
    """One window for all notices: another takes Chromium longer than another page."""
    return browser.new_page(bypass_csp=True)


def show(tab: Tab, page: Page, folder: Path, width: int = 390) -> None:
    """The notice in the window, its script and its looks at work."""
    file = folder / "notice.html"
    file.write_text(html(page, assets.asset("templates/publicity.html").decode()), encoding="utf-8")
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(file.as_uri())


def headed(members: int) -> Page:
    """A page with a row that heads those below it, and somebody vetoed."""
    page = made_page(members)
    vetoed = ("—", *page.rows[-1][1:-1], "一票否决")
    return replace(page, rows=(*page.rows[:-1], ("入党积极分子和发展对象",), vetoed))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("state", ["final", "draft", "sorted", "searched"])
def test_the_notice_is_accessible_by_aa(tab: Tab, tmp_path: Path, state: str, width: int) -> None:
    show(tab, made_page(8, draft=True) if state == "draft" else headed(8), tmp_path, width)
    if state == "sorted":
        tab.locator("thead th").nth(5).click()
    if state == "searched":
        tab.get_by_role("searchbox").or_(tab.locator("#name")).first.fill("王")
    found = violations(tab)
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found] == []


def test_axe_would_find_it(tab: Tab, tmp_path: Path) -> None:
    """Pale figures, and a heading that is none any more: the search is known to look."""
    show(tab, headed(4), tmp_path)
    tab.add_style_tag(content="tbody td.积分 { color: #e0a0a0 !important }")
    tab.evaluate("document.documentElement.removeAttribute('lang')")
    found = violations(tab)
    assert {each["id"] for each in found} == {"color-contrast", "html-has-lang"}


# ---- in greys ----

COLOURED = ("h1 small", ".totals b", "thead th >> nth=1", "tbody td.积分 >> nth=0", ".notice b", ".list th")
"""What is red on the page, or on red."""

MARKS = {".bar": "fill", ".course": "stroke", ".spot": "fill"}
"""What a chart draws, and which trait has its colour."""


def luminance(grey: int) -> float:
    """Relative luminance of a grey (WCAG 2)."""
    share = grey / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def contrast(picture: bytes) -> float:
    """Between the darkest and the lightest grey of which a picture has a little more than a few dots."""
    grey = Image.open(io.BytesIO(picture)).convert("L")
    counts = grey.histogram()
    least = max(1, grey.width * grey.height // 1000)
    levels = [level for level, count in enumerate(counts) if count >= least]
    return (luminance(levels[-1]) + 0.05) / (luminance(levels[0]) + 0.05)


@pytest.fixture(scope="module")
def notice(tab: Tab, tmp_path_factory: pytest.TempPathFactory) -> Tab:
    """The window with one notice, which is only looked at."""
    show(tab, headed(8), tmp_path_factory.mktemp("greys"), 700)
    return tab


@pytest.mark.parametrize("where", COLOURED)
def test_what_is_red_is_seen_in_greys(notice: Tab, where: str) -> None:
    part = notice.locator(where).first
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    assert box
    around = {"x": box["x"] - 2, "y": box["y"] - 2, "width": box["width"] + 4, "height": box["height"] + 4}
    picture = notice.screenshot(clip=around)  # type: ignore[arg-type]
    assert contrast(picture) >= LEGIBLE


@pytest.mark.parametrize("mark", MARKS)
def test_charts_are_seen_in_greys(notice: Tab, mark: str) -> None:
    told = notice.locator(f"svg {mark}").first.evaluate(f"each => getComputedStyle(each).{MARKS[mark]}")
    colour = Image.new("RGB", (1, 1), told).convert("L").getpixel((0, 0))
    assert isinstance(colour, int)
    assert 1.05 / (luminance(colour) + 0.05) >= SEEN


def test_colour_is_never_alone(notice: Tab) -> None:
    """The page without any colour is the page in greys: nothing on it is told by a hue."""
    words = notice.locator("main").inner_text()
    assert "一票否决" in words, "a veto is a word, and a dash in the place of a rank"
    assert notice.locator("tbody td.积分").first.evaluate("each => getComputedStyle(each).fontWeight") == "700"
    for chart in CHARTS:
        for label, value in chart.points:
            assert label in words.replace("\n", "")
            assert f"{value}" in words
    hues = """() => [...document.querySelectorAll('main *')].filter(each => {
        const [r, g, b] = getComputedStyle(each).color.match(/\\d+/g).map(Number)
        return Math.max(r, g, b) - Math.min(r, g, b) > 40 && each.children.length == 0 && each.textContent.trim()
    }).map(each => each.closest('h1, .totals, thead, td, .notice') ? '' : each.outerHTML).filter(Boolean)"""
    assert notice.evaluate(hues) == [], "red stands only in the title, the totals, points and the notice's heads"
