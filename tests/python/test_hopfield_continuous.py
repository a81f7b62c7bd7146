"""Continuous Hopfield networks: the core against the oracle, and what theory says of them."""

import gc
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import hopfield as reference
from remaking import remade

import attractornet as an

# Around the widths of packs, of the rows taken together, and of blocks of columns.
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 16, 33, 100, 515]
PARAMETERS = [(1.0, 1.0), (2.5, 0.4), (0.3, 7.0)]


def symmetric(units, seed=0):
    """Random symmetric weights whose largest eigenvalue is about 2."""
    drawn = np.random.default_rng([units, seed]).normal(size=(units, units))
    return (drawn + drawn.T) / math.sqrt(2.0 * units)


def both(units, gain=1.0, tau=1.0, seed=0):
    """The fast network and the oracle, with weights and currents drawn from a seed."""
    w = symmetric(units, seed)
    current = np.random.default_rng([units, seed, 1]).normal(size=units)
    fast = an.ContinuousHopfield(w, current, gain=gain, tau=tau)
    return fast, reference.ContinuousHopfield(w, current, gain, tau)


def states(units, count=3, size=1.0):
    return size * np.random.default_rng(units).normal(size=(count, units))


def close(expected, tolerance=1e-13):
    """Equal up to rounding, on the scale of the largest entry."""
    size = float(np.max(np.abs(expected), initial=1.0))
    return pytest.approx(expected, rel=tolerance, abs=tolerance * size)


def at_rest(net, initial, duration=80.0):
    """Where an orbit ends, which must be a fixed point."""
    end = an.integrate(net, duration * net.tau, initial, rtol=1e-9).states[-1]
    assert np.max(np.abs(net.rhs(end))) < 1e-6
    return end


# --- against the oracle ---------------------------------------------------------------------------


@pytest.mark.parametrize(("gain", "tau"), PARAMETERS)
@pytest.mark.parametrize("units", SIZES)
def test_the_equations_are_the_oracles(units, gain, tau):
    net, oracle = both(units, gain, tau)
    for u in states(units, size=min(1.0, 1.0 / gain)):  # the oracle's artanh loses digits near 1
        assert net.rhs(u) == close(oracle.rhs(u))
        assert net.outputs(u) == close(oracle.output(u), 1e-15)
        assert float(net.energy(u)) == close(oracle.energy(u))
        if units <= 100:
            assert net.jacobian(u) == close(oracle.jacobian(u))


@pytest.mark.parametrize("units", [3, 20])
def test_the_adjoint_is_the_oracles(units):
    net = an.ContinuousHopfield(states(units, units), gain=1.4, tau=0.7, symmetric=False)
    oracle = reference.ContinuousHopfield(net.weights, net.current, 1.4, 0.7)
    u, a = states(units, 2)
    assert net.vjp(u, a) == close(oracle.jacobian(u).T @ a)


@pytest.mark.parametrize("size", [1e-8, 1e-3, 1.0, 30.0, 1e4])
def test_the_energy_keeps_its_digits_however_large_the_potentials(size):
    # From |u| = 19 on v is 1 to a double, and artanh v infinite.
    net, _ = both(9, gain=2.0, tau=0.5)
    u = states(9, 1, size)[0]
    with mpmath.workdps(60):
        exact = [mpmath.tanh(2 * mpmath.mpf(x)) for x in u]
        pairs = sum(net.weights[i, j] * exact[i] * exact[j] for i in range(9) for j in range(9))
        inputs = sum(current * v for current, v in zip(net.current, exact, strict=True))
        x = [mpmath.mpf(each) for each in u]
        leak = sum(
            a * v - mpmath.log(mpmath.cosh(2 * a)) / 2 for a, v in zip(x, exact, strict=True)
        )
        truth = -pairs / 2 - inputs + leak / mpmath.mpf(0.5)
        scale = float(abs(pairs) + abs(inputs) + abs(leak))
    assert float(net.energy(u)) == pytest.approx(float(truth), rel=0.0, abs=1e-14 * scale)


def test_states_may_have_any_axes_in_front():
    net, oracle = both(5)
    many = states(5, 6).reshape(2, 3, 5)
    assert net.energy(many).shape == (2, 3)
    assert net.energy(many[0]).shape == (3,)
    assert net.energy(many[0, 0]).shape == ()
    assert net.energy(many[:0]).shape == (0, 3)
    assert net.energy(many)[1, 2] == net.energy(many[1, 2])
    assert net.outputs(many).shape == many.shape
    assert net.outputs(many) == close(oracle.output(many), 1e-15)


