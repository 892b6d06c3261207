"""Choices within a composite strategy of hypothesis, at a third of the price."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@functools.lru_cache
def _below(number: int) -> st.SearchStrategy[int]:
    return st.integers(0, number - 1)


def one(draw: st.DrawFn, choices: Sequence[T]) -> T:
    """One of the choices, as ``st.sampled_from`` has it, which would be made and looked over anew at each draw."""
    return choices[draw(_below(len(choices)))]
