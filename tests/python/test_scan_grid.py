"""Grids and samples: which points there are, and that none is made before it is asked for."""

import itertools
import json
import math
import pickle
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attractornet as an

WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_characters="\0"), max_size=4)
AXIS = st.one_of(
    st.lists(st.integers(-50, 50), min_size=1, max_size=6),
    st.lists(WHOLE, min_size=1, max_size=4),
    st.lists(REAL, min_size=1, max_size=6),
    st.lists(TEXT, min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=1, max_size=4),
    st.builds(
        lambda start, step, count: range(start, start + step * count, step),
        st.integers(-1000, 1000),
        st.integers(-9, 9).filter(bool),
        st.integers(1, 6),
    ),
    st.lists(REAL, min_size=1, max_size=4).map(np.array),
)
PARAMETERS = st.dictionaries(
    st.sampled_from("abcdef"), st.one_of(AXIS, WHOLE, REAL, TEXT, st.booleans()), max_size=4
)


def table(points, count):
    """Points as rows of Python's own values."""
    columns = [
        each.tolist() if isinstance(each, np.ndarray) else [each] * count
        for each in points.values()
    ]
    return list(zip(*columns, strict=True)) if columns else [()] * count


def axis(value):
    return value if isinstance(value, list | range) else value.tolist()


# --- grids ----------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(PARAMETERS)
def test_points_are_the_product_in_row_major_order(parameters):
    grid = an.Grid(**parameters)
    axes = {
        name: axis(value)
        for name, value in parameters.items()
        if isinstance(value, list | range | np.ndarray)
    }
    fixed = {name: value for name, value in parameters.items() if name not in axes}
    assert grid.names == tuple(parameters)
    assert grid.dims == tuple(axes)
    assert grid.shape == tuple(map(len, axes.values()))
    assert grid.size == math.prod(grid.shape)
    assert grid.fixed == fixed
    expected = [(*row, *fixed.values()) for row in itertools.product(*axes.values())]
    assert table(grid.points(), grid.size) == expected


@settings(max_examples=100, deadline=None)
@given(PARAMETERS, st.data())
def test_any_part_is_a_part_of_the_whole(parameters, data):
    grid = an.Grid(**parameters)
    first = data.draw(st.integers(0, grid.size))
    count = data.draw(st.integers(0, grid.size - first))
    whole = table(grid.points(), grid.size)
    assert table(grid.points(first, count), count) == whole[first : first + count]


@settings(max_examples=100, deadline=None)
@given(PARAMETERS, PARAMETERS)
def test_equal_grids_are_those_of_equal_points(one, other):
    left, right = an.Grid(**one), an.Grid(**other)
    same = left.names == right.names and left.dims == right.dims
    same = same and repr(table(left.points(), left.size)) == repr(table(right.points(), right.size))
    if left == right:
        assert same
    again = pickle.loads(pickle.dumps(left))
    assert again == left
    assert repr(again) == repr(left)
    assert "\n" not in repr(left)
    assert json.loads(json.dumps(left.describe())) == left.describe()


def test_the_kind_of_list_does_not_matter():
    ways = [range(3, 12, 4), [3, 7, 11], (3, 7, 11), np.array([3, 7, 11]), range(3, 14, 4)]
    ways += [np.array([3, 7, 11], dtype) for dtype in ("u1", ">i8", "i2")]
    grids = [an.Grid(seed=way) for way in ways]
    assert all(grid == grids[0] for grid in grids)
    assert grids[0].axes["seed"] == range(3, 12, 4)
    assert an.Grid(seed=5) == an.Grid(seed=np.int8(5)) == an.Grid(seed=np.array(5))
    assert an.Grid(seed=5) != an.Grid(seed=[5])
    assert an.Grid(seed=[1, 2]) != an.Grid(seed=[1.0, 2.0])
    assert an.Grid(kept=True) == an.Grid(kept=np.bool_(True)) != an.Grid(kept=1)
    assert an.Grid(kept=[True, False]) == an.Grid(kept=np.array([True, False]))
    assert an.Grid(a=[1, 2], b=[1]) != an.Grid(b=[1], a=[1, 2])


def test_long_axes_are_told_by_their_hash():
    values = np.linspace(0.0, 1.0, 5000)
    changed = values.copy()
    changed[1234] = np.nextafter(changed[1234], 2.0)
    assert len(json.dumps(an.Grid(a=values).describe())) < 300
    assert an.Grid(a=values) == an.Grid(a=values.tolist())
    assert an.Grid(a=values) != an.Grid(a=changed)
    names = [f"{i:05d}" for i in range(2000)]
    assert an.Grid(a=names) == an.Grid(a=np.array(names))
    assert an.Grid(a=names) != an.Grid(a=names[::-1])


