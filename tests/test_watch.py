"""Watching: every save is checked and drafted anew, what cannot be read is told, and the workbook is never touched.

One module, however long: the loop and the program are watched through the same workbook and page.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import needs
import openpyxl
import pytest
from engines.chromium import Browser
from notation import parse

from xl_jifen import reckon
from xl_jifen.disk import assets
from xl_jifen.doors.cli import report
from xl_jifen.doors.cli.cli import main
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.period import Period
from xl_jifen.publish import check
from xl_jifen.verbs import watch as watching
from xl_jifen.verbs.rollup import sources

NAME = "党员积分.xlsx"
NOW = datetime(2026, 4, 20, 9, 30)
SYSTEM_PYTHON = "/usr/bin/python3"

BRANCH = """守候用的小支部：第一季度有登记，第二季度刚开始。
套用 基本

## 党员名册
| 编号 | 姓名 | 党员类别 | 党内职务 |
| 001  | 张三 | 正式党员 | 书记     |
| 002  | 李四 | 正式党员 | 组织委员 |

## 积分规则
| 规则编号 | 类型   | 大项 | 小项     | 分值 |
| 基1      | 基础分 | 四讲 | 合格党员 | 100  |
| 加1      | 加分   | 党建 | 讲党课   | 2    |
| 减1      | 减分   | 履职 | 无故缺席 | 3    |

## 3月
| 序号 | 日期       | 姓名 | 规则 | 事由   | 审核状态 |
| 1    | 2026-03-08 | 张三 | 加1  | 讲党课 | 通过     |
"""
MISTAKE = """
## 4月
| 序号 | 日期       | 姓名 | 规则 | 事由   | 审核状态 |
| 1    | 2026-04-08 | 赵六 | 加1  | 讲党课 | 通过     |
"""
MENDED = MISTAKE.replace("赵六", "李四")
MISTAKE_IN_MARCH = "## 3月（更改）\n| 序号 | 姓名 |\n| 1 | 钱七 |"
FINE, ONE_ERROR = "没有错误", "有 1 个错误要改"


def bytes_of(*more: str, to: Path) -> bytes:
    """A workbook that says BRANCH and more, as its bytes."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in parse("\n\n".join((BRANCH, *more))).grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(list(row))
    book.save(to)
    return to.read_bytes()


@pytest.fixture(scope="module")
def saves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the branch saves: without a mistake, with one, and with it mended."""
    path = tmp_path_factory.mktemp("saves") / NAME
    return {name: bytes_of(*more, to=path) for name, more in
            {"plain": (), "mistake": (MISTAKE,), "mended": (MENDED,)}.items()}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, saves: dict[str, bytes]) -> Path:
    """The workbook as last saved, with a mistake in April."""
    path = tmp_path / NAME
    path.write_bytes(saves["mistake"])
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PDF: it is the slow part, and the loop is what is tested."""
    monkeypatch.setattr("xl_jifen.render.typeset.available", lambda: "没有排版组件。")


def text_of(page: Path) -> str:
    """What a page shows, without its style and scripts."""
    document = page.read_text("utf-8")
    shown = re.sub(r"(?s)<(style|script|title)\b.*?</\1>", "", document)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


class Desk:
    """Someone at work: each pause of the loop takes a second and brings the next deed; then the watch ends."""

    def __init__(self, book: Path, *deeds: Callable[[], object] | None) -> None:
        self.book, self.deeds = book, iter((*deeds, None))
        self.clock, self.over = NOW, False
        self.said: list[str] = []
        self.shown: list[Path] = []
        self.page = watching.folder_of(book) / watching.PAGE
        self.seen: list[str] = []

    def watch(self, quarter: str = "") -> Desk:
        watching.watch(
            self.book,
            quarter=quarter,
            say=self.said.append,
            show=self.shown.append,
            now=lambda: self.clock,
            pause=self.pause,
            ended=lambda: self.over,
        )
        return self

    def pause(self, seconds: float) -> None:
        """Time passes; what the page shows just before is kept."""
        self.clock += timedelta(seconds=seconds)
        self.seen.append(text_of(self.page) if self.page.exists() else "")
        try:
            deed = next(self.deeds)
        except StopIteration:
            self.over = True
        else:
            if deed:
                deed()

    def refreshed(self) -> int:
        """How often findings were counted aloud."""
        return sum(" 个错误、" in sentence for sentence in self.said)


