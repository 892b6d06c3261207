"""XML spliced as bytes (逐字节改写): finds where elements stand and replaces just those bytes.

Whatever is not replaced keeps its prefixes, quotes, order, white space, comments and encoding. It knows no
spreadsheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from xl_jifen.finding import CannotWrite

ATTRIBUTES = rb"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
"""What may stand between the name of a tag and its ``>``, which may also occur inside the quotes."""

_HIDDEN = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_HIDDEN_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_TAG = re.compile(rb"<(/?)([^\s<>/=\"']+)" + ATTRIBUTES + rb">")
_ATTRIBUTE = re.compile(rb"""([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_DEEPEST = 100
"""Elements of one name inside each other: looking for the ends of thousands would take quadratic time."""
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


class Element(NamedTuple):
    """Where an element stands: its ``<``, behind its start tag, before its end tag, behind it all; name with prefix.

    An element without content of the form ``<a/>`` has ``opened == closed == end``.
    """

    name: bytes
    start: int
    opened: int
    closed: int
    end: int


class Markup:
    """One XML part and the replacements asked for. ``xml`` is UTF-8 without regard to the part's own encoding."""

    def __init__(self, data: bytes, part: str) -> None:
        self._data, self._part = data, part
        self.xml, self._encode = _decoded(data, part)
        self.mask = self._masked()
        """The same bytes at the same offsets, but blanks where comments, CDATA and instructions stand."""
        self._edits: list[tuple[int, int, bytes]] = []
        first = _TAG.search(self.mask)
        if first is None or first[1]:
            raise self.broken()
        self.root = self._element(first)
        prefix, colon, _ = first[2].rpartition(b":")
        self.prefix = prefix + colon

    def broken(self) -> CannotWrite:
        """The error for a part that is no well-formed XML of the expected kind."""
        return CannotWrite(f"工作簿内部的 {self._part} 已损坏，没有写入；请用 Excel 打开修复并另存后再试。")

    def find(self, local: str, inside: Element | None = None) -> Element | None:
        """The first element of that local name with the root's prefix."""
        return next(self.find_all(local, inside), None)

    def find_before(self, local: str, later: Element) -> Element | None:
        """The same, looked for only in front of ``later``, which may be all of a long part."""
        return self.find(local, self.root._replace(closed=later.start))

    def find_all(self, local: str, inside: Element | None = None) -> Iterator[Element]:
        """Every element of that local name with the root's prefix, in document order."""
        area = inside or self.root
        name = self.prefix + local.encode()
        for match in self._tags(b"<" + name, area.opened, area.closed):
            if match[2] == name:
                yield self._element(match)

    def element_at(self, start: int) -> Element:
        """The element whose ``<`` stands there."""
        match = _TAG.match(self.mask, start)
        if match is None:
            raise self.broken()
        return self._element(match)

    def children(self, element: Element) -> Iterator[Element]:
        """The elements directly inside that one."""
        position = element.opened
        while match := _TAG.search(self.mask, position, element.closed):
            child = self._element(match)
            yield child
            position = child.end

    def tag(self, element: Element) -> bytes:
        """The start tag."""
        return self.xml[element.start : element.opened]

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Ask for bytes ``start:end`` to be replaced; an empty range inserts."""
        self._edits.append((start, end, new))

    def append(self, element: Element, content: bytes, tag: bytes | None = None) -> None:
        """Ask for ``content`` at the end of the element, and for another start tag if one is given."""
        tag = tag or self.tag(element)
        if element.opened == element.end:
            opened = tag[:-2].rstrip() + b">" if tag.endswith(b"/>") else tag
            self.replace(element.start, element.end, opened + content + b"</" + element.name + b">")
            return
        if tag != self.tag(element):
            self.replace(element.start, element.opened, tag)
        self.replace(element.closed, element.closed, content)

    def to_bytes(self) -> bytes:
        """The part with all replacements made, in its own encoding; the very same bytes if there are none."""
        if not self._edits:
            return self._data
        pieces: list[bytes] = []
        position = 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            assert start >= position, "overlapping replacements"
            pieces += (self.xml[position:start], new)
            position = end
        pieces.append(self.xml[position:])
        xml = b"".join(pieces)
        return self._encode(xml)

    def _masked(self) -> bytes:
        xml = self.xml
        declaration = xml.find(b"?>") + 2 if xml[:8].lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else 0
        pieces = [b" " * declaration]
        position = declaration
        if b"<!" in xml or b"<?" in xml[declaration:]:
            # Not one pattern from begin to end: where many begin and none ends, that would take quadratic time.
            while hidden := _HIDDEN.search(xml, position):
                ending = _HIDDEN_ENDS[hidden[0]]
                end = xml.find(ending, hidden.end()) + len(ending)
                if end < hidden.end():
                    raise self.broken()
                pieces += (xml[position : hidden.start()], b" " * (end - hidden.start()))
                position = end
        pieces.append(xml[position:])
        return b"".join(pieces)

    def _element(self, match: re.Match[bytes]) -> Element:
        name, opened = match[2], match.end()
        if self.mask[opened - 2 : opened] == b"/>":
            return Element(name, match.start(), opened, opened, opened)
        position, depth = opened, 1
        for close in self._tags(b"</" + name, opened, len(self.mask)):
            if close[2] != name:
                continue
            depth -= 1
            for inner in self._tags(b"<" + name, position, close.start()):
                depth += inner[2] == name and not inner[0].endswith(b"/>")
                if depth > _DEEPEST:
                    raise self.broken()
            if not depth:
                return Element(name, match.start(), opened, close.start(), close.end())
            position = close.end()
        raise self.broken()

    def _tags(self, opening: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
        """Every tag within that begins so; looked for as plain bytes, which is faster than a pattern of its own."""
        while (start := self.mask.find(opening, start, end)) >= 0:
            match = _TAG.match(self.mask, start, end)
            if match:
                yield match
            start += len(opening)


def check(data: bytes, part: str) -> None:
    """Raise CannotWrite unless the part is well-formed XML."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise CannotWrite(f"改写后的工作簿不完好（{part}），没有写入；请用 Excel 打开，另存后再试。") from None


def attribute(tag: bytes, name: str) -> str | None:
    """The value of an attribute of a start tag; ``name`` as written, with its prefix, or ``*:id`` for any prefix."""
    wanted = name.encode()
    for match in _ATTRIBUTE.finditer(tag):
        if match[1] == wanted or (wanted.startswith(b"*:") and match[1].endswith(wanted[1:])):
            return unescape(match[2][1:-1].decode())
    return None


def whole(tag: bytes, name: str) -> int:
    """The whole number an attribute of a start tag is; 0 if there is none."""
    text = attribute(tag, name) or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """The start tag with that attribute set, appended if it was not there; ``None`` removes it."""
    wanted = name.encode()
    new = b"" if value is None else wanted + b'="' + quote(value).encode() + b'"'
    for match in _ATTRIBUTE.finditer(tag):
        if match[1] == wanted:
            before = tag[: match.start()]
            return (before if new else before.rstrip()) + new + tag[match.end() :]
    if not new:
        return tag
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + b" " + new + tag[end:]


def escape(text: str) -> str:
    """Text as element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote(text: str) -> str:
    """Text as an attribute value in double quotes."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def unescape(text: str) -> str:
    """Content or an attribute value as text."""
    if "&" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        if match[3]:
            return _NAMED[match[3]]
        return chr(int(match[1], 16) if match[1] else int(match[2]))

    return _REFERENCE.sub(character, text)


def _decoded(data: bytes, part: str) -> tuple[bytes, Callable[[bytes], bytes]]:
    """The part in UTF-8, and the way back. A byte order mark stays where it is, as the character it is."""
    wide = _WIDE.get(data[:2])
    if wide is None:
        return data, lambda xml: xml

    def encode(xml: bytes) -> bytes:
        return xml.decode().encode(wide)

    try:
        xml = data.decode(wide).encode()
    except UnicodeError:
        xml = b""
    if encode(xml) != data:
        raise CannotWrite(f"工作簿内部的 {part} 文字编码有误，没有写入；请用 Excel 打开，另存后再试。")
    return xml, encode
