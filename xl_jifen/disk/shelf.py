"""The archive folder (归档) beside a workbook: which archives, copies and receipts lie there. Reads and writes files.

``归档/2026Q3.json`` is the archive, ``归档/2026Q3/`` the published files as they were. A receipt (归档回执) with the
hash lies beside the published files, so that an archive cannot be lost, or made anew, unnoticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from xl_jifen.archive.snapshot import Archive, from_text, quarter_named, to_text
from xl_jifen.disk import links
from xl_jifen.disk.folders import ARCHIVES, NOTICES, notices_of
from xl_jifen.disk.refusal import reason
from xl_jifen.disk.save import write_new
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.period import Period

FOLDER = ARCHIVES
RECEIPT = "归档回执.txt"
LARGEST, LONGEST_RECEIPT = 256 << 20, 1 << 16
"""Bytes of an archive and of a receipt: a year of 100,000 entries makes about 50 MB, a receipt has eight lines."""
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_NAMED = re.compile(rf"{FOLDER}/(\d{{4}}Q[1-4])\.json")


class Shelf(NamedTuple):
    """What lies in one folder: archives by quarter, None for an edited or damaged one, and the hashes on receipts."""

    home: Path
    archives: Mapping[Period, Archive | None]
    receipts: Mapping[Period, str]

    @property
    def sound(self) -> list[Archive]:
        """The archives that are as they were written, in the order of time."""
        return [found for _, found in sorted(self.archives.items()) if found]


def shelf(home: Path) -> Shelf:
    """The archives beside the workbooks of a folder; there may be none. Raises CannotRead."""
    for folder in (home / FOLDER, home / NOTICES):
        links.ensure_readable(folder)
    try:
        files = {quarter_named(file.stem): file for file in (home / FOLDER).glob("*.json") if file.is_file()}
        receipts = [_start_of(file) for file in (home / NOTICES).glob(f"*/{RECEIPT}") if file.is_file()]
        archives = {quarter: _read(file, quarter) for quarter, file in files.items() if quarter}
    except OSError as error:
        raise CannotRead(f"读不到文件夹“{FOLDER}”或“{NOTICES}”（{reason(error)}）；请检查权限和网络后再试。") from error
    hashes: dict[Period, str] = {}
    for text in receipts:
        name, digest = _NAMED.search(text), _HASH.search(text)
        if name and (quarter := quarter_named(name[1])):
            hashes[quarter] = digest[0] if digest else ""
    return Shelf(home, archives, hashes)


def _start_of(receipt: Path) -> str:
    links.ensure_readable(receipt)
    with receipt.open("rb") as file:
        return file.read(LONGEST_RECEIPT).decode("utf-8", errors="replace")


def _read(file: Path, quarter: Period) -> Archive | None:
    links.ensure_readable(file)
    if file.stat().st_size > LARGEST:
        return None
    with suppress(UnicodeDecodeError):
        found = from_text(file.read_text("utf-8"))
        return found if found and found.quarter == quarter else None
    return None


def file_of(home: Path, quarter: Period) -> Path:
    """Where the archive of a quarter lies."""
    return home / FOLDER / f"{quarter}.json"


def copies_of(home: Path, quarter: Period) -> Path:
    """The folder with the published files of an archived quarter."""
    return home / FOLDER / str(quarter)


def beside(folder: Path, name: str) -> Path | None:
    """The file of a name that an archive gives, if it lies in that folder; None for a name that leads elsewhere.

    Even asking whether a file of another server's is there would hand that server the hash of the user's password.
    """
    file = folder / name
    here = file.name == name and file.parent == folder and links.link_in(file) is None
    return file if here and file.is_file() else None


def put(home: Path, archived: Archive, files: Mapping[str, bytes]) -> list[str]:
    """Write an archive with the published files, the archive itself last and never over another; then the receipt.

    Returns a sentence if only the receipt could not be written. Raises CannotWrite.
    """
    for name, data in files.items():
        write_new(copies_of(home, archived.quarter) / name, data, overwrite=True)
    write_new(file_of(home, archived.quarter), to_text(archived).encode())
    try:
        write_new(notices_of(home, archived.quarter) / RECEIPT, _receipt(archived).encode(), overwrite=True)
    except CannotWrite as error:
        return [f"归档已完成，只是没有写成{RECEIPT}：{error}"]
    return []


def _receipt(archived: Archive) -> str:
    closed = str(archived.content["closed"]).replace("T", " ")
    return (
        f"{archived.content['branch']}\n{archived.quarter.words}党员积分已于 {closed} 归档。\n\n"
        f"归档文件：{FOLDER}/{archived.quarter}.json\n校验码：{archived.code}\n完整校验值：{archived.hash}\n\n"
        "请与公示表一并保存；核验时运行 xl-jifen verify 加上面的校验码。\n"
    )


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
