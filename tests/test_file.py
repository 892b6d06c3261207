"""Reading closed workbooks: every spelling of a cell means what it means in Excel, and none stops the reader.

One module, however long: the reader is one, and every spelling is tried in the same small packages.
"""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import textwrap
import time as clock
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter
from apart import apart
from libreoffice import converted

from xl_jifen.budget import LIMITS
from xl_jifen.excel.read import fast as module
from xl_jifen.excel.read.file import NOT_COMPUTED, PICTURE, read_file, read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead
from xl_jifen.grid import Cell, CellError, Grids

pytestmark = pytest.mark.usefixtures("read_anew")

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES = f"""<styleSheet xmlns="{MAIN}">
<numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>
<numFmt numFmtId="165" formatCode="[Magenta]0.00&quot;d&quot;"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>
<dxfs><dxf><numFmt numFmtId="165" formatCode="yyyy"/></dxf></dxfs></styleSheet>"""


def book(sheet: str | bytes, strings: str = "", *, head: str = "", name: str = "3月", styles: str = STYLES) -> bytes:
    """A workbook whose one sheet has this XML: rows, or a whole part."""
    if isinstance(sheet, str) and not sheet.lstrip().startswith(("<?xml", "<worksheet", "<x:worksheet")):
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
    package = "http://schemas.openxmlformats.org/package/2006"
    rows = [("rId1", "worksheet", "sheet1.xml"), ("rId2", "sharedStrings", "s.xml"), ("rId3", "styles", "styles.xml")]
    inner = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in rows)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="workbook.xml"/></Relationships>',
        "_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{inner}</Relationships>',
        "workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{head}'
        f'<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "sheet1.xml": sheet,
        "s.xml": strings if strings.startswith("<") and "<sst" in strings else f'<sst xmlns="{MAIN}">{strings}</sst>',
        "styles.xml": styles,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for part, data in parts.items():
            file.writestr(part, data)
    return out.getvalue()


def rows_of(data: bytes, sheet: str = "3月") -> list[list[Cell]]:
    grid = read_grids(Package.of(data, "积分.xlsx")).get(sheet)
    assert grid is not None
    return [list(row) for row in grid.rows]


def large(rows: str, dimension: str = "A1:F9") -> str:
    """A worksheet of such a size that whole rows are matched at once, wherever they are regular."""
    head = f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/>{" " * module.LONG}'
    return f"{head}<sheetData>{rows}</sheetData></worksheet>"


def cell(xml: str, strings: str = "", **more: str) -> Cell:
    """The value of A1, given its XML with ``c`` for ``<c r="A1"``; the same in each of the three ways to read it."""
    row = xml.replace("<c", '<row r="1"><c r="A1"', 1) + "</row>"
    plain = rows_of(book(row, strings, **more))
    assert rows_of(book(row.replace("<row", "<!-- --><row", 1), "<!-- -->" + strings, **more)) == plain
    assert rows_of(book(large(row), strings, **more)) == plain
    assert len(plain) <= 1
    return plain[0][0] if plain else None


def refusal(data: bytes) -> str:
    with pytest.raises(CannotRead) as caught:
        read_grids(Package.of(data, "积分.xlsx"))
    text = str(caught.value)
    assert text.startswith("“积分.xlsx”")
    assert text.endswith("。")
    assert text.count("。") == 1
    return text


