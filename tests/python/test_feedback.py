"""Feedback networks against their NumPy oracle, published numbers and exact arithmetic."""

import copy
import gc
import math
import pickle
from decimal import Decimal

import numpy as np
import pytest
from reference import feedback

import attractornet as an

# The three nets drawn in the article and the chaotic contrast.
ARTICLE = {
    "case 1": (4, 32, 0.22, 174658140),
    "case 2": (4, 32, 0.55, 3160697950),
    "case 3": (4, 16, 1.4, 174658140),
}
NAMES = ("neurons", "inputs", "scale", "seed")

# Around the widths of registers and of unrolled loops, where a tail can be lost.
SHAPES = [(1, 1), (1, 2), (2, 1), (3, 5), (4, 16), (5, 7), (7, 8), (8, 9), (9, 17), (16, 3)]
SHAPES += [(17, 33), (33, 4), (40, 64), (70, 100)]


def printed(text, rel=1e-12):
    """Value of a printed number, to be met within its last digit or `rel`, the larger."""
    half_unit = 0.5 * 10.0 ** Decimal(text).as_tuple().exponent
    return pytest.approx(float(text), rel=rel, abs=half_unit)


def drawn(*values):
    """The fast network and the oracle of the same four numbers."""
    fast = an.FeedbackNetwork.random(**dict(zip(NAMES, values, strict=True)))
    return fast, feedback.FeedbackNetwork(fast.w.copy(), fast.b.copy())


def both(case):
    return drawn(*ARTICLE[case])


def contrast():
    return drawn(4, 16, 6.0, 174658140)


def shaped(shape):
    """A lively network of that shape, not from any ensemble; b of both signs."""
    stream = np.random.RandomState(shape[0] * 1000 + shape[1])
    w = stream.standard_normal(shape) / math.sqrt(shape[1])
    b = 2.0 * stream.standard_normal(shape[0]) / math.sqrt(shape[0])
    return an.FeedbackNetwork(w, b), feedback.FeedbackNetwork(w, b)


def states(oracle, count=3):
    """Registers that no orbit need ever visit."""
    return np.random.RandomState(5).uniform(-2.0, 2.0, (count, oracle.inputs))


def close(expected, tolerance=1e-13):
    """Equal up to rounding, on the scale of the largest entry."""
    size = float(np.max(np.abs(expected), initial=0.0))
    return pytest.approx(expected, rel=tolerance, abs=tolerance * max(size, 1.0))


# --- weights --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 16), (1, 1), (3, 7)])
@pytest.mark.parametrize("seed", [0, 1, 42, 2**31 - 1, 2**31, 174658140, 2**32 - 1])
def test_weights_are_the_legacy_streams_bit_for_bit(shape, seed):
    net = an.FeedbackNetwork.random(neurons=shape[0], inputs=shape[1], scale=0.3, seed=seed)
    oracle = feedback.FeedbackNetwork.random(*shape, 0.3, seed)
    assert net.w.tobytes() == oracle.w.tobytes()
    assert net.b.tobytes() == oracle.b.tobytes()


@pytest.mark.parametrize(
    ("example", "values"), list(zip(an.feedback.PUBLISHED, ARTICLE.values(), strict=True))
)
def test_published_networks(example, values):
    assert tuple(getattr(example, name) for name in NAMES) == values
    net, oracle = example.network(), feedback.FeedbackNetwork.random(*values)
    assert net.w.tobytes() == oracle.w.tobytes()
    assert net.b.tobytes() == oracle.b.tobytes()


def test_contrast_is_the_strange_network_at_a_larger_scale():
    strange, contrast = an.feedback.PUBLISHED[2].network(), an.feedback.CONTRAST.network()
    assert np.array_equal(strange.w, contrast.w)
    assert contrast.b == pytest.approx(strange.b * (6.0 / 1.4), rel=1e-15)


def test_defaults_are_those_of_the_field_list():
    defaults = {field.name: field.default for field in an.fields(an.FeedbackNetwork)}
    default, spelled = an.FeedbackNetwork.random(), an.FeedbackNetwork.random(**defaults)
    assert np.array_equal(default.w, spelled.w)
    assert np.array_equal(default.b, spelled.b)


