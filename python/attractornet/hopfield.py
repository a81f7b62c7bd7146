"""Hopfield networks of two-state and of continuous units, dense memories, what they remember."""

from attractornet._core import ContinuousHopfield, DenseAssociativeMemory, HopfieldNetwork
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
    "DenseAssociativeMemory",
    "HopfieldNetwork",
    "Recall",
    "critical_load",
    "mean_field_overlap",
    "retrieval_temperature",
]
