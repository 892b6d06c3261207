"""Printing (出表): pages drawn by their templates as the files of one folder, for whatever is published.

Nothing is written before everything is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from xl_jifen.disk import assets
from xl_jifen.finding import CannotRead, CannotWrite, Finding
from xl_jifen.grid import squeeze
from xl_jifen.layout import ROSTER, RULES
from xl_jifen.render import typesetter
from xl_jifen.verbs.done import Done

if TYPE_CHECKING:
    from xl_jifen.publish.page import Page


TYPED_IN = (".xlsx", ".txt", ".csv")
"""Files of ours in which people type."""


class Style(NamedTuple):
    """How a publicity set shall look: 公文版 or 紧凑版 margins, charts or none."""

    margins: Literal["公文版", "紧凑版"] = "公文版"
    charts: bool = True


class Printer:
    """Draws pages as files of one folder, dated ``day``. Fonts and templates are looked up once.

    ``drawn`` are the files so far, by name; ``notes`` what is to be said of them; ``made`` writes them.
    """

    def __init__(self, workbook: Path, folder: Path, day: date, now: datetime | None = None) -> None:
        self.notes: list[str] = []
        self.drawn: list[tuple[str, bytes]] = []
        self._workbook, self._folder = workbook, folder
        self._created = datetime.combine(day, time())
        self._now = now or self._created
        self._unmade: list[str] = []
        self._templates: dict[str, bytes] = {}
        self._set = typesetter.Typesetter()
        self._fonts = self._look_for_fonts()

    def _look_for_fonts(self) -> str:
        """What pages are set in, in one sentence; empty where none can be set."""
        try:
            fonts, lacking = self._set(typesetter.fonts)
        except CannotWrite as error:
            fonts, lacking = "", f"没有生成 PDF 和长图：{error}"
        if lacking:
            self.notes.append(lacking)
        return fonts

    def _template(self, name: str) -> bytes:
        if name not in self._templates:
            self._templates[name] = assets.template(name, self._workbook)
        return self._templates[name]

    def workbook(self, stem: str, page: Page) -> None:
        """A page as .xlsx by its template."""
        from xl_jifen.excel.fill.template import fill

        self.drawn.append((f"{stem}.xlsx", fill(self._template(f"{page.template}.xlsx"), page, self._created)))

    def pdf(self, stem: str, pages: Sequence[Page]) -> None:
        """Pages as one PDF; where it cannot be made, one sentence why, and none of an earlier time stays."""
        names = (f"{pages[0].template}.typ", "common.typ")
        self._form(stem, lambda: self._set(typesetter.form, pages, self._named(names), self._created))

    def together(self, stem: str, note: str, author: str) -> None:
        """All PDFs so far in one, as they are, a note on every page; none where one of them could not be made."""
        if self._unmade:
            self._unmade.append(f"{stem}.pdf")
            return
        parts = [data for name, data in self.drawn if name.endswith(".pdf")]
        words, names = {"title": stem, "author": author, "note": note}, ("together.typ",)
        self._form(stem, lambda: self._set(typesetter.together, parts, words, self._named(names), self._created))

    def _named(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: self._template(name) for name in names}

    def _form(self, stem: str, made: Callable[[], bytes]) -> None:
        self._unmade.append(f"{stem}.pdf")
        if not self._fonts:
            return
        try:
            data = made()
        except CannotWrite as error:
            self.notes.append(f"没有生成 {stem}.pdf：{error}")
            return
        self._unmade.pop()
        self.drawn.append((f"{stem}.pdf", data))

    def poster(self, stem: str, page: Page, style: Style) -> None:
        """A page to be pinned up as one PDF and as pictures for a phone; neither, and why, where one fails."""
        if not self._fonts:
            return
        templates = self._named((f"{page.template}.typ", "phone.typ", "common.typ"))
        try:
            pdf, pictures = self._set(
                typesetter.poster, page, templates, self._created, style.margins, charts=style.charts
            )
        except CannotWrite as error:
            self.notes.append(f"没有生成 PDF 和长图：{error}")
            return
        self.drawn.append((f"{stem}.pdf", pdf))
        for number, picture in enumerate(pictures, 1):
            counted = f"-{number:0{len(str(len(pictures)))}d}"  # -01 to -22: in order wherever names are sorted
            self.drawn.append((f"{stem}{counted if len(pictures) > 1 else ''}.png", picture))

    def web(self, stem: str, page: Page, style: Style, end: str = "") -> None:
        """A page as one HTML file by the branch's own template if it has one, ``end`` behind it."""
        from xl_jifen.render.html import html

        template = assets.web_template(f"{page.template}.html", self._workbook)
        self._templates[f"{page.template}.html"] = template.encode()
        self.drawn.append((f"{stem}.html", (html(page, template, charts=style.charts) + end).encode()))

    def message(self, stem: str, page: Page) -> None:
        """What is sent along with a page, as text."""
        from xl_jifen.render.message import message

        self.drawn.append((f"{stem}.txt", message(page).encode("utf-8-sig")))

    def said(self) -> list[str]:
        """The notes, then which of the branch's own templates and which fonts were used."""
        said = [*self.notes, *assets.own_templates(self._templates, self._workbook)]
        if self._fonts and any(name.endswith(".pdf") for name, _ in self.drawn):
            said.append(self._fonts)
        return said

    def made(self, in_the_way: tuple[Finding, ...]) -> Done:
        """Write everything drawn."""
        files = tuple(put(self._folder / name, data, self._now) for name, data in self.drawn)
        for name in self._unmade:
            (self._folder / name).unlink(missing_ok=True)
        said = self.said()
        if in_the_way:
            left = f"还有 {len(in_the_way)} 个错误没有改，涉及的登记没有计入"
            said.append(f"{left}，所以表上标明“草稿”；改正后请重新生成。")
        return Done(tuple(said), files, in_the_way)


def ensure_apart(path: Path, inputs: Iterable[Path], what: str) -> None:
    """Refuse to write what is no .xlsx, or over a file that is read. Raises CannotWrite."""
    if path.suffix.lower() != ".xlsx":
        raise CannotWrite(f"“{path.name or path}”的扩展名不对；请用 .xlsx。")
    if path.resolve() in {file.resolve() for file in inputs}:
        raise CannotWrite(f"“{path.name}”是{what}，不能覆盖；请换一个文件名。")


def put(path: Path, data: bytes, now: datetime) -> Path:
    """Write one file of ours; one in which someone may have typed (自我批评, a message) is backed up before.

    Raises CannotWrite, among others where a branch's own workbook lies there.
    """
    from xl_jifen.disk import links
    from xl_jifen.disk.save import look, save, write_new

    links.ensure_writable(path)
    if path.suffix.lower() in TYPED_IN and path.exists():
        ensure_not_a_branchs(path)
        save(look(path)[0], data, now)
        return path
    return write_new(path, data, overwrite=True)


def ensure_not_a_branchs(path: Path) -> None:
    """Raise CannotWrite where a branch's workbook lies at a path: nothing of ours takes its place."""
    from xl_jifen.disk.save import look
    from xl_jifen.excel.read.package import Package

    if path.suffix.lower() != ".xlsx" or not path.exists():
        return
    try:
        sheets = {squeeze(name) for name in Package.of(look(path)[1], path.name).sheets}
    except CannotRead:  # whatever it is, it is backed up
        return
    if {ROSTER.name, RULES.name} <= sheets:
        raise CannotWrite(f"“{path.name}”是党员积分工作簿，没有覆盖；请换一个文件名。")