def gaussian(**values):
    return an.FeedbackNetwork.random(distribution="gaussian", **values)


def test_gaussian_ensemble_is_a_function_of_its_seed():
    one, again, other = (gaussian(neurons=6, inputs=9, seed=seed) for seed in (3, 3, 4))
    assert one.w.tobytes() == again.w.tobytes()
    assert one.b.tobytes() == again.b.tobytes()
    # Every number differs, not only most of them.
    assert np.all(one.w != other.w)
    assert np.all(one.b != other.b)


@pytest.mark.parametrize("neurons", [1, 2, 17, 300])
def test_gaussian_output_weights_have_the_length_of_the_article(neurons):
    b = gaussian(neurons=neurons, inputs=2, seed=neurons).b
    assert np.sum(b**2) == pytest.approx(neurons, rel=1e-13)
    assert np.all(b > 0.0)


def test_gaussian_input_weights_scale_and_scatter():
    one, three = (gaussian(neurons=200, inputs=200, scale=scale, seed=8) for scale in (1.0, 3.0))
    assert three.w == pytest.approx(3.0 * one.w, rel=1e-15)
    assert np.array_equal(one.b, three.b)
    # Moments of 40 000 normal numbers, each within four of its standard errors.
    w = one.w.ravel()
    error = 1.0 / math.sqrt(w.size)
    for power, moment, scatter in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]:
        assert abs(np.mean(w**power) - moment) < 4.0 * math.sqrt(scatter) * error
    neighbours = [one.w[:, :-1] * one.w[:, 1:], one.w[:-1] * one.w[1:]]
    assert all(abs(np.mean(product)) < 4.0 * error for product in neighbours)


def test_weights_are_copied_in():
    w, b = np.ones((2, 3)), np.ones(2)
    net = an.FeedbackNetwork(w, b)
    w[:], b[:] = 7.0, 7.0
    assert np.array_equal(net.w, np.ones((2, 3)))
    assert np.array_equal(net.b, np.ones(2))


@pytest.mark.parametrize("name", ["w", "b"])
def test_weights_are_read_only_views_that_keep_the_network_alive(name):
    net = an.FeedbackNetwork.random(neurons=50, inputs=200, seed=3)
    view, expected = getattr(net, name), getattr(net, name).copy()
    assert np.shares_memory(view, getattr(net, name))
    assert view.dtype == np.float64
    assert view.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        view[...] = 0.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.flags.writeable = True
    with pytest.raises(AttributeError):
        setattr(net, name, expected)
    part = view[-1:]
    del net, view
    gc.collect()
    # What would take the memory, had it been given back.
    rubbish = [np.full(expected.shape, np.nan) for _ in range(50)]
    assert np.array_equal(part, expected[-1:])
    del rubbish


def test_sizes_and_repr():
    net = an.FeedbackNetwork(np.zeros((3, 5)), np.zeros(3))
    assert (net.neurons, net.inputs, net.dimension) == (3, 5, 5)
    assert repr(net) == "FeedbackNetwork(neurons=3, inputs=5)"
    assert isinstance(net, an.System)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_round_trip(protocol):
    net, _ = both("case 3")
    again = pickle.loads(pickle.dumps(net, protocol))
    assert type(again) is an.FeedbackNetwork
    assert again.w.tobytes() == net.w.tobytes()
    assert again.b.tobytes() == net.b.tobytes()
    assert np.array_equal(again.trajectory(50), net.trajectory(50))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_stand_alone(duplicate):
    net, _ = both("case 1")
    again = duplicate(net)
    assert np.array_equal(again.w, net.w)
    assert not np.shares_memory(again.w, net.w)


