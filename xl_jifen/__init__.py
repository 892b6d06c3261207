"""党员积分 for Excel: grids in → register → findings and ledger → pages out.

``reckon`` is the whole flow; every door (command line, ribbon, functions, rollup) calls it. Its rooms are entered when
it is called, and where this is the program ``xl-jifen``, what Ctrl+C does is said before anything else is imported.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import sys

_PROGRAM = sys.argv[:1] == ["-m"] or "xl-jifen" in "".join(sys.argv[:1])  # others import us, and listen themselves
if _PROGRAM:
    gc.set_threshold(1_000_000)  # importing leaves no garbage to look for; ``run`` sets what its command needs
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # it just ends the program; ``run`` listens again

from xl_jifen.typed import TYPE_CHECKING, NamedTuple  # noqa: E402 - after the guard above

if TYPE_CHECKING:
    from xl_jifen.check import Checked
    from xl_jifen.finding import Finding
    from xl_jifen.grid import Grids
    from xl_jifen.register import Ledger, Register

__all__ = ["Reckoning", "reckon"]
__version__ = "0.2.0"


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
    from xl_jifen.check import check
    from xl_jifen.finding import Findings
    from xl_jifen.read import of_merged, read
    from xl_jifen.score import score

    sheets, merged = [grid.name for grid in grids], {grid.name: grid.merged for grid in grids if grid.merged}
    register, unread = read(grids)
    del grids  # large, and wanted no more: one who did not keep it himself gets the memory back
    checked = check(register)
    ledger, cuts = score(register, checked)
    findings = Findings()
    for found in (unread, checked.findings, cuts):
        findings += found
    told = tuple(of_merged(findings.told(sheets), merged))
    return Reckoning(register, told, ledger, checked, tuple(findings.unlisted.values()))
