"""What 计分明细 says: a row a line of the ledger, with what it earned and why. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from xl_jifen.catalogue import CATALOGUE
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.publish.figures import decimal
from xl_jifen.register import Line, Member


class LineRow(NamedTuple):
    """A row of 计分明细, in the order of ``layout.LINES_HEADINGS``; then ``key`` (名册序号) and where the line stands.

    ``key`` is the member's position in the roster, from 1: the one mark of a person no spreadsheet can mistake. As
    criteria, ``7`` and ``007``, or ``a1`` and ``A1``, would be one person to SUMIFS, and names may be shared.
    """

    month: str
    day: date | None
    code: str
    name: str
    rule: str
    kind: str
    block: str
    item: str
    raw: Decimal
    counted: Decimal
    source: str
    words: str
    key: int | None
    place: Place


def line_rows(lines: Iterable[Line], findings: Iterable[Finding]) -> tuple[LineRow, ...]:
    """The rows, explained by what the findings of their rows say."""
    said: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for finding in findings:
        said[finding.place.sheet, finding.place.row, finding.code].append(finding.message)
    return tuple(_line_row(line, said) for line in lines)


_decimal = cache(decimal)


def _line_row(line: Line, said: Mapping[tuple[str, int, str], Sequence[str]]) -> LineRow:
    entry, member, rule = line.entry, line.entry.member, line.entry.rule
    place = Place(entry.place.sheet, entry.place.row)
    words = [f"冲销 {entry.reversal}"] if entry.reversal else []
    words += [_explained(code, said.get((place.sheet, place.row, code), ()), member) for code in line.why]
    return LineRow(
        month=entry.month.sheet if entry.month else "",
        day=entry.day,
        code=member.code if member else "",
        name=member.name if member else "",
        rule=rule.code if rule else "",
        kind=rule.kind if rule else "",
        block=rule.block if rule else "",
        item=rule.item if rule else "",
        raw=_decimal(line.raw),
        counted=_decimal(line.counted),
        source=str(place),
        words="；".join(dict.fromkeys(words)),
        key=member.order + 1 if member else None,
        place=place,
    )


def _explained(code: str, messages: Sequence[str], member: Member | None) -> str:
    """What the finding of that row says; an attendance row may have one for each of several people."""
    if len(messages) > 1 and member:
        messages = [text for text in messages if member.shown in text]
    if messages:
        return messages[0].rstrip("。")
    return CATALOGUE[code].title if code in CATALOGUE else code
