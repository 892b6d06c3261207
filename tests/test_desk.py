"""The desk: who may come in and who may not, what a form may ask for, and a quarter done by a person in a browser."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from accessible import violations
from secretary import edit, rows_of

from xl_jifen.disk import save
from xl_jifen.doors.cli.cli import done_of, main
from xl_jifen.doors.desk import documents
from xl_jifen.doors.desk.actions import ACTIONS, Action, arguments
from xl_jifen.doors.desk.open import desk as open_desk
from xl_jifen.doors.desk.run import runner
from xl_jifen.doors.desk.session import Done, Session
from xl_jifen.doors.desk.web import Desk
from xl_jifen.excel.patch.value import Value
from xl_jifen.grid import column_letters, printable
from xl_jifen.verbs import quarter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

run = runner(done_of)

BOOK = "党员积分.xlsx"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter.example(tmp_path_factory.mktemp("example") / BOOK)


@pytest.fixture
def book(tmp_path: Path, example: Path) -> Path:
    return Path(shutil.copy(example, tmp_path / BOOK))


class Visitor:
    """A browser as far as headers go: what it asks, and what it was answered."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.cookie = desk, ""
        self.origin = f"http://127.0.0.1:{desk.guard.port}"

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.desk.guard.port, timeout=30)
        sent = {"Cookie": self.cookie} if self.cookie else {}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        connection.request(method, quote(path, safe="/?=&%"), body, sent | dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text, answer.headers

    def enter(self) -> None:
        status, _, headers = self.ask(self.desk.guard.address.partition(f":{self.desk.guard.port}")[2])
        assert status == 303
        self.cookie = headers["Set-Cookie"].partition(";")[0]

    def do(self, verb: str, title: str = "", **filled: str) -> str:
        """Fill in a verb's form, send it, and wait for the page that says what came of it."""
        number = next(n for n, a in enumerate(ACTIONS) if a.verb == verb and title in a.title)
        status, text, headers = self.ask(f"/do/{number}", "POST", urlencode(filled))
        assert status == 303, text
        job = headers["Location"].rpartition(self.origin)[2]
        for _ in range(600):
            status, text, _ = self.ask(job)
            assert status == 200
            if "data-wait" not in text:
                return text
            time.sleep(0.1)
        raise AssertionError("still at work")


@pytest.fixture
def desk(book: Path) -> Iterator[Desk]:
    made = Desk(book.parent, book, run)
    thread = threading.Thread(target=made.serve, kwargs={"pause": 0.05})
    thread.start()
    yield made
    made.end()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    made = Visitor(desk)
    made.enter()
    return made


class Held(NamedTuple):
    """A desk whose work, once it has begun, waits until it may go on."""

    desk: Desk
    began: threading.Event
    go_on: threading.Event


@pytest.fixture
def held(book: Path) -> Iterator[Held]:
    began, go_on = threading.Event(), threading.Event()

    def waiting(words: object, home: Path) -> Done:
        began.set()
        go_on.wait(20)
        return Done(0, ("好了",))

    desk = Desk(book.parent, book, waiting)
    threading.Thread(target=desk.serve, kwargs={"pause": 0.05}, daemon=True).start()
    yield Held(desk, began, go_on)
    go_on.set()
    desk.end()


# -- who may come in ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_token_is_good_once(desk: Desk) -> None:
    address = desk.guard.address.partition(f":{desk.guard.port}")[2]
    first, second = Visitor(desk), Visitor(desk)
    first.enter()
    assert first.ask("/")[0] == 200
    assert second.ask(address)[0] == 403, "a token that was used is worth nothing"
    assert first.ask(address)[0] == 303, "but who is inside may press reload"
    assert second.ask("/enter/x")[0] == 403
    cookie = Visitor(desk)
    assert cookie.ask("/")[0] == 403


@pytest.mark.slow
def test_the_cookie_is_hidden_from_scripts_and_other_sites(desk: Desk) -> None:
    visitor = Visitor(desk)
    status, _, headers = visitor.ask(desk.guard.address.partition(f":{desk.guard.port}")[2])
    assert status == 303
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=strict" in headers["Set-Cookie"]


@pytest.mark.slow
def test_only_this_machine_is_listened_to(desk: Desk) -> None:
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", desk.guard.port), timeout=2):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{}", "127.0.0.1", "127.0.0.1:1", "[::1]:{}", ""])
def test_a_foreign_name_led_here_is_refused(visitor: Visitor, host: str) -> None:
    status, text, _ = visitor.ask("/", headers={"Host": host.format(visitor.desk.guard.port)})
    assert status in (400, 421)
    assert "党员" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_cannot_press_a_button(visitor: Visitor, headers: Mapping[str, str]) -> None:
    status, _, _ = visitor.ask(f"/do/{ACTIONS.index(action('check'))}", "POST", "", headers)
    assert status == 403
    assert visitor.desk.session.jobs == []


