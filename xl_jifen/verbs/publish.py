"""The verb 公示: the notice of a period as files, and in sentences what its publisher must know.

A period that is not over is only drafted, in a folder of its own; one that is archived is printed again just as it
was. A set of files belongs to one publication: the message (.txt) comes last, and the web page names the others.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from xl_jifen import Reckoning, layout
from xl_jifen.archive.code import printed
from xl_jifen.archive.snapshot import Archive
from xl_jifen.derive.bearing import bearing
from xl_jifen.derive.corrections import unsettled
from xl_jifen.disk import assets, links
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import is_of_notice, notice_stem, notices_of
from xl_jifen.disk.refusal import no_folder
from xl_jifen.disk.save import back_up, look, write_new
from xl_jifen.finding import CannotWrite, Finding, standing
from xl_jifen.grid import as_date, as_number, squeeze
from xl_jifen.period import Cycle, Period
from xl_jifen.publish.notice import Notice, day_words, notice
from xl_jifen.register import Ledger, Register, points_text
from xl_jifen.score import with_periods
from xl_jifen.verbs.done import Done, Refused
from xl_jifen.verbs.printing import Printer, Style, put
from xl_jifen.verbs.quarter import Book, cycle_of

if TYPE_CHECKING:
    from xl_jifen.publish.page import Page

MOST_PLACES = 5
SET_LINE = re.compile(r"<!-- 同一次公示的文件 (.+) ([0-9a-f]{64}) -->")
"""A line at the end of the web page for each other file of its set, with its SHA-256."""
MADE_ON = "制表时电脑日期"
MADE_LINE = re.compile(rf"<!-- {MADE_ON} (\d{{4}}-\d\d-\d\d) -->")
"""A line at the end of the web page where the day of publication was given: the computer's."""


def publish(
    book: Book,
    period: Period,
    now: datetime,
    *,
    day: date | None = None,
    folder: Path | None = None,
    draft: bool = False,
    style: Style | None = None,
) -> Done:
    """Make the publicity set of a period, published on ``day`` (today by ``now``), in ``folder`` (公示/… beside it).

    Raises Refused while errors bear on the period and it is no draft; CannotWrite where it is not over and no draft, or
    has no members; CannotRead or CannotWrite at the edges.
    """
    reckoning, home = book.reckoning, book.path.resolve().parent
    day = day or now.date()
    shelf = book.shelf if book.shelf is not None else archives.shelf(home)
    stem = notice_stem(period, draft=draft)
    folder = folder or notices_of(home, period, draft=draft)
    if folder.is_file():
        raise CannotWrite(no_folder(folder))
    cycle = cycle_of(reckoning)
    if not draft and (archived := shelf.of(period)) and not shelf.is_of_another(period, cycle):
        return _printed_again(archived, home, folder, now)
    last = cycle.span(period)[1]
    if day <= last and not draft:
        raise CannotWrite(
            f"{period.words}到{day_words(last)}才结束，{on_the_day(day, now)}还不能公示；先看样子请加 --draft 生成草稿"
            f"（xl-jifen publish 工作簿 {period} --draft）。"
        )
    in_the_way = bearing(reckoning.register, (*reckoning.findings, *reckoning.unlisted), period)
    if in_the_way and not draft:
        raise Refused(in_the_way)
    ledger = of_kind(reckoning.ledger, period)
    if not ledger.of(period):
        raise CannotWrite(f"{period.words}没有计分的党员，没有可以公示的；请核对“党员名册”。")
    said = [*_unfinished(cycle, period, day), *_backdated(day, now), *_head_of_chain(shelf, cycle)]
    page, announced = publicity_of(ledger, period, day, draft=draft, said=said)
    printer = Printer(book.path, folder, day, now)
    draw(printer, stem, page, style or Style(), "" if day == now.date() else f"<!-- {MADE_ON} {now.date()} -->\n")
    instead = [] if draft else list(_instead_of(folder / f"{stem}.txt", page))
    files = _written(folder, stem, printer.drawn, now)
    sentences = [
        *_unfinished(cycle, period, day),
        *_backdated(day, now),
        *([announced.caveat] if announced.caveat else []),
        *_to_be_known(reckoning, period, shelf),
        *unsettled(ledger, period, {**shelf.published, period: day}),
        *printer.said(),
        *_unmended(in_the_way, period),
        *instead,
        *_next_step(period, announced, files, reckoning.register, draft=draft),
    ]
    return Done(tuple(sentences), files, in_the_way)


