"""Workbooks dropped on an icon (拖放): the same command of the command line for each, and time to read what it says.

The shortcut starts Python itself, no script in between: cmd would take a & or % in a file's name for its own.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from xl_jifen.doors.cli import cli
from xl_jifen.doors.placing import answer
from xl_jifen.finding import JifenError
from xl_jifen.period import Cycle, Period
from xl_jifen.render import typesetter

WHICH = "公示哪个时段？输入前面的序号再按回车；直接按回车：{}。"


def main(arguments: list[str]) -> int:
    """``recalc``, ``publish`` or ``desk``, then the files; without any they are asked for. The worst exit code."""
    command, *names = arguments
    if command == "desk":  # which opens with no file too, where the shortcut starts it
        return cli.main([command, *names[:1]])
    typesetter.in_place = True  # this process ends with its files
    files = [Path(name) for name in names] or ask()
    codes = [run(command, file) for file in files]
    answer("没有选择工作簿。按回车键关闭窗口。" if not codes else "按回车键关闭窗口。")
    return max(codes, default=0)


def run(command: str, file: Path) -> int:
    """One command on one workbook; its exit code."""
    print(f"—— {file.name} ——", flush=True)
    options = [command, str(file)]
    if command == "publish" and (period := which_period(file)):
        options.append(str(period))
    elif command == "publish":
        options[0] = "check"  # says why there is no period to choose
    return cli.main(options)


def which_period(file: Path) -> Period | None:
    """The period of the branch's kind (公示周期) to publish, the user being asked; None for a workbook that has none.

    Periods that have not begun are not offered, nor the year before it is over.
    """
    from xl_jifen.verbs.quarter import open_workbook

    try:
        settings = open_workbook(file).reckoning.register.settings
    except JifenError:
        return None
    cycle, today = settings.cycle, date.today()
    if cycle is None:
        return None
    usual = latest(cycle, today, settings.notice_period)
    listed = dict(enumerate(offered(cycle, today, settings.notice_period), 1))
    print(*(f"  {number}  {period.words}" for number, period in listed.items()), sep="\n")
    while typed := answer(WHICH.format(usual.words)):
        if typed.isdecimal() and int(typed) in listed:
            return listed[int(typed)]
    return usual


def offered(cycle: Cycle, today: date, kind: str) -> list[Period]:
    """What may be chosen: periods of a kind that have begun, the first in any case, and the year once it is over."""
    first, *others = cycle.periods(kind)
    begun = [first, *(period for period in others if cycle.span(period)[0] <= today)]
    return [*begun, cycle.year] if cycle.end < today and not first.is_year else begun


def latest(cycle: Cycle, today: date, kind: str) -> Period:
    """The last period of a kind that is over; the cycle's first while none is."""
    first, *others = cycle.periods(kind)
    over = [period for period in others if cycle.span(period)[1] < today]
    return over[-1] if over else first


def ask() -> list[Path]:
    """The workbooks to work on, by the dialog of Windows."""
    from xl_jifen.doors.windows import shell

    return shell.ask_for_workbooks("选择党员积分工作簿")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
