"""What is measured at each point: the core's measurements by name, and functions of one's own."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attractornet import _check
from attractornet._core import System
from attractornet._identity import identity
from attractornet._scan._axes import Array
from attractornet._scan._columns import FAILED, Column
from attractornet._scan._systems import Subject

Measure = Callable[[Any], Any]
Told = Callable[[int, int], object]

_WHERE = "scan: measure"
_LONGEST = 60  # letters of a name
_EXPECTED = "names of measurements and functions of a system, in a list or in a dict by name"


@dataclass(frozen=True)
class Measures:
    """What is measured: names of the core's measurements, and functions by the columns' names."""

    core: tuple[str, ...]
    own: Mapping[str, Measure]

    def describe(self) -> dict[str, Any]:
        """In types of JSON, whatever the order; functions by what tells them apart."""
        own = {name: identity(each) for name, each in self.own.items()}
        return {"core": sorted(self.core), "own": own}


def read(measure: object) -> Measures:
    """Sort what the user gave into names and functions."""
    if isinstance(measure, str) or callable(measure):
        measure = [measure]
    if isinstance(measure, Mapping):
        given = list(measure.items())
    elif isinstance(measure, list | tuple):
        given = [(_name_of(each), each) for each in measure]
    else:
        _check.refuse(TypeError, _WHERE, measure, _EXPECTED)
    if not given:
        _check.refuse(ValueError, _WHERE, measure, "at least one measurement")
    core, own = [], {}
    for name, each in given:
        if name in core or name in own:
            _check.refuse(ValueError, _WHERE, name, "each measurement once")
        if isinstance(each, str):
            core.append(_same_name(name, each))
        else:
            own[_own_name(name)] = _callable(each)
    return Measures(tuple(core), own)


def _name_of(each: object) -> Any:
    if isinstance(each, str):
        return str(each)
    return getattr(each, "__name__", None) or getattr(type(each), "__name__", "")


def _same_name(name: object, each: str) -> str:
    if not each.isidentifier() or len(each) > _LONGEST:
        _check.refuse(ValueError, _WHERE, each, "the name of a measurement")
    if name != each:
        expected = f"the name {each!r}: the core's columns keep their names"
        _check.refuse(ValueError, _WHERE, name, expected)
    return str(each)


def _own_name(name: object) -> str:
    if not isinstance(name, str) or not name.isidentifier() or len(name) > _LONGEST:
        expected = "a name: give the function in a dict, {'name': function}"
        _check.refuse(ValueError, _WHERE, name, expected)
    return str(name)


def _callable(each: object) -> Measure:
    if not callable(each):
        _check.refuse(TypeError, _WHERE, each, _EXPECTED)
    return each


# --- functions of one's own -----------------------------------------------------------------------


class MeasureError(RuntimeError):
    """A function of the user's that failed, at a point that the message names."""


def rows(points: Mapping[str, Any], count: int) -> Iterable[dict[str, Any]]:
    """The parameters of each point as numbers of Python."""
    columns = [
        each.tolist() if isinstance(each, np.ndarray) else itertools.repeat(each, count)
        for each in points.values()
    ]
    table = zip(*columns, strict=True) if columns else itertools.repeat((), count)
    return (dict(zip(points, row, strict=True)) for row in table)


def own_columns(
    subject: Subject, own: Mapping[str, Measure], trial: Iterable[Mapping[str, Any]]
) -> list[Column]:
    """The columns of functions, whose widths are those of their first numbers on trial points."""
    found: dict[str, Column] = {}
    errors: dict[str, MeasureError] = {}
    for point in trial:
        build = _builder(subject, point)
        for name in own.keys() - found.keys():
            try:
                value = _measured(build, name, own[name], point)
            except MeasureError as error:
                errors.setdefault(name, error)
            else:
                dims = tuple((f"{name}_{i}", size) for i, size in enumerate(value.shape))
                found[name] = Column(name, "float64", dims, "measured by a function of the user's")
    for name in own:
        if name not in found:
            text = f"{_WHERE} {name!r} failed at every point that was tried first"
            raise ValueError(f"{text}; {errors[name]}") from errors[name]
    return [found[name] for name in own]


def measure_own(
    subject: Subject,
    own: Mapping[str, Measure],
    columns: Mapping[str, Column],
    points: Mapping[str, Any],
    count: int,
    *,
    raising: bool,
    told: Told | None,
) -> dict[str, Array]:
    """Call each function at each of the points.

    Returns
    -------
    dict
        The columns, NaN where a function failed, and "status".
    """
    values = {name: columns[name].empty((count,)) for name in own}
    values["status"] = status = np.zeros(count, dtype=np.int8)
    for i, point in enumerate(rows(points, count)):
        build = _builder(subject, point)
        for name, function in own.items():
            try:
                values[name][i] = _measured(build, name, function, point, columns[name].shape)
            except MeasureError as error:
                if raising:
                    raise
                if FAILED not in status:  # one warning for all of them, or there would be many
                    warnings.warn(
                        f"{error}; such points are 'failed'", RuntimeWarning, stacklevel=1
                    )
                status[i] = FAILED
        if told is not None:
            told(i + 1, count)
    return values


def _builder(subject: Subject, point: Mapping[str, Any]) -> Callable[[], System]:
    """Builds the system of a point once, and only if it is asked for."""
    return functools.cache(lambda: subject.build(point))


def _measured(
    build: Callable[[], System],
    name: str,
    function: Measure,
    point: Mapping[str, Any],
    shape: tuple[int, ...] | None = None,
) -> Array:
    """A function's numbers at a point, of this shape where one is asked for."""
    try:
        value = _numbers(function(build()))
        if shape is not None and value.shape != shape:
            raise ValueError(f"gave an array of shape {value.shape}, at the first point {shape}")
    except MemoryError:
        raise  # which is not the point's fault
    except Exception as error:
        at = ", ".join(f"{key}={each!r}" for key, each in point.items())
        text = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise MeasureError(f"{_WHERE} {name!r} at {at}: {text}") from error
    return value


def _numbers(value: object) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim > 2 or not array.size:
        raise TypeError(f"gave {_check.shown(value)}: expected a number or a 1-D or 2-D array")
    return array.astype(np.float64)
