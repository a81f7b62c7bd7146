"""The oracles themselves, against cases done by hand and against published numbers.

Golden numbers are written as text where their last digit matters: `printed` turns "1.25" into a
value and the half unit of its last digit.
"""

import math
from decimal import Decimal

import numpy as np
import pytest
from reference import feedback, lyapunov, textbook
from reference.feedback import FeedbackNetwork

# The three nets drawn in the article, as (neurons, inputs, scale, seed).
ARTICLE = {
    "case 1": (4, 32, 0.22, 174658140),
    "case 2": (4, 32, 0.55, 3160697950),
    "case 3": (4, 16, 1.4, 174658140),
}
CASES = list(ARTICLE)


def printed(text, rel=1e-12):
    """Value of a printed number, to be met within its last digit or `rel`, the larger."""
    half_unit = 0.5 * 10.0 ** Decimal(text).as_tuple().exponent
    return pytest.approx(float(text), rel=rel, abs=half_unit)


def net_of(case):
    return FeedbackNetwork.random(*ARTICLE[case])


def chaotic_net():
    return FeedbackNetwork.random(4, 16, 6.0, 174658140)


def tame_nets():
    return [FeedbackNetwork.random(3, 5, 1.3, seed) for seed in range(4)]


@pytest.fixture(scope="module")
def settled():
    """Registers of each article net on its attractor, 20 000 rows."""
    return {case: net_of(case).trajectory(20_000, discard=40_000, observe="y") for case in CASES}


@pytest.fixture(scope="module")
def case3_spectrum():
    """Full spectrum of case 3 and the log of |g_D| along the same steps."""
    net = net_of("case 3")
    result = lyapunov.spectrum(net.step, net.jacobian, net.start(), 40_000, 5_000)
    orbit = net.trajectory(40_000, discard=5_000, observe="y")
    return result, np.log([abs(net.jacobian(y)[0, -1]) for y in orbit])


# --- feedback networks: cases done by hand ----------------------------------------------------


def test_step_by_hand():
    # u = (ln 2, -ln 2), tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 3/5.
    net = FeedbackNetwork(np.array([[1.0, 0.0], [0.0, -1.0]]), np.array([2.0, 5.0]))
    y = np.array([math.log(2.0), math.log(2.0)])
    assert net.hidden(y) == pytest.approx([0.6, -0.6], rel=1e-15)
    assert net.step(y) == pytest.approx([2.0 * 0.6 - 5.0 * 0.6, math.log(2.0)], rel=1e-15)
    # sech^2(ln 2) = 1 - 9/25 = 16/25.
    expected = [[2.0 * 0.64, -5.0 * 0.64], [1.0, 0.0]]
    assert net.jacobian(y) == pytest.approx(np.array(expected), rel=1e-15)


def test_sech2_does_not_cancel():
    u = np.array([0.0, 1.0, -1.0, 30.0, -30.0, 400.0])
    expected = [1.0, math.cosh(1.0) ** -2, math.cosh(1.0) ** -2, 4.0 * math.exp(-60.0)]
    expected += [4.0 * math.exp(-60.0), 0.0]
    assert feedback.sech2(u) == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert 1.0 - math.tanh(30.0) ** 2 == 0.0  # what the plain formula would give


def test_start_and_row_zero():
    net = FeedbackNetwork(np.array([[0.5, 2.0, -1.0], [1.0, 0.0, 0.25]]), np.array([3.0, 4.0]))
    start = np.array([0.007, 0.0, 0.0])
    assert net.start() == pytest.approx(start, rel=1e-15)

    rows = net.trajectory(3, observe="y")
    assert np.array_equal(rows[0], net.start())
    assert np.array_equal(rows[1], net.step(net.start()))
    assert np.array_equal(rows[2], net.step(rows[1]))

    initial = np.array([0.1, -0.2, 0.3])
    rows = net.trajectory(2, initial=initial, observe="y")
    assert np.array_equal(rows[0], net.step(initial))
    assert np.array_equal(rows[1], net.step(net.step(initial)))


