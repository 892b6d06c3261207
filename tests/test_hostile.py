"""What somebody who wants to harm a branch may leave beside its workbook, or send to it: nothing of it may work.

Workbooks as such are in ``test_package`` and ``test_file``; here is what lies around them, and what they are made into.

One module, however long: the attacks share one branch, and none belongs to one part of the program.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import xlsxwriter
from apart import apart
from archives import from_text

from xl_jifen.archive.snapshot import Archive, Circumstances, Publication, archive, digest, to_text
from xl_jifen.budget import LIMITS
from xl_jifen.disk import shelf
from xl_jifen.disk.folders import member_stems
from xl_jifen.doors.cli import cli, commands
from xl_jifen.doors.cli.console import ask
from xl_jifen.excel.fill.template import fill
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.exports import read_export
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.publish.page import Page
from xl_jifen.render import typeset
from xl_jifen.render.fonts import Fonts, find
from xl_jifen.verbs import quarter
from xl_jifen.verbs.import_ import import_declarations
from xl_jifen.verbs.reread import differing, tables
from xl_jifen.verbs.rollup.journal import VERSION, Journal, Outcome
from xl_jifen.verbs.verify import verify

pytestmark = pytest.mark.usefixtures("read_anew")

ROOT = Path(__file__).resolve().parents[1]
PRINTED = "AAAA-BBBB-CCCC"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter.example(tmp_path_factory.mktemp("示例") / "党员积分.xlsx")


@pytest.fixture(scope="module")
def content(book: Path) -> dict[str, Any]:
    """An honest archive of the example's first quarter, as plain JSON."""
    opened = quarter.open_workbook(book)
    ledger = opened.reckoning.ledger
    published = Publication(date(2026, 4, 9), date(2026, 4, 16), PRINTED, {})
    made = Circumstances(date(2026, 5, 1), datetime(2026, 5, 1), "0", book.name, "")
    cycle = ledger.register.settings.cycle
    assert cycle
    found: dict[str, Any] = json.loads(to_text(archive(opened.grids, ledger, cycle.quarters[0], None, published, made)))
    return dict(found["content"])


def sealed(content: dict[str, Any], **changed: Any) -> str:
    """The text of an archive with that content and the hash that belongs to it."""
    changed_content = {**content, **changed}
    return to_text(Archive(changed_content, digest(changed_content)))


# -- archives --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_honest_archive_is_read(content: dict[str, Any]) -> None:
    assert from_text(sealed(content))


