"""Runs a job from its start, or from where it was left, to its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from attractornet._core import info
from attractornet._progress import Progress, telling
from attractornet._scan._chunking import How
from attractornet._scan._engine import run
from attractornet._scan._extras import require
from attractornet._scan._job import Job
from attractornet._scan._open import create, take_up
from attractornet._scan._plan import with_all_columns
from attractornet._scan._sources import Memory, Source, Stored
from attractornet._scan._store import Writer, is_store

Done = tuple[Job, Source, int]  # with all columns; where they are; points computed now


def into_memory(job: Job, how: How, progress: Progress) -> Done:
    """Keep the numbers in memory."""
    job = with_all_columns(job)
    size, needed = job.design.size, job.design.size * job.point_bytes
    if needed > info()["memory_limit"]:
        raise MemoryError(
            f"scan: grid: {size} points take {needed} bytes, more than the memory limit "
            "(environment: ATTRACTORNET_MEMORY_LIMIT): write them to a store, store='scan.zarr'"
        )
    memory = Memory(job.design.shape, job.columns)
    with telling(progress, size, "scan", " points") as tell:
        run(job, how.tiles(job), memory.commit, how.executor, how.threads, tell)
    return job, memory, size


def into_store(job: Job, store: Path, how: How, progress: Progress) -> Done:
    """Write the numbers to a store, but for those that it has."""
    require("zarr", "scan: store")
    store = store.resolve()
    job, writer = _writer(job, store, how)
    with closing(writer):
        before = writer.points_done
        with (
            _resumable(writer),
            telling(progress, job.design.size, "scan", " points", before) as tell,
        ):
            run(job, writer.pending(), writer.commit, how.executor, how.threads, tell)
        writer.finish()
    return job, Stored(writer.chunks), job.design.size - before


def _writer(job: Job, store: Path, how: How) -> tuple[Job, Writer]:
    if is_store(store):
        return take_up(job, store, how.tiles_asked(job))
    job = with_all_columns(job)
    return job, create(job, store, how.tiles(job))


@contextmanager
def _resumable(writer: Writer) -> Iterator[None]:
    """Say of whatever ends a scan early that nothing is lost."""
    try:
        yield
    except BaseException as error:
        done, total = writer.points_done, writer.chunks.header.tiles.points
        text = (
            f"scan: {done} of {total} points are in {writer.chunks.store}; "
            "the same call goes on from there"
        )
        if isinstance(error, KeyboardInterrupt) and not error.args:
            error.args = (text,)
        else:
            error.add_note(text)
        raise
