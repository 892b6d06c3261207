"""Worksheet functions (工作表函数) of Excel: scores and messages while one types, by the same core as every other door.

Each takes ranges with their heading rows (a pandas DataFrame does as well when called from Python) and depends on them
alone. ASCII names, plain arguments: xlwings makes the VBA around them. Their docstrings are the help Excel shows.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias, TypeVar

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.catalogue import CATALOGUE, is_error
from xl_jifen.excel.live.comvalue import ERRORS, cell_of
from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, CellError, Grid, Grids, as_date, as_text, heading_key, squeeze
from xl_jifen.layout import Sheet
from xl_jifen.publish.owned.marks import marks
from xl_jifen.register import Points, Score
from xl_jifen.rulebook import RuleBook, read_rules
from xl_jifen.score import with_periods
from xl_jifen.table import Table

try:
    import xlwings as xw
except Exception:  # not installed, or unusable here: they still are plain Python functions
    xw = None  # type: ignore[assignment]

_F = TypeVar("_F", bound=Callable[..., Any])

WHOLE_COLUMN = 65_536
"""Rows from which a range is taken for whole columns: Excel hands over a million of them, nearly all empty."""


LONGEST_TEXT = 255
"""Characters of a text among the rows a function returns: older Excels make #VALUE! of a longer one."""


class Cells:
    """How xlwings makes rows of a range: whole columns end with the last row in use, numbers keep their digits."""

    @staticmethod
    def reader(options: Any) -> Any:
        """What xlwings asks a converter for: the function to run."""
        return _read_cells


def _read_cells(context: Any) -> None:
    from xl_jifen.excel.live.ranges import used_of, values_of
    from xl_jifen.grid import Range

    if context.range is None:
        given = context.value
        rows = given if isinstance(given, list | tuple) else [[given]]
        context.value = [list(row) if isinstance(row, list | tuple) else [row] for row in rows]
        return
    (count, width), sheet = context.range.shape, context.range.sheet.api
    first, left = context.range.row, context.range.column
    last = first + count - 1
    if count >= WHOLE_COLUMN:
        last = max(first, min(last, used_of(sheet)[1].bottom))
    rows = values_of(sheet, Range(first, left, last, left + width - 1))
    while count >= WHOLE_COLUMN and len(rows) > 1 and all(cell is None for cell in rows[-1]):
        rows.pop()
    context.value = rows


Table2D: TypeAlias = list[list[Any]]

SCORE_HEADINGS = ("名次", layout.CODE, layout.NAME, "基础分", "加分", "减分", "积分", "建议等次", layout.REMARK)
POSTED_IN = layout.LINES_HEADINGS[0]
"""A column 月份 among stacked entries tells the sheet each row stands in; without it the date does."""

SAMPLE_YEAR, SAMPLE_DAY = 2000, date(2000, 1, 2)
_ERROR_TEXTS = frozenset(ERRORS.values())


def func(**options: Any) -> Callable[[_F], _F]:
    """``xlwings.func``, which leaves the function as it is where worksheet functions are not to be had."""
    return _marked("func", **options)


def arg(name: str, **options: Any) -> Callable[[_F], _F]:
    """``xlwings.arg``, likewise."""
    return _marked("arg", name, **options)


def _marked(decorator: str, *names: str, **options: Any) -> Callable[[_F], _F]:
    def mark(function: _F) -> _F:
        try:
            marked: _F = getattr(xw, decorator)(*names, **options)(function)
        except Exception:  # xlwings 1.0 will raise where there is no Excel
            return function
        return marked

    return mark


@func(category="党员积分", call_in_wizard=False)
@arg("rows", convert=Cells, doc="月份表的区域，含列名那一行，如 '3月'!A3:M200。")
@arg("rules", convert=Cells, doc="“积分规则”表的区域，含列名那一行。")
@arg("roster", convert=Cells, doc="“党员名册”表的区域，含列名那一行。")
@arg("month", doc="登记在哪个月，如 3；可不填，不填则按每行日期所在的月份。")
def JF_CHECK(rows: Any, rules: Any, roster: Any, month: Any = None) -> Any:
    """逐行校验登记：区域有几行就返回几行（整列的到最后一行为止），没有问题的行为空。只看这一个区域，不看计分组和其他月份。"""
    entries = _grid(layout.MONTHS[0].name, rows)
    posted = _posted(entries, _month_number(month))
    scheme = _without(layout.RULES, _grid(layout.RULES.name, rules), layout.GROUP_NAMES)
    grids = Grids((_some_cycle(posted), _grid(layout.ROSTER.name, roster), scheme, *posted))
    reckoning = reckon(grids)
    words = _hints(grids, reckoning)
    heading_row = Table(layout.MONTHS[0], entries).heading_row
    words[heading_row] = _missing_headings(reckoning.findings) or layout.HINT
    table = [[words.get(number, "")] for number in range(1, len(entries.rows) + 1)]
    return _returned(table, rows)


