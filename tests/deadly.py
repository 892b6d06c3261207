"""A process that is killed just before its n-th call into the system; a write is torn in half as well.

Run inside the child process that shall die: ``arm`` counts from then on, ``calls`` tells how many there were. Or
``moments``, in any process: at each of them nothing dies and it is looked at what lies there, which is what a process
killed at that moment leaves, since the system keeps what it was handed.
"""

import builtins
import contextlib
import io
import os
import signal
from collections.abc import Callable, Iterator
from types import ModuleType

NAMES = (
    *("access", "chmod", "chown", "close", "fsync", "getxattr", "link", "listdir", "listxattr", "lstat", "mkdir"),
    *("open", "readlink", "remove", "rename", "replace", "rmdir", "scandir", "setxattr", "stat", "symlink"),
    *("truncate", "unlink", "utime", "write"),
)
DEAD = -signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM
"""The exit code of a process that died of it."""

calls = 0


def arm(deadly: int) -> None:
    """Die at that call; 0 counts only."""

    def at(call: int) -> None:
        global calls
        calls = call
        if call == deadly:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    _count(at)


@contextlib.contextmanager
def moments(look: Callable[[int], None]) -> Iterator[None]:
    """Before each call, and in the middle of each write, ``look`` at what there is; what it does is not counted."""
    before = {(module, name): getattr(module, name) for module, name in _counted()}

    def put_back() -> None:
        for (module, name), real in before.items():
            setattr(module, name, real)

    def at(call: int) -> None:
        counting = {(module, name): getattr(module, name) for module, name in before}
        put_back()
        look(call)
        for (module, name), counted in counting.items():
            setattr(module, name, counted)

    _count(at)
    try:
        yield
    finally:
        put_back()


def _counted() -> list[tuple[ModuleType, str]]:
    return [*((os, name) for name in NAMES if hasattr(os, name)), (io, "open"), (builtins, "open")]


def _count(at: Callable[[int], None]) -> None:
    numbers = iter(range(1, 1 << 30))
    for module, name in _counted():
        setattr(module, name, _telling(getattr(module, name), name, lambda: at(next(numbers))))


def _telling(real: Callable[..., object], name: str, tell: Callable[[], None]) -> Callable[..., object]:
    def call(*args: object, **kwargs: object) -> object:
        tell()
        return real(*args, **kwargs)

    def write(file: int, data: bytes) -> int:
        tell()
        half = len(data) // 2
        written = real(file, bytes(data)[:half]) if half else 0
        tell()
        return int(written) + int(real(file, bytes(data)[half:]))  # type: ignore[call-overload]

    return write if name == "write" else call
