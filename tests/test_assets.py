"""What travels with the program, and a branch's own templates in the place of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from xl_jifen.disk import assets
from xl_jifen.finding import CannotRead


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "模板").mkdir()
    return tmp_path / "党员积分.xlsx"


def test_a_template_beside_the_workbook_takes_the_place_of_ours_and_is_named(book: Path) -> None:
    ours = assets.asset("templates/publicity.html")
    assert assets.template("publicity.html", book) == ours
    assert assets.own_templates(["publicity.html", "publicity.xlsx"], book) == []
    (book.parent / "模板" / "publicity.html").write_bytes("\ufeff自己的".encode())
    assert assets.template("publicity.html", book) == "\ufeff自己的".encode()
    assert assets.web_template("publicity.html", book) == "自己的"
    assert assets.own_templates(["publicity.html", "publicity.xlsx"], book) == [
        "用了工作簿旁的模板：模板/publicity.html。"
    ]
    assert assets.asset("templates/publicity.html") == ours


def test_a_web_page_in_another_encoding_is_one_sentence(book: Path) -> None:
    (book.parent / "模板" / "publicity.html").write_bytes("自己的".encode("gbk"))
    with pytest.raises(CannotRead, match=r"网页模板“publicity\.html”不是 UTF-8 编码的文本"):
        assets.web_template("publicity.html", book)


@pytest.mark.parametrize(
    ("name", "words"), [("workbook/没有.xlsx", "随附的文件“workbook/没有.xlsx”"), ("没有/x", "随附的文件夹“没有”")]
)
def test_an_installation_that_lacks_something_says_so(name: str, words: str) -> None:
    with pytest.raises(CannotRead, match=f"安装不完整：.*{words}；请重新安装本工具"):
        assets.asset(name)
