"""A column of a scan as pictures need it, from a ScanResult or from its Dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attractornet import _check


class Table(NamedTuple):
    """One number, or code, for each point of a grid or a sample."""

    dims: tuple[str, ...]
    coords: Mapping[str, NDArray[Any]]  # by the axis, or of a sample by the parameter that is drawn
    values: NDArray[Any]
    missing: NDArray[np.bool_]  # points whose measurement failed
    choices: tuple[str, ...]  # names of codes
    unit: str
    fixed: Mapping[str, Any]  # parameters that are the same at all of these points

    @property
    def sampled(self) -> bool:
        """Whether the points are of a Sample, each with parameters of its own."""
        return len(self.dims) == 1 and self.dims[0] not in self.coords and bool(self.coords)


def columns_of(where: str, result: object) -> list[str]:
    """What was measured; refuses what is no scan."""
    from attractornet._scan import ScanResult

    if isinstance(result, ScanResult):
        return list(result.columns)
    variables = None if isinstance(result, type) else getattr(result, "data_vars", None)
    if variables is None or not hasattr(result, "coords"):
        _check.refuse(TypeError, f"{where}: result", result, "a ScanResult or its Dataset")
    names = [str(name) for name in variables]
    if "status" not in names:
        _check.refuse(TypeError, f"{where}: result", result, "a ScanResult or its Dataset")
    return names


def table_of(where: str, result: object, column: str, argument: str = "value") -> Table:
    """A column; `where` is the function that draws it, which took its name by `argument`."""
    from attractornet._scan import ScanResult

    column = _check.choice(f"{where}: {argument}", column, columns_of(where, result))
    of_kind = _of_result if isinstance(result, ScanResult) else _of_dataset
    return _made(where, column, of_kind(result, column))


def _of_result(result: Any, column: str) -> Table:
    failed = result["status"] == result.codes("status").index("failed")
    coords = {name: each for name, each in result.coords.items() if np.ndim(each) == 1}
    values, choices = result[column], result.codes(column)
    fixed = _fixed(result.spec, {})
    return Table(result.dims, coords, values, failed, choices, result.unit(column), fixed)


def _of_dataset(data: Any, column: str) -> Table:
    from attractornet._scan._attributes import choices_of

    status, array = data["status"], data[column]
    dims = tuple(map(str, status.dims))
    failed = status.to_numpy() == choices_of(status.attrs).index("failed")
    coords = {
        str(name): np.asarray(each)
        for name, each in data.coords.items()
        if len(each.dims) == 1 and each.dims[0] in dims
    }
    values = array.transpose(*dims, ...).to_numpy()
    unit = str(array.attrs.get("units", ""))
    single = {str(name): each.item() for name, each in data.coords.items() if not each.dims}
    fixed = _fixed(json.loads(data.attrs.get("attractornet_scan", "{}")), single)
    return Table(dims, coords, values, failed, choices_of(array.attrs), unit, fixed)


def _fixed(spec: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by the system's own values, by the grid's, and by what was chosen of it later."""
    own = spec.get("system", {})
    parameters = own.get("flow", own).get("parameters", {})
    return {**parameters, **spec.get("grid", {}).get("fixed", {}), **chosen}


def _made(where: str, column: str, table: Table) -> Table:
    """The table, if it can be drawn."""
    if not table.dims or not (table.sampled or set(table.dims) <= set(table.coords)):
        expected = "a scan of a Grid that has axes, or of a Sample"
        _check.refuse(ValueError, f"{where}: result", table.dims, expected)
    if table.values.ndim != len(table.dims):
        _check.refuse(ValueError, f"{where}: value", column, "a column with one number a point")
    texts = {
        name: each.astype(str) for name, each in table.coords.items() if each.dtype.kind in "OTb"
    }
    fixed = {name: each for name, each in table.fixed.items() if name not in table.coords}
    return table._replace(coords={**table.coords, **texts}, fixed=fixed)


def along_axis(table: Table, dim: str, index: int) -> Table:
    """The part of a table at one value of an axis."""
    at = table.dims.index(dim)
    return table._replace(
        dims=tuple(each for each in table.dims if each != dim),
        values=np.take(table.values, index, axis=at),
        missing=np.take(table.missing, index, axis=at),
        fixed={**table.fixed, dim: table.coords[dim][index].item()},
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
            text = str(value) if isinstance(value, bool | np.bool_) else value
            index = list(values).index(_check.choice(f"{where}: sel", text, list(values)))
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
