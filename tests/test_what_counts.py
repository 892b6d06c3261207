"""What counts is what Excel and LibreOffice show, by namespace and place, whoever wrote the file."""

from __future__ import annotations

import re
from datetime import date
from xml.sax.saxutils import escape

import pytest
from branch_parts import (
    COMPATIBILITY,
    ENTRY,
    MAIN,
    MONTH,
    OFFICE,
    RIGHT,
    SHEETS,
    STYLES,
    WORKBOOK,
    parts,
    reckoned,
    relations,
    row,
    scores,
    swapped,
    worksheet,
    zipped,
)

from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead

RELATIONS = "xl/_rels/workbook.xml.rels"
ONE = '<c r="D2"><v>1</v></c>'
WANG = row(4, ["2026-01-12", "王五", "加1", 1, "讲党课", None, "通过"])
ELSEWHERE = '<extLst><ext uri="{0}" xmlns:q="urn:q"><q:note/>%s</ext></extLst></worksheet>'
IN_ALTERNATIVE = (
    f'<mc:AlternateContent xmlns:mc="{COMPATIBILITY}"><mc:Choice Requires="x14">%s</mc:Choice></mc:AlternateContent>'
)


def test_the_branch_as_it_is() -> None:
    assert scores(parts()) == RIGHT


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (MONTH, ONE, '<c r="D2"><v>1</v><q:v xmlns:q="urn:q">5</q:v></c>'),
        (MONTH, ONE, '<c r="D2"><v>1</v><v xmlns="urn:q">5</v></c>'),
        (MONTH, ONE, '<c r="D2"><q:x xmlns:q="urn:q"><v>5</v></q:x><v>1</v></c>'),
        (MONTH, ONE, '<c r="D2"><v>1</v><extLst><ext uri="{0}"><v>5</v></ext></extLst></c>'),
        (MONTH, ONE, '<c r="D2"> <!-- 一 --><v>1</v> </c>'),
        (MONTH, ONE, '<c q:r="E2" r="D2" xmlns:q="urn:q"><v>1</v></c>'),
        (MONTH, ONE, f'<z:c xmlns:z="{MAIN}" r="D2"><z:v>1</z:v></z:c>'),
        (MONTH, ONE, '<c r="D2" s=""><v>1</v></c>'),
        (MONTH, "</sheetData>", f"<!-- {WANG} --></sheetData>"),
        (MONTH, "</sheetData>", f'<q:x xmlns:q="urn:q">{WANG}</q:x></sheetData>'),
        (MONTH, "</sheetData>", f"<extLst><ext>{WANG}</ext></extLst></sheetData>"),
        (MONTH, "</worksheet>", ELSEWHERE % f'<sheetData xmlns="urn:q">{WANG}</sheetData>'),
        (MONTH, "</worksheet>", ELSEWHERE % f"<sheetData>{WANG}</sheetData>"),
        (MONTH, "</worksheet>", ELSEWHERE % f"<q:a><sheetData>{WANG}</sheetData></q:a>"),
        (MONTH, "</worksheet>", ELSEWHERE % ""),
        (MONTH, "<sheetData>", f"<!-- <sheetData>{WANG}</sheetData> --><sheetData>"),
        (MONTH, "<sheetData>", f"<cols><sheetData>{WANG}</sheetData></cols><sheetData>"),
        (WORKBOOK, "</workbook>", '<extLst><q:sheet xmlns:q="urn:q" name="1月" r:id="rId2"/></extLst></workbook>'),
        (WORKBOOK, "</sheets>", '<q:sheet xmlns:q="urn:q" name="4月" r:id="rId2"/></sheets>'),
        (WORKBOOK, "<workbookPr/>", '<workbookPr/><x15:workbookPr xmlns:x15="urn:x15" date1904="1"/>'),
        (STYLES, "</styleSheet>", '<extLst><ext><cellXfs><xf numFmtId="14"/></cellXfs></ext></extLst></styleSheet>'),
        (STYLES, "<cellXfs>", '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>'),
        (STYLES, "<cellXfs>", '<cellXfs><q:xf xmlns:q="urn:q" numFmtId="14"/>'),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_not_there(part: str, old: str, new: str) -> None:
    assert scores(swapped(part, old, new)) == RIGHT


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        (MONTH, ONE, '<c r="D2"><v>1</v><v>5</v></c>', "工作表“1月”的 D2 有两个值"),
        (MONTH, ONE, '<c r="D2"><v>1</v><v/></c>', "D2 有两个值"),
        (MONTH, ONE, '<c r="D2"><v>1</v><is><t>5</t></is></c>', "一格既写着值又写着文字"),
        (MONTH, ONE, '<c r="D2" t="inlineStr"><v>1</v><is><t>5</t></is></c>', "一格既写着值又写着文字"),
        (MONTH, ONE, '<c r="D2" t="str"><v>1</v><is><r><t>5</t></r></is></c>', "一格既写着值又写着文字"),
        (MONTH, ONE, '<c r="D2"><is><t>5</t></is></c>', "一格的文字写在数字的位置"),
        (MONTH, ONE, '<c r="D2"><f>1</f><f>5</f><v>1</v></c>', "D2 有两个公式"),
        (MONTH, ONE, '<c r="D2" t="inlineStr"><is><t>1</t></is><is><t>5</t></is></c>', "D2 有两个文字"),
        (MONTH, ONE, '<c r="D2" t="inlineStr"><is><t>1</t><t>5</t></is></c>', "写了两遍"),
        (MONTH, ONE, '<c r="D2" t="inlineStr"><is><r><t>1</t><t>5</t></r></is></c>', "写了两遍"),
        (MONTH, ONE, '<c r="D2"><v>1<v>5</v></v></c>', "不该写的地方"),
        (MONTH, ONE, '<c r="D2"><c r="D2"><v>5</v></c></c>', "不该写的地方"),
        (MONTH, ONE, '<c r="D2"><v>1<q:b xmlns:q="urn:q">5</q:b></v></c>', "不该写的地方"),
        (MONTH, ONE, '<c r="D2" t="inlineStr"><is><t><t>1</t>5</t></is></c>', "不该写的地方"),
        (MONTH, "<sheetData>", f"{IN_ALTERNATIVE % '<sheetData/>'}<sheetData>", "AlternateContent"),
        (WORKBOOK, "<sheets>", f"{IN_ALTERNATIVE % '<sheets/>'}<sheets>", "AlternateContent"),
        (RELATIONS, "</Relationships>", f'<Relationship Type="{OFFICE}/styles"/></Relationships>', "有两个部件 styles"),
        (RELATIONS, 'Id="rId6"', 'Id="rId5"', "关联 rId5 重复"),
        (MONTH, "</sheetData>", f'<row r="9">{WANG}</row></sheetData>', "不该写的地方"),
        (MONTH, "</sheetData>", '<c r="D4"><v>5</v></c></sheetData>', "不该写的地方"),
        (MONTH, "</sheetData>", f"{IN_ALTERNATIVE % WANG}</sheetData>", "AlternateContent"),
        (MONTH, ONE, f'<c r="D2">{IN_ALTERNATIVE % "<v>5</v>"}</c>', "AlternateContent"),
        (MONTH, "<sheetData>", f'<sheetData xmlns:mc="{COMPATIBILITY}" mc:ProcessContent="q:*">', None),
        (MONTH, "</sheetData>", f"</sheetData><sheetData>{WANG}</sheetData>", "有两个数据区"),
        (MONTH, "</sheetData>", '<row r="5"><c r="A5"><v>1</v></c><c r="A6"><v>1</v></c></row></sheetData>', "别的行"),
        (MONTH, "<worksheet xmlns=", '<worksheet xmlns="urn:q" xmlns:q=', "最外层不是 worksheet"),
        (MONTH, "<sheetData>", '<sheetData><row r="9" r="9"/>', "不是完好的 XML"),
        (WORKBOOK, "</workbook>", '<sheets><sheet name="4月" r:id="rId2"/></sheets></workbook>', "有两个 sheets"),
        (WORKBOOK, "<workbookPr/>", '<workbookPr/><workbookPr date1904="1"/>', "有两个 workbookPr"),
        (WORKBOOK, "</sheets>", f'{IN_ALTERNATIVE % "<sheet/>"}</sheets>', "AlternateContent"),
        (STYLES, "</styleSheet>", '<cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>', "有两个 cellXfs"),
    ],
)  # fmt: skip
def test_what_programs_would_read_in_two_ways_is_refused(part: str, old: str, new: str, words: str | None) -> None:
    with pytest.raises(CannotRead) as caught:
        scores(swapped(part, old, new))
    assert (words or "") in str(caught.value)
    assert str(caught.value).startswith("“积分.xlsx”已损坏（")