def replaced(book: Path, data: bytes) -> Callable[[], None]:
    """A save by writing a new file and renaming it."""

    def deed() -> None:
        beside = book.with_name("~tmp")
        beside.write_bytes(data)
        beside.replace(book)

    return deed


def resting(count: int) -> list[None]:
    return [None] * count


# ---- one refresh ----


def test_the_page_says_what_check_says(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = watching.refresh(book, NOW)
    assert main(["check", str(book)]) == 1
    *lines, counts = capsys.readouterr().out.splitlines()
    shown = text_of(made.path)
    assert len(lines) == 2
    for words in re.split(" {2,}|\n", "\n".join(lines)):
        assert words.removeprefix("错误 ") in shown
    assert made.counts == counts
    assert f"{ONE_ERROR}，改完才能生成2026年第二季度的公示" in shown


def test_the_points_are_those_of_the_quarter_under_way_or_asked_for(book: Path) -> None:
    def row(name: str, text: str) -> str:
        found = re.search(rf"{name} (\S+ \S+ \S+ \S+)", text)
        assert found
        return found[1]

    now = text_of(watching.refresh(book, NOW).path)
    assert "2026年第二季度积分（草稿）" in now
    assert row("张三", now) == "100 0 0 102"
    asked = watching.refresh(book, NOW, quarter="2026q1")
    assert "2026年第一季度积分（草稿）" in text_of(asked.path)
    assert row("张三", text_of(asked.path)) == "100 2 0 102"
    assert all("--period" not in note for note in asked.notes)


@pytest.mark.parametrize(
    ("today", "more", "quarter"),
    [
        (date(2026, 4, 20), MENDED, 2),
        (date(2026, 4, 20), "", 1),
        (date(2026, 3, 20), MENDED, 1),
        (date(2027, 3, 1), MENDED, 2),
        (date(2025, 12, 1), MENDED, 1),
        (date(2026, 8, 1), "## 3月（删除）", 3),
    ],
    ids=["begun", "nothing yet", "April is to come", "year over", "before the cycle", "no entries at all"],
)
def test_the_quarter_under_way(today: date, more: str, quarter: int) -> None:
    register = reckon(parse(f"{BRANCH}\n{more}").grids).register
    assert check.quarter_under_way(register, today) == Period.of_quarter(2026, quarter)


@pytest.mark.parametrize(
    ("more", "quarter", "verdict"),
    [
        ("", 1, "没有错误，可以生成2026年第一季度的公示。"),
        (MISTAKE, 1, "有 1 个错误要改，但不影响2026年第一季度的公示。"),
        (MISTAKE, 2, "有 1 个错误要改，改完才能生成2026年第二季度的公示。"),
        (f"{MISTAKE}\n{MISTAKE_IN_MARCH}", 1, "有 2 个错误要改，其中 1 个不改完，不能生成2026年第一季度的公示。"),
        (f"{MISTAKE}\n{MISTAKE_IN_MARCH}", 2, "有 2 个错误要改，改完才能生成2026年第二季度的公示。"),
        (MISTAKE, None, "有 1 个错误要改。"),
        ("", None, "没有错误。"),
    ],
)
def test_the_verdict(more: str, quarter: int | None, verdict: str) -> None:
    register, findings, _ = reckon(parse(f"{BRANCH}\n{more}").grids)
    asked = Period.of_quarter(2026, quarter) if quarter else None
    page = check.check_page(check.Source(NAME, NAME, None), register, findings, asked, NOW)
    assert page.words["结论"] == verdict
    assert page.words["时间"] == "2026-04-20 09:30:00 校验"


def test_everything_lies_in_a_folder_of_its_own(book: Path, tmp_path: Path) -> None:
    made = watching.refresh(book, NOW)
    folder = tmp_path / "预览" / "党员积分"
    assert made.path == folder / "校验.html"
    assert {path.name for path in made.drafts} == {
        "2026年第二季度党员积分公示表（草稿）.html",
        "2026年第二季度党员积分公示表（草稿）.pdf",
    }
    assert set(tmp_path.iterdir()) == {book, tmp_path / "预览"}
    assert set(folder.iterdir()) == {made.path, *made.drafts}
    assert list(sources.workbooks([str(tmp_path)], tmp_path / "汇总.xlsx")) == [str(book)]


def test_the_drafts_say_that_they_are_drafts(book: Path) -> None:
    import pypdfium2

    web, pdf = watching.refresh(book, NOW).drafts
    assert '<body class="draft">' in web.read_text("utf-8")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.read_bytes())]
    assert all("草稿" in page for page in pages)


