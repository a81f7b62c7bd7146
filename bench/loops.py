"""Rivals of the single trajectory: the article's loop, NumPy loops, numba loops.

All solve the same task from the same start: the register `start` (newest value first) is given, the
hidden values are x = tanh(w start), and each step does

    y0 = b . x,   shift y0 into the register,   x = tanh(w y),

so a loop returns the outputs y0 (steps,) after `start`; the article's returns two hidden values.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numba
import numpy as np

Loop = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]
Builder = Callable[[int, int, bool], dict[str, Loop]]


class ArticleNetwork:
    """The published class in other words, with the same NumPy calls a step.

    A step makes one sum for the output and one a neuron, moves the register by an overlapping
    copy, and hands out a copy of the hidden values.
    """

    def __init__(self, w: np.ndarray, b: np.ndarray, start: np.ndarray) -> None:
        self.w, self.b, self.y = w, b, start.copy()
        self.x = np.tanh(w @ start)

    def step(self) -> np.ndarray:
        """Advance once and return the hidden values."""
        newest = np.sum(self.b * self.x)
        self.y[1:] = self.y[:-1]
        self.y[0] = newest
        for neuron in range(len(self.b)):
            total = np.sum(self.w[neuron] * self.y)
            self.x[neuron] = np.tanh(total)
        return self.x.copy()


def article(w: np.ndarray, b: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """First two hidden values (2, steps), as the article records them."""
    network = ArticleNetwork(w, b, start)
    first, second = np.zeros(steps), np.zeros(steps)
    for t in range(steps):
        x = network.step()
        first[t] = x[0]
        second[t] = x[1]
    return np.array([first, second])


def _line(start: np.ndarray, steps: int) -> np.ndarray:
    """Memory for a whole run, filled from the back: every register is a view, nothing moves."""
    line = np.empty(steps + len(start))
    line[steps:] = start
    return line


def numpy_matmul(w: np.ndarray, b: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """`w @ y` a step, all memory made beforehand."""
    inputs, line, x = len(start), _line(start, steps), np.tanh(w @ start)
    u, tanh, matmul = np.empty_like(x), np.tanh, np.matmul
    for t in range(steps - 1, -1, -1):
        line[t] = b @ x
        matmul(w, line[t : t + inputs], out=u)
        tanh(u, out=x)
    return line[:steps][::-1].copy()


def numpy_dot(w: np.ndarray, b: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """The same with the arrays' own `dot`, which reaches BLAS by a shorter way than `@`."""
    inputs, line, x = len(start), _line(start, steps), np.tanh(w @ start)
    u, tanh, hidden, output = np.empty_like(x), np.tanh, w.dot, b.dot
    for t in range(steps - 1, -1, -1):
        line[t] = output(x)
        hidden(line[t : t + inputs], u)
        tanh(u, x)
    return line[:steps][::-1].copy()


def numpy_dot_columns(w: np.ndarray, b: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """The same over weights kept column by column."""
    return numpy_dot(np.asfortranarray(w), b, start, steps)


def numba_plain(neurons: int, inputs: int, fastmath: bool) -> dict[str, Loop]:
    """Loops that a numba user writes from the equations; the sizes are compile-time constants."""
    jit = numba.njit(fastmath=fastmath)

    @jit
    def output(b, x):
        total = 0.0
        for i in range(neurons):
            total += b[i] * x[i]
        return total

    @jit
    def renew(w, y, x):
        for i in range(neurons):
            total = 0.0
            for j in range(inputs):
                total += w[i, j] * y[j]
            x[i] = math.tanh(total)

    @jit
    def shift(w, b, start, steps):
        out, x, y = np.empty(steps), np.empty(neurons), start.copy()
        renew(w, y, x)
        for t in range(steps):
            out[t] = output(b, x)
            for j in range(inputs - 1, 0, -1):
                y[j] = y[j - 1]
            y[0] = out[t]
            renew(w, y, x)
        return out

    @jit
    def ring(w, b, start, steps):
        # Each value is written twice, a register's length apart: a window never wraps.
        out, x, y = np.empty(steps), np.empty(neurons), np.concatenate((start, start))
        renew(w, y, x)
        head = 0
        for t in range(steps):
            out[t] = output(b, x)
            head = inputs - 1 if head == 0 else head - 1
            y[head] = out[t]
            y[head + inputs] = out[t]
            renew(w, y[head:], x)
        return out

    return {"shift": shift, "ring": ring}


def numba_tuned(neurons: int, inputs: int, fastmath: bool) -> dict[str, Loop]:
    """Loops with the sums rearranged by hand, up to the form that our own core uses."""
    jit = numba.njit(fastmath=fastmath)

    @jit
    def output(b, x):
        total = 0.0
        for i in range(neurons):
            total += b[i] * x[i]
        return total

    @jit
    def columns(w, b, start, steps):
        # Weights column by column: the lanes of a vector are the neurons.
        out, y, u = np.empty(steps), start.copy(), np.empty(neurons)
        wt, x = w.T.copy(), np.tanh(w @ start)
        for t in range(steps):
            out[t] = output(b, x)
            for j in range(inputs - 1, 0, -1):
                y[j] = y[j - 1]
            y[0] = out[t]
            for i in range(neurons):
                u[i] = 0.0
            for j in range(inputs):
                for i in range(neurons):
                    u[i] += wt[j, i] * y[j]
            for i in range(neurons):
                x[i] = math.tanh(u[i])
        return out

    @jit
    def ahead(w, b, start, steps):
        # The sums over the older values begin before the newest one is known.
        out, y, old = np.empty(steps), start.copy(), np.zeros(neurons)
        x = np.tanh(w @ start)
        for t in range(steps):
            for i in range(neurons):
                total = 0.0
                for j in range(1, inputs):
                    total += w[i, j] * y[j - 1]
                old[i] = total
            out[t] = output(b, x)
            for i in range(neurons):
                x[i] = math.tanh(old[i] + w[i, 0] * out[t])
            for j in range(inputs - 1, 0, -1):
                y[j] = y[j - 1]
            y[0] = out[t]
        return out

    @jit
    def transposed(w, b, start, steps):
        # Partial sums move instead of the register: s[j] <- s[j + 1] + w[:, j] y0, flattened.
        size = neurons * inputs
        out, s = np.empty(steps), np.zeros(size + neurons)
        wt, x = w.T.copy().reshape(-1), np.tanh(w @ start)
        for y0 in start[::-1]:
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * y0
        for t in range(steps):
            y0 = output(b, x)
            out[t] = y0
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * y0
            for i in range(neurons):
                x[i] = math.tanh(s[i])
        return out

    return {"columns": columns, "ahead": ahead, "transposed": transposed}


def residual(w: np.ndarray, b: np.ndarray, start: np.ndarray, y0: np.ndarray) -> float:
    """Largest |y0(t) - b . tanh(w y(t - 1))| over a run: each step checked by itself.

    It stays at rounding on a chaotic orbit too, where whole trajectories may not be compared.
    """
    line = np.concatenate((start[::-1], y0))
    oldest_first = np.lib.stride_tricks.sliding_window_view(line, len(start))[:-1]
    expected = np.tanh(oldest_first @ w[:, ::-1].T) @ b
    return float(np.max(np.abs(y0 - expected)))
