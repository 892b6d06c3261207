"""The A4 sheet and the phone pictures: text, pages and pixels, with the font of the test extra alone."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pylopdf_fonts_zh_cn
import pypdfium2
import pytest
import typst
import zxingcpp
from made_page import COLUMNS, WORDS, made_page, name_of, remark_of
from PIL import Image, ImageOps
from test_golden_pages import PAGES
from yearend_books import demo

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite
from xl_jifen.period import Period
from xl_jifen.publish.page import Page
from xl_jifen.render import fonts, forms, typeset
from xl_jifen.render.fonts import Fonts
from xl_jifen.verbs.publish import publicity_of

pytestmark = pytest.mark.slow

CREATED = datetime(2026, 10, 9, 9, 0)
HEAD_RED = (179, 32, 26)


@pytest.fixture(scope="module")
def templates() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in assets.folder("templates").glob("*.typ")}


@pytest.fixture(scope="module")
def font() -> Fonts:
    return fonts.find([Path(pylopdf_fonts_zh_cn.__file__).parent], system=False)


@pytest.fixture
def setter(templates: dict[str, bytes], font: Fonts) -> SimpleNamespace:
    def pdf(page: Page, **options: Any) -> bytes:
        return typeset.pdf(page, **{"templates": templates, "fonts": font, "created": CREATED} | options)

    def pictures(page: Page, **options: Any) -> tuple[bytes, ...]:
        return typeset.pictures(page, **{"templates": templates, "fonts": font} | options)

    def form(page: Page) -> bytes:
        return forms.pdf([page], templates=templates, fonts=font, created=CREATED)

    return SimpleNamespace(pdf=pdf, pictures=pictures, forms=form)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without the spaces and line breaks a reader does not see."""
    document = pypdfium2.PdfDocument(pdf)
    return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


# ---- the A4 sheet ----


@pytest.mark.slow
@pytest.mark.parametrize(("members", "first"), [(0, 0), (1, 0), (3, 0), (38, 0), (200, 0), (1000, 980)])
def test_every_word_and_member_is_on_the_sheet(setter: SimpleNamespace, members: int, first: int) -> None:
    """Of a thousand the last, whose ranks have as many digits as there are: all of them fill a gigabyte."""
    page = made_page(members)
    texts = pages(setter.pdf(replace(page, rows=page.rows[first:])))
    whole = "".join(texts)
    assert all(name_of(number) in whole for number in range(first, members))
    assert members < 1000 or "1000王零九九九" in whole
    for word in ("标题", "支部", "公式", "说明段", "公示期", "异议", "落款", "日期", "校验码"):
        assert "".join(WORDS[word].split()) in whole
    assert all("".join(line.split()) in whole for line in WORDS["图例"].split("\n"))
    if members <= 3:
        assert len(texts) == 1


def test_charts_can_be_searched_and_are_set_in_the_fonts_of_the_page(setter: SimpleNamespace) -> None:
    page = made_page(38)
    text = pages(setter.pdf(page))[0]
    assert len(page.charts) == 3
    for chart in page.charts:
        assert chart.title in text
        for label, value in chart.points:
            assert label in text
            assert str(value) in text
    data = setter.pdf(page)
    fonts_with = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", data))
    assert fonts_with
    assert fonts_with == set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", setter.pdf(page, charts=False)))


def test_a_template_that_still_tells_a_chart_its_height_is_set(
    setter: SimpleNamespace, templates: dict[str, bytes]
) -> None:
    own = templates["publicity.typ"].replace(b"drawn(c, size.width)", b"drawn(c, size.width, 21mm)")
    assert own != templates["publicity.typ"]
    page = made_page(3)
    assert pages(setter.pdf(page, templates={**templates, "publicity.typ": own})) == pages(setter.pdf(page))


def test_the_table_head_is_repeated_and_pages_are_numbered(setter: SimpleNamespace) -> None:
    texts = pages(setter.pdf(made_page(200)))
    assert len(texts) > 4
    for number, text in enumerate(texts, 1):
        assert "名次" in text
        assert "姓名" in text
        assert f"—{number}—" in text
        assert WORDS["校验码"] in text


def test_no_row_is_divided_between_pages(setter: SimpleNamespace) -> None:
    texts = pages(setter.pdf(made_page(200)))
    for number in range(200):
        items = remark_of(number).split("；")
        assert any(name_of(number) in text and all(item in text for item in items) for text in texts)


@pytest.mark.slow
@pytest.mark.parametrize("members", range(12, 48, 5))
def test_the_signature_stands_on_a_page_with_the_last_members(setter: SimpleNamespace, members: int) -> None:
    (signed,) = [text for text in pages(setter.pdf(made_page(members))) if WORDS["落款"] + WORDS["日期"] in text]
    assert name_of(members - 1) in signed
    assert "特此公示" in signed


