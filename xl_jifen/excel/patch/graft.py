"""Puts sheets of ours (校验结果 …) into the user's workbook.

Everything arrives as an addition: styles are appended, texts come inline, drawings and charts under names nobody
uses. A sheet that is there already keeps its id, name and position, and the names of its parts. Everything else in
the user's file stays byte for byte what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from xl_jifen.excel.patch.charted import CONTENT_TYPE, DRAWING_TYPE, chart_xml, drawing_xml
from xl_jifen.excel.patch.compare import same_content
from xl_jifen.excel.patch.markup import Markup, attribute
from xl_jifen.excel.patch.names import Name, rename
from xl_jifen.excel.patch.styles import EMPTY, Styles
from xl_jifen.excel.patch.written import Habits, names_of, sheet_xml
from xl_jifen.publish.sheet import Look, Sheet

if TYPE_CHECKING:
    from xl_jifen.excel.patch.patched import Patch

_PATTERNS = {"drawing": "xl/drawings/drawing{}.xml", "chart": "xl/charts/chart{}.xml"}


def graft(patch: Patch, sheets: Sequence[Sheet]) -> bool:
    """Put these sheets into the workbook being patched; new ones go behind its last sheet, in order.

    Returns False, and changes nothing, if nothing else changes either and they say the same already (see
    :func:`same_content`). Raises CannotWrite if a chart sheet has one of their names.
    """
    styles = _Styles(patch)
    places = {sheet.name: _Place.of(patch, sheet) for sheet in sheets}
    contents = {
        sheet.name: sheet_xml(
            sheet, styles.of, patch.date1904, places[sheet.name].habits, "rId1" if sheet.charts else ""
        )
        for sheet in sheets
    }
    told = ((each.name, name) for each in sheets for name in names_of(each, contents[each.name]))
    names = [Name(name, sheet, hidden, text) for sheet, (name, hidden, text) in told]
    charts = {sheet.name: len(sheet.charts) for sheet in sheets}
    if not patch.changed and same_content(patch.package, contents, charts):
        return False
    styles.write()
    for sheet in sheets:
        _transplant(patch, sheet, contents[sheet.name], places[sheet.name])
    rename(patch, places, names)
    patch.drop_calculation_chain()
    return True


# -- sheets, drawings, charts ----------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where a sheet goes: the part it replaces, "" for a new one, and what of it stays."""

    part: str
    habits: Habits

    @classmethod
    def of(cls, patch: Patch, sheet: Sheet) -> _Place:
        part = patch.sheets.get(sheet.name)
        return cls("", Habits()) if part is None else cls(part, _habits(patch.read(part), part))


def _transplant(patch: Patch, sheet: Sheet, content: bytes, place: _Place) -> None:
    """Put one sheet in the place of the old one of that name, or behind the last."""
    part, spare = place.part, []
    if part:
        spare = _belongings(patch, part)
        for relation in patch.relations(part):
            patch.drop_relation(part, relation.id)
    else:
        part = patch.add_sheet(sheet.name, b"")
    patch.replace(part, patch.spelt(content), sound=True)
    if sheet.charts:
        drawing = _bring(patch, part, "drawing", DRAWING_TYPE, spare)
        charts = [_bring(patch, drawing, "chart", CONTENT_TYPE, spare) for _ in sheet.charts]
        ids = {relation.target: relation.id for relation in patch.relations(drawing)}
        drawn = {chart: chart_xml(sheet.name, placed) for chart, placed in zip(charts, sheet.charts, strict=True)}
        drawn[drawing] = drawing_xml(sheet, [ids[chart] for chart in charts])
        for each, xml in drawn.items():
            patch.replace(each, patch.spelt(xml))
    for _, left in spare:
        patch.drop(left)


def _bring(patch: Patch, owner: str, kind: str, content_type: str, spare: list[tuple[str, str]]) -> str:
    """A part of that kind related to its owner, under the name of an old one or a free one; yet without content."""
    same = next((pair for pair in spare if pair[0] == kind), None)
    if same:
        spare.remove(same)
        for relation in patch.relations(same[1]):
            patch.drop_relation(same[1], relation.id)
    part = same[1] if same else patch.free_name(_PATTERNS[kind])
    patch.add(part, b"", content_type)
    patch.add_relation(owner, kind, part)
    return part


def _habits(content: bytes, part: str) -> Habits:
    """What a sheet keeps when its content is replaced: whether it is the one shown, and its name in VBA."""
    head = Markup(content[: content.find(b"sheetData")].rpartition(b"<")[0] + _closing(content), part)
    view, properties = head.find("sheetView"), head.find("sheetPr")
    selected = view is not None and attribute(head.tag(view), "tabSelected") in ("1", "true")
    return Habits(selected, attribute(head.tag(properties), "codeName") or "" if properties else "")


def _closing(content: bytes) -> bytes:
    return content[content.rfind(b"</") :]


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
    """The style number of each look in the user's workbook, where styles are appended as needed."""

    def __init__(self, patch: Patch) -> None:
        self._patch, self._part = patch, patch.styles_part
        old = patch.spelt(EMPTY) if self._part is None else patch.read(self._part)
        self._styles = Styles(old, self._part or "xl/styles.xml", patch.formats_named)
        self._known: dict[Look, int] = {}

    def of(self, look: Look) -> int:
        """The number; the patch itself has the style only when they are written."""
        if look not in self._known:
            self._known[look] = self._styles.number_of(look)
        return self._known[look]

    def write(self) -> None:
        """Put the styles into the patch; a workbook without a styles part, which some programs write, gets one."""
        if self._part is not None:
            self._patch.replace(self._part, self._styles.to_bytes())
            return
        workbook = self._patch.package.workbook
        part = f"{workbook.rpartition('/')[0]}/styles.xml".lstrip("/")
        self._patch.add(part, self._styles.to_bytes(), _STYLES_TYPE)
        self._patch.add_relation(workbook, "styles", part)


_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
