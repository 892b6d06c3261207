"""What a spreadsheet program makes of the very things the ribbon writes (真机检查): tried in a new book of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_jifen import layout
from xl_jifen.excel.live.comvalue import DAYS_TO_1904, cell_of, cells_in
from xl_jifen.excel.live.ranges import values_of
from xl_jifen.finding import JifenError
from xl_jifen.grid import CellError, Range

if TYPE_CHECKING:
    import xlwings as xw


class Line(NamedTuple):
    """One thing looked at: fine (True), not (False) or just so (None); its name, and words."""

    fine: bool | None
    name: str
    words: str

    def __str__(self) -> str:
        return f"{ {True: '√', False: '×', None: '·'}[self.fine] } {self.name}：{self.words}"


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
    return cells_in(sheet.range("A1:C3").raw_value)


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
    return values_of(sheet.api, Range(1, 1, 1, 1))[0][0]


def _general_again(sheet: xw.Sheet) -> object:
    cell: Any = sheet.range("A1").api
    cell.NumberFormat = "@"
    cell.Value2 = "3-4"
    cell.NumberFormat = "General"
    return [cell.NumberFormat, values_of(sheet.api, Range(1, 1, 1, 1))[0][0]]


def _together(sheet: xw.Sheet) -> object:
    api: Any = sheet.api
    api.Range("A1,C1").NumberFormat = "@"
    return [api.Range(cell).NumberFormat for cell in ("A1", "B1", "C1")]


def _different(sheet: xw.Sheet) -> object:
    """What tells a column of times among columns of numbers."""
    api: Any = sheet.api
    api.Range("A1").NumberFormat, api.Range("C1").NumberFormat = "h:mm", "General"
    return api.Range("A1,C1").NumberFormat is None


def _shown_as(number: float, code: str) -> Callable[[xw.Sheet], object]:
    def act(sheet: xw.Sheet) -> object:
        cell: Any = sheet.range("A1").api
        cell.NumberFormat = code
        cell.Value2 = number
        return values_of(sheet.api, Range(1, 1, 1, 1))[0][0]

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
    Case("几块区域的格式不同时不答", _different, True),
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


def live() -> Iterator[str]:
    """The table of the real program, line by line; one sentence where there is none."""
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
