"""What pictures share: Matplotlib where it is needed, axes and colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Colormap

POSITIVE, ZERO, NEGATIVE, QUIET = "#c8442d", "#2b2b2b", "#3a6ea5", "#8a8a8a"

# P. Tol's schemes, told apart by the colour-blind: "light", pale enough to draw upon, for areas,
# and "bright" for curves.
_AREAS = ("#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#99ddff", "#bbcc33", "#aaaa00")
_CURVES = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")


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


def new_axes(where: str, ax: Axes | None, size: tuple[float, float]) -> Axes:
    require_matplotlib()
    from matplotlib.axes import Axes

    if ax is not None:
        if not isinstance(ax, Axes):
            _check.refuse(TypeError, f"{where}: ax", ax, "Axes of Matplotlib")
        return ax
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, layout="compressed").add_subplot()


def title_of(where: str, title: object) -> str | None:
    return None if title is None else _check.text(f"{where}: title", title)


def labels_of(where: str, labels: Any) -> tuple[str, str] | None:
    return None if labels is None else _check.pair(f"{where}: labels", labels, _check.text)


def names_of(where: str, names: Any, count: int) -> list[str]:
    """A name for each of so many columns or lines; an empty list where none were given."""
    if names is None:
        return []
    expected = f"{count} strings"
    if not isinstance(names, list | tuple):
        _check.refuse(TypeError, f"{where}: names", names, expected)
    if len(names) != count:
        _check.refuse(ValueError, f"{where}: names", names, expected)
    return [_check.text(f"{where}: names", each) for each in names]


def image_shape(where: str, shape: Any, units: int) -> tuple[int, int]:
    """Height and width of an image of so many units; by default a square."""
    if shape is None:
        side = math.isqrt(units)
        if side * side != units:
            expected = f"(height, width), since {units} units are no square"
            _check.refuse(ValueError, f"{where}: shape", shape, expected)
        return side, side
    height, width = _check.pair(f"{where}: shape", shape, _side)
    if height * width != units:
        expected = f"(height, width) of {units} units in all"
        _check.refuse(ValueError, f"{where}: shape", shape, expected)
    return height, width


def _side(where: str, value: object) -> int:
    return _check.whole(where, value, 1)


def measured(where: str, result: object, kind: str, *needed: str) -> None:
    """Refuse what has not the measured numbers; any object that has them may be drawn."""
    if isinstance(result, type) or not all(hasattr(result, name) for name in needed):
        _check.refuse(TypeError, where, result, kind)


def calm(ax: Axes) -> None:
    """Thin grey frame, so that the eye goes to the data."""
    for name, spine in ax.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set(color=QUIET, linewidth=0.6)
    ax.tick_params(color=QUIET, width=0.6, length=3.0, labelsize="small")


def finish(ax: Axes, labels: tuple[str, str], title: str | None) -> None:
    """Labels, title and frame of a picture."""
    horizontal, vertical = labels
    ax.set(xlabel=horizontal, ylabel=vertical)
    if title is not None:
        ax.set_title(title)
    calm(ax)


def palette(count: int, *, curves: bool = False) -> Sequence[Any]:
    """So many colours, no two alike."""
    few = _CURVES if curves else _AREAS
    if count <= len(few):
        return few[:count]
    from matplotlib import colormaps

    return [tuple(colour) for colour in colormaps["turbo"](np.linspace(0.05, 0.95, count))]


def edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of cells about sorted values, which need not be equally far apart."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    between = 0.5 * centres[:-1] + 0.5 * centres[1:]
    first, last = 2.0 * centres[0] - between[0], 2.0 * centres[-1] - between[-1]
    return np.concatenate([[first], between, [last]])


def positions(values: NDArray[Any]) -> NDArray[np.float64]:
    """Where the values of an axis are drawn: strings side by side."""
    if values.dtype.kind == "U":
        return np.arange(len(values), dtype=np.float64)
    return values.astype(np.float64)


def is_geometric(values: NDArray[Any]) -> bool:
    """Whether each value, in order of size, is the one before it times the same number."""
    if len(values) < 3 or values.dtype.kind == "U" or np.min(values) <= 0:
        return False
    ordered = np.sort(values).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        ratios, steps = ordered[1:] / ordered[:-1], np.diff(ordered)
        return bool(np.ptp(ratios) <= 1e-6 * np.min(ratios) and np.ptp(steps) > 1e-6 * steps[-1])


def fit_axis(axis: Axis, values: NDArray[Any]) -> None:
    """Scale and ticks that suit the values of an axis: its own, where they are strings or few."""
    from matplotlib.ticker import AutoLocator, LogLocator, MaxNLocator, NullLocator

    geometric, whole = is_geometric(values), values.dtype.kind in "iu"
    if geometric:
        drawn = axis.axes
        (drawn.set_xscale if axis is drawn.xaxis else drawn.set_yscale)("log")
        axis.set_minor_locator(NullLocator())
    if values.dtype.kind == "U":
        axis.set_ticks(range(len(values)), labels=list(values))
    elif len(values) <= 4 or (geometric and whole and len(values) <= 12):
        axis.set_ticks(values, labels=[f"{each:g}" for each in values])
    elif geometric and np.max(values) / np.min(values) < 1e4:
        short = np.max(values) / np.min(values) < 10.0
        axis.set_major_locator(AutoLocator() if short else LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
    elif whole and not geometric:
        axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))


def legend_of(ax: Axes, handles: Sequence[Any], *, above: bool = False) -> None:
    """A legend to the right of the axes, or above them, where no data are."""
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
    if above:
        place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.01)}
    shape: dict[str, Any] = {"handlelength": 1.2, "handleheight": 1.2, "borderaxespad": 0.0}
    ax.legend(handles=handles, frameon=False, fontsize="small", **place, **shape)


def colour_bar(ax: Axes, drawn: Any, label: str, *, extend: str | None = None) -> Colorbar:
    """A bar beside the axes, as calm as they are."""
    bar = ax.figure.colorbar(drawn, ax=ax, label=label, extend=extend)
    bar.outline.set(color=QUIET, linewidth=0.6)
    bar.ax.tick_params(color=QUIET, width=0.6, length=3.0, labelsize="small")
    return bar


def colour_map(where: str, name: str) -> Colormap:
    from matplotlib import colormaps

    try:
        return colormaps.get_cmap(name)
    except (TypeError, ValueError) as error:
        _check.refuse(type(error), f"{where}: cmap", name, "the name of a colour map")
