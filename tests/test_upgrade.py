"""A workbook in use put into a new master: every cell where it stood, every figure and archive as before."""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import books
import openpyxl
import pytest
from apart import apart
from books import change, parts_of
from branch_parts import MAIN, parts, zipped
from secretary import edit, rearrange, rename_sheet, run

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.fill.own_sheets import graft_own
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.properties import saved
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import Grids, heading_key
from xl_jifen.verbs import quarter, verify
from xl_jifen.verbs.close import close
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish
from xl_jifen.verbs.upgrade import advice, upgrade

ROOT = Path(__file__).resolve().parents[1]
OLD = Path(__file__).parent / "old" / "党员积分.xlsm"
"""The macro master of version 0.1, its list of choices cut short."""
NOW = datetime(2026, 11, 20, 9, 30)


@pytest.fixture(scope="module")
def filled_old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch in the old master, with a column, a sheet and a link of its own, two quarters archived."""
    texts = {file.stem: file.read_text("utf-8") for file in (ROOT / "workbook" / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    settings[layout.SHARE_OF] = "参评人数"
    path = tmp_path_factory.mktemp("old") / "党员积分.xlsm"
    path.write_bytes(filled(OLD.read_bytes(), path.name, settings, texts))
    book = openpyxl.load_workbook(path, keep_vba=True)
    page = book["3月"]
    page["R3"], page["R5"] = "经手", "小王"
    page["M6"] = "  "  # a cell that only looks empty
    for cell in book["12月"][20]:
        cell.value = None
    page["H5"].hyperlink = "https://example.org/a#b"
    page["H3"].hyperlink = "https://example.org/heading"
    own = book.create_sheet("支部通讯录")
    own["A1"], own["B2"], own["C2"] = "姓名", "007", "=1+1"
    book.save(path)
    for number, published, closed in ((1, date(2026, 4, 8), 20), (2, date(2026, 7, 8), 20)):
        opened = quarter.open_workbook(path)
        period = quarter.quarter_of(opened.reckoning, f"2026Q{number}")
        publish(opened, period, datetime(2026, published.month, published.day), style=Style(charts=False))
        close(quarter.open_workbook(path), period, datetime(2026, published.month, closed))
    return path


@pytest.fixture
def old(filled_old: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled_old.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / filled_old.name


@pytest.mark.slow
@apart
def test_every_cell_figure_and_archive_is_as_before(old: Path, tmp_path: Path) -> None:
    before, data = quarter.open_workbook(old), old.read_bytes()
    done = upgrade(old, NOW)
    assert done.files[1].read_bytes() == data
    told = next(words for words in done.sentences if "合并为一个数，本工作簿照旧逐条列明：" in words)
    assert "减4-1 生活作风、减4-2 家庭邻里不和谐" in told
    after = quarter.open_workbook(old)
    figures = [
        [(s.member.code, s.period, s.base, s.bonus, s.deduction, s.score, s.rank, s.grade) for s in r.ledger.scores]
        for r in (before.reckoning, after.reckoning)
    ]
    assert figures[0] == figures[1]
    assert [f.code for f in after.reckoning.findings] == [f.code for f in before.reckoning.findings]
    assert not verify.verify(str(old), old.parent).faulty
    for name in ("3月", "活动考勤", "党员名册"):
        one, other = before.grids.get(name), after.grids.get(name)
        assert one
        assert other
        assert [row[1:3] for row in other.rows[3 : len(one.rows)]] == [row[1:3] for row in one.rows[3:]]
    book = openpyxl.load_workbook(old, keep_vba=True)
    assert set(book.sheetnames) > {sheet.name for sheet in layout.SHEETS}
    page = book["3月"]
    heads = {cell.value: cell.column for cell in page[3]}
    assert page.cell(5, heads["经手"]).value == "小王"
    assert book["12月"]["A20"].value == 17, "a blank line keeps the master's number"
    assert heads["经手"] > heads[layout.HINT]
    assert page.cell(5, heads[layout.EVIDENCE]).hyperlink.target == "https://example.org/a#b"
    assert page.cell(3, heads[layout.EVIDENCE]).hyperlink is None, "headings are the master's own"
    assert [book["支部通讯录"][at].value for at in ("A1", "B2", "C2")][:2] == ["姓名", "007"]
    assert advice(after) == ""
    macros = Package.of((ROOT / "workbook" / old.name).read_bytes(), old.name).read("xl/vbaProject.bin")
    assert before.package.read("xl/vbaProject.bin") != macros == after.package.read("xl/vbaProject.bin")


@pytest.mark.slow
def test_settings_the_branch_had_not_stay_blank_whatever_a_new_master_ships(old: Path) -> None:
    upgrade(old, NOW)
    page = openpyxl.load_workbook(old, read_only=True)["设置"]
    values = {heading_key(str(row[0].value)): row[1].value for row in page.iter_rows(min_row=4)}
    assert values[layout.SHARE_OF] == "参评人数"
    assert values[layout.NOTICE_PERIOD] is None


@pytest.mark.slow
def test_an_older_book_and_a_stripped_one_are_told(old: Path, tmp_path: Path) -> None:
    assert "用旧样表做的（没有“人员变动”等）" in advice(quarter.open_workbook(old))
    fresh = quarter.new(tmp_path / "新.xlsx", branch="某支部")
    assert advice(quarter.open_workbook(fresh)) == ""
    stripped = {
        name: re.sub(rb"<dataValidations.*?</dataValidations>", b"", content, flags=re.DOTALL)
        for name, content in parts_of(fresh.read_bytes()).items()
    }
    fresh.write_bytes(books.zipped(stripped))
    told = advice(quarter.open_workbook(fresh))
    assert "下拉列表" in told
    assert told.replace("upgrade 工作簿", f"upgrade {fresh}") in run("recalc", fresh).out
    upgrade(fresh, NOW)
    assert advice(quarter.open_workbook(fresh)) == ""


@pytest.mark.slow
def test_a_width_nobody_can_mean_is_not_taken_over() -> None:
    widths = ("9.5", "x", "inf", "NaN", "0", "-3", "1e9")
    columns = "".join(f'<col min="{n}" max="{n}" width="{width}"/>' for n, width in enumerate(widths, 1))
    far = f'<col min="{"9" * 5000}" max="9" width="20"/><col min="8" max="{"9" * 5000}" width="20"/><col min="9"/>'
    cells = "".join(f'<c r="{letter}1"><v>1</v></c>' for letter in "ABCDEFGHI")
    data = f'<cols>{columns}{far}</cols><sheetData><row r="1">{cells}</row></sheetData>'
    sheet = {"xl/worksheets/sheet2.xml": f'<worksheet xmlns="{MAIN}">{data}</worksheet>'}
    patch = Patch(Package.of((ROOT / "workbook" / "党员积分.xlsx").read_bytes(), "新.xlsx"))
    assert graft_own(patch, Package.of(zipped(parts({"1月": [], "通讯录": []}) | sheet), "旧.xlsx")) == []
    page = openpyxl.load_workbook(io.BytesIO(patch.to_bytes()))["通讯录"]
    assert [int(page.column_dimensions[letter].width) for letter in "ABCDEFGHI"] == [10, *[12] * 8], "with its margin"


@pytest.mark.slow
def test_an_upgraded_workbook_was_saved_later_than_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "党员积分.xlsm"
    shutil.copy(OLD, path)
    upgrade(path, NOW)
    assert saved(Package.open(path)) == NOW.astimezone(UTC)


@pytest.mark.slow
def test_a_cell_without_a_value_is_named_and_nothing_is_touched(tmp_path: Path) -> None:
    path = quarter.new(tmp_path / "新.xlsx", branch="某支部")
    at = Package.open(path).sheets["3月"]
    formula = change(at, lambda xml: re.sub(rb'<c r="G4"([^>]*)/>', rb'<c r="G4"\1><f>1/0</f></c>', xml))
    path.write_bytes(formula(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(CannotWrite, match="3月!G4"):
        upgrade(path, NOW)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["新.xlsx"]


@pytest.mark.slow
def test_headings_above_the_masters_would_change_the_numbers_of_rows(tmp_path: Path) -> None:
    path = quarter.new(tmp_path / "新.xlsx", branch="某支部")
    rearrange(path, "3月", lambda rows: rows[1:])
    edit(path, {"3月!B5": date(2026, 3, 5)})
    rearrange(path, "党员名册", lambda rows: rows[1:])
    edit(path, {"党员名册!A5": "001"})
    with pytest.raises(CannotWrite, match="再升级：“党员名册”、“3月”插入 1 个空行。"):
        upgrade(path, NOW)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["９月", "9 月", "9月\u200b"])
def test_a_sheet_is_the_same_however_its_name_is_spelt(name: str, old: Path) -> None:
    rename_sheet(old, "9月", name)
    before = quarter.open_workbook(old).reckoning
    upgrade(old, NOW)
    after = quarter.open_workbook(old)
    assert "9月" in after.package.sheets
    codes = [[f.code for f in r.findings if f.code != "W103"] for r in (before, after.reckoning)]
    assert codes[0] == codes[1]


@pytest.mark.slow
def test_a_sheet_that_was_lost_is_there_again(tmp_path: Path) -> None:
    path = quarter.new(tmp_path / "新.xlsx", branch="某支部")
    rename_sheet(path, "5月", "五月")
    upgrade(path, NOW)
    after = quarter.open_workbook(path)
    assert {"5月", "五月"} <= after.package.sheets.keys()
    assert "E811" not in [finding.code for finding in after.reckoning.findings]


@pytest.mark.slow
def test_what_must_be_restored_first_is_said(old: Path, tmp_path: Path) -> None:
    data = old.read_bytes()
    edit(old, {"3月!G3": "缘由"})
    with pytest.raises(CannotWrite, match=r"找不到必需的列名“事由”.*请在列名那一行恢复“事由”.*，再升级。"):
        upgrade(old, NOW)
    old.write_bytes(data)
    rename_sheet(old, "党员名册", "通讯")
    with pytest.raises(CannotWrite, match=r"缺少工作表“党员名册”.*，再升级。"):
        upgrade(old, NOW)


@pytest.mark.slow
def test_a_merged_cell_in_the_way_is_named(tmp_path: Path) -> None:
    path = quarter.example(tmp_path / "示例.xlsx")
    book = openpyxl.load_workbook(path)
    book["1月"]["E4"] = 1
    book["1月"].merge_cells("E4:E5")
    book.save(path)
    data = path.read_bytes()
    with pytest.raises(CannotWrite, match=r"属于合并的 E4:E5.*请取消合并.*，再升级"):
        upgrade(path, NOW)
    assert path.read_bytes() == data


@pytest.mark.slow
def test_rows_without_a_number_get_none(tmp_path: Path) -> None:
    path = quarter.new(tmp_path / "新.xlsx", branch="某支部")
    edit(path, {"3月!A3": "经手人", "3月!A5": "小王", "3月!D5": "整理台账", "3月!A4": None, "3月!A6": None})
    upgrade(path, NOW)
    sheet = read_grids(Package.open(path)).get("3月")
    assert sheet is not None
    assert [sheet.at(row, 1) for row in (3, 5, 6)] == ["序号", None, 3]
    assert "小王" in sheet.rows[4]


@pytest.mark.slow
def test_the_command_says_where_the_old_file_lies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from xl_jifen.doors.cli.cli import main

    path = quarter.new(tmp_path / "新 (1).xlsx", branch="某支部")
    assert main(["upgrade", str(path)]) == 0
    said = io.StringIO(capsys.readouterr().out).getvalue()
    assert "已升级" in said
    assert "新 (1) 升级前" in said
    assert f'xl-jifen recalc "{path}"' in said, "it can be copied"


@pytest.mark.slow
def test_what_would_count_otherwise_is_named(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(grids: Grids) -> Reckoning:
        found = reckon(grids)
        return found._replace(ledger=found.ledger._replace(lines=found.ledger.lines[:-1]))

    monkeypatch.setattr("xl_jifen.verbs.upgrade.reckon", forgetful)
    with pytest.raises(CannotWrite, match="升级后积分不同；"):
        upgrade(old, NOW)


@pytest.mark.slow
def test_what_would_be_found_otherwise_is_named_and_the_file_stays(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(grids: Grids) -> Reckoning:
        found = reckon(grids)
        return found._replace(findings=found.findings[:-1])

    data, last = old.read_bytes(), reckon(quarter.open_workbook(old).grids).findings[-1]
    monkeypatch.setattr("xl_jifen.verbs.upgrade.reckon", forgetful)
    with pytest.raises(CannotWrite) as error:
        upgrade(old, NOW)
    assert f"升级后校验结果不同（{last.code} {last.place.sheet} 第{last.place.row}行）" in str(error.value)
    assert old.read_bytes() == data
