"""What works on this machine (体检), as lines a user can send back: parts installed, Excel and WPS, rights.

With ``live`` also what the spreadsheet program makes of our cells (``trial``). Reads the registry, installed packages
and workbooks; changes nothing but a file it removes again.
"""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from xl_jifen import __version__
from xl_jifen.disk import assets
from xl_jifen.disk.refusal import reason
from xl_jifen.doors import trial
from xl_jifen.doors.trial import Line
from xl_jifen.finding import JifenError

if TYPE_CHECKING:
    pass

PARTS = {
    "openpyxl": "核对改存过的副本",
    "XlsxWriter": "绘制结果表",
    "chinesecalendar": "法定节假日",
    "typst": "PDF 和长图",
    "pillow": "长图",
    "fonttools": "检查字体缺字",
    "segno": "核验码",
    "xlwings": "Excel 功能区和工作表函数",
}
"""Distributions and what they are for."""

PROGRAMS = {
    "Excel": (r"Excel.Application\CurVer", r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"),
    "WPS 表格": (r"ket.Application\CurVer", r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\et.exe"),
}
"""Where Windows' registry tells the version (below HKEY_CLASSES_ROOT) and the path (below HKEY_LOCAL_MACHINE)."""

SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
MACROS = {1: "全部启用", 2: "禁用并通知（打开时点“启用内容”）", 3: "只启用签名的宏", 4: "全部禁用，按钮不能用"}
"""VBAWarnings, below ``SECURITY``."""
MACROS_OFF = 4

NOT_WINDOWS = "本机不是 Windows；请关闭文件后用 xl-jifen recalc 文件，效果与按钮相同"
VBA_VERSION = re.compile(rb"'Version: ([0-9.]+)")
MOST_WORKBOOKS = 20


def report(*, live: bool) -> Iterator[str]:
    """The lines, as they come; with ``live`` also the table of the real program."""
    yield f"xl-jifen {__version__} 体检（√ 正常　× 有问题　· 供参考），可以整段复制发给维护者"
    for line in (*_python(), *_parts(), *_fonts(), *_programs(), *_workbooks(), *_rights()):
        yield str(line)
    if live:
        yield ""
        yield from trial.live()


def keep(lines: Sequence[str], folder: Path, now: datetime) -> Path:
    """The lines as one file that can be sent back, in that folder. Raises CannotWrite."""
    from xl_jifen.disk.save import write_new

    path = folder / f"体检报告 {now:%Y%m%d-%H%M%S}.txt"
    return write_new(path, "\r\n".join((*lines, "")).encode("utf-8-sig"))


# -- this machine -------------------------------------------------------------------------------------------------


def _python() -> Iterator[Line]:
    yield Line(None, "系统", f"{platform.system()} {platform.release()} {platform.machine()}")
    fine = sys.version_info >= (3, 11)
    yield Line(fine, "Python", f"{platform.python_version()} {platform.architecture()[0]} {sys.executable}")


def _parts() -> Iterator[Line]:
    for name, purpose in PARTS.items():
        found = _version(name)
        wanted = name != "xlwings" or sys.platform == "win32"  # elsewhere there is no Excel to speak to
        yield Line(bool(found) or (False if wanted else None), name, f"{found or '没有安装'}（{purpose}）")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _fonts() -> Iterator[Line]:
    from xl_jifen.render import fonts

    try:
        yield Line(True, "字体", fonts.find().used().removeprefix("字体：").rstrip("。"))
    except ImportError:
        yield Line(False, "字体", "没有 typst，没有查看；请运行 pip install typst pillow fonttools")
    except JifenError as error:
        yield Line(False, "字体", str(error))


def _programs() -> Iterator[Line]:
    if sys.platform != "win32":
        yield Line(None, "Excel 和 WPS", NOT_WINDOWS)
        return
    for name, (version_key, path_key) in PROGRAMS.items():
        version, path = registered("HKEY_CLASSES_ROOT", version_key), registered("HKEY_LOCAL_MACHINE", path_key)
        found = " ".join(str(part) for part in (version, path) if part)
        yield Line(bool(found) if name == "Excel" else None, name, found or "没有找到")
    setting = registered("HKEY_CURRENT_USER", SECURITY, "VBAWarnings")
    words = MACROS.get(setting, str(setting)) if isinstance(setting, int) else "没有设置，按默认：禁用并通知"
    yield Line(setting != MACROS_OFF, "宏设置", words)


def registered(root: str, key: str, name: str = "") -> str | int | None:
    """A value of Windows' registry; None if it is not there."""
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(getattr(winreg, root), key) as opened:
            value, _ = winreg.QueryValueEx(opened, name)
    except OSError:
        return None
    return value if isinstance(value, str | int) else str(value)


def _workbooks() -> Iterator[Line]:
    """Whether xlwings and its module in the workbooks at hand are of one version: otherwise no button works."""
    installed = _version("xlwings")
    found: list[Path] = []
    with suppress(JifenError):
        found += assets.folder("workbook").glob("*.xlsm")
    found += islice(sorted(Path.cwd().glob("*.xlsm")), MOST_WORKBOOKS)
    for path in dict.fromkeys(found):
        version = vba_version(path)
        if version is None:
            yield Line(None, path.name, "没有本工具的宏")
        elif version == installed:
            yield Line(True, path.name, f"其中的 xlwings 宏 {version}，与安装的一致")
        elif installed is None and sys.platform != "win32":
            yield Line(None, path.name, f"其中的 xlwings 宏 {version}；按钮只在 Windows 的 Excel 里能用")
        else:
            yield Line(False, path.name, f"其中的 xlwings 宏 {version}，安装的是 {installed or '无'}；两者须一致")


def vba_version(path: Path) -> str | None:
    """The version of the xlwings module in a macro workbook; None if it has none or cannot be read."""
    try:
        with zipfile.ZipFile(path) as book:
            project = book.read("xl/vbaProject.bin")
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    # A module begins with the byte 1 and the head of a compressed chunk, and the version stands in its first lines.
    for start in re.finditer(rb"(?=\x01.[\xb0-\xbf])", project, re.DOTALL):
        if match := VBA_VERSION.search(_first_chunk(project, start.start() + 1)):
            return match[1].decode()
    return None


def _first_chunk(data: bytes, start: int) -> bytes:
    """The first chunk of a compressed VBA source, up to 4096 bytes ([MS-OVBA] 2.4.1.3)."""
    end = min(len(data), start + (int.from_bytes(data[start : start + 2], "little") & 0xFFF) + 3)
    text, position = bytearray(), start + 2
    while position < end:
        flags, position = data[position], position + 1
        for bit in range(8):
            if position >= end:
                break
            if not flags >> bit & 1:
                text.append(data[position])
                position += 1
                continue
            token = int.from_bytes(data[position : position + 2], "little")
            position += 2
            bits = max((len(text) - 1).bit_length(), 4)
            distance = (token >> (16 - bits)) + 1
            if distance > len(text):
                return bytes(text)
            for _ in range((token & (0xFFFF >> bits)) + 3):
                text.append(text[-distance])
    return bytes(text)


def _rights() -> Iterator[Line]:
    folder = Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        yield Line(True, "写入权限", f"可以在“{folder}”中保存文件")
    except OSError as error:
        yield Line(False, "写入权限", f"不能在“{folder}”中保存文件（{reason(error)}）；请换到自己的文件夹")
