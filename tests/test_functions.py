"""The worksheet functions: as plain Python, and through xlwings' own code for Windows with stand-ins for its parts."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import xlwings as xw
from engines import memory

from xl_jifen import layout
from xl_jifen.doors import functions
from xl_jifen.doors.functions import JF_CHECK, JF_EXPLAIN, JF_POINTS, JF_SCORES
from xl_jifen.excel.read.file import read_file
from xl_jifen.grid import Grids
from xl_jifen.verbs import quarter

MISSING = -2147352572
"""What Excel hands over for an argument left out."""
NAMES = ("JF_CHECK", "JF_SCORES", "JF_POINTS", "JF_EXPLAIN")

RULES = [
    [
        "规则编号",
        "类型",
        "大项",
        "小项",
        "分值",
        "分值上限",
        "每",
        "取整",
        "封顶分值",
        "计分组",
        "适用类别",
        "失效日期",
    ],
    ["基1", "基础分", "四讲四有", "做合格党员", 100, None, None, None, None, None, None, None],
    ["加1", "加分", "党建", "讲党课", 2, None, None, None, 5, "党建组", "在职", date(2020, 1, 1)],
    ["加2", "加分", "奖励", "表彰", 1, 5, None, None, None, None, None, None],
    ["加3", "加分", "志愿", "服务", 1, None, 3, "向下", None, None, None, None],
    ["减1", "减分", "纪律", "缺席", 2, None, None, None, None, None, None, None],
]
ROSTER = [
    ["编号", "姓名", "党员类别", "党内职务"],
    ["007", "张伟", "正式党员", None],
    ["008", "李娜", "正式党员", "书记"],
]
ENTRIES = [
    ["3月积分登记", None, None, None, None, None],
    ["日期", "姓名", "规则", "数量", "事由", "审核状态"],
    [date(2026, 3, 5), "张伟", "加3 服务", 7, "植树", "通过"],
    [date(2026, 3, 6), "查无此人", "加3", 3, "植树", "通过"],
    [None, None, None, None, None, None],
    [date(2026, 3, 7), "李娜", "加3", 3, "看望老人", "待审"],
]
SETTINGS = [
    ["项目", "值"],
    ["支部名称", "示例支部"],
    ["计分周期开始", date(2026, 1, 1)],
    ["计分周期结束", date(2026, 12, 31)],
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter.example(tmp_path_factory.mktemp("demo") / "党员积分示例.xlsx")


def sheet(grids: Grids, name: str) -> list[list[Any]]:
    grid = grids.get(name)
    assert grid
    return [list(row) for row in grid.rows]


# -- plain Python -------------------------------------------------------------------------------------------------


def test_check_answers_row_by_row() -> None:
    told = [row[0] for row in JF_CHECK(ENTRIES, RULES, ROSTER)]
    assert len(told) == len(ENTRIES)
    assert told[:3] == ["", "提示", ""]
    assert told[3].startswith("错误：")
    assert "查无此人" in told[3]
    assert told[4] == ""
    assert told[5].startswith("提示：")


@pytest.mark.slow
def test_check_says_what_the_column_of_hints_says(demo: Path) -> None:
    grids = read_file(demo)
    month = grids.get("10月")
    assert month
    reckoned = quarter.open_workbook(demo).reckoning
    own = {f.place.row for f in reckoned.findings if f.place.sheet == "10月" and f.code[0] == "E"}
    told = JF_CHECK(month.rows, sheet(grids, "积分规则"), sheet(grids, "党员名册"), 10)
    assert {number for number, (text,) in enumerate(told, 1) if text.startswith("错误")} == own


def test_check_takes_the_month_from_the_dates_or_as_told() -> None:
    assert JF_CHECK(ENTRIES, RULES, ROSTER)[2] == [""]
    assert JF_CHECK(ENTRIES, RULES, ROSTER, "2月")[2][0].startswith("错误：")
    assert JF_CHECK(ENTRIES, RULES, ROSTER, 4)[2][0].startswith("警告")
    assert all(JF_CHECK(ENTRIES, RULES, ROSTER, month)[2][0].startswith("错误：") for month in (1, "1月", 2))
    assert all(JF_CHECK(ENTRIES, RULES, ROSTER, month)[2][0].startswith("警告") for month in (12, "12月", 11))


def test_check_tells_of_a_missing_heading_in_the_heading_row() -> None:
    entries = [[cell for cell in row if cell != "审核状态"] for row in ENTRIES]
    assert "审核状态" in JF_CHECK(entries, RULES, ROSTER)[1][0]


def test_check_tells_of_a_row_whose_rule_is_at_fault() -> None:
    negative = [[-1 if cell == 1 and row[0] == "加3" else cell for cell in row] for row in RULES]
    assert JF_CHECK(ENTRIES, negative, ROSTER)[2][0].startswith("错误：规则或名册有误（E804")


@pytest.mark.slow
def test_scores_of_stacked_months_are_those_of_the_workbook(demo: Path) -> None:
    grids = read_file(demo)
    heads = sheet(grids, "1月")[2]
    stacked: list[list[Any]] = [["月份", *heads]]
    for month in layout.MONTHS:
        stacked += [[month.name, *row] for row in sheet(grids, month.name)[3:]]
    names = ("党员名册", "积分规则", "设置")
    more = ("计分组", "等次标准", "活动考勤", "考勤计分", "表决记录")
    ledger = quarter.open_workbook(demo).reckoning.ledger
    for period, asked in (("2026Q2", "2026q2"), ("2026Q3", " ２０２６Q3"), ("year", "全年")):
        ranges = [sheet(grids, name) for name in names]
        told = JF_SCORES(*ranges, stacked, asked, *(sheet(grids, name) for name in more))
        scores = ledger.of(period)
        assert told[0][:3] == ["名次", "编号", "姓名"]
        assert [row[1] for row in told[1 : len(scores) + 1]] == [score.member.code for score in scores]
        if period != "year":  # reversals name rows of a month sheet, which a stack does not have
            assert [row[6] for row in told[1 : len(scores) + 1]] == [score.score / 100 for score in scores]
            assert [row[7] for row in told[1 : len(scores) + 1]] == [score.grade or "" for score in scores]


def test_scores_say_what_was_left_out() -> None:
    told = JF_SCORES(ROSTER, RULES, SETTINGS, ENTRIES, "2026Q1")
    assert [row[2:7] for row in told[1:3]] == [["张伟", 100, 2, 0, 102], ["李娜", 100, 0, 0, 100]]
    assert "处错误未计入" in told[-1][-1]


def test_scores_of_no_period_name_the_periods() -> None:
    assert "2026Q4，半年 2026H1、2026H2，或全年" in str(JF_SCORES(ROSTER, RULES, SETTINGS, ENTRIES, "五季度"))


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 12, 31)])
def test_without_settings_the_cycle_is_the_whole_year_of_the_entries(day: date) -> None:
    assert JF_CHECK([ENTRIES[1], [day, "张伟", "加3", 3, "值守", "通过"]], RULES, ROSTER) == [["提示"], [""]]


def test_scores_without_a_column_of_months_go_by_the_date() -> None:
    entries = [*ENTRIES[1:3], [date(2026, 8, 5), "张伟", "加3", 30, "防汛", "通过"]]
    assert JF_SCORES(ROSTER, RULES, SETTINGS, entries, "2026Q1")[1][4] == 2
    assert JF_SCORES(ROSTER, RULES, SETTINGS, entries, "2026Q3")[1][4] == 10


@pytest.mark.parametrize(
    ("code", "quantity", "points"),
    [
        ("加3", 7, 2),
        ("加3", 2, 0),
        ("加3", None, 0),
        ("加1 讲党课", 2, 4),
        ("加1", 3.0, 5),
        ("减1", None, 2),
        ("加2", 3.5, 3.5),
    ],
)
def test_points_of_one_entry(code: str, quantity: Any, points: float) -> None:
    assert JF_POINTS(RULES, code, quantity) == points


@pytest.mark.parametrize(
    ("code", "quantity", "said"),
    [
        ("加9", 1, "加9"),
        ("", 1, "没有"),
        ("加3", -1, "数量"),
        ("加2", 9, "申报分值"),
        ("加2", None, "申报分值"),
        ("加3", "三", "数字"),
    ],
)
def test_points_that_cannot_be_told_are_a_sentence(code: str, quantity: Any, said: str) -> None:
    assert said in JF_POINTS(RULES, code, quantity)


def test_explain() -> None:
    assert JF_EXPLAIN(" e501").startswith("E501 缺少佐证。")
    assert "怎么改" in JF_EXPLAIN("E501")
    assert JF_EXPLAIN("E999") == "没有代码“E999”"


def test_frames_in_and_out() -> None:
    import pandas as pd  # here alone: it is large

    rules, roster, settings = (pd.DataFrame(rows[1:], columns=rows[0]) for rows in (RULES, ROSTER, SETTINGS))
    entries = pd.DataFrame(ENTRIES[2:], columns=ENTRIES[1])
    entries["日期"] = pd.to_datetime(entries["日期"])
    scores = JF_SCORES(roster, rules, settings, entries, "2026Q1")
    assert list(scores["姓名"][:2]) == ["张伟", "李娜"]
    assert list(scores["积分"][:2]) == [102, 100]
    checked = JF_CHECK(entries, rules, roster)
    assert list(checked.columns) == ["提示"]
    assert len(checked) == len(entries)
    assert [bool(text) for text in checked["提示"]] == [False, True, False, True]


# -- through xlwings ----------------------------------------------------------------------------------------------


class Excel:
    """A sheet in memory, and the way of a formula of Excel into a Python function and back."""

    def __init__(self, udfs: ModuleType, module: ModuleType) -> None:
        self.udfs, self.module = udfs, module
        self.sheet = xw.App(add_book=True).books[0].sheets[0]
        self._next = 1

    def range(self, rows: list[list[Any]]) -> Any:
        """Rows written somewhere on the sheet, as the range Excel hands over."""
        width = max(map(len, rows))
        area = self.sheet.range((1, self._next), (len(rows), self._next + width - 1))
        self._next += width + 1
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and not cell.startswith("#"):
                    area[number, column].number_format = "@"
        area.value = [[*row, *[None] * (width - len(row))] for row in rows]
        return area.impl

    def call(self, name: str, *args: Any) -> Any:
        return self.udfs.call_udf(self.module.__name__, name, args, None, self.sheet.range("ZZ1").impl)


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Excel]:
    """xlwings' code for Windows, on the engine in memory; the functions are defined anew under its decorators."""

    def stand_in(name: str, **members: Any) -> None:
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)

    memory.install(memory.Engine())
    stand_in("pythoncom", CoInitialize=lambda: None, IID_IDispatch=None)
    stand_in("pywintypes", com_error=type("com_error", (Exception,), {}))
    stand_in("win32com")
    stand_in("win32com.client", Dispatch=lambda given, **_: given)
    platform = SimpleNamespace(
        Range=lambda xl: xl,
        Book=lambda xl: xl,
        BOOK_CALLER=None,
        is_range_instance=lambda at: isinstance(at, memory.Range),
    )
    monkeypatch.setattr(xw, "_xlwindows", platform, raising=False)
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", platform)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    stand_in("xlwings.com_server", loop=loop)
    monkeypatch.delitem(sys.modules, "xlwings.udfs", raising=False)
    udfs = importlib.import_module("xlwings.udfs")
    for name, decorator in (("func", udfs.xlfunc), ("arg", udfs.xlarg), ("ret", udfs.xlret)):
        monkeypatch.setattr(xw, name, decorator)
    yield Excel(udfs, importlib.reload(functions))
    loop.call_soon_threadsafe(loop.stop)
    monkeypatch.undo()
    importlib.reload(functions)
    sys.modules.pop("xlwings.udfs", None)
    memory.remove()


