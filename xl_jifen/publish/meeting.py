"""组织生活会对照清单: a member held against the rule table, what was and was not earned, and the branch likewise.

Neutral words, and room to write: the points are the mirror, the criticism is people's own. Deductions come first. A
member's table has the items with entries (what is missing is in words above it), or the ``whole`` rule table where
that is asked for. Sheets go from hand to hand: lines of merged rules (公示 合并) are one sum, 其他加分 or 其他减分, in
no sum by 大项, and nobody is told to lack them.

``words``: 标题 支部 姓名 编号 身份 期间 说明段 小结 减分情况 加分情况 考勤 学习 栏目一 栏目二 栏目三 制表日期 草稿 (all
always there; 学习 may be empty). ``columns`` are :data:`COLUMNS`; 计入分 is Decimal, deductions negative, or ``—``.

One module, however long: a member's sheet and the branch's are made of the same rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.finding import Finding
from xl_jifen.period import Cycle, until, year_words
from xl_jifen.publish.figures import DRAFT, NO_BRANCH, NOTHING, decimal, figure, level, signed
from xl_jifen.publish.held import held_words
from xl_jifen.publish.how_counted import standard_words
from xl_jifen.publish.notice import day_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.publish.study import StudyRow, shorter_words
from xl_jifen.publish.yearly import (
    Explanations,
    Presence,
    Presences,
    cycle_words,
    decision_words,
    lines_of,
    so_far,
    vetoes_of,
)
from xl_jifen.register import Ledger, Line, Member, Points, Rule, Score, Vote, points_text, round_points

TEMPLATE = "meeting"

COLUMNS = ("类型", "大项", "小项", "计分标准", "本年情况", "计入分")

KINDS = (layout.DEDUCTION, layout.BONUS, layout.VETO, layout.BASE)
"""The order of the table: what there is to answer for first."""

BOXES = ("自我批评", "他人意见", "整改措施")
BRANCH_BOXES = ("查摆出的问题", "意见建议", "整改措施")

NOT_TOLD = "不逐人列出"
"""What the whole table says of a merged rule, of everybody alike."""

MOST_REASONS = 3
"""Bonuses of one rule up to this many are told one by one with their reasons; of more only how many they are."""

ABOUT_MEMBER = (
    "本清单按本计分周期的登记整理，供对照检查、开展批评和自我批评时参考；没有加分的项目只表示没有登记，不作评价。"
)
ABOUT_BRANCH = "本概览按本计分周期的登记整理，只列项目、人数和次数，供支部查找共性问题时参考。"


def meeting(
    ledger: Ledger,
    findings: Iterable[Finding],
    records: Presences,
    study: Sequence[StudyRow],
    day: date,
    *,
    whole: bool = False,
    example: bool = False,
    draft: bool = False,
) -> Iterator[tuple[Member | None, Page]]:
    """The branch's overview (for None), then a page for each member of the year in roster order, as of ``day``.

    ``example``: the rules are still those of an example, which every page says once. What is registered for months to
    come is not told, and before the cycle is over nothing is said of the whole year.
    """
    cycle = ledger.register.settings.cycle
    if cycle is None:
        raise ValueError("a meeting needs a cycle")
    whole_year, ledger = ledger.year, as_it_stands(ledger, cycle, day)
    scores = {score.member: score for score in ledger.year}
    members = sorted(scores or {score.member for score in whole_year}, key=lambda member: member.order)
    sheet = _Sheet(ledger, cycle, records, day, whole, example, draft)
    yield None, sheet.overview(members, study)
    explanations = Explanations(findings, ledger.register.members)
    lines, votes = lines_of(ledger), vetoes_of(ledger)
    studied = {row.member: row for row in study}
    for member in members:
        own = _Own(member, lines.get(member, ()), votes.get(member, ()), explanations)
        yield member, sheet.of(scores.get(member), own, studied.get(member))


class _Own:
    """What one member has under each rule."""

    def __init__(
        self, member: Member, lines: Sequence[Line], votes: Sequence[Vote], explanations: Explanations
    ) -> None:
        self.member, self.votes, self.explanations = member, votes, explanations
        self.lines: dict[Rule, list[Line]] = defaultdict(list)
        for line in lines:
            if line.entry.rule is not None:
                self.lines[line.entry.rule].append(line)

    def points(self, rule: Rule) -> Points:
        return sum(line.counted for line in self.lines.get(rule, ()))

    def others(self, kind: str) -> Points:
        """What merged rules of a kind come to together."""
        return sum(self.points(rule) for rule in self.lines if rule.merged and rule.kind == kind)


class _Sheet:
    """The pages of one branch and cycle."""

    def __init__(
        self, ledger: Ledger, cycle: Cycle, records: Presences, day: date, whole: bool, example: bool, draft: bool
    ) -> None:
        self.ledger, self.register, self.cycle = ledger, ledger.register, cycle
        self.records, self.day, self.whole, self.draft = records, day, whole, draft
        self.examples = "计分标准为示例。" if example else ""
        self.over = day > cycle.end
        self.until = "" if self.over else until(day)
        self.time = self.until or "全年"
        kept = (rule for rule in self.register.rules if rule.code)
        self.rules = sorted(kept, key=lambda rule: (KINDS.index(rule.kind) if rule.kind in KINDS else 9, rule.order))

    def of(self, score: Score | None, own: _Own, studied: StudyRow | None) -> Page:
        """One member's page."""
        member, record = own.member, self.records.get(own.member, ())
        words = {
            "姓名": member.name,
            "编号": member.code,
            "身份": (score.standing if score else member.on(self.cycle.start)).words,
            "说明段": so_far(self.cycle, self.day) + ABOUT_MEMBER + self.examples,
            "小结": self._summary(score),
            "减分情况": self._earned(own, layout.DEDUCTION),
            "加分情况": self._earned(own, layout.BONUS),
            "考勤": _attendance(record),
            "学习": (f"{self.until}{studied.words}。" if studied else "")
            + shorter_words(self.register, self.cycle, member, record, self.day),
            **dict(zip(("栏目一", "栏目二", "栏目三"), BOXES, strict=True)),
        }
        return self._page(words, list(self._member_rows(own)))

    def overview(self, members: Collection[Member], study: Sequence[StudyRow]) -> Page:
        """The branch's page: every rule with how many people and times, and no names."""
        lines: dict[Rule, list[Line]] = defaultdict(list)
        for line in self.ledger.lines:
            admitted = line.admitted and _worth_telling(line)
            if line.entry.rule is not None and line.entry.member in members and admitted:
                lines[line.entry.rule].append(line)
        vetoed = {vote.ballot.rule for vote in self.ledger.votes if vote.passed}
        kinds = {kind: [r for r in self.rules if r.kind == kind] for kind in (layout.DEDUCTION, layout.BONUS)}
        short = sum(row.short > 0 for row in study)
        records = [each for member in members for each in self.records.get(member, ())]
        words = {
            "姓名": "支部概览",
            "编号": "",
            "身份": f"计分党员 {len(members)} 人",
            "说明段": so_far(self.cycle, self.day) + ABOUT_BRANCH + self.examples,
            "小结": self._branch_summary(self.ledger.year),
            "减分情况": _spread(kinds[layout.DEDUCTION], lines, self.time),
            "加分情况": _spread(kinds[layout.BONUS], lines, self.time),
            "考勤": _rates(sorted(records, key=lambda each: each.activity.place.row))
            + held_words(self.register, self.cycle, self.day - timedelta(days=1)),
            "学习": self._studied(len(study), short),
            **dict(zip(("栏目一", "栏目二", "栏目三"), BRANCH_BOXES, strict=True)),
        }
        return self._page(words, list(self._branch_rows(lines, vetoed)))

    def _studied(self, whole: int, short: int) -> str:
        """How many of those with a target have met it; before the cycle is over nobody has missed it."""
        left = f"未完成 {short} 人" if self.over else f"还没有完成 {short} 人"
        return f"有任务的 {whole} 人中，完成 {whole - short} 人，{left}。" if whole else ""

    def _branch_rows(
        self, lines: Mapping[Rule, Sequence[Line]], vetoed: Container[Rule | None]
    ) -> Iterator[tuple[Value, ...]]:
        """The rules that were used, or all of them; merged ones as a row of their sum after those of a kind."""
        for kind in KINDS:
            own = [rule for rule in self.rules if rule.kind == kind]
            for rule in own:
                if self.whole or (lines.get(rule) and not rule.merged) or rule in vetoed:
                    yield self._branch_row(rule, lines.get(rule, ()))
            others = [line for rule in own if rule.merged for line in lines.get(rule, ())]
            if others:
                yield _others_row(kind, sum(line.counted for line in others))

    def _page(self, words: Mapping[str, str], rows: Iterable[tuple[Value, ...]]) -> Page:
        settings = self.register.settings
        common = {
            "标题": f"{year_words(self.cycle)}组织生活会对照清单",
            "支部": settings.branch or NO_BRANCH,
            "期间": cycle_words(self.cycle),
            "制表日期": day_words(self.day),
            "草稿": DRAFT if self.draft else "",
        }
        return Page(TEMPLATE, {**common, **words}, COLUMNS, tuple(level(tuple(rows))), draft=self.draft)

    # ---- one member ----

    def _summary(self, score: Score | None) -> str:
        if score is None:
            return "还没有积分。" if self.day < self.cycle.start else f"{self.time}不在册，没有积分。"
        rank = f"，第 {score.rank} 名" if score.rank else ""
        veto = f"（{layout.VETO}）" if score.vetoed else ""
        return (
            f"{'年度' if self.over else self.time}积分 {figure(score.score)} 分{veto}{rank}；"
            f"{'全年' if self.over else ''}加分 {figure(score.bonus)} 分，减分 {figure(score.deduction)} 分。"
        )

    def _earned(self, own: _Own, kind: str) -> str:
        """By 大项: points, and in how many of its items; blocks without any are named together."""
        blocks: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            if rule.kind == kind and not rule.merged and rule.covers(own.member.on(self.cycle.end).category):
                blocks[rule.block].append(rule)
        told, none = [], []
        for block, rules in blocks.items():
            points = sum(own.points(rule) for rule in rules)
            having = sum(bool(own.points(rule)) for rule in rules)
            if having:
                told.append(f"{block} {signed(_effect(kind, points))}（{len(rules)} 个小项中的 {having} 项）")
            else:
                none.append(block)
        others = own.others(kind)
        if not told and not others:
            return f"{self.time}没有{kind}。"
        rest = f"；其他大项没有{kind}" if none and kind == layout.DEDUCTION else f"；没有加分的大项：{'、'.join(none)}"
        told += [f"{layout.OTHERS[kind]} {signed(_effect(kind, others))}"] if others else []
        return "；".join(told) + (rest if none else "") + "。"

    def _member_rows(self, own: _Own) -> Iterator[tuple[Value, ...]]:
        """The rules with something to tell, or all of them; merged ones as a row of their sum after those of a kind."""
        for kind in KINDS:
            for rule in self.rules:
                if rule.kind == kind and (self.whole or (not rule.merged and self._has(own, rule))):
                    yield self._member_row(rule, own)
            if points := own.others(kind):
                yield _others_row(kind, points)

    def _has(self, own: _Own, rule: Rule) -> bool:
        """Whether a member has anything under a rule."""
        return any(map(_worth_telling, own.lines.get(rule, ()))) or any(vote.ballot.rule is rule for vote in own.votes)

    def _member_row(self, rule: Rule, own: _Own) -> tuple[Value, ...]:
        if rule.merged:
            return self._row(rule, NOT_TOLD, None)
        if rule.kind == layout.VETO:
            votes = [vote for vote in own.votes if vote.ballot.rule is rule]
            passed = "；".join(f"{decision_words(vote.ballot)}：{vote.ballot.reason}" for vote in votes)
            return self._row(rule, passed or "无", None)
        if rule.kind == layout.BASE:
            return self._base_row(rule, own.member)
        lines = own.lines.get(rule, [])
        counted = [line for line in lines if line.admitted and _worth_telling(line)]
        told = _told(rule, counted)
        told += [f"另有 {len(waiting)} 笔未计入：{why}" for why, waiting in self._refused(own, lines).items()]
        closed = self._closed(rule, own.member)
        if not told:
            told = [closed or ("无" if rule.kind == layout.DEDUCTION else "没有加分")]
        elif closed:
            told.append(closed)
        return self._row(rule, "；".join(told), own.points(rule) if counted else None)

    def _base_row(self, rule: Rule, member: Member) -> tuple[Value, ...]:
        if (own_base := member.on(self.cycle.end).own_base) is not None:
            return self._row(rule, f"按个人基础分 {figure(own_base)} 分计，不分项", None)
        closed = self._closed(rule, member)
        return self._row(rule, closed or "基础分", None if closed else rule.points)

    def _refused(self, own: _Own, lines: Iterable[Line]) -> Mapping[str, list[Line]]:
        """The lines that did not count, by why."""
        waiting: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if not line.admitted:
                waiting[own.explanations.words(line)].append(line)
        return waiting

    def _closed(self, rule: Rule, member: Member) -> str:
        """Why this member could not earn a rule all year: another category, or not in force; empty if possible."""
        if not rule.covers(member.on(self.cycle.end).category):
            return f"不适用（适用类别：{'、'.join(sorted(rule.categories))}）"
        return self._in_force(rule)

    def _in_force(self, rule: Rule) -> str:
        if rule.end and rule.end < min(self.day, self.cycle.end):
            return f"已于 {rule.end} 失效"
        return f"自 {rule.start} 起生效" if rule.start and rule.start > self.cycle.start else ""

    def _row(self, rule: Rule, told: str, points: Points | None) -> tuple[Value, ...]:
        shown = NOTHING if points is None else decimal(_effect(rule.kind, points))
        return rule.kind, rule.block, rule.item, standard_words(rule), told, shown

    # ---- the branch ----

    def _branch_summary(self, scores: Sequence[Score]) -> str:
        if not scores:
            return "还没有积分。" if self.day < self.cycle.start else "本周期没有计分的党员。"
        points = [score.score for score in scores if not score.vetoed]
        span = f"积分 {figure(min(points))} 至 {figure(max(points))} 分；" if points else ""
        vetoed = len(scores) - len(points)
        veto = f"；{layout.VETO} {vetoed} 人" if vetoed else ""
        bonus, deduction = (sum(getattr(s, name) for s in scores) for name in ("bonus", "deduction"))
        return f"{span}全支部加分 {figure(bonus)} 分，减分 {figure(deduction)} 分{veto}。"

    def _branch_row(self, rule: Rule, lines: Sequence[Line]) -> tuple[Value, ...]:
        if rule.merged:
            return self._row(rule, NOT_TOLD, None)
        if rule.kind == layout.BASE:
            return self._row(rule, self._in_force(rule) or "基础分", rule.points)
        if rule.kind == layout.VETO:
            number = sum(vote.passed and vote.ballot.rule is rule for vote in self.ledger.votes)
            done = "认定" if rule.veto_way == layout.BY_DECISION else "表决通过"
            return self._row(rule, f"{done} {number} 人次" if number else "无", None)
        counted = [line for line in lines if not line.entry.reversal]
        if not counted:
            nobody = "无" if rule.kind == layout.DEDUCTION else "没有人加分"
            return self._row(rule, self._in_force(rule) or nobody, None)
        people = len({line.entry.member for line in counted})
        closed = self._in_force(rule)
        told = f"{people} 人、{len(counted)} 次" + (f"；{closed}" if closed else "")
        return self._row(rule, told, sum(line.counted for line in lines))


