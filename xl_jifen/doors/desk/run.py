"""One verb, carried out for the desk as the command of that name: what it says, what it made, how it ended."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from xl_jifen.doors.desk.session import Done
from xl_jifen.verbs import done as verbs


def runner(done_of: Callable[[Sequence[str]], verbs.Done]) -> Callable[[Sequence[str], Path], Done]:
    """What runs a command in a folder, ``done_of`` being the command line that opened the desk.

    Only one at a time, for a command may speak where the whole process does.
    """

    def run(words: Sequence[str], home: Path) -> Done:
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said), chdir(home):
            done = done_of(words)
            files = tuple(file.resolve() for file in done.files)
        lines = (*said.getvalue().splitlines(), *done.lines, *([done.refusal] if done.refusal else []))
        return Done(done.code, lines, files, done.findings)

    return run