def test_xlwings_accepts_the_definitions(excel: Excel) -> None:
    for name in NAMES:
        told = getattr(excel.module, name).__xlfunc__
        assert told["category"] == "党员积分"
        assert not told["volatile"]
        assert not told["call_in_wizard"]
        for argument in told["args"]:
            assert 0 < len(argument["doc"]) <= 255
            assert not argument["doc"].startswith("Positional")
        assert 0 < len(told["ret"]["doc"]) <= 255


def test_ranges_come_as_rows_and_tables_go_back(excel: Excel) -> None:
    rules, roster, settings = excel.range(RULES), excel.range(ROSTER), excel.range(SETTINGS)
    entries = excel.range(ENTRIES)
    assert excel.call("JF_CHECK", entries, rules, roster, MISSING) == JF_CHECK(ENTRIES, RULES, ROSTER)
    scores = excel.call("JF_SCORES", roster, rules, settings, entries, "2026Q1", *[MISSING] * 5)
    assert scores == JF_SCORES(ROSTER, RULES, SETTINGS, ENTRIES, "2026Q1")
    assert excel.call("JF_POINTS", rules, "加3", 7.0) == [[2.0]]
    assert excel.call("JF_POINTS", rules, "加1", MISSING) == [[2.0]]
    assert excel.call("JF_EXPLAIN", "E501")[0][0].startswith("E501 缺少佐证。")


