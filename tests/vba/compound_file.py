"""A strict reader of compound files ([MS-CFB] version 3), such as ``vbaProject.bin``: it says what breaks the rules.

Readers differ in what they forgive; Excel is one of those we cannot ask.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NOBODY = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED = 0


@dataclass(frozen=True)
class Entry:
    name: str
    kind: int
    colour: int
    left: int
    right: int
    child: int
    start: int
    size: int

    @property
    def key(self) -> tuple[int, str]:
        """2.6.4: shorter names first, then by upper-cased letters."""
        return len(self.name), self.name.upper()


def problems(data: bytes) -> list[str]:
    """What is wrong with the file, in words; nothing if it keeps the rules."""
    return _Reader(data).problems


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.problems = data, list[str]()
        self.count = len(data) // SECTOR - 1
        self.used: set[int] = set()
        directory, mini_fat, mini_fats = self._header()
        self.entries = _entries(self._content(directory, "directory"))
        mini = self._content(mini_fat, "mini FAT") if mini_fats else b""
        self._same("mini FAT sectors", len(mini) // SECTOR, mini_fats)
        self.mini_fat = struct.unpack(f"<{len(mini) // 4}I", mini)
        self._streams()
        self._nothing_lost()
        self._tree()

    def _same(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.problems.append(f"{what}: {found} instead of {wanted}")

    def _header(self) -> tuple[int, int, int]:
        fields = struct.unpack_from("<8s16sHHHHH6s9I", self.data)
        signature, _, minor, major, order, shift, mini_shift, _, directories, fats, directory, _, cutoff = fields[:13]
        mini_fat, mini_fats, _, more = fields[13:]
        self._same("signature", signature.hex(), "d0cf11e0a1b11ae1")
        self._same("version", (major, minor, order), (3, 0x3E, 0xFFFE))
        self._same("sizes", (shift, mini_shift, cutoff, len(self.data) % SECTOR), (9, 6, CUTOFF, 0))
        self._same("directory sectors, DIFAT sectors", (directories, more), (0, 0))
        sectors = [at for at in struct.unpack_from("<109I", self.data, 76) if at != FREE]
        self._same("FAT sectors", len(sectors), fats)
        self.fat = [at for sector in sectors for at in struct.unpack("<128I", self._sector(sector))]
        for sector in sectors:
            self._same(f"FAT entry of FAT sector {sector}", self.fat[sector], FAT)
        self._same("FAT beyond the end", set(self.fat[self.count :]) - {FREE}, set())
        self.used.update(sectors)
        return directory, mini_fat, mini_fats

    def _sector(self, number: int) -> bytes:
        return self.data[SECTOR * (number + 1) : SECTOR * (number + 2)]

    def _content(self, start: int, what: str) -> bytes:
        pieces, at = [], start
        while at != END:
            if at >= self.count or at in self.used:
                self.problems.append(f"{what}: sector {at} is outside the file or used twice")
                break
            self.used.add(at)
            pieces.append(self._sector(at))
            at = self.fat[at]
        return b"".join(pieces)

    def _streams(self) -> None:
        root = self.entries[0]
        self._same("root entry", (root.name, root.kind), ("Root Entry", ROOT))
        held = len(self._content(root.start, "mini stream")) if root.size else 0
        self._same("mini stream long enough", held >= root.size, True)
        mini_used: set[int] = set()
        for entry in self.entries:
            if entry.kind != STREAM or not entry.size:
                continue
            if entry.size >= CUTOFF:
                count, wanted = len(self._content(entry.start, entry.name)) // SECTOR, -(-entry.size // SECTOR)
            else:
                count, wanted = self._mini_chain(entry, mini_used), -(-entry.size // MINI)
            self._same(f"sectors of {entry.name}", count, wanted)

    def _mini_chain(self, entry: Entry, used: set[int]) -> int:
        count, at = 0, entry.start
        while at != END:
            if at >= len(self.mini_fat) or at in used:
                self.problems.append(f"{entry.name}: mini sector {at} is outside or used twice")
                break
            used.add(at)
            count, at = count + 1, self.mini_fat[at]
        return count

    def _nothing_lost(self) -> None:
        for sector in range(self.count):
            if (sector in self.used) != (self.fat[sector] != FREE):
                self.problems.append(f"sector {sector}: used and free, or allocated and unreachable")

    def _tree(self) -> None:
        seen = {0}
        self._siblings(self.entries[0].child, seen)
        for number, entry in enumerate(self.entries):
            if entry.kind and number not in seen:
                self.problems.append(f"{entry.name}: not in the tree")

    def _siblings(self, top: int, seen: set[int]) -> None:
        """One storage's children: ordered, no red node under a red one, a black one on top."""
        ordered: list[Entry] = []

        def walk(number: int, parent_red: bool) -> None:
            if number == NOBODY:
                return
            if number in seen or number >= len(self.entries):
                self.problems.append(f"entry {number}: linked twice or missing")
                return
            seen.add(number)
            entry = self.entries[number]
            if parent_red and entry.colour == RED:
                self.problems.append(f"{entry.name}: red under red")
            walk(entry.left, entry.colour == RED)
            ordered.append(entry)
            if entry.kind == STORAGE:
                self._siblings(entry.child, seen)
            walk(entry.right, entry.colour == RED)

        walk(top, True)
        for one, other in pairwise(ordered):
            if one.key >= other.key:
                self.problems.append(f"{one.name} stands before {other.name}")


def _entries(directory: bytes) -> list[Entry]:
    found = []
    for raw in struct.iter_unpack("<64sHBBIII16sIQQIQ", directory):
        name, length, kind, colour, left, right, child, *_, start, size = raw
        found.append(
            Entry(name[: max(length - 2, 0)].decode("utf-16-le"), kind, colour, left, right, child, start, size)
        )
    return found
