"""Processes that work for this one (工作进程), begun alike on every system and gone when it is. Knows no workbook."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

SAFE_PATH = "PYTHONSAFEPATH"


def pool(workers: int) -> ProcessPoolExecutor:
    """So many workers, each begun when there is work for it: hand that over within :func:`safe_path`."""
    # Spawned, not forked, the same on every system: a fork of a process with threads may hang.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)


@contextmanager
def safe_path() -> Iterator[None]:
    """Workers start as ``python -c``, which imports what lies in the current folder (a pickle.py) unless forbidden."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
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
