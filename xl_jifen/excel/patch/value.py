"""Values and the XML of one cell (单元格的值): how text, numbers and dates are written in ``<c>``, and read back.

It knows one cell at a time, and neither sheets nor packages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from xml.parsers import expat

from xl_jifen.excel.patch.markup import escape
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import LONGEST_TEXT

Value = str | int | float | Decimal | bool | date | None
"""What a cell may be set to. Text is never a formula; ``None`` and ``""`` clear the value and keep the style."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_EXACT = 10**15
"""Whole numbers below are written as such: a double holds them all."""


class Unwritable(ValueError):
    """A value no cell can hold; the message is the rest of a sentence that begins with the place."""


class Other:
    """What a patch never writes, so that nothing equals it: see ``FORMULA`` and ``OTHER``."""


FORMULA, OTHER = Other(), Other()
Stored = str | float | bool | date | Other | None


class Content(NamedTuple):
    """What a ``<c>`` or ``<si>`` holds: whether a formula, the ``<v>``, and the ``<t>`` of its runs joined."""

    formula: bool
    value: str
    text: str


def blank(value: Value) -> bool:
    """Whether the value clears a cell."""
    return value is None or value == ""


def same(old: Stored, value: Value, date1904: bool) -> bool:
    """Whether the stored value is that value: text as text, numbers as numbers."""
    if blank(value):
        return old is None
    if isinstance(value, bool) or isinstance(old, bool):
        return value is old
    if isinstance(value, str):
        return old == _one_break(value)
    if isinstance(value, date) and isinstance(old, date):
        return value == old
    return isinstance(old, float) and value is not None and old == _double(value, date1904)


def rest_of_cell(value: Value, date1904: bool, prefix: str) -> str:
    """What follows the style in a cell: its type, its value and the end tag. Raises Unwritable."""
    if value is None or value == "":
        return "/>"
    if isinstance(value, bool):
        return f' t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'
    if not isinstance(value, str):
        double = _double(value, date1904)
        if double - double != 0:
            raise Unwritable("的数不是有限的数，写不进单元格；请检查分值。")
        if double < 0 and isinstance(value, date):
            raise Unwritable("的日期早于 Excel 能表示的第一天；请检查日期。")
        number = str(int(double)) if -_EXACT < double < _EXACT and double.is_integer() else repr(double)
        return f"><{prefix}v>{number}</{prefix}v></{prefix}c>"
    return f' t="inlineStr"><{prefix}is>{text_xml(value, prefix)}</{prefix}is></{prefix}c>'


def text_xml(value: str, prefix: str = "") -> str:
    """A text as the ``<t>`` of a cell, a shared string or a run of one. Raises Unwritable."""
    text = _one_break(value)
    if 2 * len(text) > LONGEST_TEXT and len(text.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT:
        raise Unwritable(f"的文字超过 {LONGEST_TEXT} 个字，写不进一格；请缩短后再试。")
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
    coded = _LOOKS_ESCAPED.sub("_x005F_", text) if "_x" in text else text
    if not coded.isprintable():
        coded = _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", coded)
    return f"<{prefix}t{space}>{escape(coded)}</{prefix}t>"


def stored(kind: str, content: Content, shared_text: Callable[[int], str | None]) -> Stored:
    """The value of a cell of that type (its ``t``): FORMULA if computed, OTHER if an error or unreadable."""
    if content.formula:
        return FORMULA
    if kind == "inlineStr":
        return plain_text(content.text)
    if not content.value and kind != "str":
        return None
    try:
        if kind == "s":
            shared = shared_text(int(content.value))
            return OTHER if shared is None else plain_text(shared)
        if kind == "str":
            return plain_text(content.value)
        if kind == "b":
            return content.value.strip() in ("1", "true")
        if kind == "d":
            moment = datetime.fromisoformat(content.value)
            return moment if moment.time() != moment.time().min else moment.date()
        return float(content.value) if kind == "n" else OTHER
    except ValueError:
        return OTHER


def content_of(xml: bytes) -> Content:
    """What a ``<c>`` or ``<si>`` element holds, phonetic guides left out."""
    formula, phonetic, inside = False, 0, ""
    value: list[str] = []
    text: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal formula, phonetic, inside
        inside = name.rpartition(":")[2]
        formula = formula or inside == "f"
        phonetic += inside == "rPh"

    def end(name: str) -> None:
        nonlocal phonetic, inside
        phonetic -= name.rpartition(":")[2] == "rPh"
        inside = ""

    def characters(found: str) -> None:
        if inside == "v":
            value.append(found)
        elif inside == "t" and not phonetic:
            text.append(found)

    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise CannotWrite("工作簿的单元格内容已损坏，没有写入；请用 Excel 打开修复并另存后再试。") from None
    return Content(formula, "".join(value), "".join(text))


def plain_text(coded: str) -> str:
    """Text as a cell shows it, from the form with ``_xHHHH_``."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), coded) if "_x" in coded else coded


def _one_break(text: str) -> str:
    """Text with the one line break cells have."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _double(value: int | float | Decimal | date | str, date1904: bool) -> float:
    """A number or a date as the double Excel stores."""
    try:
        return float(_serial(value, date1904) if isinstance(value, date) else value)
    except OverflowError:
        return float("inf")


def _serial(value: date, date1904: bool) -> float:
    moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    days = (moment - (datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30))) / timedelta(days=1)
    # Excel's 1900 was a leap year: days before its 29 February count one less.
    return days - 1 if not date1904 and days < 61 else days