def publicity_of(
    ledger: Ledger, period: Period, day: date, *, draft: bool, said: Iterable[str] = ()
) -> tuple[Page, Notice]:
    """The notice of a period published on ``day`` as a page, and its publicity days."""
    from xl_jifen.publish.publicity import publicity

    announced = notice_on(ledger, day)
    return publicity(ledger, period, announced, draft=draft, said=said), announced


def notice_on(ledger: Ledger, day: date) -> Notice:
    """The publicity days of a notice put up on ``day``."""
    settings = ledger.register.settings
    return notice(day, settings.notice_days, settings.notice_kind, ledger.register.holidays)


def of_kind(ledger: Ledger, period: Period) -> Ledger:
    """The ledger with the scores of a period and of the earlier ones of its kind."""
    cycle = ledger.register.settings.cycle
    earlier = [each for each in cycle.periods(period.kind) if each <= period] if cycle else []
    return with_periods(ledger, [*earlier, period])


# ---- what is said ----


def on_the_day(day: date, now: datetime) -> str:
    """``现在``; or the day, where another than the computer's was given."""
    return "现在" if day == now.date() else f"按指定的{day_words(day)}"


def _unfinished(cycle: Cycle, period: Period, day: date) -> Iterator[str]:
    """On sheet and screen of a draft: its period is not over on that day, or has not even begun."""
    first, last = cycle.span(period)
    only = "只供看样子"
    if day < first:
        yield f"时段：{period.words}到{day_words(first)}才开始，表上的积分、名次和等次都还没有发生，{only}。"
    elif day <= last:
        until = f"表上是截至{day_words(day)}的登记，积分、名次和等次还会变化"
        yield f"时段：{period.words}到{day_words(last)}才结束，{until}，{only}。"


def _backdated(day: date, now: datetime) -> Iterator[str]:
    """On sheet and screen: the day was given, and is not the computer's."""
    if day != now.date():
        yield f"日期：公示日期指定为{day_words(day)}，制表时电脑日期是{day_words(now.date())}。"


def _head_of_chain(shelf: archives.Shelf, cycle: Cycle) -> Iterator[str]:
    """The code of the archive made last, so that those who keep the notice keep a witness of all archives before it."""
    if own := [archived for archived in shelf.sound if archived.cycle == cycle]:
        yield f"归档：{own[-1].period.words}已归档，归档码 {own[-1].code}。"


def _to_be_known(reckoning: Reckoning, period: Period, shelf: archives.Shelf) -> Iterator[str]:
    """What a secretary must know of the period before the notice is put up."""
    register = reckoning.register
    if waiting := pending(register, period, shelf):
        yield f"还有 {len(waiting)} 行待审（{listed(waiting)}），公示表上没有；审核以后请重新生成。"
    if doubts := _doubtful(reckoning, period):
        places = listed(f"{finding.place} {finding.code}" for finding in doubts)
        yield f"有 {len(doubts)} 处请再看一看（{places}）；先核对，再张贴。"
    cycle = register.settings.cycle
    months = cycle.months_of(period) if cycle else ()
    if not any(line.entry.month in months for line in reckoning.ledger.lines):
        yield f"{period.words}没有一笔登记，各人的积分都没有变动；请核对是否漏登。"
    settings = register.settings
    contact = {layout.CONTACT: settings.contact, layout.PHONE: settings.phone, layout.ADDRESS: settings.address}
    if missing := [name for name, text in contact.items() if not text]:
        yield f"“设置”中没有填{'、'.join(missing)}，党员不知道向谁反映；请补填后重新生成。"
    if settings.adopted_on is None:
        shipped = "，各条分值也都还是示例的分值" if all_shipped(register) else ""
        yield f"“设置”中的规则通过日期还没有填{shipped}；积分规则请经支部党员大会讨论通过，再填通过的日期。"
    if period.kind not in (settings.notice_period, "年"):
        yield f"“设置”中的公示周期是“{settings.notice_period}”，{period.words}公示以后不能归档。"


