"""What runs on a CUDA device, here on the emulator of the C++ tests; and builds without it.

With ATTRACTORNET_TEST_DEVICE=cuda in the environment the device is this machine's.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from test_build import JOBS, ROOT, run

import attractornet as an
from attractornet import learn
from attractornet.learn import WilsonCowanModel

REAL = os.environ.get("ATTRACTORNET_TEST_DEVICE") == "cuda"
EMULATOR = ROOT / "tests" / "cpp" / "cuda" / "emulator"
GRID = an.Grid(seed=range(5), scale=[0.4, 1.5], neurons=4, inputs=12)
OPTIONS = {"steps": 60, "discard": 9, "blocks": 3, "horizon": 1000}


def build(name, *options):
    """The module for devices, built into a folder of that name."""
    pybind11 = pytest.importorskip("pybind11")
    folder = ROOT / "build" / name
    run(
        *("cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release"),
        *("-DATTRACTORNET_PYTHON=ON", "-DATTRACTORNET_CUDA=ON"),
        *(f"-DPython_EXECUTABLE={sys.executable}", f"-Dpybind11_DIR={pybind11.get_cmake_dir()}"),
        *options,
    )
    run("cmake", "--build", folder, "--target", "_cuda", "--parallel", JOBS)
    (file,) = (folder / "python" / "bindings").glob("_cuda*.so")
    return file


@pytest.fixture(scope="module")
def built():
    """The module whose kernels are compiled for the CPU."""
    if REAL:
        return None
    fast = "-DCMAKE_CXX_FLAGS_RELEASE=-O1"
    return build("emulated", fast, f"-DATTRACTORNET_CUDA_EMULATOR={EMULATOR}")


@pytest.fixture
def cuda(built, monkeypatch):
    if REAL:
        return importlib.import_module("attractornet._cuda")
    spec = importlib.util.spec_from_file_location("attractornet._cuda", built)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "attractornet._cuda", module)
    return module


def scan(measure, device, **more):
    return an.scan(an.FeedbackNetwork, GRID, measure, device=device, **{**OPTIONS, **more})


def test_there_is_a_device(cuda):
    assert len(cuda.devices()) >= 1
    assert REAL or cuda.devices() == ("an emulated device",)


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


# ------------------------------------------------------------------------------------- training

NODES, CLASSES = 20, 2


def examples_of(samples=24, seed=1):
    """Examples that are noisy patterns of `plant`, and their classes."""
    random = np.random.default_rng(seed)
    labels = np.arange(samples) % CLASSES
    patterns = WilsonCowanModel.plant(CLASSES, NODES).targets
    x = patterns[labels] + random.normal(0, 0.1, (samples, NODES))
    return np.clip(x, 0, 1).astype(np.float32), labels


def trained(device, coupling="spectral", **options):
    model = WilsonCowanModel.plant(CLASSES, NODES, coupling, steps=6)
    options = {"epochs": 2, "batch_size": 10, "long_steps": 9, **options}
    return learn.train(model, *examples_of(), device=device, **options)


@pytest.mark.parametrize("coupling", ["spectral", "projected"])
def test_a_training_is_that_of_the_cpu(cuda, coupling):
    options = {"noise": 0.05, "validation": 0.25}
    here, there = (trained(device, coupling, **options) for device in ("cpu", "cuda"))
    assert there.status == "finished"
    for a, b in zip(here.history, there.history, strict=True):
        assert b.loss == pytest.approx(a.loss, rel=1e-5)
        assert (b.accuracy, b.validation_accuracy) == (a.accuracy, a.validation_accuracy)
        assert b.gamma == pytest.approx(a.gamma, rel=1e-5)
    a, b = (run.model.coupling.coupling for run in (here, there))
    assert np.abs(a - b).max() < 1e-5 * np.abs(a).max()
    assert np.abs(b @ there.model.targets.T).max() < 1e-3  # what was planted stays


def test_a_penalty_there_is_that_of_the_cpu(cuda):
    # At first columns are at right angles but for rounding, which decides on which side they are.
    here, there = (trained(device, orthogonality=0.1) for device in ("cpu", "cuda"))
    for a, b in zip(here.history, there.history, strict=True):
        assert b.loss == pytest.approx(a.loss, rel=1e-2)


def test_a_training_there_goes_on_from_its_checkpoint(cuda, tmp_path):
    file = tmp_path / "training.safetensors"

    def stop(done, total):
        if done > 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained("cuda", epochs=3, checkpoint=file, progress=stop)
    again = trained("cuda", epochs=3, checkpoint=file)
    whole = trained("cuda", epochs=3)
    np.testing.assert_array_equal(again.model.coupling.phi, whole.model.coupling.phi)
    with pytest.raises(ValueError, match="of another training, of device = cuda, not cpu"):
        trained("cpu", epochs=3, checkpoint=file)


@pytest.mark.parametrize("products", ["tf32x3", "tf32"])
def test_products_of_tensor_cores(cuda, products):
    plain, other = (trained("cuda", products=each) for each in ("float32", products))
    a, b = plain.history[-1].loss, other.history[-1].loss
    assert b == pytest.approx(a, rel=1e-3 if products == "tf32x3" else 0.1)
    assert a != b


def test_predictions_there_are_those_of_the_cpu(cuda):
    model = trained("cpu").model
    x, labels = examples_of(seed=2)
    for steps in (None, 0, 300):
        here, there = (model.probabilities(x, steps, device=each) for each in ("cpu", "cuda"))
        np.testing.assert_array_equal(here, there)
    assert model.evaluate(x, labels, device="cuda") == model.evaluate(x, labels)
    np.testing.assert_array_equal(model.predict(x, device="cuda"), model.predict(x))


def test_the_classifier_there(cuda):
    x, labels = examples_of()
    here, there = (
        learn.WilsonCowanClassifier(epochs=2, random_state=0, device=each).fit(x, labels)
        for each in ("cpu", "cuda")
    )
    np.testing.assert_array_equal(here.predict(x), there.predict(x))
    there.partial_fit(x, labels)
    there.predict_proba(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": lambda x, labels: (0.0, x)}, "train: loss = .*: expected one with a name"),
        ({"products": "double"}, "train: products = 'double'"),
        ({"orthogonality": 1.0, "coupling": "projected"}, "orthogonality"),
    ],
)
def test_what_devices_do_not_take(cuda, options, message):
    with pytest.raises(ValueError, match=message):
        trained("cuda", **options)


@pytest.mark.parametrize("options", [{"dtype": "float64"}, {"scheme": "runge_kutta_4"}])
def test_models_that_devices_do_not_take(cuda, options):
    model = WilsonCowanModel.plant(CLASSES, NODES, **options)
    x, labels = examples_of()
    with pytest.raises(ValueError, match=r"train: model has .*, where device = 'cuda'"):
        learn.train(model, x, labels, device="cuda")
    with pytest.raises(ValueError, match=r"predict: model has .*, where device = 'cuda'"):
        model.predict(x, device="cuda")


def test_the_cpu_has_one_way_to_multiply():
    with pytest.raises(ValueError, match="products = 'tf32': expected 'float32', where device"):
        trained("cpu", products="tf32")


def test_a_diverged_training_there_keeps_the_last_good_model(cuda):
    x, labels = examples_of()
    with np.errstate(all="ignore"):
        run = trained("cuda", learning_rate=1e30, gamma_rate=1e30)
    assert run.status == "diverged"
    assert np.isfinite(run.model.evaluate(x, labels).loss)


# -------------------------------------------------------------------------------------- Hopfield


@pytest.mark.parametrize("update", ["asynchronous", "sequential", "random", "synchronous"])
@pytest.mark.parametrize("coding", ["bipolar", "binary"])
def test_recalls_there_have_the_bits_of_the_cpu(cuda, update, coding):
    random = np.random.default_rng(5)
    patterns, start = (np.sign(random.normal(size=size)) for size in ((6, 40), (2, 5, 40)))
    if coding == "binary":
        patterns, start = (patterns + 1) / 2, (start + 1) / 2
    net = an.HopfieldNetwork.store(patterns, coding=coding)
    here, there = (net.recall(start, update=update, seed=3, device=d) for d in ("cpu", "cuda"))
    for name in ("states", "energies", "sweeps", "converged", "cycle_length"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0.5}, "device = 'cuda': expected 'cpu', where temperature is not 0"),
        ({"trace": "energy"}, "device = 'cuda': expected 'cpu', where `trace` asks for something"),
    ],
)
def test_recalls_that_devices_do_not_take(cuda, options, message):
    net = an.HopfieldNetwork.random(units=20)
    with pytest.raises(ValueError, match=message):
        net.recall(np.ones(20), device="cuda", **options)
    other = an.HopfieldNetwork.random(units=20, rule="pseudoinverse")
    with pytest.raises(ValueError, match="device = 'cuda': expected 'cpu', where weights are no"):
        other.recall(np.ones(20), device="cuda")


# ---------------------------------------------------------------------------------------- torch


@pytest.fixture
def layers(cuda, monkeypatch):
    """A layer of torch on the CPU, and one that takes its tensors for the device's."""
    torch = pytest.importorskip("torch")
    from attractornet.torch import WilsonCowan

    def made(coupling, **options):
        here, there = (
            WilsonCowan(NODES - 1, CLASSES, 7, coupling=coupling, **options) for _ in range(2)
        )
        x = torch.tensor(examples_of()[0][:, : NODES - 1])
        if REAL:
            return here, there.to("cuda"), x, x.to("cuda")
        monkeypatch.setattr(there, "forward", there._forward_there)
        return here, there, x, x

    return made


