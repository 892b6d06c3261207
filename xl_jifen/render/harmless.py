"""A web template (网页模板) that may be anyone's: no script but ours, no address elsewhere, and a policy that says so.

A page of members' points is opened by members; whoever can lay a file beside a workbook must not run anything there.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html.parser import HTMLParser

from xl_jifen.disk import assets
from xl_jifen.disk.folders import OWN_TEMPLATES
from xl_jifen.finding import CannotWrite

_ACTIVE = frozenset(("iframe", "frame", "object", "embed", "applet", "base", "form", "portal", "audio", "video"))
_ADDRESSED = frozenset(
    ("href", "src", "srcset", "action", "formaction", "poster", "data", "background", "ping", "xlink:href", "manifest")
)
_OWN = re.compile(r"\s*(?:#|data:image/(?!svg)|data:,|\{\{|$)", re.IGNORECASE)
_FOREIGN_STYLE = re.compile(
    r"@import|(?:url|image-set)\(\s*[\"']?\s*(?!data:|#)[^\s\"')]|expression\s*\(", re.IGNORECASE
)
_POLICY = re.compile(r"<meta\b[^<>]*\bhttp-equiv\s*=\s*[\"']?content-security-policy\b[^<>]*>\n?", re.IGNORECASE)
_PLAIN_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:\">"
)
_BEGINNING = re.compile(
    r"(?:\s*<!doctype\b[^<>]*>)?(?:\s*<html\b[^<>]*>)?(?:\s*<head\b[^<>]*>)?(?:\s*<meta charset=[^<>]*>)?",
    re.IGNORECASE,
)
"""What may stand before the policy, which holds for what follows only."""
_READ_TWO_WAYS = re.compile(r"<!--?>|<!--->|--!>|<!\[")
"""Where browsers take a comment to end earlier than Python does."""


class _Walk(HTMLParser):
    """What of a page is active: its scripts, and in words what else could act or lead elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.odd: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else ""
        if tag == "script":
            self.scripts.append("")
        if tag in _ACTIVE:
            self.odd.append(f"<{tag}>")
        for name, value in attributes:
            text = value or ""
            if name.startswith("on") or name == "srcdoc":
                self.odd.append(f"{name}=")
            elif "javascript:" in re.sub(r"[\x00-\x20]", "", text).lower():
                self.odd.append("网址 javascript:")
            elif name in _ADDRESSED and not _OWN.match(text):
                self.odd.append(f"网址 {text[:60]}")
            elif name == "style" and _FOREIGN_STYLE.search(text):
                self.odd.append("样式中的网址")
            elif tag == "meta" and name == "http-equiv" and text.lower() == "refresh":
                self.odd.append("自动跳转")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "style" and _FOREIGN_STYLE.search(data):
            self.odd.append("样式中的网址")
        elif self._inside == "style" and "<" in data:  # inside a picture browsers take that for markup
            self.odd.append("样式中的标记")


def ensure_harmless(template: str, name: str) -> None:
    """Raise CannotWrite for a branch's own template with a script other than ours, or that leads or loads elsewhere."""
    shipped = _shipped(name)
    if template == shipped:
        return
    own, ours = _Walk(template), _Walk(shipped)
    odd = [what for what in own.odd if what not in ours.odd]
    if found := _READ_TWO_WAYS.search(template):
        odd.append(f"各浏览器理解不一的注释 {found[0]}")
    if set(own.scripts) - set(ours.scripts):
        odd.insert(0, "脚本")
    if odd:
        raise CannotWrite(
            f"工作簿旁的模板“{OWN_TEMPLATES}/{name}”里有{odd[0]}，为安全起见没有使用；"
            "请去掉这一处，或从程序自带的模板重新改起。"
        )


def with_policy(page: str, name: str) -> str:
    """A finished page that tells the browser to run its own scripts only and to load nothing from anywhere."""
    text = _POLICY.sub("", page)
    hashes = " ".join(_hashes(_Walk(text).scripts)) or "'none'"
    meta = _POLICY.search(_shipped(name))
    policy = (meta[0] if meta else _PLAIN_POLICY).strip().replace("script-src 'unsafe-inline'", f"script-src {hashes}")
    begin = _BEGINNING.match(text)
    at = begin.end() if begin else 0
    return f"{text[:at]}\n{policy}{text[at:]}" if at else f"{policy}\n{text}"


def _shipped(name: str) -> str:
    return assets.asset(f"templates/{name}").decode("utf-8-sig")


def _hashes(scripts: Iterable[str]) -> Iterable[str]:
    return (f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in dict.fromkeys(scripts))
