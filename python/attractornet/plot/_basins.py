"""The picture of basins of attraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attractornet import _check
from attractornet.plot._common import (
    calm,
    edges,
    labels_of,
    legend_of,
    measured,
    new_axes,
    palette,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import Attractor, Basins

_DIVERGED, _DRAWN = "#dddddd", "#222222"
_LISTED = 12  # attractors that the legend names; it says how many more there are


def basins(
    basins: Basins,
    ax: Axes | None = None,
    *,
    attractors: bool = True,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw basins of attraction: a colour for each attractor, grey where orbits diverge.

    The legend names each attractor's kind and the share of the starts that reach it.

    Parameters
    ----------
    basins
        Result of `attractornet.basins`.
    ax
        Axes to draw on; a new figure by default. The legend stands to the right of them.
    attractors
        Draw the attractors too, projected on the plane: dots for sets, circles for fixed points and
        cycles. What lies outside of the grid is not seen.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("basins: basins", basins, "a Basins", "u", "v", "labels", "attractors")
    attractors = _check.flag("basins: attractors", attractors)
    names = labels_of("basins", labels)
    title = title_of("basins", title)
    ax = new_axes("basins", ax, (7.4, 5.2))
    from matplotlib.colors import ListedColormap

    colours = [_DIVERGED, *palette(len(basins.attractors))]
    columns, rows = np.argsort(basins.u), np.argsort(basins.v)
    u, v = basins.u[columns], basins.v[rows]
    across, up = edges(u), edges(v)
    ax.pcolormesh(
        across,
        up,
        basins.labels[np.ix_(rows, columns)],
        cmap=ListedColormap(colours),
        vmin=-1.5,
        vmax=len(colours) - 1.5,
        rasterized=True,  # as vectors, a fine grid would choke viewers of PDF and SVG
    )
    if attractors:
        for attractor in basins.attractors:
            _draw_attractor(ax, attractor, basins.u_axis, basins.v_axis)
    ax.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
    _name_colours(ax, basins, colours)
    horizontal, vertical = names or tuple(
        f"initial state, component {axis + 1}" for axis in (basins.u_axis, basins.v_axis)
    )
    ax.set(xlabel=horizontal, ylabel=vertical)
    if title is not None:
        ax.set_title(title)
    ax.locator_params(nbins=6)
    calm(ax)
    return ax


def _draw_attractor(ax: Axes, attractor: Attractor, u_axis: int, v_axis: int) -> None:
    u, v = attractor.points[:, u_axis], attractor.points[:, v_axis]
    if attractor.kind in ("fixed point", "periodic"):
        # A cycle of a flow has too many states for circles.
        few = len(np.unique(attractor.points.round(6), axis=0)) <= 64
        size, edge = (22.0, "white") if few else (3.0, "none")
    else:
        size, edge = 1.5, "none"
    ax.scatter(u, v, s=size, c=_DRAWN, edgecolors=edge, linewidths=0.8, rasterized=True)


def _name_colours(ax: Axes, basins: Basins, colours: Sequence[Any]) -> None:
    from matplotlib.patches import Patch

    named = list(zip(map(_name, basins.attractors), colours[1:], strict=True))
    handles = [Patch(color=colour, label=name) for name, colour in named[:_LISTED]]
    if len(named) > _LISTED:
        handles.append(Patch(alpha=0.0, label=f"and {len(named) - _LISTED} more"))
    if np.any(basins.labels == -1):
        handles.append(Patch(color=_DIVERGED, label=f"diverges ({basins.diverged_share:.1%})"))
    legend_of(ax, handles)


def _name(attractor: Attractor) -> str:
    kind, period = attractor.kind, attractor.classification.period
    if kind == "periodic" and np.isfinite(period):
        kind = f"periodic, period {period:.6g}"
    return f"{kind} ({attractor.share:.1%})"
