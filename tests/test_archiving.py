"""Closing, guarding and verifying on files: a small branch, written in the users' notation, with its year's folders.

One module, however long: the branch is published and archived once for all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from archives import from_text
from notation import parse
from test_archive import BOOK, LATER, added, changed

from xl_jifen.archive.code import digest, printed, whole
from xl_jifen.archive.snapshot import Archive, to_text
from xl_jifen.disk.shelf import shelf
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.period import Cycle, Period
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.close import close
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.guarded import guarded
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish as publishing
from xl_jifen.verbs.verify import verify

NAME = "党员积分.xlsx"
Q1, Q2, Q3 = (Period.of_quarter(2026, number) for number in (1, 2, 3))
TAMPERED = changed("1月", "序号", "3", "数量", "4")
PENDING = added("9月", "日期 姓名 规则 事由 审核状态", "2026-09-10 张三 加2 植树 待审")
PUBLISHED = {Q1: date(2026, 4, 8), Q2: date(2026, 7, 8), Q3: date(2026, 10, 9)}
CLOSED = {Q1: datetime(2026, 4, 20, 9), Q2: datetime(2026, 7, 20, 9), Q3: datetime(2026, 10, 20, 9)}


def publish(home: Path, quarter: Period, *, draft: bool = False, day: date | None = None) -> Done:
    opened = verbs.open_workbook(home / NAME)
    when = day or PUBLISHED[quarter]
    now = datetime.combine(when, time(9))
    return publishing(opened, quarter, now, day=when, draft=draft, style=Style(charts=False))


def shut(home: Path, quarter: Period, now: datetime | None = None) -> Done:
    opened = verbs.open_workbook(home / NAME)
    return close(opened, quarter, now or CLOSED[quarter])


def code_of(home: Path, quarter: Period) -> str:
    """归档码 of a quarter."""
    archived = shelf(home).of(quarter)
    assert archived
    return archived.code


def write(home: Path, *changes: str) -> None:
    """The branch's workbook as a file, after these changes in the users' notation."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse("\n\n".join((BOOK, LATER, *changes))).grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(list(row))
    book.save(home / NAME)


def told(home: Path) -> list[str]:
    opened = verbs.open_workbook(home / NAME)
    before = opened.reckoning
    after = guarded(opened.path, opened.grids, before)
    assert after.ledger is before.ledger, "E901 changes no score"
    assert guarded(opened.path, opened.grids, after).findings == after.findings, "once is enough"
    return [f"{finding.place} {finding.message}" for finding in after.findings if finding.code == "E901"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The branch with three quarters published, none archived; tests work on copies."""
    home = tmp_path_factory.mktemp("branch")
    write(home)
    for quarter in (Q1, Q2, Q3):
        publish(home, quarter)
    return home


@pytest.fixture(scope="module")
def archived(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The branch with two quarters archived; tests work on copies."""
    home = tmp_path_factory.mktemp("archived") / "支部"
    shutil.copytree(published, home)
    for quarter in (Q1, Q2):
        shut(home, quarter)
    return home


@pytest.fixture
def open_year(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "支部"))


@pytest.fixture
def home(archived: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archived, tmp_path / "支部"))


# -- closing ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_closing_keeps_the_quarter_and_the_published_files(open_year: Path) -> None:
    done = shut(open_year, Q1)
    folder = open_year / "归档"
    path, *copies = done.files
    assert path == folder / "2026Q1.json"
    found = from_text(path.read_text("utf-8"))
    assert found
    told_of = found.publication
    assert [found.code in done.sentences[0], told_of.code in done.sentences[1]] == [True, True]
    assert {path.suffix for path in copies} >= {".xlsx", ".html", ".txt"}
    for copy in copies:
        original = open_year / "公示" / "2026年第一季度" / copy.name
        assert copy.parent == folder / "2026Q1"
        assert copy.read_bytes() == original.read_bytes()
        assert told_of.files[copy.name] == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert (told_of.day, told_of.until) == (date(2026, 4, 8), date(2026, 4, 14))
    workbook = found.content["workbook"]
    assert workbook == {"name": NAME, "sha256": hashlib.sha256((open_year / NAME).read_bytes()).hexdigest()}
    assert found.previous == ""
    receipt = (open_year / "公示" / "2026年第一季度" / "归档回执.txt").read_text("utf-8")
    assert all(text in receipt for text in (found.code, found.hash, told_of.code, told_of.hash))


