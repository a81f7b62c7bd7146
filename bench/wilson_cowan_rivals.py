"""Rivals of `bench_wilson_cowan.py`: the same mathematics in torch and in neurolib."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

import attractornet as an

PARAMS = {field.name: field.default for field in an.fields(an.WilsonCowanNode)}


class Found(NamedTuple):
    """What a training step gives: the last x, and the loss's derivatives by A and gamma."""

    x: np.ndarray
    coupling: np.ndarray
    gamma: float


@dataclass(frozen=True)
class Problem:
    """A batch (B, N) with targets, a coupling (N, N) with its scale, and steps of 0.1."""

    x0: np.ndarray
    goal: np.ndarray
    coupling: np.ndarray
    scale: float
    steps: int
    w_ie: float

    @property
    def flops(self) -> float:
        """Of the three products of matrices in each step, forward, back and for A."""
        return 6.0 * self.steps * self.x0.size * self.x0.shape[1]


def torch_step(p: Problem) -> Callable[[], Found]:
    """Autograd through the steps, written so that torch has least to do.

    The weight of a node on itself is added to the coupling, and constants are folded.
    """
    x0, goal = torch.from_numpy(p.x0), torch.from_numpy(p.goal)
    coupling = torch.from_numpy(p.coupling).requires_grad_()
    gamma = torch.tensor(PARAMS["gamma"], requires_grad=True)
    k = {**PARAMS, "w_ie": p.w_ie}
    identity = k["w_ee"] * torch.eye(p.x0.shape[1], dtype=x0.dtype)

    def call() -> Found:
        coupling.grad = gamma.grad = None
        weights = torch.add(identity, coupling.T, alpha=p.scale) * k["beta_e"]
        rate = 0.1 / gamma
        x = y = x0
        for _ in range(p.steps):
            drive = torch.addmm(y * (-k["w_ei"] * k["beta_e"]) + k["h_e"] * k["beta_e"], x, weights)
            f = torch.tanh(drive) * k["amplitude_e"] + k["offset_e"]
            inhibition = y * (-k["w_ii"] * k["beta_i"]) + k["h_i"] * k["beta_i"]
            if k["w_ie"]:
                inhibition = inhibition + x * (k["w_ie"] * k["beta_i"])
            g = torch.tanh(inhibition) * k["amplitude_i"] + k["offset_i"]
            x = x + 0.1 * (f - x * (f + k["alpha_e"]))
            y = y + rate * (g - y * (g + k["alpha_i"]))
        loss = ((x - goal) ** 2).sum()
        loss.backward()
        return Found(x.detach().numpy(), coupling.grad.numpy(), float(gamma.grad))

    return call


def torch_by_hand(p: Problem) -> Callable[[], Found]:
    """The adjoint written out, with torch's products of matrices: no tape, little memory."""
    k = {**PARAMS, "w_ie": p.w_ie}
    x0, goal = torch.from_numpy(p.x0), torch.from_numpy(p.goal)
    weights = torch.from_numpy(p.scale * p.coupling.T) + k["w_ee"] * torch.eye(p.x0.shape[1])
    back = weights.T.contiguous()
    rate = 0.1 / k["gamma"]

    @torch.no_grad()
    def call() -> Found:
        x = y = x0
        kept = []
        for _ in range(p.steps):
            s = torch.addmm(y, x, weights, beta=-k["w_ei"]).add_(k["h_e"]).mul_(k["beta_e"])
            r = (y * -k["w_ii"]).add_(x, alpha=k["w_ie"]).add_(k["h_i"]).mul_(k["beta_i"])
            e, i = s.tanh_(), r.tanh_()
            f, g = (
                (e * k["amplitude_e"]).add_(k["offset_e"]),
                (i * k["amplitude_i"]).add_(k["offset_i"]),
            )
            kept.append((x, y, e, i, f, g))
            x = x + (f - (f + k["alpha_e"]).mul_(x)).mul_(0.1)
            y = y + (g - (g + k["alpha_i"]).mul_(y)).mul_(rate)
        lx, ly = (x - goal).mul_(2.0), torch.zeros_like(y)
        total, by_gamma = torch.zeros_like(weights), 0.0
        for x_s, y_s, e, i, f, g in reversed(kept):
            slope = g - (g + k["alpha_i"]).mul_(y_s)
            by_gamma -= float(torch.vdot(ly.view(-1), slope.view(-1))) * rate / k["gamma"]
            u = (1.0 - e * e).mul_(0.1 * k["amplitude_e"] * k["beta_e"]).mul_(lx).mul_(1.0 - x_s)
            v = (1.0 - i * i).mul_(rate * k["amplitude_i"] * k["beta_i"]).mul_(ly).mul_(1.0 - y_s)
            lx = torch.addmm(lx - (f + k["alpha_e"]).mul_(lx).mul_(0.1), u, back)
            lx.add_(v, alpha=k["w_ie"])
            ly = ly - (g + k["alpha_i"]).mul_(ly).mul_(rate)
            ly.add_(u, alpha=-k["w_ei"]).add_(v, alpha=-k["w_ii"])
            total.addmm_(u.T, x_s)
        return Found(x.numpy(), p.scale * total.numpy(), by_gamma)

    return call


