"""Training Wilson-Cowan networks: a whole epoch.

Question
    How long does an epoch take, of 784 nodes, batches of 200 and 25 steps in float32, with each of
    both couplings?
Rival
    torch, one thread, with autograd, `linalg.inv` and torch.optim.Adam.
Method
    Everything that an epoch is made of, on both sides: the coupling and its gradient, the run there
    and back, the mean square of the distance to the true class's pattern, Adam on the coupling and
    gamma. Inputs are 8-bit pixels as numbers in [0, 1], four fifths of them 0; 20 batches stand for
    the 300 of MNIST's. Both sides start from the same numbers, and have to agree on the first two
    batches' mean loss and on gamma to 1e-3; from there on rounding grows, as it does in training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch

import learn_rivals as rivals
from attractornet.learn._place import Place
from attractornet.wilson_cowan import ProjectedCoupling, SpectralCoupling, block_targets
from harness import Effort, Row, Side, agree, duel

NODES, BATCH, BATCHES, STEPS, CLASSES = 784, 200, 20, 25, 10
RATE = 1e-3
HERE = Place()


def run(effort: Effort) -> list[Row]:
    """All groups."""
    return [row for group in GROUPS.values() for row in group(effort)]


def task_of(count: int) -> rivals.Task:
    """So many examples by chance."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(1, 256, (count, NODES)) * (rng.random((count, NODES)) < 0.2)
    return rivals.Task(
        (pixels / 255.0).astype(np.float32),
        rng.integers(0, CLASSES, count).astype(np.int32),
        block_targets(CLASSES, NODES),
        BATCH,
        STEPS,
        RATE,
    )


def ours(
    task: rivals.Task,
    coupling: SpectralCoupling | ProjectedCoupling,
    scale: float,
    place: Place = HERE,
) -> Callable[[], rivals.Found]:
    """An epoch on one thread, or on a device, where the examples are."""
    batches = -(-len(task.x) // task.batch_size)
    examples = place.examples(task.x)

    def call() -> rivals.Found:
        result = place.epoch(
            coupling,
            examples,
            task.labels,
            task.targets,
            np.arange(len(task.x)),
            np.full((batches, 3), task.rate),
            loss="mean_square",
            batch_size=task.batch_size,
            steps=task.steps,
            scale=scale,
            gamma=1.0,
            beta2=0.99,
            threads=1,
        )
        return rivals.Found(result.loss, result.gamma)

    return call


def _epoch(effort: Effort) -> Iterator[Row]:
    torch.set_num_threads(1)
    task = task_of(BATCH * max(2, effort.of(BATCHES)))
    spectral = SpectralCoupling.plant(task.targets, dtype="float32", threads=1)
    projected = ProjectedCoupling.plant(task.targets, dtype="float32")
    scale = NODES**-0.5
    for name, coupling, numbers, trained, factor, goal in (
        (
            "spectral",
            spectral,
            [spectral.phi, spectral.eigenvalues],
            spectral.train_columns,
            scale,
            1.45,
        ),
        ("projected", projected, [projected.weights, projected.basis], None, 1.0, 1.6),
    ):
        first = replace(task, x=task.x[: 2 * BATCH], labels=task.labels[: 2 * BATCH])
        found = ours(first, coupling, factor)()
        other = rivals.torch_epoch(first, numbers, trained, factor)()
        agree(f"loss, {name}", abs(found.loss / other.loss - 1.0), 1e-3)
        agree(f"gamma, {name}", abs(found.gamma / other.gamma - 1.0), 1e-3)
        mine = Side("ours", ours(task, coupling, factor), len(task.x))
        theirs = rivals.torch_epoch(task, numbers, trained, factor)
        result = duel(mine, Side("torch", theirs, len(task.x)), effort.pairs)
        seconds = 60_000 / result.ours.median, 60_000 / result.rival.median
        detail = f"{seconds[0]:.3g} s for 60,000 examples against {seconds[1]:.3g} s of torch"
        yield Row(f"epoch, {name}", "x", result.ratio, goal, detail=detail, duel=result)


GROUPS = {"epoch": _epoch}
