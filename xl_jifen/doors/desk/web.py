"""The pages of the desk (页面): requests in, filled templates out; the template engine escapes every word.

Listens on the loopback alone, ends with Ctrl+C, by its own button, or when nobody has looked for a while.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import bottle

from xl_jifen.disk import assets
from xl_jifen.doors.desk import documents
from xl_jifen.doors.desk.actions import ACTIONS, Action, arguments
from xl_jifen.doors.desk.gate import HEADERS, LARGEST_FORM, MADE, Guard
from xl_jifen.doors.desk.session import BOOKS, Look, Run, Session
from xl_jifen.doors.desk.words import for_the_desk
from xl_jifen.finding import Finding
from xl_jifen.grid import printable
from xl_jifen.period import KINDS
from xl_jifen.register import points_text

IDLE = 15 * 60
"""Seconds without a request and without work, after which the desk ends; an open page asks every few seconds."""

PICTURES, PAGES = (".png",), (".html", ".htm")
SOON = 0.5
"""Seconds an answer waits for the work it began: most is done by then, and nobody need be told that it goes on."""

TYPES = {".png": "image/png", ".pdf": "application/pdf", ".html": "text/html", ".txt": "text/plain"}
"""What a browser shows by itself; anything else is handed over as a file."""

REFUSED = "这个地址只给打开工作台的那个浏览器用。请关掉这一页，从图标或命令重新打开工作台。"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = False


class _Quiet(WSGIRequestHandler):
    timeout = 30

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the console is for people."""

    def get_stderr(self) -> io.TextIOBase:
        """Where the web library writes what went wrong; the page says so in a sentence."""
        return io.StringIO()


