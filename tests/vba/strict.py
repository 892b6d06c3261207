"""What Excel refuses or repairs in silence in a macro workbook, as sentences: parts, types, relations, styles, modules.

The VBA project is read by oletools and olefile, the workbook by lxml: nothing of what wrote them.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import olefile
from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PROJECT = "xl/vbaProject.bin"
KNOWN = (
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "application/vnd.ms-office.vbaProject",
    "application/vnd.openxmlformats-package.",
    "application/vnd.openxmlformats-officedocument.",
    "application/xml",
    "image/png",
)
RESERVED_FILLS = ["none", "gray125"]
LAST_BUILT_IN_FORMAT = 163
UNCOMPILED = bytes.fromhex("cc61ffff00")
"""[MS-OVBA] 2.3.4.1: a version that no Office has makes it compile the source anew."""


def problems(path: Path) -> list[str]:
    """Everything that is wrong; an empty list for a workbook that is as Excel would have it."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        parts = {name: package.read(name) for name in names}
    doubled = {name.lower() for name in names if [each.lower() for each in names].count(name.lower()) > 1}
    found = [f"{name}: twice" for name in sorted(doubled)]
    return [*found, *_types(parts), *_relations(parts), *_styles(parts), *_sheets(parts), *_modules(parts)]


def _types(parts: dict[str, bytes]) -> Iterator[str]:
    root = etree.fromstring(parts["[Content_Types].xml"])
    usual = {each.get("Extension").lower(): each.get("ContentType") for each in root if each.get("Extension")}
    own = {each.get("PartName")[1:]: each.get("ContentType") for each in root if each.get("PartName")}
    yield from (f"{name}: a type and no part" for name in own.keys() - parts.keys())
    for name in parts.keys() - {"[Content_Types].xml"}:
        kind = own.get(name) or usual.get(name.rpartition(".")[2].lower())
        if kind is None or not kind.startswith(KNOWN):
            yield f"{name}: type {kind}"


def _relations(parts: dict[str, bytes]) -> Iterator[str]:
    reached = {"[Content_Types].xml"}
    for name in parts:
        if not name.endswith(".rels"):
            continue
        reached.add(name)
        folder, file = posixpath.split(name)
        owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        if file != ".rels" and owner not in parts:
            yield f"{name}: relations of nothing"
        identities = []
        for each in etree.fromstring(parts[name]):
            identities.append(each.get("Id"))
            if each.get("TargetMode") == "External":
                continue
            target = each.get("Target")
            target = (
                target[1:] if target[0] == "/" else posixpath.normpath(posixpath.join(posixpath.dirname(owner), target))
            )
            reached.add(target)
            if target not in parts:
                yield f"{name}: leads to {target}"
        if len(identities) != len(set(identities)):
            yield f"{name}: an id twice"
        asked = set(re.findall(rb'r:id="([^"]+)"', parts.get(owner, b"")))
        yield from (f"{owner}: no relation {each.decode()}" for each in asked - {i.encode() for i in identities})
    yield from (f"{name}: nothing leads to it" for name in parts.keys() - reached)


def _styles(parts: dict[str, bytes]) -> Iterator[str]:
    root = etree.fromstring(parts["xl/styles.xml"])
    fills = [each.find(f"{MAIN}patternFill") for each in root.find(f"{MAIN}fills")]
    if [each.get("patternType") for each in fills[:2]] != RESERVED_FILLS:
        yield "styles: the first two fills are Excel's own"
    sizes = {}
    for name in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs", "numFmts"):
        listed = root.find(f"{MAIN}{name}")
        sizes[name] = 0 if listed is None else len(listed)
        if listed is not None and int(listed.get("count", len(listed))) != len(listed):
            yield f"styles: {name} counts {listed.get('count')}, not {len(listed)}"
    formats = {int(each.get("numFmtId")) for each in root.iter(f"{MAIN}numFmt")}
    for number, look in enumerate(root.find(f"{MAIN}cellXfs")):
        for attribute, name in (
            ("fontId", "fonts"),
            ("fillId", "fills"),
            ("borderId", "borders"),
            ("xfId", "cellStyleXfs"),
        ):
            if int(look.get(attribute, 0)) >= sizes[name]:
                yield f"styles: look {number} has no {attribute}"
        shown = int(look.get("numFmtId", 0))
        if shown > LAST_BUILT_IN_FORMAT and shown not in formats:
            yield f"styles: look {number} has no format {shown}"
    for name in filter(re.compile(r"xl/worksheets/[^/]+\.xml$").match, parts):
        if max(map(int, re.findall(rb' s="(\d+)"', parts[name])), default=0) >= sizes["cellXfs"]:
            yield f"{name}: a cell of no look"
        if max(map(int, re.findall(rb' dxfId="(\d+)"', parts[name])), default=-1) >= sizes["dxfs"]:
            yield f"{name}: a conditional look of none"


