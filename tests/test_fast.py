"""The fast way of reading and the exact one find the same cells, in every spelling that programs use."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from books import parts_of, zipped
from branch_parts import MAIN
from drawing import one
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xl_jifen.budget import Budget
from xl_jifen.excel.read import exact, fast
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.excel.read.values import DAY, LASTING, Values
from xl_jifen.excel.read.xml import Odd
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Cell

pytestmark = pytest.mark.usefixtures("read_anew")

STRINGS = ["甲", None, "乙\n丙", "x" * 20]
TEXTS = ("甲", " 甲 ", "&#20826;员", "a&amp;b", "&lt;&#38;lt;&gt;", "_x000D_", "", "\t", "&#xD;", "&#x1F600;")
NUMBERS = ("1", "-2.5", "1E3", "46088", "46088.5", "0.25", "1.5", "", " 7 ")
HEADS = ("", ' spans="1:5"', ' ht="15" customHeight="1"', ' x14ac:dyDescent="0.25"')
COLUMNS = "ABCDEF"


def values(shared: Sequence[str | None] = STRINGS) -> Values:
    return Values(shared, ["", DAY, LASTING], False, Budget("积分.xlsx"))


def usually(draw: st.DrawFn, usual: Sequence[str], odd: Sequence[str]) -> str:
    """One of the usual spellings; now and then an odd one."""
    return one(draw, odd if draw(st.integers(0, 39)) == 17 else usual)


mostly = st.composite(usually)
BETWEEN = mostly([""], ["\n", "<!-- -->", "<q:x/>", "x", "<![CDATA[]]>", "<row"])


@st.composite
def cells(draw: st.DrawFn, place: str) -> str:
    kind = usually(draw, ["", "n", "s", "str", "b", "e", "d", "inlineStr", "inlineStr"], ["x"])
    few = {"s": ["0", "1", "2"], "b": ["0", "1"]}.get(kind, NUMBERS)
    usual = TEXTS if kind in ("str", "inlineStr", "e", "d") else few
    text = usually(draw, usual, ["]]>", "&q;", "&#0;", "x", "1e999", "007", "9", "<q:b>1</q:b>"])
    value = usually(draw, [f"<v>{text}</v>", f"<v>{text}</v>", "<v/>", ""], [f"<v>{text}</v><v>1</v>", "<q:v>1</q:v>"])
    formula = usually(draw, ["", "", "<f>A1</f>", '<f t="shared" si="0"/>', "<f>_xlfn.DISPIMG(1)</f>"], ["<f>&q;</f>"])
    items = [f"<t>{text}</t>", f'<t xml:space="preserve">{text}</t>', "<t/>"]
    odd = [f"<r><rPr><b/></rPr>{items[0]}</r><r><t>乙</t></r>", f"{items[0]}<rPh><t>a</t></rPh>", f"{items[0]}<t>1</t>"]
    content = f"<is>{usually(draw, items, odd)}</is>" if kind == "inlineStr" else formula + value
    said = [one(draw, ["", ' s="1"', ' s="2"']), f' t="{kind}"' if kind else ""]
    said += [usually(draw, ["", "", ' cm="1"', ' vm="1"'], [' ph="1"', ' s="3"', " s='1'", ' s=""'])]
    said = draw(st.permutations(said))
    where = usually(draw, [f' r="{place}"'], ["", f' r="{place.lower()}"', ' r="A1"'])
    told = "".join([where, *said] if draw(st.integers(0, 9)) else [*said, where])
    return f"<c{told}>{content}</c>" if content or draw(st.booleans()) else f"<c{told}/>"


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    rows, number = [], 0
    for _ in range(draw(st.integers(0, 4))):
        number += int(usually(draw, ["1", "2"], ["0"]))
        head = usually(draw, HEADS, [' s="1" s="1"', ' z:x="1"', ' xmlns="urn:q"', ' a="<"'])
        named = usually(draw, [f' r="{number}"'], ["", ' r="0"', ' r="x"'])
        columns = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=4).map(sorted))
        body = "".join(draw(cells(f"{column}{number}")) for column in columns)
        content = f">{draw(BETWEEN)}{body}</row>" if body or draw(st.booleans()) else "/>"
        rows.append(f"<row{named}{head}{content}{draw(BETWEEN)}")
    front = [f'<dimension ref="A1:{COLUMNS[-1]}9"/>', "<cols><col/></cols>", ""]
    before = usually(draw, front, ["<!-- <sheetData> -->", "<cols><sheetData/></cols>", "<cols>"])
    more = usually(draw, ["", "<extLst><q:x/></extLst>"], ["<extLst><sheetData/></extLst>", "<sheetData/>", "<q:x>"])
    spaces = usually(draw, [f'xmlns="{MAIN}"'], ['xmlns="urn:a"']) + ' xmlns:q="urn:q" xmlns:x14ac="urn:a"'
    return f"<worksheet {spaces}>{before}<sheetData>{''.join(rows)}</sheetData>{more}</worksheet>".encode()


def found(read: Any, *arguments: Any) -> Any:
    """What it finds, each value with its type; None where it is refused."""
    try:
        told = read(*arguments)
    except (Odd, CannotRead):
        return None
    rows = told if isinstance(told, list) else {number: list(row) for number, row in told.items()}
    return [(key, repr(row)) for key, row in (sorted(rows.items()) if isinstance(rows, dict) else enumerate(rows))]


@pytest.mark.slow
@pytest.mark.parametrize("long", [0, 1 << 17], ids=["whole rows", "cell by cell"])
@settings(max_examples=200, deadline=None)
@given(xml=sheets())
@example(f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"/><c r="A1"/></row></sheetData></worksheet>'.encode())
def test_sheets(long: int, xml: bytes) -> None:
    """What the fast way reads it reads as the exact one does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "LONG", long)
        quick = found(fast.rows, xml, fast.Spellings(values()))
    if quick is not None:
        assert quick == found(exact.rows, xml, values())


