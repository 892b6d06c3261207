"""What a reckoning looks like from outside: the JSON object of ``--json`` (schema 1), and lines for people to read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from xl_jifen import Reckoning
from xl_jifen.finding import Finding
from xl_jifen.register import Entry, Line, Points, Score, Vote, points_text

SCHEMA = 1
AT_THE_ROOT = ("E811", "E812", "E803")


def json_text(reckoning: Reckoning, *, scores: bool = True) -> Iterator[str]:
    """The contract's JSON object in pieces: as a whole, that of 100,000 entries would fill 100 MB.

    Without ``scores`` only branch, cycle and findings (``check --json``).
    """
    encode = json.JSONEncoder(ensure_ascii=False).encode
    before = "{"
    for key, part in _parts(reckoning, scores):
        yield f"{before}{encode(key)}: "
        before = ", "
        if not isinstance(part, Iterator):
            yield encode(part)
            continue
        opening = "["
        while rows := list(islice(part, 1000)):
            yield opening + encode(rows)[1:-1]
            opening = ", "
        yield "]" if opening == ", " else "[]"
    yield "}"


def _parts(reckoning: Reckoning, scores: bool) -> Iterator[tuple[str, Any]]:
    """The members of the JSON object in order; lists as iterators."""
    settings = reckoning.register.settings
    cycle = settings.cycle
    yield "schema", SCHEMA
    yield "branch", settings.branch
    yield "cycle", {"start": str(cycle.start), "end": str(cycle.end)} if cycle else None
    yield "findings", map(_finding, reckoning.findings)
    if scores:
        ledger = reckoning.ledger
        yield "entries", (_line(line) for line in ledger.lines if line.entry.member and line.entry.rule)
        yield "votes", map(_vote, ledger.votes)
        yield "scores", map(_score, ledger.scores)


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "level": finding.level,
        "place": str(finding.place),
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    member, rule = entry.member, entry.rule
    return {
        "place": str(entry.place),
        "member": member.code if member else None,
        "rule": rule.code if rule else None,
        "kind": rule.kind if rule else None,
        "month": _month(entry),
        "raw": points_text(line.raw),
        "counted": points_text(line.counted),
        "why": list(line.why),
    }


def _month(entry: Entry) -> str | None:
    """The posting month; for an entry outside the cycle the month of its date."""
    return str(entry.month) if entry.month else f"{entry.day:%Y-%m}" if entry.day else None


def _vote(vote: Vote) -> dict[str, Any]:
    ballot = vote.ballot
    return {
        "place": str(ballot.place),
        "member": ballot.member.code if ballot.member else None,
        "rule": ballot.rule.code if ballot.rule else None,
        "passed": vote.passed,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "member": score.member.code,
        "name": score.member.name,
        "period": score.period,
        "base": None if score.base is None else points_text(score.base),
        "bonus": points_text(score.bonus),
        "deduction": points_text(score.deduction),
        "score": points_text(score.score),
        "rank": score.rank,
        "grade": score.grade,
        "vetoed": score.vetoed,
        "remark": score.remark,
    }


def finding_lines(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Each finding on a line of its own with the remedy below; a count at the end.

    What makes many others (a missing sheet, heading or setting) comes first.
    """
    first = [finding for finding in findings if finding.code in AT_THE_ROOT]
    rest = [finding for finding in findings if finding.code not in AT_THE_ROOT]
    if first and rest:
        yield "请先处理："
    for number, finding in enumerate([*first, *rest]):
        if first and rest and number == len(first):
            yield "其他："
        yield f"{finding.level} {finding.code}  {finding.place}  {finding.message}"
        if finding.code[0] != "I":
            yield f"    怎么改：{finding.remedy}"
    counts = Counter(finding.level for finding in findings)
    yield f"共 {counts['错误']} 个错误、{counts['警告']} 个警告、{counts['提示']} 个提示。"


def score_lines(scores: tuple[Score, ...]) -> Iterator[str]:
    """The scores of each period as a plain table."""
    period = ""
    for score in scores:
        if score.period != period:
            period = score.period
            yield ""
            yield "全年" if period == "year" else period
            yield "名次\t编号\t姓名\t基础分\t加分\t减分\t积分\t建议等次\t备注"
        cells = (
            score.rank or "—",
            score.member.code,
            score.member.name,
            _points(score.base),
            _points(score.bonus),
            _points(score.deduction),
            _points(score.score),
            score.grade or "—",
            score.remark,
        )
        yield "\t".join(map(str, cells))


def _points(points: Points | None) -> str:
    return "—" if points is None else points_text(points)
