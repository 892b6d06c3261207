"""Findings (校验结果): what is wrong or worth a look, where it stands, and the remedy; and the two errors of the edges.

Everything about a branch's data is a :class:`Finding` and travels as a value. Only the edges raise: a file that cannot
be read or written is one plain Chinese sentence. This room is made of values only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from xl_jifen.catalogue import Code, Level, is_error, level_of
from xl_jifen.grid import Place
from xl_jifen.typed import Final, NamedTuple

NOTHING_TO_DO: Final = "无需修改"
"""The remedy of what only explains."""

SETTLED: Final = "已归档，无需处理"
"""The remedy of what stood so when its period was archived: told in the JSON and on 校验结果, and nowhere else."""

NO_MONTH_LEFT: Final = "本计分周期各月都已归档，不能再冲销、补登；确需更正的，请支委会研究后在下一个计分周期登记"
"""What to do about an archived row where no later month is left to put it right in."""

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


class Findings(list[Finding]):
    """Findings as they are found, of which no more are kept than people can use: the rest is counted.

    Kept are the first :data:`MOST_OF_A_CELL` of a cell and :data:`MOST_OF_A_SHEET` of a sheet, errors before warnings
    before hints, each in the order of rows. ``unlisted`` has, of each row whose errors were all left out, one of them,
    for whoever must know which rows have errors.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unlisted: dict[tuple[str, int], Finding] = {}
        self._more: Counter[str | Place] = Counter()  # left out of each sheet, and of each cell of which some are kept
        self._full = _PRUNED_FROM
        self._beyond: dict[str, int] = {}  # below this row of a sheet nothing more is kept: errors above fill it

    def append(self, found: Finding) -> None:
        """One more, its sentences on one line each, whatever they quote."""
        code, place, message, remedy = found
        sheet, row, _ = place
        if self.passes_over(sheet, row):
            return
        if not (message.isprintable() and remedy.isprintable()):
            found = Finding(code, place, one_line(message), one_line(remedy))
        if row > self._beyond.get(sheet, row):
            self._more[sheet] += 1
            if found.is_error:
                self.unlisted[sheet, row] = found
            return
        super().append(found)
        if len(self) >= self._full:
            self._prune()

    def passes_over(self, sheet: str, row: int) -> bool:
        """Count one more of a row of which no more are kept, if it is one: then nobody need word it."""
        if (sheet, row) not in self.unlisted or row <= self._beyond.get(sheet, row):
            return False
        self._more[sheet] += 1
        return True

    def extend(self, found: Iterable[Finding]) -> None:
        """All of them, and what another collection left out."""
        for each in found:
            self.append(each)
        if isinstance(found, Findings):
            self._more.update(found._more)
            self.unlisted |= found.unlisted

    def __iadd__(self, found: Iterable[Finding]) -> Findings:  # type: ignore[override,misc]
        self.extend(found)
        return self

    def told(self, sheets: Iterable[str]) -> tuple[Finding, ...]:
        """Those that are kept, in the order of the workbook; the last one of a cell or a sheet says how many more."""
        self._prune()
        told = list(in_order(self, sheets))
        last: dict[str | Place, int] = {}
        for at, found in enumerate(told):
            last[found.place.sheet] = last[found.place] = at
        for key, count in self._more.copy().items():
            if isinstance(key, Place) and key not in last:
                self._more[key.sheet] += count
        for key, at in last.items():
            if count := self._more[key]:
                where = "这张表" if isinstance(key, str) else "这一格"
                more = f"（{where}另有 {count} 个问题，没有逐一列出）"
                told[at] = told[at]._replace(message=told[at].message + more)
        return tuple(told)

    def _prune(self) -> None:
        kept = list[Finding]()
        in_cell, in_sheet = dict[Place, int](), Counter[str]()
        rows = set[tuple[str, int]]()
        out = list[Finding]()
        for found in sorted(self, key=_first):
            place = found[1]
            sheet = place[0]
            in_cell[place] = count = in_cell.get(place, 0) + 1
            if count > MOST_OF_A_CELL:
                self._more[place] += 1
                out.append(found)
            elif in_sheet[sheet] == MOST_OF_A_SHEET:
                self._more[sheet] += 1
                out.append(found)
            else:
                in_sheet[sheet] += 1
                kept.append(found)
                rows.add(place[:2])
        for found in out:
            if (where := found[1][:2]) not in rows and where not in self.unlisted and found.is_error:
                self.unlisted[where] = found
        for code, (sheet, row, _), *_ in kept:
            if in_sheet[sheet] == MOST_OF_A_SHEET and is_error(code):
                self._beyond[sheet] = row
            elif code[0] != "E":
                self._beyond.pop(sheet, None)
        self[:] = kept
        self._full = len(kept) + _PRUNED_FROM


MOST_OF_A_CELL, MOST_OF_A_SHEET = 20, 1_000
_PRUNED_FROM = 5_000


def _first(found: Finding) -> tuple[int, int, int]:
    """What is kept first sorts first."""
    code, (_, row, column), *_ = found
    return "EWI".index(code[0]), row, column


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
