"""The example branch's whole year at the command line: published, archived, objected to, corrected, carried on.

Its last mistakes are mended as a person would; the clock stands where each step says. A year of slips: test_year.

One module, however long: it is one story, told in order.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from secretary import Run, edit, run

from xl_jifen import layout
from xl_jifen.archive.code import printed
from xl_jifen.doors.cli import commands
from xl_jifen.excel.patch.value import Value
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter as verbs

pytestmark = pytest.mark.slow

NAME = "党员积分2026.xlsx"
AFTER = "2027-01-21"
QUARTERS = {"2026Q1": "一", "2026Q2": "二", "2026Q3": "三", "2026Q4": "四"}

MENDED: Mapping[str, Value] = {
    "10月!B14": date(2026, 10, 10),
    "10月!C18": "秦海涛",
    "10月!H20": "志愿服务时长证明",
    "10月!F23": 5,
    "11月!D22": "加1-3 其他急难险重任务",
    "11月!B24": date(2026, 11, 19),
    "11月!I28": "孙喆明",
    "12月!C13": "张伟(023)",
    "12月!E20": 3,
    "活动考勤!G46": "秦海涛",
    **{f"12月!{column}21": None for column in "ABCDHGJE"},
    **{f"12月!J{row}": layout.PASSED for row in range(23, 29)},
}
"""What the demo left wrong in the fourth quarter: put right, the row entered twice emptied, the open rows reviewed."""

RAISED: Mapping[str, Value] = {
    "异议处理!A6": date(2026, 7, 13),
    "异议处理!B6": "康瑞",
    "异议处理!C6": "2026Q2",
    "异议处理!D6": "4月30日本人经批准调班，不是脱岗",
    "异议处理!E6": "阿依古丽·买买提",
}
UPHELD: Mapping[str, Value] = {
    "异议处理!F6": "值班调整审批单属实",
    "异议处理!G6": layout.CORRECTED,
    "异议处理!H6": date(2026, 7, 16),
}
CORRECTION: Mapping[str, Value] = {
    "9月!A33": 30,
    "9月!B33": date(2026, 9, 25),
    "9月!C33": "康瑞",
    "9月!D33": "减3-4 违反工作纪律",
    "9月!E33": 1,
    "9月!G33": "冲回4月误登的值班脱岗",
    "9月!H33": "异议核查单",
    "9月!I33": "阿依古丽·买买提",
    "9月!J33": layout.PASSED,
    "9月!L33": "4月#25",
    "9月!M33": "异议更正",
}


def rows(file: Path, sheet: str | None = None) -> list[list[Any]]:
    """The cells of one sheet, formulas as their stored results."""
    book = openpyxl.load_workbook(file, data_only=True, read_only=True)
    found = [list(row) for row in book[sheet or book.sheetnames[0]].iter_rows(values_only=True)]
    book.close()
    return found


def table(cells: list[list[Any]], first: str) -> list[dict[str, Any]]:
    """The rows below the heading row that begins with ``first``, by heading (line breaks left out)."""
    start = next(number for number, row in enumerate(cells) if row[0] == first)
    heads = ["".join(str(head or "").split()) for head in cells[start]]
    return [dict(zip(heads, row, strict=True)) for row in cells[start + 1 :]]


def points(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def published(home: Path, quarter: str, suffix: str) -> Path:
    words = f"2026年第{QUARTERS[quarter]}季度"
    return home / "公示" / words / f"{words}党员积分公示表{suffix}"


def errors(home: Path) -> list[dict[str, str]]:
    """The error findings of the workbook, as ``check --json`` tells them."""
    done = run("check", home / NAME, "--json")
    found = [finding for finding in json.loads(done.out)["findings"] if finding["code"][0] == "E"]
    assert done.code == (1 if found else 0), done
    return found


class Year(NamedTuple):
    """The branch's folder when the year is over and archived, and what was said on the way."""

    home: Path
    said: Mapping[str, Run]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Four quarters, in the order of time. Tests that change something work on a copy."""
    home = tmp_path_factory.mktemp("year")
    book = home / NAME
    verbs.example(book)
    said = {"as it came": run("check", book)}
    edit(book, MENDED)
    said["mended"] = run("check", book)

    def publish(quarter: str, day: str) -> None:
        with pytest.MonkeyPatch.context() as patched:
            if quarter != "2026Q2":  # the one whose PDF is verified
                patched.setattr(typeset, "available", lambda: "本机没有排版组件。")
            said[f"publish {quarter}"] = run("publish", book, quarter, "--date", day, "--no-charts")

    def close(quarter: str, day: str, name: str = "") -> None:
        said[name or f"close {quarter}"] = run("close", book, quarter, "--date", day)

    publish("2026Q1", "2026-04-08")
    close("2026Q1", "2026-04-10", "close too early")
    close("2026Q1", "2026-04-20")
    publish("2026Q2", "2026-07-08")
    edit(book, RAISED)
    close("2026Q2", "2026-07-20", "close with an open objection")
    edit(book, UPHELD)
    close("2026Q2", "2026-07-20")
    edit(book, CORRECTION)
    publish("2026Q3", "2026-10-09")
    close("2026Q3", "2026-10-20")
    publish("2026Q4", "2027-01-08")
    close("2026Q4", "2027-01-20")
    said["recalc"] = run("recalc", book)
    return Year(home, said)


@pytest.fixture
def home(year: Year, tmp_path: Path) -> Path:
    """A copy of the year's folder that a test may spoil."""
    return Path(shutil.copytree(year.home, tmp_path / "支部"))


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Year-end sheets are of the day they are made: here after the last quarter was archived."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls.fromisoformat(f"{AFTER}T09:00:00")

    monkeypatch.setattr(commands, "datetime", Clock)


