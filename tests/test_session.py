"""What a desk remembers between pages: its folder and workbook, the work under way, and which period is looked at."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from yearend_books import small

from xl_jifen.doors.desk.session import Done, Job, Session, heading, under_way
from xl_jifen.period import Cycle


def idle(words: Sequence[str], folder: Path) -> Done:
    return Done(0, ())


def finished(session: Session, job: Job | None) -> Job:
    assert job
    assert job.over.wait(10)
    assert job.done
    assert session.working is None
    return job


def test_the_newest_workbook_of_the_folder_is_offered_first(tmp_path: Path) -> None:
    for name, moment in (("甲.xlsx", 100), ("乙.xlsm", 300), ("丙.xlsx", 200), ("说明.txt", 400), ("~$乙.xlsm", 500)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (moment, moment))
    session = Session(tmp_path, idle)
    assert [path.name for path in session.books()] == ["乙.xlsm", "丙.xlsx", "甲.xlsx"]
    assert [path.name for path in session.listed()] == ["丙.xlsx", "乙.xlsm", "甲.xlsx", "说明.txt"]
    assert Session(tmp_path / "没有", idle).books() == []


@pytest.mark.parametrize(("code", "asked", "opened"), [(0, True, True), (0, False, False), (1, True, False)])
def test_a_workbook_that_was_made_is_opened_where_that_was_asked_and_went_well(
    tmp_path: Path, code: int, asked: bool, opened: bool
) -> None:
    made = tmp_path / "新" / "党员积分.xlsx"
    session = Session(tmp_path, lambda words, folder: Done(code, (), (made,)))
    finished(session, session.start("新建", ["new"], opens=asked))
    assert session.book == (made if opened else None)
    assert session.home == (made.parent if opened else tmp_path)
    assert session.number_of(made) == 0


def test_one_piece_of_work_at_a_time_and_each_file_once(tmp_path: Path) -> None:
    go = threading.Event()

    def slow(words: Sequence[str], folder: Path) -> Done:
        go.wait(10)
        return Done(0, (), (tmp_path / "甲", tmp_path / "乙"))

    session = Session(tmp_path, slow)
    first = session.start("公示", [])
    assert session.working is first
    assert session.start("归档", []) is None
    go.set()
    finished(session, first)
    finished(session, session.start("归档", []))
    assert [job.title for job in session.jobs] == ["公示", "归档"]
    assert [session.number_of(tmp_path / name) for name in ("甲", "乙")] == [0, 1]
    assert len(session.files) == 2


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2025, 12, 31), "2026Q1"),
        (date(2026, 3, 31), "2026Q1"),
        (date(2026, 4, 1), "2026Q2"),
        (date(2027, 2, 1), "2026Q4"),
    ],
)
def test_the_period_looked_at_is_that_of_the_day_or_the_nearest_of_the_cycle(day: date, period: str) -> None:
    assert str(under_way(small()[1].register.settings, day)) == period


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 31), "2026年第二季度到2026年4月1日才开始"),
        (date(2026, 4, 1), "2026年第二季度积分（截至4月1日）"),
        (date(2026, 6, 30), "2026年第二季度积分（截至6月30日）"),
        (date(2026, 7, 1), "2026年第二季度积分"),
    ],
)
def test_what_is_not_over_is_told_with_the_day_it_goes_up_to(day: date, words: str) -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    assert heading(cycle, cycle.quarters[1], day) == words


def test_a_workbook_being_saved_is_read_once_it_is_still(tmp_path: Path) -> None:
    book = tmp_path / "党员积分.xlsx"
    book.write_bytes(b"")
    session = Session(tmp_path, idle)
    session.open(book)
    before = session.look()
    for half in (b"a", b"a half"):
        book.write_bytes(half)
        assert session.look() is before
    after = session.look()
    assert after is not before
    assert session.look() is after
