"""汇总: many workbooks become one summary; nothing is lost or counted twice, whatever dies on the way.

One module, however long: the branches' workbooks are made once for all of it.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from apart import apart
from deadly_file import DEADLY, deadly
from notation import parse

from xl_jifen import reckon
from xl_jifen.archive.snapshot import Circumstances, Publication, archive
from xl_jifen.budget import Budget
from xl_jifen.derive.branch import MOST_PROBLEMS, spread
from xl_jifen.derive.terms import differences, fingerprint, terms_of
from xl_jifen.disk import shelf
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Grids
from xl_jifen.period import Period
from xl_jifen.register import Group
from xl_jifen.rulebook import FIELDS, Field
from xl_jifen.verbs import quarter
from xl_jifen.verbs.rollup import fleet, rollup, sources
from xl_jifen.verbs.rollup.journal import Journal, Task, packed, unpacked
from xl_jifen.verbs.rollup.rollup import RolledUp, branch

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 8, 3, 9, 30)

asks_duckdb = pytest.mark.skipif(find_spec("duckdb") is None, reason="duckdb is not installed")

ENTRIES = """
## 2月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 核实人 |
| 2026-02-03 | 张三 | 加1 | 讲党课 | 通过 | |
| 2026-02-04 | 李四 | 减1 | 缺席 | 通过 | 张三 |
| 2026-02-05 | 王五 | 加1 | 讲党课 | 待审 | |
## 5月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
| 2026-05-06 | 李四 | 加2 | 志愿服务 | 通过 |
| 2026-05-07 | 查无此人 | 加2 | 志愿服务 | 通过 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 | 请假 | 迟到早退 |
| 2026-02-10 | 党课 | 第一课 | 张三、李四 | 王五 | 赵六 |
## 考勤计分
| 活动类型 | 到会情况 | 规则编号 |
| 党课 | 参加 | 加1 |
"""
CAPPED = """
## 积分规则（更改）
| 规则编号 | 封顶分值 |
| 加1 | 3 |
"""


def grids(name: str = "第一党支部", text: str = ENTRIES) -> Grids:
    """The example under that name; settings of its own stand last in ``text``."""
    settings = "" if "## 设置" in text else "\n## 设置（更改）\n| 项目 | 值 |"
    return parse(f"汇总\n套用 基本\n{text.rstrip()}{settings}\n| 支部名称 | {name} |").grids


def workbook(name: str = "第一党支部", text: str = ENTRIES, saved: datetime = NOW) -> bytes:
    """A branch's workbook that says it was saved then, in UTC."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": saved})
    for grid in grids(name, text):
        sheet = book.add_worksheet(grid.name)
        for number, row in enumerate(grid.rows):
            sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests ask what is made of the results: these may come from a thread as well as from spawned processes."""
    if "processes" not in request.fixturenames:
        monkeypatch.setattr(fleet, "pool", lambda workers: ThreadPoolExecutor(1))


@pytest.fixture
def processes() -> None:
    """For the tests of the processes themselves."""


@pytest.fixture(scope="module")
def books() -> list[bytes]:
    return [workbook(f"第{number}党支部") for number in range(24)]


@pytest.fixture
def folder(tmp_path: Path, books: list[bytes]) -> Path:
    return fill(tmp_path / "支部", books)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, books: list[bytes]) -> bytes:
    """The summary of ``folder`` by a run that nothing disturbs."""
    folder = fill(tmp_path_factory.mktemp("平静") / "支部", books)
    return run(folder).files[0].read_bytes()


def fill(folder: Path, books: list[bytes]) -> Path:
    folder.mkdir()
    for number, data in enumerate(books):
        (folder / f"{number:02d}.xlsx").write_bytes(data)
    return folder


def run(folder: Path, **how: Any) -> RolledUp:
    return rollup.rollup([str(folder)], folder.parent / "汇总.xlsx", NOW, **{"workers": 2, **how})


def sheet(done: RolledUp, name: str) -> list[dict[str, Any]]:
    title, _, head, *rows = openpyxl.load_workbook(done.files[0])[name].iter_rows(values_only=True)
    assert title[0] == f"党员积分{name}"
    return [dict(zip(head, row, strict=True)) for row in rows]


# One branch


@pytest.mark.slow
def test_the_sums_of_a_branch() -> None:
    result = branch(workbook(text=ENTRIES + CAPPED), "一.xlsx")
    quarters = {sums.period: sums for sums in result.periods}
    assert list(quarters) == ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "year"]
    first, second, third = (quarters[f"2026Q{number}"] for number in (1, 2, 3))
    assert (first.submitted, second.submitted, third.submitted) == (True, True, False)
    assert (first.members, first.entries, first.present, first.named) == (4, 5, 3, 4)
    assert (first.errors, second.errors, quarters["year"].errors) == (0, 1, 1)
    # 张三 100+2+2 capped at 3, 李四 100−3+2, 王五 and 赵六 100
    assert first.spread == (100_50, 100_00, 150, 103_00, 99_00)
    assert (first.grades, first.best, first.graded) == (
        (("优秀", 0), ("合格", 3), ("基本合格", 0), ("不合格", 0)),
        0,
        3,
    )
    [lesson] = [rule for rule in result.rules if rule.code == "加1"]
    assert (lesson.entries, lesson.scored, lesson.raw, lesson.counted, lesson.capped, lesson.refused) == (
        4,
        3,
        6_00,
        5_00,
        1,
        1,
    )
    [problem] = result.problems
    assert (problem.code, problem.sheet, problem.row) == ("E201", "5月", 3)
    assert "张三" not in str(result._replace(problems=()))


@pytest.mark.parametrize("heads", [{5: 1}, {1: 2, 4: 1}, {-300: 2, 250: 2}, {7: 3, 8: 1, 1000: 2}])
def test_how_scores_lie_agrees_with_statistics(heads: dict[int, int]) -> None:
    every = [points for points, count in heads.items() for _ in range(count)]
    lie = spread(heads)
    assert lie is not None
    assert (lie.highest, lie.lowest) == (max(every), min(every))
    for ours, theirs in ((lie.mean, fmean(every)), (lie.median, median(every)), (lie.deviation, pstdev(every))):
        assert abs(ours - theirs) <= 0.5
    assert spread({}) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "空文件"), (b"PK\3\4" + bytes(40), "损坏"), (b"<html>", "网页")],
)
def test_what_is_no_workbook_is_one_sentence(data: bytes, words: str) -> None:
    result = branch(data, "某.xlsx")
    assert words in result.error
    assert result.error.endswith("。")
    assert result.periods == ()


def test_another_kind_of_workbook_is_told_apart() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("预算")
    book.close()
    assert "不是党员积分工作簿" in branch(stream.getvalue(), "预算.xlsx").error


@pytest.mark.parametrize(
    ("name", "words"), [("没有.xlsx", "找不到文件"), ("夹.xlsx", "文件夹"), ("管.xlsx", "普通文件")]
)
def test_what_is_no_file_is_one_sentence(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "夹.xlsx").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "管.xlsx")
    elif name == "管.xlsx":
        pytest.skip("named pipes of POSIX")
    outcome = rollup.work(Task(str(tmp_path / name), ""))
    assert outcome.result is not None
    assert words in unpacked(outcome.result, Budget("续算")).error
    assert outcome.digest == ""


def test_an_unforeseen_error_is_the_files_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "reckon", lambda _: 1 / 0)
    assert "ZeroDivisionError" in branch(workbook(), "怪.xlsx").error


@pytest.mark.slow
def test_a_workbook_with_thousands_of_errors_stays_small() -> None:
    rows = "\n".join(f"| 2026-03-01 | 某{number} | 加1 | 事 | 通过 |" for number in range(1000))
    result = branch(workbook(text=f"## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n{rows}"), "多.xlsx")
    assert (len(result.problems), result.more) == (MOST_PROBLEMS, 1000 - MOST_PROBLEMS)
    assert len(packed(result)) < 10_000


@pytest.mark.slow
def test_a_result_survives_being_stored() -> None:
    for data in (workbook(), b"", workbook(text="## 等次标准（删除）")):
        result = branch(data, "一\udcb5.xlsx")
        assert unpacked(packed(result), Budget("续算")) == result


# The summary


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RolledUp]:
    """Three branches, of which one has nothing since the first quarter; a broken file; a copy; another version."""
    top = tmp_path_factory.mktemp("汇总")
    county = top / "县 甲"
    county.mkdir()
    early, _, _ = ENTRIES.partition("## 5月")
    for name, data in {
        "1.xlsx": workbook("甲县第一党支部"),
        "2.xlsx": workbook("甲县第二党支部", ENTRIES + CAPPED),
        "3.xlsx": workbook("甲县第三党支部", early),
        "坏.xlsx": b"PK\3\4" + bytes(40),
        "旧.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024),
        "1 副本#.xlsx": workbook("甲县第一党支部"),
        "2（改）.xlsx": workbook("甲县第二党支部", saved=NOW - timedelta(days=1)),
        "四支部.zip": b"PK\3\4",
        "~$1.xlsx": b"lock",
        ".~2.xlsx": b"lock",
    }.items():
        (county / name).write_bytes(data)
    for skipped in ("备份", "公示", "归档"):
        (county / skipped).mkdir()
        (county / skipped / "1.xlsx").write_bytes(workbook("不算的"))
    return county, rollup.rollup([str(top)], top / "汇总.xlsx", NOW, tables=top / "表", workers=2)


@pytest.mark.slow
def test_every_file_is_counted_or_told(mixed: tuple[Path, RolledUp]) -> None:
    _, done = mixed
    assert (done.workbooks, done.counted, done.branches) == (8, 3, 3)
    assert (done.unreadable, done.unread, done.twins, done.undecided) == (2, 1, 2, 0)
    rows = sheet(done, "支部汇总")
    told = {row["文件"]: (row["状态"], row["说明"]) for row in rows if row["时期"] is None}
    assert {name: state for name, (state, _) in told.items()} == {
        "县 甲/坏.xlsx": "读不了",
        "县 甲/旧.xls": "读不了",
        "县 甲/1 副本#.xlsx": "未计入",
        "县 甲/2（改）.xlsx": "未计入",
        "县 甲/四支部.zip": "未读",
    }
    assert "“县 甲/1.xlsx”内容完全相同" in told["县 甲/1 副本#.xlsx"][1]
    assert "“县 甲/2.xlsx”是同一支部、同一周期" in told["县 甲/2（改）.xlsx"][1]


@pytest.mark.slow
def test_the_summary_says_who_has_submitted_and_how_they_stand(mixed: tuple[Path, RolledUp]) -> None:
    rows = {(row["支部"], row["时期"]): row for row in sheet(mixed[1], "支部汇总")}
    states = {period: row["状态"] for (name, period), row in rows.items() if name == "甲县第三党支部"}
    assert states == {
        "2026年第一季度": "已报",
        "2026年第二季度": "未报",
        "2026年第三季度": "未到期",
        "2026年度": "已报",
    }
    year = rows["甲县第一党支部", "2026年度"]
    assert year["说明"] == "截至8月3日，不排名次、不评等次。"
    assert (year["平均积分"], year["名次"], year["合格"], year["优秀占比"]) == (101, None, None, None)
    assert rows["甲县第三党支部", "2026年第二季度"]["平均积分"] is None
    whole = rows["全部支部", "2026年第二季度"]
    assert (whole["状态"], whole["党员"], whole["登记"], whole["错误"]) == ("已报 2/3", 12, 4, 2)
    assert whole["平均积分"] == 100.88  # 104 + 100 + 100 + 100 and, capped, 103 + 100 + 100 + 100
    ranks = {
        name: rows[name, "2026年第一季度"]["名次"] for name in ("甲县第一党支部", "甲县第二党支部", "甲县第三党支部")
    }
    assert ranks == {"甲县第一党支部": 1, "甲县第二党支部": 2, "甲县第三党支部": 3}
    assert rows["甲县第一党支部", "2026年第一季度"]["到会率"] == 0.75
    assert (rows["全部支部", "2026年第一季度"]["合格"], rows["全部支部", "2026年第一季度"]["优秀占比"]) == (9, 0)


@pytest.mark.slow
def test_a_year_begun_yesterday_has_one_line_and_one_to_come_says_so(tmp_path: Path) -> None:
    """Not eight of them, each like a figure."""
    home = tmp_path / "支部"
    home.mkdir()
    for name, year in (("一", "2026"), ("二", "2027")):
        (home / f"{name}.xlsx").write_bytes(workbook(f"第{name}党支部", of_year(year)))
    done = rollup.rollup([str(home)], tmp_path / "汇总.xlsx", datetime(2026, 1, 2, 9), workers=1)
    rows = [(row["支部"], row["时期"], row["状态"]) for row in sheet(done, "支部汇总")]
    assert rows == [
        ("全部支部", "2026年第一季度", "已报 0/1"),
        ("全部支部", "2026年度", "已报 0/1"),
        ("第一党支部", "2026年第一季度", "未到期"),
        ("第一党支部", "2026年度", "未到期"),
        ("第二党支部", "2027年度", "未到期"),
    ]
    assert openpyxl.load_workbook(done.files[0]).sheetnames == ["支部汇总"], "empty sheets are left out"


def of_year(year: str, kind: str = "季", entries: str = "") -> str:
    return f"""{entries}
