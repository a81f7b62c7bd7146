"""The textbook systems as plain NumPy, and their published exponents.

A map is a function of the state (dimension,), or of many states at once (dimension, count), to the
next; a flow is one to the derivative. Equations and citations are beside the C++ ones, in
systems/textbook_maps.hpp and systems/textbook_flows.hpp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import numpy as np

TURN = 2.0 * np.pi
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
SILVER = math.sqrt(2.0) - 1.0

# ------------------------------------------------------------------------------ maps of a line


def logistic(s, r=4.0):
    return r * s * (1.0 - s)


def sine_map(s, a=1.0):
    return a * np.sin(np.pi * s)


def cubic_map(s, a=3.0):
    return a * s * (1.0 - s**2)


def ricker(s, a=20.0):
    return a * s * np.exp(-s)


def gauss_map(s):
    return np.mod(1.0 / s, 1.0)


def cusp_map(s, a=2.0):
    return 1.0 - a * np.sqrt(np.abs(s))


def pinchers_map(x, s=2.0, c=0.5):
    return np.abs(np.tanh(s * (x - c)))


def two_neurons(s, a=1.42668906710772, b=5.97811605717192, c=-5.32641819604181):
    return b * np.tanh(a * s) + c * s


def sine_circle(s, omega=0.5, k=2.0):
    return np.mod(s + omega - k / TURN * np.sin(TURN * s), 1.0)


# ----------------------------------------------------------------------------- maps of a plane


def henon(s, a=1.4, b=0.3):
    x, y = s
    return np.array([1.0 - a * x**2 + y, b * x])


def lozi(s, a=1.7, b=0.5):
    x, y = s
    return np.array([1.0 - a * np.abs(x) + y, b * x])


def delayed_logistic(s, a=2.27):
    x, y = s
    return np.array([a * x * (1.0 - y), x])


def tinkerbell(s, a=0.9, b=-0.6, c=2.0, d=0.5):
    x, y = s
    return np.array([x**2 - y**2 + a * x + b * y, 2.0 * x * y + c * x + d * y])


def burgers(s, a=0.75, b=1.75):
    x, y = s
    return np.array([a * x - y**2, b * y + x * y])


def holmes_cubic(s, b=0.2, d=2.77):
    x, y = s
    return np.array([y, -b * x + d * y - y**3])


def dissipative_standard(s, b=0.1, k=8.8):
    x, y = s
    kicked = np.mod(b * y + k * np.sin(x), TURN)
    return np.array([np.mod(x + kicked, TURN), kicked])


def ikeda(s, a=6.0, b=0.4, g=1.0, m=0.9):
    x, y = s
    field = x + 1j * y
    field = g + m * field * np.exp(1j * (b - a / (1.0 + np.abs(field) ** 2)))
    return np.array([field.real, field.imag])


def predator_prey(s, r=3.0, k=1.0, a=5.0):
    x, y = s
    return np.array([x * np.exp(r * (1.0 - x / k) - a * y), x * (1.0 - np.exp(-a * y))])


def arnold_cat(s):
    x, y = s
    return np.array([np.mod(x + y, 1.0), np.mod(x + 2.0 * y, 1.0)])


def coupled_circles(s, omega1=GOLDEN, omega2=SILVER, k=0.3):
    x, y = s
    turned = [
        x + omega1 + k / TURN * np.sin(TURN * y),
        y + omega2 + k / TURN * np.sin(TURN * x),
    ]
    return np.mod(turned, 1.0)


# --------------------------------------------------------------------------------------- flows


def lorenz(s, sigma=10.0, rho=28.0, beta=8.0 / 3.0):
    x, y, z = s
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def rossler(s, a=0.2, b=0.2, c=5.7):
    x, y, z = s
    return np.array([-y - z, x + a * y, b + z * (x - c)])


def chen(s, a=35.0, b=3.0, c=28.0):
    x, y, z = s
    return np.array([a * (y - x), (c - a) * x - x * z + c * y, x * y - b * z])


def halvorsen(s, a=1.27):
    following = np.roll(s, -1, axis=0)
    last = np.roll(s, -2, axis=0)
    return -a * s - 4.0 * following - 4.0 * last - following**2


def thomas(s, b=0.18):
    return np.sin(np.roll(s, -1, axis=0)) - b * s


def rucklidge(s, k=2.0, l=6.7):  # noqa: E741
    x, y, z = s
    return np.array([-k * x + l * y - y * z, x, -z + y**2])


def diffusionless_lorenz(s, r=1.0):
    x, y, z = s
    return np.array([-x - y, -x * z, x * y + r])


def simplest_quadratic(s, a=2.017):
    x, y, z = s
    return np.array([y, z, -a * z + y**2 - x])


def moore_spiegel(s, t=6.0, r=20.0):
    x, y, z = s
    return np.array([y, z, -z - (t - r + r * x**2) * y - t * x])


def lorenz84(s, a=0.25, b=4.0, f=8.0, g=1.0):
    x, y, z = s
    return np.array(
        [
            -(y**2) - z**2 - a * x + a * f,
            x * y - b * x * z - y + g,
            b * x * y + x * z - z,
        ]
    )


def rigid_body(s, a=0.175, c=0.4):
    x, y, z = s
    return np.array([-c * x + y + 10.0 * y * z, -x - c * y + 5.0 * x * z, a * z - 5.0 * x * y])


def van_der_pol(s, mu=1.0):
    x, y = s
    return np.array([y, mu * (1.0 - x**2) * y - x])


# ------------------------------------------------------------------------------------- catalogue


class System(NamedTuple):
    """A map (step) or a flow (rhs) with its default parameters.

    time_step is None for a map; for a flow, a step at which Runge-Kutta 4 gives the exponents to
    more digits than were published. observe, where the state is an angle, is a smooth function on
    the circle or torus.
    """

    function: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, ...]
    time_step: float | None = None
    observe: Callable[[np.ndarray], np.ndarray] | None = None


def _on_the_torus(turn: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda s: np.cos(turn * s[0]) + 0.6 * np.cos(turn * s[1] + 1.0)


SYSTEMS = {
    "Logistic": System(logistic, (0.1,)),
    "SineMap": System(sine_map, (0.1,)),
    "CubicMap": System(cubic_map, (0.1,)),
    "Ricker": System(ricker, (0.1,)),
    "GaussMap": System(gauss_map, (math.pi - 3.0,)),
    "CuspMap": System(cusp_map, (0.5,)),
    "PinchersMap": System(pinchers_map, (0.0,)),
    "TwoNeurons": System(two_neurons, (0.1,)),
    "SineCircle": System(sine_circle, (0.1,), observe=lambda s: np.cos(TURN * s[0])),
    "Henon": System(henon, (0.1, 0.1)),
    "Lozi": System(lozi, (0.1, 0.1)),
    "DelayedLogistic": System(delayed_logistic, (0.1, 0.1)),
    "Tinkerbell": System(tinkerbell, (0.0, 0.5)),
    "Burgers": System(burgers, (-0.1, 0.1)),
    "HolmesCubic": System(holmes_cubic, (1.6, 0.0)),
    "DissipativeStandard": System(dissipative_standard, (0.1, 0.1), observe=_on_the_torus(1.0)),
    "Ikeda": System(ikeda, (0.0, 0.0)),
    "PredatorPrey": System(predator_prey, (0.5, 0.5)),
    "ArnoldCat": System(arnold_cat, (0.0, math.sqrt(0.5)), observe=_on_the_torus(TURN)),
    "CoupledCircles": System(coupled_circles, (0.1, 0.1), observe=_on_the_torus(TURN)),
    "Lorenz": System(lorenz, (1.0, 1.0, 1.0), 0.01),
    "Rossler": System(rossler, (-9.0, 0.0, 0.0), 0.02),
    "Chen": System(chen, (-10.0, 0.0, 37.0), 0.004),
    "Halvorsen": System(halvorsen, (-5.0, 0.0, 0.0), 0.01),
    "Thomas": System(thomas, (0.1, 0.0, 0.0), 0.05),
    "Rucklidge": System(rucklidge, (1.0, 0.0, 4.5), 0.02),
    "DiffusionlessLorenz": System(diffusionless_lorenz, (1.0, -1.0, 0.01), 0.02),
    "SimplestQuadratic": System(simplest_quadratic, (-0.9, 0.0, 0.5), 0.05),
    "MooreSpiegel": System(moore_spiegel, (0.1, 0.0, 0.0), 0.01),
    "Lorenz84": System(lorenz84, (0.0, 0.0, 1.3), 0.02),
    "RigidBody": System(rigid_body, (0.6, 0.0, 0.0), 0.02),
    "VanDerPol": System(van_der_pol, (2.0, 0.0), 0.02),
}


def runge_kutta_4(rhs: Callable, time_step: float) -> Callable[[np.ndarray], np.ndarray]:
    """The map that takes a state of the flow one classical Runge-Kutta step further."""

    def step(s: np.ndarray) -> np.ndarray:
        k1 = rhs(s)
        k2 = rhs(s + time_step / 2.0 * k1)
        k3 = rhs(s + time_step / 2.0 * k2)
        k4 = rhs(s + time_step * k3)
        return s + time_step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    return step


class Published(NamedTuple):
    """Largest exponent of a system, known to `half_unit` (half a unit of its last printed digit,
    its printed error where it has one, or 0 where it is exact)."""

    name: str
    exponent: float
    half_unit: float
    source: str


def _printed(name: str, text: str, source: str) -> Published:
    return Published(name, float(text), 0.5 * 10.0 ** Decimal(text).as_tuple().exponent, source)


SPROTT = "J. C. Sprott, Chaos and Time-Series Analysis (2003), appendix A"

# Rucklidge and MooreSpiegel are missing: at Sprott's parameters we find 0.1918(1) and 0.0928(3),
# at any start and step, where he has 0.0643 (which we find near l = 4.6) and 0.1119.
PUBLISHED = (
    Published("Logistic", math.log(2.0), 0.0, "exact: Ulam and von Neumann (1947)"),
    Published("CubicMap", math.log(3.0), 0.0, "exact: conjugate to t' = 3 t"),
    Published("GaussMap", math.pi**2 / (6.0 * math.log(2.0)), 0.0, "exact: Levy (1936)"),
    Published("CuspMap", 0.5, 0.0, "exact: density (1 - x)/2, Hemmer (1984)"),
    Published("ArnoldCat", math.log((3.0 + math.sqrt(5.0)) / 2.0), 0.0, "exact: an eigenvalue"),
    Published("VanDerPol", 0.0, 0.0, "exact: a limit cycle"),
    Published("TwoNeurons", 0.690714, 1.7e-5, "Sprott, Neural net model of logistic map (2004)"),
    _printed("SineMap", "0.689067", f"{SPROTT}.1.2"),
    _printed("Ricker", "0.384846", f"{SPROTT}.1.6"),
    _printed("PinchersMap", "0.467944", f"{SPROTT}.1.10"),
    _printed("SineCircle", "0.353863", f"{SPROTT}.1.12"),
    _printed("Henon", "0.41922", f"{SPROTT}.2.1"),
    _printed("Lozi", "0.47023", f"{SPROTT}.2.2"),
    _printed("DelayedLogistic", "0.18312", f"{SPROTT}.2.3"),
    _printed("Tinkerbell", "0.18997", f"{SPROTT}.2.4"),
    _printed("Burgers", "0.12076", f"{SPROTT}.2.5"),
    _printed("HolmesCubic", "0.59458", f"{SPROTT}.2.6"),
    _printed("DissipativeStandard", "1.46995", f"{SPROTT}.2.8"),
    _printed("Ikeda", "0.50760", f"{SPROTT}.2.9"),
    _printed("PredatorPrey", "0.19664", f"{SPROTT}.2.11"),
    _printed("Lorenz", "0.9056", f"{SPROTT}.5.1"),
    _printed("Rossler", "0.0714", f"{SPROTT}.5.2"),
    _printed("DiffusionlessLorenz", "0.2101", f"{SPROTT}.5.3"),
    _printed("Chen", "2.0272", f"{SPROTT}.5.5"),
    _printed("Lorenz84", "0.1665", f"{SPROTT}.5.6"),
    _printed("RigidBody", "0.1421", f"{SPROTT}.5.9"),
    _printed("Thomas", "0.0349", f"{SPROTT}.5.12"),
    _printed("Halvorsen", "0.7899", f"{SPROTT}.5.13"),
    _printed("SimplestQuadratic", "0.0551", f"{SPROTT}.5.17"),
)
