"""Every sheet and heading of the workbook (工作表与列名), once: the only place where a heading is spelled out.

``read`` finds columns with it, ``workbook/build.py`` draws the master with it, ``excel`` writes the owned cells with
it. Values only.

One module, however long: it is one list.
"""

from __future__ import annotations

import re

from xl_jifen.grid import squeeze
from xl_jifen.period import KINDS
from xl_jifen.typed import Literal, NamedTuple

HEADING_ROWS = 5
"""Headings stand somewhere in the first five rows of a sheet."""

Kind = Literal["text", "number", "date", "choice"]

YES, NO = "是", "否"
YES_NO = (YES, NO)


class Column(NamedTuple):
    """One heading. ``seldom`` columns are collapsed in the master; ``owned`` ones the tool writes.

    ``formerly`` is its name in older workbooks, read where the new one is absent.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    seldom: bool = False
    owned: bool = False
    help: str = ""
    formerly: str = ""


class Sheet(NamedTuple):
    """One sheet the branch fills: its name, columns, whether the workbook must have it, and whether few need it."""

    name: str
    columns: tuple[Column, ...]
    required: bool = False
    seldom: bool = False

    def column(self, name: str) -> Column:
        """The column of that heading; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


FORMAL, PROBATIONARY = "正式党员", "预备党员"
ACTIVIST, CANDIDATE = "入党积极分子", "发展对象"
ACTIVE_CATEGORY = "在职"
BASE, BONUS, DEDUCTION, VETO = "基础分", "加分", "减分", "一票否决"
EXACT, DOWN, UP = "不取整", "向下", "向上"
PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR, PER_MATTER = "日", "月", "季", "年", "同一事项"
CAP, HIGHEST = "封顶", "就高"
BY_BALLOT, BY_DECISION = "表决", "认定"
EACH_TOLD, SUM_TOLD = "列明", "合并"
OTHERS = {BONUS: "其他加分", DEDUCTION: "其他减分"}
"""What the lines of merged rules (公示 合并) are called together, wherever others than the member see them."""
TO_ZERO, CEILING, UNQUALIFIED = "清零", "不超过", "不合格"
PENDING, PASSED, REJECTED = "待审", "通过", "不通过"
ATTENDED, ON_LEAVE, ABSENT, LATE = "参加", "请假", "无故缺席", "迟到早退"
ATTENDANCE = (ATTENDED, ON_LEAVE, ABSENT, LATE)
EVERYONE = "全体"
PER_TIME, PER_HOUR = "次", "学时"
UPHELD, CORRECTED = "维持", "更正"

OPINIONS = ("优秀", "合格", "基本合格", "不合格", "弃权")
BALLOT_SORTS = ("党员互评", "群众测评", "支委会")
COMMITTEE = "班子成员"
DAY_OFF, DAY_AT_WORK = "放假", "上班"

KEY, VALUE, EXPLANATION = "项目", "值", "说明"
"""Headings of 设置."""

GRADE, GRADE_FLOOR, YEAR_GRADE_FLOOR, LIMITED = "等次", "最低积分", "年度最低积分", "受比例限制"
"""Headings of 等次标准."""

CODE, NAME, REMARK = "编号", "姓名", "备注"
MEMBER_KIND, CATEGORY, PARTY_GROUP, DUTY = "党员类别", "计分类别", "党小组", "党内职务"
MAY_VOTE, SCORED, JOINED, LEFT, OWN_BASE = "表决权", "是否计分", "转入日期", "转出日期", "个人基础分"
CARRIED = "上期结余"
"""Headings of 党员名册; 姓名 and 备注 of other sheets too."""

CHANGING = (MEMBER_KIND, CATEGORY, DUTY, MAY_VOTE, SCORED, PARTY_GROUP, OWN_BASE)
"""The columns of the roster that may change on a day (人员变动)."""

