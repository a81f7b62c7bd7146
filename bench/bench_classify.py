"""Classification of feedback networks, and searches for attractors.

Questions
    How long does it take to tell what 10 000 random networks do, on two cores? How long does one
    take, by kind? How long do all attractors of a network take, and a plane of basins?
Rival
    The same method in NumPy, tests/reference/classify.py: windows, closure, averages and
    spectral lines vectorised, a QR factorisation every 8 steps, and two loops over the steps, of
    the orbit and of the frame. Orbits step by `w @ y`; rows without a goal put a faster rival in
    its place, which reaches BLAS through the arrays' `dot` and allocates nothing.
Method
    Networks N = 4, D = 16 of seeds 0, 1, ... whose scales run through `SCALES`; horizon 5 10^6.
    The survey is wall time, two threads; a network's time is CPU time of its thread. The ratio is
    taken on networks of each kind that the survey found, from where it left them, at a horizon of
    200 000, so that the rival ends on chaos as well; "mixture" weighs the kinds by their shares in
    the survey, undecided ones left out. A longer horizon would favour us: what it adds is plain
    steps. Before timing, both sides find the same kind, period and, within the errors, exponent.
    The searches are CPU time on one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

import attractornet as an
from harness import HERE, Effort, Row, Spread, agree

sys.path.insert(0, str(HERE.parent / "tests"))

from reference import classify as reference

SCALES = (0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0, 8.0)
KINDS = ("fixed point", "periodic", "quasiperiodic", "chaotic")
NETWORKS, CORES, SAMPLE, HORIZON = 10_000, 2, 5, 200_000
Task = tuple[an.FeedbackNetwork, np.ndarray]  # a network and where it starts


def run(effort: Effort) -> list[Row]:
    """Survey the networks, then duel on a sample of each kind, then search for attractors."""
    smoke = effort.shrink > 1
    begin, used = time.perf_counter(), time.process_time()
    found = survey(200 if smoke else NETWORKS)
    wall, used = time.perf_counter() - begin, time.process_time() - used
    rows = [
        Row(
            f"{len(found)} networks, two cores",
            "s",
            Spread.of([wall]),
            600.0,
            at_most=True,
            detail=f"{used:.4g} s of CPU time; {_shares(found)}",
        )
    ]
    rows += [_by_kind(kind, found) for kind in KINDS]
    rows += _duels(found, effort)
    return [*rows, _attractors(effort), _basins(effort)]


@dataclass(frozen=True)
class Found:
    """A verdict of the survey, and the CPU seconds that it took."""

    seed: int
    verdict: an.Classification
    seconds: float


def network(seed: int) -> an.FeedbackNetwork:
    """Network of the survey by its seed."""
    scale = SCALES[seed % len(SCALES)]
    return an.FeedbackNetwork.random(neurons=4, inputs=16, scale=scale, seed=seed)


def survey(count: int) -> list[Found]:
    """Classify the networks of the first seeds."""

    def one(seed: int) -> Found:
        net, begin = network(seed), time.thread_time()
        verdict = an.classify(net)
        return Found(seed, verdict, time.thread_time() - begin)

    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(one, range(count)))


def _of_kind(kind: str, found: list[Found]) -> list[Found]:
    return [each for each in found if each.verdict.kind == kind]


def _shares(found: list[Found]) -> str:
    counts = {kind: len(_of_kind(kind, found)) / len(found) for kind in (*KINDS, "undecided")}
    return ", ".join(f"{share:.1%} {kind}" for kind, share in counts.items())


def _by_kind(kind: str, found: list[Found]) -> Row:
    """Median time of a kind, with the tenth and the ninetieth percentile beside it."""
    times = [1e3 * each.seconds for each in _of_kind(kind, found)]
    low, median, high = np.percentile(times, (10, 50, 90)) if times else (np.nan,) * 3
    goal = 50.0 if kind == "quasiperiodic" else None
    detail = f"10 % to 90 % of {len(times)} networks; the slowest {max(times, default=0):.4g} ms"
    spread = Spread(float(low), float(median), float(high))
    return Row(f"{kind}, one network", "ms", spread, goal, at_most=True, detail=detail)


# --- the rival ------------------------------------------------------------------------------------


class DotOrbit(reference.Orbit):
    """Steps by the shortest way that NumPy has to BLAS, in memory made beforehand."""

    def fill(self, line: np.ndarray, steps: int) -> None:
        """Write the outputs from line[steps - 1] down to line[0]."""
        inputs, u = len(self.y), np.empty(len(self.b))
        drive, output, tanh = self.w.dot, self.b.dot, np.tanh
        for t in range(steps - 1, -1, -1):
            drive(line[t + 1 : t + 1 + inputs], u)
            tanh(u, u)
            line[t] = output(u)


def _ours(task: Task) -> object:
    return an.classify(task[0], task[1], horizon=HORIZON)


def _numpy(task: Task) -> object:
    return reference.classify(task[0].w, task[0].b, task[1], horizon=HORIZON)


def _numpy_dot(task: Task) -> object:
    net, start = task
    return reference.classify(net.w, net.b, start, horizon=HORIZON, orbit=DotOrbit)


RIVALS = {"NumPy `w @ y`": _numpy, "NumPy, best `dot`": _numpy_dot}


def _duels(found: list[Found], effort: Effort) -> list[Row]:
    samples = {kind: _sample(kind, found) for kind in KINDS}
    for tasks in samples.values():
        for task in tasks:
            _check_verdicts(task)
    sides: dict[str, Callable[[Task], object]] = {"ours": _ours, **RIVALS}
    # times[kind][side]: CPU seconds a network, one value a round.
    times = {kind: {side: [] for side in sides} for kind in KINDS}
    for _ in range(effort.pairs):
        for kind, tasks in samples.items():
            for side, call in sides.items():
                begin = time.process_time()
                for task in tasks:
                    call(task)
                times[kind][side].append((time.process_time() - begin) / len(tasks))
    weights = {kind: len(_of_kind(kind, found)) for kind in KINDS}
    mixture = {
        side: [
            sum(weights[kind] * times[kind][side][i] for kind in KINDS) / sum(weights.values())
            for i in range(effort.pairs)
        ]
        for side in sides
    }
    rows = []
    for rival, goal in zip(RIVALS, (20.0, None), strict=True):
        for kind, measured in {**times, "mixture": mixture}.items():
            ratio = Spread.of(b / a for a, b in zip(measured["ours"], measured[rival], strict=True))
            ours, theirs = (Spread.of(measured[side]).scaled(1e3) for side in ("ours", rival))
            detail = f"{ours:.4g} ms against {theirs:.4g} ms a network"
            rows.append(Row(f"{kind}, {rival}", "x", ratio, goal, detail=detail))
    return rows


def _sample(kind: str, found: list[Found]) -> list[Task]:
    """Networks evenly spaced among those of a kind; no chaos too weak to be told soon."""
    fit = [
        each
        for each in _of_kind(kind, found)
        if kind != "chaotic" or each.verdict.exponent > 50.0 * each.verdict.exponent_error
    ]
    if not fit:
        raise AssertionError(f"the survey found no {kind} network")
    chosen = [fit[i * len(fit) // SAMPLE] for i in range(SAMPLE)]
    return [(network(each.seed), each.verdict.state) for each in chosen]


def _check_verdicts(task: Task) -> None:
    ours = _ours(task)
    for theirs in (_numpy(task), _numpy_dot(task)):
        if (ours.kind, ours.horizon) != (theirs.kind, theirs.horizon):
            raise AssertionError(f"{ours} against {theirs}")
        agree("period", abs(float(np.nan_to_num(ours.period)) - theirs.period), 0.0)
        allowed = 5.0 * np.hypot(ours.exponent_error, theirs.exponent_error) + 1e-8
        agree("exponent", abs(ours.exponent - theirs.exponent), float(allowed))


# --- searches -------------------------------------------------------------------------------------


def _attractors(effort: Effort) -> Row:
    """All attractors that 2000 random starts of the article's third network go to."""
    net = an.FeedbackNetwork.random(neurons=4, inputs=16, scale=1.4, seed=174658140)
    starts = 4.0 * np.random.RandomState(0).random_sample((effort.of(2000), 16)) - 2.0
    begin = time.process_time()
    found = an.attractors(net, starts, threads=1)
    seconds = time.process_time() - begin
    for attractor in found.attractors:
        ours = attractor.classification
        theirs = reference.classify(net.w, net.b, ours.state, horizon=HORIZON)
        if ours.kind != theirs.kind:
            raise AssertionError(f"attractor: {ours} against {theirs}")
    kinds = ", ".join(f"{a.classification.kind} {a.share:.1%}" for a in found.attractors)
    value = Spread.of([seconds])
    return Row(f"attractors of {len(starts)} starts, D=16", "s", value, detail=kinds)


def _basins(effort: Effort) -> Row:
    """Basins of the Henon map on a grid of 200 x 200 starts."""
    side = effort.of(200) if effort.shrink == 1 else 40
    u, v = np.linspace(-2.0, 2.0, side), np.linspace(-2.0, 2.0, side)
    begin = time.process_time()
    found = an.basins(an.textbook.Henon(), u, v, threads=1)
    seconds = time.process_time() - begin
    x, y = np.meshgrid(u, v)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(1000):
            x, y = 1.0 - 1.4 * x * x + y, 0.3 * x
    escapes = ~(np.abs(x) < 1e6)
    differ = float(np.mean((np.asarray(found.labels) < 0).reshape(escapes.shape) != escapes))
    agree("share of starts that escape", differ, 1e-3)
    detail = f"{escapes.mean():.1%} escape; those of plain iteration but for {differ:.2g}"
    value = Spread.of([seconds])
    return Row(f"basins of Henon, {side} x {side}", "s", value, detail=detail)
