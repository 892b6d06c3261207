"""A page as an A4 PDF and as pictures for a phone (长图), set by typst from templates a branch may restyle.

The page reaches the template as data, never as markup, so that no name can mean anything to typst. Turns values into
bytes; reads fonts, writes nothing.
"""

from __future__ import annotations

import importlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Chart, Page
from xl_jifen.render.fonts import CHAINS, Fonts
from xl_jifen.render.seal import seal
from xl_jifen.render.shown import cell_text, figures
from xl_jifen.render.svg import on_phone, on_sheet, share, spoken

Margins = Literal["公文版", "紧凑版"]
"""The two margins of the A4 sheet: those of official documents (公文), or smaller ones for fewer sheets."""

Templates = Mapping[str, bytes]
"""Template files by name: ``publicity.typ``, ``phone.typ``, ``common.typ``; only ``.typ`` and ``.svg`` are used."""

PIXELS = 1080
"""Width of a picture: what phones show without scaling up."""

LONGEST, SPLIT = 8000, 5400
"""Pixels: a single picture may be as long as the first; a longer page becomes several no longer than the second."""

_NEEDED = ("typst", "PIL.Image", "fontTools.ttLib")
_PICTURE_WIDTH = 360  # points, as in phone.typ
_PPI = PIXELS * 72 / _PICTURE_WIDTH
_COLOURS = 32
_ROOT = Path(__file__).parent
"""Where typst looks for files a template names: nothing lies here. Left to itself it takes the current folder."""
_PACKAGE = re.compile(r'"(@[a-z][\w-]*/)', re.ASCII)
_BEIJING = timezone(timedelta(hours=8))


def available() -> str:
    """Why this machine makes no PDF and no pictures, as one sentence; empty where it does."""
    try:
        for name in _NEEDED:
            importlib.import_module(name)
    except ImportError:
        return (
            "本机没有排版组件，所以没有 PDF 和长图，电子表格、网页和文字稿照常生成；"
            "请运行 pip install typst pillow fonttools 安装"
            "（32 位 Python、Windows 7 和龙芯电脑装不了，可用 Excel 或 WPS 把电子表格导出为 PDF）。"
        )
    return ""


def pdf(
    page: Page,
    *,
    templates: Templates,
    fonts: Fonts,
    created: datetime,
    margins: Margins = "公文版",
    charts: bool = True,
) -> bytes:
    """The page as an A4 PDF by ``<page.template>.typ``; the same input gives the same bytes.

    ``created`` is the time written into the file (without a time zone: Beijing's). How much stands on a sheet is the
    template's to choose. Raises CannotWrite for a missing glyph or a template typst cannot read.
    """
    files = sources([page], templates, page.template, fonts)
    return compiled(
        files, fonts, {"data": _data(page, fonts, on_sheet if charts else None), "margins": margins}, created
    )


def pictures(page: Page, *, templates: Templates, fonts: Fonts, charts: bool = True) -> tuple[bytes, ...]:
    """The page as PNG pictures 1080 px wide by ``phone.typ``: one, or several with the head repeated where it is long.

    Nobody's lines are divided between two pictures. Raises CannotWrite like :func:`pdf`.
    """
    files = sources([page], templates, "phone", fonts)
    inputs = {"data": _data(page, fonts, on_phone if charts else None)}
    scale = PIXELS / _PICTURE_WIDTH
    # Asked before drawn: a thousand members as one picture would fill half a gigabyte.
    end = _end(files, fonts, inputs)
    if end["y"] * scale > LONGEST:
        inputs["height"] = str(SPLIT / scale)
        end = _end(files, fonts, inputs)
    made = _typst("compile", files, fonts, inputs, format="png", ppi=_PPI)
    whole = made if isinstance(made, list) else [made]
    last = round(end["y"] * scale)
    return tuple(_small(png, last if number == len(whole) else None) for number, png in enumerate(whole, 1))


