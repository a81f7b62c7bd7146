"""What is scanned: a class, or an object whose parameters are numbers, and its field list."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet._core import Discretised, Field, Flow, System, fields, scan_fields
from attractornet._files import strict
from attractornet._scan._axes import Array, Kind, Scalar
from attractornet._scan._design import Design, Extent

_EXPECTED = "a class with fields, such as FeedbackNetwork, or a map of textbook or of Discretised"


@dataclass(frozen=True)
class Subject:
    """A system whose parameters are scanned.

    Attributes
    ----------
    system
        The class, or the object.
    cls
        The class that has the field list: of a Discretised flow, the flow's.
    given
        The object's values of the parameters; empty for a class.
    """

    system: Any
    cls: type
    given: Mapping[str, Scalar]

    @property
    def name(self) -> str:
        return self.cls.__name__

    @property
    def fields(self) -> dict[str, Field]:
        return {field.name: field for field in scan_fields(self.cls)}

    def defaults(self) -> dict[str, Any]:
        """What each parameter is where the design does not say."""
        return {name: self.given.get(name, field.default) for name, field in self.fields.items()}

    @property
    def own(self) -> frozenset[str]:
        """Parameters that the system is made of; others say what is done with it."""
        return frozenset(field.name for field in fields(self.cls))

    def build(self, point: Mapping[str, Any]) -> System:
        """The system at a point."""
        make: Any = self.cls
        if isinstance(self.system, type):
            mine = {name: value for name, value in point.items() if name in self.own}
            return cast(System, getattr(make, "random", make)(**mine))
        made = make(**{**_state(_scanned(self.system)), **point})
        if not isinstance(self.system, Discretised):
            return cast(System, made)
        return Discretised(**{**_state(self.system), "flow": made})

    def describe(self) -> dict[str, Any]:
        """The system in types of JSON, with the parameters that the design may change."""
        parameters = {name: strict(value) for name, value in self.defaults().items()}
        told = {"class": _path(self.cls), "parameters": parameters, **self._rest()}
        if not isinstance(self.system, Discretised):
            return told
        rest = {name: value for name, value in _state(self.system).items() if name != "flow"}
        return {"class": _path(Discretised), **rest, "flow": told}

    def _rest(self) -> dict[str, Any]:
        """What else an object is made of, such as weights, of which this has the hash."""
        if isinstance(self.system, type):
            return {}
        return {
            name: {"sha256": digest(value)} if isinstance(value, np.ndarray) else value
            for name, value in _state(_scanned(self.system)).items()
            if name not in self.fields
        }

    @classmethod
    def told(cls, told: Mapping[str, Any]) -> Subject:
        """Of what `describe` told: knows the fields, but builds no system."""
        told = told.get("flow", told)
        names = told["class"].split(".")[1:]
        scanned = functools.reduce(getattr, names, import_module("attractornet"))
        return cls(scanned, cast(type, scanned), told["parameters"])


def subject_of(system: object) -> Subject:
    """What is scanned, or a TypeError that says what can be."""
    where = "scan: system"
    if isinstance(system, Flow) or (isinstance(system, type) and issubclass(system, Flow)):
        _check.refuse(
            TypeError, where, system, "a map: of a flow make one by Discretised(flow, dt)"
        )
    if isinstance(system, type):
        if not issubclass(system, System) or not _has_fields(system):
            _check.refuse(TypeError, where, system, _EXPECTED)
        if issubclass(system, Discretised):
            _check.refuse(
                TypeError, where, system, "an object, such as Discretised(Lorenz(), 0.01)"
            )
        return Subject(system, system, {})
    if not isinstance(system, System):
        _check.refuse(TypeError, where, system, _EXPECTED)
    scanned = _scanned(system)
    return Subject(system, type(scanned), _values(where, scanned))


def _scanned(system: System) -> System:
    """What has the parameters: the system, or the flow that it samples."""
    if not isinstance(system, Discretised):
        return system
    try:
        flow: Flow = system.flow
    except TypeError:  # of an object that was never made
        _check.refuse(TypeError, "scan: system", system, _EXPECTED)
    return flow


def _values(where: str, scanned: Any) -> dict[str, Scalar]:
    """The object's values of the parameters that its class lists."""
    cls = type(scanned)
    names = [field.name for field in fields(cls)] if _has_fields(cls) else []
    try:
        state = _state(scanned)
    except TypeError:
        _check.refuse(TypeError, where, scanned, _EXPECTED)
    if not names or not set(names) <= set(state):
        expected = f"the class, {cls.__name__}: this object has no parameters to scan"
        _check.refuse(TypeError, where, scanned, expected)
    return {name: state[name] for name in names}


