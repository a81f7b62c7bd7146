"""The picture of a network's nodes on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    NEGATIVE,
    POSITIVE,
    finish,
    labels_of,
    measured,
    new_axes,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet.wilson_cowan import Integration


def settling(
    result: Integration,
    ax: Axes | None = None,
    *,
    state: int = 0,
    value: Literal["x", "y"] = "x",
    levels: ArrayLike | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the activities of all nodes over time: a line for each.

    Parameters
    ----------
    result
        Result of ``WilsonCowanNetwork.integrate(..., trace_every=1)``.
    ax
        Axes to draw on; a new figure by default.
    state
        Which one of the states that were followed together, counted from 0.
    value
        Which activity is drawn.
    levels
        Activities that are marked, such as ``node.equilibria().x``; by default none.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("settling: result", result, "a result of integrate()", "x_trace", "y_trace", "times")
    if result.times is None:
        raise ValueError("settling: result has no trace: give integrate trace_every=1")
    value = _check.choice("settling: value", value, ("x", "y"))  # type: ignore[assignment]
    trace = result.x_trace if value == "x" else result.y_trace
    lines = _of_state(trace, state)
    marks = np.array([]) if levels is None else _levels(levels)
    names = labels_of("settling", labels)
    title = title_of("settling", title)
    ax = new_axes("settling", ax, (6.4, 4.2))
    faint = min(1.0, max(0.12, 20.0 / lines.shape[1]))
    ax.plot(result.times, lines, color=NEGATIVE, linewidth=0.7, alpha=faint)
    for mark in marks:
        ax.axhline(mark, color=POSITIVE, linewidth=0.9, linestyle="--")
    finish(ax, names or ("time $t$", f"${value}_i$"), title)
    return ax


def _of_state(trace: Any, state: Any) -> NDArray[Any]:
    """The records (records, nodes) of one state."""
    state = _check.whole("settling: state", state, 0)
    states = np.asarray(trace).reshape(len(trace), -1, trace.shape[-1])
    if state >= states.shape[1]:
        expected = f"a value in [0, {states.shape[1] - 1}]"
        _check.refuse(ValueError, "settling: state", state, expected)
    return states[:, state]


def _levels(levels: Any) -> NDArray[np.float64]:
    given = _check.numbers("settling: levels", levels, "activities (levels,)")
    if given.ndim > 1 or given.size > 1000:
        raise ValueError(f"settling: levels has shape {given.shape}: expected (levels,), a few")
    if not np.all(np.isfinite(given)):
        raise ValueError("settling: levels has values that are not finite: expected activities")
    return np.atleast_1d(np.asarray(given, dtype=np.float64))
