"""Nothing typed is lost: whatever a verb writes over is backed up, and a branch's own workbook is never replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from closed_year import NAME, Q1, publish, write
from secretary import run

from xl_jifen.render import typeset
from xl_jifen.verbs.rollup import fleet

OTHER, FORM = "另一支部.xlsx", "申报.csv"
DECLARED = "姓名,日期,规则,事由\n张三,2026-03-05,加2,植树\n"
WRITERS = {
    "compare": lambda out: run("compare", NAME, "--rules", OTHER, "--out", out),
    "rollup": lambda out: run("rollup", NAME, "--out", out, "--workers", "1"),
    "import": lambda out: run("import", NAME, FORM, "--out", out),
    "import a list": lambda out: run("import", NAME, FORM, "--activity", "党日", "--date", "2026-03-05", "--out", out),
}
"""The verbs that are told which file to write."""


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two workbooks and a form."""
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    monkeypatch.setattr(fleet, "local", lambda work, tasks, workers: ((task, work(task)) for task in tasks))
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    (tmp_path / OTHER).write_bytes((tmp_path / NAME).read_bytes())
    (tmp_path / FORM).write_text(DECLARED, "utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_a_branchs_workbook_is_not_replaced(write: Callable[[str], object], branch: Path) -> None:
    before = {path: path.read_bytes() for path in branch.iterdir()}
    told = str(write(OTHER))
    assert "不能覆盖" in told or f"“{OTHER}”是党员积分工作簿，没有覆盖；请换一个文件名。" in told
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_what_was_typed_into_the_file_of_before_is_backed_up(write: Callable[[str], object], branch: Path) -> None:
    made = branch / "结果.xlsx"
    write(made.name)
    book = openpyxl.load_workbook(made)
    book.worksheets[0]["Z9"] = "支委会的意见"
    book.save(made)
    typed = made.read_bytes()
    write(made.name)
    assert made.read_bytes() != typed
    assert [path.read_bytes() for path in (branch / "备份").iterdir()] == [typed]


@pytest.mark.slow
def test_a_message_that_was_reworded_is_backed_up_before_the_next_one(branch: Path) -> None:
    message = branch / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.txt"
    publish(branch, Q1)
    publish(branch, Q1)
    assert not list(message.parent.glob("备份/*.txt")), "nothing was lost"
    message.write_text("各位同志：\n" + message.read_text("utf-8-sig"), "utf-8-sig")
    typed = message.read_bytes()
    publish(branch, Q1)
    assert [path.read_bytes() for path in message.parent.glob("备份/*.txt")] == [typed]


@pytest.mark.slow
def test_answers_about_columns_are_kept_with_what_was_noted_beside_them(branch: Path) -> None:
    memory = branch / "申报对照.csv"
    memory.write_text("列名,项目,备注\n昵称,忽略,问过张三\n", "utf-8-sig")
    (branch / FORM).write_text(DECLARED.replace("事由", "做了啥"), "utf-8")
    assert run("import", NAME, FORM, "--columns", "做了啥=事由").code == 0
    assert "做了啥" in memory.read_text("utf-8-sig")
    assert [path.read_text("utf-8-sig") for path in (branch / "备份").glob("*.csv")] == [
        "列名,项目,备注\n昵称,忽略,问过张三\n"
    ]


@pytest.mark.slow
def test_what_was_laid_beside_a_notice_is_not_taken_for_pages_of_the_one_before(branch: Path) -> None:
    """A photo of the board it hangs on, a copy; but the second page of a longer notice goes."""
    stem = "2026年第一季度党员积分公示表"
    publish(branch, Q1)
    folder = branch / "公示" / "2026年第一季度"
    beside = [folder / f"{stem}{suffix}" for suffix in ("-张贴.png", "-副本.pdf", ".docx")]
    for path in (*beside, folder / f"{stem}-2.png", folder / f"{stem}.pdf"):
        path.write_bytes(b"x")
    publish(branch, Q1)
    assert [path.read_bytes() for path in beside] == [b"x"] * 3
    assert not (folder / f"{stem}-2.png").exists()
    assert not (folder / f"{stem}.pdf").exists()
