"""Any well-formed sheet or list of shared texts, read element by element: the slow way, which decides what is there.

Knows where values and texts stand; what they mean is asked of :mod:`xl_jifen.excel.read.values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.parsers import expat

from xl_jifen.budget import Budget
from xl_jifen.excel.read.values import Values, text_of
from xl_jifen.excel.read.xml import ALTERNATIVE, PROCESSED, Odd, ensure_few, main_of, parse, refuse_alternatives
from xl_jifen.grid import LAST_COLUMN, LAST_ROW, Cell, column_letters, column_number

_BELOW = {
    "worksheet": ("sheetData",),
    "sheetData": ("row",),
    "row": ("c",),
    "c": ("v", "f", "is"),
    "is": ("t", "r"),
    "sst": ("si",),
    "si": ("t", "r"),
    "r": ("t",),
}
"""What counts below what; all else does not, with all below it."""
_DATA = frozenset(["sheetData", "row", "c", "v", "f", "is", "si"])
"""What no program writes anywhere else inside the data; some would count it there."""

_PLACE = re.compile("([A-Za-z]{1,3})([0-9]{1,9})").fullmatch
_ROW = re.compile("[0-9]{1,9}").fullmatch


def rows(xml: bytes, values: Values) -> dict[int, Sequence[Cell]]:
    """The cells of each row of a worksheet that is not blank, up to its last filled one. Raises Odd."""
    sheet = _Sheet(values)
    sheet.of(xml)
    found: dict[int, Sequence[Cell]] = {}
    for number, cells in sheet.rows.items():
        last = max((column for column, value in cells.items() if value is not None), default=0)
        values.budget.draw("places", last)
        if last:
            found[number] = [cells.get(column) for column in range(1, last + 1)]
    return found


def strings(xml: bytes, budget: Budget) -> list[str | None]:
    """The shared texts; None for an empty one. Raises Odd."""
    texts = _Strings(budget)
    texts.of(xml)
    return texts.found


class _Walk:
    """Handlers of expat that follow the elements which count, from ``root`` on.

    ``begin`` and ``finish`` say what to do where one of that name begins or ends; ``runs`` are the texts of an item.
    """

    def __init__(self, root: str, budget: Budget) -> None:
        self.budget = budget
        self.runs: list[str] = []
        self.text: list[str] = []
        self.begin: dict[str, Callable[[dict[str, str]], None]] = {"r": self._run, "t": self._run_text}
        self.finish: dict[str, Callable[[], None]] = {"t": self._run_ends}
        self._root, self._main = root, ""
        self._below: dict[str, dict[str, str]] = {}
        self._within: list[str] = []
        self._aside = 0  # how deep in what does not count
        self._wary = False  # whether it is an alternative, which some programs take
        self._elements, self._most = 0, budget.left("elements")
        self._counted, self._most_counted = 0, budget.left("spelt")  # of those that count
        self._in_run = False  # whether its run has a text already

    def of(self, xml: bytes) -> None:
        ensure_few(xml, self.budget)
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parse(xml, parser)
        self.budget.draw("elements", self._elements)
        self.budget.draw("spelt", self._counted)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._aside:
            self._aside += 1
            if self._wary and name.removeprefix(self._main) in _DATA:
                refuse_alternatives()
            return
        if PROCESSED in attributes:
            refuse_alternatives()
        if not self._within:
            self._opens(name)
            return
        local = self._below[self._within[-1]].get(name)
        if local is None:
            self._other(name)
            return
        self._counted += 1
        self.text.clear()
        if local in self.begin:
            self.begin[local](attributes)
        self._within.append(local)

    def _opens(self, root: str) -> None:
        self._main = main_of(root, self._root)
        self._below = {above: {f"{self._main}{local}": local for local in below} for above, below in _BELOW.items()}
        self._below |= {local: {} for local in ("v", "f", "t")}
        self._within.append(self._root)

    def _other(self, name: str) -> None:
        """What does not count; it ends the reading if some program would count it."""
        local, within = name.removeprefix(self._main), self._within[-1]
        if len(self._within) > 1:
            refuse_alternatives(name)
            if local in _DATA or not self._below[within]:  # what is text has nothing in it
                raise Odd(f"的 {local.rpartition('}')[2]} 写在了不该写的地方")
        self._wary = name == ALTERNATIVE
        if self._elements > self._most:
            self.budget.draw("elements", self._elements)
        self._aside = 1

    def _characters(self, text: str) -> None:
        if not self._aside:
            self.text.append(text)

    def _end(self, _: str) -> None:
        if self._aside:
            self._aside -= 1
            return
        local = self._within.pop()
        if local in self.finish:
            self.finish[local]()

    def _run(self, _: object) -> None:
        self._in_run = False

    def _run_text(self, _: object) -> None:
        if self._in_run if self._within[-1] == "r" else self.runs:
            raise Odd("有一格文字写了两遍")
        self._in_run = True

    def _run_ends(self) -> None:
        self.runs.append("".join(self.text))


class _Strings(_Walk):
    def __init__(self, budget: Budget) -> None:
        super().__init__("sst", budget)
        self.found: list[str | None] = []
        self.begin["si"], self.finish["si"] = self._item, self._item_ends

    def _item(self, _: object) -> None:
        if self._counted > self._most_counted:
            self.budget.draw("spelt", self._counted)
        self.runs = []

    def _item_ends(self) -> None:
        self.budget.draw("strings")
        self.found.append(text_of("".join(self.runs), self.budget) or None)


class _Sheet(_Walk):
    def __init__(self, values: Values) -> None:
        super().__init__("worksheet", values.budget)
        self.rows: dict[int, dict[int, Cell]] = {}
        self._values = values
        self._meant: dict[tuple[str, str, str | None, str | None, bool], Cell] = {}
        self._row = self._column = 0
        self._here: dict[int, Cell] | None = None  # the cells of the row that is being read
        self._cell: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._has_data = False
        self.begin |= {"sheetData": self._data, "row": self._row_begins, "c": self._cell_begins}
        self.begin |= {"v": self._value_begins, "f": self._formula_begins, "is": self._inline_begins}
        self.finish |= {"v": self._value_ends, "f": self._formula_ends, "is": self._inline_ends, "c": self._cell_ends}

    def _data(self, _: object) -> None:
        if self._has_data:
            raise Odd("有两个数据区")
        self._has_data = True

    def _row_begins(self, attributes: dict[str, str]) -> None:
        if self._counted > self._most_counted:
            self.budget.draw("spelt", self._counted)
        number = attributes.get("r", f"{self._row + 1}")
        if not _ROW(number):
            raise Odd("有无法识别的行号")
        self._row, self._column, self._here = int(number), 0, None

    def _cell_begins(self, attributes: dict[str, str]) -> None:
        self._cell, self._parts = attributes, {}

    def _value_begins(self, _: object) -> None:
        self._once("v", "值")

    def _formula_begins(self, _: object) -> None:
        self._once("f", "公式")

    def _inline_begins(self, _: object) -> None:
        self._once("is", "文字")
        self.runs = []

    def _once(self, part: str, what: str) -> None:
        if part in self._parts:
            raise Odd(f"的 {self._cell.get('r', '一格')} 有两个{what}")
        self._parts[part] = ""

    def _value_ends(self) -> None:
        self._parts["v"] = "".join(self.text)

    def _formula_ends(self) -> None:
        self._parts["f"] = "".join(self.text)

    def _inline_ends(self) -> None:
        self._parts["is"] = "".join(self.runs)

    def _cell_ends(self) -> None:
        place = _PLACE(self._cell.get("r") or f"{column_letters(self._column + 1)}{self._row}")
        if not place:
            raise Odd("有无法识别的单元格编号")
        number, self._column = int(place[2]), column_number(place[1])
        value = self._value()
        if value is None:
            return
        if self._here is None:
            if number in self.rows or not 0 < number <= LAST_ROW:
                raise Odd(f"的第 {number} 行重复或超出范围")
            self._here = self.rows[number] = {}
        elif self._here is not self.rows.get(number):
            raise Odd(f"的第 {self._row} 行里有别的行的单元格({place[0]})")
        if self._column in self._here or self._column > LAST_COLUMN:
            raise Odd(f"有重复的或超出 XFD 列的单元格({place[0]})")
        self._here[self._column] = value

    def _value(self) -> Cell:
        """What the cell that has just been read means; each combination that is no formula is worked out once."""
        cell, parts = self._cell, self._parts
        key = cell.get("t", "n"), cell.get("s", ""), parts.get("v"), parts.get("is"), "vm" in cell and "cm" not in cell
        formula = parts.get("f")
        if formula is None and key in self._meant:
            return self._meant[key]
        self.budget.draw("values")
        kind, style, content, inline, rich = key
        value = self._values.of(kind, style, content, inline, formula=formula, rich=rich)
        if formula is None:
            self._meant[key] = value
        return value
