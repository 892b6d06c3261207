"""Tries a finished bundle on Windows: ``python .github/portable/smoke.py xl-jifen-0.2.0-win64.zip``.

Unpacked at a path with blanks, Chinese and signs cmd reacts to, it makes the example, is set up for a user whose
programs go to another folder, has a workbook dropped on its icons, and is taken away again. For a machine to be
thrown away: a folder 党员积分 stays in the documents, and an empty key of Excel 2010 in the registry.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SIGNS = "便携 版 & (1) !^"
"""What a folder may be called."""
UTF8 = """
import runpy, sys
sys.stdout.reconfigure(encoding="utf-8")
runpy.run_module(sys.argv.pop(1), None, "__main__", True)
"""
"""Runs a module, whatever the console's code page is."""


def main(archive: Path) -> None:
    """Raises AssertionError or CalledProcessError where something does not work."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary, SIGNS)
        with zipfile.ZipFile(archive) as file:
            file.extractall(place)
        [bundle] = place.iterdir()
        check_sums(bundle)
        example = try_unpacked(bundle, place)
        try_set_up(bundle, example, place / "本地 数据")
    print("the bundle works")


def check_sums(bundle: Path) -> None:
    """Every file is the one in SHA256SUMS, and every file is in it."""
    lines = (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    known = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    found = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert found - {"SHA256SUMS"} == set(known), found ^ set(known)
    for path, digest in known.items():
        assert hashlib.sha256((bundle / path).read_bytes()).hexdigest() == digest, path


def try_unpacked(bundle: Path, place: Path) -> Path:
    """The commands, by the bundle's own Python and nothing of the machine's; the example's workbook."""
    trap = place / "陷阱"
    trap.mkdir()
    (trap / "json.py").write_text("raise SystemExit('the machine is not kept out')", encoding="ascii")
    python, machine = python_of(bundle), {"PYTHONPATH": str(trap), "PYTHONHOME": str(trap)}
    say(run([python, "-c", "import json, sys; print(sys.version, sys.flags.isolated)"], trap, machine))
    run([python, "-c", "import win32api, pythoncom, typst, PIL.Image, xlwings.udfs; assert not xlwings.__pro__"], place)
    run([python, "-B", "-c", "from xl_jifen.hosts import ribbon, functions"], place)
    assert not list(bundle.rglob("xlwings/pro")), "no part of xlwings PRO may be shipped"
    assert list(bundle.rglob("xl_jifen/__pycache__/*.cpython-312.pyc")), "not compiled"
    run([python, "-m", "xl_jifen", "demo"], place)
    say(run([python, "-c", UTF8, "xl_jifen", "doctor"], place))
    made = {path.suffix for path in place.glob("示例/公示/2026年第三季度/*")}
    assert made >= {".xlsx", ".pdf", ".png", ".html", ".txt"}, made
    if list(bundle.rglob("site-packages/pandas")):  # the edition for the bureau
        summary = place / "汇总.xlsx"
        command: list[str | Path] = [python, "-m", "xl_jifen", "rollup", "示例", "--out", summary, "--workers", "2"]
        say(run(command, place, codes=(0, 1)))
        assert summary.is_file()
    return place / "示例" / "党员积分示例.xlsx"


def try_set_up(bundle: Path, example: Path, local: Path) -> None:
    """安装.cmd, an old program being replaced; a workbook dropped; 卸载.cmd."""
    old = local / "xl-jifen" / "python" / "old.txt"
    old.parent.mkdir(parents=True)
    old.touch()
    user = {"LOCALAPPDATA": str(local)}
    run([python_of(bundle), "-c", EXCEL], local)
    marked = bundle / "说明.txt:Zone.Identifier"
    if os.name == "nt" and "WINEPREFIX" not in os.environ:  # only NTFS has streams
        marked.write_text("[ZoneTransfer]\nZoneId=3\n", encoding="ascii")
    say(run(clicked(bundle / "安装.cmd"), example.parent, user, typed="y\n\n"))
    assert not marked.exists()
    assert not old.exists()
    python = old.with_name("python.exe")
    shortcuts = run([python, "-c", SHOW_SHORTCUTS], local, user).split()
    assert set(shortcuts) == {"True"}, shortcuts
    copy = example.with_name("一 份 & 100% 的!工作簿^.xlsx")
    copy.write_bytes(example.read_bytes())
    dropped: list[str | Path] = [python, "-c", UTF8, "xl_jifen.doors.windows.dropped"]
    said = run([*dropped, "recalc", copy, example], local, user, codes=(0, 1))
    assert said.count("——") == 4, said
    say(said)
    say(run([*dropped, "publish", copy], local, user, typed="3\n\n", codes=(0, 1)))
    say(run(clicked(bundle / "卸载.cmd"), example.parent, user))
    assert not (local / "xl-jifen").exists()
    say(run(clicked(bundle / "xl-jifen.cmd", "--version"), example.parent, user))


SHOW_SHORTCUTS = """
import sys
from pathlib import Path
from xl_jifen.doors.windows import install, shell
for name, *_ in install.SHORTCUTS:
    print(shell.target_of(shell.desktop() / f"{name}.lnk") == Path(sys.executable))
print(shell.trusts("14.0"))
"""
EXCEL = r"import winreg; winreg.CreateKey(winreg.HKEY_CURRENT_USER, r'Software\Microsoft\Office\14.0\Excel')"
"""As if Excel 2010 had been used."""


def python_of(bundle: Path) -> Path:
    """The bundle's interpreter."""
    return bundle / "python" / "python.exe"


def clicked(script: Path, arguments: str = "") -> str:
    """A script as Explorer starts it at a double click."""
    return f'cmd.exe /d /s /c ""{script}" {arguments}"'


def run(
    command: list[str | Path] | str,
    folder: Path,
    more: dict[str, str] | None = None,
    *,
    typed: str = "\n",
    codes: tuple[int, ...] = (0,),
) -> str:
    """What a command prints. Raises AssertionError with it where the exit code is another."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (more or {}),
        input=typed.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=600,
    )
    said = done.stdout.decode(errors="backslashreplace")
    assert done.returncode in codes, f"{command}: {done.returncode}\n{said}"
    return said


def say(text: str) -> None:
    """Show it."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
