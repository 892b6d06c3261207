"""A module is tried by ``test_<module>.py``, or by a file listed here, because its tests serve several modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xl_jifen

TESTS = Path(__file__).parents[1]
PACKAGE = Path(xl_jifen.__file__).parent

ELSEWHERE = {
    # tests/cases, in the users' notation
    "test_cases": "attendance check count register requirements roster score settings typed",
    "test_code": "archive/facts",
    "test_guard": "archive/grounds archive/meaning archive/recall",
    "test_snapshot": "archive/shape",
    "test_propose": "declare/claims",
    "test_import": "declare/attended publish/declared excel/draw/declared_sheet excel/read/exports",
    "test_days": "derive/so_far",
    "test_yearend": "excel/draw/what_if_sheet render/forms",
    "test_summary": "publish/rollup/branches publish/rollup/listed",
    "test_rollup": "derive/terms disk/workers verbs/rollup/fleet verbs/rollup/journal",
    "test_publicity": "publish/charts publish/legend publish/notice publish/page",
    "test_owned": "publish/owned/lines publish/owned/tables "
    "excel/draw/board_sheet excel/draw/ledger_sheet excel/draw/looks",
    "test_board": "publish/held",
    "test_template": "publish/figures excel/fill/blank_form excel/fill/form_sheet excel/fill/paper",
    "test_html": "render/shown",
    "test_typeset": "render/seal",
    "test_graft": "publish/sheet excel/draw/closed excel/patch/charted excel/patch/compare excel/patch/names",
    "test_patched": "excel/patch/markup excel/patch/parts excel/patch/styles excel/patch/written excel/patch/zipped",
    "test_cells": "excel/patch/value",
    "test_recalc": "excel/patch/stamp verbs/quarter",
    "test_upgrade": "excel/fill/master excel/fill/own_sheets excel/fill/upgraded",
    "test_fast": "excel/read/exact excel/read/extent excel/read/values excel/read/xml",
    "test_live": "doors/ribbon excel/live/comvalue excel/live/open_book excel/live/painted excel/live/program "
    "excel/live/ranges",
    "test_refused": "disk/refusal",
    "test_close": "disk/folders disk/shelf verbs/done",
    "test_console": "verbs/progress",
    "test_cli": "doors/cli/arguments doors/cli/commands",
    "test_desk": "doors/desk/actions doors/desk/gate doors/desk/open doors/desk/run doors/desk/web",
    "test_macros": "doors/press",
    "test_portable": "doors/placing doors/windows/dropped doors/windows/install doors/windows/shell",
    "test_portable_linux": "doors/linux/install",
    "test_contracts": "layout",
}


def module_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").as_posix()


def has_logic(file: Path) -> bool:
    return re.search(r"^\s*def ", file.read_text(encoding="utf-8"), re.MULTILINE) is not None


def stem(module: str) -> str:
    return Path(module).name.rstrip("_")


LISTED = [(home, module) for home, modules in ELSEWHERE.items() for module in modules.split()]
NAMED = {file.stem.removeprefix("test_") for file in TESTS.rglob("test_*.py")}
MODULES = {module_of(file): file for file in PACKAGE.rglob("*.py") if file.name != "__init__.py" and has_logic(file)}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_tried_in_one_place_found_at_the_first_guess_or_the_second(module: str) -> None:
    by_name, listed = stem(module) in NAMED, sum(module == each for _, each in LISTED)
    namesakes = [each for each in MODULES if stem(each) == stem(module)]
    assert by_name + listed == 1 or (listed == 1 and namesakes != [module]), (
        "name a test file after it, or list its home"
    )


def test_the_homes_are_there_and_so_are_those_who_live_in_them() -> None:
    assert [home for home in ELSEWHERE if home.removeprefix("test_") not in NAMED] == []
    assert [module for _, module in LISTED if module not in MODULES] == []