def _row(content: dict[str, Any], **values: object) -> dict[str, Any]:
    """The content with these values in the first row of 1月."""
    copy: dict[str, Any] = json.loads(json.dumps(content))
    next(sheet for sheet in copy["sheets"] if sheet["sheet"] == "1月")["rows"][0].update(values)
    return copy


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda c: _row(c, row=300_000_000),
        lambda c: _row(c, row=-5),
        lambda c: _row(c, row=True),
        lambda c: _row(c, cells={"数量": {"number": "9" * 4000}}),
        lambda c: _row(c, cells={"数量": {"number": "inf"}}),
        lambda c: _row(c, cells={"数量": {"number": "1e999"}}),
        lambda c: _row(c, cells={"数量": {"formula": "1"}}),
        lambda c: _row(c, cells={"事由": ["x"]}),
        lambda c: {**c, "sheets": [{**c["sheets"][0], "heading_row": 10**12}]},
        lambda c: {**c, "sheets": [{**c["sheets"][0], "columns": dict.fromkeys(c["sheets"][0]["columns"], 10**9)}]},
        lambda c: {**c, "sheets": [*c["sheets"], c["sheets"][0]]},
        lambda c: {**c, "sheets": [{**c["sheets"][0], "sheet": "别的"}]},
        lambda c: {**c, "sheets": [c["sheets"][0], {**c["sheets"][1], "name": c["sheets"][0]["name"]}]},
        lambda c: {**c, "sheets": [c["sheets"][0], {**c["sheets"][1], "name": f"{c['sheets'][0]['name']} "}]},
        lambda c: {**c, "more": float("nan")},
        lambda c: {**c, "more": [float("-inf")]},
        lambda c: {**c, "scores": [1, 2]},
        lambda c: {**c, "lines": None},
        lambda c: {**c, "votes": {}},
        lambda c: {**c, "branch": ["x"]},
        lambda c: {**c, "workbook": {"name": [1], "sha256": ""}},
        lambda c: {**c, "published": {**c["published"], "files": ["a"]}},
    ],
)
def test_an_archive_of_another_make_is_none_though_its_hash_is_right(
    content: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    assert from_text(sealed(change(content))) is None


def test_an_archive_whose_cells_lie_far_apart_is_refused(content: dict[str, Any]) -> None:
    sheet = content["sheets"][0]
    far = {**sheet, "columns": {**sheet["columns"], "项目": 16_384}, "rows": sheet["rows"] * 99}
    with pytest.raises(CannotRead, match=r"“归档”的内容散得太开，不像原来的归档；"):
        from_text(sealed(content, sheets=[far]))


def test_files_named_by_an_archive_are_looked_for_nowhere_else(
    content: dict[str, Any], book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name such as ``\\\\server\\share\\x`` would hand the user's password hash to that server."""
    home, outside = tmp_path / "支部", tmp_path / "外面"
    (home / "归档").mkdir(parents=True)
    outside.mkdir()
    (outside / "秘密.txt").write_text("x")
    (outside / "别的.xlsx").write_bytes(book.read_bytes())
    files = dict.fromkeys(("../../../外面/秘密.txt", str(outside / "秘密.txt")), "0" * 64)
    text = sealed(
        content,
        published={**content["published"], "files": files},
        workbook={"name": str(outside / "别的.xlsx"), "sha256": ""},
    )
    (home / "归档" / "2026Q1.json").write_text(text, "utf-8")
    touched: list[str] = []
    for name in ("stat", "open"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda path, *a, real=real, **k: touched.append(str(path)) or real(path, *a, **k))
    told = verify(PRINTED, home)
    assert not [path for path in touched if "外面" in path]
    assert sum("不见了" in sentence for sentence in told.sentences) == 2
    assert any("没有与工作簿核对" in sentence for sentence in told.sentences)


def test_an_archive_too_large_to_be_one_is_not_read(
    content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "归档").mkdir()
    (tmp_path / "归档" / "2026Q1.json").write_text(sealed(content), "utf-8")
    assert all(shelf.shelf(tmp_path).archives.values())
    monkeypatch.setitem(LIMITS, "archives", (1000, "太大"))
    with pytest.raises(CannotRead, match=r"“归档/2026Q1.json”太大，不像原来的归档；请从备份中找回"):
        shelf.shelf(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_a_pipe_among_the_archives_does_not_stop_everything(tmp_path: Path) -> None:
    for name in ("归档/2026Q1.json", "公示/2026年第一季度/归档回执.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        os.mkfifo(tmp_path / name)
    assert dict(shelf.shelf(tmp_path).archives) == {}


# -- published sheets to be verified ---------------------------------------------------------------------------------


def _page(*rows: str, heads: str = "姓名 基础分 积分") -> str:
    def line(cells: str) -> str:
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells.split()) + "</tr>"

    return f"<table>{line(heads)}{''.join(map(line, rows))}</table>"


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        (_page("马守田 100 105", "赵犇 100 100"), False),
        (_page("马守田 100 105", "赵犇 100 100", heads="名字 基础分 积分"), True),
        (_page("马守田 105 120", "赵犇 100 100"), True),
        (_page("马守田 100 120", "赵犇 100 100") + f"<div hidden>{_page('马守田 100 105')}</div>", True),
        (_page("马守田 100 105", "赵犇 100 100") + f"<div hidden>{_page('马守田 100 105')}</div>", True),
        ("<tr><td>马守田</td><td>105</td></tr>", True),
    ],
)
def test_a_forged_sheet_is_not_saved_by_the_right_figure_standing_elsewhere(
    page: str, wrong: bool, tmp_path: Path
) -> None:
    path, original = tmp_path / "公示.html", tmp_path / "原件.html"
    path.write_text(page, "utf-8")
    original.write_text(_page("马守田 100 105", "赵犇 100 100"), "utf-8")
    assert bool(list(differing(tables(original), tables(path)))) == wrong


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["<p ", "<", "</t", "<td>", "&", "<div<tr"])
def test_a_web_page_is_cut_up_in_one_go(piece: str, tmp_path: Path) -> None:
    path = tmp_path / "公示.html"
    path.write_text(piece * 300_000, "utf-8")
    started = process_time()
    with suppress(CannotRead):  # of so many tags
        tables(path)
    assert process_time() - started < 5, "quadratic time would take minutes"


