"""Closing a quarter (归档), as every door does it: a workbook and its folder in, an archive or one sentence why not.

What is kept and hashed is decided in ``archive``, what was published by the files in the 公示 folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from xl_jifen import Reckoning, __version__, layout
from xl_jifen.archive.snapshot import CODE, Archive, Circumstances, Publication, archive
from xl_jifen.derive.bearing import bearing
from xl_jifen.derive.corrections import unsettled
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import NOTICES, notice_stem, notices_of
from xl_jifen.disk.refusal import reason
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import Grids
from xl_jifen.period import Cycle, Period
from xl_jifen.publish.figures import DRAFT
from xl_jifen.publish.notice import day_words, notice
from xl_jifen.publish.page import Page
from xl_jifen.register import Ledger, Register
from xl_jifen.table import as_date
from xl_jifen.verbs.guarded import CHANGED, guarded
from xl_jifen.verbs.quarter import Refused, publicity_of


class Closed(NamedTuple):
    """A quarter archived: its file and 校验码, the copies of the published files, sentences worth reading."""

    path: Path
    code: str
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def close(
    workbook: Path, grids: Grids, reckoning: Reckoning, quarter: Period, now: datetime, *, data: bytes = b""
) -> Closed:
    """Archive a published quarter of a workbook; ``data`` is its file, if it is closed.

    Raises Refused while errors bear on the quarter (changed archives too); CannotWrite, one sentence, if it is archived
    already, is not over, an earlier one is not archived, objections are open, or it is not published as it now stands,
    or still in its publicity period. There is no way around the period but another day in ``now``.
    """
    home = workbook.resolve().parent
    reckoning = guarded(workbook, grids, reckoning)
    register, ledger = reckoning.register, reckoning.ledger
    shelf = archives.shelf(home)
    if quarter in shelf.archives:
        path = f"{archives.FOLDER}/{quarter}.json"
        raise CannotWrite(f"{quarter.words}已经归档（{path}），不能再归档一次；要更正的，请在以后的月份用冲销。")
    findings = (*reckoning.findings, *reckoning.unlisted)
    hindering = frozenset(bearing(register, findings, quarter))
    # What was changed in the past hinders wherever it stands today, an activity moved to a later month too.
    if in_the_way := tuple(f for f in findings if f in hindering or f.code == CHANGED):
        raise Refused(in_the_way)
    cycle = register.settings.cycle
    if cycle is None or quarter not in cycle.quarters:
        raise CannotWrite(f"{quarter.words}不在计分周期之内，不能归档；请核对“设置”中的计分周期。")
    before = _archived_before(shelf, cycle, quarter)
    _ensure_over(register, cycle, quarter, now.date())
    publication, files = _published(home, ledger, quarter, now.date())
    digest = archives.digest(data) if data else ""
    archived = archive(
        grids, ledger, quarter, before, publication, Circumstances(now, __version__, workbook.name, digest)
    )
    notes = [*_pending(register, quarter), *unsettled(ledger, quarter), *archives.put(home, archived, files)]
    copies = tuple(archives.copies_of(home, quarter) / name for name in files)
    return Closed(archives.file_of(home, quarter), archived.code, copies, tuple(notes))


def _archived_before(shelf: archives.Shelf, cycle: Cycle, quarter: Period) -> Archive | None:
    earlier = [each for each in cycle.quarters if each < quarter]
    missing = [each.words for each in earlier if not shelf.archives.get(each)]
    if missing:
        raise CannotWrite(f"{'、'.join(missing)}还没有归档；请按先后次序归档。")
    return shelf.archives[earlier[-1]] if earlier else None


def _ensure_over(register: Register, cycle: Cycle, quarter: Period, today: date) -> None:
    last = cycle.span(quarter)[1]
    if today <= last:
        raise CannotWrite(f"{quarter.words}到{day_words(last)}才结束，现在还不能归档；请在公示期满以后归档。")
    unclosed = [
        str(objection.place)
        for objection in register.objections
        if (objection.period is None or quarter.covers(objection.period.last))
        and not (objection.result and objection.closed)
    ]
    if unclosed:
        raise CannotWrite(
            f"{quarter.words}还有没有办结的异议（{'、'.join(unclosed)}）；请处理后填写涉及时段、处理结果和办结日期，再归档。"
        )


def _published(home: Path, ledger: Ledger, quarter: Period, today: date) -> tuple[Publication, dict[str, bytes]]:
    """How the quarter was published, as the files in its 公示 folder show, and those files. Raises CannotWrite.

    The message (.txt) tells the day and the 校验码; the page of today's figures for that day must give the same code,
    so that nothing is archived but what was published.
    """
    folder = notices_of(home, quarter)
    where = f"{NOTICES}/{quarter.words}"
    stem = notice_stem(quarter)
    try:
        files = {file.name: file.read_bytes() for file in sorted(folder.glob(f"{stem}[.-]*")) if file.is_file()}
    except OSError as error:
        raise CannotWrite(f"读不到“{where}”中的公示表（{reason(error)}）；请关闭正在使用它的程序后再试。") from error
    message = files.get(f"{stem}.txt", b"").decode("utf-8-sig", errors="replace").strip()
    code, day = CODE.search(message), as_date(message.rpartition("\n")[2])
    again = f"xl-jifen publish 工作簿 {quarter}"
    if not code or not day or DRAFT in message.partition("\n")[0]:
        there = "只有草稿" if any(folder.glob(f"{notice_stem(quarter, draft=True)}.*")) else "没有公示表"
        raise CannotWrite(f"{quarter.words}还没有公示（“{where}”中{there}）；请先公示：{again}。")
    if page_of(ledger, quarter, day).words["校验码"] != code[0]:
        raise CannotWrite(
            f"现在的积分或设置与“{where}”中{day_words(day)}的公示表不一致；请恢复为公示时的内容，"
            f"或重新公示后再归档：{again} --date {day}。"
        )
    settings = ledger.register.settings
    until = notice(day, settings.notice_days, settings.notice_kind).last
    if today <= until:
        after = day_words(until + timedelta(days=1))
        raise CannotWrite(f"{quarter.words}的公示期到{day_words(until)}为止，还没有结束；请从{after}起归档。")
    return Publication(day, until, code[0], {name: archives.digest(data) for name, data in files.items()}), files


def page_of(ledger: Ledger, quarter: Period, day: date) -> Page:
    """The publicity page of a quarter as it is published on a day, before the quarter is archived."""
    return publicity_of(ledger, quarter, day, draft=False)[0]


def _pending(register: Register, quarter: Period) -> Iterator[str]:
    """A sentence where entries of the quarter were never reviewed: they can no longer be passed there."""
    places = [
        str(entry.place)
        for entry in register.entries
        if entry.status == layout.PENDING and entry.month and entry.month.quarter == quarter
    ]
    if places:
        yield (
            f"{quarter.words}还有 {len(places)} 行待审（{'、'.join(places[:5])}{' 等' if len(places) > 5 else ''}），"
            "归档后不能再改；审核通过的，请在以后的月份补登。"
        )
