"""Wilson-Cowan networks: runs in time and their gradients, single nodes, stability."""

from attractornet._core import WilsonCowanNetwork, WilsonCowanNode
from attractornet._core.wilson_cowan import (
    Bifurcation,
    Equilibria,
    Gradient,
    Integration,
    Nullclines,
    Tape,
    preset,
)

__all__ = [
    "Bifurcation",
    "Equilibria",
    "Gradient",
    "Integration",
    "Nullclines",
    "Tape",
    "WilsonCowanNetwork",
    "WilsonCowanNode",
    "preset",
]
