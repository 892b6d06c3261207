"""The gallery of findings (tests/findings): for each code the smallest case that raises it alone, and its words.

The places are argued by hand under ``## 期望``; the words stand in ``## 文字``, which ``pytest --update`` rewrites.
Where a code has other words too, a case of tests/cases has a ``## 文字`` of its own.

Every remedy is followed: ``## 改后`` are the cells after doing what it says. ``## 归档后`` and ``## 归档在先`` follow
it where the period was archived, with the slip in it or before it was made (how they are written: notation.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from archives import closed as archived
from notation import CASES, GALLERY, Case, Closed, parse, read
from test_cases import compare_findings

import xl_jifen
from xl_jifen import layout
from xl_jifen.archive.guard import guard
from xl_jifen.archive.recall import recalled
from xl_jifen.archive.settled import settle
from xl_jifen.catalogue import CATALOGUE, Code
from xl_jifen.derive.bearing import bearing
from xl_jifen.finding import NOTHING_TO_DO, SETTLED, Finding, in_order, standing
from xl_jifen.grid import Cell, Grid, Grids
from xl_jifen.period import Cycle, Period

FILES = sorted(GALLERY.glob("*.txt"))
ONLY_EXPLAIN = {"I002", "I003", "I004", "I005", "W702"}
"""Nothing is wrong and nothing to be mended."""
LATE = {"W402", "W801"}
"""What stays when something is posted late, and what of a past period can no longer be made up for."""
BY_ROW = {sheet.name for sheet in (*layout.MONTHS, layout.ACTIVITIES, layout.BALLOTS)}
WORDING = "\n## 文字\n"
SPOKEN = sorted(path for path in CASES.glob("*.txt") if WORDING in path.read_text(encoding="utf-8"))


def wording(finding: Finding) -> str:
    """``级别 代码 位置 问题 怎么改``, as one line."""
    return f"{finding.level} {finding.code} {finding.place} {finding.message} {finding.remedy}\n"


def test_the_gallery_has_every_code_of_the_catalogue() -> None:
    assert {path.stem for path in FILES} == set(CATALOGUE)


def test_the_catalogue_has_every_code() -> None:
    assert list(CATALOGUE) == list(get_args(Code))


@pytest.fixture(params=FILES, ids=lambda path: path.stem, scope="module")
def path(request: pytest.FixtureRequest) -> Path:
    """A file of the gallery; of the whole module, so that all that is asked of it is asked together."""
    found = request.param
    assert isinstance(found, Path)
    return found


@pytest.fixture(scope="module")
def case(path: Path) -> Case:
    return read(path)


def test_finding(path: Path, case: Case, update: bool) -> None:
    reckoning = reckoned(case.grids, case.closed)
    assert {found.code for found in reckoning.findings} == {path.stem}
    compare_findings(case, reckoning)
    compare_words(path, case, reckoning, update)


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
def test_words_of_a_case(path: Path, update: bool) -> None:
    case = read(path)
    compare_words(path, case, xl_jifen.reckon(case.grids), update)


def compare_words(path: Path, case: Case, reckoning: xl_jifen.Reckoning, update: bool) -> None:
    """The words of all findings are those of the file; or become so, where asked."""
    words = "".join(wording(found) for found in reckoning.findings)
    if update:
        kept = path.read_text(encoding="utf-8").split(WORDING)[0].rstrip("\n")
        path.write_text(f"{kept}\n{WORDING}{words}", encoding="utf-8")
    else:
        assert case.text == words


# -- the remedies, followed ------------------------------------------------------------------------------------------


def reckoned(grids: Grids, closed: Closed | None) -> xl_jifen.Reckoning:
    """The workbook, beside the archive of the period that was closed."""
    reckoning = xl_jifen.reckon(grids)
    if closed is None:
        return reckoning
    archives = recalled([archived(closed.then, period_of(closed))])
    settled = settle(reckoning.findings, grids, reckoning.register, archives)
    changed = guard(grids, reckoning.ledger, archives).findings
    return reckoning._replace(findings=in_order([*settled, *changed], [grid.name for grid in grids]))


def period_of(closed: Closed) -> Period:
    cycle = xl_jifen.reckon(closed.then).register.settings.cycle
    assert isinstance(cycle, Cycle)
    period = cycle.named(closed.period)
    assert isinstance(period, Period)
    return period


class Change(NamedTuple):
    """What differs between two workbooks: in which sheet, and what the place may be called by."""

    sheet: str
    names: tuple[str, ...]
    row_gone: bool = False


def changes(before: Grids, after: Grids) -> Iterator[Change]:
    """Every cell, row and sheet that differs; cells of 设置 are called by their 项目."""
    for name in dict.fromkeys(grid.name for grid in (*before, *after)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Change(name, (name,), row_gone=now is None)
            continue
        headings = [*map(str, now.rows[0])]
        if more := [heading for heading in headings if heading not in was.rows[0]]:
            yield Change(name, (name, *more))
        rows, kept = rows_of(was), rows_of(now)
        gone = Counter(rows) - Counter(kept) if len(rows) > len(kept) else Counter[tuple[Cell, ...]]()
        if gone:
            yield Change(name, (name,), row_gone=True)
        stayed = [row for row in rows if not gone[row]] if gone else rows
        for was_row, now_row in [] if gone and len(stayed) < len(kept) else zip_longest(stayed, kept):
            if was_row is None:
                yield Change(name, (name, *headings))
                continue
            for column, (old, new) in enumerate(zip_longest(was_row, now_row or ())):
                if old != new:
                    keys = (str(was_row[0]), str((now_row or [""])[0])) if name == layout.SETTINGS.name else ()
                    yield Change(name, keys or (headings[column], name))


def rows_of(grid: Grid) -> list[tuple[Cell, ...]]:
    return [tuple(row) for row in grid.rows[1:]]


def assert_named(told: Sequence[Finding], before: Grids, after: Grids) -> list[Change]:
    """Every change is one that a remedy names, and no row goes that no remedy takes away; the changes."""
    made = list(changes(before, after))
    assert made
    for change in made:
        assert any(names(found.remedy, change) for found in told), change
    assert not [found for found in told if "--date" in found.remedy], "nobody is told to back-date"
    return made


def names(remedy: str, change: Change) -> bool:
    """Whether a remedy speaks of a change: by the heading or sheet, or by saying that a row goes."""
    if change.row_gone:
        return "删去" in remedy or "移到" in remedy
    return any(name in remedy for name in change.names)


def year_of(reckoning: xl_jifen.Reckoning) -> dict[str, int]:
    return {score.member.code: score.score for score in reckoning.ledger.scores if score.period.is_year}


def test_what_only_explains_asks_for_nothing(path: Path, case: Case) -> None:
    told = reckoned(case.grids, case.closed).findings
    only = all(found.remedy == NOTHING_TO_DO for found in told)
    assert only == (path.stem in ONLY_EXPLAIN) == (case.mended is None)


def test_doing_what_the_remedy_says_mends_it(case: Case) -> None:
    if case.mended is None:
        return
    assert standing(reckoned(case.mended, case.closed).findings) == ()
    told = reckoned(case.grids, case.closed).findings
    made = assert_named(told, case.grids, case.mended)
    for found in told:
        assert any(names(found.remedy, change) for change in made), found


def test_a_sound_row_hides_nothing_of_a_later_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a row once only (``_Check._alike``) holds for the slip below the row as it is when mended."""
    if case.mended is None:
        return
    months = {month.name for month in layout.MONTHS}
    mended = {grid.name: grid.rows for grid in case.mended if grid.name in months}
    sheets = (
        grid._replace(rows=[*mended[grid.name], *grid.rows[1:]]) if grid.name in mended else grid for grid in case.grids
    )
    both = Grids(tuple(sheets))
    told = xl_jifen.reckon(both).findings
    monkeypatch.setattr("xl_jifen.check._Check._alike", lambda *_: ())
    assert told == xl_jifen.reckon(both).findings


