"""Hopfield networks: continuous units, dense memories, and what networks of many units remember."""

from attractornet._core import ContinuousHopfield, DenseAssociativeMemory
from attractornet._core.hopfield import (
    CriticalLoad,
    Retrieval,
    critical_load,
    mean_field_overlap,
    retrieval_temperature,
)

__all__ = [
    "ContinuousHopfield",
    "CriticalLoad",
    "DenseAssociativeMemory",
    "Retrieval",
    "critical_load",
    "mean_field_overlap",
    "retrieval_temperature",
]
