"""A stamp (印记): a digest in a sheet of ours of the whole file as a recalculation left it.

A file whose parts are all what they were when it was stamped says the same again, so nothing of it need be drawn to
know that. Sums of the parts stand in the directory of the zip; the stamp itself is a comment at the sheet's end, which
other programs drop with their first saving.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xl_jifen.excel.read.package import Package, part_key

if TYPE_CHECKING:
    from xl_jifen.excel.patch.patched import Patch

_STAMP = re.compile(rb"<!-- ([0-9a-f]{64}) --></worksheet>$")
_END = b"</worksheet>"


def stamp(patch: Patch, sheet: str, grounds: str) -> None:
    """Stamp the file in that sheet, which is ours; the last change before it is saved.

    ``grounds`` are what its sheets rest on besides the file.
    """
    part = patch.sheets[sheet]
    content = patch.read(part)
    digest = _digest(patch.sums, part, content, grounds)
    patch.replace(part, b"%b<!-- %b -->%b" % (content.removesuffix(_END), digest.encode(), _END))


def is_stamped(package: Package, sheet: str, grounds: str) -> bool:
    """Whether the file is as it was when it was stamped on the same grounds."""
    part = package.sheets.get(sheet)
    if part is None:
        return False
    content = package.read(part)
    found = _STAMP.search(content, max(0, len(content) - 100))
    if found is None:
        return False
    sums = {part_key(info.orig_filename): (info.file_size, info.CRC) for info in package.infos}
    return found[1].decode() == _digest(sums, part, content[: found.start()] + _END, grounds)


def _digest(sums: Mapping[str, tuple[int, int]], part: str, content: bytes, grounds: str) -> str:
    others = sorted((name, *sum) for name, sum in sums.items() if name != part_key(part))
    return hashlib.sha256(repr((grounds, others)).encode() + content).hexdigest()
