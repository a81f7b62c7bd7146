"""Wilson-Cowan networks as a layer of torch, with gradients from the core's adjoint."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from attractornet import _check
from attractornet._core import WilsonCowanNetwork
from attractornet._core.wilson_cowan import ProjectedCoupling, SpectralCoupling
from attractornet.learn._model import Coupling, Scheme, WilsonCowanModel

try:
    import torch
    from torch import Tensor, nn
    from torch.autograd.function import once_differentiable
except ImportError as error:
    raise ImportError(
        "attractornet.torch needs torch: pip install 'attractornet[torch]'"
    ) from error

__all__ = ["WilsonCowan"]


class WilsonCowan(nn.Module):
    """A Wilson-Cowan network with a planted pattern for each class: (batch, nodes) to the same.

    The input is the activity of both populations at the start, the output that of the excitatory
    one at the end. In front of it may be whatever makes activities: pixels, a CNN, a transformer.
    Tensors are shared with the core, not copied; it computes on the CPU.

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
        self.threads = threads

    @classmethod
    def from_model(cls, model: WilsonCowanModel, *, threads: int | None = None) -> WilsonCowan:
        """The layer of a model, such as one that `learn.train` has trained."""
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._take(model)
        layer.threads = threads
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
            Activities at the start (batch, nodes), on the CPU, in the layer's type.
        """
        if x.device.type != "cpu":
            raise ValueError(f"WilsonCowan: x is on {x.device}: expected the CPU, x.cpu()")
        if x.dtype != self.gamma.dtype:
            raise TypeError(f"WilsonCowan: x is {x.dtype}: expected {self.gamma.dtype}")
        a = _Couple.apply(self._coupling, *self._numbers())  # type: ignore[no-untyped-call]
        gamma = self.gamma.clamp(min=_LEAST_GAMMA)
        settled: Tensor = _Settle.apply(  # type: ignore[no-untyped-call]
            x, a, gamma, self._model, self.threads
        )
        return settled

    def probabilities(self, states: Tensor) -> Tensor:
        """Probabilities of classes (batch, classes) of where states ended, eq. 10 to 12."""
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
        dtype = _TYPES[model.dtype.name]
        self.register_buffer("targets", torch.tensor(model.targets, dtype=dtype))
        self.gamma = nn.Parameter(torch.tensor(model.gamma, dtype=dtype))
        coupling = self._coupling
        if isinstance(coupling, ProjectedCoupling):
            self.weights = nn.Parameter(torch.tensor(coupling.weights))
            return
        trained = coupling.train_columns
        phi, eigenvalues = coupling.phi, coupling.eigenvalues
        self.register_buffer("planted", torch.tensor(phi[:, ~trained]))
        self.register_buffer("planted_eigenvalues", torch.tensor(eigenvalues[~trained]))
        self.phi = nn.Parameter(torch.tensor(phi[:, trained]))
        self.eigenvalues = nn.Parameter(torch.tensor(eigenvalues[trained]))
        order = np.argsort(np.concatenate([np.flatnonzero(trained), np.flatnonzero(~trained)]))
        self.register_buffer("order", torch.tensor(order))

    def _spectral(self) -> tuple[Tensor, Tensor]:
        """Eigenvectors and eigenvalues, trained or not, in their places."""
        phi = torch.cat([self.phi, self.planted], dim=1)  # type: ignore[list-item]  # buffers
        eigenvalues = torch.cat([self.eigenvalues, self.planted_eigenvalues])  # type: ignore[list-item]
        return phi[:, self.order], eigenvalues[self.order]  # type: ignore[index]

    def _numbers(self) -> tuple[Tensor, ...]:
        """What the coupling is made of."""
        return self._spectral() if isinstance(self._coupling, SpectralCoupling) else (self.weights,)


_LEAST_GAMMA = 0.05
_TYPES = {"float32": torch.float32, "float64": torch.float64}


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """The tensor's own memory."""
    array: np.ndarray[Any, np.dtype[Any]] = tensor.detach().numpy()
    return array


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
