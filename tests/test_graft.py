"""Sheets transplanted into other people's workbooks: all arrives, nothing else changes, and every program opens it.

One module, however long: the same sheets are transplanted in all of it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from libreoffice import FIRST_SHEET_AS_CSV, converted
from owned_branch import book_of, drawn, grids, owned_sheets, owned_tables, user_workbook
from python_calamine import CalamineWorkbook

from xl_jifen import layout
from xl_jifen.excel.draw.closed import Closed
from xl_jifen.excel.patch.graft import graft
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import Grids
from xl_jifen.publish.sheet import Formula, Sheet

OWNED = layout.OWNED_SHEETS
MAY_CHANGE = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def branch(seed: int = 1, members: int = 22) -> Grids:
    """Small enough to be read by every program, and large enough for each kind of member."""
    return grids(seed, members=members, entries=60, months=4)


@cache
def by_xlsxwriter() -> bytes:
    return user_workbook(branch())


@cache
def by_openpyxl() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(by_xlsxwriter()))
    book["自己的表"]["D9"] = "=SUM(A1:A3)"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def with_prefixes() -> bytes:
    """As some libraries write it: ``<x:workbook>``, ``<x:styleSheet>``."""
    return edited(by_xlsxwriter(), lambda name, part: prefixed(part) if name in PREFIXED else part)


PREFIXED = ("xl/workbook.xml", "xl/styles.xml")


def prefixed(part: bytes) -> bytes:
    part = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", part)
    return part.replace(b'xmlns="', b'xmlns:x="')


@cache
def without_styles() -> bytes:
    """The least a program may write: no styles, no shared strings, no theme."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default '
        'Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/sheet.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        'worksheet+xml"/></Types>',
        "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><sheets><sheet name="1月" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations("worksheet", "sheet.xml"),
        "xl/sheet.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
        "</worksheet>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return stream.getvalue()


