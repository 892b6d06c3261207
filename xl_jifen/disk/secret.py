"""A secret of this user (本机密钥): by it the program knows again what it wrote itself, wherever that lies.

It is kept in the user's own data folder, never beside a workbook. Where none can be kept, one is made for this run.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LENGTH = 32
"""Bytes."""


def secret() -> bytes:
    """The secret, made at the first call; of what another run wrote nothing is known where it cannot be kept."""
    made = os.urandom(LENGTH)
    with suppress(OSError, RuntimeError):  # RuntimeError: a user without a home
        path = _folder() / "secret"
        if path.is_file() and len(kept := path.read_bytes()) == LENGTH:
            return kept
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
    return made


def sealed(key: bytes, parts: Iterable[bytes]) -> bytes:
    """What only the holder of the key can make of these parts, in that order."""
    told = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        told.update(len(part).to_bytes(8, "big") + part)
    return told.digest()


def _folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "xl-jifen"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "xl-jifen"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "xl-jifen"
