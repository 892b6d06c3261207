"""The year-end verbs on files: what lies where, whom a file names, the next cycle, and another rule table.

One module, however long: one branch's year is made once for all of it.
"""

from __future__ import annotations

import importlib.util
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from yearend_books import AFTER, demo, small

from xl_jifen import layout, reckon
from xl_jifen.derive.next_year import next_cycle
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Grid, Grids
from xl_jifen.period import Cycle
from xl_jifen.register import points_text, round_points
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter, yearend

ROOT = Path(__file__).parent.parent


@pytest.fixture
def book(tmp_path: Path) -> quarter.Opened:
    """The example branch in a folder of its own."""
    shutil.copy(demo().path, tmp_path / "示例.xlsx")
    return quarter.open_workbook(tmp_path / "示例.xlsx")


@pytest.fixture(scope="module")
def meeting_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The meeting of the example branch, made once."""
    path = tmp_path_factory.mktemp("meeting") / "示例.xlsx"
    shutil.copy(demo().path, path)
    return yearend.meeting(quarter.open_workbook(path), AFTER).files


def written(path: Path, *changes: str) -> quarter.Opened:
    """A small branch as if read from a file at ``path``."""
    return quarter.Opened(path, demo().package, *small(*changes))


def counting(book: quarter.Opened, few: int) -> quarter.Opened:
    """The same branch where only so many members have points, those who share a name among them."""
    grids = []
    for grid in book.grids:
        if grid.name == layout.ROSTER.name:
            head = next(number for number, row in enumerate(grid.rows) if "姓名 *" in row)
            scored, name = grid.rows[head].index("是否计分"), grid.rows[head].index("姓名 *")
            width = len(grid.rows[head])
            rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
            names = [row[name] for row in rows]
            for row in rows[head + 1 + few :]:
                row[scored] = row[scored] if names.count(row[name]) > 1 else "否"
            grid = Grid(grid.name, rows)
        grids.append(grid)
    changed = Grids(tuple(grids))
    return quarter.Opened(book.path, book.package, changed, reckon(changed))


def words_of(file: Path) -> str:
    """Everything a file says, its properties and hidden parts included."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    import pypdfium2

    pdf = pypdfium2.PdfDocument(file)
    pages = [page.get_textpage().get_text_range() for page in pdf]
    return "\n".join([*pages, *pdf.get_metadata_dict().values()])


# ---- statements ----


@pytest.mark.slow
def test_each_member_gets_a_file_of_their_own_that_names_nobody_else(book: quarter.Opened) -> None:
    book = counting(book, few=9)
    made = yearend.statement(book, AFTER)
    members = [member for member in book.reckoning.register.members if member.ever_scored]
    folder = book.path.parent / "个人明细" / "2026年度"
    assert {file.parent for file in made.files} == {folder}
    workbooks = [file for file in made.files if file.suffix == ".xlsx"]
    assert len(workbooks) == len(members) == 10
    names = {member.name for member in book.reckoning.register.members}
    everybody = folder / "个人积分明细（仅供支委会）.pdf"
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(everybody)]
    assert len(pages) >= len(members)
    assert all("仅供支委会" in page for page in pages)
    for file in set(made.files) - {everybody}:
        text = words_of(file)
        assert "仅供支委会" not in text
        code, own = file.stem.split()[:2]
        assert code in text
        assert [name for name in names - {own} if name in text] == [], file.name


@pytest.mark.slow
def test_one_member_only_and_the_figures_are_numbers(book: quarter.Opened) -> None:
    made = yearend.statement(book, AFTER, member="张伟(007)")
    assert {file.stem for file in made.files} == {"007 张伟 个人积分明细"}
    sheet = openpyxl.load_workbook(next(file for file in made.files if file.suffix == ".xlsx")).active
    year = next(s for s in book.reckoning.ledger.year if s.member.code == "007")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    last = next(row for row in rows if row[3] == "全年合计")
    shown = [points_text(points) for points in (year.bonus, year.deduction, year.score)]
    assert [f"{float(value):g}" for value in last[8:11]] == shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "why"), [("张伟", "有几位"), ("无此人", "没有“无此人”"), ("魏长贵", "“是否计分”为“否”")]
)
def test_a_member_without_a_statement_is_one_sentence(book: quarter.Opened, name: str, why: str) -> None:
    with pytest.raises(CannotRead, match=why):
        yearend.statement(book, AFTER, member=name)