class TestValues:
    @pytest.mark.parametrize(
        ("xml", "value"),
        [
            ("<c><v>12</v></c>", 12),
            ("<c><v>-3</v></c>", -3),
            ('<c t="n"><v>0.1</v></c>', 0.1),
            ("<c><v>1.5E+2</v></c>", 150.0),
            ("<c><v>12345678901234567890</v></c>", 12345678901234567890.0),
            ('<c t="b"><v>1</v></c>', True),
            ('<c t="b"><v>0</v></c>', False),
            ('<c t="str"><f>A2&amp;"x"</f><v>甲 &lt;乙&gt; &amp; 丙</v></c>', "甲 <乙> & 丙"),
            ('<c t="str"><v>&#x7532;&#10;</v></c>', "甲\n"),
            ('<c t="str"><v>001</v></c>', "001"),
            ('<c t="str"><v>  </v></c>', "  "),
            ('<c t="str"><f>""</f><v></v></c>', None),
            ('<c t="str"><f>""</f><v/></c>', None),
            ('<c s="1"/>', None),
            ("<c/>", None),
            ("<c></c>", None),
            ("<c><v></v></c>", None),
            ('<c t="e"><v>#DIV/0!</v></c>', CellError("#DIV/0!")),
            ('<c t="e"><f>NA()</f><v>#N/A</v></c>', CellError("#N/A")),
            ('<c t="e" vm="1"><v>#VALUE!</v></c>', PICTURE),
            ('<c t="e" vm="1"><f>FILTER(A2,0)</f><v>#VALUE!</v></c>', CellError("#VALUE!")),
            ("<c><f>1+1</f><v>2</v></c>", 2),
            ('<c><f t="shared" ref="A1:A9" si="0">ROW()</f><v>1</v></c>', 1),
            ("<c><f>1+1</f></c>", NOT_COMPUTED),
            ('<c><f t="shared" si="0"/></c>', NOT_COMPUTED),
            ('<c t="inlineStr"><is><t xml:space="preserve"> 张伟 </t></is></c>', " 张伟 "),
            ('<c t="inlineStr"><is><t/></is></c>', None),
            (
                '<c t="inlineStr"><is><r><rPr><b/></rPr><t>张</t></r><r><t>伟</t></r>'
                '<rPh sb="0" eb="1"><t>zhang</t></rPh></is></c>',
                "张伟",
            ),
            ('<c t="d"><v>2026-03-07</v></c>', date(2026, 3, 7)),
            ('<c t="d"><v>2026-03-07T00:00:00</v></c>', date(2026, 3, 7)),
            ('<c t="d"><v>2026-03-07T08:30:00Z</v></c>', datetime(2026, 3, 7, 8, 30)),
            ('<c t="d"><v>三月七日</v></c>', "三月七日"),
        ],
    )
    def test_each_kind_of_cell(self, xml: str, value: Cell) -> None:
        read = cell(xml)
        assert read == value
        assert type(read) is type(value)

    @pytest.mark.parametrize(
        ("item", "value"),
        [
            ("<si><t>张伟</t></si>", "张伟"),
            ('<si><t xml:space="preserve"> 张　伟\n</t></si>', " 张　伟\n"),
            ("<si><r><t>加</t></r><r><rPr><b/></rPr><t>2-1</t></r></si>", "加2-1"),
            ('<si><t>重庆</t><rPh sb="0" eb="2"><t>chóngqìng</t></rPh><phoneticPr fontId="1"/></si>', "重庆"),
            ("<si><t>a_x000D_b_x005F_x0041_c_x0001_d_xZZ_</t></si>", "a\rb_x0041_c_x0001_d_xZZ_"),
            ("<si><t>一&#10;二&amp;三</t></si>", "一\n二&三"),
            ("<si><t>一\r\n二</t></si>", "一\n二"),
            ("<si><t><![CDATA[<a & b>]]></t></si>", "<a & b>"),
            ("<si><t></t></si>", None),
            ("<si><t/></si>", None),
            ("<si/>", None),
            ("<si><t>😀</t></si>", "😀"),
        ],
    )
    def test_each_kind_of_shared_string(self, item: str, value: Cell) -> None:
        assert cell('<c t="s"><v>1</v></c>', f"<si><t>x</t></si>{item}") == value

    @pytest.mark.parametrize(
        ("style", "number", "value"),
        [
            (0, "45747", 45747),
            (1, "46088", date(2026, 3, 7)),
            (2, "46088", date(2026, 3, 7)),
            (2, "46088.0", date(2026, 3, 7)),
            (3, "46088", 46088),
            (4, "46088.35416666666", datetime(2026, 3, 7, 8, 30)),
            (1, "46088.99999999999", date(2026, 3, 8)),
            (1, "0", time(0)),
            (1, "0.5", time(12)),
            (1, "59", date(1900, 2, 28)),
            (1, "60", date(1900, 2, 28)),
            (1, "61", date(1900, 3, 1)),
            (1, "2958465", date(9999, 12, 31)),
            (1, "2958466", 2958466),
            (1, "1e300", 1e300),
            (1, "-5", -5),
            (999999, "46088", 46088),
        ],
    )
    def test_a_number_is_a_date_where_its_format_shows_one(self, style: int, number: str, value: Cell) -> None:
        read = cell(f'<c s="{style}"><v>{number}</v></c>')
        assert read == value
        assert type(read) is type(value)

    def test_the_1904_system(self) -> None:
        assert cell('<c s="1"><v>44626</v></c>', head='<workbookPr date1904="true"/>') == date(2026, 3, 7)

    @pytest.mark.parametrize(
        ("code", "dated"),
        [
            ("yyyy-mm-dd", True),
            ('yyyy"年"m"月"', True),
            ("[$-804]aaaa", True),
            ("[DBNum1][$-804]yyyy年m月d日", True),
            ("m/d/yy h:mm;@", True),
            ("h:mm", True),
            ("[h]:mm", False),
            ("mm:ss.0", True),
            ("General", False),
            ("GENERAL;[Red]-General", False),
            ("0.00E+00", False),
            ('0"d"', False),
            ("0\\d", False),
            ("_d0", False),
            ("[Magenta]0.0", False),
            ("[红色]0", False),
            ("#,##0.00;[Blue]-#,##0.00", False),
            ("@", False),
        ],
    )
    def test_which_formats_show_dates(self, code: str, dated: bool) -> None:
        quoted = escape(code, {'"': "&quot;"})
        styles = STYLES.replace("</numFmts>", f'<numFmt numFmtId="170" formatCode="{quoted}"/></numFmts>')
        styles = styles.replace("</cellXfs>", '<xf numFmtId="170"/></cellXfs>')
        assert isinstance(cell('<c s="5"><v>46088.5</v></c>', styles=styles), date) is dated

    @pytest.mark.parametrize(
        ("xml", "words"),
        [
            ('<c t="s"><v>7</v></c>', "引用了不存在的文字"),
            ('<c t="s"><v>-1</v></c>', "引用了不存在的文字"),
            ('<c t="s"><v>99999999999999999999</v></c>', "引用了不存在的文字"),
            ("<c><v>nan</v></c>", "无法识别的数字"),
            ("<c><v>1e999</v></c>", "无法识别的数字"),
            ("<c><v>1_000</v></c>", "无法识别的数字"),
            ("<c><v>１２</v></c>", "无法识别的数字"),
            ('<c t="b"><v>maybe</v></c>', "无法识别的单元格类型"),
            ('<c t="x"><v>1</v></c>', "无法识别的单元格类型"),
            ('<c s="x"><v>1</v></c>', "无法识别的单元格"),
            ('<c t="str"><v>a\x01b</v></c>', "不是完好的 XML"),
            ('<c t="str"><v>a&nbsp;b</v></c>', "不是完好的 XML"),
            ("<c><v>1</v>", "不是完好的 XML"),
        ],
    )
    def test_what_no_cell_can_hold_is_refused_by_the_name_of_the_sheet(self, xml: str, words: str) -> None:
        row = xml.replace("<c", '<row r="1"><c r="A1"', 1) + "</row>"
        text = refusal(book(row, "<si><t>x</t></si>"))
        assert refusal(book(large(row), "<si><t>x</t></si>")) == text
        assert words in text
        assert "工作表“3月”" in text
        assert "备份" in text


