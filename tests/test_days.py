"""A year walked day by day with the clock moved: what each command says then; nothing to come is told as a fact.

The branch types each month's rows in that month. What does not go by the clock (explain, doctor, demo, new, upgrade) is
told elsewhere.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from notation import SETTLED, parse
from secretary import Run, clock, run
from yearend_books import small

import xl_jifen
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.doors.cli import commands
from xl_jifen.doors.desk.session import Done, Session
from xl_jifen.period import Cycle
from xl_jifen.publish.owned.tables import tables
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.rollup import fleet

BOOK = "党员积分.xlsx"
YEAR = 2026
MONTHS = range(1, 13)
NAMES = ("张三", "李四", "王五", "赵六")
QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")
BASE = f"一年的登记，每月十日填写。\n套用 基本\n{SETTLED}"


class Quarter(NamedTuple):
    """When a quarter ends, is published, and may be archived, as a calendar of the year tells it."""

    number: int
    last: date
    published: date
    until: date

    @property
    def name(self) -> str:
        return f"{YEAR}Q{self.number}"

    @property
    def words(self) -> str:
        return f"{YEAR}年{QUARTERS[self.number - 1]}"


CALENDAR = (
    Quarter(1, date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 8)),  # 清明节 4月6日 is a Monday off
    Quarter(2, date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 7)),
    Quarter(3, date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 13)),  # 国庆节 to the 7th; the 10th is worked
    Quarter(4, date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 8)),
)


def rows(month: int) -> str:
    """What is typed in a month: 张三 and 李四 take turns, one of the rows is still to be reviewed in December."""
    who = NAMES[month % 2]
    first, second = (f"| {YEAR}-{month:02d}-{day:02d} | {who}" for day in (5, 6))
    status = "待审" if month == 12 else "通过"
    return (
        f"\n## {month}月（追加）\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n"
        f"{first} | 加1 | 讲党课 | 通过 |\n{second} | 加2 | 服务 | {status} |"
    )


def typed(path: Path, months: int) -> None:
    """The workbook with the rows of the year's first months, as a person saves it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse(BASE + "\n".join(map(rows, range(1, months + 1)))).grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(list(row))
    book.save(path)


class Walk:
    """The branch's folder, and a clock that is moved."""

    def __init__(self, home: Path, patched: pytest.MonkeyPatch) -> None:
        self.home, self.patched = home, patched

    def on(self, day: date, *arguments: object) -> Run:
        """One command on the morning of that day."""
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
        clock(self.patched, moment, "Asia/Shanghai", commands)
        return run(*arguments)

    def done(self, day: date, *arguments: object) -> str:
        """What a command says that does what it is asked."""
        said = self.on(day, *arguments)
        assert (said.code, said.err) == (0, ""), said
        return said.out

    def refused(self, day: date, *arguments: object) -> str:
        """What a command says that does not; one sentence, and nobody is told to back-date."""
        said = self.on(day, *arguments)
        assert (said.code, said.out) == (2, ""), said
        assert "--date" not in said.err
        return said.err.strip()


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    monkeypatch.setattr(fleet, "local", lambda work, tasks, workers: ((task, work(task)) for task in tasks))
    monkeypatch.chdir(tmp_path)
    return Walk(tmp_path, monkeypatch)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


