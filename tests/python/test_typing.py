"""The types that users see: right code passes mypy strict, wrong code does not.

That the package itself passes is checked in test_build.py.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import attractornet

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    len(attractornet.__path__) > 1, reason="an editable install lies in two places"
)

RIGHT = """
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, assert_type

import numpy as np
from numpy.typing import NDArray

import attractornet as an

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def told(done: int, total: int) -> None: ...


net = an.FeedbackNetwork([[0.5, 1.0]], np.ones(1))
assert_type(an.FeedbackNetwork.random(scale=1, distribution="gaussian"), an.FeedbackNetwork)
assert_type(an.FeedbackNetwork.load("net.safetensors"), an.FeedbackNetwork)
assert_type(net.w, Floats)
assert_type(net.neurons, int)
assert_type(net.start(), Floats)
assert_type(net.step([0.0, 1.0]), Floats)
assert_type(net.jvp(net.start(), np.eye(2)), Floats)
assert_type(net.vjp(net.start(), net.start()), Floats)
assert_type(net.jacobian(net.start()), Floats)
assert_type(net.hidden((1, 2)), Floats)
assert_type(net.trajectory(10, 5, None, "y0", threads=2, progress=told), Floats)
assert_type(net.one_step_stretch(), float)
assert_type(net.origin(), an.OriginStability)
assert_type(net.origin().exponents, Floats)
net.save("net.safetensors")

system: an.System = net
spec = an.lyapunov_spectrum(system, k=2, interval=None, initial=[0.0, 1.0], progress=True)
assert_type(spec, an.LyapunovSpectrum)
assert_type(spec.exponents, Floats)
assert_type(spec.history_steps, NDArray[np.int64])
assert_type(spec.kaplan_yorke_dimension, float)
assert_type(spec.steps, int)
assert_type(spec.status, str)
assert_type(spec.error_bars(level=0.9), Floats)

flow: an.Flow = an.textbook.Lorenz(rho=20)
sampled = an.Discretised(flow, 0.01, scheme="dormand_prince", rtol=1e-8)
assert_type(an.textbook.Henon(a=1.3).a, float)
assert_type(flow.rhs(flow.start()), Floats)
assert_type(sampled.dt, float)
assert_type(sampled.trajectory(10, 5, threads=2), Floats)
assert_type(system.observe([0.0, 1.0]), float)

graded = an.ContinuousHopfield([[0.0, 1.0], [1.0, 0.0]], 0.5, gain=2, symmetric=True)
assert_type(graded.weights, Floats)
assert_type(graded.gain, float)
assert_type(graded.energy(an.integrate(graded, 1.0).states), Floats)
assert_type(an.ContinuousHopfield.load("net.safetensors"), an.ContinuousHopfield)

memory = an.HopfieldNetwork.store([[1, -1], [1, 1]], "storkey", center="mean", a=None)
assert_type(memory, an.HopfieldNetwork)
assert_type(memory.add([[1, 1]]).remove([[1, 1]]), an.HopfieldNetwork)
assert_type(an.HopfieldNetwork([[0]], [1], coding="binary").weights, Floats)
assert_type(memory.rule, str | None)
assert_type(memory.diagonal, bool | None)
assert_type(memory.center, float | None)
assert_type(memory.a, float | None)
assert_type(memory.overlaps([1, -1]), Floats)
recalled = memory.recall([1, 1], update="random", temperature=1, trace=("energy", "state"))
assert_type(recalled, an.hopfield.Recall)
assert_type(recalled.states, NDArray[np.int8] | Floats)
assert_type(recalled.sweeps, NDArray[np.int64])
assert_type(recalled.energy_trace, Floats | None)
assert_type(recalled.overlap_trace, Floats | None)
assert_type(recalled.state_trace, NDArray[np.int8] | None)
assert_type(recalled.trace_updates, NDArray[np.int64] | None)
assert_type(memory.patterns, NDArray[np.int8])
memory.overlaps(recalled.states * -1)
assert_type(recalled.energies, Floats)
assert_type(an.HopfieldNetwork.load("net.safetensors"), an.HopfieldNetwork)
dense = an.DenseAssociativeMemory([[1, -1, 1]], order=3)
softmax = an.DenseAssociativeMemory(np.eye(3), order=math.inf, beta=2.0)
assert_type(dense.order, int | float)
assert_type(dense.patterns, NDArray[np.int8] | Floats)
assert_type(softmax.beta, float | None)
assert_type(dense.energy(np.ones((4, 3), np.int8)), Floats)
assert_type(dense.overlaps([1, 1, 1]), Floats)
retrieved = dense.recall(np.ones(3), update="sequential", temperature=0, threads=1, progress=told)
assert_type(retrieved, an.hopfield.Recall)
assert_type(retrieved.energies, Floats)
assert_type(retrieved.sweeps, NDArray[np.int64])
assert_type(retrieved.converged, NDArray[np.bool])
dense.energy(retrieved.states)
softmax.recall(softmax.patterns, tolerance=1e-9, max_sweeps=10)
assert_type(an.DenseAssociativeMemory.load("net.safetensors"), an.DenseAssociativeMemory)

