"""Columns of a declaration table (申报表): which item of a month sheet each one gives, however the form words it.

Every form asks in its own words; the usual ones are the table ``ALIASES``, the others a person is asked for once.
Pure: cells in, columns and declarations out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.grid import Cell, CellError, Grid, as_text, column_letters, heading_key, is_blank, squeeze

IGNORED = "忽略"
"""What a person answers for a column that says nothing of use."""

ALIASES: Mapping[str, Sequence[str]] = {
    item: words.split()
    for item, words in {
        layout.DAY: "日期 发生日期 事项日期 事项发生日期 活动日期 加分日期 完成日期 获得日期 发生时间 事项时间 "
        "事项发生时间 活动时间 完成时间 获得时间 时间",
        layout.NAME: "姓名 党员姓名 申报人姓名 申报人 申报党员 填报人姓名 填报人 真实姓名 名字 党员 填写人 提交人 "
        "填写者 提交者 接龙人 签到人 参加人 参会人 群昵称 微信昵称 昵称",
        layout.RULE: "规则 规则编号 积分规则 加分规则 申报规则 加分项目 积分项目 申报项目 加分事项 积分事项 "
        "申报加分项目 申报加分事项 加分类型 申报类型 申报类别 类别 申报事项 项目 事项 做了什么",
        layout.QUANTITY: "数量 次数 申报数量 时长 服务时长",
        layout.CLAIMED: "申报分值 申报分数 申报积分 申请分值 申请加分 自评分 自评分值 加分分值 分值 分数",
        layout.REASON: "事由 申报事由 加分事由 具体事由 事由说明 具体事项 具体内容 事项内容 主要事迹 事迹 申报理由 "
        "加分理由 理由 情况说明 事项说明 具体说明 内容 说明 申报事项 事项 做了什么",
        layout.EVIDENCE: "佐证 佐证材料 佐证资料 佐证图片 佐证照片 证明 证明材料 证明资料 材料 附件 附件链接 "
        "证明材料链接 图片 图片链接 照片 现场照片 活动照片 证明图片 证明照片 链接 截图 佐证附件 佐证文件 佐证链接 "
        "证明附件 证明文件 材料附件 佐证材料附件 证明材料附件",
        layout.VERIFIER: "核实人",
        layout.MATTER: "同一事项",
        layout.REMARK: "备注 备注说明 其他说明 补充说明",
        IGNORED: "序号 编号 答题序号 答卷编号 填写编号 提交时间 提交答卷时间 答卷时间 填写时间 接龙时间 打卡时间 "
        "签到时间 开始时间 结束时间 开始答题时间 结束答题时间 更新时间 修改时间 最后修改时间 填写时长 答题时长 "
        "所用时间 用时 提交者 提交人 填写者 填写人 接龙人 昵称 微信昵称 群昵称 头像 来源 来源详情 来源渠道 填写渠道 "
        "填写设备 设备 ip ip地址 来自ip 地理位置 定位 省份 城市 openid 提交者id 填写者id 用户id 总分 状态 审核状态 "
        "操作系统 浏览器 填写地区 填写ip 提交ip ip属地 ip归属地 微信头像 微信性别 微信openid 微信国家 微信省市 "
        "记录id 填写id 答卷id 提交人id 提交人工号 提交人部门 最后更新时间 电子邮件 "
        "语言 清洗数据结果 智能清洗数据结果 地理位置国家和地区 地理位置省 地理位置市 用户类型 用户标识 自定义字段 ua "
        "referrer 流水号 创建人 创建时间 修改人 父记录 数据id 填写者昵称",
    }.items()
}
"""The usual wordings of each item, the most telling first: one of several items goes to the first that lacks it.

Ignored is what the tools add by themselves and what no item wanted of it: it says nothing of the matter.
"""

CHOICES = tuple(ALIASES)
"""What a column may be said to be."""
ITEMS = CHOICES[:-1]
"""What a declaration may say. Numbering, review and 冲销 are the branch's own."""
NEEDED = (layout.NAME, layout.RULE, layout.DAY)
JOINED = (layout.EVIDENCE, layout.REMARK, IGNORED)
"""What several columns may be at once, however they are worded."""

_KNOWN = frozenset(word for words in ALIASES.values() for word in words)

UNNAMED = re.compile("[A-Z]{1,3}列")
"""What a column without a heading is called."""

LONGEST_HEADING = 200
"""Characters; what is longer is an answer, and looking for marks and endings in it could take for ever."""

MOST_HEADING_ROWS = 10
"""Exports begin with a title, a notice or both."""

_NUMBERED = re.compile(r"(?:(?:q|第)?\d{1,3}(?:题)?[.、:_)]|\(\d{1,3}\)|[一二三四五六七八九十]{1,3}[.、])+", re.I)
_MARK = re.compile(
    r"[(\[【](?:必填|选填|可选|自动|单选|多选|单选题|多选题|填空|填空题|必答|必选|图片|文件|附件)[)\]】]"
)
_BRACKETS = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_ASKING = re.compile(r"^(?:请您?(?:如实|准确)?(?:填写|输入|选择|上传|提供|写明|注明)|上传)?(?:(?:您|你|本人)的?)?")
_ENDING = re.compile(r"(?:是(?:什么|哪天|谁)?)?[?:!。;,]*$")