def pending(register: Register, period: Period, shelf: archives.Shelf) -> list[str]:
    """The rows of a period that were never reviewed and still may be: not those of periods that are archived."""
    cycle = register.settings.cycle
    archived = shelf.archived(cycle) if cycle else ()
    own = cycle.months_of(period) if cycle else ()
    months = [month for month in own if not any(each.covers(month) for each in archived)]
    rows = (entry for entry in register.entries if entry.status == layout.PENDING and entry.month in months)
    return list(dict.fromkeys(str(entry.place) for entry in rows))


def listed(places: Iterable[str]) -> str:
    """The first places, and that there are more."""
    told = list(places)
    return "、".join(told[:MOST_PLACES]) + (" 等" if len(told) > MOST_PLACES else "")


def _doubtful(reckoning: Reckoning, period: Period) -> list[Finding]:
    """Warnings on rows of the period, activities whose kind no rule knows, and sheets unread that may hold some."""
    register, cycle = reckoning.register, reckoning.register.settings.cycle
    if cycle is None:
        return []
    sheets = {month.sheet for month in cycle.months_of(period)}
    first, last = cycle.span(period)
    dated = {activity.place: activity.day for activity in register.activities}
    dated |= {ballot.place: ballot.day for ballot in register.ballots}

    def concerns(finding: Finding) -> bool:
        if finding.code == "W811":
            meant = layout.meant(finding.place.sheet)
            return meant in sheets or meant not in {month.name for month in layout.MONTHS}
        day = dated.get(finding.place._replace(column=0))
        return squeeze(finding.place.sheet) in sheets or (day is not None and first <= day <= last)

    told = standing(reckoning.findings)
    return [each for each in told if (each.level == "警告" or each.code == "I006") and concerns(each)]


def all_shipped(register: Register) -> bool:
    """Whether every rule still has the figure of a shipped example."""
    shipped = _shipped_points()
    return bool(register.rules) and all(
        points_text(rule.points) in shipped.get(rule.code, ()) for rule in register.rules
    )


def _shipped_points() -> Mapping[str, set[str]]:
    """The figures of the shipped rules by their code, as points are written."""
    found: dict[str, set[str]] = {}
    for file in sorted(assets.folder("workbook").glob("scheme*/**/rules.csv")):
        for row in csv.DictReader(file.read_text("utf-8-sig").splitlines()):
            number = as_number(row.get(layout.POINTS) or "0")
            code = squeeze(row.get(layout.RULE_CODE) or "")
            found.setdefault(code, set()).add("" if number is None else points_text(round(number * 100)))
    return found


def message_told(message: bytes) -> tuple[str, str, date | None]:
    """The words of a message for the group, and the 校验码 and the day they tell; blank and None where they do not."""
    text = message.decode("utf-8-sig", errors="replace").strip()
    return text, next(printed(text), ""), as_date(text.rpartition("\n")[2])


def _instead_of(message: Path, page: Page) -> Iterator[str]:
    """That another notice of the period hangs already, which this one takes the place of."""
    if not message.is_file():
        return
    _, code, day = message_told(look(message, kind="text")[1])
    if code and day and code != page.words["校验码"]:
        what = f"{day_words(day)}公示的那一份（校验码 {code}）"
        yield f"这一份换下了{what}；已经张贴、转发的请撤下，说明以这一份为准，公示期重新计算。"


