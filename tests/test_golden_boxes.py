"""Where each publication stands on its paper, from the example branch (pages/版面.txt), by millimetres.

Of each page: the edges of all that is printed between head and foot, how many lines of text, and its first and last
ones. ``pytest --update`` writes them anew; the difference is then read by eye.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pylopdf_fonts_zh_cn
import pypdfium2
import pytest
from test_golden_pages import PAGES

from xl_jifen.disk import assets
from xl_jifen.publish.page import Page
from xl_jifen.render import fonts, forms, typeset

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "pages" / "版面.txt"
CREATED = datetime(2027, 1, 8, 9)
POINT = 25.4 / 72
FOOT, FOOT_OF_NOTICE = 17, 33
"""Millimetres at the bottom of a page that hold its number, and a code, alone."""


def set_in_type(page: Page) -> bytes:
    templates = {path.name: path.read_bytes() for path in assets.folder("templates").glob("*.typ")}
    found = fonts.find([Path(pylopdf_fonts_zh_cn.__file__).parent], system=False)
    if page.template == "publicity":
        return typeset.pdf(page, templates=templates, fonts=found, created=CREATED)
    return forms.pdf([page], templates=templates, fonts=found, created=CREATED)


def boxes(page: Page) -> Iterator[str]:
    """One line a sheet of paper."""
    pdf, foot = set_in_type(page), FOOT_OF_NOTICE if page.template == "publicity" else FOOT
    for number, sheet in enumerate(pypdfium2.PdfDocument(pdf), 1):
        text, height = sheet.get_textpage(), sheet.get_height()
        rects = [text.get_rect(n) for n in range(text.count_rects())]
        inside = [rect for rect in rects if rect[1] * POINT > foot]
        left, top = min(rect[0] for rect in inside), height - max(rect[3] for rect in inside)
        right, bottom = max(rect[2] for rect in inside), height - min(rect[1] for rect in inside)
        rows = len({round(rect[1]) for rect in inside})
        first, last = (text.get_text_bounded(*rect).strip() for rect in (inside[0], inside[-1]))
        edges = "　".join(
            f"{name}{edge * POINT:.0f}" for name, edge in zip("左上右下", (left, top, right, bottom), strict=True)
        )
        paper = f"{sheet.get_width() * POINT:.0f}×{height * POINT:.0f}"
        yield f"第{number}页（{paper}毫米）：{edges}；{rows}行；从“{first}”到“{last}”"


def test_every_publication_stands_where_it_did(request: pytest.FixtureRequest) -> None:
    told = [f"{name}\n" + "".join(f"  {line}\n" for line in boxes(make())) for name, make in PAGES.items()]
    if request.config.getoption("--update"):
        GOLDEN.write_text("".join(told), encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8").splitlines() == "".join(told).splitlines()
