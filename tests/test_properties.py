"""What must hold for every workbook: prefix stability, order independence, caps that hold, sums that add up.

A :class:`Book` is one drawn workbook in the users' own terms; ``grids`` writes it down as a branch would. Reasons
(事由, 活动名称) are unique in a book, so that a line can be found again when rows move, and no row repeats another.

One module, however long: one strategy draws the workbooks of all properties.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction

import pytest
from drawing import one
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import xl_jifen
from xl_jifen import layout
from xl_jifen.grid import Cell, CellError, Grid, Grids
from xl_jifen.period import Month
from xl_jifen.register import Group, Ledger, Line, Points, Rule, Score

settings.register_profile(
    "properties",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
properties = settings.get_profile("properties")

Cells = dict[str, Cell]
"""One row, by heading; a heading that is not there is blank."""

pytestmark = pytest.mark.slow

START, END = date(2025, 7, 1), date(2026, 6, 30)
MONTHS = tuple(Month(2025, number) for number in range(7, 13)) + tuple(Month(2026, number) for number in range(1, 7))
MEMBERS: list[Cells] = [
    {"编号": "001", "姓名": "张三", "党员类别": "正式党员", "党内职务": "书记"},
    {"编号": "002", "姓名": "李四", "党员类别": "正式党员", "党内职务": "组织委员", "转出日期": date(2026, 2, 10)},
    {"编号": "003", "姓名": "王五", "党员类别": "正式党员", "计分类别": "离退休", "转入日期": date(2025, 9, 15)},
    {"编号": "004", "姓名": "赵六", "党员类别": "预备党员"},
]
NAMES = [str(member["姓名"]) for member in MEMBERS]
GROUPS: list[Cells] = [
    {"组名": "季合计", "方式": "封顶", "周期": "季", "封顶分值": 4},
    {"组名": "年合计", "方式": "封顶", "周期": "年", "封顶分值": 9},
    {"组名": "日合计", "方式": "封顶", "周期": "日", "封顶分值": 3},
    {"组名": "年就高", "方式": "就高", "周期": "年"},
    {"组名": "季就高", "方式": "就高", "周期": "季"},
    {"组名": "事项就高", "方式": "就高", "周期": "同一事项"},
]
SEVERAL = ("张三、李四", "王五；张三，赵六", "003，李四")
CODES = ("加1", "加2", "加3", "减1", "减2")


@dataclass(frozen=True)
class Row:
    """One row of a month sheet; for a 冲销 ``takes_back`` is the reason of the row it names."""

    month: Month
    cells: Cells
    takes_back: str = ""


@dataclass(frozen=True)
class Book:
    """One workbook: what differs from draw to draw."""

    options: Cells
    rules: list[Cells]
    rows: list[Row]
    meetings: list[Cells] = field(default_factory=list)

    def up_to(self, month: Month) -> Book:
        """The book as it was when that month was the last one posted."""
        return replace(
            self,
            rows=[row for row in self.rows if row.month <= month],
            meetings=[meeting for meeting in self.meetings if Month.of(day_of(meeting)) <= month],
        )


def day_of(meeting: Cells) -> date:
    day = meeting["日期"]
    assert isinstance(day, date)
    return day


def sheet(name: str, rows: Sequence[Cells]) -> Grid:
    """Rows under the headings of the layout."""
    headings = [column.name for known in layout.SHEETS if known.name == name for column in known.columns]
    return Grid(name, [headings, *([row.get(heading) for heading in headings] for row in rows)])


def grids(book: Book) -> Grids:
    """The workbook of a book."""
    options = {"支部名称": "第一党支部", "计分周期开始": START, "计分周期结束": END} | book.options
    bands: list[Cells] = [{"等次": "优秀", "最低积分": 103, "受比例限制": "是"}, {"等次": "合格", "最低积分": 95}]
    base: Cells = {"规则编号": "基1", "类型": "基础分", "大项": "四讲四有", "小项": "做合格党员", "分值": 100}
    return Grids(
        (
            sheet("设置", [{"项目": key, "值": value} for key, value in options.items()]),
            sheet("等次标准", [*bands, {"等次": "不合格"}]),
            sheet("党员名册", MEMBERS),
            sheet("积分规则", [base, *book.rules]),
            sheet("计分组", GROUPS),
            *(sheet(month.sheet, [row.cells for row in book.rows if row.month == month]) for month in MONTHS),
            sheet("活动考勤", book.meetings),
            sheet(
                "考勤计分",
                [
                    {"活动类型": "主题党日", "到会情况": "参加", "规则编号": "加2"},
                    {"活动类型": "主题党日", "到会情况": "无故缺席", "规则编号": "减2"},
                ],
            ),
        )
    )


@st.composite
def rule_rows(draw: st.DrawFn, code: str, grouped: bool) -> Cells:
    points = (1, 2, 3, 1.25, 0.5, 0)
    row: Cells = {
        "规则编号": code,
        "类型": "加分" if code[0] == "加" else "减分",
        "大项": "大项",
        "小项": f"小项{code}",
    }
    row["分值"] = one(draw, points)
    shape = one(draw, ["逐次", "逐次", "分档", "单价", "单价", "单价"])
    if shape == "逐次":
        row["逐次分值"] = ";".join(str(one(draw, points)) for _ in range(draw(st.integers(1, 3))))
    elif shape == "分档":
        row["分档"] = one(draw, ["1:1;2.5:2;6:5", "2:0.5;3:0.5;4:3", "5:10"])
    else:
        row["每"] = one(draw, [None, 2, 3, 0.5])
        row["取整"] = one(draw, [None, "向下", "向上"])
        row["起算数量"] = one(draw, [None, None, 2])
        row["免计数量"] = one(draw, [None, None, 1, 2.5])
    row["累计"] = one(draw, [None, "是"]) if shape != "逐次" else None
    row["封顶周期"] = one(draw, [None, "日", "月", "季", "年"])
    row["封顶分值"] = one(draw, [None, None, 4, 2.5, 1, 0])
    row["限次"] = one(draw, [None, 1, 2])
    row["需佐证"] = one(draw, [None, "是"])
    if grouped:
        names = [str(group["组名"]) for group in GROUPS]
        row["计分组"] = ";".join(draw(st.lists(st.sampled_from(names), unique=True, max_size=3))) or None
    return row


@st.composite
def entry_rows(draw: st.DrawFn, number: int, ladders: set[Cell]) -> Row:
    month = one(draw, MONTHS)
    day_month = one(draw, [month, month, month, *[earlier for earlier in MONTHS if earlier < month]])
    code, name = one(draw, CODES), one(draw, ["张三", *NAMES, *SEVERAL])
    quantities = [None, 1] if code in ladders else [None, 1, 2, 2.5, 3]
    cells: Cells = {
        "序号": number,
        "日期": date(day_month.year, day_month.month, one(draw, [1, 10, 20])),
        "姓名": name,
        "规则": code,
        "数量": one(draw, quantities),
        "事由": f"事{number:02d}",
        "佐证": one(draw, ["材料"] * 7 + [None]),
        "核实人": "李四" if name == "张三" else "张三",
        "审核状态": one(draw, ["通过"] * 12 + ["待审", "不通过"]),
        "同一事项": one(draw, [None, "甲", "乙"]),
    }
    return Row(month, cells)


@st.composite
def reversal_rows(draw: st.DrawFn, number: int, rows: Sequence[Row]) -> Row:
    """A 冲销 by 序号 of one of the rows, posted in any month: also too early, or a second time."""
    target = one(draw, rows)
    later = [month for month in MONTHS if month > target.month]
    month = one(draw, [*later, *later, target.month])
    cells: Cells = {
        "序号": number,
        "日期": month.last,
        "姓名": target.cells["姓名"],
        "规则": target.cells["规则"],
        "事由": f"事{number:02d}",
        "审核状态": one(draw, ["通过"] * 5 + ["待审"]),
        "冲销": f"{target.month.sheet}#{target.cells['序号']}",
    }
    return Row(month, cells, str(target.cells["事由"]))


@st.composite
def meeting_rows(draw: st.DrawFn, number: int) -> Cells:
    month = one(draw, MONTHS)
    absent = one(draw, [None, *NAMES])
    others = [name for name in NAMES if name != absent]
    return {
        "日期": date(month.year, month.month, one(draw, [10, 20])),
        "活动类型": "主题党日",
        "活动名称": f"党日{number}",
        "参加": one(draw, ["全体", "、".join(others), others[0]]),
        "无故缺席": absent,
        "佐证": "签到表",
    }


@st.composite
def books(draw: st.DrawFn, grouped: bool = True, reversals: bool = True) -> Book:
    rules = [draw(rule_rows(code, grouped)) for code in CODES]
    ladders = {rule["规则编号"] for rule in rules if rule.get("逐次分值")}
    rows = [draw(entry_rows(number, ladders)) for number in range(1, draw(st.integers(4, 16)) + 1)]
    if reversals:
        more = draw(st.integers(0, 4))
        rows += [draw(reversal_rows(number, rows)) for number in range(len(rows) + 1, len(rows) + 1 + more)]
    options: Cells = {
        "年度汇总方式": one(draw, ["年度累计", "季度平均", "季度求和"]),
        "在册口径": one(draw, ["季末", "季首"]),
        "中途转入基础分": one(draw, ["全额", "按月折算"]),
        "最低分": one(draw, [None, 97]),
        "最高分": one(draw, [None, 103]),
        "优秀比例上限": one(draw, [None, "1/3"]),
    }
    meetings = [draw(meeting_rows(number)) for number in range(draw(st.integers(0, 2)))]
    return Book(options, rules, draw(st.permutations(rows)), meetings)


Key = tuple[str, str, str]
"""A line wherever it stands: its reason, member and rule."""


def key(line: Line) -> Key:
    assert line.entry.member is not None
    assert line.entry.rule is not None
    return line.entry.reason, line.entry.member.code, line.entry.rule.code


def figures(lines: Iterable[Line]) -> dict[Key, tuple[Points, Points, tuple[str, ...]]]:
    return {key(line): (line.raw, line.counted, line.why) for line in lines}


def score_figures(scores: Iterable[Score]) -> list[tuple[object, ...]]:
    return [
        (s.period, s.member.code, s.base, s.bonus, s.deduction, s.score, s.rank, s.grade, s.vetoed, s.remark)
        for s in scores
    ]


def finding_places(reckoning: xl_jifen.Reckoning) -> list[tuple[str, str, int]]:
    return sorted((found.code, found.place.sheet, found.place.row) for found in reckoning.findings)


def posted(line: Line) -> Month:
    assert line.entry.month is not None
    return line.entry.month


def standing(book: Book, lines: Sequence[Line]) -> Iterator[list[Line]]:
    """For each month, the lines posted so far that no valid 冲销 posted so far has taken back."""
    takes_back = {row.cells["事由"]: row.takes_back for row in book.rows if row.takes_back}
    for month in MONTHS:
        so_far = [line for line in lines if posted(line) <= month]
        gone = {
            (takes_back[line.entry.reason], line.entry.member)
            for line in so_far
            if line.entry.reversal and not line.why
        }
        yield [
            line for line in so_far if not line.entry.reversal and (line.entry.reason, line.entry.member) not in gone
        ]


def period_of(period: str, line: Line) -> object:
    """The key of a 封顶周期: the entry's day, its posting month or quarter, the cycle; or its 同一事项."""
    keys: dict[str, Callable[[], object]] = {
        "日": lambda: line.entry.day,
        "月": lambda: posted(line),
        "季": lambda: posted(line).quarter,
        "年": lambda: None,
        "同一事项": lambda: line.entry.matter,
    }
    return keys[period]()


