"""The users' notation (记法): a workbook and what is expected of it, as text that a branch secretary can write.

A case file is a title (one sentence of the scheme), sentences that argue the expected figures, the sheets as
``|`` tables under ``## 工作表名``, and at the end ``## 期望`` with tables ``### 发现 登记 表决 积分 名单 小组``. A line
``套用 基本`` starts from the small workbook ``cases/_基本.txt``; then ``## 名称`` replaces a sheet or adds one,
``## 名称（追加）`` adds rows to it, ``## 名称（更改）`` sets the listed cells of the rows named in the first column
(or adds such a row), and ``## 名称（删除）`` takes the sheet away. Every table line is one row of the sheet, the first
line being row 1.

``## 归档（2026Q1）`` says that the workbook as written above it was archived (closed) for that period; what follows was
typed since. A gallery file has more: ``## 改后`` are the same cells after doing what the remedy says, its sheets under
``### 名称``; ``## 归档后（2026Q1）`` what is done where the workbook was archived with the slip in it, if anything;
``## 归档在先（2026Q1）`` the same where the 套用 workbook was archived and the slip made since.

Cells: blank is blank; ``2026-03-05`` is a date, ``12.5`` a number, ``#DIV/0!`` an error cell, anything else text as
typed; ``“7”`` or ``"7"`` is text whatever it looks like; ``\\n`` is a line break, ``\\|`` a bar and
``\\u200b`` the sign of that number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from xl_jifen import layout
from xl_jifen.grid import Cell, CellError, Grid, Grids

CASES = Path(__file__).parent / "cases"
GALLERY = Path(__file__).parent / "findings"

EXPECTED, TEXT = "期望", "文字"
CLOSED, MENDED, AFTER_CLOSE, CLOSED_BEFORE = "归档", "改后", "归档后", "归档在先"
LAST = (EXPECTED, MENDED, AFTER_CLOSE, CLOSED_BEFORE, TEXT)
"""The sections that come after the sheets, in their order; only the first must be there."""
EXPECTED_COLUMNS: dict[str, tuple[str, ...]] = {
    "发现": ("代码", "位置"),
    "登记": ("位置", "党员", "规则", "月份", "原始分", "计入分", "缘由"),
    "表决": ("位置", "党员", "规则", "通过"),
    "积分": ("周期", "党员", "基础分", "加分", "减分", "积分", "名次", "等次", "一票否决", "备注", "余额"),
    "名单": ("周期", "党员"),
    "小组": ("周期", "党小组", "人数", "合计", "平均", "名次"),
}
"""The tables under ``## 期望`` and the columns each may have."""

KEY_COLUMNS = {
    "发现": ("代码", "位置"),
    "登记": ("位置",),
    "表决": ("位置", "通过"),
    "积分": ("周期", "党员"),
    "名单": ("周期", "党员"),
    "小组": ("周期", "党小组"),
}
"""The columns each of those tables must have."""

REPLACE, APPEND, CHANGE, DELETE = "", "追加", "更改", "删除"
BARRED = re.compile(r"(?<!\\)\|")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MINUTE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")
CELL_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
QUOTES = (("“", "”"), ('"', '"'))

SETTLED = """## 设置（更改）
| 项目         | 值         |
| 规则通过日期 | 2026-01-05 |
| 异议联系人   | 李四       |
| 异议电话     | 0000-0000  |
| 异议地址     | 一楼       |
"""
"""The settings without which ``publish`` has something to say; rows may be put behind them."""

Rows = list[list[str]]


