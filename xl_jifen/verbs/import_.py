"""Importing declarations (导入申报): exported tables in, a workbook of proposed rows out, columns asked for once.

What a person answers about a column is remembered in ``申报对照.csv`` beside the workbook, which may be edited. The
workbook itself is only read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xl_jifen import layout, reckon
from xl_jifen.declare.attended import signed
from xl_jifen.declare.columns import (
    CHOICES,
    IGNORED,
    ITEMS,
    UNNAMED,
    Columns,
    Source,
    column_key,
    columns_of,
    declarations,
    shown,
)
from xl_jifen.declare.propose import PastedRow, Plan, as_if_passed, cells_of, judged, no_place, propose, target_of
from xl_jifen.derive.next_year import rows_of
from xl_jifen.disk import links
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import DECLARED
from xl_jifen.excel.draw.declared_sheet import draw
from xl_jifen.excel.read.exports import read_export
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Place, as_text, is_blank
from xl_jifen.period import Month
from xl_jifen.publish import declared as words
from xl_jifen.publish.notice import day_words
from xl_jifen.table import Table
from xl_jifen.verbs.printing import ensure_apart, put
from xl_jifen.verbs.quarter import Opened, cycle_of

MEMORY = "申报对照.csv"
"""Which item each column of the branch's forms means, as it was answered; beside the workbook."""

MEMORY_HEADINGS = ("列名", "项目")
FORMULA_SIGNS = tuple("=+-@＝＋－＠\t\r")
LISTED = "、".join(CHOICES)
EXAMPLES, EXAMPLE_LENGTH = 3, 20
"""Contents of a column that are shown where it is asked for."""

Ask = Callable[[str], str]
"""Shows a text to a person and gives the answer; EOFError where there is none."""


