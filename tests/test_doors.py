"""One house, many doors: ribbon, command line, closed file, open book, functions, rollup and desk say the same.

Each table lists doors; each test puts several workbooks through all of them. The open book is the engine in memory;
that a live LibreOffice gives the same is tested in test_live.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import openpyxl
import pytest
from doors import LOOKING, PERIODS, SCORING, WRITING, Desk, by_command, by_json, without_notes
from engines import memory
from notation import GALLERY, read
from secretary import clock, edit, heed_zone, rows_of, run

from xl_jifen import layout
from xl_jifen.doors import functions, ribbon
from xl_jifen.doors.cli import commands
from xl_jifen.excel.patch.value import Value
from xl_jifen.grid import Grids
from xl_jifen.publish.rollup.summary import PROBLEMS_SHEET
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter

MORNING = datetime(2026, 10, 20, 1, 30, tzinfo=UTC).timestamp()
"""Half past nine in China, when all that is made here is made."""

# ---- the workbooks ----


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each workbook: the example, an empty master, one archived and then changed, the gallery."""
    home = tmp_path_factory.mktemp("doors")
    example = quarter.example(home / "示例" / "党员积分.xlsx")
    quarter.new(home / "空白" / "党员积分.xlsx", branch="中共某局支部委员会", year=2026)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(typeset, "available", lambda: "本机没有排版组件。")
        (home / "归档后改动").mkdir()
        changed = Path(shutil.copy(example, home / "归档后改动"))
        for done in (
            run("publish", changed, "2026Q1", "--date", "2026-04-08", "--no-charts"),
            run("close", changed, "2026Q1", "--date", "2026-04-20"),
        ):
            assert done.code == 0, done
    edit(changed, {"3月!E5": 40, "党员名册!B9": "另一人"})
    for case in map(read, UNCLOSED):
        _save(case.grids, home / case.name / "党员积分.xlsx")
    return home


def _save(grids: Grids, path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append([str(cell) if isinstance(cell, tuple) else cell for cell in row])
    path.parent.mkdir()
    book.save(path)


WORKBOOKS = ("示例", "空白", "归档后改动")
UNCLOSED = sorted(path for path in GALLERY.glob("*.txt") if read(path).closed is None)
EVERY_WORKBOOK = (*WORKBOOKS, *(path.stem for path in UNCLOSED))


@pytest.fixture
def desk(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Desk]]:
    """Copies of the workbooks, on a machine whose clock stands still and which makes no PDF."""
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    clock(monkeypatch, MORNING, "Asia/Shanghai", commands, ribbon)
    api = memory.Book.api.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(memory.Book, "api", property(lambda book: SimpleNamespace(**vars(api(book)), Saved=True)))
    number = 0

    def copy(name: str) -> Desk:
        nonlocal number
        number += 1
        return Desk(Path(shutil.copytree(shelf / name, tmp_path / str(number) / name)) / "党员积分.xlsx", monkeypatch)

    yield copy
    monkeypatch.undo()
    heed_zone()


# ---- findings ----


