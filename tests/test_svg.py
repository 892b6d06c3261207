"""Charts as SVG: what stands, what lies, and that every value has its length."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from xl_jifen.publish.page import Chart
from xl_jifen.render.svg import svg


def test_shares_and_long_labels_are_drawn_as_lying_bars() -> None:
    shares = Chart("bars", "到会率", "%", (("党课", Decimal("92.5")), ("党日", Decimal(80))))
    count = replace(shares, title="人数", unit="人")
    long = replace(count, points=tuple((label * 20, value) for label, value in count.points))
    lying = ['text-anchor="end"' in svg(chart) for chart in (shares, count, long)]
    assert lying == [True, False, True]
