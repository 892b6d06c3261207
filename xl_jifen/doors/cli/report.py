"""What a reckoning looks like from outside: the JSON object of ``--json`` (schema 1), and lines for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import groupby, islice

from xl_jifen import Reckoning
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.finding import AT_THE_ROOT, NOTHING_TO_DO, Finding, count_words, standing
from xl_jifen.grid import column_letters
from xl_jifen.period import Cycle, Month, Period, until
from xl_jifen.register import Entry, Ledger, Line, Member, Points, Rule, Score, Vote, points_text
from xl_jifen.typed import Any

SCHEMA = 1


def json_text(reckoning: Reckoning, *, scores: bool = True) -> Iterator[str]:
    """The JSON object of docs/workbook.md in pieces: as a whole, that of 100,000 entries would fill 100 MB.

    Without ``scores`` only branch, cycle and findings (``check --json``).
    """
    before = "{"
    for key, part in _parts(reckoning, scores):
        yield f'{before}"{key}": '
        before = ", "
        if not isinstance(part, Iterator):
            yield _encode(part)
            continue
        opening = "["
        while rows := list(islice(part, 1000)):
            yield opening + ", ".join(rows)
            opening = ", "
        yield "]" if opening == ", " else "[]"
    yield "}"


def quoted(text: str) -> str:
    """A text as JSON has it."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from json.encoder import encode_basestring  # slow to import, and seldom asked

    return encode_basestring(text)


def _encode(value: Any) -> str:
    """A text, number, truth value, null or an object of these as JSON."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join([f'"{key}": {_encode(part)}' for key, part in value.items()]) + "}"
    return "null" if value is None else str(value).lower()


def _parts(reckoning: Reckoning, scores: bool) -> Iterator[tuple[str, Any]]:
    """The members of the JSON object in order; lists as iterators over the JSON text of their items."""
    settings = reckoning.register.settings
    cycle = settings.cycle
    yield "schema", SCHEMA
    yield "branch", settings.branch
    yield "cycle", {"start": str(cycle.start), "end": str(cycle.end)} if cycle else None
    yield "findings", map(_finding, reckoning.findings)
    if scores:
        ledger = reckoning.ledger
        yield "entries", _entries(ledger.lines)
        yield "votes", (_encode(_vote(vote)) for vote in ledger.votes)
        yield "scores", map(_score, ledger.scores)


def _finding(finding: Finding) -> str:
    """One finding; there may be as many as entries, so it is put together by hand like those."""
    code, place, message, remedy = finding
    return (
        f'{{"code": "{code}", "level": "{finding.level}", "place": {quoted(str(place))}, '
        f'"message": {quoted(message)}, "remedy": {quoted(remedy)}}}'
    )


def _entries(lines: Iterable[Line]) -> Iterator[str]:
    """The entries with member and rule; of 100,000, dicts and encoding them would take twice the time."""
    told: dict[tuple[Member, Rule], str] = {}
    sheets: dict[str, str] = {}
    for entry, raw, counted, why, _ in lines:
        (sheet, row, column), member, rule = entry.place, entry.member, entry.rule
        if member is None or rule is None:
            continue
        if (who := told.get((member, rule))) is None:
            words = {"member": member.code, "rule": rule.code, "kind": rule.kind}
            who = told[member, rule] = _encode(words)[1:-1]
        if (place := sheets.get(sheet)) is None:
            place = sheets[sheet] = quoted(sheet)[:-1]
        codes = ", ".join([f'"{code}"' for code in why]) if why else ""
        yield (
            f'{{"place": {place}!{column_letters(column)}{row}", {who}, "month": {_month(entry)}, '
            f'"raw": "{points_text(raw)}", "counted": "{points_text(counted)}", "why": [{codes}]}}'
        )


def _month(entry: Entry) -> str:
    """The posting month; for an entry outside the cycle the month of its date; null without one."""
    if entry.month:
        return _quoted_month(entry.month)
    return f'"{entry.day:%Y-%m}"' if entry.day else "null"


@cache
def _quoted_month(month: Month) -> str:
    return f'"{month}"'


def _vote(vote: Vote) -> dict[str, Any]:
    ballot = vote.ballot
    return {
        "place": str(ballot.place),
        "member": ballot.member.code if ballot.member else None,
        "rule": ballot.rule.code if ballot.rule else None,
        "passed": vote.passed,
    }


def _score(score: Score) -> str:
    base = "null" if score.base is None else f'"{points_text(score.base)}"'
    balance = "" if score.balance is None else f', "balance": "{points_text(score.balance)}"'
    return (
        f'{{"member": {quoted(score.member.code)}, "name": {quoted(score.member.name)}, '
        f'"class": {quoted(score.standing.kind)}, "period": "{score.period}", "base": {base}, '
        f'"bonus": "{points_text(score.bonus)}", "deduction": "{points_text(score.deduction)}", '
        f'"score": "{points_text(score.score)}", "rank": {_encode(score.rank)}, "grade": {_encode(score.grade)}, '
        f'"vetoed": {_encode(score.vetoed)}, "remark": {quoted(score.remark)}{balance}}}'
    )


def finding_lines(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Each finding on a line of its own with the remedy below; a count at the end.

    What makes many others (a missing sheet, heading or setting) comes first.
    """
    findings = standing(findings)
    first = [finding for finding in findings if finding.code in AT_THE_ROOT]
    rest = [finding for finding in findings if finding.code not in AT_THE_ROOT]
    if first and rest:
        yield "请先处理："
    for number, finding in enumerate([*first, *rest]):
        if first and rest and number == len(first):
            yield "其他："
        yield f"{finding.level} {finding.code}  {finding.place}  {finding.message}"
        if finding.remedy != NOTHING_TO_DO:
            yield f"    怎么改：{finding.remedy}"
    yield count_words(findings)


def score_lines(ledger: Ledger, cycle: Cycle, day: date, asked: Iterable[Period] = ()) -> Iterator[str]:
    """The scores of each period as a plain table, as they may be told on that day; of those ``asked`` also why none."""
    for period, scores in groupby(as_it_stands(ledger, cycle, day).scores, key=lambda score: score.period):
        over = cycle.span(period)[1] < day
        name = "全年" if period.is_year else period.words
        yield ""
        yield name if over else f"{name}（{until(day)}）"
        yield "\t".join(heading for heading in SCORE if over or heading not in ONLY_OF_WHAT_IS_OVER)
        for score in scores:
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
            told = zip(SCORE, cells, strict=True)
            yield "\t".join(str(cell) for heading, cell in told if over or heading not in ONLY_OF_WHAT_IS_OVER)
    for period in asked:
        if (first := cycle.span(period)[0]) > day:
            yield ""
            yield f"{period.words}到{first.year}年{first.month}月{first.day}日才开始。"


SCORE = ("名次", "编号", "姓名", "基础分", "本期加分", "本期减分", "积分", "建议等次", "备注")
ONLY_OF_WHAT_IS_OVER = ("名次", "建议等次")


def _points(points: Points | None) -> str:
    return "—" if points is None else points_text(points)