def test_what_was_archived_with_the_slip_needs_nothing_and_is_put_right_later(path: Path, case: Case) -> None:
    """已归档，无需处理; what counted wrongly is put right by 冲销 or 补登, and the year comes out as if it had been."""
    if case.closed or case.closed_before:
        return
    closed = case.after_close
    assert (closed is None) == (path.stem in ONLY_EXPLAIN)
    closed = closed or Closed("2026Q2", case.grids, case.grids)
    period = period_of(closed)
    told = reckoned(case.grids, closed)
    for found in told.findings:
        of_row = found.place.sheet in BY_ROW and found.place.row > 1
        assert (found.remedy == SETTLED) == (of_row and belongs(found, told, period)), found
    put_right = reckoned(closed.now, closed)
    assert {found.code for found in standing(put_right.findings)} <= LATE
    if case.mended:
        assert year_of(put_right) == year_of(xl_jifen.reckon(case.mended))


def belongs(found: Finding, told: xl_jifen.Reckoning, period: Period) -> bool:
    """Whether a finding's row lies in a period, by the sheet's month or the row's own day."""
    register, cycle = told.register, told.register.settings.cycle
    assert cycle
    last = cycle.span(period)[1]
    days = {row.place.row: row.day for row in register.ballots if row.place.sheet == found.place.sheet}
    days |= {row.place.row: row.day for row in register.activities if row.place.sheet == found.place.sheet}
    day = days.get(found.place.row)
    months = {month.sheet for month in cycle.months if month <= cycle.months_of(period)[-1]}
    return day <= last if day else found.place.sheet in months


