"""How a verb says how far it has come; the door that called it shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Shown(Protocol):
    """What shows a person how far making things has come: the same things, one after the other."""

    def __call__(self, things: Iterable[T], number: int, /) -> Iterable[T]: ...  # noqa: D102 - the class says it


def unshown(things: Iterable[T], number: int, /) -> Iterable[T]:
    """Where nobody looks on."""
    return things