@pytest.mark.slow
def test_texts_that_name_others_are_pointed_out_to_the_branch(tmp_path: Path) -> None:
    entries = (
        "## 3月\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n"
        "| 2026-03-05 | 张三 | 加1 | 与李四一起讲党课 | 通过 |\n| 2026-03-06 | 王五 | 加1 | 讲党课 | 通过 |"
    )
    book = written(tmp_path / "小.xlsx", entries)
    notes = yearend.statement(book, AFTER, member="张三").sentences
    assert any("1 处写有其他党员的姓名（3月!2）" in note for note in notes)
    assert not any("姓名" in note for note in yearend.statement(book, AFTER, member="王五").sentences)


# ---- all three ----


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(
    book: quarter.Opened, tmp_path: Path, set_anew: Callable[[], None]
) -> None:
    for name, make in (
        ("a", lambda folder: yearend.statement(book, AFTER, member="007", folder=folder)),
        ("b", lambda folder: yearend.appraise(book, AFTER, folder=folder)),
        ("c", lambda folder: yearend.meeting(written(tmp_path / "小.xlsx"), AFTER, folder=folder)),
    ):
        first = make(tmp_path / f"{name}1")
        set_anew()
        second = make(tmp_path / f"{name}2")
        assert [f.name for f in first.files] == [f.name for f in second.files]
        assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first.files, second.files, strict=True))


@pytest.mark.slow
def test_meeting_and_appraisal_lie_beside_the_workbook(book: quarter.Opened, meeting_files: tuple[Path, ...]) -> None:
    meeting = {"/".join(file.parts[-3:]) for file in meeting_files}
    assert "组织生活会/2026年度/支部概览.xlsx" in meeting
    assert "组织生活会/2026年度/007 张伟 组织生活会对照清单.xlsx" in meeting
    appraisal = {file.relative_to(book.path.parent).as_posix() for file in yearend.appraise(book, AFTER).files}
    assert "民主评议/2026年度/民主评议党员参考表.xlsx" in appraisal
    assert "民主评议/2026年度/学习任务完成情况.xlsx" in appraisal
    if not typeset.available():
        assert "组织生活会/2026年度/组织生活会对照清单.pdf" in meeting
        assert "民主评议/2026年度/民主评议党员参考表.pdf" in appraisal


@pytest.mark.slow
@pytest.mark.skipif(bool(typeset.available()), reason="no typst on this machine")
def test_every_member_begins_on_a_page_numbered_one(meeting_files: tuple[Path, ...]) -> None:
    import pypdfium2

    (pdf,) = (file for file in meeting_files if file.suffix == ".pdf")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    assert sum("第 1 页" in page for page in pages) == 1 + len(demo().reckoning.ledger.year)
    totals = [int(page.split("页，共 ")[1].split()[0]) for page in pages]
    assert len(pages) == sum(total for page, total in zip(pages, totals, strict=True) if "第 1 页" in page)


@pytest.mark.slow
def test_errors_make_a_draft_and_are_reported(book: quarter.Opened) -> None:
    made = yearend.appraise(book, AFTER)
    assert {finding.code for finding in made.findings} >= {"E501", "E404"}
    sheet = openpyxl.load_workbook(next(file for file in made.files if file.suffix == ".xlsx")).active
    assert "草稿" in sheet.oddHeader.center.text
    assert any("个错误没有改" in note for note in made.sentences)


