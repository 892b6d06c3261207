"""Which files a roll-up is about: folders, patterns and lists, in which order, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from xl_jifen.finding import CannotRead
from xl_jifen.verbs.rollup.sources import unread, workbooks


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def found(folder: Path, *given: str, besides: str = "汇总.xlsx") -> list[str]:
    """What stands for those sources, below the folder."""
    urls: Iterable[str] = workbooks([str(folder / each) for each in given], folder / besides)
    return [Path(url).relative_to(folder).as_posix() for url in urls]


def test_a_folder_is_gone_through_in_the_order_of_names_without_what_is_ours_or_the_systems(tmp_path: Path) -> None:
    put(tmp_path, "1 副本.xlsx", "1.xlsx", "乙/党员积分.xlsx", "甲/党员积分.xlsm", "说明.docx")
    put(tmp_path, "汇总.xlsx", "汇总.续算.sqlite", "~$1.xlsx", ".隐藏.xlsx", "Thumbs.db", "scores.parquet")
    put(tmp_path, "甲/备份/党员积分.xlsx", "甲/公示/2026年第一季度/公示表.xlsx", "甲/归档/2026Q1.json")
    put(tmp_path, "甲/一.JPG", "甲/二.jpg", "甲/三.png")
    assert found(tmp_path, "") == [
        *("1.xlsx", "1 副本.xlsx", "说明.docx"),
        *("乙/党员积分.xlsx", "甲/党员积分.xlsm", "甲/*.jpg", "甲/*.png"),
    ]


def test_a_pattern_takes_files_and_folders_in_the_order_of_names(tmp_path: Path) -> None:
    put(tmp_path, "3/党员积分.xlsx", "1/党员积分.xlsx", "2/党员积分.xlsx", "2/~$党员积分.xlsx")
    assert found(tmp_path, "*/*.xlsx") == [f"{number}/党员积分.xlsx" for number in (1, 2, 3)]
    assert found(tmp_path, "[12]") == ["1/党员积分.xlsx", "2/党员积分.xlsx"]
    put(tmp_path, *(f"{number}.xlsx" for number in (5, 4)), "4 副本.xlsx")
    assert found(tmp_path, "?*.xlsx") == ["4.xlsx", "4 副本.xlsx", "5.xlsx"]


def test_files_behind_a_url_come_in_the_same_order() -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    memory = fsspec.filesystem("memory")
    for name in ("1 副本.xlsx", "1.xlsx", "乙/党员积分.xlsx", "乙/备份/党员积分.xlsx", "~$1.xlsx"):
        memory.pipe(f"/报送/{name}", b"")
    urls = list(workbooks(["memory://报送"], Path("汇总.xlsx")))
    assert [url.partition("报送/")[2] for url in urls] == ["1.xlsx", "1 副本.xlsx", "乙/党员积分.xlsx"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_names_one_a_line_as_it_lies_beside_it(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, "报送/甲.xlsx", "报送/乙/党员积分.xlsx")
    (tmp_path / "报送" / "名单.txt").write_bytes("乙\r\n\r\n  甲.xlsx  \n".encode(encoding))
    assert found(tmp_path, "报送/名单.txt") == ["报送/乙/党员积分.xlsx", "报送/甲.xlsx"]


@pytest.mark.parametrize(
    ("given", "words"),
    [("没有.xlsx", "找不到"), ("*.xls", "没有与.*相符的"), ("名单.txt", "清单“名单.txt”里不能再写清单")],
)
def test_what_is_not_there_is_one_sentence(tmp_path: Path, given: str, words: str) -> None:
    (tmp_path / "名单.txt").write_text("另一份.txt\n", "utf-8")
    with pytest.raises(CannotRead, match=words):
        found(tmp_path, given)


@pytest.mark.parametrize(
    ("name", "level", "what"),
    [
        ("支部.zip", "警告", "是压缩包"),
        ("样表.XLTX", "警告", "是表格模板（.xltx）"),
        ("支部.csv", "警告", "是 .csv 表格，不是工作簿"),
        ("党员积分", "警告", "没有扩展名"),
        ("说明.docx", "提示", "是 .docx 文件，不是工作簿"),
        ("照片.heic", "提示", "是图片、音像一类的文件"),
        ("支部.abc", "警告", "扩展名“.abc”不认识"),
    ],
)
def test_what_is_no_workbook_is_told_by_its_name(name: str, level: str, what: str) -> None:
    told = unread(name)
    assert told
    assert (told.level, told.what) == (level, what)
    assert told.remedy


@pytest.mark.parametrize("name", ["党员积分.xlsx", "党员积分.XLSM", "旧.xls", "金山.et", "开放.ods"])
def test_whatever_is_a_workbook_is_looked_at(name: str) -> None:
    assert unread(name) is None
