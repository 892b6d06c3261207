"""A made-up publicity page of any size, as ``publish.publicity`` makes them, for the renderers' tests."""

from __future__ import annotations

from decimal import Decimal

from xl_jifen.publish.page import Chart, Page

COLUMNS = ("名次", "姓名", "基础分", "本季加分", "本季减分", "积分", "较上季", "建议等次", "备注")

RARE = ("李䶮", "王㛃", "张𬍛", "刘𫖯", "陈喆", "杨堃", "黄犇", "买买提·艾力", "阿不都热依木·阿卜杜拉", "欧阳秀英")
"""Names that trouble fonts and layouts: outside GB2312, GBK and the basic plane, with a dot, long."""

WORDS = {
    "标题": "2026年第三季度党员积分公示表",
    "支部": "中共青山州应急管理局机关第二支部委员会",
    "季度": "2026年第三季度",
    "期间": "2026年7月1日至9月30日",
    "公式": "党员积分 = 基础分 + 加分 − 减分（年度累计：加分、减分自2026年1月1日起累计）",
    "说明段": "根据支部党员积分管理规则，经逐项登记、核实和审核，现将积分情况予以公示，欢迎党员和群众监督。",
    "图例": "基础分：计分开始时的起点分。\n较上季：与2026年第二季度积分相比；“—”表示没有积分。\n名次：积分相同的并列。",
    "公示期": "2026年10月9日至10月15日（5个工作日）",
    "异议": "对公示内容如有异议，请在公示期内当面或书面向李梅（电话：0000-1234567）提出，并说明理由。",
    "联系": "联系人：李梅　电话：0000-1234567",
    "落款": "中共青山州应急管理局机关第二支部委员会",
    "日期": "2026年10月9日",
    "草稿": "",
    "人数": "38",
    "平均分": "101.5",
    "到会率": "92.3%",
    "校验码": "3F9A-07C2-B1D4",
}

CHARTS = (
    Chart("bars", "积分分布", "人", (("95–99", Decimal(9)), ("100–104", Decimal(21)), ("105–109", Decimal(8)))),
    Chart("line", "支部平均积分", "分", (("一季度", Decimal("99.2")), ("二季度", Decimal("101.5")))),
    Chart("bars", "到会率", "%", (("主题党日", Decimal("95.5")), ("支部党员大会", Decimal("90.1")))),
)


def name_of(number: int) -> str:
    """The name of the member in row ``number``, from 0: first the rare ones, then all different ones."""
    if number < len(RARE):
        return RARE[number]
    figures = "零一二三四五六七八九"
    return "王" + "".join(figures[int(digit)] for digit in f"{number:04d}")


def remark_of(number: int) -> str:
    """The remark of a row: nothing, one item, or several lines, and no two the same."""
    items = (
        "",
        f"主题党日 +1（第{number}号）",
        f"一线抢险救灾 +3（第{number}号）；主动讲党课 +2；超额完成理论学习 +1.5；无故缺席支部党员大会 −2",
    )
    return items[number % 3]


def made_page(members: int, *, draft: bool = False, **words: str) -> Page:
    """A page of that many members; ``words`` replace some of :data:`WORDS`."""
    rows = []
    for number in range(members):
        bonus, deduction = Decimal(number % 9) / 2, Decimal(number % 4) / 4
        score = 100 + bonus - deduction
        change = f"{bonus - deduction:+f}".replace("-", "−")
        grade = ("优秀", "合格", "基本合格")[number * 3 // members]
        rows.append(
            (number + 1, name_of(number), Decimal(100), bonus, deduction, score, change, grade, remark_of(number))
        )
    marked = {"标题": WORDS["标题"] + "（草稿）", "草稿": "草稿"} if draft else {}
    return Page("publicity", WORDS | marked | words, COLUMNS, tuple(rows), CHARTS, draft)
