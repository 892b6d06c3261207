"""The four sheets the tool owns (校验结果, 计分明细, 积分台账, 看板) as plain rows: what they say, not how they look.

``excel/owned`` draws them. Pure: a register, findings and a ledger in, frozen rows out; the file's name and the time
of reckoning are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from xl_jifen.catalogue import LEVELS
from xl_jifen.derive.so_far import so_far
from xl_jifen.finding import Finding
from xl_jifen.publish.owned.board import board
from xl_jifen.publish.owned.ledger import LedgerTable, ledger_table
from xl_jifen.publish.owned.lines import LineRow, line_rows
from xl_jifen.publish.page import Board
from xl_jifen.register import Ledger, Register


class Tables(NamedTuple):
    """What the four owned sheets say; ``findings`` are errors first, in the workbook's order, settled ones last."""

    branch: str
    findings: tuple[Finding, ...]
    lines: tuple[LineRow, ...]
    ledger: LedgerTable
    board: Board


def tables(
    register: Register, findings: Sequence[Finding], ledger: Ledger, *, file_name: str, computed: datetime
) -> Tables:
    """The rows of the four sheets. ``computed`` is local time: what is over by then is told as it is."""
    now = so_far(ledger, computed.date())
    return Tables(
        register.settings.branch,
        tuple(sorted(findings, key=lambda finding: (finding.is_settled, LEVELS.index(finding.level)))),
        line_rows(ledger.posted, findings),
        ledger_table(ledger, now),
        board(findings, ledger, now, file_name, computed),
    )
