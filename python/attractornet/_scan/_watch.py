"""Worker processes that end with the process that they work for."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time

_PERIOD = 0.25  # seconds between two looks


def end_with_parent() -> None:
    """From now on, end this process when the process that started it is gone.

    For pools of processes: a driver that is killed cannot tell its workers, and they would wait for
    tasks for ever. Every task of `scan` calls it; as the pool's ``initializer`` it also holds for
    workers that have had no task yet. Then they end within a second. In a process that is nobody's
    worker it does nothing.

    Examples
    --------
    >>> import multiprocessing
    >>> from concurrent.futures import ProcessPoolExecutor
    >>> spawn = multiprocessing.get_context("spawn")
    >>> pool = ProcessPoolExecutor(2, mp_context=spawn, initializer=end_with_parent)
    >>> pool.shutdown()
    """
    _watch_parent()


@functools.cache
def _watch_parent() -> None:
    # NOTE: not prctl(PR_SET_PDEATHSIG), although it needs no thread: on Linux its signal comes
    # when the *thread* that started the worker ends, and pools start workers from threads that end
    # early.
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    first = os.getppid()
    if not parent.is_alive():  # it was gone before its task was read
        os._exit(1)
    threading.Thread(target=_watch, args=(first,), name="scan-watch", daemon=True).start()


def _watch(first: int) -> None:
    while os.getppid() == first:
        time.sleep(_PERIOD)
    os._exit(1)  # not sys.exit: it would end this thread, and wait for the others