@pytest.mark.parametrize("coupling", ["spectral", "projected"])
def test_the_layer_of_torch_there_has_the_gradients_of_the_cpu(layers, coupling):
    import torch

    here, there, *starts = layers(coupling)
    found = []
    for layer, x in zip((here, there), starts, strict=True):
        start = x.clone().requires_grad_()
        states = layer(start)
        weights = torch.linspace(-1, 1, states.numel()).reshape(states.shape)
        (states * weights.to(states.device)).sum().backward()
        one = {"states": states.detach(), "x": start.grad}
        one |= {name: each.grad for name, each in layer.named_parameters()}
        found.append({name: each.cpu() for name, each in one.items()})
    for name, value in found[0].items():
        scale = float(value.abs().max())
        assert float((found[1][name] - value).abs().max()) < 2e-5 * scale, name


def test_the_layer_there_can_be_gone_back_twice_and_without_gradients(layers):
    import torch

    here, there, first, x = layers("projected", products="tf32x3")
    with torch.no_grad():
        torch.testing.assert_close(there(x).cpu(), here(first))
    loss = there(x).square().sum()
    first, second = (
        torch.autograd.grad(loss, list(there.parameters()), retain_graph=True) for _ in range(2)
    )
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_layers_that_devices_do_not_take(layers):
    import torch

    _, there, _, x = layers("projected", dtype=torch.float64)
    with pytest.raises(ValueError, match="WilsonCowan: model has dtype = 'float64'"):
        there(x)


