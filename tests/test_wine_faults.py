"""Faults that only real COM shows, each of which 0.1 had (X1 to X12), pressed under Wine as ``test_wine.py`` does.

X4 to X6 (names with =, %, a sign that GBK lacks; one box) and X9, X10 are in every press there.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from engines import wine
from pyopenvba import ExcelFile
from test_wine import by_recalc, shown

from xl_jifen import layout
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.live import program

pytestmark = pytest.mark.wine

INSIDE = str(wine.HERE / "inside.py")
HEAVY = ("pandas", "numpy", "matplotlib", "PIL")
OLD_MASTER = Path(__file__).parent / "old" / "党员积分.xlsm"


def classes(excel: wine.Excel) -> Path:
    """The classes pywin32 made of the type library."""
    [made] = excel.wine.local_data().glob("xl-jifen/gen_py/*/00020813*.py")
    return made


@pytest.mark.parametrize("damage", ["cut", "renamed"])
def test_x1_bad_classes_of_excel_are_made_anew(excel: wine.Excel, damage: str) -> None:
    """Truncated by a cleaner, or made of a type library that lacked a member."""
    assert excel.press("check").kind == "i"
    made = classes(excel)
    text = made.read_text("utf-8", errors="replace")
    made.write_text("CLSIDToClassMap = {" if damage == "cut" else text.replace("Ready", "Readi"))
    shutil.rmtree(made.parent / "__pycache__", ignore_errors=True)
    assert excel.press("check").kind == "i"
    assert "CLSIDToClassMap" in classes(excel).read_text("utf-8", errors="replace")
    assert excel.press("check").kind == "i"


def test_x2_the_heavy_libraries_stay_out(excel: wine.Excel, tmp_path: Path) -> None:
    """Where they are installed, a press pays for none of them, whichever way it starts."""
    site, noted = excel.wine.python.parent / "Lib" / "site-packages", tmp_path / "imported"
    stubs = [site / f"{name}.py" for name in HEAVY]
    try:
        for stub in stubs:
            stub.write_text(
                f"open({str(wine.windows(noted))!r}, 'a').write('{stub.stem} ')\nraise ImportError\n", "utf-8"
            )
        assert excel.press("check").kind == "i"
    finally:
        for stub in stubs:
            stub.unlink()
    assert not noted.exists(), noted.read_text()


def test_x3_a_busy_excel_ends_the_press_however_xlwings_is_installed(excel: wine.Excel) -> None:
    assert (excel.wine.python.parent / "Lib/site-packages/xlwings/pro").is_dir(), "as pip installs it"
    excel.ask("busy", "100000000")
    press = excel.press("check", patience=120)
    assert (press.kind, press.words) == ("x", program.EDITING)
    assert "TerminateProcess" not in press.windows


def test_x5_a_name_that_cmd_would_expand(prefix: wine.Wine, example: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(example, tmp_path / "O'Neil %TEMP%.xlsm"))
    with wine.opened(prefix, tmp_path, book) as excel:
        press = excel.press("recalculate")
    assert press.kind == "i"
    assert f"备份/{book.stem}." in press.box[-1]


def test_x6_one_box_with_every_sign_in_it(excel: wine.Excel) -> None:
    press = excel.press("recalculate")
    assert "䶮" in press.box[-1]
    assert press.windows.count("MessageBoxW") == 1


def test_x7_currency_keeps_its_digits(excel: wine.Excel) -> None:
    excel.ask("put", "3月", "E23", "¥#,##0", "123456789.123456")
    excel.ask("put", "3月", "E24", "yyyy-mm-dd", "46100")
    told = excel.wine.run(INSIDE, excel.window, excel.book.name, "cells", "3月", "E23", "E24")
    assert told.split("\n")[0] == "123456789.123456"
    assert "2026, 3, 19" in told


def test_x8_the_doctor_ends_nobodys_excel(prefix: wine.Wine, tmp_path: Path) -> None:
    """By a tasklist that tells of an Excel without a window, and a taskkill that would end it.

    They lie beside python.exe, where Windows looks first: Wine has its own in the system's folder.
    """
    noted, calls = tmp_path / "noted", tmp_path / "calls"
    tools = [prefix.python.with_name(f"{name}.exe") for name in ("tasklist", "taskkill")]
    more = {"XL_JIFEN_NOTED": wine.windows(noted), "EXCEL_COM_LOG": wine.windows(calls)}
    try:
        for tool in tools:
            prefix.compile(tool, wine.HERE / "task.c")
        prefix.run("-c", "from xlwings._xlwindows import Apps; Apps.cleanup()", **more)
        assert [line.split()[0] for line in noted.read_text().splitlines()] == ["tasklist", "taskkill"] * 2
        noted.unlink()
        told = prefix.run("-X", "utf8", "-c", DOCTOR, **more)
    finally:
        for tool in tools:
            tool.unlink(missing_ok=True)
    assert "真机检查：Microsoft Excel 16.0" in told, told
    assert '"Quit"' in calls.read_text("utf-8"), "its own is ended"
    assert not noted.exists(), noted.read_text()


DOCTOR = "from xl_jifen.doors import doctor; print(*doctor.report(live=True), sep='\\n')"


def test_x11_whole_columns_end_with_the_last_row(excel: wine.Excel) -> None:
    """Functions through xlwings' server, as VBA calls them: hardly longer than for 60 rows (0.1: 160 s, all rows)."""
    told = excel.wine.run(INSIDE, excel.window, excel.book.name, "functions")
    explained, priced, alone, rows, columns, all_columns = map(ast.literal_eval, told.splitlines())
    assert "E501" in explained[1]
    assert isinstance(priced[1], float)
    assert isinstance(alone[1], float)
    last = openpyxl.load_workbook(excel.book, read_only=False)["10月"].max_row
    assert len(rows[1]) == 60
    assert any(rows[1][1:])
    for name, answer, seconds in (columns, all_columns):
        assert name == "JF_CHECK"
        assert len(answer) <= last
        assert answer[: len(rows[1])] == rows[1][: len(answer)]
        assert seconds <= 3 * rows[2] + 0.1, f"{seconds:.2f} s, 60 rows {rows[2]:.2f} s"


