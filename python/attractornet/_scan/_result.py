"""What a scan gives back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from attractornet import _check
from attractornet._files import replacing
from attractornet._scan._axes import Array
from attractornet._scan._columns import STATUS, Column
from attractornet._scan._dataset import dataset
from attractornet._scan._job import Job
from attractornet._scan._sources import Source
from attractornet._scan._table import write_csv

if TYPE_CHECKING:
    import xarray


class ScanResult:
    """What was measured at every point of a grid or a sample.

    ``result["exponent"]`` is a column as an array, shaped like the grid. Numbers of a store are
    read when they are asked for, and checked against its ledger whenever they are read.

    Parameters
    ----------
    job, source
        What was measured, and where the numbers are; made by `attractornet.scan`.
    computed
        Points that were computed by this call, not taken from the store.
    elapsed
        Seconds that it took.
    threads
        Threads that computed.
    """

    def __init__(
        self, job: Job, source: Source, computed: int, elapsed: float, threads: int
    ) -> None:
        self._job, self._source = job, source
        self._computed, self._elapsed, self._threads = computed, elapsed, threads

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what was measured."""
        return tuple(column.name for column in self._job.results)

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the grid's dimensions."""
        return self._job.design.dims

    @property
    def shape(self) -> tuple[int, ...]:
        """Their lengths."""
        return self._job.design.shape

    @property
    def points(self) -> int:
        """How many points there are."""
        return self._job.design.size

    @property
    def coords(self) -> dict[str, Any]:
        """Values of the parameters: an array along each axis, a number if it is the same at all."""
        design, kinds = self._job.design, self._job.kinds
        _check.expect_memory(
            "ScanResult", "coords", sum(each.size for each in design._axes.values())
        )
        axes = {name: axis.part(0, axis.size) for name, axis in design._axes.items()}
        drawn = {
            column.name: self[column.name] for column in self._job.columns if column.coordinate
        }
        floats = {n: v.astype(np.float64) for n, v in axes.items() if kinds[n] == "float"}
        return {**axes, **floats, **drawn, **design.fixed}

    @property
    def status_counts(self) -> dict[str, int]:
        """How many points have each status: "ok", "imprecise", "diverged", "failed"."""
        return dict(zip(STATUS, self._source.status_counts().tolist(), strict=True))

    @property
    def elapsed(self) -> float:
        """Seconds that the call took."""
        return self._elapsed

    @property
    def points_per_second(self) -> float:
        """Points that this call computed, each second; those that it found done do not count."""
        return self._computed / self._elapsed if self._elapsed > 0.0 else 0.0

    @property
    def threads(self) -> int:
        """Threads that computed, in all processes."""
        return self._threads

    @property
    def spec(self) -> Mapping[str, Any]:
        """What the numbers depend on, in types of JSON."""
        return MappingProxyType(dict(self._job.spec))

    def __getitem__(self, name: str) -> Array:
        """A column, (points along each dimension, ...)."""
        if name not in {column.name for column in self._job.columns}:
            raise KeyError(f"ScanResult: no column {_check.shown(name)}: it has {self.columns}")
        column = self._column("ScanResult: name", name)
        shape = self.shape + column.shape
        _check.expect_memory("ScanResult", f"column {name!r}", int(np.prod(shape, dtype=object)))
        return self._source.part(column, (slice(None),) * len(shape))

    def codes(self, name: str) -> tuple[str, ...]:
        """What the numbers of a column of codes stand for.

        Parameters
        ----------
        name
            Of a column, such as "status" or "kind".

        Returns
        -------
        tuple of str
            Names of the codes 0, 1, ...; empty for a column of quantities.
        """
        return self._column("codes: name", name).choices

    def unit(self, name: str) -> str:
        """The unit of a column; empty where it has none.

        Parameters
        ----------
        name
            Of a column.
        """
        return self._column("unit: name", name).unit

    def to_xarray(self) -> xarray.Dataset:
        """The columns as a Dataset of xarray (the extra "scan").

        Numbers of a store are read, and checked, when the dataset is used; it has not to fit into
        memory. ``to_xarray().to_netcdf(path)`` writes netCDF.
        """
        return dataset(self._job, self._source)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a table with a row for each point.

        The coordinates come first, then the columns; codes are written as their names, and a column
        with several numbers a point has a column for each, ``spectrum_0``, ``spectrum_1``, ...

        Parameters
        ----------
        path
            The file. A crash while writing leaves the old content in place.
        """
        with replacing(_check.path("to_csv: path", path)) as temporary:
            write_csv(self._job, self._source, temporary)

    def _column(self, where: str, name: object) -> Column:
        found = {column.name: column for column in self._job.columns}
        return found[_check.choice(where, name, list(found))]

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.shape)) or "1"
        counts = ", ".join(f"{count} {name}" for name, count in self.status_counts.items() if count)
        return f"ScanResult({sizes} points: {', '.join(self.columns)}; {counts})"
