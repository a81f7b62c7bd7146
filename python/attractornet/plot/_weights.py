"""The picture of a network's weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    colour_bar,
    colour_map,
    finish,
    image_shape,
    labels_of,
    new_axes,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


class HasWeights(Protocol):
    """A network with a weight from every unit to every unit."""

    @property
    def weights(self) -> NDArray[Any]:
        """(units, units); w_ij is the weight from unit j to i."""


class HasCoupling(Protocol):
    """A network of nodes, or a coupling of one."""

    @property
    def coupling(self) -> NDArray[Any]:
        """(nodes, nodes); A_ij leads from node j to i."""


def weights(
    network: HasWeights | HasCoupling | ArrayLike,
    ax: Axes | None = None,
    *,
    unit: int | None = None,
    shape: tuple[int, int] | None = None,
    cmap: str = "RdBu_r",
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the weights of a network, or of a network of images those to one unit, as an image.

    The middle of the colours is 0, their ends the largest weight between two units, in size. A
    weight of a unit to itself may lie beyond, where the colour bar has an arrow.

    Parameters
    ----------
    network
        A `HopfieldNetwork`, a `ContinuousHopfield`; a `WilsonCowanNetwork`, a
        `wilson_cowan.SpectralCoupling` or a `wilson_cowan.ProjectedCoupling`, of which the coupling
        A is drawn; or weights (units, units).
    ax
        Axes to draw on; a new figure by default.
    unit
        Draw the weights w_ij to this unit i, counted from 0, as an image of the units j; by default
        the matrix is drawn.
    shape
        (height, width) of that image; by default a square.
    cmap
        Matplotlib colour map of two hues.
    labels
        Axis labels.
    title
        Title; by default the unit, if there is one.

    Returns
    -------
    matplotlib.axes.Axes
    """
    matrix = _matrix(network)
    names = labels_of("weights", labels)
    title = title_of("weights", title)
    drawn = matrix
    if unit is not None:
        unit = _check.whole("weights: unit", unit, 0)
        if unit >= len(matrix):
            _check.refuse(ValueError, "weights: unit", unit, f"a value in [0, {len(matrix) - 1}]")
        drawn = matrix[unit].reshape(image_shape("weights", shape, len(matrix)))
        names, title = names or ("column", "row"), title or f"Weights to unit {unit}"
    elif shape is not None:
        _check.refuse(ValueError, "weights: shape", shape, "None where no unit is given")
    ax = new_axes("weights", ax, (6.2, 5.2))
    largest = _largest(matrix, unit)
    image = ax.imshow(
        drawn,
        cmap=colour_map("weights", cmap),
        vmin=-largest,
        vmax=largest,
        interpolation="antialiased",  # averages what is finer than a pixel
    )
    beyond = "neither" if np.max(np.abs(drawn)) <= largest else "both"
    colour_bar(ax, image, "weight $w_{ij}$", extend=beyond)
    ax.locator_params(nbins=6, integer=True)
    finish(ax, names or ("from unit $j$", "to unit $i$"), title)
    return ax


def _matrix(network: Any) -> Floats:
    """The weights as numbers (units, units)."""
    expected = "a network with weights, or weights (units, units)"
    given = network
    name = next((each for each in ("coupling", "weights") if hasattr(network, each)), None)
    if name is not None and not isinstance(network, type):
        try:
            given = getattr(network, name)
        except (TypeError, ValueError, MemoryError) as error:
            raise type(error)(f"weights: network: {error}") from error
    numbers = _check.numbers("weights: network", given, expected)
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1] or numbers.size == 0:
        raise ValueError(f"weights: network has shape {numbers.shape}: expected (units, units)")
    _check.expect_memory("weights", f"network of shape {numbers.shape}", numbers.size)
    matrix = np.asarray(numbers, dtype=np.float64)
    if not np.all(np.isfinite(matrix)):
        raise ValueError("weights: network has weights that are not finite")
    return matrix


def _largest(matrix: Floats, unit: int | None) -> float:
    """The largest weight between two units, in size; 1 where there is none but 0."""
    among = matrix if unit is None else matrix[unit : unit + 1]
    first = 0 if unit is None else unit
    size = np.abs(among)
    rows = np.arange(len(size))
    size[rows, rows + first] = 0.0
    return float(np.max(size)) or float(np.max(np.abs(among))) or 1.0