def test_obeying_the_open_remedy_in_an_archived_period_is_told_with_the_right_one(case: Case) -> None:
    """Whoever changes the archived row all the same is told by E901 what to do instead."""
    if not (case.after_close and case.mended):
        return
    told = reckoned(case.mended, case.after_close).findings
    for found in told:
        if found.code == "E901" and found.place.sheet in BY_ROW - {layout.BALLOTS.name}:
            assert any(words in found.remedy for words in ("恢复", "删去")), found
            assert any(words in found.remedy for words in ("冲销", "补登")), found


def test_a_slip_made_after_the_close_is_mended_without_touching_the_archive(case: Case) -> None:
    closed = case.closed_before
    if closed is None or case.mended is None:
        return
    told = [*reckoned(case.grids, closed).findings, *reckoned(case.mended, closed).findings]
    assert {found.code for found in standing(reckoned(closed.now, closed).findings)} <= LATE
    assert_named(told, case.grids, closed.now)
    register = xl_jifen.reckon(case.grids).register
    found = xl_jifen.reckon(case.grids).findings
    own = [each for each in bearing(register, found, period_of(closed)) if each.place.sheet not in BY_ROW]
    assert own or found[0].place.sheet in BY_ROW, "with such an error nothing is closed"


# -- other rows of a code, whose remedy is another -------------------------------------------------------------------

