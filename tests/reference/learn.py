"""Training of Wilson-Cowan networks as slow, readable NumPy: the oracle of the fast core.

Losses are as Marino et al. write them (arXiv 2406.16453, eq. 9 to 12), Adam as Kingma and Ba do
(arXiv 1412.6980, algorithm 1). Losses take complex numbers, so that their slopes are imaginary
parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reference import wilson_cowan as wc


def square(v: np.ndarray) -> np.ndarray:
    """Sum of squares over the last axis; not |v|^2, which has no complex slope."""
    return np.sum(v * v, axis=-1)


def distances(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Squared distances (samples, classes)."""
    return square(x[:, None, :] - targets[None, :, :])


def probabilities(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """q (samples, classes): eq. 10 to 12."""
    m = distances(x, targets) / np.sqrt(square(x)[:, None] * square(targets)[None, :])
    return (1.0 / m) / np.sum(1.0 / m, axis=1, keepdims=True)


def loss(kind: str, x: np.ndarray, labels: np.ndarray, targets: np.ndarray) -> complex:
    """Mean over the samples."""
    rows = np.arange(len(x))
    if kind in ("mean_square", "sum_of_squares"):
        d = distances(x, targets)[rows, labels]
        return np.mean(d) / (x.shape[1] if kind == "mean_square" else 1)
    q = probabilities(x, targets)
    if kind == "cross_entropy":
        return -np.mean(np.log(q[rows, labels]))
    true = np.eye(len(targets))[labels] == 1.0
    return -np.mean(np.log(np.where(true, q, 1.0 - q)))


def loss_gradient(kind: str, x: np.ndarray, labels: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """dL/dx, by complex steps."""
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * wc.COMPLEX_STEP
        result[index] = loss(kind, moved, labels, targets).imag / wc.COMPLEX_STEP
    return result


def orthogonality(phi: np.ndarray) -> float:
    """Mean |cosine| of two columns."""
    u = phi / np.sqrt(square(phi.T))
    n = phi.shape[1]
    return float(np.sum(np.abs(u.T @ u)) - np.sum(np.abs(square(u.T)))) / (n * (n - 1))


def orthogonality_gradient(phi: np.ndarray) -> np.ndarray:
    """By the columns."""
    length = np.sqrt(square(phi.T))
    u, n = phi / length, phi.shape[1]
    signs = np.sign(u.T @ u)
    np.fill_diagonal(signs, 0.0)
    g = 2.0 / (n * (n - 1)) * (u @ signs)
    return (g - u * np.sum(g * u, axis=0)) / length


@dataclass
class Adam:
    """Numbers (n,) that are trained."""

    values: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    steps: int = 0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-7

    def step(self, gradient: np.ndarray, rate: np.ndarray | float) -> None:
        """One step; `rate` for all numbers, or one for each."""
        self.steps += 1
        self.mean = self.beta1 * self.mean + (1 - self.beta1) * gradient
        self.square = self.beta2 * self.square + (1 - self.beta2) * gradient**2
        mean = self.mean / (1 - self.beta1**self.steps)
        size = np.sqrt(self.square / (1 - self.beta2**self.steps))
        self.values = self.values - rate * mean / (size + self.epsilon)


@dataclass(frozen=True)
class Projected:
    """Numbers are B, row by row."""

    planted: np.ndarray

    def coupling(self, numbers: np.ndarray) -> np.ndarray:
        nodes = len(self.planted)
        return wc.projected(numbers.reshape(nodes, nodes), self.planted)

    def gradient(self, numbers: np.ndarray, da: np.ndarray) -> np.ndarray:
        return wc.projected(da, self.planted).ravel()

    def rates(self, weights: float, eigenvalues: float) -> np.ndarray:
        return np.full(self.planted.shape[0] ** 2, weights)


@dataclass(frozen=True)
class Spectral:
    """Numbers are Phi, row by row, then the eigenvalues; the last `planted` of both are fixed."""

    nodes: int
    planted: int
    orthogonality: float = 0.0

    def parts(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return numbers[: self.nodes**2].reshape(self.nodes, -1), numbers[self.nodes**2 :]

    def coupling(self, numbers: np.ndarray) -> np.ndarray:
        return wc.spectral(*self.parts(numbers))

    def gradient(self, numbers: np.ndarray, da: np.ndarray) -> np.ndarray:
        free = self.nodes - self.planted
        by_phi, by_lambda = wc.spectral_gradient(*self.parts(numbers), da)
        phi = self.parts(numbers)[0][:, :free]
        by_phi[:, :free] += self.orthogonality * orthogonality_gradient(phi)
        by_phi[:, free:], by_lambda[free:] = 0.0, 0.0
        return np.concatenate([by_phi.ravel(), by_lambda])

    def rates(self, weights: float, eigenvalues: float) -> np.ndarray:
        return np.concatenate([np.full(self.nodes**2, weights), np.full(self.nodes, eigenvalues)])


def epoch(
    weights: Projected | Spectral,
    adam: Adam,
    x: np.ndarray,
    labels: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    rates: np.ndarray,
    *,
    kind: str,
    batch_size: int,
    steps: int,
    dt: float,
    scale: float,
    params: wc.Params,
) -> float:
    """Train `adam`, whose last number is gamma, on one epoch; its mean loss."""
    total = 0.0
    for batch, first in enumerate(range(0, len(order), batch_size)):
        rows = order[first : first + batch_size]
        start, classes = x[rows], labels[rows]
        numbers, gamma = adam.values[:-1], adam.values[-1]
        net = wc.WilsonCowanNetwork(
            scale * weights.coupling(numbers), replace(params, gamma=float(gamma))
        )
        run = {"steps": steps, "dt": dt}
        end = net.end(start, start, **run).x
        total += loss(kind, end, classes, targets).real * len(rows)
        if isinstance(weights, Spectral) and weights.orthogonality:
            free = weights.nodes - weights.planted
            total += (
                weights.orthogonality
                * orthogonality(weights.parts(numbers)[0][:, :free])
                * len(rows)
            )
        dx = loss_gradient(kind, end, classes, targets)
        dy = np.zeros(dx.shape)
        by_coupling = wc.gradient(net, "coupling", start, start, dx, dy, **run)
        by_gamma = wc.gradient(net, "gamma", start, start, dx, dy, **run)
        gradient = np.append(weights.gradient(numbers, scale * by_coupling), by_gamma)
        rate = np.append(weights.rates(*rates[batch, :2]), rates[batch, 2])
        adam.step(gradient, rate)
    return total / len(order)
