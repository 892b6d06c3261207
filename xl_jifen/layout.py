"""Every sheet and heading of the workbook (工作表与列名), once: the only place where a heading is spelled out.

``read`` finds columns with it, ``workbook/build.py`` draws the master with it, ``excel`` writes the owned cells with
it. Values only.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from xl_jifen.grid import squeeze

HEADING_ROWS = 5
"""Headings stand somewhere in the first five rows of a sheet."""

Kind = Literal["text", "number", "date", "choice"]

YES, NO = "是", "否"
YES_NO = (YES, NO)


class Column(NamedTuple):
    """One heading. ``seldom`` columns are collapsed in the master; ``owned`` ones the tool writes."""

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    seldom: bool = False
    owned: bool = False
    help: str = ""


class Sheet(NamedTuple):
    """One sheet the branch fills: its name, columns, and whether the workbook must have it."""

    name: str
    columns: tuple[Column, ...]
    required: bool = False

    def column(self, name: str) -> Column:
        """The column of that heading; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def heading_key(text: str) -> str:
    """A heading as it is compared: ``*``, spaces, full-width forms, line breaks and a trailing (…) do not matter."""
    key = squeeze(text).replace("*", "")
    return re.sub(r"(?<=.)\(.*\)$", "", key)


FORMAL, PROBATIONARY = "正式党员", "预备党员"
ACTIVE_CATEGORY = "在职"
BASE, BONUS, DEDUCTION, VETO = "基础分", "加分", "减分", "一票否决"
EXACT, DOWN, UP = "不取整", "向下", "向上"
PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR, PER_MATTER = "日", "月", "季", "年", "同一事项"
CAP, HIGHEST = "封顶", "就高"
TO_ZERO, CEILING, UNQUALIFIED = "清零", "不超过", "不合格"
PENDING, PASSED, REJECTED = "待审", "通过", "不通过"
ATTENDED, ON_LEAVE, ABSENT, LATE = "参加", "请假", "无故缺席", "迟到早退"
ATTENDANCE = (ATTENDED, ON_LEAVE, ABSENT, LATE)
EVERYONE = "全体"
PER_TIME, PER_HOUR = "次", "学时"
UPHELD, CORRECTED = "维持", "更正"

GUIDE = "使用说明"

SETTINGS = Sheet(
    "设置",
    (Column("项目", required=True), Column("值", required=True), Column("说明")),
    required=True,
)

BANDS = Sheet(
    "等次标准",
    (
        Column("等次", required=True, help="从高到低逐行填写"),
        Column("最低积分", "number", help="达到此分即为该等次；最后一档留空"),
        Column("年度最低积分", "number", help="年度用另一条线时填写"),
        Column("受比例限制", "choice", choices=YES_NO, help="最多一档填“是”"),
    ),
    required=True,
)

ROSTER = Sheet(
    "党员名册",
    (
        Column("编号", required=True, help="每人一个，不重复，如 007"),
        Column("姓名", required=True),
        Column("党员类别", "choice", required=True, choices=(FORMAL, PROBATIONARY)),
        Column("计分类别", help="空白即“在职”"),
        Column("党小组"),
        Column("党内职务"),
        Column("表决权", "choice", choices=YES_NO, seldom=True, help="空白即“是”；预备党员一律没有"),
        Column("是否计分", "choice", choices=YES_NO, seldom=True, help="空白即“是”"),
        Column("转入日期", "date", help="空白即一直在册"),
        Column("转出日期", "date", help="空白即未转出"),
        Column("个人基础分", "number", seldom=True, help="填写后代替按规则计算的基础分"),
        Column("备注"),
    ),
    required=True,
)

