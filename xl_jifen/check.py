"""Checking (校验): what in a register does not hold, and therefore does not count.

One function a question; each says what it finds wrong with one entry, or None. Two questions need the other rows too
and are asked in posting order: reversals (冲销) and repetitions. Pure: a register in, findings and refusals out.

One module, however long: each question is one function, and all are asked in one pass.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import date

from xl_jifen import layout
from xl_jifen.ballot import ballot_problems
from xl_jifen.catalogue import Code, is_error
from xl_jifen.finding import NOTHING_TO_DO, Finding, Findings, Problem
from xl_jifen.grid import Place, squeeze
from xl_jifen.period import Cycle, Month
from xl_jifen.register import Ballot, Codes, Entry, Member, Register, Rule, points_text
from xl_jifen.roster import RollCall, absent, names_in
from xl_jifen.rulebook import unproved
from xl_jifen.typed import NamedTuple


class Checked(NamedTuple):
    """The verdict on a register.

    ``refused`` holds, for each entry and ballot that must not count, the error codes that concern it: its own, its
    member's and its rule's. ``taken_back`` maps each valid 冲销 to the entries it takes back (one, or the lines of one
    member and rule in an attendance row).
    """

    findings: Findings
    refused: Mapping[Entry | Ballot, Codes]
    taken_back: Mapping[Entry, tuple[Entry, ...]]


def check(register: Register) -> Checked:
    """Check every entry and ballot of a register; findings in no particular order."""
    return _Check(register).run()


class _Check:
    def __init__(self, register: Register) -> None:
        self.register = register
        self.cycle = register.settings.cycle
        self.roll = RollCall(register.members)
        self._officers: dict[date | None, int] = {}
        lasting = {member for member in register.members if member.lasting}
        self._changing = len(lasting) < len(register.members)
        self._lasting: set[Member | Rule] = lasting.union(rule for rule in register.rules if rule.lasting)
        self.findings = Findings()
        self._said: set[Finding] = set()  # what concerns all people of a row is told once
        self.errors: dict[Entry | Ballot, set[Code]] = {}  # of those rows only that have some
        self.taken_back: dict[Entry, tuple[Entry, ...]] = {}

    def run(self) -> Checked:
        sound: set[object] = set()  # what was once found without fault is not asked again
        for entry in self.register.entries:
            alike = self._alike(entry)
            if alike and sound.issuperset(alike):
                continue
            self._begin(entry)
            problems = self._entry_problems(entry)
            for problem in problems:
                self._note(entry, problem)
            if not problems and entry not in self.errors:
                sound.update(alike)
        self._reversals()
        self._repetitions()
        for ballot in self.register.ballots:
            self._begin(ballot)
            for problem in ballot_problems(ballot, self.cycle, self.register.members):
                self._note(ballot, problem)
        refused = {row: tuple(sorted(codes)) for row, codes in self.errors.items()}
        return Checked(self.findings, refused, self.taken_back)

    def _alike(self, entry: Entry) -> tuple[object, ...]:
        """All that is looked at of an entry by itself, in parts; nothing where it is unusual, or dates decide."""
        _, month, day, member, rule, quantity, claimed, _, evidence, verifier, status, _, reversal, *_ = entry
        if status != layout.PASSED or reversal or entry.attendance or entry.faults or entry.unread:
            return ()
        if member is None or rule is None or not self._lasting.issuperset((member, rule)):
            return ()
        verified = (member, verifier, self._changing and day) if rule.kind == layout.DEDUCTION else ()
        return (day, month), member, (rule, quantity, claimed, not evidence, member.first.category, verified)

    def _begin(self, row: Entry | Ballot) -> None:
        """Start from the codes of the row, its member and its rule; without a cycle nothing can be posted (E803)."""
        codes = row.faults
        if row.member:
            codes += row.member.faults
        if row.rule:
            codes += row.rule.faults
        if self.cycle is None:
            codes += ("E803",)
        if codes:
            self.errors[row] = set(codes)

    def _note(self, row: Entry | Ballot, problem: Problem) -> None:
        place = Place(row.place.sheet, row.place.row, row.columns.get(problem.heading, 0))
        found = Finding(problem.code, place, problem.message, problem.remedy)
        if isinstance(row, Entry) and row.shared:
            if found not in self._said:
                self.findings.append(found)
                self._said.add(found)
        else:
            self.findings.append(found)
        if is_error(problem.code):
            self.errors.setdefault(row, set()).add(problem.code)

    def _entry_problems(self, entry: Entry) -> list[Problem]:
        """What is wrong with one row of a month sheet by itself; of a 冲销 only date and kind of rule matter."""
        if entry.status == layout.REJECTED:
            return [Problem("I005", layout.STATUS, "审核不通过，不计入", NOTHING_TO_DO)]
        if entry.attendance:
            return []
        pending = None
        if entry.status == layout.PENDING:
            pending = Problem("I001", layout.STATUS, "待审核，暂不计入", "审核后把“审核状态”改为“通过”或“不通过”")
        rule = entry.rule
        outside = _outside_cycle(entry, self.cycle)
        posting = None if outside else _posting(entry)
        kind = _kind(rule) if rule else None
        if entry.reversal:
            return [p for p in (pending, outside, posting, kind) if p and p.code in ("I001", "E401", "E402", "E103")]
        problems = [pending, outside, posting, kind, _positive(entry)]
        if not outside:
            problems.append(_on_roster(entry))
        if rule:
            problems += _single(entry, rule), _claim(entry, rule), _evidence(entry, rule)
        if rule and not outside:  # what asks about the day
            officers = self._officers_on(entry.day) if rule.kind == layout.DEDUCTION else 0
            problems += (
                _in_force(entry, rule),
                _category(entry, rule),
                _verified(entry, rule, self.roll, officers),
            )
        return list(filter(None, problems))

    def _officers_on(self, day: date | None) -> int:
        """How many members of the roster hold a 党内职务 on a day; who has not joined yet, or left, holds none."""
        day = day if self._changing else None
        if day not in self._officers:
            there = (member for member in self.register.members if day is None or member.on_roster(day))
            self._officers[day] = sum(1 for member in there if member.on(day).duty)
        return self._officers[day]

    def _reversals(self) -> None:
        """冲销, in posting order: each must name a row it may take back (§5, E602)."""
        reversals = [
            e
            for e in self.register.entries
            if e.reversal and e.month and e.status != layout.REJECTED and layout.REVERSAL not in e.unread
            if e.member or not e.shared  # a name nobody knows, among others, is E201 alone
        ]
        if not reversals:
            return
        by_row: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        by_serial: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        keys = {name: squeeze(name) for name in {entry.place.sheet for entry in self.register.entries}}
        for entry in self.register.entries:
            by_row[keys[entry.place.sheet], entry.place.row].append(entry)
            if entry.serial:
                named = by_serial[keys[entry.place.sheet], squeeze(entry.serial)]
                if not named or entry.place == named[0].place or named[-1].place == named[0].place:
                    named.append(entry)  # of a second row one is enough: 冲销 by this 序号 is SEVERAL then
        taken: set[Entry] = set()
        for entry in sorted(reversals, key=_posted):
            named = _named_rows(entry.reversal, by_row, by_serial)
            targets = tuple(other for other in named if _same_claim(entry, other))
            if reason := _irreversible(entry, named, targets, taken):
                self._note(
                    entry,
                    Problem(
                        "E602",
                        layout.REVERSAL,
                        f"{_whose(entry)}冲销“{entry.reversal}”不成立：{reason}",
                        _instead(entry, reason),
                    ),
                )
            elif entry not in self.errors and entry.status == layout.PASSED:
                self.taken_back[entry] = targets
                taken.update(targets)

    def _repetitions(self) -> None:
        """Rows that say again what an earlier one said (E601, W601), in posting order."""
        taken_in = {target: reversal.month for reversal, targets in self.taken_back.items() for target in targets}
        first: dict[tuple[Member, Rule, date], Entry] = {}
        alike: dict[Entry, list[Entry]] = {}
        if self.cycle is None:
            return
        begin, end = self.cycle.start, self.cycle.end
        for entry in self.register.entries:
            _, month, day, member, rule, _, _, _, _, _, status, _, reversal, *_ = entry
            if month and day and member and rule and begin <= day <= end and status != layout.REJECTED and not reversal:
                earlier = first.setdefault((member, rule, day), entry)
                if earlier is not entry:
                    alike.setdefault(earlier, [earlier]).append(entry)
        for entries in alike.values():
            self._repeated(sorted(entries, key=_posted), taken_in)

    def _repeated(self, entries: list[Entry], taken_in: Mapping[Entry, Month | None]) -> None:
        standing, by_reason = deque[Entry](), defaultdict[str, deque[Entry]](deque)
        for entry in entries:
            heading, reason = entry.attendance or layout.RULE, squeeze(entry.reason)
            name = entry.member.shown if entry.member else ""
            if same := _still_stands(by_reason[reason], entry, taken_in):
                message = f"{name}的这一笔与 {same.place} 的人、规则、日期、事由都相同，不再计入"
                out = _out(entry) if entry.shared or entry.attendance else "删去"
                told = f"重复的请{out}；确为两件事的，请把{_reason(entry)}写得不同"
                self._note(entry, Problem("E601", heading, message, told))
            elif earlier := _still_stands(standing, entry, taken_in):
                message = f"{name}的这一笔与 {earlier.place} 的人、规则、日期都相同，请核对是否重复"
                out = _out(entry) if entry.shared or entry.attendance else "删去一行"
                self._note(entry, Problem("W601", heading, message, f"是同一件事的请{out}；不是则无需修改"))
            if entry.status == layout.PASSED and entry not in self.errors:
                standing.append(entry)
                by_reason[reason].append(entry)


NOT_EARLIER = "那一行不在以前的月份"
IS_REVERSAL = "那一行本身是冲销"
TAKEN = "那一行已被冲销过"
SEVERAL = "有几行是这个序号"
INSTEAD = {
    NOT_EARLIER: "本月的错误请直接在原行改正，删去冲销的这一行；以后的月份才用冲销",
    IS_REVERSAL: "冲销的行不能再冲销：误冲了的，请清空“冲销”，在这一行重新登记误冲的那一笔",
    SEVERAL: "“冲销”请改写行号，如 3月!7；或先把“序号”改得不重复",
}
NAME_A_ROW = "“冲销”请写以前月份的一行，如 3月#12（3月序号12），没有序号的写 3月!7，人和规则要相同"


def _still_stands(standing: deque[Entry], entry: Entry, taken_in: Mapping[Entry, Month | None]) -> Entry | None:
    """The first of those, in posting order, that stands in an earlier row and has not been taken back by then."""
    while standing and _gone(taken_in.get(standing[0]), entry.month):
        standing.popleft()  # nor will it stand for any later entry
    return standing[0] if standing and _posted(standing[0]) < _posted(entry) else None


def _instead(entry: Entry, reason: str) -> str:
    """What to do about a 冲销 that may not be."""
    if reason == TAKEN:
        return f"已经冲回过的不用再冲，请{_out(entry)}；要冲的是另一行，“冲销”请改写那一行"
    return INSTEAD.get(reason, NAME_A_ROW)


def _out(entry: Entry) -> str:
    """How one person's entry is taken out: the row may be that of several."""
    if entry.attendance:
        return f"从“{entry.attendance}”中删去此人，整行重复的删去整行"
    return f"从“{layout.NAME}”中删去此人" if entry.shared else "删去这一行"


