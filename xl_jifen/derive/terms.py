"""What of a workbook's scheme (积分方案) makes figures, cell by cell, and where a branch's differs from another.

Rules, groups, grades, attendance and settings as they are understood, so that what is only written another way is no
difference. Pure.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.archive.grounds import IDENTITY, SETTINGS, group_facts
from xl_jifen.derive.next_year import rows_of
from xl_jifen.grid import Grids, Place, heading_key, squeeze
from xl_jifen.register import Register
from xl_jifen.rulebook import FIELDS, RuleBook, facts
from xl_jifen.table import Row

WHOLE = ""
"""The heading under which a row as a whole is kept."""

WORDED = frozenset(field.heading for field in FIELDS if field.bears == "words")


class Term(NamedTuple):
    """One cell: what it means, how it is written ("" where it is not), and where."""

    meaning: str
    written: str
    place: Place


class Key(NamedTuple):
    """Which cell: the sheet, the row by what names it (加1, 优秀), and the heading."""

    sheet: str
    row: str
    heading: str


class Difference(NamedTuple):
    """A cell of the branch that says something else, in words, and what to do."""

    place: Place
    message: str
    remedy: str


Terms = Mapping[Key, Term]


def terms_of(grids: Grids, register: Register) -> Terms:
    """Every cell of the scheme, by sheet, row and heading, with its default where it or its column is not there.

    Of rules what has its default is left out.
    """
    return dict(_terms(grids, register))


def fingerprint(terms: Terms, *, words: bool = False) -> str:
    """The same for schemes that reckon alike, whatever their words, or else only for those with the same."""
    told = sorted(f"{key} {term.meaning}" for key, term in terms.items() if words or key.heading not in WORDED)
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:16]


def differences(branch: Terms, bureau: Terms) -> Iterator[Difference]:
    """Where the branch's scheme is not the bureau's, in the order of its sheets; whole rows as one."""
    remedy = "请与上级核对；应当一致的，请照上级的方案改正"
    order = {sheet.name: number for number, sheet in enumerate(layout.SHEETS)}
    found: list[tuple[Place, str]] = []
    for key in {**branch, **bureau}:
        own, other = branch.get(key), bureau.get(key)
        whole = key._replace(heading=WHOLE)
        if (own and own.meaning) == (other and other.meaning):
            continue
        if key.heading != WHOLE and (whole in branch) != (whole in bureau):
            continue  # told as a row
        if own and key.heading == WHOLE:
            found.append((own.place, f"上级方案里没有“{key.row}”这一行"))
        elif other and key.heading == WHOLE:
            found.append((Place(key.sheet, 1, 1), f"没有上级方案里的“{key.row}”（那边在第 {other.place.row} 行）"))
        else:
            place = own.place if own else _beside(branch, key)
            what = key.row if key.sheet == layout.SETTINGS.name else f"{key.row} 的“{key.heading}”"
            found.append((place, f"{what}是{_shown(own)}，上级方案是{_shown(other)}"))
    for place, message in sorted(found, key=lambda each: (order.get(each[0].sheet, 0), each[0], each[1])):
        yield Difference(place, message, remedy)


def _beside(branch: Terms, key: Key) -> Place:
    """Where a cell would stand that is blank: its row."""
    whole = branch.get(key._replace(heading=WHOLE))
    return whole.place._replace(column=0) if whole else Place(key.sheet, 1, 1)


def _shown(term: Term | None) -> str:
    return f"“{term.written}”" if term and term.written else "空白（默认）"


def _terms(grids: Grids, register: Register) -> Iterator[tuple[Key, Term]]:
    rows = {row.place: row for sheet in (layout.RULES, layout.GROUPS, layout.BANDS) for row in rows_of(grids, sheet)}
    for rule in register.rules:
        if row := rows.get(rule.place):
            yield from _row(row, rule.code, facts(rule, ("figures", "words")))
    for group in register.groups:
        if row := rows.get(group.place):
            yield from _row(row, squeeze(group.name), group_facts(group))
    for band in register.bands:
        if row := rows.get(band.place):
            meant = {
                layout.GRADE_FLOOR: band.floor,
                layout.YEAR_GRADE_FLOOR: band.year_floor,
                layout.LIMITED: band.limited,
            }
            yield from _row(row, squeeze(band.name), meant)
    yield from _attendance(rows_of(grids, layout.ATTENDANCE_RULES), RuleBook(register.rules))
    written = {heading_key(row.text(layout.KEY)): row for row in rows_of(grids, layout.SETTINGS)}
    for setting, meaning in SETTINGS.items():
        row = written.get(heading_key(setting))
        if setting not in IDENTITY:
            place = row.table.place(row.number, layout.VALUE) if row else Place(layout.SETTINGS.name, 1, 1)
            value = str(meaning(register.settings))
            yield (
                Key(layout.SETTINGS.name, setting, layout.VALUE),
                Term(value, row.text(layout.VALUE) if row else "", place),
            )


def _attendance(rows: Iterable[Row], book: RuleBook) -> Iterator[tuple[Key, Term]]:
    """考勤计分 by 活动类型 and 到会情况; of several rules for one of these all, by their codes."""
    found: dict[str, list[tuple[str, str, Row]]] = defaultdict(list)
    for row in rows:
        rule = book.find(row.text(layout.RULE_CODE))
        code, measure = rule.code if rule else row.key(layout.RULE_CODE), row.key(layout.MEASURE) or layout.PER_TIME
        found[f"{row.key(layout.ACTIVITY_KIND)}/{row.key(layout.ATTENDANCE_STATUS)}"].append((code, measure, row))
    for name, together in found.items():
        first = together[0][-1]
        codes, measures, _ = zip(*sorted(together, key=lambda each: each[:2]), strict=True)
        meant = {layout.RULE_CODE: codes, layout.MEASURE: tuple(dict.fromkeys(measures))}
        for key, term in _row(first, name, {heading: "、".join(said) for heading, said in meant.items()}):
            yield key, term._replace(written=term.meaning) if together[1:] else term


def _row(row: Row, name: str, meant: Mapping[str, object]) -> Iterator[tuple[Key, Term]]:
    sheet = row.table.sheet.name
    yield Key(sheet, name, WHOLE), Term(name, name, row.place)
    for heading, value in meant.items():
        yield Key(sheet, name, heading), Term(str(value), row.text(heading), row.table.place(row.number, heading))
