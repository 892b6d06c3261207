"""Ballots (表决记录): whether a vote counts, and whether it carried. Scoring §7. Pure: part of checking.

The tool records what the meeting decided and computes whether it passed; it never decides a veto.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from xl_jifen import layout
from xl_jifen.finding import NOTHING_TO_DO, Problem
from xl_jifen.period import Cycle
from xl_jifen.register import Ballot, Member, Opinion
from xl_jifen.roster import absent
from xl_jifen.rulebook import unproved


def carried(ballot: Ballot) -> bool:
    """Whether it acts: by decision of the organisation (认定), or carried by the counts.

    Those must show at least half present, and more than half of those entitled in favour.
    《中国共产党支部工作条例(试行)》第十一条: of those entitled to attend, not of those present.
    """
    if ballot.is_decided:
        return True
    if ballot.entitled is None or ballot.present is None or ballot.ayes is None:
        return False
    return 2 * ballot.present >= ballot.entitled and 2 * ballot.ayes > ballot.entitled


def ballot_problems(ballot: Ballot, cycle: Cycle | None, members: Iterable[Member]) -> Iterator[Problem]:
    """What is wrong with one vote (§7)."""
    day, member, rule = ballot.day, ballot.member, ballot.rule
    inside = True
    if day and cycle and day not in cycle:
        inside = False
        yield Problem("E401", layout.BALLOT_DAY, f"{day} 不在计分周期 {cycle.words} 之内", "请核对表决日期")
    if member:
        if inside and not member.on(day).scored:
            yield Problem(
                "E203",
                layout.NAME,
                f"{member.shown}不计分，表决不起作用",
                "不计分的党员不作否决，请删去这一行；是否计分填错的，请改名册",
            )
        elif day and inside and not member.on_roster(day):
            yield absent(member, day)
    if rule and rule.kind not in (layout.VETO, ""):
        yield Problem(
            "E103", layout.RULE_CODE, f"{rule.label} 是{rule.kind}规则，不是一票否决", "表决记录请选用一票否决的规则"
        )
    if rule:
        if day and inside and not rule.in_force(day):
            yield Problem("E302", layout.RULE_CODE, f"规则 {rule.label} 在 {day} 未生效或已失效", "请核对日期或规则")
        category = member.on(day).category if member and inside else ""
        if category and not rule.covers(category):
            yield Problem("E303", layout.RULE_CODE, f"规则 {rule.label} 不适用于计分类别“{category}”", "请核对规则")
        if rule.needs_evidence and not ballot.evidence and not ballot.is_decided:
            yield unproved(rule, "会议记录等材料")
    yield from _count_problems(ballot, cycle, members)


def _count_problems(ballot: Ballot, cycle: Cycle | None, members: Iterable[Member]) -> Iterator[Problem]:
    """Whether the counts are possible, agree with the roster, and carried the motion."""
    if ballot.day and ballot.entitled is not None and cycle and ballot.day in cycle:
        electors = sum(1 for member in members if _votes(member, ballot.day))
        if electors != ballot.entitled:
            yield Problem(
                "W701",
                layout.ENTITLED,
                f"应到填的是 {ballot.entitled} 人，按名册当日有表决权的正式党员是 {electors} 人",
                "请核对应到人数，或核对名册",
            )
    counts = (ballot.entitled, ballot.present, ballot.ayes, ballot.noes, ballot.abstentions)
    if None in counts:
        return
    entitled, present, ayes, noes, abstentions = (count or 0 for count in counts)
    if present > entitled:
        yield Problem(
            "E701", layout.PRESENT, f"实到 {present} 人多于应到 {entitled} 人", "请按会议记录核对票数，实到不能多于应到"
        )
    if ayes + noes + abstentions != present:
        yield Problem(
            "E701",
            layout.AYES,
            f"赞成、反对、弃权共 {ayes + noes + abstentions} 票，与实到 {present} 人不等",
            "请按会议记录核对票数，赞成、反对、弃权之和应等于实到",
        )
    elif present <= entitled and not carried(ballot):
        reason = "到会不足应到的一半" if 2 * present < entitled else "赞成票没有超过应到的一半"
        yield Problem("W702", layout.AYES, f"表决未通过：{reason}，一票否决不生效", NOTHING_TO_DO)


def _votes(member: Member, day: date) -> bool:
    """Whether a member belongs to the electorate of that day."""
    standing = member.on(day)
    return standing.kind == layout.FORMAL and standing.may_vote and member.on_roster(day)


def tally(opinions: Iterable[Opinion]) -> Mapping[tuple[Member, str], Mapping[str, int]]:
    """测评记录 added up by member and 票种, of sound rows; nothing is added across kinds of ballot."""
    sums: dict[tuple[Member, str], Counter[str]] = defaultdict(Counter)
    for row in opinions:
        if row.member and not row.faults:
            sums[row.member, row.sort].update(row.counts)
    return sums
