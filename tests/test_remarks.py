"""备注 of a notice, read from books in the users' notation: what a reader needs beside a member's figures."""

from __future__ import annotations

from datetime import date

import pytest
from yearend_books import row_of, small

from xl_jifen import layout
from xl_jifen.period import Period
from xl_jifen.publish.notice import notice
from xl_jifen.publish.page import Page
from xl_jifen.publish.publicity import publicity

Q1, Q2 = (Period.of_quarter(2026, number) for number in (1, 2))


def remark(period: Period, *sections: str, name: str = "张三", settings: str = "") -> object:
    """What stands beside that member on the notice of a period; nothing where 备注 would be blank for everybody."""
    chosen = f"## 设置（更改）\n| 项目 | 值 |\n| 公示内容 | 积分及事由 |\n{settings}"
    _, reckoning = small(chosen, *sections)
    assert not [finding for finding in reckoning.findings if finding.code[0] == "E"]
    announced = notice(date(2026, 7, 6), 5, layout.WORKING_DAYS)
    return row_of(publicity(reckoning.ledger, period, announced, draft=False), "姓名", name).get("备注", "")


def month(number: int, *rows: str, more: str = "") -> str:
    heads = f"| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 | 核实人 |{more}"
    return "\n".join((f"## {number}月", heads, *(f"| 2026-{number:02d}-{row} |" for row in rows)))


MANY = month(1, "09 | 张三 | 加1 | 3 | 讲党课 | 通过 | ")
FEW = month(4, "09 | 张三 | 加1 | 1 | 讲党课 | 通过 | ")


@pytest.mark.parametrize(
    ("way", "first", "second"),
    [
        ("年度累计", "应计106分，按最高分105分计；", "应计108分，按最高分105分计；"),
        ("季度平均", "应计106分，按最高分105分计；", ""),
        ("季度求和", "应计106分，按最高分105分计；", ""),
    ],
)
def test_the_highest_score_is_told_where_it_bites_and_of_this_quarter_alone(way: str, first: str, second: str) -> None:
    settings = f"| 年度汇总方式 | {way} |\n| 最高分 | 105 |"
    assert remark(Q1, MANY, FEW, settings=settings) == f"{first}主动讲党课3次，加6分：讲党课"
    assert remark(Q2, MANY, FEW, settings=settings) == f"{second}主动讲党课1次，加2分：讲党课"


def test_a_score_that_just_reaches_a_bound_is_not_said_to_be_cut() -> None:
    late = month(1, "09 | 张三 | 减1 | 2 | 缺席 | 通过 | 李四")
    assert remark(Q1, MANY, settings="| 最高分 | 106 |") == "主动讲党课3次，加6分：讲党课"
    assert remark(Q1, late, settings="| 最低分 | 94 |") == "无故缺席2次，减6分：缺席"
    assert remark(Q1, late, settings="| 最低分 | 95 |") == "应计94分，按最低分95分计；无故缺席2次，减6分：缺席"


@pytest.mark.parametrize(
    ("joined", "base", "told"),
    [
        ("2026-02-09", "全额", ("2月9日转入", "")),
        ("2026-06-30", "全额", (None, "6月30日转入")),
        ("2026-02-09", "按月折算", ("2月9日转入", "2月9日转入")),
        ("2026-01-01", "全额", ("", "")),
        ("2025-12-31", "按月折算", ("", "")),
    ],
)
def test_who_joined_is_told_in_the_period_and_longer_where_the_base_is_less(
    joined: str, base: str, told: tuple[str | None, str]
) -> None:
    roster = f"## 党员名册（更改）\n| 编号 | 转入日期 |\n| 003 | {joined} |"
    for period, words in zip((Q1, Q2), told, strict=True):
        if words is not None:  # who has not joined yet stands on no notice
            assert remark(period, roster, name="王五", settings=f"| 中途转入基础分 | {base} |") == words


def test_what_a_cap_leaves_of_a_rule_is_told_with_what_was_claimed() -> None:
    capped = "## 积分规则（更改）\n| 规则编号 | 封顶分值 | 封顶周期 | 计分组 |\n| 加1 | 5 | 季 | |\n| 加2 | | | 合计 |"
    group = "## 计分组（追加）\n| 组名 | 方式 | 周期 | 封顶分值 |\n| 合计 | 封顶 | 年 | 0 |"
    rows = month(1, "08 | 张三 | 加2 | 1 | 理发 | 通过 | ", "09 | 张三 | 加1 | 3 | 讲党课 | 通过 | ")
    assert remark(Q1, capped, group, rows) == (
        "主动讲党课3次，加5分（应计6分，按封顶计）：讲党课；志愿服务1次，不加分（应计1分，按封顶计）：理发"
    )


