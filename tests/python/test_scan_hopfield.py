"""Scans of Hopfield networks, against recalls by hand; and what they refuse."""

import csv
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scan_cases import digest

import attractornet as an
from attractornet import _core

RULES = ["hebbian", "storkey", "pseudoinverse"]
EVERYTHING = list(_core.scan_measurements(an.HopfieldNetwork))
SHORT = {"steps": 60, "discard": 20, "blocks": 4}
GRID = an.Grid(
    alpha=[0.05, 0.12, 0.3],
    temperature=[0.0, 0.25],
    rule=RULES,
    diagonal=[False, True],
    seed=range(2),
    units=90,
)


def scanned(grid=GRID, measure=EVERYTHING, **options):
    return an.scan(an.HopfieldNetwork, grid, measure, **{**SHORT, **options})


@pytest.fixture(scope="module")
def result():
    return scanned()


# --- networks that are drawn ----------------------------------------------------------------------


def test_random_patterns_are_stored():
    net = an.HopfieldNetwork.random(units=200, alpha=0.1, rule="storkey", seed=3)
    assert (net.units, net.rule, net.coding) == (200, "storkey", "bipolar")
    assert net.patterns.shape == (20, 200)
    assert abs(net.patterns.mean()) < 0.1
    stored = an.HopfieldNetwork.store(net.patterns, rule="storkey")
    np.testing.assert_array_equal(net.weights, stored.weights)
    more = an.HopfieldNetwork.random(units=200, alpha=0.25, seed=3)
    np.testing.assert_array_equal(more.patterns[:20], net.patterns)
    assert not np.array_equal(an.HopfieldNetwork.random(units=200, seed=4).patterns, net.patterns)


def test_patterns_of_low_activity_are_binary():
    draw = {"units": 2000, "alpha": 0.05, "rule": "low_activity", "activity": 0.1}
    net = an.HopfieldNetwork.random(**draw)
    assert net.coding == "binary"
    assert net.patterns.mean() == pytest.approx(0.1, abs=0.004)
    stored = an.HopfieldNetwork.store(net.patterns, rule="low_activity", a=0.1)
    np.testing.assert_allclose(net.weights, stored.weights, atol=1e-12)


def test_parameters_of_the_network_are_some_of_the_scans():
    network = [field.name for field in an.fields(an.HopfieldNetwork)]
    assert network == ["units", "alpha", "rule", "diagonal", "activity", "seed"]
    everything = [field.name for field in _core.scan_fields(an.HopfieldNetwork)]
    assert everything == [*network, "temperature", "flips", "update"]
    assert _core.scan_fields(an.textbook.Henon) == an.fields(an.textbook.Henon)
    assert "flips: share of the pattern's units" in an.scan.__doc__


# --- numbers --------------------------------------------------------------------------------------


def by_hand(point):
    """The measurements at a point, by HopfieldNetwork alone."""
    temperature = point.pop("temperature", 0.0)
    net = an.HopfieldNetwork.random(**point)
    first = net.patterns[0]
    out = net.recall(
        first, max_sweeps=80, temperature=temperature, seed=point["seed"],
        trace=["energy", "overlap"],
    )  # fmt: skip
    noisy = temperature > 0.0
    part = slice(21, None) if noisy else slice(-1, None)
    overlap = out.overlap_trace[part, 0].mean()
    once = net.recall(net.patterns, update="synchronous", max_sweeps=1).states
    return {
        "overlap": overlap,
        "retrieved": float(overlap > 0.7),
        "sweeps": out.sweeps if out.converged and not noisy else np.nan,
        "energy": out.energy_trace[part].mean() / net.units,
        "stable": np.mean(np.all(once == net.patterns, axis=1)),
    }


def test_numbers_are_those_of_recalls_by_hand(result):
    points = {name: np.broadcast_to(each, GRID.size) for name, each in GRID.points().items()}
    for i in range(GRID.size):
        point = {name: each[i].item() for name, each in points.items()}
        for name, value in by_hand(dict(point)).items():
            found = result[name].ravel()[i]
            np.testing.assert_allclose(found, value, rtol=1e-12, err_msg=f"{name} at {point}")


def test_errors_are_of_means_over_noise_alone(result):
    errors = np.moveaxis(result["overlap_error"], 1, 0)
    assert np.all(np.isnan(errors[0]))
    assert np.all(errors[1] >= 0.0)
    assert np.max(errors[1]) < 0.3


def test_one_recall_is_enough_for_all(result):
    for name in EVERYTHING:
        np.testing.assert_array_equal(scanned(measure=name)[name], result[name])


def test_what_large_networks_recall_is_what_the_mean_field_says():
    grid = an.Grid(units=2000, alpha=[0.05, 0.1], temperature=[0.0, 0.2], seed=range(4))
    found = scanned(grid, "overlap", steps=100)["overlap"]
    for i, alpha in enumerate([0.05, 0.1]):
        for j, temperature in enumerate([0.0, 0.2]):
            expected = an.hopfield.mean_field_overlap(alpha, temperature)
            assert np.mean(found[i, j]) == pytest.approx(expected, abs=0.01)


def test_flipped_units_are_flipped_back():
    grid = an.Grid(flips=[0.0, 0.25, 0.5, 1.0], units=300, alpha=0.02, seed=range(5))
    found = scanned(grid, ["overlap", "sweeps"])
    assert np.all(found["overlap"][:2] == 1.0)
    assert np.all(found["overlap"][3] == -1.0)
    assert np.all(found["sweeps"][0] == 1.0)
    assert np.all(found["sweeps"][1] > 1.0)


def test_a_cycle_of_two_states_is_no_convergence():
    grid = an.Grid(update=["synchronous", "asynchronous"], units=100, alpha=1.0, seed=range(8))
    found = scanned(grid, "sweeps")["sweeps"]
    assert np.isnan(found[0]).any()
    assert np.all(found[1] >= 1.0)


