"""Codes: how a SHA-256 is printed, read off paper, typed and compared; and of which facts 校验码 is."""

from __future__ import annotations

import hashlib
import random
from datetime import date

import pytest
from archives import BOOK, Q1, added, changed
from notation import parse

import xl_jifen
from xl_jifen.archive.code import SIGNS, is_old, old_short, printed, same, short, typed, whole
from xl_jifen.archive.facts import code_of, facts

DAY, UNTIL = date(2026, 4, 8), date(2026, 4, 14)
HASH = hashlib.sha256(b"x").hexdigest()


def test_a_code_is_the_first_125_bits_in_signs_that_look_like_no_other() -> None:
    code = short(HASH)
    assert [len(group) for group in code.split("-")] == [5] * 5
    assert not set("ILOU") & set(SIGNS)
    value = 0
    for sign in code.replace("-", ""):
        value = value * 32 + SIGNS.index(sign)
    assert value == int(HASH, 16) >> (256 - 125)
    assert short("0" * 64) == "-".join(["00000"] * 5)
    assert short("f" * 64) == "-".join(["ZZZZZ"] * 5)


@pytest.mark.parametrize(
    "spoil",
    [
        str.lower,
        lambda code: code.replace("-", " - "),
        lambda code: code.replace("-", "\u2013"),
        lambda code: f"　{code}　",
        lambda code: f"校验码：{code}（与公示表末尾所印相同，说明两份内容相同）",
        lambda code: f"完整归档值：{code}",
    ],
)
def test_a_code_is_known_however_it_is_typed(spoil) -> None:  # type: ignore[no-untyped-def]
    for text in (short(HASH), old_short(HASH), HASH):
        assert typed(spoil(text)) == text
        assert same(typed(spoil(text)), HASH)


def test_letters_that_no_code_has_are_taken_for_the_figures_they_look_like() -> None:
    code = "01AB1-00000-11111-0101Z-00000"
    assert typed("OIABl-ooooo-LLLLL-oIoLz-OOOOO") == code
    assert typed("一段话") == typed("ABC") == typed(short(HASH)[:-1]) == ""


def test_codes_are_found_in_a_text_and_only_whole_ones() -> None:
    code, old = short(HASH), old_short(HASH)
    assert list(printed(f"校验码：{code}（旧 {old}），完整 {HASH}")) == [code, old]
    assert list(printed(f"{code}-{code[:5]}")) == []
    assert (is_old(old), is_old(code)) == (True, False)
    assert (whole(f"完整校验值：{HASH}。"), whole("没有")) == (HASH, "")


def code(*changes: str) -> str:
    grids = parse("\n\n".join((BOOK, *changes))).grids
    return code_of(xl_jifen.reckon(grids).ledger, Q1, DAY, UNTIL)


PLAIN = code()
WITH_REASONS = changed("设置", "项目", "公示内容", "值", "积分及事由")


@pytest.mark.parametrize(
    "change",
    [
        changed("1月", "序号", "3", "数量", "4"),
        changed("1月", "序号", "1", "规则", "加2"),
        changed("设置", "项目", "异议电话", "值", "0539-1234567"),
        changed("设置", "项目", "落款单位", "值", "某支部"),
        changed("设置", "项目", "最高分", "值", "150"),
        changed("党员名册", "编号", "001", "姓名", "张三丰"),
        changed("积分规则", "规则编号", "加1", "封顶分值", "7"),
        changed("计分组", "组名", "合计", "封顶分值", "30"),
        changed("等次标准", "等次", "优秀", "最低积分", "120"),
    ],
)
def test_a_fact_that_differs_is_another_code(change: str) -> None:
    assert code(change) != PLAIN


@pytest.mark.parametrize(
    "change",
    [
        changed("1月", "序号", "1", "事由", "另一种说法"),
        changed("1月", "序号", "1", "佐证", "别的照片"),
        changed("党员名册", "编号", "001", "备注", "记一笔"),
        changed("设置", "项目", "名次方式", "值", "并列跳号"),
        changed("积分规则", "规则编号", "加9", "分值", "8"),
        added("4月", "日期 姓名 规则 事由 审核状态", "2026-04-09 张三 加1 后来 通过"),
        added("3月", "日期 姓名 规则 事由 审核状态", "2026-03-09 张三 加1 待审的 待审"),
    ],
)
def test_what_is_no_fact_of_the_notice_changes_no_code(change: str) -> None:
    assert code(change) == PLAIN


def test_what_is_posted_later_is_no_fact_however_early_its_day() -> None:
    """Late evidence raised while a notice hangs, under a rule nobody had used: it counts in April (scoring §2)."""
    always = changed("积分规则", "规则编号", "加9", "生效日期", "2026-01-01")
    late = added("4月", "日期 姓名 规则 事由 审核状态", "2026-03-20 张三 加9 补登 通过")
    posted = added("3月", "日期 姓名 规则 事由 审核状态", "2026-03-20 张三 加9 补登 通过")
    assert code(always, late) == code(always) == PLAIN
    assert code(always, posted) != PLAIN


def test_the_reasons_are_facts_where_the_notice_tells_them() -> None:
    assert code(WITH_REASONS) != code(WITH_REASONS, changed("1月", "序号", "1", "事由", "另一种说法"))


def test_the_days_of_the_notice_are_facts() -> None:
    ledger = xl_jifen.reckon(parse(BOOK).grids).ledger
    assert len({code_of(ledger, Q1, day, until) for day in (DAY, UNTIL) for until in (UNTIL, date(2026, 5, 1))}) == 4


def test_the_order_of_rows_is_no_fact() -> None:
    table, rest = BOOK.split("## 3月\n")
    head, *rows = table.split("## 1月\n")[1].strip().split("\n")
    random.Random(1).shuffle(rows)
    mixed = table.split("## 1月\n")[0] + "## 1月\n" + "\n".join([head, *rows]) + "\n\n## 3月\n" + rest
    ledger = xl_jifen.reckon(parse(mixed).grids).ledger
    assert (
        facts(ledger, Q1, DAY, UNTIL)["members"]
        == facts(xl_jifen.reckon(parse(BOOK).grids).ledger, Q1, DAY, UNTIL)["members"]
    )


def test_what_has_its_default_is_left_out() -> None:
    told = facts(xl_jifen.reckon(parse(BOOK).grids).ledger, Q1, DAY, UNTIL)
    assert set(told["settings"]) == {"支部名称", "计分周期开始", "计分周期结束"}
    assert {rule["规则编号"] for rule in told["rules"]} == {"基1", "加1", "加2", "减1", "否1"}
