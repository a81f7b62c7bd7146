"""The bar that ``progress=True`` shows on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

    def note(self, line: str) -> None:
        """Leave a line above the bar."""
        self._bar.write(line, file=sys.stderr)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


def bar(total: int, label: str, unit: str, before: int = 0) -> Bar:
    """Start a bar.

    Parameters
    ----------
    total
        Units of the work in all.
    label
        What is being done.
    unit
        What they are called: " states".
    before
        Units that were done before, and say nothing of the speed.
    """
    from tqdm import tqdm  # here: most runs show no bar and need not pay for the import

    class Quiet(tqdm):  # type: ignore[type-arg]  # generic in its stubs only
        monitor_interval = 0  # tqdm would start a thread to watch slow bars: it outlives the call

    look: dict[str, Any] = {"file": sys.stderr, "leave": False, "unit_scale": True}
    return Bar(Quiet(total=total, initial=before, desc=label, unit=unit, **look))


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells how many units are done, beside those before, and leaves lines beside the bar."""

    tell: Callable[[int], object]
    note: Callable[[str], object] = lambda line: None
    before: int = 0

    def __call__(self, done: int) -> None:
        """Tell that `done` units are done."""
        self.tell(self.before + done)


@contextmanager
def telling(
    progress: Progress, total: int, label: str, unit: str, before: int = 0
) -> Iterator[Teller]:
    """Give what is told how many units are done, beside those `before`."""
    if callable(progress):
        progress(before, total)
        yield Teller(lambda done: progress(done, total), before=before)
    elif progress:
        with closing(bar(total, label, unit, before)) as shown:
            yield Teller(shown.update, shown.note, before)
    else:
        yield Teller(lambda done: None)
