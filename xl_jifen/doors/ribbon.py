"""The ribbon's buttons (功能区按钮), one function each: read the open book, call the verb, say in a box what was done.

The work is that of the other doors, the results are the same. Whatever goes wrong is a message box in Chinese; without
a book to show it in, one sentence on stderr and exit code 2.

One module, however long: each button is one function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xl_jifen import Reckoning, layout, reckon, verbs
from xl_jifen.doors.press import Work, by_arguments, by_file
from xl_jifen.excel.live import open_book as live
from xl_jifen.excel.live import program
from xl_jifen.finding import CannotRead, CannotWrite, Finding, errors, standing
from xl_jifen.grid import Grids, squeeze
from xl_jifen.period import Period
from xl_jifen.register import points_text
from xl_jifen.verbs.done import Refused

if TYPE_CHECKING:
    import xlwings as xw

    from xl_jifen.derive.what_if import Move
    from xl_jifen.disk.shelf import Shelf
    from xl_jifen.publish.owned.marks import Marks
    from xl_jifen.publish.sheet import Sheet
    from xl_jifen.verbs.done import Done

MOST_NAMES = 6
"""So many files a message box names; of more it tells the number."""

MOST_MOVES = 5
"""So many members a message box names of those another rule table moves."""

UNSAVED = "工作簿有没有保存的改动，而归档以存盘的文件为准；请先保存，再点一次“归档”。"
UNSAVED_TO_VERIFY = "工作簿有没有保存的改动，而核验以存盘的文件为准；请先保存，再点一次“核验归档”。"
NO_ARCHIVES = (
    "工作簿旁没有“归档”文件夹，无从核验；归档过的，请把这个文件夹放回工作簿旁；还没有归档的，公示期满后先点“归档”。"
)
WAYS_TO_WRITE = "9月、三季度、上半年、全年"
"""Examples of a period."""

OTHER_RULES = "选择要比较的工作簿，取其中的“积分规则”和“计分组”"
"""The title of the dialog."""


class OpenBook(NamedTuple):
    """The open book as it was read: where it lies, its cells, unsaved ones too, what they amount to, its archives."""

    path: Path
    grids: Grids
    reckoning: Reckoning
    shelf: Shelf | None = None
    notes: tuple[str, ...] = ()


def press(file: str) -> int:
    """The press that a file tells of, as :mod:`xl_jifen.doors.press` reads it; the exit code."""
    return by_file(Path(file), _work)


def check() -> None:
    """校验: write the findings into the sheet 校验结果 and show it; entries and their marks stay as they are."""
    _run("check")


def recalculate() -> None:
    """重新计算: write all owned cells and sheets, and show 校验结果. The same cells as ``xl-jifen recalc``."""
    _run("recalculate")


def publish(number: int | None = None) -> None:
    """生成公示: the publicity set of the last period that has ended, beside the workbook.

    Workbooks of before ask for a calendar quarter by its number, 1 to 4. Unsaved cells count; the book is not written.
    """
    _run("publish", number)


def publish_other() -> None:
    """公示其他时段: the same for a period that the user names."""
    _run("publish_other")


def close(number: int | None = None) -> None:
    """归档: archive the last period that has ended, or a quarter by its number. The saved file counts."""
    _run("close", number)


def close_other() -> None:
    """归档其他时段: the same for a period that the user names."""
    _run("close_other")


def verify() -> None:
    """核验归档: whether the saved workbook, its archives and their copies agree. Unsaved changes refuse."""
    _run("verify")


def appraise() -> None:
    """年度评议: the reference table for the 民主评议 beside the workbook. Unsaved cells count."""
    _run("appraise")


def meeting() -> None:
    """组织生活会: the branch's overview and each member's mirror beside the workbook. Unsaved cells count."""
    _run("meeting")


def statement() -> None:
    """个人明细: each member's own account; of one member only where their row in 党员名册 is selected."""
    _run("statement")


def compare() -> None:
    """比较规则: the year under the rule table of a workbook the user chooses; nothing is said if they cancel.

    Unsaved cells count. The comparison is written beside the workbook; the box names those who move most.
    """
    _run("compare")


def next_year() -> None:
    """新建下一年: a fresh workbook of the next cycle beside this one, 党员积分2027.xlsm; no points are carried."""
    _run("next_year")


