"""Parts of real workbooks, mutated one place at a time and zipped anew, and an independent reader to compare with.

python tests/fuzz/mutants.py [COUNT] prints, by kind of mutation, how many mutants were still well-formed, read and
refused. Every one that is read must show the cells the independent reader finds; nothing but CannotRead may be raised.
"""

from __future__ import annotations

import io
import random
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).resolve().parents[at]) for at in (1, 2)]

import openpyxl  # noqa: E402
import xlsxwriter  # noqa: E402
from branch_parts import COMPATIBILITY, MAIN, OFFICE, PACKAGE, SHEETS, parts, zipped  # noqa: E402

from xl_jifen import layout  # noqa: E402
from xl_jifen.excel.read.file import NOT_COMPUTED, PICTURE, read_grids  # noqa: E402
from xl_jifen.excel.read.package import Package  # noqa: E402
from xl_jifen.finding import CannotRead  # noqa: E402
from xl_jifen.grid import CellError, Grid, column_number  # noqa: E402

Parts = dict[str, bytes]
Cells = dict[str, dict[tuple[int, int], object]]


# ---- the books that are mutated ----


def by_hand() -> bytes:
    return zipped(parts())


def by_xlsxwriter() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                        sheet.write_datetime(at, column, datetime.fromisoformat(value), day)
                    else:
                        sheet.write(at, column, value)
            sheet.write_rich_string(9, 1, "一", bold, "二", "三")
            sheet.write_formula(10, 2, "=1+1", None, 2)
            sheet.write_boolean(11, 0, True)
            sheet.conditional_format("A1:B9", {"type": "data_bar", "data_bar_2010": True})
    return out.getvalue()


def by_openpyxl() -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(by_xlsxwriter())).save(out)
    return out.getvalue()