RULES = Sheet(
    "积分规则",
    (
        Column("规则编号", required=True, help="唯一，如 加2-1"),
        Column("类型", "choice", required=True, choices=(BASE, BONUS, DEDUCTION, VETO)),
        Column("大项", required=True),
        Column("小项", required=True),
        Column("计分标准"),
        Column("单位"),
        Column("分值", "number", required=True, help="每单位多少分，填正数；加减由类型决定"),
        Column("分值上限", "number", help="填写后为区间计分，登记时须填申报分值"),
        Column("每", "number", seldom=True, help="多少数量计一次分值，空白即 1"),
        Column("取整", "choice", choices=(EXACT, DOWN, UP), seldom=True),
        Column("起算数量", "number", seldom=True, help="不足此数计 0 分"),
        Column("逐次分值", seldom=True, help="第1、2、3…次各多少分，如 3;2;0"),
        Column("封顶周期", "choice", choices=(PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR), help="空白即“年”"),
        Column("封顶分值", "number", help="一个周期内最多计多少分"),
        Column("限次", "number", seldom=True, help="一个周期内最多计几次"),
        Column("计分组", seldom=True, help="工作表“计分组”中的组名，多个用 ; 隔开"),
        Column("需佐证", "choice", choices=YES_NO),
        Column("佐证提供"),
        Column("适用类别", seldom=True, help="计分类别，多个用 ; 隔开；空白即全部"),
        Column("否决后果", "choice", choices=(TO_ZERO, CEILING, UNQUALIFIED), seldom=True),
        Column("生效日期", "date", seldom=True),
        Column("失效日期", "date", seldom=True),
        Column("备注"),
    ),
    required=True,
)

GROUPS = Sheet(
    "计分组",
    (
        Column("组名", required=True),
        Column("方式", "choice", required=True, choices=(CAP, HIGHEST)),
        Column("周期", "choice", required=True, choices=(PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR, PER_MATTER)),
        Column("封顶分值", "number", help="方式为“封顶”时必填"),
    ),
)

COUNTED, HINT, BALLOT_RESULT = "计入分", "提示", "表决结果"

ENTRY_COLUMNS = (
    Column("序号", "number"),
    Column("日期", "date", required=True),
    Column("姓名", required=True, help="姓名；同名的写 张伟(007)"),
    Column("规则", required=True, help="规则编号，后面可以跟文字"),
    Column("数量", "number", help="空白即 1"),
    Column("申报分值", "number", help="只有区间计分的规则才填"),
    Column("事由", required=True),
    Column("佐证", help="材料名称、路径或链接"),
    Column("核实人", help="减分必填：一名有党内职务的党员"),
    Column("审核状态", "choice", required=True, choices=(PENDING, PASSED, REJECTED)),
    Column("同一事项", seldom=True, help="就高不重复时，同一事项写同样的文字"),
    Column("冲销", seldom=True, help="冲回以前月份的一行：3月!7 或 3月#12"),
    Column("备注"),
    Column(COUNTED, "number", owned=True),
    Column(HINT, owned=True),
)

MONTHS = tuple(Sheet(f"{number}月", ENTRY_COLUMNS, required=True) for number in range(1, 13))
"""The twelve entry sheets, ``MONTHS[0]`` being ``1月``."""

ACTIVITIES = Sheet(
    "活动考勤",
    (
        Column("日期", "date", required=True),
        Column("活动类型", required=True, help="与“考勤计分”中的写法一致"),
        Column("活动名称", required=True),
        Column("学时", "number"),
        Column(ATTENDED, help="姓名用 、隔开；可写“全体”"),
        Column(ON_LEAVE),
        Column(ABSENT),
        Column(LATE),
        Column("佐证"),
        Column("备注"),
        Column(HINT, owned=True),
    ),
)

ATTENDANCE_RULES = Sheet(
    "考勤计分",
    (
        Column("活动类型", required=True),
        Column("到会情况", "choice", required=True, choices=ATTENDANCE),
        Column("规则编号", required=True),
        Column("计量", "choice", choices=(PER_TIME, PER_HOUR), help="空白即“次”"),
    ),
)

BALLOTS = Sheet(
    "表决记录",
    (
        Column("表决日期", "date", required=True),
        Column("姓名", required=True),
        Column("规则编号", required=True),
        Column("事由", required=True),
        Column("应到", "number", required=True, help="当日有表决权的正式党员人数"),
        Column("实到", "number", required=True),
        Column("赞成", "number", required=True),
        Column("反对", "number", required=True),
        Column("弃权", "number", required=True),
        Column("佐证"),
        Column("记录人"),
        Column("备注"),
        Column(BALLOT_RESULT, owned=True),
        Column(HINT, owned=True),
    ),
)

OBJECTIONS = Sheet(
    "异议处理",
    (
        Column("提出日期", "date", required=True),
        Column("提出人", required=True),
        Column("涉及季度", required=True, help="如 2026Q3"),
        Column("涉及事项", required=True),
        Column("受理人"),
        Column("核查情况"),
        Column("处理结果", "choice", choices=(UPHELD, CORRECTED)),
        Column("办结日期", "date"),
        Column("备注"),
    ),
)

