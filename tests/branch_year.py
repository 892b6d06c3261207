"""The year of a small branch (支部的一年), played by its secretary through the command line, month by month.

The branch has six members in January and rules of its own, eight rows, so that every score can be added up by hand:
SCORES is that sum, kept apart from the program. Each month's function tells what happened. Habits that do no harm
(sorted rows, a filter, a picture, text where a number belongs, LibreOffice) stay in the workbook for the year.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from books import outside, parts_of, png, zipped
from libreoffice import converted
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from secretary import Rows, Run, edit, grids_in, heading_row, rearrange, rows_of, run

from xl_jifen import layout
from xl_jifen.excel.patch.value import Value
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Grid, column_letters, heading_key, squeeze

NAME = "党员积分2026.xlsx"
REACHED = 45
"""The last row that anything stands in, of any sheet."""

RULES: tuple[tuple[Value, ...], ...] = (
    # 规则编号 类型 大项 小项 计分标准 单位 分值 分值上限 封顶周期 封顶分值 需佐证
    ("基1", "基础分", "四讲四有", "做合格党员", "每人100分", None, 100),
    ("加1", "加分", "党建活动", "讲党课", "每次2分，一年至多6分", "次", 2, None, "年", 6),
    ("加2", "加分", "助人为乐", "志愿服务", "每小时0.5分，一季至多3分", "小时", 0.5, None, "季", 3),
    ("加3", "加分", "党建活动", "参加主题党日", "每次0.5分，由考勤计入", "次", 0.5),
    ("加4", "加分", "评优评先", "受到表彰", "1至5分，由支委会核定", "项", 1, 5, None, None, "是"),
    ("减1", "减分", "纪律规矩", "无故缺席", "每次1分，由考勤计入", "次", 1),
    ("减2", "减分", "工作履职", "未完成任务", "每次2分", "次", 2),
    ("否1", "一票否决", "违法违纪", "受到党纪处分", "积分清零", None, 0),
)
ROSTER: tuple[tuple[Value, ...], ...] = (
    # 编号 姓名 党员类别 计分类别 党小组 党内职务
    ("001", "高山", "正式党员", None, None, "支部书记"),
    ("002", "林静", "正式党员", None, None, "组织委员"),
    ("003", "王磊", "正式党员"),
    ("004", "赵敏", "正式党员"),
    ("005", "孙浩", "预备党员"),
    ("006", "周洋", "正式党员"),
)

SCORES = """
         高山    林静    王磊   赵敏    孙浩    周洋   陈立
1月      100.5   102.5   99     102.5   100.5   100.5  —
2月      102.5   102.5   102    102.5   102.5   100.5  —
3月      102.5   102.5   102    103.5   102.5   98.5   —
4月      102.5   105.5   102    103.5   102.5   98.5   —
5月      103     106     102.5  104     103     99     102.5
6月      103     106     103.5  104     103     101    102.5
7月      103     106     103.5  107     103     101    102.5
8月      103     106     0      107     103     —      102.5
9月      105.5   106.5   0      107.5   103.5   —      103
10月     105.5   106.5   0      107.5   103.5   —      105
11月     105.5   106.5   0      107.5   101.5   —      105
12月     105.5   108.5   0      109.5   101.5   —      105
"""
"""Base, plus bonuses, less deductions, up to the end of each month: added up by hand from the months below."""


class Branch(NamedTuple):
    """The branch's folder, and what the commands said on the way."""

    home: Path
    said: dict[str, Run]

    @property
    def book(self) -> Path:
        (book,) = self.home.glob("党员积分2026*.xlsx")
        return book

    def type(self, cells: Mapping[str, Value]) -> None:
        edit(self.book, cells)

    def enter(self, sheet: str, *entries: Mapping[str, Value]) -> None:
        """Rows below those that are there, under their headings, numbered on."""
        rows = rows_of(self.book, sheet)
        top = heading_row(rows)
        heads = [heading_key(str(cell or "")) for cell in rows[top]]
        said = [column for column, head in enumerate(heads) if head != "序号"]  # numbers are printed beforehand
        filled = [n for n, row in enumerate(rows) if n > top and any(row[c] is not None for c in said if c < len(row))]
        first = max(filled, default=top) + 2
        cells: dict[str, Value] = {}
        for number, entry in enumerate(entries):
            row = {**({"序号": first + number - top - 1} if "序号" in heads else {}), **entry}
            for heading, value in row.items():
                cells[f"{sheet}!{column_letters(heads.index(heading) + 1)}{first + number}"] = value
        self.type(cells)

    def recalc(self) -> Run:
        """``recalc``; nothing but what the tool owns may differ afterwards."""
        before = self.book.read_bytes()
        done = run("recalc", self.book)
        assert_untouched(before, self.book.read_bytes())
        return done

    def publish(self, quarter: str, day: str) -> None:
        self.said[f"publish {quarter}"] = run("publish", self.book, quarter, "--date", day, "--no-charts")

    def close(self, quarter: str, day: str) -> None:
        self.said[f"close {quarter}"] = run("close", self.book, quarter, "--date", day)


