"""From the arguments of a scan, each checked, to the job that they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from attractornet import _check
from attractornet._core import FeedbackNetwork
from attractornet._device import Device
from attractornet._scan._columns import Column, status_column
from attractornet._scan._design import Design
from attractornet._scan._evaluate import core_columns, option_fields
from attractornet._scan._job import Job, spec_of
from attractornet._scan._measures import own_columns, read, rows
from attractornet._scan._systems import Subject, check_design, corners, subject_of

_TRIED = 8  # points at which the width of a function's numbers is looked for


def plan(
    system: object,
    grid: object,
    measure: object,
    initial: ArrayLike | None,
    dtype: DTypeLike,
    raising: bool,
    options: Mapping[str, Any],
    device: Device = "cpu",
) -> Job:
    """The job, whose columns are those of the core; those of functions are found by trying."""
    subject = subject_of(system)
    if not isinstance(grid, Design):
        _check.refuse(TypeError, "scan: grid", grid, "a Grid or a Sample")
    kinds = check_design(grid, subject)
    measures = read(measure)
    start, precision = _state(initial), dtype_name(dtype)
    if not measures.core:
        own_precision = {} if precision == "float64" else {"dtype": dtype}
        own_start = {} if initial is None else {"initial": initial}
        _refuse_unused({**own_start, **own_precision, **options})
        _refuse_foreign(grid, subject)
    if device != "cpu" and (subject.system is not FeedbackNetwork or not measures.core):
        expected = "'cpu' for all but networks of FeedbackNetwork and the core's measurements"
        _check.refuse(ValueError, "scan: device", device, expected)
    given = {"dtype": precision, **_plain_options(options)}
    columns: list[Column] = []
    if measures.core:
        ends = corners(grid, kinds)
        columns = core_columns(system, measures.core, ends, start, given)
    job = Job(subject, grid, measures, kinds, given, start, raising, device, tuple(columns))
    defaults = {field.name: field.default for field in option_fields()}
    return replace(job, spec=spec_of(job, {**defaults, **given}))


def with_all_columns(job: Job) -> Job:
    """The job with every column: parameters that are drawn, measurements, functions, status."""
    drawn = [
        Column(name, {"int": "int64", "float": "float64"}[job.kinds[name]], coordinate=True)
        for name in job.design.drawn
    ]
    own: list[Column] = []
    if job.measures.own:
        count = min(_TRIED, job.design.size)
        trial = rows(job.typed(job.design._spread(count)), count)
        own = own_columns(job.subject, job.measures.own, trial)
    columns = (*drawn, *job.columns, *own, status_column())
    taken = {*job.design.names, *job.design.dims} - {column.name for column in drawn}
    for column in columns:
        if column.name in taken:
            _check.refuse(ValueError, "scan: measure", column.name, "names that are not taken")
        taken.add(column.name)
    return replace(job, columns=columns)


def dtype_name(dtype: DTypeLike) -> str:
    """ "float64" or "float32"."""
    expected = "'float64' or 'float32'"
    if not isinstance(dtype, str | type | np.dtype):
        _check.refuse(TypeError, "scan: dtype", dtype, expected)
    try:
        name = np.dtype(dtype).name
    except (TypeError, ValueError, SyntaxError):
        name = ""
    if name not in ("float64", "float32"):
        _check.refuse(ValueError, "scan: dtype", dtype, expected)
    return name


def _refuse_unused(given: Mapping[str, Any]) -> None:
    """Refuse what only the core's measurements take."""
    for name, value in given.items():
        expected = "no such option, since measure names no measurement of the core"
        _check.refuse(TypeError, f"scan: {name}", value, expected)


def _refuse_foreign(grid: Design, subject: Subject) -> None:
    """Refuse parameters of which a system that functions measure knows nothing."""
    for name in grid.names:
        if name not in subject.own:
            expected = f"parameters of {subject.name}.random, since only functions measure"
            _check.refuse(TypeError, "scan: grid", name, expected)


def _plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as scalars, which can be written down."""
    known = [field.name for field in option_fields()]
    plain = {}
    for name, value in options.items():
        if name not in known:
            raise TypeError(f"scan: unknown option {name!r}: its options are {', '.join(known)}")
        item = value.item() if isinstance(value, np.generic) else value
        if not isinstance(item, bool | int | float | str | None):
            _check.refuse(TypeError, f"scan: {name}", value, "a number, a string or None")
        plain[name] = item
    return plain


def _state(initial: ArrayLike | None) -> NDArray[np.float64] | None:
    """A state of finite numbers, of our own; its length is the core's to judge."""
    if initial is None:
        return None
    where, expected = "scan: initial", "a state: a 1-D array of finite numbers"
    given = _check.numbers(where, initial, expected)
    _check.expect_memory(where, f"an array of shape {given.shape}", given.size)
    with np.errstate(over="ignore"):  # of long doubles; infinities are refused
        state = np.array(given, dtype=np.float64)
    if state.ndim != 1 or not np.all(np.isfinite(state)):
        _check.refuse(ValueError, where, initial, expected)
    return state