# --- one step -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_one_step_is_the_oracles(shape):
    net, oracle = shaped(shape)
    for y in states(oracle):
        assert net.step(y) == close(oracle.step(y))
        assert net.hidden(y) == close(oracle.hidden(y))
        # Only the first entry is new; the others are moved, not computed.
        assert np.array_equal(net.step(y)[1:], y[:-1])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_three_arrows_are_the_oracles(shape):
    net, oracle = shaped(shape)
    stream = np.random.RandomState(6)
    for y in states(oracle):
        jacobian = oracle.jacobian(y)
        assert net.jacobian(y) == close(jacobian)
        for columns in ((), (1,), (2,), (9,)):
            v = stream.standard_normal((oracle.inputs, *columns))
            assert net.jvp(y, v).shape == v.shape
            assert net.jvp(y, v) == close(jacobian @ v)
        a = stream.standard_normal(oracle.inputs)
        assert net.vjp(y, a) == close(jacobian.T @ a)


def test_saturated_units_keep_their_slope():
    # 1 - tanh^2 would be 0 from |u| = 19 on.
    net = an.FeedbackNetwork([[1.0]], [1.0])
    for u in (20.0, -40.0, 300.0):
        expected = 4.0 * math.exp(-2.0 * abs(u))
        assert net.jacobian([u])[0, 0] == pytest.approx(expected, rel=1e-13, abs=0.0)


@pytest.mark.parametrize("case", ARTICLE)
def test_start_is_the_oracles(case):
    net, oracle = both(case)
    assert net.start() == close(oracle.start(), 1e-16)
    assert np.count_nonzero(net.start()) == 1


# --- trajectories ---------------------------------------------------------------------------------