@pytest.mark.parametrize("initial", [None, np.array([0.1, -0.2, 0.3, 0.0, 1.0])])
def test_observables_and_discard(initial):
    net = tame_nets()[0]
    y = net.trajectory(20, initial=initial, observe="y")
    assert y.shape == (20, 5)
    assert np.array_equal(net.trajectory(20, initial=initial, observe="y0"), y[:, 0])
    assert np.array_equal(
        net.trajectory(20, initial=initial), np.array([net.hidden(row) for row in y])
    )
    assert np.array_equal(net.trajectory(13, discard=7, initial=initial, observe="y"), y[7:])
    assert net.trajectory(0, initial=initial).shape == (0, 3)
    with pytest.raises(KeyError):
        net.trajectory(1, observe="z")


def test_jacobian_is_the_derivative():
    # A complex nudge h i gives the derivative Im F / h without cancellation.
    for net in tame_nets():
        y = np.random.RandomState(7).uniform(-2.0, 2.0, net.inputs)
        columns = [net.step(y + 1e-30j * e).imag / 1e-30 for e in np.eye(net.inputs)]
        assert net.jacobian(y) == pytest.approx(np.array(columns).T, rel=1e-12, abs=1e-15)


# --- feedback networks: symmetries and bounds -------------------------------------------------


@pytest.mark.parametrize("net", tame_nets())
def test_odd_symmetry(net):
    y = np.random.RandomState(1).uniform(-2.0, 2.0, net.inputs)
    assert np.array_equal(net.step(-y), -net.step(y))
    assert np.array_equal(net.jacobian(-y), net.jacobian(y))


@pytest.mark.parametrize("net", tame_nets())
def test_gauge(net):
    # (w, b) -> (c w, b / c) maps y -> y / c; with a power of two not even rounding differs.
    c = 4.0
    other = FeedbackNetwork(c * net.w, net.b / c)
    initial = np.random.RandomState(2).uniform(-1.0, 1.0, net.inputs)
    y = net.trajectory(50, initial=initial, observe="y")
    assert np.array_equal(other.trajectory(50, initial=initial / c, observe="y"), y / c)
    assert np.array_equal(
        other.trajectory(50, initial=initial / c), net.trajectory(50, initial=initial)
    )
    assert np.array_equal(other.jacobian(y[-1] / c), net.jacobian(y[-1]))


@pytest.mark.parametrize("net", tame_nets())
def test_hidden_units_permute_flip_and_split(net):
    y = np.random.RandomState(3).uniform(-1.0, 1.0, net.inputs)
    permuted = FeedbackNetwork(net.w[[2, 0, 1]], net.b[[2, 0, 1]])
    flipped = FeedbackNetwork(-net.w, -net.b)
    split = FeedbackNetwork(
        np.vstack([net.w, net.w[-1]]), np.append(net.b[:-1], [net.b[-1] / 2, net.b[-1] / 2])
    )
    for other in (permuted, flipped, split):
        assert other.step(y) == pytest.approx(net.step(y), rel=1e-14, abs=1e-15)


def test_zero_column():
    net = tame_nets()[1]
    wider = FeedbackNetwork(np.hstack([net.w, np.zeros((3, 1))]), net.b)
    expected = net.trajectory(200, observe="y0")
    assert wider.trajectory(200, observe="y0") == pytest.approx(expected, rel=1e-10)
    # One exponent more, -inf (for QR: as low as rounding goes), the others unchanged.
    narrow = lyapunov.spectrum(net.step, net.jacobian, net.start(), 2_000, 200)
    wide = lyapunov.spectrum(wider.step, wider.jacobian, wider.start(), 2_000, 200)
    assert wide.exponents[:-1] == pytest.approx(narrow.exponents, abs=2e-3)
    assert wide.exponents[-1] < -30.0


