"""What works on this machine (体检), as lines a user can send back: parts installed, Excel and WPS, rights.

With ``live``, what a spreadsheet program makes of the very things the ribbon writes, in a new book of a program of its
own. Reads the registry, installed packages and workbooks; changes nothing but a file it removes again.
"""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_jifen import __version__, layout
from xl_jifen.disk import assets
from xl_jifen.disk.refusal import reason
from xl_jifen.excel.live.comvalue import DAYS_TO_1904, cell_of
from xl_jifen.excel.live.open_book import values_of
from xl_jifen.finding import JifenError
from xl_jifen.grid import CellError

if TYPE_CHECKING:
    import xlwings as xw

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


class Line(NamedTuple):
    """One thing looked at: fine (True), not (False) or just so (None); its name, and words."""

    fine: bool | None
    name: str
    words: str

    def __str__(self) -> str:
        return f"{ {True: '√', False: '×', None: '·'}[self.fine] } {self.name}：{self.words}"


def report(*, live: bool) -> Iterator[str]:
    """The lines, as they come; with ``live`` also the table of the real program."""
    yield f"xl-jifen {__version__} 体检（√ 正常　× 有问题　· 供参考），可以整段复制发给维护者"
    for line in (*_python(), *_parts(), *_fonts(), *_programs(), *_workbooks(), *_rights()):
        yield str(line)
    if live:
        yield ""
        yield from _live()


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
        yield Line(True if found else False if wanted else None, name, f"{found or '没有安装'}（{purpose}）")


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


# -- the program --------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """What to do on an empty sheet, and what must come of it; ``expected`` None: just to know."""

    name: str
    act: Callable[[xw.Sheet], object]
    expected: object


def _as_text(text: str) -> Callable[[xw.Sheet], object]:
    def act(sheet: xw.Sheet) -> object:
        cell = sheet.range("A1")
        cell.number_format = "@"
        cell.value = text
        return cell_of(cell.raw_value)

    return act


def _typed(value: object, shown: str = "") -> Callable[[xw.Sheet], object]:
    def act(sheet: xw.Sheet) -> object:
        cell = sheet.range("A1")
        if shown:
            cell.number_format = shown
        cell.value = value
        return cell_of(cell.raw_value)

    return act


def _block(sheet: xw.Sheet) -> object:
    sheet.range("A1:A3").number_format = "@"
    sheet.range("C1:C3").number_format = "yyyy-mm-dd"
    sheet.range("A1:C3").value = [["001", 2.5, date(2026, 3, 5)], ["3-4", None, None], [None, 0.0, date(2026, 12, 31)]]
    return [[cell_of(value) for value in row] for row in sheet.range("A1:C3").raw_value]


def _sum(sheet: xw.Sheet) -> object:
    sheet.range("A1:A3").number_format = "@"
    sheet.range("A1:B3").value = [["7", 1.5], ["8", 4.0], ["7", 2.0]]
    sheet.range("C1").value = '=ROUND(SUMIFS($B$1:$B$3,$A$1:$A$3,"7"),2)'
    return cell_of(sheet.range("C1").raw_value)


def _cleared(sheet: xw.Sheet) -> object:
    cell = sheet.range("A1")
    cell.number_format = "@"
    cell.value = "旧"
    cell.value = None
    sheet.range("B1").value = "=COUNTA(A1)"
    return [cell_of(cell.raw_value), cell_of(sheet.range("B1").raw_value)]


def _added(sheet: xw.Sheet) -> object:
    listed: Any = sheet.book.api.Worksheets
    added = listed.Add(listed(1))
    added.Name = layout.FINDINGS_SHEET
    return listed(1).Name


def _beside_a_hidden_one(sheet: xw.Sheet) -> object:
    """A macro workbook ends in very hidden sheets: adding one must not need to move those."""
    listed: Any = sheet.book.api.Worksheets
    last = listed.Add(listed(1))
    last.Visible = VERY_HIDDEN
    try:
        added = listed.Add(last)
        return added.Index == last.Index - 1
    finally:
        last.Visible = VISIBLE


def _currency(sheet: xw.Sheet) -> object:
    cell: Any = sheet.range("A1").api
    cell.Value2 = MANY_DIGITS
    cell.NumberFormat = "￥#,##0"
    return cell_of(values_of(cell)[0][0])


def _general_again(sheet: xw.Sheet) -> object:
    cell: Any = sheet.range("A1").api
    cell.NumberFormat = "@"
    cell.Value2 = "3-4"
    cell.NumberFormat = "General"
    return [cell.NumberFormat, cell_of(values_of(cell)[0][0])]


def _together(sheet: xw.Sheet) -> object:
    api: Any = sheet.api
    api.Range("A1,C1").NumberFormat = "@"
    return [api.Range(cell).NumberFormat for cell in ("A1", "B1", "C1")]


def _shown_as(number: float, code: str) -> Callable[[xw.Sheet], object]:
    def act(sheet: xw.Sheet) -> object:
        cell: Any = sheet.range("A1").api
        cell.NumberFormat = code
        cell.Value2 = number
        return cell_of(values_of(cell)[0][0])

    return act


def _of_1904(sheet: xw.Sheet) -> object:
    """A workbook that counts days from 1904, as old ones of the Mac do."""
    book: Any = sheet.book.api
    book.Date1904 = True
    try:
        return _shown_as(46100.0 - DAYS_TO_1904, "yyyy-mm-dd")(sheet)
    finally:
        book.Date1904 = False


