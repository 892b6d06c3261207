"""工具如何计: every column of the rule table in words, read from a table in the users' notation."""

from __future__ import annotations

from pathlib import Path

import pytest
from notation import read

import xl_jifen
from xl_jifen import layout
from xl_jifen.grid import Grid, Grids
from xl_jifen.publish.how_counted import how_counted
from xl_jifen.publish.owned.marks import marks

CASE = read(Path(__file__).parent / "pages" / "how_counted.txt")
RULES = CASE.grids.get(layout.RULES.name)
assert RULES is not None
HEADS = [str(cell or "") for cell in RULES.rows[0]]
WORDS = {str(row[0]): str(row[-1]) for row in RULES.rows[1:]}


@pytest.mark.parametrize("rule", xl_jifen.reckon(CASE.grids).register.rules, ids=lambda rule: rule.code)
def test_a_rule_in_words_says_what_its_columns_say(rule: xl_jifen.register.Rule) -> None:
    assert how_counted(rule) == WORDS[rule.code]


def test_every_column_that_counts_is_filled_in_some_row() -> None:
    prose = {layout.STANDARD, layout.EVIDENCE_BY, layout.REMARK}
    counting = {column.name for column in layout.RULES.columns if not column.owned} - prose
    filled = {head for number, head in enumerate(HEADS) if any(row[number] is not None for row in RULES.rows[1:])}
    assert counting <= filled


def test_it_is_written_beside_the_rules_where_the_column_is_there() -> None:
    reckoning = xl_jifen.reckon(CASE.grids)
    marked = marks(CASE.grids, reckoning.register, reckoning.findings, reckoning.ledger)[layout.RULES.name]
    assert {row: text for (row, column), text in marked.items() if column == len(HEADS)} == {
        number: WORDS[str(row[0])] for number, row in enumerate(RULES.rows[1:], 2)
    }
    plain = Grid(layout.RULES.name, [row[:-1] for row in RULES.rows])
    without = Grids(tuple(plain if grid.name == plain.name else grid for grid in CASE.grids))
    assert not marks(without, reckoning.register, reckoning.findings, reckoning.ledger)[layout.RULES.name]