@pytest.mark.parametrize("case", CASES)
def test_bounds(case, settled):
    net = net_of(case)
    total = np.sum(net.b)
    sharp = net.b @ np.tanh(np.abs(net.w).sum(axis=1) * total)
    assert np.max(np.abs(settled[case])) <= sharp < total
    assert np.max(np.abs(np.tanh(settled[case] @ net.w.T))) < 1.0


# --- feedback networks: golden values ---------------------------------------------------------


def test_random_draws_the_published_weights():
    net = net_of("case 1")
    assert net.w.shape == (4, 32)
    assert net.w[0, 0] == -0.42240135003240287
    assert net.w[3, 31] == -0.45102926451724357
    assert net.w.sum() == pytest.approx(-0.799168106287659, rel=1e-13)
    b = [".0274945702648819", ".2053814763692029", ".09011377149057", ".1153362026043169"]
    assert list(net.b) == [printed(text) for text in b]

    net = net_of("case 3")
    assert net.w.shape == (4, 16)
    assert net.w[0, 0] == -0.42240135003240287
    assert net.w[3, 15] == -0.38764992037588542
    assert net.w.sum() == pytest.approx(4.55775403070646, rel=1e-13)
    b = ["1.2687259029610678", ".3944048106350631", ".8673745300228151", ".4605749769383534"]
    assert list(net.b) == [printed(text) for text in b]

    net = net_of("case 2")
    assert net.w[0, 0] == 0.9329497994512741
    assert net.w[3, 31] == 0.60484216236936716
    assert net.w.sum() == pytest.approx(-2.40170518770071, rel=1e-13)
    b = [".5315896840936937", ".0859841911104574", ".2321205387983958", ".0720678435847335"]
    assert list(net.b) == [printed(text) for text in b]


def test_random_is_linear_in_scale():
    one, two = (FeedbackNetwork.random(4, 16, scale, 5) for scale in (1.0, 2.0))
    assert np.array_equal(one.w, two.w)
    assert np.array_equal(2.0 * one.b, two.b)


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


@pytest.mark.parametrize("case", CASES)
def test_early_orbit(case):
    net = net_of(case)
    y0, x = net.trajectory(100, observe="y0"), net.trajectory(100)
    exact_y0 = feedback.mp_trajectory(net, 100, observe="y0")
    exact_x = feedback.mp_trajectory(net, 100)
    for t, *texts in EARLY_ORBIT[case]:
        expected = [printed(text) for text in texts]
        assert [y0[t - 1], *x[t - 1, :2]] == expected
        assert [exact_y0[t - 1], *exact_x[t - 1, :2]] == expected


@pytest.mark.parametrize(
    ("case", "value"),
    [("case 1", "-3.64572906"), ("case 2", "-0.19543684"), ("case 3", "0.31672037")],
)
def test_one_step_stretch(case, value):
    net = net_of(case)
    assert net.one_step_stretch() == printed(value)
    # What it means: nudge x_1 at the origin, look at x one step later.
    nudge = np.zeros(net.inputs)
    nudge[0] = net.b[0] * 1e-8
    assert net.one_step_stretch() == pytest.approx(
        np.log(np.linalg.norm(net.hidden(nudge)) / 1e-8), abs=1e-12
    )


def test_origin_exponents_by_hand():
    # z^2 = z + 1: the golden ratio and its conjugate.
    net = FeedbackNetwork(np.array([[1.0, 1.0]]), np.array([1.0]))
    golden = math.log((1.0 + math.sqrt(5.0)) / 2.0)
    assert net.origin_exponents() == pytest.approx([golden, -golden], rel=1e-14)
    dead_end = FeedbackNetwork(np.array([[0.5, 0.0]]), np.array([1.0]))
    assert dead_end.origin_exponents() == pytest.approx([math.log(0.5), -math.inf])


