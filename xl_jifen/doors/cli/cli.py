"""The command line (命令行): arguments in, sentences and exit codes out; nothing is computed here.

Exit codes: 0 done and no errors found, 1 error findings, 2 could not run (one plain sentence on stderr).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import argparse
import atexit
import gc
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from xl_jifen import __version__
from xl_jifen.disk import refusal
from xl_jifen.doors.cli import arguments, commands
from xl_jifen.doors.cli.console import say, tell
from xl_jifen.finding import JifenError
from xl_jifen.grid import Nearest
from xl_jifen.render import typesetter
from xl_jifen.typed import NoReturn
from xl_jifen.verbs.done import COULD_NOT, Done, Refused

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

{next_step}
"""


def run() -> int:
    """The program ``xl-jifen``: ``main`` in a process of our own, set up for one command. Others call ``main``."""
    if _signal.getsignal(_signal.SIGINT) is _signal.SIG_DFL:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)  # until here it ended the program without a word
    goes_on = sys.argv[1:2] in (["watch"], ["desk"])  # for hours
    # What is read lives to the end; looking for garbage in it takes a fifth of the time.
    gc.set_threshold(10_000 if goes_on else 1_000_000)
    typesetter.in_place = not goes_on
    atexit.register(gc.freeze)  # the system takes everything back at once; Python would look through it first, for 7 ms
    try:
        return main()
    except KeyboardInterrupt:  # between two steps
        return COULD_NOT


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Never raises for anything a user or a file can do."""
    _use_readable_streams()
    try:
        return _called(sys.argv[1:] if words is None else words)
    except BrokenPipeError:  # the reader of our output went away: nothing is left to say
        _say_no_more()
    except OSError as error:  # what is said cannot be written, or the current folder is gone
        _say_no_more()
        with suppress(OSError):  # the same disk is full for what is said of it
            tell(sys.stderr, refusal.sentence(error))
    except KeyboardInterrupt:
        tell(sys.stderr, "已中断，没有写完的内容不会留下。")
    return COULD_NOT


def _called(words: Sequence[str]) -> int:
    words = _with_file(words)
    parser, helps = _parser(words)
    _ensure_command(words, helps)
    options, rest = parser.parse_known_args(words)
    if options.version:
        return say(f"xl-jifen {__version__}")
    command: Callable[[argparse.Namespace], Done] | None = getattr(options, "run", None)
    if rest:
        options.parser.ensure_all_known(rest) if command else _wrong_call()
    if command is None or options.help:
        return say(*HELP.format(commands=helps, next_step=commands.next_step(Path.cwd())).rstrip().splitlines())
    done = carried_out(command, options)
    say(*(_named(line, options) for line in done.lines), links=_linked(done))
    if done.refusal:
        tell(sys.stderr, _named(done.refusal, options))
    return done.code


def _say_no_more() -> None:
    """What was not written of our output is dropped: Python would complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def done_of(words: Sequence[str]) -> Done:
    """What a command did, for another door to say. A wrong call raises SystemExit, its sentence told."""
    parser, helps = _parser(words)
    _ensure_command(words, helps)
    options, rest = parser.parse_known_args(words)
    command: Callable[[argparse.Namespace], Done] | None = getattr(options, "run", None)
    if command is None:
        _wrong_call()
    if rest:
        options.parser.ensure_all_known(rest)
    return carried_out(command, options)


