"""A made-up publicity page of any size, as ``publish.publicity`` makes them, for the renderers' tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from xl_jifen.publish.figures import level
from xl_jifen.publish.page import Chart, Page

ALL_COLUMNS = ("名次", "编号", "姓名", "党小组", "基础分", "加分", "减分", "积分", "较上期", "建议等次", "备注")
COLUMNS = ("名次", "姓名", "基础分", "加分", "减分", "积分", "较上期", "建议等次", "备注")

RARE = ("李䶮", "王㛃", "张𬍛", "刘𫖯", "陈喆", "杨堃", "黄犇", "买买提·艾力", "阿不都热依木·阿卜杜拉", "欧阳秀英")
"""Names that trouble fonts and layouts: outside GB2312, GBK and the basic plane, with a dot, long."""

WORDS = {
    "标题": "2026年第三季度党员积分公示表",
    "支部": "中共青山州应急管理局机关第二支部委员会",
    "时段": "2026年第三季度",
    "期间": "2026年7月1日至9月30日",
    "公式": "党员积分 = 基础分 + 2026年1月1日以来的加分 − 减分；加分、减分栏只列7月至9月的",
    "说明段": "依据2026年1月15日支部党员大会通过的党员积分办法，经党员申报、支部核实、支部委员会审核，"
    "现将2026年第三季度（2026年7月1日至9月30日）38名党员的积分情况公示如下，请党员和群众监督。",
    "图例": "基础分：计分开始时的起点分。\n较上期：与2026年第二季度积分相比；“—”表示没有积分。\n名次：积分相同的并列。",
    "公示期": "2026年10月9日至10月15日（5个工作日）",
    "异议": "对公示内容有异议的，请在公示期内当面或书面向李梅反映（电话：0000-1234567；地址：机关大楼305室）。"
    "反映问题应实事求是，提倡署真实姓名。支部将逐项核查、及时答复，确有差错的予以更正。",
    "联系": "联系人：李梅　电话：0000-1234567",
    "结语": "特此公示。",
    "落款": "中共青山州应急管理局机关第二支部委员会",
    "日期": "2026年10月9日",
    "草稿": "",
    "人数": "38",
    "平均分": "101.5",
    "到会率": "92.3%",
    "校验码": "3F9A-07C2-B1D4",
    "附页": "2026年第三季度党员积分构成",
    "附页说明": "积分构成：备注和加分、减分的事由见附页。",
    "备注段": "",
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
        f"参加主题党日2次，加1分：第{number}号",
        f"一线救灾抢险2次，加8分（应计9分，按封顶计）：第{number}号；主动讲党课1次，加2分：专题党课；迟到1次，减0.5分：例会",
    )
    return items[number % 3]


def made_page(members: int, *, draft: bool = False, columns: Sequence[str] = COLUMNS, **words: str) -> Page:
    """A page of that many members with those ``columns``; ``words`` replace some of :data:`WORDS`."""
    rows = []
    for number in range(members):
        bonus, deduction = Decimal(number % 9) / 2, Decimal(number % 4) / 4
        score = 100 + bonus - deduction
        change = f"{bonus - deduction:+.2f}".replace("-", "−")
        grade = ("优秀", "合格", "基本合格")[number * 3 // members]
        row = (number + 1, name_of(number), Decimal(100), bonus, deduction, score, change, grade, remark_of(number))
        cells = dict(zip(COLUMNS, row, strict=True))
        rows.append(tuple(cells[name] for name in columns))
    marked = {"标题": WORDS["标题"] + "（草稿）", "草稿": "草稿"} if draft else {}
    silent = tuple(name for name in ALL_COLUMNS if name not in columns)
    return Page("publicity", WORDS | marked | words, tuple(columns), tuple(level(rows)), CHARTS, draft, silent)
