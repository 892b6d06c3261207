"""The verb 归档: a workbook and its folder in, an archive of a published period or one sentence why not.

What is kept and hashed is decided in ``archive``, what was published by the files in the 公示 folder.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from xl_jifen import __version__, layout
from xl_jifen.archive.chain import due_before, is_over
from xl_jifen.archive.code import is_old, short, whole
from xl_jifen.archive.facts import code_of
from xl_jifen.archive.snapshot import Archive, Circumstances, Publication, archive, stem_of
from xl_jifen.budget import NOTICE, Budget
from xl_jifen.derive.bearing import bearing
from xl_jifen.derive.corrections import unsettled
from xl_jifen.disk import links
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import NOTICES, is_of_notice, notice_stem, notices_of
from xl_jifen.disk.refusal import reason
from xl_jifen.disk.save import look
from xl_jifen.finding import NO_MONTH_LEFT, CannotRead, CannotWrite
from xl_jifen.grid import NUMBER, printable
from xl_jifen.period import Cycle, Period
from xl_jifen.publish.figures import DRAFT
from xl_jifen.publish.notice import day_words
from xl_jifen.register import Ledger, Register, Score, points_text
from xl_jifen.score import with_periods
from xl_jifen.verbs.done import Done, Refused
from xl_jifen.verbs.looks import shown
from xl_jifen.verbs.publish import MADE_LINE, SET_LINE, listed, message_told, notice_on, on_the_day, pending
from xl_jifen.verbs.quarter import Opened
from xl_jifen.verbs.reread import Table, tables

LARGEST_SHEET = 64 << 20
"""Bytes of a published sheet's parts that are looked through for its code."""


POINTS_HEADING = layout.SCORE_HEADINGS[0]


def close(opened: Opened, period: Period, now: datetime, *, day: date | None = None) -> Done:
    """Archive a published period of a workbook on ``day`` (today by ``now``, the computer's clock).

    Where it is archived already and only the receipt is missing, that is written. Raises Refused while errors bear on
    the period (changed archives too); CannotWrite, one sentence, if it is archived already, is not over, an earlier one
    is not archived, objections are open, or it is not published as it now stands, after its end and long enough.
    """
    home, today = opened.path.resolve().parent, day or now.date()
    register, ledger = opened.reckoning.register, opened.reckoning.ledger
    shelf = opened.shelf if opened.shelf is not None else archives.shelf(home)
    cycle = register.settings.cycle
    another = shelf.is_of_another(period, cycle)  # which is E901, with the remedy
    if stem_of(period) in {*shelf.archives} & {*shelf.receipts} and not another:
        path = f"{archives.FOLDER}/{stem_of(period)}.json"
        over = cycle is not None and is_over(cycle, shelf.archived(cycle))
        instead = NO_MONTH_LEFT if over else "要更正的，请在以后的月份用冲销"
        raise CannotWrite(f"{period.words}已经归档（{path}），不能再归档一次；{instead}。")
    findings = (*opened.reckoning.findings, *opened.reckoning.unlisted)
    if in_the_way := bearing(register, findings, period):
        raise Refused(in_the_way)
    if archived := shelf.of(period):
        return _finished(shelf, archived)
    if cycle is None or not cycle.holds(period):
        raise CannotWrite(f"{period.words}不在计分周期之内，不能归档；请核对“设置”中的计分周期。")
    _ensure_over(cycle, period, today, now)
    _ensure_due(shelf, register, cycle, period)
    _ensure_answered(register, period)
    publication, files, besides = _published(home, ledger, cycle, period, today)
    own = [found for found in shelf.sound if found.cycle == cycle]
    digest = archives.digest(opened.package.data)
    made = Circumstances(today, now, __version__, printable(opened.path.name), digest)
    before = own[-1] if own else None
    archived = archive(opened.grids, with_periods(ledger, [period]), period, before, publication, made, findings)
    waiting = pending(register, period, shelf)
    told = unsettled(ledger, period, {**shelf.published, period: publication.day})
    notes = [*told, *besides, *archives.put(shelf, archived, files, now)]
    if waiting:
        instead = NO_MONTH_LEFT if is_over(cycle, [period]) else "审核通过的，请在以后的月份补登"
        notes.append(f"{period.words}还有 {len(waiting)} 行待审（{listed(waiting)}），归档后不能再改；{instead}。")
    if today != now.date():
        notes.append(
            f"归档日期是另填的：填的是{day_words(today)}，电脑日期是{day_words(now.date())}，两个都记在归档里。"
        )
    copies = (archives.copies_of(home, period) / name for name in files)
    return Done(
        (
            f"{period.words}已归档。归档码：{archived.code}",
            f"公示表上印的校验码：{publication.code}",
            *opened.notes,
            *notes,
        ),
        (archives.file_of(home, period), *copies),
    )


