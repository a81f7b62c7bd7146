"""Scans in memory: what is measured, what is refused before anything runs, what comes back."""

import csv
import functools
import json
import math
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
import scan_cases
from scan_cases import LOGISTIC, MEASURE, NETWORKS, SHORT, digest, mean_output, picky, scanned
from test_optional import HIDE

import attractornet as an
from attractornet import _core


@pytest.fixture(scope="module")
def result():
    return scanned()


# --- numbers --------------------------------------------------------------------------------------


def test_columns_are_those_of_the_measurements(result):
    assert result.columns == (
        "exponent", "exponent_error", "kind", "period", "rotation_number", "mean", "ends", "status",
    )  # fmt: skip
    assert result.dims == ("seed", "scale")
    assert result.shape == (4, 5)
    assert result.points == 20
    assert result["exponent"].shape == (4, 5)
    assert result["kind"].dtype == np.int8
    assert result["ends"].shape == (4, 5, 2, 3)
    assert result["ends"].dtype == np.float64
    assert result.codes("status") == ("ok", "imprecise", "diverged", "failed")
    assert "chaotic" in result.codes("kind")
    assert result.codes("mean") == ()
    assert sum(result.status_counts.values()) == 20


def test_numbers_are_those_of_single_points(result):
    for i, seed in enumerate(range(4)):
        for j, scale in enumerate(np.linspace(0.1, 5.0, 5)):
            network = an.FeedbackNetwork.random(seed=seed, scale=scale, neurons=3, inputs=4)
            assert result["mean"][i, j] == mean_output(network)
            assert np.array_equal(result["ends"][i, j], scan_cases.extremes(network))


def test_columns_of_the_core_are_passed_on(result):
    points = {"seed": np.repeat(np.arange(4), 5), "scale": np.tile(np.linspace(0.1, 5.0, 5), 4)}
    direct = _core.scan_points(
        an.FeedbackNetwork, {**points, "neurons": 3, "inputs": 4}, ["exponent", "kind"], **SHORT
    )
    for name in ("exponent", "exponent_error", "kind", "period", "rotation_number"):
        assert result[name].tobytes() == direct[name].tobytes(), name


def test_axes_of_integers_serve_real_parameters():
    one, two = (
        an.scan(an.textbook.Logistic, an.Grid(r=r), "final_state", **SHORT)
        for r in ([3, 4], [3.0, 4.0])
    )
    assert digest(one) == digest(two)
    assert one.coords["r"].dtype == np.float64


def test_an_axis_may_have_strings():
    grid = an.Grid(distribution=["gaussian", "uniform"], neurons=2, inputs=3)
    found = an.scan(an.FeedbackNetwork, grid, {"mean": mean_output})
    for i, name in enumerate(["gaussian", "uniform"]):
        network = an.FeedbackNetwork.random(neurons=2, inputs=3, distribution=name)
        assert found["mean"][i] == mean_output(network)
    assert found.coords["distribution"].tolist() == ["gaussian", "uniform"]


def test_objects_keep_what_the_grid_leaves_out():
    henon = an.textbook.Henon(a=1.2, b=0.2)
    found = an.scan(henon, an.Grid(b=[0.1, 0.3]), {"ab": lambda s: np.array([s.a, s.b])})
    assert found["ab"].tolist() == [[1.2, 0.1], [1.2, 0.3]]
    assert found.spec["system"]["parameters"] == {"a": 1.2, "b": 0.2}


def test_flows_are_scanned_by_what_samples_them():
    sampled = an.Discretised(an.textbook.Lorenz(beta=2.0), 0.02, scheme="dormand_prince", rtol=1e-6)

    def facts(system):
        return np.array([system.flow.rho, system.flow.beta, system.flow.sigma, system.dt])

    found = an.scan(
        sampled, an.Grid(rho=[20.0, 28.0]), {"facts": facts, "final_state": "final_state"}
    )
    assert found["facts"].tolist() == [[20.0, 2.0, 10.0, 0.02], [28.0, 2.0, 10.0, 0.02]]
    assert found["final_state"].shape == (2, 3)


@pytest.mark.parametrize("grid", [an.Grid(), an.Grid(r=3.7)])
def test_a_grid_without_axes_is_one_point(grid):
    found = an.scan(an.textbook.Logistic, grid, ["final_state", "kind"], **SHORT)
    assert found.shape == ()
    assert found["kind"].shape == ()
    assert found["final_state"].shape == (1,)
    assert found.to_xarray()["kind"].shape == ()


