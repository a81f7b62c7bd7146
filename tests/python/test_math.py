"""tanh of the core against mpmath, and its edges."""

import mpmath
import numpy as np
import pytest

import attractornet as an

# Where |x| = k ln(2)/2 + r changes k: (k + 3/4) ln(2)/2.
SWITCHES = (np.arange(6) + 0.75) * np.log(2) / 2
RANGES = [(1e-8, 1e-3), (1e-3, 0.25), (0.25, 0.6), (0.6, 3.0), (3.0, 25.0)]


def samples(dtype):
    """Dense over every range, and the neighbours of every switch."""
    rng = np.random.default_rng(3)
    dense = [rng.uniform(low, high, 2000) for low, high in RANGES]
    near = [switch * (1 + 1e-13 * np.arange(-50, 51)) for switch in SWITCHES]
    x = np.concatenate(dense + near).astype(dtype)
    return np.concatenate([x, -x])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tanh_is_within_3_ulp(dtype):
    x = samples(dtype)
    got = an.math.tanh(x)
    assert got.dtype == dtype
    with mpmath.workdps(40):
        # The distance, not the rounded truth, lest half an ulp be lost.
        distance = [
            float(abs(mpmath.mpf(float(g)) - mpmath.tanh(mpmath.mpf(float(v)))))
            for g, v in zip(got, x, strict=True)
        ]
    ulps = np.array(distance) / np.spacing(np.abs(got)).astype(float)
    assert ulps.max() <= (3.0 if an.info()["fma"] else 5.0)


def test_tanh_is_odd_and_knows_its_edges():
    x = samples(np.float64)
    np.testing.assert_array_equal(an.math.tanh(-x), -an.math.tanh(x))
    edges = an.math.tanh([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, 5e-324])
    np.testing.assert_array_equal(edges, [0.0, -0.0, 1.0, -1.0, np.nan, 1.0, 5e-324])
    assert np.signbit(edges[1])


@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (3, 5), (2, 3, 17)])
def test_shapes_and_lengths(shape):
    x = np.linspace(-2, 2, int(np.prod(shape))).reshape(shape)
    got = an.math.tanh(x)
    assert got.shape == shape
    # One element at a time has the same bits as whole registers.
    np.testing.assert_array_equal(got.ravel(), [an.math.tanh(v)[()] for v in x.ravel()])


def test_integers_lists_and_views():
    assert an.math.tanh([1, 2]).dtype == np.float64
    x = np.linspace(-1, 1, 20)
    np.testing.assert_array_equal(an.math.tanh(x[::3]), an.math.tanh(x)[::3])
    np.testing.assert_array_equal(an.math.tanh(x.astype(">f8")), an.math.tanh(x))


@pytest.mark.parametrize("bad", ["x", None, [[1], [2, 3]], 1j, object()])
def test_what_is_not_real_is_refused(bad):
    with pytest.raises((TypeError, ValueError), match=r"tanh: x = .*: expected an array of"):
        an.math.tanh(bad)
