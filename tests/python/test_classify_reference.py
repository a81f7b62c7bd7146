"""`classify` against the same method in NumPy: every kind, exponents and frequencies."""

import numpy as np
import pytest
from reference import classify as reference

import attractornet as an

SCALES = (0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0, 8.0)
SHAPES = ((1, 1), (1, 2), (2, 3), (3, 5), (5, 9), (2, 20), (8, 32), (16, 16))


def network(seed, neurons=4, inputs=16):
    scale = SCALES[seed % len(SCALES)]
    return an.FeedbackNetwork.random(neurons=neurons, inputs=inputs, scale=scale, seed=seed)


def check_same(net, initial=None, **options):
    """Both verdicts are one; returns the kind."""
    fast = an.classify(net, initial, **options)
    slow = reference.classify(net.w, net.b, initial, **options)
    assert fast.kind == slow.kind
    assert np.nan_to_num(fast.period) == slow.period
    assert fast.horizon == slow.horizon
    assert fast.window == slow.window
    # What each knows of its own error; regular orbits are the same ones, and chaos is not.
    error = np.hypot(fast.exponent_error, slow.exponent_error)
    assert fast.exponent == pytest.approx(slow.exponent, rel=1e-9, abs=5.0 * error + 1e-8)
    assert np.asarray(fast.frequencies) == pytest.approx(slow.frequencies, rel=1e-9, abs=1e-12)
    if fast.kind in ("periodic", "quasiperiodic"):
        assert fast.torus_dimension == slow.torus_dimension
        assert fast.recurrence == pytest.approx(slow.recurrence, rel=1e-5, abs=1e-9)
        # Beyond 12 digits it is rounding that is compared.
        assert min(fast.digits, 12.0) == pytest.approx(min(slow.digits, 12.0), abs=0.01)
    return fast.kind


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("fixed point", (0, 10, 18, 20, 24, 27)),
        ("periodic", (3, 5, 7, 8, 9, 16, 17, 36, 38)),
        ("quasiperiodic", (1, 2, 6, 11, 12, 14, 22, 33)),
        ("chaotic", (4, 15, 56, 58)),
    ],
)
def test_verdicts_are_the_references(kind, seeds):
    kinds = {seed: check_same(network(seed), horizon=200_000) for seed in seeds}
    assert kinds == dict.fromkeys(seeds, kind)


@pytest.mark.parametrize("shape", SHAPES)
def test_other_shapes(shape):
    for seed in (3, 5):
        check_same(network(seed, *shape), horizon=40_000)


def test_a_start_on_an_unstable_orbit_is_undecided():
    net = network(3)
    assert check_same(net, np.zeros(net.dimension), horizon=200_000) == "undecided"


def test_a_period_that_is_not_looked_for_is_undecided():
    assert check_same(network(8), horizon=10_000, max_period=100) == "undecided"


@pytest.mark.parametrize("horizon", [1_000, 1_001, 7_777, 50_003])
def test_horizons(horizon):
    for seed in (0, 1, 3, 4):
        check_same(network(seed), horizon=horizon, max_period=50)


@pytest.mark.slow
def test_many_verdicts_are_the_references():
    nets = [network(seed) for seed in range(100, 200)]
    nets += [network(seed, *SHAPES[seed % len(SHAPES)]) for seed in range(200, 264)]
    kinds = set()
    for net in nets:
        known = an.classify(net)
        # Chaos too weak to be told so soon is told by luck.
        if known.kind != "chaotic" or known.exponent > 50.0 * known.exponent_error:
            # From where it settles: after a chaotic transient, rounding chooses the attractor.
            kinds.add(check_same(net, known.state, horizon=150_000))
    assert kinds >= {"fixed point", "periodic", "quasiperiodic", "chaotic"}
