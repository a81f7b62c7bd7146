"""The map of a scan: a column over a plane of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.plot._common import (
    QUIET,
    colour_bar,
    colour_map,
    edges,
    finish,
    fit_axis,
    is_geometric,
    labels_of,
    legend_of,
    new_axes,
    palette,
    positions,
    title_of,
)
from attractornet.plot._tables import Table, chosen, only_axes, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

    from attractornet import ScanResult

# A colour for each kind, the same in every picture; after P. Tol's "bright" scheme.
_KINDS = {
    "fixed point": "#4477aa",
    "periodic": "#66ccee",
    "quasiperiodic": "#228833",
    "chaotic": "#ee6677",
    "diverged": "#aa3377",
    "undecided": "#ccbb44",
}
_MISSING = "#bbbbbb"


def scan_map(
    result: ScanResult | Any,
    ax: Axes | None = None,
    *,
    value: str = "kind",
    x: str | None = None,
    y: str | None = None,
    sel: Mapping[str, Any] | None = None,
    reduce: Literal["mean"] | None = None,
    cmap: str | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a column of a scan over a plane of two parameters.

    A column of codes, such as "kind", has a colour for each code and a legend with their shares; a
    number has a colour bar, whose middle is 0 for exponents and where there are numbers of both
    signs. Where nothing could be measured it is grey. Values that a Grid has at equal ratios are on
    a logarithmic scale. The points of a Sample are drawn where they are, whatever their further
    parameters.

    Parameters
    ----------
    result
        Result of `attractornet.scan` over a Grid or a Sample, or its Dataset.
    ax
        Axes to draw on; a new figure by default.
    value
        Column with one number or code for each point.
    x, y
        Axes of the grid, or parameters that the sample draws; by default the last one that `sel`
        leaves, and the one before it.
    sel
        Values of further axes, by name; the nearest one of the grid is taken.
    reduce
        "mean" averages a number over the axes that are left, instead of refusing them.
    cmap
        Matplotlib colour map for numbers; by default one of two hues about 0, or of one.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    value = _check.text("scan_map: value", value)
    if reduce is not None:
        _check.choice("scan_map: reduce", reduce, ("mean",))
    names = labels_of("scan_map", labels)
    title = title_of("scan_map", title)
    table = _plane(table_of("scan_map", result, value), x, y, sel, reduce)
    up, across = table.dims
    ax = new_axes("scan_map", ax, (7.4, 5.2))
    if table.choices:
        _draw_codes(ax, table)
    else:
        _draw_numbers(ax, table, value, cmap)
    fit_axis(ax.xaxis, table.coords[across])
    fit_axis(ax.yaxis, table.coords[up])
    finish(ax, names or (across, up), title)
    return ax


def _plane(table: Table, x: object, y: object, sel: object, reduce: object) -> Table:
    """The table over the two parameters that are drawn, the vertical one first."""
    if not table.sampled:
        table = chosen("scan_map", table, sel)
        return only_axes("scan_map", table, _axes_of(table.dims, x, y), reduce == "mean")
    for name, given in (("sel", sel), ("reduce", reduce)):
        if given is not None:
            expected = "None for a Sample, whose points are all drawn"
            _check.refuse(ValueError, f"scan_map: {name}", given, expected)
    return table._replace(dims=_axes_of(tuple(table.coords), x, y))


def _axes_of(names: tuple[str, ...], x: object, y: object) -> tuple[str, str]:
    """The vertical and the horizontal one of these."""
    left = list(names)
    if len(left) < 2:
        expected = (
            "a scan of a Grid with two axes at least, beside those of sel, or of a Sample of two "
            "parameters at least"
        )
        _check.refuse(ValueError, "scan_map: result", tuple(left), expected)
    given = {
        name: _check.choice(f"scan_map: {name}", each, left)
        for name, each in (("x", x), ("y", y))
        if each is not None
    }
    free = [dim for dim in left if dim not in given.values()]
    across = given.get("x") or free.pop()
    up = given.get("y") or free.pop()
    if across == up:
        _check.refuse(ValueError, "scan_map: y", up, "another axis than x")
    return up, across


def _draw_codes(ax: Axes, table: Table) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    count = len(table.choices)
    rest = palette(count)
    colours = [_KINDS.get(name, rest[i]) for i, name in enumerate(table.choices)]
    codes = np.where(table.missing | (table.values < 0), -1, table.values).astype(int)
    limits = {"vmin": -1.5, "vmax": count - 0.5}
    cells(ax, table, codes, cmap=ListedColormap([_MISSING, *colours]), **limits)
    shares = np.bincount(codes.ravel() + 1, minlength=count + 1) / codes.size
    named = [*zip(table.choices, colours, shares[1:], strict=True), ("failed", _MISSING, shares[0])]
    legend_of(ax, [Patch(color=c, label=f"{name} ({s:.1%})") for name, c, s in named if s > 0.0])


def _draw_numbers(ax: Axes, table: Table, value: str, cmap: str | None) -> None:
    from matplotlib.colors import Normalize
    from matplotlib.patches import Patch

    numbers = np.ma.masked_invalid(table.values)
    signs = bool(np.ma.any(numbers < 0.0) and np.ma.any(numbers > 0.0)) or value == "exponent"
    colours = colour_map("scan_map", cmap or ("RdBu_r" if signs else "viridis"))
    norm = _signed(numbers) if signs else Normalize()
    mesh = cells(ax, table, numbers, cmap=colours.with_extremes(bad=_MISSING), norm=norm)
    unit = f" ({table.unit})" if table.unit else ""
    bar = colour_bar(ax, mesh, value + unit)
    if signs:
        bar.set_ticks(_ticks_of_both_sides(*mesh.get_clim()))
        bar.ax.yaxis.set_major_formatter("{x:g}")
        bar.minorticks_off()
    if np.ma.getmaskarray(numbers).any():
        share = float(np.mean(np.ma.getmaskarray(numbers)))
        legend_of(ax, [Patch(color=_MISSING, label=f"no number ({share:.1%})")], above=True)


def _signed(numbers: Any) -> Normalize:
    """Zero in the middle, and a scale for either side: positive exponents are the smaller ones."""
    from matplotlib.colors import TwoSlopeNorm

    present = np.append(numbers.compressed(), 0.0)
    low, high = float(present.min()), float(present.max())
    return TwoSlopeNorm(0.0, low or -high or -1.0, high or -low or 1.0)


def _ticks_of_both_sides(low: float, high: float) -> list[float]:
    """Ticks of each side's own scale: one locator would leave the smaller side without any."""
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10], min_n_ticks=3)
    ticks = {*locator.tick_values(low, 0.0), *locator.tick_values(0.0, high)}
    return sorted(float(tick) for tick in ticks if low <= tick <= high)


def cells(ax: Axes, table: Table, values: NDArray[Any], **options: Any) -> Any:
    """Draw cells in the order of the axes, which need not be sorted or even; a sample's points."""
    up, across = (positions(table.coords[dim]) for dim in table.dims)
    if values.ndim == 1:
        options |= {"linewidths": 0.3, "edgecolors": QUIET, "plotnonfinite": True}
        size = np.clip(30_000.0 / len(values), 3.0, 40.0)
        return ax.scatter(across, up, size, values, rasterized=True, **options)
    rows, columns = np.argsort(up), np.argsort(across)
    return ax.pcolormesh(
        _between(across[columns]),
        _between(up[rows]),
        values[np.ix_(rows, columns)],
        rasterized=True,  # as vectors, a fine grid would choke viewers of PDF and SVG
        **options,
    )


def _between(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of cells about sorted values; values on one side of 0 have cells on that side."""
    if is_geometric(places):
        return np.exp(edges(np.log(places)))
    ends = edges(places)
    if places[0] > 0.0:
        ends[0] = max(ends[0], 0.0)
    if places[-1] < 0.0:
        ends[-1] = min(ends[-1], 0.0)
    return ends