def test_prefixes_and_strict_files_are_read_as_any() -> None:
    made = parts()
    text = made[MONTH].replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    made[MONTH] = re.sub(r"<(/?)(worksheet|sheetData|row|c|v|is|t)\b", r"<\1x:\2", text)
    assert scores(made) == RIGHT
    strict = {
        name: text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main") for name, text in parts().items()
    }
    strict = {
        name: text.replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        for name, text in strict.items()
    }
    assert scores(strict) == RIGHT


def test_a_sheet_of_another_namespace_does_not_stand_for_the_one_people_see() -> None:
    """The tab they see is “1 月”; the extension names another sheet 1月, with an entry more."""
    made = swapped(WORKBOOK, 'name="1月"', 'name="1 月"')
    hidden = '<extLst><q:sheet xmlns:q="urn:q" name="1月" r:id="rId9"/></extLst></workbook>'
    target = f'<Relationship Id="rId9" Type="{OFFICE}/worksheet" Target="worksheets/sheet9.xml"/></Relationships>'
    made[WORKBOOK] = made[WORKBOOK].replace("</workbook>", hidden)
    made[RELATIONS] = made[RELATIONS].replace("</Relationships>", target)
    more = ["2026-01-12", "王五", "加1", 1, "讲党课", None, "通过"]
    assert scores({**made, "xl/worksheets/sheet9.xml": worksheet([*SHEETS["1月"], more])}) == RIGHT


