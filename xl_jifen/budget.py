"""What reading one file may cost (预算): a value made when the file is opened, drawn on while it is read.

Every reader draws on it before it keeps what it has read, so that no small file grows into a large one: workbooks,
declarations, the archives of a folder, a roll-up's journal, a page to be verified. The limits are above what the
largest honest branch needs (100,000 entries), and keep any file of 50 MB within seconds and 500 MB. Values only.
"""

from __future__ import annotations

from xl_jifen.finding import CannotRead
from xl_jifen.typed import Final, Literal, TypeAlias

_Xml: TypeAlias = Literal[
    "expanded", "elements", "spelt", "relations", "links", "merged", "covered", "letters", "strings"
]
_Text: TypeAlias = Literal["file", "text", "archives", "json", "tags", "lines", "declared", "columns"]
Kind: TypeAlias = _Xml | _Text | Literal["values", "cells", "places", "rows", "names", "verifiers"]

LIMITS: dict[Kind, tuple[int, str]] = {
    "expanded": (256 << 20, "里要读的内容解压后超过 256 MB"),  # 100,000 entries are 55 MB, saved by LibreOffice 110
    "elements": (3_600_000, "里的标记超过 360 万个"),  # that are met one by one; 100,000 entries have 2.4 million
    "spelt": (1_600_000, "里写法少见的标记超过 160 万个（用 Excel 打开、另存一次，会少得多）"),  # twice as dear
    "relations": (100_000, "里的关联超过 10 万个"),  # links to the web among them: Excel allows 65,530 a sheet
    "links": (200_000, "里带超链接的格子超过 20 万个"),  # Excel allows 65,530 links a sheet
    "merged": (100_000, "里合并的单元格超过 10 万处"),
    "covered": (1_000_000, "里合并的单元格占的行太多"),  # rows of each range, as far as the sheet is filled
    "letters": (32_000_000, "里的文字超过 3200 万字"),  # of texts that differ; 100,000 entries have 3 million
    "strings": (2_000_000, "里的共享文字超过 200 万条"),
    "values": (300_000, "里各不相同的内容超过 30 万种"),  # each is worked out; 100,000 entries have 250,000
    "cells": (3_000_000, "里填了内容的格子超过 300 万个"),  # 100,000 entries fill 1.2 million
    "places": (16_000_000, "的内容散得太开"),  # up to the last filled cell of each row
    "rows": (111_000, "的登记超过 111000 行"),  # filled, over all sheets; each may be wrong, which takes longer
    "names": (150_000, "里的姓名超过 15 万人次"),  # each may become an entry; 全体 counts as the whole roster
    "verifiers": (300_000, "里的核实人超过 30 万人次"),
    "file": (512 << 20, "太大（超过 512 MB）"),  # bytes that are only held and hashed
    "text": (16 << 20, "太大（超过 16 MB）"),  # bytes of a text file; ten thousand long declarations are 5 MB
    "archives": (32 << 20, "太大（合计超过 32 MB）"),  # bytes of JSON; 10,000 entries make 2.6 MB, a result 0.5
    "json": (2_000_000, "里的数据超过 200 万项"),  # of all archives of a folder; 10,000 entries have 160,000
    "tags": (400_000, "里的网页标记超过 40 万个"),  # a notice of 200 members has 5,000
    "lines": (400_000, "超过 40 万行"),
    "declared": (5_000, "超过 5000 行"),  # a year of a large branch has a thousand declarations
    "columns": (300, "超过 300 列"),  # a form has some twenty questions
}
"""Of each kind the limit, and in words what there is too much of."""

REGISTER: Final = "不像一份积分登记；请删去多余的内容或按年度分开后再试"
DECLARATIONS: Final = "不像一份申报表；请删去已经导入过的行和右侧多余的列，或分成几个文件"
ARCHIVE: Final = "不像原来的归档；请从备份中找回归档时的那一份放回原处"
NOTICE: Final = "不像一份公示表；请以归档文件夹中的原件为准"
JOURNAL: Final = "不像一份续算记录；请删除它再试一次"


class Budget:
    """What is left of each kind for the file of that name; ``remedy`` tells what it is not like, and what to do."""

    __slots__ = ("_left", "_remedy", "name")

    def __init__(self, name: str, remedy: str = REGISTER) -> None:
        self.name, self._remedy = name, remedy
        self._left = {kind: limit for kind, (limit, _) in LIMITS.items()}

    def draw(self, kind: Kind, amount: int = 1) -> None:
        """Count so much more. Raises CannotRead, one sentence, once it is more than the limit."""
        left = self._left[kind] = self._left[kind] - amount
        if left < 0:
            raise CannotRead(f"“{self.name}”{LIMITS[kind][1]}，{self._remedy}。")

    def left(self, kind: Kind) -> int:
        """How much more may be drawn."""
        return self._left[kind]

    def saved(self) -> dict[Kind, int]:
        """What is left of everything, to be handed to :meth:`restore` if what was read is thrown away."""
        return self._left.copy()

    def restore(self, saved: dict[Kind, int]) -> None:
        """Take back what was drawn since."""
        self._left = saved
