"""The Parquet files of a roll-up: their rows, and that every column says in Chinese what it holds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from many_branches import branch, listed

from xl_jifen.verbs.rollup import frames

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

NAMED = {
    "branches": {"graded": "有建议等次的人数", "present": "到会人次（参加、迟到早退）"},
    "scores": {"member": "党员编号（不含姓名）", "score": "积分", "vetoed": "是否一票否决"},
    "rules": {"code": "规则编号", "counted": "计入分合计", "capped": "达到封顶的"},
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    files = frames.write(listed([branch(), branch("", "第二党支部")]), tmp_path_factory.mktemp("表"))
    return {path.stem: parquet.read_table(path) for path in map(Path, files)}


@pytest.mark.parametrize("name", NAMED)
def test_a_column_says_in_the_file_itself_what_it_holds(tables: dict[str, Any], name: str) -> None:
    told = {field.name: field.metadata["说明".encode()].decode() for field in tables[name].schema}
    assert all(told.values())
    assert NAMED[name].items() <= told.items()


def test_rows_are_those_of_every_file_with_points_as_decimals(tables: dict[str, Any]) -> None:
    assert {row["branch"] for row in tables["scores"].to_pylist()} == {"第一党支部", "第二党支部"}
    (lectures,) = (row for row in tables["rules"].to_pylist() if row["code"] == "加1")
    assert (lectures["branch"], lectures["entries"], lectures["counted"]) == ("第一党支部", 1, Decimal("4.00"))
    (found,) = tables["findings"].to_pylist()
    assert (found["file"], found["code"], found["sheet"]) == ("第一党支部.xlsx", "E301", "1月")
