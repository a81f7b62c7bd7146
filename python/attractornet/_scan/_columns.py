"""The columns of a result: what each holds, at every point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attractornet._scan._axes import Array

STATUS = ("ok", "imprecise", "diverged", "failed")
FAILED = STATUS.index("failed")


@dataclass(frozen=True)
class Column:
    """One array of a result.

    Attributes
    ----------
    name
        What it is called.
    dtype
        "float64", "float32", "int8" or "int64".
    dims
        Names and lengths of its dimensions beyond the point.
    meaning, unit
        In words; the unit is empty where there is none.
    choices
        Names of the codes 0, 1, ... of an "int8"; else empty.
    coordinate
        Whether it is a parameter that is drawn at each point.
    """

    name: str
    dtype: str
    dims: tuple[tuple[str, int], ...] = ()
    meaning: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    coordinate: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Beyond the point."""
        return tuple(length for _, length in self.dims)

    @property
    def fill(self) -> float | int:
        """What stands where nothing was measured: NaN, or -1."""
        return math.nan if self.dtype.startswith("float") else -1

    @property
    def bytes(self) -> int:
        """Of one point."""
        return np.dtype(self.dtype).itemsize * math.prod(self.shape)

    def conform(self, values: Any, count: int) -> Array:
        """Values of so many points, in this column's type."""
        array = np.ascontiguousarray(values, dtype=self.dtype)
        if array.shape != (count, *self.shape):
            expected = (count, *self.shape)
            raise ValueError(f"scan: column {self.name} has shape {array.shape}, not {expected}")
        return array

    def empty(self, shape: tuple[int, ...]) -> Array:
        """An array of points of this shape in which nothing is measured yet."""
        return np.full(shape + self.shape, self.fill, dtype=self.dtype)

    def describe(self) -> dict[str, Any]:
        """The column in types of JSON."""
        return asdict(self) | {"dims": [list(each) for each in self.dims]}


def column_of(told: Mapping[str, Any]) -> Column:
    """What `describe` told, or a core's column as a dict."""
    dims = tuple((str(name), int(size)) for name, size in told["dims"])
    return Column(**{**told, "dims": dims, "choices": tuple(told["choices"])})


def status_column() -> Column:
    return Column("status", "int8", meaning="whether the measurements succeeded", choices=STATUS)


def names_of_values(column: Column) -> list[str]:
    """Names for a table with a column for each number: wide columns have theirs counted."""
    places = np.ndindex(column.shape)
    return ["_".join([column.name, *map(str, place)]) for place in places]