USUAL = tuple(name for name in COLUMNS if name not in ("较上期", "建议等次"))
"""The columns a branch publishes that chooses none."""


@pytest.mark.parametrize("columns", [USUAL, ("名次", "姓名", "积分")])
@pytest.mark.parametrize("members", [3, 4, 10, 11, 14])
def test_a_small_branch_fits_one_sheet(setter: SimpleNamespace, members: int, columns: tuple[str, ...]) -> None:
    assert len(filled(setter.pdf(made_page(members, columns=columns)))) == 1


@pytest.mark.parametrize("members", [15, 20, 25, 36, 60])
def test_the_first_sheet_is_full_and_none_nearly_empty(setter: SimpleNamespace, members: int) -> None:
    for columns in (USUAL, USUAL[:-1]):
        *full, last = filled(setter.pdf(made_page(members, columns=columns)))
        assert all(share > 0.85 for share in full)
        assert last > 0.25


def filled(pdf: bytes) -> list[float]:
    """How far down each sheet is printed, of the height between its margins."""
    shares = []
    for sheet in pypdfium2.PdfDocument(pdf):
        picture = ImageOps.invert(sheet.render(scale=0.5).to_pil().convert("L"))
        top, bottom = picture.height * 37 // 297, picture.height * 262 // 297
        box = picture.crop((0, top, picture.width, bottom)).getbbox()
        shares.append(box[3] / (bottom - top) if box else 0.0)
    return shares


@pytest.mark.parametrize(("name", "members"), [("测评票", 100), ("测评票", 200), ("学习任务", 42), ("评议参考表", 36)])
def test_no_form_ends_with_a_stump(setter: SimpleNamespace, name: str, members: int) -> None:
    page = PAGES[name]()
    *full, last = filled(setter.forms(replace(page, rows=(page.rows * 9)[:members])))
    assert all(share > 0.9 for share in full)
    assert last > 0.2, "of what a notice has between its margins"


def test_the_boxes_of_the_meeting_have_room_however_long_the_table(setter: SimpleNamespace) -> None:
    page = PAGES["对照清单_支部概览"]()
    for lines in range(4, 40, 3):
        texts = pages(setter.forms(replace(page, rows=(page.rows * 9)[:lines])))
        assert all(f"第{n}页，共{len(texts)}页" in text for n, text in enumerate(texts, 1)), lines


def test_items_follow_on_an_annex_where_they_would_cost_pages(setter: SimpleNamespace) -> None:
    items = "；".join(f"参加主题党日{n}次，加{n}分：防汛一线主题党日、结对共建活动" for n in range(1, 6))
    for members, most in ((14, 3), (36, 6)):
        page = made_page(members, columns=USUAL)
        pdf = setter.pdf(replace(page, rows=tuple((*row[:-1], f"{row[1]}：{items}") for row in page.rows)))
        texts, shares = pages(pdf), filled(pdf)
        signed = next(n for n, text in enumerate(texts) if WORDS["落款"] + WORDS["日期"] in text)
        assert signed == (members > 14)
        assert WORDS["附页说明"] in texts[signed]
        assert WORDS["附页"] in texts[signed + 1]
        told = "".join(texts[signed + 1 :])
        assert all(f"{name_of(n)}：参加主题党日1次" in told for n in range(members))
        assert [WORDS["校验码"] in text for text in texts] == [True] * len(texts)
        assert len(shares) <= most
        assert shares[0] > 0.85
        assert min(shares) > 0.25


def test_a_few_words_move_to_the_legend_where_their_column_costs_a_page(setter: SimpleNamespace) -> None:
    columns = ("名次", "编号", "姓名", "党小组", *COLUMNS[2:])
    page = made_page(36, 备注段="备注：王五，9月1日转入。")
    rows = tuple((row[0], f"{row[0]:03d}", row[1], "第一党小组", *row[2:-1], "") for row in page.rows)
    rows = (*rows[:4], (*rows[4][:-1], "9月1日转入"), *rows[5:])
    texts = pages(setter.pdf(replace(page, columns=columns, rows=rows)))
    assert len(texts) == 2
    assert "备注：王五，9月1日转入。" in texts[1]
    assert "积分构成" not in "".join(texts)


def test_a_telephone_number_is_not_broken(setter: SimpleNamespace) -> None:
    for number in range(0, 30, 3):
        page = made_page(1, 异议="对" * number + "向李梅反映（电话：0000-1234567）。")
        assert "0000-1234567" in pypdfium2.PdfDocument(setter.pdf(page))[0].get_textpage().get_text_range()


