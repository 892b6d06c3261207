"""Links (链接) beside a workbook: neither written, read, listed nor deleted through, for what lies behind is others'.

A link to the workbook itself is fine: whoever names it means the file behind it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from xl_jifen.disk.folders import OWN_FOLDERS, OWN_TEMPLATES
from xl_jifen.finding import CannotRead, CannotWrite

_OURS = OWN_FOLDERS | {OWN_TEMPLATES}
DEEPEST = 3
"""So many folders deep the tool's own files lie at most below the first of its own folders."""

_WINDOWS_LINKS = (0xA000000C, 0xA0000003)
"""Reparse tags of symbolic links and junctions; those of files kept in a cloud are none."""


def is_link(path: Path) -> bool:
    """Whether a name leads elsewhere: a symbolic link, or a junction of Windows."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _WINDOWS_LINKS


def link_in(path: Path) -> Path | None:
    """The first link among a path and, in one of our own folders, the folders up to that; None if there is none."""
    own = next((step for step in path.parents[:DEEPEST] if step.name in _OURS), path)
    steps = [path, *path.parents]
    return next((step for step in reversed(steps[: steps.index(own) + 1]) if is_link(step)), None)


def ensure_writable(path: Path) -> None:
    """Raise CannotWrite where a path is a link or lies behind one."""
    if link := link_in(path):
        raise CannotWrite(f"“{link}”是指向别处的链接，没有写入；请删去这个链接，或换成普通的文件、文件夹。")


def ensure_readable(path: Path) -> None:
    """Raise CannotRead where a path is a link or lies behind one."""
    if link := link_in(path):
        raise CannotRead(f"“{link}”是指向别处的链接，没有读取；请删去这个链接，把原来的文件放回这里。")