def test_the_command_line_uses_the_device(cuda, capsys):
    from attractornet.cli import main

    def said(*arguments):
        main(arguments, standalone_mode=False)
        return capsys.readouterr().out

    assert ", ".join(cuda.devices()) in said("info")
    scan_of = ("scan", "run", "--axis", "seed=0:3", "--set", "inputs=8", "--measure", "final_state")
    short = ("--steps", "20", "--discard", "0", "--json", "--no-progress")
    there = said(*scan_of, *short, "--device", "cuda")
    assert json.loads(there)["points"] == 3
    assert "device='cuda'" in said(*scan_of, *short[:4], "--device", "cuda")


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


def has_nvcc():
    if REAL or not shutil.which("nvcc"):
        return False
    version = subprocess.run(["nvcc", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"release (\d+)", version.stdout)
    return found is not None and int(found[1]) >= 12


@pytest.mark.skipif(not has_nvcc(), reason="no nvcc of CUDA 12 or later, or tests of a device")
def test_nvcc_compiles_it_and_without_a_device_it_says_so():
    # In a process of its own: pybind11 keeps one module of a name.
    code = (
        "import importlib.util, sys\n"
        "import attractornet as an\n"
        "spec = importlib.util.spec_from_file_location('attractornet._cuda', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "try:\n"
        "    print(*module.devices())\n"
        "except an.BackendUnavailable as error:\n"
        "    print(error)\n"
    )
    said = run(sys.executable, "-c", code, build("nvcc"))
    assert re.match(r"CUDA: looking for devices: .*; device = 'cpu' needs neither|NVIDIA", said)
