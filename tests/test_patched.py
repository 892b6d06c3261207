"""Results written into a user's workbook, and not one byte else: every other part, every program's spelling."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from books import (
    CALAMINE_CANNOT,
    MAIN,
    OPENPYXL_CANNOT,
    OWNED,
    PART,
    RELATIONS,
    SHEET,
    TYPES,
    VARIANTS,
    WORKBOOK,
    ZOO,
    by_calamine,
    by_openpyxl,
    change,
    outside,
    parts_of,
    patched,
    png,
    prefixed,
    raw_of,
    rows_after,
    small,
    strict,
    zipped,
)
from libreoffice import FIRST_SHEET_AS_CSV, converted
from lxml import etree

from xl_jifen.excel.patch.patched import Patch, Value
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotWrite

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # features it would lose

# -- the zoo ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_other_part_stays_as_it_lies_in_the_zip(variant: str) -> None:
    before = VARIANTS[variant](ZOO)
    after = patched(before)
    old, new = raw_of(before), raw_of(after)
    part = next(name for name in old if name.replace("\\", "/").endswith(PART))
    chain = {name for name in old if name.endswith("calcChain.xml")}  # a formula cell was overwritten: N6
    related = {name for name in old if re.search(r"(workbook|Main)\.xml\.rels$|Content_Types", name)}
    assert set(new) == set(old) - chain
    touched = {name for name in new if new[name][0] != old[name][0]}
    assert touched == {part, *related}
    for name in set(new) - touched:
        assert new[name] == old[name], name
    assert list(new) == [name for name in old if name not in chain]
    assert outside(parts_of(after)[part], OWNED) == outside(parts_of(before)[part], OWNED)
    with zipfile.ZipFile(io.BytesIO(after)) as file:
        assert file.testzip() is None
        assert file.comment == "压缩包注释".encode()
        assert {info.date_time for info in file.infolist()} == {(2025, 3, 4, 5, 6, 8)}


@pytest.mark.slow
@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - OPENPYXL_CANNOT))
def test_openpyxl_reads_the_values_back(variant: str) -> None:
    before = VARIANTS[variant](ZOO)
    expected = {**by_openpyxl(before), **OWNED}
    assert by_openpyxl(patched(before)) == {place: value for place, value in expected.items() if value is not None}


@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - CALAMINE_CANNOT))
def test_calamine_reads_the_values_back(variant: str) -> None:
    before = VARIANTS[variant](ZOO)
    expected = {**by_calamine(before), **OWNED}
    found = by_calamine(patched(before))
    assert found == {place: value for place, value in expected.items() if value is not None}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_patch_again_changes_nothing(variant: str) -> None:
    once = patched(VARIANTS[variant](ZOO))
    again = Patch(Package.of(once, "党员积分.xlsm"))
    again.set_cells(SHEET, OWNED, heading=2)
    assert not again.changed
    assert again.to_bytes() is again.package.data


def test_the_bytes_of_the_sheet_outside_the_cells_stay_even_where_xml_would_not_tell() -> None:
    before, after = parts_of(ZOO)[PART], parts_of(patched(ZOO))[PART]
    owned = rb'<c r="(?:N(?:[3-8]|11)|O(?:[3-8]|12))"[^>]*?(?:/>|>.*?</c>)'
    after = re.sub(rb'<row r="1[12]">(.*?)</row>', rb"\1", re.sub(owned, b"", after, flags=re.DOTALL))
    before = re.sub(owned, b"", before, flags=re.DOTALL)
    assert after == before.replace(b'<dimension ref="A1:R10"/>', b'<dimension ref="A1:R12"/>')


def test_equal_input_gives_equal_bytes() -> None:
    assert patched(ZOO) == patched(ZOO)


def test_a_book_by_openpyxl_takes_values_and_dates() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for row in range(1, 6):
        sheet.append([f"甲{row}", row, row % 2 == 0, date(2026, 3, row)])
    stream = io.BytesIO()
    book.save(stream)
    cells: dict[tuple[int, int], Value] = {
        (1, 1): "乙",
        (2, 2): True,
        (3, 3): 5,
        (4, 4): None,
        (5, 1): date(2026, 4, 1),
    }
    after = patched(stream.getvalue(), cells)
    expected = {**by_openpyxl(stream.getvalue()), **cells, (5, 1): datetime(2026, 4, 1)}
    del expected[4, 4]
    assert by_openpyxl(after) == expected


# -- LibreOffice ------------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_opens_what_was_patched_and_what_it_saved_is_patched_too(tmp_path: Path) -> None:
    source = tmp_path / "zoo.xlsm"
    source.write_bytes(ZOO)
    (saved,) = converted([source])
    resaved = saved.read_bytes()
    after = patched(resaved)
    old, new = raw_of(resaved), raw_of(after)
    assert {name for name in new if new[name] != old[name]} == {PART}
    assert outside(parts_of(after)[PART], OWNED) == outside(parts_of(resaved)[PART], OWNED)
    expected = {**by_openpyxl(resaved), **OWNED}
    assert by_openpyxl(after) == {place: value for place, value in expected.items() if value is not None}
    books = {"resaved.xlsx": after}
    books |= {f"{name}.xlsx": patched(VARIANTS[name](ZOO)) for name in ("plain", "prefixed", "comments and CDATA")}
    books |= {f"{name}.xlsx": patched(VARIANTS[name](ZOO)) for name in ("no references", "odd spacing", "strict")}
    for name, data in books.items():
        (tmp_path / name).write_bytes(data)
    for file in converted([tmp_path / name for name in books], FIRST_SHEET_AS_CSV):
        shown = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        for (row, column), value in OWNED.items():
            cell = shown[row - 1][column - 1] if row <= len(shown) and column <= len(shown[row - 1]) else ""
            if isinstance(value, str | None):
                assert cell == (value or ""), (name, row, column)
            else:
                assert float(cell) == pytest.approx(float(value), abs=0.005), (name, row, column)  # type: ignore[arg-type]


# -- what stays, what is refused --


def test_formulas_elsewhere_stay_and_so_does_the_calculation_chain() -> None:
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:A3">X</f></c><c r="B1"><f t="shared" si="0"/></c></row>'
    data = small(rows)
    assert rows_after(data, {(1, 3): 1, (4, 1): 2}).startswith(rows.removesuffix("</row>"))
    patch = Patch(Package.of(ZOO, "x.xlsm"))
    patch.set_cells(SHEET, {(3, 14): 1})
    assert "xl/calcChain.xml" in patch
    patch.set_cells(SHEET, {(6, 14): 1})
    assert "xl/calcChain.xml" not in patch
    after = parts_of(patch.to_bytes())
    assert b"calcChain" not in after[TYPES] + after["xl/_rels/workbook.xml.rels"]


def test_a_heading_beside_a_table_leaves_it_alone_and_one_inside_must_be_its_own() -> None:
    patch = Patch(Package.of(ZOO, "x.xlsm"))
    table = patch.read("xl/tables/table1.xml")
    patch.set_cells("党员名册", {(1, 1): "姓名", (1, 4): "提示", (2, 2): "007"})
    assert patch.read("xl/tables/table1.xml") == table
    with pytest.raises(CannotWrite, match="党员名册!B1 是表格的列名“编号”"):
        patch.set_cells("党员名册", {(1, 2): "提示"})


def test_a_signed_book_is_refused() -> None:
    parts = {**parts_of(small("")), "_xmlsignatures/sig1.xml": b"<a/>"}
    with pytest.raises(CannotWrite, match="数字签名"):
        Patch(Package.of(zipped(parts), "x.xlsx"))


def test_a_zip64_book_is_refused_or_copied_whole() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in parts_of(small("")).items():
            with file.open(name, "w", force_zip64=True) as entry:
                entry.write(content)
    data = stream.getvalue()
    before, after = raw_of(data), raw_of(patched(data, {(1, 1): 1}, "A"))
    assert {name for name in before if before[name] != after[name]} == {PART}
    start = data.index(b"PK\1\2")
    length = 46 + sum(struct.unpack_from("<HHH", data, start + 28))
    record, end = data[start : start + length], data.rindex(b"PK\5\6")
    large = (
        record[:30] + struct.pack("<H", 12) + record[32:42] + b"\xff" * 4 + record[46:] + struct.pack("<HHQ", 1, 8, 0)
    )
    total = struct.pack("<I", end - start + len(large) - length)
    data = data[:start] + large + data[start + length : end + 12] + total + data[end + 16 :]
    with pytest.raises(CannotWrite, match="少见的压缩格式"):
        Patch(Package.of(data, "x.xlsx"))


def test_a_damaged_part_anywhere_stops_the_writing() -> None:
    parts = {**parts_of(small("")), "xl/media/image1.png": png()}
    data = bytearray(zipped(parts))
    data[data.index(b"IDAT") + 6] ^= 1
    patch = Patch(Package.of(bytes(data), "x.xlsx"))
    patch.set_cells("A", {(1, 1): 1})
    with pytest.raises(CannotWrite, match=r"image1\.png 已损坏"):
        patch.to_bytes()


def test_broken_xml_is_never_written() -> None:
    patch = Patch(Package.of(small(""), "x.xlsx"))
    patch.add("xl/extra.xml", b"<a><b></a>", "application/xml")
    with pytest.raises(CannotWrite, match="不完好"):
        patch.to_bytes()


# -- parts, relations, sheets, styles -------------------------------------------------------------------------------


def test_parts_come_and_go_with_their_types_and_relations() -> None:
    patch = Patch(Package.of(ZOO, "x.xlsm"))
    assert not patch.changed
    name = patch.free_name("xl/charts/chart{}.xml")
    assert name == "xl/charts/chart2.xml"
    patch.add(name, b"<c/>", "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")
    id = patch.add_relation("xl/drawings/drawing1.xml", "chart", name)
    assert patch.relations("xl/drawings/drawing1.xml")[-1].target == name
    link = patch.add_relation(PART, "hyperlink", "https://example.org/?a=1&b=2", external=True)
    assert [relation.external for relation in patch.relations(PART) if relation.id == link] == [True]
    first = patch.add_relation("xl/styles.xml", "theme", "xl/theme/theme1.xml")
    reopened = Package.of(patch.to_bytes(), "x.xlsm")
    assert reopened.content_type(name).endswith("drawingml.chart+xml")
    assert {relation.id: relation.target for relation in reopened.relations("xl/drawings/drawing1.xml")}[id] == name
    assert reopened.relations(PART)[-1].target == "https://example.org/?a=1&b=2"
    assert reopened.relations("xl/styles.xml")[0].target == "xl/theme/theme1.xml"
    patch.drop_relation("xl/drawings/drawing1.xml", id)
    patch.drop_relation(PART, link)
    patch.drop(name)
    patch.drop_relation("xl/styles.xml", first)
    assert name not in patch
    patch.drop("xl/cellimages.xml")
    assert "xl/cellimages.xml" not in Package.of(patch.to_bytes(), "x.xlsm")
    assert b"cellimages" not in patch.read(TYPES)
    patch.drop("xl/drawings/drawing1.xml")
    assert [name for name in parts_of(patch.to_bytes()) if re.search(r"drawings/.*drawing1\.xml", name)] == []


def test_what_is_put_back_as_it_was_is_no_change() -> None:
    patch = Patch(Package.of(ZOO, "x.xlsm"))
    old = patch.read(PART)
    patch.replace(PART, b"<a/>")
    assert patch.changed
    patch.replace(PART, old)
    assert not patch.changed


@pytest.mark.parametrize("variant", ["plain", "prefixed", "strict", "no prefix"])
def test_a_sheet_is_appended_and_found(variant: str) -> None:
    data = small("")
    if variant == "prefixed":
        data = change(WORKBOOK, prefixed)(data)
    elif variant == "strict":
        data = strict(data)
    elif variant == "no prefix":
        declared = f' xmlns:r="{RELATIONS}"'.encode()
        edit = lambda xml: xml.replace(declared, b"").replace(b"<sheet ", b"<sheet" + declared + b" ")  # noqa: E731
        data = change(WORKBOOK, edit)(data)
    patch = Patch(Package.of(data, "x.xlsx"))
    part = patch.add_sheet("校验结果 & <1>", f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode())
    hidden = patch.add_sheet("看板", f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode(), hidden=True)
    assert patch.sheets == {"A": PART, "校验结果 & <1>": part, "看板": hidden}
    patch.set_cells("看板", {(1, 1): "好"})
    after = patch.to_bytes()
    assert Package.of(after, "x.xlsx").sheets == patch.sheets
    if variant != "strict":
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(after))
        assert book.sheetnames == list(patch.sheets)
        assert book["看板"].sheet_state == "hidden"
        assert by_openpyxl(after, "看板") == {(1, 1): "好"}
    with pytest.raises(CannotWrite, match="同名"):
        patch.add_sheet("a", b"<a/>")


def test_the_name_of_a_new_sheet_has_at_most_31_characters() -> None:
    patch = Patch(Package.of(small(""), "x.xlsx"))
    with pytest.raises(CannotWrite, match="太长"):
        patch.add_sheet("表" * 32, b"<a/>")
    patch.add_sheet("表" * 31, b"<a/>")
    assert list(patch.sheets) == ["A", "表" * 31]


def test_a_number_format_alone_is_kept() -> None:
    patch = Patch(Package.of(small(""), "x.xlsx"))
    assert patch.number_format('0.0"分"') == 164
    assert b'numFmtId="164"' in parts_of(patch.to_bytes())["xl/styles.xml"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("", '</sheets><calcPr calcId="0" fullCalcOnLoad="1"/></workbook>'),
        (
            "<functionGroups/><extLst/>",
            '<functionGroups/><calcPr calcId="0" fullCalcOnLoad="1"/><extLst/>',
        ),
        ("<definedNames/><extLst/>", '<definedNames/><calcPr calcId="0" fullCalcOnLoad="1"/><extLst/>'),
        ('<calcPr calcId="1"/>', '<calcPr calcId="1" fullCalcOnLoad="1"/>'),
        ('<calcPr fullCalcOnLoad="0" calcId="1" />', '<calcPr fullCalcOnLoad="1" calcId="1" />'),
    ],
)
def test_calculation_on_load_is_asked_for_once(names: str, expected: str) -> None:
    patch = Patch(Package.of(small("", names=names), "x.xlsx"))
    patch.recalculate_on_load()
    assert expected in patch.read(WORKBOOK).decode()
    once = patch.read(WORKBOOK)
    patch.recalculate_on_load()
    assert patch.read(WORKBOOK) == once


@pytest.mark.parametrize("spelling", [bytes, prefixed])
def test_styles_are_appended_once_and_the_old_ids_keep_their_meaning(spelling: Callable[[bytes], bytes]) -> None:
    data = change("xl/styles.xml", spelling)(small('<row r="1"><c r="A1" s="3"/></row>'))
    patch = Patch(Package.of(data, "x.xlsx"))
    bold = patch.add_style("fonts", b'<font><b/><sz val="11"/></font>')
    assert bold == 1
    assert patch.add_style("fonts", b'<font><b/><sz val="11"></sz></font>') == 1
    format_id = patch.number_format('0.0"分"')
    assert (format_id, patch.number_format('0.0"分"'), patch.number_format("0.00")) == (164, 164, 2)
    xf = f'<xf numFmtId="{format_id}" fontId="{bold}" fillId="0" borderId="0" applyFont="1"/>'.encode()
    assert patch.add_style("cellXfs", xf) == 4
    assert patch.add_style("dxfs", b"<dxf><font><i/></font></dxf>") == 0
    after = Patch(Package.of(patch.to_bytes(), "x.xlsx"))
    assert after.add_style("cellXfs", xf) == 4
    assert after.add_style("dxfs", b"<dxf><font><i/></font></dxf>") == 0
    assert not after.changed
    root = etree.fromstring(after.read("xl/styles.xml"))
    assert {etree.QName(child).namespace for child in root.iter()} == {MAIN}
    order = [etree.QName(child).localname for child in root]
    assert order == ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs"]
    assert root.find("{*}cellXfs").get("count") == "5"  # type: ignore[union-attr]
