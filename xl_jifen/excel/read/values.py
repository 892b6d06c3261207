"""What the content of a cell means: numbers, dates, texts, truth values, errors, pictures. Knows formats, no sheet."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from xl_jifen.budget import Budget
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.xml import Odd
from xl_jifen.finding import CannotRead
from xl_jifen.grid import LONGEST_TEXT, Cell, CellError

NOT_COMPUTED = CellError("未计算的公式")
"""A formula whose result no program has stored yet: not a blank, and no number either."""

PICTURE = "（图片）"
"""A picture placed inside a cell: to Excel the error #VALUE! with a rich value, a formula DISPIMG of WPS or IMAGE."""

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?").fullmatch
_TRUTH = {"1": True, "true": True, "0": False, "false": False}
_SPACES = " \t\r\n"
_WRAPPED = r'(?:[\s+@]|_+[a-z]+\.|(?:IFERROR|SINGLE|DUMMYFUNCTION)\s*+\(\s*+"?)*+'  # as Google and newer Excel do
_PICTURE = rf"(?i){_WRAPPED}(?:DISPIMG|IMAGE)\s*\("  # these are compiled when first asked
_PICTURE_WITHIN = r"(?i)(?<![\w.])(?:_+[a-z]+\.)*+(?:DISPIMG|IMAGE)\s*\("
_TAKEN = r"(?i)[@+]?(?:_xlfn\.)*(?:INDEX|[XVH]?LOOKUP|IF|IFS|IFERROR|CHOOSE|OFFSET|INDIRECT)\(.*|[\w!$:' ]*"
"""What takes a picture out of another cell; of any other formula a rich value is an error, such as #CALC!."""
_HYPERLINK = r'(?i)[\s+@]*+HYPERLINK\s*+\(\s*+"((?:[^"]|"")++)"\s*+[,)]'
_ESCAPE = "_x([0-9A-Fa-f]{4})_"
_LITERALS = r'general|"[^"]*"?|[\\!_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]'
_LASTING = r"\[(?:h+|m+|s+)\]"
_DATE_FORMATS = {str(number) for number in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
"""The built-in ones, with those of the Chinese versions (27-36, 50-58)."""
_TIME_FORMATS = {str(number) for number in (*range(18, 22), *range(32, 36), 45, 47, 55, 56)}
"""Those of them that show no day."""
FIRST_DAYS = 61
"""Numbers below are days before March 1900, which nobody means."""
_LASTING_FORMAT = "46"
"""The built-in ``[h]:mm:ss``."""


class Linked(str):
    """A text that a formula HYPERLINK shows, and the address in it that it leads to (``target``)."""

    target: str

    @staticmethod
    def by(formula: str, text: str) -> str:
        """The text of a formula; a plain one where the formula gives no address in so many words."""
        if not (found := re.match(_HYPERLINK, formula)):
            return text
        linked = Linked(text)
        linked.target = found[1].replace('""', '"')
        return linked


class Values:
    """The texts, formats and date system of one workbook, by which the content of its cells is understood."""

    def __init__(
        self,
        strings: Sequence[str | None],
        formats: Sequence[str],
        date1904: bool,
        budget: Budget,
        *,
        linked: bool = False,
    ) -> None:
        self.strings, self.budget = strings, budget
        self._formats, self._date1904, self._linked = formats, date1904, linked

    def of(
        self,
        kind: str,
        style: str,
        content: str | None,
        inline: str | None = None,
        *,
        formula: str | None = None,
        rich: bool = False,
    ) -> Cell:
        """A cell of type ``t``, format ``s``, value ``v`` and text ``is``, and what its formula says if it has one.

        ``rich`` is a cell with a rich value of its own, no array's. Texts are as XML has them, without ``_x000D_``
        undone. Raises Odd.
        """
        if style and not (style.isascii() and style.isdigit()):
            raise Odd("有无法识别的单元格")
        if formula is not None and is_picture(formula, failed=kind == "e" or (content or "").startswith("=")):
            return PICTURE
        if inline:  # beside a value, or in a cell that is no text, some programs show it
            if content:
                raise Odd("里有一格既写着值又写着文字")
            if kind not in ("inlineStr", "str"):
                raise Odd("里有一格的文字写在数字的位置")
        if inline is not None:
            return self.text(inline) or None
        raw = content or ""
        if kind not in ("str", "inlineStr"):
            raw = raw.strip(_SPACES)
        if not raw:  # "str": the formula gave an empty text
            return NOT_COMPUTED if formula is not None and kind != "str" else None
        if kind in ("", "n"):
            return self.number(raw, style)
        if kind == "s":
            return self.shared(raw)
        if kind == "b" and raw in _TRUTH:
            return _TRUTH[raw]
        if kind == "e":
            taken = rich and (formula is None or re.fullmatch(_TAKEN, formula))
            return PICTURE if taken else CellError(self.text(raw))
        if kind == "d":
            try:
                return _day_or_moment(datetime.fromisoformat(raw).replace(tzinfo=None))
            except ValueError:
                return self.text(raw)  # for the reader of the sheet to judge
        if kind in ("str", "inlineStr"):
            text = self.text(raw)
            return Linked.by(formula, text) if self._linked and formula else text
        raise Odd("有无法识别的单元格类型")

    def shared(self, number: str) -> str | None:
        """The shared string of that number. Raises Odd if there is none."""
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else len(self.strings)
        if index >= len(self.strings):
            raise Odd("引用了不存在的文字(共享字符串)")
        return self.strings[index]

    def text(self, text: str) -> str:
        """The text that ``text`` stands for, as :func:`text_of` has it."""
        return text_of(text, self.budget)

    def number(self, raw: str, style: str | bytes | None) -> Cell:
        """A number of that format, if it is one: a date where the format shows one. Raises Odd."""
        number: float
        if len(raw) <= 15 and raw.isascii() and raw.removeprefix("-").isdigit():
            number = int(raw)
        else:
            number = float(raw) if _NUMBER(raw) else math.nan
            if not math.isfinite(number):
                raise Odd("有无法识别的数字")
        at = int(style or 0)
        return _as_shown(number, self._formats[at] if at < len(self._formats) else "", self._date1904)


def is_picture(formula: str, *, failed: bool = False) -> bool:
    """Whether a formula, without its ``=``, puts a picture into the cell.

    ``failed`` is one whose value is an error, or the formula as text: then a picture may stand anywhere in it.
    """
    if re.match(_PICTURE, formula):
        return True
    return failed and re.search(_PICTURE_WITHIN, re.sub('"[^"]*"', "", formula)) is not None


def under_format(number: float, code: str) -> Cell:
    """What a number means under the number format ``code``: a day, a time, hours that go on counting, or itself."""
    return _as_shown(number, _shown("", code), date1904=False)


def _as_shown(number: float, shows: str, date1904: bool) -> Cell:
    if shows in (LASTING, MINUTES):
        return _duration(number, shows)
    if shows == TIME and 0 <= number < FIRST_DAYS:
        number %= 1
    return _moment(number, date1904) if shows else number


DAY, TIME, LASTING, MINUTES = "day", "time", "lasting", "minutes"
"""What a cell format shows: a date; a time of day; hours, or minutes, that go on counting (``[h]:mm``, ``[mm]:ss``)."""


def formats_of(package: Package, part: str) -> list[str]:
    """For each cell format of styles.xml, DAY, TIME, LASTING, MINUTES, or empty for any other."""
    codes: dict[str, str] = {}
    formats: list[str] = []
    for element, attributes in package.elements(part, "styleSheet/numFmts/numFmt", "styleSheet/cellXfs/xf"):
        number = attributes.get("numFmtId", "")
        if element == "xf":
            formats.append(number)
        else:
            codes.setdefault(number, attributes.get("formatCode", ""))
    return [_shown(number, codes.get(number)) for number in formats]


def _shown(number: str, code: str | None) -> str:
    if code is None:
        if number == _LASTING_FORMAT:
            return LASTING
        if number in _TIME_FORMATS:
            return TIME
        return DAY if number in _DATE_FORMATS else ""
    letters = re.sub(_LITERALS, "", code.lower())  # outside quotes, escapes, colours and locales
    if lasting := re.search(_LASTING, letters):
        return MINUTES if "m" in lasting[0] else LASTING
    if re.search("[dy]|aaa", letters) or ("m" in letters and not re.search("[hs]", letters)):
        return DAY
    return TIME if re.search("[hs]|上午", letters) else ""


def _moment(serial: float, date1904: bool) -> Cell:
    """What a serial number means under a date format; a number that Excel could only show as ##### stays one."""
    days, part = divmod(serial, 1)
    try:
        rest = timedelta(milliseconds=round(part * 86_400_000))
        if 0 <= serial < 1 and not date1904:
            return (datetime.min + rest).time()
        day_zero = datetime(1899, 12, 31 if days < 60 else 30)  # no 1900-02-29
        first = datetime(1904, 1, 1) if date1904 else day_zero
        moment = first + timedelta(days) + rest
    except OverflowError:
        return serial
    return serial if serial < 0 else _day_or_moment(moment)


def _day_or_moment(moment: datetime) -> date:
    return moment if moment.time() != time.min else moment.date()


def _duration(days: float, shows: str) -> Cell:
    """``36:00`` or ``36:00:05``: the text that a format of hours and more shows; a negative number stays one."""
    if not 0 <= days < 10_000_000:
        return days
    minutes, seconds = divmod(round(days * 86_400), 60)
    if shows == MINUTES:
        return f"{minutes}:{seconds:02}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def text_of(text: str, budget: Budget) -> str:
    """A text whose ``_x000D_`` notation is undone; what may not stand in XML stays. Raises CannotRead if too long."""
    budget.draw("letters", len(text))
    if "_x" in text:
        text = re.sub(_ESCAPE, _character, text)
    if len(text) > LONGEST_TEXT:
        raise CannotRead(f"“{budget.name}”里有一格的文字超过 {LONGEST_TEXT} 字；请改短后再试。")
    return text


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1], 16)
    return chr(code) if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else escape[0]