def test_a_remark_longer_than_a_page_is_not_cut(setter: SimpleNamespace) -> None:
    page = made_page(6)
    matters = [f"第{number}件事由。" for number in range(400)]
    rows = list(page.rows)
    rows[5] = (*rows[5][:-1], "".join(matters))
    document = pypdfium2.PdfDocument(setter.pdf(replace(page, rows=tuple(rows))))
    bounds = {"bottom": 90, "top": document[0].get_height() - 90}  # what runs off the paper is still in its text
    seen = "".join("".join(sheet.get_textpage().get_text_bounded(**bounds).split()) for sheet in document)
    broken = [matter for matter in matters if matter not in seen]
    assert len(broken) <= len(document)  # one may be divided where a page ends


def test_points_stand_under_each_other_by_their_decimal_point(setter: SimpleNamespace) -> None:
    page = made_page(9)
    text = pypdfium2.PdfDocument(setter.pdf(page))[0].get_textpage()
    points = []
    for row in page.rows:
        found = text.search(f"{row[5]}", match_whole_word=True).get_next()
        if found is not None and "." in f"{row[5]}":
            start, _ = found
            points.append(text.get_charbox(start + f"{row[5]}".index("."))[0])
    assert len(points) >= 4
    assert max(points) - min(points) < 0.1


def test_names_mean_nothing_to_typst(setter: SimpleNamespace) -> None:
    page = made_page(3)
    odd = "#panic()*甲*_乙_$x$"
    rows = (*page.rows[:2], (3, odd, *page.rows[2][2:]))
    assert odd in "".join(pages(setter.pdf(replace(page, rows=rows))))


def test_a_draft_is_marked_on_every_page(setter: SimpleNamespace) -> None:
    draft, final = pages(setter.pdf(made_page(60, draft=True))), pages(setter.pdf(made_page(60)))
    assert all(text.count("草稿") >= 2 for text in draft)
    assert not any("草稿" in text for text in final)


def test_charts_may_be_left_out(setter: SimpleNamespace) -> None:
    page = made_page(4)
    assert "积分分布（人）" in pages(setter.pdf(page))[0]
    assert "积分分布（人）" not in "".join(pages(setter.pdf(page, charts=False)))
    for number in range(3):
        alone = replace(page, charts=page.charts[number : number + 1])
        assert page.charts[number].title in pages(setter.pdf(alone))[0]


def test_a_chart_of_nothing_or_of_one_value_is_drawn(setter: SimpleNamespace) -> None:
    page = made_page(4)
    charts = [replace(chart, points=((label, Decimal(0)),)) for chart in page.charts for label, _ in chart.points[:1]]
    assert "积分分布" in pages(setter.pdf(replace(page, charts=tuple(charts))))[0]
    assert "积分分布" not in pages(setter.pdf(replace(page, charts=(replace(page.charts[0], points=()),))))[0]


