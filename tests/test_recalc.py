"""Writing back (写回) as a whole: the branch's own file, from the command to the disk, and what other programs see."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import deadly
import openpyxl
import pytest
from books import (
    OPENPYXL_CANNOT,
    PART,
    SHEET,
    VARIANTS,
    WORKBOOK,
    by_openpyxl,
    change,
    outside,
    parts_of,
    raw_of,
    zipped,
    zoo,
)
from libreoffice import Shown, recomputed, shown
from owned_branch import grids, user_workbook

import xl_jifen
from xl_jifen import layout
from xl_jifen.disk.folders import BACKUPS
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite, JifenError
from xl_jifen.grid import Grid, Grids
from xl_jifen.publish.owned.marks import marks
from xl_jifen.verbs import quarter

NOW = datetime(2026, 10, 8, 9, 30, 15)
LATER = datetime(2026, 10, 9, 9, 30, 15)


@cache
def full_house() -> bytes:
    """A branch whose 3月 carries every feature people put into a workbook."""
    return zoo(grids(3, members=12, entries=60))


def recalc(path: Path, now: datetime = NOW) -> quarter.Recalculated:
    return quarter.recalculate(quarter.open_workbook(path), now)


# Not one byte else


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_foreign_part_lies_in_the_file_as_it_lay_before(variant: str, tmp_path: Path) -> None:
    book = tmp_path / "党员积分.xlsm"
    book.write_bytes(VARIANTS[variant](full_house()))
    opened = quarter.open_workbook(book)
    package, reckoning = opened.package, opened.reckoning
    marked = marks(opened.grids, reckoning.register, reckoning.findings, reckoning.ledger)
    assert len(marked[SHEET]) > 14
    done = quarter.recalculate(opened, NOW)
    assert done.changed
    assert done.backup is not None
    assert done.backup.read_bytes() == package.data

    before, after = raw_of(package.data), raw_of(book.read_bytes())
    styles = next(r.target for r in package.relations(package.workbook) if r.type == "styles")
    sheets = {package.sheets[name] for name in marked}
    folder, _, base = package.workbook.replace("\\", "/").rpartition("/")
    ours = {part.replace("\\", "/") for part in (package.workbook, styles, *sheets)}
    ours |= {"[Content_Types].xml", f"{folder}/_rels/{base}.rels", "xl/calcChain.xml"}
    foreign = [name for name in before if name.replace("\\", "/") not in ours]
    assert len(foreign) > 30
    assert [name for name in foreign if after.get(name) != before[name]] == []

    old, new = parts_of(package.data), parts_of(book.read_bytes())
    for name, cells in marked.items():
        part = package.sheets[name]
        assert outside(_without_spans(new[part]), cells) == outside(_without_spans(old[part]), cells), name
    new_sheets = Package.of(book.read_bytes(), book.name).sheets
    assert list(new_sheets) == [*package.sheets, *layout.OWNED_SHEETS]

    written = book.read_bytes()
    assert recalc(book, LATER) == quarter.Recalculated(False, None)
    assert book.read_bytes() == written


def _without_spans(xml: bytes) -> bytes:
    """A row that got a cell on its right says so in its ``spans``."""
    return re.sub(rb""" spans=["'][0-9:]+["']""", b"", xml)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - OPENPYXL_CANNOT))
def test_each_line_finds_its_figure_beside_its_row(variant: str, tmp_path: Path) -> None:
    book = tmp_path / "党员积分.xlsm"
    book.write_bytes(VARIANTS[variant](full_house()))
    opened = quarter.open_workbook(book)
    recalc(book)
    cells = by_openpyxl(book.read_bytes())
    lines = [line for line in opened.reckoning.ledger.lines if line.entry.place.sheet == SHEET]
    assert len(lines) == 8
    for line in lines:
        row = line.entry.place.row
        assert cells[row, 14] == line.counted / 100
        assert (cells.get((row, 15)) is None) == (
            not any(f.place[:2] == (SHEET, row) for f in opened.reckoning.findings)
        )


@pytest.mark.slow
def test_a_month_without_the_owned_columns_gets_them_right_of_all_headings(tmp_path: Path) -> None:
    whole = grids(3, members=12, entries=60)
    bare = [Grid(g.name, [row[:-2] for row in g.rows]) if g.name == "4月" else g for g in whole]
    book = tmp_path / "党员积分.xlsx"
    book.write_bytes(user_workbook(Grids(tuple(bare))))
    recalc(book)
    month = openpyxl.load_workbook(book)["4月"]
    heads = [cell.value for cell in month[1]]
    assert heads == [*bare[[g.name for g in bare].index("4月")].rows[0], layout.COUNTED, layout.HINT]
    assert all(isinstance(month.cell(row, len(heads) - 1).value, int | float) for row in range(2, month.max_row + 1))


# An independent engine


ERRORS = {"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!"}


BRANCHES: list[tuple[int, dict[str, Any]]] = [
    (21, {"年度汇总方式": "季度求和", "最低分": 60, "最高分": 110}),
    (22, {"计分周期开始": datetime(2026, 2, 15), "计分周期结束": datetime(2027, 1, 31), "中途转入基础分": "按月折算"}),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, dict[str, Shown]]]:
    """The example and random branches, recalculated, and each as LibreOffice reckons it."""
    folder = tmp_path_factory.mktemp("both")
    books = [quarter.example(folder / "示例" / "党员积分.xlsx")]
    for seed, settings in BRANCHES:
        books.append(folder / f"{seed}.xlsx")
        books[-1].write_bytes(user_workbook(grids(seed, members=25, entries=300, settings=settings)))
    assert all(recalc(book).changed for book in books)
    theirs = recomputed([book.read_bytes() for book in books], folder, *layout.OWNED_SHEETS)
    return [*zip(books, theirs, strict=True)]


