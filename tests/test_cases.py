"""Every case of tests/cases through the front door, and what the notation refuses.

Findings are compared as a whole (code and place), lines and votes as a whole over the listed columns, scores row by
row. Words are compared by test_gallery, also those of the cases that have a ``## 文字``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

import pytest
from notation import CASES, Case, Expectation, NotationError, cell, parse, read

import xl_jifen
from xl_jifen.grid import Cell, CellError, Grid, Grids, Place
from xl_jifen.period import Period
from xl_jifen.register import Line, Member, Score, Vote, points_text
from xl_jifen.score import party_groups, with_periods

FILES = sorted(path for path in CASES.glob("*.txt") if not path.stem.startswith("_"))
NOT_THERE = "无"

Record = dict[str, str]


@pytest.fixture(params=FILES, ids=lambda path: path.stem, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    """Of the whole module, so that all that holds of every case is asked of one before the next is read."""
    return read(request.param)


@pytest.fixture(scope="module")
def reckoning(case: Case) -> xl_jifen.Reckoning:
    """The case, reckoned once."""
    return xl_jifen.reckon(case.grids)


def test_case(case: Case, reckoning: xl_jifen.Reckoning) -> None:
    reckoning = with_those_asked(case, reckoning)
    compare: dict[str, Callable[[Case, xl_jifen.Reckoning, Expectation], None]] = {
        "登记": compare_lines,
        "表决": compare_votes,
        "积分": compare_scores,
        "名单": compare_listings,
        "小组": compare_groups,
    }
    compare_findings(case, reckoning)
    assert case.expected, "a case expects something"
    for kind, expectation in case.expected.items():
        if kind in compare:
            compare[kind](case, reckoning, expectation)


def test_what_holds_of_every_case(case: Case, reckoning: xl_jifen.Reckoning, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass: order, words, rows that end early, and the quick way of reading a plain row."""
    sheets = [grid.name for grid in case.grids]
    found = [each.place for each in reckoning.findings if each.place.sheet in sheets]
    assert_sorted((sheets.index(place.sheet), place.row, place.column) for place in found)
    lines = reckoning.ledger.lines
    assert_sorted((sheets.index(line.entry.place.sheet), line.entry.place.row) for line in lines)
    assert all(found.message and found.remedy for found in reckoning.findings)
    assert all(line.why for line in lines if line.raw != line.counted)
    told = said(reckoning)
    assert said(xl_jifen.reckon(ragged(case.grids))) == told, "rows that end early and blank rows below count"
    monkeypatch.setattr(importlib.import_module("xl_jifen.read"), "_plain_entry", lambda *_: None)
    assert said(xl_jifen.reckon(case.grids)) == told, "plain rows are not read as any row"


def assert_sorted(order: Iterable[tuple[int, ...]]) -> None:
    listed = list(order)
    assert listed == sorted(listed), "not in the workbook's order"


def ragged(grids: Grids) -> Grids:
    """The same, each row up to its last filled cell, and blank rows below."""

    def cut(row: Sequence[Cell]) -> Sequence[Cell]:
        filled = [position for position, content in enumerate(row, 1) if content is not None]
        return row[: max(filled, default=0)]

    blank: list[Sequence[Cell]] = [[], [None]]
    return Grids(tuple(Grid(grid.name, [*map(cut, grid.rows), *blank, [" "] * len(grid.rows[0])]) for grid in grids))


def said(reckoning: xl_jifen.Reckoning) -> tuple[object, ...]:
    """Findings, lines and scores as values, with all that a line keeps of its row."""
    lines = [
        (
            *(line.entry._replace(member=None, rule=None, columns={})),
            line.entry.member and line.entry.member.place,
            line.entry.rule and line.entry.rule.place,
            *(line.raw, line.counted, line.why),
        )
        for line in reckoning.ledger.lines
    ]
    scores = [(score.period, score.member.place, score_record(score)) for score in reckoning.ledger.scores]
    return reckoning.findings, lines, scores


def compare_findings(case: Case, reckoning: xl_jifen.Reckoning) -> None:
    """The findings of the case are exactly the listed ones; a listed cell must be the cell, a listed row the row."""
    rows = case.expected["发现"].rows if "发现" in case.expected else ()
    wanted = [(row.cells["代码"], row.cells["位置"]) for row in rows]
    left = [(found.code, found.place) for found in reckoning.findings]
    missing = []
    for code, place in sorted(wanted, key=lambda pair: bool(re.search(r"!\d+$", pair[1]))):
        for actual in left:
            if actual[0] == code and place in (str(actual[1]), str(Place(actual[1].sheet, actual[1].row))):
                left.remove(actual)
                break
        else:
            missing.append((code, place))
    surplus = [(code, str(place)) for code, place in left]
    assert (missing, surplus) == ([], []), "first: expected but not found; second: found but not expected"


