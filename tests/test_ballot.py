"""测评记录: rows of one member and kind of ballot add up."""

from __future__ import annotations

from notation import parse

from xl_jifen import reckon
from xl_jifen.ballot import tally

TEXT = """两张票箱分开计票。
套用 基本

## 测评记录
| 姓名      | 优秀 | 合格 | 基本合格 | 不合格 | 弃权 | 票种     |
| 张三      | 3    | 1    |          |        |      | 党员互评 |
| 张三(001) | 2    |      |          | 1      | 1    | 党员互评 |
| 张三      | 9    |      |          |        |      | 群众测评 |
| 李四      | -1   | 3    |          |        |      | 党员互评 |
| 王五      |      | 4    |          |        |      |          |
"""


def test_rows_of_one_member_and_kind_add_up() -> None:
    register = reckon(parse(TEXT).grids).register
    sums = {(member.name, sort): dict(counts) for (member, sort), counts in tally(register.opinions).items()}
    nothing = {"优秀": 0, "合格": 0, "基本合格": 0, "不合格": 0, "弃权": 0}
    assert sums == {
        ("张三", "党员互评"): {**nothing, "优秀": 5, "合格": 1, "不合格": 1, "弃权": 1},
        ("张三", "群众测评"): {**nothing, "优秀": 9},
        ("王五", ""): {**nothing, "合格": 4},
    }
