"""Learning rates, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Schedule = Literal["cosine", "constant"]
SCHEDULES: tuple[Schedule, ...] = ("cosine", "constant")


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates of a whole training.

    Attributes
    ----------
    weights, eigenvalues, gamma
        The largest rate of each.
    schedule
        "cosine" falls to 0 at the end, "constant" does not.
    warm_up
        Batches in which rates rise from 0, in proportion.
    """

    weights: float
    eigenvalues: float
    gamma: float
    schedule: Schedule
    warm_up: int

    def of_epoch(self, epoch: int, epochs: int, batches: int) -> NDArray[np.float64]:
        """Rates (batches, 3) of an epoch, counted from 0."""
        made = epoch * batches + np.arange(1, batches + 1)
        share = np.minimum(1.0, made / max(self.warm_up, 1))
        if self.schedule == "cosine":
            share = share * (0.5 + 0.5 * np.cos(np.pi * made / (epochs * batches)))
        return share[:, None] * np.array([self.weights, self.eigenvalues, self.gamma])
