"""The JSON object of ``--json``: entries and findings are put together by hand, and must be what an encoder reads."""

from __future__ import annotations

import json
from datetime import date

import pytest

from xl_jifen import Reckoning, layout
from xl_jifen.check import Checked
from xl_jifen.doors.cli.report import json_text
from xl_jifen.finding import Finding
from xl_jifen.grid import Place
from xl_jifen.period import Month
from xl_jifen.register import Entry, Ledger, Line, Member, Register, Rule, Standing

AWKWARD = '引"号\\反斜\n换行\t制表\u2028😀\x01'


def member(code: str) -> Member:
    return Member(0, code, "张伟", Place("党员名册", 2), Standing(layout.FORMAL))


def rule(code: str) -> Rule:
    return Rule(0, Place("积分规则", 2), code, layout.BONUS)


def entry(place: Place, month: Month | None, day: date | None, who: Member | None, what: Rule | None) -> Entry:
    return Entry(place, month, day, who, what, None, None, "", "", "", layout.PASSED, "", "", "", {})


def said(lines: list[Line], findings: tuple[Finding, ...] = ()) -> dict[str, object]:
    register = Register(entries=tuple(line.entry for line in lines))
    text = "".join(
        json_text(Reckoning(register, findings, Ledger(register, tuple(lines), (), ()), Checked(findings, {}, {})))
    )
    found: dict[str, object] = json.loads(text)
    return found


@pytest.mark.parametrize("text", [AWKWARD, "", "普通"])
def test_any_text_comes_back_as_it_was(text: str) -> None:
    line = Line(entry(Place(text, 3), Month(2026, 3), None, member(text), rule(text)), -250, 0, ("E501", "I001"))
    finding = Finding("W402", Place(text, 3, 28), text, text)
    found = said([line], (finding,))
    assert found["entries"] == [
        {
            "place": f"{text}!3",
            "member": text,
            "rule": text,
            "kind": "加分",
            "month": "2026-03",
            "raw": "-2.5",
            "counted": "0",
            "why": ["E501", "I001"],
        }
    ]
    assert found["findings"] == [
        {"code": "W402", "level": "警告", "place": f"{text}!AB3", "message": text, "remedy": text}
    ]


def test_entries_without_member_or_rule_are_left_out_and_the_month_may_be_unknown() -> None:
    who, what = member("001"), rule("加1")
    place = Place("3月", 2)
    entries = [
        entry(place, None, date(2027, 5, 1), who, what),
        entry(place, None, None, who, what),
        entry(place, Month(2026, 3), None, None, what),
        entry(place, Month(2026, 3), None, who, None),
    ]
    found = said([Line(one, 0, 0, ()) for one in entries])["entries"]
    assert isinstance(found, list)
    assert [(one["month"], one["why"]) for one in found] == [("2027-05", []), (None, [])]


def test_many_entries_are_one_list() -> None:
    one = entry(Place("3月", 2), Month(2026, 3), None, member("001"), rule("加1"))
    for count in (0, 1, 999, 1000, 1001, 2500):
        found = said([Line(one, 100, 100, ())] * count)["entries"]
        assert isinstance(found, list)
        assert len(found) == count
