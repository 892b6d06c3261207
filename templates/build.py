"""Draws the sheets the tool fills (公示表, 个人积分明细, 组织生活会对照清单, 民主评议参考表) as text says it.

The same bytes at every build. Run ``python templates/build.py`` after a change here. A branch restyles the built file
in Excel instead; what it may not lose are the placeholders, above all those of the one model row (示例行).
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

TABLE = (  # column, width in mm, size in points, alignment: all a branch may publish, in the order of 公示栏目
    ("名次", 12, 12, "center"),
    ("编号", 14, 12, "center"),
    ("姓名", 25, 12, "center"),
    ("党小组", 20, 9.5, "center"),
    ("基础分", 15, 12, "center"),
    ("加分", 15, 12, "center"),
    ("减分", 15, 12, "center"),
    ("积分", 18, 12, "center"),
    ("较上期", 16, 12, "center"),
    ("建议等次", 15, 9.5, "center"),
    ("备注", 42, 9.5, "left"),
)
LAST = len(TABLE) - 1

Columns = tuple[tuple[str, str, float, str], ...]
"""Columns of a form: name, heading, width in mm, alignment."""

STATEMENT: Columns = (
    ("序号", "序号", 9, "center"),
    ("来源", "来源", 22, "center"),
    ("日期", "日期", 22, "center"),
    ("规则", "规则", 42, "left"),
    ("事由", "事由", 50, "left"),
    ("佐证", "佐证", 32, "left"),
    ("数量", "数量", 18, "center"),
    ("原始分", "原始分", 14, "center"),
    ("加分", "加分", 13, "center"),
    ("减分", "减分", 13, "center"),
    ("结余", "结余", 16, "center"),
    ("说明", "说明", 48, "left"),
)
MEETING: Columns = (
    ("类型", "类型", 11, "center"),
    ("大项", "大项", 19, "center"),
    ("小项", "小项", 26, "left"),
    ("计分标准", "计分标准", 82, "left"),
    ("本年情况", "本年情况", 58, "left"),
    ("计入分", "计入分", 14, "center"),
)
APPRAISAL: Columns = (
    ("名次", "名次", 10, "center"),
    ("姓名", "姓名", 32, "center"),
    ("季度一", "{{季度一名}}", 14, "center"),
    ("季度二", "{{季度二名}}", 14, "center"),
    ("季度三", "{{季度三名}}", 14, "center"),
    ("季度四", "{{季度四名}}", 14, "center"),
    ("加分", "加分", 13, "center"),
    ("减分", "减分", 13, "center"),
    ("积分", "积分", 16, "center"),
    ("建议等次", "建议\n等次", 15, "center"),
    ("个人自评", "个人\n自评", 16, "center"),
    ("党员互评", "党员\n互评", 16, "center"),
    ("民主测评", "民主\n测评", 16, "center"),
    ("支委会意见", "支委会\n意见", 17, "center"),
    ("评定等次", "评定\n等次", 16, "center"),
    ("备注", "备　注", 40, "left"),
)
BALLOT: Columns = (
    ("序号", "序号", 14, "center"),
    ("姓名", "姓名", 52, "center"),
    ("优秀", "优秀", 24, "center"),
    ("合格", "合格", 24, "center"),
    ("基本合格", "基本合格", 24, "center"),
    ("不合格", "不合格", 24, "center"),
    ("弃权", "弃权", 24, "center"),
)
STUDY: Columns = (
    ("编号", "编号", 14, "center"),
    ("姓名", "姓名", 30, "center"),
    ("计分类别", "计分类别", 20, "center"),
    ("任务学时", "任务\n学时", 14, "center"),
    ("完成学时", "完成\n学时", 14, "center"),
    ("差额", "差额", 14, "center"),
    ("建议登记", "建议登记", 68, "left"),
    ("登记数量", "登记\n数量", 18, "center"),
    ("预计计分", "预计\n计分", 14, "center"),
)


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
    book.set_properties({"title": "积分公示表模板", "created": CREATED})

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
    for column, (_, width, _, _) in enumerate(TABLE):
        sheet.set_column_pixels(column, column, round(width / 25.4 * 96))

    def band(row: int, words: str, form: Format, height: float, first: int = 0, last: int = LAST) -> None:
        sheet.set_row(row, height)
        sheet.merge_range(row, first, row, last, words, form)

    band(0, "{{支部}}", title, 34)
    band(1, "{{标题}}", title, 38)
    band(2, "　　{{说明段}}", body, 24)
    band(3, "{{公式}}　单位：分", small, 24)

    sheet.set_row(4, 32)
    sheet.set_row(5, 21)
    for column, (name, _, size, align) in enumerate(TABLE):
        sheet.write_string(4, column, name, heading)
        font = HEAD_FONT if name == "积分" else BODY_FONT
        sheet.write_string(
            5, column, f"{{{{{name}}}}}", style(font, size, align, border=1, indent=int(align == "left"))
        )

    band(6, "{{图例}}", legend, 18)
    for row, name, words in ((7, "公示期：", "{{公示期}}"), (8, "异议反映：", "{{异议}}")):
        band(row, "", body, 27)
        sheet.write_rich_string(row, 0, text, "　　", label, name, text, words, body)
    band(9, "　　{{结语}}", body, 22)
    sheet.set_row(10, 26)  # room for the seal
    band(11, "{{落款}}", signature, 22, 3)
    band(12, "校验码 {{校验码}}", code, 22, 0, 2)
    band(12, "{{日期}}", signature, 22, 3)

    sheet.set_paper(9)
    sheet.set_portrait()
    inches = 1 / 25.4
    sheet.set_margins(LEFT * inches, RIGHT * inches, TOP * inches, BOTTOM * inches)
    sheet.set_header(f'&C&"{HEAD_FONT},常规"&16&KC00000{{{{草稿}}}}', {"margin": 20 * inches})
    sheet.set_footer(f'&R&"{DEFAULT_FONT},常规"&14— &P —　', {"margin": 23 * inches})
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(4)
    sheet.print_area(0, 0, 12, LAST)
    sheet.freeze_panes(5, 0)
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


class _Form:
    """A form of one table: bands of words above and below it, and one model row."""

    def __init__(self, name: str, title: str, columns: Columns) -> None:
        self._buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "default_format_properties": {"font_name": DEFAULT_FONT, "font_size": 11},
                "default_column_width": 72,
                "default_row_height": 18,
            },
        )
        self.book.set_properties({"title": title, "created": CREATED})
        self.sheet = self.book.add_worksheet(name)
        self.columns, self.last = columns, len(columns) - 1
        self.row = 0
        for column, (_, _, width, _) in enumerate(columns):
            self.sheet.set_column_pixels(column, column, round(width / 25.4 * 96))

    def style(self, font: str, size: float, align: str = "left", **more: object) -> Format:
        return self.book.add_format(
            {"font_name": font, "font_size": size, "align": align, "valign": "vcenter", "text_wrap": True, **more}
        )

    def band(self, words: str, form: Format, height: float = 18) -> None:
        """A row of words across the table."""
        self.sheet.set_row(self.row, height)
        self.sheet.merge_range(self.row, 0, self.row, self.last, words, form)
        self.row += 1

    def parts(self, *parts: tuple[int, int, str, Format], height: float = 18) -> None:
        """A row of words in several spans: first and last column, words, look."""
        self.sheet.set_row(self.row, height)
        for first, last, words, form in parts:
            if first == last:
                self.sheet.write_string(self.row, first, words, form)
            else:
                self.sheet.merge_range(self.row, first, self.row, last, words, form)
        self.row += 1

    def table(self, size: float, strong: tuple[str, ...], head_height: float, remark: float = 0) -> int:
        """The heading row and the model row, 备注 in a ``remark`` size; returns the heading row."""
        head = self.style(HEAD_FONT, size, "center", border=1, bg_color="#E6E6E6")
        self.sheet.set_row(self.row, head_height)
        self.sheet.set_row(self.row + 1, 20)
        for column, (name, words, _, align) in enumerate(self.columns):
            font = HEAD_FONT if name in strong else BODY_FONT
            self.sheet.write_string(self.row, column, words, head)
            own = remark if remark and name == "备注" else size
            self.sheet.write_string(self.row + 1, column, f"{{{{{name}}}}}", self.style(font, own, align, border=1))
        self.row += 2
        return self.row - 2

    def done(self, heading: int, frozen: int, landscape: bool) -> bytes:
        """The workbook's bytes: A4, one page wide, the heading row on every page, pages numbered."""
        sheet = self.sheet
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
        sheet.set_header(f'&C&"{HEAD_FONT},常规"&16&KC00000{{{{草稿}}}}', {"margin": 0.3})
        sheet.set_footer("&C第 &P 页，共 &N 页", {"margin": 0.3})
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.repeat_rows(heading)
        sheet.print_area(0, 0, self.row - 1, self.last)
        sheet.freeze_panes(heading + 1, frozen)
        sheet.hide_gridlines(2)
        self.book.close()
        return self._buffer.getvalue()


