"""The commands (命令), one function each: options in, a ``Done`` out, which the door says. Nothing is computed here.

What a command needs is imported when it runs, so that looking at a workbook starts as fast as Python does.

One module, however long: each command is one function.
"""

from __future__ import annotations

import io
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

from xl_jifen import verbs
from xl_jifen.catalogue import HINT
from xl_jifen.doors.cli.arguments import CARRY_AS
from xl_jifen.doors.cli.console import ask, say, track, working
from xl_jifen.finding import Finding
from xl_jifen.typed import TYPE_CHECKING
from xl_jifen.verbs.done import Done, NoCycle, Refused

if TYPE_CHECKING:
    from xl_jifen.period import Period
    from xl_jifen.verbs.quarter import Opened
    from xl_jifen.verbs.rollup.rollup import RolledUp

REFUSED = {
    "score": "请先在“设置”中改正计分周期，才能核算时段。",
    "publish": "以上错误影响这个时段的积分，改正后才能公示；只想先看样子，请加 --draft 生成草稿。",
    "import_": "请先在“设置”中改正计分周期，再导入。",
    "close": "以上错误影响这个时段的积分，改正并重新公示后才能归档。",
    "next_year": "请先改正以上错误，再新建下一周期的工作簿。",
    "compare": "请先改正以上错误，再比较规则表。",
}
"""What to do where a command is refused for the findings told, by the function's name."""

AT_YEAR_END = "请先在“设置”中改正计分周期，再生成年末各表。"

PLAIN_NAME = r"\w[\w .&()（）·、，+-]*"
"""Names that no shell reads a command in, once they are quoted: a proposed command is copied without a look.

Compiled when first asked: that takes as long as reading a thousand rows.
"""

DEMO_FILE, DEMO_QUARTER, DEMO_DAY = "党员积分示例.xlsx", "2026Q3", date(2026, 10, 9)


def books(folder: Path) -> list[Path]:
    """The workbooks in a folder, without what programs put beside an open one."""
    from xl_jifen.verbs.rollup.sources import TEMPORARY

    return sorted(path for path in folder.glob("*.xls[xm]") if not path.name.startswith(TEMPORARY))


def next_step(folder: Path) -> str:
    """What to do next in a folder: with the workbook that lies there, or without one."""
    found = books(folder)
    if not found:
        return "这个文件夹里还没有工作簿；第一次使用，可以先运行 xl-jifen demo 看一个填好的示例。"
    latest = max(found, key=lambda path: path.stat().st_mtime)
    if not re.fullmatch(PLAIN_NAME, latest.name):
        return f"这个文件夹里有“{latest.name}”；下一步：运行 xl-jifen check，后面写它的文件名。"
    name = f'"{latest.name}"' if set(latest.name) & set(" &()") else latest.name
    return f"这个文件夹里有 {latest.name}；下一步：xl-jifen check {name}"


def new(options: Namespace) -> Done:
    """A fresh master workbook."""
    path = verbs.quarter.new(options.file, branch=options.branch, year=options.year, scheme=options.scheme)
    return Done((f"已新建：{path}", "请先填“设置”和“党员名册”，再看“使用说明”。"), (path,))


