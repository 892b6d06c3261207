"""Which of several workbooks of one branch counts, and what is said of the others."""

from __future__ import annotations

import pytest

from xl_jifen.derive.branch import BranchResult
from xl_jifen.derive.copies import Copy, verdicts


def copy(url: str, figures: int = 1, content: str = "", **facts: object) -> Copy:
    usual = {"identity": "一", "first": "张三", "saved": "2026-04-01T08:00:00+00:00"}
    return Copy(url, content or url, BranchResult(url, **{**usual, **facts}), figures)  # type: ignore[arg-type]


LATER = "2026-04-02T08:00:00+00:00"


@pytest.mark.parametrize(
    ("copies", "told"),
    [
        ([copy("甲"), copy("乙", identity="二")], {}),
        ([copy("甲", content="同"), copy("乙", content="同")], {"乙": "copied 甲"}),
        ([copy("甲", content="同"), copy("乙", content="同", agrees=True)], {"甲": "copied 乙"}),
        ([copy("甲"), copy("乙")], {"乙": "alike 甲"}),
        ([copy("甲"), copy("乙", agrees=True)], {"甲": "archived 乙"}),
        ([copy("甲"), copy("乙", first="", saved=LATER)], {"乙": "empty 甲"}),
        ([copy("甲"), copy("乙", 2, saved=LATER), copy("丙", 3)], {"甲": "newer 乙", "丙": "newer 乙"}),
        ([copy("甲"), copy("乙", saved=LATER), copy("丙", saved=LATER)], {"甲": "newer 乙", "丙": "alike 乙"}),
        ([copy("甲"), copy("乙", 2)], {"甲": "undecided 乙", "乙": "undecided 甲"}),
        ([copy("甲", saved=""), copy("乙")], {"甲": "undecided 乙", "乙": "undecided 甲"}),
        ([copy("甲"), copy("乙", first="李四")], {"甲": "namesake 乙", "乙": "namesake 甲"}),
        ([copy("甲", parent="一局"), copy("乙", parent="二局")], {}),
        ([copy("甲", parent="一局"), copy("乙")], {"乙": "alike 甲"}),
        ([copy("甲", identity=""), copy("乙", identity="")], {}),
    ],
)
def test_which_does_not_count_and_why(copies: list[Copy], told: dict[str, str]) -> None:
    found = verdicts(copies)
    assert {url: f"{verdict.why} {verdict.than}" for url, verdict in found.items()} == told
    by_url = {each.url: each.result for each in copies}
    assert all((v.own, v.its) == (by_url[url], by_url[v.than]) for url, v in found.items())
    assert all(verdict.asks == (verdict.why in ("undecided", "namesake")) for verdict in found.values())


def test_of_those_passed_over_before_the_one_that_counts_in_the_end_is_named() -> None:
    found = verdicts([copy("空", first=""), copy("旧"), copy("新", 2, saved=LATER)])
    assert {url: (verdict.why, verdict.than) for url, verdict in found.items()} == {
        "空": ("empty", "新"),
        "旧": ("newer", "新"),
    }
