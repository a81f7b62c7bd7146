"""What a scan is asked to do, from flags or from a file, and the line of Python that does it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

import attractornet as an
from attractornet._core import scan_fields, scan_measurements
from attractornet._scan._evaluate import option_fields
from attractornet._scan._job import Job
from attractornet._scan._plan import plan, with_all_columns

FAMILIES = ("FeedbackNetwork", "HopfieldNetwork")
"""Classes of networks that scans draw; the first is the default."""

WHERE = ("store", "device", "threads", "chunk_size")
"""Arguments of `attractornet.scan` that a plan hands on, and that a flag each changes."""

_KEYS = {
    "system": str,
    "dt": (int, float),
    "measure": (list, str),
    "store": str,
    "device": str,
    "threads": int,
    "chunk_size": int,
    "axes": dict,
    "set": dict,
    "options": dict,
}

EXAMPLE = """\
system = "FeedbackNetwork"      # or HopfieldNetwork, a name of textbook; flows need dt = 0.01
measure = ["kind", "exponent"]  # or one name
store = "sizes.zarr"            # may be left out, as may what follows
threads = 2
chunk_size = 100
device = "cpu"                  # or "cuda", where this build has it

[axes]
seed = "0:20"                   # as --axis has it, or a list
scale = "0.1:10:9:log"
inputs = [4, 16]

[set]
neurons = 4

[options]
steps = 2000
"""
"""A plan, for documents."""


class Value(NamedTuple):
    """What a parameter is given, and how Python writes it."""

    value: Any
    code: str


def _plain(value: Any) -> Value:
    return Value(value, repr(value))


@dataclass(frozen=True)
class Plan:
    """A scan; `system` is a class's name (None: the first family), `dt` makes a map of a flow."""

    system: str | None = None
    dt: float | None = None
    axes: Mapping[str, Any] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    measure: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    store: str | None = None
    device: str | None = None
    threads: int | None = None
    chunk_size: int | None = None

    def target(self) -> Value:
        """The class that is scanned, or the sampled flow."""
        cls: Any
        name = self.system or FAMILIES[0]
        if name in FAMILIES:
            cls, code = getattr(an, name), f"an.{name}"
        elif self.system in an.textbook.__all__:
            cls, code = getattr(an.textbook, self.system), f"an.textbook.{self.system}"
        else:
            known = ", ".join([*FAMILIES, *an.textbook.__all__])
            raise click.UsageError(f"--system: no system {self.system!r}; there are {known}")
        if not issubclass(cls, an.Flow):
            return Value(cls, code)
        if self.dt is None:
            raise click.UsageError(f"--dt: {self.system} is a flow: give the time between samples")
        return Value(an.Discretised(cls(), self.dt), f"an.Discretised({code}(), dt={self.dt!r})")

    def parameters(self) -> dict[str, Value]:
        """The grid's axes and fixed values, read as the parameters' types ask for."""
        target = self.target().value
        cls = target if isinstance(target, type) else type(target.flow)
        fields = {each.name: each for each in scan_fields(cls)}
        if twice := [name for name in self.axes if name in self.set]:
            raise click.UsageError(f"--set: '{twice[0]}' is an axis already")
        axes = {name: _axis(_known(fields, name), given) for name, given in self.axes.items()}
        fixed = {name: _fixed(_known(fields, name), given) for name, given in self.set.items()}
        return axes | fixed

    def arguments(self) -> dict[str, Value]:
        """Arguments of `attractornet.scan`."""
        parameters = self.parameters()
        inside = ", ".join(f"{name}={each.code}" for name, each in parameters.items())
        grid = an.Grid(**{name: each.value for name, each in parameters.items()})
        if not self.measure:
            names = ", ".join(scan_measurements(self.target().value))
            raise click.UsageError(f"--measure: give at least one of {names}")
        given = {
            "system": self.target(),
            "grid": Value(grid, f"an.Grid({inside})"),
            "measure": _plain(list(self.measure)),
            **{name: _plain(value) for name, value in self.options.items()},
        }
        rest = {name: getattr(self, name) for name in WHERE}
        return given | {name: _plain(each) for name, each in rest.items() if each is not None}

    def code(self) -> str:
        """The line of Python that does the same."""
        given = self.arguments()
        first = [given.pop(name).code for name in ("system", "grid", "measure")]
        rest = [f"{name}={each.code}" for name, each in given.items()]
        return f"an.scan({', '.join([*first, *rest])})"


