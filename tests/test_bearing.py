"""Which errors stand in a period's way: of sheets whose rows have days, those up to its last day."""

from __future__ import annotations

import pytest
from yearend_books import small

from xl_jifen.derive.bearing import bearing
from xl_jifen.period import Period


@pytest.mark.parametrize(("day", "bears"), [("2026-03-31", True), ("2026-04-01", False), ("", True)])
def test_a_wrong_ballot_hinders_from_its_own_day_on(day: str, bears: bool) -> None:
    """Without a day it may belong to any period."""
    head = "| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |"
    _, reckoning = small(f"## 表决记录\n{head}\n| {day} | 张三 | 否1 | 违纪 | 3 | 3 | 1 | 1 | 0 |")
    found = bearing(reckoning.register, reckoning.findings, Period.of_quarter(2026, 1))
    assert ("E701" in {finding.code for finding in found}) == bears


@pytest.mark.parametrize(
    ("period", "sheets"),
    [
        ("2026-01", ["1月"]),
        ("2026-02", ["1月", "2月"]),
        ("2026Q1", ["1月", "2月", "3月"]),
        ("2026H1", ["1月", "2月", "3月", "4月"]),
        ("year", ["1月", "2月", "3月", "4月", "7月"]),
    ],
)
def test_wrong_rows_hinder_their_own_period_and_those_after(period: str, sheets: list[str]) -> None:
    """A month's own rows too, though its quarter goes on."""
    head = "| 日期 | 姓名 | 规则 | 事由 | 审核状态 |"
    wrong = (f"## {n}月（追加）\n{head}\n| 2026-{n:02}-10 | 张三 | 加9 | 讲课 | 通过 |" for n in (1, 2, 3, 4, 7))
    _, reckoning = small(*wrong)
    cycle = reckoning.register.settings.cycle
    assert cycle
    named = cycle.named(period)
    assert isinstance(named, Period)
    found = bearing(reckoning.register, reckoning.findings, named)
    assert [finding.place.sheet for finding in found] == sheets
