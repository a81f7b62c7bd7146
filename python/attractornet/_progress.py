"""The bar that ``progress=True`` shows on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm

Progress = bool | Callable[[int, int], object]
"""The argument ``progress``: False, True for a bar, or what is told (done, total)."""


class Bar:
    """A progress bar that is told how many units of the work are done in all."""

    def __init__(self, bar: tqdm[object]) -> None:
        self._bar = bar

    def update(self, done: int) -> None:
        """Show that `done` units in all are done."""
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


def bar(total: int, label: str, unit: str) -> Bar:
    """Start a bar.

    Parameters
    ----------
    total
        Units of the work in all.
    label
        What is being done.
    unit
        What they are called: " states".
    """
    from tqdm import tqdm  # here: most runs show no bar and need not pay for the import

    class Quiet(tqdm):  # type: ignore[type-arg]  # generic in its stubs only
        monitor_interval = 0  # tqdm would start a thread to watch slow bars: it outlives the call

    shown = Quiet(total=total, desc=label, file=sys.stderr, leave=False, unit=unit, unit_scale=True)
    return Bar(shown)


@contextmanager
def telling(
    progress: Progress, total: int, label: str, unit: str, before: int = 0
) -> Iterator[Callable[[int], object]]:
    """Give what is told how many units are done, beside those `before`."""
    if callable(progress):
        progress(before, total)
        yield lambda done: progress(before + done, total)
    elif progress:
        with closing(bar(total, label, unit)) as shown:
            shown.update(before)
            yield lambda done: shown.update(before + done)
    else:
        yield lambda done: None
