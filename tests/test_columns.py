"""Which column of a form (接龙, 腾讯文档, 金山表单) holds what: known by its heading, asked for, or left over."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from xl_jifen.declare.columns import Columns, Source, columns_of, declarations
from xl_jifen.grid import Cell, Grid

NOW = datetime(2026, 11, 22, 9, 30)
PLAIN = ("姓名", "规则", "日期", "事由")


def columns(*headings: str, known: Mapping[str, str] | None = None) -> Columns:
    filled: list[Cell] = ["内容"] * len(headings)
    found = columns_of(Grid("申报", [list(headings), filled]), known or {})
    assert found
    return found


def items(*headings: str) -> dict[str, str]:
    found = columns(*headings)
    return {item: "+".join(found.headings[column] for column in places) for item, places in found.items.items()}


@pytest.mark.parametrize(
    ("tool", "headings", "meant"),
    [
        (
            "腾讯文档收集表",
            [
                "提交时间（自动）",
                "您的姓名（必填）",
                "加分项目（必填）",
                "发生日期（必填）",
                "事由（必填）",
                "证明材料",
                "提交者（自动）",
            ],
            {
                "姓名": "您的姓名（必填）",
                "规则": "加分项目（必填）",
                "日期": "发生日期（必填）",
                "事由": "事由（必填）",
                "佐证": "证明材料",
            },
        ),
        (
            "金山表单",
            [
                "序号",
                "提交者",
                "提交时间",
                "1. 您的姓名*",
                "2. 申报事项*",
                "3. 发生日期*",
                "4. 情况说明",
                "5.上传图片",
                "6、备注",
            ],
            {
                "姓名": "1. 您的姓名*",
                "规则": "2. 申报事项*",
                "日期": "3. 发生日期*",
                "事由": "4. 情况说明",
                "佐证": "5.上传图片",
                "备注": "6、备注",
            },
        ),
        (
            "接龙",
            ["序号", "昵称", "事项", "日期", "数量", "图片链接", "接龙时间"],
            {"姓名": "昵称", "规则": "事项", "日期": "日期", "数量": "数量", "佐证": "图片链接"},
        ),
        (
            "问卷式的问法",
            ["（1）【必填】请填写您的姓名：", "Q2_请选择加分项目（单选）", "第3题、活动日期是哪天？", "四、具体事由"],
            {
                "姓名": "（1）【必填】请填写您的姓名：",
                "规则": "Q2_请选择加分项目（单选）",
                "日期": "第3题、活动日期是哪天？",
                "事由": "四、具体事由",
            },
        ),
        (
            "金数据",
            ["提交人", "填写设备", "操作系统", "浏览器", "填写地区", "姓名", "申报的规则", "日期", "事由", "佐证附件"],
            {"姓名": "姓名", "规则": "申报的规则", "日期": "日期", "事由": "事由", "佐证": "佐证附件"},
        ),
    ],
)
def test_usual_forms_need_no_questions(tool: str, headings: list[str], meant: dict[str, str]) -> None:
    found = columns(*headings)
    assert items(*headings) == meant, tool
    assert (found.unknown, found.missing) == ((), ())


def test_a_column_goes_to_the_item_that_needs_it() -> None:
    assert items("姓名", "事项", "事由", "日期") == {"姓名": "姓名", "规则": "事项", "事由": "事由", "日期": "日期"}
    assert items("姓名", "加分项目", "事项", "日期")["事由"] == "事项"
    assert items("昵称", "真实姓名")["姓名"] == "真实姓名"


def test_the_time_of_submission_is_never_taken_for_the_date() -> None:
    assert columns("姓名", "规则", "提交时间").missing == ("日期",)


def test_questions_that_depend_on_others_give_one_item() -> None:
    grid = Grid(
        "申报",
        [
            ["姓名", "日期", "加分项目（在职）", "加分项目（离退休）"],
            ["张三", "2026-03-05", "加1", None],
            ["李四", "2026-03-05", None, "加2"],
        ],
    )
    found = columns_of(grid, {})
    assert found
    assert [each.cells["规则"] for each in declarations(Source("申报", grid), found)] == ["加1", "加2"]


def test_several_columns_of_evidence_are_kept_and_links_with_their_targets() -> None:
    grid = Grid("申报", [[*PLAIN, "证明材料", "图片"], ["张三", "加1", "2026-03-05", "讲课", "通知", "照片1"]])
    found = columns_of(grid, {})
    assert found
    [one] = declarations(Source("申报", grid, {(2, 6): "https://docs.qq.com/1.jpg"}), found)
    assert one.cells["佐证"] == "通知；照片1（https://docs.qq.com/1.jpg）"


def test_headings_below_a_title_are_found_and_unnamed_columns_told() -> None:
    grid = Grid("申报", [["第四季度积分申报"], [], [*PLAIN, None], ["张三", "加1", "2026-03-05", "讲课", "一句话"]])
    found = columns_of(grid, {})
    assert found
    assert (found.row, [found.headings[column] for column in found.unknown]) == (3, ["E列"])
