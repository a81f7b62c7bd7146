"""A Wilson-Cowan node: rest states, stability, nullclines, bifurcations, regimes."""

import pickle
import re

import numpy as np
import pytest
from reference import wilson_cowan as reference

import attractornet as an

REGIMES = ("bistable", "limit_cycle", "excitable")


def drawn(seed):
    """Parameters of a node with bounded activities and one y to each x, as the oracle wants."""
    rng = np.random.default_rng(seed)
    excitation, inhibition = rng.uniform(0.1, 0.5, 2), rng.uniform(0.0, 0.3, 2)
    return {
        "alpha_e": rng.uniform(0.3, 2.0),
        "alpha_i": rng.uniform(0.3, 2.0),
        "w_ee": rng.uniform(-4.0, 16.0),
        "w_ei": rng.uniform(-4.0, 12.0),
        "w_ie": rng.uniform(-4.0, 16.0),
        "w_ii": rng.uniform(0.0, 4.0),
        "h_e": rng.uniform(-3.0, 1.0),
        "h_i": rng.uniform(-3.0, 1.0),
        "beta_e": rng.uniform(0.5, 6.0),
        "beta_i": rng.uniform(0.5, 6.0),
        "amplitude_e": excitation[0],
        "amplitude_i": excitation[1],
        "offset_e": excitation[0] + inhibition[0],
        "offset_i": excitation[1] + inhibition[1],
        "gamma": rng.uniform(0.1, 2.0),
    }


@pytest.mark.parametrize("seed", range(16))
def test_rest_states_are_the_oracle_s(seed):
    params = drawn(seed)
    found = an.WilsonCowanNode(**params).equilibria()
    oracle = reference.WilsonCowanNetwork.node(**params)
    expected = reference.fixed_points(oracle, cells=1000)
    np.testing.assert_allclose(found.x, [s.x[0] for s in expected], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.y, [s.y[0] for s in expected], rtol=0, atol=1e-12)
    for state, eigenvalues, stable in zip(expected, found.eigenvalues, found.stable, strict=True):
        of_oracle = np.linalg.eigvals(oracle.jacobian(state.x, state.y))
        near = np.sort_complex(of_oracle), np.sort_complex(eigenvalues)
        np.testing.assert_allclose(*near, rtol=1e-8, atol=1e-9)
        assert stable == (of_oracle.real.max() < 0.0)


@pytest.mark.parametrize("seed", range(10))
def test_exponents_in_a_network_are_the_oracle_s(seed):
    params = drawn(seed)
    found = an.WilsonCowanNode(**params).equilibria()
    oracle = reference.WilsonCowanNetwork.node(**params)
    couplings = np.linspace(-30.0, 30.0, 61)
    for x, y, curve, (low, high) in zip(
        found.x, found.y, found.exponents(couplings), found.stable_couplings, strict=True
    ):
        state = reference.State(np.array([x]), np.array([y]))
        expected = [
            reference.node_eigenvalues(oracle, state, c).real.max() for c in couplings.tolist()
        ]
        np.testing.assert_allclose(curve, expected, rtol=1e-8, atol=1e-8)
        inside = (couplings > low) & (couplings < high)
        assert np.array_equal(inside, curve < 0.0)


def test_a_shared_state_s_exponents_are_those_of_the_network():
    # Where all nodes are in one rest state that A takes to 0, the spectrum is that of the node,
    # with Gamma lambda for each eigenvalue.
    rng = np.random.default_rng(2)
    a = rng.normal(size=(5, 5))
    a = (a + a.T) @ (np.eye(5) - 1.0 / 5.0)
    net = an.WilsonCowanNetwork(a, scale=0.3)
    states = an.WilsonCowanNode().equilibria()
    for k in range(3):
        state = np.repeat([states.x[k], states.y[k]], 5)
        lam = np.linalg.eigvals(a)
        assert np.allclose(net.rhs(state), 0.0, atol=1e-14)
        found = net.spectrum(state)
        expected = np.concatenate(
            [an_eigenvalue(states, k, 0.3 * each) for each in lam.real.tolist()]
        )
        np.testing.assert_allclose(np.sort(found.real), np.sort(expected), rtol=1e-7, atol=1e-7)


