"""Wilson-Cowan networks that classify: states settle on the pattern of their class."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check, _device, _files
from attractornet._core import WilsonCowanNetwork, WilsonCowanNode, fields
from attractornet._core.learn import probabilities, state_loss
from attractornet._core.wilson_cowan import (
    Integration,
    ProjectedCoupling,
    SpectralCoupling,
    block_targets,
)
from attractornet._device import Device

Coupling = ProjectedCoupling | SpectralCoupling
Scheme = Literal["euler", "runge_kutta_4", "exponential_euler"]

_SCHEMES = ("euler", "runge_kutta_4", "exponential_euler")
LOSSES = ("mean_square", "sum_of_squares", "cross_entropy", "binary_cross_entropy")
_ON_PATTERN = 1e-3  # a state is on a pattern when no node is further from it
_KINDS: dict[str, type[Coupling]] = {"spectral": SpectralCoupling, "projected": ProjectedCoupling}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a model does on examples.

    Attributes
    ----------
    accuracy
        Share of examples that are taken for their class.
    loss
        Mean of the loss that was asked for.
    on_pattern
        Share of examples whose nodes all are within 0.001 of the nearest pattern; others are on
        their way, or rest where nothing was planted, as when all nodes are active.
    """

    accuracy: float
    loss: float
    on_pattern: float