# ---- four quarters ----


def test_the_mistakes_mended_every_quarter_is_published_and_archived(year: Year) -> None:
    assert year.said["as it came"].code == 1
    assert "共 0 个错误" in year.said["mended"].out
    for quarter in QUARTERS:
        for step in ("publish", "close"):
            done = year.said[f"{step} {quarter}"]
            assert (done.code, done.err) == (0, ""), (quarter, step, done)
        kept = year.home / "归档" / quarter
        assert (kept / published(year.home, quarter, ".xlsx").name).is_file()
    assert (year.said["recalc"].code, errors(year.home)) == (0, [])
    assert "还有 1 行待审（9月!32）" in year.said["close 2026Q3"].out


def test_a_quarter_waits_for_its_period_and_for_the_objection(year: Year) -> None:
    early, objected = year.said["close too early"], year.said["close with an open objection"]
    assert (early.code, objected.code) == (2, 2)
    assert "公示期到2026年4月14日为止" in early.err
    assert "没有办结的异议（异议处理!6）" in objected.err
    again = run("close", year.home / NAME, "2026Q2", "--date", "2026-07-20")
    assert again.code == 2
    assert "已经归档" in again.err


# ---- the objection and its correction ----


def test_the_upheld_objection_is_missed_until_it_is_corrected(year: Year) -> None:
    assert "异议处理!6：异议处理结果是“更正”" in year.said["close 2026Q2"].out
    for later in ("publish 2026Q3", "close 2026Q3", "publish 2026Q4", "close 2026Q4"):
        assert "异议处理" not in year.said[later].out


def test_the_next_publicity_shows_the_correction_and_the_one_after_no_more(year: Year) -> None:
    remarks = {
        quarter: {
            row["姓名"]: str(row.get("备注", "")) for row in table(rows(published(year.home, quarter, ".xlsx")), "名次")
        }
        for quarter in QUARTERS
    }
    assert "更正" not in remarks["2026Q2"]["康瑞"]
    assert "更正第二季度积分，加1分" in remarks["2026Q3"]["康瑞"]
    assert [name for name, words in remarks["2026Q3"].items() if "更正" in words] == ["康瑞"]
    assert not any("更正" in words for words in remarks["2026Q4"].values())


def test_the_published_quarter_stays_and_the_next_one_is_a_point_better(year: Year) -> None:
    def deduction(quarter: str) -> Decimal:
        row = next(r for r in table(rows(published(year.home, quarter, ".xlsx")), "名次") if r["姓名"] == "康瑞")
        return points(row["减分"])

    now = {
        score["period"]: points(score["deduction"])
        for score in json.loads(run("score", year.home / NAME, "--json").out)["scores"]
        if score["name"] == "康瑞"
    }
    assert now["2026Q2"] == deduction("2026Q2") == Decimal("1.5")
    assert now["2026Q3"] == deduction("2026Q3") == 0, "absent once (−1), and the 1 point of April given back"


