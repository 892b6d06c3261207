"""Published facts (公示的事实): what a notice says and rests on, as plain values, from which its 校验码 is reckoned.

Never its wording: a release may word a page otherwise, and the code stays. What has its default is left out, so that a
setting or a column that comes later changes no code before. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from xl_jifen import layout
from xl_jifen.archive.code import digest
from xl_jifen.archive.grounds import SETTINGS, Span, group_facts, rule_facts
from xl_jifen.period import Month, Period
from xl_jifen.register import Ledger, Line, Member, Rule, Score, Settings
from xl_jifen.score import with_periods

LABEL = "xl-jifen/publicity/2\n"
"""What is hashed begins with this, so that it is no hash of anything else; the number rises with the facts' meaning."""

NOTICE_TEXTS = (
    (layout.ISSUER, "issuer"),
    (layout.CONTACT, "contact"),
    (layout.PHONE, "phone"),
    (layout.ADDRESS, "address"),
)
UNTOLD = frozenset({"I001", "I005"})
"""Lines under review or rejected: nothing of them is published (those with an E code neither)."""


def code_of(ledger: Ledger, period: Period, day: date, until: date) -> str:
    """The SHA-256 of the facts published on ``day``, objections being heard until ``until``: the whole 校验码."""
    return digest(facts(ledger, period, day, until), LABEL)


def facts(ledger: Ledger, period: Period, day: date, until: date) -> dict[str, Any]:
    """Those facts as JSON without floats: of a period of the ledger's cycle. Raises ValueError without a cycle."""
    register, settings, usual = ledger.register, ledger.register.settings, Settings()
    if settings.cycle is None:
        raise ValueError("only a period of a cycle is published")
    first, last = settings.cycle.span(period)
    span = Span(settings.cycle.start, last)
    told: dict[Member, list[Line]] = {}
    for line in _told(ledger, period):
        if line.entry.member is not None:
            told.setdefault(line.entry.member, []).append(line)
    rules = list(_rules_used(ledger, span))
    groups = {group.name: group for rule in rules for group in rule.groups}
    reasons = settings.notice_content == layout.WITH_REASONS
    scores = with_periods(ledger, [period]).of(period)
    plain: dict[str, Any] = _plain(
        {
            "period": str(period),
            "kind": period.kind,
            "first": first,
            "last": last,
            "published": day,
            "until": until,
            "notice": {heading: getattr(settings, name) for heading, name in NOTICE_TEXTS},
            "members": [_member(score, told.get(score.member, ()), reasons) for score in scores],
            "settings": {key: of(settings) for key, of in SETTINGS.items() if of(settings) != of(usual)},
            "bands": [[band.name, band.floor, band.year_floor, band.limited] for band in register.bands],
            "rules": [rule_facts(rule, span) for rule in rules],
            "groups": [{layout.GROUP_NAME: name, **group_facts(groups[name])} for name in sorted(groups)],
        }
    )
    return plain


def _told(ledger: Ledger, period: Period) -> Iterator[Line]:
    """The lines posted in a period that claimed points and were admitted to counting."""
    cycle = ledger.register.settings.cycle
    months = cycle.months_of(period) if cycle else ()
    for line in ledger.lines:
        rule = line.entry.rule
        if line.entry.month in months and rule and rule.kind in (layout.BONUS, layout.DEDUCTION) and _admitted(line):
            yield line


def _admitted(line: Line) -> bool:
    return bool(line.raw) and not any(code[0] == "E" or code in UNTOLD for code in line.why)


def _rules_used(ledger: Ledger, span: Span) -> Iterator[Rule]:
    """The rules that made a figure from the cycle's start on, by their code: of lines, of passed votes, and 基础分.

    What is posted later makes none, however early its day.
    """
    last = Month.of(span.end)
    used = {
        line.entry.rule for line in ledger.lines if _admitted(line) and line.entry.month and line.entry.month <= last
    }
    used |= {
        vote.ballot.rule for vote in ledger.votes if vote.passed and vote.ballot.day and vote.ballot.day <= span.end
    }
    for rule in sorted(ledger.register.rules, key=lambda rule: rule.code):
        if rule in used or (rule.kind == layout.BASE and span.was_in_force(rule)):
            yield rule


def _member(score: Score, lines: Iterable[Line], reasons: bool) -> dict[str, Any]:
    """A member as shown, with the figures and the lines that are told of them."""
    member, summed = score.member, {layout.BONUS: 0, layout.DEDUCTION: 0}
    alone = []
    for line in lines:
        rule = line.entry.rule
        if rule and rule.told == layout.SUM_TOLD:
            summed[rule.kind] += line.counted
        elif rule:
            figures = [rule.code, str(line.raw), str(line.counted), *line.why]
            alone.append([*figures, line.entry.reason] if reasons else figures)
    return {
        "code": member.code,
        "name": member.shown or member.name,
        "class": score.standing.kind,
        "base": score.base,
        "bonus": score.bonus,
        "deduction": score.deduction,
        "score": score.score,
        "rank": score.rank,
        "grade": score.grade,
        "vetoed": score.vetoed,
        "remark": score.remark,
        "lines": sorted(alone),
        "others": {kind: points for kind, points in summed.items() if points},
    }


def _plain(value: Any) -> Any:
    """A value as JSON: texts as the eye sees them, days and fractions as text; what is empty is left out of objects."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).split())
    if isinstance(value, Mapping):
        told = ((str(key), _plain(each)) for key, each in value.items())
        return {key: plain for key, plain in told if _says(plain)}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value))
    return str(value) if isinstance(value, (date, Fraction)) else value


def _says(plain: object) -> bool:
    """Whether a plain value says more than that nothing is given: nought is a figure."""
    return type(plain) is int or bool(plain)
