"""Numbers of a given series: correlation dimension and the 0-1 test.

Questions
    How long does the correlation dimension of 10 000 points take? How long does the 0-1 test of
    2000 values take, with 100 angles?
Rivals
    For the dimension scipy's cKDTree: `count_neighbors` at our radii, all of them, or only those in
    the range that the dimension rests on, which a user would have to know; and all distances of
    `pdist`, counted in our bins. For the 0-1 test NumPy over all angles at once, a loop over the
    lags; and the same displacements through Fourier transforms, another algorithm, whose work grows
    more slowly than the square of the length.
Method
    A trajectory of the Henon map, one thread. Pairs at all distances in time count on both sides.
    Before timing, the correlation sums are the same and all K agree to 1e-9.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

import attractornet as an
from harness import Duel, Effort, Row, Side, agree, duel

POINTS, VALUES = 10_000, 2_000


def run(effort: Effort) -> list[Row]:
    """Measure both analyses against each of their rivals."""
    points = an.textbook.Henon().trajectory(max(effort.of(POINTS), 2_000), discard=1_000)
    series = np.ascontiguousarray(points[:VALUES, 0])
    return [*_dimension(points, effort), *_zero_one(series, effort)]


def _row(what: str, found: Duel) -> Row:
    ours, rival = (1e3 / side.median for side in (found.ours, found.rival))
    detail = f"{ours:.4g} ms against {rival:.4g} ms"
    return Row(what, "x", found.ratio, detail=detail, duel=found)


# --- correlation dimension ------------------------------------------------------------------------


def _dimension(points: np.ndarray, effort: Effort) -> list[Row]:
    def ours() -> an.CorrelationDimension:
        return an.correlation_dimension(points, theiler=0, threads=1)

    found = ours()
    count, radii = len(points), found.radii
    used = radii[(radii >= found.smallest) & (radii <= found.largest)]

    def tree(r: np.ndarray) -> np.ndarray:
        index = cKDTree(points)
        return (index.count_neighbors(index, r) - count) / (count * (count - 1.0))

    def distances() -> np.ndarray:
        bins = pdist(points, "sqeuclidean").view(np.int64) >> 49  # eight to an octave
        sums = np.cumsum(np.bincount(bins)) / (0.5 * count * (count - 1.0))
        return sums[-len(radii) :]

    rivals = {
        f"cKDTree, all {len(radii)} radii": (lambda: tree(radii), found.correlation_sum),
        f"cKDTree, the {len(used)} radii of the range": (
            lambda: tree(used),
            found.correlation_sum[np.isin(radii, used)],
        ),
        "pdist and bins": (distances, found.correlation_sum),
    }
    rows = []
    for name, (call, expected) in rivals.items():
        agree(name, float(np.max(np.abs(call() / expected - 1.0))), 1e-12)
        result = duel(Side("ours", ours, 1), Side(name, call, 1), effort.pairs)
        rows.append(_row(f"dimension of {count} points, {name}", result))
    return rows


# --- 0-1 test -------------------------------------------------------------------------------------


def _zero_one(series: np.ndarray, effort: Effort) -> list[Row]:
    def ours() -> an.ZeroOne:
        return an.zero_one_test(series, threads=1)

    found = ours()
    rows = []
    for name, displacement in {"NumPy": _by_lags, "NumPy, by transforms": _by_transforms}.items():

        def call(displacement=displacement) -> np.ndarray:
            return zero_one(series, found.angles, displacement)

        agree(f"K, {name}", float(np.max(np.abs(call() - found.values))), 1e-9)
        result = duel(Side("ours", ours, 1), Side(name, call, 1), effort.pairs)
        rows.append(_row(f"0-1 test of {len(series)} values, {name}", result))
    return rows


def zero_one(series: np.ndarray, angles: np.ndarray, displacement) -> np.ndarray:
    """K of a series for each angle (Gottwald & Melbourne 2009, the modified displacement)."""
    lags = len(series) // 10
    turned = series * np.exp(1j * np.outer(angles, np.arange(1, len(series) + 1)))
    walk = np.cumsum(turned, axis=1)
    n = np.arange(1, lags + 1)
    swing = (1.0 - np.cos(np.outer(angles, n))) / (1.0 - np.cos(angles))[:, None]
    growth = displacement(walk, lags) - np.mean(series) ** 2 * swing
    growth -= growth.mean(axis=1, keepdims=True)
    time = n - n.mean()
    return growth @ time / np.sqrt(time @ time * np.sum(growth**2, axis=1))


def _by_lags(walk: np.ndarray, lags: int) -> np.ndarray:
    terms = walk.shape[1] - lags
    p, q = walk.real.copy(), walk.imag.copy()
    result = np.empty((len(walk), lags))
    for n in range(1, lags + 1):
        dp, dq = p[:, n : n + terms] - p[:, :terms], q[:, n : n + terms] - q[:, :terms]
        result[:, n - 1] = np.einsum("ij,ij->i", dp, dp) + np.einsum("ij,ij->i", dq, dq)
    return result / terms


def _by_transforms(walk: np.ndarray, lags: int) -> np.ndarray:
    """|z(j + n) - z(j)|^2 multiplied out: two sums of squares, less twice a correlation."""
    count = walk.shape[1]
    terms = count - lags
    size = 1 << (2 * count - 1).bit_length()
    whole, part = np.fft.fft(walk, size), np.fft.fft(walk[:, :terms], size)
    correlation = np.fft.ifft(whole * np.conj(part)).real[:, 1 : lags + 1]
    squares = np.cumsum(np.abs(walk) ** 2, axis=1)
    shifted = squares[:, terms : terms + lags] - squares[:, :lags]
    return (shifted + squares[:, terms - 1 : terms] - 2.0 * correlation) / terms
