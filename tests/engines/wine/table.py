"""Makes ``excel.txt``, the members that Excel has: ``python tests/engines/wine/table.py``, which asks npm for VERSION.

Source: the npm package @types/activex-excel, made from the type library of Excel 2010 (14.0), the oldest Excel the
product serves.
A line an interface: ``Name: Member Member= Member(Argument,Argument?) …``; ``=`` may be put, ``(…)`` takes arguments,
which a ``?`` says may be left out; of a property that takes some (``Value``) the package does not tell them. Only the
interfaces that ``members.py`` plays.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "@types/activex-excel", "14.0.11"
HERE = Path(__file__).parent
TABLE = HERE / "excel.txt"
MEMBER = re.compile(r"^ {8}(readonly )?(\w+)(\??):|^ {8}(\w+)(?:<[^>(]*>)?\(", re.MULTILINE)


def main() -> None:
    """Write the table anew."""
    from members import INTERFACES

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, capture_output=True)
        [packed] = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            file = next(each for each in archive if each.name.endswith("/index.d.ts"))
            source = archive.extractfile(file)
            assert source
            text = source.read().decode()
    lines = [f"# {PACKAGE} {VERSION} (MIT), by table.py"]
    lines += [f"{name}: {' '.join(of(text, name))}" for name in sorted({each.lstrip("_") for each in INTERFACES})]
    TABLE.write_text("\n".join(lines) + "\n", "ascii")


def of(text: str, interface: str) -> list[str]:
    """The members of one interface, as they stand in the table. An overloaded one has the longest list of arguments."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    [body] = re.findall(rf"(?ms)^    (?:class|interface) {interface}(?:<[^\n]*>)? \{{\n(.*?)^    \}}", text)
    found: dict[str, str] = {}
    for match in MEMBER.finditer(body):
        fixed, plain, _, called = match.groups()
        if plain:
            found.setdefault(plain, f"{plain}{'' if fixed else '='}")
        elif called != "constructor":
            given = arguments(body[match.end() :])
            entry = f"{called}({','.join(given)})"
            found[called] = max(found.get(called, entry), entry, key=lambda each: each.count(","))
    return [found[name] for name in sorted(found)]


def arguments(rest: str) -> list[str]:
    """The names up to the bracket that closes the list."""
    depth, inner = 0, ""
    for sign in rest:
        depth += (sign in "(<[{") - (sign in ")>]}")
        if depth < 0:
            break
        inner += sign
    inner = re.sub(r"[<\[({][^<>\[\](){}]*[>\])}]", "", inner)
    return re.findall(r"(?:^|,)\s*(\w+\??):", inner)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
