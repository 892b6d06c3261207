"""Whole processes that take turns, so that other work on the machine hits all of them alike, and what they cost.

Only the standard library, and little of it: a child's peak memory is never told lower than that of this process.
Needs ``os.wait4``, which Windows lacks.
"""

from __future__ import annotations

import functools
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BARE_PYTHON = [sys.executable, "-c", "pass"]
BARE_READ = [
    sys.executable,
    "-c",
    "import sys; from python_calamine import CalamineWorkbook\n"
    "for path in sys.argv[1:]:\n"
    "    book = CalamineWorkbook.from_path(path)\n"
    "    for name in book.sheet_names: book.get_sheet_by_name(name).to_python()",
]
"""The yardstick: every cell of workbooks as a Python value, and nothing else; takes the files as arguments."""


LOAD_AND_SAVE = "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])"
"""A file written by openpyxl, as by everything that is built on it."""

DONE = (0, 1)
"""Exit codes: done, or done with findings."""

WRITERS = ("XlsxWriter", "openpyxl", "LibreOffice")
"""The same cells in three spellings: each stores texts, styles and rows in its own way."""


class Cost(NamedTuple):
    """What one process took: CPU seconds (its own and the system's for it), seconds by the clock, peak MiB."""

    cpu: float
    wall: float
    memory: float


def make(folder: Path, entries: int, writers: Sequence[str]) -> dict[str, Path]:
    """The workbook of ``branch.py`` as each writer writes it, made by other processes to keep this one small.

    Without LibreOffice on the machine its file is left out.
    """
    plain = folder / f"{entries}.xlsx"
    subprocess.run([sys.executable, str(Path(__file__).with_name("branch.py")), str(entries), str(plain)], check=True)
    made = {}
    for writer in writers:
        path = folder / writer / plain.name
        path.parent.mkdir(exist_ok=True)
        if writer == "XlsxWriter":
            shutil.copyfile(plain, path)
        elif writer == "openpyxl":
            subprocess.run([sys.executable, "-c", LOAD_AND_SAVE, str(plain), str(path)], check=True)
        elif soffice := shutil.which("soffice"):
            command = [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
            command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(path.parent), str(plain)]
            subprocess.run(command, check=True, capture_output=True)
        else:
            continue
        made[writer] = path
    return made


def bare(path: str) -> int:
    """What any reader has to do: every sheet as Python lists."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


@functools.cache
def _bytecode() -> tempfile.TemporaryDirectory[str]:
    """Where the processes that are measured keep theirs; gone with this one."""
    return tempfile.TemporaryDirectory()


def environment() -> dict[str, str]:
    """Bytecode as an installed program has it, whatever this machine's settings; what one compiled all read."""
    there = {"PYTHONPYCACHEPREFIX": _bytecode().name, **os.environ}
    there.pop("PYTHONDONTWRITEBYTECODE", None)
    return there


def interleaved(
    commands: Mapping[str, Sequence[str]], rounds: int, before: Callable[[], object] = lambda: None
) -> dict[str, list[Cost]]:
    """The costs of each command, run in turns; ``before`` is called before each run. The first turn does not count.

    It does if it is the only one, with ``rounds`` 0.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    there = environment()
    for turn in range(rounds + 1):
        for name, command in commands.items():
            before()
            cost = run(command, there)
            if turn or not rounds:
                costs[name].append(cost)
    return costs


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """What it cost. A command that fails ends the script: what did not do its work has no cost to compare."""
    begin = perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)  # the code of this tree
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in DONE:
        raise SystemExit(f"exit code {process.returncode}: {' '.join(command)}")
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, KiB elsewhere
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / scale)


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def exponent(cost_by_size: Mapping[int, float]) -> float:
    """The power of the size with which the cost grows: the slope of the least-squares line through the logarithms."""
    points = [(math.log(size), math.log(cost)) for size, cost in cost_by_size.items()]
    middle = [sum(values) / len(points) for values in zip(*points, strict=True)]
    return sum((x - middle[0]) * (y - middle[1]) for x, y in points) / sum((x - middle[0]) ** 2 for x, _ in points)
