"""A column of a scan as pictures need it, from a ScanResult or from its Dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attractornet import _check


class Table(NamedTuple):
    """One number, or code, for each point of a grid."""

    dims: tuple[str, ...]
    coords: Mapping[str, NDArray[Any]]
    values: NDArray[Any]
    missing: NDArray[np.bool_]  # points whose measurement failed
    choices: tuple[str, ...]  # names of codes
    unit: str


def table_of(where: str, result: object, column: str, argument: str = "value") -> Table:
    """A column; `where` is the function that draws it, which took its name by `argument`."""
    from attractornet._scan import ScanResult

    if isinstance(result, ScanResult):
        return _of_result(where, result, column, argument)
    if isinstance(result, type) or not all(hasattr(result, n) for n in ("data_vars", "coords")):
        _check.refuse(TypeError, f"{where}: result", result, "a ScanResult or its Dataset")
    return _of_dataset(where, result, column, argument)


def _of_result(where: str, result: Any, column: str, argument: str) -> Table:
    column = _check.choice(f"{where}: {argument}", column, result.columns)
    failed = result["status"] == result.codes("status").index("failed")
    coords = {name: each for name, each in result.coords.items() if name in result.dims}
    values, choices = result[column], result.codes(column)
    return _made(
        where, column, Table(result.dims, coords, values, failed, choices, result.unit(column))
    )


def _of_dataset(where: str, data: Any, column: str, argument: str) -> Table:
    from attractornet._scan._attributes import choices_of

    names = [str(name) for name in data.data_vars]
    if "status" not in names:
        _check.refuse(TypeError, f"{where}: result", data, "a ScanResult or its Dataset")
    column = _check.choice(f"{where}: {argument}", column, names)
    status, array = data["status"], data[column]
    dims = tuple(map(str, status.dims))
    failed = status.to_numpy() == choices_of(status.attrs).index("failed")
    coords = {name: np.asarray(data[name]) for name in dims if name in data.coords}
    values = array.transpose(*dims, ...).to_numpy()
    unit = str(array.attrs.get("units", ""))
    return _made(where, column, Table(dims, coords, values, failed, choices_of(array.attrs), unit))


def _made(where: str, column: str, table: Table) -> Table:
    """The table, if it can be drawn."""
    if not table.dims or set(table.dims) != set(table.coords):
        expected = "a scan of a Grid that has axes"
        _check.refuse(ValueError, f"{where}: result", table.dims, expected)
    if table.values.ndim != len(table.dims):
        _check.refuse(ValueError, f"{where}: value", column, "a column with one number a point")
    texts = {
        name: each.astype(str) for name, each in table.coords.items() if each.dtype.kind in "OT"
    }
    return table._replace(coords={**table.coords, **texts})


def along_axis(table: Table, dim: str, index: int) -> Table:
    """The part of a table at one value of an axis."""
    at = table.dims.index(dim)
    return table._replace(
        dims=tuple(each for each in table.dims if each != dim),
        values=np.take(table.values, index, axis=at),
        missing=np.take(table.missing, index, axis=at),
    )


def chosen(where: str, table: Table, sel: object) -> Table:
    """The part of a table at these values of its axes; the nearest ones are taken."""
    if sel is None:
        return table
    if not isinstance(sel, Mapping):
        _check.refuse(TypeError, f"{where}: sel", sel, "a dict of values by the axes' names")
    for name, value in sel.items():
        dim = _check.choice(f"{where}: sel", name, table.dims)
        values = table.coords[dim]
        if values.dtype.kind == "U":
            index = list(values).index(_check.choice(f"{where}: sel", value, list(values)))
        else:
            number = _check.real(f"{where}: sel", value, -np.inf)
            index = int(np.argmin(np.abs(values - number)))
        table = along_axis(table, dim, index)
    return table


def only_axes(where: str, table: Table, dims: tuple[str, str], mean: bool) -> Table:
    """The table over two axes, in this order; others are averaged over, or refused."""
    rest = tuple(i for i, dim in enumerate(table.dims) if dim not in dims)
    names = [table.dims[i] for i in rest]
    if rest and not mean:
        expected = "a value for each of these axes, or reduce='mean' for numbers"
        _check.refuse(ValueError, f"{where}: sel", names, expected)
    if rest and table.choices:
        expected = "None for codes: give sel a value for each of " + ", ".join(names)
        _check.refuse(ValueError, f"{where}: reduce", "mean", expected)
    if rest:
        counts = np.sum(~np.isnan(table.values), axis=rest)
        values = np.nansum(table.values, axis=rest) / np.where(counts > 0, counts, np.nan)
        left = tuple(dim for dim in table.dims if dim in dims)
        table = table._replace(dims=left, values=values, missing=np.isnan(values))
    if table.dims != dims:
        table = table._replace(dims=dims, values=table.values.T, missing=table.missing.T)
    return table
