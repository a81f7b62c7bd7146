"""Gradients of Wilson-Cowan networks against torch's autograd, which knows none of the formulas."""

import numpy as np
import pytest

import attractornet as an
from attractornet.wilson_cowan import ProjectedCoupling, SpectralCoupling, block_targets

torch = pytest.importorskip("torch", reason="torch is not installed")

NODES, SAMPLES, STEPS, DT = 30, 5, 25, 0.1
TARGETS = block_targets(4, NODES)
CASES = {
    "the paper's": {},
    "general": {"w_ie": 1.7, "alpha_e": 1.1, "beta_i": 1.4, "offset_i": 0.6, "gamma": 0.7},
}
SCHEMES = ("euler", "exponential_euler", "runge_kutta_4")


def tensor(value):
    return torch.tensor(np.array(value), dtype=torch.float64, requires_grad=True)


def slopes(x, y, a, p, rates=False):
    """The equations; or decay and rate of both populations."""
    s_e = p["w_ee"] * x - p["w_ei"] * y + p["h_e"] + p["input_e"] + p["scale"] * x @ a.T
    s_i = p["w_ie"] * x - p["w_ii"] * y + p["h_i"] + p["input_i"]
    f = p["amplitude_e"] * torch.tanh(p["beta_e"] * s_e) + p["offset_e"]
    g = p["amplitude_i"] * torch.tanh(p["beta_i"] * s_i) + p["offset_i"]
    if rates:
        return f, g
    dx = -p["alpha_e"] * x + (1.0 - x) * f
    return dx, (-p["alpha_i"] * y + (1.0 - y) * g) / p["gamma"]


def advanced(scheme, x, y, a, p):
    if scheme == "euler":
        dx, dy = slopes(x, y, a, p)
        return x + DT * dx, y + DT * dy
    if scheme == "exponential_euler":
        f, g = slopes(x, y, a, p, rates=True)
        return tuple(
            rate / (alpha + rate) + (z - rate / (alpha + rate)) * torch.exp(-time * (alpha + rate))
            for z, rate, alpha, time in (
                (x, f, p["alpha_e"], DT),
                (y, g, p["alpha_i"], DT / p["gamma"]),
            )
        )
    k1 = slopes(x, y, a, p)
    k2 = slopes(x + DT / 2 * k1[0], y + DT / 2 * k1[1], a, p)
    k3 = slopes(x + DT / 2 * k2[0], y + DT / 2 * k2[1], a, p)
    k4 = slopes(x + DT * k3[0], y + DT * k3[1], a, p)
    return tuple(
        z + DT / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
        for z, s1, s2, s3, s4 in zip((x, y), k1, k2, k3, k4, strict=True)
    )


def near(found, expected, what, tolerance=1e-12):
    found, expected = np.asarray(found), np.asarray(expected)
    size = np.linalg.norm(expected)
    assert np.linalg.norm(found - expected) <= tolerance * size, what


@pytest.mark.parametrize("kind", ["spectral", "projected"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradients_by_everything_are_those_of_autograd(scheme, case, kind):
    rng = np.random.default_rng(1)
    if kind == "spectral":
        start = SpectralCoupling.plant(TARGETS)
        phi = start.phi + 0.05 * rng.normal(size=start.phi.shape)
        made = SpectralCoupling(phi, start.eigenvalues)
        parts = {"phi": tensor(made.phi), "lam": tensor(made.eigenvalues)}
        composed = (parts["phi"] * parts["lam"]) @ torch.linalg.inv(parts["phi"])
        scale = NODES**-0.5
    else:
        made = ProjectedCoupling(-np.eye(NODES) + 0.1 * rng.normal(size=(NODES, NODES)), TARGETS)
        parts = {"b": tensor(made.weights)}
        q = torch.from_numpy(made.basis)
        composed = parts["b"] - (parts["b"] @ q) @ q.T
        scale = 1.0
    a = tensor(made.coupling)  # of the same rounding errors on both sides
    params = {field.name: field.default for field in an.fields(an.WilsonCowanNode)} | CASES[case]
    inputs = {name: 0.1 * rng.normal(size=NODES) for name in ("input_e", "input_i")}
    p = {name: tensor(value) for name, value in {**params, **inputs, "scale": scale}.items()}
    starts = rng.random((2, SAMPLES, NODES))
    dx, dy = rng.normal(size=(2, SAMPLES, NODES))
    x0, y0 = (tensor(start) for start in starts)
    x, y = x0, y0
    for _ in range(STEPS):
        x, y = advanced(scheme, x, y, a, p)
    (torch.sum(x * torch.from_numpy(dx)) + torch.sum(y * torch.from_numpy(dy))).backward()

    net = an.WilsonCowanNetwork(made.coupling, scale=scale, **inputs, **params)
    tape = net.tape(*starts, STEPS, dt=DT, scheme=scheme)
    found = tape.adjoint(dx, dy)
    near(tape.x, x.detach(), "x")
    near(tape.y, y.detach(), "y")
    near(found.coupling, a.grad, "coupling")
    composed.backward(a.grad)
    for name, start in (("x0", x0), ("y0", y0)):
        near(getattr(found, name), start.grad, name)
    for name, value in p.items():
        near(getattr(found, name), value.grad, name)
    if kind == "spectral":
        through = made.adjoint(found.coupling)
        near(through.phi, parts["phi"].grad, "phi")
        near(through.eigenvalues, parts["lam"].grad, "eigenvalues")
    else:
        near(made.adjoint(found.coupling), parts["b"].grad, "weights")
