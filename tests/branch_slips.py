"""What goes wrong in the year of the branch (疏漏), and the habits that change nothing.

A slip happens at the end of a month of ``branch_year``: what is done to the workbook, the sentence the tool must say to
it, the scores it then tells (by hand, like those of the year), and what mends it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from branch_year import by_name
from secretary import Rows, edit, heading_row, rearrange, rearrange_all, rename_sheet

from xl_jifen import layout
from xl_jifen.excel.patch.value import Value
from xl_jifen.grid import Cell, heading_key

Edit = Mapping[str, Value] | Callable[[Path], None]
"""Cells typed, or anything else done to the file."""


class Slip(NamedTuple):
    """What goes wrong at the end of a month.

    ``told``: code, cell, words of the message, words of the remedy; each further one only if it must be there.
    ``scores``: whose score differs meanwhile (``—``: none). ``mend``: what the remedy says, by default to put the cells
    back as they were; ``mended``: whose score is then another than it would be without the slip.
    """

    what: str
    month: int
    make: Edit
    told: tuple[tuple[str, str, str, str], ...]
    scores: Mapping[str, str] = {}
    mend: Edit | None = None
    mended: Mapping[str, str] = {}


# ---- what hands do to a sheet ----


def on(sheet: str, change: Callable[[Rows], Rows]) -> Callable[[Path], None]:
    return lambda book: rearrange(book, sheet, change)


def without_row(number: int) -> Callable[[Rows], Rows]:
    return lambda rows: rows[: number - 1] + rows[number:]


def copied(number: int, **other: Cell) -> Callable[[Rows], Rows]:
    """The row once more below the last that says anything, with these cells (by letter) changed."""

    def change(rows: Rows) -> Rows:
        again = list(rows[number - 1])
        for letter, value in other.items():
            again[ord(letter) - ord("A")] = value
        last = max(n for n, row in enumerate(rows, 1) if any(cell is not None for cell in row[1:]))  # A: 序号
        return [*rows[:last], again, *rows[last + 1 :]]

    return change


def without_column(heading: str) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        top = heading_row(rows)
        gone = [heading_key(str(cell or "")) for cell in rows[top]].index(heading)
        return rows[:top] + [row[:gone] + row[gone + 1 :] for row in rows[top:]]

    return change


def names_alone_sorted(rows: Rows) -> Rows:
    """The classic: only the column was selected."""
    top = heading_row(rows) + 1
    filled = [number for number, row in enumerate(rows) if number >= top and len(row) > 2 and row[2] is not None]
    names = sorted((rows[number][2] for number in filled), key=str, reverse=True)
    said = dict(zip(filled, names, strict=True))
    return [[*row[:2], said[n], *row[3:]] if n in said else row for n, row in enumerate(rows)]


def corrected_by_row_and_sorted(book: Path) -> None:
    edit(book, {"6月!L4": "3月!4"})
    rearrange(book, "3月", lambda rows: [*rows[:3], rows[4], rows[3]])


def everyone_with_number(book: Path) -> None:
    edit(book, {"2月!C5": "王磊(003)", "活动考勤!G4": "王磊（003）"})


FEBRUARY_ON_JANUARY: Mapping[str, Value] = {
    **{"1月!B6": date(2026, 2, 12), "1月!C6": "孙浩", "1月!D6": "加1", "1月!G6": "二月党课", "1月!J6": "通过"},
    **{f"2月!{column}4": None for column in "BCDGJ"},
}
NAMESAKE: Mapping[str, Value] = {
    "党员名册!A11": "008",
    "党员名册!B11": "王磊",
    "党员名册!C11": "正式党员",
    "党员名册!G11": date(2026, 5, 25),
}
AFTERTHOUGHT: Mapping[str, Value] = {
    **{"3月!B6": date(2026, 3, 30), "3月!C6": "林静", "3月!D6": "加1", "3月!G6": "三月党课", "3月!J6": "通过"},
}

# fmt: off
SLIPS = (
    # ---- the first quarter: entering ----
    Slip("a row copied and left as it is", 1, on("1月", copied(4)),
         (("E601", "1月!D6", "与 1月!4 的人、规则、日期、事由都相同，不再计入", "重复的请删去"),)),
    Slip("a row copied and only its words changed", 1, on("1月", copied(4, G="又一次党课")),
         (("W601", "1月!D6", "与 1月!4 的人、规则、日期都相同，请核对是否重复", "是同一件事的请删去一行"),),
         {"林静": "104.5"}),
    Slip("entered on the wrong month's sheet", 2, FEBRUARY_ON_JANUARY,
         (("E402", "1月!B6", "2026-02-12 晚于1月", "移到“2月”"),), {"孙浩": "100.5"}),
    Slip("a name mistyped", 2, {"2月!C4": "孙号"},
         (("E201", "2月!C4", "没有“孙号”", "核对姓名或编号"),), {"孙浩": "100.5"}),
    Slip("a quantity with its unit", 2, {"2月!E5": "6小时"},
         (("E102", "2月!E5", "“数量”应为数字，现在是“6小时”", "请只填数字，不带单位"),), {"王磊": "99"},
         {"2月!E5": "６"}),
    Slip("a day without its year", 2, {"2月!B5": "2.10"},
         (("E102", "2月!B5", "“日期”应为日期，现在是“2.10”", "连年份写全，如 2026-03-05"),), {"王磊": "99"},
         {"2月!B5": "2026年2月10日"}),
    Slip("last year's date, as in every January", 2, {"2月!B5": date(2025, 2, 10)},
         (("E401", "2月!B5", "2025-02-10 不在计分周期 2026-01-01 至 2026-12-31 之内", "请核对日期"),), {"王磊": "99"}),
    Slip("a rule nobody made", 2, {"2月!D5": "加22"},
         (("E301", "2月!D5", "没有“加22”", "从下拉列表中选择规则"),), {"王磊": "99"}),
    Slip("a status of one's own", 3, {"3月!J5": "同意"},
         (("E103", "3月!J5", "“审核状态”不能填“同意”", "待审、通过、不通过"),), {"周洋": "100.5"}),
    # ---- headings and columns ----
    Slip("a required column deleted", 3, on("3月", without_column("事由")),
         (("E812", "3月!A3", "找不到必需的列名“事由”", "在列名那一行恢复“事由”"),), {"赵敏": "102.5", "周洋": "100.5"}),
    Slip("an optional column deleted whose cells count", 3, on("3月", without_column("核实人")),
         (("E502", "3月!5", "减分没有填核实人", "填写一名担任党内职务的其他党员"),), {"周洋": "100.5"}),
    Slip("a heading retyped with a slip of the pen", 3, {"3月!B3": "曰期"},
         (("E812", "3月!A3", "找不到必需的列名“日期”", "在列名那一行恢复“日期”"),), {"赵敏": "102.5", "周洋": "100.5"},
         {"3月!B3": "日　期＊"}),
    # ---- the second quarter: the first is archived ----
    Slip("a sheet renamed", 4, lambda book: rename_sheet(book, "4月", "四月"),
         (("E811", "4月!A1", "缺少工作表“4月”（或名称被改过）", "请改回“4月”"),), {"林静": "102.5"},
         lambda book: rename_sheet(book, "四月", "4月")),
    Slip("an archived sheet renamed", 4, lambda book: rename_sheet(book, "2月", "2月份"),
         (("E811", "2月!A1", "缺少工作表“2月”", "请改回“2月”"),
          ("E901", "2月!A1", "2026年第一季度归档时的工作表“2月”不见了", "请恢复这张工作表和其中的内容")),
         {"高山": "100.5", "王磊": "99", "孙浩": "100.5"}, lambda book: rename_sheet(book, "2月份", "2月")),
    Slip("an archived cell changed", 4, {"2月!E5": 4},
         (("E901", "2月!E5", "2026年第一季度归档时是“6”，现在是“4”", "恢复为“6”；确需更正的，在以后的月份用冲销"),),
         {"王磊": "101"}),
    Slip("an archived row deleted", 4, on("2月", without_row(5)),
         (("E901", "2月!5", "一行不见了：2026-02-10 王磊 加2 6 春节慰问", "请恢复这一行；确需更正的"),),
         {"王磊": "99"}),
    Slip("an afterthought in an archived month", 4, AFTERTHOUGHT,
         (("E901", "3月!6", "归档后增加了一行：2026-03-30 林静 加1 三月党课", "请删去这一行，改登在以后的月份表"),),
         {"林静": "107.5"}, {f"3月!{column}6": None for column in "BCDGJ"}),
    Slip("one column of an archived sheet sorted, the others not", 4, on("2月", names_alone_sorted),
         (("E901", "2月!C4", "归档时是“孙浩”，现在是“高山”", "请恢复为“孙浩”"),
          ("E901", "2月!C6", "归档时是“高山”，现在是“孙浩”", "请恢复为“高山”"))),
    Slip("a column of the archive deleted", 4, on("2月", without_column("数量")),
         (("E901", "2月!A3", "归档时“数量”一列的内容不见了", "请恢复列名“数量”和这一列的内容"),), {"王磊": "99.5"}),
    Slip("the evidence forgotten", 4, {"4月!H4": None},
         (("E501", "4月!H4", "要求佐证，但这一行没有佐证", "写明材料名称、文件路径或链接"),), {"林静": "102.5"}),
    Slip("more claimed than the rule allows", 4, {"4月!F4": 8},
         (("E404", "4月!F4", "申报分值 8 不在 1 至 5 之间", "改为范围内的分数"),), {"林静": "102.5"}),
    Slip("a second 王磊 is transferred in", 5, NAMESAKE,
         (("E202", "2月!C5", "“王磊”有几位，分不清是谁", "写成以下之一：王磊(003)、王磊(008)"),
          ("E202", "活动考勤!G4", "“王磊”有几位，分不清是谁", "王磊(003)、王磊(008)"),
          ("E901", "2月!5", "归档时计入 3 分，现在算得 0 分", "是否新增了同名的人")),
         {"王磊": "—", "王磊(003)": "101", "王磊(008)": "100"}, everyone_with_number,
         {"王磊": "—", "王磊(003)": "102.5", "王磊(008)": "100"}),
    Slip("transferred in too late", 5, {"党员名册!G10": date(2026, 5, 15)},
         (("E203", "5月!C4", "陈立在 2026-05-12 不在册", "名册中的转入、转出日期"),), {"陈立": "100.5"}),
    Slip("a correction that names another row", 6, {"6月!L4": "3月#1"},
         (("E602", "6月!L4", "人或规则与那一行不同", "没有序号的写 3月!7，人和规则要相同"),), {"周洋": "99"}),
    Slip("corrected twice", 6, on("6月", copied(4)),
         (("E602", "6月!L6", "那一行已被冲销过", "请删去这一行"),)),
    Slip("a correction by row, and then that sheet is sorted", 6,
         corrected_by_row_and_sorted,
         (("E602", "6月!L4", "冲销“3月!4”不成立：人或规则与那一行不同", "3月#12"),), {"周洋": "99"},
         {"6月!L4": "3月#2"}),
    Slip("a member renamed", 6, {"党员名册!B7": "赵慧敏"},
         (("E201", "1月!C5", "没有“赵敏”", "核对姓名"),
          ("E901", "党员名册!B7", "归档时是“赵敏”，现在是“赵慧敏”", "请恢复为“赵敏”")), {"赵敏": "—", "赵慧敏": "101"}),
    # ---- the third quarter: two are archived ----
    Slip("a rule changed where it stands", 7, {"积分规则!G6": 1},
         (("E901", "积分规则!G6", "归档时是“0.5”，现在是“1”", "停用原规则，另用新的规则编号增加一条"),),
         {"王磊": "104.5"}),
    Slip("the rule that ended deleted", 7, on("积分规则", without_row(6)),
         (("E301", "2月!D5", "没有“加2”", "或先在“积分规则”中增加"),
          ("E901", "积分规则!6", "一行不见了：加2 加分 助人为乐 志愿服务", "请恢复这一行")),
         {"赵敏": "104", "王磊": "99.5"}),
    Slip("the rule that ended used", 7, {"7月!D4": "加2"},
         (("E302", "7月!D4", "在 2026-07-11 未生效或已失效", "改用当日有效的规则"),), {"赵敏": "104"}),
    Slip("who left struck from the roster", 8, on("党员名册", without_row(9)),
         (("E201", "8月!C4", "没有“周洋”", "核对姓名"),
          ("E901", "党员名册!9", "一行不见了：006 周洋 正式党员", "调离的请填“转出日期”"))),
    Slip("an entry after the transfer", 8, {"8月!B4": date(2026, 8, 16)},
         (("E203", "8月!C4", "周洋在 2026-08-16 不在册", "名册中的转入、转出日期"),)),
    Slip("a veto entered as if it were points", 8, {"8月!D4": "否1"},
         (("E304", "8月!D4", "一票否决规则，不能登记在月份表", "改在“表决记录”中填写"),)),
    Slip("votes that do not add up", 8, {"表决记录!G4": 4},
         (("E701", "表决记录!G4", "共 5 票，与实到 6 人不等", "按会议记录核对票数"),),
         {"王磊": "103.5"}),
    Slip("half of the votes are not more than half", 8, {"表决记录!G4": 3, "表决记录!H4": 3},
         (("W702", "表决记录!G4", "表决未通过：赞成票没有超过应到的一半，一票否决不生效", "无需修改"),),
         {"王磊": "103.5"}),
    Slip("the electorate miscounted", 8, {"表决记录!E4": 7},
         (("W701", "表决记录!E4", "应到填的是 7 人，按名册当日有表决权的正式党员是 6 人", "核对应到人数"),)),
    Slip("a newcomer of the same name written over who left", 9,
         {"党员名册!A9": "008", "党员名册!G9": date(2026, 9, 1), "党员名册!H9": None},
         (("E901", "党员名册!9", "一行不见了：006 周洋 正式党员", "请恢复这一行；调离的请填“转出日期”"),
          ("E203", "8月!C4", "周洋在 2026-08-10 不在册", "核对日期和名册中的转入、转出日期")), {"周洋": "100.5"}),
    Slip("three rows inserted above the headings", 9, on("9月", lambda rows: [[], [], [], *rows]),
         (("E812", "9月!A1", "前 5 行中找不到必需的列名“日期”", "使列名在前 5 行之内"),), {"高山": "103.5"}),
    # ---- the fourth quarter: three are archived ----
    Slip("the cycle cut short", 10, {"设置!B7": date(2026, 11, 30)},
         (("E901", "设置!B7", "归档时是“2026-12-31”，现在是“2026-11-30”", "请恢复为“2026-12-31”"),)),
    Slip("a deduction nobody verified", 11, {"11月!I4": None},
         (("E502", "11月!I4", "减分没有填核实人", "填写一名担任党内职务的其他党员"),), {"孙浩": "103.5"}),
    Slip("a deduction verified by oneself", 11, {"11月!I4": "孙浩"},
         (("E502", "11月!I4", "核实人孙浩就是本人", "填写一名担任党内职务的其他党员"),), {"孙浩": "103.5"}),
    Slip("already next year", 12, {"12月!B5": date(2027, 1, 1)},
         (("E401", "12月!B5", "2027-01-01 不在计分周期", "请核对日期"),), {"赵敏": "107.5"}),
)
# fmt: on


# ---- habits that change nothing ----

RETYPED: Mapping[str, Value] = {
    "11月!B3": "＊日　期",
    "11月!C3": "姓\n名*",
    "11月!D3": "规 则",
    "11月!G3": "事由（必填）",
}
"""Headings as people type them."""


def own_column(rows: Rows) -> Rows:
    top = heading_row(rows)
    noted = ([*row, *[None] * (20 - len(row)), number or "自用"] for number, row in enumerate(rows[top:]))
    return [*rows[:top], *noted]


def sorted_everywhere(book: Path) -> None:
    rearrange_all(book, {sheet.name: by_name for sheet in layout.MONTHS})


def renamed(book: Path) -> None:
    book.rename(book.with_name("党员积分2026最终版.xlsx"))


def copied_beside(book: Path) -> None:
    shutil.copy(book, book.with_name(f"副本 {book.name}"))


HABITS: Mapping[str, Edit] = {
    "every month sheet sorted by name, archived ones too": sorted_everywhere,
    "attendance turned upside down": on("活动考勤", lambda rows: rows[:3] + rows[:2:-1]),
    "the roster sorted by name": on("党员名册", lambda rows: rows[:3] + sorted(rows[3:], key=lambda row: str(row[1]))),
    "headings retyped with stars, wide spaces and line breaks": RETYPED,
    "a tab renamed with a space and a full-width digit": lambda book: rename_sheet(book, "4月", " ４月"),
    "an archived tab renamed so": lambda book: rename_sheet(book, "2月", "２月 "),
    "an empty column deleted": on("12月", without_column("同一事项")),
    "an empty column deleted from an archived sheet": on("2月", without_column("备注")),
    "a column of one's own on the right": on("10月", own_column),
    "numbers and days of an archived sheet typed as text": {"2月!E5": "6.0", "2月!B5": "2026年2月10日"},
    "a name with its number, a number for the name": {"5月!C4": "陈立（007）", "3月!C4": "006"},
    "an office given up, its old title kept": {"党员名册!F5": "原组织委员"},
    "the file renamed": renamed,
    "a copy kept beside it": copied_beside,
}
