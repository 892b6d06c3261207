"""Outcomes (结果): what became of each declaration, and the month sheets that get rows. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from xl_jifen.finding import Finding
from xl_jifen.grid import Cell, Place
from xl_jifen.period import Month
from xl_jifen.register import Line

if TYPE_CHECKING:
    from xl_jifen.declare.columns import Declaration
    from xl_jifen.declare.meaning import Claim

State = Literal["拟登记", "可能重复", "重复", "未列入"]
PROPOSED: State = "拟登记"
DOUBTFUL: State = "可能重复"
REPEATED: State = "重复"
NOT_PLACED: State = "未列入"
"""What became of a declaration; the first two stand on the sheet of a month."""


class Target(NamedTuple):
    """A month sheet of the branch as rows for it must look: where each column stands, where its free rows begin.

    ``headings`` are those it shows, by column, down to the last that is the branch's own; ``serial`` is the number of
    the first new row, None where rows are not numbered.
    """

    name: str
    month: Month
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    row: int
    serial: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one declaration. ``place`` is the row it is meant for once it is pasted, with its cells by column.

    ``findings`` and ``line`` are what the core says of the row, were it and all others 通过.
    """

    claim: Claim
    state: State
    notes: tuple[str, ...]
    said: frozenset[tuple[str, str]] = frozenset()
    place: Place | None = None
    cells: Mapping[int, Cell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    line: Line | None = None

    @property
    def declaration(self) -> Declaration:
        """The declaration as it was collected."""
        return self.claim.declaration

    @property
    def has_errors(self) -> bool:
        """Whether it would not count as it stands."""
        unclear = self.place is not None and self.claim.rule is None
        return unclear or self.state == NOT_PLACED or any(finding.is_error for finding in self.findings)


class Plan(NamedTuple):
    """The outcomes in the order of the declarations, and the month sheets that get rows, in the order of months."""

    outcomes: tuple[Outcome, ...]
    targets: tuple[Target, ...]

    def rows(self, target: Target) -> list[Outcome]:
        """The rows for one month sheet, from the top."""
        found = [outcome for outcome in self.outcomes if outcome.place and outcome.place.sheet == target.name]
        return sorted(found, key=lambda outcome: outcome.place.row if outcome.place else 0)
