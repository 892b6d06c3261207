"""The archive in a text, as the program reads it from a file."""

from __future__ import annotations

from xl_jifen.archive.snapshot import Archive, from_bytes
from xl_jifen.budget import ARCHIVE, Budget


def from_text(text: str) -> Archive | None:
    return from_bytes(text.encode(), Budget("归档", ARCHIVE))
