"""Rivals of dense associative memories: loops in numba, and products of matrices in NumPy.

Order 3: from every row of starts (B, N), sweep over the units in their order, or update them all at
once, and give each the value of lower energy -sum_mu (xi_mu . s)^3, until nothing changes; a tie
changes nothing. By what a unit adds to it, E(s_i = -1) - E(s_i = 1) is

    sum_mu (a + xi_i)^3 - (a - xi_i)^3 = sum_mu xi_i (6 a^2 + 2),  a = xi_mu . s - xi_i s_i.

All numbers are whole and below 2^53: sums are exact in any order, hence `fastmath`.

Softmax: x <- X^T softmax(beta X x) from every row, until a step moves no unit by more than a
tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numba
import numpy as np
import scipy.special

Recall = Callable[[np.ndarray], np.ndarray]  # starts -> ends
Softmax = Callable[[np.ndarray], np.ndarray]  # in place


# --- order 3, unit by unit ------------------------------------------------------------------------


@numba.njit(fastmath=True)
def _cubes(columns, s):
    """Both energies from the products with all patterns, as they are defined."""
    for b in range(len(s)):
        state, x = s[b], np.dot(s[b], columns)
        flips = 1
        while flips > 0:
            flips = 0
            for i in range(len(state)):
                xi, rise = columns[i], 0.0
                for mu in range(len(x)):
                    a = x[mu] - xi[mu] * state[i]
                    up, down = a + xi[mu], a - xi[mu]
                    rise += up * up * up - down * down * down
                if rise * state[i] < 0.0:
                    state[i] = -state[i]
                    flips += 1
                    for mu in range(len(x)):
                        x[mu] += 2.0 * state[i] * xi[mu]
    return s


@numba.njit(fastmath=True)
def _product(xi, squares):
    product = 0.0
    for mu in range(len(xi)):
        product += xi[mu] * squares[mu]
    return product


@numba.njit
def _short_product(xi, squares):
    # numba would multiply in 64 bits; sums of 1000 squares of up to 784 fit into 32.
    product = np.int32(0)
    for mu in range(len(xi)):
        product = np.int32(product + np.int32(xi[mu] * squares[mu]))
    return product


def _squares(product: Callable) -> Callable:
    """By hand: a^2 = x^2 - 2 x xi_i s_i + 1 leaves one product with the squares of x a visit."""

    @numba.njit(fastmath=True)
    def recall(columns, sums, short, squares, s):
        for b in range(len(s)):
            state, x = s[b], np.dot(s[b], columns)
            total = np.sum(x)
            squares[:] = x * x
            flips = 1
            while flips > 0:
                flips = 0
                for i in range(len(state)):
                    part = 6.0 * product(short[i], squares) - 12.0 * state[i] * total
                    if (part + 8.0 * sums[i]) * state[i] < 0.0:
                        state[i] = -state[i]
                        flips += 1
                        total += 2.0 * state[i] * sums[i]
                        for mu in range(len(x)):
                            x[mu] += 2.0 * state[i] * columns[i, mu]
                            squares[mu] = x[mu] * x[mu]
        return s

    return recall


def numba_plain(patterns: np.ndarray) -> dict[str, Recall]:
    """The loop that the energy suggests."""
    columns = np.ascontiguousarray(patterns.T, dtype=float)
    return {"numba cubes": lambda starts: _cubes(columns, starts.astype(float))}


def numba_tuned(patterns: np.ndarray) -> dict[str, Recall]:
    """One product a visit, of numbers of 64 bits or, where the sums allow it, of fewer."""
    columns = np.ascontiguousarray(patterns.T, dtype=float)
    sums = np.sum(columns, axis=1)

    def bound(product: Callable, signs: str, squares: str) -> Recall:
        loop, short = _squares(product), columns.astype(signs)
        work = np.empty(len(patterns), squares)
        return lambda starts: loop(columns, sums, short, work, starts.astype(float))

    return {
        "numba squares": bound(_product, "float64", "float64"),
        "numba squares, int32": bound(_short_product, "int32", "int32"),
        "numba squares, int32, signs in int8": bound(_short_product, "int8", "int32"),
    }


def _states_together(patterns: np.ndarray, starts: np.ndarray) -> np.ndarray:
    columns = np.ascontiguousarray(patterns.T, dtype=float)
    sums, ends = np.sum(columns, axis=1), np.ascontiguousarray(starts.T, dtype=float)
    x = ends.T @ columns
    squares, totals = x * x, np.sum(x, axis=1)
    changed = True
    while changed:
        changed = False
        for state, xi, sum_ in zip(ends, columns, sums, strict=True):  # of one unit in all states
            rise = 6.0 * (squares @ xi) - 12.0 * state * totals + 8.0 * sum_
            if len(flips := np.flatnonzero(rise * state < 0.0)):
                state[flips] *= -1.0
                x[flips] += np.outer(2.0 * state[flips], xi)
                squares[flips] = x[flips] ** 2
                totals[flips] += 2.0 * state[flips] * sum_
                changed = True
    return ends.T


def numpy_together(patterns: np.ndarray) -> dict[str, Recall]:
    """A unit of all states at once: a product of a matrix and a vector for each unit."""
    return {"NumPy, a unit of all states": partial(_states_together, patterns.astype(float))}


# --- order 3, all units at once -------------------------------------------------------------------


def _all_at_once(xi: np.ndarray, starts: np.ndarray, *, moving_alone: bool) -> np.ndarray:
    sums, ends = np.sum(xi, axis=0), starts.astype(float)
    moving = np.arange(len(ends))
    while len(moving):
        s = ends[moving]
        x = s @ xi.T
        rise = 6.0 * (x * x) @ xi - 12.0 * s * np.sum(x, axis=1, keepdims=True) + 8.0 * sums
        new = np.where(rise == 0.0, s, np.sign(rise))
        ends[moving] = new
        changed = np.any(new != s, axis=1)
        moving = moving[changed] if moving_alone else moving[: len(moving) * bool(changed.any())]
    return ends


def numpy_synchronous(patterns: np.ndarray) -> dict[str, Recall]:
    """Two products of matrices a step, of the states that still move or of all of them."""
    xi = patterns.astype(float)
    return {
        "NumPy": partial(_all_at_once, xi, moving_alone=False),
        "NumPy, moving states": partial(_all_at_once, xi, moving_alone=True),
    }


# --- softmax --------------------------------------------------------------------------------------


def _by_scipy(scores: np.ndarray) -> np.ndarray:
    return scipy.special.softmax(scores, axis=1)


def _in_place(scores: np.ndarray) -> np.ndarray:
    scores -= np.max(scores, axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= np.sum(scores, axis=1, keepdims=True)
    return scores


@numba.njit(fastmath=True)
def _compiled(scores):
    for row in scores:
        largest = np.max(row)
        for mu in range(len(row)):
            row[mu] = np.exp(row[mu] - largest)
        row /= np.sum(row)
    return scores


def _settle(
    patterns: np.ndarray,
    beta: float,
    tolerance: float,
    softmax: Softmax,
    starts: np.ndarray,
    *,
    moving_alone: bool,
) -> np.ndarray:
    ends = starts.copy()
    moving = np.arange(len(ends))
    while len(moving):
        before = ends[moving]
        ends[moving] = softmax(beta * before @ patterns.T) @ patterns
        changed = np.max(np.abs(ends[moving] - before), axis=1) > tolerance
        moving = moving[changed] if moving_alone else moving[: len(moving) * bool(changed.any())]
    return ends


def softmax(patterns: np.ndarray, beta: float, tolerance: float) -> dict[str, Recall]:
    """Two products of matrices a step, with three forms of the softmax between them."""
    forms = {"SciPy's softmax": _by_scipy, "NumPy in place": _in_place, "numba's exp": _compiled}
    return {
        f"{name}{suffix}": partial(
            _settle, patterns, beta, tolerance, form, moving_alone=moving_alone
        )
        for name, form in forms.items()
        for suffix, moving_alone in (("", False), (", moving states", True))
    }
