"""tanh over an array.

Question
    What does one element of `math.tanh` cost, on one core, and how far is it from the truth?
Rival
    `numpy.tanh`, which is vectorised as well; its time and error stand in the detail column.
Method
    Uniform numbers, |x| <= 3, in arrays of 4096 and 16384 elements, a new result array each call
    on both sides, thousands of calls a sample; the better of the two sizes is reported, as the
    call costs the small one a little and the cache the large one. The goal for the time is that of
    level v4; other levels print without a goal.
    Errors are in units in the last place of the exact value, over dense samples of six ranges from
    the smallest numbers to saturation. Extended precision finds the worst ones (its own error is a
    thousandth of a unit), and mpmath gives the error of these, and of a random choice.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np

import attractornet as an
from harness import Duel, Effort, Row, Side, Spread, agree, duel, level

Function = Callable[[np.ndarray], np.ndarray]
SIZES = (4096, 16384)
RANGES = (0.1, 0.7, 3.0, 10.0, 25.0)


def run(effort: Effort) -> list[Row]:
    """Measure time and error in double and in single precision."""
    rows = []
    for dtype, bits in ((np.float64, 64), (np.float32, 32)):
        _check_special(dtype)
        rows.append(_time(dtype, bits, effort))
        rows.append(_error(dtype, bits, effort))
    return rows


def _time(dtype: type, bits: int, effort: Effort) -> Row:
    duels = [_duel(dtype, size, effort) for size in SIZES]
    best = max(duels, key=lambda d: d.ours.median)
    ours = Spread(*(1e9 / r for r in (best.ours.high, best.ours.median, best.ours.low)))
    goal = 1.1 if bits == 64 and level() == "v4" else None
    detail = f"numpy {1e9 / best.rival.median:.3g} ns, {best.ratio.median:.3g} times ours"
    what = f"float{bits} time an element"
    return Row(what, "ns", ours, goal, at_most=True, detail=detail, duel=best)


def _duel(dtype: type, size: int, effort: Effort) -> Duel:
    x = np.random.default_rng(0).uniform(-3.0, 3.0, size).astype(dtype)
    calls = effort.of(50_000_000) // size + 1

    def repeated(function: Function) -> Callable[[], None]:
        def call() -> None:
            for _ in range(calls):
                function(x)

        return call

    ours = Side("attractornet", repeated(an.math.tanh), calls * size)
    theirs = Side("numpy", repeated(np.tanh), calls * size)
    return duel(ours, theirs, effort.pairs)


def _error(dtype: type, bits: int, effort: Effort) -> Row:
    x = _samples(dtype, effort.of(400_000))
    ours, count = _worst(an.math.tanh, x)
    theirs, _ = _worst(np.tanh, x)
    detail = f"numpy {theirs:.3g} ulp; {len(x)} samples, {count} of them by mpmath"
    value = Spread(ours, ours, ours)
    return Row(f"float{bits} largest error", "ulp", value, 3.0, at_most=True, detail=detail)


def _samples(dtype: type, each: int) -> np.ndarray:
    """`each` numbers from each range, and as many spread over all magnitudes below 1."""
    stream = np.random.default_rng(1)
    dense = [np.linspace(-r, r, each) + stream.uniform(-r, r, each) / each for r in RANGES]
    tiny = np.log(np.finfo(dtype).tiny)
    small = np.exp(stream.uniform(tiny, 0.0, each)) * stream.choice((-1.0, 1.0), each)
    return np.concatenate([*dense, small]).astype(dtype)


def _worst(function: Function, x: np.ndarray) -> tuple[float, int]:
    """Largest error in ulp, and how many elements were compared with mpmath."""
    got = function(x)
    suspicious = np.argsort(_approximate_error(x, got))[-500:]
    anywhere = np.random.default_rng(2).integers(0, len(x), 5_000)
    chosen = np.union1d(suspicious, anywhere)
    with mpmath.workdps(60):
        return max(_exact_error(x[i], got[i]) for i in chosen), len(chosen)


def _approximate_error(x: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Error in ulp against long double, where that is wider, and double beside single."""
    truth = np.tanh(x.astype(np.longdouble))
    unit = np.spacing(np.abs(truth).astype(x.dtype))
    return np.abs(got.astype(np.longdouble) - truth) / unit


def _exact_error(x: np.floating, got: np.floating) -> float:
    truth = mpmath.tanh(mpmath.mpf(float(x)))
    unit = np.spacing(np.abs(x.dtype.type(float(truth))))
    return float(abs(mpmath.mpf(float(got)) - truth) / mpmath.mpf(float(unit)))


def _check_special(dtype: type) -> None:
    """Zeros keep their sign, infinities give 1, NaN stays, and the function is odd."""
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).max], dtype)
    got, want = an.math.tanh(x), np.tanh(x)
    same = np.array_equal(got, want, equal_nan=True)
    same &= np.array_equal(np.signbit(got[:4]), np.signbit(want[:4])) and got.dtype == dtype
    agree("tanh of 0, inf, nan", 0.0 if same else np.inf, 0.0)
    grid = np.linspace(0.0, 30.0, 10_001).astype(dtype)
    odd = np.max(np.abs(an.math.tanh(grid) + an.math.tanh(-grid)))
    agree("tanh(-x) = -tanh(x)", float(odd), 0.0)
