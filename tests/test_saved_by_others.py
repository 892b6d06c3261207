"""What is posted looks the same after others have saved it: LibreOffice, openpyxl, an Excel of today.

Of each kind (notice, appraisal, meeting, statement, ledger and board) one file is made here, saved by each of them and
printed by LibreOffice; every word must stand on the same page in the same place, and every chart be drawn alike.
"""

from __future__ import annotations

import dataclasses
import io
import re
import subprocess
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import needs
import openpyxl
import pypdfium2
import pytest
from libreoffice import PDF, converted
from made_page import COLUMNS, made_page
from owned_branch import drawn, grids, owned_tables
from PIL import Image, ImageChops, ImageStat
from test_golden_pages import PAGES

from xl_jifen.disk import assets
from xl_jifen.excel.fill.template import fill
from xl_jifen.publish.page import Page

pytestmark = [pytest.mark.office, pytest.mark.slow]

CREATED = datetime(2026, 10, 9, 9)
USUAL = tuple(name for name in COLUMNS if name not in ("较上期", "建议等次"))
KINDS = ("notice", "annex", "appraisal", "overview", "meeting", "statement", "template", "owned")
WHO = ("LibreOffice", "openpyxl", "Excel")
APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/extended-properties"><Application>Microsoft Excel</Application>'
    b"<AppVersion>16.0300</AppVersion></Properties>"
)
"""What Excel says of itself: since 2016 whatever is absent in a chart means yes."""
RELATION = (
    b'<Relationship Id="rIdApp" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'extended-properties" Target="docProps/app.xml"/></Relationships>'
)
TYPE = (
    b'<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'extended-properties+xml"/></Types>'
)
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)<')
ASIDE, DOWN = 9.0, 24.0
"""Points by which a word may stand elsewhere: programs round widths and heights, and a row more fits on a page."""


class Word(NamedTuple):
    page: int
    left: float
    right: float
    top: float
    text: str


def template(name: str) -> bytes:
    return assets.asset(f"templates/{name}.xlsx")


def notice() -> Page:
    """Of a branch that publishes no items."""
    page = made_page(36, columns=USUAL)
    return dataclasses.replace(page, rows=tuple((*row[:-1], "") for row in page.rows))


def fresh(kind: str) -> bytes:
    if kind == "owned":
        return drawn(owned_tables(grids(6, members=14, entries=30, months=6)))
    if kind == "template":  # filled after it was saved
        return template("publicity")
    if kind == "notice":
        return fill(template("publicity"), notice(), CREATED)
    name = {
        "annex": "公示_第三季度_积分及事由",
        "appraisal": "评议参考表",
        "overview": "对照清单_支部概览",
        "meeting": "对照清单_王䶮",
        "statement": "个人明细_曹金龙",
    }[kind]
    page = PAGES[name]()
    return fill(template(page.template), page, CREATED)


def by_openpyxl(data: bytes) -> bytes:
    book, out = openpyxl.load_workbook(io.BytesIO(data), rich_text=True), io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_excel(data: bytes) -> bytes:
    """The file as one that an Excel of today has saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        there = "docProps/app.xml" in old.namelist()
        for name in old.namelist():
            part = APP if name == "docProps/app.xml" else old.read(name)
            if not there and name == "_rels/.rels":
                part = part.replace(b"</Relationships>", RELATION)
            if not there and name == "[Content_Types].xml":
                part = part.replace(b"</Types>", TYPE)
            new.writestr(name, part)
        if not there:
            new.writestr("docProps/app.xml", APP)
    return out.getvalue()


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """The PDF of each kind, fresh ("") and saved by each."""
    folder = tmp_path_factory.mktemp("saved")
    files = {kind: folder / f"{kind}.xlsx" for kind in KINDS}
    for kind, file in files.items():
        file.write_bytes(fresh(kind))
    saved = {("", kind): file.read_bytes() for kind, file in files.items()}
    for kind, file in zip(files, converted([*files.values()]), strict=True):
        saved["LibreOffice", kind] = file.read_bytes()
        saved["openpyxl", kind] = by_openpyxl(saved["", kind])
        saved["Excel", kind] = by_excel(saved["", kind])
    prints = folder / "prints"
    prints.mkdir()
    made = {}
    for (who, kind), data in saved.items():
        made[who, kind] = prints / f"{kind}{who}.xlsx"
        made[who, kind].write_bytes(fill(data, notice(), CREATED) if kind == "template" else data)
    return dict(zip(made, converted([*made.values()], PDF), strict=True))


def words(pdf: Path) -> list[Word]:
    """The words as they are printed."""
    command = [needs.program("pdftotext"), "-bbox", str(pdf), "-"]
    told = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("<page ")[1:]
    return [
        Word(number, float(left), float(right), float(top), text)
        for number, page in enumerate(told, 1)
        for left, top, right, text in WORD.findall(page)
    ]


def once(told: list[Word]) -> dict[str, Word]:
    """The words that are printed once."""
    counts = Counter(word.text for word in told)
    return {word.text: word for word in told if counts[word.text] == 1}


def pictures(pdf: Path) -> list[Image.Image]:
    return [page.render(scale=0.7).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("kind", KINDS)
def test_every_word_stays_where_it_was(printed: dict[tuple[str, str], Path], kind: str, who: str) -> None:
    before, after = words(printed["", kind]), words(printed[who, kind])
    assert before[-1].page == after[-1].page
    assert Counter("".join(word.text for word in before)) == Counter("".join(word.text for word in after))
    old, new = once(before), once(after)
    both = [*old.keys() & new.keys()]
    assert len(both) > 0.9 * len(old), "but for lines that end a sign earlier"
    for text in both:
        one, two = old[text], new[text]
        assert max(abs(one.left - two.left), abs(one.right - two.right)) <= ASIDE, (one, two)
        if one.page == two.page:
            assert abs(one.top - two.top) <= DOWN, (one, two)
        else:
            assert abs(one.page - two.page) == 1
            assert min(one.top, two.top) < 842 / 4 < 842 / 2 < max(one.top, two.top), "the first row of the next page"


@pytest.mark.parametrize("who", WHO)
def test_the_board_is_drawn_alike(printed: dict[tuple[str, str], Path], who: str) -> None:
    """The last page: no labels at every point, no line made smooth (cases/looks AppVersion)."""
    before, after = (pictures(printed[name, "owned"])[-1] for name in ("", who))
    assert ImageStat.Stat(before).mean[0] < 250, "it is not blank"
    assert ImageStat.Stat(ImageChops.difference(before, after)).mean[0] < 1


def test_the_notice_of_36_members_is_two_full_pages_whoever_saved_it(printed: dict[tuple[str, str], Path]) -> None:
    bottom = 842 - 35 / 25.4 * 72
    for who in ("", *WHO):
        told = [word for word in words(printed[who, "notice"]) if word.top < bottom]  # without the page's number
        lowest = {word.page: word.top for word in sorted(told, key=lambda word: word.top)}
        assert [*lowest] == [1, 2] or [*lowest] == [2, 1]
        assert lowest[1] > bottom - 40
        assert lowest[2] > 842 / 4
        names = [word for word in told if re.fullmatch(r"王[零一二三四五六七八九]{4}", word.text)]
        assert len(names) == 26
        assert min(word.right - word.left for word in names) / 5 >= 10, "they are 10 points high"
