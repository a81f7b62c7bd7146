"""Pictures of attractors and of what was measured on them, with Matplotlib (the extra "plot").

Every function takes ``ax=None``, a new figure where it is None, and returns the Axes it drew on;
none calls ``show()``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet._core import info
from attractornet.feedback import PICTURE_DISCARD, PICTURE_STEPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

    from attractornet import LyapunovSpectrum

__all__ = ["attractor", "convergence", "require_matplotlib", "spectrum"]

Floats = NDArray[np.float64]
T = TypeVar("T")
Style = Literal["segments", "points"]

_POSITIVE, _ZERO, _NEGATIVE, _QUIET = "#c8442d", "#2b2b2b", "#3a6ea5", "#8a8a8a"
_SIGMAS = 3.0  # as in the core: nearer to 0 than this many standard errors counts as 0


class HasTrajectory(Protocol):
    """A system that can be iterated."""

    def trajectory(self, steps: int, discard: int = ...) -> NDArray[Any]:
        """Orbit (T, M) after a transient."""


def require_matplotlib() -> None:
    """Raise an ImportError that says what to install where Matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise ImportError(
            "attractornet.plot needs matplotlib: pip install 'attractornet[plot]'"
        ) from error


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
    names = None if labels is None else _pair("attractor: labels", labels, _check.text)
    title = None if title is None else _check.text("attractor: title", title)
    plane = _plane(source, units, steps, discard)
    ax = _axes("attractor", ax, (6.4, 6.4))
    colours = _colour_map(cmap)
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
    _calm(ax)
    return ax


def spectrum(spec: LyapunovSpectrum, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw a Lyapunov spectrum: every exponent with its standard error, and the zero line.

    An exponent within three standard errors of 0 is drawn as zero; one of -inf, a direction that
    dies in a finite number of steps, is an arrow at the lower edge.

    Parameters
    ----------
    spec
        Result of `lyapunov_spectrum`.
    ax
        Axes to draw on; a new figure by default.
    title
        Title; by default the Kaplan-Yorke dimension.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _expect_spectrum("spectrum", spec)
    title = None if title is None else _check.text("spectrum: title", title)
    ax = _axes("spectrum", ax, (6.4, 4.4))
    from matplotlib.ticker import MaxNLocator

    index = np.arange(1, len(spec.exponents) + 1)
    ax.axhline(0.0, color=_QUIET, linewidth=0.8, zorder=1)
    for group in _groups(spec):
        k, value = index[group.member], spec.exponents[group.member]
        error = spec.standard_error[group.member]
        ax.vlines(k, 0.0, value, color=group.colour, linewidth=1.0, alpha=0.35, zorder=2)
        ax.errorbar(
            k,
            value,
            error,
            fmt="o",
            color=group.colour,
            markersize=4.5,
            capsize=2.5,
            linewidth=1.0,
            label=group.label,
            zorder=3,
        )
    _draw_dead(ax, index[np.isneginf(spec.exponents)])
    ax.set(xlabel="index k", ylabel=r"Lyapunov exponent $\pm$ standard error (1/step)")
    ax.set_xlim(0.4, len(index) + 0.6)
    ax.set_title(_summary(spec) if title is None else title)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, loc="lower left")
    _calm(ax)
    return ax


