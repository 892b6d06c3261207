"""What a rollup has done so far (续算记录): a small SQLite file beside the summary, one row a workbook.

A workbook counts as done while its content, the archives beside it and this program's version are the same, so a run
can be broken off at any moment and the next one goes on; nothing of it lies in memory. Others may write where the
summary lies: each result is sealed by a secret of the user, and one that is not as we sealed it is reckoned again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from xl_jifen import __version__
from xl_jifen.archive.snapshot import draw
from xl_jifen.budget import JOURNAL, Budget
from xl_jifen.derive.branch import BranchResult, MemberScore, PeriodSums, Problem, RuleSums, Spread
from xl_jifen.derive.copies import Copy, Verdict, verdicts
from xl_jifen.disk import links
from xl_jifen.disk.secret import sealed, secret
from xl_jifen.finding import CannotRead, CannotWrite

FORMAT = 6
"""Raised whenever a result means something else than before."""

VERSION = f"{__version__}/{FORMAT}"
BATCH = 200
"""Results between two writes to the disk: what a power cut costs."""

LARGEST_CELL = 32 << 20
"""Bytes of a packed result; SQLite refuses to read more from one cell."""

_LEAF, MOST_MADE = b"\x0d", 8
"""How the page of a table begins that has no others below it; two tables of ours and their indexes are four."""

_TABLES = """
CREATE TABLE IF NOT EXISTS done (
    url BLOB PRIMARY KEY, digest TEXT NOT NULL, version TEXT NOT NULL, identity TEXT, result BLOB NOT NULL, seal BLOB
);
CREATE TABLE IF NOT EXISTS run (position INTEGER PRIMARY KEY, url BLOB NOT NULL UNIQUE);
DELETE FROM run;
"""
_OURS = {
    " ".join(statement.replace("IF NOT EXISTS ", "").split())
    for statement in _TABLES.split(";")
    if "CREATE" in statement
}
"""How SQLite keeps the making of our tables."""

_BROKEN = (sqlite3.Error, UnicodeDecodeError)
"""What a spoilt file provokes; what SQLite says of it may not even be text."""

_RESULTS = "SELECT url, result FROM run JOIN done USING (url) ORDER BY position"
_COPIES = """
WITH here AS (SELECT position, url, substr(digest, 1, 64) AS content, identity FROM run JOIN done USING (url))
SELECT here.url, content, result FROM here JOIN done USING (url)
WHERE here.identity IN (SELECT identity FROM here WHERE identity NOT NULL GROUP BY identity HAVING count(*) > 1)
    OR content IN (SELECT content FROM here WHERE content != '' GROUP BY content HAVING count(*) > 1)
