"""A sheet of ours written as XML (写成部件): every row put together from pieces that are known already.

A year of a large branch is ten thousand lines; written cell by cell they would take most of a recalculation. It knows
one worksheet, and gets style numbers from whoever owns the styles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import getitem
from string import ascii_uppercase
from typing import NamedTuple

from xl_jifen.excel.patch.markup import escape, quote
from xl_jifen.excel.patch.value import rest_of_cell
from xl_jifen.grid import Place, column_letters
from xl_jifen.publish.sheet import HEAD, Content, Formula, Look, Sheet, reference

A4 = 9
PIXELS, PADDING = 7, 5
"""Pixels a digit is wide, and what a column adds on its sides."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Habits(NamedTuple):
    """What a sheet keeps when its content is replaced: whether it is the one shown, and its name in VBA."""

    selected: bool = False
    code_name: str = ""


def sheet_xml(sheet: Sheet, style: Callable[[Look], int], date1904: bool, habits: Habits, drawing: str) -> bytes:
    """The worksheet part; ``drawing`` is the relation id of its charts, "" if it has none."""
    rows, links, count = _rows(sheet, style, date1904)
    letters = column_letters(len(sheet.widths))
    content = bytearray(_head(sheet, f"A1:{letters}{max(1, count)}", habits).encode())
    content += b"".join(rows)
    tail = ["</sheetData>"]
    if sheet.filtered:
        tail.append(f'<autoFilter ref="A{sheet.head}:{letters}{max(sheet.head + 1, count)}"/>')
    if links:
        tail.append(f"<hyperlinks>{''.join(links)}</hyperlinks>")
    tail.append(_page(sheet))
    if sheet.as_text and count > sheet.head:
        first, last = sheet.as_text
        cells = f"{first}{sheet.head + 1}:{last}{count}"
        tail.append(f'<ignoredErrors><ignoredError sqref="{cells}" numberStoredAsText="1"/></ignoredErrors>')
    if drawing:
        tail.append(f'<drawing r:id="{drawing}"/>')
    content += "".join((*tail, "</worksheet>")).encode()
    return bytes(content)


def names_of(sheet: Sheet, content: bytes) -> Iterator[tuple[str, bool, str]]:
    """The built-in names its content rests on: the name, whether it is hidden, and the cells."""
    named = reference(sheet.name)
    if sheet.filtered:
        start = content.rindex(b'<autoFilter ref="') + 17
        first, last = content[start : content.index(b'"', start)].decode().split(":")
        yield "_xlnm._FilterDatabase", True, f"{named}!{_fixed(first)}:{_fixed(last)}"
    if sheet.printed:
        yield "_xlnm.Print_Area", False, f"{named}!$A$1:${column_letters(len(sheet.widths))}${sheet.printed}"
    if sheet.banner:
        used = content[content.index(b'<dimension ref="A1:') + 19 :].partition(b'"')[0].decode()
        right, bottom = column_letters(sheet.upto or len(sheet.widths)), used.lstrip(ascii_uppercase)
        yield "_xlnm.Print_Area", False, f"{named}!$A${sheet.head}:${right}${bottom}"
    if sheet.head:
        yield "_xlnm.Print_Titles", False, f"{named}!${sheet.head if sheet.banner else 1}:${sheet.head}"


def _fixed(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"


def _head(sheet: Sheet, used: str, habits: Habits) -> str:
    """Everything before the first row."""
    code_name = f' codeName="{quote(habits.code_name)}"' if habits.code_name else ""
    selected = ' tabSelected="1"' if habits.selected else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        f'<sheetPr{code_name}><tabColor rgb="FF{HEAD[1:]}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="{used}"/>'
        f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0">{_pane(sheet)}</sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="{sheet.ordinary:g}"/><cols>{"".join(_columns(sheet))}</cols><sheetData>'
    )


def _pane(sheet: Sheet) -> str:
    """What stands still while the rest is scrolled."""
    across, down = sheet.still, sheet.head
    if not (across or down):
        return ""
    name = ("bottom" if down else "top") + ("Right" if across else "Left")
    splits = (f' xSplit="{across}"' if across else "") + (f' ySplit="{down}"' if down else "")
    corner = f"{column_letters(across + 1)}{down + 1}"
    pane = f'<pane{splits} topLeftCell="{corner}" activePane="{name}" state="frozen"/>'
    return f'{pane}<selection pane="{name}" activeCell="{corner}" sqref="{corner}"/>'


