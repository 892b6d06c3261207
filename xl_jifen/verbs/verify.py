"""Verifying (核验): whether a published sheet, a 校验码 or a workbook agrees with the archives, and these among them.

A file is known by its bytes first; a page whose bytes differ (saved again, published again) by what it says. A PDF says
nothing without a heavy library, so only its bytes or the code printed on it count. Reads only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from xl_jifen import __version__, reckon
from xl_jifen.archive.snapshot import CODE, FIGURES, Archive, figures, from_text, grids_of
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.save import look
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, JifenError
from xl_jifen.grid import squeeze
from xl_jifen.publish.page import Page
from xl_jifen.table import as_text
from xl_jifen.verbs import close as archiving
from xl_jifen.verbs import guarded
from xl_jifen.verbs import quarter as verbs

MOST_TOLD = 10
WORKBOOKS = (".xlsx", ".xlsm")
HEADINGS = ("姓名", "积分")
"""Under which a published sheet tells whose score is what."""
BRING_BACK = "归档过的，请把这个文件夹放回工作簿旁；还没有归档的，公示期满后先归档。"
_HEXADECIMAL = re.compile(r"[0-9A-F]{12}|[0-9A-F]{64}")


class Verified(NamedTuple):
    """The outcome: whether all that could be compared agrees, and a sentence on each thing."""

    agrees: bool
    sentences: tuple[str, ...]


class _Said(NamedTuple):
    """One sentence, and whether it is good news."""

    good: bool
    words: str


def verify(target: str, folder: Path) -> Verified:
    """Verify a file (workbook, published xlsx, pdf, html, txt, png) or a 校验码 against the archives.

    They are looked for beside the file and in the folders above it, then in ``folder``. Raises CannotRead if there is
    no such file and no code, or no archive to verify by.
    """
    path = Path(target)
    code = _code(target)
    if not path.is_file() and not code:
        raise CannotRead(f"找不到文件“{target}”，它也不是校验码（如 3F9A-07C2-B1D4）；请核对后再试。")
    near = [*path.resolve().parents[:3]] if path.is_file() else []
    home = next((place for place in [*near, folder.resolve()] if (place / archives.FOLDER).is_dir()), None)
    if home is None:
        where, remedy = (path.resolve().parent, BRING_BACK) if near else (folder, "请在工作簿所在的文件夹中运行。")
        raise CannotRead(f"在“{where}”中没有找到文件夹“{archives.FOLDER}”，无从核验；{remedy}")
    shelf = archives.shelf(home)
    said = list(_verified_file(path, shelf) if path.is_file() else _verified_code(code, shelf))
    return Verified(all(each.good for each in said), tuple(each.words for each in said))


def _code(text: str) -> str:
    """A 校验码, or a whole hash, in the form it is compared; "" for anything else."""
    digits = squeeze(text).replace("-", "").replace("—", "").upper()
    if not _HEXADECIMAL.fullmatch(digits):
        return ""
    return digits.lower() if len(digits) == 64 else "-".join(digits[start : start + 4] for start in (0, 4, 8))


# ---- what is asked about ----


def _verified_file(path: Path, shelf: archives.Shelf) -> Iterator[_Said]:
    digest = archives.digest(look(path)[1])
    for archived in shelf.sound:
        if digest in archived.publication.files.values():
            yield _Said(True, f"“{path.name}”与{archived.quarter.words}归档时的那一份完全相同。")
            yield from _together(shelf)
            return
    if path.suffix.lower() in WORKBOOKS and (opened := _workbook(path)):
        yield from _archives(shelf)
        yield from _agreement(opened, shelf)
        return
    yield from _verified_page(path, shelf)


def _verified_code(code: str, shelf: archives.Shelf) -> Iterator[_Said]:
    archived = _by_code(code, shelf)
    if archived is None:
        yield _Said(False, f"没有哪个季度的归档对得上校验码 {code}。")
        yield from _archives(shelf)
        return
    if code == archived.publication.code:
        yield _Said(True, f"校验码 {code} 是{archived.quarter.words}公示表上印的，该季度已按它归档。")
    else:
        yield _Said(True, f"校验码 {code} 是{archived.quarter.words}归档的校验码。")
    yield from _together(shelf)


def _verified_page(path: Path, shelf: archives.Shelf) -> Iterator[_Said]:
    """A published sheet that is not the archived file: what does it say?"""
    if path.suffix.lower() == ".json":
        given = from_text(look(path)[1].decode(errors="replace"))
        if given is None or given not in shelf.sound:
            yield _Said(False, f"“{path.name}”不是归档时的那一份。")
            yield from _archives(shelf)
        else:
            yield _Said(True, f"“{path.name}”是{given.quarter.words}的归档。")
            yield from _together(shelf)
        return
    original = "不是归档时的那一份"
    if path.suffix.lower() not in (".xlsx", ".html", ".htm", ".txt"):
        yield _Said(False, f"“{path.name}”{original}；请改为核验它上面印的校验码，并与归档文件夹中的原件对照。")
        return
    tables = _tables(path)
    printed = CODE.search("\n".join(" ".join(row) for rows in tables for row in rows))
    archived = _by_code(printed[0], shelf) if printed else None
    if archived is None:
        told = f"上面的校验码 {printed[0]} 也没有对应的归档" if printed else "上面也没有校验码"
        yield _Said(False, f"“{path.name}”{original}，{told}。")
        return
    page = _page(archived)
    if printed and (path.suffix.lower() == ".txt" or not set(HEADINGS) <= set(page.columns)):
        yield _Said(True, f"“{path.name}”中没有积分，只核验上面的校验码。")
        yield from _verified_code(printed[0], shelf)
        return
    name = f"“{path.name}”（{archived.quarter.words}）"
    if differing := _differing(tables, page):
        yield _Said(False, f"{name}与归档不一致：{'、'.join(differing[:MOST_TOLD])}的积分与归档不同，或者没有列出。")
    else:
        aside = "" if path.suffix.lower() == ".xlsx" else "网页的样子还可以另外改动，张贴、转发请用归档文件夹中的原件。"
        yield _Said(True, f"{name}另存或重新生成过，其中各人的积分与归档一致。{aside}")
    yield from _together(shelf)


def _by_code(code: str, shelf: archives.Shelf) -> Archive | None:
    for archived in shelf.sound:
        if code in (archived.code, archived.hash, archived.publication.code):
            return archived
    return None


def _tables(path: Path) -> list[list[list[str]]]:
    """The tables of a published xlsx (a sheet each), html or txt: rows of cells as they are compared.

    Such a file may be anyone's: each pattern stops at the next ``<``, or long ones would take for ever.
    Raises CannotRead.
    """
    data = look(path)[1]
    if path.suffix.lower() == ".xlsx":
        grids = read_grids(Package.of(data, path.name), every=True)
        return [[[_shown(as_text(cell)) for cell in row] for row in grid.rows] for grid in grids]
    text = data.decode("utf-8-sig", errors="replace")
    if path.suffix.lower() == ".txt":
        return [[[line] for line in text.splitlines()]]
    pieces = re.split(r"(?i)</?(?:tr|div|p|body)\b[^<>]*>", text)
    cut = (re.split(r"(?i)</t[dh]>", piece) for piece in pieces)
    return [[[_shown(html.unescape(re.sub(r"<[^<>]+>", "", cell))) for cell in cells] for cells in cut]]


def _shown(text: str) -> str:
    """A cell as it is compared: a figure without the zeros that only line up a column."""
    key = squeeze(text).replace("−", "-")
    return key.rstrip("0").rstrip(".") if re.fullmatch(r"-?[0-9]+\.[0-9]+", key) else key


def _differing(tables: list[list[list[str]]], expected: Page) -> list[str]:
    """Whose score is not listed, or not as it should be in every row that names them, under the headings there."""
    name, score = (expected.columns.index(heading) for heading in HEADINGS)
    listed = [row for row in expected.rows if len(row) > 1]  # a row of one cell heads those below it
    wanted = {_shown(str(row[name])): _shown(str(row[score])) for row in listed}
    found: dict[str, set[str]] = {person: set() for person in wanted}
    for rows in tables:
        who = what = -1
        for cells in rows:
            if set(HEADINGS) <= set(cells):
                who, what = map(cells.index, HEADINGS)
            for column, cell in enumerate(cells):
                if cell in wanted:
                    found[cell].add(cells[what] if column == who and what < len(cells) else "")
    people = (str(row[name]) for row in listed)
    return [person for person in people if found[_shown(person)] != {wanted[_shown(person)]}]


# ---- the archives by themselves, and with the workbook ----


def _together(shelf: archives.Shelf) -> Iterator[_Said]:
    """The archives, and the workbook they were made from if it lies beside them."""
    yield from _archives(shelf)
    name = str(shelf.sound[-1].content["workbook"]["name"])
    path = archives.beside(shelf.home, name)
    opened = _workbook(path) if path else None
    if opened is None:
        yield _Said(True, f"归档旁边没有工作簿“{name}”，没有与工作簿核对。")
    else:
        yield from _agreement(opened, shelf)


def _workbook(path: Path) -> verbs.Opened | None:
    """A workbook of a branch; None for a published sheet or a file that cannot be read."""
    try:
        opened = verbs.open_workbook(path)
    except JifenError:
        return None
    return opened if opened.reckoning.register.settings.cycle or opened.reckoning.register.members else None


def _agreement(opened: verbs.Opened, shelf: archives.Shelf) -> Iterator[_Said]:
    """Whether a workbook still says what was archived from it."""
    cycle = opened.reckoning.register.settings.cycle
    if not any(cycle and archived.quarter in cycle.quarters for archived in shelf.sound):
        yield _Said(False, f"工作簿“{opened.path.name}”的计分周期没有归档，无从核对。")
        return
    broken = [finding for _, finding in guarded.breaks(shelf, cycle)] if cycle else []
    found = guarded.changes(shelf, opened.path.name, opened.grids, opened.reckoning.ledger)
    changed = [finding for finding in found if finding not in broken]
    if not changed:
        yield _Said(True, f"工作簿“{opened.path.name}”与归档一致。")
        return
    yield _Said(False, f"工作簿“{opened.path.name}”有 {len(changed)} 处与归档不一致：")
    for finding in changed[:MOST_TOLD]:
        yield _Said(False, f"  {finding.place}  {finding.message}")


def _archives(shelf: archives.Shelf) -> Iterator[_Said]:
    """Whether the chains are whole, the archives prove themselves, and the copies are as they were."""
    cycles = {archived.cycle.start: archived.cycle for archived in shelf.sound}
    found = {quarter: finding for cycle in cycles.values() for quarter, finding in guarded.breaks(shelf, cycle)}
    for finding in found.values():
        yield _Said(False, f"{finding.message}。")
    for quarter in sorted(quarter for quarter, archived in shelf.archives.items() if not archived):
        if quarter not in found:
            yield _Said(False, f"{quarter.words}的归档文件被改动或损坏，与其校验值不符。")
    if shelf.sound and not found and all(shelf.archives.values()):
        yield _Said(True, f"归档链条完整：{' → '.join(f'{a.quarter}（{a.code}）' for a in shelf.sound)}。")
    for archived in shelf.sound:
        yield from _copies(shelf.home, archived)
        yield from _proof(archived)


def _copies(home: Path, archived: Archive) -> Iterator[_Said]:
    folder = archives.copies_of(home, archived.quarter)
    for name, digest in archived.publication.files.items():
        file = archives.beside(folder, name)
        if file is None:
            yield _Said(False, f"{archived.quarter.words}归档的“{name}”不见了。")
        elif archives.digest(look(file)[1]) != digest:
            yield _Said(False, f"{archived.quarter.words}归档的“{name}”被改动过。")


def _proof(archived: Archive) -> Iterator[_Said]:
    """Whether the archived figures follow from the archived entries, and are those that were published."""
    if archived.content["program"] != __version__:
        return  # another version may word the page otherwise; the hashes speak for themselves
    ledger = reckon(grids_of(archived)).ledger
    period = archived.quarter
    then = [score for score in archived.content["scores"] if score["period"] == str(period)]
    if [figures(score) for score in ledger.of(period)] != [{key: score[key] for key in FIGURES} for score in then]:
        yield _Said(False, f"{archived.quarter.words}归档的积分不能由归档的登记算出。")
    elif _page(archived).words["校验码"] != archived.publication.code:
        yield _Said(False, f"{archived.quarter.words}归档的内容与公示表上的校验码 {archived.publication.code} 不符。")


def _page(archived: Archive) -> Page:
    """The publicity page as the archived cells give it."""
    return archiving.page_of(reckon(grids_of(archived)).ledger, archived.quarter, archived.publication.day)