RULE_CODE, RULE_KIND, BLOCK, ITEM, STANDARD, UNIT = "规则编号", "类型", "大项", "小项", "计分标准", "单位"
POINTS, POINTS_CEILING, LADDER = "分值", "分值上限", "逐次分值"
PER, ROUNDING, AT_LEAST, FREE = "每", "取整", "起算数量", "免计数量"
STEPS, CUMULATIVE = "分档", "累计"
CAP_PERIOD, CAP_POINTS, TIMES, GROUP_NAMES = "封顶周期", "封顶分值", "限次", "计分组"
NEEDS_EVIDENCE, EVIDENCE_BY, CATEGORIES, CONSEQUENCE = "需佐证", "佐证提供", "适用类别", "否决后果"
VETO_WAY, TOLD, HOW_COUNTED = "否决方式", "公示", "工具如何计"
IN_FORCE_FROM, IN_FORCE_TO = "生效日期", "失效日期"
"""Headings of 积分规则."""

GROUP_NAME, GROUP_WAY, GROUP_PERIOD = "组名", "方式", "周期"
"""Headings of 计分组, besides 封顶分值."""

SERIAL, DAY, RULE, QUANTITY, CLAIMED = "序号", "日期", "规则", "数量", "申报分值"
REASON, EVIDENCE, VERIFIER, STATUS, MATTER, REVERSAL = "事由", "佐证", "核实人", "审核状态", "同一事项", "冲销"
"""Headings of the month sheets; 日期, 事由 and 佐证 of other sheets too."""

ACTIVITY_KIND, ACTIVITY_NAME, HOURS = "活动类型", "活动名称", "学时"
ATTENDANCE_STATUS, MEASURE = "到会情况", "计量"
"""Headings of 活动考勤 and 考勤计分."""

BALLOT_DAY, RECORDER, BALLOT_METHOD = "表决日期", "记录人", "表决方式"
ENTITLED, PRESENT, AYES, NOES, ABSTENTIONS = "应到", "实到", "赞成", "反对", "弃权"
"""Headings of 表决记录."""

BALLOT_COUNTS = (ENTITLED, PRESENT, AYES, NOES, ABSTENTIONS)
BY_HANDS = "举手"

RAISED_ON, RAISED_BY, ABOUT_PERIOD, ABOUT_MATTER = "提出日期", "提出人", "涉及时段", "涉及事项"
HANDLER, INQUIRY, OUTCOME, CLOSED_ON = "受理人", "核查情况", "处理结果", "办结日期"
"""Headings of 异议处理."""

NEW_VALUE = "新值"
"""Heading of 人员变动, besides 编号, 项目, 生效日期 and 备注."""

HOW_OFTEN, WHOSE = "次数", "对象"
"""Headings of 组织生活要求, besides 活动类型, 周期, 学时 and 备注."""

PRIZE, HANDED_OUT_BY, LEFT_OVER = "物品", "经办人", "余额"
"""Headings of 积分兑换, besides 日期, 姓名, 分值 and 备注."""

BALLOT_SORT = "票种"
"""Heading of 测评记录, besides 姓名, the four opinions, 弃权 and 备注."""

ARRANGEMENT = "安排"
"""Heading of 节假日, besides 日期."""

GUIDE = "使用说明"

SETTINGS = Sheet(
    "设置",
    (Column(KEY, required=True), Column(VALUE, required=True), Column(EXPLANATION)),
    required=True,
)

BANDS = Sheet(
    "等次标准",
    (
        Column(GRADE, required=True, help="从高到低逐行填写"),
        Column(GRADE_FLOOR, "number", help="达到此分即为该等次；最后一档留空"),
        Column(YEAR_GRADE_FLOOR, "number", help="年度用另一条线时填写"),
        Column(LIMITED, "choice", choices=YES_NO, help="最多一档填“是”"),
    ),
    required=True,
)

ROSTER = Sheet(
    "党员名册",
    (
        Column(CODE, required=True, help="每人一个，不重复，如 007"),
        Column(NAME, required=True),
        Column(MEMBER_KIND, "choice", required=True, choices=(FORMAL, PROBATIONARY, ACTIVIST, CANDIDATE)),
        Column(CATEGORY, help="空白即“在职”"),
        Column(PARTY_GROUP),
        Column(DUTY),
        Column(MAY_VOTE, "choice", choices=YES_NO, seldom=True, help="空白即“是”；预备党员一律没有"),
        Column(SCORED, "choice", choices=YES_NO, seldom=True, help="空白即“是”"),
        Column(JOINED, "date", help="空白即一直在册"),
        Column(LEFT, "date", help="空白即未转出"),
        Column(OWN_BASE, "number", seldom=True, help="填写后代替按规则计算的基础分"),
        Column(CARRIED, "number", seldom=True, help="可用于兑换的上一周期余分"),
        Column(REMARK),
    ),
    required=True,
)