found = an.classify(sampled, [1.0, 1.0, 1.0], horizon=1000, progress=told)
assert_type(found, an.Classification)
assert_type(found.kind, str)
assert_type(found.frequencies, Floats)
assert_type(found.torus_dimension, int | None)
assert_type(found.horizon, int)

sets = an.attractors(system, np.zeros((2, 2)), discard=10, threads=1)
assert_type(sets, an.AttractorSet)
assert_type(sets.attractors, tuple[an.Attractor, ...])
assert_type(sets.attractors[0].classification, an.Classification)
assert_type(sets.labels, NDArray[np.int64])
plane = an.basins(system, [0.0, 1.0], np.zeros(3), u_axis=1, v_axis=0, base=None)
assert_type(plane, an.Basins)
assert_type(plane.labels, NDArray[np.int64])
assert_type(plane.attractors[0].share, float)

solution = an.integrate(flow, 1, rtol=1e-8, max_step=None)
assert_type(solution, an.Solution)
assert_type(solution(0.5), Floats)
assert_type(solution.status, str)

dimension = an.correlation_dimension(np.zeros((300, 2)), theiler=0, smallest=None)
assert_type(dimension, an.CorrelationDimension)
assert_type(dimension.slopes, Floats)
assert_type(an.zero_one_test([0.0] * 100, angles=3).k, float)
assert_type(an.recurrence([0.0, 1.0, 2.0]).diagonal_lines, NDArray[np.int64])

grid = an.Grid(seed=range(10), scale=np.linspace(0.1, 5.0, 3), neurons=4)
assert_type(grid.shape, tuple[int, ...])
assert_type(grid.size, int)
drawn = an.Sample(10, {"scale": (0.1, 5.0)}, seed=1, method="sobol", neurons=4)
result = an.scan(an.FeedbackNetwork, grid, ["exponent", lambda s: 1.0], steps=10, threads=2)
assert_type(result, an.ScanResult)
assert_type(result["exponent"], NDArray[Any])
assert_type(result.points_per_second, float)
assert_type(result.status_counts, dict[str, int])
result.to_csv("scan.csv")
an.scan(net, drawn, {"kind": "kind"}, store="scan.zarr", progress=told, dtype="float32")
an.scan(an.HopfieldNetwork, an.Grid(alpha=[0.1, 0.2], diagonal=True), ["overlap", "sweeps"])
assert_type(an.HopfieldNetwork.random(alpha=0.2, rule="storkey"), an.HopfieldNetwork)
assert_type(an.scan_status("scan.zarr"), an.ScanStatus)
assert_type(an.scan_status("scan.zarr").complete, bool)
assert_type(an.scan_verify("scan.zarr"), an.ScanVerification)
assert_type(an.scan_verify("scan.zarr").problems, tuple[str, ...])

assert_type(an.fields(an.FeedbackNetwork), tuple[an.Field, ...])
assert_type(an.fields(an.lyapunov_spectrum)[0].name, str)
assert_type(an.fields(an.classify), tuple[an.Field, ...])
assert_type(an.fields(an.FeedbackNetwork)[0].choices, tuple[str, ...])
assert_type(an.info(), dict[str, Any])
assert_type(an.__version__, str)
assert_type(an.feedback.PUBLISHED[0].network(), an.FeedbackNetwork)
an.math.tanh([0.0, 1.0])
digits = an.datasets.load_mnist("test", "data", progress=told)
assert_type(digits, an.datasets.LabelledImages)
assert_type(digits.images, NDArray[np.uint8])
assert_type(an.datasets.load_fashion_mnist().labels, NDArray[np.uint8])
assert_type(an.datasets.bipolar(digits.images, 127), NDArray[np.int8])


def draw(ax: Axes) -> Axes:
    an.plot.attractor(net, ax, style="points")
    an.plot.attractor(net.trajectory(5), units=(0, 0))
    an.plot.convergence(spec, leading=2)
    an.plot.basins(plane, ax, attractors=False, labels=("u", "v"))
    an.plot.correlation_dimension(dimension, title="D2")
    an.plot.recurrence(net.trajectory(5), ax, 0.1)
    an.plot.recurrence([0.0, 1.0])
    an.plot.scan_map(result, ax, value="exponent", sel={"seed": 1}, reduce="mean")
    an.plot.phase_diagram(result, ax, value="retrieved", sel={"seed": 1}, theory=False)
    an.plot.chaos_fraction(result.to_xarray(), along="scale", by="seed", threshold=0.0)
    return an.plot.spectrum(spec, ax=ax)
