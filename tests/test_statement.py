"""个人积分明细: it adds up to the last digit, says why a line earned less, and names nobody else."""

from datetime import date
from decimal import Decimal

import pytest
from yearend_books import AFTER, all_text, column, demo, named, row_of, small

from xl_jifen import Reckoning, layout
from xl_jifen.period import Month, Period
from xl_jifen.publish.notice import notice
from xl_jifen.publish.owned.lines import line_rows
from xl_jifen.publish.page import Page
from xl_jifen.publish.publicity import publicity
from xl_jifen.publish.statement import COLUMNS, statements
from xl_jifen.register import points_text

MARCH = """
## 3月
| 日期       | 姓名 | 规则 | 数量 | 事由     | 佐证   | 审核状态 | 核实人 | 冲销 |
| 2026-03-05 | 张三 | 加1  |      | 讲党课   | 讲稿   | 通过     |        |      |
| 2026-03-06 | 张三 | 加2  | 7.5  | 社区服务 | 签到表 | 通过     |        |      |
| 2026-03-09 | 张三 | 减1  |      | 缺席     |        | 通过     | 李四   |      |
| 2026-03-10 | 张三 | 加2  |      | 还在审核 |        | 待审     |        |      |
| 2026-03-11 | 李四 | 加1  |      | 别人的事 |        | 通过     |        |      |
"""


def of(reckoning: Reckoning, name: str, day: date = AFTER) -> Page:
    ((_, page),) = statements(reckoning.ledger, reckoning.findings, [named(reckoning, name)], day)
    return page


@pytest.mark.slow
def test_every_member_of_the_example_adds_up_to_the_last_digit() -> None:
    reckoning = demo().reckoning
    members = [member for member in reckoning.register.members if member.ever_scored]
    pages = dict(statements(reckoning.ledger, reckoning.findings, members, AFTER))
    assert len(pages) == len(members)
    for member, page in pages.items():
        lines = [line for line in reckoning.ledger.lines if line.entry.member is member]
        rows = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
        own = [row for row in rows if row["序号"] != "" and "表决记录" not in str(row["来源"])]
        assert len(own) == len(lines)
        assert sorted(str(row["来源"]) for row in own) == sorted(line.entry.place.sheet for line in lines)
        for kind in (layout.BONUS, layout.DEDUCTION):
            counted = sum(line.counted for line in lines if line.entry.rule and line.entry.rule.kind == kind)
            shown = sum((row[kind] for row in own if isinstance(row[kind], Decimal)), Decimal(0))
            assert shown == Decimal(counted) / 100 == rows[-1][kind]
        running = Decimal(0)
        for row in rows[:-1]:
            if row["规则"] == "基础分":
                running = Decimal(str(row["结余"]))
            elif row["序号"] != "":
                running += Decimal(str(row["加分"] or 0)) - Decimal(str(row["减分"] or 0))
            if row["结余"] != "—":
                assert row["结余"] == running
        for score in reckoning.ledger.scores:
            if score.member is member and not score.period.is_year and score.bonus | score.deduction:
                quarter = next(
                    row for row in rows if str(row["规则"]).endswith(f"{'一二三四'[score.period.number - 1]}季度小计")
                )
                assert (quarter["加分"], quarter["减分"]) == (
                    Decimal(score.bonus) / 100,
                    Decimal(score.deduction) / 100,
                )
                assert f"季度积分 {points_text(score.score)} 分" in str(quarter["说明"])


@pytest.mark.slow
def test_a_statement_names_nobody_else() -> None:
    reckoning = demo().reckoning
    members = [member for member in reckoning.register.members if member.ever_scored]
    for member, page in statements(reckoning.ledger, reckoning.findings, members, AFTER):
        text = all_text(page)
        others = {other.name for other in reckoning.register.members} - {member.name}
        assert [name for name in others if name in text] == []


def test_lines_claims_and_reasons() -> None:
    page = of(small(MARCH)[1], "张三")
    served = row_of(page, "事由", "社区服务")
    assert (served["数量"], served["原始分"], served["加分"], served["结余"]) == (
        "7.5",
        Decimal("7.5"),
        Decimal("7.5"),
        Decimal("109.5"),
    )
    assert served["佐证"] == "签到表"
    assert row_of(page, "事由", "缺席")["减分"] == 3
    waiting = row_of(page, "事由", "还在审核")
    assert (waiting["加分"], waiting["说明"]) == (0, "待支委会审核，暂不计入")
    assert page.words["小结"].startswith("年度积分 106.5 分：基础分 100 + 加分 9.5 − 减分 3 = 106.5 分")
    assert "别人的事" not in all_text(page)