CHANGES = Sheet(
    "人员变动",
    (
        Column(CODE, required=True, help="编号或姓名"),
        Column(KEY, "choice", required=True, choices=CHANGING),
        Column(IN_FORCE_FROM, "date", required=True, help="从这一天起"),
        Column(NEW_VALUE, help="从那天起是什么；空白即没有"),
        Column(REMARK),
    ),
)

RULES = Sheet(
    "积分规则",
    (
        Column(RULE_CODE, required=True, help="唯一，如 加2-1"),
        Column(RULE_KIND, "choice", required=True, choices=(BASE, BONUS, DEDUCTION, VETO)),
        Column(BLOCK, required=True),
        Column(ITEM, required=True),
        Column(STANDARD),
        Column(UNIT),
        Column(POINTS, "number", required=True, help="每单位多少分，填正数；加减由类型决定"),
        Column(POINTS_CEILING, "number", help="填写后为区间计分，登记时须填申报分值"),
        Column(PER, "number", seldom=True, help="多少数量计一次分值，空白即 1"),
        Column(ROUNDING, "choice", choices=(EXACT, DOWN, UP), seldom=True),
        Column(AT_LEAST, "number", seldom=True, help="不足此数计 0 分"),
        Column(FREE, "number", seldom=True, help="前面这么多数量不计分，只计超出的部分"),
        Column(STEPS, seldom=True, help="达到多少数量计多少分，如 10:2;20:5；填了它，分值可以留空"),
        Column(CUMULATIVE, "choice", choices=YES_NO, seldom=True, help="填“是”即按封顶周期内累计的数量计分"),
        Column(LADDER, seldom=True, help="第1、2、3…次各多少分，如 3;2;0"),
        Column(CAP_PERIOD, "choice", choices=(PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR), help="空白即“年”"),
        Column(CAP_POINTS, "number", help="一个周期内最多计多少分"),
        Column(TIMES, "number", seldom=True, help="一个周期内最多计几次"),
        Column(GROUP_NAMES, seldom=True, help="工作表“计分组”中的组名，多个用 ; 隔开"),
        Column(NEEDS_EVIDENCE, "choice", choices=YES_NO),
        Column(EVIDENCE_BY),
        Column(CATEGORIES, seldom=True, help="计分类别，多个用 ; 隔开；空白即全部"),
        Column(CONSEQUENCE, "choice", choices=(TO_ZERO, CEILING, UNQUALIFIED), seldom=True),
        Column(
            VETO_WAY, "choice", choices=(BY_BALLOT, BY_DECISION), seldom=True, help="空白即“表决”；不须表决的填“认定”"
        ),
        Column(
            TOLD,
            "choice",
            choices=(EACH_TOLD, SUM_TOLD),
            seldom=True,
            help="空白即“列明”；“合并”只公示其他加分、减分",
        ),
        Column(IN_FORCE_FROM, "date", seldom=True),
        Column(IN_FORCE_TO, "date", seldom=True),
        Column(REMARK),
        Column(HOW_COUNTED, owned=True),
    ),
    required=True,
)

GROUPS = Sheet(
    "计分组",
    (
        Column(GROUP_NAME, required=True),
        Column(GROUP_WAY, "choice", required=True, choices=(CAP, HIGHEST)),
        Column(GROUP_PERIOD, "choice", required=True, choices=(PER_DAY, PER_MONTH, PER_QUARTER, PER_YEAR, PER_MATTER)),
        Column(CAP_POINTS, "number", help="方式为“封顶”时必填"),
    ),
)

COUNTED, HINT, BALLOT_RESULT = "计入分", "提示", "表决结果"

