"""Workbooks to patch: a zoo of features, the spellings of many programs, and what other readers see in them.

One module, however long: every writer's spelling is one entry of the same zoo.
"""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.patch.value import Value
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import Cell, Grid, column_number

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, PART = "3月", "xl/worksheets/sheet1.xml"
WORKBOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"

OWNED: dict[tuple[int, int], Value] = {
    (3, 14): Decimal("2.5"),
    (3, 15): 'E501 超过封顶 <&> "引号"',
    (4, 14): 0,
    (4, 15): None,
    (5, 14): Decimal("-1.25"),
    (5, 15): "第一行\n第二行 ",
    (6, 14): 3,
    (6, 15): "=1+1",
    (7, 14): 7,
    (7, 15): "一样",
    (8, 14): None,
    (8, 15): "😀 _x0041_",
    (11, 14): 1.1,
    (12, 15): "新的一行",
}
"""Cells that are there, that are not, in rows that are there and rows that are not."""


# -- building books -------------------------------------------------------------------------------------------------


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {info.orig_filename: file.read(info) for info in file.infolist()}


def raw_of(data: bytes) -> dict[str, tuple[bytes, tuple[object, ...]]]:
    """Of every entry the bytes from its local header to the end of its content, and what the directory says of it."""
    raw = {}
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for info in file.infolist():
            lengths = struct.unpack_from("<HH", data, info.header_offset + 26)
            end = info.header_offset + 30 + sum(lengths) + info.compress_size
            end += 16 if info.flag_bits & 8 else 0
            said = (
                info.CRC,
                info.file_size,
                info.date_time,
                info.external_attr,
                info.flag_bits,
                info.extra,
                info.comment,
            )
            raw[info.orig_filename] = (data[info.header_offset : end], said)
    return raw


