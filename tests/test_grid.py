"""Plain cells: how texts are compared, which signs count as not there, and what a cell says as text, number, day."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction

import pytest

from xl_jifen.grid import (
    Cell,
    CellError,
    Range,
    as_date,
    as_number,
    as_text,
    is_filler,
    name_key,
    range_of,
    seen,
    squeeze,
    unseen,
)

AT_ONCE = 4096
FILLERS = "\u115f\u1160\u3164\uffa0"


def every() -> Iterator[str]:
    return map(chr, range(sys.maxunicode + 1))


def changed(by: Callable[[str], str], before: Callable[[str], str] = str) -> Iterator[str]:
    """The characters that it changes between 党 and 员, which nothing combines with: looked for many at a time."""
    for first in range(0, sys.maxunicode + 1, AT_ONCE):
        some = [f"党{chr(first + n)}员" for n in range(AT_ONCE)]
        whole = before("".join(some))
        if by(whole) != whole:
            yield from (text[1] for text in some if by(before(text)) != before(text))


@pytest.mark.slow
def test_signs_that_cannot_be_seen_are_those_of_the_contract() -> None:
    """Category Cf, controls but line breaks and tabs, and four fillers; a newer Unicode may know a few more."""
    wanted = {c for c in every() if unicodedata.category(c) in ("Cf", "Cc") and c not in "\t\n\r"} | set(FILLERS)
    found = {*changed(seen)}
    assert wanted <= found
    assert {unicodedata.category(c) for c in found - wanted} <= {"Cn"}


@pytest.mark.parametrize(
    "text", ["👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "🏳\ufe0f\u200d🌈", "🙂\u200d↔\ufe0f", "一\n二\t三\r\n", "　 "]
)
def test_what_makes_an_emoji_or_a_line_stays(text: str) -> None:
    assert seen(text) == text
    assert unseen(text) == ()


def test_signs_are_named_once_each() -> None:
    assert unseen("\u200b张\u200b三\u200d四\U000e0041") == ("U+200B", "U+200D", "U+E0041")


@pytest.mark.parametrize(
    ("one", "other"),
    [("⻢", "马"), ("⾔", "言"), ("ＡＢ（１）", "AB(1)"), ("张　伟 ", "张\u200b伟"), ("⺟", "母"), ("•", "·")],
)
def test_what_looks_the_same_is_the_same(one: str, other: str) -> None:
    assert squeeze(one) == squeeze(other)


def test_a_full_stop_is_a_dot_in_names_only() -> None:
    assert name_key("买.买") == name_key("买·买") != squeeze("买.买")
    assert squeeze("加2.1") == "加2.1" != squeeze("加2·1")


@pytest.mark.slow
def test_the_form_of_comparison_is_its_own() -> None:
    """Of every single character: what is compared does not change when it is compared again."""
    assert [*changed(squeeze, before=squeeze)] == []


# ---- what a cell says ----


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 讲党课　", "讲党课"),
        (7, "7"),
        (7.0, "7"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 14, 30), "2026-03-05"),
        (CellError("#N/A"), "#N/A"),
    ],
)
def test_text(cell: Cell, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (7, Fraction(7)),
        (0.1 + 0.2, Fraction(3, 10)),
        (" １２．５ ", Fraction(25, 2)),
        ("−2", Fraction(-2)),
        (".5", Fraction(1, 2)),
        (None, None),
        ("", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("1/3", None),
        ("1e3", None),
        ("1,000", None),
        ("2分", None),
        (date(2026, 3, 5), None),
        (CellError("#N/A"), None),
    ],
)
def test_number(cell: Cell, number: Fraction | None) -> None:
    assert as_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2026, 3, 5), date(2026, 3, 5)),
        (datetime(2026, 3, 5, 14, 30), date(2026, 3, 5)),
        ("2026年3月5号", date(2026, 3, 5)),
        ("２０２６－３－５", date(2026, 3, 5)),
        ("2026-03-05 14:30:00", date(2026, 3, 5)),
        ("2026-02-30", None),
        ("3月5日", None),
        (46086, None),
        (None, None),
    ],
)
def test_day(cell: Cell, day: date | None) -> None:
    assert as_date(cell) == day
    assert type(as_date(cell)) is type(day)


@pytest.mark.parametrize("stroke", "/／⁄∕╱⧸\\＼﹨╲⧹-－﹣−‐‑‒–—﹘―─━⸺⸻ー")
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\u2003", "\u202f", "\x85"])
def test_every_stroke_that_stands_alone_says_nothing(stroke: str, before: str) -> None:
    assert is_filler(f"{before}{stroke}")
    assert is_filler(f"{before}{stroke}{stroke}")
    assert not is_filler(f"{before}{stroke}1")


@pytest.mark.parametrize("text", ["3²", "3①", "①", "½", "2026-01-1①", "⑴"])
def test_a_raised_or_circled_number_is_no_digit(text: str) -> None:
    assert as_number(text) is None
    assert as_date(text) is None
    assert squeeze(text) == text


@pytest.mark.parametrize("ref", ["B3:D9", "D9:B3", "B9:D3"])
def test_a_range_is_the_same_from_whichever_corner(ref: str) -> None:
    assert range_of(ref) == Range(3, 2, 9, 4)
