"""Branches in the users' notation as a roll-up sees them: the sums of each, and all of them added up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from notation import parse

from xl_jifen import reckon
from xl_jifen.derive.branch import BranchResult, branch_result
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.publish.rollup.listed import Listed
from xl_jifen.publish.rollup.summary import Summary

NOW = datetime(2027, 1, 10, 9, 0)

MONTHS = """
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加1 | 2 | 讲党课 | 通过 |
| 2026-01-10 | 李四 | 加2 | | 志愿 | 通过 |
| 2026-01-11 | 李四 | 没有的规则 | | 别的 | 通过 |
## 5月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-05-09 | 张三 | 加2 | 5 | 志愿 | 通过 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 | 请假 | 无故缺席 | 迟到早退 |
| 2026-02-10 | 党课 | 第一课 | 张三、李四 | 王五 | | 赵六 |
| 2026-04-10 | 党课 | 第二课 | 张三 | | 李四 | |
"""


def branch(text: str = MONTHS, name: str = "第一党支部", day: date | None = None) -> BranchResult:
    """What a branch of that name amounts to, on a day if one is given; settings of its own stand last in ``text``."""
    settings = "" if "## 设置" in text else "\n## 设置（更改）\n| 项目 | 值 |"
    reckoning = reckon(parse(f"一个支部\n套用 基本\n{text}{settings}\n| 支部名称 | {name} |").grids)
    cycle = reckoning.register.settings.cycle
    then = as_it_stands(reckoning.ledger, cycle, day) if cycle and day else None
    return branch_result(reckoning.register, reckoning.findings, reckoning.ledger, f"{name}.xlsx", day, then)


def listed(results: Iterable[BranchResult]) -> list[Listed]:
    """The files of a run, as they are named and linked."""
    return [Listed(result.file, f"支部/{result.file}", result) for result in results]


def summed(files: Iterable[Listed], now: datetime = NOW) -> Summary:
    """All of them added up."""
    summary = Summary(now)
    for file in files:
        summary.add(file)
    return summary
