"""The engine of xlwings for Windows, unchanged, over real COM under Wine against a stand-in for Excel (server.py).

Real: our VBA's calls of Windows, the process they start, window handles, makepy, IDispatch between processes. Ours:
what stands behind the interfaces. So it shows what the product asks and how it takes the answers, never what Excel
would answer. ``built`` makes a Windows Python of wheels once (python311.dll comes with panda3d's).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from engines.wine import declared, members
from xl_jifen.excel.live import program

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NEEDED = ("wine", "widl")
COMPILERS = {64: "x86_64-w64-mingw32-gcc", 32: "i686-w64-mingw32-gcc"}
WHEELS = ("panda3d==1.10.16", "pywin32==312", "xlwings==0.37.8")
PURE = ("openpyxl", "et_xmlfile", "xlsxwriter", "chinese_calendar", "segno", "rich", "pygments", "markdown_it", "mdurl")
LOADER = next((path for path in ("/usr/lib/wine/wine64",) if Path(path).exists()), "wine")
"""Debian's script ``wine`` takes the 32-bit loader where there is one; this one starts programs of either kind."""
AWKWARD = "党员=积分 100% ‘a’ 䶮.xlsm"
"""A name that a command line would split or expand, and one sign of it that GBK lacks."""
PATIENCE = 240
LOCALE = "zh_CN.UTF-8"
"""Under it Wine's ANSI code page is 936, as in a Chinese office; ``localedef -i zh_CN -f UTF-8 zh_CN.UTF-8``."""


def lacking(bits: int = 64) -> str:
    """What is not installed, or an empty text."""
    if bits == 32 and not Path("/usr/lib/wine/wine").exists():
        return "wine32"
    return next((name for name in (*NEEDED, COMPILERS[bits]) if not shutil.which(name)), "")


def windows(path: Path) -> str:
    """A path as Windows writes it."""
    return f"Z:{path}".replace("/", "\\")


class Wine:
    """A prefix with a Windows Python in it."""

    def __init__(self, home: Path) -> None:
        self.home, self.python = home, home / "py" / "python.exe"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XL_JIFEN"))},
            "WINEPREFIX": str(home / "prefix"),
            "WINEDEBUG": "-all",
            "WINEARCH": "win64",
            "WINELOADER": LOADER,
            "WINEDLLOVERRIDES": "mscoree=;mshtml=",
            "HOME": str(home / "user"),  # where desktop and documents are, which are not those of this machine
            "LANG": LOCALE,
            "EXCEL_COM_TLB": windows(home / "excel.tlb"),
        }

    def run(self, *arguments: str, patience: int = PATIENCE, **more: str) -> str:
        """Run the Windows Python; what it printed."""
        return self.start(str(self.python), *arguments, patience=patience, **more)

    def start(self, *arguments: str, patience: int = PATIENCE, **more: str) -> str:
        """Run a program of Windows; what it printed. Standard handles must be pipes, or Python does not start."""
        command = [LOADER, *arguments]
        done = subprocess.run(
            command, env={**self.environment, **more}, input=b"", capture_output=True, timeout=patience, check=False
        )
        said = done.stdout.decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.returncode} {said} {done.stderr.decode(errors='replace')}")
        return said

    def compile(self, target: Path, *sources: Path, bits: int = 64) -> Path:
        """A program of Windows."""
        command = [COMPILERS[bits], "-municode", "-O1", "-I", str(target.parent), "-o", str(target), *map(str, sources)]
        subprocess.run(command, check=True, capture_output=True)
        return target

    def starter(self, bits: int = 64) -> Path:
        """The program that presses a button by the calls our VBA declares, made of its text as it is now."""
        folder = self.home / f"start{bits}"
        folder.mkdir(exist_ok=True)
        (folder / "declared.h").write_text(declared.header(declared.WINDOWS.read_text("ascii")), "ascii")
        return self.compile(folder / "start.exe", HERE / "start.c", HERE / "box.c", bits=bits)

    def local_data(self) -> Path:
        """%LOCALAPPDATA%."""
        [users] = (self.home / "prefix" / "drive_c" / "users").glob("*/AppData/Local")
        return users


