"""`attractornet classify`: what a network's orbit settles on."""

from __future__ import annotations

import math
from typing import Any

import click

import attractornet as an
from attractornet.cli.options import (
    Source,
    fields_as_options,
    json_option,
    progress_option,
    system_options,
)
from attractornet.cli.output import picked, print_json, print_table, require


@click.command()
@system_options(an.FeedbackNetwork)
@fields_as_options(an.fields(an.classify), "options", flags={"seed": "frame-seed"})
@json_option
@progress_option
def classify(source: Source, options: dict[str, Any], as_json: bool, progress: bool) -> None:
    """Say what a network's orbit settles on.

    A fixed point, a cycle, a torus or chaos, with the evidence; "undecided", and the exit code 1,
    where that fits none. The network is a random one of the given size and scale, or that of
    --model.
    """
    found = an.classify(source.build(), progress=progress, **options)
    if as_json:
        print_json({"system": source.describe(), **_report(found)})
    else:
        click.echo(f"{source.title()}\n")
        print_table(_facts(found))
    require(found.kind not in ("undecided", "diverged"), f"classify: {found.kind}")


def _report(found: an.Classification) -> dict[str, Any]:
    return picked(
        found,
        "kind",
        "reason",
        "period",
        "rotation_number",
        "frequencies",
        "torus_dimension",
        "exponent",
        "exponent_error",
        "exponents",
        "digits",
        "recurrence",
        "recurrence_lag",
        "horizon",
        "window",
        "state",
    )


def _facts(found: an.Classification) -> dict[str, str]:
    """The evidence, line by line; what the class has not is left out."""
    facts = {"class": found.kind, "reason": found.reason}
    if found.torus_dimension:
        facts["torus dimension"] = str(found.torus_dimension)
    if math.isfinite(found.period):
        facts["period"] = _counted(found.period)
    if len(found.frequencies):
        facts["frequencies"] = ", ".join(f"{f:.12g}" for f in found.frequencies) + " per step"
    if math.isfinite(found.exponent_error):
        facts["largest exponent"] = f"{found.exponent:.4g} +- {found.exponent_error:.2g} per step"
    if found.kind != "diverged":
        facts["digits that agree"] = f"{found.digits:.1f}"
        facts["closest return"] = (
            f"{found.recurrence:.2g} of the extent, after {_counted(found.recurrence_lag)}"
        )
    facts["watched for"] = _counted(found.horizon)
    return facts


def _counted(steps: float) -> str:
    return f"{steps:.10g} step{'' if steps == 1 else 's'}"
