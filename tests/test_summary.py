"""What 汇总 says of many branches: rows, places, sentences, what is wrong, and all of them side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from many_branches import MONTHS, branch, listed, summed

from xl_jifen.derive.branch import BranchResult, Problem
from xl_jifen.derive.copies import Copy, verdicts
from xl_jifen.publish.rollup.listed import Listed
from xl_jifen.publish.rollup.summary import PROBLEM_HEADS, RULE_HEADS, Row, Summary

CAPPED = "\n## 积分规则（更改）\n| 规则编号 | 封顶分值 |\n| 加1 | 3 |"
FILES = listed([
    branch(),
    branch(name="第二党支部"),
    branch(MONTHS + CAPPED, "第三党支部"),
    BranchResult("坏.xlsx", error="“坏.xlsx”打不开；请重新保存。"),
    BranchResult("说明.docx", error="“说明.docx”不是工作簿。", unread="提示"),
])  # fmt: skip


def told(summary: Summary, rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [dict(zip((head.text for head in summary.heads), row, strict=True)) for row in rows]


def test_over_the_rows_stands_what_was_read_and_what_was_not() -> None:
    assert summed(FILES).head_lines == (
        "党员积分支部汇总",
        "汇总于 2027-01-10 09:00；共 5 个文件，计入 3 个（3 个支部），1 个读不了，1 个未读，错误 3 项。"
        "单位：积分为分，党员为人，登记为笔。",
    )


def test_all_branches_of_a_period_are_one_row() -> None:
    summary = summed(FILES)
    first, second, third, _, year = told(summary, summary.total_rows())
    assert [first[head] for head in ("支部", "文件", "时期", "状态", "名次", "党员", "登记", "错误", "警告")] == [
        *("全部支部", "3 个支部", "2026年第一季度", "已报 3/3", None, 12, 9, 3, 0),
    ]
    lie = [first[head] for head in ("平均积分", "中位数", "标准差", "最高", "最低")]
    assert lie == [Decimal(text) for text in ("101.17", "100.5", "1.52", "104", "100")]
    rest = [second[head] for head in ("优秀", "合格", "基本合格", "不合格", "优秀占比", "一票否决", "到会率", "说明")]
    assert rest == [0, 9, 0, 0, 0, 0, Decimal("0.5"), ""]
    assert (third["状态"], third["平均积分"], third["合格"], third["到会率"]) == ("已报 0/3", None, None, None)
    assert (year["时期"], year["登记"], year["到会率"]) == ("2026年度", 12, Decimal("0.6667"))


def test_of_a_year_that_runs_all_branches_are_what_each_is() -> None:
    """Under 季度求和 the quarters to come would add 200 points to everybody."""
    day = datetime(2026, 4, 15, 9)
    text = f"{MONTHS}\n## 设置（更改）\n| 项目 | 值 |\n| 年度汇总方式 | 季度求和 |"
    files = listed([branch(text, name, day.date()) for name in ("第一党支部", "第二党支部")])
    summary = summed(files, day)
    *_, year = told(summary, summary.total_rows())
    *_, own = told(summary, summary.rows(files[0]))
    assert year["平均积分"] == own["平均积分"] == Decimal("201.25")
    assert (year["最高"], year["说明"][:9]) == (Decimal(204), "截至4月15日，不")


def test_the_vetoed_are_counted_over_all_branches() -> None:
    head = "| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |"
    votes = f"{MONTHS}\n## 表决记录\n{head}\n| 2026-05-08 | 王五 | 否1 | 违纪 | 3 | 3 | 3 | 0 | 0 |"
    summary = summed(listed([branch(votes, "第一党支部"), branch(votes, "第二党支部"), branch(name="第三党支部")]))
    first, second, *_ = told(summary, summary.total_rows())
    assert (first["一票否决"], second["一票否决"]) == (0, 2)


def test_a_branch_has_a_row_a_period_with_its_place_equal_means_sharing_one() -> None:
    summary = summed(FILES)
    rows = [told(summary, summary.rows(file)) for file in FILES]
    assert [[row["名次"] for row in of_file] for of_file in rows[:3]] == [
        *([[1, 1, None, None, 1]] * 2),
        [3, 3, None, None, 3],
    ]
    assert [row["状态"] for row in rows[0]] == ["已报", "已报", "未报", "未报", "已报"]
    assert [(row["文件"], row["状态"], row["说明"]) for of_file in rows[3:] for row in of_file] == [
        ("坏.xlsx", "读不了", "“坏.xlsx”打不开；请重新保存。"),
        ("说明.docx", "未读", "“说明.docx”不是工作簿。"),
    ]


def test_while_a_period_runs_no_place_and_no_grade_is_told() -> None:
    summary = summed(FILES, datetime(2026, 5, 20, 9))
    rows = told(summary, summary.rows(FILES[0]))
    assert [row["时期"] for row in rows] == ["2026年第一季度", "2026年第二季度", "2026年度"]
    over, running, year = rows
    assert (over["名次"], over["合格"], over["说明"]) == (1, 3, "")
    for row in (running, year):
        assert (row["名次"], row["合格"], row["优秀占比"]) == (None, None, None)
        assert row["说明"] == "截至5月20日，不排名次、不评等次。"
        assert row["平均积分"]


def test_before_its_cycle_a_branch_is_neither_late_nor_counted() -> None:
    summary = summed(FILES[:1], datetime(2025, 12, 31, 9))
    (row,) = told(summary, summary.rows(FILES[0]))
    assert (row["时期"], row["状态"]) == ("2026年度", "未到期")
    assert row["说明"] == "计分周期从 2026-01-01 开始，还没有到。"
    assert summary.board() is None


def test_without_a_cycle_nothing_is_reckoned_and_the_row_says_so() -> None:
    (file,) = listed([branch("## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 元旦 |")])
    summary = summed([file])
    (row,) = told(summary, summary.rows(file))
    assert (row["时期"], row["说明"]) == ("周期未定", "没有有效的计分周期，不能核算。")


def test_rules_stand_by_how_often_they_were_used() -> None:
    heads = [head.text for head in RULE_HEADS]
    rows = [dict(zip(heads, row, strict=True)) for row in summed(FILES).rule_rows()]
    assert [row["小项"] for row in rows] == ["志愿服务", "主动讲党课"]
    assert [[row[head] for head in ("使用支部", "登记", "得分", "计入分", "封顶", "封顶占比")] for row in rows] == [
        [3, 6, 6, Decimal(18), 0, 0],
        [3, 3, 3, Decimal(11), 1, Decimal("0.3333")],
    ]


def test_what_is_wrong_leads_to_the_cell_or_to_the_file() -> None:
    summary = summed(FILES)
    (cell,), (broken,), (other,) = (list(summary.problem_rows(FILES[number])) for number in (0, 3, 4))
    assert cell.cells[:5] == ("错误", "E301", "第一党支部", "第一党支部.xlsx", "1月!C4")
    assert (cell.target, cell.cell) == ("支部/第一党支部.xlsx", "'1月'!C4")
    assert broken == (("错误", "", "", "坏.xlsx", "", "“坏.xlsx”打不开", "请重新保存。"), "支部/坏.xlsx", "")
    assert other.cells[0] == "提示"
    assert {len(row.cells) for row in (cell, broken, other)} == {len(PROBLEM_HEADS)}


def test_where_a_branch_differs_from_the_bureau_and_what_is_not_listed_is_told() -> None:
    differs = tuple(Problem("", "积分规则", row, column, "不同", "请核对") for row, column in ((4, 7), (9, 0)))
    (file,) = listed([branch()._replace(differs=differs, more=12)])
    summary = summed([file])
    assert (summary.other_schemes, summary.differing) == (
        1,
        ["第一党支部：方案与上级的不同：积分规则!G4 等 2 处。"],
    )
    first, second, *_ = told(summary, summary.rows(file))
    assert first["说明"] == "方案与上级的不同：积分规则!G4 等 2 处。"
    assert second["说明"] == "", "once is enough"
    _, one, two, more = summary.problem_rows(file)
    assert (one.cells[4], one.cell, two.cells[4], two.cell) == (
        "积分规则!G4",
        "'积分规则'!G4",
        "积分规则!9",
        "'积分规则'!A9",
    )
    assert more.cells[5:] == ("另有 12 项没有列出", "请对这个文件运行 xl-jifen check。")


SAVED = "2026-04-01T08:00:00+00:00"


def alike(**facts: str) -> list[Listed]:
    """Two workbooks of one branch, the second with these facts; as a run judges them."""
    first = branch()._replace(saved=SAVED)
    second = branch(MONTHS + CAPPED)._replace(**{"file": "又一份.xlsx", "saved": SAVED, **facts})  # type: ignore[arg-type]
    found = verdicts(Copy(result.file, result.file, result, result.periods) for result in (first, second))
    return [Listed(r.file, "", r, found.get(r.file)) for r in (first, second)]


def test_of_two_versions_the_later_counts_and_the_row_of_the_other_says_why() -> None:
    old, new = alike(saved="2026-04-02T00:30:00+00:00")
    summary = summed([old, new])
    (row,) = told(summary, summary.rows(old))
    assert row["状态"] == "未计入"
    assert row["说明"] == (
        "与“又一份.xlsx”是同一支部、同一周期，没有计入：“又一份.xlsx”保存得更晚"
        "（按文件自己的记录存于 2026-04-02 08:30:00，这一份按文件自己的记录存于 2026-04-01 16:00:00）；"
        "请只留一份后再汇总。"
    )
    assert "计入 1 个（1 个支部），1 个重复未计，" in summary.head_lines[1]


@pytest.mark.parametrize(
    ("facts", "said"),
    [({}, "看不出哪一份新，都没有计入：哪一份是准的？"), ({"first": "另一人"}, "都没有计入：是同一个支部吗？")],
)
def test_where_nobody_can_tell_neither_counts_and_the_bureau_is_asked(facts: dict[str, str], said: str) -> None:
    files = alike(**facts)
    summary = summed(files)
    assert all(said in str(told(summary, summary.rows(file))[0]["说明"]) for file in files)
    assert "计入 0 个（0 个支部），2 个重复未计，1 个支部分不清哪份是准的，" in summary.head_lines[1]


def test_the_last_period_that_is_over_and_has_entries_is_compared() -> None:
    board = summed(FILES).board()
    assert board
    assert board.title == "党员积分支部比较（2026年第二季度）"
    assert board.summary.endswith("，2026年第二季度已报 3 个、未报 0 个，党员 12 人，错误 3 项")
    assert board.trend.points == (("第一季度", Decimal("101.17")), ("第二季度", Decimal("102.42")))
    assert board.blocks
    assert board.blocks.points == (("第一党支部", Decimal("0.08")), ("第二党支部", Decimal("0.08")), ("第三党支部", 0))
    assert board.blocks.second == (0, 0, Decimal("-0.17"))
    assert sum(count for _, count in board.bands.points) == 12


def test_a_period_that_runs_is_not_compared_while_an_earlier_one_is_over() -> None:
    board = summed(FILES, datetime(2026, 5, 20, 9)).board()
    assert board
    assert board.title == "党员积分支部比较（2026年第一季度）"
    assert [label for label, _ in board.trend.points] == ["第一季度"]


def test_many_grades_share_the_last_column() -> None:
    bands = "\n".join(f"| 等{number} | {110 - number} |" for number in range(1, 12))
    (file,) = listed([branch(f"{MONTHS}\n## 等次标准\n| 等次 | 最低积分 |\n{bands}\n| 末等 | |")])
    summary = summed([file])
    heads = [head.text for head in summary.heads]
    assert heads[heads.index("最低") + 1 : heads.index("优秀占比")] == [*(f"等{n}" for n in range(1, 9)), "其他等次"]
    year = told(summary, summary.rows(file))[-1]
    assert (year["等1"], year["其他等次"], year["优秀占比"]) == (1, 2, Decimal("0.3333"))