def demo(options: Namespace) -> Done:
    """The example branch, checked, recalculated and published."""
    from xl_jifen.doors.cli import report

    now = datetime.now()
    wanted = options.folder / DEMO_FILE
    path = verbs.quarter.example(wanted)
    kept = [] if path == wanted else [f"“{DEMO_FILE}”里有改过的内容，没有动它；新的示例用了另一个名称。"]
    opened = verbs.quarter.open_workbook(path)
    told = tuple(finding for finding in opened.reckoning.findings if finding.level != HINT)
    quarter = verbs.quarter.quarter_of(opened.reckoning, DEMO_QUARTER)
    with working("正在写回、生成公示…"):
        done = verbs.quarter.recalculate(opened, now)
        published = verbs.publish.publish(opened, quarter, datetime.combine(DEMO_DAY, now.time()))
    sentences = (
        f"示例支部的工作簿：{path}",
        *kept,
        "其中第四季度故意留了几处常见的错误，校验结果如下：",
        "",
        *report.finding_lines(told),
        "",
        "结果已写回工作簿，请看其中的“校验结果”“计分明细”“积分台账”“看板”。",
        *([f"写回前的备份：{done.backup}"] if done.backup else []),
        f"{quarter.words}的公示：",
        *published.lines,
        "",
        "接下来：",
        f"1. 打开 {path.name}，看“使用说明”和“校验结果”；照着改一处，保存、关闭，再运行 xl-jifen recalc。",
        "2. 打开上面的公示表，看积分是怎样列出来的。",
        "3. 建自己的工作簿：xl-jifen new 党员积分.xlsx，先填“设置”和“党员名册”。",
    )
    return Done(sentences, (path, *published.files))


def check(options: Namespace) -> Done:
    """Findings; nothing is written."""
    return _look(options, scores=False, periods=())


def score(options: Namespace) -> Done:
    """Findings and scores; nothing is written."""
    return _look(options, scores=True, periods=options.periods)


def _look(options: Namespace, *, scores: bool, periods: Iterable[str]) -> Done:
    from xl_jifen.doors.cli import report
    from xl_jifen.score import with_periods

    looked = verbs.quarter.look_at(options.file)
    reckoning = looked.reckoning
    asked: list[Period] = []
    if periods and (reckoning.register.settings.cycle or not options.json):  # without a cycle: its findings, as JSON
        asked = [verbs.quarter.period_of(reckoning, text) for text in periods]
        reckoning = reckoning._replace(ledger=with_periods(reckoning.ledger, asked))
    if options.json:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        for piece in report.json_text(reckoning, scores=scores):
            sys.stdout.write(piece)
        say("")
        return Done(findings=_standing(reckoning.findings))
    cycle = reckoning.register.settings.cycle
    told = report.score_lines(reckoning.ledger, cycle, datetime.now().date(), asked) if scores and cycle else ()
    lines = [*report.finding_lines(reckoning.findings), *told]
    return Done((*lines, *looked.notes), findings=_standing(reckoning.findings))


def recalc(options: Namespace) -> Done:
    """The owned cells and sheets, written into the workbook."""
    from xl_jifen.doors.cli import report

    with working("正在核算、写回…"):
        opened = verbs.quarter.open_workbook(options.file)
        done = verbs.quarter.recalculate(opened, datetime.now())
    written = f"已写回：{options.file}" if done.changed else f"没有变化，未改动：{options.file}"
    sentences = (
        *report.finding_lines(opened.reckoning.findings),
        written,
        *([f"原文件备份在：{done.backup}"] if done.backup else []),
        *filter(None, [verbs.upgrade.advice(opened)]),
        *opened.notes,
    )
    return Done(sentences, findings=_standing(opened.reckoning.findings))


def publish(options: Namespace) -> Done:
    """The publicity set of a period."""
    looked = verbs.quarter.look_at(options.file)
    style = verbs.printing.Style(options.margins, options.charts)
    now = datetime.now()
    period = verbs.quarter.period_meant(looked.reckoning, options.period, options.date or now.date())
    with working("正在生成公示…"):
        done = verbs.publish.publish(
            looked, period, now, day=options.date, folder=options.out, draft=options.draft, style=style
        )
    return done._replace(sentences=(*done.sentences, *looked.notes))


def watch(options: Namespace) -> Done:
    """The desk on a workbook that is open elsewhere: each save is told here too."""
    from xl_jifen.doors.desk.open import desk

    period, done_of = options.period or "", options.done_of
    desk(options.file, 0, browser=options.browser, say=say, done_of=done_of, period=period, told=True)
    return Done()


