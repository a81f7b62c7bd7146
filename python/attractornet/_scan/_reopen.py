"""`scan_open`: the result that a store holds, without the call that made it."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from attractornet._scan._axes import Kind
from attractornet._scan._design import Design
from attractornet._scan._disk import sha256
from attractornet._scan._extras import require
from attractornet._scan._grid import Grid
from attractornet._scan._job import Job
from attractornet._scan._measures import Measures
from attractornet._scan._open import contents
from attractornet._scan._result import ScanResult
from attractornet._scan._sample import Sample
from attractornet._scan._sources import Stored
from attractornet._scan._status import read_store
from attractornet._scan._store import Chunks
from attractornet._scan._systems import Subject, check_design
from attractornet._scan._zarr import coordinate

_WHERE = "scan_open: store"


def scan_open(store: str | os.PathLike[str]) -> ScanResult:
    """Open a store that `scan` wrote, or is writing to; nothing is computed.

    Points that are not done have NaN, and a status of -1; `scan_status` tells how many are.

    Parameters
    ----------
    store
        The store's folder (the extra "scan").

    Returns
    -------
    ScanResult
        Whose numbers are read, and checked against the ledger, when they are asked for.

    Raises
    ------
    ValueError
        If there is no store, its ledger is missing or damaged, or its points cannot be told.

    Examples
    --------
    >>> result = scan_open("networks.zarr")  # doctest: +SKIP
    """
    require("zarr", _WHERE)
    chunks = read_store(_WHERE, store)
    return ScanResult(_job(chunks), Stored(chunks), computed=0, elapsed=0.0, threads=0)


def _job(chunks: Chunks) -> Job:
    """As much of the job as a result needs."""
    spec = chunks.header.spec
    subject = Subject.told(spec["system"])
    design = _design(chunks, subject)
    return Job(
        subject,
        design,
        Measures(core=(), own={}),
        kinds=check_design(design, subject),
        options={},
        initial=None,
        raising=False,
        columns=chunks.header.columns,
        spec=spec,
    )


def _design(chunks: Chunks, subject: Subject) -> Design:
    told = chunks.header.spec["grid"]
    design: Design
    if told["type"] == "Sample":
        ranges = {name: tuple(ends) for name, ends in told["ranges"]}
        fixed = told["fixed"]
        options = {"seed": told["seed"], "method": told["method"]}
        design = Sample(told["size"], {**ranges, **fixed}, **options)
    else:
        axes = {name: _axis(chunks, subject, name, each) for name, each in told["axes"]}
        design = Grid(**axes, **told["fixed"])
    if design.describe() != told:
        drawn = "; another SciPy drew them" if told["type"] == "Sample" else ""
        raise ValueError(f"{_WHERE}: {chunks.store}: its points are not those that it tells{drawn}")
    return design


def _axis(chunks: Chunks, subject: Subject, name: str, told: Mapping[str, Any]) -> Any:
    """The values of an axis, which are in the ledger itself unless they are many."""
    if "range" in told:
        return range(*told["range"])
    if "values" in told:
        return told["values"]
    kind = cast(Kind, subject.fields[name].type)
    stored = coordinate(name, told["size"], kind, functools.partial(_file, chunks))
    return stored.astype(np.int64) if told["type"] == "int" else stored


def _file(chunks: Chunks, path: str) -> bytes:
    """The bytes of a coordinate's file; those that were checked, and not read once more."""
    content = contents(chunks.store / path)
    if content is None or sha256(content).hex() != chunks.header.coordinates[path]:
        where = chunks.store / path
        raise ValueError(f"{_WHERE}: {where} is not as it was written: the same scan mends it")
    return content