def unzipped(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


# ---- mutations ----

ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?(?:/>|>)")
TAGS = (
    b"v",
    b"t",
    b"c",
    b"row",
    b"is",
    b"si",
    b"sheet",
    b"xf",
    b"sheetData",
    b"sheets",
    b"f",
    b"Relationship",
    b"cellXfs",
)


def spans(xml: bytes, chance: random.Random) -> tuple[int, int]:
    """Where one element begins and ends, more often one that has to do with cells."""
    found = list(ELEMENT.finditer(xml))
    if not found:
        return 0, len(xml)
    some = [match for match in found if match[1].rpartition(b":")[2] in TAGS and chance.random() < 0.7] or found
    match = chance.choice(some)
    if match[0].endswith(b"/>"):
        return match.start(), match.end()
    depth = 0
    for tag in re.finditer(rb"<(/?)" + re.escape(match[1]) + rb"(?:\s[^<>]*)?(/?)>", xml[match.start() :]):
        depth += 0 if tag[2] else -1 if tag[1] else 1
        if not depth:
            return match.start(), match.start() + tag.end()
    return match.start(), len(xml)


def duplicate(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    twin = re.sub(rb">[^<>]+<", lambda m: b">" + chance.choice((b"5", b"0", m[0][1:-1])) + b"<", xml[begin:end])
    return xml[:end] + twin + xml[end:]


def nest(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    inner = xml[begin:end]
    opening = inner.find(b">") + 1
    if inner[opening - 2 : opening] == b"/>":
        name = re.split(rb"[\s/>]", inner[1:], maxsplit=1)[0]
        return xml[:begin] + inner[: opening - 2] + b">" + inner + b"</" + name + b">" + xml[end:]
    return xml[:begin] + inner[:opening] + inner + inner[opening:] + xml[end:]


def prefix(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    space = chance.choice((MAIN.encode(), b"urn:q", MAIN.encode()))
    inner = re.sub(rb"<(/?)(?=\w+[\s/>])", rb"<\1q:", xml[begin:end])
    inner = re.sub(rb"^<q:\w+", lambda m: m[0] + b' xmlns:q="' + space + b'"', inner)
    return xml[:begin] + inner + (b"" if chance.random() < 0.7 else xml[begin:end]) + xml[end:]


def into_extension(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    moved = b'<extLst><ext uri="{0}">' + xml[begin:end] + b"</ext></extLst>"
    kept = xml[begin:end] if chance.random() < 0.5 else b""
    if chance.random() < 0.5:
        return xml[:begin] + kept + moved + xml[end:]
    close = xml.rfind(b"</")
    return xml[:begin] + kept + xml[end:close] + moved + xml[close:] if close > end else xml[:begin] + moved + xml[end:]


def into_alternative(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    way = chance.choice((b"Choice", b"Fallback"))
    before = b'<mc:AlternateContent xmlns:mc="%b"><mc:%b>' % (COMPATIBILITY.encode(), way)
    return xml[:begin] + before + xml[begin:end] + b"</mc:%b></mc:AlternateContent>" % way + xml[end:]


def cut(xml: bytes, chance: random.Random) -> bytes:
    begin, end = spans(xml, chance)
    return xml[:begin] + xml[end:]


def swap(xml: bytes, chance: random.Random) -> bytes:
    """One attribute or text becomes another of the part."""
    found = list(re.finditer(rb'"[^"<>]*"|>[^<>]+<', xml))
    one, other = chance.choice(found), chance.choice(found)
    return xml[: one.start() + 1] + other[0][1:-1] + xml[one.end() - 1 :]


def spoil(xml: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(xml)
    for _ in range(chance.choice((1, 1, 2, 5))):
        spoilt[chance.randrange(len(spoilt))] = chance.choice(b'0159 <>/"&;ZzAx=\xe5')
    return bytes(spoilt)


KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "duplicate": duplicate,
    "nest": nest,
    "prefix": prefix,
    "into an extension": into_extension,
    "into an alternative": into_alternative,
    "cut": cut,
    "swap": swap,
    "bytes": spoil,
}


class Mutant(NamedTuple):
    """One mutated workbook: the kind of mutation, the part, and all parts."""

    kind: str
    part: str
    made: Mapping[str, bytes]


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    """So many mutants that are still well-formed; ``count`` tells how many are tried."""
    chance = random.Random(seed)
    books = [unzipped(make()) for make in (by_hand, by_xlsxwriter, by_openpyxl)]
    for _ in range(count):
        book = chance.choice(books)
        names = [
            name for name in book if re.search(r"sheet\d|workbook|styles|sharedStrings|Content|_rels/\.rels", name)
        ]
        part = chance.choice([*names, *(name for name in names if re.search(r"sheets/sheet|Strings", name))])
        kind = chance.choice(list(KINDS))
        yield Mutant(kind, part, book | {part: KINDS[kind](book[part], chance)})


# ---- the independent reader: the paths of the schema, by ElementTree ----


class Doubtful(Exception):
    """What programs would read in two ways: must be refused."""


SPACES = (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
OFFICES = (OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")


def independent(made: Mapping[str, bytes], *, every: bool = False) -> Cells:
    """The cells of the branch's sheets (or ``every``) by name, row and column.

    Raises Doubtful, or anything for a broken package.
    """
    rels = _relations(made, "_rels/.rels", "")
    main = next(target for kind, target in rels.values() if kind == "officeDocument")
    folder, _, base = main.rpartition("/")
    targets = _relations(made, f"{folder}/_rels/{base}.rels", folder)
    root, space = _root(made[main], "workbook")
    strings: list[str] = []
    for kind, target in targets.values():
        if kind == "sharedStrings" and target in made:
            texts, own = _root(made[target], "sst")
            strings = [_text(item, own) for item in texts.findall(f"{own}si")]
    found: Cells = {}
    lists = root.findall(f"{space}sheets")
    if len(lists) > 1:
        raise Doubtful
    for sheet in lists[0].findall(f"{space}sheet") if lists else ():
        name, ids = sheet.get("name", ""), [sheet.get(f"{{{office}}}id") for office in OFFICES]
        kind, target = targets.get(next((i for i in ids if i is not None), ""), ("", ""))
        if kind == "worksheet" and (every or layout.meant(name)):
            if name in found:
                raise Doubtful
            found[name] = _cells(made[target], strings)
    return found


def _relations(made: Mapping[str, bytes], part: str, folder: str) -> dict[str, tuple[str, str]]:
    root = ElementTree.fromstring(made[part])
    if root.tag != f"{{{PACKAGE}/relationships}}Relationships":
        raise Doubtful
    found = {}
    for each in root.findall(f"{{{PACKAGE}/relationships}}Relationship"):
        target = each.get("Target", "")
        target = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        found.setdefault(each.get("Id", ""), (each.get("Type", "").rpartition("/")[2], target))
    return found


def _root(xml: bytes, name: str) -> tuple[ElementTree.Element, str]:
    root = ElementTree.fromstring(xml)
    for space in SPACES:
        if root.tag == f"{{{space}}}{name}":
            return root, f"{{{space}}}"
    raise Doubtful


def _text(item: ElementTree.Element, space: str) -> str:
    direct, runs = item.findall(f"{space}t"), item.findall(f"{space}r")
    if len(direct) > 1 or any(len(run.findall(f"{space}t")) > 1 for run in runs):
        raise Doubtful
    return "".join(t.text or "" for t in [*direct, *(t for run in runs for t in run.findall(f"{space}t"))])


def _cells(xml: bytes, strings: list[str]) -> dict[tuple[int, int], object]:
    root, space = _root(xml, "worksheet")
    data = root.findall(f"{space}sheetData")
    if len(data) > 1:
        raise Doubtful
    found: dict[tuple[int, int], object] = {}
    number = 0
    for row in data[0].findall(f"{space}row") if data else ():
        number, column = int(row.get("r", number + 1)), 0
        for cell in row.findall(f"{space}c"):
            place = re.fullmatch(r"([A-Za-z]{1,3})(\d+)", cell.get("r", ""))
            column = column_number(place[1]) if place else column + 1
            value = _value(cell, space, strings)
            if value is not None:
                at = int(place[2]) if place else number, column
                if at in found:
                    raise Doubtful
                found[at] = value
    return found


def _value(cell: ElementTree.Element, space: str, strings: list[str]) -> object:
    values, formulas, inline = (cell.findall(f"{space}{tag}") for tag in ("v", "f", "is"))
    if max(len(values), len(formulas), len(inline)) > 1:
        raise Doubtful
    kind, raw = cell.get("t", "n"), "".join(value.text or "" for value in values)
    if inline:
        return _text(inline[0], space) or None
    if kind == "str":
        return raw or None
    raw = raw.strip()
    if not raw:
        return "未计算" if formulas else None
    if kind == "s":
        return strings[int(raw)] or None
    if kind == "b":
        return raw in ("1", "true")
    return float(raw) if kind == "n" else raw


# ---- the comparison ----


def ours(made: Mapping[str, bytes]) -> Cells:
    """The same cells as the product reads them, dates as the numbers they are. Raises CannotRead."""
    package = Package.of(zipped(made), "积分.xlsx")
    return {grid.name: told_cells(grid, package.date1904) for grid in read_grids(package)}


def told_cells(grid: Grid, date1904: bool) -> dict[tuple[int, int], object]:
    """The filled cells of a grid by row and column, dates as the numbers they are."""
    cells = ((row, column, cell) for row, r in enumerate(grid.rows, 1) for column, cell in enumerate(r, 1))
    return {(r, c): _told(cell, date1904) for r, c, cell in cells if cell is not None}


def _told(cell: object, date1904: bool) -> object:
    first = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)
    if cell == NOT_COMPUTED:
        return "未计算"
    if isinstance(cell, CellError):
        return cell.text
    if isinstance(cell, time):
        cell = datetime.combine(first, cell)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time.min)
    if isinstance(cell, datetime):
        days = (cell - first) / timedelta(1)
        return days - 1 if not date1904 and 1 <= days < 61 else days
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-6 * max(1.0, abs(one))
    durations = isinstance(one, str) and isinstance(other, float) and re.fullmatch(r"\d+:\d\d(:\d\d)?", one)
    return bool(durations) or one in (other, PICTURE)


def differing(one: Cells, other: Cells) -> str:
    """Where two readings differ, or nothing."""
    if list(one) != list(other):
        return f"sheets {list(one)} and {list(other)}"
    for name, cells in one.items():
        for place in cells.keys() | other[name].keys():
            if not same(cells.get(place), other[name].get(place)):
                return f"{name}{place}: {cells.get(place)!r} and {other[name].get(place)!r}"
    return ""


class Outcome(NamedTuple):
    """What became of the mutants by kind (formed, read, refused), and those that are wrong."""

    counts: Counter[tuple[str, str]]
    wrong: list[str]


def outcome(count: int, seed: int) -> Outcome:
    """Read so many mutants."""
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for number, mutant in enumerate(mutants(count, seed)):
        counts[mutant.kind, "tried"] += 1
        try:
            ElementTree.fromstring(mutant.made[mutant.part])
            formed = True
        except (ElementTree.ParseError, ValueError, LookupError):
            formed = False
        counts[mutant.kind, "formed"] += formed
        try:
            read = ours(mutant.made)
        except CannotRead:
            counts[mutant.kind, "refused"] += formed
            continue
        except Exception as error:
            wrong.append(f"{number} {mutant.kind} of {mutant.part}: {type(error).__name__}: {error}")
            continue
        if not formed:
            continue
        try:
            difference = differing(read, independent(mutant.made))
        except Exception as error:  # of the other reader, which is no careful one
            difference = f"read, though {type(error).__name__}"
        counts[mutant.kind, "read"] += not difference
        if difference:
            wrong.append(f"{number} {mutant.kind} of {mutant.part}: {difference}")
    return Outcome(counts, wrong)


def main(count: int, seed: int) -> None:
    """Print a line a kind."""
    counts, wrong = outcome(count, seed)
    for kind in KINDS:
        tried, formed, read, refused = (counts[kind, what] for what in ("tried", "formed", "read", "refused"))
        share = read / max(formed, 1)
        print(f"{kind:<20} {tried:6} tried {formed:6} formed {read:6} read ({share:4.0%}) {refused:6} refused")
    print(f"{len(wrong)} wrong")
    print("\n".join(wrong[:40]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000, int(sys.argv[2]) if sys.argv[2:] else 1)
