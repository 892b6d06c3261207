"""What is installed works: a wheel unpacked anywhere, and the clone itself, make the example in an empty folder."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # what pip calls
    [made] = folder.glob("*.whl")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "clone"])
def test_the_example_is_made_in_an_empty_folder(
    kind: str, wheel: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = ROOT
    if kind == "wheel":
        home = tmp_path_factory.mktemp("site")
        zipfile.ZipFile(wheel).extractall(home)
    done = subprocess.run(
        [sys.executable, "-m", "xl_jifen", "demo"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob("示例/公示/2026年第三季度/*.xlsx"))


@pytest.mark.slow
def test_the_wheel_carries_master_and_templates(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "xl_jifen/_assets/workbook/党员积分.xlsx" in names
    assert "xl_jifen/_assets/templates/publicity.xlsx" in names
    assert "xl_jifen/py.typed" in names


def test_the_xlwings_asked_for_is_the_one_of_our_macros() -> None:
    pinned = re.search(r'"(xlwings==[\d.]+); ', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert pinned
    assert f"pip install {pinned[1]}。" in (ROOT / "xl_jifen/excel/live/program.py").read_text("utf-8")