# ---- the year ----


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_what_every_command_says_in_every_month(walk: Walk) -> None:
    for month in MONTHS:
        typed(walk.home / BOOK, month)
        day = date(YEAR, month, 15)
        now = CALENDAR[(month - 1) // 3]
        before = CALENDAR[: now.number - 1]
        looked_at(walk, day, now, before)
        published_too_soon(walk, day, now, before)
        pages(walk, day)
        others(walk, day, month)
        if month == now.last.month:
            published_and_archived(walk, now, before)
    over(walk)


def looked_at(walk: Walk, day: date, now: Quarter, before: tuple[Quarter, ...]) -> None:
    """check, score and recalc on the 15th of a month."""
    december = day.month == 12
    assert walk.done(day, "check", BOOK).splitlines()[-1] == f"共 0 个错误、0 个警告、{int(december)} 个提示。"
    until = f"截至{day.month}月{day.day}日"
    told = walk.done(day, "score", BOOK)
    headings = re.findall(r"^(\d{4}年第.季度.*|全年.*)$", told, re.MULTILINE)
    assert headings == [*(quarter.words for quarter in before), f"{now.words}（{until}）", f"全年（{until}）"]
    running = told.partition(f"{now.words}（")[2]
    assert "名次" not in running
    assert "等次" not in running
    scores = json.loads(walk.done(day, "score", BOOK, "--json"))["scores"]
    assert {score["period"] for score in scores} == {*(quarter.name for quarter in CALENDAR), "year"}
    later = [quarter for quarter in CALENDAR if quarter.number > now.number]
    for quarter in later[:1]:
        asked = walk.done(day, "score", BOOK, "--period", quarter.name)
        first = date(YEAR, quarter.last.month - 2, 1)
        assert asked.endswith(f"{quarter.words}到{YEAR}年{first.month}月1日才开始。\n")
    assert f"已写回：{BOOK}" in walk.done(day, "recalc", BOOK)
    kept = (walk.home / BOOK).read_bytes()
    assert f"没有变化，未改动：{BOOK}" in walk.done(day + timedelta(1), "recalc", BOOK)
    assert f"没有变化，未改动：{BOOK}" in walk.done(last_of(day), "recalc", BOOK)
    assert (walk.home / BOOK).read_bytes() == kept


def until_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def last_of(day: date) -> date:
    return (day.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)


def published_too_soon(walk: Walk, day: date, now: Quarter, before: tuple[Quarter, ...]) -> None:
    """publish and close of the quarter that runs, and of one to come, up to its last day; a draft of it."""
    last = f"{now.last.year}年{now.last.month}月{now.last.day}日"
    for when in (day, last_of(day)):
        assert walk.refused(when, "publish", BOOK, now.name) == (
            f"{now.words}到{last}才结束，现在还不能公示；"
            f"先看样子请加 --draft 生成草稿（xl-jifen publish {BOOK} {now.name} --draft）。"
        )
        assert walk.refused(when, "close", BOOK, now.name) == (
            f"{now.words}到{last}才结束，现在还不能归档；请在公示期满以后归档。"
        )
    if before:
        again = walk.done(day, "publish", BOOK)
        assert f"{before[-1].words}已于 {before[-1].until + timedelta(1)}" in again
        assert "公示的原件，一个字节也没有改" in again
        assert "已经归档" in walk.refused(day, "close", BOOK, before[-1].name)
    else:
        assert walk.refused(day, "publish", BOOK) == (
            f"本计分周期还没有结束的时段（{now.words}到{last}才结束）；"
            f"先看样子请写明时段并加 --draft：xl-jifen publish {BOOK} {now.name} --draft。"
        )
    drafted = walk.done(day, "publish", BOOK, now.name, "--draft")
    assert "这是草稿，没有公示效力，请勿张贴、转发。" in drafted
    until = f"{now.words}到{last}才结束，表上是截至{day.year}年{day.month}月{day.day}日的登记"
    assert until in drafted
    sheet = walk.home / "公示" / f"{now.words}（草稿）" / f"{now.words}党员积分公示表（草稿）.xlsx"
    assert until in text_of(sheet)
    assert "公示期：" not in drafted
    assert {path.name for path in walk.home.glob("公示/*")} == {
        *(quarter.words for quarter in before),
        f"{now.words}（草稿）",
    }
    shutil.rmtree(walk.home / "公示" / f"{now.words}（草稿）")


def pages(walk: Walk, day: date) -> None:
    """What statement, meeting and appraise print in the middle of a month."""
    until = f"截至{day.month}月{day.day}日"
    running = f"计分周期尚未结束，本表按截至{until_words(day)}的登记编制"
    walk.done(day, "statement", BOOK, "--member", "001", "--out", "statement")
    for verb in ("meeting", "appraise"):
        walk.done(day, verb, BOOK, "--out", verb)
    account = text_of(walk.home / "statement" / "001 张三 个人积分明细.xlsx")
    assert running in account
    assert f"年度小结：{until}积分" in account
    assert "等次" not in account
    quarters = re.findall(rf"{YEAR}年(第.季度)小计", account)
    now = (day.month - 1) // 3
    assert quarters == [*QUARTERS[: now + 1]]
    assert account.count("名\n") == now, "a rank for each quarter that is over"
    mirror = text_of(walk.home / "meeting" / "001 张三 组织生活会对照清单.xlsx")
    assert running in mirror
    assert f"{until}积分" in mirror
    assert not re.search("第 [0-9]+ 名", mirror)
    table = walk.home / "appraise" / "民主评议党员参考表.xlsx"
    assert running in text_of(table)
    assert not re.search("第[0-9]+名|建议“", text_of(table))
    rows = [row for row in openpyxl.load_workbook(table).active.iter_rows(values_only=True) if row[1] in NAMES]  # type: ignore[union-attr]
    assert [row[0] for row in rows] == ["—"] * len(NAMES), "no rank"
    assert all([cell != "—" for cell in row[2:6]] == [number <= now for number in range(4)] for row in rows)


def text_of(path: Path) -> str:
    """The cells of a sheet, one a line."""
    sheet = openpyxl.load_workbook(path).active
    assert sheet
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None) + "\n"


