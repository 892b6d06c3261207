"""Arguments (参数) in Chinese: a wrong call is one sentence that says what is wrong and how it is written.

The texts of argparse are read here and nowhere else; what it says in words not known here, the usage must make up for.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import date

from xl_jifen.doors.cli.console import tell
from xl_jifen.typed import Any, NoReturn
from xl_jifen.verbs.done import COULD_NOT

CARRY_AS = ("加在基础分上", "作为基础分")
"""What carried points are in the next cycle: an addition to the base, which is the default, or the whole base."""

REASONS = (
    (r"the following arguments are required: (?P<what>.+)", "缺少 {what}"),
    (r"argument (?P<what>[^:]+): expected .*arguments?", "{what} 后面没有写内容"),
    (r"argument (?P<what>[^:]+): ignored explicit argument .+", "{what} 后面不写内容"),
    (
        r"argument (?P<what>[^:]+): invalid choice: '(?P<given>.*)' \(choose from (?P<choices>.*)\)",
        "{what} 不能写“{given}”，请写 {choices}",
    ),
    (r"ambiguous option: (?P<given>\S+) could match (?P<what>.+)", "“{given}”不知道是 {what} 中的哪一个，请写全"),
)
"""What argparse says of a wrong call, and what we say."""


class Parser(argparse.ArgumentParser):
    """argparse in Chinese, of one command."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how, add_help=False)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def format_help(self) -> str:
        """The explanation of one command."""
        self.usage = usage(self).replace("%", "%%")
        return super().format_help().replace("usage: ", "用法：", 1).replace(":\n", "：\n")

    def error(self, message: str) -> NoReturn:
        """A wrong call: one sentence."""
        self.refuse(_reason(message))

    def refuse(self, reason: str) -> NoReturn:
        """Say what is wrong with the call, and stop."""
        told = f"命令没有写对{f'：{reason}' if reason else ''}"
        tell(sys.stderr, f"{told}{'' if told.endswith('？') else '；'}用法：{usage(self)}。")
        raise SystemExit(COULD_NOT)

    def ensure_all_known(self, rest: Sequence[str]) -> None:
        """Refuse what is left of a call once all its arguments have been read."""
        for text in rest:
            if text.startswith("-"):
                option = text.partition("=")[0]
                instead = self._instead(option) or self._nearest(option)
                self.refuse(f"没有“{option}”这个选项{f'，{instead}' if instead else ''}")
            options = {option for action in self._actions for option in action.option_strings}
            if "--member" in options and not re.search(r"\d|季度|年|月", text):
                self.refuse(f"多写了“{text}”；是党员的，写成 --member {text}")
            if "--period" in options and not text.lower().endswith((".xlsx", ".xlsm")):
                self.refuse(f"多写了“{text}”；是时段的，写成 --period {text}")
            self.refuse(f"多写了“{text}”（名称里有空格的，请加上英文双引号）")

    def _nearest(self, option: str) -> str:
        """The option that is written nearly so; "" if none is near."""
        from xl_jifen.grid import Nearest

        meant = Nearest({name: name for action in self._actions for name in action.option_strings}).to(option)
        return f"是不是 {meant}？" if meant else ""

    def _instead(self, option: str) -> str:
        """What there is now instead of an option of earlier versions; "" for any other."""
        if option == "--hours":
            return "学时目标写在工作表“组织生活要求”的“学时”一栏"
        if option != "--quarter":
            return ""
        takes = {action.dest for action in self._actions}
        if takes & {"periods", "period"}:
            named = any({"--period"} & {*action.option_strings} for action in self._actions)
            return "改用 --period，如 --period 2026Q3" if named else "时段直接写在文件后面，如 2026Q3"
        return ""


def usage(parser: argparse.ArgumentParser) -> str:
    """How a command is written, on one line: the arguments, then the options."""
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    actions.sort(key=lambda action: bool(action.option_strings))
    return " ".join((parser.prog, *map(_written, actions)))


def name_of(action: argparse.Action) -> str:
    """What an argument or option is called."""
    return action.option_strings[-1] if action.option_strings else str(action.metavar)


def day(text: str) -> date:
    """A date of the command line."""
    from xl_jifen.grid import as_date

    read = as_date(text)
    if read is None:
        raise argparse.ArgumentTypeError(f"日期“{text}”看不懂，请写成 2026-10-09。")
    return read


def year(text: str) -> int:
    """A year of the command line."""
    read = int(text) if text.isdecimal() else 0
    if not 1950 <= read <= 2150:
        raise argparse.ArgumentTypeError(f"年份“{text}”不能用，请写四位数字，如 2026。")
    return read


def workers(text: str) -> int:
    """A number of processes."""
    read = int(text) if text.isdecimal() else 0
    if read < 1:
        raise argparse.ArgumentTypeError(f"个数“{text}”不能用，请写大于 0 的整数，如 4。")
    return read


def port(text: str) -> int:
    """A port of this machine; 0 for any that is free."""
    if not text.isdecimal() or not (text == "0" or 1024 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"端口“{text}”不能用，请写 1024 至 65535 的整数，如 8020。")
    return int(text)


def _written(action: argparse.Action) -> str:
    if not action.option_strings:
        return {"?": f"[{action.metavar}]", "+": f"{action.metavar}…"}.get(str(action.nargs), str(action.metavar))
    text = name_of(action) if action.nargs == 0 else f"{name_of(action)} {action.metavar}"
    return text if action.required else f"[{text}]"


def _reason(message: str) -> str:
    """Why a call is wrong, in Chinese; "" where argparse says it in words not known here."""
    _, _, own = message.partition(": ")
    if own.endswith("。"):
        return own.removesuffix("。")
    for english, chinese in REASONS:
        if found := re.fullmatch(english, message, re.DOTALL):
            return chinese.format_map(
                {name: text.replace(", ", "、").replace("'", "") for name, text in found.groupdict().items()}
            )
    return ""
