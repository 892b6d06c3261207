"""Fonts (字体): which ones a page is set in, and whether they hold every character of it.

Typst draws a box for a character no font has, and says nothing; so the fonts' character maps are read before anything
is drawn. May read font files; draws nothing.
"""

from __future__ import annotations

import functools
import importlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Page
from xl_jifen.render.shown import cell_text, person

if TYPE_CHECKING:
    import typst

_SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC")
_SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
_XIAOBIAO = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK")
_FANG = ("FangSong", "FangSong_GB2312", "仿宋", "仿宋_GB2312", "STFangsong", "FZFangSong-Z02S")
_SONG = ("SimSun", "NSimSun", "STSong", "Songti SC")


class Chain(NamedTuple):
    """The fonts of one use, best first: those people mean by ``name``, then what stands in for them.

    English family names come first: typst knows a font by its English name wherever it has one (typst#5441). Each
    chain ends in fonts that hold every character names are written with, because 仿宋_GB2312 lacks 喆, 堃 and 玥.
    """

    name: str
    wanted: tuple[str, ...]
    instead: tuple[str, ...]


CHAINS: Mapping[str, Chain] = MappingProxyType(
    {
        "标题": Chain("小标宋", _XIAOBIAO, ("STZhongsong", "华文中宋", *_SERIF, *_SONG, *_SANS)),
        "正文": Chain("仿宋", _FANG, (*_SONG, *_SERIF, *_SANS)),
        "表头": Chain("黑体", ("SimHei", "黑体"), ("Microsoft YaHei", *_SANS, "PingFang SC", *_SERIF)),
        "页码": Chain("宋体", _SONG, (*_SERIF, *_SANS)),
        "屏幕": Chain("雅黑", ("Microsoft YaHei", "PingFang SC", *_SANS), ("SimHei", *_SONG, *_SERIF)),
    }
)
"""Uses of fonts by the name templates call them (GB/T 9704—2012: title 小标宋, body 仿宋, page number 宋体)."""

_SPOKEN = {
    "FangSong": "仿宋",
    "STFangsong": "华文仿宋",
    "SimSun": "宋体",
    "STZhongsong": "华文中宋",
    "SimHei": "黑体",
    "Microsoft YaHei": "微软雅黑",
    "Noto Serif CJK SC": "思源宋体",
    "Noto Serif SC": "思源宋体",
    "Noto Sans CJK SC": "思源黑体",
    "Noto Sans SC": "思源黑体",
}

_FONT_PACKAGE = "pylopdf_fonts_zh_cn"


class Face(NamedTuple):
    """One font of a file: its family as typst knows it, and where it lies (``number`` within a collection)."""

    family: str
    path: str
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Fonts:
    """The fonts typst will use on this machine. ``handle`` is its own list, scanned once and handed back to it."""

    handle: typst.Fonts
    faces: tuple[Face, ...]
    packaged: bool

    def families(self, use: str) -> tuple[str, ...]:
        """The families of a chain that are there, best first; typst falls back to any other font after them."""
        there = {face.family.casefold() for face in self.faces}
        chain = CHAINS[use]
        return tuple(family for family in chain.wanted + chain.instead if family.casefold() in there)

    def stands_in(self, use: str) -> bool:
        """Whether a chain has to do without the fonts it is named after."""
        families = self.families(use)
        return not families or families[0] not in CHAINS[use].wanted

    def used(self) -> str:
        """One sentence for the user: what the A4 sheet is set in, and what had to be replaced."""
        parts = []
        for use in ("标题", "正文", "表头"):
            families = self.families(use)
            family = _SPOKEN.get(families[0], families[0]) if families else "系统默认字体"
            missing = f"（未找到{CHAINS[use].name}，以此代替）" if self.stands_in(use) else ""
            parts.append(f"{use}用{family}{missing}")
        return f"字体：{'，'.join(parts)}。"

    def require(self, page: Page, other: str = "") -> None:
        """Make sure that every character of the page, and of ``other`` (its templates' words), can be drawn.

        Raises CannotWrite naming the person, the character and the font to install.
        """
        wanted = _visible("".join((other, *_texts(page))))
        missing = self._missing(wanted)
        if missing:
            raise CannotWrite(_sentence(page, missing, self.packaged))

    def _missing(self, wanted: frozenset[int]) -> frozenset[int]:
        for face in self._by_likelihood():
            if not wanted:
                break
            wanted -= _covered(face)
        return wanted

    def _by_likelihood(self) -> Iterator[Face]:
        # Every chain is asked before the hundreds of other fonts a Windows machine may have: reading a character map
        # costs some hundredths of a second, and the chains nearly always hold everything.
        asked = dict.fromkeys(family.casefold() for use in CHAINS for family in self.families(use))
        order = {family: number for number, family in enumerate(asked)}
        yield from sorted(self.faces, key=lambda face: (order.get(face.family.casefold(), len(order)), face))


