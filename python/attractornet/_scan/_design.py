"""What a grid and a sample have in common: points that are numbered, and made only when asked."""

from __future__ import annotations

import abc
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet._scan._axes import Array, Axis, Kind, Scalar

Points = dict[str, Scalar | Array]


class Extent(NamedTuple):
    """Which values of a parameter occur: the ends of numbers or truth values, or every string."""

    kind: Kind
    lowest: Scalar
    highest: Scalar
    texts: tuple[str, ...] = ()


def extent_of(value: Axis | Scalar) -> Extent:
    """Which values an axis, or one value, has."""
    if isinstance(value, Axis) and value.kind != "str":
        return Extent(value.kind, *value.ends())
    if isinstance(value, Axis):
        return Extent("str", "", "", tuple(value.texts()))
    if isinstance(value, str):
        return Extent("str", value, value, (value,))
    if isinstance(value, bool):
        return Extent("bool", value, value)
    return Extent("int" if isinstance(value, int) else "float", value, value)


class Design(abc.ABC):
    """The points of a scan, numbered from 0; point i is a function of i."""

    _dims: tuple[str, ...]
    _shape: tuple[int, ...]
    _axes: Mapping[str, Axis]
    _fixed: Mapping[str, Scalar]
    _drawn: tuple[str, ...] = ()

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the dimensions that results have."""
        return self._dims

    @property
    def shape(self) -> tuple[int, ...]:
        """Their lengths."""
        return self._shape

    @property
    def fixed(self) -> dict[str, Scalar]:
        """Parameters that are the same at every point."""
        return dict(self._fixed)

    @property
    def drawn(self) -> tuple[str, ...]:
        """Parameters that have a value of their own at every point, not along a dimension."""
        return self._drawn

    @property
    def size(self) -> int:
        """How many points there are."""
        return math.prod(self.shape)

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """The parameters that have values."""

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """What the design is made of, in types of JSON; equal for equal designs alone."""

    @abc.abstractmethod
    def _extents(self) -> dict[str, Extent]:
        """Which values each parameter takes."""

    @abc.abstractmethod
    def _part(self, first: int, count: int) -> dict[str, Array]:
        """Values of what varies, at `count` points from `first` on."""

    @abc.abstractmethod
    def _spread(self, count: int) -> dict[str, Array]:
        """The same at so many points from all over the design, to try it out."""

    def points(self, first: int = 0, count: int | None = None) -> Points:
        """Make the parameters of some points.

        Parameters
        ----------
        first
            Number of the first point, counted from 0.
        count
            How many; all from `first` on by default.

        Returns
        -------
        dict
            By the parameter's name an array (count,), or its value if it is the same everywhere.
        """
        where = f"{type(self).__name__}.points"
        first = _check.whole(f"{where}: first", first, 0)
        if first > self.size:
            _check.refuse(ValueError, f"{where}: first", first, f"at most {self.size}")
        count = self.size - first if count is None else _check.whole(f"{where}: count", count, 0)
        if first + count > self.size:
            _check.refuse(ValueError, f"{where}: count", count, f"at most {self.size - first}")
        _check.expect_memory(f"{where}: count", f"{count} points", count * len(self.names))
        return {**self._part(first, count), **self.fixed}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Design) and self._text() == other._text()

    def _text(self) -> str:
        return json.dumps(self.describe(), sort_keys=True)  # in which True is not 1, as in Python

    __hash__ = None  # type: ignore[assignment]  # as of any value that compares by content


def spread(size: int, count: int) -> NDArray[np.int64]:
    """So many indices from 0 to size - 1, evenly spaced."""
    return np.array([i * size // count for i in range(count)], dtype=np.int64)