def _finished(shelf: archives.Shelf, archived: Archive) -> Done:
    """What an interrupted run left to do for an archive: its receipt. Raises CannotWrite."""
    period, path = archived.period, f"{archives.FOLDER}/{stem_of(archived.period)}.json"
    receipt = archives.put_receipt(shelf.home, archived)
    return Done((f"{period.words}已于 {archived.closed} 归档（{path}），上次没有写完的归档回执现已补写。",), (receipt,))


def _ensure_due(shelf: archives.Shelf, register: Register, cycle: Cycle, period: Period) -> None:
    """Raise CannotWrite where a period is not of the kind that is archived, or others come before it."""
    kind = register.settings.notice_period
    if not period.is_year and period.kind != kind:
        raise CannotWrite(
            f"“设置”中的公示周期是“{kind}”，只归档这一种时段和全年，{period.words}不能归档；"
            "要改按别的周期归档，请先改公示周期，再公示。"
        )
    if due := due_before(cycle, period, shelf.archived(cycle), kind):
        raise CannotWrite(f"{'、'.join(each.words for each in due)}还没有归档；请按先后次序归档。")


def _ensure_over(cycle: Cycle, period: Period, today: date, now: datetime) -> None:
    last = cycle.span(period)[1]
    if today <= last:
        when = on_the_day(today, now)
        raise CannotWrite(f"{period.words}到{day_words(last)}才结束，{when}还不能归档；请在公示期满以后归档。")


def _ensure_answered(register: Register, period: Period) -> None:
    unclosed = [
        str(objection.place)
        for objection in register.objections
        if (objection.period is None or period.covers(objection.period.last))
        and not (objection.result and objection.closed)
    ]
    if unclosed:
        raise CannotWrite(
            f"{period.words}还有没有办结的异议（{'、'.join(unclosed)}）；请处理后填写涉及时段、处理结果和办结日期，再归档。"
        )


