"""One verb, carried out for the desk as the command of that name: what it says, what it made, how it ended."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from xl_jifen.doors.cli.cli import main
from xl_jifen.doors.desk.session import Done


def run(words: Sequence[str], home: Path) -> Done:
    """Run a command in a folder; only one at a time, for it speaks where the whole process does."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), chdir(home):
        code = main(words)
        lines = said.getvalue().splitlines()
        files = tuple(dict.fromkeys(_files(lines)))
    return Done(code, tuple(lines), files)


def _files(lines: Sequence[str]) -> Iterator[Path]:
    """The files that a command named as made, each at the end of its line."""
    for line in lines:
        path = Path(line.rpartition("：")[2].strip())
        if path.suffix and path.is_file():
            yield path.resolve()
