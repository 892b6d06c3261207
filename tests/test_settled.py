"""Findings of archived rows: what stood so when its period was archived is settled, and nothing else is."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from archives import Q1, Q2, added, book, changed, closed
from closed_year import NAME, write

import xl_jifen
from xl_jifen.archive.code import digest
from xl_jifen.archive.recall import recalled
from xl_jifen.archive.settled import settle
from xl_jifen.archive.snapshot import Archive, to_text
from xl_jifen.budget import ARCHIVE, Budget
from xl_jifen.catalogue import ERROR
from xl_jifen.disk.shelf import FOLDER, Shelf, shelf
from xl_jifen.doors.cli import cli
from xl_jifen.finding import SETTLED, count_words, errors, standing
from xl_jifen.grid import Grids
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.publish import pending, publish

LATE = added("3月", "序号 日期 姓名 规则 事由 审核状态", "4 2026-02-09 张三 加2 补登 通过")
UNPROVED = changed("积分规则", "规则编号", "加2", "需佐证", "是")
BALLOT = changed("表决记录", "表决日期", "2026-03-20", "应到", "5")


def without_findings(archive: Archive) -> Archive:
    content = {key: value for key, value in archive.content.items() if key != "findings"}
    return Archive(content, digest(content))


def told(grids: Grids, *archives: Archive) -> list[tuple[str, str, bool]]:
    reckoning = xl_jifen.reckon(grids)
    found = list(settle(reckoning.findings, grids, reckoning.register, recalled(archives)))
    before = [without_findings(archive) for archive in archives]
    assert list(settle(reckoning.findings, grids, reckoning.register, recalled(before))) == found, "of releases before"
    assert [(f.code, f.place, f.message, f.level) for f in found] == [
        (f.code, f.place, f.message, f.level) for f in reckoning.findings
    ], "code, place, level and words stay"
    return [(f.code, str(f.place), f.is_settled) for f in found]


def test_what_stood_so_is_settled_and_what_is_later_is_not() -> None:
    later = added("4月", "序号 日期 姓名 规则 事由 审核状态", "1 2026-02-10 李四 加2 补登 通过")
    archive = closed(book(LATE))
    found = told(book(LATE, later), archive)
    assert ("W402", "3月!B5", True) in found
    assert ("W402", "4月!A2", False) in found


def test_an_error_of_an_archived_row_no_longer_counts() -> None:
    grids = book(UNPROVED)
    archive = closed(grids)
    reckoning = xl_jifen.reckon(grids)
    found = list(settle(reckoning.findings, grids, reckoning.register, recalled([archive])))
    settled = [f for f in found if f.level == ERROR]
    assert [(f.code, str(f.place), f.remedy) for f in settled] == [("E501", "3月!2", SETTLED)]
    assert errors(found) == ()
    assert settled[0] not in standing(found)
    assert count_words(found).startswith("共 0 个错误")


@pytest.mark.parametrize("sheet", ["活动考勤", "表决记录", "3月"])
def test_rows_of_all_three_kinds_are_settled_wherever_they_stand_now(sheet: str) -> None:
    before = book(LATE, BALLOT)
    archive = closed(before)
    moved = Grids(
        tuple(
            grid._replace(rows=[grid.rows[0], [None] * len(grid.rows[0]), *grid.rows[:0:-1]])
            if grid.name == sheet
            else grid
            for grid in before
        )
    )
    then = [(code, settled) for code, place, settled in told(before, archive) if place.startswith(sheet)]
    now = [(code, settled) for code, place, settled in told(moved, archive) if place.startswith(sheet)]
    assert sorted(then) == sorted(now)
    assert then
    assert all(settled for _, settled in then)


def test_a_row_added_since_that_says_the_same_is_not_settled() -> None:
    archive = closed(book(LATE))
    found = [item for item in told(book(f"{LATE}\n{LATE.splitlines()[-1]}"), archive) if item[0] == "W402"]
    assert [(place, settled) for _, place, settled in found] == [("3月!B5", True), ("3月!B6", False)]


def test_a_row_that_was_changed_since_is_not_settled() -> None:
    archive = closed(book(LATE))
    now = book(LATE, changed("3月", "序号", "4", "事由", "另一件事"))
    assert ("W402", "3月!B5", False) in told(now, archive)


def test_findings_of_roster_and_rules_are_never_settled() -> None:
    grids = book(added("积分规则", "规则编号 类型 大项 小项 分值", "加7 加分 其他 其他 0.001"))
    assert [item for item in told(grids, closed(grids)) if item[0] == "E405"] == [("E405", "积分规则!E8", False)]


def test_each_row_is_settled_by_the_archive_of_its_own_period() -> None:
    later = added("4月", "序号 日期 姓名 规则 事由 审核状态", "1 2026-02-10 李四 加2 补登 通过")
    grids = book(LATE, later)
    first = closed(book(LATE))
    second = closed(grids, Q2, first)
    found = [item for item in told(grids, first, second) if item[0] == "W402"]
    assert [settled for *_, settled in found] == [True, True]
    assert closed(grids, Q1).end < second.end


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A workbook with an error in an archived row, and its archive beside it."""
    grids = book(UNPROVED)
    write(tmp_path, UNPROVED)
    archived = closed(grids)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "2026Q1.json").write_text(to_text(archived), encoding="utf-8")
    return tmp_path / NAME


@pytest.mark.slow
def test_the_screen_and_the_exit_code_leave_it_out_and_the_json_keeps_it(
    branch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(branch)]) == 1, "the entries of April are errors still"
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "E501" in line and "3月!" in line] == []
    assert [line for line in lines if "E501" in line and "4月!" in line]
    cli.main(["check", "--json", str(branch)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    kept = [(f["level"], f["remedy"]) for f in findings if f["code"] == "E501" and f["place"].startswith("3月!")]
    assert kept == [("错误", SETTLED)]


@pytest.mark.slow
def test_a_longer_periods_notice_does_not_ask_for_what_an_archive_settled(
    branch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """待审 rows and warnings of the archived quarter: whoever did as told would change the archive (E901)."""
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    waiting = f"{LATE}\n{LATE.splitlines()[-1].replace('2026-02-09', '2026-02-10').replace('通过', '待审')}"
    later = added("5月", "日期 姓名 规则 事由 审核状态", "2026-05-09 张三 加2 植树 待审")
    write(branch.parent, waiting, later)
    (branch.parent / FOLDER / "2026Q1.json").write_text(to_text(closed(book(waiting))), encoding="utf-8")
    opened = verbs.open_workbook(branch)
    year = verbs.period_of(opened.reckoning, "year")
    done = publish(opened, year, datetime(2027, 1, 9, 9), draft=True)
    asked = [sentence for sentence in done.sentences if "待审" in sentence or "请再看一看" in sentence]
    assert len(asked) == 2
    assert asked[0].startswith("还有 1 行待审（5月!2）")
    assert "3月" not in asked[1]
    assert pending(opened.reckoning.register, year, shelf(branch.parent)) == ["5月!2"]
    assert pending(opened.reckoning.register, year, Shelf(branch.parent, {}, {}, Budget("归档", ARCHIVE))) == [
        "3月!6",
        "5月!2",
    ]


@pytest.mark.slow
def test_without_anything_later_the_exit_code_is_none(branch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(branch.parent, UNPROVED, changed("4月", "序号", "1", "审核状态", "不通过"))
    assert cli.main(["check", str(branch)]) == 0
    assert "共 0 个错误" in capsys.readouterr().out