def desk(options: Namespace) -> Done:
    """A page of this computer with a button for every verb."""
    from xl_jifen.doors.desk.open import desk

    desk(options.file, options.port, browser=options.browser, say=say, done_of=options.done_of)
    return Done()


def import_(options: Namespace) -> Done:
    """Members' declarations, collected elsewhere, as proposed rows."""
    from xl_jifen.publish import declared

    opened = verbs.quarter.open_workbook(options.file)
    answer = ask if sys.stdin.isatty() and sys.stdout.isatty() else None
    now = datetime.now()
    if options.activity:
        day = options.date or now.date()
        done = verbs.import_.import_attendance(opened, options.exports, options.activity, day, now, out=options.out)
    else:
        done = verbs.import_.import_declarations(
            opened, options.exports, now, out=options.out, columns=options.columns, ask=answer
        )
    told = () if options.activity else declared.lines(done.plan)
    return Done((*told, *done.notes, f"已生成：{done.path}"), (done.path,), faulty=done.has_errors)


def close(options: Namespace) -> Done:
    """A published period, archived."""
    opened = verbs.quarter.open_workbook(options.file)
    now = datetime.now()
    period = verbs.quarter.period_of(opened.reckoning, options.period)
    with working("正在归档…"):
        return verbs.close.close(opened, period, now, day=options.date)


def verify(options: Namespace) -> Done:
    """Whether a sheet, a code or a workbook agrees with the archives."""
    return verbs.verify.verify(options.target, Path.cwd())


def statement(options: Namespace) -> Done:
    """Each member's own account."""
    return _at_year_end(
        options,
        lambda book, now: verbs.yearend.statement(
            book,
            now.date(),
            member=options.member,
            period=verbs.quarter.period_of(book.reckoning, options.period) if options.period else None,
            folder=options.out,
            now=now,
            shown=lambda pages, number: track(pages, "个人明细", number),
        ),
    )


def meeting(options: Namespace) -> Done:
    """The mirror for the 组织生活会."""
    return _at_year_end(
        options,
        lambda book, now: verbs.yearend.meeting(book, now.date(), whole=options.whole, folder=options.out, now=now),
        "正在生成对照清单…",
    )


def appraise(options: Namespace) -> Done:
    """The reference table for the 民主评议."""
    return _at_year_end(
        options,
        lambda book, now: verbs.yearend.appraise(book, now.date(), folder=options.out, now=now),
        "正在生成参考表…",
    )


def _at_year_end(options: Namespace, make: Callable[[Opened, datetime], Done], words: str = "") -> Done:
    opened = verbs.quarter.open_workbook(options.file)
    with working(words):
        return make(opened, datetime.now())


def next_year(options: Namespace) -> Done:
    """The next cycle's workbook."""
    as_base = options.carry_as == CARRY_AS[1]
    if as_base and not options.carry:
        return Done(refusal="要把结转的分作为基础分，还要写结转比例，如 20%（--carry 20%）。")
    opened = verbs.quarter.open_workbook(options.file)
    carry = verbs.yearend.share_of(options.carry) if options.carry else None
    done = verbs.yearend.next_year(opened, options.new, datetime.now().date(), carry=carry, as_base=as_base, say=say)
    return done._replace(sentences=(f"已新建：{done.files[0]}", *done.sentences))


def upgrade(options: Namespace) -> Done:
    """A new master with all that the workbook's branch wrote."""
    with working("正在升级、核对…"):
        return verbs.upgrade.upgrade(options.file, datetime.now())


def compare(options: Namespace) -> Done:
    """The year under another rule table."""
    opened = verbs.quarter.open_workbook(options.file)
    compared = verbs.yearend.compare(opened, options.rules)
    now = datetime.now()
    note = verbs.yearend.not_final(opened, now.date())
    lines = (*verbs.yearend.comparison_lines(compared, options.rules.name), *filter(None, [note]))
    if not options.out:
        return Done(lines)
    path = verbs.yearend.save_comparison(opened, options.rules, compared, options.out, now.date(), now=now)
    return Done((*lines, "", f"已存为：{path}"), (path,))


