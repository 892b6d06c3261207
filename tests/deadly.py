"""A process that is killed just before its n-th call into the system; a write is torn in half as well.

Run inside the child process that shall die: ``arm`` counts from then on, ``calls`` tells how many there were.
"""

import builtins
import io
import os
import signal
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
    for name in NAMES:
        if hasattr(os, name):
            _count(os, name, deadly)
    _count(io, "open", deadly)
    _count(builtins, "open", deadly)


def _count(module: ModuleType, name: str, deadly: int) -> None:
    real = getattr(module, name)

    def call(*args: object, **kwargs: object) -> object:
        global calls
        calls += 1
        if calls == deadly:
            _die()
        if name == "write":
            calls += 1
            if calls == deadly:
                real(args[0], bytes(args[1])[: len(args[1]) // 2])  # type: ignore[call-overload,arg-type]
                _die()
        return real(*args, **kwargs)

    setattr(module, name, call)


def _die() -> None:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
