"""The sheets the tool owns (校验结果 计分明细 积分台账 看板) as plain cells: what ``owned`` draws, for an open book.

A :class:`Canvas` takes the strokes of an XlsxWriter worksheet and remembers values, formulas, number formats, looks
and widths, so that the open book gets the very cells of the closed file. Knows neither XlsxWriter nor Excel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from xl_jifen import layout
from xl_jifen.excel.draw import board, ledger, owned
from xl_jifen.excel.draw.pen import INK, LINK, Pen, heads, plain
from xl_jifen.excel.patch.rows import FIRST, Formula, Row
from xl_jifen.grid import Place, column_letters
from xl_jifen.publish.tables import Tables

Content: TypeAlias = str | int | float | date | None
TEXT, GENERAL, DAY = "@", "General", "yyyy-mm-dd"
PIXELS_A_WIDTH = 7.0
_T = TypeVar("_T")


class Drawn(NamedTuple):
    """One cell: its value, the formula that gives it if there is one, its number format, and its look."""

    value: Content
    formula: str = ""
    shown: str = GENERAL
    look: Look | None = None


class Look(NamedTuple):
    """What a reader sees at once: bold or not, the ink, and the fill; colours as ``#RRGGBB`` or empty."""

    bold: bool
    ink: str
    fill: str


