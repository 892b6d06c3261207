"""What one desk remembers: the open workbook, what was made, and the one piece of work under way.

Work is done in a thread of its own, one piece at a time; pages only look. Knows no web.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xl_jifen.finding import JifenError, count_words
from xl_jifen.period import until

if TYPE_CHECKING:
    from xl_jifen import Reckoning
    from xl_jifen.finding import Finding
    from xl_jifen.period import Cycle, Period
    from xl_jifen.register import Score, Settings

BOOKS = (".xlsx", ".xlsm")
MOST_LISTED = 300
"""Files of a folder that are offered."""


@dataclass(slots=True)
class Done:
    """What a verb did: exit code, sentences, and the files to look at."""

    code: int
    sentences: tuple[str, ...]
    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()


Run = Callable[[Sequence[str], Path], Done]
"""Carries out the words of a command in a folder."""


@dataclass(slots=True)
class Job:
    """One piece of work, under way while ``done`` is None; ``over`` tells those who wait for it."""

    number: int
    title: str
    done: Done | None = None
    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Look:
    """A workbook as last read: what it amounts to, or why it cannot be read; the figures of one period, if any.

    ``heading`` stands above the figures: of which period, and up to which day while it is not over.
    """

    state: tuple[int, int] | None
    reckoning: Reckoning | None
    trouble: str = ""
    heading: str = ""
    scores: tuple[Score, ...] = ()

    @property
    def words(self) -> str:
        """One line about it."""
        return count_words(self.reckoning.findings) if self.reckoning else self.trouble


class Session:
    """The state of one desk."""

    def __init__(self, home: Path, run: Run, period: str = "") -> None:
        self.home, self.period = home, period
        self.book: Path | None = None
        self.files: list[Path] = []
        self.jobs: list[Job] = []
        self._run = run
        self._lock = threading.Lock()
        self._look: dict[Path, Look] = {}
        self._last: tuple[int, int] | None = None
        self.seen = time.monotonic()

    def open(self, book: Path) -> None:
        """Work with this workbook from now on; its folder is where new files go."""
        self.book = book.resolve()
        self.home = self.book.parent

    def enter(self, folder: Path) -> None:
        """Go to another folder, with no workbook open."""
        self.book, self.home = None, folder.resolve()

    def look(self) -> Look:
        """The open workbook as it is saved now, read anew once it changed and is still: a save takes its time."""
        assert self.book is not None
        state, before = _state(self.book), self._last
        self._last = state
        known = self._look.get(self.book)
        if known is None or (known.state != state and state == before):
            self._look = {self.book: (known := self._read(self.book, state))}
        return known

    def _read(self, book: Path, state: tuple[int, int] | None) -> Look:
        from xl_jifen.derive.so_far import as_it_stands
        from xl_jifen.score import with_periods
        from xl_jifen.verbs.quarter import period_of, reckoning_of

        try:
            reckoning = reckoning_of(book)
            settings, day = reckoning.register.settings, date.today()
            if settings.cycle is None:
                return Look(state, reckoning)
            period = period_of(reckoning, self.period) if self.period else under_way(settings, day)
            ledger = as_it_stands(with_periods(reckoning.ledger, [period]), settings.cycle, day)
            return Look(state, reckoning, "", heading(settings.cycle, period, day), ledger.of(period))
        except JifenError as error:
            return Look(state, None, str(error))

    @property
    def working(self) -> Job | None:
        """The work under way."""
        return next((job for job in self.jobs if job.done is None), None)

    def start(self, title: str, words: Sequence[str], *, opens: bool = False) -> Job | None:
        """Begin a piece of work, the workbook it makes being opened with ``opens``; None while another is under way."""
        with self._lock:
            if self.working:
                return None
            job = Job(len(self.jobs), title)
            self.jobs.append(job)
        threading.Thread(target=self._work, args=(job, words, opens), daemon=True).start()
        return job

    def _work(self, job: Job, words: Sequence[str], opens: bool) -> None:
        done = self._run(words, self.home)
        self._look = {}
        self.files += [path for path in done.files if path not in self.files]
        if opens and done.code == 0 and done.files:
            self.open(done.files[0])
        job.done = done
        job.over.set()

    def number_of(self, path: Path) -> int:
        """The number by which a page may ask for a file that was made."""
        return self.files.index(path)

    def books(self) -> list[Path]:
        """The workbooks of the folder, newest first."""
        found = [path for path in self.listed() if path.suffix.lower() in BOOKS]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

    def listed(self) -> list[Path]:
        """The plain files of the folder that people keep there."""
        try:
            found = [p for p in self.home.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))]
        except OSError:
            return []
        return sorted(found)[:MOST_LISTED]


def under_way(settings: Settings, day: date) -> Period:
    """The period of the branch's kind (公示周期) that holds the day, else the nearest one of its cycle."""
    assert settings.cycle is not None
    periods = settings.cycle.periods(settings.notice_period)
    return next((period for period in periods if day <= settings.cycle.span(period)[1]), periods[-1])


def heading(cycle: Cycle, period: Period, day: date) -> str:
    """``2026年第三季度积分``, with ``（截至8月15日）`` while it is not over; or when it begins."""
    first, last = cycle.span(period)
    if day < first:
        return f"{period.words}到{first.year}年{first.month}月{first.day}日才开始"
    return f"{period.words}积分{'' if last < day else f'（{until(day)}）'}"


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