def torch_spectral(
    phi: np.ndarray, lam: np.ndarray, da: np.ndarray
) -> Callable[[], tuple[np.ndarray, ...]]:
    """A = Phi Lambda Phi^-1 and its gradient by autograd through the inverse."""
    vectors = torch.from_numpy(phi).requires_grad_()
    values = torch.from_numpy(lam).requires_grad_()
    derivative = torch.from_numpy(da)

    def call() -> tuple[np.ndarray, ...]:
        vectors.grad = values.grad = None
        a = (vectors * values) @ torch.linalg.inv(vectors)
        a.backward(derivative)
        return a.detach().numpy(), vectors.grad.numpy(), values.grad.numpy()

    return call


def torch_solved(
    phi: np.ndarray, lam: np.ndarray, da: np.ndarray
) -> Callable[[], tuple[np.ndarray, ...]]:
    """The same with a solution of linear equations in the place of the inverse, and by hand."""
    vectors, values = torch.from_numpy(phi), torch.from_numpy(lam)
    derivative = torch.from_numpy(da)

    def call() -> tuple[np.ndarray, ...]:
        factors, pivots = torch.linalg.lu_factor(vectors)
        a = torch.linalg.lu_solve(factors, pivots, vectors * values, left=False)
        m = torch.linalg.lu_solve(factors, pivots, derivative.T).T
        by_phi = torch.addmm(m * values, a.T, m, alpha=-1.0)
        return a.numpy(), by_phi.numpy(), (vectors * m).sum(0).numpy()

    return call


def neurolib_run(
    coupling: np.ndarray, steps: int, dt: float
) -> tuple[Callable[[], np.ndarray], dict]:
    """neurolib's WCModel without noise and delays, and the parameters of ours that are its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from neurolib.models.wc import WCModel

        model = WCModel(Cmat=coupling, Dmat=np.zeros_like(coupling))
    k = model.params
    k["sigma_ou"] = k["exc_ou_mean"] = k["inh_ou_mean"] = 0.0
    k["dt"], k["duration"], k["K_gl"] = dt * k["tau_exc"], steps * dt * k["tau_exc"], 0.6
    k["exc_ext"] = 0.8
    nodes = len(coupling)
    start = 0.05 + 0.1 * np.random.default_rng(1).random((2, nodes, 1))
    params = {
        "alpha_e": 1.0,
        "alpha_i": 1.0,
        "w_ee": k["c_excexc"],
        "w_ei": k["c_inhexc"],
        "w_ie": k["c_excinh"],
        "w_ii": k["c_inhinh"],
        "h_e": k["exc_ext"] - k["mu_exc"],
        "h_i": -k["mu_inh"],
        "beta_e": k["a_exc"] / 2.0,
        "beta_i": k["a_inh"] / 2.0,
        "amplitude_e": 0.5,
        "amplitude_i": 0.5,
        "offset_e": 0.5,
        "offset_i": 0.5,
        "gamma": k["tau_inh"] / k["tau_exc"],
        "scale": k["K_gl"],
    }

    def call() -> np.ndarray:
        k["exc_init"], k["inh_init"] = start[0].copy(), start[1].copy()
        k["exc_ou"] = k["inh_ou"] = np.zeros(nodes)
        model.run()
        return model.exc

    return call, {"params": params, "start": start[:, :, 0]}
