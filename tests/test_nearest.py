"""The nearest name (“是不是…？”): the one clearly nearer than all others, else none; bounded in time."""

from __future__ import annotations

import time
from datetime import date

import pytest

from xl_jifen import layout
from xl_jifen.grid import Nearest
from xl_jifen.period import Cycle
from xl_jifen.publish.notice import notice

PEOPLE = ("张三", "李四", "王五", "秦海涛", "阿依古丽·买买提", "扎西顿珠", "欧阳建国", "欧阳建军")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张山", "张三"),
        ("秦海滔", "秦海涛"),
        ("秦涛海", "秦海涛"),
        ("阿依古丽买买提", "阿依古丽·买买提"),
        ("扎西顿珠同志", "扎西顿珠"),
        ("赵三", ""),  # another family name is another person
        ("欧阳建", ""),  # two are as near
        ("钱学森", ""),
        ("张", ""),
        ("", ""),
    ],
)
def test_a_name_is_asked_for_only_where_one_is_clearly_meant(written: str, meant: str) -> None:
    assert Nearest({name: name for name in PEOPLE}).to(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("主动讲党课", "加2-1 讲党课"),
        ("加2-3作辅导报告", "加2-2 作辅导报告"),
        ("加2-9", ""),
        ("讲党可", "加2-1 讲党课"),
    ],
)
def test_a_rule_is_meant_by_code_or_words(written: str, meant: str) -> None:
    rules = {"加2-1": "讲党课", "加2-2": "作辅导报告", "减1": "缺席"}
    names = {code: f"{code} {item}" for code, item in rules.items()}
    names |= {item: f"{code} {item}" for code, item in rules.items()}
    assert Nearest(names).to(written) == meant


def test_thousands_of_unknown_names_take_no_time() -> None:
    nearest = Nearest({f"张{number:04d}": "x" for number in range(1000)})
    began = time.process_time()
    for number in range(10_000):
        nearest.to(f"李{number:05d}")
    assert time.process_time() - began < 3
    assert nearest.to("张0001x") == ""


def test_a_period_that_is_none_asks_for_the_nearest() -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    assert "是不是“2026年第三季度”？" in str(cycle.named("2025Q3"))
    assert "是不是" not in str(cycle.named("随便"))


def test_the_days_in_the_workbook_serve_for_years_the_calendar_lacks() -> None:
    """workbook.md 节假日: 2099-10-01 is a Thursday; 放假 to the 8th, 上班 on Saturday the 10th."""
    off = [(date(2099, 10, day), layout.DAY_OFF) for day in range(1, 9)]
    days = [*off, (date(2099, 10, 10), layout.DAY_AT_WORK)]
    told = notice(date(2099, 10, 1), 3, layout.WORKING_DAYS, days)
    assert (told.first, told.last, told.caveat) == (date(2099, 10, 9), date(2099, 10, 12), "")
    assert "“节假日”" in notice(date(2099, 10, 1), 3, layout.WORKING_DAYS).caveat
    known = notice(date(2026, 10, 9), 3, layout.WORKING_DAYS)
    closed = [(date(2026, 10, 9), layout.DAY_OFF)]
    assert notice(date(2026, 10, 9), 3, layout.WORKING_DAYS, closed) == known, "only for years it lacks"
