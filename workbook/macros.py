"""Builds the macro workbook (启用宏的空白模板) ``党员积分.xlsm``: ``党员积分.xlsx`` with the ribbon and VBA.

What goes in: ``ribbon.xml``, ``vba/``, the installed xlwings' own VBA module as it is, and the wrappers of the
worksheet functions. The same bytes at every build. Run ``python workbook/macros.py [FILE]``.
"""

from __future__ import annotations

import io
import re
import struct
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from build import HERE, MASTER
from build import lines as line_count
from examples import EXAMPLES, SHEET, add_examples
from pyopenvba import ExcelFile
from udfs import Function, descriptions, functions, wrappers

from xl_jifen import layout
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.package import Package
from xl_jifen.grid import column_letters

MACRO_MASTER = HERE / "党员积分.xlsm"
FUNCTIONS = HERE.parent / "xl_jifen" / "doors" / "functions.py"
FUNCTIONS_MODULE = "xl_jifen.hosts.functions"

CONF, CONF_CODE_NAME = "xlwings.conf", "JiFenConf"
TEXTS, TEXTS_CODE_NAME = "工具文字", "JiFenTexts"
FIRST_HELP_ROW = 6
"""The rows of 工具文字 before it hold what the macros say (``vba/texts.txt``); the functions' help follows."""

PYTHON = r"%LOCALAPPDATA%\xl-jifen\python\python.exe"
SETTINGS = (
    ("INTERPRETER_WIN", PYTHON),
    ("JIFEN INTERPRETER", PYTHON),
    ("JIFEN START", "auto"),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "False"),
    ("SHOW CONSOLE", "False"),
    ("USE UDF SERVER", "False"),
    ("DEBUG UDFS", "False"),
    ("SHOW_ERROR_POPUPS", "True"),
    ("UDF MODULES", FUNCTIONS_MODULE),
    ("PYTHONPATH", r"%LOCALAPPDATA%\xl-jifen\none"),
    ("TEMP DIR", "%TEMP%"),
    *((key, "") for key in ("CONDA PATH", "CONDA ENV", "LICENSE_KEY")),
    *((key, "") for key in ("ONEDRIVE_CONSUMER_WIN", "ONEDRIVE_COMMERCIAL_WIN", "SHAREPOINT_WIN")),
)
"""xlwings' settings; second the Python a branch chose, of which ``vba/JiFenStart.bas`` makes the first; third how the
buttons start it: ``auto``, or ``RunPython`` of xlwings.

The workbook's folder stays off Python's search path: a stray ``json.py`` beside the workbook would be imported. What is
not set here xlwings takes from a file ``xlwings.conf`` beside the workbook, and makes paths and commands of it, so
every setting it asks for on Windows stands here. A blank PYTHONPATH would put the current folder first. xlwings makes a
Boolean of the switches and breaks on an empty one.
"""

MACRO_ENABLED = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
RIBBONS = (
    ("customUI/customUI14.xml", "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility", "2009/07"),
    ("customUI/customUI.xml", "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility", "2006/01"),
)
"""Excel 2010 and later apply the first only; the second is the one that openpyxl leaves related when it saves."""

BLACK = 1
LONGEST_LINE = 1023
"""Characters of a line of VBA."""


def build(path: Path = MACRO_MASTER) -> None:
    """Write the macro workbook to path."""
    lines = (HERE / "vba" / "texts.txt").read_text(encoding="utf-8").splitlines()
    rows = [[part.strip() for part in line.split("|")] for line in lines]
    patch = Patch(Package.of(MASTER.read_bytes(), MASTER.name))
    amend_guide(patch, (HERE / "vba" / "guide.txt").read_text(encoding="utf-8"))
    add_hidden_sheet(patch, CONF, CONF_CODE_NAME, SETTINGS)
    add_hidden_sheet(patch, TEXTS, TEXTS_CODE_NAME, rows + [function.texts for function in worksheet_functions()])
    add_examples(patch, (HERE / "vba" / EXAMPLES).read_text(encoding="utf-8"))
    link_examples(patch)
    add_ribbon(patch, (HERE / "ribbon.xml").read_bytes())
    patch.set_content_type(patch.package.workbook, MACRO_ENABLED)
    path.write_bytes(with_project(patch.to_bytes(), modules(), (HERE / "vba" / "ThisWorkbook.cls").read_text("ascii")))


# -- the workbook ------------------------------------------------------------------------------------------------------


def amend_guide(patch: Patch, text: str) -> None:
    """Replace the words behind the labels of ``text``, which are those of ``guide.txt``, in 使用说明."""
    places = {
        line.partition("|")[0].strip(): row
        for row, line in enumerate((HERE / "guide.txt").read_text(encoding="utf-8").splitlines(), 1)
    }
    for line in text.splitlines():
        label, words = (part.strip() for part in line.split("|"))
        row, part = places[label], patch.sheets[layout.GUIDE]
        patch.set_cells(layout.GUIDE, {(row, 3): words})
        tall = rb'\g<1>%d"' % (8 + 17 * line_count(words, 84))
        patch.replace(part, re.sub(rb'(<row r="%d"[^>]* ht=")[^"]*"' % row, tall, patch.read(part)))


