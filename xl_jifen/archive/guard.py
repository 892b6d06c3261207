"""Guarding (守护归档): what was changed since in the things an archived quarter rests on, as E901 at the cell.

Compared is what cells mean, not how they are written, and only as far as the quarter goes:

- settings that make figures, and 等次标准 (年度最低积分 once the cycle's last quarter is archived);
- scored members on the roster, and rules in force, on a day from the cycle's start to the quarter's end, as far as
  their rows bear on those days (``grounds``); of verifiers of deductions that they hold a 党内职务. A member added is a
  change if on the roster on such a day; a rule added only if it is a base rule in force on the quarter's reference
  day. After archives of 0.1 a 转正 typed into the roster counts as done later;
- the groups of those rules, and the rows of 考勤计分 that apply to an activity up to the quarter's end;
- 人员变动, entries, attendance and votes up to the quarter's end, every cell but 序号; names and rules by whom and what
  they mean. Rows may stand elsewhere in the sheet (``matching``), but none may be missing and none be added.

Where no cell was changed and yet a member's figures differ (a 冲销 by row number after sorting, a new namesake, rules
in another order), the lines or the member are told. E901 only reports: what it concerns still counts as written, since
published figures stand in the archive, and those shown must follow from the workbook. Pure.

One module, however long: each kind of row is compared by the same few steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias, TypeVar

from xl_jifen import layout
from xl_jifen.archive.grounds import (
    IDENTITY,
    SETTINGS,
    Facts,
    Span,
    group_facts,
    member_facts,
    rule_facts,
    turned_full,
)
from xl_jifen.archive.matching import match
from xl_jifen.archive.meaning import State
from xl_jifen.archive.recall import Recalled, agrees
from xl_jifen.archive.snapshot import DATED, figures, table_rows, tables
from xl_jifen.finding import NO_MONTH_LEFT, Finding
from xl_jifen.grid import Grids, Place, name_key, squeeze
from xl_jifen.layout import Sheet
from xl_jifen.period import Month
from xl_jifen.register import Ledger, Member, Points, Rule, points_text
from xl_jifen.roster import names_in
from xl_jifen.score import reference_day, with_periods
from xl_jifen.table import Row, Table

Coded = TypeVar("Coded", Member, Rule)

Counted: TypeAlias = Mapping[tuple[str, int, str, str], Points]
"""Points by sheet, row, number of the member and code of the rule."""

LATER = "以后的月份"
BY_CORRECTION = "确需更正的，在以后的月份用冲销更正"
POSTED_AGAIN = "应当计入的，在以后的月份补登"
"""For a row that counted nothing: there is nothing to take back."""
NEXT_CYCLE = "办法要变动的，请从下一个计分周期起"
NEW_RULE = "要改变标准的，请填“失效日期”停用原规则，另用新的规则编号增加一条"
REMEDIES = {
    layout.SETTINGS.name: NEXT_CYCLE,
    layout.BANDS.name: NEXT_CYCLE,
    layout.ROSTER.name: "调离的请填“转出日期”，其他变动请从下一个计分周期起",
    layout.CHANGES.name: "归档以后的变动，请另写一行，生效日期在已归档的时段以后",
    layout.RULES.name: NEW_RULE,
    layout.GROUPS.name: NEW_RULE,
    layout.ATTENDANCE_RULES.name: NEW_RULE,
    layout.ACTIVITIES.name: "多计的在以后的月份表冲销，少计的补登",
    layout.BALLOTS.name: "表决另有结果的，请另记一行",
}
ELSEWHERE = "如果这是另一个支部或另一周期的工作簿，请把它放到单独的文件夹"
CHANGE_LATER = "生效日期已在归档的时段以内的，不能再补；请把这一行的生效日期改到以后"
TOLERANT = "0.1."
"""Archives of this version knew no 人员变动: a 转正 typed into the roster counts as done later."""
POST_LATER = "请删去这一行，改登在以后的月份表（补登，考勤也是）"
ADDED = {
    layout.CHANGES.name: CHANGE_LATER,
    layout.BALLOTS.name: "请删去这一行；归档以后不能补记以前的表决，确需否决的请重新表决，在“表决记录”另记一行",
}
"""Of rows that came, in sheets that no month sheet can make up for."""
OVER = {
    **REMEDIES,
    **dict.fromkeys((layout.RULES.name, layout.GROUPS.name, layout.ATTENDANCE_RULES.name), NEXT_CYCLE),
    layout.ACTIVITIES.name: NO_MONTH_LEFT,
    layout.CHANGES.name: "归档以后的变动，请从下一个计分周期起",
    layout.BALLOTS.name: "另有表决的，请记入下一个计分周期",
}
"""What to do instead once the last month is archived; no later one can make up for anything."""
NEW_MEMBER = "请删去这一行；新来的党员请写进下一个计分周期的工作簿"


class Guarded(NamedTuple):
    """What was changed since, and which archived figures today's program reckons otherwise from the archive itself."""

    findings: list[Finding]
    reread: list[str]


