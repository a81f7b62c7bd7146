"""Every public callable, found by walking the package, with one call of each that is right.

A function that is added to attractornet is found here without an edit. What it needs beyond the
values below goes into RIGHT (arguments of one function), VALUES (an argument of that name, wherever
it is taken) or INSTANCES (an object of a new class).
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import struct
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import attractornet as an
from attractornet.datasets._published import FASHION_MNIST, MNIST

REQUIRED = inspect.Parameter.empty


class Parameter(NamedTuple):
    """One argument, as the signature tells it; the annotation is source text."""

    name: str
    annotation: str
    default: Any
    keyword_only: bool


class Public(NamedTuple):
    """A function, constructor, method, static method or property of the package."""

    name: str  # "FeedbackNetwork.step", "plot.spectrum", "tanh"
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    owner: type | None

    @property
    def short(self) -> str:
        """The word that errors call it by: a constructor's is the class."""
        words = self.name.split(".")
        return words[-2] if words[-1].startswith("__") else words[-1]

    def call(self, arguments: dict[str, Any]) -> Any:
        """Call it; self goes in front, all else by keyword."""
        rest = dict(arguments)
        if self.name.endswith(".__init__"):
            return self.owner(**rest)
        first = [rest.pop("self")] if "self" in rest else []
        return self.function(*first, **rest)


# --- signatures -----------------------------------------------------------------------------------


def _of_text(line: str) -> tuple[Parameter, ...]:
    """Parameters of the signature that a docstring of the core begins with."""
    arguments = ast.parse(f"def {line}: ...").body[0].args
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(plain) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    return tuple(
        Parameter(
            each.arg,
            ast.unparse(each.annotation) if each.annotation else "",
            ast.literal_eval(default) if default is not None else REQUIRED,
            each in arguments.kwonlyargs,
        )
        for each, default in zip([*plain, *arguments.kwonlyargs], defaults, strict=True)
    )


def _of_python(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            each.name,
            each.annotation if isinstance(each.annotation, str) else "",
            {} if each.kind is each.VAR_KEYWORD else each.default,  # of any name, also its own
            each.kind is each.KEYWORD_ONLY,
        )
        for each in inspect.signature(function).parameters.values()
    )


