"""Opening the desk: its address first, then the browser; until Ctrl+C, its button, or nobody looks any more."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from xl_jifen.disk.save import asked_for
from xl_jifen.doors.desk.run import runner
from xl_jifen.doors.desk.web import Desk
from xl_jifen.finding import CannotRead
from xl_jifen.verbs.done import Done


def desk(
    book: Path | None,
    port: int,
    *,
    browser: bool,
    say: Callable[[str], object],
    done_of: Callable[[Sequence[str]], Done],
    period: str = "",
    told: bool = False,
) -> None:
    """Serve the desk for a workbook, or for the current folder; with ``told`` each save is told to ``say`` too.

    Its buttons are carried out by ``done_of``; ``period`` is the one whose figures are shown, by default the one under
    way. Raises CannotRead for no such file, no such period or a taken port.
    """
    if book and not book.is_file():
        raise CannotRead(f"找不到“{book}”；{asked_for(book)}请核对文件名，或不写文件名，在工作台里选。")
    try:
        desk = Desk(Path.cwd(), book, runner(done_of), port, period)
    except OSError:
        raise CannotRead(f"端口 {port} 正被别的程序使用；请换一个，或不写 --port。") from None
    if period and (trouble := desk.session.look().trouble):
        raise CannotRead(trouble)
    say(f"工作台：{desk.guard.address}")
    say("这个地址只能打开一次，只给这台电脑；要结束，请按 Ctrl+C，或点页面上的“结束”。")
    if browser and not webbrowser.open(desk.guard.address):
        say("没有能打开的浏览器：请把上面的地址粘贴到浏览器里；没有浏览器的电脑，运行 xl-jifen 看有哪些命令。")
    with suppress(KeyboardInterrupt):
        desk.serve(said=say if told else None)
    say("工作台已结束。")
