"""The ribbon's buttons (功能区按钮), one function each: read the open book, call the verb, say in a box what was done.

The work is that of the other doors, the results are the same. Whatever goes wrong is a message box in Chinese; without
a book to show it in, one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.excel import live
from xl_jifen.finding import CannotRead, Finding, JifenError
from xl_jifen.grid import Grids
from xl_jifen.period import Quarter

if TYPE_CHECKING:
    import xlwings as xw

    from xl_jifen.excel.canvas import Canvas
    from xl_jifen.publish.marks import Marks

COULD_NOT = 2
"""The exit code that makes the VBA side show what stands on stderr."""


def check() -> None:
    """校验: write the findings into the sheet 校验结果 and show it; entries and their marks stay as they are."""
    _run(_check)


def recalculate() -> None:
    """重新计算: write all owned cells and sheets, and show 校验结果. The same cells as ``xl-jifen recalc``."""
    _run(_recalculate)


def publish(number: int) -> None:
    """生成公示: the publicity set of the cycle's calendar quarter of that number, 1 to 4, beside the workbook.

    Unsaved cells count; the book itself is not written to.
    """
    _run(lambda book: _publish(book, number))


def guide() -> None:
    """说明: show the sheet 使用说明."""
    _run(_guide)


def _run(verb: Callable[[xw.Book], tuple[str, str]]) -> None:
    """Run one verb on the calling book; it returns what to say and the sheet to show then."""
    try:
        book = live.caller()
    except JifenError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(COULD_NOT) from None
    try:
        with live.plainly():
            words, sheet = verb(book)
    except JifenError as error:
        live.tell(book, str(error), trouble=True)
    except Exception as error:
        if os.environ.get("XL_JIFEN_TRACEBACK"):
            raise
        words = f"程序出了没有料到的问题（{type(error).__name__}: {error}）；请把这句话告诉维护者。"
        live.tell(book, words, trouble=True)
    else:
        if words:
            live.tell(book, words)
        live.show(book, sheet)


def _check(book: xw.Book) -> tuple[str, str]:
    now = datetime.now()
    _, reckoning = _read(book)
    findings, *_ = _canvases(book, reckoning, now)
    live.write(book, Grids(()), {}, [findings], now)
    return f"校验完成：{_summary(reckoning)}", layout.FINDINGS_SHEET


def _recalculate(book: xw.Book) -> tuple[str, str]:
    from xl_jifen.publish.marks import marks

    now = datetime.now()
    grids, reckoning = _read(book)
    marked: dict[str, Marks] = marks(grids, reckoning.register, reckoning.findings, reckoning.ledger)
    canvases = _canvases(book, reckoning, now)
    had_board = layout.BOARD_SHEET in [sheet.name for sheet in book.sheets]
    backup = live.write(book, grids, marked, canvases, now)
    words = [
        f"重新计算完成：{_summary(reckoning)}",
        f"写入之前的备份：{backup.parent.name}/{backup.name}。结果还没有存盘，请自行保存。",
    ]
    if not had_board:
        words.append("“看板”的图表要关闭文件后用 xl-jifen recalc 生成，以后会随数字更新。")
    return "\n".join(words), layout.FINDINGS_SHEET


def _publish(book: xw.Book, number: int) -> tuple[str, str]:
    from xl_jifen.hosts import verbs

    _, reckoning = _read(book)
    now = datetime.now()
    try:
        quarter = _quarter(reckoning, number, now.date())
        done = verbs.publish(live.path_of(book), reckoning, quarter, now.date(), now, style=verbs.Style())
    except verbs.Refused as refused:
        return _refusal(refused.findings), ""
    names = "、".join(path.name for path in done.files)
    return "\n".join((f"已生成 {len(done.files)} 个文件：{names}", f"位置：{done.files[0].parent}", *done.notes)), ""


def _guide(book: xw.Book) -> tuple[str, str]:
    if layout.GUIDE not in [sheet.name for sheet in book.sheets]:
        raise CannotRead(f"这个工作簿里没有“{layout.GUIDE}”；请看随附的说明，或运行 xl-jifen --help。")
    return "", layout.GUIDE


def _read(book: xw.Book) -> tuple[Grids, Reckoning]:
    from xl_jifen.hosts.watching import watched

    path = live.path_of(book)
    grids = live.read(book)
    return grids, watched(path, grids, reckon(grids))


def _canvases(book: xw.Book, reckoning: Reckoning, now: datetime) -> tuple[Canvas, ...]:
    from xl_jifen.excel.canvas import draw
    from xl_jifen.publish.tables import tables

    register, findings, ledger = reckoning.register, reckoning.findings, reckoning.ledger
    return draw(tables(register, findings, ledger, file_name=book.name, computed=now))


def _quarter(reckoning: Reckoning, number: int, today: date) -> Quarter:
    """The quarter of that number; of two (a cycle from February on), the later one once it has begun."""
    from xl_jifen.hosts.verbs import Refused

    cycle = reckoning.register.settings.cycle
    if cycle is None:
        raise Refused(_errors(reckoning.findings))
    found = [quarter for quarter in cycle.quarters if quarter.number == number]
    if not found:
        raise CannotRead(f"计分周期（{cycle.words}）中没有第{'一二三四'[number - 1]}季度；请核对“设置”中的计分周期。")
    begun = [quarter for quarter in found if cycle.span(quarter)[0] <= today]
    return begun[-1] if begun else found[0]


def _errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.code[0] == "E")


def _summary(reckoning: Reckoning) -> str:
    """How many entries and findings there are, and the first error with its cell."""
    register = reckoning.register
    entries = sum(not entry.is_attendance for entry in register.entries)
    levels = Counter(finding.level for finding in reckoning.findings)
    counted = "，".join(f"{level} {levels[level]} 个" for level in ("错误", "警告", "提示"))
    first = next(iter(_errors(reckoning.findings)), None)
    error = f"\n第一个错误：{_sentence(first)}" if first else "\n没有发现错误。"
    return f"登记 {entries} 条，考勤 {len(register.activities)} 次；{counted}。{error}"


def _refusal(findings: tuple[Finding, ...]) -> str:
    first = f"第一个：{_sentence(findings[0])}\n" if findings else ""
    return f"还不能公示：有 {len(findings)} 个错误影响这个季度的积分。\n{first}请先点“校验”，逐条改正后再生成公示。"


def _sentence(finding: Finding) -> str:
    return f"{finding.place} {finding.message.rstrip('。')}。{finding.remedy.rstrip('。')}。"
