"""学习任务: the yearly target in 学时 against what the attendance sheet records, and the entries that would follow.

Targets are rows of 组织生活要求; those of the year count here, of shorter periods it is told whether they were met.
Entries are proposed, with what they would earn by the branch's own rules; nothing is ever posted. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.check import check
from xl_jifen.grid import Place, squeeze
from xl_jifen.period import KINDS, Cycle, Month, Period, year_words
from xl_jifen.publish.figures import DRAFT, NO_BRANCH, NOTHING, figure, signed
from xl_jifen.publish.notice import day_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.publish.yearly import Presence, Presences, hours_of, so_far
from xl_jifen.register import Entry, Ledger, Member, Points, Register, Requirement, Rule
from xl_jifen.requirements import target_of
from xl_jifen.score import reference_day, score

TEMPLATE = "study"

COLUMNS = ("编号", "姓名", "计分类别", "任务学时", "完成学时", "差额", "建议登记", "登记数量", "预计计分")


NOT_YET = "计分周期结束以后再看"
"""In the place of a proposal for who still may do what is owed."""


class Proposal(NamedTuple):
    """An entry to consider: its rule, its 数量 in 学时, and what it would earn now."""

    rule: Rule
    quantity: Fraction
    counted: Points


class StudyRow(NamedTuple):
    """One member's year of study; ``proposal`` and ``note`` say what follows, ``note`` why nothing does."""

    member: Member
    target: Fraction
    done: Fraction
    proposal: Proposal | None
    note: str
    category: str = ""
    whose: str = layout.EVERYONE

    @property
    def short(self) -> Fraction:
        """学时 still owed, negative where more were done."""
        return self.target - self.done

    @property
    def words(self) -> str:
        """``任务32学时，完成20学时，少12学时``."""
        words = f"任务{hours(self.target)}学时，完成{hours(self.done)}学时"
        if self.short > 0:
            return f"{words}，少{hours(self.short)}学时"
        return words + (f"，超{hours(-self.short)}学时" if self.short < 0 else "")


def hours(number: Fraction) -> str:
    """学时 in words: ``7.5``."""
    return f"{float(number):.10g}"


def study(ledger: Ledger, records: Presences) -> tuple[StudyRow, ...]:
    """Every member of the year who has a yearly target (组织生活要求), in roster order."""
    register = ledger.register
    automatic = {entry.rule for entry in register.entries if entry.attendance}
    rows = []
    for each in sorted(ledger.year, key=lambda each: each.member.order):
        required = target_of(register, each.standing, layout.PER_YEAR)
        if required is not None and required.hours is not None:
            done = hours_of(records.get(each.member, ()), required.activity)
            row = _row(register, each.member, required.hours, done, automatic)
            rows.append(row._replace(category=each.standing.category, whose=required.whose or layout.EVERYONE))
    return _reckoned(register, rows)


def shorter_words(register: Register, cycle: Cycle, member: Member, record: Sequence[Presence], day: date) -> str:
    """``每季任务8学时，没有达到的：第二季度6学时。``: what months, quarters and half-years asked for that are over.

    Each period by what the member is on its reference day, as its score would be.
    """
    asked = defaultdict[Requirement, list[tuple[Period, Fraction]]](list)
    for period in (period for kind in KINDS[:-1] for period in cycle.periods(kind)):
        (first, last), on = cycle.span(period), reference_day(register.settings, cycle, period)
        required = target_of(register, member.on(on), period.kind)
        if required and member.on_roster(on) and last < day:
            within = [each for each in record if each.activity.day and first <= each.activity.day <= last]
            asked[required].append((period, hours_of(within, required.activity)))
    told = []
    for required, periods in asked.items():
        target = required.hours or Fraction(0)
        missed = "、".join(f"{cycle.short(period)}{hours(done)}学时" for period, done in periods if done < target)
        what = f"{required.activity}每{required.kind}任务{hours(target)}学时"
        told.append(f"{what}，{f'没有达到的：{missed}' if missed else '都达到'}")
    return f"{'；'.join(told)}。" if told else ""


def contradictions(ledger: Ledger, rows: Sequence[StudyRow]) -> Iterator[str]:
    """A sentence for each member who is below the target and yet has points by a rule counted in 学时."""
    for row in rows:
        points: dict[Rule, Points] = defaultdict(int)
        for line in ledger.lines if row.short > 0 else ():
            rule = line.entry.rule
            if rule and line.entry.member is row.member and rule.kind == layout.BONUS and _by_hours(rule):
                points[rule] += line.counted
        for rule, counted in points.items():
            if counted > 0:
                yield f"{row.member.shown}{row.words}，而按“{rule.label}”计了 {figure(counted)} 分，请核对。"


def study_words(rows: Sequence[StudyRow], *, over: bool = True) -> str:
    """The branch's picture in one paragraph: how many are over, at and under the target; empty without a target.

    Before the cycle is ``over`` nobody has missed it yet.
    """
    if not rows:
        return ""
    short = sum(row.short > 0 for row in rows)
    beyond = sum(row.short < 0 for row in rows)
    targets = "，".join(dict.fromkeys(f"{row.whose}{hours(row.target)}学时" for row in rows))
    return (
        f"学习任务：{targets}，按活动考勤中“{layout.ATTENDED}”的学时统计；完成{len(rows) - short}人"
        f"（其中超额{beyond}人），{'未' if over else '还没有'}完成{short}人。"
    )