def _others_row(kind: str, points: Points) -> tuple[Value, ...]:
    """What merged rules of a kind come to, as a row of the table."""
    name = layout.OTHERS[kind]
    return kind, name, name, "", "合计", decimal(_effect(kind, points))


def _effect(kind: str, points: Points) -> Points:
    return -points if kind == layout.DEDUCTION else points


def _told(rule: Rule, lines: Sequence[Line]) -> list[str]:
    """What counted under one rule: each with its reason, or only how many where there are many bonuses."""
    first_hand = [line for line in lines if not line.entry.reversal]
    told = []
    if len(first_hand) <= MOST_REASONS or rule.kind == layout.DEDUCTION:
        for line in first_hand:
            points = signed(_effect(rule.kind, line.counted)) if line.counted else "计 0"
            told.append(f"{_short_day(line)} {line.entry.reason}（{points}）")
    elif first_hand:
        told.append(f"{len(first_hand)} 次")
    cut = sum(line.raw - line.counted for line in first_hand)
    if cut:
        told.append(f"按封顶、就高、限次少计 {figure(cut)} 分")
    back = sum(line.counted for line in lines if line.entry.reversal)
    if back:
        told.append(f"更正 {signed(_effect(rule.kind, back))}")
    return told


def _worth_telling(line: Line) -> bool:
    """Not a line that lies within what earns nothing (免计数量): nothing was expected of it."""
    return line.raw != 0 or not line.admitted or line.entry.rule is None or not line.entry.rule.free


