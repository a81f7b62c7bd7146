"""Wilson-Cowan networks on tensors of a CUDA device: runs by our kernels, all else by torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from attractornet import _device
from attractornet.learn._model import WilsonCowanModel


def couple_spectral(phi: Tensor, eigenvalues: Tensor) -> Tensor:
    """A = Phi Lambda Phi^-1, differentiable."""
    coupling: Tensor = torch.linalg.solve(phi, phi * eigenvalues, left=False)
    return coupling


def couple_projected(weights: Tensor, basis: Tensor) -> Tensor:
    """A = B (I - Q Q^T), differentiable."""
    return weights - (weights @ basis) @ basis.T


def settle(x: Tensor, a: Tensor, gamma: Tensor, model: WilsonCowanModel, products: str) -> Tensor:
    """Where a run from x = y ends (batch, nodes), differentiable by `x`, `a` and `gamma`."""
    settled: Tensor = _Settle.apply(x, a, gamma, model, products)  # type: ignore[no-untyped-call]
    return settled


class _Tape:
    """A run's memory: rows of whole fours of numbers, as the kernels read them."""

    def __init__(
        self,
        x: Tensor,
        a: Tensor,
        gamma: Tensor,
        model: WilsonCowanModel,
        products: str,
        back: bool,
    ) -> None:
        samples, nodes = x.shape
        self.sizes = (nodes, -(-nodes // 4) * 4, samples, model.steps)
        scalars = {name: value for name, value in model.parameters.items() if name != "gamma"}
        self.options: dict[str, Any] = {**scalars, "dt": model.dt, "scale": model.scale}
        self.options["products"] = products
        steps = model.steps
        self.a, self.gamma = self.padded(a), gamma
        self.tau_i = (model.dt / gamma.double()).float().reshape(1)
        self.drives = self.rows(x, 2)
        network = model.network
        self.drives[0], self.drives[1] = network.h_e, network.h_i
        self.x = self.rows(x, steps + 1 if back else 2, samples)
        self.x[0, :, :nodes] = x
        self.y = self.x.clone()
        self.e = self.rows(x, steps, samples) if back else None
        self.i = self.rows(x, steps, samples) if back else None

    def rows(self, like: Tensor, *shape: int) -> Tensor:
        return torch.zeros(*shape, self.sizes[1], dtype=like.dtype, device=like.device)

    def padded(self, matrix: Tensor) -> Tensor:
        """A copy in rows of its own."""
        result = self.rows(matrix, len(matrix))
        result[:, : matrix.shape[1]] = matrix
        return result

    def run(self) -> Tensor:
        """Where it ends."""
        with _stream_of(self.x) as stream:
            _device.backend("WilsonCowan").forward(
                self.sizes, self._memory(self.e), stream, **self.options
            )
        nodes, _, _, steps = self.sizes
        return self.x[steps % len(self.x), :, :nodes].clone()

    def back(self, dx: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Derivatives by the start, the coupling and gamma."""
        nodes, _, samples, _ = self.sizes
        by_end = self.padded(dx)
        by_x, by_y, by_tau = (self.rows(dx, samples) for _ in range(3))
        by_a = self.rows(dx, nodes)
        assert self.e is not None
        e = self.e.clone()  # which is used up
        gradient = _addresses(by_end, by_x, by_y, by_tau, by_a)
        with _stream_of(dx) as stream:
            _device.backend("WilsonCowan").reverse(
                self.sizes, self._memory(e), gradient, stream, **self.options
            )
        by_gamma = -self.options["dt"] / self.gamma.double() ** 2 * by_tau.double().sum()
        return (by_x + by_y)[:, :nodes], by_a[:, :nodes], by_gamma.to(dx.dtype)

    def _memory(self, e: Tensor | None) -> tuple[int, ...]:
        return _addresses(self.a, self.tau_i, self.drives, self.x, self.y, e, self.i)


@contextmanager
def _stream_of(tensor: Tensor) -> Iterator[int]:
    """The stream of a tensor's device, which is the current device meanwhile."""
    if not tensor.is_cuda:  # of the emulator that tests have for a device
        yield 0
        return
    with torch.cuda.device(tensor.device):
        yield int(torch.cuda.current_stream().cuda_stream)


def _addresses(*tensors: Tensor | None) -> tuple[int, ...]:
    return tuple(0 if tensor is None else tensor.data_ptr() for tensor in tensors)


class _Settle(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, a: Tensor, gamma: Tensor, model: WilsonCowanModel, products: str
    ) -> Tensor:
        tape = ctx.tape = _Tape(x, a, gamma, model, products, any(ctx.needs_input_grad))
        return tape.run()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dx: Tensor) -> tuple[Tensor | None, ...]:
        return *ctx.tape.back(dx), None, None
