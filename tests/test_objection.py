"""An objection that is upheld while the notice hangs: put right in the row, published anew, and only then archived."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from closed_year import NAME, write
from secretary import Run, clock, edit, run

from xl_jifen.archive.code import printed
from xl_jifen.doors.cli import commands
from xl_jifen.render import typeset

OBJECTION = (
    "## 异议处理\n| 提出日期 | 提出人 | 涉及时段 | 涉及事项 | 处理结果 | 办结日期 |\n"
    "| 2026-04-10 | 赵六 | 一季度 | 1月20日献血只有2小时 |  |  |"
)
HOURS, RESULT, CLOSED = "1月!E4", "异议处理!E2", "异议处理!F2"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch that published its first quarter on 8 April; somebody objected on the 10th."""
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, OBJECTION)
    return tmp_path


def on(monkeypatch: pytest.MonkeyPatch, day: date, *arguments: object) -> Run:
    """One command on that day."""
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    clock(monkeypatch, moment, "Asia/Shanghai", commands)
    return run(*arguments)


def code_of(home: Path) -> str:
    message = home / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.txt"
    return next(printed(message.read_text("utf-8-sig")))


@pytest.mark.slow
def test_an_objection_upheld_within_the_publicity_period(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    april = {day: date(2026, 4, day) for day in range(1, 31)}
    first = on(monkeypatch, april[8], "publish", NAME, "2026Q1")
    assert "公示期：2026年4月8日至4月14日（5个工作日）" in first.out
    old = code_of(home)

    open_still = on(monkeypatch, april[15], "close", NAME, "2026Q1")
    assert open_still.code == 2
    assert "没有办结的异议（异议处理!2）" in open_still.err

    edit(home / NAME, {HOURS: 2, RESULT: "更正", CLOSED: date(2026, 4, 15)})
    assert "E901" not in on(monkeypatch, april[15], "check", NAME).out
    stale = on(monkeypatch, april[15], "close", NAME, "2026Q1")
    assert (stale.code, "--date" in stale.err) == (2, False)
    assert "请核对后重新公示（xl-jifen publish 党员积分.xlsx 2026Q1），公示期满后再归档" in stale.err

    again = on(monkeypatch, april[15], "publish", NAME, "2026Q1")
    assert again.code == 0, again
    assert "公示期：2026年4月15日至4月21日（5个工作日）" in again.out
    assert "4月22日起归档" in again.out
    assert f"这一份换下了2026年4月8日公示的那一份（校验码 {old}）；已经张贴、转发的请撤下" in again.out
    assert "换下了" not in first.out
    assert "没有对应的冲销" not in again.out
    assert code_of(home) != old

    too_soon = on(monkeypatch, april[21], "close", NAME, "2026Q1")
    assert (too_soon.code, "请从2026年4月22日起归档" in too_soon.err) == (2, True)
    done = on(monkeypatch, april[22], "close", NAME, "2026Q1")
    assert done.code == 0, done
    assert "没有对应的冲销" not in done.out

    assert on(monkeypatch, april[22], "verify", code_of(home)).code == 0
    assert "没有哪个时段的归档对得上校验码" in on(monkeypatch, april[22], "verify", old).out
    second = on(monkeypatch, date(2026, 7, 8), "publish", NAME, "2026Q2")
    assert second.code == 0, second
    assert "没有对应的冲销" not in second.out, "what was put right before the notice wants no correction later"


@pytest.mark.slow
def test_an_objection_upheld_after_the_notice_and_not_put_right_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, date(2026, 4, 8), "publish", NAME, "2026Q1")
    edit(home / NAME, {RESULT: "更正", CLOSED: date(2026, 4, 14), "4月!G4": "不通过"})  # nothing is taken back
    assert "没有对应的冲销或补登" in on(monkeypatch, date(2026, 4, 20), "close", NAME, "2026Q1").out


@pytest.mark.slow
def test_an_objection_not_upheld_asks_for_no_new_notice(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, date(2026, 4, 8), "publish", NAME, "2026Q1")
    edit(home / NAME, {RESULT: "维持", CLOSED: date(2026, 4, 14)})
    assert on(monkeypatch, date(2026, 4, 15), "close", NAME, "2026Q1").code == 0
