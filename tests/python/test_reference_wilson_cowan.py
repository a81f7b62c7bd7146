"""The oracle of Wilson-Cowan networks: cases done by hand, identities, the literature."""

import math
from dataclasses import replace

import numpy as np
import pytest
from reference import wilson_cowan
from reference.wilson_cowan import Params, WilsonCowanNetwork

SCHEMES = ["euler", "exponential_euler", "runge_kutta_4"]


def example(nodes=4, seed=0, **params):
    """A random network of nodes that differ in their inputs, and its generator."""
    rng = np.random.default_rng(seed)
    coupling = rng.normal(size=(nodes, nodes)) / math.sqrt(nodes)
    inputs = rng.normal(scale=0.1, size=(2, nodes))
    return WilsonCowanNetwork(coupling, Params(**{"w_ie": 1.3, **params}), *inputs), rng


# --- by hand --------------------------------------------------------------------------------------


def test_rates_by_hand():
    # At x = 1 the refractory factor leaves only the decay; with s = 0 tanh is 0, f its offset.
    net = WilsonCowanNetwork(np.array([[0.0, 3.0], [0.0, 0.0]]), Params(w_ei=0.0, h_e=-0.6))
    slope = net.rhs(np.array([0.0, 0.2]), np.array([1.0, 1.0]))
    assert slope.x[0] == pytest.approx(0.65)  # 3 x_2 = 0.6 takes h_e away: only node 2 acts on 1
    assert slope.x[1] == pytest.approx(-0.3 + 0.8 * (0.25 * math.tanh(3.7 * (1.44 - 0.6)) + 0.65))
    assert slope.y == pytest.approx([-1.6, -1.6])  # -0.4 / 0.25


def test_schemes_by_hand():
    # Without currents rates are constant, f = 1/2: dx/dt = -x/2 + (1 - x)/2 = 1/2 - x.
    quiet = dict.fromkeys(("w_ee", "w_ei", "w_ie", "w_ii", "h_e", "h_i"), 0.0)
    net = WilsonCowanNetwork.node(**quiet, alpha_e=0.5, offset_e=0.5)
    x = y = np.array([0.0])
    assert net.euler(x, y, 0.1).x[0] == pytest.approx(0.05)
    assert net.runge_kutta_4(x, y, 0.1).x[0] == pytest.approx(0.5 * (1 - math.exp(-0.1)), abs=5e-8)
    assert net.exponential_euler(x, y, 3.0).x[0] == pytest.approx(0.5 * (1 - math.exp(-3.0)))


def test_delays_by_hand():
    # Node 1 sees node 2 as it was two steps ago; before the start it was as at the start.
    net = WilsonCowanNetwork(np.array([[0.0, 1.0], [0.0, 0.0]]))
    x, y = np.array([0.1, 0.9]), np.array([0.3, 0.3])
    at_once = list(net.delayed(x, y, 4, 0.1, np.zeros((2, 2), int)))
    later = list(net.delayed(x, y, 4, 0.1, np.array([[0, 2], [0, 0]])))
    assert np.array([s.x for s in at_once]) == pytest.approx(
        np.array([s.x for s in net.integrate(x, y, 4)])
    )
    held = replace(net, coupling=np.zeros((2, 2)), input_e=np.array([0.9, 0.0]))
    for some in (0, 1, 2):  # three steps see the start
        assert later[some].x == pytest.approx(list(held.integrate(x, y, 3))[some].x)
    assert later[3].x[0] != pytest.approx(list(held.integrate(x, y, 4))[3].x[0], abs=1e-4)


def test_blocks_of_targets():
    targets = wilson_cowan.block_targets(9, 2, 0.25, 0.5)
    low, high = [0.25] * 2, [0.5] * 2
    assert targets.tolist() == [low + high * 3 + [0.5], high + low + high * 2 + [0.5]]
    assert np.sum(wilson_cowan.block_targets(784, 10, 0.0, 1.0) == 0.0) == 650


# --- the literature -------------------------------------------------------------------------------


def test_the_papers_node_has_three_rest_states():
    net = WilsonCowanNetwork.node()
    found = wilson_cowan.fixed_points(net)
    expected = [0.213590341241998360, 0.283960153188196072, 0.373268984633266146]
    assert [s.x[0] for s in found] == pytest.approx(expected, abs=1e-14)
    assert [s.y[0] for s in found] == pytest.approx([0.452562450770461772] * 3, abs=1e-14)
    stable = [np.max(np.linalg.eigvals(net.jacobian(*s)).real) < 0.0 for s in found]
    assert stable == [True, False, True]


@pytest.mark.parametrize(
    ("which", "bound"), [(0, 37.7410084003818), (1, -3.87541868901291), (2, 71.6973368408107)]
)
def test_rest_states_lose_stability_where_theory_says(which, bound):
    net = WilsonCowanNetwork.node()
    state = wilson_cowan.fixed_points(net)[which]
    for factor, sign in ((1 - 1e-9, -1), (1 + 1e-9, 1)):
        s = wilson_cowan.node_eigenvalues(net, state, bound * factor)
        assert np.sign(np.max(s.real)) == sign * np.sign(bound)
    inhibition = min(s.real for s in wilson_cowan.node_eigenvalues(net, state, 0.0))
    assert inhibition == pytest.approx(-0.97300533530625 / 0.25)


