"""The verb 汇总: any number of workbooks become one summary, on all cores of this machine or on a Dask cluster.

Each workbook is reckoned by one pure function, :func:`branch`; what it amounts to is journalled at once, and the
summary is drawn from the journal. A workbook that cannot be read, or that kills its process, is a line of the summary.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path, PurePath

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.archive.snapshot import stem_of
from xl_jifen.catalogue import WARNING
from xl_jifen.derive.branch import LONGEST, BranchResult, Problem, branch_result
from xl_jifen.derive.so_far import as_it_stands
from xl_jifen.derive.terms import Terms, differences, fingerprint, terms_of
from xl_jifen.disk import links
from xl_jifen.disk import shelf as archives
from xl_jifen.disk.folders import NOTICES
from xl_jifen.disk.refusal import reason
from xl_jifen.disk.save import look
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import LARGEST_FILE, Package
from xl_jifen.excel.read.properties import saved
from xl_jifen.finding import CannotRead, CannotWrite, Finding, JifenError, in_order
from xl_jifen.grid import Grids, squeeze
from xl_jifen.period import KINDS
from xl_jifen.publish.rollup.listed import Listed
from xl_jifen.publish.rollup.summary import Summary
from xl_jifen.score import with_periods
from xl_jifen.verbs import guarded
from xl_jifen.verbs.printing import ensure_not_a_branchs, put
from xl_jifen.verbs.progress import Shown, unshown
from xl_jifen.verbs.quarter import with_rules
from xl_jifen.verbs.rollup import sources
from xl_jifen.verbs.rollup.journal import VERSION, Journal, Outcome, Task, packed, until

MOST_DIFFERENCES = 100
"""Cells of one branch told to differ from the bureau's scheme; another scheme altogether differs in hundreds."""


