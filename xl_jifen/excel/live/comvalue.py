"""Values as they travel through COM (单元格的值): of the open book and the worksheet functions as cells, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from xl_jifen.excel.read.values import FIRST_DAYS
from xl_jifen.grid import Cell, CellError

ERRORS = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
"""Excel's error numbers (XlCVError)."""

FIRST_ERROR, LAST_ERROR = 2000, 2099
ERROR_BASE = -2146828288
"""What COM adds to them: VT_ERROR, 0x800A0000."""


DAY_ZERO = date(1899, 12, 30)
"""The day whose serial number is 0, for days from 1900-03-01 on."""

DAYS = 2_958_466
"""The number behind the last day of Excel, 9999-12-31."""

DAYS_TO_1904 = 1462
"""What the numbers of a workbook that counts from 1904 are behind."""


def handed(rows: Iterable[Sequence[Cell]], *, from_1904: bool) -> list[list[Any]]:
    """Rows of cells as they travel: days as the numbers Excel keeps, whole numbers of any size as floats."""

    def raw(cell: Cell) -> Any:
        if isinstance(cell, date):
            days = (date(cell.year, cell.month, cell.day) - DAY_ZERO).days
            return float(days - DAYS_TO_1904 if from_1904 else days)
        return float(cell) if isinstance(cell, int) else cell

    return [list(map(raw, row)) for row in rows]


def cells_in(raw: Any) -> list[list[Cell]]:
    """The cells of a range's raw values, as rows; the value of a single cell comes as it is."""
    return [list(map(cell_of, row)) for row in raw] if isinstance(raw, list | tuple) else [[cell_of(raw)]]


def put_days(rows: Sequence[list[Any]], raw: Any) -> None:
    """Put the days that ``Value`` tells in the place of the numbers behind them."""
    for row, told in zip(rows, raw if isinstance(raw, list | tuple) else [[raw]], strict=True):
        for at, moment in enumerate(told):
            if isinstance(moment, datetime) and FIRST_DAYS <= row[at] < DAYS:
                row[at] = _moment(moment)


def cell_of(raw: Any) -> Cell:
    """The cell of a raw value: errors come as integers, numbers as float, currency as Decimal, dates with a time zone.

    Whole numbers become int and midnights dates, as in a closed file.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, datetime):
        return _moment(raw)
    if isinstance(raw, bool | str | date | time | CellError):
        return raw
    if isinstance(raw, int):
        code = raw - ERROR_BASE
        return CellError(ERRORS.get(code, f"#{code}")) if FIRST_ERROR <= code <= LAST_ERROR else raw
    if isinstance(raw, float | Decimal):
        number = float(raw)
        return int(number) if number.is_integer() and abs(number) < 10**15 else number
    return str(raw)


def _moment(raw: datetime) -> Cell:
    """A date, a time, or both, to the millisecond; the days before 1900-03-01 are those Excel shows."""
    moment = datetime(*raw.timetuple()[:6]) + timedelta(milliseconds=round(raw.microsecond / 1000))
    if moment < datetime(1899, 12, 31):
        return moment.time()
    if moment < datetime(1900, 2, 28):
        moment += timedelta(days=1)
    return moment if moment.time() != datetime.min.time() else moment.date()
