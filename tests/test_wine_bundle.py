"""The portable bundle under Wine: built, unpacked in a Chinese path, set up, workbooks dropped, buttons, taken away.

Windows' Python is put together in the layout of the embeddable one, of the DLLs in panda3d's wheel and the library of a
CPython 3.12 of this machine; only the release workflow takes the official one. ``pytest -m wine``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import needs
import pytest
from engines import wine

pytestmark = pytest.mark.wine

PORTABLE = wine.ROOT / ".github" / "portable"
LEFT_OUT = (
    "site-packages",
    "test",
    "tests",
    "lib-dynload",
    "idlelib",
    "tkinter",
    "ensurepip",
    "turtledemo",
    "__pycache__",
)
NO_WMI = "_wmi.pyd"
"""Of what it asks Wine 8 has nothing, and platform.uname dies of it."""
LONG = 900


@pytest.fixture(scope="module")
def python312() -> str:
    """A CPython 3.12 of this machine: it compiles for the bundle, and lends it its library."""
    named = shutil.which("python3.12")
    for found in (named, *map(str, Path.home().glob(".pyenv/versions/3.12.*/bin/python"))):
        if found and not subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
            return found
    return needs.missing("python3.12")


@pytest.fixture(scope="module")
def embedded(prefix: wine.Wine, python312: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip like python-3.12-embed-amd64.zip."""
    folder = tmp_path_factory.mktemp("embedded")
    pip = [python312, "-m", "pip", "download", "-q", "-d", str(folder), "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--platform", "win_amd64", "--python-version", "3.12", wine.WHEELS[0]], check=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder, [name for name in packed.namelist() if name.startswith("deploy_libs/")])
    libraries = folder / "deploy_libs"
    source = folder / "python.c"
    source.write_text((wine.HERE / "python.c").read_text("ascii"), "ascii")
    program = prefix.compile(folder / "python.exe", source, libraries / "python312.dll")
    stable = forwarder(libraries / "python312.dll", folder / "python3.dll")
    random = folder / "bcryptprimitives.dll"
    command = [wine.COMPILERS[64], "-shared", "-o", str(random), str(wine.HERE / "prng.c"), "-ladvapi32"]
    subprocess.run(command, check=True)
    library = subprocess.run([python312, "-c", "import os; print(os.path.dirname(os.__file__))"], capture_output=True,
                             text=True, check=True).stdout.strip()  # fmt: skip
    modules = folder / "python312.zip"
    with zipfile.ZipFile(modules, "w", zipfile.ZIP_DEFLATED) as out:
        for file in Path(library).rglob("*.py"):
            place = file.relative_to(library)
            if not set(place.parts) & {*LEFT_OUT} and not place.parts[0].startswith("config-"):
                out.write(file, place.as_posix())
    archive = folder / "embed.zip"
    with zipfile.ZipFile(archive, "w") as out:
        dlls = [each for each in libraries.iterdir() if each.suffix == ".pyd" and each.name != NO_WMI]
        names = (
            "python312.dll",
            "VCRUNTIME140.dll",
            "VCRUNTIME140_1.dll",
            "libffi-8.dll",
            "libcrypto-3.dll",
            "libssl-3.dll",
        )
        for file in (program, stable, random, modules, *dlls, *(libraries / name for name in names)):
            out.write(file, file.name)
        out.writestr("python312._pth", "python312.zip\n.\n")
    return archive


def forwarder(library: Path, target: Path) -> Path:
    """python3.dll, by which extensions of the stable ABI find whichever Python it is: all names lead to that one."""
    told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", library], capture_output=True, text=True, check=True)
    names = re.findall(r"(?m)^\s*\[\s*\d+\].*?\b(_?Py\w+)$", told.stdout)
    assert "PyModuleDef_Init" in names
    definition = target.with_suffix(".def")
    definition.write_text("EXPORTS\n" + "".join(f"{name} = {library.stem}.{name}\n" for name in names), "ascii")
    command = [wine.COMPILERS[64], "-shared", "-nostdlib", "-Wl,--entry,0", "-o", str(target), str(definition)]
    subprocess.run(command, check=True)
    return target


@pytest.fixture(scope="module")
def bundle(embedded: Path, python312: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the bundle, by the script that the release runs."""
    out = tmp_path_factory.mktemp("bundle")
    wheel = ["-m", "pip", "wheel", "-q", "--no-deps", "-w", str(out / "dist"), str(wine.ROOT)]
    subprocess.run([python312, *wheel], check=True)
    [own] = (out / "dist").glob("*.whl")
    build = [python312, "-E", PORTABLE / "build.py"]  # else the bytecode would go where that of the tests goes
    subprocess.run([*build, "--own", own, "--python", embedded, out / "out"], check=True)
    [archive] = (out / "out").glob("*.zip")
    return archive


def test_the_bundle_works_from_unpacking_to_taking_it_away(prefix: wine.Wine, bundle: Path) -> None:
    """``smoke.py``, as the release runs it on Windows."""
    told = prefix.run(str(PORTABLE / "smoke.py"), wine.windows(bundle), patience=LONG, PYTHONUTF8="1")
    assert told.rstrip().endswith("the bundle works")
    for words in ("安装完成。", "卸载完成", "程序已删除"):
        assert words in told, told


def test_its_buttons(prefix: wine.Wine, bundle: Path, tmp_path: Path) -> None:
    """By its own Python, in the folder beside the workbook, of a branch that has just been made with it."""
    place = tmp_path / "便携 版 (1)"
    with zipfile.ZipFile(bundle) as file:
        file.extractall(place)
    [folder] = place.iterdir()
    python = wine.windows(folder / "python" / "python.exe")
    new = ("-m", "xl_jifen", "new", wine.windows(folder / "支部.xlsm"), "--branch", "第一党支部", "--year", "2026")
    prefix.start(str(folder / "python" / "python.exe"), *new)
    book = folder / "支部.xlsm"
    with wine.opened(prefix, tmp_path, book) as excel:
        for verb in ("check", "recalculate", "publish", "guide"):
            press = excel.press(verb, python=python)
            assert "没有料到" not in press.words, press.words
            assert press.kind == "i" or "请" in press.words, press
    assert not list(folder.rglob("xlwings/pro"))
