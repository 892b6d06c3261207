"""Closing a quarter on files: what must be there first, what is kept, and that it is kept once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from archives import Q1, Q2, Q3, added, changed, from_text
from closed_year import NAME, PENDING, TAMPERED, file_of, publish, shut, told, verified, write

from xl_jifen.disk.shelf import shelf
from xl_jifen.finding import CannotWrite
from xl_jifen.period import Cycle, Period
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.close import close
from xl_jifen.verbs.done import Refused
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish as publishing


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


@pytest.mark.slow
def test_a_quarter_is_archived_only_once(home: Path) -> None:
    before = (home / "归档" / "2026Q2.json").read_bytes()
    assert "已经归档" in refused(home, Q2)
    assert (home / "归档" / "2026Q2.json").read_bytes() == before


def test_earlier_quarters_come_first(open_year: Path) -> None:
    assert "2026年第一季度、2026年第二季度还没有归档" in refused(open_year, Q3)


def test_what_is_not_over_is_said_before_what_comes_first(open_year: Path) -> None:
    """Nobody is sent to archive the quarters before one that cannot be archived yet."""
    for period in (Q3, Cycle(date(2026, 1, 1), date(2026, 12, 31)).year):
        assert "才结束，现在还不能归档" in refused(open_year, period, datetime(2026, 9, 30, 9))


@pytest.mark.slow
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
    assert archived.publication.clock == archived.content["published"]["clock"] == "2026-05-20"
    assert "公示日期：2026-04-08（制表时电脑日期 2026-05-20）\n" in receipt
    ahead = close(verbs.open_workbook(open_year / NAME), Q2, datetime(2026, 7, 19, 9), day=date(2026, 7, 20))
    assert any("电脑日期是2026年7月19日" in words for words in ahead.sentences)
    other = shelf(open_year).of(Q2)
    assert other
    assert (other.publication.clock, "clock" in other.content["published"]) == ("", False)
    assert "制表时电脑日期" not in (open_year / "公示" / "2026年第二季度" / "归档回执.txt").read_text("utf-8")


@pytest.mark.slow
def test_days_off_that_nobody_knows_yet_are_said_to_whoever_publishes(open_year: Path) -> None:
    said = publish(open_year, Q1, day=date(2199, 6, 7)).sentences
    assert any(words.startswith("节假日库中还没有2199年的放假和调休安排") for words in said)
    assert not any("节假日库" in words for words in publish(open_year, Q1).sentences)


@pytest.mark.slow
def test_a_period_without_entries_is_said_to_have_none_and_no_other(open_year: Path) -> None:
    for period, none in ((Q1, False), (Q3, True)):
        assert any("没有一笔登记" in words for words in publish(open_year, period).sentences) == none


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


@pytest.mark.slow
def test_what_the_branch_laid_beside_its_notice_is_no_part_of_it(open_year: Path) -> None:
    """Photos, copies and other formats: to publish anew would not take them away."""
    paper = file_of(open_year, ".xlsx")
    for suffix in (".docx", ".jpg", "-副本.pdf", "-张贴.png", ".xlsx.bak"):
        (paper.parent / f"{paper.stem}{suffix}").write_bytes(b"x")
    done = shut(open_year, Q1)
    kept = {file.name for file in done.files}
    assert f"{paper.stem}.html" in kept
    assert not any(name.endswith((".docx", ".jpg", ".bak", "副本.pdf", "张贴.png")) for name in kept)
    assert f"“{paper.stem}.docx”不是公示时生成的，没有归档。" in done.sentences


def test_what_is_gone_of_a_notice_is_said_to_be_missing(open_year: Path) -> None:
    paper = file_of(open_year, ".xlsx")
    paper.unlink()
    assert f"“{paper.name}”已经不在“公示/2026年第一季度”中，归档里没有它。" in shut(open_year, Q1).sentences


@pytest.mark.parametrize(("suffix", "what"), [(".xlsx", "points"), (".xlsx", "a member less"), (".html", "points")])
def test_a_notice_whose_points_were_changed_is_not_archived(open_year: Path, suffix: str, what: str) -> None:
    """Its code stands in it still, and afterwards it would be vouched for byte by byte."""
    path = file_of(open_year, suffix)
    if suffix == ".html":
        page = path.read_text("utf-8")
        changed = re.sub(r'(<td class="积分"><span[^>]*>)', r"\g<1>9", page, count=1)
        assert changed != page
        path.write_text(changed, "utf-8")
    else:
        book = openpyxl.load_workbook(path)
        sheet = book.active
        assert sheet
        at = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "积分")
        if what == "points":
            sheet.cell(at.row + 1, at.column).value = 987
        else:
            sheet.delete_rows(at.row + 1)
        book.save(path)
    assert f"{suffix}”里有改动过的姓名或积分" in refused(open_year, Q1)


@pytest.mark.slow
def test_a_notice_that_another_program_saved_again_is_archived(open_year: Path) -> None:
    path = file_of(open_year, ".xlsx")
    openpyxl.load_workbook(path).save(path)
    assert shut(open_year, Q1).files


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_archive_without_its_receipt_gets_it_by_the_same_command(home: Path) -> None:
    receipt = home / "公示" / "2026年第二季度" / "归档回执.txt"
    before = receipt.read_bytes()
    receipt.unlink()
    assert any("没有归档回执" in words for words in verified(home, home / NAME).sentences)
    done = shut(home, Q2)
    assert (done.files, receipt.read_bytes()) == ((receipt,), before)
    assert "补写" in done.sentences[0]
    assert "已经归档" in refused(home, Q2)


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_draft_says_what_it_is_made_in_spite_of(open_year: Path) -> None:
    write(open_year, added("1月", "日期 姓名 规则 事由 审核状态", "2026-01-10 没有此人 加2 植树 通过"))
    made = publish(open_year, Q1, draft=True)
    assert any("还有 1 个错误没有改" in sentence and "xl-jifen check" in sentence for sentence in made.sentences)
    message = next(path for path in made.files if path.suffix == ".txt").read_text("utf-8-sig")
    assert "校验码：草稿没有校验码\n" in message


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_upheld_objection_without_a_correction_is_a_note(open_year: Path) -> None:
    write(open_year, objection("2026Q2", "更正", "2026-07-16"))
    assert len(shut(open_year, Q1).sentences) == 2
    assert any(note.startswith("异议处理!2：") for note in shut(open_year, Q2).sentences)


def objection(quarter: str, result: str, closed: str) -> str:
    return (
        "## 异议处理\n| 提出日期 | 提出人 | 涉及季度 | 涉及事项 | 处理结果 | 办结日期 |\n"
        f"| 2026-04-10 | 钱七 | {quarter} | 少计 | {result} | {closed} |"
    )


@pytest.mark.slow
def test_errors_that_bear_on_the_quarter_hinder(open_year: Path) -> None:
    write(open_year, changed("1月", "序号", "1", "规则", "没有的规则"))
    with pytest.raises(verbs.Refused) as error:
        shut(open_year, Q1)
    assert {finding.code for finding in error.value.findings} == {"E301"}


@pytest.mark.slow
def test_a_changed_archive_or_archived_row_hinders_the_next_quarter(home: Path) -> None:
    write(home, TAMPERED)
    with pytest.raises(verbs.Refused) as error:
        shut(home, Q3)
    assert [finding.code for finding in error.value.findings] == ["E901"]
    assert not (home / "归档" / "2026Q3.json").exists()


@pytest.mark.slow
def test_an_archived_activity_moved_to_a_later_month_hinders_too(home: Path) -> None:
    write(home, changed("活动考勤", "活动名称", "二月党日", "日期", "2026-10-15"))
    with pytest.raises(verbs.Refused) as error:
        shut(home, Q3)
    assert [str(finding.place) for finding in error.value.findings] == ["活动考勤!A3"]


@pytest.mark.slow
def test_rows_never_reviewed_are_mentioned(home: Path) -> None:
    write(home, PENDING)
    assert any("还有 1 行待审（9月!2）" in note for note in shut(home, Q3).sentences)


@pytest.mark.slow
def test_an_interrupted_closing_leaves_nothing_in_the_way(open_year: Path) -> None:
    copies = open_year / "归档" / "2026Q1"
    copies.mkdir(parents=True)
    (copies / "2026年第一季度党员积分公示表.txt").write_text("半截")
    assert shut(open_year, Q1).files[0].exists()
    assert told(open_year) == []


@pytest.mark.slow
def test_a_branch_may_go_over_to_yearly_notices(tmp_path: Path) -> None:
    """公示周期 says what is archived: after a quarter of its own the year follows, and the quarter stays watched."""
    write(tmp_path)
    publish(tmp_path, Q1)
    shut(tmp_path, Q1)
    yearly = changed("设置", "项目", "公示周期", "值", "年")
    write(tmp_path, yearly)
    year = Cycle(date(2026, 1, 1), date(2026, 12, 31)).year
    publish(tmp_path, year, day=date(2027, 1, 4))
    shut(tmp_path, year, datetime(2027, 1, 20))
    assert told(tmp_path) == []
    assert not verified(tmp_path, tmp_path / NAME).faulty
    write(tmp_path, yearly, TAMPERED)
    assert told(tmp_path) == ["1月!E4 “数量”在归档后被改动：2026年第一季度归档时是“3”，现在是“4”"]


@pytest.mark.slow
def test_the_archive_of_another_cycles_period_of_the_name_is_not_taken_for_ours(home: Path) -> None:
    """From September on two cycles hold a third quarter; in one folder that is E901, which says to part them."""
    moved = "## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 2026-02-01 |\n| 计分周期结束 | 2027-01-31 |"
    write(home, moved)
    for press in (publish, shut):
        with pytest.raises(Refused) as refusal:
            press(home, Q1)
        assert any("请把它放到单独的文件夹" in finding.remedy for finding in refusal.value.findings)
