"""What workbook/vba/JiFenWindows.bas declares of Windows, read from its own text, as C: VBA cannot run here.

``header`` are its Types, constants and Declare lines; ``against_windows`` holds the same against windows.h, so that a
wrong size or an integer for a pointer does not compile; ``order`` is the order in which a press makes the calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

VBA = Path(__file__).parents[3] / "workbook" / "vba"
WINDOWS, START = VBA / "JiFenWindows.bas", VBA / "JiFenStart.bas"
C_TYPES = {"Long": "int32_t", "Integer": "int16_t", "LongPtr": "intptr_t", "Any": "void"}
REAL = {"StartupInfo": "STARTUPINFOW", "ProcessInformation": "PROCESS_INFORMATION"}
"""What windows.h calls the Types."""
DECLARED = re.compile(r'^Private Declare PtrSafe Function (\w+) Lib "(\w+)" \((.*?)\) As (\w+)', re.MULTILINE)


class Function(NamedTuple):
    """A declared function; an argument is whether it goes ByVal, and its type."""

    name: str
    library: str
    arguments: tuple[tuple[bool, str], ...]
    result: str


def functions(text: str) -> list[Function]:
    """The Declare lines."""
    return [
        Function(
            name,
            library,
            tuple((way == "ByVal", kind) for way, kind in re.findall(r"(ByVal|ByRef) \w+ As (\w+)", arguments)),
            result,
        )
        for name, library, arguments, result in DECLARED.findall(text)
    ]


def structures(text: str) -> dict[str, list[tuple[str, str]]]:
    """The Types: field and type."""
    found = re.findall(r"(?ms)^Private Type (\w+)\n(.*?)^End Type", text)
    return {name: re.findall(r"(\w+) As (\w+)", body) for name, body in found}


def size(fields: list[tuple[str, str]], pointer: int) -> int:
    """Bytes of a structure, its fields lying at multiples of their size, as VBA and Windows lay them."""
    sizes = {"Long": 4, "Integer": 2, "LongPtr": pointer}
    at = 0
    for _, kind in fields:
        at = -(-at // sizes[kind]) * sizes[kind] + sizes[kind]
    most = max(sizes[kind] for _, kind in fields)
    return -(-at // most) * most


def header(text: str) -> str:
    """Everything as C. In 32 bits the linker knows a function by the bytes of its arguments, and finds no other."""
    lines = ["#include <stdint.h>"]
    for name, kind, value in re.findall(r"(?m)^Private Const (\w+) As (Long|String) = (.+)$", text):
        lines.append(f"#define {name} " + (value if kind == "String" else f"((int32_t){value.replace('&H', '0x')})"))
    for name, fields in structures(text).items():
        lines.append(f"typedef struct {{ {' '.join(f'{C_TYPES[kind]} {field};' for field, kind in fields)} }} {name};")
    for each in functions(text):
        given = ", ".join(f"{C_TYPES.get(kind, kind)}{'' if by_value else ' *'}" for by_value, kind in each.arguments)
        result = C_TYPES[each.result]
        lines.append(f"__declspec(dllimport) {result} __stdcall {each.name}({given or 'void'});")
        lines.append(f'#define {each.name}(...) (called("{each.name}"), {each.name}(__VA_ARGS__))')
    return "\n".join(lines) + "\n"


def against_windows(text: str) -> str:
    """C that compiles only if windows.h agrees: sizes, places of fields, and which arguments are pointers."""
    lines = ["#include <windows.h>", "#include <stddef.h>", "#include <stdint.h>"]
    for name, fields in structures(text).items():
        real = REAL[name]
        lines.append(f"struct {name} {{ {' '.join(f'{C_TYPES[kind]} {field};' for field, kind in fields)} }};")
        lines.append(f'_Static_assert(sizeof(struct {name}) == sizeof({real}), "{name}");')
        for field, _ in fields:
            for of in ("offsetof({0}, {1})", "sizeof((({0} *)0)->{1})"):
                same = f"{of.format(f'struct {name}', field)} == {of.format(real, field)}"
                lines.append(f'_Static_assert({same}, "{field}");')
    for number, each in enumerate(functions(text)):
        kinds = ["void *" if not by_value or kind == "LongPtr" else "int32_t" for by_value, kind in each.arguments]
        given = ", ".join(f"{kind} a{n}" for n, kind in enumerate(kinds)) or "void"
        result = "void *" if each.result == "LongPtr" else "int32_t"
        handed = ", ".join(f"a{n}" for n in range(len(kinds)))
        lines.append(f"{result} f{number}({given}) {{ return {each.name}({handed}); }}")
    return "\n".join(lines) + "\n"


def order(*texts: str, first: str = "Perform") -> list[str]:
    """The functions of Windows a press calls, in order, one repeated told once. A refused start is not gone into."""
    names = {each.name for text in texts for each in functions(text)}
    bodies: dict[str, str] = {}
    for text in texts:
        for name, body in re.findall(r"(?ms)^(?:Public|Private) (?:Sub|Function) (\w+)\(.*?\n(.*?)^End ", text):
            bodies.setdefault(name, body)  # of two under #If the first is the one that VBA7 takes
    return [name for name, _ in groupby(_calls(first, bodies, names))]


def _calls(procedure: str, bodies: dict[str, str], names: set[str]) -> Iterator[str]:
    for line in bodies[procedure].splitlines():
        if line.strip().startswith(("'", "Tell ", "TerminateProcess ", "If isStarted", "RunPython ")):
            continue
        for word in re.findall(r"\w+", re.sub(r'"[^"]*"', "", line)):
            if word in names:
                yield word
            elif word in bodies and word not in (procedure, "Tell"):
                yield from _calls(word, bodies, names)
