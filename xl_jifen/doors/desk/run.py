"""One verb, carried out for the desk as the command of that name: what it says, what it made, how it ended."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from xl_jifen.doors.cli.cli import done_of
from xl_jifen.doors.desk.session import Done


def run(words: Sequence[str], home: Path) -> Done:
    """Run a command in a folder; only one at a time, for it may speak where the whole process does."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), chdir(home):
        done = done_of(words)
        files = tuple(file.resolve() for file in done.files)
    lines = (*said.getvalue().splitlines(), *done.lines, *([done.refusal] if done.refusal else []))
    return Done(done.code, lines, files, done.findings)
