"""How a press of a button comes in and its answer goes out: by a file from the workbook's own VBA, or by RunPython.

The file (UTF-16, a line each) names the verb, the window, the book, the program's folder and the file that takes the
answer. Where pywin32's classes of Excel turn out bad they are made anew, once, in a new process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from xl_jifen.excel.live import open_book as live
from xl_jifen.excel.live import program
from xl_jifen.excel.live.program import Pressed
from xl_jifen.finding import JifenError

if TYPE_CHECKING:
    import xlwings as xw

DONE, COULD_NOT = 0, 2
"""Exit codes; the second makes RunPython show what stands on stderr."""

AGAIN = "XL_JIFEN_AGAIN"
"""Set in the process that tries once more."""
MODULE = "xl_jifen.hosts.press"
"""The name by which workbooks start us."""
ENCODING = "utf-16-le"
STARTED = "…"
"""The answer while there is none: Python runs. A file with something else in it is the answer."""
INFO, TROUBLE = "i", "x"

Work: TypeAlias = Callable[["xw.Book"], tuple[str, str]]
"""What a button does: it returns what to say and the sheet to show then."""


class Job(NamedTuple):
    """A press: the verb with its arguments, the book, and the file for the answer (None: a message box of our own)."""

    verb: str
    pressed: Pressed
    answer: Path | None


def read_job(path: Path) -> Job:
    """The press that a workbook wrote down. Raises ValueError for a file that is none."""
    verb, window, book, folder, answer = path.read_text(ENCODING).lstrip("\ufeff").splitlines()[:5]
    return Job(verb, Pressed(int(window), book, folder), Path(answer) if answer else None)


def write_job(path: Path, job: Job) -> None:
    """Write a press down as a workbook does."""
    lines = (job.verb, str(job.pressed.window), job.pressed.book, job.pressed.program, str(job.answer or ""))
    path.write_text("".join(f"{line}\n" for line in lines), ENCODING)


def by_file(path: Path, work_of: Callable[[str], Work]) -> int:
    """Do what the file says and leave the answer where it says; the exit code."""
    job = read_job(path)
    if job.answer:
        _answer(job.answer, STARTED)
    if _is_good(work_of(job.verb), job):
        return DONE
    return _once_more(path)


def by_arguments(verb: str, work: Work) -> None:
    """Do it for xlwings' RunPython, whose command line names the window and the book. Ends the process if it cannot."""
    pressed = program.pressed_by_arguments(sys.argv)
    job = Job(verb, pressed or Pressed(0, ""), None)
    if _is_good(work, job, known=pressed is not None):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "press.txt"
        write_job(path, job)
        code = _once_more(path)
    if code:
        raise SystemExit(code)


def _is_good(work: Work, job: Job, *, known: bool = True) -> bool:
    """Do it and say how it went; False, and nothing said, where it is worth trying once more."""
    book: xw.Book | None = None
    words, trouble, sheet = "", True, ""
    try:
        book = program.caller(job.pressed if known else None)
        with program.plainly():
            words, sheet = work(book)
            live.show(book, sheet)
        trouble = False
    except Exception as error:
        if program.is_stale(error) and known and sys.platform == "win32" and AGAIN not in os.environ:
            return False
        if os.environ.get("XL_JIFEN_TRACEBACK") and not isinstance(error, JifenError):
            raise
        unforeseen = f"程序出了没有料到的问题（{type(error).__name__}: {error}）；请把这句话告诉维护者。"
        words = str(error) if isinstance(error, JifenError) else unforeseen
    _say(book, job, words, trouble)
    return True


def _say(book: xw.Book | None, job: Job, words: str, trouble: bool) -> None:
    """Hand the words to who asked; without a book to show a box in they go to stderr, and the process ends."""
    if job.answer:
        _answer(job.answer, f"{TROUBLE if trouble else INFO}\n{program.TITLE}\n{program.shortened(words)}")
    elif book is None:
        sys.stderr.write(f"{words}\n")
        raise SystemExit(COULD_NOT)
    elif words:
        program.tell(book, words, trouble=trouble)


def _answer(path: Path, text: str) -> None:
    path.write_text(text, ENCODING, newline="\n")


def _once_more(path: Path) -> int:
    """The same press in a new process, for which pywin32 makes its classes of Excel anew; its exit code."""
    program.forget_classes()
    command = [sys.executable, "-E", "-P", "-m", MODULE, str(path)]
    return subprocess.run(command, env={**os.environ, AGAIN: "1"}, stdin=subprocess.DEVNULL).returncode