class TestPlaces:
    def test_cells_stand_where_they_say(self) -> None:
        xml = '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="4"><c r="A4"><v>3</v></c></row>'
        assert rows_of(book(xml)) == [[], [None, 1, None, 2], [], [3]]

    @pytest.mark.parametrize(
        "xml",
        [
            "<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            '<row r="1"><c><v>1</v></c><c r="C1"><v>2</v></c></row><row><c><v>3</v></c></row>',
            "<row r='1'><c r='A1'><v>1</v></c><c r='C1'><v>2</v></c></row><row r='2'><c r='A2'><v>3</v></c></row>",
            '<row r="1">\n <c s="0" r="A1"> <v>1</v> </c>\n <c r="C1"><v>2</v></c>\n</row>\n'
            '<row spans="1:3" r="2"><c r="A2"><v>3</v></c>\n</row>\n',
            '<row r="2"><c r="A2"><v>3</v></c></row><row r="1"><c r="C1"><v>2</v></c><c r="A1"><v>1</v></c></row>',
            '<row r="7"><c r="A1"><v>1</v></c><c r="C1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>',
            '<row r="1"><c r="a1"><v>1</v></c><c r="c1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>',
            '<row r="1"><c r="A1"><v><![CDATA[1]]></v></c><!-- <row r="1"><c r="B1"><v>9</v></c></row> -->'
            '<c r="C1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>',
            '<row r="1"><c r="A1"><v>1</v><extLst><ext><v>9</v><c r="B1"><v>8</v></c></ext></extLst></c>'
            '<c r="C1"><v>2</v></c></row><row r="2"><c r="A2" ph="1"><v>3</v></c></row>',
        ],
    )
    def test_every_way_to_write_the_same_rows(self, xml: str) -> None:
        assert rows_of(book(xml)) == rows_of(book(large(xml))) == [[1, None, 2], [3]]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_prefixed_elements_in_any_encoding(self, encoding: str) -> None:
        xml = (
            f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1">'
            '<x:c r="A1" t="str"><x:v>张伟 &amp; 李</x:v></x:c></x:row></x:sheetData>'
            "<x:row><x:col>7</x:col></x:row></x:worksheet>"
        )
        assert rows_of(book(xml.encode(encoding))) == [["张伟 & 李"]]

    def test_no_rows_and_no_strings(self) -> None:
        assert rows_of(book(f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>')) == []
        assert rows_of(book(f'<worksheet xmlns="{MAIN}"/>')) == []
        assert rows_of(book("", "")) == []

    @pytest.mark.parametrize(
        ("xml", "words"),
        [
            ('<row r="99999999"><c r="A99999999"><v>1</v></c></row>', "第 99999999 行重复或超出范围"),
            ('<row r="1048577"><c><v>1</v></c></row>', "第 1048577 行重复或超出范围"),
            ('<row r="0"><c r="A0"><v>1</v></c></row>', "超出范围"),
            ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "XFE"),
            ('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>', "单元格编号"),
            (f'<row r="1"><c r="{"A" * 100_000}1"><v>1</v></c></row>', "单元格编号"),
            (f'<row r="{"9" * 9000}"><c r="A{"9" * 9000}"><v>1</v></c></row>', "行号"),
            ('<row r="-1"><c><v>1</v></c></row>', "行号"),
            (
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
                '<row r="1"><c r="A1"><v>2</v></c></row>',
                "第 1 行重复",
            ),
            ('<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>', "重复"),
            ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>', "重复"),
            ('<row r="1"><c r="A1<c r="B1"><v>1</v></c></row>', "不是完好的 XML"),
            ('<row r="1"><c r="A1"<c r="B1"><v>1</v></c></row>', "不是完好的 XML"),
            ('<row r="1"><c r="A1"><v>1</v></c></row>9<<row r="2"><c r="A2"><v>1</v></c></row>', "不是完好的 XML"),
            ('9<<row r="1"><c r="A1"><v>1</v></c></row>', "不是完好的 XML"),
            ('<row r="1"><c r="A1"><v>1</v></c></row>9<', "不是完好的 XML"),
        ],
    )
    def test_places_that_do_not_exist(self, xml: str, words: str) -> None:
        assert words in refusal(book(xml))
        assert words in refusal(book(large(xml)))

    @pytest.mark.slow
    @pytest.mark.parametrize("dimension", ["A1", "A1:B2", "A1:F40", "A1:XFD1048576", "F1:A1"])
    def test_regular_rows_among_others_whatever_the_sheet_says_of_its_size(self, dimension: str) -> None:
        chance = random.Random(dimension)
        strings = "<si><t>甲</t></si>"
        values = ("><v>2.5</v></c>", ' t="s"><v>0</v></c>', ' s="1"/>', ' s="1"><v>46088</v></c>')
        for turn in range(30):
            rows, number = [], 0
            for _ in range(chance.randrange(1, 40)):
                number += chance.choice((1, 1, 1, 2, 7))
                columns = [column for column in "ABCDEF" if chance.random() < 0.7]
                cells = [f'<c r="{column}{number}"{chance.choice(values)}' for column in columns]
                rows.append(f'<row r="{number}" spans="1:6">{"".join(cells)}</row>')
            place = chance.randrange(len(rows))
            match turn % 4:
                case 1:
                    rows[place] = rows[place].replace("<v>", "<v >")
                case 2:
                    rows.insert(place, "\n")
                case 3:
                    chance.shuffle(rows)
            xml = "".join(rows)
            assert rows_of(book(large(xml, dimension), strings)) == rows_of(book(xml, strings))

    def test_an_irregular_row_between_regular_ones_is_not_lost(self) -> None:
        rows = [f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 6)]
        rows[2] = rows[2].replace("<v>", "<v >")
        rows[3] = "\n" + rows[3]
        assert rows_of(book(large("".join(rows)))) == [[1], [2], [3], [4], [5]]
        assert rows_of(book(large("".join(rows).replace("\n", "<!-- -->")))) == [[1], [2], [3], [4], [5]]

    def test_cells_without_content_may_stand_anywhere(self) -> None:
        xml = '<row r="1"><c r="A1"><v>1</v></c><c r="XFE1" s="1"/></row>'
        assert rows_of(book(f'{xml}<row r="99999999"><c r="A99999999" s="1"/></row>')) == [[1]]


