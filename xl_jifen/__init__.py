"""党员积分 for Excel: grids in → register → findings and ledger → pages out.

``reckon`` is the whole flow; every door (command line, ribbon, functions, rollup) calls it.
"""

from __future__ import annotations

from typing import NamedTuple

from xl_jifen.check import Checked, check
from xl_jifen.finding import Finding, Findings
from xl_jifen.grid import Grids
from xl_jifen.read import read
from xl_jifen.register import Ledger, Register
from xl_jifen.score import score

__all__ = ["Reckoning", "reckon"]
__version__ = "0.1.0"


class Reckoning(NamedTuple):
    """What one workbook amounts to: what was written, what is wrong with it, and what it earns.

    Findings stand in the order of the workbook: sheet, row, column; ``checked`` is the verdict that counting went by.
    ``unlisted`` are errors beyond those that are listed, one a row (:class:`xl_jifen.finding.Findings`).
    """

    register: Register
    findings: tuple[Finding, ...]
    ledger: Ledger
    checked: Checked
    unlisted: tuple[Finding, ...] = ()


def reckon(grids: Grids) -> Reckoning:
    """Read, check and score one workbook. Never raises for what the workbook says: that is what findings are for."""
    sheets = [grid.name for grid in grids]
    register, unread = read(grids)
    del grids  # large, and wanted no more: one who did not keep it himself gets the memory back
    checked = check(register)
    ledger, cuts = score(register, checked)
    findings = Findings()
    for found in (unread, checked.findings, cuts):
        findings += found
    return Reckoning(register, findings.told(sheets), ledger, checked, tuple(findings.unlisted.values()))
