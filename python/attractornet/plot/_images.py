"""Rows of images: inputs, states of a network, what came back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import colour_map, image_shape, names_of, new_axes, title_of
from attractornet.plot._grid import Grid, draw_row, figure_size, fit_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def images(
    rows: ArrayLike | Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    shape: tuple[int, int] | None = None,
    names: Sequence[str] | None = None,
    levels: tuple[float, float] | None = None,
    cmap: str = "gray",
    title: str | None = None,
) -> Axes:
    """Draw states as images, in rows with names: patterns, inputs, what became of them.

    Parameters
    ----------
    rows
        States (images, units), or (units,) for one; or a dict of some by name, as many in each.
    ax
        Axes to draw on; a new figure by default.
    shape
        (height, width) of an image; by default a square.
    names
        Of the columns; by default none.
    levels
        Values at both ends of the colour map; by default the least and the largest of all.
    cmap
        Matplotlib colour map.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> end = net.integrate(images, steps=350, dt=0.01, scheme="runge_kutta_4")
    >>> back = net.integrate(end.x, end.y, 350, dt=0.01, reverse=True)
    >>> plot.images({"input": images, "at the end": end.x, "and back": back.x})
    """
    named = rows if isinstance(rows, Mapping) else {"": rows}
    if not named:
        _check.refuse(ValueError, "images: rows", rows, "a dict with an entry at least")
    for name in named:
        _check.text("images: rows: name", name)
    drawn = [_states(each) for each in named.values()]
    if len({each.shape for each in drawn}) > 1:
        shapes = ", ".join(str(each.shape) for each in drawn)
        raise ValueError(f"images: rows have shapes {shapes}: expected one shape (images, units)")
    count, units = drawn[0].shape
    if shape is None and math.isqrt(units) ** 2 != units:
        raise ValueError(f"images: rows has images of {units} units, no square: give their shape")
    height, width = image_shape("images", shape, units)
    columns = names_of("images", names, count)
    title = title_of("images", title)
    low, high = _ends(levels, drawn)
    grid = Grid.of(height, width)
    ax = new_axes("images", ax, figure_size((height, width), len(drawn), count))
    colours = {"cmap": colour_map("images", cmap), "vmin": low, "vmax": high}
    for row, states in enumerate(drawn):
        draw_row(ax, grid, row, states.reshape(count, height, width), **colours)
    fit_grid(ax, grid, list(named), columns or [""] * count)
    if title is not None:
        ax.set_title(title)
    return ax


def _states(value: Any) -> NDArray[np.float64]:
    given = _check.numbers("images: rows", value, "states (images, units)")
    if given.ndim not in (1, 2) or given.size == 0:
        raise ValueError(
            f"images: rows has shape {given.shape}: expected (images, units) or (units,), "
            "none of them 0"
        )
    _check.expect_memory("images", f"rows of shape {given.shape}", given.size)
    states = np.atleast_2d(np.asarray(given, dtype=np.float64))
    if not np.all(np.isfinite(states)):
        raise ValueError("images: rows has values that are not finite: expected states")
    return states


def _ends(levels: Any, rows: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """The values at both ends of the colours."""
    if levels is None:
        return min(float(np.min(row)) for row in rows), max(float(np.max(row)) for row in rows)
    low, high = _check.pair(
        "images: levels", levels, lambda where, value: _check.real(where, value, -1e300)
    )
    if low >= high:
        _check.refuse(ValueError, "images: levels", levels, "two values, the smaller one first")
    return low, high