def compare_lines(case: Case, reckoning: xl_jifen.Reckoning, expectation: Expectation) -> None:
    lines = [line for line in reckoning.ledger.lines if line.entry.member and line.entry.rule]
    compare_all(expectation, [line_record(line) for line in lines], reckoning)


def compare_votes(case: Case, reckoning: xl_jifen.Reckoning, expectation: Expectation) -> None:
    compare_all(expectation, [vote_record(vote) for vote in reckoning.ledger.votes], reckoning)


def compare_all(expectation: Expectation, actual: Sequence[Record], reckoning: xl_jifen.Reckoning) -> None:
    """The same records on both sides, over the columns the table lists."""
    wanted = [
        tuple(label(row.cells[column], reckoning) if column == "党员" else row.cells[column] for column in row.cells)
        for row in expectation.rows
    ]
    assert sorted(tuple(record[column] for column in expectation.columns) for record in actual) == sorted(wanted)


def compare_scores(case: Case, reckoning: xl_jifen.Reckoning, expectation: Expectation) -> None:
    """Each listed row is the score of that member and period; 积分 = 无 says that there is none."""
    scores = {(score.period, score.member.label): score for score in reckoning.ledger.scores}
    for row in expectation.rows:
        period, member = period_of(row.cells["周期"], reckoning), label(row.cells["党员"], reckoning)
        score = scores.get((period, member))
        if row.cells.get("积分") == NOT_THERE:
            assert score is None, f"{period} {member} has a score"
            continue
        assert score is not None, f"{period} {member} has no score"
        record = score_record(score)
        wanted = {column: row.cells[column] for column in expectation.columns if column not in ("周期", "党员")}
        assert {column: record[column] for column in wanted} == wanted, f"{period} {member}"


def compare_listings(case: Case, reckoning: xl_jifen.Reckoning, expectation: Expectation) -> None:
    """The members of a period, in listing order."""
    for row in expectation.rows:
        period = period_of(row.cells["周期"], reckoning)
        wanted = [label(name, reckoning) for name in row.cells["党员"].split("、") if name]
        scores = reckoning.ledger.of(period) if period else ()
        assert [score.member.label for score in scores] == wanted, row.cells["周期"]


def compare_groups(case: Case, reckoning: xl_jifen.Reckoning, expectation: Expectation) -> None:
    """All 党小组 of each period named, by rank."""
    for text in dict.fromkeys(row.cells["周期"] for row in expectation.rows):
        period = period_of(text, reckoning)
        assert period is not None
        columns = [column for column in expectation.columns if column != "周期"]
        actual = []
        for group in party_groups(reckoning.ledger, period):
            told = (group.name, str(group.members), points_text(group.sum), points_text(group.mean), str(group.rank))
            actual.append(dict(zip(("党小组", "人数", "合计", "平均", "名次"), told, strict=True)))
        wanted = [[row.cells[column] for column in columns] for row in expectation.rows if row.cells["周期"] == text]
        assert [[group[column] for column in columns] for group in actual] == wanted, text


def label(text: str, reckoning: xl_jifen.Reckoning) -> str:
    """The one member a case names by name, number or both, as ``张三(001)``."""
    members: list[Member] = [
        member for member in reckoning.register.members if text in (member.code, member.name, member.label)
    ]
    assert len(members) == 1, f"the roster has {len(members)} of {text}"
    return members[0].label


def period_of(text: str, reckoning: xl_jifen.Reckoning) -> Period | None:
    """The period a case names; None if the cycle has none of that name, or there is no cycle."""
    cycle = reckoning.register.settings.cycle
    period = cycle.named(text) if cycle else None
    return period if isinstance(period, Period) else None


def with_those_asked(case: Case, reckoning: xl_jifen.Reckoning) -> xl_jifen.Reckoning:
    """The reckoning with the scores of every period the case names."""
    rows = [row for kind in ("积分", "名单", "小组") if kind in case.expected for row in case.expected[kind].rows]
    periods = [period_of(text, reckoning) for text in {row.cells["周期"] for row in rows}]
    return reckoning._replace(ledger=with_periods(reckoning.ledger, filter(None, periods)))