def test_an_exchange_of_units_exchanges_the_results():
    net, _ = both(37, 1.7)
    order = np.random.default_rng(3).permutation(37)
    moved = an.ContinuousHopfield(net.weights[np.ix_(order, order)], net.current[order], gain=1.7)
    u = states(37, 1)[0]
    assert moved.rhs(u[order]) == close(net.rhs(u)[order])
    assert float(moved.energy(u[order])) == close(float(net.energy(u)))


def test_the_start_is_small_and_no_two_units_are_alike():
    start = an.ContinuousHopfield(np.zeros((1000, 1000))).start()
    assert np.max(np.abs(start)) <= 0.1
    assert len(np.unique(start)) == 1000


# --- what a network is made of --------------------------------------------------------------------


def test_arguments_and_attributes():
    w = symmetric(4)
    net = an.ContinuousHopfield(w, 0.5, gain=2, tau=3)
    assert np.array_equal(net.weights, w)
    assert np.array_equal(net.current, np.full(4, 0.5))
    assert (net.gain, net.tau, net.symmetric, net.dimension) == (2.0, 3.0, True, 4)
    assert isinstance(net, an.Flow)
    assert repr(net) == "ContinuousHopfield(units=4, gain=2, tau=3)"
    assert np.array_equal(an.ContinuousHopfield(w).current, np.zeros(4))
    assert np.array_equal(an.ContinuousHopfield(w, [1, 2, 3, 4]).current, [1.0, 2.0, 3.0, 4.0])
    free = an.ContinuousHopfield([[0, 1], [2, 0]], symmetric=False)
    assert repr(free) == "ContinuousHopfield(units=2, gain=1, tau=1, symmetric=False)"
    assert not free.symmetric
    assert an.hopfield.ContinuousHopfield is an.ContinuousHopfield


def test_arrays_are_copied_in_and_shown_read_only():
    w, current = symmetric(3), np.ones(3)
    net = an.ContinuousHopfield(w, current)
    expected = w.copy()
    w[:], current[:] = 7.0, 7.0
    assert np.array_equal(net.weights, expected)
    view = net.weights
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0
    with pytest.raises(AttributeError):
        net.gain = 2.0
    del net
    gc.collect()
    assert np.array_equal(view, expected)


@pytest.mark.parametrize("how", ["pickle", "copy", "file"])
@pytest.mark.parametrize("promise", [True, False])
def test_a_network_comes_back_as_it_was(how, promise, tmp_path):
    w = symmetric(6) if promise else states(6, 6)
    net = an.ContinuousHopfield(w, np.arange(6.0), gain=0.1, tau=1.0 / 3.0, symmetric=promise)
    again = remade(net, how, tmp_path / "net.safetensors")
    assert again.weights.tobytes() == net.weights.tobytes()
    assert again.current.tobytes() == net.current.tobytes()
    assert (again.gain, again.tau, again.symmetric) == (net.gain, net.tau, net.symmetric)
    assert not np.shares_memory(again.weights, net.weights)


NAN, INF = math.nan, math.inf

REFUSED = [
    (([[1.0, 2.0]],), {}, r"weights has shape \(1, 2\): expected \(units, units\)"),
    ((3.0,), {}, r"weights has shape \(\): expected \(units, units\)"),
    ((np.zeros((0, 0)),), {}, r"weights has shape \(0, 0\): expected \(units, units\), neither 0"),
    (([[1e308]],), {}, r"weights = 1e\+308: expected finite values of at most 1e\+290"),
    (([[0.0]], -1e300), {}, r"current = -1e\+300: expected finite values of at most 1e\+290"),
    (([[NAN]],), {}, "weights holds nan at flat index 0"),
    (([[0.0]], [INF]), {}, "current holds inf at flat index 0"),
    (([[0.0]], [1.0, 2.0]), {}, r"current has shape \(2,\): expected a number or \(1,\)"),
    (([[0.0]],), {"gain": 0.0}, r"gain = 0: expected a value in \(0, inf\)"),
    (([[0.0]],), {"gain": INF}, r"gain = inf: expected a value in \(0, inf\)"),
    (([[0.0]],), {"tau": -1.0}, r"tau = -1: expected a value in \(0, inf\)"),
    (
        ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.25], [0.0, 0.5, 0.0]],),
        {},
        r"weights\[1, 2\] = 0.25: expected weights\[2, 1\], which is 0.5, .* \(symmetric=False",
    ),
]


@pytest.mark.parametrize(("arguments", "keywords", "message"), REFUSED)
def test_what_is_refused(arguments, keywords, message):
    with pytest.raises(ValueError, match="^ContinuousHopfield: " + message):
        an.ContinuousHopfield(*arguments, **keywords)


