"""Lyapunov spectra of any map, and what is read off them, as slow, readable NumPy.

All logarithms are natural and every exponent is per step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Spectrum(NamedTuple):
    """Exponents (k,) over the whole run, and the same over each block of it (blocks, k)."""

    exponents: np.ndarray
    block_values: np.ndarray

    @property
    def standard_error(self) -> np.ndarray:
        """Error of the mean from the scatter of the blocks, std / sqrt(blocks)."""
        blocks = len(self.block_values)
        return np.std(self.block_values, axis=0, ddof=1) / np.sqrt(blocks)


def spectrum(
    step: Callable[[np.ndarray], np.ndarray],
    jacobian: Callable[[np.ndarray], np.ndarray],
    state: np.ndarray,
    steps: int,
    discard: int,
    k: int | None = None,
    seed: int = 0,
    blocks: int = 10,
) -> Spectrum:
    """k largest exponents of a map by a QR factorisation every step.

        J(y_t) Q_{t-1} = Q_t R_t,    lambda_i = mean_t ln|(R_t)_ii|

    Parameters
    ----------
    step, jacobian
        The map (D,) -> (D,) and its derivative (D, D).
    state
        First state; the average runs over the states number discard, ..., discard + steps - 1.
    steps, discard
        Steps averaged, and steps before them, in which the frame Q turns into place as well.
    k
        Number of exponents, all D by default.
    seed
        Seed of the random first frame.
    blocks
        Number of consecutive parts of the run, equal in length to within one step.

    Notes
    -----
    An exponent of a singular Jacobian is -inf only where R_ii is exactly 0. As a rule QR finds
    a lost direction to rounding only and the exponent comes out near ln(1e-17) = -39.
    """
    y = np.asarray(state, dtype=float)
    k = len(y) if k is None else k
    frame, _ = np.linalg.qr(np.random.RandomState(seed).standard_normal((len(y), k)))
    logs = np.empty((steps, k))
    for t in range(discard + steps):
        frame, r = np.linalg.qr(jacobian(y) @ frame)
        if t >= discard:
            with np.errstate(divide="ignore"):
                logs[t - discard] = np.log(np.abs(np.diag(r)))
        y = step(y)
    parts = np.array_split(logs, blocks)
    return Spectrum(logs.mean(axis=0), np.array([part.mean(axis=0) for part in parts]))


def kaplan_yorke(exponents: np.ndarray, tolerance: float = 0.0) -> float:
    """Kaplan-Yorke dimension j + S_j / |lambda_{j+1}|, S_j = lambda_1 + ... + lambda_j.

    j is the last index with S_j >= 0; it is 0 if lambda_1 < 0, and the value is D if j = D.

    Parameters
    ----------
    exponents
        The spectrum, in any order.
    tolerance
        Exponents no larger than this in size count as exactly 0. An invariant circle has
        lambda_1 = 0, and without it the sign of a rounding error decides between 0 and 1.
    """
    values = np.sort(np.asarray(exponents, dtype=float))[::-1]
    values = np.where(np.abs(values) <= tolerance, 0.0, values)
    sums = np.cumsum(values)
    j = int(np.count_nonzero(sums >= 0.0))  # the sums of a descending list fall below 0 once
    if j == 0 or j == len(values):
        return float(j)
    return float(j + sums[j - 1] / abs(values[j]))


def entropy(exponents: np.ndarray) -> float:
    """Sum of the positive exponents: Pesin's entropy rate, in general an upper bound (Ruelle)."""
    values = np.asarray(exponents, dtype=float)
    return float(np.sum(values[values > 0.0]))


def weighted_birkhoff(values: np.ndarray) -> np.ndarray:
    """Time average over axis 0 with the weights exp(-1 / (t (1 - t))), t = n / (T + 1), n = 1..T.

    All derivatives of the weight vanish at both ends, so on smooth quasi-periodic orbits the
    error falls faster than any power of 1/T; on chaotic orbits it falls as 1/sqrt(T), as a plain
    mean does (Das, Sander & Yorke).
    """
    values = np.asarray(values, dtype=float)
    t = np.arange(1, len(values) + 1) / (len(values) + 1)
    weights = np.exp(-1.0 / (t * (1.0 - t)))
    return np.tensordot(weights / weights.sum(), values, axes=1)
