"""Buttons over real COM under Wine, pressed by the very calls of Windows that our VBA makes. See engines/wine.

Left out of the usual run: ``pytest -m wine``. From Debian: wine wine64 wine64-tools mingw-w64-tools
gcc-mingw-w64-x86-64-posix, and the locale zh_CN.UTF-8.
The prefix is kept in XL_JIFEN_WINE, if that names a folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import needs
import openpyxl
import pytest
from engines import wine

from xl_jifen import layout
from xl_jifen.excel.live import program
from xl_jifen.verbs import quarter

pytestmark = pytest.mark.wine

MOST_CALLS = {"check": 300, "recalculate": 1_500}
NAME = "党员=积分 100% ‘a’ 䶮.xlsm"
"""What a command line would split, expand or lose."""


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> wine.Wine:
    if name := wine.lacking():
        needs.missing(name)
    kept = os.environ.get("XL_JIFEN_WINE")
    return wine.built(Path(kept) if kept else tmp_path_factory.mktemp("wine"))


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter.example(tmp_path_factory.mktemp("demo") / "示例.xlsm")


@pytest.fixture
def excel(prefix: wine.Wine, example: Path, tmp_path: Path) -> Iterator[wine.Excel]:
    folder = tmp_path / "党员 积分&(1)"
    folder.mkdir()
    with wine.opened(prefix, Path(shutil.copy(example, folder / NAME)), tmp_path) as running:
        yield running


def said(answer: dict[str, Any]) -> tuple[str, str]:
    """The kind and the words."""
    kind, title, words = answer["answer"].split("\n", 2)
    assert title == program.TITLE
    return kind, words


def shown(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """What the sheets of a file show, links by their words; without what tells the file and the time."""
    found = {}
    for page in openpyxl.load_workbook(path):
        cells = {}
        for row in page.iter_rows():
            for cell in row:
                link = re.fullmatch(r'=HYPERLINK\(.*,"(.*)"\)', str(cell.value))
                if cell.value is not None:
                    cells[cell.row, cell.column] = link[1] if link else str(cell.value)
        found[page.title] = cells
    del found[layout.BOARD_SHEET][3, 1]
    del found["函数示例"]
    return found


def test_check_and_recalculate_leave_what_recalc_leaves(excel: wine.Excel, example: Path, tmp_path: Path) -> None:
    for verb, most in MOST_CALLS.items():
        before = len(excel.calls)
        answer = excel.press(verb)
        assert said(answer)[0] == "i", answer
        assert answer["startup"] == 104, "STARTUPINFOW of 64 bits"
        assert answer["calls"][:7] == [
            "GetTempPathW",
            "GetCurrentProcessId",
            "GetTickCount",
            "CreateFileW",
            "WriteFile",
            "CloseHandle",
            "CreateProcessW",
        ]
        assert len(excel.calls) - before <= most, verb
    state = json.loads(excel.ask("state"))
    assert [state[name] for name in ("ScreenUpdating", "EnableEvents", "DisplayAlerts")] == [True] * 3
    excel.ask("save", wine.windows(tmp_path / "after.xlsx"))
    closed = Path(shutil.copy(example, tmp_path / "recalc.xlsm"))
    quarter.recalculate(quarter.open_workbook(closed), datetime.now())
    assert shown(tmp_path / "after.xlsx") == shown(closed)
    assert not [call for call in excel.calls if call[0] in ("missing", "unknown")]


@pytest.mark.parametrize("verb", ["publish", "appraise", "meeting", "statement", "compare", "next_year", "guide"])
def test_every_other_button_answers(excel: wine.Excel, verb: str) -> None:
    kind, words = said(excel.press(verb))
    assert "没有料到" not in words
    assert kind == "i" or "请" in words


def test_refusals_are_sentences_and_nothing_is_written(excel: wine.Excel) -> None:
    excel.ask("protect", layout.FINDINGS_SHEET)
    before = len(excel.calls)
    kind, words = said(excel.press("check"))
    assert kind == "x"
    assert "设了保护" in words
    assert not [call for call in excel.calls[before:] if call[0] == "put" and call[1] == "Range"]
    assert "比本机上的 xl-jifen 新" in said(excel.press("no_such_verb"))[1]


def test_a_busy_excel_is_waited_for_and_not_for_ever(excel: wine.Excel) -> None:
    excel.ask("busy", "300")
    assert said(excel.press("check"))[0] == "i"
    excel.ask("busy", "100000000")
    assert said(excel.press("check")) == ("x", program.EDITING)


@pytest.mark.parametrize("damage", ["cut", "renamed"])
def test_bad_classes_of_excel_are_made_anew(excel: wine.Excel, damage: str) -> None:
    """X1: truncated by a cleaner, or made of a type library that lacked a member."""
    assert said(excel.press("check"))[0] == "i"
    [made] = excel.wine.local_data().glob("xl-jifen/gen_py/*/00020813*.py")
    text = made.read_text("mbcs" if os.name == "nt" else "utf-8", errors="replace")
    made.write_text("CLSIDToClassMap = {" if damage == "cut" else text.replace("Ready", "Readi"))
    shutil.rmtree(made.parent / "__pycache__", ignore_errors=True)
    assert said(excel.press("check"))[0] == "i"
    assert said(excel.press("check"))[0] == "i"


def test_results_are_added_though_the_last_sheets_are_very_hidden(excel: wine.Excel) -> None:
    """X12, Q17: a workbook whose last visible sheet was deleted, and which has no results yet."""
    for name in ("函数示例", *layout.OWNED_SHEETS):
        excel.ask("delete", name)
    assert said(excel.press("recalculate"))[0] == "i"
    sheets = json.loads(excel.ask("state"))["sheets"]
    assert sheets[:5] == [layout.GUIDE, *layout.OWNED_SHEETS]


def test_under_a_filter_and_never_saved(excel: wine.Excel) -> None:
    excel.ask("filter", "3月")
    assert said(excel.press("recalculate"))[0] == "i"
    excel.book.unlink()
    assert said(excel.press("check")) == ("x", program.UNSAVED)


def test_the_words_for_a_window_that_is_gone(excel: wine.Excel) -> None:
    excel.window, kept = "1", excel.window
    assert said(excel.press("check")) == ("x", program.NO_EXCEL)
    excel.window = kept
