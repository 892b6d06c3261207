"""Many processes at work (多机多核): one function mapped over tasks, on this machine's cores or on a Dask cluster.

Only a few tasks a worker are under way at a time, so memory does not grow with their number; a task whose process dies
is tried once more alone, so that it and no other is blamed. It knows nothing of workbooks.
"""

from __future__ import annotations

import importlib
import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from xl_jifen.disk.workers import apart, pool
from xl_jifen.finding import CannotRead

T = TypeVar("T")
R = TypeVar("R")

DEPTH = 4
"""Tasks under way for each worker: one at work, the others so that it never waits."""

MOST_WORKERS = 61
"""Windows can wait for no more processes at a time."""

PATIENCE = 30
"""Seconds to wait for a cluster and its first worker."""


def local(work: Callable[[T], R], tasks: Iterable[T], workers: int) -> Generator[tuple[T, R | None], None, None]:
    """Each task with its result, as they come; None for a task that kills its process."""
    waiting = iter(tasks)
    workers = min(max(workers, 1), MOST_WORKERS)
    with apart():
        while suspects := (yield from _pooled(work, waiting, workers)):
            yield from _one_by_one(work, suspects)


def _pooled(work: Callable[[T], R], waiting: Iterator[T], workers: int) -> Generator[tuple[T, R], None, list[T]]:
    """Results until the tasks are used up or a process dies; the tasks that were under way then."""
    working = pool(workers)
    flying: dict[Future[R], T] = {}
    lost: list[T] = []
    try:
        while True:
            for task in islice(waiting, 0 if lost else DEPTH * workers - len(flying)):
                try:
                    flying[working.submit(work, task)] = task
                except BrokenProcessPool:
                    lost.append(task)
                    break
            if not flying:
                return lost
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                task = flying.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    lost.append(task)
                    continue
                yield task, result
    finally:
        working.shutdown(cancel_futures=True)


def _one_by_one(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R | None]]:
    """Each task when no other is under way, so that a death is its own doing: None."""
    waiting = deque(tasks)
    while waiting:
        with pool(1) as alone:
            try:
                alone.submit(int).result()
            except BrokenProcessPool:
                raise CannotRead("启动不了计算进程；请关闭一些程序、腾出内存后再试。") from None
            alive = True
            while alive and waiting:
                task = waiting.popleft()
                try:
                    result: R | None = alone.submit(work, task).result()
                except BrokenProcessPool:
                    result, alive = None, False
                yield task, result


def dask(work: Callable[[T], R], tasks: Iterable[T], address: str) -> Generator[tuple[T, R | None], None, None]:
    """The same on the cluster whose scheduler is at ``address``. A lost worker's tasks are done again by others.

    Raises CannotRead where there is no cluster, or it goes away.
    """
    try:
        distributed: Any = importlib.import_module("distributed")  # hardly any of it is typed
    except ImportError:
        raise CannotRead("没有安装 dask.distributed；请先运行 pip install distributed。") from None
    try:
        distributed.comm.get_address_host(address)  # a client that cannot even understand it never ends quietly
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError):
        raise CannotRead(f"连不上调度机 {address}；请检查地址，并确认 dask scheduler 已经启动。") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # lost workers are no news for the user's terminal
    waiting = iter(tasks)
    flying: dict[Any, T] = {}
    suspects: list[T] = []
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
            cores = sum(client.nthreads().values())
            stream = distributed.as_completed(loop=client.loop)

            def fill() -> None:
                for task in islice(waiting, max(0, DEPTH * cores - len(flying))):
                    future = client.submit(work, task, pure=False)
                    flying[future] = task
                    stream.add(future)

            fill()
            for number, future in enumerate(stream, 1):
                task = flying.pop(future)
                if number % (DEPTH * cores) == 0:  # workers come and go
                    cores = sum(client.nthreads().values()) or cores
                fill()
                try:
                    result = future.result()
                except distributed.KilledWorker:
                    suspects.append(task)
                    continue
                yield task, result
            for task in suspects:
                try:
                    yield task, client.submit(work, task, pure=False).result()
                except distributed.KilledWorker:
                    yield task, None
        except TimeoutError:
            raise CannotRead(f"调度机 {address} 上没有工作机；请在工作机上运行 dask worker {address}。") from None
        except ImportError:
            raise CannotRead("工作机上没有安装 xl-jifen；请在每台工作机上安装同一版本。") from None
        except CancelledError:
            raise CannotRead(f"与调度机 {address} 的连接断了；算完的都记下了，再运行同一命令会接着算。") from None