def test_a_cut_is_told_in_words_and_a_correction_by_what_it_takes_back() -> None:
    _, reckoning = small(
        MARCH,
        "## 积分规则（更改）\n| 规则编号 | 封顶周期 | 封顶分值 |\n| 加2 | 季 | 5 |",
        "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 | 冲销 |\n| 2026-04-02 | 张三 | 加1 | 误登 | 通过 | 3月!2 |",
    )
    page = of(reckoning, "张三")
    served = row_of(page, "事由", "社区服务")
    assert (served["原始分"], served["加分"]) == (Decimal("7.5"), 5)
    assert served["说明"] == "规则 加2 每季最多计 5 分"
    taken = row_of(page, "事由", "误登")
    assert (taken["加分"], taken["说明"]) == (-2, "更正：冲回3月的一笔，原计 2 分")


@pytest.mark.parametrize(
    ("yearly", "told"),
    [("季度平均", "(106.5 + 100 + 100 + 100) ÷ 4，四舍五入到两位小数"), ("季度求和", "106.5 + 100 + 100 + 100")],
)
def test_other_ways_of_making_a_year_are_written_out(yearly: str, told: str) -> None:
    _, reckoning = small(MARCH, f"## 设置（更改）\n| 项目 | 值 |\n| 年度汇总方式 | {yearly} |")
    page = of(reckoning, "张三")
    assert told in page.words["小结"]
    assert column(page, "规则").count("基础分") == 4
    assert page.rows[-1][page.columns.index("结余")] == Decimal("101.63" if yearly == "季度平均" else "406.5")


def test_a_floor_and_a_veto_are_said_where_the_balance_differs() -> None:
    _, reckoning = small(
        MARCH,
        "## 设置（更改）\n| 项目 | 值 |\n| 最低分 | 108 |",
        "## 表决记录\n| 表决日期 | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 |\n"
        "| 2026-05-10 | 李四 | 否1 | 违纪 | 3 | 3 | 2 | 1 | 0 |",
    )
    page = of(reckoning, "张三")
    assert (
        row_of(page, "规则", "2026年第一季度小计")["说明"] == "季度积分 108 分（按最低分计，结余照原数累计），第 1 名"
    )
    assert "按最低分计，年度积分 108 分" in page.words["小结"]
    vetoed = of(reckoning, "李四")
    assert "表决通过（应到3人、实到3人、赞成2票），积分清零" in str(row_of(vetoed, "规则", "否1 违纪")["说明"])
    assert row_of(vetoed, "规则", "2026年第二季度小计")["说明"] == "季度积分 0 分（一票否决）"


def test_in_the_middle_of_the_year_quarters_to_come_are_left_out() -> None:
    page = of(small(MARCH)[1], "张三", date(2026, 4, 9))
    assert [label for label in column(page, "规则") if "小计" in str(label)] == [
        "2026年第一季度小计",
        "2026年第二季度小计",
    ]
    assert row_of(page, "规则", "2026年第一季度小计")["说明"] == "季度积分 106.5 分，第 1 名"
    assert row_of(page, "规则", "2026年第二季度小计")["说明"] == "截至4月9日积分 106.5 分"
    assert row_of(page, "规则", "截至2026年4月9日合计")["说明"] == "截至4月9日积分 106.5 分"
    assert page.rows[-1][page.columns.index("规则")] == "截至2026年4月9日合计"
    assert page.words["小结"].startswith("截至4月9日积分 106.5 分：")
    assert "名" not in page.words["小结"]
    assert "等次" not in page.words["小结"]
    assert "计分周期尚未结束" in page.words["异议"]


@pytest.mark.parametrize(
    ("yearly", "words"),
    [
        ("季度平均", "截至4月9日积分 104.25 分：各季度积分 (106.5 + 102) ÷ 2。"),
        ("季度求和", "截至4月9日积分 208.5 分：各季度积分 106.5 + 102。"),
    ],
)
def test_in_the_middle_of_the_year_a_mean_is_of_the_quarters_begun(yearly: str, words: str) -> None:
    april = "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-04-02 | 张三 | 加1 | 再讲党课 | 通过 |"
    way = f"## 设置（更改）\n| 项目 | 值 |\n| 年度汇总方式 | {yearly} |"
    page = of(small(MARCH, april, way)[1], "张三", date(2026, 4, 9))
    assert page.words["小结"] == words
    assert row_of(page, "规则", "2026年第二季度小计")["说明"] == "截至4月9日积分 102 分"


def test_what_is_entered_for_months_to_come_is_not_told_yet() -> None:
    april = "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-04-02 | 张三 | 加1 | 再讲党课 | 通过 |"
    page = of(small(MARCH, april)[1], "张三", date(2026, 3, 20))
    assert "再讲党课" not in all_text(page)
    assert row_of(page, "规则", "2026年第一季度小计")["说明"] == "截至3月20日积分 106.5 分"
    assert "第二季度" not in all_text(page)


