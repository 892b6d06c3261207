"""The command line (命令行): arguments in, sentences and exit codes out; nothing is computed here.

Exit codes: 0 done and no errors found, 1 error findings, 2 could not run (one plain sentence on stderr).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

from xl_jifen import __version__
from xl_jifen.finding import Finding, JifenError

DONE, FOUND, COULD_NOT = 0, 1, 2

HELP = """\
党员积分：校验登记、核算积分、生成季度公示。

常用的几步：
  xl-jifen demo                     看一个填好的示例
  xl-jifen new 党员积分.xlsx        新建一份空白工作簿
  xl-jifen check 党员积分.xlsx      校验，逐条告诉您哪里有问题、怎么改
  xl-jifen recalc 党员积分.xlsx     把计入分、提示、积分台账写回工作簿（先自动备份）
  xl-jifen publish 党员积分.xlsx 2026Q3   生成第三季度公示表

全部命令：
{commands}

每个命令的用法：xl-jifen 命令 --help
"""

DEMO_FOLDER, DEMO_FILE = "示例", "党员积分示例.xlsx"
DEMO_QUARTER, DEMO_DAY = "2026Q3", date(2026, 10, 9)


class _Parser(argparse.ArgumentParser):
    """argparse in Chinese: a wrong call is one sentence and exit code 2."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how, add_help=False)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def error(self, message: str) -> NoReturn:
        """A wrong call."""
        _tell(sys.stderr, f"命令没有写对；用法：{self.format_usage().removeprefix('usage: ').strip()}")
        raise SystemExit(COULD_NOT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Never raises for anything a user or a file can do."""
    _use_readable_streams()
    parser, helps = _parser()
    options = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    if options.version:
        return _say(f"xl-jifen {__version__}")
    run: Callable[[argparse.Namespace], int] | None = getattr(options, "run", None)
    if run is None or options.help:
        return _say(HELP.format(commands=helps))
    try:
        return run(options)
    except JifenError as error:
        _tell(sys.stderr, str(error))
    except BrokenPipeError:
        # The reader of our output went away: nothing is left to say, and Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        _tell(sys.stderr, "已中断，没有写完的内容不会留下。")
    except Exception as error:
        if os.environ.get("XL_JIFEN_TRACEBACK"):
            raise
        _tell(
            sys.stderr,
            f"程序出了没有料到的问题（{type(error).__name__}: {error}），文件没有改动；请把这句话告诉维护者。",
        )
    return COULD_NOT


def _parser() -> tuple[argparse.ArgumentParser, str]:
    """The parser, and a line for each command."""
    parser = argparse.ArgumentParser(prog="xl-jifen", add_help=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.error = lambda message: _wrong_call()  # type: ignore[method-assign]
    commands = parser.add_subparsers(parser_class=_Parser)
    told: list[tuple[str, str]] = []

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        told.append((name, words))
        made = commands.add_parser(name, description=words)
        made.set_defaults(run=run)
        return made

    def on_file(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = command(name, run, words)
        made.add_argument("file", metavar="文件", type=Path, help="工作簿，如 党员积分.xlsx")
        return made

    made = on_file("new", _new, "新建一份空白工作簿")
    made.add_argument("--branch", metavar="支部名称", default="", help="写进“设置”的支部全称")
    made.add_argument("--year", metavar="年份", type=int, help="计分周期设为该年 1 月 1 日至 12 月 31 日")
    made = command("demo", _demo, "生成一个填好的示例支部，并校验、写回、公示")
    made.add_argument("folder", metavar="文件夹", type=Path, nargs="?", default=Path(DEMO_FOLDER), help="默认：示例")
    for name, run, words in (
        ("check", _check, "校验：列出每个问题的单元格和改法，不写入"),
        ("score", _score, "核算：列出问题和每人的积分，不写入"),
    ):
        made = on_file(name, run, words)
        made.add_argument("--json", action="store_true", help="输出 JSON，供其他程序使用")
    on_file("recalc", _recalc, "写回：把结果写进工作簿（先备份），其余内容一个字节不动")
    made = on_file("publish", _publish, "公示：生成一个季度的公示表（xlsx、pdf、png、html、txt）")
    made.add_argument("quarter", metavar="季度", help="如 2026Q3")
    made.add_argument("--out", metavar="文件夹", type=Path, help="存放的文件夹；默认为工作簿旁的 公示/2026年第三季度")
    made.add_argument("--draft", action="store_true", help="有错误时也生成，每页标明“草稿”")
    made.add_argument("--date", metavar="日期", type=_day, help="公示日期，如 2026-10-09；默认为今天")
    made.add_argument(
        "--margins", metavar="版式", choices=("公文版", "紧凑版"), default="公文版", help="公文版 或 紧凑版"
    )
    made.add_argument("--no-charts", dest="charts", action="store_false", help="不要图表")
    made = command("explain", _explain, "说明：某个代码是什么意思、怎么改")
    made.add_argument("code", metavar="代码", nargs="?", help="如 E501；不写则列出全部")
    return parser, "\n".join(f"  {name:<10}{words}" for name, words in told)


def _wrong_call() -> NoReturn:
    _tell(sys.stderr, "没有这个命令，或命令没有写对；运行 xl-jifen --help 可以看到全部命令。")
    raise SystemExit(COULD_NOT)


def _day(text: str) -> date:
    from xl_jifen.table import as_date

    day = as_date(text)
    if day is None:
        raise argparse.ArgumentTypeError("not a date")
    return day


def _new(options: argparse.Namespace) -> int:
    from xl_jifen.hosts import verbs

    path = verbs.new(options.file, branch=options.branch, year=options.year)
    return _say(f"已新建：{path}", "请先填“设置”和“党员名册”，再看“使用说明”。")


def _check(options: argparse.Namespace) -> int:
    return _look(options, scores=False)


def _score(options: argparse.Namespace) -> int:
    return _look(options, scores=True)


def _look(options: argparse.Namespace, *, scores: bool) -> int:
    """Check and score: read, reckon, show; write nothing."""
    from xl_jifen.hosts import report, verbs

    reckoning = verbs.open_workbook(options.file).reckoning
    if options.json:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        _say(json.dumps(report.as_json(reckoning, scores=scores), ensure_ascii=False))
    else:
        _say(*report.finding_lines(reckoning.findings))
        if scores:
            _say(*report.score_lines(reckoning.ledger.scores))
    return _verdict(reckoning.findings)


def _recalc(options: argparse.Namespace) -> int:
    from xl_jifen.hosts import report, verbs

    opened = verbs.open_workbook(options.file)
    done = verbs.recalculate(opened, datetime.now())
    _say(*report.finding_lines(opened.reckoning.findings))
    _say(f"已写回：{options.file}" if done.changed else f"没有变化，未改动：{options.file}")
    if done.backup:
        _say(f"原文件备份在：{done.backup}")
    return _verdict(opened.reckoning.findings)


def _publish(options: argparse.Namespace) -> int:
    from xl_jifen.hosts import report, verbs

    opened = verbs.open_workbook(options.file)
    style = verbs.Style(options.margins, options.charts)
    try:
        quarter = verbs.quarter_of(opened.reckoning, options.quarter)
        now = datetime.now()
        day = options.date or now.date()
        done = verbs.publish(
            options.file, opened.reckoning, quarter, day, now, folder=options.out, draft=options.draft, style=style
        )
    except verbs.Refused as refused:
        _say(*report.finding_lines(refused.findings))
        _tell(sys.stderr, "以上错误影响这个季度的积分，改正后才能公示；只想先看样子，请加 --draft 生成草稿。")
        return FOUND
    _say("已生成：", *(f"  {path}" for path in done.files), *done.notes)
    return FOUND if done.in_the_way else DONE


def _demo(options: argparse.Namespace) -> int:
    from xl_jifen.hosts import report, verbs

    path = verbs.example(options.folder / DEMO_FILE)
    opened = verbs.open_workbook(path)
    _say(f"示例支部的工作簿：{path}", "其中第四季度故意留了几处常见的错误，校验结果如下：", "")
    _say(*report.finding_lines(tuple(f for f in opened.reckoning.findings if f.code[0] != "I")))
    now = datetime.now()
    done = verbs.recalculate(opened, now)
    quarter = verbs.quarter_of(opened.reckoning, DEMO_QUARTER)
    published = verbs.publish(path, opened.reckoning, quarter, DEMO_DAY, now, style=verbs.Style())
    _say("", "结果已写回工作簿，请看其中的“校验结果”“计分明细”“积分台账”“看板”。")
    if done.backup:
        _say(f"写回前的备份：{done.backup}")
    _say(f"{quarter.words}的公示：", *(f"  {path}" for path in published.files), *published.notes)
    return DONE


def _explain(options: argparse.Namespace) -> int:
    from xl_jifen.catalogue import CATALOGUE

    if options.code is None:
        return _say(*(f"{code}  {explanation.title}" for code, explanation in CATALOGUE.items()))
    code = options.code.strip().upper()
    explanation = CATALOGUE.get(code)
    if explanation is None:
        _tell(sys.stderr, f"没有代码“{options.code}”；运行 xl-jifen explain 可以看到全部代码。")
        return COULD_NOT
    return _say(f"{code}  {explanation.title}", f"意思：{explanation.meaning}", f"怎么改：{explanation.remedy}")


def _verdict(findings: Iterable[Finding]) -> int:
    return FOUND if any(finding.code[0] == "E" for finding in findings) else DONE


def _say(*lines: str) -> int:
    _tell(sys.stdout, *lines)
    return DONE


def _tell(stream: TextIO, *lines: str) -> None:
    for line in lines:
        stream.write(f"{line}\n")
    stream.flush()


def _use_readable_streams() -> None:
    """A character the console cannot show (GBK and rare names) becomes an escape, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
