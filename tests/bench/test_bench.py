"""The benchmark scripts run, and their workbooks are the same at every run; how fast is not tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import needs
import pytest

from xl_jifen import layout, reckon
from xl_jifen.excel.read.file import read_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import branch  # noqa: E402
import measure  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.wait4")


@pytest.mark.slow
def test_a_branch_has_its_entries_and_no_errors(tmp_path: Path) -> None:
    for name in ("one.xlsx", "other.xlsx"):
        branch.write(tmp_path / name, 100)
    grids = read_file(tmp_path / "one.xlsx")
    reckoning = reckon(grids)
    assert len(reckoning.register.entries) == 100
    assert not [finding for finding in reckoning.findings if finding.code[0] == "E"]
    assert list(grids) == list(read_file(tmp_path / "other.xlsx"))
    assert all(grids.get(sheet.name) for sheet in layout.SHEETS if sheet.required)


@pytest.mark.slow
def test_the_table_has_every_line_that_has_a_bar() -> None:
    command = [sys.executable, str(HERE / "all.py"), "--quick", "--rounds", "0"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    told = {as_when_long(re.split("  +", line)[0]) for line in done.stdout.splitlines()}
    recorded = json.loads((HERE / "recorded.json").read_text("utf-8"))
    left_out = re.compile("10000|openpyxl|LibreOffice|instructions|power|eight times")
    assert {name for name in recorded["lines"] if not left_out.search(name)} <= told


def as_when_long(line: str) -> str:
    """The name that a line of the quick table has in the whole one."""
    return re.sub(r"\b100 rows", "1000 rows", line).replace(" 3 × ", " 300 × ").replace(" 2 × ", " 100 × ")


@pytest.mark.slow
@pytest.mark.office
def test_the_writers_spell_the_same_cells_differently(tmp_path: Path) -> None:
    needs.program("soffice")
    made = measure.make(tmp_path, 12, measure.WRITERS)
    assert tuple(made) == measure.WRITERS
    grids = [read_file(path) for path in made.values()]
    assert len({path.read_bytes() for path in made.values()}) == 3
    for sheet in layout.MONTHS:
        rows = [[list(row)[:10] for row in grid.rows] for each in grids if (grid := each.get(sheet.name))]
        assert rows == [rows[0]] * 3


HEAVY = ("lxml", "numpy", "openpyxl", "pandas", "PIL", "python_calamine", "typing", "typst", "xlsxwriter", "xlwings")


@pytest.mark.slow
def test_check_and_score_start_without_heavy_libraries() -> None:
    doors = "xl_jifen.doors.cli.cli, xl_jifen.verbs.quarter, xl_jifen.doors.cli.report"
    listing = f"import sys, {doors}; print(*set({HEAVY}) & set(sys.modules))"
    assert not subprocess.run(
        [sys.executable, "-c", listing], cwd=measure.ROOT, capture_output=True, check=True
    ).stdout.strip()