def entry(day: Value, name: str, rule: str, reason: str, **more: Value) -> dict[str, Value]:
    """A row of a month sheet, reviewed and passed."""
    row = {"日期": day, "姓名": name, "规则": rule, "事由": reason, "审核状态": layout.PASSED}
    return {**row, **more}


def by_name(rows: Rows) -> Rows:
    """The rows of a month sheet sorted by 姓名, all columns together."""
    top = heading_row(rows) + 1
    column = next(n for n, cell in enumerate(rows[top - 1]) if heading_key(str(cell or "")) == "姓名")
    names = [row[column] if len(row) > column else None for row in rows]
    order = sorted(range(top, len(rows)), key=lambda n: (names[n] is None, str(names[n])))  # blanks last, as Excel does
    return rows[:top] + [rows[n] for n in order]


# ---- what the tool must leave alone ----


class _Columns(NamedTuple):
    """All cells of some columns, for :func:`books.outside`."""

    numbers: frozenset[int]

    def __contains__(self, place: object) -> bool:
        return isinstance(place, tuple) and place[1] in self.numbers


def assert_untouched(before: bytes, after: bytes) -> None:
    """All parts are the same bytes, but the owned sheets, the list of sheets and styles, and the owned columns."""
    old = Package.of(before, NAME)
    ours = {old.workbook, "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/calcChain.xml"}
    for name in layout.OWNED_SHEETS:
        ours |= set(_with_relatives(old, old.sheets.get(name)))
    was, now = parts_of(before), parts_of(after)
    changed = [name for name in was if name not in ours and now.get(name) != was[name]]
    if not changed:
        return
    owned = {old.sheets[grid.name]: _owned_columns(grid) for grid in grids_in(after)}
    for part in changed:
        assert part in owned, part
        assert outside(was[part], owned[part]) == outside(now[part], owned[part]), part


def _with_relatives(package: Package, part: str | None) -> Iterator[str]:
    """A part, its list of relations, and what they lead to."""
    if part is None:
        return
    folder, _, base = part.rpartition("/")
    yield from (part, f"{folder}/_rels/{base}.rels")
    for relation in package.relations(part):
        if not relation.external:
            yield from _with_relatives(package, relation.target)


def _owned_columns(grid: Grid) -> Any:
    heads = grid.rows[heading_row([list(row) for row in grid.rows])] if grid.rows else ()
    known = [sheet for sheet in layout.SHEETS if squeeze(sheet.name) == squeeze(grid.name)]
    names = {column.name for sheet in known for column in sheet.columns if column.owned}
    return _Columns(frozenset(n for n, head in enumerate(heads, 1) if heading_key(str(head)) in names))


# ---- other programs ----


def shorten(book: Path) -> None:
    """A workbook without the prepared rows that this branch will not reach: what is read and saved all year."""

    def kept(row: re.Match[bytes]) -> bytes:
        return row[0] if int(row[1]) <= REACHED else b""

    parts = parts_of(book.read_bytes())
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(rb'<row r="(\d+)".*?</row>', kept, parts[name], flags=re.DOTALL)
    book.write_bytes(zipped(parts))


def through_libreoffice(book: Path, folder: Path) -> bool:
    """Open the workbook in LibreOffice and save it there; False where there is none."""
    if not shutil.which("soffice"):
        return False
    folder.mkdir()
    (saved,) = converted([Path(shutil.copy(book, folder))])
    shutil.copyfile(saved, book)
    return True


def with_things_of_their_own(book: Path) -> None:
    """Saved by another program: a picture, a note, a filter that hides rows, a sheet of formulas on 积分台账."""
    opened: Any = openpyxl.load_workbook(book)
    month = opened["3月"]
    month.add_image(Image(BytesIO(png())), "R2")
    month["G4"].comment = Comment("佐证在档案柜二层", "林静")
    month.auto_filter.ref = "A3:O40"
    month.row_dimensions[4].hidden = True
    own = opened.create_sheet("我的统计")
    own["A1"], own["B1"] = "最高分", "=MAX(积分台账!E4:E99)"
    own["A2"], own["B2"] = "3月登记", "=COUNTA('3月'!C4:C200)"
    opened.save(book)


