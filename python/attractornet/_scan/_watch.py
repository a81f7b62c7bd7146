"""Worker processes that end with the process that they work for."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time

_PERIOD = 0.25  # seconds between two looks


@functools.cache
def end_with_parent() -> None:
    """From now on, end this process at once when its parent process is gone.

    A killed driver cannot tell its workers, and a pool's worker waits for tasks for ever. Only
    processes that were started as somebody's workers are watched.

    NOTE: not prctl(PR_SET_PDEATHSIG), although it needs no thread: on Linux its signal comes when
    the *thread* that started the worker ends, and pools start workers from threads that end early.
    """
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
