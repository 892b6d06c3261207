"""No room is a warehouse: at most 20 modules each; and a module past 400 lines says in its docstring why it is one."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import xl_jifen

PACKAGE = Path(xl_jifen.__file__).parent
MODULES = {file.relative_to(PACKAGE).as_posix(): file.read_text("utf-8") for file in PACKAGE.rglob("*.py")}
MOST_MODULES, MOST_LINES = 20, 400
NO_MODULES = ("__init__.py", "__main__.py")


def test_no_room_has_more_modules_than_one_can_survey() -> None:
    rooms = Counter(Path(name).parent.as_posix() for name in MODULES if Path(name).name not in NO_MODULES)
    assert {room: number for room, number in rooms.items() if number > MOST_MODULES} == {}


@pytest.mark.parametrize("name", [name for name, text in MODULES.items() if text.count("\n") > MOST_LINES])
def test_a_long_module_says_why_it_is_one(name: str) -> None:
    assert "One module, however long: " in (ast.get_docstring(ast.parse(MODULES[name])) or "")


def test_every_room_and_module_says_what_it_is_for() -> None:
    assert [name for name in MODULES if not ast.get_docstring(ast.parse(MODULES[name]))] == []
