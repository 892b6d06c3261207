"""What the system refuses, and names and files as clouds, other systems and old archives leave them: one sentence.

The n-th call into the system fails, for many n of every verb; no traceback, nothing lost, nothing half written.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import closed_year
import openpyxl
import pytest
from archives import added

from xl_jifen.archive.snapshot import Archive
from xl_jifen.disk import refusal, save
from xl_jifen.disk import shelf as archives
from xl_jifen.doors.cli import cli
from xl_jifen.finding import CannotRead, CannotWrite

OLD_NAME = os.fsdecode("党员积分".encode("gbk"))
"""As archives of old systems unpack it: bytes that are no UTF-8."""
BOOK = "积分.xlsx"
COMMANDS = [
    ["check", BOOK],
    ["score", BOOK, "--json"],
    ["recalc", BOOK],
    ["import", BOOK, "申报.csv", "--columns", "怪列=备注", "--out", "结果.xlsx"],
    ["publish", BOOK, "2026Q3", "--date", "2026-10-09"],
    ["close", BOOK, "2026Q2", "--date", "2026-08-01"],
    ["verify", BOOK],
    ["verify", "公示/2026年第一季度/2026年第一季度党员积分公示表.xlsx"],
    ["statement", BOOK, "--member", "001"],
    ["meeting", BOOK],
    ["appraise", BOOK],
    ["next-year", BOOK, "下年.xlsx"],
    ["upgrade", BOOK],
    ["compare", BOOK, "--rules", BOOK, "--out", "比较.xlsx"],
    ["new", "新.xlsx"],
    ["rollup", ".", "--out", "汇总.xlsx", "--workers", "1"],
]
CALLS = ("access", "chmod", "close", "fsync", "link", "listdir", "lstat", "mkdir", "open", "readlink", "rename")
CALLS += ("replace", "scandir", "stat", "unlink", "utime", "write")
REFUSALS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.ENAMETOOLONG, errno.EINVAL, errno.EBUSY)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small branch with an archived and a published quarter, and a name in December that nobody has."""
    folder = tmp_path_factory.mktemp("支部")
    closed_year.write(folder, added("12月", "序号 日期 姓名 规则 事由 审核状态", "1 2026-12-10 张四 加2 植树 通过"))
    book = openpyxl.load_workbook(folder / closed_year.NAME)
    for sheet in book.worksheets:  # upgrade asks for the two rows above the headings
        sheet.insert_rows(1, 2)
    book.save(folder / BOOK)
    (folder / closed_year.NAME).unlink()
    for words in (["publish", "2026Q1", "--date", "2026-04-09"], ["close", "2026Q1", "--date", "2026-05-06"]):
        assert cli.main([words[0], str(folder / BOOK), *words[1:]]) == 0
    assert cli.main(["publish", str(folder / BOOK), "2026Q2", "--date", "2026-07-09"]) == 0
    (folder / "申报.csv").write_text("姓名,日期,规则,事由,怪列\n张三,2026-11-05,加1,x,y\n", "utf-8")
    return folder


