"""Many branches in one workbook (汇总): what its four sheets say, folded from one branch's sums after the other.

Files pass twice, first to be added up and then to become rows, so that nothing grows with their number.
``excel/draw/summary_sheet`` draws it. Pure: where files lie and the time are arguments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl_jifen.catalogue import ERROR, HINT, WARNING, level_of
from xl_jifen.derive.branch import BranchResult, PeriodSums, Spread, spread
from xl_jifen.period import YEAR
from xl_jifen.publish.figures import decimal
from xl_jifen.publish.page import Board
from xl_jifen.publish.rollup.branches import Total, When, attendance, differences, distribution, share, trend
from xl_jifen.publish.rollup.listed import Listed
from xl_jifen.register import Points

Value: TypeAlias = str | int | Decimal | None
Row: TypeAlias = tuple[Value, ...]

BRANCHES_SHEET, USE_SHEET, COMPARED_SHEET, PROBLEMS_SHEET = "支部汇总", "规则使用", "支部比较", "问题清单"

MOST_NAMED = 10
"""Branches with another scheme that are named at once; all of them are in the sheets."""

UNITS = "单位：积分为分，党员为人，登记为笔。"

MOST_GRADES = 8
"""Columns for grades; branches may name theirs as they like."""

ALL_BRANCHES = "全部支部"
SUBMITTED, MISSING, AHEAD, NOT_COUNTED, UNREADABLE, UNREAD = "已报", "未报", "未到期", "未计入", "读不了", "未读"


class Head(NamedTuple):
    """A column: its heading, how its cells look (``words`` are sentences, taking several lines), and its width."""

    text: str
    kind: Literal["text", "words", "code", "count", "points", "share"]
    width: float


class ProblemRow(NamedTuple):
    """A row of 问题清单: level, code, branch, file, cell, what is wrong, what to do; and where its link leads."""

    cells: Row
    target: str
    cell: str


RULE_HEADS = (
    Head("规则编号", "code", 11),
    Head("类型", "code", 9),
    Head("大项", "text", 28),
    Head("小项", "text", 28),
    Head("使用支部", "count", 10),
    Head("登记", "count", 10),
    Head("得分", "count", 10),
    Head("计入分", "points", 12),
    Head("封顶", "count", 10),
    Head("封顶占比", "share", 10),
    Head("就高", "count", 10),
    Head("超限次", "count", 10),
    Head("未计入", "count", 10),
)
PROBLEM_HEADS = (
    Head("级别", "code", 8),
    Head("代码", "code", 8),
    Head("支部", "text", 34),
    Head("文件", "text", 34),
    Head("位置", "text", 14),
    Head("问题", "text", 58),
    Head("怎么改", "text", 48),
)
_BEFORE = (
    Head("支部", "text", 26),
    Head("文件", "text", 20),
    Head("时期", "code", 14),
    Head("状态", "code", 9),
    Head("名次", "count", 5.5),
    Head("党员", "count", 6.5),
    Head("登记", "count", 7.5),
    Head("错误", "count", 6),
    Head("警告", "count", 6),
    Head("平均积分", "points", 8.5),
    Head("中位数", "points", 8),
    Head("标准差", "points", 7.5),
    Head("最高", "points", 8),
    Head("最低", "points", 8),
)
_GRADE_WIDTH = 7
_AFTER = (
    Head("优秀占比", "share", 8),
    Head("一票否决", "count", 7),
    Head("到会率", "share", 7.5),
    Head("说明", "words", 32),
)


class Summary:
    """The fold: ``add`` every file in order, then ask for rows. ``computed`` is local time."""

    def __init__(self, computed: datetime) -> None:
        self._computed = computed
        self._day = computed.date()
        self._totals: dict[When, Total] = defaultdict(Total)
        self._kinds: Counter[str] = Counter()
        self._rules: dict[tuple[str, ...], list[int]] = {}
        self._grades: dict[str, None] = {}
        self._schemes: Counter[str] = Counter()
        self._ranks: dict[When, dict[Points, int]] = {}
        self.differing: list[str] = []
        self.other_schemes = 0
        self._branches: set[int] = set()
        self._asked: set[str] = set()
        self.files = self.counted = self.unreadable = self.unread = self.harmless = self.twins = self.errors = 0

    @property
    def branches(self) -> int:
        """How many branches the files counted are of; a file that does not say whose it is stands for one."""
        return len(self._branches)

    @property
    def undecided(self) -> int:
        """Branches of which it is not clear which file counts."""
        return len(self._asked)

    def add(self, listed: Listed) -> None:
        """Add one file."""
        self.files += 1
        result = listed.result
        self.unread += bool(result.unread)
        self.harmless += result.unread == HINT
        self.unreadable += bool(result.error and not result.unread)
        self.twins += bool(listed.verdict and not result.error)
        if listed.verdict and listed.verdict.asks:
            self._asked.add(result.identity)
        if listed.trouble:
            return
        self.counted += 1
        self._branches.add(hash((result.parent, result.branch) if result.branch else listed.file))
        self._schemes[result.scheme] += 1
        self._kinds[result.kind] += bool(result.start)
        if result.differs:
            self.other_schemes += 1
            if len(self.differing) < MOST_NAMED:
                self.differing.append(f"{listed.label}：{_differs(result)}")
        for sums in result.periods:
            self._add_period(sums, listed)
        submitted = {sums.period: _when(sums.period, result) for sums in result.periods if sums.submitted}
        for score in result.scores:
            if score.period in submitted:
                self._totals[submitted[score.period]].scores[score.score] += 1
        for rule in result.rules:
            key = rule.code, rule.kind, rule.block, rule.item
            sums_of = self._rules.setdefault(key, [0] * 8)
            figures = rule.entries, rule.scored, rule.counted, rule.capped, rule.highest_only, rule.over_times
            for position, figure in enumerate((1, *figures, rule.refused)):
                sums_of[position] += figure

    def _add_period(self, sums: PeriodSums, listed: Listed) -> None:
        when = _when(sums.period, listed.result)
        self._totals[when].add(sums, listed.label, self.files)
        if sums.submitted and when.is_over(self._day):
            self._grades |= {name: None for name, _ in sums.grades}
        if sums.period == YEAR:
            self.errors += sums.errors

    # -- 支部汇总 --------------------------------------------------------------------------------------------------

    @property
    def heads(self) -> tuple[Head, ...]:
        """The columns of 支部汇总: those of grades are named as the branches name theirs."""
        names = list(self._grades)
        more = ["其他等次"] if len(names) > MOST_GRADES else []
        return (*_BEFORE, *(Head(name, "count", _GRADE_WIDTH) for name in names[:MOST_GRADES] + more), *_AFTER)

    def total_rows(self) -> Iterator[Row]:
        """A row a period for all branches together, the year last."""
        for period in self._periods:
            total = self._totals[period]
            state = f"{SUBMITTED} {total.submitted}/{total.branches}"
            words = f"{total.branches} 个支部"
            before = (ALL_BRANCHES, words, period.words, state, None, total.members, total.entries, total.errors)
            grades = total.grades if period.is_over(self._day) else None
            tail = self._tail(total if total.submitted else None, grades)
            yield (*before, total.warnings, *_points(spread(total.scores)), *tail, self._so_far(period))

    def rows(self, listed: Listed) -> Iterator[Row]:
        """The rows of one file, a period each; one row saying why, if it is not counted."""
        result = listed.result
        if listed.trouble:
            blank = [None] * (len(self.heads) - 5)
            uncounted = UNREADABLE if result.error else NOT_COUNTED
            state = UNREAD if result.unread else uncounted
            yield (result.branch, listed.file, None, state, *blank, listed.trouble)
            return
        told = [(when, sums) for sums in result.periods if self._is_told(when := _when(sums.period, result))]
        for number, (when, sums) in enumerate(told):
            words = [_differs(result)] if result.differs and not number else []
            yield self._row(when, sums, listed, words)
        if not told:
            blank = [None] * (len(self.heads) - 5)
            told_why = f"计分周期从 {result.start} 开始，还没有到。"
            yield (listed.label, listed.file, _when(YEAR, result).words, AHEAD, *blank, told_why)

    def _row(self, when: When, sums: PeriodSums, listed: Listed, words: list[str]) -> Row:
        known = sums.spread if sums.submitted else None
        over = when.is_over(self._day)
        rank = self._rank(when, known.mean) if known and over else None
        lacking = MISSING if over or not listed.result.start else AHEAD
        state = SUBMITTED if sums.submitted else lacking
        before = (listed.label, listed.file, when.words, state, rank, sums.members, sums.entries, sums.errors)
        words = [*words, self._so_far(when) if listed.result.start else "没有有效的计分周期，不能核算。"]
        tail = self._tail(sums if sums.submitted else None, dict(sums.grades) if over else None)
        return (*before, sums.warnings, *_points(known), *tail, "".join(words))

    def _tail(self, sums: Total | PeriodSums | None, grades: Mapping[str, int] | None) -> Row:
        """Grades, their best one's share, vetoes and 到会率; blank where nothing was submitted or it is too early."""
        names = list(self._grades)
        columns = min(len(names), MOST_GRADES + 1)
        if sums is None:
            return (None,) * (columns + 3)
        others = sums.vetoed, share(sums.present, sums.named)
        if grades is None:
            return (*[None] * (columns + 1), *others)
        shown: list[Value] = [grades.get(name, 0) for name in names[:MOST_GRADES]]
        if len(names) > MOST_GRADES:
            shown.append(sum(grades.get(name, 0) for name in names[MOST_GRADES:]))
        return (*shown, share(sums.best, sums.graded), *others)

    def _so_far(self, when: When) -> str:
        told = when.so_far(self._day)
        return f"{told}，不排名次、不评等次。" if told else ""

    def _is_told(self, when: When) -> bool:
        """Whether a period is one that all branches have, and has begun."""
        return when.has_begun(self._day) and (when.is_year or [when.kind] == list(+self._kinds))

    def _rank(self, period: When, mean: Points) -> int:
        """The place of a branch by its mean, equal ones sharing it."""
        if period not in self._ranks:
            ranks, before = {}, 0
            for points in sorted(self._totals[period].means, reverse=True):
                ranks[points] = before + 1
                before += self._totals[period].means[points]
            self._ranks[period] = ranks
        return self._ranks[period][mean]

    @property
    def _periods(self) -> list[When]:
        return sorted(filter(self._is_told, self._totals))

    # -- 规则使用, 问题清单 ----------------------------------------------------------------------------------------

    def rule_rows(self) -> Iterator[Row]:
        """The rules by how often they were used."""
        for key, (branches, entries, scored, counted, capped, *rest) in sorted(
            self._rules.items(), key=lambda item: (-item[1][1], item[0])
        ):
            yield (*key, branches, entries, scored, decimal(counted), capped, share(capped, entries), *rest)

    def problem_rows(self, listed: Listed) -> Iterator[ProblemRow]:
        """What is wrong with one file, the file itself first."""
        result = listed.result
        if listed.trouble:
            what, then, remedy = listed.trouble.partition("；请")
            cells = (listed.level, "", result.branch, listed.file, "", what, f"{then}{remedy}"[1:])
            yield ProblemRow(cells, listed.target, "")
            return
        for problem in result.problems:
            where = level_of(problem.code), problem.code, listed.label, listed.file, str(problem.place)
            yield ProblemRow((*where, problem.message, problem.remedy), listed.target, problem.place.target)
        for problem in result.differs:
            cells = (
                WARNING,
                "",
                listed.label,
                listed.file,
                str(problem.place),
                f"与上级方案不同：{problem.message}",
                problem.remedy,
            )
            yield ProblemRow(cells, listed.target, problem.place.target)
        if result.more:
            words = f"另有 {result.more} 项没有列出"
            cells = (WARNING, "", listed.label, listed.file, "", words, "请对这个文件运行 xl-jifen check。")
            yield ProblemRow(cells, listed.target, "")

    # -- 支部比较 --------------------------------------------------------------------------------------------------

    def board(self) -> Board | None:
        """The branches side by side in the last period that is over, or else the last with entries; None without any.

        Periods are of the kind (公示周期) that all have, else years.
        """
        own = [p for p in self._periods if self._totals[p].submitted and p.last != date.max]
        parts = [p for p in own if not p.is_year] or own
        over = [period for period in parts if period.is_over(self._day)]
        if not parts:
            return None
        period = (over or parts)[-1]
        total = self._totals[period]
        return Board(
            title=f"党员积分{COMPARED_SHEET}（{'，'.join(filter(None, (period.words, period.so_far(self._day))))}）",
            summary=self._sentence(period, total),
            computed=f"{self._made}{self._caveat()}",
            bands=distribution(total),
            trend=trend([(each, self._totals[each]) for each in over or parts]),
            blocks=differences(total),
            attendance=attendance(total),
        )

    @property
    def _made(self) -> str:
        return f"汇总于 {self._computed:%Y-%m-%d %H:%M}"

    @property
    def head_lines(self) -> tuple[str, str]:
        """What stands over 支部汇总: what it is; from what, when and in which units."""
        return f"党员积分{BRANCHES_SHEET}", f"{self._made}；{self._sentence()}{self._caveat()}。{UNITS}"

    def _sentence(self, period: When | None = None, total: Total | None = None) -> str:
        told = [f"共 {self.files} 个文件，计入 {self.counted} 个（{self.branches} 个支部）"]
        told += [f"{self.unreadable} 个读不了"] if self.unreadable else []
        told += [f"{self.unread} 个未读"] if self.unread else []
        told += [f"{self.twins} 个重复未计"] if self.twins else []
        told += [f"{self.undecided} 个支部分不清哪份是准的"] if self.undecided else []
        if period and total:
            states = f"{period.words}{SUBMITTED} {total.submitted} 个、{MISSING} {total.branches - total.submitted} 个"
            told += [states, f"党员 {total.members} 人"]
        return "，".join([*told, f"{ERROR} {self.errors} 项"])

    def _caveat(self) -> str:
        told, kinds = "", +self._kinds
        if len(kinds) > 1:
            each = "、".join(f"按{kind} {number} 个" for kind, number in kinds.items())
            told += f"；公示周期不一（{each}），只比较全年"
        if len(self._schemes) > 1:
            told += f"；各支部的积分规则有 {len(self._schemes)} 种写法，规则不同的支部之间平均积分仅供参考"
        return told


def _when(period: str, result: BranchResult) -> When:
    return When.of(period, result.start, result.end)


def _differs(result: BranchResult) -> str:
    """Where a branch's scheme is not the bureau's: the first place, and how many there are."""
    first, number = result.differs[0], len(result.differs)
    return f"方案与上级的不同：{first.place}{f' 等 {number} 处' if number > 1 else ''}。"


def _points(lie: Spread | None) -> Row:
    return tuple(map(decimal, lie)) if lie else (None,) * len(Spread._fields)
