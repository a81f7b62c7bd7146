"""The picture of a recall: what was stored, what it started from, what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    ZERO,
    colour_map,
    image_shape,
    names_of,
    new_axes,
    title_of,
)
from attractornet.plot._grid import Grid, draw_row, figure_size, fit_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet.hopfield import Recall

Floats = NDArray[np.float64]

_WORDED = 12  # columns that leave room for a word beside the count


def recall(
    patterns: ArrayLike,
    starts: ArrayLike,
    recalled: ArrayLike | Recall | Mapping[str, ArrayLike | Recall],
    ax: Axes | None = None,
    *,
    shape: tuple[int, int] | None = None,
    names: Sequence[str] | None = None,
    cmap: str = "gray",
    title: str | None = None,
) -> Axes:
    """Draw a recall of images: a column for each, with the pattern, the start and the end.

    Below starts and ends stands how many of their units differ from the pattern's, the Hamming
    distance. Of values between the two of a unit it counts the nearer one. Of patterns of other
    values, such as a softmax memory's, it is the root mean square of the differences.

    Parameters
    ----------
    patterns
        What should come back, (images, units), of -1 and 1, of 0 and 1, or grey values; (units,) if
        it is the same for all starts.
    starts
        The states that recall started from, (images, units) or (units,).
    recalled
        Result of ``recall`` of a `HopfieldNetwork` or `DenseAssociativeMemory`, or the states where
        it ended; or a dict of some by name, such as those of several storage rules, which have a
        row each.
    ax
        Axes to draw on; a new figure by default.
    shape
        (height, width) of an image; by default a square.
    names
        Of the columns; by default none.
    cmap
        Matplotlib colour map, from the lower value of a unit to the upper one, or from the least of
        the grey values to the largest.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> net = HopfieldNetwork.store(digits, rule="pseudoinverse")
    >>> plot.recall(digits, noisy, net.recall(noisy))
    """
    rows = _rows(patterns, starts, recalled)
    count, units = rows[0].states.shape
    height, width = image_shape("recall", shape, units)
    columns = names_of("recall", names, count)
    title = title_of("recall", title)
    grid = Grid.of(height, width)
    ax = new_axes("recall", ax, figure_size((height, width), len(rows), count))
    colours = colour_map("recall", cmap)
    low, high = _levels(rows[0].states)
    for row, (_, states, distances) in enumerate(rows):
        images = states.reshape(count, height, width)
        draw_row(ax, grid, row, images, cmap=colours, vmin=low, vmax=high)
        for column, distance in enumerate([] if distances is None else distances):
            _write_below(ax, grid, row, column, _in_words(distance, worded=count <= _WORDED))
    fit_grid(ax, grid, [row.name for row in rows], columns or [""] * count)
    if title is not None:
        ax.set_title(title)
    return ax


class _Row(NamedTuple):
    """A row of images, and how far each is from the pattern: in units that differ, or rms."""

    name: str
    states: Floats
    distances: NDArray[np.intp] | Floats | None


def _rows(patterns: Any, starts: Any, recalled: Any) -> list[_Row]:
    """All rows, with as many images each."""
    named = recalled if isinstance(recalled, Mapping) else {"recalled": recalled}
    if not named:
        _check.refuse(ValueError, "recall: recalled", recalled, "a dict with an entry at least")
    for name in named:
        _check.text("recall: recalled: name", name)
    stored = _states("patterns", patterns)
    others = [_states("starts", starts)]
    others += [_states("recalled", getattr(each, "states", each)) for each in named.values()]
    right, *ends = _of_one_shape([stored, *others])
    rows = [_Row("stored", right, None)]
    for name, states in zip(("start", *named), ends, strict=True):
        rows.append(_Row(name, states, _distances(states, right)))
    return rows


def _two_valued(patterns: Floats) -> bool:
    return bool(np.all(np.isin(patterns, (-1, 1))) or np.all(np.isin(patterns, (0, 1))))


def _levels(patterns: Floats) -> tuple[float, float]:
    """Values at the ends of the colour map: the two of a unit, even if one of them is not there."""
    if _two_valued(patterns):
        return (-1.0 if np.any(patterns < 0.0) else 0.0), 1.0
    return float(np.min(patterns)), float(np.max(patterns))


def _distances(states: Floats, patterns: Floats) -> NDArray[np.intp] | Floats:
    if not _two_valued(patterns):
        with np.errstate(over="ignore"):
            return np.asarray(np.sqrt(np.mean((states - patterns) ** 2, axis=1)))
    middle = 0.5 * sum(_levels(patterns))
    return np.asarray(np.count_nonzero((states > middle) != (patterns > middle), axis=1))


def _in_words(distance: np.intp | np.float64, *, worded: bool) -> str:
    if isinstance(distance, np.floating):
        return f"off by {distance:.2g}" if worded else f"{distance:.2g}"
    return f"{distance} wrong" if worded else f"{distance}"


def _states(argument: str, value: Any) -> Floats:
    """States as numbers, (images, units)."""
    given = _check.numbers(f"recall: {argument}", value, "states (images, units)")
    if given.ndim not in (1, 2) or given.size == 0:
        raise ValueError(
            f"recall: {argument} has shape {given.shape}: expected (images, units) or (units,), "
            "none of them 0"
        )
    _check.expect_memory("recall", f"{argument} of shape {given.shape}", given.size)
    states = np.atleast_2d(np.asarray(given, dtype=np.float64))
    if not np.all(np.isfinite(states)):
        raise ValueError(f"recall: {argument} has values that are not finite: expected states")
    return states


def _of_one_shape(rows: Sequence[Floats]) -> list[Floats]:
    """The rows, of which one state is repeated for all images."""
    count, units = max(map(len, rows)), rows[0].shape[1]
    if any(row.shape not in ((count, units), (1, units)) for row in rows):
        shapes = ", ".join(str(row.shape) for row in rows)
        raise ValueError(
            f"recall: patterns, starts and recalled have shapes {shapes}: expected one shape "
            "(images, units), or a state (units,) for all images"
        )
    return [np.broadcast_to(row, (count, units)) for row in rows]


def _write_below(ax: Axes, grid: Grid, row: int, column: int, text: str) -> None:
    left, top = grid.corner(row, column)
    at = left + 0.5 * grid.width, top + grid.height + 0.04
    ax.text(*at, text, ha="center", va="top", fontsize="x-small", color=ZERO)
