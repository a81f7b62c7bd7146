"""What pictures share: Matplotlib where it is needed, axes and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attractornet import _check

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

POSITIVE, ZERO, NEGATIVE, QUIET = "#c8442d", "#2b2b2b", "#3a6ea5", "#8a8a8a"


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


def colour_map(where: str, name: str) -> Colormap:
    from matplotlib import colormaps

    try:
        return colormaps.get_cmap(name)
    except (TypeError, ValueError) as error:
        _check.refuse(type(error), f"{where}: cmap", name, "the name of a colour map")
