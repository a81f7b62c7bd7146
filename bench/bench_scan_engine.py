"""What the engine of scans adds to the arithmetic.

Questions
    How much faster are two threads than one? What do a Zarr store, and Dask's processes in place
    of threads, cost where a chunk takes two seconds? What does it cost that a scan finds its size
    of chunks by itself? How much memory does a scan of 10^7 points need?
Rivals
    The same scan on one thread; without a store; on two threads; in chunks of a given size.
Method
    Feedback networks, N = 4, D = 32, final states and exponents in float64. Wall time, both sides
    in turn; a store begins empty each time, and Dask's LocalCluster of two processes runs before
    time counts. Memory is the largest resident set of a fresh process, with interpreter, NumPy and
    Zarr, that scans 10^7 points of 32 steps each into a store.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from harness import HERE, Clocks, Effort, Row, Spread, agree, clocked, contest, here
from scan_common import CORES, lively_seeds, measured, scan

MEASURES = ("final_state", "exponent")
STEPS = 20_000  # of a point, where chunks are timed
CHUNK = 2.0  # seconds of a chunk on all cores
CHUNKS = 4
POINTS, FEW = 10_000_000, 32  # points of the large scan, and steps of each


def run(effort: Effort) -> list[Row]:
    """Measure threads, then store and cluster at one size of chunks, then memory."""
    size = _chunk_size(effort)
    return [
        _threads(effort),
        _store(size, effort),
        _cluster(size, effort),
        _choice(size, effort),
        _memory(effort),
    ]


def _threads(effort: Effort) -> Row:
    seeds, steps = lively_seeds(1024 if effort.shrink == 1 else 128), effort.of(50_000)

    def call(threads: int) -> object:
        return scan(seeds, MEASURES, steps, threads=threads, chunk_size=len(seeds))

    work = steps * len(seeds)
    two, one = (here(f"{n} thread(s)", lambda n=n: call(n), work) for n in (CORES, 1))
    result, detail = contest(two, one, effort.pairs)
    return Row("two threads against one", "x", result.ratio, 1.9, detail=detail, duel=result)


def _chunk_size(effort: Effort) -> int:
    """Points that take two threads about CHUNK seconds."""
    probe, steps = 512, effort.of(STEPS)
    options = {"threads": CORES, "chunk_size": probe}
    scan(range(probe), MEASURES, steps, **options)
    taken = clocked(lambda: scan(range(probe), MEASURES, steps, **options))
    return max(64, round(probe * CHUNK / effort.shrink / taken.wall / 64) * 64)


def _overhead(
    what: str,
    goal: float | None,
    plain: Callable[[], Clocks],
    other: Callable[[], Clocks],
    effort: Effort,
) -> Row:
    """Percentage by which `other` is slower than `plain`, after a call each that is not counted."""
    plain(), other()
    taken = [(plain().wall, other().wall) for _ in range(effort.pairs)]
    over = Spread.of(100.0 * (b / a - 1.0) for a, b in taken)
    a, b = (Spread.of(column) for column in zip(*taken, strict=True))
    detail = f"{b:.3g} s against {a:.3g} s"
    return Row(what, "%", over, goal, at_most=True, detail=detail)


def _threaded(size: int, effort: Effort, **options: object) -> Clocks:
    """Times of a scan of CHUNKS chunks on two threads."""
    options = {"threads": CORES, "chunk_size": size, **options}
    return clocked(lambda: scan(range(CHUNKS * size), MEASURES, effort.of(STEPS), **options))


def _store(size: int, effort: Effort) -> Row:
    def stored() -> Clocks:
        with tempfile.TemporaryDirectory() as folder:
            return _threaded(size, effort, store=str(Path(folder) / "scan.zarr"))

    what = f"store, {CHUNKS} chunks of {size} points"
    return _overhead(what, 5.0, partial(_threaded, size, effort), stored, effort)


def _cluster(size: int, effort: Effort) -> Row:
    with _executor() as executor:

        def spread() -> Clocks:
            return _threaded(size, effort, executor=executor, threads=1)

        few = range(64)
        alone = measured(few, "exponent", FEW, threads=1)
        shared = measured(few, "exponent", FEW, executor=executor, chunk_size=16)
        agree("exponents from a cluster", float(abs(alone - shared).max()), 0.0)
        what = f"Dask, 2 processes, {CHUNKS} chunks of {size} points"
        return _overhead(what, 10.0, partial(_threaded, size, effort), spread, effort)


def _choice(size: int, effort: Effort) -> Row:
    what = f"size of chunks found by itself, {CHUNKS * size} points"
    choosing = partial(_threaded, size, effort, chunk_size=None)
    return _overhead(what, None, partial(_threaded, size, effort), choosing, effort)


@contextmanager
def _executor() -> Iterator[object]:
    """Dask's executor over as many processes of one thread as there are cores."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=CORES, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


# What a process has used at most is told by its memory map: getrusage would tell its parent's use
# as well, where that was larger before it became the new program.
LARGE = """
import re, sys
from pathlib import Path
from scan_common import scan
scan(range(int(sys.argv[1])), ["exponent"], int(sys.argv[2]), store=sys.argv[3], threads=2)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def _memory(effort: Effort) -> Row:
    points = effort.of(POINTS)
    with tempfile.TemporaryDirectory() as folder:
        arguments = (str(points), str(FEW), str(Path(folder) / "scan.zarr"))
        found = subprocess.run(
            [sys.executable, "-P", "-c", LARGE, *arguments],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": _search_path()},
        )
    megabytes = Spread.of([float(found.stdout) * 1024 / 1e6])
    what = f"memory of {points} points with a store"
    return Row(what, "MB", megabytes, 500.0, at_most=True)


def _search_path() -> str:
    """The benchmarks' own folder before what was searched already."""
    return os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