class TestSize:
    """Stray cells and formatted emptiness: little time and memory, and never the end of the process."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("xml", "shape"),
        [
            (
                '<row r="1"><c r="IV1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
                (1048576, 256),
            ),
            (
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
                (1048576, 16384),
            ),
            ('<row r="1"><c r="XFD1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>', (2, 16384)),
        ],
    )
    def test_two_far_cells_on_which_a_dense_reader_aborts(
        self, xml: str, shape: tuple[int, int], tmp_path: Path
    ) -> None:
        path = tmp_path / "远.xlsx"
        path.write_bytes(book(xml))
        assert probe(path) == (*shape, 2)

    @pytest.mark.slow
    @apart
    def test_a_million_formatted_rows_and_cells(self, tmp_path: Path) -> None:
        path = tmp_path / "空.xlsx"
        empty = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(2, 1_000_001))
        cells = "".join(f'<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(2, 300_001))
        for filler in (empty, cells, empty[: len(empty) // 4].rpartition("<row")[0].replace("/>", "></row>")):
            path.write_bytes(book(f'<row r="1"><c r="A1"><v>1</v></c></row>{filler}'))
            assert probe(path) == (1, 1, 1)

    @pytest.mark.slow
    @apart
    def test_rows_that_all_reach_the_last_column_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "宽.xlsx"
        path.write_bytes(book("".join(f'<row r="{r}"><c r="XFD{r}"><v>1</v></c></row>' for r in range(1, 20_000))))
        with pytest.raises(CannotRead, match=r"“宽.xlsx”的内容散得太开，.*；请删去多余的内容"):
            read_file(path)

    def test_more_rows_than_any_year_has_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        xml = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, 5))
        empty = "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(5, 50))
        monkeypatch.setitem(LIMITS, "rows", (4, "的登记超过 4 行"))
        assert len(rows_of(book(xml + empty))) == 4
        monkeypatch.setitem(LIMITS, "rows", (3, "的登记超过 3 行"))
        with pytest.raises(CannotRead, match=r"的登记超过 3 行，.*按年度分开"):
            rows_of(book(xml))

    @pytest.mark.slow
    @apart
    def test_a_hundred_thousand_distinct_texts(self, tmp_path: Path) -> None:
        strings = "".join(f"<si><t>事由{number}</t></si>" for number in range(100_000))
        xml = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>{r - 1}</v></c></row>' for r in range(1, 100_001))
        rows = rows_of(book(xml, strings))
        assert rows[0] == ["事由0"]
        assert rows[-1] == ["事由99999"]


def probe(path: Path) -> tuple[int, int, int]:
    """Rows, widest row and filled cells of the first sheet, read in a process of 1 GB and 20 seconds at most."""
    code = """
        import sys
        from pathlib import Path
        try:
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        except ImportError:
            pass
        from xl_jifen.excel.read.file import read_file
        (grid,) = read_file(Path(sys.argv[1]))
        print(len(grid.rows), max(map(len, grid.rows)), sum(c is not None for row in grid.rows for c in row))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), path], capture_output=True, text=True, timeout=20, check=True
    )
    rows, width, filled = map(int, done.stdout.split())
    return rows, width, filled


