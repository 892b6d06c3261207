"""What our VBA declares of Windows, by its own text: sizes here, against windows.h where a compiler is (mark wine)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import needs
import pytest
from engines.wine import COMPILERS, declared, members

TEXT = declared.WINDOWS.read_text("ascii")
SIZES = {"StartupInfo": {64: 104, 32: 68}, "ProcessInformation": {64: 24, 32: 16}}
"""STARTUPINFOW and PROCESS_INFORMATION of Windows."""


def test_the_types_have_the_sizes_of_windows_in_64_and_32_bits() -> None:
    found = declared.structures(TEXT)
    assert {name: {bits: declared.size(found[name], bits // 8) for bits in (64, 32)} for name in found} == SIZES


def test_every_function_is_unicode_pointer_safe_and_used() -> None:
    functions = declared.functions(TEXT)
    assert len(functions) == TEXT.count("Declare") == TEXT.count("Declare PtrSafe Function")
    without_text = {"MsgWaitForMultipleObjectsEx", "TerminateProcess", "CloseHandle", "GetFileSize", "ReadFile",
                    "WriteFile", "GetCurrentProcessId", "GetTickCount"}  # fmt: skip
    assert {each.name for each in functions if not each.name.endswith("W")} == without_text
    assert {each.name for each in functions} - {"TerminateProcess"} == set(
        declared.order(declared.START.read_text(), TEXT)
    )


@pytest.mark.wine
@pytest.mark.parametrize("bits", [64, 32])
def test_windows_h_agrees(bits: int, tmp_path: Path) -> None:
    """Sizes, places of fields, which arguments are pointers; in 32 bits the linker knows the bytes of the arguments."""
    if not shutil.which(COMPILERS[bits]):
        needs.missing(COMPILERS[bits])
    (tmp_path / "against.c").write_text(declared.against_windows(TEXT), "ascii")
    command = [COMPILERS[bits], "-c", "-Werror", "-o", str(tmp_path / "against.o"), str(tmp_path / "against.c")]
    subprocess.run(command, check=True)


@pytest.mark.wine
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    dwFlags As Long\n", ""),
        ("hProcess As LongPtr", "hProcess As Long"),
        ("ByVal process As LongPtr, ByVal exitCode As Long", "ByVal process As Long, ByVal exitCode As Long"),
        ("ByVal milliseconds As Long", "ByVal milliseconds As LongPtr"),
        ("ByVal sizeHigh As LongPtr) As Long", "ByVal sizeHigh As LongPtr) As LongPtr"),
    ],
)
def test_a_wrong_declaration_does_not_compile(old: str, new: str, tmp_path: Path) -> None:
    if not shutil.which(COMPILERS[64]):
        needs.missing(COMPILERS[64])
    assert TEXT.count(old) == 1
    (tmp_path / "against.c").write_text(declared.against_windows(TEXT.replace(old, new)), "ascii")
    command = [COMPILERS[64], "-c", "-Werror", "-o", str(tmp_path / "against.o"), str(tmp_path / "against.c")]
    assert subprocess.run(command, capture_output=True, check=False).returncode


# -- Excel's members ---------------------------------------------------------------------------------------------------


def test_the_stand_in_has_no_member_that_excel_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert members.problems() == []
    worksheet = members.INTERFACES["_Worksheet"]
    wrong = (
        ("Formel", 0x7FF, "g", members.ANY, ""),
        ("UsedRange", 0x19C, "gp", "Range", ""),
        ("Move", 0x27D, "m", "void", "After?"),
    )
    monkeypatch.setitem(members.INTERFACES, "_Worksheet", (*worksheet, *wrong))
    assert [each.partition(":")[0] for each in members.problems()] == [f"_Worksheet.{name}" for name, *_ in wrong]


def test_the_engine_in_memory_has_none_either() -> None:
    from engines import com

    table = members.table()
    for part, interface in {
        "Worksheets": "Sheets",
        **{n: n for n in ("Worksheet", "Range", "Font", "Interior")},
    }.items():
        offered = {name for name in vars(getattr(com, part)) if name[0].isupper()}
        assert offered <= set(table[interface]), part
        writable = {name for name in offered if getattr(getattr(com, part).__dict__[name], "fset", None)}
        assert all(table[interface][name].endswith(("=", ")")) for name in writable), part