def _reason(entry: Entry) -> str:
    """What the reason of an entry is called in its sheet."""
    return f"“{layout.ACTIVITY_NAME}”" if entry.attendance else "事由"


def _whose(entry: Entry) -> str:
    """Whom a finding concerns, where the row names several people."""
    return f"{entry.member.shown}：" if entry.shared and entry.member else ""


def _posted(entry: Entry) -> tuple[Month, bool, int]:
    """Posting order: month, then place, month sheets before attendance."""
    return entry.month or Month(0, 0), bool(entry.attendance), entry.place.row


def _gone(taken: Month | None, month: Month | None) -> bool:
    """Whether a row was taken back by a 冲销 posted up to that month."""
    return taken is not None and month is not None and taken <= month


def _outside_cycle(entry: Entry, cycle: Cycle | None) -> Problem | None:
    if cycle is None:
        return None
    if entry.month is None:
        return Problem(
            "E401",
            layout.DAY,
            f"工作表“{entry.place.sheet}”不在计分周期 {cycle.words} 之内",
            "请移到周期内的月份表，或改“设置”中的计分周期",
        )
    if entry.day and entry.day not in cycle:
        return Problem("E401", layout.DAY, f"{entry.day} 不在计分周期 {cycle.words} 之内", "请核对日期")
    return None


