"""The picture of an orbit in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.feedback import PICTURE_DISCARD, PICTURE_STEPS
from attractornet.plot._common import (
    calm,
    colour_map,
    labels_of,
    new_axes,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Floats = NDArray[np.float64]
Style = Literal["segments", "points"]


class HasTrajectory(Protocol):
    """A system that can be iterated."""

    def trajectory(self, steps: int, discard: int = ...) -> NDArray[Any]:
        """Orbit (T, M) after a transient."""


def attractor(
    source: ArrayLike | HasTrajectory,
    ax: Axes | None = None,
    *,
    style: Style = "segments",
    units: tuple[int, int] = (0, 1),
    steps: int = PICTURE_STEPS,
    discard: int = PICTURE_DISCARD,
    skip: int = 16,
    interpolate: int = 3,
    cmap: str = "Spectral",
    linewidth: float = 0.1,
    alpha: float = 0.1,
    size: float = 0.5,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw an orbit in the plane of two of its components, in the article's colours.

    The default style is the article's: each pair of successive points is divided into `interpolate`
    parts, every `skip`-th of the points so made is kept, and the kept ones are joined by thin
    straight segments. The segments are chords *across* the set that the orbit visits: they give
    the picture its sheets and its erratic look, also where the set is one smooth closed curve. With
    ``style="points"`` the states themselves are drawn, the true invariant set and nothing else.

    Parameters
    ----------
    source
        An orbit, (T, M) or (T,), or a system: its ``trajectory(steps, discard)`` is drawn. An orbit
        of one component is drawn against itself one step later.
    ax
        Axes to draw on; a new figure by default.
    style
        "segments" or "points".
    units
        The two components to draw, counted from 0.
    steps, discard
        Length of a system's orbit, and of the transient before it; the article's by default.
    skip, interpolate
        Of style "segments", as above.
    cmap
        Matplotlib colour map; the colour at (x, y) is |sin(1.6 y + 0.4 x)| on it. For an orbit of
        one component x and y are in units of its largest value.
    linewidth, alpha
        Width in points and opacity of a segment.
    size
        Diameter of a point in points.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if not isinstance(style, str) or style not in ("segments", "points"):
        kind = ValueError if isinstance(style, str) else TypeError
        _check.refuse(kind, "attractor: style", style, "'segments' or 'points'")
    steps = _check.whole("attractor: steps", steps, 1)
    discard = _check.whole("attractor: discard", discard, 0)
    skip = _check.whole("attractor: skip", skip, 1)
    interpolate = _check.whole("attractor: interpolate", interpolate, 1)
    linewidth = _check.real("attractor: linewidth", linewidth, 0.0)
    alpha = _check.real("attractor: alpha", alpha, 0.0, 1.0)
    size = _check.real("attractor: size", size, 0.0)
    names = labels_of("attractor", labels)
    title = title_of("attractor", title)
    plane = _plane(source, units, steps, discard)
    ax = new_axes("attractor", ax, (6.4, 6.4))
    colours = colour_map("attractor", cmap)
    if style == "segments":
        _draw_segments(ax, plane, skip, interpolate, colours, linewidth, alpha)
    else:
        _draw_points(ax, plane, colours, size)
    ax.set_aspect("equal")
    horizontal, vertical = names or plane.labels
    ax.set(xlabel=horizontal, ylabel=vertical)
    if title is not None:
        ax.set_title(title, fontsize="medium")
    ax.locator_params(nbins=5)
    calm(ax)
    return ax


class _Plane(NamedTuple):
    """An orbit's two coordinates, its axis labels, and the unit of length of its colours."""

    x: Floats
    y: Floats
    labels: tuple[str, str]
    scale: float


def _plane(
    source: ArrayLike | HasTrajectory, units: tuple[int, int], steps: int, discard: int
) -> _Plane:
    system = hasattr(source, "trajectory") and not isinstance(source, type)
    orbit, name = _orbit(source, system, steps, discard), "x" if system else ""
    if orbit.ndim not in (1, 2) or len(orbit) < 2 or orbit.size == 0:
        raise ValueError(
            f"attractor: source has shape {orbit.shape}: expected (T, M) or (T,) with T >= 2"
        )
    if not np.all(np.isfinite(orbit)):
        raise ValueError("attractor: source has values that are not finite: the orbit diverged")
    if orbit.ndim == 1 or orbit.shape[1] == 1:
        line = orbit.ravel()
        label = "$x_1$" if name else "value"
        scale = float(np.max(np.abs(line))) or 1.0
        return _Plane(line[:-1], line[1:], (f"{label} at t", f"{label} at t + 1"), scale)
    first, second = _check.pair("attractor: units", units, _component)
    for unit in (first, second):
        _unit(unit, orbit.shape[1])
    pair = (first, second)
    labels = tuple(f"${name}_{{{i + 1}}}$" if name else f"component {i + 1}" for i in pair)
    return _Plane(orbit[:, first], orbit[:, second], (labels[0], labels[1]), 1.0)


def _orbit(source: Any, system: bool, steps: int, discard: int) -> Floats:
    """The orbit that was given, or that of the system, as numbers."""
    expected = "an orbit (T, M) or (T,), or a system"
    orbit = source
    if system:
        try:
            orbit = source.trajectory(steps, discard=discard)
        except (TypeError, ValueError, MemoryError) as error:
            raise type(error)(f"attractor: source: {error}") from error
    drawn = _check.numbers("attractor: source", orbit, expected)
    _check.expect_memory("attractor", f"source of shape {drawn.shape}", drawn.size)
    return np.asarray(drawn, dtype=np.float64)


def _unit(unit: int, count: int) -> None:
    if not 0 <= unit < count:
        raise ValueError(f"attractor: units: {unit} is none of the components 0 to {count - 1}")


def _component(where: str, value: object) -> int:
    return _check.whole(where, value)


def _colours(plane: _Plane, x: Floats, y: Floats) -> Floats:
    colours: Floats = np.abs(np.sin((1.6 * y + 0.4 * x) / plane.scale))
    return colours


def _draw_segments(
    ax: Axes,
    plane: _Plane,
    skip: int,
    interpolate: int,
    cmap: Colormap,
    linewidth: float,
    alpha: float,
) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    points_in_all = (len(plane.x) - 1) * interpolate // skip + 1
    _check.expect_memory("attractor", f"skip = {skip}, interpolate = {interpolate}", points_in_all)
    at = np.arange(0, (len(plane.x) - 1) * interpolate + 1, skip) / interpolate
    steps = np.arange(len(plane.x))
    x, y = np.interp(at, steps, plane.x), np.interp(at, steps, plane.y)
    points = np.column_stack([x, y])
    segments = np.stack([points[:-1], points[1:]], axis=1)
    lines = LineCollection(
        list(segments),
        array=_colours(plane, x, y)[:-1],
        cmap=cmap,
        norm=Normalize(0.0, 1.0),
        linewidth=linewidth,
        alpha=alpha,
    )
    ax.add_collection(lines)
    ax.autoscale_view()


def _draw_points(ax: Axes, plane: _Plane, cmap: Colormap, size: float) -> None:
    colours = cmap(_colours(plane, plane.x, plane.y))
    colours[:, :3] *= 0.82  # the pale middle of the map would vanish on white
    # As vectors, a hundred thousand points would choke viewers of PDF and SVG.
    ax.scatter(plane.x, plane.y, s=size**2, c=colours, linewidths=0, rasterized=True)
