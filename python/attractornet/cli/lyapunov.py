"""`attractornet lyapunov`: a network's Lyapunov spectrum."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

import attractornet as an
from attractornet.cli.options import (
    Source,
    fields_as_options,
    json_option,
    output_option,
    progress_option,
    system_options,
)
from attractornet.cli.output import (
    PICTURES,
    decimals,
    fixed,
    new_figure,
    picked,
    plot_module,
    print_json,
    require_ok,
    save_figure,
)


@click.command()
@system_options(an.FeedbackNetwork)
@fields_as_options(an.fields(an.lyapunov_spectrum), "options", flags={"seed": "frame-seed"})
@output_option(
    "--plot",
    suffixes=PICTURES,
    default=None,
    text="Picture to write, of the spectrum and how it converged (.png, .svg, .pdf).",
)
@json_option
@progress_option
def lyapunov(
    source: Source, options: dict[str, Any], plot: Path | None, as_json: bool, progress: bool
) -> None:
    """Compute a network's Lyapunov spectrum.

    The network is a random one of the given size and scale, or that of --model. Its exponents are
    in natural logarithms per step, each with a standard error from the scatter of the run's blocks.
    """
    if plot is not None:
        plot_module()
    network = source.build()
    spectrum = an.lyapunov_spectrum(network, progress=progress, **options)
    drawn = plot is not None and spectrum.status != "diverged"  # of that there is nothing to draw
    if plot is not None and drawn:
        _draw_spectrum(spectrum, source.title(), plot)
    if as_json:
        print_json({"system": source.describe(), **_spectrum_report(network, spectrum)})
    else:
        _print_spectrum(network, spectrum, source.title())
        if drawn:
            click.echo(f"\nwrote {plot}")
    require_ok(spectrum.status, "lyapunov_spectrum")


MOST_INPUTS_OF_ORIGIN = 256  # beyond it the eigenvalues take longer than a remark is worth


def _origin(network: an.FeedbackNetwork) -> an.OriginStability | None:
    """The origin's stability, unless it costs too much or a double cannot hold it."""
    if network.inputs > MOST_INPUTS_OF_ORIGIN:
        return None
    try:
        return network.origin()
    except ValueError:
        return None


def _spectrum_report(network: an.FeedbackNetwork, spectrum: an.LyapunovSpectrum) -> dict[str, Any]:
    origin = _origin(network)
    return {
        **picked(
            spectrum,
            "exponents",
            "standard_error",
            "kaplan_yorke_dimension",
            "entropy",
            "status",
            "steps",
            "interval",
            "volume_defect",
            "history",
            "history_steps",
        ),
        "origin": picked(origin, "exponents", "unstable", "critical_factor", "rotation")
        if origin
        else None,
        "one_step_stretch": network.one_step_stretch(),
    }


def _print_spectrum(network: an.FeedbackNetwork, spectrum: an.LyapunovSpectrum, title: str) -> None:
    click.echo(f"{title}\n")
    digits = decimals(spectrum.standard_error)
    click.echo("   k    exponent  standard error   (1/step)")
    rows = zip(spectrum.exponents, spectrum.standard_error, strict=True)
    for k, (value, error) in enumerate(rows, start=1):
        click.echo(f"{k:>4}  {fixed(value, digits):>10}  {fixed(error, digits):>14}")
    facts = {
        "Kaplan-Yorke dimension": f"{spectrum.kaplan_yorke_dimension:.4g}",
        "entropy": f"{spectrum.entropy:.4g} per step",
        "steps": f"{spectrum.steps}, QR every {spectrum.interval:.3g}",
        "status": spectrum.status,
    }
    if origin := _origin(network):
        facts["origin"] = f"{origin.unstable} unstable directions; " + (
            f"stable if b is less than {origin.critical_factor:.6g} times as large"
            if math.isfinite(origin.critical_factor)
            else "stable whatever the scale of b"
        )
    click.echo()
    for name, fact in facts.items():
        click.echo(f"{name:<24}{fact}")


def _draw_spectrum(spectrum: an.LyapunovSpectrum, title: str, path: Path) -> None:
    plot = plot_module()
    figure = new_figure(12.0, 5.0)
    left, right = figure.subplots(1, 2)
    plot.spectrum(spectrum, left)
    plot.convergence(spectrum, right)
    figure.suptitle(title, fontsize="medium")
    save_figure(figure, path, 150)
