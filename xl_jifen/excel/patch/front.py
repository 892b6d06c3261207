"""Which sheet a workbook opens on: the one named there, in the place of another sheet of ours.

A sheet of the branch that was left in front stays in front, for nothing of it is ours to touch. Two sheets selected at
once are edited at once, so where that cannot be said for certain (several windows, no such sheet to be seen)
everything stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from xl_jifen.excel.patch.markup import Element, Markup, attribute, whole, with_attribute

if TYPE_CHECKING:
    from xl_jifen.excel.patch.patched import Patch

_YES = ("1", "true")


def open_on(patch: Patch, name: str, ours: Collection[str]) -> None:
    """Let the workbook open on the sheet of that name, if one of ``ours`` is in front and no other is selected."""
    workbook = patch.package.workbook
    markup = Markup(patch.read(workbook), workbook)
    sheets = markup.find("sheets")
    tags = [markup.tag(each) for each in markup.children(sheets)] if sheets else []
    names = [attribute(tag, "name") or "" for tag in tags]
    views = list(markup.find_all("workbookView"))
    if name not in names or attribute(tags[names.index(name)], "state") not in (None, "visible") or len(views) != 1:
        return
    tag, at = markup.tag(views[0]), names.index(name)
    front = whole(tag, "activeTab")
    if front >= len(names) or names[front] not in ours or _selected(patch) - {patch.sheets.get(names[front])}:
        return
    new = with_attribute(tag, "activeTab", str(at))
    if whole(tag, "firstSheet") > at:
        new = with_attribute(new, "firstSheet", None)
    markup.replace(views[0].start, views[0].opened, new)
    patch.replace(workbook, markup.to_bytes())
    _select(patch, patch.sheets[names[front]], None)
    _select(patch, patch.sheets[name], "1")


def _selected(patch: Patch) -> set[str | None]:
    """The parts of the sheets that are selected."""
    related = {each.target for each in patch.relations(patch.package.workbook) if each.type.endswith("sheet")}
    parts = (part for part in related if part in patch)
    return {part for part in parts if any(_is_selected(tag) for _, tag in _views(_head(patch, part)))}


def _select(patch: Patch, part: str, value: str | None) -> None:
    """Mark the sheet of a part as selected; or, with None, as not."""
    markup = Markup(patch.read(part), part)
    for view, tag in _views(markup):
        if _is_selected(tag) != bool(value):
            markup.replace(view.start, view.opened, with_attribute(tag, "tabSelected", value))
    patch.replace(part, markup.to_bytes())


def _is_selected(tag: bytes) -> bool:
    return attribute(tag, "tabSelected") in _YES


def _views(markup: Markup | None) -> list[tuple[Element, bytes]]:
    views = markup.find("sheetViews") if markup else None
    return [(view, markup.tag(view)) for view in markup.find_all("sheetView", views)] if markup and views else []


def _head(patch: Patch, part: str) -> Markup | None:
    """The part as markup if it may say that it is selected: most say nothing of it, and some are long."""
    content = patch.read(part)
    return Markup(content, part) if b"tabSelected" in content.replace(b"\0", b"") else None
