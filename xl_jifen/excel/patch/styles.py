"""The styles part of a user's workbook (样式表), appended to and never rewritten: existing ids keep their meaning.

What is added is looked for first, so that doing the same twice adds nothing. Where a collection is missing or too
short, neutral elements go in before ours: those its first numbers stand for (a cell that names no format has number 0),
and one for each number that a format or a cell names though it is not there. It knows ``styles.xml`` alone.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any, Self
from xml.etree import ElementTree

from xl_jifen.excel.patch.markup import Markup, attribute, with_attribute
from xl_jifen.finding import CannotWrite
from xl_jifen.publish.sheet import Look

COLLECTIONS = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
"""The children of ``styleSheet`` in the order the standard demands (ECMA-376-1 18.8.39)."""

FONT = "微软雅黑"
_PLAIN_XF = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
NEUTRAL = {
    "fonts": (b'<font><sz val="11"/><name val="Calibri"/><family val="2"/></font>',),
    "fills": (b'<fill><patternFill patternType="none"/></fill>', b'<fill><patternFill patternType="gray125"/></fill>'),
    "borders": (b"<border><left/><right/><top/><bottom/><diagonal/></border>",),
    "cellStyleXfs": (_PLAIN_XF,),
    "cellXfs": (_PLAIN_XF,),
}
"""What the first numbers of a collection mean to every program, Excel's two reserved fills included."""
_NAMED_BY = {"fonts": "fontId", "fills": "fillId", "borders": "borderId", "cellStyleXfs": "xfId"}
"""The collections that formats name elements of, and by which attribute."""
FARTHEST = 1_000
"""Numbers beyond are no slip of a program's: they may stand for nothing."""
MOST_FORMATS = 65_490
"""The cell formats that a workbook may have in Excel."""

EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
)
"""The styles part of a workbook that has none."""

DATE_FORMAT = "yyyy-mm-dd"

_BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49}
_BUILT_IN_DATES = frozenset((14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58))
"""Built-in formats that show a day, the East Asian ones included (ECMA-376-1 18.8.30)."""

_FIRST_CUSTOM = 164
_NO_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')

_Shape = tuple[Any, ...]


