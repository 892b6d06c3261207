"""The next cycle's workbook (下一周期): what of this one is carried over, as settings and rows of text for the master.

Settings, grades, roster, rules, groups and the attendance scheme are carried as they stand; entries, votes and
objections are not. Whoever left, whatever expired and the days off before the new cycle stay behind. Pure.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.exchange import settle
from xl_jifen.grid import Grids, heading_key
from xl_jifen.layout import Sheet
from xl_jifen.period import MOST_MONTHS, Cycle, Month, year_words
from xl_jifen.register import Ledger, Member, Points, Register, Standing, points_text, round_points
from xl_jifen.roster import FACTS
from xl_jifen.rulebook import RuleBook
from xl_jifen.table import Row, Table

CARRIED = re.compile(r"[；;]?个人基础分(含|为)[^；;]*?结转(-?[0-9]+(?:\.[0-9]{1,2})?)分")
"""What 备注 says of a member with points carried; a year later only the rest is the base."""


@dataclass(frozen=True, slots=True)
class NextYear:
    """What the master is filled with: settings by key, rows of each sheet as CSV; and sentences for the user.

    ``example`` is one member's figures where points are carried.
    """

    cycle: Cycle
    settings: Mapping[str, str]
    texts: Mapping[str, str]
    notes: tuple[str, ...]
    example: str = ""


def next_cycle(cycle: Cycle) -> Cycle:
    """The cycle after this one: from the day after its end, a year long, in at most twelve calendar months."""
    start = cycle.end + timedelta(days=1)
    month = Month.of(start)
    for _ in range(MOST_MONTHS - 1):
        month = month.next
    last_day = 28 if (start.month, start.day) == (2, 29) else start.day
    return Cycle(start, min(date(start.year + 1, start.month, last_day) - timedelta(days=1), month.last))


def next_year(grids: Grids, ledger: Ledger, share: Fraction | None = None, *, as_base: bool = False) -> NextYear:
    """The workbook after this one. ``share`` of the year's points goes into 个人基础分 (年度结转), if given.

    The points are added to the base, or are all of it (``as_base``). What an earlier 结转 made of 个人基础分 served the
    year that ends; it is taken out again. The roster says what is in force at the cycle's end, 上期结余 what may still
    be exchanged then, if anything was. The register must have a cycle.
    """
    register = ledger.register
    old = register.settings.cycle
    if old is None:
        raise ValueError("the next cycle follows one")
    new = next_cycle(old)
    left = [member for member in register.members if member.left and member.left <= new.start]
    ended = [rule for rule in register.rules if rule.end and rule.end < new.start]
    book, over = RuleBook(register.rules), set(ended)
    scheme = [
        row for row in rows_of(grids, layout.ATTENDANCE_RULES) if book.find(row.text(layout.RULE_CODE)) not in over
    ]
    roster = _Roster(register, ledger, old, new, share, as_base)
    kept = [row for row in rows_of(grids, layout.ROSTER) if row.number not in {member.place.row for member in left}]
    texts = {
        layout.BANDS.name: csv_of(layout.BANDS, map(texts_of, rows_of(grids, layout.BANDS))),
        layout.GROUPS.name: csv_of(layout.GROUPS, map(texts_of, rows_of(grids, layout.GROUPS))),
        layout.RULES.name: csv_of(
            layout.RULES,
            (texts_of(r) for r in rows_of(grids, layout.RULES) if r.number not in {rule.place.row for rule in ended}),
        ),
        layout.ATTENDANCE_RULES.name: csv_of(layout.ATTENDANCE_RULES, map(texts_of, scheme)),
        layout.ROSTER.name: csv_of(layout.ROSTER, map(roster.texts, kept)),
        layout.REQUIREMENTS.name: csv_of(layout.REQUIREMENTS, map(texts_of, rows_of(grids, layout.REQUIREMENTS))),
        layout.HOLIDAYS.name: csv_of(layout.HOLIDAYS, map(texts_of, _ahead(rows_of(grids, layout.HOLIDAYS), new))),
    }
    notes = [f"计分周期：{new.words}；带入党员 {len(kept)} 名、规则 {len(register.rules) - len(ended)} 条。"]
    if left:
        notes.append(f"已转出、没有带入的党员：{'、'.join(member.label for member in left)}。")
    if ended:
        notes.append(f"已失效、没有带入的规则：{'、'.join(rule.label for rule in ended)}。")
    return NextYear(new, _settings(grids, new), texts, (*notes, *roster.notes()), roster.example)


class _Roster:
    """The roster's rows for the next cycle, with what is carried into 个人基础分."""

    def __init__(
        self, register: Register, ledger: Ledger, old: Cycle, new: Cycle, share: Fraction | None, as_base: bool
    ) -> None:
        self.register, self.old, self.new, self.share, self.as_base = register, old, new, share, as_base
        self.members = {member.place.row: member for member in register.members}
        self.points = {score.member: score.score for score in ledger.year}
        self.balances = settle(register, ledger.lines)[1]
        self.carried = self.released = self.changed = self.saved = 0
        self.example = ""

    def texts(self, row: Row) -> Mapping[str, str]:
        """One row; 备注 says what its 个人基础分 holds."""
        cells, member = dict(texts_of(row)), self.members.get(row.number)
        if member is None:
            return cells
        standing = member.on(self.old.end)
        if standing != member.first:
            cells |= _as_typed(member.first, standing)
            self.changed += 1
        if self.balances:
            left = self.balances[member]
            cells[layout.CARRIED] = points_text(left) if left else ""
            self.saved += left > 0
        base = standing.own_base
        if earlier := CARRIED.search(cells[layout.REMARK]):
            cells[layout.REMARK] = CARRIED.sub("", cells[layout.REMARK])
            if base is not None and base == member.first.own_base:  # another one since (人员变动) holds nothing of it
                base -= int(Fraction(earlier[2]) * 100)
                if earlier[1] == "为" or base == self._rule_base(member):
                    base = None
                self.released += 1
                cells[layout.OWN_BASE] = "" if base is None else points_text(base)
        if self.share is None or member not in self.points:
            return cells
        points = round_points(self.points[member] * self.share)
        if points > 0 or self.as_base:
            before = self._rule_base(member) if base is None else base
            whole = points if self.as_base else before + points
            words = f"个人基础分{'为' if self.as_base else '含'}{year_words(self.old)}结转{points_text(points)}分"
            self._show(member, points, before, whole)
            cells |= {
                layout.OWN_BASE: points_text(whole),
                layout.REMARK: "；".join(filter(None, (cells[layout.REMARK], words))),
            }
            self.carried += 1
        return cells

    def _show(self, member: Member, points: Points, before: Points, whole: Points) -> None:
        """The figures of the first member with points, for a look before anything is written."""
        if self.example or not points or self.share is None:
            return
        how = "就是下一周期的基础分" if self.as_base else f"加在基础分 {points_text(before)} 分上"
        self.example = (
            f"例如 {member.shown}：{year_words(self.old)}积分 {points_text(self.points[member])} 分，"
            f"它的 {_per_cent(self.share)} 是 {points_text(points)} 分，{how}，下一周期从 {points_text(whole)} 分起。"
        )

    def notes(self) -> list[str]:
        """What was done to the roster, in sentences."""
        notes = []
        if self.changed:
            notes.append(f"{self.changed} 名党员按“{layout.CHANGES.name}”中{self.old.end}有效的情况写入名册。")
        if self.balances:
            notes.append(f"“{layout.CARRIED}”已写入可以继续兑换的分数，{self.saved} 名党员有结余，请核对。")
        if self.released:
            notes.append(f"{self.released} 名党员的个人基础分中，以前年度结转的部分已去掉。")
        if self.share is not None:
            how = "作为" if self.as_base else "结转进"
            notes.append(
                f"已把{year_words(self.old)}积分的 {_per_cent(self.share)} {how} {self.carried} 名党员的个人基础分，"
                "各人的数写在名册备注中，请核对。"
            )
        return notes

    def _rule_base(self, member: Member) -> Points:
        """The base by the rules, in force on the first day of the new cycle."""
        return sum(
            rule.points
            for rule in self.register.rules
            if rule.kind == layout.BASE
            and not rule.faults
            and rule.in_force(self.new.start)
            and rule.covers(member.on(self.old.end).category)
        )