@pytest.mark.slow
@apart
def test_a_stray_cell_of_a_published_workbook_costs_nothing(tmp_path: Path) -> None:
    path, book = tmp_path / "公示.xlsx", xlsxwriter.Workbook(tmp_path / "公示.xlsx")
    sheet = book.add_worksheet()
    for row, column in ((0, 0), (1_048_575, 16_383)):
        sheet.write_string(row, column, "x")
    book.close()
    assert next(cells for rows in tables(path) for cells in rows if any(cells)) == ["x"]


# -- templates -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return find()


def _pdf(template: str, fonts: Fonts) -> bytes:
    page = Page("x", {}, (), (), (), False)
    templates = {"x.typ": f"{template}\nx".encode(), "common.typ": b""}
    return typeset.pdf(page, templates=templates, fonts=fonts, created=datetime(2026, 1, 1))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["secret.txt", "/secret.txt", "../secret.txt", "/etc/hostname"])
def test_a_template_reads_no_file(path: str, fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it could read it could print, and the sheet is pinned up."""
    (tmp_path / "secret.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotWrite, match="模板"):
        _pdf(f'#read("{path}")', fonts)


def test_a_template_asks_nothing_of_the_net(fonts: Fonts) -> None:
    with pytest.raises(CannotWrite, match="不联网"):
        _pdf('#import "@preview/cetz:0.2.2": *', fonts)


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>',
        b'<row r="1048576"><c t="inlineStr"><is><t>x</t></is></c></row></sheetData>',
        b'</sheetData><mergeCells count="1"><mergeCell ref="A99:XFD1048576"/></mergeCells>',
        b'</sheetData><hyperlinks><hyperlink ref="A99:XFD1048576" location="A1"/></hyperlinks>',
    ],
)
def test_a_template_that_reaches_far_is_refused_at_once(far: bytes) -> None:
    """openpyxl would make each of seventeen thousand million cells."""
    with pytest.raises(CannotRead, match="散得太开"):
        fill(_template(lambda xml: re.sub(rb"</sheetData>(<mergeCells.*?</mergeCells>)?", far, xml)), PAGE, MOMENT)


@pytest.mark.slow
def test_a_template_with_entities_or_larger_than_it_says_is_refused() -> None:
    with pytest.raises(CannotRead, match="有误：不是能打开的"):
        fill(_template(lambda xml: b'<!DOCTYPE x [<!ENTITY e "x">]>' + xml[xml.find(b"<worksheet") :]), PAGE, MOMENT)
    with pytest.raises(CannotRead, match="有误：不是能打开的"):
        fill(_template(lambda xml: xml, {"xl/more.xml": bytes(200 << 20)}), PAGE, MOMENT)


PAGE, MOMENT = Page("publicity", {}, ("姓名",), (), (), False), datetime(2026, 1, 1)


def _template(change: Callable[[bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """Our own template after a change of its sheet, perhaps with more parts."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(ROOT / "templates" / "publicity.xlsx") as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == "xl/worksheets/sheet1.xml" else old.read(name))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return made.getvalue()


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_names_of_people_become_names_of_files_that_lead_nowhere_and_never_meet(book: Path) -> None:
    some = quarter.open_workbook(book).reckoning.register.members[0]
    people = [
        "1/2 张三",
        "1_2 张三",
        "7 8 李四",
        "7 8 李四",
        "CON. 王五",
        "nul.x 王五",
        "..\\..\\x 王五",
        ".a b",
        "~$1 b",
    ]
    people += ["A b", "ａ B", f"9 {'长' * 300}", f"9 {'长' * 299}短", "\x1b[31m b", "x\u202egpj b"]
    stems = list(
        member_stems(some._replace(code=p.partition(" ")[0], name=p.partition(" ")[2]) for p in people).values()
    )
    assert len({unicodedata.normalize("NFKC", stem).casefold() for stem in stems}) == len(people)
    for stem in stems:
        assert Path(f"{stem} 个人积分明细.xlsx").name == f"{stem} 个人积分明细.xlsx"
        assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u202e]', stem)
        assert not re.match(r"(?i)[.~]|(con|nul)\b", stem)
        assert len(f"{stem} 组织生活会对照清单.xlsx".encode()) < 256
    assert stems[:2] == ["1_2 张三", "1_2 张三-2"]


