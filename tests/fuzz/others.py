"""The other readers under mutation: lists as text and as workbook, archives, the journal, pages to be verified.

python tests/fuzz/others.py [COUNT] prints a line a reader and kind of mutation. What is raised is CannotRead (of the
journal CannotWrite) or the run is wrong; what is read must be what an independent reader finds; and no page is vouched
for that shows something else than its original.
"""

from __future__ import annotations

import copy
import json
import random
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).resolve().parents[at]) for at in (0, 1, 2)]

import openpyxl  # noqa: E402
import xlsxwriter  # noqa: E402
from branch_parts import parts, zipped  # noqa: E402
from hostile_files import archived  # noqa: E402
from hostile_parts import linked_list  # noqa: E402
from mutants import KINDS, differing, independent, spoil, told_cells, unzipped  # noqa: E402

from xl_jifen import reckon  # noqa: E402
from xl_jifen.archive.code import digest  # noqa: E402
from xl_jifen.archive.guard import guard  # noqa: E402
from xl_jifen.archive.recall import recalled  # noqa: E402
from xl_jifen.archive.snapshot import Archive, decoded, from_bytes, to_text  # noqa: E402
from xl_jifen.budget import ARCHIVE, Budget  # noqa: E402
from xl_jifen.derive.branch import BranchResult  # noqa: E402
from xl_jifen.excel.read.exports import read_export  # noqa: E402
from xl_jifen.excel.read.file import read_grids  # noqa: E402
from xl_jifen.excel.read.package import Package  # noqa: E402
from xl_jifen.finding import CannotRead, CannotWrite  # noqa: E402
from xl_jifen.grid import seen, squeeze  # noqa: E402
from xl_jifen.verbs import reread  # noqa: E402
from xl_jifen.verbs.rollup.journal import VERSION, Journal, Outcome, packed  # noqa: E402

FORMED, READ, REFUSED = "formed", "read", "refused"


class Verdict(NamedTuple):
    """Whether a mutant was still well-formed and read, and what is wrong ("" if nothing)."""

    formed: bool
    read: bool
    wrong: str = ""


Try = Callable[[str, random.Random], Verdict]
"""Mutate in that way and read."""


# ---- lists as text ----

LISTED = '姓名,规则,日期,数量,事由\n张三,加1 讲党课,2026-01-10,1,"讲课，\n两次"\n李四,加2,2026-01-11,2,"说""好"""\n' * 3
TEXT_KINDS = ("duplicate", "nest", "prefix", "cut", "swap", "bytes")


def text_mutant(kind: str, text: str, chance: random.Random, signs: str) -> bytes:
    """A piece between two of these signs is doubled, put into another, begun otherwise, cut out or exchanged."""
    pieces = re.split(f"([{re.escape(signs)}])", text)
    one, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    if kind == "bytes":
        return spoil(text.encode(), chance)
    if kind == "duplicate":
        pieces[one] *= 2
    elif kind == "nest":
        pieces[one] = f'"{pieces[one]}{pieces[other]}"'
    elif kind == "prefix":
        pieces[one] = chance.choice(("\ufeff", "'", '"', "=", " ", "\x00", "\u200b")) + pieces[one]
    elif kind == "cut":
        del pieces[one]
    else:
        pieces[one], pieces[other] = pieces[other], pieces[one]
    return "".join(pieces).encode()


def cut_up(text: str, separator: str) -> list[list[str]]:
    """The cells of a list, sign by sign: a quote opens a cell only at its beginning, and two of them are one."""
    rows: list[list[str]] = []
    row, cell, quoted, begun = [], "", False, True
    at = 0
    while at < len(text):
        sign = text[at]
        if quoted:
            if sign != '"':
                cell += sign
            elif text[at + 1 : at + 2] == '"':
                cell, at = cell + '"', at + 1
            else:
                quoted = False
        elif sign == '"' and begun:
            quoted, begun = True, False
        elif sign == separator:
            row, cell, begun = [*row, cell], "", True
        elif sign == "\n":
            rows.append([*row, cell] if row or cell or not begun else [])
            row, cell, begun = [], "", True
        else:
            cell, begun = cell + sign, False
        at += 1
    if row or cell or not begun:
        rows.append([*row, cell])
    return rows


