"""Cells set inside the XML of one worksheet (写单元格): only the ``<c>`` elements asked for are rewritten.

A value that stands there already is left alone, byte for byte, so that doing the same twice changes nothing. It knows
worksheets and nothing of the package around them; what it needs from there is a :class:`Book`.

One module, however long: a cell set may change its row, its column and the sheet's dimension.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple, Protocol

from xl_jifen.excel.patch.markup import ATTRIBUTES, Element, Markup, attribute, whole, with_attribute
from xl_jifen.excel.patch.value import (
    FORMULA,
    Content,
    Stored,
    Unwritable,
    Value,
    blank,
    content_of,
    rest_of_cell,
    same,
    stored,
)
from xl_jifen.finding import CannotWrite
from xl_jifen.grid import LAST_COLUMN, LAST_ROW, Place, Range, column_letters, column_number, range_of

_SPANS = re.compile(rb"""\sspans\s*=\s*["']([0-9]+:[0-9]+(?: [0-9]+:[0-9]+)*)["']""")


class Book(Protocol):
    """What a worksheet refers to in its workbook."""

    @property
    def date1904(self) -> bool:
        """Whether days count from 1904."""

    def shared_text(self, index: int) -> str | None:
        """The shared string of that index, None if there is none."""

    def date_style(self, base: int) -> int:
        """The style id that is ``base`` with a date format: ``base`` itself if it is one."""


class XmlRow(NamedTuple):
    """A row: its number, and its ``<``, behind its start tag, before its end tag, behind it all."""

    number: int
    start: int
    opened: int
    closed: int
    end: int


class Cells:
    """The cells of one worksheet part; ``formulas_lost`` tells whether a formula had to give way to a value."""

    def __init__(self, data: bytes, part: str, sheet: str, book: Book) -> None:
        self._sheet, self._book = sheet, book
        self._markup = Markup(data, part)
        self._prefix = self._markup.prefix.decode()
        found = self._markup.find("sheetData")
        if found is None:
            raise self._markup.broken()
        self._data: Element = found
        name = re.escape(self._markup.prefix)
        self._cell_tag = re.compile(b"<" + name + rb'c(?=[\s/>])(?: r="([A-Z]{1,3})([0-9]+)")?' + ATTRIBUTES + b">")
        self._cell_end = re.compile(b"</" + name + rb"c\s*>")
        plain = b"<" + name + b"v>([^<&]*)</" + name + b"v></" + name + b"c>"
        self._plain_value = re.compile(plain)
        # The spelling of every office program; what is spelled otherwise takes the slower ways below.
        start = b"<" + self._markup.prefix + b'c r="'
        self._plain_start = start
        self._plain_tag = re.compile(
            re.escape(start) + rb'([A-Z]{1,3})[0-9]+"(?: s="([0-9]{1,9})")?()(?: t="([A-Za-z]+)")? ?/?>'
        )
        self._plain = self._markup.mask.count(start) == sum(
            self._markup.mask.count(start[:-4] + end) for end in (b" ", b">", b"/", b"\t", b"\n", b"\r")
        )
        self._rows = list(self._scan_rows())
        self._numbers = [row.number for row in self._rows]
        self._letters: dict[bytes, int] = {}
        self._coded: dict[tuple[type, Value], str] = {}
        self._new: dict[tuple[int, type, Value], bytes] = {}
        self._models: dict[int, list[tuple[int, int]]] | None = None
        self._column_styles: list[tuple[int, int, int]] | None = None
        self._of_column: dict[int, int] = {}
        self._columns: set[int] = set()
        self.formulas_lost = False

    def to_bytes(self) -> bytes:
        """The part as it is now; the very same bytes if nothing had to change."""
        return self._markup.to_bytes()

    def set(self, cells: Mapping[tuple[int, int], Value], style: Mapping[int, int], heading: int) -> None:
        """Set these cells, once. See ``Patch.set_cells`` for the meaning of the arguments and the errors."""
        by_row: dict[int, list[tuple[int, Value]]] = {}
        for (row, column), value in cells.items():
            if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
                raise ValueError(f"no such cell: {row}, {column}")
            by_row.setdefault(row, []).append((column, value))
        numbers = sorted(by_row)
        self._columns = {column for _, column in cells}
        self._refuse_arrays(cells, numbers)
        self._style, self._heading = style, heading
        known = {row.number: row for row in self._rows}
        added: list[bytes] = []
        rows: list[int] = []
        columns: set[int] = set()
        for number in numbers:
            values = sorted(by_row[number], key=itemgetter(0))
            if number in known:
                fresh: Collection[int] = self._set_in_row(known[number], values)
            else:
                fresh, new = self._new_row(number, values)
                if new and self._data.opened == self._data.end:
                    added.append(new)
                elif new:
                    index = bisect_left(self._numbers, number)
                    place = self._rows[index].start if index < len(self._rows) else self._data.closed
                    self._markup.replace(place, place, new)
            if fresh:
                rows.append(number)
                columns.update(fresh)
        if added:
            self._markup.append(self._data, b"".join(added))
        if rows:
            self._widen_dimension(Range(rows[0], min(columns), rows[-1], max(columns)))

    def _place(self, row: int, column: int) -> Place:
        return Place(self._sheet, row, column)

    # -- finding ------------------------------------------------------------------------------------------------

    def _scan_rows(self) -> Iterator[XmlRow]:
        mask, previous = self._markup.mask, 0
        name = self._markup.prefix + b"row"
        opening = re.compile(b"<" + re.escape(name) + rb'(?=[\s/>])(?: r="([0-9]+)")?' + ATTRIBUTES + b">")
        closing = b"</" + name
        for match in opening.finditer(mask, self._data.opened, self._data.closed):
            opened = match.end()
            if mask[opened - 2 : opened] == b"/>":
                closed = end = opened
            else:
                closed = mask.find(closing, opened, self._data.closed)
                end = mask.find(b">", closed) + 1
                if closed < 0:
                    raise self._markup.broken()
            if match[1]:
                number = int(match[1])
            else:
                written = attribute(match[0], "r")
                number = int(written) if written and written.isdecimal() else previous + 1
            if number <= previous:
                raise self._markup.broken()
            previous = number
            yield XmlRow(number, match.start(), opened, closed, end)

    def _cells_in(self, row: XmlRow) -> Iterator[tuple[int, int]]:
        """Column and place of every cell of the row, in order."""
        previous = 0
        for match in self._cell_tag.finditer(self._markup.mask, row.opened, row.closed):
            letters, digits = match[1], match[2]
            if letters is None:
                ref = range_of(attribute(match[0], "r"))
                column, number = (ref.left, ref.top) if ref else (previous + 1, row.number)
            else:
                column, number = self._column(letters), int(digits)
            if column <= previous or number != row.number:
                raise self._markup.broken()
            previous = column
            yield column, match.start()

    def _column(self, letters: bytes) -> int:
        if letters not in self._letters:
            self._letters[letters] = column_number(letters.decode())
        return self._letters[letters]

    def _refuse_arrays(self, cells: Mapping[tuple[int, int], Value], rows: list[int]) -> None:
        """Part of an array formula or a data table cannot be overwritten; Excel would not let a user do it either."""
        mask = self._markup.mask
        if b"array" not in mask and b"dataTable" not in mask:
            return
        for formula in self._markup.find_all("f", self._data):
            tag = self._markup.tag(formula)
            area = range_of(attribute(tag, "ref"))
            if area is None or attribute(tag, "t") not in ("array", "dataTable"):
                continue
            if not any(area.left <= column <= area.right for column in self._columns):
                continue
            for row in rows[bisect_left(rows, area.top) : bisect_left(rows, area.bottom + 1)]:
                for column in self._columns:
                    if area.holds(row, column) and (row, column) in cells:
                        raise CannotWrite(
                            f"{self._place(row, column)} 处在数组公式 {area} 中，不能写入结果；请先清除它再试。"
                        )

    # -- writing ------------------------------------------------------------------------------------------------

    def _set_in_row(self, row: XmlRow, values: list[tuple[int, Value]]) -> Collection[int]:
        """Set cells of an existing row; return the columns of the cells it did not have before."""
        markup = self._markup
        new: dict[int, bytes] = {}
        for column, value in values:
            place = self._start_of(row, column)
            if place >= 0:
                self._set_cell(row.number, column, place, value)
            elif cell := self._new_cell(row.number, column, value, row):
                new[column] = cell
        if not new:
            return ()
        tag = markup.xml[row.start : row.opened]
        wider = _with_spans(tag, new)
        if row.opened == row.end:
            element = Element(f"{self._prefix}row".encode(), *row[1:])
            markup.append(element, b"".join(new.values()), wider)
            return new
        if wider != tag:
            markup.replace(row.start, row.opened, wider)
        last = self._plain_tag.match(markup.mask, markup.mask.rfind(self._plain_start, row.opened, row.closed))
        if self._plain and last and self._column(last[1]) < min(new):
            markup.replace(row.closed, row.closed, b"".join(new.values()))
            return new
        present = list(self._cells_in(row))
        for column, cell in new.items():
            place = next((start for there, start in present if there > column), row.closed)
            markup.replace(place, place, cell)
        return new

    def _start_of(self, row: XmlRow, column: int) -> int:
        """Where the cell of that column begins, -1 if the row has none."""
        if self._plain:
            start = b'%b%b%d"' % (self._plain_start, _letters(column), row.number)
            return self._markup.mask.find(start, row.opened, row.closed)
        return next((start for there, start in self._cells_in(row) if there == column), -1)

    def _new_row(self, number: int, values: list[tuple[int, Value]]) -> tuple[list[int], bytes]:
        """The columns that are not blank, and the row holding them; nothing if all are."""
        cells = {column: cell for column, value in values if (cell := self._new_cell(number, column, value, None))}
        if not cells:
            return [], b""
        head, foot = f'<{self._prefix}row r="{number}">', f"</{self._prefix}row>"
        return list(cells), head.encode() + b"".join(cells.values()) + foot.encode()

    def _set_cell(self, row: int, column: int, start: int, value: Value) -> None:
        """Give an existing cell a value; its style and whatever else its start tag says stay."""
        xml, mask = self._markup.xml, self._markup.mask
        match = self._cell_tag.match(mask, start)
        assert match is not None
        opened = match.end()
        tag, body = xml[start:opened], b""
        if not tag.endswith(b"/>"):
            close = self._cell_end.search(mask, opened)
            if close is None:
                raise self._markup.broken()
            body = xml[opened : close.end()]
        plain = self._plain_tag.fullmatch(tag)
        if plain:
            style, kind, head = int(plain[2] or 0), (plain[4] or b"n").decode(), tag[: plain.start(3)]
        else:
            style, kind = whole(tag, "s"), attribute(tag, "t") or "n"
            head = tag
            for name in ("t", "cm", "vm"):  # type, array and picture of the value that goes
                head = with_attribute(head, name, None)
            head = head[: -2 if head.endswith(b"/>") else -1].rstrip()
        old = self._stored(kind, tag, body)
        wanted = self._book.date_style(style) if isinstance(value, date) else style
        if wanted != style:
            head = with_attribute(head + b">", "s", str(wanted))[:-1]
        elif same(old, value, self._book.date1904):
            return
        if old is FORMULA:
            self._refuse_shared(mask[opened : opened + len(body)], self._place(row, column))
            self.formulas_lost = True
        self._markup.replace(start, opened + len(body), head + self._rest(value, row, column).encode())

    def _refuse_shared(self, body: bytes, place: Place) -> None:
        """The first cell of a filled-down formula holds the text that the others only point to."""
        name = re.escape(self._markup.prefix)
        formula = re.search(b"<" + name + rb"f(?=[\s/>])" + ATTRIBUTES + b">", body)
        if formula and attribute(formula[0], "t") == "shared" and attribute(formula[0], "ref"):
            raise CannotWrite(f"{place} 是一组填充公式的第一格，不能写入结果；请先清除这一列中的公式再试。")

    def _new_cell(self, row: int, column: int, value: Value, known: XmlRow | None) -> bytes:
        """A cell that was not there; nothing for a blank one."""
        if blank(value):
            return b""
        style = self._style.get(column)
        if style is None:
            style = self._model(row, column, known)
        if isinstance(value, date):
            style = self._book.date_style(style)
        return b'%b%b%d"%b' % (self._plain_start, _letters(column), row, self._styled(style, value, row, column))

    def _styled(self, style: int, value: Value, row: int, column: int) -> bytes:
        """What follows a new cell's place; the same for all cells of one style and value."""
        key = style, type(value), value
        if key not in self._new:
            self._new[key] = ((f' s="{style}"' if style else "") + self._rest(value, row, column)).encode()
        return self._new[key]

    def _model(self, row: int, column: int, known: XmlRow | None) -> int:
        """The style of the nearest styled cell of the column below the heading, else of the row, else the column."""
        if self._models is None:
            self._models = {column: [] for column in self._columns}
            for number, found, there in self._styled_cells():
                self._models[found].append((number, there))
        models = self._models[column]
        if models:
            index = bisect_left(models, (row, 0))
            nearest = models[max(index - 1, 0) : index + 1]
            return min(nearest, key=lambda model: (abs(model[0] - row), model[0]))[1]
        if known is not None:
            tag = self._markup.xml[known.start : known.opened]
            if b"customFormat" in tag and attribute(tag, "customFormat") in ("1", "true"):
                return whole(tag, "s")
        return self._column_style(column)

    def _styled_cells(self) -> Iterator[tuple[int, int, int]]:
        """Row, column and style of every styled cell below the heading in the columns to be set."""
        mask = self._markup.mask
        if self._plain:
            letters = b"|".join(column_letters(column).encode() for column in self._columns)
            styled = re.compile(re.escape(self._plain_start) + b"(" + letters + rb')([0-9]+)" s="([0-9]{1,9})"')
            for match in styled.finditer(mask, self._data.opened, self._data.closed):
                if int(match[2]) > self._heading and int(match[3]):
                    yield int(match[2]), self._column(match[1]), int(match[3])
            return
        for row in self._rows:
            for column, start in self._cells_in(row) if row.number > self._heading else ():
                tag = self._cell_tag.match(mask, start)
                style = whole(tag[0], "s") if tag and column in self._columns else 0
                if style:
                    yield row.number, column, style

    def _column_style(self, column: int) -> int:
        if self._column_styles is None:
            self._column_styles = []
            columns = self._markup.find_before("cols", self._data)
            for col in self._markup.children(columns) if columns else ():
                tag = self._markup.tag(col)
                first, last, style = (whole(tag, name) for name in ("min", "max", "style"))
                self._column_styles.append((first, last, style))
        if column not in self._of_column:
            styles = (style for first, last, style in self._column_styles if first <= column <= last)
            self._of_column[column] = next(styles, 0)
        return self._of_column[column]

    def _rest(self, value: Value, row: int, column: int) -> str:
        """What follows the style of a cell; values repeat often and are coded once (``True`` and ``1`` are equal)."""
        key = type(value), value
        try:
            if key not in self._coded:
                self._coded[key] = rest_of_cell(value, self._book.date1904, self._prefix)
            return self._coded[key]
        except Unwritable as reason:
            raise CannotWrite(f"{self._place(row, column)} {reason}") from None

    def _stored(self, kind: str, tag: bytes, body: bytes) -> Stored:
        plain = self._plain_value.fullmatch(body)
        if plain:
            content = Content(False, plain[1].decode(), "")
        else:
            content = content_of(tag + body) if body else Content(False, "", "")
        return stored(kind if body else "n", content, self._book.shared_text)

    def _widen_dimension(self, used: Range) -> None:
        element = self._markup.find_before("dimension", self._data)
        if element is None:
            return
        tag = self._markup.tag(element)
        old = range_of(attribute(tag, "ref"))
        if old is None:
            return
        wide = Range(
            min(old.top, used.top), min(old.left, used.left), max(old.bottom, used.bottom), max(old.right, used.right)
        )
        if wide != old:
            self._markup.replace(element.start, element.opened, with_attribute(tag, "ref", str(wide)))


@cache
def _letters(column: int) -> bytes:
    return column_letters(column).encode()


def _with_spans(tag: bytes, columns: Collection[int]) -> bytes:
    """The start tag of a row whose ``spans`` also take in these columns, if it has any."""
    spans = _SPANS.search(tag) if b"spans" in tag else None
    if spans is None:
        return tag
    wider = _wider(spans[1], min(columns), max(columns))
    return tag if wider == spans[1] else tag[: spans.start(1)] + wider + tag[spans.end(1) :]


@lru_cache(maxsize=256)
def _wider(spans: bytes, low: int, high: int) -> bytes:
    ends = [int(end) for end in re.findall(rb"[0-9]+", spans)]
    wide = min(*ends, low), max(*ends, high)
    return spans if set(wide) <= set(ends) else b"%d:%d" % wide
