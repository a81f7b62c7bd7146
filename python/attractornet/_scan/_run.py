"""`scan`: measures a system at every point of a grid or a sample."""

from __future__ import annotations

import os
import re
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Literal, TypeVar

from numpy.typing import ArrayLike, DTypeLike

from attractornet import _check, _device
from attractornet._core import (
    FeedbackNetwork,
    HopfieldNetwork,
    System,
    fields,
    scan_columns,
    scan_fields,
    scan_measurements,
    scan_points,
)
from attractornet._core.textbook import Logistic
from attractornet._scan._chunking import How
from attractornet._scan._design import Design
from attractornet._scan._drive import into_memory, into_store
from attractornet._scan._measures import Measure
from attractornet._scan._plan import plan
from attractornet._scan._result import ScanResult

F = TypeVar("F", bound=Callable[..., Any])


def _told_by_the_core(core: Callable[..., Any]) -> Callable[[F], F]:
    """Let `fields` list a core function's options; measurements and options for the docstring."""

    def mark(function: F) -> F:
        options = {each.name for each in fields(core)}
        entries = re.finditer(r"^(\w+) : .*(\n    .*)*", core.__doc__ or "", re.MULTILINE)
        listed = "\n".join(each[0] for each in entries if each[1] in options)
        text = textwrap.indent(listed, "    ")
        doc = (function.__doc__ or "").replace("    **options", text)
        doc = doc.replace("        **trials", _trials())
        function.__doc__ = doc.replace("        **measurements", _measurements())
        function.__dict__["__fields_of__"] = core
        return function

    return mark


def _trials() -> str:
    """What a scan of Hopfield networks takes beside the networks' own parameters, as a list."""
    own = {field.name for field in fields(HopfieldNetwork)}
    more = [field for field in scan_fields(HopfieldNetwork) if field.name not in own]
    return "\n".join(f"        {field.name}: {field.meaning}" for field in more)


def _measurements() -> str:
    """What the core measures, as a list."""
    everywhere = scan_measurements(Logistic)
    lines = []
    for cls in (FeedbackNetwork, HopfieldNetwork):
        for name in scan_measurements(cls):
            only = "" if name in everywhere else f" ({cls.__name__} alone)"
            lines.append(f'"{name}"{only}')
            for column in scan_columns(cls, [name], {})[:-1]:
                unit = f" [{column.unit}]" if column.unit else ""
                lines.append(f"    {column.name}: {column.meaning}{unit}")
    return textwrap.indent("\n".join(lines), "        ")


@_told_by_the_core(scan_points)
def scan(
    system: System | type,
    grid: Design,
    measure: str | Measure | Sequence[str | Measure] | Mapping[str, str | Measure],
    *,
    initial: ArrayLike | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    threads: int | None = None,
    chunk_size: int | None = None,
    device: Literal["cpu", "cuda"] = "cpu",
    dtype: DTypeLike = "float64",
    on_error: Literal["status", "raise"] = "status",
    progress: bool | Callable[[int, int], object] | None = None,
    **options: Any,
) -> ScanResult:
    """Measure a system at every point of a grid or a sample.

    The numbers depend on the system, the grid and the options alone: not on the executor, threads
    or chunks. With `store` they are written as they come, and the same call takes up a scan that
    was interrupted or killed.

    Parameters
    ----------
    system
        A class with a field list (``fields(FeedbackNetwork)``), or a map whose parameters are
        numbers: an object of `textbook`, or a `Discretised` one, whose flow's parameters are
        scanned, and not its `dt`. What the grid leaves out is the class's default, or the object's
        value. A point of `HopfieldNetwork` is a recall of the first pattern of a network that its
        `random` draws, by at most discard + steps sweeps. Beside the network's parameters it has

        **trials
    grid
        A `Grid` or a `Sample` of the parameters.
    measure
        Names, each of which fills columns; those of HopfieldNetwork are all that it has:

        **measurements

        And functions: each is called with the system of a point and gives a number or a 1-D or 2-D
        array, of the same shape at every point; in a dict they have the names of its keys. A store
        knows a function by its code and by what that uses of its own module.
    initial
        State (dimension,) that every orbit starts from; ``system.start()`` by default. Recalls
        start from their pattern, see the parameter `flips`.
    store
        Folder of a Zarr store (the extra "scan"), which is made, or gone on with if it is of the
        same scan. By default the numbers are kept in memory.
    executor
        Any executor of `concurrent.futures`: of threads, of processes (started by "spawn"), of Dask
        (``client.get_executor()``), of MPI. Workers of a pool of processes end when their driver is
        killed, see `end_with_parent`. By default chunks are computed one after another here.
    threads
        Threads of the core in each task. By default all of the machine, or 1 with an executor.
    chunk_size
        Points that are computed, and written, together; about 4 seconds of work by default.
    device
        "cuda": networks of FeedbackNetwork are drawn and run on a CUDA device, if this build has
        that; those of more than 32 neurons or 64 inputs, and frames of more than 32, stay on the
        CPU. Orbits have the CPU's bits, and so has "kind", for which the CPU looks at orbits that
        the device runs; exponents differ by rounding, and where an orbit is chaotic, after some
        hundred steps, within their errors.
    on_error
        "status": a point at which a function fails has the status "failed" and NaN; a warning tells
        the first reason, and a store that is taken up does not try it again. "raise": it ends the
        scan with an error that names the point.
    progress
        True shows a progress bar; a callable is told ``progress(done, total)``, in points.
    **options

    Returns
    -------
    ScanResult

    Raises
    ------
    BackendUnavailable
        If there is no CUDA in this build, or no device.
    MemoryError
        If there is no store and the numbers would not fit into memory; nothing has run then.
    OSError
        If the store cannot be written; what was written stays.
    RuntimeError
        If a function fails and `on_error` is "raise".
    TypeError, ValueError
        If an argument or a value of the grid is not allowed, or `store` is of another scan.

    Examples
    --------
    >>> grid = Grid(r=np.linspace(3.5, 4.0, 501))
    >>> scan(textbook.Logistic, grid, ["exponent"], steps=1000)["exponent"].shape
    (501,)
    """
    start = time.perf_counter()
    raising = _check.choice("scan: on_error", on_error, ("status", "raise")) == "raise"
    how = _how(executor, threads, chunk_size)
    shown = False if progress is None else _check.progress("scan: progress", progress)
    path = None if store is None else _check.path("scan: store", store)
    there = _device.read("scan", device)
    job = plan(system, grid, measure, initial, dtype, raising, options, there)
    if path is None:
        job, source, computed = into_memory(job, how, shown)
    else:
        job, source, computed = into_store(job, path, how, shown)
    elapsed = time.perf_counter() - start
    return ScanResult(job.lean, source, computed, elapsed, how.threads_in_all)


def _how(executor: object, threads: object, chunk_size: object) -> How:
    if executor is not None and not isinstance(executor, Executor):
        expected = "None or an Executor of concurrent.futures"
        _check.refuse(TypeError, "scan: executor", executor, expected)
    count = None if threads is None else _check.whole("scan: threads", threads, 1)
    points = None if chunk_size is None else _check.whole("scan: chunk_size", chunk_size, 1)
    return How(executor, count, points)