def convergence(
    spec: LyapunovSpectrum,
    ax: Axes | None = None,
    *,
    leading: int = 4,
    title: str | None = None,
) -> Axes:
    """Draw how the leading exponents settled: running mean over the steps averaged so far.

    The band about each line is the final value and its standard error.

    Parameters
    ----------
    spec
        Result of `lyapunov_spectrum`.
    ax
        Axes to draw on; a new figure by default.
    leading
        How many exponents, the largest first.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _expect_spectrum("convergence", spec)
    leading = _check.whole("convergence: leading", leading, 1)
    title = None if title is None else _check.text("convergence: title", title)
    if not len(spec.history_steps):
        raise ValueError(f"convergence: spec has no history: its status is '{spec.status}'")
    ax = _axes("convergence", ax, (6.4, 4.4))
    from matplotlib import colormaps

    count = min(leading, len(spec.exponents))
    ax.axhline(0.0, color=_QUIET, linewidth=0.8, zorder=1)
    for k, shade in enumerate(np.linspace(0.0, 0.75, count)):
        colour = colormaps["viridis"](shade)
        value, error = spec.exponents[k], spec.standard_error[k]
        ax.plot(
            spec.history_steps,
            spec.history[:, k],
            color=colour,
            linewidth=1.2,
            label=rf"$\lambda_{{{k + 1}}}$",
            zorder=3,
        )
        if np.isfinite(value) and np.isfinite(error):
            ax.axhspan(value - error, value + error, color=colour, alpha=0.15, linewidth=0)
    ax.set(xlabel="steps averaged", ylabel="running mean of the exponent (1/step)")
    ax.set_xlim(0, spec.history_steps[-1])
    ax.set_title("Convergence" if title is None else title)
    ax.legend(frameon=False, ncols=count, loc="best")
    _calm(ax)
    return ax


# ------------------------------------------------------------------------------------ the attractor


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
    first, second = _pair("attractor: units", units, _component)
    for unit in (first, second):
        _unit(unit, orbit.shape[1])
    pair = (first, second)
    labels = tuple(f"${name}_{{{i + 1}}}$" if name else f"component {i + 1}" for i in pair)
    return _Plane(orbit[:, first], orbit[:, second], (labels[0], labels[1]), 1.0)


def _orbit(source: Any, system: bool, steps: int, discard: int) -> Floats:
    """The orbit that was given, or that of the system, as numbers."""
    expected = "an orbit (T, M) or (T,), or a system"
    try:
        drawn = np.asarray(source.trajectory(steps, discard=discard) if system else source)
    except (TypeError, ValueError, MemoryError) as error:
        if system:
            raise type(error)(f"attractor: source: {error}") from error
        _check.refuse(type(error), "attractor: source", source, expected)
    if drawn.dtype.kind not in "fiu":
        _check.refuse(TypeError, "attractor: source", source, expected)
    _expect_memory(f"source of shape {drawn.shape}", drawn.size)
    return np.asarray(drawn, dtype=np.float64)


def _unit(unit: int, count: int) -> None:
    if not 0 <= unit < count:
        raise ValueError(f"attractor: units: {unit} is none of the components 0 to {count - 1}")


def _component(where: str, value: object) -> int:
    return _check.whole(where, value)


def _pair(where: str, values: Any, read: Callable[[str, object], T]) -> tuple[T, T]:
    """Two values, each read on its own."""
    try:
        first, second = values
    except (TypeError, ValueError):
        _check.refuse(TypeError, where, values, "a pair")
    return read(where, first), read(where, second)


def _expect_memory(what: str, numbers: int) -> None:
    """Refuse what is more than a result may take: such a picture would not fit either."""
    if 8 * numbers > info()["memory_limit"]:
        raise MemoryError(
            f"attractor: {what}: {numbers} numbers are more than the memory limit "
            "(environment: ATTRACTORNET_MEMORY_LIMIT)"
        )


def _colour_map(name: str) -> Colormap:
    from matplotlib import colormaps

    try:
        return colormaps.get_cmap(name)
    except (TypeError, ValueError) as error:
        _check.refuse(type(error), "attractor: cmap", name, "the name of a colour map")


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
    _expect_memory(f"skip = {skip}, interpolate = {interpolate}", points_in_all)
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


# ------------------------------------------------------------------------------------- the spectrum


class _Group(NamedTuple):
    member: NDArray[np.bool_]
    colour: str
    label: str


def _groups(spec: LyapunovSpectrum) -> list[_Group]:
    """Exponents by sign, as far as their errors tell; empty groups and -inf are left out."""
    value, error = spec.exponents, spec.standard_error
    finite = np.isfinite(value)
    zero = finite & (np.abs(value) <= _SIGMAS * np.nan_to_num(error))
    groups = [
        _Group(finite & ~zero & (value > 0.0), _POSITIVE, "positive"),
        _Group(zero, _ZERO, f"zero within {_SIGMAS:g} errors"),
        _Group(finite & ~zero & (value < 0.0), _NEGATIVE, "negative"),
    ]
    return [group for group in groups if np.any(group.member)]


def _draw_dead(ax: Axes, index: NDArray[np.int_]) -> None:
    if len(index) == 0:
        return
    edge = ax.get_xaxis_transform()  # y in fractions of the axes: the lower edge
    ax.plot(
        index,
        np.full(len(index), 0.03),
        "v",
        color=_NEGATIVE,
        transform=edge,
        label=r"$-\infty$",
        clip_on=False,
    )


def _summary(spec: LyapunovSpectrum) -> str:
    """The dimension, and the status unless all is well."""
    dimension = spec.kaplan_yorke_dimension
    parts = [] if np.isnan(dimension) else [f"Kaplan-Yorke dimension {dimension:.3g}"]
    parts += [] if spec.status == "ok" else [f"status: {spec.status}"]
    return ", ".join(parts) or "Lyapunov spectrum"


# ------------------------------------------------------------------------------------------- shared


def _expect_spectrum(where: str, spec: object) -> None:
    """Refuse what has not the measured numbers; any object that has them may be drawn."""
    needed = ("exponents", "standard_error", "history", "history_steps", "status")
    if isinstance(spec, type) or not all(hasattr(spec, name) for name in needed):
        _check.refuse(TypeError, f"{where}: spec", spec, "a LyapunovSpectrum")


def _axes(where: str, ax: Axes | None, size: tuple[float, float]) -> Axes:
    require_matplotlib()
    from matplotlib.axes import Axes

    if ax is not None:
        if not isinstance(ax, Axes):
            _check.refuse(TypeError, f"{where}: ax", ax, "Axes of Matplotlib")
        return ax
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, layout="constrained").add_subplot()


def _calm(ax: Axes) -> None:
    """Thin grey frame, so that the eye goes to the data."""
    for name, spine in ax.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set(color=_QUIET, linewidth=0.6)
    ax.tick_params(color=_QUIET, width=0.6, length=3.0, labelsize="small")
