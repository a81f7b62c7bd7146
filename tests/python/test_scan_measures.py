"""What scans measure, against the oracle, the analyses, and counts of chaos that others made."""

import late_chaos
import numpy as np
import pytest
from reference import scan as reference

import attractornet as an

SEEDS = range(500, 540)


def scanned(measure, scale=0.75, neurons=4, inputs=32, seeds=SEEDS, **options):
    """A scan over seeds."""
    grid = an.Grid(seed=seeds, scale=scale, neurons=neurons, inputs=inputs)
    return an.scan(an.FeedbackNetwork, grid, measure, **options)


def drawn(scale=0.75, neurons=4, inputs=32, seeds=SEEDS):
    return reference.draw(seeds, [scale] * len(seeds), neurons, inputs)


# --- against the oracle ---------------------------------------------------------------------------


@pytest.mark.parametrize("neurons", [2, 3, 4, 7])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
def test_orbits_are_the_oracles(neurons, dtype, tolerance):
    found = scanned(["final_state"], neurons=neurons, steps=40, discard=0, dtype=dtype)
    w, b = drawn(neurons=neurons)
    expected = reference.scan(w, b, 40).final_state
    bound = b.sum(axis=1, keepdims=True)
    assert found["final_state"].dtype == dtype
    assert np.max(np.abs(found["final_state"] - expected) / bound) < tolerance


def test_occupied_shares_are_the_oracles():
    found = scanned(["occupied"], steps=2_000, discard=500)
    expected = reference.scan(*drawn(), 2_000, 500).occupied
    # A point on an edge may be rounded into the next cell.
    assert np.max(np.abs(found["occupied"] - expected)) <= 2e-4


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_exponents_are_the_oracles_within_their_errors(dtype):
    # Other tangents to begin with: what is left of them fades as 1 / steps.
    options = {"scale": 1.5, "seeds": range(300)}
    found = scanned(["exponent"], steps=10_000, discard=2_000, dtype=dtype, **options)
    expected = reference.scan(*drawn(**options), 10_000, 2_000).exponent
    # The oracle's orbits of chaotic networks are others, and scatter as much as ours.
    errors = np.abs(found["exponent"] - expected) / (np.sqrt(2.0) * found["exponent_error"] + 1e-6)
    assert np.quantile(errors, 0.9) < 1.645
    mean, scatter = np.mean(found["exponent"] - expected), np.std(found["exponent"] - expected)
    assert abs(mean) < 4.0 * scatter / np.sqrt(300)


def test_counts_of_chaos():
    """Within two networks of the counts, or of their spread where rounding decides."""
    for cell in reference.read():
        found = scanned(
            ["exponent"],
            scale=cell.scale,
            neurons=cell.neurons,
            inputs=cell.inputs,
            seeds=reference.SEEDS,
            discard=reference.DISCARD,
            steps=reference.STEPS,
        )
        counts = reference.count(reference.sides(found["exponent"]))
        for count, least, most in zip(counts, cell.least, cell.most, strict=True):
            assert least - 2 <= count <= most + 2, cell
        if an.info()["fma"]:  # else other bits come out, and the spread says what they may do
            apart = [abs(a - b) for a, b in zip(counts, cell.earlier, strict=True)]
            assert max(apart) <= 2 or cell.apart, cell


# Where there is no fma other bits come out, and rounding decides when a chaotic transient ends.
OTHER_BITS = 0 if an.info()["fma"] else 6


def assert_same_counts(row, discard, expected):
    found = late_chaos.count(*row[:3], discard)
    assert np.abs(np.subtract(found, expected)).max() <= OTHER_BITS, (row, discard)


def test_counts_of_a_longer_wait():
    rows = late_chaos.read()
    assert [row[:3] for row in rows] == [cell[:3] for cell in reference.read()]
    for row in rows[5::9]:
        assert_same_counts(row, late_chaos.DISCARDS[1], row.counts[1])


@pytest.mark.slow
def test_all_counts_of_a_longer_wait():
    """Fewer are chaotic, the longer one waits: chaos may be a transient."""
    rows = late_chaos.read()
    for row in rows:
        for discard, counts in zip(late_chaos.DISCARDS, row.counts, strict=True):
            assert_same_counts(row, discard, counts)
    early, later, latest = (sum(row.counts[i].chaotic for row in rows) for i in range(3))
    assert early > later > latest


