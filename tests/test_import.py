"""Importing declarations as a person does it: files of any tool, questions asked once, and a workbook to paste from."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from branch_parts import OFFICE, PACKAGE, parts, zipped
from notation import parse
from secretary import Rows, edit, heading_row, rearrange, rows_of

from xl_jifen import layout, reckon
from xl_jifen.budget import LIMITS
from xl_jifen.declare.attended import signed
from xl_jifen.declare.claims import Meaning
from xl_jifen.declare.columns import Declaration, Source, columns_of
from xl_jifen.declare.propose import propose
from xl_jifen.doors.cli.cli import main
from xl_jifen.excel.read.exports import read_export
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Cell, CellError, Grid
from xl_jifen.verbs import import_ as importing
from xl_jifen.verbs import quarter
from xl_jifen.verbs.rollup.sources import workbooks

NOW = datetime(2026, 11, 22, 9, 30)
PLAIN = ("姓名", "规则", "日期", "事由")


# -- files ----------------------------------------------------------------------------------------------------------

DECLARED = [
    ["序号", "昵称", "姓名", "加分项目", "发生日期", "事由", "证明材料"],
    ["1", "小李", "李㛃", "加3-2 助人为乐", "2026年11月15日", "社区义诊，半天\n共四小时", "照片1.jpg"],
    ["2", "老马", "马守田", "加2-3 作辅导报告", "2026-11-18", "辅导报告", "讲稿"],
]


def as_csv(rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def make(
        rows: Sequence[Sequence[Cell]], name: str = "接龙.csv", encoding: str = "utf-8", separator: str = ","
    ) -> Path:
        path = tmp_path / name
        if path.suffix == ".xlsx":
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)  # type: ignore[union-attr]
            for cells in book.active.iter_rows():  # type: ignore[union-attr]
                for cell in cells:
                    if cell.data_type == "f":
                        cell.data_type = "s"
            book.save(path)
        else:
            path.write_bytes(as_csv(rows, separator).encode(encoding))  # type: ignore[arg-type]
        return path

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_files_of_any_tool_are_read(put: Callable[..., Path], encoding: str, separator: str) -> None:
    [table] = read_export(put(DECLARED, encoding=encoding, separator=separator))
    assert [[cell or "" for cell in row] for row in table.grid.rows] == DECLARED


def test_one_line_full_of_another_sign_does_not_make_it_the_separator(put: Callable[..., Path]) -> None:
    rows = [*DECLARED, [*DECLARED[1][:-1], "铺路;修桥;送水;送药;送信;送饭;送衣;送书"]]
    [table] = read_export(put(rows))
    assert [[cell or "" for cell in row] for row in table.grid.rows] == rows


def test_links_of_a_workbook_are_read(put: Callable[..., Path]) -> None:
    path = put(DECLARED, "腾讯.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.active
    book.active["G2"].hyperlink = "https://docs.qq.com/1.jpg"
    book.save(path)
    [table] = read_export(path)
    assert table.links == {(2, 7): "https://docs.qq.com/1.jpg"}


APP = "https://docs.example.cn/app/"


def linked(target: str, location: str, cell: str = "") -> bytes:
    """A list of one declaration whose evidence is a link to both, or another cell."""
    made = parts({"申报": [["姓名", "规则", "日期", "佐证"], ["张三", "加1", "2026-01-10", "材料"]]})
    sheet = made["xl/worksheets/sheet1.xml"]
    if cell:
        sheet = re.sub('<c r="D2".*?</c>', cell, sheet)
    else:
        link = f'<hyperlinks><hyperlink ref="D2" r:id="rId1" location="{location}"/></hyperlinks></worksheet>'
        sheet = sheet.replace("</worksheet>", link)
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/hyperlink" '
        f'Target="{target}" TargetMode="External"/></Relationships>'
    )
    return zipped({**made, "xl/worksheets/sheet1.xml": sheet})


@pytest.mark.parametrize(("data", "link"), [
    (linked(APP, "/file/1"), f"{APP}#/file/1"),
    (linked(APP, "#/file/1"), f"{APP}#/file/1"),
    (linked(f"{APP}#", "/file/1"), f"{APP}#/file/1"),
    (linked(f"{APP}#/file/1", "/file/2"), f"{APP}#/file/1"),
    (linked("", "", f'<c r="D2" t="str"><f>HYPERLINK("{APP}#/file/1","材料")</f><v>材料</v></c>'), f"{APP}#/file/1"),
    (linked("", "", f'<c r="D2" t="str"><f>HYPERLINK("{APP}?a=""b""")</f><v>材料</v></c>'), f'{APP}?a="b"'),
    (linked("", "", '<c r="D2" t="str"><f>HYPERLINK(A2,"材料")</f><v>材料</v></c>'), None),
])  # fmt: skip
def test_a_link_is_kept_whole_whichever_way_it_was_made(data: bytes, link: str | None, tmp_path: Path) -> None:
    path = tmp_path / "申报.xlsx"
    path.write_bytes(data)
    [table] = read_export(path)
    assert table.links.get((2, 4)) == link
    assert type(table.grid.rows[1][3]) is str