## 设置（更改）
| 项目 | 值 |
| 计分周期开始 | {year}-01-01 |
| 计分周期结束 | {year}-12-31 |
| 公示周期 | {kind} |
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kinds", "periods", "compared"),
    [
        (("月", "月"), [*(f"2026年{month}月" for month in range(1, 9)), "2026年度"], "2026年5月"),
        (("半年", "半年"), ["2026年上半年", "2026年下半年", "2026年度"], "2026年上半年"),
        (("年", "年"), ["2026年度"], "2026年度，截至8月3日"),
        (("月", "季"), ["2026年度"], "2026年度，截至8月3日"),
    ],
)
def test_the_kind_of_period_that_all_have_is_compared_else_the_year(
    kinds: tuple[str, str], periods: list[str], compared: str, tmp_path: Path
) -> None:
    home = tmp_path / "支部"
    home.mkdir()
    for name, kind in zip("一二", kinds, strict=True):
        (home / f"{name}.xlsx").write_bytes(workbook(f"第{name}党支部", of_year("2026", kind, ENTRIES)))
    done = run(home, workers=1)
    rows = [row for row in sheet(done, "支部汇总") if row["支部"] == "第一党支部"]
    assert [row["时期"] for row in rows] == periods
    board = openpyxl.load_workbook(done.files[0])["支部比较"]
    texts = [str(cell.value) for row in board.iter_rows() for cell in row if cell.value]
    assert texts[0] == f"党员积分支部比较（{compared}）"
    assert any("公示周期不一（按月 1 个、按季 1 个），只比较全年" in text for text in texts) == (kinds == ("月", "季"))


