r"""The check page (校验): what is wrong in a workbook and how a quarter stands, for those who are filling it in.

It chooses words and order and reckons nothing. The findings are those of ``check``, sentence for sentence; the points
are the quarter's publicity page. Pure: the clock, the file's name and whether it could be read are arguments.

``words`` (the placeholders of ``check.html``; all are always there):

========  ==============================================================================================
标题       ✗ 12 个错误 · 党员积分.xlsx: the browser's tab
支部       中共…支部委员会, "" where none is known
文件 位置   the workbook's name, and where it lies
时间       when it was saved and when checked
守候       whether this page is still kept up to date
结论       the verdict, one or two sentences; of a file that cannot be read, why
错误数 警告数 提示数   how many findings of each level, "—" where the file cannot be read
季度       2026年第三季度, "" where there is none
说明       what else there is to say, one paragraph a line, perhaps ""
版本       different each time the page is made, so that an open page knows when it is out of date
========  ==============================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple

from xl_jifen.catalogue import LEVELS, Level
from xl_jifen.derive.bearing import bearing
from xl_jifen.finding import AT_THE_ROOT, Finding, standing
from xl_jifen.period import Period
from xl_jifen.publish.figures import NOTHING
from xl_jifen.publish.page import Page
from xl_jifen.register import Register

TEMPLATE = "check"

State = Literal["errors", "fine", "unreadable"]

MEANINGS: dict[Level, str] = {
    "错误": "所涉及的内容暂不计入，改好后保存即可。",
    "警告": "已经计入，请看一眼是否有误。",
    "提示": "只作说明，一般不用改。",
}

MOST_LISTED = 500
"""Findings of a level that are listed; of a broken sheet with thousands the first ones show what to mend."""

WATCHED = "表格每保存一次，本页自动更新一次。"
ENDED = "守候已经结束：以后的保存不再校验，本页停在上面的时间。"
WAITING = "仍在守候，恢复以后自动再校验。"


class Group(NamedTuple):
    """The findings of one level: what the level means, how many there are, and those listed, roots first."""

    level: Level
    meaning: str
    total: int
    listed: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The page: its words, the findings by level, the quarter's publicity page, and files beside it by name.

    ``scores`` is None where there are none, and ``without`` says why; ``drafts`` are the publicity drafts to be opened.
    ``live`` is False once nobody keeps the page up to date.
    """

    words: dict[str, str]
    state: State
    groups: tuple[Group, ...] = ()
    scores: Page | None = None
    without: str = ""
    drafts: tuple[str, ...] = ()
    live: bool = True


class Source(NamedTuple):
    """The workbook the page is about: name, place, and when it was saved (local time, None if nobody knows)."""

    name: str
    place: str
    saved: datetime | None


def check_page(
    source: Source,
    register: Register,
    findings: Sequence[Finding],
    quarter: Period | None,
    checked: datetime,
    *,
    scores: Page | None = None,
    without: str = "",
    notes: Iterable[str] = (),
    drafts: tuple[str, ...] = (),
) -> CheckPage:
    """The page of a workbook that was read, checked at that local time."""
    findings = standing(findings)
    counts = Counter(finding.level for finding in findings)
    errors = counts["错误"]
    words = _words(source, checked, "校验") | {
        "标题": f"{f'✗ {errors} 个错误' if errors else '✓ 没有错误'} · {source.name}",
        "支部": register.settings.branch,
        "守候": WATCHED,
        "结论": _verdict(register, findings, quarter),
        **{f"{level}数": str(counts[level]) for level in LEVELS},
        "季度": quarter.words if quarter else "",
        "说明": "\n".join(notes),
    }
    groups = tuple(_group(level, findings) for level in LEVELS if counts[level])
    return CheckPage(words, "errors" if errors else "fine", groups, scores, without, drafts)


def unreadable_page(source: Source, sentence: str, checked: datetime) -> CheckPage:
    """The page of a workbook that cannot be read, and why: nothing of what it said before."""
    words = _words(source, checked, "没有校验成") | {
        "标题": f"？没有校验成 · {source.name}",
        "守候": WAITING,
        "结论": sentence,
        **{f"{level}数": NOTHING for level in LEVELS},
    }
    return CheckPage(words, "unreadable")


def ended(page: CheckPage, now: datetime) -> CheckPage:
    """The same page once nobody keeps it up to date any more."""
    return replace(page, words=page.words | {"守候": ENDED, "版本": now.isoformat()}, live=False)


def quarter_under_way(register: Register, today: date) -> Period | None:
    """The latest quarter that has begun and holds entries; without entries the latest begun, or the cycle's first."""
    cycle = register.settings.cycle
    if cycle is None:
        return None
    begun = [quarter for quarter in cycle.quarters if cycle.span(quarter)[0] <= today]
    filled = {entry.month.quarter for entry in register.entries if entry.month}
    return max(filled.intersection(begun), default=begun[-1] if begun else cycle.quarters[0])


def _words(source: Source, checked: datetime, done: str) -> dict[str, str]:
    saved = f"{source.saved:%Y-%m-%d %H:%M:%S} 保存，" if source.saved else ""
    return {
        "支部": "",
        "文件": source.name,
        "位置": source.place,
        "时间": f"{saved}{checked:{'%H:%M:%S' if saved else '%Y-%m-%d %H:%M:%S'}} {done}",
        "季度": "",
        "说明": "",
        "版本": checked.isoformat(),
    }


def _verdict(register: Register, findings: Sequence[Finding], quarter: Period | None) -> str:
    errors = sum(finding.is_error for finding in findings)
    if not errors:
        return f"没有错误，可以生成{quarter.words}的公示。" if quarter else "没有错误。"
    if quarter is None:
        return f"有 {errors} 个错误要改。"
    in_the_way = len(bearing(register, findings, quarter))
    if not in_the_way:
        return f"有 {errors} 个错误要改，但不影响{quarter.words}的公示。"
    if in_the_way == errors:
        return f"有 {errors} 个错误要改，改完才能生成{quarter.words}的公示。"
    return f"有 {errors} 个错误要改，其中 {in_the_way} 个不改完，不能生成{quarter.words}的公示。"


def _group(level: Level, findings: Sequence[Finding]) -> Group:
    own = [finding for finding in findings if finding.level == level]
    ordered = sorted(own, key=lambda finding: finding.code not in AT_THE_ROOT)
    return Group(level, MEANINGS[level], len(own), tuple(ordered[:MOST_LISTED]))
