"""What only Windows can do for us: its folders, shortcuts, registry and the dialog that asks for files.

All for the current user, without admin rights; PowerShell and Windows Script Host, often locked, are not needed.
"""

from __future__ import annotations

import ctypes
import winreg
from importlib import import_module
from pathlib import Path
from typing import Any

_DESKTOP, _DOCUMENTS = 0x10, 0x05
_MAX_PATH = 260
_CANCELLED = 0

OFFICE = r"Software\Microsoft\Office"
VERSIONS = ("16.0", "15.0", "14.0")
"""Excel 2016 and later, 2013, 2010."""
TRUSTED = r"Excel\Security\Trusted Locations\xl-jifen"


def desktop() -> Path:
    """The user's desktop, wherever it was moved to."""
    return _folder(_DESKTOP)


def documents() -> Path:
    """The user's documents, wherever they were moved to."""
    return _folder(_DOCUMENTS)


def _folder(number: int) -> Path:
    buffer = ctypes.create_unicode_buffer(_MAX_PATH)
    failed = ctypes.windll.shell32.SHGetFolderPathW(None, number, None, 0, buffer)
    if failed:
        raise OSError(failed, "SHGetFolderPathW")
    return Path(buffer.value)


def make_shortcut(path: Path, target: Path, arguments: str, words: str, folder: Path, icon: int) -> None:
    """A shortcut at ``path``; ``icon`` is a number in shell32.dll. Files dropped on it follow the arguments."""
    link, file = _link()
    link.SetPath(str(target))
    link.SetArguments(arguments)
    link.SetDescription(words)
    link.SetWorkingDirectory(str(folder))
    link.SetIconLocation(r"%SystemRoot%\System32\shell32.dll", icon)
    file.Save(str(path), 0)


def target_of(path: Path) -> Path:
    """Where a shortcut leads."""
    link, file = _link()
    file.Load(str(path))
    target, _ = link.GetPath(0)
    return Path(target)


def _link() -> tuple[Any, Any]:
    """A new shell link, and the same object as a file."""
    pythoncom, shell = import_module("pythoncom"), import_module("win32com.shell.shell")
    link = pythoncom.CoCreateInstance(shell.CLSID_ShellLink, None, pythoncom.CLSCTX_INPROC_SERVER, shell.IID_IShellLink)
    return link, link.QueryInterface(pythoncom.IID_IPersistFile)


def excel_versions() -> list[str]:
    """The versions of Excel this user has used or could use."""
    return [version for version in VERSIONS if _exists(rf"{OFFICE}\{version}\Excel")]


def trust(folder: Path, version: str) -> None:
    """Make a folder and those below it a trusted location (受信任位置) of one version of Excel."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{OFFICE}\{version}\{TRUSTED}") as key:
        winreg.SetValueEx(key, "Path", 0, winreg.REG_SZ, f"{folder}\\")
        winreg.SetValueEx(key, "AllowSubfolders", 0, winreg.REG_DWORD, 1)
        winreg.SetValueEx(key, "Description", 0, winreg.REG_SZ, "党员积分")


def trusts(version: str) -> bool:
    """Whether a version of Excel has our trusted location."""
    return _exists(rf"{OFFICE}\{version}\{TRUSTED}")


def distrust() -> int:
    """Take our trusted location away from every version; how many had it."""
    found = [version for version in VERSIONS if trusts(version)]
    for version in found:
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, rf"{OFFICE}\{version}\{TRUSTED}")
    return len(found)


def _exists(key: str) -> bool:
    try:
        winreg.OpenKey(winreg.HKEY_CURRENT_USER, key).Close()
    except OSError:
        return False
    return True


def ask_for_workbooks(title: str) -> list[Path]:
    """The workbooks a user picks; none if the dialog is closed."""
    win32gui, win32con = import_module("win32gui"), import_module("win32con")
    flags = win32con.OFN_EXPLORER | win32con.OFN_ALLOWMULTISELECT | win32con.OFN_FILEMUSTEXIST
    try:
        names, _, _ = win32gui.GetOpenFileNameW(
            Title=title, Filter="工作簿\0*.xlsx;*.xlsm\0", Flags=flags | win32con.OFN_NOCHANGEDIR, MaxFile=32_000
        )
    except win32gui.error as error:
        if error.winerror == _CANCELLED:
            return []
        raise
    folder, *files = names.rstrip("\0").split("\0")
    return [Path(folder, file) for file in files] or [Path(folder)]