@pytest.mark.parametrize("lost", ['r:id=""', 'r:id="rId99"', ""])
def test_a_foreign_sheet_without_a_part_does_not_stop_ours(lost: str) -> None:
    made = swapped(WORKBOOK, "</sheets>", f'<sheet name="Module1" sheetId="99" {lost}/></sheets>')
    assert scores(made) == RIGHT
    made = swapped(WORKBOOK, 'r:id="rId5"', lost)
    with pytest.raises(CannotRead, match="缺少工作表“1月”的部件"):
        scores(made)


def test_a_foreign_sheet_that_is_broken_does_not_stop_ours() -> None:
    sheets = {**SHEETS, "别人的": [["x"]]}
    made = parts(sheets) | {"xl/worksheets/sheet8.xml": "<worksheet><c></worksheet>"}
    assert scores(made) == RIGHT
    del made["xl/worksheets/sheet8.xml"]
    assert scores(made) == RIGHT
    with pytest.raises(CannotRead, match="缺少工作表“别人的”的部件"):
        read_grids(Package.of(zipped(made), "积分.xlsx"), every=True)


def test_entries_with_a_slash_in_front_are_parts_like_others() -> None:
    """As XlsxWriter writes one where pictures stand in cells."""
    made = {f"/{name}" if name in (MONTH, STYLES) else name: text for name, text in parts().items()}
    assert scores(made) == RIGHT
    with pytest.raises(CannotRead, match="重复"):
        scores({**made, MONTH: made[f"/{MONTH}"]})


