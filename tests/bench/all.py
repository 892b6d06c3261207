"""The whole table of what the program costs, beside the bar of each line and what was recorded last.

    python tests/bench/all.py [--quick] [--rounds 3] [--only WORD] [--record]

Ratios are CPU seconds of whole processes, least of several that take turns, divided by a yardstick that takes its turn
too: bare calamine reading the same sheets (score, rollup), openpyxl loading and saving (recalc), and for pages what
``publish`` took at ca627e3, which is recorded as so many load and saves of 1,000 rows. Memory is that of the largest
process. Instructions are counted by valgrind where it is installed. ``--record`` keeps the figures in
``recorded.json``. Needs ``os.wait4``, which Windows lacks.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from measure import (
    BARE_PYTHON,
    BARE_READ,
    LOAD_AND_SAVE,
    ROOT,
    WRITERS,
    Cost,
    environment,
    exponent,
    interleaved,
    make,
    run,
)

RECORDED = Path(__file__).with_name("recorded.json")
WIDTH = 66
TINY = 12
COMMAND = "import sys; sys.argv[0] = 'xl-jifen'; from xl_jifen.doors.cli.cli import run; sys.exit(run())"
OURS = [sys.executable, "-c", COMMAND]
"""As the installed ``xl-jifen`` starts."""
EXAMPLE = "import sys; from pathlib import Path; from xl_jifen.verbs import quarter; quarter.example(Path(sys.argv[1]))"
AGAIN_AND_AGAIN = "import sys; from xl_jifen.doors.cli.cli import main\nfor _ in range(8): main(sys.argv[1:])"
"""As a desk that stays open does it."""
PUBLISH = ["--date", "2026-10-09"]
Figure = tuple[str, float]
"""What was measured, and how much of it."""


def least(costs: Sequence[Cost]) -> float:
    return min(cost.cpu for cost in costs)


def peak(costs: Sequence[Cost]) -> float:
    return max(cost.memory for cost in costs)


class Bench:
    """A folder for files, how often, and how large."""

    def __init__(self, folder: Path, rounds: int, quick: bool) -> None:
        self.folder, self.rounds, self.quick = folder, rounds, quick
        self.sizes = (100,) if quick else (1_000, 10_000, 100_000)
        self.branches = ((3, TINY), (2, 100)) if quick else ((300, TINY), (100, 1_000))
        self.writers = WRITERS[:1] if quick else WRITERS

    def book(self, rows: int) -> Path:
        """A workbook of so many rows by XlsxWriter."""
        path = self.folder / f"{rows}.xlsx"
        if not path.exists():
            make(self.folder, rows, ())
        return path

    def _sent(self, rows: int) -> Path:
        """As branches send it: written back, but for the smallest, which asks what a branch costs beside its rows."""
        if rows == TINY:
            return self.book(rows)
        book = self.folder / "寄来" / "党员积分.xlsx"
        book.parent.mkdir()
        shutil.copyfile(self.book(rows), book)
        run([*OURS, "recalc", str(book)], environment())
        return book

    def score(self) -> Iterator[Figure]:
        """``score --json`` beside bare calamine: starting, each writer, how it grows, what it keeps in memory."""
        yield from self._started()
        above: dict[int, float] = {}
        start = 0.0
        for rows in (TINY, *self.sizes):
            for writer, path in make(self.folder, rows, self.writers).items():
                turns = {"bare": [*BARE_READ, str(path)], "ours": [*OURS, "score", "--json", str(path)]}
                costs = interleaved(turns, self.rounds if rows < 100_000 else 1)
                if writer == WRITERS[0]:
                    above[rows] = least(costs["ours"]) - start
                    start = start or least(costs["ours"])
                if rows != TINY:
                    yield f"score {rows} rows, {writer}", least(costs["ours"]) / least(costs["bare"])
                if rows == 100_000 and writer == WRITERS[0]:
                    yield f"score {rows} rows, memory / its XML", peak(costs["ours"]) * (1 << 20) / _unpacked(path)
        del above[TINY]
        if len(above) > 1:
            yield "score, power it grows with", exponent(above)

    def _started(self) -> Iterator[Figure]:
        if self.quick or not shutil.which("valgrind"):
            return
        command = [*OURS, "score", "--json", str(self.book(TINY))]
        there = environment()
        bare, ours = _instructions(BARE_PYTHON, there), _instructions(command, there)
        yield f"score {TINY} rows, million instructions above bare Python", (ours - bare) / 1e6

    def recalc(self) -> Iterator[Figure]:
        """``recalc`` beside openpyxl loading and saving the same workbook: a first time, and with nothing to do."""
        for rows in self.sizes[:2]:
            fresh, book, done = self.book(rows), self.folder / "党员积分.xlsx", self.folder / "已写回" / "党员积分.xlsx"
            done.parent.mkdir(exist_ok=True)
            shutil.copyfile(fresh, done)
            turns = {
                "openpyxl": [sys.executable, "-c", LOAD_AND_SAVE, str(fresh), str(self.folder / "saved.xlsx")],
                "first": [*OURS, "recalc", str(book)],
                "unchanged": [*OURS, "recalc", str(done)],
            }
            costs = interleaved(turns, self.rounds, lambda fresh=fresh, book=book: shutil.copyfile(fresh, book))
            for name in ("first", "unchanged"):
                yield f"recalc {rows} rows, {name}", least(costs[name]) / least(costs["openpyxl"])

    def pages(self, unit: float) -> Iterator[Figure]:
        """Pages of the example branch. ``unit``: load and saves of 1,000 rows that ``publish`` of ca627e3 took."""
        book = self.folder / "示例" / "示例.xlsx"
        book.parent.mkdir()
        subprocess.run([sys.executable, "-c", EXAMPLE, str(book)], check=True, cwd=ROOT)
        asked = {
            "publish a quarter": ["publish", str(book), "2026Q3", *PUBLISH],
            "statements of 37": ["statement", str(book), *(["--member", "001"] if self.quick else ())],
            "meeting of 37": ["meeting", str(book)],
        }
        saved = [sys.executable, "-c", LOAD_AND_SAVE, str(self.book(self.sizes[0])), str(self.folder / "saved.xlsx")]
        turns = {"openpyxl": saved, **{name: [*OURS, *words] for name, words in asked.items()}}
        costs = interleaved(turns, self.rounds)
        for name, words in asked.items():
            yield name, least(costs[name]) / least(costs["openpyxl"]) / unit
            yield f"{name}, peak MiB", peak(costs[name])
            if self.quick:
                continue
            again = run([sys.executable, "-c", AGAIN_AND_AGAIN, *words], environment())
            yield f"{name}, eight times in one process, peak MiB", again.memory

    def rollup(self) -> Iterator[Figure]:
        """``rollup`` of branches that differ in name beside bare calamine: two sizes; two workers; once more."""
        from rollup import renamed

        for number, rows in self.branches:
            folder, out = self.folder / f"{rows}行的支部", self.folder / f"汇总{rows}.xlsx"
            folder.mkdir()
            data = self._sent(rows).read_bytes()
            for position in range(number):
                (folder / f"{position:05d}.xlsx").write_bytes(renamed(data, f"中共示例市第{position + 1}支部委员会"))
            files = sorted(str(path) for path in folder.iterdir())
            words = [*OURS, "rollup", str(folder), "--out", str(out), "--workers"]

            def forget(out: Path = out) -> None:
                for old in out.parent.glob(f"{out.stem}*"):
                    old.unlink()

            bare = [*BARE_READ, *files]
            one = interleaved({"bare": bare, "ours": [*words, "1"]}, self.rounds, forget)
            name = f"rollup of {number} × {rows} rows"
            yield name, least(one["ours"]) / least(one["bare"])
            again = interleaved({"again": [*words, "1"]}, self.rounds)
            yield f"{name}, again", least(again["again"]) / least(one["bare"])
        two = interleaved({"1": [*words, "1"], "2": [*words, "2"]}, self.rounds, forget)
        faster = min(cost.wall for cost in two["1"]) / min(cost.wall for cost in two["2"])
        yield f"{name}, 2 workers, times as fast by the clock", faster


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as package:
        return sum(each.file_size for each in package.infolist())


def _instructions(command: Sequence[str], there: Mapping[str, str]) -> int:
    """How many one run takes, after one that leaves its bytecode."""
    run(command, there)
    counted = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command]
    hashed = {**there, "PYTHONHASHSEED": "0"}
    told = subprocess.run(counted, env=hashed, cwd=ROOT, capture_output=True, text=True, check=True).stderr
    return int(re.findall(r"I +refs: +([\d,]+)", told)[0].replace(",", ""))


def show(name: str, figure: float, known: Mapping[str, float]) -> None:
    """A line: what it was at ca627e3, what it must be, what was recorded, what it is; and whether the bar is missed."""
    missed = not known.get("least", figure) <= figure <= known.get("most", figure)
    bar = f"≥ {known['least']:g}" if "least" in known else f"≤ {known['most']:g}" if "most" in known else ""
    cells = [f"{known[key]:.4g}" if key in known else "" for key in ("ca627e3", "recorded")]
    change = f"{figure / known['recorded'] - 1:+.0%}" if known.get("recorded") else ""
    print(
        f"{name:<62}{cells[0]:>8}{bar:>9}{cells[1]:>9}{figure:>9.4g}{change:>7}{'  missed' if missed else ''}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="what the program costs, line by line")
    parser.add_argument("--quick", action="store_true", help="small files by one writer: to see that it works")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each command, after one that does not count")
    parser.add_argument("--only", choices=("score", "recalc", "pages", "rollup"), nargs="+", help="parts of the table")
    parser.add_argument("--record", action="store_true", help="keep the figures in recorded.json")
    options = parser.parse_args()
    recorded = json.loads(RECORDED.read_text("utf-8"))
    lines: dict[str, dict[str, float]] = recorded["lines"]
    print(f"{'':<{WIDTH}}{'ca627e3':>8}{'must':>9}{'recorded':>9}{'now':>9}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.rounds, options.quick)
        parts = {
            "score": bench.score,
            "recalc": bench.recalc,
            "pages": lambda: bench.pages(recorded["publish at ca627e3, in load and saves"]),
            "rollup": bench.rollup,
        }
        for part in options.only or parts:
            for name, figure in parts[part]():
                show(name, figure, lines.get(name, {}))
                lines.setdefault(name, {})["recorded"] = round(figure, 3)
    if options.record:
        told = {name: json.dumps(value, ensure_ascii=False) for name, value in recorded.items() if name != "lines"}
        told["lines"] = ",\n".join(f'  "{name}": {json.dumps(line)}' for name, line in lines.items()).join(
            ("{\n", "\n }")
        )
        text = ",\n".join(f' "{name}": {value}' for name, value in told.items())
        RECORDED.write_text(f"{{\n{text}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
