"""What is said to whoever publishes a period: what is missing, waits or is doubtful, and what to do next."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from notation import SETTLED, parse

from xl_jifen import reckon
from xl_jifen.disk import assets
from xl_jifen.excel.fill.master import filled
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.period import Period
from xl_jifen.render import typeset
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.publish import publish

TOLD = f"一个小支部。\n套用 基本\n{SETTLED}"
ROW = "| 日期 | 姓名 | 规则 | 事由 | 审核状态 |\n| 2026-02-06 | 张三 | 加2 | 服务 | 通过 |"
FEBRUARY = f"## 2月\n{ROW}"
AGAIN = "\n| 2026-02-06 | 张三 | 加2 | 另一次 | 通过 |"
MEETING = "\n## 活动考勤\n| 日期 | 活动类型 | 活动名称 | 参加 |\n| 2026-04-05 | 支部大会 | 大会 | 全体 |"


@pytest.fixture(autouse=True)
def _without_typesetting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "available", lambda: "本机没有排版组件。")


def said(home: Path, text: str, period: str = "2026Q1", day: date = date(2026, 4, 1)) -> tuple[str, ...]:
    """The sentences of a publication, but for that of the missing typesetter."""
    reckoning = reckon(parse(text).grids)
    named = reckoning.register.settings.cycle
    assert named
    meant = named.named(period)
    assert isinstance(meant, Period)
    book = verbs.Looked(home / "党员积分.xlsx", reckoning)
    done = publish(book, meant, datetime(day.year, day.month, day.day, 9))
    return tuple(sentence for sentence in done.sentences if "排版" not in sentence)


@pytest.mark.slow
def test_who_publishes_the_same_again_replaces_nothing_and_another_day_is_another_notice(tmp_path: Path) -> None:
    assert said(tmp_path, TOLD + FEBRUARY) == said(tmp_path, TOLD + FEBRUARY) == (NEXT,)
    told, _ = said(tmp_path, TOLD + FEBRUARY, day=date(2026, 4, 2))
    assert told.startswith("这一份换下了2026年4月1日公示的那一份（校验码 ")


@pytest.mark.slow
def test_where_nothing_can_be_written_the_notice_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> Path:
        raise CannotWrite("磁盘空间不足。")

    said(tmp_path, TOLD + FEBRUARY)
    files = {file: file.read_bytes() for file in tmp_path.glob("公示/*/*")}
    monkeypatch.setattr("xl_jifen.verbs.publish.put", full)
    with pytest.raises(CannotWrite, match="磁盘空间不足"):
        said(tmp_path, TOLD + FEBRUARY, day=date(2026, 4, 2))
    assert {file: file.read_bytes() for file in tmp_path.glob("公示/*/*") if file.is_file()} == files


NEXT = (
    "公示期：2026年4月1日至4月8日（5个工作日）。下一步：打印电子表格（整个工作簿）张贴，把文字稿转发到党员群；"
    "4月9日起归档（xl-jifen close 工作簿 2026Q1）。"
)


def test_where_nothing_is_missing_only_the_next_step_is_said(tmp_path: Path) -> None:
    assert said(tmp_path, TOLD + FEBRUARY) == (NEXT,)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TOLD, "2026年第一季度没有一笔登记，各人的积分都没有变动；请核对是否漏登。"),
        (TOLD + FEBRUARY.replace("通过", "待审"), "还有 1 行待审（2月!2），公示表上没有；审核以后请重新生成。"),
        (TOLD + FEBRUARY + AGAIN, "有 1 处请再看一看（2月!C3 W601）；先核对，再张贴。"),
        (
            TOLD + FEBRUARY + MEETING.replace("04", "03"),
            "有 1 处请再看一看（活动考勤!B2 I006）；先核对，再张贴。",
        ),
        (f"{TOLD}{FEBRUARY}\n## 2月 (2)\n{ROW}", "有 1 处请再看一看（2月 (2)!A1 W811）；先核对，再张贴。"),
        (f"{TOLD}{FEBRUARY}\n## 活动考勤_2\n{ROW}", "有 1 处请再看一看（活动考勤_2!A1 W811）；先核对，再张贴。"),
        (
            TOLD.replace("| 0000-0000  |", "|            |").replace("| 一楼       |", "|            |") + FEBRUARY,
            "“设置”中没有填异议电话、异议地址，党员不知道向谁反映；请补填后重新生成。",
        ),
        (
            TOLD.replace("2026-01-05", "          ") + FEBRUARY,
            "“设置”中的规则通过日期还没有填；积分规则请经支部党员大会讨论通过，再填通过的日期。",
        ),
    ],
)
def test_what_a_secretary_must_know_is_said_before_the_next_step(text: str, sentence: str, tmp_path: Path) -> None:
    assert said(tmp_path, text) == (sentence, NEXT)


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"## 4月\n{ROW.replace('2026-02', '2026-04')}{AGAIN.replace('2026-02', '2026-04')}",
        f"## 4月\n{ROW.replace('2026-02', '2026-04').replace('通过', '待审')}",
        f"## 4月 (2)\n{ROW}",
        MEETING,
    ],
)
def test_what_concerns_another_period_is_not_said(elsewhere: str, tmp_path: Path) -> None:
    assert said(tmp_path, f"{TOLD}{FEBRUARY}\n{elsewhere}") == (NEXT,)


@pytest.mark.parametrize(
    ("kind", "period", "first", "then"),
    [
        ("月", "2026-02", "公示期：2026年4月1日", "4月9日起归档（xl-jifen close 工作簿 2026-02）"),
        ("半年", "2026H1", "公示期：2026年7月1日", "7月8日起归档（xl-jifen close 工作簿 2026H1）"),
        ("年", "year", "公示期：2027年1月4日", "1月9日起归档（xl-jifen close 工作簿 year）"),
    ],
)
def test_the_next_step_is_that_of_whatever_is_published(
    kind: str, period: str, first: str, then: str, tmp_path: Path
) -> None:
    days = {"月": date(2026, 4, 1), "半年": date(2026, 7, 1), "年": date(2027, 1, 4)}
    *notes, last = said(tmp_path, f"{TOLD}| 公示周期 | {kind} |\n{FEBRUARY}", period, days[kind])
    assert last.startswith(first)
    assert then in last
    assert not [note for note in notes if "节假日" not in note]


def test_a_kind_that_the_branch_does_not_archive_is_said_to_be_none(tmp_path: Path) -> None:
    notes = said(tmp_path, TOLD + FEBRUARY, "2026-02")
    assert "“设置”中的公示周期是“季”，2026年2月公示以后不能归档。" in notes
    assert "归档（" not in notes[-1]


@pytest.mark.slow
def test_figures_that_are_all_the_shipped_ones_are_said_to_be_undecided(tmp_path: Path) -> None:
    """The master as it is shipped, with two members; and with one figure of the branch's own."""
    roster = "编号,姓名,党员类别\n001,张三,正式党员\n002,李四,正式党员\n"
    data = filled(assets.asset("workbook/党员积分.xlsx"), "x.xlsx", {"支部名称": "第一党支部"}, {"党员名册": roster})
    grids = read_grids(Package.of(data, "x.xlsx"))
    words = "各条分值也都还是示例的分值"
    for own in (False, True):
        reckoning = reckon(grids)
        if own:
            first, *rest = reckoning.register.rules
            changed = first._replace(points=first.points + 100)
            reckoning = reckoning._replace(register=reckoning.register._replace(rules=(changed, *rest)))
        period = verbs.period_of(reckoning, "第一季度")
        day = datetime(period.year, 4, 1, 9)
        done = publish(verbs.Looked(tmp_path / "党员积分.xlsx", reckoning), period, day)
        assert any(words in sentence for sentence in done.sentences) != own


def test_while_nothing_is_over_who_publishes_is_told_of_drafts_and_who_closes_of_the_order() -> None:
    reckoning = reckon(parse(TOLD).grids)
    for closing in (False, True):
        with pytest.raises(CannotRead) as told:
            verbs.period_meant(reckoning, None, date(2026, 3, 31), closing=closing)
        assert "2026年第一季度到2026年3月31日才结束" in str(told.value)
        assert ("--draft" in str(told.value), "公示期满再归档" in str(told.value)) == (not closing, closing)