SHEETS = (
    SETTINGS,
    BANDS,
    ROSTER,
    RULES,
    GROUPS,
    *MONTHS,
    ACTIVITIES,
    ATTENDANCE_RULES,
    BALLOTS,
    OBJECTIONS,
)
"""Every sheet the branch fills (使用说明 is prose and is not read)."""

FINDINGS_SHEET, LINES_SHEET, LEDGER_SHEET, BOARD_SHEET = "校验结果", "计分明细", "积分台账", "看板"
OWNED_SHEETS = (FINDINGS_SHEET, LINES_SHEET, LEDGER_SHEET, BOARD_SHEET)
"""Sheets the tool writes as a whole and never reads back."""

FINDINGS_HEADINGS = ("级别", "代码", "位置", "问题", "怎么改")
LINES_HEADINGS = (
    "月份",
    "日期",
    "编号",
    "姓名",
    "规则编号",
    "类型",
    "大项",
    "小项",
    "原始分",
    "计入分",
    "来源",
    "说明",
)
ROSTER_POSITION = "名册序号"
"""The last column of 计分明细: the number its member has in the first column of 积分台账."""

LEDGER_HEADINGS = ("序号", "编号", "姓名", "党员类别", BASE)
QUARTER_HEADINGS = (BONUS, DEDUCTION, "积分")
CLOSING_HEADINGS = ("年度积分", "名次", "建议等次", "备注")
"""积分台账: a member's own, then the months of the cycle, then each quarter, then the year."""


class Setting(NamedTuple):
    """One 项目 of sheet 设置: what it may hold, and what a blank one means."""

    key: str
    kind: Literal["text", "date", "points", "choice", "share", "days"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    help: str = ""


RUNNING, MEAN, SUM = "年度累计", "季度平均", "季度求和"
AT_END, AT_START = "季末", "季首"
FULL, PRO_RATA = "全额", "按月折算"
TO_CYCLE_END, THAT_QUARTER = "至周期末", "当季"
SKIP_TIES, DENSE_TIES = "并列跳号", "并列不跳号"
BY_SCORE, BY_ROSTER = "按积分", "按名册"
GRADED, ALL_MEMBERS = "参评人数", "全体党员"
WORKING_DAYS, CALENDAR_DAYS = "工作日", "自然日"
POINTS_ONLY, WITH_REASONS = "仅积分", "积分及事由"

BRANCH, CYCLE_START, CYCLE_END = "支部名称", "计分周期开始", "计分周期结束"

SETTING_ROWS = (
    Setting(BRANCH, required=True, help="公示表落款用的全称"),
    Setting("上级党组织"),
    Setting(CYCLE_START, "date", required=True, help="计分周期第一天，如 2026-01-01"),
    Setting(CYCLE_END, "date", required=True, help="计分周期最后一天，最长 12 个月"),
    Setting("年度汇总方式", "choice", choices=(RUNNING, MEAN, SUM), default=RUNNING),
    Setting("在册口径", "choice", choices=(AT_END, AT_START), default=AT_END),
    Setting("中途转入基础分", "choice", choices=(FULL, PRO_RATA), default=FULL),
    Setting("最低分", "points", help="积分低于此数按此数；空白即不限"),
    Setting("最高分", "points", help="积分高于此数按此数；空白即不限"),
    Setting("一票否决范围", "choice", choices=(TO_CYCLE_END, THAT_QUARTER), default=TO_CYCLE_END),
    Setting("名次方式", "choice", choices=(SKIP_TIES, DENSE_TIES), default=SKIP_TIES),
    Setting("公示排序", "choice", choices=(BY_SCORE, BY_ROSTER), default=BY_SCORE),
    Setting("优秀比例上限", "share", help="如 1/3，按文本填写；空白即不限"),
    Setting("优秀比例基数", "choice", choices=(GRADED, ALL_MEMBERS), default=GRADED),
    Setting("预备党员评等次", "choice", choices=YES_NO, default=NO),
    Setting("公示期天数", "days", default="5"),
    Setting("公示期类型", "choice", choices=(WORKING_DAYS, CALENDAR_DAYS), default=WORKING_DAYS),
    Setting("公示内容", "choice", choices=(POINTS_ONLY, WITH_REASONS), default=POINTS_ONLY),
    Setting("异议联系人"),
    Setting("异议电话"),
    Setting("异议地址"),
    Setting("落款单位", help="空白即用支部名称"),
)
"""The keys of sheet 设置, in the order of the master."""
