"""另一套规则: what this year would have been under another rule table, for a branch that wants to mend its scheme.

The entries, roster and settings stay; only 积分规则 and 计分组 are another workbook's. Compares two reckonings of the
same entries, and says who moves, by how much, and which rules make the difference. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.finding import Finding
from xl_jifen.grid import Grid, Grids
from xl_jifen.register import Ledger, Line, Points, Rule, Score

SCHEME = (layout.RULES.name, layout.GROUPS.name)
"""The sheets that are taken from the other workbook."""


class Move(NamedTuple):
    """One member of the year under both tables; ``after`` is None where the other table gives no score."""

    before: Score
    after: Score | None

    @property
    def by(self) -> Points:
        """How many points more."""
        return (self.after.score if self.after else 0) - self.before.score

    @property
    def moved(self) -> bool:
        """Whether score, rank or 建议等次 differ."""
        after = self.after
        if after is None:
            return True
        return (after.score, after.rank, after.grade) != (self.before.score, self.before.rank, self.before.grade)


class RuleEffect(NamedTuple):
    """One rule code under both tables: lines that counted, points counted, points cut off, and lines refused."""

    code: str
    label: str
    kind: str
    before: Tally
    after: Tally

    @property
    def differs(self) -> bool:
        """Whether the rule earns or cuts anything else."""
        return self.before != self.after


class Tally(NamedTuple):
    """What the lines of one rule amount to."""

    counted: Points = 0
    cut: Points = 0
    lines: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Both reckonings side by side: members in the listing order of this year, rules in the order of both tables.

    ``errors`` are the error findings the other table brings about.
    """

    moves: tuple[Move, ...]
    rules: tuple[RuleEffect, ...]
    errors: tuple[Finding, ...]

    @property
    def moved(self) -> list[Move]:
        """Those of the members whose figures differ, the most points first."""
        found = (move for move in self.moves if move.moved)
        return sorted(found, key=lambda move: (-abs(move.by), move.before.member.order))

    @property
    def differs(self) -> bool:
        """Whether anything is different at all."""
        return bool(self.moved) or any(rule.differs for rule in self.rules) or bool(self.errors)


def with_scheme_of(grids: Grids, other: Grids) -> Grids:
    """The workbook with the other one's rules and groups, in their place; a sheet the other lacks is taken out."""
    replaced = {name: other.get(name) for name in SCHEME}
    sheets: list[Grid] = []
    for sheet in grids:
        name = next((name for name in SCHEME if grids.get(name) is sheet), None)
        if name is None:
            sheets.append(sheet)
        elif (taken := replaced.pop(name)) is not None:
            sheets.append(Grid(sheet.name, taken.rows))
    sheets += [Grid(name, grid.rows) for name, grid in replaced.items() if grid is not None and grids.get(name) is None]
    return Grids(tuple(sheets))


def what_if(
    before: Ledger, after: Ledger, findings_before: Iterable[Finding], findings_after: Iterable[Finding]
) -> WhatIf:
    """Compare two reckonings of the same entries; members are the same where their roster row is."""
    scores = {score.member.place.row: score for score in after.year}
    moves = tuple(Move(score, scores.get(score.member.place.row)) for score in before.year)
    tallies = (_tallies(before.lines), _tallies(after.lines))
    names: dict[str, Rule] = {}
    for rule in (*before.register.rules, *after.register.rules):
        if rule.kind in (layout.BONUS, layout.DEDUCTION) and rule.code:
            names.setdefault(rule.code, rule)
    known = {(finding.code, finding.place) for finding in findings_before}
    return WhatIf(
        moves,
        tuple(
            RuleEffect(code, rule.label, rule.kind, tallies[0].get(code, Tally()), tallies[1].get(code, Tally()))
            for code, rule in names.items()
        ),
        tuple(f for f in findings_after if f.is_error and (f.code, f.place) not in known),
    )


def _tallies(lines: Iterable[Line]) -> Mapping[str, Tally]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for line in lines:
        rule = line.entry.rule
        if rule is None:
            continue
        own = sums[rule.code]
        own[0] += line.counted
        own[1] += line.raw - line.counted
        own[2] += line.counted != 0
        own[3] += not line.admitted
    return {code: Tally(*own) for code, own in sums.items()}