def _posting(entry: Entry) -> Problem | None:
    day, posted = entry.day, entry.month
    if day is None or posted is None or (day.year, day.month) == posted:
        return None
    month = Month.of(day)
    if month > posted:
        return Problem("E402", layout.DAY, f"{day} 晚于{entry.place.sheet}", f"请核对日期，或移到“{month.sheet}”")
    late = f"{day} 是以前月份的事项，补登在{entry.place.sheet}，计入本月"
    return Problem("W402", layout.DAY, late, "日期有误的请更正，无误则无需修改")


def _on_roster(entry: Entry) -> Problem | None:
    member = entry.member
    if member is None:
        return None
    if not member.on(entry.day).scored:
        return Problem(
            "E203",
            layout.NAME,
            f"{member.shown}当日“是否计分”为“否”",
            f"不计分的党员不登记积分，请{_out(entry)}",
        )
    if entry.day and not member.on_roster(entry.day):
        return absent(member, entry.day)
    return None


def _kind(rule: Rule) -> Problem | None:
    if rule.kind == layout.BASE:
        return Problem("E103", layout.RULE, f"{rule.label} 是基础分规则，不能登记", "请改用加分或减分的规则")
    if rule.kind == layout.VETO:
        return Problem(
            "E304", layout.RULE, f"{rule.label} 是一票否决规则，不能登记在月份表", "请删去这一行，改在“表决记录”中填写"
        )
    return None


