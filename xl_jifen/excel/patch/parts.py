"""The parts of a workbook file, changed (部件的增删改): content, relations and content types, and the new file's bytes.

What is not touched is copied as it lies in the zip, compressed bytes and all; what is to be written is reopened and
compared first. It knows packages and nothing of sheets.
"""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree

from xl_jifen.excel.patch.markup import Markup, attribute, check, quote, with_attribute
from xl_jifen.excel.patch.zipped import Archive
from xl_jifen.excel.read.package import Package, Relation, part_key
from xl_jifen.finding import CannotRead, CannotWrite

_TYPES = "[Content_Types].xml"
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
)
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_IN_STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/": b"http://purl.oclc.org/ooxml/officeDocument/",
    b"http://schemas.openxmlformats.org/drawingml/2006/": b"http://purl.oclc.org/ooxml/drawingml/",
}


class Parts:
    """The parts of a package as they are now. Names are those of the package (``xl/workbook.xml``, no leading slash).

    Raises CannotWrite, with one plain sentence, for a file that cannot be changed safely (signed, zip64 …).
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        if any("_xmlsignatures/" in part_key(part) for part in package.parts):
            raise CannotWrite(f"“{package.name}”带有数字签名，写入会使签名失效；请在 Excel 中删除签名并保存后再试。")
        self._archive = Archive(package.data)
        self._stored = {part_key(part): part for part in package.parts}
        self._sums = {part_key(info.orig_filename): (info.file_size, info.CRC) for info in package.infos}
        self._written: dict[str, bytes] = {}
        self._sound: set[str] = set()
        self._added: dict[str, str] = {}
        self._dropped: set[str] = set()
        self.strict = any(relation.kind.startswith(_STRICT) for relation in package.relations(""))
        """Whether the workbook is Strict Open XML, whose namespaces differ."""
        self.relations_namespace = _STRICT if self.strict else _TRANSITIONAL
        """The namespace of ``r:id`` and the beginning of the types of relations."""

    # -- parts --

    @property
    def changed(self) -> bool:
        """Whether any byte of any part differs from the file as it was read."""
        return bool(self._written or self._dropped)

    @property
    def sums(self) -> dict[str, tuple[int, int]]:
        """Size and checksum of every part as it is now, by comparable name."""
        written = {key: (len(data), zlib.crc32(data)) for key, data in self._written.items()}
        return {key: sum for key, sum in {**self._sums, **written}.items() if key not in self._dropped}

    def __contains__(self, part: str) -> bool:
        """Whether the part exists now."""
        key = part_key(part)
        return key in self._added or (key in self._stored and key not in self._dropped)

    def read(self, part: str) -> bytes:
        """The part as it is now, well-formed if it is XML. Raises CannotRead if there is none, or if it is not."""
        key = part_key(part)
        if key in self._written:
            return self._written[key]
        if part not in self:
            raise self.package.damaged(f"缺少部件 {part}")
        return self.package.xml(part) if key.endswith((".xml", ".rels")) else self.package.read(part)

    def spelt(self, data: bytes) -> bytes:
        """A part of ours in the namespaces of the workbook, which are others if it is a strict one."""
        if self.strict:
            for transitional, strict in _IN_STRICT.items():
                data = data.replace(transitional, strict)
        return data

    def replace(self, part: str, data: bytes, *, sound: bool = False) -> None:
        """Set the whole content of an existing part; ``sound``: put together by us alone, so well-formed."""
        key = part_key(part)
        if part not in self:
            raise self.package.damaged(f"缺少部件 {part}")
        as_it_was = self._sums.get(key) == (len(data), zlib.crc32(data)) and data == self.package.read(part)
        if as_it_was:
            self._written.pop(key, None)
        else:
            self._written[key] = data
        (self._sound.add if sound else self._sound.discard)(key)

    def add(self, part: str, data: bytes, content_type: str) -> None:
        """Add a part (or replace it), and declare its content type unless it is declared so already."""
        key = part_key(part)
        if key in self._stored:
            self._dropped.discard(key)
            self.replace(part, data)
        else:
            self._added[key] = part
            self._written[key] = data
        self.set_content_type(part, content_type)

    def drop(self, part: str) -> None:
        """Remove a part, its own relations part and its override. Relations pointing to it are the caller's to drop."""
        for name in (part, _relations_part(part)):
            if name in self:
                key = part_key(name)
                self._written.pop(key, None)
                if self._added.pop(key, None) is None:
                    self._dropped.add(key)
        self.set_content_type(part, "")

    def free_name(self, pattern: str) -> str:
        """The first part name not in use: ``free_name("xl/worksheets/sheet{}.xml")``."""
        number = 1
        while part_key(pattern.format(number)) in self._stored or pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    # -- relations and content types --

    def relations(self, part: str) -> tuple[Relation, ...]:
        """The part's relations as they are now; ``""`` means the package itself."""
        rels = _relations_part(part)
        if part_key(rels) not in self._written:
            return () if rels not in self else self.package.relations(part)
        found = []
        for element in ElementTree.fromstring(self.read(rels)):
            target = element.get("Target", "")
            external = element.get("TargetMode", "").lower() == "external"
            if not external:
                folder = "/" + part.replace("\\", "/").rpartition("/")[0]
                target = posixpath.normpath(posixpath.join(folder, target.replace("\\", "/"))).lstrip("/")
                target = self._stored.get(part_key(target), target)
            found.append(Relation(element.get("Id", ""), element.get("Type", ""), target, external))
        return tuple(found)

    def add_relation(self, part: str, kind: str, target: str, *, external: bool = False) -> str:
        """Relate ``part`` to the part ``target`` (a part name, or a URL if external) and return the new id.

        ``kind`` is the last word of the type (``worksheet``, ``drawing``, ``chart``, ``table``) or a full URI.
        """
        rels = _relations_part(part)
        if rels not in self:
            self.add(rels, _NO_RELATIONS, _RELATIONS_TYPE)
        taken = {relation.id for relation in self.relations(part)}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        if "/" not in kind:
            kind = f"{self.relations_namespace}/{kind}"
        if not external:
            target = posixpath.relpath("/" + target, "/" + part.replace("\\", "/").rpartition("/")[0])
        mode = ' TargetMode="External"' if external else ""
        self._append(rels, f'Relationship Id="rId{number}" Type="{quote(kind)}" Target="{quote(target)}"{mode}')
        return f"rId{number}"

    def drop_relation(self, part: str, id: str) -> None:
        """Remove one relation."""
        rels = _relations_part(part)
        markup = Markup(self.read(rels), rels)
        for element in markup.find_all("Relationship"):
            if attribute(markup.tag(element), "Id") == id:
                markup.replace(element.start, element.end, b"")
        self.replace(rels, markup.to_bytes())

    def set_content_type(self, part: str, content_type: str) -> None:
        """Declare the part's content type, unless its suffix says so already; an empty one removes its override."""
        markup = Markup(self.read(_TYPES), _TYPES)
        name = part_key(part)
        for element in markup.find_all("Override"):
            tag = markup.tag(element)
            if part_key(attribute(tag, "PartName") or "").lstrip("/") == name:
                if not content_type:
                    markup.replace(element.start, element.end, b"")
                elif attribute(tag, "ContentType") != content_type:
                    markup.replace(element.start, element.opened, with_attribute(tag, "ContentType", content_type))
                self.replace(_TYPES, markup.to_bytes())
                return
        usual = {
            (attribute(tag, "Extension") or "").lower(): attribute(tag, "ContentType")
            for tag in map(markup.tag, markup.find_all("Default"))
        }
        if content_type and usual.get(name.rpartition(".")[2]) != content_type:
            self._append(_TYPES, f'Override PartName="/{quote(part)}" ContentType="{quote(content_type)}"')

    # -- result --

    def to_bytes(self) -> bytes:
        """The patched file, checked by reopening it; the very same bytes if nothing changed."""
        if not self.changed:
            return self.package.data
        for key, data in self._written.items():
            if key.endswith((".xml", ".rels", ".vml")) and key not in self._sound:
                check(data, key)
        changed: dict[str, bytes | None] = {
            self._stored[key]: data for key, data in self._written.items() if key not in self._added
        }
        changed.update((self._stored[key], None) for key in self._dropped)
        added = [(part, self._written[key]) for key, part in self._added.items()]
        result = self._archive.rebuilt(changed, added)
        self._verify(result, changed, dict(added))
        return result

    def _verify(self, result: bytes, changed: Mapping[str, bytes | None], added: Mapping[str, bytes]) -> None:
        """Reopen what is about to replace a user's file; nothing but what was meant may differ."""
        try:
            reopened = Package.of(result, self.package.name)
        except CannotRead as error:
            words = f"写好的“{self.package.name}”没有通过自检，原文件没有改动；请把文件另存一份后再试（{error}）。"
            raise CannotWrite(words) from error
        archive = Archive(result)
        before, after = self._archive.raw(), archive.raw()
        wanted = {**{name: data for name, data in changed.items() if data is not None}, **added}
        kept = set(before) - set(changed)
        damaged = archive.damaged(kept)
        if damaged is not None:
            raise CannotWrite(
                f"“{self.package.name}”内部的 {damaged} 已损坏，没有写入；请用 Excel 打开修复并另存后再试。"
            )
        if (
            set(after) != kept | set(wanted)
            or any(before[name] != after[name] for name in kept)
            or any(reopened.read(name) != data for name, data in wanted.items())
        ):
            raise CannotWrite(f"写好的“{self.package.name}”没有通过自检，原文件没有改动；请把文件另存一份后再试。")

    def _append(self, part: str, element: str) -> None:
        """Append an empty element, given without prefix and brackets, to the root of a part."""
        markup = Markup(self.read(part), part)
        markup.append(markup.root, f"<{markup.prefix.decode()}{element}/>".encode())
        self.replace(part, markup.to_bytes())


def _relations_part(part: str) -> str:
    folder, _, base = part.replace("\\", "/").rpartition("/")
    return f"{folder}/_rels/{base}.rels".lstrip("/")
