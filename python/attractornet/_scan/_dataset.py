"""Results as a Dataset of xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attractornet._scan._attributes import column_attributes, parameter_attributes, provenance
from attractornet._scan._axes import Axis
from attractornet._scan._columns import Column
from attractornet._scan._extras import require
from attractornet._scan._job import Job
from attractornet._scan._sources import Memory, Source

if TYPE_CHECKING:
    import xarray


def dataset(job: Job, source: Source) -> xarray.Dataset:
    """The columns by name, with coordinates, units and provenance; read when they are used."""
    xr = require("xarray", "ScanResult.to_xarray")
    columns = {column.name: _variable(xr, job, source, column) for column in job.columns}
    coordinates = {
        column.name: columns.pop(column.name) for column in job.columns if column.coordinate
    }
    for name, axis in job.design._axes.items():
        told = parameter_attributes(job, name)
        coordinates[name] = xr.Variable((name,), _index(axis, job.kinds[name]), told)
    for name, value in job.design.fixed.items():
        typed = float(value) if job.kinds[name] == "float" else value
        coordinates[name] = xr.Variable((), typed, parameter_attributes(job, name))
    made: xarray.Dataset = xr.Dataset(columns, coordinates, provenance(job))
    return made


def _index(axis: Axis, kind: str) -> Any:
    if isinstance(axis.values, range) and kind == "int":
        return require("pandas", "ScanResult.to_xarray").RangeIndex(axis.values)
    values = axis.part(0, axis.size)
    return values.astype(np.float64) if kind == "float" else values


def _variable(xr: Any, job: Job, source: Source, column: Column) -> Any:
    dims = (*job.design.dims, *(name for name, _ in column.dims))
    shape = job.design.shape + column.shape
    told = column_attributes(column)
    if column.coordinate:
        told = parameter_attributes(job, column.name)
    if "flag_values" in told:
        told["flag_values"] = np.array(told["flag_values"], dtype=column.dtype)
    if isinstance(source, Memory):
        return xr.Variable(dims, source.part(column, (slice(None),) * len(shape)), told)
    from attractornet._scan._lazy import Lazy  # here: it needs xarray to be defined

    lazy = Lazy(source, column, shape)
    return xr.Variable(dims, xr.core.indexing.LazilyIndexedArray(lazy), told)