def statement() -> bytes:
    """The template of 个人积分明细 as a workbook's bytes."""
    form = _Form("个人积分明细", "个人积分明细模板", STATEMENT)
    body = form.style(BODY_FONT, 11)
    form.band("{{标题}}", form.style(TITLE_FONT, 20, "center"), 34)
    form.band("{{支部}}", form.style(BODY_FONT, 12, "center"), 22)
    form.parts(
        (0, 3, "姓名：{{姓名}}（{{编号}}）", form.style(HEAD_FONT, 11)),
        (4, 6, "{{身份}}", body),
        (7, form.last, "计分周期：{{期间}}", form.style(BODY_FONT, 11, "right")),
        height=22,
    )
    form.band("年度小结：{{小结}}", form.style(HEAD_FONT, 11, border=1), 24)
    heading = form.table(9, ("结余",), 22)
    model = form.row - 1
    total = form.book.add_format({"bold": True, "bg_color": "#F3F3F3"})
    criteria = {"type": "formula", "criteria": f'=$A{model + 1}=""', "format": total}
    form.sheet.conditional_format(model, 0, model, form.last, criteria)
    small = form.style(BODY_FONT, 9.5)
    for words in ("算法：{{公式}}", "说明：{{图例}}", "{{异议}}"):
        form.band(words, small)
    form.parts(
        (0, 6, "本人核对：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿＿＿＿＿", body),
        (7, form.last, "{{落款}}\n{{制表日期}}", form.style(BODY_FONT, 11, "center")),
        height=40,
    )
    return form.done(heading, 0, landscape=True)


