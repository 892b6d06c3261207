"""The verbs (校验 核算 写回 公示) on a closed workbook, as every door calls them: read, reckon, draw, save.

Each takes the clock as an argument and returns what happened; the doors choose the words around it. Heavy libraries
are imported by the verb that needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from xl_jifen import Reckoning, __version__, layout, reckon
from xl_jifen.disk import assets
from xl_jifen.disk.folders import ARCHIVES, NOTICES, notice_stem, notices_of
from xl_jifen.excel.read.file import read_file, read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite, Finding, errors
from xl_jifen.grid import Grids, squeeze
from xl_jifen.period import Cycle, Period
from xl_jifen.register import Ledger

if TYPE_CHECKING:
    from xl_jifen.publish.page import Page

MASTERS = {".xlsx": "workbook/党员积分.xlsx", ".xlsm": "workbook/党员积分.xlsm"}
"""The master workbook by suffix: without macros, and with the ribbon."""

TEMPLATES = ("publicity.xlsx", "publicity.typ", "phone.typ", "common.typ", "publicity.html")
"""What a publicity set is drawn by."""


class Opened(NamedTuple):
    """A workbook as it was read: its package, its cells, and what they amount to."""

    path: Path
    package: Package
    grids: Grids
    reckoning: Reckoning


class Recalculated(NamedTuple):
    """What writing back did: whether anything changed, and where the backup lies."""

    changed: bool
    backup: Path | None


class Style(NamedTuple):
    """How the publicity set shall look: 公文版 or 紧凑版 margins, charts or none."""

    margins: Literal["公文版", "紧凑版"] = "公文版"
    charts: bool = True


class Published(NamedTuple):
    """A publicity set: its files, sentences about them, and the errors a draft passed over."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]
    in_the_way: tuple[Finding, ...]


class Refused(Exception):
    """A verb is refused: ``findings`` are the errors that stand in its way."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} errors")
        self.findings = findings


def open_workbook(path: Path) -> Opened:
    """Read and reckon one workbook; archived quarters beside it are guarded (E901). Raises CannotRead."""
    package = Package.open(path)
    grids = read_grids(package)
    reckoning = reckon(grids)
    if _may_have_archives(path):
        from xl_jifen.verbs.guarded import guarded

        reckoning = guarded(path, grids, reckoning)
    return Opened(path, package, grids, reckoning)


def reckoning_of(path: Path) -> Reckoning:
    """The reckoning of :func:`open_workbook` alone, in less memory: the file and its cells are let go once read."""
    return open_workbook(path).reckoning if _may_have_archives(path) else reckon(read_file(path))


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
    from xl_jifen.excel.patch.book import Patch
    from xl_jifen.excel.patch.graft import graft
    from xl_jifen.publish.marks import changed, heading_rows, marks
    from xl_jifen.publish.tables import tables

    patch = Patch(opened.package)
    headings = heading_rows(opened.grids)
    for name, cells in marks(opened.grids, register, findings, ledger).items():
        if changed(opened.grids, name, cells):
            patch.set_cells(name, cells, heading=headings[name])
    said = tables(register, findings, ledger, file_name=seen.path.name, computed=now)
    if not graft(patch, sheets(said)):
        return Recalculated(False, None)
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
    """The scoring cycle. Raises Refused, with all errors, where 设置 names none."""
    cycle = reckoning.register.settings.cycle
    if cycle is None:
        raise Refused(errors(reckoning.findings))
    return cycle


def period_of(reckoning: Reckoning, text: str) -> Period:
    """The period a user names. Raises CannotRead with those of the cycle, Refused where there is no cycle."""
    period = cycle_of(reckoning).named(text)
    if isinstance(period, str):
        raise CannotRead(period)
    return period


def quarter_of(reckoning: Reckoning, text: str) -> Period:
    """The quarter a user names. Raises CannotRead with those of the cycle, Refused where there is no cycle."""
    cycle, quarter = cycle_of(reckoning), period_of(reckoning, text)
    if quarter not in cycle.quarters:
        raise CannotRead(f"“{text}”不是本周期的季度；请写以下之一：{'、'.join(map(str, cycle.quarters))}。")
    return quarter


def publish(
    workbook: Path,
    reckoning: Reckoning,
    quarter: Period,
    day: date,
    now: datetime,
    *,
    folder: Path | None = None,
    draft: bool = False,
    style: Style,
) -> Published:
    """Make the publicity set of a quarter of ``workbook``, published on ``day``, in ``folder`` (公示/…季度/ beside it).

    Raises Refused while errors bear on the quarter and it is no draft; CannotWrite where the quarter has no members;
    CannotRead or CannotWrite at the edges.
    """
    from xl_jifen.derive.bearing import bearing
    from xl_jifen.verbs.guarded import code_of
    from xl_jifen.verbs.printing import put

    in_the_way = bearing(reckoning.register, (*reckoning.findings, *reckoning.unlisted), quarter)
    if in_the_way and not draft:
        raise Refused(in_the_way)
    if not reckoning.ledger.of(quarter):
        raise CannotWrite(f"{quarter.words}没有计分的党员，没有可以公示的；请核对“党员名册”。")
    page, notes = publicity_of(reckoning.ledger, quarter, day, draft=draft, code=code_of(workbook, quarter))
    folder = folder or notices_of(workbook.resolve().parent, quarter)
    stem = notice_stem(quarter, draft=draft)
    drawn = list(_drawn(page, workbook, stem, datetime.combine(day, time()), style, notes))
    files = tuple(put(folder / name, data, now) for name, data in drawn)
    notes += assets.own_templates(TEMPLATES, workbook)
    for stale in {*folder.glob(f"{stem}.p[nd][gf]"), *folder.glob(f"{stem}-*.png")} - set(files):
        stale.unlink()  # of an earlier set; beside the new files it would be taken for theirs
    return Published(files, tuple(notes), in_the_way)


def publicity_of(ledger: Ledger, quarter: Period, day: date, *, draft: bool, code: str = "") -> tuple[Page, list[str]]:
    """The publicity page of a quarter published on ``day``, and what its publisher should know, as sentences."""
    from xl_jifen.derive.corrections import unsettled
    from xl_jifen.publish.notice import notice
    from xl_jifen.publish.publicity import publicity

    settings = ledger.register.settings
    period = notice(day, settings.notice_days, settings.notice_kind)
    page = publicity(ledger, quarter, period, draft=draft, code=code)
    return page, [*([period.caveat] if period.caveat else []), *unsettled(ledger, quarter)]


def _drawn(
    page: Page, workbook: Path, stem: str, created: datetime, style: Style, notes: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Every file of the set by name, the message last since it names the others; nothing is written here."""
    from xl_jifen.excel.fill.template import fill
    from xl_jifen.render.message import message

    made: list[tuple[str, bytes]] = [(f"{stem}.xlsx", fill(assets.template("publicity.xlsx", workbook), page, created))]
    made += typeset_files(page, workbook, stem, created, style, notes)
    made.append((f"{stem}.html", web_page(page, workbook, style)))
    names = [name for name, _ in made]
    made.append((f"{stem}.txt", message(page, names).encode("utf-8-sig")))
    yield from made


