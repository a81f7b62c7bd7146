"""Measures of point sets and series: dimension, the 0-1 test, recurrence; against NumPy, exactly
where the count is exact, and against sets whose value is known."""

import inspect
import itertools
import math
import pickle

import numpy as np
import pytest

import attractornet as an

HENON = an.textbook.Henon()
ORBIT = HENON.trajectory(400, discard=100)
SERIES = an.textbook.Logistic().trajectory(400, discard=100)[:, 0]
ARRAYS = {
    "CorrelationDimension": {"radii", "correlation_sum", "slopes"},
    "ZeroOne": {"angles", "values"},
    "Recurrence": {"diagonal_lines", "vertical_lines"},
}
NUMBERS = {
    "CorrelationDimension": {"dimension", "scatter", "smallest", "largest", "status"},
    "ZeroOne": {"k"},
    "Recurrence": {
        "threshold", "rate", "determinism", "mean_diagonal", "longest_diagonal", "entropy",
        "laminarity", "trapping_time",
    },
}  # fmt: skip
FIELDS = {
    an.correlation_dimension: ["theiler", "smallest", "largest"],
    an.zero_one_test: ["angles", "seed"],
    an.recurrence: ["threshold", "theiler", "least_line"],
}
CALLS = {
    "correlation_dimension": lambda **options: an.correlation_dimension(ORBIT, **options),
    "zero_one_test": lambda **options: an.zero_one_test(SERIES, **options),
    "recurrence": lambda **options: an.recurrence(ORBIT, **options),
}
EACH = pytest.mark.parametrize("name", CALLS)


class Stop(Exception):
    """What a progress function of these tests raises."""


def members(result):
    return {name: getattr(result, name) for name in dir(result) if not name.startswith("_")}


def same(one, two):
    left, right = members(one), members(two)
    return list(left) == list(right) and all(
        np.asarray(left[name]).tobytes() == np.asarray(right[name]).tobytes() for name in left
    )


# --- what all three have in common ----------------------------------------------------------------


@EACH
def test_keywords_are_the_fields(name):
    function = getattr(an, name)
    assert [field.name for field in an.fields(function)] == FIELDS[function]
    signature = inspect.getdoc(function).partition("\n")[0]
    assert all(f"{field}: " in signature for field in FIELDS[function])
    defaults = {field.name: field.default for field in an.fields(function)}
    assert same(CALLS[name](**defaults, threads=None, progress=False), CALLS[name]())


@EACH
def test_shapes_and_types(name):
    result = CALLS[name]()
    kind = type(result).__name__
    assert getattr(an, kind) is type(result)
    assert set(members(result)) == ARRAYS[kind] | NUMBERS[kind]
    for each in ARRAYS[kind]:
        expected = np.int64 if kind == "Recurrence" else np.float64
        assert getattr(result, each).dtype == expected
        assert getattr(result, each).ndim == 1
    for each in NUMBERS[kind]:
        expected = {"longest_diagonal": int, "status": str}.get(each, float)
        assert type(getattr(result, each)) is expected


@EACH
def test_members_cannot_be_changed_and_arrays_are_the_callers_own(name):
    result = CALLS[name]()
    for each, value in members(result).items():
        with pytest.raises(AttributeError):
            setattr(result, each, 1)
        if isinstance(value, np.ndarray):
            value[...] = 7
    assert same(result, CALLS[name]())


@EACH
def test_repr_fits_a_line(name):
    result = CALLS[name]()
    assert repr(result).startswith(f"{type(result).__name__}(")
    assert "\n" not in repr(result)
    assert len(repr(result)) < 100


@EACH
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_equal(name, protocol):
    result = CALLS[name]()
    again = pickle.loads(pickle.dumps(result, protocol))
    assert repr(again) == repr(result)
    assert same(again, result)


@EACH
def test_results_do_not_depend_on_threads(name):
    assert same(CALLS[name](threads=1), CALLS[name](threads=5))


@EACH
def test_progress_is_told(name):
    told = []
    CALLS[name](progress=lambda *pair: told.append(pair))
    done = [each for each, _ in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1] > 0


@EACH
@pytest.mark.parametrize("kind", [Stop, KeyboardInterrupt, SystemExit])
def test_what_progress_raises_reaches_the_caller(name, kind):
    error = kind("from progress")

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        CALLS[name](progress=tell)
    assert caught.value is error


@pytest.mark.parametrize("function", [an.correlation_dimension, an.recurrence])
def test_points_may_be_a_series(function):
    assert same(function(SERIES), function(SERIES[:, None]))
    with pytest.raises(ValueError, match=rf"{function.__name__}: points has shape \(2, 2, 2\)"):
        function(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match=rf"{function.__name__}: points holds nan"):
        function([0.0, math.nan])
    with pytest.raises(TypeError, match=rf"{function.__name__}: points = 'x': expected"):
        function("x")