def test_origin_exponents_golden():
    net = FeedbackNetwork.random(4, 16, 0.2, 174658140)
    pairs = ["-.0462630", "-.0739233", "-.0841400", "-.0860241", "-.0986533", "-.1029403"]
    pairs += ["-.1504164", "-.1938082"]
    exponents = net.origin_exponents()
    assert list(exponents) == [printed(text) for text in pairs for _ in range(2)]
    c = net.b @ net.w
    assert exponents.sum() == pytest.approx(math.log(abs(c[-1])), rel=1e-13)
    # The origin attracts, so the orbit from the article's start has the same exponents.
    result = lyapunov.spectrum(net.step, net.jacobian, net.start(), 20_000, 2_000)
    assert result.exponents == pytest.approx(exponents, abs=1e-4)


@pytest.mark.parametrize(
    ("case", "largest", "unstable"),
    [("case 1", "0.012295", 8), ("case 2", "0.106583", 12), ("case 3", "0.144501", 8)],
)
def test_origin_of_the_article_nets(case, largest, unstable):
    exponents = net_of(case).origin_exponents()
    assert exponents[0] == printed(largest)
    assert np.count_nonzero(exponents > 0.0) == unstable


# --- the first bifurcation of the origin ------------------------------------------------------


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
def test_critical_factor_by_hand(w, factor, rotation):
    crossing = FeedbackNetwork(np.array([w]), np.array([1.0])).critical_factor()
    assert crossing.factor == pytest.approx(factor, rel=1e-13)
    if rotation is not None:
        assert crossing.rotation == pytest.approx(rotation, abs=1e-12)


def test_critical_factor_is_the_first_crossing():
    # This origin loses stability, regains it near f = 0.72, and loses it again.
    w = np.array([[3.0, -3.0, 2.0, -2.0, 2.0, -1.0]])

    def largest(f):
        return FeedbackNetwork(w, np.array([f])).origin_exponents()[0]

    crossing = FeedbackNetwork(w, np.array([1.0])).critical_factor()
    assert 0.49 < crossing.factor < 0.51
    assert largest(0.6) > 0.0 > largest(0.72)
    assert largest(0.8) > 0.0
    assert all(largest(f) < 0.0 for f in np.linspace(0.01, crossing.factor - 1e-9, 300))
    assert largest(crossing.factor + 1e-9) > 0.0


def test_critical_factor_never():
    crossing = FeedbackNetwork(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0])).critical_factor()
    assert crossing.factor == math.inf
    assert math.isnan(crossing.rotation)


@pytest.mark.parametrize(
    ("case", "scale", "rotation"),
    [
        ("case 1", "0.173144683", "0.14334475"),
        ("case 2", "0.191207844", "0.33007939"),
        ("case 3", "0.368573254", "0.10213297"),
    ],
)
def test_critical_scale_golden(case, scale, rotation):
    crossing = net_of(case).critical_factor()
    assert crossing.factor * ARTICLE[case][2] == printed(scale)
    assert crossing.rotation == printed(rotation)


# --- other ways to the same orbit -------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_article_orbit_is_the_trajectory(case):
    net = net_of(case)
    orbit = feedback.article_orbit(net, 300, discard=20)
    assert orbit.x == pytest.approx(net.trajectory(300, discard=20), rel=1e-9, abs=1e-12)
    assert orbit.y == pytest.approx(
        net.trajectory(300, discard=20, observe="y"), rel=1e-9, abs=1e-12
    )
    # Row 0 exactly: the article's first iteration *is* the start state.
    assert np.array_equal(feedback.article_orbit(net, 1).y[0], net.start())


def test_mp_trajectory():
    net = chaotic_net()
    exact = feedback.mp_trajectory(net, 100, observe="y")
    assert np.array_equal(exact, feedback.mp_trajectory(net, 100, digits=80, observe="y"))
    assert net.trajectory(100, observe="y") == pytest.approx(exact, abs=1e-10)
    assert np.array_equal(feedback.mp_trajectory(net, 100, observe="y0"), exact[:, 0])
    assert feedback.mp_trajectory(net, 0).shape == (0, 4)
    initial = np.linspace(-1.0, 1.0, 16)
    exact = feedback.mp_trajectory(net, 30, initial=initial)
    assert net.trajectory(30, initial=initial) == pytest.approx(exact, abs=1e-11)