def sums(lines: Iterable[Line], subject: Rule | Group, period: str) -> dict[object, list[Line]]:
    """The lines of a rule or group, by member and period; lines without 同一事项 belong to no matter."""
    shares: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        rule = line.entry.rule
        assert rule is not None
        assert line.entry.member is not None
        concerned = rule is subject or subject in rule.groups
        if concerned and not (period == "同一事项" and not line.entry.matter):
            shares[line.entry.member.code, period_of(period, line)].append(line)
    return shares


@properties
@given(books(), st.sampled_from(MONTHS))
def test_what_is_posted_later_changes_nothing_before(book: Book, month: Month) -> None:
    before, after = xl_jifen.reckon(grids(book.up_to(month))), xl_jifen.reckon(grids(book))
    assert figures(before.ledger.lines) == figures(line for line in after.ledger.lines if posted(line) <= month)
    closed = {m.quarter for m in MONTHS if m <= month and (m.next.quarter != m.quarter)}
    then, now = (score_figures(r.ledger.scores) for r in (before, after))
    assert [score for score in then if score[0] in closed] == [score for score in now if score[0] in closed]


@properties
@given(books(), st.randoms(use_true_random=False))
def test_row_order_inside_a_month_changes_no_total(book: Book, shuffle: random.Random) -> None:
    rows, meetings = list(book.rows), list(book.meetings)
    shuffle.shuffle(rows)
    shuffle.shuffle(meetings)
    moved = replace(book, rows=rows, meetings=meetings)
    one, other = (xl_jifen.reckon(grids(b)).ledger.scores for b in (book, moved))
    assert score_figures(one) == score_figures(other)


