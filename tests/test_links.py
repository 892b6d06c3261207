"""Links beside a workbook: nothing of others' is written, read, listed or deleted through them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from secretary import run

from xl_jifen.disk.folders import BACKUPS
from xl_jifen.disk.save import write_new
from xl_jifen.finding import CannotWrite
from xl_jifen.verbs import quarter
from xl_jifen.verbs.rollup.journal import Journal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter.example(tmp_path_factory.mktemp("示例") / "党员积分.xlsx")


@pytest.fixture
def book(example: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(example, tmp_path / "支部.xlsx"))


@pytest.fixture
def others(tmp_path: Path) -> Path:
    folder = tmp_path / "别人的"
    folder.mkdir()
    for number in range(25):
        (folder / f"支部.202001{number + 1:02d}-000000.xlsx").write_bytes(b"mine")
    (folder / "文件.txt").write_text("别动我", "utf-8")
    return folder


def state(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.slow
def test_backups_go_through_no_link(book: Path, others: Path) -> None:
    before, whole = state(others), book.read_bytes()
    (book.parent / BACKUPS).symlink_to(others, target_is_directory=True)
    done = run("recalc", book)
    assert done.code == 2
    assert "是指向别处的链接，没有写入" in done.err
    assert (state(others), book.read_bytes()) == (before, whole)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["公示", "公示/2026年第一季度", "公示/2026年第一季度/2026年第一季度党员积分公示表.txt"])
def test_notices_go_through_no_link(book: Path, others: Path, at: str) -> None:
    before = state(others)
    link = book.parent / at
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(others if link.suffix != ".txt" else others / "文件.txt")
    done = run("publish", book, "2026Q1", "--no-charts", "--date", "2026-04-08")
    assert done.code == 2
    assert "链接" in done.err
    assert state(others) == before


@pytest.mark.slow
def test_the_answers_about_columns_are_read_through_no_link(book: Path, others: Path) -> None:
    (book.parent / "申报对照.csv").symlink_to(others / "文件.txt")
    declared = book.parent / "申报.csv"
    declared.write_text("姓名,规则,日期\n马守田,加2-3,2026-11-18\n", "utf-8")
    done = run("import", book, declared)
    assert (done.code, "申报对照.csv”是指向别处的链接，没有读取" in done.err) == (2, True)


def test_a_file_of_ours_is_never_written_through_a_link(tmp_path: Path, others: Path) -> None:
    (tmp_path / "汇总.xlsx").symlink_to(others / "文件.txt")
    with pytest.raises(CannotWrite, match="链接"):
        write_new(tmp_path / "汇总.xlsx", b"x", overwrite=True)
    assert (others / "文件.txt").read_text("utf-8") == "别动我"


@pytest.mark.slow
def test_archives_are_read_through_no_link(book: Path, others: Path) -> None:
    (book.parent / "归档").symlink_to(others, target_is_directory=True)
    done = run("check", book)
    assert (done.code, "没有读取" in done.err) == (2, True)


@pytest.mark.slow
def test_a_link_to_the_workbook_itself_is_followed(book: Path, tmp_path: Path) -> None:
    desk = tmp_path / "桌面"
    desk.mkdir()
    (desk / "积分.xlsx").symlink_to(book)
    assert run("recalc", desk / "积分.xlsx").code in (0, 1)
    assert (desk / "积分.xlsx").is_symlink()
    assert list((book.parent / BACKUPS).iterdir())


@pytest.mark.slow
def test_own_templates_are_said_aloud_and_never_bring_a_script(book: Path) -> None:
    own = book.parent / "模板" / "publicity.html"
    own.parent.mkdir()
    own.write_text("<!DOCTYPE html><title>{{标题}}</title><p>{{校验码}}{{表格}}", "utf-8")
    asked = ("publish", book, "2026Q1", "--no-charts", "--date", "2026-04-08")
    done = run(*asked)
    assert done.code == 0
    assert "用了工作簿旁的模板：模板/publicity.html。" in done.out
    own.write_text(own.read_text("utf-8") + "<script>alert(1)</script>", "utf-8")
    done = run(*asked)
    assert (done.code, "模板/publicity.html”里有脚本" in done.err) == (2, True)


@pytest.mark.slow
def test_the_example_is_laid_beside_one_that_was_typed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from secretary import edit

    from xl_jifen.disk.save import look
    from xl_jifen.render import typeset

    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")  # nobody looks at the notice
    home = tmp_path / "示例"
    first = run("demo", home)
    book = home / "党员积分示例.xlsx"
    assert (first.code, run("demo", home).code) == (0, 0)
    assert [path.name for path in home.glob("*.xlsx")] == [book.name], "nobody typed into it: it is replaced"
    edit(book, {"设置!B4": "我们支部"})
    typed = look(book)[1]
    again = run("demo", home)
    assert again.code == 0
    assert "里有改过的内容，没有动它" in again.out
    assert book.read_bytes() == typed
    assert (home / "党员积分示例-2.xlsx").exists()


@pytest.mark.slow
def test_what_a_command_did_is_one_value_for_every_door(book: Path) -> None:
    from xl_jifen.doors.cli.cli import done_of

    published = done_of(["publish", str(book), "2026Q1", "--date", "2026-04-08", "--no-charts"])
    assert published.code == 0
    assert {file.suffix for file in published.files} >= {".xlsx", ".html", ".txt"}
    refused = done_of(["publish", str(book), "2026Q4", "--date", "2027-01-04"])
    assert (refused.code, refused.files) == (1, ())
    assert {finding.level for finding in refused.findings} == {"错误"}
    assert refused.refusal.startswith("以上错误影响")
    unfinished = done_of(["publish", str(book), "2026Q4", "--date", "2026-12-31"])
    assert (unfinished.code, unfinished.findings) == (2, ())


def test_the_journal_of_a_roll_up_goes_through_no_link(others: Path, tmp_path: Path) -> None:
    before = state(others)
    journal = tmp_path / "汇总.续算.sqlite"
    journal.symlink_to(others / "文件.txt")
    with pytest.raises(CannotWrite, match="是指向别处的链接"):
        Journal(journal)
    assert journal.is_symlink()
    assert state(others) == before
