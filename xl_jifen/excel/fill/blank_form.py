"""A blank form (空白表): a template read once, its sheets as cells that can be moved and filled, all else as it is.

What is carried over is named here (sheets, looks, pictures, headers); whatever else a file may hold (macros, links to
other files, notes, printers) is not. Nothing here knows a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from xl_jifen.excel.fill.form_sheet import (
    KEPT,
    Cell,
    Content,
    FormRow,
    FormSheet,
    Looks,
    Raw,
    Runs,
    Texts,
    joined,
    local,
    written,
)
from xl_jifen.excel.patch.markup import Markup, attribute, escape
from xl_jifen.excel.patch.names import PRINT_AREA, PRINT_TITLES, Name, names_in, rename
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.patch.value import plain_text
from xl_jifen.excel.read.extent import extent
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Range, column_letters, range_of
from xl_jifen.publish.sheet import reference

MOST_CELLS = 100_000
"""Of a template's sheet: a page has hundreds."""

_DRAWN = ("drawing", "vmlDrawing", "image")
_CARRIED = (
    *("officeDocument", "core-properties", "worksheet", "styles", "theme", "sharedStrings", "hyperlink", "table"),
    *_DRAWN,
)
_REFUSED = ("oleObject", "control", "package", "chartsheet")
"""What relations of a file lead to: what is carried over, and what would be missed."""
_CORE_KIND = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_TEXTS, _CORE = "xl/sharedStrings.xml", "docProps/core.xml"
_TYPES = {
    _TEXTS: "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
    _CORE: "application/vnd.openxmlformats-package.core-properties+xml",
}
_NAMESPACES = {
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_UNFILLABLE = "其中有图表、控件、单元格内的图片或别处的图片，填写时保不住它们；请删除后再试（插入的图片可以保留）。"


class Unfit(CannotRead):
    """A template that cannot be filled; the message is what is wrong with it, and names no file."""


class Form:
    """A template. Raises Unfit for what is none or cannot be filled."""

    def __init__(self, template: bytes) -> None:
        try:
            self._read(Package.of(template, "模板"))
        except Unfit:
            raise
        except Exception as error:  # whatever a broken part makes us stumble over
            raise Unfit("不是能打开的 .xlsx 文件；请用 Excel 或 WPS 重新另存，或换回自带的模板。") from error

    def _read(self, package: Package) -> None:
        for name, part in package.sheets.items():
            if extent(package, part) > MOST_CELLS:
                raise Unfit(f"工作表“{name}”的内容散得太开；请删去表格下方和右侧多余的行、列后再试。")
        for part in package.parts:
            package.read(part)  # as large as it says, and without entities
        self._package = package = Package.of(_without_the_rest(package), package.name)
        of_type = {each.type: each.target for each in package.relations(package.workbook)}
        self._styles, self._texts = of_type["styles"], of_type.get("sharedStrings", "")
        self.looks = Looks(package.xml(self._styles), self._styles)
        strings = [_text(each) for each in ElementTree.fromstring(package.xml(self._texts))] if self._texts else []
        self._names = names_in(Patch(package), package.sheets)
        self._drawings: dict[str, str] = {}
        self.sheets = [self._sheet(name, part, strings) for name, part in package.sheets.items()]

    def _sheet(self, name: str, part: str, strings: list[str | Runs]) -> FormSheet:
        package = self._package
        data = package.xml(part)
        opening, pieces = _pieces(data, part)
        if "tableParts" in pieces:
            raise Unfit(f"工作表“{name}”套用了表格格式；请在“表设计”中选“转换为区域”后再试。")
        root = ElementTree.fromstring(data)
        sheet = FormSheet(name, root, opening, {k: v for k, v in pieces.items() if k in KEPT})
        _read_cells(sheet, root, strings)
        for each in package.relations(part):
            drawn = package.xml(each.target).decode() if each.type in ("drawing", "vmlDrawing") else ""
            if "{{" in "".join(re.findall(r"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</", drawn)).replace("｛", "{"):
                raise Unfit("有占位符写在文本框里，填不进去；请写到单元格中。")
            if each.type == "drawing":
                self._drawings[name] = each.target
                sheet.drawing = _kept_in_size(package.xml(each.target), each.target)
        for known in self._names:
            own = re.sub(r"('[^']*'|[^!,]*)!", "", known.text)
            rows = [int(row) for row in re.findall(r"\$(\d+)", own)]
            if known.sheet == name and known.name == PRINT_AREA:
                sheet.area = range_of(own)
            elif known.sheet == name and known.name == PRINT_TITLES and rows:
                sheet.titles = range(rows[0], rows[-1] + 1)
        return sheet

    def to_bytes(
        self, sheets: Sequence[FormSheet], looks: Looks, created: datetime, *, title: str, creator: str
    ) -> bytes:
        """The form, filled, as an .xlsx file; ``created`` (UTC where it names no zone) is the only date in it.

        Sheets it does not have come behind its own.

        The same bytes each time, no trace of the machine; nothing is recomputed when it is opened.
        """
        patch, texts, own = Patch(self._package), Texts(), self._package.sheets
        for sheet in sheets:
            patch.replace(own.get(sheet.name) or patch.add_sheet(sheet.name, b""), sheet.to_bytes(texts), sound=True)
            if sheet.drawing:
                patch.replace(self._drawings[sheet.name], sheet.drawing.encode())
        patch.replace(self._styles, looks.to_bytes())
        main = attribute(sheets[0].opening.encode(), "xmlns") or ""
        _set(patch, self._package.workbook, "sharedStrings", _TEXTS, texts.to_bytes(main))
        _set(patch, "", _CORE_KIND, _CORE, _properties(created, title, creator))
        areas = [Name(PRINT_AREA, each.name, False, _printed(each.name, each.area)) for each in sheets if each.area]
        heads = [Name(PRINT_TITLES, each.name, False, _repeated(each)) for each in sheets if each.name not in own]
        printed = {each.sheet for each in areas}
        kept = [each for each in self._names if each.name != PRINT_AREA or each.sheet not in printed]
        rename(patch, [each.name for each in sheets], [*kept, *areas, *heads])
        return patch.to_bytes()


def _without_the_rest(package: Package) -> bytes:
    """The file with no part but those a form is made of."""
    patch, kinds, waiting = Patch(package), {"": ""}, [""]
    while waiting:
        owner = waiting.pop()
        xml = package.xml(owner) if kinds[owner] == "worksheet" else b""
        for each in package.relations(owner):
            lost = kinds[owner] in _DRAWN and each.type not in ("image", "hyperlink")
            if lost or each.type in _REFUSED or (each.external and each.type in _DRAWN):
                raise Unfit(_UNFILLABLE)
            note = each.type == "vmlDrawing" and not re.search(rb'legacyDrawingHF [^<>]*"%b"' % each.id.encode(), xml)
            if each.type not in _CARRIED or note:
                patch.drop_relation(owner, each.id)
            elif not each.external and each.target not in kinds:
                kinds[each.target] = each.type
                waiting.append(each.target)
    for part in package.parts:
        if part not in kinds and part in patch and not part.endswith(".rels") and part != "[Content_Types].xml":
            patch.drop(part)
    markup = Markup(patch.read(package.workbook), package.workbook)
    for element in markup.children(markup.root):
        if element.name.rpartition(b":")[2] in (b"calcPr", b"externalReferences", b"pivotCaches", b"extLst"):
            markup.replace(element.start, element.end, b"")
    for element in markup.find_all("definedName"):
        if b"[" in markup.xml[element.opened : element.closed]:  # of another file
            markup.replace(element.start, element.end, b"")
    patch.replace(package.workbook, markup.to_bytes())
    return patch.to_bytes()


def _set(patch: Patch, owner: str, kind: str, part: str, data: bytes) -> None:
    """Write the part of that kind a part is related to; a new one of that name if there is none."""
    word = kind.rpartition("/")[2]
    known = next((each.target for each in patch.relations(owner) if each.type == word), "")
    if known:
        patch.replace(known, data, sound=True)
    else:
        patch.add(part, data, _TYPES[part])
        patch.add_relation(owner, kind, part)


def _properties(created: datetime, title: str, creator: str) -> bytes:
    moment = created.astimezone(UTC) if created.tzinfo else created
    names = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    words = "".join(f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in (("title", title), ("creator", creator)))
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{moment:%Y-%m-%dT%H:%M:%SZ}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return joined(f"<cp:coreProperties{names}>", ["words"], {"words": words + dates})


def _printed(sheet: str, area: Range) -> str:
    return f"{reference(sheet)}!${column_letters(area.left)}${area.top}:${column_letters(area.right)}${area.bottom}"


def _repeated(sheet: FormSheet) -> str:
    return f"{reference(sheet.name)}!${sheet.titles[0]}:${sheet.titles[-1]}"


# ---- reading ----


def _pieces(data: bytes, part: str) -> tuple[str, dict[str, str]]:
    """The start tag of a part's root, and the elements below it by name, as they are written but without a prefix."""
    markup = Markup(data, part)
    if markup.prefix:
        xml = re.sub(rb"(</?)" + re.escape(markup.prefix), rb"\1", markup.xml)
        markup = Markup(xml.replace(b"xmlns:" + markup.prefix[:-1] + b"=", b"xmlns="), part)
    found: dict[str, str] = {}
    for each in markup.children(markup.root):
        name = each.name.decode()
        found[name] = found.get(name, "") + markup.xml[each.start : each.end].decode()
    opening = markup.tag(markup.root).decode()
    return opening, found


def _text(item: ElementTree.Element) -> str | Runs:
    """What an ``<si>`` or ``<is>`` says, phonetic guides left out."""
    runs = [
        (_font(run.find("{*}rPr")), plain_text("".join(each.text or "" for each in run.iterfind("{*}t"))))
        for run in item.iterfind("{*}r")
    ]
    return tuple(runs) or plain_text("".join(each.text or "" for each in item.iterfind("{*}t")))


def _font(traits: ElementTree.Element | None) -> str:
    if traits is None:
        return ""
    return f"<rPr>{''.join(f'<{local(each.tag)}{written(each.attrib)}/>' for each in traits)}</rPr>"


def _read_cells(sheet: FormSheet, root: ElementTree.Element, strings: list[str | Runs]) -> None:
    """The cells, rows and columns of a sheet."""
    number = 0
    for row in root.iterfind("{*}sheetData/{*}row"):
        number, column = int(row.get("r") or number + 1), 0
        hidden, height = row.get("hidden") in ("1", "true"), row.get("ht")
        own = ("r", "spans", "ht", "customHeight", "hidden")
        rest = written({name: value for name, value in row.attrib.items() if name not in own})
        sheet.rows[number] = FormRow(float(height) if height else None, hidden, rest)
        for cell in row.iterfind("{*}c"):
            place = range_of(cell.get("r"))
            column = place.left if place else column + 1
            if cell.find("{*}f") is not None:
                raise Unfit(f"{sheet.place(number, column)} 是公式；公示表只放数值，请改成文字或占位符。")
            if "vm" in cell.attrib:
                raise Unfit(_UNFILLABLE)
            sheet.cells[number, column] = Cell(int(cell.get("s", "0")), _value(cell, strings))
    right = sheet.right
    for each in root.iterfind("{*}cols/{*}col"):
        first, last = int(each.get("min", "1")), int(each.get("max", "1"))
        for column in range(first, min(last, right) + 1):
            sheet.columns[column] = dict(each.attrib)
        if last > right:
            sheet.beyond.append({**each.attrib, "min": str(max(first, right + 1))})


def _value(cell: ElementTree.Element, strings: list[str | Runs]) -> Content:
    kind, value, inline = cell.get("t", "n"), cell.findtext("{*}v"), cell.find("{*}is")
    if kind == "inlineStr":
        return None if inline is None else _text(inline) or None
    if not value:
        return None
    if kind == "s":
        return strings[int(value)] or None
    return plain_text(value) if kind == "str" else Raw(kind, value)


def _kept_in_size(data: bytes, part: str) -> str:
    """Pictures that would grow with the cells below them, which are made higher, keep the size they have."""
    markup = Markup(data, part)
    for anchor in markup.children(markup.root):
        prefix, _, local = anchor.name.decode().rpartition(":")
        xml = markup.xml[anchor.start : anchor.end]
        size = re.search(rb'<(?:\w+:)?ext cx="([1-9]\d*)" cy="([1-9]\d*)"', xml)
        ends = [each for each in markup.children(anchor) if each.name.endswith(b"to")]
        if local == "twoCellAnchor" and size and ends:
            name = f"{prefix}:oneCellAnchor" if prefix else "oneCellAnchor"
            ext = f"{prefix}:ext" if prefix else "ext"
            markup.replace(anchor.start, anchor.opened, f"<{name}>".encode())
            markup.replace(ends[0].start, ends[0].end, b'<%b cx="%b" cy="%b"/>' % (ext.encode(), size[1], size[2]))
            markup.replace(anchor.closed, anchor.end, f"</{name}>".encode())
    return markup.to_bytes().decode()