class TestWorkbooks:
    def test_only_the_sheets_of_the_contract_are_read_and_in_their_order(self, tmp_path: Path) -> None:
        path = tmp_path / "积分.xlsx"
        with xlsxwriter.Workbook(path) as new:
            for name in ("12月", "说明", "３ 月", "校验结果", "设置"):
                new.add_worksheet(name).write("A1", name)
        grids = read_file(path)
        assert [grid.name for grid in grids] == ["12月", "３ 月", "设置"]
        march = grids.get("3月")
        assert march is not None
        assert march.at(1, 1) == "３ 月"

    def test_a_broken_sheet_outside_the_contract_does_no_harm(self) -> None:
        assert read_grids(Package.of(book("<row", name="别的"), "")).sheets == ()
        assert "工作表“3月”不是完好的 XML" in refusal(book("<row"))

    def test_openpyxl_and_xlsxwriter_agree(self, tmp_path: Path) -> None:
        wanted = [["日期", "姓名", "数量", "核实"], [date(2026, 3, 7), " 007 ", 2.5, True], [None, None, -4, "#N/A"]]
        first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
        with xlsxwriter.Workbook(first) as new:
            sheet = new.add_worksheet("3月")
            for row, values in enumerate(wanted):
                sheet.write_row(row, 0, values, new.add_format({"num_format": "yyyy-mm-dd"}) if row == 1 else None)
            sheet.write_number(1, 2, 2.5)
        other = openpyxl.Workbook()
        other.active.title = "3月"
        for values in wanted:
            other.active.append(values)
        other.save(second)
        assert rows_of(first.read_bytes()) == wanted
        assert rows_of(second.read_bytes())[:2] == wanted[:2]
        assert rows_of(second.read_bytes())[2] == [None, None, -4, CellError("#N/A")]

    def test_a_formula_openpyxl_has_written_is_not_a_blank(self, tmp_path: Path) -> None:
        new = openpyxl.Workbook()
        new.active.title = "3月"
        new.active.append(["=1+1", 5])
        new.save(tmp_path / "积分.xlsx")
        assert rows_of((tmp_path / "积分.xlsx").read_bytes()) == [[NOT_COMPUTED, 5]]

    @pytest.mark.office
    def test_libreoffice_saves_the_same_cells_again(self, tmp_path: Path) -> None:
        path = tmp_path / "积分.xlsx"
        sample(path)
        (saved,) = converted([path])
        before, after = read_file(path), read_file(saved)
        assert values(after) == values(before)
        assert values(before)["3月"][1][1] == date(2026, 3, 1)
        assert values(before)["3月"][3][6] == CellError("#DIV/0!")


