"""What the next cycle's roster says: the facts in force, what may still be exchanged, and points carried two ways."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from closed_year import NAME, write
from notation import parse
from yearend_books import small

from xl_jifen import reckon
from xl_jifen.derive.next_year import NextYear, next_year
from xl_jifen.doors.cli.cli import main

CHANGES = """## 人员变动
| 编号 | 项目       | 生效日期   | 新值     |
| 004  | 党员类别   | 2026-08-15 | 正式党员 |
| 002  | 党内职务   | 2026-06-01 |          |
| 003  | 党内职务   | 2026-06-01 | 组织委员 |
| 003  | 是否计分   | 2026-07-01 | 否       |
| 003  | 个人基础分 | 2026-07-01 | 80.5     |
"""


def carried(*changes: str, share: Fraction | None = None, as_base: bool = False) -> NextYear:
    grids, reckoning = small(*changes)
    return next_year(grids, reckoning.ledger, share, as_base=as_base)


def roster(made: NextYear) -> dict[str, dict[str, str]]:
    return {row["姓名"]: row for row in csv.DictReader(made.texts["党员名册"].splitlines())}


def test_the_facts_in_force_are_carried_and_their_days_stay_behind() -> None:
    made = carried(CHANGES)
    rows = roster(made)
    assert (rows["赵六"]["党员类别"], rows["李四"]["党内职务"]) == ("正式党员", "")
    wang = rows["王五"]
    assert (wang["党内职务"], wang["是否计分"], wang["个人基础分"]) == ("组织委员", "否", "80.5")
    assert rows["张三"]["党内职务"] == "书记"
    assert "人员变动" not in made.texts
    assert "4 名党员按“人员变动”中2026-12-31有效的情况写入名册。" not in made.notes
    assert "3 名党员按“人员变动”中2026-12-31有效的情况写入名册。" in made.notes


def test_days_off_of_the_years_ahead_are_carried() -> None:
    made = carried("## 节假日\n| 日期 | 安排 |\n| 2026-10-10 | 上班 |\n| 2027-01-01 | 放假 |\n| 2027-01-03 | 上班 |")
    rows = [*csv.reader(made.texts["节假日"].splitlines())]
    assert rows == [["日期", "安排"], ["2027-01-01", "放假"], ["2027-01-03", "上班"]]


def test_what_may_still_be_exchanged_is_carried_where_anything_was() -> None:
    earned = "## 1月（追加）\n| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-01-10 | 张三 | 加1 | 党课 | 通过 |"
    before = "## 党员名册（更改）\n| 编号 | 上期结余 |\n| 001 | 10 |\n| 002 | 3 |"
    taken = (
        "## 积分兑换\n| 日期 | 姓名 | 分值 | 物品 |\n"
        "| 2026-02-10 | 张三 | 4.5 | 毛巾 |\n| 2026-02-10 | 李四 | 3 | 毛巾 |"
    )
    made = carried(earned, before, taken)
    assert {name: row["上期结余"] for name, row in roster(made).items()} == {
        "张三": "7.5", "李四": "", "王五": "", "赵六": "",
    }  # fmt: skip
    assert any("“上期结余”已写入" in note and "1 名党员有结余" in note for note in made.notes)
    made = carried(earned, before)
    assert (roster(made)["张三"]["上期结余"], made.notes[1:]) == ("10", ())


def test_requirements_are_carried() -> None:
    sheet = "## 组织生活要求\n| 活动类型 | 周期 | 次数 |\n| 主题党日 | 月 | 1 |"
    assert carried(sheet).texts["组织生活要求"].split()[1:] == ["主题党日,月,1,,,"]


BASE = "## 积分规则（更改）\n| 规则编号 | 分值 |\n| 基1 | 20 |"
EARNED = (
    "## 1月（追加）\n| 日期 | 姓名 | 规则 | 数量 | 事由 | 审核状态 |\n| 2026-01-10 | 张三 | 加2 | 72 | 植树 | 通过 |"
)


@pytest.mark.parametrize(
    ("as_base", "base", "remark", "example"),
    [
        (
            True,
            "18.4",
            "个人基础分为2026年度结转18.4分",
            "例如 张三：2026年度积分 92 分，它的 20% 是 18.4 分，就是下一周期的基础分，下一周期从 18.4 分起。",
        ),
        (
            False,
            "38.4",
            "个人基础分含2026年度结转18.4分",
            "例如 张三：2026年度积分 92 分，它的 20% 是 18.4 分，加在基础分 20 分上，下一周期从 38.4 分起。",
        ),
    ],
)
def test_points_are_the_next_base_or_come_on_top_of_it(as_base: bool, base: str, remark: str, example: str) -> None:
    made = carried(BASE, EARNED, share=Fraction(1, 5), as_base=as_base)
    row = roster(made)["张三"]
    assert (row["个人基础分"], row["备注"], made.example) == (base, remark, example)


@pytest.mark.parametrize("as_base", [True, False])
def test_what_was_carried_serves_one_year(as_base: bool) -> None:
    base, word = ("18.4", "为") if as_base else ("38.4", "含")
    own = f"## 党员名册（更改）\n| 编号 | 个人基础分 | 备注 |\n| 001 | {base} | 个人基础分{word}2025年度结转18.4分 |"
    row = roster(carried(BASE, own))["张三"]
    assert (row["个人基础分"], row["备注"]) == ("", "")


@pytest.mark.parametrize(("since", "base"), [("", ""), ("90", "90")])
def test_what_was_carried_is_not_taken_from_a_base_set_since(since: str, base: str) -> None:
    """The remark goes all the same: left there, it would be taken out of the next one."""
    own = "## 党员名册（更改）\n| 编号 | 个人基础分 | 备注 |\n| 001 | 105 | 老党员；个人基础分含2025年度结转5分 |"
    then = f"## 人员变动\n| 编号 | 项目 | 生效日期 | 新值 |\n| 001 | 个人基础分 | 2026-07-01 | {since} |"
    row = roster(carried(own, then))["张三"]
    assert (row["个人基础分"], row["备注"]) == (base, "老党员")


@pytest.mark.slow
def test_one_members_figures_are_printed_before_the_book_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(tmp_path)]) == 0
    capsys.readouterr()
    book, new = tmp_path / "党员积分示例.xlsx", tmp_path / "2027.xlsx"
    assert main(["next-year", str(book), str(new), "--carry", "20%", "--carry-as", "作为基础分"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("例如 ")
    assert "就是下一周期的基础分" in out.splitlines()[0]
    assert new.is_file()


def test_points_as_the_base_need_a_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "2027.xlsx"
    assert main(["next-year", "某.xlsx", str(new), "--carry-as", "作为基础分"]) == 2
    assert "结转比例" in capsys.readouterr().err
    assert not new.exists()


def test_the_next_year_reckons_from_the_facts_carried() -> None:
    rows = roster(carried(CHANGES))
    text = (
        "下一年。\n套用 基本\n## 设置（更改）\n| 项目 | 值 |\n"
        "| 计分周期开始 | 2027-01-01 |\n| 计分周期结束 | 2027-12-31 |"
    )
    listed = "\n".join(f"| {r['编号']} | {r['姓名']} | {r['党员类别']} | {r['是否计分']} |" for r in rows.values())
    grids = parse(f"{text}\n## 党员名册\n| 编号 | 姓名 | 党员类别 | 是否计分 |\n{listed}\n").grids
    members = reckon(grids).register.members
    assert [member.on(date(2027, 1, 1)).kind for member in members] == ["正式党员"] * 4


@pytest.mark.parametrize(("start", "end", "both"), [
    ("2025-09-01", "2026-08-31", "2026年第三季度"), ("2026-01-01", "2026-12-31", ""),
    ("2025-07-01", "2026-06-30", ""), ("2026-05-01", "2026-07-31", "2026年第三季度"),
])  # fmt: skip
def test_two_cycles_that_share_a_name_are_told_to_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: str, end: str, both: str
) -> None:
    write(tmp_path, f"## 设置（更改）\n| 项目 | 值 |\n| 计分周期开始 | {start} |\n| 计分周期结束 | {end} |")
    told = f"前后两个计分周期都有{both}，公示和归档的名称相同；新工作簿请移到单独的文件夹，再公示、归档。"
    assert main(["next-year", str(tmp_path / NAME), str(tmp_path / "新.xlsx")]) == 0
    out = capsys.readouterr().out
    assert (told in out) == bool(both) == ("前后两个计分周期都有" in out)
    (tmp_path / "新").mkdir()
    assert main(["next-year", str(tmp_path / NAME), str(tmp_path / "新" / "新.xlsx")]) == 0
    assert "前后两个计分周期都有" not in capsys.readouterr().out
