"""Which fonts a page is set in, and that a character none of them holds stops it before a box is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pylopdf_fonts_zh_cn
import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from made_page import RARE, made_page

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Page
from xl_jifen.render import fonts, typeset

PACKAGED = Path(pylopdf_fonts_zh_cn.__file__).parent


@pytest.fixture(scope="module")
def packaged() -> fonts.Fonts:
    return fonts.find([PACKAGED], system=False)


def made_font(folder: Path, family: str, characters: str) -> None:
    """A font whose every glyph is one square."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"u{ord(char):X}" for char in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): name for char, name in zip(characters, names[1:], strict=True)})
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "fullName": family, "psName": "Made-Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(folder / f"{family}.ttf")


def renamed(page: Page, name: str) -> Page:
    return replace(page, rows=((1, name, *page.rows[0][2:]), *page.rows[1:]))


def test_the_packaged_font_holds_the_names_that_trouble_others(packaged: fonts.Fonts) -> None:
    packaged.require(made_page(len(RARE)))


def test_a_missing_character_names_person_character_and_remedy(packaged: fonts.Fonts) -> None:
    page = renamed(made_page(3), "李𠮷祥")
    with pytest.raises(CannotWrite, match=r"“李𠮷祥”的“𠮷”（U\+20BB7）.*请安装大字库字体") as caught:
        packaged.require(page)
    assert str(caught.value).count("。") == 1
    with pytest.raises(CannotWrite, match="𠮷"):
        typeset.pdf(
            page,
            templates={path.name: path.read_bytes() for path in assets.folder("templates").glob("*.typ")},
            fonts=packaged,
            created=datetime(2026, 10, 9),
        )


def test_without_the_packaged_font_the_sentence_offers_it(packaged: fonts.Fonts) -> None:
    with pytest.raises(CannotWrite, match=r"pip install pylopdf-fonts-zh-cn"):
        replace(packaged, packaged=False).require(renamed(made_page(3), "李𠮷"))


def test_a_private_code_of_an_old_system_is_called_that(packaged: fonts.Fonts) -> None:
    with pytest.raises(CannotWrite, match=r"U\+E863.*自造字"):
        packaged.require(renamed(made_page(3), "李\ue863"))


def test_a_character_newer_than_python_needs_a_glyph_too(packaged: fonts.Fonts) -> None:
    with pytest.raises(CannotWrite, match=r"U\+323A0"):
        packaged.require(renamed(made_page(3), "李\U000323a0"))


def test_a_missing_character_elsewhere_is_placed(packaged: fonts.Fonts) -> None:
    page = made_page(3)
    remark = replace(page, rows=((*page.rows[0][:-1], "表彰𠮷"), *page.rows[1:]))
    with pytest.raises(CannotWrite, match="“李䶮”一行的“𠮷”"):
        packaged.require(remark)
    with pytest.raises(CannotWrite, match="公示文字中的“𠮷”"):
        packaged.require(made_page(3, 落款="中共𠮷支部"))


def test_spaces_joiners_and_variants_need_no_glyph(packaged: fonts.Fonts) -> None:
    packaged.require(renamed(made_page(3), "李\u3000\u200b葛\U000e0100\ufe00\n梅"))


@pytest.mark.slow
def test_a_chain_takes_the_font_people_mean_where_it_is(tmp_path: Path, packaged: fonts.Fonts) -> None:
    made_font(tmp_path, "FangSong", "中共")
    made_font(tmp_path, "方正小标宋简体", "中共")
    found = fonts.find([tmp_path, PACKAGED], system=False)
    assert found.families("正文")[:2] == ("FangSong", "Noto Serif SC")
    assert found.families("标题")[0] == "方正小标宋简体"
    assert found.used() == "字体：标题用方正小标宋简体，正文用仿宋，表头用思源黑体（未找到黑体，以此代替）。"
    assert "正文用思源宋体（未找到仿宋，以此代替）" in packaged.used()


@pytest.mark.slow
def test_what_the_first_font_lacks_the_end_of_the_chain_draws(tmp_path: Path) -> None:
    made_font(tmp_path, "FangSong", "王李张刘陈杨")  # like 仿宋_GB2312, without 喆 and 䶮
    found = fonts.find([tmp_path, PACKAGED], system=False)
    made = typeset.pdf(
        made_page(6),
        templates={path.name: path.read_bytes() for path in assets.folder("templates").glob("*.typ")},
        fonts=found,
        created=datetime(2026, 10, 9),
    )
    text = pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()
    assert all(name in "".join(text.split()) for name in RARE[:6])


def test_a_machine_without_a_chinese_font_is_told(tmp_path: Path) -> None:
    made_font(tmp_path, "Latin Only", "abc")
    with pytest.raises(CannotWrite, match="没有找到中文字体"):
        fonts.find([tmp_path], system=False)


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    made_font(tmp_path, "FangSong", "中")
    found = fonts.find([tmp_path, PACKAGED], system=False)
    (tmp_path / "FangSong.ttf").write_bytes(b"not a font")
    found.require(made_page(3))


def test_the_character_maps_are_read_once(packaged: fonts.Fonts) -> None:
    packaged.require(made_page(3))
    with patch("fontTools.ttLib.TTFont", side_effect=AssertionError("read again")):
        packaged.require(made_page(30))


def test_the_fonts_a_page_is_set_in_are_asked_before_all_others(tmp_path: Path) -> None:
    """Reading what a font holds costs hundredths of a second, and a machine may have hundreds."""
    for family in ("AAA Unasked", "Zzz Unasked"):
        made_font(tmp_path, family, "甲")
    found = fonts.find([PACKAGED, tmp_path], system=False)
    with patch.object(fonts, "_covered", wraps=fonts._covered) as asked:
        found.require(made_page(3))
    assert {call.args[0].family for call in asked.call_args_list} <= {"Noto Serif SC", "Noto Sans SC"}


def test_one_chinese_font_alone_serves_for_all_uses(tmp_path: Path) -> None:
    made_font(tmp_path, "SimSun", "公示")
    found = fonts.find([tmp_path], system=False)
    assert [found.families(use) for use in ("正文", "表头")] == [("SimSun",), ()]
    assert "表头用系统默认字体（未找到黑体，以此代替）" in found.used()


def test_a_font_of_symbols_alone_draws_no_character(tmp_path: Path) -> None:
    made_font(tmp_path, "FangSong", "公示")
    with TTFont(tmp_path / "FangSong.ttf") as symbols:
        (table, *_) = symbols["cmap"].tables
        table.platformID, table.platEncID = 1, 0
        symbols["cmap"].tables = [table]
        symbols.save(tmp_path / "符号.ttf")
    (tmp_path / "符号.ttf").replace(tmp_path / "FangSong.ttf")
    with pytest.raises(CannotWrite):
        fonts.Fonts(None, (fonts.Face("FangSong", str(tmp_path / "FangSong.ttf"), 0),), False).require(made_page(3))
