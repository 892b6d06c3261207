"""Declarations become rows to be pasted: what is recognised, refused and kept."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import chain

import pytest
from notation import parse

from xl_jifen import reckon
from xl_jifen.declare.columns import Source, columns_of, declarations
from xl_jifen.declare.propose import Outcome, Plan, as_if_passed, judged, propose
from xl_jifen.grid import Cell, Grid, Grids
from xl_jifen.period import Period

NOW = datetime(2026, 11, 22, 9, 30)
PLAIN = ("姓名", "规则", "日期", "事由")


def branch(sheets: str = "") -> Grids:
    return parse(f"一个支部\n套用 基本\n{sheets}").grids


def plan_of(
    rows: Iterable[Sequence[Cell]],
    sheets: str = "",
    *,
    headings: Sequence[str] = PLAIN,
    closed: Iterable[Period] = (),
    grids: Grids | None = None,
) -> Plan:
    grids = grids or branch(sheets)
    table = Source("申报.csv", Grid("申报", [list(headings), *map(list, rows)]))
    found = columns_of(table.grid, {})
    assert found
    assert not found.unknown
    reckoning = reckon(grids)
    taken_back = chain.from_iterable(reckoning.checked.taken_back.values())
    plan = propose(declarations(table, found), grids, reckoning.register, taken_back, set(closed))
    tried = reckon(as_if_passed(grids, plan))
    return judged(plan, tried.findings, tried.ledger)


def row_of(outcome: Outcome, plan: Plan) -> dict[str, Cell]:
    assert outcome.place
    [target] = [target for target in plan.targets if target.name == outcome.place.sheet]
    names = {column: heading for heading, column in target.columns.items()}
    [row] = [row for row in plan.rows if row.place == outcome.place]
    return {names[column]: cell for column, cell in row.cells.items() if cell is not None}


def only(rows: Iterable[Sequence[Cell]], sheets: str = "", **how: object) -> tuple[Outcome, dict[str, Cell]]:
    plan = plan_of(rows, sheets, **how)  # type: ignore[arg-type]
    [outcome] = plan.outcomes
    return outcome, row_of(outcome, plan) if outcome.place else {}


MARCH = "## 3月（追加）\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n"


def test_a_declaration_becomes_a_row_of_its_month_for_review() -> None:
    outcome, row = only([["张三", "加1 主动讲党课", "2026年3月5日 10:13", "讲党课"]])
    assert (outcome.state, str(outcome.place)) == ("拟登记", "3月!2")
    assert row == {
        "日期": date(2026, 3, 5),
        "姓名": "张三",
        "规则": "加1 主动讲党课",
        "事由": "讲党课",
        "审核状态": "待审",
    }
    assert outcome.line
    assert (outcome.line.counted, outcome.findings, outcome.has_errors) == (200, (), False)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("加1", "加1 主动讲党课"),
        ("主动讲党课", "加1 主动讲党课"),
        ("加1主动讲党课", "加1 主动讲党课"),
        ("加1：讲课", "加1 主动讲党课"),
        ("加1讲课", "加1 主动讲党课"),
        ("党建活动-主动讲党课（一次）", "加1 主动讲党课"),
        ("志愿", "加2 志愿服务"),
        ("助人为乐志愿服务", "加2 志愿服务"),
        ("加11", None),
        ("违纪", None),
        ("主动讲党课并参加志愿服务", None),
        ("课", None),
        ("别的", None),
    ],
)
def test_rules_by_code_or_by_words_that_mean_only_one(text: str, rule: str | None) -> None:
    outcome, row = only([["张三", text, "2026-03-05", "一件事"]])
    assert row.get("规则") == rule
    if rule is None:
        assert outcome.has_errors
        assert text in outcome.notes[0]


def test_words_of_an_unclear_rule_are_kept_in_the_remark() -> None:
    remark = "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 备注 |\n"
    outcome, row = only([["张三", "做好事", "2026-03-05", "扶老人"]], remark)
    assert row["备注"] == "申报事项：做好事"
    assert [finding.code for finding in outcome.findings] == []  # the note says it
    outcome, _ = only([["张三", "做好事", "2026-03-05", "扶老人"]])  # a sheet without 备注
    assert "没有“备注”一列，没有带上：备注：申报事项：做好事" in outcome.notes[-1]


def test_a_rule_in_force_that_day_and_for_that_member_is_meant() -> None:
    rules = (
        "## 积分规则\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 失效日期 | 生效日期 | 适用类别 |\n"
        "| 加1 | 加分 | 活动 | 讲课 | 2 | 2026-06-30 | | |\n| 加2 | 加分 | 活动 | 讲课 | 3 | | 2026-07-01 | |\n"
        "| 加3 | 加分 | 活动 | 讲课 | 3 | | 2026-07-01 | 离退休 |\n"
    )
    assert only([["张三", "讲课", "2026-03-05", "甲"]], rules)[1]["规则"] == "加1 讲课"
    assert only([["张三", "讲课", "2026-08-05", "甲"]], rules)[1]["规则"] == "加2 讲课"


def test_without_a_reason_the_declared_matter_is_the_reason() -> None:
    headings = ("姓名", "申报事项", "日期")
    assert only([["张三", "参加社区志愿服务", "2026-03-05"]], headings=headings)[1]["事由"] == "参加社区志愿服务"
    assert only([["张三", "加2", "2026-03-05"]], headings=headings)[1]["事由"] == "志愿服务"


def test_names_are_written_as_the_dropdown_does() -> None:
    namesakes = "## 党员名册（追加）\n| 编号 | 姓名 | 党员类别 |\n| 007 | 张三 | 正式党员 |\n"
    assert only([["002", "加1", "2026-03-05", "甲"]])[1]["姓名"] == "李四"
    assert only([["张　三（7）", "加1", "2026-03-05", "甲"]], namesakes)[1]["姓名"] == "张三(007)"
    outcome, row = only([["张三", "加1", "2026-03-05", "甲"]], namesakes)
    assert (row["姓名"], [f.code for f in outcome.findings]) == ("张三", ["E202"])
    outcome, row = only([["路人", "加1", "2026-03-05", "甲"]])
    assert (row["姓名"], [f.code for f in outcome.findings]) == ("路人", ["E201"])


FIGURES = (*PLAIN, "数量", "申报分值")
FULL = (
    "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 数量 | 申报分值 |\n"
    "## 积分规则（更改）\n| 规则编号 | 单位 | 分值上限 |\n| 加1 | 次 | 5 |\n| 加2 | 小时 | |\n"
)


@pytest.mark.parametrize(
    ("quantity", "claim", "rule", "taken", "codes"),
    [
        ("4小时", None, "加2", (4, None), []),
        ("2.5", None, "加2", (2.5, None), []),
        ("四小时", None, "加2", ("四小时", None), ["E102"]),
        ("3 次", None, "减1", (3, None), ["E502"]),  # a rule without 单位 goes by times
        ("3小时", None, "减1", ("3小时", None), ["E502", "E102"]),
        ("9" * 400, None, "加2", ("9" * 400, None), ["E405"]),
        (None, "+3分", "加1", (None, 3), []),
        (None, 9, "加1", (None, 9), ["E404"]),
        (None, None, "加1", (None, None), ["E404"]),
        (None, "5", "加2", (None, None), []),
    ],
)
def test_figures_are_copied_and_judged_by_the_core(
    quantity: Cell, claim: Cell, rule: str, taken: tuple[Cell, Cell], codes: list[str]
) -> None:
    outcome, row = only([["张三", rule, "2026-03-05", "甲", quantity, claim]], FULL, headings=FIGURES)
    assert (row.get("数量"), row.get("申报分值")) == taken
    if quantity != "9" * 400:
        assert [finding.code for finding in outcome.findings] == codes
    if claim == "5":
        assert any("申报的分值 5 没有带上" in note for note in outcome.notes)


@pytest.mark.parametrize("day", [None, "3.5", "昨天", 46035, "2026-02-30", "2025-12-31"])
def test_without_a_day_of_the_cycle_it_is_told_and_not_placed(day: Cell) -> None:
    outcome, _ = only([["张三", "加1", day, "讲课"]])
    assert (outcome.state, outcome.place, outcome.has_errors) == ("未列入", None, True)
    assert outcome.notes


def test_a_day_without_its_year_is_the_one_of_the_cycle() -> None:
    assert only([["张三", "加1", "3月5日", "讲课"]])[1]["日期"] == date(2026, 3, 5)
    assert only([["张三", "加1", "10月18号", "讲课"]])[1]["日期"] == date(2026, 10, 18)
    told = only([["张三", "加1", "2月30日", "讲课"]])[0]
    assert (told.state, told.notes[0]) == ("未列入", "计分周期里没有“2月30日”这一天；请核对日期")
    cycle = "## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 2026-03-10 |\n| 计分周期结束 | 2026-12-31 |\n"
    assert only([["张三", "加1", "3月5日", "讲课"]], cycle)[0].state == "未列入"


@pytest.mark.parametrize("sign", ["┋", ";", "；", "、", "，", "|", "\n", " ┋ "])
def test_several_rules_in_one_cell_are_a_row_each(sign: str) -> None:
    plan = plan_of([["张三", f"加1 主动讲党课{sign}志愿服务", "2026-03-05", "活动"]])
    assert [row_of(outcome, plan)["规则"] for outcome in plan.outcomes] == ["加1 主动讲党课", "加2 志愿服务"]
    assert all("一格里写了 2 条规则" in outcome.notes[0] for outcome in plan.outcomes)
    outcome, row = only([["张三", f"讲话{sign}志愿服务{sign}主动讲党课", "2026-03-05", "活动"]])
    assert "规则" not in row, "what is only half clear is left open"
    assert outcome.has_errors


def test_declarations_alike_but_for_the_person_share_a_row() -> None:
    rows = [["张三", "加2", "2026-03-05", "大扫除"], ["李四、王五", "加2", "2026-03-05", "大扫除"]]
    plan = plan_of([*rows, ["张三", "加2", "2026-03-06", "大扫除"]])
    assert [[cell for cell in row.cells.values() if cell][1] for row in plan.rows] == ["张三、李四、王五", "张三"]
    assert [outcome.line.counted for outcome in plan.outcomes if outcome.line] == [100, 100, 100, 100]
    again = plan_of(rows, grids=as_if_passed(branch(), plan))
    assert {outcome.state for outcome in again.outcomes} == {"重复"}


def test_rows_go_below_the_last_and_are_numbered_on() -> None:
    sheet = (
        "## 3月\n| 序号 | 姓名 | 日期 | 规则 | 事由 | 审核状态 |\n"
        "| 7 | 李四 | 2026-03-01 | 加1 | 乙 | 通过 |\n| 8 | | | | | |\n"
    )
    plan = plan_of([["张三", "加1", "2026-03-09", "甲"], ["王五", "加1", "2026-03-02", "甲"]], sheet)
    placed = {
        outcome.claim.cells["姓名"]: (outcome.place.row, row_of(outcome, plan)["序号"])
        for outcome in plan.outcomes
        if outcome.place
    }
    assert placed == {"王五": (3, 8), "张三": (4, 9)}


def test_a_closed_quarter_gets_no_rows() -> None:
    outcome, _ = only([["张三", "加1", "2026-03-05", "讲课"]], closed=[Period.of_quarter(2026, 1)])
    assert str(outcome.place) == "4月!2"
    assert outcome.notes == ("2026-03-05 所在的月份已归档，补登在4月",)
    assert not outcome.findings  # W402 is what the note says
    outcome, _ = only(
        [["张三", "加1", "2026-10-05", "讲课"]], closed=[Period.of_quarter(2026, n) for n in (1, 2, 3, 4)]
    )
    assert outcome.state == "未列入"


def test_a_month_sheet_that_cannot_take_rows_is_told() -> None:
    outcome, _ = only([["张三", "加1", "2026-03-05", "讲课"]], "## 3月（删除）\n")
    assert outcome.state == "未列入"
    outcome, _ = only([["张三", "加1", "2026-03-05", "讲课"]], "## 3月\n| 日期 | 姓名 | 事由 |\n")
    assert "规则、审核状态" in outcome.notes[0]


# -- repetitions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "declared", "state"),
    [
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |", ["张三", "主动讲党课", "2026.3.5", "讲 党课"], "重复"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 待审 |", ["001", "加1", "2026-03-05", "讲党课"], "重复"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 不通过 |", ["张三", "加1", "2026-03-05", "讲党课"], "重复"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 待审 |", ["张三", "加1", "2026-03-05", "另一堂课"], "可能重复"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |", ["李四", "加1", "2026-03-05", "讲党课"], "拟登记"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |", ["张三", "加2", "2026-03-05", "讲党课"], "拟登记"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |", ["张三", "加1", "2026-03-06", "讲党课"], "拟登记"),
        ("| 2026-03-05 | 路人 | 加1 | 讲党课 | 待审 |", ["路人", "加1", "2026-03-05", "讲党课"], "重复"),
        ("| 2026-03-05 | 张三 | 加1 | 讲党课 | 通过 |", ["张三", "讲话", "2026-03-05", "讲党课"], "可能重复"),
    ],
)
def test_repetitions_of_rows_of_the_workbook(standing: str, declared: list[Cell], state: str) -> None:
    outcome, _ = only([declared], f"{MARCH}{standing}\n")
    assert outcome.state == state
    assert all("3月!2" in note for note in outcome.notes[:1] if state != "拟登记")


def test_repetitions_of_attendance_and_of_earlier_declarations() -> None:
    attended = (
        "## 活动考勤（追加）\n| 日期 | 活动类型 | 活动名称 | 参加 |\n| 2026-03-05 | 党课 | 讲党课 | 张三 |\n"
        "## 考勤计分（追加）\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 |\n"
    )
    rows = [
        ["张三", "加1", "2026-03-05", "讲党课"],
        ["李四", "加1", "2026-03-05", "讲党课"],
        ["李四", "加1", "2026-03-05", "讲党课"],
    ]
    plan = plan_of(rows, attended)
    assert [outcome.state for outcome in plan.outcomes] == ["重复", "拟登记", "重复"]
    assert "活动考勤!2" in plan.outcomes[0].notes[0]
    assert "申报.csv 第 3 行" in plan.outcomes[2].notes[0]


def test_what_was_taken_back_may_be_declared_anew() -> None:
    sheets = (
        "## 1月（追加）\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-01-05 | 张三 | 加1 | 讲课 | 通过 |\n"
        "## 2月（追加）\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 冲销 |\n"
        "| 2026-02-05 | 张三 | 加1 | 冲销 | 通过 | 1月!2 |\n"
    )
    outcome, _ = only([["张三", "加1", "2026-01-05", "讲课"]], sheets)
    assert outcome.state == "可能重复"
    assert "冲销" in outcome.notes[0]


def test_pasted_rows_are_not_proposed_again_even_where_something_was_unclear() -> None:
    grids = branch("## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 备注 |\n")
    rows = [
        ["张三", "加1", "2026-03-05", "讲党课"],
        ["路人", "加1", "2026-03-05", "讲党课"],
        ["张三", "做好事", "2026-03-05", "扶老人"],
        [None, "加1", "2026-03-05", "讲党课"],
    ]
    first = plan_of(rows, grids=grids)
    assert all(outcome.place for outcome in first.outcomes)
    again = plan_of(rows, grids=as_if_passed(grids, first))
    assert {outcome.state for outcome in again.outcomes} == {"重复"}


def test_caps_are_foretold_as_if_all_passed() -> None:
    capped = "## 积分规则（更改）\n| 规则编号 | 封顶周期 | 封顶分值 |\n| 加1 | 月 | 3 |\n"
    plan = plan_of([["张三", "加1", f"2026-03-{n:02d}", "讲课"] for n in (5, 6, 7)], capped)
    assert [outcome.line.counted for outcome in plan.outcomes if outcome.line] == [200, 100, 0]
    assert [finding.code for outcome in plan.outcomes for finding in outcome.findings] == ["I002", "I002"]