def no_cap_is_ever_exceeded(book: Book, ledger: Ledger) -> None:
    caps: list[tuple[Rule | Group, str, Points]] = [
        (rule, rule.cap_period, rule.cap) for rule in ledger.register.rules if rule.cap is not None
    ]
    caps += [(group, group.period, group.cap) for group in ledger.register.groups if group.cap is not None]
    for lines in standing(book, ledger.lines):
        for subject, period, cap in caps:
            for share in sums(lines, subject, period).values():
                assert sum(line.counted for line in share) <= cap


def no_rule_counts_more_often_than_its_limit(book: Book, ledger: Ledger) -> None:
    for lines in standing(book, ledger.lines):
        for rule in ledger.register.rules:
            if rule.times is not None:
                for share in sums(lines, rule, rule.cap_period).values():
                    assert sum(line.counted > 0 for line in share) <= rule.times


def highest_only_never_exceeds_the_highest_claim(book: Book, ledger: Ledger) -> None:
    for lines in standing(book, ledger.lines):
        for group in ledger.register.groups:
            if group.way == layout.HIGHEST:
                for share in sums(lines, group, group.period).values():
                    if not any(line.entry.rule and line.entry.rule.cumulative for line in share):
                        assert sum(line.counted for line in share) <= max(line.raw for line in share)


