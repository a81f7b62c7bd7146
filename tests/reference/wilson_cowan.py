"""Wilson-Cowan networks as slow, readable NumPy: the oracle of the fast core.

N nodes of excitatory and inhibitory populations, of activities x and y, coupled through the
excitatory ones (Marino et al., arXiv 2406.16453, eq. 1 and 2)::

    dx/dt =          -alpha_e x + (1 - x) f(s_e),   s_e = w_ee x - w_ei y + h_e + Gamma A x
    dy/dt = (1/gamma)(-alpha_i y + (1 - y) g(s_i)), s_i = w_ie x - w_ii y + h_i
    f(s) = f_e tanh(beta_e s) + o_e,                g(s) = f_i tanh(beta_i s) + o_i

Everything takes complex numbers as well, which is how gradients are found: the imaginary part of a
function at p + i eps is eps times its slope, to the last digit, if eps is tiny enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

COMPLEX_STEP = 1e-200


@dataclass(frozen=True)
class Params:
    """The scalars, with the values of the paper's Fig. 3: a bistable node."""

    alpha_e: float = 1.5
    alpha_i: float = 0.4
    w_ee: float = 7.2
    w_ei: float = 2.0
    w_ie: float = 0.0
    w_ii: float = 1.0
    h_e: float = -1.2
    h_i: float = 0.1
    beta_e: float = 3.7
    beta_i: float = 1.0
    amplitude_e: float = 0.25
    amplitude_i: float = 0.5
    offset_e: float = 0.65
    offset_i: float = 0.5
    gamma: float = 0.25


NAMES = tuple(some.name for some in fields(Params))


class Slopes(NamedTuple):
    """Rates f and g with their derivatives by the currents s_e and s_i."""

    f: np.ndarray
    g: np.ndarray
    df: np.ndarray
    dg: np.ndarray


class State(NamedTuple):
    """Activities (..., N) of both populations."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class WilsonCowanNetwork:
    """Nodes with coupling Gamma A (N, N), scalars, and inputs (N,) beside h_e and h_i."""

    coupling: np.ndarray
    params: Params = field(default_factory=Params)
    input_e: np.ndarray | float = 0.0
    input_i: np.ndarray | float = 0.0

    @classmethod
    def node(cls, **params: float) -> WilsonCowanNetwork:
        """A single node."""
        return cls(np.zeros((1, 1)), Params(**params))

    # --- the flow -----------------------------------------------------------------------------

    def rates(self, x: np.ndarray, y: np.ndarray, drive: np.ndarray | None = None) -> Slopes:
        """Rates at a state; `drive` in place of Gamma A x, for delays."""
        p = self.params
        drive = x @ self.coupling.T if drive is None else drive
        e = np.tanh(p.beta_e * (p.w_ee * x - p.w_ei * y + p.h_e + self.input_e + drive))
        i = np.tanh(p.beta_i * (p.w_ie * x - p.w_ii * y + p.h_i + self.input_i))
        return Slopes(
            p.amplitude_e * e + p.offset_e,
            p.amplitude_i * i + p.offset_i,
            p.amplitude_e * p.beta_e * (1.0 - e * e),
            p.amplitude_i * p.beta_i * (1.0 - i * i),
        )

    def rhs(self, x: np.ndarray, y: np.ndarray, drive: np.ndarray | None = None) -> State:
        """dx/dt and dy/dt."""
        p, rate = self.params, self.rates(x, y, drive)
        return State(
            -p.alpha_e * x + (1.0 - x) * rate.f, (-p.alpha_i * y + (1.0 - y) * rate.g) / p.gamma
        )

    def jacobian(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Derivatives (2 N, 2 N) of (dx/dt, dy/dt) by (x, y)."""
        p, rate = self.params, self.rates(x, y)
        e, i = (1.0 - x) * rate.df, (1.0 - y) * rate.dg / p.gamma
        own = np.eye(len(x))
        return np.block(
            [
                [
                    np.diag(-p.alpha_e - rate.f + p.w_ee * e) + e[:, None] * self.coupling,
                    -p.w_ei * e * own,
                ],
                [p.w_ie * i * own, np.diag((-p.alpha_i - rate.g) / p.gamma - p.w_ii * i)],
            ]
        )

    # --- steps ----------------------------------------------------------------------------------

    def euler(
        self, x: np.ndarray, y: np.ndarray, dt: float, drive: np.ndarray | None = None
    ) -> State:
        """One step of the explicit Euler scheme."""
        slope = self.rhs(x, y, drive)
        return State(x + dt * slope.x, y + dt * slope.y)

    def runge_kutta_4(self, x: np.ndarray, y: np.ndarray, dt: float) -> State:
        """One step of the classical scheme of order 4."""
        a = self.rhs(x, y)
        b = self.rhs(x + dt / 2 * a.x, y + dt / 2 * a.y)
        c = self.rhs(x + dt / 2 * b.x, y + dt / 2 * b.y)
        d = self.rhs(x + dt * c.x, y + dt * c.y)
        return State(
            x + dt / 6 * (a.x + 2 * b.x + 2 * c.x + d.x),
            y + dt / 6 * (a.y + 2 * b.y + 2 * c.y + d.y),
        )

    def exponential_euler(self, x: np.ndarray, y: np.ndarray, dt: float) -> State:
        """One step that is exact for rates that stay as they are."""
        p, rate = self.params, self.rates(x, y)

        def relaxed(z: np.ndarray, alpha: float, f: np.ndarray, time: float) -> np.ndarray:
            rest = f / (alpha + f)
            return rest + (z - rest) * np.exp(-(alpha + f) * time)

        return State(relaxed(x, p.alpha_e, rate.f, dt), relaxed(y, p.alpha_i, rate.g, dt / p.gamma))

    def integrate(
        self,
        x: np.ndarray,
        y: np.ndarray,
        steps: int,
        dt: float = 0.1,
        scheme: str = "euler",
        noise: float = 0.0,
        normals: np.ndarray | None = None,
    ) -> Iterator[State]:
        """States after each step; dt < 0 goes backwards.

        `noise` sigma adds sigma sqrt(dt) times `normals` (steps, 2, ..., N) to x and y.
        """
        step: Callable = getattr(self, scheme)
        for n in range(steps):
            x, y = step(x, y, dt)
            if noise:
                x, y = (z + noise * np.sqrt(dt) * normals[n][k] for k, z in enumerate((x, y)))
            yield State(x, y)

    def delayed(
        self, x: np.ndarray, y: np.ndarray, steps: int, dt: float, lags: np.ndarray
    ) -> Iterator[State]:
        """Euler steps where node i sees node j as it was lags[i, j] steps ago.

        Before the start all was as it is there.
        """
        past = [x]
        for _ in range(steps):
            drive = np.zeros_like(x)
            for i, j in np.ndindex(self.coupling.shape):
                seen = past[max(0, len(past) - 1 - lags[i, j])]
                drive[..., i] += self.coupling[i, j] * seen[..., j]
            x, y = self.euler(x, y, dt, drive)
            past.append(x)
            yield State(x, y)

    def end(self, x: np.ndarray, y: np.ndarray, steps: int, **options: object) -> State:
        """The last state of `integrate`."""
        state = State(x, y)
        for state in self.integrate(x, y, steps, **options):  # noqa: B007
            pass
        return state