def test_a_range_of_one_cell_is_no_surprise(excel: Excel) -> None:
    one = excel.range([["日期"]])
    assert "找不到" in excel.call("JF_CHECK", one, excel.range(RULES), excel.range(ROSTER), MISSING)[0][0]


def test_an_error_cell_is_told_not_taken_for_blank(excel: Excel) -> None:
    broken = [*ENTRIES[:3], [date(2026, 3, 8), "张伟", "加3", "#DIV/0!", "植树", "通过"]]
    told = excel.call("JF_CHECK", excel.range(broken), excel.range(RULES), excel.range(ROSTER), MISSING)
    assert "#DIV/0!" in told[3][0]


def test_whole_columns_end_with_the_last_row_in_use(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows are neither read nor answered."""
    entries = excel.range(ENTRIES)
    width = len(ENTRIES[1])
    excel.sheet.range("A40").value = None
    columns = excel.sheet.range((1, 1), (1_048_576, width)).impl
    read: list[int] = []
    plain = memory.Range.raw_value2.fget
    monkeypatch.setattr(memory.Range, "raw_value2", property(lambda area: (read.append(area.shape[0]), plain(area))[1]))
    told = excel.call("JF_CHECK", columns, excel.range(RULES), excel.range(ROSTER), MISSING)
    assert told == excel.call("JF_CHECK", entries, excel.range(RULES), excel.range(ROSTER), MISSING)
    assert max(read) < 100
    assert len(told) == len(ENTRIES)


def test_currency_keeps_its_digits_in_functions(excel: Excel) -> None:
    cells = excel.sheet.range((1, 30), (2, 30))
    cells.value = [["数量"], [1.23456]]
    cells.number_format = "￥#,##0"
    seen: list[Any] = []
    context = SimpleNamespace(range=cells, value=None)
    excel.module.Cells.reader(None)(context)
    seen = context.value
    assert seen == [["数量"], [1.23456]]


# -- elsewhere ----------------------------------------------------------------------------------------------------


def _run(code: str) -> str:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = "from xl_jifen.doors.functions import JF_EXPLAIN; print(JF_EXPLAIN('E501')[:4])"


@pytest.mark.slow
@pytest.mark.parametrize(
    "before",
    [
        "",
        "import sys; sys.modules['xlwings'] = None; ",
        "import xlwings; xlwings.func = xlwings.arg = lambda *a, **k: 1 / 0; ",
        "import xlwings; del xlwings.func, xlwings.arg; ",
    ],
    ids=["stock", "not installed", "decorators that raise", "decorators gone"],
)
def test_they_import_and_work_where_there_is_no_excel(before: str) -> None:
    assert _run(before + ASK) == "E501\n"


def test_every_function_is_a_plain_one() -> None:
    found: list[Callable[..., Any]] = [getattr(functions, name) for name in functions.__all__]
    assert {function.__name__ for function in found} == set(NAMES)
    assert all(name.isascii() for name in NAMES)