def an_eigenvalue(states, k, coupling):
    """Both eigenvalues of a node with w_ie = 0: that of inhibition stays."""
    own, inhibition = states.eigenvalues[k].real
    if own == pytest.approx(-3.892021341225):
        own, inhibition = inhibition, own
    x, beta = states.x[k], 3.7
    t = np.tanh(beta * (7.2 * x - 2.0 * states.y[k] - 1.2))
    return [own + coupling * (1.0 - x) * 0.25 * beta * (1.0 - t * t), inhibition]


def test_a_planted_state_s_spectrum():
    node = an.WilsonCowanNode().equilibria()
    targets = reference.block_targets(12, 4, node.x[0], node.x[2])
    coupling = reference.projected(-np.eye(12), targets.T)
    net = an.WilsonCowanNetwork(coupling, scale=1.0)
    for target in targets:
        state = np.concatenate([target, np.full(12, node.y[0])])
        assert np.allclose(net.rhs(state), 0.0, atol=1e-14)
        found = net.spectrum(state)
        expected = np.linalg.eigvals(net.jacobian(state))
        np.testing.assert_allclose(np.sort(found.real), np.sort(expected.real), atol=1e-12)
        assert found[0].real < 0.0
    general = an.WilsonCowanNetwork(coupling, scale=1.0, w_ie=0.5)
    assert general.spectrum(state).shape == (24,)


@pytest.mark.parametrize("regime", REGIMES)
def test_nullclines_cross_at_rest_states(regime):
    node = an.WilsonCowanNode(**an.wilson_cowan.preset(regime))
    curves = node.nullclines(points=4000)
    for points, axis in ((curves.x, 0), (curves.y, 1)):
        points = points[np.isfinite(points).all(axis=1)]
        slopes = np.array([node.rhs(point)[axis] for point in points])
        assert np.abs(slopes).max() < 1e-11
        for rest in np.stack([node.equilibria().x, node.equilibria().y], axis=1):
            # A straight piece has no point but its ends.
            vertical = np.abs(points - rest)[:, 1 - axis if regime != "bistable" else axis].min()
            assert vertical < 5e-3


def test_regimes():
    kinds = {
        regime: an.WilsonCowanNode(**an.wilson_cowan.preset(regime)).equilibria().kinds
        for regime in REGIMES
    }
    assert kinds == {
        "bistable": ["stable node", "saddle", "stable node"],
        "limit_cycle": ["unstable focus"],
        "excitable": ["stable node", "saddle", "unstable focus"],
    }
    assert an.wilson_cowan.preset("bistable") == {
        field.name: field.default for field in an.fields(an.WilsonCowanNode)
    }


def test_an_excitable_node_answers_a_push_with_a_pulse():
    node = an.WilsonCowanNode(**an.wilson_cowan.preset("excitable"))
    rest = node.equilibria()
    weak, strong = (
        an.integrate(node, 40.0, initial=[x, rest.y[0]])(np.linspace(0.0, 40.0, 400))
        for x in (0.5 * (rest.x[0] + rest.x[1]), 1.5 * rest.x[1])
    )
    assert weak[:, 0].max() < rest.x[1]
    assert strong[:, 0].max() > 2.0 * rest.x[1]
    assert np.allclose(strong[-1], [rest.x[0], rest.y[0]], atol=1e-4)


def test_a_cycle_s_period_is_that_of_its_orbit():
    node = an.WilsonCowanNode(**an.wilson_cowan.preset("limit_cycle"))
    found = node.bifurcation("h_e", [node.h_e])
    spectrum = an.lyapunov_spectrum(an.Discretised(node, 0.05), steps=20_000, discard=2_000)
    assert abs(spectrum.exponents[0]) < 0.01 > spectrum.exponents[1]
    period = found.period[0]
    start = [found.x_high[0], 0.1]
    times = np.array([200.0, 200.0 + period])
    states = an.integrate(node, 210.0, initial=start, rtol=1e-10, atol=1e-12)(times)
    assert np.allclose(states[0], states[1], atol=1e-7)


