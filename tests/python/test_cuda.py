"""What runs on a CUDA device, here on the emulator of the C++ tests; and builds without it."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from test_build import JOBS, ROOT, run

import attractornet as an

EMULATOR = ROOT / "tests" / "cpp" / "cuda" / "emulator"
GRID = an.Grid(seed=range(5), scale=[0.4, 1.5], neurons=4, inputs=12)
OPTIONS = {"steps": 60, "discard": 9, "blocks": 3, "horizon": 1000}


@pytest.fixture(scope="module")
def built():
    """The module for devices, whose kernels are compiled for the CPU."""
    pybind11 = pytest.importorskip("pybind11")
    build = ROOT / "build" / "emulated"
    run(
        *("cmake", "-S", ROOT, "-B", build, "-DCMAKE_BUILD_TYPE=Release"),
        *("-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DATTRACTORNET_PYTHON=ON", "-DATTRACTORNET_CUDA=ON"),
        *(f"-DATTRACTORNET_CUDA_EMULATOR={EMULATOR}", f"-DPython_EXECUTABLE={sys.executable}"),
        f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
    )
    run("cmake", "--build", build, "--target", "_cuda", "--parallel", JOBS)
    (file,) = (build / "python" / "bindings").glob("_cuda*.so")
    return file


@pytest.fixture
def cuda(built, monkeypatch):
    spec = importlib.util.spec_from_file_location("attractornet._cuda", built)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "attractornet._cuda", module)
    return module


def scan(measure, device, **more):
    return an.scan(an.FeedbackNetwork, GRID, measure, device=device, **{**OPTIONS, **more})


def test_there_is_a_device(cuda):
    assert cuda.devices() == ("an emulated device",)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scans_are_those_of_the_cpu(cuda, dtype):
    measure = ["final_state", "occupied", "exponent", "spectrum"]
    here, there = (scan(measure, device, dtype=dtype, k=2) for device in ("cpu", "cuda"))
    for name in ("final_state", "occupied", "status"):
        np.testing.assert_array_equal(here[name], there[name])
    rounding = 1e-13 if dtype == "float64" else 1e-4
    for name in ("exponent", "exponent_error", "spectrum", "spectrum_error"):
        np.testing.assert_allclose(there[name], here[name], rtol=0, atol=rounding)


def test_kinds_and_starts_of_ones_own(cuda):
    start = np.linspace(-0.4, 0.5, 12)
    here, there = (scan(["final_state", "kind"], each, initial=start) for each in ("cpu", "cuda"))
    np.testing.assert_array_equal(here["final_state"], there["final_state"])
    np.testing.assert_array_equal(here["kind"], there["kind"])


def test_chunks_and_threads_make_no_difference(cuda):
    whole = scan(["exponent"], "cuda")["exponent"]
    np.testing.assert_array_equal(scan(["exponent"], "cuda", chunk_size=3)["exponent"], whole)
    np.testing.assert_array_equal(scan(["exponent"], "cuda", threads=2)["exponent"], whole)


def test_a_store_knows_where_its_numbers_come_from(cuda, tmp_path):
    store = tmp_path / "scan.zarr"
    first = scan(["exponent"], "cuda", store=store, chunk_size=4)
    again = scan(["exponent"], "cuda", store=store, chunk_size=4)
    np.testing.assert_array_equal(first["exponent"], again["exponent"])
    assert an.scan_verify(store).ok
    with pytest.raises(ValueError, match='device is "cuda" there and "cpu" here'):
        scan(["exponent"], "cpu", store=store, chunk_size=4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (an.textbook.Henon, an.Grid(a=[1.2]), ["exponent"]),
            "scan: device = 'cuda': expected 'cp",
        ),
        ((an.HopfieldNetwork, an.Grid(units=[9]), ["overlap"]), "scan: device = 'cuda'"),
        ((an.FeedbackNetwork, GRID, {"one": lambda network: 1.0}), "scan: device = 'cuda'"),
        (
            (an.FeedbackNetwork, GRID, ["speed"]),
            "scan: measure = 'speed': expected one of final_st",
        ),
    ],
)
def test_what_runs_on_the_cpu_alone_is_refused(cuda, arguments, message):
    with pytest.raises(ValueError, match=message):
        an.scan(*arguments, device="cuda")


def test_ctrl_c_and_progress(cuda):
    told = []
    scan(["final_state"], "cuda", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (GRID.size, GRID.size)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(["exponent"], "cuda", progress=stop)


def test_a_build_without_it_says_how_to_have_it():
    code = (
        "import attractornet as an\n"
        "try:\n"
        "    an.scan(an.FeedbackNetwork, an.Grid(seed=range(3)), ['exponent'], device='cuda')\n"
        "except an.BackendUnavailable as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if not done.stdout.startswith("scan: device = 'cuda': this build has no CUDA backend"):
        pytest.skip("this build has it")
    assert "cmake.define.ATTRACTORNET_CUDA=ON" in done.stdout