# --- Lyapunov exponents: cases done by hand ---------------------------------------------------


def linear_spectrum(matrix, steps=2_000, **options):
    # Only the tangent matters for a linear map, so the state stays where it is.
    start = np.zeros(len(matrix))
    return lyapunov.spectrum(lambda y: y, lambda y: matrix, start, steps, 200, **options)


def test_spectrum_of_linear_maps():
    diagonal = np.diag([0.5, 3.0, 1.0])
    expected = [math.log(3.0), 0.0, -math.log(2.0)]
    assert linear_spectrum(diagonal).exponents == pytest.approx(expected, abs=1e-12)
    assert linear_spectrum(diagonal, k=2).exponents == pytest.approx(expected[:2], abs=1e-12)
    shear = np.array([[2.0, 5.0], [0.0, 0.25]])
    expected = [math.log(2.0), -math.log(4.0)]
    assert linear_spectrum(shear).exponents == pytest.approx(expected, abs=1e-12)
    spiral = 0.9 * np.array([[0.6, -0.8], [0.8, 0.6]])
    assert linear_spectrum(spiral).exponents == pytest.approx([math.log(0.9)] * 2, abs=1e-12)
    assert linear_spectrum(np.zeros((1, 1))).exponents == [-math.inf]


def test_spectrum_of_the_cat_map():
    result = linear_spectrum(np.array([[2.0, 1.0], [1.0, 1.0]]))
    expected = math.log((3.0 + math.sqrt(5.0)) / 2.0)
    assert result.exponents == pytest.approx([expected, -expected], abs=1e-12)
    assert lyapunov.entropy(result.exponents) == pytest.approx(expected)
    assert lyapunov.kaplan_yorke(result.exponents, tolerance=1e-9) == pytest.approx(2.0)


def test_spectrum_blocks_and_seed():
    net = net_of("case 3")
    args = (net.step, net.jacobian, net.start(), 103, 10)
    result = lyapunov.spectrum(*args, blocks=103)
    assert result.block_values.shape == (103, 16)
    assert result.exponents == pytest.approx(result.block_values.mean(axis=0), rel=1e-12)
    four = lyapunov.spectrum(*args, blocks=4)
    assert four.block_values[0] == pytest.approx(result.block_values[:26].mean(axis=0), rel=1e-12)
    assert four.standard_error.shape == (16,)
    assert np.array_equal(lyapunov.spectrum(*args).exponents, result.exponents)
    assert not np.array_equal(lyapunov.spectrum(*args, seed=1).exponents, result.exponents)


def test_one_neuron_one_input():
    # y' = b tanh(w y) settles at y* = b tanh(w y*), where lambda = ln|b w sech^2(w y*)|.
    net = FeedbackNetwork(np.array([[1.5]]), np.array([2.0]))
    fixed = net.trajectory(1, discard=200, observe="y")[0]
    assert net.step(fixed) == pytest.approx(fixed, rel=1e-14)
    result = lyapunov.spectrum(net.step, net.jacobian, net.start(), 100, 200)
    expected = math.log(3.0) - 2.0 * math.log(math.cosh(1.5 * fixed[0]))
    assert result.exponents == pytest.approx([expected], rel=1e-12)


def test_two_neuron_logistic_net():
    # Sprott's f(x) = p tanh(q x) - r x, nearly the logistic map; its exponent is 0.690714(17).
    p, q, r = 5.97811605717192, 1.42668906710772, 5.32641819604181
    assert p * math.tanh(q * 0.5) - r * 0.5 == pytest.approx(1.0, abs=1e-12)
    result = lyapunov.spectrum(
        lambda x: p * np.tanh(q * x) - r * x,
        lambda x: np.array([[p * q * feedback.sech2(q * x[0]) - r]]),
        np.array([0.3]),
        60_000,
        100,
        blocks=20,
    )
    error = math.hypot(result.standard_error[0], 1.7e-5)
    assert error < 1e-2
    assert result.exponents[0] == pytest.approx(0.690714, abs=5.0 * error)