class Source(NamedTuple):
    """One table of declarations: what to call it, its cells, and the targets of links by row and column."""

    label: str
    grid: Grid
    links: Mapping[tuple[int, int], str] = {}


class Columns(NamedTuple):
    """What the columns of a table mean. Rows and columns count from 1.

    ``headings`` are all columns with a heading or content (one without a heading is ``F列``); ``items`` the columns of
    each item; ``unknown`` those that hold something nobody has named; ``missing`` the needed items no column gives.
    """

    row: int
    headings: Mapping[int, str]
    items: Mapping[str, tuple[int, ...]]
    unknown: tuple[int, ...]
    missing: tuple[str, ...]

    @property
    def unused(self) -> dict[int, str]:
        """The headings of the columns that give no item."""
        used = {column for columns in self.items.values() for column in columns}
        return {column: heading for column, heading in self.headings.items() if column not in used}


class Declaration(NamedTuple):
    """One row of a table: where it stands (``申报.csv 第 5 行``), and what it says by item."""

    place: str
    cells: Mapping[str, Cell]


def column_key(heading: str) -> str:
    """A heading as it is remembered: its number, 必填 and the like do not matter, since forms are edited."""
    key = _MARK.sub("", squeeze(heading).replace("*", ""))
    numbered = _NUMBERED.match(key)
    return key[numbered.end() :] or key if numbered else key


def columns_of(grid: Grid, known: Mapping[str, str]) -> Columns | None:
    """The columns of a table; ``known`` are items (or IGNORED) by column key. None if there is no heading row.

    A column gives what a person has named it, else what its wording means; equally worded columns go together.
    """
    row = _heading_row(grid, known)
    if not row:
        return None
    named = {c: shown(cell)[:LONGEST_HEADING] for c, cell in enumerate(grid.rows[row - 1], 1) if not is_blank(cell)}
    filled = {c for cells in grid.rows[row:] for c, cell in enumerate(cells, 1) if not is_blank(cell)}
    headings = {column: named.get(column) or f"{column_letters(column)}列" for column in sorted(filled | {*named})}
    means = {column: item for column, heading in headings.items() if (item := known.get(column_key(heading)))}
    wording = {column: _plain(heading) for column, heading in headings.items() if column not in means}
    for item, aliases in ALIASES.items():
        free = {column: words for column, words in wording.items() if column not in means}
        there = [alias for alias in aliases if alias in free.values()]
        if item not in JOINED:
            there = [] if item in means.values() else there[:1]
        means |= {column: item for column, words in free.items() if words in there}
    items = {item: tuple(c for c in headings if means.get(c) == item) for item in ITEMS if item in means.values()}
    unknown = tuple(column for column in headings if column in filled and column not in means)
    return Columns(row, headings, items, unknown, tuple(item for item in NEEDED if item not in items))


def declarations(source: Source, columns: Columns) -> Iterator[Declaration]:
    """The rows below the headings that hold anything. Where no column is a reason, the matter's own words are it."""
    for row, cells in enumerate(source.grid.rows[columns.row :], columns.row + 1):
        if all(map(is_blank, cells)):
            continue
        said = {item: _gathered(source, row, places, item) for item, places in columns.items.items()}
        said.setdefault(layout.REASON, said.get(layout.RULE))
        yield Declaration(f"{source.label} 第 {row} 行", said)


def shown(cell: Cell) -> str:
    """A cell on one line, nothing in it that a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in as_text(cell)).split())


def _heading_row(grid: Grid, known: Mapping[str, str]) -> int:
    """The one of the first rows with most headings we know; without any, the first with two texts; 0 if none."""
    texts = [
        [cell for cell in cells if isinstance(cell, str) and len(cell) <= LONGEST_HEADING and cell.strip()]
        for cells in grid.rows[:MOST_HEADING_ROWS]
    ]
    counts = [sum(column_key(text) in known or _plain(text) in _KNOWN for text in row) for row in texts]
    if any(counts):
        return counts.index(max(counts)) + 1
    return next((number for number, row in enumerate(texts, 1) if len(row) > 1), 0)


def _plain(heading: str) -> str:
    """A heading down to the words that name the item: ``1. 请填写您的姓名（必填）*`` → ``姓名``."""
    key = column_key(heading_key(heading)).lower()
    key = _BRACKETS.sub("", key) or key
    return _ENDING.sub("", _ASKING.sub("", key)).replace("的", "")  # 申报的规则


def _gathered(source: Source, row: int, columns: Sequence[int], item: str) -> Cell:
    """The one filled cell as it is; of several, their different texts (questions that depend on others repeat)."""
    filled = [cell for column in columns if not is_blank(cell := _cell(source, row, column, item))]
    if len(filled) < 2:
        return filled[0] if filled else None
    return "；".join(dict.fromkeys(map(as_text, filled)))


def _cell(source: Source, row: int, column: int, item: str) -> Cell:
    """A cell, an error as its text, a link of the evidence with its target."""
    cell = source.grid.at(row, column)
    text = as_text(cell)
    link = source.links.get((row, column), "") if item == layout.EVIDENCE else ""
    if link and link not in text:
        return f"{text}（{link}）" if text else link
    return text if isinstance(cell, CellError) else cell
