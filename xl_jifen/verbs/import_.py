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
    IGNORED,
    ITEMS,
    UNNAMED,
    Columns,
    Declaration,
    Source,
    column_key,
    columns_of,
    declarations,
    shown,
)
from xl_jifen.declare.propose import Plan, Row, as_if_passed, cells_of, judged, propose, target_of
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import DECLARED
from xl_jifen.disk.save import write_new
from xl_jifen.excel.draw.declared_sheet import draw
from xl_jifen.excel.read.exports import read_export
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Grids, Place
from xl_jifen.publish import declared as words
from xl_jifen.table import Table, as_text, is_blank
from xl_jifen.verbs.printing import put
from xl_jifen.verbs.quarter import Opened, cycle_of

MEMORY = "申报对照.csv"
"""Which item each column of the branch's forms means, as it was answered; beside the workbook."""

MEMORY_HEADINGS = ("列名", "项目")
FORMULA_SIGNS = tuple("=+-@＝＋－＠\t\r")
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
    register = opened.reckoning.register
    cycle_of(opened.reckoning)  # refused before anything is read or asked
    home = opened.path.resolve().parent
    path = out or home / DECLARED / f"{now.date()} 申报.xlsx"
    _ensure_apart(path, [opened.path, *files])
    tables = [table for file in files for table in _export(file)]
    memory = _Memory(home / MEMORY)
    chosen, notes = _columns(tables, memory, columns, ask)
    remembered = memory.save()
    found: list[Declaration] = [each for table, meaning in chosen for each in declarations(table, meaning)]
    shelf = archives.shelf(home)
    taken_back = chain.from_iterable(opened.reckoning.checked.taken_back.values())
    plan = propose(found, opened.grids, register, taken_back, shelf.archived(cycle_of(opened.reckoning)))
    tried = reckon(as_if_passed(opened.grids, plan))
    plan = judged(plan, tried.findings, tried.ledger)
    data = draw(plan, opened.package, [words.summary(plan), *notes], datetime.combine(now.date(), time()))
    return Imported(put(path, data, now), plan, (*notes, *remembered))


def import_attendance(
    opened: Opened, files: Sequence[Path], name: str, day: date, now: datetime, *, out: Path | None = None
) -> Imported:
    """Propose the row of 活动考勤 for the people of a sign-in list or a pasted 接龙, as :func:`import_declarations`."""
    register = opened.reckoning.register
    cycle = cycle_of(opened.reckoning)
    if day not in cycle:
        raise CannotRead(f"{day} 不在计分周期 {cycle.words} 之内；请核对 --date。")
    path = out or opened.path.resolve().parent / DECLARED / f"{day} {layout.ACTIVITIES.name}.xlsx"
    _ensure_apart(path, [opened.path, *files])
    grid = opened.grids.get(layout.ACTIVITIES.name)
    table = Table(layout.ACTIVITIES, grid) if grid else None
    if table is None or table.missing:
        lack = f"缺少列名“{'、'.join(table.missing)}”" if table else "不见了"
        raise CannotRead(f"工作表“{layout.ACTIVITIES.name}”{lack}，请先恢复再导入。")
    kinds = filter(None, [*_kinds(opened.grids), *(activity.kind for activity in register.activities)])
    done = signed([each for file in files for each in _export(file)], register, name, day, kinds)
    target = target_of(table, f"{name}（{day}）")
    row = Row(Place(target.name, target.row), cells_of(target, done.cells))
    plan = Plan((), (target,), (row,))
    tried = reckon(as_if_passed(opened.grids, plan))
    found = tuple(finding for finding in tried.findings if finding.place[:2] == row.place[:2])
    plan = plan._replace(rows=(row._replace(findings=found),))
    notes = tuple(words.attended(done, row.place))
    data = draw(plan, opened.package, notes, datetime.combine(now.date(), time()))
    return Imported(put(path, data, now), plan, notes)


def _kinds(grids: Grids) -> Iterator[str]:
    """Every 活动类型 of 考勤计分."""
    if grid := grids.get(layout.ATTENDANCE_RULES.name):
        table = Table(layout.ATTENDANCE_RULES, grid)
        column = table.columns.get(layout.ACTIVITY_KIND, 0)
        yield from (as_text(cells[column - 1]) for _, cells in table.below() if 0 < column <= len(cells))


