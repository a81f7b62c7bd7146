"""Classes of a thousand random feedback networks against labels from runs of 5 10^6 steps.

The labels are those of `tests/reference/long_runs.py`, which shares nothing with the core. Where a
chaotic transient blows one rounding up to the size of the attractor, a network that has several
attractors has no label of its own: about one in a hundred. There the two may differ, and what the
core says must then be true of the orbit that it followed.
"""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from reference import feedback as reference
from reference import long_runs as oracle
from reference.lyapunov import spectrum

import attractornet as an

ROWS = oracle.read()


def network_of(seed, scale):
    return an.FeedbackNetwork.random(
        neurons=oracle.NEURONS, inputs=oracle.INPUTS, scale=scale, seed=seed
    )


@pytest.fixture(scope="module")
def classes():
    """What the core says of each network of the table, by its default options."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda row: an.classify(network_of(*row[:2])), ROWS))


def agrees(found, verdict):
    periods = found.kind != "periodic" or found.period == verdict.period
    return found.kind == verdict.label and periods


def is_true(found, seed, scale):
    """Whether the orbit from the state that the core reached is what it says, by NumPy alone."""
    network = reference.FeedbackNetwork.random(oracle.NEURONS, oracle.INPUTS, scale, seed)
    if found.kind == "periodic":
        steps = oracle.HELD + oracle.LONGEST + 1
        orbit = itertools.islice(network.states(found.state), steps)
        y0 = np.array([state[0] for state in orbit])
        return oracle.period(y0, np.ptp(y0)) == found.period
    steps = 5000
    found_again = spectrum(network.step, network.jacobian, found.state, steps, 100, k=1)
    return found.kind == "chaotic" and found_again.exponents[0] * steps > 20


def test_the_table_is_large_enough_and_of_every_kind():
    kinds = [verdict.label for _, _, verdict in ROWS]
    assert len(ROWS) >= 500
    assert min(kinds.count(kind) for kind in ("fixed point", "periodic", "chaotic")) > 100
    assert kinds.count("quasiperiodic") > 100


def test_at_most_one_in_a_hundred_is_wrong_and_five_are_undecided(classes):
    undecided = wrong = differ = 0
    for (seed, scale, verdict), found in zip(ROWS, classes, strict=True):
        if found.kind == "undecided":
            undecided += 1
        elif verdict.label != "unclear" and not agrees(found, verdict):
            differ += 1
            sensitive = verdict.transient > 0 or verdict.label == "chaotic"
            wrong += not (sensitive and is_true(found, seed, scale))
            print(seed, scale, verdict, found)
    print(f"{len(ROWS)} networks: {differ} differ, {wrong} wrong, {undecided} undecided")
    assert differ <= 0.02 * len(ROWS)
    assert wrong <= 0.01 * len(ROWS)
    assert undecided <= 0.05 * len(ROWS)


def test_exponents_agree_where_the_labels_do(classes):
    for (_, _, verdict), found in zip(ROWS, classes, strict=True):
        if agrees(found, verdict) and verdict.transient == 0 and math.isfinite(found.exponent):
            errors = 5 * math.hypot(verdict.error, found.exponent_error)
            printed = 5e-5 * max(1, -verdict.exponent)  # the table has five digits
            assert abs(found.exponent - verdict.exponent) <= errors + printed