@pytest.mark.slow
def test_quarters_are_chained(home: Path) -> None:
    first, second = (from_text((home / "归档" / f"{quarter}.json").read_text("utf-8")) for quarter in (Q1, Q2))
    assert first
    assert second
    assert second.previous == first.hash
    assert told(home) == []


def refused(home: Path, quarter: Period, now: datetime | None = None) -> str:
    before = sorted(path.name for path in (home / "归档").glob("*")) if (home / "归档").exists() else []
    with pytest.raises(CannotWrite) as error:
        shut(home, quarter, now)
    after = sorted(path.name for path in (home / "归档").glob("*")) if (home / "归档").exists() else []
    assert before == after
    sentence = str(error.value)
    assert sentence.endswith("。")
    assert "\n" not in sentence
    return sentence


def test_a_quarter_is_archived_only_once(home: Path) -> None:
    before = (home / "归档" / "2026Q2.json").read_bytes()
    assert "已经归档" in refused(home, Q2)
    assert (home / "归档" / "2026Q2.json").read_bytes() == before


def test_earlier_quarters_come_first(open_year: Path) -> None:
    assert "2026年第一季度、2026年第二季度还没有归档" in refused(open_year, Q3)


def test_the_quarter_and_its_publicity_period_must_be_over(open_year: Path) -> None:
    assert "2026年3月31日才结束" in refused(open_year, Q1, datetime(2026, 3, 31, 23))
    assert "公示期到2026年4月14日为止" in refused(open_year, Q1, datetime(2026, 4, 14, 23))
    assert shut(open_year, Q1, datetime(2026, 4, 15, 0)).files[0].exists()


@pytest.mark.slow
def test_a_quarter_not_published_or_only_as_a_draft_is_not_archived(open_year: Path) -> None:
    shutil.rmtree(open_year / "公示" / "2026年第一季度")
    assert "还没有公示（“公示/2026年第一季度”中没有公示表）" in refused(open_year, Q1)
    publish(open_year, Q1, draft=True)
    assert "还没有公示（“公示/2026年第一季度”中只有草稿）" in refused(open_year, Q1)


@pytest.mark.slow
def test_a_period_is_published_after_its_end_and_drafted_before(open_year: Path) -> None:
    fourth = Period.of_quarter(2026, 4)
    with pytest.raises(CannotWrite, match=r"2026年12月31日才结束.*--draft"):
        publish(open_year, fourth, day=date(2026, 12, 31))
    assert publish(open_year, fourth, day=date(2026, 12, 31), draft=True).files
    assert publish(open_year, fourth, day=date(2027, 1, 1)).files


def test_a_publication_before_the_end_is_none(open_year: Path) -> None:
    path = open_year / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.txt"
    path.write_text(path.read_text("utf-8-sig").replace("2026年4月8日", "2026年1月5日"), "utf-8-sig")
    assert "2026年1月5日公示的，那时2026年第一季度还没有结束" in refused(open_year, Q1)


