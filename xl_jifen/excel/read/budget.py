"""What reading one file may cost (预算): a value made when the file is opened, drawn on while it is read.

Every reader draws on it before it keeps what it has read, so that no small file grows into a large one. The limits are
above what the largest honest branch needs (100,000 entries), and keep any file of 50 MB within seconds and 500 MB.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from xl_jifen.finding import CannotRead

_Xml: TypeAlias = Literal["expanded", "elements", "relations", "links", "merged", "letters", "strings"]
Kind: TypeAlias = _Xml | Literal["values", "cells", "places", "rows", "names"]

LIMITS: dict[Kind, tuple[int, str]] = {
    "expanded": (256 << 20, "里要读的内容解压后超过 256 MB"),  # 100,000 entries are 55 MB, saved by LibreOffice 110
    "elements": (5_000_000, "里的标记超过 500 万个"),  # that are met one by one; 100,000 entries have 2.4 million
    "relations": (100_000, "里的关联超过 10 万个"),  # links to the web among them: Excel allows 65,530 a sheet
    "links": (200_000, "里带超链接的格子超过 20 万个"),  # Excel allows 65,530 links a sheet
    "merged": (100_000, "里合并的单元格超过 10 万处"),
    "letters": (32_000_000, "里的文字超过 3200 万字"),  # of texts that differ; 100,000 entries have 3 million
    "strings": (2_000_000, "里的共享文字超过 200 万条"),
    "values": (500_000, "里各不相同的内容超过 50 万种"),  # each is worked out; 100,000 entries have 250,000
    "cells": (3_000_000, "里填了内容的格子超过 300 万个"),  # 100,000 entries fill 1.2 million
    "places": (16_000_000, "的内容散得太开"),  # up to the last filled cell of each row
    "rows": (120_000, "的登记超过 120000 行"),  # filled, over all sheets; each may be wrong, which takes longer
    "names": (150_000, "里的姓名超过 15 万人次"),  # each may become an entry; 全体 counts as the whole roster
}
"""Of each kind the limit, and in words what there is too much of."""


class Budget:
    """What is left of each kind for the file of that name."""

    __slots__ = ("_left", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._left = {kind: limit for kind, (limit, _) in LIMITS.items()}

    def draw(self, kind: Kind, amount: int = 1) -> None:
        """Count so much more. Raises CannotRead, one sentence, once it is more than the limit."""
        left = self._left[kind] = self._left[kind] - amount
        if left < 0:
            raise CannotRead(f"“{self.name}”{LIMITS[kind][1]}，不像一份积分登记；请删去多余的内容或按年度分开后再试。")

    def left(self, kind: Kind) -> int:
        """How much more may be drawn."""
        return self._left[kind]

    def saved(self) -> dict[Kind, int]:
        """What is left of everything, to be handed to :meth:`restore` if what was read is thrown away."""
        return self._left.copy()

    def restore(self, saved: dict[Kind, int]) -> None:
        """Take back what was drawn since."""
        self._left = saved