def test_x12_results_are_added_though_the_last_sheets_are_very_hidden(
    excel: wine.Excel, example: Path, tmp_path: Path
) -> None:
    """Q17: a workbook whose last visible sheet was deleted, and which has no results yet."""
    for name in ("函数示例", *layout.OWNED_SHEETS):
        excel.ask("delete", name)
    assert excel.press("recalculate").kind == "i"
    assert json.loads(excel.ask("state"))["sheets"][:5] == [layout.GUIDE, *layout.OWNED_SHEETS]
    after = tmp_path / "after.xlsx"
    excel.ask("save", wine.windows(after))
    assert shown(after) == by_recalc(example, tmp_path)


@pytest.mark.parametrize("writes", [3, 30])
def test_x12_a_refusal_midway_says_what_is_written_and_where_the_backup_lies(excel: wine.Excel, writes: int) -> None:
    """Results first, marks last, no sheet left over; pressed again, it is done."""
    for name in layout.OWNED_SHEETS:
        excel.ask("delete", name)
    excel.ask("refuse", str(writes))
    press = excel.press("recalculate")
    assert press.kind == "x"
    for part in ("Excel 没有照办：内存不足", "没有动的有", "请不要保存", "备份/"):
        assert part in press.words, press.words
    [backup] = (excel.book.parent / "备份").iterdir()
    assert backup.name in press.words
    sheets = json.loads(excel.ask("state"))["sheets"]
    assert not [name for name in sheets if name.startswith("Sheet")]
    assert not {call[2] for call in press.com if call[0] in ("missing", "unknown")}
    excel.ask("refuse", "-1")
    assert excel.press("recalculate").kind == "i"
    assert json.loads(excel.ask("state"))["sheets"][:5] == [layout.GUIDE, *layout.OWNED_SHEETS]


# -- workbooks of 0.1 --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch in the macro master of 0.1, its own VBA and ribbon in it."""
    texts = {file.stem: file.read_text("utf-8") for file in (wine.ROOT / "workbook" / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    path = tmp_path_factory.mktemp("before") / "党员积分.xlsm"
    path.write_bytes(filled(OLD_MASTER.read_bytes(), path.name, settings, texts))
    return path


def test_the_buttons_of_a_workbook_of_before_still_work(prefix: wine.Wine, of_before: Path, tmp_path: Path) -> None:
    """Its lines, by RunPython."""
    book = Path(shutil.copy(of_before, tmp_path / "党员 积分.xlsm"))
    with ExcelFile(book) as file:
        lines = re.findall(r'CallPython "(.+)"', file.vba_modules()["JiFenButtons"])
    assert len(lines) == 17
    with wine.opened(prefix, tmp_path, book) as excel:
        for line in lines:
            told = excel.press_by_run_python(f"ribbon.{line}")
            assert (told["code"], told["stderr"]) == (0, ""), line
            said = "".join(box["words"] for box in told["boxes"])
            assert "没有料到" not in said, line
            assert said or line.startswith(("compare", "guide")), line
            assert all(box["title"] == program.TITLE for box in told["boxes"])
        after = tmp_path / "after.xlsx"
        excel.ask("save", wine.windows(after))
    assert shown(after) == by_recalc(of_before, tmp_path)
