"""What is told of archives beside a workbook: changed cells, archives changed or lost, a cycle moved away."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from archives import from_text
from closed_year import NAME, TAMPERED, shut, told, write

from xl_jifen.archive.code import digest
from xl_jifen.archive.snapshot import Archive, to_text
from xl_jifen.period import Period
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.guarded import guarded


@pytest.mark.slow
def test_recalculating_changes_nothing(home: Path) -> None:
    assert verbs.recalculate(verbs.open_workbook(home / NAME), datetime(2026, 8, 1)).changed
    assert told(home) == []


@pytest.mark.slow
def test_a_tampered_cell_is_named_with_both_values(home: Path) -> None:
    write(home, TAMPERED)
    (message,) = told(home)
    assert message == "1月!E4 “数量”在归档后被改动：2026年第一季度归档时是“3”，现在是“4”"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2026Q1", "2026Q2"])
def test_an_edited_or_lost_archive_is_told_and_never_made_again(home: Path, name: str) -> None:
    path = home / "归档" / f"{name}.json"
    path.write_text(path.read_text("utf-8").replace('"score":"', '"score":"1', 1), "utf-8")
    (message,) = told(home)
    assert message.startswith("设置!A1 2026年第")
    assert "被改动或损坏" in message
    path.unlink()
    (message,) = told(home)
    assert "归档文件不见了" in message
    with pytest.raises(verbs.Refused):
        shut(home, Period.of_quarter(2026, int(name[-1])))
    assert not path.exists()


def test_archives_lost_altogether_are_told_by_the_receipts(home: Path) -> None:
    shutil.rmtree(home / "归档")
    assert ["不见了" in message for message in told(home)] == [True, True]


@pytest.mark.slow
def test_a_chain_made_anew_is_told_by_the_receipts(home: Path) -> None:
    path = home / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert from_text(path.read_text("utf-8"))
    message = told(home)[0]
    assert "与公示文件夹中的归档回执不一致" in message


@pytest.mark.slow
def test_archives_of_another_year_beside_it_are_not_its_own(home: Path, tmp_path: Path) -> None:
    other = home / "2027.xlsx"
    verbs.new(other, branch="中共某局第二支部委员会", year=2027)
    opened = verbs.open_workbook(other)
    assert [f for f in guarded(other, opened.grids, opened.reckoning).findings if f.code == "E901"] == []


@pytest.mark.slow
def test_moving_the_cycle_away_does_not_escape(home: Path) -> None:
    start, end = ("| 计分周期开始 | 2027-01-01 |", "| 计分周期结束 | 2027-12-31 |")
    write(home, f"## 设置（更改）\n| 项目 | 值 |\n{start}\n{end}")
    assert {message.split()[0] for message in told(home)} == {"设置!B3", "设置!B4"}
