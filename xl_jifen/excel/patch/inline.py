"""Texts of cells moved from the shared table into the cells, so that a sheet can go to another workbook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xl_jifen.excel.patch.markup import Markup

if TYPE_CHECKING:
    from xl_jifen.excel.read.package import Package

_SHARED = re.compile(rb' t="s"><v>([0-9]+)</v></c>')


def inlined(source: Package, name: str) -> bytes:
    """A sheet of a workbook of XlsxWriter, every text inside its cell; texts of several fonts keep them."""
    content = source.read(source.sheets[name])
    part = next((r.target for r in source.relations(source.workbook) if r.type == "sharedStrings"), None)
    if part is None:
        return content
    markup = Markup(source.read(part), part)
    texts = [markup.xml[item.opened : item.closed] for item in markup.children(markup.root)]
    return _SHARED.sub(lambda match: b' t="inlineStr"><is>%b</is></c>' % texts[int(match[1])], content)