def _per_cent(share: Fraction) -> str:
    return f"{points_text(round_points(share * 10000))}%"


def _as_typed(first: Standing, now: Standing) -> Mapping[str, str]:
    """The cells of the roster that say what is in force now, of those that said something else at the start."""
    return {
        heading: _typed(value)
        for heading, (field, _) in FACTS.items()
        if (value := getattr(now, field)) != getattr(first, field)
    }


def _typed(value: str | bool | Points | None) -> str:
    if isinstance(value, bool):
        return layout.YES if value else layout.NO
    return points_text(value) if isinstance(value, int) else value or ""


def _settings(grids: Grids, new: Cycle) -> Mapping[str, str]:
    """Every setting as it stands, a blank one blank; the cycle is the new one."""
    values = {heading_key(row.text(layout.KEY)): row.text(layout.VALUE) for row in rows_of(grids, layout.SETTINGS)}
    settings = {setting.key: values.get(setting.key, "") for setting in layout.SETTING_ROWS}
    return settings | {layout.CYCLE_START: str(new.start), layout.CYCLE_END: str(new.end)}


def rows_of(grids: Grids, sheet: Sheet) -> Sequence[Row]:
    """The rows with content of one sheet; none where it is not there."""
    grid = grids.get(sheet.name)
    return tuple(Table(sheet, grid).rows([])) if grid else ()


def _ahead(rows: Iterable[Row], cycle: Cycle) -> Iterator[Row]:
    """The days off that lie in a cycle or after it, and rows without a day that can be read."""
    for row in rows:
        day = row.date(layout.DAY)
        if day is None or day >= cycle.start:
            yield row


def texts_of(row: Row) -> Mapping[str, str]:
    """A row as text by heading."""
    return {column.name: row.text(column.name) for column in row.table.sheet.columns if not column.owned}


def csv_of(sheet: Sheet, rows: Iterable[Mapping[str, str]]) -> str:
    """Rows of a sheet as CSV under its headings."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [column.name for column in sheet.columns if not column.owned])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
