"""Hopfield networks: how much they remember, by the mean field of many units."""

from attractornet._core.hopfield import (
    CriticalLoad,
    critical_load,
    mean_field_overlap,
    retrieval_temperature,
)

__all__ = ["CriticalLoad", "critical_load", "mean_field_overlap", "retrieval_temperature"]
