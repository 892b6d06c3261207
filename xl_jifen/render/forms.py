"""Forms (年末各表) as one A4 PDF: several pages of a publication, one behind the other, set by typst.

Each page is a whole of its own, numbered from 1; the pages reach the template as data, never as markup. Turns values
into bytes; reads fonts, writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Page
from xl_jifen.render.cells import cell_text, figures
from xl_jifen.render.fonts import CHAINS, Fonts

_BEIJING = timezone(timedelta(hours=8))


def pdf(pages: Sequence[Page], *, templates: Mapping[str, bytes], fonts: Fonts, created: datetime) -> bytes:
    """The pages (all of one template) as an A4 PDF by ``<template>.typ``; the same input gives the same bytes.

    ``created`` is the time written into the file (without a time zone: Beijing's). Raises CannotWrite for a missing
    glyph or a template typst cannot read.
    """
    import typst

    stem = pages[0].template
    files = {name: body for name, body in templates.items() if name.endswith((".typ", ".svg"))}
    for name in (f"{stem}.typ", "common.typ"):
        if name not in files:
            raise CannotWrite(f"模板里没有 {name}，请从程序自带的模板中复制一份。")
    words = "".join(body.decode("utf-8", "ignore") for body in files.values())
    for number, page in enumerate(pages):
        fonts.require(page, "" if number else "".join(char for char in words if not char.isascii()))
    moment = created if created.tzinfo else created.replace(tzinfo=_BEIJING)
    compile_files: Any = typst.compile  # its stubs know no input of several files
    try:
        return bytes(
            compile_files(
                {**files, "main.typ": files[f"{stem}.typ"]},
                font_paths=fonts.handle,
                sys_inputs={"data": _data(pages, fonts)},
                format="pdf",
                timestamp=int(moment.timestamp()),
            )
        )
    except typst.TypstError as error:
        raise CannotWrite(f"模板有误，排版没有完成（{error.message}）；请检查改动过的 .typ 文件。") from error
    except RuntimeError as error:
        raise CannotWrite(f"模板文件读不出来（{error}）；.typ 文件须存为 UTF-8 编码的文本。") from error


def _data(pages: Sequence[Page], fonts: Fonts) -> str:
    """What common.typ expects of a single page, those of the first; and all pages under ``pages``."""
    drawn = [
        {
            "words": dict(page.words),
            "columns": page.columns,
            "rows": [[cell_text(value) for value in row] for row in page.rows],
            "figures": figures(page),
        }
        for page in pages
    ]
    data = {
        **drawn[0],
        "pages": drawn,
        "charts": [],
        "draft": any(page.draft for page in pages),
        "seal": "",
        "fonts": {use: fonts.families(use) for use in CHAINS},
    }
    return json.dumps(data, ensure_ascii=False)
