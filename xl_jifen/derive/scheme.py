"""The scheme of a workbook (积分方案): rules, groups, grades and the settings that make figures, for another branch.

Who the branch is, when its cycle runs and whom to call stay its own. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from xl_jifen import layout
from xl_jifen.derive.next_year import csv_of, rows_of, texts_of
from xl_jifen.grid import Grids, heading_key

SHEETS = (layout.BANDS, layout.RULES, layout.GROUPS, layout.ATTENDANCE_RULES, layout.REQUIREMENTS)
ITS_OWN = (layout.BRANCH, layout.CYCLE_START, layout.CYCLE_END)
"""Settings that make figures and are the branch's all the same."""
ALIKE = (
    layout.LISTING,
    layout.NOTICE_PERIOD,
    layout.NOTICE_DAYS,
    layout.NOTICE_KIND,
    layout.NOTICE_CONTENT,
    layout.NOTICE_COLUMNS,
)
"""Settings that make no figures and are the same in every branch under one scheme."""


def scheme_of(grids: Grids) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Settings by key, a blank one blank, and the rows of each sheet as CSV."""
    given = {heading_key(row.text(layout.KEY)): row.text(layout.VALUE) for row in rows_of(grids, layout.SETTINGS)}
    keys = [s.key for s in layout.SETTING_ROWS if (s.figures and s.key not in ITS_OWN) or s.key in ALIKE]
    texts = {sheet.name: csv_of(sheet, map(texts_of, rows_of(grids, sheet))) for sheet in SHEETS}
    return {key: given.get(key, "") for key in keys}, texts