def guide() -> None:
    """说明: show the sheet 使用说明."""
    _run("guide")


def _run(name: str, number: int | None = None) -> None:
    """A button of a workbook that starts us by xlwings' RunPython."""
    verb = f"{name} {number}" if number else name
    by_arguments(verb, _work(verb))


def _work(verb: str) -> Work:
    """What a verb does; ``publish 3`` has the number of a quarter behind it."""
    name, _, number = verb.partition(" ")
    if number:
        return partial({"publish": _publish_quarter, "close": _close_quarter}[name], number=int(number))
    return _VERBS.get(name, _newer)


def _newer(book: xw.Book) -> tuple[str, str]:
    raise CannotRead("这个按钮比本机上的 xl-jifen 新；请先更新 xl-jifen，再点一次。")


def _check(book: xw.Book) -> tuple[str, str]:
    now = datetime.now()
    reckoning = _read(book).reckoning
    findings, *_ = _sheets(book, reckoning, now)
    live.write(book, Grids(()), {}, [findings], now)
    return f"校验完成：{_summary(reckoning)}", layout.FINDINGS_SHEET


def _recalculate(book: xw.Book) -> tuple[str, str]:
    from xl_jifen.publish.owned.marks import marks

    now = datetime.now()
    read = _read(book)
    grids, reckoning = read.grids, read.reckoning
    marked: dict[str, Marks] = marks(grids, reckoning.register, reckoning.findings, reckoning.ledger)
    sheets = _sheets(book, reckoning, now)
    backup = live.write(book, grids, marked, sheets, now)
    words = [
        f"重新计算完成：{_summary(reckoning)}",
        f"写入之前的备份：{backup.parent.name}/{backup.name}。结果还没有存盘，请自行保存。",
    ]
    if not live.charts_of(book, layout.BOARD_SHEET):
        words.append("“看板”的图表要关闭文件后用 xl-jifen recalc 生成，以后会随数字更新。")
    return "\n".join(words), layout.FINDINGS_SHEET


def _publish(book: xw.Book) -> tuple[str, str]:
    read = _read(book)
    return _published(read, lambda: _last_ended(read.reckoning))


def _publish_other(book: xw.Book) -> tuple[str, str]:
    read = _read(book)
    period = _asked(book, "公示哪个时段？", read.reckoning, _last_ended)
    return _published(read, lambda: period) if period else ("", "")


def _publish_quarter(book: xw.Book, number: int) -> tuple[str, str]:
    read = _read(book)
    return _published(read, lambda: _quarter(read.reckoning, number, date.today()))


def _published(read: OpenBook, which: Callable[[], Period]) -> tuple[str, str]:
    try:
        done = verbs.publish.publish(read, which(), datetime.now())
    except Refused as refused:
        remedy = "请先点“校验”，逐条改正后再生成公示。"
        return _refusal("还不能公示", refused.findings, "影响这个时段的积分", remedy), ""
    return _made(done.files, (*done.sentences, *read.notes)), ""


def _close(book: xw.Book) -> tuple[str, str]:
    return _closed(book, _last_to_close)


def _close_other(book: xw.Book) -> tuple[str, str]:
    return _closed(book, lambda reckoning: _asked(book, "归档哪个时段？", reckoning, _last_to_close))


def _close_quarter(book: xw.Book, number: int) -> tuple[str, str]:
    return _closed(book, lambda reckoning: _quarter(reckoning, number, date.today()))


def _closed(book: xw.Book, which: Callable[[Reckoning], Period | None]) -> tuple[str, str]:
    path = program.path_of(book)
    if not book.api.Saved:
        raise CannotWrite(UNSAVED)
    now = datetime.now()
    opened = verbs.quarter.open_workbook(path)
    try:
        period = which(opened.reckoning)
        if period is None:
            return "", ""
        done = verbs.close.close(opened, period, now)
    except Refused as refused:
        remedy = "请先点“校验”，逐条改正、重新公示后再归档。"
        return _refusal("还不能归档", refused.findings, "影响这个时段的积分", remedy), ""
    return "\n".join((*done.sentences, f"位置：{done.files[0].parent}")), ""


def _last_ended(reckoning: Reckoning) -> Period:
    """The last period of the branch's kind that is over."""
    return verbs.quarter.period_meant(reckoning, None, date.today())


