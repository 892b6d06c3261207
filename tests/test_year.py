"""A year in the life of a branch: what its secretary gets wrong, what the tool says to it, and that nothing is lost.

The year is told in ``branch_year``, month by month, with every month's scores added up by hand; what goes wrong at the
end of which month stands in the table of ``branch_slips``, and so do the habits that must change nothing at all. Here
both are played, and with them files open elsewhere, clocks in other zones, copies, backups, and New Year.
"""

from __future__ import annotations

import functools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import needs
import pytest
from branch_slips import HABITS, SLIPS, Edit, Slip
from branch_year import MONTHS, Branch, play, scores_by_hand, through_libreoffice
from secretary import Rows, clock, edit, grids_of, heed_zone, put, reckoned, run

from xl_jifen import layout
from xl_jifen.archive.code import printed
from xl_jifen.disk import folders, save
from xl_jifen.doors.cli import commands
from xl_jifen.grid import Cell
from xl_jifen.render import typeset

pytestmark = [pytest.mark.slow, pytest.mark.office]
"""In October the workbook goes through LibreOffice, where there is one, and everything later stands on that."""

BY_HAND = scores_by_hand()
LATE = ("W402", "2月!B6")
"""The one warning that stays all year: an event of January entered in February, as it may be."""


def quarter_of(month: int) -> str:
    return f"2026Q{(month + 2) // 3}"


# ---- the year ----


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[int, Branch]]:
    """The branch's folder as it is at the end of each month; tests work on copies."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(typeset, "available", lambda: "本机没有排版组件。")  # the other files say the same, much sooner
        home = tmp_path_factory.mktemp("branch") / "支部"
        home.mkdir()
        kept: dict[int, Branch] = {}
        for month, branch in play(home):
            folder = home.with_name(f"{month}月底")
            shutil.copytree(home, folder, ignore=shutil.ignore_patterns(folders.BACKUPS))
            kept[month] = Branch(folder, branch.said)
        yield kept


@pytest.fixture
def at_the_end_of(year: Mapping[int, Branch], tmp_path: Path) -> Callable[[int], Branch]:
    return lambda month: Branch(Path(shutil.copytree(year[month].home, tmp_path / "支部")), {})


def do(book: Path, change: Edit) -> None:
    if callable(change):
        change(book)
    else:
        edit(book, change)


@functools.lru_cache(maxsize=len(MONTHS))
def cells_kept(book: Path) -> dict[str, Rows]:
    """The same of a workbook that nobody changes."""
    return cells(book)


def cells(book: Path) -> dict[str, Rows]:
    """What the sheets of the contract hold, the tool's own columns too; empty cells at the end do not matter."""

    def trimmed(row: list[Cell]) -> list[Cell]:
        while row and row[-1] is None:
            row.pop()
        return row

    found = {}
    for grid in grids_of(book):
        rows = [trimmed(list(row)) for row in grid.rows]
        while rows and not rows[-1]:
            rows.pop()
        found[grid.name] = rows
    return found


def put_back(book: Path, before: Mapping[str, Rows]) -> None:
    """Every cell as it was: what a person does who knows which cell it is."""
    now = cells(book)
    put(book, {sheet: (now[sheet], rows) for sheet, rows in before.items() if now[sheet] != rows})


def with_changes(scores: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    return {name: score for name, score in {**scores, **changes}.items() if score != "—"}


@pytest.mark.parametrize("month", range(1, len(MONTHS) + 1))
def test_every_month_ends_with_the_scores_added_up_by_hand(year: Mapping[int, Branch], month: int) -> None:
    branch = year[month]
    said = reckoned(branch.book)
    assert said.scores[quarter_of(month)] == BY_HAND[month]
    assert said.places == [LATE][: month - 1]
    assert branch.said[f"recalc {month}"].code == 0


def test_three_quarters_are_published_and_archived_on_the_way(year: Mapping[int, Branch]) -> None:
    for quarter in ("2026Q1", "2026Q2", "2026Q3"):
        for step in ("publish", "close"):
            done = year[12].said[f"{step} {quarter}"]
            assert (done.code, done.err) == (0, ""), (step, quarter, done)


def test_libreoffice_may_save_what_is_archived(year: Mapping[int, Branch]) -> None:
    needs.program("soffice")
    done = year[12].said["saved by LibreOffice"]
    assert (done.code, done.err) == (0, "")
    assert "E901" not in done.out
    assert "W402" not in done.out, "of an archived row nothing is left to do"


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip.month}月 {slip.what}")
def test_a_slip_is_named_loses_nothing_and_can_be_mended(
    year: Mapping[int, Branch], at_the_end_of: Callable[[int], Branch], slip: Slip
) -> None:
    branch, quarter = at_the_end_of(slip.month), quarter_of(slip.month)
    book = branch.book

    do(book, slip.make)
    said = reckoned(book)
    for code, place, message, remedy in slip.told:
        found = [f for f in said.findings if (f["code"], f["place"]) == (code, place)]
        assert found, (code, place, said.findings)
        assert message in found[0]["message"]
        assert remedy in found[0]["remedy"]
    assert said.scores[quarter] == with_changes(BY_HAND[slip.month], slip.scores)
    if rearranged := callable(slip.make):
        branch.recalc()  # not noticed yet: whatever else stands in the file must stay as it is

    if slip.mend is None:
        before = cells_kept(year[slip.month].book)
        put_back(book, before)
        if rearranged:
            run("recalc", book)
        assert cells(book) == before
        return
    do(book, slip.mend)
    said = reckoned(book)
    assert said.places == [LATE][: slip.month - 1]
    assert said.scores[quarter] == with_changes(BY_HAND[slip.month], slip.mended)