def sample(path: Path, month: str = "3月") -> None:
    """A small real workbook: texts, rich text, dates, times, formulas, an error, formatted emptiness."""
    with xlsxwriter.Workbook(path) as new:
        day = new.add_format({"num_format": "yyyy-mm-dd", "border": 1})
        bold = new.add_format({"bold": True})
        settings = new.add_worksheet("设置")
        settings.write_row(0, 0, ["项目", "值"])
        settings.write_row(1, 0, ["支部名称", "中共某某支部 & “测试”"])
        sheet = new.add_worksheet(month)
        sheet.write_row(0, 0, ["序号", "日期", "姓名", "规则", "数量", "事由", "计入分"])
        for row in range(1, 30):
            sheet.write(row, 0, row)
            sheet.write_datetime(row, 1, datetime(2026, 3, row), day)
            sheet.write_rich_string(row, 2, "张", bold, f"伟{row % 7}")
            sheet.write(row, 3, "加2-1 主动讲党课")
            sheet.write(row, 4, row / 8)
            sheet.write(row, 5, f"参加第{row}次\n学习 <{row}>")
            sheet.write_formula(row, 6, f"=E{row + 1}*2", None, row / 4)
        sheet.write_formula(3, 6, "=1/0", None, "#DIV/0!")
        for row in range(30, 60):
            sheet.write_blank(row, 1, None, day)


