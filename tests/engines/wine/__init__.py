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
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NEEDED = ("wine", "widl", "x86_64-w64-mingw32-gcc")
WHEELS = ("panda3d==1.10.16", "pywin32==312", "xlwings==0.37.8")
PURE = ("openpyxl", "et_xmlfile", "xlsxwriter", "chinese_calendar", "segno", "rich", "pygments", "markdown_it", "mdurl")
PATIENCE = 240
LOCALE = "zh_CN.UTF-8"
"""Under it Wine's ANSI code page is 936, as in a Chinese office; ``localedef -i zh_CN -f UTF-8 zh_CN.UTF-8``."""


def lacking() -> str:
    """What is not installed, or an empty text."""
    return next((name for name in NEEDED if not shutil.which(name)), "")


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
            "WINEDLLOVERRIDES": "mscoree=;mshtml=",
            "LANG": LOCALE,
            "EXCEL_COM_TLB": windows(home / "excel.tlb"),
        }

    def run(self, *arguments: str, **more: str) -> str:
        """Run the Windows Python; what it printed. Standard handles must be pipes, or Python does not start."""
        command = ["wine", str(self.python), *arguments]
        done = subprocess.run(
            command, env={**self.environment, **more}, input=b"", capture_output=True, timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout.decode()} {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

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
    compiler = ["x86_64-w64-mingw32-gcc", "-municode", "-O1", "-o", str(wine.python), str(HERE / "python.c")]
    subprocess.run([*compiler, str(python / "python311.dll")], check=True)
    names = ("__pycache__", "site-packages", "test", "tests", "lib-dynload", "config-*", "idlelib")
    skipped = shutil.ignore_patterns(*names)
    shutil.copytree(Path(os.__file__).parent, python / "Lib", ignore=skipped, dirs_exist_ok=True)
    for file in (site / "pywin32_system32").glob("*.dll"):
        shutil.copy(file, python)
    for name in PURE:
        source = next(Path(folder) / name for folder in sys.path if (Path(folder) / name).is_dir())
        shutil.copytree(source, site / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (site / "product.pth").write_text(windows(ROOT))
    (home / "excel.idl").write_text(_idl())
    subprocess.run(["widl", "-t", "-o", "excel.tlb", "excel.idl"], cwd=home, check=True, capture_output=True)
    subprocess.run(["wineboot", "-i"], env=wine.environment, check=True, capture_output=True, timeout=PATIENCE)
    graphics = [r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f"]
    subprocess.run(["wine", "reg", "add", *graphics], env=wine.environment, input=b"", capture_output=True, check=True)
    wine.run(str(HERE / "server.py"), "--register")
    (home / "done").touch()
    return wine


def _idl() -> str:
    from engines.wine import members

    return members.idl()


class Excel:
    """The stand-in with one open workbook."""

    def __init__(self, wine: Wine, book: Path, window: str, log: Path) -> None:
        self.wine, self.book, self.window, self._log = wine, book, window, log

    def press(self, verb: str) -> dict[str, Any]:
        """Press a button as the workbook's own VBA does: the answer's kind and words, and Windows' calls."""
        module = windows(ROOT / "workbook" / "vba" / "JiFenWindows.bas")
        python = windows(self.wine.python)
        told = self.wine.run(str(HERE / "start.py"), module, python, verb, self.window, self.book.name)
        found: dict[str, Any] = json.loads(told)
        return found

    def press_by_run_python(self, line: str) -> str:
        """Press one as workbooks of 0.1 do, by xlwings' RunPython; what it left on stderr."""
        code = f"import xlwings.utils;from xl_jifen.hosts import ribbon; ribbon.{line}"
        arguments = [f"--wb={self.book.name}", "--from_xl=1", "--app=C:\\Office16", f"--hwnd={self.window}"]
        command = ["wine", str(self.wine.python), "-c", code, *arguments]
        done = subprocess.run(command, env=self.wine.environment, input=b"", capture_output=True, timeout=PATIENCE)
        return done.stderr.decode("gbk", errors="replace")

    def ask(self, *order: str) -> str:
        """An order of the tests to the stand-in."""
        return self.wine.run(str(HERE / "ask.py"), self.window, *order)

    @property
    def calls(self) -> list[list[str]]:
        """The calls so far: call or put, interface, member."""
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines()] if self._log.exists() else []


@contextmanager
def opened(wine: Wine, book: Path, folder: Path, **more: str) -> Iterator[Excel]:
    """The stand-in with that workbook open."""
    ready, log = folder / "ready", folder / "calls"
    command = ["wine", str(wine.python), str(HERE / "server.py"), windows(book), windows(ready)]
    environment = {**wine.environment, "EXCEL_COM_LOG": windows(log), **more}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as running:
        deadline = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text()):
            if running.poll() is not None or time.monotonic() > deadline:
                running.kill()
                raise RuntimeError((running.stdout.read() if running.stdout else b"").decode(errors="replace"))
            time.sleep(0.2)
        excel = Excel(wine, book, ready.read_text(), log)
        try:
            yield excel
        finally:
            try:
                excel.ask("end")
                running.wait(30)
            finally:
                running.kill()
