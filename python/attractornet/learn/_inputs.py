"""How features become activities of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Features scaled to 0 to 1, as activities of the first nodes; the others start at 0.

    Attributes
    ----------
    low, span
        Least value and range of each feature (features,); a range of 0 makes 0 of a feature.
    """

    low: NDArray[np.float64]
    span: NDArray[np.float64]

    @classmethod
    def of(cls, where: str, scaling: str | None, examples: Array) -> Self:
        """From the ranges that examples (samples, features) have."""
        ones = np.ones(examples.shape[1])
        if scaling is None:
            if examples.min() < 0 or examples.max() > 1:
                raise ValueError(
                    f"{where}: X holds values from {examples.min():.9g} to {examples.max():.9g}: "
                    "expected 0 to 1, or a scaling"
                )
            return cls(0.0 * ones, ones)
        if _check.choice(f"{where}: scaling", scaling, ("features", "all")) == "all":
            return cls(examples.min() * ones, (examples.max() - examples.min()) * ones)
        low = examples.min(axis=0)
        return cls(low, examples.max(axis=0) - low)

    def activities(self, examples: Array, nodes: int) -> NDArray[np.float32]:
        """Where states start (samples, nodes)."""
        x = np.zeros((len(examples), nodes), np.float32)
        scaled = np.divide(
            examples - self.low, self.span, out=np.zeros_like(examples), where=self.span > 0
        )
        x[:, : examples.shape[1]] = np.clip(scaled, 0.0, 1.0)
        return x
