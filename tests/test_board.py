"""看板: what its sentences and its charts say of a branch."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from owned_branch import book_of, drawn, grids, owned_tables, told


def test_the_board_counts_the_branch() -> None:
    board = told("""
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加1 | 10 | 讲党课 | 通过 |
| 2026-01-10 | 李四 | 加2 | 3 | 志愿 | 通过 |
| 2026-01-11 | 王五 | 减1 | 1 | 缺席 | 待审 |
## 4月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 核实人 | 审核状态 |
| 2026-04-11 | 王五 | 减1 | 2 | 缺席 | 张三 | 通过 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 | 请假 | 迟到早退 |
| 2026-01-09 | 党课 | 第一课 | 张三、李四 | 王五 | 赵六 |
| 2026-02-09 | 党课 | 第二课 | 全体 | 王五、赵六 | |
| 2026-02-09 | 座谈会 | 座谈 | 全体 | | |
""").board
    assert dict(zip(board.bands.labels, board.bands.series[0][1], strict=True)) == {
        "90–95": 1, "95–100": 0, "100–105": 2, "105–110": 0, "110–115": 0, "115–120": 0, "120–125": 1,
    }  # fmt: skip
    charts = (board.bands, board.trend, board.blocks, board.attendance)
    assert [(chart.kind, chart.title) for chart in charts] == [
        *(("bars", "积分分布"), ("line", "支部平均积分"), ("lying", "各大项计入分"), ("lying", "到会率")),
    ]
    assert board.trend.labels == ("第一季度", "第二季度", "第三季度", "第四季度")
    assert board.trend.series[0][1] == (Decimal("105.75"), *[Decimal("104.25")] * 3)
    assert board.blocks.labels == ("党建活动", "助人为乐", "工作履职")
    assert board.blocks.series == (("加分", (20, 3, 0)), ("减分", (0, 0, -6)))
    assert board.attendance.labels == ("党课", "座谈会")
    assert board.attendance.series[0][1] == (Decimal("62.5"), Decimal(100))
    assert "计分党员 4 人" in board.summary
    assert board.computed == "根据“a.xlsx”于 2027-01-04 16:42 核算"


HELD = """
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 |
| 2026-01-09 | 党课 | 第一课 | 全体 |
| 2026-01-09 | 支部党员大会 | 第一次大会 | 全体 |
| 2026-02-09 | 主题党日 | 第一次 | 全体 |
## 组织生活要求
| 活动类型 | 周期 | 次数 |
| 支部党员大会 | 季 | 1 |
| 党课 | 季 | 1 |
| 主题党日 | 月 | 1 |
"""


@pytest.mark.slow
def test_the_board_tells_what_organised_life_lacks_and_only_of_what_is_over() -> None:
    """As 组织生活会 has it (开展情况), on lines of its own above the charts, none of which it covers."""
    assert told(HELD, datetime(2026, 3, 20)).board.held == "开展情况：主题党日每月不少于1次，没有达到的：1月0次。"
    said = told(HELD, datetime(2026, 9, 10))
    missing = "、".join(f"{month}月0次" for month in (1, *range(3, 9)))
    first = "开展情况：支部党员大会每季不少于1次，没有达到的：第二季度0次；党课每季不少于1次，没有达到的：第二季度0次；"
    second = f"主题党日每月不少于1次，没有达到的：{missing}。"
    assert said.board.held == first + second
    sheet = book_of(drawn(said))["看板"]
    assert [sheet.cell(row, 1).value for row in (4, 5, 6)] == [first, second, None]
    assert min(chart.anchor._from.row for chart in sheet._charts) == 6
    assert told("", datetime(2026, 9, 10)).board.held == ""


def test_activities_of_months_to_come_are_in_no_rate() -> None:
    rows = HELD.replace("| 2026-02-09 | 主题党日 | 第一次 | 全体 |", "| 2026-12-09 | 主题党日 | 第一次 | 张三 |")
    assert told(rows, datetime(2026, 11, 30)).board.attendance.labels == ("党课", "支部党员大会")
    assert told(rows, datetime(2026, 12, 1)).board.attendance.labels == ("党课", "支部党员大会", "主题党日")


def test_what_is_asked_for_wrongly_is_asked_of_nobody() -> None:
    """A blank 周期 is a finding (E102 and the like); the board goes on without the row."""
    wrong = HELD.replace("| 党课 | 季 | 1 |", "| 党课 |  | 1 |").replace(
        "| 主题党日 | 月 | 1 |", "| 主题党日 | 周 | 1 |"
    )
    held = "开展情况：支部党员大会每季不少于1次，都达到。"
    assert told(wrong, datetime(2026, 4, 2)).board.held == held


@pytest.mark.slow
def test_members_voted_on_have_a_bar_of_their_own() -> None:
    bands = owned_tables(grids(1)).board.bands
    assert dict(zip(bands.labels, bands.series[0][1], strict=True))["一票否决"] == 1
    assert len(bands.labels) < 12, "a score of 0 does not stretch the chart"


def test_of_many_blocks_those_that_weigh_most_are_shown_deductions_among_them() -> None:
    kinds = {number: "减分" if number == 14 else "加分" for number in range(1, 15)}
    rules = "\n".join(f"| 规{number} | {kind} | 大项{number} | 小项 | {number} |" for number, kind in kinds.items())
    rows = "\n".join(f"| 2026-01-09 | 张三 | 规{number} | 事由 | 李四 | 通过 |" for number in kinds)
    blocks = told(f"""
## 积分规则（追加）
| 规则编号 | 类型 | 大项 | 小项 | 分值 |
{rules}
## 1月
| 日期 | 姓名 | 规则 | 事由 | 核实人 | 审核状态 |
{rows}
""").board.blocks
    assert blocks.labels == tuple(f"大项{number}" for number in range(3, 15))
    assert blocks.series[1][1] == (*[0] * 11, -14)
    assert blocks.note.endswith("；只列分值最多的 12 个大项")


def test_of_as_many_blocks_as_there_is_room_for_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = told("").board.blocks.labels
    assert len(labels) > 1
    monkeypatch.setattr("xl_jifen.publish.owned.board.MOST_BLOCKS", len(labels))
    assert "只列" not in told("").board.blocks.note


def test_a_quarter_in_which_nobody_is_scored_has_no_point_on_the_line() -> None:
    joined = "\n".join(f"| {number:03d} | 2026-05-04 |" for number in range(1, 5))
    trend = told(f"## 党员名册（更改）\n| 编号 | 转入日期 |\n{joined}").board.trend
    assert trend.labels == ("第二季度", "第三季度", "第四季度")
