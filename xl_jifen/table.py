"""One sheet as a table (表): finds the heading row, and reads the cells of each row as text, numbers, dates, choices.

A cell that cannot be read becomes a finding at that cell and a code on its row, never a guess and never a blank.
Pure: grids in, values and findings out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, time
from fractions import Fraction
from operator import itemgetter

from xl_jifen import layout
from xl_jifen.catalogue import Code, is_error
from xl_jifen.finding import Finding, Findings
from xl_jifen.grid import (
    MOST,
    Cell,
    CellError,
    Grid,
    Place,
    Range,
    as_date,
    as_number,
    as_read,
    as_text,
    heading_key,
    is_blank,
    is_filler,
    reformatted,
    seen,
    squeeze,
    unseen,
)
from xl_jifen.layout import HEADING_ROWS, Sheet
from xl_jifen.register import Codes, Points, as_points
from xl_jifen.typed import new_record

NO_MEANS = (layout.MAY_VOTE, layout.SCORED, layout.NEW_VALUE)
"""Where a word for “no” might mean 否, so that it is no filler (E103)."""

SEEMING: Mapping[str, Code] = {"number": "E102", "date": "E102", "choice": "E103", "text": "E103"}
"""What a blank of each kind of column is where people see it filled."""
SAYS_ONLY = frozenset(
    (
        *(layout.REMARK, layout.STANDARD, layout.UNIT, layout.EVIDENCE, layout.EVIDENCE_BY, layout.VERIFIER),
        *(layout.RECORDER, layout.BALLOT_METHOD, layout.HANDLER, layout.INQUIRY, layout.HANDED_OUT_BY),
    )
)
"""Texts on which no figure rests, or whose lack is told where one does: such a blank is let be.

