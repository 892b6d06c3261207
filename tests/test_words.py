"""The program's sentences in the desk's words: buttons to press, boxes to tick, fields to fill in."""

from __future__ import annotations

import pytest

from xl_jifen.doors.desk.words import for_the_desk


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("先看样子请加 --draft 生成草稿。", "先看样子请勾选“只看样子（草稿）”生成草稿。"),
        ("（xl-jifen publish 工作簿 2026Q4 --draft）", "（点“生成公示”，勾选“只看样子（草稿）”）"),
        ("运行 xl-jifen import 工作簿 --columns 再试", "点“导入申报”再试"),
        ("运行 xl-jifen meeting 工作簿 --whole 再试", "点“组织生活会对照清单”，勾选“列出全部规则”再试"),
        ("请写 --columns 列名=项目", "请填写“列的对应”"),
        ("请运行 xl-jifen check 看是哪些", "请点“校验”看是哪些"),
        ("用 xl-jifen new 新建一份", "用“新建工作簿”新建一份"),
        ("可以改用 --columns 列名=项目。", "可以改用“列的对应”。"),
        ("工作机上的 xl-jifen 是 0.2", "工作机上的 xl-jifen 是 0.2"),
        ("端口被占用，或不写 --port。", "端口被占用，或不写 --port。"),
    ],
)
def test_the_desk_speaks_of_buttons_not_of_commands(sentence: str, words: str) -> None:
    assert for_the_desk(sentence) == words