# ---- the months ----


def january(branch: Branch) -> None:
    """A fresh workbook, rules of the branch's own; hours typed as full-width text, a date as text."""
    run("new", branch.home / NAME, "--branch", "中共示例局机关第一支部委员会", "--year", 2026)
    shorten(branch.book)
    branch.type({f"积分规则!{column_letters(c)}{r}": None for r in range(4, 41) for c in range(1, 29)})
    branch.type({f"考勤计分!{column_letters(c)}{r}": None for r in range(4, 20) for c in range(1, 5)})
    branch.type({f"计分组!{column_letters(c)}{r}": None for r in range(4, 10) for c in range(1, 5)})
    for sheet, table in (("积分规则", RULES), ("党员名册", ROSTER)):
        cells = {(r, c): value for r, row in enumerate(table, 4) for c, value in enumerate(row, 1)}
        branch.type({f"{sheet}!{column_letters(c)}{r}": value for (r, c), value in cells.items()})
    branch.enter(
        "考勤计分",
        {"活动类型": "主题党日", "到会情况": "参加", "规则编号": "加3"},
        {"活动类型": "主题党日", "到会情况": "无故缺席", "规则编号": "减1"},
    )
    branch.enter(
        "1月",
        entry(date(2026, 1, 8), "林 静", "加1 讲党课", "一月党课"),
        entry("2026.1.15", "赵敏", "加2", "整理社区图书", 数量="４"),
    )
    day: dict[str, Value] = {"日期": date(2026, 1, 20), "活动类型": "主题党日", "活动名称": "一月主题党日"}
    branch.enter("活动考勤", {**day, "参加": "全体", "无故缺席": "王磊"})


def february(branch: Branch) -> None:
    """An event of January is entered late; then the sheet is sorted by name."""
    branch.enter(
        "2月",
        entry(date(2026, 2, 10), "王磊", "加2", "春节慰问", 数量=6),
        entry(date(2026, 2, 12), "孙浩", "加1", "二月党课"),
        entry(date(2026, 1, 28), "高山", "加1", "一月补讲"),
    )
    rearrange(branch.book, "2月", by_name)


def march(branch: Branch) -> None:
    """赵敏 reaches the quarter's cap; 周洋 loses two points he will object to."""
    branch.enter(
        "3月",
        entry(date(2026, 3, 5), "赵敏", "加2", "学雷锋", 数量=6),
        entry(date(2026, 3, 20), "周洋", "减2", "未交读书笔记", 核实人="高山"),
    )


def april(branch: Branch) -> None:
    """The first quarter is published, objected to and archived. Then its sheets are sorted and decorated."""
    branch.publish("2026Q1", "2026-04-08")
    objection: dict[str, Value] = {
        "提出日期": date(2026, 4, 13),
        "提出人": "周洋",
        "涉及时段": "2026Q1",
        "涉及事项": "笔记已交",
    }
    decided: dict[str, Value] = {"核查情况": "属实", "处理结果": layout.CORRECTED, "办结日期": date(2026, 4, 16)}
    branch.enter("异议处理", {**objection, **decided})
    branch.close("2026Q1", "2026-04-20")
    rearrange(branch.book, "3月", by_name)
    branch.enter("4月", entry(date(2026, 4, 9), "林静", "加4", "县级优秀党务工作者", 申报分值=3, 佐证="表彰文件"))
    with_things_of_their_own(branch.book)


def may(branch: Branch) -> None:
    """陈立 is transferred in."""
    newcomer: dict[str, Value] = {"编号": "007", "姓名": "陈立", "党员类别": "正式党员", "转入日期": date(2026, 5, 6)}
    branch.enter("党员名册", newcomer)
    branch.enter("5月", entry(date(2026, 5, 12), "陈立", "加1", "五月党课"))
    day: dict[str, Value] = {"日期": date(2026, 5, 20), "活动类型": "主题党日", "活动名称": "五月主题党日"}
    branch.enter("活动考勤", {**day, "参加": "全体"})


