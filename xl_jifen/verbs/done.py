"""What a verb did (完成): the one value that every verb returns and every door says. Values only."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from xl_jifen.finding import Finding, errors

FINE, FOUND, COULD_NOT = 0, 1, 2
"""Exit codes: done and nothing wrong found · something wrong found · could not run."""


class Done(NamedTuple):
    """What a verb did.

    ``sentences`` are worth reading, in order; ``files`` are what it made; ``findings`` what it found, or passed over.
    ``faulty``: something is wrong that is no finding of the workbook (a sheet that does not agree with its archive).
    """

    sentences: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    faulty: bool = False

    @property
    def code(self) -> int:
        """The exit code."""
        return FOUND if self.faulty or errors(self.findings) else FINE


class Refused(Exception):
    """A verb is refused: ``findings`` are the errors that stand in its way."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} errors")
        self.findings = findings
