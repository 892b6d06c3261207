"""The folders beside a workbook in which its archives and publications lie, and the names of what is published.

Names of people and of files come from outside: what they become here leads nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from xl_jifen.period import Period
from xl_jifen.register import Member

BACKUPS = "备份"
"""A workbook as it was before each writing lies in this folder beside it; no more of them than ``save`` keeps."""

ARCHIVES = "归档"
"""Archived quarters lie in this folder beside the workbook."""

PREVIEWS = "预览"
"""What earlier releases kept up to date of a workbook while it was watched; no workbook is among it."""

NOTICES = "公示"
"""Published sheets lie in ``公示/2026年第三季度/`` beside the workbook."""

STATEMENTS, MEETINGS, APPRAISALS = "个人明细", "组织生活会", "民主评议"
"""Year-end sheets lie beside the workbook in ``民主评议/2026年度/`` and so on."""

DECLARED = "申报导入"
"""Rows proposed from members' declarations lie in ``申报导入/2026-11-22 申报.xlsx`` beside the workbook."""

OWN_TEMPLATES = "模板"
"""A branch's own templates lie in this folder beside its workbook, under the same names as ours."""

OWN_FOLDERS = frozenset((BACKUPS, ARCHIVES, PREVIEWS, NOTICES, STATEMENTS, MEETINGS, APPRAISALS, DECLARED))
"""What the tool itself puts beside a workbook."""

DRAFTED = "（草稿）"
"""How the names of a draft's files end, before the suffix."""


def notices_of(home: Path, period: Period, *, draft: bool = False) -> Path:
    """The folder into which a period is published; drafts have one of their own, so that none is pinned up."""
    return home / NOTICES / f"{period.words}{DRAFTED if draft else ''}"


def notice_stem(quarter: Period, *, draft: bool = False) -> str:
    """The name of a quarter's published files, without suffix; a draft never takes the place of what was published."""
    return f"{quarter.words}党员积分公示表{DRAFTED if draft else ''}"


def is_of_notice(file: Path, stem: str) -> bool:
    """Whether a file is named as one of a published set; a copy, a photo of the board or another format is not."""
    return re.fullmatch(rf"{re.escape(stem)}(\.(xlsx|pdf|html|txt|png)|-\d+\.png)", file.name) is not None


_UNNAMEABLE = r'[\\/:*?"<>|]'
_INVISIBLE = frozenset(("Cc", "Cf", "Zl", "Zp"))
_DEVICE = r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)"
"""The devices of Windows, which swallow what is written to them."""
_SPECIAL = rf"[.~]|{_DEVICE}"  # compiled when first asked: 8 ms
"""How no file of a member's may begin: hidden ones, locks, devices."""

LONGEST_STEM = 60
"""Characters: with what follows them, 255 bytes of UTF-8 and a path of Windows hold them."""


def is_device(name: str) -> bool:
    """Whether Windows takes a name of a file, such as ``CON.xlsx``, for a device."""
    return name[:3].casefold() in ("con", "prn", "aux", "nul", "com", "lpt") and bool(
        re.match(_DEVICE, name, re.IGNORECASE)
    )


def member_stems(members: Iterable[Member]) -> dict[Member, str]:
    """``001 王小明`` for each member's files: names that every system takes, no two of them the same."""
    stems: dict[Member, str] = {}
    taken: set[str] = set()
    for member in members:
        shown = f"{member.code} {member.name}".strip()
        visible = "".join("_" if unicodedata.category(char) in _INVISIBLE else char for char in shown)
        first = re.sub(_UNNAMEABLE, "_", visible)[:LONGEST_STEM]
        stem = first = f"_{first}" if re.match(_SPECIAL, first, re.IGNORECASE) else first
        count = 1
        while (key := unicodedata.normalize("NFKC", stem).casefold()) in taken:
            count += 1
            stem = f"{first}-{count}"
        taken.add(key)
        stems[member] = stem
    return stems
