"""Hopfield networks: recall, sweeps at a temperature, storage; dense memories.

Questions
    How many recalls a second does one core make, asynchronously, from 20 % flips until nothing
    changes: with weights of Hebb's rule, and with given ones? How many updates a second at
    T = 0.1? How much faster are two threads? How long does it take to store patterns, all weights
    written out? How many retrievals a second from dense memories, of order 3 and softmax ones?
Rivals
    Recall: numba, float32, where a product `w @ s` gives the first fields and a row of the weights
    is added for each flip; orders are drawn in four ways, and the fastest counts. The article's
    update, sign(w_i . s), in sweeps. The package hopfieldnetwork, three of its asynchronous sweeps,
    from states of int8 or float64, the faster of the two. Rows without a goal show the commonest
    form in place of the fastest (orders by np.random.permutation, states of int8), and loops
    rearranged by hand, up to overlaps for the first fields and weights of 16 bits. Given weights
    are kept in float32, or in float64 as we keep them. At T = 0.1 numba's Glauber dynamics, the
    fastest of four. Storage: NumPy's `pinv`, or X.T @ X; by hand the projector through QR or
    Cholesky's factors. Two threads: one. Dense memories of order 3: numba, unit by unit, by both
    energies or rearranged by hand; NumPy, a unit of all states at once, and for synchronous updates
    products of matrices. Softmax memories: products of matrices with softmax by SciPy, NumPy in
    place or numba, for all states until the last has converged or for those that still move.
Method
    Random patterns. Ours is one call of `recall` on a batch of states, which are int8 unless said,
    as they were drawn; energies are included. Rivals have their weights in place, and take the
    same states, of which they make those that they like best. A unit whose
    field is 0 keeps its value, but for the package, which has 1. Before timing, both sides recall
    the same starts: the shares recalled exactly, mean overlaps and mean energies agree within five
    standard errors, since orders differ; no unit of an end would change (the package apart, which
    does not look); our energies are those of the weights. At T = 0.1, mean overlaps and energies
    after all sweeps agree likewise. Stored weights agree to 1e-12 of the largest. Two threads are
    measured in wall time, beside two processes that share nothing, the most that the machine gives
    at that moment. Dense memories of order 3 are swept in the order of the units, or all at
    once: both sides end in the same states. Ends of softmax memories agree to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

import attractornet as an
import dense_memory_rivals as dense_rivals
import hopfield_rivals as rivals
from harness import (
    Duel,
    Effort,
    Row,
    Side,
    Timed,
    agree,
    agree_in_the_mean,
    contest,
    duel,
    fastest,
    here,
    two_processes,
)

FLIPS, TEMPERATURE = 0.2, 0.1
SWEEPS = 3  # of the package, which has to be told
CHECKED = 200  # recalls that are compared
SLOW = 10  # recalls in one timed call of a loop in Python
CORES = 2


def run(effort: Effort) -> list[Row]:
    """Measure all groups."""
    return [row for group in GROUPS.values() for row in group(effort)]


@dataclass(frozen=True)
class Problem:
    """Patterns (P, N), a network that remembers them, and what it is given to recall."""

    patterns: np.ndarray
    net: an.HopfieldNetwork
    w: np.ndarray  # (N, N) in float32, for rivals; times `scale` they are the network's
    scale: float
    goals: np.ndarray  # (B, N), the patterns that the starts were
    starts: np.ndarray

    @classmethod
    def hebbian(cls, units: int, patterns: int, states: int) -> Problem:
        """Random patterns, stored by Hebb's rule."""
        xi, goals, starts = drawn(units, patterns, states)
        net = an.HopfieldNetwork.store(xi)
        return cls(xi, net, rivals.couplings(xi), 1.0 / units, goals, starts)

    @classmethod
    def given(cls, units: int, patterns: int, states: int) -> Problem:
        """A network that was given its weights, which are those of the pseudo-inverse rule."""
        xi, goals, starts = drawn(units, patterns, states)
        w = an.HopfieldNetwork.store(xi, "pseudoinverse").weights
        return cls(xi, an.HopfieldNetwork(w), w.astype(np.float32), 1.0, goals, starts)

    @property
    def label(self) -> str:
        """Sizes, as rows begin."""
        patterns, units = self.patterns.shape
        return f"N={units} P={patterns}"

    def exact(self, ends: np.ndarray) -> np.ndarray:
        """Which of the first ends are the pattern itself."""
        return np.all(ends == self.goals[: len(ends)], axis=1)

    def overlaps(self, ends: np.ndarray) -> np.ndarray:
        """Overlaps of the first ends with their patterns."""
        return np.mean(ends * self.goals[: len(ends)], axis=1, dtype=float)

    def fields(self, ends: np.ndarray) -> np.ndarray:
        """Fields of ends, in the units of w."""
        return ends.astype(np.float32) @ self.w

    def energies(self, ends: np.ndarray) -> np.ndarray:
        """Energies a unit, by the weights that rivals have."""
        return -0.5 * self.scale * np.mean(ends * self.fields(ends), axis=1, dtype=float)


