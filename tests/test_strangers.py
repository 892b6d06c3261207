"""Workbooks whose styles or tables are spelled as few programs do: ours arrive whole, theirs look as they did."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from books import parts_of, zipped
from owned_branch import grids, user_workbook

from xl_jifen import layout
from xl_jifen.excel.patch import styles
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.verbs import quarter as verbs

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES = "xl/styles.xml"
NOW = datetime(2026, 10, 8, 9, 30)

XF = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
OURS = '<patternFill patternType="solid"><fgColor rgb="FF8B1A1A"/><bgColor indexed="64"/></patternFill>'  # of a heading
FONTS = '<fonts count="1"><font><i/><sz val="14"/><name val="SimSun"/></font></fonts>'
STYLESHEETS = {
    "nothing at all": "",
    "one fill": f'{FONTS}<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    f'<borders count="1"><border/></borders><cellXfs count="1">{XF}</cellXfs>',
    "no fills and no borders": f'{FONTS}<cellXfs count="2">{XF}{XF}</cellXfs>',
    "no fonts": f'<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellXfs>{XF}</cellXfs>',
    "formats without a format": f'{FONTS}<cellStyleXfs count="1">{XF}</cellStyleXfs><cellXfs count="0"></cellXfs>',
    "a fill of ours where Excel shows its own": f'{FONTS}<fills count="2"><fill/><fill>{OURS}</fill></fills>'
    f'<borders count="1"><border/></borders><cellXfs count="1">{XF}</cellXfs>',
    "no formats but number formats": '<numFmts count="1"><numFmt numFmtId="180" formatCode="0.000"/></numFmts>',
}


def stranger(stylesheet: str, *, prefix: str = "") -> bytes:
    """A branch's workbook with such a styles part; every cell of its own has format 0, named or not."""
    parts = parts_of(user_workbook(grids(1, members=5, entries=8, months=2)))
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(rb' s="[1-9][0-9]*"', b"", part)
    if prefix:
        stylesheet = re.sub(r"(</?)(\w)", rf"\1{prefix}:\2", stylesheet)
    colon = f"{prefix}:" if prefix else ""
    declared = f"xmlns{':' if prefix else ''}{prefix}"
    parts[STYLES] = f'<{colon}styleSheet {declared}="{MAIN}">{stylesheet}</{colon}styleSheet>'.encode()
    return zipped(parts)


def written(data: bytes, folder: Path) -> bytes:
    book = folder / "支部.xlsx"
    book.write_bytes(data)
    assert verbs.recalculate(verbs.open_workbook(book), NOW).changed
    done = book.read_bytes()
    assert not verbs.recalculate(verbs.open_workbook(book), NOW).changed, "the second time nothing is new"
    return done


def looks(data: bytes) -> Callable[[int], dict[str, Any]]:
    """How a cell of a format looks to Excel: what is missing is plain, and fills 0 and 1 are its own."""
    root = ElementTree.fromstring(parts_of(data)[STYLES])
    found = {child.tag.rpartition("}")[2]: list(child) for child in root}

    def element(collection: str, number: int) -> bytes:
        elements = found.get(collection, [])
        if number >= len(elements):
            return b""
        plain = re.sub(rb' xmlns(:\w+)?="[^"]*"|\bns\d:', b"", ElementTree.tostring(elements[number]))
        empty = rb"<border ?/>|<border><left ?/><right ?/><top ?/><bottom ?/><diagonal ?/></border>"
        return b"" if re.fullmatch(empty, plain) or b"Calibri" in plain else plain

    def look(style: int) -> dict[str, Any]:
        xfs = found.get("cellXfs", [])
        numbers = xfs[style].attrib if style < len(xfs) else {}
        fill = int(numbers.get("fillId", 0))
        return {
            "format": numbers.get("numFmtId", "0"),
            "font": element("fonts", int(numbers.get("fontId", 0))),
            "fill": ["", "gray125"][fill] if fill < 2 else element("fills", fill),
            "border": element("borders", int(numbers.get("borderId", 0))),
        }

    return look


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("what", STYLESHEETS)
def test_a_strangers_cells_keep_their_look_and_ours_have_theirs(what: str, prefix: str, tmp_path: Path) -> None:
    before = stranger(STYLESHEETS[what], prefix=prefix)
    after = written(before, tmp_path)
    assert looks(after)(0) == looks(before)(0)
    sheet = Package.of(after, "支部.xlsx").sheets[layout.LEDGER_SHEET]
    head = re.search(rb'<c r="A4" s="(\d+)"|<c r="A3" s="(\d+)"', parts_of(after)[sheet])
    assert head
    ours = looks(after)(int(head[1] or head[2]))
    assert b"FF8B1A1A" in ours["fill"], "the dark red of a heading"
    assert b"<b " in ours["font"]
    assert b"thin" in ours["border"]