def test_links_lead_to_the_drafts(book: Path) -> None:
    from urllib.parse import unquote

    made = watching.refresh(book, NOW)
    links = re.findall(r'<a href="([^#"]+)"', made.path.read_text("utf-8"))
    assert [(made.path.parent / unquote(link)) for link in links] == list(made.drafts)


def test_an_earlier_quarters_drafts_go(book: Path) -> None:
    watching.refresh(book, NOW, quarter="2026Q1")
    made = watching.refresh(book, NOW)
    assert set(made.path.parent.iterdir()) == {made.path, *made.drafts}


def test_a_published_quarter_keeps_its_files_and_its_code(book: Path, saves: dict[str, bytes]) -> None:
    from xl_jifen.disk import shelf
    from xl_jifen.verbs import close as archiving
    from xl_jifen.verbs import quarter as verbs

    book.write_bytes(saves["plain"])
    assert main(["publish", str(book), "2026Q1", "--date", "2026-04-08", "--no-charts"]) == 0
    opened = verbs.open_workbook(book)
    archived = archiving.close(
        book, opened.grids, opened.reckoning, Period.of_quarter(2026, 1), NOW, data=opened.package.data
    )  # fmt: skip
    kept = {path: path.read_bytes() for top in ("公示", "归档") for path in (book.parent / top).rglob("*.*")}
    made = watching.refresh(book, NOW, quarter="2026Q1")
    assert {path: path.read_bytes() for path in kept} == kept
    assert archived.code not in made.drafts[0].read_text("utf-8")
    assert "2026年第一季度积分（草稿）" in text_of(made.path)
    assert shelf.shelf(book.parent).sound


def test_a_changed_archive_is_on_the_page(book: Path, saves: dict[str, bytes], tmp_path: Path) -> None:
    book.write_bytes(saves["plain"])
    assert main(["publish", str(book), "2026Q1", "--date", "2026-04-08", "--no-charts"]) == 0
    assert main(["close", str(book), "2026Q1", "--date", "2026-04-20"]) == 0
    book.write_bytes(bytes_of("## 3月（更改）\n| 序号 | 姓名 |\n| 1 | 李四 |", to=tmp_path / "改.xlsx"))
    assert "E901" in text_of(watching.refresh(book, NOW).path)


def test_words_of_the_workbook_are_inert(tmp_path: Path) -> None:
    evil = "<img/src=x/onerror=alert(1)>"
    path = tmp_path / ("a&b.xlsx" if sys.platform == "win32" else "a&b<i>.xlsx")
    member = f"## 党员名册（追加）\n| 编号 | 姓名 | 党员类别 |\n| 003 | {evil}王 | 正式党员 |"
    bytes_of(MISTAKE.replace("赵六", evil), member, to=path)
    document = watching.refresh(path, NOW).path.read_text("utf-8")
    assert "<img" not in document
    assert "<i>" not in document
    assert evil in text_of(watching.refresh(path, NOW).path)


def test_a_workbook_without_a_cycle_or_members_is_checked_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / NAME
    bytes_of("## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | 不知道 |", to=path)
    made = watching.refresh(path, NOW)
    assert (made.drafts, made.notes) == ((), (watching.NO_CYCLE,))
    assert watching.NO_CYCLE in text_of(made.path)
    assert "E803" in text_of(made.path)
    path.unlink()
    assert main(["new", str(path), "--year", "2026", "--branch", "第一党支部"]) == 0
    made = watching.refresh(path, NOW)
    assert made.notes == (watching.NO_MEMBERS,)
    assert FINE in text_of(made.path)


