"""One page of each publication as it reads, from the example branch: words, table and charts (pages/*.txt).

``pytest --update`` writes them anew; the difference is then read by eye.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from test_study import required
from yearend_books import AFTER, demo, named

from xl_jifen import layout
from xl_jifen.excel.draw.owned import sheets
from xl_jifen.period import Month, Period
from xl_jifen.publish.appraisal import appraisal
from xl_jifen.publish.ballot_paper import ballot_paper
from xl_jifen.publish.meeting import meeting
from xl_jifen.publish.notice import notice
from xl_jifen.publish.owned.tables import tables
from xl_jifen.publish.page import Page
from xl_jifen.publish.publicity import publicity
from xl_jifen.publish.sheet import Formula
from xl_jifen.publish.statement import statements
from xl_jifen.publish.study import StudyRow, study, study_page
from xl_jifen.publish.yearly import presences
from xl_jifen.register import Ledger

CELL = re.compile(r"(月|考勤|记录)[!#][A-Z]*[0-9]")
FOLDER = Path(__file__).parent / "pages"
MONTH, QUARTER, HALF = Month(2026, 9).alone, Period.of_quarter(2026, 3), Month(2026, 12).half


def ledger(**settings: object) -> Ledger:
    """The example's, with some settings changed that only its notices ask for."""
    whole = demo().reckoning.ledger
    changed = whole.register.settings._replace(**settings)  # type: ignore[arg-type]
    return whole._replace(register=whole.register._replace(settings=changed))


def published(period: Period, **settings: object) -> Page:
    told = notice(date(2027, 1, 8), 5, layout.WORKING_DAYS)
    return publicity(ledger(**settings), period, told, draft=False)


def mirror(name: str, *, whole: bool = False) -> Page:
    reckoning = demo().reckoning
    records = presences(reckoning.register)
    pages = meeting(reckoning.ledger, reckoning.findings, records, studied(), AFTER, whole=whole)
    return next(page for member, page in pages if (member.name if member else "") == name)


def studied() -> tuple[StudyRow, ...]:
    reckoning = demo().reckoning
    return study(required(reckoning, ("", 32)), presences(reckoning.register))


def account(name: str, period: Period | None = None) -> Page:
    reckoning = demo().reckoning
    member = named(reckoning, name)
    return next(page for _, page in statements(reckoning.ledger, reckoning.findings, [member], AFTER, period=period))


PAGES: dict[str, Callable[[], Page]] = {
    "公示_第三季度": lambda: published(QUARTER),
    "公示_第三季度_仅分数": lambda: published(QUARTER, notice_content=layout.FIGURES_ONLY),
    "公示_第三季度_积分及事由": lambda: published(
        QUARTER, notice_content=layout.WITH_REASONS, notice_columns=layout.NOTICE_CHOICES
    ),
    "公示_9月": lambda: published(MONTH, notice_columns=layout.NOTICE_CHOICES),
    "公示_下半年": lambda: published(HALF, notice_columns=layout.NOTICE_CHOICES),
    "公示_全年": lambda: published(demo().reckoning.register.settings.cycle.year),
    "评议参考表": lambda: appraisal(demo().reckoning.ledger, studied(), AFTER),
    "测评票": lambda: ballot_paper(demo().reckoning.ledger, AFTER),
    "学习任务": lambda: study_page(demo().reckoning.ledger, studied(), AFTER),
    "对照清单_支部概览": lambda: mirror(""),
    "对照清单_王䶮": lambda: mirror("王䶮"),
    "对照清单_康瑞_整张表": lambda: mirror("康瑞", whole=True),
    "个人明细_曹金龙": lambda: account("曹金龙"),
    "个人明细_康瑞_第三季度": lambda: account("康瑞", QUARTER),
}


def as_text(page: Page) -> str:
    """A page as a person could read it aloud: words, table, charts."""
    lines = [f"{key}：{value}" for key, value in page.words.items()]
    lines += ["", " | ".join(page.columns)]
    lines += [" | ".join("" if value is None else str(value).replace("\n", "⏎") for value in row) for row in page.rows]
    for chart in page.charts:
        points = "，".join(f"{label} {value}" for label, value in chart.points)
        lines += ["", f"{chart.title}（{chart.unit}，{chart.kind}）：{points}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    golden, words = FOLDER / f"{name}.txt", as_text(PAGES[name]())
    if request.config.getoption("--update"):
        golden.write_text(words, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == words


def sheet_as_text(name: str) -> str:
    """A sheet the tool owns, formulas as their values."""
    reckoning = demo().reckoning
    said = tables(
        reckoning.register,
        reckoning.findings,
        reckoning.ledger,
        file_name="示例.xlsx",
        computed=datetime(2027, 1, 8, 9),
    )
    drawn = next(sheet for sheet in sheets(said) if sheet.name == name)
    rows = [[cell.value if isinstance(cell, Formula) else cell for cell in row.cells] for row in drawn.rows]
    told = (
        " | ".join("" if cell is None else str(cell).replace("\n", "") for cell in row).rstrip(" |") for row in rows
    )
    lines = list(filter(None, told))
    for placed in drawn.charts:
        chart = placed.chart
        points = (
            f"{label} {value}" for _, values in chart.series for label, value in zip(chart.labels, values, strict=True)
        )
        lines += ["", f"{chart.title}（{chart.unit}，{chart.kind}）：{'，'.join(points)}"]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["积分台账", "看板"])
def test_a_sheet_reads_as_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    golden, words = FOLDER / f"{name}.txt", sheet_as_text(name)
    if request.config.getoption("--update"):
        golden.write_text(words, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == words


@pytest.mark.slow
def test_no_form_speaks_of_the_tool_or_of_cells() -> None:
    for name in PAGES:
        words = as_text(PAGES[name]())
        for unwanted in ("工具", "xl-jifen", "2026Q", "工作簿"):
            assert unwanted not in words, (name, unwanted)
        assert not CELL.search(words), name
