"""The open book and the ribbon's buttons: the same tests on an engine in memory and on a live LibreOffice.

One module, however long: all of it runs on both engines, which are opened once.
"""

from __future__ import annotations

import ast
import atexit
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import libreoffice
import needs
import openpyxl
import pytest
import xlwings as xw
from books import WORKBOOK, change
from engines import calc, com, memory
from openpyxl.worksheet.worksheet import Worksheet
from owned_branch import grids, user_workbook
from secretary import edit, rows_of

from xl_jifen import layout
from xl_jifen.disk import save
from xl_jifen.disk.folders import BACKUPS
from xl_jifen.doors import press, ribbon
from xl_jifen.excel.live import open_book as live
from xl_jifen.excel.live import painted, program, ranges
from xl_jifen.excel.live.comvalue import cell_of
from xl_jifen.excel.read.file import read_file
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import CellError, Grids, Range
from xl_jifen.period import Period
from xl_jifen.publish.sheet import HEAD, HEADING, LINKED, Look, Sheet, SheetRow
from xl_jifen.register import points_text
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs import yearend
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish

NOW = datetime(2026, 11, 20, 9, 30)
COMPUTED = (3, 1)
"""The cell of 看板 that tells the time."""
SYSTEM_PYTHON = "/usr/bin/python3"
MOST_CALLS = {"recalculate": 1_500, "check": 300}
"""Calls over COM of a first press, whatever the length of the workbook."""


class Host(NamedTuple):
    """A program with one open book."""

    engine: memory.Engine
    book: xw.Book
    path: Path

    @property
    def said(self) -> list[tuple[str, str, str]]:
        return self.book.app.impl.alerts

    def forget_changes(self) -> None:
        """As if it had just been saved: what comes next is backed up by a copy of the file, not by writing one."""
        if isinstance(self.engine, calc.Engine):
            self.book.impl.document.setModified(False)

    def cells(self, sheet: str) -> dict[tuple[int, int], Any]:
        """What a sheet shows, by place; a link of the engine that does not calculate shows its text."""
        end = self.book.sheets[sheet].used_range.last_cell
        area = self.book.sheets[sheet].range((1, 1), (end.row, end.column))
        raw, formulas = area.raw_value, None if isinstance(self.engine, calc.Engine) else area.impl.formula
        shown = {}
        for row, line in enumerate(raw, 1):
            for column, value in enumerate(line, 1):
                formula = formulas[row - 1][column - 1] if formulas else ""
                cell = formula if isinstance(formula, str) and formula.startswith("=") else cell_of(value)
                if cell is not None:
                    shown[row, column] = cell
        return shown


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch, never written back."""
    return verbs.example(tmp_path_factory.mktemp("demo") / "党员积分示例.xlsx")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine members and what they did in nine months without a mistake, never written back: soon opened and drawn."""
    path = tmp_path_factory.mktemp("small") / "党员积分示例.xlsx"
    path.write_bytes(user_workbook(grids(3, members=9, entries=24)))
    return path