def test_a_quarter_that_is_none_is_told_with_those_there_are(book: Path) -> None:
    made = watching.refresh(book, NOW, quarter="2026Q5")
    assert made.drafts == ()
    assert "2026Q1、2026Q2、2026Q3、2026Q4" in made.notes[0]
    assert made.notes[0] in text_of(made.path)
    assert ONE_ERROR in text_of(made.path)


def test_what_makes_other_errors_comes_first_and_of_thousands_a_part() -> None:
    rows = "| 1 | 2026-04-01 | 无名 | 加1 | 讲课 | 通过 |\n" * 700
    april = f"## 4月\n| 序号 | 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n{rows}"
    grids = parse(f"{BRANCH}\n{april}\n## 5月（删除）").grids
    register, findings, _ = reckon(grids)
    page = check.check_page(check.Source(NAME, NAME, NOW), register, findings, None, NOW)
    group = page.groups[0]
    assert [finding.code for finding in group.listed[:2]] == ["E811", "E201"]
    assert group.total == sum(finding.level == "错误" for finding in findings) > len(group.listed) == check.MOST_LISTED
    from xl_jifen.render.check import check_html

    document = check_html(page, assets.asset("templates/check.html").decode())
    assert f"其余 {group.total - check.MOST_LISTED} 个" in document


def test_the_branch_may_restyle_the_page(book: Path) -> None:
    own = book.parent / "模板" / "check.html"
    own.parent.mkdir()
    own.write_text("<p>自己的 {{结论}}</p>{{校验结果}}", encoding="utf-8")
    assert f"\n<p>自己的 {ONE_ERROR}" in watching.refresh(book, NOW).path.read_text("utf-8")
    own.write_text("{{结论}}", encoding="utf-8")
    with pytest.raises(CannotWrite, match="校验结果"):
        watching.refresh(book, NOW)
    own.write_text("{{校验结果}}{{天气}}", encoding="utf-8")
    with pytest.raises(CannotWrite, match="天气"):
        watching.refresh(book, NOW)


