"""Hopfield networks as slow, readable NumPy: the oracle of the fast core.

N units, bipolar, s_i in {-1, 1}, or binary, s_i in {0, 1}, with weights w_ij and thresholds
theta_i::

    h_i = sum_j w_ij s_j - theta_i,
    s_i becomes 1 where h_i > 0, and the lower value where h_i < 0,
    E   = -1/2 sum_ij w_ij s_i s_j + sum_i theta_i s_i

(Hopfield, PNAS 79, 2554, 1982). Where h_i = 0 a unit keeps its value ("keep") or becomes 1
("plus"). With symmetric w and w_ii >= 0, E never rises when one unit is updated at a time. States
are rows, patterns the rows of xi (P, N).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import mpmath
import numpy as np

# --- storage --------------------------------------------------------------------------------------


def bipolar(states: np.ndarray) -> np.ndarray:
    """{0, 1} as {-1, 1}: 2 s - 1."""
    return 2.0 * np.asarray(states, dtype=float) - 1.0


def without_diagonal(w: np.ndarray) -> np.ndarray:
    """The same weights, w_ii = 0."""
    return w - np.diag(np.diag(w))


def hebbian(xi: np.ndarray, center: float = 0.0) -> np.ndarray:
    """w_ij = (1/N) sum_mu (xi_i - center)(xi_j - center), diagonal kept."""
    shifted = xi - center
    return shifted.T @ shifted / xi.shape[1]


def storkey(xi: np.ndarray) -> np.ndarray:
    """Pattern after pattern: w_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N, diagonal kept.

    h_ij = sum over k other than i and j of w_ik xi_k, with the weights before this pattern (Storkey
    and Valabregue, Pattern Recognition 32, 869, 1999).
    """
    units = xi.shape[1]
    w = np.zeros((units, units))
    for x in xi:
        h = np.zeros((units, units))
        for i, j in itertools.product(range(units), repeat=2):
            h[i, j] = sum(w[i, k] * x[k] for k in range(units) if k not in (i, j))
        w = w + (np.outer(x, x) - x[:, None] * h.T - h * x[None, :]) / units
    return w


def pseudoinverse(xi: np.ndarray) -> np.ndarray:
    """The orthogonal projector onto the span of the patterns, diagonal kept (Personnaz 1985)."""
    return np.linalg.pinv(xi) @ xi


def low_activity(xi: np.ndarray, a: float, b: float) -> np.ndarray:
    """w_ij = c sum_mu (xi_i - b)(xi_j - a), xi in {0, 1}, c = 1 / (a (1 - a) N), diagonal kept.

    For states in {0, 1}; the overlap m = c sum_j (xi_j - a) s_j of a pattern whose activity is a is
    1, its field xi_i - b, and a threshold of 1/2 - b lies in the middle.
    """
    return (xi - b).T @ (xi - a) / (a * (1.0 - a) * xi.shape[1])


# --- the network ----------------------------------------------------------------------------------


@dataclass
class HopfieldNetwork:
    """Weights w (N, N), thresholds theta (N,), and the lower value of a unit: -1 or 0."""

    w: np.ndarray
    theta: np.ndarray
    lower: float = -1.0

    def field(self, s: np.ndarray) -> np.ndarray:
        """h = W s - theta."""
        return self.w @ s - self.theta

    def energy(self, s: np.ndarray) -> float:
        """E = -1/2 s.W s + theta.s."""
        return float(-0.5 * s @ self.w @ s + self.theta @ s)

    def decided(self, h: np.ndarray, s: np.ndarray, tie: str) -> np.ndarray:
        """What units of fields h become, whose values are s."""
        tied = s if tie == "keep" else 1.0
        return np.where(h > 0, 1.0, np.where(h < 0, self.lower, tied))

    def updated(self, s: np.ndarray, sites: Iterable[int], tie: str = "keep") -> np.ndarray:
        """Units `sites`, one after the other."""
        s = s.copy()
        for i in sites:
            s[i] = self.decided(self.w[i] @ s - self.theta[i], s[i], tie)
        return s

    def synchronous(self, s: np.ndarray, tie: str = "keep") -> np.ndarray:
        """All units at once."""
        return self.decided(self.field(s), s, tie)


def binary_thresholds(w: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Thresholds with which a binary network does what a bipolar one does.

    With s = 2 v - 1 the bipolar field is W s - theta = 2 (W v - (sum_j w_ij + theta_i) / 2).
    """
    return 0.5 * (w.sum(axis=1) + theta)


