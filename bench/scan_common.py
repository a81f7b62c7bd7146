"""What the benchmarks of scans share: our side in one place, and the networks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import numpy as np

import attractornet as an
from harness import HERE

sys.path.insert(0, str(HERE.parent / "tests"))

from reference import scan as reference

NEURONS, INPUTS, SCALE = 4, 32, 1.0
CORES = 2


# --- our side -------------------------------------------------------------------------------------


def scan(seeds: Iterable[int], measure: Sequence[str], steps: int, **options: object) -> object:
    """Scan the networks of these seeds: the only call of `an.scan` in the benchmarks."""
    grid = an.Grid(seed=seeds, scale=SCALE, neurons=NEURONS, inputs=INPUTS)
    return an.scan(
        an.FeedbackNetwork, grid, measure=list(measure), steps=steps, discard=0, **options
    )


def measured(seeds: Sequence[int], name: str, steps: int, **options: object) -> np.ndarray:
    """One measure of a scan in a single chunk, a row a network."""
    # Finding a good size of chunks takes some tenths of a second, which short scans would notice;
    # bench_scan_engine.py measures it.
    values = scan(seeds, [name], steps, **{"chunk_size": len(seeds), **options})[name]
    return np.asarray(values).reshape(len(seeds), -1)


# --- the networks ---------------------------------------------------------------------------------


def lively_seeds(count: int) -> list[int]:
    """First seeds whose networks neither rest nor repeat, as far as 4000 steps tell.

    The rule: at scale 1, the largest exponent of steps 2000 to 4000 is beyond -0.001. Four in five
    networks pass, a quarter of these chaotic and the others quasi-periodic; one in a hundred is
    found to be a weakly attracting cycle later on. A larger scale has more chaos, and more of it
    that ends. What rests at 0 would give a library's tanh its short cut, and whoever looks for
    orbits that have ended an early end.
    """
    chosen: list[int] = []
    first, batch = 0, min(512, count)
    while len(chosen) < count:
        seeds = np.arange(first, first + batch)
        w, b = reference.draw(seeds, [SCALE] * batch, NEURONS, INPUTS)
        exponents = reference.scan(w, b, 2_000, discard=2_000).exponent
        chosen += seeds[exponents > -1e-3].tolist()
        first += batch
    return chosen[:count]