def test_samples_have_their_parameters_as_columns():
    sample = an.Sample(30, {"scale": (0.1, 5.0), "seed": (0, 2**31)}, inputs=4, neurons=3)
    found = an.scan(an.FeedbackNetwork, sample, MEASURE, **SHORT, chunk_size=7)
    points = sample.points()
    assert found.dims == ("point",)
    assert np.array_equal(found.coords["scale"], points["scale"])
    assert np.array_equal(found.coords["seed"], points["seed"])
    assert found.coords["neurons"] == 3
    assert "scale" not in found.columns
    i = 17
    network = an.FeedbackNetwork.random(
        scale=points["scale"][i], seed=points["seed"][i], neurons=3, inputs=4
    )
    assert found["mean"][i] == mean_output(network)


def test_divergence_is_a_status():
    found = an.scan(an.textbook.Logistic, an.Grid(r=[3.5, 4.5]), ["final_state"], **SHORT)
    assert found["status"].tolist() == [0, found.codes("status").index("diverged")]
    assert found.status_counts["diverged"] == 1


def test_options_and_the_initial_state_are_passed_on():
    grid = an.Grid(r=[3.2, 3.6])
    one = an.scan(an.textbook.Logistic, grid, "final_state", steps=7, discard=2, initial=[0.3])
    for i, r in enumerate([3.2, 3.6]):
        orbit = an.textbook.Logistic(r=r).trajectory(20, initial=[0.3])
        assert one["final_state"][i, 0] in orbit.ravel()
    other = an.scan(an.textbook.Logistic, grid, "final_state", steps=7, discard=2)
    assert digest(one) != digest(other)
    single = an.scan(
        an.FeedbackNetwork, NETWORKS, "final_state", dtype=np.float32, steps=7, discard=2
    )
    assert single["final_state"].dtype == np.float32
    assert single.spec["options"]["dtype"] == "float32"


@pytest.mark.parametrize("options", [{}, {"chunk_size": 1}, {"chunk_size": 3}])
@pytest.mark.parametrize("inputs", [[4, 8], [8, 4]])
def test_networks_of_several_sizes_leave_the_rest_of_a_row_empty(inputs, options):
    measure = ["final_state", "spectrum"]
    grid = an.Grid(inputs=inputs, seed=range(3), scale=2.0)
    found = an.scan(an.FeedbackNetwork, grid, measure, **SHORT, **options)
    for i, size in enumerate(inputs):
        one = an.Grid(inputs=size, seed=range(3), scale=2.0)
        alone = an.scan(an.FeedbackNetwork, one, measure, **SHORT)
        for name in ("final_state", "spectrum", "spectrum_error"):
            assert np.array_equal(found[name][i, :, :size], alone[name])
            assert np.all(np.isnan(found[name][i, :, size:]))


def test_a_sample_may_draw_sizes():
    sample = an.Sample(20, {"inputs": (1, 9)}, method="random")
    found = an.scan(an.FeedbackNetwork, sample, "spectrum", **SHORT)
    assert found["spectrum"].shape == (20, 8)
    assert np.array_equal(np.isfinite(found["spectrum"]).sum(axis=1), found.coords["inputs"])


# --- functions of one's own -----------------------------------------------------------------------


def test_what_a_function_raises_is_a_status(result):
    with pytest.warns(RuntimeWarning, match=r"measure 'x' at seed=.*: .*Error: .* 'failed'"):
        found = an.scan(an.FeedbackNetwork, NETWORKS, {"exponent": "exponent", "x": picky}, **SHORT)
    assert np.array_equal(found["exponent"], result["exponent"], equal_nan=True)
    failed = found["status"] == 3
    assert 0 < failed.sum() < 20
    assert np.all(np.isnan(found["x"][failed]))
    assert np.all(found["x"][~failed] == 1.0)
    assert found.status_counts["failed"] == failed.sum()


def test_what_a_function_raises_may_end_the_scan():
    message = r"scan: measure 'picky' at seed=\d, scale=.*, inputs=4: "
    with pytest.raises(RuntimeError, match=message) as caught:
        an.scan(an.FeedbackNetwork, NETWORKS, [picky], on_error="raise")
    assert isinstance(caught.value.__cause__, ValueError | ArithmeticError)


def test_a_function_that_fails_everywhere_is_refused():
    def broken(system):
        raise ArithmeticError("no")

    with pytest.raises(ValueError, match=r"scan: measure 'broken' failed at every .*: no"):
        an.scan(an.textbook.Logistic, LOGISTIC, [broken])


