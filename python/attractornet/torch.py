"""Wilson-Cowan networks as a layer of torch, with gradients from the core's adjoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np

from attractornet import _check, _device
from attractornet._core import WilsonCowanNetwork
from attractornet._core.wilson_cowan import ProjectedCoupling, SpectralCoupling
from attractornet._device import Products
from attractornet.learn._model import Coupling, Scheme, WilsonCowanModel

try:
    import torch
    from torch import Tensor, nn
    from torch.autograd.function import once_differentiable

    from attractornet import _torch_cuda
except ImportError as error:
    raise ImportError(
        "attractornet.torch needs torch: pip install 'attractornet[torch]'"
    ) from error

__all__ = ["WilsonCowan"]


class WilsonCowan(nn.Module):
    """A Wilson-Cowan network with a planted pattern for each class: (batch, nodes) to the same.

    The input is the activity of both populations at the start, the output that of the excitatory
    one at the end. In front of it may be whatever makes activities: pixels, a CNN, a transformer.
    On the CPU tensors are shared with the core, not copied; on a CUDA device, for which the layer
    is moved by ``to("cuda")``, they stay there. It has first derivatives only.

    A ``state_dict`` holds the options of the run and the nodes as well, and a layer that loads it
    takes them over; patterns and what is trained must be the same.

    Parameters
    ----------
    nodes, classes
        Sizes of the network.
    steps, dt, scheme
        Of the run, as in `WilsonCowanNetwork.integrate`.
    coupling
        "projected", ours, or "spectral", the paper's.
    dtype
        torch.float32 or torch.float64.
    threads
        Threads to use; None: ATTRACTORNET_NUM_THREADS, else all.
    products
        How a device multiplies matrices, as in `learn.train`.
    **options
        More of `WilsonCowanModel.plant`, such as ``seed`` and ``parameters``.

    Attributes
    ----------
    targets : Tensor
        Pattern of each class (classes, nodes), a buffer.
    weights : Parameter
        B (nodes, nodes), of a projected coupling.
    phi, eigenvalues : Parameter
        What is trained of a spectral coupling's eigenvectors (nodes, trained) and their
        eigenvalues (trained,).
    gamma : Parameter
        Time scale of inhibition over that of excitation; counts as 0.05 where it is less.

    References
    ----------
    R. Marino et al., arXiv:2406.16453.

    Examples
    --------
    >>> layer = WilsonCowan(nodes=784, classes=10)
    >>> states = layer(images.flatten(1))
    >>> loss = torch.nn.functional.nll_loss(layer.probabilities(states).log(), labels)
    >>> loss.backward()
    """

    targets: Tensor

    def __init__(
        self,
        nodes: int,
        classes: int,
        steps: int = 25,
        dt: float = 0.1,
        *,
        coupling: Literal["projected", "spectral"] = "projected",
        scheme: Scheme = "euler",
        dtype: torch.dtype = torch.float32,
        threads: int | None = None,
        products: Products = "float32",
        **options: Any,
    ) -> None:
        super().__init__()
        names = {torch.float32: "float32", torch.float64: "float64"}
        if dtype not in names:
            _check.refuse(ValueError, "WilsonCowan: dtype", dtype, "torch.float32 or torch.float64")
        self._take(
            WilsonCowanModel.plant(
                classes,
                nodes,
                coupling,
                steps=steps,
                dt=dt,
                scheme=scheme,
                dtype=names[dtype],  # type: ignore[arg-type]  # one of two
                **options,
            )
        )
        self._compute_by(threads, products)

    def _compute_by(self, threads: int | None, products: Products) -> None:
        self.threads = threads
        self.products = _device.products("WilsonCowan", "cuda", products)

    @classmethod
    def from_model(
        cls,
        model: WilsonCowanModel,
        *,
        threads: int | None = None,
        products: Products = "float32",
    ) -> WilsonCowan:
        """The layer of a model, such as one that `learn.train` has trained."""
        if not isinstance(model, WilsonCowanModel):
            _check.refuse(TypeError, "WilsonCowan.from_model: model", model, "a WilsonCowanModel")
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._take(model)
        layer._compute_by(threads, products)
        return layer

    def to_model(self) -> WilsonCowanModel:
        """The model as it is now: to save, to predict, to train on without torch."""
        with torch.no_grad():
            if isinstance(self._coupling, SpectralCoupling):
                numbers = [_array(part) for part in self._spectral()]
            else:
                numbers = [_array(self.weights)]
            gamma = float(self.gamma.clamp(min=_LEAST_GAMMA))
        return self._model.with_trained(self._coupling.replace(*numbers), gamma)

    def forward(self, x: Tensor) -> Tensor:
        """Where states end (batch, nodes).

        Parameters
        ----------
        x
            Activities at the start (batch, nodes), from 0 to 1 if they are to be such as the
            network has; where the layer is, in its type.

        Raises
        ------
        TypeError, ValueError
            If `x` is another type, on another device, or of another shape.
        BackendUnavailable
            If it is on a CUDA device, and this build has no kernels for it.
        """
        self._check("x", x)
        if x.is_cuda:
            return self._forward_there(x)
        a = _Couple.apply(self._coupling, *self._numbers())  # type: ignore[no-untyped-call]
        gamma = self.gamma.clamp(min=_LEAST_GAMMA)
        settled: Tensor = _Settle.apply(  # type: ignore[no-untyped-call]
            x, a, gamma, self._model, self.threads
        )
        return settled

    def _forward_there(self, x: Tensor) -> Tensor:
        """The same on a CUDA device."""
        self._model._expect_on_device("WilsonCowan")
        gamma = self.gamma.clamp(min=_LEAST_GAMMA)
        if isinstance(self._coupling, ProjectedCoupling):
            a = _torch_cuda.couple_projected(self.weights, self.basis)  # type: ignore[arg-type]
        else:
            phi, eigenvalues = self._spectral()
            low, high = self._coupling.eigenvalue_min, self._coupling.eigenvalue_max
            kept = eigenvalues.detach()
            bounded = torch.where(self.moves, eigenvalues, kept).clamp(  # type: ignore[arg-type]
                -np.inf if low is None else low, np.inf if high is None else high
            )
            a = _torch_cuda.couple_spectral(phi, bounded)
        return _torch_cuda.settle(x, a, gamma, self._model, self.products)

    def probabilities(self, states: Tensor) -> Tensor:
        """Probabilities of classes (batch, classes) of where states ended (batch, nodes).

        Eq. 10 to 12 of the paper.
        """
        self._check("states", states)
        apart = torch.cdist(states, self.targets, compute_mode="donot_use_mm_for_euclid_dist")
        near = self.targets.norm(dim=1) / apart.square().clamp(min=1e-12)
        found: Tensor = near / near.sum(dim=1, keepdim=True)
        return found

    def extra_repr(self) -> str:
        model = self._model
        return f"{model.nodes}, {model.classes}, steps={model.steps}, dt={model.dt:g}"

    def _take(self, model: WilsonCowanModel) -> None:
        """Make parameters and buffers of a model."""
        # What stays as it is; numbers that are trained are the parameters'.
        self._model, self._coupling = model, model.coupling
        dtype = _TYPES[str(model.dtype)]
        self.register_buffer("targets", torch.tensor(model.targets, dtype=dtype))
        self.gamma = nn.Parameter(torch.tensor(model.gamma, dtype=dtype))
        coupling = self._coupling
        if isinstance(coupling, ProjectedCoupling):
            self.weights = nn.Parameter(torch.tensor(coupling.weights))
            self.register_buffer("basis", torch.tensor(coupling.basis), persistent=False)
            return
        trained = coupling.train_columns
        phi, eigenvalues = coupling.phi, coupling.eigenvalues
        self.register_buffer("planted", torch.tensor(phi[:, ~trained]))
        self.register_buffer("planted_eigenvalues", torch.tensor(eigenvalues[~trained]))
        self.phi = nn.Parameter(torch.tensor(phi[:, trained]))
        self.eigenvalues = nn.Parameter(torch.tensor(eigenvalues[trained]))
        order = np.argsort(np.concatenate([np.flatnonzero(trained), np.flatnonzero(~trained)]))
        self.register_buffer("order", torch.tensor(order))
        moves = torch.tensor(coupling.train_eigenvalues)
        self.register_buffer("moves", moves, persistent=False)

    def get_extra_state(self) -> str:
        """What a ``state_dict`` holds beside tensors: options of the run and the nodes."""
        model = self._model
        options = {name: getattr(model, name) for name in _OPTIONS}
        return json.dumps({**options, "parameters": dict(model.parameters)})

    def set_extra_state(self, state: str) -> None:
        """Take over the options that a ``state_dict`` holds."""
        self._model = replace(self._model, **json.loads(state))

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # The coupling is made of the patterns, and would not change with them.
        targets = state_dict.get(f"{prefix}targets")
        same = targets is None or (
            targets.shape == self.targets.shape
            and torch.equal(targets.to(self.targets.dtype), self.targets)
        )
        if not same:
            error_msgs.append(
                f"{prefix}targets are others than the layer's; from_model makes a layer of any."
            )
            return
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """What ``to``, ``double`` and their like do: the core's part takes the same type."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        name = str(self.gamma.dtype).removeprefix("torch.")
        if name in _TYPES and name != str(self._model.dtype):
            self._coupling = _in_type(self._coupling, name)
            self._model = replace(self._model, coupling=self._coupling)
        return self

    def _check(self, name: str, value: Tensor) -> None:
        """Refuse what is no batch of states in the layer's type."""
        where = f"WilsonCowan: {name}"
        if not isinstance(value, Tensor):
            _check.refuse(TypeError, where, value, "a Tensor (batch, nodes)")
        place = self.gamma.device
        if place.type not in ("cpu", "cuda"):
            raise ValueError(f"WilsonCowan: the layer is on {place}: expected 'cpu' or 'cuda'")
        if value.device != place:
            raise ValueError(f"{where} is on {value.device}: expected {place}, where the layer is")
        if self.gamma.dtype not in _TYPES.values():
            raise TypeError(
                f"WilsonCowan: the layer is {self.gamma.dtype}: expected torch.float32 or "
                "torch.float64, such as by layer.float()"
            )
        if value.dtype != self.gamma.dtype:
            raise TypeError(f"{where} is {value.dtype}: expected {self.gamma.dtype}")
        nodes = self._model.nodes
        if value.ndim != 2 or value.shape[1] != nodes:
            raise ValueError(f"{where} has shape {tuple(value.shape)}: expected (batch, {nodes})")

    def _spectral(self) -> tuple[Tensor, Tensor]:
        """Eigenvectors and eigenvalues, trained or not, in their places."""
        phi = torch.cat([self.phi, self.planted], dim=1)  # type: ignore[list-item]  # buffers
        eigenvalues = torch.cat([self.eigenvalues, self.planted_eigenvalues])  # type: ignore[list-item]
        return phi[:, self.order], eigenvalues[self.order]  # type: ignore[index]

    def _numbers(self) -> tuple[Tensor, ...]:
        """What the coupling is made of."""
        return self._spectral() if isinstance(self._coupling, SpectralCoupling) else (self.weights,)