def test_kaplan_yorke_by_hand():
    assert lyapunov.kaplan_yorke([0.5, 0.0, -1.0]) == 2.5
    assert lyapunov.kaplan_yorke([-1.0, 0.5, 0.0]) == 2.5  # any order
    assert lyapunov.kaplan_yorke([-0.1, -0.2]) == 0.0
    assert lyapunov.kaplan_yorke([0.3, 0.1]) == 2.0
    assert lyapunov.kaplan_yorke([0.0, -0.1]) == 1.0
    assert lyapunov.kaplan_yorke([1.0, -0.25, -0.25, -1.0]) == 3.5
    assert lyapunov.kaplan_yorke([0.5, -math.inf]) == 1.0
    # A circle, with the rounding of its neutral exponent on either side of 0.
    for noise in (1e-9, -1e-9):
        assert lyapunov.kaplan_yorke([noise, -0.1], tolerance=1e-6) == 1.0
    assert lyapunov.kaplan_yorke([-1e-9, -0.1]) == 0.0


def test_entropy_by_hand():
    assert lyapunov.entropy([0.5, 0.25, 0.0, -3.0]) == 0.75
    assert lyapunov.entropy([-1.0, -math.inf]) == 0.0


def test_weighted_birkhoff_by_hand():
    # Three values: t = 1/4, 1/2, 3/4, so the weights are e^{-16/3}, e^{-4}, e^{-16/3}.
    outer, inner = math.exp(-16.0 / 3.0), math.exp(-4.0)
    expected = (1.0 * outer + 5.0 * inner + 2.0 * outer) / (2.0 * outer + inner)
    assert lyapunov.weighted_birkhoff([1.0, 5.0, 2.0]) == pytest.approx(expected, rel=1e-14)
    columns = np.array([[1.0, 2.0], [5.0, 10.0], [2.0, 4.0]])
    assert lyapunov.weighted_birkhoff(columns) == pytest.approx([expected, 2.0 * expected])
    # A smooth function of a rotation: exact to rounding, where a plain mean errs by 1e-4.
    angle = 2.0 * math.pi * ((math.sqrt(5.0) - 1.0) / 2.0) * np.arange(5_000)
    values = np.exp(np.cos(angle))
    assert lyapunov.weighted_birkhoff(values) == pytest.approx(np.i0(1.0), rel=1e-13)
    assert abs(values.mean() - np.i0(1.0)) > 1e-6


# --- Lyapunov exponents: identities and golden values -----------------------------------------


def test_spectrum_of_case_3(case3_spectrum):
    published = [0.0, -0.021027, -0.021017, -0.035769, -0.035766, -0.046744, -0.046744]
    published += [-0.067738, -0.067738, -0.074277, -0.074279, -0.116884, -0.128313]
    published += [-0.176906, -0.176906, -0.186446]
    result, _ = case3_spectrum
    # The published values are themselves good to about 1e-5.
    tolerance = 5.0 * result.standard_error + 2e-5
    assert np.max(tolerance) < 4e-4
    assert np.all(np.abs(result.exponents - published) < tolerance)
    assert lyapunov.kaplan_yorke(result.exponents, tolerance=tolerance[0]) == 1.0


def test_sum_of_exponents_is_the_mean_log_determinant(case3_spectrum):
    result, log_gain = case3_spectrum
    assert result.exponents.sum() == pytest.approx(log_gain.mean(), abs=1e-12)


