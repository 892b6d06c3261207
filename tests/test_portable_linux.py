"""The portable bundle for Linux desktops (信创便携版): built of small pieces, set up for a user, taken away again."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import types
from pathlib import Path

import pytest
from branch_parts import zipped

from xl_jifen.doors import placing
from xl_jifen.doors.linux import install

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".github" / "portable"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """``build_linux.py``; the ``build`` it imports is the one beside it, and forgotten afterwards."""
    monkeypatch.syspath_prepend(str(HOME))
    monkeypatch.setitem(sys.modules, "build", types.ModuleType("build"))  # so that undoing removes it
    del sys.modules["build"]
    spec = importlib.util.spec_from_file_location("build_linux", HOME / "build_linux.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tar_of(files: dict[str, bytes], links: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


SAYS = b'#!/bin/sh\nprintf "%s|" "$@"\n'
"""An interpreter that tells what it was asked."""
PYTHON = {
    "python/bin/python3.12": SAYS,
    "python/bin/pip3": b"#!",
    "python/include/python3.12/Python.h": b"\n",
    "python/lib/libpython3.12.so.1.0": b"\x7fELF",
    "python/lib/python3.12/os.py": b"\n",
    "python/lib/python3.12/tkinter/__init__.py": b"\n",
    "python/lib/python3.12/site-packages/pip/__init__.py": b"\n",
    "python/share/terminfo/x": b"\n",
}


def made(build: types.ModuleType, out: Path) -> tuple[Path, Path]:
    out.mkdir()
    own = {f"xl_jifen/_assets/workbook/{n}": (ROOT / "workbook" / n).read_bytes() for n in build.build.MASTERS}
    own["xl_jifen/__init__.py"] = b"\n"
    wheels = [build.build.Wheel("bottle", "0.13.4", zipped({"bottle.py": b"\n"}))]
    python = tar_of(PYTHON, {"python/bin/python3": "python3.12"})
    return build.bundle(out, python, build.build.Wheel("xl-jifen", "9.9.9", zipped(own)), wheels, "2.27")


@pytest.fixture
def bundle(build: types.ModuleType, tmp_path: Path) -> Path:
    return made(build, tmp_path / "out")[0]


def test_the_lock_has_a_linux_wheel_of_every_dependency(build: types.ModuleType) -> None:
    locked = tomllib.loads((HOME / build.LINUX["lock"]).read_text("utf-8"))["packages"]
    asked = [*PROJECT["dependencies"], *(each for extra in ("pdf", "fonts") for each in
                                         PROJECT["optional-dependencies"][extra])]  # fmt: skip
    names = {re.match(r"[\w.-]+", each)[0].lower().replace("_", "-") for each in asked}
    assert names <= {each["name"] for each in locked}
    assert "xlwings" not in {each["name"] for each in locked}  # speaks with Excel, which is not there
    for each in locked:
        for file in build.build.files_of(each):
            python, abi, platform = file.removesuffix(".whl").split("-")[-3:]
            assert platform == "any" or set(platform.split(".")) <= set(build.LINUX["platforms"]), file
            assert python == "cp312" or abi == "abi3" or "py3" in python.split("."), file


def test_the_same_versions_as_on_windows(build: types.ModuleType) -> None:
    linux, windows = (
        {each["name"]: each["version"] for each in tomllib.loads((HOME / lock).read_text("utf-8"))["packages"]}
        for lock in ("pylock.linux.toml", "pylock.toml")
    )
    assert linux.items() <= windows.items()


@pytest.mark.parametrize(
    ("wheels", "glibc"),
    [
        (["a-1-py3-none-any.whl"], "2.17"),
        (["a-1-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"], "2.17"),
        (["a-1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", "b-1-py3-none-any.whl"], "2.27"),
        (["a-1-cp312-cp312-manylinux_2_5_x86_64.whl", "b-1-cp312-cp312-manylinux_2_31_x86_64.whl"], "2.31"),
    ],
)
def test_the_oldest_system_is_what_the_wheels_say(wheels: list[str], glibc: str, build: types.ModuleType) -> None:
    assert build.oldest_glibc(wheels) == glibc


def test_what_the_words_say_is_what_the_lock_needs(build: types.ModuleType) -> None:
    locked = tomllib.loads((HOME / build.LINUX["lock"]).read_text("utf-8"))["packages"]
    needed = build.oldest_glibc(name for each in locked for name in build.build.files_of(each))
    assert f"glibc {needed}" in (ROOT / "xl_jifen" / "docs" / "已验证环境.md").read_text("utf-8")


@pytest.mark.slow
def test_everything_lies_where_it_is_looked_for(bundle: Path) -> None:
    inside = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    site = "python/lib/python3.12/site-packages"
    assert {
        "SHA256SUMS", "党员积分.xlsx", "安装.sh", "卸载.sh", "xl-jifen", "xl-jifen.svg", "说明.txt",
        "python/bin/python3", "python/lib/python3.12/os.py", "python/lib/libpython3.12.so.1.0",
        f"{site}/bottle.py", f"{site}/xl_jifen/__init__.py",
    } <= inside  # fmt: skip
    assert not [name for name in inside if "pip" in name or "include" in name or "tkinter" in name or "share" in name]
    assert os.access(bundle / "python/bin/python3", os.X_OK)
    assert "glibc 2.27 以上" in (bundle / "说明.txt").read_text("utf-8")


@pytest.mark.slow
def test_a_second_build_has_the_same_bytes_and_starts_where_it_is_unpacked(
    build: types.ModuleType, tmp_path: Path
) -> None:
    first, second = (made(build, tmp_path / name)[1] for name in ("一", "二"))
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as tar:
        assert {member.mtime for member in tar} == {0}
    (tmp_path / "解压 到此").mkdir()
    run(["tar", "-xf", first, "-C", tmp_path / "解压 到此"])
    [unpacked] = (tmp_path / "解压 到此").iterdir()
    assert run([unpacked / "xl-jifen", "check", "我 的.xlsx"]) == "-I|-B|-m|xl_jifen|check|我 的.xlsx|"
    assert run(["sh", unpacked / "安装.sh"]) == "-I|-B|-m|xl_jifen.doors.linux.install|"
    assert run(["sh", unpacked / "卸载.sh"]) == "-I|-B|-m|xl_jifen.doors.linux.install|--undo|"
    shutil.rmtree(unpacked / "python")
    assert "没有找到 python 文件夹" in run(["sh", unpacked / "安装.sh"], code=2)


def run(command: list[str | Path], code: int = 0) -> str:
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", cwd="/", check=False)
    assert ended.returncode == code, ended
    return ended.stdout


def test_an_interpreter_laid_out_otherwise_is_refused(build: types.ModuleType) -> None:
    with pytest.raises(SystemExit, match="not where it was expected"):
        build.interpreter(tar_of({"python/python.exe": b"MZ"}, {}))
    with pytest.raises(SystemExit, match="leads out of the bundle"):
        build.interpreter(tar_of({"../bin/python3.12": b""}, {}))


# -- on a user's computer ----------------------------------------------------------------------------------------------


@pytest.fixture
def desk_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with blanks and signs in its name, whose folders are called as in a Chinese system."""
    home = tmp_path / '老 张 100% "$x"'
    (home / ".config").mkdir(parents=True)
    (home / ".config" / "user-dirs.dirs").write_text(
        '# xdg-user-dirs\nXDG_DESKTOP_DIR="$HOME/桌面"\nXDG_DOCUMENTS_DIR="$HOME/我的文档"\n', encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_setting_up_and_undoing_it_leaves_only_the_workbook(
    bundle: Path, desk_of_a_user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(desk_of_a_user)
    install.install(bundle)
    program = desk_of_a_user / ".local/share/xl-jifen/python/bin/python3"
    assert os.access(program, os.X_OK)
    workbook = desk_of_a_user / "我的文档/党员积分/党员积分.xlsx"
    workbook.write_bytes(b"mine")
    install.install(bundle)  # again, as for a new version
    assert workbook.read_bytes() == b"mine"
    assert "安装完成。" in capsys.readouterr().out
    install.undo()
    left = files(desk_of_a_user)
    assert set(left) - set(before) == {"我的文档/党员积分/党员积分.xlsx"}


@pytest.mark.slow
def test_the_icon_starts_the_desk_with_the_workbook_dropped_on_it(bundle: Path, desk_of_a_user: Path) -> None:
    install.install(bundle)
    icons = [desk_of_a_user / "桌面/xl-jifen.desktop", desk_of_a_user / ".local/share/applications/xl-jifen.desktop"]
    assert icons[0].read_bytes() == icons[1].read_bytes()
    entry = dict(line.split("=", 1) for line in icons[0].read_text("utf-8").splitlines() if "=" in line)
    assert entry["Name"] == "党员积分"
    assert Path(entry["Icon"]).is_file()
    assert Path(entry["Path"]).is_dir()
    words = split(entry["Exec"])
    assert words[1:] == ["-I", "-B", "-m", "xl_jifen", "desk", "%f"]
    assert Path(words[0]).is_file()
    if shutil.which("desktop-file-validate"):
        checked = subprocess.run(["desktop-file-validate", icons[0]], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout


def split(value: str) -> list[str]:
    """The words of ``Exec`` as a desktop reads them: escapes of the value, then quotes, then ``%%``."""
    text = re.sub(r"\\(.)", r"\1", value)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") if quoted else bare for quoted, bare in words]


@pytest.mark.slow
def test_a_damaged_bundle_is_not_set_up(
    bundle: Path, desk_of_a_user: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "python/lib/python3.12/os.py").write_bytes(b"else")
    monkeypatch.setattr(install.install, "__defaults__", (bundle,))
    assert install.main([]) == 2
    assert "便携版的文件不完整（python/lib/python3.12/os.py）" in capsys.readouterr().out
    assert not (desk_of_a_user / ".local").exists()


def test_the_running_copy_does_not_delete_itself(desk_of_a_user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(install.home() / "python/bin/python3"))
    with pytest.raises(placing.InTheWay, match="sh 卸载"):
        install.undo()


@pytest.mark.slow
def test_a_home_without_named_folders_uses_the_usual_ones(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "别处"))
    install.install(bundle)
    assert (tmp_path / "home/桌面/xl-jifen.desktop").is_file()
    assert (tmp_path / "别处/applications/xl-jifen.desktop").is_file()
    assert (tmp_path / "home/文档/党员积分/党员积分.xlsx").is_file()