_LEAST_GAMMA = 0.05
_OPTIONS = ("steps", "dt", "scheme", "scale")
_TYPES = {"float32": torch.float32, "float64": torch.float64}


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """The tensor's own memory, on the CPU."""
    array: np.ndarray[Any, np.dtype[Any]] = tensor.detach().cpu().numpy()
    return array


def _in_type(coupling: Coupling, dtype: str) -> Coupling:
    """The coupling in another type."""
    state = {
        name: value.astype(dtype)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in coupling.__getstate__().items()
    }
    made = type(coupling).__new__(type(coupling))
    made.__setstate__(state)
    return made


class _Couple(torch.autograd.Function):
    """A coupling of what is trained of it."""

    @staticmethod
    def forward(ctx: Any, template: Coupling, *numbers: Tensor) -> Tensor:
        ctx.coupling = template.replace(*(_array(part) for part in numbers))
        return torch.from_numpy(ctx.coupling.coupling)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, da: Tensor) -> tuple[Tensor | None, ...]:
        gradient = ctx.coupling.adjoint(_array(da))
        if isinstance(ctx.coupling, SpectralCoupling):
            return None, torch.from_numpy(gradient.phi), torch.from_numpy(gradient.eigenvalues)
        return None, torch.from_numpy(gradient)


class _Settle(torch.autograd.Function):
    """A run from x = y, with its adjoint."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, a: Tensor, gamma: Tensor, model: WilsonCowanModel, threads: int | None
    ) -> Tensor:
        scalars = {**model.parameters, "gamma": float(gamma)}
        network = WilsonCowanNetwork(_array(a), scale=model.scale, **scalars)
        run: dict[str, Any] = {"dt": model.dt, "scheme": model.scheme, "threads": threads}
        if not any(ctx.needs_input_grad):
            return torch.from_numpy(network.integrate(_array(x), steps=model.steps, **run).x)
        ctx.tape = network.tape(_array(x), steps=model.steps, **run)
        return torch.from_numpy(ctx.tape.x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dx: Tensor) -> tuple[Tensor | None, ...]:
        gradient = ctx.tape.adjoint(_array(dx))
        start = torch.from_numpy(gradient.x0) + torch.from_numpy(gradient.y0)
        coupling = torch.from_numpy(gradient.coupling)
        return start, coupling, torch.tensor(gradient.gamma, dtype=dx.dtype), None, None