def _small(png: bytes, bottom: int | None) -> bytes:
    """A picture in a palette of few colours (a quarter of the bytes), cut at ``bottom``."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if bottom is not None:
        picture = picture.crop((0, 0, picture.width, min(bottom, picture.height)))
    out = io.BytesIO()
    reduced = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(out, format="PNG")
    return out.getvalue()


def sources(pages: Sequence[Page], templates: Templates, stem: str, fonts: Fonts) -> dict[str, bytes]:
    """What typst is given to set the pages by ``<stem>.typ``. Raises CannotWrite for a missing glyph or template."""
    files = {name: body for name, body in templates.items() if name.endswith((".typ", ".svg"))}
    for name in (f"{stem}.typ", "common.typ"):
        if name not in files:
            raise CannotWrite(f"模板里没有 {name}；请从程序自带的模板中复制一份。")
    words = "".join(_text(name, body) for name, body in files.items())
    if package := _PACKAGE.search(words):
        raise CannotWrite(f"模板引用了网上的组件（{package[1]}…），而本工具不联网；请从 .typ 文件中去掉这一处。")
    for number, page in enumerate(pages):
        fonts.require(page, "" if number else "".join(char for char in words if not char.isascii()))
    return {**files, "main.typ": files[f"{stem}.typ"]}


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotWrite(f"模板“{name}”不是 UTF-8 编码的文本；请在编辑器中另存为 UTF-8。") from error


def drawn(page: Page) -> dict[str, Any]:
    """The words, the table and the figures of a page as a template gets them."""
    return {
        "words": dict(page.words),
        "columns": page.columns,
        "rows": [[cell_text(value) for value in row] for row in page.rows],
        "figures": figures(page),
    }


def families(fonts: Fonts) -> dict[str, tuple[str, ...]]:
    """The font families of each use (题, 正文 …), as a template gets them."""
    return {use: fonts.families(use) for use in CHAINS}


def _data(page: Page, fonts: Fonts, draw: Callable[[Sequence[Chart]], list[str]] | None) -> str:
    charts = [chart for chart in page.charts if chart.points] if draw else []
    drawings = draw(charts) if draw else []
    data = {
        **drawn(page),
        "charts": [_chart(chart, drawing) for chart, drawing in zip(charts, drawings, strict=True)],
        "draft": page.draft,
        "seal": seal(page.words.get("核验句", "")),
        "fonts": families(fonts),
    }
    return json.dumps(data, ensure_ascii=False)


def _chart(chart: Chart, drawing: str) -> dict[str, Any]:
    """A chart drawn; its points too, for templates of a branch that draw their own."""
    points = [{"label": label, "value": float(value), "text": cell_text(value)} for label, value in chart.points]
    told = {"title": chart.title, "spoken": spoken(chart), "share": share(chart), "svg": drawing}
    return {**told, "kind": chart.kind, "unit": chart.unit, "points": points}


def _end(files: dict[str, bytes], fonts: Fonts, inputs: dict[str, str]) -> dict[str, float]:
    """Where the page ends: the template's ``<end>``, without drawing anything."""
    found = _typst("query", files, fonts, inputs, selector="<end>", field="value", one=True)
    end: dict[str, float] = json.loads(found)
    return end


def compiled(files: dict[str, bytes] | Path, fonts: Fonts, inputs: dict[str, str], created: datetime) -> bytes:
    """The PDF of the files, or of one and those beside it. Raises CannotWrite where typst cannot read them."""
    moment = created if created.tzinfo else created.replace(tzinfo=_BEIJING)
    return bytes(_typst("compile", files, fonts, inputs, format="pdf", timestamp=int(moment.timestamp())))


def _typst(what: str, files: dict[str, bytes] | Path, fonts: Fonts, inputs: dict[str, str], **options: Any) -> Any:
    import typst

    root = files.parent if isinstance(files, Path) else _ROOT
    try:
        return getattr(typst, what)(files, root=root, font_paths=fonts.handle, sys_inputs=inputs, **options)
    except (typst.TypstError, RuntimeError) as error:  # a query raises the second, its message led in by some words
        message = str(getattr(error, "message", error)).removeprefix("failed to compile document: ")
        if what == "query" and "exactly one element" in message:
            raise CannotWrite("模板末尾缺少 <end> 标记（最后的 metadata 一行）；请从程序自带的模板中补上。") from error
        if "file not found" in message:
            raise CannotWrite(
                f"模板引用了别的文件，排版没有完成；请从 .typ 文件中去掉这一处（排版程序的原话：{message}）。"
            ) from error
        raise CannotWrite(f"模板有误，排版没有完成；请检查改动过的 .typ 文件（排版程序的原话：{message}）。") from error
