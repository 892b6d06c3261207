"""Watching a workbook (守候) while it is open in WPS, LibreOffice or Excel: each save is checked and drafted anew.

The workbook is only ever read. What is made lies in ``预览/<its name>/`` beside it: 校验.html, which an open browser
brings up to date by itself, and drafts of the publicity sheet. Clock, pause and end are arguments of the loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from xl_jifen import Reckoning
from xl_jifen.disk import assets
from xl_jifen.disk.folders import DRAFTED, PREVIEWS, notice_stem
from xl_jifen.disk.save import write_new
from xl_jifen.finding import CannotRead, CannotWrite, JifenError, count_words
from xl_jifen.period import Period
from xl_jifen.publish import check
from xl_jifen.publish.check import CheckPage, Source
from xl_jifen.publish.page import Page
from xl_jifen.render.check import check_html
from xl_jifen.verbs import quarter as verbs

PAGE = "校验.html"

SECOND, SLOWLY = 1.0, 5.0
"""Seconds from one look at the file to the next; and once it has been told that it cannot be read."""

PATIENCE = 5
"""So many vain tries before it is told: a save over a network may take its time."""

OTHER_QUARTERS = "积分和草稿是正在登记的季度的；要看另一个季度，请结束守候，加上选项（如 --period 2026Q3）再运行。"
NO_CYCLE = "“设置”中没有有效的计分周期，还算不出积分。"
NO_MEMBERS = "“党员名册”中还没有计分的党员。"

_State: TypeAlias = tuple[int, int] | None
"""Size and time of a file, None if it is not there or cannot be reached. A save changes them in every program."""
_NEVER: _State = (-1, -1)


class Refreshed(NamedTuple):
    """One refresh: the check page, where it lies, the drafts made, how many findings, and notes on the drafts."""

    page: CheckPage
    path: Path
    drafts: tuple[Path, ...]
    counts: str
    notes: tuple[str, ...]


def watch(
    workbook: Path,
    *,
    quarter: str = "",
    say: Callable[[str], object],
    show: Callable[[Path], object],
    now: Callable[[], datetime] = datetime.now,
    pause: Callable[[float], object] = time.sleep,
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Refresh now and after every save, until ``ended`` or Ctrl+C; then the page says that this is over.

    A file is read once its size and time have stayed the same from one look to the next. One that cannot be read is
    tried again in silence, and after a while told to ``say`` and on the page. ``show`` gets the page once, when it is
    first there. Raises CannotRead if there is no such file to begin with.
    """
    if not workbook.is_file():
        verbs.open_workbook(workbook)  # says in its own words what is wrong
    watched = _Watched(workbook, quarter, say, show, now)
    try:
        while not ended():
            watched.look()
            pause(SLOWLY if watched.told else SECOND)
    except KeyboardInterrupt:
        pass
    finally:
        watched.end()


class _Watched:
    """A workbook being watched: how it was when last looked at and when last checked, and what has been told of it.

    ``told`` is why it cannot be read, "" while it can; ``_behind`` that the page does not say so yet.
    """

    def __init__(
        self,
        workbook: Path,
        quarter: str,
        say: Callable[[str], object],
        show: Callable[[Path], object],
        now: Callable[[], datetime],
    ) -> None:
        self._workbook, self._quarter, self._say, self._show, self._now = workbook, quarter, say, show, now
        self._last, self._done = _state(workbook), _NEVER
        self._failures = 0
        self._page: CheckPage | None = None
        self._notes: tuple[str, ...] = ()
        self._shown = self._behind = False
        self.told = ""

    def look(self) -> None:
        """Look at the file, and check it if it is still and not as it was when last checked."""
        state = _state(self._workbook)
        still, self._last = state == self._last, state
        if not still or state == self._done:
            return
        now = self._now()
        try:
            made = refresh(self._workbook, now, quarter=self._quarter)
        except JifenError as error:
            self._done = _NEVER
            self._failed(str(error), now)
            return
        self._done = state  # saved again meanwhile, it will not be as it was
        self._failures, self.told = 0, ""
        self._page = made.page
        self._say(f"{now:%H:%M:%S}  {made.counts}")
        for note in made.notes if made.notes != self._notes else ():
            self._say(note)
        self._notes = made.notes
        self._show_once(made.path)

    def _failed(self, sentence: str, now: datetime) -> None:
        self._failures += 1
        if self._failures < PATIENCE:
            return
        if sentence != self.told:
            self.told, self._behind = sentence, True
            self._say(f"{now:%H:%M:%S}  {sentence}{check.WAITING}")
            self._page = check.unreadable_page(_source(self._workbook), sentence, now)
        if self._behind and self._page:
            with suppress(JifenError):  # then with the next try
                path = _put_page(self._workbook, self._page)
                _clear(folder_of(self._workbook), ())
                self._behind = False
                self._show_once(path)

    def _show_once(self, path: Path) -> None:
        if not self._shown:
            self._shown = True
            self._show(path)

    def end(self) -> None:
        """Say on the page that nobody keeps it up to date any more."""
        if self._page:
            with suppress(JifenError):
                _put_page(self._workbook, check.ended(self._page, self._now()))