ENTRY_COLUMNS = (
    Column(SERIAL, "number"),
    Column(DAY, "date", required=True),
    Column(NAME, required=True, help="姓名；同名的写 张伟(007)"),
    Column(RULE, required=True, help="规则编号，后面可以跟文字"),
    Column(QUANTITY, "number", help="空白即 1"),
    Column(CLAIMED, "number", help="只有区间计分的规则才填"),
    Column(REASON, required=True),
    Column(EVIDENCE, help="材料名称、路径或链接"),
    Column(VERIFIER, help="减分必填：一名有党内职务的党员"),
    Column(STATUS, "choice", required=True, choices=(PENDING, PASSED, REJECTED)),
    Column(MATTER, seldom=True, help="就高不重复时，同一事项写同样的文字"),
    Column(REVERSAL, seldom=True, help="冲回以前月份的一行：3月#12（3月序号12）；没有序号的写 3月!7"),
    Column(REMARK),
    Column(COUNTED, "number", owned=True),
    Column(HINT, owned=True),
)

MONTHS = tuple(Sheet(f"{number}月", ENTRY_COLUMNS, required=True) for number in range(1, 13))
"""The twelve entry sheets, ``MONTHS[0]`` being ``1月``."""

ACTIVITIES = Sheet(
    "活动考勤",
    (
        Column(DAY, "date", required=True),
        Column(ACTIVITY_KIND, required=True, help="与“考勤计分”中的写法一致"),
        Column(ACTIVITY_NAME, required=True),
        Column(HOURS, "number"),
        Column(ATTENDED, help="姓名用 、隔开；可写“全体”"),
        Column(ON_LEAVE),
        Column(ABSENT),
        Column(LATE),
        Column(EVIDENCE),
        Column(REMARK),
        Column(HINT, owned=True),
    ),
)

ATTENDANCE_RULES = Sheet(
    "考勤计分",
    (
        Column(ACTIVITY_KIND, required=True),
        Column(ATTENDANCE_STATUS, "choice", required=True, choices=ATTENDANCE),
        Column(RULE_CODE, required=True),
        Column(MEASURE, "choice", choices=(PER_TIME, PER_HOUR), help="空白即“次”"),
    ),
)

BALLOTS = Sheet(
    "表决记录",
    (
        Column(BALLOT_DAY, "date", required=True),
        Column(NAME, required=True),
        Column(RULE_CODE, required=True),
        Column(REASON, required=True),
        Column(ENTITLED, "number", required=True, help="当日有表决权的正式党员人数；“认定”的，五个票数都不填"),
        Column(PRESENT, "number", required=True),
        Column(AYES, "number", required=True),
        Column(NOES, "number", required=True),
        Column(ABSTENTIONS, "number", required=True),
        Column(EVIDENCE, help="“认定”的一票否决必填"),
        Column(RECORDER, help="“认定”的一票否决必填"),
        Column(BALLOT_METHOD, seldom=True, help="举手、无记名等；空白即“举手”"),
        Column(REMARK),
        Column(BALLOT_RESULT, owned=True),
        Column(HINT, owned=True),
    ),
)

OBJECTIONS = Sheet(
    "异议处理",
    (
        Column(RAISED_ON, "date", required=True),
        Column(RAISED_BY, required=True),
        Column(ABOUT_PERIOD, required=True, help="如 第三季度、9月、上半年、全年", formerly="涉及季度"),
        Column(ABOUT_MATTER, required=True),
        Column(HANDLER),
        Column(INQUIRY),
        Column(OUTCOME, "choice", choices=(UPHELD, CORRECTED)),
        Column(CLOSED_ON, "date"),
        Column(REMARK),
    ),
)

REQUIREMENTS = Sheet(
    "组织生活要求",
    (
        Column(ACTIVITY_KIND, help="空白即各类活动"),
        Column(GROUP_PERIOD, "choice", required=True, choices=KINDS),
        Column(HOW_OFTEN, "number", help="每个周期至少开展几次"),
        Column(HOURS, "number", help="每人每个周期的学时目标"),
        Column(WHOSE, help="空白即全体；也可写计分类别，或班子成员"),
        Column(REMARK),
    ),
    seldom=True,
)

EXCHANGES = Sheet(
    "积分兑换",
    (
        Column(DAY, "date", required=True),
        Column(NAME, required=True, help="姓名；同名的写 张伟(007)"),
        Column(POINTS, "number", required=True),
        Column(PRIZE, required=True),
        Column(HANDED_OUT_BY),
        Column(REMARK),
        Column(LEFT_OVER, "number", owned=True),
        Column(HINT, owned=True),
    ),
    seldom=True,
)

