"""The names a program gives to what belongs to a sheet (内置名称): what of it is printed, repeated or filtered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from xl_jifen.excel.patch.markup import Markup, attribute, escape

if TYPE_CHECKING:
    from xl_jifen.excel.patch.patched import Patch

PRINT_AREA, PRINT_TITLES = "_xlnm.Print_Area", "_xlnm.Print_Titles"
BUILT_IN_NAMES = (PRINT_AREA, PRINT_TITLES, "_xlnm._FilterDatabase")
"""Defined names that belong to a sheet's own content and are replaced with it."""

HIDDEN = ' hidden="1"'


class Name(NamedTuple):
    """A defined name of one sheet."""

    name: str
    sheet: str
    hidden: bool
    text: str


def names_in(patch: Patch, sheets: Collection[str]) -> list[Name]:
    """The built-in names of those sheets."""
    part = patch.package.workbook
    return [name for name, _ in _defined(Markup(patch.read(part), part), sheets)]


def rename(patch: Patch, sheets: Collection[str], wanted: Sequence[Name]) -> None:
    """Give the sheets those print titles, print areas and filter ranges, and no others."""
    part = patch.package.workbook
    markup = Markup(patch.read(part), part)
    old = list(_defined(markup, sheets))
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


def _tabs(markup: Markup) -> list[str]:
    """Every sheet of a workbook part, chart sheets too: ``localSheetId`` counts them all."""
    sheets = markup.find("sheets")
    return [attribute(markup.tag(each), "name") or "" for each in markup.find_all("sheet", sheets)] if sheets else []


def _defined(markup: Markup, names: Collection[str]) -> Iterator[tuple[Name, tuple[int, int]]]:
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
            yield Name(name, tabs[int(local)], hidden, text), (element.start, element.end)
