"""Seconds and memory of what small files can cost: each kind of tests/hostile_parts.py by the command that reads it.

python tests/bench/hostile.py [WORD]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from branch_parts import parts, zipped
from hostile_parts import KINDS, Hostile, zipped_fast
from measure import ROOT

SECONDS, MEGABYTES = 5, 500
"""What any file of 50 MB may cost, CPU and peak; tests on busy machines allow more seconds."""


class Cost(NamedTuple):
    """How one run ended, what it took, and what it said last."""

    exit: int
    seconds: float
    megabytes: float
    said: str


def make(kind: Hostile, folder: Path) -> None:
    """The files of that input."""
    made = kind.made()
    (folder / "积分.xlsx").write_bytes(zipped(parts()) if isinstance(made, bytes) else zipped_fast(made))
    if isinstance(made, bytes):
        (folder / "申报.csv").write_bytes(made)


def run(kind: Hostile, folder: Path) -> Cost:
    """What reading that input costs, in a process of its own. Others make it and measure.

    What a process took most counts from before it began the program: its parent must be small, and ours may not be.
    """
    subprocess.run([sys.executable, __file__, "--make", kind.what, str(folder)], check=True)
    measured = [sys.executable, __file__, "--measure", str(folder)]
    said = subprocess.run(measured, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return Cost(*json.loads(said))


def measure(folder: Path) -> Cost:
    """What reading the input in a folder costs."""
    command = ["check", "积分.xlsx"]
    if (folder / "申报.csv").exists():
        command = ["import", "积分.xlsx", "申报.csv", "--out", "结果.xlsx"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "xl_jifen", *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(max(0, out.tell() - 600))
        said = out.read().decode("utf-8", "replace").splitlines() or [""]
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / scale, said[-1])


def main(words: Sequence[str]) -> None:
    """Print a line for each kind whose name has all of the words."""
    print(f"at most {SECONDS} s of CPU and {MEGABYTES} MB are allowed")
    for kind in KINDS:
        if all(word in kind.what for word in words):
            with tempfile.TemporaryDirectory() as folder:
                cost = run(kind, Path(folder))
            print(f"{kind.what:<42} exit {cost.exit} {cost.seconds:5.1f} s {cost.megabytes:5.0f} MB  {cost.said[:60]}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(next(kind for kind in KINDS if kind.what == sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main(sys.argv[1:])