class Desk:
    """One desk: its session, its guard and its server."""

    def __init__(self, home: Path, book: Path | None, run: Run, port: int = 0, period: str = "") -> None:
        self.session = Session(home, run, period)
        if book:
            self.session.open(book)
        self._app = bottle.Bottle(catchall=True)
        self._server = make_server("127.0.0.1", port, self._app, server_class=_Server, handler_class=_Quiet)
        self.guard = Guard(self._server.server_port)
        self._ended = threading.Event()
        self._lookup = [str(assets.folder("templates") / "desk")]
        self._routes()

    def serve(self, *, idle: float = IDLE, pause: float = 1.0, said: Callable[[str], object] | None = None) -> None:
        """Answer until ended, idle or interrupted. ``said`` is told of each save, and keeps it awake."""
        polled = {"poll_interval": min(pause, 0.2)}
        thread = threading.Thread(target=self._server.serve_forever, kwargs=polled, daemon=True)
        thread.start()
        try:
            told: Look | None = None
            while not self._ended.wait(pause):
                if said and (look := self.session.look()) is not told:
                    said(f"{datetime.now():%H:%M:%S}  {look.words}")
                    told = look
                if not said and not self.session.working and time.monotonic() - self.session.seen > idle:
                    break
        finally:
            self._server.shutdown()
            self._server.server_close()

    def end(self) -> None:
        """Stop answering."""
        self._ended.set()

    # ---- who may come in ----

    def _routes(self) -> None:
        app = self._app
        app.add_hook("before_request", self._admit)
        app.add_hook("after_request", self._protect)
        app.default_error_handler = self._error
        app.route("/enter/<token>", "GET", self._enter)
        app.route("/", "GET", self._home)
        app.route("/live", "GET", self._live)
        app.route("/open", ["GET", "POST"], self._open)
        app.route("/do/<number:int>", ["GET", "POST"], self._do)
        app.route("/job/<number:int>", "GET", self._job)
        app.route("/file/<number:int>/<name>", "GET", self._file)
        app.route("/docs", "GET", lambda: self._page("docs", documents=documents.titles()))
        app.route("/docs/<name>", "GET", self._document)
        app.route("/static/<name:re:desk\\.(?:css|js)>", "GET", self._static)
        app.route("/end", "POST", self._end)

    def _admit(self) -> None:
        request = bottle.request
        if not self.guard.names_us(request.headers):
            raise bottle.HTTPResponse("", 421)
        if request.path.startswith("/enter/"):
            return
        if not self.guard.knows(request.cookies.get(self.guard.cookie_name)):
            raise bottle.HTTPResponse(REFUSED, 403, {**HEADERS, "Content-Type": "text/plain; charset=utf-8"})
        if request.method == "POST":
            if not self.guard.is_own_page(request.headers):
                raise bottle.HTTPResponse(REFUSED, 403, {**HEADERS, "Content-Type": "text/plain; charset=utf-8"})
            if not 0 <= request.content_length <= LARGEST_FORM:
                raise bottle.HTTPResponse("", 413, HEADERS)
        elif request.method != "GET":
            raise bottle.HTTPResponse("", 405)
        self.session.seen = time.monotonic()

    def _protect(self) -> None:
        """What every answer carries, unless it carries its own."""
        for head, value in HEADERS.items():
            bottle.response.headers.setdefault(head, value)

    def _enter(self, token: str) -> Any:
        cookie = self.guard.enter(token)
        if cookie is None:
            if self.guard.knows(bottle.request.cookies.get(self.guard.cookie_name)):
                bottle.redirect("/", 303)
            raise bottle.HTTPResponse(REFUSED, 403, {**HEADERS, "Content-Type": "text/plain; charset=utf-8"})
        answer = bottle.HTTPResponse("", 303, {**HEADERS, "Location": "/"})
        answer.set_cookie(self.guard.cookie_name, cookie, httponly=True, samesite="strict", path="/")
        return answer

    # ---- pages ----

    def _page(self, template: str, **words: object) -> str:
        own = {"session": self.session, "actions": tuple(enumerate(ACTIONS)), "points": points_text}
        filled = bottle.template(template, template_lookup=self._lookup, said=for_the_desk, **own, **words)
        return printable(str(filled))

    def _home(self) -> str:
        if self.session.book is None:
            return self._page("start", books=self.session.books())
        return self._page("home", **self._state())

    def _live(self) -> Any:
        """The part of the page that changes with the workbook; nothing where it is as the page knows it."""
        if self.session.book is None:
            return bottle.HTTPResponse("", 204)
        look = self.session.look()
        if bottle.request.query.get("as") == str(look.state):
            return bottle.HTTPResponse("", 204)
        return self._page("findings", **self._state())

    def _state(self) -> dict[str, object]:
        look = self.session.look()
        found = look.reckoning.findings if look.reckoning else ()
        return {"look": look, "findings": by_weight(found)}

    def _open(self) -> Any:
        trouble = self._chosen() if bottle.request.method == "POST" else ""
        if bottle.request.method == "POST" and not trouble and self.session.book:
            bottle.redirect("/", 303)
        return self._page("start", books=self.session.books(), trouble=trouble)

    def _chosen(self) -> str:
        """Open the workbook that was chosen, or go where a typed path leads; a sentence if it cannot be."""
        forms = bottle.request.forms
        if typed := (forms.getunicode("path") or "").strip().strip("\"'“”"):
            path = Path(typed).expanduser()
            if path.is_dir():
                self.session.enter(path)
            elif path.suffix.lower() in BOOKS and path.is_file():
                self.session.open(path)
            else:
                return f"找不到文件夹或工作簿“{typed}”；请在文件管理器里复制它的完整路径，粘贴到这里。"
            return ""
        name = forms.getunicode("book") or ""
        chosen = next((path for path in self.session.books() if printable(path.name) == name), None)
        if chosen is None:
            return f"文件夹里没有“{name}”。"
        self.session.open(chosen)
        return ""

    def _do(self, number: int) -> Any:
        action = ACTIONS[number] if 0 <= number < len(ACTIONS) else bottle.abort(404)
        if action.on_book and self.session.book is None:
            bottle.redirect("/open", 303)
        forms = bottle.request.forms
        given = {field.name: forms.decode().getall(field.name) for field in action.fields}
        trouble = ""
        if bottle.request.method == "POST" or not action.fields:
            words, trouble = self._words(action, given)
            if bottle.request.method == "POST" and not trouble:
                job = self.session.start(action.title, words, opens=action.opens)
                if job:
                    job.over.wait(SOON)
                    bottle.redirect(f"/job/{job.number}", 303)
                busy = self.session.working
                bottle.response.status = 409
                trouble = f"正在{busy.title}，请等它做完再试。" if busy else "请再试一次。"
        return self._page("form", number=number, action=action, given=given, trouble=trouble, **self._choices())

    def _words(self, action: Action, given: dict[str, list[str]]) -> tuple[list[str], str]:
        offered = {printable(path.name): path.name for path in self.session.listed()}
        for field in action.fields:
            if field.kind in ("book", "files"):
                for value in given[field.name]:
                    if value and value not in offered:
                        return [], f"文件夹里没有“{value}”。"
                given = {**given, field.name: [offered.get(value, value) for value in given[field.name]]}
            for value in given[field.name] if field.kind == "name" else ():
                if set(value) & set('/\\:*?"<>|') or value.startswith("."):
                    return [], f"“{field.label}”只写文件名，不写文件夹。"
        return arguments(action, str(self.session.book or ""), given)

    def _choices(self) -> dict[str, object]:
        """What a form may offer: periods, members, files."""
        reckoning = self.session.look().reckoning if self.session.book else None
        cycle = reckoning.register.settings.cycle if reckoning else None
        members = reckoning.register.members if reckoning else ()
        return {
            "periods": [(str(p), p.words) for kind in KINDS for p in cycle.periods(kind)] if cycle else [],
            "members": [(member.code, member.label) for member in members],
            "books": [path.name for path in self.session.books() if path != self.session.book],
            "listed": [path.name for path in self.session.listed() if path != self.session.book],
        }

    def _job(self, number: int) -> Any:
        if not 0 <= number < len(self.session.jobs):
            bottle.abort(404)
        job = self.session.jobs[number]
        return self._page("job", job=job, findings=by_weight(job.done.findings) if job.done else ())

    def _file(self, number: int, name: str) -> Any:
        """A file that was made here, by its number; the name is only for the eye."""
        files = self.session.files
        if not 0 <= number < len(files) or printable(files[number].name) != name or not files[number].is_file():
            bottle.abort(404)
        path = files[number]
        kind = TYPES.get(path.suffix.lower())
        answer = bottle.HTTPResponse(path.read_bytes(), 200, {"Content-Type": kind or "application/octet-stream"})
        if kind and kind.startswith("text/"):
            answer.set_header("Content-Type", f"{kind}; charset=utf-8")
        if kind is None:
            answer.set_header(
                "Content-Disposition", f"attachment; filename*=UTF-8''{bottle.urlquote(printable(path.name))}"
            )
        for head, value in HEADERS.items():
            answer.set_header(head, value)
        answer.set_header("Content-Security-Policy", MADE if path.suffix.lower() in PAGES else "default-src 'none'")
        raise answer

    def _document(self, name: str) -> Any:
        if name not in dict(documents.titles()):
            bottle.abort(404)
        return self._page("document", name=name, body=documents.as_html(name))

    def _static(self, name: str) -> Any:
        return bottle.static_file(name, root=self._lookup[0])

    def _end(self) -> str:
        self.end()
        return self._page("ended")

    def _error(self, error: Any) -> str:
        words = "没有这一页。" if error.status_code == 404 else "这一步没有做成，请回到工作台再试。"
        return self._page("error", words=words)


def by_weight(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings by level, errors first, each level in the order of the workbook."""
    levels: dict[str, list[Finding]] = {"错误": [], "警告": [], "提示": []}
    for finding in findings:
        levels[finding.level].append(finding)
    return [(level, found) for level, found in levels.items() if found]
