"""Buttons over real COM under Wine, pressed by the very calls of Windows that our VBA makes. See engines/wine.

Left out of the usual run: ``pytest -m wine``. From Debian: wine wine64 wine64-tools gcc-mingw-w64-x86-64-posix, and the
locale zh_CN.UTF-8; for a press by a 32-bit Excel wine32 and gcc-mingw-w64-i686-posix too. The prefix is kept in
XL_JIFEN_WINE, if that names a folder.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from datetime import datetime
from pathlib import Path

import needs
import openpyxl
import pytest
from engines import wine
from engines.wine import declared, members

from xl_jifen import layout
from xl_jifen.doors import ribbon
from xl_jifen.excel.live import program
from xl_jifen.verbs import quarter

pytestmark = pytest.mark.wine

MOST_CALLS = {"check": 300, "recalculate": 1_500}
STARTUPINFO = {64: 104, 32: 68}
WRITING = ("check", "recalculate")


def shown(path: Path, *, formats: bool = False) -> dict[str, dict[tuple[int, int], object]]:
    """What the sheets of a file show, links by their words; without what tells the file and the time."""
    found: dict[str, dict[tuple[int, int], object]] = {}
    for page in openpyxl.load_workbook(path):
        cells: dict[tuple[int, int], object] = {}
        for row in page.iter_rows():
            for cell in row:
                link = re.fullmatch(r'=HYPERLINK\(.*,"(.*)"\)', str(cell.value))
                if cell.value is not None:
                    value = link[1] if link else str(cell.value)
                    cells[cell.row, cell.column] = (value, cell.number_format) if formats else value
        found[page.title] = cells
    found[layout.BOARD_SHEET].pop((3, 1), None)
    found.pop("函数示例", None)
    return found


def by_recalc(book: Path, folder: Path, *, formats: bool = False) -> dict[str, dict[tuple[int, int], object]]:
    """What the command leaves in a copy of a file."""
    closed = Path(shutil.copy(book, folder / f"recalc{book.suffix}"))
    quarter.recalculate(quarter.open_workbook(closed), datetime.now())
    return shown(closed, formats=formats)


def written(press: wine.Press) -> list[tuple[str, ...]]:
    return [call for call in press.com if call[:2] == ("put", "Range")]


def test_check_and_recalculate_leave_what_recalc_leaves(excel: wine.Excel, example: Path, tmp_path: Path) -> None:
    """X9, X10: two presses, the second of which leaves the same cells and formats as the command."""
    for verb, most in MOST_CALLS.items():
        press = excel.press(verb)
        assert press.kind == "i", press
        assert press.box[-1] == press.words
        assert press.startup == STARTUPINFO[64]
        assert list(press.windows) == declared.order(declared.START.read_text(), declared.WINDOWS.read_text())
        assert len(press.com) <= most, verb
        assert not {"missing", "unknown"} & {call[0] for call in press.com}
        sys.stderr.write(f"\n{verb}: {press.seconds:.1f} s, {len(press.com)} calls, {len(written(press))} writes\n")
    state = json.loads(excel.ask("state"))
    assert [state[name] for name in ("ScreenUpdating", "EnableEvents", "DisplayAlerts")] == [True] * 3
    used = {(interface.lstrip("_"), member) for _, interface, member in excel.calls}
    sys.stderr.write(f"{len(used)} members used: {sorted(map('.'.join, used))}\n")
    assert all(member in members.table()[interface] for interface, member in used - {("Sheets", "_NewEnum")})
    after = tmp_path / "after.xlsx"
    excel.ask("save", wine.windows(after))
    assert shown(after) == by_recalc(example, tmp_path)
    once_more = by_recalc(after, tmp_path, formats=True)
    assert once_more == shown(after, formats=True), "recalc finds nothing to change after a press"


def test_a_32_bit_excel_presses_a_64_bit_python(excel: wine.Excel) -> None:
    if lacking := wine.lacking(32):
        needs.missing(lacking)
    press = excel.press("check", bits=32)
    assert (press.kind, press.startup) == ("i", STARTUPINFO[32])
    assert list(press.windows) == declared.order(declared.START.read_text(), declared.WINDOWS.read_text())


def test_every_other_button_answers_and_leaves_the_cells_alone(excel: wine.Excel) -> None:
    """Refused ones too: nothing is archived yet, and nobody chose a period or a workbook."""
    answers = {verb: excel.press(verb) for verb in ribbon._VERBS if verb not in WRITING}
    for verb, press in answers.items():
        assert "没有料到" not in press.words, verb
        assert press.kind == "i" or "请" in press.words, verb
        assert not written(press), verb
        assert not {"missing", "unknown"} & {call[0] for call in press.com}, verb
    nothing_asked = {verb for verb, press in answers.items() if (press.kind, press.words) == ("i", "")}
    assert nothing_asked == {"publish_other", "close_other", "compare", "guide"}
    assert answers["verify"] == answers["verify"]._replace(kind="x", words=ribbon.NO_ARCHIVES)
    again = excel.press("next_year")
    assert again.kind == "x"
    assert "没有覆盖" in again.words
    excel.ask("changed")
    assert excel.press("close").words == ribbon.UNSAVED
    assert excel.press("verify").words == ribbon.UNSAVED_TO_VERIFY
    assert "比本机上的 xl-jifen 新" in excel.press("no_such_verb").words


def test_what_the_user_types_and_chooses(prefix: wine.Wine, example: Path, tmp_path: Path) -> None:
    book, other = (Path(shutil.copy(example, tmp_path / name)) for name in ("党员积分.xlsm", "另一张 规则.xlsm"))
    typed = {"EXCEL_COM_TYPED": "一季度", "EXCEL_COM_CHOSEN": wine.windows(other)}
    with wine.opened(prefix, tmp_path, book, **typed) as excel:
        excel.ask("front", layout.ROSTER.name, "5")
        published, closed, compared, one = map(excel.press, ("publish_other", "close_other", "compare", "statement"))
    assert "2026年第一季度" in published.words, published.words
    assert "第一季度" in closed.words or "公示" in closed.words
    assert (compared.kind, (tmp_path / "规则比较 另一张 规则.xlsx").is_file()) == ("i", True)
    assert "已生成 1 个文件" in one.words, one.words


def test_a_protected_sheet_is_refused_before_anything_is_written(excel: wine.Excel) -> None:
    excel.ask("protect", layout.FINDINGS_SHEET)
    press = excel.press("check")
    assert (press.kind, written(press)) == ("x", [])
    assert "设了保护" in press.words
    excel.ask("delete", layout.FINDINGS_SHEET)
    excel.ask("protect_book")
    press = excel.press("check")
    assert (press.kind, written(press)) == ("x", [])
    assert "工作簿的结构设了保护" in press.words


def test_a_busy_excel_is_waited_for_and_not_for_ever(excel: wine.Excel) -> None:
    excel.ask("busy", "300")
    assert excel.press("check").kind == "i"
    excel.ask("busy", "100000000", "editing")
    press = excel.press("check")
    assert (press.kind, press.words) == ("x", program.EDITING)
    excel.ask("busy", "0")
    assert excel.press("check").kind == "i"


def test_another_open_workbook_is_not_touched(prefix: wine.Wine, example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "别处"
    folder.mkdir()
    book, other = (Path(shutil.copy(example, place / "党员积分.xlsm")) for place in (tmp_path, folder))
    other = other.rename(folder / "另一个.xlsm")
    with wine.opened(prefix, tmp_path, book, other) as excel:
        assert excel.press("recalculate").kind == "i"
        assert json.loads(excel.ask("state"))["Saved"] == [False, True]
        never_saved = excel.ask("new")
        press = excel.press("check", book=never_saved)
        assert (press.kind, press.words) == ("x", program.UNSAVED)
        assert json.loads(excel.ask("state"))["Saved"] == [False, True, True]
    assert not (folder / "备份").exists()


def test_a_file_changed_on_disk_stays_as_it_is(excel: wine.Excel) -> None:
    quarter.recalculate(quarter.open_workbook(excel.book), datetime.now())
    changed = excel.book.read_bytes()
    assert excel.press("recalculate").kind == "i"
    assert excel.book.read_bytes() == changed
    excel.book.unlink()
    assert excel.press("check").words == program.UNSAVED


SPOILT = (
    ("E10", "General", "#N/A"),
    ("E11", "General", "#DIV/0!"),
    ("E12", "[h]:mm", "1.25"),
    ("E13", "0%", "0.5"),
    ("E14", "@", "007"),
    ("E15", "yyyy-mm-dd hh:mm", "46100.5"),
    ("E16", "¥#,##0", "123456789.123456"),
    ("A17", "General", "#REF!"),
    ("B18", "General", "#NAME?"),
)
"""Of 3月: errors and numbers that come over COM in other types than from a file."""


def test_errors_and_odd_numbers_come_out_as_from_the_file(excel: wine.Excel, tmp_path: Path) -> None:
    for cell in SPOILT:
        excel.ask("put", "3月", *cell)
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    excel.ask("save", wine.windows(before))
    assert excel.press("recalculate").kind == "i"
    excel.ask("save", wine.windows(after))
    assert shown(after) == by_recalc(before, tmp_path)


def test_under_a_filter_the_cells_are_those_of_recalc(excel: wine.Excel, example: Path, tmp_path: Path) -> None:
    excel.ask("filter", "3月")
    assert excel.press("recalculate").kind == "i"
    after = tmp_path / "after.xlsx"
    excel.ask("save", wine.windows(after))
    assert shown(after) == by_recalc(example, tmp_path)


def test_sheets_of_one_cell(excel: wine.Excel) -> None:
    """Excel hands over a scalar, not a table."""
    for sheet in ("3月", layout.BALLOTS.name):
        excel.ask("crop", sheet, "A1")
    press = excel.press("check")
    assert press.kind == "i"
    assert "没有料到" not in press.words


def test_the_words_for_a_window_that_is_gone(excel: wine.Excel) -> None:
    excel.window, kept = "1", excel.window
    press = excel.press("check")
    assert (press.kind, press.words) == ("x", program.NO_EXCEL)
    excel.window = kept


def test_a_python_that_never_answers_is_ended_and_the_second_way_is_left(excel: wine.Excel) -> None:
    """The starter itself is that Python: with these arguments it only waits."""
    python = wine.windows(excel.wine.starter())
    press = excel.press("check", python=python, patience=2)
    assert (press.kind, press.box) == ("", ())
    assert "TerminateProcess" in press.windows
    assert press.seconds < 10


def test_run_python_the_second_way_presses_too(excel: wine.Excel) -> None:
    """The line of xlwings' own module; it ends at a name with a percent sign, which cmd leaves alone here."""
    told = excel.press_by_run_python("ribbon.check()")
    assert (told["code"], told["stderr"]) == (0, "")
    [box] = told["boxes"]
    assert box["title"] == program.TITLE
    assert box["owner"] == int(excel.window)
    assert "校验完成" in box["words"]
