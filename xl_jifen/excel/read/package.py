"""A workbook file (.xlsx, .xlsm) as an OPC package: its parts and relations, read-only and guarded.

Every closed file enters through here, so this room decides what is refused: it trusts no size, name, checksum or
entity a file declares. It knows zip and relations, and nothing of cells.

One module, however long: what is refused is decided in one place.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

from xl_jifen.budget import REGISTER, Budget
from xl_jifen.disk.refusal import FETCH, NOT_FETCHED, SHORTEN, is_held, is_too_long, reason
from xl_jifen.excel.read.xml import Elements, Odd, parse
from xl_jifen.finding import CannotRead
from xl_jifen.typed import NamedTuple

LARGEST_FILE = 512 << 20
"""Bytes of the whole file: it is held in memory. A hundred megabytes of photos pass; a disk image does not."""

MOST_PARTS = 10_000
"""Entries in the zip. Workbooks have dozens, with a photo on every row a few thousand; the list alone costs time."""

LARGEST_PART, LARGEST_OTHER = 128 << 20, 16 << 20
"""Bytes of one part that is read: of a sheet or the texts (100,000 entries are 50 MB of XML); of any other."""

LARGEST_SUM = 1 << 30
"""Bytes of all parts together: what a self-check of the whole file may have to expand."""

STEEPEST, STEEP_FROM = 200, 16 << 20
"""No honest part of more than 16 MB shrinks to 1/200: shared strings in runs reach 1/70, a zip bomb 1/1000."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOTHING = bytes(4)
"""What stands where a cloud has not fetched a file, or a piece of it."""
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\0 \t\r\n]*<")  # however much white space expat lets stand in front
_WIDE_DOCTYPE = b"<\0!\0D\0O\0C\0T\0Y\0P\0E"  # common to both byte orders of UTF-16
_ENCODINGS = (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii")
_NO_TEXT = re.compile(rb"[\0-\x08\x0b\x0e-\x19\x1c-\x1f]")
_KINDS = {  # what is sent by mistake, by its first bytes
    b"%PDF": " PDF 文件",
    **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "图片"),
    **dict.fromkeys((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"), "压缩包"),
}
_AS_XLSX = "请用 Excel 或 WPS 打开它，另存为“Excel 工作簿（*.xlsx）”后再试"


class Relation(NamedTuple):
    """One relation: its id, the full URI of its type, and a part name (no leading slash) or, if external, a URL."""

    id: str
    kind: str
    target: str
    external: bool

    @property
    def type(self) -> str:
        """The last word of the type, the same in transitional and strict files: ``worksheet``, ``styles`` …"""
        return self.kind.rpartition("/")[2]


class Package:
    """One workbook file. Part names are compared without regard to case or to the kind of slash.

    ``data`` is the whole file, ``infos`` its zip entries in central-directory order (folders too), ``parts`` the names
    of its parts as stored. ``workbook`` is the main part; ``sheets`` maps sheet names to worksheet parts in the order
    of the tabs (chart and macro sheets left out); ``broken`` names those whose part is not there. ``date1904`` tells
    the date system, ``budget`` what reading on may still cost.
    """

    data: bytes
    name: str
    infos: tuple[zipfile.ZipInfo, ...]
    parts: tuple[str, ...]
    workbook: str
    sheets: Mapping[str, str]
    broken: frozenset[str]
    date1904: bool
    budget: Budget

    @classmethod
    def open(cls, path: Path, remedy: str = REGISTER) -> Package:
        """The package in a file. Raises CannotRead, one sentence, for whatever is no readable workbook.

        ``remedy`` is what is said where it holds too much of something (:class:`Budget`).
        """
        return cls.of(_bytes_of(path), path.name, remedy)

    @classmethod
    def of(cls, data: bytes, name: str, remedy: str = REGISTER) -> Package:
        """The package in bytes; ``name`` is only used in messages. Raises CannotRead."""
        return cls(data, name, remedy)

    def __init__(self, data: bytes, name: str, remedy: str = REGISTER) -> None:
        self.data, self.name, self.budget = data, name, Budget(name, remedy)
        self.infos = _entries(data, name)
        self._infos = _checked(self.infos, name)
        self.parts = tuple(_stored(info) for info in self.infos if not info.is_dir())
        self._expanded: set[str] = set()
        self._parsed: set[str] = set()
        self._relations: dict[str, tuple[Relation, ...]] = {}
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        self.workbook = self._main_part()
        self._read_content_types()
        self.sheets, self.broken, self.date1904 = self._read_workbook()

    def __contains__(self, part: object) -> bool:
        return isinstance(part, str) and part_key(part) in self._infos

    def read(self, part: str, largest: int | None = None) -> bytes:
        """The content of a part, its size and checksum verified; XML in UTF-8 or UTF-16 and without a DOCTYPE.

        Raises CannotRead if the part is missing, damaged, too large or declares entities.
        """
        key, largest = part_key(part), largest or LARGEST_PART
        info = self._infos.get(key)
        if info is None:
            raise self.damaged(f"缺少部件 {part}")
        if info.file_size > largest:
            large = f"{part} 太大（超过 {largest >> 20} MB）"
            raise CannotRead(f"“{self.name}”内部的 {large}；请删去多余的内容后再试。")
        if key not in self._expanded:
            self._expanded.add(key)
            self.budget.draw("expanded", info.file_size)
        content = inflate(self.data, info)
        if content is None:
            if self.data.startswith(_NOTHING, info.header_offset):
                raise CannotRead(_not_fetched(self.name))
            raise self.damaged(f"部件 {part} 的内容与校验码不符")
        self._guard(part, content)
        return content

    def elements(self, part: str, *paths: str, until: str = "") -> list[tuple[str, dict[str, str]]]:
        """The elements of an XML part at these paths (``worksheet/cols/col``), in document order.

        For each its local name, its attributes that have no namespace, and ``r:id``. Reads no further than ``until``.
        Raises CannotRead for a part that is no well-formed XML of that kind.
        """
        content = self.read(part, None if paths[0].startswith("worksheet/") else LARGEST_OTHER)
        try:
            found = Elements(paths, self.budget, until).of(content)
            if not until:
                self.has_parsed(part)
            return found
        except Odd as odd:
            raise self.damaged(f"部件 {part} {odd}") from None

    def has_parsed(self, part: str) -> None:
        """Say that the XML of a part has been found well-formed."""
        self._parsed.add(part_key(part))

    def xml(self, part: str) -> bytes:
        """The content of an XML part that a parser has been through: expressions may look for its elements.

        Raises CannotRead if it is not well-formed.
        """
        content = self.read(part)
        if part_key(part) not in self._parsed:
            try:
                parse(content, expat.ParserCreate(namespace_separator="}"))
            except Odd as odd:
                raise self.damaged(f"部件 {part} {odd}") from None
            self.has_parsed(part)
        return content

    def relations(self, part: str) -> tuple[Relation, ...]:
        """The relations of a part in stored order, ``""`` being the package itself; none if it has no relations part.

        An inner target is the stored name of the part; if there is no such part, the name the relation gives.
        """
        key = part_key(part)
        if key not in self._relations:
            self._relations[key] = self._read_relations(part)
        return self._relations[key]

    def _read_relations(self, part: str) -> tuple[Relation, ...]:
        folder, _, base = self._as_stored(part).replace("\\", "/").rpartition("/")
        rels = f"{folder}/_rels/{base}.rels".lstrip("/")
        if rels not in self:
            return ()
        found, inner, ids = [], 0, set[str]()
        for _, attributes in self.elements(rels, "Relationships/Relationship"):
            external = attributes.get("TargetMode", "").lower() == "external"
            target = attributes.get("Target", "")
            if not external:
                target = self._as_stored(_resolve(folder, target))
                if target.lower().endswith(".svg") and not attributes.get("Type", "").endswith("/image"):
                    raise self.damaged(f"部件 {rels} 把图片用作别的部件")  # pictures are not looked through
                inner += 1
                if inner > MOST_PARTS:  # links to the web may be more
                    raise self.damaged(f"部件 {rels} 的关联超过 {MOST_PARTS} 个")
            if (name := attributes.get("Id", "")) in ids:
                raise self.damaged(f"部件 {rels} 的关联 {name} 重复")
            ids.add(name)
            self.budget.draw("relations")
            found.append(Relation(attributes.get("Id", ""), attributes.get("Type", ""), target, external))
        return tuple(found)

    def content_type(self, part: str) -> str:
        """The declared content type of a part, ``""`` if none is."""
        key = part_key(part)
        return self._overrides.get(key) or self._defaults.get(key.rpartition(".")[2], "")

    def damaged(self, what: str) -> CannotRead:
        """The error for a file that contradicts itself: what was found, and the remedy."""
        return CannotRead(f"“{self.name}”已损坏（{what}）；请换用备份，或用 Excel 打开修复并另存后再试。")

    def _as_stored(self, part: str) -> str:
        info = self._infos.get(part_key(part))
        if info is None and "%" in part:
            from urllib.parse import unquote  # seldom needed, and slow to import

            info = self._infos.get(part_key(unquote(part)))
        return _stored(info) if info else part

    def _guard(self, part: str, content: bytes) -> None:
        """Entities can only be declared in a DOCTYPE, and Office writes none: refused wherever it could be parsed."""
        if not _XML.match(content):
            return
        if part.lower().endswith(".svg"):  # a picture: nobody here parses it, and many carry the DOCTYPE of SVG
            return
        if b"!" in content and (b"<!DOCTYPE" in content or _WIDE_DOCTYPE in content):  # one sign is found much faster
            raise CannotRead(f"“{self.name}”内部的 {part} 含有不安全的内容，为安全起见不予读取；{_AS_XLSX}。")
        declared = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", content[: max(content.find(b"?>"), 0)])
        if b"\0\0" in content[:4] or (declared and declared[1].lower() not in _ENCODINGS):
            raise CannotRead(f"“{self.name}”内部的 {part} 用了不支持的文字编码；{_AS_XLSX}。")

    def _main_part(self) -> str:
        main = next((relation.target for relation in self.relations("") if relation.type == "officeDocument"), None)
        if main is not None and main in self:
            return main
        if "mimetype" in self and b"opendocument" in self.read("mimetype"):
            raise CannotRead(f"“{self.name}”是 OpenDocument 表格（.ods）；{_AS_XLSX}。")
        if main is not None:
            raise self.damaged(f"缺少部件 {main}")
        raise CannotRead(f"“{self.name}”是压缩包，但里面没有工作簿；请选择 .xlsx 或 .xlsm 文件。")

    def _read_content_types(self) -> None:
        for element, attributes in self.elements("[Content_Types].xml", "Types/Default", "Types/Override"):
            kind = attributes.get("ContentType", "")
            if element == "Default":
                self._defaults[attributes.get("Extension", "").lower()] = kind
            else:
                self._overrides[part_key(attributes.get("PartName", "").lstrip("/\\"))] = kind
        if len(self._overrides) > MOST_PARTS:  # writing looks through them for every part it adds
            raise self.damaged(f"声明的部件超过 {MOST_PARTS} 个")
        kind = self.content_type(self.workbook)
        if "sheet.binary" in kind or self.workbook.lower().endswith(".bin"):
            raise CannotRead(f"“{self.name}”是二进制工作簿（.xlsb）；{_AS_XLSX}。")
        if "wordprocessingml" in kind or "presentationml" in kind:
            raise CannotRead(f"“{self.name}”是 Word 或 PowerPoint 文件；请选择 .xlsx 或 .xlsm 工作簿。")

    def _read_workbook(self) -> tuple[dict[str, str], frozenset[str], bool]:
        targets = {relation.id: relation for relation in self.relations(self.workbook)}
        sheets: dict[str, str] = {}
        used: set[str] = set()
        broken: set[str] = set()
        date1904 = False
        for element, attributes in self.elements(self.workbook, "workbook/workbookPr", "workbook/sheets/sheet"):
            if element == "workbookPr":
                date1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")
                continue
            sheet, relation = attributes.get("name", ""), targets.get(attributes.get("r:id", ""))
            if relation is None or (relation.type == "worksheet" and relation.target not in self):
                broken.add(sheet)  # somebody else's does not stop the branch's own (old module sheets have no part)
                continue
            if relation.type != "worksheet":
                continue
            if sheet in sheets or relation.target in used:
                raise self.damaged(f"工作表“{sheet}”重复")
            sheets[sheet] = relation.target
            used.add(relation.target)
        return sheets, frozenset(broken), date1904


def _bytes_of(path: Path) -> bytes:
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise CannotRead(f"“{name}”是文件夹；请选择一个 .xlsx 或 .xlsm 文件。")
        if path.exists() and not path.is_file():
            raise CannotRead(f"“{name}”不是普通文件；请选择一个 .xlsx 或 .xlsm 文件。")
        if path.stat().st_size > LARGEST_FILE:
            raise CannotRead(f"“{name}”太大（超过 {LARGEST_FILE >> 20} MB）；请删去或压缩其中的图片后再试。")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path no file can have
        raise CannotRead(_unreadable(path, error)) from None


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    name = path.name or str(path)
    if isinstance(error, ValueError):
        return f"读不了文件“{name}”：里面有文件名不能用的字符；请核对后再试。"
    if is_too_long(error, path):
        return f"读不了文件“{name}”，文件名或所在文件夹的路径太长；{SHORTEN}。"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        from xl_jifen.disk.save import missing  # hardly ever needed

        return missing(path)
    if is_held(error):
        return f"“{name}”正被别的程序占用；请先在 Excel 或 WPS 中关闭它再试。"
    if isinstance(error, PermissionError):
        return f"没有读取“{name}”的权限；请检查文件权限，或复制到自己的文件夹后再试。"
    if reason(error) == NOT_FETCHED:
        return f"“{name}”{NOT_FETCHED}；{FETCH}。"
    return f"读不了文件“{name}”；请检查磁盘或网络后再试，或复制到本机后再试。"


def _not_fetched(name: str) -> str:
    return f"“{name}”里有一段是空白，{NOT_FETCHED}；{FETCH}。"


def _entries(data: bytes, name: str) -> tuple[zipfile.ZipInfo, ...]:
    """The zip's directory, or CannotRead saying what the bytes are instead of a workbook."""
    if not data:
        raise CannotRead(f"“{name}”是空文件；请换用备份或重新复制一份。")
    if name.startswith(("~$", ".~")) and not data.startswith(b"PK"):
        raise CannotRead(f"“{name}”是 Excel 或 WPS 打开文件时的临时文件；请选择不带“~”前缀的原文件。")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise CannotRead(f"“{name}”设有打开密码；请在 Excel 或 WPS 中取消密码并保存后再试。")
        raise CannotRead(f"“{name}”是旧版格式（.xls）；{_AS_XLSX}。")
    if data.count(b"PK\1\2") > MOST_PARTS:  # before the directory is read, which takes time for each entry
        raise CannotRead(f"“{name}”里的部件太多（超过 {MOST_PARTS} 个），不像正常的工作簿；{_AS_XLSX}。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return tuple(file.infolist())
    except Exception:  # zipfile lets whatever the bytes provoke through: struct.error, OverflowError, ValueError …
        if data.startswith(_NOTHING):
            raise CannotRead(_not_fetched(name)) from None
        if data.startswith(b"PK"):
            raise CannotRead(f"“{name}”不完整或已损坏（可能没有下载或复制完）；请重新复制一份或换用备份。") from None
        raise CannotRead(foreign(name, data) or f"“{name}”{_what_instead(data)}；{_AS_XLSX}。") from None


def foreign(name: str, data: bytes) -> str:
    """The sentence for what is neither text nor a workbook: another kind of file, or an office's encryption; or ""."""
    head = data[:4096]
    if kind := next((kind for mark, kind in _KINDS.items() if head.startswith(mark)), ""):
        return f"“{name}”是{kind}，只是改了扩展名；请核对是否选错了文件，压缩包请先解压。"
    if head.startswith((b"<", b"\xff\xfe", b"\xfe\xff")) or not _NO_TEXT.search(head):
        return ""
    told = f"“{name}”的格式和文字编码都认不出来，可能被单位的文档加密软件加密"
    return f"{told}；请在加密软件中解密，或请管理员放行 python.exe，再试。"


def _what_instead(data: bytes) -> str:
    head = data[:4096]
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace").lstrip().lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "是“XML 表格 2003”，不是 .xlsx 工作簿"
    if text.startswith(("<!doctype html", "<html", "<table", "<head", "<meta")) or "<html" in text:
        return "是网页（HTML），只是改了扩展名，不是 .xlsx 工作簿"
    if text.startswith("<?xml"):
        return "是 XML 文件，不是 .xlsx 工作簿"
    return "是文本文件（如 CSV），只是改了扩展名，不是 .xlsx 工作簿"


def _checked(infos: tuple[zipfile.ZipInfo, ...], name: str) -> dict[str, zipfile.ZipInfo]:
    """The entries by comparable name. CannotRead for what no office program writes and an attacker may."""
    by_key: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in infos:
        part = _stored(info)
        key = part_key(part)
        if info.flag_bits & 0x41:  # encrypted, strongly encrypted
            raise CannotRead(f"“{name}”是加了密码的压缩包；请解除密码并另存后再试。")
        if not key or key.startswith("/") or ":" in key or ".." in key.split("/") or min(key) < " ":
            raise CannotRead(f"“{name}”里有不安全的部件名 {part!r}，为安全起见不予读取；{_AS_XLSX}。")
        if key in by_key:
            raise CannotRead(f"“{name}”已损坏（部件 {part} 重复）；{_AS_XLSX}。")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CannotRead(f"“{name}”用了不支持的压缩方式；{_AS_XLSX}。")
        total += info.file_size
        if total > LARGEST_SUM:
            raise CannotRead(f"“{name}”解压后太大（超过 {LARGEST_SUM >> 20} MB）；请删去多余的内容或图片后再试。")
        if info.file_size > STEEP_FROM and info.file_size > STEEPEST * info.compress_size:
            raise CannotRead(f"“{name}”内部的 {part} 压缩比异常，为安全起见不予读取；{_AS_XLSX}。")
        by_key[key] = info
    return by_key


def inflate(data: bytes, info: zipfile.ZipInfo) -> bytes | None:
    """The content of an entry; None unless size and checksum are as declared.

    Not zipfile's own read: that expands a whole entry before it looks at the declared size.
    """
    head = data[info.header_offset : info.header_offset + 30]
    if len(head) < 30 or not head.startswith(b"PK\3\4"):
        return None
    begin = info.header_offset + 30 + sum(struct.unpack_from("<HH", head, 26))
    packed = memoryview(data)[begin : begin + info.compress_size]
    try:
        if info.compress_type == zipfile.ZIP_STORED:
            content = bytes(packed)
        else:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, info.file_size + 1)
    except zlib.error:
        return None
    return content if len(content) == info.file_size and zlib.crc32(content) == info.CRC else None


def _stored(info: zipfile.ZipInfo) -> str:
    return info.orig_filename  # ``filename`` depends on the system: Windows turns its backslashes around


def part_key(part: str) -> str:
    """A part name as it is compared: without regard to case, to the kind of slash or to one in front."""
    return part.replace("\\", "/").lower().removeprefix("/")


def _resolve(folder: str, target: str) -> str:
    """The part a relative or absolute target means, as a URL reference is resolved (never above the root)."""
    target = target.replace("\\", "/")
    path: list[str] = []
    for step in (target if target.startswith("/") else f"{folder}/{target}").split("/"):
        if step == "..":
            del path[-1:]
        elif step not in ("", "."):
            path.append(step)
    return "/".join(path)