def test_bonuses_come_first_and_each_reason_once() -> None:
    rows = month(
        1,
        "07 | 张三 | 减1 | 1 | 缺席 | 通过 | 李四",
        "08 | 张三 | 加2 | 1 | 理发 | 通过 | ",
        "09 | 张三 | 加2 | 1.5 | 理发 | 通过 | ",
        "10 | 张三 | 加2 | 1 | 慰问 | 通过 | ",
    )
    assert remark(Q1, rows) == "志愿服务3.5次，加3.5分：理发、慰问；无故缺席1次，减3分：缺席"


def test_merged_rules_are_one_sum_of_each_kind() -> None:
    merged = "## 积分规则（更改）\n| 规则编号 | 公示 |\n| 加2 | 合并 |\n| 减1 | 合并 |"
    rows = month(
        1,
        "07 | 张三 | 减1 | 1 | 家事 | 通过 | 李四",
        "08 | 张三 | 加2 | 1 | 线索 | 通过 | ",
        "09 | 张三 | 加2 | 1 | 线索 | 通过 | ",
    )
    assert remark(Q1, merged, rows) == "其他加分2分；其他减分3分"


def published(*sections: str, settings: str = "") -> Page:
    _, reckoning = small(f"## 设置（更改）\n| 项目 | 值 |\n{settings}", *sections)
    return publicity(reckoning.ledger, Q1, notice(date(2026, 4, 6), 5, layout.WORKING_DAYS), draft=False)


def test_remarks_that_say_nothing_have_no_column() -> None:
    page = published(MANY)  # 仅积分: nothing of items
    assert page.columns[-1] == "积分"
    assert page.words["备注段"] == ""


def test_a_few_remarks_are_also_one_sentence_for_the_legend() -> None:
    joined = "## 党员名册（更改）\n| 编号 | 转入日期 |\n| 003 | 2026-02-09 |\n| 004 | 2026-03-02 |"
    page = published(joined)
    assert page.columns[-1] == "备注"
    assert page.words["备注段"] == "备注：王五，2月9日转入；赵六，3月2日转入。"
    assert published(joined, settings="| 公示内容 | 仅分数 |").words["备注段"] == ""


def test_many_items_are_no_sentence() -> None:
    many = month(1, *(f"{day:02d} | 张三 | 加1 | 1 | {'事由' * 10}{day} | 通过 | " for day in range(1, 15)))
    page = published(many, settings="| 公示内容 | 积分及事由 |")
    assert page.columns[-1] == "备注"
    assert page.words["备注段"] == ""
    assert page.words["附页"] == "2026年第一季度党员积分构成"


def test_a_forgotten_entry_that_answers_an_objection_is_a_correction_too() -> None:
    """Under 仅积分 the point moved from one to the other is told of both; without an objection it is late evidence."""
    wrong = month(1, "22 | 王五 | 加1 | | 讲党课 | 通过 | ")
    right = month(
        4, "12 | 王五 | 加1 | | 误记 | 通过 | | 1月!2", "12 | 李四 | 加1 | | 讲党课 | 通过 | | ", more=" 冲销 |"
    )
    right = right.replace("2026-04-12 | 李四", "2026-01-22 | 李四")
    heads = "## 异议处理\n| 提出日期 | 提出人 | 涉及时段 | 涉及事项 | 处理结果 | 办结日期 |"
    upheld = f"{heads}\n| 2026-04-10 | 李四 | 2026Q1 | 王五的党课是我讲的 | 更正 | 2026-04-12 |"
    told = {}
    for sections in ((wrong, right), (wrong, right, upheld)):
        _, reckoning = small(*sections)
        assert not [finding for finding in reckoning.findings if finding.code[0] == "E"]
        page = publicity(reckoning.ledger, Q2, notice(date(2026, 7, 6), 5, layout.WORKING_DAYS), draft=False)
        told[len(sections)] = [row_of(page, "姓名", name)["备注"] for name in ("李四", "王五")]
    assert told == {2: ["", "更正第一季度积分，减2分"], 3: ["更正第一季度积分，加2分", "更正第一季度积分，减2分"]}
