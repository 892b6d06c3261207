"""The secret by which the program knows what it wrote itself."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from xl_jifen.disk.secret import LENGTH, sealed, secret

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="its folder is told by XDG_STATE_HOME")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "xl-jifen" / "secret"


def test_it_is_made_once_for_the_user_alone(state: Path) -> None:
    made = secret()
    assert len(made) == LENGTH
    assert state.read_bytes() == made == secret()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_one_that_was_cut_short_is_made_anew(state: Path) -> None:
    first = secret()
    state.write_bytes(first[:-1])
    assert secret() != first
    assert len(state.read_bytes()) == LENGTH


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="about POSIX")
def test_where_it_cannot_be_kept_there_is_one_for_this_run(state: Path) -> None:
    state.parent.write_bytes(b"a file where the folder should be")
    assert len(secret()) == LENGTH
    assert secret() != secret()


def test_a_seal_depends_on_key_and_on_where_each_part_ends() -> None:
    seal = sealed(b"k" * LENGTH, [b"ab", b"c"])
    assert sealed(b"k" * LENGTH, [b"ab", b"c"]) == seal
    assert sealed(b"l" * LENGTH, [b"ab", b"c"]) != seal
    assert seal not in (sealed(b"k" * LENGTH, parts) for parts in ([b"a", b"bc"], [b"c", b"ab"], [b"abc"]))
