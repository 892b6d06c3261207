"""Plain cells: how texts are compared, and which signs count as not there."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest

from xl_jifen.grid import name_key, seen, squeeze, unseen

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