# --- the same bits --------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"threads": 3}, {"chunk_size": 1}, {"chunk_size": 7}])
def test_threads_and_chunks_make_no_difference(result, options):
    assert digest(scanned(**options)) == digest(result)


def test_executors_and_stores_make_no_difference(result, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        assert digest(scanned(executor=pool, chunk_size=11)) == digest(result)
    store = tmp_path / "scan.zarr"
    assert digest(scanned(store=store, chunk_size=13)) == digest(result)
    opened = an.scan_open(store)
    assert digest(opened) == digest(result)
    assert opened.coords["diagonal"].tolist() == [False, True]
    assert opened.to_xarray().equals(result.to_xarray())
    assert an.scan_verify(store).ok
    again = scanned(store=store)
    assert (again.points_per_second, digest(again)) == (0.0, digest(result))


def test_truth_values_are_written(result, tmp_path):
    data = result.to_xarray()
    assert data["diagonal"].dtype == bool
    assert data["overlap"].sel(diagonal=True).shape == (3, 2, 3, 2)
    result.to_csv(tmp_path / "scan.csv")
    with open(tmp_path / "scan.csv", newline="") as file:
        assert {row["diagonal"] for row in csv.DictReader(file)} == {"False", "True"}
    fixed = scanned(an.Grid(units=20, diagonal=True), "stable", store=tmp_path / "scan.zarr")
    assert fixed.to_xarray()["diagonal"].item() is True
    assert an.scan_open(tmp_path / "scan.zarr").coords["diagonal"] is True


# --- functions of one's own -----------------------------------------------------------------------


def patterns(network):
    return len(network.patterns)


def test_functions_get_the_network():
    found = scanned(measure={"overlap": "overlap", "patterns": patterns})
    assert np.all(found["patterns"] == np.array([5, 11, 27])[:, None, None, None, None])


def test_functions_know_nothing_of_recalls():
    message = "scan: grid = 'temperature': expected parameters of HopfieldNetwork.random, since"
    with pytest.raises(TypeError, match=message):
        an.scan(an.HopfieldNetwork, GRID, [patterns])
    found = an.scan(an.HopfieldNetwork, an.Grid(alpha=[0.1, 0.2], units=30), [patterns])
    assert found["patterns"].tolist() == [3.0, 6.0]


# --- refusals, before anything runs ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("grid", "options", "error", "message"),
    [
        ({"diagonal": 1}, {}, TypeError, "scan: grid: diagonal = 1: expected True or False"),
        ({"units": True}, {}, TypeError, "scan: grid: units = True: expected integers"),
        ({"alpha": [True]}, {}, TypeError, "scan: grid: alpha = True: expected numbers"),
        ({"rule": "delta"}, {}, ValueError, "scan: grid: rule = 'delta': expected one of 'hebb"),
        ({"flips": 1.5}, {}, ValueError, r"scan: grid: flips = 1.5: expected values in \[0, 1\]"),
        ({"activity": 0.0}, {}, ValueError, r"scan: grid: activity = 0.0: .*in \(0, 1\)"),
        ({"neurons": 3}, {}, ValueError, "scan: grid: neurons: HopfieldNetwork has no such"),
        (
            {"activity": [0.5, 0.1]},
            {},
            ValueError,
            "scan: activity = 0.1: expected 0.5 but for rule = 'low_activity'",
        ),
        (
            {"alpha": [0.1, 0.5, 1.2], "rule": RULES},
            {},
            ValueError,
            "scan: alpha = 1.2: expected no more patterns than units for rule = 'pseudoinverse'",
        ),
        ({}, {"initial": np.ones(9)}, TypeError, "scan: initial = array.*: expected None: points"),
        ({}, {"dtype": "float32"}, ValueError, "scan: dtype = 'float32': expected 'float64'"),
        ({}, {"k": 2}, ValueError, "scan: k = 2: expected no such option"),
        ({}, {"horizon": 5000}, ValueError, "scan: horizon = 5000: expected no such option"),
        ({}, {"max_period": 9}, ValueError, "scan: max_period = 9: expected no such option"),
        ({}, {"interval": 9}, ValueError, "scan: interval = 9: expected no such option"),
        ({}, {"frame_seed": 9}, ValueError, "scan: frame_seed = 9: expected no such option"),
        ({}, {"steps": 3}, ValueError, "scan: steps = 3: expected at least blocks = 4"),
        ({}, {"steps": 2**32}, ValueError, "scan: steps = .*: expected at most 4294967295 sweeps"),
        ({}, {"measure": "exponent"}, ValueError, "expected one of overlap, retrieved, sweeps"),
    ],
)
def test_what_cannot_be_scanned_is_refused_by_name(grid, options, error, message):
    with pytest.raises(error, match=message) as caught:
        scanned(an.Grid(**{"units": 9, **grid}), **options)
    assert "\n" not in str(caught.value)


def test_a_network_of_ones_own_has_nothing_to_scan():
    with pytest.raises(TypeError, match="expected the class, HopfieldNetwork: this object has no"):
        an.scan(an.HopfieldNetwork([[0.0]]), an.Grid(), "overlap")
    with pytest.raises(TypeError, match="the class HopfieldNetwork: a network of given weights"):
        _core.scan_measurements(an.HopfieldNetwork([[0.0]]))


def test_samples_draw_loads_and_sizes():
    sample = an.Sample(12, {"alpha": (0.01, 0.1), "units": (20, 60)}, method="random")
    found = scanned(sample, ["overlap", "stable"])
    assert found["overlap"].shape == (12,)
    assert np.all(found["overlap"] > 0.5)
