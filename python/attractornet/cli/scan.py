"""`attractornet scan`: a system measured all over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import attractornet as an
from attractornet._core import scan_measurements
from attractornet._scan._evaluate import option_fields
from attractornet.cli.options import (
    device_option,
    fields_as_options,
    json_option,
    output_option,
    progress_option,
)
from attractornet.cli.output import (
    PICTURES,
    picked,
    print_json,
    print_table,
    require,
)
from attractornet.cli.pictures import Asked
from attractornet.cli.plans import EXAMPLE, FAMILIES, WHERE, Plan, job_of, pairs, plan_of

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_EPILOG = f"A plan, for --plan:\n\n{EXAMPLE}".replace("\n\n", "\n\n\b\n")  # \b: lines stay


@click.group()
def scan() -> None:
    """Measure a system all over a grid of its parameters, and look after the stores of scans."""


def _plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that say what is scanned."""
    text = (
        "Axis of the grid: 1,2,4; first:stop[:step] of integers; first:last:count of reals, or "
        "first:last:count:log at equal ratios."
    )
    lists = "; ".join(
        f"of {name}: {', '.join(scan_measurements(getattr(an, name)))}" for name in FAMILIES
    )
    known = f"What is measured, {lists}. May be given again."
    decorators = [
        click.option("--plan", type=_existing, help="TOML file, as below; flags win."),
        click.option(
            "--system",
            help=f"{', '.join(FAMILIES)}, or a name of textbook.  [default: {FAMILIES[0]}]",
        ),
        click.option("--dt", type=float, help="Time between samples, if the system is a flow."),
        click.option("--axis", "axes", multiple=True, metavar="NAME=VALUES", help=text),
        click.option(
            "--set", "fixed", multiple=True, metavar="NAME=VALUE", help="Parameter that is fixed."
        ),
        click.option("--measure", multiple=True, metavar="NAME", help=known),
        fields_as_options(option_fields(), "options"),
        click.option("--store", help="Zarr store to write to, or to go on with."),
        device_option,
        click.option("--threads", type=int, help="Threads; by default all of the machine."),
        click.option("--chunk-size", type=int, help="Points that are written together."),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _picture_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags of files that are written at the end."""
    sel = "Value of an axis that a picture does not draw; the nearest one is taken."
    decorators = [
        output_option("--csv", suffixes=(".csv",), default=None, text="Table, a row a point."),
        output_option("--map", suffixes=PICTURES, default=None, text="Map of two axes."),
        click.option("--value", help="Column of --map.  [default: kind, exponent or overlap]"),
        click.option("--sel", multiple=True, metavar="NAME=VALUE", help=sel),
        output_option("--fraction", suffixes=PICTURES, default=None, text="Share of chaos."),
        click.option("--along", help="Axis of --fraction.  [default: scale, or else the last one]"),
        click.option("--by", help="Axis with a curve of --fraction for each value."),
        output_option(
            "--phase-diagram",
            suffixes=PICTURES,
            default=None,
            text="Overlap of HopfieldNetwork over alpha, or over alpha and temperature.",
        ),
        json_option,
        progress_option,
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@scan.command(epilog=_EPILOG)
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
    names = ("system", "dt", "options", *WHERE)
    flags = Plan(
        axes=pairs("--axis", axes),
        set=pairs("--set", fixed),
        measure=tuple(measure),
        **{name: rest.pop(name) for name in names},
    )
    whole = plan_of(plan, flags)
    asked = Asked(**{**rest, "sel": pairs("--sel", rest["sel"])})
    asked.refuse_idle()
    arguments = {name: each.value for name, each in whole.arguments().items()}
    pictures = asked.settled(job_of(arguments)) if asked.wanted else []
    result = an.scan(**arguments, progress=progress)
    written: list[Path] = []
    try:
        if csv is not None:
            result.to_csv(csv)
            written.append(csv)
        for picture in pictures:
            picture.draw(result)
            written.append(picture.path)
    finally:  # whatever became of the files, the scan has run
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
