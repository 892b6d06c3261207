"""Which sheet a workbook opens on after a recalculation with errors; a sheet of the branch stays in front."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from xl_jifen import layout
from xl_jifen.disk import assets
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.patch.front import open_on
from xl_jifen.excel.patch.patched import Patch
from xl_jifen.excel.read.package import Package
from xl_jifen.verbs import quarter as verbs

OURS = layout.OWNED_SHEETS
FOUND = layout.FINDINGS_SHEET


def book(front: str, *selected: str, change: Callable[[openpyxl.Workbook], object] = lambda _: None) -> bytes:
    """Four sheets with one of them in front, and which are selected: programs select the one in front, or none."""
    made = openpyxl.Workbook()
    made.active.title = layout.GUIDE  # type: ignore[union-attr]
    for name in ("1月", FOUND, layout.LEDGER_SHEET):
        made.create_sheet(name)
    made.active = made.sheetnames.index(front)
    for sheet in made:
        sheet.sheet_view.tabSelected = sheet.title in selected
    change(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def opened(data: bytes) -> tuple[str, list[str]]:
    """The sheet in front, and those selected."""
    found = Package.of(data, "积分.xlsx")
    active = re.search(rb' activeTab="(\d+)"', found.read(found.workbook))
    selected = [name for name, part in found.sheets.items() if b' tabSelected="1"' in found.read(part)]
    return [*found.sheets][int(active[1]) if active else 0], selected


def asked(data: bytes) -> bytes:
    patch = Patch(Package.of(data, "积分.xlsx"))
    open_on(patch, FOUND, OURS)
    return patch.to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        book(layout.GUIDE),
        book("1月"),
        book(layout.LEDGER_SHEET, layout.LEDGER_SHEET),
        book(FOUND, FOUND),
        book(layout.LEDGER_SHEET, layout.LEDGER_SHEET, FOUND),
    ],
)
def test_where_no_sheet_of_the_branch_is_selected_the_findings_are_in_front_and_they_alone(data: bytes) -> None:
    made = asked(data)
    assert opened(made) == (FOUND, [FOUND])
    before, after = (Package.of(each, "积分.xlsx") for each in (data, made))
    assert [name for name in before.sheets if name not in OURS] == [layout.GUIDE, "1月"]
    for name in (layout.GUIDE, "1月"):
        assert after.read(after.sheets[name]) == before.read(before.sheets[name])


@pytest.mark.parametrize(("scrolled", "after"), [(1, 1), (2, 2), (3, 0)])
def test_the_tab_of_the_findings_is_not_scrolled_away(scrolled: int, after: int) -> None:
    made = asked(book(layout.GUIDE, change=lambda made: setattr(made.views[0], "firstSheet", scrolled)))
    assert openpyxl.load_workbook(io.BytesIO(made)).views[0].firstSheet == after


@pytest.mark.parametrize(
    "data",
    [
        book("1月", "1月"),
        book(layout.GUIDE, layout.GUIDE),
        book(FOUND, "1月", FOUND),
        book(layout.GUIDE, change=lambda made: setattr(made[FOUND], "sheet_state", "hidden")),
        book(layout.GUIDE, change=lambda made: made.views.append(made.views[0])),
        book(layout.GUIDE, change=lambda made: made.remove(made[FOUND])),
    ],
    ids=["a sheet of the branch", "the guide", "two selected", "hidden", "two windows", "none"],
)
def test_what_cannot_be_changed_for_certain_stays_as_it_was(data: bytes) -> None:
    patch = Patch(Package.of(data, "积分.xlsx"))
    open_on(patch, FOUND, OURS)
    assert not patch.changed


@pytest.mark.slow
@pytest.mark.parametrize(("name", "front"), [("李四", (FOUND, [FOUND])), ("张三", (layout.GUIDE, []))])
def test_after_a_recalculation_with_errors_a_branch_opens_on_them_and_without_as_it_was(
    name: str, front: tuple[str, list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "积分.xlsx"
    settings = {"支部名称": "第一党支部", "计分周期开始": "2026-01-01", "计分周期结束": "2026-12-31"}
    rows = {
        "党员名册": "编号,姓名,党员类别\n001,张三,正式党员\n",
        "1月": f"日期,姓名,规则,数量,事由,佐证,审核状态\n2026-01-10,{name},加2-3,4,植树,照片,通过\n",
    }
    path.write_bytes(filled(assets.asset("workbook/党员积分.xlsx"), path.name, settings, rows))
    assert verbs.recalculate(verbs.open_workbook(path), datetime(2026, 10, 9, 9)).changed
    assert opened(path.read_bytes()) == front