@pytest.mark.slow
def test_without_the_typesetter_there_are_workbooks_and_a_sentence(
    book: quarter.Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    made = yearend.appraise(book, AFTER)
    assert {file.suffix for file in made.files} == {".xlsx"}
    assert made.sentences[0] == "本机没有排版组件。"


@pytest.mark.slow
def test_what_people_wrote_on_a_sheet_is_backed_up_before_it_is_made_again(tmp_path: Path) -> None:
    book = written(tmp_path / "小.xlsx")
    sheet = next(file for file in yearend.meeting(book, AFTER).files if file.stem.startswith("001 张三"))
    typed = openpyxl.load_workbook(sheet)
    box = next(row for row in typed.active.iter_rows() if row[0].value == "自我批评")[1]
    box.value = "学习抓得不紧"
    typed.save(sheet)
    yearend.meeting(book, AFTER)
    (backup,) = (sheet.parent / "备份").iterdir()
    assert any("学习抓得不紧" in str(cell.value) for row in openpyxl.load_workbook(backup).active for cell in row)
    yearend.meeting(book, AFTER)
    assert len(list((sheet.parent / "备份").iterdir())) == 1


@pytest.mark.slow
def test_no_pdf_of_an_earlier_time_stays_beside_newer_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = written(tmp_path / "小.xlsx")
    (tmp_path / "民主评议" / "2026年度").mkdir(parents=True)
    stale = tmp_path / "民主评议" / "2026年度" / "民主评议党员参考表.pdf"
    stale.write_bytes(b"old")
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    yearend.appraise(book, AFTER)
    assert not stale.exists()


@pytest.mark.slow
def test_a_branch_restyles_a_sheet_by_a_template_beside_its_workbook(book: quarter.Opened) -> None:
    styled = openpyxl.load_workbook(ROOT / "templates" / "appraisal.xlsx")
    styled.active["A2"].value = "{{支部}}（党员大会用）"
    (book.path.parent / "模板").mkdir()
    styled.save(book.path.parent / "模板" / "appraisal.xlsx")
    made = yearend.appraise(book, AFTER)
    sheet = openpyxl.load_workbook(next(file for file in made.files if file.suffix == ".xlsx")).active
    assert str(sheet["A2"].value).endswith("（党员大会用）")


def test_the_templates_are_what_their_text_says() -> None:
    spec = importlib.util.spec_from_file_location("build_year_templates", ROOT / "templates" / "build.py")
    assert spec
    assert spec.loader
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    names = {path.stem for path in (ROOT / "templates").glob("*.xlsx")}
    assert names == {path.stem for path in (ROOT / "templates").glob("*.typ")} - {"common", "phone", "together"}
    for name in sorted(names):
        built = io.BytesIO(getattr(builder, name)())
        with zipfile.ZipFile(ROOT / "templates" / f"{name}.xlsx") as there, zipfile.ZipFile(built) as made:
            for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
                assert there.read(part) == made.read(part), (name, part)


# ---- the next year ----


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")),
        (("2026-05-01", "2026-12-31"), ("2027-01-01", "2027-12-31")),
        (("2026-07-01", "2027-06-30"), ("2027-07-01", "2028-06-30")),
        (("2026-01-01", "2026-12-20"), ("2026-12-21", "2027-11-30")),
        (("2027-03-01", "2028-02-28"), ("2028-02-29", "2029-01-31")),
    ],
)
def test_the_cycle_after_a_cycle(old: tuple[str, str], new: tuple[str, str]) -> None:
    cycle = next_cycle(Cycle(*map(date.fromisoformat, old)))
    assert (str(cycle.start), str(cycle.end)) == new


@pytest.mark.slow
def test_the_next_years_workbook_holds_roster_rules_and_settings_and_nothing_else(book: quarter.Opened) -> None:
    opening = yearend.next_year(book, book.path.parent / "2027.xlsx", AFTER)
    fresh = quarter.open_workbook(opening.files[0])
    old, new = book.reckoning.register, fresh.reckoning.register
    assert [finding for finding in fresh.reckoning.findings if finding.code[0] == "E"] == []
    assert new.settings.cycle == Cycle(date(2027, 1, 1), date(2027, 12, 31))
    for name in (
        "branch",
        "parent",
        "yearly",
        "floor",
        "ceiling",
        "share",
        "notice_days",
        "contact",
        "phone",
        "issuer",
    ):
        assert getattr(new.settings, name) == getattr(old.settings, name), name
    kept = [member for member in old.members if member.name not in ("蒋志刚", "吕芳洲")]
    assert [(m.code, m.name, m.first) for m in new.members] == [
        (m.code, m.name, m.on(date(2026, 12, 31))) for m in kept
    ]
    assert [(r.code, r.points, r.cap, r.ladder, r.standard) for r in new.rules] == [
        (r.code, r.points, r.cap, r.ladder, r.standard) for r in old.rules
    ]
    assert [(g.name, g.way, g.cap) for g in new.groups] == [(g.name, g.way, g.cap) for g in old.groups]
    assert [(b.name, b.floor, b.year_floor, b.limited) for b in new.bands] == [
        (b.name, b.floor, b.year_floor, b.limited) for b in old.bands
    ]
    assert (new.entries, new.activities, new.ballots, new.objections) == ((), (), (), ())
    assert all(member.first.own_base is None for member in new.members)
    assert any("蒋志刚(019)、吕芳洲(027)" in note for note in opening.sentences)