@func(category="党员积分", call_in_wizard=False)
@arg("roster", convert=Cells, doc="“党员名册”表的区域，含列名那一行。")
@arg("rules", convert=Cells, doc="“积分规则”表的区域，含列名那一行。")
@arg("settings", convert=Cells, doc="“设置”表的区域，含列名那一行。")
@arg("entries", convert=Cells, doc="登记的区域，含列名那一行；几个月叠在一起时可加一列“月份”，没有则按日期。")
@arg("period", doc='季度或全年，如 "第三季度" 或 "全年"。')
@arg("groups", convert=Cells, doc="“计分组”表的区域；规则用到计分组时必填。")
@arg("bands", convert=Cells, doc="“等次标准”表的区域；不填则没有建议等次。")
@arg("activities", convert=Cells, doc="“活动考勤”表的区域；可不填。")
@arg("attendance_rules", convert=Cells, doc="“考勤计分”表的区域；填了活动考勤才需要。")
@arg("ballots", convert=Cells, doc="“表决记录”表的区域；可不填。")
def JF_SCORES(
    roster: Any,
    rules: Any,
    settings: Any,
    entries: Any,
    period: Any,
    groups: Any = None,
    bands: Any = None,
    activities: Any = None,
    attendance_rules: Any = None,
    ballots: Any = None,
) -> Any:
    """一个季度或全年的积分表：名次、编号、姓名、基础分、加分、减分、积分、建议等次、备注。有错误的登记不计入，并在最后一行说明。"""
    given = (
        (layout.SETTINGS, settings),
        (layout.BANDS, bands),
        (layout.ROSTER, roster),
        (layout.RULES, rules),
        (layout.GROUPS, groups),
        (layout.ACTIVITIES, activities),
        (layout.ATTENDANCE_RULES, attendance_rules),
        (layout.BALLOTS, ballots),
    )
    sheets = [_grid(sheet.name, range_) for sheet, range_ in given if range_ is not None]
    posted = _posted(_grid(layout.MONTHS[0].name, entries), None)
    reckoning = reckon(Grids((*sheets, *posted)))
    cycle = reckoning.register.settings.cycle
    wanted = cycle.named(as_text(cell_of(period))) if cycle else "（设置中的计分周期有误）"
    scores = () if isinstance(wanted, str) else with_periods(reckoning.ledger, [wanted]).of(wanted)
    table: Table2D = [list(SCORE_HEADINGS), *(_score_row(score) for score in scores)]
    errors = [finding for finding in reckoning.findings if finding.is_error and finding.code != "E811"]
    if not scores:
        table.append(_remark(wanted if isinstance(wanted, str) else f"{wanted.words}没有计分的党员"))
    if errors:
        table.append(_remark(f"有 {len(errors)} 处错误未计入，第一处：{errors[0].place} {errors[0].message}"))
    return _returned(table, roster)