class Styles:
    """``styles.xml`` and what is added to it."""

    def __init__(self, data: bytes, part: str, named: Callable[[int], int] = int) -> None:
        """``named`` tells, given how many formats there are, how many there would be if none that cells name lacked."""
        self._data, self._part, self._named_by_cells = data, part, named
        self._added: dict[str, list[bytes]] = {}
        self._raw: dict[str, list[bytes]] = {}
        self._filled_up, self._least = False, dict[str, int]()
        self.changed = False
        """Whether anything was added since the part was last written back; the caller's to reset."""
        self._index()
        self._prefixed = bool(Markup(data, part).prefix)

    def copy(self) -> Self:
        """The same styles, to be added to apart from these."""
        other = copy.copy(self)
        other._shapes = {name: shapes.copy() for name, shapes in self._shapes.items()}
        other._added = {name: added.copy() for name, added in self._added.items()}
        other._formats, other._variants = self._formats.copy(), self._variants.copy()
        return other

    def to_bytes(self) -> bytes:
        """The part with all that was added."""
        if self._added:
            self._data = self._written()
            self._added, self._raw = {}, {}
        return self._data

    def add(self, collection: str, xml: bytes) -> int:
        """The index of an element equal to the unprefixed ``xml`` in that collection, appended if there is none."""
        shape = _shape(ElementTree.fromstring(xml))
        own = len(NEUTRAL["fills"]) if collection == "fills" else 0  # those before are never shown as written
        if shape not in self._shapes.get(collection, ())[own:]:
            self._put_neutral_first()
        if shape not in self._shapes.get(collection, ())[own:]:
            self._append(collection, self._named(xml), shape)
        return self._shapes[collection].index(shape, own)

    def number_of(self, look: Look) -> int:
        """The style id of a look, appended as needed."""
        font = f'<sz val="{look.size:g}"/><color rgb="FF{look.ink[1:]}"/><name val="{FONT}"/><family val="2"/>'
        marks = ("<b/>" if look.bold else "") + ("<u/>" if look.underlined else "")
        parts = {"numFmtId": self.number_format(look.shown)}
        parts["fontId"] = self.add("fonts", f"<font>{marks}{font}</font>".encode())
        parts["fillId"] = self.add("fills", _fill(look.fill)) if look.fill else 0
        parts["borderId"] = self.add("borders", _border(look.rule)) if look.rule else 0
        lie: dict[str, str | int] = {"horizontal": look.align or ("left" if look.indent else ""), "vertical": "center"}
        lie |= {"indent": look.indent or "", "wrapText": look.wrap or "", "shrinkToFit": look.shrink or ""}
        told = "".join(f' {name}="{int(v) if isinstance(v, bool) else v}"' for name, v in lie.items() if v)
        own = "".join(f' {name}="{value}"' for name, value in (*parts.items(), ("xfId", 0), *_APPLIED.items()))
        return self.add("cellXfs", f"<xf{own}><alignment{told}/></xf>".encode())

    def number_format(self, code: str) -> int:
        """The numFmtId of a format code, appended if there is none."""
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        for number, known in self._formats.items():
            if known == code:
                return number
        number = max([_FIRST_CUSTOM - 1, *self._formats, *self._used_formats]) + 1
        element = ElementTree.Element("numFmt", {"numFmtId": str(number), "formatCode": code})
        self.add("numFmts", ElementTree.tostring(element).replace(b" />", b"/>"))
        self._formats[number] = code
        return number

    def is_date(self, style: int) -> bool:
        """Whether a number in a cell of that style shows as a day."""
        number = self._format_of(style)
        code = self._formats.get(number)
        if code is None:
            return number in _BUILT_IN_DATES
        return re.search("[yd]", _NO_LETTERS.sub("", code).lower()) is not None

    def date_style(self, base: int) -> int:
        """The style id that is ``base`` with a date format: ``base`` itself if it is one, else appended."""
        return base if self.is_date(base) else self.formatted(base, DATE_FORMAT)

    def formatted(self, base: int, code: str) -> int:
        """The style id that is ``base`` with that number format, appended as needed."""
        return self.variant(base, numFmtId=str(self.number_format(code)), applyNumberFormat="1")

    def variant(self, base: int, **attributes: str) -> int:
        """The style id that is ``base`` with these attributes of its ``xf``, appended as needed."""
        key = base, *attributes.items()
        if key not in self._variants:
            known = self._elements("cellXfs")
            opening, end, rest = (known[base] if base < len(known) else self._named(_PLAIN_XF)).partition(b">")
            for name, value in attributes.items():
                opening = with_attribute(opening + end, name, value)[: -len(end)]
            xf = opening + end + rest
            shape = _shape(ElementTree.fromstring(_without_prefixes(xf)))
            if shape not in self._shapes.get("cellXfs", ()):
                self._put_neutral_first()
                self._append("cellXfs", xf, shape)
            self._variants[key] = self._shapes["cellXfs"].index(shape)
        return self._variants[key]

    def _elements(self, collection: str) -> list[bytes]:
        """The elements of a collection as they are written, those that were added behind those of the part."""
        if collection not in self._raw:
            markup = Markup(self._data, self._part)
            found = markup.find(collection)
            children = markup.children(found) if found else ()
            self._raw[collection] = [markup.xml[each.start : each.end] for each in children]
        return [*self._raw[collection], *self._added.get(collection, ())]

    def _put_neutral_first(self) -> None:
        """Fill up the collections too short to hold what their numbers stand for."""
        if self._filled_up:
            return
        self._filled_up = True
        self._least["cellXfs"] = self._named_by_cells(len(self._shapes.get("cellXfs", ())))
        for collection, elements in NEUTRAL.items():
            for number in range(len(self._shapes.get(collection, ())), max(self._least[collection], len(elements))):
                xml = elements[number] if number < len(elements) else elements[0]
                self._append(collection, self._named(xml), _shape(ElementTree.fromstring(xml)))

    def _named(self, xml: bytes) -> bytes:
        """An unprefixed element as it means the same among prefixed ones."""
        if not self._prefixed:
            return xml
        return re.sub(rb"^(<[^\s/>]+)", rb'\1 xmlns="' + self._namespace.encode() + b'"', xml)

    def _append(self, collection: str, xml: bytes, shape: _Shape) -> None:
        if collection == "cellXfs" and len(self._shapes.get(collection, ())) >= MOST_FORMATS:
            raise CannotWrite(
                f"工作簿里的单元格格式太多（Excel 最多 {MOST_FORMATS} 种），没有写入；"
                "请运行 xl-jifen upgrade 加上这个工作簿，换成新的工作簿后再试。"
            )
        self._shapes.setdefault(collection, []).append(shape)
        self._added.setdefault(collection, []).append(xml)
        self.changed = True

    def _written(self) -> bytes:
        markup = Markup(self._data, self._part)
        new: dict[int, bytes] = {}
        for position, collection in enumerate(COLLECTIONS):
            if collection not in self._added:
                continue
            xml, count = b"".join(self._added[collection]), len(self._shapes[collection])
            found = markup.find(collection)
            if found is not None:
                tag = markup.tag(found)
                counted = attribute(tag, "count") is not None
                markup.append(found, xml, with_attribute(tag, "count", str(count)) if counted else tag)
            else:
                name = markup.prefix + collection.encode()
                later = (element for each in COLLECTIONS[position + 1 :] if (element := markup.find(each)))
                place = next((element.start for element in later), markup.root.closed)
                new[place] = new.get(place, b"") + b'<%b count="%d">%b</%b>' % (name, count, xml, name)
        for place, collections in new.items():
            if markup.root.opened == markup.root.end:
                markup.append(markup.root, collections)
            else:
                markup.replace(place, place, collections)
        return markup.to_bytes()

    def _index(self) -> None:
        try:
            self._read(ElementTree.fromstring(self._data))
        except (ElementTree.ParseError, ValueError, RecursionError):  # RecursionError: thousands of nested elements
            raise Markup(self._data, self._part).broken() from None

    def _read(self, root: ElementTree.Element) -> None:
        self._namespace = root.tag[1:].partition("}")[0]
        self._shapes: dict[str, list[_Shape]] = {}
        self._formats: dict[int, str] = {}
        self._variants: dict[_Shape, int] = {}
        for collection in root:
            name = _local(collection.tag)
            self._shapes[name] = [_shape(child) for child in collection]
            if name == "numFmts":
                for child in collection:
                    self._formats[int(child.get("numFmtId", "0"))] = child.get("formatCode", "")
        self._used_formats = list(self._numbers())
        named = [dict(shape[1]) for each in ("cellStyleXfs", "cellXfs") for shape in self._shapes.get(each, ())]
        self._least = {
            collection: max((n + 1 for xf in named if (n := int(xf.get(by, "0"))) < FARTHEST), default=0)
            for collection, by in _NAMED_BY.items()
        }

    def _numbers(self) -> Iterator[int]:
        for shape in self._shapes.get("cellXfs", ()):
            yield int(dict(shape[1]).get("numFmtId", "0"))

    def _format_of(self, style: int) -> int:
        xfs = self._shapes.get("cellXfs", [])
        return int(dict(xfs[style][1]).get("numFmtId", "0")) if style < len(xfs) else 0