def test_rounding_is_no_asymmetry():
    xi = np.random.default_rng(1).choice([-1.0, 1.0], (5, 30))
    projector = reference.pseudoinverse(xi)
    assert not np.array_equal(projector, projector.T)
    net = an.ContinuousHopfield(projector)
    assert net.symmetric
    assert np.array_equal(net.weights, (projector + projector.T) / 2.0)


def test_without_symmetry_there_is_no_energy():
    net = an.ContinuousHopfield([[0.0, 1.0], [-1.0, 0.0]], symmetric=False)
    with pytest.raises(TypeError, match=r"^ContinuousHopfield has no energy: .*symmetric=False$"):
        net.energy([0.0, 1.0])
    with pytest.raises(TypeError, match=r"^ContinuousHopfield has no step: it is a flow"):
        net.step([0.0, 1.0])


@pytest.mark.parametrize("method", ["energy", "outputs"])
def test_states_of_another_dimension_are_refused(method):
    net, _ = both(3)
    for wrong in (0.5, np.zeros(2), np.zeros((3, 2))):
        with pytest.raises(ValueError, match=rf"^ContinuousHopfield\.{method}: states has shape"):
            getattr(net, method)(wrong)


# --- the energy -----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    units=st.integers(1, 12),
    seed=st.integers(0, 10_000),
    gain=st.floats(0.2, 20.0),
    tau=st.floats(0.1, 5.0),
)
def test_the_energy_never_rises(units, seed, gain, tau):
    net, _ = both(units, gain, tau, seed)
    start = np.random.default_rng(seed).normal(size=units)
    energies = net.energy(an.integrate(net, 20.0 * tau, start, rtol=1e-10, atol=1e-12).states)
    assert np.all(np.diff(energies) <= 1e-11 * np.max(np.abs(energies)))


@pytest.mark.parametrize(("gain", "tau"), PARAMETERS)
def test_the_energy_falls_at_the_rate_of_theory(gain, tau):
    net, _ = both(12, gain, tau)
    h = 1e-5
    for u in states(12):
        speed = net.rhs(u)
        slope = gain * (1.0 - net.outputs(u) ** 2)
        difference = float(net.energy(u + h * speed) - net.energy(u - h * speed)) / (2.0 * h)
        assert difference == pytest.approx(-float(slope @ speed**2), rel=1e-7)
        # The energy's gradient is the flow, but for sign and slope.
        gradient = [
            float(net.energy(u + e) - net.energy(u - e)) / (2.0 * h) for e in h * np.eye(12)
        ]
        assert gradient == pytest.approx(-slope * speed, abs=1e-8)


# --- memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_fixed_points_of_high_gain_are_those_of_two_state_units(seed):
    w = reference.without_diagonal(symmetric(20, seed))
    current = 0.3 * states(20, 1)[0]
    net = an.ContinuousHopfield(w, current, gain=200.0)
    discrete = reference.HopfieldNetwork(w, -current)
    for u in states(20, 4):
        s = np.sign(at_rest(net, u))
        assert np.array_equal(discrete.synchronous(s), s)


def test_a_noisy_pattern_is_completed():
    random = np.random.default_rng(5)
    xi = random.choice([-1.0, 1.0], (5, 100))
    net = an.ContinuousHopfield(reference.without_diagonal(reference.hebbian(xi)), gain=5.0)
    for pattern in xi:
        noisy = pattern.copy()
        noisy[random.choice(100, 15, replace=False)] *= -1.0
        recalled = net.outputs(at_rest(net, 0.2 * noisy))
        assert np.array_equal(np.sign(recalled), pattern)
        assert pattern @ recalled / 100.0 > 0.95


# --- stability, cycles and chaos ------------------------------------------------------------------


def test_exponents_of_the_linear_regime_are_eigenvalues():
    gain, tau = 0.3, 0.8
    net = an.ContinuousHopfield(symmetric(6), gain=gain, tau=tau)
    origin = np.zeros(6)
    assert net.jacobian(origin) == close(gain * net.weights - np.eye(6) / tau, 1e-15)
    eigenvalues = np.sort(np.linalg.eigvalsh(net.jacobian(origin)))[::-1]
    assert eigenvalues[0] < 0.0
    spectrum = an.lyapunov_spectrum(an.Discretised(net, 0.05), steps=20_000, discard=5_000)
    assert spectrum.exponents == pytest.approx(eigenvalues, abs=1e-6)


def rotation(growth):
    """Two units whose potentials turn about the origin; J there has growth - 1 +- i."""
    return an.ContinuousHopfield([[growth, -1.0], [1.0, growth]], symmetric=False)