def _last_to_close(reckoning: Reckoning) -> Period:
    """The same where there may be none to be archived yet."""
    return verbs.quarter.period_meant(reckoning, None, date.today(), closing=True)


def _asked(book: xw.Book, question: str, reckoning: Reckoning, usual: Callable[[Reckoning], Period]) -> Period | None:
    """The period the user names; None if they think better of it."""
    cycle = verbs.quarter.cycle_of(reckoning)
    typed = program.ask(book, f"{question}可以写 {WAYS_TO_WRITE}。", usual(reckoning).short)
    if not typed:
        return None
    period = cycle.named(typed)
    if isinstance(period, str):
        raise CannotRead(period)
    return period


def _verify(book: xw.Book) -> tuple[str, str]:
    from xl_jifen.disk import shelf

    path = program.path_of(book)
    if not book.api.Saved:
        raise CannotRead(UNSAVED_TO_VERIFY)
    if not (path.parent / shelf.FOLDER).is_dir():
        raise CannotRead(NO_ARCHIVES)
    done = verbs.verify.verify(str(path), path.parent)
    verdict = "核验完成：没有发现不一致。" if not done.faulty else "核验完成：有不一致的地方，请逐条核对。"
    return "\n".join((verdict, *done.sentences)), ""


def _appraise(book: xw.Book) -> tuple[str, str]:
    return _at_year_end(book, lambda read, now: verbs.yearend.appraise(read, now.date(), now=now))


def _meeting(book: xw.Book) -> tuple[str, str]:
    return _at_year_end(book, lambda read, now: verbs.yearend.meeting(read, now.date(), now=now))


def _statement(book: xw.Book) -> tuple[str, str]:
    return _at_year_end(
        book, lambda read, now: verbs.yearend.statement(read, now.date(), member=_selected(book, read), now=now)
    )


def _at_year_end(book: xw.Book, make: Callable[[OpenBook, datetime], Done]) -> tuple[str, str]:
    try:
        made = make(_read(book), datetime.now())
    except Refused as refused:
        return _refusal("还不能生成", refused.findings, "", "请先在“设置”中改正计分周期。"), ""
    return _made(made.files, made.sentences), ""


def _compare(book: xw.Book) -> tuple[str, str]:
    read = _read(book)
    other = program.ask_for_workbook(book, OTHER_RULES)
    if other is None:
        return "", ""
    try:
        compared = verbs.yearend.compare(read, other)
    except Refused as refused:
        return _refusal("还不能比较", refused.findings, "", "请先在“设置”中改正计分周期。"), ""
    target = read.path.with_name(f"规则比较 {other.stem}.xlsx")
    now = datetime.now()
    made = verbs.yearend.save_comparison(read, other, compared, target, now.date(), now=now)
    words = [next(verbs.yearend.comparison_lines(compared, other.name)).rstrip("：。") + "。"]
    if moved := compared.moved:
        words += [
            "变化最大的：",
            *map(_move, moved[:MOST_MOVES]),
            *filter(None, [verbs.yearend.not_final(read, now.date())]),
        ]
    if compared.errors:
        words.append(f"按那张规则表有 {len(compared.errors)} 处不能计入，第一处：{_sentence(compared.errors[0])}")
    return "\n".join((*words, f"比较表：{made.name}", f"位置：{made.parent}")), ""


def _move(move: Move) -> str:
    """One member under both tables, on a line."""
    before, after = move.before, move.after
    if after is None:
        return f"  {before.member.label}：没有积分"
    change = f"{'+' if move.by > 0 else ''}{points_text(move.by)}"
    words = [f"{points_text(before.score)} → {points_text(after.score)}（{change}）" if move.by else "积分不变"]
    if after.rank != before.rank:
        words.append(f"名次 {before.rank or '—'} → {after.rank or '—'}")
    if after.grade != before.grade:
        words.append(f"{before.grade or '—'} → {after.grade or '—'}")
    return f"  {before.member.label}：{'，'.join(words)}"