def job_of(arguments: Mapping[str, Any]) -> Job:
    """What `attractornet.scan` would do with these arguments; nothing runs."""
    known = {field.name for field in option_fields()}
    options = {name: value for name, value in arguments.items() if name in known}
    dtype = options.pop("dtype", "float64")
    system, grid, measure = (arguments[name] for name in ("system", "grid", "measure"))
    return with_all_columns(plan(system, grid, measure, None, dtype, False, options))


def plan_of(path: Path | None, flags: Plan) -> Plan:
    """The plan of a file, in which what flags say wins."""
    if path is None:
        return flags
    told = _read(path)
    merged: dict[str, Any] = {
        key: {**told.pop(key, {}), **getattr(flags, key)} for key in ("axes", "set", "options")
    }
    # A flag may fix what the file has as an axis, and the other way round.
    merged["axes"] = {k: v for k, v in merged["axes"].items() if k not in flags.set}
    merged["set"] = {k: v for k, v in merged["set"].items() if k not in flags.axes}
    merged["axes"] |= flags.axes
    merged["set"] |= flags.set
    measure = told.pop("measure", [])
    merged["measure"] = flags.measure or tuple([measure] if isinstance(measure, str) else measure)
    given = {
        key: getattr(flags, key)
        for key in ("system", "dt", *WHERE)
        if getattr(flags, key) is not None
    }
    return replace(Plan(), **{**told, **given, **merged})


def _read(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: no plan in TOML: {error}") from error
    for key, value in told.items():
        kind = _KEYS.get(key)
        if kind is None:
            raise ValueError(f"{path}: unknown entry {key!r}; a plan has {', '.join(_KEYS)}")
        if not isinstance(value, kind) or isinstance(value, bool):  # type: ignore[arg-type]
            raise ValueError(f"{path}: {key} = {value!r}: of another type than expected")
    return told


def pairs(flag: str, texts: Iterable[str]) -> dict[str, str]:
    """Names and values of flags such as ``--set neurons=4``."""
    found = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not (name and mark and value):
            raise click.UsageError(f"{flag}: '{text}': expected NAME=VALUE")
        if name in found:
            raise click.UsageError(f"{flag}: '{name}' is given twice")
        found[name] = value
    return found


# --- values ---------------------------------------------------------------------------------------


def _known(fields: Mapping[str, an.Field], name: str) -> an.Field:
    if name not in fields:
        raise click.UsageError(f"no parameter '{name}'; there are {', '.join(fields)}")
    return fields[name]


def _axis(field: an.Field, given: Any) -> Value:
    """An axis from a list, or from text: 1,2,3, first:stop[:step], or first:last:count[:log]."""
    if isinstance(given, list):
        return _plain(given)
    parts = str(given).split(":")
    if field.type == "str" or len(parts) == 1:
        return _plain([_number(field, part) for part in str(given).split(",")])
    if field.type == "int" and len(parts) in (2, 3):
        ends = [_number(field, part) for part in parts]
        return _plain(range(*ends))
    if field.type == "float" and (len(parts) == 3 or parts[3:] == ["log"]):
        return _spaced(field, str(given), parts)
    form = "first:stop or first:stop:step" if field.type == "int" else "first:last:count[:log]"
    raise click.UsageError(f"axis {field.name} = '{given}': expected values with commas, or {form}")


def _spaced(field: an.Field, given: str, parts: Sequence[str]) -> Value:
    """Reals at equal steps, or at equal ratios."""
    first, last = (_number(field, part) for part in parts[:2])
    count = _whole(field, parts[2])
    if count < 1:
        raise click.UsageError(f"axis {field.name} = '{given}': expected a count of at least 1")
    if len(parts) == 3:
        return Value(np.linspace(first, last, count), f"np.linspace({first!r}, {last!r}, {count})")
    if first * last <= 0.0:
        raise click.UsageError(f"axis {field.name} = '{given}': expected ends on one side of 0")
    return Value(np.geomspace(first, last, count), f"np.geomspace({first!r}, {last!r}, {count})")


def _fixed(field: an.Field, given: Any) -> Value:
    return _plain(_number(field, given) if isinstance(given, str) else given)


def _number(field: an.Field, text: str) -> Any:
    if field.type == "str":
        return text
    if field.type == "bool":
        return _truth(field, text)
    if field.type == "int":
        return _whole(field, text)
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"{field.name}: '{text}' is no number") from None


def _truth(field: an.Field, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise click.UsageError(f"{field.name}: '{text}' is not true or false")
    return text.lower() == "true"


def _whole(field: an.Field, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise click.UsageError(f"{field.name}: '{text}' is no integer") from None
