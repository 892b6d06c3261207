"""汇总 of many branches against a bare calamine read of the same files, with one worker and with two.

    PYTHONPATH=. python tests/bench/rollup.py [--files 1000] [--profile]

Not a test: it prints ratios of runs that take turns, so that other work on the machine hits all of them alike; CPU
seconds hardly depend on that at all. The files are what branches send: filled, reckoned and written back by ``recalc``.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import multiprocessing
import os
import pstats
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from branch import write as write_plain
from measure import bare  # workers find it there: this module is nobody's to them

from xl_jifen import layout
from xl_jifen.disk import assets
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.table import Table
from xl_jifen.verbs import quarter
from xl_jifen.verbs.rollup import fleet
from xl_jifen.verbs.rollup.rollup import branch, rollup
from xl_jifen.verbs.rollup.sources import JOURNAL

NOW = datetime(2026, 10, 9, 8)
PATTERNS = 10
"""Branches that differ in what they registered; the others are one of these under another name."""


def make(folder: Path, number: int) -> None:
    """``number`` workbooks of about 320 rows and 700 entries each, with the sheets the tool writes."""
    demo = assets.folder("workbook") / "demo"
    texts = {file.stem: file.read_text("utf-8") for file in sorted(demo.glob("*.csv"))}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    patterns = []
    for seed in range(min(PATTERNS, number)):
        chance = random.Random(seed)
        varied = dict(texts)
        for month in layout.MONTHS:
            head, *rows = texts[month.name].splitlines()
            varied[month.name] = "\n".join([head, *(row for row in rows if chance.random() < 0.9)])
        path = folder / f"样{seed}.xlsx"
        path.write_bytes(filled(assets.asset("workbook/党员积分.xlsx"), path.name, settings, varied))
        quarter.recalculate(quarter.open_workbook(path), NOW)
        patterns.append(path.read_bytes())
        path.unlink()
    for file in (folder / "备份").iterdir():
        file.unlink()
    (folder / "备份").rmdir()
    for position in range(number):
        data = renamed(patterns[position % len(patterns)], f"中共示例市第{position + 1}支部委员会")
        county = folder / f"{position // 100:02d}县"
        county.mkdir(exist_ok=True)
        (county / f"{position:05d}.xlsx").write_bytes(data)


def renamed(data: bytes, name: str) -> bytes:
    """The workbook of another branch: only the sheet 设置 is rewritten."""
    package = Package.of(data, "")
    grid = read_grids(package).get(layout.SETTINGS.name)
    assert grid is not None
    table = Table(layout.SETTINGS, grid)
    key, value = table.columns["项目"], table.columns["值"]
    row = next(n for n, cells in enumerate(grid.rows, 1) if str(grid.at(n, key)).startswith(layout.BRANCH))
    patch = Patch(package)
    patch.set_cells(grid.name, {(row, value): name}, heading=table.heading_row)
    return patch.to_bytes()


def per_file(paths: list[Path]) -> tuple[float, float]:
    """Median CPU seconds of one file, reckoned and bare, taking turns."""
    ours, theirs = [], []
    for path in paths:
        start = time.process_time()
        bare(str(path))
        middle = time.process_time()
        branch(path.read_bytes(), path.name)
        ours.append(time.process_time() - middle)
        theirs.append(middle - start)
    return median(ours), median(theirs)


class Run(NamedTuple):
    """Wall seconds, CPU seconds with all workers and of the parent alone, and the parent's largest memory in MiB."""

    wall: float
    cpu: float
    parent: float
    memory: int


