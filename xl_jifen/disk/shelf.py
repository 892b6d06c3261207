"""The archive folder (归档) beside a workbook: which archives, copies and receipts lie there. Reads and writes files.

``归档/2026Q3.json`` is the archive, ``归档/2026Q3/`` the published files as they were. A receipt (归档回执) with the
hash lies beside the published files, so that an archive cannot be lost, or made anew, unnoticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from xl_jifen.archive.chain import chain
from xl_jifen.archive.code import whole
from xl_jifen.archive.snapshot import Archive, draw, from_bytes, stem_of, to_text
from xl_jifen.budget import ARCHIVE, Budget
from xl_jifen.disk import links
from xl_jifen.disk.folders import ARCHIVES, NOTICES, notices_of
from xl_jifen.disk.refusal import reason
from xl_jifen.disk.save import ensure_fetched, sweep, write_new
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import printable
from xl_jifen.period import KINDS, Cycle, Period

if TYPE_CHECKING:
    from xl_jifen.archive.recall import Recalled

FOLDER = ARCHIVES
RECEIPT = "归档回执.txt"
LONGEST_RECEIPT = 1 << 16
"""Bytes of a receipt, which has ten lines."""
_STEM = r"\d{4}(?:Q[1-4]|H[12]|-(?:0[1-9]|1[0-2]))?"
_NAMED = re.compile(rf"{FOLDER}/({_STEM})\.json")


class Shelf:
    """What lies in one folder: archives by name (``2026Q3``), None for an edited or damaged one; hashes on receipts.

    An opened workbook carries it, so that nothing of it is read twice.
    """

    def __init__(
        self, home: Path, archives: Mapping[str, Archive | None], receipts: Mapping[str, str], budget: Budget
    ) -> None:
        self.home, self.archives, self.receipts = home, archives, receipts
        self.budget = budget
        """What reading them left of it; one more archive must fit into the rest."""
        self.recalled: list[Recalled] | None = None
        """The archives as today's program reads them, once somebody has read them (``verbs.guarded``)."""

    def __bool__(self) -> bool:
        return bool(self.archives or self.receipts)

    def of(self, period: Period) -> Archive | None:
        """The archive of a period; None if there is none, or it is edited or damaged."""
        found = self.archives.get(stem_of(period))
        return found if found and found.period == period else None

    def is_of_another(self, period: Period, cycle: Cycle | None) -> bool:
        """Whether a period's archive is of another cycle that holds one of that name too: of another workbook."""
        found = self.of(period)
        return found is not None and cycle is not None and found.cycle != cycle

    def archived(self, cycle: Cycle) -> tuple[Period, ...]:
        """The periods of a cycle that were archived, in order, also those whose file is damaged or lost."""
        periods = (period for kind in KINDS for period in cycle.periods(kind))
        return tuple(sorted(period for period in periods if stem_of(period) in {*self.archives, *self.receipts}))

    @cached_property
    def sound(self) -> list[Archive]:
        """The archives that are as they were written, in the order in which they were made."""
        return list(chain(found for found in self.archives.values() if found))

    @property
    def published(self) -> Mapping[Period, date]:
        """On which day the periods archived here were published."""
        return {found.period: found.publication.day for found in self.sound}


def shelf(home: Path) -> Shelf:
    """The archives beside the workbooks of a folder; there may be none. All draw on one budget. Raises CannotRead."""
    budget = Budget(FOLDER, ARCHIVE)
    for folder in (home / FOLDER, home / NOTICES):
        links.ensure_readable(folder)
    try:
        files = [file for file in (home / FOLDER).glob("*.json") if re.fullmatch(_STEM, file.stem)]
        receipts = [_start_of(file) for file in (home / NOTICES).glob(f"*/{RECEIPT}") if file.is_file()]
        archives = {file.stem: _read(file, budget) for file in files if file.is_file()}
    except OSError as error:
        raise CannotRead(f"读不到文件夹“{FOLDER}”或“{NOTICES}”（{reason(error)}）；请检查权限和网络后再试。") from error
    named = ((_NAMED.search(text), text) for text in receipts)
    return Shelf(home, archives, {name[1]: whole(text) for name, text in named if name}, budget)


def _start_of(receipt: Path) -> str:
    links.ensure_readable(receipt)
    with receipt.open("rb") as file:
        return file.read(LONGEST_RECEIPT).decode("utf-8", errors="replace")


def _read(file: Path, budget: Budget) -> Archive | None:
    links.ensure_readable(file)
    budget.name = f"{FOLDER}/{file.name}"
    budget.draw("file", file.stat().st_size)
    ensure_fetched(budget.name, data := file.read_bytes())
    found = from_bytes(data, budget)
    return found if found and stem_of(found.period) == file.stem else None


def file_of(home: Path, period: Period) -> Path:
    """Where the archive of a period lies."""
    return home / FOLDER / f"{stem_of(period)}.json"


def copies_of(home: Path, period: Period) -> Path:
    """The folder with the published files of an archived period."""
    return home / FOLDER / stem_of(period)


def beside(folder: Path, name: str) -> Path | None:
    """The file of a name that an archive gives, if it lies in that folder; None for a name that leads elsewhere.

    Even asking whether a file of another server's is there would hand that server the hash of the user's password.
    """
    file = folder / name
    if "\N{REPLACEMENT CHARACTER}" in name:  # a name that no text can hold
        file = next((each for each in folder.iterdir() if printable(each.name) == name), file)
        name = file.name
    here = file.name == name and file.parent == folder and links.link_in(file) is None
    return file if here and file.is_file() else None


def put(shelf: Shelf, archived: Archive, files: Mapping[str, bytes], now: datetime) -> list[str]:
    """Write an archive with the published files, the archive itself last and never over another; then the receipt.

    What killed runs left in the folders of archives goes with it. Returns a sentence if only the receipt could not be
    written. Raises CannotWrite, among others where the archives together could not be read again.
    """
    home, text = shelf.home, to_text(archived).encode()
    try:
        draw(text, shelf.budget)
    except CannotRead:
        raise CannotWrite("登记太多，归档合起来太大，写了也读不回来，没有归档；请按年度分开后再试。") from None
    for name, data in files.items():
        write_new(copies_of(home, archived.period) / name, data, overwrite=True)
    write_new(file_of(home, archived.period), text)
    for folder in (home / FOLDER).iterdir():
        sweep(folder, now.timestamp())
    try:
        put_receipt(home, archived)
    except CannotWrite as error:
        return [f"归档已完成，只是没有写成{RECEIPT}（{error}）再运行一次归档，就会补写。"]
    return []


def put_receipt(home: Path, archived: Archive) -> Path:
    """Write the receipt of an archive beside the published files. Raises CannotWrite."""
    return write_new(notices_of(home, archived.period) / RECEIPT, _receipt(archived).encode(), overwrite=True)


def _receipt(archived: Archive) -> str:
    printed = archived.publication
    whole_code = f"\n完整校验码：{printed.hash}" if printed.hash else ""
    made = f"公示日期：{printed.day}（制表时电脑日期 {printed.clock}）\n" if printed.clock else ""
    return (
        f"{archived.content['branch']}\n{archived.period.words}党员积分已于 {archived.closed} 归档。\n\n"
        f"归档文件：{FOLDER}/{stem_of(archived.period)}.json\n归档码：{archived.code}\n完整归档值：{archived.hash}\n\n"
        f"{made}公示表上的校验码：{printed.code}{whole_code}\n\n"
        "请与公示表一并保存；核验时运行 xl-jifen verify 加上面的归档码或校验码。\n"
    )


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