@pytest.mark.office
@pytest.mark.parametrize("number", range(1 + len(BRANCHES)))
def test_libreoffice_finds_every_figure(both: list[tuple[Path, dict[str, Shown]]], number: int) -> None:
    """Of 积分台账 that we stored, and no error on any sheet of ours."""
    book, theirs = both[number]
    formulas = [at for at, text in shown(book, layout.LEDGER_SHEET, formulas=True).items() if str(text)[:1] == "="]
    assert len(formulas) > 100
    for name in layout.OWNED_SHEETS:
        assert theirs[name], name
        assert [(at, value) for at, value in theirs[name].items() if value in ERRORS] == []
    known, found = shown(book, layout.LEDGER_SHEET), theirs[layout.LEDGER_SHEET]
    assert {*formulas} & known.keys()
    differ = [at for at in {**known, **found} if found.get(at) != known.get(at)]
    assert [(at, known.get(at), found.get(at)) for at in differ] == []


# What is unchanged is not drawn


@pytest.mark.slow
def test_a_file_as_it_was_left_is_not_drawn_again(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = b' fullCalcOnLoad="1"'
    book.write_bytes(change(WORKBOOK, lambda xml: xml.replace(asked, b""))(book.read_bytes()))  # as Excel leaves it
    assert recalc(book).changed
    written = book.read_bytes()
    assert asked in parts_of(written)[WORKBOOK]

    def drawn(*given: object, **named: object) -> None:
        raise LookupError("drawn again")

    monkeypatch.setattr("xl_jifen.publish.owned.tables.tables", drawn)
    assert recalc(book, LATER) == quarter.Recalculated(False, None)
    assert book.read_bytes() == written
    with pytest.raises(LookupError, match="drawn again"):  # a month more is over
        recalc(book, datetime(2026, 11, 1))


@pytest.mark.slow
@pytest.mark.parametrize("sheet", layout.OWNED_SHEETS)
def test_what_somebody_wrote_over_is_written_again(sheet: str, book: Path) -> None:
    recalc(book)
    parts, part = parts_of(book.read_bytes()), Package.open(book).sheets[sheet]
    text = re.search(rb"<t>([^<]+)</t>", parts[part])
    assert text
    book.write_bytes(zipped({**parts, part: parts[part].replace(text[0], b"<t>spoilt</t>", 1)}))
    assert recalc(book, LATER).changed
    assert b"spoilt" not in parts_of(book.read_bytes())[part]


# Never lose a file


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small branch, alone in its folder."""
    path = tmp_path / "支部" / "党员积分.xlsx"
    path.parent.mkdir()
    path.write_bytes(small_branch())
    return path


@cache
def small_branch() -> bytes:
    return user_workbook(grids(1, members=9, entries=5, months=1))


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("lock", ["~$党员积分.xlsx", ".~lock.党员积分.xlsx#", ".~党员积分.xlsx"])
def test_an_open_workbook_is_left_alone(book: Path, lock: str) -> None:
    book.with_name(lock).write_bytes(b"")
    before = files(book.parent)
    with pytest.raises(CannotWrite, match="关闭后再试"):
        recalc(book)
    assert files(book.parent) == before


def test_a_workbook_changed_while_it_was_reckoned_is_left_alone(book: Path) -> None:
    opened = quarter.open_workbook(book)
    book.write_bytes(book.read_bytes() + b"\0")
    before = files(book.parent)
    with pytest.raises(CannotWrite, match="又被修改过"):
        quarter.recalculate(opened, NOW)
    assert files(book.parent) == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_shortcut_writes_the_workbook_behind_it(book: Path, tmp_path: Path) -> None:
    link = tmp_path / "快捷方式.xlsx"
    link.symlink_to(book)
    done = recalc(link)
    assert done.backup is not None
    assert done.backup.parent == book.parent / BACKUPS
    assert link.is_symlink()
    assert layout.LEDGER_SHEET in Package.open(book).sheets


@pytest.mark.slow
def test_no_backup_no_writing(book: Path) -> None:
    (book.parent / BACKUPS).write_bytes(b"a file where the folder should be")
    before = files(book.parent)
    with pytest.raises(CannotWrite, match=BACKUPS):
        recalc(book)
    assert files(book.parent) == before


LIMITED = """
import resource, sys
sys.dont_write_bytecode = True  # half a module would stay there for everybody
from xl_jifen.doors.cli.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
sys.exit(main(["recalc", sys.argv[1]]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
@pytest.mark.parametrize("room", [0, 4096, len(small_branch()) + 100])
def test_a_disk_that_fills_up_leaves_the_old_file_and_no_litter(book: Path, room: int) -> None:
    """With room for nothing, for half a backup, and for the backup only."""
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(book), str(room)], env=environment(), capture_output=True, text=True
    )
    assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stderr
    assert "没有写入" in run.stderr
    assert book.read_bytes() == small_branch()
    assert not any(file.suffix == ".tmp" for file in book.parent.rglob("*"))


HOMES = (Path(xl_jifen.__file__).parents[1], Path(__file__).parent)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, HOMES)), "PYTHONIOENCODING": "utf-8"}