def _array(sheet: xw.Sheet) -> object:
    """Texts of over 255 characters within a block."""
    sheet.range("A1:A2").value = [[LONG], [LONG]]
    return [cell_of(value) for (value,) in sheet.range("A1:A2").raw_value] == [LONG, LONG]


def _copied(sheet: xw.Sheet) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "备份.xlsx"
        sheet.book.api.SaveCopyAs(str(path))
        return path.stat().st_size > 0


def _settings(sheet: xw.Sheet) -> object:
    app = sheet.book.app
    before = app.calculation
    app.calculation = "manual"
    changed = app.calculation
    app.calculation = before
    return [changed, app.calculation == before]


def _state(sheet: xw.Sheet) -> object:
    app: Any = sheet.book.app
    states = (app.api.Ready, sheet.api.ProtectContents, sheet.api.FilterMode, sheet.book.api.ProtectStructure)
    return [bool(state) for state in states]


def _under_a_filter(sheet: xw.Sheet) -> object:
    sheet.range("A1:B4").value = [["列", "值"], [1, None], [2, None], [1, None]]
    sheet.range("A1:B4").api.AutoFilter(1, "1")
    sheet.range("B2:B4").value = [["甲"], ["乙"], ["丙"]]
    sheet.api.AutoFilterMode = False
    return [cell_of(value) for (value,) in sheet.range("B2:B4").raw_value]


LONG = "提" * 300
MANY_DIGITS = 123456789.123456
VISIBLE, VERY_HIDDEN = -1, 2
CASES = (
    Case("文本 001", _as_text("001"), "001"),
    Case("18 位身份证号", _as_text("110101199001011234"), "110101199001011234"),
    Case("文本 3-4", _as_text("3-4"), "3-4"),
    Case("文本 1月", _as_text("1月"), "1月"),
    Case("文本 =1+1", _as_text("=1+1"), "=1+1"),
    Case("300 字的文本", _as_text(LONG), LONG),
    Case("整块写入 300 字的文本", _array, True),
    Case("9000 字的文本", _as_text(LONG * 30), LONG * 30),
    Case("数字 2.5", _typed(2.5), 2.5),
    Case("15 位整数", _typed(123456789012345.0), 123456789012345),
    Case("日期", _typed(date(2026, 3, 5), "yyyy-mm-dd"), date(2026, 3, 5)),
    Case("1900 年的日期", _typed(59.0, "yyyy-mm-dd"), date(1900, 2, 28)),
    Case(
        "整块写入和读出", _block, [["001", 2.5, date(2026, 3, 5)], ["3-4", None, None], [None, 0, date(2026, 12, 31)]]
    ),
    Case("公式 SUMIFS", _sum, 3.5),
    Case("链接公式显示文字", _typed('=HYPERLINK("#\'3月\'!D7","3月!D7")'), "3月!D7"),
    Case("公式错误 #DIV/0!", _typed("=1/0"), CellError("#DIV/0!")),
    Case("公式错误 #N/A", _typed("=NA()"), CellError("#N/A")),
    Case("清空文本单元格", _cleared, [None, 0]),
    Case("新表排在前面", _added, "校验结果"),
    Case("很隐藏的表旁边能新建表", _beside_a_hidden_one, True),
    Case("货币格式不丢小数", _currency, MANY_DIGITS),
    Case("文本写好后改回常规仍是文本", _general_again, ["General", "3-4"]),
    Case("几块区域一次设格式", _together, ["@", "General", "@"]),
    Case("另存备份", _copied, True),
    Case("计算方式可切换可恢复", _settings, ["manual", True]),
    Case("状态可读取", _state, [True, False, False, False]),
    Case("筛选时整块写入", _under_a_filter, None),
    Case("常规格式写 1月", _typed("1月"), None),
    Case("常规格式写 3-4", _typed("3-4"), None),
    Case("星期格式 aaaa", _shown_as(46100.0, "aaaa"), date(2026, 3, 19)),
    Case("累计小时 [h]:mm", _shown_as(1.25, "[h]:mm"), None),
    Case("年月格式", _shown_as(46100.0, 'yyyy"年"m"月"'), date(2026, 3, 19)),
    Case("日期格式下的 -1", _shown_as(-1.0, "yyyy-mm-dd"), -1),
    Case("日期格式下的 2958466", _shown_as(2_958_466.0, "yyyy-mm-dd"), 2_958_466),
    Case("1904 年日期系统（应为 2026-03-19）", _of_1904, None),
)
"""What the ribbon relies on, and what it avoids but would be good to know."""


def outcomes(book: xw.Book) -> Iterator[Line]:
    """Each case on a cleared sheet of a book that nobody needs."""
    for case in CASES:
        sheet = book.sheets[0]
        started = time.perf_counter()
        try:
            sheet.clear()
            found: object = case.act(sheet)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        fine = None if case.expected is None else found == case.expected
        milliseconds = round(1000 * (time.perf_counter() - started))
        shown = f"{found!r}" if len(repr(found)) < 100 else f"{repr(found)[:60]}…"
        yield Line(fine, case.name, f"{shown}（{milliseconds} 毫秒）")


def _live() -> Iterator[str]:
    from xl_jifen.excel.live import program

    try:
        with program.scratch_book() as book:
            app: Any = book.app
            yield f"真机检查：{app.api.Name} {app.version}"
            lines = list(outcomes(book))
    except JifenError as error:
        yield f"真机检查没有做：{error}"
        return
    yield from map(str, lines)
    judged = [line.fine for line in lines]
    yield f"真机检查：{judged.count(True)} 项符合，{judged.count(False)} 项不符合。"
