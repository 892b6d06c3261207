"""Which sheet a workbook opens on: one of ours, where no sheet of the branch is selected.

Of the user's sheets nothing changes, so whoever saved the workbook with a sheet of the branch in front finds it there
again: two sheets selected at once are edited at once. Where that cannot be said for certain (several windows, no such
sheet to be seen) everything stays as it was, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from xl_jifen.excel.patch.markup import Element, Markup, attribute, whole, with_attribute

if TYPE_CHECKING:
    from xl_jifen.excel.patch.patched import Patch

_YES = ("1", "true")


def open_on(patch: Patch, name: str, ours: Collection[str]) -> None:
    """Let the workbook open on the sheet of that name, one of ``ours``, if no other than these is selected."""
    workbook = patch.package.workbook
    markup = Markup(patch.read(workbook), workbook)
    sheets = markup.find("sheets")
    tags = [markup.tag(each) for each in markup.children(sheets)] if sheets else []
    names = [attribute(tag, "name") for tag in tags]
    views = list(markup.find_all("workbookView"))
    if name not in names or attribute(tags[names.index(name)], "state") not in (None, "visible") or len(views) != 1:
        return
    selected = set(_selected(patch))
    if selected - {part for sheet, part in patch.sheets.items() if sheet in ours}:
        return
    tag, at = markup.tag(views[0]), names.index(name)
    new = with_attribute(tag, "activeTab", str(at))
    if whole(tag, "firstSheet") > at:
        new = with_attribute(new, "firstSheet", None)
    markup.replace(views[0].start, views[0].opened, new)
    patch.replace(workbook, markup.to_bytes())
    for part in {*selected, patch.sheets[name]}:
        _select(patch, part, "1" if part == patch.sheets[name] else None)


def _selected(patch: Patch) -> Iterator[str]:
    """The parts of the sheets that are selected; most say nothing of it, and some are long."""
    for relation in patch.relations(patch.package.workbook):
        if not relation.type.endswith("sheet") or relation.target not in patch:
            continue
        content = patch.read(relation.target)
        if b"tabSelected" in content.replace(b"\0", b"") and any(
            attribute(tag, "tabSelected") in _YES for _, tag in _views(Markup(content, relation.target))
        ):
            yield relation.target


def _select(patch: Patch, part: str, value: str | None) -> None:
    """Mark the sheet of a part as selected; or, with None, as not."""
    markup = Markup(patch.read(part), part)
    for view, tag in _views(markup):
        markup.replace(view.start, view.opened, with_attribute(tag, "tabSelected", value))
    patch.replace(part, markup.to_bytes())


def _views(markup: Markup) -> list[tuple[Element, bytes]]:
    views = markup.find("sheetViews")
    return [(view, markup.tag(view)) for view in markup.find_all("sheetView", views)] if views else []
