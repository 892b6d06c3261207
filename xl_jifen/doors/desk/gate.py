"""Who may speak with the desk (门禁): one browser on this computer, and no other page, program or machine.

A token that is good once becomes a cookie no script can read. Every request must name this address and carry the
cookie; what changes anything must come from our own pages. What we send may load nothing from anywhere.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

LARGEST_FORM = 64 << 10
"""Bytes of a request's body; a form has a few hundred."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
MADE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; sandbox"
"""For a page that was made from the workbook: it is shown, and runs nothing."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """The token and the cookie of one desk at one port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie_name = f"xl-jifen-{port}"  # cookies of one machine are shared by all its ports
        self._token: str | None = secrets.token_urlsafe(32)
        self._secret = secrets.token_urlsafe(32)
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    @property
    def address(self) -> str:
        """Where a browser enters, once."""
        return f"http://127.0.0.1:{self.port}/enter/{self._token or ''}"

    def enter(self, token: str) -> str | None:
        """The cookie for the one who brings the token; None for anybody after, and for any other token."""
        if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        self._token = None
        return self._secret

    def names_us(self, headers: Mapping[str, str | None]) -> bool:
        """Whether a request is addressed to us by a name of this machine: a foreign name may have been led here."""
        return headers.get("Host") in self._hosts

    def knows(self, cookie: str | None) -> bool:
        """Whether a request comes from the browser that entered."""
        return cookie is not None and hmac.compare_digest(cookie.encode(), self._secret.encode())

    def is_own_page(self, headers: Mapping[str, str | None]) -> bool:
        """Whether what wants to change something was sent by one of our own pages."""
        origin = headers.get("Origin")
        site = headers.get("Sec-Fetch-Site")
        return origin in {f"http://{host}" for host in self._hosts} and site in (None, "same-origin")