"""

# Every line is an error, of the kind that its comment names.
WRONG = """
an.FeedbackNetwork([[1.0]])  # call-arg
an.FeedbackNetwork([[1.0]], [1.0], seed=3)  # call-arg
an.FeedbackNetwork(None, [1.0])  # arg-type
an.FeedbackNetwork.random(3)  # call-arg misc
an.FeedbackNetwork.random(neuron=3)  # call-arg
an.FeedbackNetwork.random(scale="1")  # arg-type
an.FeedbackNetwork.random(distribution="normal")  # arg-type
net.trajectory()  # call-arg
net.trajectory(10, observe="z")  # arg-type
net.trajectory(10.0)  # arg-type
net.trajectory(10, 5, None, "x", 2)  # call-arg misc
net.trajectory(10, progress=1)  # arg-type
net.trajectory(10, progress=lambda done: None)  # arg-type misc
net.w = np.ones((1, 2))  # misc
net.nonsense  # attr-defined
an.lyapunov_spectrum(3)  # arg-type
an.lyapunov_spectrum(net, 3)  # call-arg misc
an.lyapunov_spectrum(net, step=100)  # call-arg
an.lyapunov_spectrum(net).exponent  # attr-defined
an.lyapunov_spectrum(net).status = "ok"  # misc
an.plot.attractor(net, style="lines")  # arg-type
an.plot.basins([1.0])  # arg-type
an.plot.recurrence([1.0], threshold="x")  # arg-type
an.integrate(net, 1.0)  # arg-type
an.Discretised(net, 0.1)  # arg-type
an.Discretised(an.textbook.Lorenz())  # call-arg
an.Discretised(an.textbook.Lorenz(), 0.1, scheme="rk4")  # arg-type
an.ContinuousHopfield()  # call-arg
an.ContinuousHopfield([[1.0]], 0.0, 2.0)  # call-arg misc
an.ContinuousHopfield([[1.0]], None)  # arg-type
an.HopfieldNetwork([[0.0]], None, "binary")  # call-arg misc
an.HopfieldNetwork.store([[1.0]], "hebb")  # arg-type
an.HopfieldNetwork.store([[1.0]], "hebbian", False)  # call-arg misc
an.HopfieldNetwork.store([[1.0]], center="median")  # arg-type
an.HopfieldNetwork([[0.0]]).recall([1.0], tie="minus")  # arg-type
an.HopfieldNetwork([[0.0]]).recall([1.0], sweeps=3)  # call-arg
an.HopfieldNetwork([[0.0]]).coding = "binary"  # misc
an.DenseAssociativeMemory([[1.0]], 3)  # call-arg misc
an.DenseAssociativeMemory([[1.0]], order="3")  # arg-type
an.DenseAssociativeMemory([[1.0]]).recall([1.0], update="parallel")  # arg-type
an.DenseAssociativeMemory([[1.0]]).order = 2  # misc
an.classify(net, None, 1000)  # call-arg misc
an.classify(net).kind = "chaotic"  # misc
an.attractors(net)  # call-arg
an.basins(net, [0.0], [1.0], 0)  # call-arg misc
an.zero_one_test([0.0], angle=3)  # call-arg
an.scan(an.FeedbackNetwork)  # call-arg
an.scan(an.FeedbackNetwork, an.Grid(seed=1), ["kind"], None)  # call-arg misc
an.scan(an.FeedbackNetwork, {"seed": 1}, ["kind"])  # arg-type
an.scan(an.FeedbackNetwork, an.Grid(), ["kind"], device="tpu")  # arg-type
an.scan(an.FeedbackNetwork, an.Grid(), ["kind"], executor=3)  # arg-type
an.Sample(10)  # call-arg
an.Grid(seed=1).shape = ()  # misc
an.scan_status(3)  # arg-type
an.datasets.load_mnist("t10k")  # arg-type
an.datasets.load_mnist("test", None, True)  # call-arg misc
an.datasets.load_mnist().images = np.zeros(3)  # assignment misc
an.textbook.Henon(1.4)  # call-arg misc
an.textbook.Henon(c=1.4)  # call-arg
an.textbook.Henon().rhs([0.0, 0.0])  # attr-defined
an.textbook.Nonsense()  # attr-defined
an.nonsense  # attr-defined
"""

HEADER = """
import numpy as np

import attractornet as an

net = an.FeedbackNetwork([[0.5, 1.0]], [1.0])
"""


def mypy(code, folder):
    """What mypy strict says of the code, line by line: {line number: {error codes}}."""
    (folder / "snippet.py").write_text(code)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--no-color-output"]
    command += ["--config-file", "", "--cache-dir", str(ROOT / "build" / "mypy"), "snippet.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    said = {}
    for line, code in re.findall(r"^snippet\.py:(\d+): error: .*\[(.*)\]$", done.stdout, re.M):
        said.setdefault(int(line), set()).add(code)
    assert bool(said) == bool(done.returncode), done.stdout
    return said


def test_right_code_passes(tmp_path):
    said = mypy(RIGHT, tmp_path)
    lines = RIGHT.splitlines()
    assert {lines[number - 1]: codes for number, codes in said.items()} == {}


def test_wrong_code_does_not(tmp_path):
    code = HEADER + WRONG
    said = mypy(code, tmp_path)
    for number, line in enumerate(code.splitlines(), start=1):
        expected = set(line.partition("  # ")[2].split())
        # Either code of a pair will do: mypy's own choice between them has changed before.
        assert bool(said.get(number)) == bool(expected), line
        assert said.get(number, set()) <= expected, line