def built(home: Path) -> Wine:
    """The prefix in that folder, made if it is not there."""
    wine = Wine(home)
    if (home / "done").exists():
        return wine
    wheels, python = home / "wheels", home / "py"
    site = python / "Lib" / "site-packages"
    pip = [sys.executable, "-m", "pip", "download", "-q", "-d", str(wheels), "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--platform", "win_amd64", "--python-version", "3.11", *WHEELS], check=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            is_panda = wheel.name.startswith("panda3d")
            names = [name for name in packed.namelist() if not is_panda or name.startswith("deploy_libs/")]
            packed.extractall(home / "panda" if is_panda else site, names)
    libraries = home / "panda" / "deploy_libs"
    (python / "DLLs").mkdir(parents=True)
    for name in ("python311.dll", "VCRUNTIME140.dll"):
        shutil.copy(libraries / name, python)
    for file in (*libraries.glob("*.pyd"), *(libraries / f"{n}.dll" for n in ("libffi-8", "libcrypto-3", "libssl-3"))):
        shutil.copy(file, python / "DLLs")
    wine.compile(wine.python, HERE / "python.c", python / "python311.dll")
    names = ("__pycache__", "site-packages", "test", "tests", "lib-dynload", "config-*", "idlelib")
    skipped = shutil.ignore_patterns(*names)
    shutil.copytree(Path(os.__file__).parent, python / "Lib", ignore=skipped, dirs_exist_ok=True)
    for file in (site / "pywin32_system32").glob("*.dll"):
        shutil.copy(file, python)
    for name in PURE:
        source = next(Path(folder) / name for folder in sys.path if (Path(folder) / name).is_dir())
        shutil.copytree(source, site / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (site / "product.pth").write_text(windows(ROOT))
    (home / "user").mkdir()
    (home / "excel.idl").write_text(members.idl())
    subprocess.run(["widl", "-t", "-o", "excel.tlb", "excel.idl"], cwd=home, check=True, capture_output=True)
    subprocess.run(
        [LOADER, "wineboot.exe", "-i"], env=wine.environment, check=True, capture_output=True, timeout=PATIENCE
    )
    graphics = [r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f"]
    subprocess.run([LOADER, "reg", "add", *graphics], env=wine.environment, input=b"", capture_output=True, check=True)
    wine.run(str(HERE / "server.py"), "--register")
    (home / "done").touch()
    return wine


class Press(NamedTuple):
    """A press: kind (``i`` fine, ``x`` not, blank where nothing was answered) and words of the answer, what the message
    box showed, Windows' calls in order, those of COM, seconds of the process, and the size of STARTUPINFOW."""

    kind: str
    words: str
    box: tuple[str, ...]
    windows: tuple[str, ...]
    com: tuple[tuple[str, ...], ...]
    seconds: float
    startup: int

    @classmethod
    def of(cls, printed: str, com: list[list[str]], seconds: float) -> Press:
        """What start.c printed."""
        lines = [line.partition(" ")[::2] for line in printed.splitlines()]
        texts = {what: bytes.fromhex(told).decode("utf-16-le") for what, told in lines if what == "answer"}
        box = tuple(bytes.fromhex(told).decode("utf-16-le") for what, told in lines if what == "box")
        kind, title, words = texts["answer"].split("\n", 2) if texts["answer"] else ("", program.TITLE, "")
        assert title == program.TITLE
        calls = tuple(name for name, _ in groupby(told for what, told in lines if what == "call"))
        figures = {what: float(told) for what, told in lines if what in ("seconds", "startup")}
        spent = figures.get("seconds", seconds)
        return cls(kind, words, box, calls, tuple(map(tuple, com)), spent, int(figures["startup"]))


class Excel:
    """The stand-in with open workbooks, the first of which is the one whose buttons are pressed."""

    def __init__(self, wine: Wine, book: Path, window: str, log: Path) -> None:
        self.wine, self.book, self.window, self._log = wine, book, window, log

    def press(
        self, verb: str, *, bits: int = 64, book: str = "", python: str = "", patience: int = PATIENCE, **more: str
    ) -> Press:
        """Press a button as the VBA of the workbook, or of another open one, does; by a 32-bit Excel if asked for."""
        of = (verb, self.window, book or self.book.name)
        command = [str(self.wine.starter(bits)), python or windows(self.wine.python), *of]
        before, started = len(self.calls), time.monotonic()
        printed = self.wine.start(*command, str(patience), **more)
        return Press.of(printed, self.calls[before:], time.monotonic() - started)

    def press_by_run_python(self, line: str) -> dict[str, Any]:
        """Press one as workbooks of 0.1 do, by xlwings' RunPython; see runpython.py for what comes back."""
        told = self.wine.run(str(HERE / "runpython.py"), windows(self.book), self.window, line)
        found: dict[str, Any] = json.loads(told)
        return found

    def ask(self, *order: str) -> str:
        """An order of the tests to the stand-in."""
        return self.wine.run(str(HERE / "ask.py"), self.window, *order)

    @property
    def calls(self) -> list[list[str]]:
        """The calls so far: call or put, interface, member."""
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines()] if self._log.exists() else []


@contextmanager
def opened(wine: Wine, folder: Path, *books: Path, **more: str) -> Iterator[Excel]:
    """The stand-in with those workbooks open, the last one in front."""
    ready, log = folder / "ready", folder / "calls"
    command = [LOADER, str(wine.python), str(HERE / "server.py"), windows(ready), *map(windows, books)]
    environment = {**wine.environment, "EXCEL_COM_LOG": windows(log), **more}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as running:
        deadline = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text()):
            if running.poll() is not None or time.monotonic() > deadline:
                running.kill()
                raise RuntimeError((running.stdout.read() if running.stdout else b"").decode(errors="replace"))
            time.sleep(0.2)
        excel = Excel(wine, books[0], ready.read_text(), log)
        try:
            yield excel
        finally:
            try:
                excel.ask("end")
                running.wait(30)
            finally:
                running.kill()