# --- the correlation dimension --------------------------------------------------------------------


@pytest.mark.parametrize("theiler", [0, 5, 100])
def test_the_correlation_sum_is_a_count_of_pairs(theiler):
    result = an.correlation_dimension(ORBIT, theiler=theiler)
    i, j = np.triu_indices(len(ORBIT), theiler + 1)
    distances = np.linalg.norm(ORBIT[i] - ORBIT[j], axis=1)
    expected = [np.mean(distances < r) for r in result.radii]
    # A distance on the edge of a bin, give or take a rounding.
    assert result.correlation_sum == pytest.approx(expected, abs=3.0 / len(distances))
    assert np.all(np.diff(result.radii) > 0.0)
    assert result.correlation_sum[-1] == 1.0


SETS = {
    "a line": (1.0, lambda rng: rng.uniform(size=6_000)),
    "a square": (2.0, lambda rng: rng.uniform(size=(6_000, 2))),
    "a circle": (
        1.0,
        lambda rng: np.array([[math.cos(t), math.sin(t)] for t in rng.uniform(0, 6.3, 6_000)]),
    ),
}


@pytest.mark.parametrize(("value", "make"), SETS.values(), ids=SETS)
def test_sets_of_known_dimension(value, make):
    result = an.correlation_dimension(make(np.random.default_rng(4)), theiler=0)
    assert result.dimension == pytest.approx(value, abs=0.06)
    assert 0.0 < result.scatter < 0.05 * value
    assert result.largest >= 2.0 * result.smallest


def test_a_cantor_set_over_whole_generations():
    # Its slope goes up and down with every factor of 3; over whole factors the mean is exact.
    digits = np.random.default_rng(4).integers(0, 2, (6_000, 30))
    points = digits @ (2.0 / 3.0 ** np.arange(1, 31))
    result = an.correlation_dimension(points, theiler=0, smallest=3.0**-8, largest=3.0**-3)
    assert result.dimension == pytest.approx(math.log(2.0) / math.log(3.0), abs=0.02)


def test_the_henon_map():
    # 1.22 +- 0.03: P. Grassberger, Phys. Lett. A 97 (1983) 224 and others.
    result = an.correlation_dimension(HENON.trajectory(10_000, discard=100))
    assert result.dimension == pytest.approx(1.21, abs=0.05)


def test_the_range_can_be_given():
    result = an.correlation_dimension(ORBIT, theiler=10, smallest=0.05, largest=0.5)
    assert 0.05 <= result.smallest < 0.055
    assert 0.5 <= result.largest < 0.55
    used = (result.radii >= result.smallest) & (result.radii <= result.largest)
    assert result.dimension == pytest.approx(result.slopes[used].mean())
    assert result.scatter == pytest.approx(result.slopes[used].std())
    with pytest.raises(ValueError, match="correlation_dimension: smallest = 1"):
        an.correlation_dimension(ORBIT, smallest=1.0, largest=0.5)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="correlation_dimension: points = 150: expected at least"):
        an.correlation_dimension(ORBIT[:150])


def test_one_repeated_point_has_no_range():
    result = an.correlation_dimension(np.zeros((300, 2)))
    assert math.isnan(result.dimension)
    assert math.isnan(result.scatter)


# --- the 0-1 test ---------------------------------------------------------------------------------


def zero_one(series, angle):
    """K of one angle, as Gottwald and Melbourne (2009) define it, by correlation."""
    count = len(series)
    cut = count // 10
    t = np.arange(1, count + 1)
    p, q = np.cumsum(series * np.cos(angle * t)), np.cumsum(series * np.sin(angle * t))
    lags = np.arange(1, cut + 1)
    length = count - cut
    m = np.array(
        [
            np.mean((p[n : n + length] - p[:length]) ** 2 + (q[n : n + length] - q[:length]) ** 2)
            for n in lags
        ]
    )
    oscillation = np.mean(series) ** 2 * (1.0 - np.cos(lags * angle)) / (1.0 - np.cos(angle))
    d = m - oscillation
    return np.corrcoef(lags, d)[0, 1]


def test_each_angle_is_the_definition():
    result = an.zero_one_test(SERIES, angles=20)
    assert result.angles.shape == result.values.shape == (20,)
    for angle, value in zip(result.angles, result.values, strict=True):
        assert value == pytest.approx(zero_one(SERIES, angle), abs=1e-6)
    assert result.k == pytest.approx(np.median(result.values))


