"""Unusual spellings of sheet XML (prefixes, comments, runs, missing references), rewritten into the plain one.

Most programs write the plain form themselves; this is the slow way for the others. Knows XML, not workbooks.
"""

from __future__ import annotations

import io
import re
from xml.parsers import expat

from xl_jifen.grid import column_letters, column_number

REFERENCES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"), ("\r", "&#13;"))


class Odd(Exception):
    """XML that is not in the plain form; of XML that was just made plain, what is wrong with it."""


def plain(xml: bytes) -> bytes:
    """A worksheet or the shared strings in the form ``file`` cuts up: no prefixes, comments, runs or other elements.

    Missing references are counted up from the one before. Raises Odd if the XML is not well-formed.
    """
    rewriter = _Rewriter()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = rewriter.start, rewriter.end
    parser.CharacterDataHandler = rewriter.characters
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Odd("不是完好的 XML") from None
    return b"<sheetData>" + rewriter.out.getvalue() + b"</sheetData>"


class _Rewriter:
    """Handlers of expat that write the rows of a worksheet, or the items of the shared strings, in the plain form."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self._row = self._column = 0
        self._cell: dict[str, str] = {}
        self._within = ""  # the innermost of the elements that give others their meaning
        self._text: list[str] | None = None
        self._parts: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        within = self._within
        if name in ("sheetData", "si"):
            self._within, self._parts = name, {}
        elif name == "row" and within == "sheetData":
            number = attributes.get("r", f"{self._row + 1}")
            if not re.fullmatch("[0-9]{1,9}", number):
                raise Odd("有无法识别的行号")
            self._row, self._column = int(number), 0
            self.out.write(b"<row >")
        elif name == "c" and within == "sheetData":
            self._within, self._parts, self._cell = name, {}, attributes
        elif name == "f" and within == "c":
            self._parts["f"] = ""
        elif name == "v" and within == "c":
            self._text = []
        elif name == "is" and within == "c":
            self._within, self._parts["t"] = name, ""
        elif name == "extLst" and within == "c":
            self._within = name
        elif name == "rPh" and within in ("si", "is"):
            self._within = f"{within} rPh"
        elif name == "t" and within in ("si", "is"):
            self._text = []

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "t") and self._text is not None:
            self._parts[name] = self._parts.get(name, "") + "".join(self._text)
            self._text = None
        elif name == "rPh":
            self._within = self._within.removesuffix(" rPh")
        elif name in ("is", "extLst") and self._within == name:
            self._within = "c"
        elif name == "si":
            self.out.write(b"<si><t>%s</t></si>" % _escaped(self._parts.get("t", "")))
            self._within = ""
        elif name == "c" and self._within == "c":
            self._write_cell()
            self._within = "sheetData"
        elif name == "row" and self._within == "sheetData":
            self.out.write(b"</row>")
        elif name == "sheetData":
            self._within = ""

    def _write_cell(self) -> None:
        attributes, parts = self._cell, self._parts
        place = attributes.get("r", f"{column_letters(self._column + 1)}{self._row}").upper()
        reference = re.fullmatch("([A-Z]{1,3})([0-9]{1,9})", place)
        if not reference:
            raise Odd("有无法识别的单元格编号")
        self._column = column_number(reference[1])
        self.out.write(f'<c r="{place}"'.encode())
        for key in ("s", "t", "vm"):
            if key in attributes:
                self.out.write(b' %s="%s"' % (key.encode(), _escaped(attributes[key])))
        self.out.write(b"><f/>" if "f" in parts else b">")
        if "v" in parts:
            self.out.write(b"<v>%s</v>" % _escaped(parts["v"]))
        if "t" in parts:
            self.out.write(b"<is><t>%s</t></is>" % _escaped(parts["t"]))
        self.out.write(b"</c>")


def _escaped(text: str) -> bytes:
    for character, reference in REFERENCES:
        text = text.replace(character, reference)
    return text.encode()
