"""Long tables: XlsxWriter draws the head and one model row a look, and the rows that look like them are written here.

A year of a large branch is ten thousand lines; written cell by cell they would take most of a recalculation.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from xl_jifen.excel.cellvalue import Value, rest_of_cell
from xl_jifen.excel.markup import quote
from xl_jifen.grid import Place, column_letters

FIRST = 2
"""The row, from 1, where tables begin; the model rows stand there in the scratch workbook."""

MOST_LOOSE = 20_000
"""Rows of a table that lies uncompressed in the scratch workbook, 1 KB each: faster, as long as there is memory."""

_MODEL = re.compile(rb'<row r="([0-9]+)"[^>]*>(.*?)</row>')
_STYLE = re.compile(rb'<c r="[A-Z]+[0-9]+" s="([0-9]+)"/>')


class Row(NamedTuple):
    """One row: the model it looks like, from 0; its cells; its height in points; where its link leads, if any."""

    look: int
    cells: Sequence[Value]
    height: float
    link: Place | None = None


class Table(NamedTuple):
    """The rows of a sheet, how many they are, and the column, from 0, of their links."""

    rows: Iterable[Row]
    length: int
    link_column: int


def filled(scratch: bytes, tables: Mapping[str, Table], *, date1904: bool) -> bytes:
    """The scratch workbook with the model rows of those parts replaced by the tables' rows."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(scratch)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for info in old.infolist():
            content = old.read(info)
            target = zipfile.ZipInfo(info.filename, info.date_time)
            if info.filename in tables and tables[info.filename].length > MOST_LOOSE:
                target.compress_type = zipfile.ZIP_DEFLATED
            with new.open(target, "w") as part, io.BufferedWriter(part, 1 << 20) as buffered:
                if info.filename in tables:
                    buffered.writelines(_filled(content, tables[info.filename], date1904))
                else:
                    buffered.write(content)
    return stream.getvalue()


def _filled(content: bytes, table: Table, date1904: bool) -> Iterator[bytes]:
    """The sheet in pieces: a large one is a hundred megabytes, and need not lie in memory as a whole."""
    head, body, rest = _split(content)
    models = {int(number): _STYLE.findall(cells) for number, cells in _MODEL.findall(body)}
    styles = [[style.decode() for style in models[number]] for number in sorted(models)]
    letters = [column_letters(column) for column in range(1, len(styles[0]) + 1)]
    yield re.sub(rb'(<dimension ref="A1:[A-Z]+)[0-9]+', rb"\g<1>%d" % max(table.length + FIRST - 1, 1), head)
    links: list[str] = []
    rests: dict[tuple[type, Value], str] = {}
    for number, row in enumerate(table.rows, FIRST):
        cells = [f'<row r="{number}" ht="{row.height:g}" customHeight="1">']
        for letter, style, value in zip(letters, styles[row.look], row.cells, strict=True):
            key = type(value), value
            if key not in rests:
                rests[key] = rest_of_cell(value, date1904, "")
            cells.append(f'<c r="{letter}{number}" s="{style}"{rests[key]}')
        cells.append("</row>")
        yield "".join(cells).encode()
        if row.link is not None:
            links.append(_link(f"{letters[table.link_column]}{number}", row.link))
    yield _behind_filter(rest, f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()) if links else rest


def _split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the model rows, the model rows, and what follows them."""
    start, end = content.index(b'<row r="%d"' % FIRST), content.index(b"</sheetData>")
    return content[:start], content[start:end], content[end:]


def _behind_filter(rest: bytes, links: bytes) -> bytes:
    found = re.search(rb"<autoFilter[^>]*/>", rest)
    assert found, "every long table has a filter"
    return rest[: found.end()] + links + rest[found.end() :]


def _link(cell: str, place: Place) -> str:
    """A link to a place; a whole row links to its first cell."""
    sheet = place.sheet.replace("'", "''")
    location = f"'{sheet}'!{column_letters(place.column or 1)}{place.row}"
    return f'<hyperlink ref="{cell}" location="{quote(location)}" tooltip="{quote(f"转到 {place}")}"/>'