@properties
@given(books(reversals=False))
def test_quantities_that_add_up_earn_what_their_sum_earns(book: Book) -> None:
    """累计, before caps: the raw points of a member's entries are those of one entry of the whole quantity."""
    ledger = xl_jifen.reckon(grids(book)).ledger
    amounts: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    raws: dict[tuple[object, ...], Points] = defaultdict(int)
    for line in ledger.lines:
        entry, rule = line.entry, line.entry.rule
        if rule and rule.cumulative and entry.member and line.admitted:
            key = rule.code, entry.member.name, period_of(rule.cap_period, line)
            amounts[key] += Fraction(1) if entry.quantity is None else entry.quantity
            raws[key] += line.raw
    alone = [rule | dict.fromkeys(("累计", "封顶分值", "限次", "计分组", "需佐证")) for rule in book.rules]
    rows = [
        Row(
            MONTHS[-1],
            {"日期": date(2025, 12, 1), "姓名": name, "规则": code, "数量": float(amount), "事由": str(number)}
            | {"审核状态": "通过", "核实人": "李四" if name == "张三" else "张三"},
        )
        for number, ((code, name, _), amount) in enumerate(amounts.items())
    ]
    lines = xl_jifen.reckon(grids(Book({}, alone, rows))).ledger.lines
    assert [line.raw for line in lines] == list(raws.values())