def _columns(sheet: Sheet) -> Iterator[str]:
    for number, width in enumerate(sheet.widths, 1):
        pixels = int(width * PIXELS + 0.5) + PADDING
        exact = int(pixels / PIXELS * 256) / 256
        hidden = ' hidden="1"' if number in sheet.hidden else ""
        yield f'<col min="{number}" max="{number}" width="{exact:.10g}"{hidden} customWidth="1"/>'


def _page(sheet: Sheet) -> str:
    """The printed page: A4 lying, centred, its name and number at the foot unless it is one page."""
    fit = "" if sheet.printed else ' fitToHeight="0"'
    edge = 0.5 if sheet.printed else 0.6
    top = f"<oddHeader>&amp;L&amp;14{escape(sheet.banner)}</oddHeader>" if sheet.banner else ""
    foot = f"{top}<oddFooter>&amp;L{escape(sheet.name)}&amp;R第 &amp;P 页，共 &amp;N 页</oddFooter>"
    return (
        '<printOptions horizontalCentered="1"/>'
        f'<pageMargins left="0.3" right="0.3" top="{edge}" bottom="{edge}" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="{A4}"{fit} orientation="landscape"/>'
        + ("" if sheet.printed else f"<headerFooter>{foot}</headerFooter>")
    )


# -- rows -------------------------------------------------------------------------------------------------------------


class _Heights(dict[object, bytes]):
    """What stands in a row between its number and that of its first cell, by the height of the row."""

    def __init__(self, first: str) -> None:
        self._first = first

    def __missing__(self, height: object) -> bytes:
        tall = "" if height is None else f' ht="{height:g}" customHeight="1"'
        piece = self[height] = f'"{tall}{self._first}'.encode()
        return piece


class _Column(dict[object, bytes]):
    """What stands in a row behind the number of one column's cell, up to the next cell's number, by the value."""

    def __init__(self, style: int, behind: str, date1904: bool) -> None:
        self._style, self._behind, self._date1904 = f'" s="{style}"', behind, date1904

    def __missing__(self, value: Content) -> bytes:
        if isinstance(value, Formula):
            rest = f"><f>{escape(value.text)}</f>{rest_of_cell(value.value, self._date1904, '')[1:]}"
        else:
            rest = rest_of_cell(value, self._date1904, "")
        piece = self[value] = f"{self._style}{rest}{self._behind}".encode()
        return piece


class _Model(NamedTuple):
    """What the rows that look like a model are put together from: their heights, then their columns.

    ``places`` are the columns with cells, None where that is every one.
    """

    pieces: Sequence[dict[object, bytes]]
    places: tuple[int, ...] | None


def _model(looks: Sequence[Look | None], style: Callable[[Look], int], date1904: bool) -> _Model:
    cells = [(n, style(look)) for n, look in enumerate(looks) if look is not None]
    starts = [f'><c r="{column_letters(n + 1)}' for n, _ in cells]
    if not cells:
        return _Model([_Heights("/>")], ())
    ends = [*(start[1:] for start in starts[1:]), "</row>"]
    columns = [_Column(number, end, date1904) for (_, number), end in zip(cells, ends, strict=True)]
    places = None if len(cells) == len(looks) else tuple(n for n, _ in cells)
    return _Model([_Heights(starts[0]), *columns], places)


def _rows(sheet: Sheet, style: Callable[[Look], int], date1904: bool) -> tuple[list[bytes], list[str], int]:
    """The rows, their links, and how many there are."""
    models = [_model(looks, style, date1904) for looks in sheet.models]
    rows: list[bytes] = []
    links: list[str] = []
    number = 0
    for number, (look, cells, height, link, linked) in enumerate(sheet.rows, 1):
        pieces, places = models[look]
        # Its number stands in a row's tag and in each of its cells; what lies between is mostly known already.
        if places is not None:
            cells = [cells[place] for place in places]
        rows.append((b"%d" % number).join((b'<row r="', *map(getitem, pieces, (height, *cells)))))
        if isinstance(link, Place):
            links.append(_link(f"{column_letters(linked + 1)}{number}", link))
    return rows, links, number


def _link(cell: str, place: Place) -> str:
    return f'<hyperlink ref="{cell}" location="{quote(place.target)}" tooltip="转到 {quote(str(place))}"/>'
