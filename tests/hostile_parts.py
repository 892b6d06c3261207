"""Small files that cost much: generators of hostile inputs, each with the honest one beside it.

Used by the tests, which try each bound at its edge, and by ``tests/bench/hostile.py``, which tells seconds and memory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from branch_parts import ENTRY, MAIN, MONTH, OFFICE, PACKAGE, SHEETS, STYLES, WORKBOOK, parts

from xl_jifen.grid import column_letters

RELATIONS, TEXTS = "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"


def zipped_fast(made: Mapping[str, str | bytes]) -> bytes:
    """Large parts are packed in no time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in made.items():
            file.writestr(name, content)
    return out.getvalue()


def month(rows: Iterable[str], part: str = MONTH) -> dict[str, str]:
    made = parts()
    return made | {part: made[part].replace("</sheetData>", "".join(rows) + "</sheetData>")}


def numbers(rows: int, columns: int, value: Callable[[int, int], object]) -> dict[str, str]:
    """Rows behind those of January in which every cell is a number."""
    letters = [column_letters(column) for column in range(1, columns + 1)]
    return month(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}"><v>{value(r, i)}</v></c>' for i, c in enumerate(letters)) + "</row>"
        for r in range(4, rows + 4)
    )


def texts(count: int, length: int) -> dict[str, str]:
    """Long texts, each with a letter above U+FFFF, which makes every letter of it take four bytes."""
    body = "".join(f"{i:05d}" for i in range(length // 5 + 1))[: length - 8]
    cell = '<row r="{r}"><c r="E{r}" t="inlineStr"><is><t>{r:07d}\U00020000{body}</t></is></c></row>'
    return month(cell.format(r=r, body=body) for r in range(4, count + 4))


def shared(count: int) -> dict[str, str]:
    """Shared texts that no cell uses."""
    made = parts()
    made[TEXTS] = f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{i:x}</t></si>" for i in range(count)) + "</sst>"
    more = f'<Relationship Id="rId88" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    return made | {RELATIONS: made[RELATIONS].replace("</Relationships>", more)}


def linked(count: int) -> dict[str, str]:
    """Relations of the workbook to the web."""
    made, kind = parts(), f'Type="{OFFICE}/hyperlink" TargetMode="External"'
    more = "".join(f'<Relationship Id="x{i}" {kind} Target="http://e.cn/{i}"/>' for i in range(count))
    return made | {RELATIONS: made[RELATIONS].replace("</Relationships>", f"{more}</Relationships>")}


def linked_list() -> dict[str, str]:
    """A list of declarations as workbook, one cell of it a link."""
    made = parts({"申报": [SHEETS["1月"][0], *SHEETS["1月"][1:]]})
    link = '<hyperlinks><hyperlink ref="E2" r:id="rId1" location="/第2页"/></hyperlinks></worksheet>'
    made["xl/worksheets/sheet1.xml"] = made["xl/worksheets/sheet1.xml"].replace("</worksheet>", link)
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/hyperlink" '
        'Target="https://docs.example.cn/app/" TargetMode="External"/></Relationships>'
    )
    return made


def everyone(members: int, activities: int) -> dict[str, str]:
    """全体 of a roster in so many rows."""
    roster = [SHEETS["党员名册"][0], *([f"{i:04d}", f"党员{i:04d}", "正式党员"] for i in range(members))]
    kinds = [["活动类型", "到会情况", "规则编号"], ["党员大会", "参加", "加1"]]
    held = [["日期", "活动类型", "活动名称", "参加"]]
    held += [[f"2026-0{i % 3 + 1}-{i % 28 + 1:02d}", "党员大会", f"会{i}", "全体"] for i in range(activities)]
    return parts({**SHEETS, "1月": [ENTRY], "党员名册": roster, "考勤计分": kinds, "活动考勤": held})


def before(place: str, part: str, more: str) -> dict[str, str]:
    """A workbook with something more in a part, before the first such place."""
    made = parts()
    return made | {part: made[part].replace(place, more + place, 1)}


MILLION = 1_000_000
Made = Mapping[str, str | bytes] | bytes


class Hostile(NamedTuple):
    """One kind of input: what it is, the parts of a workbook or the bytes of a file, and the exit codes allowed.

    ``made`` takes a share: 24 makes a 24th of it, for limits that are a 24th of the real ones. ``name`` is what
    the file is called that lies beside an honest workbook; which command reads it follows from that.
    """

    what: str
    made: Callable[[int], Made]
    exits: tuple[int, ...]
    name: str = "申报.csv"


def long(letters: int) -> str:
    """So many letters that do not pack well."""
    return "".join(f"{number:07d}" for number in range(letters // 7))


def comment(text: str) -> str:
    return f"<!--{text}-->"


def unended(count: int) -> str:
    return comment("<mergeCell " * count)


def elements(count: int) -> str:
    return "".join(f"<a{number % 977}/>" for number in range(count))


def listed(body: bytes, times: int) -> bytes:
    """A list of declarations as .csv with that below its heading."""
    return "姓名,规则,日期,数量,事由\n".encode() + body * times


def one_day(count: int) -> bytes:
    return "".join(f"张三,加1,2026-01-10,1,第{i}次\n" for i in range(count)).encode()


def merged(rows: int, ranges: int) -> dict[str, str]:
    """Wrong rows in which cells are merged two and two."""
    made = numbers(rows, 15, lambda r, c: c)
    pairs = (f'<mergeCell ref="{column_letters(n % 15 + 1)}{r}:{column_letters(n % 15 + 1)}{r + 1}"/>'
             for n in range(ranges) for r in (4 + n // 15 * 2,))  # fmt: skip
    more = f"<mergeCells>{''.join(pairs)}</mergeCells></worksheet>"
    return made | {MONTH: made[MONTH].replace("</worksheet>", more)}


def wrong_texts(rows: int, different: int) -> dict[str, str]:
    """Rows in which each cell is a text that means nothing, many of them."""
    cell = '<c r="{c}{r}" t="inlineStr"><is><t>甲{n}{c}</t></is></c>'
    return month(
        f'<row r="{r}">' + "".join(cell.format(c=c, r=r, n=r % different) for c in "ABCDEFG") + "</row>"
        for r in range(4, rows + 4)
    )


def oddly_spelt(rows: int) -> dict[str, str]:
    """Wrong rows that no fast way reads."""
    made = numbers(rows, 15, lambda r, c: c)
    return made | {MONTH: made[MONTH].replace('<c r="A4">', "<c r='A4'>").replace("<row ", "<row  ")}


END, END_STYLES, END_BOOK = "</worksheet>", "</styleSheet>", "</workbook>"
KINDS = (
    Hostile("distinct numbers, 120 MB of XML", lambda n: numbers(160_000 // n, 15, lambda r, c: f"{r}.{c}7"), (2,)),
    Hostile("as many distinct numbers as are read", lambda n: numbers(19_900 // n, 15, lambda r, c: r * 15 + c), (1,)),
    Hostile("as many wrong rows as are read", lambda n: numbers(110_000 // n, 15, lambda r, c: c), (1,)),
    Hostile("as many wrong texts as are read", lambda n: wrong_texts(110_000 // n, 42_000 // n), (1,)),
    Hostile("wrong rows of merged cells", lambda n: merged(110_000 // n, 99_000 // n), (1,)),
    Hostile("as many oddly spelt cells as are read", lambda n: oddly_spelt(51_000 // n), (1,)),
    Hostile("more oddly spelt cells", lambda n: oddly_spelt(100_000 // n), (2,)),
    Hostile("shared texts that nobody uses", lambda n: shared(6_000_000 // n), (2,)),
    Hostile("as many shared texts as are read", lambda n: shared(1_999_000 // n), (0,)),
    Hostile("texts of four bytes a letter", lambda n: texts(3_600 // n, 32_500), (2,)),
    Hostile("as many letters as are read", lambda n: texts(980 // n, 32_500), (1,)),
    Hostile("a text longer than a cell", lambda _: texts(1, 40_000), (2,)),
    Hostile("a million relations", lambda n: linked(1_000_000 // n), (2,)),
    Hostile("as many relations as are read", lambda n: linked(99_000 // n), (0,)),
    Hostile("a comment of 15 MB", lambda n: before(END_BOOK, WORKBOOK, comment(long(15 * MILLION // n))), (0,)),
    Hostile("an attribute of 15 MB", lambda n: before("xmlns", WORKBOOK, f'a="{long(15 * MILLION // n)}" '), (0,)),
    Hostile("a comment of 45 MB in a sheet", lambda n: before(END, MONTH, comment(long(45 * MILLION // n))), (0,)),
    Hostile("millions of elements", lambda n: before("<sheetData>", MONTH, elements(9 * MILLION // n)), (2,)),
    Hostile("as many elements as are read", lambda n: before("<sheetData>", MONTH, elements(3_500_000 // n)), (0,)),
    Hostile("elements in styles", lambda n: before(END_STYLES, STYLES, elements(1_700_000 // n)), (0,)),
    Hostile("merged cells that do not end", lambda n: before(END, MONTH, unended(4 * MILLION // n)), (2,)),
    Hostile("everyone, a thousand times a thousand", lambda n: everyone(1_000, 1_000 // n), (2,)),
    Hostile("as many names as are read", lambda n: everyone(1_000, 148 // n), (0, 1)),
    Hostile("line ends as .csv", lambda n: listed(b"\n", (15 << 20) // n), (2,)),
    Hostile("commas as .csv", lambda n: listed(b",", (15 << 20) // n), (2,)),
    Hostile("quotes as .csv", lambda n: listed(b'"",', (5 << 20) // n), (2,)),
    Hostile("quoted line ends as .csv", lambda n: listed(b'"\n",', (3 << 20) // n), (2,)),
    Hostile("letters of four bytes as .csv", lambda n: listed("\U00020000".encode(), (15 << 18) // n), (2,)),
    Hostile("a year of declarations on one day", lambda n: listed(one_day(4_990 // n), 1), (0, 1)),
)  # fmt: skip
