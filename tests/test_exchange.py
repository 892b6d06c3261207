"""What is written beside the rows of 积分兑换."""

from __future__ import annotations

from decimal import Decimal

from notation import CASES, read

from xl_jifen import layout, reckon
from xl_jifen.publish.owned.marks import marks


def test_each_row_says_what_is_left_after_it() -> None:
    case = read(CASES / "兑换.txt")
    reckoning = reckon(case.grids)
    marked = marks(case.grids, reckoning.register, reckoning.findings, reckoning.ledger)[layout.EXCHANGES.name]
    assert (marked[1, 5], marked[1, 6]) == ("余额", "提示")
    assert [marked[row, 5] for row in range(2, 8)] == [Decimal(0), *map(Decimal, ("1", "1", "0", "1", "1"))]
    assert str(marked[4, 6]).startswith("错误：张三要兑换 2 分，当时只有 1 分可以兑换")
    assert marked[3, 6] is None


def test_a_row_that_is_not_weighed_says_no_balance() -> None:
    case = read(CASES / "兑换_写错的各种.txt")
    reckoning = reckon(case.grids)
    marked = marks(case.grids, reckoning.register, reckoning.findings, reckoning.ledger)[layout.EXCHANGES.name]
    assert [marked[row, 5] for row in range(2, 12)] == [None] * 9 + [Decimal(0)]
