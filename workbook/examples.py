"""Draws the sheet 函数示例 of the macro workbook: worksheet functions at work, on which nothing depends.

``vba/examples.txt`` says which. Each stands there as text, with what it gives for the example branch, computed here by
the Python function itself, and once more live behind a switch that is off: Excel computes every formula on opening, and
without the tool or with macros disabled a live one would greet the branch with an error.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from build import FONT, HERE, INK, LINE, MAROON, MASTER, PALE
from form import Form, read_forms

from xl_jifen import layout
from xl_jifen.doors import functions
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.patch.markup import quote
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Grids, column_letters

EXAMPLES = "examples.txt"
SHEET, CODE_NAME = "函数示例", "JiFenExamples"
SWITCH = "$B$4"
WORKED, LIVE = "示例结果", "本工作簿"

HEADING_ROW, LAST_ROW = 3, 200
"""The rows of a sheet the formulas look at: its headings, and entries as far down as most branches get."""
WIDTHS = (12, 10, 12, 14, 10, 10, 10, 10, 12, 40)
LEFT = 2
"""The column where results begin; their names stand before."""


class Example(NamedTuple):
    """What a formula is for, the formula, and how many rows of its result are shown."""

    label: str
    formula: str
    rows: int


def add_examples(patch: Patch, text: str) -> None:
    """Append the sheet: ``# title``, two paragraphs, and a line ``label | formula | rows`` an example."""
    title, *lines = text.splitlines()
    notes = [line for line in lines if "|" not in line]
    examples = [Example(label, _with_ranges(formula), int(rows)) for label, formula, rows in map(_parts, lines) if rows]
    patch.add_sheet(SHEET, _sheet(patch, title.removeprefix("# "), notes, examples).encode())


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")] if "|" in line else [line, "", ""]


def _with_ranges(formula: str) -> str:
    """``{积分规则}`` stands for the branch's own columns of that sheet from its headings on."""
    return re.sub(r"\{(\w+)\}", lambda match: _range(_forms()[match[1]]), formula)


@cache
def _forms() -> dict[str, Form]:
    return {form.sheet.name: form for form in read_forms()}


def _range(form: Form) -> str:
    return f"'{form.sheet.name}'!$A${HEADING_ROW}:${form.own[-1].letters}${LAST_ROW}"


# -- what the example branch gives ----------------------------------------------------------------------------------


def result(formula: str, grids: Grids) -> list[list[Any]]:
    """What Python gives for a formula of one function, whose arguments are ranges, texts and numbers: rows of cells."""
    name, arguments = re.fullmatch(r"=(JF_\w+)\((.*)\)", formula).groups()  # type: ignore[union-attr]
    found = getattr(functions, name)(*(_argument(text, grids) for text in arguments.split(",")))
    return found if isinstance(found, list) else [[found]]


def _argument(text: str, grids: Grids) -> Any:
    if text.startswith('"'):
        return text.strip('"')
    match = re.fullmatch(r"'(.+)'!\$A\$(\d+):\$([A-Z]+)\$(\d+)", text)
    if match is None:
        return float(text)
    form, grid = _forms()[match[1]], grids.get(match[1])
    if grid is None:
        raise ValueError(f"no sheet {match[1]}")
    columns = range(1, len(form.own) + 1)
    return [[grid.at(row, column) for column in columns] for row in range(int(match[2]), int(match[4]) + 1)]