党小组 is none of them, since sums, means and ranks of the groups rest on it (scoring §8), nor 党内职务 (E502).
"""


class Table:
    """A sheet of the workbook seen through its headings.

    ``columns`` maps the headings present to column numbers; ``missing`` are the required ones that are not there;
    ``heading_row`` is where they stand (1 if none is found). Signs that cannot be seen are left out of every text, and
    fillers are blanks, as is what a merged range covers; ``written`` is the sheet as it was typed.
    """

    def __init__(self, sheet: Sheet, grid: Grid) -> None:
        self.sheet = sheet
        self.heading_row, self.columns = find_headings(sheet, grid)
        kept = {self.columns[heading] - 1 for heading in NO_MEANS if heading in self.columns}
        self.written, self.grid = grid, as_read(grid, self.heading_row, kept)
        self.missing = tuple(c.name for c in sheet.columns if c.required and c.name not in self.columns)
        self.read = [
            (column.name, self.columns[column.name] - 1, column.required)
            for column in sheet.columns
            if not column.owned and column.name in self.columns and column.name != layout.SERIAL
        ]
        """Of each heading whose cells are read, where they stand in a row and whether they must be filled; not 序号."""
        self._content = [at for _, at, _ in self.read]
        self.spread: dict[int, list[Range]] = {}
        """By column the merged ranges over several rows below the headings whose first cell holds something."""
        for merged in sorted(grid.merged):
            if self.heading_row < merged.top < merged.bottom and not is_blank(self.grid.at(*merged[:2])):
                self.spread.setdefault(merged.left, []).append(merged)

    @property
    def is_empty(self) -> bool:
        """Whether the sheet holds nothing at all."""
        return all(is_blank(cell) for row in self.grid.rows for cell in row)

    def place(self, row: int, heading: str = "") -> Place:
        """The place of a cell by its heading, or of the whole row."""
        return Place(self.grid.name, row, self.columns.get(heading, 0))

    def missing_headings(self) -> Iterator[Finding]:
        """E812 for each required heading that is not there."""
        for heading in self.missing:
            yield Finding(
                "E812",
                Place(self.grid.name, self.heading_row, 1),
                f"工作表“{self.grid.name}”的前 {HEADING_ROWS} 行中找不到必需的列名“{heading}”，这张表的内容暂不计入",
                f"请在列名那一行恢复“{heading}”，写法与模板一致，并使列名在前 5 行之内",
            )

    def unseen(self) -> Iterator[Finding]:
        """W103 for the sheet's name and for each heading, and each cell below one, that holds signs nobody can see.

        Only cells that are read: not the tool's own, and not rows without content or marked 不通过.
        """
        if signs := unseen(self.grid.name):
            yield self._ignored(1, 1, f"工作表名称“{seen(self.grid.name)}”", signs)
        if self.grid is self.written:
            return
        read = sorted(
            (self.columns[c.name], c.name) for c in self.sheet.columns if not c.owned and c.name in self.columns
        )
        for number, (cells, as_seen) in enumerate(zip(self.written.rows, self.grid.rows, strict=True), 1):
            heads = number == self.heading_row
            if cells is as_seen or not (heads or self._is_read(number)):
                continue
            for column, heading in read:
                cell = cells[column - 1] if column <= len(cells) else None
                if isinstance(cell, str) and (signs := unseen(cell)):
                    yield self._ignored(number, column, f"{'列名' if heads else ''}“{heading}”", signs)

    def _is_read(self, number: int) -> bool:
        status = self.grid.at(number, self.columns.get(layout.STATUS, 0))
        below = number > self.heading_row and self.has_content(self.grid.rows[number - 1])
        return below and squeeze(as_text(status)) != layout.REJECTED

    def _ignored(self, row: int, column: int, what: str, signs: Sequence[str]) -> Finding:
        return Finding(
            "W103",
            Place(self.grid.name, row, column),
            f"{what}里有看不见的字符（{'、'.join(signs)}），已当作没有",
            f"多半是从微信、网页复制带来的，照常计算；想去掉的，请重新键入{what}",
        )

    def below(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Every row below the headings: its number and its cells."""
        return enumerate(self.grid.rows[self.heading_row :], self.heading_row + 1)

    def seeming(self, row: int, heading: str) -> Code | None:
        """What a blank is that belongs to a merged range of its column whose first cell, higher up, holds something."""
        ranges = self.spread.get(self.columns.get(heading, 0), [])
        above = bisect_left(ranges, (row,))
        seen = above > 0 and row <= ranges[above - 1].bottom and heading not in SAYS_ONLY
        return SEEMING[self.sheet.column(heading).kind] if seen else None

    @property
    def own_headings(self) -> dict[str, int]:
        """The headings the branch fills, and the column of each."""
        return {c.name: self.columns[c.name] for c in self.sheet.columns if not c.owned and c.name in self.columns}

    def has_content(self, cells: Sequence[Cell]) -> bool:
        """Whether a cell under one of the headings is filled, other than 序号 and the tool's own."""
        width = len(cells)
        for column in self._content:
            cell = cells[column] if column < width else None
            if not (cell is None or (isinstance(cell, str) and (not cell.strip() or is_filler(cell)))):
                return True
        return False

    def rows(self, findings: list[Finding]) -> Iterator[Row]:
        """The rows that have content, below the headings. What their cells lack is added to ``findings``."""
        for number, cells in self.below():
            if self.has_content(cells):
                yield Row(self, number, cells, findings)

    def picker(self, *headings: str) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
        """What takes the cells under these headings (two or more) out of a row; blank where a heading is not there."""
        pick = itemgetter(*(self.columns.get(heading, 0) - 1 for heading in headings))
        beyond = [None] * (max(self.columns.values(), default=0) + 1)  # a row may end early; position -1 stays blank
        return lambda cells: pick([*cells, *beyond])


