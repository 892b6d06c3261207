"""What a verb did (完成): the one value that every verb returns and every door says. Values only."""

from __future__ import annotations

from pathlib import Path

from xl_jifen.finding import Finding, errors
from xl_jifen.typed import NamedTuple

FINE, FOUND, COULD_NOT = 0, 1, 2
"""Exit codes: done and nothing wrong found · something wrong found · could not run."""


class Done(NamedTuple):
    """What a verb did.

    ``sentences`` are worth reading, in order; ``files`` are what it made; ``findings`` what it found, or passed over.
    ``faulty``: something is wrong that is no finding of the workbook (a sheet that does not agree with its archive).
    ``refusal``: one sentence why it was not done, or "".
    """

    sentences: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    faulty: bool = False
    refusal: str = ""

    @property
    def code(self) -> int:
        """The exit code."""
        if self.faulty or errors(self.findings):
            return FOUND
        return COULD_NOT if self.refusal else FINE

    @property
    def lines(self) -> tuple[str, ...]:
        """What is to be read: the files that no sentence names, then the sentences."""
        named = "\n".join(self.sentences)
        unnamed = [f"  {path}" for path in self.files if str(path) not in named]
        return (*(["已生成：", *unnamed] if unnamed else ()), *self.sentences)


class Refused(Exception):
    """A verb is refused: ``findings`` are the errors that stand in its way."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} errors")
        self.findings = findings


class NoCycle(Refused):
    """A verb is refused since 设置 names no scoring cycle."""
