"""The pictures that `scan run` is asked for: judged by the columns to come, drawn of the result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

import attractornet as an
from attractornet._scan._columns import Column
from attractornet._scan._job import Job
from attractornet.cli.output import new_figure, plot_module, save_figure


class Picture(NamedTuple):
    """A function of `attractornet.plot`, what it takes beside the result, and the file."""

    function: str
    options: Mapping[str, Any]
    size: tuple[float, float]
    path: Path

    def draw(self, result: an.ScanResult) -> None:
        """Draw and write it."""
        figure = new_figure(*self.size)
        getattr(plot_module(), self.function)(result, figure.add_subplot(), **self.options)
        save_figure(figure, self.path, 150)


class Asked(NamedTuple):
    """What flags say of pictures."""

    map: Path | None
    value: str | None
    sel: Mapping[str, str]
    fraction: Path | None
    along: str | None
    by: str | None
    phase_diagram: Path | None

    @property
    def wanted(self) -> bool:
        """Whether there is a picture to draw."""
        return bool(self.map or self.fraction or self.phase_diagram)

    def refuse_idle(self) -> None:
        """Refuse flags of a picture that is not asked for."""
        uses = {"value": ["map"], "sel": ["map", "phase_diagram"]}
        uses |= {"along": ["fraction"], "by": ["fraction"]}
        for name, pictures in uses.items():
            if getattr(self, name) and not any(getattr(self, each) for each in pictures):
                flags = " or ".join("--" + each.replace("_", "-") for each in pictures)
                raise click.UsageError(f"--{name}: is for {flags}, which is not given")

    def settled(self, job: Job) -> list[Picture]:
        """The pictures of a scan that has not run yet; what could not be drawn is refused."""
        plot_module()
        made = []
        if self.map is not None:
            made.append(Picture("scan_map", self._of_map(job), (8.0, 5.6), self.map))
        if self.fraction is not None:
            made.append(
                Picture("chaos_fraction", self._of_fraction(job), (8.0, 5.0), self.fraction)
            )
        if self.phase_diagram is not None:
            options = self._of_phase_diagram(job)
            made.append(Picture("phase_diagram", options, (8.0, 5.4), self.phase_diagram))
        return made

    def _of_map(self, job: Job) -> dict[str, Any]:
        column = _drawable(job.columns, self.value)
        sel = self._selected(job)
        left = [name for name in job.design.dims if name not in sel]
        if len(left) < 2 or (len(left) > 2 and column.choices):
            raise click.UsageError(
                f"--map: draws two axes, and there are {', '.join(left) or 'none'}: "
                + ("give --sel for each further one" if left[2:] else "give two by --axis")
            )
        reduce = "mean" if len(left) > 2 else None
        return {"value": column.name, "sel": sel, "reduce": reduce}

    def _selected(self, job: Job) -> dict[str, float | str]:
        return {name: _coordinate(job, name, text) for name, text in self.sel.items()}

    def _of_phase_diagram(self, job: Job) -> dict[str, Any]:
        if "overlap" not in {column.name for column in job.columns}:
            raise click.UsageError("--phase-diagram: measure 'overlap' of HopfieldNetwork")
        sel = self._selected(job)
        left = [name for name in job.design.dims if name not in sel]
        if "alpha" not in left:
            raise click.UsageError("--phase-diagram: draws along alpha: give --axis alpha=...")
        drawn = ["alpha", "seed"] + (
            ["temperature"] if "temperature" in left else ["rule", "units"]
        )
        if rest := [name for name in left if name not in drawn and job.design._axes[name].size > 1]:
            raise click.UsageError(f"--phase-diagram: give --sel for {', '.join(rest)}")
        return {"sel": sel}

    def _of_fraction(self, job: Job) -> dict[str, Any]:
        measured = {column.name for column in job.columns}
        if not measured & {"kind", "exponent"}:
            raise click.UsageError("--fraction: measure 'kind' or 'exponent'")
        dims = job.design.dims
        if not dims:
            raise click.UsageError("--fraction: draws along an axis: give one by --axis")
        _one_of("--along", self.along, dims, "axis")
        _one_of("--by", self.by, [name for name in dims if name != self.along], "further axis")
        if self.by is not None and len(dims) == 1:
            raise click.UsageError(f"--by: '{self.by}' is the only axis, which the share is along")
        threshold = None if "kind" in measured else 0.0
        return {"along": self.along, "by": self.by, "threshold": threshold}


def _drawable(columns: Sequence[Column], value: str | None) -> Column:
    """The column of a map: one with a number, or a code, for each point."""
    single = {column.name: column for column in columns if not column.shape}
    if value is None:
        value = next((name for name in ("kind", "exponent", "overlap") if name in single), None)
    if value is None:
        raise click.UsageError(
            "--map: measure 'kind', 'exponent' or 'overlap', or name another column by --value: "
            + ", ".join(single)
        )
    _one_of("--value", value, single, "column", "with one number a point there are")
    return single[value]


def _coordinate(job: Job, name: str, text: str) -> float | str:
    """A value of an axis, from text."""
    _one_of("--sel", name, job.design.dims, "axis")
    if job.kinds[name] in ("str", "bool"):
        _one_of(f"--sel: {name}", text, job.design._axes[name].texts(), "value")
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise click.UsageError(f"--sel: {name}: '{text}' is no number")
    return number


def _one_of(
    flag: str, given: str | None, known: Iterable[str], what: str, there: str = "there are"
) -> None:
    if given is not None and given not in (names := list(known)):
        raise click.UsageError(f"{flag}: no {what} '{given}'; {there} {', '.join(names) or 'none'}")
