"""Draws publicity.xlsx, the sheet a quarter is published on, as text says it: the same bytes at every build.

Run ``python templates/build.py`` after a change here. A branch restyles the built file in Excel instead; what it may
not lose are the placeholders, above all those of the one model row (示例行).
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format

HERE = Path(__file__).parent
CREATED = datetime(2026, 1, 1)

TITLE_FONT, BODY_FONT, HEAD_FONT, DEFAULT_FONT = "方正小标宋简体", "仿宋", "黑体", "宋体"
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
"""Margins of official documents in mm (GB/T 9704—2012 §5.2); they leave 156 mm for the table."""

TABLE = (  # column, heading, width in mm, size in points, alignment
    ("名次", "名次", 9.5, 10.5, "center"),
    ("姓名", "姓名", 20, 10.5, "center"),
    ("基础分", "基础分", 12.5, 10.5, "center"),
    ("本季加分", "本季\n加分", 11, 10.5, "center"),
    ("本季减分", "本季\n减分", 11, 10.5, "center"),
    ("积分", "积分", 13, 10.5, "center"),
    ("较上季", "较上季", 12.5, 10.5, "center"),
    ("建议等次", "建议\n等次", 12.5, 10.5, "center"),
    ("备注", "备　注", 53.5, 9, "left"),
)
LAST = len(TABLE) - 1


def publicity() -> bytes:
    """The publicity template as a workbook's bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "default_format_properties": {"font_name": DEFAULT_FONT, "font_size": 11},
            "default_column_width": 72,
            "default_row_height": 18,
        },
    )
    book.set_properties({"title": "季度积分公示表模板", "created": CREATED})

    def style(font: str, size: float, align: str = "left", **more: object) -> Format:
        return book.add_format(
            {"font_name": font, "font_size": size, "align": align, "valign": "vcenter", "text_wrap": True, **more}
        )

    title = style(TITLE_FONT, 22, "center")
    body = style(BODY_FONT, 14)
    small = style(BODY_FONT, 10.5)
    heading = style(HEAD_FONT, 10.5, "center", border=1)
    legend = style(BODY_FONT, 9, valign="top")
    signature = style(BODY_FONT, 14, "center")
    code = style(DEFAULT_FONT, 8, valign="bottom", font_color="#595959")
    label = book.add_format({"font_name": HEAD_FONT, "font_size": 14})
    text = book.add_format({"font_name": BODY_FONT, "font_size": 14})

    sheet = book.add_worksheet("公示表")
    for column, (_, _, width, _, _) in enumerate(TABLE):
        sheet.set_column_pixels(column, column, round(width / 25.4 * 96))

    def band(row: int, words: str, form: Format, height: float, first: int = 0, last: int = LAST) -> None:
        sheet.set_row(row, height)
        sheet.merge_range(row, first, row, last, words, form)

    band(0, "{{支部}}", title, 34)
    band(1, "{{标题}}", title, 38)
    band(2, "　　{{说明段}}", body, 24)
    band(3, "{{公式}}，单位：分", small, 24)

    sheet.set_row(4, 32)
    sheet.set_row(5, 21)
    for column, (name, words, _, size, align) in enumerate(TABLE):
        sheet.write_string(4, column, words, heading)
        font = HEAD_FONT if name == "积分" else BODY_FONT
        sheet.write_string(5, column, f"{{{{{name}}}}}", style(font, size, align, border=1))

    band(6, "{{图例}}", legend, 18)
    for row, name, words in ((7, "公示期：", "{{公示期}}"), (8, "异议反映：", "{{异议}}")):
        band(row, "", body, 27)
        sheet.write_rich_string(row, 0, text, "　　", label, name, text, words, body)
    sheet.set_row(9, 26)  # room for the seal
    band(10, "{{落款}}", signature, 22, 3)
    band(11, "校验码 {{校验码}}", code, 22, 0, 2)
    band(11, "{{日期}}", signature, 22, 3)

    sheet.set_paper(9)
    sheet.set_portrait()
    inches = 1 / 25.4
    sheet.set_margins(LEFT * inches, RIGHT * inches, TOP * inches, BOTTOM * inches)
    sheet.set_header(f'&C&"{HEAD_FONT},常规"&16&KC00000{{{{草稿}}}}', {"margin": 20 * inches})
    sheet.set_footer(f'&R&"{DEFAULT_FONT},常规"&14— &P —　', {"margin": 23 * inches})
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(4)
    sheet.print_area(0, 0, 11, LAST)
    sheet.freeze_panes(5, 2)
    sheet.hide_gridlines(2)
    book.close()
    return _outer_page_numbers(buffer.getvalue())


def _outer_page_numbers(data: bytes) -> bytes:
    """Page numbers on the outer edge: right on odd pages, left on even ones (XlsxWriter writes odd pages only)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                xml = part.decode()
                start, end = xml.index("<headerFooter"), xml.index("</headerFooter>")
                odd = xml[xml.index(">", start) + 1 : end]
                even = odd.replace("oddHeader", "evenHeader").replace("oddFooter", "evenFooter")
                even = even.replace("&amp;R", "&amp;L").replace("— &amp;P —　", "　— &amp;P —")
                xml = f'{xml[:start]}<headerFooter differentOddEven="1">{odd}{even}{xml[end:]}'
                part = xml.encode()
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, part)
    return out.getvalue()


if __name__ == "__main__":
    (HERE / "publicity.xlsx").write_bytes(publicity())