@pytest.mark.slow
@pytest.mark.parametrize("workbook", EVERY_WORKBOOK)
def test_every_door_finds_the_same(desk: Callable[[str], Desk], workbook: str) -> None:
    doors = LOOKING if workbook not in WORKBOOKS else {**LOOKING, **WRITING}
    expected = by_json("check")(desk(workbook))
    assert expected or workbook == "空白"
    for name, door in doors.items():
        wanted, found = door.of(expected), door.told(desk(workbook))
        assert found == wanted if door.in_order else sorted(found) == sorted(wanted), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_the_list_of_a_rollup_is_that_of_each_file(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    expected = []
    for number, workbook in enumerate(("示例", "W702", "空白")):
        at = desk(workbook)
        name = shutil.copy(at.book, tmp_path / f"{number}.xlsx")
        expected += [(Path(name).name, *told) for told in without_notes(by_json("check")(at))]
    done = run("rollup", *tmp_path.glob("*.xlsx"), "--out", tmp_path / "汇总.xlsx", "--workers", 1)
    assert done.code == 1, done
    listed = [*openpyxl.load_workbook(tmp_path / "汇总.xlsx")[PROBLEMS_SHEET].iter_rows(values_only=True)]
    top = next(number for number, row in enumerate(listed) if "代码" in row)
    head, *rows = listed[top:]
    columns = [head.index(name) for name in ("文件", "级别", "代码", "位置", "问题", "怎么改")]
    assert sorted(tuple(row[column] for column in columns) for row in rows if row[0]) == sorted(expected)


@pytest.mark.slow
def test_the_function_says_of_a_month_what_the_column_of_hints_says(desk: Callable[[str], Desk]) -> None:
    """Of errors: what else a row is told depends on other rows, groups and months, which JF_CHECK does not see."""
    at = desk("示例")
    run("recalc", at.book)
    rules, roster = rows_of(at.book, layout.RULES.name), rows_of(at.book, layout.ROSTER.name)
    compared = 0
    for month in layout.MONTHS:
        rows = rows_of(at.book, month.name)
        hint = rows[2].index(layout.HINT)
        for row, (told,) in zip(rows[3:], functions.JF_CHECK(rows, rules, roster, month.name)[3:], strict=True):
            written = str(row[hint]) if len(row) > hint else ""
            if written.startswith("错误"):
                assert told == written
                compared += 1
    assert compared > 5


# ---- scores ----


@pytest.mark.slow
@pytest.mark.parametrize("workbook", ["示例", "归档后改动"])
def test_every_door_scores_the_same(desk: Callable[[str], Desk], workbook: str) -> None:
    at = desk(workbook)
    expected = by_command(at)
    assert tuple(expected) == PERIODS
    assert all(len(scores) > 30 for scores in expected.values())
    for name, door in SCORING.items():
        assert door(at) == expected, name


# ---- what is made ----


class Verb(NamedTuple):
    """One thing to do, by its command and by its button; the workbook with the other rules is ``other``."""

    command: Callable[[Path, Path], tuple[object, ...]]
    button: Callable[[], None]
    before: tuple[tuple[str, ...], ...] = ()


PUBLISHED = ("publish", "2026Q1", "--date", "2026-04-08", "--no-charts")
CLOSED = ("close", "2026Q1", "--date", "2026-04-20")
VERBS: Mapping[str, Verb] = {
    "公示": Verb(lambda book, other: ("publish", book, "2026Q3"), lambda: ribbon.publish(3)),
    "归档": Verb(lambda book, other: ("close", book, "2026Q1"), lambda: ribbon.close(1), (PUBLISHED,)),
    "核验": Verb(lambda book, other: ("verify", book), ribbon.verify, (PUBLISHED, CLOSED)),
    "个人明细": Verb(lambda book, other: ("statement", book), ribbon.statement),
    "组织生活会": Verb(lambda book, other: ("meeting", book), ribbon.meeting),
    "民主评议": Verb(lambda book, other: ("appraise", book), ribbon.appraise),
    "比较规则": Verb(
        lambda book, other: ("compare", book, "--rules", other, "--out", book.with_name("规则比较 另一套.xlsx")),
        ribbon.compare,
    ),
    "新建下一年": Verb(lambda book, other: ("next-year", book, book.with_name("党员积分2027.xlsm")), ribbon.next_year),
}


OPINIONS: Mapping[str, Value] = {
    "测评记录!A4": "周启航",
    "测评记录!B4": 20,
    "测评记录!C4": 4,
    "测评记录!G4": "党员互评",
}
"""Counted ballots, on a sheet that is hidden until a branch needs it."""


def files(desk: Desk) -> dict[str, bytes]:
    """Everything that lies in the workbook's folder, by its place there."""
    home = desk.book.parent
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_command_and_its_button_make_the_same_files_and_say_the_same(
    desk: Callable[[str], Desk], tmp_path: Path, verb: str
) -> None:
    other = Path(shutil.copy(desk("示例").book, tmp_path / "另一套.xlsx"))
    number = next(n for n, row in enumerate(rows_of(other, layout.RULES.name), 1) if row and row[0] == "加3-2")
    edit(other, {f"{layout.RULES.name}!G{number}": 2})
    typed, pressed = desk("示例"), desk("示例")
    for at in (typed, pressed):
        edit(at.book, OPINIONS)
        for name, *options in VERBS[verb].before:
            assert run(name, at.book, *options).code == 0
    done = run(*VERBS[verb].command(typed.book, other))
    assert done.code in (0, 1), done
    words, _ = pressed.press(VERBS[verb].button, other)

    made, same = files(typed), files(pressed)
    assert list(made) == list(same)
    assert [name for name in made if made[name] != same[name]] == []
    assert len(made) > 1 or verb == "核验"
    if verb == "民主评议":
        table = next(at for at in typed.book.parent.rglob("*参考表.xlsx"))
        assert "优秀20（83.3%）" in str([*openpyxl.load_workbook(table).active.values])  # type: ignore[union-attr]
    head, *notes = [line for line in done.out.splitlines() if line and str(typed.book.parent) not in line]
    if verb == "比较规则":  # a box has room for those who move most only
        assert head.removesuffix("：") in words
        return
    assert [note for note in (head, *notes) if note not in words and note != "已生成："] == []


@pytest.mark.slow
def test_recalc_and_its_button_write_the_same_marks(desk: Callable[[str], Desk]) -> None:
    """Cell by cell, owned sheets too: test_live. Here: after a change to an archived quarter."""
    typed, pressed = desk("归档后改动"), desk("归档后改动")
    assert run("recalc", typed.book).code == 1
    _, host = pressed.press(ribbon.recalculate)
    month = {place: cell for place, cell in host.cells("3月").items() if place[0] > 3}
    closed = {
        (row, column): cell
        for row, cells in enumerate(rows_of(typed.book, "3月"), 1)
        for column, cell in enumerate(cells, 1)
        if cell is not None and row > 3
    }
    assert month == closed
    assert any("归档" in str(cell) for cell in month.values())


# ---- what is refused ----


class Refusal(NamedTuple):
    """Something that cannot be done: in which workbook, changed how, by which command and button."""

    workbook: str
    command: tuple[object, ...]
    button: Callable[[], None]
    cells: Mapping[str, Value] = {}


NO_CYCLE: Mapping[str, Value] = {"设置!B6": None}
NO_RULES = "没有规则的工作簿.xlsx"
REFUSALS: Mapping[str, Refusal] = {
    "公示：有错误": Refusal("示例", ("publish", "2026Q4"), lambda: ribbon.publish(4)),
    "公示：没有计分周期": Refusal("示例", ("publish", "2026Q3"), lambda: ribbon.publish(3), NO_CYCLE),
    "归档：有错误": Refusal("示例", ("close", "2026Q4"), lambda: ribbon.close(4)),
    "归档：归档的内容改动过": Refusal("归档后改动", ("close", "2026Q2"), lambda: ribbon.close(2)),
    "归档：没有公示": Refusal("示例", ("close", "2026Q1"), lambda: ribbon.close(1)),
    "归档：已经归档": Refusal("归档后改动", ("close", "2026Q1"), lambda: ribbon.close(1)),
    "明细：没有计分周期": Refusal("示例", ("statement",), ribbon.statement, NO_CYCLE),
    "明细：没有党员": Refusal("空白", ("statement",), ribbon.statement),
    "对照清单：没有计分周期": Refusal("示例", ("meeting",), ribbon.meeting, NO_CYCLE),
    "参考表：没有计分周期": Refusal("示例", ("appraise",), ribbon.appraise, NO_CYCLE),
    "比较：没有计分周期": Refusal("示例", ("compare", "--rules", NO_RULES), ribbon.compare, NO_CYCLE),
    "比较：没有规则表": Refusal("示例", ("compare", "--rules", NO_RULES), ribbon.compare),
    "下一年：没有计分周期": Refusal("示例", ("next-year", "党员积分2027.xlsm"), ribbon.next_year, NO_CYCLE),
}


@pytest.mark.slow
@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_a_command_refuses_its_button_refuses_for_the_same_reason(
    desk: Callable[[str], Desk], tmp_path: Path, refusal: str
) -> None:
    workbook, (name, *options), button, cells = REFUSALS[refusal]
    without_rules = tmp_path / NO_RULES
    openpyxl.Workbook().save(without_rules)
    typed, pressed = desk(workbook), desk(workbook)
    if cells:
        edit(typed.book, cells)
        edit(pressed.book, cells)
    before = files(typed)
    places = {NO_RULES: without_rules, "党员积分2027.xlsm": typed.book.with_name("党员积分2027.xlsm")}
    done = run(name, typed.book, *(places.get(str(option), option) for option in options))
    words, _ = pressed.press(button, without_rules)
    assert done.code != 0, done
    assert files(typed) == files(pressed) == before
    if done.code == 2:
        named = done.err.strip()  # a told command carries the workbook's name, on a button the word
        for name in (f"'{typed.book}'", f'"{typed.book}"', str(typed.book)):
            named = named.replace(f" {name} ", " 工作簿 ")
        assert words == named
        return
    errors = [line for line in done.out.splitlines() if line.startswith("错误 ")]
    first, remedy = done.out[done.out.index("错误 ") :].splitlines()[:2]
    _, place, message = first.split("  ", 2)
    assert f"有 {len(errors)} 个错误" in words
    assert f"第一个：{place} {message}。{remedy.removeprefix('    怎么改：')}。" in words
