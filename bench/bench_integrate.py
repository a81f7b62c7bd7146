"""One solution of a flow, the Lorenz system over 100 time units.

Question
    How long does `integrate` take, at equal accuracy?
Rival
    scipy's `solve_ivp`: RK45, the same formula of Dormand and Prince, and DOP853, of order eight;
    with the right-hand side in Python or compiled by numba, whichever is the faster.
Method
    The system is chaotic, so after 100 time units no digit is left to compare. The error is that of
    the state after 10: the geometric mean over starts on the attractor of the distance from a
    solution to 1e-13, which DOP853 and our own integration at that tolerance agree on to a
    thousandth of the errors compared. RK45 is timed at our tolerance, and each method at the
    loosest tolerance, on a grid of four to the decade, with which it is as exact as ours. No output
    between the steps is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numba
import numpy as np
from scipy.integrate import solve_ivp

import attractornet as an
from harness import Effort, Row, Side, agree, duel, fastest

RTOL, DURATION, SHORT, STARTS = 1e-9, 100.0, 10.0, 8
REPEATS = 20  # solutions in one timed call of ours
LORENZ = an.textbook.Lorenz()
Solver = Callable[[np.ndarray, float, float], np.ndarray]  # start, duration, rtol -> last state


def run(effort: Effort) -> list[Row]:
    """Measure against RK45 at our tolerance, then against both methods at our accuracy."""
    begin = LORENZ.start()
    starts = [_ours(begin, 20.0 + 3.0 * i, RTOL) for i in range(STARTS)]
    exact = [_scipy("DOP853", _plain, start, SHORT, 1e-13) for start in starts]
    error = partial(_error, starts, exact)
    wanted = error(_ours, RTOL)
    agree("the two exact solutions", error(_ours, 1e-13), 1e-3 * wanted)
    same = error(partial(_scipy, "RK45", _plain), RTOL)
    agree("RK45 at our tolerance, ln of the ratio of errors", abs(np.log(same / wanted)), 1.5)

    side = Side("ours", lambda: [_ours(begin, DURATION, RTOL) for _ in range(REPEATS)], REPEATS)
    rows = []
    for what, method, rtol in (
        ("RK45, our tolerance", "RK45", RTOL),
        ("RK45, our accuracy", "RK45", _loosest("RK45", error, wanted)),
        ("DOP853, our accuracy", "DOP853", _loosest("DOP853", error, wanted)),
    ):
        rival = fastest(
            [
                Side(
                    f"{method}, {language}",
                    partial(_scipy, method, rhs, begin, DURATION, rtol),
                    1,
                )
                for language, rhs in (("Python", _plain), ("numba", _compiled))
            ],
            rounds=3,
        )
        found = duel(side, rival, effort.pairs)
        ours, theirs = (1e3 / s.median for s in (found.ours, found.rival))
        reached = error(partial(_scipy, method, _plain), rtol)
        detail = f"{ours:.4g} ms, error {wanted:.2g}, against {theirs:.4g} ms of {rival.name}, "
        detail += f"rtol {rtol:.2g}, error {reached:.2g}"
        rows.append(Row(what, "x", found.ratio, detail=detail, duel=found))
    return rows


def _ours(start: np.ndarray, duration: float, rtol: float) -> np.ndarray:
    return an.integrate(LORENZ, duration, start, rtol=rtol, atol=1e-3 * rtol).states[-1]


def _scipy(method: str, rhs: Callable, start: np.ndarray, duration: float, rtol: float):
    span = (0.0, duration)
    return solve_ivp(rhs, span, start, method=method, rtol=rtol, atol=1e-3 * rtol).y[:, -1]


def _plain(_, s):
    x, y, z = s
    return [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z]


@numba.njit
def _compiled(_, s):
    x, y, z = s
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def _error(starts: list[np.ndarray], exact: list[np.ndarray], solver: Solver, rtol: float) -> float:
    """Geometric mean over the starts of the distance from the exact state."""
    distances = [
        np.linalg.norm(solver(start, SHORT, rtol) - state)
        for start, state in zip(starts, exact, strict=True)
    ]
    return float(np.exp(np.mean(np.log(distances))))


def _loosest(method: str, error: Callable[[Solver, float], float], wanted: float) -> float:
    """The loosest tolerance of 10^(-k/4) with which a method is as exact as that."""
    solver = partial(_scipy, method, _plain)
    return next(rtol for k in range(20, 53) if error(solver, rtol := 10.0 ** (-k / 4)) <= wanted)
