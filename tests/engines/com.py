"""Excel's own object model, as far as the product uses it, over the engines: what ``sheet.api`` and ``book.api`` give.

A member that is not here raises AttributeError, so that no test passes because a call was swallowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

calls: Counter[str] = Counter()
"""Members asked of Excel since it was cleared: over COM each is a call."""

CENTER = -4108
VISIBLE, HIDDEN, VERY_HIDDEN = -1, 0, 2


class Refusal(Exception):
    """What pywin32 raises where Excel refuses a call; the product knows it by its name."""

    def __init__(self, words: str) -> None:
        super().__init__(-2147352567, "发生意外。", (0, "Microsoft Excel", words, "", 0, -2146827284), None)
        self.hresult = -2147352567


Refusal.__name__ = "com_error"


class Counted:
    """An object of Excel's: its members, whose names begin with a capital, are counted."""

    def __getattribute__(self, name: str) -> Any:
        if name[0].isupper():
            calls[name] += 1
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0].isupper():
            calls[f"{name}="] += 1
            if not hasattr(type(self), name):
                raise AttributeError(name)
        object.__setattr__(self, name, value)


class Worksheets(Counted):
    """The sheets of a book."""

    def __init__(self, book: Any) -> None:
        self._book = book

    @property
    def Count(self) -> int:
        return len(self._book.sheets)

    def __call__(self, number: int | str) -> Any:
        calls["Item"] += 1
        return Worksheet(self._book.sheets(number))

    def Add(self, Before: Worksheet | None = None) -> Worksheet:
        return Worksheet(self._book.sheets.insert(Before.impl if Before else None))


class Worksheet(Counted):
    """One sheet: ``impl`` is the engine's."""

    def __init__(self, impl: Any) -> None:
        self.impl = impl

    Name = property(lambda self: self.impl.name, lambda self, name: self.impl.rename(name))
    Visible = property(lambda self: self.impl.shown_as, lambda self, state: setattr(self.impl, "shown_as", state))
    Index = property(lambda self: self.impl.index)
    ProtectContents = property(lambda self: self.impl.is_protected)
    FilterMode = property(lambda self: getattr(self.impl, "filtered", False))
    UsedRange = property(lambda self: Range((self.impl.used_range,)))
    Cells = property(lambda self: SimpleNamespace(Clear=self.impl.clear))

    @property
    def Hyperlinks(self) -> Any:
        return SimpleNamespace(Delete=lambda: self.impl.book.app.engine.call("unlink", self.impl.name))

    def Range(self, address: str) -> Range:
        if len(address) > 255:
            raise Refusal("Method 'Range' of object '_Worksheet' failed")
        return Range(tuple(self.impl.range(part) for part in address.split(",")))

    def ShowAllData(self) -> None:
        self.impl.filtered = False

    def ChartObjects(self) -> Any:
        return SimpleNamespace(Count=self.impl.chart_count)

    def Activate(self) -> None:
        if self.Visible != VISIBLE:
            raise Refusal("Activate method of Worksheet class failed")
        self.impl.activate()

    def Delete(self) -> None:
        self.impl.delete()


def _each(name: str, of: Callable[[Any], Any] = lambda value: value) -> Any:
    """A property of every rectangle of a range, put by the engine's name for it."""

    def put(cells: Any, value: Any) -> None:
        for area in cells._areas:
            setattr(area, name, of(value))

    return property(lambda cells: getattr(cells._areas[0], name), put)


class Range(Counted):
    """Some rectangles of a sheet."""

    def __init__(self, areas: tuple[Any, ...]) -> None:
        self._areas = areas

    @property
    def Formula(self) -> Any:
        [area] = self._areas
        return area.formula

    @property
    def MergeCells(self) -> bool | None:
        """None where some are and some are not."""
        [area] = self._areas
        return area.merge_cells

    @property
    def MergeArea(self) -> Range:
        [area] = self._areas
        return Range((area.merge_area,))

    @property
    def NumberFormat(self) -> str | None:
        """None where it is not the same everywhere."""
        codes = {area.number_format for area in self._areas}
        return codes.pop() if len(codes) == 1 else None

    @NumberFormat.setter
    def NumberFormat(self, code: str) -> None:
        for area in self._areas:
            area.number_format = code

    ColumnWidth, WrapText = _each("column_width"), _each("wrap_text")
    VerticalAlignment = _each("vertical_alignment", {CENTER: "center"}.__getitem__)

    @property
    def Address(self) -> str:
        return str(self._areas[0].address)

    @property
    def Value(self) -> Any:
        [area] = self._areas
        return area.raw_value

    @property
    def Value2(self) -> Any:
        [area] = self._areas
        return area.raw_value2

    @Value2.setter
    def Value2(self, rows: Any) -> None:
        [area] = self._areas
        area.raw_value = rows

    @property
    def Rows(self) -> Any:
        return SimpleNamespace(AutoFit=self._areas[0].autofit)

    @property
    def Font(self) -> Font:
        return Font(self._areas)

    @property
    def Interior(self) -> Interior:
        return Interior(self._areas)


class Font(Counted):
    def __init__(self, areas: tuple[Any, ...]) -> None:
        self._areas = tuple(area.font for area in areas)

    Bold = _each("bold")
    Color = _each("color", lambda color: spelled(color))


class Interior(Counted):
    def __init__(self, areas: tuple[Any, ...]) -> None:
        self._areas = areas

    Color = _each("color", lambda color: spelled(color))


def spelled(color: int) -> str:
    """Excel's number of a colour as ``#RRGGBB``."""
    return f"#{color & 255:02x}{color >> 8 & 255:02x}{color >> 16 & 255:02x}"
