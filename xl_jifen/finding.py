"""Findings (校验结果): what is wrong or worth a look, where it stands, and the remedy; and the two errors of the edges.

Everything about a branch's data is a :class:`Finding` and travels as a value. Only the edges raise: a file that cannot
be read or written is one plain Chinese sentence. This room is made of values only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from xl_jifen.catalogue import Code, Level, is_error, level_of
from xl_jifen.grid import Place

SETTLED: Final = "已归档，无需处理"
"""The remedy of what stood so when its period was archived: told in the JSON and on 校验结果, and nowhere else."""

AT_THE_ROOT = ("E811", "E812", "E803")
"""What makes many others (a missing sheet, heading or setting), and is told before them."""


class Finding(NamedTuple):
    """One finding: its code, the cell it stands at, and in plain Chinese what is wrong and what to do."""

    code: Code
    place: Place
    message: str
    remedy: str

    @property
    def level(self) -> Level:
        """错误, 警告 or 提示."""
        return level_of(self.code)

    @property
    def is_error(self) -> bool:
        """Whether what it concerns does not count, and is still to be mended."""
        return is_error(self.code) and not self.is_settled

    @property
    def is_settled(self) -> bool:
        """Whether an archive settled it: screens, counts and exit codes leave it out."""
        return self.remedy == SETTLED


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that are errors (错误) still to be mended."""
    return tuple(finding for finding in findings if finding.is_error)


def standing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that no archive settled."""
    return tuple(finding for finding in findings if not finding.is_settled)


def count_words(findings: Iterable[Finding]) -> str:
    """How many findings there are of each level, as a sentence."""
    counts = Counter(finding.level for finding in standing(findings))
    return f"共 {counts['错误']} 个错误、{counts['警告']} 个警告、{counts['提示']} 个提示。"


def in_order(findings: Iterable[Finding], sheets: Iterable[str]) -> tuple[Finding, ...]:
    """Findings in the order of the workbook: sheet, row, column; those of sheets that are not there last."""
    order = {name: position for position, name in enumerate(sheets)}

    def position(finding: Finding) -> tuple[int, int, int]:
        return order.get(finding.place.sheet, len(order)), finding.place.row, finding.place.column

    return tuple(sorted(findings, key=position))


def one_line(message: str) -> str:
    """A sentence that quotes what users typed: their line breaks become spaces, or the sentence would fall apart."""
    return " ".join(message.splitlines())


class Problem(NamedTuple):
    """What is wrong with a row, before it has a place: code, the heading it stands under, message and remedy."""

    code: Code
    heading: str
    message: str
    remedy: str


class JifenError(Exception):
    """What stops a command: one plain Chinese sentence for the user, raised only at the edges."""


class CannotRead(JifenError):
    """The file cannot be read as a workbook, or must not be."""


class CannotWrite(JifenError):
    """The file cannot be written now; it is as it was."""
