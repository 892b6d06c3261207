"""Transplants the sheets the tool owns from a scratch workbook (``owned``) into the user's workbook.

Everything arrives as an addition: styles are appended, texts come inline, drawings and charts under names nobody
uses. A sheet that is there already keeps its id, name and position, and the names of its parts. Everything else in
the user's file stays byte for byte what it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from xl_jifen.excel.patch.compare import same_content
from xl_jifen.excel.patch.inline import inlined
from xl_jifen.excel.patch.markup import Element, Markup, attribute, escape, quote, whole, with_attribute
from xl_jifen.excel.patch.rows import Table, filled
from xl_jifen.excel.patch.styles import EMPTY, Styles

if TYPE_CHECKING:
    from xl_jifen.excel.patch.book import Patch
    from xl_jifen.excel.read.package import Package

BUILT_IN_NAMES = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")
"""Defined names that belong to a sheet's own content and are replaced with it."""

FIRST_CUSTOM_FORMAT = 164
HIDDEN = ' hidden="1"'
_PATTERNS = {"drawing": "xl/drawings/drawing{}.xml", "chart": "xl/charts/chart{}.xml"}
_STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/": b"http://purl.oclc.org/ooxml/officeDocument/",
    b"http://schemas.openxmlformats.org/drawingml/2006/": b"http://purl.oclc.org/ooxml/drawingml/",
}
_STYLED = re.compile(rb'(<c r="[A-Z]+[0-9]+" s=")([0-9]+)')
_RELATION_ID = re.compile(rb'\br:id="([^"]*)"')


class Scratch(NamedTuple):
    """The sheets of ``layout.OWNED_SHEETS`` as XlsxWriter drew them; ``tables`` are the rows of the long ones, by name.

    In the package, a long sheet has a model row a look where its rows are to stand.
    """

    package: Package
    tables: Mapping[str, Table]


def graft(patch: Patch, scratch: Scratch) -> bool:
    """Put the drawn sheets into the workbook being patched; new ones go behind its last sheet, in order.

    Returns False, and changes nothing, if nothing else changes either and they say the same already (see
    :func:`same_content`). Raises CannotWrite if a chart sheet has one of their names.
    """
    source = scratch.package
    styles = _Styles(patch, source)
    contents = {}
    for name in source.sheets:
        content = styles.restyled(inlined(source, name))
        table = scratch.tables.get(name)
        contents[name] = filled(content, table, date1904=patch.date1904) if table else content
    if not patch.changed and same_content(patch.package, source, contents):
        return False
    styles.write()
    surgeon = _Surgeon(patch, source)
    for name, content in contents.items():
        surgeon.transplant(name, content)
    _rename(patch, source, contents)
    patch.drop_calculation_chain()
    return True


# -- sheets, drawings, charts ----------------------------------------------------------------------------------------


class _Surgeon:
    """The two workbooks."""

    def __init__(self, patch: Patch, source: Package) -> None:
        self.patch, self.source = patch, source

    def transplant(self, name: str, content: bytes) -> None:
        """Put one sheet in the place of the old one of that name, or behind the last."""
        origin = self.source.sheets[name]
        part = self.patch.sheets.get(name)
        spare: list[tuple[str, str]] = []
        if part is None:
            content = _headed(content, selected=False, code_name=None)
            part = self.patch.add_sheet(name, _translated(self.patch, content))
        else:
            selected, code_name = _habits(self.patch.read(part), part)
            content = _headed(content, selected=selected, code_name=code_name)
            spare = _belongings(self.patch, part)
        for relation in self.patch.relations(part):
            self.patch.drop_relation(part, relation.id)
        self.patch.replace(part, _translated(self.patch, self._related(content, origin, part, spare)))
        for _, left in spare:
            self.patch.drop(left)

    def _related(self, content: bytes, origin: str, part: str, spare: list[tuple[str, str]]) -> bytes:
        """``content`` with what it is related to brought along, and its relation ids as they are in the patch."""
        ids: dict[bytes, bytes] = {}
        for relation in self.source.relations(origin):
            target = self._bring(relation.target, relation.type, spare)
            ids[relation.id.encode()] = self.patch.add_relation(part, relation.type, target).encode()
        if not ids:
            return content
        return _RELATION_ID.sub(lambda match: b'r:id="' + ids[match[1]] + b'"', content)

    def _bring(self, origin: str, kind: str, spare: list[tuple[str, str]]) -> str:
        """Bring one part along, under the name of an old one of its kind, or a free one."""
        same = next((pair for pair in spare if pair[0] == kind), None)
        if same:
            spare.remove(same)
            for relation in self.patch.relations(same[1]):
                self.patch.drop_relation(same[1], relation.id)
        part = same[1] if same else self.patch.free_name(_PATTERNS[kind])
        content = self.source.read(origin)
        self.patch.add(part, _translated(self.patch, content), self.source.content_type(origin))
        if self.source.relations(origin):
            self.patch.replace(part, _translated(self.patch, self._related(content, origin, part, spare)))
        return part