class NotationError(ValueError):
    """A case file is not written in the notation; says the file, the line and what to mend."""

    def __init__(self, name: str, line: int, message: str) -> None:
        super().__init__(f"{name} 第 {line} 行：{message}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table under ``## 期望``: its cells as written, by heading."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One table under ``## 期望``: the headings it lists, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A period by its name, the workbook as it was archived for it, and what became of the workbook since."""

    period: str
    then: Grids
    now: Grids


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its sentence, its workbook, and what is expected of it. ``text`` is the gallery's ``## 文字``.

    ``closed`` is there where a period was archived before the last sheets were typed. ``mended`` is the workbook after
    doing what the remedies say; ``after_close`` and ``closed_before`` are that in an archived period.
    """

    name: str
    title: str
    argument: tuple[str, ...]
    grids: Grids
    expected: Mapping[str, Expectation]
    text: str | None
    closed: Closed | None = None
    mended: Grids | None = None
    after_close: Closed | None = None
    closed_before: Closed | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    line: int
    body: tuple[tuple[int, str], ...]


@cache
def read(path: Path) -> Case:
    """The case in a file, read once; NotationError when it is not in the notation."""
    return parse(path.read_text(encoding="utf-8"), path.stem)


def parse(text: str, name: str = "案例") -> Case:
    """The case in a text; NotationError when it is not in the notation."""
    head, sections = _sections(text, name)
    if not head:
        raise NotationError(name, 1, "第一行应当是一句话的标题。")
    title, argument = head[0][1], [sentence for _, sentence in head[1:]]
    bases = [sentence for sentence in argument if sentence.startswith("套用 ")]
    sheets: dict[str, Rows] = {}
    for base in bases:
        sheets |= _base(base.removeprefix("套用 ").strip(), name)
    untouched = _grids(sheets)
    expected: dict[str, Expectation] = {}
    wording: str | None = None
    shut: tuple[str, Grids] | None = None
    later: dict[str, tuple[str, Grids]] = {}
    reached = ""
    for section in sections:
        way, period = _way(section.heading)
        if reached and (way not in LAST or LAST.index(way) <= LAST.index(reached)):
            rest = "、".join(f"“## {each}”" for each in LAST[LAST.index(reached) + 1 :])
            raise NotationError(name, section.line, f"“## {reached}”之后只能有{rest}。")
        reached = way if way in LAST else ""
        if way in (CLOSED, AFTER_CLOSE, CLOSED_BEFORE) and not period:
            raise NotationError(name, section.line, f"请写明归档的时段，如“## {way}（2026Q1）”。")
        if way == EXPECTED:
            expected = _expectations(section, name)
        elif way == TEXT:
            wording = "\n".join(line for _, line in section.body).strip() + "\n"
        elif way == CLOSED:
            shut = period, _grids(sheets)
        elif way in LAST:
            changed = dict(sheets)
            for part in _parts(section, name, "### 1月（更改）"):
                _enter(changed, part, name)
            later[way] = period, _grids(changed)
        else:
            _enter(sheets, section, name)
    grids = _grids(sheets)
    then = {AFTER_CLOSE: grids, CLOSED_BEFORE: untouched}
    return Case(
        name,
        title,
        tuple(s for s in argument if s not in bases),
        grids,
        expected,
        wording,
        Closed(shut[0], shut[1], grids) if shut else None,
        later[MENDED][1] if MENDED in later else None,
        *(Closed(later[way][0], then[way], later[way][1]) if way in later else None for way in then),
    )


def _grids(sheets: Mapping[str, Rows]) -> Grids:
    return Grids(tuple(Grid(sheet, [[cell(raw) for raw in row] for row in rows]) for sheet, rows in sheets.items()))


def _way(heading: str) -> tuple[str, str]:
    """A heading without its period, and that: ``归档（2026Q1）``. The heading of a sheet has none."""
    found = re.fullmatch(f"({CLOSED}|{AFTER_CLOSE}|{CLOSED_BEFORE})(?:（(.+)）)?", heading)
    return (found[1], found[2] or "") if found else (heading, "")


def cell(raw: str) -> Cell:
    """The cell that one stretch between bars stands for."""
    for opening, closing in QUOTES:
        if len(raw) > 1 and raw.startswith(opening) and raw.endswith(closing):
            return unescape(raw[1:-1])
    if not raw:
        return None
    if raw in CELL_ERRORS:
        return CellError(raw)
    if DAY.fullmatch(raw):
        return date.fromisoformat(raw)
    if MINUTE.fullmatch(raw):
        return datetime.fromisoformat(raw)
    if NUMBER.fullmatch(raw):
        return float(raw) if "." in raw else int(raw)
    return unescape(raw)


def unescape(raw: str) -> str:
    """Text with its line breaks, bars and signs given by number."""
    raw = re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), raw)
    return raw.replace("\\n", "\n").replace("\\|", "|")


def _sections(text: str, name: str) -> tuple[list[tuple[int, str]], list[_Section]]:
    """The lines before the first ``##``, and the sections; blank lines and ``>`` remarks fall away (not in 文字)."""
    head: list[tuple[int, str]] = []
    sections: list[tuple[str, int, list[tuple[int, str]]]] = []
    archived = 0  # how many were written up to ## 归档: what follows may change them again
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("## "):
            heading = stripped.removeprefix("## ").strip()
            if heading in [earlier for earlier, _, _ in sections[archived:]]:
                raise NotationError(name, number, f"“## {heading}”出现了两次。")
            sections.append((heading, number, []))
            if _way(heading)[0] == CLOSED:
                archived = len(sections)
        elif sections and sections[-1][0] == TEXT:
            sections[-1][2].append((number, line))
        elif not stripped or (sections and stripped.startswith(">")):
            continue
        elif sections:
            sections[-1][2].append((number, stripped))
        else:
            head.append((number, stripped))
    return head, [_Section(heading, line, tuple(body)) for heading, line, body in sections]


def _base(stem: str, name: str) -> dict[str, Rows]:
    """The sheets of ``cases/_<stem>.txt``, as written."""
    path = CASES / f"_{stem}.txt"
    if not path.exists():
        raise NotationError(name, 2, f"没有可以套用的“{stem}”，请看 tests/cases 里以 _ 开头的文件。")
    sheets: dict[str, Rows] = {}
    for section in _sections(path.read_text(encoding="utf-8"), path.stem)[1]:
        _enter(sheets, section, path.stem)
    return sheets


def _table(body: Sequence[tuple[int, str]], name: str, line: int) -> Rows:
    """The cells of a table as written; all lines must have as many as the first."""
    rows: Rows = []
    for number, text in body:
        if not (len(text) > 1 and text.startswith("|") and text.endswith("|") and not text.endswith("\\|")):
            raise NotationError(name, number, "表格的每一行都要以 | 开头、以 | 结尾。")
        cells = [part.strip() for part in BARRED.split(text)[1:-1]]
        if rows and len(cells) != len(rows[0]):
            raise NotationError(name, number, f"这一行有 {len(cells)} 格，而第一行有 {len(rows[0])} 格。")
        rows.append(cells)
    if not rows:
        raise NotationError(name, line, "这里缺少表格。")
    return rows


def _enter(sheets: dict[str, Rows], section: _Section, name: str) -> None:
    """Put one ``## 工作表`` section into the workbook."""
    found = re.fullmatch(r"(.+?)(?:（(.+)）)?", section.heading)
    assert found is not None
    sheet, way = found[1], found[2] or REPLACE
    if way == REPLACE:
        sheets[sheet] = _table(section.body, name, section.line)
        return
    if sheet not in sheets:
        raise NotationError(name, section.line, f"没有工作表“{sheet}”，无从{way}。")
    if way == DELETE:
        if section.body:
            raise NotationError(name, section.line, "删除工作表时下面不写表格。")
        del sheets[sheet]
        return
    if way not in (APPEND, CHANGE):
        raise NotationError(name, section.line, f"不认识“（{way}）”，只有（追加）（更改）（删除）。")
    table, target = _table(section.body, name, section.line), [list(row) for row in sheets[sheet]]
    columns = [_column(target, sheet, heading, section, name) for heading in table[0]]
    for row in table[1:]:
        found_rows = [old for old in target[1:] if old[columns[0]] == row[0]] if way == CHANGE else []
        if len(found_rows) > 1:
            raise NotationError(name, section.line, f"“{row[0]}”在“{sheet}”里不止一行，不能更改。")
        if not found_rows:
            target.append([""] * len(target[0]))
            found_rows = target[-1:]
        for column, raw in zip(columns, row, strict=True):
            found_rows[0][column] = raw
    sheets[sheet] = target


def _column(rows: Rows, sheet: str, heading: str, section: _Section, name: str) -> int:
    """The column of a heading in a sheet to be changed; a heading of the layout it does not have yet is added."""
    if heading not in rows[0]:
        known = [column.name for known in layout.SHEETS if known.name == sheet for column in known.columns]
        if heading not in known:
            raise NotationError(name, section.line, f"“{sheet}”没有“{heading}”这一列。")
        rows[0].append(heading)
        for row in rows[1:]:
            row.append("")
    return rows[0].index(heading)


def _parts(section: _Section, name: str, example: str) -> list[_Section]:
    """The ``###`` parts of a section."""
    parts: list[tuple[str, int, list[tuple[int, str]]]] = []
    for number, line in section.body:
        if line.startswith("### "):
            heading = line.removeprefix("### ").strip()
            if heading in [earlier for earlier, _, _ in parts]:
                raise NotationError(name, number, f"“{heading}”出现了两次。")
            parts.append((heading, number, []))
        elif not parts:
            raise NotationError(name, number, f"“## {section.heading}”下面先写“{example}”之类的小标题。")
        else:
            parts[-1][2].append((number, line))
    return [_Section(heading, line, tuple(body)) for heading, line, body in parts]


def _expectations(section: _Section, name: str) -> dict[str, Expectation]:
    """The ``###`` tables of ``## 期望``."""
    parts = _parts(section, name, "### 发现")
    if not parts:
        raise NotationError(name, section.line, "“## 期望”下面什么也没有写。")
    for part in parts:
        if part.heading not in EXPECTED_COLUMNS:
            raise NotationError(name, part.line, f"“{part.heading}”不是期望的一种。")
    return {part.heading: _expectation(part.heading, part.body, name, part.line) for part in parts}


def _expectation(kind: str, body: Sequence[tuple[int, str]], name: str, line: int) -> Expectation:
    table = _table(body, name, line)
    columns = tuple(table[0])
    if unknown := [column for column in columns if column not in EXPECTED_COLUMNS[kind]]:
        raise NotationError(name, line, f"“{kind}”没有“{unknown[0]}”这一列。")
    if missing := [column for column in KEY_COLUMNS[kind] if column not in columns]:
        raise NotationError(name, line, f"“{kind}”缺少“{missing[0]}”这一列。")
    numbers = [number for number, _ in body]
    rows = [
        Row(number, dict(zip(columns, row, strict=True))) for number, row in zip(numbers[1:], table[1:], strict=True)
    ]
    return Expectation(columns, tuple(rows))