SERVED = "| 2026-01-08 | {} | 加2 | 植树 | 通过 |  |  |"
HEAD = "## {}\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 冲销 | 序号 |\n"
LESSON = "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 参加 |\n"
SCHEME = "\n## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 |\n"
UNSCORED = "## 党员名册（更改）\n| 编号 | 是否计分 |\n| 002 | 否 |\n"
JANUARY = HEAD.format("1月") + SERVED.format("张三")
FEBRUARY = "\n" + HEAD.format("2月")
BACK = "| 2026-02-0{} | 张三 | 加2 | 更正 | 通过 | {} |  |"
OTHERS = {
    "E601 几人一行": (
        f"{JANUARY}\n{SERVED.format('张三、李四')}",
        f"{JANUARY}\n{SERVED.format('李四')}",
    ),
    "E601 考勤一人": (
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 第一课 | 张三、李四 |{SCHEME}",
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 第一课 | 李四 |{SCHEME}",
    ),
    "E601 两次考勤": (
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 第一课 | 张三 |{SCHEME}",
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 第二课 | 张三 |{SCHEME}",
    ),
    "W601 几人一行": (
        f"{JANUARY}\n{SERVED.format('张三、李四').replace('植树', '种树')}",
        f"{JANUARY}\n{SERVED.format('李四').replace('植树', '种树')}",
    ),
    "W601 考勤一人": (
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 一课 | 张三、李四 |{SCHEME}",
        f"{LESSON}| 2026-01-08 | 党课 | 第一课 | 张三 |\n| 2026-01-08 | 党课 | 一课 | 李四 |{SCHEME}",
    ),
    "E203 几人一行": (
        f"{UNSCORED}{HEAD.format('1月')}{SERVED.format('张三、李四')}",
        f"{UNSCORED}{HEAD.format('1月')}{SERVED.format('张三')}",
    ),
    "E602 冲过": (
        f"{JANUARY}{FEBRUARY}{BACK.format(5, '1月!2')}\n{BACK.format(6, '1月!2')}",
        f"{JANUARY}{FEBRUARY}{BACK.format(5, '1月!2')}",
    ),
    "E602 冲过，几人一行": (
        f"{HEAD.format('1月')}{SERVED.format('张三、李四')}{FEBRUARY}{BACK.format(5, '1月!2')}\n"
        + BACK.format(6, "1月!2").replace("张三", "张三、李四"),
        f"{HEAD.format('1月')}{SERVED.format('张三、李四')}{FEBRUARY}{BACK.format(5, '1月!2')}\n"
        + BACK.format(6, "1月!2").replace("张三", "李四"),
    ),
    "E602 冲销的冲销": (
        f"{JANUARY}{FEBRUARY}{BACK.format(5, '1月!2')}\n{HEAD.format('3月')}"
        + BACK.format(6, "2月!2").replace("2026-02", "2026-03"),
        f"{JANUARY}{FEBRUARY}{BACK.format(5, '1月!2')}\n{HEAD.format('3月')}"
        + BACK.format(6, "").replace("2026-02", "2026-03"),
    ),
    "E602 序号重复": (
        f"{HEAD.format('1月')}| 2026-01-08 | 张三 | 加2 | 植树 | 通过 |  | 1 |\n"
        f"| 2026-01-09 | 张三 | 加2 | 植树 | 通过 |  | 1 |{FEBRUARY}{BACK.format(5, '1月#1')}",
        f"{HEAD.format('1月')}| 2026-01-08 | 张三 | 加2 | 植树 | 通过 |  | 1 |\n"
        f"| 2026-01-09 | 张三 | 加2 | 植树 | 通过 |  | 1 |{FEBRUARY}{BACK.format(5, '1月!3')}",
    ),
}
"""Of a slip in a row of several people, of an activity, of a 冲销: the cells before and after doing what is said."""


@pytest.mark.parametrize("which", OTHERS)
def test_doing_what_is_said_of_another_kind_of_row_mends_it_and_takes_nothing_from_others(which: str) -> None:
    before, after = (parse(f"一个小支部\n套用 基本\n{text}").grids for text in OTHERS[which])
    told = xl_jifen.reckon(before).findings
    slips = [found for found in told if found.code == which.partition(" ")[0]]
    assert slips
    assert_named(slips, before, after)
    left = {found.code for found in standing(xl_jifen.reckon(after).findings)}
    assert left <= ({"W601"} if "两次" in which else set()), left
    assert all("事由" not in found.remedy for found in slips if found.place.sheet == layout.ACTIVITIES.name)
    assert not [found for found in slips if "几人" in which and "删去这一行" in found.remedy]