def _translated(patch: Patch, content: bytes) -> bytes:
    """The part in the namespaces of a strict workbook, if it is to be part of one."""
    if patch.strict:
        for transitional, strict in _STRICT.items():
            content = content.replace(transitional, strict)
    return content


def _habits(content: bytes, part: str) -> tuple[bool, str | None]:
    """What a sheet keeps when its content is replaced: whether it is the one shown, and its name in VBA."""
    head = Markup(content[: content.find(b"sheetData")].rpartition(b"<")[0] + _closing(content), part)
    view, properties = head.find("sheetView"), head.find("sheetPr")
    selected = view is not None and attribute(head.tag(view), "tabSelected") in ("1", "true")
    return selected, attribute(head.tag(properties), "codeName") if properties else None


def _closing(content: bytes) -> bytes:
    return content[content.rfind(b"</") :]


def _headed(content: bytes, *, selected: bool, code_name: str | None) -> bytes:
    """The sheet with ``tabSelected`` and ``codeName`` as given: two sheets selected at once would be edited at once."""
    end = content.index(b"<sheetData")
    head = content[:end]
    view = re.search(rb"<sheetView\b[^>]*>", head)
    assert view, "XlsxWriter always writes a view"
    head = head.replace(view[0], with_attribute(view[0], "tabSelected", "1" if selected else None))
    if code_name is not None:
        properties = re.search(rb"<sheetPr\b[^>]*>", head)
        if properties:
            head = head.replace(properties[0], with_attribute(properties[0], "codeName", code_name))
        else:
            new = b'<sheetPr codeName="' + quote(code_name).encode() + b'"/>'
            head = head.replace(b"<dimension", new + b"<dimension", 1)
    return b"".join((head, memoryview(content)[end:]))


def _belongings(patch: Patch, sheet: str) -> list[tuple[str, str]]:
    """Type and name of the parts that only this sheet leads to, in the order they are related."""
    found: dict[str, str] = {}

    def follow(part: str) -> None:
        for relation in patch.relations(part):
            if not relation.external and relation.target not in found and relation.target in patch:
                found[relation.target] = relation.type
                follow(relation.target)

    follow(sheet)
    shared = {sheet, patch.package.workbook}
    owners = [_owner(part) for part in patch.package.parts if "_rels/" in part.replace("\\", "/")]
    while True:
        keep = {
            relation.target
            for owner in owners
            if owner not in found and owner != sheet and (not owner or owner in patch)
            for relation in patch.relations(owner)
            if relation.target in found and not relation.external
        } | (shared & found.keys())
        if not keep:
            return [(kind, part) for part, kind in found.items()]
        for part in keep:
            del found[part]


def _owner(relations: str) -> str:
    """The part whose relations that part holds; the empty text for the package's own."""
    folder, _, base = relations.replace("\\", "/").rpartition("_rels/")
    return folder + base.removesuffix(".rels")


# -- styles -----------------------------------------------------------------------------------------------------------


