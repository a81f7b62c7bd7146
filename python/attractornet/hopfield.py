"""Hopfield networks: continuous units, and how much networks of many two-state units remember."""

from attractornet._core import ContinuousHopfield
from attractornet._core.hopfield import (
    CriticalLoad,
    critical_load,
    mean_field_overlap,
    retrieval_temperature,
)

__all__ = [
    "ContinuousHopfield",
    "CriticalLoad",
    "critical_load",
    "mean_field_overlap",
    "retrieval_temperature",
]