def test_two_units_that_inhibit_and_excite_have_a_limit_cycle():
    sampled = an.Discretised(rotation(2.0), 0.05)
    found = an.classify(sampled)
    assert found.kind == "periodic"
    spectrum = an.lyapunov_spectrum(sampled, steps=40_000, discard=2_000)
    assert spectrum.exponents[0] == pytest.approx(0.0, abs=0.005)
    # What both exponents add up to is the mean divergence along the cycle.
    orbit = sampled.trajectory(40_000, discard=2_000)
    divergence = np.mean(np.sum(2.0 * (1.0 - np.tanh(orbit) ** 2) - 1.0, axis=1))
    assert spectrum.exponents.sum() == pytest.approx(divergence, abs=0.005)


def test_a_weak_rotation_spirals_into_the_origin():
    sampled = an.Discretised(rotation(0.5), 0.05)
    assert an.classify(sampled).kind == "fixed point"
    spectrum = an.lyapunov_spectrum(sampled, steps=4_000)
    assert spectrum.exponents == pytest.approx([-0.5, -0.5], abs=1e-6)


def random_network(g, units=100):
    """Gaussian weights of variance g^2 / N: chaos from g = 1 on, where N is large.

    H. Sompolinsky, A. Crisanti, H. J. Sommers, Phys. Rev. Lett. 61 (1988) 259.
    """
    w = g * np.random.default_rng(1).normal(size=(units, units)) / math.sqrt(units)
    return an.ContinuousHopfield(w, symmetric=False)


def test_large_random_networks_are_chaotic():
    sampled = an.Discretised(random_network(4.0), 0.1)
    spectrum = an.lyapunov_spectrum(sampled, k=1, steps=6_000, discard=1_000)
    assert spectrum.exponents[0] > 0.05
    assert spectrum.exponents[0] > 3.0 * spectrum.standard_error[0]
    assert an.classify(sampled, horizon=20_000).kind == "chaotic"


def test_large_random_networks_of_weak_weights_are_not():
    net = random_network(0.5)
    sampled = an.Discretised(net, 0.1)
    spectrum = an.lyapunov_spectrum(sampled, k=1, steps=4_000, discard=1_000)
    # The circular law has the rightmost eigenvalue at g - 1, for units without number.
    rightmost = np.max(np.linalg.eigvals(net.jacobian(np.zeros(100))).real)
    assert spectrum.exponents[0] == pytest.approx(rightmost, abs=2e-3)
    assert spectrum.exponents[0] == pytest.approx(-0.5, abs=0.1)


# --- scans ----------------------------------------------------------------------------------------


def test_gain_and_tau_are_axes_of_scans():
    w = symmetric(4)
    sampled = an.Discretised(an.ContinuousHopfield(w, 0.1), 0.1)
    grid = an.Grid(gain=[0.5, 2.0], tau=[0.5, 1.0])
    measure = {"exponent": "exponent", "made": lambda system: [system.flow.gain, system.flow.tau]}
    result = an.scan(sampled, grid, measure, steps=500, discard=500)
    for i, gain in enumerate([0.5, 2.0]):
        for j, tau in enumerate([0.5, 1.0]):
            one = an.Discretised(an.ContinuousHopfield(w, 0.1, gain=gain, tau=tau), 0.1)
            spectrum = an.lyapunov_spectrum(one, k=1, steps=500, discard=500)
            assert result["exponent"][i, j] == spectrum.exponents[0]
            assert result["made"][i, j].tolist() == [gain, tau]
    with pytest.raises(ValueError, match=r"scan: grid: gain = .*: expected values in \(0, "):
        an.scan(sampled, an.Grid(gain=[0.0, 1.0]), ["exponent"])
    with pytest.raises(ValueError, match="ContinuousHopfield has no such parameter; it has gain, "):
        an.scan(sampled, an.Grid(weights=[0.0, 1.0]), ["exponent"])


def test_a_store_belongs_to_its_weights(tmp_path):
    def scanned(**keywords):
        net = an.ContinuousHopfield(**{"weights": symmetric(3), "current": 0.1, **keywords})
        sampled = an.Discretised(net, 0.1)
        options = {"steps": 50, "discard": 0, "store": tmp_path / "scan.zarr"}
        return an.scan(sampled, an.Grid(gain=[0.5, 2.0]), ["exponent"], **options)

    first = scanned()
    assert np.array_equal(scanned()["exponent"], first["exponent"])
    assert an.scan_open(tmp_path / "scan.zarr").shape == (2,)
    for name, other in [("weights", symmetric(3, 1)), ("current", 0.2), ("symmetric", False)]:
        with pytest.raises(ValueError, match=rf"system\.flow\.{name}"):
            scanned(**{name: other})