def rollup(options: Namespace) -> Done:
    """Many branches, one summary."""
    from xl_jifen.verbs.rollup.rollup import rollup

    done = rollup(
        options.where,
        options.out,
        datetime.now(),
        tables=options.parquet,
        workers=options.workers,
        scheduler=options.scheduler,
        scheme=options.scheme,
        shown=lambda done, number: track(done, "汇总", number),
    )
    sentences = (
        f"共 {done.workbooks} 个文件：计入 {done.counted} 个（{done.branches} 个支部），读不了 {done.unreadable} 个，"
        f"未读 {done.unread} 个，重复 {done.twins} 个；本次核算 {done.reckoned} 个，其余沿用上次的结果。",
        *([f"有 {done.undecided} 个支部交了几份，分不清哪份是准的，没有计入。"] if done.undecided else []),
        *(
            [f"没有计入的每一件，原因和办法都在 {done.files[0].name} 的“问题清单”里。"]
            if done.counted < done.workbooks
            else []
        ),
        *_told_schemes(done, options.scheme),
        f"已核算的记在 {done.journal}，下次只算有变动的文件。",
        "已生成：",
        *(f"  {path}" for path in done.files),
    )
    return Done(sentences, done.files, faulty=bool(done.errors) or done.counted + done.harmless < done.workbooks)


def _told_schemes(done: RolledUp, scheme: Path | None) -> list[str]:
    """Whose scheme is not the bureau's, and where."""
    if scheme is None:
        return []
    if not done.other_schemes:
        return [f"计入的支部，规则、计分组、考勤计分、等次标准和设置都与“{scheme.name}”相同。"]
    more = done.other_schemes - len(done.differing)
    told = [f"方案与“{scheme.name}”不同的有 {done.other_schemes} 个支部（每一处见“问题清单”）："]
    return [*told, *(f"  {words}" for words in done.differing), *([f"  另有 {more} 个支部没有列出。"] if more else [])]


def explain(options: Namespace) -> Done:
    """What a code means and how to mend it; without one, all codes."""
    from xl_jifen.catalogue import CATALOGUE
    from xl_jifen.grid import squeeze

    if options.code is None:
        return Done(tuple(f"{code}  {explanation.title}" for code, explanation in CATALOGUE.items()))
    code = squeeze(options.code).upper()
    explanation = CATALOGUE.get(code)
    if explanation is None:
        return Done(refusal=f"没有代码“{options.code}”；运行 xl-jifen explain 可以看到全部代码。")
    return Done((f"{code}  {explanation.title}", f"意思：{explanation.meaning}", f"怎么改：{explanation.remedy}"))


def doctor(options: Namespace) -> Done:
    """What works on this machine."""
    from xl_jifen.doors import doctor

    lines = []
    for line in doctor.report(live=options.live):
        say(line)
        lines.append(line)
    if options.live:
        kept = doctor.keep(lines, Path.cwd(), datetime.now())
        return Done((f"以上内容已存为“{kept.name}”，请把这个文件发给维护者。",), (kept,))
    return Done()


def refused(command: str, why: Refused) -> Done:
    """What is said where a command of that function's name is refused for findings."""
    from xl_jifen.doors.cli import report

    remedy = REFUSED.get(command, AT_YEAR_END)
    if isinstance(why, NoCycle) and "计分周期" not in remedy:
        remedy = "请先在“设置”中改正计分周期，再运行一次。"
    return Done(tuple(report.finding_lines(why.findings)), findings=why.findings, refusal=remedy)


def _standing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors that decide on the exit code: those an archive settled do not."""
    return tuple(finding for finding in findings if finding.is_error)