@pytest.mark.slow
def test_a_day_that_is_not_the_computers_is_said_on_sheet_and_screen_and_kept(open_year: Path) -> None:
    opened = verbs.open_workbook(open_year / NAME)
    now = datetime(2026, 5, 20, 9)
    done = publishing(opened, Q1, now, day=date(2026, 4, 8), style=Style(charts=False))
    said = "日期：公示日期指定为2026年4月8日，制表时电脑日期是2026年5月20日。"
    assert said in done.sentences
    assert said in re.sub("<[^<>]+>", "", file_of(open_year, ".html").read_text("utf-8"))
    closed = close(verbs.open_workbook(open_year / NAME), Q1, now, day=date(2026, 4, 20))
    assert any("电脑日期是2026年5月20日" in words for words in closed.sentences)
    archived = shelf(open_year).of(Q1)
    assert archived
    assert (archived.content["closed"], archived.content["clock"]) == ("2026-04-20", "2026-05-20T09:00:00")
    receipt = (open_year / "公示" / "2026年第一季度" / "归档回执.txt").read_text("utf-8")
    assert "2026-04-20（电脑时间 2026-05-20 09:00:00）" in receipt


@pytest.mark.slow
def test_a_set_of_files_belongs_to_one_publication(open_year: Path, tmp_path: Path) -> None:
    opened = verbs.open_workbook(open_year / NAME)
    later = datetime(2026, 4, 9, 9)
    publishing(opened, Q1, later, folder=tmp_path / "另一次", style=Style(charts=False))
    for suffix in (".xlsx", ".pdf"):
        if (other := tmp_path / "另一次" / f"2026年第一季度党员积分公示表{suffix}").exists():
            before = file_of(open_year, suffix).read_bytes()
            shutil.copy(other, file_of(open_year, suffix))
            assert f"{suffix}”不是2026年4月8日这一次公示的" in refused(open_year, Q1)
            file_of(open_year, suffix).write_bytes(before)
    assert shut(open_year, Q1).files


