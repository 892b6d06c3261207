"""A published file read again: what a copy shows, how that is compared, and how much is read at the most."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from xl_jifen.finding import CannotRead
from xl_jifen.verbs.reread import differing, tables


def test_each_kind_of_file_gives_the_cells_that_people_see(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["姓名", "积分", None])
    book.worksheets[0].append(["张三", 100.5, " 优秀 "])
    book.save(tmp_path / "表.xlsx")
    (tmp_path / "表.htm").write_text(
        "<style>td { color: red }</style><table><tr><td>姓名</td><td>积分</td></tr><!-- 李四 -->"
        "<tr><td>张三</td><td><b>100.50</b></td><td>优&#31168;</td></tr></table>",
        "utf-8",
    )
    (tmp_path / "表.txt").write_bytes("姓名\r\n张三\r积分\n".encode())
    (sheet,), (page,), (text,) = (tables(tmp_path / f"表.{suffix}") for suffix in ("xlsx", "htm", "txt"))
    assert [[cell for cell in row if cell] for row in sheet] == [["姓名", "积分"], ["张三", "100.5", "优秀"]]
    assert [[cell for cell in row if cell] for row in page] == [["姓名", "积分"], ["张三", "100.5", "优秀"]]
    assert text == [["姓名"], ["张三"], ["积分"]]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_text_of_more_lines_than_any_notice_is_refused(tmp_path: Path, end: str) -> None:
    path = tmp_path / "公示.txt"
    path.write_bytes((end * 400_001).encode())
    with pytest.raises(CannotRead, match="超过 40 万行"):
        tables(path)


def test_a_difference_is_told_at_its_cell_with_whose_row_it_is() -> None:
    original = [[["1", "张三", "100.5"], ["2", "李四", "99"]]]
    assert list(differing(original, original)) == []
    assert list(differing(original, [[["1", "张三", "105.5"], ["2", "李四", "99"], ["3"]]])) == [
        "C1（张三）：原件是“100.5”，这里是“105.5”",
        "A3：原件是“”，这里是“3”",
    ]
    assert list(differing(original, [[["1", "张四", "100.5"]]])) == [
        "B1：原件是“张三”，这里是“张四”",
        "A2（李四）：原件是“2”，这里是“”",
        "B2：原件是“李四”，这里是“”",
        "C2（李四）：原件是“99”，这里是“”",
    ]


def test_of_several_tables_the_number_is_told_and_of_long_texts_what_differs() -> None:
    items = "参加主题党日3次，加1.5分：" + "、".join(f"第{n}次主题党日" for n in range(20))
    original, given = ([[["公示"]], [["1", "张三", items + end]]] for end in ("；不加分", "；加9分"))
    (told,) = differing(original, given)
    assert told.startswith("第2张表 C1（张三）：原件是“…")
    assert "；不加分”，这里是“…" in told
    assert told.endswith("；加9分”")