@pytest.mark.slow
def test_branches_of_equal_means_share_a_place_and_the_next_comes_after_all_of_them(tmp_path: Path) -> None:
    home = tmp_path / "支部"
    for name, text in zip("一二三", (ENTRIES, ENTRIES, ENTRIES + CAPPED), strict=True):
        put(home, f"{name}.xlsx", f"第{name}党支部", text)
    rows = sheet(run(home), "支部汇总")
    places = {row["支部"]: row["名次"] for row in rows if row["时期"] == "2026年第一季度"}
    assert [places[f"第{name}党支部"] for name in "一二三"] == [1, 1, 3]


@pytest.mark.slow
def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = put(tmp_path / "支部", "一.xlsx", "第一党支部")
    monkeypatch.setattr(rollup, "LARGEST_FILE", book.stat().st_size)
    assert run(book.parent).counted == 1
    monkeypatch.setattr(rollup, "LARGEST_FILE", book.stat().st_size - 1)
    (book.parent.parent / "汇总.续算.sqlite").unlink()
    assert run(book.parent).unreadable == 1


def test_what_nobody_foresaw_in_one_file_is_a_sentence_about_that_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Grids) -> None:
        raise RuntimeError("坏了")

    monkeypatch.setattr(rollup, "reckon", broken)
    assert branch(workbook(), "一.xlsx").error == (
        "处理“一.xlsx”时出了没有料到的问题（RuntimeError: 坏了）；请把这个文件交给维护者。"
    )


def test_nothing_that_people_read_says_q1(mixed: tuple[Path, RolledUp]) -> None:
    book = openpyxl.load_workbook(mixed[1].files[0])
    texts = [str(cell.value) for each in book for row in each.iter_rows() for cell in row if cell.value]
    assert [text for text in texts if re.search(r"\dQ\d|year", text)] == []


@pytest.mark.slow
def test_charts_that_compare_one_branch_with_nothing_are_left_out(tmp_path: Path) -> None:
    done = run(put(tmp_path / "支部", "一.xlsx", "第一党支部").parent)
    assert len(openpyxl.load_workbook(done.files[0])["支部比较"]._charts) == 2


# The bureau's scheme


@pytest.mark.slow
def test_whose_scheme_differs_from_the_bureaus_is_named_with_the_cell(tmp_path: Path) -> None:
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    put(home, "二.xlsx", "第二党支部", ENTRIES + CAPPED)
    put(home, "三.xlsx", "第三党支部", ENTRIES.replace("| 党课 | 参加 | 加1 |", "| 党课 | 参加 | 加2 |"))
    put(home, "四.xlsx", "第四党支部", ENTRIES + "## 设置（更改）\n| 项目 | 值 |\n| 最高分 | 110 |")
    bureau = tmp_path / "上级方案.xlsx"
    bureau.write_bytes(workbook("中共某局机关委员会"))
    done = run(home, scheme=bureau)
    told = {row["支部"]: (row["位置"], row["问题"]) for row in sheet(done, "问题清单") if not row["代码"]}
    assert {name: place.partition("!")[0] for name, (place, _) in told.items()} == {
        "第二党支部": "积分规则",
        "第三党支部": "考勤计分",
        "第四党支部": "设置",
    }
    assert told["第二党支部"][1] == "与上级方案不同：加1 的“封顶分值”是“3”，上级方案是空白（默认）"
    assert done.other_schemes == 3
    assert "第三党支部：方案与上级的不同：考勤计分!C2。" in done.differing
    assert run(home).other_schemes == 0
    assert run(home, scheme=bureau).other_schemes == 3


@pytest.mark.parametrize("field", [field for field in FIELDS if field.bears != "notices"], ids=lambda f: f.heading)
def test_every_column_of_the_rules_makes_another_scheme(field: Field) -> None:
    """F3: eleven of twenty-five were seen."""
    first, *rules = reckon(grids()).register.rules
    value = getattr(first, field.name)
    group = Group("甲", "封顶", "年", 3_00, first.place)
    others = {
        "groups": (group,),
        "categories": frozenset(("在职",)),
        "start": date(2026, 2, 1),
        "end": date(2026, 3, 1),
    }
    other = others.get(field.name) or next(
        (
            o
            for o in (not value if value.__class__ is bool else None, f"{value}改" if isinstance(value, str) else None)
            if o is not None
        ),
        ((1, 2),) if isinstance(value, tuple) else 7,
    )
    changed = first._replace(**{field.name: other})
    before = reckon(grids()).register
    after = before._replace(rules=(changed, *rules))
    one, two = terms_of(grids(), before), terms_of(grids(), after)
    assert list(differences(two, one))
    assert (fingerprint(one) != fingerprint(two)) == (field.bears == "figures")


@pytest.mark.parametrize(
    "text",
    [
        "## 等次标准（更改）\n| 等次 | 最低积分 |\n| 优秀 | 111 |",
        "## 设置（更改）\n| 项目 | 值 |\n| 优秀比例上限 | 1/5 |",
        "## 计分组\n| 组名 | 方式 | 周期 | 封顶分值 |\n| 甲 | 封顶 | 年 | 3 |",
        "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 |",
    ],
)
def test_groups_grades_attendance_and_settings_are_of_the_scheme_too(text: str) -> None:
    one, two = grids(text=""), grids(text=text)
    found = list(differences(terms_of(two, reckon(two).register), terms_of(one, reckon(one).register)))
    assert found
    assert {each.place.sheet for each in found} == {text.split()[1].partition("（")[0]}


@pytest.mark.parametrize(
    "text",
    [
        "## 积分规则（更改）\n| 规则编号 | 封顶周期 |\n| 加1 | 年 |",
        "## 等次标准（更改）\n| 等次 | 年度最低积分 | 受比例限制 |\n| 合格 | | 否 |",
        "## 考勤计分（更改）\n| 活动类型 | 规则编号 | 计量 |\n| 党课 | 加1 主动讲党课 | 次 |",
    ],
)
def test_another_way_of_writing_is_no_other_scheme(text: str) -> None:
    """Columns that only one of the two has, blank cells and defaults, a code with its words."""
    scheme = "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 |"
    one, two = grids(text=scheme), grids(text=f"{scheme}\n\n{text}")
    terms = [terms_of(each, reckon(each).register) for each in (one, two)]
    assert not [*differences(*terms), *differences(*terms[::-1])]
    assert fingerprint(terms[0]) == fingerprint(terms[1])