def try_csv(folder: Path) -> Try:
    path = folder / "申报.csv"

    def attempt(kind: str, chance: random.Random) -> Verdict:
        data = text_mutant(kind, LISTED, chance, ',\n"')
        path.write_bytes(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = ""
        try:
            (source,) = read_export(path)
        except CannotRead as error:
            return Verdict(bool(text), False, "" if str(error).endswith("。") else str(error))
        if not text:
            return Verdict(False, False)
        text = re.sub("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
        found = [[cell or None for cell in row] for row in source.grid.rows]
        ways = [[[seen(cell) or None for cell in row] for row in cut_up(text, separator)] for separator in ",\t;，"]
        return Verdict(True, True, "" if found in ways else f"{found} is none of the ways to cut {text!r}")

    return attempt


# ---- lists as workbook ----


def try_declared(folder: Path) -> Try:
    path, book = folder / "申报.xlsx", unzipped(zipped(linked_list()))
    names = [name for name in book if not name.startswith("docProps")]

    def attempt(kind: str, chance: random.Random) -> Verdict:
        part = chance.choice([*names, "xl/worksheets/sheet1.xml"])
        made = book | {part: KINDS[kind](book[part], chance)}
        formed = is_xml(made[part])
        path.write_bytes(zipped(made))
        try:
            sources = read_export(path)
        except CannotRead as error:
            return Verdict(formed, False, "" if str(error).endswith("。") else str(error))
        if not formed:
            return Verdict(False, False)
        found = {source.grid.name: told_cells(source.grid, False) for source in sources}
        try:
            other = {name: cells for name, cells in independent(made, every=True).items() if cells}
        except Exception as error:  # of the other reader
            return Verdict(True, False, f"read, though {type(error).__name__}")
        other = {n: {at: seen(c) if isinstance(c, str) else c for at, c in cells.items()} for n, cells in other.items()}
        return Verdict(True, True, differing(found, {n: {k: v for k, v in c.items() if v} for n, c in other.items()}))

    return attempt


def is_xml(data: bytes) -> bool:
    try:
        ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return False
    return True


# ---- archives ----


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in JSON where something stands: the object or list, and the key or index."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(items):
        yield value, key
        yield from _places(each)


def json_mutant(kind: str, content: Any, chance: random.Random) -> Any:
    """The content with one thing doubled, put into another, renamed, cut out or exchanged."""
    content = copy.deepcopy(content)
    places = list(_places(content))
    (where, key), (there, other) = chance.choice(places), chance.choice(places)
    value = where[key]
    if kind == "duplicate":
        if isinstance(where, list):
            where.insert(key, copy.deepcopy(value))
        else:
            where[f"{key}2"] = copy.deepcopy(value)
    elif kind == "nest":
        inside = chance.choice(([value], {key if isinstance(key, str) else "x": value}))
        where[f"{key}2" if isinstance(where, dict) and chance.random() < 0.7 else key] = inside
    elif kind == "prefix":
        if isinstance(where, dict):
            where[f"x:{key}"] = where.pop(key)
        elif isinstance(value, str):
            where[key] = f"-{value}"
    elif kind == "cut":
        del where[key]
    else:
        where[key] = copy.deepcopy(there[other])
    return content


def try_archive(folder: Path) -> Try:
    whole = archived()
    content = json.loads(whole)["content"]
    grids = read_grids(Package.of(zipped(parts()), "积分.xlsx"))
    ledger = reckon(grids).ledger

    def attempt(kind: str, chance: random.Random) -> Verdict:
        if kind == "bytes":
            spoilt = spoil(whole.strip(), chance)
            found = _archive(spoilt)
            try:
                formed = bool(json.loads(spoilt))
            except ValueError:
                formed = False
            wrong = "a changed byte is taken for the archive" if isinstance(found, Archive) else ""
            return Verdict(formed, False, "" if spoilt == whole.strip() else wrong or _sentence(found))
        mutant = json_mutant(kind, content, chance)
        found = _archive(to_text(Archive(mutant, digest(mutant))).encode())
        if not isinstance(found, Archive):
            return Verdict(True, False, _sentence(found))
        if found.content != mutant:
            return Verdict(True, True, "another content")
        recall = recalled([found])
        guard(grids, ledger, recall)
        recall[0].changed()
        return Verdict(True, True, _cells_differ(recall[0].reading.state.grids, mutant))

    return attempt


def _archive(data: bytes) -> Archive | str | None:
    try:
        return from_bytes(data, Budget("归档", ARCHIVE))
    except CannotRead as error:
        return str(error)


def _sentence(found: Archive | str | None) -> str:
    return found if isinstance(found, str) and not found.endswith("。") else ""


def _cells_differ(grids: Any, content: Any) -> str:
    """Whether every cell stands where the archive says, the last of a row that is told twice."""
    for sheet in content["sheets"]:
        grid = next(grid for grid in grids if grid.name == sheet["name"])
        rows = {row["row"]: row for row in sheet["rows"]}
        for number, row in rows.items():
            last = {sheet["columns"][name]: value for name, value in row["cells"].items()}
            for column, value in last.items():
                if grid.at(number, column) != decoded(value):
                    return f"{sheet['name']} {number}: {grid.at(number, column)!r} is not {value!r}"
    return ""


# ---- the journal ----

JOURNAL_KINDS = ("duplicate", "nest", "prefix", "cut", "swap", "bytes")


def try_journal(folder: Path) -> Try:
    path = folder / "汇总.续算.sqlite"
    results = {f"{n}.xlsx": packed(BranchResult(f"支部{n}", "", "")) for n in range(3)}
    journal = Journal(path)
    journal.plan(results)
    for url, result in results.items():
        journal.store(Outcome(url, f"{url:0>64}", VERSION, "", result))
    journal.commit()
    journal.close()
    whole = path.read_bytes()
    fields = ("digest", "version", "identity", "result", "seal")

    def mutate(path: Path, kind: str, chance: random.Random) -> None:
        path.write_bytes(spoil(whole, chance) if kind == "bytes" else whole)
        if kind == "bytes":
            return
        base = sqlite3.connect(path)
        (one, other), field = chance.sample(list(results), 2), chance.choice(fields)
        where = (other.encode(), one.encode())
        if kind in ("duplicate", "swap"):
            base.execute(f"UPDATE done SET {field} = (SELECT {field} FROM done WHERE url = ?) WHERE url = ?", where)
        elif kind == "nest":
            base.execute("CREATE TRIGGER more AFTER INSERT ON run BEGIN UPDATE done SET digest = 'x'; END")
        elif kind == "prefix":
            sign = chance.choice((b"x", "x", 7))
            base.execute(f"UPDATE done SET {field} = ? || coalesce({field}, '') WHERE url = ?", (sign, one.encode()))
        elif chance.random() < 0.5:
            base.execute("DELETE FROM done WHERE url = ?", (one.encode(),))
        else:
            base.execute("UPDATE done SET identity = 7, seal = NULL WHERE url = ?", (one.encode(),))
        base.commit()
        base.close()

    def attempt(kind: str, chance: random.Random) -> Verdict:
        path = folder / f"{chance.getrandbits(64)}.sqlite"  # a file that is held still would be waited for
        try:
            mutate(path, kind, chance)
            return resumed(path)
        finally:
            path.unlink(missing_ok=True)

    def resumed(path: Path) -> Verdict:
        try:
            journal = Journal(path)
            try:
                journal.plan(results)
                known = [task.url for task in journal.tasks() if task.known]
                for url, result in results.items():
                    if url not in known:
                        journal.store(Outcome(url, f"{url:0>64}", VERSION, "", result))
                kept = {each.url: packed(each.result) for each in journal.results()}
            finally:
                journal.close()
        except CannotWrite as error:
            return Verdict(True, False, "" if str(error).endswith("。") else str(error))
        return Verdict(True, True, "" if kept == results else "another result than was kept")

    return attempt


# ---- pages to be verified ----

PAGE = (
    '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>公示</title><style>td{color:#000}</style></head>'
    "<body><h1>公示表</h1><table><tr><th>姓名</th><th>积分</th></tr><tr><td>张三</td><td>102.50</td></tr><tr><td>李四"
    "</td><td>103</td></tr></table><p>校验码 &amp; 日期 A1B2C</p><!-- 无 --><script>let a = 1</script></body></html>"
)


class _Words(HTMLParser):
    """What stands outside of comments, scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[object] = []
        self.unseen = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append((tag, attrs))
        self.unseen = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.unseen = ""

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)
        else:
            self.tags.append(data)


def words_of(text: str) -> tuple[str, list[object]]:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return squeeze("".join(reader.words)), reader.tags


def try_page(folder: Path) -> Try:
    original, path = folder / "原件.html", folder / "公示.html"
    original.write_text(PAGE, "utf-8")
    whole, shown = words_of(PAGE), reread.tables(original)

    def attempt(kind: str, chance: random.Random) -> Verdict:
        data = KINDS[kind](PAGE.encode(), chance) if kind != "bytes" else spoil(PAGE.encode(), chance)
        path.write_bytes(data)
        try:
            found = reread.tables(path)
            vouched = not [*reread.differing(shown, found)] and not [*reread.odd_looks(original, path)]
        except CannotRead as error:
            return Verdict(False, False, "" if str(error).endswith("。") else str(error))
        other = words_of(data.decode("utf-8-sig", "replace"))
        if vouched and other != whole:
            return Verdict(True, True, f"vouched for, and shows {other[0]!r}")
        ours = squeeze("".join(cell for table in found for row in table for cell in row))
        return Verdict(True, _zeros(ours) == _zeros(other[0]), "")

    return attempt


def _zeros(text: str) -> str:
    return re.sub(r"\.?0+(?![0-9])", "", text)


def try_message(folder: Path) -> Try:
    path, whole = folder / "公示.txt", "公示\n张三\n校验码：4R8FM-BH3NK-2NG14-MMVRS-SBATG\n2026年4月9日\n"

    def attempt(kind: str, chance: random.Random) -> Verdict:
        data = text_mutant(kind, whole, chance, "-：\n")
        path.write_bytes(data)
        (rows,) = reread.tables(path)
        text = data.decode("utf-8-sig", "replace")
        return Verdict(True, True, "" if [line for (line,) in rows] == text.splitlines() else "other lines")

    return attempt


def try_notice(folder: Path) -> Try:
    original, path = folder / "原件.xlsx", folder / "公示.xlsx"
    sheet = [["公示表", None], ["姓名", "积分"], ["张三", 102.5], ["李四", 103], ["说明", "加1 讲党课"]]
    with xlsxwriter.Workbook(original) as made:
        written = made.add_worksheet("公示")
        for number, row in enumerate(sheet):
            written.write_row(number, 0, row)
    book = unzipped(original.read_bytes())
    shown, seen_first = reread.tables(original), _by_openpyxl(original)
    names = [name for name in book if not re.search("docProps|theme", name)]

    def attempt(kind: str, chance: random.Random) -> Verdict:
        part = chance.choice([*names, *["xl/worksheets/sheet1.xml"] * 4])
        made = book | {part: KINDS[kind](book[part], chance)}
        formed = is_xml(made[part])
        path.write_bytes(zipped(made))
        try:
            found = reread.tables(path)
            same = not [*reread.differing(shown, found)]
            vouched = same and not [*reread.odd_looks(original, path)]
        except CannotRead as error:
            return Verdict(formed, False, "" if str(error).endswith("。") else str(error))
        if vouched and (words := _by_openpyxl(path)) != seen_first:
            return Verdict(True, True, f"vouched for, and shows {words}")
        if not formed:
            return Verdict(False, False)
        try:
            other = independent(made, every=True)
            ours = {grid.name: told_cells(grid, False) for grid in read_grids(Package.open(path), every=True)}
        except Exception as error:  # of the other reader
            return Verdict(True, False, f"read, though {type(error).__name__}")
        return Verdict(True, True, differing(ours, other))

    return attempt


def _by_openpyxl(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path, data_only=True)
    found = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    return [[value for value in row if value is not None] for row in found if any(row)]


# ---- the run ----

XML = tuple(KINDS)
READERS: dict[str, tuple[Callable[[Path], Try], tuple[str, ...]]] = {
    "csv": (try_csv, TEXT_KINDS),
    "declarations": (try_declared, XML),
    "archive": (try_archive, TEXT_KINDS),
    "journal": (try_journal, JOURNAL_KINDS),
    ".html": (try_page, XML),
    ".txt": (try_message, TEXT_KINDS),
    ".xlsx": (try_notice, XML),
}


class Found(NamedTuple):
    """Of one reader: mutants by kind and what became of them, and those that are wrong."""

    counts: Counter[tuple[str, str]]
    wrong: list[str]


def outcome(reader: str, count: int, seed: int) -> Found:
    """So many mutants of one reader."""
    make, kinds = READERS[reader]
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    chance = random.Random(seed)
    memory = Path("/dev/shm")  # a journal waits for the disk at each write
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        attempt = make(Path(folder))
        for number in range(count):
            kind = chance.choice(kinds)
            counts[kind, "tried"] += 1
            try:
                verdict = attempt(kind, chance)
            except Exception as error:
                wrong.append(f"{number} {kind}: {type(error).__name__}: {error}")
                continue
            counts[kind, FORMED] += verdict.formed
            counts[kind, READ] += verdict.formed and verdict.read and not verdict.wrong
            counts[kind, REFUSED] += verdict.formed and not verdict.read
            if verdict.wrong:
                wrong.append(f"{number} {kind}: {verdict.wrong}")
    return Found(counts, wrong)


def main(count: int, seed: int, *readers: str) -> None:
    """Print a line a reader and kind."""
    for reader in readers or READERS:
        counts, wrong = outcome(reader, count, seed)
        for kind in READERS[reader][1]:
            tried, formed, read, refused = (counts[kind, what] for what in ("tried", FORMED, READ, REFUSED))
            told = f"{tried:6} tried {formed:6} formed {read:6} read ({read / max(formed, 1):4.0%}) {refused:6} refused"
            print(f"{reader:<13} {kind:<20} {told}")
        print(f"{reader:<13} {len(wrong)} wrong")
        print("\n".join(wrong[:20]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000, int(sys.argv[2]) if sys.argv[2:] else 1, *sys.argv[3:])
