"""Seconds and memory of what small files can cost: each kind of tests/hostile_parts.py by the command that reads it.

python tests/bench/hostile.py [WORD]

All of them at full size, by hand; the tests try a 24th of each (``--share 24``). Needs fork.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from branch_parts import parts, zipped
from hostile_files import ARCHIVED, BOOK, COMMANDS, KEPT, KINDS
from hostile_parts import Hostile, zipped_fast

from xl_jifen.budget import LIMITS
from xl_jifen.doors.cli import report
from xl_jifen.doors.cli.cli import run as run_program
from xl_jifen.verbs import import_, quarter, verify
from xl_jifen.verbs.rollup.journal import Journal

AT_HAND = (import_, quarter, report, verify)
"""What the commands import when they run: here it is once for all the forked children."""

SAID = "said.txt"
SECONDS, MEGABYTES = 5, 500
"""What any file of 50 MB may cost, CPU and peak; tests on busy machines allow more seconds."""


ASIDE = 400
"""Megabytes of addresses that this program has without the memory: the libraries of tests among them."""


class Cost(NamedTuple):
    """How one run ended, what it took, and what it said last."""

    exit: int
    seconds: float
    megabytes: float
    said: str


def run(kind: Hostile, folder: Path, share: int = 1) -> Cost:
    """What reading that input costs, under limits divided by ``share`` and with an input that much smaller.

    Two forked children make and read it: what one took is told of it alone, and this process stays small.
    """
    _forked(lambda: _make(kind, folder, share), folder)
    status, used = _forked(lambda: _read(folder, share), folder)
    said = (folder / SAID).read_text("utf-8", "replace").splitlines() or [""]
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / scale, said[-1])


def _forked(what: Callable[[], int], folder: Path) -> tuple[int, resource.struct_rusage]:
    child = os.fork()
    if not child:
        code = 70
        try:
            os.chdir(folder)
            said = os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            code = what()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    return status, used


def _make(kind: Hostile, folder: Path, share: int) -> int:
    made = kind.made(share)
    (folder / BOOK).write_bytes(zipped(parts()) if isinstance(made, bytes) else zipped_fast(made))
    (folder / ARCHIVED).parent.mkdir()  # verify asks for it
    if isinstance(made, bytes):
        (folder / kind.name).write_bytes(made)
    return 0


def _read(folder: Path, share: int) -> int:
    LIMITS.update({kind: (most // share, words) for kind, (most, words) in LIMITS.items()})
    memory = (ASIDE << 20) + (MEGABYTES << 20) // share
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    if (folder / KEPT).exists():
        return _resumed(folder / KEPT)
    command = next((words for name, words in COMMANDS.items() if (folder / name).exists()), ["check", BOOK])
    sys.argv[1:] = command
    return run_program()  # as the command runs, which looks for no garbage


def _resumed(path: Path) -> int:
    """What a roll-up asks of its journal before it begins; the roll-up itself starts other processes."""
    journal = Journal(path)
    journal.plan([BOOK])
    known = sum(bool(task.known) for task in journal.tasks())
    journal.close()
    return known


def costs(words: Sequence[str], share: int = 1) -> Iterator[tuple[Hostile, Cost]]:
    """Of each kind whose name has all of the words."""
    for kind in KINDS:
        if all(word in kind.what for word in words):
            with tempfile.TemporaryDirectory() as folder:
                yield kind, run(kind, Path(folder), share)


def told(words: Sequence[str]) -> bool:
    """Print a line for each kind; whether all of them kept to what is allowed."""
    print(f"at most {SECONDS} s of CPU and {MEGABYTES} MB are allowed")
    kept = True
    for kind, cost in costs(words):
        well = cost.exit in kind.exits and cost.seconds <= 3 * SECONDS and cost.megabytes <= MEGABYTES
        kept = kept and well
        figures = f"exit {cost.exit} {cost.seconds:5.1f} s {cost.megabytes:5.0f} MB"
        print(f"{kind.what:<42} {figures}  {cost.said[:60]}{'' if well else '  TOO MUCH'}", flush=True)
    return kept


if __name__ == "__main__":
    if sys.argv[1:2] == ["--share"]:
        print(json.dumps({kind.what: cost for kind, cost in costs(sys.argv[3:], int(sys.argv[2]))}))
    else:
        raise SystemExit(not told(sys.argv[1:]))