def test_each_rule_of_one_attendance_is_of_the_scheme() -> None:
    """Of two rules for whoever comes to a lecture one is missing; the sheet names the other in both."""
    head = "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 | 计量 |"
    both = f"{head}\n| 党课 | 参加 | 加2 | 次 |\n| 党课 | 参加 | 加1 | 次 |"
    one, two = (
        terms_of(g, reckon(g).register) for g in (grids(text=both), grids(text=f"{head}\n| 党课 | 参加 | 加1 | |"))
    )
    (found,) = differences(two, one)
    assert (str(found.place), found.message) == (
        "考勤计分!C2",
        "党课/参加 的“规则编号”是“加1”，上级方案是“加1、加2”",
    )
    assert fingerprint(one) != fingerprint(two)


def test_a_scheme_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("预算")
    book.close()
    (tmp_path / "预算.xlsx").write_bytes(stream.getvalue())
    with pytest.raises(CannotRead, match="取不到积分方案"):
        run(home, scheme=tmp_path / "预算.xlsx")


def test_the_sheet_of_branches_can_be_read_on_paper(mixed: tuple[Path, RolledUp]) -> None:
    branches = openpyxl.load_workbook(mixed[1].files[0])["支部汇总"]
    inches = sum((7 * column.width + 5) / 96 for column in branches.column_dimensions.values())
    assert (297 / 25.4 - 0.8) / inches > 0.6  # of ten points, on A4
    for row in branches.iter_rows(min_row=4):
        for cell in row:
            assert cell.alignment.shrink_to_fit or cell.alignment.wrap_text, "no ###, nothing cut off"
        if row[3].value == "读不了":
            assert branches.row_dimensions[row[0].row].height > 30


def test_rules_are_told_by_use_with_what_was_cut(mixed: tuple[Path, RolledUp]) -> None:
    rows = sheet(mixed[1], "规则使用")
    assert [row["登记"] for row in rows] == sorted((row["登记"] for row in rows), reverse=True)
    lesson = rows[0]
    assert (lesson["规则编号"], lesson["使用支部"], lesson["登记"], lesson["封顶"]) == ("加1", 3, 10, 1)
    assert lesson["计入分"] == 6 + 5 + 2


def test_problems_lead_to_file_and_cell(mixed: tuple[Path, RolledUp]) -> None:
    county, done = mixed
    found = openpyxl.load_workbook(done.files[0])["问题清单"]
    for row in found.iter_rows(min_row=4):
        file, place = row[3], row[4]
        link = (place if place.value else file).hyperlink
        path = link.target.replace("%20", " ").replace("%23", "#")
        assert path == file.value
        assert (county.parent / path).is_file()
        if place.value:
            assert link.location == f"'5月'!{place.value.partition('!')[2]}"
    assert [row[1].value for row in found.iter_rows(min_row=4)].count("E201") == 2


def test_branches_are_compared_in_the_last_quarter_that_is_over(mixed: tuple[Path, RolledUp]) -> None:
    board = openpyxl.load_workbook(mixed[1].files[0])["支部比较"]
    texts = {str(cell.value) for row in board.iter_rows() for cell in row if cell.value is not None}
    assert "党员积分支部比较（2026年第二季度）" in texts
    assert {"第一党支部", "第二党支部"} <= {text.removeprefix("甲县") for text in texts}
    assert any("规则有 3 种写法" in text for text in texts)
    assert len(board._charts) == 3, "nobody met in that quarter"


@pytest.mark.slow
@asks_duckdb
@apart
def test_parquet_agrees_with_the_summary(mixed: tuple[Path, RolledUp], tmp_path: Path) -> None:
    import duckdb

    _, done = mixed
    tables = {path.stem: path for path in done.files[1:]}
    assert set(tables) == {"branches", "scores", "rules", "findings"}
    query = f"""
        SELECT s.branch, round(avg(score), 2) AS mean, count(*) FILTER (grade = '合格') AS fine
        FROM '{tables["scores"]}' s JOIN '{tables["branches"]}' b USING (file, period)
        WHERE period = '2026Q1' AND b.submitted GROUP BY ALL ORDER BY mean DESC, s.branch"""
    rows = {row["支部"]: row for row in sheet(done, "支部汇总") if row["时期"] == "2026年第一季度"}
    asked = duckdb.sql(query).fetchall()
    assert len(asked) == 3
    for name, mean, fine in asked:
        assert (rows[name]["平均积分"], rows[name]["合格"]) == (pytest.approx(mean), fine)
    counts = duckdb.sql(f"SELECT count(*), count(note), sum(errors) FROM '{tables['branches']}'").fetchall()
    assert counts == [(3 * 5 + 5, 5, 2 * 2)]
    [(kind,)] = duckdb.sql(f"SELECT DISTINCT typeof(counted) FROM '{tables['rules']}'").fetchall()
    assert kind == "DECIMAL(38,2)"
    assert duckdb.sql(f"SELECT DISTINCT cycle_end FROM '{tables['branches']}' WHERE note IS NULL").fetchall() == [
        (date(2026, 12, 31),)
    ]


@pytest.mark.slow
@asks_duckdb
@apart
def test_the_query_of_the_readme_runs(mixed: tuple[Path, RolledUp], tmp_path: Path) -> None:
    import duckdb

    [query] = re.findall(r"```sql\n(.*?)```", (ROOT / "xl_jifen" / "docs" / "汇总.md").read_text("utf-8"), re.DOTALL)
    folder = mixed[1].files[1].parent.as_posix()
    found = duckdb.sql(query.replace("表/", f"{folder}/").replace("2026Q3", "2026Q1"))
    assert found.columns == ["支部", "平均积分", "优秀"]
    assert len(found.fetchall()) == 3


@pytest.mark.usefixtures("processes")
@pytest.mark.slow
def test_the_same_files_give_the_same_bytes(folder: Path, expected: bytes) -> None:
    assert run(folder, workers=1).files[0].read_bytes() == expected
    again = run(folder)
    assert again.reckoned == 0
    assert again.files[0].read_bytes() == expected


@pytest.mark.slow
def test_rows_that_go_to_the_disk_say_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cells() -> list[Any]:
        book = openpyxl.load_workbook(run(folder).files[0])
        return [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book]

    at_once = cells()
    monkeypatch.setattr("xl_jifen.excel.draw.summary_sheet.MANY_FILES", 1)
    assert cells() == at_once