@pytest.mark.parametrize("observe", ["x", "y0", "y"])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("case", ARTICLE)
def test_trajectory_is_the_oracles(case, given, observe):
    net, oracle = both(case)
    initial = states(oracle)[0] if given else None
    fast = net.trajectory(200, discard=7, initial=initial, observe=observe)
    slow = oracle.trajectory(200, discard=7, initial=initial, observe=observe)
    assert fast.shape == slow.shape
    assert fast.dtype == np.float64
    # These orbits are not chaotic; yet they leave the origin, where rounding grows a little.
    assert fast == pytest.approx(slow, abs=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_trajectory_repeats_step_bit_for_bit(shape):
    net, oracle = shaped(shape)
    y = states(oracle)[0]
    orbit = net.trajectory(75, initial=y, observe="y")
    hidden = net.trajectory(75, initial=y, observe="x")
    for row, x in zip(orbit, hidden, strict=True):
        y = net.step(y)
        assert np.array_equal(row, y)
        assert np.array_equal(x, net.hidden(y))


@pytest.mark.parametrize("observe", ["x", "y0", "y"])
@pytest.mark.parametrize("initial", [None, 1])
def test_discard_cuts_rows_off_the_front(initial, observe):
    net, oracle = contrast()
    initial = None if initial is None else states(oracle)[0]
    whole = net.trajectory(60, initial=initial, observe=observe)
    for discard in (0, 1, 2, 3, 4, 5, 31, 59):
        rest = net.trajectory(60 - discard, discard=discard, initial=initial, observe=observe)
        assert np.array_equal(rest, whole[discard:])


def test_row_zero_is_after_one_step():
    net, oracle = contrast()
    y = states(oracle)[0]
    assert np.array_equal(net.trajectory(1, observe="y")[0], net.start())
    assert np.array_equal(net.trajectory(1)[0], net.hidden(net.start()))
    assert np.array_equal(net.trajectory(2, observe="y")[1], net.step(net.start()))
    assert np.array_equal(net.trajectory(1, initial=y, observe="y")[0], net.step(y))


def test_arguments_may_be_given_by_position():
    net, oracle = contrast()
    y = states(oracle)[0]
    by_name = net.trajectory(steps=5, discard=2, initial=y, observe="y")
    assert np.array_equal(net.trajectory(5, 2, y, "y"), by_name)


@pytest.mark.parametrize(
    ("observe", "shape"), [("x", (3, 40, 4)), ("y0", (3, 40)), ("y", (3, 40, 16))]
)
def test_batches_come_first(observe, shape):
    net, oracle = contrast()
    initial = states(oracle)
    batch = net.trajectory(40, discard=3, initial=initial, observe=observe)
    assert batch.shape == shape
    for row, y in zip(batch, initial, strict=True):
        assert np.array_equal(row, net.trajectory(40, discard=3, initial=y, observe=observe))


def test_a_batch_of_one_and_of_none():
    net, oracle = contrast()
    one = states(oracle, 1)
    assert net.trajectory(5, initial=one).shape == (1, 5, 4)
    assert np.array_equal(net.trajectory(5, initial=one)[0], net.trajectory(5, initial=one[0]))
    assert net.trajectory(5, initial=np.empty((0, 16))).shape == (0, 5, 4)


# Iteration number, then y_0, x_1, x_2.
EARLY_ORBIT = {
    "case 1": [
        (1, "0.000438326020728972", "-0.000185149500794586", "8.178360008169e-05"),
        (10, "4.14879453595444e-05", "0.00014944469853563", "-6.04251265661204e-05"),
        (100, "2.70592547142e-05", "0.00089484461596", "0.00054325585350"),
    ],
    "case 2": [
        (1, "0.00092176225758728", "0.000859957701370329", "-0.000828961334010145"),
        (10, "0.000454712754553437", "0.00184327541242453", "0.000278082678724789"),
        (100, "-0.339008717587", "-0.999297613665", "0.409478101407"),
    ],
    "case 3": [
        (1, "0.0029910802205573", "-0.00126343565095665", "0.00207262381323402"),
        (10, "0.00114307704675339", "0.00303841045303535", "-0.0012926910790281"),
        (100, "-1.70086811562", "-0.988602059312", "0.998734051172"),
    ],
}


@pytest.mark.parametrize("case", ARTICLE)
def test_early_orbit(case):
    net, _ = both(case)
    y0, x = net.trajectory(100, observe="y0"), net.trajectory(100)
    for t, *texts in EARLY_ORBIT[case]:
        assert [y0[t - 1], *x[t - 1, :2]] == [printed(text) for text in texts]


@pytest.mark.parametrize("case", [*ARTICLE, "contrast"])
def test_short_orbits_in_exact_arithmetic(case):
    net, oracle = contrast() if case == "contrast" else both(case)
    # The first steps carry rounding only; on the chaotic net it then grows as exp(0.07 t).
    exact = feedback.mp_trajectory(oracle, 80, observe="y")
    assert net.trajectory(10, observe="y") == pytest.approx(exact[:10], rel=1e-12, abs=1e-16)
    assert net.trajectory(80, observe="y") == pytest.approx(exact, abs=2e-11)
    initial = states(oracle)[0]
    exact = feedback.mp_trajectory(oracle, 30, initial=initial)
    assert net.trajectory(30, initial=initial) == pytest.approx(exact, abs=1e-12)


# --- the origin -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "value"),
    [("case 1", "-3.64572906"), ("case 2", "-0.19543684"), ("case 3", "0.31672037")],
)
def test_one_step_stretch_is_what_the_article_prints(case, value):
    net, oracle = both(case)
    assert net.one_step_stretch() == printed(value)
    assert net.one_step_stretch() == pytest.approx(oracle.one_step_stretch(), rel=1e-14)


def test_one_step_stretch_of_dead_weights():
    assert an.FeedbackNetwork([[0.0, 1.0]], [1.0]).one_step_stretch() == -math.inf
    assert an.FeedbackNetwork([[1.0], [1.0]], [0.0, 1.0]).one_step_stretch() == -math.inf
    assert an.FeedbackNetwork([[3.0], [4.0]], [-2.0, 1.0]).one_step_stretch() == pytest.approx(
        math.log(10.0), rel=1e-14
    )


@pytest.mark.parametrize(
    ("case", "largest", "unstable", "scale", "rotation"),
    [
        ("case 1", "0.012295", 8, "0.173144683", "0.14334475"),
        ("case 2", "0.106583", 12, "0.191207844", "0.33007939"),
        ("case 3", "0.144501", 8, "0.368573254", "0.10213297"),
    ],
)
def test_origin_of_the_article_nets(case, largest, unstable, scale, rotation):
    net, oracle = both(case)
    origin, crossing = net.origin(), oracle.critical_factor()
    assert origin.exponents[0] == printed(largest)
    assert origin.unstable == unstable
    assert origin.critical_factor * ARTICLE[case][2] == printed(scale)
    assert origin.rotation == printed(rotation)
    assert origin.exponents == pytest.approx(oracle.origin_exponents(), abs=1e-11)
    assert origin.critical_factor == pytest.approx(crossing.factor, rel=1e-12)
    assert origin.rotation == pytest.approx(crossing.rotation, abs=1e-10)


