"""A test in a child that ends: what takes hundreds of megabytes gives them back, and only the verdict stays."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest


def apart(test: Callable[..., None]) -> Callable[..., None]:
    """The test, run in a forked child; in place where there is no fork. Its failure is told as it would be."""
    if not hasattr(os, "fork"):
        return test

    @functools.wraps(test)
    def run(*arguments: object, tmp_path: Path, **fixtures: object) -> None:
        told = tmp_path / "failure of the child.txt"
        child = os.fork()
        if not child:
            code = 1
            try:
                test(*arguments, tmp_path=tmp_path, **fixtures)
                code = 0
            except BaseException:
                told.write_text(traceback.format_exc(), encoding="utf-8")
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            pytest.fail(told.read_text(encoding="utf-8") if told.exists() else "the child was killed", pytrace=False)

    return run
