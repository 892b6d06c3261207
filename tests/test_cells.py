"""Cells of one sheet: what is written, where, in which style, and what is left alone because it says so already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest
from books import (
    PART,
    WORKBOOK,
    by_calamine,
    by_openpyxl,
    change,
    outside,
    parts_of,
    patched,
    prefixed,
    rows_after,
    small,
    spaced,
    with_noise,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xl_jifen.excel.patch.patched import Patch, Value
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotWrite, JifenError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # features it would lose


def test_a_cell_keeps_its_style_and_whatever_else_it_carries() -> None:
    rows = '<row r="1"><c r="A1" s="1" ph="1" t="s" cm="1" vm="2"><v>0</v></c><c r="B1" s="3"/></row>'
    after = rows_after(small(rows), {(1, 1): 2, (1, 2): True})
    assert after == '<row r="1"><c r="A1" s="1" ph="1"><v>2</v></c><c r="B1" s="3" t="b"><v>1</v></c></row>'


def test_blank_clears_the_value_and_makes_no_new_cell() -> None:
    rows = '<row r="1"><c r="A1" s="1"><v>7</v></c></row>'
    assert rows_after(small(rows), {(1, 1): None, (1, 2): "", (4, 1): None}) == '<row r="1"><c r="A1" s="1"/></row>'


def test_rows_and_cells_are_inserted_in_order() -> None:
    rows = '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>1</v></c></row><row r="5"/>'
    cells: dict[tuple[int, int], Value] = {(6, 1): 1, (1, 1): 2, (2, 1): 3, (2, 3): 4, (2, 5): 5, (3, 1): 6, (5, 2): 7}
    after = rows_after(small(rows), cells)
    assert re.findall(r'(?:row|c) r="(\w+)"', after) == [
        "1",
        "A1",
        "2",
        "A2",
        "B2",
        "C2",
        "D2",
        "E2",
        "3",
        "A3",
        "5",
        "B5",
        "6",
        "A6",
    ]


def test_an_empty_sheet_takes_cells() -> None:
    data = change(PART, lambda xml: xml.replace(b"<sheetData></sheetData>", b"<sheetData/>"))(small(""))
    assert rows_after(data, {(2, 3): "甲", (1, 1): 1}) == (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="C2" t="inlineStr"><is><t>甲</t></is></c></row>'
    )


def test_dimension_and_spans_grow_and_never_shrink() -> None:
    rows = '<row r="2" spans="2:3" ht="20"><c r="B2"><v>1</v></c></row>'
    data = small(rows, before='<dimension ref="B2:C2"/>')
    patch = Patch(Package.of(data, "x.xlsx"))
    patch.set_cells("A", {(2, 6): 1, (4, 1): 2, (9, 9): None})
    xml = parts_of(patch.to_bytes())[PART].decode()
    assert '<dimension ref="A2:F4"/>' in xml
    assert '<row r="2" spans="2:6" ht="20">' in xml


def test_spans_take_in_all_new_cells_and_the_dimension_those_of_an_empty_row() -> None:
    data = small('<row r="2" spans="3:3"><c r="C2"/></row><row r="5"/>', before='<dimension ref="C2"/>')
    patch = Patch(Package.of(data, "x.xlsx"))
    patch.set_cells("A", {(2, 2): 1, (2, 5): 1})
    patch.set_cells("A", {(5, 4): 1, (5, 7): 1})
    xml = parts_of(patch.to_bytes())[PART].decode()
    assert '<row r="2" spans="2:5">' in xml
    assert '<dimension ref="B2:G5"/>' in xml


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (-1, 1), (1_048_577, 1), (1, 16_385)])
def test_there_is_no_cell_outside_the_sheet(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such cell"):
        rows_after(small(""), {place: 1})


def test_the_last_cell_of_a_sheet_can_be_set() -> None:
    assert 'r="XFD1048576"' in rows_after(small(""), {(1_048_576, 16_384): 1})


def test_a_row_may_say_true_where_others_say_1() -> None:
    assert 's="2"' in rows_after(small('<row r="8" s="2" customFormat="true"/>'), {(8, 3): 1})


def test_a_new_cell_takes_the_style_given_else_of_its_neighbours_else_of_row_or_column() -> None:
    rows = (
        '<row r="1"><c r="B1" s="9"/></row><row r="2"><c r="A2"/></row><row r="3"><c r="B3" s="1"/></row>'
        '<row r="4"/><row r="7"><c r="B7" s="3"/></row><row r="8" s="2" customFormat="1"/>'
    )
    data = small(rows, before='<cols><col min="4" max="6" width="9" style="3"/></cols>')
    cells: dict[tuple[int, int], Value] = {(2, 2): 1, (4, 2): 1, (6, 2): 1, (5, 2): 1, (2, 3): 1, (2, 5): 1, (8, 3): 1}
    after = rows_after(data, cells, heading=1, style={3: 7})
    assert dict(re.findall(r'<c r="(\w\d)"(?: s="(\d)")?><v>', after)) == {
        "B2": "1",
        "B4": "1",
        "B5": "1",
        "B6": "3",
        "C2": "7",
        "E2": "3",
        "C8": "7",
    }
    assert 'r="C8" s="2"' in rows_after(data, {(8, 3): 1}, heading=1)
    slow = change(PART, lambda xml: xml.replace(b'r="B3" s="1"', b'  r="B3" s="1"'))(data)
    assert re.sub(" +", " ", rows_after(slow, cells, heading=1, style={3: 7})) == after


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "甲乙"),
        ('<c r="A1" t="s"><v>1</v></c>', "a_b\x07"),
        ('<c r="A1" t="inlineStr"><is><r><t>甲</t></r><r><rPr><b/></rPr><t>乙</t></r></is></c>', "甲乙"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "a<b"),
        ('<c r="A1" t="str"><v>x&amp;&#x4e00;</v></c>', "x&一"),
        ('<c r="A1"><v>2.50</v></c>', Decimal("2.5")),
        ('<c r="A1" t="n"><v>2.4999999999999999E0</v></c>', 2.5),
        ('<c r="A1"><v>0.1</v></c>', Decimal(1) / 10),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" s="2"><v>46082</v></c>', date(2026, 3, 1)),
        ('<c r="A1" s="2" t="d"><v>2026-03-01</v></c>', date(2026, 3, 1)),
        ('<c r="A1" s="1"/>', None),
        ('<c r="A1" s="1"><v></v></c>', ""),
        ('<x:c xmlns:x="urn:x" r="A1"/>', None),
    ],
)
def test_a_value_that_stands_there_already_is_left_alone_however_it_is_spelled(cell: str, value: Value) -> None:
    strings = "<si><r><t>甲</t></r><r><t>乙</t></r><rPh sb='0' eb='1'><t>jia</t></rPh></si><si><t>a_b_x0007_</t></si>"
    patch = Patch(Package.of(small(f'<row r="1">{cell}</row>', strings=strings), "x.xlsx"))
    patch.set_cells("A", {(1, 1): value})
    assert not patch.changed


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><v>5</v></c>', "5"),
        ('<c r="A1" t="str"><v>5</v></c>', 5),
        ('<c r="A1" t="b"><v>1</v></c>', 1),
        ('<c r="A1"><v>1</v></c>', True),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="A1"><v>46082</v></c>', date(2026, 3, 1)),
        ('<c r="A1" t="s"><v>99</v></c>', "x"),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', None),
    ],
)
def test_a_value_of_another_kind_is_another_value(cell: str, value: Value) -> None:
    data = small(f'<row r="1">{cell}</row>')
    patch = Patch(Package.of(data, "x.xlsx"))
    patch.set_cells("A", {(1, 1): value})
    assert patch.changed
    again = Patch(Package.of(patch.to_bytes(), "x.xlsx"))
    again.set_cells("A", {(1, 1): value})
    assert not again.changed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (" a", '<t xml:space="preserve"> a</t>'),
        ("a  b", '<t xml:space="preserve">a  b</t>'),
        ("a\r\nb\rc", '<t xml:space="preserve">a\nb\nc</t>'),
        ("\x01\x0b\x1f\ufffe", "<t>_x0001__x000B__x001F__xFFFE_</t>"),
        ("_x0041_ _X0041_", "<t>_x005F_x0041_ _X0041_</t>"),
        ("a\ud800b", "<t>a_xD800_b</t>"),
        ("]]><&\"'", "<t>]]&gt;&lt;&amp;\"'</t>"),
        ('=HYPERLINK("x")', '<t>=HYPERLINK("x")</t>'),
        (1e20, "<v>1e+20</v>"),
        (-0.1, "<v>-0.1</v>"),
        (Decimal("100.00"), "<v>100</v>"),
        (Decimal(1) / 3, "<v>0.3333333333333333</v>"),
    ],
)
def test_values_are_written_as_excel_reads_them(value: Value, written: str) -> None:
    assert written in rows_after(small(""), {(1, 1): value})


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("长" * 32768, "A!B3 的文字超过 32767 个字"),
        ("😀" * 16384, "超过 32767"),
        (float("nan"), "不是有限的数"),
        (10**400, "不是有限的数"),
        (date(1899, 1, 1), "早于"),
    ],
)
def test_a_value_no_cell_can_hold_is_refused_with_its_place(value: Value, sentence: str) -> None:
    with pytest.raises(CannotWrite, match=sentence):
        rows_after(small(""), {(3, 2): value})
    rows_after(small(""), {(3, 2): "长" * 32767})


@pytest.mark.parametrize("number", [*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58])
def test_a_date_keeps_every_built_in_format_that_shows_a_day(number: int) -> None:
    """ECMA-376-1 18.8.30; 18 to 21 and 45 to 47 show the time only."""

    def style_afterwards(format: int) -> list[bytes]:
        restyled = change("xl/styles.xml", lambda xml: xml.replace(b'"14"', b'"%d"' % format))
        patch = Patch(Package.of(restyled(small('<row r="1"><c r="A1" s="2"/></row>')), "x.xlsx"))
        patch.set_cells("A", {(1, 1): date(2026, 3, 1)})
        return re.findall(rb' s="(\d)"', parts_of(patch.to_bytes())[PART])

    assert style_afterwards(number) == [b"2"]
    assert style_afterwards(20) != [b"2"]


@pytest.mark.parametrize(
    ("day", "date1904", "serial"),
    [
        (date(2026, 3, 1), False, "46082"),
        (date(2026, 3, 1), True, "44620"),
        (date(1900, 2, 28), False, "59"),
        (date(1900, 3, 1), False, "61"),
        (datetime(2026, 3, 1, 12), False, "46082.5"),
    ],
)
def test_a_date_is_counted_in_the_days_of_the_book_and_shown_as_one(day: date, date1904: bool, serial: str) -> None:
    data = small('<row r="1"><c r="A1" s="2"/><c r="B1" s="3"/></row>')
    if date1904:
        data = change(WORKBOOK, lambda xml: xml.replace(b"<sheets>", b'<workbookPr date1904="true"/><sheets>'))(data)
    patch = Patch(Package.of(data, "x.xlsx"))
    patch.set_cells("A", {(1, 1): day, (1, 2): day, (1, 3): day})
    parts = parts_of(patch.to_bytes())
    assert parts[PART].decode().count(f"<v>{serial}</v>") == 3
    assert re.findall(rb' s="(\d)"', parts[PART]) == [b"2", b"4", b"5"]  # a date already, a copy of 3, a copy of 0
    styles = parts["xl/styles.xml"].decode()
    assert (
        '<xf numFmtId="164" fontId="0" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/></cell'
        in styles
    )
    assert '<cellXfs count="6">' in styles
    assert '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><fonts' in styles


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('<row r="1"><c r="A1"><f t="array" ref="A1:A3">X</f><v>1</v></c></row>', "A!A2 处在数组公式 A1:A3 中"),
        ('<row r="1"><c r="A1"><f t="dataTable" ref="A1:B9"/></c></row>', "数组公式"),
        (
            '<row r="2"><c r="A2"><f t="shared" ref="A2:A9" si="0">B2</f><v>1</v></c></row>',
            "A!A2 是一组填充公式的第一格",
        ),
        ('<row r="2"/><row r="1"/>', "已损坏"),
        ('<row r="2"><c r="A3"/></row>', "已损坏"),
        ('<row r="2"><c r="A2"></row>', "已损坏"),
    ],
)
def test_what_cannot_be_overwritten_safely_is_refused(rows: str, sentence: str) -> None:
    with pytest.raises(JifenError, match=sentence):
        rows_after(small(rows), {(2, 1): 5})


# -- any sheet, any edit ----------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
numbers = st.one_of(st.integers(-(10**6), 10**6), st.decimals(-9999, 9999, places=2), st.floats(-1e9, 1e9))
values = st.one_of(texts, numbers, st.booleans(), st.none())
places = st.tuples(st.integers(1, 12), st.integers(1, 9))


def stored(value: Value, style: int, ref: str, spelling: int) -> str:
    """A cell as other programs spell it."""
    from xml.sax.saxutils import escape

    head = f'<c r="{ref}"' + (f' s="{style}"' if style else "")
    if value is None or value == "":
        return head + ("/>" if spelling else "></c>")
    if isinstance(value, bool):
        return f'{head} t="b"><v>{int(value)}</v></c>'
    if not isinstance(value, str):
        return f"{head}><v>{value}</v></c>"
    coded = re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda match: f"_x{ord(match[0]):04X}_", value)
    content = f"<t xml:space='preserve'>{escape(coded)}</t>"
    return f'{head} t="inlineStr"><is>{f"<r>{content}</r>" if spelling else content}</is></c>'


def shown(cells: Mapping[tuple[int, int], Value]) -> dict[tuple[int, int], object]:
    return {
        place: float(value) if isinstance(value, Decimal) else value
        for place, value in cells.items()
        if value is not None and value != ""
    }


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    present=st.dictionaries(places, st.tuples(values, st.integers(0, 3).filter(lambda style: style != 2)), max_size=20),
    empty_rows=st.sets(st.integers(1, 12), max_size=3),
    edits=st.dictionaries(places, values, min_size=1, max_size=20),
    spelling=st.integers(0, 1),
    variant=st.sampled_from([bytes, prefixed, with_noise, spaced]),
)
def test_any_edit_of_any_sheet_reads_back_and_leaves_the_rest(
    present: dict[tuple[int, int], tuple[Value, int]],
    empty_rows: set[int],
    edits: dict[tuple[int, int], Value],
    spelling: int,
    variant: Callable[[bytes], bytes],
) -> None:
    rows = ""
    for row in sorted({place[0] for place in present} | empty_rows):
        cells = [
            stored(*present[row, column], f"{chr(64 + column)}{row}", spelling)
            for column in range(1, 10)
            if (row, column) in present
        ]
        rows += f'<row r="{row}">{"".join(cells)}</row>' if cells or spelling else f'<row r="{row}"/>'
    data = change(PART, variant)(small(rows, before='<dimension ref="A1"/>'))
    before = by_openpyxl(data, "A")
    after = patched(data, edits, "A")
    expected = {place: value for place, value in before.items() if place not in edits} | shown(edits)
    assert by_openpyxl(after, "A") == expected
    if variant is not prefixed:
        assert by_calamine(after, "A") == expected
    kept = {place: cell for place, cell in edits.items() if place in present or not (cell is None or cell == "")}
    assert outside(parts_of(after)[PART], kept) == outside(parts_of(data)[PART], kept)
    again = Patch(Package.of(after, "x.xlsx"))
    again.set_cells("A", edits, heading=2)
    assert not again.changed
