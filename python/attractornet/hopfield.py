"""Hopfield networks of two-state and of continuous units, and how much large ones remember."""

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
