"""The verbs (校验 核算 写回 新建) on a closed workbook, as every door calls them: read, reckon, draw, save.

Each takes the clock as an argument and returns what happened; the doors choose the words around it. Heavy libraries
are imported by the verb that needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from xl_jifen import Reckoning, __version__, layout, reckon
from xl_jifen.disk import assets
from xl_jifen.disk.folders import ARCHIVES, NOTICES
from xl_jifen.excel.read.file import read_file, read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite, errors
from xl_jifen.grid import Grids, printable, squeeze
from xl_jifen.period import Cycle, Period
from xl_jifen.typed import TYPE_CHECKING, NamedTuple, Protocol
from xl_jifen.verbs.done import NoCycle
from xl_jifen.verbs.done import Refused as Refused  # its old home, for those who call us

if TYPE_CHECKING:
    from xl_jifen.disk.shelf import Shelf

MASTERS = {".xlsx": "workbook/党员积分.xlsx", ".xlsm": "workbook/党员积分.xlsm"}
"""The master workbook by suffix: without macros, and with the ribbon."""


class Book(Protocol):
    """A workbook as it was read, closed or open: where it lies, what it amounts to, and which archives lie beside it.

    ``shelf`` is None where nobody has looked for archives yet.
    """

    @property
    def path(self) -> Path: ...  # noqa: D102 - the class says it

    @property
    def reckoning(self) -> Reckoning: ...  # noqa: D102 - the class says it

    @property
    def shelf(self) -> Shelf | None: ...  # noqa: D102 - the class says it


class Looked(NamedTuple):
    """What a workbook amounts to, its archives, and what is to be said of these (程序的读法变了)."""

    path: Path
    reckoning: Reckoning
    shelf: Shelf | None = None
    notes: tuple[str, ...] = ()


class Opened(NamedTuple):
    """The same with the package and the cells it was read from."""

    path: Path
    package: Package
    grids: Grids
    reckoning: Reckoning
    shelf: Shelf | None = None
    notes: tuple[str, ...] = ()


class Recalculated(NamedTuple):
    """What writing back did: whether anything changed, and where the backup lies."""

    changed: bool
    backup: Path | None


def open_workbook(path: Path, shelf: Shelf | None = None) -> Opened:
    """Read and reckon one workbook; archived periods beside it (``shelf``, where read already) are guarded (E901).

    Raises CannotRead.
    """
    package = Package.open(path)
    grids = read_grids(package)
    reckoning = reckon(grids)
    if shelf is None and not _may_have_archives(path):
        return Opened(path, package, grids, reckoning)
    from xl_jifen.verbs.guarded import watched

    seen = watched(path, grids, reckoning, shelf)
    return Opened(path, package, grids, seen.reckoning, seen.shelf, seen.notes)


def look_at(path: Path) -> Looked:
    """What :func:`open_workbook` tells, in less memory: the file and its cells are let go once read."""
    if not _may_have_archives(path):
        return Looked(path, reckon(read_file(path)))
    opened = open_workbook(path)
    return Looked(path, opened.reckoning, opened.shelf, opened.notes)


def reckoning_of(path: Path) -> Reckoning:
    """The reckoning of :func:`look_at` alone."""
    return look_at(path).reckoning


def _may_have_archives(path: Path) -> bool:
    home = path.resolve().parent
    return (home / ARCHIVES).exists() or (home / NOTICES).exists()


def recalculate(opened: Opened, now: datetime) -> Recalculated:
    """Write the owned cells and sheets into the workbook, with a backup; nothing if nothing changed.

    Raises CannotWrite, the file being as it was.
    """
    from xl_jifen.disk.save import Seen, ensure_writable, save
    from xl_jifen.excel.patch.stamp import is_stamped, stamp

    seen = Seen.of(opened.path, opened.package.data)
    ensure_writable(seen)
    register, findings, ledger = opened.reckoning.register, opened.reckoning.findings, opened.reckoning.ledger
    grounds = _grounds(opened.reckoning, now.date())
    if is_stamped(opened.package, layout.BOARD_SHEET, grounds):
        return Recalculated(False, None)
    from xl_jifen.excel.draw.owned import sheets
    from xl_jifen.excel.patch.front import open_on
    from xl_jifen.excel.patch.graft import graft
    from xl_jifen.excel.patch.patched import Patch
    from xl_jifen.publish.owned.marks import changed, heading_rows, marks
    from xl_jifen.publish.owned.tables import tables

    patch = Patch(opened.package)
    headings = heading_rows(opened.grids)
    for name, cells in marks(opened.grids, register, findings, ledger).items():
        if changed(opened.grids.get(name), cells):
            patch.set_cells(name, cells, heading=headings[name])
    said = tables(register, findings, ledger, file_name=printable(seen.path.name), computed=now)
    if not graft(patch, sheets(said)):
        return Recalculated(False, None)
    if errors(findings):
        open_on(patch, layout.FINDINGS_SHEET, layout.OWNED_SHEETS)
    patch.recalculate_on_load()
    stamp(patch, layout.BOARD_SHEET, grounds)
    return Recalculated(True, save(seen, patch.to_bytes(), now))


def _grounds(reckoning: Reckoning, day: date) -> str:
    """What the owned sheets rest on besides the workbook: this version, the months that are over, the archives."""
    cycle = reckoning.register.settings.cycle
    over = sum(cycle.month_end(month) < day for month in cycle.months) if cycle else 0
    told = "".join(f"{code} {place} {message} {remedy}" for code, place, message, remedy in reckoning.findings)
    return f"{__version__} {over} {told}"


USUAL_SCHEME = "示例"
"""The scheme that the master holds."""
SCHEME_FILES = {
    layout.BANDS.name: "bands",
    layout.RULES.name: "rules",
    layout.GROUPS.name: "groups",
    layout.ATTENDANCE_RULES.name: "attendance_rules",
}
"""Which file of a shipped scheme fills which sheet."""


def cycle_of(reckoning: Reckoning) -> Cycle:
    """The scoring cycle. Raises NoCycle, with all errors, where 设置 names none."""
    cycle = reckoning.register.settings.cycle
    if cycle is None:
        raise NoCycle(errors(reckoning.findings))
    return cycle


def period_of(reckoning: Reckoning, text: str) -> Period:
    """The period a user names. Raises CannotRead with those of the cycle, Refused where there is no cycle."""
    period = cycle_of(reckoning).named(text)
    if isinstance(period, str):
        raise CannotRead(period)
    return period


def period_meant(reckoning: Reckoning, text: str | None, today: date, *, closing: bool = False) -> Period:
    """The period a user names to publish it, or to close it; without a name the last of 公示周期 that has ended.

    Raises CannotRead, Refused.
    """
    if text:
        return period_of(reckoning, text)
    cycle, kind = cycle_of(reckoning), reckoning.register.settings.notice_period
    ended = [period for period in cycle.periods(kind) if cycle.span(period)[1] < today]
    if not ended:
        first = cycle.periods(kind)[0]
        last = cycle.span(first)[1]
        instead = f"先看样子请写明时段并加 --draft：xl-jifen publish 工作簿 {first} --draft"
        raise CannotRead(
            f"本计分周期还没有结束的时段（{first.words}到{last.year}年{last.month}月{last.day}日才结束）；"
            f"{'结束以后先公示，公示期满再归档' if closing else instead}。"
        )
    return ended[-1]


def quarter_of(reckoning: Reckoning, text: str) -> Period:
    """The quarter a user names. Raises CannotRead with those of the cycle, Refused where there is no cycle."""
    cycle, quarter = cycle_of(reckoning), period_of(reckoning, text)
    if quarter not in cycle.quarters:
        raise CannotRead(f"“{text}”不是本周期的季度；请写以下之一：{'、'.join(map(str, cycle.quarters))}。")
    return quarter


def master_for(path: Path) -> str:
    """The asset a new workbook at ``path`` is made from. Raises CannotWrite if its suffix is not one we make."""
    master = MASTERS.get(path.suffix.lower())
    if master is None:
        raise CannotWrite(f"“{path.name or path}”的扩展名不对；请用 .xlsx，要功能区按钮的用 .xlsm。")
    return master


def new(path: Path, *, branch: str = "", year: int | None = None, scheme: str = "") -> Path:
    """A fresh master workbook at ``path``, with a shipped scheme or that of another workbook, if one is named.

    Raises CannotWrite if it exists or its suffix is not one we make, CannotRead where there is no such scheme.
    """
    from xl_jifen.disk.save import write_new
    from xl_jifen.excel.fill.master import filled

    master = master_for(path)
    given, texts = _scheme(scheme)
    settings = {**given, **({layout.BRANCH: branch} if branch else {})}
    if year:
        settings |= {layout.CYCLE_START: f"{year}-01-01", layout.CYCLE_END: f"{year}-12-31"}
    return write_new(path, filled(assets.asset(master), path.name, settings, texts))


def _scheme(name: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Settings and rows of a shipped scheme, or of a workbook's; none for the one the master holds."""
    import csv

    from xl_jifen.derive.scheme import scheme_of

    if name in ("", USUAL_SCHEME):
        return {}, {}
    shipped = {folder.name: folder for folder in (assets.folder("workbook") / "scheme").iterdir() if folder.is_dir()}
    if folder := shipped.get(name):
        texts = {sheet: (folder / f"{stem}.csv").read_text("utf-8") for sheet, stem in SCHEME_FILES.items()}
        rows = csv.DictReader((folder / "settings.csv").read_text("utf-8").splitlines())
        return {row[layout.KEY]: row[layout.VALUE] for row in rows}, texts
    if not Path(name).suffix:
        known = "、".join((USUAL_SCHEME, *sorted(shipped)))
        raise CannotRead(f"没有叫“{name}”的积分方案；随附的有：{known}；也可以写一个工作簿的文件名。")
    return scheme_of(with_rules(Path(name)))


