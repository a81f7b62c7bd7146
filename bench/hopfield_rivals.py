"""Rivals of Hopfield networks: loops in numba and NumPy, a package, and forms of the storage rules.

Recalls solve the same task: from every row of starts (B, N) in int8, sweep over the units in a new
random order, flip each unit whose value has the other sign than its field h = w s, and end after
the first sweep without a flip (the package: after as many as it is told); what comes back are the
ends (B, N). A recall is bound to its weights, which are in the form that it likes best.

Weights of Hebb's rule are N w_ij = sum_mu xi_i xi_j, whole numbers: a scale does not matter at
T = 0, and in float32 these, and all sums of them here, are exact.
"""

# ruff: noqa: NPY002 -- np.random in a compiled function is numba's own generator

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import hopfieldnetwork
import numba
import numpy as np
import scipy.linalg

Recall = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # starts, orders -> ends
Sampler = Callable[[np.ndarray, np.random.Generator, int], np.ndarray]  # with the sweeps to make
Form = Callable[[], np.ndarray]  # weights (N, N)


def couplings(patterns: np.ndarray) -> np.ndarray:
    """N times the weights of Hebb's rule, (N, N) in float32, without the diagonal."""
    xi = patterns.astype(np.float32)
    w = xi.T @ xi
    np.fill_diagonal(w, 0)
    return w


# --- numba: orders --------------------------------------------------------------------------------


@numba.njit
def _permutation(order, rng):
    return np.random.permutation(len(order))


@numba.njit
def _shuffle(order, rng):
    np.random.shuffle(order)
    return order


@numba.njit
def _fisher_yates(order, rng):
    # Scaled uniforms: whole numbers drawn below k + 1 take several times as long.
    for k in range(len(order) - 1, 0, -1):
        j = int(np.random.random() * (k + 1))
        order[k], order[j] = order[j], order[k]
    return order


@numba.njit
def _fisher_yates_pcg(order, rng):
    # The same from NumPy's newer generator, which numba takes as an argument.
    for k in range(len(order) - 1, 0, -1):
        j = int(rng.random() * (k + 1))
        order[k], order[j] = order[j], order[k]
    return order


ORDERS = {
    "permutation": _permutation,
    "shuffle": _shuffle,
    "Fisher-Yates": _fisher_yates,
    "Fisher-Yates, PCG64": _fisher_yates_pcg,
}


# --- numba: recall --------------------------------------------------------------------------------


def _settling(draw: Callable) -> Callable:
    """Sweeps over one state s of fields h, both changed in place, until none flips a unit."""

    @numba.njit
    def settle(w, s, h, order, rng):
        flips = 1
        while flips > 0:
            flips = 0
            order = draw(order, rng)
            for i in order:
                if h[i] * s[i] < 0:
                    s[i] = -s[i]
                    flips += 1
                    change = s[i] + s[i]
                    for j in range(len(h)):
                        h[j] += change * w[i, j]

    return settle


def _plain(draw: Callable) -> Callable:
    settle = _settling(draw)

    @numba.njit
    def recall(w, s, rng):
        order = np.arange(s.shape[1])
        for b in range(len(s)):
            settle(w, s[b], np.dot(w, s[b]), order, rng)
        return s

    return recall


def _batch(draw: Callable) -> Callable:
    settle = _settling(draw)

    @numba.njit
    def recall(w, s, h, rng):
        order = np.arange(s.shape[1])
        for b in range(len(s)):
            settle(w, s[b], h[b], order, rng)
        return s

    return recall


PLAIN = {name: _plain(draw) for name, draw in ORDERS.items()}
BATCH = _batch(_fisher_yates_pcg)  # what PLAIN turns out to like best


def numba_plain(w: np.ndarray) -> dict[str, Recall]:
    """Loops that a numba user writes: a product for the first fields, then a row for each flip."""

    def bound(loop: Callable) -> Recall:
        return lambda starts, rng: loop(w, starts.astype(w.dtype), rng)

    return {f"numba {name}": bound(loop) for name, loop in PLAIN.items()}


