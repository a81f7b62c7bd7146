"""The oracle of Hopfield networks, against cases done by hand, identities and the literature."""

import math

import numpy as np
import pytest
from reference import hopfield
from reference.hopfield import HopfieldNetwork


def patterns(count, units, seed=0):
    return np.random.default_rng(seed).choice((-1.0, 1.0), size=(count, units))


def symmetric(units, seed):
    """A random network whose weights are symmetric, without a diagonal, and its generator."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(units, units))
    return HopfieldNetwork(hopfield.without_diagonal(w + w.T), rng.normal(size=units)), rng


# --- by hand --------------------------------------------------------------------------------------


def test_hebbian_by_hand():
    xi = np.array([[1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    expected = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, -2.0], [0.0, -2.0, 2.0]]) / 3.0
    assert hopfield.hebbian(xi) == pytest.approx(expected)
    shifted = (xi - 1.0 / 3.0).T @ (xi - 1.0 / 3.0) / 3.0
    assert hopfield.hebbian(xi, center=1.0 / 3.0) == pytest.approx(shifted)


def test_storkey_by_hand():
    # The first pattern meets no weights: Hebbian, w = ((1, -1), (-1, 1)) / 2. For x = (1, 1), two
    # units have no third: h_12 = h_21 = 0, and h_11 = w_12 x_2 = -1/2 = h_22.
    w = hopfield.storkey(np.array([[1.0, -1.0], [1.0, 1.0]]))
    expected = np.array([[0.5, -0.5], [-0.5, 0.5]])
    expected += (np.ones((2, 2)) - 2.0 * np.diag([-0.5, -0.5])) / 2.0
    assert w == pytest.approx(expected)


def test_update_and_ties_by_hand():
    net = HopfieldNetwork(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.0, -1.0]))
    s = np.array([1.0, -1.0])
    assert net.field(s) == pytest.approx([-1.0, 2.0])
    assert net.energy(s) == 1.0 + 1.0
    assert list(net.updated(s, [0, 1])) == [-1.0, -1.0]  # h_2 = -1 + 1 = 0: kept
    assert list(net.updated(s, [0, 1], tie="plus")) == [-1.0, 1.0]
    assert list(net.synchronous(s)) == [-1.0, 1.0]


def test_synchronous_steps_can_cycle():
    net = HopfieldNetwork(np.array([[0.0, -1.0], [-1.0, 0.0]]), np.zeros(2))
    found = hopfield.recall_synchronous(net, np.array([1.0, 1.0]), 10)
    assert (found.cycle, found.sweeps) == (2, 2)
    still = hopfield.recall_synchronous(net, np.array([1.0, -1.0]), 10)
    assert (still.cycle, still.sweeps) == (1, 1)


# --- identities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_energies_never_rise(seed):
    net, rng = symmetric(12, seed)
    s = rng.choice((-1.0, 1.0), size=12)
    energies = [net.energy(s)]
    for i in rng.integers(12, size=200):
        s = net.updated(s, [i])
        energies.append(net.energy(s))
    assert np.all(np.diff(energies) < 1e-12)
    before, s = s, rng.choice((-1.0, 1.0), size=12)
    pairs = []
    for _ in range(30):
        before, s = s, net.synchronous(s)
        pairs.append(hopfield.two_step_energy(net, s, before))
    assert np.all(np.diff(pairs) < 1e-12)


def test_overlaps_give_the_fields_of_a_hebbian_network_that_kept_its_diagonal():
    xi, s = patterns(5, 40), patterns(1, 40, seed=1)[0]
    net = HopfieldNetwork(hopfield.hebbian(xi), np.zeros(40))
    m = hopfield.overlaps(xi, s)
    assert net.field(s) == pytest.approx(m @ xi)
    assert net.energy(s) == pytest.approx(-0.5 * 40 * np.sum(m**2))
    bare = HopfieldNetwork(hopfield.without_diagonal(net.w), net.theta)
    assert bare.field(s) == pytest.approx(m @ xi - 5.0 / 40.0 * s)
    assert bare.energy(s) == pytest.approx(-0.5 * 40 * np.sum(m**2) + 2.5)


def test_flips_and_gauges_commute_with_the_dynamics():
    xi, rng = patterns(4, 30), np.random.default_rng(3)
    net = HopfieldNetwork(hopfield.without_diagonal(hopfield.hebbian(xi)), np.zeros(30))
    s, order, g = patterns(1, 30, seed=2)[0], rng.permutation(30), patterns(1, 30, seed=4)[0]
    found = net.updated(s, order)
    assert np.array_equal(net.updated(-s, order), -found)
    turned = HopfieldNetwork(net.w * np.outer(g, g), net.theta)
    assert np.array_equal(turned.updated(g * s, order), g * found)


def test_a_binary_network_does_what_the_bipolar_one_does():
    rng = np.random.default_rng(5)
    xi = (rng.random((4, 200)) < 0.3).astype(float)
    w = hopfield.without_diagonal(hopfield.hebbian(hopfield.bipolar(xi)))
    signs = HopfieldNetwork(w, rng.normal(size=200) * 0.01)
    bits = HopfieldNetwork(w, hopfield.binary_thresholds(w, signs.theta), lower=0.0)
    noisy = np.abs(xi[0] - (rng.random(200) < 0.1))
    order = rng.permutation(200)
    after = bits.updated(noisy, order)
    assert np.array_equal(hopfield.bipolar(after), signs.updated(hopfield.bipolar(noisy), order))
    change = signs.energy(hopfield.bipolar(after)) - signs.energy(hopfield.bipolar(noisy))
    assert change == pytest.approx(4.0 * (bits.energy(after) - bits.energy(noisy)))


def test_the_pseudoinverse_is_the_projector():
    xi = patterns(6, 25)
    xi = np.vstack([xi, xi[0], -xi[1]])  # dependent patterns
    w = hopfield.pseudoinverse(xi)
    assert w == pytest.approx(w.T)
    assert w @ w == pytest.approx(w)
    assert xi @ w == pytest.approx(xi)
    assert np.trace(w) == pytest.approx(6.0)


def test_storkey_is_symmetric_and_keeps_more_than_hebb():
    xi = patterns(18, 60)
    w = hopfield.storkey(xi)
    assert w == pytest.approx(w.T)

    def kept(weights):
        net = HopfieldNetwork(hopfield.without_diagonal(weights), np.zeros(60))
        return np.mean([np.array_equal(net.synchronous(x), x) for x in xi])

    assert kept(hopfield.hebbian(xi)) < 0.2
    assert kept(w) > 0.9


def test_low_activity_patterns_meet_their_threshold():
    rng = np.random.default_rng(6)
    a, units = 0.05, 2000
    xi = np.zeros((3, units))
    for x in xi:
        x[rng.choice(units, size=int(a * units), replace=False)] = 1.0
    net = HopfieldNetwork(hopfield.low_activity(xi, a, a), np.full(units, 0.5 - a), lower=0.0)
    fields = net.field(xi[0]) + net.theta
    assert fields[xi[0] == 1].mean() == pytest.approx(1.0 - a, abs=0.05)
    assert fields[xi[0] == 0].mean() == pytest.approx(-a, abs=0.01)
    assert np.array_equal(net.synchronous(xi[0]), xi[0])


# --- temperature ----------------------------------------------------------------------------------


def test_the_laws_of_stochastic_updates():
    net, rng = symmetric(6, 7)
    temperature = 1.7
    law = hopfield.boltzmann(net, temperature)
    flow = law[:, None] * hopfield.random_site_kernel(net, temperature)
    assert flow == pytest.approx(flow.T, abs=1e-15)  # detailed balance
    sweep = hopfield.sweep_kernel(net, rng.permutation(6), temperature)
    assert law @ sweep == pytest.approx(law, abs=1e-15)
    flow = law[:, None] * sweep
    assert np.abs(flow - flow.T).max() > 1e-4  # left as it is, but not balanced
    kernel = hopfield.synchronous_kernel(net, temperature)
    other = hopfield.peretto(net, temperature)
    assert kernel.sum(axis=1) == pytest.approx(1.0)
    assert other @ kernel == pytest.approx(other, abs=1e-15)
    assert 0.5 * np.abs(other - law).sum() > 0.02


# --- capacity -------------------------------------------------------------------------------------


def test_critical_load():
    found = hopfield.critical_load()
    assert found.alpha == pytest.approx(0.137905566, abs=5e-10)
    assert found.overlap == pytest.approx(0.967417116, abs=5e-10)


@pytest.mark.parametrize(
    ("alpha", "temperature", "m"),
    [
        (0.05, 0.0, 0.999992228),
        (0.1, 0.0, 0.997999266),
        (0.12, 0.0, 0.993222732),
        (0.1379, 0.0, 0.968101214),
        (0.02, 0.2, 0.999752),
        (0.05, 0.5, 0.904106),
        (0.1, 0.3, 0.953020),
        (0.1, 0.4, 0.0),
    ],
)
def test_mean_field_overlaps(alpha, temperature, m):
    assert hopfield.mean_field(alpha, temperature).m == pytest.approx(m, abs=2e-6)


def test_mean_field_without_load():
    m = hopfield.mean_field(1e-12, 0.5).m
    assert m == pytest.approx(math.tanh(m / 0.5), abs=1e-6)
    assert m == pytest.approx(0.957504, abs=1e-6)


@pytest.mark.parametrize(("load", "error"), [(0.138, 0.0035522), (0.37, 0.0500891)])
def test_one_step_error(load, error):
    assert hopfield.one_step_error(load) == pytest.approx(error, rel=1e-5)
    units = 4000
    xi = patterns(round(load * units), units)
    net = HopfieldNetwork(hopfield.without_diagonal(hopfield.hebbian(xi)), np.zeros(units))
    wrong = np.mean([np.mean(net.synchronous(x) != x) for x in xi[:20]])
    assert wrong == pytest.approx(error, rel=0.1)


# --- continuous and dense -------------------------------------------------------------------------


def test_continuous_energy_falls_along_the_flow():
    rng = np.random.default_rng(8)
    w = rng.normal(size=(7, 7))
    net = hopfield.ContinuousHopfield(w + w.T, rng.normal(size=7), gain=1.5, tau=2.0)
    u, small = rng.normal(size=7), 1e-6
    flow = net.rhs(u)
    slope = 1.5 * (1.0 - net.output(u) ** 2)
    change = (net.energy(u + small * flow) - net.energy(u - small * flow)) / (2.0 * small)
    assert change == pytest.approx(-np.sum(slope * flow**2), rel=1e-6)
    v = rng.normal(size=7)
    difference = (net.rhs(u + small * v) - net.rhs(u - small * v)) / (2.0 * small)
    assert net.jacobian(u) @ v == pytest.approx(difference, rel=1e-6)


def test_a_dense_memory_of_order_two_is_the_classical_one():
    xi, s = patterns(3, 20), patterns(1, 20, seed=1)[0]
    dense = hopfield.DenseMemory(xi, 2)
    net = HopfieldNetwork(hopfield.without_diagonal(hopfield.hebbian(xi)), np.zeros(20))
    kept = HopfieldNetwork(hopfield.hebbian(xi), np.zeros(20))
    assert dense.energy(s) == pytest.approx(2.0 * 20 * kept.energy(s))
    assert dense.energy(s) == pytest.approx(2.0 * 20 * net.energy(s) - 20 * 3)
    assert np.array_equal(dense.updated(s, range(20)), net.updated(s, range(20)))


def test_dense_memories_store_more_than_units():
    xi = patterns(60, 40)
    dense = hopfield.DenseMemory(xi, 5)
    assert all(np.array_equal(dense.updated(x, range(40)), x) for x in xi[:10])


def test_softmax_retrieval_lowers_its_energy_and_finds_the_pattern():
    rng = np.random.default_rng(9)
    memory = hopfield.SoftmaxMemory(rng.normal(size=(30, 16)), beta=2.0)
    x = memory.patterns[3] + 0.3 * rng.normal(size=16)
    energies = [memory.energy(x)]
    for _ in range(5):
        x = memory.step(x)
        energies.append(memory.energy(x))
    assert np.all(np.diff(energies) < 1e-12)
    assert min(energies) >= 0.0
    assert x == pytest.approx(memory.patterns[3], abs=1e-2)
