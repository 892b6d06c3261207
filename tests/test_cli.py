"""The command line as a person meets it: whole runs, their words, their files and exit codes."""

import atexit
import csv
import gc
import html
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from secretary import edit, heading_row, rename_sheet, rows_of

from xl_jifen import layout
from xl_jifen.catalogue import CATALOGUE
from xl_jifen.doors.cli.cli import main
from xl_jifen.excel.read.package import Package


@pytest.fixture
def book(example: Path, tmp_path: Path) -> Path:
    """The example branch as a user's file, in the folder that ``demo`` fills."""
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    return tmp_path / "党员积分示例.xlsx"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``demo`` fills; tests must not change it."""
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", str(folder)]) == 0
    return folder


@pytest.mark.slow
def test_demo_ends_with_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["demo", str(tmp_path)])
    told = capsys.readouterr().out.rstrip().splitlines()[-4:]
    assert told[0] == "接下来："
    assert [line[:2] for line in told[1:]] == ["1.", "2.", "3."]
    assert "党员积分示例.xlsx" in told[1]
    assert "xl-jifen new" in told[3]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def one_sentence(err: str) -> str:
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    assert err.rstrip().endswith(("。", "；")), err
    return err


def test_alone_it_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    assert "xl-jifen demo" in out
    assert "recalc" in out


def test_unknown_command_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for word, meant in (("公布", ""), ("chekc", "；是不是 check？"), ("校验", "；是不是 check？")):
        with pytest.raises(SystemExit) as stopped:
            main([word])
        assert stopped.value.code == 2
        said = one_sentence(capsys.readouterr().err)
        assert f"没有“{word}”这个命令{meant}" in said


def test_a_missing_file_is_told_with_the_nearest_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "党员积分.xlsx").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "check", "党员积分")
    assert (code, "是不是“党员积分.xlsx”？" in err) == (2, True)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("rollup . --parquet 表", "缺少 --out"),
        ("publish 某.xlsx 2026Q3 --date 昨天", "日期“昨天”看不懂"),
        ("publish 某.xlsx 2026Q3 --date", "--date 后面没有写内容"),
        ("publish 某.xlsx 2026Q3 --margins 宽", "--margins 不能写“宽”，请写 公文版、紧凑版"),
        ("next-year 某.xlsx 新.xlsx --carry-as 基础分", "--carry-as 不能写“基础分”，请写 加在基础分上、作为基础分"),
        ("publish 某.xlsx 2026Q3 --d", "“--d”不知道是 --draft、--date 中的哪一个"),
        ("publish 某.xlsx 2026Q3 --没有", "没有“--没有”这个选项"),
        ("check 我的 积分.xlsx", "多写了“积分.xlsx”"),
        ("check 某.xlsx --json=1", "--json 后面不写内容"),
        ("new 某.xlsx --year 二零", "年份“二零”不能用"),
        ("appraise 某.xlsx --hours 32", "没有“--hours”这个选项，学时目标写在工作表“组织生活要求”的“学时”一栏"),
        ("watch 某.xlsx --quarter 本季", "没有“--quarter”这个选项，改用 --period，如 --period 2026Q3"),
        ("publish 某.xlsx --quarter 2026Q3", "没有“--quarter”这个选项，时段直接写在文件后面，如 2026Q3"),
        ("rollup . --out 汇总.xlsx --workers 0", "个数“0”不能用"),
        ("rollup . --out 汇总.xlsx --workers x", "个数“x”不能用"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_how_it_is_written(
    call: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(call.split())
    assert stopped.value.code == 2
    said = one_sentence(capsys.readouterr().err)
    assert f"命令没有写对：{told}" in said
    assert f"用法：xl-jifen {call.split()[0]} " in said


@pytest.mark.slow
def test_new_makes_a_clean_workbook_for_the_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "我的积分.xlsx"
    assert run(capsys, "new", path, "--branch", "中共某局第二支部委员会", "--year", 2027)[0] == 0
    code, out, _ = run(capsys, "check", path, "--json")
    found = json.loads(out)
    assert (code, found["findings"]) == (0, [])
    assert found["branch"] == "中共某局第二支部委员会"
    assert found["cycle"] == {"start": "2027-01-01", "end": "2027-12-31"}
    assert set(found) == {"schema", "branch", "cycle", "findings"}


@pytest.mark.slow
def test_new_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "党员积分.xlsx"
    path.write_bytes(b"mine")
    code, _, err = run(capsys, "new", path)
    assert code == 2
    one_sentence(err)
    assert path.read_bytes() == b"mine"


def test_new_refuses_a_suffix_it_cannot_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "new", tmp_path / "党员积分.xls")
    assert code == 2
    assert ".xlsx" in one_sentence(err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo_leaves_a_published_quarter(example: Path) -> None:
    folder = example / "公示" / "2026年第三季度"
    assert {path.suffix for path in folder.iterdir()} == {".xlsx", ".pdf", ".png", ".html", ".txt"}


@pytest.mark.slow
def test_demo_mistakes_are_all_in_the_last_quarter(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", example / "党员积分示例.xlsx", "--json")
    errors = [finding for finding in json.loads(out)["findings"] if finding["level"] == "错误"]
    assert code == 1
    assert len({finding["code"] for finding in errors}) >= 5
    for finding in errors:
        sheet, _, cell = finding["place"].partition("!")
        if sheet == "活动考勤":
            rows = csv.reader(io.StringIO(Path("workbook/demo/活动考勤.csv").read_text("utf-8")))
            dates = [row[0] for row in rows]
            assert dates[int("".join(filter(str.isdigit, cell))) - 3] >= "2026-10"
        else:
            assert sheet in ("10月", "11月", "12月")


@pytest.mark.slow
def test_score_json_has_the_contract_keys(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "score", example / "党员积分示例.xlsx", "--json")
    told = json.loads(out)
    assert list(told) == ["schema", "branch", "cycle", "findings", "entries", "votes", "scores"]
    assert set(told["entries"][0]) == {"place", "member", "rule", "kind", "month", "raw", "counted", "why"}
    assert [(vote["rule"], vote["passed"]) for vote in told["votes"]] == [("否2", True), ("否3", True)]
    assert set(told["scores"][0]) == {
        "member", "name", "class", "period", "base", "bonus", "deduction", "score", "rank", "grade", "vetoed", "remark",
    }  # fmt: skip
    assert {score["period"] for score in told["scores"]} == {"2026Q1", "2026Q2", "2026Q3", "2026Q4", "year"}


@pytest.mark.slow
def test_score_tells_the_periods_asked_for_each_once_in_order(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [word for period in ("下半年", "9月", "2026", "2026Q1", "2026-09") for word in ("--period", period)]
    _, out, _ = run(capsys, "score", example / "党员积分示例.xlsx", "--json", *asked)
    told = dict.fromkeys(score["period"] for score in json.loads(out)["scores"])
    assert list(told) == ["2026Q1", "2026Q2", "2026-09", "2026Q3", "2026Q4", "2026H2", "year"]
    _, out, _ = run(capsys, "score", example / "党员积分示例.xlsx", "--period", "上半年")
    assert "\n2026年上半年\n" in out
    for text in ("1", "2027Q1", "明年"):
        code, _, err = run(capsys, "score", example / "党员积分示例.xlsx", "--period", text)
        assert code == 2
        assert f"“{text}”" in one_sentence(err)


@pytest.mark.slow
def test_score_json_is_one_object_although_the_cycle_is_missing(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = enumerate(rows_of(book, "设置"), 1)
    edit(book, {f"设置!B{number}": None for number, row in rows if str(row[0]).startswith("计分周期结束")})
    code, out, _ = run(capsys, "score", book, "--json", "--period", "2026Q3")
    told = json.loads(out)
    assert (code, told["cycle"], told["scores"]) == (1, None, [])
    assert "E803" in {finding["code"] for finding in told["findings"]}


@pytest.mark.slow
def test_recalc_twice_changes_nothing_the_second_time(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.read_bytes()
    code, out, _ = run(capsys, "recalc", book)
    assert code == 1
    assert "没有变化" in out
    assert book.read_bytes() == before


@pytest.mark.slow
def test_recalc_writes_marks_beside_the_rows(example: Path) -> None:
    rows = rows_of(example / "党员积分示例.xlsx", "10月")
    heads = [str(head).rstrip("*") for head in rows[heading_row(rows)]]
    told = dict(zip(heads, rows[17], strict=True))
    assert str(told["提示"]).startswith("错误：党员名册中没有")
    assert told["计入分"] == 0


@pytest.mark.slow
def test_publish_is_refused_while_errors_bear_on_the_quarter(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "publish", book, "2026Q4", "--out", tmp_path / "四", "--date", "2027-01-04")
    assert code == 1
    assert "E501" in out
    one_sentence(err)
    assert not (tmp_path / "四").exists()


@pytest.mark.slow
def test_a_draft_is_made_all_the_same_and_says_so(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, _ = run(capsys, "publish", book, "2026Q4", "--draft", "--out", tmp_path / "四", "--date", "2027-01-04")
    assert code == 1
    [path] = (tmp_path / "四").glob("*.xlsx")
    texts = [str(cell.value) for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row if cell.value]
    assert any("草稿" in text for text in texts)


@pytest.mark.slow
def test_publish_twice_gives_the_same_files(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], set_anew: Callable[[], None]
) -> None:
    folders = [tmp_path / "甲", tmp_path / "乙"]
    for folder in folders:
        set_anew()
        assert run(capsys, "publish", book, "2026Q3", "--date", "2026-10-09", "--out", folder)[0] == 0
    contents = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders]
    assert contents[0] == contents[1]


@pytest.mark.slow
def test_publish_names_the_quarters_there_are(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "publish", book, "2026Q5")
    assert code == 2
    assert "2026Q1、2026Q2、2026Q3、2026Q4" in one_sentence(err)


@pytest.mark.slow
def test_a_branch_restyles_the_sheet_without_code(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = book.parent / "模板" / "publicity.xlsx"
    own.parent.mkdir()
    template = openpyxl.load_workbook("templates/publicity.xlsx")
    template.active["A1"].font = Font(color="FFC00000")
    template.save(own)
    assert run(capsys, "publish", book, "2026Q3", "--out", tmp_path / "红")[0] == 0
    [path] = (tmp_path / "红").glob("*.xlsx")
    assert openpyxl.load_workbook(path).active["A1"].font.color.rgb == "FFC00000"


@pytest.mark.slow
def test_a_template_saved_in_another_encoding_is_one_sentence(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = book.parent / "模板" / "publicity.html"
    own.parent.mkdir()
    own.write_bytes(Path("templates/publicity.html").read_text("utf-8").encode("gb18030"))
    code, _, err = run(capsys, "publish", book, "2026Q3", "--out", tmp_path / "网页")
    assert (code, err) == (2, "网页模板“publicity.html”不是 UTF-8 编码的文本；请在编辑器中另存为 UTF-8。\n")
    assert not (tmp_path / "网页").exists()


@pytest.mark.slow
def test_points_only_tells_nobody_a_reason_in_any_byte(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "publish", book, "2026Q3", "--date", "2026-10-09", "--out", tmp_path / "仅积分")[0] == 0
    private = set()
    for path in Path("workbook/demo").glob("*月.csv"):
        for row in csv.DictReader(path.read_text("utf-8").splitlines()):
            private |= {text.encode() for name in ("事由", "佐证") if len(text := row[name]) > 4}
    assert len(private) > 50
    for path in (tmp_path / "仅积分").iterdir():
        data = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                # Some XML is written with character references.
                data = html.unescape("".join(archive.read(name).decode() for name in archive.namelist())).encode()
        assert not [text.decode() for text in private if text in data]


@pytest.mark.parametrize("verb", ["check", "score", "recalc"])
@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("没有.xlsx", None, "没有"),
        ("空.xlsx", b"", "空"),
        ("网页.xlsx", b"<html><body>x</body></html>", "网页"),
        ("旧.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), "xls"),
        ("断.xlsx", b"PK\x03\x04" + bytes(40), ""),
    ],
)
def test_what_is_no_workbook_is_one_sentence(
    verb: str, name: str, data: bytes | None, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    code, _, err = run(capsys, verb, path)
    assert code == 2
    assert word in one_sentence(err)
    assert [p.name for p in tmp_path.iterdir()] == ([name] if data is not None else [])


def test_a_folder_is_no_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "check", tmp_path)
    assert code == 2
    one_sentence(err)


@pytest.mark.slow
def test_a_missing_sheet_is_a_finding_not_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "缺.xlsx"
    run(capsys, "new", path)
    for sheet in ("党员名册", "4月"):
        rename_sheet(path, sheet, f"旧{sheet}")
    code, out, _ = run(capsys, "check", path, "--json")
    places = [finding["place"] for finding in json.loads(out)["findings"] if finding["code"] == "E811"]
    assert code == 1
    assert sorted(places) == ["4月!A1", "党员名册!A1"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full at any time")
@pytest.mark.parametrize("full", ["2>/dev/full", ">/dev/full 2>&1"])
def test_what_cannot_be_told_is_no_verdict_on_the_workbook(full: str, tmp_path: Path) -> None:
    python = shlex.quote(sys.executable)
    assert subprocess.run(f"{python} -m xl_jifen check 无.xlsx {full}", shell=True, cwd=tmp_path).returncode == 2


@pytest.mark.slow
def test_what_stands_behind_two_dashes_is_no_option(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(book.parent)
    code, out, err = run(capsys, "check", "--", book.name)
    assert (code, err) == (1, "")
    assert "错误" in out
    assert "多写了" not in run(capsys, "publish", "--draft", "--", book.name, "2026Q3")[2]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["publish", "close", "next-year"])
def test_without_a_cycle_it_is_the_cycle_that_is_asked_for(
    command: str, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rename_sheet(book, "设置", "别的")
    behind = (book.with_name("新.xlsx"),) if command == "next-year" else ("2026Q3",)
    code, _, err = run(capsys, command, book, *behind)
    assert (code, err.splitlines()[-1]) == (1, "请先在“设置”中改正计分周期，再运行一次。")


@pytest.mark.slow
def test_the_one_column_chosen_is_published_though_it_says_nothing_yet(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = next(n for n, cells in enumerate(rows_of(book, "设置"), 1) if "公示栏目" in cells)
    edit(book, {f"设置!B{row}": "较上期"})
    assert run(capsys, "publish", book, "2026Q1", "--date", "2026-04-02", "--no-charts")[0] == 0


@pytest.mark.slow
def test_a_file_where_the_sheets_are_to_lie_is_named(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = book.read_bytes()
    code, _, err = run(capsys, "publish", book, "2026Q1", "--date", "2026-04-02", "--out", book)
    assert (code, book.read_bytes()) == (2, data)
    assert "是文件，不是文件夹" in err


@pytest.mark.slow
@pytest.mark.parametrize(("word", "said"), [("李娜", "--member 李娜"), ("2026Q1", "--period 2026Q1")])
def test_what_stands_behind_a_statement_is_sent_where_it_belongs(
    word: str, said: str, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["statement", str(book), word])
    assert f"写成 {said}" in capsys.readouterr().err


@pytest.mark.slow
def test_nothing_is_said_to_be_meant_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("归档").mkdir()
    assert "是文件夹" in one_sentence(run(capsys, "verify", "归档")[2])
    assert "“.”的扩展名不对" in run(capsys, "new", ".")[2]
    Path("坏.xlsx").symlink_to("没有.xlsx")
    assert "指向的文件已不在原处" in one_sentence(run(capsys, "check", "坏.xlsx")[2])


def test_explain_tells_one_code_and_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "explain", "e501")
    assert run(capsys, "explain", "Ｅ 501")[:2] == (code, out)
    assert code == 0
    assert out.startswith("E501")
    assert "怎么改" in out
    assert [line[:4] for line in run(capsys, "explain")[1].splitlines()] == list(CATALOGUE)
    code, _, err = run(capsys, "explain", "E999")
    assert code == 2
    one_sentence(err)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
def test_consoles_of_any_encoding_get_words_not_errors(example: Path, encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xl_jifen", "score", str(example / "党员积分示例.xlsx")],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert done.stdout.decode(encoding)


@pytest.mark.slow
def test_json_is_utf8_whatever_the_console(example: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xl_jifen", "check", str(example / "党员积分示例.xlsx"), "--json"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert json.loads(done.stdout.decode("utf-8"))["schema"] == 1


@pytest.mark.slow
def test_a_command_called_by_another_program_leaves_its_process_as_it_was(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[object] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    before = gc.get_threshold()
    main(["score", str(example / "党员积分示例.xlsx")])
    assert (registered, gc.get_threshold()) == ([], before)


@pytest.mark.slow
def test_score_and_recalc_import_no_heavy_library(tmp_path: Path) -> None:
    written = Path(__file__).parent / "released_ca627e3" / "党员积分.xlsx"
    book = shutil.copy(written, tmp_path)
    program = (
        "import sys; from xl_jifen.doors.cli.cli import main;"
        "main(['score', sys.argv[1]]); main(['recalc', sys.argv[1]]);"
        "heavy = {'pandas', 'numpy', 'openpyxl', 'lxml', 'typst', 'PIL', 'xlsxwriter', 'xlwings'} & set(sys.modules);"
        "sys.exit(','.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, book],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(book).read_bytes() != written.read_bytes()


@pytest.mark.slow
def test_recalc_leaves_every_foreign_part_alone(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "new", book.parent / "新.xlsx", "--branch", "中共某局第二支部委员会")
    fresh = book.parent / "新.xlsx"
    before = {info.filename: zipfile.ZipFile(fresh).read(info) for info in zipfile.ZipFile(fresh).infolist()}
    assert run(capsys, "recalc", fresh)[0] == 0
    with zipfile.ZipFile(fresh) as after:
        changed = {name for name, data in before.items() if after.read(name) != data}
    owned = {Package.open(fresh).sheets[name] for name in layout.OWNED_SHEETS}
    assert {name for name in changed if "worksheets/sheet" in name} == owned, "an empty workbook has no row to mark"


@pytest.mark.slow
def test_a_published_workbook_someone_wrote_on_is_backed_up(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "公示三"
    command = ("publish", book, "2026Q3", "--date", "2026-10-09", "--out", folder)
    run(capsys, *command)
    [path] = folder.glob("*.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook.active["K1"] = "已盖章"
    workbook.save(path)
    written_on = path.read_bytes()
    (folder / f"{path.stem}-2.png").write_bytes(b"of a longer set")
    assert run(capsys, *command)[0] == 0
    assert [backup.read_bytes() for backup in (folder / "备份").iterdir()] == [written_on]
    assert not (folder / f"{path.stem}-2.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["publish", "statement", "meeting", "appraise"])
def test_a_branch_without_members_gets_no_empty_sheets(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "空.xlsx"
    assert run(capsys, "new", book, "--branch", "第一党支部", "--year", "2026")[0] == 0
    code, out, err = run(capsys, verb, book, *(["2026Q3"] if verb == "publish" else []))
    assert (code, out) == (2, "")
    assert "没有计分的党员" in one_sentence(err)
    assert [path.name for path in tmp_path.iterdir()] == ["空.xlsx"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["党员积分.xlsx", "党员积分 (2).xlsx"])
def test_a_command_that_is_told_can_be_copied_as_it_stands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "new", name, "--branch", "第一党支部", "--year", "2099")[0] == 0
    told = run(capsys, "publish", name, "2099Q3")[2]
    command = re.search(r"（xl-jifen (.*)）", told)
    assert command
    assert shlex.split(command[1]) == ["publish", name, "2099Q3", "--draft"]
