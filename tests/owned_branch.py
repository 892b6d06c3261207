"""A believable branch of any size, by seed: for the tests of the sheets the tool owns. Nothing in it is real."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import openpyxl
from books import write_rows
from notation import parse

from xl_jifen import layout, reckon
from xl_jifen.excel.draw.owned import sheets
from xl_jifen.excel.patch.graft import graft
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Cell, Grid, Grids
from xl_jifen.publish.owned.tables import Tables, tables
from xl_jifen.publish.sheet import Sheet

COMPUTED = datetime(2027, 1, 4, 16, 42)

FAMILY = "张王李刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯曹彭曾萧田董"
GIVEN = "伟芳娜洋静帆磊敏强艳杰丽超琳军霞平峰涛丹爽栋婷佳亮晴雪刚颖博毅红野洁"
NAMES = [f"{family}{given}" for family, given in zip(FAMILY, GIVEN, strict=True)]

RULES = (
    ("基1", "基础分", "四讲四有", "做合格党员", 100, None, None),
    ("加1-1", "加分", "出色完成本职工作", "一线抢险救灾", 0.5, 5, None),
    ("加2-1", "加分", "积极参加党建活动", "主动讲党课", 2, None, 4),
    ("加2-2", "加分", "积极参加党建活动", "参加主题党日", 0.25, None, 3),
    ("加3-1", "加分", "见义勇为、助人为乐突出表现", "志愿服务", 1, None, None),
    ("加4-1", "加分", "敢于开展监督和批评", "提出合理化建议被采纳", 1.5, None, None),
    ("加5-1", "加分", "个人评优评先", "市级表彰", 3, 6, None),
    ("减3-1", "减分", "纪律规矩不严明", "无故缺席组织生活", 2, None, 6),
    ("减5-1", "减分", "工作履职不认真", "不完成支部安排任务", 0.1, 9.99, None),
    ("否1", "一票否决", "违法违纪", "受到党纪处分", 0, None, None),
)

KINDS = ("支部党员大会", "党小组会", "党课", "主题党日")


YEAR_OF_ENTRIES = """
## 设置（更改）
| 项目 | 值 |
{settings}
## 党员名册（更改）
| 编号 | 党小组 |
| 001 | 一组 |
| 002 | 一组 |
| 003 | 二组 |
## 1月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-01-09 | 张三 | 加2 | 1 | 一 | 通过 |
## 5月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-05-09 | 李四 | 加2 | 2 | 五 | 通过 |
## 8月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-08-09 | 王五 | 加2 | 3 | 八 | 通过 |
## 9月
| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |
| 2026-09-01 | 赵六 | 加2 | 4 | 九 | 通过 |
"""
EXCHANGED = (
    YEAR_OF_ENTRIES.format(settings="| 公示周期 | 季 |")
    .replace("党小组", "上期结余")
    .replace("一组", "3")
    .replace("二组", "")
    + """