def meeting() -> bytes:
    """The template of 组织生活会对照清单 as a workbook's bytes."""
    form = _Form("对照清单", "组织生活会对照清单模板", MEETING)
    label, body = (
        form.style(HEAD_FONT, 10.5, "center", border=1, bg_color="#F0F0F0"),
        form.style(BODY_FONT, 10.5, border=1),
    )
    form.band("{{标题}}", form.style(TITLE_FONT, 20, "center"), 34)
    form.band("{{支部}}", form.style(BODY_FONT, 12, "center"), 22)
    form.parts(
        (0, 2, "{{姓名}}　{{编号}}", form.style(HEAD_FONT, 12)),
        (3, form.last, "{{身份}}　　{{期间}}", form.style(BODY_FONT, 10.5, "right")),
        height=24,
    )
    form.band("{{说明段}}", form.style(BODY_FONT, 10), 18)
    for name, word in (
        ("积分", "小结"),
        ("减分", "减分情况"),
        ("加分", "加分情况"),
        ("考勤", "考勤"),
        ("学习", "学习"),
    ):
        form.parts((0, 0, name, label), (1, form.last, f"{{{{{word}}}}}", body), height=20)
    heading = form.table(9, ("计入分",), 22)
    upright = form.style(HEAD_FONT, 10.5, "center", border=1, bg_color="#F0F0F0", rotation=270)
    box = form.style(BODY_FONT, 11, valign="top", border=1)
    for word in ("栏目一", "栏目二", "栏目三"):
        form.parts((0, 0, f"{{{{{word}}}}}", upright), (1, form.last, "", box), height=104)
    form.band("{{制表日期}}", form.style(BODY_FONT, 10.5, "right"))
    return form.done(heading, 0, landscape=False)


def appraisal() -> bytes:
    """The template of 民主评议参考表 as a workbook's bytes."""
    form = _Form("民主评议参考表", "民主评议参考表模板", APPRAISAL)
    body = form.style(BODY_FONT, 11)
    form.band("{{标题}}", form.style(TITLE_FONT, 20, "center"), 34)
    form.band("{{支部}}", form.style(BODY_FONT, 12, "center"), 22)
    for words in ("{{说明段}}", "比例核对：{{比例核对}}", "{{并列}}"):
        form.band(words, body, 20)
    heading = form.table(10.5, ("积分", "建议等次"), 34, remark=9)
    form.band("积分从何而来，如何使用", form.style(HEAD_FONT, 12, valign="bottom"), 28)
    small = form.style(BODY_FONT, 10.5)
    for words in ("{{说明}}", "{{学习任务}}"):
        form.band(words, small)
    form.band("{{落款}}　{{制表日期}}", form.style(BODY_FONT, 11, "right"), 24)
    return form.done(heading, 2, landscape=True)


def study() -> bytes:
    """The template of 学习任务完成情况 as a workbook's bytes."""
    form = _Form("学习任务完成情况", "学习任务完成情况模板", STUDY)
    form.band("{{标题}}", form.style(TITLE_FONT, 20, "center"), 34)
    form.band("{{支部}}", form.style(BODY_FONT, 12, "center"), 22)
    form.band("{{说明段}}", form.style(BODY_FONT, 11), 20)
    heading = form.table(10.5, ("差额",), 34)
    form.band("{{落款}}　{{制表日期}}", form.style(BODY_FONT, 11, "right"), 24)
    return form.done(heading, 2, landscape=False)


def ballot() -> bytes:
    """The template of 民主测评票 as a workbook's bytes."""
    form = _Form("民主测评票", "民主测评票模板", BALLOT)
    form.band("{{标题}}", form.style(TITLE_FONT, 20, "center"), 34)
    form.band("{{支部}}", form.style(BODY_FONT, 12, "center"), 22)
    form.band("{{说明段}}", form.style(BODY_FONT, 11), 20)
    form.band("{{票种}}", form.style(HEAD_FONT, 11), 20)
    heading = form.table(11, (), 22)
    form.band("{{制表日期}}", form.style(BODY_FONT, 10, "right"))
    return form.done(heading, 2, landscape=False)


if __name__ == "__main__":
    for draw in (publicity, statement, meeting, appraisal, study, ballot):
        (HERE / f"{draw.__name__}.xlsx").write_bytes(draw())