def study_page(ledger: Ledger, rows: Sequence[StudyRow], day: date, *, draft: bool = False) -> Page:
    """学习任务完成情况: a row a member, those who owe most first, with the entry that might be posted.

    Before the cycle is over, none is proposed for who still may do what is owed.

    ``words``: 标题 支部 说明段 落款 制表日期 草稿. ``columns`` are :data:`COLUMNS`.
    """
    settings, cycle = ledger.register.settings, ledger.register.settings.cycle
    if cycle is None:
        raise ValueError("a year of study needs a cycle")
    words = {
        "标题": f"{year_words(cycle)}学习任务完成情况",
        "支部": settings.branch or NO_BRANCH,
        "说明段": f"{so_far(cycle, day)}{study_words(rows, over=day > cycle.end)}"
        "表中的登记只是建议，由支部委员会研究后在月份表中登记，本表不代为登记。",
        "落款": settings.issuer or settings.branch,
        "制表日期": day_words(day),
        "草稿": DRAFT if draft else "",
    }
    if day <= cycle.end:
        rows = [row._replace(proposal=None, note=NOT_YET) if row.short > 0 else row for row in rows]
    ordered = sorted(rows, key=lambda row: (-row.short, row.member.order))
    return Page(TEMPLATE, words, COLUMNS, tuple(_cells(row) for row in ordered), draft=draft)


def _cells(row: StudyRow) -> tuple[Value, ...]:
    rule, quantity, counted = row.proposal or (None, None, None)
    unit = rule.unit if rule else ""
    points = NOTHING
    if rule is not None and counted is not None:
        points = signed(counted if rule.kind == layout.BONUS else -counted)
    return (
        row.member.code,
        row.member.name,
        row.category,
        hours(row.target),
        hours(row.done),
        _difference(row.short),
        rule.label if rule else row.note,
        "" if quantity is None else f"{hours(quantity)}{unit}",
        points,
    )


def _difference(short: Fraction) -> str:
    if short > 0:
        return f"少{hours(short)}"
    return f"超{hours(-short)}" if short < 0 else ""


def _row(
    register: Register, member: Member, target: Fraction, done: Fraction, automatic: Iterable[Rule | None]
) -> StudyRow:
    short = target - done
    if not short:
        return StudyRow(member, target, done, None, "")
    kind = layout.DEDUCTION if short > 0 else layout.BONUS
    rule = _rule_for(register, member, kind)
    if rule is None:
        return StudyRow(member, target, done, None, f"没有适用的{kind}项")
    if rule in automatic:
        return StudyRow(member, target, done, None, f"{rule.code} 已由活动考勤计入，不再登记")
    for entry in register.entries:
        if entry.member is member and entry.rule is rule and entry.status != layout.REJECTED and not entry.reversal:
            return StudyRow(member, target, done, None, f"{rule.code} 已登记在{entry.place.sheet}，不再建议")
    return StudyRow(member, target, done, Proposal(rule, abs(short), 0), "")


def _rule_for(register: Register, member: Member, kind: str) -> Rule | None:
    """The first rule counted in 学时 that could be used on the last day of the cycle."""
    cycle = register.settings.cycle
    for rule in register.rules:
        if (
            rule.kind == kind
            and _by_hours(rule)
            and not rule.faults
            and rule.ceiling is None
            and not rule.ladder
            and cycle is not None
            and rule.covers(member.on(cycle.end).category)
            and rule.in_force(cycle.end)
        ):
            return rule
    return None


def _by_hours(rule: Rule) -> bool:
    return squeeze(rule.unit) == layout.PER_HOUR


def _reckoned(register: Register, rows: Sequence[StudyRow]) -> tuple[StudyRow, ...]:
    """The rows with what each proposal would earn: the whole year is scored once more with the proposals in it."""
    entries = {row.member: _entry(register, row.member, row.proposal) for row in rows if row.proposal}
    if not entries:
        return tuple(rows)
    tried = register._replace(entries=(*register.entries, *entries.values()), exchanges=())
    ledger, findings = score(tried, check(tried))
    lines = {line.entry: line for line in ledger.lines}
    limits = {found.place: found.message.rpartition("：")[2] for found in findings}
    done = []
    for row in rows:
        if row.proposal is None:
            done.append(row)
            continue
        line, code = lines[entries[row.member]], row.proposal.rule.code
        if line.counted:
            done.append(row._replace(proposal=row.proposal._replace(counted=line.counted)))
        elif line.raw:
            done.append(row._replace(proposal=None, note=f"按 {code} 不再计分：{limits[line.entry.place]}，已满"))
        else:
            done.append(row._replace(proposal=None, note=f"按 {code} 不足以计分"))
    return tuple(done)


def _entry(register: Register, member: Member, proposal: Proposal) -> Entry:
    """The proposal as an entry of the cycle's last day; as an attendance line, so that it needs no 核实人."""
    cycle = register.settings.cycle
    if cycle is None:
        raise ValueError("a proposal needs a cycle")
    return Entry(
        place=Place("", member.order + 1),
        month=Month.of(cycle.end),
        day=cycle.end,
        member=member,
        rule=proposal.rule,
        quantity=proposal.quantity,
        claimed=None,
        reason="学习任务",
        evidence=layout.ACTIVITIES.name,
        verifier="",
        status=layout.PASSED,
        matter="",
        reversal="",
        serial="",
        columns={},
        attendance=layout.ATTENDED,
    )