@pytest.mark.slow
@pytest.mark.parametrize("many", [1, 500])
def test_the_validator_finds_nothing(
    many: int, mixed: tuple[Path, RolledUp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openxml_audit import OpenXmlValidator

    monkeypatch.setattr("xl_jifen.excel.draw.summary_sheet.MANY_FILES", many)
    done = rollup.rollup([str(mixed[0])], tmp_path / "汇总.xlsx", NOW, workers=1)
    errors = [str(error.description) for error in OpenXmlValidator().validate(done.files[0]).errors]
    assert [error for error in errors if "inline-string" not in error] == []


@pytest.mark.slow
def test_more_branches_than_bars_show_both_ends(folder: Path) -> None:
    board = openpyxl.load_workbook(run(folder).files[0])["支部比较"]
    texts = [str(cell.value) for row in board.iter_rows() for cell in row if isinstance(cell.value, str)]
    bars = [text for text in texts if text.endswith("党支部")]
    assert len(bars) == 2 * 6  # nobody met in that quarter: the other chart has none


# Archives beside the workbooks

TAMPERED = ENTRIES.replace("2026-02-03 | 张三 | 加1", "2026-02-03 | 张三 | 加2")
Q1 = Period.of_quarter(2026, 1)


def put(folder: Path, file: str, name: str, text: str = ENTRIES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(workbook(name, text))
    return folder / file


def close(path: Path) -> None:
    """Archive the first quarter of a workbook as it stands; nothing was printed."""
    opened = quarter.open_workbook(path)
    published = Publication(date(2026, 4, 8), date(2026, 4, 14), "0000-0000-0000", {})
    made = Circumstances(NOW.date(), NOW, "", path.name, "")
    shelf.put(
        shelf.shelf(path.parent), archive(opened.grids, opened.reckoning.ledger, Q1, None, published, made), {}, NOW
    )


def told_of(done: RolledUp) -> dict[str, list[tuple[str, str, str]]]:
    """The problems by file: code, cell and sentence."""
    told: dict[str, list[tuple[str, str, str]]] = {}
    for row in sheet(done, "问题清单"):
        told.setdefault(Path(row["文件"]).name, []).append((row["代码"], row["位置"], row["问题"]))
    return told


@pytest.mark.slow
def test_what_was_changed_after_archiving_is_told_as_by_every_door(tmp_path: Path) -> None:
    path = put(tmp_path / "支部", "一.xlsx", "第一党支部")
    close(path)
    assert [code for code, *_ in told_of(run(tmp_path / "支部"))["一.xlsx"]] == ["E201"]
    put(tmp_path / "支部", "一.xlsx", "第一党支部", TAMPERED)
    done = run(tmp_path / "支部")
    found = [finding for finding in quarter.open_workbook(path).reckoning.findings if finding.code[0] in "EW"]
    assert [finding.code for finding in found] == ["E901", "E201"]
    assert told_of(done)["一.xlsx"] == [(f.code, str(f.place), f.message) for f in found]
    assert done.errors == 2
    errors = {row["时期"]: row["错误"] for row in sheet(done, "支部汇总") if row["支部"] == "第一党支部"}
    assert (errors["2026年第一季度"], errors["2026年度"]) == (1, 2)


@pytest.mark.slow
def test_an_archive_that_changed_is_compared_anew(tmp_path: Path) -> None:
    home = tmp_path / "支部"
    close(put(home, "一.xlsx", "第一党支部"))
    assert run(home).reckoned == 1
    assert run(home).reckoned == 0
    kept = home / "归档" / "2026Q1.json"
    kept.write_text(kept.read_text("utf-8").replace("张三", "张四"), "utf-8")
    done = run(home)
    assert done.reckoned == 1
    [(_, place, words), *_] = told_of(done)["一.xlsx"]
    assert place == "设置!A1"
    assert "归档文件被改动或损坏" in words
    kept.unlink()
    assert "归档文件不见了" in told_of(run(home))["一.xlsx"][0][2]


@pytest.mark.slow
def test_archives_in_a_folder_of_many_branches_are_those_of_one(tmp_path: Path) -> None:
    home = tmp_path / "支部"
    close(put(home, "甲.xlsx", "甲支部"))
    put(home, "乙.xlsx", "乙支部")
    put(home, "丙（改过名）.xlsx", "甲支部", TAMPERED)
    told = told_of(run(home))
    assert [code for code, *_ in told["乙.xlsx"]] == ["E201"]
    (home / "甲.xlsx").unlink()
    told = told_of(run(home))
    assert [code for code, *_ in told["乙.xlsx"]] == ["E201"]
    assert [code for code, *_ in told["丙（改过名）.xlsx"]] == ["E901", "E201"]
    (home / "归档" / "2026Q2.json").write_text("坏", "utf-8")
    told = told_of(run(home))
    assert [code for code, *_ in told["乙.xlsx"]] == ["E201"]
    assert [code for code, *_ in told["丙（改过名）.xlsx"]] == ["E901", "E901", "E201"]


@pytest.mark.slow
def test_two_copies_are_copies_whatever_lies_beside_them(tmp_path: Path) -> None:
    for folder in ("甲", "乙"):
        put(tmp_path / "支部" / folder, "党员积分.xlsx", "")  # without a name only the content says that they are one
    close(tmp_path / "支部" / "乙" / "党员积分.xlsx")
    done = run(tmp_path / "支部")
    assert (done.counted, done.twins) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("reads", ["hashlib.file_digest", "xl_jifen.disk.shelf.from_bytes"])
def test_an_archive_that_cannot_be_read_is_the_files_own_line(
    reads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "一.xlsx", "第一党支部")
    close(path)

    def denied(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reads, denied)
    outcome = rollup.work(Task(str(path), ""))
    assert outcome.result is not None
    assert "归档" in (words := unpacked(outcome.result, Budget("续算")).error)
    assert words.endswith("请检查权限和网络后再试。")
    assert outcome.digest == "", "it is tried again"


# Which of several copies counts


def counted_of(done: RolledUp) -> tuple[list[str], dict[str, str]]:
    """The files that count, and why the others do not."""
    rows = sheet(done, "支部汇总")
    told = {Path(row["文件"]).name: row["说明"] for row in rows if row["时期"] is None and row["文件"]}
    return sorted({Path(row["文件"]).name for row in rows if "/" in str(row["文件"])} - told.keys()), told


@pytest.mark.slow
def test_the_copy_that_agrees_with_its_archive_counts(tmp_path: Path) -> None:
    """The newer one, the one first by name and a blank one of the same branch do not."""
    home = tmp_path / "支部"
    home.mkdir()
    (home / "党员积分.xlsx").write_bytes(workbook(saved=datetime(2026, 4, 1)))
    close(home / "党员积分.xlsx")
    (home / "a党员积分.xlsx").write_bytes(workbook(text=TAMPERED, saved=datetime(2026, 7, 1)))
    (home / "空白.xlsm").write_bytes(
        workbook(text="## 党员名册\n| 编号 | 姓名 | 党员类别 |", saved=datetime(2026, 8, 1))
    )
    done = run(home)
    counted, told = counted_of(done)
    assert counted == ["党员积分.xlsx"]
    assert "与归档一致" in told["a党员积分.xlsx"]
    assert (done.counted, done.branches, done.twins, done.errors) == (1, 1, 2, 1)
    [whole] = [row for row in sheet(done, "支部汇总") if row["支部"] == "全部支部" and row["时期"] == "2026年第一季度"]
    assert (whole["文件"], whole["状态"]) == ("1 个支部", "已报 1/1")


@pytest.mark.slow
def test_else_the_newest_by_its_own_time_of_saving_counts(tmp_path: Path) -> None:
    """What the disk says of a copy that was sent is when it came."""
    home = tmp_path / "支部"
    home.mkdir()
    for name, text, day, on_disk in (
        ("甲.xlsx", ENTRIES, 1, 9),
        ("甲(1).xlsx", TAMPERED, 2, 5),
        ("甲最终.xlsx", CAPPED, 3, 1),
    ):
        (home / name).write_bytes(workbook(text=text, saved=datetime(2026, 4, day, 1)))
        moment = datetime(2026, 5, on_disk).timestamp()
        os.utime(home / name, (moment, moment))
    counted, told = counted_of(run(home))
    assert counted == ["甲最终.xlsx"]
    assert "“支部/甲最终.xlsx”保存得更晚（按文件自己的记录存于 2026-04-03 09:00:00，" in told["甲.xlsx"]


@pytest.mark.slow
def test_a_file_that_does_not_say_when_it_was_saved_is_told_by_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "支部"
    home.mkdir()
    for name, text, on_disk in (("甲.xlsx", ENTRIES, 9), ("甲(1).xlsx", TAMPERED, 5)):
        (home / name).write_bytes(without_properties(workbook(text=text)))
        moment = datetime(2026, 5, on_disk).timestamp()
        os.utime(home / name, (moment, moment))
    counted, told = counted_of(run(home))
    assert counted == ["甲.xlsx"]
    assert "按磁盘上的修改时间存于 2026-05-0" in told["甲(1).xlsx"]


def without_properties(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w") as after:
        for info in before.infolist():
            content = before.read(info)
            if info.filename == "docProps/core.xml":
                content = re.sub(rb"<dcterms:modified.*?</dcterms:modified>", b"", content)
            after.writestr(info, content)
    return stream.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "asked"),
    [
        (ENTRIES + CAPPED, "哪一份是准的？"),
        ("## 党员名册\n| 编号 | 姓名 | 党员类别 |\n| 1 | 钱八 | 正式党员 |", "是同一个支部吗？"),
    ],
)
def test_where_nothing_tells_none_counts_and_the_bureau_is_asked(other: str, asked: str, tmp_path: Path) -> None:
    home = tmp_path / "支部"
    home.mkdir()
    (home / "甲.xlsx").write_bytes(workbook())
    (home / "甲(1).xlsx").write_bytes(workbook(text=other))
    (home / "乙.xlsx").write_bytes(workbook("第二党支部"))
    done = run(home)
    counted, told = counted_of(done)
    assert counted == ["乙.xlsx"]
    assert all(asked in told[name] for name in ("甲.xlsx", "甲(1).xlsx"))
    assert (done.counted, done.branches, done.undecided) == (1, 1, 1)
    assert [row["问题"] for row in sheet(done, "问题清单") if asked in row["问题"]]


@pytest.mark.slow
def test_of_two_with_the_same_time_and_figures_one_counts(tmp_path: Path) -> None:
    """Before and after ``recalc``, which writes no time of saving."""
    home = put(tmp_path / "支部", "甲.xlsx", "第一党支部").parent
    put(home, "甲(1).xlsx", "第一党支部", ENTRIES.replace("讲党课", "上党课"))
    assert (home / "甲.xlsx").read_bytes() != (home / "甲(1).xlsx").read_bytes()
    done = run(home)
    _, told = counted_of(done)
    assert (done.counted, done.undecided, len(told)) == (1, 0, 1)
    assert "各项数字都相同" in next(iter(told.values()))


@pytest.mark.slow
def test_a_bureaus_folder_as_it_comes_in(tmp_path: Path) -> None:
    """Every kind of copy at once, a folder a branch: branches are counted, each by the right copy, or asked about."""
    bureau = tmp_path / "全局"
    first, second, third, fourth = (bureau / f"{number}支部" for number in "一二三四")
    for folder in (first, second, third, fourth):
        folder.mkdir(parents=True)
    (first / "党员积分.xlsx").write_bytes(workbook("第一党支部", saved=datetime(2026, 4, 1)))
    close(first / "党员积分.xlsx")
    (first / "党员积分(1).xlsx").write_bytes(workbook("第一党支部", TAMPERED, saved=datetime(2026, 9, 1)))
    for day, name in ((3, "党员积分.xlsx"), (9, "党员积分 最终版.xlsx"), (6, "党员积分(1).xlsx")):
        (second / name).write_bytes(workbook("第二党支部", ENTRIES * (day == 9), saved=datetime(2026, 5, day)))
    (third / "党员积分.xlsx").write_bytes(workbook("第三党支部"))
    (third / "党员积分(1).xlsx").write_bytes(workbook("第三党支部", ENTRIES + CAPPED))
    (fourth / "第四党支部.zip").write_bytes(b"PK" + b"x" * 600)
    done = run(bureau)
    rows = sheet(done, "支部汇总")
    told = {row["文件"].removeprefix("全局/"): row["说明"] for row in rows if row["时期"] is None and row["文件"]}
    whole = next(row for row in rows if row["支部"] == "全部支部" and row["时期"] == "2026年第一季度")
    counted = {row["文件"].removeprefix("全局/") for row in rows if row["时期"] and "/" in str(row["文件"])}
    assert counted == {"一支部/党员积分.xlsx", "二支部/党员积分 最终版.xlsx"}
    assert "与归档一致" in told["一支部/党员积分(1).xlsx"]
    for name in ("党员积分.xlsx", "党员积分(1).xlsx"):
        assert "“全局/二支部/党员积分 最终版.xlsx”保存得更晚" in told[f"二支部/{name}"]
        assert "哪一份是准的？" in told[f"三支部/{name}"]
    assert "请解压" in told["四支部/第四党支部.zip"]
    assert (done.counted, done.branches, done.undecided, done.unread) == (2, 2, 1, 1)
    assert (whole["文件"], whole["状态"]) == ("2 个支部", "已报 2/2")


# What was not read


UNREAD = {
    "二支部.zip": "请解压",
    "三支部.RAR": "请解压",
    "四支部.7z": "请解压",
    "党员积分": "没有扩展名",
    "五支部.xltx": "另存为",
    "六支部.xltm": "另存为",
    "七支部.ett": "另存为",
    "八支部.wps": "不是工作簿",
    "九支部.et": "另存为",
    "十支部.xls": "另存为",
    "十一支部.xlsb": "另存为",
    "十二支部.ods": "另存为",
    "十三支部.csv": "另存为",
    "十四支部.xlsx.crdownload": "改名",
    "名单.docx": "不是工作簿",
}
OWN = (
    "备份/1.xlsx",
    "归档/2026Q1.json",
    "公示/2026年第一季度/表.xlsx",
    "~$一支部.xlsx",
    ".隐.xlsx",
    "Thumbs.db",
    "旧.续算.sqlite",
)


@pytest.mark.slow
def test_whatever_was_not_read_is_said_with_a_row_and_a_remedy(tmp_path: Path) -> None:
    home = tmp_path / "支部"
    for name in (*UNREAD, *OWN, "照片/1.jpg", "照片/2.JPG", "照片/3.png"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x" * 600)
    (home / "一支部.xlsx").write_bytes(workbook())
    done = run(home)
    told = {row["文件"].removeprefix("支部/"): row for row in sheet(done, "支部汇总") if row["时期"] is None}
    assert set(told) == {*UNREAD, "照片/*.jpg", "照片/*.png"}
    assert "2 个 .jpg 文件" in told["照片/*.jpg"]["说明"]
    for name, words in UNREAD.items():
        assert told[name]["状态"] in ("未读", "读不了"), name
        assert words in told[name]["说明"], told[name]["说明"]
    assert {row["文件"].removeprefix("支部/") for row in sheet(done, "问题清单") if not row["代码"]} == set(told)
    assert (done.counted, done.unreadable, done.unread) == (1, 4, len(UNREAD) - 4 + 2)


@pytest.mark.slow
def test_folders_that_are_not_entered_are_said(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    home, elsewhere = tmp_path / "支部", tmp_path / "别处"
    elsewhere.mkdir()
    (elsewhere / "二.xlsx").write_bytes(workbook("第二党支部"))
    home.mkdir()
    (home / "一.xlsx").write_bytes(workbook())
    (home / "二支部").symlink_to(elsewhere, target_is_directory=True)
    counted, told = counted_of(run(home))
    assert counted == ["一.xlsx"]
    assert "是指向别处的文件夹的链接，没有进入" in told["二支部"]


# The journal lies where others may write


@pytest.mark.slow
def test_a_changed_journal_changes_no_figure(tmp_path: Path) -> None:
    """H22: 103 made 999, whatever else of the row is brought in line."""
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    put(home, "二.xlsx", "第二党支部")
    before = run(home).files[0].read_bytes()
    journal = tmp_path / "汇总.续算.sqlite"
    base = sqlite3.connect(journal)
    for url, result in base.execute("SELECT url, result FROM done").fetchall():
        poisoned = zlib.compress(zlib.decompress(result).replace(b"10300", b"99900"))
        assert poisoned != result
        base.execute("UPDATE done SET result = ? WHERE url = ?", (poisoned, url))
    base.commit()
    base.close()
    done = run(home)
    assert done.reckoned == 2
    assert done.files[0].read_bytes() == before
    base = sqlite3.connect(journal)  # another branch's good row under this one's name
    base.execute(
        "UPDATE done SET (result, seal) = (SELECT result, seal FROM done AS other WHERE other.url != done.url)"
    )
    base.commit()
    base.close()
    done = run(home)
    assert done.reckoned >= 1
    assert done.files[0].read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TRIGGER t AFTER INSERT ON done BEGIN UPDATE done SET result = x'00'; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE INDEX i ON done (digest)",
        "ALTER TABLE done ADD COLUMN more",
    ],
)
def test_a_journal_with_more_in_it_is_made_anew(schema: str, tmp_path: Path) -> None:
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    before = run(home).files[0].read_bytes()
    base = sqlite3.connect(tmp_path / "汇总.续算.sqlite")
    base.execute(schema)
    base.commit()
    base.close()
    done = run(home)
    assert done.reckoned == 1
    assert done.files[0].read_bytes() == before
    assert run(home).reckoned == 0


@pytest.mark.slow
def test_a_journal_of_another_user_is_reckoned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    assert run(home).reckoned == 1
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "另一人"))
    assert run(home).reckoned == 1
    assert run(home).reckoned == 0
    [key] = (tmp_path / "另一人").rglob("secret")
    assert key.stat().st_mode & 0o77 == 0 or sys.platform == "win32"
    monkeypatch.setenv("XDG_STATE_HOME", str(key))  # a file: nothing can be kept
    assert run(home).reckoned == 1
    assert run(home).reckoned == 1


