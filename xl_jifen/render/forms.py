"""Forms (年末各表) as one A4 PDF: several pages of a publication, one behind the other, set by typst.

Each page is a whole of its own, numbered from 1. Turns values into bytes; reads fonts, writes nothing but a folder for
the PDFs that become one, which is gone with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from xl_jifen.publish.page import Page
from xl_jifen.render.fonts import Fonts
from xl_jifen.render.typeset import Templates, compiled, drawn, families, sources


def pdf(pages: Sequence[Page], *, templates: Templates, fonts: Fonts, created: datetime) -> bytes:
    """The pages (all of one template) as an A4 PDF by ``<template>.typ``; the same input gives the same bytes.

    ``created`` is the time written into the file (without a time zone: Beijing's). Raises CannotWrite for a missing
    glyph or a template typst cannot read.
    """
    files = sources(pages, templates, pages[0].template, fonts)
    return compiled(files, fonts, {"data": _data(pages, fonts)}, created)


def together(
    parts: Sequence[bytes], words: Mapping[str, str], *, templates: Templates, fonts: Fonts, created: datetime
) -> bytes:
    """PDFs as :func:`pdf` made them behind one another in one by ``together.typ``: set before, they cost nothing again.

    ``words``: title, author, and the note on every page. Raises CannotWrite like :func:`pdf`.
    """
    named = {f"{number}.pdf": part for number, part in enumerate(parts, 1)}
    counted = [(name, len(re.findall(rb"/Type\s*/Page\b", part))) for name, part in named.items()]
    data = {**words, "font": families(fonts)["表头"] or ("SimHei",), "parts": counted}
    with TemporaryDirectory() as folder:  # typst takes a PDF as a picture from a file alone
        for name, content in {"main.typ": templates["together.typ"], **named}.items():
            Path(folder, name).write_bytes(content)
        return compiled(Path(folder, "main.typ"), fonts, {"data": json.dumps(data, ensure_ascii=False)}, created)


def _data(pages: Sequence[Page], fonts: Fonts) -> str:
    """What common.typ expects of a single page, those of the first; and all pages under ``pages``."""
    each = [drawn(page) for page in pages]
    data = {
        **each[0],
        "pages": each,
        "charts": [],
        "draft": any(page.draft for page in pages),
        "seal": "",
        "fonts": families(fonts),
    }
    return json.dumps(data, ensure_ascii=False)
