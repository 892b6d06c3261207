"""民主评议参考表: what the year's points suggest, beside the columns people fill by hand. Points advise, people decide.

Everybody who takes part has a row: scored members in listing order, then those without points. 预备党员 are listed and
not graded (unless the branch set it otherwise).

``words``: 标题 支部 期间 说明段 比例核对 并列 说明 学习任务 季度一名 … 季度四名 落款 制表日期 草稿 (all always
there; some may be empty). ``columns`` are :data:`COLUMNS`; scores are Decimal or ``—``; the columns of
:data:`BY_HAND` are empty, but for what 测评记录 counted (``优秀18（60%）``, a line each).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from math import floor

from xl_jifen import layout
from xl_jifen.ballot import tally
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.period import Cycle, Month, Period, year_words
from xl_jifen.publish.figures import BASE_WORDS, DRAFT, NO_BRANCH, NOTHING, decimal, figure, level, share
from xl_jifen.publish.notice import day_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.publish.study import StudyRow, study_words
from xl_jifen.publish.yearly import (
    cycle_words,
    decision_words,
    effect_words,
    formula,
    short_quarter,
    so_far,
    vetoes_of,
)
from xl_jifen.register import Band, Ledger, Member, Register, Rule, Score, Vote
from xl_jifen.score import OVER_QUOTA, base_number, reference_day

TEMPLATE = "appraisal"

QUARTERS = ("季度一", "季度二", "季度三", "季度四")
BY_HAND = ("个人自评", "党员互评", "民主测评", "支委会意见", "评定等次")
COUNTED_IN = {"": "民主测评", "党员互评": "党员互评", "群众测评": "民主测评", "支委会": "支委会意见"}
"""Where the ballots of 测评记录 are told, by 票种; those of different kinds are never added."""
COLUMNS = ("名次", "姓名", *QUARTERS, "加分", "减分", "积分", "建议等次", *BY_HAND, "备注")


def appraisal(ledger: Ledger, study: Sequence[StudyRow], day: date, *, draft: bool = False) -> Page:
    """The reference page of the year, as of ``day``. The register must have a cycle.

    Before the cycle is over there is no rank, no grade and no check of their share; quarters to come are empty.
    """
    settings, cycle = ledger.register.settings, ledger.register.settings.cycle
    if cycle is None:
        raise ValueError("an appraisal needs a cycle")
    whole_year, ledger, over = ledger.year, as_it_stands(ledger, cycle, day), day > cycle.end
    scores = ledger.year
    blank = [] if scores else [score.member for score in whole_year]
    others = _not_scored(ledger, cycle if over or blank else cycle.up_to(day), blank)
    shown = cycle.quarters[-len(QUARTERS) :]
    names = [short_quarter(cycle, quarter) for quarter in shown]
    last = (cycle if over or not scores else cycle.up_to(day)).quarters[-1]
    rows = _rows(ledger, cycle, blank, others, shown, last, over=over)
    words = {
        "标题": f"{year_words(cycle)}民主评议党员参考表",
        "支部": settings.branch or NO_BRANCH,
        "期间": cycle_words(cycle),
        "说明段": so_far(cycle, day)
        + f"积分期间为{cycle_words(cycle)}。积分和建议等次只供民主评议参考，正式等次由民主评议确定。",
        "比例核对": _quota(ledger, scores) if over else "名次、建议等次和比例，计分周期结束以后再列。",
        "并列": _ties(scores) if over else "",
        "说明": "\n".join(_notes(ledger, cycle, others, over=over)),
        "学习任务": study_words(study, over=over),
        **{f"{column}名": name for column, name in zip(QUARTERS, [*names, "", "", ""], strict=False)},
        "落款": settings.issuer or settings.branch,
        "制表日期": day_words(day),
        "草稿": DRAFT if draft else "",
    }
    return Page(TEMPLATE, words, COLUMNS, tuple(level(rows)), draft=draft)


def _rows(
    ledger: Ledger,
    cycle: Cycle,
    blank: Sequence[Member],
    others: Sequence[Member],
    shown: Sequence[Period],
    last: Period,
    *,
    over: bool,
) -> list[tuple[Value, ...]]:
    """A row a member with points, then the ``blank``, who will have some, and the ``others``, who will have none.

    ``last`` is the last quarter so far.
    """
    register = ledger.register
    of_period = {(score.member, score.period): score.score for score in ledger.scores}
    votes = _acting(ledger, last)
    opinions = _opinions(register)

    def row(member: Member, cells: Mapping[str, Value]) -> tuple[Value, ...]:
        quarters: dict[str, Value] = {}
        for column, quarter in zip(QUARTERS, shown, strict=False):
            points = of_period.get((member, quarter))
            quarters[column] = NOTHING if points is None else decimal(points)
        filled: Mapping[str, Value] = {"姓名": member.shown, **quarters, **opinions.get(member, {}), **cells}
        return tuple(filled.get(column, "") for column in COLUMNS)

    rows = []
    for score in ledger.year:
        cells: dict[str, Value] = {
            "名次": score.rank or NOTHING,
            "加分": decimal(score.bonus),
            "减分": decimal(score.deduction),
            "积分": decimal(score.score),
            "建议等次": score.grade or NOTHING,
            "备注": "；".join(_remarks(ledger, cycle, score, votes.get(score.member, ()), over=over)),
        }
        rows.append(row(score.member, cells))
    nothing = dict.fromkeys(("名次", "加分", "减分", "积分", "建议等次"), NOTHING)
    rows += [row(member, nothing) for member in blank]
    for member in others:
        why = "名册中此行有误，改正后才有积分" if member.faults else "不计分"
        rows.append(row(member, {**nothing, "备注": why}))
    return rows


def _acting(ledger: Ledger, last: Period) -> Mapping[Member, Sequence[Vote]]:
    """Each member's passed votes that act on the year: with 当季 those of its last quarter (§7)."""
    votes = vetoes_of(ledger)
    if ledger.register.settings.veto_scope != layout.THAT_QUARTER:
        return votes
    return {
        m: [vote for vote in own if vote.ballot.day and last.covers(Month.of(vote.ballot.day))]
        for m, own in votes.items()
    }


