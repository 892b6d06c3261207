"""The cases the doctor tries on a real program (doctor --live), here on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libreoffice
import pytest
import xlwings as xw
from engines import calc, memory

from xl_jifen.doors import doctor, trial
from xl_jifen.excel.live import program

BEYOND = {"公式 SUMIFS", "链接公式显示文字", "公式错误 #DIV/0!", "公式错误 #N/A", "清空文本单元格"}
"""What an engine that calculates nothing cannot show."""


@pytest.fixture(params=["memory", pytest.param("calc", marks=pytest.mark.office)])
def engine(request: pytest.FixtureRequest) -> Iterator[memory.Engine]:
    engine = memory.Engine()
    if request.param == "calc":
        if not (office := libreoffice.office()):
            pytest.skip("needs LibreOffice with python3-uno in this Python; test_live also runs under the system's")
        engine = calc.Engine(office)
    memory.install(engine)
    yield engine
    memory.remove()


def test_what_the_ribbon_relies_on(engine: memory.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(engine, calc.Engine):
        monkeypatch.setattr(memory.Book, "_save_copy", lambda self, path: Path(path).write_bytes(b"copy"))
        monkeypatch.setattr(trial, "CASES", [case for case in trial.CASES if case.name not in BEYOND])
    lines = list(doctor.report(live=True))
    table = lines[lines.index("") + 1 :]
    assert table[0] == "真机检查：Microsoft Excel 16.0"
    assert [line for line in table if line.startswith("×")] == []
    judged = [case for case in trial.CASES if case.expected is not None]
    assert table[-1] == f"真机检查：{len(judged)} 项符合，0 项不符合。"
    assert not list(engine.apps)


def test_a_case_that_fails_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(sheet: Any) -> object:
        raise OSError("no")

    monkeypatch.setattr(trial, "CASES", (trial.Case("甲", broken, 1), trial.Case("乙", lambda _: 2, 3), trial.CASES[0]))
    memory.install(memory.Engine())
    found = list(trial.outcomes(xw.App(add_book=True).books[0]))
    memory.remove()
    assert [line.fine for line in found] == [False, False, True]
    assert "OSError: no" in found[0].words


@pytest.mark.slow
def test_the_program_is_ended_even_if_a_case_breaks_it() -> None:
    engine = memory.Engine()
    memory.install(engine)
    with pytest.raises(ZeroDivisionError), program.scratch_book():
        raise ZeroDivisionError
    memory.remove()
    assert not list(engine.apps)
