"""How long the publicity set takes beside LibreOffice converting its workbook to PDF, in one run of turns.

Run ``python tests/bench/publicity.py [ROUNDS]``: for 38 and for 200 members it writes the whole set (xlsx, pdf, png,
html, txt) and has LibreOffice convert that xlsx, each in a process of its own and turn about, so that a busy moment
of the machine falls on both. Prints the median seconds, the least and the most, and the size of each file.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = (38, 200)

WRITE = """
import sys
from datetime import date
from pathlib import Path
from made_page import made_page
from xl_jifen.verbs import publish as publishing
from xl_jifen.verbs.printing import Printer, Style
folder, members = Path(sys.argv[1]), int(sys.argv[2])
page = made_page(members)
printer = Printer(folder / "x.xlsx", folder, date(2026, 10, 9))
publishing.draw(printer, "set", page, Style())
printer.made(())
if not (folder / "set.pdf").exists():
    sys.exit(printer.notes[0])
"""


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    office = shutil.which("soffice")
    with tempfile.TemporaryDirectory() as scratch:
        for members in MEMBERS:
            folder = Path(scratch) / str(members)
            folder.mkdir()
            turns = {"whole set": lambda folder=folder, members=members: _write(folder, members)}
            if office:
                turns["LibreOffice, xlsx to pdf"] = lambda folder=folder: _convert(office, folder)
            else:
                print("LibreOffice is not installed: the set is measured alone")
            _tell(f"{members} members, {rounds} rounds", _times(turns, rounds))
            for path in sorted(folder.glob("set*")):
                print(f"    {path.stat().st_size / 1024:8.1f} KiB  {path.name}")


def _times(turns: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each turn; the first of each is not counted, since it fills the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name, turn in turns.items():
            start = time.perf_counter()
            turn()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def _tell(title: str, seconds: dict[str, list[float]]) -> None:
    print(title)
    for name, taken in seconds.items():
        print(f"    {statistics.median(taken):5.2f} s  {min(taken):.2f} to {max(taken):.2f}  {name}")


def _write(folder: Path, members: int) -> None:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    _run([sys.executable, "-c", WRITE, str(folder), str(members)], env=os.environ | {"PYTHONPATH": paths})


def _convert(office: str, folder: Path) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    _run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder / "office"), folder / "set.xlsx"]
    )


def _run(command: list[str | Path], **options: dict[str, str]) -> None:
    subprocess.run(command, check=True, capture_output=True, **options)  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