def _not_scored(ledger: Ledger, cycle: Cycle, blank: Sequence[Member]) -> list[Member]:
    """Who is on the roster at the cycle's end and has no score."""
    scored = {*blank, *(score.member for score in ledger.year)}
    last = reference_day(ledger.register.settings, cycle, cycle.quarters[-1])
    return [each for each in ledger.register.members if each not in scored and each.on_roster(last)]


def _opinions(register: Register) -> Mapping[Member, Mapping[str, Value]]:
    """The ballots counted for each member by column: how many of each opinion, and their share of that kind."""
    told: dict[Member, dict[str, Value]] = defaultdict(dict)
    for (member, sort), counts in tally(register.opinions).items():
        whole, column = sum(counts.values()), COUNTED_IN[sort]
        lines = [f"{name}{number}（{share(number, whole)}%）" for name, number in counts.items() if number]
        told[member][column] = "\n".join(filter(None, (str(told[member].get(column, "")), *lines)))
    return told


def _remarks(ledger: Ledger, cycle: Cycle, score: Score, votes: Sequence[Vote], *, over: bool) -> list[str]:
    member, remarks = score.member, []
    if score.vetoed:
        remarks += [
            f"{layout.VETO}：{decision_words(vote.ballot)}"
            f"{'' if rule.merged else f'（{rule.item}）'}，{effect_words(rule)}"
            for vote in votes
            if (rule := vote.ballot.rule) is not None
        ]
    elif score.remark:
        remarks.append(score.remark)
    if over and score.standing.kind == layout.PROBATIONARY and score.grade is None:
        remarks.append("预备党员，不评等次")
    if member.joined and member.joined in cycle:
        remarks.append(f"{member.joined} 转入")
    for quarter in cycle.quarters[: -len(QUARTERS)]:
        earlier = next((s for s in ledger.of(quarter) if s.member is member), None)
        if earlier:
            remarks.append(f"{short_quarter(cycle, quarter)}积分 {figure(earlier.score)}")
    return remarks