def line_record(line: Line) -> Record:
    entry = line.entry
    assert entry.member is not None
    assert entry.rule is not None
    return {
        "位置": str(Place(entry.place.sheet, entry.place.row)),
        "党员": entry.member.label,
        "规则": entry.rule.code,
        "月份": "" if entry.month is None else str(entry.month),
        "原始分": points_text(line.raw),
        "计入分": points_text(line.counted),
        "缘由": " ".join(line.why),
    }


def vote_record(vote: Vote) -> Record:
    ballot = vote.ballot
    assert ballot.member is not None
    assert ballot.rule is not None
    return {
        "位置": str(Place(ballot.place.sheet, ballot.place.row)),
        "党员": ballot.member.label,
        "规则": ballot.rule.code,
        "通过": "是" if vote.passed else "否",
    }


def score_record(score: Score) -> Record:
    return {
        "基础分": "" if score.base is None else points_text(score.base),
        "加分": points_text(score.bonus),
        "减分": points_text(score.deduction),
        "积分": points_text(score.score),
        "名次": "" if score.rank is None else str(score.rank),
        "等次": score.grade or "",
        "一票否决": "是" if score.vetoed else "否",
        "备注": score.remark,
        "余额": "" if score.balance is None else points_text(score.balance),
    }


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("", None),
        ("张三", "张三"),
        ("007", "007"),
        ("7", 7),
        ("-1", -1),
        ("2.5", 2.5),
        ("1/3", "1/3"),
        ("“7”", "7"),
        ('"2026-03-05"', "2026-03-05"),
        ("2026-03-05", date(2026, 3, 5)),
        ("2026-03-05 14:30", datetime(2026, 3, 5, 14, 30)),
        ("#DIV/0!", CellError("#DIV/0!")),
        ("审核\\n状态", "审核\n状态"),
        ("a\\|b", "a|b"),
    ],
)
def test_cells_of_the_notation(raw: str, value: object) -> None:
    assert cell(raw) == value
    assert type(cell(raw)) is type(value)


def test_a_case_changes_its_base() -> None:
    text = "标题。\n套用 基本\n## 积分规则（更改）\n| 规则编号 | 限次 |\n| 加1 | 2 |\n## 计分组（删除）\n"
    grids = parse(text).grids
    rules = grids.get("积分规则")
    assert rules is not None
    assert rules.rows[0][-1] == "限次"
    assert [row[-1] for row in rules.rows if row[0] == "加1"] == [2]
    assert [row[-1] for row in rules.rows if row[0] == "加2"] == [None]
    assert grids.get("计分组") is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "标题"),
        ("标题。\n套用 没有的\n", 2, "没有的"),
        ("标题。\n## 1月\n日期 | 姓名\n", 3, "开头"),
        ("标题。\n## 1月\n| 日期 | 姓名 |\n| 2026-01-10 |\n", 4, "1 格"),
        ("标题。\n## 1月\n", 2, "缺少表格"),
        ("标题。\n## 1月\n| 日期 |\n## 1月\n| 日期 |\n", 4, "两次"),
        ("标题。\n## 1月（追加）\n| 日期 |\n", 2, "1月"),
        ("标题。\n套用 基本\n## 1月（改改）\n| 日期 |\n", 3, "改改"),
        ("标题。\n套用 基本\n## 1月（删除）\n| 日期 |\n", 3, "不写表格"),
        ("标题。\n套用 基本\n## 积分规则（更改）\n| 规则编号 | 封顶分 |\n", 3, "封顶分"),
        ("标题。\n## 期望\n", 2, "什么也没有"),
        ("标题。\n## 期望\n| 代码 | 位置 |\n", 3, "### 发现"),
        ("标题。\n## 期望\n### 得分\n| 周期 |\n", 3, "得分"),
        ("标题。\n## 期望\n### 发现\n| 代码 |\n", 3, "位置"),
        ("标题。\n## 期望\n### 发现\n| 代码 | 位置 | 人 |\n", 3, "人"),
        ("标题。\n## 期望\n### 发现\n| 代码 | 位置 |\n## 1月\n| 日期 |\n", 5, "文字"),
    ],
)
def test_the_notation_is_strict(text: str, line: int, words: str) -> None:
    with pytest.raises(NotationError, match=re.escape(words)) as raised:
        parse(text)
    assert f"第 {line} 行" in str(raised.value)
