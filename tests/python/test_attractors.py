"""Coexisting attractors and their basins, on systems where both are known."""

import inspect
import math
import pickle

import numpy as np
import pytest

import attractornet as an

# Fixed points at +-1 that attract whatever starts on their side, and a saddle between.
BISTABLE = an.FeedbackNetwork([[2.0]], [1.0])
# Two fixed points and a cycle of period 2.
THREE = an.FeedbackNetwork.random(neurons=4, inputs=2, scale=3.5, seed=14)
HENON = an.textbook.Henon()
OPTIONS = ["discard", "horizon", "max_period", "seed"]
QUICK = {"horizon": 20_000, "discard": 1_000}


class Stop(Exception):
    """What a progress function of these tests raises."""


def starts(count=60, dimension=2, width=3.0):
    return np.random.default_rng(1).uniform(-width, width, (count, dimension))


@pytest.fixture(scope="module")
def three():
    return an.attractors(THREE, starts(), **QUICK)


@pytest.fixture(scope="module")
def plane():
    return an.basins(THREE, np.linspace(-3.0, 3.0, 14), np.linspace(-2.0, 2.0, 10), **QUICK)


def same(one, two):
    """Whether two results are equal in all that they are made of, to the bit."""
    left, right = one.__getstate__(), two.__getstate__()
    assert list(left) == list(right)
    for name, value in left.items():
        if isinstance(value, tuple):
            assert len(value) == len(right[name])
            assert all(same(*pair) for pair in zip(value, right[name], strict=True))
        elif hasattr(value, "__getstate__") and type(value).__module__.startswith("attractornet"):
            assert same(value, right[name])
        else:
            assert np.asarray(value).tobytes() == np.asarray(right[name]).tobytes(), name
    return True


# --- arguments and results ------------------------------------------------------------------------


@pytest.mark.parametrize("function", [an.attractors, an.basins])
def test_keywords_are_the_fields(function):
    assert [field.name for field in an.fields(function)] == OPTIONS
    signature = inspect.getdoc(function).partition("\n")[0]
    for field in an.fields(function):
        assert f"{field.name}: {field.type} = {field.default}" in signature


def test_defaults_are_those_of_the_fields():
    defaults = {field.name: field.default for field in an.fields(an.attractors)}
    few = starts(6)
    full = an.attractors(THREE, few, **defaults, threads=None, progress=False)
    assert same(full, an.attractors(THREE, few))
    u, v = [-1.0, 2.0], [0.5, 1.0, 1.5]
    full = an.basins(
        THREE, u, v, u_axis=0, v_axis=1, base=None, **defaults, threads=None, progress=False
    )
    assert same(full, an.basins(THREE, u, v))


def test_shapes_and_types(three):
    assert isinstance(three, an.AttractorSet)
    assert isinstance(three.attractors, tuple)
    assert three.labels.shape == (60,)
    assert three.labels.dtype == np.int64
    assert three.diverged_share == 0.0
    for attractor in three.attractors:
        assert isinstance(attractor, an.Attractor)
        assert isinstance(attractor.classification, an.Classification)
        assert attractor.kind == attractor.classification.kind
        assert isinstance(attractor.share, float)
        assert attractor.mean.shape == (2,)
        assert attractor.points.ndim == 2
        assert attractor.points.shape[1] == 2
        assert np.all(np.isfinite(attractor.points))


def test_shapes_of_basins(plane):
    assert isinstance(plane, an.Basins)
    assert plane.labels.shape == (10, 14)
    assert plane.labels.dtype == np.int64
    assert np.array_equal(plane.u, np.linspace(-3.0, 3.0, 14))
    assert np.array_equal(plane.v, np.linspace(-2.0, 2.0, 10))
    assert (plane.u_axis, plane.v_axis) == (0, 1)
    assert sum(attractor.share for attractor in plane.attractors) == pytest.approx(1.0)