@pytest.mark.parametrize(
    "name", ["$(reboot).xlsx", "a`id`.xlsx", "a;id.xlsx", "%TEMP%.xlsx", "--json.xlsx", "a|b.xlsx"]
)
def test_no_command_is_proposed_that_a_shell_would_read_otherwise(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    proposed = commands.next_step(tmp_path).partition("下一步：")[2]
    assert proposed
    assert name not in proposed


@pytest.mark.slow
def test_a_stray_module_beside_the_workbooks_is_not_imported(book: Path, tmp_path: Path) -> None:
    for name in ("json", "difflib", "xlsxwriter"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)")
    command = [sys.executable, "-m", "xl_jifen", "score", "--json", str(book)]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    assert done.returncode == 1, done.stderr


# -- the terminal, and declarations from outside ---------------------------------------------------------------------


def test_a_question_gives_the_terminal_no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text: seen.append(text) or "忽略")
    assert ask("申报\x1b]0;x\x07\u009b31m\u202e.csv 的“姓名”一列\n  0 忽略\r") == "忽略"
    assert seen == ["申报�]0;x��31m�.csv 的“姓名”一列\n  0 忽略�"]


def test_what_an_export_is_called_stands_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "申报\n已导入\x1b[1m.csv"
    path.write_text("姓名,日期\n张三,2026-01-05\n", "utf-8")
    assert read_export(path)[0].label == "申报 已导入 [1m.csv"


def test_a_long_answer_is_no_reason_to_refuse_an_export(tmp_path: Path) -> None:
    path = tmp_path / "申报.csv"
    path.write_text(
        "姓名,事由\n" + f"张三,{'x' * 100_000}\n李四,{'y' * 100_000}\n".replace("\n李四", ",z\n李四"), "utf-8"
    )
    assert len(read_export(path)[0].grid.rows[0]) == 2


@pytest.mark.slow
def test_a_month_sheet_of_any_name_can_be_proposed_for(book: Path, tmp_path: Path) -> None:
    package = Package.open(book)
    patch = Patch(package)
    named = patch.read(package.workbook).replace('name="11月"'.encode(), f'name="11月{"　" * 40}"'.encode())
    patch.replace(package.workbook, named)
    path, export = tmp_path / "党员积分.xlsx", tmp_path / "申报.csv"
    path.write_bytes(patch.to_bytes())
    export.write_text("姓名,日期,申报事项\n马守田,2026-11-03,讲党课\n", "utf-8")
    done = import_declarations(quarter.open_workbook(path), [export], datetime(2026, 11, 5))
    assert list(Package.open(done.path).sheets) == ["对照", "11月"]


# -- workbooks that would take for ever, burst, or run something -----------------------------------------------------


