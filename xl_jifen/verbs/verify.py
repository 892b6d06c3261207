"""The verb 核验: whether a published sheet, a code or a workbook agrees with the archives, and these among them.

A file is known by its bytes first. A copy saved again by another program is vouched for only in what it shows, against
the archived original. A PDF or a picture says nothing without a heavy library, so only its bytes count. Reads only.

What a chain of hashes in a folder can promise is that nothing changes unnoticed by those who kept a sheet, a receipt or
a code. It does not prove who made it, or when.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from xl_jifen import __version__
from xl_jifen.archive.code import is_old, printed, same, typed, whole
from xl_jifen.archive.facts import code_of
from xl_jifen.archive.recall import Recalled
from xl_jifen.archive.snapshot import Archive, from_bytes, stem_of
from xl_jifen.budget import NOTICE, Budget
from xl_jifen.disk import links
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import DRAFTED, NOTICES
from xl_jifen.disk.refusal import is_too_long
from xl_jifen.disk.save import asked_for, look
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, JifenError
from xl_jifen.grid import squeeze
from xl_jifen.layout import ROSTER, SETTINGS
from xl_jifen.publish.figures import DRAFT
from xl_jifen.score import with_periods
from xl_jifen.verbs import guarded
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.reread import READABLE, Table, differing, odd_looks, suffix_of, tables

MOST_TOLD = 10
FARTHEST = 6
"""So many folders above a file other archives are looked for: a sender's whole folder may lie in one of ours."""
WORKBOOKS = (".xlsx", ".xlsm")
BRING_BACK = "归档过的，请把这个文件夹放回工作簿旁；还没有归档的，公示期满后先归档。"
PROMISE = "校验码相同，说明两份内容相同；它不证明是谁、在哪天公示的。"
OLD_PROMISE = "这是旧校验码，较短，只能说明大致相同，请对照归档文件夹中的原件。"


A_DRAFT = "是草稿，没有公示效力，也没有校验码可以核验。"


class _Said(NamedTuple):
    """One sentence, and whether it is good news."""

    good: bool
    words: str


def verify(target: str, folder: Path) -> Done:
    """Verify a file (workbook, published xlsx, pdf, html, txt, png) or a code against the archives.

    Of a workbook those beside it count; else the branch's own in ``folder``, then those beside the file. Raises
    CannotRead if there is no such file and no code, or no archive to verify by.
    """
    path, code = Path(target), typed(target)
    there = _is_there(path)
    if not there and path.is_dir():
        raise CannotRead(f"“{target}”是文件夹；请选择其中的文件。")
    if not there and not code:
        asked = asked_for(path)
        raise CannotRead(f"找不到文件“{target}”，它也不是校验码（25 位，如 公示表末尾所印）；{asked}请核对后再试。")
    near = [*path.resolve().parents[:3]] if there else []
    beside = next((place for place in near if (place / archives.FOLDER).is_dir()), None)
    own = folder.resolve() if (folder / archives.FOLDER).is_dir() else None
    opened = _workbook(path) if there and path.suffix.lower() in WORKBOOKS else None
    home = (beside if opened else None) or own or beside
    if home is None and there and not opened:
        readable = suffix_of(path) in READABLE
        if DRAFTED in path.stem or (readable and _is_draft(_words(tables(path)))):
            return Done((f"“{path.name}”{A_DRAFT}",), faulty=True)
    if home is None:
        where, remedy = (path.resolve().parent, BRING_BACK) if near else (folder, "请在工作簿所在的文件夹中运行。")
        raise CannotRead(f"在“{where}”中没有找到文件夹“{archives.FOLDER}”，无从核验；{remedy}")
    shelf = opened.shelf if opened and opened.shelf is not None else archives.shelf(home)
    nearby = [place for place in (own, beside) if place]
    above = [*(path.resolve().parents[:FARTHEST] if there else ()), *folder.resolve().parents[:FARTHEST]]
    said = [*_named(shelf), *_another(shelf, nearby), *_another(shelf, dict.fromkeys(above), known=nearby)]
    if opened:
        said += [*_archives(shelf), *_agreement(opened, shelf)]
    else:
        said += _verified_file(path, shelf) if there else _verified_code(code, shelf)
    return Done(tuple(each.words for each in said), faulty=not all(each.good for each in said))