def test_a_journal_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    home = put(tmp_path / "支部", "一.xlsx", "第一党支部").parent
    (tmp_path / "别人的.sqlite").write_bytes(b"")
    (tmp_path / "汇总.续算.sqlite").symlink_to(tmp_path / "别人的.sqlite")
    with pytest.raises(CannotWrite, match="链接"):
        run(home)


# Going on where it stopped


@pytest.mark.slow
def test_only_what_changed_is_reckoned_again(folder: Path) -> None:
    assert run(folder).reckoned == 24
    (folder / "03.xlsx").write_bytes(workbook("第3党支部", ENTRIES + CAPPED))
    (folder / "04.xlsx").unlink()
    done = run(folder)
    assert (done.workbooks, done.reckoned, done.counted) == (23, 1, 23)


@pytest.mark.slow
def test_another_version_reckons_everything_again(folder: Path) -> None:
    done = run(folder)
    assert done.reckoned == 24
    with sqlite3.connect(done.journal) as base:
        base.execute("UPDATE done SET version = '0.0.1/1'")
    base.close()
    assert run(folder).reckoned == 24


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["SIGINT", "SIGKILL"])
def test_a_run_broken_off_goes_on(sign: str, folder: Path, expected: bytes) -> None:
    if sys.platform != "linux":
        pytest.skip("asks /proc which processes are left")
    out = folder.parent / "汇总.xlsx"
    program = (
        "import sys, time; from pathlib import Path; from datetime import datetime;"
        "from xl_jifen.verbs.rollup import journal, rollup\n"
        "def stored(self, outcome, store=journal.Journal.store):\n"
        "    store(self, outcome); self.commit(); print('.', flush=True); time.sleep(0.2)\n"
        "journal.Journal.store = stored\n"
        "if __name__ == '__main__':\n"
        f"    try: rollup.rollup([{str(folder)!r}], Path({str(out)!r}), datetime.now(), workers=2)\n"
        "    except rollup.Interrupted as told: print(told, file=sys.stderr); sys.exit(2)\n"
    )
    script = folder.parent / "run.py"
    script.write_text(program, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        for _ in range(5):
            assert running.stdout.read(2) == b".\n"
        workers = children(running.pid)
        assert workers
        # Ctrl+C reaches every process of the terminal; the sudden end only the one.
        (os.killpg if sign == "SIGINT" else os.kill)(running.pid, signal.Signals[sign])
        _, err = running.communicate(timeout=20)
    if sign == "SIGINT":
        assert running.returncode == 2
        assert err.decode().count("\n") == 1, err.decode()
        assert "已中断" in err.decode()
    assert gone(workers)
    assert not out.exists()
    done = run(folder)
    assert 0 < done.reckoned <= 24 - 5
    assert done.counted == 24
    assert done.files[0].read_bytes() == expected


@pytest.mark.slow
def test_a_terminal_is_shown_rate_and_time_left_and_a_file_nothing(folder: Path) -> None:
    pytest.importorskip("rich", reason="rich is not installed")
    if sys.platform == "win32":
        pytest.skip("has no pseudo-terminals")
    command = [sys.executable, "-m", "xl_jifen", "rollup", str(folder), "--out", str(folder.parent / "汇总.xlsx")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 1 << 16):
                shown += piece
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    assert running.returncode == 1
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.search(r"24/24 +[0-9.]+ 个/秒 剩余 0:00:00", plain), plain
    quiet = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (quiet.returncode, quiet.stderr) == (1, b"")
    assert "个/秒" not in quiet.stdout.decode()


def children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and b"spawn_main" in (status.parent / "cmdline").read_bytes():
            found.append(int(status.parent.name))
    return found


def gone(processes: list[int]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return True
        time.sleep(0.05)
    return False


# Processes that die


@pytest.mark.usefixtures("processes")
@pytest.mark.slow
def test_a_file_that_kills_its_process_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / DEADLY).write_bytes(workbook("凶支部"))
    (folder / f"a{DEADLY}").write_bytes(workbook("又一个"))
    with monkeypatch.context() as patched:
        patched.setattr(rollup, "work", deadly)
        done = run(folder)
    assert (done.workbooks, done.counted, done.unreadable) == (26, 24, 2)
    told = {row["文件"]: row["说明"] for row in sheet(done, "支部汇总") if row["状态"] == "读不了"}
    assert set(told) == {f"支部/{DEADLY}", f"支部/a{DEADLY}"}
    assert all("意外退出" in words for words in told.values())
    again = run(folder)
    assert (again.reckoned, again.counted) == (2, 26)


@pytest.mark.usefixtures("processes")
@pytest.mark.slow
def test_who_waits_behind_one_that_dies_is_not_blamed_for_it() -> None:
    dies, lives = "__import__('os')._exit(9)", "6 * 7"
    assert dict(fleet.local(eval, [dies, lives], 1)) == {dies: None, lives: 42}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s"}),  # nobody waits long for the one that is killed
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as running,
    ):
        yield running


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_loses_nothing(cluster: Any, folder: Path, expected: bytes) -> None:
    killed: list[int] = []

    def disturbed(done: Iterator[Any], *_: Any) -> Iterator[Any]:
        for count, one in enumerate(done):
            if count == 5:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], getattr(signal, "SIGKILL", signal.SIGTERM))
            yield one

    done = run(folder, scheduler=cluster.scheduler_address, shown=disturbed)
    assert killed
    assert (done.reckoned, done.counted) == (24, 24)
    assert done.files[0].read_bytes() == expected