@pytest.mark.slow
def test_the_attendance_scheme_is_carried(book: quarter.Opened) -> None:
    fresh = quarter.open_workbook(yearend.next_year(book, book.path.parent / "2027.xlsx", AFTER).files[0])
    for grids in (book.grids, fresh.grids):
        grid = grids.get(layout.ATTENDANCE_RULES.name)
        assert grid
        assert sum(any(cell not in (None, "") for cell in row) for row in grid.rows) >= 11


@pytest.mark.slow
def test_points_carried_stand_in_the_roster_and_serve_one_year(book: quarter.Opened) -> None:
    first = yearend.next_year(book, book.path.parent / "2027.xlsx", AFTER, carry=Fraction(1, 10))
    fresh = quarter.open_workbook(first.files[0])
    year = {score.member.code: score.score for score in book.reckoning.ledger.year}
    bases = {member.code: member.first.own_base for member in fresh.reckoning.register.members}
    assert bases["010"] == 10000 + year["010"] // 10
    assert bases["030"] == 10000 + 600, "a tenth of what a veto left"
    assert any("2026年度积分的 10%" in note for note in first.sentences)
    assert any("错误没有改" in note for note in first.sentences)
    second = quarter.open_workbook(
        yearend.next_year(fresh, book.path.parent / "2028.xlsx", AFTER, carry=Fraction(1, 10)).files[0]
    )
    again = {member.code: member.first.own_base for member in second.reckoning.register.members}
    assert again["010"] == 10000 + round_points(Fraction(bases["010"] or 0, 10)), "nothing of the year before"
    third = quarter.open_workbook(yearend.next_year(second, book.path.parent / "2029.xlsx", AFTER).files[0])
    assert all(member.first.own_base is None for member in third.reckoning.register.members)


def test_an_individual_base_stays_under_what_is_carried() -> None:
    from xl_jifen.derive.next_year import next_year

    roster = "## 党员名册（更改）\n| 编号 | 个人基础分 | 备注 |\n| 001 | 60 | 老党员 |"
    grids, reckoning = small(roster)
    rows = next_year(grids, reckoning.ledger, Fraction(1, 4)).texts["党员名册"]
    assert "75,,老党员；个人基础分含2026年度结转15分" in rows


def test_who_has_left_by_the_first_day_stays_behind() -> None:
    from xl_jifen.derive.next_year import next_year

    grids, reckoning = small("## 党员名册（更改）\n| 编号 | 转出日期 |\n| 001 | 2027-01-01 |\n| 002 | 2027-01-02 |")
    rows = next_year(grids, reckoning.ledger).texts["党员名册"].split()[1:]
    assert [row[:3] for row in rows] == ["002", "003", "004"]


def test_rules_that_expired_stay_behind_with_their_attendance_rows() -> None:
    from xl_jifen.derive.next_year import next_year

    grids, reckoning = small(
        "## 积分规则（更改）\n| 规则编号 | 失效日期 |\n| 加1 | 2026-12-31 |\n| 加2 | 2027-01-01 |",
        "## 考勤计分\n| 活动类型 | 到会情况 | 规则编号 |\n| 党课 | 参加 | 加1 主动讲党课 |\n| 服务 | 参加 | 加2 |",
    )
    carried = next_year(grids, reckoning.ledger)
    assert [line.split(",")[0] for line in carried.texts["积分规则"].split()[1:]] == ["基1", "加2", "减1", "否1"]
    assert carried.texts["考勤计分"].split()[1:] == ["服务,参加,加2,"]
    assert any("加1 主动讲党课" in note for note in carried.notes)