def relations(kind: str, target: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


WORKBOOKS = [by_xlsxwriter, by_openpyxl, with_prefixes, without_styles]
every_workbook = pytest.mark.parametrize("made", WORKBOOKS, ids=[made.__name__ for made in WORKBOOKS])


def edited(content: bytes, edit: Callable[[str, bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(zipfile.ZipInfo(info.filename, info.date_time), edit(info.filename, old.read(info)))
    return stream.getvalue()


@cache
def scratch(seed: int = 1, members: int = 22, computed: datetime = datetime(2026, 9, 30, 16, 42)) -> tuple[Sheet, ...]:
    return owned_sheets(branch(seed, members), computed=computed)


@cache
def alone() -> bytes:
    """The sheets in a workbook that has nothing of its own."""
    return drawn(owned_tables(branch(), computed=datetime(2026, 9, 30, 16, 42)))


def grafted(content: bytes, source: tuple[Sheet, ...]) -> bytes:
    patch = Patch(Package.of(content, "支部.xlsx"))
    assert graft(patch, source)
    return patch.to_bytes()


@cache
def with_sheets(made: Callable[[], bytes]) -> bytes:
    return grafted(made(), scratch())


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def soffice(content: bytes, path: Path) -> bytes:
    path.write_bytes(content)
    (saved,) = converted([path])
    return saved.read_bytes()


# What arrives


@pytest.mark.slow
@every_workbook
def test_the_sheets_arrive_as_they_were_drawn(made: Callable[[], bytes]) -> None:
    """Each cell says what the sheet says and looks as it does, and is the same as in a workbook of our own."""
    arrived, ours = book_of(with_sheets(made)), book_of(closed(scratch()))
    assert arrived.sheetnames == [*book_of(made()).sheetnames, *OWNED]
    for sheet in scratch():
        new, old, rows = arrived[sheet.name], ours[sheet.name], list(sheet.rows)
        assert (new.max_row, new.max_column) == (old.max_row, old.max_column)
        for cells, row in zip(new.iter_rows(max_col=len(sheet.widths)), rows, strict=True):
            for column, (cell, value) in enumerate(zip_longest(cells, row.cells)):
                assert cell.value == plainly(value)
                assert look(cell) == look(old[cell.coordinate])
                linked = row.link if column == row.linked else None
                assert (cell.hyperlink and cell.hyperlink.tooltip) == (f"转到 {linked}" if linked else None)
        for what in ("freeze_panes", "print_title_rows", "print_area"):
            assert getattr(new, what) == getattr(old, what), what
        assert new.auto_filter.ref == old.auto_filter.ref
        assert len(new._charts) == len(old._charts) == len(sheet.charts)
        assert widths(new) == widths(old)


def closed(sheets: tuple[Sheet, ...]) -> bytes:
    book = Closed({"created": datetime(2026, 1, 1)})
    for sheet in sheets:
        book.add(sheet)
    return book.to_bytes()


def widths(sheet: Any) -> dict[int, tuple[float, bool]]:
    """Of each column, and whether it is hidden."""
    found = {}
    for each in sheet.column_dimensions.values():
        found.update(dict.fromkeys(range(each.min, each.max + 1), (round(each.width, 6), each.hidden)))
    return found


def plainly(value: Any) -> Any:
    """A value of a table as openpyxl reads it."""
    if isinstance(value, Formula):
        return f"={value.text}"
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    return float(value) if isinstance(value, Decimal) else None if value == "" else value


def look(cell: Any) -> tuple[Any, ...]:
    font, ground, edge, lie = cell.font, cell.fill.fgColor.rgb, cell.border.left.style, cell.alignment
    plain = cell.number_format, lie.wrap_text, lie.horizontal, lie.indent
    return (*plain, font.name, font.sz, font.b, font.u, font.color.rgb, ground, edge) if cell.has_style else plain


@pytest.mark.slow
@every_workbook
def test_nothing_else_changes(made: Callable[[], bytes]) -> None:
    before, after = parts_of(made()), parts_of(with_sheets(made))
    assert [name for name in before if name not in MAY_CHANGE and after.get(name) != before[name]] == []
    new = {name for name in after if name not in before}
    assert {re.sub(r"\d+", "", name) for name in new} - {"xl/styles.xml"} == {
        "xl/worksheets/sheet.xml",
        "xl/worksheets/_rels/sheet.xml.rels",
        "xl/drawings/drawing.xml",
        "xl/drawings/_rels/drawing.xml.rels",
        "xl/charts/chart.xml",
    }


@every_workbook
def test_styles_are_only_appended(made: Callable[[], bytes]) -> None:
    if made is without_styles:
        return
    before, after = (parts_of(content)["xl/styles.xml"] for content in (made(), with_sheets(made)))
    prefix = rb"(?:x:)?"
    for collection in (b"fonts", b"fills", b"borders", b"cellXfs", b"cellStyleXfs", b"dxfs"):
        inside = re.compile(rb"<" + prefix + collection + rb"\b[^>]*>(.*?)</" + prefix + collection + rb">", re.DOTALL)
        found = inside.search(before)
        if found:
            assert inside.search(after)[1].startswith(found[1])  # type: ignore[index]


@pytest.mark.slow
def test_a_formula_of_the_user_goes_on_referring_to_the_ledger() -> None:
    first = grafted(by_xlsxwriter(), scratch())
    book = book_of(grafted(first, scratch(2)))
    assert "积分台账!$C$4" in book["自己的表"]["A1"].value
    assert book["积分台账"]["C4"].value


@pytest.mark.slow
def test_only_the_users_sheet_is_selected() -> None:
    """Two sheets selected at once are edited at once: what is typed into one would land in both."""
    parts = parts_of(grafted(by_xlsxwriter(), scratch()))
    assert [name for name, part in parts.items() if b'tabSelected="1"' in part] == ["xl/worksheets/sheet1.xml"]


# Once more


@pytest.mark.slow
@every_workbook
def test_the_same_again_changes_nothing(made: Callable[[], bytes]) -> None:
    once = with_sheets(made)
    later = scratch(computed=datetime(2026, 9, 30, 23, 59))
    for source in (scratch(), later):
        patch = Patch(Package.of(once, "支部.xlsx"))
        assert not graft(patch, source)
        assert patch.to_bytes() == once


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [
    lambda part: part.replace(b"(SUMIFS(", b"(1+SUMIFS("),
    lambda part: re.sub(rb"(</f><v>)[^<]*(</v>)", rb"\g<1>5\2", part, count=1),
    lambda part: part.replace("张伟".encode(), "张韦".encode()),
    lambda part: part.replace(b"</row>", b'<c r="ZZ1"><f>1+1</f></c></row>', 1),
])  # fmt: skip
def test_a_sheet_somebody_changed_is_written_again(spoil: Callable[[bytes], bytes]) -> None:
    once = grafted(by_xlsxwriter(), scratch())
    part = Package.of(once, "支部.xlsx").sheets["积分台账"]
    changed = edited(once, lambda name, content: spoil(content) if name == part else content)
    assert changed != once
    assert parts_of(grafted(changed, scratch())) == parts_of(once)


@pytest.mark.slow
def test_a_formula_that_another_program_spelt_is_the_same() -> None:
    once = grafted(by_xlsxwriter(), scratch())
    spelt = edited(once, lambda _, part: part.replace("(计分明细!".encode(), "( '计分明细'!".encode()))
    assert spelt != once
    assert not graft(Patch(Package.of(spelt, "支部.xlsx")), scratch())


@pytest.mark.slow
def test_where_the_workbook_changes_anyway_the_sheets_are_drawn_afresh() -> None:
    patch = Patch(Package.of(grafted(by_xlsxwriter(), scratch()), "支部.xlsx"))
    patch.set_cells("自己的表", {(9, 9): "新"})
    assert graft(patch, scratch(computed=datetime(2026, 9, 30, 23, 59)))
    assert "23:59" in book_of(patch.to_bytes())["看板"]["A3"].value


@pytest.mark.slow
def test_results_replace_results_in_place_and_nothing_piles_up() -> None:
    one, two = scratch(1), scratch(2, 12)
    first = grafted(by_xlsxwriter(), one)
    second = grafted(first, two)
    third = grafted(second, one)
    fourth = grafted(third, two)
    assert list(parts_of(second)) == list(parts_of(first)), "the same parts under the same names"
    assert parts_of(third) == {**parts_of(first), "xl/styles.xml": parts_of(third)["xl/styles.xml"]}
    assert parts_of(third)["xl/styles.xml"] == parts_of(second)["xl/styles.xml"]
    assert parts_of(fourth) == parts_of(second)


@pytest.mark.slow
def test_position_visibility_and_names_of_the_sheets_stay() -> None:
    """The branch put 看板 first and hid 计分明细; the workbook's own names keep meaning what they meant."""
    once = book_of(grafted(by_xlsxwriter(), scratch()))
    once.move_sheet("看板", -len(once.sheetnames) + 1)
    once["计分明细"].sheet_state = "hidden"
    once.active = once.sheetnames.index("看板")
    for sheet in once:
        sheet.sheet_view.tabSelected = sheet.title == "看板"
    stream = io.BytesIO()
    once.save(stream)
    again = book_of(grafted(stream.getvalue(), scratch(2)))
    assert again.sheetnames == once.sheetnames
    assert again["计分明细"].sheet_state == "hidden"
    assert [sheet.title for sheet in again if sheet.sheet_view.tabSelected] == ["看板"]
    assert again["看板"].print_area == "'看板'!$A$1:$P$41"
    assert again["自己的表"].print_title_rows == "$1:$1"
    assert again.defined_names["自己的名字"].attr_text == "自己的表!$A$1"


@pytest.mark.slow
def test_what_the_user_drew_on_an_owned_sheet_goes_but_a_picture_used_elsewhere_stays() -> None:
    once = Patch(Package.of(grafted(by_xlsxwriter(), scratch()), "支部.xlsx"))
    sheet = once.sheets["校验结果"]
    for kind, part in (("image", "xl/media/image1.png"), ("comments", "xl/comments9.xml")):
        if part not in once:
            once.add(part, b"<comments/>", "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml")
        once.add_relation(sheet, kind, part)
    again = parts_of(grafted(once.to_bytes(), scratch(2)))
    assert "xl/comments9.xml" not in again
    assert b"comments9" not in again["[Content_Types].xml"]
    assert again["xl/media/image1.png"] == parts_of(by_xlsxwriter())["xl/media/image1.png"]


@pytest.mark.slow
def test_a_chart_deleted_by_the_user_comes_back() -> None:
    once = Patch(Package.of(grafted(by_xlsxwriter(), scratch()), "支部.xlsx"))
    drawing = next(r.target for r in once.relations(once.sheets["看板"]) if r.type == "drawing")
    once.drop_relation(drawing, once.relations(drawing)[0].id)
    again = grafted(once.to_bytes(), scratch())
    assert len(book_of(again)["看板"]._charts) == 4


SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")


@pytest.mark.slow
@pytest.mark.parametrize("data", [lambda: grafted(by_xlsxwriter(), scratch()), lambda: closed(scratch())])
def test_a_chart_leaves_nothing_to_be_guessed(data: Callable[[], bytes]) -> None:
    """In a file saved by Excel 2016 what is absent means yes: legend keys and names at every point, smooth lines."""
    charts = [part for name, part in parts_of(data()).items() if name.startswith("xl/charts/chart")]
    ours = [part for part in charts if b"pieChart" not in part]
    assert len(ours) == 4
    for part in ours:
        for labels in re.findall(rb"<c:dLbls>.*?</c:dLbls>", part):
            told = re.findall(rb'<c:show(\w+) val="(\d)"/>', labels)
            assert told == [(what.encode(), b"1" if what == "Val" else b"0") for what in SHOWN]
        assert part.count(b'<c:smooth val="0"/>') == (part.count(b"<c:ser>") if b"lineChart" in part else 0)
        from_the_top = b'<c:orientation val="maxMin"/>' in part
        assert from_the_top == (b'<c:barDir val="bar"/>' in part), "lying bars read from the top, others from the left"
        for what in (b"roundedCorners", b"autoTitleDeleted", b"varyColors", b"delete", b"overlay"):
            assert b'<c:%b val="0"/>' % what in part, what


@pytest.mark.slow
def test_charts_of_an_old_version_are_drawn_anew() -> None:
    once = grafted(by_xlsxwriter(), scratch())
    old = edited(once, lambda name, part: re.sub(rb'<c:show(?!Val)\w+ val="0"/>', b"", part))
    assert old != once
    assert parts_of(grafted(old, scratch())) == parts_of(once)


@pytest.mark.slow
def test_the_calculation_chain_is_dropped_because_it_would_be_wrong() -> None:
    patch = Patch(Package.of(by_xlsxwriter(), "支部.xlsx"))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    patch.add("xl/calcChain.xml", f'<calcChain xmlns="{MAIN}"><c r="A1" i="20"/></calcChain>'.encode(), kind)
    patch.add_relation(patch.package.workbook, "calcChain", "xl/calcChain.xml")
    assert "xl/calcChain.xml" not in parts_of(grafted(patch.to_bytes(), scratch()))


# Kinds of workbooks


@pytest.mark.slow
def test_a_macro_workbook_keeps_its_macros_and_the_names_of_its_sheets() -> None:
    made = user_workbook(branch(), macros=True)
    once = grafted(made, scratch())
    assert parts_of(once)["xl/vbaProject.bin"] == parts_of(made)["xl/vbaProject.bin"]
    package = Package.of(once, "支部.xlsm")
    assert "macroEnabled" in package.content_type(package.workbook)
    part = package.sheets["积分台账"]

    def name_it(name: str, content: bytes) -> bytes:
        return re.sub(rb"<sheetPr\b", b'<sheetPr codeName="Sheet77"', content, count=1) if name == part else content

    again = parts_of(grafted(edited(once, name_it), scratch(2)))
    assert again[part].count(b'codeName="Sheet77"') == 1


@pytest.mark.slow
def test_a_strict_workbook_gets_strict_sheets() -> None:
    def strict(name: str, part: bytes) -> bytes:
        if name.endswith((".xml", ".rels")):
            part = part.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
            )
            part = part.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/"
            )
            part = part.replace(
                b"http://schemas.openxmlformats.org/drawingml/2006/", b"http://purl.oclc.org/ooxml/drawingml/"
            )
        return part

    made = edited(without_styles(), strict)
    once = grafted(made, scratch())
    new = {name: part for name, part in parts_of(once).items() if name not in parts_of(made)}
    assert len(new) > 8
    transitional = [
        b"schemas.openxmlformats.org/%s/" % kind for kind in (b"spreadsheetml", b"officeDocument", b"drawingml")
    ]
    assert [name for name, part in new.items() if any(kind in part for kind in transitional)] == []
    assert CalamineWorkbook.from_filelike(io.BytesIO(once)).get_sheet_by_name("积分台账").to_python()[2][1] == "编号"
    again = Patch(Package.of(once, "支部.xlsx"))
    assert not graft(again, scratch())


def test_a_chart_sheet_with_a_name_of_ours_is_refused() -> None:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.add_worksheet("1月").write_number(0, 0, 1)
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"values": "='1月'!$A$1:$A$1"})
    book.add_chartsheet("看板").set_chart(chart)
    book.close()
    with pytest.raises(CannotWrite, match="看板"):
        grafted(stream.getvalue(), scratch())