## 积分兑换
| 日期 | 姓名 | 分值 | 物品 |
| 2026-09-02 | 张三 | 2.5 | 书 |
| 2026-09-02 | 王五 | 3 | 书 |
"""
)


def grids(
    seed: int = 1, *, members: int = 38, entries: int = 200, months: int = 9, settings: Mapping[str, Cell] | None = None
) -> Grids:
    """A workbook of the cycle 2026: two people called 张伟, numbered 007 and 7, one who left, one voted on."""
    chance = random.Random(seed)
    roster = [(f"{number:03d}" if number != 8 else "7", NAMES[number % len(NAMES)]) for number in range(1, members + 1)]
    roster[6:8] = [("007", "张伟"), ("7", "张伟")]
    labels = [f"{name}({code})" for code, name in roster]
    sheets = [
        _grid(
            "设置",
            ("项目", "值"),
            *{
                "支部名称": "中共示例市应急管理局机关第一支部",
                "计分周期开始": date(2026, 1, 1),
                "计分周期结束": date(2026, 12, 31),
                "优秀比例上限": "1/3",
                **(settings or {}),
            }.items(),
        ),
        _grid(
            "等次标准",
            ("等次", "最低积分", "受比例限制"),
            ("优秀", 105, "是"),
            ("合格", 90, None),
            ("不合格", None, None),
        ),
        _grid(
            "党员名册",
            ("编号", "姓名", "党员类别", "党内职务", "转入日期", "转出日期", "个人基础分"),
            *[
                (
                    code,
                    name,
                    "预备党员" if number in (20, 21) else "正式党员",
                    "支部委员" if number < 4 else None,
                    date(2026, 2, 9) if number == 11 else None,
                    date(2026, 8, 20) if number == 12 else None,
                    97.5 if number == 13 else None,
                )
                for number, (code, name) in enumerate(roster)
            ],
        ),
        _grid(
            "积分规则",
            ("规则编号", "类型", "大项", "小项", "分值", "分值上限", "封顶分值", "封顶周期"),
            *[(*rule, "季") for rule in RULES],
        ),
    ]
    posted: dict[int, list[tuple[Cell, ...]]] = {month: [] for month in range(1, 13)}
    for _ in range(entries):
        rule, month = chance.choice(RULES[1:-1]), chance.randint(1, months)
        claimed = chance.randint(int(rule[4] * 100), int(rule[5] * 100)) / 100 if rule[5] else None
        posted[month].append(
            (
                date(2026, month, chance.randint(1, 28)),
                chance.choice(labels) if chance.random() > 0.02 else "查无此人",
                f"{rule[0]} {rule[3]}",
                chance.choice((None, 1, 2, 3)) if rule[5] is None else None,
                claimed,
                chance.choice(("防汛值守", "整理档案", "集中学习", "上门走访")),
                labels[chance.randint(0, 3)] if rule[1] == "减分" else None,
                chance.choice(("通过",) * 12 + ("待审", "不通过")),
            )
        )
    head = ("日期", "姓名", "规则", "数量", "申报分值", "事由", "核实人", "审核状态", "计入分", "提示")
    sheets += [_grid(f"{month}月", head, *rows) for month, rows in posted.items()]
    sheets.append(
        _grid(
            "活动考勤",
            ("日期", "活动类型", "活动名称", "参加", "请假", "无故缺席", "提示"),
            *[
                (date(2026, month, 10 + 3 * position), kind, f"{month}月{kind}", "全体", *_absent(chance, labels))
                for month in range(1, months + 1)
                for position, kind in enumerate(KINDS)
            ],
        )
    )
    sheets.append(_grid("考勤计分", ("活动类型", "到会情况", "规则编号"), ("主题党日", "参加", "加2-2")))
    sheets.append(
        _grid(
            "表决记录",
            ("表决日期", "姓名", "规则编号", "事由", "应到", "实到", "赞成", "反对", "弃权", "表决结果", "提示"),
            (date(2026, 8, 5), labels[5], "否1", "受到党纪处分", members - 2, members - 4, members - 6, 1, 1),
        )
    )
    return Grids(tuple(sheets))


def told(text: str, computed: datetime = COMPUTED) -> Tables:
    reckoned = reckon(parse(f"案例\n套用 基本\n{text}").grids)
    return tables(reckoned.register, reckoned.findings, reckoned.ledger, file_name="a.xlsx", computed=computed)


def heads(sheet: Any) -> list[str]:
    """The headings of 积分台账."""
    return [str(cell.value).replace("\n", "") for cell in sheet[3]]


def column(sheet: Any, heading: str) -> list[Any]:
    """What 积分台账 has under a heading for its four members."""
    return [sheet.cell(row, heads(sheet).index(heading) + 1).value for row in range(4, 8)]


def owned_tables(workbook: Grids, *, computed: datetime = COMPUTED) -> Tables:
    """What the four sheets say of a workbook."""
    reckoned = reckon(workbook)
    return tables(reckoned.register, reckoned.findings, reckoned.ledger, file_name="示例.xlsx", computed=computed)


def owned_sheets(workbook: Grids, *, computed: datetime = COMPUTED) -> tuple[Sheet, ...]:
    """The four sheets of a workbook, drawn."""
    return sheets(owned_tables(workbook, computed=computed))


def drawn(said: Tables, *, date1904: bool = False) -> bytes:
    """A workbook of one blank sheet and the four."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": date1904})
    book.set_properties({"created": datetime(2026, 1, 1)})
    book.add_worksheet("空白")
    book.close()
    patch = Patch(Package.of(stream.getvalue(), "空白.xlsx"))
    assert graft(patch, sheets(said))
    return patch.to_bytes()


def user_workbook(workbook: Grids, *, macros: bool = False) -> bytes:
    """The branch's own file, by XlsxWriter, with things of its own: a picture, a chart, a note, names, a formula."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    day = book.add_format({"num_format": "yyyy-mm-dd", "font_color": "#FF0000"})
    for grid in workbook:
        sheet = book.add_worksheet(grid.name)
        write_rows(sheet, grid.rows, day)
    last = book.add_worksheet("自己的表")
    last.write_formula(0, 0, '=IFERROR(INDEX(积分台账!$C$4:$C$90,1),"")', None, "张伟")
    last.write_comment(1, 1, "自己的批注")
    last.insert_image(2, 2, "dot.png", {"image_data": io.BytesIO(_PNG)})
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"values": "=自己的表!$A$1:$A$3"})
    last.insert_chart(5, 5, chart)
    last.repeat_rows(0)
    last.autofilter(0, 0, 3, 3)
    book.define_name("自己的名字", "=自己的表!$A$1")
    if macros:
        book.add_vba_project(io.BytesIO(b"not a real project, and nobody looks inside"), True)
    book.close()
    return stream.getvalue()


def book_of(content: bytes, *, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000"
    "000049454e44ae426082"
)


def _grid(name: str, *rows: tuple[Cell, ...]) -> Grid:
    return Grid(name, rows)


def _absent(chance: random.Random, labels: list[str]) -> tuple[str, str]:
    away = chance.sample(labels, chance.randint(1, 6))
    return "、".join(away[1:]), away[0]


assert layout.LEDGER_SHEET == "积分台账", "the formula in 自己的表 names it"
