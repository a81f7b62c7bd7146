"""Pictures of recalls on the way: energies and overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    NEGATIVE,
    QUIET,
    finish,
    labels_of,
    legend_of,
    names_of,
    new_axes,
    palette,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet.hopfield import Recall

Floats = NDArray[np.float64]

_NAMED = 12  # states that the legend names; more are drawn alike
_COLOURED = 6  # patterns that have a colour and a name; the others are grey
_MARKED = 40  # records that have a dot each


def energy(
    result: Recall | ArrayLike,
    ax: Axes | None = None,
    *,
    x: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how the energy fell: a line for each state.

    Up to twelve states have a colour and a name in the legend.

    Parameters
    ----------
    result
        Result of ``HopfieldNetwork.recall(..., trace="energy")``; or energies, (records,) or
        (..., records), nan after the end, such as ``net.energy(solution.states)`` of a
        `ContinuousHopfield` and what `integrate` found.
    ax
        Axes to draw on; a new figure by default.
    x
        Where the records lie, (records,), such as ``solution.times``, a time unless `labels` say
        what; by default the updates of single units before each record of a recall, else their
        number.
    names
        Of the states; by default their number, counted from 0.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> plot.energy(net.recall(states, trace="energy", trace_every=10))
    >>> plot.energy(flow.energy(solution.states), x=solution.times)
    """
    trace = _trace("energy", result, "energy", x, 1)
    lines = trace.values.reshape(-1, trace.values.shape[-1])
    given = names_of("energy", names, len(lines))
    axis_labels = labels_of("energy", labels)
    title = title_of("energy", title)
    ax = new_axes("energy", ax, (6.4, 4.4))
    few = len(lines) <= _NAMED
    colours = palette(len(lines), curves=True) if few else [NEGATIVE] * len(lines)
    shown = given or [f"state {k}" for k in range(len(lines))]
    for values, colour, name in zip(lines, colours, shown, strict=True):
        _draw(ax, trace.at, values, color=colour, label=name, alpha=1.0 if few else 0.5)
    if few and (given or len(lines) > 1):
        legend_of(ax, ax.get_legend_handles_labels()[0])
    finish(ax, axis_labels or (trace.label, "energy $E$"), title)
    return ax


def overlaps(
    result: Recall | ArrayLike,
    ax: Axes | None = None,
    *,
    state: int = 0,
    x: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how near one state came to each pattern: a line for each overlap.

    The six patterns whose overlaps are largest at the end, in size, have colours, and names in the
    legend, in this order; the others are grey.

    Parameters
    ----------
    result
        Result of ``HopfieldNetwork.recall(..., trace="overlap")``; or overlaps, (..., records,
        patterns), nan after the end.
    ax
        Axes to draw on; a new figure by default.
    state
        Which one of the states that were recalled together, counted from 0.
    x
        Where the records lie, (records,), a time unless `labels` say what; by default the updates
        of single units before each record of a recall, else their number.
    names
        Of the patterns; by default their number, counted from 0.
    labels
        Axis labels.
    title
        Title; by default the state's number, if there are several.

    Returns
    -------
    matplotlib.axes.Axes
    """
    trace = _trace("overlaps", result, "overlap", x, 2)
    batch = trace.values.reshape(-1, *trace.values.shape[-2:])
    state = _check.whole("overlaps: state", state, 0)
    if state >= len(batch):
        _check.refuse(ValueError, "overlaps: state", state, f"a value in [0, {len(batch) - 1}]")
    lines = batch[state].T
    given = names_of("overlaps", names, len(lines))
    axis_labels = labels_of("overlaps", labels)
    title = title_of("overlaps", title)
    ax = new_axes("overlaps", ax, (6.4, 4.4))
    for level in (0.0, 1.0):
        ax.axhline(level, color=QUIET, linewidth=0.6, zorder=1)
    order = np.argsort([-abs(_last(values)) for values in lines], kind="stable")
    first, rest = order[:_COLOURED], order[_COLOURED:]
    shown = given or [f"pattern {k}" for k in range(len(lines))]
    for k in rest:
        _draw(ax, trace.at, lines[k], color=QUIET, alpha=0.35, linewidth=0.6, markersize=0.0)
    handles = [
        _draw(ax, trace.at, lines[k], color=colour, label=shown[k], zorder=3)
        for k, colour in zip(first, palette(len(first), curves=True), strict=True)
    ]
    if len(rest):
        (grey,) = ax.plot([], [], color=QUIET, linewidth=0.6, label=f"{len(rest)} others")
        handles.append(grey)
    legend_of(ax, handles)
    if title is None and len(batch) > 1:
        title = f"State {state} (of {len(batch)})"
    finish(ax, axis_labels or (trace.label, r"overlap $m_\mu$"), title)
    return ax


class _Trace(NamedTuple):
    """Records on the way, where they lie, and what that is called."""

    values: Floats
    at: Floats
    label: str


def _trace(where: str, result: Any, kind: str, x: Any, axes: int) -> _Trace:
    """The trace of that kind; its last axes are records, and for overlaps patterns."""
    form = "(..., records)" if axes == 1 else "(..., records, patterns)"
    expected = f"what recall(..., trace='{kind}') returns, or numbers {form}"
    values, at, label = result, x, "record"
    if not isinstance(result, type) and hasattr(result, f"{kind}_trace"):
        values, label = getattr(result, f"{kind}_trace"), "updates of single units"
        at = result.trace_updates if x is None else x
        if values is None:
            _check.refuse(ValueError, f"{where}: result", result, expected)
    given = _check.numbers(f"{where}: result", values, expected)
    if given.ndim < axes or given.size == 0:
        raise ValueError(
            f"{where}: result has shape {given.shape}: expected {form}, none of them 0"
        )
    _check.expect_memory(where, f"result of shape {given.shape}", given.size)
    numbers = np.asarray(given, dtype=np.float64)
    if np.any(np.isinf(numbers)):
        raise ValueError(
            f"{where}: result has infinite values: expected numbers, nan after the end"
        )
    records = numbers.shape[-axes]
    return _Trace(numbers, _places(where, at, records), label if x is None else "time")


def _places(where: str, x: Any, records: int) -> Floats:
    if x is None:
        return np.arange(records, dtype=np.float64)
    expected = f"finite numbers ({records},), one for each record of result"
    given = _check.numbers(f"{where}: x", x, expected)
    if given.shape != (records,) or not np.all(np.isfinite(given)):
        _check.refuse(ValueError, f"{where}: x", x, expected)
    return np.asarray(given, dtype=np.float64)


def _last(values: Floats) -> float:
    """The last number of a line, which ends in nan where the others go on."""
    numbers = values[~np.isnan(values)]
    return float(numbers[-1]) if len(numbers) else 0.0


def _draw(ax: Axes, at: Floats, values: Floats, **style: Any) -> Any:
    """A line with a dot at its end, or at each of few records."""
    there = np.flatnonzero(~np.isnan(values))
    end = int(there[-1]) + 1 if len(there) else 0
    marked = slice(None) if end <= _MARKED else [end - 1]
    style = {"linewidth": 1.2, "marker": "o", "markersize": 3.0, "markevery": marked, **style}
    (line,) = ax.plot(at[:end], values[:end], **style)
    return line