def values(grids: Grids) -> dict[str, list[list[Cell]]]:
    return {grid.name: [list(row) for row in grid.rows] for grid in grids}


class TestFuzz:
    """Whatever is done to the bytes of a workbook: cells come out, or one sentence."""

    @pytest.mark.slow
    def test_three_hundred_mutations(self, tmp_path: Path) -> None:
        chance = random.Random(20260307)
        sample(tmp_path / "一.xlsx")
        originals = [
            (tmp_path / "一.xlsx").read_bytes(),
            book('<row r="1"><c r="A1"><v>1</v></c></row>', "<si><t>x</t></si>"),
        ]
        started, read, refused = clock.monotonic(), 0, 0
        for turn in range(300):
            data = originals[turn % len(originals)]
            mutated = flipped(data, chance) if turn % 3 == 0 else repacked(data, chance)
            result: Grids | str
            try:
                result = read_grids(Package.of(mutated, "积分.xlsx"))
            except CannotRead as error:
                result = str(error)
            if isinstance(result, str):
                assert re.fullmatch(r"“积分\.xlsx”[^。]+。", result)
                refused += 1
            else:
                assert all(isinstance(row, Sequence) for grid in result for row in grid.rows)
                read += 1
        assert read > 30
        assert refused > 60
        assert clock.monotonic() - started < 60


def flipped(data: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, cut off or doubled, anywhere in the zip."""
    content = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.2:
        del content[chance.randrange(len(content)) :]
    return bytes(content)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """A sound zip again, with one part's content spoilt, or the part dropped."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = chance.choice([name for name in old.namelist() if "theme" not in name and "docProps" not in name])
        for name in old.namelist():
            content = old.read(name)
            if name == victim:
                if chance.random() < 0.05:
                    continue
                content = spoilt(content, chance)
            new.writestr(name, content)
    return out.getvalue()


def spoilt(content: bytes, chance: random.Random) -> bytes:
    at, to = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    crumbs = [
        b"<",
        b">",
        b'"',
        b"&",
        b"</row>",
        b'<row r="9">',
        b'<c r="B2"/>',
        b"<c><v>1</v></c>",
        b"\xff",
        b"\0",
        b"9" * 30,
    ]
    crumbs += [b"<!DOCTYPE a>", b"<!--", b"]]>", b"<si>", b"</t>", b"\xef\xbb\xbf", b"-1", b"e9", b"A", b"1048577"]
    match chance.randrange(5):
        case 0:
            return content[:at] + content[to:]
        case 1:
            return content[:at] + content[at : at + 40] + content[at:]
        case 2:
            digits = [match.span() for match in re.finditer(rb"\d+", content)]
            begin, end = chance.choice(digits or [(at, to)])
            return (
                content[:begin] + chance.choice((b"", b"0", b"7", b"99999999", b"-3", b"x", b"1e999")) + content[end:]
            )
        case 3:
            return bytes(byte ^ (chance.random() < 0.001) for byte in content)
        case _:
            return content[:at] + chance.choice(crumbs) + content[at:]


def test_the_bounds_hold_the_largest_honest_workbook() -> None:
    assert LIMITS["places"][0] > 100_000 * 15 * 10
    assert LIMITS["cells"][0] > 100_000 * 15
    assert LIMITS["rows"][0] > 100_000 + 10_000


def test_the_texts_of_a_sheet_are_all_that_stand_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in (("1月", ["无", " x ", 3, "日期"]), ("2月", ["后\u200b补", True, None, "事由"])):
        book.create_sheet(name).append(cells)
    book["2月"]["F1"] = '="算"&"出"'
    path = tmp_path / "book.xlsx"
    book.save(path)
    for grid in read_file(path):
        there = {cell for row in grid.rows for cell in row if isinstance(cell, str)}
        assert grid.texts is None or there <= grid.texts