def test_a_publication_killed_halfway_is_none(open_year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xl_jifen.verbs import publish as module

    real, written = module.put, list[Path]()

    def dying(path: Path, data: bytes, now: datetime) -> Path:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        return real(path, data, now)

    monkeypatch.setattr(module, "put", dying)
    with pytest.raises(KeyboardInterrupt):
        publish(open_year, Q1, day=date(2026, 4, 9))
    monkeypatch.undo()
    assert "中没有公示表" in refused(open_year, Q1)


def test_an_archive_without_its_receipt_gets_it_by_the_same_command(home: Path) -> None:
    receipt = home / "公示" / "2026年第二季度" / "归档回执.txt"
    before = receipt.read_bytes()
    receipt.unlink()
    assert any("没有归档回执" in words for words in verified(home, home / NAME).sentences)
    done = shut(home, Q2)
    assert (done.files, receipt.read_bytes()) == ((receipt,), before)
    assert "补写" in done.sentences[0]
    assert "已经归档" in refused(home, Q2)


def test_what_a_killed_close_left_is_swept_by_the_next(open_year: Path) -> None:
    shut(open_year, Q1)
    left = open_year / "归档" / "2026Q1" / ".xl-jifen-0123456789abcdef.tmp"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    shut(open_year, Q2)
    assert not left.exists()


@pytest.mark.slow
def test_every_kind_of_period_is_archived_in_one_chain(tmp_path: Path) -> None:
    home = tmp_path
    half = changed("设置", "项目", "公示周期", "值", "半年")
    write(home, half)
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    first, second = cycle.halves
    for period, day in ((first, date(2026, 7, 2)), (second, date(2027, 1, 4)), (cycle.year, date(2027, 1, 4))):
        publish(home, period, day=day)
    with pytest.raises(CannotWrite, match="公示周期是“半年”"):
        shut(home, Q1, datetime(2027, 1, 20))
    with pytest.raises(CannotWrite, match="2026年上半年、2026年下半年还没有归档"):
        shut(home, cycle.year, datetime(2027, 1, 20))
    for period in (first, second, cycle.year):
        shut(home, period, datetime(2027, 1, 20))
    assert sorted(path.name for path in (home / "归档").glob("*.json")) == ["2026.json", "2026H1.json", "2026H2.json"]
    assert not verified(home, home / NAME).faulty
    assert told(home) == []
    write(home, half, TAMPERED)
    assert told(home) == ["1月!E4 “数量”在归档后被改动：2026年上半年归档时是“3”，现在是“4”"]


@pytest.mark.slow
def test_a_draft_takes_no_place_of_what_was_published(open_year: Path) -> None:
    folder = open_year / "公示" / "2026年第一季度"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    publish(open_year, Q1, draft=True)
    assert {name: (folder / name).read_bytes() for name in before} == before
    publish(open_year, Q1)
    drafts = list(folder.with_name(f"{folder.name}（草稿）").iterdir())
    assert len(drafts) >= 4
    assert not [path for path in folder.iterdir() if "草稿" in path.name]
    closed = shut(open_year, Q1)
    assert not [path for path in closed.files if "草稿" in path.name]


def test_a_draft_says_what_it_is_made_in_spite_of(open_year: Path) -> None:
    write(open_year, added("1月", "日期 姓名 规则 事由 审核状态", "2026-01-10 没有此人 加2 植树 通过"))
    made = publish(open_year, Q1, draft=True)
    assert any("还有 1 个错误没有改" in sentence and "xl-jifen check" in sentence for sentence in made.sentences)
    message = next(path for path in made.files if path.suffix == ".txt").read_text("utf-8-sig")
    assert "校验码：草稿没有校验码\n" in message


def test_what_was_published_must_be_what_the_workbook_says(open_year: Path) -> None:
    write(open_year, TAMPERED)
    sentence = refused(open_year, Q1)
    assert "与“公示/2026年第一季度”中2026年4月8日的公示表对不上" in sentence
    assert "--date" not in sentence, "nobody is told to back-date"


@pytest.mark.slow
def test_open_objections_of_the_quarter_hinder_and_others_do_not(open_year: Path) -> None:
    write(open_year, objection("2026Q2", "", ""))
    assert shut(open_year, Q1).files[0].exists()
    assert "没有办结的异议（异议处理!2）" in refused(open_year, Q2)
    write(open_year, objection("2026Q2", "维持", ""))
    assert "没有办结的异议" in refused(open_year, Q2)
    write(open_year, objection("二季度", "", ""))
    assert "没有办结的异议" in refused(open_year, Q2), "who knows which quarter is meant"
    write(open_year, objection("2026Q2", "维持", "2026-07-16"))
    assert shut(open_year, Q2).files[0].exists()


def test_an_upheld_objection_without_a_correction_is_a_note(open_year: Path) -> None:
    write(open_year, objection("2026Q2", "更正", "2026-07-16"))
    assert len(shut(open_year, Q1).sentences) == 2
    assert any(note.startswith("异议处理!2：") for note in shut(open_year, Q2).sentences)


def objection(quarter: str, result: str, closed: str) -> str:
    return (
        "## 异议处理\n| 提出日期 | 提出人 | 涉及季度 | 涉及事项 | 处理结果 | 办结日期 |\n"
        f"| 2026-04-10 | 钱七 | {quarter} | 少计 | {result} | {closed} |"
    )


def test_errors_that_bear_on_the_quarter_hinder(open_year: Path) -> None:
    write(open_year, changed("1月", "序号", "1", "规则", "没有的规则"))
    with pytest.raises(verbs.Refused) as error:
        shut(open_year, Q1)
    assert {finding.code for finding in error.value.findings} == {"E301"}


def test_a_changed_archive_or_archived_row_hinders_the_next_quarter(home: Path) -> None:
    write(home, TAMPERED)
    with pytest.raises(verbs.Refused) as error:
        shut(home, Q3)
    assert [finding.code for finding in error.value.findings] == ["E901"]
    assert not (home / "归档" / "2026Q3.json").exists()


def test_an_archived_activity_moved_to_a_later_month_hinders_too(home: Path) -> None:
    write(home, changed("活动考勤", "活动名称", "二月党日", "日期", "2026-10-15"))
    with pytest.raises(verbs.Refused) as error:
        shut(home, Q3)
    assert [str(finding.place) for finding in error.value.findings] == ["活动考勤!A3"]


def test_rows_never_reviewed_are_mentioned(home: Path) -> None:
    write(home, PENDING)
    assert any("还有 1 行待审（9月!2）" in note for note in shut(home, Q3).sentences)


def test_an_interrupted_closing_leaves_nothing_in_the_way(open_year: Path) -> None:
    copies = open_year / "归档" / "2026Q1"
    copies.mkdir(parents=True)
    (copies / "2026年第一季度党员积分公示表.txt").write_text("半截")
    assert shut(open_year, Q1).files[0].exists()
    assert told(open_year) == []


# -- guarding --------------------------------------------------------------------------------------------------------


def test_recalculating_changes_nothing(home: Path) -> None:
    assert verbs.recalculate(verbs.open_workbook(home / NAME), datetime(2026, 8, 1)).changed
    assert told(home) == []


def test_a_tampered_cell_is_named_with_both_values(home: Path) -> None:
    write(home, TAMPERED)
    (message,) = told(home)
    assert message == "1月!E4 “数量”在归档后被改动：2026年第一季度归档时是“3”，现在是“4”"


@pytest.mark.parametrize("name", ["2026Q1", "2026Q2"])
def test_an_edited_or_lost_archive_is_told_and_never_made_again(home: Path, name: str) -> None:
    path = home / "归档" / f"{name}.json"
    path.write_text(path.read_text("utf-8").replace('"score":"', '"score":"1', 1), "utf-8")
    (message,) = told(home)
    assert message.startswith("设置!A1 2026年第")
    assert "被改动或损坏" in message
    path.unlink()
    (message,) = told(home)
    assert "归档文件不见了" in message
    with pytest.raises(verbs.Refused):
        shut(home, Period.of_quarter(2026, int(name[-1])))
    assert not path.exists()


def test_archives_lost_altogether_are_told_by_the_receipts(home: Path) -> None:
    shutil.rmtree(home / "归档")
    assert ["不见了" in message for message in told(home)] == [True, True]


def test_a_chain_made_anew_is_told_by_the_receipts(home: Path) -> None:
    path = home / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert from_text(path.read_text("utf-8"))
    message = told(home)[0]
    assert "与公示文件夹中的归档回执不一致" in message


def test_archives_of_another_year_beside_it_are_not_its_own(home: Path, tmp_path: Path) -> None:
    other = home / "2027.xlsx"
    verbs.new(other, branch="中共某局第二支部委员会", year=2027)
    opened = verbs.open_workbook(other)
    assert [f for f in guarded(other, opened.grids, opened.reckoning).findings if f.code == "E901"] == []


def test_moving_the_cycle_away_does_not_escape(home: Path) -> None:
    start, end = ("| 计分周期开始 | 2027-01-01 |", "| 计分周期结束 | 2027-12-31 |")
    write(home, f"## 设置（更改）\n| 项目 | 值 |\n{start}\n{end}")
    assert {message.split()[0] for message in told(home)} == {"设置!B3", "设置!B4"}


# -- verifying -------------------------------------------------------------------------------------------------------


def verified(home: Path, target: object) -> Done:
    return verify(str(target), home)


def file_of(home: Path, suffix: str, folder: str = "公示/2026年第一季度") -> Path:
    return home / folder / f"2026年第一季度党员积分公示表{suffix}"


def test_a_workbook_agrees_with_its_archives(home: Path) -> None:
    outcome = verified(home, home / NAME)
    assert not outcome.faulty
    assert any("归档链条完整：2026Q1（" in sentence for sentence in outcome.sentences)
    assert any(sentence.endswith("与归档一致。") for sentence in outcome.sentences)


def test_a_tampered_workbook_does_not(home: Path) -> None:
    write(home, TAMPERED)
    outcome = verified(home, home / NAME)
    assert outcome.faulty
    assert any("1月!E4" in sentence for sentence in outcome.sentences)
    assert verified(home, code_of(home, Q1)).faulty, "the code is right, the workbook beside it is not"


@pytest.mark.parametrize("suffix", [".xlsx", ".pdf", ".html", ".txt"])
def test_a_published_file_is_known_by_its_bytes(home: Path, suffix: str, tmp_path: Path) -> None:
    if not file_of(home, suffix).exists():
        pytest.skip("no PDF without typst and Chinese fonts")
    elsewhere = tmp_path / f"收到的{suffix}"
    elsewhere.write_bytes(file_of(home, suffix).read_bytes())
    for path in (file_of(home, suffix), elsewhere):
        outcome = verified(home, path)
        assert not outcome.faulty
        assert "完全相同" in outcome.sentences[1]
        assert "2026年第一季度" in outcome.sentences[1]


def test_another_pdf_is_not_taken_for_it(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "别的.pdf"
    path.write_bytes(b"%PDF-1.7 something else")
    outcome = verified(home, path)
    assert outcome.faulty
    assert "请以归档文件夹中的原件为准" in outcome.sentences[1]


@pytest.mark.slow
def test_both_codes_are_known_in_any_spelling(home: Path) -> None:
    message = file_of(home, ".txt").read_text("utf-8-sig")
    shown, code = next(printed(message)), code_of(home, Q1)
    for text in (shown, whole(message), code, code.replace("-", ""), code.lower(), code.replace("-", " - ")):
        outcome = verified(home, text)
        assert not outcome.faulty, outcome
        assert "2026年第一季度" in outcome.sentences[1]
    assert shown != code
    assert verified(home, "0000-0000-0000").faulty


@pytest.mark.parametrize("suffix", [".html", ".xlsx"])
def test_a_page_saved_again_is_judged_by_its_rows(home: Path, suffix: str) -> None:
    path = file_of(home, suffix)
    rewrite(path, lambda text: text)
    outcome = verified(home, path)
    assert not outcome.faulty
    assert "所显示的内容与归档的原件一致" in outcome.sentences[1]
    archived = from_text((home / "归档" / "2026Q1.json").read_text("utf-8"))
    assert archived
    score = archived.content["scores"][0]
    rewrite(path, lambda text: text.replace(score["score"], "199") if text == score["score"] else text)
    outcome = verified(home, path)
    assert outcome.faulty
    assert any(score["name"] in words and "199" in words for words in outcome.sentences)


def test_a_text_without_points_is_judged_by_its_code(home: Path) -> None:
    receipt = home / "公示" / "2026年第一季度" / "归档回执.txt"
    outcome = verified(home, receipt)
    assert not outcome.faulty
    assert code_of(home, Q1) in outcome.sentences[2]


def test_an_archive_itself_can_be_asked_about(home: Path, tmp_path: Path) -> None:
    path = home / "归档" / "2026Q1.json"
    assert not verified(home, path).faulty
    forged = tmp_path / "2026Q1.json"
    forged.write_text(path.read_text("utf-8").replace("张三", "张四"), "utf-8")
    outcome = verified(home, forged)
    assert outcome.faulty
    assert outcome.sentences[1] == "“2026Q1.json”不是归档时的那一份。"


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for row in book.active.iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)):
                    cell.value = float(change(f"{cell.value:g}"))
        book.save(path)
    else:
        text = path.read_text("utf-8")
        pieces = [change(piece.strip()) if piece.strip() else piece for piece in text.replace(">", ">\0").split("\0")]
        joined = "".join(p if "<" not in p else change(p[: p.index("<")]) + p[p.index("<") :] for p in pieces)
        path.write_text(joined + "\n", "utf-8")