@pytest.mark.slow
def test_without_an_origin_nothing_is_done(visitor: Visitor) -> None:
    status, _, _ = visitor.ask(f"/do/{ACTIONS.index(action('check'))}", "POST", None, {"Content-Length": "0"})
    assert status == 403
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert visitor.ask("/", method)[0] == 405


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{"Content-Length": str(1 << 30)}, {"Transfer-Encoding": "chunked"}])
def test_an_upload_that_is_huge_or_may_be_is_refused_before_it_is_read(
    visitor: Visitor, headers: Mapping[str, str]
) -> None:
    status, _, _ = visitor.ask(f"/do/{ACTIONS.index(action('check'))}", "POST", "x", headers)
    assert status == 413


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/file/0/党员积分.xlsx",
        "/static/../guard.py",
        "/static/%2e%2e/layout.tpl",
        "/static/layout.tpl",
        "/docs/..%2f..%2f..%2fREADME",
        "/docs/../../README",
        "/docs/没有这一篇",
        "/file/0/..%2f..%2fetc%2fpasswd",
        "/file/-1/x",
        "/do/999",
        "/job/999",
        "/nothing",
    ],
)
def test_files_only_by_what_was_made(visitor: Visitor, path: str) -> None:
    status, text, headers = visitor.ask(path)
    assert status == 404
    assert "没有这一页" in text
    assert headers["Content-Security-Policy"]


@pytest.mark.slow
def test_every_page_brings_the_policy_and_nothing_inline(visitor: Visitor) -> None:
    for path in ("/", "/open", "/docs", "/docs/计分口径", *(f"/do/{n}" for n in range(len(ACTIONS)))):
        status, text, headers = visitor.ask(path)
        assert status == 200, path
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?! src)|<style|\son\w+=|javascript:|https?://(?!www\.w3)", text), path


@pytest.mark.slow
def test_markup_in_a_workbook_is_words(visitor: Visitor, book: Path) -> None:
    edit(book, {"10月!C14": "<script>alert(1)</script><img src=x>"})
    text = followed(visitor)
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "<img" not in text


@pytest.mark.slow
def test_a_made_page_is_shown_and_runs_nothing(visitor: Visitor, book: Path) -> None:
    page = book.parent / "网页.html"
    page.write_text("<script>1</script>", "utf-8")
    visitor.desk.session.files.append(page)
    status, _, headers = visitor.ask("/file/0/网页.html")
    assert status == 200
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]
    page.unlink()
    assert visitor.ask("/file/0/网页.html")[0] == 404


# -- one thing at a time --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_writer_at_a_time(held: Held) -> None:
    desk, began, go_on = held
    visitor = Visitor(desk)
    visitor.enter()
    assert visitor.ask(f"/do/{ACTIONS.index(action('check'))}", "POST", "")[0] == 303
    assert began.wait(10)
    status, text, _ = visitor.ask(f"/do/{ACTIONS.index(action('recalc'))}", "POST", "")
    assert (status, "正在校验，请等它做完再试。" in text) == (409, True)
    assert "data-wait" in visitor.ask("/job/0")[1]
    go_on.set()
    for _ in range(100):
        if visitor.desk.session.working is None:
            break
        time.sleep(0.05)
    assert "好了" in visitor.ask("/job/0")[1], "and a reload shows the same again"