def _fill(colour: str) -> bytes:
    solid = f'<patternFill patternType="solid"><fgColor rgb="FF{colour[1:]}"/><bgColor indexed="64"/></patternFill>'
    return f"<fill>{solid}</fill>".encode()


def _border(colour: str) -> bytes:
    sides = (
        f'<{side} style="thin"><color rgb="FF{colour[1:]}"/></{side}>' for side in ("left", "right", "top", "bottom")
    )
    return f"<border>{''.join(sides)}<diagonal/></border>".encode()


_APPLIED = {f"apply{what}": 1 for what in ("NumberFormat", "Font", "Fill", "Border", "Alignment")}


def _shape(element: ElementTree.Element) -> _Shape:
    """An element as it is compared: names without namespace, attributes in any order, children in theirs."""
    attributes = tuple(sorted((_local(key), value) for key, value in element.items()))
    return _local(element.tag), attributes, (element.text or "").strip(), tuple(_shape(child) for child in element)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _without_prefixes(xml: bytes) -> bytes:
    """A fragment that parses on its own, for comparison only."""
    xml = re.sub(rb"(</?)[^\s<>/=\"':]+:", rb"\1", xml)
    return re.sub(rb"(\s)[^\s<>/=\"':]+:([^\s<>/=\"':]+\s*=)", rb"\1\2", xml)