def test_pictures_by_a_formula_are_pictures_whatever_their_value() -> None:
    """As WPS writes them, and as Excel leaves them, which does not know the function; and Excel's of an address."""
    wps = '<c r="F3" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'
    excel = '<c r="F3" t="e"><f>_xlfn._xlws.DISPIMG("ID_1",1)</f><v>#NAME?</v></c>'
    web = '<c r="F3" t="e"><f>_xlfn.IMAGE("https://example.org/1.png")</f><v>#BLOCKED!</v></c>'  # until it is allowed
    for written in (wps, excel.replace("_xlws.", ""), web, '<c r="F3"><f> dispimg("ID_1",1)</f></c>'):
        made = swapped(MONTH, '<c r="F3" t="inlineStr"><is><t>照片</t></is></c>', written)
        assert scores(made) == RIGHT
        assert [entry.evidence for entry in reckoned(made).register.entries] == ["", "（图片）"]


def with_evidence(cell: str) -> bytes:
    """The branch where the evidence of its second row is a cell of these attributes and contents."""
    return swapped(MONTH, '<c r="F3" t="inlineStr"><is><t>照片</t></is></c>', f'<c r="F3"{cell}</c>')


@pytest.mark.parametrize("cell", [
    ' t="e"><f>+DISPIMG("ID_1",1)</f><v>#NAME?</v>',
    ' t="e"><f>_xlfn._xlws.IMAGE("https://example.org/1.png")</f><v>#NAME?</v>',
    ' t="e"><f>_xlfn.SINGLE(DISPIMG("ID_1",1))</f><v>#NAME?</v>',
    ' t="e"><f>IF(A3="","",DISPIMG("ID_1",1))</f><v>#NAME?</v>',
    ' t="str"><f>IF(A3="","",DISPIMG("ID_1",1))</f><v>=DISPIMG("ID_1",1)</v>',
    ' t="str"><f>IFERROR(DISPIMG("ID_1",1),"")</f><v></v>',
    ' t="str"><f>IFERROR(__xludf.DUMMYFUNCTION("image(""https://example.org/1.png"")"),"")</f><v></v>',
    ' t="e" vm="1"><f t="shared" si="0"/><v>#VALUE!</v>',
    ' t="e" vm="1"><f>Z3</f><v>#VALUE!</v>',
])  # fmt: skip
def test_a_picture_is_one_whatever_its_formula_is_wrapped_in(cell: str) -> None:
    """In other functions, by Google, filled down, or taken from another cell that holds one."""
    made = with_evidence(cell)
    assert scores(made) == RIGHT
    assert reckoned(made).register.entries[1].evidence == "（图片）"


@pytest.mark.parametrize("cell", [
    ' t="e"><f>MYDISPIMG("ID_1",1)</f><v>#NAME?</v>',
    ' t="e"><f>IF(A3="DISPIMG(",1/0,2)</f><v>#DIV/0!</v>',
    ' t="e" cm="1" vm="1"><f t="array" ref="F3">SEQUENCE(9)</f><v>#VALUE!</v>',
])  # fmt: skip
def test_what_only_looks_like_a_picture_is_an_error(cell: str) -> None:
    assert [(each.code, str(each.place)) for each in reckoned(with_evidence(cell)).findings] == [("E102", "1月!F3")]


@pytest.mark.parametrize(("code", "value", "seen", "like"), [
    ("[h]:mm", 1.5, "36:00", "36"),
    ("[mm]", 0.0625, "90:00", "90"),
    ('[m]"分钟"', 0.0625, "90:00", "90"),
    ("[ss]", 0.01, "0:14:24", "0.23"),
    ("h:mm", 1.5, "12:00:00", "12"),
    ("h:mm", 0.0625, "01:30:00", "1.5"),
    ("[h]:mm", 0.0208333333333333, "0:30", "0.5"),
    ("yyyy-mm-dd", 3, "1900-01-03", "3"),
    ("mm:ss", 3, "00:00:00", ""),
])  # fmt: skip
def test_numbers_shown_as_time_are_told_as_they_are_seen(code: str, value: float, seen: str, like: str) -> None:
    """The remedy must not lead back: a number typed into a cell of that format is shown as time again."""
    formats = f'<numFmts><numFmt numFmtId="180" formatCode="{escape(code, {chr(34): "&quot;"})}"/></numFmts><cellXfs>'
    made = swapped(MONTH, ONE, f'<c r="D2" s="1"><v>{value}</v></c>')
    made[STYLES] = made[STYLES].replace("<cellXfs>", formats).replace('numFmtId="14"', 'numFmtId="180"')
    [found] = reckoned(made).findings
    assert str(found.place) == "1月!D2"
    assert f"应为数字，现在是“{seen}”" in found.message
    assert found.remedy == f"“数量”请只填数字{f'（如 {like}）' if like else ''}，单元格格式改为“常规”"