def test_what_is_soon_done_is_told_at_once(book: Path) -> None:
    def brief(words: object, home: Path) -> Done:
        time.sleep(0.1)
        return Done(0, ("好了",))

    desk = Desk(book.parent, book, brief)
    threading.Thread(target=desk.serve, kwargs={"pause": 0.05}, daemon=True).start()
    visitor = Visitor(desk)
    visitor.enter()
    visitor.ask(f"/do/{ACTIONS.index(action('check'))}", "POST", "")
    assert "data-wait" not in visitor.ask("/job/0")[1]
    desk.end()


@pytest.mark.slow
def test_it_ends_when_nobody_looks_any_more(book: Path) -> None:
    desk = Desk(book.parent, book, run)
    desk.serve(idle=0.1, pause=0.05)


def followed(visitor: Visitor) -> str:
    """The live part, once the file has been still from one look to the next."""
    visitor.ask("/live?as=")
    return visitor.ask("/live?as=")[1]


@pytest.mark.slow
def test_watch_tells_each_save_in_the_window_too(book: Path) -> None:
    command = [sys.executable, "-m", "xl_jifen", "watch", str(book), "--no-browser", "--period", "9月"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    assert process.stdout
    try:
        assert process.stdout.readline().startswith("工作台：http://127.0.0.1:")
        process.stdout.readline()
        assert "共 11 个错误" in process.stdout.readline()
        edit(book, {"10月!C14": None})
        assert re.match(r"\d\d:\d\d:\d\d  共 \d+ 个错误", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert "工作台已结束" in process.stdout.read()
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_where_no_browser_opens_the_way_round_is_told(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    monkeypatch.setattr(Desk, "serve", lambda self, said: None)
    open_desk(book, 0, browser=True, say=said.append, done_of=done_of)
    assert said[0].startswith("工作台：http://127.0.0.1:")
    assert "运行 xl-jifen 看有哪些命令" in said[2]


@pytest.mark.slow
def test_a_period_that_is_none_is_told_at_once(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(book), "--no-browser", "--period", "第五季度"]) == 2
    assert "第五季度" in capsys.readouterr().err


@pytest.mark.slow
def test_the_page_follows_the_file(visitor: Visitor, book: Path) -> None:
    _, text, _ = visitor.ask("/")
    known = re.search(r'data-as="([^"]+)"', text)
    assert known
    assert visitor.ask(f"/live?as={quote(known[1])}")[0] == 204
    edit(book, {"10月!C14": "没有这个人"})
    assert "没有这个人" in followed(visitor)
    assert "第四季度积分" in followed(visitor)
    for change in (lambda: book.write_bytes(b"broken"), book.unlink):
        change()
        assert 'class="trouble"' in followed(visitor)


# -- forms ----------------------------------------------------------------------------------------------------------


def action(verb: str, title: str = "") -> Action:
    return next(each for each in ACTIONS if each.verb == verb and title in each.title)


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("check", {}, ["check", "本.xlsx"]),
        ("publish", {"period": ["2026Q3"], "draft": ["yes"]}, ["publish", "本.xlsx", "2026Q3", "--draft"]),
        ("publish", {"margins": ["紧凑版"]}, ["publish", "本.xlsx", "--margins", "紧凑版"]),
        ("verify", {"target": [" AB12 "]}, ["verify", "AB12"]),
        ("verify", {}, ["verify", "本.xlsx"]),
        (
            "import",
            {"exports": ["甲.csv", "乙.csv"], "columns": ["昵称=姓名 事项=规则"]},
            ["import", "本.xlsx", "甲.csv", "乙.csv", "--columns", "昵称=姓名", "事项=规则"],
        ),
        ("next-year", {"new": ["新.xlsx"], "carry": ["20%"]}, ["next-year", "本.xlsx", "新.xlsx", "--carry", "20%"]),
    ],
)
def test_a_form_becomes_the_words_of_the_command(verb: str, given: dict[str, list[str]], words: list[str]) -> None:
    assert arguments(action(verb), "本.xlsx", given) == (words, "")


def test_what_is_missing_or_would_be_an_option_is_told() -> None:
    assert arguments(action("close"), "本.xlsx", {}) == ([], "请填写“时段”。")
    assert arguments(action("new"), "", {"new": ["--version"]})[1] == "“文件名”不能以“-”开头。"