@func(category="党员积分", call_in_wizard=False)
@arg("rules", convert=Cells, doc="“积分规则”表的区域，含列名那一行。")
@arg("code", doc="规则编号，如 加2-1。")
@arg("quantity", doc="数量，不填为 1；区间计分的规则填申报分值。")
def JF_POINTS(rules: Any, code: Any, quantity: Any = None) -> Any:
    """按一条规则登记一次得多少分：含每、取整、起算数量、免计数量、分档和本条的封顶，不含计分组、累计和其他登记。减分也是正数。"""
    grid = _grid(layout.RULES.name, rules)
    wanted = as_text(cell_of(code))
    rule = RuleBook(read_rules(Table(layout.RULES, grid), (), [])).find(wanted) if wanted else None
    if rule is None:
        return f"积分规则表中没有“{wanted}”"
    amount = cell_of(quantity)
    table = Table(layout.RULES, grid)
    alone = Grid(grid.name, (*grid.rows[: table.heading_row], grid.rows[rule.place.row - 1]))
    alone = _without(
        layout.RULES, alone, layout.GROUP_NAMES, layout.CATEGORIES, layout.IN_FORCE_FROM, layout.IN_FORCE_TO
    )
    quantities = {layout.CLAIMED: amount} if rule.ceiling is not None else {layout.QUANTITY: amount}
    entry = {
        layout.DAY: SAMPLE_DAY,
        layout.NAME: "甲",
        layout.RULE: rule.code,
        layout.REASON: "试算",
        layout.EVIDENCE: "试算",
        layout.VERIFIER: "乙",
    }
    entry |= {layout.STATUS: layout.PASSED, **quantities}
    people = [
        {layout.CODE: name, layout.NAME: name, layout.MEMBER_KIND: layout.FORMAL, layout.DUTY: "书记"}
        for name in "甲乙"
    ]
    sheets = (_settings(SAMPLE_YEAR), _made(layout.ROSTER, people), alone, _made(layout.MONTHS[0], [entry]))
    reckoning = reckon(Grids(sheets))
    [line] = reckoning.ledger.lines
    if any(map(is_error, line.why)):
        return next(finding.message for finding in reckoning.findings if finding.code in line.why)
    return _number(line.counted)


@func(category="党员积分", call_in_wizard=False)
@arg("code", doc="校验结果中的代码，如 E501。")
def JF_EXPLAIN(code: Any) -> Any:
    """说明一个代码是什么意思、怎么改。"""
    wanted = squeeze(as_text(cell_of(code))).upper()
    explanation = CATALOGUE.get(wanted)
    if explanation is None:
        return f"没有代码“{wanted}”"
    return f"{wanted} {explanation.title}。{explanation.meaning}怎么改：{explanation.remedy}"


# -- ranges as sheets ---------------------------------------------------------------------------------------------


def _grid(name: str, range_: Any) -> Grid:
    """A range, a list of rows or a DataFrame as a sheet, its heading row being the first that looks like one."""
    if hasattr(range_, "itertuples"):
        rows = [list(range_.columns), *range_.itertuples(index=False, name=None)]
    elif isinstance(range_, list | tuple):
        rows = [row if isinstance(row, list | tuple) else [row] for row in range_]
    else:
        rows = [[range_]]
    return Grid(name, tuple(tuple(map(_cell, row)) for row in rows))


def _cell(raw: Any) -> Cell:
    """A value of Excel, or of pandas: its missing values are blanks, numpy's numbers are numbers."""
    if type(raw).__name__ in ("NAType", "NaTType") or (isinstance(raw, float) and raw != raw):
        return None
    if hasattr(raw, "item"):
        raw = raw.item()
    if isinstance(raw, str) and raw in _ERROR_TEXTS:
        return CellError(raw)
    if isinstance(raw, date) and not hasattr(raw, "hour"):
        return raw
    return cell_of(raw)


def _posted(entries: Grid, month: int | None) -> tuple[Grid, ...]:
    """The entries as month sheets, each row at its own number in the sheet of its month."""
    table = Table(layout.MONTHS[0], entries)
    heads, rows = entries.rows[: table.heading_row], entries.rows[table.heading_row :]
    named = next((n for n, head in enumerate(heads[-1]) if heading_key(as_text(head)) == POSTED_IN), None)
    found = [month or _month_of(row, named, table.columns.get(layout.DAY)) for row in rows]
    usual = Counter(filter(None, found)).most_common(1)
    numbers = [number or (usual[0][0] if usual else 1) for number in found]
    return tuple(
        Grid(
            layout.MONTHS[number - 1].name,
            (*heads, *(row if own == number else () for row, own in zip(rows, numbers, strict=True))),
        )
        for number in sorted(set(numbers) or {month or 1})
    )


def _month_of(row: Sequence[Cell], named: int | None, day: int | None) -> int | None:
    if named is not None and named < len(row) and (number := _month_number(row[named])):
        return number
    found = as_date(row[day - 1]) if day is not None and day <= len(row) else None
    return found.month if found else None