class Imported(NamedTuple):
    """Where the proposals lie, what became of each declaration, and sentences worth reading."""

    path: Path
    plan: Plan
    notes: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Whether something would not count as it stands."""
        of_rows = (finding.is_error for row in self.plan.rows for finding in row.findings)
        return any(of_rows) or any(outcome.has_errors for outcome in self.plan.outcomes)


def import_declarations(
    opened: Opened,
    files: Sequence[Path],
    now: datetime,
    *,
    out: Path | None = None,
    columns: Sequence[str] = (),
    ask: Ask | None = None,
) -> Imported:
    """Propose rows for what the files declare, in a workbook at ``out`` (申报导入/ beside the branch's own).

    ``columns`` are answers such as ``昵称=姓名``; other columns of no known meaning are asked for, where ``ask`` is
    given. Raises Refused without a cycle; CannotRead, among others for columns that nobody has named; CannotWrite.
    """
    cycle = cycle_of(opened.reckoning)  # refused before anything is read or asked
    home = opened.path.resolve().parent
    path = out or home / DECLARED / f"{now.date()} 申报.xlsx"
    ensure_apart(path, [opened.path, *files], "要读的文件")
    tables, memory = _exports(files), _Memory(home / MEMORY)
    forms, notes = _forms(tables, memory, columns, ask)
    remembered = memory.save(now)
    found = chain.from_iterable(declarations(table, meaning) for table, meaning in forms)
    taken_back = chain.from_iterable(opened.reckoning.checked.taken_back.values())
    closed = archives.shelf(home).archived(cycle)
    plan = _tried(opened, propose(found, opened.grids, opened.reckoning.register, taken_back, closed))
    data = draw(plan, opened.package, [words.summary(plan), *notes], datetime.combine(now.date(), time()))
    return Imported(put(path, data, now), plan, (*notes, *remembered))


def import_attendance(
    opened: Opened, files: Sequence[Path], name: str, day: date, now: datetime, *, out: Path | None = None
) -> Imported:
    """Propose the row of 活动考勤 for the people of a sign-in list or a pasted 接龙, as :func:`import_declarations`."""
    register, cycle, sheet = opened.reckoning.register, cycle_of(opened.reckoning), layout.ACTIVITIES
    if day not in cycle:
        raise CannotRead(f"{day} 不在计分周期 {cycle.words} 之内；请核对 --date。")
    home = opened.path.resolve().parent
    if Month.of(day) < cycle.open_from(archives.shelf(home).archived(cycle)):
        late = "应当计分的，请在以后的月份表补登" if day < cycle.months[-1].first else "不能再补记"
        raise CannotRead(f"{day_words(day)}所在的时段已归档，那时的考勤不能再增加；{late}。")
    path = out or home / DECLARED / f"{day} {sheet.name}.xlsx"
    ensure_apart(path, [opened.path, *files], "要读的文件")
    table = Table(sheet, grid) if (grid := opened.grids.get(sheet.name)) else None
    if table is None or table.missing:
        raise CannotRead(f"{no_place(sheet.name, table)}。")
    kinds = [row.text(layout.ACTIVITY_KIND) for row in rows_of(opened.grids, layout.ATTENDANCE_RULES)]
    kinds += [activity.kind for activity in register.activities]
    done = signed(_exports(files), register, name, day, filter(None, kinds))
    target = target_of(table, f"{name}（{day}）")
    row = PastedRow(Place(target.name, target.row), cells_of(target, done.cells))
    plan = _tried(opened, Plan((), (target,), (row,)))
    notes = tuple(words.attended(done, row.place))
    data = draw(plan, opened.package, notes, datetime.combine(now.date(), time()))
    return Imported(put(path, data, now), plan, notes)


def _tried(opened: Opened, plan: Plan) -> Plan:
    """The plan with what the core says of its rows."""
    tried = reckon(as_if_passed(opened.grids, plan))
    return judged(plan, tried.findings, tried.ledger)


def _exports(files: Iterable[Path]) -> list[Source]:
    """The tables of exports. Raises CannotRead for what is a branch's own workbook."""
    found = list[Source]()
    for file in files:
        tables = read_export(file)
        if {layout.ROSTER.name, layout.RULES.name} <= {table.grid.name for table in tables}:
            raise CannotRead(f"“{file.name}”是党员积分工作簿，不是申报表；请选择导出的申报表。")
        found += tables
    return found


class _Memory:
    """The answers about columns, those of the file and new ones: the item by column key, and the column's own words."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._headings: dict[str, str] = {}
        self.known: dict[str, str] = {}
        links.ensure_readable(path)
        there = path.exists() and path.stat().st_size > len(b"\xef\xbb\xbf")
        for number, cells in enumerate(read_export(path)[0].grid.rows if there else (), 1):
            heading, item = (as_text(cell) for cell in (*cells, None, None)[:2])
            if (heading, item) == MEMORY_HEADINGS or not (heading or item):
                continue
            if item not in CHOICES:
                raise CannotRead(f"“{path.name}”第 {number} 行的项目“{item}”不认识；请填 {LISTED} 之一。")
            self.answer(heading.removeprefix("'") if heading[1:].startswith(FORMULA_SIGNS) else heading, item)
        self._saved = dict(self.known)

    def answer(self, heading: str, item: str) -> None:
        """One answer more, or another one than before."""
        key = column_key(heading)
        if self.known.get(key) != item:
            self._headings[key], self.known[key] = heading, item

    def save(self, now: datetime) -> list[str]:
        """Write the answers down if there are new ones, and say so. Raises CannotWrite."""
        if self.known == self._saved:
            return []
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(MEMORY_HEADINGS)
        for key, heading in self._headings.items():
            if not UNNAMED.fullmatch(heading):  # the F列 of another form is another column
                harmless = f"'{heading}" if heading.startswith(FORMULA_SIGNS) else heading
                writer.writerow((harmless, self.known[key]))
        put(self._path, text.getvalue().encode("utf-8-sig"), now)
        return [f"各列的对应记在“{self._path.name}”，下次不再问；要改时直接改这个文件。"]


def _forms(
    tables: Sequence[Source], memory: _Memory, given: Sequence[str], ask: Ask | None
) -> tuple[list[tuple[Source, Columns]], list[str]]:
    """The tables that are declarations with their columns, all settled; and sentences about what is read and what not.

    Where no table has columns we know, it is the first that has headings at all.
    """
    answered = list[str]()
    for text in given:
        heading, _, item = (part.strip() for part in text.rpartition("="))
        if not heading or item not in CHOICES:
            raise CannotRead(f"“{text}”看不懂；请写成 列名=项目，项目是 {LISTED} 之一。")
        memory.answer(heading, item)
        answered.append(heading)
    headed = [(table, columns) for table in tables if (columns := columns_of(table.grid, memory.known))]
    forms = [(table, columns) for table, columns in headed if columns.items] or headed[:1]
    if not forms:
        raise CannotRead(
            f"{tables[0].label} 里找不到列名那一行；"
            "请保留导出时的列名，放在前几行；签到名单、群接龙请加 --activity 活动名称 --date 日期。"
        )
    there = {column_key(heading) for _, columns in forms for heading in columns.headings.values()}
    for heading in answered:
        if column_key(heading) not in there:  # a misspelt one would silently mean nothing
            raise CannotRead(f"申报表里没有“{heading}”这一列；请照申报表的列名写。")
    if ask:
        forms = [(table, _asked(table, columns, memory, ask)) for table, columns in forms]
    open_questions = []
    for table, columns in forms:
        if columns.unknown:
            named = "”“".join(columns.headings[column] for column in columns.unknown)
            open_questions.append(f"{table.label} 的列“{named}”不知道是哪一项")
        if columns.missing:
            open_questions.append(f"{table.label} 里找不到“{'”“'.join(columns.missing)}”一列")
    if open_questions:
        raise CannotRead(
            f"{'；'.join(open_questions)}；请加 --columns 列名=项目（{LISTED}），"
            f"或写进工作簿旁的“{MEMORY}”（两列：{'、'.join(MEMORY_HEADINGS)}）。"
        )
    labels = {table.label for table, _ in forms}
    notes = [f"{table.label} 里没有认出列名，没有读。" for table in tables if table.label not in labels]
    said = (words for table, columns in forms for words in (_used(table, columns), *_merged(table, columns)))
    return forms, [*notes, *said]


def _used(table: Source, columns: Columns) -> str:
    """Which column was taken for which item, and which for none: nothing goes unread without a word."""
    taken = [f"{item}＝{'、'.join(columns.headings[at] for at in places)}" for item, places in columns.items.items()]
    rest = "、".join(columns.unused.values())
    return f"{table.label} 的列：{'，'.join(taken)}" + (f"；没有用：{rest}。" if rest else "。")


def _merged(table: Source, columns: Columns) -> Iterator[str]:
    """A sentence where cells below the headings are merged: what is seen in every row stands in the first alone."""
    spread = [each for each in sorted(table.grid.merged) if columns.row < each.top < each.bottom]
    if filled := [each for each in spread if not is_blank(table.grid.at(*each[:2]))]:
        listed = "、".join(map(str, filled[:EXAMPLES])) + (" 等" if len(filled) > EXAMPLES else "")
        yield f"{table.label} 里 {listed}是合并的，只有头一格有内容；请取消合并，逐行填写后再导入。"


def _asked(table: Source, columns: Columns, memory: _Memory, ask: Ask) -> Columns:
    """The columns after a person was asked for those of no known meaning, then for the needed items still missing."""
    for column in columns.unknown:
        heading = columns.headings[column]
        if column_key(heading) not in memory.known:  # asked already, for an earlier table or column
            question = f"{table.label} 的“{heading}”一列{_example(table, columns, column)}是哪一项？"
            memory.answer(heading, _pick(ask, question, {item: item for item in (IGNORED, *ITEMS)}))
    columns = columns_of(table.grid, memory.known) or columns
    for item in columns.missing:
        told = {f"{heading}{_example(table, columns, column)}": heading for column, heading in columns.unused.items()}
        picked = _pick(ask, f"{table.label} 里找不到“{item}”，用下面哪一列？", {"都不是": "", **told})
        if picked:
            memory.answer(picked, item)
            columns = columns_of(table.grid, memory.known) or columns
    return columns


def _pick(ask: Ask, question: str, choices: Mapping[str, str]) -> str:
    """What a person picks, by number or by name; asked again until it is one of them. Raises CannotRead at the end."""
    listed = "  ".join(f"{number} {choice}" for number, choice in enumerate(choices))
    meant = {**{str(number): value for number, value in enumerate(choices.values())}, **choices}
    while True:
        try:
            answer = ask(f"{question}\n  {listed}\n请输入编号或名称：").strip()
        except EOFError:
            raise CannotRead("没有得到回答，没有导入；可以改用 --columns 列名=项目。") from None
        if answer in meant:
            return meant[answer]


def _example(table: Source, columns: Columns, column: int) -> str:
    """What a column holds, for a person to recognise it."""
    cells = (table.grid.at(row, column) for row in range(columns.row + 1, len(table.grid.rows) + 1))
    texts = dict.fromkeys(shown(cell)[:EXAMPLE_LENGTH] for cell in cells if not is_blank(cell))
    return f"（如：{'；'.join(list(texts)[:EXAMPLES])}）" if texts else ""