@pytest.mark.slow
def test_the_next_year_never_overwrites_and_knows_its_suffixes(book: quarter.Opened) -> None:
    with pytest.raises(CannotWrite, match="已"):
        yearend.next_year(book, book.path, AFTER)
    with pytest.raises(CannotWrite, match="扩展名"):
        yearend.next_year(book, book.path.parent / "2027.xls", AFTER)


@pytest.mark.slow
@pytest.mark.parametrize(("day", "told"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)])
def test_a_workbook_made_before_the_cycle_has_ended_says_what_is_not_final(
    book: quarter.Opened, day: date, told: bool
) -> None:
    notes = yearend.next_year(book, book.path.parent / "2027.xlsx", day).sentences
    assert any("到2026-12-31才结束" in note and "重新新建" in note for note in notes) == told


@pytest.mark.parametrize(
    ("text", "share"), [("10%", Fraction(1, 10)), ("１０％", Fraction(1, 10)), ("1/10", Fraction(1, 10))]
)
def test_shares_as_people_write_them(text: str, share: Fraction) -> None:
    assert yearend.share_of(text) == share


@pytest.mark.parametrize("text", ["", "多", "0", "200%", "-5%", "1/0"])
def test_shares_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(CannotRead, match="不能用"):
        yearend.share_of(text)


# ---- another rule table ----


@pytest.mark.slow
def test_the_same_rules_make_no_difference(book: quarter.Opened) -> None:
    compared = yearend.compare(book, book.path)
    assert not compared.differs
    assert [move.by for move in compared.moves] == [0] * 35
    assert list(yearend.comparison_lines(compared, "示例.xlsx")) == [
        "按“示例.xlsx”的规则表重算，积分、名次和建议等次都没有变化。"
    ]


@pytest.mark.slow
def test_a_comparison_is_saved_as_a_workbook_and_never_over_its_sources(book: quarter.Opened, tmp_path: Path) -> None:
    compared = yearend.compare(book, book.path)
    target = tmp_path / "比较.xlsx"
    first = yearend.save_comparison(book, book.path, compared, target, AFTER).read_bytes()
    assert yearend.save_comparison(book, book.path, compared, target, AFTER).read_bytes() == first
    saved = openpyxl.load_workbook(target)
    assert saved.sheetnames == ["人员变化", "规则影响", "不能计入"]
    assert saved["人员变化"].max_row == 2 + 35
    with pytest.raises(CannotWrite, match="不能覆盖"):
        yearend.save_comparison(book, book.path, compared, book.path, AFTER)


@pytest.mark.slow
def test_without_a_cycle_everything_is_refused_with_the_findings(tmp_path: Path, book: quarter.Opened) -> None:
    broken = written(tmp_path / "无周期.xlsx", "## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | |")
    for make in (
        lambda: yearend.statement(broken, AFTER),
        lambda: yearend.meeting(broken, AFTER),
        lambda: yearend.appraise(broken, AFTER),
        lambda: yearend.next_year(broken, tmp_path / "新.xlsx", AFTER),
        lambda: yearend.compare(broken, book.path),
    ):
        with pytest.raises(quarter.Refused) as refused:
            make()
        assert refused.value.findings


@pytest.mark.slow
def test_a_member_takes_no_more_than_two_pages_of_the_meeting(book: quarter.Opened, tmp_path: Path) -> None:
    made = yearend.meeting(book, AFTER, folder=tmp_path)
    (pdf,) = [file for file in made.files if file.suffix == ".pdf"]
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    lengths = [int(found[1]) for page in pages if (found := re.search(r"第 ?1 ?页，共 ?(\d+) ?页", page))]
    assert len(lengths) == 36
    assert max(lengths) <= 2
    assert len(pages) <= 1.2 * len(lengths)