INLINE = st.tuples(
    st.sampled_from(COLUMNS),
    mostly(["", ' s="1"'], [' cm="1"', ' vm="1"', ' s="a"', ' t="s"']),
    mostly(["", ' xml:space="preserve"'], [' x="1"']),
    mostly([*TEXTS, "&#60;", "a&lt;b&#x41;"], ["]]>", "&q;", "&#0;", "\0", "<", "x" * 40_000]),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(INLINE, min_size=1, max_size=4, unique_by=lambda cell: cell[0]), min_size=1, max_size=4))
def test_texts_that_stand_in_their_cells(told: list[list[tuple[str, str, str, str]]]) -> None:
    """Those of a column are worked out together, as if each were read by itself."""
    cell = '<c r="{}{}"{} t="inlineStr"><is><t{}>{}</t></is></c>'.format
    rows = [
        "".join(cell(column, number, said, space, text) for column, said, space, text in sorted(row))
        for number, row in enumerate(told, 1)
    ]
    data = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, 1))
    head = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:{COLUMNS[-1]}9"/>'
    xml = f"{head}<sheetData>{data}</sheetData></worksheet>".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "LONG", 0)
        quick = found(fast.rows, xml, fast.Spellings(values([])))
    if quick is not None:
        assert quick == found(exact.rows, xml, values([]))


def test_a_number_means_only_what_may_stand_in_xml() -> None:
    for code in (9, 10, 13, 32, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF):
        assert fast._resolved(f"&#{code};") == fast._resolved(f"&#x{code:X};") == chr(code)
    for code in (0, 8, 11, 31, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x110000):
        with pytest.raises(Odd):
            fast._resolved(f"&#{code};")


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_shared_texts(data: st.DataObject) -> None:
    text = mostly(TEXTS, ["]]>", "&q;", "&#0;", "<b/>"])
    plain = text.map(lambda t: f"<t>{t}</t>") | text.map(lambda t: f'<t xml:space="preserve">{t}</t>') | st.just("<t/>")
    style = mostly(["", "<rPr/>", '<rPr><b/><sz val="11"/></rPr>'], ["<rPr><q:b/></rPr>", "<q:x><t>1</t></q:x>"])
    run = st.tuples(style, text).map(lambda r: f"<r>{r[0]}<t>{r[1]}</t></r>")
    runs = st.lists(run, min_size=1, max_size=3).map("".join)
    phonetic = ["", "", '<rPh sb="0" eb="1"><t>a</t></rPh>', '<phoneticPr fontId="1"/>']
    item = st.tuples(plain | runs | st.just(""), mostly(phonetic, ["<q:x/>", "<t>1</t>", "<r><t>1</t></r>"]))
    whole = st.tuples(item.map(lambda i: f"<si>{i[0]}{i[1]}</si>"), BETWEEN).map("".join)
    items = data.draw(st.lists(whole, max_size=4).map("".join))
    xml = f'<sst xmlns="{MAIN}" xmlns:q="urn:q">{items}</sst>'.encode()
    quick = found(fast.strings, xml, Budget("积分.xlsx"))
    if quick is not None:
        assert quick == found(exact.strings, xml, Budget("积分.xlsx"))


ROWS: list[list[Any]] = [
    ["序号", "日期", "姓名", None, "事由"],
    [1, date(2026, 3, 7), "张伟", None, "讲 党课\n两次"],
    [2.5, datetime(2026, 3, 8, 9, 30), "阿依古丽·买买提", True, "<&> 😀 _x"],
    [],
    [None, None, None, None, "党员00001"],
]


def by_xlsxwriter() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, day = book.add_worksheet("1月"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.set_row(3, 30)
        for at, row in enumerate(ROWS):
            for column, value in enumerate(row):
                sheet.write(at, column, value, day if isinstance(value, date) else None)
    return out.getvalue()


def by_openpyxl(data: bytes | None = None) -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data or by_xlsxwriter())).save(out)
    return out.getvalue()


def prefixed(xml: bytes) -> bytes:
    """A part as the libraries of .NET write it: every element with a prefix."""
    return re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", xml.replace(b" xmlns=", b" xmlns:x="))


def by_dotnet() -> bytes:
    parts = parts_of(by_xlsxwriter())
    texts = "xl/sharedStrings.xml"
    sheet = Package.of(zipped(parts), "积分.xlsx").sheets["1月"]
    return zipped({**parts, sheet: prefixed(parts[sheet]), texts: prefixed(parts[texts])})


@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl, by_dotnet])
def test_what_programs_write_is_read_the_fast_way(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Any:
        raise AssertionError("read element by element")

    monkeypatch.setattr(exact, "rows", never)
    monkeypatch.setattr(exact, "strings", never)
    grid = read_grids(Package.of(write(), "积分.xlsx")).get("1月")
    assert grid is not None
    wanted: Sequence[Sequence[Cell]] = [*ROWS[:2], [*ROWS[2][:3], True, ROWS[2][4]], *ROWS[3:]]
    assert [list(row) for row in grid.rows] == wanted