@pytest.mark.slow
def test_a_cluster_names_the_deadly_file_too(cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / DEADLY).write_bytes(workbook("凶支部"))
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # blame whoever was near, at once
    monkeypatch.setattr(rollup, "work", deadly)
    done = run(folder, scheduler=cluster.scheduler_address)
    assert (done.counted, done.unreadable) == (24, 1)


@pytest.mark.slow
def test_files_may_lie_behind_a_url(cluster: Any, folder: Path) -> None:
    out = folder.parent / "汇总.xlsx"
    done = rollup.rollup([f"file://{folder}"], out, NOW, scheduler=cluster.scheduler_address)
    assert (done.workbooks, done.counted) == (24, 24)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "foo://x"])
def test_no_cluster_is_one_sentence(address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    monkeypatch.setattr(fleet, "PATIENCE", 1)
    with pytest.raises(CannotRead, match="连不上调度机"):
        run(folder, scheduler=address)


@pytest.mark.slow
@pytest.mark.usefixtures("processes")
def test_no_more_tasks_are_taken_than_workers_need() -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield number

    for done, (number, result) in enumerate(fleet.local(abs, tasks(), 2), 1):
        assert number == result
        assert taken - done <= 2 * fleet.DEPTH
    assert taken == 200


@pytest.mark.slow
@pytest.mark.usefixtures("processes")
def test_a_foreign_version_on_the_cluster_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "VERSION", "9.9/1")
    with pytest.raises(CannotRead, match=r"请安装同一版本"):
        run(folder)


