"""One side of a scan of feedback networks: ours and rivals', of about so many seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness import Clocks, Timed, agree, agree_in_the_mean, here
from scan_common import CORES, INPUTS, NEURONS, SCALE, lively_seeds, measured, reference
from scan_rivals import BLOCK, Rival, Task

TOLERANCES = {"float64": 1e-10, "float32": 1e-4}
CHECKED = 4_000  # steps over which exponents are compared
FIRST_TANGENTS = 2.0 / CHECKED  # bias of a mean exponent, since first tangents differ

UNROLLED = ("unroll 1", "unroll 2")
"""Variants of JAX's loop."""


@dataclass(frozen=True)
class Networks:
    """The networks of a run, as seeds for us and as weights and starts for rivals."""

    seeds: list[int]
    w: np.ndarray
    b: np.ndarray
    y: np.ndarray

    @classmethod
    def lively(cls, count: int) -> Networks:
        """Find so many that stay in motion."""
        seeds = lively_seeds(count)
        w, b = reference.draw(seeds, [SCALE] * count, NEURONS, INPUTS)
        return cls(seeds, w, b, reference.start(b, INPUTS))

    def repeated(self, times: int) -> Networks:
        """All of them so many times over."""
        arrays = (np.tile(a, (times, *(1,) * (a.ndim - 1))) for a in (self.w, self.b, self.y))
        return Networks(self.seeds * times, *arrays)

    def __getitem__(self, chosen: slice) -> Networks:
        return Networks(self.seeds[chosen], self.w[chosen], self.b[chosen], self.y[chosen])


@dataclass(frozen=True)
class Entry:
    """A library in its process, and what it may choose from."""

    name: str
    rival: Rival
    variants: tuple[str, ...]
    batches: tuple[int, ...]


def ours(nets: Networks, dtype: str, exponent: bool, seconds: float, **options: object) -> Timed:
    """All networks at once, for about so many seconds."""
    measure = "exponent" if exponent else "final_state"

    def side(steps: int) -> Timed:
        def call() -> object:
            return measured(nets.seeds, measure, steps, dtype=dtype, threads=CORES, **options)

        return here("attractornet", call, steps * len(nets.seeds))

    return side(steps_of(side, seconds))


def rival(nets: Networks, entry: Entry, dtype: str, exponent: bool, seconds: float) -> Timed:
    """The fastest variant and batch of a library, after checks of what it computes."""

    def side(task: Task, steps: int) -> Timed:
        def call() -> Clocks:
            answer = entry.rival.run(task, steps)
            return Clocks(answer.wall, answer.cpu)

        return Timed(f"{task.variant}, batch {task.networks}", call, steps * task.networks)

    candidates = []
    for variant in entry.variants:
        for batch in entry.batches:
            task = Task(variant, dtype, exponent, batch)
            candidates.append((task, side(task, steps_of(partial(side, task), seconds / 4.0))))
    # All in turn, and what counts is the best of each: something else may disturb a short probe.
    speeds = [[probe.work / probe.call().wall for _, probe in candidates] for _ in range(3)]
    best, probe = candidates[int(np.argmax(np.max(speeds, axis=0)))]
    _check(nets, entry, best)
    return side(best, max(BLOCK, round(4 * probe.work / best.networks / BLOCK) * BLOCK))


def steps_of(side: Callable[[int], Timed], seconds: float) -> int:
    """Steps (a multiple of BLOCK) that take the call of a side about so many seconds."""
    steps = BLOCK
    side(steps).call()  # whatever is done only once
    # Up to half of the time, lest what a call takes besides its steps counts as steps.
    while (taken := side(steps).call().wall) < seconds / 2.0:
        steps *= 2
    return max(BLOCK, round(steps * seconds / taken / BLOCK) * BLOCK)


def _check(nets: Networks, entry: Entry, task: Task) -> None:
    """Compare with ours: registers after one block, or exponents of CHECKED steps."""
    some = nets[: task.networks]
    name = f"{entry.name}, {task}"
    options = {"dtype": task.dtype, "threads": CORES}
    if task.exponent:
        ours = measured(some.seeds, "exponent", CHECKED, **options)[:, 0]
        theirs = entry.rival.run(task, CHECKED).result[:, 0]
        agree_in_the_mean(f"exponents of {name}", ours, theirs, FIRST_TANGENTS)
    else:
        ours = measured(some.seeds, "final_state", BLOCK, **options)
        theirs = entry.rival.run(task, BLOCK).result
        error = np.max(np.abs(ours - theirs) / np.sum(some.b, axis=1, keepdims=True))
        agree(f"registers of {name}", float(error), TOLERANCES[task.dtype])
