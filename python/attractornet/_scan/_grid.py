"""Every combination of the values of some parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet._scan._axes import Array, Axis, Scalar, read
from attractornet._scan._design import Design, Extent, extent_of, spread


class Grid(Design):
    """Every combination of the values of some parameters, for `attractornet.scan`.

    The points are numbered in row-major order, the last axis fastest, and are made only when they
    are asked for: a grid of 10^12 points takes no memory.

    Parameters
    ----------
    **parameters
        By the parameter's name a range, or a 1-D array or list of numbers, of strings or of truth
        values, which is an axis; or one of these, the same at every point. Results have the axes in
        this order.

    Examples
    --------
    >>> Grid(seed=range(1000), scale=np.linspace(0.1, 5.0, 50), neurons=4).shape
    (1000, 50)
    """

    def __init__(self, /, **parameters: Any) -> None:
        given = {name: read(f"Grid: {name}", value) for name, value in parameters.items()}
        self._given = given
        self._axes = {name: each for name, each in given.items() if isinstance(each, Axis)}
        self._fixed = {n: each for n, each in given.items() if not isinstance(each, Axis)}
        self._dims = tuple(self._axes)
        self._shape = tuple(axis.size for axis in self._axes.values())
        if math.prod(self._shape) >= 2**63:
            sizes = ", ".join(f"{name} has {axis.size}" for name, axis in self._axes.items())
            raise ValueError(f"Grid: {sizes} values: expected fewer than 2^63 points in all")

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order in which they were given."""
        return tuple(self._given)

    @property
    def axes(self) -> dict[str, range | Array]:
        """The values of each axis; integers that are evenly spaced are a range."""
        return {name: axis.values for name, axis in self._axes.items()}

    def describe(self) -> dict[str, Any]:
        """The grid in types of JSON: long axes by their SHA-256.

        Returns
        -------
        dict
            "axes", a list of pairs of name and values, and "fixed".
        """
        axes = [[name, axis.describe()] for name, axis in self._axes.items()]
        return {"type": "Grid", "axes": axes, "fixed": dict(self.fixed)}

    def _extents(self) -> dict[str, Extent]:
        return {name: extent_of(each) for name, each in self._given.items()}

    def _part(self, first: int, count: int) -> dict[str, Array]:
        return self._at(first + np.arange(count))

    def _spread(self, count: int) -> dict[str, Array]:
        return self._at(spread(self.size, count))

    def _at(self, index: NDArray[np.int64]) -> dict[str, Array]:
        if not self.shape:
            return {}
        indices = np.unravel_index(index, self.shape)
        pairs = zip(self._axes.items(), indices, strict=True)
        return {name: axis.take(i) for (name, axis), i in pairs}

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={_shown(each)}" for name, each in self._given.items())
        return f"Grid({inner})"


def _shown(value: Axis | Scalar) -> str:
    return _check.shown(value) if isinstance(value, str) else repr(value)
