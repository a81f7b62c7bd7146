"""The bar that ``progress=True`` shows on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm


class Bar:
    """A progress bar that is told how many steps are done in all."""

    def __init__(self, bar: tqdm[object]) -> None:
        self._bar = bar

    def update(self, done: int) -> None:
        """Show that `done` steps in all are done."""
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


def bar(total: int, label: str, unit: str = " steps") -> Bar:
    """Start a bar.

    Parameters
    ----------
    total
        Steps in all.
    label
        What is being done.
    unit
        What a step is called.
    """
    from tqdm import tqdm  # here: most runs show no bar and need not pay for the import

    class Quiet(tqdm):  # type: ignore[type-arg]  # generic in its stubs only
        monitor_interval = 0  # tqdm would start a thread to watch slow bars: it outlives the call

    shown = Quiet(total=total, desc=label, file=sys.stderr, leave=False, unit=unit, unit_scale=True)
    return Bar(shown)
