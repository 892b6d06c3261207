"""Printing (出表): pages drawn by their templates as the files of one folder, for the publications of the year's end.

Nothing is written before everything is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite, Finding
from xl_jifen.verbs.done import Done

if TYPE_CHECKING:
    from xl_jifen.publish.page import Page
    from xl_jifen.render.fonts import Fonts


class Printer:
    """Draws pages as files of one folder. Fonts and templates are looked up once; ``made`` writes."""

    def __init__(self, workbook: Path, folder: Path, day: date, now: datetime | None) -> None:
        self.notes: list[str] = []
        self._workbook, self._folder = workbook, folder
        self._created = datetime.combine(day, time())
        self._now = now or self._created
        self._unmade: list[str] = []
        self._drawn: list[tuple[str, bytes]] = []
        self._templates: dict[str, bytes] = {}
        self._used: dict[str, None] = {}
        self._fonts = self._find_fonts()

    def _find_fonts(self) -> Fonts | None:
        from xl_jifen.render import typeset

        if sentence := typeset.available():
            self.notes.append(sentence)
            return None
        from xl_jifen.render import fonts

        try:
            found = fonts.find()
        except CannotWrite as error:
            self.notes.append(f"没有生成 PDF：{error}")
            return None
        return found

    def workbook(self, stem: str, page: Page) -> None:
        """A page as .xlsx by its template."""
        from xl_jifen.excel.fill.template import fill

        name = f"{page.template}.xlsx"
        self._used[name] = None
        if name not in self._templates:
            self._templates[name] = assets.template(name, self._workbook)
        self._drawn.append((f"{stem}.xlsx", fill(self._templates[name], page, self._created)))

    def pdf(self, stem: str, pages: Sequence[Page]) -> None:
        """Pages as one PDF; where it cannot be made, one sentence why, and none of an earlier time stays."""
        self._unmade.append(f"{stem}.pdf")
        if self._fonts is None:
            return
        from xl_jifen.render import forms

        names = (f"{pages[0].template}.typ", "common.typ")
        self._used.update(dict.fromkeys(names))
        templates = {name: assets.template(name, self._workbook) for name in names}
        try:
            data = forms.pdf(pages, templates=templates, fonts=self._fonts, created=self._created)
        except CannotWrite as error:
            self.notes.append(f"没有生成 {stem}.pdf：{error}")
            return
        self._unmade.pop()
        self._drawn.append((f"{stem}.pdf", data))

    def made(self, in_the_way: tuple[Finding, ...]) -> Done:
        """Write everything drawn."""
        files = tuple(put(self._folder / name, data, self._now) for name, data in self._drawn)
        for name in self._unmade:
            (self._folder / name).unlink(missing_ok=True)
        self.notes += assets.own_templates(self._used, self._workbook)
        if self._fonts is not None and any(file.suffix == ".pdf" for file in files):
            self.notes.append(self._fonts.used())
        if in_the_way:
            self.notes.append(
                f"还有 {len(in_the_way)} 个错误没有改，涉及的登记没有计入，所以表上标明“草稿”；改正后请重新生成。"
            )
        return Done(tuple(self.notes), files, in_the_way)


def put(path: Path, data: bytes, now: datetime) -> Path:
    """Write one published file; a workbook, on which someone may have written (自我批评), is backed up before.

    Raises CannotWrite.
    """
    from xl_jifen.disk import links
    from xl_jifen.disk.save import look, save, write_new

    links.ensure_writable(path)
    if path.suffix == ".xlsx" and path.exists():
        save(look(path)[0], data, now)
        return path
    return write_new(path, data, overwrite=True)
