"""The verbs of the year's end (个人明细 组织生活会 民主评议 下一周期 另一套规则) on a workbook, closed or open.

Each takes the clock as an argument and returns what happened; the doors choose the words around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from xl_jifen import Reckoning, reckon
from xl_jifen.disk import assets
from xl_jifen.disk.folders import APPRAISALS, MEETINGS, STATEMENTS, member_stems
from xl_jifen.finding import CannotRead, CannotWrite, Finding
from xl_jifen.grid import Grids, as_share
from xl_jifen.period import Cycle, Period, year_words
from xl_jifen.publish.notice import day_words
from xl_jifen.register import Member, points_text
from xl_jifen.roster import RollCall, names_in
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.printing import Printer, ensure_apart, put
from xl_jifen.verbs.progress import Shown, unshown
from xl_jifen.verbs.quarter import cycle_of, master_for, with_rules

if TYPE_CHECKING:
    from xl_jifen.derive.what_if import WhatIf
    from xl_jifen.publish.study import StudyRow
    from xl_jifen.publish.yearly import Presences

STATEMENT_STEM = "个人积分明细"
OVERVIEW, MEETING_STEM = "支部概览", "组织生活会对照清单"
APPRAISAL_STEM, BALLOT_STEM, STUDY_STEM = "民主评议党员参考表", "民主测评票", "学习任务完成情况"

MOST_PLACES = 5

T = TypeVar("T")


class Book(Protocol):
    """A workbook as it was read, closed (``quarter.Opened``) or open: where it lies, its cells, what they amount to."""

    @property
    def path(self) -> Path: ...  # noqa: D102 - the class says it

    @property
    def grids(self) -> Grids: ...  # noqa: D102 - the class says it

    @property
    def reckoning(self) -> Reckoning: ...  # noqa: D102 - the class says it


def statement(
    opened: Book,
    day: date,
    *,
    member: str = "",
    period: Period | None = None,
    folder: Path | None = None,
    now: datetime | None = None,
    shown: Shown = unshown,
) -> Done:
    """个人积分明细 of the year or a ``period``: a file a member (xlsx, PDF), of all scored members or those named.

    Of all there is one PDF besides, for the committee alone, as every page of it says. Raises CannotRead if there is no
    such member, CannotWrite if there is no scored member at all.
    """
    from xl_jifen.publish.statement import COMMITTEE_ONLY, statements
    from xl_jifen.publish.yearly import Explanations

    printer, in_the_way = _printer(opened, STATEMENTS, folder, day, now)
    register, ledger = opened.reckoning.register, opened.reckoning.ledger
    named = dict.fromkeys(_member(opened, name) for name in names_in(member))
    members = [*named] if member else [m for m in register.members if m.ever_scored and not m.faults]
    drawn = statements(ledger, opened.reckoning.findings, members, day, period=period, draft=bool(in_the_way))
    stems = member_stems(register.members)
    title = f"{period.words}{STATEMENT_STEM}" if period and not period.is_year else STATEMENT_STEM
    for one, page in shown(drawn, len(members)):
        stem = f"{stems[one]} {title}"
        printer.workbook(stem, page)
        printer.pdf(stem, [page])
    if not member:
        printer.together(f"{title}（{COMMITTEE_ONLY}）", COMMITTEE_ONLY, register.settings.branch)
    chosen = set(members)
    explanations = Explanations(opened.reckoning.findings, register.members)
    telling = [line for line in ledger.lines if line.entry.member in chosen and explanations.others_named(line)]
    if telling:
        places = "、".join(dict.fromkeys(str(line.entry.place) for line in telling[:MOST_PLACES]))
        more = "等" if len(telling) > MOST_PLACES else ""
        printer.notes.append(
            f"事由、佐证照登记原样列出，其中 {len(telling)} 处写有其他党员的姓名（{places}{more}），"
            "发给本人之前请核对是否妥当。"
        )
    return printer.made(in_the_way)


def meeting(
    opened: Book,
    day: date,
    *,
    whole: bool = False,
    folder: Path | None = None,
    now: datetime | None = None,
) -> Done:
    """组织生活会对照清单: the branch's overview and a sheet a member (xlsx), and all of them in one PDF to print.

    ``whole``: with every rule of the table, not only those with entries.
    """
    from xl_jifen.publish.meeting import meeting as pages_of
    from xl_jifen.verbs.publish import all_shipped

    printer, in_the_way = _printer(opened, MEETINGS, folder, day, now)
    ledger = opened.reckoning.ledger
    records, rows = _studied(opened, printer, day)
    register, draft = opened.reckoning.register, bool(in_the_way)
    example = register.settings.adopted_on is None and all_shipped(register)
    told = pages_of(ledger, opened.reckoning.findings, records, rows, day, whole=whole, example=example, draft=draft)
    pages = list(told)
    stems = member_stems(register.members)
    for member, page in pages:
        printer.workbook(f"{stems[member]} {MEETING_STEM}" if member else OVERVIEW, page)
    printer.pdf(MEETING_STEM, [page for _, page in pages])
    return printer.made(in_the_way)


def appraise(
    opened: Book,
    day: date,
    *,
    folder: Path | None = None,
    now: datetime | None = None,
) -> Done:
    """民主评议党员参考表 and the blank 民主测评票 (xlsx, PDF).

    With a yearly target (组织生活要求) also who met it, and what might follow.
    """
    from xl_jifen.publish.appraisal import appraisal
    from xl_jifen.publish.ballot_paper import ballot_paper
    from xl_jifen.publish.study import contradictions, study_page

    printer, in_the_way = _printer(opened, APPRAISALS, folder, day, now)
    ledger = opened.reckoning.ledger
    _, rows = _studied(opened, printer, day)
    draft = bool(in_the_way)
    pages = {APPRAISAL_STEM: appraisal(ledger, rows, day, draft=draft), BALLOT_STEM: ballot_paper(ledger, day)}
    if rows:
        pages[STUDY_STEM] = study_page(ledger, rows, day, draft=draft)
    for stem, page in pages.items():
        printer.workbook(stem, page)
        printer.pdf(stem, [page])
    if day > cycle_of(opened.reckoning).end:
        printer.notes.extend(contradictions(ledger, rows))
    return printer.made(in_the_way)


def _studied(opened: Book, printer: Printer, day: date) -> tuple[Presences, tuple[StudyRow, ...]]:
    """Who was where by that day, and the year of study of those with a target; the printer notes targets of nobody."""
    from xl_jifen.publish.study import study
    from xl_jifen.publish.yearly import presences

    printer.notes.extend(_without_members(opened))
    records = presences(opened.reckoning.register, day)
    return records, study(opened.reckoning.ledger, records)


def _without_members(opened: Book) -> Iterator[str]:
    """A note on each 对象 with a target that nobody is: a misspelt one would silently mean nothing."""
    from xl_jifen.requirements import fits

    ledger = opened.reckoning.ledger
    for each in ledger.register.requirements:
        if each.hours and not each.faults and not any(fits(each, score.standing) for score in ledger.year):
            yield f"{each.place.sheet}：没有计分的党员属于“{each.whose}”，这一行的学时没有用上；请核对写法。"


def share_of(text: str) -> Fraction:
    """年度结转 as users state it: ``10%``, ``1/10`` or ``0.1``. Raises CannotRead."""
    share = as_share(text)
    if not share:
        raise CannotRead(f"结转比例“{text}”不能用；请写成 10% 这样，大于 0、不超过 100%。")
    return share


def next_year(
    opened: Book,
    path: Path,
    day: date,
    *,
    carry: Fraction | None = None,
    as_base: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> Done:
    """A fresh workbook for the next cycle at ``path``. Raises Refused without a cycle, CannotWrite if it exists.

    ``say`` gets one member's figures before the book is written, where points are carried. Before the cycle has ended
    by ``day``, a note says that what is carried is not final.
    """
    from xl_jifen.derive.next_year import next_year as carried_over
    from xl_jifen.disk.save import write_new
    from xl_jifen.excel.fill.master import filled

    cycle, in_the_way = _grounds(opened)
    master = master_for(path)
    carried = carried_over(opened.grids, opened.reckoning.ledger, carry, as_base=as_base)
    if carried.example:
        say(carried.example)
    data = filled(assets.asset(master), path.name, carried.settings, carried.texts)
    notes = list(carried.notes)
    if day <= cycle.end:
        notes.append(
            f"原计分周期到{cycle.end}才结束，带入的是现在的名册、规则、设置和积分；此后再有变动的，请在结束以后重新新建。"
        )
    kind, beside = opened.reckoning.register.settings.notice_period, path.resolve().parent
    both = [each.words for each in carried.cycle.periods(kind) if cycle.holds(each)]
    if both and beside == opened.path.resolve().parent:
        notes.append(
            f"前后两个计分周期都有{'、'.join(both)}，公示和归档的名称相同；新工作簿请移到单独的文件夹，再公示、归档。"
        )
    if carry is not None and in_the_way:
        notes.append(f"原工作簿还有 {len(in_the_way)} 个错误没有改，结转按现有的积分计算。")
    return Done(tuple(notes), (write_new(path, data),))


def compare(opened: Book, other: Path) -> WhatIf:
    """The year under the rule table (积分规则, 计分组) of another workbook. Raises CannotRead, also if it has none."""
    from xl_jifen.derive.what_if import what_if, with_scheme_of

    cycle_of(opened.reckoning)  # refuses where there is none
    tried = reckon(with_scheme_of(opened.grids, with_rules(other)))
    return what_if(opened.reckoning.ledger, tried.ledger, opened.reckoning.findings, tried.findings)


def not_final(opened: Book, day: date) -> str:
    """What is to be said of a comparison made before the cycle is over; empty afterwards."""
    cycle = cycle_of(opened.reckoning)
    if day > cycle.end:
        return ""
    return f"计分周期尚未结束：比较的是截至{day_words(day)}已有的登记，积分、名次和建议等次还会变化。"


def save_comparison(
    opened: Book, other: Path, compared: WhatIf, path: Path, day: date, *, now: datetime | None = None
) -> Path:
    """The comparison as a workbook at ``path``; what lay there is backed up. Raises CannotWrite."""
    from xl_jifen.excel.draw.what_if_sheet import draw

    ensure_apart(path, [opened.path, other], "参加比较的工作簿")
    branch = opened.reckoning.register.settings.branch
    created, note = datetime.combine(day, time()), not_final(opened, day)
    data = draw(compared, branch=branch, other=other.name, created=created, note=note)
    return put(path, data, now or created)


def comparison_lines(compared: WhatIf, other: str) -> Iterator[str]:
    """The comparison for the screen: who moves, which rules make the difference, what the other table cannot count."""
    if not compared.differs:
        yield f"按“{other}”的规则表重算，积分、名次和建议等次都没有变化。"
        return
    yield f"按“{other}”的规则表重算，{len(compared.moves)} 名党员中 {len(compared.moved)} 名有变化："
    yield "编号\t姓名\t现积分\t新积分\t增减\t名次\t建议等次"
    for move in compared.moved:
        before, after = move.before, move.after
        cells = [before.member.code, before.member.name, points_text(before.score)]
        if after is None:
            yield "\t".join([*cells, "—", "—", "没有积分", "—"])
            continue
        cells += [points_text(after.score), f"{'+' if move.by > 0 else ''}{points_text(move.by)}"]
        yield "\t".join([*cells, _changed(before.rank, after.rank), _changed(before.grade, after.grade)])
    differing = [rule for rule in compared.rules if rule.differs]
    if differing:
        yield ""
        yield "起作用的规则（全支部合计）："
        yield "规则\t现计入分\t新计入分\t现少计\t新少计\t计入笔数"
    for rule in differing:
        figures = (rule.before.counted, rule.after.counted, rule.before.cut, rule.after.cut)
        yield "\t".join([rule.label, *map(points_text, figures), _changed(rule.before.lines, rule.after.lines)])
    if compared.errors:
        yield ""
        yield f"按那张规则表有 {len(compared.errors)} 处登记或规则不能计入："
        places: dict[tuple[str, str], list[str]] = {}
        for error in compared.errors:
            places.setdefault((error.code, error.message), []).append(str(error.place))
        for (code, message), where in places.items():
            more = f" 等 {len(where)} 处" if len(where) > MOST_PLACES else ""
            yield f"  {code}  {message}：{'、'.join(where[:MOST_PLACES])}{more}"


def _changed(before: object, after: object) -> str:
    first, second = ("—" if each is None else str(each) for each in (before, after))
    return first if first == second else f"{first}→{second}"


def _grounds(opened: Book) -> tuple[Cycle, tuple[Finding, ...]]:
    """The cycle, and the errors that bear on its last quarter. Raises Refused where there is no cycle."""
    from xl_jifen.derive.bearing import bearing

    register, findings = opened.reckoning.register, opened.reckoning.findings
    cycle = cycle_of(opened.reckoning)
    return cycle, bearing(register, findings, cycle.quarters[-1])


def _printer(
    opened: Book, name: str, folder: Path | None, day: date, now: datetime | None
) -> tuple[Printer, tuple[Finding, ...]]:
    """What prints a publication of the year's end into ``folder`` (民主评议/2026年度/ …), and the errors in the way.

    Raises CannotWrite where the cycle has no scored member: nobody wants an empty table.
    """
    cycle, in_the_way = _grounds(opened)
    if not opened.reckoning.ledger.year:
        raise CannotWrite("“党员名册”中没有计分的党员，没有可以生成的；请先填写“党员名册”。")
    usual = opened.path.resolve().parent / name / year_words(cycle)
    return Printer(opened.path, folder or usual, day, now), in_the_way


def _member(opened: Book, text: str) -> Member:
    """The scored member a user names. Raises CannotRead with what is wrong."""
    found = RollCall(opened.reckoning.register.members).find(text)
    if not isinstance(found, Member):
        raise CannotRead(f"{found.message}；{found.remedy}。")
    if not found.ever_scored or found.faults:
        why = "这一行有误，请先按校验结果改正" if found.faults else "“是否计分”为“否”，请核对"
        raise CannotRead(f"{found.name}没有积分明细；名册中{why}。")
    return found
