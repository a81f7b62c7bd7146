"""How often a scan found chaos."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.plot._common import (
    QUIET,
    calm,
    fit_axis,
    labels_of,
    legend_of,
    new_axes,
    palette,
    positions,
    title_of,
)
from attractornet.plot._tables import Table, along_axis, chosen, columns_of, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import ScanResult


def chaos_fraction(
    result: ScanResult | Any,
    ax: Axes | None = None,
    *,
    along: str | None = None,
    by: str | None = None,
    threshold: float | None = None,
    sel: Mapping[str, Any] | None = None,
    level: float = 0.95,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the share of chaotic points along a parameter, over all other axes.

    Chaotic is what has the kind "chaotic", or with `threshold` a larger exponent than that. Points
    that failed are left out. The bars are Wilson's intervals of a binomial share.

    Parameters
    ----------
    result
        Result of `attractornet.scan` over a Grid, or its Dataset.
    ax
        Axes to draw on; a new figure by default.
    along
        Axis of the grid that the share is drawn along; by default "scale", or else the last one.
    by
        Another axis; there is a curve for each of its values.
    threshold
        Exponent per unit time above which a point counts as chaotic, in place of its kind.
    sel
        Values of further axes, by name; the nearest one of the grid is taken.
    level
        Probability that a bar holds the true share.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    names = labels_of("chaos_fraction", labels)
    title = title_of("chaos_fraction", title)
    if not 0.0 < _check.real("chaos_fraction: level", level, 0.0) < 1.0:
        _check.refuse(ValueError, "chaos_fraction: level", level, "a value in (0, 1)")
    table = _chaotic(result, threshold)
    if table.sampled:
        expected = "a scan of a Grid, whose axes have shares; scan_map draws the points of a Sample"
        _check.refuse(ValueError, "chaos_fraction: result", table.dims, expected)
    table = chosen("chaos_fraction", table, sel)
    along, by = _axes_of(table, along, by)
    values = table.coords[along]
    curves = _curves(table, along, by)
    ax = new_axes("chaos_fraction", ax, (7.0, 4.6))
    colours = palette(len(curves), curves=True)
    for (name, chaotic, counted), colour in zip(curves, colours, strict=True):
        share, below, above = _wilson(chaotic, counted, float(level))
        order = np.argsort(positions(values))
        ax.errorbar(
            positions(values)[order],
            share[order],
            yerr=np.array([below[order], above[order]]),
            color=colour,
            ecolor=colour,
            elinewidth=0.8,
            capsize=2.0,
            marker="o",
            markersize=3.0,
            linewidth=1.2,
            label=name,
        )
    if by is not None:
        legend_of(ax, ax.get_legend_handles_labels()[0])
    fit_axis(ax.xaxis, values)
    ax.axhline(0.0, color=QUIET, linewidth=0.6)
    horizontal, vertical = names or (along, "share of chaotic points")
    ax.set(xlabel=horizontal, ylabel=vertical, ylim=(-0.03, 1.03))
    if title is not None:
        ax.set_title(title)
    calm(ax)
    return ax


def _chaotic(result: object, threshold: float | None) -> Table:
    """A table of whether each point is chaotic."""
    where = "chaos_fraction"
    if threshold is not None:
        limit = _check.real(f"{where}: threshold", threshold, -np.inf)
        table = table_of(where, result, "exponent", "threshold")
        missing = table.missing | np.isnan(table.values)
        return table._replace(values=table.values > limit, missing=missing)
    if "kind" not in (columns := columns_of(where, result)):
        expected = "a scan with the column 'kind'"
        if "exponent" in columns:
            expected += ", or threshold= for its 'exponent', such as threshold=0"
        _check.refuse(ValueError, f"{where}: result", tuple(columns), expected)
    table = table_of(where, result, "kind", "result")
    missing = table.missing | (table.values < 0)
    return table._replace(values=table.values == table.choices.index("chaotic"), missing=missing)


def _axes_of(table: Table, along: object, by: object) -> tuple[str, str | None]:
    """The axis that the share is drawn along, and the one that has a curve for each value."""
    where, dims = "chaos_fraction", table.dims
    if not dims:
        expected = "a scan of a Grid with an axis beside those of sel"
        _check.refuse(ValueError, f"{where}: result", dims, expected)
    if along is not None:
        along = _check.choice(f"{where}: along", along, dims)
    if by is not None:
        by = _check.choice(f"{where}: by", by, [dim for dim in dims if dim != along])
    free = [dim for dim in dims if dim != by]
    if not free:
        expected = "None: there is no other axis to draw the share along"
        _check.refuse(ValueError, f"{where}: by", by, expected)
    return along or ("scale" if "scale" in free else free[-1]), by


def _curves(
    table: Table, along: str, by: str | None
) -> list[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """For each curve its name, and along the axis the chaotic points and all that count."""
    if by is None:
        return [("", *_counts(table, along))]
    parts = [along_axis(table, by, i) for i in range(len(table.coords[by]))]
    names = [f"{by} = {_short(each)}" for each in table.coords[by]]
    return [(name, *_counts(part, along)) for name, part in zip(names, parts, strict=True)]


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, np.floating) else str(value)


def _counts(table: Table, along: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rest = tuple(i for i, dim in enumerate(table.dims) if dim != along)
    counted = ~table.missing
    chaotic = np.sum(table.values.astype(bool) & counted, axis=rest)
    return chaotic.astype(np.int64), np.sum(counted, axis=rest).astype(np.int64)


def _wilson(
    chaotic: NDArray[np.int64], counted: NDArray[np.int64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Shares, and how far Wilson's interval goes below and above; NaN where nothing counts."""
    z = statistics.NormalDist().inv_cdf(0.5 + 0.5 * level)
    total = np.where(counted > 0, counted, np.nan)
    share = chaotic / total
    centre = (chaotic + 0.5 * z * z) / (total + z * z)
    half = z / (total + z * z) * np.sqrt(chaotic * (total - chaotic) / total + 0.25 * z * z)
    # Rounding may put an end of the interval on the wrong side of the share.
    return share, np.maximum(share - (centre - half), 0.0), np.maximum(centre + half - share, 0.0)