def _changed(book: Path, path: Path, cells: dict[str, dict[tuple[int, int], Any]]) -> Path:
    patch = Patch(Package.open(book))
    for sheet, values in cells.items():
        patch.set_cells(sheet, values)
    path.write_bytes(patch.to_bytes())
    return path


def _strings(book: Path, path: Path, item: bytes) -> Path:
    """The workbook with one shared string more."""
    patch = Patch(Package.open(book))
    patch.replace("xl/sharedStrings.xml", patch.read("xl/sharedStrings.xml").replace(b"</sst>", item + b"</sst>"))
    path.write_bytes(patch.to_bytes())
    return path


@pytest.mark.slow
def test_guides_that_never_end_take_no_time(book: Path, tmp_path: Path) -> None:
    path = _strings(book, tmp_path / "b.xlsx", b"<si><t>x</t>" + b'<rPh sb="0" eb="1"/>' * 40_000 + b"</si>")
    started = process_time()
    quarter.open_workbook(path)
    assert process_time() - started < 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheet", "place", "value"),
    [
        ("党员名册", (4, 1), "9" * 5000),
        ("1月", (4, 3), "9" * 5000),
        ("3月", (4, 12), "1月!" + "9" * 5000),
        ("1月", (4, 4), "加 " * 16_000),
        ("1月", (4, 1), "(" * 32_000),
    ],
)
def test_no_cell_stops_a_check(sheet: str, place: tuple[int, int], value: str, book: Path, tmp_path: Path) -> None:
    started = process_time()
    assert quarter.open_workbook(_changed(book, tmp_path / "b.xlsx", {sheet: {place: value}})).reckoning.findings
    assert process_time() - started < 5


@pytest.mark.slow
@pytest.mark.parametrize("number", [1.7e308, 1e12, 1e-300, "9" * 400])
def test_figures_nobody_can_mean_are_told_and_count_nothing(number: object, book: Path, tmp_path: Path) -> None:
    cells = {"积分规则": {(8, 7): 1, (8, 8): number}, "1月": {(4, 5): number, (4, 6): number}}
    reckoning = quarter.open_workbook(_changed(book, tmp_path / "b.xlsx", cells)).reckoning
    told = {str(finding.place): finding for finding in reckoning.findings if finding.code == "E102"}
    assert {"1月!E4", "1月!F4", "积分规则!H8"} <= told.keys()
    assert all(abs(line.raw) < 10**6 for line in reckoning.ledger.lines)


@pytest.mark.slow
def test_no_figure_is_too_large_for_the_tables_of_a_rollup(book: Path, tmp_path: Path) -> None:
    cells = {"积分规则": {(8, 7): 1_000_000_000, (8, 8): None}, "1月": {(4, 5): 1_000_000_000, (4, 6): None}}
    _changed(book, tmp_path / "b.xlsx", cells)
    command = ["rollup", str(tmp_path), "--out", str(tmp_path / "out" / "汇总.xlsx"), "--workers", "1"]
    assert cli.main([*command, "--parquet", str(tmp_path / "out")]) == 1
    assert (tmp_path / "out" / "scores.parquet").exists()


@pytest.mark.slow
def test_workers_import_nothing_from_the_current_folder(book: Path, tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_bytes(book.read_bytes())
    for name in ("pickle", "socket", "tempfile"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    script = "from xl_jifen.doors.cli.cli import main; raise SystemExit(main())"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "run.py").write_text(f"if __name__ == '__main__':\n    {script}")
    command = [sys.executable, "elsewhere/run.py", "rollup", "b.xlsx", "--out", "out/汇总.xlsx", "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
@pytest.mark.parametrize("result", [b"x", zlib.compress(b"[" * 200_000), zlib.compress(bytes(100 << 20))])
@apart
def test_a_journal_that_is_none_is_one_sentence(result: bytes, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "汇总.续算.sqlite")
    journal.plan(["b.xlsx"])
    journal.store(Outcome("b.xlsx", "0" * 64, VERSION, "", result))
    with pytest.raises(CannotWrite, match="用不了"):
        list(journal.results())
    journal.close()
