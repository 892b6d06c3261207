"""另一套规则的比较 as a workbook: who moves, which rules make the difference, and what the other table cannot count.

The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from xl_jifen.derive.what_if import WhatIf
from xl_jifen.excel.draw.closed import Closed
from xl_jifen.excel.draw.looks import height
from xl_jifen.publish.figures import decimal
from xl_jifen.publish.sheet import CELL, HEADING, Laid, Look, Sheet
from xl_jifen.register import Points, Score

MARKED = "#FFF4D6"
MEMBERS = (
    ("编号", 8),
    ("姓名", 18),
    ("现积分", 10),
    ("新积分", 10),
    ("增减", 10),
    ("现名次", 8),
    ("新名次", 8),
    ("现建议等次", 12),
    ("新建议等次", 12),
)
RULES = (
    ("规则编号", 10),
    ("类型", 8),
    ("小项", 28),
    ("现计入分", 10),
    ("新计入分", 10),
    ("增减", 10),
    ("现少计分", 10),
    ("新少计分", 10),
    ("现计入笔数", 12),
    ("新计入笔数", 12),
    ("新增不能计入", 14),
)
ERRORS = (("位置", 16), ("代码", 8), ("问题", 60), ("怎么改", 40))


def draw(what_if: WhatIf, *, branch: str, other: str, created: datetime, note: str = "") -> bytes:
    """Three sheets: 人员变化, 规则影响, 不能计入. ``other`` is the name of the workbook whose rules were tried.

    ``note`` is what is to be said of the figures: that they are not final.
    """
    book = Closed({"title": f"按“{other}”的规则重算", "author": branch, "created": created})
    title = f"{branch}　按“{other}”的规则表重算，与现行规则比较（少计：因封顶、就高、限次没有计入的分）{note}"
    members = [
        (
            move.before.member.code,
            move.before.member.name,
            _points(move.before.score),
            _points(move.after.score if move.after else None),
            _points(move.by if move.after else None),
            *(_rank(score) for score in (move.before, move.after)),
            *((score.grade or "—") if score else "—" for score in (move.before, move.after)),
        )
        for move in what_if.moves
    ]
    rules = [
        (
            rule.code,
            rule.kind,
            rule.label.removeprefix(rule.code).strip(),
            _points(rule.before.counted),
            _points(rule.after.counted),
            _points(rule.after.counted - rule.before.counted),
            _points(rule.before.cut),
            _points(rule.after.cut),
            rule.before.lines,
            rule.after.lines,
            max(0, rule.after.refused - rule.before.refused),
        )
        for rule in what_if.rules
    ]
    errors = [(str(each.place), each.code, each.message, each.remedy) for each in what_if.errors]
    book.add(_sheet("人员变化", title, MEMBERS, members, marked=[move.moved for move in what_if.moves]))
    book.add(_sheet("规则影响", title, RULES, rules, marked=[rule.differs for rule in what_if.rules]))
    book.add(_sheet("不能计入", title, ERRORS, errors, marked=[False] * len(errors)))
    return book.to_bytes()


def _sheet(
    name: str,
    title: str,
    columns: Sequence[tuple[str, float]],
    rows: Sequence[Sequence[Decimal | int | str]],
    marked: Sequence[bool],
) -> Sheet:
    """A title, and a table with its rows that differ marked."""
    headings, widths = zip(*columns, strict=True)
    laid = Laid()
    laid.add([title], [Look(bold=True)], 24)
    laid.add(headings, [HEADING] * len(columns))
    for cells, differs in zip(rows, marked, strict=True):
        text = CELL._replace(fill=MARKED if differs else "")
        looks = [text if isinstance(cell, str) else text._replace(align="right") for cell in cells]
        laid.add(cells, looks, height((str(cell), width) for cell, width in zip(cells, widths, strict=True)))
    return Sheet(name, widths, laid.models, laid.rows, head=2, still=2)


def _points(points: Points | None) -> Decimal | str:
    return "—" if points is None else decimal(points)


def _rank(score: Score | None) -> int | str:
    return "—" if score is None or score.rank is None else score.rank