APPRAISALS = Sheet(
    "测评记录",
    (
        Column(NAME, required=True, help="姓名；同名的写 张伟(007)"),
        *(Column(opinion, "number", help="几票") for opinion in OPINIONS),
        Column(BALLOT_SORT, "choice", choices=BALLOT_SORTS),
        Column(REMARK),
    ),
    seldom=True,
)

HOLIDAYS = Sheet(
    "节假日",
    (
        Column(DAY, "date", required=True),
        Column(ARRANGEMENT, "choice", required=True, choices=(DAY_OFF, DAY_AT_WORK)),
    ),
    seldom=True,
)

SHEETS = (
    SETTINGS,
    BANDS,
    ROSTER,
    CHANGES,
    RULES,
    GROUPS,
    *MONTHS,
    ACTIVITIES,
    ATTENDANCE_RULES,
    REQUIREMENTS,
    BALLOTS,
    EXCHANGES,
    APPRAISALS,
    OBJECTIONS,
    HOLIDAYS,
)
"""Every sheet the branch fills (使用说明 is prose and is not read)."""

_NAMES = frozenset(sheet.name for sheet in SHEETS)
_COPIED = r"[-_—–―‐‑−─]*(\(\d+\)|_\d+|份|表|副本)$"


def meant(name: str) -> str:
    """The sheet of the branch that a name stands for, be it that of a copy (``1月 (2)``, ``2月份``); "" for others."""
    key = squeeze(name)
    while key not in _NAMES:
        shorter = re.sub(_COPIED, "", key)
        if shorter == key:
            return ""
        key = shorter
    return key


GROUNDS = (SETTINGS, BANDS, ROSTER, RULES, GROUPS, ATTENDANCE_RULES)
"""The sheets every quarter rests on."""

ENTERED = (*MONTHS, ACTIVITIES, BALLOTS)
"""The sheets of what happened: a finding on one of their rows is settled once its period is archived."""

BESIDE = (REQUIREMENTS, EXCHANGES, APPRAISALS, OBJECTIONS, HOLIDAYS)
"""The sheets no score rests on."""

FINDINGS_SHEET, LINES_SHEET, LEDGER_SHEET, BOARD_SHEET = "校验结果", "计分明细", "积分台账", "看板"
COMPUTED_CELL = "A3"
"""Of 看板: holds the one line that differs from one reckoning to the next."""
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

SCORE_HEADINGS = ("积分", "名次", "建议等次")
QUARTER_HEADINGS = (BONUS, DEDUCTION, "积分")
YEAR_HEADINGS = ("年度积分", "年度名次", "年度建议等次")
BALANCE_HEADING = "结余"
GROUP_HEADINGS = (PARTY_GROUP, "积分合计", "平均积分", "名次", "人数")
"""积分台账: a member's number and name, what the last period that is over gave, what the member is, the months of the
cycle, each quarter, the year, what is left to exchange, the remark; below, the 党小组."""


