"""The macro workbook says what its text files say, and every parser short of Excel itself agrees.

One module, however long: each parser reads the workbook once for all of it.
"""

from __future__ import annotations

import csv
import importlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import libreoffice
import needs
import olefile
import openpyxl
import pytest
from apart import apart
from lxml import etree
from openpyxl.utils.cell import range_boundaries
from pyopenvba import ExcelFile, check_file
from vba import compound_file, ribbon_schema

from xl_jifen import layout
from xl_jifen.excel.fill.master import filled
from xl_jifen.grid import heading_key
from xl_jifen.verbs import quarter

ROOT = Path(__file__).resolve().parents[1]
WORKBOOK = ROOT / "workbook"
MASTER, MACRO_MASTER = WORKBOOK / "党员积分.xlsx", WORKBOOK / "党员积分.xlsm"
RIBBON = WORKBOOK / "ribbon.xml"
BUTTONS = (WORKBOOK / "vba" / "JiFenButtons.bas").read_text("ascii")
HOST = ROOT / "xl_jifen" / "doors" / "ribbon.py"
HELPERS = Path(__file__).parent / "vba"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
INSTALLED_PYTHON = r"%LOCALAPPDATA%\xl-jifen\python\python.exe"

WINDOWS = """Attribute VB_Name = "JiFenWindows"
Public Function IsAnswered(ByVal python As String, ByVal verb As String) As Boolean
    IsAnswered = False
End Function
Public Function Expanded(ByVal text As String) As String
    Expanded = text
End Function
Public Function IsFile(ByVal path As String) As Boolean
    On Error Resume Next
    IsFile = Len(Dir(path)) > 0
End Function
Public Sub Tell(ByVal cell As String, ByVal icon As Long)
    MsgBox JiFenTexts.Range(cell).Value, icon
End Sub
"""
"""Stands in for the module that asks Windows: nothing can be started that way, and the second way is taken."""

STUB = """Attribute VB_Name = "xlwings"
Public Function RunPython(PythonCommand As String)
    Sheet1.Range("E1").Value = PythonCommand
End Function
Public Function GetConfig(configKey As String) As Variant
    GetConfig = JiFenConf.Range("B1").Value
End Function
Public Function FileExists(ByVal FileSpec As String) As Boolean
End Function
Public Function XLPy() As Object
End Function
"""
"""Stands in for xlwings' module, which only Excel can compile, and notes in a cell what Python would be told."""