def test_angles_are_drawn_from_the_seed():
    one, again, other = (an.zero_one_test(SERIES, angles=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.angles, again.angles)
    assert not np.array_equal(one.angles, other.angles)
    for result in (one, other):
        assert np.all((result.angles > math.pi / 5.0) & (result.angles < 4.0 * math.pi / 5.0))


@pytest.mark.parametrize(("r", "chaotic"), [(3.5, False), (3.83, False), (3.97, True), (4.0, True)])
def test_chaos_is_1_and_order_0(r, chaotic):
    series = an.textbook.Logistic(r=r).trajectory(2_000, discard=1_000)[:, 0]
    k = an.zero_one_test(series).k
    assert k > 0.95 if chaotic else abs(k) < 0.1


def test_a_series_has_one_axis():
    with pytest.raises(ValueError, match="zero_one_test: series has shape"):
        an.zero_one_test(ORBIT)


# --- recurrence -----------------------------------------------------------------------------------


def lengths_of_runs(lines):
    return [len(list(run)) for line in lines for recurs, run in itertools.groupby(line) if recurs]


@pytest.mark.parametrize(
    ("threshold", "theiler", "least"), [(None, 1, 2), (0.3, 1, 4), (0.2, 7, 3)]
)
def test_recurrence_is_the_definition(threshold, theiler, least):
    points = ORBIT[:200]
    result = an.recurrence(points, threshold=threshold, theiler=theiler, least_line=least)
    if threshold is None:
        threshold = 0.1 * np.ptp(points, axis=0).max()
    assert result.threshold == pytest.approx(threshold, rel=1e-15)
    near = np.linalg.norm(points[:, None] - points, axis=2) <= result.threshold
    i, j = np.indices(near.shape)
    near &= np.abs(i - j) >= theiler
    count = len(points)
    diagonal = lengths_of_runs(np.diagonal(near, lag) for lag in range(theiler, count))
    vertical = lengths_of_runs(near)
    assert np.array_equal(result.diagonal_lines, np.bincount(diagonal))
    assert np.array_equal(result.vertical_lines, np.bincount(vertical))
    pairs = (count - theiler) * (count - theiler + 1) / 2
    assert result.rate == pytest.approx(sum(diagonal) / pairs)
    long = np.array([length for length in diagonal if length >= least])
    assert result.determinism == pytest.approx(long.sum() / sum(diagonal))
    assert result.mean_diagonal == pytest.approx(long.mean())
    assert result.longest_diagonal == max(diagonal)
    shares = np.unique(long, return_counts=True)[1] / len(long)
    assert result.entropy == pytest.approx(-np.sum(shares * np.log(shares)))
    tall = np.array([length for length in vertical if length >= least])
    assert result.laminarity == pytest.approx(tall.sum() / sum(vertical))
    assert result.trapping_time == pytest.approx(tall.mean() if len(tall) else 0.0)


def test_order_is_deterministic_and_noise_is_not():
    torus = an.feedback.PUBLISHED[0].network().trajectory(500, discard=10_000)
    noise = np.random.default_rng(6).normal(size=(500, 4))
    assert an.recurrence(torus).determinism > 0.95
    assert an.recurrence(noise, threshold=1.0).determinism < 0.6
    assert an.recurrence(torus).longest_diagonal > 400


def test_a_cycle_returns_for_ever():
    cycle = an.textbook.Logistic(r=3.5).trajectory(100, discard=1_000)
    result = an.recurrence(cycle, threshold=1e-6)
    assert result.longest_diagonal == 96
    assert result.determinism == 1.0


def test_what_never_recurs_has_no_lines():
    result = an.recurrence(np.arange(50.0), threshold=0.5)
    assert (result.rate, result.determinism, result.longest_diagonal) == (0.0, 0.0, 0)
    assert result.entropy == 0.0


def test_too_few_points_do_not_recur():
    with pytest.raises(ValueError, match="recurrence: points = 2: expected at least theiler"):
        an.recurrence([0.0, 1.0])


# --- spectra pickle too ---------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_spectra_and_origins_pickle(protocol):
    net = an.FeedbackNetwork.random(inputs=4)
    spectrum = an.lyapunov_spectrum(net, steps=2_000)
    again = pickle.loads(pickle.dumps(spectrum, protocol))
    assert repr(again) == repr(spectrum)
    for each, value in members(spectrum).items():
        if not callable(value):
            assert np.asarray(getattr(again, each)).tobytes() == np.asarray(value).tobytes()
    assert np.array_equal(again.error_bars(), spectrum.error_bars())
    origin = pickle.loads(pickle.dumps(net.origin(), protocol))
    assert same(origin, net.origin())


def test_a_pickle_of_nonsense_is_refused():
    for result in (CALLS[name]() for name in CALLS):
        empty = type(result).__new__(type(result))
        with pytest.raises((ValueError, TypeError), match=type(result).__name__):
            empty.__setstate__({})
        with pytest.raises(TypeError, match=f"{type(result).__name__}.* never initialised"):
            pickle.dumps(type(result).__new__(type(result)))