def signature(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Parameters of a function of Python, or of the core, whose docstring begins with them."""
    if inspect.isfunction(function) or inspect.ismethod(function):
        return _of_python(function)
    line = (inspect.getdoc(function) or "").partition("\n")[0]
    return _of_text(line)


# --- the walk -------------------------------------------------------------------------------------


def _own(cls: type) -> set[str]:
    """Names of the class, but for those that it has from another public class, as it is."""
    bases = {base for base in (an.System, an.Flow) if base is not cls and issubclass(cls, base)}
    # And what other libraries made: tuple, scikit-learn's estimator.
    bases |= {base for base in cls.__mro__[1:] if not base.__module__.startswith("attractornet")}
    inherited = {name for base in bases for name in vars(base)} - set(vars(cls))
    return set(vars(cls)) | {name for name in dir(cls) if name not in inherited}


def _members(cls: type) -> Iterator[Public]:
    if inspect.isfunction(cls.__init__) or (cls.__init__.__doc__ or "").startswith("__init__("):
        made = signature(cls.__init__)
        yield Public(f"{cls.__name__}.__init__", cls, made[1:], cls)
    for name in dir(cls):
        member = inspect.getattr_static(cls, name)
        if (name.startswith("_") and name != "__call__") or name not in _own(cls):
            continue
        where = f"{cls.__name__}.{name}"
        if isinstance(member, property):
            itself = (Parameter("self", "", REQUIRED, False),)
            yield Public(where, member.fget, itself, cls)
        elif callable(getattr(cls, name)):
            function = getattr(cls, name)
            yield Public(where, function, signature(function), cls)


def _walk(module: ModuleType, prefix: str = "") -> Iterator[Public]:
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.ismodule(value):
            yield from _walk(value, "" if name == "math" else f"{name}.")
        elif inspect.isclass(value):
            if not issubclass(value, BaseException):
                yield from _members(value)
        elif callable(value):
            yield Public(prefix + name, value, signature(value), None)


# What scikit-learn checks in words of its own; its estimator checks are run on it.
FOREIGN = "WilsonCowanClassifier."
PUBLIC = {each.name: each for each in _walk(an) if not each.name.startswith(FOREIGN)}


def fields_of(public: Public) -> dict[str, an.Field]:
    """Bounds of the arguments that a field list describes, by name."""
    found = {}
    for subject in (public.owner, public.function):
        try:
            found.update({field.name: field for field in an.fields(subject)})
        except TypeError:
            continue
    return {each.name: found[each.name] for each in public.parameters if each.name in found}


# --- values that are right ------------------------------------------------------------------------

NET = an.FeedbackNetwork.random(neurons=3, inputs=5, scale=1.3, seed=7)
SPECTRUM = an.lyapunov_spectrum(NET, steps=40, discard=0, blocks=4)
ORBIT = NET.trajectory(20)
POINTS = NET.trajectory(120)
LORENZ = an.textbook.Lorenz()
SAMPLED = an.Discretised(LORENZ, 0.01)
SOLUTION = an.integrate(LORENZ, 2.5, rtol=1e-3)
FOUND = an.classify(NET, horizon=1_000, max_period=10)
STARTS = np.linspace(-0.5, 0.5, 20).reshape(4, 5)
SETS = an.attractors(NET, STARTS, horizon=1_000, max_period=10, discard=0)
BASINS = an.basins(NET, [-0.5, 0.5], [-1.0, 0.0, 1.0], horizon=1_000, max_period=10, discard=0)
DIMENSION = an.correlation_dimension(POINTS, theiler=10)
GRID = an.Grid(seed=range(3), scale=[0.5, 5.0], neurons=3, inputs=5)
SCANNED = an.scan(an.FeedbackNetwork, GRID, ["kind", "exponent"], steps=40, discard=0, threads=1)
CAPACITY = an.scan(an.HopfieldNetwork, an.Grid(alpha=[0.1, 0.2], units=20), "overlap", threads=1)
CORNERS = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0]])  # images of 2 x 2 units
CORNERED = an.HopfieldNetwork.store(CORNERS)
RECALLED = CORNERED.recall([[1, 1, 1, -1], [-1, -1, 1, -1]], trace=["energy", "overlap"])
RECORDS = np.arange(len(RECALLED.trace_updates)) / 2.0
IMAGES = np.arange(3 * 28 * 28).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([3, 1, 4], np.uint8)
# Of six units: an array of five truths is no state then.
PATTERNS = np.array([[0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 1]], float)
MEMORY = an.HopfieldNetwork.store(PATTERNS)
SIGNS = np.where(np.arange(28).reshape(4, 7) % 3 == 0, 1.0, -1.0)
DENSE = an.DenseAssociativeMemory(SIGNS)
NODES = an.WilsonCowanNetwork(np.arange(9.0).reshape(3, 3) / 8.0, w_ie=2.0)
ACTIVITIES = np.arange(6.0).reshape(2, 3) / 8.0
TAPE = NODES.tape(ACTIVITIES, steps=3)
NODE = an.WilsonCowanNode()
SPECTRAL = an.wilson_cowan.SpectralCoupling([[1.0, 0.5], [0.0, 1.0]], [-1.0, 0.0])
TARGETS = np.array([[0.0, 1.0, 1.0]]) / 4.0
MODEL = an.learn.WilsonCowanModel.plant(2, 6, steps=3)
LEARNT = np.linspace(0.0, 1.0, 24).reshape(4, 6)
TRAINED = an.learn.train(
    MODEL, LEARNT, [0, 1, 0, 1], epochs=2, batch_size=2, long_steps=5, validation=0.5, threads=1
)
EPOCH = an.learn.train_epoch(
    MODEL.coupling, LEARNT, [0, 1, 0, 1], MODEL.targets, [0, 1], np.ones((1, 3)), threads=1
)
_AXES = Figure().add_subplot()


def axes() -> Axes:
    """Empty axes to draw on; a figure for each call would take most of the time."""
    if _AXES.has_data():
        _AXES.clear()
    return _AXES


# An object of each class whose methods and properties are called.
INSTANCES: dict[str, Callable[[], Any]] = {
    "Attractor": lambda: SETS.attractors[0],
    "AttractorSet": lambda: SETS,
    "Basins": lambda: BASINS,
    "Classification": lambda: FOUND,
    "Connectome": lambda: an.datasets.Connectome(np.eye(2)),
    "ContinuousHopfield": lambda: an.ContinuousHopfield([[0.5, 1.0], [1.0, -0.5]], 0.2),
    "Bifurcation": lambda: NODE.bifurcation("h_e", [-1.2, -1.1]),
    "CriticalLoad": an.hopfield.critical_load,
    "CorrelationDimension": lambda: DIMENSION,
    "DenseAssociativeMemory": lambda: DENSE,
    "Discretised": lambda: SAMPLED,
    "Epoch": lambda: EPOCH,
    "EpochRecord": lambda: TRAINED.history[0],
    "Equilibria": NODE.equilibria,
    "Evaluation": lambda: MODEL.evaluate(LEARNT, [0, 1, 0, 1]),
    "FeedbackNetwork": lambda: NET,
    "Gradient": lambda: TAPE.adjoint(ACTIVITIES),
    "Grid": lambda: GRID,
    "History": lambda: TRAINED.history,
    "HopfieldNetwork": lambda: MEMORY,
    "Integration": lambda: NODES.integrate(ACTIVITIES, steps=4, trace_every=2),
    "LabelledImages": lambda: an.datasets.LabelledImages(IMAGES, LABELS),
    "Flow": lambda: LORENZ,
    "Field": lambda: an.fields(an.FeedbackNetwork)[0],
    "LyapunovSpectrum": lambda: SPECTRUM,
    "Moments": lambda: EPOCH.moments,
    "Nullclines": lambda: NODE.nullclines(points=5),
    "OriginStability": NET.origin,
    "ProjectedCoupling": lambda: an.wilson_cowan.ProjectedCoupling.plant(TARGETS),
    "PublishedNetwork": lambda: an.feedback.PUBLISHED[0],
    "Recall": lambda: MEMORY.recall(PATTERNS, trace=("energy", "overlap", "state")),
    "Recipe": lambda: an.learn.recipe("paper"),
    "Recurrence": lambda: an.recurrence(POINTS),
    "Sample": lambda: an.Sample(6, {"scale": (0.1, 5.0)}, method="random", neurons=3),
    "ScanResult": lambda: SCANNED,
    "ScanStatus": lambda: an.ScanStatus(1, 2, 1, 2, {"ok": 1}, {}),
    "ScanVerification": lambda: an.ScanVerification((), 1),
    "Solution": lambda: SOLUTION,
    "SpectralCoupling": lambda: SPECTRAL,
    "SpectralGradient": lambda: SPECTRAL.adjoint(np.eye(2)),
    "StateLoss": lambda: an.learn.state_loss(LEARNT, [0, 1, 0, 1], MODEL.targets),
    "System": lambda: NET,
    "Tape": lambda: TAPE,
    "Training": lambda: TRAINED,
    "WilsonCowanModel": lambda: MODEL,
    "WilsonCowanNetwork": lambda: NODES,
    "WilsonCowanNode": lambda: NODE,
    "ZeroOne": lambda: an.zero_one_test(POINTS[:, 0], angles=3),
}

# Arguments by their names; `at` has the object that the call is made on, and a folder. The small
# counts keep every call short, also where a default would be long.
VALUES: dict[str, Callable[[SimpleNamespace], Any]] = {
    "alpha": lambda at: 0.05,
    "coupling": lambda at: np.arange(9.0).reshape(3, 3) / 8.0,
    "angles": lambda at: 3,
    "ax": lambda at: axes(),
    "base": lambda at: states(at.system.dimension),
    "basins": lambda at: BASINS,
    "blocks": lambda at: 4,
    "cotangent": lambda at: states(at.self.dimension),
    "directory": lambda at: made_data(at.folder),
    "delay": lambda at: np.full((3, 3), 0.02),
    "discard": lambda at: 0,
    "dt": lambda at: 0.01,
    "duration": lambda at: 0.5,
    "dx": lambda at: ACTIVITIES.copy(),
    "dy": lambda at: ACTIVITIES.copy(),
    "flow": lambda at: LORENZ,
    "horizon": lambda at: 1_000,
    "initial": lambda at: states(at.system.dimension),
    "initial_states": lambda at: STARTS.copy(),
    "input_e": lambda at: np.arange(3.0) / 4.0,
    "input_i": lambda at: np.arange(3.0) / 4.0,
    "max_period": lambda at: 10,
    "path": lambda at: at.folder / "network.safetensors",
    "points": lambda at: POINTS.copy(),
    "result": lambda at: DIMENSION,
    "series": lambda at: POINTS[:, 0].copy(),
    "source": lambda at: ORBIT,
    "spec": lambda at: SPECTRUM,
    "state": lambda at: states(at.self.dimension),
    "states": lambda at: states(3, at.self.dimension),
    "steps": lambda at: 40,
    "subject": lambda at: an.FeedbackNetwork,
    "system": lambda at: NET,
    "tangents": lambda at: states(at.self.dimension, 3),
    "theiler": lambda at: 10,
    "store": lambda at: made_store(at.folder),
    "times": lambda at: np.array([[0.0, 0.25], [1.0, 2.0]]),
    "u": lambda at: np.array([-0.5, 0.5]),
    "v": lambda at: np.array([-1.0, 0.0, 1.0]),
    "x0": lambda at: ACTIVITIES.copy(),
    "y0": lambda at: ACTIVITIES.copy(),
}

# Arguments of one function, which win over VALUES.
RIGHT: dict[str, dict[str, Any]] = {
    "ContinuousHopfield.__init__": {
        "weights": np.arange(9.0).reshape(3, 3) / 8.0,
        "current": np.ones(3),
        "symmetric": False,
    },
    "DenseAssociativeMemory.__init__": {"patterns": SIGNS},
    "DenseAssociativeMemory.energy": {"states": SIGNS},
    "DenseAssociativeMemory.overlaps": {"states": SIGNS},
    "DenseAssociativeMemory.recall": {"states": SIGNS, "threads": 2},
    "FeedbackNetwork.__init__": {"w": np.arange(15.0).reshape(3, 5) / 8.0, "b": np.ones(3)},
    "FeedbackNetwork.trajectory": {"initial": np.arange(10.0).reshape(2, 5) / 16.0, "threads": 2},
    "LabelledImages.__init__": {"images": IMAGES, "labels": LABELS},
    "Equilibria.exponents": {"coupling": np.array([-1.0, 2.0])},
    "HopfieldNetwork.__init__": {
        "weights": np.arange(9.0).reshape(3, 3) / 8.0,
        "thresholds": np.ones(3),
        "symmetric": False,
    },
    "HopfieldNetwork.add": {"patterns": PATTERNS[:, ::-1].copy()},
    "HopfieldNetwork.energy": {"states": PATTERNS.copy()},
    "HopfieldNetwork.fields": {"states": PATTERNS.copy()},
    "HopfieldNetwork.overlaps": {"states": PATTERNS.copy()},
    "HopfieldNetwork.recall": {"states": PATTERNS.copy()},
    "HopfieldNetwork.remove": {"patterns": PATTERNS[:1].copy()},
    "HopfieldNetwork.store": {"patterns": PATTERNS.copy(), "thresholds": 0.5},
    "PublishedNetwork.__init__": {"name": "x", "neurons": 2, "inputs": 3, "scale": 1.0, "seed": 1},
    "WilsonCowanNode.bifurcation": {"parameter": "h_e", "values": np.array([-1.2, -1.1])},
    "WilsonCowanNode.nullclines": {"points": 5},
    "ProjectedCoupling.__init__": {"weights": np.arange(9.0).reshape(3, 3), "targets": TARGETS},
    "ProjectedCoupling.adjoint": {"da": np.arange(9.0).reshape(3, 3) / 8.0},
    "ProjectedCoupling.plant": {"targets": TARGETS},
    "ProjectedCoupling.replace": {"weights": np.arange(9.0).reshape(3, 3)},
    "SpectralCoupling.__init__": {
        "phi": np.array([[1.0, 0.5], [0.25, -1.0]]),
        "eigenvalues": np.array([-2.0, 0.5]),
        "train_columns": [True, False],
        "train_eigenvalues": [True, True],
    },
    "SpectralCoupling.adjoint": {"da": np.arange(4.0).reshape(2, 2) / 8.0},
    "SpectralCoupling.plant": {"targets": TARGETS},
    "SpectralCoupling.replace": {
        "phi": np.array([[1.0, 0.5], [0.25, -1.0]]),
        "eigenvalues": np.array([-2.0, 0.5]),
    },
    "Connectome.__init__": {"weights": np.eye(2), "lengths": np.ones((2, 2)), "labels": ("a", "b")},
    "datasets.bipolar": {"images": np.arange(24.0).reshape(2, 3, 4) * 10.0},
    "integrate": {"initial": np.array([1.0, 0.5, 0.25])},
    "Sample.__init__": {"size": 6, "ranges": {"scale": (0.1, 5.0)}, "method": "random"},
    "ScanResult.__init__": {
        "job": SCANNED._job,
        "source": SCANNED._source,
        "computed": 6,
        "elapsed": 1.0,
        "threads": 1,
    },
    "ScanResult.codes": {"name": "kind"},
    "ScanResult.unit": {"name": "exponent"},
    "ScanStatus.__init__": {
        "points_done": 1,
        "points_total": 2,
        "chunks_done": 1,
        "chunks_total": 2,
        "by_status": {"ok": 1},
        "spec": {},
    },
    "ScanVerification.__init__": {"problems": ("x",), "chunks": 1},
    "plot.chaos_fraction": {"result": SCANNED},
    "plot.bifurcation": {"result": NODE.bifurcation("h_e", [-1.2, -1.1])},
    "plot.images": {"rows": CORNERS.copy()},
    "plot.phase_diagram": {"result": CAPACITY},
    "plot.phase_plane": {"node": NODE, "starts": np.array([[0.1, 0.2]])},
    "plot.profile": {"node": NODE},
    "plot.settling": {
        "result": NODES.integrate(ACTIVITIES, steps=4, trace_every=1),
        "levels": np.array([0.25, 0.5]),
        "state": 1,
    },
    "plot.stability": {
        "node": NODE,
        "eigenvalues": np.array([-1.0, 0.0, 0.5]),
        "couplings": np.array([-1.0, 0.0, 2.0]),
    },
    "plot.energy": {"result": RECALLED, "x": RECORDS},
    "plot.overlaps": {"result": RECALLED, "state": 1, "x": RECORDS},
    "plot.recall": {"patterns": CORNERS.tolist(), "starts": -CORNERS, "recalled": RECALLED},
    "plot.scan_map": {"result": SCANNED},
    "plot.weights": {"network": CORNERED, "unit": 1},
    "WilsonCowanModel.__init__": {
        "coupling": MODEL.coupling,
        "targets": MODEL.targets,
        "dt": 0.1,
        "steps": 3,
    },
    "WilsonCowanModel.evaluate": {"x": LEARNT, "labels": np.array([0, 1, 0, 1])},
    "WilsonCowanModel.plant": {
        "classes": 2,
        "nodes": 6,
        "coupling": "projected",
        "dt": 0.1,
        "steps": 3,
    },
    "WilsonCowanModel.predict": {"x": LEARNT},
    "WilsonCowanModel.probabilities": {"x": LEARNT},
    "WilsonCowanModel.settle": {"x": LEARNT},
    "WilsonCowanModel.with_trained": {"coupling": MODEL.coupling, "gamma": 0.5},
    "datasets.resize": {"images": IMAGES, "side": 14},
    "EpochRecord.__init__": dataclasses.asdict(TRAINED.history[0]),
    "Evaluation.__init__": {"accuracy": 1.0, "loss": 0.5, "on_pattern": 0.5},
    "Recipe.__init__": {"model": {}, "training": {}},
    "Training.__init__": dict(
        zip(
            ("model", "history", "status", "best_epoch"),
            (MODEL, TRAINED.history, "", 0),
            strict=True,
        )
    ),
    "History.column": {"name": "loss"},
    "History.from_json": {"text": TRAINED.history.to_json()},
    "learn.probabilities": {"x": LEARNT, "targets": MODEL.targets},
    "learn.recipe": {"name": "paper"},
    "learn.state_loss": {"x": LEARNT, "labels": np.array([0, 1, 0, 1]), "targets": MODEL.targets},
    "learn.train": {
        "model": MODEL,
        "x": LEARNT,
        "labels": np.array([0, 1, 0, 1]),
        "epochs": 1,
        "batch_size": 2,
        "long_steps": 5,
        "validation": 0.5,
        "threads": 1,
        "checkpoint": None,
    },
    "learn.train_epoch": {
        "coupling": MODEL.coupling,
        "x": LEARNT,
        "labels": np.array([0, 1, 0, 1]),
        "targets": MODEL.targets,
        "order": np.array([3, 1]),
        "rates": np.full((1, 3), 0.01),
        "dt": 0.1,
        "steps": 3,
        "loss": "cross_entropy",
        "threads": 1,
    },
    "plot.confusion": {"true": np.array([0, 1, 1]), "predicted": np.array([0, 1, 0])},
    "plot.history": {"history": TRAINED.history},
    "plot.scaling": {"curves": {"ours": ([4, 9], [0.5, 0.75])}},
    "wilson_cowan.block_targets": {"classes": 2, "nodes": 9},
    "wilson_cowan.preset": {"regime": "excitable"},
    "scan": {
        "system": an.FeedbackNetwork,
        "grid": an.Grid(seed=range(2), neurons=2, inputs=5),
        "measure": ["kind", "exponent"],
        "chunk_size": 2,
        "initial": np.linspace(-0.4, 0.5, 5),
        "store": None,
        "threads": 1,
    },
    "tanh": {"x": np.arange(12.0).reshape(3, 4) / 4.0},
}


def made_store(folder: Any) -> Any:
    """A small store in the folder."""
    store = folder / "scan.zarr"
    if not store.exists():
        an.scan(an.FeedbackNetwork, GRID, "kind", store=store, steps=40, discard=0, threads=1)
    return store


def made_data(folder: Any) -> Any:
    """The folder, with the files of small data sets in it."""
    for data in (MNIST, FASHION_MNIST):
        (folder / data.folder).mkdir(exist_ok=True)
        for file, values in zip(data.splits["train"], (IMAGES, LABELS), strict=True):
            header = struct.pack(f">{1 + values.ndim}I", 0x800 + values.ndim, *values.shape)
            (folder / data.folder / file.name).write_bytes(header + values.tobytes())
    return folder


def states(*shape: int) -> np.ndarray:
    """Numbers of a state's size, no two alike."""
    return np.linspace(-0.4, 0.5, int(np.prod(shape))).reshape(shape)


def instance(cls: type) -> Any:
    """An object of the class: from INSTANCES, or drawn or built without arguments."""
    if cls.__name__ in INSTANCES:
        return INSTANCES[cls.__name__]()
    for make in (getattr(cls, "random", None), cls):
        try:
            return make()
        except TypeError:
            continue
    raise LookupError(f"no object of {cls.__name__}: add one to INSTANCES in public_api.py")


def right(public: Public, folder: Any) -> dict[str, Any]:
    """Arguments with which the call succeeds at once."""
    taken = {each.name: each for each in public.parameters}
    at = SimpleNamespace(self=None, system=NET, folder=folder)
    result: dict[str, Any] = {}
    if "self" in taken:
        result["self"] = at.self = at.system = instance(public.owner)
    for name, parameter in taken.items():
        own = RIGHT.get(public.name, {})
        if name in own:
            result[name] = own[name]
        elif name in VALUES:
            result[name] = VALUES[name](at)
        elif parameter.default is REQUIRED and name != "self":
            raise LookupError(
                f"no value for {name} of {public.name}: add one to VALUES or RIGHT in public_api.py"
            )
    if public.name.endswith(".load"):
        instance(public.owner).save(result["path"])
    if public.name.endswith("read_checkpoint"):
        once = {"epochs": 1, "long_steps": 5, "threads": 1}
        result["path"].unlink(missing_ok=True)  # another's
        an.learn.train(MODEL, LEARNT, [0, 1, 0, 1], checkpoint=result["path"], **once)
    if public.name.endswith("load_connectome"):
        result["path"].write_text("0 1\n0.5 0\n")
    return result


TIMES = ("elapsed", "points_per_second", "seconds")  # of results, which differ from call to call


# --- results --------------------------------------------------------------------------------------


def bits(value: Any) -> Any:
    """What a result is, to the bit; equal for equal results."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Axes):
        return (
            [bits(np.asarray(line.get_xydata())) for line in value.lines]
            + [
                bits(np.asarray(path.vertices))
                for each in value.collections
                for path in each.get_paths()
            ]
            + [bits(np.asarray(image.get_array())) for image in value.images]
        )
    if isinstance(value, tuple | list):
        return [bits(each) for each in value]
    if type(value).__module__.startswith("attractornet"):
        names = [name for name in dir(value) if not name.startswith("_") and name not in TIMES]
        values = [(name, getattr(value, name)) for name in names]
        return type(value).__name__, [(n, bits(v)) for n, v in values if not callable(v)]
    return repr(value)
