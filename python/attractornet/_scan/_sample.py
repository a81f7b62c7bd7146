"""Points drawn from a box of parameters."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from attractornet import _check
from attractornet._scan._axes import Array, Scalar, scalar
from attractornet._scan._design import Design, Extent, extent_of
from attractornet._scan._sequences import MOST, Sequence

_EXACT = 2**53  # integers up to here are exact as doubles
_HASHED = 64  # points that tell whether another SciPy draws the same


class Interval(NamedTuple):
    """Numbers from `low` on and below `high`: integers if both ends are."""

    low: int | float
    high: int | float

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int)

    @property
    def highest(self) -> int | float:
        """The largest number inside."""
        return self.high - 1 if self.whole else math.nextafter(self.high, self.low)

    def scaled(self, unit: Array) -> Array:
        """Numbers of [0, 1) moved here; integers are rounded down."""
        moved = self.low + unit * (self.high - self.low)
        inside = np.clip(np.floor(moved) if self.whole else moved, self.low, self.highest)
        return inside.astype(np.int64 if self.whole else np.float64)


class Sample(Design):
    """Points drawn from a box of parameters, for `attractornet.scan`.

    Point i is a function of i, the seed and the method alone. Points are made only when they are
    asked for.

    Parameters
    ----------
    size
        Number of points; at most 2^32 with "sobol".
    ranges
        By the parameter's name a pair (low, high) that it is drawn from, with low <= value < high.
        Two integers draw integers, two floats draw reals. One value, in place of the pair, is the
        same at every point.
    seed
        Of the draw; a system's own parameter `seed` goes into `ranges`.
    method
        "sobol" or "halton": scrambled sequences that fill the box evenly (SciPy, the extra "scan").
        "random": independent numbers.
    **fixed
        Parameters that are the same at every point.

    Examples
    --------
    >>> Sample(1000, {"scale": (0.1, 5.0), "seed": (0, 2**31)}, neurons=4).shape
    (1000,)
    """

    def __init__(
        self,
        size: int,
        ranges: Mapping[str, Any],
        *,
        seed: int = 0,
        method: str = "sobol",
        **fixed: Any,
    ) -> None:
        size = _check.whole("Sample: size", size, 1)
        self._seed = _check.whole("Sample: seed", seed, 0)
        self._method = _check.choice("Sample: method", method, list(MOST))
        if size > MOST[self._method]:
            _check.refuse(
                ValueError, "Sample: size", size, f"at most {MOST[self._method]} points of {method}"
            )
        self._dims, self._shape, self._axes = ("point",), (size,), {}
        self._intervals, self._fixed = _read(ranges, fixed)
        self._drawn = tuple(self._intervals)
        self._sequence = Sequence(self._method, len(self._drawn), self._seed)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters: those that are drawn, and then those that are fixed."""
        return (*self.drawn, *self.fixed)

    def describe(self) -> dict[str, Any]:
        """The sample in types of JSON, with a SHA-256 of its first points.

        Returns
        -------
        dict
            "size", "method", "seed", "ranges" (a list of pairs of name and ends), "fixed" and
            "sha256".
        """
        first = self._sequence.part(0, min(self.size, _HASHED))
        return {
            "type": "Sample",
            "size": self.size,
            "method": self._method,
            "seed": self._seed,
            "ranges": [[name, list(ends)] for name, ends in self._intervals.items()],
            "fixed": dict(self.fixed),
            "sha256": hashlib.sha256(first.astype("<f8").tobytes()).hexdigest(),
        }

    def _extents(self) -> dict[str, Extent]:
        drawn = {
            name: Extent("int" if each.whole else "float", each.low, each.highest)
            for name, each in self._intervals.items()
        }
        return drawn | {name: extent_of(each) for name, each in self.fixed.items()}

    def _part(self, first: int, count: int) -> dict[str, Array]:
        columns = self._sequence.part(first, count).T
        pairs = zip(self._intervals.items(), columns, strict=True)
        return {name: interval.scaled(unit) for (name, interval), unit in pairs}

    def _spread(self, count: int) -> dict[str, Array]:
        return self._part(0, count)  # the first points are as far apart as any

    def __repr__(self) -> str:
        drawn = {name: tuple(ends) for name, ends in self._intervals.items()}
        rest = "".join(f", {name}={_check.shown(each)}" for name, each in self.fixed.items())
        start = f"Sample({self.size}, {drawn}, seed={self._seed}"
        return f"{start}, method={self._method!r}{rest})"


def _read(
    ranges: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[dict[str, Interval], dict[str, Scalar]]:
    """Intervals, and values that are fixed, whichever argument these came by."""
    where = "Sample: ranges"
    if not isinstance(ranges, Mapping):
        _check.refuse(TypeError, where, ranges, "a dict of pairs (low, high)")
    intervals, values = {}, {}
    for name, value in ranges.items():
        if not isinstance(name, str) or name == "point":
            _check.refuse(ValueError, where, name, "names of parameters")
        if isinstance(value, tuple | list):
            intervals[name] = _interval(f"{where}: {name}", value)
        else:
            values[name] = scalar(f"{where}: {name}", value)
    for name, value in fixed.items():
        if name in ranges or name == "point":
            _check.refuse(ValueError, f"Sample: {name}", value, "a parameter not yet in ranges")
        values[name] = scalar(f"Sample: {name}", value)
    return intervals, values


def _interval(where: str, ends: Any) -> Interval:
    low, high = _check.pair(where, ends, scalar)
    if isinstance(low, str | bool) or isinstance(high, str | bool):
        _check.refuse(TypeError, where, ends, "a pair (low, high) of numbers")
    if isinstance(low, int) and isinstance(high, int):
        if max(abs(low), abs(high)) > _EXACT:
            _check.refuse(ValueError, where, ends, "integers up to 2^53")
    else:
        low, high = float(low), float(high)
    if not low < high or math.isinf(high - low):
        _check.refuse(ValueError, where, ends, "low < high, with a finite difference")
    return Interval(low, high)