def test_a_period_published_again_after_archiving_is_the_archived_sheet_byte_for_byte(home: Path) -> None:
    folder = home / "公示" / "2026年第一季度"
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.stem.endswith("公示表")}
    for name in before:
        (folder / name).unlink()
    done = publish(home, Q1, day=date(2026, 8, 3))
    assert {file.name: file.read_bytes() for file in done.files} == before
    assert "2026年4月8日公示的原件" in done.sentences[0]
    file_of(home, ".html", "归档/2026Q1").unlink()
    with pytest.raises(CannotWrite, match="不能照原样重印"):
        publish(home, Q1)


@pytest.mark.slow
def test_a_copy_is_vouched_for_only_in_what_it_shows(home: Path) -> None:
    path = file_of(home, ".xlsx")
    original = path.read_bytes()

    def spoilt(change: Callable[[Any], None]) -> Done:
        path.write_bytes(original)
        book = openpyxl.load_workbook(path)
        change(book.active)
        book.save(path)
        return verified(home, path)

    def figure(sheet: Any) -> Any:
        return next(cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, (int, float)))

    assert not spoilt(lambda sheet: None).faulty
    formatted = spoilt(lambda sheet: setattr(figure(sheet), "number_format", '"108"'))
    assert formatted.faulty
    assert '数字格式是“"108"”' in formatted.sentences[1]
    assert spoilt(lambda sheet: setattr(sheet.row_dimensions[figure(sheet).row], "hidden", True)).faulty
    assert spoilt(lambda sheet: setattr(sheet["A1"], "value", "另一个标题")).faulty