class Setting(NamedTuple):
    """One 项目 of sheet 设置: what it may hold. What a blank one means is the default of its field.

    ``field`` is its name in ``register.Settings``. ``figures``: it makes figures, so that an archive rests on it.
    """

    key: str
    field: str
    kind: Literal["text", "date", "points", "choice", "share", "days", "names"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    figures: bool = False
    help: str = ""


RUNNING, MEAN, SUM = "年度累计", "季度平均", "季度求和"
AT_END, AT_START = "季末", "季首"
FULL, PRO_RATA = "全额", "按月折算"
TO_CYCLE_END, THAT_QUARTER = "至周期末", "当季"
SKIP_TIES, DENSE_TIES = "并列跳号", "并列不跳号"
BY_SCORE, BY_ROSTER = "按积分", "按名册"
GRADED, ALL_MEMBERS, ALL_FORMAL = "参评人数", "全体党员", "正式党员"
WORKING_DAYS, CALENDAR_DAYS = "工作日", "自然日"
FIGURES_ONLY, POINTS_ONLY, WITH_REASONS = "仅分数", "仅积分", "积分及事由"

BRANCH, PARENT, CYCLE_START, CYCLE_END = "支部名称", "上级党组织", "计分周期开始", "计分周期结束"
YEARLY, REFERENCE_DAY, JOINER_BASE = "年度汇总方式", "在册口径", "中途转入基础分"
LOWEST_SCORE, HIGHEST_SCORE, VETO_SCOPE = "最低分", "最高分", "一票否决范围"
TIES, LISTING = "名次方式", "公示排序"
SHARE, SHARE_OF, GRADE_PROBATIONARY = "优秀比例上限", "优秀比例基数", "预备党员评等次"
NOTICE_PERIOD, NOTICE_COLUMNS = "公示周期", "公示栏目"
NOTICE_DAYS, NOTICE_KIND, NOTICE_CONTENT = "公示期天数", "公示期类型", "公示内容"
CONTACT, PHONE, ADDRESS, ISSUER, ADOPTED_ON = "异议联系人", "异议电话", "异议地址", "落款单位", "规则通过日期"
"""The keys of 设置."""

NOTICE_CHOICES = ("名次", CODE, NAME, PARTY_GROUP, BASE, BONUS, DEDUCTION, "积分", "较上期", "建议等次", REMARK)
NOTICE_DEFAULT = ("名次", NAME, BASE, BONUS, DEDUCTION, "积分", REMARK)
"""公示栏目: the columns a notice may have, and those it has if nothing is said."""

SETTING_ROWS = (
    Setting(BRANCH, "branch", required=True, figures=True, help="公示表落款用的全称"),
    Setting(PARENT, "parent"),
    Setting(CYCLE_START, "start", "date", required=True, figures=True, help="计分周期第一天，如 2026-01-01"),
    Setting(CYCLE_END, "end", "date", required=True, figures=True, help="计分周期最后一天，最长 12 个月"),
    Setting(YEARLY, "yearly", "choice", choices=(RUNNING, MEAN, SUM), figures=True),
    Setting(REFERENCE_DAY, "reference", "choice", choices=(AT_END, AT_START), figures=True),
    Setting(JOINER_BASE, "joiner_base", "choice", choices=(FULL, PRO_RATA), figures=True),
    Setting(LOWEST_SCORE, "floor", "points", figures=True, help="积分低于此数按此数；空白即不限"),
    Setting(HIGHEST_SCORE, "ceiling", "points", figures=True, help="积分高于此数按此数；空白即不限"),
    Setting(VETO_SCOPE, "veto_scope", "choice", choices=(TO_CYCLE_END, THAT_QUARTER), figures=True),
    Setting(TIES, "ties", "choice", choices=(SKIP_TIES, DENSE_TIES), figures=True),
    Setting(LISTING, "listing", "choice", choices=(BY_SCORE, BY_ROSTER)),
    Setting(SHARE, "share", "share", figures=True, help="如 1/3，按文本填写；空白即不限"),
    Setting(SHARE_OF, "share_of", "choice", choices=(GRADED, ALL_MEMBERS, ALL_FORMAL), figures=True),
    Setting(GRADE_PROBATIONARY, "grade_probationary", "choice", choices=YES_NO, figures=True),
    Setting(NOTICE_PERIOD, "notice_period", "choice", choices=KINDS),
    Setting(NOTICE_DAYS, "notice_days", "days"),
    Setting(NOTICE_KIND, "notice_kind", "choice", choices=(WORKING_DAYS, CALENDAR_DAYS)),
    Setting(
        NOTICE_CONTENT,
        "notice_content",
        "choice",
        choices=(FIGURES_ONLY, POINTS_ONLY, WITH_REASONS),
    ),
    Setting(
        NOTICE_COLUMNS,
        "notice_columns",
        "names",
        choices=NOTICE_CHOICES,
        help="用 ; 隔开",
    ),
    Setting(CONTACT, "contact"),
    Setting(PHONE, "phone"),
    Setting(ADDRESS, "address"),
    Setting(ISSUER, "issuer", help="空白即用支部名称"),
    Setting(ADOPTED_ON, "adopted_on", "date", help="通过积分办法的党员大会的日期"),
)
"""The keys of sheet 设置, in the order of the master."""
