"""Pictures of a single node, a flow in the plane: phase plane, profile, stability, bifurcations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    NEGATIVE,
    POSITIVE,
    QUIET,
    ZERO,
    calm,
    finish,
    labels_of,
    legend_of,
    measured,
    new_axes,
    palette,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import WilsonCowanNode
    from attractornet.wilson_cowan import Bifurcation

Floats = NDArray[np.float64]

_A_NODE = "a WilsonCowanNode"
_NEEDED = ("rhs", "nullclines", "equilibria")
_ARROWS = 24  # of the flow's grid, along a side
_POINTS = 2000  # of a curve


def phase_plane(
    node: WilsonCowanNode,
    ax: Axes | None = None,
    *,
    starts: ArrayLike | None = None,
    duration: float = 50.0,
    limits: tuple[float, float] = (0.0, 1.0),
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the plane of a node's activities: its flow, nullclines, and rest states.

    Stable rest states are filled, the others hollow.

    Parameters
    ----------
    node
        A `WilsonCowanNode`.
    ax
        Axes to draw on; a new figure by default.
    starts
        States (starts, 2) whose orbits are drawn; by default none.
    duration
        Time that they are followed.
    limits
        Of both axes.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("phase_plane: node", node, _A_NODE, *_NEEDED)
    low, high = _limits("phase_plane", limits)
    orbits = [] if starts is None else _orbits(node, starts, duration)
    names = labels_of("phase_plane", labels)
    title = title_of("phase_plane", title)
    curves, rest = node.nullclines(points=_POINTS), node.equilibria()
    ax = new_axes("phase_plane", ax, (5.6, 5.2))
    _draw_flow(ax, node, low, high)
    handles = [
        ax.plot(*points.T, color=colour, linewidth=1.4, label=name)[0]
        for points, colour, name in (
            (curves.x, POSITIVE, "$dx/dt = 0$"),
            (curves.y, NEGATIVE, "$dy/dt = 0$"),
        )
    ]
    for orbit in orbits:
        ax.plot(*orbit.T, color=ZERO, linewidth=0.9)
    _draw_rest(ax, rest.x, rest.y, rest.stable)
    legend_of(ax, handles, above=True)
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    finish(ax, names or ("excitation $x$", "inhibition $y$"), title)
    return ax


def profile(
    node: WilsonCowanNode,
    ax: Axes | None = None,
    *,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how fast excitation changes where inhibition is at rest: dx/dt over x.

    Zeros are rest states, the stable ones filled; about them the curve is drawn.

    Parameters
    ----------
    node
        A `WilsonCowanNode`.
    ax
        Axes to draw on; a new figure by default.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("profile: node", node, _A_NODE, *_NEEDED)
    names = labels_of("profile", labels)
    title = title_of("profile", title)
    rest = node.equilibria()
    margin = max(0.1, 0.5 * float(np.ptp(rest.x)))
    low, high = max(0.0, rest.x[0] - margin), min(1.0, rest.x[-1] + margin)
    ax = new_axes("profile", ax, (5.6, 3.8))
    ax.axhline(0.0, color=QUIET, linewidth=0.6)
    for piece in _pieces(node.nullclines(points=_POINTS).y):
        x, y = (np.interp(_places(piece), np.arange(len(piece)), each) for each in piece.T)
        inside = (x >= low) & (x <= high)
        slopes = [node.rhs(state)[0] for state in np.stack([x, y], axis=1)[inside]]
        ax.plot(x[inside], slopes, color=ZERO, linewidth=1.2)
    _draw_rest(ax, rest.x, np.zeros_like(rest.x), rest.stable)
    finish(ax, names or ("excitation $x$", "$dx/dt$"), title)
    return ax


def stability(
    node: WilsonCowanNode,
    ax: Axes | None = None,
    *,
    eigenvalues: ArrayLike | None = None,
    couplings: ArrayLike | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how stable a node's rest states are in a network, over the coupling's eigenvalues.

    s is the larger real part of the eigenvalues of a node that all others are alike, where a
    perturbation is along an eigenvector of the coupling with eigenvalue lambda. Below 0 it dies
    out.

    Parameters
    ----------
    node
        A `WilsonCowanNode`.
    ax
        Axes to draw on; a new figure by default.
    eigenvalues
        Gamma lambda of a network, real, drawn as a histogram; by default none.
    couplings
        Values of Gamma lambda that curves are drawn over; by default from below those eigenvalues
        to beyond where stability is lost.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> plot.stability(node, eigenvalues=spectral.eigenvalues / np.sqrt(spectral.nodes))
    """
    measured("stability: node", node, _A_NODE, *_NEEDED)
    among = None if eigenvalues is None else _series("stability: eigenvalues", eigenvalues)
    rest = node.equilibria()
    if couplings is None:
        across = _range(rest.stable_couplings, among)
    else:
        across = _series("stability: couplings", couplings)
    names = labels_of("stability", labels)
    title = title_of("stability", title)
    ax = new_axes("stability", ax, (6.4, 4.2))
    ax.axhline(0.0, color=QUIET, linewidth=0.6)
    handles = []
    curves = rest.exponents(across)
    for x, stable, curve, colour in zip(
        rest.x, rest.stable, curves, palette(len(rest.x), curves=True), strict=True
    ):
        name = f"$x = {x:.4g}$" + ("" if stable else ", unstable alone")
        handles += ax.plot(across, curve, color=colour, label=name, ls="-" if stable else "--")
    if among is not None:
        beside = ax.twinx()
        # Bars of the whole axis: those of narrow spectra would be too thin to see.
        both = np.concatenate([across, among])
        bars = np.linspace(np.min(both), np.max(both), 61).tolist()
        beside.hist(among, bars, color=QUIET, alpha=0.35)
        beside.set(ylabel="eigenvalues")
        ax.set(zorder=beside.get_zorder() + 1, facecolor="none")
        calm(beside)
        beside.spines["right"].set(visible=True)
    legend_of(ax, handles, above=True)
    # Others rise far above the states that networks are planted with.
    shown = curves[rest.stable] if np.any(rest.stable) else curves
    margin = 0.15 * float(np.ptp(shown)) or 1.0
    ax.set(ylim=(np.min(shown) - margin, np.max(shown) + margin))
    finish(ax, names or (r"$\Gamma\lambda$", "$s$"), title)
    return ax


