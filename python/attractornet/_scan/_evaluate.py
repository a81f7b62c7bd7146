"""The numbers of some points: the one place that calls the core's measurements."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from attractornet import _core
from attractornet._core import Field, fields
from attractornet._device import backend
from attractornet._scan._axes import Array
from attractornet._scan._columns import Column
from attractornet._scan._job import Job
from attractornet._scan._measures import Told, measure_own


def option_fields() -> tuple[Field, ...]:
    """The options that the core's measurements take."""
    return fields(_core.scan_points)


def core_columns(
    system: Any,
    measure: Iterable[str],
    corners: Mapping[str, Array],
    initial: Array | None,
    options: Mapping[str, Any],
) -> list[Column]:
    """The columns of the core's measurements, which refuses what it cannot measure."""
    told = _core.scan_columns(system, list(measure), dict(corners), initial=initial, **options)
    names = ("name", "dtype", "dims", "meaning", "unit", "choices")
    return [
        Column(**{name: getattr(each, name) for name in names})
        for each in told
        if each.name != "status"
    ]


def evaluate(
    job: Job,
    varying: Mapping[str, Array],
    count: int,
    threads: int | None = None,
    told: Told | None = None,
) -> dict[str, Array]:
    """Measure so many points.

    Parameters
    ----------
    job
        The scan.
    varying
        The parameters that are not the same everywhere, each (count,).
    count
        Number of points.
    threads
        Threads of the core; None: as many as the machine has.
    told
        Called with points done and points in all.

    Returns
    -------
    dict
        Every column of the job, (count, ...).
    """
    points = job.typed(varying)
    own = {column.name: column for column in job.columns if column.name in job.measures.own}
    found: dict[str, Any] = {"status": np.zeros(count, dtype=np.int8)}
    if job.measures.core:
        found = _of_core(job, points, threads, None if own else told)
    if own:
        mine = measure_own(
            job.subject, job.measures.own, own, points, count, raising=job.raising, told=told
        )
        status = np.maximum(found["status"], mine["status"])
        found = {**found, **mine, "status": status}
    found |= {name: points[name] for name in job.design.drawn}
    return {column.name: column.conform(found[column.name], count) for column in job.columns}


def _of_core(
    job: Job, points: Mapping[str, Any], threads: int | None, told: Told | None
) -> dict[str, Any]:
    if job.device == "cpu":
        measure = functools.partial(_core.scan_points, job.subject.system)
    else:
        measure = backend("scan").scan_points
    found: dict[str, Any] = measure(
        dict(points),
        list(job.measures.core),
        initial=job.initial,
        threads=threads,
        progress=told or False,
        **job.options,
    )
    columns = {column.name: column for column in job.columns}
    return {name: _widened(values, columns[name]) for name, values in found.items()}


def _widened(values: Array, column: Column) -> Array:
    """Values as wide as the column: these points may all be smaller than the scan's largest."""
    beyond = [(0, whole - here) for whole, here in zip(column.shape, values.shape[1:], strict=True)]
    return np.pad(values, [(0, 0), *beyond], constant_values=column.fill)