# --- against the analyses -------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_spectra_are_those_of_the_analysis(scale):
    options = {"steps": 4_000, "discard": 1_000}
    found = scanned(
        ["spectrum", "kaplan_yorke_dimension"], scale=scale, inputs=12, seeds=range(30), **options
    )
    for i in range(30):
        net = an.FeedbackNetwork.random(neurons=4, inputs=12, scale=scale, seed=i)
        expected = an.lyapunov_spectrum(net, **options)
        np.testing.assert_allclose(
            found["spectrum"][i], expected.exponents, rtol=1e-5, atol=1e-6, err_msg=f"seed {i}"
        )
        np.testing.assert_allclose(
            found["kaplan_yorke_dimension"][i], expected.kaplan_yorke_dimension, rtol=1e-3
        )


def test_leading_exponents_alone():
    options = {"scale": 4.0, "inputs": 16, "seeds": range(12), "steps": 2_000}
    leading = scanned(["spectrum"], k=3, **options)
    assert leading["spectrum"].shape == (12, 3)
    np.testing.assert_allclose(
        leading["spectrum"], scanned(["spectrum"], **options)["spectrum"][:, :3], atol=2e-3
    )


def test_classes_are_those_of_the_analysis():
    found = scanned(["kind"], scale=1.0, inputs=16, seeds=range(12), horizon=20_000)
    kinds = found.codes("kind")
    for i in range(12):
        net = an.FeedbackNetwork.random(neurons=4, inputs=16, scale=1.0, seed=i)
        expected = an.classify(net, horizon=20_000)
        assert kinds[found["kind"][i]] == expected.kind
        np.testing.assert_array_equal(found["period"][i], expected.period)
        np.testing.assert_array_equal(found["rotation_number"][i], expected.rotation_number)


def test_systems_of_the_textbook():
    grid = an.Grid(r=[2.5, 3.2, 3.83, 4.0])
    found = an.scan(an.textbook.Logistic, grid, ["kind", "exponent"], steps=50_000)
    assert [found.codes("kind")[code] for code in found["kind"]] == [
        "fixed point",
        "periodic",
        "periodic",
        "chaotic",
    ]
    np.testing.assert_array_equal(found["period"], [1, 2, 3, np.nan])
    assert found["exponent"][3] == pytest.approx(np.log(2), abs=5 * found["exponent_error"][3])


def test_parameters_of_a_discretised_flow():
    lorenz = an.Discretised(an.textbook.Lorenz(), dt=0.01)
    found = an.scan(lorenz, an.Grid(rho=[10.0, 28.0]), ["exponent"], steps=20_000, discard=2_000)
    assert found["exponent"][0] < 0
    expected = an.lyapunov_spectrum(lorenz, k=1, steps=20_000, discard=2_000)
    assert found["exponent"][1] == expected.exponents[0]


# --- what may differ, and what may not ------------------------------------------------------------


def test_an_initial_state_is_where_all_begin():
    y = np.linspace(-1.0, 1.0, 32)
    found = scanned(["final_state"], steps=30, discard=0, initial=y)
    for i, seed in enumerate(SEEDS):
        net = an.FeedbackNetwork.random(neurons=4, inputs=32, scale=0.75, seed=seed)
        expected = net.trajectory(30, initial=y, observe="y")[-1]
        np.testing.assert_array_equal(found["final_state"][i], expected)


def test_the_gaussian_ensemble_too():
    grid = an.Grid(seed=range(5), scale=0.5, distribution=["uniform", "gaussian"], inputs=8)
    found = an.scan(an.FeedbackNetwork, grid, ["final_state"], steps=50, discard=0)
    for i in range(5):
        for j, distribution in enumerate(("uniform", "gaussian")):
            net = an.FeedbackNetwork.random(inputs=8, scale=0.5, seed=i, distribution=distribution)
            expected = net.trajectory(51, observe="y")[-1]
            np.testing.assert_array_equal(found["final_state"][i, j], expected)