@dataclass(frozen=True, eq=False)
class WilsonCowanModel:
    """A Wilson-Cowan network with a target pattern for each class.

    An example is the activity of both populations at the start; its class is that of the pattern
    that is nearest when it has settled. Inputs are taken as they are: `WilsonCowanClassifier`
    scales and pads.

    Parameters
    ----------
    coupling
        What is trained: a `SpectralCoupling` or a `ProjectedCoupling`.
    targets
        Pattern of each class (classes, nodes).
    scale
        Gamma, what the coupling is multiplied with.
    steps, dt, scheme
        Of the run that classifies, as in `WilsonCowanNetwork.integrate`.
    parameters
        Scalars of the nodes, such as gamma, where they differ from the default node's.

    References
    ----------
    R. Marino et al., arXiv:2406.16453.

    Examples
    --------
    >>> model = WilsonCowanModel.plant(classes=10, nodes=784)
    >>> training = train(model, images, labels, epochs=40, progress=True)
    >>> training.model.predict(test_images)
    """

    coupling: Coupling
    targets: NDArray[np.float64]
    scale: float = 1.0
    steps: int = 25
    dt: float = 0.1
    scheme: Scheme = "euler"
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = "WilsonCowanModel"
        if not isinstance(self.coupling, Coupling):
            _check.refuse(
                TypeError,
                f"{where}: coupling",
                self.coupling,
                "a SpectralCoupling or a ProjectedCoupling",
            )
        nodes = self.coupling.nodes
        targets = _check.numbers(f"{where}: targets", self.targets, "numbers (classes, nodes)")
        if targets.ndim != 2 or targets.shape[1] != nodes or len(targets) == 0:
            raise ValueError(
                f"{where}: targets has shape {targets.shape}: expected (classes, {nodes}), a "
                "value for each node of coupling"
            )
        _check.expect_memory(where, "targets", targets.size)
        set_field = object.__setattr__
        set_field(self, "targets", np.array(targets, np.float64))
        set_field(self, "scale", _check.real(f"{where}: scale", self.scale, -np.inf))
        set_field(self, "steps", _check.whole(f"{where}: steps", self.steps, 1))
        set_field(self, "scheme", _check.choice(f"{where}: scheme", self.scheme, _SCHEMES))
        set_field(self, "dt", _check.real(f"{where}: dt", self.dt, 0.0, above=True))
        set_field(self, "parameters", _scalars_of(where, self.parameters))
        limit = WilsonCowanNode(**self.parameters).euler_limit  # says which of them is wrong
        if self.scheme == "euler" and self.dt > limit:
            raise ValueError(
                f"{where}: dt = {self.dt:g}: expected at most {limit:g}, where parameters = "
                f"{self.parameters}: Euler's steps would overshoot"
            )

    @classmethod
    def plant(
        cls,
        classes: int,
        nodes: int,
        coupling: Literal["projected", "spectral"] = "projected",
        *,
        steps: int = 25,
        dt: float = 0.1,
        scheme: Scheme = "euler",
        scale: float | Literal["1/N", "1/sqrt(N)"] | None = None,
        parameters: Mapping[str, float] | None = None,
        dtype: Literal["float32", "float64"] = "float32",
        seed: int = 0,
        **planting: Any,
    ) -> WilsonCowanModel:
        """A model as training starts from: its patterns are planted, all else is by chance.

        Parameters
        ----------
        classes, nodes
            Patterns are `block_targets` of these, between the stable rest states of a node.
        coupling
            "projected", ours, or "spectral", the paper's.
        steps, dt, scheme
            Of the run that classifies.
        scale
            Gamma; None: 1 of a projected coupling, "1/sqrt(N)" of a spectral one, as in the
            authors' code.
        parameters
            Scalars of the nodes; None: those of the paper's Fig. 3, but gamma = 1, from where
            training is shorter.
        dtype
            What the model computes in.
        seed
            Of a spectral coupling's eigenvectors and eigenvalues.
        **planting
            More of `ProjectedCoupling.plant` or `SpectralCoupling.plant`, such as ``planted``.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed, or a node of these parameters has not two stable rest
            states.
        """
        where = "WilsonCowanModel.plant"
        kind = _KINDS[_check.choice(f"{where}: coupling", coupling, tuple(_KINDS))]
        scalars = {"gamma": 1.0} if parameters is None else _scalars_of(where, parameters)
        seed = _check.whole(f"{where}: seed", seed, 0)
        if kind is SpectralCoupling:
            planting["seed"] = seed
        if scale is None:
            scale = "1/sqrt(N)" if kind is SpectralCoupling else 1.0
        with _check.calling(where):
            rest = WilsonCowanNode(**scalars).equilibria()
            stable = rest.x[rest.stable]
            if len(stable) < 2:
                raise ValueError(
                    f"parameters = {scalars}: a node has {len(stable)} stable rest states: "
                    "expected two, for the patterns"
                )
            targets = block_targets(classes, nodes, low=stable[0], high=stable[-1])
            planted = kind.plant(targets, dtype=dtype, **planting)
            number = WilsonCowanNetwork(planted.coupling, scale=scale).scale
            return cls(planted, targets, number, steps, dt, scheme, scalars)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.coupling.nodes

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.targets)

    @property
    def gamma(self) -> float:
        """Time scale of inhibition over that of excitation."""
        return self.network.gamma

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it computes in, the type of its coupling."""
        return (
            self.coupling.phi.dtype
            if isinstance(self.coupling, SpectralCoupling)
            else self.coupling.weights.dtype
        )

    @cached_property
    def network(self) -> WilsonCowanNetwork:
        """The network itself."""
        return WilsonCowanNetwork(self.coupling.coupling, scale=self.scale, **self.parameters)

    def settle(
        self, x: ArrayLike, steps: int | None = None, *, threads: int | None = None, **options: Any
    ) -> Integration:
        """Run the network from examples.

        Parameters
        ----------
        x
            Examples (samples, nodes), values from 0 to 1.
        steps
            Of the run; None: those of the model. States that have come to rest stay there.
        threads
            Threads to use; None: ATTRACTORNET_NUM_THREADS, else all.
        **options
            More of `WilsonCowanNetwork.integrate`, such as ``trace_every``.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed.
        """
        return self._settle("WilsonCowanModel.settle", x, steps, threads=threads, **options)

    def _settle(self, where: str, x: ArrayLike, steps: int | None, **options: Any) -> Integration:
        examples = self._examples(f"{where}: x", x)
        steps = self.steps if steps is None else _check.whole(f"{where}: steps", steps, 0)
        run = {"dt": self.dt, "scheme": self.scheme} | options
        with _check.calling(where):
            return self.network.integrate(examples, steps=steps, **run)

    def probabilities(
        self,
        x: ArrayLike,
        steps: int | None = None,
        *,
        device: Device = "cpu",
        threads: int | None = None,
    ) -> NDArray[np.float64]:
        """Probabilities of classes (samples, classes), eq. 10 to 12 of the paper, of `settle`.

        On a device, as in `train`, the model has to be one that it takes.
        """
        return self._probabilities("WilsonCowanModel.probabilities", x, steps, device, threads)

    def _probabilities(
        self, where: str, x: ArrayLike, steps: int | None, device: Device, threads: int | None
    ) -> NDArray[np.float64]:
        return probabilities(self._settled(where, x, steps, device, threads), self.targets)

    def _settled(
        self, where: str, x: ArrayLike, steps: int | None, device: Device, threads: int | None
    ) -> NDArray[Any]:
        """Where examples settle."""
        if _device.read(where, device) == "cpu":
            return self._settle(where, x, steps, threads=threads).x
        self._expect_on_device(where)
        settled: NDArray[Any] = _device.backend(where).settle(
            self.coupling.coupling,
            self._examples(f"{where}: x", x),
            self.steps if steps is None else _check.whole(f"{where}: steps", steps, 0),
            self.dt,
            self.scale,
            **self.parameters,
        )
        return settled

    def _expect_on_device(self, where: str) -> None:
        """Refuse what devices have no kernels for."""
        for name, expected in {"dtype": "float32", "scheme": "euler"}.items():
            if (found := str(getattr(self, name))) != expected:
                raise ValueError(
                    f"{where}: model has {name} = {found!r}: expected {expected!r}, where device = "
                    "'cuda'"
                )

    def predict(
        self,
        x: ArrayLike,
        steps: int | None = None,
        *,
        device: Device = "cpu",
        threads: int | None = None,
    ) -> NDArray[np.intp]:
        """Classes (samples,), those of the largest probabilities."""
        found = self._probabilities("WilsonCowanModel.predict", x, steps, device, threads)
        classes: NDArray[np.intp] = found.argmax(axis=1)
        return classes

    def evaluate(
        self,
        x: ArrayLike,
        labels: ArrayLike,
        steps: int | None = None,
        *,
        loss: str = "cross_entropy",
        device: Device = "cpu",
        threads: int | None = None,
    ) -> Evaluation:
        """Compare with the true classes.

        Parameters
        ----------
        x, labels
            Examples (samples, nodes) and their classes (samples,), integers from 0 on.
        steps, threads
            As in `settle`.
        loss
            As in `train`; a loss of one's own counts as "cross_entropy".
        device
            As in `probabilities`.
        """
        where = "WilsonCowanModel.evaluate"
        settled = self._settled(where, x, steps, device, threads)
        classes = labels_of(f"{where}: labels", labels, len(settled), self.classes)
        kind = _check.choice(f"{where}: loss", loss, LOSSES)
        if len(classes) == 0:
            raise ValueError(f"{where}: x is empty: expected an example at least")
        return judge(settled, classes, self.targets, kind)

    def with_trained(self, coupling: Coupling, gamma: float) -> WilsonCowanModel:
        """The same model with another coupling and gamma."""
        where = "WilsonCowanModel.with_trained"
        if not isinstance(coupling, Coupling) or coupling.nodes != self.nodes:
            expected = f"a SpectralCoupling or a ProjectedCoupling of {self.nodes} nodes"
            _check.refuse(TypeError, f"{where}: coupling", coupling, expected)
        gamma = _check.real(f"{where}: gamma", gamma, 0.0, above=True)
        with _check.calling(where):
            return replace(self, coupling=coupling, parameters={**self.parameters, "gamma": gamma})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a model file (safetensors), all or nothing."""
        _files.save(self, _check.path("WilsonCowanModel.save: path", path))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> WilsonCowanModel:
        """Read one that `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file holds something else, or was changed after it was written.
        """
        return _files.load(_check.path("WilsonCowanModel.load: path", path), cls)

    def __getstate__(self) -> dict[str, Any]:
        kind = "spectral" if isinstance(self.coupling, SpectralCoupling) else "projected"
        state = _files.embedded(self.coupling, "coupling.")
        run = {name: getattr(self, name) for name in ("targets", "scale", "steps", "dt", "scheme")}
        network = {name: getattr(self.network, name) for name in _scalars()}
        return {"kind": kind, **state, **run, **network}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kind = _check.choice("kind", state["kind"], tuple(_KINDS))
        coupling = _files.extracted(_KINDS[kind], state, "coupling.")
        WilsonCowanModel.__init__(
            self,
            coupling,
            **{name: state[name] for name in ("targets", "scale", "steps", "dt", "scheme")},
            parameters={name: state[name] for name in _scalars()},
        )

    def __repr__(self) -> str:
        kind = type(self.coupling).__name__
        return f"WilsonCowanModel(classes={self.classes}, nodes={self.nodes}, coupling={kind})"

    def _examples(self, where: str, x: ArrayLike) -> NDArray[Any]:
        """Examples in the model's type, from 0 to 1."""
        array = _check.numbers(where, x, "an array of numbers")
        if array.ndim != 2 or array.shape[1] != self.nodes:
            raise ValueError(
                f"{where} has shape {array.shape}: expected (samples, {self.nodes}), a value for "
                "each node"
            )
        _check.expect_memory(where, "samples x nodes", array.size)
        least, most = (np.min(array), np.max(array)) if array.size else (0, 1)
        if not (least >= 0 and most <= 1):
            found = "nan" if np.isnan(least) else f"values from {least:.9g} to {most:.9g}"
            raise ValueError(f"{where} holds {found}: expected 0 to 1, such as pixels / 255")
        return np.asarray(array, self.dtype)