@pytest.mark.slow
def test_a_recalculation_killed_at_any_step_leaves_the_old_workbook_or_the_new_one(book: Path, tmp_path: Path) -> None:
    steps: list[Path] = []

    def look(step: int) -> None:
        steps.append(Path(shutil.copytree(book.parent, tmp_path / "steps" / str(step))))

    with deadly.moments(look):
        recalc(book)
    assert len(steps) >= 40
    old, new = small_branch(), book.read_bytes()
    outcomes = []
    for step, place in enumerate(steps, 1):
        found = (place / book.name).read_bytes()
        assert found in (old, new), f"step {step}"
        outcomes.append(found == new)
        backups = [file.read_bytes() for file in (place / BACKUPS).glob("*.xlsx")]
        assert all(backup == old for backup in backups), f"step {step}"
        assert backups or found == old, f"step {step}"
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {False, True}
    last_old = steps[outcomes.count(False) - 1]
    assert recalc(last_old / book.name).changed, "the next run works among the litter"
    assert not recalc(steps[-1] / book.name).changed


# Hostile input on the way to the disk (tests/test_package.py and tests/test_file.py have what is refused when read)


def spoilt(part: str, pattern: bytes, new: bytes) -> bytes:
    parts = parts_of(full_house())
    changed = re.sub(pattern, lambda _: new, parts[part], count=1)
    assert changed != parts[part]
    return zipped({**parts, part: changed})


