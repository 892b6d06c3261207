"""Plain cells (表格): what every source of a workbook hands over, anchored at A1, and the places findings point at.

A closed file, an open book and a text case all become :class:`Grids`; nothing here knows which it was. This room is
made of values only: it imports no library and opens nothing.

One module, however long: what a cell says (a text, a number, a day, nothing) is told by how texts are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime, time
from functools import cached_property, lru_cache

from xl_jifen.typed import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

LAST_ROW, LAST_COLUMN, LONGEST_TEXT = 1_048_576, 16_384, 32_767
"""The size of a sheet in Excel, and the letters of one cell."""


class CellError(NamedTuple):
    """A formula error (``#DIV/0!``, ``#N/A`` …) as the cell shows it. Never a blank and never a number."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | float | int | bool | datetime | date | time | CellError | None
"""One value: text as typed, a number, a truth value, a date, an error, or ``None`` for a blank cell."""


class Place(NamedTuple):
    """Where something stands: sheet name, row and column, both counted from 1; column 0 means the whole row."""

    sheet: str
    row: int
    column: int = 0

    def __str__(self) -> str:
        """``3月!D7``, or ``3月!7`` for a whole row: the form users see and type."""
        return f"{self.sheet}!{column_letters(self.column)}{self.row}"

    @property
    def target(self) -> str:
        """``'3月'!D7``, the form links lead to; of a whole row its first cell."""
        sheet = self.sheet.replace("'", "''")
        return f"'{sheet}'!{column_letters(self.column or 1)}{self.row}"


class Grid(NamedTuple):
    """One sheet: ``rows[r][c]`` is the cell in row r+1, column c+1. Rows may differ in length; the rest is blank.

    ``merged`` are its merged ranges, of which only the first cell holds anything.
    ``texts`` are all texts in it, and perhaps others of its workbook; None where nobody collected them.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: tuple[Range, ...] = ()
    texts: frozenset[str] | None = None

    def at(self, row: int, column: int) -> Cell:
        """The cell at row and column, both counted from 1; blank outside the grid."""
        if 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return None


class Grids:
    """The sheets of one workbook, in its order; found by name, whatever its full-width forms and spaces."""

    __slots__ = ("_by_key", "sheets")

    def __init__(self, sheets: tuple[Grid, ...]) -> None:
        self.sheets: Final = sheets
        self._by_key: dict[str, Grid] = {}
        for sheet in sheets:
            self._by_key.setdefault(squeeze(sheet.name), sheet)
        self._by_key.update((sheet.name, sheet) for sheet in sheets)

    def __iter__(self) -> Iterator[Grid]:
        return iter(self.sheets)

    def get(self, name: str) -> Grid | None:
        """The sheet of that name, or None."""
        return self._by_key.get(name) or self._by_key.get(squeeze(name))


def column_letters(column: int) -> str:
    """``1`` → ``A``, ``27`` → ``AA``; ``0`` → the empty text."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """``A`` → ``1``, ``AA`` → ``27``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


_EMOJI = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters by their category, and blank
_UNSEEN = (
    f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])|"  # between emoji it makes one of them
    f"[{''.join(_FILLERS)}\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200c"
    "\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_PLAIN = re.compile("[\u4e00-\u9fffA-Za-z0-9]*").fullmatch
"""Whether there is nothing but characters, Latin letters and digits: it is the form in which it is compared."""
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻"
    "⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿"
    "肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
"""The radicals of U+2E80–2EF3 and the characters they look like, which NFKC leaves apart (it knows those of U+2F00)."""
_NOT_DIGITS = re.compile(
    "([\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u215f\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
    "\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\U0001f100-\U0001f10c]+)"
)
"""Raised, lowered, circled and bracketed numbers and fractions: 3² is not 32, which NFKC would make of it."""
_LOOK_ALIKE = _RADICALS | dict.fromkeys(map(ord, "•・‧∙⋅●⸱᛫ꞏ⦁"), "·")


def seen(text: str) -> str:
    """The text as the eye has it: without signs that cannot be seen (finding W103); line breaks and tabs stay."""
    if text.isprintable() and not any(map(text.__contains__, _FILLERS)):
        return text
    return re.sub(_UNSEEN, "", text)  # compiled when first wanted


def unseen(text: str) -> tuple[str, ...]:
    """The signs of a text that cannot be seen, each once, as ``U+200B``."""
    if seen(text) == text:
        return ()
    return tuple(dict.fromkeys(f"U+{ord(sign):04X}" for sign in re.findall(_UNSEEN, text)))


def printable(text: str) -> str:
    """The text with � for what is no character: names of files may be any bytes, and these stand for them."""
    return text if text.isprintable() else re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def squeeze(text: str) -> str:
    """The form in which names, codes and headings are compared: what looks the same is the same.

    Without white space and signs that cannot be seen; full-width → half-width and radicals → characters (NFKC and what
    it leaves out); one dot for all that stand in the middle of a line.
    """
    if _PLAIN(text) or (text.isascii() and text.isprintable() and " " not in text):
        return text
    return _squeezed(text)


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    parts = _NOT_DIGITS.split(seen(text))  # every other one is such signs
    parts[::2] = (unicodedata.normalize("NFKC", part) for part in parts[::2])
    return "".join("".join(parts).translate(_LOOK_ALIKE).split())


