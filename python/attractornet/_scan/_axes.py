"""The values that one parameter takes: a range, numbers, strings or truth values, or one value."""

from __future__ import annotations

import hashlib
import math
import operator
import sys
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

Scalar = int | float | str
Array = NDArray[Any]
Kind = Literal["int", "float", "str", "bool"]

EXPECTED = "a number, a string, True or False, a range, or a 1-D array or list of one of these"
_WRITTEN = 1000  # values that the JSON form has in full; of more it has the hash


class Axis:
    """Values of a parameter, in order; integers that are evenly spaced are kept as a range.

    Parameters
    ----------
    values
        A range, or a 1-D array of int64, float64, strings or bool.
    """

    def __init__(self, values: range | Array) -> None:
        if not isinstance(values, range):
            values.flags.writeable = False  # it is shown to users
        self.values = values

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def kind(self) -> Kind:
        """What the values are: the name of a field's type."""
        if isinstance(self.values, range):
            return "int"
        kinds: dict[str, Kind] = {"i": "int", "f": "float", "U": "str", "b": "bool"}
        return kinds[self.values.dtype.kind]

    def take(self, index: NDArray[np.int64]) -> Array:
        """Values of these indices."""
        if isinstance(self.values, range):
            return self.values.start + self.values.step * index
        return self.values[index]

    def part(self, first: int, stop: int) -> Array:
        """Values of the indices from `first` up to `stop`."""
        return self.take(np.arange(first, stop))

    def ends(self) -> tuple[Scalar, Scalar]:
        """The smallest and the largest value, of numbers and of truth values."""
        values = self.values
        if isinstance(values, range):
            first, last = values[0], values[-1]
            return min(first, last), max(first, last)
        return values.min().item(), values.max().item()

    def texts(self) -> list[str]:
        """The distinct values, of strings."""
        return [str(each) for each in np.unique(np.asarray(self.values))]

    def describe(self) -> dict[str, Any]:
        """The values in types of JSON, in full unless they are many."""
        if isinstance(self.values, range):
            return {"range": [self.values.start, self.values.stop, self.values.step]}
        if self.size <= _WRITTEN:
            return {"values": self.values.tolist()}
        content = np.char.encode(self.values, "utf-8") if self.kind == "str" else self.values
        little = content.astype(content.dtype.newbyteorder("<"), copy=False)
        digest = hashlib.sha256(f"{self.kind} {content.dtype.itemsize} ".encode())
        digest.update(little.tobytes())
        return {"type": self.kind, "size": self.size, "sha256": digest.hexdigest()}

    def __repr__(self) -> str:
        if isinstance(self.values, range):
            return repr(self.values)
        if self.size <= 4:
            return repr(self.values.tolist())
        if self.kind in ("str", "bool"):
            return f"<{self.size} {'strings' if self.kind == 'str' else 'truth values'}>"
        low, high = self.ends()
        return f"<{self.size} values in [{low:g}, {high:g}]>"


def read(where: str, value: object) -> Axis | Scalar:
    """An axis, or the one value of a parameter that stays the same; `where` is for errors."""
    if isinstance(value, range):
        return _of_range(where, value)
    if isinstance(value, list | tuple):
        return _of_array(where, _listed(where, value))
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        array = _asked(where, value)
        return scalar(where, array[()]) if array.ndim == 0 else _of_array(where, array)
    return scalar(where, value)


def scalar(where: str, value: object) -> Scalar:
    """An integer, a finite number, a string, or True or False."""
    if isinstance(value, str):
        return _text(where, value)
    if isinstance(value, float | np.floating):
        return _check.real(where, value, -math.inf)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # for which there is the except
    except TypeError:
        _check.refuse(TypeError, where, value, EXPECTED)
    return _check.whole(where, number)


def _text(where: str, value: str) -> str:
    """A string as NumPy can hold it: it would take zeros at the end for padding."""
    if "\0" in value:
        _check.refuse(ValueError, where, value, "strings without NUL")
    return str(value)


def _of_range(where: str, values: range) -> Axis:
    if not values:
        _check.refuse(ValueError, where, values, "at least one value")
    first, last = _check.whole(where, values[0]), _check.whole(where, values[-1])
    if (last - first) // values.step >= sys.maxsize:
        _check.refuse(ValueError, where, values, "fewer than 2^63 values")
    return Axis(_range(first, last, values.step))


def _range(first: int, last: int, step: int) -> range:
    """Always written alike, so that equal axes are equal however they were given."""
    if first == last:
        return range(first, first + 1)
    return range(first, last + (1 if step > 0 else -1), step)


def _listed(where: str, values: list[Any] | tuple[Any, ...]) -> Array:
    """An array of the values of a list, which are all of one kind."""
    if all(isinstance(each, str) for each in values):
        return np.array([_text(where, each) for each in values], dtype=str)
    if values and all(isinstance(each, bool | np.bool_) for each in values):
        return np.array(values, dtype=bool)
    for each in values:
        whole = isinstance(each, int | np.integer) and not isinstance(each, bool)
        if not whole and not isinstance(each, float | np.floating):
            _check.refuse(TypeError, where, values, EXPECTED)
    if all(isinstance(each, int | np.integer) for each in values):
        return np.array([_check.whole(where, each) for each in values], dtype=np.int64)
    return np.array([_check.real(where, each, -math.inf) for each in values], dtype=np.float64)


def _asked(where: str, value: object) -> Array:
    """The array that an object says it is."""
    if isinstance(value, np.ma.MaskedArray) and np.any(value.mask):
        _check.refuse(ValueError, where, value, "no masked values")
    try:
        return np.asarray(value)
    except (TypeError, ValueError):
        _check.refuse(TypeError, where, value, EXPECTED)


def _of_array(where: str, values: Array) -> Axis:
    if values.ndim != 1 or values.dtype.kind not in "iufUb":
        _check.refuse(TypeError, where, values, EXPECTED)
    if not values.size:
        _check.refuse(ValueError, where, values, "at least one value")
    _check.expect_memory(where, f"an array of shape {values.shape}", values.size)
    if values.dtype.kind in "Ub":
        return Axis(values.copy())
    if values.dtype.kind == "f":
        return Axis(_finite(where, values))
    if values.dtype == np.uint64 and int(values.max()) >= 2**63:
        _check.refuse(ValueError, where, values.max(), "integers of 64 bits")
    return Axis(_evenly(values.astype(np.int64)))


def _finite(where: str, values: Array) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # of long doubles; infinities are refused below
        numbers = values.astype(np.float64)
    if not np.all(np.isfinite(numbers)):
        bad = numbers[~np.isfinite(numbers)][0]
        _check.refuse(ValueError, where, float(bad), "finite numbers")
    return numbers


def _evenly(values: NDArray[np.int64]) -> range | NDArray[np.int64]:
    """The range of these integers if there is one, else the integers."""
    first, last = int(values[0]), int(values[-1])
    step = int(values[1]) - first if len(values) > 1 else 1
    if step == 0 or first + step * (len(values) - 1) != last:
        return values
    return _range(first, last, step) if np.all(np.diff(values) == step) else values
