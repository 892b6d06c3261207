"""A workbook of ours as bytes, the same ones each time (可重现): no clock, no trace of the machine.

openpyxl takes dates from the clock and leaves strings in the cells; both are put right here, after it has saved.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

ZIP_DATE = (1980, 1, 1, 0, 0, 0)

_TYPES = "[Content_Types].xml"
_SPREADSHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FONT = re.compile(rb"(<(font|rPr)>)(.*?)(</\2>)", re.DOTALL)
_TRAIT = re.compile(rb"<(\w+)[^>]*/>")
_TRAITS = b"b i strike condense extend outline shadow u vertAlign sz color name rFont family charset scheme".split()
"""A font's properties in the order of Excel's own files (ECMA-376 part 1, 18.8.22); openpyxl has one of its own."""
_INLINE = re.compile(rb'(<c [^>]*)t="inlineStr"><is>(.*?)</is></c>', re.DOTALL)


def to_bytes(book: Workbook, created: datetime, *, title: str, creator: str) -> bytes:
    """The workbook as an .xlsx file, ``created`` (UTC where it names no zone) being the only date in it.

    Its properties are ``title`` and ``creator`` alone; nothing is recomputed when it is opened.
    """
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.workbook.properties import CalcProperties
    from openpyxl.xml.functions import tostring

    moment = created.astimezone(UTC).replace(tzinfo=None) if created.tzinfo else created
    properties = DocumentProperties(title=title or None, creator=creator or None, created=moment, modified=moment)
    book.calculation = CalcProperties(fullCalcOnLoad=False)
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source:
        names = sorted(source.namelist(), key=lambda name: name != _TYPES)  # readers look for the types first
        parts: dict[str, bytes] = {name: source.read(name) for name in names}
    parts["docProps/core.xml"] = _bytes(tostring(properties.to_tree()))
    _share_strings(parts)
    for name in ("xl/styles.xml", "xl/sharedStrings.xml"):
        parts[name] = _FONT.sub(_ordered, parts[name])
    with zipfile.ZipFile(out, "w") as target:
        for name, part in parts.items():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # else the system the file was made on would show
            target.writestr(info, part)
    return out.getvalue()


def _bytes(xml: str | bytes) -> bytes:
    return xml.encode() if isinstance(xml, str) else xml


def _ordered(font: re.Match[bytes]) -> bytes:
    """A font with its properties in order; as it is where one is not among them."""
    traits = {match[1]: match[0] for match in _TRAIT.finditer(font[3])}
    if b"".join(traits.values()) != font[3] or not traits.keys() <= set(_TRAITS):
        return font[0]
    return font[1] + b"".join(traits[name] for name in sorted(traits, key=_TRAITS.index)) + font[4]


def _share_strings(parts: dict[str, bytes]) -> None:
    """Move the strings openpyxl leaves in the cells to the shared table, where small previewers look for them."""
    table: dict[bytes, int] = {}

    def shared(match: re.Match[bytes]) -> bytes:
        return b'%bt="s"><v>%d</v></c>' % (match[1], table.setdefault(match[2], len(table)))

    count = 0
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name], found = _INLINE.subn(shared, parts[name])
            count += found
    items = b"".join(b"<si>%b</si>" % item for item in table)
    if "xl/sharedStrings.xml" not in parts:
        part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%b.sharedStrings+xml"/>' % _SPREADSHEET
        relation = b'<Relationship Type="%b/sharedStrings" Target="sharedStrings.xml" Id="rIdStrings"/>' % _RELATIONS
        parts[_TYPES] = parts[_TYPES].replace(b"</Types>", part + b"</Types>")
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(b"</Relationships>", relation + b"</Relationships>")
    parts["xl/sharedStrings.xml"] = (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="%d" uniqueCount="%d">%b</sst>'
        % (count, len(table), items)
    )