def test_a_grid_of_a_million_million_points_takes_no_memory():
    tracemalloc.start()
    grid = an.Grid(seed=range(10**12), scale=np.linspace(0.1, 5.0, 50), neurons=4)
    points = grid.points(50 * 10**12 - 2, 2)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 1e5
    assert grid.size == 50 * 10**12
    assert points["seed"].tolist() == [10**12 - 1] * 2
    assert points["scale"].tolist() == [4.9, 5.0]
    assert points["neurons"] == 4


def test_a_grid_without_an_axis_is_one_point():
    for grid in (an.Grid(), an.Grid(scale=1.5, neurons=2)):
        assert grid.size == 1
        assert grid.shape == ()
        assert table(grid.points(), 1) == [tuple(grid.fixed.values())]


def test_any_name_may_be_a_parameter():
    assert an.Grid(self=[1, 2], parameters=3).names == ("self", "parameters")


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([], ValueError, "at least one value"),
        (range(0), ValueError, "at least one value"),
        (np.empty(0), ValueError, "at least one value"),
        (np.zeros((2, 2)), TypeError, "1-D array"),
        ([[1]], TypeError, "1-D array"),
        ([1, "a"], TypeError, "1-D array or list"),
        ([1, True], TypeError, "1-D array or list"),
        ([None], TypeError, "1-D array or list"),
        (None, TypeError, "a number"),
        ({1, 2}, TypeError, "a number"),
        ([1.0, math.nan], ValueError, "nan"),
        (math.inf, ValueError, "inf"),
        (np.array([1.0, -math.inf]), ValueError, "finite"),
        (2**63, ValueError, "64 bits"),
        ([0, 2**64], ValueError, "64 bits"),
        (np.array([2**63], np.uint64), ValueError, "64 bits"),
        (range(2**70), ValueError, "64 bits"),
        (range(-(2**63), 2**63 - 1), ValueError, "fewer than 2"),
        (np.ma.masked_all(3), ValueError, "masked"),
        (np.broadcast_to(0.0, 2**40), MemoryError, "memory limit"),
        (np.zeros(3, complex), TypeError, "1-D array"),
        (["a", "b\0"], ValueError, "strings without NUL"),
        ("\0", ValueError, "strings without NUL"),
    ],
)
def test_what_is_no_axis_is_refused_by_name(value, error, message):
    with pytest.raises(error, match=message) as caught:
        an.Grid(scale=1.0, wrong=value)
    assert str(caught.value).startswith("Grid: wrong")


def test_more_points_than_can_be_numbered_are_refused():
    assert an.Grid(a=range(2**62), b=1).size == 2**62
    with pytest.raises(ValueError, match=r"Grid: a has 4294967296, b has 2147483648 values"):
        an.Grid(a=range(2**32), b=range(2**31))


@pytest.mark.parametrize("design", [an.Grid(a=range(5)), an.Sample(5, {"a": (0.0, 1.0)})])
def test_points_that_are_not_there_are_refused(design):
    name = type(design).__name__
    for arguments, expected in [((6,), "first"), ((-1,), "first"), ((2, 4), "count")]:
        with pytest.raises(ValueError, match=f"{name}.points: {expected}"):
            design.points(*arguments)
    with pytest.raises(MemoryError, match="points: count"):
        an.Grid(a=range(10**12)).points()


# --- samples --------------------------------------------------------------------------------------

METHODS = ["sobol", "halton", "random"]
RANGES = {"scale": (0.1, 5.0), "seed": (0, 2**31), "inputs": (4, 36), "b": (-2.0, -1.0)}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(METHODS),
    st.integers(1, 400),
    st.integers(0, 2**62),
    st.integers(0, 4),
    st.data(),
)
def test_point_i_is_a_function_of_i(method, size, seed, dimensions, data):
    ranges = dict(itertools.islice(RANGES.items(), dimensions))
    sample = an.Sample(size, ranges, seed=seed, method=method, neurons=4)
    whole = table(sample.points(), size)
    for _ in range(4):  # there and back: chunks come in any order
        first = data.draw(st.integers(0, size))
        count = data.draw(st.integers(0, size - first))
        assert table(sample.points(first, count), count) == whole[first : first + count]
    longer = an.Sample(2 * size, ranges, seed=seed, method=method, neurons=4)
    assert table(longer.points(0, size), size) == whole