def test_origin_exponents_of_a_stable_net():
    pairs = ["-.0462630", "-.0739233", "-.0841400", "-.0860241", "-.0986533", "-.1029403"]
    pairs += ["-.1504164", "-.1938082"]
    origin = drawn(4, 16, 0.2, 174658140)[0].origin()
    assert list(origin.exponents) == [printed(text) for text in pairs for _ in range(2)]
    assert origin.unstable == 0
    assert origin.critical_factor > 1.0


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 6), (5, 9)])
@pytest.mark.parametrize("seed", range(4))
def test_origin_of_other_nets(shape, seed):
    net, oracle = drawn(*shape, 0.8, seed)
    origin, crossing = net.origin(), oracle.critical_factor()
    assert origin.exponents == pytest.approx(oracle.origin_exponents(), abs=1e-11)
    assert origin.critical_factor == pytest.approx(crossing.factor, rel=1e-10)
    assert origin.rotation == pytest.approx(crossing.rotation, abs=1e-9)
    # What it means: a little above the factor the origin is unstable, a little below it is not.
    for factor, unstable in [(1.0 - 1e-6, False), (1.0 + 1e-6, True)]:
        scaled = an.FeedbackNetwork(net.w, net.b * origin.critical_factor * factor)
        assert (scaled.origin().unstable > 0) == unstable


@pytest.mark.parametrize(
    ("w", "factor", "rotation"),
    [
        ([0.5], 2.0, 0.0),  # pitchfork: f w = 1
        ([-4.0], 0.25, 0.5),  # flip: f w = -1
        ([0.0, -0.25], 4.0, 0.25),  # z^2 = -f / 4
        ([1.0, -1.0], 1.0, 1.0 / 6.0),  # z^2 = z - 1: the sixth roots of one
        ([0.0, 0.0, 0.125, 0.0], 8.0, None),  # z^3 = f / 8: three at once, any may be named
    ],
)
def test_origin_by_hand(w, factor, rotation):
    origin = an.FeedbackNetwork([w], [1.0]).origin()
    assert origin.critical_factor == pytest.approx(factor, rel=1e-13)
    if rotation is not None:
        assert origin.rotation == pytest.approx(rotation, abs=1e-12)


def test_origin_loses_stability_at_the_first_crossing():
    # This one is unstable at f = 0.6, stable again at 0.72, and lost for good later.
    w = np.array([[3.0, -3.0, 2.0, -2.0, 2.0, -1.0]])
    first = an.FeedbackNetwork(w, [1.0]).origin().critical_factor
    assert first == pytest.approx(
        feedback.FeedbackNetwork(w, np.array([1.0])).critical_factor().factor, rel=1e-10
    )
    assert [an.FeedbackNetwork(w, [f]).origin().unstable > 0 for f in (0.6, 0.72)] == [True, False]


def test_an_origin_that_never_loses_stability():
    origin = an.FeedbackNetwork([[1.0], [-1.0]], [1.0, 1.0]).origin()
    assert origin.critical_factor == math.inf
    assert math.isnan(origin.rotation)
    assert origin.exponents.tolist() == [-math.inf]
    assert origin.unstable == 0


def test_origin_with_a_dead_end():
    origin = an.FeedbackNetwork([[0.5, 0.0]], [1.0]).origin()
    assert origin.exponents.tolist() == [pytest.approx(math.log(0.5)), -math.inf]
    assert "largest exponent -0.69" in repr(origin)
    assert "critical_factor 2" in repr(origin)


def test_origin_of_weights_whose_product_overflows():
    # Finite weights are the caller's right: whatever comes out, it is no bug of ours.
    try:
        origin = an.FeedbackNetwork([[1e200]], [1e200]).origin()
    except ValueError as error:
        assert "origin" in str(error)  # noqa: PT017
    else:
        assert origin.exponents[0] > 0.0
