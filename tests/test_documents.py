"""The pages of xl_jifen/docs as the desk shows them offline."""

from __future__ import annotations

from pathlib import Path

import pytest

from xl_jifen.doors.desk import documents


def test_the_pages_in_chinese_come_first_each_with_its_heading() -> None:
    names = [name for name, _ in documents.titles()]
    assert len(names) == len(list(documents.DOCS.glob("*.md")))
    chinese = [name for name in names if not name.isascii()]
    assert names == [*sorted(chinese), *sorted(set(names) - set(chinese))]
    assert {"计分口径", "术语"} < set(chinese)
    assert {"scoring", "workbook"} <= set(names) - set(chinese)
    assert all(title and not title.startswith("#") for _, title in documents.titles())


def test_a_page_is_text_and_tables_without_pictures_and_markup_in_it_is_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "DOCS", tmp_path)
    (tmp_path / "页.md").write_text(
        "# 标题\n\n![图](x.png)\n<!-- 记 -->\n\n| 列 |\n|---|\n| 值 |\n\n<script>alert(1)</script> **重**\n", "utf-8"
    )
    shown = documents.as_html("页")
    assert "<h1>标题</h1>" in shown
    assert "<td>值</td>" in shown
    assert "<strong>重</strong>" in shown
    assert not any(what in shown for what in ("<img", "图", "记", "<script"))
    assert "&lt;script&gt;" in shown