def test_reprs_fit_a_line(three, plane):
    for each in (three, plane, *three.attractors):
        assert repr(each).startswith(f"{type(each).__name__}(")
        assert "\n" not in repr(each)
    assert "10 x 14 starts" in repr(plane)
    assert "3 attractors" in repr(three)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_equal(three, plane, protocol):
    for each in (three, plane, three.attractors[0]):
        again = pickle.loads(pickle.dumps(each, protocol))
        assert type(again) is type(each)
        assert repr(again) == repr(each)
        assert same(again, each)
    again = pickle.loads(pickle.dumps(plane, protocol))
    assert np.array_equal(again.labels, plane.labels)
    assert np.array_equal(again.attractors[0].points, plane.attractors[0].points)


def test_members_cannot_be_changed(three, plane):
    for each in (three, plane, three.attractors[0]):
        for name in [name for name in dir(each) if not name.startswith("_")]:
            with pytest.raises(AttributeError):
                setattr(each, name, 1)


def test_results_do_not_depend_on_threads():
    one, many = (an.attractors(THREE, starts(20), threads=n, **QUICK) for n in (1, 3))
    assert same(one, many)


# --- what is found --------------------------------------------------------------------------------


def test_each_side_has_its_fixed_point():
    values = np.linspace(-2.0, 2.0, 40).reshape(-1, 1)
    found = an.attractors(BISTABLE, values, **QUICK)
    assert [each.kind for each in found.attractors] == ["fixed point"] * 2
    assert [each.share for each in found.attractors] == [0.5, 0.5]
    # x = tanh 2x
    for label, start in zip(found.labels, values, strict=True):
        mean = found.attractors[label].mean
        assert np.sign(mean) == np.sign(start)
        assert mean == pytest.approx(np.tanh(2.0 * mean), abs=1e-9)


def test_attractors_come_by_share(three):
    shares = [each.share for each in three.attractors]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    for label, share in enumerate(shares):
        assert np.mean(three.labels == label) == pytest.approx(share)


def test_kinds_are_those_of_classify(three):
    assert sorted(each.kind for each in three.attractors) == ["fixed point"] * 2 + ["periodic"]
    for attractor in three.attractors:
        assert an.classify(THREE, attractor.classification.state).kind == attractor.kind


def test_states_on_an_attractor_stay_on_it(three):
    for attractor in three.attractors:
        assert len(attractor.points) > 0
        for state in attractor.points[:5]:
            following = THREE.step(state)
            distance = np.linalg.norm(attractor.points - following, axis=1)
            assert np.min(distance) < 1e-6


def test_labels_are_where_orbits_go(plane):
    for row, column in [(0, 0), (9, 13), (5, 3), (8, 0)]:
        end = THREE.trajectory(1, 2_000, [plane.u[column], plane.v[row]], observe="y")[0]
        distances = [np.min(np.linalg.norm(a.points - end, axis=1)) for a in plane.attractors]
        assert np.argmin(distances) == plane.labels[row, column]


def test_symmetric_networks_have_symmetric_basins(plane):
    # The step is odd: what starts at -y ends at minus where y ends.
    mirrored = plane.labels[::-1, ::-1]
    means = np.array([attractor.mean for attractor in plane.attractors])
    opposite = [int(np.argmin(np.linalg.norm(means + mean, axis=1))) for mean in means]
    assert np.array_equal(np.array(opposite)[plane.labels], mirrored)


@pytest.mark.parametrize("count", [10, 20, 30, 60])
def test_one_chaotic_attractor_is_one(count):
    """However many starts: the Henon map has one attractor."""
    line = np.linspace(-2.5, 2.5, count)
    found = an.basins(HENON, line, line)
    assert [attractor.kind for attractor in found.attractors] == ["chaotic"]


MAPS = sorted(
    name for name in an.textbook.__all__ if not issubclass(getattr(an.textbook, name), an.Flow)
)


@pytest.mark.parametrize("name", MAPS)
def test_starts_beside_one_another_go_to_one_attractor(name):
    system = getattr(an.textbook, name)()
    beside = np.random.default_rng(0).normal(scale=1e-3, size=(300, system.dimension))
    found = an.attractors(system, system.start() + beside, horizon=100_000)
    assert len(found.attractors) == 1


def test_divergence_is_a_label():
    found = an.attractors(HENON, [[0.1, 0.1], [50.0, 50.0], [0.0, 0.0], [1e9, 0.0]], **QUICK)
    assert np.array_equal(found.labels, [0, -1, 0, -1])
    assert found.diverged_share == 0.5
    assert found.attractors[0].share == 0.5


