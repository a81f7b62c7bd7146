"""How many workers an executor has, and how many points make a good chunk."""

from __future__ import annotations

import os
import time
from concurrent.futures import Executor
from typing import NamedTuple

from attractornet._core import info
from attractornet._scan._evaluate import evaluate
from attractornet._scan._job import Job
from attractornet._scan._tiles import Tiles, tiles_of

_CHUNK_SECONDS = 4.0  # long beside what it takes to hand a chunk over, short enough to lose
_PROBE_SECONDS = 0.2
_CHUNK_BYTES = 1 << 26


class How(NamedTuple):
    """Where chunks are computed, by how many threads each, and how large they are to be."""

    executor: Executor | None
    threads: int | None
    chunk_size: int | None

    @property
    def threads_in_all(self) -> int:
        """Threads that compute at a time."""
        if self.executor is None:
            return self.threads or int(info()["threads"])
        return workers_of(self.executor) * (self.threads or 1)

    def tiles(self, job: Job) -> Tiles:
        """The chunks: as they were asked for, or by trying how long points take."""
        return tiles_of(job.design.shape, self.chunk_size or _chunk_points(job, self))

    def tiles_asked(self, job: Job) -> Tiles | None:
        """The chunks that were asked for, if any were."""
        return self.tiles(job) if self.chunk_size else None


def workers_of(executor: Executor) -> int:
    """How many tasks the executor runs at a time."""
    client = getattr(executor, "_client", None)  # of Dask
    if client is not None:
        return max(1, sum(map(int, client.nthreads().values())))
    for name in ("_max_workers", "num_workers"):  # of the standard library, of mpi4py
        count = getattr(executor, name, None)
        if isinstance(count, int) and count > 0:
            return count
    return os.cpu_count() or 1


def _chunk_points(job: Job, how: How) -> int:
    """A good number of points for a chunk, by trying some."""
    size, threads = job.design.size, how.threads
    most = max(1, min(size, _CHUNK_BYTES // max(1, job.point_bytes)))
    if how.executor is not None:
        threads = threads or 1
        most = min(most, -(-size // (2 * workers_of(how.executor))))
    count, seconds = 1, _tried(job, 1, threads)
    # Few points take longer each than many do, so a scan that seems short is.
    while seconds < _PROBE_SECONDS and seconds * most > _CHUNK_SECONDS * count:
        count = min(2 * count, most)
        seconds = _tried(job, count, threads)
    return max(1, min(most, round(_CHUNK_SECONDS * count / max(seconds, 1e-9))))


def _tried(job: Job, count: int, threads: int | None) -> float:
    """Seconds that so many points take, from all over the design."""
    varying = job.design._spread(count)
    start = time.perf_counter()
    evaluate(job, varying, count, threads)
    return time.perf_counter() - start