def test_the_formula_of_a_picture_is_a_picture(put: Callable[..., Path]) -> None:
    """It is all that a text file has of the pictures that WPS puts into cells."""
    [table] = read_export(put([["姓名", "佐证"], ["张三", '=DISPIMG("ID_1",1)'], ["李四", "=见附件"]]))
    assert [row[1] for row in table.grid.rows] == ["佐证", "（图片）", "=见附件"]


@pytest.mark.slow
def test_merged_cells_of_declarations_are_told(book: Path, put: Callable[..., Path]) -> None:
    path = put([*DECLARED, [None, None, None, "加2-3", "2026-11-19", "又一次", None]], "申报.xlsx")
    declared = openpyxl.load_workbook(path)
    assert declared.active
    declared.active.merge_cells("C3:C4")
    declared.active.merge_cells("A3:B3")
    declared.save(path)
    [words] = [each for each in run(book, path).notes if "合并" in each]
    assert words == "申报.xlsx 里 C3:C4是合并的，只有头一格有内容；请取消合并，逐行填写后再导入。"


def test_control_characters_of_a_text_file_are_left_out(put: Callable[..., Path]) -> None:
    [table] = read_export(put([["姓名"], ["张\x1b[31m三\x00\uffff"]]))
    assert table.grid.rows[1] == ["张[31m三"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("空.csv", b"", "是空的"),
        ("空行.csv", b"\r\n,,\r\n", "是空的"),
        ("乱.csv", b"\x81\xff\xfe\x00\xff", "编码"),
        ("改名.csv", b"PK\x03\x04....", "扩展名"),
        ("旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版格式"),
        ("长.csv", b"a\n" * (LIMITS["declared"][0] + 1), "行"),
        ("宽.csv", b",".join([b"a"] * 400), "列"),
        ("一格.csv", b'"' + b"a" * 200_000 + b'"', "太长"),
        ("大.csv", b"a" * (LIMITS["text"][0] + 1), "太大"),
    ],
)
def test_what_is_no_table_of_declarations_is_one_sentence(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=words):
        read_export(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    for name in ("没有.csv", "没有.xlsx"):
        with pytest.raises(CannotRead, match="找不到"):
            read_export(tmp_path / name)


# -- the whole import -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return quarter.example(tmp_path_factory.mktemp("example") / "党员积分.xlsx").read_bytes()


@pytest.fixture
def book(tmp_path: Path, example: bytes) -> Path:
    path = tmp_path / "党员积分.xlsx"
    path.write_bytes(example)
    return path


def run(
    book: Path, *files: Path, columns: Sequence[str] = (), ask: importing.Ask | None = None, out: Path | None = None
) -> importing.Imported:
    return importing.import_declarations(quarter.open_workbook(book), files, NOW, out=out, columns=columns, ask=ask)


def answers(*given: str) -> tuple[importing.Ask, list[str]]:
    """Someone who gives these answers and then goes away; and the questions."""
    left, asked = list(given), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        if not left:
            raise EOFError
        return left.pop(0)

    return ask, asked


@pytest.mark.slow
def test_the_workbook_is_left_as_it_is_and_the_proposals_lie_beside_it(book: Path, put: Callable[..., Path]) -> None:
    before = hashlib.sha256(book.read_bytes()).digest()
    done = run(book, put(DECLARED))
    assert hashlib.sha256(book.read_bytes()).digest() == before
    assert done.path == book.parent / "申报导入" / "2026-11-22 申报.xlsx"
    made = openpyxl.load_workbook(done.path)
    assert made.sheetnames == ["对照", "11月"]
    own, ours = openpyxl.load_workbook(book)["11月"], made["11月"]
    assert [cell.value for cell in ours[3]][:13] == [cell.value for cell in own[3]][:13]
    assert ours.sheet_view.selection[-1].sqref == "A4:M5"
    assert ours.freeze_panes == "D4", "who it is about stays in sight"
    first = [cell.value for cell in ours[4]]
    assert first[1:7] == [datetime(2026, 11, 15), "李㛃", "加3-2 助人为乐", None, None, "社区义诊，半天\n共四小时"]
    assert first[9] == "待审"
    assert {cell.number_format for cell in ours["B"][3:]} == {"yyyy-mm-dd"}
    told = [[cell.value for cell in row] for row in made["对照"].iter_rows()]
    assert any("没有用：序号、昵称" in str(row[0]) for row in told)
    assert [row[5] for row in told[-2:]] == ["拟登记", "拟登记"]


@pytest.mark.slow
def test_the_same_import_again_is_the_same_file(book: Path, put: Callable[..., Path]) -> None:
    file = put(DECLARED)
    first = run(book, file).path.read_bytes()
    assert run(book, file).path.read_bytes() == first
    assert not (book.parent / "申报导入" / "备份").exists()


def paste(book: Path, made: Path, status: str = "通过") -> None:
    """What a person does: the rows of each month, values only, below the last of the workbook's sheet."""
    ours = openpyxl.load_workbook(made)
    for name in ours.sheetnames[1:]:
        source, rows = ours[name], rows_of(book, name)
        block = source[source.sheet_view.selection[-1].sqref]
        last = max((n for n, row in enumerate(rows[3:], 4) if len(row) > 2 and row[2]), default=3)
        state = [cell.value for cell in source[3]].index("审核状态 *")
        edit(
            book,
            {
                f"{name}!{cell.column_letter}{row}": status if cell.column == state + 1 else cell.value
                for row, cells in enumerate(block, last + 1)
                for cell in cells
                if cell.value is not None
            },
        )


@pytest.mark.slow
def test_pasted_and_passed_rows_count_and_are_known_the_next_time(book: Path, put: Callable[..., Path]) -> None:
    file = put(DECLARED, "金山.xlsx")
    before = quarter.open_workbook(book).reckoning
    done = run(book, file)
    foretold = {outcome.place: outcome.line.counted for outcome in done.plan.outcomes if outcome.line}
    assert sorted(foretold.values()) == [0, 200]
    paste(book, done.path)
    after = quarter.open_workbook(book).reckoning
    lines = {line.entry.place: line for line in after.ledger.lines}
    assert {place: lines[place].counted for place in foretold if place} == foretold
    assert len(after.ledger.lines) == len(before.ledger.lines) + 2
    quarter.recalculate(quarter.open_workbook(book), NOW)
    again = run(book, file)
    assert {outcome.state for outcome in again.plan.outcomes} == {"重复"}
    assert openpyxl.load_workbook(again.path).sheetnames == ["对照"]


@pytest.mark.slow
def test_columns_stand_where_the_branch_has_put_them(book: Path, put: Callable[..., Path]) -> None:
    def moved(rows: Rows) -> Rows:
        """A column of their own before 姓名; 日期 right of everything, the tool's own columns too."""
        top = heading_row(rows)
        whole = [[*row, *[None] * (15 - len(row))] for row in rows[top:]]
        own = ["党小组意见", *[None] * (len(whole) - 1)]
        wider = ([row[0], None, said, *row[2:], None, None, row[1]] for row, said in zip(whole, own, strict=True))
        return [*rows[:top], *wider]

    rearrange(book, "12月", moved)
    rows = [DECLARED[0], ["1", "", "李㛃", "加2-3", "2026-12-15", "讲课", "讲稿"]]
    file = put(rows)
    done = run(book, file)
    ours = openpyxl.load_workbook(done.path)["12月"]
    assert [cell.value for cell in ours[3]][:19] == rows_of(book, "12月")[2][:19]
    assert (ours["C4"].value, ours["D4"].value, ours["S4"].value) == (None, "李㛃", datetime(2026, 12, 15))
    paste(book, done.path, "待审")
    assert {outcome.state for outcome in run(book, file).plan.outcomes} == {"重复"}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "_x0041_", "{=1}"])