@pytest.fixture
def branch(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(home, tmp_path / "支部")
    monkeypatch.chdir(tmp_path / "支部")
    return tmp_path / "支部"


class _Failing:
    """Counts calls into the system that are about the folder; the n-th, and writing after it, is refused."""

    def __init__(self, folder: Path, deadly: int, number: int) -> None:
        self.calls, self._deadly, self._number = 0, deadly, number
        self._folder = str(folder)

    def wrapped(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(target: object = "", *args: object, **kwargs: object) -> object:
            if self._is_about(name, target):
                self.calls += 1
                full = self._number == errno.ENOSPC and 0 < self._deadly < self.calls and name == "write"
                if self.calls == self._deadly or full:
                    named = None if isinstance(target, int) else target
                    raise OSError(self._number, "something English", named)
            return real(target, *args, **kwargs)

        return call

    def _is_about(self, name: str, target: object) -> bool:
        if isinstance(target, int):
            return name in ("write", "fsync", "close") and target > 2 and stat.S_ISREG(os.fstat(target).st_mode)
        path = os.fsdecode(target) if isinstance(target, str | os.PathLike) else ""
        return not path.startswith("/") or path.startswith(self._folder)


@contextmanager
def failing(folder: Path, deadly: int, number: int) -> Iterator[_Failing]:
    fault = _Failing(folder, deadly, number)
    with pytest.MonkeyPatch.context() as patched:
        for name in CALLS:
            if hasattr(os, name):
                patched.setattr(os, name, fault.wrapped(name, getattr(os, name)))
        patched.setattr(io, "open", fault.wrapped("open", io.open))
        patched.setattr(builtins, "open", fault.wrapped("open", builtins.open))
        yield fault


def carried_out(words: list[str]) -> tuple[int, str]:
    """The exit code of a command and its refusal."""
    done = cli.done_of(words)
    return done.code, done.refusal


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: f"{words[0]} {words[1][:4]}")
def test_whatever_the_system_refuses_is_one_sentence_and_nothing_is_lost(
    words: list[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fresh(number: int) -> Path:
        folder = tmp_path / f"{number}"
        shutil.copytree(home, folder)
        monkeypatch.chdir(folder)
        return folder

    with failing(fresh(0), 0, 0) as counted:
        assert carried_out(words)[0] < 2
    chance = random.Random(words[0])
    refused = 0
    for tried, step in enumerate(chance.sample(range(1, counted.calls + 1), counted.calls)):
        if tried >= 5 and refused:  # of few calls many may do without
            break
        folder, number = fresh(step), chance.choice(REFUSALS)
        with failing(folder, step, number):
            code, said = carried_out(words)
        where = f"call {step} of {counted.calls}, {errno.errorcode[number]}: {said}"
        assert code == 2 or not said, where
        refused += bool(said)
        assert not said or said.endswith("。"), where
        assert not any(sign in said for sign in ("没有料到", "something English", "Errno")), where
        for file in home.rglob("*"):  # the text of a notice is written last, so taken away first
            there = (folder / file.relative_to(home)).is_file() or not file.is_file()
            assert there or (words[0] == "publish" and file.suffix == ".txt"), where
        shutil.rmtree(folder)
    assert refused


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are letters")
def test_a_workbook_whose_name_is_no_text_serves_every_verb(branch: Path) -> None:
    book = f"{OLD_NAME}.xlsx"
    Path(BOOK).rename(book)
    Path("申报.csv").rename(f"{OLD_NAME}.csv")
    renamed = {BOOK: book, "申报.csv": f"{OLD_NAME}.csv", "比较.xlsx": f"{OLD_NAME}比.xlsx"}
    for words in COMMANDS:
        code, said = carried_out([renamed.get(word, word) for word in words])
        assert (code < 2, said) == (True, ""), words
    told = cli.done_of(["verify", book])
    assert f"工作簿“{OLD_NAME}.xlsx”与归档一致。" in told.sentences
    found = archives.shelf(branch).archives["2026Q2"]
    assert isinstance(found, Archive)
    name = found.content["workbook"]["name"]
    assert name.endswith("\N{REPLACEMENT CHARACTER}.xlsx")
    assert archives.beside(branch, name) == branch / book


@pytest.mark.slow
@pytest.mark.parametrize("name", ["CON.xlsx", "nul.xlsx", "COM1.xlsx", "lpt² .xlsx", "Aux.副本.xlsx"])
def test_no_file_is_given_the_name_of_a_device(name: str, tmp_path: Path) -> None:
    """Windows 10 would write it to the device; on other systems nobody could copy it there."""
    code, said = carried_out(["new", str(tmp_path / name)])
    assert (code, said) == (2, f"“{name}”是 Windows 留给设备的名称，不能用作文件名；请换一个文件名。")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["CONTROL.xlsx", "积分CON.xlsx", "com.xlsx"])
def test_names_that_only_begin_like_one_are_fine(name: str, tmp_path: Path) -> None:
    assert carried_out(["new", str(tmp_path / name)]) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["积" * 90 + ".xlsx", "/".join(["很长的文件夹" * 10] * 30) + "/积分.xlsx"], ids=len)
@pytest.mark.parametrize("silent", [False, True], ids=["as this Python", "as Python 3.14"])
def test_a_name_or_a_way_that_is_too_long_is_to_be_shortened(
    silent: bool, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if silent:
        for name, asked in (("exists", os.path.exists), ("is_dir", os.path.isdir), ("is_file", os.path.isfile)):
            monkeypatch.setattr(Path, name, lambda path, *, asked=asked: asked(path))
    for words in (["new", str(tmp_path / path)], ["check", str(tmp_path / path)], ["verify", str(tmp_path / path)]):
        code, said = carried_out(words)
        assert code == 2
        assert "太长；请把文件名改短，或把文件夹移到层数少、名称短的地方" in said, words


def test_windows_says_of_a_long_way_that_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert refusal.is_too_long(FileNotFoundError(errno.ENOENT, "not found"), f"{tmp_path}/{'深' * 250}.xlsx")
    assert not refusal.is_too_long(FileNotFoundError(errno.ENOENT, "not found"), "积分.xlsx")
    longest = f"/{'a' * (refusal.LONGEST_PATH - 1)}"
    told = [refusal.is_too_long(FileNotFoundError(errno.ENOENT, ""), path) for path in (longest[:-1], longest)]
    assert told == [False, True]


# -- files that a cloud has not fetched ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("left", [0.0, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("words", [["check"], ["recalc"], ["publish"], ["statement"]])
def test_a_workbook_not_fetched_is_to_be_fetched(left: float, words: list[str], branch: Path, example: Path) -> None:
    """The rest of it is zeros, as clouds leave it."""
    data = example.read_bytes()
    there = int(len(data) * left)
    for holed in (data[:there] + bytes(len(data) - there), bytes(len(data) - there) + data[len(data) - there :]):
        (branch / BOOK).write_bytes(holed)
        code, said = carried_out([words[0], BOOK])
        assert code == 2
        assert "下载" in said
        assert (branch / BOOK).read_bytes() == holed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["申报.csv", "归档/2026Q1.json"])
def test_what_is_read_beside_it_is_to_be_fetched_too(name: str, branch: Path) -> None:
    size = (branch / name).stat().st_size
    (branch / name).write_bytes(bytes(size))
    command = ["import", BOOK, name] if name.endswith(".csv") else ["check", BOOK]
    assert carried_out(command) == (
        2,
        f"“{name}”里只有空白，或缺了几段，还没有从网盘下载到本机；"
        "请在网盘（OneDrive、WPS 云文档等）中把它下载到本机，能用 Excel 或 WPS 打开后再试。",
    )


@pytest.mark.slow
def test_declarations_with_a_hole_are_not_half_imported(branch: Path) -> None:
    rows = "".join(f"张三,2026-11-{n % 28 + 1:02},加1,第{n}次,\n" for n in range(60))
    text = f"姓名,日期,规则,事由,怪列\n{rows}".encode()
    (branch / "申报.csv").write_bytes(text[:900] + bytes(600) + text[1500:])
    code, said = carried_out(["import", BOOK, "申报.csv", "--columns", "怪列=备注"])
    assert code == 2
    assert "下载到本机" in said


def test_a_cloud_that_cannot_fetch_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> bytes:
        error = OSError(errno.EINVAL, "The cloud file provider is not running")
        error.winerror = 362  # type: ignore[attr-defined]
        raise error

    (tmp_path / BOOK).write_bytes(b"PK")
    monkeypatch.setattr(Path, "read_bytes", refused)
    for words in (["check", str(tmp_path / BOOK)], ["import", str(tmp_path / BOOK), "a.csv"]):
        assert "还没有从网盘下载到本机；请在网盘" in carried_out(words)[1]


# -- streams, folders ------------------------------------------------------------------------------------------------


def _program(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    here = Path(__file__).resolve().parents[1]
    run = f'"{sys.executable}" -m xl_jifen'
    environment = os.environ | {"PYTHONPATH": str(here), "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        command.replace("xl-jifen", run), shell=True, cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("command", ["check 积分.xlsx", "score 积分.xlsx --json", "explain", "--help", "--version"])
def test_what_cannot_be_said_is_said_to_be_so(command: str, home: Path) -> None:
    done = _program(f"xl-jifen {command} >/dev/full", home)
    assert (done.returncode, done.stderr) == (2, "磁盘空间不足；请腾出一些空间后再试。\n")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize(("closed", "code"), [(">&-", 1), ("2>&-", 1), ("<&-", 1), (">&- 2>&- <&-", 1)])
def test_closed_streams_change_no_exit_code(closed: str, code: int, home: Path) -> None:
    done = _program(f"xl-jifen check 积分.xlsx {closed}", home)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there no folder goes while somebody is in it")
@pytest.mark.parametrize("command", ["", "check", "check 积分.xlsx", "verify AAAA-BBBB-CCCC", "publish", "doctor"])
def test_a_folder_that_is_gone_is_said_to_be_gone(command: str, tmp_path: Path) -> None:
    (tmp_path / "支部").mkdir()
    done = _program(f"cd 支部 && rmdir ../支部 && xl-jifen {command}", tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1:] == ["当前的文件夹已不在原处；请换到工作簿所在的文件夹，再运行一次。"]
    assert "Traceback" not in done.stderr


def test_a_refusal_names_the_file_and_the_remedy() -> None:
    told = refusal.sentence(PermissionError(errno.EACCES, "denied", Path("/a/归档")))
    assert told == "“归档”用不了（没有权限）；请检查权限、磁盘和网络连接，关闭正在使用它的程序后再试。"
    assert refusal.sentence(OSError(errno.ENOSPC, "full", "a")) == "磁盘空间不足，“a”没有写完；请腾出一些空间后再试。"
    assert refusal.sentence(OSError("?")).startswith("系统没有让程序做完（原因不明）；")
    assert refusal.sentence(FileNotFoundError(errno.ENOENT, "gone", "a")).startswith("“a”用不了（已不在原处）；")


def test_zeros_in_a_text_are_no_hole_where_utf_16_has_them(tmp_path: Path) -> None:
    data = ("姓名,日期\n" + "a" * 2000).encode("utf-16")
    (tmp_path / "a.csv").write_bytes(data)
    assert save.look(tmp_path / "a.csv", None, "text")[1] == data
    with pytest.raises(CannotRead, match="缺了几段"):
        save.ensure_fetched("a.csv", data + bytes(600), holes=True)
    with pytest.raises(CannotWrite, match="留给设备"):
        save.write_new(tmp_path / "nul.csv", b"x")
