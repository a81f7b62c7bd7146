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
    largest
        Those of weights, eigenvalues and gamma.
    schedule
        "cosine" falls to 0 at the end, "constant" does not.
    warm_up
        Batches in which rates rise from 0, in proportion; None: a tenth of all, 100 at most.
    """

    largest: tuple[float, float, float]
    schedule: Schedule
    warm_up: int | None

    def of_epoch(self, epoch: int, epochs: int, batches: int) -> NDArray[np.float64]:
        """Rates (batches, 3) of an epoch, counted from 0."""
        made = epoch * batches + np.arange(1, batches + 1)
        rise = min(100, epochs * batches // 10) if self.warm_up is None else self.warm_up
        share = np.minimum(1.0, made / max(rise, 1))
        if self.schedule == "cosine":
            share = share * (0.5 + 0.5 * np.cos(np.pi * made / (epochs * batches)))
        rates: NDArray[np.float64] = share[:, None] * np.array(self.largest)
        return rates