class _Styles:
    """The patch's style id of each of the source's: fonts, fills, borders and formats are appended as needed."""

    def __init__(self, patch: Patch, source: Package) -> None:
        self._patch, self._part = patch, patch.styles_part
        old = _translated(patch, EMPTY) if self._part is None else patch.read(self._part)
        self._styles = Styles(old, self._part or "xl/styles.xml")
        part = next(r.target for r in source.relations(source.workbook) if r.type == "styles")
        self._source = Markup(source.read(part), part)
        self._collections: dict[str, list[Element]] = {}
        for collection in self._source.children(self._source.root):
            self._collections[collection.name.decode()] = list(self._source.children(collection))
        self._known: dict[bytes, bytes] = {b"0": b"0"}

    def restyled(self, sheet: bytes) -> bytes:
        """The sheet with the patch's style ids; the patch itself has them only when they are written."""
        return _STYLED.sub(lambda match: match[1] + self._of(match[2]), sheet)

    def write(self) -> None:
        """Put the styles into the patch; a workbook without a styles part, which some programs write, gets one."""
        if self._part is not None:
            self._patch.replace(self._part, self._styles.to_bytes())
            return
        workbook = self._patch.package.workbook
        part = f"{workbook.rpartition('/')[0]}/styles.xml".lstrip("/")
        self._patch.add(part, self._styles.to_bytes(), _STYLES_TYPE)
        self._patch.add_relation(workbook, "styles", part)

    def _of(self, style: bytes) -> bytes:
        if style not in self._known:
            self._known[style] = b"%d" % self._added(self._collections["cellXfs"][int(style)])
        return self._known[style]

    def _added(self, xf: Element) -> int:
        tag = self._source.tag(xf)
        attributes = {"numFmtId": self._number_format(whole(tag, "numFmtId"))}
        for name, collection in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            element = self._collections[collection][whole(tag, name)]
            attributes[name] = self._styles.add(collection, self._source.xml[element.start : element.end])
        attributes["xfId"] = 0
        for what in ("NumberFormat", "Font", "Fill", "Border", "Alignment"):
            attributes[f"apply{what}"] = 1
        new = "".join(f' {name}="{value}"' for name, value in attributes.items()).encode()
        return self._styles.add("cellXfs", b"<xf%b>%b</xf>" % (new, self._source.xml[xf.opened : xf.closed]))

    def _number_format(self, number: int) -> int:
        if number < FIRST_CUSTOM_FORMAT:
            return number
        tags = map(self._source.tag, self._collections["numFmts"])
        return self._styles.number_format(
            next(attribute(tag, "formatCode") or "" for tag in tags if whole(tag, "numFmtId") == number)
        )


_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


# -- the workbook part ------------------------------------------------------------------------------------------------


class _Name(NamedTuple):
    """A defined name of one sheet."""

    name: str
    sheet: str
    hidden: bool
    text: str


def _tabs(markup: Markup) -> list[str]:
    """Every sheet of a workbook part, chart sheets too: ``localSheetId`` counts them all."""
    sheets = markup.find("sheets")
    return [attribute(markup.tag(each), "name") or "" for each in markup.find_all("sheet", sheets)] if sheets else []


def _rename(patch: Patch, source: Package, names: Collection[str]) -> None:
    """Give the sheets the print titles, print areas and filter ranges they have in the source."""
    wanted = [name for name, _ in _defined(Markup(source.read(source.workbook), source.workbook), names)]
    part = patch.package.workbook
    markup = Markup(patch.read(part), part)
    old = list(_defined(markup, names))
    if sorted(name for name, _ in old) == sorted(wanted):
        return
    for _, (start, end) in old:
        markup.replace(start, end, b"")
    tabs, prefix = _tabs(markup), markup.prefix.decode()
    new = "".join(
        f'<{prefix}definedName name="{each.name}" localSheetId="{tabs.index(each.sheet)}"'
        f"{HIDDEN if each.hidden else ''}>{escape(each.text)}</{prefix}definedName>"
        for each in wanted
    ).encode()
    block = markup.find("definedNames")
    if block is not None:
        markup.append(block, new)
    else:
        before = [e for local in ("sheets", "functionGroups", "externalReferences") if (e := markup.find(local))]
        tag = f"{prefix}definedNames".encode()
        markup.replace(before[-1].end, before[-1].end, b"<" + tag + b">" + new + b"</" + tag + b">")
    patch.replace(part, markup.to_bytes())


def _defined(markup: Markup, names: Collection[str]) -> Iterator[tuple[_Name, tuple[int, int]]]:
    """The built-in names of those sheets, and where they stand."""
    tabs = _tabs(markup)
    block = markup.find("definedNames")
    for element in markup.find_all("definedName", block) if block else ():
        tag = markup.tag(element)
        name, local = attribute(tag, "name") or "", attribute(tag, "localSheetId")
        if name not in BUILT_IN_NAMES or local is None or not local.isdecimal() or int(local) >= len(tabs):
            continue
        if tabs[int(local)] in names:
            hidden = attribute(tag, "hidden") in ("1", "true")
            text = "".join(
                ElementTree.fromstring(b"<a>" + markup.xml[element.opened : element.closed] + b"</a>").itertext()
            )
            yield _Name(name, tabs[int(local)], hidden, text), (element.start, element.end)