def _is_there(path: Path) -> bool:
    """Whether it is a file. Raises OSError where that cannot be known, which Python from 3.14 on takes for a no."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if isinstance(error, PermissionError) or is_too_long(error, path):
            raise
        return False
    except ValueError:  # a zero byte in a name
        return False


def _named(shelf: archives.Shelf) -> Iterator[_Said]:
    """Which archives are asked: where they lie, and the head of their chain."""
    head = f"，最近归档的是{(last := shelf.sound[-1]).period.words}（归档码 {last.code}）" if shelf.sound else ""
    yield _Said(True, f"按“{shelf.home / archives.FOLDER}”核验{head}。")


def _another(shelf: archives.Shelf, places: Iterable[Path], known: Collection[Path] = ()) -> Iterator[_Said]:
    """Archives in other places that are of the same branch and not ours, and such as cannot be read.

    Where ``known`` are told already, these lie above: a copy of a folder is kept in it now and then, and is no fault.
    """
    for home in places:
        if home == shelf.home or home in known or not (home / archives.FOLDER).is_dir():
            continue
        where = home / archives.FOLDER
        try:
            others = archives.shelf(home).sound
        except CannotRead as error:
            yield _Said(bool(known), f"“{where}”中另有归档，没有与它对照：{error}")
            continue
        for archived in others:
            ours = shelf.archives.get(stem_of(archived.period))
            if ours and ours.content["branch"] == archived.content["branch"] and ours.hash != archived.hash:
                words = f"“{where}”中另有一份{archived.period.words}的归档，与这里的不同"
                yield _Said(
                    bool(known), f"{words}，{'请核对这里的是不是原来的' if known else '其中有一份不是原来的'}。"
                )


# ---- what is asked about ----


def _verified_file(path: Path, shelf: archives.Shelf) -> Iterator[_Said]:
    digest = archives.digest(look(path)[1])
    for archived in shelf.sound:
        if digest in archived.publication.files.values():
            yield _Said(True, f"“{path.name}”与{archived.period.words}归档时的那一份完全相同。")
            yield from _together(shelf)
            return
    if period := _hanging(shelf, [], digest):
        yield _Said(False, f"“{path.name}”就是“{NOTICES}/{period}”中的那一份；{_to_be_archived(period)}")
        return
    yield from _verified_page(path, shelf)


def _hanging(shelf: archives.Shelf, codes: Collection[str], digest: str = "") -> str:
    """The period, in words, that is published and not archived yet, and whose notice is that file or bears a code."""
    archived = {found.period.words for found in shelf.sound}
    for file in sorted((shelf.home / NOTICES).glob("*/*.*")):
        words = file.parent.name
        if words in archived or DRAFTED in words or file.name == archives.RECEIPT:
            continue
        try:
            links.ensure_readable(file)
            data = look(file, Budget(file.name, NOTICE))[1]
        except CannotRead:  # what nobody asked about
            continue
        if digest and archives.digest(data) == digest:
            return words
        if codes and file.suffix == ".txt":
            text = data.decode("utf-8-sig", errors="replace")
            if {*codes} & {*printed(text), whole(text)}:
                return words
    return ""


def _to_be_archived(period: str) -> str:
    return f"{period}还没有归档，归档以后再核验。"


def _verified_code(code: str, shelf: archives.Shelf) -> Iterator[_Said]:
    archived = _by_code(code, shelf)
    if archived is None:
        words = f"没有哪个时段的归档对得上校验码 {code}。"
        if period := _hanging(shelf, [code]):
            words = f"校验码 {code} 是“{NOTICES}/{period}”中公示表上印的；{_to_be_archived(period)}"
        yield _Said(False, words)
        yield from _archives(shelf)
        return
    if _is_printed(code, archived):
        promise = OLD_PROMISE if is_old(code) else PROMISE
        yield _Said(True, f"校验码 {code} 是{archived.period.words}公示表上印的，该时段已按它归档。{promise}")
    else:
        yield _Said(True, f"{code} 是{archived.period.words}的归档码。")
    yield from _together(shelf)


def _is_printed(code: str, archived: Archive) -> bool:
    told = archived.publication
    return code == told.code or bool(told.hash and same(code, told.hash))


def _verified_page(path: Path, shelf: archives.Shelf) -> Iterator[_Said]:
    """A published sheet that is not the archived file: what does it show?"""
    if path.suffix.lower() == ".json":
        budget = Budget(path.name, NOTICE)
        given = from_bytes(look(path, budget)[1], budget)
        if given is None or given not in shelf.sound:
            yield _Said(False, f"“{path.name}”不是归档时的那一份。")
            yield from _archives(shelf)
        else:
            yield _Said(True, f"“{path.name}”是{given.period.words}的归档。")
            yield from _together(shelf)
        return
    name, suffix = f"“{path.name}”", suffix_of(path)
    if suffix not in READABLE:
        what = "是草稿，没有公示效力" if DRAFTED in path.stem else "不是归档时的那一份"
        yield _Said(False, f"{name}{what}；请以归档文件夹中的原件为准。")
        return
    shown = tables(path)
    words = _words(shown)
    if _is_draft(words):
        yield _Said(False, f"{name}{A_DRAFT}")
        return
    # A notice tells the 归档码 of the archive before it, too; only a receipt is about the one it names.
    told_of = {code: found for code in printed(words) if (found := _by_code(code, shelf))}
    own = (code for code, found in told_of.items() if suffix == ".txt" or _is_printed(code, found))
    code = next(own, next(printed(words), ""))
    archived = told_of.get(code) if suffix == ".txt" or any(_is_printed(code, a) for a in shelf.sound) else None
    if archived is None:
        strange = [code for code in printed(words) if code not in told_of]
        told = f"上面的校验码 {(strange or [code])[0]} 也没有对应的归档" if code else "上面也没有校验码"
        if period := _hanging(shelf, strange):
            told = f"上面的校验码与“{NOTICES}/{period}”中的相同；{period}还没有归档"
        yield _Said(False, f"{name}不是归档时的那一份，{told}。")
        return
    if suffix == ".txt":
        yield _Said(True, f"{name}不是归档时的那一份，其中没有积分，只核验上面的码。")
        yield from _verified_code(code, shelf)
        return
    yield from _saved_again(path, suffix, shown, archived, shelf)
    yield from _together(shelf)


def _words(shown: Iterable[Table]) -> str:
    return "\n".join(" ".join(row) for rows in shown for row in rows)


def _is_draft(words: str) -> bool:
    return f"（{DRAFT}）" in words.replace("(", "（").replace(")", "）")


def _saved_again(
    path: Path, suffix: str, shown: list[Table], archived: Archive, shelf: archives.Shelf
) -> Iterator[_Said]:
    """Whether a copy whose bytes are others shows what the archived original shows."""
    name = f"“{path.name}”（{archived.period.words}）"
    original = _original(archived, suffix, shelf.home)
    if original is None:
        yield _Said(False, f"{name}不是归档时的那一份，归档中也没有完好的原件可以对照。")
        return
    if others := list(differing(tables(original), shown)):
        yield _Said(False, f"{name}与归档的原件不一致，有 {len(others)} 处：")
        for words in others[:MOST_TOLD]:
            yield _Said(False, f"  {words}")
        return
    if odd := list(islice(odd_looks(original, path), MOST_TOLD)):
        yield _Said(
            False,
            f"{name}的内容与归档的原件相同，但显示的可能不同：{'、'.join(odd)}；张贴、转发请用归档文件夹中的原件。",
        )
        return
    yield _Said(True, f"{name}不是归档的那个文件，是另存过的；所显示的内容与归档的原件一致，其他的不作保证。")


def _original(archived: Archive, suffix: str, home: Path) -> Path | None:
    """The archived file of that kind, if it is as it was archived."""
    for name, digest in archived.publication.files.items():
        file = archives.beside(archives.copies_of(home, archived.period), name)
        if name.endswith(suffix) and file and archives.digest(look(file)[1]) == digest:
            return file
    return None


def _by_code(code: str, shelf: archives.Shelf) -> Archive | None:
    for archived in shelf.sound:
        if same(code, archived.hash) or _is_printed(code, archived):
            return archived
    return None


# ---- the archives by themselves, and with the workbook ----


def _together(shelf: archives.Shelf) -> Iterator[_Said]:
    """The archives, and the workbook they were made from if it lies beside them."""
    yield from _archives(shelf)
    name = str(shelf.sound[-1].content["workbook"]["name"])
    path = archives.beside(shelf.home, name)
    opened = _workbook(path, shelf) if path else None
    if opened is None:
        yield _Said(True, f"归档旁边没有工作簿“{name}”，没有与工作簿核对。")
    else:
        yield from _agreement(opened, shelf)


def _workbook(path: Path, shelf: archives.Shelf | None = None) -> verbs.Opened | None:
    """A workbook of a branch; None for a published sheet or a file that cannot be read."""
    try:
        sheets = {squeeze(name) for name in Package.open(path).sheets}
        if not sheets & {ROSTER.name, SETTINGS.name}:
            return None
        return verbs.open_workbook(path, shelf)
    except JifenError:
        return None


def _agreement(opened: verbs.Opened, shelf: archives.Shelf) -> Iterator[_Said]:
    """Whether a workbook still says what was archived from it."""
    cycle = opened.reckoning.register.settings.cycle
    if not any(cycle and cycle.holds(archived.period) for archived in shelf.sound):
        yield _Said(False, f"工作簿“{opened.path.name}”的计分周期没有归档，无从核对。")
        return
    broken = [finding for _, finding in guarded.breaks(shelf, cycle)] if cycle else []
    found = (finding for finding in opened.reckoning.findings if finding.code == guarded.CHANGED)
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
    found = {stem: finding for cycle in cycles.values() for stem, finding in guarded.breaks(shelf, cycle)}
    for finding in found.values():
        yield _Said(False, f"{finding.message}。")
    for stem in sorted(stem for stem, archived in shelf.archives.items() if not archived):
        if stem not in found:
            yield _Said(False, f"归档文件“{archives.FOLDER}/{stem}.json”被改动或损坏，与其校验值不符。")
    if shelf.sound and not found and all(shelf.archives.values()):
        links = " → ".join(f"{archived.period.words}（{archived.code}）" for archived in shelf.sound)
        yield _Said(True, f"归档链条完整：{links}；重做会改变归档码，凡留有原公示表、回执或校验码的人都能发现。")
    unreceipted = [archived for archived in shelf.sound if stem_of(archived.period) not in shelf.receipts]
    for archived in unreceipted:
        period = archived.period
        yield _Said(True, f"{period.words}没有归档回执；请运行 xl-jifen close 工作簿 {stem_of(period)} 补写。")
    for recall in guarded.recalled_of(shelf):
        yield from _copies(shelf.home, recall.archived)
        yield from _proof(recall)


def _copies(home: Path, archived: Archive) -> Iterator[_Said]:
    folder = archives.copies_of(home, archived.period)
    for name, digest in archived.publication.files.items():
        file = archives.beside(folder, name)
        if file is None:
            yield _Said(False, f"{archived.period.words}归档的“{name}”不见了。")
        elif archives.digest(look(file)[1]) != digest:
            yield _Said(False, f"{archived.period.words}归档的“{name}”被改动过。")


def _proof(recall: Recalled) -> Iterator[_Said]:
    """Whether the archived figures follow from the archived entries, and are those that were published.

    What an earlier program reckoned otherwise is no fault of the branch: the hashes speak for the archive.
    """
    archived, told = recall.archived, recall.archived.publication
    words = archived.period.words
    ours = archived.content["program"] == __version__ and not archived.is_old
    changed = recall.changed()
    if changed and ours:
        yield _Said(False, f"{words}归档的积分不能由归档的登记算出。")
    elif changed:
        for each in changed[:MOST_TOLD]:
            yield _Said(True, each.words(words))
    elif ours and told.hash:
        ledger = with_periods(recall.reading.ledger, [archived.period])
        if code_of(ledger, archived.period, told.day, told.until) != told.hash:
            yield _Said(False, f"{words}归档的内容与公示表上的校验码 {told.code} 不符。")