# ---- tampering ----


def test_a_changed_cell_is_named_with_both_values_until_it_is_restored(home: Path) -> None:
    book = home / NAME
    before = book.read_bytes()
    edit(book, {"5月!F18": 5})
    (found,) = errors(home)
    assert (found["code"], found["place"]) == ("E901", "5月!F18")
    assert "归档时是“2”，现在是“5”" in found["message"]
    refused = run("close", book, "2026Q4", "--date", AFTER)
    assert refused.code == 2
    done = run("verify", book)
    assert done.code == 1
    assert "5月!F18" in done.out
    edit(book, {"5月!F18": 2})
    assert errors(home) == []
    book.write_bytes(before)
    assert run("verify", book).code == 0


def test_an_erased_row_is_found(home: Path) -> None:
    edit(home / NAME, {f"3月!{column}14": None for column in "ABCDEFGHJ"})
    (found,) = errors(home)
    assert found["code"] == "E901"
    assert found["place"].startswith("3月!")
    assert "不见了" in found["message"]


@pytest.mark.parametrize("quarter", ["2026Q1", "2026Q3"])
def test_an_edited_or_deleted_archive_is_found_and_not_made_again(home: Path, quarter: str) -> None:
    path = home / "归档" / f"{quarter}.json"
    original = path.read_bytes()
    path.write_text(path.read_text("utf-8").replace("康瑞", "康端", 1), "utf-8")
    (found,) = errors(home)
    assert found["code"] == "E901"
    assert f"归档/{quarter}.json" in found["message"]
    assert "改动或损坏" in found["message"]
    assert run("verify", home / NAME).code == 1
    path.unlink()
    (found,) = errors(home)
    assert "不见了" in found["message"]
    assert run("close", home / NAME, quarter, "--date", AFTER).code == 1
    assert run("recalc", home / NAME).code == 1
    assert not path.exists()
    path.write_bytes(original)
    assert errors(home) == []


# ---- verifying ----


@pytest.mark.parametrize(("quarter", "suffix"), [*zip(QUARTERS, (".xlsx", ".pdf", ".html", ".txt"), strict=True)])
def test_every_published_file_is_recognised(year: Year, quarter: str, suffix: str) -> None:
    if suffix == ".pdf" and typeset.available():
        pytest.skip("no typst on this machine")
    done = run("verify", published(year.home, quarter, suffix))
    assert done.code == 0, done
    assert f"2026年第{QUARTERS[quarter]}季度归档时的那一份完全相同" in done.out
    assert "归档链条完整：2026年第一季度" in done.out
    assert f"“{NAME}”与归档一致" in done.out