@pytest.fixture(scope="session")
def recalculated(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same file after ``recalc``."""
    path = tmp_path_factory.mktemp("closed") / demo.name
    shutil.copy(demo, path)
    verbs.recalculate(verbs.open_workbook(path), NOW)
    return path


@pytest.fixture(scope="module")
def office() -> calc.Office:
    if running := libreoffice.office():
        return running
    if shutil.which("soffice") and _system_python_has_uno():
        pytest.skip("runs under the system's Python, see test_calc_under_the_system_python")
    return needs.missing("LibreOffice with python3-uno")


def _system_python_has_uno() -> bool:
    if sys.executable == SYSTEM_PYTHON or not Path(SYSTEM_PYTHON).exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True).returncode == 0


@pytest.mark.office
@pytest.mark.skipif(calc.has_uno() or not _system_python_has_uno(), reason="UNO loads here, or nowhere")
def test_calc_under_the_system_python() -> None:
    """The module uno is built for the system's Python only: there the tests on LibreOffice run a second time."""
    packages = os.pathsep.join(path for path in sys.path if path)
    command = [SYSTEM_PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-k", "calc and not system", __file__]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": packages}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@contextmanager
def opened(engine: memory.Engine, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """The example branch, open, and a button about to be pressed in it."""
    memory.install(engine)
    monkeypatch.setenv("XL_JIFEN_TRACEBACK", "1")
    monkeypatch.setattr(program, "PAUSE", 0)
    app = xw.App(visible=False, add_book=False)
    book = app.books.open(str(path))
    book.set_mock_caller()
    yield Host(engine, book, path)
    app.quit()
    memory.remove()


EITHER = ["memory", pytest.param("calc", marks=pytest.mark.office)]


def program_of(request: pytest.FixtureRequest) -> memory.Engine:
    """The program a fixture's parameter names."""
    return calc.Engine(request.getfixturevalue("office")) if request.param == "calc" else memory.Engine()


@pytest.fixture(params=EITHER)
def host(
    request: pytest.FixtureRequest, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Host]:
    """Either program, with the small branch open."""
    with opened(program_of(request), Path(shutil.copy(small, tmp_path)), monkeypatch) as running:
        yield running


class Left(NamedTuple):
    """What a button left in the book."""

    grids: Grids
    shown: dict[str, dict[tuple[int, int], Any]]
    sheets: list[str]
    active: str
    said: int

    @classmethod
    def by(cls, host: Host, owned: Sequence[str] = layout.OWNED_SHEETS, *, read: bool = True) -> Left:
        shown = {name: host.cells(name) for name in owned}
        names, active = [sheet.name for sheet in host.book.sheets], host.book.sheets.active.name
        return cls(live.read(host.book) if read else Grids(()), shown, names, active, len(host.said))


class Walk(NamedTuple):
    """What the buttons left in the example branch, pressed one after the other in one open book."""

    engine: memory.Engine
    unpressed: Left
    guide: Left
    check: Left
    recalculate: Left
    again: Left


@pytest.fixture(scope="module", params=EITHER)
def walk(request: pytest.FixtureRequest, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Either program: opening the example takes it as long as a press."""
    path = Path(shutil.copy(demo, tmp_path_factory.mktemp("walk")))
    with pytest.MonkeyPatch.context() as patch, opened(program_of(request), path, patch) as host:
        patch.setattr(ribbon, "datetime", SimpleNamespace(now=lambda: NOW))  # as for ``recalculated``
        left = [Left.by(host, ())]
        ribbon.guide()
        left.append(Left.by(host, (), read=False))
        ribbon.check()
        left.append(Left.by(host, (layout.FINDINGS_SHEET, layout.LEDGER_SHEET)))
        host.forget_changes()
        ribbon.recalculate()
        left.append(Left.by(host))
        host.forget_changes()
        ribbon.recalculate()
        left.append(Left.by(host, layout.OWNED_SHEETS[:3], read=False))
        return Walk(host.engine, *left)


@pytest.fixture
def copied(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(demo, tmp_path))


@pytest.fixture
def memory_host(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """For what only the log of calls can tell, and what only a program that fails on demand can show."""
    monkeypatch.setattr(ribbon, "datetime", SimpleNamespace(now=lambda: NOW))  # as for ``recalculated``
    with opened(memory.Engine(), copied, monkeypatch) as running:
        yield running


counted_from_1904 = change(WORKBOOK, lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" ', 1))


@functools.lru_cache(maxsize=2)
def loaded(path: Path, formulas: bool) -> openpyxl.Workbook:
    """A workbook of which each sheet is read when it is asked for."""
    return openpyxl.load_workbook(path, data_only=not formulas, read_only=True)


def stored(path: Path, sheet: str, *, formulas: bool = False) -> dict[tuple[int, int], Any]:
    """The cells of a sheet that hold something, by place."""
    return {
        (cell.row, cell.column): cell
        for row in loaded(path, formulas)[sheet].iter_rows()
        for cell in row
        if cell.value is not None
    }


def closed(path: Path, sheet: str, *, formulas: bool = False) -> dict[tuple[int, int], Any]:
    """What a sheet of a closed file shows, by place."""
    shown = {
        place: cell_of(float(cell.value) if type(cell.value) is int else cell.value)
        for place, cell in stored(path, sheet, formulas=formulas).items()
    }
    return {place: value for place, value in shown.items() if value is not None}


def owned_columns(grids: Grids) -> dict[str, dict[tuple[int, int], Any]]:
    """The cells right of ‖, by sheet."""
    found: dict[str, dict[tuple[int, int], Any]] = {}
    for sheet in layout.SHEETS:
        grid = grids.get(sheet.name)
        names = [column.name for column in sheet.columns if column.owned]
        if not names:
            continue
        assert grid
        columns = [number for number, cell in enumerate(grid.rows[2], 1) if cell in names]
        found[sheet.name] = {
            (row, column): grid.at(row, column) for row in range(1, len(grid.rows) + 1) for column in columns
        }
    return found


# -- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_open_book_reads_like_the_closed_file(walk: Walk, demo: Path) -> None:
    read, stored = walk.unpressed.grids, read_file(demo)
    assert [grid.name for grid in read] == [grid.name for grid in stored]
    for grid, expected in zip(read, stored, strict=True):
        assert [list(row) for row in grid.rows] == [list(row) for row in expected.rows], grid.name


@pytest.mark.slow
def test_a_sheet_is_read_by_one_call_and_one_more_to_tell_dates(memory_host: Host) -> None:
    live.read(memory_host.book)
    reads = Counter(call[1] for call in memory_host.engine.calls if call[0] == "read")
    stored = {sheet.name for sheet in layout.SHEETS} & {sheet.name for sheet in memory_host.book.sheets}
    assert set(reads) == stored
    assert set(reads.values()) <= {1, 2}


@pytest.mark.parametrize(("number", "cell"), [(60.0, 60), (61.0, date(1900, 3, 1))])
def test_the_first_number_that_is_a_day_is_that_of_a_file(number: float, cell: Any) -> None:
    """Between Excel and COM no day before has the same number."""
    cells = SimpleNamespace(Value2=number, Value=datetime(1899, 12, 30) + timedelta(days=number))
    assert ranges.values_of(None, Range(1, 1, 1, 1), cells, timed=False) == [[cell]]


def month_of_its_own() -> tuple[openpyxl.Workbook, Worksheet]:
    """A workbook of one sheet, a month with something in each cell."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    month = book.create_sheet("3月")
    for row in range(1, 13):
        month.append([f"第{row}行" for _ in range(9)])
    return book, month


TIMES = (
    ("E4", 1 / 6, "h:mm"),
    ("E5", 1.5, "[h]:mm"),
    ("E6", 1.0, "[h]:mm:ss"),
    ("E7", 0.0, "hh:mm:ss"),
    ("E8", 40.0, "yyyy-mm-dd"),
    ("E9", 46100.5, "yyyy-mm-dd hh:mm"),
    ("E10", 2.5, "0.0"),
    ("F11", 3.0, "General"),
    ("E12", 40.5, "yyyy-mm-dd hh:mm"),
)
"""Of 3月. Excel hands a time of day over as a bare number, by Value and Value2 alike (xlwings issue 86)."""


@pytest.mark.slow
def test_times_and_hours_are_no_quantities(host: Host, tmp_path: Path) -> None:
    """``4:00`` in 数量 is no sixth of one: the open book tells it as the file does."""
    book, month = month_of_its_own()
    for place, value, code in TIMES:
        cell = host.book.sheets["3月"].range(place)
        cell.number_format = code
        cell.value = value
        month[place] = value
        month[place].number_format = code
    book.save(tmp_path / "关闭的.xlsx")
    open_one, closed_one = live.read(host.book).get("3月"), read_file(tmp_path / "关闭的.xlsx").get("3月")
    assert open_one
    assert closed_one
    for place, *_ in TIMES:
        row, column = int(place[1:]), ord(place[0]) - 64
        assert open_one.at(row, column) == closed_one.at(row, column), place


@pytest.mark.slow
@pytest.mark.office
def test_a_picture_in_a_cell_is_evidence_in_the_open_book_too(
    office: calc.Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WPS keeps it as a formula, which other programs answer with #NAME?."""
    path = tmp_path / "图片.xlsx"
    book, month = month_of_its_own()
    month["H4"] = '=_xlfn.DISPIMG("ID_1",1)'
    month["H5"] = "=1/0"
    book.save(path)
    with opened(calc.Engine(office), path, monkeypatch) as host:
        found, stored = live.read(host.book).get("3月"), read_file(path).get("3月")
    assert found
    assert stored
    assert found.at(4, 8) == stored.at(4, 8) == "（图片）"
    assert found.at(5, 8) == CellError("#DIV/0!")


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("$A$1:$O$203", Range(1, 1, 203, 15)),
        ("$B$2", Range(2, 2, 2, 2)),
        ("$A:$O", Range(1, 1, 1_048_576, 15)),
        ("$1:$20", Range(1, 1, 20, 16_384)),
    ],
)
def test_what_is_in_use_as_excel_spells_it(address: str, area: Range) -> None:
    """Of a sheet with something in its last row Excel names the columns alone."""
    assert ranges.used_of(SimpleNamespace(UsedRange=SimpleNamespace(Address=address)))[1] == area


@pytest.mark.slow
@pytest.mark.parametrize("engine", EITHER)
def test_merged_cells_are_told_as_in_the_file(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank 数量 below the merged one is no 1: a reader sees the figure above in it."""
    path = tmp_path / "合并.xlsx"
    book, month = month_of_its_own()
    for merged in ("B4:B5", "E4:E6", "G7:H8", "A1:C1"):
        month.merge_cells(merged)
    book.save(path)
    running = calc.Engine(request.getfixturevalue("office")) if engine == "calc" else memory.Engine()
    with opened(running, path, monkeypatch) as host:
        found, stored = live.read(host.book).get("3月"), read_file(path).get("3月")
    assert found
    assert stored
    assert [*map(str, sorted(found.merged))] == ["A1:C1", "B4:B5", "E4:E6", "G7:H8"]
    assert sorted(found.merged) == sorted(stored.merged)


@pytest.mark.slow
def test_currency_keeps_its_digits(memory_host: Host) -> None:
    cell = memory_host.book.sheets["3月"].range("E4")
    cell.value = 123456789.123456
    cell.number_format = "￥#,##0"
    grid = live.read(memory_host.book).get("3月")
    assert grid
    assert grid.at(4, 5) == 123456789.123456


@pytest.mark.slow
def test_unsaved_cells_count_and_errors_are_no_blanks(host: Host) -> None:
    sheet = host.book.sheets["3月"]
    sheet.range("B4").value = "=1/0"
    sheet.range("C4").number_format = "@"
    sheet.range("C4").value = "007"
    grid = live.read(host.book).get("3月")
    assert grid
    assert grid.at(4, 3) == "007"
    if isinstance(host.engine, calc.Engine):
        assert grid.at(4, 2) == CellError("#DIV/0!")


@pytest.mark.slow
def test_a_sheet_of_many_cells_is_read_in_pieces(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = live.read(memory_host.book).sheets
    monkeypatch.setattr(live, "READ_CELLS", 100)
    assert live.read(memory_host.book).sheets == whole


@pytest.mark.slow
def test_a_sheet_scattered_too_far_is_refused(memory_host: Host) -> None:
    memory_host.book.sheets["3月"].range((1_048_576, 16_384)).value = 1
    with pytest.raises(CannotRead, match="3月"):
        live.read(memory_host.book)


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        (None, None),
        ("", None),
        (" 空格 ", " 空格 "),
        (3.0, 3),
        (2.5, 2.5),
        (1e15, 1e15),
        (Decimal("12.5"), 12.5),
        (True, True),
        (-2146826246, CellError("#N/A")),
        (-2146826281, CellError("#DIV/0!")),
        (-2146826243, CellError("#SPILL!")),
        (-2146826200, CellError("#2088")),
        (7, 7),
        (datetime(2026, 3, 5, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2026, 3, 5, 12, 30), datetime(2026, 3, 5, 12, 30)),
        (datetime(2026, 3, 5, 23, 59, 59, 999_900), date(2026, 3, 6)),
        (datetime(1899, 12, 30, 8, 15), time(8, 15)),
        (datetime(1899, 12, 31), date(1900, 1, 1)),
        (datetime(1900, 2, 27), date(1900, 2, 28)),
        (datetime(1900, 3, 1), date(1900, 3, 1)),
    ],
)
def test_values_of_com_become_cells(raw: Any, cell: Any) -> None:
    found = cell_of(raw)
    assert (found, type(found)) == (cell, type(cell))


# -- the buttons --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_recalculate_writes_what_recalc_writes(walk: Walk, recalculated: Path) -> None:
    assert owned_columns(walk.recalculate.grids) == owned_columns(read_file(recalculated))
    without_formulas = not isinstance(walk.engine, calc.Engine)
    for name in layout.OWNED_SHEETS:
        expected = closed(recalculated, name, formulas=without_formulas)
        found = {place: _said(cell) for place, cell in walk.recalculate.shown[name].items()}
        if name == layout.BOARD_SHEET:
            assert found.pop(COMPUTED).startswith("根据“党员积分示例.xlsx”于 ")
            del expected[COMPUTED]
        assert found == expected, name


@pytest.mark.slow
def test_nothing_else_is_written(walk: Walk, demo: Path) -> None:
    after, before = walk.recalculate.grids, read_file(demo)
    for grid in after:
        owned = owned_columns(after).get(grid.name, {})
        old = before.get(grid.name)
        assert old
        for row, cells in enumerate(grid.rows, 1):
            for column, cell in enumerate(cells, 1):
                assert (row, column) in owned or cell == old.at(row, column), (grid.name, row, column)


@pytest.mark.slow
def test_the_box_says_what_was_done_and_the_findings_are_shown(memory_host: Host) -> None:
    host = memory_host
    ribbon.recalculate()
    [(words, title, mode)] = host.said
    assert (title, mode) == ("党员积分", "info")
    register, findings, *_ = verbs.open_workbook(host.path).reckoning
    entries = sum(not entry.attendance for entry in register.entries)
    errors = [finding for finding in findings if finding.code[0] == "E"]
    assert f"错误 {len(errors)} 个" in words
    assert f"第一个错误：{errors[0].place} " in words
    assert f"登记 {entries} 笔，考勤 {len(register.activities)} 次；" in words
    assert "“看板”的图表要关闭文件后" in words
    assert host.book.sheets.active.name == layout.FINDINGS_SHEET
    head = host.book.sheets[layout.FINDINGS_SHEET].impl.slots[3, 1]
    assert (head.bold, head.font_color, head.color) == (True, "#ffffff", HEAD.lower())
    assert {call[1] for call in host.engine.calls if call[0] == "unlink"} == {*layout.OWNED_SHEETS}


@pytest.mark.slow
def test_the_second_time_gives_the_same(walk: Walk) -> None:
    assert [*walk.again.shown] == [*layout.OWNED_SHEETS[:3]]
    for name, shown in walk.again.shown.items():
        assert shown == walk.recalculate.shown[name], name
    assert len(walk.again.sheets) == len({*walk.again.sheets})


@pytest.mark.slow
def test_check_writes_the_findings_alone(walk: Walk, demo: Path, recalculated: Path) -> None:
    assert owned_columns(walk.check.grids) == owned_columns(read_file(demo))
    places = {_said(cell) for (_, column), cell in walk.check.shown[layout.FINDINGS_SHEET].items() if column == 3}
    assert places == {cell for (_, column), cell in closed(recalculated, layout.FINDINGS_SHEET).items() if column == 3}
    assert len(walk.check.shown[layout.LEDGER_SHEET]) == 2, "nothing but the promise of the master"
    assert walk.check.active == layout.FINDINGS_SHEET


def _said(cell: Any) -> Any:
    """What a cell shows; of a link its text."""
    return cell[:-2].rpartition('"')[2] if isinstance(cell, str) and cell.startswith("=HYPERLINK(") else cell


@pytest.mark.slow
def test_a_backup_is_made_of_the_book_as_it_is(host: Host) -> None:
    """As many are kept as of a closed file."""
    folder = host.path.parent / BACKUPS
    folder.mkdir()
    old = [folder / f"{host.path.stem}.20260101-{number:06}.xlsx" for number in range(save.BACKUPS_KEPT)]
    for file in old:
        file.touch()
    host.book.sheets["3月"].range("F4").value = "还没有存盘的事由"
    ribbon.check()
    [backup] = {*folder.iterdir()} - {*old}
    assert [file for file in old if not file.exists()] == old[:1]
    assert re.fullmatch(r"党员积分示例\.\d{8}-\d{6}\.xlsx", backup.name)
    if isinstance(host.engine, calc.Engine):
        grid = read_file(backup).get("3月")
        assert grid
        assert grid.at(4, 6) == "还没有存盘的事由"


@pytest.mark.slow
def test_a_backup_comes_first_or_nothing_is_written(memory_host: Host) -> None:
    memory_host.engine.failing = lambda call: call[0] == "copy"
    ribbon.recalculate()
    assert memory_host.said[-1][2] == "critical"
    assert "备份" in memory_host.said[-1][0]
    assert not {call[0] for call in memory_host.engine.calls} & {"write", "format", "clear", "add"}


@pytest.mark.slow
def test_publish_reads_the_open_book_and_writes_beside_it(host: Host) -> None:
    host.book.sheets["设置"].range("B2").value = "中共某局尚未存盘支部委员会"
    before = host.path.read_bytes()
    sheets = [sheet.name for sheet in host.book.sheets]
    ribbon.publish(3)
    folder = host.path.parent / "公示" / "2026年第三季度"
    assert "尚未存盘" in next(folder.glob("*.txt")).read_text("utf-8-sig")
    assert str(folder) in host.said[-1][0]
    assert host.path.read_bytes() == before
    assert [sheet.name for sheet in host.book.sheets] == sheets
    assert not {call[0] for call in host.engine.calls[-40:]} & {"clear", "add", "copy"}


def test_what_is_to_be_said_of_the_archives_is_said_of_a_publication_too(monkeypatch: pytest.MonkeyPatch) -> None:
    done = Done(("下一步：张贴。",), (Path("支部", "a.pdf"),))
    monkeypatch.setattr(ribbon.verbs.publish, "publish", lambda *_: done)
    read: Any = SimpleNamespace(notes=("程序的读法变了。",))
    words, _ = ribbon._published(read, lambda: Period.of_quarter(2026, 1))
    assert words.endswith("下一步：张贴。\n程序的读法变了。")


@pytest.mark.parametrize(("number", "named"), [(ribbon.MOST_NAMES, True), (ribbon.MOST_NAMES + 1, False)])
def test_a_box_names_the_files_it_has_room_for(number: int, named: bool) -> None:
    words = ribbon._made(tuple(Path("支部", f"{n}.pdf") for n in range(number)), ("一句话。",))
    names = f"：{'、'.join(f'{n}.pdf' for n in range(number))}" if named else ""
    assert words == f"已生成 {number} 个文件{names}\n位置：支部\n一句话。"


@pytest.mark.slow
def test_publish_refuses_while_errors_bear_on_the_quarter(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ribbon, "datetime", SimpleNamespace(now=lambda: datetime(2027, 1, 4, 9)))
    ribbon.publish(4)
    assert "还不能公示" in memory_host.said[-1][0]
    assert "10月!" in memory_host.said[-1][0]
    assert not (memory_host.path.parent / "公示").exists()


@pytest.mark.slow
def test_a_cycle_across_two_years_publishes_the_quarter_that_has_begun(memory_host: Host) -> None:
    settings = memory_host.book.sheets["设置"]
    rows = {row[0]: number for number, row in enumerate(settings.range("A1:B20").value, 1)}
    for name, day in (("计分周期开始 *", date(2026, 2, 1)), ("计分周期结束 *", date(2027, 1, 31))):
        settings.range((rows[name], 2)).value = day
    reckoning = verbs.reckon(live.read(memory_host.book))
    assert str(ribbon._quarter(reckoning, 1, date(2026, 5, 1))) == "2026Q1"
    assert str(ribbon._quarter(reckoning, 1, date(2027, 2, 1))) == "2027Q1"
    settings.range((rows["计分周期结束 *"], 2)).value = date(2026, 6, 30)
    reckoning = verbs.reckon(live.read(memory_host.book))
    with pytest.raises(CannotRead, match="计分周期"):
        ribbon._quarter(reckoning, 4, date(2026, 5, 1))


# -- the year -----------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What Workbook.Saved says, which neither program keeps for us."""
    state = [True]
    for kind in (memory.Book, calc.Book):
        api = kind.api.fget
        told = functools.partial(lambda api, book: SimpleNamespace(**vars(api(book)), Saved=state[0]), api)
        monkeypatch.setattr(kind, "api", property(told))
    return state


@pytest.mark.slow
def test_close_archives_the_saved_file(host: Host, saved: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    opened = verbs.open_workbook(host.path)
    quarter = verbs.quarter_of(opened.reckoning, "2026Q1")
    publish(opened, quarter, datetime(2026, 4, 8, 9), style=Style(charts=False))
    monkeypatch.setattr(ribbon, "datetime", SimpleNamespace(now=lambda: NOW))
    before = host.path.read_bytes()
    ribbon.close(1)
    archive = host.path.parent / "归档" / "2026Q1.json"
    assert hashlib.sha256(before).hexdigest() in archive.read_text("utf-8")
    words, _, mode = host.said[-1]
    assert mode == "info"
    assert words.startswith("2026年第一季度已归档。归档码：")
    assert str(archive.parent) in words
    assert "公示表上印的校验码：" in words
    assert host.path.read_bytes() == before
    ribbon.close(1)
    assert "已经归档" in host.said[-1][0]
    assert host.said[-1][2] == "critical"


@pytest.mark.slow
def test_close_refuses_a_book_with_unsaved_changes(memory_host: Host, saved: list[bool]) -> None:
    saved[0] = False
    ribbon.close(1)
    assert memory_host.said == [(ribbon.UNSAVED, "党员积分", "critical")]
    assert not (memory_host.path.parent / "归档").exists()


@pytest.mark.slow
def test_close_refuses_while_errors_bear_on_the_quarter(memory_host: Host, saved: list[bool]) -> None:
    ribbon.close(4)
    assert memory_host.said[-1][0].startswith("还不能归档：有 ")
    assert "10月!" in memory_host.said[-1][0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("button", "folder", "file"),
    [
        (ribbon.appraise, "民主评议", "民主评议党员参考表.xlsx"),
        (ribbon.meeting, "组织生活会", "支部概览.xlsx"),
    ],
)
def test_the_sheets_of_the_year_are_made_beside_the_open_book(
    host: Host, button: Callable[[], None], folder: str, file: str
) -> None:
    host.book.sheets["设置"].range("B2").value = "中共某局尚未存盘支部委员会"
    before = host.path.read_bytes()
    button()
    made = host.path.parent / folder / "2026年度"
    words, _, mode = host.said[-1]
    assert mode == "info"
    assert re.match(r"已生成 \d+ 个文件", words)
    assert f"位置：{made}" in words
    assert "尚未存盘" in "".join(str(c.value) for row in openpyxl.load_workbook(made / file).active for c in row)
    assert host.path.read_bytes() == before


@pytest.mark.slow
def test_statements_of_all_or_of_the_member_selected(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host = memory_host
    roster = host.book.sheets[layout.ROSTER.name]
    chosen = [roster.range("C9").impl]
    monkeypatch.setattr(memory.App, "selection", property(lambda self: chosen[0]), raising=False)
    roster.activate()
    ribbon.statement()
    made = host.path.parent / "个人明细" / "2026年度"
    code, name = roster.range("A9:B9").raw_value[0]
    assert {file.stem for file in made.iterdir()} == {f"{code} {name} 个人积分明细"}
    read = ribbon._read(host.book)
    members = [member.label for member in read.reckoning.register.members]
    assert ribbon._selected(host.book, read) in members
    for cells in (roster.range("A1").impl, roster.range("A4:A9").impl, None):
        chosen[0] = cells
        assert ribbon._selected(host.book, read) == ""
    host.book.sheets["3月"].activate()
    chosen[0] = host.book.sheets["3月"].range("A9").impl
    assert ribbon._selected(host.book, read) == ""


@pytest.mark.slow
def test_verify_says_whether_the_saved_file_agrees_with_its_archives(memory_host: Host, saved: list[bool]) -> None:
    host = memory_host
    opened = verbs.open_workbook(host.path)
    quarter = verbs.quarter_of(opened.reckoning, "2026Q1")
    publish(opened, quarter, datetime(2026, 4, 8, 9), style=Style(charts=False))
    ribbon.verify()
    assert host.said[-1] == (ribbon.NO_ARCHIVES, "党员积分", "critical")
    ribbon.close(1)
    ribbon.verify()
    words, _, mode = host.said[-1]
    assert mode == "info"
    assert words.startswith("核验完成：没有发现不一致。\n按“")
    assert "\n归档链条完整：2026年第一季度（" in words
    assert words.endswith(f"工作簿“{host.path.name}”与归档一致。")
    edit(host.path, {"3月!G4": "公示以后改了事由"})
    ribbon.verify()
    words = host.said[-1][0]
    assert words.startswith("核验完成：有不一致的地方")
    assert "1 处与归档不一致：\n  3月!G4  " in words
    assert "公示以后改了事由" in words


def test_verify_refuses_a_book_with_unsaved_changes(memory_host: Host, saved: list[bool]) -> None:
    saved[0] = False
    ribbon.verify()
    assert memory_host.said == [(ribbon.UNSAVED_TO_VERIFY, "党员积分", "critical")]


@pytest.mark.slow
def test_next_year_makes_a_workbook_beside_this_one_and_never_overwrites(memory_host: Host) -> None:
    host = memory_host
    host.book.sheets["设置"].range("B4").value = "中共某局尚未存盘支部委员会"
    before = host.path.read_bytes()
    ribbon.next_year()
    words, _, mode = host.said[-1]
    assert mode == "info"
    assert words.startswith(
        f"已新建：党员积分2027.xlsm\n位置：{host.path.parent}\n计分周期：2027-01-01 至 2027-12-31；"
    )
    made = host.path.parent / "党员积分2027.xlsm"
    register = verbs.open_workbook(made).reckoning.register
    assert register.settings.branch == "中共某局尚未存盘支部委员会"
    assert register.settings.cycle
    assert register.settings.cycle.start == date(2027, 1, 1)
    assert register.entries == ()
    assert all(member.first.own_base is None for member in register.members)
    assert host.path.read_bytes() == before
    first = made.read_bytes()
    ribbon.next_year()
    words, _, mode = host.said[-1]
    assert (mode, made.read_bytes()) == ("critical", first)
    assert "已经有“党员积分2027.xlsm”，没有覆盖" in words


class Dialog:
    """Stands in for Excel's dialog: what it was asked, and what the user chooses."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.chosen: str | bool = False

    def open(self, *asked: Any) -> str | bool:
        self.asked.append(asked)
        return self.chosen


@pytest.fixture
def dialog(monkeypatch: pytest.MonkeyPatch) -> Dialog:
    stub = Dialog()
    stand_in = SimpleNamespace(Ready=True, Name="Microsoft Excel", GetOpenFilename=stub.open)
    monkeypatch.setattr(memory.App, "api", property(lambda self: stand_in))
    return stub


@pytest.mark.slow
def test_compare_asks_for_the_other_workbook_and_names_who_moves_most(
    memory_host: Host, dialog: Dialog, tmp_path: Path
) -> None:
    host = memory_host
    folder = tmp_path / "别处"
    folder.mkdir()
    other = Path(shutil.copy(host.path, folder / "新规则.xlsx"))
    [row] = [number for number, row in enumerate(rows_of(other, "积分规则"), 1) if row and row[0] == "加3-2"]
    edit(other, {f"积分规则!A{row}": f"停用{row}"})
    dialog.chosen = str(other)
    before = host.path.read_bytes()
    ribbon.compare()
    assert dialog.asked == [(program.WORKBOOKS, 1, ribbon.OTHER_RULES)]
    words, _, mode = host.said[-1]
    assert mode == "info"
    lines = words.split("\n")
    compared = yearend.compare(verbs.open_workbook(host.path), other)
    moved = [move for move in compared.moves if move.moved]
    assert lines[0] == f"按“新规则.xlsx”的规则表重算，{len(compared.moves)} 名党员中 {len(moved)} 名有变化。"
    named = [line for line in lines if line.startswith("  ")]
    assert len(named) == min(len(moved), ribbon.MOST_MOVES) > 0
    most = max(abs(move.by) for move in moved)
    assert f"（-{points_text(most)}）" in named[0]
    assert f"按那张规则表有 {len(compared.errors)} 处不能计入，第一处：" in words
    made = host.path.parent / "规则比较 新规则.xlsx"
    assert lines[-2:] == [f"比较表：{made.name}", f"位置：{made.parent}"]
    assert openpyxl.load_workbook(made).sheetnames == ["人员变化", "规则影响", "不能计入"]
    assert host.path.read_bytes() == before


@pytest.mark.slow
def test_compare_with_the_same_rules_says_that_nobody_moves(memory_host: Host, dialog: Dialog) -> None:
    dialog.chosen = str(memory_host.path)
    ribbon.compare()
    words = memory_host.said[-1][0].split("\n")
    assert words[0] == f"按“{memory_host.path.name}”的规则表重算，积分、名次和建议等次都没有变化。"
    assert [line[:3] for line in words[1:]] == ["比较表", "位置："]


@pytest.mark.slow
def test_a_cancelled_compare_says_nothing(memory_host: Host, dialog: Dialog) -> None:
    before = sorted(memory_host.path.parent.iterdir())
    ribbon.compare()
    assert len(dialog.asked) == 1
    assert memory_host.said == []
    assert sorted(memory_host.path.parent.iterdir()) == before


@pytest.mark.slow
def test_compare_refuses_a_workbook_without_rules(memory_host: Host, dialog: Dialog, tmp_path: Path) -> None:
    path = tmp_path / "通讯录.xlsx"
    openpyxl.Workbook().save(path)
    dialog.chosen = str(path)
    ribbon.compare()
    assert "“通讯录.xlsx”里没有工作表“积分规则”" in memory_host.said[-1][0]
    assert memory_host.said[-1][2] == "critical"
    assert not list(memory_host.path.parent.glob("规则比较*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("button", "refusal"),
    [(ribbon.appraise, "还不能生成"), (ribbon.next_year, "还不能新建"), (ribbon.compare, "还不能比较")],
)
def test_without_a_cycle_there_is_no_year(
    memory_host: Host, dialog: Dialog, button: Callable[[], None], refusal: str
) -> None:
    settings = memory_host.book.sheets["设置"]
    rows = {row[0]: number for number, row in enumerate(settings.range("A1:B20").value, 1)}
    settings.range((rows["计分周期开始 *"], 2)).value = "明年"
    dialog.chosen = str(memory_host.path)
    button()
    assert memory_host.said[-1][0].startswith(f"{refusal}：有 ")
    assert "计分周期" in memory_host.said[-1][0]


@pytest.mark.slow
def test_the_guide_is_shown(walk: Walk) -> None:
    assert walk.guide.active == layout.GUIDE
    assert walk.guide.said == 0


# -- how it is written --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("button", MOST_CALLS)
def test_the_calls_do_not_grow_with_the_entries(memory_host: Host, button: str) -> None:
    com.calls.clear()
    getattr(ribbon, button)()
    first = com.calls.total()
    sheet = memory_host.book.sheets["3月"]
    rows = sheet.range("A4:M30").value
    for copies in range(1, 11):
        sheet.range((31 + 27 * copies, 1)).value = rows
    com.calls.clear()
    getattr(ribbon, button)()
    assert com.calls.total() <= first <= MOST_CALLS[button], com.calls


@pytest.mark.slow
def test_text_is_written_only_into_text_cells(
    memory_host: Host, recalculated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Afterwards each cell of owned sheets has the format that ``recalc`` leaves: codes are text, words General."""
    put = memory._put
    shown: list[str] = []

    def watched(slot: memory.Slot, value: Any) -> None:
        if isinstance(value, str) and not value.startswith("=HYPERLINK") and not value.startswith("=ROUND"):
            shown.append(slot.format if not value.startswith("=") else "@")
        put(slot, value)

    monkeypatch.setattr(memory, "_put", watched)
    memory_host.book.sheets["3月"].range("O4:O40").number_format = "General"
    month = memory_host.book.sheets["3月"].impl.slots
    before = {place: slot.format for place, slot in month.items()}
    ribbon.recalculate()
    assert set(shown) == {"@"}
    assert {place: slot.format for place, slot in month.items() if place in before} == before
    for name in layout.OWNED_SHEETS:
        slots, expected = memory_host.book.sheets[name].impl.slots, stored(recalculated, name, formulas=True)
        texts = {place: slot.format for place, slot in slots.items() if isinstance(slot.value, str)}
        assert texts == {place: expected[place].number_format for place in texts}, name


@pytest.mark.slow
def test_a_name_that_looks_like_a_number_or_a_formula_stays_text(host: Host) -> None:
    roster = host.book.sheets[layout.ROSTER.name]
    roster.range("A2:B3").number_format = "@"
    roster.range("A2:B3").value = [["001", "=1+1"], ["3-4", "110101199001011234"]]
    host.forget_changes()
    ribbon.recalculate()
    ledger = host.cells(layout.LEDGER_SHEET)
    assert [ledger[4, 2], ledger[4, 3], ledger[5, 2], ledger[5, 3]] == ["001", "=1+1", "3-4", "110101199001011234"]


@pytest.mark.slow
def test_a_refusal_midway_says_what_is_written_and_what_is_not(memory_host: Host, demo: Path) -> None:
    """Owned sheets come first, marks last; the sheet just added goes; the backup is named."""
    host = memory_host
    host.book.sheets[layout.LEDGER_SHEET].impl.delete()
    before = [sheet.name for sheet in host.book.sheets]
    written = host.book.impl._sheets

    def refuse(call: tuple[str, ...]) -> bool:
        if call[0] == "write" and call[1] == layout.LEDGER_SHEET:
            raise com.Refusal("磁盘已满。")
        return False

    host.engine.failing = refuse
    ribbon.recalculate()
    [(words, _, mode)] = host.said
    assert mode == "critical"
    assert words.startswith(
        "写“积分台账”时 Excel 没有照办：磁盘已满；已经写好的有：校验结果、计分明细；没有动的有：看板、"
    )
    [backup] = (host.path.parent / "备份").iterdir()
    assert f"写入以前的备份在“备份/{backup.name}”" in words
    assert owned_columns(live.read(host.book)) == owned_columns(read_file(demo))
    assert [sheet.name for sheet in written] == before


@pytest.mark.slow
def test_new_results_stand_behind_the_guide_and_hidden_sheets_are_left_alone(memory_host: Host) -> None:
    """Excel refuses to move or activate a very hidden sheet: the last one of a macro workbook is."""
    host = memory_host
    for name in layout.OWNED_SHEETS:
        if name in [sheet.name for sheet in host.book.sheets]:
            host.book.sheets[name].impl.delete()
    host.book.impl._sheets[-1].shown_as = com.VERY_HIDDEN
    ribbon.recalculate()
    assert host.said[-1][2] == "info"
    assert [sheet.name for sheet in host.book.sheets][:5] == [layout.GUIDE, *layout.OWNED_SHEETS]
    host.book.sheets[layout.FINDINGS_SHEET].impl.shown_as = com.HIDDEN
    ribbon.check()
    assert host.said[-1][2] == "info"


@pytest.mark.slow
def test_settings_are_restored_whatever_happens(memory_host: Host) -> None:
    app = memory_host.book.app
    app.calculation, app.screen_updating = "semiautomatic", False
    before = dict(app.impl.settings)
    memory_host.engine.failing = lambda call: call == ("clear", layout.LINES_SHEET)
    with pytest.raises(RuntimeError):
        ribbon.recalculate()
    assert app.impl.settings == before


@pytest.mark.slow
def test_a_book_that_calculates_by_hand_is_calculated_once(memory_host: Host) -> None:
    memory_host.book.app.calculation = "manual"
    board = memory_host.book.sheets[layout.BOARD_SHEET].impl
    board.chart_count = 4
    ribbon.recalculate()
    assert ("calculate",) in memory_host.engine.calls
    assert memory_host.book.app.calculation == "manual"
    assert board.widths == {}, "charts are tied to the cells below them"
    assert "图表" not in memory_host.said[-1][0]


def test_classes_that_are_bad_are_not_waited_for() -> None:
    """xlwings takes them for a busy Excel."""
    asked, busy = list[object](), type("ExcelBusyError", (Exception,), {})

    def refuse(app: object) -> None:
        asked.append(app)
        raise busy

    app = SimpleNamespace(api=type("Api", (), {"Ready": property(refuse)})())
    with pytest.raises(busy):
        program.wait_until_ready(SimpleNamespace(app=app))  # type: ignore[arg-type]
    assert len(asked) == 1


@pytest.mark.slow
def test_an_edited_cell_is_waited_for(memory_host: Host) -> None:
    memory_host.engine.busy = program.ATTEMPTS - 1
    ribbon.check()
    assert memory_host.said[-1][2] == "info"


@pytest.mark.slow
def test_an_edited_cell_is_not_waited_for_forever(memory_host: Host) -> None:
    memory_host.engine.busy = 10_000
    ribbon.check()
    assert "Enter 或 Esc" in memory_host.said[-1][0]
    assert memory_host.said[-1][2] == "critical"


@pytest.mark.slow
def test_a_protected_sheet_is_named_before_anything_is_written(host: Host) -> None:
    ribbon.check()
    sheet = host.book.sheets[layout.FINDINGS_SHEET].impl
    if isinstance(host.engine, calc.Engine):
        sheet.page.protect("")
    else:
        sheet.protected = True
    host.engine.calls.clear()
    ribbon.recalculate()
    assert layout.FINDINGS_SHEET in host.said[-1][0]
    assert host.said[-1][2] == "critical"
    assert not {call[0] for call in host.engine.calls} & {"write", "clear", "copy"}


@pytest.mark.slow
def test_under_a_filter_single_cells_are_written(memory_host: Host, recalculated: Path) -> None:
    lines = memory_host.book.sheets[layout.LINES_SHEET].impl
    memory_host.book.sheets["3月"].impl.filtered = lines.filtered = True
    ribbon.recalculate()
    assert not lines.filtered
    writes = [call for call in memory_host.engine.calls if call[:2] == ("write", "3月")]
    assert len(writes) > 5
    assert all(":" not in call[2] for call in writes)
    assert owned_columns(live.read(memory_host.book)) == owned_columns(read_file(recalculated))


@pytest.mark.slow
def test_a_number_in_a_text_column_is_written_again_as_a_number(memory_host: Host, recalculated: Path) -> None:
    host = memory_host
    host.book.sheets["3月"].range("N4:N40").number_format = "@"
    ribbon.recalculate()
    assert owned_columns(live.read(host.book)) == owned_columns(read_file(recalculated))


@pytest.mark.slow
def test_an_unsaved_book_is_to_be_saved_first(memory_host: Host) -> None:
    memory_host.path.unlink()
    ribbon.recalculate()
    assert memory_host.said == [(program.UNSAVED, "党员积分", "critical")]


@pytest.mark.slow
def test_the_books_folder_leaves_the_search_path(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(memory_host.path.parent)
    monkeypatch.setattr(sys, "path", [folder, "", *sys.path])
    ribbon.guide()
    ribbon.check()
    assert folder not in sys.path
    assert "" not in sys.path


@pytest.mark.slow
def test_a_surprise_is_a_message_box(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XL_JIFEN_TRACEBACK")
    memory_host.engine.failing = lambda call: call[0] == "unlink" or call[0] == "add"
    ribbon.check()
    assert "没有料到的问题" in memory_host.said[-1][0]


@pytest.mark.slow
def test_long_texts_are_written_by_themselves(memory_host: Host) -> None:
    sheet = memory_host.book.sheets["3月"]
    marks = {(4, 20): "短", (5, 20): "长" * 9_000, (6, 20): "短", (7, 20): None}
    live._write_runs(sheet.api, marks)
    writes = [call[2] for call in memory_host.engine.calls if call[0] == "write"]
    assert writes == ["$T$4", "$T$5", "$T$6:$T$7"]


# -- without Excel ------------------------------------------------------------------------------------------------


WITHOUT_EXCEL = """
import contextlib, io, sys
from xl_jifen.hosts import ribbon
for button in sys.argv[1:]:
    name, _, asked = button.rstrip(")").partition("(")
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            getattr(ribbon, name)(*map(int, filter(None, [asked])))
        except SystemExit as ended:
            code = ended.code
    print([button, code, out.getvalue(), err.getvalue()])
"""
BUTTONS = (
    *("check()", "recalculate()", "publish(3)", "close(3)", "verify()", "appraise()", "meeting()", "statement()"),
    *("compare()", "next_year()", "guide()"),
)


@pytest.mark.slow
def test_without_excel_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    """Each button, in one process; it would end with the code."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", WITHOUT_EXCEL, *BUTTONS]
    run = subprocess.run(command, capture_output=True, env=env, cwd=tmp_path, encoding="utf-8")
    assert run.stderr == ""
    assert [*map(ast.literal_eval, run.stdout.splitlines())] == [
        [button, 2, "", program.NO_EXCEL + "\n"] for button in BUTTONS
    ]


@pytest.mark.slow
def test_without_excel_a_button_ends_its_process(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    code = "from xl_jifen.hosts import ribbon; ribbon.publish(3)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, cwd=tmp_path, encoding="utf-8")
    assert (run.returncode, run.stdout, run.stderr) == (2, "", program.NO_EXCEL + "\n")


@pytest.mark.slow
def test_wps_is_attached_to_when_asked(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    running = memory_host.book.app.impl
    client = SimpleNamespace(GetActiveObject=asked.append)
    monkeypatch.setitem(sys.modules, "win32com", SimpleNamespace(client=client))
    monkeypatch.setitem(sys.modules, "win32com.client", client)
    windows = SimpleNamespace(COMRetryObjectWrapper=lambda found: found, App=lambda xl, add_book: running)
    monkeypatch.setattr(xw, "_xlwindows", windows, raising=False)
    monkeypatch.setenv(program.HOST, "wps")
    monkeypatch.setattr(sys, "argv", ["-c", f"--wb={memory_host.book.name}", "--from_xl=1", "--hwnd=7"])
    memory_host.book.app.books.add()
    assert program.caller().fullname == str(memory_host.path)
    assert asked == ["ket.Application"]


def test_without_wps_the_same_sentence(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(program.HOST, "wps")
    with pytest.raises(CannotRead, match="xl-jifen recalc"):
        program.caller()


def test_xlwings_is_kept_from_waiting_forever_and_from_ending_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = SimpleNamespace(N_COM_ATTEMPTS=0, cleanup=lambda: None, Apps=SimpleNamespace(cleanup=lambda: 1 / 0))
    left: list[object] = []
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
    monkeypatch.setattr(atexit, "unregister", left.append)
    program.xlwings()
    assert windows.N_COM_ATTEMPTS == program.COM_ATTEMPTS
    assert left == [windows.cleanup]
    windows.Apps.cleanup()


def test_a_name_may_hold_what_a_command_line_splits_at() -> None:
    arguments = ["-c", "--wb=党员=积分 100%.xlsm", "--from_xl=1", "--app=C:\\Office16", "--hwnd=65602"]
    assert program.pressed_by_arguments(arguments) == (65602, "党员=积分 100%.xlsm", "C:\\Office16")
    assert program.pressed_by_arguments(["-c"]) is None


def test_a_press_comes_by_file_and_its_answer_goes_by_file(memory_host: Host, tmp_path: Path) -> None:
    """What the workbook's own start writes and reads; the window is that of xlwings' stand-in."""
    job, answer = tmp_path / "按.txt", tmp_path / "答.txt"
    press.write_job(job, press.Job("guide", program.Pressed(7, "䶮=100% 'a'.xlsm", "C:\\Office"), answer))
    assert press.read_job(job) == press.Job("guide", program.Pressed(7, "䶮=100% 'a'.xlsm", "C:\\Office"), answer)
    assert ribbon.press(str(job)) == 0
    assert answer.read_text("utf-16-le") == f"x\n党员积分\n{program.NO_EXCEL}"
    seen = list[str]()

    def work_of(verb: str) -> press.Work:
        seen.append(answer.read_text("utf-16-le"))
        return ribbon._guide

    assert press.by_file(job, work_of) == 0
    assert seen == [press.STARTED], "whoever waits knows that Python runs"


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [
        AttributeError("'<win32com.gen_py.Microsoft Excel 16.0 Object Library._Application>' has no attribute 'Ready'"),
        AttributeError("module 'win32com.gen_py.00020813x0x1x9' has no attribute 'CLSIDToClassMap'"),
        type("ExcelBusyError", (Exception,), {})(),
    ],
)
def test_bad_classes_of_excel_are_made_anew_once(
    error: Exception, memory_host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pywin32 keeps what it makes of Excel's type library; a cleaner or an update of Office may spoil it."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    spoilt = program.classes_folder() / "00020813.py"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("CLSIDToClassMap = {")
    monkeypatch.setattr(xw, "_xlwindows", SimpleNamespace(App=lambda xl: memory_host.book.app.impl), raising=False)
    monkeypatch.setattr(sys, "argv", ["-c", f"--wb={memory_host.book.name}", "--from_xl=1", "--hwnd=7"])
    started: list[tuple[list[str], str, press.Job]] = []

    def run(command: list[str], *, env: dict[str, str], stdin: int) -> Any:
        started.append((command, env[press.AGAIN], press.read_job(Path(command[-1]))))
        return SimpleNamespace(returncode=0)

    def fail(call: tuple[str, ...]) -> bool:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    memory_host.engine.failing = fail
    ribbon.publish(3)
    [(command, again, job)] = started
    assert command[:-1] == [sys.executable, "-E", "-P", "-m", "xl_jifen.hosts.press"]
    assert (again, job) == ("1", press.Job("publish 3", program.Pressed(7, memory_host.book.name), None))
    assert not spoilt.exists()
    assert memory_host.said == []
    monkeypatch.setenv(press.AGAIN, "1")
    monkeypatch.delenv("XL_JIFEN_TRACEBACK")
    ribbon.publish(3)
    assert len(started) == 1
    assert memory_host.said[-1][2] == "critical"


@pytest.mark.slow
def test_a_period_of_the_users_own_is_asked_for(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    answers = iter([False, "2026Q3", "第五季度"])

    def answer(*question: Any) -> Any:
        asked.append(question)
        return next(answers)

    stand_in = SimpleNamespace(Ready=True, Name="Microsoft Excel", InputBox=answer)
    monkeypatch.setattr(memory.App, "api", property(lambda self: stand_in))
    ribbon.publish_other()
    assert memory_host.said == []
    assert asked[0][:2] == (f"公示哪个时段？可以写 {ribbon.WAYS_TO_WRITE}。", "党员积分")
    ribbon.publish_other()
    assert (memory_host.path.parent / "公示").is_dir()
    assert memory_host.said[-1][2] == "info"
    ribbon.publish_other()
    assert memory_host.said[-1][2] == "critical"
    assert "第五季度" in memory_host.said[-1][0]


class com_error(Exception):
    """What pywin32 raises: hresult, words, details, argument."""

    def __init__(self, hresult: int, words: str, scode: int, told: str = "") -> None:
        super().__init__(hresult, words, (0, "Microsoft Excel", told, "", 0, scode), None)
        self.hresult = hresult


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (com_error(-2147418111, "被呼叫方拒绝接收呼叫。", 0), program.EDITING),
        (com_error(-2147352567, "发生意外。", -2146777998), program.EDITING),
        (
            com_error(-2147352567, "发生意外。", -2146827284, "不能更改数组的某一部分。"),
            "Excel 没有照办：不能更改数组的某一部分；请保存并关闭文件，再运行 xl-jifen recalc。",
        ),
    ],
)
def test_refusals_of_excel_are_plain_sentences(error: Exception, sentence: str) -> None:
    with pytest.raises(CannotWrite) as told, program.plainly():
        raise error
    assert str(told.value) == sentence


@pytest.mark.slow
def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    """xlwings offers to work with pandas and its like, and imports them where they are installed."""
    code = """
import sys
from xl_jifen.excel.draw import owned
from xl_jifen.excel.live import open_book, program
from xl_jifen.doors import ribbon
from xl_jifen.publish.owned import marks, tables
program.xlwings()
heavy = ("pandas", "numpy", "matplotlib", "PIL", "openpyxl", "lxml", "xlsxwriter", "typst", "chinese_calendar")
print([name for name in heavy if name in sys.modules])
import pandas
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, cwd=tmp_path, text=True)
    assert run.stdout == "[]\n", run.stderr


# -- blocks ---------------------------------------------------------------------------------------------------


def test_cells_of_equal_value_become_rectangles() -> None:
    cells = {(row, column): "x" for row in (1, 2, 3) for column in (1, 2)} | {(5, 1): "x", (2, 4): "y"}
    assert painted.blocks(cells) == [
        (Range(1, 1, 3, 2), "x"),
        (Range(2, 4, 2, 4), "y"),
        (Range(5, 1, 5, 1), "x"),
    ]


def test_of_a_long_list_only_heads_and_links_are_painted() -> None:
    red = Look(ink="#C00000")
    rows = [SheetRow(0, ("级别", "位置")), SheetRow(1, ("错误", "3月!D7"))]
    listed = painted.Painted(Sheet("表", (5.0, 9.0), [[HEADING] * 2, [red, LINKED]], rows, head=1, filtered=True))
    plain = Look(ink=LINKED.ink)
    assert listed.looks() == {
        Look(bold=True, ink=HEADING.ink, fill=HEAD): [Range(1, 1, 1, 2)],
        plain: [Range(2, 2, 2, 2)],
    }


@pytest.mark.slow
def test_protection_of_the_structure_is_told(memory_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_book = type("Api", (), {"ProtectStructure": True})()
    monkeypatch.setattr(memory.Book, "api", property(lambda self: closed_book))
    with pytest.raises(CannotWrite, match="结构"):
        live._ensure_open(memory_host.book, {}, {layout.LINES_SHEET: None})
    there = SimpleNamespace(ProtectContents=False)
    live._ensure_open(memory_host.book, {}, {layout.LINES_SHEET: there})  # a sheet that is there is none to be added


@pytest.mark.office
@pytest.mark.slow
def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days(
    office: calc.Office, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers mean days four years and one later, of the cycle and of the entries alike."""
    path = tmp_path / "1904.xlsx"
    path.write_bytes(counted_from_1904(small.read_bytes()))
    beside = Path(shutil.copy(path, tmp_path / "归档的.xlsx"))
    verbs.recalculate(verbs.open_workbook(beside), NOW)
    with opened(calc.Engine(office), path, monkeypatch) as host:
        ribbon.recalculate()
        found = [cell for cell in host.cells(layout.LINES_SHEET).values() if isinstance(cell, date)]
    expected = [cell for cell in closed(beside, layout.LINES_SHEET).values() if isinstance(cell, date)]
    assert found == expected
    assert {day.year for day in found} == {2030}