ORDER BY position
"""


class Task(NamedTuple):
    """A workbook to be reckoned; ``known`` is the ``digest`` of what was reckoned before, "" if nothing was.

    ``day``: up to when what is not over goes.
    """

    url: str
    known: str
    day: date | None = None

    def is_known_by(self, digest: str) -> bool:
        """Whether what is known is of that digest, and no month of its cycle has ended since."""
        known, _, rest = self.known.partition(_UNTIL)
        end, _, month = rest.partition(_OF_MONTH)
        holds = not rest or (self.day is not None and f"{self.day:%Y-%m}" <= month and str(self.day) <= end)
        return known == digest and holds


_UNTIL, _OF_MONTH = "/running until ", "/in "


def until(end: str, day: date | None) -> str:
    """What stands behind the digest of a workbook whose cycle ends on ``end`` and is not over on ``day``."""
    return f"{_UNTIL}{end}{_OF_MONTH}{day:%Y-%m}" if day and str(day) <= end else ""


class Outcome(NamedTuple):
    """What became of a task: ``result`` is packed, None if the content is still the one known.

    ``digest`` is the SHA-256 of the content, in hexadecimal, and of the archives beside it if there are any, and up to
    when it holds. It is ""
    where there is nothing to be known by: the file could not be read, or killed its process.
    """

    url: str
    digest: str
    version: str
    identity: str
    result: bytes | None


class Kept(NamedTuple):
    """A result of this run, in order; ``verdict`` is why another workbook counts instead, None if this one does."""

    url: str
    result: BranchResult
    verdict: Verdict | None


class Journal:
    """The record of one summary. One program at a time; raises CannotWrite."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_new, self._stored = not path.exists(), 0
        self._verdicts: dict[str, Verdict] | None = None
        self._secret = secret()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            links.ensure_writable(path)
            if not _is_small_inside(path):
                path.unlink()
            self._base = self._opened()
            if self._is_foreign():
                self._base.close()
                path.unlink()
                self._base = self._opened()
            self._base.executescript(_TABLES)
        except (*_BROKEN, OSError) as error:
            with suppress(AttributeError):
                self._base.close()
            raise self._trouble(error) from error

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.path, timeout=2)
        base.text_factory = lambda raw: raw.decode(errors="replace")  # others may have put anything there
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA cell_size_check = ON")
        base.execute("PRAGMA locking_mode = EXCLUSIVE")
        return base

    def _is_foreign(self) -> bool:
        """Whether it holds anything but our tables as we make them: of an earlier version, or of somebody else."""
        held = self._base.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return any(" ".join(text.split()) not in _OURS for (text,) in held)

    def plan(self, urls: Iterable[str]) -> int:
        """The workbooks of this run in order, each once; how many they are."""
        with self._writing():
            self._base.executemany("INSERT OR IGNORE INTO run (url) VALUES (?)", ((_key(url),) for url in urls))
        return int(self._base.execute("SELECT count(*) FROM run").fetchone()[0])

    def tasks(self, day: date | None = None) -> Iterator[Task]:
        """A task for each workbook of this run, on that day."""
        query = """SELECT position, run.url, digest, version, identity, result, seal
                   FROM run LEFT JOIN done USING (url) WHERE position > ? ORDER BY position LIMIT ?"""
        last = 0
        while rows := list(self._asked(query, last, BATCH)):
            for _, key, digest, version, identity, result, seal in rows:
                ours = version == VERSION and self._seal(key, digest, version, identity, result) == seal
                yield Task(_url(key), digest if ours else "", day)
            last = rows[-1][0]

    def _asked(self, query: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._base.execute(query, values)
        except _BROKEN as error:
            raise self._trouble(error) from error

    def store(self, outcome: Outcome) -> None:
        """Keep a new result; it is safe from the next ``commit`` on, which comes by itself every few results."""
        if outcome.result is None:
            return
        row = _key(outcome.url), outcome.digest, outcome.version, outcome.identity or None, outcome.result
        seal = self._seal(*row)
        with self._writing(commit=self._stored % BATCH == BATCH - 1):
            self._base.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?)", (*row, seal))
        self._stored += 1
        self._verdicts = None

    def _seal(self, key: object, digest: object, version: object, identity: object, result: object) -> bytes:
        parts = (key, digest, version, identity or "", result)
        return sealed(self._secret, (p if isinstance(p, bytes) else str(p).encode(errors="replace") for p in parts))

    def commit(self) -> None:
        """Make all that was stored safe."""
        with self._writing():
            pass

    def results(self) -> Iterator[Kept]:
        """The results of this run in the order of its workbooks."""
        if self._verdicts is None:
            self._verdicts = verdicts(self._copies())
        for key, result in self._asked(_RESULTS):
            url = _url(key)
            yield Kept(url, self._unpacked(result), self._verdicts.get(url))

    def _copies(self) -> Iterator[Copy]:
        """The workbooks of this run that are not alone of their content, or of their branch and cycle."""
        for key, content, result in self._asked(_COPIES):
            whole = self._unpacked(result)
            figures = hashlib.sha256(repr((whole.periods, whole.scores, whole.rules, whole.problems)).encode()).digest()
            bare = whole._replace(periods=(), scores=(), rules=(), problems=(), differs=())
            yield Copy(_url(key), content, bare, figures)

    def _unpacked(self, result: bytes) -> BranchResult:
        try:
            return unpacked(result, Budget(self.path.name, JOURNAL))
        except (zlib.error, ValueError, TypeError, RecursionError, CannotRead) as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        """Leave the file to others; one that was made now and keeps nothing goes again."""
        self._base.close()
        if self._is_new and not self._stored:
            with suppress(OSError):
                self.path.unlink()

    @contextmanager
    def _writing(self, *, commit: bool = True) -> Iterator[None]:
        try:
            yield
            if commit:
                self._base.commit()
        except _BROKEN as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> CannotWrite:
        if "locked" in str(error):
            return CannotWrite(f"另一个汇总正在写“{self.path.name}”；请等它结束后再试。")
        remedy = "请检查磁盘空间和权限，删除它，或换一个存放汇总的文件夹，再试一次。"
        return CannotWrite(f"续算记录“{self.path}”用不了；{remedy}")


def _is_small_inside(path: Path) -> bool:
    """Whether what a file makes fits on its first page, as ours does: SQLite takes all of it in before it is asked.

    True for no file, and for one that is no SQLite file: that one tells of itself.
    """
    if not path.is_file():
        return True
    with path.open("rb") as file:
        head = file.read(105)
    is_sqlite = head.startswith(b"SQLite format 3\0")
    return not is_sqlite or (head[100:101] == _LEAF and int.from_bytes(head[103:105]) <= MOST_MADE)


def packed(result: BranchResult) -> bytes:
    """A result as compressed JSON."""
    return zlib.compress(json.dumps(result, separators=(",", ":")).encode(), 3)


def unpacked(data: bytes, budget: Budget) -> BranchResult:
    """The result in compressed JSON. Raises whatever a file that is not ours provokes, CannotRead for too much."""
    expanding = zlib.decompressobj()
    text = expanding.decompress(data, budget.left("archives") + 1)
    draw(text, budget)
    if not expanding.eof:
        raise ValueError("cut off")
    result = BranchResult(*json.loads(text))
    return result._replace(
        periods=tuple(map(_period, result.periods)),
        scores=tuple(map(MemberScore._make, result.scores)),
        rules=tuple(map(RuleSums._make, result.rules)),
        problems=tuple(map(Problem._make, result.problems)),
        differs=tuple(map(Problem._make, result.differs)),
    )


def _key(url: str) -> bytes:
    return url.encode("utf-8", "surrogatepass")  # file names on Linux may be any bytes


def _url(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")


def _period(row: Iterable[Any]) -> PeriodSums:
    sums = PeriodSums(*row)
    return sums._replace(
        spread=Spread(*sums.spread) if sums.spread else None, grades=tuple((name, heads) for name, heads in sums.grades)
    )