def test_partial_sums_are_below_the_singular_values():
    net = net_of("case 3")
    result = lyapunov.spectrum(net.step, net.jacobian, net.start(), 2_000, 500)
    orbit = net.trajectory(2_000, discard=500, observe="y")
    jacobians = np.array([net.jacobian(y) for y in orbit])
    values = np.linalg.svd(jacobians, compute_uv=False)
    bounds = np.cumsum(np.log(values).mean(axis=0))
    assert np.all(np.cumsum(result.exponents) <= bounds + 1e-9)
    # Both full products are |det J|.
    assert result.exponents.sum() == pytest.approx(bounds[-1], abs=1e-10)


@pytest.mark.parametrize("case", CASES)
def test_article_attractors_are_neutral(case):
    net = net_of(case)
    logs = lyapunov.spectrum(
        net.step, net.jacobian, net.start(), 20_000, 20_000, k=1, blocks=20_000
    ).block_values[:, 0]
    assert abs(lyapunov.weighted_birkhoff(logs)) < 1e-8


def test_larger_scale_is_chaotic():
    net = chaotic_net()
    result = lyapunov.spectrum(net.step, net.jacobian, net.start(), 30_000, 2_000, k=2, blocks=20)
    error = math.hypot(result.standard_error[0], 8e-5)
    assert result.exponents[0] == pytest.approx(0.06903, abs=5.0 * error)
    assert result.exponents[0] > 10.0 * error


# rotation number, <y_0^2>, <|x_1|>, <ln|g_D|>, max|x_1|, max|x_2|, max|y_0|, occupied fraction
ATTRACTOR = {
    "case 1": (0.14277308, "2.8533701593e-2", 0.485589779, -1.945786396)
    + (0.7155709, 0.4501066, 0.2357784, "0.0254"),
    "case 2": (0.23713132, "2.9464751439e-1", 0.865574029, -2.81599)
    + (0.9997170, 0.9102495, 0.7430969, "0.0448"),
    "case 3": (0.10332395, "1.1952136669", 0.86148970, -1.276550482)
    + (0.9998695, 0.9843696, 1.908718, "0.0438"),
}


@pytest.mark.parametrize("case", CASES)
def test_attractor_golden(case, settled):
    net, y = net_of(case), settled[case]
    rotation, power, mean_x1, gain, max_x1, max_x2, max_y0, occupied = ATTRACTOR[case]
    x = np.tanh(y @ net.w.T)

    # The circle winds once around 0 in the plane of two successive outputs.
    turns = np.angle(np.exp(1j * np.diff(np.angle(y[:, 0] + 1j * y[:, 1])))) / (2.0 * np.pi)
    # Published as the place of a spectral line, which is good to one unit of its last digit.
    assert lyapunov.weighted_birkhoff(turns) == pytest.approx(rotation, abs=1e-8)
    assert lyapunov.weighted_birkhoff(y[:, 0] ** 2) == printed(power, rel=1e-9)
    assert lyapunov.weighted_birkhoff(y[:, 0]) == pytest.approx(0.0, abs=1e-8)

    # |x_1| has kinks, and in case 2 g_D has zeros: the averages converge more slowly.
    assert lyapunov.weighted_birkhoff(np.abs(x[:, 0])) == pytest.approx(mean_x1, abs=3e-7)
    log_gain = np.log([abs(net.jacobian(row)[0, -1]) for row in y])
    tolerance = 1e-3 if case == "case 2" else 2e-9
    assert lyapunov.weighted_birkhoff(log_gain) == pytest.approx(gain, abs=tolerance)

    assert np.abs(x[:, :2]).max(axis=0) == pytest.approx([max_x1, max_x2], abs=2e-6)
    assert np.abs(y).max() == pytest.approx(max_y0, abs=2e-6)

    picture = net.trajectory(100_000, discard=1_000)
    counts, *_ = np.histogram2d(picture[:, 0], picture[:, 1], bins=100, range=[[-1, 1]] * 2)
    assert np.mean(counts > 0) == printed(occupied)