class Interrupted(JifenError):
    """Ctrl+C: what was reckoned is kept."""


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What a rollup did: its files, how many things lay there, were new, counted, unreadable, not read or repeated.

    ``unread`` are no workbooks as far as their names tell, of which pictures and documents are ``harmless``.
    Of the ``twins``, branches of which it is not clear what
    counts are ``undecided``. ``branches`` are those of the workbooks counted, ``errors`` their error findings;
    ``other_schemes`` have another scheme than the bureau's, the first of them told in ``differing``.
    """

    files: tuple[Path, ...]
    journal: Path
    workbooks: int
    reckoned: int
    counted: int
    branches: int
    unreadable: int
    unread: int
    harmless: int
    twins: int
    undecided: int
    errors: int
    differing: tuple[str, ...]
    other_schemes: int


def branch(
    data: bytes,
    name: str,
    shelf: archives.Shelf | None = None,
    *,
    changed: str = "",
    bureau: Terms | None = None,
    day: date | None = None,
) -> BranchResult:
    """Read, check, score and add up one workbook; ``name`` is the file's. Never raises: ``error`` tells.

    ``shelf``: what lies in the archive folder beside it; those of the archives that are its own are guarded (E901).
    ``changed``: when the disk says it was changed, for a file that does not say when it was saved. ``bureau``: the
    scheme it should have. ``day``: up to when what is not over goes.
    """
    name = _printable(name)
    try:
        package = Package.of(data, name)
        grids = read_grids(package)
        if not any(squeeze(sheet) == squeeze(layout.ROSTER.name) for sheet in package.sheets):
            raise CannotRead(f"“{name}”里没有工作表“{layout.ROSTER.name}”，不是党员积分工作簿；请移出后再汇总。")
        reckoning = reckon(grids)
        findings, agrees = _guarded(name, grids, reckoning, shelf) if shelf else (reckoning.findings, False)
        cycle, kind = reckoning.register.settings.cycle, reckoning.register.settings.notice_period
        ledger = with_periods(reckoning.ledger, cycle.periods(kind) if cycle else ())
        then = as_it_stands(ledger, cycle, day) if cycle and day else None
        own, moment = terms_of(grids, reckoning.register), saved(package)
        return branch_result(reckoning.register, findings, ledger, name, day, then)._replace(
            agrees=agrees,
            saved=_utc(moment) if moment else changed,
            by_disk=bool(changed) and not moment,
            scheme=fingerprint(own),
            differs=tuple(_differences(own, bureau)) if bureau is not None else (),
        )
    except JifenError as error:
        return BranchResult(name, _printable(str(error)))
    except Exception as error:  # one file must not stop a thousand others
        return BranchResult(name, _printable(_unforeseen(name, error)))


def _differences(own: Terms, bureau: Terms) -> Iterator[Problem]:
    for place, message, remedy in islice(differences(own, bureau), MOST_DIFFERENCES):
        yield Problem("", place.sheet, place.row, place.column, message[:LONGEST], remedy)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _guarded(name: str, grids: Grids, reckoning: Reckoning, shelf: archives.Shelf) -> tuple[Sequence[Finding], bool]:
    """The findings in the order of the workbook, with those of its archives; whether it has any and agrees with them.

    Workbooks of many branches may have been collected in one folder. The archives of a cycle are one chain, made from
    one workbook: if one of them names another file and another branch, none of them is about this one.
    """
    branch = squeeze(reckoning.register.settings.branch)
    others = {
        stem_of(period)
        for each in shelf.sound
        if each.content["workbook"]["name"] != name and squeeze(each.content["branch"]) != branch
        for kind in KINDS
        for period in each.cycle.periods(kind)
    }
    own = archives.Shelf(
        shelf.home,
        {stem: each for stem, each in shelf.archives.items() if stem not in others},
        {stem: digest for stem, digest in shelf.receipts.items() if stem not in others},
        shelf.budget,
    )
    found = guarded.with_archives(reckoning.findings, own, name, grids, reckoning.ledger).findings
    cycle = reckoning.register.settings.cycle
    has_any = cycle is not None and any(archived.cycle == cycle for archived in own.sound)
    agrees = has_any and not any(finding.code == guarded.CHANGED for finding in found)
    return in_order(found, (grid.name for grid in grids)), agrees


def work(task: Task, bureau: Terms | None = None) -> Outcome:
    """Fetch and reckon one workbook, unless its content, the archives beside it and the scheme asked for are known.

    What is known of a cycle that was not over holds for the rest of that month. Runs in a worker, here or elsewhere.
    """
    try:
        if told := _unread(task.url):
            return Outcome(task.url, "", VERSION, "", packed(told))
        data = _fetch(task.url)
        beside = "" if sources.is_remote(task.url) else _beside(Path(task.url).parent)
        digest = archives.digest(data) + beside + (f"/{fingerprint(bureau, words=True)}" if bureau is not None else "")
        if task.is_known_by(digest):
            return Outcome(task.url, task.known, VERSION, "", None)
        shelf = _shelf(Path(task.url).parent, beside) if beside else None
    except Exception as error:  # one file must not stop a thousand others
        words = str(error) if isinstance(error, JifenError) else _unforeseen(sources.name_of(task.url), error)
        return _broken(task.url, words)
    result = branch(data, sources.name_of(task.url), shelf, changed=_changed(task.url), bureau=bureau, day=task.day)
    return Outcome(task.url, digest + until(result.end, task.day), VERSION, result.identity, packed(result))


def _beside(home: Path) -> str:
    """The hash of the files that :func:`archives.shelf` reads in a folder; "" if there are none. Raises CannotRead."""
    told = hashlib.sha256()
    files = sorted([*home.glob(f"{archives.FOLDER}/*.json"), *home.glob(f"{NOTICES}/*/{archives.RECEIPT}")])
    try:
        for file in filter(Path.is_file, files):
            with file.open("rb") as opened:
                told.update(os.fsencode(file) + hashlib.file_digest(opened, "sha256").digest())
    except OSError as error:
        words = f"读不了“{file}”（{reason(error)}），没有核对归档；请检查权限和网络后再试。"
        raise CannotRead(words) from error
    return told.hexdigest() if files else ""


@lru_cache(maxsize=1)
def _shelf(home: Path, beside: str) -> archives.Shelf:
    """The archives of a folder while they are those of that hash: many workbooks may lie there."""
    return archives.shelf(home)


def _unread(url: str) -> BranchResult | None:
    """What is told of a thing that is no workbook by its name; None for one that is to be read."""
    path, name = Path(url), sources.name_of(url)
    told = sources.unread(name)
    if not sources.is_remote(url) and path.is_dir():
        if not links.is_link(path):
            return None  # one that could not be looked into
        told = sources.Unread(
            WARNING, "是指向别处的文件夹的链接，没有进入", "请把其中的工作簿放进来，或直接写那个文件夹"
        )
        words = f"“{name}”{told.what}；{told.remedy}。"
    elif told is None:
        return None
    elif PurePath(name).stem == "*":
        number = sum(1 for file in path.parent.iterdir() if file.suffix.lower() == path.suffix)
        words = f"{number} 个 {path.suffix} 文件{told.what}，没有读；{told.remedy}。"
    else:
        words = f"“{name}”{told.what}，没有读；{told.remedy}。"
    return BranchResult(_printable(name), _printable(words), told.level)


def _changed(url: str) -> str:
    """When the disk says a file was changed; "" for one behind a URL."""
    if sources.is_remote(url):
        return ""
    with suppress(OSError, ValueError, OverflowError):
        return _utc(datetime.fromtimestamp(Path(url).stat().st_mtime, UTC))
    return ""


def _broken(url: str, words: str) -> Outcome:
    """The outcome of a file whose content is not known; it is tried again in the next run."""
    return Outcome(url, "", VERSION, "", packed(BranchResult(_printable(sources.name_of(url)), _printable(words))))


def _unforeseen(name: str, error: Exception) -> str:
    return f"处理“{name}”时出了没有料到的问题（{type(error).__name__}: {error}）；请把这个文件交给维护者。"


def _printable(text: str) -> str:
    """Text that can be written: names of files on Linux may be any bytes."""
    return text.encode("utf-8", "replace").decode()


def _fetch(url: str) -> bytes:
    """The content of a file, here or behind a URL. Raises CannotRead."""
    name = sources.name_of(url)
    too_large = f"“{name}”太大（超过 {LARGEST_FILE >> 20} MB），请删去或压缩其中的图片后再试。"
    if not sources.is_remote(url):
        path = Path(url)
        with suppress(OSError):  # ``look`` says what is wrong
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                raise CannotRead(f"打不开文件夹“{url}”，其中的工作簿没有汇总；请检查权限。")
            if not stat.S_ISREG(status.st_mode):
                raise CannotRead(f"“{name}”不是普通文件；请移出后再汇总。")
            if status.st_size > LARGEST_FILE:
                raise CannotRead(too_large)
        return look(path)[1]
    system, path_there = sources.remote(url)
    try:
        if (system.size(path_there) or 0) > LARGEST_FILE:
            raise CannotRead(too_large)
        data: bytes = system.cat_file(path_there)
    except CannotRead:
        raise
    except Exception as error:  # each file system has errors of its own
        raise CannotRead(f"读不了“{url}”；请检查网络和权限后再试（原话：{error}）。") from None
    return data


def rollup(
    where: Sequence[str],
    out: Path,
    now: datetime,
    *,
    tables: Path | None = None,
    workers: int | None = None,
    scheduler: str = "",
    scheme: Path | None = None,
    shown: Shown = unshown,
) -> RolledUp:
    """Sum up every workbook of ``where`` (see :func:`sources.workbooks`) in the workbook ``out``, replacing it.

    What lay there is backed up; a branch's workbook is not replaced.

    ``tables``: a folder for the Parquet files. ``workers``: processes on this machine, by default one a core;
    ``scheduler``: the address of a Dask scheduler instead; ``scheme``: the bureau's workbook, from which the branches'
    schemes may differ; ``shown`` tells a person how far it is. Raises CannotRead or CannotWrite at the edges, and
    Interrupted.
    """
    if out.suffix.lower() != ".xlsx":
        raise CannotWrite(f"“{out.name or out}”的扩展名不对；汇总请用 .xlsx，如 汇总.xlsx。")
    ensure_not_a_branchs(out)
    if tables:
        from xl_jifen.verbs.rollup import frames

        frames.ensure_available()
    bureau = _scheme(scheme) if scheme else None
    journal = Journal(out.with_name(out.stem + sources.JOURNAL))
    try:
        number = journal.plan(sources.workbooks(where, out))
        if not number:
            raise CannotRead("没有找到工作簿；请指定放有 .xlsx 或 .xlsm 文件的文件夹。")
        processes = min(workers or os.cpu_count() or 1, number)
        reckoned = _reckon(journal, now.date(), number, processes, scheduler, bureau, shown)
        summary = Summary(now)
        for listed in _listed(journal, out):
            summary.add(listed)
        if summary.files != number:
            raise CannotRead(f"{number} 个文件中只有 {summary.files} 个有结果；请再运行一次。")
        files = [_draw(summary, journal, out, now)]
        if tables:
            files += frames.write(_listed(journal, out), tables)
    finally:
        journal.close()
    return RolledUp(
        tuple(files),
        journal.path,
        number,
        reckoned,
        summary.counted,
        summary.branches,
        summary.unreadable,
        summary.unread,
        summary.harmless,
        summary.twins,
        summary.undecided,
        summary.errors,
        tuple(summary.differing),
        summary.other_schemes,
    )


def _scheme(path: Path) -> Terms:
    """The scheme of a workbook. Raises CannotRead."""
    grids = with_rules(path)
    return terms_of(grids, reckon(grids).register)


def _reckon(
    journal: Journal, day: date, number: int, workers: int, scheduler: str, bureau: Terms | None, shown: Shown
) -> int:
    """Do the tasks of that day and journal them as they come; how many were not known before."""
    from xl_jifen.verbs.rollup import fleet

    tasks = journal.tasks(day)
    reckoned = partial(work, bureau=bureau) if bureau is not None else work
    done = fleet.dask(reckoned, tasks, scheduler) if scheduler else fleet.local(reckoned, tasks, workers)
    new = finished = 0
    try:
        with closing(done):
            for task, outcome in shown(done, number):
                if outcome is None:
                    words = (
                        f"读取“{_printable(sources.name_of(task.url))}”时计算进程意外退出（两次）；请单独检查这个文件。"
                    )
                    outcome = _broken(task.url, words)
                if outcome.version != VERSION:
                    words = f"工作机上的 xl-jifen 是 {outcome.version}，本机是 {VERSION}；请安装同一版本后再试。"
                    raise CannotRead(words)
                journal.store(outcome)
                new += outcome.result is not None
                finished += 1
    except KeyboardInterrupt:
        words = f"已中断；{finished}/{number} 个文件已核算，记在“{journal.path.name}”，再运行同一命令会接着算。"
        raise Interrupted(words) from None
    finally:
        journal.commit()
    return new


def _listed(journal: Journal, out: Path) -> Iterator[Listed]:
    """Every file of the run as the summary tells it."""
    folder = out.parent.resolve()
    for kept in journal.results():
        verdict = kept.verdict and kept.verdict._replace(than=_shown_name(kept.verdict.than, folder))
        shown = _shown_name(kept.url, folder)
        target = kept.url if sources.is_remote(kept.url) else shown
        leads_nowhere = any(sign in target for sign in "�?*")
        yield Listed(shown, "" if leads_nowhere else target, kept.result, verdict)


def _shown_name(url: str, folder: Path) -> str:
    """A local file relative to the folder of the summary, so that links still lead there when both are moved."""
    if sources.is_remote(url):
        return _printable(url)
    try:
        return _printable(os.path.relpath(url, folder).replace(os.sep, "/"))
    except ValueError:  # another drive of Windows
        return _printable(url)


def _draw(summary: Summary, journal: Journal, out: Path, now: datetime) -> Path:
    from xl_jifen.excel.draw.summary_sheet import draw

    def listed() -> Iterable[Listed]:
        return _listed(journal, out)

    rows = (summary.rows(file) for file in listed())
    problems = (summary.problem_rows(file) for file in listed())
    return put(out, draw(summary, rows, problems, now), now)
