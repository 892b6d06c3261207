"""A ribbon press on the open book, with a new interpreter each time and with one that stays, and recalc on the file.

    python tests/bench/ribbon.py [--rounds 7] [--button recalculate]

The book is the example branch, open in a live LibreOffice; UNO stands in for COM. Every press finds a freshly opened
copy. Cold, the interpreter starts, imports, connects and presses, as RunPython does it; warm, one that has pressed
before is asked again. The three take turns; CPU is that of Python alone, the clock tells the office's part too. Needs
``soffice`` and the module ``uno``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any

from measure import ROOT, median

PARTS = ("start", "import", "connect", "press")
Passed = tuple[float, float]
"""CPU seconds of Python, and seconds by the clock."""


# -- Python's side: a process of its own -------------------------------------------------------------------------------


def answer(profile: Path, button: str) -> None:
    """For each line of stdin, when it was sent and a book that is open: press the button there, and tell the laps."""
    press: Any = None
    cpu = 0.0
    for line in sys.stdin:
        clock, file = json.loads(line)
        laps: dict[str, Passed] = {}

        def lap(part: str, laps: dict[str, Passed] = laps) -> None:
            nonlocal cpu, clock
            now = process_time(), perf_counter()
            laps[part] = now[0] - cpu, now[1] - clock
            cpu, clock = now

        lap("start")
        if press is None:
            press = imported(button)
            lap("import")
            app = connect(profile)
            lap("connect")
        app.books.open(file).set_mock_caller()
        press()
        lap("press")
        app.impl.books._books.clear()  # its user closes it
        print(json.dumps((laps, app.impl.alerts.pop()[0])), flush=True)


def imported(button: str) -> Any:
    """The function behind a button, with all that is imported before the book is touched."""
    from xl_jifen.doors import ribbon
    from xl_jifen.excel.live import program

    program.xlwings()
    return getattr(ribbon, button)


def connect(profile: Path) -> Any:
    """The office of that profile as an application of xlwings; to open a book is to find it among the open ones."""
    import xlwings as xw
    from engines import calc, memory

    calc.has_uno()  # finds it, too
    import uno

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    pipe = f"uno:pipe,name=xljifen{profile.stat().st_ino};urp;StarOffice.ComponentContext"
    context = resolver.resolve(pipe)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)

    def find(url: str, *_: Any) -> Any:
        documents = desktop.Components.createEnumeration()
        while documents.hasMoreElements():
            document = documents.nextElement()
            if url == document.URL:
                return document
        raise FileNotFoundError(url)

    memory.install(calc.Engine(SimpleNamespace(desktop=SimpleNamespace(loadComponentFromURL=find))))
    return xw.App(visible=False, add_book=False)


# -- the user's side ---------------------------------------------------------------------------------------------------


class Interpreter:
    """A process that answers presses, started by the first."""

    def __init__(self, profile: Path, button: str) -> None:
        self._command = [sys.executable, __file__, "--answer", str(profile), "--button", button]
        self._process: subprocess.Popen[str] | None = None

    def press(self, file: Path) -> tuple[dict[str, Passed], str]:
        """Press the button in a book that is open: the laps, and what the message box said."""
        sent = perf_counter()  # the same clock there
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps((sent, str(file))) + "\n")
        self._process.stdin.flush()
        if not (line := self._process.stdout.readline()):
            raise SystemExit("the interpreter ended before it answered")
        laps, told = json.loads(line)
        return laps, told

    def end(self) -> None:
        if self._process:
            self._process.communicate()
        self._process = None


def recalc(file: Path) -> Passed:
    """``recalc`` as a whole process."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    command = [sys.executable, "-m", "xl_jifen", "recalc", str(file)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # 1, since the example has errors
    clock, after = perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock


def turns(office: Any, profile: Path, button: str, folder: Path, rounds: int) -> dict[str, list[Passed]]:
    """What each thing took in every turn but the first."""
    from engines import calc

    from xl_jifen.verbs import quarter

    example = quarter.example(folder / "示例" / "党员积分.xlsx")
    books = calc.Engine(office).apps.add().books
    interpreters = {"cold": Interpreter(profile, button), "warm": Interpreter(profile, button)}
    found: dict[str, list[Passed]] = defaultdict(list)
    told = ""
    for turn in range(rounds + 1):
        file = {name: folder / f"{turn}{name}" / example.name for name in (*interpreters, "recalc")}
        for path in file.values():
            path.parent.mkdir()
            shutil.copyfile(example, path)
        taken: dict[str, Passed] = {}
        for name, interpreter in interpreters.items():
            book = books.open(str(file[name]))
            laps, told = interpreter.press(file[name])
            book.close()
            taken |= {f"{name}, {part}": passed for part, passed in laps.items()}
            taken[name] = sum(cpu for cpu, _ in laps.values()), sum(clock for _, clock in laps.values())
        interpreters["cold"].end()
        taken["recalc"] = recalc(file["recalc"])
        for name, passed in taken.items() if turn else ():
            found[name].append(passed)
    interpreters["warm"].end()
    print(f"{button} says: {told.splitlines()[0]}")
    return found


def show(found: dict[str, list[Passed]]) -> None:
    """Medians (least to most) in milliseconds, and ratios of the same turn."""

    def range_of(values: list[float], digits: int) -> str:
        return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"

    def ratio(one: str, other: str) -> str:
        pairs = list(zip(found[one], found[other], strict=True))
        return "  ".join(
            f"{name} × {range_of([a[n] / b[n] for a, b in pairs], 2)}" for n, name in enumerate(("cpu", "clock"))
        )

    for name in ("recalc", "warm", "cold", *(f"cold, {part}" for part in PARTS)):
        cpu, clock = ([1000 * passed[n] for passed in found[name]] for n in (0, 1))
        print(f"  {name:<14} cpu {range_of(cpu, 0)} ms  clock {range_of(clock, 0)} ms")
    for one, other in (("cold", "warm"), ("cold", "recalc"), ("warm", "recalc")):
        print(f"{one} / {other}: {ratio(one, other)}")
    for part in PARTS:
        print(f"{part}, of a cold press: {ratio(f'cold, {part}', 'cold')}")


def main() -> None:
    parser = argparse.ArgumentParser(description="a ribbon press, cold and warm, against recalc on the closed file")
    parser.add_argument("--rounds", type=int, default=7, help="turns, after one that does not count")
    parser.add_argument("--button", default="recalculate", help="a function of xl_jifen.doors.ribbon")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    if options.answer:
        answer(options.answer, options.button)
        return
    from engines import calc

    soffice = shutil.which("soffice")
    if not soffice or not calc.has_uno():
        raise SystemExit("needs LibreOffice (soffice) and the module uno of its Python")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as temporary:
        # Of the tree, and with bytecode as an installed program has it.
        os.environ |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(Path(temporary, "cache"))}
        profile, folder = Path(temporary, "profile"), Path(temporary, "支部")
        profile.mkdir()
        folder.mkdir()
        office = calc.Office(soffice, profile)
        try:
            show(turns(office, profile, options.button, folder, options.rounds))
        finally:
            office.stop()


if __name__ == "__main__":
    main()