def test_textbook_steps_by_hand():
    def image(name, *state):
        return textbook.SYSTEMS[name].function(np.array(state))

    assert image("Henon", 0.5, 1.0) == pytest.approx([1.65, 0.15])
    assert image("Tinkerbell", 1.0, 2.0) == pytest.approx([-3.3, 7.0])
    assert image("Ikeda", 1.0, 0.0) == pytest.approx(
        [1.0 + 0.9 * math.cos(2.6), -0.9 * math.sin(2.6)]
    )
    assert image("ArnoldCat", 0.75, 0.5) == pytest.approx([0.25, 0.75])
    assert image("Lorenz", 1.0, 2.0, 3.0) == pytest.approx([10.0, 23.0, -6.0])
    assert image("Halvorsen", 1.0, 2.0, 3.0) == pytest.approx([-25.27, -27.54, -16.81])
    assert image("Lorenz84", 1.0, 2.0, 3.0) == pytest.approx([-11.25, -11.0, 8.0])
    assert image("MooreSpiegel", 0.5, 2.0, 3.0) == pytest.approx([2.0, 3.0, 12.0])
    # x' = -x: the first five terms of exp(-h).
    decay = textbook.runge_kutta_4(lambda s: -s, 0.5)
    assert decay(1.0) == pytest.approx(1.0 - 0.5 + 0.125 - 0.125 / 6.0 + 0.0625 / 24.0, rel=1e-15)


def ensemble_exponent(step, start, steps, discard, orbits, h=1e-8):
    """Largest exponent and its standard error from many orbits at once, by differences."""
    stream = np.random.RandomState(0)
    # From places all along one orbit, so that phases differ even where chaos does not mix them.
    places = [np.array(start)]
    for _ in range(10 * orbits):
        places.append(step(places[-1]))
    s = np.array(places[orbits::9][:orbits]).T
    s *= 1.0 - 1e-3 * stream.random_sample(s.shape)  # inwards, where nothing escapes
    v = stream.standard_normal(s.shape)
    logs = np.zeros(orbits)
    for t in range(discard + steps):
        v /= np.linalg.norm(v, axis=0)
        s, v = step(s), (step(s + h * v) - step(s - h * v)) / (2.0 * h)
        if t >= discard:
            logs += np.log(np.linalg.norm(v, axis=0))
    return np.array([np.mean(logs), np.std(logs) / math.sqrt(orbits)]) / steps


def check_published(case, step, time_step, steps, discard, orbits):
    start = textbook.SYSTEMS[case.name].start
    exponent, error = ensemble_exponent(step, start, steps, discard, orbits) / time_step
    assert error < 0.01
    assert exponent == pytest.approx(case.exponent, abs=case.half_unit + 4.0 * error + 1e-6)


def published(of_flows):
    cases = [
        case
        for case in textbook.PUBLISHED
        if (textbook.SYSTEMS[case.name].time_step is not None) is of_flows
    ]
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


@published(of_flows=False)
def test_published_exponents_of_maps(case):
    step = textbook.SYSTEMS[case.name].function
    check_published(case, step, 1.0, steps=500, discard=200, orbits=2000)


@pytest.mark.slow
@published(of_flows=True)
def test_published_exponents_of_flows(case):
    rhs, _, time_step, _ = textbook.SYSTEMS[case.name]
    step = textbook.runge_kutta_4(rhs, time_step)
    # Long enough for 1e-3 to grow to the attractor's size before the average begins.
    discard = int(10.0 / max(case.exponent, 0.1) / time_step)
    check_published(case, step, time_step, steps=5000, discard=discard, orbits=500)


def test_every_textbook_start_leads_to_an_attractor():
    for name, system in textbook.SYSTEMS.items():
        step, s = system.function, np.array(system.start)
        if system.time_step is not None:
            step = textbook.runge_kutta_4(step, system.time_step)
        for _ in range(2000):
            s = step(s)
        before = s
        for _ in range(10):
            s = step(s)
        assert np.all(np.abs(s) < 1e3), name
        assert not np.allclose(s, before, atol=1e-3), name  # not a fixed point either