@properties
@given(books())
def test_several_names_are_the_same_rows_one_by_one(book: Book) -> None:
    single = {"003": "王五"}
    rows = []
    for row in book.rows:
        for name in re.split("[、，；]", str(row.cells["姓名"])):
            person = single.get(name, name)
            target = f"{row.cells['冲销']}-{person}" if row.takes_back else None
            own: Cells = {"姓名": person, "序号": f"{row.cells['序号']}-{person}", "冲销": target}
            rows.append(replace(row, cells=row.cells | own))
    one, other = (xl_jifen.reckon(grids(b)).ledger for b in (book, replace(book, rows=rows)))
    assert figures(one.lines) == figures(other.lines)
    assert score_figures(one.scores) == score_figures(other.scores)


def every_line_counts_between_nothing_and_its_claim(book: Book, ledger: Ledger) -> None:
    takes_back = {row.cells["事由"]: row.takes_back for row in book.rows if row.takes_back}
    counted = {(line.entry.reason, line.entry.member): line.counted for line in ledger.lines}
    for line in ledger.lines:
        if not line.admitted:
            assert (line.raw, line.counted) == (0, 0)
        elif line.entry.reversal:
            assert line.raw == line.counted == -counted[takes_back[line.entry.reason], line.entry.member]
        else:
            assert 0 <= line.counted <= line.raw
            assert bool(line.why) == (line.counted < line.raw)


def scores_are_folds_of_the_lines(book: Book, ledger: Ledger) -> None:
    for score in ledger.scores:
        mine = [
            line for line in ledger.lines if line.entry.member is score.member and score.period.covers(posted(line))
        ]
        for kind, figure in (("加分", score.bonus), ("减分", score.deduction)):
            assert figure == sum(line.counted for line in mine if line.entry.rule and line.entry.rule.kind == kind)


def reckoning_twice_is_the_same(book: Book, one: xl_jifen.Reckoning) -> None:
    other = xl_jifen.reckon(grids(book))
    assert one.findings == other.findings
    assert figures(one.ledger.lines) == figures(other.ledger.lines)
    assert score_figures(one.ledger.scores) == score_figures(other.ledger.scores)


@settings(properties, max_examples=75)
@given(books())
def test_what_is_counted_of_any_workbook_holds(book: Book) -> None:
    """Each of these of the same reckoning, by its name."""
    reckoning = xl_jifen.reckon(grids(book))
    ledger = reckoning.ledger
    no_cap_is_ever_exceeded(book, ledger)
    no_rule_counts_more_often_than_its_limit(book, ledger)
    highest_only_never_exceeds_the_highest_claim(book, ledger)
    every_line_counts_between_nothing_and_its_claim(book, ledger)
    scores_are_folds_of_the_lines(book, ledger)
    reckoning_twice_is_the_same(book, reckoning)


@properties
@given(books(), st.data())
def test_a_blank_never_scores(book: Book, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(book.rows) - 1))
    heading = data.draw(st.sampled_from(["日期", "姓名", "规则", "事由", "审核状态"]))
    row = book.rows[position]
    rows = list(book.rows)
    rows[position] = replace(row, cells=row.cells | {heading: None})
    reckoning = xl_jifen.reckon(grids(replace(book, rows=rows)))
    place = 2 + sum(other.month == row.month for other in rows[:position])
    there = [line for line in reckoning.ledger.lines if line.entry.place[:2] == (row.month.sheet, place)]
    assert all(line.raw == line.counted == 0 for line in there)
    rejected = row.cells["审核状态"] == "不通过" and heading != "审核状态"
    assert ("I005" if rejected else "E101", row.month.sheet, place) in finding_places(reckoning)


@properties
@given(books(), st.sampled_from(CODES))
def test_a_rule_without_points_scores_nothing(book: Book, code: str) -> None:
    rules = [rule | {"分值": None, "分档": None} if rule["规则编号"] == code else rule for rule in book.rules]
    lines = xl_jifen.reckon(grids(replace(book, rules=rules))).ledger.lines
    assert all(line.counted == 0 for line in lines if line.entry.rule and line.entry.rule.code == code)