@pytest.mark.parametrize("method", METHODS)
def test_points_fill_the_box(method):
    sample = an.Sample(4096, RANGES, method=method, neurons=4)
    points = sample.points()
    assert sample.dims == ("point",)
    assert sample.shape == (4096,)
    assert sample.names == ("scale", "seed", "inputs", "b", "neurons")
    for name, (low, high) in RANGES.items():
        values = points[name]
        assert values.dtype == (np.int64 if isinstance(low, int) else np.float64)
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) - 1 < values.max() < high
        # A share of a quarter in each quarter, up to the scatter of independent numbers.
        share = np.histogram(values, 4, (low, high))[0] / 4096
        assert np.allclose(share, 0.25, atol=0.035 if method == "random" else 0.02)
    assert set(np.unique(points["inputs"])) == set(range(4, 36))


def test_seeds_and_methods_draw_other_points():
    drawn = [
        an.Sample(8, {"a": (0.0, 1.0)}, seed=seed, method=method).points()["a"].tobytes()
        for seed in (0, 1, 2)
        for method in METHODS
    ]
    assert len(set(drawn)) == len(drawn)


def test_equal_samples_are_equal():
    sample = an.Sample(100, {"scale": (0.1, 5.0), "neurons": 4}, seed=3)
    again = pickle.loads(pickle.dumps(sample))
    assert again == sample
    assert again == an.Sample(100, {"scale": [0.1, 5.0]}, seed=3, neurons=4)
    assert table(again.points(), 100) == table(sample.points(), 100)
    assert json.loads(json.dumps(sample.describe())) == sample.describe()
    assert repr(sample) == "Sample(100, {'scale': (0.1, 5.0)}, seed=3, method='sobol', neurons=4)"
    assert eval(repr(sample), {"Sample": an.Sample}) == sample
    for other in (
        an.Sample(101, {"scale": (0.1, 5.0)}, seed=3, neurons=4),
        an.Sample(100, {"scale": (0.1, 5.1)}, seed=3, neurons=4),
        an.Sample(100, {"scale": (0.1, 5.0)}, seed=4, neurons=4),
        an.Sample(100, {"scale": (0.1, 5.0)}, seed=3, neurons=5),
        an.Sample(100, {"scale": (0.1, 5.0)}, seed=3, neurons=4, method="halton"),
        an.Grid(neurons=4),
    ):
        assert other != sample


def test_far_points_are_reached_without_those_before():
    sample = an.Sample(2**60, {"a": (0.0, 1.0), "b": (0, 2**53)}, method="random")
    tracemalloc.start()
    far = sample.points(2**60 - 3, 3)
    assert tracemalloc.get_traced_memory()[1] < 1e5
    tracemalloc.stop()
    assert far["b"].dtype == np.int64
    assert len(set(far["a"])) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"size": 0}, ValueError, "Sample: size = 0"),
        ({"size": 2**32 + 1}, ValueError, "Sample: size = 4294967297: expected at most"),
        ({"size": 1.5}, TypeError, "Sample: size"),
        ({"ranges": [("a", (0, 1))]}, TypeError, "Sample: ranges"),
        ({"ranges": {"a": (0,)}}, TypeError, "Sample: ranges: a"),
        ({"ranges": {"a": (1.0, 1.0)}}, ValueError, "Sample: ranges: a = .*low < high"),
        ({"ranges": {"a": (-1e308, 1e308)}}, ValueError, "Sample: ranges: a"),
        ({"ranges": {"a": ("x", "y")}}, TypeError, "Sample: ranges: a"),
        ({"ranges": {"a": (False, True)}}, TypeError, "Sample: ranges: a"),
        ({"ranges": {"a": (0, 2**60)}}, ValueError, "Sample: ranges: a = .*2.53"),
        ({"ranges": {"a": None}}, TypeError, "Sample: ranges: a"),
        ({"ranges": {3: (0, 1)}}, ValueError, "Sample: ranges = 3"),
        ({"ranges": {"point": (0, 1)}}, ValueError, "Sample: ranges = 'point'"),
        ({"a": 3}, ValueError, "Sample: a = 3"),
        ({"neurons": [1, 2]}, TypeError, "Sample: neurons"),
        ({"seed": -1}, ValueError, "Sample: seed = -1"),
        ({"method": "latin"}, ValueError, "Sample: method = 'latin': expected one of 'sobol', 'h"),
    ],
)
def test_what_is_no_sample_is_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message):
        an.Sample(**{"size": 10, "ranges": {"a": (0, 5)}, **arguments})


def test_sequences_need_scipy_and_say_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(
        ImportError, match=r"Sample needs scipy: pip install 'attractornet\[scan\]'"
    ):
        an.Sample(10, {"a": (0, 5)})
    assert an.Sample(10, {"a": (0, 5)}, method="random").points()["a"].max() < 5
