"""What commands print and write: numbers, JSON, orbits and figures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from attractornet import _files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")
TABLES = (".npy", ".csv")
MODELS = (".safetensors",)


def require(fine: bool, otherwise: str) -> None:
    """Leave with exit code 1, and that message, unless the computation succeeded."""
    if not fine:
        raise click.ClickException(otherwise)


def require_ok(status: str, what: str) -> None:
    """Leave with exit code 1 unless the status of a result is "ok"."""
    require(status == "ok", f"{what}: {status}")


def decimals(errors: Iterable[float]) -> int:
    """Decimals that show the smallest error with two digits, 4 at least and 7 at most."""
    useful = [error for error in errors if math.isfinite(error) and error > 0.0]
    return min(7, max(4, 1 - math.floor(math.log10(min(useful))))) if useful else 7


def fixed(value: float, digits: int) -> str:
    """Write a number with so many digits after the point."""
    return f"{round(float(value), digits) + 0.0:.{digits}f}"  # + 0.0 turns -0.0 into 0.0


def picked(result: object, *names: str) -> dict[str, Any]:
    """Take these attributes of a result."""
    return {name: getattr(result, name) for name in names}


def print_table(facts: Mapping[str, str]) -> None:
    """Print names and facts, a line each."""
    for name, fact in facts.items():
        click.echo(f"{name:<24}{fact}")


def print_json(document: Mapping[str, Any]) -> None:
    """Print a document on one line, as strict JSON."""
    click.echo(json.dumps(_plain(document), allow_nan=False))


def _plain(value: Any) -> Any:
    """A value in JSON's types; infinities and NaN become strings, as the group's help says."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0.0 else "-Infinity"
    return str(value) if isinstance(value, Path) else value


def save_orbit(orbit: np.ndarray[Any, Any], observe: str, path: Path) -> None:
    """Write an orbit as .npy or .csv; the columns of the latter are named after `observe`."""
    with _files.replacing(path) as temporary:
        if path.suffix.lower() == ".npy":
            with temporary.open("wb") as file:
                np.save(file, orbit)
        else:
            columns = orbit.reshape(len(orbit), -1)
            names = (
                [observe]
                if orbit.ndim == 1
                else [f"{observe}{i + 1}" for i in range(columns.shape[1])]
            )
            np.savetxt(temporary, columns, "%.17g", ",", header=",".join(names), comments="")


def plot_module() -> Any:
    """`attractornet.plot`, or an ImportError that says how to install Matplotlib."""
    from attractornet import plot  # here: only a picture pays for Matplotlib

    plot.require_matplotlib()
    return plot


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure, its sides in inches."""
    from matplotlib.figure import Figure  # not pyplot: it asks for a display and keeps state

    return Figure(figsize=(width, height), layout="compressed")


def save_figure(figure: Figure, path: Path, dpi: int) -> None:
    """Write a figure in the format of its file's ending."""
    with _files.replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=dpi)
