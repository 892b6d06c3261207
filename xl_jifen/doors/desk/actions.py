"""What the desk offers: every verb with the words on its button and the fields of its form. A table, no code.

A verb is carried out as the command of that name, so that desk and command line cannot differ.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from xl_jifen.doors.cli.arguments import CARRY_AS

Kind = Literal["period", "member", "book", "files", "name", "text", "date", "tick", "choice", "folder"]
"""What a field asks for: a period of the cycle, a member of the roster, another workbook, files of the folder, the
name of a new file, any text, a day, yes or no, one of several, or a folder."""


class Field(NamedTuple):
    """One field of a form. ``option`` is the option of the command that takes it, "" for a plain argument."""

    name: str
    label: str
    kind: Kind
    option: str = ""
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


class Action(NamedTuple):
    """One verb: the command, its button, what it does in a sentence, and what it asks.

    ``on_book`` verbs work on the open workbook; ``opens`` those that make one, which is opened then.
    """

    verb: str
    title: str
    does: str
    group: str
    fields: tuple[Field, ...] = ()
    on_book: bool = True
    opens: bool = False


DAILY, PUBLIC, YEARLY, MORE, START = "平时", "公示与归档", "年末", "其他", "开始"

PERIOD = Field("period", "时段", "period", hint="不选就是最近结束的一期")
NAMED_PERIOD = Field("period", "时段", "period", required=True)
DATE = Field("date", "日期", "date", "--date", "不填就是今天")

ACTIONS = (
    Action("new", "新建工作簿", "新建一份空白的党员积分工作簿。", START, (
        Field("new", "文件名", "name", hint="如 党员积分.xlsx；要功能区按钮的用 .xlsm", required=True),
        Field("branch", "支部名称", "text", "--branch", "支部的全称"),
        Field("year", "年份", "text", "--year", "计分周期设为这一年的 1 月至 12 月，如 2026"),
        Field("scheme", "积分规则", "text", "--scheme", "不填就用随附的方案；可以写 80+20，或另一本工作簿的文件名"),
    ), on_book=False, opens=True),
    Action("demo", "看一个示例", "生成一个填好全年登记的示例支部，并校验、写回、公示。", START,
           on_book=False, opens=True),
    Action("rollup", "汇总各支部", "把一个文件夹里许多支部的工作簿汇成一份。", START, (
        Field("where", "放着各支部工作簿的文件夹", "folder", required=True),
        Field("out", "汇总存为", "name", "--out", "如 汇总.xlsx", required=True),
        Field("scheme", "上级的规则表", "book", "--scheme", "选一本工作簿，就列出哪个支部的规则与它不同"),
    ), on_book=False),
    Action("upgrade", "换成新版工作簿", "把旧版工作簿的内容搬进新版，逐项核对一致才换，原文件留在旁边。", START, (
        Field("book", "旧版工作簿", "book", hint="放在这个文件夹里的", required=True),
    ), on_book=False, opens=True),
    Action("check", "校验", "逐格检查，列出每个问题的位置和改法；不改动任何文件。", DAILY),
    Action("recalc", "重新计算", "把计入分、提示、积分台账写回工作簿（先备份）；请先保存并关闭它。", DAILY),
    Action("score", "核算", "列出每人各期的积分；不改动任何文件。", DAILY, (
        Field("period", "另加一个时段", "period", "--period", "不选就列出各季和全年"),
    )),
    Action("import", "导入申报", "把接龙、腾讯文档、金山表单收来的申报，变成可以粘贴的待审登记。", DAILY, (
        Field("exports", "申报表", "files", required=True),
        Field("columns", "列的对应", "text", "--columns", "认不出的列，写成 列名=项目，用空格隔开"),
    )),
    Action("import", "导入签到名单", "把签到名单或接龙，变成“活动考勤”里可以粘贴的一行。", DAILY, (
        Field("exports", "名单", "files", required=True),
        Field("activity", "活动名称", "text", "--activity", "如 10月主题党日", required=True),
        Field("date", "活动日期", "date", "--date", required=True),
    )),
    Action("publish", "生成公示", "生成一个时段的公示表：张贴用的 PDF、转发用的长图、网页、表格和群消息。", PUBLIC, (
        PERIOD,
        Field("draft", "只看样子（草稿）", "tick", "--draft"),
        DATE,
        Field("margins", "版式", "choice", "--margins", choices=("公文版", "紧凑版")),
        Field("charts", "不要图表", "tick", "--no-charts"),
    )),
    Action("close", "归档", "公示期满、异议办结后归档；以后的改动会被发现。", PUBLIC, (NAMED_PERIOD, DATE)),
    Action("verify", "核验", "公示表、校验码或工作簿，是不是归档时的那一份。", PUBLIC, (
        Field("target", "校验码", "text", hint="公示表上印的校验码；不填就核验这本工作簿"),
    ), on_book=False),
    Action("statement", "个人积分明细", "每人一份积分明细，逐笔说明。", YEARLY, (
        Field("member", "党员", "member", "--member", "不选就是全体"),
        Field("period", "时段", "period", "--period", "不选就是全年"),
    )),
    Action("meeting", "组织生活会对照清单", "每名党员对照规则表的清单，供组织生活会使用。", YEARLY, (
        Field("whole", "列出全部规则", "tick", "--whole"),
    )),
    Action("appraise", "民主评议参考表", "供民主评议党员参考的积分和建议等次。", YEARLY),
    Action("next-year", "新建下一周期", "带着名册、规则和设置，新建下一周期的工作簿。", YEARLY, (
        Field("new", "新文件名", "name", hint="如 党员积分2027.xlsx", required=True),
        Field("carry", "结转比例", "text", "--carry", "如 20%；不结转就不填"),
        Field("carry_as", "结转的分", "choice", "--carry-as", choices=CARRY_AS),
    )),
    Action("compare", "比较规则表", "换一张规则表，今年的积分会是怎样；不改动任何文件。", YEARLY, (
        Field("rules", "另一张规则表所在的工作簿", "book", "--rules", required=True),
    )),
    Action("upgrade", "换成新版工作簿", "把内容搬进新版的空白工作簿，逐项核对一致才换，原文件留在旁边。", MORE),
    Action("doctor", "检查这台电脑", "看看这台电脑上有什么、缺什么。", MORE, on_book=False),
)  # fmt: skip
"""In the order of the page."""


def arguments(action: Action, book: str, given: dict[str, list[str]]) -> tuple[list[str], str]:
    """The words of the command for what was filled in, and a sentence where something needed is missing."""
    words, options = [action.verb, *([book] if action.on_book else [])], list[str]()
    for field in action.fields:
        values = [value.strip() for value in given.get(field.name, []) if value.strip()]
        if field.required and not values:
            return [], f"请填写“{field.label}”。"
        if any(value.startswith("-") for value in values):
            return [], f"“{field.label}”不能以“-”开头。"
        if field.kind == "tick":
            options += [field.option] if values else []
        elif field.name == "columns":
            options += [field.option, *" ".join(values).split()] if values else []
        elif field.option:
            options += [word for value in values for word in (field.option, value)]
        else:
            words += values
    if action.verb == "verify" and len(words) == 1:
        words.append(book)
    return [*words, *options], ""
