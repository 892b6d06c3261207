"""Putting the portable bundle (便携版) where it runs: whole or not at all, what was there in use until then.

What setting it up is on every system; ``windows`` and ``linux`` add icons and folders of theirs.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from xl_jifen.disk.refusal import reason

SUMS = "SHA256SUMS"
WORKBOOKS = "党员积分"
"""The folder below the user's documents for the workbooks."""

DAMAGED = "便携版的文件不完整（{}）；请重新复制或解压整个文件夹后再试。"
STRANGE = "便携版里多了不认识的文件（{}）；请重新复制或解压整个文件夹后再试。"
IN_USE = "“{}”正在使用，没有改动；请关闭 Excel、WPS 和黑色的命令窗口后再试。"


class InTheWay(Exception):
    """One plain sentence on why it could not be done."""


def told(act: Callable[[], object]) -> int:
    """Do it; what stands in the way is one plain sentence and exit code 2, else 0."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        act()
    except InTheWay as words:
        print(f"× {words}")
        return 2
    except OSError as error:
        print(f"× 没有完成：{error.filename or '系统'}，{reason(error)}；请把这句话告诉维护者。")
        return 2
    return 0


def verify(bundle: Path) -> int:
    """How many files of the program there are, all as they were made. Raises InTheWay otherwise."""
    try:
        lines = (bundle / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InTheWay(DAMAGED.format(f"没有 {SUMS}")) from error
    known = {path: digest for digest, path in (line.split("  ", 1) for line in lines) if path.startswith("python/")}
    for path, digest in known.items():
        try:
            data = (bundle / path).read_bytes()
        except OSError as error:
            raise InTheWay(DAMAGED.format(path)) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise InTheWay(DAMAGED.format(path))
    for file in (bundle / "python").rglob("*"):
        if file.is_file() and (path := file.relative_to(bundle).as_posix()) not in known:
            raise InTheWay(STRANGE.format(path))  # Python would take a module put there for its own
    return len(known)


def replace(target: Path, source: Path) -> None:
    """A copy of a folder in the place of an older one, which stays until the copy is complete. Raises InTheWay."""
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(source, new, copy_function=shutil.copyfile)  # the content alone: marks and rights stay behind
    old = set_aside(target)
    try:
        patiently(lambda: new.rename(target), target)
    except InTheWay:
        if old:
            old.rename(target)
        raise
    if old:
        shutil.rmtree(old, ignore_errors=True)


def discard(folder: Path) -> None:
    """Delete a folder, or nothing of it. Raises InTheWay if a program uses it."""
    if old := set_aside(folder):
        shutil.rmtree(old, ignore_errors=True)


def set_aside(folder: Path) -> Path | None:
    """A folder under another name, so that nothing starts in it any more; None if there is none. Raises InTheWay."""
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if not folder.exists():
        return None
    patiently(lambda: folder.rename(old), folder)
    return old


def patiently(act: Callable[[], object], path: Path, waits: tuple[float, ...] = (0.5, 1, 2)) -> None:
    """Do it, waiting for virus scanners, which hold new files for a moment. Raises InTheWay."""
    for wait in waits:
        try:
            act()
            return
        except PermissionError:
            time.sleep(wait)
    try:
        act()
    except PermissionError as error:
        raise InTheWay(IN_USE.format(path)) from error


def answer(question: str) -> str:
    """What the user types; blank where nobody can."""
    try:
        return input(f"{question}\n> ").strip()
    except EOFError:
        return ""


def done(words: str) -> None:
    """One step that is done."""
    print(f"√ {words}", flush=True)
