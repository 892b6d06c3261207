"""A fresh workbook with another scheme: one of those shipped, or that of another branch."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from secretary import edit, rows_of
from yearend_books import small

from xl_jifen import layout
from xl_jifen.derive.scheme import scheme_of
from xl_jifen.excel.patch.value import Value
from xl_jifen.finding import CannotRead
from xl_jifen.grid import column_letters, heading_key
from xl_jifen.verbs import quarter

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_shipped_schemes_have_no_fault(tmp_path: Path) -> None:
    for name in ("", "示例", "80+20"):
        path = quarter.new(tmp_path / f"{name or '空'}.xlsx", branch="某支部", scheme=name)
        assert quarter.open_workbook(path).reckoning.findings == (), name


@pytest.mark.slow
def test_eighty_and_at_most_twenty(tmp_path: Path) -> None:
    """80 + 6 + 8 = 94 of 讲党课 and a commendation; with 见义勇为 (10) and another (8) it would be 112, and is 100."""
    path = quarter.new(tmp_path / "支部.xlsx", branch="某支部", year=2026, scheme="80+20")
    typed: dict[str, Value] = {}
    for row, cells in enumerate((("001", "甲", "正式党员", None, None, "书记"), ("002", "乙", "正式党员")), 4):
        typed |= {f"党员名册!{letter}{row}": cell for letter, cell in zip("ABCDEF", cells, strict=False)}
    heads = {heading_key(str(cell)): column_letters(at) for at, cell in enumerate(rows_of(path, "1月")[2], 1)}
    entries = (
        ("乙", "加2-1", None, "讲党课"),
        ("乙", "加5-1", None, "省级表彰"),
        ("甲", "加3-1", 10, "救人"),
        ("甲", "加5-1", None, "省级表彰"),
        ("甲", "加5-2", None, "市级表彰"),
    )
    for row, (who, rule, claimed, why) in enumerate(entries, 4):
        given = {
            layout.DAY: "2026-01-05",
            layout.NAME: who,
            layout.RULE: rule,
            layout.CLAIMED: claimed,
            layout.REASON: why,
            layout.EVIDENCE: "证书",
            layout.STATUS: layout.PASSED,
            layout.MATTER: why,
        }
        typed |= {f"1月!{heads[heading]}{row}": cell for heading, cell in given.items()}
    edit(path, typed)
    reckoning = quarter.open_workbook(path).reckoning
    assert [f for f in reckoning.findings if f.code[0] == "E"] == []
    year = {score.member.name: score.score for score in reckoning.ledger.year}
    assert year == {"甲": 10_000, "乙": 9_100}


@pytest.mark.slow
def test_rules_of_another_workbook(tmp_path: Path) -> None:
    other = quarter.new(tmp_path / "局机关.xlsx", branch="局机关支部", year=2025, scheme="80+20")
    edit(other, {"积分规则!G4": 21})
    path = quarter.new(tmp_path / "新.xlsx", branch="新支部", year=2026, scheme=str(other))
    opened, given = quarter.open_workbook(path), quarter.open_workbook(other)
    settings = opened.reckoning.register.settings
    assert (settings.branch, settings.ceiling) == ("新支部", 10_000)
    assert settings.cycle
    assert settings.cycle.start.year == 2026
    told = [
        [(r.code, r.points, [group.name for group in r.groups]) for r in each.reckoning.register.rules]
        for each in (opened, given)
    ]
    assert told[0] == told[1]
    assert told[0][0][1] == 2_100


@pytest.mark.parametrize(("name", "said"), [("没有这个", "随附的有：示例、80\\+20"), ("没有.xlsx", "没有.xlsx")])
def test_an_unknown_scheme_is_told_what_there_is(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=said):
        quarter.new(tmp_path / "新.xlsx", scheme=str(tmp_path / name) if "." in name else name)
    assert list(tmp_path.iterdir()) == []


def test_each_rule_of_the_second_scheme_is_one_of_the_first() -> None:
    """The same 36 rules: only bases and the sum of bonuses differ, so that branches can be compared."""
    import csv

    tables = []
    for folder in ("", "80+20"):
        with (ROOT / "workbook" / "scheme" / folder / "rules.csv").open(encoding="utf-8", newline="") as file:
            tables.append({row["规则编号"]: row for row in csv.DictReader(file)})
    assert list(tables[0]) == list(tables[1])
    base = [Fraction(row["分值"]) for row in tables[1].values() if row["类型"] == layout.BASE]
    assert sum(base) == 80
    bonuses = [row for row in tables[1].values() if row["类型"] == layout.BONUS]
    assert all(row["计分组"].split(";")[-1] == "加分合计封顶" for row in bonuses)


def test_what_makes_figures_and_how_notices_look_is_the_schemes_and_who_the_branch_is_is_not() -> None:
    chosen = {
        "最高分": "120",
        "优秀比例上限": "1/3",
        "公示排序": "按姓名",
        "公示周期": "半年",
        "公示期天数": "7",
        "公示期类型": "自然日",
        "公示内容": "积分及事由",
        "公示栏目": "姓名;积分",
    }
    own = {"落款单位": "某支部", "异议联系人": "王芳", "异议电话": "123", "规则通过日期": "2026-01-06"}
    rows = "\n".join(f"| {key} | {value} |" for key, value in {**chosen, **own}.items())
    grids, _ = small(f"## 设置（更改）\n| 项目 | 值 |\n{rows}")
    settings, texts = scheme_of(grids)
    assert {key: value for key, value in settings.items() if value} == chosen
    assert not {"支部名称", "计分周期开始", "计分周期结束", *own} & set(settings)
    assert texts["积分规则"].splitlines()[1].startswith("基1,基础分,")