# ---- habits that change nothing ----


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_changes_nothing(at_the_end_of: Callable[[int], Branch], habit: str) -> None:
    branch = at_the_end_of(12)
    do(branch.book, HABITS[habit])
    said = reckoned(branch.book)
    assert [code for code, _ in said.places] == [LATE[0]]
    assert all(said.scores[quarter_of(month)] == BY_HAND[month] for month in (3, 6, 9, 12))
    branch.recalc()
    done = run("verify", branch.book)
    assert (done.code, done.err) == (0, "")
    assert "与归档一致" in done.out


# ---- the file in use, the clock, copies and backups ----


@pytest.mark.parametrize("lock", ["~$党员积分2026.xlsx", ".~lock.党员积分2026.xlsx#", ".~党员积分2026.xlsx"])
def test_a_file_left_open_is_not_written(at_the_end_of: Callable[[int], Branch], lock: str) -> None:
    branch = at_the_end_of(9)
    branch.type({"9月!L4": layout.PENDING})
    before = branch.book.read_bytes()
    branch.home.joinpath(lock).write_bytes(b"")
    done = run("recalc", branch.book)
    assert done.code == 2
    assert "正在 Excel、WPS 或 LibreOffice 中打开；请保存并关闭后再试" in done.err
    assert run("check", branch.book).code == 0, "looking is allowed"
    assert branch.book.read_bytes() == before
    assert not (branch.home / folders.BACKUPS).exists()
    branch.home.joinpath(lock).unlink()
    assert run("recalc", branch.book).code == 0