def web_page(page: Page, workbook: Path, style: Style) -> bytes:
    """The page as one HTML file, by the branch's own template if it has one. Raises CannotRead, CannotWrite."""
    from xl_jifen.render.html import html

    return html(page, assets.web_template("publicity.html", workbook), charts=style.charts).encode("utf-8")


def typeset_files(
    page: Page,
    workbook: Path,
    stem: str,
    created: datetime,
    style: Style,
    notes: list[str],
    *,
    with_pictures: bool = True,
) -> Iterator[tuple[str, bytes]]:
    """The PDF and the pictures by name; none, and one sentence why added to ``notes``, where they cannot be made."""
    from xl_jifen.render import typeset

    if sentence := typeset.available():
        notes.append(sentence)
        return
    from xl_jifen.render import fonts

    try:
        found = fonts.find()
        templates = {name: assets.template(name, workbook) for name in ("publicity.typ", "phone.typ", "common.typ")}
        pdf = typeset.pdf(
            page, templates=templates, fonts=found, created=created, margins=style.margins, charts=style.charts
        )
        pictures = (
            typeset.pictures(page, templates=templates, fonts=found, charts=style.charts) if with_pictures else ()
        )
    except CannotWrite as error:
        notes.append(f"没有生成 PDF 和长图：{error}")
        return
    notes.append(found.used())
    yield f"{stem}.pdf", pdf
    for number, picture in enumerate(pictures, 1):
        counted = f"-{number:0{len(str(len(pictures)))}d}"  # -01 to -22: in order wherever names are sorted
        yield f"{stem}{counted if len(pictures) > 1 else ''}.png", picture


def new(path: Path, *, branch: str = "", year: int | None = None, scheme: str = "") -> Path:
    """A fresh master workbook at ``path``, with a shipped scheme or that of another workbook, if one is named.

    Raises CannotWrite if it exists or its suffix is not one we make, CannotRead where there is no such scheme.
    """
    from xl_jifen.disk.save import write_new
    from xl_jifen.excel.fill.master import filled

    master = MASTERS.get(path.suffix.lower())
    if master is None:
        raise CannotWrite(f"“{path.name}”的扩展名不对；请用 .xlsx，要功能区按钮的用 .xlsm。")
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
    package = Package.open(Path(name))
    if layout.RULES.name not in map(squeeze, package.sheets):
        raise CannotRead(f"“{package.name}”里没有工作表“{layout.RULES.name}”，取不到积分方案；请选一个党员积分工作簿。")
    return scheme_of(read_grids(package))


def example(path: Path) -> Path:
    """The filled example branch at ``path``, replacing an earlier one there. Raises CannotWrite."""
    import csv

    from xl_jifen.disk.save import write_new
    from xl_jifen.excel.fill.master import filled

    texts = {file.stem: file.read_text("utf-8") for file in sorted((assets.folder("workbook") / "demo").glob("*.csv"))}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    data = filled(assets.asset(MASTERS[path.suffix]), path.name, settings, texts)
    return write_new(path, data, overwrite=True)
