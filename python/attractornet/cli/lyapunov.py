"""`attractornet lyapunov`: a network's Lyapunov spectrum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import attractornet as an
from attractornet.cli.families import remarks
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
    print_table,
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


def _spectrum_report(system: an.System, spectrum: an.LyapunovSpectrum) -> dict[str, Any]:
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
        **remarks(system).report,
    }


def _print_spectrum(system: an.System, spectrum: an.LyapunovSpectrum, title: str) -> None:
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
    click.echo()
    print_table(facts | remarks(system).lines)


def _draw_spectrum(spectrum: an.LyapunovSpectrum, title: str, path: Path) -> None:
    plot = plot_module()
    figure = new_figure(12.0, 5.0)
    left, right = figure.subplots(1, 2)
    plot.spectrum(spectrum, left)
    plot.convergence(spectrum, right)
    figure.suptitle(title, fontsize="medium")
    save_figure(figure, path, 150)