def test_a_file_held_by_a_program_without_a_lock_file_is_not_written(
    at_the_end_of: Callable[[int], Branch], monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = at_the_end_of(9)
    branch.type({"9月!H4": "九月党课（补记）"})
    before, real = branch.book.read_bytes(), os.open

    def held(path: Any, flags: int, mode: int = 0o777) -> int:
        if Path(path) == branch.book and flags & os.O_RDWR:
            error = PermissionError(13, "Permission denied", str(path))
            error.winerror = 32  # type: ignore[attr-defined]  # ERROR_SHARING_VIOLATION
            raise error
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", held)
    done = run("recalc", branch.book)
    assert done.code == 2
    assert "正被别的程序占用，没有写入；请先在 Excel 或 WPS 中关闭它再试" in done.err
    assert branch.book.read_bytes() == before


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Whose clock may be set; afterwards it is in its own zone again."""
    yield monkeypatch
    monkeypatch.undo()
    heed_zone()


has_zones = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps one zone for all programs")
MIDNIGHT = datetime(2026, 10, 14, 16, 30, tzinfo=UTC).timestamp()
"""Half past midnight on 15 October in China, the day after the publicity period; in America it is still the 14th."""


@has_zones
@pytest.mark.parametrize(
    ("zone", "today"),
    [("Asia/Shanghai", "2026-10-15"), ("America/Los_Angeles", "2026-10-14"), ("Pacific/Kiritimati", "2026-10-15")],
)
def test_a_clock_in_another_zone_changes_no_date_and_no_score(
    at_the_end_of: Callable[[int], Branch], machine: pytest.MonkeyPatch, zone: str, today: str
) -> None:
    branch = at_the_end_of(9)
    branch.type({"9月!C5": datetime(2026, 9, 30, 23, 59), "9月!D5": "林静", "9月!E5": "加1", "9月!H5": "月末党课"})
    branch.type({"9月!L5": layout.PASSED})
    before = cells(branch.book)
    clock(machine, MIDNIGHT, zone, commands)
    said = reckoned(branch.book)
    assert said.places == [LATE], "the last minute of September belongs to September"
    assert said.scores["2026Q3"] == {**BY_HAND[9], "林静": "108.5"}
    branch.publish("2026Q3", "2026-10-09")
    done = run("close", branch.book, "2026Q3")
    assert (done.code == 0) == (today == "2026-10-15"), "the day is that of the machine"
    assert done.code == 0 or "公示期到2026年10月14日为止，还没有结束；请从2026年10月15日起归档" in done.err
    assert run("recalc", branch.book).code == 0
    (backup,) = (branch.home / folders.BACKUPS).iterdir()
    assert backup.name.split(".")[1].startswith(today.replace("-", ""))
    after = cells(branch.book)
    after["9月"][4] = after["9月"][4][:12]  # 计入分 of the new row
    assert after == before


@has_zones
def test_a_clock_set_back_costs_no_backup(at_the_end_of: Callable[[int], Branch], machine: pytest.MonkeyPatch) -> None:
    branch = at_the_end_of(9)
    folder = branch.home / folders.BACKUPS
    folder.mkdir()
    for minute in range(save.BACKUPS_KEPT):
        (folder / f"{branch.book.stem}.20261015-00{minute:02d}00.xlsx").write_bytes(b"earlier")
    branch.type({"9月!L4": layout.PENDING})
    before = branch.book.read_bytes()
    clock(machine, MIDNIGHT, "America/Los_Angeles", commands)
    done = run("recalc", branch.book)
    assert "原文件备份在：" in done.out
    assert before in [backup.read_bytes() for backup in folder.iterdir()]


def test_the_backup_is_the_file_as_it_was_and_can_be_put_back(at_the_end_of: Callable[[int], Branch]) -> None:
    branch = at_the_end_of(11)
    branch.type({"11月!C4": "孙号"})
    before = branch.book.read_bytes()
    done = run("recalc", branch.book)
    (backup,) = (branch.home / folders.BACKUPS).iterdir()
    assert f"原文件备份在：{backup}" in done.out
    assert backup.read_bytes() == before
    shutil.copyfile(backup, branch.book)
    branch.type({"11月!C4": "孙浩"})
    assert reckoned(branch.book).scores["2026Q4"] == BY_HAND[11]


def test_a_backup_older_than_the_archive_is_noticed(
    year: Mapping[int, Branch], at_the_end_of: Callable[[int], Branch]
) -> None:
    branch = at_the_end_of(8)
    today = branch.book.read_bytes()
    shutil.copyfile(year[5].book, branch.book)
    said = reckoned(branch.book)
    lost = [f for f in said.findings if f["code"] == "E901"]
    assert {f["place"] for f in lost} >= {"6月!4", "6月!5"}
    assert all("2026年第二季度归档时" in f["message"] and "请恢复" in f["remedy"] for f in lost)
    assert run("close", branch.book, "2026Q3", "--date", "2026-10-20").code == 1
    branch.book.write_bytes(today)
    assert reckoned(branch.book).places == [LATE]


def test_a_copy_in_which_someone_went_on_is_not_counted_twice(at_the_end_of: Callable[[int], Branch]) -> None:
    branch = at_the_end_of(11)
    copy = branch.home / "党员积分2026 - 副本.xlsx"
    shutil.copy(branch.book, copy)
    edit(copy, {"11月!B5": date(2026, 11, 20), "11月!C5": "林静", "11月!D5": "加1", "11月!G5": "党课"})
    edit(copy, {"11月!J5": layout.PASSED})
    done = run("rollup", branch.home, "--out", branch.home.parent / "汇总.xlsx", "--workers", 1)
    assert done.code == 1
    assert "计入 0 个（0 个支部）" in done.out, "both agree with the archive and say they were saved at one time"
    assert "分不清哪份是准的" in done.out
    copy.unlink()
    done = run("rollup", branch.home, "--out", branch.home.parent / "汇总.xlsx", "--workers", 1)
    assert done.code == 0
    assert "计入 1 个（1 个支部）" in done.out


def test_a_workbook_taken_away_from_its_archives_cannot_be_verified(at_the_end_of: Callable[[int], Branch]) -> None:
    branch = at_the_end_of(12)
    alone = branch.home.parent / "U盘"
    alone.mkdir()
    taken = Path(shutil.copy(branch.book, alone))
    done = run("verify", taken)
    assert done.code == 2
    assert "没有找到文件夹“归档”，无从核验" in done.err
    taken.rename(branch.home / "党员积分2026（U盘）.xlsx")
    assert "与归档一致" in run("verify", branch.home / "党员积分2026（U盘）.xlsx").out


# ---- New Year ----


def test_the_year_ends_and_the_next_begins(
    at_the_end_of: Callable[[int], Branch], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    branch = at_the_end_of(12)
    if shutil.which("soffice"):
        through_libreoffice(branch.book, tmp_path / "LibreOffice")
    branch.publish("2026Q4", "2027-01-08")
    branch.close("2026Q4", "2027-01-20")
    assert [(done.code, done.err) for done in branch.said.values()] == [(0, "")] * 2
    year = reckoned(branch.book)
    assert year.places == [LATE]
    assert year.scores["year"] == year.scores["2026Q4"] == BY_HAND[12]
    done = run("verify", branch.book)
    assert done.code == 0
    (chain,) = (line for line in done.out.splitlines() if line.startswith("归档链条完整"))
    assert len(list(printed(chain))) == 4, "a chain of four"
    fresh = branch.home / "党员积分2027.xlsx"
    assert run("next-year", branch.book, fresh).code == 0
    opening = reckoned(fresh)
    assert opening.findings == []
    assert opening.scores["year"] == dict.fromkeys(BY_HAND[12], "100"), "周洋 left, 王磊 begins again"
