"""Processes that work for this one (工作进程), begun alike on every system and gone when it is. Knows no workbook."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

SAFE_PATH = "PYTHONSAFEPATH"


def pool(workers: int) -> ProcessPoolExecutor:
    """So many workers, each begun when there is work for it: hand that over within :func:`apart`."""
    # Spawned, not forked, the same on every system: a fork of a process with threads may hang.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)


@contextmanager
def apart() -> Iterator[None]:
    """Workers begin with our modules alone.

    They start as ``python -c``, which imports what lies in the current folder (a pickle.py) unless forbidden; and they
    would run the script once more that called us, so for a moment it has no name.
    """
    before, main = os.environ.get(SAFE_PATH), vars(sys.modules["__main__"])
    kept: dict[str, Any] = {name: main[name] for name in ("__file__", "__spec__") if name in main}
    os.environ[SAFE_PATH] = "1"
    main.pop("__file__", None)
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(kept)
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


def _begin() -> None:
    """In a new worker: Ctrl+C is the parent's to answer, and nobody works on for a parent that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