def _unmended(findings: Sequence[Finding], period: Period) -> Iterator[str]:
    """What a draft is made in spite of."""
    if wrong := sum(finding.is_error for finding in findings):
        left = f"{period.words}还有 {wrong} 个错误没有改，有错误的登记没有计入"
        yield f"{left}；请运行 xl-jifen check 看是哪些，改正以后才能公示。"


def _next_step(
    period: Period, announced: Notice, files: Iterable[Path], register: Register, *, draft: bool
) -> Iterator[str]:
    if draft:
        yield "这是草稿，没有公示效力，请勿张贴、转发。"
        return
    suffixes = {file.suffix for file in files}
    paper = "PDF" if ".pdf" in suffixes else "电子表格（整个工作簿）"
    send = "，把长图（勾选“原图”）和文字稿转发到党员群" if ".png" in suffixes else "，把文字稿转发到党员群"
    then = ""
    if period.kind in (register.settings.notice_period, "年"):
        after = announced.last + timedelta(days=1)
        then = f"；{after.month}月{after.day}日起归档（xl-jifen close 工作簿 {period}）"
    yield f"公示期：{announced.words}。下一步：打印{paper}张贴{send}{then}。"


# ---- files ----


def draw(printer: Printer, stem: str, page: Page, style: Style, made: str = "") -> None:
    """Every file of the set, the message last; the web page names those before it, and says when it was ``made``."""
    printer.workbook(stem, page)
    printer.poster(stem, page, style)
    others = (f"<!-- 同一次公示的文件 {name} {archives.digest(data)} -->\n" for name, data in printer.drawn)
    printer.web(stem, page, style, made + "".join(others))
    printer.message(stem, page)


def _written(folder: Path, stem: str, made: Sequence[tuple[str, bytes]], now: datetime) -> tuple[Path, ...]:
    """Write the set, its message last; that of the set before goes first, so that no half is taken for a whole."""
    message = folder / f"{stem}.txt"
    before: bytes | None = None
    links.ensure_writable(message)
    if message.is_file():
        seen, before = look(message, kind="text")
        if before != dict(made)[message.name]:
            back_up(seen, now)
    message.unlink(missing_ok=True)
    files: list[Path] = []
    try:
        for name, data in made:
            files.append(put(folder / name, data, now))
    except CannotWrite:
        if before is not None and not files:
            write_new(message, before, overwrite=True)
        raise
    for stale in {file for file in folder.glob(f"{stem}*.p[nd][gf]") if is_of_notice(file, stem)} - set(files):
        stale.unlink()  # of an earlier set; beside the new files it would be taken for theirs
    return tuple(files)


def _printed_again(archived: Archive, home: Path, folder: Path, now: datetime) -> Done:
    """The archived files once more, byte for byte. Raises CannotWrite where one of them is not as it was archived."""
    told = archived.publication
    found: dict[str, bytes] = {}
    for name, digest in told.files.items():
        file = archives.beside(archives.copies_of(home, archived.period), name)
        data = look(file)[1] if file else b""
        if archives.digest(data) != digest:
            where = archives.copies_of(home, archived.period).relative_to(home).as_posix()
            raise CannotWrite(
                f"{archived.period.words}已经归档，而“{where}/{name}”不见了或被改动过，不能照原样重印；请从备份中找回。"
            )
        found[name] = data
    files = tuple(put(folder / name, data, now) for name, data in found.items())
    return Done(
        (
            f"{archived.period.words}已于 {archived.closed} 归档；"
            f"这是{day_words(told.day)}公示的原件，一个字节也没有改。",
            f"校验码 {told.code}，归档码 {archived.code}。",
        ),
        files,
    )
