"""One budget for reading a file: at each bound it is read, one beyond it is refused; and hostile files cost little."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from branch_parts import ENTRY, MONTH, SHEETS, parts, zipped
from hostile_files import (
    ARCHIVED,
    BOOK,
    DECLARED,
    KEPT,
    KINDS,
    MESSAGE,
    PAGE,
    PAPER,
    SHEET,
    archived,
    attended,
)  # fmt: skip
from hostile_parts import END, Hostile, everyone, linked, linked_list, month, numbers, shared

from xl_jifen import reckon
from xl_jifen.budget import JOURNAL, LIMITS, Budget, Kind
from xl_jifen.derive.branch import BranchResult, Problem
from xl_jifen.disk.shelf import shelf
from xl_jifen.excel.read.exports import read_export
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.verbs.import_ import import_declarations
from xl_jifen.verbs.quarter import open_workbook
from xl_jifen.verbs.reread import tables
from xl_jifen.verbs.rollup.journal import packed, unpacked
from xl_jifen.verbs.rollup.rollup import branch
from xl_jifen.verbs.verify import verify

pytestmark = pytest.mark.usefixtures("read_anew")

LISTED = "xl/worksheets/sheet1.xml"

MERGED = "<mergeCells>{}</mergeCells></worksheet>".format(
    "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(50, 60))
)
MADE: dict[Kind, Callable[[], Mapping[str, str | bytes]]] = {
    "expanded": parts,
    "elements": lambda: month(["<!-- -->"]),
    "spelt": lambda: month(["<!-- -->"]),
    "covered": lambda: parts() | {MONTH: parts()[MONTH].replace(END, MERGED.replace("50:", "1:"))},
    "relations": lambda: linked(20),
    "merged": lambda: parts() | {MONTH: parts()[MONTH].replace(END, MERGED)},
    "letters": parts,
    "strings": lambda: shared(30),
    "values": lambda: numbers(5, 5, lambda r, c: r * 9 + c),
    "cells": parts,
    "places": parts,
    "rows": parts,
    "names": lambda: everyone(5, 4),
}


def spent(made: Mapping[str, str | bytes], kind: Kind) -> int:
    package = Package.of(zipped(made), "积分.xlsx")
    read_grids(package)
    return LIMITS[kind][0] - package.budget.left(kind)


@pytest.mark.parametrize("kind", MADE)
def test_at_the_bound_it_is_read_and_one_beyond_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    made = MADE[kind]()
    needed = spent(made, kind)
    assert needed > 0
    monkeypatch.setitem(LIMITS, kind, (needed, LIMITS[kind][1]))
    assert spent(made, kind) == needed
    monkeypatch.setitem(LIMITS, kind, (needed - 1, LIMITS[kind][1]))
    with pytest.raises(CannotRead) as caught:
        spent(made, kind)
    sentence = str(caught.value)
    assert sentence == f"“积分.xlsx”{LIMITS[kind][1]}，不像一份积分登记；请删去多余的内容或按年度分开后再试。"


BESIDE: dict[tuple[str, Kind], bytes] = {
    (ARCHIVED, "archives"): archived(),
    (ARCHIVED, "json"): archived(),
    (ARCHIVED, "rows"): archived(9),
    (ARCHIVED, "places"): archived(9),
    (ARCHIVED, "names"): attended("张三、李四", 3),
    (DECLARED, "text"): "姓名,事由\n张三,讲课\n".encode(),
    (DECLARED, "declared"): "姓名,事由\n张三,讲课\n".encode(),
    (DECLARED, "columns"): "姓名,事由\n张三,讲课\n".encode(),
    (PAGE, "text"): b"<table><tr><td>1</td></tr></table>",
    (PAGE, "tags"): b"<table><tr><td>1</td></tr></table>",
    (MESSAGE, "text"): b"1\n2\n",
    (MESSAGE, "lines"): b"1\n2\n",
    (SHEET, "file"): zipped(parts()),
    (SHEET, "cells"): zipped(parts()),
    (PAPER, "file"): b"%PDF-1.7",
    (KEPT, "archives"): packed(BranchResult("一支部", "")),
    (KEPT, "json"): packed(BranchResult("一支部", "")),
}


@pytest.mark.parametrize(("name", "kind"), BESIDE, ids=lambda each: each)
def test_every_other_reader_reads_at_the_bound_and_refuses_one_beyond(
    name: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(BESIDE[name, kind])
    drawn = 0
    real = Budget.draw

    def counted(self: Budget, what: Kind, amount: int = 1) -> None:
        nonlocal drawn
        drawn += amount * (what == kind)
        real(self, what, amount)

    def read() -> None:
        if name == ARCHIVED:
            assert any(shelf(tmp_path).archives.values())
        elif name == DECLARED:
            assert read_export(path)
        elif name == KEPT:
            assert unpacked(path.read_bytes(), Budget(name, JOURNAL)).file == "一支部"
        elif name == PAPER:
            (tmp_path / "归档").mkdir(exist_ok=True)
            assert verify(str(path), tmp_path).faulty
        else:
            assert tables(path)

    with monkeypatch.context() as patched:
        patched.setattr(Budget, "draw", counted)
        read()
    assert drawn > 0
    monkeypatch.setitem(LIMITS, kind, (drawn, "超过上限"))
    read()
    monkeypatch.setitem(LIMITS, kind, (drawn - 1, "超过上限"))
    with pytest.raises(CannotRead, match=r"^“[^”]+”超过上限，不像[^；]+；请[^。]+。$"):
        read()


def test_links_are_counted_where_there_are_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = '<hyperlinks><hyperlink ref="A1:XFD1048576" r:id="rId1" location="/第2页"/></hyperlinks></worksheet>'
    made = parts({"申报": SHEETS["1月"]})
    made["xl/worksheets/sheet1.xml"] = made["xl/worksheets/sheet1.xml"].replace(END, link)
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://x/hyperlink" Target="https://docs.example.cn/app/" TargetMode="External"/></Relationships>'
    )
    path = tmp_path / "申报.xlsx"
    path.write_bytes(zipped(made))
    (source,) = read_export(path)
    assert len(source.links) == 3 * 7
    assert set(source.links.values()) == {"https://docs.example.cn/app/#/第2页"}
    monkeypatch.setitem(LIMITS, "links", (3 * 7 - 1, LIMITS["links"][1]))
    with pytest.raises(CannotRead, match="里带超链接的格子超过"):
        read_export(path)


def test_what_is_thrown_away_is_given_back() -> None:
    budget = Budget("积分.xlsx")
    before = budget.saved()
    budget.draw("rows", 7)
    assert budget.left("rows") == LIMITS["rows"][0] - 7
    budget.restore(before)
    assert budget.left("rows") == LIMITS["rows"][0]


@pytest.mark.parametrize(
    ("rows", "columns", "words"), [(5_000, 1, ""), (5_001, 1, "5000 行"), (1, 300, ""), (1, 301, "300 列")]
)
def test_lists_as_text_are_bounded(rows: int, columns: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "申报.csv"
    path.write_text((",".join("姓" * columns) + "\n") * rows, "utf-8")
    if words:
        with pytest.raises(CannotRead, match=f"“申报.csv”超过 {words}，不像一份申报表"):
            read_export(path)
    else:
        assert len(read_export(path)[0].grid.rows) == rows


def test_a_text_file_is_bounded_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "text", (1 << 20, "太大（超过 1 MB）"))
    path = tmp_path / "申报.csv"
    path.write_text("姓名\n" + "张" * 1_000, "utf-8")
    assert read_export(path)
    path.write_bytes(b"," * ((1 << 20) + 1))
    with pytest.raises(CannotRead, match="太大"):
        read_export(path)


def counted(what: Callable[[], object]) -> int:
    """How many functions are called meanwhile."""
    count = 0

    def tell(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tell)
    try:
        what()
    except CannotRead:
        pass
    finally:
        sys.setprofile(None)
    return count


def calls(made: Mapping[str, str | bytes]) -> int:
    """How many functions are called while it is read and reckoned."""
    data = zipped(made)
    return counted(lambda: reckon(read_grids(Package.of(data, "积分.xlsx"))))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda n: numbers(20 * n, 15, lambda r, c: r * 15 + c),
        lambda n: shared(400 * n),
        lambda n: linked(200 * n),
        lambda n: everyone(20, 20 * n),
        lambda n: everyone(20 * n, 20),
        lambda n: parts({**SHEETS, "1月": [SHEETS["1月"][0], *([SHEETS["1月"][1]] * (100 * n))]}),
        lambda n: parts(SHEETS | {f"表{i}": SHEETS["2月"] for i in range(20 * n)}),
        lambda n: parts({**SHEETS, "2月": [SHEETS["1月"][0], ["x"] * 7] * (50 * n)}),
    ],
    ids=["numbers", "shared", "links", "activities", "members", "repeated", "sheets", "wrong rows"],
)  # fmt: skip
def test_twice_as_much_takes_at_most_twice_as_many_calls(make: Callable[[int], dict[str, str]]) -> None:
    calls(make(1))  # what is remembered once
    one, two, four = (calls(make(times)) for times in (1, 2, 4))
    assert four - two <= 2.1 * (two - one) + 200


def rows_of(times: int) -> Sequence[Sequence[object]]:
    return [ENTRY, *([f"2026-01-{n % 28 + 1:02d}", "张三", "加1", 1, f"第{n}次", None, "通过"] for n in range(times))]


def page_of(times: int) -> bytes:
    return b"<table>" + b"<tr><td>1</td><td>2.50</td></tr>" * times + b"</table>"


READ: dict[str, Callable[[Path, int], Callable[[], object]]] = {
    ".csv": lambda folder, n: read_as(folder / DECLARED, "姓名,事由\n".encode() * n, read_export),
    "list": lambda folder, n: read_as(
        folder / "申报.xlsx", zipped(linked_list() | {LISTED: parts({"申报": rows_of(n)})[LISTED]}), read_export
    ),
    "archive": lambda folder, n: read_as(folder / ARCHIVED, archived(n), lambda path: shelf(folder)),
    ".html": lambda folder, n: read_as(folder / PAGE, page_of(n), tables),
    ".txt": lambda folder, n: read_as(folder / MESSAGE, b"1\n" * n, tables),
    ".xlsx": lambda folder, n: read_as(folder / SHEET, zipped(parts({"公示": rows_of(n)})), tables),
    "journal": lambda folder, n: lambda: unpacked(packed(problems(n)), Budget(KEPT, JOURNAL)),
    "guard": lambda folder, n: guarded_by(folder, archived(n), {**SHEETS, "1月": rows_of(n)}),
    "guard of others": lambda folder, n: guarded_by(folder, archived(n), SHEETS),
    "rollup": lambda folder, n: branch_of(zipped(parts({**SHEETS, "1月": rows_of(n)}))),
    "import": lambda folder, n: imported(folder, n),
    "verify": lambda folder, n: verified(folder, n),
}


def problems(count: int) -> BranchResult:
    return BranchResult("一支部", "", problems=tuple(Problem("E101", "1月", n, 1, "x", "y") for n in range(count)))


def read_as(path: Path, data: bytes, read: Callable[[Path], object]) -> Callable[[], object]:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)
    return lambda: read(path)


def guarded_by(folder: Path, archive: bytes, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Callable[[], object]:
    read_as(folder / BOOK, zipped(parts(dict(sheets))), Path)
    read_as(folder / ARCHIVED, archive, Path)
    return lambda: open_workbook(folder / BOOK)


def branch_of(data: bytes) -> Callable[[], object]:
    return lambda: branch(data, BOOK)


def imported(folder: Path, times: int) -> Callable[[], object]:
    read_as(folder / BOOK, zipped(parts()), Path)
    lines = "".join(f"张三,加1,2026-01-{n % 28 + 1:02d},1,第{n}次\n" for n in range(times))
    read_as(folder / DECLARED, f"姓名,规则,日期,数量,事由\n{lines}".encode(), Path)
    opened, now = open_workbook(folder / BOOK), datetime(2026, 4, 1)
    return lambda: import_declarations(opened, [folder / DECLARED], now, out=folder / "结果.xlsx")


def verified(folder: Path, times: int) -> Callable[[], object]:
    guarded_by(folder, archived(times), SHEETS)
    read_as(folder / PAGE, page_of(times), Path)
    return lambda: (verify(str(folder / PAGE), folder), verify(str(folder / BOOK), folder))


@pytest.mark.slow
@pytest.mark.parametrize("reader", READ)
def test_every_reader_and_verb_takes_at_most_twice_as_many_calls_for_twice_as_much(reader: str, tmp_path: Path) -> None:
    def count(times: int) -> int:
        folder = tmp_path / str(times)
        folder.mkdir(exist_ok=True)
        return counted(READ[reader](folder, 60 * times))

    count(1)  # what is remembered once
    one, two, four = (count(times) for times in (1, 2, 4))
    assert four - two <= 2.1 * (two - one) + 400


SHARE = 24
"""Limits and inputs are a 24th of the real ones here; tests/bench/hostile.py tries those."""
SECONDS, MEGABYTES, EMPTY = 15 / SHARE, 500 / SHARE, 45
"""CPU and peak allowed of what a file takes (three times as long as on a quiet machine), and what any run takes."""


@pytest.fixture(scope="module")
def costs() -> dict[str, list[Any]]:
    """Exit, seconds, megabytes and last words of each kind; measured from a small process, as a peak is inherited."""
    script = Path(__file__).parent / "bench" / "hostile.py"
    command = [sys.executable, str(script), "--share", str(SHARE)]
    found: dict[str, list[Any]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and os.wait4")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_a_hostile_file_costs_little_and_is_told_in_a_sentence(kind: Hostile, costs: dict[str, list[Any]]) -> None:
    code, seconds, megabytes, said = costs[kind.what]
    assert code in kind.exits
    assert seconds <= SECONDS
    assert megabytes <= EMPTY + MEGABYTES
    assert "没有料到" not in said
    assert said.endswith("。") or code < 2
