"""Macro workbooks are as strict as Excel: ours, and what every command that writes one leaves."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from vba import strict

from xl_jifen import layout
from xl_jifen.excel.fill.master import filled
from xl_jifen.verbs import quarter, yearend
from xl_jifen.verbs.upgrade import upgrade

ROOT = Path(__file__).parents[1]
MASTER, OLD = ROOT / "workbook" / "党员积分.xlsm", Path(__file__).parent / "old" / "党员积分.xlsm"
NOW = datetime(2026, 10, 9, 9, 30)
SAID_TO_BE_COMPILED = f"{strict.PROJECT}: says it is compiled"
"""Of 0.1: the version of an Office over an emptied cache."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # oletools' own


def branch(master: Path, folder: Path) -> Path:
    """The example branch in a macro master."""
    texts = {file.stem: file.read_text("utf-8") for file in (ROOT / "workbook" / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(texts.pop(layout.SETTINGS.name).splitlines()) if row[1:])
    path = folder / "党员积分.xlsm"
    path.write_bytes(filled(master.read_bytes(), path.name, settings, texts))
    return path


@pytest.mark.slow
def test_the_masters() -> None:
    assert strict.problems(MASTER) == []
    assert strict.problems(OLD) == [SAID_TO_BE_COMPILED]


@pytest.mark.slow
def test_what_commands_leave(tmp_path: Path) -> None:
    path = branch(MASTER, tmp_path)
    assert strict.problems(path) == []
    quarter.recalculate(quarter.open_workbook(path), NOW)
    assert strict.problems(path) == []
    following = tmp_path / "党员积分2027.xlsm"
    yearend.next_year(quarter.open_workbook(path), following, date(2027, 1, 5))
    assert strict.problems(following) == []


@pytest.mark.slow
def test_sheets_added_to_a_workbook_that_had_none(tmp_path: Path) -> None:
    """Q6: they bring no code name, so that none is without its module; Excel gives them theirs when it saves."""
    path = branch(OLD, tmp_path)
    quarter.recalculate(quarter.open_workbook(path), NOW)
    assert strict.problems(path) == [SAID_TO_BE_COMPILED]
    upgrade(path, NOW)
    assert strict.problems(path) == []


CORRUPTIONS = {
    "a type left out": ("[Content_Types].xml", rb'<Default Extension="bin"[^>]*/>', b"", "vbaProject.bin: type None"),
    "a type of nothing": ("[Content_Types].xml", b"/xl/styles.xml", b"/xl/style.xml", "a type and no part"),
    "a relation to nothing": ("_rels/.rels", b"customUI/customUI14.xml", b"customUI/customUI15.xml", "leads to"),
    "two relations of one id": ("xl/_rels/workbook.xml.rels", b'Id="rId1"', b'Id="rId2"', "an id twice"),
    "reserved fills": ("xl/styles.xml", b'patternType="gray125"', b'patternType="solid"', "first two fills"),
    "a wrong count": ("xl/styles.xml", rb'<fills count="\d+"', b'<fills count="1"', "fills counts 1"),
    "a font too far": ("xl/styles.xml", rb'(<cellXfs.*?fontId=")\d+', rb"\g<1>999", "has no fontId"),
    "a look too far": ("xl/worksheets/sheet1.xml", rb' s="\d+"', b' s="9999"', "a cell of no look"),
    "two sheets of one name": (
        "xl/workbook.xml",
        'name="校验结果"'.encode(),
        'name="使用说明"'.encode(),
        "of one name",
    ),
    "a code name without module": ("xl/worksheets/sheet1.xml", b'codeName="\\w+"', b'codeName="Nobody"', "no module"),
    "a ribbon cut off": ("_rels/.rels", rb'<Relationship [^>]*customUI14.xml"[^>]*/>', b"", "nothing leads to it"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_check_sees_a_mistake(name: str, tmp_path: Path) -> None:
    part, old, new, said = CORRUPTIONS[name]
    path = Path(shutil.copy(MASTER, tmp_path / "damaged.xlsm"))
    with zipfile.ZipFile(MASTER) as package, zipfile.ZipFile(path, "w") as out:
        for each in package.namelist():
            data = package.read(each)
            changed = re.sub(old, new, data, count=1, flags=re.DOTALL) if each == part else data
            assert each != part or changed != data, "nothing was damaged"
            out.writestr(each, changed)
    assert [each for each in strict.problems(path) if said in each]