@properties
@given(books(grouped=False, reversals=False), st.sampled_from(CODES), st.sampled_from([0.5, 1, 3]))
def test_raising_a_cap_lowers_nobody(book: Book, code: str, more: float) -> None:
    caps = {str(rule["规则编号"]): rule["封顶分值"] for rule in book.rules}
    cap = caps[code]
    assume(isinstance(cap, int | float))
    assert isinstance(cap, int | float)
    raised = [rule | {"封顶分值": cap + more} if rule["规则编号"] == code else rule for rule in book.rules]
    totals = []
    for rules in (book.rules, raised):
        total: dict[object, int] = defaultdict(int)
        for line in xl_jifen.reckon(grids(replace(book, rules=rules))).ledger.lines:
            assert line.entry.member is not None
            total[line.entry.member.code] += line.counted if line.entry.rule and line.entry.rule.code == code else 0
        totals.append(total)
    assert all(totals[1][member] >= totals[0][member] for member in totals[0])


@properties
@given(books(), st.randoms(use_true_random=False))
def test_own_columns_and_column_order_change_nothing(book: Book, shuffle: random.Random) -> None:
    plain = grids(book)
    moved = []
    for grid in plain:
        width = len(grid.rows[0])
        order = [*range(width), -1, -2]
        shuffle.shuffle(order)
        own: list[list[Cell]] = [["支部自用", "经办人"], *([CellError("#N/A"), "小陈"] for _ in grid.rows[1:])]
        moved.append(
            Grid(grid.name, [[([*row, *extra])[c] for c in order] for row, extra in zip(grid.rows, own, strict=True)])
        )
    one, other = xl_jifen.reckon(plain), xl_jifen.reckon(Grids(tuple(moved)))
    assert figures(one.ledger.lines) == figures(other.ledger.lines)
    assert score_figures(one.ledger.scores) == score_figures(other.ledger.scores)
    assert finding_places(one) == finding_places(other)


ODD_CELLS: list[Cell] = [
    None, "", " ", "是", "张三", "001", "加1", "封顶", "同一事项", "1月!2", "1月#1", "活动考勤!2",
    "99999999999月!1", "全体", "1;;x", "；", "1/0", "-1/3", "２", "1e999", "nan", "inf", "²", "2026年13月40日",
    "\ud800", "A" * 5000, 0, -1, 1e308, -1e308, 0.1 + 0.2, float("nan"), float("inf"), 10**30, True,
    date(1900, 1, 1), date(9999, 12, 31), datetime(2026, 1, 5, 23, 59), CellError("#REF!"),
]  # fmt: skip


@properties
@given(books(), st.data())
def test_no_workbook_stops_the_reckoning(book: Book, data: st.DataObject) -> None:
    sheets = {grid.name: [list(row) for row in grid.rows] for grid in grids(book)}
    for _ in range(data.draw(st.integers(1, 12))):
        rows = sheets[data.draw(st.sampled_from(sorted(sheets)))]
        row = data.draw(st.integers(0, len(rows) - 1))
        rows[row][data.draw(st.integers(0, len(rows[row]) - 1))] = data.draw(st.sampled_from(ODD_CELLS))
    reckoning = xl_jifen.reckon(Grids(tuple(Grid(name, rows) for name, rows in sheets.items())))
    for line in reckoning.ledger.lines:
        assert all(code[0] in "EI" for code in line.why)
        assert line.why or line.raw == line.counted


@pytest.mark.parametrize("name", ["设置", "等次标准", "党员名册", "积分规则", "计分组", "7月", "活动考勤", "考勤计分"])
@pytest.mark.parametrize("rows", [[], [[]], [[None]], [["标题"]]], ids=["no rows", "one empty row", "blank", "a title"])
def test_an_empty_sheet_stops_nothing(name: str, rows: list[list[Cell]]) -> None:
    plain = grids(Book({}, [], [], []))
    reckoning = xl_jifen.reckon(Grids(tuple(Grid(g.name, rows) if g.name == name else g for g in plain)))
    required = name not in ("计分组", "活动考勤", "考勤计分")
    if required or rows == [["标题"]]:
        assert {found.place.sheet for found in reckoning.findings if found.code == "E812"} == {name}
