"""Feedback networks as slow, readable NumPy: the oracle of the fast core.

One hidden layer of N tanh units reads a shift register of D past outputs and feeds its own output
back into it (after Sprott, Computers & Graphics 22, 143, 1998)::

    x_i(y) = tanh(sum_j w_ij y_j),    y_0 = sum_i b_i x_i(y),
    F(y_1, ..., y_D) = (y_0, y_1, ..., y_{D-1}).

The state is the register y, newest value first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import mpmath
import numpy as np


class Crossing(NamedTuple):
    """Where the origin first loses stability; see `FeedbackNetwork.critical_factor`."""

    factor: float
    rotation: float


class ArticleOrbit(NamedTuple):
    """Hidden values x (T, N) and registers y (T, D), one row an iteration."""

    x: np.ndarray
    y: np.ndarray


def sech2(u: np.ndarray) -> np.ndarray:
    """Slope of tanh: sech^2 u = 4 e^{-2|u|} / (1 + e^{-2|u|})^2.

    `1 - tanh(u)**2` cancels to exactly 0 once |u| > 19; this form keeps full relative accuracy.
    """
    e = np.exp(-2.0 * np.abs(u))
    return 4.0 * e / (1.0 + e) ** 2


@dataclass
class FeedbackNetwork:
    """A feedback network with input weights w (N, D) and output weights b (N,)."""

    w: np.ndarray
    b: np.ndarray

    @classmethod
    def random(cls, neurons: int, inputs: int, scale: float, seed: int) -> FeedbackNetwork:
        """Draw w in [-1, 1), then b in [0, scale), from NumPy's legacy MT19937 stream."""
        stream = np.random.RandomState(seed)
        # The order is part of the definition: another D moves b along the stream as well.
        w = 2.0 * stream.random_sample((neurons, inputs)) - 1.0
        b = scale * stream.random_sample(neurons)
        return cls(w, b)

    @property
    def neurons(self) -> int:
        """Number of hidden units N."""
        return self.w.shape[0]

    @property
    def inputs(self) -> int:
        """Length of the register D."""
        return self.w.shape[1]

    def start(self) -> np.ndarray:
        """Register after the first iteration from x = 0.001, y = 0: (sum_i 0.001 b_i, 0, ...)."""
        y = np.zeros(self.inputs)
        y[0] = np.sum(self.b * 0.001)
        return y

    def hidden(self, y: np.ndarray) -> np.ndarray:
        """Hidden values x = tanh(w y)."""
        return np.tanh(self.w @ y)

    def step(self, y: np.ndarray) -> np.ndarray:
        """Next register F(y) = (b . tanh(w y), y_1, ..., y_{D-1})."""
        return np.concatenate(([self.b @ self.hidden(y)], y[:-1]))

    def jacobian(self, y: np.ndarray) -> np.ndarray:
        """Companion matrix dF/dy.

        First row g_j = sum_i b_i sech^2(w_i . y) w_ij, ones below the diagonal; hence
        det = (-1)^{D+1} g_D.
        """
        jacobian = np.eye(self.inputs, k=-1)
        jacobian[0] = (self.b * sech2(self.w @ y)) @ self.w
        return jacobian

    def states(self, initial: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Endless orbit: start(), F(start()), ...; or F(initial), F(F(initial)), ..."""
        # start() already is one step beyond the article's reset, so it is the first state seen.
        y = self.start() if initial is None else self.step(np.asarray(initial, dtype=float))
        while True:
            yield y
            y = self.step(y)

    def trajectory(
        self,
        steps: int,
        discard: int = 0,
        initial: np.ndarray | None = None,
        observe: str = "x",
    ) -> np.ndarray:
        """Record `steps` rows of the orbit after dropping the first `discard` of `states`.

        Parameters
        ----------
        steps, discard
            Rows kept, and rows dropped before them.
        initial
            Register (D,); None is the article's reset. Row 0 is after one step in both cases:
            `start()` for None, else `step(initial)`.
        observe
            "x" hidden values (T, N), "y0" newest output (T,), "y" register (T, D).
        """
        look, width = {
            "x": (self.hidden, (self.neurons,)),
            "y0": (lambda y: y[0], ()),
            "y": (lambda y: y, (self.inputs,)),
        }[observe]
        orbit = itertools.islice(self.states(initial), discard, discard + steps)
        return np.array([look(y) for y in orbit], dtype=float).reshape(steps, *width)

    def one_step_stretch(self) -> float:
        """Logarithm ln(|b_1| ||w_(.,1)||_2), the statistic the article calls an exponent.

        It is the growth in x over one step of a nudge of x_1 alone at the origin, so it knows
        nothing of the attractor: it is not a Lyapunov exponent.
        """
        with np.errstate(divide="ignore"):
            return float(np.log(np.abs(self.b[0]) * np.linalg.norm(self.w[:, 0])))

    def origin_exponents(self) -> np.ndarray:
        """Lyapunov exponents ln|eig(dF/dy(0))| of the fixed point at the origin, descending."""
        with np.errstate(divide="ignore"):
            exponents = np.log(np.abs(np.linalg.eigvals(self.jacobian(np.zeros(self.inputs)))))
        return np.sort(exponents)[::-1]

    def critical_factor(self, resolution: float = 1e-3) -> Crossing:
        """Smallest f > 0 at which the network (w, f b) has an eigenvalue |z| = 1 at the origin.

        The spectral radius of the companion matrix is scanned upwards in f and the first bracket
        is bisected: only `eigvals` is used, no equation of the crossing. With c_j = sum_i b_i w_ij

            f sum_j |c_j| < 1  =>  stable;    f |c_j| >= binomial(D, j) for some j  =>  unstable

        (the c_j are, up to sign, elementary symmetric functions of the eigenvalues), which gives
        the two ends of the scan.

        Parameters
        ----------
        resolution
            Relative step of the scan. The radius need not be monotone in f, so two crossings
            closer together than this can be missed.

        Returns
        -------
        Crossing
            factor, and rotation = |angle| / (2 pi) of the crossing eigenvalue: 0 is a pitchfork,
            1/2 a flip, anything between a Neimark-Sacker bifurcation. (inf, nan) where no
            factor destabilises the origin (all c_j = 0).
        """
        companion = self.jacobian(np.zeros(self.inputs))
        c = companion[0].copy()
        if not np.any(c):
            return Crossing(math.inf, math.nan)

        def leading(factor: float) -> complex:
            companion[0] = factor * c
            z = np.linalg.eigvals(companion)
            return z[np.argmax(np.abs(z))]

        # A little outside the proven bounds, so that rounding cannot hide a crossing at an end.
        low = (1.0 - resolution) / np.sum(np.abs(c))
        last = 2.0 * min(
            math.comb(self.inputs, j) / abs(c[j - 1]) for j in range(1, self.inputs + 1) if c[j - 1]
        )
        high = low * (1.0 + resolution)
        while abs(leading(high)) < 1.0:
            if high > last:
                raise ArithmeticError("the scan passed its upper bound without a crossing")
            low, high = high, high * (1.0 + resolution)
        while low < (middle := 0.5 * (low + high)) < high:
            low, high = (middle, high) if abs(leading(middle)) < 1.0 else (low, middle)
        return Crossing(float(high), float(abs(np.angle(leading(high))) / (2.0 * np.pi)))


def article_orbit(
    net: FeedbackNetwork, steps: int, discard: int = 0, value: float = 0.001
) -> ArticleOrbit:
    """Iterate as the article does: x and y are two states, and x starts at `value`, y at 0.

    Each iteration reads the output from the *stored* x, y_0 = sum_i b_i x_i, pushes it into the
    register, then renews x from the register. x is a function of y at all times but the first.
    """
    x = np.full(net.neurons, value)
    y = np.zeros(net.inputs)
    orbit = ArticleOrbit(np.empty((steps, net.neurons)), np.empty((steps, net.inputs)))
    for t in range(discard + steps):
        y = np.append(np.sum(net.b * x), y[:-1])
        x = np.array([np.tanh(np.sum(row * y)) for row in net.w])
        if t >= discard:
            orbit.x[t - discard], orbit.y[t - discard] = x, y
    return orbit


def mp_trajectory(
    net: FeedbackNetwork,
    steps: int,
    digits: int = 50,
    initial: np.ndarray | None = None,
    observe: str = "x",
) -> np.ndarray:
    """`FeedbackNetwork.trajectory` in `digits` decimal digits, each value rounded once to float64.

    Weights and the start (the doubles 0.001 and b_i, or `initial`) are taken exactly. On a chaotic
    net with largest exponent L about (digits - 16) ln(10) / L rows are right to the last bit.
    """
    with mpmath.workdps(digits):
        w = [[mpmath.mpf(float(v)) for v in row] for row in net.w]
        b = [mpmath.mpf(float(v)) for v in net.b]

        def hidden(y: list[mpmath.mpf]) -> list[mpmath.mpf]:
            return [mpmath.tanh(mpmath.fdot(row, y)) for row in w]

        if initial is None:
            x, y = [mpmath.mpf(0.001)] * net.neurons, [mpmath.mpf(0)] * net.inputs
        else:
            y = [mpmath.mpf(float(v)) for v in initial]
            x = hidden(y)
        rows = []
        for _ in range(steps):
            y = [mpmath.fdot(b, x), *y[:-1]]
            x = hidden(y)
            rows.append({"x": x, "y0": y[0], "y": y}[observe])
        width = {"x": (net.neurons,), "y0": (), "y": (net.inputs,)}[observe]
        return np.array(rows, dtype=float).reshape(steps, *width)