def _state(system: Any) -> dict[str, Any]:
    return dict(system.__getstate__())


def _has_fields(cls: type) -> bool:
    try:
        return bool(fields(cls))
    except TypeError:
        return False


def digest(values: NDArray[np.float64]) -> str:
    """SHA-256 of the numbers, the same on every machine."""
    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()


def _path(cls: type) -> str:
    """The class by its public name."""
    return f"{cls.__module__}.{cls.__qualname__}".replace("._core", "")


# --- the design's values against the fields -------------------------------------------------------


def check_design(design: Design, subject: Subject) -> dict[str, Kind]:
    """Refuse values that the fields do not allow; else say of which type each parameter is."""
    kinds: dict[str, Kind] = {}
    for name, extent in design._extents().items():
        where = f"scan: grid: {name}"
        if name not in subject.fields:
            known = ", ".join(subject.fields)
            raise ValueError(f"{where}: {subject.name} has no such parameter; it has {known}")
        field = subject.fields[name]
        _check_type(where, field, extent)
        _check_values(where, field, extent)
        if name in design.drawn and field.type == "float" and extent.kind == "int":
            ends = (float(extent.lowest), float(extent.highest) + 1.0)
            _check.refuse(TypeError, where, extent.lowest, f"floats, {ends}: it is a real number")
        kinds[name] = cast(Kind, field.type)
    return kinds


def _check_type(where: str, field: Field, extent: Extent) -> None:
    allowed = {"int": ("int",), "float": ("int", "float"), "str": ("str",), "bool": ("bool",)}
    if extent.kind not in allowed[field.type]:
        words = {"int": "integers", "float": "numbers", "str": "strings", "bool": "True or False"}
        value = extent.texts[0] if extent.texts else extent.lowest
        _check.refuse(TypeError, where, value, words[field.type])


def _check_values(where: str, field: Field, extent: Extent) -> None:
    if extent.kind == "str":
        for text in extent.texts:
            _check.choice(where, text, field.choices)
        return
    if extent.kind == "bool":
        return
    for value in (extent.lowest, extent.highest):
        if not _allowed(field, cast(float, value)):
            _check.refuse(ValueError, where, value, f"values in {_interval(field)}")


def _allowed(field: Field, value: float) -> bool:
    above = field.minimum < value if field.minimum_open else field.minimum <= value
    below = value < field.maximum if field.maximum_open else value <= field.maximum
    return above and below


def _interval(field: Field) -> str:
    start, end = "(" if field.minimum_open else "[", ")" if field.maximum_open else "]"
    return f"{start}{field.minimum:.16g}, {field.maximum:.16g}{end}"


def corners(design: Design, kinds: Mapping[str, Kind]) -> dict[str, Array]:
    """The points at which every parameter is at an end of its range, of strings any one.

    All others are allowed if these are, and are no larger.
    """
    ends: dict[str, tuple[Scalar, ...]] = {
        name: extent.texts or tuple(dict.fromkeys((extent.lowest, extent.highest)))
        for name, extent in design._extents().items()
    }
    types = {"int": np.int64, "float": np.float64, "str": np.str_, "bool": np.bool_}
    columns = zip(*itertools.product(*ends.values()), strict=True)
    return {
        name: np.array(column, dtype=types[kinds[name]])
        for name, column in zip(ends, columns, strict=False)
    }
