"""A year reckoned by another rule table: who moves and how far, which rules bite, what cannot be counted."""

from __future__ import annotations

from pathlib import Path

from yearend_books import small

from xl_jifen import reckon
from xl_jifen.derive.what_if import what_if, with_scheme_of
from xl_jifen.verbs import yearend


def test_other_rules_say_who_moves_and_which_rules_bite(tmp_path: Path) -> None:
    entries = (
        "## 3月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n"
        "| 2026-03-05 | 张三 | 加1 | 2 | 党课 | 通过 |\n"
        "| 2026-03-06 | 李四 | 加2 | 3 | 服务 | 通过 |"
    )
    grids, before = small(entries)
    other, _ = small(
        "## 积分规则（更改）\n| 规则编号 | 分值 | 封顶周期 | 封顶分值 |\n| 加1 | 2 | 年 | 1 |",
        "## 计分组（删除）",
    )
    after = reckon(with_scheme_of(grids, other))
    compared = what_if(before.ledger, after.ledger, before.findings, after.findings)
    assert {
        move.before.member.name: (move.by, move.before.rank, move.after and move.after.rank) for move in compared.moves
    } == {
        "张三": (-300, 1, 2),
        "李四": (0, 2, 1),
        "王五": (0, 3, 3),
        "赵六": (0, 3, 3),
    }
    (rule,) = (rule for rule in compared.rules if rule.differs)
    assert (rule.code, rule.before.counted, rule.after.counted, rule.after.cut) == ("加1", 400, 100, 300)
    lines = list(yearend.comparison_lines(compared, "新.xlsx"))
    assert lines[0] == "按“新.xlsx”的规则表重算，4 名党员中 2 名有变化："
    assert "001\t张三\t104\t101\t-3\t1→2\t合格" in lines
    assert "加1 主动讲党课\t4\t1\t0\t3\t1" in lines


def test_what_the_other_table_cannot_count_is_told() -> None:
    entries = "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-03-05 | 张三 | 加1 | 党课 | 通过 |"
    grids, before = small(entries)
    other, _ = small("## 积分规则\n| 规则编号 | 类型 | 大项 | 小项 | 分值 |\n| 基1 | 基础分 | 四讲四有 | 合格 | 100 |")
    after = reckon(with_scheme_of(grids, other))
    compared = what_if(before.ledger, after.ledger, before.findings, after.findings)
    assert [(error.code, str(error.place)) for error in compared.errors] == [("E301", "3月!C2")]
    assert any("E301" in line and "3月!C2" in line for line in yearend.comparison_lines(compared, "新"))


def test_what_was_taken_back_is_among_the_lines_that_count() -> None:
    _, found = small(
        "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-03-05 | 张三 | 加1 | 党课 | 通过 |",
        "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 冲销 |\n| 2026-04-06 | 张三 | 加1 | 误登 | 通过 | 3月!2 |",
    )
    (effect,) = (e for e in what_if(found.ledger, found.ledger, (), ()).rules if e.code == "加1")
    assert (effect.before.counted, effect.before.lines) == (0, 2)


def test_who_moves_most_comes_first_and_of_equal_moves_who_stands_first_on_the_roster() -> None:
    grids, before = small(
        "## 1月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n"
        "| 2026-01-05 | 李四 | 加2 | 4 | 服务 | 通过 |\n"
        "| 2026-01-06 | 王五 | 加1 | 1 | 党课 | 通过 |\n"
        "| 2026-01-07 | 赵六 | 加1 | 3 | 党课 | 通过 |\n"
        "| 2026-01-08 | 张三 | 加1 | 1 | 党课 | 通过 |"
    )
    other, _ = small("## 积分规则（更改）\n| 规则编号 | 分值 |\n| 加1 | 1 |")
    after = reckon(with_scheme_of(grids, other))
    compared = what_if(before.ledger, after.ledger, before.findings, after.findings)
    assert [(move.before.member.name, move.by) for move in compared.moved] == [
        *(("赵六", -300), ("张三", -100), ("王五", -100), ("李四", 0)),
    ]
    assert compared.differs


def test_a_difference_in_one_rule_alone_is_a_difference() -> None:
    grids, before = small(
        "## 1月\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n| 2026-01-05 | 李四 | 加2 | 4 | 服务 | 通过 |"
    )
    other, _ = small("## 积分规则（更改）\n| 规则编号 | 分值 | 封顶周期 | 封顶分值 |\n| 加2 | 2 | 年 | 4 |")
    after = reckon(with_scheme_of(grids, other))
    compared = what_if(before.ledger, after.ledger, before.findings, after.findings)
    assert (compared.moved, [rule.code for rule in compared.rules if rule.differs]) == ([], ["加2"])
    assert compared.differs
    assert not what_if(before.ledger, before.ledger, before.findings, before.findings).differs