def test_every_verb_of_the_command_line_has_a_button() -> None:
    from readme_parts import parsers

    without = {"watch", "desk", "explain"}  # the page itself is these
    assert {each.verb for each in ACTIONS} == set(parsers()) - without


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../外面.xlsx", "夹/里.xlsx", "C:\\x.xlsx", ".隐藏.xlsx"])
def test_new_files_stay_in_the_folder(visitor: Visitor, name: str) -> None:
    number = ACTIONS.index(action("new"))
    _, text, _ = visitor.ask(f"/do/{number}", "POST", urlencode({"new": name}))
    assert "只写文件名，不写文件夹" in text
    number = ACTIONS.index(action("compare"))
    _, text, _ = visitor.ask(f"/do/{number}", "POST", urlencode({"rules": "../别处.xlsx"}))
    assert "文件夹里没有“../别处.xlsx”" in text


@pytest.mark.slow
def test_without_a_workbook_one_is_chosen_or_made(tmp_path: Path) -> None:
    desk = Desk(tmp_path, None, run)
    threading.Thread(target=desk.serve, kwargs={"pause": 0.05}, daemon=True).start()
    visitor = Visitor(desk)
    visitor.enter()
    assert "这个文件夹里还没有工作簿" in visitor.ask("/")[1]
    assert visitor.ask(f"/do/{ACTIONS.index(action('check'))}")[0] == 303
    assert "做好了" in visitor.do("new", new="新.xlsx", branch="甲支部", year="2026")
    assert "新.xlsx" in visitor.ask("/")[1], "what was made is open"
    (tmp_path / "乙.xlsx").write_bytes((tmp_path / "新.xlsx").read_bytes())
    assert visitor.ask("/open", "POST", urlencode({"book": "乙.xlsx"}))[0] == 303
    assert "乙.xlsx" in visitor.ask("/")[1]
    assert "文件夹里没有" in visitor.ask("/open", "POST", urlencode({"book": "../x.xlsx"}))[1]
    assert visitor.ask("/end", "POST", "")[0] == 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are letters")
def test_files_whose_names_are_no_text_are_shown_and_can_be_chosen(visitor: Visitor, book: Path) -> None:
    """As archives of old systems unpack them."""
    old = book.with_name(os.fsdecode("积分".encode("gbk")) + ".xlsx")
    book.rename(old)
    visitor.desk.session.open(old)
    status, text, _ = visitor.ask("/")
    assert status == 200
    assert "\N{REPLACEMENT CHARACTER}.xlsx" in text
    visitor.desk.session.files.append(old)
    compare = ACTIONS.index(action("compare"))
    assert visitor.ask(f"/do/{compare}")[0] == 200
    words, trouble = visitor.desk._words(action("compare"), {"rules": [printable(old.name)]})
    assert (words[-1], trouble) == (old.name, "")


@pytest.mark.slow
def test_the_example_and_an_upgraded_workbook_are_open_afterwards(tmp_path: Path) -> None:
    desk = Desk(tmp_path, None, run)
    threading.Thread(target=desk.serve, kwargs={"pause": 0.05}, daemon=True).start()
    visitor = Visitor(desk)
    visitor.enter()
    assert "做好了" in visitor.do("new", new="旧.xlsx", branch="甲支部", year="2026")
    desk.session.enter(tmp_path)
    assert "换成新版工作簿" in visitor.ask("/")[1]
    assert "做好了" in visitor.do("upgrade", book="旧.xlsx")
    assert "<h1>旧</h1>" in visitor.ask("/")[1]
    assert "做好了" in visitor.do("demo")
    assert "<h1>党员积分示例</h1>" in visitor.ask("/")[1]
    desk.end()


@pytest.mark.slow
def test_a_workbook_elsewhere_is_opened_by_its_path(visitor: Visitor, tmp_path: Path, book: Path) -> None:
    other = tmp_path / "别 处"
    other.mkdir()
    shutil.copy(book, other / "乙.xlsx")
    for typed in (f"“{other}”", str(other)):
        status, text, _ = visitor.ask("/open", "POST", urlencode({"path": typed}))
        assert (status, "乙.xlsx" in text) == (200, True), "a folder shows its workbooks"
    assert visitor.ask("/open", "POST", urlencode({"path": f'"{other / "乙.xlsx"}"'}))[0] == 303
    assert "<h1>乙</h1>" in visitor.ask("/")[1]
    for typed in ("/etc/passwd", str(other / "没有.xlsx"), "\0"):
        assert "找不到文件夹或工作簿" in visitor.ask("/open", "POST", urlencode({"path": typed}))[1]


