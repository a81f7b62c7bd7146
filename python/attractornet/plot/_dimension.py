"""The picture of a correlation dimension: where the slope is constant, and how constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attractornet.plot._common import NEGATIVE, QUIET, calm, measured, new_axes, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import CorrelationDimension


def correlation_dimension(
    result: CorrelationDimension, ax: Axes | None = None, *, title: str | None = None
) -> Axes:
    """Draw the local slope of ln C(r) over the radius, and the scaling range.

    The slope is the dimension only where it is constant: in the shaded range, if at all. The line
    across the range is the dimension, the band about it its error. To the left too few pairs are
    left, to the right the size of the set is felt.

    Parameters
    ----------
    result
        Result of `attractornet.correlation_dimension`.
    ax
        Axes to draw on; a new figure by default.
    title
        Title; by default the dimension and its error.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured(
        "correlation_dimension: result",
        result,
        "a CorrelationDimension",
        *("radii", "slopes", "dimension", "scatter", "smallest", "largest"),
    )
    title = title_of("correlation_dimension", title)
    ax = new_axes("correlation_dimension", ax, (6.4, 4.4))
    radii, slopes = result.radii, result.slopes
    value, error = result.dimension, result.scatter
    ax.set_xscale("log")
    ax.plot(radii, slopes, color=QUIET, linewidth=1.0, zorder=2)
    top = 1.0
    if np.isfinite(value):
        used = (radii >= result.smallest) & (radii <= result.largest)
        ends = (result.smallest, result.largest)
        ax.axvspan(*ends, color=NEGATIVE, alpha=0.15, linewidth=0, label="scaling range", zorder=0)
        ax.plot(radii[used], slopes[used], color=NEGATIVE, linewidth=1.6, zorder=3)
        ax.fill_between(ends, value - error, value + error, color="black", alpha=0.2, linewidth=0)
        line = rf"$D_2 = {_with_error(value, error)}$"
        ax.plot(ends, (value, value), color="black", linewidth=0.9, label=line, zorder=4)
        top = value
        ax.legend(frameon=False, loc="best")
    # The first few pairs make slopes of any size: what is above this tells nothing.
    ax.set_ylim(0.0, 1.8 * top)
    ax.set(xlabel="radius $r$", ylabel=r"local slope $d\,\ln C\,/\,d\,\ln r$")
    ax.set_title(_summary(value, error) if title is None else title)
    calm(ax)
    return ax


def _summary(value: float, error: float) -> str:
    if not np.isfinite(value):
        return "No scaling range"
    return rf"Correlation dimension ${_with_error(value, error)}$"


def _with_error(value: float, error: float) -> str:
    """The value to two digits of its error."""
    digits = 2 if not error > 0.0 else min(8, max(1, 1 - int(np.floor(np.log10(error)))))
    return rf"{value:.{digits}f} \pm {error:.{digits}f}"
