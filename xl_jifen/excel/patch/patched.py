"""Writing into a user's own workbook (写回原工作簿): the results, and not one byte else.

A :class:`Patch` collects changes to sheets, styles and parts and hands back the bytes of the patched file. It opens
and saves nothing; see ``save`` for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from xml.etree import ElementTree

from xl_jifen.excel.patch.cells import Cells
from xl_jifen.excel.patch.markup import Markup, attribute, quote, whole, with_attribute
from xl_jifen.excel.patch.parts import Parts
from xl_jifen.excel.patch.styles import FARTHEST, Styles
from xl_jifen.excel.patch.value import Value, content_of, plain_text
from xl_jifen.excel.read.package import LARGEST_OTHER, Package, part_key
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Place, range_of

__all__ = ["Patch", "Value"]

_WORKSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_LONGEST_SHEET_NAME = 31


class Patch(Parts):
    """Changes to one workbook; see :class:`Parts` for its parts and for ``to_bytes``.

    Raises CannotWrite, with one plain sentence, for what cannot be changed safely.
    """

    def __init__(self, package: Package) -> None:
        super().__init__(package)
        self.date1904 = package.date1904
        self._sheets: tuple[bytes, Mapping[str, str]] = b"", {}
        self._styles: Styles | None = None
        self._styles_name: str | None = None
        self._texts: tuple[Markup, list[int], dict[int, str]] | None = None
        self._texts_part: str | None = None

    def replace(self, part: str, data: bytes, *, sound: bool = False) -> None:
        """Set the whole content of an existing part; ``sound``: put together by us alone, so well-formed."""
        super().replace(part, data, sound=sound)
        if part == self._styles_name:
            self._styles = None
        if part == self._texts_part:
            self._texts = None

    # -- workbook --

    @property
    def sheets(self) -> Mapping[str, str]:
        """Name → worksheet part of every worksheet, in the workbook's order, as it is now."""
        workbook = self.package.workbook
        xml = self.read(workbook)
        if self._sheets[0] == xml:
            return self._sheets[1]
        targets = {relation.id: relation for relation in self.relations(workbook)}
        markup = Markup(xml, workbook)
        found = {}
        for element in markup.find_all("sheet"):
            tag = markup.tag(element)
            relation = targets.get(attribute(tag, "*:id") or "")
            if relation is not None and relation.type == "worksheet":
                found[attribute(tag, "name") or ""] = relation.target
        self._sheets = xml, found
        return found

    def add_sheet(self, name: str, data: bytes, *, hidden: bool = False) -> str:
        """Append a worksheet of that name and content behind the last sheet; return its part name."""
        workbook = self.package.workbook
        markup = Markup(self.read(workbook), workbook)
        sheets = markup.find("sheets")
        if sheets is None:
            raise markup.broken()
        tags = [markup.tag(element) for element in markup.children(sheets)]
        if name.lower() in {(attribute(tag, "name") or "").lower() for tag in tags} or len(name) > _LONGEST_SHEET_NAME:
            raise CannotWrite(f"不能新建工作表“{name}”：已有同名的表（如图表页），或名称太长；请改名后再试。")
        folder = workbook.replace("\\", "/").rpartition("/")[0]
        part = self.free_name(f"{folder}/worksheets/sheet{{}}.xml".lstrip("/"))
        self.add(part, data, _WORKSHEET_TYPE)
        id = self.add_relation(workbook, "worksheet", part)
        number = max((whole(tag, "sheetId") for tag in tags), default=0) + 1
        uri = self.relations_namespace
        known = re.search(rb"\sxmlns:([^\s=]+)\s*=\s*[\"']" + uri.encode() + rb"[\"']", markup.tag(markup.root))
        prefix = known[1].decode() if known else "r"
        declared = "" if known else f' xmlns:r="{uri}"'
        state = ' state="hidden"' if hidden else ""
        own = markup.prefix.decode()
        new = f'<{own}sheet name="{quote(name)}" sheetId="{number}"{state}{declared} {prefix}:id="{id}"/>'
        markup.append(sheets, new.encode())
        self.replace(workbook, markup.to_bytes())
        return part

    def recalculate_on_load(self) -> None:
        """Ask Excel to compute all formulas when it opens the file (it will then ask to save on closing)."""
        workbook = self.package.workbook
        markup = Markup(self.read(workbook), workbook)
        calculation = markup.find("calcPr")
        if calculation is not None:
            tag = markup.tag(calculation)
            if attribute(tag, "fullCalcOnLoad") not in ("1", "true"):
                markup.replace(calculation.start, calculation.opened, with_attribute(tag, "fullCalcOnLoad", "1"))
        else:
            before = ("sheets", "functionGroups", "externalReferences", "definedNames")
            ends = [element.end for name in before if (element := markup.find(name)) is not None]
            if not ends:
                raise markup.broken()
            new = b"<" + markup.prefix + b'calcPr calcId="0" fullCalcOnLoad="1"/>'
            markup.replace(max(ends), max(ends), new)
        self.replace(workbook, markup.to_bytes())

    # -- styles: appended only, existing ids keep their meaning --

    @property
    def styles_part(self) -> str | None:
        """The name of the styles part; None if the workbook has none, as some programs write it."""
        return self._related("styles")

    def add_style(self, collection: str, xml: bytes) -> int:
        """Append one element to a collection of styles.xml and return its index; an equal one is found again.

        ``collection`` is ``fonts``, ``fills``, ``borders``, ``cellXfs`` or ``dxfs``; ``xml`` is one unprefixed element
        such as ``b'<font><b/><sz val="11"/></font>'``. An index in ``cellXfs`` is a cell's style id.
        """
        styles = self._read_styles()
        index = styles.add(collection, xml)
        self._write_styles(styles)
        return index

    def number_format(self, code: str) -> int:
        """The numFmtId of that format code, appended if the workbook has none."""
        styles = self._read_styles()
        number = styles.number_format(code)
        self._write_styles(styles)
        return number

    def date_style(self, base: int = 0) -> int:
        """The style id of ``base`` with a date format: ``base`` itself if it is one already."""
        styles = self._read_styles()
        style = styles.date_style(base)
        self._write_styles(styles)
        return style

    def formats_named(self, count: int) -> int:
        """How many cell formats there would be, of ``count``, if none lacked that a cell, a row or a column names.

        Asked of sheets of a usual size only, and of those that can be read.
        """
        named, package = count, self.package
        if count >= FARTHEST:
            return count
        named_by = re.compile(rb"<(?:\w+:)?(?:c|row|col)\s[^<>]*?\b(?:s|style)=[\"'](\d{%d,3})[\"']" % len(str(count)))
        for part in package.sheets.values():
            if self.sums[part_key(part)][0] > min(LARGEST_OTHER, package.budget.left("expanded") // 2):
                continue
            with suppress(CannotRead):
                named = max(named, *(int(found[1]) + 1 for found in named_by.finditer(package.read(part))), 0)
        return named

    # -- cells --

    def set_cells(
        self,
        sheet: str,
        cells: Mapping[tuple[int, int], Value],
        *,
        style: Mapping[int, int] | None = None,
        heading: int = 0,
    ) -> None:
        """Set cells, (row, column) from 1, and touch nothing else of that sheet.

        A cell keeps its style; a new one takes ``style[column]``, else that of the nearest styled cell in its column
        below row ``heading``, else the row's, else the column's. A date takes a date style in any case. A cell within
        the heading row of a table must say what the table's column is called; a heading beside a table leaves the
        table as wide as it is. Raises CannotWrite where a heading, a shared or an array formula stands in the way;
        KeyError for an unknown sheet.
        """
        part = self.sheets[sheet]
        self._refuse_table_headings(sheet, part, cells)
        before = self.read(part)
        spliced = Cells(before, part, sheet, self)
        spliced.set(cells, style or {}, heading)
        after = spliced.to_bytes()
        if after is not before:
            self.replace(part, after)
        if spliced.formulas_lost:
            self.drop_calculation_chain()

    def shared_text(self, index: int) -> str | None:
        """The shared string of that index, None if there is none."""
        if self._texts is None:
            self._texts_part = part = self._related("sharedStrings")
            if part is None:
                return None
            markup = Markup(self.read(part), part)
            opening = re.compile(b"<" + re.escape(markup.prefix) + rb"si(?=[\s/>])")
            self._texts = markup, [match.start() for match in opening.finditer(markup.mask)], {}
        markup, places, known = self._texts
        if not 0 <= index < len(places):
            return None
        if index not in known:
            item = markup.element_at(places[index])
            known[index] = content_of(markup.xml[item.start : item.end]).text
        return known[index]

    def _related(self, kind: str) -> str | None:
        """The workbook's part of that kind."""
        for relation in self.relations(self.package.workbook):
            if relation.type == kind and not relation.external and relation.target in self:
                return relation.target
        return None

    def drop_calculation_chain(self) -> None:
        """Excel rebuilds the chain; one that names a cell without a formula makes it offer a repair."""
        workbook = self.package.workbook
        for relation in self.relations(workbook):
            if relation.type == "calcChain":
                self.drop_relation(workbook, relation.id)
                if relation.target in self:
                    self.drop(relation.target)

    def _refuse_table_headings(self, sheet: str, part: str, cells: Mapping[tuple[int, int], Value]) -> None:
        """Excel repairs a table whose heading cells and column names differ, so neither is ever changed alone."""
        for relation in self.relations(part):
            if relation.type != "table" or relation.external:
                continue
            table = self._tree(relation.target)
            area = range_of(table.get("ref"))
            if area is None or table.get("headerRowCount") == "0":
                continue
            columns = (each for each in table.iter() if each.tag.rpartition("}")[2] == "tableColumn")
            names = [plain_text(column.get("name", "")) for column in columns]
            for column, name in enumerate(names, area.left):
                if cells.get((area.top, column), name) != name:
                    raise CannotWrite(
                        f"{Place(sheet, area.top, column)} 是表格的列名“{name}”，不能改写；"
                        "请先在 Excel 中把这一列改名，或把表格转换为区域后再试。"
                    )

    def _tree(self, part: str) -> ElementTree.Element:
        """A part as a tree. Raises CannotRead if it is no XML."""
        try:
            return ElementTree.fromstring(self.read(part))
        except (ElementTree.ParseError, ValueError, RecursionError):
            raise self.package.damaged(f"部件 {part} 不是完好的 XML") from None

    def _read_styles(self) -> Styles:
        if self._styles is None:
            self._styles_name = self.styles_part
            if self._styles_name is None:
                raise CannotWrite(f"“{self.package.name}”缺少格式信息，没有写入；请用 Excel 打开，另存后再试。")
            self._styles = Styles(self.read(self._styles_name), self._styles_name, self.formats_named)
        return self._styles

    def _write_styles(self, styles: Styles) -> None:
        assert self._styles_name is not None
        if styles.changed:
            self.replace(self._styles_name, styles.to_bytes())
            self._styles, styles.changed = styles, False
