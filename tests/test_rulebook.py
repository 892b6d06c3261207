"""A rule is found by what the dropdown writes, whatever its 小项 looks like; speed of cells that all differ."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import properties

from xl_jifen import layout
from xl_jifen.grid import Grid, Place, squeeze
from xl_jifen.register import Rule
from xl_jifen.rulebook import FIELDS, RuleBook, read_rules
from xl_jifen.table import Table

SHIPPED = sorted(Path(__file__).parent.parent.glob("workbook/**/rules.csv"))
HERE = Place(layout.RULES.name, 2)


def book_of(pairs: list[tuple[str, str]]) -> tuple[list[Rule], RuleBook]:
    rules = [Rule(number, HERE, code, layout.BONUS, item=item) for number, (code, item) in enumerate(pairs)]
    return rules, RuleBook(rules)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_every_shipped_rule_is_found_by_its_code_and_by_what_the_dropdown_writes(path: Path) -> None:
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    rules = read_rules(Table(layout.RULES, Grid(layout.RULES.name, rows)), (), [])
    book = RuleBook(rules)
    assert rules
    for rule in rules:
        for text in (rule.code, rule.label, f"{rule.code}：{rule.item}", f"{rule.code}{rule.block} {rule.item}"):
            assert book.find(text) is rule, text


@pytest.mark.slow
@properties
@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[加减1-9]{1,2}(-[0-9]{1,2})?", fullmatch=True, alphabet="加减-0123456789"),
            st.text("讲党课12次.A- ", max_size=6),
        ),
        min_size=1,
        max_size=8,
    ),
    st.text("讲党课12次加减.A-、; ", max_size=8),
)
def test_code_and_label_always_mean_their_rule_and_no_text_stops_the_reading(
    pairs: list[tuple[str, str]], words: str
) -> None:
    rules, book = book_of([(squeeze(code), item) for code, item in pairs])
    first = {rule.code: rule for rule in reversed(rules)}
    for rule in first.values():
        assert book.find(rule.code) is rule
        if squeeze(rule.label) not in first and len({squeeze(r.label) for r in first.values()}) == len(first):
            assert book.find(rule.label) is rule
        book.meant(f"{rule.code} {words}")
    book.meant(words)


def test_no_field_of_a_rule_is_without_a_column_and_no_column_without_a_field() -> None:
    named = {field.heading for field in FIELDS}
    assert named == {column.name for column in layout.RULES.columns if not column.owned} - {layout.REMARK}
    assert [field.name for field in FIELDS] == [
        name for name in Rule._fields if name not in ("order", "place", "faults")
    ]


@pytest.mark.slow
def test_ten_thousand_different_cells_are_read_in_no_time() -> None:
    rules, book = book_of([(f"加{number // 10}-{number % 10}", f"第{number}项工作") for number in range(120)])
    before = time.process_time()
    assert all(book.find(f"加3-2 第32项工作（第{number}回）") is rules[32] for number in range(10_000))
    assert time.process_time() - before < 2