def test_the_branchs_own_archives_come_first_and_others_that_differ_are_told(home: Path, tmp_path: Path) -> None:
    sent = home / "下载"
    shutil.copytree(home, tmp_path / "别处", ignore=shutil.ignore_patterns("下载"))
    shutil.move(tmp_path / "别处", sent)
    path = sent / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    outcome = verify(str(sent / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.xlsx"), home)
    assert outcome.sentences[0].startswith(f"按“{home / '归档'}”核验")
    assert outcome.faulty
    assert any("另有一份2026年第二季度的归档，与这里的不同" in words for words in outcome.sentences)


@pytest.mark.slow
def test_a_draft_is_no_notice(home: Path) -> None:
    publish(home, Q3, draft=True)
    for file in (home / "公示" / "2026年第三季度（草稿）").iterdir():
        outcome = verified(home, file)
        assert outcome.faulty
        assert "是草稿" in outcome.sentences[1], file.name


def test_changed_copies_and_broken_chains_are_told(home: Path) -> None:
    copy = file_of(home, ".txt", "归档/2026Q1")
    copy.write_text("别的", "utf-8")
    file_of(home, ".html", "归档/2026Q1").unlink()
    outcome = verified(home, home / NAME)
    assert outcome.faulty
    assert any("公示表.txt”被改动过" in sentence for sentence in outcome.sentences)
    assert any("公示表.html”不见了" in sentence for sentence in outcome.sentences)
    (home / "归档" / "2026Q1.json").unlink()
    assert any("归档文件不见了" in sentence for sentence in verified(home, home / NAME).sentences)


def test_an_archive_rewritten_with_a_new_hash_does_not_prove_its_figures(home: Path) -> None:
    for receipt in home.glob("公示/*/归档回执.txt"):
        receipt.unlink()
    path = home / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert any("不能由归档的登记算出" in sentence for sentence in verified(home, home / NAME).sentences)
    sheet = next(sheet for sheet in content["sheets"] if sheet["sheet"] == "4月")
    sheet["rows"][0]["cells"]["数量"] = {"number": "5"}
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert verified(home, home / NAME).faulty


def test_nothing_to_verify_by_is_one_sentence(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "空"
    empty.mkdir()
    with pytest.raises(CannotRead, match="没有找到文件夹“归档”"):
        verify("0000-0000-0000", empty)
    with pytest.raises(CannotRead, match="也不是校验码"):
        verify("没有的文件.pdf", home)


def test_reading_archives_needs_no_workbook(home: Path) -> None:
    (home / NAME).unlink()
    outcome = verified(home, code_of(home, Q2))
    assert not outcome.faulty
    assert any("没有与工作簿核对" in sentence for sentence in outcome.sentences)