def june(branch: Branch) -> None:
    """孙浩 becomes a full member; 周洋's two points are given back by 冲销."""
    promoted: dict[str, Value] = {
        "编号": "005",
        "项目": "党员类别",
        "生效日期": date(2026, 5, 6),
        "新值": layout.FORMAL,
    }
    branch.enter("人员变动", promoted)
    branch.enter(
        "6月",
        entry(date(2026, 6, 5), "周洋", "减2", "冲回误登的减分", 核实人="林静", 冲销="3月#2"),
        entry(date(2026, 6, 18), "王磊", "加2", "防汛值守", 数量=2),
    )


def july(branch: Branch) -> None:
    """The second quarter is archived; volunteering is worth a point an hour from now on, by a new rule."""
    branch.publish("2026Q2", "2026-07-08")
    branch.close("2026Q2", "2026-07-20")
    branch.type({"积分规则!AA6": date(2026, 6, 30)})
    new: dict[str, Value] = {
        "规则编号": "加5",
        "类型": "加分",
        "大项": "助人为乐",
        "小项": "志愿服务",
        "单位": "小时",
        "分值": 1,
    }
    branch.enter("积分规则", {**new, "封顶周期": "季", "封顶分值": 4, "生效日期": date(2026, 7, 1)})
    branch.enter("7月", entry(date(2026, 7, 11), "赵敏", "加5", "敬老院服务", 数量=3))


def august(branch: Branch) -> None:
    """周洋 leaves; the branch votes on 王磊: five of the six entitled say yes."""
    branch.type({"党员名册!H9": date(2026, 8, 15)})
    branch.enter("8月", entry(date(2026, 8, 10), "周洋", "加1", "临别党课"))
    vote: dict[str, Value] = {
        "表决日期": date(2026, 8, 20),
        "姓名": "王磊",
        "规则编号": "否1",
        "事由": "受党内警告处分",
    }
    branch.enter("表决记录", {**vote, "应到": 6, "实到": 6, "赞成": 5, "反对": 1, "弃权": 0})


def september(branch: Branch) -> None:
    """Columns of the secretary's own, at the left edge and between 事由 and 佐证."""

    def widened(rows: Rows) -> Rows:
        top = heading_row(rows)
        wider = [[None, *row[:7], None, *row[7:]] for row in rows]
        wider[0], wider[1] = rows[0], rows[1]
        wider[top][0], wider[top][8] = "经办", "会议纪要"
        return wider

    rearrange(branch.book, "9月", widened)
    branch.enter("9月", {**entry(date(2026, 9, 3), "高山", "加1", "九月党课"), "经办": "林静", "会议纪要": "第9号"})
    day: dict[str, Value] = {"日期": date(2026, 9, 10), "活动类型": "主题党日", "活动名称": "九月主题党日"}
    branch.enter("活动考勤", {**day, "参加": "全体"})


def october(branch: Branch) -> None:
    """The third quarter is archived; the workbook gets another name. The secretary's other computer has LibreOffice."""
    branch.publish("2026Q3", "2026-10-09")
    branch.close("2026Q3", "2026-10-20")
    if through_libreoffice(branch.book, branch.home.parent / "LibreOffice"):
        branch.said["saved by LibreOffice"] = run("check", branch.book)
    branch.book.rename(branch.home / "党员积分2026（第四季度）.xlsx")
    branch.enter("10月", entry(date(2026, 10, 13), "陈立", "加1", "十月党课"))


def november(branch: Branch) -> None:
    """A deduction."""
    branch.enter("11月", entry(date(2026, 11, 6), "孙浩", "减2", "未完成调研", 核实人="林静"))


def december(branch: Branch) -> None:
    """The last evening of the year, with the time of day in the cell."""
    branch.enter(
        "12月",
        entry(date(2026, 12, 3), "林静", "加5", "冬衣捐赠", 数量=2),
        entry(datetime(2026, 12, 31, 23, 59), "赵敏", "加1", "跨年党课"),
    )


MONTHS: tuple[Callable[[Branch], None], ...] = (
    *(january, february, march, april, may, june),
    *(july, august, september, october, november, december),
)


def play(home: Path) -> Iterator[tuple[int, Branch]]:
    """The twelve months; after each the results are written back."""
    branch = Branch(home, {})
    for number, month in enumerate(MONTHS, 1):
        month(branch)
        branch.said[f"recalc {number}"] = branch.recalc()
        yield number, branch


def scores_by_hand() -> Mapping[int, Mapping[str, str]]:
    """SCORES as a table: by month, then by name; who does not belong to that quarter is left out."""
    head, *lines = (line.split() for line in SCORES.strip().splitlines())
    return {
        int(month.removesuffix("月")): {name: points for name, points in zip(head, row, strict=True) if points != "—"}
        for month, *row in lines
    }
