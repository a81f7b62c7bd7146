"""Single trajectory of a feedback network.

Question
    How many steps a second does one trajectory make, on one core in float64?
Rivals
    N = 4, D = 32: numba, where the best of the plain loops (shift and ring, with and without
    fastmath) is chosen by measurement; numba again with the sums rearranged by hand, up to our
    own algorithm; and the article's loop.
    N = D = 64, 128, 256: a NumPy loop of `w @ y` with all memory made beforehand; and the same
    with `dot`, row or column order, whichever measures best.
Method
    All start from one register on the attractor (quasi-periodic or weakly chaotic, nowhere near
    the fixed point at 0) and write y0 of every step into a new array; beside the article's loop
    ours writes all N hidden values. Before timing, the first 100 values agree to 1e-12, and every
    step of a whole run obeys the equations to 1e-12. Compilation and first calls do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import attractornet as an
import loops
from harness import Effort, Row, Side, agree, duel, fastest

TOLERANCE = 1e-12
COMPARED = 100


def run(effort: Effort) -> list[Row]:
    """Measure all shapes."""
    rows = list(_small(effort))
    for size, goal, steps in ((64, 10.0, 100_000), (128, 3.0, 50_000), (256, 1.6, 20_000)):
        rows += _square(size, goal, effort.of(steps), effort)
    return rows


def _small(effort: Effort) -> Iterator[Row]:
    net = an.FeedbackNetwork.random(neurons=4, inputs=32, scale=0.55, seed=3160697950)
    start = net.trajectory(1, discard=20_000, observe="y")[0]
    shape, steps = "N=4 D=32", effort.of(500_000)
    ours = _ours(net, start, steps)
    for builder, label, goal, mark in (
        (loops.numba_plain, "numba loop", 3.0, 4.0),
        (loops.numba_tuned, "numba, rearranged by hand", None, None),
    ):
        rivals = _numba_sides(builder, net, start, steps)
        result = duel(ours, fastest(rivals), effort.pairs)
        yield Row.of(f"{shape}, {label}", result, goal, mark)
    yield _article_row(shape, net, start, effort)


def _ours(net: an.FeedbackNetwork, start: np.ndarray, steps: int) -> Side:
    def call() -> np.ndarray:
        return net.trajectory(steps, initial=start, observe="y0")

    error = loops.residual(net.w, net.b, start, call()[:20_000])
    agree("one step of ours and the equations", error, TOLERANCE)
    return Side("attractornet", call, steps)


def _rival(
    name: str, loop: loops.Loop, net: an.FeedbackNetwork, start: np.ndarray, steps: int
) -> Side:
    """Wrap a rival after checking that it computes what ours does."""
    ours = net.trajectory(COMPARED, initial=start, observe="y0")
    theirs = loop(net.w, net.b, start, COMPARED)
    agree(f"first values of {name}", float(np.max(np.abs(ours - theirs))), TOLERANCE)
    long = loop(net.w, net.b, start, min(steps, 20_000))
    error = loops.residual(net.w, net.b, start, long)
    agree(f"one step of {name} and the equations", error, TOLERANCE)
    return Side(name, lambda: loop(net.w, net.b, start, steps), steps)


def _numba_sides(
    builder: loops.Builder, net: an.FeedbackNetwork, start: np.ndarray, steps: int
) -> list[Side]:
    sides = []
    for fastmath in (False, True):
        suffix = ", fastmath" if fastmath else ""
        for name, loop in builder(*net.w.shape, fastmath).items():
            sides.append(_rival(f"numba {name}{suffix}", loop, net, start, steps))
    return sides


def _article_row(shape: str, net: an.FeedbackNetwork, start: np.ndarray, effort: Effort) -> Row:
    ours, theirs = effort.of(500_000), effort.of(20_000)
    same = net.trajectory(COMPARED, initial=start, observe="x")[:, :2].T
    difference = same - loops.article(net.w, net.b, start, COMPARED)
    agree("first values of the article", float(np.max(np.abs(difference))), TOLERANCE)
    result = duel(
        Side("attractornet", lambda: net.trajectory(ours, initial=start, observe="x"), ours),
        Side("the article", lambda: loops.article(net.w, net.b, start, theirs), theirs),
        effort.pairs,
    )
    return Row.of(f"{shape}, the article's loop", result, 400.0)


def _square(size: int, goal: float, steps: int, effort: Effort) -> Iterator[Row]:
    """N = D = size; scale 8 / size keeps the sums near 2, where tanh bends but does not clip."""
    net = an.FeedbackNetwork.random(neurons=size, inputs=size, scale=8.0 / size, seed=0)
    start = net.trajectory(1, discard=5_000, observe="y")[0]
    ours = _ours(net, start, steps)
    matmul = _rival("NumPy matmul", loops.numpy_matmul, net, start, steps)
    dots = [
        _rival("NumPy dot", loops.numpy_dot, net, start, steps),
        _rival("NumPy dot, columns", loops.numpy_dot_columns, net, start, steps),
    ]
    for label, best, wanted in (
        ("NumPy `w @ y`", matmul, goal),
        ("NumPy, best `dot`", fastest(dots), None),
    ):
        result = duel(ours, best, effort.pairs)
        yield Row.of(f"N=D={size}, {label}", result, wanted)
