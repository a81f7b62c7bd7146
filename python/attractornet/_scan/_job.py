"""All that a process needs to compute the points of a scan, and what its results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attractornet._core import info
from attractornet._device import Device
from attractornet._scan._axes import Array, Kind
from attractornet._scan._columns import Column
from attractornet._scan._design import Design, Points
from attractornet._scan._measures import Measures
from attractornet._scan._systems import Subject, digest

FORMAT = 1
"""Version of stores: the layout, the ledger and what is computed."""


def environment() -> dict[str, Any]:
    """What results depend on beside the job: this process's own."""
    facts = info()
    return {"format": FORMAT, "core": facts["version"], "isa": facts["isa_level"]}


@dataclass(frozen=True)
class Job:
    """One scan; it travels to other processes as a pickle.

    Attributes
    ----------
    subject, design, measures
        What is scanned, where, and what is measured there.
    kinds
        Types of the design's parameters.
    options
        Of the core's measurements, as they were given.
    initial
        State that every orbit starts from; None is the system's own.
    raising
        Whether a point that fails ends the scan.
    device
        Where the core's measurements are computed.
    columns
        What a point results in, in this order.
    spec
        What the results depend on, in types of JSON.
    """

    subject: Subject
    design: Design
    measures: Measures
    kinds: Mapping[str, Kind]
    options: Mapping[str, Any]
    initial: NDArray[np.float64] | None
    raising: bool
    device: Device = "cpu"
    columns: tuple[Column, ...] = ()
    spec: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lean(self) -> Job:
        """The job without the functions that measure, which may be none that can be pickled."""
        return replace(self, measures=Measures((), {}))

    @property
    def results(self) -> tuple[Column, ...]:
        """The columns that were measured."""
        return tuple(column for column in self.columns if not column.coordinate)

    @property
    def point_bytes(self) -> int:
        """Memory that the columns take at one point."""
        return sum(column.bytes for column in self.columns)

    def typed(self, varying: Mapping[str, Array]) -> Points:
        """All parameters of some points, in the types of the fields."""
        types: dict[str, Any] = {"int": np.int64, "float": np.float64}
        columns = {
            name: values.astype(types[self.kinds[name]], copy=False)
            if self.kinds[name] in types
            else values
            for name, values in varying.items()
        }
        fixed = {
            name: float(value) if self.kinds[name] == "float" else value
            for name, value in self.design.fixed.items()
        }
        return {**columns, **fixed}


def spec_of(job: Job, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the results depend on: what was asked, with these options, and what computes it."""
    initial = None if job.initial is None else digest(job.initial)
    return {
        **environment(),
        "device": job.device,
        "system": job.subject.describe(),
        "grid": job.design.describe(),
        "measure": job.measures.describe(),
        "options": dict(options),
        "initial": initial,
    }


def canonical(value: object) -> str:
    """JSON that is the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(spec: Mapping[str, Any]) -> str:
    """SHA-256 of a spec."""
    return hashlib.sha256(canonical(spec).encode()).hexdigest()


_ABSENT = object()


def differences(ours: Any, other: Any, where: str = "") -> list[str]:
    """Where two specs differ, each as "path is this there and that here"."""
    if isinstance(ours, Mapping) and isinstance(other, Mapping):
        names = [*ours, *(name for name in other if name not in ours)]
        inner = f"{where}." if where else ""
        pairs = (
            (inner + name, ours.get(name, _ABSENT), other.get(name, _ABSENT)) for name in names
        )
        return [line for path, one, two in pairs for line in differences(one, two, path)]
    if ours is _ABSENT or other is _ABSENT:
        return [f"{where} is only {'there' if ours is _ABSENT else 'here'}"]
    if ours == other:
        return []
    return [f"{where} is {_brief(other)} there and {_brief(ours)} here"]


def _brief(value: object) -> str:
    text = canonical(value)
    return text if len(text) <= 100 else text[:97] + "..."
