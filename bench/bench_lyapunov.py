"""Full Lyapunov spectrum of a feedback network, N = 4, D = 32.

Question
    How many steps a second does the whole spectrum take, on one core in float64?
Rival
    pynamicalsys, `DiscreteDynamicalSystem.lyapunov(method="QR_HH")`, with a numba map and the
    analytic Jacobian: it factorises by LAPACK's Householder QR at every step.
Method
    Both run the article's quasi-periodic network from one register on the attractor, over the same
    number of steps, all 32 exponents, no transient. Ours is timed with QR at every step, which is
    the same algorithm, and with the interval that it finds and checks by itself, the search timed
    too: a different algorithm that has to give the same numbers. Before timing, all exponents of
    the two agree within five standard errors and the effect of the first frame (10 / steps), and
    the sum of ours is the mean of ln|det J| along the orbit, found without any QR.
"""

from __future__ import annotations

import numba
import numpy as np
from pynamicalsys import DiscreteDynamicalSystem

import attractornet as an
from harness import Effort, Row, Side, agree, duel

STEPS = 50_000


def run(effort: Effort) -> list[Row]:
    """Measure at QR every step and at the automatic interval."""
    net = an.FeedbackNetwork.random(neurons=4, inputs=32, scale=0.55, seed=3160697950)
    start = net.trajectory(1, discard=20_000, observe="y")[0]
    steps = effort.of(STEPS)
    rival = _rival(net, start, steps)
    expected = rival.call()
    volume = _mean_log_determinant(net, start, steps)
    rows = []
    for form, interval, goal in (
        ("every step", 1, 2.0),
        ("every {} steps, our choice", None, 12.0),
    ):
        ours = _ours(net, start, steps, interval)
        spectrum = ours.call()
        label = form.format(f"{spectrum.interval:.3g}")
        _check_exponents(label, spectrum, expected, steps)
        difference = abs(float(np.sum(spectrum.exponents)) - volume)
        agree(f"sum of exponents, QR {label}", difference, 100.0 / steps)
        result = duel(ours, rival, effort.pairs)
        rows.append(Row.of(f"QR {label}", result, goal))
    return rows


def _ours(net: an.FeedbackNetwork, start: np.ndarray, steps: int, interval: int | None) -> Side:
    def call() -> an.LyapunovSpectrum:
        return an.lyapunov_spectrum(net, steps=steps, discard=0, initial=start, interval=interval)

    return Side("attractornet", call, steps)


def _rival(net: an.FeedbackNetwork, start: np.ndarray, steps: int) -> Side:
    system = numba_system(*net.w.shape)
    parameters = np.concatenate((net.w.ravel(), net.b))

    def call() -> np.ndarray:
        found = system.lyapunov(start, steps, parameters=parameters, method="QR_HH")
        return np.ravel(found)

    return Side("pynamicalsys QR_HH", call, steps)


def numba_system(neurons: int, inputs: int) -> DiscreteDynamicalSystem:
    """State the map and its companion Jacobian as a user of pynamicalsys does."""
    size = neurons * inputs

    @numba.njit
    def step(y, parameters):
        w, b = parameters[:size].reshape(neurons, inputs), parameters[size:]
        following = np.empty(inputs)
        following[1:] = y[:-1]
        following[0] = np.dot(b, np.tanh(np.dot(w, y)))
        return following

    @numba.njit
    def jacobian(y, parameters, *_):
        w, b = parameters[:size].reshape(neurons, inputs), parameters[size:]
        x = np.tanh(np.dot(w, y))
        matrix = np.zeros((inputs, inputs))
        matrix[0] = np.dot(b * (1.0 - x * x), w)
        for j in range(1, inputs):
            matrix[j, j - 1] = 1.0
        return matrix

    return DiscreteDynamicalSystem(
        mapping=step,
        jacobian=jacobian,
        system_dimension=inputs,
        number_of_parameters=size + neurons,
    )


def _check_exponents(
    label: str, spectrum: an.LyapunovSpectrum, expected: np.ndarray, steps: int
) -> None:
    order = np.argsort(spectrum.exponents)
    difference = np.abs(spectrum.exponents[order] - np.sort(expected))
    allowed = 5.0 * spectrum.standard_error[order] + 10.0 / steps
    excess = float(np.max(difference / allowed))
    agree(f"exponents, QR {label}, in units of what is allowed", excess, 1.0)


def _mean_log_determinant(net: an.FeedbackNetwork, start: np.ndarray, steps: int) -> float:
    """Mean of ln|det J|: but for the sign it is the last entry of the Jacobian's first row."""
    y = np.vstack((start, net.trajectory(steps - 1, initial=start, observe="y")))
    x = np.tanh(y @ net.w.T)
    return float(np.mean(np.log(np.abs((1.0 - x * x) @ (net.b * net.w[:, -1])))))
