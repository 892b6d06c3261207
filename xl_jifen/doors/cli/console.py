"""The terminal (终端): lines for people, with colours, clickable paths and progress where a person looks at one.

Anywhere else (a file, a pipe, another program) the same lines come out plain, and nothing of this is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from xl_jifen.grid import printable
from xl_jifen.typed import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

LEVEL_STYLES = {r"^错误(?= E)": "bold red", r"^警告(?= W)": "yellow", r"^提示(?= I)": "cyan"}
"""How the level that begins a finding's line is shown."""

_TURNING = (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that turn the direction of writing: what stands behind them is shown elsewhere."""

_CONTROLS = dict.fromkeys(
    (*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029, *_TURNING), "\N{REPLACEMENT CHARACTER}"
)
"""What may stand in a cell and would be a command to the terminal, or end its line; the tab does neither."""


def say(*lines: str, links: Iterable[Path] = ()) -> int:
    """Lines on stdout, the paths in them clickable where the terminal can; 0, the exit code of a thing done."""
    tell(sys.stdout, *lines, links=links)
    return 0


def ask(question: str) -> str:
    """What a person at the terminal answers to a question of one or more lines. Raises EOFError where nobody does."""
    return input("\n".join(line.translate(_CONTROLS) for line in question.split("\n")))


def tell(stream: TextIO, *lines: str, links: Iterable[Path] = ()) -> None:
    """Lines on a stream, at once; � for what is no character, as in file names of old archives, and for commands."""
    lines = tuple(line if line.isprintable() else printable(line).translate(_CONTROLS) for line in lines)
    if stream.isatty():
        _show(_terminal(stream), lines, links)
    else:
        stream.writelines(f"{line}\n" for line in lines)
    stream.flush()


def _show(console: Console, lines: Iterable[str], links: Iterable[Path]) -> None:
    from rich.style import Style
    from rich.text import Text

    targets = {str(path): Style(link=path.resolve().as_uri()) for path in links}
    for line in lines:
        text = Text(line, tab_size=8)
        for pattern, style in LEVEL_STYLES.items():
            text.highlight_regex(pattern, style)
        for shown, link in targets.items():
            if (start := line.find(shown)) >= 0:
                text.stylize(link, start, start + len(shown))
        console.print(text, soft_wrap=True)


def _terminal(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def working(words: str) -> AbstractContextManager[object]:
    """While something takes its time, the words (if any) on a terminal's last line, gone at the end."""
    if not words or not sys.stderr.isatty():
        return nullcontext()
    return _terminal(sys.stderr).status(words)


def track(items: Iterable[T], words: str, number: int) -> Iterator[T]:
    """The same items; on a terminal with a bar, how many of ``number`` are done, the rate and the time left."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = TextColumn(words), BarColumn(), MofNCompleteColumn(), rate, TextColumn("剩余"), TimeRemainingColumn()
    with Progress(*columns, console=_terminal(sys.stderr), transient=True, redirect_stdout=False) as progress:
        bar = progress.add_task("", total=number, rate="")
        for item in items:
            progress.update(bar, advance=1, rate=f"{progress.tasks[0].speed or 0:.1f} 个/秒")
            yield item
