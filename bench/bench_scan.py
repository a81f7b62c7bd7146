"""Scans of many feedback networks, N = 4, D = 32.

Questions
    How many steps a second do many independent networks make on two cores: orbits alone, and with
    the largest exponent? And full spectra, on one core?
Rivals
    JAX, `vmap` of a jitted `lax.scan` (with `jvp` for the exponent): one process with one device,
    and the same divided among two host devices; the stronger is the one that has to be beaten.
    numba, one network an iteration of `prange`, the best of its plain loops (register shifted or
    kept as a ring, strict or `fastmath`); rows without a goal show a loop rearranged by hand. For
    exponents on one core pynamicalsys: num_exponents=1, and "QR_HH" for the spectrum.
Method
    Networks that stay in motion (`scan_common.lively_seeds`), from the article's start. A tangent
    is scaled to length 1 every 8 steps by all rivals but pynamicalsys, which does so every step.
    JAX chooses its best batch and unrolling by a short probe, numba its best loop. Rivals have
    their weights in place and are compiled; our time includes drawing the networks. Before timing,
    registers after 40 steps agree, relative to the bound of y_0, to 1e-10 (float64) or 1e-4
    (float32) in every network; means of exponents over the networks within five standard errors
    of their difference; spectra within five of theirs. Two cores are measured in wall time, with
    CPU time beside it, one core in CPU time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

import attractornet as an
from bench_lyapunov import numba_system
from harness import (
    Effort,
    Row,
    Side,
    agree,
    agree_in_the_mean,
    contest,
    duel,
)
from scan_common import CORES, INPUTS, NEURONS, measured
from scan_rivals import Rival
from scan_sides import (
    CHECKED,
    FIRST_TANGENTS,
    TOLERANCES,
    UNROLLED,
    Entry,
    Networks,
    ours,
    rival,
)

NETWORKS = 4096
SECONDS, BRIEFLY = 0.5, 0.1  # of one timed call, about; in a smoke run
BATCHES = (64, 128, 512, 2048)  # networks of one of JAX's devices

PLAIN = ("shift", "ring", "shift, fastmath", "ring, fastmath")
BY_HAND = ("transposed", "transposed, fastmath")

# Goals by what is scanned: JAX in float64 and float32, numba.
GOALS = {False: (3.5, 5.0, 10.0), True: (3.5, 4.0, 14.0)}


def run(effort: Effort) -> list[Row]:
    """Measure scans on two cores, then exponents and spectra on one."""
    quick = effort.shrink > 1
    nets = Networks.lively(256 if quick else NETWORKS)
    rows = list(_two_cores(nets, BATCHES[:2] if quick else BATCHES, effort))
    rows.append(_one_exponent(nets, effort))
    return [*rows, *_spectra(nets, effort)]


# --- two cores ------------------------------------------------------------------------------------


def _two_cores(nets: Networks, batches: tuple[int, ...], effort: Effort) -> Iterator[Row]:
    weights = nets.w, nets.b, nets.y
    devices = f"--xla_force_host_platform_device_count={CORES}"
    with ExitStack() as stack:

        def start(library: str, **environment: str) -> Rival:
            return stack.enter_context(Rival(library, environment, *weights))

        one, two = start("jax"), start("jax", XLA_FLAGS=devices)
        numba = start("numba", NUMBA_NUM_THREADS=str(CORES), OMP_NUM_THREADS=str(CORES))
        shared = tuple(CORES * batch for batch in batches if CORES * batch <= len(nets.seeds))
        entries = (
            Entry("JAX, one device", one, UNROLLED, batches),
            Entry("JAX, two devices", two, UNROLLED, shared),
            Entry("numba", numba, PLAIN, batches[1:2]),
            Entry("numba, rearranged by hand", numba, BY_HAND, batches[1:2]),
        )
        for exponent in (False, True):
            for dtype in TOLERANCES:
                yield from _rows(nets, entries, dtype, exponent, effort)


def _rows(
    nets: Networks, entries: Sequence[Entry], dtype: str, exponent: bool, effort: Effort
) -> Iterator[Row]:
    seconds = SECONDS if effort.shrink == 1 else BRIEFLY
    mine = ours(nets, dtype, exponent, seconds)
    rows = []
    for entry in entries:
        theirs = rival(nets, entry, dtype, exponent, seconds)
        result, detail = contest(mine, theirs, effort.pairs)
        what = f"{'exponent' if exponent else 'orbit'}, {dtype}, {entry.name}"
        rows.append(Row(what, "x", result.ratio, detail=detail, duel=result))
    double, single, numba = GOALS[exponent]
    jax = double if dtype == "float64" else single
    stronger = min(rows[:2], key=lambda row: row.value.median)
    goals = {stronger.what: jax, rows[2].what: numba}
    return (replace(row, goal=goals.get(row.what)) for row in rows)


# --- one core -------------------------------------------------------------------------------------


SYSTEM = numba_system(NEURONS, INPUTS)


def _pynamicalsys(nets: Networks, steps: int, **options: object) -> np.ndarray:
    """Exponents (P, k) of networks, one after the other."""
    parameters = np.concatenate((nets.w.reshape(len(nets.w), -1), nets.b), axis=1)
    found = [
        np.ravel(SYSTEM.lyapunov(y, steps, parameters=p, **options))
        for y, p in zip(nets.y, parameters, strict=True)
    ]
    return np.array(found)


def _one_exponent(nets: Networks, effort: Effort) -> Row:
    few, steps, more = nets[:8], effort.of(50_000), effort.of(20_000)
    mine = measured(few.seeds, "exponent", CHECKED, threads=1)[:, 0]
    theirs = _pynamicalsys(few, CHECKED, num_exponents=1)[:, 0]
    agree_in_the_mean("exponents of pynamicalsys", mine, theirs, FIRST_TANGENTS)
    many = nets[:1024]
    result = duel(
        Side(
            "attractornet",
            lambda: measured(many.seeds, "exponent", more, threads=1),
            more * len(many.seeds),
        ),
        Side(
            "pynamicalsys", lambda: _pynamicalsys(few, steps, num_exponents=1), steps * len(few.w)
        ),
        effort.pairs,
    )
    return Row.of("exponent, float64, pynamicalsys, one core", result, 50.0)


def _spectra(nets: Networks, effort: Effort) -> Iterator[Row]:
    """Spectra of 64 networks against those of one, with QR at every step and at our interval."""
    many, few, steps = nets[:64], nets[:2], effort.of(20_000)

    def theirs() -> np.ndarray:
        return _pynamicalsys(few, steps, method="QR_HH")

    expected = np.sort(theirs())[:, ::-1]
    rival = Side("pynamicalsys QR_HH", theirs, steps * len(few.w))
    for label, interval, goal in (("every step", 1, 6.0), ("at our interval", None, 40.0)):

        def ours(interval: int | None = interval) -> np.ndarray:
            return measured(many.seeds, "spectrum", steps, threads=1, k=INPUTS, interval=interval)

        _check_spectra(label, ours()[: len(few.w)], expected, few, steps)
        result = duel(Side("attractornet", ours, steps * len(many.w)), rival, effort.pairs)
        yield Row.of(f"spectrum, QR {label}, one core", result, goal)


def _check_spectra(
    label: str, ours: np.ndarray, theirs: np.ndarray, nets: Networks, steps: int
) -> None:
    """Standard errors of either side are those of our spectrum of one network."""
    for p, (w, b, y) in enumerate(zip(nets.w, nets.b, nets.y, strict=True)):
        net = an.FeedbackNetwork(w, b)
        error = an.lyapunov_spectrum(net, steps=steps, discard=0, initial=y).standard_error
        allowed = 5.0 * np.sqrt(2.0) * error + 10.0 / steps
        excess = float(np.max(np.abs(ours[p] - theirs[p]) / allowed))
        agree(f"spectrum, QR {label}, in units of what is allowed", excess, 1.0)
