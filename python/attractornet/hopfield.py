"""Hopfield networks: two-state and continuous units, and how much networks of many units remember."""

from attractornet._core import ContinuousHopfield, HopfieldNetwork
from attractornet._core.hopfield import (
    CriticalLoad,
    Recall,
    critical_load,
    mean_field_overlap,
    retrieval_temperature,
)

__all__ = [
    "ContinuousHopfield",
    "CriticalLoad",
    "HopfieldNetwork",
    "Recall",
    "critical_load",
    "mean_field_overlap",
    "retrieval_temperature",
]
