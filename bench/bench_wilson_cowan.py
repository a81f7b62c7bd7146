"""Wilson-Cowan networks: training steps, spectral couplings, simulation.

Questions
    How long does one training step take, forward and adjoint, of 784 nodes, 200 samples and 35
    steps in float32? What share of the core's peak is that, and what are two threads worth? How
    long do a coupling A = Phi Lambda Phi^-1 and its gradient take? How many steps a second does a
    simulation of one state make?
Rivals
    torch with autograd, its coupling by `linalg.inv`; neurolib's WCModel (numba). Two rows without
    a goal show rivals tuned by hand: the adjoint written out in torch, and the gradients of the
    coupling from one factorisation.
Method
    Inputs are 8-bit pixels as numbers in [0, 1], four fifths of them 0, as x and y; the loss is the
    square distance to a target; derivatives by A and gamma agree to 5e-3 in float32 before anything
    is timed. The peak is that of independent chains of multiplications and additions in registers,
    measured between the pairs. neurolib has neither noise nor delays here, both sides return all
    steps in float64, and the first 200 agree to 1e-10.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

import attractornet as an
import wilson_cowan_rivals as rivals
from attractornet.wilson_cowan import SpectralCoupling, block_targets
from harness import HERE, Effort, Row, Side, agree, contest, duel, here, two_processes

NODES, SAMPLES, STEPS = 784, 200, 35


def run(effort: Effort) -> list[Row]:
    """All groups."""
    return [row for group in GROUPS.values() for row in group(effort)]


def _problem(effort: Effort, w_ie: float = 0.0) -> rivals.Problem:
    """A batch of pixels, and a planted coupling some training away from its start."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    samples = max(20, effort.of(SAMPLES))
    pixels = rng.integers(1, 256, (samples, NODES)) * (rng.random((samples, NODES)) < 0.2)
    targets = block_targets(10, NODES)
    start = SpectralCoupling.plant(targets)
    coupling = start.coupling + rng.normal(scale=0.3, size=(NODES, NODES))
    return rivals.Problem(
        (pixels / 255.0).astype(np.float32),
        targets[rng.integers(0, 10, samples)].astype(np.float32),
        coupling.astype(np.float32),
        NODES**-0.5,
        STEPS,
        w_ie,
    )


def _ours(p: rivals.Problem, threads: int = 1) -> Callable[[], rivals.Found]:
    net = an.WilsonCowanNetwork(p.coupling, scale=p.scale, w_ie=p.w_ie)

    def call() -> rivals.Found:
        tape = net.tape(p.x0, steps=p.steps, dt=0.1, threads=threads)
        gradient = tape.adjoint(2.0 * (tape.x - p.goal))
        return rivals.Found(tape.x, gradient.coupling, gradient.gamma)

    return call


def _relative(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(np.subtract(found, expected)) / np.linalg.norm(expected))


def _step(effort: Effort) -> Iterator[Row]:
    for w_ie, goal in ((0.0, 1.5), (1.0, None)):
        p = _problem(effort, w_ie)
        ours = _ours(p)
        found = ours()
        side = Side("ours", ours, p.steps)
        for name, call, mark in (
            ("torch autograd", rivals.torch_step(p), goal),
            ("torch, by hand", rivals.torch_by_hand(p), None),
        ):
            other = call()
            agree(f"last x, {name}", _relative(found.x, other.x), 1e-4)
            agree(f"dL/dA, {name}", _relative(found.coupling, other.coupling), 5e-3)
            agree(f"dL/dgamma, {name}", abs(found.gamma / other.gamma - 1.0), 5e-3)
            result = duel(side, Side(name, call, p.steps), effort.pairs)
            what = f"training step, w_ie = {w_ie:g}, {name}"
            detail = f"{1e3 * p.steps / result.ours.median:.4g} ms against "
            detail += f"{1e3 * p.steps / result.rival.median:.4g} ms of {name}"
            yield Row(what, "x", result.ratio, mark, detail=detail, duel=result)


