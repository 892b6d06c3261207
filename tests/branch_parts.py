"""A small branch as the parts of a workbook file, written by hand, so that tests can spell each part as they like.

张三 has 102 points, 李四 103, 王五 100; the cycle is January to March 2026. Sheet 1月 is the part MONTH.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import xl_jifen
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import column_letters
from xl_jifen.register import points_text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WORKBOOK, STYLES, MONTH = "xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet5.xml"
RIGHT = {"张三": "102", "李四": "103", "王五": "100"}

Rows = Sequence[Sequence[object]]
ENTRY = ["日期", "姓名", "规则", "数量", "事由", "佐证", "审核状态"]
SHEETS: dict[str, Rows] = {
    "设置": [["项目", "值"], ["支部名称", "测试支部"], ["计分周期开始", "2026-01-01"], ["计分周期结束", "2026-03-31"]],
    "等次标准": [["等次", "最低积分"], ["优秀", 110], ["合格"]],
    "党员名册": [["编号", "姓名", "党员类别"], *([f"00{n}", name, "正式党员"] for n, name in enumerate(RIGHT, 1))],
    "积分规则": [
        ["规则编号", "类型", "大项", "小项", "分值", "需佐证"],
        ["基1", "基础分", "四讲四有", "基础", 100],
        ["加1", "加分", "学习", "讲党课", 2],
        ["加2", "加分", "服务", "志愿服务", 1, "是"],
    ],
    "1月": [
        ENTRY,
        ["2026-01-10", "张三", "加1", 1, "讲党课", None, "通过"],
        ["2026-01-11", "李四", "加2", 3, "社区服务", "照片", "通过"],
    ],
    "2月": [ENTRY],
    "3月": [ENTRY],
}


def cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def row(number: int, cells: Sequence[object]) -> str:
    body = "".join(cell(f"{column_letters(c)}{number}", value) for c, value in enumerate(cells, 1))
    return f'<row r="{number}">{body}</row>'


def worksheet(rows: Rows, more: str = "") -> str:
    body = "".join(row(number, cells) for number, cells in enumerate(rows, 1))
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>{body}</sheetData>{more}</worksheet>'


def relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def parts(sheets: Mapping[str, Rows] = SHEETS) -> dict[str, str]:
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    made = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/></Types>',
        "_rels/.rels": relations(("officeDocument", WORKBOOK)),
        WORKBOOK: f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr/><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)), ("styles", "styles.xml")
        ),
        STYLES: f'<styleSheet xmlns="{MAIN}"><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>',
    }
    return made | {f"xl/worksheets/sheet{n}.xml": worksheet(rows) for n, rows in enumerate(sheets.values(), 1)}


def zipped(made: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in made.items():
            file.writestr(name, content)
    return out.getvalue()


def swapped(part: str, old: str, new: str, sheets: Mapping[str, Rows] = SHEETS) -> dict[str, str]:
    """The parts with one piece of one of them replaced, which must be there."""
    made = parts(sheets)
    assert old in made[part]
    return made | {part: made[part].replace(old, new, 1)}


def reckoned(made: Mapping[str, str | bytes]) -> xl_jifen.Reckoning:
    return xl_jifen.reckon(read_grids(Package.of(zipped(made), "积分.xlsx")))


def scores(made: Mapping[str, str | bytes]) -> dict[str, str]:
    """The year's scores by name; nothing may be wrong or doubtful."""
    found = reckoned(made)
    assert found.findings == ()
    return {score.member.name: points_text(score.score) for score in found.ledger.scores if str(score.period) == "year"}
