"""Exact identities of feedback networks, for any weights and any state."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import attractornet as an

# The same examples on every run: a failure is a change of ours, not luck.
settings.register_profile("attractornet", derandomize=True, deadline=None, max_examples=120)
settings.load_profile("attractornet")
FEW = settings(max_examples=40)  # where an example is a whole run

# Weights of 1e-300 would only test underflow, which is not what the identities are about.
WEIGHTS = st.floats(-3.0, 3.0, width=32).map(lambda value: 0.0 if abs(value) < 1e-3 else value)
POSITIVE = st.floats(0.125, 2.0, width=32)


def vectors(size, elements=WEIGHTS):
    return arrays(np.float64, size, elements=elements)


@st.composite
def networks(draw):
    n, d = draw(st.integers(1, 5)), draw(st.integers(1, 9))
    return an.FeedbackNetwork(draw(vectors((n, d))), draw(vectors(n)))


@st.composite
def networks_and_vectors(draw, count=1):
    """A network and `count` vectors of its dimension."""
    net = draw(networks())
    return (net, *(draw(vectors(net.dimension)) for _ in range(count)))


def scale_of(net):
    """What sums over the weights can be, hence what their rounding is relative to."""
    return 1.0 + np.abs(net.b).sum() * (1.0 + np.abs(net.w).sum())


def rounding(net, steps=1):
    return 1e-15 * steps * scale_of(net)


def spectrum(net, initial, **options):
    options = {"steps": 64, "discard": 0, "blocks": 2, **options}
    return an.lyapunov_spectrum(net, initial=initial, **options)


def volumes(net, initial, steps):
    """ln|g_D| at the states that a run without transient passes, -inf where g_D is 0."""
    orbit = np.vstack([initial, net.trajectory(steps, initial=initial, observe="y")[:-1]])
    with np.errstate(divide="ignore"):
        return np.log([abs(net.jacobian(y)[0, -1]) for y in orbit])


# --- the three arrows -----------------------------------------------------------------------------


@given(networks_and_vectors(3))
def test_the_adjoint_is_the_tangents_transpose(sample):
    net, y, v, a = sample
    left, right = net.vjp(y, a) @ v, a @ net.jvp(y, v)
    size = scale_of(net) * (1.0 + np.abs(a).sum()) * (1.0 + np.abs(v).sum())
    assert left == pytest.approx(right, abs=1e-15 * size)


@given(networks_and_vectors(3), st.floats(-2.0, 2.0))
def test_the_tangent_is_linear_and_is_the_jacobian(sample, factor):
    net, y, u, v = sample
    size = rounding(net) * 10.0 * (1.0 + np.abs(u).sum() + np.abs(v).sum())
    combined = net.jvp(y, u + factor * v)
    assert combined == pytest.approx(net.jvp(y, u) + factor * net.jvp(y, v), abs=size)
    assert net.jvp(y, u) == pytest.approx(net.jacobian(y) @ u, abs=size)
    columns = net.jvp(y, np.column_stack([u, v]))
    # The sum runs in one order, however many columns ride along.
    assert np.array_equal(columns, np.column_stack([net.jvp(y, u), net.jvp(y, v)]))


@given(networks_and_vectors(1))
def test_the_jacobian_is_a_companion_matrix(sample):
    net, y = sample
    jacobian = net.jacobian(y)
    assert np.array_equal(jacobian[1:], np.eye(net.dimension)[:-1])
    # Expanded along the last column: det = (-1)^{D+1} g_D.
    sign = (-1.0) ** (net.dimension + 1)
    expected = sign * jacobian[0, -1]
    assert np.linalg.det(jacobian) == pytest.approx(expected, rel=1e-9, abs=rounding(net, 100))


# --- identities 1 and 2: volumes ------------------------------------------------------------------


@FEW
@given(networks_and_vectors(1), st.sampled_from([1, 5, None]))
def test_exponents_add_up_to_the_mean_log_volume(sample, interval):
    net, y = sample
    logs = volumes(net, y, 64)
    # At such a step rounding, not g_D, decides what is left of the direction.
    assume(np.all((logs > -25.0) | np.isneginf(logs)))
    total = spectrum(net, y, interval=interval).exponents.sum()
    assert total == pytest.approx(logs.mean(), abs=2e-8)


@FEW
@given(networks_and_vectors(1))
def test_volumes_grow_no_faster_than_the_singular_values(sample):
    net, y = sample
    orbit = np.vstack([y, net.trajectory(63, initial=y, observe="y")])
    values = np.linalg.svd([net.jacobian(row) for row in orbit], compute_uv=False)
    # All D together are identity 1; the least singular value alone is rounding where g_D is small.
    bounds = np.cumsum(np.log(values[:, :-1]).mean(axis=0))
    assert np.all(np.cumsum(spectrum(net, y).exponents)[:-1] <= bounds + 1e-9)


# --- identity 3: the linear regime ----------------------------------------------------------------


@st.composite
def contracting(draw, least=0.0):
    """Networks with sum_i |b_i| |w_i|_1 < 1, which draw every state into the origin."""
    net = draw(networks())
    norm = np.sum(np.abs(net.b) @ np.abs(net.w))
    assume(norm > 0.0)
    net = an.FeedbackNetwork(net.w, net.b * (draw(st.floats(0.25, 0.875)) / norm))
    assume(abs((net.b @ net.w)[-1]) > least)
    return net


@given(contracting())
def test_a_contracting_network_has_a_stable_origin(net):
    origin = net.origin()
    norm = np.sum(np.abs(net.b) @ np.abs(net.w))
    assert origin.unstable == 0
    assert origin.critical_factor >= (1.0 - 1e-9) / norm
    y = net.trajectory(net.dimension * 400, initial=np.ones(net.dimension), observe="y0")
    # Every D steps the largest entry of the register shrinks by the norm at least.
    laps = np.abs(y).reshape(400, net.dimension).max(axis=1)
    assert np.all(laps <= norm ** np.arange(1, 401) * (1.0 + 1e-12) + 1e-300)


@given(networks())
def test_exponents_of_the_origin_add_up_to_the_last_coefficient(net):
    c = net.b @ net.w
    assume(abs(c[-1]) > 1e-3)
    total = net.origin().exponents.sum()
    assert total == pytest.approx(math.log(abs(c[-1])), abs=1e-9)


@FEW
@given(contracting(least=1e-2))
def test_exponents_at_the_origin_are_its_eigenvalues(net):
    run = spectrum(net, np.zeros(net.dimension), steps=20_000, discard=2_000)
    # QR turns complex pairs round and round: what one turn leaves over is shared by all steps.
    assert run.exponents == pytest.approx(net.origin().exponents, abs=5e-3)


# --- identity 4: bounds ---------------------------------------------------------------------------


@given(networks_and_vectors(1))
def test_orbits_stay_within_their_bounds(sample):
    net, y = sample
    x = net.trajectory(100, initial=y)
    y0 = net.trajectory(100, initial=y, observe="y0")
    total = np.abs(net.b).sum()
    assert np.max(np.abs(x)) <= 1.0
    assert np.all(np.abs(y0) <= total * (1.0 + 1e-14))
    # Once the register holds outputs only, no unit is driven harder than by all of them.
    sharp = np.abs(net.b) @ np.tanh(np.abs(net.w).sum(axis=1) * total)
    assert np.all(np.abs(y0[net.dimension :]) <= sharp * (1.0 + 1e-13))


# --- identities 5 and 6: symmetries ---------------------------------------------------------------


@given(networks_and_vectors(1), st.sampled_from(["x", "y0", "y"]))
def test_orbits_come_in_pairs_of_opposite_sign(sample, observe):
    net, y = sample
    orbit = net.trajectory(60, initial=y, observe=observe)
    assert np.array_equal(net.trajectory(60, initial=-y, observe=observe), -orbit)
    assert np.array_equal(net.jacobian(-y), net.jacobian(y))


@given(networks_and_vectors(1), st.integers(-6, 6))
def test_gauge(sample, power):
    # (w, b) -> (c w, b / c) maps y -> y / c; with a power of two not even rounding differs.
    net, y = sample
    c = 2.0**power
    other = an.FeedbackNetwork(net.w * c, net.b / c)
    assert np.array_equal(other.trajectory(60, initial=y / c), net.trajectory(60, initial=y))
    assert np.array_equal(
        other.trajectory(60, initial=y / c, observe="y"),
        net.trajectory(60, initial=y, observe="y") / c,
    )
    expected = spectrum(net, y).exponents
    assert np.array_equal(spectrum(other, y / c).exponents, expected, equal_nan=True)


@given(networks_and_vectors(1), st.randoms(use_true_random=False))
def test_hidden_units_have_no_order(sample, random):
    net, y = sample
    order = random.sample(range(net.neurons), net.neurons)
    other = an.FeedbackNetwork(net.w[order], net.b[order])
    assert np.array_equal(other.hidden(y), net.hidden(y)[order])
    assert other.step(y) == pytest.approx(net.step(y), abs=rounding(net))
    assert other.jacobian(y) == pytest.approx(net.jacobian(y), abs=rounding(net))


@given(networks_and_vectors(1), st.data())
def test_a_unit_may_change_its_sign(sample, data):
    net, y = sample
    sign = data.draw(vectors(net.neurons, st.sampled_from([-1.0, 1.0])))
    other = an.FeedbackNetwork(net.w * sign[:, None], net.b * sign)
    assert np.array_equal(
        other.trajectory(60, initial=y, observe="y"), net.trajectory(60, initial=y, observe="y")
    )
    assert np.array_equal(other.trajectory(60, initial=y), net.trajectory(60, initial=y) * sign)


# --- identity 7: what changes nothing -------------------------------------------------------------


@given(networks_and_vectors(1), WEIGHTS)
def test_an_input_without_weight_changes_nothing(sample, tail):
    net, y = sample
    wider = an.FeedbackNetwork(np.hstack([net.w, np.zeros((net.neurons, 1))]), net.b)
    initial = np.append(y, tail)
    for observe in ("x", "y0"):
        assert np.array_equal(
            wider.trajectory(60, initial=initial, observe=observe),
            net.trajectory(60, initial=y, observe=observe),
        )
    assert spectrum(wider, initial).exponents[-1] == -math.inf


@given(networks_and_vectors(1), st.data())
def test_a_unit_may_be_split_in_two(sample, data):
    net, y = sample
    unit = data.draw(st.integers(0, net.neurons - 1))
    b = np.append(net.b, net.b[unit] / 2.0)
    b[unit] /= 2.0
    other = an.FeedbackNetwork(np.vstack([net.w, net.w[unit]]), b)
    assert other.step(y) == pytest.approx(net.step(y), abs=rounding(net))
    assert other.jacobian(y) == pytest.approx(net.jacobian(y), abs=rounding(net))


# --- identity 8: time reversal, where there is one ------------------------------------------------


@st.composite
def invertible(draw):
    """Networks with all b_i w_iD > 0, and a state: the oldest value is a function of the newest."""
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    w = draw(vectors((n, d), st.floats(-0.5, 0.5, width=32)))
    w[:, -1] = draw(vectors(n, POSITIVE))
    sign = draw(vectors(n, st.sampled_from([-1.0, 1.0])))
    w[:, -1] *= sign
    y = draw(vectors(d, st.floats(-1.0, 1.0, width=32)))
    return an.FeedbackNetwork(w, draw(vectors(n, POSITIVE)) * sign), y


@given(invertible())
def test_the_step_can_be_undone_where_the_volume_keeps_its_sign(sample):
    net, y = sample
    assert net.jacobian(y)[0, -1] > 0.0
    after = net.step(y)
    # All but the oldest value are still there; that one is bisected, the output rising with it.
    known, low, high = after[1:], -2.0, 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = net.step(np.append(known, middle))[0] < after[0]
        low, high = (middle, high) if below else (low, middle)
    slope = net.jacobian(y)[0, -1]
    assert np.append(known, low) == pytest.approx(y, abs=10.0 * rounding(net) / slope + 1e-15)


# --- identity 9: one neuron, one input ------------------------------------------------------------


@given(st.floats(0.1, 4.0), st.floats(0.1, 4.0), st.booleans(), st.floats(0.1, 2.0))
def test_one_neuron_with_one_input_is_never_chaotic(b, w, flip, start):
    product = -b * w if flip else b * w
    assume(abs(abs(product) - 1.0) > 0.1)  # closer to the bifurcation it takes ever longer
    net = an.FeedbackNetwork([[w]], [-b if flip else b])
    origin = net.origin()
    assert origin.exponents == pytest.approx([math.log(abs(product))], abs=1e-12)
    assert origin.critical_factor == pytest.approx(1.0 / abs(product), rel=1e-12)
    assert origin.rotation == (0.5 if flip else 0.0)
    settled = net.trajectory(4, discard=1_000, initial=[start], observe="y0")
    expected = math.log(abs(product)) - 2.0 * math.log(math.cosh(w * settled[0]))
    run = spectrum(net, [start], steps=200, discard=1_000)
    assert run.exponents == pytest.approx([expected], abs=1e-9)
    assert run.exponents[0] < 0.0
    # A fixed point, or a cycle of two points of opposite sign.
    partner = -settled[:-1] if flip else settled[:-1]
    assert settled[1:] == pytest.approx(partner, abs=1e-9)
    assert (abs(settled[0]) > 1e-6) == (abs(product) > 1.0)


# --- what a run is made of ------------------------------------------------------------------------


@given(networks_and_vectors(1), st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_an_orbit_can_be_taken_up_where_it_was_left(sample, pieces):
    net, y = sample
    whole = net.trajectory(sum(pieces), initial=y, observe="y")
    for start, stop in itertools.pairwise(itertools.accumulate(pieces, initial=0)):
        part = net.trajectory(stop - start, initial=y, observe="y")
        assert np.array_equal(part, whole[start:stop])
        y = part[-1]


@FEW
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.0, 10.0), st.integers(0, 2**32 - 1))
def test_both_ensembles_keep_their_promises(neurons, inputs, scale, seed):
    values = {"neurons": neurons, "inputs": inputs, "scale": scale, "seed": seed}
    uniform = an.FeedbackNetwork.random(**values)
    assert np.all((uniform.w >= -1.0) & (uniform.w < 1.0))
    assert np.all((uniform.b >= 0.0) & (uniform.b <= scale))
    gaussian = an.FeedbackNetwork.random(distribution="gaussian", **values)
    assert np.sum(gaussian.b**2) == pytest.approx(neurons, rel=1e-12)
    for net in (uniform, gaussian):
        assert net.w.shape == (neurons, inputs)
        assert net.b.shape == (neurons,)
