"""Wilson-Cowan networks: runs in time and their gradients, single nodes, stability."""

from attractornet._core import WilsonCowanNetwork, WilsonCowanNode
from attractornet._core.wilson_cowan import (
    Bifurcation,
    Equilibria,
    Gradient,
    Integration,
    Nullclines,
    ProjectedCoupling,
    SpectralCoupling,
    SpectralGradient,
    Tape,
    block_targets,
    preset,
)

__all__ = [
    "Bifurcation",
    "Equilibria",
    "Gradient",
    "Integration",
    "Nullclines",
    "ProjectedCoupling",
    "SpectralCoupling",
    "SpectralGradient",
    "Tape",
    "WilsonCowanNetwork",
    "WilsonCowanNode",
    "block_targets",
    "preset",
]
