"""Sequences of points in the unit cube whose i-th point is a function of i."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attractornet._scan._extras import require

Floats = NDArray[np.float64]

MOST = {"sobol": 2**32, "halton": 2**63 - 1, "random": 2**63 - 1}
"""Methods, and how many points each has."""


class Sequence:
    """Points in [0, 1)^d.

    Parameters
    ----------
    method
        "sobol" and "halton", scrambled, fill the cube evenly; "random" are independent.
    dimensions
        d.
    seed
        Of the scrambling, or of the random numbers.
    """

    def __init__(self, method: str, dimensions: int, seed: int) -> None:
        self._made = (method, dimensions, seed)
        self._lock = threading.Lock()
        self._engine: Any = None
        if method != "random":
            require("scipy", "Sample")

    def __reduce__(self) -> tuple[Callable[..., Sequence], tuple[str, int, int]]:
        return Sequence, self._made

    def part(self, first: int, count: int) -> Floats:
        """So many points from point `first` on, (count, d)."""
        method, dimensions, seed = self._made
        if not count or not dimensions:
            return np.empty((count, dimensions))
        if method == "random":
            return _random(dimensions, seed, first, count)
        with self._lock:  # the engine counts on from call to call
            return self._quasi_random(first, count)

    def _quasi_random(self, first: int, count: int) -> Floats:
        # To go forward takes as long as the way is; chunks come in order, more or less.
        if self._engine is None or self._engine.num_generated > first:
            self._engine = _engine(*self._made)
        if first > self._engine.num_generated:
            self._engine.fast_forward(first - self._engine.num_generated)
        # NOTE: the very first draw is of one point: of other numbers than powers of 2, Sobol's
        # sequence warns. Later draws do not.
        parts = [self._engine.random(1), self._engine.random(count - 1)]
        points: Floats = np.concatenate(parts) if count > 1 else parts[0]
        return points


def _engine(method: str, dimensions: int, seed: int) -> Any:
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if method == "halton":
        return qmc.Halton(dimensions, scramble=True, rng=rng)
    # NOTE: not more bits: with 64-bit integers fast_forward fails (SciPy 1.17).
    return qmc.Sobol(dimensions, scramble=True, bits=32, rng=rng)


def _random(dimensions: int, seed: int, first: int, count: int) -> Floats:
    """From a counter-based generator, whose counter is the point's number."""
    blocks = -(-dimensions // 4)  # a step of the counter gives four numbers
    bits = np.random.Philox(key=seed).advance(first * blocks)
    raw = bits.random_raw(count * blocks * 4).reshape(count, blocks * 4)
    return np.asarray((raw[:, :dimensions] >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