def _state(workbook: Path) -> _State:
    try:
        status = workbook.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def folder_of(workbook: Path) -> Path:
    """Where everything about a workbook is kept: 预览/<its name without suffix>/ beside it."""
    real = workbook.resolve()
    own = real.stem if real.stem.strip(" .") else real.name  # the stem of "...xlsx" is the folder above
    return real.parent / PREVIEWS / own


def refresh(workbook: Path, now: datetime, *, quarter: str = "") -> Refreshed:
    """Check the workbook as it is saved, and write the drafts of ``quarter`` (``2026Q3``) and then the check page.

    Without one it is the quarter under way. A draft that cannot be made is a sentence. Raises CannotRead, CannotWrite.
    """
    source = _source(workbook)
    reckoning = verbs.reckoning_of(workbook)
    chosen, without = _quarter(reckoning, quarter, now)
    notes: list[str] = []
    drafts: tuple[Path, ...] = ()
    scores = None
    if chosen:
        scores, notes = verbs.publicity_of(reckoning.ledger, chosen, now.date(), draft=True)
        notes += [] if quarter else [OTHER_QUARTERS]
        notes += assets.own_templates((*verbs.TEMPLATES, f"{check.TEMPLATE}.html"), workbook)
        drafts = tuple(_put_drafts(scores, workbook, chosen, now, notes))
    _clear(folder_of(workbook), drafts)
    page = check.check_page(
        source,
        reckoning.register,
        reckoning.findings,
        chosen,
        now,
        scores=scores,
        without=without,
        notes=notes,
        drafts=tuple(path.name for path in drafts),
    )
    path = _put_page(workbook, page)
    return Refreshed(page, path, drafts, count_words(reckoning.findings), (*([without] if without else []), *notes))


def _quarter(reckoning: Reckoning, text: str, now: datetime) -> tuple[Period | None, str]:
    """The quarter to draft: the one named, else the one under way; or None and why."""
    cycle = reckoning.register.settings.cycle
    if cycle is None:
        return None, NO_CYCLE
    try:
        quarter = verbs.quarter_of(reckoning, text) if text else None
    except CannotRead as error:
        return None, str(error)
    quarter = quarter or check.quarter_under_way(reckoning.register, now.date())
    if quarter is None or not reckoning.ledger.of(quarter):
        return None, NO_MEMBERS
    return quarter, ""


def _put_drafts(page: Page, workbook: Path, quarter: Period, now: datetime, notes: list[str]) -> Iterator[Path]:
    """Write the drafts and give their places; why one is missing is added to ``notes``."""
    stem = notice_stem(quarter, draft=True)
    style, typesetting = verbs.Style(), list[str]()
    drawn = [(f"{stem}.html", verbs.web_page(page, workbook, style))]
    drawn += verbs.typeset_files(page, workbook, stem, now, style, typesetting, with_pictures=False)
    if len(drawn) == 1:
        notes += typesetting
    for name, data in drawn:
        try:
            yield write_new(folder_of(workbook) / name, data, overwrite=True)
        except CannotWrite as error:  # a PDF that a reader holds open must not keep the check page from being written
            notes.append(f"草稿没有更新：{error}")


def _put_page(workbook: Path, page: CheckPage) -> Path:
    text = check_html(page, assets.web_template(f"{check.TEMPLATE}.html", workbook))
    return write_new(folder_of(workbook) / PAGE, text.encode("utf-8"), overwrite=True)


def _clear(folder: Path, drafts: Collection[Path]) -> None:
    """Remove drafts of an earlier save or another quarter, which would be taken for those of now."""
    for path in set(folder.glob(f"*{DRAFTED}.*")).difference(drafts):
        with suppress(OSError):  # open in a PDF reader; it goes with the next save
            path.unlink()


def _source(workbook: Path) -> Source:
    real = workbook.resolve()
    try:
        saved = datetime.fromtimestamp(real.stat().st_mtime)
    except (OSError, ValueError, OverflowError):
        saved = None
    return Source(real.name, str(real), saved)