# --- identities -----------------------------------------------------------------------------------


def test_the_jacobian_is_that_of_the_flow():
    net, rng = example()
    x, y = rng.random((2, 4))
    small = 1j * wilson_cowan.COMPLEX_STEP
    for column, way in zip(net.jacobian(x, y).T, np.eye(8), strict=True):
        slope = net.rhs(x + small * way[:4], y + small * way[4:])
        assert np.concatenate(slope).imag / small.imag == pytest.approx(column, abs=1e-15)


def test_states_of_equal_nodes_follow_the_coupling():
    # Where all nodes are in one state, the spectrum of the network is that of nodes, one for each
    # eigenvalue of the coupling.
    rng = np.random.default_rng(1)
    symmetric = rng.normal(size=(5, 5))
    symmetric += symmetric.T
    symmetric -= np.outer(symmetric @ np.ones(5), np.ones(5)) / 5  # keeps equal nodes equal
    node = WilsonCowanNetwork.node(w_ie=0.7)
    state = wilson_cowan.fixed_points(node)[0]
    net = WilsonCowanNetwork(symmetric, node.params)
    together = np.linalg.eigvals(net.jacobian(np.full(5, state.x), np.full(5, state.y)))
    apart = [
        s
        for value in np.linalg.eigvals(symmetric)
        for s in wilson_cowan.node_eigenvalues(node, state, value)
    ]
    assert np.sort_complex(together) == pytest.approx(np.sort_complex(apart), abs=1e-9)


@pytest.mark.parametrize(("scheme", "order"), list(zip(SCHEMES, [1, 1, 4], strict=True)))
def test_schemes_have_their_order(scheme, order):
    net, rng = example()
    x, y = rng.random((2, 4))
    exact = net.end(x, y, 4096, dt=1 / 4096, scheme="runge_kutta_4")

    def error(steps):
        end = net.end(x, y, steps, dt=1 / steps, scheme=scheme)
        return np.max(np.abs(np.subtract(end, exact)))

    assert math.log2(error(32) / error(64)) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["coupling", "gamma", "x", "y", "w_ei", "input_i"])
def test_gradients_are_differences(scheme, name):
    net, rng = example()
    x, y, dx, dy = rng.random((4, 2, 4))
    found = wilson_cowan.gradient(net, name, x, y, dx, dy, steps=6, scheme=scheme)
    way, small = rng.normal(size=found.shape), 1e-6

    def loss(move):
        if name in ("x", "y"):
            starts = (x + move * way, y) if name == "x" else (x, y + move * way)
            end = net.end(*starts, 6, scheme=scheme)
        else:
            owner = net.params if name in wilson_cowan.NAMES else net
            moved = replace(owner, **{name: getattr(owner, name) + move * way})
            where = replace(net, params=moved) if owner is net.params else moved
            end = where.end(x, y, 6, scheme=scheme)
        return np.sum(dx * end.x + dy * end.y)

    difference = (loss(small) - loss(-small)) / (2 * small)
    assert np.sum(found * way) == pytest.approx(difference, rel=1e-7, abs=1e-9)


def test_couplings_keep_what_is_planted():
    rng = np.random.default_rng(2)
    planted = rng.random((6, 2))
    phi = np.column_stack([planted, rng.normal(size=(6, 4))])
    lam = np.array([0.0, 0.1, -1.0, -2.0, -3.0, -4.0])
    a = wilson_cowan.spectral(phi, lam)
    assert a @ planted == pytest.approx(planted * [0.0, 0.1], abs=1e-12)
    b = wilson_cowan.projected(rng.normal(size=(6, 6)), planted)
    assert b @ planted == pytest.approx(np.zeros((6, 2)), abs=1e-14)


def test_gradients_of_the_spectral_coupling_are_derivatives():
    rng = np.random.default_rng(3)
    phi, da = rng.normal(size=(2, 4, 4))
    phi += 3.0 * np.eye(4)
    lam = rng.normal(size=4)
    dphi, dlam = wilson_cowan.spectral_gradient(phi, lam, da)
    small = 1j * wilson_cowan.COMPLEX_STEP
    for i, j in np.ndindex(4, 4):
        way = np.zeros((4, 4))
        way[i, j] = 1.0
        slope = np.sum(da * wilson_cowan.spectral(phi + small * way, lam)).imag / small.imag
        assert slope == pytest.approx(dphi[i, j], rel=1e-10, abs=1e-13)
    for j, way in enumerate(np.eye(4)):
        slope = np.sum(da * wilson_cowan.spectral(phi, lam + small * way)).imag / small.imag
        assert slope == pytest.approx(dlam[j], rel=1e-10, abs=1e-13)
    assert np.sum(dphi * phi, axis=0) == pytest.approx(np.zeros(4), abs=1e-13)  # lengths are free