def test_bifurcation_with_hysteresis():
    node = an.WilsonCowanNode()
    values = np.linspace(-1.6, -0.9, 36)
    found = node.bifurcation("h_e", values)
    counts = np.array([(found.rest_values == value).sum() for value in values])
    assert set(counts) == {1, 3}
    assert np.flatnonzero(np.diff(counts)).size == 2  # two folds
    assert np.isnan(found.period).all()
    for k in range(0, 36, 7):
        alone = an.WilsonCowanNode(h_e=values[k]).equilibria()
        here = found.rest_values == values[k]
        assert np.array_equal(found.x[here], alone.x)
        assert np.array_equal(found.stable[here], alone.stable)


@pytest.mark.parametrize("regime", REGIMES)
def test_a_node_is_a_network_of_one(regime):
    params = an.wilson_cowan.preset(regime)
    node, net = an.WilsonCowanNode(**params), an.WilsonCowanNetwork([[0.0]], **params)
    for state in np.random.default_rng(1).random((5, 2)):
        assert np.array_equal(node.rhs(state), net.rhs(state))
        np.testing.assert_allclose(node.jacobian(state), net.jacobian(state), rtol=1e-14)


def test_the_euler_limit():
    # 2 gamma over 0.97300533530625, the decay of inhibition.
    node = an.WilsonCowanNode(gamma=0.04)
    assert node.euler_limit == pytest.approx(0.08 / 0.97300533530625, rel=1e-9)
    net = an.WilsonCowanNetwork([[0.0]], gamma=0.04)
    message = "dt = 0.1: expected at most 0.08221948.*gamma = 0.04.*'exponential_euler'"
    with pytest.raises(ValueError, match="integrate: " + message):
        net.integrate([0.3])
    with pytest.raises(ValueError, match="tape: " + message):
        net.tape([0.3])
    rest = node.equilibria()
    for scheme, dt in (("euler", 0.08), ("exponential_euler", 0.5)):
        out = net.integrate([0.3], [0.1], 1000, dt=dt, scheme=scheme)
        assert out.y[0] == pytest.approx(rest.y[0], abs=1e-6)
    # Where activities have no bounds nobody knows a limit.
    an.WilsonCowanNetwork([[0.0]], alpha_e=-1.0, beta_e=20.0).integrate([0.3], dt=1.0, steps=1)


def test_results_pickle():
    node = an.WilsonCowanNode(**an.wilson_cowan.preset("excitable"))
    for made in (node.equilibria(), node.bifurcation("h_e", [-3.0, -2.9])):
        copy = pickle.loads(pickle.dumps(made))
        assert np.array_equal(copy.x, made.x)
        assert np.array_equal(copy.eigenvalues, made.eigenvalues)


def test_scans_of_nodes():
    grid = an.Grid(
        h_e=np.linspace(-3.2, -2.0, 4),
        **{
            name: value
            for name, value in an.wilson_cowan.preset("limit_cycle").items()
            if name != "h_e"
        },
    )
    result = an.scan(an.Discretised(an.WilsonCowanNode(), 0.1), grid, "exponent", steps=4000)
    assert result["exponent"].shape == (4,)
    assert result["exponent"][0] < -0.1 < result["exponent"][2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: an.WilsonCowanNode(gamma=0.0), "gamma = 0: expected a value in (0, inf)"),
        (lambda: an.WilsonCowanNode(alpha_e=-1.0).equilibria(), "alpha_e = -1: expected a value"),
        (lambda: an.WilsonCowanNode(alpha_i=-0.5).nullclines(), "alpha_i = -0.5: expected"),
        (lambda: an.WilsonCowanNode().bifurcation("h", [1.0]), "parameter = 'h': expected one of"),
        (
            lambda: an.WilsonCowanNode().bifurcation("gamma", [0.1, 0.0]),
            "WilsonCowanNode: gamma = 0: expected",
        ),
        (lambda: an.wilson_cowan.preset("chaos"), "'bistable' or 'limit_cycle' or 'excitable'"),
        (lambda: an.WilsonCowanNode().nullclines(points=1), "points = 1: expected a value in [2"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
