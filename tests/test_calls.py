"""How often a run reads, checks and parses: every fact is asked for once.

Counted is what a whole command calls, with archives beside the workbook as a year leaves them.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType

import pytest
from closed_year import CLOSED, NAME, PUBLISHED, Q3, shut
from doors import Desk

from xl_jifen.doors import ribbon
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.close import close
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish as publishing
from xl_jifen.verbs.verify import verify

ASKED = {("read.py", "read"), ("check.py", "check")}
LIVE = str(Path("xl_jifen", "excel", "live"))


def calls(work: Callable[[], object]) -> Counter[str]:
    """How often ``read`` and ``check`` of the core are called by it."""
    found: Counter[str] = Counter()

    def seen(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (Path(code.co_filename).name, code.co_name) in ASKED:
            found[code.co_name] += 1

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.slow
def test_closing_reads_the_workbook_and_one_archive(home: Path) -> None:
    found = calls(lambda: close(verbs.open_workbook(home / NAME), Q3, CLOSED[Q3]))
    assert found["read"] <= 2
    assert found["check"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("archives", [True, False])
def test_publishing_checks_once(home: Path, archives: bool) -> None:
    if not archives:
        shutil.rmtree(home / "归档")
        shutil.rmtree(home / "公示")
    now = datetime.combine(PUBLISHED[Q3], datetime.min.time())
    found = calls(lambda: publishing(verbs.look_at(home / NAME), Q3, now, style=Style(charts=False)))
    assert found == {"read": 1 + archives, "check": 1}


@pytest.mark.slow
def test_verifying_three_archives_reads_each_at_most_once(home: Path) -> None:
    shut(home, Q3)
    found = calls(lambda: verify(str(home / NAME), home))
    assert found["read"] <= 4
    assert found["check"] <= 4
    sheet = home / "公示" / "2026年第三季度" / "2026年第三季度党员积分公示表.xlsx"
    found = calls(lambda: verify(str(sheet), home))
    assert found["read"] <= 4
    assert found["check"] <= 4


@pytest.mark.slow
def test_a_press_asks_by_the_sheet_and_not_by_the_cell(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the modules of the open book go whole rectangles; how the cycle stands is reckoned once."""
    found: Counter[str] = Counter()

    def seen(frame: FrameType, event: str, _: object) -> None:
        there = frame.f_code.co_filename
        if event != "call" or not frame.f_back:
            return
        if LIVE in there and LIVE in (back := frame.f_back.f_code.co_filename) and there != back:
            found["live"] += 1
        found["so_far"] += frame.f_code.co_name == "so_far"

    with Desk(Path(shutil.copy(example, tmp_path)), monkeypatch).open() as host:
        sys.setprofile(seen)
        try:
            ribbon.recalculate()
        finally:
            sys.setprofile(None)
        assert 0 < found["live"] <= 20 * len(host.book.sheets)
    assert found["so_far"] == 1
