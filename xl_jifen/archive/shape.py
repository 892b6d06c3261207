"""The shape (形状) of an archive's content: what must stand where before anything in it is used.

The hash proves that a file is as it was written, not who wrote it: numbers of rows that would fill the memory, or a
list where a text belongs, are refused here once, so that nobody further on has to expect them. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, TypeAlias

from xl_jifen import layout
from xl_jifen.grid import LAST_COLUMN, LAST_ROW, LONGEST_TEXT, squeeze

_NUMBER = re.compile(r"-?\d{1,310}(?:\.\d{1,310})?(?:[eE][+-]?\d{1,3})?", re.ASCII)

Check: TypeAlias = Callable[[Any], bool]


def fits(content: object) -> bool:
    """Whether the content of an archive is made as ``snapshot.archive`` makes it; dates are left to whoever reads."""
    if not _CONTENT(content) or type(content) is not dict:
        return False
    schema = content.get("schema")
    if type(schema) is not int or schema not in _OF_SCHEMA or not _record(**_OF_SCHEMA[schema])(content):
        return False
    return _FOUND(content.get("findings", []))  # what releases before did not keep


def _a(*kinds: type) -> Check:
    """A value of exactly one of these types: a truth value is no number."""
    return lambda value: type(value) in kinds


def _up_to(most: int) -> Check:
    return lambda value: type(value) is int and 1 <= value <= most


def _every(check: Check) -> Check:
    return lambda value: type(value) is list and all(map(check, value))


def _mapping(check: Check) -> Check:
    return lambda value: type(value) is dict and all(map(check, value.values()))


def _record(**checks: Check) -> Check:
    """An object with these members; others may stand beside them."""
    return lambda value: (
        type(value) is dict
        and checks.keys() <= value.keys()
        and all(check(value[key]) for key, check in checks.items())
    )


def _cell(value: Any) -> bool:
    if type(value) is not dict:
        return type(value) is bool or (type(value) is str and len(value) <= LONGEST_TEXT)
    if len(value) != 1:
        return False
    [(kind, text)] = value.items()
    if type(text) is not str or len(text) > LONGEST_TEXT:
        return False
    if kind == "number":
        return _NUMBER.fullmatch(text) is not None and math.isfinite(float(text))
    return kind == "error" or (kind in _MOMENTS and _is_moment(kind, text))


@lru_cache(maxsize=4096)
def _is_moment(kind: str, text: str) -> bool:
    """Whether a date or time is written as it is archived."""
    for moment in _MOMENTS[kind]:
        with suppress(ValueError):
            told = moment.fromisoformat(text)
            if told.isoformat() == text and getattr(told, "tzinfo", None) is None:
                return True
    return False


_MOMENTS: dict[str, tuple[type[date | time], ...]] = {"date": (date, datetime), "time": (time,)}


def _sheets(value: Any) -> bool:
    """Sheets of the layout, each once, with no cell under a heading that is not there."""
    if not _every(_SHEET)(value):
        return False
    names = [sheet["sheet"] for sheet in value]
    known = {sheet.name for sheet in layout.SHEETS}
    return (
        len(names) == len(set(names)) == len({squeeze(sheet["name"]) for sheet in value})
        and known.issuperset(names)
        and all(sheet["columns"].keys() >= row["cells"].keys() for sheet in value for row in sheet["rows"])
    )


_TEXT, _PERHAPS = _a(str), _a(str, type(None))
_ROW = _up_to(LAST_ROW)
_SHEET = _record(
    sheet=_TEXT,
    name=_TEXT,
    heading_row=_ROW,
    columns=_mapping(_up_to(LAST_COLUMN)),
    rows=_every(_record(row=_ROW, cells=_mapping(_cell))),
)
_FOUND = _every(_record(sheet=_TEXT, row=_ROW, code=_TEXT))
_STOOD = {"sheet": _TEXT, "row": _ROW, "member": _PERHAPS, "rule": _PERHAPS}
_PUBLISHED: dict[str, Check] = {"day": _TEXT, "until": _TEXT, "code": _TEXT, "files": _mapping(_TEXT)}
_OF_SCHEMA: dict[int, dict[str, Check]] = {
    1: {"quarter": _TEXT, "published": _record(**_PUBLISHED)},
    2: {"period": _TEXT, "kind": _TEXT, "clock": _TEXT, "published": _record(**_PUBLISHED, hash=_TEXT)},
}
_CONTENT = _record(
    branch=_TEXT,
    cycle=_record(start=_TEXT, end=_TEXT),
    previous=_TEXT,
    closed=_TEXT,
    program=_TEXT,
    workbook=_record(name=_TEXT, sha256=_TEXT),
    sheets=_sheets,
    lines=_every(_record(**_STOOD, month=_TEXT, raw=_TEXT, counted=_TEXT, why=_every(_TEXT))),
    votes=_every(_record(**_STOOD, passed=_a(bool))),
    scores=_every(
        _record(
            period=_TEXT,
            name=_TEXT,
            member=_TEXT,
            base=_PERHAPS,
            bonus=_TEXT,
            deduction=_TEXT,
            score=_TEXT,
            vetoed=_a(bool),
            rank=_a(int, type(None)),
            grade=_PERHAPS,
            remark=_TEXT,
        )
    ),
)
