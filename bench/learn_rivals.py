"""Rival of `bench_learn.py`: an epoch of training in torch, by autograd and torch.optim.Adam."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from wilson_cowan_rivals import PARAMS


@dataclass(frozen=True)
class Task:
    """Examples (n, N) with classes, in batches; targets (K, N); learning rates."""

    x: np.ndarray
    labels: np.ndarray
    targets: np.ndarray
    batch_size: int
    steps: int
    rate: float


@dataclass(frozen=True)
class Found:
    """Mean loss of the epoch, and gamma after it."""

    loss: float
    gamma: float


def run_of(x: torch.Tensor, weights: torch.Tensor, gamma: torch.Tensor, steps: int) -> torch.Tensor:
    """The last x. `weights` are beta_e (w_ee I + Gamma A^T): constants are folded."""
    k = PARAMS
    y, rate = x, 0.1 / gamma
    for _ in range(steps):
        drive = torch.addmm(y * (-k["w_ei"] * k["beta_e"]) + k["h_e"] * k["beta_e"], x, weights)
        f = torch.tanh(drive) * k["amplitude_e"] + k["offset_e"]
        inhibition = y * (-k["w_ii"] * k["beta_i"]) + k["h_i"] * k["beta_i"]
        g = torch.tanh(inhibition) * k["amplitude_i"] + k["offset_i"]
        x = x + 0.1 * (f - x * (f + k["alpha_e"]))
        y = y + rate * (g - y * (g + k["alpha_i"]))
    return x


def torch_epoch(
    task: Task,
    numbers: list[np.ndarray],
    trained: np.ndarray | None,
    scale: float,
    device: str = "cpu",
) -> Callable[[], Found]:
    """An epoch from the start, with a new optimiser each time; on a device, with examples there.

    `numbers` are the coupling's: Phi and the eigenvalues, of which some are `trained`, or B and Q.
    """
    x, labels = (torch.from_numpy(part).to(device) for part in (task.x, task.labels))
    labels = labels.long()
    targets = torch.from_numpy(task.targets.astype(np.float32)).to(device)
    nodes = x.shape[1]
    own = PARAMS["w_ee"] * torch.eye(nodes, device=device)
    fixed = None if trained is None else torch.from_numpy(~trained).to(device)

    def coupling(parts: list[torch.Tensor]) -> torch.Tensor:
        if fixed is None:
            b, q = parts
            return b - (b @ q) @ q.T
        phi, eigenvalues = parts
        return (phi * eigenvalues) @ torch.linalg.inv(phi)

    def call() -> Found:
        parts = [torch.from_numpy(part.copy()).to(device) for part in numbers]
        gamma = torch.tensor(1.0, requires_grad=True, device=device)
        moving = [part.requires_grad_() for part in (parts if fixed is not None else parts[:1])]
        optimiser = torch.optim.Adam([*moving, gamma], lr=task.rate, eps=1e-7, betas=(0.9, 0.99))
        total = 0.0
        for first in range(0, len(x), task.batch_size):
            rows = slice(first, first + task.batch_size)
            weights = torch.add(own, coupling(parts).T, alpha=scale) * PARAMS["beta_e"]
            end = run_of(x[rows], weights, gamma, task.steps)
            loss = torch.mean((end - targets[labels[rows]]) ** 2)
            optimiser.zero_grad()
            loss.backward()
            if fixed is not None:
                parts[0].grad[:, fixed] = 0.0
                parts[1].grad[fixed] = 0.0
            optimiser.step()
            with torch.no_grad():
                gamma.clamp_(min=0.05)
            total += loss.item() * len(end)
        return Found(total / len(x), gamma.item())

    return call