def link_examples(patch: Patch) -> None:
    """Let 使用说明 lead to the sheet of examples too, behind the results."""
    part = patch.sheets[layout.GUIDE]
    xml = patch.read(part)
    [row] = re.findall(rb'<hyperlink ref="C(\d+)" location="\'%b\'!A1"' % layout.FINDINGS_SHEET.encode(), xml)
    column = 3 + 2 * len(layout.OWNED_SHEETS)
    [style] = re.findall(rb'<c r="C%b" s="(\d+)"' % row, xml)
    patch.set_cells(layout.GUIDE, {(int(row), column): SHEET}, style={column: int(style)})
    place = column_letters(column).encode() + row
    link = b'<hyperlink ref="%b" location="\'%b\'!A1" display="%b"/></hyperlinks>' % (place, *[SHEET.encode()] * 2)
    patch.replace(part, patch.read(part).replace(b"</hyperlinks>", link))


def add_hidden_sheet(patch: Patch, name: str, code_name: str, rows: Sequence[Sequence[str]]) -> None:
    """Append a sheet of texts that only VBA can show."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetPr codeName="{code_name}"/><sheetData/></worksheet>'
    )
    patch.add_sheet(name, xml.encode(), hidden=True)
    patch.set_cells(
        name, {(row, column): text for row, texts in enumerate(rows, 1) for column, text in enumerate(texts, 1)}
    )
    workbook = patch.package.workbook
    shown = rb'(name="%b"[^>]* state=")hidden"' % name.encode()
    patch.replace(workbook, re.sub(shown, rb'\1veryHidden"', patch.read(workbook)))


def add_ribbon(patch: Patch, ribbon: bytes) -> None:
    """Add the ribbon in both generations of the part."""
    for part, relation, namespace in RIBBONS:
        patch.add(part, ribbon.replace(b"2009/07", namespace.encode()), "application/xml")
        patch.add_relation("", relation, part)


# -- the VBA project ---------------------------------------------------------------------------------------------------


def modules() -> dict[str, str]:
    """Text of every standard module by name. Raises ValueError for text that Excel would not read everywhere."""
    found = {path.stem: path.read_text("utf-8") for path in sorted((HERE / "vba").glob("*.bas"))}
    offered = worksheet_functions()
    found["JiFenHelp"] = descriptions(offered, TEXTS_CODE_NAME, FIRST_HELP_ROW)
    found["xlwings"] = files("xlwings").joinpath("xlwings.bas").read_text("utf-8")
    found["xlwings_udfs"] = wrappers(FUNCTIONS_MODULE, offered)
    for name, text in found.items():
        if not text.isascii():
            raise ValueError(f"{name}: only ASCII survives every system code page; the words stand in cells")
        if not text.startswith(f'Attribute VB_Name = "{name}"\n'):
            raise ValueError(f"{name}: the first line does not say so")
        if max(map(len, text.splitlines())) > LONGEST_LINE:
            raise ValueError(f"{name}: a line of more than {LONGEST_LINE} characters")
    return found


def with_project(book: bytes, modules: dict[str, str], workbook_code: str) -> bytes:
    """The workbook with a VBA project: those modules, and one for the workbook and each sheet under its code name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MACRO_MASTER.name
        path.write_bytes(book)
        with ExcelFile(path) as file:
            project = file.add_vba_project()
            project.get_module("ThisWorkbook").body = crlf(workbook_code)
            for name, text in modules.items():
                project.add_module(name, crlf(text))
            file.save(path)
        return settled(path.read_bytes())


def worksheet_functions() -> tuple[Function, ...]:
    """Those of ``xl_jifen/doors/functions.py``."""
    return functions(FUNCTIONS.read_text("utf-8"))


def crlf(text: str) -> str:
    """The line ends of VBA."""
    return text.replace("\n", "\r\n")


def settled(book: bytes) -> bytes:
    """The workbook in a zip without dates, the project's directory in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("vbaProject.bin"):
                data = uncompiled(blackened(data))
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return buffer.getvalue()


def blackened(project: bytes) -> bytes:
    """The compound file with every directory entry black.

    pyOpenVBA writes new ones red; of two red neighbours [MS-CFB] 2.6.4 says that they MUST NOT be.
    """
    size, entry = 512, 128
    changed = bytearray(project)
    fat = [number for at in struct.unpack_from("<109I", project, 76) if at < 0xFFFFFFFA
           for number in struct.unpack_from("<128I", project, size * (at + 1))]  # fmt: skip
    [sector] = struct.unpack_from("<I", project, 48)
    while sector < 0xFFFFFFFA:
        for at in range(size * (sector + 1), size * (sector + 2), entry):
            changed[at + 67] = BLACK
        sector = fat[sector]
    return bytes(changed)


def uncompiled(project: bytes) -> bytes:
    """The project under the version that no Office has, so that each compiles the source and looks at no cache.

    pyOpenVBA empties the cache and leaves the version of the Office it came from; [MS-OVBA] 2.3.4.1: MUST be 0xFFFF.
    """
    [at] = [found.start() for found in re.finditer(rb"\xcc\x61..\x00", project, re.DOTALL)]
    return project[: at + 2] + b"\xff\xff" + project[at + 4 :]


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else MACRO_MASTER)
