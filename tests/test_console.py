"""What a person sees on a terminal, and what a pipe gets: the same words; colours, links and progress only there."""

import gc
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from branch_parts import SHEETS, parts, zipped

from xl_jifen.doors.cli.cli import main, run
from xl_jifen.doors.cli.console import tell, track

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\([^\x1b]*)\x1b\]8;;\x1b\\")
ESCAPE = re.compile(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]|\r")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch under a name and in a folder that need care."""
    folder = tmp_path_factory.mktemp("王㛃 & 李(一)")
    assert main(["demo", str(folder)]) == 0
    path = folder / "积分 & 明细(1).xlsx"
    (folder / "党员积分示例.xlsx").rename(path)
    return path


class Terminal(io.StringIO):
    """A terminal that keeps what it is told."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(*arguments: object, cwd: Path = ROOT, **environment: str) -> str:
    """All that a run writes where stdout and stderr are one terminal."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "xl_jifen", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "COLUMNS": "80"} | environment,
    ):
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that the other side was closed
                piece = b""
            if not piece:
                break
            said += piece
    os.close(ours)
    return said.decode()


def in_a_pipe(*arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "xl_jifen", *map(str, arguments)],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
    )
    assert done.stderr == b""
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


@pytest.mark.slow
def test_a_terminal_shows_the_words_a_pipe_gets_in_colour(book: Path) -> None:
    shown, piped = on_a_terminal("check", book), in_a_pipe("check", book)
    assert "\x1b[1;31m错误\x1b[0m E" in shown
    assert "\x1b" not in piped
    assert ESCAPE.sub("", shown) == piped


def test_no_cell_commands_the_terminal() -> None:
    terminal = Terminal()
    tell(terminal, "错误 E201  3月!C4  党员名册中没有“张\x1b]0;不是标题\x07三\x9b31m”")
    assert (
        "张\N{REPLACEMENT CHARACTER}]0;不是标题\N{REPLACEMENT CHARACTER}三\N{REPLACEMENT CHARACTER}31m"
        in terminal.getvalue()
    )


@pytest.mark.slow
def test_every_file_made_is_a_link_where_the_terminal_can(book: Path, tmp_path: Path) -> None:
    shown = on_a_terminal("publish", book, "2026Q3", "--draft", "--out", tmp_path / "公示 一")
    links = dict(LINK.findall(shown))
    made = sorted((tmp_path / "公示 一").iterdir())
    assert len(made) >= 5
    assert sorted(links.items()) == sorted((path.as_uri(), str(path)) for path in made)


@pytest.mark.slow
def test_progress_is_gone_when_the_work_is_done(tmp_path: Path) -> None:
    book = tmp_path / "积分.xlsx"
    book.write_bytes(zipped(parts()))
    shown = on_a_terminal("statement", book, "--out", tmp_path / "明细")
    assert "个人明细" in shown
    assert "/3" in shown
    bar = shown.rindex("/3")
    assert "\x1b[2K" in shown[bar:]
    assert shown[bar:].index("\x1b[2K") < shown[bar:].index("已生成：")


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_colours_can_be_switched_off(book: Path, variable: str) -> None:
    shown = on_a_terminal("check", book, **{variable: "dumb"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)
    assert "错误" in shown


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "ascii"])
def test_paths_that_a_console_cannot_show_are_still_found(book: Path, tmp_path: Path, encoding: str) -> None:
    said = in_a_pipe("recalc", book, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ("没有变化" if encoding != "ascii" else "\\u6ca1") in said or "已写回" in said


def test_where_nobody_looks_nothing_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([1, 2, 3], "汇总", 3)) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_alone_it_names_the_workbook_that_lies_there(book: Path, tmp_path: Path) -> None:
    said = on_a_terminal(cwd=book.parent)
    assert said.rstrip().endswith(f'下一步：xl-jifen check "{book.name}"')
    assert on_a_terminal(cwd=tmp_path).rstrip().endswith("xl-jifen demo 看一个填好的示例。")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["-m", "/usr/bin/xl-jifen", "xl-jifen.exe"])
def test_before_the_program_listens_ctrl_c_just_ends_it(name: str) -> None:
    """From our first instruction on, and only where we are the program."""
    script = (
        "import signal, sys; sys.argv = [sys.argv[1], '--version']; import xl_jifen\n"
        "print(signal.getsignal(signal.SIGINT) is signal.SIG_DFL)\n"
        "from xl_jifen.doors.cli.cli import run; run()\n"
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    for argv, first in ((name, "True"), ("python", "False")):
        told = subprocess.run([sys.executable, "-c", script, argv], capture_output=True, text=True, check=True).stdout
        assert told.split()[0] == first
        assert told.split()[-1] == "True"


def test_an_interruption_between_two_steps_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("xl_jifen.doors.cli.cli.main", interrupted)
    monkeypatch.setattr("atexit.register", lambda _: None)
    before = gc.get_threshold()
    try:
        assert run() == 2
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_the_help_keeps_its_lines_on_a_terminal(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(words) == 0
    assert "\ufffd" not in terminal.getvalue()
    assert terminal.getvalue().count("\n") > 20


BROKEN = "甲\n乙\u2028丙\x85丁\u202e戊\x9b31m"
"""Line ends of every kind, a turn of the direction, and what begins a command to the terminal."""


@pytest.mark.parametrize(("sheet", "row", "column"), [
    ("设置", 3, 2), ("等次标准", 3, 1), ("党员名册", 2, 2), ("党员名册", 2, 3), ("积分规则", 3, 1), ("积分规则", 3, 2),
    ("1月", 2, 2), ("1月", 2, 3), ("1月", 2, 7),
])  # fmt: skip
def test_no_cell_breaks_a_line_or_commands_the_terminal(
    sheet: str, row: int, column: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [list(each) for each in SHEETS[sheet]]
    rows[row - 1][column - 1] = f"{rows[row - 1][column - 1]}{BROKEN}"
    book = tmp_path / "积分.xlsx"
    book.write_bytes(zipped(parts({**SHEETS, sheet: rows})))
    main(["score", str(book)])
    said = "".join(capsys.readouterr())
    assert not re.search("[\x0b-\x1f\x80-\x9f\u2028-\u202e]|^乙", said, re.MULTILINE)