def with_rules(path: Path) -> Grids:
    """The cells of a workbook whose rules are asked for. Raises CannotRead, also where it has none."""
    package = Package.open(path)
    if layout.RULES.name not in map(squeeze, package.sheets):
        raise CannotRead(f"“{package.name}”里没有工作表“{layout.RULES.name}”，取不到积分方案；请选一个党员积分工作簿。")
    return read_grids(package)


def example(path: Path) -> Path:
    """The filled example branch at ``path``, or under a name beside it where what lies there was typed over.

    An example that nobody changed is replaced. Returns where it lies. Raises CannotWrite.
    """
    import csv

    from xl_jifen.disk.save import look, save, write_new
    from xl_jifen.excel.fill.master import filled

    folder = assets.folder("workbook")
    texts = {file.stem: file.read_text("utf-8") for file in sorted((folder / "demo").glob("*.csv"))}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    shipped = (folder / "scheme" / f"{SCHEME_FILES[layout.RULES.name]}.csv").read_text("utf-8")
    for file in (folder / "demo" / "own_rule").glob("*.csv"):  # behind the rules that are shipped, and the ballots
        texts[file.stem] = _joined(texts.get(file.stem, shipped), file.read_text("utf-8"))
    data = filled(assets.asset(MASTERS[path.suffix]), path.name, settings, texts)
    number, free = 1, path
    while free.exists():
        if _typed(look(free)[1], free.name) == _typed(data, free.name):
            save(look(free)[0], data, datetime.now())
            return free
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return write_new(free, data)


def _joined(*tables: str) -> str:
    """The rows of several tables (CSV with headings) as one."""
    import csv
    import io

    rows = [row for table in tables for row in csv.DictReader(table.splitlines())]
    out = io.StringIO()
    writer = csv.DictWriter(out, dict.fromkeys(heading for row in rows for heading in row), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _typed(data: bytes, name: str) -> object:
    """What people typed into a workbook, by sheet; the reason where it cannot be read."""
    from xl_jifen.grid import as_text
    from xl_jifen.table import Row, Table

    try:
        grids = read_grids(Package.of(data, name))
    except CannotRead as error:
        return str(error)

    def cells(row: Row, headings: Iterable[str]) -> tuple[str, ...]:
        return tuple(as_text(row.cell(heading)) for heading in headings)

    tables = [Table(sheet, grid) for sheet in layout.SHEETS if (grid := grids.get(sheet.name))]
    return {t.sheet.name: [cells(row, t.own_headings) for row in t.rows([])] for t in tables}