def _export(file: Path) -> tuple[Source, ...]:
    """The tables of an export. Raises CannotRead for what is a branch's own workbook."""
    tables = read_export(file)
    if {layout.ROSTER.name, layout.RULES.name} <= {table.grid.name for table in tables}:
        raise CannotRead(f"“{file.name}”是党员积分工作簿，不是申报表；请选择导出的申报表。")
    return tables


def _ensure_apart(path: Path, inputs: Iterable[Path]) -> None:
    if path.suffix.lower() != ".xlsx":
        raise CannotWrite(f"“{path.name}”的扩展名不对；请用 .xlsx。")
    if path.resolve() in {file.resolve() for file in inputs}:
        raise CannotWrite(f"“{path.name}”是要读的文件，不能覆盖；请换一个文件名。")


class _Memory:
    """The answers about columns, by column key: those of the file, and new ones by the column's own words."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[tuple[str, str]] = []
        self.known: dict[str, str] = {}
        self._new = False
        if path.exists() and path.stat().st_size > len(b"\xef\xbb\xbf"):
            for number, cells in enumerate(read_export(path)[0].grid.rows, 1):
                heading, item = (as_text(cell) for cell in (*cells, None, None)[:2])
                if (heading, item) != MEMORY_HEADINGS and (heading or item):
                    self._read(heading, item, number)

    def _read(self, heading: str, item: str, number: int) -> None:
        if item not in (*ITEMS, IGNORED):
            raise CannotRead(f"“{self._path.name}”第 {number} 行的项目“{item}”不认识；请填 {_choices()} 之一。")
        if heading[1:].startswith(FORMULA_SIGNS):
            heading = heading.removeprefix("'")
        self._rows.append((heading, item))
        self.known[column_key(heading)] = item

    def answer(self, heading: str, item: str) -> None:
        """One answer more, or another one than before."""
        key = column_key(heading)
        if self.known.get(key) != item:
            self._rows = [row for row in self._rows if column_key(row[0]) != key] + [(heading, item)]
            self.known[key], self._new = item, True

    def save(self) -> list[str]:
        """Write the answers down if there are new ones, and say so. Raises CannotWrite."""
        if not self._new:
            return []
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(MEMORY_HEADINGS)
        for heading, item in self._rows:
            if UNNAMED.fullmatch(heading):
                continue  # the F列 of another form is another column
            writer.writerow((f"'{heading}" if heading.startswith(FORMULA_SIGNS) else heading, item))
        write_new(self._path, text.getvalue().encode("utf-8-sig"), overwrite=True)
        return [f"各列的对应记在“{self._path.name}”，下次不再问；要改时直接改这个文件。"]


def _columns(
    tables: Sequence[Source], memory: _Memory, given: Sequence[str], ask: Ask | None
) -> tuple[list[tuple[Source, Columns]], list[str]]:
    """The tables that are declarations with their columns, all settled; and sentences about those that are not."""
    for text in given:
        heading, _, item = (part.strip() for part in text.rpartition("="))
        if not heading or item not in (*ITEMS, IGNORED):
            raise CannotRead(f"“{text}”看不懂；请写成 列名=项目，项目是 {_choices()} 之一。")
        memory.answer(heading, item)
    chosen, notes = _declared(tables, memory.known)
    _ensure_named(given, chosen)
    if ask:
        chosen = [(table, _asked(table, columns, memory, ask)) for table, columns in chosen]
    open_questions = [words for table, columns in chosen for words in _open(table, columns)]
    if open_questions:
        raise CannotRead(
            f"{'；'.join(open_questions)}；请加 --columns 列名=项目（{_choices()}），"
            f"或写进工作簿旁的“{MEMORY}”（两列：{'、'.join(MEMORY_HEADINGS)}）。"
        )
    return chosen, [*notes, *(_used(table, columns) for table, columns in chosen)]


def _used(table: Source, columns: Columns) -> str:
    """Which column was taken for which item, and which for none: nothing goes unread without a word."""
    taken = [
        f"{item}＝{'、'.join(columns.headings[column] for column in columns.items[item])}"
        for item in ITEMS
        if item in columns.items
    ]
    used = {column for places in columns.items.values() for column in places}
    rest = [heading for column, heading in columns.headings.items() if column not in used]
    return f"{table.label} 的列：{'，'.join(taken)}" + (f"；没有用：{'、'.join(rest)}。" if rest else "。")


def _declared(tables: Sequence[Source], known: Mapping[str, str]) -> tuple[list[tuple[Source, Columns]], list[str]]:
    """The tables with columns we know; where there is none, the first that has headings at all."""
    with_columns = [(table, columns_of(table.grid, known)) for table in tables]
    headed = [(table, columns) for table, columns in with_columns if columns]
    chosen = [(table, columns) for table, columns in headed if columns.items] or headed[:1]
    if not chosen:
        raise CannotRead(f"{tables[0].label} 里找不到列名那一行；请保留导出时的列名，放在前几行。")
    labels = {table.label for table, _ in chosen}
    return chosen, [f"{table.label} 里没有认出列名，没有读。" for table in tables if table.label not in labels]


def _ensure_named(given: Iterable[str], chosen: Sequence[tuple[Source, Columns]]) -> None:
    """Every column answered for on the command line must be there: a misspelt one would silently mean nothing."""
    there = {column_key(heading) for _, columns in chosen for heading in columns.headings.values()}
    for text in given:
        heading = text.rpartition("=")[0].strip()
        if column_key(heading) not in there:
            raise CannotRead(f"申报表里没有“{heading}”这一列；请照申报表的列名写。")


def _open(table: Source, columns: Columns) -> Iterable[str]:
    if columns.unknown:
        named = "”“".join(columns.headings[column] for column in columns.unknown)
        yield f"{table.label} 的列“{named}”不知道是哪一项"
    if columns.missing:
        yield f"{table.label} 里找不到“{'”“'.join(columns.missing)}”一列"


def _asked(table: Source, columns: Columns, memory: _Memory, ask: Ask) -> Columns:
    """The columns after a person was asked for those of no known meaning, then for the needed items still missing."""
    for column in columns.unknown:
        heading = columns.headings[column]
        if column_key(heading) not in memory.known:  # asked already, for an earlier table or column
            question = f"{table.label} 的“{heading}”一列{_example(table, columns, column)}是哪一项？"
            memory.answer(heading, _pick(ask, question, ITEMS, IGNORED))
    columns = columns_of(table.grid, memory.known) or columns
    for item in columns.missing:
        taken = {column for places in columns.items.values() for column in places}
        rest = {heading: column for column, heading in columns.headings.items() if column not in taken}
        shown = [f"{heading}{_example(table, columns, column)}" for heading, column in rest.items()]
        picked = _pick(ask, f"{table.label} 里找不到“{item}”，用下面哪一列？", shown, "都不是")
        if picked in shown:
            memory.answer(list(rest)[shown.index(picked)], item)
            columns = columns_of(table.grid, memory.known) or columns
    return columns


def _pick(ask: Ask, question: str, choices: Sequence[str], none: str) -> str:
    """What a person picks, by number or by name; asked again until it is one of them. Raises CannotRead at the end."""
    listed = "  ".join(f"{number} {choice}" for number, choice in enumerate((none, *choices)))
    by_word = {str(number): choice for number, choice in enumerate((none, *choices))}
    by_word |= {choice: choice for choice in (none, *choices)}
    while True:
        try:
            answer = ask(f"{question}\n  {listed}\n请输入编号或名称：").strip()
        except EOFError:
            raise CannotRead("没有得到回答，没有导入；可以改用 --columns 列名=项目。") from None
        if answer in by_word:
            return by_word[answer]


def _example(table: Source, columns: Columns, column: int) -> str:
    """What a column holds, for a person to recognise it."""
    cells = (row[column - 1] for row in table.grid.rows[columns.row :] if column <= len(row))
    texts = dict.fromkeys(shown(cell)[:EXAMPLE_LENGTH] for cell in cells if not is_blank(cell))
    return f"（如：{'；'.join(list(texts)[:EXAMPLES])}）" if texts else ""


def _choices() -> str:
    return "、".join((*ITEMS, IGNORED))