@pytest.fixture(scope="module")
def macros() -> Iterator[ModuleType]:
    sys.path.insert(0, str(WORKBOOK))
    try:
        yield importlib.import_module("macros")
    finally:
        sys.path.remove(str(WORKBOOK))
        for name in ("macros", "examples", "udfs", "build", "form"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def rebuilt(macros: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("rebuilt") / "党员积分.xlsm"
    macros.build(path)
    return path


@pytest.fixture(scope="module")
def stubbed(macros: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The macro workbook with the stub of xlwings."""
    return variant(
        macros,
        tmp_path_factory.mktemp("stubbed") / "党员积分.xlsm",
        macros.modules() | {"xlwings": STUB, "JiFenWindows": WINDOWS},
    )


@pytest.fixture(scope="module")
def master() -> openpyxl.Workbook:
    """The committed workbook, to be looked at."""
    return openpyxl.load_workbook(MACRO_MASTER)


@pytest.fixture(scope="module")
def project() -> bytes:
    return parts(MACRO_MASTER)["xl/vbaProject.bin"]


def variant(macros: ModuleType, path: Path, modules: dict[str, str]) -> Path:
    """The macro workbook with other modules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(macros, "modules", lambda: modules)
        macros.build(path)
    return path


def parts(book: Path | bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book) if isinstance(book, bytes) else book) as package:
        return {name: package.read(name) for name in package.namelist()}


def words(text: str) -> list[str]:
    """A module's lines as they are read, whatever ends them; blank ones at the end do not count."""
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


# The file and its text


@pytest.mark.slow
def test_the_same_bytes_at_every_build(macros: ModuleType, rebuilt: Path, tmp_path: Path) -> None:
    macros.build(tmp_path / "again.xlsm")
    assert (tmp_path / "again.xlsm").read_bytes() == rebuilt.read_bytes()


@pytest.mark.slow
def test_the_committed_workbook_says_what_the_text_says(rebuilt: Path) -> None:
    new, committed = parts(rebuilt), parts(MACRO_MASTER)
    assert list(new) == list(committed)
    assert [name for name in new if new[name] != committed[name]] == [], "run: python workbook/macros.py"


@pytest.mark.slow
def test_it_is_the_workbook_without_macros_and_no_more() -> None:
    plain, macro = parts(MASTER), parts(MACRO_MASTER)
    last = sum(name.startswith("xl/worksheets/sheet") for name in plain)
    assert sorted(set(macro) - set(plain)) == [
        "customUI/customUI.xml",
        "customUI/customUI14.xml",
        "xl/vbaProject.bin",
        *(f"xl/worksheets/sheet{last + number}.xml" for number in (1, 2, 3)),
    ]
    changed = {
        name
        for name in plain
        if re.sub(rb"<sheetPr codeName=\"\w+\"/>| codeName=\"\w+\"", b"", macro[name]) != plain[name]
    }
    book = {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
    assert changed == {*book, "xl/worksheets/sheet1.xml"}


@pytest.mark.slow
def test_the_guide_speaks_of_the_ribbon_and_of_macros(master: openpyxl.Workbook) -> None:
    page = master[layout.GUIDE]
    told = {row[1].value: str(row[2].value) for row in page.iter_rows() if row[2].value}
    assert "“党员积分”选项卡" in told["五、公示"]
    assert "本工作簿含宏" in told["能否放心打开"]
    assert "不含宏" not in "".join(told.values())


@pytest.mark.slow
def test_the_guide_leads_to_the_examples_too(master: openpyxl.Workbook) -> None:
    page = master[layout.GUIDE]
    links = [cell.hyperlink.location for line in page.iter_rows() for cell in line if cell.hyperlink]
    assert "'函数示例'!A1" in links


@pytest.mark.slow
@apart
def test_parsers_of_workbooks_find_nothing_wrong(tmp_path: Path) -> None:
    from openxml_audit import OpenXmlValidator

    assert OpenXmlValidator().validate(MACRO_MASTER).errors == []


# The VBA project


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # oletools' own, about pyparsing
def test_two_parsers_read_back_every_module(macros: ModuleType) -> None:
    from oletools.olevba import VBA_Parser

    text = {name: words(source) for name, source in macros.modules().items()}
    code = words((WORKBOOK / "vba" / "ThisWorkbook.cls").read_text("ascii"))
    by_olevba = {
        stream.rpartition("/")[2]: words(source)
        for _, stream, _, source in VBA_Parser(str(MACRO_MASTER)).extract_macros()
    }
    with ExcelFile(MACRO_MASTER) as file:
        by_pyopenvba = {name: words(source) for name, source in file.vba_modules().items()}
    for read in (by_olevba, by_pyopenvba):
        assert {name: read[name] for name in text} == text
        assert read["ThisWorkbook"][-len(code) :] == code
    assert check_file(str(MACRO_MASTER)).issues == ()


def test_the_project_keeps_the_rules_of_compound_files(project: bytes) -> None:
    assert compound_file.problems(project) == []


@pytest.mark.parametrize("at", [0, 44, 48])
def test_the_reader_of_compound_files_sees_damage(project: bytes, at: int) -> None:
    damaged = bytearray(project)
    damaged[at] ^= 1
    assert compound_file.problems(bytes(damaged)) != []


@pytest.mark.slow
def test_without_our_black_the_library_breaks_a_rule(
    macros: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once pyOpenVBA colours its tree itself, ``macros.blackened`` can go."""
    monkeypatch.setattr(macros, "blackened", lambda project: project)
    macros.build(tmp_path / "red.xlsm")
    found = compound_file.problems(parts(tmp_path / "red.xlsm")["xl/vbaProject.bin"])
    assert {each.partition(": ")[2] for each in found} == {"red under red"}


@pytest.mark.slow
def test_each_sheet_has_its_module_under_an_ascii_code_name(project: bytes, master: openpyxl.Workbook) -> None:
    package = parts(MACRO_MASTER)
    roots = [etree.fromstring(data) for name, data in package.items() if name.startswith("xl/worksheets/sheet")]
    sheets = [root.find(f"{MAIN}sheetPr").get("codeName") for root in roots]
    book = etree.fromstring(package["xl/workbook.xml"]).find(f"{MAIN}workbookPr").get("codeName")
    listed = olefile.OleFileIO(io.BytesIO(project)).openstream("PROJECT").read().decode("ascii")
    documents = re.findall(r"(?m)^Document=(\w+)/", listed)
    assert sorted(documents) == sorted([book, *sheets])
    assert len(sheets) == len(set(sheets)) == len(master.sheetnames)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", name, re.ASCII) for name in documents)


@pytest.mark.slow
def test_after_a_recalculation_every_sheet_still_has_its_module(branch: Path, tmp_path: Path) -> None:
    """Excel takes a sheet without a module, or a module without its sheet, for damage it has to repair."""
    path = Path(shutil.copy(branch, tmp_path / "示例.xlsm"))
    assert quarter.recalculate(quarter.open_workbook(path), datetime(2026, 10, 1)).changed
    package = parts(path)
    roots = [etree.fromstring(data) for name, data in package.items() if name.startswith("xl/worksheets/sheet")]
    sheets = [root.find(f"{MAIN}sheetPr").get("codeName") for root in roots]
    listed = olefile.OleFileIO(io.BytesIO(package["xl/vbaProject.bin"])).openstream("PROJECT").read().decode("ascii")
    assert sorted(re.findall(r"(?m)^Document=(\w+)/", listed)) == sorted(["ThisWorkbook", *sheets])


def test_the_ribbon_types_have_their_library() -> None:
    with ExcelFile(MACRO_MASTER) as file:
        assert [reference.name for reference in file.vba_project().references] == ["stdole", "Office"]


def test_our_text_is_ascii(macros: ModuleType) -> None:
    assert all(text.isascii() for text in macros.modules().values())
    assert (WORKBOOK / "vba" / "ThisWorkbook.cls").read_bytes().isascii()


def test_chinese_in_a_module_is_refused(macros: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(WORKBOOK / "vba", tmp_path / "vba")
    (tmp_path / "vba" / "Chinese.bas").write_text('Attribute VB_Name = "Chinese"\n\' 积分\n', "utf-8")
    monkeypatch.setattr(macros, "HERE", tmp_path)
    with pytest.raises(ValueError, match="ASCII"):
        macros.modules()


def test_xlwings_module_is_that_of_the_installed_package(macros: ModuleType) -> None:
    text = macros.modules()["xlwings"]
    assert text == files("xlwings").joinpath("xlwings.bas").read_text("utf-8")
    assert f'XLWINGS_VERSION As String = "{importlib.metadata.version("xlwings")}"' in text


OURS = {"JiFenButtons", "JiFenStart", "JiFenWindows", "JiFenHelp", "ThisWorkbook"}


@pytest.mark.slow
def test_an_analyser_of_vba_finds_no_mistake() -> None:
    """No error in any module; in what we wrote ourselves no warning either."""
    found = analysed(MACRO_MASTER)
    assert found.keys() > OURS
    told = [(name, each["severity"], each["message"]) for name, listed in found.items() for each in listed]
    assert [each for each in told if each[1] == "error"] == []
    assert [each for each in told if each[0] in OURS and each[1] == "warning"] == []


@pytest.mark.slow
def test_the_analyser_sees_a_misspelt_call(macros: ModuleType, tmp_path: Path) -> None:
    modules = macros.modules()
    modules["JiFenStart"] = modules["JiFenStart"].replace('RunPython "', 'RunPyhton "')
    found = analysed(variant(macros, tmp_path / "wrong.xlsm", modules), "--only", "JiFenStart")
    wrong = [each["message"] for each in found["JiFenStart"] if each["severity"] == "error"]
    assert any("RunPyhton" in message for message in wrong)


def analysed(path: Path, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """What the analyser has to say of each module."""
    command = [sys.executable, "-m", "pyvbaanalysis", str(path), "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    [project] = json.loads(done.stdout)
    return {module["module"]: module["diagnostics"] for module in project["modules"]}


def sentence(label: str) -> str:
    """What the macros say, of vba/texts.txt."""
    lines = (WORKBOOK / "vba" / "texts.txt").read_text("utf-8").splitlines()
    return next(words.strip() for name, _, words in (line.partition("|") for line in lines) if name.strip() == label)


@pytest.mark.slow
def test_a_button_without_its_python_says_so(macros: ModuleType, tmp_path: Path) -> None:
    from pyopenvba.apps.excel import ExcelApplication

    windows = WINDOWS.replace("Len(Dir(path)) > 0", "False")
    modules = macros.modules() | {"xlwings": STUB, "JiFenWindows": windows}
    app = ExcelApplication.open(str(variant(macros, tmp_path / "没有.xlsm", modules)))
    app.run("JiFenCheck")
    [(_, said, *_)] = app.dialogs
    assert said == sentence("没有 Python")
    assert app.sheet(1).value("E1") is None


# Hidden sheets


@pytest.mark.slow
def test_the_settings_of_xlwings(master: openpyxl.Workbook) -> None:
    page = master["xlwings.conf"]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert page.sheet_state == "veryHidden"
    assert all(len(row) == 2 and row[0] for row in rows), "xlwings stops at a gap"
    keys = [key for key, _ in rows]
    assert keys == sorted(set(keys), key=keys.index) == [key.upper() for key in keys]
    settings = dict(rows)
    assert rows[0] == ["INTERPRETER_WIN", INSTALLED_PYTHON]
    assert rows[1][1] == INSTALLED_PYTHON
    assert {settings[key] for key in ("ADD_WORKBOOK_TO_PYTHONPATH", "SHOW CONSOLE", "USE UDF SERVER")} == {"False"}
    code = files("xlwings").joinpath("xlwings.bas").read_text("utf-8")
    asked = set(re.findall(r'GetConfig\("([^"]+)"', code))
    elsewhere = {key for key in asked if key.endswith("_MAC")} | {"INTERPRETER"}  # asked only without the first
    assert rows[2] == ["JIFEN START", "auto"]
    assert asked - elsewhere == set(keys) - {"JIFEN INTERPRETER", "JIFEN START"}, (
        "others come from a file beside the workbook"
    )
    assert settings["PYTHONPATH"], "a blank one puts the current folder first"
    assert not any(name.endswith(".py") for name in master.sheetnames)


@pytest.mark.slow
def test_each_help_text_stands_where_the_macro_reads_it(macros: ModuleType, master: openpyxl.Workbook) -> None:
    page = master["工具文字"]
    assert page.sheet_state == "veryHidden"
    lines = (WORKBOOK / "vba" / "texts.txt").read_text("utf-8").splitlines()
    assert [f"{page.cell(row, 1).value} | {page.cell(row, 2).value}" for row in range(1, len(lines) + 1)] == lines
    assert len(lines) + 1 == macros.FIRST_HELP_ROW
    lines = [line for line in macros.modules()["JiFenHelp"].splitlines() if "MacroOptions" in line]
    for function, line in zip(macros.worksheet_functions(), lines, strict=True):
        cells = re.findall(r"JiFenTexts\.Cells\((\d+), (\d+)\)", line)
        told = [page.cell(int(row), int(column)).value for row, column in cells]
        assert f'Macro:=book & "{function.name}"' in line
        assert told == [function.help, function.category, *(argument.help for argument in function.arguments)]


# The sheet of examples


@pytest.fixture(scope="module")
def examples(master: openpyxl.Workbook) -> Any:
    return master["函数示例"]


def shown_formulas(page: Any) -> dict[int, str]:
    """The formulas that stand there as text, by row."""
    return {row: cell.value for row in range(1, page.max_row + 1) if "=JF_" in str((cell := page.cell(row, 1)).value)}


def live_formulas(page: Any) -> dict[str, str]:
    """The formulas that are computed, by their range."""
    cells = [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    arrays = {cell.coordinate: cell.value for cell in cells if not isinstance(cell.value, str)}
    return {
        arrays[cell.coordinate].ref if cell.coordinate in arrays else cell.coordinate: (
            arrays[cell.coordinate].text if cell.coordinate in arrays else cell.value
        )
        for cell in cells
    }


@pytest.mark.slow
def test_every_function_is_shown_at_work_on_the_last_sheet(
    macros: ModuleType, master: openpyxl.Workbook, examples: Any
) -> None:
    assert master.sheetnames[-1] == examples.title
    assert examples.sheet_state == "visible"
    told = [re.match(r"=(\w+)", formula)[1] for formula in shown_formulas(examples).values()]
    assert sorted(told) == [function.name for function in macros.worksheet_functions()]


@pytest.mark.slow
def test_nothing_depends_on_a_worksheet_function(master: openpyxl.Workbook, examples: Any) -> None:
    pages = [page for page in master if page is not examples]
    formulas = [cell.value for page in pages for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    named = [name.attr_text for name in master.defined_names.values()]
    assert not [text for text in (*formulas, *named) if "JF_" in str(text) or "函数示例" in str(text)]


@pytest.mark.slow
def test_the_results_shown_are_those_of_the_functions(examples: Any, branch: Path) -> None:
    """Of each formula, told by its own functions on ranges that openpyxl reads from the example branch."""
    from xl_jifen.doors import functions

    cells = openpyxl.load_workbook(branch, data_only=True, read_only=True)
    for row, formula in shown_formulas(examples).items():
        name, arguments = re.fullmatch(r"=(\w+)\((.*)\)", formula).groups()
        given = []
        for argument in arguments.split(","):
            sheet, _, area = argument.replace("'", "").replace("$", "").partition("!")
            rows = cells[sheet][area] if area else ()
            given.append([[cell.value for cell in line] for line in rows] if area else json.loads(argument))
        found = getattr(functions, name)(*given)
        found = found if isinstance(found, list) else [[found]]
        [*shown] = examples.iter_rows(row + 1, row + len(found), 2, 1 + len(found[0]), values_only=True)
        names = [examples.cell(number, 1).value for number in range(row + 1, examples.max_row)]
        shown = shown[: names.index("本工作簿")]
        assert shown == [tuple(None if cell == "" else cell for cell in line) for line in found[: len(shown)]], name
        assert any(any(cell for cell in line) for line in shown), name


@pytest.mark.slow
def test_the_live_formulas_are_the_shown_ones_behind_a_switch_that_is_off(examples: Any) -> None:
    assert examples["B4"].value == "否"
    live = live_formulas(examples)
    assert list(live.values()) == [f'=IF($B$4="是",{text[1:]},"")' for text in shown_formulas(examples).values()]
    page = openpyxl.load_workbook(MACRO_MASTER, data_only=True, read_only=True)["函数示例"]
    cached = [*page.iter_rows(values_only=True)]
    for area in live:
        left, top, right, bottom = range_boundaries(area)
        assert {cell for line in cached[top - 1 : bottom] for cell in line[left - 1 : right]} <= {None, ""}


@pytest.mark.slow
def test_the_ranges_of_the_examples_begin_at_the_headings(master: openpyxl.Workbook, examples: Any) -> None:
    sheet_of = {sheet.name: sheet for sheet in layout.SHEETS}
    for formula in shown_formulas(examples).values():
        for sheet, area in re.findall(r"'(.+?)'!([$A-Z0-9:]+)", formula):
            heads = [heading_key(str(cell.value)) for cell in master[sheet][area][0]]
            assert sorted(heads) == sorted(column.name for column in sheet_of[sheet].columns if not column.owned)


# Worksheet functions


def by_xlwings(module: str, *folders: Path) -> str:
    command = [sys.executable, str(HELPERS / "xlwings_generator.py"), module, *map(str, folders)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_wrappers_are_word_for_word_those_of_xlwings(macros: ModuleType) -> None:
    udfs = sys.modules["udfs"]
    found = udfs.functions((HELPERS / "sample_functions.py").read_text("utf-8"))
    assert [function.name for function in found] == ["JF_AGAIN", "JF_SAMPLE"]
    text = udfs.wrappers("sample_functions", found)
    assert text.split("\n", 3)[3] == by_xlwings("sample_functions", HELPERS)


@pytest.mark.slow
def test_our_wrappers_are_word_for_word_those_of_xlwings(macros: ModuleType) -> None:
    text = macros.modules()["xlwings_udfs"]
    assert text.split("\n", 3)[3] == by_xlwings(macros.FUNCTIONS_MODULE, ROOT)
    assert {function.category for function in macros.worksheet_functions()} == {"党员积分"}


def test_help_is_the_first_paragraph_and_complete(macros: ModuleType) -> None:
    udfs = sys.modules["udfs"]
    again, sample = udfs.functions((HELPERS / "sample_functions.py").read_text("utf-8"))
    assert again.texts == ["JF_AGAIN", "每次都算。", "xlwings"]
    assert sample.texts == ["JF_SAMPLE", "逐行核对。", "党员积分", "登记的行。", "“积分规则”表。", "最多几条，可不填。"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("@func\ndef f(*rows):\n    'x'", "plain"),
        ("@func\ndef f(*, rows):\n    'x'", "plain"),
        ("@func\ndef f():\n    pass", "help"),
        ("@func\ndef f(rows):\n    'x'", "help"),
        ("@func\n@arg('row', doc='x')\ndef f(rows):\n    'x'", "no argument row"),
        ("@func\n@arg('rows', doc='" + "长" * 256 + "')\ndef f(rows):\n    'x'", "help"),
        ("@func\n@arg('caller', doc='x')\ndef f(caller):\n    'x'", "alone"),
    ],
)
def test_a_function_no_wrapper_is_made_for_is_refused(macros: ModuleType, source: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sys.modules["udfs"].functions(source)


# The ribbon


def procedures(text: str) -> dict[str, tuple[str, list[str]]]:
    """Arguments and lines of every Sub."""
    found = re.findall(r"(?ms)^(?:Public|Private) Sub (\w+)\((.*?)\)\n(.*?)^End Sub", text)
    return {name: (arguments, [line.strip() for line in body.splitlines()]) for name, arguments, body in found}


def test_ribbon_macros_and_python_name_the_same_things() -> None:
    """ribbon.xml ↔ JiFenButtons.bas ↔ doors/ribbon.py: every button leads to a verb, and so does every macro."""
    from xl_jifen.doors import ribbon

    pressed = [element for element in etree.parse(RIBBON).iter(etree.Element) if element.get("onAction")]
    assert {element.get("onAction") for element in pressed} == {"JiFen_Press"}
    verbs = [element.get("tag") for element in pressed]
    assert [element.get("id") for element in pressed] == [f"JiFen_{verb}" for verb in verbs], "where there is no tag"
    macros = {
        body[0]: name
        for name, (arguments, body) in procedures(BUTTONS).items()
        if arguments != "control As IRibbonControl"
    }
    assert set(macros) == {f'RunVerb "{verb}"' for verb in verbs}
    assert set(verbs) == set(ribbon._VERBS)
    assert all(callable(getattr(ribbon, verb)) for verb in verbs), "RunPython, the second way, calls it by that name"
    names = {f"JiFen{verb.title().replace('_', '')}" for verb in verbs}
    assert set(macros.values()) == names


def test_a_callback_is_found_by_nobody_elses_name(macros: ModuleType) -> None:
    """Excel looks a callback up in every open workbook, and takes a module of that name for it."""
    modules = macros.modules()
    names = [name for text in modules.values() for name in procedures(text)]
    assert all(name.startswith("JiFen_") for name in re.findall(r'onAction="(\w+)"', RIBBON.read_text("utf-8")))
    assert not {name.lower() for name in names} & {name.lower() for name in modules}


def test_both_generations_of_the_ribbon_keep_the_schema() -> None:
    package = parts(MACRO_MASTER)
    for part, version in (("customUI14.xml", "2009/07"), ("customUI.xml", "2006/01")):
        assert ribbon_schema.problems(package[f"customUI/{part}"]) == []
        assert f"office/{version}/customui".encode() in package[f"customUI/{part}"]
    relations = {each.get("Target"): each.get("Type") for each in etree.fromstring(package["_rels/.rels"])}
    assert relations["customUI/customUI14.xml"].endswith("office/2007/relationships/ui/extensibility")
    assert relations["customUI/customUI.xml"].endswith("office/2006/relationships/ui/extensibility")


def test_every_button_explains_itself_in_chinese() -> None:
    for element in etree.parse(RIBBON).iter("{*}button", "{*}menu"):
        assert re.search("[一-鿿]", element.get("label") and element.get("screentip"))
        assert element.get("size") != "large" or len(element.get("supertip")) > 10


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('size="large"', 'sizze="large"', "unknown attribute sizze"),
        (' id="JiFen_check"', "", "needs one of"),
        ('id="JiFen_check"', 'id="JiFenEntries"', "double id"),
        ('imageMso="Help"', 'imageMso="Help" image="x"', "more than one image"),
        ('imageMso="Help"', 'imageMso="NoSuchImage"', "unknown image"),
        ("2009/07", "2010/07", "unknown namespace"),
        ("button", "buttons", "no place for buttons"),
        ("TabHome", "TabHaus", "unknown tab"),
    ],
)
def test_the_schema_check_sees_a_mistake(old: str, new: str, said: str) -> None:
    found = ribbon_schema.problems(RIBBON.read_bytes().replace(old.encode(), new.encode()))
    assert any(said in each for each in found)


# Whoever opens it


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch in the macro workbook."""
    texts = {file.stem: file.read_text("utf-8") for file in (WORKBOOK / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    path = tmp_path_factory.mktemp("branch") / "示例.xlsm"
    path.write_bytes(filled(MACRO_MASTER.read_bytes(), path.name, settings, texts))
    return path


@pytest.mark.slow
def test_a_fresh_branch_has_no_findings(tmp_path: Path) -> None:
    path = tmp_path / "新.xlsm"
    path.write_bytes(filled(MACRO_MASTER.read_bytes(), path.name, {layout.BRANCH: "第一党支部"}, {}))
    assert quarter.open_workbook(path).reckoning.findings == ()


def test_calamine_reads_it() -> None:
    from python_calamine import CalamineWorkbook

    assert "积分规则" in CalamineWorkbook.from_path(str(MACRO_MASTER)).sheet_names


@pytest.mark.slow
def test_writing_results_keeps_macros_and_ribbon(branch: Path, tmp_path: Path) -> None:
    path = shutil.copy(branch, tmp_path / "示例.xlsm")
    assert quarter.recalculate(quarter.open_workbook(path), datetime(2026, 10, 1)).changed
    before, after = parts(branch), parts(path)
    kept = [name for name in before if name.startswith("customUI/") or name == "xl/vbaProject.bin"]
    assert len(kept) == 3
    assert [name for name in kept if before[name] != after[name]] == []
    assert set(openpyxl.load_workbook(path, read_only=True).sheetnames) > set(layout.OWNED_SHEETS)


@pytest.mark.slow
def test_openpyxl_keeps_macros_and_a_ribbon() -> None:
    saved = io.BytesIO()
    openpyxl.load_workbook(MACRO_MASTER, keep_vba=True).save(saved)
    before, after = parts(MACRO_MASTER), parts(saved.getvalue())
    assert after["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
    assert after["customUI/customUI.xml"] == before["customUI/customUI.xml"]
    assert b"customUI/customUI.xml" in after["_rels/.rels"]


# A live LibreOffice


@pytest.fixture
def seen_by_office(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """What LibreOffice sees of a workbook, and its macros do in it; see vba/office.py."""
    if running := libreoffice.office():
        opened = importlib.import_module("vba.office").opened
        return lambda book, *subs: opened(running.desktop, book, [*subs])
    needs.program("soffice")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if not python or subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode:
        needs.missing("python3-uno")

    def seen(book: Path, *subs: str) -> dict[str, Any]:
        command = [python, str(HELPERS / "office.py"), str(tmp_path / "profile"), str(book), *subs]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180, env=environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return seen


@pytest.mark.office
def test_libreoffice_imports_the_project(macros: ModuleType, seen_by_office: Callable[..., dict[str, Any]]) -> None:
    seen = seen_by_office(MACRO_MASTER)
    assert seen["vba"] is True
    assert seen["standard"] == sorted(macros.modules())
    assert seen["documents"] == sorted([*seen["code names"].values(), "ThisWorkbook"])
    assert (seen["code names"]["使用说明"], seen["code names"]["xlwings.conf"]) == ("Sheet1", "JiFenConf")
    assert seen["code names"]["函数示例"] == "JiFenExamples"


@pytest.mark.office
def test_every_button_reaches_python(
    stubbed: Path, seen_by_office: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """With a folder ``python`` beside the workbook, which Workbook_Open finds."""
    book = Path(shutil.copy(stubbed, tmp_path / "党员积分.xlsm"))
    beside = tmp_path / "python" / "python.exe"
    beside.parent.mkdir()
    beside.touch()
    subs = {name: f"JiFenButtons.{name}" for name, (arguments, _) in procedures(BUTTONS).items() if not arguments}
    seen = seen_by_office(book, *subs.values())
    assert seen["interpreter"] == str(beside)
    start = "from xl_jifen.hosts import ribbon; ribbon."
    verbs = {name: body[0].removeprefix("RunVerb ").strip('"') for name, (_, body) in procedures(BUTTONS).items()}
    assert {name: seen["notes"][sub] for name, sub in subs.items()} == {
        name: f"{start}{verbs[name]}()" for name in subs
    }


@pytest.mark.office
def test_without_a_python_beside_it_the_chosen_one_is_taken(
    stubbed: Path, seen_by_office: Callable[..., dict[str, Any]]
) -> None:
    seen = seen_by_office(stubbed, "JiFenButtons.JiFenCheck")
    assert seen["interpreter"] == INSTALLED_PYTHON
    assert seen["notes"]["JiFenButtons.JiFenCheck"] == ""


# Workbooks in use


OLD_MASTER = Path(__file__).parent / "old" / "党员积分.xlsm"
"""The macro master of version 0.1, its list of choices cut short."""


def test_every_line_an_old_workbook_hands_to_python_still_leads_somewhere() -> None:
    from xl_jifen.doors import press, ribbon

    with ExcelFile(OLD_MASTER) as file:
        sources = file.vba_modules()
    lines = re.findall(r'CallPython "(.+)"', sources["JiFenButtons"])
    assert len(lines) == 17
    done: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ribbon, "by_arguments", lambda verb, work: done.append(verb) or callable(work))
        for line in lines:
            exec(f"from xl_jifen.hosts import ribbon; ribbon.{line}")
    assert done == [line.replace("(", " ").rstrip(")").strip() for line in lines]
    assert press.MODULE == "xl_jifen.hosts.press"
    offered = set(re.findall(r'"(xl_jifen[.\w]+)", "(JF_\w+)"', sources["xlwings_udfs"]))
    assert all(callable(getattr(importlib.import_module(module), name)) for module, name in offered)
    assert {name for _, name in offered} == {"JF_CHECK", "JF_EXPLAIN", "JF_POINTS", "JF_SCORES"}
