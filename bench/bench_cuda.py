"""CUDA devices: scans, training.

Questions
    How many steps a second do scans of networks with N = 4, D = 32 make on a device, with and
    without the largest exponent? How long is an epoch of MNIST's size (60,000 examples, 784 nodes,
    batches of 200, 25 steps, spectral coupling), everything included, with each way of multiplying?
    How long are 525 epochs, and what do they reach? How fast is recall of Hopfield networks?
Rivals
    Where they are installed for the device: JAX for scans (as in bench_scan.py), torch for the
    epoch (as in bench_learn.py, products of float32).
Method
    By the clock on the wall, with what a call does beside its kernels: drawing the networks,
    Python, for the epoch the factorisations of the CPU. Before timing, what the device computes is
    compared with the CPU: final states to the bit; exponents of 40 steps; the loss and gamma of two
    batches; derivatives of a run by the coupling with those of float64.
    The group `mnist` needs MNIST in the folder ATTRACTORNET_DATA, and minutes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import numpy as np
import torch

import attractornet as an
import bench_learn
import learn_rivals
import scan_sides
from attractornet import datasets, learn
from attractornet.learn._place import Place
from attractornet.wilson_cowan import SpectralCoupling
from harness import Effort, Row, Spread, Timed, agree, contest, here
from scan_common import measured
from scan_rivals import Rival

NETWORKS = 1 << 17
SECONDS, BRIEFLY = 1.0, 0.05  # of one timed call, about; in a smoke run
# Steps a second by precision and whether with exponents: goal and next one, in 1e9.
GOALS = {
    ("float32", False): (75.0, 150.0),
    ("float32", True): (45.0, 85.0),
    ("float64", False): (25.0, 45.0),
    ("float64", True): (15.0, 30.0),
}
PRODUCTS = ("float32", "tf32x3", "tf32")
EPOCH_GOAL, EPOCH_NEXT = 0.35, 0.11  # seconds
ALL_GOAL, ALL_NEXT, ALL_EPOCHS = 200.0, 60.0, 525
PAPER = 0.9813


def run(effort: Effort) -> list[Row]:
    """All groups but those that need data which is not there."""
    names = [name for name in GROUPS if name != "mnist" or "ATTRACTORNET_DATA" in os.environ]
    return [row for name in names for row in GROUPS[name](effort)]


# --- scans ----------------------------------------------------------------------------------------


def _there(seeds: list[int], measure: str, steps: int, **options: object) -> np.ndarray:
    return measured(seeds, measure, steps, device="cuda", **options)


def _agree_with_cpu(seeds: list[int]) -> None:
    for dtype, rounding in (("float64", 1e-13), ("float32", 1e-5)):
        states = (f(seeds, "final_state", 4_000, dtype=dtype) for f in (measured, _there))
        agree(f"final states, {dtype}", float(np.ptp(np.stack(list(states)), axis=0).max()), 0.0)
        growth = (f(seeds, "exponent", 40, dtype=dtype) for f in (measured, _there))
        apart = np.ptp(np.stack(list(growth)), axis=0).max()
        agree(f"exponents, {dtype}", float(apart), rounding)


def _scan(effort: Effort) -> Iterator[Row]:
    count = NETWORKS // effort.shrink
    seconds = SECONDS if effort.shrink == 1 else BRIEFLY
    seeds = list(range(count))
    _agree_with_cpu(seeds[:256])

    def side(measure: str, dtype: str, steps: int, **options: object) -> Timed:
        call = partial(_there, seeds, measure, steps, dtype=dtype, **options)
        return here("attractornet", call, steps * count)

    for (dtype, exponent), (goal, following) in GOALS.items():
        measure = "exponent" if exponent else "final_state"
        steps = scan_sides.steps_of(partial(side, measure, dtype), seconds)
        speed = _spread(side(measure, dtype, steps), effort).scaled(1e-9)
        detail = f"{count} networks, {steps} steps"
        yield Row(f"{measure}, {dtype}", "G steps/s", speed, goal, following, detail=detail)
    whole = partial(side, "spectrum", "float64", k=4)
    speed = _spread(whole(scan_sides.steps_of(whole, seconds)), effort).scaled(1e-9)
    yield Row("four leading exponents, float64", "G steps/s", speed)


def _spread(side: Timed, effort: Effort) -> Spread:
    """Work a second of some calls."""
    side.call()
    return Spread.of(side.work / side.call().wall for _ in range(effort.pairs))


def _jax(effort: Effort) -> Iterator[Row]:
    """The same networks in JAX, on the same device."""
    if not _jax_has_devices():
        return
    nets = scan_sides.Networks.lively(256 if effort.shrink > 1 else 4096)
    nets = nets.repeated(NETWORKS // effort.shrink // len(nets.seeds))
    seconds = SECONDS if effort.shrink == 1 else BRIEFLY
    with ExitStack() as stack:
        environment = {"JAX_PLATFORMS": "cuda"}
        rival = stack.enter_context(Rival("jax", environment, nets.w, nets.b, nets.y))
        batches = tuple(size for size in (8192, 32768, 131072) if size <= len(nets.seeds))
        entry = scan_sides.Entry("JAX", rival, scan_sides.UNROLLED, batches or (len(nets.seeds),))
        for dtype, exponent in GOALS:
            ours = scan_sides.ours(nets, dtype, exponent, seconds, device="cuda")
            theirs = scan_sides.rival(nets, entry, dtype, exponent, seconds)
            result, detail = contest(ours, theirs, effort.pairs)
            what = f"{'exponent' if exponent else 'orbit'}, {dtype}, JAX"
            yield Row(what, "x", result.ratio, detail=detail, duel=result)


def _jax_has_devices() -> bool:
    try:
        import jax

        return bool(jax.devices("cuda"))
    except (ImportError, RuntimeError):
        return False


# --- training -------------------------------------------------------------------------------------


def _epoch(effort: Effort) -> Iterator[Row]:
    task = bench_learn.task_of(60_000 // effort.shrink)
    coupling = SpectralCoupling.plant(task.targets, dtype="float32")
    scale = bench_learn.NODES**-0.5
    two = 2 * task.batch_size
    first = replace(task, x=task.x[:two], labels=task.labels[:two])
    cpu = bench_learn.ours(first, coupling, scale)()
    for products in PRODUCTS:
        found = bench_learn.ours(first, coupling, scale, Place("cuda", products))()
        rounding = 1e-2 if products == "tf32" else 1e-4
        agree(f"loss, {products}", abs(found.loss / cpu.loss - 1.0), rounding)
        agree(f"gamma, {products}", abs(found.gamma / cpu.gamma - 1.0), rounding)
    numbers = [coupling.phi, coupling.eigenvalues]
    theirs = learn_rivals.torch_epoch(task, numbers, coupling.train_columns, scale, "cuda")
    rival = here("torch", theirs, len(task.x))
    for products in PRODUCTS:
        epoch = bench_learn.ours(task, coupling, scale, Place("cuda", products))
        ours = here("ours", epoch, len(task.x))
        result, _ = contest(ours, rival, max(3, effort.pairs // 2))
        seconds = Spread.of(60_000 / each for each in (result.ours.low, result.ours.high))
        detail = f"torch: {60_000 / result.rival.median:.3g} s"
        fine = products != "tf32"
        yield Row(
            f"epoch, {products}",
            "s",
            replace(seconds, median=60_000 / result.ours.median),
            EPOCH_GOAL if fine else None,
            EPOCH_NEXT if fine else None,
            at_most=True,
            detail=detail,
            duel=result,
        )


def _gradient(effort: Effort) -> Iterator[Row]:
    """Derivatives by the coupling beside those of float64, over the largest of them."""
    from attractornet import _torch_cuda

    rng = np.random.default_rng(1)
    nodes, samples = (784, 200) if effort.shrink == 1 else (96, 40)
    model = learn.WilsonCowanModel.plant(10, nodes, "spectral")
    a = np.asarray(model.coupling.coupling, np.float64)
    x, dx = rng.random((samples, nodes)), rng.normal(size=(samples, nodes))
    network = an.WilsonCowanNetwork(a, scale=model.scale, **model.parameters)
    exact = network.tape(x, steps=model.steps, dt=model.dt).adjoint(dx).coupling
    for products in PRODUCTS:
        here_a = torch.tensor(a, dtype=torch.float32, device="cuda", requires_grad=True)
        start = torch.tensor(x, dtype=torch.float32, device="cuda")
        gamma = torch.tensor(model.gamma, device="cuda")
        end = _torch_cuda.settle(start, here_a, gamma, model, products)
        end.backward(torch.tensor(dx, dtype=torch.float32, device="cuda"))
        error = np.abs(here_a.grad.cpu().numpy() - exact).max() / np.abs(exact).max()
        goal = None if products == "tf32" else 1e-5
        value = Spread.of([float(error)])
        yield Row(f"error of dL/dA, {products}", "of the largest", value, goal, at_most=True)


def _settle(effort: Effort) -> Iterator[Row]:
    model = learn.WilsonCowanModel.plant(10, 784, "spectral")
    x = np.random.default_rng(2).random((10_000 // effort.shrink, 784), np.float32)
    some = slice(64)
    states = [model.probabilities(x[some], 400, device=each) for each in ("cpu", "cuda")]
    agree("where states settle", float(np.abs(states[0] - states[1]).max()), 0.0)
    call = partial(model.probabilities, x, 400, device="cuda")
    seconds = _spread(here("ours", call, 1), effort)
    took = Spread(1 / seconds.high, 1 / seconds.median, 1 / seconds.low)
    yield Row(f"{len(x)} examples, 400 steps", "s", took)


def _hopfield(effort: Effort) -> Iterator[Row]:
    net = an.HopfieldNetwork.random(units=784, alpha=0.06)
    count = 20_000 // effort.shrink
    start = np.random.default_rng(3).choice(np.array([-1, 1], np.int8), (count, net.units))
    some = [net.recall(start[:100], device=each) for each in ("cpu", "cuda")]
    agree("states that are recalled", float(np.abs(some[0].states - some[1].states).max()), 0.0)
    updates = int(net.recall(start, device="cuda").sweeps.sum()) * net.units
    ours = here("cuda", partial(net.recall, start, device="cuda"), updates)
    theirs = here("our CPU", partial(net.recall, start, threads=1), updates)
    result, detail = contest(ours, theirs, effort.pairs)
    yield Row("recall, N = 784, one core of the CPU", "x", result.ratio, detail=detail, duel=result)


def _mnist(effort: Effort) -> Iterator[Row]:
    train, test = (datasets.load_mnist(split) for split in ("train", "test"))
    x, y = (
        np.asarray(part.images, np.float32).reshape(-1, 784) / np.float32(255)
        for part in (train, test)
    )
    epochs = effort.of(ALL_EPOCHS)
    model = learn.WilsonCowanModel.plant(10, 784, "spectral")
    begin = time.perf_counter()
    run = learn.train(
        model, x, train.labels, epochs=epochs, noise=0.25, device="cuda", products="tf32x3"
    )
    took = time.perf_counter() - begin
    reached = run.model.evaluate(y, test.labels, device="cuda").accuracy
    detail = f"accuracy {reached:.4f} on the test images"
    if effort.shrink == 1:
        agree("accuracy below the paper's", max(0.0, PAPER - reached), 0.0)
    value = Spread.of([took])
    yield Row(f"{epochs} epochs", "s", value, ALL_GOAL, ALL_NEXT, at_most=True, detail=detail)


GROUPS = {
    "scan": _scan,
    "jax": _jax,
    "epoch": _epoch,
    "gradient": _gradient,
    "settle": _settle,
    "hopfield": _hopfield,
    "mnist": _mnist,
}
