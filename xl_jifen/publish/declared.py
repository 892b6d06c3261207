"""What became of the declarations (导入对照), in words: a row each for the workbook, the doubtful ones for the screen.

Pure: a plan in, rows and sentences out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xl_jifen import layout
from xl_jifen.catalogue import HINT
from xl_jifen.declare.attended import Signed
from xl_jifen.declare.propose import DOUBTFUL, NOT_PLACED, PROPOSED, REPEATED, Outcome, PastedRow, Plan, Target
from xl_jifen.finding import Finding
from xl_jifen.grid import Place, as_text, column_letters
from xl_jifen.register import points_text
from xl_jifen.roster import names_in

ACCOUNT_SHEET = "对照"
POSTED = "列入"
ACCOUNT_HEADINGS = ("来源", "姓名", "日期", "申报事项", "事由", "结果", POSTED, "如通过计", "说明")

SHOWN = (layout.NAME, layout.DAY, layout.RULE, layout.REASON)
"""What is shown of a declaration beside its outcome, as it was written."""

MOST_TOLD = 30
"""Declarations told one by one on the screen; all of them stand in the workbook."""

LONGEST = 300
"""Characters of a declared text as it is shown beside its outcome."""


def account(outcome: Outcome) -> tuple[str, ...]:
    """One declaration as it was written and what became of it, under :data:`ACCOUNT_HEADINGS`."""
    written = (as_text(outcome.declaration.cells.get(item))[:LONGEST] for item in SHOWN)
    words = "\n".join([*outcome.notes, *map(_told, outcome.findings)])
    return outcome.declaration.place, *written, outcome.state, str(outcome.place or ""), _points(outcome), words


def summary(plan: Plan) -> str:
    """``共 12 笔申报：拟登记 8 笔（其中可能重复 1 笔、有错误 2 笔），重复 3 笔，未列入 1 笔。``"""
    states = Counter(outcome.state for outcome in plan.outcomes)
    wrong = sum(outcome.place is not None and outcome.has_errors for outcome in plan.outcomes)
    kinds = (("可能重复", states[DOUBTFUL]), ("有错误", wrong))
    among = "、".join(f"{words} {count} 笔" for words, count in kinds if count)
    return (
        f"共 {len(plan.outcomes)} 笔申报：拟登记 {states[PROPOSED] + states[DOUBTFUL]} 笔"
        f"{f'（其中{among}）' if among else ''}，重复 {states[REPEATED]} 笔，未列入 {states[NOT_PLACED]} 笔。"
    )


def lines(plan: Plan) -> Iterator[str]:
    """The summary, and what a person must look at before pasting: repetitions are only counted."""
    yield summary(plan)
    doubtful = [o for o in plan.outcomes if o.state != REPEATED and (o.notes or any(map(_grave, o.findings)))]
    for outcome in doubtful[:MOST_TOLD]:
        name = as_text(outcome.declaration.cells.get(layout.NAME))[:20] or "（没有姓名）"
        to = f" → {outcome.place}" if outcome.place else ""
        yield f"{outcome.state}  {outcome.declaration.place} {name}{to}"
        yield from (f"    {note}" for note in outcome.notes)
        yield from (f"    {_told(finding)}" for finding in outcome.findings if _grave(finding))
    if rest := doubtful[MOST_TOLD:]:
        yield f"另有 {len(rest)} 笔需要核对，见“{ACCOUNT_SHEET}”。"


def pasting(target: Target, first: int, count: int, workbook: str) -> str:
    """How the rows of a month are taken over: they stand from row ``first`` on, ``count`` of them."""
    block = f"A{first}:{column_letters(len(target.headings))}{first + count - 1}"
    return (
        f"打开时已选好 {block}：复制，到“{workbook}”的“{target.name}”点 A{target.row}，选择性粘贴，"
        f"选“数值”并勾选“跳过空单元”。{'审核后再改“审核状态”。' if layout.STATUS in target.columns else ''}"
    )


def attended(done: Signed, place: Place) -> Iterator[str]:
    """What a sign-in list came to, and what it leaves to be decided."""
    counts = [
        f"{status} {len(names_in(as_text(done.cells[status])))} 人"
        for status in layout.ATTENDANCE
        if status in done.cells
    ]
    yield f"活动“{done.cells[layout.ACTIVITY_NAME]}”→ {place}：{'，'.join(counts)}。"
    if not done.cells[layout.ACTIVITY_KIND]:
        yield f"“{layout.ACTIVITY_KIND}”没有填：名称里没有“考勤计分”中的活动类型，请选择。"
    for words, names in (
        ("名单里有、党员名册里没有，没有列入", done.unknown),
        ("党员名册里有同名的，没有列入，请在名单的姓名后加上编号，如 张伟(001)", done.namesakes),
        ("看不懂是参加还是请假，没有列入", done.doubtful),
        ("在册、名单里没有，请支委核对是请假还是缺席", done.silent),
    ):
        if names:
            yield f"{words}：{'、'.join(names[:MOST_TOLD])}{'等' if names[MOST_TOLD:] else ''}（{len(names)} 人）。"


def hint(row: PastedRow, outcomes: Sequence[Outcome]) -> str:
    """What stands in 提示 beside a proposed row, the level first; what only explains is left to the account."""
    words = [finding.message for finding in row.findings if _grave(finding)]
    words += [note for outcome in outcomes for note in outcome.notes]
    wrong = any(finding.is_error for finding in row.findings) or any(outcome.has_errors for outcome in outcomes)
    level = "错误" if wrong else "警告"
    return f"{level}：{'；'.join(dict.fromkeys(words))}" if words else ""


def _grave(finding: Finding) -> bool:
    return finding.level != HINT


def _told(finding: Finding) -> str:
    words = f"{finding.level} {finding.code}：{finding.message}"
    return f"{words}；{finding.remedy}" if _grave(finding) else words


def _points(outcome: Outcome) -> str:
    line = outcome.line
    if line is None or outcome.has_errors or line.entry.rule is None:
        return "—" if outcome.place else ""
    sign = "−" if line.entry.rule.kind == layout.DEDUCTION else "+"
    return f"{sign}{points_text(line.counted)}" if line.counted else "0"