@pytest.mark.parametrize(
    "value", [None, "x", 1j, [], np.zeros((1, 1, 1)), object(), [[1.0], [1.0, 2.0]]]
)
def test_what_is_no_number_is_a_failure(value):
    with pytest.raises(ValueError, match="scan: measure 'f' failed at every point"):
        an.scan(an.textbook.Logistic, LOGISTIC, {"f": lambda system: value})


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, SystemExit])
def test_what_is_not_the_points_fault_ends_the_scan(error):
    def ended(system):
        raise error

    with pytest.raises(error):
        an.scan(an.textbook.Logistic, LOGISTIC, [ended])


def test_functions_of_any_kind_measure():
    class Scaled:
        def __call__(self, system):
            return 2.0 * system.r

    def times(system, factor):
        return factor * system.r

    measure = {"a": Scaled(), "b": functools.partial(times, factor=2.0), "c": lambda s: 2 * s.r}
    found = an.scan(an.textbook.Logistic, LOGISTIC, measure)
    for name in measure:
        assert np.array_equal(found[name], 2.0 * LOGISTIC.points()["r"])


# --- refusals, before anything runs ---------------------------------------------------------------

RIGHT = {"system": an.FeedbackNetwork, "grid": NETWORKS, "measure": ["exponent"]}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"system": 3}, TypeError, "scan: system = 3: expected a class"),
        ({"system": int}, TypeError, "scan: system"),
        ({"system": an.System}, TypeError, "scan: system"),
        ({"system": an.Discretised}, TypeError, "scan: system = .*: expected an object"),
        ({"system": an.textbook.Lorenz}, TypeError, r"scan: system = .*Discretised\(flow, dt\)"),
        ({"system": an.textbook.Lorenz()}, TypeError, "scan: system = Lorenz.*Discretised"),
        (
            {"system": an.FeedbackNetwork([[1.0]], [1.0])},
            TypeError,
            "scan: system = FeedbackNetwork.*: expected the class, FeedbackNetwork",
        ),
        ({"grid": {"seed": [1]}}, TypeError, "scan: grid = .*: expected a Grid or a Sample"),
        ({"grid": an.Grid(neuron=4)}, ValueError, "scan: grid: neuron: .* it has neurons, inputs"),
        ({"grid": an.Grid(neurons=[4, 0])}, ValueError, r"grid: neurons = 0: .* in \[1, 1048576\]"),
        ({"grid": an.Grid(neurons=[4.0])}, TypeError, "scan: grid: neurons = 4.0: expected integ"),
        ({"grid": an.Grid(neurons="x")}, TypeError, "scan: grid: neurons = 'x': expected integers"),
        ({"grid": an.Grid(scale="x")}, TypeError, "scan: grid: scale = 'x': expected numbers"),
        ({"grid": an.Grid(scale=[1.0, -0.5])}, ValueError, r"scan: grid: scale = -0.5: expected"),
        ({"grid": an.Grid(seed=range(2**33))}, ValueError, "scan: grid: seed = 8589934591"),
        ({"grid": an.Grid(distribution=1)}, TypeError, "scan: grid: distribution = 1"),
        (
            {"grid": an.Grid(distribution=["uniform", "normal"])},
            ValueError,
            "scan: grid: distribution = 'normal': expected one of 'uniform', 'gaussian'",
        ),
        (
            {"grid": an.Sample(9, {"scale": (1, 5)})},
            TypeError,
            r"scan: grid: scale = 1: expected floats, \(1.0, 5.0\)",
        ),
        ({"grid": an.Sample(9, {"seed": (0.0, 5.0)})}, TypeError, "scan: grid: seed = 0.0"),
        ({"grid": an.Sample(9, {"neurons": (0, 5)})}, ValueError, "scan: grid: neurons = 0"),
        ({"measure": []}, ValueError, "scan: measure = .*: expected at least one"),
        ({"measure": 3}, TypeError, "scan: measure = 3"),
        ({"measure": [3]}, TypeError, "scan: measure = 3"),
        ({"measure": ["nonsense"]}, ValueError, "nonsense.*exponent"),
        ({"measure": ["kind", "kind"]}, ValueError, "scan: measure = 'kind': expected each"),
        ({"measure": [lambda s: 1.0]}, ValueError, r"scan: measure = '<lambda>': expected a name"),
        ({"measure": {"x": "kind"}}, ValueError, "scan: measure = 'x': expected the name 'kind'"),
        ({"measure": {"scale": mean_output}}, ValueError, "scan: measure = 'scale': .*not taken"),
        ({"measure": {"status": mean_output}}, ValueError, "scan: measure = 'status'"),
        ({"measure": {"a/b": mean_output}}, ValueError, "scan: measure = 'a/b'"),
        ({"initial": [[0.0]]}, ValueError, "scan: initial"),
        ({"initial": [math.nan] * 4}, ValueError, "scan: initial"),
        ({"initial": "x"}, TypeError, "scan: initial = 'x'"),
        ({"initial": [0.0] * 3}, ValueError, "scan.*: initial"),
        (
            {"initial": [0.0] * 8, "grid": an.Grid(inputs=[4, 8])},
            ValueError,
            r"scan: initial has shape \(8,\): expected \(4,\), the dimension of every point",
        ),
        ({"measure": [mean_output], "initial": [0.0]}, TypeError, "scan: initial = .* no measurem"),
        ({"measure": [mean_output], "dtype": "float32"}, TypeError, "scan: dtype = 'float32'"),
        ({"executor": 2}, TypeError, "scan: executor = 2"),
        ({"threads": 0}, ValueError, "scan: threads = 0"),
        ({"chunk_size": 0}, ValueError, "scan: chunk_size = 0"),
        ({"chunk_size": 2.5}, TypeError, "scan: chunk_size = 2.5"),
        ({"device": "tpu"}, ValueError, "scan: device = 'tpu': expected one of 'cpu', 'cuda'"),
        ({"device": "cuda"}, an.BackendUnavailable, "no CUDA backend"),
        ({"dtype": "int8"}, ValueError, "scan: dtype = 'int8'"),
        ({"dtype": None}, TypeError, "scan: dtype = None"),
        ({"on_error": "ignore"}, ValueError, "scan: on_error = 'ignore'"),
        ({"progress": 3}, TypeError, "scan: progress = 3"),
        ({"store": 3}, TypeError, "scan: store = 3"),
        ({"store": ""}, ValueError, "scan: store = ''"),
        ({"stepps": 3}, TypeError, "unknown option 'stepps': its options are steps, discard, k"),
        ({"steps": "x"}, TypeError, "steps"),
        ({"steps": object()}, TypeError, "scan: steps"),
        ({"steps": -1}, ValueError, "steps"),
        ({"measure": [mean_output], "steps": 5}, TypeError, "scan: steps = 5: .*no measurement"),
    ],
)
def test_what_cannot_be_scanned_is_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        an.scan(**{**RIGHT, **arguments})
    assert "\n" not in str(caught.value)


