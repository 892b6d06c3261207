"""The nearest name (“是不是…？”): the one clearly nearer than all others, else none; bounded in time."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import time
from datetime import date
from pathlib import Path

import pytest
from notation import parse

from xl_jifen import layout, reckon
from xl_jifen.disk import assets
from xl_jifen.doors.cli import cli
from xl_jifen.doors.cli.cli import main
from xl_jifen.grid import Nearest
from xl_jifen.period import Cycle
from xl_jifen.publish.notice import notice

PEOPLE = ("张三", "李四", "王五", "秦海涛", "阿依古丽·买买提", "扎西顿珠", "欧阳建国", "欧阳建军")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张山", "张三"),
        ("秦海滔", "秦海涛"),
        ("秦涛海", "秦海涛"),
        ("阿依古丽买买提", "阿依古丽·买买提"),
        ("扎西顿珠同志", "扎西顿珠"),
        ("赵三", ""),  # another family name is another person
        ("欧阳建", ""),  # two are as near
        ("钱学森", ""),
        ("张", ""),
        ("", ""),
    ],
)
def test_a_name_is_asked_for_only_where_one_is_clearly_meant(written: str, meant: str) -> None:
    assert Nearest({name: name for name in PEOPLE}).to(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("主动讲党课", "加2-1 讲党课"),
        ("加2-3作辅导报告", "加2-2 作辅导报告"),
        ("加2-9", ""),
        ("讲党可", "加2-1 讲党课"),
    ],
)
def test_a_rule_is_meant_by_code_or_words(written: str, meant: str) -> None:
    rules = {"加2-1": "讲党课", "加2-2": "作辅导报告", "减1": "缺席"}
    names = {code: f"{code} {item}" for code, item in rules.items()}
    names |= {item: f"{code} {item}" for code, item in rules.items()}
    assert Nearest(names).to(written) == meant


@pytest.mark.slow
def test_thousands_of_unknown_names_take_no_time() -> None:
    nearest = Nearest({f"张{number:04d}": "x" for number in range(1000)})
    began = time.process_time()
    for number in range(10_000):
        nearest.to(f"李{number:05d}")
    assert time.process_time() - began < 3
    assert nearest.to("张0001x") == ""


def test_a_period_that_is_none_asks_for_the_nearest() -> None:
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    assert "是不是“2026年第三季度”？" in str(cycle.named("2025Q3"))
    assert "是不是“2026年9月”？" in str(cycle.named("202609"))
    for text in ("随便", "2025"):
        assert "是不是" not in str(cycle.named(text))


def test_the_days_in_the_workbook_serve_for_years_the_calendar_lacks() -> None:
    """workbook.md 节假日: 2099-10-01 is a Thursday; 放假 to the 8th, 上班 on Saturday the 10th."""
    off = [(date(2099, 10, day), layout.DAY_OFF) for day in range(1, 9)]
    days = [*off, (date(2099, 10, 10), layout.DAY_AT_WORK)]
    told = notice(date(2099, 10, 1), 3, layout.WORKING_DAYS, days)
    assert (told.first, told.last, told.caveat) == (date(2099, 10, 9), date(2099, 10, 12), "")
    assert "“节假日”" in notice(date(2099, 10, 1), 3, layout.WORKING_DAYS).caveat
    known = notice(date(2026, 10, 9), 3, layout.WORKING_DAYS)
    closed = [(date(2026, 10, 9), layout.DAY_OFF)]
    assert notice(date(2026, 10, 9), 3, layout.WORKING_DAYS, closed) == known, "only for years it lacks"


SLIPS = """有几处写得差一点
套用 基本
## 1月
| 日期 | 姓名 | 规则 | 事由 | 审核状态 |
| 2026-01-10 | 张山 | 加1 | 讲课 | 通过 |
| 2026-01-11 | 张三 | 志愿服务一次 | 服务 | 通过 |
## 活动考勤
| 日期 | 活动类型 | 活动名称 | 参加 |
| 2026-02-10 | 支部大会 | 一季度大会 | 张三、李斯 |
| 2026-04-10 | 党课 | 二季度党课 | 张三 |
## 考勤计分
| 活动类型 | 到会情况 | 规则编号 |
| 支部党员大会 | 参加 | 加1 |
## 组织生活要求
| 活动类型 | 周期 | 次数 |
| 支部党员大会 | 季 | 1 |
| 党克 | 季 | 1 |
| 主题党日 | 季 | 1 |
## 积分规则（追加）
| 规则编号 | 类型 | 大项 | 小项 | 分值 | 计分组 |
| 加9 | 加分 | 党建 | 读书 | 1 | 党建合记 |
## 计分组
| 组名 | 方式 | 周期 | 封顶分值 |
| 党建合计 | 封顶 | 年 | 10 |
| 其他 | 封顶 | 年 | 10 |
"""


def test_every_unknown_name_in_a_workbook_asks_for_the_nearest() -> None:
    findings = reckon(parse(SLIPS).grids).findings
    told = {(f.code, f.place.sheet): f.remedy.partition("？")[0] for f in findings if "是不是" in f.remedy}
    assert told["E201", "1月"] == "是不是“张三”"
    assert told["E301", "1月"].startswith("是不是“加2")
    assert told["E201", "活动考勤"] == "是不是“李四”"
    assert told["I006", "活动考勤"] == "是不是“支部党员大会”"
    assert told["E805", "积分规则"] == "是不是“党建合计”"
    assert told["W801", "组织生活要求"] == "是不是“党课”"
    assert ["是不是" in f.remedy for f in findings if f.code == "W801"] == [False, True, False]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "党员积分.xlsx").write_bytes(assets.asset("workbook/党员积分.xlsx"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["chekc", "党员积分.xlsx"], "是不是 check？"),
        (["校验", "党员积分.xlsx"], "是不是 check？"),
        (["重新计算", "党员积分.xlsx"], "是不是 recalc？"),
        (["核验归档"], "是不是 verify？"),
        (["新建下一周期"], "是不是 next-year？"),
        (["check", "--jsn"], "没有“--jsn”这个选项，是不是 --json？用法："),
        (["score", "党员积分.xlsx", "第三季度"], "写成 --period 第三季度"),
        (["statement", "党员积分.xlsx", "9月"], "写成 --period 9月"),
        (["check", "党员积分.xlsx", "9月"], "多写了“9月”（名称里有空格的"),
        (["党员积分.xlsx"], "是不是 check 党员积分.xlsx？"),
        (["verify", "党员积分"], "是不是“党员积分.xlsx”？"),
        (["verify", "党员记分.xlsx"], "是不是“党员积分.xlsx”？"),
        (["rollup", "党员积分", "--out", "汇总.xlsx"], "是不是“党员积分.xlsx”？"),
        (["desk", "党员积分", "--no-browser"], "是不是“党员积分.xlsx”？"),
        (["check", "党员积分"], "是不是“党员积分.xlsx”？"),
        (["check", "党员记分.xlsx"], "是不是“党员积分.xlsx”？"),
    ],
)
def test_a_command_or_file_that_is_none_asks_for_the_nearest(
    call: list[str], words: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(call)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    assert code == 2
    assert capsys.readouterr().err.count(words) == 1


@pytest.mark.slow
@pytest.mark.parametrize("call", [["check"], ["check", "--json"], ["publish", "第一季度", "--draft"], ["publish"]])
def test_the_only_workbook_of_a_folder_may_be_left_out(
    call: list[str], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(call)
    assert "用的是这个文件夹里的 党员积分.xlsx。" in capsys.readouterr().err
    shutil.copy("党员积分.xlsx", "另一本.xlsx")
    with pytest.raises(SystemExit):
        main(["check"])
    assert "缺少 文件" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "left_out"),
    [
        (["verify"], True),
        (["import", "签到.csv", "--activity", "党日", "--date", "2026-03-05"], True),
        (["import", "没有.csv"], False),
        (["import", "党员积分.xlsx", "签到.csv", "--activity", "党日", "--date", "2026-03-05"], False),
        (["next-year", "党员积分2027.xlsx"], True),
        (["next-year", "党员积分.xlsx"], False),
        (["next-year"], False),
        (["import"], False),
        (["verify", "ABCDE-FGHJK"], False),
    ],
)
def test_it_may_be_left_out_before_what_can_only_stand_behind_it(
    call: list[str], left_out: bool, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "签到.csv").write_text("姓名\n张三\n", "utf-8")
    with contextlib.suppress(SystemExit):
        main(call)
    assert ("用的是这个文件夹里的 党员积分.xlsx。" in capsys.readouterr().err) == left_out


@pytest.mark.parametrize("call", [["score", "--json"], ["score", "--period", "3月"], ["statement", "--member=张三"]])
def test_a_workbook_behind_the_options_is_the_one_meant(
    call: list[str], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*call, "没有这本.xlsx"])
    assert "没有写文件" not in (told := capsys.readouterr().err)
    assert "没有这本.xlsx" in told


def test_every_option_without_a_value_is_known_as_one() -> None:
    from readme_parts import parsers

    found = {
        option
        for parser in parsers().values()
        for action in parser._actions
        if action.nargs == 0 and not isinstance(action, argparse._HelpAction)
        for option in action.option_strings
    }
    assert found - {"--live"} <= cli.SWITCHES, "the file behind it would be taken for its value"
