"""The text for a group of members: what is announced, until when, how to object, and nobody's points."""

from __future__ import annotations

from dataclasses import replace

from made_page import WORDS, made_page, name_of

from xl_jifen.render.message import message


def test_the_message_says_what_until_when_and_how_to_object() -> None:
    text = message(made_page(38))
    for word in ("标题", "支部", "说明段", "公示期", "异议", "结语", "落款", "日期", "校验码"):
        assert WORDS[word] in text
    assert not {"原图", ".xlsx", "随附"} & {word for word in ("原图", ".xlsx", "随附") if word in text}
    assert text == message(made_page(38))


def test_the_message_carries_nobodys_points() -> None:
    text = message(made_page(38))
    assert not any(name_of(number) in text for number in range(38))
    assert "100.5" not in text


def test_a_draft_message_says_so_first() -> None:
    assert message(made_page(3, draft=True)).startswith("【草稿")
    assert "草稿" not in message(made_page(3))


def test_what_the_code_is_for_is_said_where_there_is_a_whole_one() -> None:
    page = made_page(3)
    assert "校验码：3F9A-07C2-B1D4\n" in message(page)
    sealed = message(replace(page, words={**page.words, "完整校验码": "ab" * 32}))
    assert "校验码：3F9A-07C2-B1D4（与公示表末尾所印相同，说明两份内容相同）\n" in sealed
    assert f"完整校验码：{'ab' * 32}\n" in sealed
