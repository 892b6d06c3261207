"""A typesetter (排版进程): pages set in a process of their own, since typst keeps all it ever laid out while it lives.

A desk that stays open all day so stays small. This process hands over pages and templates and gets bytes back; fonts
are looked for over there, once. Imported by every command, so it imports little.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from xl_jifen.finding import CannotWrite
from xl_jifen.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from typing import ParamSpec, TypeVar

    from xl_jifen.publish.page import Page
    from xl_jifen.render.fonts import Fonts
    from xl_jifen.render.typeset import Margins, Templates

    P = ParamSpec("P")
    R = TypeVar("R")

in_place = False
"""Whether this process ends with its one command, so that it may set the pages itself."""


class Typesetter:
    """One process, begun when first called, that ends when this value is gone."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __call__(self, work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        """What the work returns or raises over there. Raises CannotWrite where the process dies of it."""
        if in_place:
            return work(*given, **named)
        from concurrent.futures.process import BrokenProcessPool

        from xl_jifen.disk import workers

        self._pool = self._pool or workers.pool(1)
        try:
            with workers.apart():
                promised = self._pool.submit(work, *given, **named)
            return promised.result()
        except BrokenProcessPool as error:
            raise CannotWrite("排版没有完成；请关闭一些程序、腾出内存后再试。") from error


# ---- over there ----


def fonts() -> tuple[str, str]:
    """What pages are set in, in one sentence; or nothing, and in one sentence why none can be set."""
    from xl_jifen.render import typeset

    if lacking := typeset.available():
        return "", lacking
    try:
        return _found().used(), ""
    except CannotWrite as error:
        return "", f"没有生成 PDF 和长图：{error}"


def form(pages: Sequence[Page], templates: Templates, created: datetime) -> bytes:
    """Pages of one form as one PDF, as :func:`forms.pdf` makes it."""
    from xl_jifen.render import forms

    return forms.pdf(pages, templates=templates, fonts=_found(), created=created)


def together(parts: Sequence[bytes], words: Mapping[str, str], templates: Templates, created: datetime) -> bytes:
    """PDFs of forms in one, as :func:`forms.together` makes it."""
    from xl_jifen.render import forms

    return forms.together(parts, words, templates=templates, fonts=_found(), created=created)


def poster(
    page: Page, templates: Templates, created: datetime, margins: Margins, *, charts: bool
) -> tuple[bytes, tuple[bytes, ...]]:
    """A page to be pinned up as PDF and pictures, as ``typeset`` makes them."""
    from xl_jifen.render import typeset

    found = _found()
    # Pictures first: they take the most memory, and what the other has laid out stays there.
    pictures = typeset.pictures(page, templates=templates, fonts=found, charts=charts)
    pdf = typeset.pdf(page, templates=templates, fonts=found, created=created, margins=margins, charts=charts)
    return pdf, pictures


@functools.cache
def _found() -> Fonts:
    from xl_jifen.render import fonts

    return fonts.find()