def _short_day(line: Line) -> str:
    day = line.entry.day
    return f"{day.month}月{day.day}日" if day else ""


def _attendance(record: Sequence[Presence]) -> str:
    """``登记 20 次：参加 17 次，请假 2 次…``, then when and what for all but 参加."""
    if not record:
        return "没有考勤登记。"
    counts = Counter(each.status for each in record)
    told = "，".join(f"{status} {counts[status]} 次" for status in layout.ATTENDANCE if counts[status])
    parts = [f"登记 {len(record)} 次：{told}"]
    for status in layout.ATTENDANCE:
        if status != layout.ATTENDED and counts[status]:
            which = "、".join(_activity_words(each) for each in record if each.status == status)
            parts.append(f"{status}：{which}")
    return "；".join(parts) + "。"


def _activity_words(each: Presence) -> str:
    day = each.activity.day
    when = f"{day.month}月{day.day}日" if day else ""
    return f"{when}{each.activity.kind}"


def _rates(record: Iterable[Presence]) -> str:
    """By 活动类型: how many of those registered came, late ones too."""
    heads: Counter[str] = Counter()
    came: Counter[str] = Counter()
    for each in record:
        heads[each.activity.kind] += 1
        came[each.activity.kind] += each.status in (layout.ATTENDED, layout.LATE)
    if not heads:
        return "没有考勤登记。"
    told = (f"{kind} {came[kind]}/{total}（{_percent(came[kind], total)}）" for kind, total in heads.items())
    return "到会人次/登记人次：" + "，".join(told) + "。"


def _percent(part: int, whole: int) -> str:
    return f"{points_text(round_points(Fraction(1000 * part, whole)) * 10)}%"


def _spread(rules: Iterable[Rule], lines: Mapping[Rule, Sequence[Line]], time: str) -> str:
    """By 大项: points and people; then the items nobody has in that ``time``."""
    blocks: dict[str, list[Line]] = defaultdict(list)
    without, others = [], []
    kind = ""
    for rule in rules:
        kind = rule.kind
        own = [line for line in lines.get(rule, ()) if line.counted]
        if rule.merged:
            others += own
            continue
        blocks[rule.block] += own
        if not own:
            without.append(rule.item)
    told = [
        f"{block} {signed(_effect(kind, sum(line.counted for line in own)))}"
        f"（{len({line.entry.member for line in own})} 人）"
        for block, own in blocks.items()
        if own
    ]
    told += [f"{layout.OTHERS[kind]} {signed(_effect(kind, sum(line.counted for line in others)))}"] if others else []
    if not told:
        return f"{time}没有。"
    rest = f"；没有人得分的小项：{'、'.join(without)}" if without and kind == layout.BONUS else ""
    return "；".join(told) + rest + "。"
