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

WHICH = "公示哪个季度？输入前面的序号再按回车；直接按回车：{}。"


def main(arguments: list[str]) -> int:
    """``recalc``, ``publish`` or ``desk``, then the files; without any they are asked for. The worst exit code."""
    command, *names = arguments
    if command == "desk":  # which opens with no file too, where the shortcut starts it
        return cli.main([command, *names[:1]])
    files = [Path(name) for name in names] or ask()
    codes = [run(command, file) for file in files]
    answer("没有选择工作簿。按回车键关闭窗口。" if not codes else "按回车键关闭窗口。")
    return max(codes, default=0)


def run(command: str, file: Path) -> int:
    """One command on one workbook; its exit code."""
    print(f"—— {file.name} ——", flush=True)
    options = [command, str(file)]
    if command == "publish" and (quarter := which_quarter(file)):
        options.append(str(quarter))
    elif command == "publish":
        options[0] = "check"  # says why there is no quarter to choose
    return cli.main(options)


def which_quarter(file: Path) -> Period | None:
    """The quarter to publish, the user being asked; None for a workbook that has none."""
    from xl_jifen.verbs.quarter import open_workbook

    try:
        cycle = open_workbook(file).reckoning.register.settings.cycle
    except JifenError:
        return None
    if cycle is None:
        return None
    usual = latest(cycle, date.today())
    listed = dict(enumerate(cycle.quarters, 1))
    print(*(f"  {number}  {quarter.words}" for number, quarter in listed.items()), sep="\n")
    while typed := answer(WHICH.format(usual.words)):
        if typed.isdecimal() and int(typed) in listed:
            return listed[int(typed)]
    return usual


def latest(cycle: Cycle, today: date) -> Period:
    """The last quarter of the cycle that is over; its first while none is."""
    over = [quarter for quarter in cycle.quarters if cycle.span(quarter)[1] < today]
    return over[-1] if over else cycle.quarters[0]


def ask() -> list[Path]:
    """The workbooks to work on, by the dialog of Windows."""
    from xl_jifen.doors.windows import shell

    return shell.ask_for_workbooks("选择党员积分工作簿")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
