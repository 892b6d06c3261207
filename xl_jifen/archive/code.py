"""Codes (校验码 归档码): a SHA-256 as people read, type and compare it. Values only.

校验码 is of the facts that were published (``facts``), 归档码 of an archive (``snapshot``). Both print 125 bits as five
groups of five signs (Crockford's base 32, which has no I, L, O and U); releases before printed 48 bits as 12
hexadecimal digits, of the page's words, and what they printed is still known.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from xl_jifen.grid import squeeze

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 5, 5
_BITS = 5 * GROUPS * GROUP
_DASHES = re.compile(r"[-\u2010-\u2015\u2212]")
_LABEL = re.compile("^(完整)?(校验码|归档码|归档值):?")
_MISREAD = str.maketrans("OIL", "011")

_OLD = r"[0-9A-F]{4}(?:-[0-9A-F]{4}){2}"
_NEW = rf"[{SIGNS}]{{{GROUP}}}(?:-[{SIGNS}]{{{GROUP}}}){{{GROUPS - 1}}}"
_PRINTED = re.compile(rf"(?<![0-9A-Z-])(?:{_NEW}|{_OLD})(?![0-9A-Z-])")
_WHOLE = re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])")


def canonical(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no white space. There are no floats, so every language writes the same."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Mapping[str, Any], label: str = "") -> str:
    """The SHA-256 of a label and a value's canonical text, in hexadecimal."""
    return hashlib.sha256((label + canonical(value)).encode()).hexdigest()


def short(digest: str) -> str:
    """The short form of a SHA-256, as it is printed: its first 125 bits, ``7ZQ2K-…``."""
    number = int(digest, 16) >> (256 - _BITS)
    signs = "".join(SIGNS[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def old_short(digest: str) -> str:
    """The short form that releases before printed: 48 bits."""
    digits = digest[:12].upper()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def is_old(code: str) -> bool:
    """Whether a printed code is of a release before."""
    return re.fullmatch(_OLD, code) is not None


def printed(text: str) -> Iterator[str]:
    """Every code printed in a text."""
    return (match[0] for match in _PRINTED.finditer(text))


def whole(text: str) -> str:
    """The first whole SHA-256 in a text; "" if there is none."""
    found = _WHOLE.search(text)
    return found[0] if found else ""


def typed(text: str) -> str:
    """A code or a whole SHA-256 that a person typed, in the form it is compared; "" for anything else.

    Case, blanks and dashes do not matter, nor O for 0, I and L for 1 where a code has no such letter; nor what the
    message prints before and behind a code.
    """
    signs = _DASHES.sub("", _LABEL.sub("", squeeze(text)).partition("(")[0]).upper()
    if re.fullmatch(r"[0-9A-F]{64}", signs):
        return signs.lower()
    if re.fullmatch(r"[0-9A-F]{12}", signs):
        return "-".join(signs[start : start + 4] for start in (0, 4, 8))
    signs = signs.translate(_MISREAD)
    if len(signs) == GROUPS * GROUP and set(signs) <= set(SIGNS):
        return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))
    return ""


def same(code: str, digest: str) -> bool:
    """Whether a code in comparable form, short, old or whole, is that of a SHA-256."""
    return code in (digest, short(digest), old_short(digest))
