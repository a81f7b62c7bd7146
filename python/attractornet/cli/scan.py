"""`attractornet scan`: a system measured all over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

import attractornet as an
from attractornet._scan._evaluate import option_fields
from attractornet.cli.options import (
    fields_as_options,
    json_option,
    output_option,
    progress_option,
)
from attractornet.cli.output import (
    PICTURES,
    new_figure,
    picked,
    plot_module,
    print_json,
    print_table,
    require,
    save_figure,
)
from attractornet.cli.plans import Plan, pairs, plan_of

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def scan() -> None:
    """Measure a system all over a grid of its parameters, and look after the stores of scans."""


def _plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that say what is scanned."""
    text = "Axis of the grid: 1,2,4; first:stop[:step] of integers; first:last:count of reals."
    decorators = [
        click.option("--plan", type=_existing, help="TOML file with such entries; flags win."),
        click.option("--system", help="FeedbackNetwork, the default, or a name of textbook."),
        click.option("--dt", type=float, help="Time between samples, if the system is a flow."),
        click.option("--axis", "axes", multiple=True, metavar="NAME=VALUES", help=text),
        click.option(
            "--set", "fixed", multiple=True, metavar="NAME=VALUE", help="Parameter that is fixed."
        ),
        click.option("--measure", multiple=True, help="What is measured; may be given again."),
        fields_as_options(option_fields(), "options"),
        click.option("--store", help="Zarr store to write to, or to go on with."),
        click.option("--threads", type=int, help="Threads; by default all of the machine."),
        click.option("--chunk-size", type=int, help="Points that are written together."),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _picture_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags of files that are written at the end."""
    decorators = [
        output_option("--csv", suffixes=(".csv",), default=None, text="Table, a row a point."),
        output_option("--map", suffixes=PICTURES, default=None, text="Map of two axes."),
        click.option("--value", help="Column of the map.  [default: kind, or else exponent]"),
        click.option("--sel", multiple=True, metavar="NAME=VALUE", help="Value of a further axis."),
        output_option("--fraction", suffixes=PICTURES, default=None, text="Share of chaos."),
        click.option("--along", help="Axis of the share.  [default: the last one]"),
        click.option("--by", help="Axis that has a curve of the share for each value."),
        json_option,
        progress_option,
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@scan.command()
@_plan_options
@_picture_options
def run(
    plan: Path | None,
    axes: Sequence[str],
    fixed: Sequence[str],
    measure: Sequence[str],
    as_json: bool,
    progress: bool,
    csv: Path | None,
    **rest: Any,
) -> None:
    """Measure a system at every point of a grid.

    The axes of the grid are parameters of the system. With --store a scan that was interrupted goes
    on where it was. The line of Python that does the same is printed at the end.
    """
    names = ("system", "dt", "options", "store", "threads", "chunk_size")
    flags = Plan(
        axes=pairs("--axis", axes),
        set=pairs("--set", fixed),
        measure=tuple(measure),
        **{name: rest.pop(name) for name in names},
    )
    whole = plan_of(plan, flags)
    pictures = _Pictures(**{**rest, "sel": pairs("--sel", rest["sel"])})
    arguments = {name: each.value for name, each in whole.arguments().items()}
    pictures.check(arguments["grid"], whole.measure)
    result = an.scan(**arguments, progress=progress)
    if csv is not None:
        result.to_csv(csv)
    written = [*([csv] if csv else []), *pictures.draw(result)]
    _tell(result, whole.code(), written, as_json)
    failed = result.status_counts["failed"]
    require(not failed, f"scan: {failed} of {result.points} points failed")


def _tell(result: an.ScanResult, code: str, written: Sequence[Path], as_json: bool) -> None:
    counts = {name: count for name, count in result.status_counts.items() if count}
    speed = result.points_per_second
    if as_json:
        facts = picked(result, "dims", "shape", "columns", "points", "threads", "elapsed")
        print_json(
            facts | {"points_per_second": speed, "status": counts, "files": written, "python": code}
        )
        return
    print_table(
        {
            "points": " x ".join(map(str, result.shape)) or "1",
            **{name: str(count) for name, count in counts.items()},
            "points a second": f"{speed:.4g}" if speed else "none: all were there",
            "threads": str(result.threads),
        }
    )
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"\n{code}")


class _Pictures(NamedTuple):
    """Pictures to draw of a result."""

    map: Path | None
    value: str | None
    sel: dict[str, str]
    fraction: Path | None
    along: str | None
    by: str | None

    def check(self, grid: an.Grid, measure: Sequence[str]) -> None:
        """Refuse, before anything runs, what could not be drawn after it."""
        if self.map is None and self.fraction is None:
            return
        plot_module()
        left = [name for name in grid.dims if name not in self.sel]
        if self.map is not None and (len(left) < 2 or (len(left) > 2 and self._code(measure))):
            raise click.UsageError(
                f"--map: draws two axes, and there are {', '.join(left) or 'none'}: "
                "give --sel for each further one"
            )
        for flag, name in (("--along", self.along), ("--by", self.by)):
            if name is not None and name not in grid.dims:
                raise click.UsageError(f"{flag}: no axis '{name}'")

    def _code(self, measure: Sequence[str]) -> bool:
        return (self.value or ("kind" if "kind" in measure else "")) == "kind"

    def draw(self, result: an.ScanResult) -> list[Path]:
        """Draw them; the files."""
        written = []
        if self.map is not None:
            value = self.value or ("kind" if "kind" in result.columns else "exponent")
            options = {} if result.codes(value) else {"reduce": "mean"}
            figure = new_figure(8.0, 5.6)
            axes = figure.add_subplot()
            sel = {name: _typed(result, name, text) for name, text in self.sel.items()}
            plot_module().scan_map(result, axes, value=value, sel=sel, **options)
            save_figure(figure, self.map, 150)
            written.append(self.map)
        if self.fraction is not None:
            figure = new_figure(8.0, 5.0)
            limit = None if "kind" in result.columns else 0.0
            plot_module().chaos_fraction(
                result,
                figure.add_subplot(),
                along=self.along or result.dims[-1],
                by=self.by,
                threshold=limit,
            )
            save_figure(figure, self.fraction, 150)
            written.append(self.fraction)
        return written


def _typed(result: an.ScanResult, name: str, text: str) -> Any:
    """A value of an axis, from text."""
    values = result.coords.get(name)
    if values is None or values.dtype.kind == "U":
        return text
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"--sel: {name}: '{text}' is no number") from None


# --- stores ---------------------------------------------------------------------------------------


@scan.command()
@click.argument("store", type=_folder)
@json_option
def status(store: Path, as_json: bool) -> None:
    """Say how far the scan in STORE has come."""
    found = an.scan_status(store)
    if as_json:
        names = ("points_done", "points_total", "chunks_done", "chunks_total", "complete")
        print_json(picked(found, *names, "by_status", "spec"))
        return
    measure = found.spec["measure"]
    print_table(
        {
            "points": f"{found.points_done} of {found.points_total}",
            "chunks": f"{found.chunks_done} of {found.chunks_total}",
            **{name: str(count) for name, count in found.by_status.items() if count},
            "system": found.spec["system"]["class"],
            "measure": ", ".join([*measure["core"], *measure["own"]]),
        }
    )


@scan.command()
@click.argument("store", type=_folder)
@json_option
def verify(store: Path, as_json: bool) -> None:
    """Compare every file of STORE with its ledger; the exit code is 1 where one differs."""
    found = an.scan_verify(store)
    if as_json:
        print_json(picked(found, "ok", "problems", "chunks"))
    else:
        for problem in found.problems:
            click.echo(problem)
        click.echo(f"{found.chunks} chunks looked at, {len(found.problems)} problems")
    require(found.ok, f"scan_verify: {len(found.problems)} problems")
