"""What a workbook says of itself besides its sheets (docProps/core.xml): when it was last saved."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotRead

_MODIFIED = re.compile(rb"<(?:[\w.-]+:)?modified(?:\s[^<>]*)?>\s*([0-9T:.Z+-]{10,40})\s*<")


def saved(package: Package) -> datetime | None:
    """When its program says it saved it, in UTC; None where it does not say, or says no date."""
    part = _part(package)
    with suppress(CannotRead, KeyError, ValueError, OverflowError):
        if part and (told := _MODIFIED.search(package.xml(part))):
            moment = datetime.fromisoformat(told[1].decode())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def saved_at(package: Package, moment: datetime) -> tuple[str, bytes]:
    """The part that says when it was saved, saying ``moment``; "" where there is none."""
    if not (part := _part(package)):
        return "", b""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return part, _MODIFIED.sub(lambda told: told[0].replace(told[1], text), package.xml(part))


def _part(package: Package) -> str:
    return next((found.target for found in package.relations("") if found.type == "core-properties"), "")