class Recalled(NamedTuple):
    """Where a recall ends: the state, sweeps taken, 1 for a fixed point, 2 for a cycle, else 0."""

    state: np.ndarray
    sweeps: int
    cycle: int


def recall(net: HopfieldNetwork, s: np.ndarray, orders: Iterable, tie: str = "keep") -> Recalled:
    """Sweep by the given orders until one of them changes nothing."""
    sweeps = 0
    for order in orders:
        after = net.updated(s, order, tie)
        sweeps += 1
        if np.array_equal(after, s):
            return Recalled(s, sweeps, 1)
        s = after
    return Recalled(s, sweeps, 0)


def recall_synchronous(
    net: HopfieldNetwork, s: np.ndarray, most: int, tie: str = "keep"
) -> Recalled:
    """Step until a state comes back: at once, or after two steps (Goles 1981)."""
    before = None
    for sweeps in range(1, most + 1):
        after = net.synchronous(s, tie)
        if np.array_equal(after, s):
            return Recalled(s, sweeps, 1)
        if before is not None and np.array_equal(after, before):
            return Recalled(after, sweeps, 2)
        before, s = s, after
    return Recalled(s, most, 0)


def two_step_energy(net: HopfieldNetwork, s: np.ndarray, before: np.ndarray) -> float:
    """-s(t).W s(t-1) + theta.(s(t) + s(t-1)), which synchronous steps never raise."""
    return float(-s @ net.w @ before + net.theta @ (s + before))


def overlaps(xi: np.ndarray, s: np.ndarray) -> np.ndarray:
    """m_mu = (1/N) sum_i xi_i s_i, of bipolar patterns and states."""
    return xi @ s / xi.shape[1]


# --- temperature: exact laws of small bipolar networks --------------------------------------------


