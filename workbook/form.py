"""How the master workbook is arranged: the text tables of ``form/`` beside the headings of ``xl_jifen.layout``.

Reads text and knows nothing of drawing. ``form/sheets.csv`` has the sheets in order, ``form/columns.csv`` width,
alignment, dropdown and check of every column.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xl_jifen import layout
from xl_jifen.grid import column_letters
from xl_jifen.layout import Column, Sheet

HERE = Path(__file__).resolve().parent

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One column as the master draws it: the heading of the layout, and its row of ``form/columns.csv``."""

    column: Column
    position: int
    width: float
    align: str
    choices: str
    check: str

    @property
    def letters(self) -> str:
        """Its column letters."""
        return column_letters(self.position + 1)

    @property
    def look(self) -> str:
        """必填, 选填 or 工具: the colour of its heading."""
        if self.column.owned:
            return "工具"
        return "必填" if self.column.required else "选填"

    @property
    def heading(self) -> str:
        """The heading as written, required ones with a star."""
        return f"{self.column.name} *" if self.column.required else self.column.name


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet as the master draws it: its fields from left to right, and its row of ``form/sheets.csv``."""

    sheet: Sheet
    fields: tuple[Field, ...]
    title: str
    note: str
    prepared: int
    frozen: int
    filtered: bool
    ruled: int
    tab: str
    hidden: bool

    @property
    def own(self) -> tuple[Field, ...]:
        """The fields the branch fills."""
        return tuple(field for field in self.fields if not field.column.owned)

    def letters(self, heading: str) -> str:
        """The column letters of a heading."""
        return next(field.letters for field in self.fields if field.column.name == heading)


def read_csv(path: Path) -> list[Record]:
    """The rows of one text table, by heading."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_forms() -> list[Form]:
    """The sheets in the order of ``form/sheets.csv``, where 月 stands for the twelve months."""
    columns = {(row["工作表"], row["列"]): row for row in read_csv(HERE / "form" / "columns.csv")}
    sheet_of = {sheet.name: sheet for sheet in layout.SHEETS}
    forms = []
    for row in read_csv(HERE / "form" / "sheets.csv"):
        monthly = row["工作表"] == "月"
        for sheet in layout.MONTHS if monthly else (sheet_of[row["工作表"]],):
            form = Form(
                sheet=sheet,
                fields=_fields(sheet, columns, row["工作表"]),
                title=row["标题"].format(sheet.name),
                note=row["提示行"],
                prepared=int(row["预留行数"]),
                frozen=int(row["冻结列数"]),
                filtered=row["筛选"] == layout.YES,
                ruled=int(row["横线行数"] or 0),
                tab=row["标签"],
                hidden=row["隐藏"] == layout.YES,
            )
            forms.append(form)
    return forms


def _fields(sheet: Sheet, columns: Mapping[tuple[str, str], Record], key: str) -> tuple[Field, ...]:
    """The columns in drawing order: seldom ones together before the branch's last, so that one ＋ opens them all."""
    own = [column for column in sheet.columns if not column.owned]
    often = [column for column in own[:-1] if not column.seldom]
    seldom = [column for column in own if column.seldom]
    owned = [column for column in sheet.columns if column.owned]
    fields = []
    for position, column in enumerate([*often, *seldom, own[-1], *owned]):
        row = columns[key, column.name]
        fields.append(Field(column, position, float(row["宽度"]), row["对齐"], row["下拉"], row["取值"]))
    return tuple(fields)