@pytest.mark.slow
@pytest.mark.parametrize(("stylesheet", "cell", "named"), [
    ("", 1, 0),
    (f'{FONTS}<cellXfs count="1">{XF}</cellXfs>', 3, 0),
    (f'{FONTS}<cellXfs count="2">{XF}<xf fontId="2" fillId="3" borderId="1"/></cellXfs>', 1, 1),
])  # fmt: skip
def test_a_number_that_stands_for_nothing_stands_for_nothing_of_ours(
    stylesheet: str, cell: int, named: int, tmp_path: Path
) -> None:
    """Cells that name a format that is not there, formats that name such fonts, fills and borders."""
    parts = parts_of(stranger(stylesheet))
    sheet = Package.of(zipped(parts), "支部.xlsx").sheets["1月"]
    parts[sheet] = parts[sheet].replace(b"<c r=", b'<c s="%d" r=' % cell, 1)
    after = looks(written(zipped(parts), tmp_path))(cell)
    assert {part: after[part] for part in ("font", "fill", "border")} == {
        "font": looks(zipped(parts))(0)["font"] if stylesheet and not named else b"",
        "fill": "" if not named else b'<fill><patternFill patternType="none" /></fill>',
        "border": b"",
    }


def test_a_workbook_full_of_formats_is_refused_before_excel_finds_it_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(styles, "MOST_FORMATS", 9)
    with pytest.raises(CannotWrite, match="格式太多"):
        written(stranger(f"{FONTS}<cellXfs>{XF * 9}</cellXfs>"), tmp_path)


# Tables


def table(*names: str) -> bytes:
    columns = "".join(f'<tableColumn id="{n}" name="{name}"/>' for n, name in enumerate(names, 1))
    return (
        f'<table xmlns="{MAIN}" id="1" name="表1" displayName="表1" ref="A1:{chr(64 + len(names))}9">'
        f'<tableColumns count="{len(names)}">{columns}</tableColumns></table>'
    ).encode()


def tabled(names: bytes) -> bytes:
    """A branch's workbook whose 1月 is an Excel table."""
    parts = parts_of(user_workbook(grids(1, members=5, entries=8, months=2)))
    sheet = Package.of(zipped(parts), "支部.xlsx").sheets["1月"]
    rels = f"xl/worksheets/_rels/{sheet.rpartition('/')[2]}.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts[rels] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}/table" Target="../tables/table1.xml"/></Relationships>'
    ).encode()
    parts[sheet] = parts[sheet].replace(
        b"</worksheet>",
        f'<tableParts xmlns:r="{kind}" count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'.encode(),
    )
    override = (
        b'<Override PartName="/xl/tables/table1.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"/></Types>'
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    return zipped({**parts, "xl/tables/table1.xml": names})


HEADS = ("日期", "姓名", "规则", "数量", "申报分值", "事由", "核实人")


@pytest.mark.slow
@pytest.mark.parametrize("heads", [
    (*HEADS, "审核状态", "计入分", "提示", "自己的_x000a_备注"),
    (*HEADS, "审核_x000a_状态", "计入分", "提示"),
    (*HEADS, "审核&#10;状态", "计入分", "提示"),
])  # fmt: skip
def test_a_line_break_in_the_heading_of_a_table_is_no_change_of_it(heads: tuple[str, ...], tmp_path: Path) -> None:
    before = tabled(table(*heads))
    after = written(before, tmp_path)
    assert parts_of(after)["xl/tables/table1.xml"] == parts_of(before)["xl/tables/table1.xml"]


@pytest.mark.parametrize("name", [b"&#x110000;", b"&#xFFFFFFFFFFFF;", b"&#" + b"9" * 5000 + b";", b"\xff\xfe\xe5"])
def test_a_table_that_is_no_xml_is_refused_with_a_sentence(name: bytes, tmp_path: Path) -> None:
    book = tmp_path / "支部.xlsx"
    data = tabled(table("日期").replace("日期".encode(), name))
    book.write_bytes(data)
    with pytest.raises(CannotRead, match=r"table1\.xml 不是完好的 XML"):
        verbs.recalculate(verbs.open_workbook(book), NOW)
    assert book.read_bytes() == data