# Which files


def test_sources_are_folders_patterns_lists_and_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("甲/1.xlsx", "甲/2.XLSM", "甲/深/3.xlsx", "乙/1.xlsx", "乙/旧.xls", "乙/说明.docx", "乙/.隐.xlsx"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "清单.txt").write_bytes("甲/1.xlsx\r\n\r\n乙\r\n".encode("gb18030"))
    monkeypatch.chdir(tmp_path)

    def names(given: str, besides: str = "汇总.xlsx") -> list[str]:
        return [
            url.partition(f"{tmp_path}{os.sep}")[2].replace(os.sep, "/")
            for url in sources.workbooks([given], tmp_path / besides)
        ]

    assert names("甲", besides="甲/1.xlsx") == ["甲/2.XLSM", "甲/深/3.xlsx"]
    assert names("乙") == ["乙/1.xlsx", "乙/旧.xls", "乙/说明.docx"]
    assert names("*/1.xlsx") == ["乙/1.xlsx", "甲/1.xlsx"]
    assert names(str(tmp_path / "**" / "*.xlsx")) == ["乙/1.xlsx", "甲/1.xlsx", "甲/深/3.xlsx"]
    assert names("清单.txt") == ["甲/1.xlsx", "乙/1.xlsx", "乙/旧.xls", "乙/说明.docx"]
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    assert names(f"file://{tmp_path}/甲") == ["甲/1.xlsx", "甲/2.XLSM", "甲/深/3.xlsx"]
    assert names(f"file://{tmp_path}/*/1.xlsx") == ["乙/1.xlsx", "甲/1.xlsx"]


@pytest.mark.slow
def test_a_link_that_leads_nowhere_is_told_by_its_own_name(folder: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    (folder / "断.xlsx").symlink_to("/没有/这里.xlsx")
    (folder / "又.xlsx").symlink_to(folder / "00.xlsx")
    done = run(folder)
    assert (done.workbooks, done.counted, done.unreadable) == (25, 24, 1)
    assert "支部/断.xlsx" in {row["文件"] for row in sheet(done, "支部汇总") if row["状态"] == "读不了"}


@pytest.mark.slow
@pytest.mark.usefixtures("processes")
def test_a_file_named_twice_is_counted_once(folder: Path) -> None:
    done = rollup.rollup([str(folder), str(folder / "*.xlsx")], folder.parent / "汇总.xlsx", NOW, workers=2)
    assert (done.workbooks, done.counted, done.twins) == (24, 24, 0)


@pytest.mark.parametrize("where", ["没有这个文件夹", "没有*.xlsx"])
def test_a_source_that_is_not_there_is_one_sentence(where: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"。$"):
        rollup.rollup([str(tmp_path / where)], tmp_path / "汇总.xlsx", NOW)


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="没有找到工作簿"):
        rollup.rollup([str(tmp_path)], tmp_path / "汇总.xlsx", NOW)
    assert [*tmp_path.iterdir()] == [], "no journal of nothing either"


@pytest.mark.slow
def test_names_that_are_no_text_are_read_all_the_same(folder: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has names of any bytes")
    odd = os.fsencode(folder) + b"/" + "党员.xlsx".encode("gbk")
    Path(os.fsdecode(odd)).write_bytes(workbook("另一支部"))
    done = run(folder)
    assert (done.counted, done.unreadable) == (25, 0)
    assert "另一支部" in {row["支部"] for row in sheet(done, "支部汇总")}


@pytest.mark.slow
def test_two_rollups_do_not_write_one_journal(folder: Path) -> None:
    done = run(folder)
    other = Journal(done.journal)
    try:
        with pytest.raises(CannotWrite, match="另一个汇总"):
            run(folder)
    finally:
        other.close()


@pytest.mark.slow
def test_a_journal_that_is_none_is_told(folder: Path) -> None:
    (folder.parent / "汇总.续算.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(CannotWrite, match="续算记录"):
        run(folder)


@pytest.mark.slow
def test_the_benchmark_script_runs() -> None:
    pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    pytest.importorskip("resource", reason="the benchmark asks POSIX for the memory used")
    script = ROOT / "tests" / "bench" / "rollup.py"
    done = subprocess.run(
        [sys.executable, str(script), "--files", "1", "--turns", "1"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no worker died of what it was asked"
    assert "rollup / calamine" in done.stdout


@pytest.mark.slow
def test_a_journal_of_another_make_is_begun_anew(folder: Path, expected: bytes) -> None:
    run(folder)
    base = sqlite3.connect(folder.parent / "汇总.续算.sqlite")
    base.execute("CREATE TRIGGER t AFTER INSERT ON run BEGIN UPDATE done SET result = x'00'; END")
    base.commit()
    base.close()
    done = run(folder)
    assert (done.reckoned, done.files[0].read_bytes() == expected) == (24, True)