def _peak(effort: Effort) -> Iterator[Row]:
    p = _problem(effort)
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "peak.so"
        flags = ["-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, HERE / "fma_peak.c", "-o", library], check=True)
        chains = ctypes.CDLL(str(library)).fma_chains
    chains.restype = ctypes.c_double
    out, rounds = ctypes.c_float(), ctypes.c_long(effort.of(4_000_000))
    peak = partial(chains, rounds, ctypes.byref(out))
    ours = _ours(p)
    result = duel(Side("ours", ours, p.flops), Side("the peak", peak, peak()), effort.pairs)
    detail = f"{result.ours.median / 1e9:.4g} GF/s, packing and tanh included, of "
    detail += f"{result.rival.median / 1e9:.4g} GF/s"
    yield Row("training step, share of the peak", "", result.ratio, 0.8, detail=detail, duel=result)


def _threads(effort: Effort) -> Iterator[Row]:
    p = _problem(effort)
    two, one = (here(f"{n} thread(s)", _ours(p, n), p.steps) for n in (2, 1))
    result, detail = contest(two, one, effort.pairs, "k")
    what = "training step, two threads against one"
    yield Row(what, "x", result.ratio, 1.6, detail=detail, duel=result)
    result = two_processes(partial(_step_there, effort), p.steps, effort.pairs)
    what = "training step, two processes against one"
    yield Row(what, "x", result.ratio, detail=result.in_words("k"), duel=result)


def _step_there(effort: Effort) -> None:
    """A step of the problem that this process keeps."""
    _kept(effort)()


@cache
def _kept(effort: Effort) -> Callable[[], rivals.Found]:
    return _ours(_problem(effort))


def _spectral(effort: Effort) -> Iterator[Row]:
    torch.set_num_threads(1)
    nodes = max(50, effort.of(NODES))
    rng = np.random.default_rng(3)
    start = SpectralCoupling.plant(block_targets(10, nodes), dtype="float32")
    phi = (start.phi + 0.01 * rng.normal(size=(nodes, nodes))).astype(np.float32)
    lam, da = start.eigenvalues, rng.normal(size=(nodes, nodes)).astype(np.float32)

    def ours() -> tuple[np.ndarray, ...]:
        spectral = SpectralCoupling(phi, lam, threads=1)
        a = spectral.coupling
        gradient = spectral.adjoint(da)
        return a, gradient.phi, gradient.eigenvalues

    side = Side("ours", ours, 1)
    for name, call, goal in (
        ("torch autograd through inv", rivals.torch_spectral(phi, lam, da), 3.0),
        ("torch LU, by hand", rivals.torch_solved(phi, lam, da), None),
    ):
        for what, found, expected in zip(("A", "dPhi", "dLambda"), ours(), call(), strict=True):
            agree(f"{what}, {name}", _relative(found, expected), 2e-2)
        result = duel(side, Side(name, call, 1), effort.pairs)
        detail = f"{1e3 / result.ours.median:.4g} ms against {1e3 / result.rival.median:.4g} ms"
        yield Row(
            f"coupling and gradient, {name}", "x", result.ratio, goal, detail=detail, duel=result
        )


def _simulation(effort: Effort) -> Iterator[Row]:
    for nodes, steps, goal in ((NODES, 500, 10.0), (80, 20_000, None)):
        steps = max(200, effort.of(steps))
        rng = np.random.default_rng(5)
        coupling = rng.random((nodes, nodes)) / nodes
        np.fill_diagonal(coupling, 0.0)
        theirs, setting = rivals.neurolib_run(coupling, steps, 0.04)
        net = an.WilsonCowanNetwork(coupling, **setting["params"])
        x0, y0 = setting["start"]

        def ours(net=net, x0=x0, y0=y0, steps=steps) -> np.ndarray:
            return net.integrate(x0, y0, steps, dt=0.04, trace_every=1, threads=1).x_trace

        expected = theirs()
        agree("trajectories", float(np.abs(ours()[1:201].T - expected[:, :200]).max()), 1e-10)
        result = duel(Side("ours", ours, steps), Side("neurolib", theirs, steps), effort.pairs)
        yield Row.of(f"simulation, N = {nodes}, neurolib", result, goal)


GROUPS: dict[str, Callable[[Effort], Iterator[Row]]] = {
    "step": _step,
    "peak": _peak,
    "threads": _threads,
    "spectral": _spectral,
    "simulation": _simulation,
}