def guard(grids: Grids, ledger: Ledger, archives: Iterable[Recalled]) -> Guarded:
    """E901 for whatever differs today from what the archives hold, each cell once, by the earliest of them.

    The archives come in the order of time (``recalled``). An archive's rows are reckoned anew only where the figures of
    the workbook are not those it holds: what comes out so tells a change of the program from one of the branch.
    """
    today = State(grids, ledger.register)
    findings: list[Finding] = []
    reread: list[str] = []
    covered: set[Month] = set()
    archives = list(archives)
    last = max((recall.archived.months[-1] for recall in archives), default=None)
    for recall in archives:
        months = recall.archived.months
        comparison = _Comparison(recall, today, [month for month in months if month not in covered], last)
        told = {finding.place for finding in findings}
        findings += [finding for finding in comparison.run() if finding.place not in told]
        if not findings:
            findings += comparison.other_figures(ledger)
            reread += comparison.reread
        covered.update(months)
    return Guarded(findings, reread)


class _Comparison:
    """One archive against today's workbook. ``months`` are those whose rows no earlier archive speaks for.

    ``last`` is the last month that is archived: something can be put right in a later one, if the cycle has any.
    """

    def __init__(self, recall: Recalled, today: State, months: Sequence[Month], last: Month | None) -> None:
        archived = recall.archived
        self.recall, self.archived, self.today, self.months = recall, archived, today, months
        self.over = last == archived.cycle.months[-1]
        self.later = LATER if last in (None, archived.months[-1]) else f"{last.next.sheet}起的月份"
        self.then = recall.reading.state
        self.span = Span(archived.cycle.start, archived.end)
        self.words = archived.period.words
        self.reread: list[str] = []
        self.in_force = [rule for rule in self.then.register.rules if self.span.was_in_force(rule)]
        self.findings: list[Finding] = []
        self.moved: dict[tuple[str, int], Place] = {}

    def run(self) -> list[Finding]:
        """What was changed since, in no particular order; of another branch or cycle only that."""
        if self._differing_settings(IDENTITY):
            return self.findings
        self._differing_settings(SETTINGS)
        last = self.archived.end == self.archived.cycle.end
        bounds = [column.name for column in layout.BANDS.columns if last or column.name != layout.YEAR_GRADE_FLOOR]
        self._compare(layout.BANDS, self.then.rows(layout.BANDS), self.today.rows(layout.BANDS), bounds)
        self._members()
        self._rules()
        self._groups()
        self._attendance_rules()
        there = {table.sheet.name: table for table in tables(self.then.grids, self.months)}
        for sheet in layout.SHEETS:
            if table := there.get(sheet.name):
                if sheet.name in DATED or sheet in layout.MONTHS:
                    self._rows(table)
            elif sheet.name in DATED and (table := self.today.table(sheet)):
                self._added(table)
        return self.findings

    # -- one finding each --

    def _changed(self, sheet: Sheet, heading: str, then: int, now: int, remedy: str = "", label: str = "") -> None:
        """A cell says something else: row ``then`` of the archive is row ``now`` of the workbook."""
        was, now_is = self.then.text(sheet, then, heading), self.today.text(sheet, now, heading)
        if was == now_is:
            return  # it means something else because of another cell, and that one is told
        self._tell(
            self.today.place(sheet, now, heading),
            f"“{label or heading}”在归档后被改动：{self.words}归档时是{_shown(was)}，现在是{_shown(now_is)}",
            f"“{label or heading}”请恢复为{_shown(was)}；{remedy or self._instead_of(sheet, then)}",
        )

    def _facts_changed(self, sheet: Sheet, rows: tuple[int, int], then: Facts, now: Facts) -> None:
        for heading in {**then, **now}:
            if then.get(heading) != now.get(heading):
                self._changed(sheet, heading, *rows, self._instead(sheet, heading, rows[1]))

    def _instead(self, sheet: Sheet, heading: str, now: int) -> str:
        """For what may change on a day: the row of 人员变动 to write instead of typing it into the roster."""
        if sheet is layout.ROSTER and heading == layout.LEFT:
            return f"调离的，“{layout.LEFT}”请填{'计分周期' if self.over else '已归档的时段'}以后的日期"
        if sheet is not layout.ROSTER or heading not in layout.CHANGING or self.over:
            return ""
        code, value = (self.today.text(sheet, now, column) for column in (layout.CODE, heading))
        return (
            f"再在“{layout.CHANGES.name}”写一行：{layout.CODE} {code}、{layout.KEY} {heading}、"
            f"{layout.NEW_VALUE} {value or '（留空）'}，{layout.IN_FORCE_FROM}填变动那一天，须在已归档的时段以后"
        )

    def _instead_of(self, sheet: Sheet, row: int) -> str:
        """What to do instead of changing a row of the archive."""
        if self.over:
            return OVER.get(sheet.name, NO_MONTH_LEFT)
        own = BY_CORRECTION if self.then.place(sheet, row)[:2] in self._counting else POSTED_AGAIN
        return REMEDIES.get(sheet.name, own).replace(LATER, self.later)

    @cached_property
    def _counting(self) -> frozenset[tuple[str, int]]:
        """Sheet and row of what counted for somebody when it was archived."""
        lines = self.archived.content["lines"]
        return frozenset((line["sheet"], line["row"]) for line in lines if line["counted"] != "0")

    @cached_property
    def _lines_of(self) -> dict[str, list[Mapping[str, Any]]]:
        """The archived lines by member."""
        found = defaultdict[str, list[Mapping[str, Any]]](list)
        for line in self.archived.content["lines"]:
            found[line["member"]].append(line)
        return found

    def _gone(self, sheet: Sheet, row: int) -> None:
        summary = self._summary(self.then, sheet, row)
        self._tell(
            self.today.place(sheet, row),
            f"{self.words}归档时的一行不见了：{summary}",
            f"请恢复这一行；{self._instead_of(sheet, row)}",
        )

    def _come(self, sheet: Sheet, row: int, heading: str, remedy: str) -> None:
        summary = self._summary(self.today, sheet, row)
        self._tell(self.today.place(sheet, row, heading), f"{self.words}归档后增加了一行：{summary}", remedy)

    def _tell(self, place: Place, message: str, remedy: str) -> None:
        self.findings.append(Finding("E901", place, message, remedy))

    def _summary(self, state: State, sheet: Sheet, row: int) -> str:
        summary = " ".join(" ".join(state.texts(sheet, row)).split())
        return summary if len(summary) <= 40 else f"{summary[:40]}…"

    # -- what the quarter was reckoned by --

    def _differing_settings(self, keys: Iterable[str]) -> bool:
        then, now = self.then.register.settings, self.today.register.settings
        different = [key for key in keys if SETTINGS[key](then) != SETTINGS[key](now)]
        for key in different:
            rows = self.then.setting_row(key), self.today.setting_row(key)
            remedy = ELSEWHERE if key in IDENTITY else ""
            self._changed(layout.SETTINGS, layout.VALUE, *rows, remedy, f"设置”中的“{key}")
        return bool(different)

    def _members(self) -> None:
        then, now = _by_code(self.then.register.members), _by_code(self.today.register.members)
        alike = _recoded(then, now, lambda member: name_key(member.name))
        renumbered = {code: member for code, member in alike.items() if not self._is_later(member.joined)}
        verifiers = frozenset(self._verifiers())
        for code, member in then.items():
            other, row = now.get(code) or renumbered.get(code), member.place.row
            belonged = self.span.belonged(member) or (other is not None and self.span.belonged(other))
            if other is None:
                if belonged or member in verifiers:
                    self._gone(layout.ROSTER, row)
                continue
            facts, others = (
                self._member_facts(member, member in verifiers),
                self._member_facts(other, member in verifiers),
            )
            if self.archived.content["program"].startswith(TOLERANT) and turned_full(member, other):
                others = {**others, layout.MEMBER_KIND: member.first.kind}
            if belonged or member in verifiers:
                self._facts_changed(layout.ROSTER, (row, other.place.row), facts, others)
        for code in now.keys() - then.keys():
            if now[code] not in renumbered.values() and self.span.belonged(now[code]):
                late = "漏列了的也只能从归档以后算起，“转入日期”请填已归档的时段以后的日期"
                remedy = NEW_MEMBER if self.over else f"新来的请填实际的转入日期；{late}"
                self._come(layout.ROSTER, now[code].place.row, layout.JOINED, remedy)

    def _is_later(self, first: date | None) -> bool:
        """Whether a row that holds from ``first`` on is of later days: one like it is gone, not renumbered to it."""
        return self.span.first(first) == date.max

    def _member_facts(self, member: Member, verifier: bool) -> Facts:
        facts = member_facts(member, self.span, self.in_force)
        return {**facts, layout.DUTY: bool(member.first.duty)} if verifier else facts

    def _verifiers(self) -> Iterator[Member]:
        """Who verified a deduction up to the quarter's end."""
        months = self.archived.months
        for entry in self.then.register.entries:
            if entry.rule and entry.rule.kind == layout.DEDUCTION and entry.month in months:
                for name in names_in(entry.verifier):
                    member = self.then.roll.find(name)
                    if isinstance(member, Member):
                        yield member

    def _rules(self) -> None:
        then, now = _by_code(self.then.register.rules), _by_code(self.today.register.rules)
        alike = _recoded(then, now, lambda rule: (rule.kind, squeeze(rule.item)))
        recoded = {code: rule for code, rule in alike.items() if not self._is_later(rule.start)}
        for code, rule in then.items():
            other = now.get(code) or recoded.get(code)
            if not self.span.was_in_force(rule):
                continue
            if other is None:
                self._gone(layout.RULES, rule.place.row)
            else:
                facts, others = rule_facts(rule, self.span), rule_facts(other, self.span)
                self._facts_changed(layout.RULES, (rule.place.row, other.place.row), facts, others)
        day = reference_day(self.then.register.settings, self.archived.cycle, self.archived.period)
        for code, rule in now.items():
            known = rule in recoded.values() or (code in then and self.span.was_in_force(then[code]))
            if rule.kind == layout.BASE and rule.in_force(day) and not known:
                remedy = "新的基础分规则，请把“生效日期”填在已归档的季度以后"
                self._come(layout.RULES, rule.place.row, layout.IN_FORCE_FROM, remedy)

    def _groups(self) -> None:
        now = {squeeze(group.name): group for group in reversed(self.today.register.groups)}
        used = {squeeze(group.name): group for rule in self.in_force for group in rule.groups}
        for name, group in used.items():
            if name not in now:
                self._gone(layout.GROUPS, group.place.row)
                continue
            rows = group.place.row, now[name].place.row
            self._facts_changed(layout.GROUPS, rows, group_facts(group), group_facts(now[name]))

    def _attendance_rules(self) -> None:
        days: dict[str, list[date]] = defaultdict(list)
        for activity in self.then.register.activities:
            if activity.day and activity.day <= self.span.end:
                days[squeeze(activity.kind)].append(activity.day)

        def applied(state: State, row: Row) -> bool:
            rule = state.book.find(row.text(layout.RULE_CODE))
            return bool(rule and any(rule.in_force(day) for day in days.get(row.key(layout.ACTIVITY_KIND), ())))

        sheet = layout.ATTENDANCE_RULES
        then = [row for row in self.then.rows(sheet) if applied(self.then, row)]
        now = [row for row in self.today.rows(sheet) if applied(self.today, row)]
        remedy = "请在“积分规则”中另增一条“生效日期”在已归档的时段以后的规则，这一行改用它的规则编号"
        remedy = f"请删去这一行；{NEXT_CYCLE}" if self.over else remedy
        headings = [column.name for column in sheet.columns]
        self._compare(sheet, then, now, headings, others=self.today.rows(sheet), added=remedy)

    # -- entries, attendance, votes --

    def _rows(self, table: Table) -> None:
        sheet, table_now = table.sheet, self.today.table(table.sheet)
        then = list(table_rows(table, self.months, self.span.end))
        if table_now is None:
            if then:
                message = f"{self.words}归档时的工作表“{sheet.name}”不见了"
                self._tell(Place(sheet.name, 1, 1), message, "请恢复这张工作表和其中的内容")
            return
        filled = {heading for row in then for heading in table.own_headings if row.has(heading)} - {layout.SERIAL}
        lost = sorted(filled - set(table_now.columns))
        for heading in lost:
            place = Place(table_now.grid.name, table_now.heading_row, 1)
            message = f"{self.words}归档时“{heading}”一列的内容不见了"
            self._tell(place, message, f"请恢复列名“{heading}”和这一列的内容")
        headings = [name for name in {**table.own_headings, **table_now.own_headings} if name not in lost]
        now = list(table_rows(table_now, self.months, self.span.end))
        others = self.today.rows(sheet) if sheet.name in DATED else []
        self._compare(sheet, then, now, headings, others=others, added=self._added_remedy(sheet))

    def _added(self, table: Table) -> None:
        """Rows dated up to the period's end in a sheet that the archive does not have at all."""
        rows = list(table_rows(table, self.months, self.span.end))
        self._compare(table.sheet, [], rows, table.own_headings, added=self._added_remedy(table.sheet))

    def _added_remedy(self, sheet: Sheet) -> str:
        if self.over:
            return f"请删去这一行；{OVER.get(sheet.name, NO_MONTH_LEFT)}"
        return ADDED.get(sheet.name, POST_LATER).replace(LATER, self.later)

    def _compare(
        self,
        sheet: Sheet,
        then: Iterable[Row],
        now: Iterable[Row],
        headings: Iterable[str],
        *,
        others: Iterable[Row] = (),
        added: str = f"请删去这一行；{NEXT_CYCLE}",
    ) -> None:
        """Rows cell by cell: what was changed, what is gone, what was added (with that remedy)."""
        compared = [heading for heading in headings if heading != layout.SERIAL]
        here = [self.today.content(row, compared) for row in now]
        numbers = {content.row for content in here}
        elsewhere = (self.today.content(row, compared) for row in others if row.number not in numbers)
        matched = match([self.then.content(row, compared) for row in then], here, elsewhere)
        for was, now_is in matched.pairs:
            self.moved[self.then.place(sheet, was.row).sheet, was.row] = self.today.place(sheet, now_is.row)
            for heading in compared:
                if was.meanings[heading] != now_is.meanings[heading]:
                    self._changed(sheet, heading, was.row, now_is.row)
        for row in matched.gone:
            self._gone(sheet, row.row)
        for row in matched.come:
            self._come(sheet, row.row, "", added)

    # -- figures --

    def other_figures(self, ledger: Ledger) -> Iterator[Finding]:
        """The lines, or else the members, whose figures of the period differ though no cell was changed."""
        period = self.archived.period
        now = {score.member.code: score for score in with_periods(ledger, [period]).of(period)}
        differing = [
            was
            for was in self.archived.content["scores"]
            if was["period"] == str(period) and not (was["member"] in now and agrees(was, now[was["member"]]))
        ]
        if not differing:
            return
        then = self.recall.scores
        self.reread += [changed.words(self.words) for changed in self.recall.changed()]
        lines_now, lines_then = _counted(ledger), _counted(self.recall.reading.ledger)
        for was in differing:
            code = was["member"]
            score, before = now.get(code), then.get(code)
            found, wanted = figures(score) if score else None, figures(before) if before else None
            if found == wanted:
                continue  # the archive's own rows give the same today: nobody changed anything
            lines = list(self._other_lines(code, lines_now, lines_then))
            yield from lines
            if not lines:
                points = [each["score"] if each else "—" for each in (wanted, found)]
                message = f"{was['name']}{self.words}归档的积分是 {points[0]}，现在算得 {points[1]}"
                place = score.member.place if score else Place(layout.ROSTER.name, 1, 1)
                remedy = "请核对名册和积分规则各行的次序，恢复原来的次序"
                yield Finding("E901", place, f"{message}，而没有找到被改动的单元格", remedy)

    def _other_lines(self, member: str, now: Counted, then: Counted) -> Iterator[Finding]:
        for line in self._lines_of.get(member, ()):
            place = self.moved.get((line["sheet"], line["row"]))
            if place is None:
                continue
            found = points_text(now.get((place.sheet, place.row, member, line["rule"]), 0))
            wanted = points_text(then.get((line["sheet"], line["row"], member, line["rule"]), 0))
            if found != wanted:
                yield Finding(
                    "E901",
                    place,
                    f"这一行{self.words}归档时计入 {wanted} 分，现在算得 {found} 分，而这一行没有改动",
                    "请核对它冲销的行是否移动过（按序号冲销不怕排序），名册中是否新增了同名的人或党内职务，规则的次序是否变动",
                )


def _counted(ledger: Ledger) -> Counted:
    """What counts in a row for a member by a rule."""
    counted: dict[tuple[str, int, str, str], Points] = defaultdict(int)
    for line in ledger.lines:
        entry = line.entry
        if entry.member and entry.rule:
            counted[entry.place.sheet, entry.place.row, entry.member.code, entry.rule.code] += line.counted
    return counted


def _by_code(records: Sequence[Coded]) -> dict[str, Coded]:
    """Members or rules by their code, in order; of a repeated code the first."""
    found: dict[str, Coded] = {}
    for record in records:
        found.setdefault(record.code, record)
    return found


def _recoded(
    then: Mapping[str, Coded], now: Mapping[str, Coded], likeness: Callable[[Coded], object]
) -> dict[str, Coded]:
    """Records whose code is gone, and the one like them whose code is new: the same under another code."""
    new = [record for code, record in now.items() if code not in then]
    alike = {
        code: [r for r in new if likeness(r) == likeness(record)] for code, record in then.items() if code not in now
    }
    return {code: found[0] for code, found in alike.items() if len(found) == 1}


def _shown(text: str) -> str:
    return f"“{text}”" if text else "空白"
