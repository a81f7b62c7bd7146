"""What pictures share: Matplotlib where it is needed, axes and colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
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

    return plt.figure(figsize=size, layout="constrained").add_subplot()


def title_of(where: str, title: object) -> str | None:
    return None if title is None else _check.text(f"{where}: title", title)


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


def name_values(axis: Axis, values: NDArray[Any]) -> None:
    """Ticks at an axis's own values, where they are strings or few."""
    if values.dtype.kind == "U":
        axis.set_ticks(range(len(values)), labels=list(values))
    elif len(values) <= 4:
        axis.set_ticks(values, labels=[f"{each:g}" for each in values])


def legend_of(ax: Axes, handles: Sequence[Any], *, above: bool = False) -> None:
    """A legend of coloured areas to the right of the axes, or above them."""
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
    if above:
        place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.01)}
    shape: dict[str, Any] = {"handlelength": 1.2, "handleheight": 1.2, "borderaxespad": 0.0}
    ax.legend(handles=handles, frameon=False, **place, **shape)


def colour_map(where: str, name: str) -> Colormap:
    from matplotlib import colormaps

    try:
        return colormaps.get_cmap(name)
    except (TypeError, ValueError) as error:
        _check.refuse(type(error), f"{where}: cmap", name, "the name of a colour map")
