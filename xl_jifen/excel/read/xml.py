"""XML as office programs see it: an element counts only by its namespace and where it stands. Knows no workbook.

What stands anywhere else (extensions, other namespaces, wrong depth) is not there, with all below it; where programs
would differ about what is there, the part is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from xml.parsers import expat

from xl_jifen.budget import Budget

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # strict
)
_NAMESPACES = {
    "Relationships": ("http://schemas.openxmlformats.org/package/2006/relationships",),
    "Types": ("http://schemas.openxmlformats.org/package/2006/content-types",),
}
_RELATION_ID = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ONCE = frozenset(["workbookPr", "sheets", "sheetData", "hyperlinks", "numFmts", "cellXfs"])


class Odd(Exception):
    """XML whose meaning is not certain, or that is not well-formed; says what is wrong with it."""


def parse(xml: bytes, parser: expat.XMLParserType, *, whole: bool = True) -> None:
    """In one piece: pieces would make a long token cost its square. Raises Odd if it is not well-formed."""
    try:
        parser.Parse(xml, whole)
    except (expat.ExpatError, ValueError, LookupError):
        raise Odd("不是完好的 XML") from None


def ensure_few(xml: bytes, budget: Budget) -> None:
    """Refuse at once what has more elements than may be met one by one. Raises CannotRead."""
    wide = b"\0" in xml[:4]
    ends, others = ((b"<\0/",), (b"<\0!", b"<\0?")) if wide else ((b"</",), (b"<!", b"<?"))
    number = xml.count(b"<") - sum(map(xml.count, (*ends, *others)))
    if number > budget.left("elements"):
        budget.draw("elements", number)


def main_of(root: str, name: str) -> str:
    """The namespace (with the ``}`` behind it) that elements of a part count in, given its root as expat names it.

    Raises Odd if the root is not that of such a part.
    """
    uri, _, local = root.rpartition("}")
    if local != name or uri not in _NAMESPACES.get(name, MAIN):
        raise Odd(f"最外层不是 {name}")
    return f"{uri}}}"


ALTERNATIVE, PROCESSED = f"{_COMPATIBILITY}AlternateContent", f"{_COMPATIBILITY}ProcessContent"
"""An element whose content each program takes or leaves, an attribute that has other wrappings looked through."""


def refuse_alternatives(name: str = ALTERNATIVE) -> None:
    """Raises Odd for what each program may take or leave."""
    if name == ALTERNATIVE:
        raise Odd("里有因程序而异的内容（AlternateContent）")


class Elements:
    """What finds the elements at ``paths`` (``workbook/sheets/sheet``), in document order; see :meth:`of`.

    Parsing stops before an element at ``until``.
    """

    def __init__(self, paths: Iterable[str], budget: Budget, until: str = "") -> None:
        self._found: list[tuple[str, dict[str, str]]] = []
        self._path = ""
        self._wanted = frozenset(paths)
        self._on_the_way = {path[:at] for path in (*self._wanted, until) for at in _slashes(path)}
        self._root = next(iter(self._on_the_way | self._wanted)).partition("/")[0]
        self._budget, self._until = budget, until
        self._main = ""
        self._seen: set[str] = set()
        self._aside = 0  # how deep in what does not count
        self._wary = False  # whether it is an alternative, which some programs take

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._budget.draw("elements")
        if self._aside:
            self._aside += 1
            if self._wary and name.removeprefix(self._main) in _ONCE:
                refuse_alternatives()
            return
        if PROCESSED in attributes:
            refuse_alternatives()
        if not self._path:
            self._main = main_of(name, self._root)
            self._path = self._root
            return
        local = name.removeprefix(self._main)
        path = f"{self._path}/{local}"
        if "}" in local or not (path in self._on_the_way or path in self._wanted or path == self._until):
            if "/" in self._path:
                refuse_alternatives(name)
            self._wary = name == ALTERNATIVE
            self._aside = 1
            return
        if path == self._until:
            raise _Enough
        if local in _ONCE:
            if path in self._seen:
                raise Odd(f"里有两个 {local}")
            self._seen.add(path)
        self._path = path
        if path in self._wanted:
            found = {"r:id" if key in _RELATION_ID else key: value for key, value in attributes.items()}
            self._found.append((local, {key: value for key, value in found.items() if "}" not in key}))

    def _end(self, _: str) -> None:
        if self._aside:
            self._aside -= 1
        else:
            self._path = self._path.rpartition("/")[0]

    def of(self, xml: bytes) -> list[tuple[str, dict[str, str]]]:
        """The local name of each, its attributes that have no namespace, and ``r:id``. Raises Odd."""
        if not self._until:
            ensure_few(xml, self._budget)
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        with suppress(_Enough):
            parse(xml, parser)
        return self._found


class _Enough(Exception):
    """Parsing has come to where it may stop."""


def _slashes(path: str) -> list[int]:
    return [at for at, sign in enumerate(path) if sign == "/"]