def test_all_may_diverge():
    found = an.attractors(HENON, [[50.0, 50.0]], **QUICK)
    assert found.attractors == ()
    assert found.diverged_share == 1.0
    line = np.linspace(10.0, 20.0, 3)
    assert an.basins(HENON, line, line, **QUICK).attractors == ()


def test_a_start_on_an_unstable_point_has_decided_nothing():
    found = an.attractors(BISTABLE, [[0.0], [0.1]], **QUICK)
    assert sorted(each.kind for each in found.attractors) == ["fixed point", "undecided"]


def test_no_starts_are_refused():
    with pytest.raises(ValueError, match="attractors: initial_states"):
        an.attractors(HENON, np.empty((0, 2)))


# --- the plane ------------------------------------------------------------------------------------


def test_basins_are_attractors_on_a_grid(plane):
    grid = np.array([[u, v] for v in plane.v for u in plane.u])
    found = an.attractors(THREE, grid, **QUICK)
    assert np.array_equal(found.labels.reshape(plane.labels.shape), plane.labels)


def test_axes_and_base_choose_the_plane():
    net = an.FeedbackNetwork.random(neurons=4, inputs=3, scale=3.0, seed=0)
    u, v, base = np.linspace(-3.0, 3.0, 5), np.linspace(-2.0, 2.0, 4), [9.0, 0.7, 9.0]
    found = an.basins(net, u, v, u_axis=2, v_axis=0, base=base, **QUICK)
    grid = np.array([[y, 0.7, x] for y in v for x in u])
    expected = an.attractors(net, grid, **QUICK)
    assert (found.u_axis, found.v_axis) == (2, 0)
    assert np.array_equal(found.labels.ravel(), expected.labels)
    zeros = an.basins(net, u, v, u_axis=2, v_axis=0, **QUICK)
    explicit = an.basins(net, u, v, u_axis=2, v_axis=0, base=np.zeros(3), **QUICK)
    assert np.array_equal(zeros.labels, explicit.labels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"u_axis": 2}, "u_axis = 2: expected an index of the state"),
        ({"v_axis": -1}, "v_axis = -1: expected an index of the state"),
        ({"v_axis": 0}, "v_axis = 0: expected another index than u_axis"),
        ({"base": [0.0]}, r"base has shape \(1,\)"),
        ({"u": [[0.0]]}, r"u has shape \(1, 1\)"),
        ({"u": []}, "u"),
        ({"v": [math.nan]}, "v holds nan"),
        ({"threads": 0}, "threads = 0"),
    ],
)
def test_wrong_planes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"basins: {message}"):
        an.basins(**{"system": HENON, "u": [0.0, 1.0], "v": [0.0], **arguments})


@pytest.mark.parametrize("shape", [(2,), (3, 3), (1, 2, 2)])
def test_wrong_starts_are_refused(shape):
    with pytest.raises(ValueError, match=r"attractors: initial_states has shape"):
        an.attractors(HENON, np.zeros(shape))


def test_a_map_of_a_line_has_no_plane():
    with pytest.raises(ValueError, match="basins: system has 1 variable"):
        an.basins(an.textbook.Logistic(), [0.1], [0.2])


# --- progress -------------------------------------------------------------------------------------

LONG = 50_000_000  # so that the classification of an attractor is told of, too
RUNS = {
    "attractors": lambda tell: an.attractors(
        HENON, starts(50, width=0.2), horizon=LONG, progress=tell
    ),
    "basins": lambda tell: an.basins(HENON, [0.0, 0.1], [0.0, 0.1], horizon=LONG, progress=tell),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_progress_is_told(run):
    told = []
    run(lambda *pair: told.append(pair))
    done = [each for each, _ in told]
    assert {total for _, total in told} == {told[-1][1]}
    assert told[-1][0] == told[-1][1]
    assert done == sorted(done)


@pytest.mark.parametrize("kind", [Stop, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_what_progress_raises_reaches_the_caller(run, kind):
    error = kind("from progress")

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        run(tell)
    assert caught.value is error
