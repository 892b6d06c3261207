"""A sign-in list or a pasted 接龙 becomes the row of 活动考勤 to paste: who came, who is on leave, who is unknown.

Names are looked up in the roster and never guessed: what is not a member's name is listed. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.declare.columns import ALIASES, IGNORED, Columns, Source, columns_of
from xl_jifen.grid import Cell, Grid, as_text, is_blank, squeeze
from xl_jifen.register import Member, Register
from xl_jifen.roster import RollCall, Unresolved, names_in

_NUMBERED = re.compile(r"^\s*(?:\d{1,3}\s*[.、:：)）．]|[(（]\d{1,3}[)）])\s*")
"""What begins a line of a 接龙."""
_BETWEEN = re.compile(r"[\s:：,，、;；()（）\-—–+]+")
_WORDS: dict[str, str] = {
    **dict.fromkeys(("已签到", "签到", "已参加", "参加", "出席", "已到"), layout.ATTENDED),
    **dict.fromkeys(("请假", "事假", "病假", "公假"), layout.ON_LEAVE),
    **dict.fromkeys(("迟到早退", "迟到", "早退"), layout.LATE),
}
"""What a list says of people, behind a name or above several."""
_SIGNS = ("到", "正常", "已打卡", "√", "✓", "✔", "☑", "是", "1", "Y", "YES", "TRUE")
_SAYS = {**_WORDS, **dict.fromkeys(_SIGNS, layout.ATTENDED), "已请假": layout.ON_LEAVE}
"""What it may say behind a name, in brackets too; absence without leave the committee finds, not a list."""

_AWAY = ("无故缺席", "缺席", "缺勤", "未签到", "未到会", "未参加", "未到")
_ABSENT = frozenset(
    (*_AWAY, "未出席", "未打卡", "缺卡", "旷会", "旷工", "否", "×", "✗", "✘", "☐", "X", "N", "NO", "FALSE", "0")
)
"""What a column may say of whom a list names and who was not there."""

_HEADS = {**_WORDS, **dict.fromkeys(("参会", "到会"), layout.ATTENDED), **dict.fromkeys((*_AWAY, "未请假"), "")}
_HEADED = re.compile(
    rf"\s*(?:以下|本次|今天|今日)?({'|'.join(sorted(_HEADS, key=len, reverse=True))})的?(?:人员|名单|同志|党员|人|者)?"
    r"(?:[(（]\s*\d+\s*[人名]?\s*[)）]|\d+\s*[人名])?\s*[:：](.*)"
)
"""What begins a part of a list, as 请假： or 请假（2人）：张三、李四; what it says of those named in it."""
_NOBODY = ("", "无", "暂无", "没有", "0")

_TELLS = re.compile(r"状态|情况|结果|.*(?:签到|考勤|出勤|参会|到会|出席|参加)(?:状态|情况|结果|与否)?")
"""The headings of columns that say who was there: what is not understood in them is left to be decided."""

SIGNING, UNSIGNED = ("签到时间", "打卡时间"), "未签到"
"""Columns that are blank for whom an exported list names and who did not sign, and what is said of him then."""


class Signed(NamedTuple):
    """What a list says of one activity: its cells by heading of 活动考勤, and what it leaves to be decided.

    ``unknown`` are texts that are no member's name; ``namesakes`` such as several members bear; ``doubtful`` lines that
    say something else of a member; ``silent`` the scored members on the roster that day whom the list does not name.
    """

    cells: dict[str, Cell]
    unknown: tuple[str, ...]
    namesakes: tuple[str, ...]
    doubtful: tuple[str, ...]
    silent: tuple[str, ...]


def signed(sources: Sequence[Source], register: Register, name: str, day: date, types: Iterable[str]) -> Signed:
    """The row of one activity. ``types`` are the 活动类型 the branch uses: one that the name contains is its type."""
    roll = RollCall(register.members)
    found: dict[Member, str] = {}
    unknown, namesakes, doubtful = list[str](), list[str](), list[str]()
    for line in chain.from_iterable(map(_lines, sources)):
        read, strangers = _read(line, roll)
        for text, why in strangers:
            if why.code == "E202":
                namesakes.append(text)
            else:
                unknown.append(f"{text}（{why.asked}）" if why.asked else text)
        doubtful += [f"{line.head}{line.text}"] if "" in read.values() else []
        found |= {member: status for member, status in read.items() if status}
    cells: dict[str, Cell] = {
        layout.DAY: day,
        layout.ACTIVITY_KIND: max((kind for kind in types if squeeze(kind) in squeeze(name)), key=len, default=None),
        layout.ACTIVITY_NAME: name,
        **{said: "、".join(m.shown for m in found if found[m] == said) or None for said in _SAYS.values()},
        layout.EVIDENCE: "、".join(source.label for source in sources),
    }
    expected = [m for m in register.members if m.on(day).scored and not m.faults and m.on_roster(day)]
    silent = tuple(member.shown for member in expected if member not in found)
    strange, several, unclear = (tuple(dict.fromkeys(texts)) for texts in (unknown, namesakes, doubtful))
    return Signed(cells, strange, several, unclear, silent)


class _Line(NamedTuple):
    """What a list says of one person or several, how it is meant where it does not say, and below which words."""

    text: str
    usual: str = layout.ATTENDED
    head: str = ""


def _lines(source: Source) -> Iterator[_Line]:
    """What the list says of each person: the column of names where there is one, else every line of a 接龙 or text."""
    columns = columns_of(source.grid, {})
    if columns and layout.NAME in columns.items:
        return _of_table(source.grid, columns)
    return _of_text([" ".join(as_text(cell) for cell in cells if not is_blank(cell)) for cells in source.grid.rows])


def _of_table(grid: Grid, columns: Columns) -> Iterator[_Line]:
    """Each name of a table, with the word that its other columns say of it."""
    named = columns.items[layout.NAME][0]
    headings = {column: squeeze(heading) for column, heading in columns.headings.items() if column != named}
    ignored = {column for column, heading in headings.items() if heading.lower() in ALIASES[IGNORED]}
    tells = {column for column, heading in headings.items() if _TELLS.fullmatch(heading)}
    rest = [column for column in headings if column in tells or column not in ignored]
    times = [column for column, heading in headings.items() if heading in SIGNING]
    telling, rows = tells - ignored, range(columns.row + 1, len(grid.rows) + 1)
    said = {row: {at: squeeze(as_text(grid.at(row, at))).upper() for at in rest} for row in rows}
    where = telling or rest
    marks = {
        at for cells in said.values() for at, text in cells.items() if at in where and _says(text, layout.ATTENDED)
    }
    for row in rows:
        if name := as_text(grid.at(row, named)):
            timed = any(not is_blank(grid.at(row, column)) for column in times) if times else None
            yield _Line(f"{name} {_told(said[row], telling, marks, timed)}".rstrip())


def _of_text(lines: Sequence[str]) -> Iterator[_Line]:
    """Each line of a text; of a 接龙 those with a number, and what stands below a heading of its own."""
    first = next((at for at, line in enumerate(lines) if _NUMBERED.match(line)), None)
    usual, head = layout.ATTENDED, ""
    for at, line in enumerate(lines):
        if headed := _HEADED.fullmatch(line):
            usual, head = _HEADS[headed[1]], f"{headed[1]}："
            if squeeze(headed[2]) not in _NOBODY:
                yield _Line(headed[2].strip(), usual, head)
                usual = layout.ATTENDED if usual == layout.ATTENDED else ""  # whether it goes on below is not said
        elif first is not None and (at < first or not (head or _NUMBERED.match(line))):
            continue  # what stands above the numbers of a 接龙 is its notice
        elif text := _NUMBERED.sub("", line, count=1).strip():
            yield _Line(text, usual, head)


def _says(text: str, status: str) -> bool:
    return _SAYS.get(text) == status


def _told(cells: Mapping[int, str], telling: Collection[int], marks: Collection[int], timed: bool | None) -> str:
    """The word that the columns say of one person; one that is no status where that is to be decided; "" for none.

    ``telling`` are the columns that say who was there, ``marks`` those in which others are said to have been;
    ``timed`` is whether a time is told, None in a list without times.
    """
    away = (text for text in cells.values() if _says(text, layout.ON_LEAVE) or _says(text, layout.LATE))
    unclear = (
        text
        for column, text in cells.items()
        if (text in _ABSENT and (len(text) > 1 or column in telling or column in marks))
        or (text and text not in _SAYS and column in telling)
    )
    there = (text for column, text in cells.items() if column in marks and text in _SAYS)
    silent = "" if timed or (timed is None and not marks) else UNSIGNED
    return next(chain(away, unclear, there), silent)


def _read(line: _Line, roll: RollCall) -> tuple[dict[Member, str], list[tuple[str, Unresolved]]]:
    """The members a line names with what it says of each, "" for something else; and texts that are no one member's."""
    found: dict[Member, str] = {}
    strangers = list[tuple[str, Unresolved]]()
    last: Member | None = None
    for text in names_in(line.text):
        said = _SAYS.get(squeeze(text))
        if said and last:
            found[last] = said
            continue
        member, status = roll.find(text), line.usual
        if isinstance(member, Unresolved) and member.code != "E202":
            name, *rest = [*filter(None, _BETWEEN.split(text, maxsplit=1))] or [text]
            member, status = roll.find(name), _SAYS.get(_BETWEEN.sub("", squeeze("".join(rest))), "")
        if isinstance(member, Member):
            found[member], last = status, member
        else:
            strangers.append((text, member))
    return found, strangers