def bifurcation(
    result: Bifurcation,
    ax: Axes | None = None,
    *,
    value: Literal["x", "y"] = "x",
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a node's rest states, and the ends of its stable cycles, over a parameter.

    Parameters
    ----------
    result
        What ``WilsonCowanNode.bifurcation`` found.
    ax
        Axes to draw on; a new figure by default.
    value
        Which activity is drawn.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured(
        "bifurcation: result", result, "a result of bifurcation()", "rest_values", "x_low", "period"
    )
    value = _check.choice("bifurcation: value", value, ("x", "y"))  # type: ignore[assignment]
    names = labels_of("bifurcation", labels)
    title = title_of("bifurcation", title)
    ax = new_axes("bifurcation", ax, (6.4, 4.2))
    rest, stable = getattr(result, value), result.stable
    dots: dict[str, Any] = {"linestyle": "none", "marker": "."}
    handles = []
    for chosen, colour, name in ((stable, ZERO, "at rest, stable"), (~stable, QUIET, "unstable")):
        if np.any(chosen):
            size = 4.0 if colour == ZERO else 2.0
            handles += ax.plot(
                result.rest_values[chosen], rest[chosen], color=colour, ms=size, label=name, **dots
            )
    if np.any(np.isfinite(result.period)):
        ends = [getattr(result, f"{value}_{end}") for end in ("low", "high")]
        lines = [ax.plot(result.values, end, color=POSITIVE, linewidth=1.4)[0] for end in ends]
        lines[0].set_label("ends of a stable cycle")
        handles.append(lines[0])
    legend_of(ax, handles, above=True)
    finish(ax, names or (result.parameter, f"${value}$"), title)
    return ax


def _limits(where: str, limits: Any) -> tuple[float, float]:
    low, high = _check.pair(
        f"{where}: limits", limits, lambda name, value: _check.real(name, value, -1e6, 1e6)
    )
    if low >= high:
        _check.refuse(ValueError, f"{where}: limits", limits, "two values, the smaller one first")
    return low, high


def _orbits(node: Any, starts: Any, duration: Any) -> list[Floats]:
    """States (records, 2) on the way from each start."""
    from attractornet import integrate

    duration = _check.real("phase_plane: duration", duration, 0.0, above=True)
    given = _check.numbers("phase_plane: starts", starts, "states (starts, 2)")
    if given.ndim != 2 or given.shape[1] != 2:
        raise ValueError(f"phase_plane: starts has shape {given.shape}: expected (starts, 2)")
    _check.expect_memory("phase_plane", f"starts of shape {given.shape}", given.size * _POINTS)
    if not np.all(np.isfinite(given)):
        raise ValueError("phase_plane: starts has values that are not finite: expected states")
    solutions = [integrate(node, duration, initial=start) for start in given.astype(np.float64)]
    return [each(np.linspace(0.0, each.times[-1], _POINTS)) for each in solutions]


def _draw_flow(ax: Axes, node: Any, low: float, high: float) -> None:
    """Thin lines along which states move."""
    side = np.linspace(low, high, _ARROWS)
    slopes = np.array([[node.rhs([x, y]) for x in side] for y in side])
    ax.streamplot(
        side,
        side,
        slopes[:, :, 0],
        slopes[:, :, 1],
        color="#c9c9c9",
        linewidth=0.6,
        arrowsize=0.7,
        density=1.1,
        zorder=0,
    )


def _draw_rest(ax: Axes, x: Floats, y: Floats, stable: NDArray[np.bool_]) -> None:
    for chosen, face in ((stable, ZERO), (~stable, "white")):
        ax.plot(x[chosen], y[chosen], "o", ms=6.0, mec=ZERO, mfc=face, zorder=3)


def _pieces(points: Floats) -> list[Floats]:
    """The curve between points that are NaN."""
    parts = np.isnan(points).any(axis=1)
    where = np.flatnonzero(np.diff(np.concatenate([[True], parts, [True]]).astype(int)))
    return [points[a:b] for a, b in zip(where[::2], where[1::2], strict=True)]


def _places(piece: Floats) -> Floats:
    """Where a curve is drawn, in points: at its own, or between the ends of a straight one."""
    return np.linspace(0.0, len(piece) - 1.0, max(len(piece), _POINTS))


def _series(where: str, values: Any) -> Floats:
    given = _check.numbers(where, values, "numbers (values,)")
    if given.ndim != 1 or given.size == 0:
        raise ValueError(f"{where} has shape {given.shape}: expected (values,), one at least")
    _check.expect_memory(
        where.split(":")[0], f"{where.split()[-1]} of shape {given.shape}", given.size
    )
    numbers = np.asarray(given, dtype=np.float64)
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{where} has values that are not finite: expected numbers")
    return numbers


def _range(intervals: Floats, among: Floats | None) -> Floats:
    """From below all eigenvalues to beyond the last loss of stability."""
    ends = intervals[np.isfinite(intervals)]
    marks = np.concatenate([ends, [0.0], [] if among is None else among])
    margin = 0.15 * (np.max(marks) - np.min(marks)) or 1.0
    return np.linspace(np.min(marks) - margin, np.max(marks) + margin, _POINTS)