def _sheets(parts: dict[str, bytes]) -> Iterator[str]:
    root = etree.fromstring(parts["xl/workbook.xml"])
    relations = {each.get("Id"): each.get("Target") for each in etree.fromstring(parts["xl/_rels/workbook.xml.rels"])}
    listed = root.find(f"{MAIN}sheets")
    for attribute in ("name", "sheetId", RELATION):
        values = [each.get(attribute).lower() for each in listed]
        if len(values) != len(set(values)):
            yield f"workbook: two sheets of one {attribute}"
    for each in listed:
        if not 1 <= len(each.get("name")) <= 31 or re.search(r"[:\\/?*\[\]]", each.get("name")):
            yield f"workbook: a sheet {each.get('name')}"
    named = [root.find(f"{MAIN}workbookPr").get("codeName")]
    for each in listed:
        target = relations.get(each.get(RELATION), "")
        sheet = etree.fromstring(parts.get(posixpath.join("xl", target), b"<none/>"))
        properties = sheet.find(f"{MAIN}sheetPr")
        if properties is not None and properties.get("codeName"):
            named.append(properties.get("codeName"))
    if len(named) != len({name.lower() for name in named}):
        yield "workbook: a code name twice"
    listed_modules = re.findall(r"(?m)^Document=(\w+)/&H", _text(parts, "PROJECT"))
    yield from (f"{name}: a code name and no module" for name in set(named) - set(listed_modules))
    yield from (f"{name}: a module and no sheet" for name in set(listed_modules) - set(named))


def _text(parts: dict[str, bytes], stream: str) -> str:
    return olefile.OleFileIO(io.BytesIO(parts[PROJECT])).openstream(stream).read().decode("ascii")


def _modules(parts: dict[str, bytes]) -> Iterator[str]:
    """The streams against the directory of modules, [MS-OVBA] 2.3.4.2, and both against PROJECT and PROJECTwm."""
    from oletools.olevba import decompress_stream

    project = olefile.OleFileIO(io.BytesIO(parts[PROJECT]))
    streams = {each[1] for each in project.listdir() if each[0] == "VBA"}
    yield from (f"{PROJECT}: no stream {name}" for name in {"dir", "_VBA_PROJECT"} - streams)
    if not project.openstream("VBA/_VBA_PROJECT").read().startswith(UNCOMPILED):
        yield f"{PROJECT}: says it is compiled"
    directory = decompress_stream(bytearray(project.openstream("VBA/dir").read()))
    modules = dict(_directory(bytes(directory)))
    told = re.findall(r"(?m)^(?:Document|Module|Class)=(\w+)", _text(parts, "PROJECT"))
    if sorted(told) != sorted(modules):
        yield f"{PROJECT}: PROJECT and dir name other modules"
    wide = project.openstream("PROJECTwm").read()
    pairs = re.findall(rb"([A-Za-z]\w*)\x00((?:[^\x00]\x00)+)\x00\x00", wide)
    if sorted(name.decode() for name, _ in pairs) != sorted(modules) or any(
        n.decode() != w.decode("utf-16-le") for n, w in pairs
    ):
        yield f"{PROJECT}: PROJECTwm names other modules"
    for name, offset in modules.items():
        if name not in streams:
            yield f"{PROJECT}: no stream {name}"
            continue
        source = decompress_stream(bytearray(project.openstream(["VBA", name]).read()[offset:]))
        if f'Attribute VB_Name = "{name}"'.encode() not in bytes(source):
            yield f"{PROJECT}: {name} does not say its name"
    yield from (
        f"{PROJECT}: a stream {name} too many"
        for name in streams - modules.keys() - {"dir", "_VBA_PROJECT"}
        if name[:5] != "__SRP"
    )


def _directory(data: bytes) -> Iterator[tuple[str, int]]:
    """Stream name and offset of the source of each module."""
    at, name = 0, ""
    while at + 6 <= len(data):
        identity, size = struct.unpack_from("<HI", data, at)
        at += 6
        if identity == 0x09:  # PROJECTVERSION: its size is told without its last two bytes
            size = 6
        value, at = data[at : at + size], at + size
        if identity == 0x1A:
            name = value.decode("ascii")
        elif identity == 0x31:
            yield name, struct.unpack("<I", value)[0]