def numba_tuned(w: np.ndarray, patterns: np.ndarray) -> dict[str, Recall]:
    """Loops rearranged by hand: first fields of the whole batch at once, smaller weights."""
    xi = patterns.astype(np.float32)
    short = w.astype(np.int16)

    def fields(s: np.ndarray) -> np.ndarray:
        # By the overlaps, the diagonal taken off again: two thin products in place of a square one.
        return s @ xi.T @ xi - np.float32(len(xi)) * s

    def product(starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        s = starts.astype(np.float32)
        return BATCH(w, s, s @ w, rng)

    def overlaps(starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        s = starts.astype(np.float32)
        return BATCH(w, s, fields(s), rng)

    def integers(starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        # Fields of random patterns fit into 16 bits; a loop for all patterns would have to ask.
        h = fields(starts.astype(np.float32)).astype(np.int16)
        return BATCH(short, starts.astype(np.int16), h, rng)

    return {
        "numba one product": product,
        "numba overlaps": overlaps,
        "numba overlaps, int16": integers,
    }


# --- numba: temperature ---------------------------------------------------------------------------


@numba.njit
def _uniform(rng):
    return np.random.random()


@numba.njit
def _uniform_pcg(rng):
    return rng.random()


def _glauber(draw: Callable, uniform: Callable, certain: float) -> Callable:
    """A flip has the probability 1 / (1 + exp(2 h s / T)), and none where 2 h s / T > `certain`."""

    @numba.njit
    def sample(w, double_beta, s, rng, sweeps):
        order = np.arange(s.shape[1])
        for b in range(len(s)):
            h = np.dot(w, s[b])
            for _ in range(sweeps):
                order = draw(order, rng)
                for i in order:
                    x = double_beta * h[i] * s[b, i]
                    if x < certain and uniform(rng) * (1.0 + math.exp(x)) < 1.0:
                        s[b, i] = -s[b, i]
                        change = s[b, i] + s[b, i]
                        for j in range(len(h)):
                            h[j] += change * w[i, j]
        return s

    return sample


# exp(-40) is less than uniforms of 53 bits can tell from 0.
GLAUBER = {
    f"numba {source}{suffix}": _glauber(draw, uniform, certain)
    for source, draw, uniform in (
        ("Fisher-Yates", _fisher_yates, _uniform),
        ("Fisher-Yates, PCG64", _fisher_yates_pcg, _uniform_pcg),
    )
    for suffix, certain in (("", math.inf), (", sure of the large fields", 40.0))
}


def numba_glauber(w: np.ndarray, temperature: float) -> dict[str, Sampler]:
    """Loops of Glauber dynamics in random order; w are the weights of Hebb's rule themselves."""
    double_beta = w.dtype.type(2.0 / temperature)

    def bound(loop: Callable) -> Sampler:
        return lambda starts, rng, sweeps: loop(w, double_beta, starts.astype(w.dtype), rng, sweeps)

    return {name: bound(loop) for name, loop in GLAUBER.items()}


# --- NumPy ----------------------------------------------------------------------------------------


def _signs(w: np.ndarray, starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    ends = starts.astype(w.dtype)
    for s in ends:
        changed = True
        while changed:
            changed = False
            for i in rng.permutation(len(s)):
                value = np.sign(w[i] @ s)
                if value != s[i] and value != 0.0:
                    s[i] = value
                    changed = True
    return ends


def article(w: np.ndarray) -> dict[str, Recall]:
    """The published update, s_i = sign(w_i . s) in float64, in sweeps.

    The article draws units with replacement, 100 at a time, and ends where those happen to leave
    the energy as it was. A sign of 0, which it would put into the state, changes nothing here.
    """
    return {"the article": partial(_signs, w.astype(float))}


def _rows(rows: list[np.ndarray], starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same without what costs time in Python: rows cut beforehand, no sign, plain numbers."""
    products = [row.dot for row in rows]
    ends = starts.astype(rows[0].dtype)
    for s in ends:
        values = s.tolist()
        changed = True
        while changed:
            changed = False
            for i in rng.permutation(len(values)).tolist():
                if products[i](s) * values[i] < 0.0:
                    s[i] = values[i] = -values[i]
                    changed = True
    return ends


def _fields(w: np.ndarray, starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What numba's loops do, in NumPy: fields are kept, and a row is added for each flip."""
    ends = starts.astype(w.dtype)
    for s in ends:
        h, values = w @ s, s.tolist()
        changed = True
        while changed:
            changed = False
            for i in rng.permutation(len(values)).tolist():
                if h[i] * values[i] < 0.0:
                    values[i] = -values[i]
                    h += 2.0 * values[i] * w[i]
                    changed = True
        s[:] = values
    return ends


def numpy_tuned(w: np.ndarray) -> dict[str, Recall]:
    """NumPy loops rearranged by hand, in float32."""
    return {
        "NumPy rows": partial(_rows, list(w)),
        "NumPy fields": partial(_fields, w),
    }


# --- hopfieldnetwork ------------------------------------------------------------------------------


def package(patterns: np.ndarray, sweeps: int) -> dict[str, Recall]:
    """`hopfieldnetwork` from PyPI, so many of its asynchronous sweeps from every start.

    A field of 0 gives 1 there. It makes states of int8 itself; those of float64 are tried as well,
    since they need no conversion in every product.
    """
    net = hopfieldnetwork.HopfieldNetwork(N=patterns.shape[1])
    net.train_pattern(patterns.T.astype(float))

    def recall(dtype: str, starts: np.ndarray, _: np.random.Generator) -> np.ndarray:
        ends = starts.astype(dtype)
        for s in ends:
            net.set_initial_neurons_state(s)
            net.update_neurons(sweeps, "async")
        return ends

    return {f"hopfieldnetwork, {dtype}": partial(recall, dtype) for dtype in ("int8", "float64")}


# --- storage --------------------------------------------------------------------------------------


def pseudoinverse(patterns: np.ndarray) -> dict[str, Form]:
    """The projector onto the patterns as NumPy's pseudo-inverse gives it, from either side."""
    rows = patterns.astype(float)
    columns = np.ascontiguousarray(rows.T)
    return {
        "X @ pinv(X)": lambda: columns @ np.linalg.pinv(columns),
        "pinv(X.T) @ X.T": lambda: np.linalg.pinv(rows) @ rows,
    }


def pseudoinverse_tuned(patterns: np.ndarray) -> dict[str, Form]:
    """The projector by decompositions that need independent patterns, and do not ask."""
    rows = patterns.astype(float)
    columns = np.ascontiguousarray(rows.T)

    def by_qr() -> np.ndarray:
        q = np.linalg.qr(columns)[0]
        return q @ q.T

    def by_cholesky() -> np.ndarray:
        lower = np.linalg.cholesky(rows @ rows.T)
        half = scipy.linalg.solve_triangular(lower, rows, lower=True)
        return half.T @ half

    return {"QR": by_qr, "Cholesky": by_cholesky}


def hebbian(patterns: np.ndarray) -> dict[str, Form]:
    """X.T @ X / N without its diagonal, in float64, or multiplied in float32 (whole numbers)."""

    def form(xi: np.ndarray) -> np.ndarray:
        w = (xi.T @ xi).astype(float)
        w /= xi.shape[1]
        np.fill_diagonal(w, 0)
        return w

    return {
        "X.T @ X": partial(form, patterns.astype(float)),
        "X.T @ X in float32": partial(form, patterns.astype(np.float32)),
    }
