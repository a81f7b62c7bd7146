"""Runs the chunks of a scan, here or on an executor, and hands over each as it comes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from typing import Any

from attractornet._scan._axes import Array
from attractornet._scan._chunking import workers_of
from attractornet._scan._job import Job
from attractornet._scan._tiles import Chunk
from attractornet._scan._worker import compute, compute_elsewhere, payload_of

Commit = Callable[[Chunk, dict[str, Array]], None]

_IN_FLIGHT = 4  # chunks a worker


def run(
    job: Job,
    chunks: Iterable[Chunk],
    commit: Commit,
    executor: Executor | None,
    threads: int | None,
    told: Callable[[int], object],
) -> None:
    """Compute the chunks and hand each over.

    Parameters
    ----------
    job
        The scan.
    chunks
        What is to be computed; taken as it is needed.
    commit
        Takes a chunk and its columns; called by this thread alone.
    executor
        Where; None is this thread.
    threads
        Threads of the core in each task.
    told
        Called with the number of points computed so far.
    """
    if executor is None:
        _run_here(job, chunks, commit, threads, told)
    else:
        stop = threading.Event()
        submit = _submitter(job, executor, threads or 1, stop)
        try:
            _run_on(submit, _IN_FLIGHT * workers_of(executor), iter(chunks), commit, told)
        finally:
            stop.set()


def _run_here(
    job: Job,
    chunks: Iterable[Chunk],
    commit: Commit,
    threads: int | None,
    told: Callable[[int], object],
) -> None:
    before = 0

    def inside(done: int, total: int) -> None:
        told(before + done)

    for chunk in chunks:
        commit(chunk, compute(job, chunk, threads, inside))
        before += chunk.count
        told(before)


def _submitter(
    job: Job, executor: Executor, threads: int, stop: threading.Event
) -> Callable[[Chunk], Future[dict[str, Array]]]:
    """What gives the executor a chunk; the job itself is made ready once."""

    def unless_stopped(done: int, total: int) -> None:
        if stop.is_set():  # nobody waits for it any more
            raise CancelledError

    if isinstance(executor, ThreadPoolExecutor):
        return lambda chunk: executor.submit(compute, job, chunk, threads, unless_stopped)
    payload, driver = payload_of(job), os.getpid()
    return lambda chunk: executor.submit(compute_elsewhere, payload, driver, chunk, threads)


def _run_on(
    submit: Callable[[Chunk], Future[dict[str, Array]]],
    most: int,
    chunks: Iterator[Chunk],
    commit: Commit,
    told: Callable[[int], object],
) -> None:
    waiting: dict[Future[dict[str, Array]], Chunk] = {}
    done = 0
    try:
        while True:
            while len(waiting) < most and (chunk := next(chunks, None)) is not None:
                waiting[submit(chunk)] = chunk
            if not waiting:
                return
            wait(waiting, return_when=FIRST_COMPLETED)
            done += _collect(waiting, commit)
            told(done)
    except BaseException:
        for future in waiting:
            future.cancel()
        raise


def _collect(waiting: dict[Future[Any], Chunk], commit: Commit) -> int:
    """Hand over all that is there; what failed is raised after that. The points handed over."""
    count, failed = 0, None
    for future in [each for each in waiting if each.done()]:
        chunk = waiting.pop(future)
        try:
            columns = future.result()
        except BaseException as error:
            failed = failed or error
        else:
            commit(chunk, columns)
            count += chunk.count
    if failed is not None:
        raise failed
    return count
