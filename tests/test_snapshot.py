"""What an archive holds, to the day and the cell, and what no text becomes an archive by."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time
from typing import Any

import pytest
from archives import CIRCUMSTANCES, PUBLICATION, Q1, Q4, added, book, changed, closed, from_text

import xl_jifen
from xl_jifen.archive.code import digest, short
from xl_jifen.archive.snapshot import (
    Archive,
    archive,
    grids_of,
    stem_of,
    to_text,
)
from xl_jifen.grid import Cell, CellError, Grid, Grids
from xl_jifen.period import Cycle, Period

BALLOT = "表决日期 姓名 规则编号 事由 应到 实到 赞成 反对 弃权"


def rows_of(archived: Archive, name: str) -> list[int]:
    (sheet,) = (sheet for sheet in archived.content["sheets"] if sheet["sheet"] == name)
    return [row["row"] for row in sheet["rows"]]


def test_it_holds_the_figures_of_its_quarter_and_the_last_one_those_of_the_year() -> None:
    assert {score["period"] for score in closed(book()).content["scores"]} == {"2026Q1"}
    mean = changed("设置", "项目", "年度汇总方式", "值", "季度平均")
    scores = {(s["period"], s["member"]): s for s in closed(book(mean), Q4).content["scores"]}
    assert {period for period, _ in scores} == {"2026Q4", "year"}
    assert (scores["2026Q4", "001"]["base"], scores["year", "001"]["base"]) == ("100", None)


def test_it_holds_the_rows_dated_up_to_its_last_day() -> None:
    attended = "".join(
        f"\n| {day} | 座谈 | {name} | 张三 |"
        for day, name in (("2026-03-31", "末日"), ("2026-04-01", "次日"), ("2025-12-31", "去年"), ("", "没有日期"))
    )
    voted = "".join(f"\n| {day} | 王五 | 否1 | 另记 | 4 | 4 | 1 | 3 | 0 |" for day in ("2026-03-31", "2026-04-01", ""))
    archived = closed(
        book(
            f"## 活动考勤（追加）\n| 日期 | 活动类型 | 活动名称 | 参加 |{attended}",
            f"## 表决记录（追加）\n| {' | '.join(BALLOT.split())} |{voted}",
            added("1月", "日期 姓名 规则 事由 审核状态", "2027-01-05 张三 加1 周期以外 通过"),
        )
    )
    assert rows_of(archived, "活动考勤") == [2, 3, 4, 5]
    assert rows_of(archived, "表决记录") == [2, 3]
    assert archived.content["votes"] == [
        {"sheet": "表决记录", "row": 2, "member": "005", "rule": "否1", "passed": True},
        {"sheet": "表决记录", "row": 3, "member": "003", "rule": "否1", "passed": False},
    ]


def test_of_a_quarter_cut_short_it_holds_the_days_of_the_cycle() -> None:
    short = changed("设置", "项目", "计分周期结束", "值", "2026-03-20")
    late = added("活动考勤", "日期 活动类型 活动名称 参加", "2026-03-21 座谈 周期以后 张三")
    assert rows_of(closed(book(short, late)), "活动考勤") == [2, 3, 4]


def test_it_holds_lines_without_a_month_of_no_quarter() -> None:
    short = changed("设置", "项目", "计分周期结束", "值", "2026-09-30")
    outside = added("10月", "日期 姓名 规则 事由 审核状态", "2026-01-05 张三 加1 表以外 通过")
    assert {line["month"][:4] for line in closed(book(short, outside)).content["lines"]} == {"2026"}


def test_it_leaves_out_the_columns_of_the_tool() -> None:
    archived = closed(book(changed("1月", "序号", "1", "计入分", "99")))
    (sheet,) = (sheet for sheet in archived.content["sheets"] if sheet["sheet"] == "1月")
    assert "计入分" not in sheet["columns"]
    assert "备注" in sheet["columns"]


def test_every_type_of_cell_survives_the_file() -> None:
    values: list[Cell] = ["七", True, 7, 10**16, 0.1 + 0.2, date(2026, 1, 2), CellError("#DIV/0!")]
    grid = Grid("1月", [["日期", "姓名", "规则", "事由", "审核状态"], *([date(2026, 1, 5), value] for value in values)])
    archived = from_text(to_text(closed(Grids(tuple(grid if sheet.name == "1月" else sheet for sheet in book())))))
    assert archived is not None
    month = grids_of(archived).get("1月")
    assert month is not None
    read_back = [month.at(row, 2) for row in range(2, len(values) + 2)]
    assert read_back == ["七", True, 7, 10**16, 0.3, date(2026, 1, 2), CellError("#DIV/0!")]
    assert [type(value) for value in read_back] == [type(value) for value in values]


def test_without_a_cycle_nothing_can_be_archived() -> None:
    grids = book(changed("设置", "项目", "计分周期开始", "值", ""))
    with pytest.raises(ValueError, match="cycle"):
        archive(grids, xl_jifen.reckon(grids).ledger, Q1, None, PUBLICATION, CIRCUMSTANCES)


def test_the_text_is_one_line_and_no_other_layout_of_it_is_read() -> None:
    text = to_text(closed(book()))
    assert text.endswith("}\n")
    assert text.count("\n") == 1
    assert from_text(json.dumps(json.loads(text), ensure_ascii=False)) is None
    assert from_text(json.dumps(json.loads(text))) is None


WRONG: dict[str, dict[str, Any]] = {
    "别的版本": {"schema": 3},
    "登记不是一张表": {"lines": "没有"},
    "不在周期内的季度": {"period": "2027Q1"},
    "不是时段": {"period": "2026Q5"},
    "公示日期不是日期": {"published": {"day": "昨天", "until": "2026-04-14", "code": "", "hash": "", "files": {}}},
    "没有行号的发现": {"findings": [{"sheet": "3月", "code": "E501"}]},
    "周期倒过来": {"cycle": {"start": "2026-12-31", "end": "2026-01-01"}},
    "没有行号的行": {
        "sheets": [{"sheet": "1月", "name": "1月", "heading_row": 1, "columns": {}, "rows": [{"cells": {}}]}]
    },
    "不成日期的单元格": {
        "sheets": [
            {
                "sheet": "1月",
                "name": "1月",
                "heading_row": 1,
                "columns": {"日期": 1},
                "rows": [{"row": 2, "cells": {"日期": {"date": "昨天"}}}],
            }
        ]
    },
    "列外的单元格": {
        "sheets": [
            {
                "sheet": "1月",
                "name": "1月",
                "heading_row": 1,
                "columns": {},
                "rows": [{"row": 2, "cells": {"日期": "x"}}],
            }
        ]
    },
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_right_hash_alone_makes_no_archive(wrong: dict[str, Any]) -> None:
    content = {**closed(book()).content, **wrong}
    assert from_text(to_text(Archive(content, digest(content)))) is None


def test_a_period_names_its_archive() -> None:
    cycle = Cycle(date(2026, 7, 1), date(2027, 6, 30))
    periods = (cycle.months[0].alone, cycle.quarters[0], cycle.halves[0], cycle.year)
    assert [stem_of(period) for period in periods] == ["2026-07", "2026Q3", "2026H2", "2027"]


@pytest.mark.parametrize("period", ["2026-02", "2026H1", "year"])
def test_every_kind_of_period_can_be_archived(period: str) -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    chosen = cycle.named(period)
    assert not isinstance(chosen, str)
    archived = from_text(to_text(closed(book(), chosen)))
    assert archived is not None
    assert (archived.period, archived.content["kind"]) == (chosen, chosen.kind)
    assert {score["period"] for score in archived.content["scores"]} == {period}
    assert {line["month"] for line in archived.content["lines"]} <= {str(month) for month in cycle.months_of(chosen)}


@pytest.fixture(scope="module")
def first_quarter() -> Archive:
    return closed(book())


def test_an_archive_gives_back_the_cells_the_lines_and_the_scores(first_quarter: Archive) -> None:
    again = xl_jifen.reckon(grids_of(first_quarter)).ledger
    before = xl_jifen.reckon(book()).ledger
    assert [score[1:] for score in again.of(Q1)] == [score[1:] for score in before.of(Q1)]
    lines = {(line["sheet"], line["row"], line["member"]): line["counted"] for line in first_quarter.content["lines"]}
    assert lines["1月", 4, "004"] == "3"
    assert lines["3月", 4, "002"] == "-2"
    assert first_quarter.content["scores"][0]["period"] == "2026Q1"


def test_every_type_of_cell_survives() -> None:
    values: list[Cell] = ["文字 ", "007", True, False, 3, -2, 2.5, 0.1, 1e21, date(2026, 1, 2), time(8, 30)]
    values += [datetime(2026, 1, 2, 8, 30), CellError("#DIV/0!"), None]
    grid = Grid("1月", [["日期", "姓名", "规则", "事由", "审核状态"], *([date(2026, 1, 5), value] for value in values)])
    base = book()
    grids = Grids(tuple(grid if sheet.name == "1月" else sheet for sheet in base))
    read_back = grids_of(closed(grids)).get("1月")
    assert read_back is not None
    assert [read_back.at(row, 2) for row in range(2, len(values) + 2)] == values
    assert [type(read_back.at(row, 2)) for row in range(2, len(values) + 2)] == [type(value) for value in values]


def test_the_same_workbook_gives_the_same_archive_and_anyone_can_prove_it(first_quarter: Archive) -> None:
    text = to_text(first_quarter)
    assert to_text(closed(book())) == text
    content = json.loads(text)["content"]
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(plain.encode()).hexdigest() == first_quarter.hash
    assert first_quarter.code == short(first_quarter.hash)
    assert "." not in "".join(part for part in text.split('"')[::2]), "no float outside quotes"


def test_an_archive_is_read_back_only_as_it_was_written(first_quarter: Archive) -> None:
    text = to_text(first_quarter)
    assert from_text(text) == first_quarter
    assert from_text("\ufeff" + text.replace("\n", "\r\n")) == first_quarter
    for start in range(0, len(text) - 1, 97):
        changed = "0" if text[start] != "0" else "1"
        assert from_text(text[:start] + changed + text[start + 1 :]) is None, text[start - 20 : start + 20]
    for broken in ("", "{}", "[]", "null", text[:-50], text.replace('"schema":2', '"schema":2.0'), "[" * 100_000):
        assert from_text(broken) is None
    for key in ("sheets", "published", "cycle", "period"):
        content = {**first_quarter.content, key: ["别的"]}
        assert from_text(to_text(Archive(content, digest(content)))) is None, "a hash alone makes no archive"


def test_only_a_quarter_of_the_cycle_can_be_archived() -> None:
    with pytest.raises(ValueError, match="cycle"):
        closed(book(), Period.of_quarter(2027, 1))