DEEP = 60_000
NASTY = {
    "comments that never end": (PART, rb"</sheetData>", b"</sheetData>" + b"<!--x" * 150_000),
    "instructions that never end": (PART, rb"</sheetData>", b"</sheetData>" + b"<?x" * 150_000),
    "styles a mile deep": ("xl/styles.xml", rb"<fonts", b"<a>" * DEEP + b"</a>" * DEEP + b"<fonts"),
    "names a mile deep": (
        "xl/workbook.xml",
        rb"<definedName .*?</definedName>",
        b'<definedName name="a" localSheetId="0">' * DEEP + b"</definedName>" * DEEP,
    ),
    "types a mile deep": (
        "[Content_Types].xml",
        rb"</Types>",
        b'<Override PartName="/a" ContentType="b">' * DEEP + b"</Override>" * DEEP + b"</Types>",
    ),
    "formats without numbers": ("xl/styles.xml", rb'<numFmt numFmtId="[0-9]+"', b'<numFmt numFmtId="x"'),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", NASTY)
def test_what_would_take_for_ever_or_overflow_is_refused_soon(book: Path, what: str) -> None:
    book.write_bytes(spoilt(*NASTY[what]))
    before, start = files(book.parent), process_time()
    with pytest.raises((CannotRead, CannotWrite), match="已损坏"):
        recalc(book)
    assert process_time() - start < 10
    assert files(book.parent) == before


@pytest.mark.slow
def test_sheet_numbers_that_are_none_do_no_harm(book: Path) -> None:
    book.write_bytes(spoilt("xl/workbook.xml", rb'sheetId="1"', b'sheetId="1e99"'))
    assert recalc(book).changed


ATTRIBUTES = (
    b"",
    b"x",
    b"-1",
    b"999999999",
    b"1.5",
    b"A0",
    b"ZZZ1",
    b"A1:",
    b"&#0;",
    "²".encode(),
    b"1e99",
    b"../../x",
)
TEXTS = (b"", b"x", b"999999999999", b"-5", b"1e400", b"&#x1;", b"NaN", b"_x0000_")


def mutated(parts: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """One part with an attribute, a text or an element changed, doubled or gone, or some bytes cut out."""
    name = chance.choice([part for part in parts if part.endswith((".xml", ".rels"))])
    xml = parts[name]
    pattern = chance.choice(
        [rb'="([^"]*)"', rb">([^<>]+)<", rb"(<[^<>]*/>)", rb'( [A-Za-z0-9:]+="[^"]*")', rb"(.{1,40})"]
    )
    places = list(re.finditer(pattern, xml, re.DOTALL))
    if places:
        place = chance.choice(places)
        other = ATTRIBUTES if pattern.startswith(b"=") else TEXTS if pattern.startswith(b">") else (b"", place[1] * 2)
        xml = xml[: place.start(1)] + chance.choice(other) + xml[place.end(1) :]
    return {**parts, name: xml}


def attempted(book: Path) -> tuple[bool, str]:
    """Whether it was written, and the sentence if not; any other exception is a fault."""
    try:
        return recalc(book).changed, ""
    except JifenError as error:
        return False, str(error)


@pytest.mark.slow
def test_mutated_workbooks_are_written_or_refused_with_a_sentence(book: Path) -> None:
    parts = parts_of(zoo(grids(3, members=5, entries=8, months=2)))
    outcomes = {True: 0, False: 0}
    for seed in range(60):
        chance = random.Random(seed)
        data = zipped(mutated(mutated(parts, chance), chance))
        book.write_bytes(data)
        written, sentence = attempted(book)
        assert not sentence or sentence.endswith(("。", "）")), f"seed {seed}"
        if written:
            assert layout.LEDGER_SHEET in Package.open(book).sheets, f"seed {seed}"
        else:
            assert book.read_bytes() == data, f"seed {seed}"
        outcomes[written] += 1
    assert min(outcomes.values()) > 5