def all_states(units: int) -> np.ndarray:
    """Every bipolar state, (2^N, N), in the order of itertools.product."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=units)))


def upper_probability(h: np.ndarray, temperature: float, lower: float = -1.0) -> np.ndarray:
    """P(s_i = 1) = 1 / (1 + exp(-(1 - lower) h_i / T)); bipolar: (1 + tanh(h_i / T)) / 2."""
    return 0.5 * (1.0 + np.tanh(0.5 * (1.0 - lower) * h / temperature))


def site_kernel(net: HopfieldNetwork, i: int, temperature: float) -> np.ndarray:
    """Transition probabilities of all states when unit i is drawn anew."""
    states = all_states(len(net.theta))
    number = {tuple(s): n for n, s in enumerate(states)}
    kernel = np.zeros((len(states), len(states)))
    for n, s in enumerate(states):
        up = upper_probability(net.field(s)[i], temperature)
        for value, probability in ((1.0, up), (-1.0, 1.0 - up)):
            after = s.copy()
            after[i] = value
            kernel[n, number[tuple(after)]] += probability
    return kernel


def random_site_kernel(net: HopfieldNetwork, temperature: float) -> np.ndarray:
    """One unit, chosen with equal chances, is drawn anew."""
    units = len(net.theta)
    return sum(site_kernel(net, i, temperature) for i in range(units)) / units


def sweep_kernel(net: HopfieldNetwork, order: Iterable[int], temperature: float) -> np.ndarray:
    """All units are drawn anew, one after the other."""
    kernel = np.eye(2 ** len(net.theta))
    for i in order:
        kernel = kernel @ site_kernel(net, i, temperature)
    return kernel


def synchronous_kernel(net: HopfieldNetwork, temperature: float) -> np.ndarray:
    """All units are drawn anew at once, from the fields of the old state."""
    states = all_states(len(net.theta))
    up = np.array([upper_probability(net.field(s), temperature) for s in states])
    chosen = states[None, :, :] > 0
    return np.where(chosen, up[:, None, :], 1.0 - up[:, None, :]).prod(axis=2)


def boltzmann(net: HopfieldNetwork, temperature: float) -> np.ndarray:
    """exp(-E / T) / Z, which updates of one unit at a time leave as it is.

    NOTE: for w_ii = 0. A weight of a unit on itself is in its field, but not in the difference of
    energy that its flip makes.
    """
    energy = np.array([net.energy(s) for s in all_states(len(net.theta))])
    weight = np.exp(-(energy - energy.min()) / temperature)
    return weight / weight.sum()


def peretto(net: HopfieldNetwork, temperature: float) -> np.ndarray:
    """Law of synchronous steps: prod_i 2 cosh(h_i / T) exp(-theta_i s_i / T), normalised.

    Peretto, Biological Cybernetics 50, 51 (1984).
    """
    states = all_states(len(net.theta))
    fields = np.array([net.field(s) for s in states]) / temperature
    log = np.logaddexp(fields, -fields).sum(axis=1) - states @ net.theta / temperature
    weight = np.exp(log - log.max())
    return weight / weight.sum()


# --- capacity: mean field -------------------------------------------------------------------------


class CriticalLoad(NamedTuple):
    """The largest load alpha = P / N with retrieval at T = 0, and the overlap there."""

    alpha: float
    overlap: float


def critical_load() -> CriticalLoad:
    """The maximum over y of sqrt(2 alpha) = (erf y - 2 y exp(-y^2) / sqrt(pi)) / y; m = erf y.

    Replica-symmetric theory of Amit, Gutfreund and Sompolinsky, PRL 55, 1530 (1985).
    """
    with mpmath.workdps(30):

        def root(y):
            return (mpmath.erf(y) - 2 * y * mpmath.exp(-(y**2)) / mpmath.sqrt(mpmath.pi)) / y

        y = mpmath.findroot(lambda y: mpmath.diff(root, y), 1.5)
        return CriticalLoad(float(root(y) ** 2 / 2), float(mpmath.erf(y)))


class MeanField(NamedTuple):
    """Order parameters: overlap m, spin-glass order q, noise of the other patterns r."""

    m: float
    q: float
    r: float


def mean_field(alpha: float, temperature: float, m: float = 1.0) -> MeanField:
    """The state that iteration of the replica-symmetric equations from overlap m leads to.

        m = <tanh b (m + sqrt(alpha r) z)>,  q = <tanh^2>,  r = q / (1 - b (1 - q))^2,  b = 1 / T,

    over normal z; at T = 0 m = erf(x), x = m / sqrt(2 alpha r), r = 1 / (1 - C)^2 with
    C = sqrt(2 / (pi alpha r)) exp(-x^2).
    """
    z = np.linspace(-10.0, 10.0, 4001)  # tanh of a low temperature is steep
    weight = np.exp(-0.5 * z**2)
    weight = weight / weight.sum()
    q, r = 1.0, 1.0
    for _ in range(5_000):
        if temperature == 0.0:
            x = m / np.sqrt(2.0 * alpha * r)
            c = np.sqrt(2.0 / (np.pi * alpha * r)) * np.exp(-(x**2))
            after = math.erf(x), 1.0, 1.0 / (1.0 - c) ** 2
        else:
            t = np.tanh((m + np.sqrt(alpha * r) * z) / temperature)
            q = float(weight @ t**2)
            after = float(weight @ t), q, q / (1.0 - (1.0 - q) / temperature) ** 2
        moved = abs(after[0] - m) + abs(after[2] - r)
        # Half of the way: the whole of it can overshoot, where there is no retrieval for ever.
        m, q, r = 0.5 * (m + after[0]), after[1], 0.5 * (r + after[2])
        if moved < 1e-13:
            break
    return MeanField(m, q, r)


def one_step_error(load: float) -> float:
    """Share of a stored pattern's units that one step changes: erfc(sqrt(N / (2 P))) / 2.

    load = P / N; for random patterns, the Hebbian rule and a zero diagonal, N large.
    """
    return float(mpmath.erfc(np.sqrt(0.5 / load)) / 2)


# --- continuous units -----------------------------------------------------------------------------


@dataclass
class ContinuousHopfield:
    """du_i/dt = -u_i / tau + sum_j w_ij v_j + I_i with v = tanh(gain u).

    Hopfield, PNAS 81, 3088 (1984).
    """

    w: np.ndarray
    current: np.ndarray
    gain: float = 1.0
    tau: float = 1.0

    def output(self, u: np.ndarray) -> np.ndarray:
        """v = tanh(gain u)."""
        return np.tanh(self.gain * u)

    def rhs(self, u: np.ndarray) -> np.ndarray:
        """du/dt."""
        return -u / self.tau + self.w @ self.output(u) + self.current

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        """d(du/dt)/du."""
        slope = self.gain * (1.0 - self.output(u) ** 2)
        return -np.eye(len(u)) / self.tau + self.w * slope

    def energy(self, u: np.ndarray) -> float:
        """-1/2 v.W v - I.v + (1/tau) sum_i of the integral of artanh(v) / gain from 0 to v_i.

        The integral is (v artanh v + ln(1 - v^2) / 2) / gain, and
        dE/dt = -sum_i (dv_i/du_i)(du_i/dt)^2.
        """
        v = self.output(u)
        leak = (v * np.arctanh(v) + 0.5 * np.log1p(-(v**2))) / self.gain
        return float(-0.5 * v @ self.w @ v - self.current @ v + leak.sum() / self.tau)


# --- dense associative memory ---------------------------------------------------------------------


@dataclass
class DenseMemory:
    """E = -sum_mu F(xi_mu . s), F(x) = x^order (Krotov and Hopfield, NIPS 2016)."""

    xi: np.ndarray
    order: int

    def energy(self, s: np.ndarray) -> float:
        """E of a bipolar state."""
        return float(-((self.xi @ s) ** self.order).sum())

    def updated(self, s: np.ndarray, sites: Iterable[int]) -> np.ndarray:
        """Units `sites` in turn take the value of lower energy; a tie keeps."""
        s = s.copy()
        for i in sites:
            up, down = s.copy(), s.copy()
            up[i], down[i] = 1.0, -1.0
            difference = self.energy(down) - self.energy(up)
            s[i] = 1.0 if difference > 0 else -1.0 if difference < 0 else s[i]
        return s


@dataclass
class SoftmaxMemory:
    """x <- X^T softmax(beta X x), X (P, N) (Ramsauer et al., ICLR 2021)."""

    patterns: np.ndarray
    beta: float

    def step(self, x: np.ndarray) -> np.ndarray:
        """The next state."""
        score = self.beta * self.patterns @ x
        weight = np.exp(score - score.max())
        return weight @ self.patterns / weight.sum()

    def energy(self, x: np.ndarray) -> float:
        """-lse(beta, X x) + x.x / 2 + ln(P) / beta + M^2 / 2, M the length of the longest pattern.

        It is never below 0, and no step raises it.
        """
        score = self.beta * self.patterns @ x
        lse = (score.max() + np.log(np.exp(score - score.max()).sum())) / self.beta
        longest = (self.patterns**2).sum(axis=1).max()
        return float(-lse + 0.5 * x @ x + np.log(len(self.patterns)) / self.beta + 0.5 * longest)