def others(walk: Walk, day: date, month: int) -> None:
    """verify, rollup, compare, import and next-year in the middle of a month."""
    if month <= 3:
        assert "没有找到文件夹“归档”，无从核验" in walk.refused(day, "verify", BOOK)
    else:
        told = walk.done(day, "verify", BOOK)
        assert f"最近归档的是{CALENDAR[(month - 1) // 3 - 1].words}" in told
        assert "与归档一致。" in told
    assert "计入 1 个（1 个支部）" in walk.done(day, "rollup", BOOK, "--out", "汇总.xlsx", "--workers", "1")
    summary = openpyxl.load_workbook(walk.home / "汇总.xlsx")
    cells = "\n".join(
        str(cell) for sheet in summary for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )
    assert f"截至{day.month}月{day.day}日" in cells
    later = CALENDAR[(month - 1) // 3 + 1 :]
    assert not [quarter.words for quarter in later if quarter.words in cells]
    compared = walk.done(day, "compare", BOOK, "--rules", BOOK, "--out", "比较.xlsx")
    assert "积分、名次和建议等次都没有变化" in compared
    so_far = f"计分周期尚未结束：比较的是截至{until_words(day)}已有的登记"
    assert so_far in compared
    assert so_far in text_of(walk.home / "比较.xlsx")
    (walk.home / "签到.csv").write_text("姓名\n张三\n李四\n王五\n赵六\n", "utf-8")
    signed = walk.on(day, "import", BOOK, "签到.csv", "--activity", "主题党日")
    assert "活动“主题党日”→ 活动考勤!2：参加 4 人" in signed.out
    assert (walk.home / "申报导入" / f"{day} 活动考勤.xlsx").is_file(), "without a date it is of that day"
    new = walk.home / f"{month}.xlsx"
    assert "计分周期：2027-01-01 至 2027-12-31" in walk.done(day, "next-year", BOOK, new.name)
    new.unlink()


def published_and_archived(walk: Walk, quarter: Quarter, before: tuple[Quarter, ...]) -> None:
    """publish after a quarter's end, and close day by day until its publicity days are over."""
    walk.done(quarter.published, "recalc", BOOK)
    told = walk.done(quarter.published, "publish", BOOK)
    span = f"{quarter.published.month}月{quarter.published.day}日至{quarter.until.month}月{quarter.until.day}日"
    free = quarter.until + timedelta(1)
    assert f"公示期：{quarter.published.year}年{span}（5个工作日）。" in told
    assert f"{free.month}月{free.day}日起归档（xl-jifen close {BOOK} {quarter.name}）。" in told
    waiting = "还有 1 行待审（12月!3），公示表上没有；审核以后请重新生成。"
    assert (waiting in told) == (quarter.number == 4)
    assert (walk.home / "公示" / quarter.words / f"{quarter.words}党员积分公示表.xlsx").is_file()
    for day in days(quarter.published, quarter.until):
        assert walk.refused(day, "close", BOOK, quarter.name) == (
            f"{quarter.words}的公示期到{quarter.until.year}年{quarter.until.month}月{quarter.until.day}日为止，"
            f"还没有结束；请从{free.year}年{free.month}月{free.day}日起归档。"
        )
    closed = walk.done(free, "close", BOOK, quarter.name)
    assert f"{quarter.words}已归档。归档码：" in closed
    assert ("待审（12月!3），归档后不能再改" in closed) == (quarter.number == 4)
    assert "链条完整" in walk.done(free, "verify", BOOK)


def over(walk: Walk) -> None:
    """When the year is over everything is told as it is."""
    day = date(YEAR + 1, 1, 15)
    told = walk.done(day, "score", BOOK)
    assert "截至" not in told
    assert told.count("名次\t") == 5
    walk.done(day, "statement", BOOK, "--member", "001", "--out", "statement")
    account = text_of(walk.home / "statement" / "001 张三 个人积分明细.xlsx")
    assert "建议等次" in account
    assert "尚未结束" not in account
    assert "尚未结束" not in walk.done(day, "compare", BOOK, "--rules", BOOK)
    told = walk.done(day, "publish", BOOK, "year")
    assert f"{YEAR}年度到" not in told
    assert "待审" not in told, "the row of December was archived with the quarter"


# ---- a day that is given ----


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_a_day_that_is_given_is_the_one_that_counts_and_is_said(walk: Walk) -> None:
    typed(walk.home / BOOK, 12)
    july = date(YEAR, 7, 15)
    for verb, what in (("publish", "公示"), ("close", "归档")):
        said = walk.on(july, verb, BOOK, "2026Q1", "--date", "2026-03-20")
        assert (said.code, said.out) == (2, "")
        assert f"2026年3月31日才结束，按指定的2026年3月20日还不能{what}；" in said.err
    for day, given in ((july, "2026-10-08"), (date(YEAR, 10, 20), "2026-10-08")):
        told = walk.done(day, "publish", BOOK, "2026Q3", "--date", given)
        both = f"公示日期指定为2026年10月8日，制表时电脑日期是2026年{day.month}月{day.day}日。"
        assert both in told
        assert both in text_of(walk.home / "公示" / "2026年第三季度" / "2026年第三季度党员积分公示表.xlsx")
    assert "日期：" not in walk.done(date(YEAR, 10, 8), "publish", BOOK, "2026Q3", "--date", "2026-10-08")


@pytest.mark.slow
def test_a_draft_of_what_has_not_even_begun_says_so(walk: Walk) -> None:
    typed(walk.home / BOOK, 4)
    told = walk.done(date(YEAR, 4, 15), "publish", BOOK, "2026H2", "--draft")
    words = "2026年下半年到2026年7月1日才开始，表上的积分、名次和等次都还没有发生，只供看样子。"
    assert words in told
    assert words in text_of(walk.home / "公示" / "2026年下半年（草稿）" / "2026年下半年党员积分公示表（草稿）.xlsx")
    assert "才结束" not in walk.done(date(YEAR, 4, 15), "publish", BOOK, "2026Q1", "--draft")


# ---- every day ----


@pytest.mark.slow
def test_a_recalculation_changes_something_on_the_first_of_a_month_alone(tmp_path: Path) -> None:
    typed(tmp_path / BOOK, 12)
    changed = []
    opened = verbs.open_workbook(tmp_path / BOOK)
    for day in days(date(YEAR, 1, 1), date(YEAR + 1, 2, 3)):
        if verbs.recalculate(opened, datetime(day.year, day.month, day.day, 8)).changed:
            changed.append(day)
            opened = verbs.open_workbook(tmp_path / BOOK)
    assert changed == [date(YEAR, month, 1) for month in MONTHS] + [date(YEAR + 1, 1, 1)]


@pytest.mark.slow
def test_on_every_day_only_what_is_over_has_rank_and_grade() -> None:
    reckoning = xl_jifen.reckon(parse(BASE + "\n".join(map(rows, MONTHS))).grids)
    cycle = reckoning.register.settings.cycle
    assert isinstance(cycle, Cycle)
    whole = {(score.period, score.member): score for score in reckoning.ledger.scores}
    for day in days(date(YEAR - 1, 12, 31), date(YEAR + 1, 1, 1)):
        told = as_it_stands(reckoning.ledger, cycle, day).scores
        assert {score.period for score in told} == {period for period, _ in whole if cycle.span(period)[0] <= day}
        for score in told:
            if cycle.span(score.period)[1] < day:
                assert score == whole[score.period, score.member]
            else:
                assert (score.rank, score.grade) == (None, None)
                assert score.score == 10000 + points_by_hand(score.member.name, day.month)


def points_by_hand(name: str, month: int) -> int:
    """3 points a month (2 in December, of which one row waits), in turn for 李四 and 张三."""
    own = [each for each in range(1, month + 1) if NAMES[each % 2] == name]
    return sum(200 if each == 12 else 300 for each in own)


def test_the_workbooks_own_sheets_go_by_months_that_are_over() -> None:
    reckoning = xl_jifen.reckon(parse(BASE + "\n".join(map(rows, MONTHS))).grids)
    for month in MONTHS:
        said = tables(
            reckoning.register,
            reckoning.findings,
            reckoning.ledger,
            file_name=BOOK,
            computed=datetime(YEAR, month, 15, 8),
        )
        ledger = said.ledger
        over_by_then = [quarter for quarter in CALENDAR if quarter.last < date(YEAR, month, 15)]
        before = date(YEAR, month, 1) - timedelta(1)
        assert ledger.until == (f"截至{before.month}月{before.day}日" if month > 1 else "")
        running = [quarter for quarter in ledger.quarters if quarter.until]
        assert len(ledger.quarters) - len(running) == len(over_by_then)
        assert all(quarter.until == ledger.until for quarter in running)
        assert all(row.year_rank is None and not row.year_grade for row in ledger.rows)


# ---- the desk ----


@pytest.mark.parametrize(
    ("day", "period", "heading", "points"),
    [
        (date(2025, 12, 31), "", "2026年第一季度到2026年1月1日才开始", []),
        (date(2026, 5, 15), "", "2026年第二季度积分（截至5月15日）", [10200, 10100, 10000, 10000]),
        (date(2026, 6, 15), "", "2026年第二季度积分（截至6月15日）", [10300, 10200, 10000, 10000]),
        (date(2026, 7, 15), "二季度", "2026年第二季度积分", [10300, 10200, 10000, 10000]),
        (date(2026, 7, 15), "9月", "2026年9月到2026年9月1日才开始", []),
    ],
)
def test_figures_are_told_up_to_the_day_and_of_nothing_to_come(
    day: date, period: str, heading: str, points: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (
        "## 5月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-05-05 | 张三 | 加1 | 党课 | 通过 |\n"
        "| 2026-05-06 | 李四 | 加2 | 服务 | 通过 |\n"
        "## 6月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-06-05 | 李四 | 加1 | 党课 | 通过 |"
    )
    monkeypatch.setattr("xl_jifen.verbs.quarter.reckoning_of", lambda _: small(rows)[1])
    monkeypatch.setattr("xl_jifen.doors.desk.session.date", SimpleNamespace(today=lambda: day))
    session = Session(tmp_path, lambda *_: Done(0, ()), period)
    session.open(tmp_path / "积分.xlsx")
    look = session.look()
    assert (look.trouble, look.heading) == ("", heading)
    assert [score.score for score in look.scores] == points
    assert day.year < 2026 or day.month > 6 or {(s.rank, s.grade) for s in look.scores} == {(None, None)}