def example_branch() -> Grids:
    """The example branch in the master, read back."""
    texts = {file.stem: file.read_text("utf-8") for file in (HERE / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    return read_grids(Package.of(filled(MASTER.read_bytes(), MASTER.name, settings, texts), MASTER.name))


# -- the sheet ------------------------------------------------------------------------------------------------------


def _sheet(patch: Patch, title: str, notes: list[str], examples: list[Example]) -> str:
    looks = _looks(patch)
    hidden = patch.add_style("dxfs", b'<dxf><font><color rgb="FFFFFFFF"/></font></dxf>')
    rows: list[str] = [
        _row(1, [_text(1, 1, title, looks["title"])], 30),
        *(_row(number, [_text(number, 1, note, looks["note"])], 32) for number, note in enumerate(notes, 2)),
        _row(4, [_text(4, 1, "是否计算", looks["label"]), _text(4, 2, layout.NO, looks["switch"])], 20),
    ]
    live: list[str] = []
    grids, row = example_branch(), 6
    for example in examples:
        shown = result(example.formula, grids)[: example.rows]
        width = len(shown[0])
        rows += [
            _row(row, [_text(row, 1, example.label, looks["label"])]),
            _row(row + 1, [_text(row + 1, 1, example.formula, looks["formula"])]),
        ]
        worked = row + 2
        for number, cells in enumerate(shown, worked):
            head = [_text(number, 1, WORKED, looks["name"])] if number == worked else []
            rows.append(_row(number, [*head, *_worked(number, cells, looks["worked"])]))
        first = worked + len(shown)
        area = f"{_place(first, LEFT)}:{_place(first + example.rows - 1, LEFT + width - 1)}"
        live.append(area)
        for number in range(first, first + example.rows):
            head = [_text(number, 1, LIVE, looks["name"])] if number == first else []
            rows.append(_row(number, [*head, *_live(number, width, example, area, number == first, looks["live"])]))
        row = first + example.rows + 1
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(WIDTHS, 1)
    )
    merged = "".join(f'<mergeCell ref="A{row}:J{row}"/>' for row in (2, 3))
    first, switch = live[0].partition(":")[0], SWITCH.replace("$", "")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetPr codeName="{CODE_NAME}"><tabColor rgb="FFA6A6A6"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        f'<cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData><mergeCells count="2">{merged}</mergeCells>'
        f'<conditionalFormatting sqref="{" ".join(live)}"><cfRule type="expression" dxfId="{hidden}" priority="1">'
        f"<formula>ISNA({first})</formula></cfRule></conditionalFormatting>"
        f'<dataValidations count="1"><dataValidation type="list" showErrorMessage="1" sqref="{switch}">'
        f'<formula1>"{layout.YES},{layout.NO}"</formula1></dataValidation></dataValidations>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _worked(row: int, cells: list[Any], style: int) -> Iterator[str]:
    for column, cell in enumerate(cells, LEFT):
        if isinstance(cell, str):
            yield _text(row, column, cell, style)
        else:
            yield f'<c r="{_place(row, column)}" s="{style}"><v>{cell:.15g}</v></c>'


def _live(row: int, width: int, example: Example, area: str, is_first: bool, style: int) -> Iterator[str]:
    """A row of the (array) formula, which the first cell holds; what it gives while the switch is off: nothing."""
    formula = f'IF({SWITCH}="{layout.YES}",{example.formula[1:]},"")'
    first, _, last = area.partition(":")
    for column in range(LEFT, LEFT + width):
        kind = "" if first == last else f' t="array" ref="{area}"'
        held = f"<f{kind}>{quote(formula)}</f>" if is_first and column == LEFT else ""
        yield f'<c r="{_place(row, column)}" s="{style}" t="str">{held}<v></v></c>'


def _row(number: int, cells: list[str], height: float = 18) -> str:
    return f'<row r="{number}" ht="{height}" customHeight="1">{"".join(cells)}</row>'


def _text(row: int, column: int, text: str, style: int) -> str:
    where = f'r="{_place(row, column)}" s="{style}"'
    return (
        f'<c {where} t="inlineStr"><is><t xml:space="preserve">{quote(text)}</t></is></c>' if text else f"<c {where}/>"
    )


def _place(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def _looks(patch: Patch) -> dict[str, int]:
    """The style ids of what stands on the sheet."""
    line = LINE[1:]
    sides = "".join(
        f'<{side} style="thin"><color rgb="FF{line}"/></{side}>' for side in ("left", "right", "top", "bottom")
    )
    border = patch.add_style("borders", f"<border>{sides}<diagonal/></border>".encode())

    def look(
        size: int, colour: str, *, bold: bool = False, fill: str = "", framed: bool = False, wrapped: bool = False
    ) -> int:
        weight = "<b/>" if bold else ""
        font = (
            f'<font>{weight}<sz val="{size}"/><color rgb="FF{colour[1:]}"/><name val="{FONT}"/><family val="2"/></font>'
        )
        solid = f'<fill><patternFill patternType="solid"><fgColor rgb="FF{fill[1:]}"/></patternFill></fill>'
        ids = (
            patch.add_style("fonts", font.encode()),
            patch.add_style("fills", solid.encode()) if fill else 0,
            border if framed else 0,
        )
        xf = (
            f'<xf numFmtId="0" fontId="{ids[0]}" fillId="{ids[1]}" borderId="{ids[2]}" xfId="0" applyFont="1"'
            ' applyFill="1" applyBorder="1" applyAlignment="1" quotePrefix="1">'
            f'<alignment horizontal="left" vertical="center" wrapText="{wrapped:d}"/></xf>'
        )
        return patch.add_style("cellXfs", xf.encode())

    return {
        "title": look(16, MAROON, bold=True),
        "note": look(10, INK, wrapped=True),
        "label": look(10, MAROON, bold=True),
        "formula": look(10, INK),
        "name": look(9, "#7F7F7F"),
        "switch": look(10, INK, fill="#F5E6D3", framed=True),
        "worked": look(10, INK, framed=True),
        "live": look(10, INK, fill=PALE, framed=True),
    }