def _published(
    home: Path, ledger: Ledger, cycle: Cycle, period: Period, today: date
) -> tuple[Publication, dict[str, bytes], list[str]]:
    """How the period was published, as the files in its 公示 folder show, those files, and sentences of what is not.

    The message (.txt) tells the day and the 校验码; today's facts for that day must give the same code, so that nothing
    is archived but what was published. Raises CannotWrite.
    """
    folder, stem = notices_of(home, period), notice_stem(period)
    where, again = f"{NOTICES}/{period.words}", f"xl-jifen publish 工作簿 {period}"
    files, others = _files(folder, stem, where)
    message, code, day = message_told(files.get(f"{stem}.txt", b""))
    if not code or not day or DRAFT in message.partition("\n")[0]:
        there = "只有草稿" if notices_of(home, period, draft=True).is_dir() else "没有公示表"
        raise CannotWrite(f"{period.words}还没有公示（“{where}”中{there}）；请先公示：{again}。")
    if is_old(code):
        raise CannotWrite(
            f"“{where}”中的公示表由旧版公示，请用新版重新公示（{again}），公示期满后再归档；登记和积分不用改。"
        )
    last = cycle.span(period)[1]
    if day <= last:
        raise CannotWrite(
            f"“{where}”中的公示表是{day_words(day)}公示的，那时{period.words}还没有结束；"
            f"请重新公示（{again}），公示期满后再归档。"
        )
    until = notice_on(ledger, day).last
    facts = code_of(ledger, period, day, until)
    if whole(message) not in ("", facts) or short(facts) != code:
        raise CannotWrite(
            f"现在的积分、登记或设置与“{where}”中{day_words(day)}的公示表对不上；"
            f"请核对后重新公示（{again}），公示期满后再归档。"
        )
    page = files.get(f"{stem}.html", b"").decode(errors="replace")
    named = {m[1]: m[2] for m in SET_LINE.finditer(page)}
    made = MADE_LINE.search(page)
    if odd := [name for name, data in files.items() if not _is_of(name, data, code, named, f"{stem}.html" in files)]:
        raise CannotWrite(
            f"“{where}”中的“{odd[0]}”不是{day_words(day)}这一次公示的；请重新公示（{again}），公示期满后再归档。"
        )
    scores = with_periods(ledger, [period]).of(period)
    unnamed = [name for name, data in files.items() if named.get(name) != archives.digest(data)]
    for name in unnamed:
        if name.endswith((".html", ".xlsx")) and _tells_otherwise(folder / name, scores):
            raise CannotWrite(f"“{where}”中的“{name}”里有改动过的姓名或积分；请重新公示（{again}），公示期满后再归档。")
    if today <= until:
        after = day_words(until + timedelta(days=1))
        raise CannotWrite(f"{period.words}的公示期到{day_words(until)}为止，还没有结束；请从{after}起归档。")
    digests = {name: archives.digest(data) for name, data in files.items()}
    besides = [f"“{name}”不是公示时生成的，没有归档。" for name in others]
    besides += [f"“{name}”已经不在“{where}”中，归档里没有它。" for name in sorted(named.keys() - files.keys())]
    return Publication(day, until, code, digests, facts, made[1] if made else ""), files, besides


def _files(folder: Path, stem: str, where: str) -> tuple[dict[str, bytes], list[str]]:
    """The published files by name, and the names of others that only begin alike: copies, photos, other formats."""
    try:
        found = sorted(folder.glob(f"{stem}[.-]*"))
        for file in found:
            links.ensure_readable(file)
        budget = Budget(where, NOTICE)
        files = {file.name: look(file, budget)[1] for file in found if is_of_notice(file, stem) and file.is_file()}
        return files, [printable(file.name) for file in found if not is_of_notice(file, stem)]
    except OSError as error:
        raise CannotWrite(f"读不到“{where}”中的公示表（{reason(error)}）；请关闭正在使用它的程序后再试。") from error


def _is_of(name: str, data: bytes, code: str, named: Mapping[str, str], with_page: bool) -> bool:
    """Whether a file belongs to the publication of that code: it says so, or the web page of the set names it."""
    if named.get(name) == archives.digest(data):
        return True
    if name.endswith(".xlsx"):
        return _in_workbook(data, code.encode())
    if name.endswith((".html", ".txt")):
        return code.encode() in data
    return not with_page


def _tells_otherwise(path: Path, scores: Iterable[Score]) -> bool:
    """Whether a published sheet tells other people or points, where it has them under headings as ours has."""
    try:
        told = sorted(_points_told(tables(path)))
    except CannotRead:
        return True
    people = [(each.member, shown(points_text(each.score))) for each in scores]
    alone, numbered = (
        sorted((shown(member.name), points) for member, points in people),
        sorted((shown(member.shown), points) for member, points in people),  # where there is no column of numbers
    )
    return bool(told) and told not in (alone, numbered)


def _points_told(found: Iterable[Table]) -> Iterator[tuple[str, str]]:
    """Names and points of the rows below the headings 姓名 and 积分."""
    for rows in found:
        at: tuple[int, int] | None = None
        for row in rows:
            if layout.NAME in row and POINTS_HEADING in row:
                at = row.index(layout.NAME), row.index(POINTS_HEADING)
            elif at and len(row) > max(at) and row[at[0]] and re.fullmatch(NUMBER, row[at[1]]):
                yield row[at[0]], row[at[1]]


def _in_workbook(data: bytes, code: bytes) -> bool:
    """Whether a code stands in a workbook that may have been saved again by another program."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = [info for info in file.infolist() if info.filename.endswith(".xml")]
            if sum(info.file_size for info in parts) > LARGEST_SHEET:
                return False
            return any(code in file.read(info) for info in parts)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return False
