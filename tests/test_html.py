"""The web page: inert names, nothing fetched, search and sorting in a real browser at phone width."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import needs
import pytest
from engines import chromium
from made_page import COLUMNS, RARE, WORDS, made_page, name_of, remark_of

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Page
from xl_jifen.render.html import html

EVIL = ("<b>甲</b>", 'a" onclick="document.title=1', "'&amp;丙", "</script><script>document.title='bad'</script>")

Browser = Callable[..., str]


@pytest.fixture(scope="module")
def template() -> str:
    return assets.asset("templates/publicity.html").decode("utf-8")


class Window:
    """Opens documents, one after the other, in a headless Chromium without any network."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.pages = (folder / f"page{number}.html" for number in itertools.count(1))
        program = needs.program(*needs.BROWSERS)
        alone = ["--disable-background-networking", "--disable-sync", "--disable-component-update", "--hide-scrollbars"]
        self.chromium = chromium.Browser(
            program, folder / "profile", *alone, "--host-resolver-rules=MAP * ~NOTFOUND", *options
        )

    def __call__(self, document: str, after: str = "") -> str:
        """What the document's DOM became."""
        page = next(self.pages)
        page.write_text(document, encoding="utf-8")
        self.chromium.open(page, after)
        self.chromium.until(f"location.href.startsWith('{page.as_uri()}') && document.readyState == 'complete'")
        return str(self.chromium.ask("document.documentElement.outerHTML"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One window for all documents of this file."""
    window = Window(tmp_path_factory.mktemp("browser"))
    yield window
    window.chromium.stop()


def with_script(document: str, script: str) -> str:
    """The document with a script of the test's own at its end, which its policy has to let in."""
    own = b64encode(sha256(script.encode()).digest()).decode()
    allowed = document.replace("script-src ", f"script-src 'sha256-{own}' ", 1)
    return allowed.replace("</body>", f"<script>{script}</script></body>")


class Outline(HTMLParser):
    """The elements of a document, each as its tag and attributes, and its visible text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def people(document: str) -> list[str | None]:
    """Whom the table shows, in its order."""
    return [body["data-person"] for body in Outline(document).all("tbody") if "hidden" not in body]


def named(page: Page, names: tuple[str, ...]) -> Page:
    rows = tuple((row[0], name, *row[2:]) for row, name in zip(page.rows, names, strict=True))
    return replace(page, rows=rows)


# ---- the document ----


@pytest.mark.slow
@pytest.mark.parametrize("members", [0, 3, 38, 1000])
def test_it_says_what_the_page_says(template: str, members: int) -> None:
    document = html(made_page(members), template)
    text = Outline(document).text.replace("\xa0", " ")
    assert people(document) == [name_of(number) for number in range(members)]
    assert all(item in text for number in range(members) for item in remark_of(number).split("；"))
    for word in ("标题", "支部", "说明段", "公式", "公示期", "异议", "落款", "日期", "校验码", "平均分", "到会率"):
        assert WORDS[word] in text
    assert all(line in text for line in WORDS["图例"].split("\n"))
    assert "{{" not in document


def test_it_reads_out_well(template: str) -> None:
    outline = Outline(html(made_page(3), template))
    assert [head["scope"] for head in outline.all("th")] == ["col"] * (len(COLUMNS) - 1) + ["row"] * 3
    assert outline.all("html") == [{"lang": "zh-CN"}]
    labels = [drawing.get("aria-label", "") for drawing in outline.all("svg") if drawing.get("role") == "img"]
    assert "到会率（%）：主题党日 95.5%，支部党员大会 90.1%" in labels
    assert outline.all("input")[0]["aria-label"]


def test_the_document_asks_nothing_of_anyone(template: str) -> None:
    document = html(made_page(3), template)
    links = [
        value
        for _, attributes in Outline(document).elements
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "data", "poster", "background") and value
    ]
    assert all(link.startswith("data:") for link in links)
    assert re.findall(r"url\((?!\"data:)", document) == []
    assert "@import" not in document
    assert "default-src 'none'" in document


def test_points_stand_under_each_other_by_their_decimal_point(template: str) -> None:
    """Whatever stands right of the point, or would: room for it is left there, and for the point itself."""
    column = ["98", "100.5", "102.25"]
    made = made_page(3)
    rows = [(*row[:5], Decimal(text), *row[6:]) for row, text in zip(made.rows, column, strict=True)]
    page = replace(made, rows=tuple(rows))
    figure = r'class="积分"><span class="figure" style="width:([\d.]+)ch;padding-right:([\d.]+)ch">([\d.]+)<'
    room = {text: (float(width), float(right)) for width, right, text in re.findall(figure, html(page, template))}
    assert set(room) == set(column)
    left = {room[text][1] + (len(text.partition(".")[2]) + 0.5 if "." in text else 0) for text in column}
    assert len({room[text][0] for text in column}) == len(left) == 1, "a point is half as wide as a digit"


def test_whole_numbers_alone_need_no_room_for_a_point(template: str) -> None:
    made = made_page(3)
    rows = [(*row[:5], Decimal(text), *row[6:]) for row, text in zip(made.rows, ("98", "100", "7"), strict=True)]
    document = html(replace(made, rows=tuple(rows)), template)
    styles = re.findall(r'class="积分"><span class="figure" style="([^"]*)"', document)
    assert styles == ["width:3ch;padding-right:0ch"] * 3


def test_charts_may_be_left_out(template: str) -> None:
    page = made_page(3)
    assert "积分分布" in html(page, template)
    assert "积分分布" not in html(page, template, charts=False)


def test_a_telephone_number_is_read_in_one_line(template: str) -> None:
    page = made_page(3, 异议="请致电0431-88886666-801或<李梅>。")
    assert '请致电<span class="tied">0431-88886666-801</span>或&lt;李梅&gt;。' in html(page, template)


def test_a_draft_says_so_and_a_final_page_does_not(template: str) -> None:
    assert Outline(html(made_page(3, draft=True), template)).all("body") == [{"class": "draft"}]
    assert Outline(html(made_page(3), template)).all("body") == [{"class": ""}]


@pytest.mark.slow
def test_the_same_page_gives_the_same_text(template: str) -> None:
    assert html(made_page(38), template) == html(made_page(38), template)


def test_a_placeholder_without_content_is_named() -> None:
    with pytest.raises(CannotWrite, match=r"“\{\{口号\}\}”"):
        html(made_page(3), "<p>{{标题}}{{口号}}</p>")


def test_a_template_without_the_table_is_refused(template: str) -> None:
    with pytest.raises(CannotWrite, match=r"publicity\.html”里没有“\{\{表格\}\}”"):
        html(made_page(1), template.replace("{{表格}}", ""))


def test_a_word_that_looks_like_a_placeholder_stays_a_word() -> None:
    assert html(made_page(3, 标题="{{支部}}"), "<p>{{标题}}</p>{{表格}}").splitlines()[1].startswith("<p>{{支部}}</p>")


@pytest.mark.slow
def test_page_and_message_need_no_typesetting_library(template: str, tmp_path: Path) -> None:
    (tmp_path / "publicity.html").write_text(template, encoding="utf-8")
    script = (
        "import sys\n"
        "for name in ('typst', 'fontTools', 'PIL', 'segno'): sys.modules[name] = None\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from made_page import made_page\n"
        "from xl_jifen.render.html import html\n"
        "from xl_jifen.render.message import message\n"
        "from xl_jifen.render import typeset\n"
        "assert '公示' in html(made_page(3), open(sys.argv[1], encoding='utf-8').read())\n"
        "assert '公示' in message(made_page(3))\n"
        "assert typeset.available()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "publicity.html")], check=True)


# ---- in a browser ----


@pytest.mark.office
def test_the_search_finds_by_part_of_a_name(template: str, browser: Browser) -> None:
    document = html(made_page(38), template)
    dom = browser(document, after="#q=%E9%98%BF%E4%B8%8D%E9%83%BD")
    assert people(dom) == ["阿不都热依木·阿卜杜拉"]
    assert "找到 1 人" in Outline(dom).text
    typed = "var i=document.getElementById('name');i.value=' 买买提艾力 ';i.oninput();"
    assert people(browser(with_script(document, typed))) == ["买买提·艾力"]
    nobody = browser(document, after="#q=%E6%9F%A5%E6%97%A0")
    assert people(nobody) == []
    assert "没有找到" in Outline(nobody).text


@pytest.mark.office
def test_a_click_on_a_heading_sorts(template: str, browser: Browser) -> None:
    page = made_page(12)
    column = COLUMNS.index("积分")
    click = f"document.querySelectorAll('thead th')[{column}].click();"
    by_points = [str(row[1]) for row in sorted(page.rows, key=lambda row: float(str(row[column])))]
    dom = browser(with_script(html(page, template), click))
    assert people(dom) == by_points
    assert Outline(dom).all("th")[column]["aria-sort"] == "ascending"
    twice = browser(with_script(html(page, template), click * 2))
    scores = {str(row[1]): row[column] for row in page.rows}
    assert [scores[str(name)] for name in people(twice)] == sorted(scores.values(), reverse=True)  # type: ignore[type-var]


@pytest.mark.office
def test_each_list_is_sorted_by_itself_losses_first_and_who_has_no_figure_last(template: str, browser: Browser) -> None:
    """By the keyboard, too."""
    page, column = made_page(6), COLUMNS.index("较上期")
    changes = ("+1.00", "−2.00", "—", "0", "−3.00", "+5.00")
    rows = [(*row[:column], change, *row[column + 1 :]) for row, change in zip(page.rows, changes, strict=True)]
    listed = replace(page, rows=(*rows[:4], ("入党积极分子和发展对象",), *rows[4:]))
    enter = "new KeyboardEvent('keydown', {key: 'Enter'})"
    pressed = f"document.querySelectorAll('thead th')[{column}].dispatchEvent({enter});"
    dom = browser(with_script(html(listed, template), pressed))
    order = [body.get("data-person", "") for body in Outline(dom).all("tbody")]
    assert order == [*(name_of(number) for number in (1, 3, 0, 2)), "", name_of(4), name_of(5)]


@pytest.mark.office
def test_names_are_inert(template: str, browser: Browser) -> None:
    page = named(made_page(4), EVIL)
    dom = browser(html(page, template))
    assert people(dom) == list(EVIL)
    outline = Outline(dom)
    assert all(name in outline.text for name in EVIL)
    assert "<title>中共青山州应急管理局机关第二支部委员会 2026年第三季度党员积分公示表</title>" in dom
    assert len(outline.all("script")) == 1


@pytest.mark.office
@pytest.mark.parametrize("phone", [360, 390])
def test_it_fits_a_phone(template: str, browser: Browser, phone: int) -> None:
    page = made_page(38)
    widest = ("—", RARE[8], page.rows[0][2], page.rows[5][3], page.rows[5][4], page.rows[7][5], "−103.25", "不合格", "")
    document = html(replace(page, rows=(*page.rows, widest)), template)
    # A window is never narrower than 500, a frame is.
    frame = f'<body><iframe width="{phone}" style="border:0" srcdoc="{escape(document)}"></iframe>'
    measure = (
        "onload=function(){var page=document.querySelector('iframe').contentDocument.documentElement;"
        "document.body.dataset.room=page.clientWidth;document.body.dataset.wide=page.scrollWidth}"
    )
    body = Outline(browser(f"{frame}<script>{measure}</script></body>")).all("body")[0]
    assert body["data-room"] == str(phone)
    assert body["data-wide"] == str(phone)


@pytest.mark.office
def test_no_request_leaves_the_page(template: str, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    window = Window(tmp_path, f"--log-net-log={log}")
    asking = "<img src='http://pictures.example/{}.png'>"
    for document in (
        asking.format("known to be asked for"),
        html(made_page(38), template),
        html(named(made_page(1), (asking.format("a"),)), template),
        asking.format("last"),
    ):
        window(document)
    window.chromium.stop()
    found = json.loads(log.read_text(encoding="utf-8"))
    start = found["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    jobs = [event["params"] for event in found["events"] if event["type"] == start and "params" in event]
    # The browser's own errands have no origin; those of the page carry its origin, which is null for a file.
    urls = [job["url"] for job in jobs if "url" in job and job.get("initiator") != "not an origin"]
    asked = [url for url in urls if not url.startswith(("file:", "data:", "chrome:"))]
    assert [url.partition("example/")[2] for url in asked] == ["known%20to%20be%20asked%20for.png", "last.png"]


@pytest.mark.office
def test_only_our_own_script_runs(template: str, browser: Browser) -> None:
    planted = "document.body.dataset.planted = 'yes';"
    document = html(made_page(3), template).replace("</body>", f"<script>{planted}</script></body>")
    assert "unsafe-inline'; script-src 'sha256-" in document
    assert 'data-planted="yes"' not in browser(document)
    assert 'data-planted="yes"' in browser(with_script(html(made_page(3), template), planted))


def test_a_template_of_other_looks_is_used(template: str) -> None:
    own = template.replace("</style>", "p { color: #123456 }</style>").replace("{{标题}}", "<em>{{标题}}</em>")
    assert "#123456" in html(made_page(3), own)
