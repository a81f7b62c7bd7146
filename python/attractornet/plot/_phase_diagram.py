"""How much Hopfield networks remember, beside the theory of large ones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.plot._common import (
    POSITIVE,
    ZERO,
    colour_bar,
    colour_map,
    finish,
    fit_axis,
    legend_of,
    new_axes,
    palette,
    title_of,
)
from attractornet.plot._scan_map import cells
from attractornet.plot._tables import Table, along_axis, chosen, only_axes, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import ScanResult

_WHERE = "phase_diagram"
_NAMES = {"overlap": "overlap $m$", "retrieved": "share of retrievals"}
_COMPARED = ("rule", "units")  # axes whose values have a curve each


def phase_diagram(
    result: ScanResult | Any,
    ax: Axes | None = None,
    *,
    value: Literal["overlap", "retrieved"] = "overlap",
    sel: Mapping[str, Any] | None = None,
    theory: bool = True,
    cmap: str | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw what Hopfield networks recall over their load, or over load and temperature.

    With the axes alpha and temperature the mean over the seeds is a colour; with alpha alone it is
    a curve for each storage rule and each number of units, whose bars are standard errors of that
    mean. The lines are those of the replica-symmetric mean field of N -> infinity (Amit, Gutfreund
    and Sompolinsky 1985), drawn where it holds: for the Hebbian rule without diagonal and units
    that are not all updated at once. Above T_M(alpha) nothing is recalled; above T_g, which is
    1 + sqrt(alpha), there is no order at all.

    Parameters
    ----------
    result
        Result of `attractornet.scan` of HopfieldNetwork over a Grid, or its Dataset.
    ax
        Axes to draw on; a new figure by default.
    value
        "overlap", or "retrieved", the share of recalls that end with an overlap above 0.7.
    sel
        Values of further axes, by name; the nearest one of the grid is taken. Seeds that it leaves
        are averaged over, other axes with more than one value are refused.
    theory
        Whether the lines of the mean field are drawn, where it holds.
    cmap
        Matplotlib colour map.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    column = _check.choice(f"{_WHERE}: value", value, list(_NAMES))
    theory = _check.flag(f"{_WHERE}: theory", theory)
    names = None if labels is None else _check.pair(f"{_WHERE}: labels", labels, _check.text)
    title = title_of(_WHERE, title)
    table = _with_axes(table_of(_WHERE, result, column), sel)
    ax = new_axes(_WHERE, ax, (7.4, 5.0))
    if "temperature" in table.dims:
        _draw_plane(ax, table, column, cmap)
        if theory and _holds(table.fixed):
            _draw_phases(ax)
        vertical = "temperature $T$"
    else:
        _draw_curves(ax, table, column, theory=theory)
        vertical = _NAMES[column]
    finish(ax, names or (r"load $\alpha = P / N$", vertical), title)
    return ax


def _with_axes(table: Table, sel: object) -> Table:
    """The table over alpha, then the seeds, and what else is drawn; axes of one value are none."""
    if table.sampled:
        expected = "a scan of a Grid; scan_map draws the points of a Sample"
        _check.refuse(ValueError, f"{_WHERE}: result", table.dims, expected)
    table = chosen(_WHERE, table, sel)
    if "alpha" not in table.dims:
        expected = "a scan of HopfieldNetwork with the axis alpha"
        _check.refuse(ValueError, f"{_WHERE}: result", table.dims, expected)
    for dim in table.dims:
        if dim not in ("alpha", "seed") and len(table.coords[dim]) == 1:
            table = along_axis(table, dim, 0)
    known = ["alpha", "seed", *(["temperature"] if "temperature" in table.dims else _COMPARED)]
    for dim in table.dims:
        if dim not in known:
            values = table.coords[dim].tolist()
            expected = f"a value of {dim} in sel: means are taken over seeds alone"
            _check.refuse(ValueError, f"{_WHERE}: result: {dim}", values, expected)
    return table


def _holds(fixed: Mapping[str, Any]) -> bool:
    """Whether the mean field is about such networks."""
    kept = str(fixed.get("diagonal"))  # a truth value, or of an axis its name
    return (
        fixed.get("rule") == "hebbian" and kept == "False" and fixed.get("update") != "synchronous"
    )


# --- over load and temperature --------------------------------------------------------------------


def _draw_plane(ax: Axes, table: Table, value: str, cmap: str | None) -> None:
    table = only_axes(_WHERE, table, ("temperature", "alpha"), mean=True)
    colours = colour_map(_WHERE, cmap or "Blues").with_extremes(bad="#bbbbbb")
    numbers = np.ma.masked_invalid(table.values)
    least = -1.0 if np.ma.any(numbers < -0.5) else 0.0  # patterns that come out inverted
    mesh = cells(ax, table, numbers, cmap=colours, vmin=least, vmax=1.0)
    colour_bar(ax, mesh, _NAMES[value])
    fit_axis(ax.xaxis, table.coords["alpha"])
    fit_axis(ax.yaxis, table.coords["temperature"])


def _draw_phases(ax: Axes) -> None:
    """The lines at which large networks stop to recall, and lose all order."""
    from attractornet.hopfield import critical_load

    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    loads = np.linspace(max(left, 0.0), right, 200)
    temperatures = np.linspace(0.0, 1.0, 101)
    ends = np.array([critical_load(each).alpha for each in temperatures])
    ax.plot(ends, temperatures, color=POSITIVE, label=r"$T_M(\alpha)$: end of retrieval")
    if np.any(1.0 + np.sqrt(loads) < top):
        ax.plot(loads, 1.0 + np.sqrt(loads), color=ZERO, ls="--", label="$T_g$: end of all order")
    if bottom <= 0.0 and left <= ends[0] <= right:
        named = rf"$\alpha_c$ = {ends[0]:.3f}"
        ax.plot(ends[0], 0.0, "o", color=POSITIVE, markersize=6.0, clip_on=False, label=named)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.legend(loc="upper right", framealpha=0.85, edgecolor="none", fontsize="small")


# --- over load alone ------------------------------------------------------------------------------


class _Curve(NamedTuple):
    name: str
    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    fixed: Mapping[str, Any]


def _draw_curves(ax: Axes, table: Table, value: str, *, theory: bool) -> None:
    load = table.coords["alpha"]
    order = np.argsort(load)
    curves = _curves(table)
    handles: list[Any] = []
    for curve, colour in zip(curves, palette(len(curves), curves=True), strict=True):
        handles.append(
            ax.errorbar(
                load[order],
                curve.mean[order],
                yerr=None if np.all(np.isnan(curve.error)) else curve.error[order],
                color=colour,
                elinewidth=0.8,
                capsize=2.0,
                marker="o",
                markersize=3.0,
                linewidth=1.2,
                label=curve.name,
            )
        )
    temperatures = {float(curve.fixed["temperature"]) for curve in curves if _holds(curve.fixed)}
    if theory and temperatures:
        handles += _draw_mean_field(ax, load, temperatures.pop(), overlap=value == "overlap")
    fit_axis(ax.xaxis, load)
    if all(np.nanmin(curve.mean, initial=0.0) >= 0.0 for curve in curves):
        ax.set_ylim(bottom=0.0)
    legend_of(ax, handles)


def _curves(table: Table) -> list[_Curve]:
    """For each rule and each number of units, mean and standard error over the seeds."""
    compared = [dim for dim in table.dims if dim in _COMPARED]
    found = []
    for place in itertools.product(*(range(len(table.coords[dim])) for dim in compared)):
        part = table
        for dim, index in zip(compared, place, strict=True):
            part = along_axis(part, dim, index)
        name = ", ".join(_told(dim, part.fixed[dim]) for dim in compared or ["units"])
        found.append(_Curve(name, *_over_seeds(part), part.fixed))
    return found


def _told(dim: str, value: Any) -> str:
    return f"N = {value}" if dim == "units" else value


def _over_seeds(table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.where(table.missing, np.nan, table.values)
    rest = tuple(i for i, dim in enumerate(table.dims) if dim != "alpha")
    counts = np.sum(~np.isnan(values), axis=rest, keepdims=True)
    mean = np.nansum(values, axis=rest, keepdims=True) / np.where(counts > 0, counts, np.nan)
    square = np.nansum((values - mean) ** 2, axis=rest, keepdims=True)
    error = np.sqrt(square / np.where(counts > 1, counts * (counts - 1), np.nan))
    return mean.ravel(), error.ravel()


def _draw_mean_field(
    ax: Axes, load: NDArray[np.float64], temperature: float, *, overlap: bool
) -> list[Any]:
    """The critical load of large networks, and up to it their overlap."""
    from attractornet.hopfield import critical_load, mean_field_overlap

    end = critical_load(temperature)
    low, high = float(np.min(load)), float(np.max(load))
    lines: list[Any] = []
    if overlap and low < end.alpha:
        # Just below the critical load, where rounding may not decide between m and 0.
        loads = np.linspace(low, min(high, (1.0 - 1e-9) * end.alpha), 200)
        overlaps = [mean_field_overlap(each, temperature) for each in loads]
        lines += ax.plot(loads, overlaps, color=ZERO, linewidth=1.4, label="mean field, N → ∞")
    if low <= end.alpha <= high:
        named = rf"$\alpha_c$ = {end.alpha:.3f}"
        lines.append(ax.axvline(end.alpha, color=ZERO, linewidth=0.9, ls=":", label=named))
    return lines