@pytest.mark.parametrize(("heading", "style", "value"), [("分档", 2, 0.418055555555556), ("逐次分值", 1, 46083)])
def test_steps_that_a_program_made_a_time_of_are_to_be_typed_as_text(heading: str, style: int, value: float) -> None:
    """10:2 and 3-2 are: typed once more they would be the same again."""
    rules = [
        [*SHEETS["积分规则"][0], heading],
        *SHEETS["积分规则"][1:3],
        ["加2", "加分", "服务", "志愿服务", 1, "是", "?"],
    ]
    made = parts({**SHEETS, "积分规则": rules})
    book = "xl/worksheets/sheet4.xml"
    made[book] = re.sub('<c r="G4".*?</c>', f'<c r="G4" s="{style}"><v>{value}</v></c>', made[book])
    made[STYLES] = made[STYLES].replace('numFmtId="46"', 'numFmtId="20"')
    told = [each.remedy for each in reckoned(made).findings if str(each.place) == "积分规则!G4"]
    assert any(remedy.endswith("（请先把单元格设为文本格式）") for remedy in told)


def test_a_letter_behind_the_escape_of_chinese_excel_is_no_day() -> None:
    made = swapped(MONTH, ONE, '<c r="D2" s="1"><v>1</v></c>')
    formats = '<numFmts><numFmt numFmtId="180" formatCode="0!d"/></numFmts><cellXfs>'
    made[STYLES] = made[STYLES].replace("<cellXfs>", formats).replace('numFmtId="14"', 'numFmtId="180"')
    assert scores(made) == RIGHT


def test_tick_boxes_are_yes_and_no_and_shown_as_the_cell_shows_them() -> None:
    boxes = ["编号", "姓名", "党员类别", "是否计分"], ["001", "张三", "正式党员"], ["002", "李四", "正式党员"]
    made = parts({**SHEETS, "党员名册": [boxes[0], [*boxes[1], "真"], [*boxes[2], "假"], ["003", "王五", "正式党员"]]})
    roster = "xl/worksheets/sheet3.xml"
    for place, text, value in (("D2", "真", "1"), ("D3", "假", "0")):
        written = f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
        made[roster] = made[roster].replace(written, f'<c r="{place}" t="b"><v>{value}</v></c>')
    assert {score.member.name for score in reckoned(made).ledger.scores} == {"张三", "王五"}
    shown = reckoned(swapped(MONTH, ONE, '<c r="D2" t="b"><v>1</v></c>')).findings
    assert "现在是“TRUE”" in shown[0].message


def test_the_1904_system_is_the_workbooks_own() -> None:
    made = parts({**SHEETS, "1月": [ENTRY, ["日", "张三", "加1", 1, "讲党课", None, "通过"], *SHEETS["1月"][2:]]})
    day = '<c r="A2" t="inlineStr"><is><t>日</t></is></c>'
    made[MONTH] = made[MONTH].replace(day, '<c r="A2" s="1"><v>44570</v></c>')
    made[WORKBOOK] = made[WORKBOOK].replace(
        "<workbookPr/>", '<workbookPr date1904="1"/><x15:workbookPr xmlns:x15="urn:x15" chartTrackingRefBase="1"/>'
    )
    assert scores(made) == RIGHT
    assert reckoned(made).register.entries[0].day == date(2026, 1, 10)


def test_relations_are_those_of_the_package() -> None:
    made = parts()
    evil = relations(("officeDocument", "xl/other.xml")).replace(
        '<Relationships xmlns="', '<Relationships xmlns="urn:q'
    )
    with pytest.raises(CannotRead):
        scores({**made, "_rels/.rels": evil})