def test_declared_text_stays_text(book: Path, put: Callable[..., Path], text: str, suffix: str) -> None:
    rows = [
        list(PLAIN),
        ["马守田", "加2-3", "2026-11-18", text],
        [text, text, "2026-11-18", text],
        ["马守田", "加2-3", text, text],
    ]
    path = run(book, put(rows, f"申报.{suffix}")).path
    made = openpyxl.load_workbook(path)
    cells = [cell for sheet in made for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert sum(cell.value == (text if text != "_x0041_" else cell.value) for cell in cells) >= 5


@pytest.mark.slow
def test_long_texts_are_cut_and_told(book: Path, put: Callable[..., Path]) -> None:
    done = run(book, put([list(PLAIN), ["马守田", "加2-3", "2026-11-18", "长" * 40_000]]))
    [outcome] = done.plan.outcomes
    assert any("太长" in note for note in outcome.notes)
    assert openpyxl.load_workbook(done.path)["11月"]["G4"].value == "长" * 2_000


@pytest.mark.slow
def test_thousands_of_declarations_of_one_day_are_no_trouble(book: Path, put: Callable[..., Path]) -> None:
    rows = [list(PLAIN), *(["马守田", "加2-3", "2026-11-18", f"报告{number}"] for number in range(1_000))]
    done = run(book, put(rows))
    assert [outcome.state for outcome in done.plan.outcomes] == ["拟登记"] + ["可能重复"] * 999


# -- columns nobody knows -------------------------------------------------------------------------------------------

ODD = [["姓名", "选哪一条", "哪一天", "感想", "没人填"], ["马守田", "加2-3", "2026-11-18", "很受教育", ""]]


@pytest.mark.slow
def test_unknown_columns_are_asked_for_once_and_remembered(book: Path, put: Callable[..., Path]) -> None:
    file = put(ODD)
    ask, asked = answers("什么", "规则", "1", "忽略")
    done = run(book, file, ask=ask)
    assert [outcome.state for outcome in done.plan.outcomes] == ["拟登记"]
    assert len(asked) == 4  # 什么 was no answer
    assert "选哪一条" in asked[0]
    assert "很受教育" in asked[-1]
    assert (book.parent / "申报对照.csv").read_text("utf-8-sig").split() == [
        "列名,项目",
        "选哪一条,规则",
        "哪一天,日期",
        "感想,忽略",
    ]
    ask, asked = answers()
    renumbered = [["1." + heading + "（必填）" for heading in ODD[0]], ODD[1]]
    again = run(book, put(renumbered, "再来.csv"), ask=ask)
    assert again.plan.outcomes[0].place
    assert asked == []
    assert [any("记在“申报对照.csv”" in note for note in each.notes) for each in (done, again)] == [True, False]


@pytest.mark.slow
def test_a_needed_item_is_asked_for_among_the_columns_there_are(book: Path, put: Callable[..., Path]) -> None:
    file = put([["姓名", "规则", "提交时间", "事由"], ["马守田", "加2-3", "2026年11月18日 10:00", "报告"]])
    ask, asked = answers("1")
    [outcome] = run(book, file, ask=ask).plan.outcomes
    assert outcome.claim.day == date(2026, 11, 18)
    assert "找不到“日期”" in asked[0]
    (book.parent / "申报对照.csv").unlink()
    ask, _ = answers("0")
    with pytest.raises(CannotRead, match="日期"):
        run(book, file, ask=ask)
    with pytest.raises(CannotRead, match="回答"):
        run(book, file, ask=answers()[0])


@pytest.mark.slow
def test_the_memory_may_be_edited_and_a_mistake_in_it_is_told(book: Path, put: Callable[..., Path]) -> None:
    memory = book.parent / "申报对照.csv"
    memory.write_bytes("列名,项目\r\n选哪一条,规则\r\n哪一天,日期\r\n感想,备注\r\n".encode("gb18030"))
    assert run(book, put(ODD)).plan.outcomes[0].claim.cells["备注"] == "很受教育"
    memory.write_text("列名,项目\n感想,审核状态\n", "utf-8")
    with pytest.raises(CannotRead, match="第 2 行"):
        run(book, put(ODD))


@pytest.mark.slow
def test_a_column_that_looks_like_a_formula_is_remembered_harmlessly(book: Path, put: Callable[..., Path]) -> None:
    file = put([["姓名", "规则", "日期", "=cmd()"], ["马守田", "加2-3", "2026-11-18", "报告"]])
    run(book, file, ask=answers("事由")[0])
    assert "'=cmd()" in (book.parent / "申报对照.csv").read_text("utf-8-sig")
    assert run(book, file).plan.outcomes[0].claim.cells["事由"] == "报告"


@pytest.mark.slow
def test_on_the_command_line(book: Path, put: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    file = put(ODD)
    assert main(["import", str(book), str(file)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert all(word in err for word in ("选哪一条", "哪一天", "感想", "--columns", "申报对照.csv"))
    assert "没人填" not in err
    assert not (book.parent / "申报导入").exists()
    code = main(["import", str(book), str(file), "--columns", "选哪一条=规则", "哪一天=日期", "--columns", "感想=佐证"])
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert "共 1 笔申报：拟登记 1 笔，重复 0 笔，未列入 0 笔。" in said.out
    assert "申报导入" in said.out
    assert main(["import", str(book), str(file)]) == 0  # remembered
    assert main(["import", str(book), str(put([list(PLAIN), ["路人", "加1", "", "甲"]]))]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "words"),
    [("感想", "看不懂"), ("感想=感想", "看不懂"), ("感想=审核状态", "看不懂"), ("没有=事由", "没有“没有”")],
)
def test_wrong_answers_on_the_command_line(book: Path, put: Callable[..., Path], given: str, words: str) -> None:
    with pytest.raises(CannotRead, match=words):
        run(book, put(ODD), columns=[given])


@pytest.mark.slow
def test_a_rollup_does_not_take_an_import_for_a_branch(book: Path, put: Callable[..., Path]) -> None:
    run(book, put(DECLARED))
    found = workbooks([str(book.parent)], book.parent / "汇总.xlsx")
    assert [url for url in found if url.endswith(".xlsx")] == [str(book.resolve())]


@pytest.mark.slow
def test_inputs_are_never_overwritten(book: Path, put: Callable[..., Path]) -> None:
    file = put(DECLARED, "申报.xlsx")
    for out in (book, file, book.with_suffix(".xlsm")):
        with pytest.raises(CannotWrite):
            run(book, file, out=out)


@pytest.mark.slow
def test_a_workbook_of_several_sheets(book: Path, put: Callable[..., Path]) -> None:
    path = put(DECLARED, "申报.xlsx")
    made = openpyxl.load_workbook(path)
    made.create_sheet("统计").append(["共", "2 人"])
    made.create_sheet("第二页").append(["姓名", "规则", "日期", "事由"])
    made["第二页"].append(["马守田", "加2-3", date(2026, 11, 19), "又一次"])
    made.save(path)
    done = run(book, path)
    assert [outcome.declaration.place for outcome in done.plan.outcomes] == [
        "申报.xlsx“Sheet” 第 2 行",
        "申报.xlsx“Sheet” 第 3 行",
        "申报.xlsx“第二页” 第 2 行",
    ]
    assert any("“统计” 里没有认出列名，没有读" in note for note in done.notes)


@pytest.mark.slow
def test_late_entries_go_behind_the_archived_quarter(book: Path, put: Callable[..., Path]) -> None:
    folder = book.parent / "归档"
    folder.mkdir()
    (folder / "2026Q2.json").write_text("坏了的归档也是归档", "utf-8")
    [outcome] = run(book, put([list(PLAIN), ["马守田", "加2-3", "2026-05-18", "报告"]])).plan.outcomes
    assert outcome.place
    assert outcome.place.sheet == "7月"


@pytest.mark.slow
def test_without_a_cycle_it_is_refused(tmp_path: Path, put: Callable[..., Path]) -> None:
    path = quarter.new(tmp_path / "新.xlsx")
    settings = rows_of(path, layout.SETTINGS.name)
    at = next(n for n, row in enumerate(settings, 1) if row and str(row[0]).startswith(layout.CYCLE_START))
    edit(path, {f"{layout.SETTINGS.name}!B{at}": "某天"})
    with pytest.raises(quarter.Refused):
        run(path, put(DECLARED))
    assert main(["import", str(path), str(tmp_path / "接龙.csv")]) == 1


@pytest.mark.slow
def test_a_branch_workbook_is_no_declaration(book: Path) -> None:
    other = book.with_name("别的支部.xlsx")
    other.write_bytes(book.read_bytes())
    with pytest.raises(CannotRead, match=r"“别的支部\.xlsx”是党员积分工作簿，不是申报表"):
        run(book, other)


# -- sign-in lists --------------------------------------------------------------------------------------------------

JOINED = """#接龙
10月主题党日签到，请大家接龙

1. 李㛃
2、马守田 请假
3. 赵犇，病假
4. 路人甲
5. 孙喆明 已到
6. 高天宇 晚点来
7. 曹金尨
8. 严春生（迟到）
"""


@pytest.mark.slow
def test_a_pasted_list_becomes_the_row_of_the_activity(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "接龙.txt"
    file.write_text(JOINED, "utf-8")
    members = {member.name for member in quarter.open_workbook(book).reckoning.register.members}
    assert {"李㛃", "马守田", "赵犇", "孙喆明"} <= members
    code = main(["import", str(book), str(file), "--activity", "10月主题党日", "--date", "2026-10-20"])
    said = capsys.readouterr().out
    assert code == 1, "a list does not tell the hours, by which 主题党日 is counted"
    assert "路人甲" in said, "unknown names are listed, never guessed"
    assert "曹金尨（是不是“曹金龙”？）（3 人）" in said, "the near one is named, and not taken"
    assert "参加 2 人，请假 2 人，迟到早退 1 人" in said
    assert "在册、名单里没有" in said
    made = openpyxl.load_workbook(book.parent / "申报导入" / "2026-10-20 活动考勤.xlsx")["活动考勤"]
    row = {str(head.value).rstrip(" *"): cell.value for head, cell in zip(made[3], made[4], strict=True)}
    assert (row["日期"], row["活动类型"], row["活动名称"]) == (datetime(2026, 10, 20), "主题党日", "10月主题党日")
    assert (row["参加"], row["请假"], row["佐证"]) == ("李㛃、孙喆明", "马守田、赵犇", "接龙.txt")
    assert row["迟到早退"] == "严春生"


def test_a_near_name_is_told_whatever_stands_behind_it() -> None:
    register = reckon(parse("一个支部\n套用 基本\n").grids).register
    lines = Source("接龙.txt", Grid("接龙", [["1. 王武 请假"], ["2. 李四 请假"]]))
    done = signed([lines], register, "学习", date(2026, 3, 5), ())
    assert (done.unknown, done.cells[layout.ON_LEAVE]) == (("王武 请假（是不是“王五”？）",), "李四")


@pytest.mark.parametrize(
    ("text", "attended", "on_leave", "doubtful"),
    [
        ("请假：\n张三\n李四", None, "张三、李四", ()),
        ("到会（1人）：\n王五\n请假人员：张三、李四", "王五", "张三、李四", ()),
        ("1. 王五\n2. 李四\n请假：\n3. 张三\n缺席：无", "王五、李四", "张三", ()),
        ("签到\n1. 王五\n2. 李四\n请假：\n张三", "王五、李四", "张三", ()),
        ("张三\n缺席：李四\n王五", "张三", None, ("缺席：李四", "缺席：王五")),
        ("签到：\n张三 请假\n李四", "李四", "张三", ()),
        ("请大家接龙，请假请注明：\n1. 张三\n2. 李四 请假", "张三", "李四", ()),
        ("请假：张三\n李四", None, "张三", ("请假：李四",)),
    ],
)
def test_a_list_in_parts_means_each_part_as_it_is_headed(
    text: str, attended: str | None, on_leave: str | None, doubtful: tuple[str, ...]
) -> None:
    register = reckon(parse("一个支部\n套用 基本\n").grids).register
    lines = Source("名单.txt", Grid("名单", [[line] for line in text.splitlines()]))
    done = signed([lines], register, "学习", date(2026, 3, 5), ())
    assert (done.cells[layout.ATTENDED], done.cells[layout.ON_LEAVE], done.doubtful) == (attended, on_leave, doubtful)
    assert "张三" not in done.unknown


@pytest.mark.parametrize(
    ("headings", "rows", "attended", "on_leave", "doubtful"),
    [
        ("姓名 签到状态", ["张三 已签到", "李四 未签到", "王五 请假"], "张三", "王五", ("李四 未签到",)),
        ("姓名 是否参加", ["张三 是", "李四 否", "王五 说不清"], "张三", None, ("李四 否", "王五 说不清")),
        ("姓名 10月党课", ["张三 √", "李四 -", "王五 ×"], "张三", None, ("李四 未签到", "王五 ×")),
        ("姓名 状态", ["张三 已到", "李四 缺席", "王五 已到"], "张三、王五", None, ("李四 缺席",)),
        ("姓名 部门", ["张三 办公室", "李四 -"], "张三、李四", None, ()),
        ("姓名 签到时间 备注", ["张三 9:00 √", "李四 9:01 -", "王五 - -"], "张三、李四", None, ("王五 未签到",)),
        ("姓名 签到状态 是否用餐", ["张三 已签到 否", "李四 已签到 是"], "张三、李四", None, ()),
    ],
)
def test_a_table_says_who_was_not_there(
    headings: str, rows: list[str], attended: str, on_leave: str | None, doubtful: tuple[str, ...]
) -> None:
    register = reckon(parse("一个支部\n套用 基本\n").grids).register
    cells = [["" if cell == "-" else cell for cell in line.split()] for line in (headings, *rows)]
    done = signed([Source("签到.csv", Grid("签到", cells))], register, "学习", date(2026, 3, 5), ())
    assert (done.cells[layout.ATTENDED], done.cells[layout.ON_LEAVE], done.doubtful) == (attended, on_leave, doubtful)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_without_a_mark_are_no_text(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "申报.csv"
    path.write_bytes("姓名,规则,日期\r\n张三,加1,2026-01-10\r\n李四,加2,2026-01-11\r\n".encode(encoding))
    with pytest.raises(CannotRead, match="文字编码认不出来"):
        read_export(path)


@pytest.mark.parametrize("heading", ["智能清洗数据结果", "地理位置国家和地区", "UA", "流水号", "填写者昵称", "父记录"])
def test_what_forms_add_by_themselves_is_asked_of_nobody(heading: str) -> None:
    found = columns_of(Grid("申报", [["姓名", "规则", "日期", heading], ["张三", "加1", "2026-01-10", "x"]]), {})
    assert found is not None
    assert found.unknown == ()


def test_no_line_of_a_list_makes_more_claims_than_an_import_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xl_jifen.declare.propose.MOST_CLAIMS", 3)
    book = parse("一个支部\n套用 基本\n")
    reckoning = reckon(book.grids)
    cells = {layout.NAME: "张三、李四、王五、赵六", layout.RULE: "加1", layout.DAY: "2026-03-05", layout.REASON: "讲课"}
    with pytest.raises(CannotRead, match=r"到 申报\.csv.*已有 3 笔.*分成几个文件"):
        propose([Declaration("申报.csv 第2行", cells)], book.grids, reckoning.register, (), ())


def test_an_error_a_form_shows_is_no_evidence() -> None:
    register = reckon(parse("一个支部\n套用 基本\n").grids).register
    cells = {layout.NAME: "张三", layout.RULE: "加1", layout.DAY: "2026-03-05", layout.EVIDENCE: CellError("#REF!")}
    [claim] = Meaning(register).of(Declaration("申报.csv 第2行", cells))
    assert claim.cells[layout.EVIDENCE] == ""
    assert "“佐证”显示的是 #REF!，没有带过来；请看申报表的这一格" in claim.notes


def test_a_name_that_several_bear_is_to_be_told_apart() -> None:
    twice = "一个支部\n套用 基本\n## 党员名册（追加）\n| 编号 | 姓名 | 党员类别 |\n| 009 | 张三 | 正式党员 |\n"
    register = reckon(parse(twice).grids).register
    lines = Source("名单.txt", Grid("名单", [["1. 张三"], ["2. 张三 请假"], ["3. 张三(009)"], ["4. 无名氏"]]))
    done = signed([lines], register, "学习", date(2026, 3, 5), ())
    assert (done.namesakes, done.unknown) == (("张三", "张三 请假"), ("无名氏",))
    assert done.cells[layout.ATTENDED] == "张三(009)"


@pytest.mark.slow
def test_a_sign_in_table_is_read_by_its_column_of_names(book: Path, put: Callable[..., Path]) -> None:
    rows = [
        ["序号", "姓名", "签到时间", "情况"],
        ["1", "李㛃", "2026-10-20 09:00", "已到"],
        ["2", "马守田", "", "请假"],
    ]
    done = importing.import_attendance(quarter.open_workbook(book), [put(rows)], "学习", date(2026, 10, 20), NOW)
    assert "参加 1 人，请假 1 人" in done.notes[0]
    assert "活动类型" in done.notes[1], "a name that tells no kind of activity leaves it to the committee"
    assert done.has_errors, "活动类型 is required"


@pytest.mark.slow
def test_whom_a_list_names_without_a_time_of_signing_is_left_to_the_committee(
    book: Path, put: Callable[..., Path]
) -> None:
    rows = [["姓名", "签到时间"], ["李㛃", "2026-10-20 09:00"], ["马守田", ""]]
    done = importing.import_attendance(quarter.open_workbook(book), [put(rows)], "学习", date(2026, 10, 20), NOW)
    assert "参加 1 人" in done.notes[0]
    assert "马守田 未签到（1 人）" in " ".join(done.notes)


@pytest.mark.slow
def test_an_activity_outside_the_cycle_is_refused(book: Path, put: Callable[..., Path]) -> None:
    with pytest.raises(CannotRead, match="不在计分周期"):
        importing.import_attendance(quarter.open_workbook(book), [put([["李㛃"]])], "学习", date(2027, 1, 5), NOW)


@pytest.mark.slow
def test_an_activity_of_an_archived_period_goes_into_a_month_sheet(book: Path, put: Callable[..., Path]) -> None:
    """scoring §2: pasted into 活动考勤 it would be E901."""
    (folder := book.parent / "归档").mkdir()
    (folder / "2026Q2.json").write_text("坏了的归档也是归档", "utf-8")
    opened, names = quarter.open_workbook(book), put([["李㛃"]])
    with pytest.raises(CannotRead, match=r"2026年6月30日所在的时段已归档.*在以后的月份表补登"):
        importing.import_attendance(opened, [names], "学习", date(2026, 6, 30), NOW)
    assert not (book.parent / "申报导入").exists()
    assert importing.import_attendance(opened, [names], "学习", date(2026, 7, 1), NOW).path.is_file()
