"""个人积分明细: one member's account of the year, line by line, so that every figure can be added up on paper.

It names nobody else, and reckons nothing that scoring did not: the balance (结余) is the sum of what stands above it.
Rows without a 序号 are base, subtotals and totals.

``words``: 标题 支部 姓名 编号 身份 期间 公式 小结 图例 异议 落款
制表日期 草稿 (all always there). ``columns`` are :data:`COLUMNS`; 原始分 加分 减分 结余 are Decimal, ``—`` where there
is none, "" where the column says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.finding import Finding
from xl_jifen.period import Cycle, Month, Period, until, year_words
from xl_jifen.publish.figures import DRAFT, NO_BRANCH, NOTHING, counted, decimal, figure, level
from xl_jifen.publish.notice import day_words, span_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.publish.yearly import (
    Explanations,
    cycle_words,
    decision_words,
    effect_words,
    formula,
    lines_of,
    so_far,
    vetoes_of,
)
from xl_jifen.register import Ledger, Line, Member, Points, Score, Settings, Vote
from xl_jifen.score import with_periods

TEMPLATE = "statement"

COLUMNS = ("序号", "来源", "日期", "规则", "事由", "佐证", "数量", "原始分", "加分", "减分", "结余", "说明")

COMMITTEE_ONLY = "仅供支委会"

LEGEND = (
    "来源：这一笔登记在哪个月，或者记在活动考勤、表决记录。原始分：按登记的数量、次数或申报分值算出的分，"
    "加分、减分：按封顶、就高不重复、限次等规则实际计入的分，两者不同的见说明。"
    "结余：基础分加上至此的全部加分、减去至此的全部减分。"
)
LEGEND_BY_QUARTER = LEGEND.replace("至此", "当季至此")


def statements(
    ledger: Ledger,
    findings: Iterable[Finding],
    members: Sequence[Member],
    day: date,
    *,
    period: Period | None = None,
    draft: bool = False,
) -> Iterator[tuple[Member, Page]]:
    """A page for each of those members, as of ``day``: of the year, or of one ``period``. There must be a cycle.

    Months to come are not told, and periods that are not over without rank or grade.
    """
    cycle = ledger.register.settings.cycle
    if cycle is None:
        raise ValueError("an account needs a cycle")
    ledger = as_it_stands(with_periods(ledger, (period,)) if period else ledger, cycle, day)
    explanations = Explanations(findings, ledger.register.members)
    lines, votes, scores = lines_of(ledger), vetoes_of(ledger), _scores_of(ledger)
    for member in members:
        own = _Own(lines.get(member, ()), votes.get(member, ()), scores.get(member, {}))
        account = _Account(ledger.register.settings, cycle, member, own, explanations, day)
        yield member, account.of(period, draft) if period and not period.is_year else account.page(draft)


def _scores_of(ledger: Ledger) -> Mapping[Member, Mapping[Period, Score]]:
    scores: dict[Member, dict[Period, Score]] = defaultdict(dict)
    for score in ledger.scores:
        scores[score.member][score.period] = score
    return scores


class _Own(NamedTuple):
    """What one member has: lines and passed votes in the order they are told, and scores by period."""

    lines: Sequence[Line]
    votes: Sequence[Vote]
    scores: Mapping[Period, Score]


class _Account:
    """One member's account: rows are added in order, with the running balance."""

    def __init__(
        self, settings: Settings, cycle: Cycle, member: Member, own: _Own, explanations: Explanations, day: date
    ) -> None:
        self.settings, self.cycle, self.member, self.day = settings, cycle, member, day
        self.lines, self.votes, self.scores = own
        self.explanations = explanations
        self.running = self.settings.yearly == layout.RUNNING
        self.rows: list[tuple[Value, ...]] = []
        self.number = 0
        self.base: Points | None = None
        self.balance: Points | None = None

    def page(self, draft: bool) -> Page:
        for quarter in self.cycle.quarters:
            self._quarter(quarter)
        for line in self.lines:
            if line.entry.month is None:
                self._line(line)
        self._year()
        return Page(TEMPLATE, self._words(draft), COLUMNS, tuple(level(self.rows)), draft=draft)

    def of(self, period: Period, draft: bool) -> Page:
        """The page of a period: what was there before as one figure, then its lines."""
        score, months = self.scores.get(period), self.cycle.months_of(period)
        own = [line for line in self.lines if line.entry.month in months]
        before = [line for line in self.lines if line.entry.month and line.entry.month < months[0]]
        base = score.base if score else None
        if base is not None:
            self.balance = base
            self._total("基础分", base, self._base_words())
            if self.running and before:
                bonus, deduction = counted(before, layout.BONUS), counted(before, layout.DEDUCTION)
                self.balance += bonus - deduction
                self._total(f"{months[0].sheet}以前合计", self.balance, "本计分周期以前各月", bonus, deduction)
        for line in own:
            self._line(line)
        for vote in self.votes:
            if vote.ballot.day and period.covers(Month.of(vote.ballot.day)):
                self._vote(vote)
        words = self._period_words(period, score)
        bonus, deduction = counted(own, layout.BONUS), counted(own, layout.DEDUCTION)
        self._total(f"{period.words}小计", self.balance, words, bonus, deduction)
        told = {
            "标题": f"{period.words}个人积分明细",
            "期间": span_words(*self.cycle.span(period)),
            "小结": f"{words}。",
        }
        return Page(TEMPLATE, self._words(draft) | told, COLUMNS, tuple(level(self.rows)), draft=draft)

    def _quarter(self, quarter: Period) -> None:
        lines = [line for line in self.lines if line.entry.month and line.entry.month.quarter == quarter]
        votes = [vote for vote in self.votes if vote.ballot.day and Month.of(vote.ballot.day).quarter == quarter]
        if self.cycle.span(quarter)[0] > self.day:
            return
        score = self.scores.get(quarter)
        self._open(quarter, score)
        for line in lines:
            self._line(line)
        for vote in votes:
            self._vote(vote)
        bonus, deduction = counted(lines, layout.BONUS), counted(lines, layout.DEDUCTION)
        self._total(f"{quarter.words}小计", self.balance, self._period_words(quarter, score), bonus, deduction)

    def _open(self, quarter: Period, score: Score | None) -> None:
        """The base: at the top where the year runs on, at the top of each quarter otherwise; and changes of it."""
        if self.running and self.base is None:
            score = score or next((self.scores[q] for q in self.cycle.quarters if q in self.scores), None)
        base = score.base if score else None
        if not self.running:
            self.balance = None
        if base is None or (self.running and base == self.base):
            return
        if self.running and self.base is not None and self.balance is not None:
            self.balance += base - self.base
            words = f"{quarter.words}起基础分由 {figure(self.base)} 分变为 {figure(base)} 分"
            self._total("基础分变动", self.balance, words)
        else:
            self.balance = base
            self._total("基础分", base, self._base_words())
        self.base = base

    def _base_words(self) -> str:
        if self.member.on(min(self.day, self.cycle.end)).own_base is not None:
            return "名册中的个人基础分"
        if self.member.joined and self.settings.joiner_base == layout.PRO_RATA:
            return f"{day_words(self.member.joined)}转入，按月折算"
        return "计分开始时的起点分"

    def _line(self, line: Line) -> None:
        entry, rule = line.entry, line.entry.rule
        kind = rule.kind if rule else ""
        if self.balance is not None:
            self.balance += line.counted * {layout.BONUS: 1, layout.DEDUCTION: -1}.get(kind, 0)
        self.number += 1
        self._add(
            {
                "序号": self.number,
                "来源": entry.place.sheet,
                "日期": str(entry.day or ""),
                "规则": rule.label if rule else "",
                "事由": entry.reason,
                "佐证": entry.evidence,
                "数量": _claim(line),
                "原始分": decimal(line.raw),
                kind: decimal(line.counted),
                "说明": self.explanations.words(line),
            },
            self.balance,
        )

    def _vote(self, vote: Vote) -> None:
        ballot, rule = vote.ballot, vote.ballot.rule
        if rule is None:
            return
        self.number += 1
        counts = f"（应到{ballot.entitled}人、实到{ballot.present}人、赞成{ballot.ayes}票）"
        counts = "" if ballot.is_decided else counts
        scope = "只在当季有效" if self.settings.veto_scope == layout.THAT_QUARTER else "至本计分周期结束有效"
        self._add(
            {
                "序号": self.number,
                "来源": ballot.place.sheet,
                "日期": str(ballot.day or ""),
                "规则": rule.label,
                "事由": ballot.reason,
                "佐证": ballot.evidence,
                "说明": f"{decision_words(ballot)}{counts}，{effect_words(rule)}，{scope}",
            },
            self.balance,
        )

    def _total(
        self,
        label: str,
        balance: Points | None,
        words: str,
        bonus: Points | None = None,
        deduction: Points | None = None,
    ) -> None:
        """A row without 序号: base, subtotal or total."""
        cells: dict[str, Value] = {"规则": label, "说明": words}
        if bonus is not None and deduction is not None:
            cells |= {layout.BONUS: decimal(bonus), layout.DEDUCTION: decimal(deduction)}
        self._add(cells, balance)

    def _add(self, cells: Mapping[str, Value], balance: Points | None) -> None:
        shown = {**cells, "结余": NOTHING if balance is None else decimal(balance)}
        self.rows.append(tuple(shown.get(name, "") for name in COLUMNS))

    def _until(self, period: Period) -> str:
        """``截至5月15日`` while the period is not over."""
        first, last = self.cycle.span(period)
        return until(self.day) if first <= self.day <= last else ""

    def _period_words(self, period: Period, score: Score | None) -> str:
        if self.day < self.cycle.span(period)[0]:
            return f"{period.short}还没有开始"
        if score is None:
            return f"不在册，{period.short}没有积分"
        which = self._until(period) or ("季度" if period.length == 3 else period.short)
        words = f"{which}积分 {figure(score.score)} 分{self._why_not_balance(score)}"
        return words + (f"，第 {score.rank} 名" if score.rank else "")

    def _why_not_balance(self, score: Score) -> str:
        """Why a quarter's score is not its balance: a veto, or 最低分 and 最高分."""
        if score.vetoed:
            return f"（{layout.VETO}）"
        if self.balance is None or self.balance == score.score:
            return ""
        which = "最低分" if self.balance < score.score else "最高分"
        carried = "，结余照原数累计" if self.running else ""
        return f"（按{which}计{carried}）"

    def _year(self) -> None:
        bonus, deduction = counted(self.lines, layout.BONUS), counted(self.lines, layout.DEDUCTION)
        year = self.scores.get(self.cycle.year)
        label = f"截至{day_words(self.day)}合计" if self._until(self.cycle.year) else "全年合计"
        self._total(label, year.score if year else None, self._year_words(year), bonus, deduction)

    def _year_words(self, year: Score | None) -> str:
        if year is None:
            return self._no_year
        why = f"（{layout.VETO}）" if year.vetoed else ""
        return f"{self._year_name} {figure(year.score)} 分{why}" + (f"，第 {year.rank} 名" if year.rank else "")

    @property
    def _year_name(self) -> str:
        return f"{self._until(self.cycle.year) or '年度'}积分"

    @property
    def _no_year(self) -> str:
        if self.day < self.cycle.start:
            return "计分周期还没有开始"
        return f"{self._until(self.cycle.year) or '周期末'}不在册，没有年度积分"

    def _summary(self) -> str:
        """The year's score as an equation, with rank and 建议等次."""
        year = self.scores.get(self.cycle.year)
        if year is None:
            return f"{self._no_year}；各季度积分见下表。"
        score = figure(year.score)
        if self.running and year.base is not None:
            total = year.base + year.bonus - year.deduction
            words = (
                f"基础分 {figure(year.base)} + 加分 {figure(year.bonus)} − 减分 {figure(year.deduction)} "
                f"= {figure(total)} 分"
            )
            if year.vetoed:
                words += f"；因{layout.VETO}，{self._year_name} {score} 分"
            elif total != year.score:
                words += f"；按{'最低分' if total < year.score else '最高分'}计，{self._year_name} {score} 分"
            else:
                words = f"{self._year_name} {score} 分：{words}"
        else:
            own = [self.scores[quarter] for quarter in self.cycle.quarters if quarter in self.scores]
            sums = " + ".join(figure(each.score) if each.score >= 0 else f"({figure(each.score)})" for each in own)
            if self.settings.yearly == layout.MEAN:
                uneven = sum(each.score for each in own) % len(own)
                sums = f"({sums}) ÷ {len(own)}" + ("，四舍五入到两位小数" if uneven else "")
            words = f"{self._year_name} {score} 分：各季度积分 {sums}"
            words += f"，因{layout.VETO}核定" if year.vetoed else ""
        if year.rank:
            words += f"；第 {year.rank} 名"
        if year.balance is not None:
            words += f"；还可兑换 {figure(max(year.balance, 0))} 分"
        if year.grade:
            words += f"；建议等次“{year.grade}”，正式等次由民主评议确定"
        return words + "。"

    def _words(self, draft: bool) -> dict[str, str]:
        settings, member = self.settings, self.member
        return {
            "标题": f"{year_words(self.cycle)}个人积分明细",
            "支部": settings.branch or NO_BRANCH,
            "姓名": member.name,
            "编号": member.code,
            "身份": member.on(min(self.day, self.cycle.end))._replace(duty="").words,
            "期间": cycle_words(self.cycle),
            "公式": formula(settings),
            "小结": self._summary(),
            "图例": LEGEND if self.running else LEGEND_BY_QUARTER,
            "异议": so_far(self.cycle, self.day) + _objection(settings),
            "落款": settings.issuer or settings.branch,
            "制表日期": day_words(self.day),
            "草稿": DRAFT if draft else "",
        }


def _objection(settings: Settings) -> str:
    """How to object, without the contact's name: the sheet names nobody but its member."""
    phone = f"（电话：{settings.phone}）" if settings.phone else ""
    return f"本明细只发给本人。对其中任何一笔有不同意见，请向支部委员会{phone}提出，支部核查后答复。"


def _claim(line: Line) -> str:
    """What was claimed: ``8小时``, or ``申报5分`` for a rule with a range."""
    entry = line.entry
    if entry.claimed is not None:
        return f"申报{figure(entry.claimed)}分"
    unit = entry.rule.unit if entry.rule else ""
    return "" if entry.quantity is None else f"{float(entry.quantity):.10g}{unit}"