def _in_force(entry: Entry, rule: Rule) -> Problem | None:
    if entry.day is None or rule.in_force(entry.day):
        return None
    return Problem(
        "E302", layout.RULE, f"规则 {rule.label} 在 {entry.day} 未生效或已失效", "请核对日期，或改用当日有效的规则"
    )


def _category(entry: Entry, rule: Rule) -> Problem | None:
    if entry.member is None or not rule.categories or rule.covers(category := entry.member.on(entry.day).category):
        return None
    return Problem(
        "E303",
        layout.RULE,
        f"规则 {rule.label} 不适用于{entry.member.shown}的计分类别“{category}”",
        "请核对名册中的计分类别，或改用适用的规则",
    )


def _positive(entry: Entry) -> Problem | None:
    if entry.quantity is None or entry.quantity > 0:
        return None
    return Problem("E403", layout.QUANTITY, "数量应大于 0", "请改正数量，留空即 1")


def _single(entry: Entry, rule: Rule) -> Problem | None:
    if entry.quantity is None or entry.quantity <= 0 or entry.quantity == 1:
        return None
    if rule.ceiling is None and not rule.ladder:
        return None
    how = "按区间计分" if rule.ceiling is not None else "逐次计分"
    return Problem(
        "E403", layout.QUANTITY, f"规则 {rule.label} {how}，数量只能留空或填 1", "“数量”请留空或填 1，多次的请分行登记"
    )


def _claim(entry: Entry, rule: Rule) -> Problem | None:
    if rule.ceiling is None or layout.CLAIMED in entry.unread:
        return None
    if entry.claimed is not None and rule.points <= entry.claimed <= rule.ceiling:
        return None
    allowed = f"{points_text(rule.points)} 至 {points_text(rule.ceiling)}"
    if entry.claimed is None:
        return Problem("E404", layout.CLAIMED, f"规则 {rule.label} 须填申报分值（{allowed}）", "请填写申报分值")
    return Problem(
        "E404",
        layout.CLAIMED,
        f"申报分值 {points_text(entry.claimed)} 不在 {allowed} 之间",
        "“申报分值”请改为范围内的分数",
    )


def _evidence(entry: Entry, rule: Rule) -> Problem | None:
    if not rule.needs_evidence or entry.evidence or layout.EVIDENCE in entry.unread:
        return None
    return unproved(rule)


def _verified(entry: Entry, rule: Rule, roll: RollCall, officers: int) -> Problem | None:
    """A deduction must be verified by a member with a duty who is not the one concerned; several may be named."""
    if rule.kind != layout.DEDUCTION:
        return None
    remedy = "“核实人”请填写一名担任党内职务的其他党员"
    names = names_in(entry.verifier)
    if not names and layout.VERIFIER not in entry.unread:
        return Problem("E502", layout.VERIFIER, "减分没有填核实人", remedy)
    for name in names:
        verifier = roll.find(name)
        if not isinstance(verifier, Member):
            return Problem("E502", layout.VERIFIER, f"核实人：{verifier.message}", f"“核实人”{verifier.remedy}")
        if verifier is entry.member:
            return Problem("E502", layout.VERIFIER, f"核实人{name}就是本人", remedy)
        if officers >= 2 and not verifier.on(entry.day).duty:
            return Problem("E502", layout.VERIFIER, f"核实人{name}没有党内职务", remedy)
    return None


def _named_rows(
    reversal: str,
    by_row: Mapping[tuple[str, int], list[Entry]],
    by_serial: Mapping[tuple[str, str], list[Entry]],
) -> list[Entry]:
    """The entries a 冲销 names: ``3月!7`` by row (``3月!D7`` too), ``3月#12`` by 序号, or an attendance row."""
    match = re.fullmatch(r"'?([^'!#]+)'?(?:!\$?[A-Za-z]{0,3}\$?(\d{1,7})|#(.+))", reversal)
    if not match:
        return []
    sheet = match[1]
    return by_row.get((sheet, int(match[2])), []) if match[2] else by_serial.get((sheet, match[3]), [])


def _same_claim(entry: Entry, other: Entry) -> bool:
    """Whether member and rule are the same, as far as the first entry's are known."""
    return entry.member in (None, other.member) and entry.rule in (None, other.rule)


def _irreversible(entry: Entry, named: list[Entry], targets: tuple[Entry, ...], taken: set[Entry]) -> str:
    """Why a 冲销 may not take back what it names; empty if it may."""
    rows = {other.place for other in named}
    if not named:
        return "没有看懂，或找不到这一行"
    if len(rows) > 1:
        return SEVERAL
    if any(other.reversal for other in named):
        return IS_REVERSAL
    if not all(other.month and entry.month and other.month < entry.month for other in named):
        return NOT_EARLIER
    if not targets:
        return "人或规则与那一行不同"
    if any(target in taken for target in targets):
        return TAKEN
    return ""