@pytest.mark.slow
def test_a_refusal_names_the_button_to_press(visitor: Visitor) -> None:
    text = visitor.do("publish", period="2026Q4", date="2026-11-30")
    assert "勾选“只看样子（草稿）”" in text
    assert "--draft" not in text


@pytest.mark.slow
@pytest.mark.parametrize("lock", [".~lock.党员积分.xlsx#", "~$党员积分.xlsx"])
def test_a_workbook_open_elsewhere_is_not_written(visitor: Visitor, book: Path, lock: str) -> None:
    before = book.read_bytes()
    book.with_name(lock).write_text(",老张,电脑,2026,;", encoding="utf-8")
    text = visitor.do("recalc")
    assert "没有做成" in text
    assert "打开" in text
    assert book.read_bytes() == before


@pytest.mark.slow
def test_a_workbook_saved_while_it_is_worked_on_is_not_overwritten(
    visitor: Visitor, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure = save.ensure_writable

    def late(seen: save.Seen) -> None:
        book.write_bytes(book.read_bytes() + b"\0")  # somebody saves between our reading and our writing
        ensure(seen)

    monkeypatch.setattr(save, "ensure_writable", late)
    text = visitor.do("recalc")
    assert "没有做成" in text
    assert "又被修改过" in text
    assert book.read_bytes().endswith(b"\0"), "theirs stays"


@pytest.mark.slow
def test_a_refusal_is_a_sentence_on_the_page(visitor: Visitor, book: Path) -> None:
    book.write_bytes(b"PK\x03\x04 no workbook")
    text = visitor.do("recalc")
    assert "没有做成" in text
    assert "Traceback" not in text


@pytest.mark.slow
def test_the_documents_are_readable_without_markup_of_theirs() -> None:
    for name, title in documents.titles():
        page = documents.as_html(name)
        assert title
        assert "<script" not in page
        assert "<img" not in page


def test_a_session_offers_no_hidden_and_no_open_files(tmp_path: Path) -> None:
    for name in ("甲.xlsx", "~$甲.xlsx", ".x.xlsx", "说明.txt"):
        (tmp_path / name).write_text("x", "utf-8")
    session = Session(tmp_path, run)
    assert [path.name for path in session.books()] == ["甲.xlsx"]
    assert [path.name for path in session.listed()] == ["甲.xlsx", "说明.txt"]


# -- as a person ----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(desk.guard.address)
    yield opened
    context.close()


def accessible(page: Page) -> None:
    assert [(each["id"], each["help"]) for each in violations(page)] == []


def press(page: Page, title: str, **filled: str) -> str:
    """Use a button of the desk as a person does; what the page says then."""
    page.get_by_role("link", name="党员积分 工作台").click()
    page.get_by_role("link", name=re.compile(f"^{title}")).click()
    for label, value in filled.items():
        field = page.get_by_label(re.compile(f"^{label}"))
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(**({"index": int(value)} if value.isdecimal() else {"label": value}))
        else:
            field.fill(value)
    page.locator("button.go").click()
    page.wait_for_selector(".verdict")
    accessible(page)
    return page.inner_text("main")


def fill(book: Path) -> None:
    """What a secretary types into a new workbook: three members, and entries of the first quarter, one with a slip."""
    typed: dict[str, Value] = {}
    for row, name in enumerate(("张三", "李四", "王五"), 4):
        typed |= line(book, "党员名册", row, 姓名=name, 编号=f"0{row}", 党员类别="正式党员")
    for row, (day, name, reason) in enumerate(
        (("2026-01-12", "张三", "护林防火值班"), ("2026-01-20", "李思", "技能比武")), 4
    ):
        typed |= line(book, "1月", row, 日期=date.fromisoformat(day), 姓名=name, 规则="加1-2", 数量=1, 事由=reason,
                      佐证="值班表", 核实人="王五", 审核状态="通过")  # fmt: skip
    edit(book, typed)


def line(book: Path, sheet: str, row: int, **cells: Value) -> dict[str, Value]:
    """Cells of a row by their places, named by their headings, which stand in row 3."""
    heads = [str(cell).strip(" *") for cell in rows_of(book, sheet)[2]]
    return {f"{sheet}!{column_letters(heads.index(head) + 1)}{row}": value for head, value in cells.items()}


@pytest.mark.office
@pytest.mark.slow
def test_a_quarter_of_a_new_branch_is_done_on_the_desk_alone(browser: Browser, tmp_path: Path) -> None:
    desk = Desk(tmp_path, None, run)
    threading.Thread(target=desk.serve, kwargs={"pause": 0.05}, daemon=True).start()
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(desk.guard.address)
    accessible(page)
    assert "做好了" in press(page, "新建工作簿", 文件名=BOOK, 支部名称="某局机关第一党支部委员会", 年份="2026")
    fill(tmp_path / BOOK)
    assert "李思" in press(page, "校验"), "the slip is found"
    edit(tmp_path / BOOK, line(tmp_path / BOOK, "1月", 5, 姓名="李四"))
    assert "做好了" in press(page, "校验")
    assert "已写回" in press(page, "重新计算")
    assert "才结束" in press(page, "生成公示", 时段="2026年第一季度", 日期="2026-03-20"), "a refusal says why"
    assert "做好了" in press(page, "生成公示", 时段="2026年第一季度", 日期="2026-04-02")
    assert page.locator("main img").count() == 1, "the picture is shown"
    page.locator("main img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('main img').naturalWidth > 100")
    assert "公示期" in press(page, "归档", 时段="2026年第一季度", 日期="2026-04-03"), "not before its days are over"
    assert "已归档" in press(page, "归档", 时段="2026年第一季度", 日期="2026-04-20")
    assert "与归档一致" in press(page, "核验")
    assert "做好了" in press(page, "个人积分明细", 党员="1", 时段="2026年第一季度")
    assert page.locator(".files a").count() >= 2
    assert list((tmp_path / "归档").glob("2026Q1*"))
    context.close()
    desk.end()


@pytest.mark.office
def test_a_reload_and_a_second_tab_in_the_midst_of_work(browser: Browser, held: Held) -> None:
    desk, began, go_on = held
    context = browser.new_context(locale="zh-CN")
    page, second = context.new_page(), context.new_page()
    page.goto(desk.guard.address)
    page.get_by_role("link", name=re.compile("^校验")).click()
    page.locator("button.go").click()
    assert began.wait(10)
    with page.expect_navigation():  # the page asks again by itself too, and would end a reload of the driver's
        page.evaluate("location.reload()")
    assert "正在进行" in page.inner_text("main")
    second.goto(f"http://127.0.0.1:{desk.guard.port}/")
    assert "正在校验" in second.inner_text("main"), "the other tab tells of it"
    second.get_by_role("link", name=re.compile("^重新计算")).click()
    second.locator("button.go").click()
    assert "请等它做完再试" in second.inner_text("main")
    go_on.set()
    page.wait_for_selector(".verdict")
    page.go_back()
    page.go_forward()
    assert "好了" in page.inner_text("main")
    assert len(desk.session.jobs) == 1, "neither reload nor back did it again"
    context.close()


@pytest.mark.office
def test_two_workbooks_one_after_the_other(page: Page, book: Path) -> None:
    shutil.copy(book, book.with_name("乙.xlsx"))
    page.goto(f"{page.url.rstrip('/')}/open")
    page.get_by_role("button", name="乙.xlsx").click()
    assert page.inner_text("h1") == "乙"
    assert "10月!C14" in press(page, "校验")
    page.goto(f"{page.url.partition('/job')[0]}/open")
    page.get_by_role("button", name=BOOK).click()
    assert page.inner_text("h1") == "党员积分"
    assert len(list(book.parent.glob("备份/*"))) == 0, "looking changed neither"


@pytest.mark.office
def test_by_keyboard_alone_on_small_screens_and_on_paper(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("核算"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("form.ask")
    page.locator("#f-period").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")
    page.go_back()
    page.wait_for_selector("form.ask")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(page.url.partition("/do/")[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, "nothing runs out of a phone"
    accessible(page)
    page.emulate_media(media="print")
    assert not page.locator(".verbs").first.is_visible()
    assert page.locator("#live").is_visible()