def test_long_grades_and_dotted_names_stay_in_a_line(setter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    page = made_page(9)
    wanted = ["基本合格", "买买提·艾力", "阿不都热依木·"]

    def lines(pdf: bytes) -> set[str]:
        text = "".join(each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(pdf))
        return {word for line in text.splitlines() for word in line.split()}

    assert lines(setter.pdf(page)) >= set(wanted)
    assert lines(_phone_sheet(setter, monkeypatch, page)) >= set(wanted)


PHOTO, CODE, LINK = "IMG_20260315_103245.jpg", "11010519491231002X", "https://a.cn/b?tab=1&u=3f2d9c&x=(1)#/file/0001"
GROUP, NUMBERS = "Volunteer_Group_One", "202603151032451234567890123456789012345678901234次"


def lines_of(word: str, pdf: bytes) -> int:
    """Over how many lines a word is printed that stands in a page once."""
    for sheet in pypdfium2.PdfDocument(pdf):
        text = sheet.get_textpage()
        letters = [text.get_text_range(n, 1) for n in range(text.count_chars())]
        shown = [n for n, letter in enumerate(letters) if letter.strip("\u200b\ufffe \r\n")]
        at = "".join(letters[n] for n in shown).find(word)
        if at >= 0:
            return len({round(text.get_charbox(shown[n])[1] / 6) for n in range(at, at + len(word), 2)})
    return 0


def test_a_word_wider_than_its_column_is_divided(setter: SimpleNamespace) -> None:
    """Names of photos, links, long codes: they would be printed over what stands beside them."""
    columns = ("名次", "编号", "姓名", "党小组", "基础分", "加分", "减分", "积分", "备注")
    told = f"志愿服务1次，加1分：微信图片_{PHOTO}；{LINK}；{NUMBERS}"
    rows = (("1", CODE, "Alexander-Constantinopolous", GROUP, "100", "2", "0", "102", told),)
    page = replace(made_page(1), columns=columns, rows=rows, silent=())
    pdf = setter.pdf(page)
    assert all(lines_of(word, pdf) > 1 for word in (CODE, rows[0][2], GROUP, LINK, NUMBERS))
    assert lines_of("志愿服务1次，加1分：", pdf) == 1


def test_a_word_wider_than_its_column_is_divided_in_a_statement(setter: SimpleNamespace) -> None:
    page = PAGES["个人明细_康瑞_第三季度"]()
    at, rows = page.columns.index("佐证"), [list(row) for row in page.rows]
    numbered = [row for row in rows if row[0]]
    for row, word in zip(numbered, (PHOTO, LINK, NUMBERS), strict=False):
        row[at] = word
    pdf = setter.forms(replace(page, rows=tuple(map(tuple, rows))))
    assert [lines_of(word, pdf) > 1 for word in (PHOTO, LINK, NUMBERS)] == [True] * 3


@pytest.mark.slow
def test_the_compact_margins_take_fewer_sheets(setter: SimpleNamespace) -> None:
    page = made_page(60)
    assert len(pages(setter.pdf(page, margins="紧凑版"))) < len(pages(setter.pdf(page, margins="公文版")))


def test_the_same_page_gives_the_same_bytes(setter: SimpleNamespace, set_anew: Callable[[], None]) -> None:
    page = made_page(38)
    first = setter.pdf(page)
    set_anew()
    assert setter.pdf(page) == first
    assert first != setter.pdf(page, created=datetime(2026, 10, 10))


# ---- the QR code ----


@pytest.fixture(scope="module")
def sealed() -> Page:
    """The example's notice: a branch with a long name, and both codes."""
    page, _ = publicity_of(demo().reckoning.ledger, Period.of_quarter(2026, 3), date(2026, 10, 9), draft=False)
    return page


def read_back(picture: Image.Image) -> list[str]:
    """What a phone's decoder reads off a picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_the_qr_code_holds_a_sentence(sealed: Page) -> None:
    branch, code = sealed.words["落款"], sealed.words["校验码"]
    whole = sealed.words["完整校验码"]
    assert sealed.words["核验句"] == f"{branch}2026年第三季度党员积分公示表，校验码 {code}，完整校验码 {whole}"


@pytest.mark.parametrize("width", [1080, 720])
def test_the_qr_code_is_read_off_the_picture_on_a_phones_screen(
    setter: SimpleNamespace, sealed: Page, width: int
) -> None:
    picture = opened(setter.pictures(sealed)[-1]).convert("L")
    shown = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    assert read_back(shown) == [sealed.words["核验句"]]


@pytest.mark.parametrize("dots_per_inch", [200, 96])
def test_the_qr_code_is_read_off_a_photograph_of_the_sheet(
    setter: SimpleNamespace, sealed: Page, dots_per_inch: int
) -> None:
    *_, last = pypdfium2.PdfDocument(setter.pdf(sealed))
    assert read_back(last.render(scale=dots_per_inch / 72, grayscale=True).to_pil()) == [sealed.words["核验句"]]


def test_a_draft_has_no_qr_code(setter: SimpleNamespace, sealed: Page) -> None:
    draft = replace(
        sealed, words={**sealed.words, "核验句": "", "校验码": "草稿没有校验码", "草稿": "草稿"}, draft=True
    )
    assert not [
        text for sheet in pypdfium2.PdfDocument(setter.pdf(draft)) for text in read_back(sheet.render(scale=2).to_pil())
    ]


# ---- the pictures ----

MANY = 100
"""Members of whom no single picture is made."""


@pytest.mark.parametrize("members", [3, 38])
def test_a_small_branch_gets_one_picture(setter: SimpleNamespace, members: int) -> None:
    (png,) = setter.pictures(made_page(members))
    picture = opened(png)
    assert picture.width == 1080
    assert picture.height <= typeset.LONGEST
    assert picture.mode == "P"
    assert len(png) < 2_000_000
    assert _bands(picture) == 1
    assert _blank(picture, picture.height - 20)  # nothing is cut off at the bottom
    assert not _blank(picture, picture.height - 110)


@pytest.mark.slow
def test_a_large_branch_gets_several_with_the_head_repeated(setter: SimpleNamespace) -> None:
    pngs = setter.pictures(made_page(MANY))
    assert len(pngs) > 1
    for png in pngs:
        picture = opened(png)
        assert picture.width == 1080
        assert picture.height <= typeset.SPLIT
        assert len(png) < 2_000_000
        assert _bands(picture) == 1
    *full, last = map(opened, pngs)
    assert {picture.height for picture in full} == {typeset.SPLIT}
    assert _blank(last, last.height - 20)
    assert not _blank(last, last.height - 110)


@pytest.mark.slow
def test_nobody_is_divided_between_two_pictures(setter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = _read(setter, monkeypatch, made_page(MANY))
    assert len(texts) > 1
    for number in range(MANY):
        items = remark_of(number).split("；")
        assert any(name_of(number) in text and all(item in text for item in items) for text in texts)
    assert all(f"第{number}张，共{len(texts)}张" in text for number, text in enumerate(texts, 1))
    assert all(name_of(number) in texts[-1] for number in range(MANY)[-3:])
    assert WORDS["落款"] + WORDS["日期"] in texts[-1]


def test_pictures_say_what_the_sheet_says(setter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = _read(setter, monkeypatch, made_page(38, draft=True))
    assert all(name_of(number) in text for number in range(38))
    for word in ("支部", "公示期", "异议", "校验码", "公式"):
        assert "".join(WORDS[word].split()) in text
    assert "请勿转发" in text


def _read(setter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, page: Page) -> list[str]:
    """The text of the pictures."""
    return pages(_phone_sheet(setter, monkeypatch, page))


def _phone_sheet(setter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, page: Page) -> bytes:
    """The same layout typst drew the pictures from, as PDF."""
    calls: list[tuple[Any, dict[str, Any]]] = []
    real = typst.compile

    def listen(files: Any, **options: Any) -> Any:
        calls.append((files, options))
        return real(files, **options)

    monkeypatch.setattr(typst, "compile", listen)
    setter.pictures(page)
    files, options = calls[-1]
    return bytes(real(files, **{name: options[name] for name in ("font_paths", "sys_inputs")}, format="pdf"))


def _bands(picture: Image.Image) -> int:
    """How many red table heads a picture shows: bands of full width, taller than a rule."""
    column = picture.convert("RGB").crop((32, 0, 33, picture.height)).tobytes()
    heights = [len(list(run)) for red, run in itertools.groupby(zip(*[iter(column)] * 3, strict=True), _is_red) if red]
    return sum(height > 30 for height in heights)


def _is_red(pixel: Any) -> bool:
    return all(abs(have - want) < 24 for have, want in zip(pixel, HEAD_RED, strict=True))


def _blank(picture: Image.Image, top: int) -> bool:
    """Whether nothing is drawn below ``top``."""
    below = picture.convert("L").crop((0, top, picture.width, picture.height))
    return below.getextrema()[0] > 240


# ---- what goes wrong ----


def test_without_the_typesetter_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert typeset.available() == ""
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    assert "pip install typst pillow fonttools" in typeset.available()


@pytest.mark.parametrize("missing", ["publicity.typ", "common.typ"])
def test_a_missing_template_is_named(setter: SimpleNamespace, templates: dict[str, bytes], missing: str) -> None:
    rest = {name: body for name, body in templates.items() if name != missing}
    with pytest.raises(CannotWrite, match=missing):
        setter.pdf(made_page(3), templates=rest)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"#let x = ", "expected expression"),
        (b"#nothing", "unknown variable: nothing"),
        ("乱码".encode("gbk"), "publicity.typ”不是 UTF-8"),
        ('#image("徽.png")'.encode(), "引用了别的文件.*徽.png"),
    ],
)
def test_a_broken_template_is_one_sentence(
    setter: SimpleNamespace, templates: dict[str, bytes], body: bytes, wrong: str
) -> None:
    with pytest.raises(CannotWrite, match=rf"^模板.*{wrong}.*。$"):
        setter.pdf(made_page(3), templates=templates | {"publicity.typ": body})


def test_a_picture_without_its_end_is_one_sentence(setter: SimpleNamespace, templates: dict[str, bytes]) -> None:
    with pytest.raises(CannotWrite, match=r"^模板.*缺少 <end> 标记.*。$"):
        setter.pictures(made_page(3), templates=templates | {"phone.typ": "没有标记".encode()})


def test_a_branch_may_restyle_the_sheet(setter: SimpleNamespace, templates: dict[str, bytes]) -> None:
    own = templates["publicity.typ"].replace("异议反映".encode(), "意见反映".encode())
    text = "".join(pages(setter.pdf(made_page(3), templates=templates | {"publicity.typ": own})))
    assert "意见反映：" in text
    assert "异议反映：" not in text