def drawn(units: int, patterns: int, states: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random patterns, a choice among them, and the same with units flipped; int8."""
    random = np.random.RandomState(0)
    xi = 2 * random.randint(0, 2, (patterns, units), dtype=np.int8) - 1
    goals = xi[random.randint(0, patterns, states)]
    flipped = random.random_sample(goals.shape) < FLIPS
    return xi, goals, np.where(flipped, -goals, goals)


# --- recall ---------------------------------------------------------------------------------------


def _small(effort: Effort) -> Iterator[Row]:
    """As many units as MNIST has pixels: all rivals."""
    problem = Problem.hebbian(784, 50, effort.of(4_000))
    yield from _numba(problem, 6.0, effort)
    package = rivals.package(problem.patterns, SWEEPS)
    for what, loops, goal in (
        ("the article's loop", rivals.article(problem.w), 200.0),
        ("NumPy, by hand", rivals.numpy_tuned(problem.w), None),
        (f"hopfieldnetwork, {SWEEPS} sweeps", package, 700.0),
        (f"hopfieldnetwork, {SWEEPS} sweeps, int8", _those(package, "int8"), None),
    ):
        yield _recall_row(problem, what, loops, goal, effort, SLOW)


def _large(effort: Effort) -> Iterator[Row]:
    yield from _numba(Problem.hebbian(4096, 400, effort.of(200)), 12.0, effort)


def _huge(effort: Effort) -> Iterator[Row]:
    """Weights of 400 MB in float32, of which a smoke run makes less."""
    units = 10_000 if effort.shrink == 1 else 2_000
    yield from _numba(Problem.hebbian(units, units // 10, effort.of(40)), None, effort)


def _given(effort: Effort) -> Iterator[Row]:
    for units, patterns, states in ((784, 100, 1_000), (4096, 400, 100)):
        problem = Problem.given(units, patterns, effort.of(states))
        for dtype in ("float32", "float64"):
            loops = rivals.numba_plain(problem.w.astype(dtype))
            yield _recall_row(problem, f"given weights, numba in {dtype}", loops, None, effort)


def _numba(problem: Problem, goal: float | None, effort: Effort) -> Iterator[Row]:
    plain = rivals.numba_plain(problem.w)
    for what, loops, wanted in (
        ("numba", plain, goal),
        ("numba, np.random.permutation", _those(plain, "permutation"), None),
        ("numba, by hand", rivals.numba_tuned(problem.w, problem.patterns), None),
    ):
        yield _recall_row(problem, what, loops, wanted, effort)


def _those(loops: dict[str, rivals.Recall], word: str) -> dict[str, rivals.Recall]:
    """Loops whose names have the word."""
    return {name: loop for name, loop in loops.items() if word in name}


def _recall_row(
    problem: Problem,
    what: str,
    loops: dict[str, rivals.Recall],
    goal: float | None,
    effort: Effort,
    recalls: int | None = None,
) -> Row:
    """Duel with the fastest of the loops, which is timed on so many recalls (None: on all)."""
    rng = np.random.default_rng(0)
    some = problem.starts[:recalls]
    sides = [
        Side(name, lambda loop=loop: loop(some, rng), len(some)) for name, loop in loops.items()
    ]
    best = fastest(sides, rounds=3)
    shares = _check(problem, best.name, loops[best.name](problem.starts[:CHECKED], rng))
    result = duel(_ours(problem), best, effort.pairs)
    detail = f"{result.in_words('k')}; {shares}"
    return Row(f"{problem.label}, {what}", "x", result.ratio, goal, detail=detail, duel=result)


def _ours(problem: Problem, dtype: str = "int8", threads: int | None = None) -> Side:
    starts = problem.starts.astype(dtype)

    def call() -> an.hopfield.Recall:
        return problem.net.recall(starts, threads=threads)

    return Side(f"states in {dtype}", call, len(starts))


def _check(problem: Problem, name: str, theirs: np.ndarray) -> str:
    """Compare ends with ours, from the same starts; returns what was recalled, in words."""
    found = problem.net.recall(problem.starts[: len(theirs)])
    energies = problem.energies(found.states)
    error = np.max(np.abs(found.energies / found.states.shape[1] / energies - 1.0))
    agree("our energies", float(error), 1e-6)
    _check_settled(problem, "ours", found.states)
    if "hopfieldnetwork" not in name:
        _check_settled(problem, name, theirs)
    agree_in_the_mean(f"energies of {name}", energies, problem.energies(theirs))
    exact = [problem.exact(ends) for ends in (found.states, theirs)]
    agree_in_the_mean(f"share recalled exactly by {name}", *exact)
    return f"exact {_both(exact, '.1%')}, overlap {_overlaps(problem, found.states, theirs)}"


def _overlaps(problem: Problem, *ends: np.ndarray) -> str:
    """Mean overlaps of both sides, in words, once they are found to agree."""
    overlaps = [problem.overlaps(some) for some in ends]
    agree_in_the_mean("overlaps", *overlaps)
    return _both(overlaps, ".5f")


def _both(values: list[np.ndarray], form: str) -> str:
    return " and ".join(f"{np.mean(some):{form}}" for some in values)


def _check_settled(problem: Problem, name: str, ends: np.ndarray) -> None:
    """No field has the other sign than its unit, but for the rounding of given weights."""
    rounding = 1e-6 * float(np.max(np.sum(np.abs(problem.w), axis=1)))
    agree(f"field of an end of {name}", -float(np.min(ends * problem.fields(ends))), rounding)


# --- states, threads, temperature -----------------------------------------------------------------


def _states(effort: Effort) -> Iterator[Row]:
    problem = Problem.hebbian(784, 50, effort.of(4_000))
    result = duel(_ours(problem, "int8"), _ours(problem, "float64"), effort.pairs)
    what = f"{problem.label}, int8 against float64"
    yield Row(what, "x", result.ratio, detail=result.in_words("k"), duel=result)


def _threads(effort: Effort) -> Iterator[Row]:
    # NOTE: the pages of results are new, and to make those of float64 takes a share of the time
    # that two threads do not halve.
    for units, patterns, states, dtype, goal in (
        (784, 50, 8_000, "int8", 1.9),
        (784, 50, 8_000, "float64", None),
        (4096, 400, 400, "int8", 1.9),
    ):
        problem = Problem.hebbian(units, patterns, effort.of(states))
        two, one = (_timed(problem, dtype, threads) for threads in (CORES, 1))
        result, detail = contest(two, one, effort.pairs, "k")
        what = f"{problem.label}, {dtype}, two threads against one"
        yield Row(what, "x", result.ratio, goal, detail=detail, duel=result)
    yield from _processes(effort)


def _processes(effort: Effort) -> Iterator[Row]:
    share = effort.of(8_000) // 2
    call = partial(_recall_there, 784, 50, share)
    result = two_processes(call, share, effort.pairs)
    what = "N=784 P=50, int8, two processes against one"
    yield Row(what, "x", result.ratio, detail=result.in_words("k"), duel=result)


def _recall_there(units: int, patterns: int, states: int) -> None:
    """Recalls the states of a problem that this process keeps."""
    problem = _kept(units, patterns, states)
    problem.net.recall(problem.starts, threads=1)


_kept = cache(Problem.hebbian)


def _timed(problem: Problem, dtype: str, threads: int) -> Timed:
    side = _ours(problem, dtype, threads)
    return here(f"{threads} thread(s)", side.call, side.work)


def _temperature(effort: Effort) -> Iterator[Row]:
    """Sweeps from the starts of a recall; updates a second."""
    problem, sweeps = Problem.hebbian(784, 50, 200), effort.of(100)
    rng, work = np.random.default_rng(0), problem.starts.size * sweeps
    starts = problem.starts.astype(float)
    samplers = rivals.numba_glauber(problem.w * np.float32(problem.scale), TEMPERATURE)

    def ours() -> an.hopfield.Recall:
        return problem.net.recall(starts, temperature=TEMPERATURE, max_sweeps=sweeps)

    sides = [
        Side(name, lambda sampler=sampler: sampler(problem.starts, rng, sweeps), work)
        for name, sampler in samplers.items()
    ]
    best = fastest(sides, rounds=3)
    ends = ours().states, best.call()
    agree_in_the_mean("energies", *(problem.energies(some) for some in ends))
    overlaps = _overlaps(problem, *ends)
    result = duel(Side("attractornet", ours, work), best, effort.pairs)
    detail = f"{result.in_words()}; overlap {overlaps}"
    what = f"{problem.label}, updates at T = {TEMPERATURE}, numba"
    yield Row(what, "x", result.ratio, detail=detail, duel=result)


# --- storage --------------------------------------------------------------------------------------


def _pseudoinverse(effort: Effort) -> Iterator[Row]:
    for units, patterns, goal in ((784, 100, 5.0), (4096, 400, 3.0)):
        xi = drawn(units, patterns, 0)[0]

        def ours(xi: np.ndarray = xi) -> np.ndarray:
            return an.HopfieldNetwork.store(xi, "pseudoinverse", diagonal=True).weights

        what = f"N={units} P={patterns}, pseudo-inverse"
        yield _storage_row(f"{what}, NumPy", ours, rivals.pseudoinverse(xi), goal, effort)
        yield _storage_row(f"{what}, by hand", ours, rivals.pseudoinverse_tuned(xi), None, effort)


def _hebbian(effort: Effort) -> Iterator[Row]:
    for units, patterns in ((784, 50), (4096, 400)):
        xi = drawn(units, patterns, 0)[0]

        def ours(xi: np.ndarray = xi) -> np.ndarray:
            return an.HopfieldNetwork.store(xi).weights

        what = f"N={units} P={patterns}, Hebb's rule, NumPy"
        yield _storage_row(what, ours, rivals.hebbian(xi), None, effort)


def _storage_row(
    what: str,
    ours: Callable[[], np.ndarray],
    forms: dict[str, rivals.Form],
    goal: float | None,
    effort: Effort,
) -> Row:
    expected = ours()
    for name, form in forms.items():
        error = np.max(np.abs(form() - expected)) / np.max(np.abs(expected))
        agree(f"weights by {name}", float(error), 1e-12)
    best = fastest([Side(name, form, 1) for name, form in forms.items()], rounds=3)
    result = duel(Side("attractornet", ours, 1), best, effort.pairs)
    return Row(what, "x", result.ratio, goal, detail=_in_milliseconds(result), duel=result)


def _in_milliseconds(found: Duel) -> str:
    ours, rival = (1e3 / side.median for side in (found.ours, found.rival))
    return f"{ours:.4g} ms against {rival:.4g} ms of {found.against}"


# --- dense memories -------------------------------------------------------------------------------


def _dense(effort: Effort) -> Iterator[Row]:
    """Retrieval of order 3 and by softmax."""
    yield from _cubic(effort)
    yield from _softmax(effort)


def _cubic(effort: Effort) -> Iterator[Row]:
    xi, goals, starts = drawn(784, 1_000, effort.of(400))
    memory, states = an.DenseAssociativeMemory(xi, order=3), starts.astype(float)
    for update, what, loops in (
        ("sequential", "numba", dense_rivals.numba_plain(xi)),
        ("sequential", "numba, by hand", dense_rivals.numba_tuned(xi)),
        ("sequential", "NumPy", dense_rivals.numpy_together(xi)),
        ("synchronous", "NumPy", dense_rivals.numpy_synchronous(xi)),
    ):
        ours = partial(memory.recall, states, update=update)
        row = f"N=784 P=1000, order 3, {update}, {what}"
        yield _dense_row(row, ours, loops, states, goals, effort)


def _softmax(effort: Effort) -> Iterator[Row]:
    random = np.random.RandomState(0)
    for units, patterns, beta in ((784, 1_000, 50.0), (64, 2_000, 100.0)):
        images = random.standard_normal((patterns, units))
        images /= np.linalg.norm(images, axis=1, keepdims=True)
        goals = images[random.randint(0, patterns, effort.of(1_000))]
        starts = goals + random.standard_normal(goals.shape) * 0.5 / np.sqrt(units)
        memory = an.DenseAssociativeMemory(images, order=np.inf, beta=beta)
        loops = dense_rivals.softmax(images, beta, tolerance=1e-6)
        row = f"N={units} P={patterns}, softmax, NumPy"
        ours = partial(memory.recall, starts)
        yield _dense_row(row, ours, loops, starts, goals, effort)


def _dense_row(
    what: str,
    ours: Callable[[], an.hopfield.Recall],
    loops: dict[str, dense_rivals.Recall],
    starts: np.ndarray,
    goals: np.ndarray,
    effort: Effort,
) -> Row:
    """Duel with the fastest of the loops, all of which end where we do."""
    found = ours().states
    for name, loop in loops.items():
        agree(f"ends of {name}", float(np.max(np.abs(loop(starts) - found))), 1e-9)
    work = len(starts)
    sides = [Side(name, partial(loop, starts), work) for name, loop in loops.items()]
    best = fastest(sides, rounds=3)
    result = duel(Side("attractornet", ours, work), best, effort.pairs)
    near = np.mean(np.max(np.abs(found - goals), axis=1) < 1e-2)
    detail = f"{result.in_words('k')}; recalled {near:.1%}"
    return Row(what, "x", result.ratio, detail=detail, duel=result)


# Each can be run alone: `python bench/run.py hopfield:small`.
GROUPS: dict[str, Callable[[Effort], Iterator[Row]]] = {
    "small": _small,
    "large": _large,
    "huge": _huge,
    "given": _given,
    "states": _states,
    "threads": _threads,
    "temperature": _temperature,
    "pseudoinverse": _pseudoinverse,
    "hebbian": _hebbian,
    "dense": _dense,
}