class _Pipe(io.RawIOBase):
    """A stream that cannot seek makes zipfile write data descriptors, as Java and .NET programs do."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.content += memoryview(data)  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]


def zipped(parts: Mapping[str, bytes], *, descriptors: bool = False, rename: Callable[[str], str] = str) -> bytes:
    sink = _Pipe() if descriptors else io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:  # type: ignore[arg-type]
        for name, content in parts.items():
            info = zipfile.ZipInfo("placeholder", (2025, 3, 4, 5, 6, 8))
            info.filename = rename(name)
            info.external_attr = 0o640 << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            file.writestr(info, content)
        file.comment = "压缩包注释".encode()
    return bytes(sink.content) if isinstance(sink, _Pipe) else sink.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = zlib.compress(b"".join(b"\0" + b"\xc0\x20\x20" * 8 for _ in range(8)))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zoo(branch: Iterable[Grid] = ()) -> bytes:
    """A month sheet with everything people put beside their entries, and the parts XlsxWriter does not know.

    The sheets of ``branch`` stand behind it, except the month itself; its roster is a table.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2025, 1, 1)})
    sheet = book.add_worksheet(SHEET)
    other = book.add_worksheet("党员名册")
    day = book.add_format({"num_format": "yyyy-mm-dd", "border": 1})
    cell = book.add_format({"border": 1})
    points = book.add_format({"num_format": "0.00", "border": 1, "bg_color": "#FFF2CC"})
    sheet.write("A1", "3月积分登记")
    headings = ["序号", "日期", "姓名", "规则", "数量", "申报分值", "事由", "佐证", "核实人", "审核状态"]
    sheet.write_row("A2", [*headings, "同一事项", "冲销", "备注", "计入分", "提示"])
    for row in range(2, 10):
        sheet.write_number(row, 0, row - 1, cell)
        sheet.write_datetime(row, 1, datetime(2026, 3, row), day)
        sheet.write_row(row, 2, ["张伟(007)", "加2-1", 1], cell)
        sheet.write_rich_string(row, 6, "讲", book.add_format({"bold": True}), "党课", cell)
        if row != 9:
            sheet.write_blank(row, 13, None, points)
            sheet.write_blank(row, 14, None, cell)
    sheet.write_number("N4", 0, points)
    sheet.write_string("O4", "旧的提示", cell)
    sheet.write_formula("N6", "=E6*3", points, 3)
    sheet.write_string("O7", "一样", cell)
    sheet.write_formula("Q3", "=SUM(N3:N9)", None, 9)
    sheet.write_formula("R3", "=N3*2", None, 4)
    sheet.insert_image("S2", "x.png", {"image_data": io.BytesIO(png()), "description": "支部照片"})
    sheet.insert_textbox("S8", "请在 10 日前登记")
    sheet.write_comment("A2", "批注")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{SHEET}'!$N$3:$N$9"})
    sheet.insert_chart("S12", chart)
    sheet.add_sparkline("P3", {"range": f"'{SHEET}'!N3:N9"})
    sheet.conditional_format("N3:N99", {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation("D3:D99", {"validate": "list", "source": "=党员名册!$A$1:$A$9"})
    sheet.insert_button("S20", {"caption": "核算"})
    sheet.autofilter("A2:O9")
    sheet.freeze_panes(2, 3)
    sheet.set_header("&C&G", {"image_center": "x.png", "image_data_center": io.BytesIO(png())})
    sheet.ignore_errors({"number_stored_as_text": "A1:A9"})
    roster: Sequence[Sequence[Cell]] = [("姓名", "编号", "备注"), (), (), ()]
    for grid in branch:
        if grid.name == "党员名册":
            roster = grid.rows
        elif grid.name != SHEET:
            write_rows(book.add_worksheet(grid.name), grid.rows, day)
    write_rows(other, roster, day)
    columns = [{"header": heading} for heading in roster[0]]
    other.add_table(0, 0, len(roster) - 1, len(columns) - 1, {"columns": columns})
    book.define_name("规则表", "=党员名册!$A$1:$C$4")
    book.close()
    parts = parts_of(stream.getvalue())
    sheet_rels = "xl/worksheets/_rels/sheet1.xml.rels"
    microsoft = "http://schemas.microsoft.com/office/2017/10/relationships"
    extra = [  # part, its content type, the part related to it, the type of the relation
        (
            "xl/threadedComments/threadedComment1.xml",
            "application/vnd.ms-excel.threadedcomments+xml",
            sheet_rels,
            f"{microsoft}/threadedComment",
        ),
        (
            "xl/persons/person.xml",
            "application/vnd.ms-excel.person+xml",
            "xl/_rels/workbook.xml.rels",
            f"{microsoft}/person",
        ),
        (
            "xl/slicers/slicer1.xml",
            "application/vnd.ms-excel.slicer+xml",
            sheet_rels,
            "http://schemas.microsoft.com/office/2007/relationships/slicer",
        ),
        (
            "xl/cellimages.xml",
            "application/vnd.wps-officedocument.cellimage+xml",
            "xl/_rels/workbook.xml.rels",
            "http://www.wps.cn/officeDocument/2020/cellImage",
        ),
        (
            "xl/vbaProject.bin",
            "application/vnd.ms-office.vbaProject",
            "xl/_rels/workbook.xml.rels",
            "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
        ),
        (
            "customUI/customUI.xml",
            "",
            "_rels/.rels",
            "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
        ),
        (
            "customUI/customUI14.xml",
            "",
            "_rels/.rels",
            "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
        ),
        ("customXml/item1.xml", "", "xl/_rels/workbook.xml.rels", f"{RELATIONS}/customXml"),
        (
            "xl/printerSettings/printerSettings1.bin",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings",
            sheet_rels,
            f"{RELATIONS}/printerSettings",
        ),
        (
            "xl/ctrlProps/ctrlProp9.xml",
            "application/vnd.ms-excel.controlproperties+xml",
            sheet_rels,
            f"{RELATIONS}/ctrlProp",
        ),
        (
            "xl/calcChain.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
            "xl/_rels/workbook.xml.rels",
            f"{RELATIONS}/calcChain",
        ),
    ]
    for number, (name, kind, rels, relation) in enumerate(extra):
        xml = f'<?xml version="1.0"?>\r\n<a xmlns="urn:{number}"><b  c = \'d\'/><!-- {name} --></a>'.encode()
        parts[name] = os.urandom(64) if name.endswith(".bin") else xml
        if name == "xl/calcChain.xml":
            parts[name] = (
                f'<calcChain xmlns="{MAIN}"><c r="N6" i="1"/><c r="Q3" i="1"/><c r="R3" i="1"/></calcChain>'.encode()
            )
        if kind:
            override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
            parts[TYPES] = parts[TYPES].replace(b"</Types>", override.encode())
        target = f'<Relationship Id="zoo{number}" Type="{relation}" Target="/{name}"/></Relationships>'
        parts[rels] = parts[rels].replace(b"</Relationships>", target.encode())
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts[TYPES] = parts[TYPES].replace(main.encode(), b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    picture = '<c r="P4" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'  # a picture, by WPS
    parts[PART] = re.sub(rb'(<row r="4".*?)(</row>)', rb"\1" + picture.encode() + rb"\2", parts[PART])
    validation = (
        '<ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml'
        '/2009/9/main"><x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:dataValidation type="list"><x14:formula1><xm:f>党员名册!$A$2:$A$9</xm:f></x14:formula1><xm:sqref>C3:C99'
        "</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
        '<ext uri="{A8765BA9-456A-4dab-B4F3-ACF838C121DE}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml'
        '/2009/9/main"><x14:slicerList><x14:slicer r:id="zoo2"/></x14:slicerList></ext></extLst>'
    )
    parts[PART] = parts[PART].replace(b"</extLst>", validation.encode())
    return zipped(parts)


def write_rows(sheet: Any, rows: Sequence[Sequence[Cell]], day: Any) -> None:
    """Cells of a grid on a worksheet of XlsxWriter's, ``day`` being the look of dates."""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(row, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(row, column, cell)


def change(name: str, edit: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        parts = parts_of(data)
        parts[name] = edit(parts[name])
        return zipped(parts)

    return apply


def prefixed(xml: bytes) -> bytes:
    """Every element of the main namespace as ``x:…``, as Open XML SDK programs write."""
    xml = re.sub(rb"(</?)(?![\w.]+:)([A-Za-z])", rb"\1x:\2", xml)
    return xml.replace(b' xmlns="', b' xmlns:x="', 1)


def without_refs(xml: bytes) -> bytes:
    """Rows without ``r`` where they follow each other, and all cells in rows that begin with column A likewise."""
    head, body = xml.split(b"<sheetData>")
    body, tail = body.split(b"</sheetData>")
    rows = re.findall(rb"<row\b.*?</row>", body, re.DOTALL)
    previous, out = 0, []
    for row in rows:
        number = int(re.search(rb' r="(\d+)"', row)[1])  # type: ignore[index]
        if number == previous + 1:
            row = re.sub(rb' r="\d+"', b"", row, count=1)
        previous, column = number, 0
        for ref in re.findall(rb'<c r="([A-Z]+)\d+"', row):
            if ord(ref) - 64 == column + 1:
                row = row.replace(b'<c r="%b%d"' % (ref, number), b"<c")
            column = ord(ref) - 64
        out.append(row)
    return head + b"<sheetData>" + b"".join(out) + b"</sheetData>" + tail


def with_noise(xml: bytes) -> bytes:
    """Comments, instructions and CDATA that look like rows and cells."""
    decoy = b'<!-- <row r="3"><c r="N3"><v>1</v></c></row> </sheetData> --><?hint <c r="N4"/> ?>'
    xml = xml.replace(b"<sheetData>", b"<sheetData>" + decoy).replace(b'<row r="5"', decoy + b'<row r="5"')
    text = '<![CDATA[</c><c r="N7"><v>9</v>]]>'
    return re.sub(rb'<c r="C7"[^>]*>.*?</c>', f'<c r="C7" t="inlineStr"><is><t>{text}</t></is></c>'.encode(), xml)


def spaced(xml: bytes) -> bytes:
    """Pretty-printed, attributes in single quotes and another order, end tags with spaces."""
    xml = re.sub(rb'<c r="([A-Z]+\d+)" s="(\d+)"', rb"\r\n\t\t<c  s = '\2' r='\1'", xml)
    xml = re.sub(rb"<row r=\"(\d+)\"", rb"\r\n\t<row\n  r='\1'", xml)
    return xml.replace(b"</c>", b"</c >").replace(b"</row>", b"\r\n\t</row\n>")


def wide(xml: bytes) -> bytes:
    return "\ufeff".encode("utf-16-le") + xml.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16-le")


def strict(data: bytes) -> bytes:
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    renamed = [
        (old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships"),
        (old + b"spreadsheetml/2006/main", new + b"spreadsheetml/main"),
    ]
    parts = parts_of(data)
    for name, content in parts.items():
        for before, after in renamed:
            content = content.replace(before, after)
        parts[name] = content
    return zipped(parts)


def elsewhere(data: bytes) -> bytes:
    """The workbook at another place, its relations absolute and its names in another case."""
    parts = {name.replace("xl/workbook.xml", "xl/Book/Main.xml"): content for name, content in parts_of(data).items()}
    rels = parts.pop("xl/_rels/workbook.xml.rels")
    parts["xl/Book/_rels/Main.xml.rels"] = re.sub(rb'Target="(?!/)', b'Target="/XL/', rels)
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"/xl/book/main.xml")
    parts[TYPES] = parts[TYPES].replace(b"/xl/workbook.xml", b"/xl/Book/Main.xml")
    return zipped(parts)


BOM = b"\xef\xbb\xbf"
ZOO = zoo()
VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "prefixed": change(PART, prefixed),
    "byte order mark": change(PART, lambda xml: BOM + xml),
    "UTF-16": change(PART, wide),
    "no references": change(PART, without_refs),
    "comments and CDATA": change(PART, with_noise),
    "odd spacing": change(PART, spaced),
    "data descriptors": lambda data: zipped(parts_of(data), descriptors=True),
    "backslashes": lambda data: zipped(parts_of(data), rename=lambda name: name.replace("/", "\\")),
    "elsewhere": elsewhere,
    "strict": strict,
    "bytes in front": lambda data: b"#!/bin/sh\n" + data,
    "1904": change(WORKBOOK, lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')),
}
OPENPYXL_CANNOT = {"backslashes", "strict", "elsewhere"}
CALAMINE_CANNOT = {"UTF-16", "elsewhere", "prefixed", "bytes in front"}


def patched(
    data: bytes, cells: Mapping[tuple[int, int], Value] = OWNED, sheet: str = SHEET, **options: object
) -> bytes:
    patch = Patch(Package.of(data, "党员积分.xlsm"))
    patch.set_cells(sheet, cells, heading=2, **options)  # type: ignore[arg-type]
    return patch.to_bytes()


# -- reading back -----------------------------------------------------------------------------------------------------


def plain(text: object) -> object:
    """What openpyxl leaves coded in inline strings."""
    if not isinstance(text, str):
        return text
    return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)


def by_openpyxl(data: bytes, sheet: str = SHEET) -> dict[tuple[int, int], object]:
    import openpyxl

    cells = openpyxl.load_workbook(io.BytesIO(data))[sheet]
    return {(cell.row, cell.column): plain(cell.value) for row in cells for cell in row if cell.value not in (None, "")}


def by_calamine(data: bytes, sheet: str = SHEET) -> dict[tuple[int, int], object]:
    from python_calamine import CalamineWorkbook

    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet)
    top, left = found.start or (0, 0)
    return {
        (top + row, left + column): value
        for row, values in enumerate(found.to_python(skip_empty_area=True), 1)
        for column, value in enumerate(values, 1)
        if value != ""
    }


def outside(xml: bytes, cells: Mapping[tuple[int, int], Value]) -> bytes:
    """The sheet without those cells and without rows that hold nothing else."""
    root = etree.fromstring(xml)
    row_number = 0
    for row in root.iter("{*}row"):
        row_number = int(row.get("r") or row_number + 1)
        column = 0
        for cell in row.findall("{*}c"):
            match = re.match("[A-Z]+", cell.get("r") or "")
            column = column_number(match[0]) if match else column + 1
            if (row_number, column) in cells:
                if cell.tail and cell.getprevious() is not None:
                    cell.getprevious().tail = cell.tail
                row.remove(cell)
    for row in list(root.iter("{*}row")):
        if not len(row) and list(row.attrib) == ["r"]:
            row.getparent().remove(row)  # type: ignore[union-attr]
    for element in root.iter("{*}dimension"):
        element.set("ref", "")
    return bytes(etree.tostring(root, method="c14n", with_comments=True))


def small(
    rows: str, *, before: str = "", after: str = "", styles: str = "", strings: str = "", names: str = ""
) -> bytes:
    """A book of one sheet, ``A``, with these rows."""
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    prefix = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    styles = styles or (
        '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="2"/>'
        '<xf numFmtId="14"/><xf numFmtId="0" fontId="0"/></cellXfs>'
    )
    contents = {
        TYPES: f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/{WORKBOOK}" ContentType="{prefix}sheet.main+xml"/>'
        f'<Override PartName="/{PART}" ContentType="{prefix}worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{prefix}styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{prefix}sharedStrings+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="{WORKBOOK}"/></Relationships>',
        WORKBOOK: f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/>'
        f"</sheets>{names}</workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        PART: f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    return zipped({name: (declaration + content).encode() for name, content in contents.items()})


def rows_after(data: bytes, cells: Mapping[tuple[int, int], Value], **options: object) -> str:
    patch = Patch(Package.of(data, "x.xlsx"))
    patch.set_cells("A", cells, **options)  # type: ignore[arg-type]
    xml = parts_of(patch.to_bytes())[PART].decode()
    return (
        xml[xml.index("<sheetData") : xml.index("</worksheet>")]
        .removeprefix("<sheetData>")
        .removesuffix("</sheetData>")
    )