# Other programs


@cache
def validator() -> Any:
    from openxml_audit import OpenXmlValidator

    return OpenXmlValidator()


@pytest.mark.slow
@every_workbook
def test_calamine_reads_every_figure(made: Callable[[], bytes]) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(with_sheets(made))).get_sheet_by_name("积分台账").to_python()
    wanted = [list(row) for row in book_of(alone(), values=True)["积分台账"].iter_rows(values_only=True)]
    assert [[cell if cell != "" else None for cell in row] for row in rows] == wanted


@pytest.mark.slow
@every_workbook
def test_the_validator_finds_no_more_than_before(made: Callable[[], bytes], tmp_path: Path) -> None:
    found = []
    for content in (made(), with_sheets(made), grafted(with_sheets(made), scratch(2))):
        (tmp_path / "a.xlsx").write_bytes(content)
        errors = (str(error.description) for error in validator().validate(tmp_path / "a.xlsx").errors)
        # A hint, not an error: texts within cells are moved to the shared table when Excel saves.
        found.append(sorted(error for error in errors if "inline-string" not in error))
    assert found[1] == found[2]
    assert set(found[1]) <= set(found[0])
    assert len(found[1]) <= len(found[0])


@pytest.mark.office
def test_libreoffice_opens_it_and_what_it_saves_can_be_grafted_again(tmp_path: Path) -> None:
    """LibreOffice writes its own styles, names and drawings; no cell of the ledger may be an error there."""
    saved = soffice(grafted(with_prefixes(), scratch()), tmp_path / "in.xlsx")
    book = book_of(saved, values=True)
    assert book.sheetnames == [*book_of(by_xlsxwriter()).sheetnames, *OWNED]
    ours = book_of(alone(), values=True)["积分台账"]
    theirs = book["积分台账"]
    assert [cell.coordinate for row in ours for cell in row if theirs[cell.coordinate].value != cell.value] == []
    assert len(book["看板"]._charts) == 4
    unchanged = Patch(Package.of(saved, "支部.xlsx"))
    assert not graft(unchanged, scratch()), "the same content, in LibreOffice's words"
    again = grafted(saved, scratch(2))
    before, after = parts_of(saved), parts_of(again)
    mine = {Package.of(saved, "支部.xlsx").sheets[name] for name in OWNED}
    changed = {name for name in before if after.get(name) != before[name]}
    assert {name for name in changed if name.startswith("xl/worksheets/sheet")} == mine
    (tmp_path / "again.xlsx").write_bytes(again)
    (told,) = converted([tmp_path / "again.xlsx"], FIRST_SHEET_AS_CSV)
    assert "计分周期开始" in told.read_text("utf-8")