class Block(NamedTuple):
    """A rectangle of cells, both ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


class Canvas:
    """One sheet as it is drawn on; rows and columns of ``cells`` and ``widths`` count from 1.

    The methods are those of an XlsxWriter worksheet (rows and columns from 0). ``charts`` counts what is left out;
    ``table`` is the first row whose texts are wrapped: titles stand above it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells: dict[tuple[int, int], Drawn] = {}
        self.widths: dict[int, float] = {}
        self.charts = 0
        self.table = 0

    def _put(self, row: int, column: int, drawn: Drawn, form: Mapping[str, Any]) -> None:
        if form.get("text_wrap") and not self.table:
            self.table = row + 1
        self.cells[row + 1, column + 1] = drawn._replace(look=_look(form))

    def write_string(self, row: int, column: int, text: str, form: Mapping[str, Any]) -> None:
        """Text, which stays text."""
        self._put(row, column, Drawn(text, shown=TEXT), form)

    def write_number(self, row: int, column: int, number: int | float, form: Mapping[str, Any]) -> None:
        """A number."""
        self._put(row, column, Drawn(number, shown=form.get("num_format", GENERAL)), form)

    def write_formula(
        self, row: int, column: int, formula: str, form: Mapping[str, Any], value: int | float | str
    ) -> None:
        """A formula and what it gives."""
        self._put(row, column, Drawn(value, formula, form.get("num_format", GENERAL)), form)

    def write_blank(self, row: int, column: int, _: None, form: Mapping[str, Any]) -> None:
        """A blank cell with a look."""
        self._put(row, column, Drawn(None, shown=form.get("num_format", GENERAL)), form)

    def set_column(self, first: int, last: int, width: float) -> None:
        """The width of columns, in characters."""
        self.widths.update(dict.fromkeys(range(first + 1, last + 2), width))

    def set_column_pixels(self, first: int, last: int, pixels: int) -> None:
        """The width of columns, in pixels."""
        self.set_column(first, last, pixels / PIXELS_A_WIDTH)

    def insert_chart(self, *_: Any) -> None:
        """A chart: charts of the open book are the user's to keep."""
        self.charts += 1

    def get_name(self) -> str:
        """The sheet's name."""
        return self.name

    def _leave(self, *_: Any, **__: Any) -> None:
        """Heights, which the open book fits by itself, and what only matters in print."""

    set_row = set_row_pixels = freeze_panes = ignore_errors = autofilter = repeat_rows = set_footer = _leave
    set_landscape = set_paper = set_margins = fit_to_pages = center_horizontally = hide_gridlines = print_area = _leave
    set_tab_color = _leave

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns down to the last cell."""
        return max(row for row, _ in self.cells), max(column for _, column in self.cells)

    def matrix(self) -> list[list[Content]]:
        """The cells from A1 on as one block; a formula stands as its text, beginning with ``=``."""
        rows, columns = self.size
        block: list[list[Content]] = [[None] * columns for _ in range(rows)]
        for (row, column), drawn in self.cells.items():
            block[row - 1][column - 1] = drawn.formula or drawn.value
        return block

    def formats(self) -> list[tuple[Block, str]]:
        """Number formats by rectangle, General left out. A blank cell goes with the one above it: fewer rectangles."""
        rows, columns = self.size
        shown: dict[tuple[int, int], str] = {}
        for column in range(1, columns + 1):
            above = GENERAL
            for row in range(1, rows + 1):
                drawn = self.cells.get((row, column))
                if drawn and (drawn.value is not None or drawn.shown != GENERAL):
                    above = drawn.shown
                shown[row, column] = above
        return [(block, code) for block, code in blocks(shown) if code != GENERAL]

    def looks(self) -> list[tuple[Block, Look]]:
        """Looks by rectangle, the ordinary one left out."""
        return blocks({place: drawn.look for place, drawn in self.cells.items() if drawn.look})


def _look(form: Mapping[str, Any]) -> Look | None:
    ink = form.get("font_color", INK)
    look = Look(bool(form.get("bold")), "" if ink == INK else ink, form.get("bg_color", ""))
    return look if any(look) else None


def blocks(cells: Mapping[tuple[int, int], _T]) -> list[tuple[Block, _T]]:
    """Cells of equal value as rectangles: runs down each column, joined with equal runs of the columns beside it."""
    runs: dict[tuple[int, int, _T], list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        by_column.setdefault(column, []).append(row)
    for column, rows in sorted(by_column.items()):
        start = 0
        for index, row in enumerate(rows, 1):
            value = cells[row, column]
            if index == len(rows) or rows[index] != row + 1 or cells[rows[index], column] != value:
                runs.setdefault((rows[start], row, value), []).append(column)
                start = index
    found = []
    for (top, bottom, value), columns in runs.items():
        left = 0
        for index, column in enumerate(columns, 1):
            if index == len(columns) or columns[index] != column + 1:
                found.append((Block(top, columns[left], bottom, column), value))
                left = index
    return sorted(found, key=lambda pair: pair[0])


class _Book:
    """What a pen and the board ask of an XlsxWriter workbook."""

    def add_format(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        return properties

    def add_chart(self, _: Mapping[str, Any]) -> _Chart:
        return _Chart()


class _Chart:
    """A chart nobody draws."""

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


def draw(tables: Tables) -> tuple[Canvas, ...]:
    """The four sheets, in the order of ``layout.OWNED_SHEETS``."""
    book = _Book()
    pen = Pen(book)
    canvases = tuple(Canvas(name) for name in layout.OWNED_SHEETS)
    findings, lines, sums, overview = (cast(Any, canvas) for canvas in canvases)
    heads(findings, pen, 0, layout.FINDINGS_HEADINGS, owned.FINDING_WIDTHS)
    _fill(canvases[0], owned.finding_rows(tables.findings), FIRST, owned.PLACE)
    heads(lines, pen, 0, (*layout.LINES_HEADINGS, layout.ROSTER_POSITION), owned.LINE_WIDTHS)
    _fill(canvases[1], owned.line_rows(tables.lines), FIRST, owned.SOURCE)
    ledger.draw(sums, pen, tables.ledger)
    _fill(canvases[2], ledger.rows(tables.ledger, len(tables.lines)), ledger.FIRST)
    board.draw(book, overview, pen, tables.board)
    return canvases


def _fill(canvas: Canvas, rows: Iterable[Row], first: int, link_column: int = -1) -> None:
    """The rows of a long table, which look like the model row where there is one.

    A link is a HYPERLINK formula, so that thousands of them are one write.
    """
    model = {column: drawn for (row, column), drawn in canvas.cells.items() if row == first}
    for column in model:
        del canvas.cells[first, column]
    for number, row in enumerate(rows, first):
        for column, value in enumerate(row.cells):
            like = model.get(column + 1, _PLAIN)
            if row.link is not None and column == link_column:
                canvas.cells[number, column + 1] = Drawn(str(value), _link(row.link, str(value)), look=_LINKED)
            elif like.look or (value is not None and value != ""):
                canvas.cells[number, column + 1] = _drawn(value, like)


_PLAIN, _LINKED = Drawn(None), Look(False, LINK, "")


def _drawn(value: object, like: Drawn) -> Drawn:
    """A cell that looks like that one; text stays text, and a blank cell has no number format."""
    if value is None or value == "":
        return Drawn(None, look=like.look)
    if isinstance(value, Formula):
        return Drawn(plain(value.value), f"={value.text}", like.shown, like.look)
    if isinstance(value, Decimal):
        return Drawn(plain(value), "", like.shown, like.look)
    if isinstance(value, date):
        return Drawn(value, "", DAY, like.look)
    return Drawn(cast(str | int, value), "", TEXT if isinstance(value, str) else like.shown, like.look)


def _link(place: Place, text: str) -> str:
    """A formula that leads to a place; a whole row leads to its first cell."""
    sheet = place.sheet.replace("'", "''")
    target = f"#'{sheet}'!{column_letters(place.column or 1)}{place.row}"
    quoted = (part.replace('"', '""') for part in (target, text))
    return '=HYPERLINK("{}","{}")'.format(*quoted)