def carried_out(command: Callable[[argparse.Namespace], Done], options: argparse.Namespace) -> Done:
    """Run one command. Whatever a user or a file can do becomes a ``Done`` that says so."""
    options.done_of = done_of  # for the desk, whose buttons are commands
    try:
        return command(options)
    except Refused as refused:
        return commands.refused(command.__name__, refused)
    except JifenError as error:
        return Done(refusal=str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return Done(refusal=refusal.sentence(error))
    except Exception as error:
        if os.environ.get("XL_JIFEN_TRACEBACK"):
            raise
        words = f"程序出了没有料到的问题（{type(error).__name__}: {error}），文件没有改动；请把这句话告诉维护者。"
        return Done(refusal=words)


def _named(sentence: str, options: argparse.Namespace) -> str:
    """A sentence with its commands ready to be copied: for 工作簿 the name of the workbook that this call is about."""
    if "工作簿" not in sentence:
        return sentence
    given = vars(options)
    name = str(given.get("file") or given.get("target") or "")
    if not name.lower().endswith((".xlsx", ".xlsm")):
        return sentence
    name = name if re.fullmatch(r"[\w./\\:-]+", name) else f'"{name}"'
    return re.sub(r"(xl-jifen [a-z-]+) 工作簿(?=[ ）])", lambda found: f"{found[1]} {name}", sentence)


def _linked(done: Done) -> Iterator[Path]:
    """The paths that the sentences name, so that a terminal can make them clickable."""
    yield from done.files
    for sentence in done.sentences:
        name = sentence.rpartition("：")[2]
        if name.endswith((".xlsx", ".xlsm")):
            yield Path(name)


class _Unasked(argparse.ArgumentParser):
    """A command that was not called: building all of them takes longer than reading a small workbook."""

    def __init__(self) -> None:
        self.add_argument = lambda *_, **__: None  # type: ignore[method-assign,assignment]


def _parser(call: Sequence[str] = ()) -> tuple[argparse.ArgumentParser, str]:
    """The parser for a call, of all commands where it names none first; and a line for each command."""
    parser = argparse.ArgumentParser(prog="xl-jifen", add_help=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.error = lambda message: _wrong_call()  # type: ignore[method-assign]
    verbs = parser.add_subparsers(parser_class=arguments.Parser)
    told: list[tuple[str, str]] = []
    called = call[0] if call and not call[0].startswith("-") else ""

    def command(name: str, run: Callable[[argparse.Namespace], Done], words: str) -> argparse.ArgumentParser:
        told.append((name, words))
        if called not in ("", name):
            return _Unasked()
        made = verbs.add_parser(name, description=words)
        made.set_defaults(run=run, parser=made)
        return made

    def on_file(name: str, run: Callable[[argparse.Namespace], Done], words: str) -> argparse.ArgumentParser:
        made = command(name, run, words)
        made.add_argument("file", metavar="文件", type=Path, help="工作簿，如 党员积分.xlsx")
        return made

    made = on_file("new", commands.new, "新建一份空白工作簿（.xlsx，或带功能区按钮的 .xlsm）")
    made.add_argument("--branch", metavar="支部名称", default="", help="写进“设置”的支部全称")
    made.add_argument("--year", metavar="年份", type=arguments.year, help="计分周期设为该年 1 月 1 日至 12 月 31 日")
    made.add_argument("--scheme", metavar="方案", default="", help="积分方案：示例、80+20，或另一个工作簿的文件名")
    made = command("demo", commands.demo, "生成一个填好的示例支部，并校验、写回、公示")
    made.add_argument("folder", metavar="文件夹", type=Path, nargs="?", default=Path("示例"), help="默认：示例")
    for name, run, words in (
        ("check", commands.check, "校验：列出每个问题的单元格和改法，不写入"),
        ("score", commands.score, "核算：列出问题和每人的积分，不写入"),
    ):
        made = on_file(name, run, words)
        made.add_argument("--json", action="store_true", help="输出 JSON，供其他程序使用")
        if name == "score":
            made.add_argument(
                "--period",
                metavar="时段",
                dest="periods",
                action="append",
                default=[],
                help="各季度和全年以外，还要哪个时段：2026-09、2026H2、上半年；可以写几次",
            )
    on_file("recalc", commands.recalc, "写回：把结果写进工作簿（先备份），其余内容一个字节不动")
    made = on_file("import", commands.import_, "导入：收来的申报变成可以粘贴的待审登记；签到名单变成考勤的一行")
    made.add_argument(
        "exports", metavar="申报表", type=Path, nargs="+", help="导出的 .xlsx、.csv 或接龙 .txt，可以有几个"
    )
    made.add_argument("--activity", metavar="活动名称", default="", help="是这次活动的签到名单，变成“活动考勤”的一行")
    made.add_argument("--date", metavar="日期", type=arguments.day, help="活动的日期，如 2026-09-15；默认为今天")
    made.add_argument("--out", metavar="文件", type=Path, help="默认为工作簿旁的 申报导入/2026-11-22 申报.xlsx")
    made.add_argument(
        "--columns", metavar="列=项目", nargs="+", action="extend", default=[], help="某一列是哪一项，如 昵称=姓名"
    )
    made = on_file("publish", commands.publish, "公示：生成一个时段的公示表（xlsx、pdf、png、html、txt）")
    made.add_argument(
        "period", metavar="时段", nargs="?", default="", help="如 2026Q3、第三季度、9月、上半年；不写则为已结束的上一个"
    )
    made.add_argument("--out", metavar="文件夹", type=Path, help="存放的文件夹；默认为工作簿旁的 公示/2026年第三季度")
    made.add_argument("--draft", action="store_true", help="没有结束、有错误时也生成，每页标明“草稿”")
    made.add_argument("--date", metavar="日期", type=arguments.day, help="公示日期，如 2026-10-09；默认为今天")
    made.add_argument(
        "--margins", metavar="版式", choices=("公文版", "紧凑版"), default="公文版", help="公文版 或 紧凑版"
    )
    made.add_argument("--no-charts", dest="charts", action="store_false", help="不要图表")
    made = on_file("watch", commands.watch, "守候：打开工作台，在 WPS 等程序里每保存一次就校验一次，并在窗口里说")
    made.add_argument("--period", metavar="时段", default="", help="如 2026Q3；默认为正在登记的季度")
    made.add_argument("--no-browser", dest="browser", action="store_false", help="不打开浏览器，只写出页面的位置")
    made = command("desk", commands.desk, "工作台：在浏览器里用按钮做每一件事，只在本机，不联网")
    made.add_argument("file", metavar="文件", type=Path, nargs="?", help="工作簿；不写就在工作台里选、新建或看示例")
    made.add_argument("--port", metavar="端口", type=arguments.port, default=0, help="默认由系统挑一个")
    made.add_argument("--no-browser", dest="browser", action="store_false", help="不打开浏览器，只写出地址")
    made = on_file("close", commands.close, "归档：公示期满后把一个时段归档，以后的改动会被发现")
    made.add_argument("period", metavar="时段", help="如 2026Q3、第三季度、全年")
    made.add_argument("--date", metavar="日期", type=arguments.day, help="归档日期；默认为今天")
    made = command("verify", commands.verify, "核验：公示表、校验码、工作簿与归档是否一致")
    made.add_argument("target", metavar="文件或校验码", help="公示的文件、工作簿，公示表上的校验码，或归档码")
    made = on_file("statement", commands.statement, "个人积分明细：每人一份，逐笔说明")
    made.add_argument("--member", metavar="党员", default="", help="只要一人：姓名或编号")
    made.add_argument("--period", metavar="时段", default="", help="只要一个时段，如 第三季度、9月；默认全年")
    made.add_argument("--out", metavar="文件夹", type=Path, help="存放的文件夹")
    for name, run, words in (
        ("meeting", commands.meeting, "组织生活会对照清单"),
        ("appraise", commands.appraise, "民主评议参考表"),
    ):
        made = on_file(name, run, words)
        if name == "meeting":
            made.add_argument("--whole", action="store_true", help="列出整张规则表，不只列有登记的项目")
        made.add_argument("--out", metavar="文件夹", type=Path, help="存放的文件夹")
    made = on_file("next-year", commands.next_year, "新建下一周期的工作簿，带上名册、规则和设置")
    made.add_argument("new", metavar="新文件", type=Path, help="如 党员积分2027.xlsx")
    made.add_argument("--carry", metavar="比例", help="年度结转，如 10%%：按比例计入个人基础分")
    made.add_argument(
        "--carry-as",
        metavar="方式",
        choices=arguments.CARRY_AS,
        default=arguments.CARRY_AS[0],
        help="结转的分数 加在基础分上（默认），或 作为基础分",
    )
    on_file("upgrade", commands.upgrade, "升级：把填过的工作簿换到新样表里，内容和积分不变")
    made = on_file("compare", commands.compare, "换一张规则表，今年的积分会是怎样")
    made.add_argument("--rules", metavar="工作簿", type=Path, required=True, help="另一张规则表所在的工作簿")
    made.add_argument("--out", metavar="文件", type=Path, help="同时存为 .xlsx")
    made = command("rollup", commands.rollup, "汇总：许多支部的工作簿合成一份")
    made.add_argument("where", metavar="文件夹", nargs="+", help="文件夹、文件、通配符、清单或网址")
    made.add_argument("--out", metavar="文件", type=Path, required=True, help="如 汇总.xlsx")
    made.add_argument("--scheme", metavar="工作簿", type=Path, help="上级的方案：指出哪个支部的规则表哪一格与它不同")
    made.add_argument("--parquet", metavar="文件夹", type=Path, help="同时存为 Parquet 数据")
    made.add_argument("--workers", metavar="个数", type=arguments.workers, help="同时用几个进程；默认全部核心")
    made.add_argument("--scheduler", metavar="地址", default="", help="Dask 调度器，如 tcp://10.0.0.1:8786")
    made = command("explain", commands.explain, "说明：某个代码是什么意思、怎么改")
    made.add_argument("code", metavar="代码", nargs="?", help="如 E501；不写则列出全部")
    made = command("doctor", commands.doctor, "体检：本机有什么、缺什么")
    made.add_argument("--live", action="store_true", help="在真的 Excel 或 WPS 里试一遍")
    return parser, "\n".join(f"  {name:<10}{words}" for name, words in told)


def _wrong_call(word: str = "", helps: str = "") -> NoReturn:
    """Say that a word is no command, and which one may be meant."""
    meant = _nearest_command(word, helps) if word else ""
    asked = f"；是不是 {meant}？运行" if meant else "；运行"
    tell(sys.stderr, f"没有{f'“{word}”' if word else ''}这个命令{asked} xl-jifen --help 可以看到全部命令。")
    raise SystemExit(COULD_NOT)


def _nearest_command(word: str, helps: str) -> str:
    """The command that is written nearly so, or whose Chinese name is; "" if none is near."""
    from xl_jifen.doors.desk.actions import ACTIONS  # a button's words are asked for here too

    if word.lower().endswith((".xlsx", ".xlsm")):
        plain = re.fullmatch(r"[\w./\\:-]+", word)  # no shell reads a command in it
        return f"check {word}" if plain else "check"
    named = dict(line.split(maxsplit=1) for line in helps.splitlines())
    chinese = {words.partition("：")[0]: name for name, words in named.items()}
    chinese |= {action.title: action.verb for action in reversed(ACTIONS)}
    begun = next((name for words, name in chinese.items() if word.startswith(words)), "")
    return begun or Nearest({**{name: name for name in named}, **chinese}).to(word.lower())


FILE_FIRST = frozenset(
    (
        *("check", "score", "recalc", "import", "publish", "close", "verify", "statement", "meeting", "appraise"),
        *("next-year", "upgrade", "compare", "watch"),
    )
)
"""Commands whose workbook may be left out where only one lies in the folder."""


SWITCHES = frozenset(("--json", "--draft", "--no-charts", "--no-browser", "--whole"))
"""Options with no value behind them."""


def _takes_value(word: str) -> bool:
    return word.startswith("-") and "=" not in word and word not in SWITCHES and word != "--"


def _with_file(words: Sequence[str]) -> Sequence[str]:
    """The call with the one workbook of the folder where it names none; which one that is, is said."""
    if not words or words[0] not in FILE_FIRST or {"-h", "--help"} & set(words):
        return words
    given = [word for before, word in pairwise(words) if not word.startswith("-") and not _takes_value(before)]
    if not _lacks_file(words[0], given):
        return words
    books = commands.books(Path.cwd())
    if len(books) != 1:
        return words
    tell(sys.stderr, f"没有写文件，用的是这个文件夹里的 {books[0].name}。")
    return [words[0], books[0].name, *words[1:]]


def _lacks_file(command: str, given: Sequence[str]) -> bool:
    """Whether what is given to a command can only be what stands behind its workbook."""
    if not given:
        return command not in ("import", "next-year")
    first = Path(given[0])
    is_book = first.suffix.lower() in (".xlsx", ".xlsm")
    if command == "next-year":
        return len(given) == 1 and not first.exists()  # the new one
    if command == "import":
        return not is_book and first.exists()  # a form
    return command in ("publish", "close") and len(given) == 1 and not is_book and not first.exists()  # a period


def _ensure_command(words: Sequence[str], helps: str) -> None:
    """Refuse a first word that is neither a command nor an option."""
    if words and not words[0].startswith("-") and words[0] not in {line.split()[0] for line in helps.splitlines()}:
        _wrong_call(words[0], helps)


def _use_readable_streams() -> None:
    """A character the console cannot show (GBK and rare names) becomes an escape, never an error.

    A stream that was closed takes what comes: the number it has free would be given to the next file that is opened.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r+"))  # noqa: SIM115 - for as long as we run
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
