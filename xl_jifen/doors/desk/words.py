"""The program's sentences in the desk's words: a command is a button here, and an option a field of its form."""

from __future__ import annotations

import re

from xl_jifen.doors.desk.actions import ACTIONS

BUTTONS = {action.verb: action.title for action in reversed(ACTIONS)}
FIELDS = {field.option: field for action in reversed(ACTIONS) for field in action.fields if field.option}

_WORD = r"工作簿|文件名?|\d{4}[^\s（），；。：、]*|--[a-z-]+|\S+\.xls[xm]"
_COMMAND = re.compile(rf"(运行 ?|用 ?)?xl-jifen ([a-z-]+)((?: (?:{_WORD}))*) ?")
_OPTION = re.compile(r"(加 |写 )? ?(--[a-z-]+)( 列名=项目)? ?")


def for_the_desk(sentence: str) -> str:
    """A sentence of the program as the desk says it; what is no command and no option of the desk's stays."""
    return _OPTION.sub(_field, _COMMAND.sub(_button, sentence))


def _button(found: re.Match[str]) -> str:
    title = BUTTONS.get(found[2])
    if title is None:
        return found[0]
    fields = [FIELDS[word] for word in found[3].split() if word in FIELDS]
    ticks = "".join(f"，勾选“{field.label}”" for field in fields if field.kind == "tick")
    return f"{'用' if (found[1] or '').startswith('用') else '点'}“{title}”{ticks}"


def _field(found: re.Match[str]) -> str:
    field = FIELDS.get(found[2])
    if field is None:
        return found[0]
    if not found[1]:
        return f"“{field.label}”"
    return f"{'勾选' if field.kind == 'tick' else '填写'}“{field.label}”"