def test_the_codes_and_the_workbook_agree(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(year.home)
    assert run("verify", NAME).code == 0
    for quarter in QUARTERS:
        shown = next(printed(published(year.home, quarter, ".txt").read_text("utf-8-sig")))
        archived = next(printed(year.said[f"close {quarter}"].out))
        for code in (shown, archived):
            done = run("verify", code)
            assert done.code == 0, done
            assert f"2026年第{QUARTERS[quarter]}季度" in done.out
    assert run("verify", "0000-0000-0000").code == 1


def test_a_forged_sheet_is_told_by_the_member(home: Path) -> None:
    sheet = published(home, "2026Q3", ".xlsx")
    book: Any = openpyxl.load_workbook(sheet)
    row = next(row for row in book.active.iter_rows() if row[1].value == "康瑞")
    row[5].value = 199
    book.save(sheet)
    done = run("verify", sheet)
    assert done.code == 1
    assert "（康瑞）：原件是“" in done.out


# ---- the year's end ----


class Sums(NamedTuple):
    """A member's year by 计分明细: bonuses and deductions as counted."""

    bonus: Decimal
    deduction: Decimal


@pytest.fixture(scope="module")
def added_up(year: Year) -> Mapping[str, Sums]:
    """计分明细 of the recalculated workbook, added up by 编号."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in table(rows(year.home / NAME, layout.LINES_SHEET), layout.LINES_HEADINGS[0]):
        sums[str(row["编号"]), str(row["类型"])] += points(row["计入分"])
    members = {member for member, _ in sums}
    return {m: Sums(sums[m, layout.BONUS], sums[m, layout.DEDUCTION]) for m in members}


@pytest.fixture(scope="module")
def scores(year: Year) -> Mapping[tuple[str, str], dict[str, Any]]:
    """What ``score --json`` says, by 编号 and period."""
    found = json.loads(run("score", year.home / NAME, "--json").out)["scores"]
    return {(score["member"], score["period"]): score for score in found}


def yearly(scores: Mapping[tuple[str, str], dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((member, score) for (member, period), score in scores.items() if period == "year")


def test_the_scores_are_what_the_lines_add_up_to(
    year: Year, tmp_path: Path, added_up: Mapping[str, Sums], scores: Mapping[tuple[str, str], dict[str, Any]]
) -> None:
    assert len(list(yearly(scores))) == 35
    for member, score in yearly(scores):
        assert (points(score["bonus"]), points(score["deduction"])) == added_up[member]
        total = points(score["base"]) + added_up[member].bonus - added_up[member].deduction
        ceiling = {"曹金龙": Decimal(60), "褚晓东": Decimal(80)}.get(score["name"], total)
        assert (points(score["score"]), score["vetoed"]) == (min(total, ceiling), ceiling < total), score
        assert scores[member, "2026Q4"]["score"] == score["score"], "年度累计"
    over = tmp_path / NAME
    over.write_bytes((year.home / NAME).read_bytes())
    verbs.recalculate(verbs.open_workbook(over), datetime(2027, 1, 15))
    found = table(rows(over, layout.LEDGER_SHEET), "序号")
    ledger = {row["编号"]: row for row in found if isinstance(row["序号"], int)}
    for (member, period), score in scores.items():
        column = "年度积分" if period == "year" else f"第{'一二三四'[int(period[-1]) - 1]}季度积分"
        assert points(ledger[member][column]) == points(score["score"]), (member, period)


@pytest.mark.usefixtures("after")
def test_every_statement_adds_up_to_the_last_digit(
    year: Year,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    added_up: Mapping[str, Sums],
    scores: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")  # the workbooks say the same, much sooner
    done = run("statement", year.home / NAME, "--out", tmp_path)
    assert (done.code, done.err) == (0, "")
    files = {file.stem.split()[0]: file for file in tmp_path.glob("*.xlsx")}
    assert len(files) == 37
    for member, file in files.items():
        told = table(rows(file), "序号")
        own = [row for row in told if isinstance(row["序号"], int)]
        sums = Sums(*(sum((points(row[kind]) for row in own), Decimal(0)) for kind in (layout.BONUS, layout.DEDUCTION)))
        assert sums == added_up[member], file.stem
        balance = next(points(row["结余"]) for row in told if row["规则"] == "基础分")
        for row in own:
            balance += points(row[layout.BONUS]) - points(row[layout.DEDUCTION])
            assert points(row["结余"]) == balance, (file.stem, row)
        last = next(row for row in told if row["规则"] == "全年合计")
        assert (points(last[layout.BONUS]), points(last[layout.DEDUCTION])) == sums
        if (member, "year") in scores:
            assert points(last["结余"]) == points(scores[member, "year"]["score"])
        for quarter, word in QUARTERS.items():
            subtotal = next((r for r in told if r["规则"] == f"2026年第{word}季度小计"), None)
            if subtotal and (score := scores.get((member, quarter))):
                figures = points(score["bonus"]), points(score["deduction"])
                assert (points(subtotal[layout.BONUS]), points(subtotal[layout.DEDUCTION])) == figures
                assert f"季度积分 {score['score']} 分" in subtotal["说明"]


@pytest.mark.usefixtures("after")
def test_one_members_statement_is_printed_and_says_the_correction(year: Year, tmp_path: Path) -> None:
    done = run("statement", year.home / NAME, "--member", "康瑞", "--out", tmp_path)
    assert done.code == 0
    suffixes = {file.suffix for file in tmp_path.iterdir()}
    assert suffixes == ({".xlsx"} if typeset.available() else {".xlsx", ".pdf"})
    told = table(rows(next(tmp_path.glob("*.xlsx"))), "序号")
    (row,) = [row for row in told if str(row["说明"]).startswith("更正")]
    assert points(row[layout.DEDUCTION]) == -1
    assert row["说明"] == "更正：冲回4月的一笔，原计 1 分"


@pytest.mark.usefixtures("after")
def test_the_meetings_sheets_hold_the_same_points(
    year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, added_up: Mapping[str, Sums]
) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")
    assert run("meeting", year.home / NAME, "--out", tmp_path).code == 0

    def sums(file: Path) -> Sums:
        by_kind: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in table(rows(file), "类型"):
            if isinstance(row["计入分"], int | float):
                by_kind[str(row["类型"])] += points(row["计入分"])
        return Sums(by_kind[layout.BONUS], -by_kind[layout.DEDUCTION])

    files = {file.stem.split()[0]: file for file in tmp_path.glob("* 组织生活会对照清单.xlsx")}
    assert len(files) == 35
    assert {member: sums(file) for member, file in files.items()} == {member: added_up[member] for member in files}
    everyone = sums(tmp_path / "支部概览.xlsx")
    assert everyone == Sums(*(sum(each) for each in zip(*(added_up[member] for member in files), strict=True)))


@pytest.mark.usefixtures("after")
def test_the_appraisal_table_holds_the_scores(
    year: Year, tmp_path: Path, scores: Mapping[tuple[str, str], dict[str, Any]]
) -> None:
    done = run("appraise", year.home / NAME, "--out", tmp_path)
    assert (done.code, done.err) == (0, "")
    cells = rows(tmp_path / "民主评议党员参考表.xlsx")
    assert not any("尚未结束" in str(cell) or "草稿" in str(cell) for row in cells for cell in row)
    told = {row["姓名"]: row for row in table(cells, "名次") if row["姓名"]}
    names = [score["name"] for _, score in yearly(scores)]
    for member, score in yearly(scores):
        row = told[score["name"] if names.count(score["name"]) == 1 else f"{score['name']}({member})"]
        shown = [points(row[column]) for column in ("加分", "减分", "积分")]
        assert shown == [points(score[key]) for key in ("bonus", "deduction", "score")]
        assert row["名次"] == (score["rank"] or "—")
        assert row["建议等次"] == (score["grade"] or "—")
        for quarter, word in QUARTERS.items():
            quarterly = scores.get((member, quarter))
            assert str(row[f"{word}季度"]) == (quarterly["score"] if quarterly else "—")
    if not typeset.available():
        assert (tmp_path / "民主评议党员参考表.pdf").read_bytes().startswith(b"%PDF")


# ---- the next year, and other rules ----


def test_the_next_year_opens_clean_beside_the_archives(home: Path) -> None:
    fresh = home / "党员积分2027.xlsx"
    assert run("next-year", home / NAME, fresh).code == 0
    done = run("check", fresh, "--json")
    found = json.loads(done.out)
    assert (done.code, [f for f in found["findings"] if f["level"] == "错误"]) == (0, [])
    assert found["cycle"] == {"start": "2027-01-01", "end": "2027-12-31"}
    assert run("check", home / NAME).code == 0


def test_the_same_rules_change_nothing_and_other_rules_name_who_moves(year: Year, tmp_path: Path) -> None:
    other = tmp_path / "另一套规则.xlsx"
    shutil.copy(year.home / NAME, other)
    same = run("compare", year.home / NAME, "--rules", other)
    assert same.code == 0
    assert "没有变化" in same.out
    sheet = rows(other, layout.RULES.name)
    heading = next(number for number, row in enumerate(sheet) if "规则编号" in str(row[0]))
    number = next(n for n, row in enumerate(sheet) if row[0] == "加3-1")
    column = next(n for n, cell in enumerate(sheet[heading]) if cell == "封顶分值")
    cell = f"{layout.RULES.name}!{openpyxl.utils.get_column_letter(column + 1)}{number + 1}"
    edit(other, {cell: 5})
    done = run("compare", year.home / NAME, "--rules", other, "--out", tmp_path / "比较.xlsx")
    assert done.code == 0
    (moved,) = [line for line in done.out.splitlines() if line.startswith("025\t秦海涛")]
    assert "-2" in moved.split("\t")
    assert "加3-1 见义勇为\t7\t5" in done.out
    assert (tmp_path / "比较.xlsx").is_file()