def find(folders: Iterable[Path | str] = (), *, system: bool = True) -> Fonts:
    """The fonts of this machine, of ``folders``, and of the package ``xl-jifen[fonts]`` brings where installed.

    With ``system=False`` only those of ``folders``: pages then look the same on every machine. Raises CannotWrite when
    there is no Chinese font at all; ImportError without typst.
    """
    import typst

    packaged = _packaged()
    paths = [str(folder) for folder in folders] + ([str(packaged)] if packaged and system else [])
    handle = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=paths)
    # One face a family is enough to know what it holds: its weights hold the same characters.
    faces = {font.family: Face(font.family, font.path, font.index) for font in handle.fonts() if font.path}
    fonts = Fonts(handle, tuple(faces.values()), packaged is not None)
    if not any(fonts.families(use) for use in CHAINS):
        raise CannotWrite(
            "本机没有找到中文字体；请安装宋体、仿宋等中文字体，或运行 pip install pylopdf-fonts-zh-cn 后重试。"
        )
    return fonts


def _packaged() -> Path | None:
    try:
        package = importlib.import_module(_FONT_PACKAGE)
    except ImportError:
        return None
    return Path(str(package.__file__)).parent


def _texts(page: Page) -> Iterator[str]:
    yield from page.words.values()
    yield from page.columns
    for row in page.rows:
        yield from map(cell_text, row)
    for chart in page.charts:
        yield chart.title + chart.unit
        yield from (label for label, _ in chart.points)


def _visible(text: str) -> frozenset[int]:
    """The code points that need a glyph: no spaces, controls, joiners or variation selectors.

    Private codes (Co) do, and so do those newer than Python's own tables (Cn): characters are still being added.
    """
    return frozenset(
        ord(char)
        for char in set(text)
        if unicodedata.category(char) not in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs")
        if not unicodedata.name(char, "").startswith("VARIATION SELECTOR")
    )


@functools.lru_cache(maxsize=256)
def _covered(face: Face) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError

    number = face.number if face.path.lower().endswith((".ttc", ".otc")) else -1
    try:
        with TTFont(face.path, fontNumber=number, lazy=True) as font:
            font.setGlyphOrder([""] * font["maxp"].numGlyphs)  # their names would have to be looked for in the outlines
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, KeyError, AssertionError, ValueError):
        return frozenset()  # a broken font file holds nothing we could rely on


def _sentence(page: Page, missing: frozenset[int], packaged: bool) -> str:
    found = [f"{_whose(page, chr(code))}“{chr(code)}”（U+{code:04X}）" for code in sorted(missing)]
    more = f"等 {len(found)} 个字" if len(found) > 5 else ""
    names = "、".join(found[:5])
    return f"本机字体里没有{names}{more}，印出来会是空框；{_remedy(missing, packaged)}"


def _whose(page: Page, char: str) -> str:
    for row in page.rows:
        if any(char in cell_text(value) for value in row):
            name = person(page, row)
            return f"“{name}”的" if char in name else f"“{name}”一行的"
    return "公示文字中的"


def _remedy(missing: frozenset[int], packaged: bool) -> str:
    if any(unicodedata.category(chr(code)) == "Co" for code in missing):
        return "这是旧系统的自造字编码，请在名册里用现在的输入法重新输入这个字。"
    if not packaged:
        return "请运行 pip install pylopdf-fonts-zh-cn 安装自带字体后重试。"
    if min(missing) > 0xFFFF:
        return "请安装大字库字体（Windows 的 SimSun-ExtB，或免费的遍黑体 Plangothic）后重试。"
    return "请安装含这个字的字体后重试。"