def _month_number(written: Any) -> int | None:
    """``3``, ``3月`` or a date as the number of a month."""
    cell = _cell(written)
    if found := as_date(cell):
        return found.month
    text = squeeze(as_text(cell)).removesuffix("月")
    return int(text) if text.isdecimal() and 1 <= int(text) <= 12 else None


def _some_cycle(posted: Iterable[Grid]) -> Grid:
    """Settings whose cycle is the calendar year most of the entries are dated in."""
    years: Counter[int] = Counter()
    for grid in posted:
        column = Table(layout.MONTHS[0], grid).columns.get(layout.DAY)
        days = (as_date(row[column - 1]) for row in grid.rows if column and column <= len(row))
        years.update(day.year for day in days if day)
    return _settings(years.most_common(1)[0][0] if years else SAMPLE_YEAR)


def _settings(year: int) -> Grid:
    values = {
        layout.BRANCH: "支部",
        layout.CYCLE_START: date(year, 1, 1),
        layout.CYCLE_END: date(year, 12, 31),
    }
    return _made(layout.SETTINGS, [{layout.KEY: key, layout.VALUE: value} for key, value in values.items()])


def _made(sheet: Sheet, records: Sequence[dict[str, Any]]) -> Grid:
    heads = tuple(column.name for column in sheet.columns if not column.owned)
    return Grid(sheet.name, (heads, *(tuple(record.get(head) for head in heads) for record in records)))


def _without(sheet: Sheet, grid: Grid, *headings: str) -> Grid:
    """The sheet with those columns blank below their headings."""
    table = Table(sheet, grid)
    blank = {table.columns[heading] - 1 for heading in headings if heading in table.columns}
    below = (
        tuple(None if number in blank else cell for number, cell in enumerate(row))
        for row in grid.rows[table.heading_row :]
    )
    return Grid(grid.name, (*grid.rows[: table.heading_row], *below))


# -- results ------------------------------------------------------------------------------------------------------


def _hints(grids: Grids, reckoning: Reckoning) -> dict[int, str]:
    """What the column 提示 would say, by row."""
    marked = marks(grids, reckoning.register, reckoning.findings, reckoning.ledger)
    words: dict[int, str] = {}
    for sheet in layout.MONTHS:
        grid = grids.get(sheet.name)
        if grid is None or sheet.name not in marked:
            continue
        table, cells = Table(sheet, grid), marked[sheet.name]
        column = table.columns.get(layout.HINT) or next(
            (number for (_, number), text in cells.items() if text == layout.HINT), 0
        )
        words |= {row: str(text) for (row, number), text in cells.items() if number == column and text}
    for line in reckoning.ledger.lines:
        if reasons := list(filter(is_error, line.why)):
            words.setdefault(
                line.entry.place.row, f"错误：规则或名册有误（{reasons[0]} {CATALOGUE[reasons[0]].title}）"
            )
    return words


def _missing_headings(findings: Iterable[Finding]) -> str:
    return next((f"{finding.level}：{finding.message}" for finding in findings if finding.code == "E812"), "")


def _score_row(score: Score) -> list[Any]:
    base = "" if score.base is None else _number(score.base)
    figures = (_number(points) for points in (score.bonus, score.deduction, score.score))
    rank = "" if score.rank is None else score.rank
    return [rank, score.member.code, score.member.name, base, *figures, score.grade or "", score.remark]


def _remark(words: str) -> list[Any]:
    return [*[""] * (len(SCORE_HEADINGS) - 1), words]


def _number(points: Points) -> float:
    return points / 100


def _returned(table: Table2D, given: Any) -> Any:
    """Rows for Excel, which takes no longer texts in them; a DataFrame for who gave one."""
    if not hasattr(given, "itertuples"):
        return [[_short(cell) for cell in row] for row in table]
    frame: Any = sys.modules["pandas"].DataFrame
    return frame(table[1:], columns=table[0])


def _short(cell: Any) -> Any:
    is_long = isinstance(cell, str) and len(cell) > LONGEST_TEXT
    return f"{cell[: LONGEST_TEXT - 1]}…" if is_long else cell


__all__ = ["JF_CHECK", "JF_EXPLAIN", "JF_POINTS", "JF_SCORES"]
