"""The zip file entry by entry (逐项照抄): what is not changed is copied as it lies, compressed bytes and all.

Local headers, data descriptors, gaps, attributes and comments stay; only offsets move. It knows no workbook.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence

from xl_jifen.excel.read.package import inflate
from xl_jifen.finding import CannotWrite

_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_UTF8_NAME = 0x800
_FIRST_DAY = (0, 0x21)  # 1980-01-01 00:00 in the words of DOS: added entries are the same whenever they are made
_MOST_BYTES, _MOST_ENTRIES = 0xFFFF0000, 0xFFFE


class Archive:
    """A zip file as raw pieces. Raises CannotWrite if it does not hang together or needs the 64-bit format."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            self._infos, self._comment, directory = file.infolist(), file.comment, file.start_dir
        self._data = data
        self._records = [] if not self._infos else _records(data, directory, len(self._infos))
        starts = sorted(info.header_offset for info in self._infos)
        ends = dict(zip(starts, [*starts[1:], directory], strict=True))
        self._head = data[: starts[0]] if starts else b""  # whatever stands before the zip proper
        self._extents: list[tuple[int, int]] = []
        for info, record in zip(self._infos, self._records, strict=True):
            start = info.header_offset
            end = ends.get(start, 0)
            packed = start + 30 + sum(struct.unpack_from("<HH", data, start + 26)) + info.compress_size
            if record[42:46] == b"\xff\xff\xff\xff" or max(info.file_size, info.compress_size) > _MOST_BYTES:
                raise CannotWrite("工作簿用了少见的压缩格式，不能在原文件上写入；请用 Excel 打开并另存后再试。")
            if data[start : start + 4] != _LOCAL or packed > end or len(ends) != len(self._infos):
                raise CannotWrite("工作簿的压缩结构有误，没有写入；请用 Excel 打开修复并另存后再试。")
            self._extents.append((start, end))

    def rebuilt(self, changed: Mapping[str, bytes | None], added: Sequence[tuple[str, bytes]]) -> bytes:
        """The file with entries replaced (``None``: dropped), by their stored names, and new ones at the end."""
        pieces, records, position = [self._head], [], len(self._head)
        for info, record, (start, end) in zip(self._infos, self._records, self._extents, strict=True):
            name = info.orig_filename
            content = changed.get(name, b"")
            if content is None:
                continue
            if name in changed:
                raw_name = record[46 : 46 + struct.unpack_from("<H", record, 28)[0]]
                stamp: tuple[int, int] = struct.unpack_from("<HH", record, 12)
                body, packed = _packed(content, info.flag_bits & _UTF8_NAME, stamp)
                piece = _LOCAL + body + struct.pack("<HH", len(raw_name), 0) + raw_name + packed
                lengths = struct.pack("<HHHH", len(raw_name), 0, 0, 0)
                place = record[36:42] + struct.pack("<I", position)
                record = _CENTRAL + record[4:6] + body + lengths + place + raw_name
            else:
                piece = self._data[start:end]
                record = record[:42] + struct.pack("<I", position) + record[46:]
            pieces.append(piece)
            records.append(record)
            position += len(piece)
        for name, content in added:
            raw_name = name.encode()
            body, packed = _packed(content, 0 if name.isascii() else _UTF8_NAME, _FIRST_DAY)
            piece = _LOCAL + body + struct.pack("<HH", len(raw_name), 0) + raw_name + packed
            lengths = struct.pack("<HHHHHII", len(raw_name), 0, 0, 0, 0, 0, position)
            pieces.append(piece)
            records.append(_CENTRAL + struct.pack("<H", 20) + body + lengths + raw_name)
            position += len(piece)
        if position > _MOST_BYTES or len(records) > _MOST_ENTRIES:
            raise CannotWrite("工作簿太大，不能写入；请删去或压缩其中的图片后再试。")
        directory = b"".join(records)
        end_record = struct.pack(
            "<HHHHIIH", 0, 0, len(records), len(records), len(directory), position, len(self._comment)
        )
        return b"".join((*pieces, directory, _END, end_record, self._comment))

    def raw(self) -> dict[str, bytes]:
        """The raw bytes of every entry by its stored name, from local header to the next one."""
        return {
            info.orig_filename: self._data[start:end]
            for info, (start, end) in zip(self._infos, self._extents, strict=True)
        }

    def damaged(self, names: Collection[str]) -> str | None:
        """The stored name of the first of those entries whose content does not fit its checksum, or None."""
        for info in self._infos:
            if info.orig_filename in names and inflate(self._data, info) is None:
                return info.orig_filename
        return None


def _records(data: bytes, position: int, count: int) -> list[bytes]:
    """The records of the central directory, as they are."""
    records = []
    for _ in range(count):
        if data[position : position + 4] != _CENTRAL:
            raise CannotWrite("工作簿的压缩结构有误，没有写入；请用 Excel 打开修复并另存后再试。")
        length = 46 + sum(struct.unpack_from("<HHH", data, position + 28))
        records.append(data[position : position + length])
        position += length
    return records


def _packed(content: bytes, flags: int, stamp: tuple[int, int]) -> tuple[bytes, bytes]:
    """The part both headers of an entry share, and the compressed content."""
    compressor = zlib.compressobj(4, zlib.DEFLATED, -zlib.MAX_WBITS)  # 4 % larger than level 6 in 40 % of its time
    packed = compressor.compress(content) + compressor.flush()
    body = struct.pack("<HHHHHIII", 20, flags, 8, *stamp, zlib.crc32(content), len(packed), len(content))
    return body, packed