def test_a_message_about_two_people_of_one_attendance_row_is_not_mixed_up() -> None:
    _, reckoning = small(
        "## 积分规则（更改）\n| 规则编号 | 封顶周期 | 封顶分值 |\n| 加1 | 年 | 1 |",
        "## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 参加 |\n| 2026-02-03 | 党课 | 二月党课 | 张三、李四、王五 |",
        "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 |",
    )
    page = of(reckoning, "李四")
    assert row_of(page, "事由", "二月党课")["说明"] == "规则 加1 每年最多计 1 分"
    assert not any(name in all_text(page) for name in ("张三", "王五"))


def test_a_row_of_several_people_is_a_line_of_each_and_tells_none_of_another() -> None:
    _, reckoning = small(
        "## 设置（更改）\n| 项目 | 值 |\n| 公示内容 | 积分及事由 |",
        "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n"
        "| 2026-03-05 | 张三、李四 | 加1 | 讲党课 | 通过 |\n| 2026-03-05 | 王五、张三、钱七 | 加1 | 讲党课 | 通过 |",
    )
    lines = line_rows(reckoning.ledger.posted, reckoning.findings)
    assert [(line.place.row, line.name, line.counted) for line in lines] == [
        (2, "张三", 2),
        (2, "李四", 2),
        (3, "张三", 0),
        (3, "王五", 2),
        (3, "", 0),  # nobody knows 钱七
    ]
    notice_of = notice(date(2026, 4, 2), 5, layout.WORKING_DAYS)
    published = publicity(reckoning.ledger, Period.of_quarter(2026, 1), notice_of, draft=False)
    for name, counted, others in (("张三", [2, 0], "李四王五"), ("王五", [2], "张三李四"), ("李四", [2], "张三王五")):
        page = of(reckoning, name)
        earned = zip(column(page, "事由"), column(page, "加分"), strict=True)
        assert [points for reason, points in earned if reason == "讲党课"] == counted
        assert not any(other in all_text(page) for other in (others[:2], others[2:], "钱七"))
        assert row_of(published, "姓名", name)["备注"] == "主动讲党课1次，加2分：讲党课"


def test_a_period_begins_with_what_was_there_before() -> None:
    april = "## 4月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-04-02 | 张三 | 加1 | 再讲党课 | 通过 |"
    _, reckoning = small(MARCH, april)
    member = named(reckoning, "张三")
    for period, words in (
        (Period.of_quarter(2026, 2), "季度积分 108.5 分，第 1 名"),
        (Month(2026, 4).alone, "4月积分 108.5 分，第 1 名"),
        (Month(2026, 4).half, "上半年积分 108.5 分，第 1 名"),
    ):
        ((_, page),) = statements(reckoning.ledger, reckoning.findings, [member], AFTER, period=period)
        assert page.words["标题"] == f"{period.words}个人积分明细"
        assert page.words["小结"] == f"{words}。"
        assert page.rows[0][COLUMNS.index("结余")] == 100
        assert page.rows[-1][COLUMNS.index("结余")] == Decimal("108.5")
        assert row_of(page, "事由", "再讲党课")["加分"] == 2
        if period.length < 6:
            before = row_of(page, "规则", "4月以前合计")
            assert (before["加分"], before["减分"], before["结余"]) == (Decimal("9.5"), 3, Decimal("106.5"))
            assert "社区服务" not in all_text(page)


def test_what_may_still_be_exchanged_is_told_where_there_are_exchanges() -> None:
    exchange = "## 积分兑换\n| 日期 | 姓名 | 分值 | 物品 |\n| 2026-05-06 | 张三 | 4 | 图书 |"
    assert "；还可兑换 2.5 分" in of(small(MARCH, exchange)[1], "张三").words["小结"]
    assert "兑换" not in of(small(MARCH)[1], "张三").words["小结"]


def test_a_base_that_changes_within_the_year_has_a_line_from_which_the_balance_goes_on() -> None:
    _, reckoning = small(
        MARCH,
        "## 积分规则（更改）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 失效日期 |\n"
        "| 基1 | 基础分 | 四讲四有 | 做合格党员 | 100 | 2026-06-30 |",
        "## 积分规则（追加）\n| 规则编号 | 类型 | 大项 | 小项 | 分值 | 生效日期 |\n"
        "| 基2 | 基础分 | 四讲四有 | 做合格党员 | 80 | 2026-07-01 |",
    )
    row = row_of(of(reckoning, "张三"), "规则", "基础分变动")
    assert row["说明"] == "2026年第三季度起基础分由 100 分变为 80 分"
    assert row["结余"] == Decimal("86.5")
