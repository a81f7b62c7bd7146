"""The recurrence plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import calm, new_axes, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 5_000  # as many to a side as no screen or page shows
_ROWS = 256  # computed at a time


def recurrence(
    points: ArrayLike,
    ax: Axes | None = None,
    threshold: float | None = None,
    *,
    title: str | None = None,
) -> Axes:
    """Draw the recurrence plot: black where points i and j are within a threshold of each other.

    Long diagonals are stretches that repeat, vertical lines stretches at rest; a torus is an even
    pattern of unbroken lines, chaos breaks them. `attractornet.recurrence` counts the lines.

    Parameters
    ----------
    points
        Points in time order, (T, M), or a series, (T,); T at most 5000.
    ax
        Axes to draw on; a new figure by default.
    threshold
        Euclidean distance; by default a tenth of the largest extent along an axis, as in
        `attractornet.recurrence`.
    title
        Title; by default the threshold and the share of pairs that recur.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if threshold is not None:
        threshold = _check.real("recurrence: threshold", threshold, 0.0, above=True)
    title = title_of("recurrence", title)
    orbit = _points(points)
    ax = new_axes("recurrence", ax, (6.0, 6.0))
    if threshold is None:
        threshold = 0.1 * float(np.max(np.ptp(orbit, axis=0)))
    recurs = _recurrences(orbit, threshold)
    count = len(orbit)
    ax.imshow(
        recurs,
        cmap="binary",
        vmin=0.0,
        vmax=1.0,
        origin="lower",
        interpolation="antialiased",  # averages what is finer than a pixel, and blurs nothing
        extent=(-0.5, count - 0.5, -0.5, count - 0.5),
    )
    ax.set(xlabel="time $i$ (points)", ylabel="time $j$ (points)")
    if title is None:
        rate = (int(np.count_nonzero(recurs)) - count) / (count * (count - 1))
        title = f"threshold {threshold:.3g}, recurrence rate {rate:.2g}"
    ax.set_title(title, fontsize="medium")
    ax.locator_params(nbins=6)
    calm(ax)
    return ax


def _points(points: Any) -> NDArray[np.float64]:
    """The points as numbers (T, M)."""
    given = _check.numbers("recurrence: points", points, "an array of real numbers")
    if given.ndim not in (1, 2) or given.size == 0 or len(given) < 2:
        raise ValueError(
            f"recurrence: points has shape {given.shape}: expected (count,) or (count, dimension) "
            "with a count of 2 or more"
        )
    if len(given) > _MOST_POINTS:
        raise ValueError(
            f"recurrence: points has {len(given)} points: expected {_MOST_POINTS} at most, since "
            "the picture grows with their square: take a part of the orbit, or every n-th point"
        )
    _check.expect_memory("recurrence", f"points of shape {given.shape}", given.size)
    numbers = np.asarray(given, dtype=np.float64).reshape(len(given), -1)
    if not np.all(np.isfinite(numbers)):
        raise ValueError("recurrence: points has values that are not finite: the orbit diverged")
    return numbers


def _recurrences(points: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """R_ij, some rows at a time; distances are summed as the core sums them."""
    count = len(points)
    recurs = np.empty((count, count), np.bool_)
    for first in range(0, count, _ROWS):
        rows = points[first : first + _ROWS]
        square = np.zeros((len(rows), count))
        with np.errstate(over="ignore"):  # what is too far for a double is too far
            for own, other in zip(rows.T, points.T, strict=True):
                square += (own[:, None] - other) ** 2
            recurs[first : first + _ROWS] = square <= threshold * threshold
    return recurs