def timed(run: Callable[[], Any]) -> Run:
    """A run in a process of its own."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def inside() -> None:
        start = time.perf_counter()
        run()
        wall = time.perf_counter() - start
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        parent, workers = (usage.ru_utime + usage.ru_stime for usage in used)
        queue.put(Run(wall, parent + workers, parent, used[0].ru_maxrss >> 10))

    process = context.Process(target=inside)
    process.start()
    told: Run = queue.get()
    process.join()
    return told


def runs(paths: list[Path], out: Path) -> Iterator[tuple[str, int, Callable[[], Any]]]:
    """The four runs that are compared, in the order of their turns."""
    names = [str(path) for path in paths]
    for workers in (1, 2):
        yield "calamine", workers, lambda workers=workers: [*fleet.local(bare, names, workers)]
        yield "rollup", workers, lambda workers=workers: fresh(names, out, workers)


def fresh(names: list[str], out: Path, workers: int) -> None:
    for old in out.parent.glob(f"{out.stem}*"):
        old.unlink()
    rollup(names, out, NOW, workers=workers)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=2, help="each run is done in so many parts, the four taking turns")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = Path(temporary, "支部"), Path(temporary, "汇总.xlsx")
        folder.mkdir()
        make(folder, options.files)
        paths = sorted(folder.rglob("*.xlsx"))
        size = sum(path.stat().st_size for path in paths) / len(paths) / 1024
        print(f"{len(paths)} files of {size:.0f} KiB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if options.profile:
            profile(paths[:100])
            return
        ours, theirs = per_file(paths[:: max(1, len(paths) // 100)])
        print(f"one file, CPU: branch {ours * 1000:.1f} ms, calamine {theirs * 1000:.1f} ms, ratio {ours / theirs:.2f}")
        plain = [folder.parent / f"{entries}.xlsx" for entries in range(300, 300 + min(30, options.files))]
        for path in plain:
            write_plain(path, int(path.stem))
        ours, theirs = per_file(plain)
        size = plain[0].stat().st_size / 1024
        print(
            f"one of {size:.0f} KiB with 300 rows and nothing else, CPU: branch {ours * 1000:.1f} ms, "
            f"calamine {theirs * 1000:.1f} ms, ratio {ours / theirs:.2f}"
        )
        told: dict[tuple[str, int], list[Run]] = defaultdict(list)
        for turn in range(options.turns):
            for name, workers, run in runs(paths[turn :: options.turns], out):
                one = timed(run)
                told[name, workers].append(one)
                each = one.cpu / len(paths[turn :: options.turns]) * 1000
                print(
                    f"{name:9}{workers} worker(s): {one.wall:6.1f} s, {each:5.1f} ms CPU a file; "
                    f"parent {one.parent:.1f} s CPU, {one.memory} MiB; load {os.getloadavg()[0]:.1f}"
                )
        wall = {key: sum(one.wall for one in parts) for key, parts in told.items()}
        cpu = {key: sum(one.cpu for one in parts) for key, parts in told.items()}
        for workers in (1, 2):
            print(
                f"rollup / calamine, CPU, {workers} worker(s): {cpu['rollup', workers] / cpu['calamine', workers]:.2f}"
            )
        for name in ("calamine", "rollup"):
            print(f"{name}: 2 workers are {wall[name, 1] / wall[name, 2]:.2f} times as fast as 1")
        whole, own = cpu["rollup", 1], sum(one.parent for one in told["rollup", 1])
        for cores in (2, 8):
            fold = whole / (own + (whole - own) / cores)
            print(f"rollup: {cores} idle cores are {fold:.2f} times as fast as 1, by the CPU of parent and workers")
        fresh([str(folder)], out, 2)
        kept = [path.stat().st_size / len(paths) / 1024 for path in (out, out.with_name(out.stem + JOURNAL))]
        print(f"a file leaves {kept[0]:.1f} KiB in the summary, {kept[1]:.1f} in the journal")
        print(f"a file takes {own / len(paths) * 1000:.1f} ms of the parent")
        again = timed(lambda: rollup([str(folder)], out, NOW, workers=2))
        print(f"rollup again, nothing changed: {again.wall:.1f} s, {again.cpu / len(paths) * 1000:.2f} ms CPU a file")
        print(f"files an hour and core: {3600 * len(paths) / cpu['rollup', 1]:,.0f}")


def profile(paths: list[Path]) -> None:
    """Where the time of ``branch`` goes."""
    profiler = cProfile.Profile()
    for path in paths:
        data = path.read_bytes()
        profiler.runcall(branch, data, path.name)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(14)


if __name__ == "__main__":
    main()