# --- gradients ------------------------------------------------------------------------------------


def gradient(
    net: WilsonCowanNetwork,
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    dx: np.ndarray,
    dy: np.ndarray,
    **options: object,
) -> np.ndarray:
    """sum(dx x(T) + dy y(T)) derived by "coupling", "x", "y", an input or a scalar."""

    def loss(value: np.ndarray) -> complex:
        where, start = net, {"x": x, "y": y}
        if name in NAMES:
            where = replace(net, params=replace(net.params, **{name: value[()]}))
        elif name in start:
            start[name] = value
        else:
            where = replace(net, **{name: value})
        ends = where.end(start["x"], start["y"], **options)
        return np.sum(dx * ends.x + dy * ends.y)

    owner = net.params if name in NAMES else net
    at = {"x": x, "y": y}[name] if name in ("x", "y") else getattr(owner, name)
    at = np.asarray(at, dtype=complex)
    if name.startswith("input"):
        at = np.broadcast_to(at, x.shape[-1:]).copy()
    result = np.zeros(at.shape)
    for index in np.ndindex(at.shape):
        moved = at.copy()
        moved[index] += 1j * COMPLEX_STEP
        result[index] = loss(moved).imag / COMPLEX_STEP
    return result


# --- a node alone ---------------------------------------------------------------------------------


def inhibition(net: WilsonCowanNetwork, x: float) -> float:
    """The y at which dy/dt = 0 for a given x; there is one where w_ii is not negative."""
    return brentq(
        lambda y: float(net.rhs(np.array([x]), np.array([y])).y[0]), -1.0, 2.0, xtol=1e-15
    )


def fixed_points(net: WilsonCowanNetwork, cells: int = 4000) -> list[State]:
    """All rest states of a single node with activities in [0, 1], in the order of x."""

    def slope(x: float) -> float:
        y = np.array([inhibition(net, x)])
        return float(net.rhs(np.array([x]), y).x[0])

    grid = np.linspace(-1e-9, 1.0, cells + 1)
    values = [slope(x) for x in grid]
    found = []
    for low, high, before, after in zip(grid, grid[1:], values, values[1:], strict=False):
        if before * after < 0.0:
            x = brentq(slope, low, high, xtol=1e-15)
            found.append(State(np.array([x]), np.array([inhibition(net, x)])))
    return found


def node_eigenvalues(net: WilsonCowanNetwork, state: State, lam: float) -> np.ndarray:
    """Eigenvalues s of a node at a state whose coupling is replaced by lam x, lam = Gamma lambda.

    The paper's criterion (eq. 7 and 8): exact where all nodes are in one state.
    """
    alone = replace(net, coupling=np.array([[lam]]))
    shifted = replace(alone, input_e=net.input_e - lam * state.x)  # the rates are those at rest
    return np.linalg.eigvals(shifted.jacobian(state.x, state.y))


# --- couplings ------------------------------------------------------------------------------------


def block_targets(nodes: int, classes: int, low: float, high: float) -> np.ndarray:
    """Targets (classes, nodes): high everywhere, low in a block of its own for each class."""
    width = nodes // (classes + 2)
    targets = np.full((classes, nodes), high)
    for k in range(classes):
        targets[k, k * width : (k + 1) * width] = low
    return targets


def spectral(phi: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """A = Phi Lambda Phi^-1."""
    return np.linalg.solve(phi.T, (phi * lam).T).T


def spectral_gradient(
    phi: np.ndarray, lam: np.ndarray, da: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """From dL/dA the derivatives by Phi and by Lambda's diagonal."""
    a = spectral(phi, lam)
    m = np.linalg.solve(phi, da.T).T  # dL/dA Phi^-T
    return m * lam - a.T @ m, np.sum(phi * m, axis=0)


def projected(b: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """Gamma A = B (I - Q Q^T), Q a basis of the planted columns (N, K)."""
    q = np.linalg.qr(planted)[0]
    return b - (b @ q) @ q.T
