"""Wilson-Cowan networks: runs in time, and their gradients."""

from attractornet._core import WilsonCowanNetwork
from attractornet._core.wilson_cowan import Gradient, Integration, Tape

__all__ = ["Gradient", "Integration", "Tape", "WilsonCowanNetwork"]