class Row:
    """One row with content. Reading a cell notes what is wrong with it in ``faults`` and in the list of findings.

    ``unread`` are the headings whose cell is filled but could not be understood. After :meth:`silence`, nothing more
    is noted (rows marked 不通过 get no errors).
    """

    __slots__ = ("_findings", "cells", "faults", "number", "table", "unread")

    def __init__(self, table: Table, number: int, cells: Sequence[Cell], findings: list[Finding]) -> None:
        self.table = table
        self.number = number
        self.cells = cells
        self.faults: list[Code] = ["E812"] if table.missing else []
        self.unread: list[str] = []
        self._findings: list[Finding] | None = findings

    @property
    def place(self) -> Place:
        """The place of the whole row."""
        return Place(self.table.grid.name, self.number)

    @property
    def codes(self) -> Codes:
        """The error codes noted so far, sorted, each once."""
        return tuple(sorted(set(self.faults)))

    def silence(self) -> None:
        """Note nothing more, and forget what was noted on the row itself."""
        self._findings = None
        self.faults.clear()

    def note(self, code: Code, heading: str, message: str, remedy: str) -> None:
        """Add a finding at a cell of this row; an error code also goes to ``faults``."""
        if self._findings is None:
            return
        self.tell(code, heading, message, remedy)
        if is_error(code):
            self.faults.append(code)
        if code in ("E102", "E405"):
            self.unread.append(heading)

    def tell(self, code: Code, heading: str, message: str, remedy: str) -> None:
        """Add a finding at a cell of this row that concerns a part of it only, such as one of several people."""
        findings, table = self._findings, self.table
        if findings is None or (type(findings) is Findings and findings.passes_over(table.grid.name, self.number)):
            return
        place = new_record(Place, (table.grid.name, self.number, table.columns.get(heading, 0)))
        findings.append(new_record(Finding, (code, place, message, remedy)))

    def cell(self, heading: str) -> Cell:
        """The cell under a heading; blank where the heading is not there."""
        column = self.table.columns.get(heading)
        return self.cells[column - 1] if column and column <= len(self.cells) else None

    def has(self, heading: str) -> bool:
        """Whether the cell under a heading is filled."""
        return not is_blank(self.cell(heading))

    @property
    def filled(self) -> frozenset[str]:
        """The headings that are read and whose cell is filled."""
        cells, width = self.cells, len(self.cells)
        return frozenset([name for name, at, _ in self.table.read if at < width and not is_blank(cells[at])])

    def take_out_filler(self, heading: str) -> None:
        """Read a cell of :data:`NO_MEANS` as blank where a word for “no” says nothing there."""
        if is_filler(self.text(heading)):
            column = self.table.columns[heading]
            self.cells = [*self.cells[: column - 1], None, *self.cells[column:]]

    def look_over(self, optional: Collection[str] = ()) -> None:
        """Note blank required cells (E101), but for those ``optional`` here, and formula errors (E102) in the row."""
        width, spread = len(self.cells), self.table.spread
        for heading, at, required in self.table.read:
            cell = self.cells[at] if at < width else None
            if isinstance(cell, CellError):
                self._note_error(heading, cell)
            elif not (required or spread) or not is_blank(cell):
                continue
            elif required and heading not in optional:
                self.note("E101", heading, f"必填项“{heading}”{self.emptiness(heading)}", f"请填写“{heading}”")
            elif code := self.table.seeming(self.number, heading):
                self.note(code, heading, f"“{heading}”是空的", f"请填写“{heading}”")

    def emptiness(self, heading: str) -> str:
        """How a blank cell is blank, to be said behind its heading."""
        written = as_text(self.table.written.at(self.number, self.table.columns.get(heading, 0)))
        return f"写的是“{written}”，等于没有填" if is_filler(seen(written)) else "是空的"

    def _note_error(self, heading: str, error: CellError) -> None:
        if error.text.startswith("#"):
            self.note("E102", heading, f"“{heading}”是公式错误 {error}", f"请改正“{heading}”的公式，或直接填写内容")
        else:
            remedy = f"请用 Excel 或 WPS 打开工作簿、保存一次再试，或直接填写“{heading}”"
            self.note("E102", heading, f"“{heading}”的公式还没有计算结果", remedy)

    def text(self, heading: str) -> str:
        """The text under a heading; empty for a blank or an error cell."""
        column = self.table.columns.get(heading)
        cell = self.cells[column - 1] if column and column <= len(self.cells) else None
        if type(cell) is str:
            return cell.strip()
        return "" if cell is None or type(cell) is CellError else as_text(cell)

    def key(self, heading: str) -> str:
        """The text under a heading in the form in which it is compared."""
        return squeeze(self.text(heading))

    def number_at(self, heading: str) -> Fraction | None:
        """The number under a heading, None if blank; anything else is E102."""
        cell = self.cell(heading)
        if cell is None or isinstance(cell, CellError) or is_blank(cell):
            return None
        number = as_number(cell)
        if number is None:
            message = f"“{heading}”应为数字，现在是“{as_text(cell)}”"
            remedy = f"“{heading}”请只填数字{reformatted(cell) or '，不带单位和其他文字'}"
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                message, remedy = (
                    f"“{heading}”的 {as_text(cell)} 太大或太小，不会是真的",
                    f"请核对“{heading}”，最大是 {MOST}",
                )
            self.note("E102", heading, message, remedy)
        return number

    def heads(self, heading: str) -> int | None:
        """How many people or votes stand under a heading, None if blank; a negative or broken number is E701."""
        number = self.number_at(heading)
        if number is None:
            return None
        if number < 0 or number.denominator != 1:
            self.note("E701", heading, f"“{heading}”应为不小于 0 的整数", f"请按会议记录核对票数，改正“{heading}”")
            return None
        return int(number)

    def points(self, heading: str) -> Points | None:
        """The points under a heading, None if blank; E102, or E405 for more than two decimals."""
        number = self.number_at(heading)
        if number is None:
            return None
        points = as_points(number)
        if points is None:
            shown = self.text(heading)
            self.note("E405", heading, f"“{heading}”的 {shown} 超过两位小数", f"请改正“{heading}”，积分最多两位小数")
        return points

    def date(self, heading: str) -> date | None:
        """The day under a heading, None if blank; anything else is E102."""
        cell = self.cell(heading)
        if isinstance(cell, CellError) or is_blank(cell):
            return None
        day = as_date(cell)
        if day is None:
            self.note(
                "E102",
                heading,
                f"“{heading}”应为日期，现在是“{as_text(cell)}”",
                f"“{heading}”请连年份写全，如 2026-03-05、2026.3.5 或 2026年3月5日",
            )
        return day

    def as_typed(self, heading: str) -> str:
        """What to do first where a program made a time or a day of the text that was typed; "" else."""
        return "（请先把单元格设为文本格式）" if isinstance(self.cell(heading), date | time) else ""

    def choice(self, heading: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """The choice under a heading as the layout spells it; ``default`` if blank; anything else is also E103."""
        text = self.text(heading)
        if not text:
            return default
        choices = choices or self.table.sheet.column(heading).choices
        if isinstance(ticked := self.cell(heading), bool) and set(choices) == set(layout.YES_NO):
            return layout.YES if ticked else layout.NO  # a tick box
        key = squeeze(text)
        if key in choices:
            return key
        listed = "、".join(choices)
        self.note("E103", heading, f"“{heading}”不能填“{text}”", f"“{heading}”请填以下之一：{listed}")
        return default

    def yes(self, heading: str, default: bool) -> bool:
        """A 是/否 under a heading."""
        return self.choice(heading, layout.YES if default else layout.NO, layout.YES_NO) == layout.YES


def find_headings(sheet: Sheet, grid: Grid) -> tuple[int, dict[str, int]]:
    """The row among the first five with most of the sheet's headings, and where each stands (first of equals)."""
    names = {heading_key(column.name): column.name for column in sheet.columns}
    former = {heading_key(column.formerly): column.name for column in sheet.columns if column.formerly}
    best: tuple[int, dict[str, int]] = (1, {})
    for number, cells in enumerate(grid.rows[:HEADING_ROWS], 1):
        found: dict[str, int] = {}
        for position, cell in enumerate(cells, 1):
            if isinstance(cell, str) and (name := names.get(heading_key(cell))):
                found.setdefault(name, position)
        for position, cell in enumerate(cells, 1) if former else ():
            if isinstance(cell, str) and (name := former.get(heading_key(cell))):
                found.setdefault(name, position)
        if len(found) > len(best[1]):
            best = (number, found)
    return best