def test_a_pdf_that_cannot_be_replaced_is_a_sentence(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_new = watching.write_new

    def locked(path: Path, data: bytes, **how: Any) -> Path:
        if path.suffix == ".pdf":
            raise CannotWrite(f"“{path.name}”正被别的程序占用。")
        return write_new(path, data, **how)

    monkeypatch.setattr(watching, "write_new", locked)
    made = watching.refresh(book, NOW)
    assert [path.suffix for path in made.drafts] == [".html"]
    assert any("占用" in note for note in made.notes)
    assert "占用" in text_of(made.path)


# ---- the loop ----


@pytest.mark.usefixtures("quick")
def test_each_save_is_checked_once(book: Path, saves: dict[str, bytes]) -> None:
    desk = Desk(book, *resting(3), replaced(book, saves["mended"]), *resting(4)).watch()
    assert desk.shown == [desk.page]
    assert desk.refreshed() == 2
    assert ONE_ERROR in desk.seen[0]
    assert FINE in desk.seen[-1]
    assert desk.said[0] == "09:30:00  共 1 个错误、0 个警告、0 个提示。"


@pytest.mark.usefixtures("quick")
def test_a_file_that_grows_is_left_alone_until_it_is_whole(book: Path, saves: dict[str, bytes]) -> None:
    data = saves["mended"]

    def grown(part: float) -> Callable[[], object]:
        return lambda: book.write_bytes(data[: int(len(data) * part)])

    deeds = grown(0.1), *resting(2), grown(0.5), grown(0.6), *resting(2), grown(1)
    desk = Desk(book, *deeds, *resting(3)).watch()
    assert desk.refreshed() == 2
    assert not [sentence for sentence in desk.said if check.WAITING in sentence]
    assert ONE_ERROR in desk.seen[7]
    assert FINE in desk.seen[-1]


@pytest.mark.usefixtures("quick")
def test_a_file_that_stays_broken_is_told_once_and_nothing_old_is_shown(book: Path, saves: dict[str, bytes]) -> None:
    half = saves["mended"][:2000]
    mended = replaced(book, saves["mended"])
    desk = Desk(book, lambda: book.write_bytes(half), *resting(20), mended, *resting(3)).watch()
    told = [sentence for sentence in desk.said if sentence.endswith(check.WAITING)]
    assert len(told) == 1
    broken = desk.seen[15]
    assert told[0].removesuffix(check.WAITING)[10:] in broken
    assert check.WAITING in broken
    assert "赵六" not in broken
    assert "张三" not in broken
    assert "草稿）" not in broken
    assert FINE in desk.seen[-1]
    assert desk.refreshed() == 2


@pytest.mark.usefixtures("quick")
def test_what_breaks_again_is_told_again(book: Path, saves: dict[str, bytes]) -> None:
    def broken() -> None:
        book.write_bytes(saves["mended"][:2000])

    mended = replaced(book, saves["mended"])
    desk = Desk(book, broken, *resting(8), mended, *resting(3), broken, *resting(3), mended, *resting(2)).watch()
    assert len([sentence for sentence in desk.said if check.WAITING in sentence]) == 1, "the second time was short"
    desk = Desk(book, broken, *resting(8), mended, *resting(3), broken, *resting(8)).watch()
    assert len([sentence for sentence in desk.said if check.WAITING in sentence]) == 2


@pytest.mark.usefixtures("quick")
def test_why_there_is_no_pdf_is_a_note(book: Path) -> None:
    made = watching.refresh(book, NOW)
    assert "没有排版组件。" in made.notes
    assert "没有排版组件。" in text_of(made.path)


@pytest.mark.usefixtures("quick")
def test_while_it_is_broken_the_drafts_are_gone(book: Path, saves: dict[str, bytes]) -> None:
    def drafts() -> list[str]:
        return [path.name for path in watching.folder_of(book).iterdir() if path.name != watching.PAGE]

    lists: list[list[str]] = []
    keep = lambda: lists.append(drafts())  # noqa: E731
    desk = Desk(book, keep, book.unlink, *resting(10), keep, replaced(book, saves["mended"]), *resting(3), keep)
    desk.watch()
    assert [len(names) for names in lists] == [1, 0, 1]


@pytest.mark.usefixtures("quick")
def test_a_deleted_file_is_awaited_even_the_very_same(book: Path) -> None:
    away = book.with_name("别处.xlsx")
    desk = Desk(book, lambda: book.rename(away), *resting(10), lambda: away.rename(book), *resting(3)).watch()
    [told] = [sentence for sentence in desk.said if sentence.endswith(check.WAITING)]
    assert "找不到文件" in told
    assert "找不到文件" in desk.seen[9]
    assert ONE_ERROR in desk.seen[-1]


@pytest.mark.usefixtures("quick")
def test_a_save_that_takes_the_file_away_for_a_moment_is_no_news(book: Path, saves: dict[str, bytes]) -> None:
    desk = Desk(book, book.unlink, None, None, replaced(book, saves["mended"]), *resting(3)).watch()
    assert not [sentence for sentence in desk.said if check.WAITING in sentence]
    assert FINE in desk.seen[-1]


@pytest.mark.usefixtures("quick")
def test_a_save_while_it_is_being_checked_is_not_missed(
    book: Path, saves: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh, once = watching.refresh, iter([replaced(book, saves["mended"])])

    def saved_meanwhile(*arguments: Any, **how: Any) -> Any:
        made = refresh(*arguments, **how)
        for deed in once:
            deed()
        return made

    monkeypatch.setattr(watching, "refresh", saved_meanwhile)
    assert FINE in Desk(book, *resting(4)).watch().seen[-1]


@pytest.mark.usefixtures("quick")
def test_the_workbook_is_only_read(book: Path) -> None:
    for lock in (f"~${NAME}", f".~{NAME}", f".~lock.{NAME}#"):
        book.with_name(lock).write_bytes(b"open")
    before, data, names = book.stat(), book.read_bytes(), {path.name for path in book.parent.iterdir()}
    desk = Desk(book, *resting(3)).watch()
    after = book.stat()
    assert desk.refreshed() == 1
    assert book.read_bytes() == data
    assert (before.st_mtime_ns, before.st_ino, before.st_mode) == (after.st_mtime_ns, after.st_ino, after.st_mode)
    assert {path.name for path in book.parent.iterdir()} == names | {"预览"}


@pytest.mark.usefixtures("quick")
def test_at_the_end_the_page_says_so(book: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    desk = Desk(book, None, interrupt, *resting(9)).watch()
    assert len(desk.seen) == 2
    assert check.WATCHED in desk.seen[-1]
    last = text_of(desk.page)
    assert check.ENDED in last
    assert check.WATCHED not in last
    assert ONE_ERROR in last


@pytest.mark.usefixtures("quick")
def test_notes_are_said_when_they_are_new(book: Path, saves: dict[str, bytes]) -> None:
    desk = Desk(book, None, replaced(book, saves["mended"]), *resting(3)).watch()
    assert desk.refreshed() == 2
    assert desk.said.count(watching.OTHER_QUARTERS) == 1


@pytest.mark.parametrize("name", ["没有.xlsx", "文件夹"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "文件夹").mkdir()
    desk = Desk(tmp_path / name)
    with pytest.raises(CannotRead):
        desk.watch()
    assert not (tmp_path / "预览").exists()


@pytest.mark.usefixtures("quick")
def test_a_folder_that_takes_no_files_is_told(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Path:
        raise CannotWrite("磁盘空间不足。")

    monkeypatch.setattr(watching, "write_new", full)
    desk = Desk(book, *resting(9)).watch()
    assert [sentence[10:] for sentence in desk.said] == [f"磁盘空间不足。{check.WAITING}"]
    assert desk.shown == []


@pytest.mark.usefixtures("quick")
def test_a_page_that_could_not_be_replaced_is_replaced_later(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_new = watching.write_new
    desk = Desk(book, book.unlink, *resting(12))

    def busy_for_a_while(path: Path, data: bytes, **how: Any) -> Path:
        if NOW + timedelta(seconds=2) < desk.clock < NOW + timedelta(seconds=20):
            raise CannotWrite("占用。")
        return write_new(path, data, **how)

    monkeypatch.setattr(watching, "write_new", busy_for_a_while)
    desk.watch()
    assert ONE_ERROR in desk.seen[7]
    assert "找不到文件" in desk.seen[-1]
    assert len([sentence for sentence in desk.said if check.WAITING in sentence]) == 1


# ---- as a program, in a browser, beside an office program ----


class Program:
    """``xl-jifen watch`` as a process of its own."""

    def __init__(self, book: Path) -> None:
        command = [sys.executable, "-m", "xl_jifen", "watch", str(book), "--no-browser"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        self.page = watching.folder_of(book) / watching.PAGE

    def until(self, words: str) -> None:
        """Wait until the page shows these words."""
        for _ in range(300):
            if self.page.exists() and words in text_of(self.page):
                return
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.1)
        raise AssertionError(text_of(self.page))

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl+C."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def program(book: Path) -> Iterator[Program]:
    running = Program(book)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl+C there")
def test_the_command_follows_saves_of_both_kinds_until_it_is_stopped(
    book: Path, saves: dict[str, bytes], program: Program
) -> None:
    program.until(ONE_ERROR)
    replaced(book, saves["mended"])()
    program.until(FINE)
    with book.open("wb") as file:
        for start in range(0, len(saves["mistake"]), 3000):
            file.write(saves["mistake"][start : start + 3000])
            file.flush()
            time.sleep(0.3)
    program.until(ONE_ERROR)
    code, out, err = program.interrupt()
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "守候已结束。"
    assert f"页面：{program.page}" in out
    assert out.count("共 1 个错误") == 2
    assert check.ENDED in text_of(program.page)


def test_a_missing_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / NAME), "--no-browser"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "找不到文件" in said.err


def test_the_browser_is_opened_unless_told_not_to(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    def one_look(workbook: Path, *, show: Callable[[Path], object], **_: object) -> None:
        show(watching.refresh(workbook, NOW).path)

    monkeypatch.setattr(watching, "watch", one_look)
    page = watching.folder_of(book) / watching.PAGE
    assert main(["watch", str(book)]) == 0
    assert main(["watch", str(book), "--no-browser"]) == 0
    assert opened == [page.as_uri()]
    assert capsys.readouterr().out.count(str(page)) == 2


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if sys.platform == "win32":
        pytest.skip("the pipe to the browser is POSIX")
    running = Browser(needs.program("chromium", "google-chrome"), tmp_path_factory.mktemp("profile"))
    yield running
    running.stop()


@pytest.mark.office
@pytest.mark.usefixtures("quick")
def test_an_open_page_brings_itself_up_to_date_and_stays_where_it_was(
    book: Path, saves: dict[str, bytes], browser: Browser
) -> None:
    path = watching.refresh(book, NOW).path
    browser.open(path)
    browser.until("document.readyState === 'complete' && !!document.querySelector('.verdict')")
    browser.ask("document.getElementById('错误').open = false; window.mine = 1")
    time.sleep(5)  # two looks of the page at its file
    assert browser.ask("window.mine") == 1, "a page that is up to date must not be loaded again"
    watching.refresh(book, NOW + timedelta(minutes=1))
    browser.until("document.readyState === 'complete' && !window.mine && !!document.querySelector('.verdict')")
    assert "09:31:00" in browser.ask("document.querySelector('.when').textContent")
    assert browser.ask("document.getElementById('错误').open") is False
    assert browser.ask("history.length") == 1
    book.write_bytes(saves["mended"])
    watching.refresh(book, NOW + timedelta(minutes=2))
    browser.until("document.readyState === 'complete' && document.body.className === 'fine'")


@pytest.mark.office
@pytest.mark.usefixtures("quick")
def test_it_fits_a_phone(book: Path, browser: Browser) -> None:
    browser.open(watching.refresh(book, NOW).path)
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=1, mobile=True)
    browser.until("document.readyState === 'complete' && !!document.querySelector('.verdict')")
    assert browser.ask("[document.documentElement.scrollWidth, window.innerWidth]") == [360, 360]


SAVING = """
import sys, time, uno
from com.sun.star.beans import PropertyValue
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for _ in range(300):
    try:
        context = resolver.resolve("uno:pipe,name=" + sys.argv[1] + ";urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.1)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
document = desktop.loadComponentFromURL(sys.argv[2], "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))
print("open", flush=True)
sys.stdin.readline()
document.Sheets.getByName("4月").getCellRangeByName("C2").String = "李四"
document.store()
print("saved", flush=True)
sys.stdin.readline()
document.close(True)
desktop.terminate()
"""


@pytest.mark.office
@pytest.mark.usefixtures("quick")
def test_a_save_by_libreoffice_while_it_stays_open(book: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    soffice = needs.program("soffice")
    has_uno = Path(SYSTEM_PYTHON).exists() and not subprocess.run(
        [SYSTEM_PYTHON, "-c", "import uno"], capture_output=True
    ).returncode  # fmt: skip
    if not has_uno:
        needs.missing("python3-uno")
    profile = tmp_path_factory.mktemp("office")
    pipe = f"watch{profile.stat().st_ino}"
    command = [soffice, "--headless", "--norestore", "--nodefault", f"-env:UserInstallation={profile.as_uri()}"]
    office = subprocess.Popen(
        [*command, f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    person = subprocess.Popen(
        [SYSTEM_PYTHON, "-c", SAVING, pipe, book.as_uri()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert person.stdin
    assert person.stdout
    try:
        assert person.stdout.readline() == "open\n"
        assert book.with_name(f".~lock.{NAME}#").exists()

        def save() -> None:
            assert person.stdin
            assert person.stdout
            person.stdin.write("\n")
            person.stdin.flush()
            assert person.stdout.readline() == "saved\n"

        desk = Desk(book, None, save, *resting(3)).watch()
        assert ONE_ERROR in desk.seen[0]
        assert FINE in desk.seen[-1]
        assert desk.refreshed() == 2
        assert book.with_name(f".~lock.{NAME}#").exists(), "it was open all the time"
        data = book.read_bytes()
        person.stdin.write("\n")
        person.stdin.flush()
        person.wait(60)
        assert book.read_bytes() == data
    finally:
        person.kill()
        person.communicate()
        try:
            office.wait(20)
        except subprocess.TimeoutExpired:
            office.kill()


def test_counts_are_worded_in_one_place(book: Path) -> None:
    findings = watching.verbs.open_workbook(book).reckoning.findings
    assert list(report.finding_lines(findings))[-1] == report.count_words(findings)
