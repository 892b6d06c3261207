"""Pages are set in a process that ends with the command; so a desk that stays open keeps no page."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from made_page import made_page
from yearend_books import demo

from xl_jifen.doors.cli import cli
from xl_jifen.finding import CannotWrite
from xl_jifen.render import typesetter
from xl_jifen.render.typesetter import Typesetter
from xl_jifen.verbs import publish
from xl_jifen.verbs.printing import Printer, Style

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter, "in_place", False)


def refuse() -> None:
    raise CannotWrite("模板有误。")


def test_one_process_sets_everything_and_ends() -> None:
    setter = Typesetter()
    first, second = setter(os.getpid), setter(os.getpid)
    assert first == second != os.getpid()
    (over_there,) = (child for child in multiprocessing.active_children() if child.pid == first)
    del setter
    patience = time.monotonic() + 30
    while over_there.exitcode is None and time.monotonic() < patience:  # its pool waits for it too, and may be first
        time.sleep(0.02)
    assert over_there.exitcode == 0


def test_what_is_refused_over_there_is_refused_here() -> None:
    with pytest.raises(CannotWrite, match="模板有误。"):
        Typesetter()(refuse)


def test_a_process_that_dies_is_one_sentence() -> None:
    with pytest.raises(CannotWrite, match=r"^排版没有完成；请关闭一些程序、腾出内存后再试。$"):
        Typesetter()(os._exit, 1)


def test_a_notice_set_over_there_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typst = pytest.importorskip("typst")

    def drawn() -> list[tuple[str, bytes]]:
        printer = Printer(tmp_path / "x.xlsx", tmp_path, date(2026, 10, 9))
        publish.draw(printer, "公示", made_page(3), Style())
        assert not printer.notes
        return printer.drawn

    monkeypatch.setattr(typesetter, "in_place", True)
    here = drawn()
    assert {Path(name).suffix for name, _ in here} == {".xlsx", ".pdf", ".png", ".html", ".txt"}
    monkeypatch.setattr(typesetter, "in_place", False)
    for name in ("Fonts", "compile", "query"):
        monkeypatch.setattr(typst, name, refuse)  # nothing of it may be asked of this process
    assert drawn() == here


def test_a_script_that_calls_us_is_not_run_once_more(tmp_path: Path) -> None:
    """Without ``if __name__ == "__main__"``, as people write them."""
    shutil.copy(demo().path, tmp_path / "示例.xlsx")
    script = tmp_path / "每季.py"
    script.write_text(
        "import sys\nprint('脚本')\nfrom xl_jifen.doors.cli.cli import main\n"
        f"sys.exit(main(['statement', {str(tmp_path / '示例.xlsx')!r}, '--member', '赵犇']))\n",
        "utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.count("脚本") == 1, done.stdout + done.stderr
    assert list(tmp_path.glob("个人明细/*/*.pdf"))


@pytest.mark.parametrize(("command", "alone"), [("publish", True), ("desk", False), ("watch", False)])
def test_a_process_of_one_command_sets_its_pages_itself(
    command: str, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["xl-jifen", command])
    monkeypatch.setattr(cli, "main", lambda: typesetter.in_place)
    before = gc.get_threshold()
    try:
        assert cli.run() is alone
    finally:
        gc.set_threshold(*before)
        atexit.unregister(gc.freeze)