def _quota(ledger: Ledger, scores: Sequence[Score]) -> str:
    """The check of 优秀比例上限: places, who reached the line, who was suggested, and a tie at the border."""
    settings = ledger.register.settings
    band = next((band for band in ledger.register.bands if band.limited), None)
    if band is None or settings.share is None:
        return "没有设置优秀比例上限。"
    given = [score for score in scores if score.grade == band.name]
    over = [score for score in scores if score.remark == OVER_QUOTA]
    heads = base_number(ledger, scores[0].period) if scores else 0
    places = floor(settings.share * heads)
    share = settings.share
    words = (
        f"“{band.name}”不超过{BASE_WORDS[settings.share_of]}{heads}人的"
        f"{share.numerator}/{share.denominator}，即{places}人；"
        f"积分达到“{band.name}”线的{len(given) + len(over)}人，建议“{band.name}”{len(given)}人，"
    )
    if not over:
        return words + "未超过比例。"
    tied = [score for score in over if score.score == max(each.score for each in over)]
    names = "、".join(score.member.label for score in tied)
    border = (
        f"积分并列的{len(tied)}人（{names}，{figure(tied[0].score)}分）超过剩余名额{places - len(given)}个，都未列入；"
        if len(tied) > places - len(given) > 0
        else ""
    )
    return f"{words}{border}超出比例的{len(over)}人暂列下一等次，请支委会研究。"


def _ties(scores: Sequence[Score]) -> str:
    """Which ranks are shared, and by whom; "" where none is."""
    ranks: dict[int, list[Member]] = defaultdict(list)
    for score in scores:
        if score.rank is not None:
            ranks[score.rank].append(score.member)
    shared = [
        f"第{rank}名{len(members)}人（{'、'.join(member.label for member in members)}）"
        for rank, members in sorted(ranks.items())
        if len(members) > 1
    ]
    return f"名次并列：{'；'.join(shared)}。" if shared else ""


def _notes(ledger: Ledger, cycle: Cycle, others: Sequence[Member], *, over: bool) -> list[str]:
    """How the figures came about, a paragraph each; the last says what they are for."""
    register, settings = ledger.register, ledger.register.settings
    counted = sum(1 for line in ledger.lines if line.counted)
    ties = "其后名次顺延" if settings.ties == layout.SKIP_TIES else "其后名次不跳号"
    vetoed = any(score.vetoed for score in ledger.year)
    notes = [
        f"积分依据：{cycle_words(cycle)}登记并经审核通过的加分、减分和考勤，共计入{counted}笔；"
        "逐笔情况见各人的个人积分明细。",
        f"积分算法：{formula(settings)}",
        f"名次：按年度积分从高到低，积分相同的并列，{ties}{'；一票否决的不排名次，列在最后' if vetoed else ''}。",
    ]
    if register.bands:
        notes.append(f"建议等次：{_band_words(register.bands)}。")
    vetoes = [rule for rule in register.rules if rule.kind == layout.VETO and not rule.faults]
    if vetoes and vetoed:
        notes.append(
            f"一票否决：{'；'.join(f'{rule.item}的，{effect_words(rule)}' for rule in vetoes)}。"
            f"{_how_decided(vetoes)}本表只列出结果，不作认定。"
        )
    probationary = "参加评议并给出建议等次" if settings.grade_probationary else "参加评议，积分照常列出，不评定等次"
    if register.opinions:
        notes.append("测评票数：按票种分列在相应栏内，不同票种不相加，比例以该人这一种票的总数为基数。")
    if any(score.standing.kind == layout.PROBATIONARY for score in ledger.year):
        notes.append(f"预备党员：{probationary}。")
    if others:
        notes.append(f"不计分的党员：积分各栏为“{NOTHING}”，等次由评议确定。")
    notes += [
        f"手填各栏：{'、'.join(BY_HAND[:3])}按评议程序如实填写；“{BY_HAND[3]}”“{BY_HAND[4]}”由支部委员会会议或者"
        "党员大会根据评议情况和党员日常表现情况提出、确定后填写。",
        "本表用途：积分反映登记在册的表现，不能代替对党员的全面评价。建议等次只供参考，与评议情况不一致的，"
        "以民主评议的结果为准。",
    ]
    return notes


def _how_decided(vetoes: Sequence[Rule]) -> str:
    """How the branch comes to a veto: by ballot, by decision of the organisation, or either."""
    ways = {rule.veto_way for rule in vetoes}
    ballot = "须经支部党员大会表决，赞成票超过应到会有表决权的党员的半数为通过；"
    decided = "由组织认定的不经表决；"
    return (ballot if layout.BY_BALLOT in ways else "") + (decided if layout.BY_DECISION in ways else "")


def _band_words(bands: Sequence[Band]) -> str:
    """``优秀 125分及以上、合格 80分及以上、不合格 其余``, by the year's lines."""
    told = []
    for band in bands:
        line = band.floor if band.year_floor is None else band.year_floor
        told.append(f"{band.name} {'其余' if line is None else f'{figure(line)}分及以上'}")
    return "年度积分" + "、".join(told)
