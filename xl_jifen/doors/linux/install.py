"""Sets the bundle up for the current user of a Linux desktop (安装), or with ``--undo`` takes exactly that away (卸载).

No root: the program goes to the user's own share folder, one icon 党员积分 to menu and desktop. Workbooks are never
touched. What stands in the way is one plain sentence and exit code 2.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from xl_jifen import __version__
from xl_jifen.doors.placing import WORKBOOKS, InTheWay, discard, done, replace, told, verify

BUNDLE = Path(sys.executable).parents[2]
WORKBOOK = "党员积分.xlsx"
ICON = "xl-jifen.svg"
NAME = "xl-jifen.desktop"
"""The file of the icon; what people read under it is its ``Name``."""

ENTRY = """[Desktop Entry]
Type=Application
Version=1.0
Name=党员积分
Comment=打开工作台：点开，或把工作簿拖到这里
Exec={python} -I -B -m xl_jifen desk %f
Path={folder}
Icon={icon}
Terminal=false
Categories=Office;
MimeType=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;application/vnd.ms-excel.sheet.macroEnabled.12;
"""
"""A desktop entry (freedesktop.org, Desktop Entry Specification 1.5)."""

NOT_FROM_ITSELF = "正在运行的这一份不能删除自己；请在便携版文件夹里运行 sh 卸载.sh。"


def main(arguments: list[str]) -> int:
    """Set up, or undo it; the exit code."""
    return told(undo if "--undo" in arguments else install)


def share() -> Path:
    """The user's own share folder (XDG Base Directory)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def home() -> Path:
    """Where the program goes."""
    return share() / "xl-jifen"


def user_folder(name: str, usual: str) -> Path:
    """A folder of the user's by its name in ``user-dirs.dirs`` (xdg-user-dirs), whatever language it is called in."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    with suppress(OSError):
        text = (config / "user-dirs.dirs").read_text(encoding="utf-8")
        if found := re.search(rf'^XDG_{name}_DIR="(?:\$HOME/)?(.*)"', text, re.MULTILINE):
            return Path.home() / found[1]
    return Path.home() / usual


def install(bundle: Path = BUNDLE) -> None:
    """Everything, in an order that leaves what was there in use until the new one is complete."""
    print(f"安装党员积分便携版 {__version__}：只为当前用户，不需要管理员权限。")
    done(f"文件完整（{verify(bundle)} 个）")
    python = home() / "python"
    home().mkdir(parents=True, exist_ok=True)
    if bundle != home():
        replace(python, bundle / "python")
        (python / "bin" / "python3").chmod(0o755)
        shutil.copyfile(bundle / ICON, home() / ICON)
    done(f"程序在 {python}")
    folder = user_folder("DOCUMENTS", "文档") / WORKBOOKS
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / WORKBOOK).exists():
        shutil.copyfile(bundle / WORKBOOK, folder / WORKBOOK)
    done(f"工作簿放在 {folder}，里面有一份空白的“{WORKBOOK}”")
    for path in entries():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(entry(python / "bin" / "python3", folder), encoding="utf-8")
        path.chmod(0o755)
        with suppress(OSError):  # some desktops ask before the first start of an icon that is not marked so
            subprocess.run(["gio", "set", str(path), "metadata::trusted", "true"], capture_output=True, check=False)
    done("菜单和桌面上有了“党员积分”：点开，或把工作簿拖到上面")
    print("安装完成。")


def undo() -> None:
    """Take away the icon and the program."""
    if Path(sys.executable).is_relative_to(home()):
        raise InTheWay(NOT_FROM_ITSELF)
    discard(home() / "python")
    (home() / ICON).unlink(missing_ok=True)
    with suppress(OSError):
        home().rmdir()
    done("程序已删除")
    for path in entries():
        path.unlink(missing_ok=True)
    done("菜单和桌面上的“党员积分”已删除")
    print("卸载完成；您的工作簿都没有动。")


def entries() -> tuple[Path, Path]:
    """The icon in the menu and the one on the desktop."""
    return share() / "applications" / NAME, user_folder("DESKTOP", "桌面") / NAME


def entry(python: Path, folder: Path) -> str:
    """The icon's file for a program and the folder it starts in."""
    return ENTRY.format(python=quoted(str(python)), folder=escaped(str(folder)), icon=escaped(str(home() / ICON)))


def escaped(value: str) -> str:
    """A text as a value of a desktop entry."""
    return value.replace("\\", "\\\\")


def quoted(argument: str) -> str:
    """One argument of ``Exec``: quoted for the command, then escaped as a value; ``%`` begins a field code."""
    inner = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return escaped(f'"{inner}"')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
