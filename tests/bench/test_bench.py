"""The benchmark scripts run, and their workbooks are the same at every run; how fast is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xl_jifen import layout, reckon
from xl_jifen.excel.read.file import read_file

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.wait4")


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_branch_has_its_entries_and_no_errors(tmp_path: Path) -> None:
    for name in ("one.xlsx", "other.xlsx"):
        run("branch.py", "100", str(tmp_path / name))
    grids = read_file(tmp_path / "one.xlsx")
    reckoning = reckon(grids)
    assert len(reckoning.register.entries) == 100
    assert not [finding for finding in reckoning.findings if finding.code[0] == "E"]
    assert list(grids) == list(read_file(tmp_path / "other.xlsx"))
    assert all(grids.get(sheet.name) for sheet in layout.SHEETS if sheet.required)


@pytest.mark.slow
@pytest.mark.parametrize("script", ["score.py", "recalc.py"])
def test_a_script_compares(script: str) -> None:
    told = run(script, "--sizes", "100", "--rounds", "1")
    assert "100 entries" in told
    assert "= cpu × " in told


@pytest.mark.slow
def test_check_and_score_start_without_heavy_libraries() -> None:
    assert "check, score: " in (told := run("startup.py", "--rounds", "1"))
    assert next(line for line in told.splitlines() if line.startswith("check, score: ")).endswith("heavy: none")