def _next_year(book: xw.Book) -> tuple[str, str]:
    from xl_jifen.derive.next_year import next_cycle

    read = _read(book)
    try:
        path = read.path.with_name(f"党员积分{next_cycle(verbs.quarter.cycle_of(read.reckoning)).start.year}.xlsm")
        if path.exists():
            raise CannotWrite(
                f"工作簿旁已经有“{path.name}”，没有覆盖；要重新建，请先把它移走或改名，再点一次“新建下一年”。"
            )
        done = verbs.yearend.next_year(read, path, datetime.now().date())
    except Refused as refused:
        return _refusal("还不能新建", refused.findings, "", "请先在“设置”中改正计分周期。"), ""
    made = done.files[0]
    return "\n".join((f"已新建：{made.name}", f"位置：{made.parent}", *done.sentences)), ""


def _selected(book: xw.Book, read: OpenBook) -> str:
    """The member whose row of 党员名册 is selected; blank on another sheet, or where no single member's row is."""
    sheet = book.sheets.active
    if squeeze(sheet.name) != layout.ROSTER.name:
        return ""
    chosen = book.selection
    if chosen is None or chosen.shape[0] != 1:
        return ""
    return next((each.label for each in read.reckoning.register.members if each.place.row == chosen.row), "")


def _guide(book: xw.Book) -> tuple[str, str]:
    if live.sheet_of(book, layout.GUIDE) is None:
        raise CannotRead(f"这个工作簿里没有“{layout.GUIDE}”；请看随附的说明，或运行 xl-jifen --help。")
    return "", layout.GUIDE


def _read(book: xw.Book) -> OpenBook:
    path = program.path_of(book)
    grids = live.read(book)
    seen = verbs.guarded.watched(path, grids, reckon(grids))
    return OpenBook(path, grids, seen.reckoning, seen.shelf, seen.notes)


def _sheets(book: xw.Book, reckoning: Reckoning, now: datetime) -> tuple[Sheet, ...]:
    from xl_jifen.excel.draw.owned import sheets
    from xl_jifen.publish.owned.tables import tables

    register, findings, ledger = reckoning.register, reckoning.findings, reckoning.ledger
    return sheets(tables(register, findings, ledger, file_name=book.name, computed=now))


def _quarter(reckoning: Reckoning, number: int, today: date) -> Period:
    """The quarter of that number; of two (a cycle from February on), the later one once it has begun."""
    cycle = verbs.quarter.cycle_of(reckoning)
    found = [quarter for quarter in cycle.quarters if quarter.number == number]
    if not found:
        raise CannotRead(f"计分周期（{cycle.words}）中没有第{'一二三四'[number - 1]}季度；请核对“设置”中的计分周期。")
    begun = [quarter for quarter in found if cycle.span(quarter)[0] <= today]
    return begun[-1] if begun else found[0]


def _summary(reckoning: Reckoning) -> str:
    """How many entries and findings there are, and the first error with its cell."""
    register = reckoning.register
    entries = sum(not entry.attendance for entry in register.entries)
    levels = Counter(finding.level for finding in standing(reckoning.findings))
    counted = "，".join(f"{level} {levels[level]} 个" for level in ("错误", "警告", "提示"))
    first = next(iter(errors(reckoning.findings)), None)
    error = f"\n第一个错误：{_sentence(first)}" if first else "\n没有发现错误。"
    return f"登记 {entries} 笔，考勤 {len(register.activities)} 次；{counted}。{error}"


def _made(files: tuple[Path, ...], notes: tuple[str, ...]) -> str:
    """How many files there are, where they lie, and their names while a box has room for them."""
    names = f"：{'、'.join(path.name for path in files)}" if len(files) <= MOST_NAMES else ""
    return "\n".join((f"已生成 {len(files)} 个文件{names}", f"位置：{files[0].parent}", *notes))


def _refusal(words: str, findings: tuple[Finding, ...], bearing: str, remedy: str) -> str:
    first = f"第一个：{_sentence(findings[0])}\n" if findings else ""
    return f"{words}：有 {len(findings)} 个错误{bearing}。\n{first}{remedy}"


def _sentence(finding: Finding) -> str:
    return f"{finding.place} {finding.message.rstrip('。')}。{finding.remedy.rstrip('。')}。"


_VERBS: Mapping[str, Work] = {
    "check": _check,
    "recalculate": _recalculate,
    "publish": _publish,
    "publish_other": _publish_other,
    "close": _close,
    "close_other": _close_other,
    "verify": _verify,
    "appraise": _appraise,
    "meeting": _meeting,
    "statement": _statement,
    "compare": _compare,
    "next_year": _next_year,
    "guide": _guide,
}
"""What each button does, by the name that stands in the workbook."""
