"""Meaning (含义): one state of a workbook as it is compared with another: where things stand, and what cells mean.

However a date, a number or a name is written, the same meaning is the same text. Pure: grids and a register in.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl_jifen import layout
from xl_jifen.archive.matching import Content
from xl_jifen.grid import Cell, Grids, Place, as_date, as_number, as_text, heading_key, squeeze
from xl_jifen.layout import Sheet
from xl_jifen.register import Member, Register
from xl_jifen.roster import RollCall, names_in
from xl_jifen.rulebook import RuleBook
from xl_jifen.table import Row, Table

BLANK_MEANS = {
    (layout.BANDS.name, layout.LIMITED): layout.NO,
    (layout.ATTENDANCE_RULES.name, layout.MEASURE): layout.PER_TIME,
}
"""What a blank cell stands for in the sheets compared cell by cell."""


class State:
    """One state of a workbook: its sheets, and whom and what its names mean."""

    def __init__(self, grids: Grids, register: Register) -> None:
        self.grids, self.register = grids, register
        self.roll, self.book = RollCall(register.members), RuleBook(register.rules)
        self._tables: dict[str, Table] = {}

    def table(self, sheet: Sheet) -> Table | None:
        """A sheet as a table; None if it is not there."""
        grid = self.grids.get(sheet.name)
        if grid and sheet.name not in self._tables:
            self._tables[sheet.name] = Table(sheet, grid)
        return self._tables.get(sheet.name)

    def rows(self, sheet: Sheet) -> list[Row]:
        """The rows of a sheet; none if it is not there."""
        table = self.table(sheet)
        return list(table.rows([])) if table else []

    def place(self, sheet: Sheet, row: int, heading: str = "") -> Place:
        """The place of a cell or row, the heading's for row 0; A1 where the sheet is not there."""
        table = self.table(sheet)
        return table.place(row or table.heading_row, heading) if table else Place(sheet.name, 1, 1)

    def text(self, sheet: Sheet, row: int, heading: str) -> str:
        """What a cell shows."""
        table = self.table(sheet)
        return as_text(table.grid.at(row, table.columns.get(heading, 0))) if table else ""

    def texts(self, sheet: Sheet, row: int) -> list[str]:
        """What the cells of a row show in the order of the layout, but for 序号."""
        table = self.table(sheet)
        if table is None or not 0 < row <= len(table.grid.rows):
            return []
        cells = table.grid.rows[row - 1]
        places = (table.columns.get(column.name, 0) for column in sheet.columns if column.name != layout.SERIAL)
        return [as_text(cells[at - 1]) for at in places if 0 < at <= len(cells)]

    def setting_row(self, key: str) -> int:
        """The row of a setting; 0 where it is missing."""
        found = (r.number for r in self.rows(layout.SETTINGS) if heading_key(r.text(layout.KEY)) == heading_key(key))
        return next(found, 0)

    def content(self, row: Row, headings: Sequence[str]) -> Content:
        """A row as it is compared."""
        sheet = row.table.sheet
        return Content(row.number, row.text(layout.SERIAL), {h: self._meaning(sheet, h, row.cell(h)) for h in headings})

    def _meaning(self, sheet: Sheet, heading: str, cell: Cell) -> str:
        text = as_text(cell)
        if not text:
            return BLANK_MEANS.get((sheet.name, heading), "")
        if heading in (layout.RULE, layout.RULE_CODE):
            rule = self.book.find(text)
            return rule.code if rule else squeeze(text)
        one = heading == layout.NAME or (sheet is layout.CHANGES and heading == layout.CODE)
        if one and isinstance(self.roll.find(text), Member):
            return self._person(text)
        if one or heading in layout.ATTENDANCE:
            return "、".join(sorted({self._person(name) for name in names_in(text)}))
        match sheet.column(heading).kind:
            case "date":
                return str(as_date(cell) or text)
            case "number":
                number = as_number(cell)
                return text if number is None else str(number)
            case "choice":
                return squeeze(text)
            case "text":
                return " ".join(text.split())

    def _person(self, text: str) -> str:
        member = self.roll.find(text)
        return member.code if isinstance(member, Member) else squeeze(text)