def judge(
    x: NDArray[Any], labels: NDArray[np.int32], targets: NDArray[Any], loss: str
) -> Evaluation:
    """How states that have settled fit their classes."""
    classes = probabilities(x, targets).argmax(axis=1)
    value = state_loss(x, labels, targets, loss=loss).value  # type: ignore[arg-type]
    near = np.abs(x - targets[classes].astype(x.dtype)).max(axis=1) < _ON_PATTERN
    return Evaluation(float(np.mean(classes == labels)), value, float(np.mean(near)))


def labels_of(where: str, labels: ArrayLike, count: int, classes: int) -> NDArray[np.int32]:
    """Classes of examples, as the core takes them."""
    array = _check.numbers(where, labels, "an array of integers")
    if array.dtype.kind not in "iu":
        _check.refuse(TypeError, where, labels, "an array of integers")
    if array.shape != (count,):
        raise ValueError(
            f"{where} has shape {array.shape}: expected ({count},), one for each row of x"
        )
    if count and not (array.min() >= 0 and array.max() < classes):
        raise ValueError(
            f"{where} holds {array.min()} to {array.max()}: expected 0 to {classes - 1}, of "
            f"{classes} classes"
        )
    return array.astype(np.int32)


def _scalars_of(where: str, parameters: Any) -> dict[str, float]:
    """Scalars of nodes by name."""
    if not isinstance(parameters, Mapping) or not all(isinstance(name, str) for name in parameters):
        expected = "a dict of numbers by name"
        _check.refuse(TypeError, f"{where}: parameters", parameters, expected)
    for name in parameters:
        _check.choice(f"{where}: parameters: name", name, _scalars())
    return dict(parameters)


def _scalars() -> list[str]:
    """Names of the scalars of a node."""
    return [one.name for one in fields(WilsonCowanNode)]