def name_key(name: str) -> str:
    """The form in which people are compared by name: as any text, and a full stop is the dot of 阿依古丽·买买提."""
    return squeeze(name).replace(".", "·")


@lru_cache(maxsize=1024)
def heading_key(text: str) -> str:
    """A heading as it is compared: ``*``, spaces, full-width forms, line breaks and a trailing (…) do not matter."""
    key = squeeze(text).replace("*", "")
    opening = key.find("(", 1)
    return key[:opening] if opening > 0 and key.endswith(")") else key


NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)"
CLOCK = r"(\d{1,9}):(\d{2})(:\d{2})?"
"""Hours and minutes, as a cell shows them that goes on counting behind 24; these are compiled when first asked."""
DATE = r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?(?:[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"

MOST = 10**9
"""No figure of a branch is farther from nought, or closer than its inverse: 1e300 would burst what is made of it."""

NOTHING = ("无", "暂无", "没有")
_STROKES = r"/⁄∕╱⧸\\╲⧹\-−‐-―─━⸺⸻ー"
_FILLER = rf"(?i:{'|'.join(NOTHING)}|待补|后补|N/A|[{_STROKES}]+)"
_BEGINS = frozenset(
    "无暂没待后NnＮｎ／＼﹨－﹣﹘‐‑‒–—―" + _STROKES + "".join(map(chr, (*range(9, 14), 32, 133, 160, 5760)))
)
_BEGINS |= frozenset(map(chr, (*range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)))
"""What is asked first, for nearly no text is a filler: how one begins, white space among it."""


def is_filler(text: str) -> bool:
    """Whether a text says that there is nothing to say (§9): 无, /, —, 待补 …, alone in its cell."""
    return text[:1] in _BEGINS and re.fullmatch(_FILLER, squeeze(text)) is not None


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing, or white space only."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """A cell as text, white space around it removed; the number 7.0 is ``7``, a blank is the empty text."""
    kind = type(cell)
    if kind is str:
        return cell.strip()  # type: ignore[union-attr]
    if kind is int:
        return _whole(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"  # as the cell shows it
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


@lru_cache(maxsize=16384, typed=True)
def _whole(number: int) -> str:
    """One text for each number, since 序号 starts again in every sheet; True is not 1."""
    return str(number)


def as_number(cell: Cell) -> Fraction | None:
    """A cell as an exact number, or None if it is none, or none that could be meant.

    A binary float means its shortest decimal within 15 significant digits (scoring §1). Text is understood
    with full-width digits and spaces.
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return _exact(f"{cell:.15g}")
    if isinstance(cell, str):
        text = squeeze(cell).replace("−", "-")
        return _exact(text) if re.fullmatch(NUMBER, text) else None
    return None


@lru_cache(maxsize=4096)
def _exact(text: str) -> Fraction | None:
    from fractions import Fraction  # commands that open no workbook start without it

    try:
        number = Fraction(text)
    except ValueError:  # inf, nan
        return None
    return number if not number or (abs(number) <= MOST and abs(number) * MOST >= 1) else None


def as_date(cell: Cell) -> date | None:
    """A cell as a day, or None: a date cell, or text such as 2025年3月31日, 2025.3.31, 2025-3-31, 2025/3/31."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _dated(cell) if isinstance(cell, str) else None


@lru_cache(maxsize=4096)
def _dated(text: str) -> date | None:
    match = re.fullmatch(DATE, squeeze(text))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def as_share(text: str) -> Fraction | None:
    """``1/3``, ``0.3`` or ``30%`` as an exact fraction between 0 and 1, or None."""
    text = squeeze(text)
    scale = 1
    if text.endswith("%"):
        text, scale = text[:-1], 100
    above, slash, below = text.partition("/")
    parts = as_number(above), as_number(below if slash else "1")
    if parts[0] is None or not parts[1]:
        return None
    share = parts[0] / parts[1] / scale
    return share if 0 <= share <= 1 else None


def reformatted(cell: Cell) -> str:
    """What to do where a cell's format makes a day or a time of its number, so that another shows so too; "" else."""
    from fractions import Fraction  # hardly ever needed

    like: Fraction | int = 0
    if isinstance(cell, str):
        if not cell[-1:].isdecimal() or not (clock := re.fullmatch(CLOCK, squeeze(cell))):
            return ""
        like = int(clock[1]) + Fraction(int(clock[2]), 60)
    elif isinstance(cell, time):
        like = cell.hour + Fraction(cell.minute, 60)
    elif isinstance(cell, date):
        like = max(0, (date(cell.year, cell.month, cell.day) - date(1899, 12, 31)).days) if cell.year < 1901 else 0
    else:
        return ""
    return f"{f'（如 {float(round(like, 2)):.15g}）' if like else ''}，单元格格式改为“常规”"


_RANGE = r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?"


class Range(NamedTuple):
    """A range of cells, both ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in the range."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        """``B2:D9``, or ``B2`` for a single cell."""
        first = f"{column_letters(self.left)}{self.top}"
        return first if self[:2] == self[2:] else f"{first}:{column_letters(self.right)}{self.bottom}"


def range_of(ref: str | None) -> Range | None:
    """``B2:D9`` or ``B2`` as a range; None if it is neither."""
    match = re.fullmatch(_RANGE, ref or "")
    if match is None:
        return None
    top, left = int(match[2]), column_number(match[1])
    bottom, right = int(match[4] or top), column_number(match[3]) if match[3] else left
    return Range(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


@lru_cache(maxsize=1)
def _odd(texts: frozenset[str]) -> frozenset[Cell]:
    """The texts that are read otherwise than they are written; the sheets of a file have theirs in common."""
    together = " ".join(texts)
    odd = set() if seen(together) == together else {text for text in texts if seen(text) != text}
    return frozenset(odd | {text for text in texts if text[:1] in _BEGINS and is_filler(text)})


def as_read(grid: Grid, heading_row: int, kept: Set[int]) -> Grid:
    """The sheet as it is read: each row itself where nothing in it is read otherwise than it is written.

    Without signs that cannot be seen, with blanks for the fillers below the headings, and without what a merged range
    covers. In the columns ``kept`` (from 0) the words for “no” stay, for nobody knows what they would mean.
    """
    return _uncovered(_cleaned(grid, heading_row, kept), heading_row)


def _cleaned(grid: Grid, heading_row: int, kept: Set[int]) -> Grid:
    texts = grid.texts
    if texts is None:
        texts = frozenset(cell for cell in set[Cell]().union(*grid.rows) if isinstance(cell, str))
    odd = _odd(texts)
    if not odd:
        return grid

    def clean(cell: Cell, position: int, filled: bool) -> Cell:
        if not isinstance(cell, str):
            return cell
        text = seen(cell)
        if filled and is_filler(text) and not (position in kept and squeeze(text) in NOTHING):
            return None
        return text

    rows: list[Sequence[Cell]] = []
    for number, row in enumerate(grid.rows, 1):
        changed = not odd.isdisjoint(row)
        rows.append([clean(cell, i, number > heading_row) for i, cell in enumerate(row)] if changed else row)
    return Grid(grid.name, rows, grid.merged)


def _uncovered(grid: Grid, heading_row: int) -> Grid:
    """The sheet without what nobody sees because a merged range covers it: only the first cell of one is shown."""
    rows = list(grid.rows)
    for top, left, bottom, right in grid.merged:
        for number in range(max(top, heading_row + 1), min(bottom, len(rows)) + 1):
            begin, row = left - (number != top), rows[number - 1]
            if any(cell is not None for cell in row[begin:right]):
                rows[number - 1] = [*row[:begin], *[None] * len(row[begin:right]), *row[right:]]
    return grid._replace(rows=rows) if grid.merged else grid


MOST_COMPARED = 30_000
"""Pairs of names that are compared in one reading; what is unknown after that is told without a guess."""


class Nearest:
    """What somebody may have meant by a name that is none (“是不是…？”), of names by how each is shown.

    Only where one is clearly nearer than all others: a wrong guess is worse than none.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._given = names
        self._left = MOST_COMPARED

    @cached_property
    def _names(self) -> dict[str, str]:
        return {key: shown for name, shown in self._given.items() if (key := squeeze(name))}

    def to(self, text: str) -> str:
        """The name that was meant, as it is shown; "" where none is near, or two are alike."""
        self._left -= len(self._names)
        if self._left < 0 or not 1 < len(key := squeeze(text)) <= 60:
            return ""
        from difflib import SequenceMatcher  # hardly ever needed

        asked = SequenceMatcher(None, "", key, autojunk=False)
        near: dict[str, float] = {}
        for name, shown in self._names.items():
            asked.set_seq1(name)
            least = ALIKE if max(len(name), len(key)) > 2 or name[0] != key[0] else ALIKE_IN_TWO
            if asked.real_quick_ratio() >= least and asked.quick_ratio() >= least and (ratio := asked.ratio()) >= least:
                near[shown] = max(near.get(shown, 0), ratio)
        best = sorted(near.items(), key=lambda each: -each[1])[:2]
        return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else ""

    def asked(self, text: str) -> str:
        """``是不是“张三”？``, or ""."""
        meant = self.to(text)
        return f"是不是“{meant}”？" if meant else ""


ALIKE, ALIKE_IN_TWO = 0.6, 0.5
"""How much alike (0 to 1) two names are before one may be a slip of the other; of two characters the first is right."""