def test_numbers_that_do_not_fit_into_memory_are_refused_at_once(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e6")
    grid = an.Grid(seed=range(2**32), scale=np.linspace(0.1, 5.0, 50))
    with pytest.raises(MemoryError, match=r"scan: grid: 214748364800 points take .*store='"):
        an.scan(an.FeedbackNetwork, grid, ["exponent"])


# --- results --------------------------------------------------------------------------------------


def test_a_dataset_has_coordinates_units_and_provenance(result):
    data = result.to_xarray()
    assert data["exponent"].dims == ("seed", "scale")
    assert data["ends"].dims == ("seed", "scale", "ends_0", "ends_1")
    assert data["seed"].to_numpy().tolist() == [0, 1, 2, 3]
    assert data["scale"].attrs["long_name"]
    assert data["exponent"].attrs["units"] == "1/time"
    assert data["neurons"] == 3
    assert data["kind"].attrs["flag_meanings"].startswith("fixed_point ")
    assert len(data["kind"].attrs["flag_values"]) == len(result.codes("kind"))
    assert data.attrs["attractornet_version"] == an.__version__
    assert json.loads(data.attrs["attractornet_scan"]) == result.spec
    assert len(data.attrs["attractornet_fingerprint"]) == 64
    for name in result.columns:
        assert data[name].to_numpy().tobytes() == result[name].tobytes()


def test_a_dataset_goes_through_netcdf(result, tmp_path):
    import xarray

    pytest.importorskip("netCDF4")
    sample = an.Sample(9, {"scale": (0.1, 5.0)}, distribution="gaussian")
    for found in (result, an.scan(an.FeedbackNetwork, sample, ["kind", "spectrum"], **SHORT)):
        data = found.to_xarray()
        data.to_netcdf(tmp_path / "scan.nc", engine="netcdf4")
        with xarray.open_dataset(tmp_path / "scan.nc", engine="netcdf4") as again:
            assert again.identical(data)


def test_a_long_range_stays_a_range():
    grid = an.Grid(seed=range(1_000_000, 1_000_030), scale=1.0)
    found = an.scan(an.FeedbackNetwork, grid, {"mean": mean_output})
    index = found.to_xarray().indexes["seed"]
    assert type(index).__name__ == "RangeIndex"
    assert found.to_xarray()["mean"].sel(seed=1_000_007) == found["mean"][7]


def test_a_table_has_a_row_for_each_point(result, tmp_path):
    result.to_csv(tmp_path / "scan.csv")
    with open(tmp_path / "scan.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert list(rows[0]) == [
        "seed", "scale", "exponent", "exponent_error", "kind", "period", "rotation_number", "mean",
        *(f"ends_{i}_{j}" for i in range(2) for j in range(3)), "status",
    ]  # fmt: skip
    for k, row in enumerate(rows):
        i, j = divmod(k, 5)
        assert int(row["seed"]) == i
        assert float(row["scale"]) == np.linspace(0.1, 5.0, 5)[j]
        assert float(row["mean"]) == result["mean"][i, j]
        assert float(row["ends_1_2"]) == result["ends"][i, j, 1, 2]
        assert row["kind"] == result.codes("kind")[result["kind"][i, j]]
        assert row["status"] == "ok"


def test_numbers_of_single_precision_are_written_shortly(tmp_path):
    found = an.scan(an.FeedbackNetwork, NETWORKS, "final_state", dtype="float32", **SHORT)
    found.to_csv(tmp_path / "scan.csv")
    rows = list(csv.DictReader((tmp_path / "scan.csv").read_text().splitlines()))
    assert max(len(row["final_state_0"]) for row in rows) <= 16
    texts = [np.float32(row["final_state_0"]) for row in rows]
    assert np.array_equal(texts, found["final_state"][..., 0].ravel())


def test_results_pickle_also_with_functions_that_do_not():
    found = an.scan(an.textbook.Logistic, LOGISTIC, {"rate": lambda system: system.r})
    again = pickle.loads(pickle.dumps(found))
    assert repr(again) == repr(found)
    assert digest(again) == digest(found)
    assert again.to_xarray().identical(found.to_xarray())


def test_a_column_that_there_is_not_is_named(result):
    with pytest.raises(KeyError, match=r"no column 'nonsense'.*exponent"):
        result["nonsense"]
    with pytest.raises(ValueError, match="codes: name = 'nonsense': expected one of"):
        result.codes("nonsense")


def test_a_result_is_not_changed_through_what_it_gives(result):
    before = digest(result)
    result["exponent"][...] = 0.0
    result.coords["scale"][...] = 0.0
    result.to_xarray()["kind"][...] = 5
    assert digest(result) == before
    with pytest.raises(TypeError):
        result.spec["core"] = "x"


def test_repr_fits_a_line(result):
    assert repr(result).startswith("ScanResult(4 x 5 points: exponent, ")
    assert "\n" not in repr(result)


def test_equal_scans_have_equal_fingerprints(result):
    def mark(**options):
        return scanned(**options).to_xarray().attrs["attractornet_fingerprint"]

    ours = result.to_xarray().attrs["attractornet_fingerprint"]
    assert mark(chunk_size=3, threads=1, on_error="raise") == ours
    assert mark(steps=100, blocks=32) == ours  # a default said aloud
    assert mark(steps=101) != ours
    assert mark(initial=[0.0] * 4) != ours


# --- progress -------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk_size", [None, 1, 7])
def test_progress_is_told_in_points(chunk_size):
    told = []
    scanned(progress=lambda *pair: told.append(pair), chunk_size=chunk_size)
    done, totals = zip(*told, strict=True)
    assert set(totals) == {20}
    assert list(done) == sorted(done)
    assert (done[0], done[-1]) == (0, 20)


def test_a_bar_counts_points(capsys):
    scanned(progress=True, chunk_size=5)
    shown = capsys.readouterr().err
    assert "scan" in shown
    assert "points" in shown
    scanned(progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", [ArithmeticError, KeyboardInterrupt, SystemExit])
def test_what_progress_raises_reaches_the_caller(kind):
    error = kind("from progress")
    before = threading.active_count()

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        scanned(progress=tell)
    assert caught.value is error
    assert threading.active_count() == before


# --- without the extras ---------------------------------------------------------------------------


def test_scans_in_memory_need_no_extra(tmp_path):
    code = HIDE + (
        "import attractornet as an\n"
        "found = an.scan(an.textbook.Logistic, an.Grid(r=[3.5, 3.9]), ['exponent'], steps=100)\n"
        "found.to_csv('scan.csv')\n"
        "an.scan(an.textbook.Logistic, an.Sample(5, {'r': (3.0, 4.0)}, method='random'), 'kind')\n"
        "for call in (found.to_xarray, lambda: an.scan(an.textbook.Logistic, an.Grid(r=3.5), "
        "'kind', store='scan.zarr')):\n"
        "    try: call()\n"
        "    except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "ScanResult.to_xarray needs xarray: pip install 'attractornet[scan]'",
        "scan: store needs zarr: pip install 'attractornet[scan]'",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["scan.csv"]
